//! The table for a terminal: as wide as the terminal is, in colour only where colour is shown.
//!
//! Nothing is said by colour alone.

mod layout;
pub mod observation;
pub mod sbom;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use crate::assessment::{Assessment, Device, Document, Problem};
use layout::{Cell, Style, table};
pub use layout::{Colour, Page};

/// A text from a document in one line, without what a terminal takes for commands.
#[must_use]
pub fn plain(text: &str) -> String {
    layout::harmless(text)
}

/// How many devices the table shows where nobody asks for more.
pub const TOP: usize = 15;

/// The whole page: what was read, the devices that endanger care most, what to do first, and what
/// was wrong with the inputs.
#[must_use]
pub fn page(assessment: &Assessment, top: usize, page: Page) -> String {
    let mut out = String::new();
    head(&mut out, assessment, page);
    ranking(&mut out, assessment, top, page);
    problems(&mut out, assessment, page);
    out
}

fn head(out: &mut String, assessment: &Assessment, page: Page) {
    let summary = &assessment.summary;
    let _ = writeln!(
        out,
        "{} · {} · {} devices of {} releases ({} with an SBOM, {} components) · {} vulnerabilities",
        page.styled(&assessment.subject, Style::Strong),
        assessment.date,
        summary.devices,
        summary.releases,
        summary.releases_with_sbom,
        summary.components,
        summary.vulnerabilities,
    );
    let findings = summary.findings;
    let _ = writeln!(
        out,
        "Findings: {} affected, {} undecided, {} fixed, {} cleared.",
        findings.affected, findings.undecided, findings.fixed, findings.not_affected
    );
    let decisions = summary.decisions;
    let _ = writeln!(
        out,
        "Devices:  {} act · {} attend · {} track* · {} track · {} nothing known · {} past support",
        page.styled(&decisions.act.to_string(), Style::Act),
        page.styled(&decisions.attend.to_string(), Style::Attend),
        decisions.track_closely,
        decisions.track,
        decisions.none,
        summary.past_support,
    );
    if let Some(note) = note(assessment) {
        out.push_str(&page.wrapped(note, "Note:     ", "          "));
    }
    out.push('\n');
}

/// What the reader of the whole must know.
#[must_use]
pub fn note(assessment: &Assessment) -> Option<&'static str> {
    let summary = &assessment.summary;
    let missing = !summary.has_catalogue && summary.vulnerabilities > 0;
    missing.then_some(
        "CISA's catalogue of known exploited vulnerabilities (KEV) is not in the folder, so any flaw \
         may be exploited: decisions stand higher than they need be. Add the catalogue.",
    )
}

fn ranking(out: &mut String, assessment: &Assessment, top: usize, page: Page) {
    let ranked: Vec<&Device> =
        assessment.devices.iter().filter(|device| device.decision.is_some()).collect();
    if ranked.is_empty() {
        let _ = writeln!(out, "{}\n", nothing_ranked(assessment));
        return;
    }
    let shown = ranked.iter().take(top);
    let mut rows = vec![header()];
    rows.extend(shown.clone().map(|device| row(device)));
    out.push_str(&table(&rows, page));
    let left = ranked.len().saturating_sub(top);
    if left > 0 {
        let _ = writeln!(out, "… and {left} more; `--top {}` shows all", ranked.len());
    }
    let _ = writeln!(out, "\n{}", page.styled("Do first", Style::Strong));
    for (action, devices) in actions(shown.copied()) {
        let names = match devices.as_slice() {
            [first, second, third, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            names => names.join(", "),
        };
        out.push_str(&page.wrapped(&format!("{names}: {action}"), "  ", "    "));
    }
    out.push('\n');
}

/// Why no device is ranked.
pub(crate) fn nothing_ranked(assessment: &Assessment) -> &'static str {
    if assessment.devices.is_empty() {
        "No device was found: add an inventory (CSV, XLSX or FHIR) to the folder."
    } else if assessment.summary.vulnerabilities == 0 {
        "Nothing is known against any device, for there is no advisory or feed in the folder."
    } else {
        "Nothing is known against any device."
    }
}

/// Actions in the order of the rank, each once, with the devices that need it.
fn actions<'d>(devices: impl Iterator<Item = &'d Device>) -> Vec<(&'d str, Vec<&'d str>)> {
    let mut actions: Vec<(&str, Vec<&str>)> = Vec::new();
    for device in devices {
        match actions.iter_mut().find(|(action, _)| *action == &*device.next_action) {
            Some((_, names)) => names.push(&device.id),
            None => actions.push((&device.next_action, vec![&device.id])),
        }
    }
    actions
}

fn header() -> Vec<Cell> {
    ["RISK", "DECISION", "DEVICE", "WHAT", "WHERE", "IN CARE", "WHY"]
        .map(|title| Cell::new(title, Style::Faint))
        .to_vec()
}

fn row(device: &Device) -> Vec<Cell> {
    let decision = device.decision.as_deref().unwrap_or_default();
    let style = match decision {
        "Act" => Style::Act,
        "Attend" => Style::Attend,
        _ => Style::Plain,
    };
    vec![
        Cell::new(device.risk.whole(), style),
        Cell::new(decision, style),
        Cell::new(&device.id, Style::Strong),
        Cell::new(product(device), Style::Plain),
        Cell::new(place(device), Style::Plain),
        Cell::new(in_care(device), Style::Plain),
        Cell::new(why(device), Style::Plain),
    ]
}

/// Manufacturer, model and version as people write them.
#[must_use]
pub fn product(device: &Device) -> String {
    let words = [&device.manufacturer, &device.model, &device.version];
    let words: Vec<&str> = words.into_iter().filter_map(|word| word.as_deref()).collect();
    if words.is_empty() { "unknown product".to_owned() } else { words.join(" ") }
}

/// Unit and room.
#[must_use]
pub fn place(device: &Device) -> String {
    let words = [&device.unit, &device.room];
    let words: Vec<&str> = words.into_iter().filter_map(|word| word.as_deref()).collect();
    words.join(" ")
}

/// What the device is to its patient, in a few words.
#[must_use]
pub fn in_care(device: &Device) -> String {
    let criticality = device.criticality.as_deref().unwrap_or("criticality unknown");
    let usage = match device.in_use {
        Some(true) => "in use",
        Some(false) => "not in use",
        None => "use unknown",
    };
    format!("{criticality}, {usage}")
}

/// The worst finding, and how many more there are.
fn why(device: &Device) -> String {
    let Some(worst) = device.findings.first() else { return String::new() };
    let undecided = if worst.verdict == "undecided" { " (undecided)" } else { "" };
    match device.findings.len() - 1 {
        0 => format!("{}{undecided}", worst.vulnerability),
        more => format!("{}{undecided} +{more}", worst.vulnerability),
    }
}

fn problems(out: &mut String, assessment: &Assessment, page: Page) {
    let summary = &assessment.summary;
    let _ = writeln!(
        out,
        "Inputs: {} documents read, {} read with problems, {} refused or cut short, {} other files \
         left out.",
        summary.documents_clean,
        summary.documents_with_problems,
        summary.documents_refused,
        summary.left_out,
    );
    let read = assessment.documents.iter().filter(|document| !document.refused);
    kinds(out, page, "read", read.map(|document| document.format.as_str()));
    kinds(out, page, "left out", assessment.left_out.iter().map(|left| left.kind.as_str()));
    let with_problems = assessment.documents.iter().filter(|document| document.problem_count > 0);
    let mut with_problems: Vec<&Document> = with_problems.collect();
    with_problems.sort_by_key(|document| !document.refused);
    for document in with_problems.iter().take(TOP) {
        document_problems(out, document, page);
    }
    let left = with_problems.len().saturating_sub(TOP);
    if left > 0 {
        let _ = writeln!(out, "  … and {left} more documents with problems; `--json` has all");
    }
}

/// How many there are of each kind, the most frequent first.
fn kinds<'a>(out: &mut String, page: Page, what: &str, of: impl Iterator<Item = &'a str>) {
    const KINDS: usize = 12;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in of {
        *counts.entry(kind).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let told = counts.iter().take(KINDS).map(|(kind, count)| format!("{count} {kind}"));
    let mut told: Vec<String> = told.collect();
    let more: usize = counts.iter().skip(KINDS).map(|(_, count)| count).sum();
    told.extend((more > 0).then(|| format!("{more} of other kinds")));
    if !told.is_empty() {
        let line = format!("{what}: {}", told.join(", "));
        out.push_str(&page.wrapped(&line, "  ", "    "));
    }
}

fn document_problems(out: &mut String, document: &Document, page: Page) {
    let mark = if document.refused { "refused" } else { "problem" };
    let Some(first) = document.problems.first() else { return };
    let told = format!("{mark}: {} ({}): {}", document.name, document.format, in_words(first));
    out.push_str(&page.wrapped(&told, "  ", "    "));
    let more = document.problem_count - 1;
    let more = if more > 0 { format!(" ({more} more in this document)") } else { String::new() };
    out.push_str(&page.wrapped(&format!("hint: {}{more}", first.hint), "    ", "    "));
}

/// A problem in one sentence: place, what is wrong, what was expected, what was found.
#[must_use]
pub fn in_words(problem: &Problem) -> String {
    let mut words = String::new();
    if problem.line > 0 {
        let _ = write!(words, "line {}, ", problem.line);
    }
    if !problem.path.is_empty() {
        let _ = write!(words, "{}, ", problem.path);
    }
    let _ = write!(words, "{} [{}]", problem.meaning, problem.code);
    if !problem.expected.is_empty() {
        let _ = write!(words, "; expected {}", problem.expected);
    }
    if !problem.found.is_empty() {
        let _ = write!(words, ", found `{}`", problem.found);
    }
    words
}
