//! Statements about a product by its maker's and its own name.
//!
//! Refuses to take a component's flaw for that of every product which has a component of that
//! name: where a statement names the component's versions, those of the SBOM are compared.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use domain::advisory::{Feed, Product, Status, Versions};
use domain::component::Component;

use super::configuration;
use super::names::{self, Agreement, ProductName};
use super::package;
use super::parts;
use super::platform;
use super::reach::{self, Ground};
use super::subjects::{Fleet, Held, HeldIndex};
use super::versions::{Place, place, place_in_line};
use super::{Certainty, Key, Kind, Outcome, Said, Subject, Why};
use crate::hospital::{Release, ReleaseIndex};
use crate::reason::{Reason, Rule};

type Found<'d> = Vec<(Key, Outcome<'d>)>;

/// Releases that a product's names may mean. Advisories repeat a product under each of their
/// vulnerabilities, so what was found once is kept.
#[derive(Default)]
pub(super) struct Candidates<'d> {
    by_names: HashMap<(Option<&'d str>, &'d str), Agreeing>,
    /// Components and operating systems of a name.
    named: HashMap<&'d str, Rc<[HeldIndex]>>,
    /// Makers as compared, by how they are written.
    makers: HashMap<&'d str, Rc<[String]>>,
}

/// Releases, and how far the name of each agrees.
type Agreeing = Rc<[(HeldIndex, Agreement)]>;

impl<'d> Candidates<'d> {
    fn of(&mut self, fleet: &Fleet<'_, 'd>, product: &'d Product) -> Agreeing {
        let key = (product.vendor.as_deref(), product.name.as_str());
        let found = self.by_names.entry(key).or_insert_with(|| agreeing(fleet, product).into());
        Rc::clone(found)
    }

    fn named(&mut self, fleet: &Fleet<'_, 'd>, name: &'d str) -> Rc<[HeldIndex]> {
        Rc::clone(self.named.entry(name).or_insert_with(|| fleet.of_name(name).into()))
    }

    fn makers(&mut self, vendor: &'d str) -> Rc<[String]> {
        Rc::clone(self.makers.entry(vendor).or_insert_with(|| names::makers(vendor).into()))
    }
}

/// The releases whose model a product's names may mean.
pub(super) fn released<'d>(
    fleet: &Fleet<'_, 'd>,
    candidates: &mut Candidates<'d>,
    product: &'d Product,
) -> Vec<ReleaseIndex> {
    let found = candidates.of(fleet, product);
    found.iter().filter_map(|(held, _)| Some(fleet.at(*held)?.release)).collect()
}

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
    let candidates = candidates.of(fleet, product);
    if candidates.is_empty() {
        return Vec::new();
    }
    let name = ProductName::new(&product.name, product.vendor.as_deref());
    let mut found = Vec::new();
    for (index, agreement) in &*candidates {
        let Some(held) = fleet.at(*index) else { continue };
        let bearer = held.bearer();
        let numbered = product.models.iter().any(|model| bearer.is_model(model));
        let mut placed = place(&product.versions, bearer);
        // Where the model itself stands among the versions, the name needs to say no more.
        let by_number = numbered || matches!(placed, Place::Named(_));
        let agreement = if by_number { Agreement::Same } else { *agreement };
        if let (Agreement::Line, Some(line)) = (agreement, name.line()) {
            placed = place_in_line(placed, line, bearer);
        }
        if !matches!(placed, Place::Outside(_)) {
            placed = doubted(placed, agreement, product, &name, held.model());
            if held.makers.is_empty() && !bears_maker(held.model(), product) {
                placed = Place::Unknown(Rule::VendorUnknown, "its maker is not stated".to_owned());
            }
        }
        let certainty = match (agreement, &product.vendor) {
            (Agreement::Same | Agreement::Line, Some(_)) => Certainty::Strong,
            _ => Certainty::Weak,
        };
        let rule = if placed == Place::All { Rule::NameAllVersions } else { Rule::NameInRange };
        let meeting = Meeting { fleet, said, held, product };
        found.extend(meeting.settled(placed, &Titled(product), (rule, certainty)));
    }
    found
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
    let Some(platform) = product.platform.as_deref().filter(|_| accuses) else {
        return Vec::new();
    };
    let mut releases: Vec<HeldIndex> =
        candidates.of(fleet, platform).iter().map(|(index, _)| *index).collect();
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

/// What keeps a name that agrees from being certain.
fn doubted(
    placed: Place,
    agreement: Agreement,
    product: &Product,
    name: &ProductName,
    model: &str,
) -> Place {
    match (agreement, name.condition()) {
        (Agreement::Family, _) => {
            let words = format!("{} is a family of which {model} may be one", product.name);
            Place::Unknown(Rule::ProductFamily, words)
        }
        (Agreement::Narrower, _) => {
            let words = format!("{model} may be {} or another model", product.name);
            Place::Unknown(Rule::ModelUnknown, words)
        }
        (_, Some(condition)) if placed.holds() => {
            Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
        }
        (Agreement::Same | Agreement::Listed | Agreement::Line, _) => placed,
    }
}

fn agreeing(fleet: &Fleet<'_, '_>, product: &Product) -> Vec<(HeldIndex, Agreement)> {
    let name = ProductName::new(&product.name, product.vendor.as_deref());
    let makers = product.vendor.as_deref().map(names::makers);
    let of_maker = |held: &Held<'_>| match &makers {
        Some(makers) => held.makers.is_empty() || makers.iter().any(|maker| held.is_of(maker)),
        None => names_its_maker(fleet, held, product),
    };
    let mut found: Vec<(HeldIndex, Agreement)> = Vec::new();
    let mut look_up = |name: &ProductName, accept: fn(Agreement) -> Option<Agreement>| {
        for index in fleet.with_words(name) {
            let held = fleet.at(index).filter(|held| of_maker(held));
            let model = held.and_then(|held| model_of(fleet, held, index, product));
            let agreement = model.and_then(|model| name.agrees_with(&model)).and_then(accept);
            found.extend(agreement.map(|agreement| (index, agreement)));
        }
    };
    look_up(&name, Some);
    // Of several products in one name each is meant by its own full name only.
    for one in names::several(&product.name) {
        let name = ProductName::new(one, product.vendor.as_deref());
        look_up(&name, |found| (found == Agreement::Same).then_some(Agreement::Listed));
    }
    found.sort_unstable();
    found.dedup_by_key(|(index, _)| *index);
    found
}

/// The model's name without its maker's. Where the inventory names none, the maker that is looked
/// for may stand in the model: `Philips IntelliVue MX800`.
fn model_of<'f>(
    fleet: &'f Fleet<'_, '_>,
    held: &Held<'_>,
    index: HeldIndex,
    product: &Product,
) -> Option<Cow<'f, ProductName>> {
    let model = fleet.models.get(&index)?;
    let whole = || Cow::Owned(ProductName::new(held.model(), product.vendor.as_deref()));
    Some(if held.makers.is_empty() { whole() } else { Cow::Borrowed(model) })
}

/// Whether a model's name says its maker, and that it is the product's.
fn bears_maker(model: &str, product: &Product) -> bool {
    let model = names::words(model);
    let wanted = product.vendor.as_deref().map(names::makers).unwrap_or_default();
    let mut starts = (1..=model.len()).filter_map(|words| model.get(..words));
    starts.any(|start| wanted.contains(&names::maker(&start.join(" "))))
}

/// Without a vendor the name itself must hold the maker's.
fn names_its_maker(fleet: &Fleet<'_, '_>, held: &Held<'_>, product: &Product) -> bool {
    let Some(release) = fleet.hospital.releases.get(held.release.0 as usize) else { return false };
    let own = names::words(&release.key.manufacturer);
    let words = names::words(&product.name);
    own.first().is_some_and(|first| words.contains(first))
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
        if !by_maker && !unknown {
            continue;
        }
        let mut placed = place(&product.versions, held.bearer());
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
