//! Which components of a release a document means by a component of a product.
//!
//! Refuses to take another copy of a component for the one that is meant: what stands inside a
//! component is looked for inside that component only.

use domain::advisory::{Product, Versions};
use domain::component::{Component, ComponentKind};
use domain::cpe::{Attribute, Cpe, Relation};
use domain::purl::Purl;
use domain::version::Scheme;

use super::names;
use super::package;
use super::versions::{Bearer, Place, place};
use super::{Rule, Subject};
use crate::hospital::Release;

/// How deep components of components are followed.
const DEPTH: usize = 16;

/// The components that are meant inside a subject, and how the version of each stands to those
/// that are named. Empty where the SBOMs show none.
pub(super) fn parts(
    release: &Release<'_>,
    whole: Subject,
    meant: &Product,
) -> Vec<(Subject, Place)> {
    let mut wholes = vec![(whole, Place::All)];
    let chain = std::iter::successors(Some(meant), |one| one.component.as_deref());
    for meant in chain.take(DEPTH) {
        wholes = wholes.into_iter().flat_map(|whole| inside(release, whole, meant)).collect();
    }
    wholes
}

/// One step: what is meant, inside one whole that was placed.
fn inside(
    release: &Release<'_>,
    (whole, placed): (Subject, Place),
    meant: &Product,
) -> Vec<(Subject, Place)> {
    let mut found = Vec::new();
    for (sbom, described) in (0_u32..).zip(&release.sboms) {
        let components = &described.sbom.components;
        for (at, component) in (0_u32..).zip(components) {
            let place = place_component(component, meant);
            if let Some(place) = place.filter(|_| holds(components, (sbom, at), whole)) {
                let place = if placed.holds() { place } else { placed.clone() };
                found.push((Subject::Component(sbom, at), place));
            }
        }
    }
    found
}

/// Whether a component stands inside a subject. An operating system holds what runs on it.
fn holds(components: &[Component], (sbom, at): (u32, u32), whole: Subject) -> bool {
    let Subject::Component(of, outer) = whole else { return true };
    let at_place = |place: u32| components.get(place as usize);
    if of == sbom && at_place(outer).is_some_and(|c| c.kind == ComponentKind::OperatingSystem) {
        return at != outer;
    }
    let parents = std::iter::successors(Some(at), |at| at_place(*at)?.parent);
    // The nesting of a document is bounded; a circle of parents is cut off.
    of == sbom && parents.skip(1).take(domain::bounded::NESTING).any(|parent| parent == outer)
}

/// Places a component's version among those meant; `None` where another component is meant. An
/// identifier that both have decides before a name does.
pub(super) fn place_component(component: &Component, meant: &Product) -> Option<Place> {
    if let Some(place) = place_by_identifier(component, meant) {
        return Some(place);
    }
    let told_apart = component.purl.is_some() && !meant.purls.is_empty()
        || !component.cpes.is_empty() && !meant.cpes.is_empty();
    if told_apart { None } else { place_by_name(component, meant) }
}

/// The same, by a package URL or a CPE name that both have.
pub(super) fn place_by_identifier(component: &Component, meant: &Product) -> Option<Place> {
    let purls = meant.purls.iter().filter_map(|purl| place_by_purl(component, purl, meant));
    let pairs = meant.cpes.iter().flat_map(|cpe| component.cpes.iter().map(move |own| (cpe, own)));
    let cpes = pairs.filter_map(|(cpe, own)| place_by_cpe(component, own, (cpe, meant)));
    best(purls.chain(cpes))
}

/// Of several places the one that says most.
fn best(places: impl Iterator<Item = Place>) -> Option<Place> {
    places.min_by_key(|place| match place {
        Place::Inside(_) | Place::Named(_) => 0,
        Place::All => 1,
        Place::Unknown(..) => 2,
        Place::Outside(_) => 3,
    })
}

fn place_by_purl(component: &Component, purl: &Purl, meant: &Product) -> Option<Place> {
    // Most components are another package, and need no more comparing.
    let own = component.purl.as_ref().filter(|own| own.name == purl.name)?;
    if package::key(own) != package::key(purl) || package::is_elsewhere(purl, own) {
        return None;
    }
    let version = package::version(own);
    let version = version.as_deref().or(component.version.as_deref());
    let bearer = Bearer { version, scheme: Scheme::of_purl_kind(&own.kind), ..Bearer::default() };
    let named = package::version(purl).map(|version| Versions::One(version.into_owned().into()));
    Some(place_named(named, meant, bearer))
}

fn place_by_cpe(component: &Component, own: &Cpe, (cpe, meant): (&Cpe, &Product)) -> Option<Place> {
    if cpe.product_value().zip(own.product_value()).is_some_and(|(a, b)| a != b) {
        return None;
    }
    let same_maker = cpe.vendor_value().map(maker) == own.vendor_value().map(maker);
    let bare = |cpe: &Cpe| Cpe {
        version: Attribute::Any,
        update: Attribute::Any,
        vendor: if same_maker { own.vendor.clone() } else { cpe.vendor.clone() },
        ..cpe.clone()
    };
    if !matches!(bare(cpe).relation(&bare(own)), Relation::Superset | Relation::Equal) {
        return None;
    }
    let version = own.version.value().or(component.version.as_deref());
    let bearer = Bearer { version, ..Bearer::default() };
    let placed = place_named(version_of(cpe), meant, bearer);
    Some(match (cpe.update.value(), own.update.value()) {
        (Some(wanted), Some(own)) if wanted != own => Place::Outside(format!("update {wanted}")),
        (Some(wanted), None) if placed.holds() => {
            let words = format!("update {wanted} is named, and its own is not known");
            Place::Unknown(Rule::VersionUnknown, words)
        }
        _ => placed,
    })
}

fn maker(vendor: &str) -> String {
    names::maker(&vendor.replace('_', " "))
}

/// Whether two names have the same letters and digits, and any.
fn is_same_name(a: &str, b: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = char> {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
    }
    letters(a).eq(letters(b)) && letters(a).next().is_some()
}

/// By the name alone, which inside one product is enough.
fn place_by_name(component: &Component, meant: &Product) -> Option<Place> {
    let is_own = |name: &str| is_same_name(name, &component.name);
    let bearer = Bearer { version: component.version.as_deref(), ..Bearer::default() };
    if is_own(&meant.name) && !meant.versions.is_empty() {
        return Some(place(&meant.versions, bearer));
    }
    let by_purl = meant.purls.iter().filter(|purl| is_own(&purl.name));
    let by_purl = by_purl.map(|purl| purl.version.clone().map(Versions::One));
    let by_cpe = meant.cpes.iter().filter(|cpe| cpe.product_value().is_some_and(is_own));
    let by_cpe = by_cpe.map(version_of);
    let by_name = is_own(&meant.name).then_some(None);
    let named = by_purl.chain(by_cpe).chain(by_name);
    best(named.map(|version| place_named(version, meant, bearer)))
}

/// Places among the version that an identifier names, or where it names none, among those beside
/// it; a component that is named without any is meant at all of them.
fn place_named(version: Option<Versions>, meant: &Product, bearer: Bearer<'_>) -> Place {
    match version {
        Some(version) => place(&[version], bearer),
        None if meant.versions.is_empty() => Place::All,
        None => place(&meant.versions, bearer),
    }
}

/// The version that a CPE name says; a pattern is read as a text.
fn version_of(cpe: &Cpe) -> Option<Versions> {
    match &cpe.version {
        Attribute::Value(version) => Some(Versions::One(version.clone())),
        Attribute::Pattern(pattern) => Some(Versions::Text(pattern.replace('*', "x").into())),
        Attribute::Any | Attribute::NotApplicable => None,
    }
}
