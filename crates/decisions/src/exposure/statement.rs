//! VEX statements: what a maker says of its own product, at its own scope.

use domain::advisory::{Product, Status};
use domain::location::DocumentId;
use domain::purl::Purl;
use domain::vex::Statement;

use super::names::{Agreement, ProductName, maker};
use super::versions::{Place, place};
use super::{Certainty, Key, Kind, Outcome, Outcomes, Subject, Verdict};
use crate::hospital::{Hospital, Release};
use crate::reason::{Evidence, Reason, Rule};

/// Adds each statement to the outcomes that it is about.
pub(super) fn apply<'d>(hospital: &Hospital<'d>, outcomes: &mut Outcomes<'d>) {
    for (document, statement) in &hospital.statements {
        let Some(vulnerability) = hospital.vulnerability(&statement.vulnerability) else {
            continue;
        };
        let keys: Vec<Key> =
            outcomes.keys().filter(|(_, _, other)| *other == vulnerability).copied().collect();
        for key in keys {
            if let Some(kind) = scope(hospital, (*document, statement), key) {
                outcomes.entry(key).or_default().push(outcome(*document, statement, kind));
            }
        }
    }
}

/// How narrowly a statement is about a subject; `None` where it is not about it.
fn scope(
    hospital: &Hospital<'_>,
    (document, statement): (DocumentId, &Statement),
    (release, subject, _): Key,
) -> Option<Kind> {
    let release = hospital.releases.get(release.0 as usize)?;
    let by_reference = statement.references.iter().find_map(|(serial, reference)| {
        refers(release, subject, document, (serial.as_deref(), reference))
            .or_else(|| about(release, subject, &package(reference)?))
    });
    let by_product =
        || statement.products.iter().filter_map(|product| about(release, subject, product)).max();
    by_reference.or_else(by_product)
}

/// A reference names a component of an SBOM, or the SBOM's subject and so the release.
fn refers(
    release: &Release<'_>,
    subject: Subject,
    document: DocumentId,
    (serial, reference): (Option<&str>, &str),
) -> Option<Kind> {
    for (number, described) in (0_u32..).zip(&release.sboms) {
        let same_document = match serial {
            None => described.document == document,
            Some(serial) => {
                described.sbom.serial.as_deref().is_some_and(|own| same_serial(own, serial))
            }
        };
        if !same_document {
            continue;
        }
        let of_release = described.sbom.subject.as_ref().and_then(|s| s.reference.as_deref());
        if of_release == Some(reference) {
            return Some(Kind::StatedForVersions);
        }
        if let Subject::Component(sbom, place) = subject
            && sbom == number
            && let Some(component) = described.sbom.components.get(place as usize)
            && component.reference.as_deref() == Some(reference)
        {
            return Some(Kind::StatedForComponent);
        }
    }
    None
}

/// A reference of a document without components may be a package itself.
fn package(reference: &str) -> Option<Product> {
    let purl = Purl::parse(reference).ok()?;
    Some(Product { purls: vec![purl], ..Product::default() })
}

/// Serial numbers may carry the version of the document, and a prefix.
fn same_serial(own: &str, meant: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim_start_matches("urn:uuid:").trim_start_matches("urn:cdx:");
        text.to_lowercase()
    };
    let (own, meant) = (bare(own), bare(meant));
    let uuid = |text: &str| text.split('/').next().unwrap_or_default().to_owned();
    own == meant || !(own.contains('/') && meant.contains('/')) && uuid(&own) == uuid(&meant)
}

fn about(release: &Release<'_>, subject: Subject, product: &Product) -> Option<Kind> {
    let component = match subject {
        Subject::Component(sbom, place) => {
            let described = release.sboms.get(sbom as usize)?;
            described.sbom.components.get(place as usize)
        }
        _ => None,
    };
    let is_component = |meant: &Product| {
        component.is_some_and(|component| {
            let by_purl = meant.purls.iter().any(|purl| {
                component.purl.as_ref().is_some_and(|own| {
                    own.package() == purl.package()
                        && (purl.version.is_none() || purl.version == own.version)
                })
            });
            let named = meant.purls.is_empty() && !meant.name.is_empty();
            by_purl || named && component.name.eq_ignore_ascii_case(&meant.name)
        })
    };
    if let Some(kind) = of_release(release, product) {
        return match &product.component {
            None => Some(kind),
            Some(meant) => is_component(meant).then_some(Kind::StatedForComponent),
        };
    }
    // A package that is stated for itself: the statement is about it wherever it is.
    let is_package = product.component.is_none() && !product.purls.is_empty();
    (is_package && is_component(product)).then_some(Kind::Stated)
}

/// Whether a product is this release: by identifier, or by maker, model and version.
fn of_release(release: &Release<'_>, product: &Product) -> Option<Kind> {
    let by_purl = product.purls.iter().any(|purl| {
        release.purls.iter().any(|own| {
            own.package() == purl.package()
                && (purl.version.is_none() || purl.version == own.version)
        })
    });
    let by_cpe = product.cpes.iter().any(|cpe| release.cpes.contains(cpe));
    if by_purl || by_cpe {
        return Some(Kind::StatedForVersions);
    }
    let own = ProductName::new(&release.key.model, Some(&release.key.manufacturer));
    let vendor = product.vendor.as_deref();
    let same_maker = vendor.is_none_or(|vendor| maker(vendor) == maker(&release.key.manufacturer));
    let named = ProductName::new(&product.name, vendor.or(Some(&release.key.manufacturer)));
    if product.name.is_empty() || !same_maker || named.agrees_with(&own) != Some(Agreement::Same) {
        return None;
    }
    let version = (!release.key.version.is_empty()).then_some(release.key.version.as_str());
    // A statement that names no version is about the product at all of them.
    if product.versions.is_empty() {
        return Some(Kind::Stated);
    }
    match place(&product.versions, version, &release.key.model) {
        Place::All => Some(Kind::Stated),
        Place::Inside(_) | Place::Named(_) => Some(Kind::StatedForVersions),
        Place::Outside(_) | Place::Unknown(..) => None,
    }
}

fn outcome(document: DocumentId, statement: &Statement, kind: Kind) -> Outcome<'_> {
    let (verdict, rule) = verdict(statement.status);
    let author = statement.author.as_deref().unwrap_or("Its maker");
    let because = statement.justification.as_deref().or(statement.detail.as_deref());
    let because =
        because.map(|because| format!(": {}", domain::bounded::quote(because))).unwrap_or_default();
    let sentence = format!("{author} states {}{because}", statement.status.text());
    let says = format!("{} {}{because}", statement.vulnerability, statement.status.text());
    let evidence = vec![Evidence { document, at: statement.at.clone(), says }];
    Outcome {
        verdict,
        certainty: Certainty::Exact,
        kind,
        said: statement.timestamp.as_deref(),
        reason: Reason { rule, sentence, evidence },
    }
}

/// What a stated status means, and by which rule.
pub(super) fn verdict(status: Status) -> (Verdict, Rule) {
    match status {
        Status::Affected => (Verdict::Affected, Rule::StatedAffected),
        Status::NotAffected => (Verdict::NotAffected, Rule::StatedNotAffected),
        Status::Fixed => (Verdict::Fixed, Rule::StatedFixed),
        Status::UnderInvestigation => (Verdict::Undecided, Rule::StatedInvestigation),
    }
}
