//! Statements by CPE names joined with AND, OR and NOT (NVD applicability statements).
//!
//! Refuses to call a platform absent because nobody states it: only a stated one excludes.

use std::cmp::Ordering;

use domain::advisory::{Bound, Configuration, CpeMatch, VersionRange, Versions};
use domain::cpe::{Attribute, Cpe, Part};
use domain::version::{Scheme, compare};

use super::doubts::Doubt;
use super::subjects::{Borne, Fleet, Held, HeldIndex, Origin};
use super::systems;
use super::versions::{Bearer, Place, place};
use super::{Certainty, Key, Outcome, Said};
use crate::reason::Rule;

pub(super) fn outcomes<'d>(
    fleet: &Fleet<'_, 'd>,
    said: Said<'d>,
    configuration: &'d Configuration,
) -> Vec<(Key, Outcome<'d>)> {
    let mut matches = Vec::new();
    vulnerable(configuration, &mut matches);
    let mut touched: Vec<&Borne<'_>> =
        matches.iter().flat_map(|one| fleet.of_cpe(&one.cpe)).collect();
    touched.sort_by(|a, b| (a.held, &a.cpe).cmp(&(b.held, &b.cpe)));
    touched.dedup_by(|a, b| a.held == b.held && a.cpe == b.cpe);
    let mut found: Vec<(Key, Outcome<'d>)> = touched
        .into_iter()
        .filter_map(|borne| {
            let held = fleet.at(borne.held)?;
            let outcome = Scene { fleet, borne, held }.outcome(said, configuration)?;
            Some(((held.release, held.subject), outcome))
        })
        .collect();
    // A subject with several names is affected if it is so by one of them.
    found.sort_by_key(|(subject, outcome)| (*subject, outcome.verdict));
    found.dedup_by_key(|(subject, _)| *subject);
    found
}

/// The match strings that name what is vulnerable.
pub(super) fn vulnerable<'d>(configuration: &'d Configuration, found: &mut Vec<&'d CpeMatch>) {
    match configuration {
        Configuration::All(parts) | Configuration::Any(parts) => {
            for part in parts {
                vulnerable(part, found);
            }
        }
        Configuration::Not(_) => {}
        Configuration::Match(one) => found.extend(one.vulnerable.then_some(&**one)),
    }
}

/// Places a product that bears a CPE name by a list of versions and, where that decides nothing, by
/// the name itself: a record often names its fixed version there, beside the range that is
/// affected. `None` where the names are of different products.
pub(super) fn place_by_name(
    fleet: &Fleet<'_, '_>,
    (borne, held): (&Borne<'_>, &Held<'_>),
    cpe: &Cpe,
    versions: &[Versions],
) -> Option<Place> {
    let scene = Scene { fleet, borne, held };
    let one = CpeMatch { cpe: cpe.clone(), vulnerable: true, from: Bound::Open, to: Bound::Open };
    match scene.meant(cpe) {
        Meant::No => None,
        Meant::Perhaps(rule, words) => Some(Place::Unknown(rule, words.to_owned())),
        Meant::Yes if versions.is_empty() => Some(scene.place(&one)),
        Meant::Yes => Some(match (place(versions, scene.bearer()), &cpe.version) {
            (Place::Unknown(rule, words), Attribute::Value(_)) => match scene.place(&one) {
                named if named.holds() => named,
                _ => Place::Unknown(rule, words),
            },
            (placed, _) => placed,
        }),
    }
}

/// Whether all CPE names that a subject bears of the products that a statement names say that it
/// is made for something else: `target_sw=joomla` where the statement's is `wordpress`. Then the
/// names' words meet by chance.
pub(super) fn is_for_another(fleet: &Fleet<'_, '_>, index: HeldIndex, names: &[Cpe]) -> bool {
    let borne = names.iter().flat_map(|cpe| fleet.of_cpe(cpe).map(move |borne| (cpe, borne)));
    let mut borne = borne
        .filter(|(_, borne)| borne.held == index && borne.origin == Origin::Given)
        .map(|(cpe, borne)| differs(cpe, &borne.cpe))
        .peekable();
    borne.peek().is_some() && borne.all(|differs| differs)
}

/// Whether two names say different values beside part, vendor, product, version and update.
fn differs(a: &Cpe, b: &Cpe) -> bool {
    let differ =
        |(a, b): (&Attribute, &Attribute)| a.value().zip(b.value()).is_some_and(|(a, b)| a != b);
    a.rest.iter().zip(b.rest.iter()).any(differ)
}

/// Three-valued truth, with the words for it.
enum Truth<'c> {
    Yes(String),
    No(String),
    Perhaps(Doubt<'c>),
}

/// Whether a name is that of the subject.
enum Meant {
    Yes,
    No,
    Perhaps(Rule, &'static str),
}

/// What a part of a configuration is held against.
#[derive(Clone, Copy)]
enum Sight {
    /// The subject.
    Subject,
    /// All else that is in its release.
    Release,
}

/// One subject in its release.
struct Scene<'s, 'h, 'd> {
    fleet: &'s Fleet<'h, 'd>,
    borne: &'s Borne<'h>,
    held: &'s Held<'h>,
}

impl Scene<'_, '_, '_> {
    fn outcome<'d>(&self, said: Said<'d>, configuration: &'d Configuration) -> Option<Outcome<'d>> {
        // A name that may be that of the subject touches it; whether it is, is seen only here.
        if !self.mentions(configuration) {
            return None;
        }
        let placed = match self.holds(configuration, Sight::Subject) {
            Truth::Yes(words) => Place::Inside(words),
            Truth::No(words) => Place::Outside(words),
            Truth::Perhaps(doubt) => {
                let (rule, words) = doubt.told();
                Place::Unknown(rule, words)
            }
        };
        let held = self.held;
        Some(match self.borne.origin {
            Origin::Given => {
                let basis = (Rule::CpeInRange, Certainty::Exact);
                said.outcome(held, &self.borne.cpe, placed, basis)
            }
            Origin::NameAndMaker => {
                said.outcome(held, &held.label, placed, (Rule::NameInRange, Certainty::Strong))
            }
            Origin::NameOnly => {
                let placed = match placed {
                    Place::Outside(words) => Place::Outside(words),
                    _ => Place::Unknown(Rule::VendorUnknown, "its maker is not stated".into()),
                };
                said.outcome(held, &held.label, placed, (Rule::NameInRange, Certainty::Weak))
            }
        })
    }

    /// Whether a part names the subject as vulnerable.
    fn mentions(&self, configuration: &Configuration) -> bool {
        match configuration {
            Configuration::Match(one) => {
                one.vulnerable && !matches!(self.meant(&one.cpe), Meant::No)
            }
            Configuration::All(parts) | Configuration::Any(parts) => {
                parts.iter().any(|part| self.mentions(part))
            }
            Configuration::Not(_) => false,
        }
    }

    /// Nesting was bounded when the document was read.
    fn holds<'c>(&self, configuration: &'c Configuration, sight: Sight) -> Truth<'c> {
        match (configuration, sight) {
            (Configuration::Match(one), Sight::Subject) if one.vulnerable => self.is_subject(one),
            (Configuration::Match(one), _) => self.is_around(one),
            (Configuration::All(parts), _) => self.all(parts, sight),
            (Configuration::Any(parts), _) => self.any(parts, sight),
            (Configuration::Not(part), _) => match self.holds(part, sight) {
                Truth::Yes(words) => Truth::No(words),
                Truth::No(words) => Truth::Yes(words),
                perhaps @ Truth::Perhaps(_) => perhaps,
            },
        }
    }

    /// What decides is a part about the subject; a platform that holds adds nothing to say. The
    /// other parts, vulnerable or not, must hold somewhere in the release: so may one that names
    /// the subject at other versions beside a platform.
    fn all<'c>(&self, parts: &'c [Configuration], sight: Sight) -> Truth<'c> {
        let mut words = String::new();
        let mut perhaps: Option<Doubt<'c>> = None;
        let mut is_about = parts.iter().filter(|part| self.mentions(part)).count();
        for part in parts {
            let is_mentioned = self.mentions(part);
            let sight = if is_mentioned { sight } else { Sight::Release };
            let held = match self.holds(part, sight) {
                Truth::No(words) if is_mentioned && is_about > 1 => {
                    is_about -= 1;
                    match self.holds(part, Sight::Release) {
                        Truth::No(_) => Truth::No(words),
                        held => held,
                    }
                }
                held => held,
            };
            match held {
                Truth::No(words) => return Truth::No(words),
                Truth::Perhaps(doubt) => {
                    perhaps = Some(match perhaps.take() {
                        Some(before) => before.and(doubt),
                        None => doubt,
                    });
                }
                Truth::Yes(said) if words.is_empty() => words = said,
                Truth::Yes(_) => {}
            }
        }
        match perhaps {
            Some(doubt) => Truth::Perhaps(doubt),
            None => Truth::Yes(words),
        }
    }

    fn any<'c>(&self, parts: &'c [Configuration], sight: Sight) -> Truth<'c> {
        let mut perhaps: Option<Doubt<'c>> = None;
        let mut outside: Vec<String> = Vec::new();
        // Beside what is vulnerable a list names what is not: that it is there accuses nobody.
        let accuses = parts.iter().any(|part| self.mentions(part));
        let is_aside = |part: &&Configuration| {
            let named = matches!(part, Configuration::Match(one) if !one.vulnerable);
            named && accuses && matches!(sight, Sight::Subject)
        };
        for part in parts.iter().filter(|part| !is_aside(part)) {
            match self.holds(part, sight) {
                Truth::Yes(words) => return Truth::Yes(words),
                Truth::Perhaps(doubt) => {
                    perhaps = Some(match perhaps.take() {
                        Some(before) => before.or(doubt),
                        None => doubt,
                    });
                }
                Truth::No(words) if !words.is_empty() && outside.len() < 4 => outside.push(words),
                Truth::No(_) => {}
            }
        }
        match perhaps {
            Some(doubt) => Truth::Perhaps(doubt),
            None => Truth::No(outside.join(", ")),
        }
    }

    fn is_subject<'c>(&self, one: &CpeMatch) -> Truth<'c> {
        match self.meant(&one.cpe) {
            Meant::No => Truth::No(String::new()),
            Meant::Perhaps(rule, words) => match self.place(one) {
                Place::Outside(words) => Truth::No(words),
                _ => Truth::Perhaps(Doubt::new(rule, words.to_owned())),
            },
            Meant::Yes => match self.place(one) {
                Place::All => Truth::Yes("all versions".to_owned()),
                Place::Inside(words) | Place::Named(words) => Truth::Yes(words),
                Place::Outside(words) => Truth::No(words),
                Place::Unknown(rule, words) => Truth::Perhaps(Doubt::new(rule, words)),
            },
        }
    }

    /// What stands in the release beside the subject: it holds where the release bears it; where
    /// nothing is said of it, or not which version or update, nobody can tell.
    fn is_around<'c>(&self, one: &'c CpeMatch) -> Truth<'c> {
        let (mut outside, mut unknown) = (None, None);
        for borne in self.fleet.in_release(self.held.release, &one.cpe) {
            let Some(held) = self.fleet.at(borne.held) else { continue };
            let other = Scene { fleet: self.fleet, borne, held };
            let (rule, words) = match (other.meant(&one.cpe), other.place(one)) {
                (Meant::No, _) => continue,
                (_, Place::Outside(words)) => {
                    outside = Some(words);
                    continue;
                }
                (Meant::Perhaps(rule, words), _) => (rule, words.to_owned()),
                // `-` in a platform's name says nothing of versions.
                (Meant::Yes, Place::Unknown(rule, words)) if rule != Rule::VersionNotNamed => {
                    (rule, words)
                }
                (Meant::Yes, _) => return Truth::Yes(String::new()),
            };
            unknown = unknown.or_else(|| Some((rule, format!("of {}, {words}", one.cpe))));
        }
        if let Some((rule, words)) = unknown {
            return Truth::Perhaps(Doubt::new(rule, words));
        }
        if let Some(words) = outside {
            return Truth::No(words);
        }
        if self.is_own_hardware(&one.cpe) {
            return Truth::Yes(String::new());
        }
        self.by_family(&one.cpe)
    }

    /// A system that is not stated by this name may be by that of its family.
    fn by_family<'c>(&self, cpe: &'c Cpe) -> Truth<'c> {
        let stated = self.fleet.families(self.held.release);
        let unknown = || Truth::Perhaps(Doubt::of_platform(cpe));
        let Some(family) = systems::family(cpe) else { return unknown() };
        if stated.is_empty() {
            return unknown();
        }
        let another = cpe
            .product_value()
            .is_some_and(|product| self.fleet.runs_another(self.held.release, product));
        if !stated.contains(&family) || another {
            return Truth::No(format!("only on {cpe}, and the release runs another system"));
        }
        if cpe.product_value().is_some_and(systems::is_whole_family) && !is_bounded(cpe) {
            return Truth::Yes(String::new());
        }
        unknown()
    }

    /// Firmware named `x_firmware` runs on the hardware `x` of the same vendor.
    fn is_own_hardware(&self, platform: &Cpe) -> bool {
        let own = self.borne.cpe.product_value().unwrap_or_default();
        let bare = own.strip_suffix("_firmware").unwrap_or(own);
        platform.product_value() == Some(bare) && platform.vendor == self.borne.cpe.vendor
    }

    /// Whether a name in a statement is the subject's, versions apart.
    fn meant(&self, meant: &Cpe) -> Meant {
        let borne = &*self.borne.cpe;
        let product = self.same_product(meant);
        if matches!(product, Meant::No) || !self.same_part(meant) || !self.same_vendor(meant) {
            return Meant::No;
        }
        // `target_sw=wordpress` is not `target_sw=joomla`.
        if differs(meant, borne) {
            return Meant::No;
        }
        match self.on_system(meant) {
            Meant::Yes if self.lacks_edition(meant) => Meant::Perhaps(
                Rule::VersionUnknown,
                "an edition of it is named, and its own is not known",
            ),
            Meant::Yes => product,
            other => other,
        }
    }

    /// Whether a statement names an edition, or what it runs in or on, and the subject's own name
    /// leaves that open.
    fn lacks_edition(&self, meant: &Cpe) -> bool {
        let open = |(wanted, own): (&Attribute, &Attribute)| {
            matches!(wanted, Attribute::Value(_)) && *own == Attribute::Any
        };
        meant.rest.iter().zip(self.borne.cpe.rest.iter()).any(open)
    }

    /// A product that is meant on one operating system only.
    fn on_system(&self, meant: &Cpe) -> Meant {
        let Some(target) = meant.target_software().value() else { return Meant::Yes };
        if self.borne.cpe.target_software().value() == Some(target) {
            return Meant::Yes;
        }
        let Some(family) = systems::family_of(target) else { return Meant::Yes };
        let stated = self.fleet.families(self.held.release);
        match (stated.is_empty(), stated.contains(&family)) {
            (true, _) => Meant::Perhaps(
                Rule::PlatformUnknown,
                "it holds on one operating system only, and none is stated",
            ),
            (false, true) => Meant::Yes,
            (false, false) => Meant::No,
        }
    }

    fn same_product(&self, meant: &Cpe) -> Meant {
        let (Some(wanted), Some(own)) = (meant.product_value(), self.borne.cpe.product_value())
        else {
            return Meant::No;
        };
        if wanted == own {
            return Meant::Yes;
        }
        let (bare_wanted, bare_own) = (systems::base(wanted), systems::base(own));
        let is_update = bare_wanted != wanted || bare_own != own;
        if is_update && bare_wanted == bare_own {
            // A base name on the statement's side means every update; on ours, an unknown one.
            return match (bare_wanted == wanted, bare_own == own) {
                (true, _) => Meant::Yes,
                (false, true) => {
                    Meant::Perhaps(Rule::VersionUnknown, "its feature update is not known")
                }
                (false, false) => Meant::No,
            };
        }
        let of_device = |name: &str, device: &str| name.strip_suffix("_firmware") == Some(device);
        let letters = |name: &str| -> String {
            let name = name.strip_suffix("_firmware").unwrap_or(name);
            name.chars().filter(|c| c.is_alphanumeric()).collect()
        };
        let by_name = self.borne.origin != Origin::Given && letters(wanted) == letters(own);
        if of_device(wanted, own) || by_name { Meant::Yes } else { Meant::No }
    }

    fn same_part(&self, meant: &Cpe) -> bool {
        let own = self.borne.cpe.part;
        let firmware = own == Part::Hardware
            && meant.part == Part::OperatingSystem
            && meant.product_value().is_some_and(|product| product.ends_with("_firmware"));
        meant.part == own || firmware || [meant.part, own].contains(&Part::Any)
    }

    /// A configuration may name products of one name by several vendors.
    fn same_vendor(&self, meant: &Cpe) -> bool {
        let none = Attribute::NotApplicable;
        (meant.vendor == none) == (self.borne.cpe.vendor == none)
            && self.fleet.is_by_vendor(self.borne, meant)
    }

    fn bearer(&self) -> Bearer<'_> {
        let own = self.borne.cpe.version.value().or(self.held.version);
        Bearer { version: own, ..self.held.bearer() }
    }

    /// Places the subject's version among those of a match string.
    fn place(&self, one: &CpeMatch) -> Place {
        let bearer = self.bearer();
        if one.from != Bound::Open || one.to != Bound::Open {
            let (from, to) = (one.from.clone(), one.to.clone());
            let with_update = self.with_update(&from).or_else(|| self.with_update(&to));
            let bearer = Bearer { version: with_update.as_deref().or(bearer.version), ..bearer };
            let range = VersionRange { scheme: Scheme::Generic, from, to };
            let placed = place(&[Versions::Range(range)], bearer);
            return self.at_last_update(one, placed);
        }
        match &one.cpe.version {
            Attribute::Any => self.by_update(&one.cpe.update),
            Attribute::Value(version) => self.place_single(version, &one.cpe.update, bearer),
            // `-` says that the product has no version; two names that both say so are the same
            // (NISTIR 7696, table 6-2). A name that says one may be of any of its builds.
            Attribute::NotApplicable if self.borne.cpe.version == Attribute::NotApplicable => {
                self.by_update(&one.cpe.update)
            }
            Attribute::NotApplicable => place(&[], bearer),
            Attribute::Pattern(pattern) => {
                place(&[Versions::Text(pattern.replace('*', "x").into())], bearer)
            }
        }
    }

    /// Up to a version at one of its updates: `<= 1.5.0`, `update5`. Of that version itself the
    /// update decides.
    fn at_last_update(&self, one: &CpeMatch, placed: Place) -> Place {
        let (Bound::Including(limit), Some(last)) = (&one.to, one.cpe.update.value()) else {
            return placed;
        };
        let own = &self.borne.cpe;
        let is_limit = |own: &str| compare(Scheme::Generic, own, limit) == Some(Ordering::Equal);
        let is_last = own.version.value().is_some_and(is_limit) && placed.holds();
        match (is_last, &own.update) {
            (false, _) | (_, Attribute::NotApplicable) => placed,
            (true, Attribute::Value(update)) => {
                let to = Bound::Including(as_one(last).into());
                let range = VersionRange { scheme: Scheme::Generic, from: Bound::Open, to };
                let update = as_one(update);
                let bearer = Bearer { version: Some(&update), ..Bearer::default() };
                place(&[Versions::Range(range)], bearer)
            }
            (true, Attribute::Any | Attribute::Pattern(_)) => {
                let words = format!("{limit} {last} is named, and its update is not known");
                Place::Unknown(Rule::VersionUnknown, words)
            }
        }
    }

    /// The version and its update in one, where a bound is written so: `4.2.8p9`.
    fn with_update(&self, bound: &Bound) -> Option<String> {
        let (Bound::Including(limit) | Bound::Excluding(limit)) = bound else { return None };
        let own = &self.borne.cpe;
        let (version, update) = (own.version.value()?, own.update.value()?);
        let rest = limit.strip_prefix(version)?;
        rest.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| format!("{version}{update}"))
    }

    /// A version and its update stand apart in CPE names and together elsewhere: `1.0` `sp1`.
    fn place_single(&self, version: &str, update: &Attribute, bearer: Bearer<'_>) -> Place {
        let alone = place(&[Versions::One(version.into())], bearer);
        let Some(update) = update.value() else { return self.without_update(update, alone) };
        let full = format!("{version} {update}");
        let together = place(&[Versions::One(full.clone().into())], bearer);
        let own = &self.borne.cpe.update;
        match (together, alone.holds(), own) {
            (Place::Inside(words), ..) => Place::Inside(words),
            (_, true, Attribute::Value(own)) if as_one(own) == as_one(update) => {
                Place::Inside(full)
            }
            (_, true, Attribute::Any | Attribute::Pattern(_)) => {
                let words = format!("{full} is named, and its update is not known");
                Place::Unknown(Rule::VersionUnknown, words)
            }
            (_, true, _) => Place::Outside(full),
            (_, false, _) => alone,
        }
    }

    /// Places a product without a version by its update alone: `windows_7:-:sp1`.
    fn by_update(&self, update: &Attribute) -> Place {
        match (update, &self.borne.cpe.update) {
            (Attribute::Any, _) => Place::All,
            (wanted, own) if is_one_update(wanted, own) => {
                Place::Inside(format!("update {wanted}"))
            }
            (Attribute::Pattern(_), _) | (_, Attribute::Any | Attribute::Pattern(_)) => {
                let words = format!("update {update} is named, and its own is not known");
                Place::Unknown(Rule::VersionUnknown, words)
            }
            _ => Place::Outside(format!("update {update}")),
        }
    }

    /// `-` in the statement's name means the version before its first update. Whether that is ours
    /// nobody can tell where our name leaves its update open (NISTIR 7696, table 6-2, rows 5 and 7:
    /// a subset, and disjoint).
    fn without_update(&self, update: &Attribute, placed: Place) -> Place {
        match (update, &self.borne.cpe.update, placed) {
            (Attribute::NotApplicable, Attribute::Value(_), Place::Inside(words)) => {
                Place::Outside(words)
            }
            (
                Attribute::NotApplicable,
                Attribute::Any | Attribute::Pattern(_),
                Place::Inside(words) | Place::Named(words),
            ) => {
                let words =
                    format!("{words} before its updates is named, and its own is not known");
                Place::Unknown(Rule::VersionUnknown, words)
            }
            (_, _, placed) => placed,
        }
    }
}

/// An update as it is compared: the dictionary has `update_27` and `update27`.
fn as_one(update: &str) -> String {
    let is_joint = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| update.as_bytes().get(at));
        let after = update.as_bytes().get(at + 1);
        before.is_some_and(u8::is_ascii_alphabetic) && after.is_some_and(u8::is_ascii_digit)
    };
    update.char_indices().filter(|(at, c)| *c != '_' || !is_joint(*at)).map(|(_, c)| c).collect()
}

fn is_one_update(a: &Attribute, b: &Attribute) -> bool {
    a == b || a.value().zip(b.value()).is_some_and(|(a, b)| as_one(a) == as_one(b))
}

fn is_bounded(cpe: &Cpe) -> bool {
    matches!(cpe.version, Attribute::Value(_) | Attribute::Pattern(_))
}
