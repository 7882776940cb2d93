//! The report: one HTML file with everything in it, for reading, sending and printing.
//!
//! No script, nothing fetched, and a content-security policy that forbids both.

mod figures;

use askama::Template;

use crate::assessment::{Assessment, Device, Document, Finding};
use crate::terminal;

/// How many devices the report lists; the CSV has all.
pub const DEVICES: usize = 100;
/// How many findings it lists for one device.
pub const FINDINGS: usize = 25;
/// How many documents with problems it lists.
pub const DOCUMENTS: usize = 100;

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    assessment: &'a Assessment,
    headline: String,
    note: Option<&'static str>,
    actions: Vec<Action<'a>>,
    figures: figures::Figures,
    devices: Vec<Row<'a>>,
    devices_left: usize,
    undecided: Vec<figures::Undecided>,
    problems: Vec<&'a Document>,
    problems_left: usize,
}

struct Action<'a> {
    sentence: &'a str,
    class: &'static str,
    decision: &'a str,
    devices: Vec<&'a str>,
    more: usize,
}

struct Row<'a> {
    device: &'a Device,
    class: &'static str,
    product: String,
    place: String,
    in_care: String,
    findings: Vec<(&'a crate::assessment::RankedFinding, &'a Finding)>,
    findings_left: usize,
}

/// The report of an assessment.
#[must_use]
pub fn html(assessment: &Assessment) -> String {
    let ranked: Vec<&Device> = assessment.devices.iter().filter(|d| d.decision.is_some()).collect();
    let mut problems: Vec<&Document> =
        assessment.documents.iter().filter(|document| document.problem_count > 0).collect();
    problems.sort_by_key(|document| !document.refused);
    let problems_left = problems.len().saturating_sub(DOCUMENTS);
    problems.truncate(DOCUMENTS);
    let report = Report {
        assessment,
        headline: headline(assessment),
        note: terminal::note(assessment),
        actions: actions(&ranked),
        figures: figures::figures(assessment),
        devices: ranked.iter().take(DEVICES).map(|device| row(assessment, device)).collect(),
        devices_left: ranked.len().saturating_sub(DEVICES),
        undecided: figures::undecided(assessment),
        problems,
        problems_left,
    };
    report.render().expect("invariant: the template writes to memory")
}

/// The one sentence at the top, for a reader who reads nothing else.
fn headline(assessment: &Assessment) -> String {
    let act = assessment.summary.decisions.act;
    let attend = assessment.summary.decisions.attend;
    let devices = assessment.summary.devices;
    // "None needs action" would be false comfort where nothing was there to tell of one.
    if devices == 0 || assessment.summary.vulnerabilities == 0 {
        return terminal::nothing_ranked(assessment).to_owned();
    }
    let lead = match act {
        0 => format!("None of {devices} devices needs action today"),
        1 => format!("One of {devices} devices needs action now"),
        _ => format!("{act} of {devices} devices need action now"),
    };
    match attend {
        0 => format!("{lead}."),
        1 => format!("{lead}, and one more needs attention soon."),
        _ => format!("{lead}, and {attend} more need attention soon."),
    }
}

fn actions<'a>(ranked: &[&'a Device]) -> Vec<Action<'a>> {
    const ACTIONS: usize = 8;
    const NAMES: usize = 12;
    let mut actions: Vec<Action<'a>> = Vec::new();
    for device in ranked {
        let full = actions.len() >= ACTIONS;
        let sentence = &*device.next_action;
        match actions.iter_mut().find(|action| action.sentence == sentence) {
            Some(action) if action.devices.len() < NAMES => action.devices.push(&device.id),
            Some(action) => action.more += 1,
            None if !full => actions.push(Action {
                sentence,
                class: class(device.decision.as_deref()),
                decision: device.decision.as_deref().unwrap_or_default(),
                devices: vec![&device.id],
                more: 0,
            }),
            None => {}
        }
    }
    actions
}

fn row<'a>(assessment: &'a Assessment, device: &'a Device) -> Row<'a> {
    let release = device.release.and_then(|index| assessment.releases.get(index));
    let findings = release.map(|release| release.findings.as_slice()).unwrap_or_default();
    Row {
        device,
        class: class(device.decision.as_deref()),
        product: terminal::product(device),
        place: terminal::place(device),
        in_care: terminal::in_care(device),
        findings: device
            .findings
            .iter()
            .take(FINDINGS)
            .filter_map(|ranked| Some((ranked, findings.get(ranked.finding)?)))
            .collect(),
        findings_left: device.findings.len().saturating_sub(FINDINGS),
    }
}

/// The class that colours a decision.
fn class(decision: Option<&str>) -> &'static str {
    match decision {
        Some("Act") => "act",
        Some("Attend") => "attend",
        Some("Track*") => "track-closely",
        Some(_) => "track",
        None => "none",
    }
}
