//! What was judged, as statements for others (VEX).

use std::collections::{BTreeMap, HashMap, HashSet};

use decisions::exposure::{Finding, Subject, Verdict};
use decisions::hospital::{Hospital, Known, Release, ReleaseIndex};
use decisions::impact::Remedy;
use domain::advisory::Status;
use domain::cpe::Attribute;
use domain::decision::Justification;
use presentation::vex::{Part, Product, Statement};

use super::ByRelease;

/// Products with what is known of their flaws.
pub(crate) struct Stated {
    pub(crate) products: Vec<Product>,
    pub(crate) statements: Vec<Statement>,
    /// Products that nobody knows the version of, of which nothing can be stated.
    pub(crate) unversioned: usize,
}

/// What is known of the releases that are wanted.
pub(super) fn statements(
    hospital: &Hospital<'_>,
    by_release: &ByRelease,
    is_wanted: &dyn Fn(&Release<'_>) -> bool,
) -> Stated {
    let mut stated = Stated { products: Vec::new(), statements: Vec::new(), unversioned: 0 };
    for (number, release) in (0_u32..).zip(&hospital.releases) {
        let findings = by_release.get(&ReleaseIndex(number)).map(Vec::as_slice);
        let findings = findings.unwrap_or_default();
        if findings.is_empty() || !is_wanted(release) {
            continue;
        }
        if release.key.version.is_empty() {
            stated.unversioned += 1;
            continue;
        }
        let place = stated.products.len();
        stated.products.push(product(release));
        stated.statements.extend(of_release(hospital, (release, place), findings));
    }
    stated
}

fn product(release: &Release<'_>) -> Product {
    let cpes = release.cpes.iter().filter(|cpe| cpe.version != Attribute::Any);
    Product {
        manufacturer: release.key.manufacturer.to_string(),
        model: release.key.model.to_string(),
        version: release.key.version.to_string(),
        purls: release.purls.iter().map(ToString::to_string).collect(),
        cpes: cpes.map(ToString::to_string).collect(),
        link: release.sboms.iter().find_map(|one| {
            link(one.sbom.serial.as_deref(), one.sbom.subject.as_ref()?.reference.as_deref())
        }),
    }
}

/// How a CycloneDX SBOM is referred to from another document (BOM-Link).
fn link(serial: Option<&str>, reference: Option<&str>) -> Option<String> {
    let serial = serial?.strip_prefix("urn:uuid:")?;
    let escaped = presentation::console::words::address(reference?);
    let serial = if serial.contains('/') { serial.to_owned() } else { format!("{serial}/1") };
    Some(format!("urn:cdx:{serial}#{escaped}"))
}

/// A release as a whole, or a part of it: what is there twice is stated once, at its worst.
fn of_release(
    hospital: &Hospital<'_>,
    (release, place): (&Release<'_>, usize),
    findings: &[Finding],
) -> Vec<Statement> {
    let mut worst: BTreeMap<(u32, Option<Part>), &Finding> = BTreeMap::new();
    let mut with_open_parts: HashSet<u32> = HashSet::new();
    for finding in findings {
        let part = part(release, finding.subject);
        if part.is_some() && finding.verdict.is_open() {
            with_open_parts.insert(finding.vulnerability.0);
        }
        let kept = worst.entry((finding.vulnerability.0, part)).or_insert(finding);
        if finding.verdict < kept.verdict {
            *kept = finding;
        }
    }
    let justified = justified(hospital);
    let mut statements = Vec::with_capacity(worst.len());
    for ((vulnerability, part), finding) in worst {
        // Of a product whose part may have it nobody can say that it does not.
        let is_whole = part.is_none() && with_open_parts.contains(&vulnerability);
        if is_whole && !finding.verdict.is_open() {
            continue;
        }
        let Some(known) = hospital.vulnerabilities.get(vulnerability as usize) else { continue };
        let documents = finding.reasons.first().into_iter().flat_map(|reason| &reason.evidence);
        let justification = documents.filter_map(|evidence| {
            justified.get(&(evidence.document.0, evidence.at.line, vulnerability)).copied()
        });
        statements.push(Statement {
            vulnerability: known.id.0.to_string(),
            aliases: known.aliases.iter().map(|alias| alias.0.to_string()).collect(),
            product: place,
            part,
            status: status(finding.verdict),
            justification: justification.into_iter().next().map(str::to_owned),
            because: finding.reasons.first().map_or("", |reason| &reason.sentence).to_owned(),
            action: action(known),
            accepted: finding.accepted,
        });
    }
    statements
}

fn part(release: &Release<'_>, subject: Subject) -> Option<Part> {
    let Subject::Component(sbom, place) = subject else { return None };
    let described = release.sboms.get(sbom as usize)?;
    let component = described.sbom.components.get(place as usize)?;
    Some(Part {
        name: component.name.to_string(),
        version: component.version.as_deref().unwrap_or_default().to_owned(),
        purl: component.purl.as_ref().map(ToString::to_string),
        link: link(described.sbom.serial.as_deref(), component.reference.as_deref()),
    })
}

fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Affected => Status::Affected,
        Verdict::Undecided => Status::UnderInvestigation,
        Verdict::Fixed => Status::Fixed,
        Verdict::NotAffected => Status::NotAffected,
    }
}

/// What its documents say to do, in a sentence.
fn action(known: &Known<'_>) -> String {
    let tellings = known.tellings.iter();
    match Remedy::best(tellings.flat_map(|telling| &telling.vulnerability.remediations)) {
        Remedy::Fix(words) | Remedy::Workaround(words) => {
            words.split_whitespace().collect::<Vec<&str>>().join(" ")
        }
        Remedy::NoneComing => "No fix will come: plan its replacement.".to_owned(),
        Remedy::NoneYet | Remedy::Unknown => "No remedy is known yet.".to_owned(),
    }
}

/// The justification of each statement, by document, line and vulnerability, where it has one that
/// OpenVEX and CSAF know.
fn justified<'d>(hospital: &Hospital<'d>) -> HashMap<(u32, u32, u32), &'d str> {
    let statements = hospital.statements.iter().filter_map(|(document, statement)| {
        let label = statement.justification.as_deref()?;
        let index = hospital.vulnerability(&statement.vulnerability)?;
        Justification::read(label)?;
        Some(((document.0, statement.at.line, index.0), label))
    });
    statements.collect()
}
