//! Statements by CPE names joined with AND, OR and NOT (NVD applicability statements).

use domain::advisory::{Bound, Configuration, CpeMatch, VersionRange, Versions};
use domain::cpe::{Attribute, Cpe};
use domain::version::Scheme;

use super::subjects::{Borne, Fleet, Held, Origin, value};
use super::versions::{Place, place};
use super::{Certainty, Outcome, Said, Subject};
use crate::hospital::ReleaseIndex;
use crate::reason::Rule;

pub(super) fn outcomes<'d>(
    fleet: &Fleet<'_, 'd>,
    said: Said<'d>,
    configuration: &'d Configuration,
) -> Vec<((ReleaseIndex, Subject), Outcome<'d>)> {
    let mut matches = Vec::new();
    vulnerable(configuration, &mut matches);
    let mut touched: Vec<&Borne> = matches.iter().flat_map(|one| fleet.of_cpe(&one.cpe)).collect();
    touched.sort_by_key(|borne| borne.held);
    touched.dedup_by_key(|borne| borne.held);
    touched
        .into_iter()
        .filter_map(|borne| {
            let held = fleet.at(borne.held)?;
            let outcome = outcome(fleet, said, configuration, (borne, held))?;
            Some(((held.release, held.subject), outcome))
        })
        .collect()
}

/// The match strings that name what is vulnerable.
fn vulnerable<'d>(configuration: &'d Configuration, found: &mut Vec<&'d CpeMatch>) {
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

fn outcome<'d>(
    fleet: &Fleet<'_, 'd>,
    said: Said<'d>,
    configuration: &'d Configuration,
    (borne, held): (&Borne, &Held<'d>),
) -> Option<Outcome<'d>> {
    let scene = Scene { fleet, borne, held };
    let placed = match scene.holds(configuration) {
        Held3::Yes(words) => Place::Inside(words),
        Held3::No(words) => Place::Outside(words),
        Held3::Perhaps(rule, words) => Place::Unknown(rule, words),
    };
    let name = borne.cpe.to_string();
    match borne.origin {
        Origin::Given => said.outcome(held, &name, placed, (Rule::CpeInRange, Certainty::Exact)),
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
    }
}

/// Three-valued truth, with the words for it.
enum Held3 {
    Yes(String),
    No(String),
    Perhaps(Rule, String),
}

/// One subject in its release.
struct Scene<'s, 'h, 'd> {
    fleet: &'s Fleet<'h, 'd>,
    borne: &'s Borne,
    held: &'s Held<'d>,
}

impl Scene<'_, '_, '_> {
    /// Nesting was bounded when the document was read.
    fn holds(&self, configuration: &Configuration) -> Held3 {
        match configuration {
            Configuration::Match(one) if one.vulnerable => self.is_meant(one),
            Configuration::Match(one) => self.runs_on(one),
            Configuration::All(parts) => self.all(parts),
            Configuration::Any(parts) => self.any(parts),
            Configuration::Not(part) => match self.holds(part) {
                Held3::Yes(words) => Held3::No(words),
                Held3::No(words) => Held3::Yes(words),
                perhaps @ Held3::Perhaps(..) => perhaps,
            },
        }
    }

    /// What decides is the part about the subject; a platform that holds adds nothing to say.
    fn all(&self, parts: &[Configuration]) -> Held3 {
        let mut words = String::new();
        let mut perhaps = None;
        for part in parts {
            match self.holds(part) {
                Held3::No(words) => return Held3::No(words),
                Held3::Perhaps(rule, words) => perhaps = perhaps.or(Some((rule, words))),
                Held3::Yes(said) if words.is_empty() => words = said,
                Held3::Yes(_) => {}
            }
        }
        match perhaps {
            Some((rule, words)) => Held3::Perhaps(rule, words),
            None => Held3::Yes(words),
        }
    }

    fn any(&self, parts: &[Configuration]) -> Held3 {
        let mut perhaps = None;
        let mut outside: Vec<String> = Vec::new();
        for part in parts {
            match self.holds(part) {
                Held3::Yes(words) => return Held3::Yes(words),
                Held3::Perhaps(rule, words) => perhaps = perhaps.or(Some((rule, words))),
                Held3::No(words) if !words.is_empty() && outside.len() < 4 => outside.push(words),
                Held3::No(_) => {}
            }
        }
        match perhaps {
            Some((rule, words)) => Held3::Perhaps(rule, words),
            None => Held3::No(outside.join(", ")),
        }
    }

    fn is_meant(&self, one: &CpeMatch) -> Held3 {
        if !same_product(&one.cpe, &self.borne.cpe, self.borne.origin) {
            return Held3::No(String::new());
        }
        let own = value(&self.borne.cpe.version).or(self.held.version);
        match place(&meant(one), own, "") {
            Place::All => Held3::Yes("all versions".to_owned()),
            Place::Inside(words) | Place::Named(words) => Held3::Yes(words),
            Place::Outside(words) => Held3::No(words),
            Place::Unknown(rule, words) => Held3::Perhaps(rule, words),
        }
    }

    /// A platform holds where the release bears it; where nothing is said of it, nobody can tell.
    fn runs_on(&self, one: &CpeMatch) -> Held3 {
        let same = |cpe: &&Cpe| same_product(&one.cpe, cpe, Origin::Given);
        let platform = self.fleet.environment(self.held.release).iter().find(same);
        if let Some(platform) = platform {
            return match place(&meant(one), value(&platform.version), "") {
                Place::Outside(words) => Held3::No(words),
                _ => Held3::Yes(String::new()),
            };
        }
        if self.is_own_hardware(&one.cpe) {
            return Held3::Yes(String::new());
        }
        Held3::Perhaps(Rule::PlatformUnknown, format!("it holds only on {}", one.cpe))
    }

    /// Firmware named `x_firmware` runs on the hardware `x` of the same vendor.
    fn is_own_hardware(&self, platform: &Cpe) -> bool {
        let own = value(&self.borne.cpe.product).unwrap_or_default();
        let bare = own.strip_suffix("_firmware").unwrap_or(own);
        value(&platform.product) == Some(bare) && platform.vendor == self.borne.cpe.vendor
    }
}

fn same_product(meant: &Cpe, borne: &Cpe, origin: Origin) -> bool {
    let same_vendor = match (value(&meant.vendor), value(&borne.vendor)) {
        (Some(meant), Some(borne)) => meant == borne,
        _ => {
            origin != Origin::Given
                || meant.vendor == Attribute::Any
                || borne.vendor == Attribute::Any
        }
    };
    let same_part =
        meant.part == borne.part || [meant.part, borne.part].contains(&domain::cpe::Part::Any);
    meant.product == borne.product && same_vendor && same_part
}

/// The versions that a match string means: its own, or its range, or all.
fn meant(one: &CpeMatch) -> Vec<Versions> {
    let bounded = one.from != Bound::Open || one.to != Bound::Open;
    if bounded {
        let (from, to) = (one.from.clone(), one.to.clone());
        return vec![Versions::Range(VersionRange { scheme: Scheme::Generic, from, to })];
    }
    match &one.cpe.version {
        Attribute::Any => vec![Versions::All],
        Attribute::Value(version) => match value(&one.cpe.update) {
            Some(update) => vec![Versions::One(format!("{version} {update}"))],
            None => vec![Versions::One(version.clone())],
        },
        // `-` names the product without saying a version, and a pattern says several.
        Attribute::NotApplicable => vec![],
        Attribute::Pattern(pattern) => vec![Versions::Text(pattern.replace('*', "x"))],
    }
}
