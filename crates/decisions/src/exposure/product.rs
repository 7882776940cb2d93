//! Statements about a product by its maker's and its own name.

use domain::advisory::{Feed, Product};

use super::names::{Agreement, ProductName, maker};
use super::subjects::{Fleet, Held, HeldIndex};
use super::versions::{Place, place};
use super::{Certainty, Outcome, Said, Subject};
use crate::hospital::ReleaseIndex;
use crate::reason::Rule;

type Found<'d> = Vec<((ReleaseIndex, Subject), Outcome<'d>)>;

pub(super) fn outcomes<'d>(
    fleet: &Fleet<'_, 'd>,
    said: Said<'d>,
    product: &'d Product,
) -> Found<'d> {
    let mut found = by_purl(fleet, said, product);
    found.extend(by_cpe(fleet, said, product));
    found.extend(by_model(fleet, said, product));
    if product.component.is_none() {
        found.extend(by_name(fleet, said, product));
    }
    found.sort_by_key(|(subject, outcome)| (*subject, std::cmp::Reverse(outcome.certainty)));
    found.dedup_by_key(|(subject, _)| *subject);
    found
}

fn by_purl<'d>(fleet: &Fleet<'_, 'd>, said: Said<'d>, product: &'d Product) -> Found<'d> {
    let mut found = Vec::new();
    for purl in &product.purls {
        let held = fleet.of_package(purl).iter().filter_map(|index| fleet.at(*index));
        for held in held {
            let placed = match &purl.version {
                Some(version) => place(
                    &[domain::advisory::Versions::One(version.clone())],
                    held.version,
                    &held.label,
                ),
                None => place(&product.versions, held.version, &held.label),
            };
            let basis = (Rule::PackageInRange, Certainty::Exact);
            let outcome = said.outcome(held, &purl.to_string(), placed, basis);
            found.extend(outcome.map(|outcome| ((held.release, held.subject), outcome)));
        }
    }
    found
}

fn by_cpe<'d>(fleet: &Fleet<'_, 'd>, said: Said<'d>, product: &'d Product) -> Found<'d> {
    let mut found = Vec::new();
    for cpe in &product.cpes {
        for borne in fleet.of_cpe(cpe) {
            let Some(held) = fleet.at(borne.held) else { continue };
            let placed = place(&product.versions, held.version, &held.label);
            let basis = (Rule::CpeInRange, Certainty::Exact);
            let outcome = said.outcome(held, &cpe.to_string(), placed, basis);
            found.extend(outcome.map(|outcome| ((held.release, held.subject), outcome)));
        }
    }
    found
}

/// Releases by maker and model.
fn by_model<'d>(fleet: &Fleet<'_, 'd>, said: Said<'d>, product: &'d Product) -> Found<'d> {
    let name = ProductName::new(&product.name, product.vendor.as_deref());
    let mut found = Vec::new();
    for index in fleet.with_words(&name) {
        let Some(held) = fleet.at(index) else { continue };
        let Some(agreement) = agreement(fleet, index, held, product) else { continue };
        let model = model_of(fleet, held);
        let mut placed = place(&product.versions, held.version, &model);
        if !matches!(placed, Place::Outside(_)) {
            placed = doubted(placed, agreement, product, &name, &model);
        }
        if product.platform.is_some()
            && matches!(placed, Place::All | Place::Inside(_) | Place::Named(_))
        {
            let words = "it holds only together with another product".to_owned();
            placed = Place::Unknown(Rule::PlatformUnknown, words);
        }
        let certainty = match (agreement, &product.vendor) {
            (Agreement::Same, Some(_)) => Certainty::Strong,
            _ => Certainty::Weak,
        };
        let title = titled(product);
        let rule = if placed == Place::All { Rule::NameAllVersions } else { Rule::NameInRange };
        let subject = component_of(fleet, held, product).unwrap_or(held.subject);
        let outcome = said.outcome(held, &title, placed, (rule, certainty));
        found.extend(outcome.map(|outcome| ((held.release, subject), outcome)));
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
        // Its very model is named beside the family.
        (Agreement::Family, None) if matches!(placed, Place::Named(_)) => placed,
        (Agreement::Family, _) => {
            let words = format!("{} is a family of which {model} may be one", product.name);
            Place::Unknown(Rule::ProductFamily, words)
        }
        (Agreement::Narrower, _) => {
            let words = format!("{model} may be {} or another model", product.name);
            Place::Unknown(Rule::ModelUnknown, words)
        }
        (Agreement::Same, Some(condition))
            if matches!(placed, Place::All | Place::Inside(_) | Place::Named(_)) =>
        {
            Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
        }
        (Agreement::Same, _) => placed,
    }
}

fn agreement(
    fleet: &Fleet<'_, '_>,
    index: HeldIndex,
    held: &Held<'_>,
    product: &Product,
) -> Option<Agreement> {
    let model = fleet.models.get(&index)?;
    match &product.vendor {
        Some(vendor) => {
            let same_maker = held.makers.contains(&maker(vendor));
            let name = ProductName::new(&product.name, Some(vendor));
            same_maker.then(|| name.agrees_with(model)).flatten()
        }
        None => {
            // Without a vendor the name itself must hold the maker's.
            let release = fleet.hospital.releases.get(held.release.0 as usize)?;
            let own = super::names::words(&release.key.manufacturer);
            let words = super::names::words(&product.name);
            let named = own.first().is_some_and(|first| words.contains(first));
            let name = ProductName::new(&product.name, Some(&release.key.manufacturer));
            named.then(|| name.agrees_with(model)).flatten()
        }
    }
}

/// A statement about a component inside a product is about that component, where the SBOM has it.
fn component_of(fleet: &Fleet<'_, '_>, held: &Held<'_>, product: &Product) -> Option<Subject> {
    let meant = product.component.as_ref()?;
    let release = fleet.hospital.releases.get(held.release.0 as usize)?;
    for (sbom, described) in (0_u32..).zip(&release.sboms) {
        let place = described.sbom.components.iter().position(|component| {
            let by_purl = meant.purls.iter().any(|purl| {
                component.purl.as_ref().is_some_and(|own| own.package() == purl.package())
            });
            by_purl || !meant.name.is_empty() && component.name.eq_ignore_ascii_case(&meant.name)
        });
        if let Some(place) = place {
            return Some(Subject::Component(sbom, u32::try_from(place).ok()?));
        }
    }
    None
}

/// Components and operating systems by maker and name.
fn by_name<'d>(fleet: &Fleet<'_, 'd>, said: Said<'d>, product: &'d Product) -> Found<'d> {
    let vendor = product.vendor.as_deref().map(maker);
    let mut found = Vec::new();
    for index in fleet.of_name(&product.name) {
        let Some(held) = fleet.at(*index) else { continue };
        let by_maker = match (&vendor, held.makers.is_empty()) {
            (Some(vendor), false) => held.makers.contains(vendor),
            _ => false,
        };
        let unknown = held.makers.is_empty() || vendor.is_none();
        if !by_maker && !unknown {
            continue;
        }
        let mut placed = place(&product.versions, held.version, &held.label);
        let certainty = if by_maker { Certainty::Strong } else { Certainty::Weak };
        if !by_maker && !matches!(placed, Place::Outside(_)) {
            placed = Place::Unknown(Rule::VendorUnknown, "its maker is not stated".to_owned());
        }
        let outcome = said.outcome(held, &titled(product), placed, (Rule::NameInRange, certainty));
        found.extend(outcome.map(|outcome| ((held.release, held.subject), outcome)));
    }
    found
}

fn model_of(fleet: &Fleet<'_, '_>, held: &Held<'_>) -> String {
    let release = fleet.hospital.releases.get(held.release.0 as usize);
    release.map(|release| release.key.model.clone()).unwrap_or_default()
}

fn titled(product: &Product) -> String {
    match &product.vendor {
        Some(vendor) if !product.name.starts_with(vendor.as_str()) => {
            format!("{vendor} {}", product.name)
        }
        _ => product.name.clone(),
    }
}

/// Whether a maker speaks of its own product in such a document.
pub(super) fn is_statement(feed: Option<Feed>) -> bool {
    matches!(feed, Some(Feed::Csaf))
}
