//! The line from facts to an assessment: join, match, rank, and put into the form that is shown.

mod decided;
mod ranked;
mod shown;
mod stated;

use std::collections::{HashMap, HashSet};

use collectors::folder::Collected;
use decisions::exposure::{self, Finding, Subject};
use decisions::hospital::{Hospital, Known, Release, ReleaseIndex, VulnerabilityIndex};
use domain::location::DocumentId;
use jiff::civil::Date;
use presentation::assessment::{self, Assessment, Decisions, Summary, Verdicts};
use presentation::explanation::Arithmetic;

pub(crate) use self::ranked::{Open, Ranking, Weighed};

/// What was collected, joined and judged.
pub(crate) struct Judged<'d> {
    subject: &'d str,
    today: Date,
    left_out: &'d [(String, String)],
    hospital: Hospital<'d>,
    by_release: ByRelease,
}

/// Findings of each release, in the order in which they were judged.
pub(crate) type ByRelease = HashMap<ReleaseIndex, Vec<Finding>>;

impl<'d> Judged<'d> {
    /// Joins and judges what was collected, for a day.
    pub(crate) fn new(subject: &'d str, collected: &'d Collected, today: Date) -> Self {
        let hospital = Hospital::assemble(&collected.documents);
        let mut by_release: ByRelease = HashMap::with_capacity(hospital.releases.len());
        let mut findings = exposure::judge(&hospital);
        exposure::lapse(&mut findings, today);
        for finding in findings {
            by_release.entry(finding.release).or_default().push(finding);
        }
        for (release, findings) in &mut by_release {
            in_order(&hospital, *release, findings);
        }
        Self { subject, today, left_out: &collected.left_out, hospital, by_release }
    }

    /// In the form that is shown.
    pub(crate) fn assessment(&self) -> Assessment {
        self.assessment_beside(&HashSet::new())
    }

    /// The same, without listing or counting some documents, which are those of a base.
    pub(crate) fn assessment_beside(&self, apart: &HashSet<DocumentId>) -> Assessment {
        let hospital = &self.hospital;
        let named: HashSet<VulnerabilityIndex> =
            self.by_release.values().flatten().map(|finding| finding.vulnerability).collect();
        let mut assessment = Assessment {
            schema: assessment::SCHEMA.into(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            subject: self.subject.to_owned(),
            date: self.today.to_string(),
            summary: Summary::default(),
            devices: ranked::devices(hospital, &self.by_release, self.today),
            releases: shown::releases(hospital, &self.by_release),
            vulnerabilities: shown::vulnerabilities(hospital, &named),
            documents: shown::documents(hospital, apart),
            left_out: shown::left_out(self.left_out),
        };
        assessment.summary = summarise(hospital, &assessment, apart);
        assessment
    }

    /// What was joined.
    pub(crate) fn hospital(&self) -> &Hospital<'d> {
        &self.hospital
    }

    /// What the findings of a release are about, in their order.
    pub(crate) fn subjects(&self, release: ReleaseIndex) -> impl Iterator<Item = Subject> {
        let findings = self.by_release.get(&release).map(Vec::as_slice).unwrap_or_default();
        findings.iter().map(|finding| finding.subject)
    }

    /// What the hospital has decided, with what each decision bears on.
    pub(crate) fn decisions(&self, assessment: &Assessment) -> Vec<store::decisions::Decision> {
        let releases = assessment.releases.iter();
        let units =
            |release: &assessment::Release| i64::try_from(release.units).unwrap_or(i64::MAX);
        let releases = releases.map(|release| (units(release), release.findings.as_slice()));
        decided::decisions(&self.hospital, releases)
    }

    /// What is known of the releases that are wanted, as statements for others.
    pub(crate) fn statements(&self, is_wanted: &dyn Fn(&Release<'_>) -> bool) -> stated::Stated {
        stated::statements(&self.hospital, &self.by_release, is_wanted)
    }

    /// The components of a release, as they are listed.
    pub(crate) fn components(&self, release: ReleaseIndex) -> Vec<store::releases::Component> {
        let release = self.hospital.releases.get(release.0 as usize);
        release.map(|release| shown::components(&self.hospital, release)).unwrap_or_default()
    }

    /// How a device's rank is computed, step by step.
    pub(crate) fn arithmetic(&self, device: &assessment::Device) -> Arithmetic {
        let unit = self.hospital.devices.iter().find(|unit| {
            shown::source(&self.hospital, unit.document, &unit.device.at) == device.source
        });
        unit.map(|unit| ranked::arithmetic(&self.hospital, &self.by_release, unit, self.today))
            .unwrap_or_default()
    }
}

/// What is shown of the findings of a release, in their order, each with what it is about.
pub(crate) fn findings(
    hospital: &Hospital<'_>,
    release: ReleaseIndex,
    mut findings: Vec<Finding>,
) -> Vec<(assessment::Finding, Subject)> {
    in_order(hospital, release, &mut findings);
    let release = hospital.releases.get(release.0 as usize);
    let shown = findings
        .iter()
        .filter_map(|finding| Some((shown::finding(hospital, release?, finding), finding.subject)));
    shown.collect()
}

/// What is shown of a release that so many units run, without its findings; and its components.
pub(crate) fn release(
    hospital: &Hospital<'_>,
    index: ReleaseIndex,
    units: u32,
) -> Option<(assessment::Release, Vec<store::releases::Component>)> {
    let release = hospital.releases.get(index.0 as usize)?;
    let shown = assessment::Release { units: units as usize, ..shown::release(hospital, release) };
    Some((shown, shown::components(hospital, release)))
}

/// What is shown of vulnerabilities, by id.
pub(crate) fn vulnerabilities(
    hospital: &Hospital<'_>,
    named: &HashSet<VulnerabilityIndex>,
) -> Vec<assessment::Vulnerability> {
    shown::vulnerabilities(hospital, named)
}

/// Decisions of the hospital, with what they bear on of what is known of releases, each with how
/// many devices run it.
pub(crate) fn decided<'f>(
    hospital: &Hospital<'_>,
    releases: impl IntoIterator<Item = (i64, &'f [assessment::Finding])>,
) -> Vec<store::decisions::Decision> {
    decided::decisions(hospital, releases)
}

/// What is shown of documents, in their order.
pub(crate) fn documents(hospital: &Hospital<'_>) -> Vec<assessment::Document> {
    shown::documents(hospital, &HashSet::new())
}

/// Whether documents tell of a vulnerability, beside some.
pub(crate) fn is_told(known: &Known<'_>, apart: &HashSet<DocumentId>) -> bool {
    known.tellings.iter().any(|telling| !apart.contains(&telling.document))
}

/// Findings of a release in the order in which they are shown: the release itself, its operating
/// systems, its components by name; of each its vulnerabilities by name. No other document, and no
/// other finding, moves one before another.
fn in_order(hospital: &Hospital<'_>, release: ReleaseIndex, findings: &mut [Finding]) {
    let Some(release) = hospital.releases.get(release.0 as usize) else { return };
    findings.sort_by_cached_key(|finding| {
        let known = hospital.vulnerabilities.get(finding.vulnerability.0 as usize);
        let name = known.map(|known| known.id.clone());
        (part(finding.subject), shown::subject(release, finding.subject), name, finding.subject)
    });
}

/// Whether a finding is about the release itself, its operating system, or a component.
pub(crate) fn part(subject: Subject) -> i64 {
    match subject {
        Subject::Release => 0,
        Subject::OperatingSystem(_) => 1,
        Subject::Component(..) => 2,
    }
}

fn summarise(
    hospital: &Hospital<'_>,
    assessment: &Assessment,
    apart: &HashSet<DocumentId>,
) -> Summary {
    let sboms = || hospital.releases.iter().flat_map(|release| &release.sboms);
    let documents = &assessment.documents;
    let count =
        |wanted: fn(&assessment::Document) -> bool| documents.iter().filter(|d| wanted(d)).count();
    Summary {
        devices: assessment.devices.len(),
        releases: assessment.releases.len(),
        releases_with_sbom: hospital.releases.iter().filter(|r| !r.sboms.is_empty()).count(),
        components: sboms().map(|described| described.sbom.components.len()).sum(),
        has_catalogue: ranked::has_catalogue(hospital),
        vulnerabilities: hospital.vulnerabilities.iter().filter(|v| is_told(v, apart)).count(),
        findings: verdicts(assessment),
        decisions: decisions(assessment),
        past_support: assessment.devices.iter().filter(|d| d.past_support == Some(true)).count(),
        documents_clean: count(|d| d.problem_count == 0),
        documents_with_problems: count(|d| d.problem_count > 0 && !d.refused),
        documents_refused: count(|d| d.refused),
        left_out: assessment.left_out.len(),
        problems: documents.iter().map(|d| d.problem_count).sum(),
    }
}

fn verdicts(assessment: &Assessment) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for finding in assessment.releases.iter().flat_map(|release| &release.findings) {
        match &*finding.verdict {
            "affected" => verdicts.affected += 1,
            "undecided" => verdicts.undecided += 1,
            "fixed" => verdicts.fixed += 1,
            _ => verdicts.not_affected += 1,
        }
    }
    verdicts
}

fn decisions(assessment: &Assessment) -> Decisions {
    let mut decisions = Decisions::default();
    for device in &assessment.devices {
        match device.decision.as_deref() {
            Some("Act") => decisions.act += 1,
            Some("Attend") => decisions.attend += 1,
            Some("Track*") => decisions.track_closely += 1,
            Some(_) => decisions.track += 1,
            None => decisions.none += 1,
        }
    }
    decisions
}
