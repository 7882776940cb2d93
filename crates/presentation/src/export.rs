//! An assessment for programs: JSON in the form of [`assessment`](crate::assessment), and CSV with
//! one line per device and open finding.

use std::io::{self, Write};
use std::sync::Arc;

use store::devices::Device as Listed;

use crate::assessment::{Assessment, Device, RankedFinding};
use crate::explanation::Explanation;
use crate::listed;
use crate::observation::Observation;

/// Writes JSON, indented, ending in a line feed.
///
/// # Errors
/// Those of the writer.
pub fn json(assessment: &Assessment, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, assessment)?;
    out.write_all(b"\n")
}

/// What was seen on the network as JSON, indented, ending in a line feed.
///
/// # Errors
/// Those of the writer.
pub fn observation(observation: &Observation, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, observation)?;
    out.write_all(b"\n")
}

/// An explanation as JSON, indented, ending in a line feed.
#[must_use]
pub fn explanation(explanation: &Explanation<'_>) -> String {
    let mut text = serde_json::to_string_pretty(explanation)
        .expect("invariant: the form holds only strings, numbers and lists");
    text.push('\n');
    text
}

/// The columns of [`csv`].
pub const COLUMNS: [&str; 21] = [
    "rank",
    "device",
    "manufacturer",
    "model",
    "version",
    "site",
    "unit",
    "care_service",
    "criticality",
    "in_use",
    "substitutes",
    "end_of_support",
    "risk_low",
    "risk_high",
    "decision",
    "next_action",
    "vulnerability",
    "verdict",
    "finding_risk_low",
    "finding_risk_high",
    "finding_decision",
];

/// Writes CSV (RFC 4180): one line per device and open finding; a device without one has one line.
///
/// A value that a spreadsheet would take for a formula is prefixed with an apostrophe.
///
/// # Errors
/// Those of the writer.
pub fn csv(assessment: &Assessment, out: impl Write) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let mut write = |fields: &[String]| writer.write_record(fields).map_err(of_writer);
    write(&COLUMNS.map(str::to_owned))?;
    for device in &assessment.devices {
        if device.findings.is_empty() {
            write(&line(device, None))?;
        }
        for finding in &*device.findings {
            write(&line(device, Some(finding)))?;
        }
    }
    writer.flush()
}

/// Writes devices as they are listed as CSV (RFC 4180), after a line with the names of the columns
/// where `has_header` says so. A value that a spreadsheet would take for a formula is prefixed with
/// an apostrophe.
///
/// # Errors
/// Those of the writer.
pub fn listed(devices: &[Listed], has_header: bool, out: impl Write) -> io::Result<()> {
    const NAMES: [&str; 14] = [
        "device",
        "manufacturer",
        "model",
        "version",
        "site",
        "unit",
        "room",
        "care_service",
        "criticality",
        "end_of_support",
        "risk_low",
        "risk_high",
        "decision",
        "next_action",
    ];
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    if has_header {
        writer.write_record(NAMES).map_err(of_writer)?;
    }
    for device in devices {
        let texts = [
            &device.id,
            &device.manufacturer,
            &device.model,
            &device.version,
            &device.site,
            &device.unit,
            &device.room,
            &device.care_service,
        ];
        let mut fields = texts.map(|text| harmless(text)).to_vec();
        fields.push(listed::criticality_name(device.criticality).to_owned());
        fields.push(device.end_of_support.clone().unwrap_or_default());
        fields.extend([device.risk.0, device.risk.1].map(|risk| format!("{risk:.1}")));
        fields.push(listed::decision_name(device.decision).to_owned());
        fields.push(harmless(&device.action));
        writer.write_record(fields).map_err(of_writer)?;
    }
    writer.flush()
}

/// Writes rows as CSV (RFC 4180), after a line with these names where there are any. A value that a
/// spreadsheet would take for a formula is prefixed with an apostrophe.
///
/// # Errors
/// Those of the writer.
pub fn table<R: Iterator<Item = String>>(
    names: Option<&Vec<&str>>,
    rows: impl Iterator<Item = R>,
    out: impl Write,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    if let Some(names) = names {
        writer.write_record(names).map_err(of_writer)?;
    }
    for row in rows {
        writer.write_record(row.map(|text| harmless(&text))).map_err(of_writer)?;
    }
    writer.flush()
}

/// The writer's own error, so that whoever called can tell a closed pipe.
fn of_writer(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn line(device: &Device, finding: Option<&RankedFinding>) -> Vec<String> {
    let text = |value: &Option<Arc<str>>| harmless(value.as_deref().unwrap_or_default());
    let number = |value: Option<f64>| value.map(|value| format!("{value:.1}")).unwrap_or_default();
    vec![
        device.rank.to_string(),
        harmless(&device.id),
        text(&device.manufacturer),
        text(&device.model),
        text(&device.version),
        text(&device.site),
        text(&device.unit),
        text(&device.care_service),
        device.criticality.as_deref().unwrap_or_default().to_owned(),
        device
            .in_use
            .map(|in_use| if in_use { "yes" } else { "no" })
            .unwrap_or_default()
            .to_owned(),
        device.substitutes.map(|count| count.to_string()).unwrap_or_default(),
        device.end_of_support.as_deref().unwrap_or_default().to_owned(),
        number(Some(device.risk.low)),
        number(Some(device.risk.high)),
        device.decision.as_deref().unwrap_or_default().to_owned(),
        harmless(&device.next_action),
        finding.map(|finding| harmless(&finding.vulnerability)).unwrap_or_default(),
        finding.map(|finding| &*finding.verdict).unwrap_or_default().to_owned(),
        number(finding.map(|finding| finding.risk.low)),
        number(finding.map(|finding| finding.risk.high)),
        finding.map(|finding| &*finding.decision).unwrap_or_default().to_owned(),
    ]
}

/// Spreadsheets run what starts with one of these (OWASP, CSV injection).
fn harmless(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if runs { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_formula_in_a_name_does_not_run_in_a_spreadsheet() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless("Pump 7"), "Pump 7");
    }
}
