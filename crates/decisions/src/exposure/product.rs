//! Statements about a product by its maker's and its own name.
//!
//! Refuses to take a component's flaw for that of every product which has a component of that
//! name: where a statement names the component's versions, those of the SBOM are compared.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use domain::advisory::{Feed, Product, Versions};

use super::configuration;
use super::names::{self, Agreement, ProductName};
use super::subjects::{Fleet, Held, HeldIndex};
use super::versions::{Place, place};
use super::{Certainty, Key, Outcome, Said, Subject};
use crate::reason::Rule;

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
    found.sort_by_key(|(subject, outcome)| {
        (*subject, std::cmp::Reverse(outcome.basis), outcome.verdict)
    });
    found.dedup_by_key(|(subject, _)| *subject);
    found
}

fn by_purl<'d>(fleet: &Fleet<'_, 'd>, said: Said<'d>, product: &'d Product) -> Found<'d> {
    let mut found = Vec::new();
    for purl in &product.purls {
        for packed in fleet.of_package(purl) {
            let Some(held) = fleet.at(packed.held) else { continue };
            let own = purl.version.clone().map(Versions::One);
            let placed = match &own {
                Some(own) => packed.place(std::slice::from_ref(own), held),
                None => packed.place(&product.versions, held),
            };
            let (subject, placed) = narrowed(fleet, held, product, placed);
            let basis = (Rule::PackageInRange, Certainty::Exact);
            let outcome = said.outcome(held, purl, placed, basis);
            found.push(((held.release, subject), outcome));
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
            let (subject, placed) = narrowed(fleet, held, product, placed);
            let basis = (Rule::CpeInRange, Certainty::Exact);
            let outcome = said.outcome(held, cpe, placed, basis);
            found.push(((held.release, subject), outcome));
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
        if !matches!(placed, Place::Outside(_)) {
            placed = doubted(placed, agreement, product, &name, held.model());
        }
        if product.platform.is_some() && placed.holds() {
            let words = "it holds only together with another product".to_owned();
            placed = Place::Unknown(Rule::PlatformUnknown, words);
        }
        let certainty = match (agreement, &product.vendor) {
            (Agreement::Same, Some(_)) => Certainty::Strong,
            _ => Certainty::Weak,
        };
        let rule = if placed == Place::All { Rule::NameAllVersions } else { Rule::NameInRange };
        let (subject, placed) = narrowed(fleet, held, product, placed);
        let outcome = said.outcome(held, &Titled(product), placed, (rule, certainty));
        found.push(((held.release, subject), outcome));
    }
    found
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
        (Agreement::Same | Agreement::Listed, Some(condition)) if placed.holds() => {
            Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
        }
        (Agreement::Same | Agreement::Listed, _) => placed,
    }
}

fn agreeing(fleet: &Fleet<'_, '_>, product: &Product) -> Vec<(HeldIndex, Agreement)> {
    let name = ProductName::new(&product.name, product.vendor.as_deref());
    let makers = product.vendor.as_deref().map(names::makers);
    let of_maker = |held: &Held<'_>| match &makers {
        Some(makers) => makers.iter().any(|maker| held.is_of(maker)),
        None => names_its_maker(fleet, held, product),
    };
    let mut found: Vec<(HeldIndex, Agreement)> = Vec::new();
    let mut look_up = |name: &ProductName, accept: fn(Agreement) -> Option<Agreement>| {
        for index in fleet.with_words(name) {
            let held = fleet.at(index).filter(|held| of_maker(held));
            let model = held.and_then(|_| fleet.models.get(&index));
            let agreement = model.and_then(|model| name.agrees_with(model)).and_then(accept);
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

/// Without a vendor the name itself must hold the maker's.
fn names_its_maker(fleet: &Fleet<'_, '_>, held: &Held<'_>, product: &Product) -> bool {
    let Some(release) = fleet.hospital.releases.get(held.release.0 as usize) else { return false };
    let own = names::words(&release.key.manufacturer);
    let words = names::words(&product.name);
    own.first().is_some_and(|first| words.contains(first))
}

/// A statement about a component inside a product is about that component, where the SBOM has it,
/// and about its versions, where they are named.
fn narrowed(
    fleet: &Fleet<'_, '_>,
    held: &Held<'_>,
    product: &Product,
    placed: Place,
) -> (Subject, Place) {
    let Some(meant) = &product.component else { return (held.subject, placed) };
    let release = fleet.hospital.releases.get(held.release.0 as usize);
    let sboms = release.map(|release| release.sboms.as_slice()).unwrap_or_default();
    for (sbom, described) in (0_u32..).zip(sboms) {
        for (at, component) in (0_u32..).zip(&described.sbom.components) {
            let by_purl = meant.purls.iter().any(|purl| {
                component.purl.as_ref().is_some_and(|own| own.package() == purl.package())
            });
            let named = !meant.name.is_empty() && component.name.eq_ignore_ascii_case(&meant.name);
            if !by_purl && !named {
                continue;
            }
            let subject = Subject::Component(sbom, at);
            if !placed.holds() || meant.versions.is_empty() {
                return (subject, placed);
            }
            let version = component.version.as_deref();
            let bearer = super::versions::Bearer { version, ..Default::default() };
            return (subject, place(&meant.versions, bearer));
        }
    }
    // The maker says that the product has it; of which version, nobody here can tell.
    if placed.holds() && !meant.versions.is_empty() {
        let words = format!("whether it has {} at such a version is not known", meant.name);
        return (held.subject, Place::Unknown(Rule::ConditionUnread, words));
    }
    (held.subject, placed)
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
        let outcome = said.outcome(held, &Titled(product), placed, (Rule::NameInRange, certainty));
        found.push(((held.release, held.subject), outcome));
    }
    found
}

/// A product by its maker's and its own name.
struct Titled<'p>(&'p Product);

impl fmt::Display for Titled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name.as_str();
        match &self.0.vendor {
            Some(vendor) if !name.starts_with(vendor.as_str()) => write!(f, "{vendor} {name}"),
            _ => f.write_str(name),
        }
    }
}

/// Whether a maker speaks of its own product: a CSAF document clears only what its publisher
/// knows; that something is affected, a coordinator says as well, and then it is only matched.
pub(super) fn is_statement(said: Said<'_>, held: &Held<'_>) -> bool {
    let Some(advisory) = said.telling.advisory.filter(|advisory| advisory.feed == Feed::Csaf)
    else {
        return false;
    };
    let publisher = advisory.publisher.as_deref().unwrap_or_default();
    let by_maker = names::makers(publisher).iter().any(|maker| held.is_of(maker));
    by_maker || said.affected.status != domain::advisory::Status::Affected
}
