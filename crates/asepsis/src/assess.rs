//! The line from facts to an assessment: join, match, rank, and put into the form that is shown.

mod ranked;
mod shown;

use std::collections::{HashMap, HashSet};

use collectors::folder::Collected;
use decisions::exposure::{self, Finding};
use decisions::hospital::{Hospital, ReleaseIndex, VulnerabilityIndex};
use domain::fact::Document;
use domain::location::DocumentId;
use domain::problem::Problem;
use jiff::civil::Date;
use presentation::assessment::{self, Assessment, Decisions, Summary, Verdicts};

/// Assesses what was collected, for a day.
pub(crate) fn assess(subject: &str, mut collected: Collected, today: Date) -> Assessment {
    let told = {
        let hospital = Hospital::assemble(&collected.documents);
        hospital.problems
    };
    tell(&mut collected.documents, told);
    let hospital = Hospital::assemble(&collected.documents);
    let findings = exposure::judge(&hospital);
    let by_release = group(&hospital, findings);
    let devices = ranked::devices(&hospital, &by_release, today);
    let releases = shown::releases(&hospital, &by_release);
    let named: HashSet<VulnerabilityIndex> =
        by_release.values().flatten().map(|finding| finding.vulnerability).collect();
    let mut assessment = Assessment {
        schema: assessment::SCHEMA,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        subject: subject.to_owned(),
        date: today.to_string(),
        summary: Summary::default(),
        devices,
        releases,
        vulnerabilities: shown::vulnerabilities(&hospital, &named),
        documents: collected.documents.iter().map(shown::document).collect(),
        left_out: shown::left_out(collected.left_out),
    };
    assessment.summary = summarise(&hospital, &assessment);
    assessment
}

/// Findings of each release, in the order in which they were judged.
pub(crate) type ByRelease = HashMap<ReleaseIndex, Vec<Finding>>;

fn group(hospital: &Hospital<'_>, findings: Vec<Finding>) -> ByRelease {
    let mut by_release: ByRelease = HashMap::with_capacity(hospital.releases.len());
    for finding in findings {
        by_release.entry(finding.release).or_default().push(finding);
    }
    by_release
}

/// What did not fit together is a problem of the document that it stands in.
fn tell(documents: &mut [Document], told: Vec<(DocumentId, Problem)>) {
    for (id, problem) in told {
        if let Some(document) = documents.get_mut(id.0 as usize) {
            document.reading.problems.tell(problem);
        }
    }
}

fn summarise(hospital: &Hospital<'_>, assessment: &Assessment) -> Summary {
    let sboms = || hospital.releases.iter().flat_map(|release| &release.sboms);
    let documents = &assessment.documents;
    let count =
        |wanted: fn(&assessment::Document) -> bool| documents.iter().filter(|d| wanted(d)).count();
    Summary {
        devices: assessment.devices.len(),
        releases: assessment.releases.len(),
        releases_with_sbom: hospital.releases.iter().filter(|r| !r.sboms.is_empty()).count(),
        components: sboms().map(|described| described.sbom.components.len()).sum(),
        vulnerabilities: hospital.vulnerabilities.iter().filter(|v| !v.tellings.is_empty()).count(),
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
        match finding.verdict {
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
        match device.decision {
            Some("Act") => decisions.act += 1,
            Some("Attend") => decisions.attend += 1,
            Some("Track*") => decisions.track_closely += 1,
            Some(_) => decisions.track += 1,
            None => decisions.none += 1,
        }
    }
    decisions
}
