//! VEX statements: what a maker says of its own product, and the hospital of any, at its own scope.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use domain::advisory::{Product, Status, Versions};
use domain::component::Component;
use domain::decision;
use domain::fact::Fact;
use domain::location::DocumentId;
use domain::purl::Purl;
use domain::release::ReleaseKey;
use domain::vex::Statement;

use super::parts::{parts, place_by_identifier, place_component};
use super::subjects::Fleet;
use super::versions::Place;
use super::whole::place_release;
use super::{Certainty, Key, Kind, Outcome, Outcomes, Placed, Subject, Verdict, Voice, Why};
use super::{decided, reach};
use crate::hospital::{Described, Hospital, Release, ReleaseIndex, VulnerabilityIndex};
use crate::reason::{Evidence, Reason, Rule};

/// A statement with its document and all products that it names, those of its references too.
pub(super) struct Told<'d> {
    pub(super) document: DocumentId,
    pub(super) statement: &'d Statement,
    pub(super) products: Vec<Cow<'d, Product>>,
    /// Where the hospital says it: which release each of the products is, where it is one.
    pub(super) releases: Option<Vec<Option<ReleaseKey>>>,
}

impl Told<'_> {
    /// All products that it names.
    pub(super) fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.iter().map(AsRef::as_ref)
    }

    /// Whether it refers into an SBOM of a release.
    pub(super) fn refers_to(&self, release: &Release<'_>) -> bool {
        self.statement.references.iter().any(|(serial, _)| {
            let mut sboms = release.sboms.iter();
            sboms.any(|described| is_document(described, self.document, serial.as_deref()))
        })
    }
}

/// The statements about each vulnerability.
pub(super) fn by_vulnerability<'d>(
    hospital: &Hospital<'d>,
) -> HashMap<VulnerabilityIndex, Vec<Told<'d>>> {
    let mut statements: HashMap<VulnerabilityIndex, Vec<Told<'d>>> = HashMap::new();
    let mut own: HashMap<DocumentId, Own<'d>> = HashMap::new();
    for (document, statement) in &hospital.statements {
        let (document, statement) = (*document, *statement);
        let is_own = decision::is_own(hospital.name_of(document));
        if statement.ruling.is_some() && !is_own {
            continue;
        }
        if let Some(index) = hospital.vulnerability(&statement.vulnerability) {
            let mut products: Vec<_> = statement.products.iter().map(Cow::Borrowed).collect();
            if !statement.references.is_empty() {
                let own = own.entry(document).or_insert_with(|| Own::of(hospital, document));
                let links = statement.references.iter();
                let named = links.filter_map(|(serial, reference)| {
                    own.product((serial.as_deref(), reference.as_str()))
                });
                products.extend(named.map(Cow::Owned));
            }
            let releases = is_own.then(|| products.iter().map(|one| decided::key(one)).collect());
            let told = Told { document, statement, products, releases };
            statements.entry(index).or_default().push(told);
        }
    }
    statements
}

/// The SBOM that a document is, by its references.
struct Own<'d> {
    serial: Option<&'d str>,
    subject: Option<&'d Component>,
    components: HashMap<&'d str, &'d Component>,
    /// Whether it describes a release here: what is found by a reference needs no other name then.
    describes: bool,
}

impl<'d> Own<'d> {
    fn of(hospital: &Hospital<'d>, document: DocumentId) -> Self {
        let facts = hospital.documents.get(document.0 as usize).map(|one| &one.reading.facts);
        let sbom = facts.into_iter().flatten().find_map(|fact| match fact {
            Fact::Sbom(sbom) => Some(&**sbom),
            _ => None,
        });
        let components = sbom.into_iter().flat_map(|sbom| &sbom.components);
        let referred = components.filter_map(|one| Some((one.reference.as_deref()?, one)));
        let mut described = hospital.releases.iter().flat_map(|release| &release.sboms);
        Self {
            serial: sbom.and_then(|sbom| sbom.serial.as_deref()),
            subject: sbom.and_then(|sbom| sbom.subject.as_ref()),
            components: referred.collect(),
            describes: described.any(|described| described.document == document),
        }
    }

    /// What a reference names that leads to no release: a component of the document's subject, if
    /// it has one, or a package alone. A reference into another document names nothing by itself.
    fn product(&self, (serial, reference): (Option<&str>, &str)) -> Option<Product> {
        if serial.is_some_and(|serial| !self.serial.is_some_and(|own| same_serial(own, serial))) {
            return None;
        }
        let of_subject = |subject: &Component| subject.reference.as_deref() == Some(reference);
        let subject = self.subject.filter(|subject| !subject.name.trim().is_empty());
        let component = self.components.get(reference).copied();
        let found = component.is_some() || self.subject.is_some_and(of_subject);
        if self.describes && found {
            return None;
        }
        if subject.is_some_and(of_subject) {
            return subject.map(as_product);
        }
        // A document without components refers to packages by their purl.
        let part = match component {
            Some(component) => as_product(component),
            None => Product { purls: vec![Purl::parse(reference).ok()?], ..Product::default() },
        };
        match subject {
            Some(subject) if place_by_identifier(subject, &part).is_none() => {
                Some(Product { component: Some(Arc::new(part)), ..as_product(subject) })
            }
            _ => Some(part),
        }
    }
}

/// What an SBOM calls a component, as a document names a product.
fn as_product(component: &Component) -> Product {
    let maker = component.manufacturer.as_ref().or(component.supplier.as_ref());
    Product {
        vendor: maker.or(component.group.as_ref()).cloned(),
        name: component.name.clone(),
        versions: component.version.clone().map(Versions::One).into_iter().collect(),
        purls: component.purl.clone().into_iter().collect(),
        cpes: component.cpes.clone().into(),
        ..Product::default()
    }
}

/// Adds the statements about one vulnerability to the outcomes that they are about. One that
/// something is affected, or is looked into, needs no advisory before it.
pub(super) fn apply<'d>(
    fleet: &Fleet<'_, 'd>,
    statements: &[Told<'d>],
    outcomes: &mut Outcomes<'d>,
) {
    // What is accused by one statement may be cleared by another, whichever stands first.
    for told in statements {
        if accuses(told.statement.status) && !decided::accepts(told) {
            for key in stated(fleet, told) {
                outcomes.entry(key).or_default();
            }
        }
    }
    for (key, outcomes) in outcomes {
        let Some(release) = fleet.hospital.releases.get(key.0.0 as usize) else { continue };
        let (own, others): (Vec<_>, Vec<_>) =
            statements.iter().partition(|told| told.releases.is_some());
        outcomes.extend(decided::outcomes(release, key.1, &own));
        for told in others {
            let bearing = bearing(release, key.1, told);
            outcomes.extend(bearing.map(|bearing| outcome(told, bearing)));
        }
    }
}

fn accuses(status: Status) -> bool {
    matches!(status, Status::Affected | Status::UnderInvestigation)
}

/// The subjects that a statement itself points at.
fn stated(fleet: &Fleet<'_, '_>, told: &Told<'_>) -> Vec<Key> {
    let mut found = Vec::new();
    for (number, release) in (0_u32..).zip(&fleet.hospital.releases) {
        let index = ReleaseIndex(number);
        for (serial, reference) in &told.statement.references {
            let link = (serial.as_deref(), reference.as_str());
            found.extend(referred(release, told.document, link).map(|subject| (index, subject)));
        }
        for product in &told.products {
            if place_release(release, product).is_some_and(|placed| placed.holds()) {
                let meant = product.component.as_deref();
                let parts = meant.map(|meant| parts(release, Subject::Release, meant));
                let parts = parts.unwrap_or_default();
                found.extend(parts.iter().map(|(subject, _)| (index, *subject)));
                found.extend(parts.is_empty().then_some((index, Subject::Release)));
            }
        }
    }
    let alone = || told.products.iter().filter(|product| product.component.is_none());
    for purl in alone().flat_map(|product| &product.purls) {
        let held = fleet.of_package(purl).iter().filter_map(|packed| fleet.at(packed.held));
        found.extend(held.map(|held| (held.release, held.subject)));
    }
    for cpe in alone().flat_map(|product| &product.cpes) {
        let held = fleet.of_cpe(cpe).filter_map(|borne| fleet.at(borne.held));
        found.extend(held.map(|held| (held.release, held.subject)));
    }
    found
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

/// How a statement bears on a subject.
pub(super) enum Bearing {
    /// It is about it, this narrowly.
    Applies(Kind),
    /// It names the subject, and is not applied, by this rule, for this reason.
    Refused(Rule, &'static str),
    /// It may be about it, which nobody can tell, by this rule, in these words.
    Perhaps(Rule, String),
}

/// How a statement bears on a subject; `None` where it is not about it. The narrowest of what it
/// names counts.
pub(super) fn bearing(release: &Release<'_>, subject: Subject, told: &Told<'_>) -> Option<Bearing> {
    let by_reference = told.statement.references.iter().find_map(|(serial, reference)| {
        let link = (serial.as_deref(), reference.as_str());
        refers(release, subject, (told.document, told.statement.status), link)
    });
    if by_reference.is_some() {
        return by_reference;
    }
    let bearings = (0..).zip(&told.products).filter_map(|(place, product)| {
        if let Some(own) = &told.releases {
            return match own.get(place).and_then(Option::as_ref) {
                Some(key) => decided::about(release, subject, (key, product)),
                None => about(release, subject, (product, told.statement), Reach::Anywhere),
            };
        }
        about(release, subject, (product, told.statement), Reach::Stated)
    });
    bearings.max_by_key(|bearing| match bearing {
        Bearing::Applies(kind) => (2, *kind),
        Bearing::Perhaps(..) => (1, Kind::Matched),
        Bearing::Refused(..) => (0, Kind::Unapplied),
    })
}

/// How far a statement about a package alone reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// As far as its reason holds.
    Stated,
    /// Wherever the package is: whoever says it answers for all of these products.
    Anywhere,
}

/// A reference names a component of an SBOM, or the SBOM's subject and so the release. Of units
/// whose version nobody knows it is not known whether they are the SBOM's.
fn refers(
    release: &Release<'_>,
    subject: Subject,
    (document, status): (DocumentId, Status),
    (serial, reference): (Option<&str>, &str),
) -> Option<Bearing> {
    for (number, described) in (0_u32..).zip(&release.sboms) {
        if !is_document(described, document, serial) {
            continue;
        }
        let of_release = described.sbom.subject.as_ref().and_then(|s| s.reference.as_deref());
        if of_release == Some(reference) {
            let is_known = described.reason.rule != Rule::SbomOtherUnits;
            if is_known || subject != Subject::Release {
                return Some(Bearing::Applies(Kind::StatedForVersions));
            }
            let words = "the version of these units is not known".to_owned();
            return accuses(status).then_some(Bearing::Perhaps(Rule::SbomOtherUnits, words));
        }
        if let Subject::Component(sbom, place) = subject
            && sbom == number
            && let Some(component) = described.sbom.components.get(place as usize)
            && component.reference.as_deref() == Some(reference)
        {
            return Some(Bearing::Applies(Kind::StatedForComponent));
        }
    }
    None
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

fn about(
    release: &Release<'_>,
    subject: Subject,
    (product, statement): (&Product, &Statement),
    reach: Reach,
) -> Option<Bearing> {
    let kind = match place_release(release, product) {
        Some(Place::All) => Some(Kind::Stated),
        Some(Place::Inside(_) | Place::Named(_)) => Some(Kind::StatedForVersions),
        _ => None,
    };
    match (kind, product.component.as_deref()) {
        (Some(kind), None) => Some(Bearing::Applies(kind)),
        (Some(kind), Some(meant)) => about_part(release, subject, (meant, kind), statement),
        (None, None) => about_package(component(release, subject)?, (product, statement), reach),
        (None, Some(meant)) => {
            place_component(component(release, subject)?, innermost(meant)?)?;
            // The product may itself be a part of the release: an image, a library.
            let wholes = parts(release, Subject::Release, &alone(product)).into_iter();
            let certain = wholes.filter(|(_, placed)| matches!(placed, Place::Inside(_)));
            let mut inside = certain.flat_map(|(whole, _)| parts(release, whole, meant));
            let found = inside.find(|(part, placed)| *part == subject && placed.holds());
            found.map(|_| Bearing::Applies(Kind::StatedForComponent))
        }
    }
}

/// What is meant in the end. Most components are another one, and need no walk through the SBOM.
fn innermost(meant: &Product) -> Option<&Product> {
    std::iter::successors(Some(meant), |one| one.component.as_deref()).last()
}

/// A product without what is inside it.
fn alone(product: &Product) -> Product {
    Product { component: None, ..product.clone() }
}

/// A component inside the release. Where no SBOM lists it, what accuses it accuses the release;
/// what clears it clears nothing else.
fn about_part(
    release: &Release<'_>,
    subject: Subject,
    (meant, kind): (&Product, Kind),
    statement: &Statement,
) -> Option<Bearing> {
    let accuses = accuses(statement.status);
    if subject == Subject::Release {
        let listed = !parts(release, subject, meant).is_empty();
        return (accuses && !listed).then_some(Bearing::Applies(kind));
    }
    place_component(component(release, subject)?, innermost(meant)?)?;
    let mut parts = parts(release, Subject::Release, meant).into_iter();
    match parts.find(|(part, _)| *part == subject)?.1 {
        Place::Outside(_) => None,
        Place::Unknown(rule, words) => accuses.then_some(Bearing::Perhaps(rule, words)),
        Place::All | Place::Inside(_) | Place::Named(_) => {
            Some(Bearing::Applies(Kind::StatedForComponent))
        }
    }
}

/// A package that is stated for itself, in no product: what accuses it is about it wherever it is,
/// and what clears it only where the reason is its own.
fn about_package(
    own: &Component,
    (product, statement): (&Product, &Statement),
    reach: Reach,
) -> Option<Bearing> {
    let version = match place_by_identifier(own, product)? {
        Place::All => reach::Version::Any,
        Place::Inside(_) | Place::Named(_) => reach::Version::Named,
        Place::Outside(_) => return None,
        Place::Unknown(rule, words) => {
            return accuses(statement.status).then_some(Bearing::Perhaps(rule, words));
        }
    };
    let refusal = reach::refusal(statement.status, statement.justification.as_deref(), version);
    let refusal = refusal.filter(|_| reach == Reach::Stated);
    let refused = |why| Bearing::Refused(Rule::StatementNotApplied, why);
    Some(refusal.map_or(Bearing::Applies(Kind::StatedForPackage), refused))
}

pub(super) fn component<'r>(release: &Release<'r>, subject: Subject) -> Option<&'r Component> {
    let Subject::Component(sbom, place) = subject else { return None };
    release.sboms.get(sbom as usize)?.sbom.components.get(place as usize)
}

pub(super) fn outcome<'d>(told: &Told<'d>, bearing: Bearing) -> Outcome<'d> {
    let (document, statement) = (told.document, told.statement);
    let (mut verdict, mut rule) = (verdict(statement.status), rule(statement.status));
    let author = statement.author.as_deref().unwrap_or("Its maker");
    let because = statement.justification.as_deref().or(statement.detail.as_deref());
    let because =
        because.map(|because| format!(": {}", domain::bounded::quote(because))).unwrap_or_default();
    let mut sentence = format!("{author} states {}{because}", statement.status.text());
    let says = format!("{} {}{because}", statement.vulnerability, statement.status.text());
    let evidence = vec![Evidence { document, at: statement.at.clone(), says }];
    let kind = match bearing {
        Bearing::Applies(kind) => kind,
        Bearing::Refused(by, why) => {
            rule = by;
            sentence = format!("{sentence}, which is not applied: {why}");
            Kind::Unapplied
        }
        Bearing::Perhaps(by, words) => {
            (verdict, rule) = (Verdict::Undecided, by);
            sentence = format!("{sentence}, but whether that is meant is not known: {words}");
            Kind::Matched
        }
    };
    Outcome {
        verdict,
        certainty: if verdict == Verdict::Undecided { Certainty::Weak } else { Certainty::Exact },
        basis: Certainty::Exact,
        kind,
        placed: Placed::Holds,
        said: statement.timestamp.as_deref(),
        sbom: Some(document),
        name: None,
        voice: Voice::Others,
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
