//! VEX statements: what a maker says of its own product, at its own scope.

use std::collections::HashMap;

use domain::advisory::{Product, Status};
use domain::component::Component;
use domain::cpe::{Attribute, Relation};
use domain::location::DocumentId;
use domain::purl::Purl;
use domain::vex::Statement;

use super::names::{self, Agreement, ProductName, maker};
use super::subjects::Fleet;
use super::versions::{Bearer, Place, place};
use super::{Certainty, Key, Kind, Outcome, Outcomes, Placed, Subject, Verdict, Why};
use crate::hospital::{Described, Hospital, Release, ReleaseIndex, VulnerabilityIndex};
use crate::reason::{Evidence, Reason, Rule};

/// A statement with its document.
type Told<'d> = (DocumentId, &'d Statement);

/// The statements about each vulnerability.
pub(super) fn by_vulnerability<'d>(
    hospital: &Hospital<'d>,
) -> HashMap<VulnerabilityIndex, Vec<Told<'d>>> {
    let mut statements: HashMap<VulnerabilityIndex, Vec<Told<'d>>> = HashMap::new();
    for (document, statement) in &hospital.statements {
        if let Some(index) = hospital.vulnerability(&statement.vulnerability) {
            statements.entry(index).or_default().push((*document, statement));
        }
    }
    statements
}

/// Adds the statements about one vulnerability to the outcomes that they are about. One that
/// something is affected, or is looked into, needs no advisory before it.
pub(super) fn apply<'d>(
    fleet: &Fleet<'_, 'd>,
    statements: &[Told<'d>],
    outcomes: &mut Outcomes<'d>,
) {
    // What is accused by one statement may be cleared by another, whichever stands first.
    for (document, statement) in statements {
        if matches!(statement.status, Status::Affected | Status::UnderInvestigation) {
            for key in stated(fleet, *document, statement) {
                outcomes.entry(key).or_default();
            }
        }
    }
    for (key, outcomes) in outcomes {
        for (document, statement) in statements {
            let scope = scope(fleet.hospital, (*document, statement), *key);
            outcomes.extend(scope.map(|kind| outcome(*document, statement, kind)));
        }
    }
}

/// The subjects that a statement itself points at.
fn stated(fleet: &Fleet<'_, '_>, document: DocumentId, statement: &Statement) -> Vec<Key> {
    let mut found = Vec::new();
    for (number, release) in (0_u32..).zip(&fleet.hospital.releases) {
        let index = ReleaseIndex(number);
        for (serial, reference) in &statement.references {
            let link = (serial.as_deref(), reference.as_str());
            found.extend(referred(release, document, link).map(|subject| (index, subject)));
        }
        for product in &statement.products {
            if of_release(release, product).is_some() {
                let subject = match &product.component {
                    None => Some(Subject::Release),
                    Some(meant) => component_of(release, meant),
                };
                found.push((index, subject.unwrap_or(Subject::Release)));
            }
        }
    }
    let alone = statement.products.iter().filter(|product| product.component.is_none());
    for purl in alone.flat_map(|product| &product.purls) {
        let held = fleet.of_package(purl).iter().filter_map(|packed| fleet.at(packed.held));
        found.extend(held.map(|held| (held.release, held.subject)));
    }
    found
}

/// The component of a release that is meant.
fn component_of(release: &Release<'_>, meant: &Product) -> Option<Subject> {
    (0_u32..).zip(&release.sboms).find_map(|(sbom, described)| {
        let mut components = (0_u32..).zip(&described.sbom.components);
        let (place, _) = components.find(|(_, component)| is_component(component, meant))?;
        Some(Subject::Component(sbom, place))
    })
}

/// The subject that a reference names.
fn referred(
    release: &Release<'_>,
    document: DocumentId,
    (serial, reference): (Option<&str>, &str),
) -> Option<Subject> {
    (0_u32..).zip(&release.sboms).find_map(|(number, described)| {
        if !is_document(described, document, serial) {
            return None;
        }
        let of_release = described.sbom.subject.as_ref().and_then(|s| s.reference.as_deref());
        if of_release == Some(reference) {
            return Some(Subject::Release);
        }
        let mut components = described.sbom.components.iter();
        let place = components.position(|one| one.reference.as_deref() == Some(reference))?;
        Some(Subject::Component(number, u32::try_from(place).ok()?))
    })
}

fn is_document(described: &Described<'_>, document: DocumentId, serial: Option<&str>) -> bool {
    match serial {
        None => described.document == document,
        Some(serial) => {
            described.sbom.serial.as_deref().is_some_and(|own| same_serial(own, serial))
        }
    }
}

/// How narrowly a statement is about a subject; `None` where it is not about it.
fn scope(
    hospital: &Hospital<'_>,
    (document, statement): (DocumentId, &Statement),
    (release, subject): Key,
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
        if !is_document(described, document, serial) {
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
    let is_component = |meant: &Product| component.is_some_and(|own| is_component(own, meant));
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

/// Whether a component is the one meant, at one of the versions that are named.
fn is_component(component: &Component, meant: &Product) -> bool {
    let by_purl = meant.purls.iter().any(|purl| {
        component.purl.as_ref().is_some_and(|own| {
            own.package() == purl.package()
                && (purl.version.is_none() || purl.version == own.version)
        })
    });
    let named = meant.purls.is_empty()
        && !meant.name.is_empty()
        && component.name.eq_ignore_ascii_case(&meant.name);
    let bearer = Bearer { version: component.version.as_deref(), ..Bearer::default() };
    by_purl || named && (meant.versions.is_empty() || place(&meant.versions, bearer).holds())
}

/// Whether a product is this release: by identifier, or by maker, model and version.
fn of_release(release: &Release<'_>, product: &Product) -> Option<Kind> {
    let by_purl = product.purls.iter().any(|purl| {
        release.purls.iter().any(|own| {
            own.package() == purl.package()
                && (purl.version.is_none() || purl.version == own.version)
        })
    });
    let covers = |cpe: &domain::cpe::Cpe| {
        let covered = |own| matches!(cpe.relation(own), Relation::Superset | Relation::Equal);
        release.cpes.iter().any(covered)
    };
    let by_cpe = product.cpes.iter().any(|cpe| cpe.version != Attribute::Any && covers(cpe));
    if by_purl || by_cpe {
        return Some(Kind::StatedForVersions);
    }
    let by_name = product.cpes.iter().any(covers) || named(release, product);
    if !by_name {
        return None;
    }
    // A statement that names no version is about the product at all of them.
    if product.versions.is_empty() {
        return Some(Kind::Stated);
    }
    let version = (!release.key.version.is_empty()).then_some(release.key.version.as_str());
    let bearer = Bearer {
        version,
        model: &release.key.model,
        numbers: &release.numbers,
        ..Bearer::default()
    };
    match place(&product.versions, bearer) {
        Place::All => Some(Kind::Stated),
        Place::Inside(_) | Place::Named(_) => Some(Kind::StatedForVersions),
        Place::Outside(_) | Place::Unknown(..) => None,
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

fn outcome(document: DocumentId, statement: &Statement, kind: Kind) -> Outcome<'_> {
    let (verdict, rule) = (verdict(statement.status), rule(statement.status));
    let author = statement.author.as_deref().unwrap_or("Its maker");
    let because = statement.justification.as_deref().or(statement.detail.as_deref());
    let because =
        because.map(|because| format!(": {}", domain::bounded::quote(because))).unwrap_or_default();
    let sentence = format!("{author} states {}{because}", statement.status.text());
    let says = format!("{} {}{because}", statement.vulnerability, statement.status.text());
    let evidence = vec![Evidence { document, at: statement.at.clone(), says }];
    // That a maker looks into it lowers nothing that was matched.
    let kind = if statement.status == Status::UnderInvestigation { Kind::Matched } else { kind };
    Outcome {
        verdict,
        certainty: if verdict == Verdict::Undecided { Certainty::Weak } else { Certainty::Exact },
        basis: Certainty::Exact,
        kind,
        placed: Placed::Holds,
        said: statement.timestamp.as_deref(),
        why: Why::Told(Reason { rule, sentence, evidence }),
    }
}

/// What a stated status means.
pub(super) fn verdict(status: Status) -> Verdict {
    match status {
        Status::Affected => Verdict::Affected,
        Status::NotAffected => Verdict::NotAffected,
        Status::Fixed => Verdict::Fixed,
        Status::UnderInvestigation => Verdict::Undecided,
    }
}

/// By which rule it is stated.
pub(super) fn rule(status: Status) -> Rule {
    match status {
        Status::Affected => Rule::StatedAffected,
        Status::NotAffected => Rule::StatedNotAffected,
        Status::Fixed => Rule::StatedFixed,
        Status::UnderInvestigation => Rule::StatedInvestigation,
    }
}
