//! Which release a document means by a product, and what is said of it as a whole.

use std::borrow::Cow;

use domain::advisory::{Product, Versions};
use domain::cpe::{Attribute, Cpe, Relation};
use domain::purl::Purl;

use super::names::{self, Agreement, ProductName, maker};
use super::package;
use super::versions::{Bearer, Place, place};
use super::{Kind, Outcome, Outcomes, Subject, Verdict, Voice};
use crate::hospital::Release;
use crate::reason::Rule;

/// That a product as a whole is not affected, or fixed, is said of all that is in it.
pub(super) fn clear_parts(outcomes: &mut Outcomes<'_>) {
    let clears = |outcome: &&Outcome<'_>| {
        // What the hospital says of a product it says of each of its parts already.
        outcome.voice == Voice::Others
            && matches!(outcome.kind, Kind::Stated | Kind::StatedForVersions)
            && matches!(outcome.verdict, Verdict::NotAffected | Verdict::Fixed)
    };
    let of_wholes: Vec<_> = outcomes
        .iter()
        .filter(|((_, subject), _)| *subject == Subject::Release)
        .map(|((release, _), said)| (*release, said.iter().filter(clears).cloned().collect()))
        .collect::<Vec<(_, Vec<Outcome<'_>>)>>();
    for ((release, subject), part) in outcomes {
        let whole = of_wholes.iter().filter(|(of, _)| of == release);
        if *subject != Subject::Release {
            part.extend(whole.flat_map(|(_, clearing)| clearing.iter().cloned()));
        }
    }
}

/// Places a release among the versions of a product, by identifier, or by maker and model; `None`
/// where the product is another one.
pub(super) fn place_release(release: &Release<'_>, product: &Product) -> Option<Place> {
    let version = (!release.key.version.is_empty()).then_some(release.key.version.as_str());
    if let Some(words) = by_identifier(release, product) {
        return Some(Place::Inside(words));
    }
    let by_name = any_version(release, product) || named(release, product);
    let by_cpe = || {
        let mut cpes = product.cpes.iter().filter(|_| release.cpes.is_empty());
        cpes.find_map(|cpe| {
            let product = as_product(cpe, product);
            named(release, &product).then_some(product)
        })
    };
    let product = if by_name { Cow::Borrowed(product) } else { Cow::Owned(by_cpe()?) };
    // A document that names no version is about the product at all of them.
    if product.versions.is_empty() {
        return Some(Place::All);
    }
    let (model, numbers) = (release.key.model.as_str(), release.numbers.as_slice());
    Some(place(&product.versions, Bearer { version, model, numbers, ..Bearer::default() }))
}

/// Identifiers that name the release at its version.
fn by_identifier(release: &Release<'_>, product: &Product) -> Option<String> {
    let purl = product.purls.iter().find(|purl| {
        purls(release).any(|own| {
            own.package() == purl.package()
                && !package::is_elsewhere(purl, own)
                && (purl.version.is_none() || purl.version == own.version)
        })
    });
    let cpe = || {
        let mut bounded = product.cpes.iter().filter(|cpe| cpe.version != Attribute::Any);
        bounded.find(|cpe| covers(release, cpe))
    };
    purl.map(ToString::to_string).or_else(|| cpe().map(ToString::to_string))
}

fn any_version(release: &Release<'_>, product: &Product) -> bool {
    product.cpes.iter().any(|cpe| cpe.version == Attribute::Any && covers(release, cpe))
}

fn covers(release: &Release<'_>, cpe: &Cpe) -> bool {
    let is_covered = |own| matches!(cpe.relation(own), Relation::Superset | Relation::Equal);
    release.cpes.iter().any(is_covered)
}

/// Package URLs of the release: its own, and those of what its SBOMs describe.
fn purls<'r>(release: &'r Release<'_>) -> impl Iterator<Item = &'r Purl> {
    let certain = release.sboms.iter().filter(|one| one.reason.rule != Rule::SbomOtherUnits);
    let subjects = certain.filter_map(|one| one.sbom.subject.as_ref()?.purl.as_ref());
    release.purls.iter().chain(subjects)
}

/// What a CPE name names, in words.
fn as_product(cpe: &Cpe, product: &Product) -> Product {
    let words = |text: &str| text.trim_end_matches("_firmware").replace('_', " ");
    let version = cpe.version.value().map(|version| vec![Versions::One(version.to_owned().into())]);
    Product {
        vendor: cpe.vendor_value().map(|vendor| words(vendor).into()),
        name: cpe.product_value().map(words).unwrap_or_default().into(),
        versions: version.unwrap_or_else(|| product.versions.clone()),
        ..Product::default()
    }
}

/// Whether a product bears the release's maker and model. Without a maker one plain word is too
/// little: every maker has a `Central`.
fn named(release: &Release<'_>, product: &Product) -> bool {
    if product.name.is_empty() {
        return false;
    }
    let own = ProductName::new(&release.key.model, Some(&release.key.manufacturer));
    let vendor = product.vendor.as_deref();
    let same_maker = if let Some(vendor) = vendor {
        names::makers(vendor).contains(&maker(&release.key.manufacturer))
    } else {
        let numbered = own.telling().any(|word| word.bytes().any(|b| b.is_ascii_digit()));
        numbered || own.telling().count() > 1
    };
    let named = ProductName::new(&product.name, vendor.or(Some(&release.key.manufacturer)));
    same_maker && named.agrees_with(&own) == Some(Agreement::Same)
}
