//! Statements about a product by its maker's and its own name.
//!
//! Refuses to take a component's flaw for that of every product which has a component of that
//! name: where a statement names the component's versions, those of the SBOM are compared.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use domain::advisory::{Feed, Product, Status, Versions};
use domain::component::Component;

use super::called::full_name;
use super::candidates::{Candidates, Maker, Met, model_of};
use super::configuration;
use super::names::{self, Agreement, ProductName};
use super::package;
use super::parts;
use super::platform;
use super::reach::{self, Ground};
use super::subjects::{Fleet, Held, HeldIndex};
use super::versions::{self, Bearer, Place, place, place_in_line};
use super::{Certainty, Key, Kind, Outcome, Said, Subject, Why};
use crate::hospital::Release;
use crate::reason::{Reason, Rule};

type Found<'d> = Vec<(Key, Outcome<'d>)>;

pub(super) fn outcomes<'d>(
    fleet: &Fleet<'_, 'd>,
    candidates: &mut Candidates<'d>,
    said: Said<'d>,
    product: &'d Product,
) -> Found<'d> {
    let mut found = by_purl(fleet, said, product);
    found.extend(by_cpe(fleet, said, product));
    found.extend(by_model(fleet, candidates, said, product));
    if product.component.is_none() {
        found.extend(by_name(fleet, candidates, said, product));
    }
    found.extend(by_platform(fleet, candidates, (said, product), &found));
    found.sort_by_key(|(subject, outcome)| {
        (*subject, std::cmp::Reverse(outcome.basis), outcome.verdict)
    });
    found.dedup_by_key(|(subject, _)| *subject);
    found
}

fn by_purl<'d>(fleet: &Fleet<'_, 'd>, said: Said<'d>, product: &'d Product) -> Found<'d> {
    let mut found = Vec::new();
    let given = product.purls.iter().map(|purl| (purl, Certainty::Exact));
    let by_words = product.packages.iter().map(|purl| (purl, Certainty::Strong));
    for (purl, certainty) in given.chain(by_words) {
        for packed in fleet.of_package(purl) {
            let Some(held) = fleet.at(packed.held) else { continue };
            let own = purl.version.clone().map(Versions::One);
            let placed = match &own {
                Some(own) => packed.place(std::slice::from_ref(own), held),
                None => packed.place(&product.versions, held),
            };
            let placed = package::in_family(purl, packed.purl, placed);
            let Some(placed) = package::in_variant(purl, packed.purl, placed) else { continue };
            let basis = (Rule::PackageInRange, certainty);
            found.extend(Meeting { fleet, said, held, product }.settled(placed, purl, basis));
        }
    }
    found
}

fn by_cpe<'d>(fleet: &Fleet<'_, 'd>, said: Said<'d>, product: &'d Product) -> Found<'d> {
    let mut found = Vec::new();
    for cpe in &product.cpes {
        for borne in fleet.of_cpe(cpe) {
            let Some(held) = fleet.at(borne.held) else { continue };
            if borne.origin != super::subjects::Origin::Given {
                continue;
            }
            let placed = configuration::place_by_name(fleet, (borne, held), cpe, &product.versions);
            let Some(placed) = placed else { continue };
            let basis = (Rule::CpeInRange, Certainty::Exact);
            found.extend(Meeting { fleet, said, held, product }.settled(placed, cpe, basis));
        }
    }
    found
}

/// Releases by maker and model.
fn by_model<'d>(
    fleet: &Fleet<'_, 'd>,
    candidates: &mut Candidates<'d>,
    said: Said<'d>,
    product: &'d Product,
) -> Found<'d> {
    let title = said.telling.advisory.and_then(|advisory| advisory.title.as_deref());
    let mut found = named_in_versions(fleet, candidates, said, product);
    let mut candidates_met = candidates.of_numbers(fleet, product);
    candidates_met.extend(&*candidates.of(fleet, product, title));
    if candidates_met.is_empty() {
        return found;
    }
    let clears = matches!(said.affected.status, Status::NotAffected | Status::Fixed);
    let vendor = product.vendor.as_deref();
    let asked = Asked {
        product,
        name: candidates.read(vendor, &product.name),
        title: title.map(|title| candidates.read(vendor, title)),
    };
    for met in candidates_met {
        let Some(held) = fleet.at(met.held) else { continue };
        // What agrees but nearly is asked about, and cleared by nobody.
        let nearly = met.maker == Maker::Perhaps || met.agreement == Agreement::Described;
        if clears && nearly {
            continue;
        }
        let Some(model) = model_of(fleet, held, met.held, product) else { continue };
        let (placed, agreement) = asked.place(fleet, held, &model, met.agreement);
        let certainty = match (agreement, met.maker, &product.vendor) {
            (Agreement::Same | Agreement::Line, Maker::Named, Some(_)) => Certainty::Strong,
            _ => Certainty::Weak,
        };
        let rule = if placed == Place::All { Rule::NameAllVersions } else { Rule::NameInRange };
        let meeting = Meeting { fleet, said, held, product };
        let settled = meeting.settled(placed, &Titled(product), (rule, certainty));
        let name = Some(agreement);
        found.extend(settled.into_iter().map(|(key, one)| (key, Outcome { name, ..one })));
    }
    found
}

/// Releases that are named where versions should stand.
fn named_in_versions<'d>(
    fleet: &Fleet<'_, 'd>,
    candidates: &mut Candidates<'d>,
    said: Said<'d>,
    product: &'d Product,
) -> Found<'d> {
    let mut found = Vec::new();
    for (met, words) in candidates.in_versions(fleet, product) {
        let Some(held) = fleet.at(met.held) else { continue };
        let placed = Place::Named(words.to_owned());
        let basis = (Rule::NameInRange, Certainty::Strong);
        let settled =
            Meeting { fleet, said, held, product }.settled(placed, &Titled(product), basis);
        let name = Some(Agreement::Same);
        found.extend(settled.into_iter().map(|(key, one)| (key, Outcome { name, ..one })));
    }
    found
}

/// Of what one document says of a release by name, keeps what it says of the name that agrees the
/// most: beside `SD-320AN` and `GEH-SD-320AN` a `GEH-SD-320AN` is the second only. Of several lines
/// of versions of one product, the one that is written as the release's is tells.
pub(super) fn keep_nearest(told: &mut Vec<(Key, Outcome<'_>)>) {
    let mut best: HashMap<Key, (bool, bool)> = HashMap::new();
    for (key, outcome) in &*told {
        let Some(agreement) = outcome.name else { continue };
        let (same, outside) = best.entry(*key).or_default();
        *same |= agreement == Agreement::Same;
        *outside |= agreement == Agreement::Same && outcome.placed == super::Placed::Outside;
    }
    told.retain(|(key, outcome)| {
        let Some(agreement) = outcome.name else { return true };
        let (same, outside) = best.get(key).copied().unwrap_or_default();
        let incomparable = || match &outcome.why {
            super::Why::Told(reason) => reason.rule == Rule::VersionsNotComparable,
            super::Why::Outside(..) => false,
        };
        !same || agreement == Agreement::Same && !(outside && incomparable())
    });
}

/// A product that releases are asked about.
struct Asked<'d> {
    product: &'d Product,
    name: Rc<ProductName>,
    /// The document's title.
    title: Option<Rc<ProductName>>,
}

impl Asked<'_> {
    /// Where a release lies among the versions of the product, with all doubts, and how far its
    /// name agrees then.
    fn place(
        &self,
        fleet: &Fleet<'_, '_>,
        held: &Held<'_>,
        model: &ProductName,
        agreement: Agreement,
    ) -> (Place, Agreement) {
        let Self { product, name, title } = self;
        let release = fleet.hospital.releases.get(held.release.0 as usize);
        let systems = release.map(|release| release.operating_systems.as_slice());
        let bearer = held.bearer();
        let version =
            bearer.version.map(|version| versions::without_firmware(name.bare_version(version)));
        let bearer = Bearer { systems: systems.unwrap_or_default(), version, ..bearer };
        let numbered = product.models.iter().any(|model| bearer.is_model(model));
        let mut placed = place(&product.versions, bearer);
        if let Some(said) = self.in_full_name().filter(|_| !placed.holds()) {
            placed = said_again(placed, place(&[said], bearer));
        }
        // Where the model itself stands among the versions, the name needs to say no more; nor
        // where the title says what the device's name says beside it.
        let by_number = numbered || matches!(placed, Place::Named(_));
        let in_title = || {
            agreement == Agreement::Family
                && title.as_ref().is_some_and(|title| name.is_completed_by(title, model))
        };
        let agreement = match agreement {
            _ if by_number => Agreement::Same,
            Agreement::Family if in_title() || self.is_whole_family() => Agreement::Described,
            agreement => agreement,
        };
        if let (Agreement::Line, Some(line)) = (agreement, name.line()) {
            placed = place_in_line(placed, line, bearer);
        }
        if !matches!(placed, Place::Outside(_)) {
            placed = self.doubted(placed, agreement, model, held.model());
            if held.makers.is_empty() && !bears_maker(held.model(), product) {
                placed = Place::Unknown(Rule::VendorUnknown, "its maker is not stated".to_owned());
            }
        }
        if placed.holds()
            && let Some(system) = name.system()
        {
            match versions::on_system(system, bearer) {
                Place::All => {}
                other => placed = other,
            }
        }
        (placed, agreement)
    }

    /// Whether the document says that all models of a family are meant.
    fn is_whole_family(&self) -> bool {
        let all = |text: &str| text.to_ascii_lowercase().contains("all models");
        self.name.leaves_out_some() || full_name(self.product).is_some_and(all)
    }

    /// What the product's full name says of its versions, beside what the tree says: both are the
    /// document's word, and one of them is often cut short.
    fn in_full_name(&self) -> Option<Versions> {
        let (name, said) = full_name(self.product)?.split_once(": ")?;
        let said = said.trim();
        let is_own =
            names::words(name).iter().any(|word| self.name.telling().any(|own| own == word));
        (is_own && said.bytes().any(|b| b.is_ascii_digit())).then(|| Versions::Text(said.into()))
    }

    /// What keeps a name that agrees from being certain.
    fn doubted(
        &self,
        placed: Place,
        agreement: Agreement,
        device: &ProductName,
        model: &str,
    ) -> Place {
        let name = &self.product.name;
        match (agreement, self.name.condition(device)) {
            (Agreement::Family, _) => {
                let words = format!("{name} is a family of which {model} may be one");
                Place::Unknown(Rule::ProductFamily, words)
            }
            (Agreement::Narrower, _) => {
                let words = format!("{model} may be {name} or another model");
                Place::Unknown(Rule::ModelUnknown, words)
            }
            (_, Some(condition)) if placed.holds() => {
                Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
            }
            _ => placed,
        }
    }
}

/// Releases that are the platform of a product, where nothing was found that is the product: it
/// may run there, and whether it does is told.
fn by_platform<'d>(
    fleet: &Fleet<'_, 'd>,
    candidates: &mut Candidates<'d>,
    (said, product): (Said<'d>, &'d Product),
    found: &Found<'d>,
) -> Found<'d> {
    let accuses = matches!(said.affected.status, Status::Affected | Status::UnderInvestigation);
    let Some(platform) = product.platform.as_deref() else { return Vec::new() };
    let same = |met: &&Met| met.agreement == Agreement::Same && met.maker == Maker::Named;
    let met = candidates.of(fleet, platform, None);
    let met = met.iter().filter(|met| accuses || same(met));
    let mut releases: Vec<HeldIndex> = met.map(|met| met.held).collect();
    releases.extend(platform.purls.iter().flat_map(|purl| fleet.of_package(purl)).map(|p| p.held));
    releases.extend(platform.cpes.iter().flat_map(|cpe| fleet.of_cpe(cpe)).map(|b| b.held));
    releases.sort_unstable();
    releases.dedup();
    let mut more = Vec::new();
    for held in releases.into_iter().filter_map(|index| fleet.at(index)) {
        let known = found.iter().any(|((release, _), _)| *release == held.release);
        let release = fleet.hospital.releases.get(held.release.0 as usize);
        let Some(release) = release.filter(|_| held.subject == Subject::Release && !known) else {
            continue;
        };
        let placed = platform::place_software(held, release, product);
        // What clears has to name the firmware by the release's own version.
        if !accuses && !matches!(placed, Place::Inside(_)) {
            continue;
        }
        let basis = (Rule::NameInRange, Certainty::Weak);
        more.extend(Meeting { fleet, said, held, product }.settled(
            placed,
            &Titled(product),
            basis,
        ));
    }
    more
}

/// A statement that met a subject.
#[derive(Clone, Copy)]
struct Meeting<'m, 'h, 'd> {
    fleet: &'m Fleet<'h, 'd>,
    said: Said<'d>,
    held: &'m Held<'h>,
    product: &'d Product,
}

impl<'d> Meeting<'_, '_, 'd> {
    /// What comes of it: about the subject, or about the component inside it that is meant.
    fn settled(self, placed: Place, met: &dyn fmt::Display, basis: (Rule, Certainty)) -> Found<'d> {
        let clears = matches!(self.said.affected.status, Status::NotAffected | Status::Fixed);
        let was_outside = matches!(placed, Place::Outside(_));
        let placed = platform::on_platform(self.fleet, self.held, self.product, placed);
        if clears && !was_outside && matches!(placed, Place::Outside(_)) {
            // What is cleared on one platform says nothing of another.
            return Vec::new();
        }
        let key = (self.held.release, self.held.subject);
        let Some(meant) = self.product.component.as_deref() else {
            let named = matches!(placed, Place::Inside(_) | Place::Named(_));
            let outcome = self.said.outcome(self.held, met, placed, basis);
            return vec![(key, self.alone(outcome, named))];
        };
        let release = self.fleet.hospital.releases.get(key.0.0 as usize);
        let found = release.map(|release| parts::parts(release, key.1, meant)).unwrap_or_default();
        if found.is_empty() {
            return vec![(key, self.unlisted(meant, placed, met, basis))];
        }
        let inside = Inside { part: meant, whole: met };
        let settle = |(subject, part): (Subject, Place)| {
            let component = component(release?, subject)?;
            let part_held = self.held.part(subject, component);
            let placed = if placed.holds() { part } else { placed.clone() };
            let mut outcome = self.said.outcome(&part_held, &inside, placed, basis);
            if outcome.kind > Kind::Matched {
                outcome.kind = Kind::StatedForComponent;
            }
            Some(((key.0, subject), outcome))
        };
        found.into_iter().filter_map(settle).collect()
    }

    /// The component that is meant is in no SBOM. The maker says that the product has it; of which
    /// version, nobody here can tell. What clears it clears nothing else.
    fn unlisted(
        self,
        meant: &Product,
        placed: Place,
        met: &dyn fmt::Display,
        basis: (Rule, Certainty),
    ) -> Outcome<'d> {
        let clears = matches!(self.said.affected.status, Status::NotAffected | Status::Fixed);
        let named = !meant.versions.is_empty() || meant.purls.iter().any(|p| p.version.is_some());
        let inside = Inside { part: meant, whole: met };
        if clears && placed.holds() {
            let outcome = self.said.outcome(self.held, &inside, placed, basis);
            let why = format!("it speaks of {} inside, which no SBOM lists", Titled(meant));
            return not_applied(outcome, self.said, &why);
        }
        let placed = if placed.holds() && named {
            let words = format!("whether it has {} at such a version is not known", Titled(meant));
            Place::Unknown(Rule::ConditionUnread, words)
        } else {
            placed
        };
        self.said.outcome(self.held, &inside, placed, basis)
    }

    /// A component or system that is named for itself, in no product.
    fn alone(self, mut outcome: Outcome<'d>, named: bool) -> Outcome<'d> {
        let in_no_product =
            self.held.subject != Subject::Release && self.product.platform.is_none();
        if !in_no_product || outcome.kind <= Kind::Matched {
            return outcome;
        }
        outcome.kind = Kind::StatedForPackage;
        let affected = self.said.affected;
        let justification = self.said.telling.vulnerability.justification(affected);
        let version = if named { reach::Version::Named } else { reach::Version::Any };
        let refusal = reach::refusal(affected.status, justification, version);
        // Its maker knows the package; only a reason that is told to depend on use stays there.
        let own = is_by_maker(self.said, self.held);
        let refusal = refusal.filter(|_| !own || reach::ground(justification) == Ground::Use);
        match refusal {
            Some(why) => not_applied(outcome, self.said, why),
            None => outcome,
        }
    }
}

/// An outcome that is shown and decides nothing.
fn not_applied<'d>(outcome: Outcome<'d>, said: Said<'d>, because: &str) -> Outcome<'d> {
    let status = said.affected.status.text();
    let stated = said.telling.vulnerability.justification(said.affected);
    let stated = stated.map(|text| format!(" ({})", domain::bounded::quote(text)));
    let sentence = format!(
        "{} says {status}{}, which is not applied: {because}",
        said.who(),
        stated.unwrap_or_default()
    );
    let evidence = outcome.why.told().map(|reason| reason.evidence).unwrap_or_default();
    let reason = Reason { rule: Rule::StatementNotApplied, sentence, evidence };
    Outcome { kind: Kind::Unapplied, why: Why::Told(reason), ..outcome }
}

fn component<'r>(release: &Release<'r>, subject: Subject) -> Option<&'r Component> {
    let Subject::Component(sbom, place) = subject else { return None };
    release.sboms.get(sbom as usize)?.sbom.components.get(place as usize)
}

/// A component inside a product, as a sentence names it.
struct Inside<'p> {
    part: &'p Product,
    whole: &'p dyn fmt::Display,
}

impl fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", Titled(self.part), self.whole)
    }
}

/// Where a version lies of which a document speaks twice: what meets it counts, and what can be
/// read before what can't.
fn said_again(placed: Place, again: Place) -> Place {
    let unread = |placed: &Place| match placed {
        Place::Unknown(rule, _) => {
            matches!(rule, Rule::VersionTextUnread | Rule::VersionsNotComparable)
        }
        _ => false,
    };
    if again.holds() || unread(&placed) && !unread(&again) { again } else { placed }
}

/// Whether a model's name says its maker, and that it is the product's.
fn bears_maker(model: &str, product: &Product) -> bool {
    let model = names::words(model);
    let wanted = product.vendor.as_deref().map(names::makers).unwrap_or_default();
    let mut starts = (1..=model.len()).filter_map(|words| model.get(..words));
    starts.any(|start| wanted.contains(&names::maker(&start.join(" "))))
}

/// Components and operating systems by maker and name.
fn by_name<'d>(
    fleet: &Fleet<'_, 'd>,
    candidates: &mut Candidates<'d>,
    said: Said<'d>,
    product: &'d Product,
) -> Found<'d> {
    let named = candidates.named(fleet, &product.name);
    if named.is_empty() {
        return Vec::new();
    }
    let makers = product.vendor.as_deref().map(|vendor| candidates.makers(vendor));
    let mut found = Vec::new();
    for index in &*named {
        let Some(held) = fleet.at(*index) else { continue };
        let by_maker = makers.iter().flat_map(|makers| &**makers).any(|maker| held.is_of(maker));
        let unknown = held.makers.is_empty() || makers.is_none();
        if !by_maker && !unknown || configuration::is_for_another(fleet, *index, &product.cpes) {
            continue;
        }
        let mut placed = place(&product.versions, held.bearer());
        if placed.holds()
            && let Some(other) = platform::by_stated_family(fleet, held, product)
        {
            placed = other;
        }
        let certainty = if by_maker { Certainty::Strong } else { Certainty::Weak };
        if !by_maker && !matches!(placed, Place::Outside(_)) {
            placed = Place::Unknown(Rule::VendorUnknown, "its maker is not stated".to_owned());
        }
        let meeting = Meeting { fleet, said, held, product };
        found.extend(meeting.settled(placed, &Titled(product), (Rule::NameInRange, certainty)));
    }
    found
}

/// A product by its maker's and its own name, or by its first identifier.
pub(super) struct Titled<'p>(pub(super) &'p Product);

impl fmt::Display for Titled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name.as_str();
        if name.is_empty() {
            let (purl, cpe) = (self.0.purls.first(), self.0.cpes.first());
            let purl = purl.map(|purl| f.write_str(&purl.to_string()));
            let by_cpe = || cpe.map(|cpe| f.write_str(&cpe.to_string()));
            return purl.or_else(by_cpe).unwrap_or(Ok(()));
        }
        match &self.0.vendor {
            Some(vendor) if !name.starts_with(vendor.as_str()) => write!(f, "{vendor} {name}"),
            _ => f.write_str(name),
        }
    }
}

/// Whether a maker speaks of its own product: a CSAF document clears only what its publisher
/// knows; that something is affected, a coordinator says as well, and then it is only matched.
pub(super) fn is_statement(said: Said<'_>, held: &Held<'_>) -> bool {
    let is_csaf = said.telling.advisory.is_some_and(|advisory| advisory.feed == Feed::Csaf);
    is_csaf && (is_by_maker(said, held) || said.affected.status != Status::Affected)
}

/// Whether the publisher makes the subject.
fn is_by_maker(said: Said<'_>, held: &Held<'_>) -> bool {
    let publisher = said.telling.advisory.and_then(|advisory| advisory.publisher.as_deref());
    publisher.is_some_and(|name| names::makers(name).iter().any(|maker| held.is_of(maker)))
}
