//! What the tests of all advisory readers share: how a reading is shown, and the trials that each
//! reader must pass.

use std::fmt::{self, Write};
use std::path::Path;

use domain::advisory::{
    Advisory, Affected, Bound, Configuration, Product, Target, Versions, Vulnerability,
};
use domain::fact::{Fact, Reading};
use serde_json::Value;

use crate::json::Json;

/// A reader of one JSON document.
pub(super) type Read = fn(&Json<'_>) -> Reading;

/// Reads a text, and holds it to the conservation law.
#[track_caller]
pub(super) fn read(reader: Read, text: &str) -> Reading {
    let reading = reader(&Json::parse(text));
    assert!(reading.conserves(), "{reading:#?}");
    reading
}

/// The advisories of a reading.
pub(super) fn advisories(reading: &Reading) -> Vec<&Advisory> {
    let mut found = Vec::new();
    for fact in &reading.facts {
        if let Fact::Advisory(advisory) = fact {
            found.push(&**advisory);
        }
    }
    found
}

/// A sample cut at every byte.
pub(super) fn cuts(sample: &str) -> impl Iterator<Item = &str> {
    (0..sample.len()).filter_map(|end| sample.get(..end))
}

/// Reads a sample cut at every byte.
pub(super) fn cut_everywhere(reader: Read, sample: &str) {
    for cut in cuts(sample) {
        let reading = read(reader, cut);
        assert!(reading.problems.lost_document(), "{cut}");
    }
}

/// Reads a sample with each of its values replaced by each kind of value.
pub(super) fn wrong_types_everywhere(reader: Read, sample: &str) {
    let sample: Value = serde_json::from_str(sample).expect("a valid sample");
    let wrong: Vec<Value> = [
        "null",
        "true",
        "-7.5",
        "\"\u{e9}\"",
        "[]",
        "{}",
        "[[7]]",
        "[\"x\"]",
        "[{}]",
        "{\"x\":[]}",
    ]
    .iter()
    .map(|text| serde_json::from_str(text).expect("valid"))
    .collect();
    for pointer in pointers(&sample) {
        for value in &wrong {
            let mut changed = sample.clone();
            *changed.pointer_mut(&pointer).expect("it is there") = value.clone();
            read(reader, &changed.to_string());
        }
    }
}

/// Where the values of a document stand, itself included.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut below = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        found.extend(pointers(value).iter().map(|rest| format!("/{key}{rest}")));
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| below(&i.to_string(), value));
        }
        Value::Object(members) => members.iter().for_each(|(key, value)| below(key, value)),
        _ => {}
    }
    found
}

/// Every JSON document below a folder of the real data, with its text.
pub(super) fn documents(folder: &str) -> Vec<(String, String)> {
    let is_json = |path: &Path| path.extension().is_some_and(|extension| extension == "json");
    let files = testkit::shared_files(folder).into_iter().filter(|path| is_json(path));
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("readable");
            (path.display().to_string(), text)
        })
        .collect()
}

/// The elements of a member that is a list: for independent counts.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value[name].as_array().into_iter().flatten()
}

/// A reading in words: facts, then problems, in lines that a snapshot can hold.
pub(super) fn shown(reading: &Reading) -> String {
    let mut out = String::new();
    show(reading, &mut out).expect("a string takes all");
    out.lines().map(wrapped).collect()
}

/// A line about a statement or a problem, for tests that look at nothing else.
pub(super) fn statement(line: &str) -> Option<&str> {
    line.strip_prefix("    ").or_else(|| line.starts_with('!').then_some(line))
}

/// A line, broken between words.
fn wrapped(line: &str) -> String {
    const WIDTH: usize = 78;
    let indent = line.len() - line.trim_start().len();
    let mut text = " ".repeat(indent);
    let mut width = indent;
    for (i, word) in line.trim_start().split(' ').enumerate() {
        if i > 0 && width + word.len() >= WIDTH {
            let _ = write!(text, "\n{}", " ".repeat(indent + 4));
            width = indent + 4;
        } else if i > 0 {
            text.push(' ');
            width += 1;
        }
        text += word;
        width += word.len();
    }
    text + "\n"
}

fn show(reading: &Reading, out: &mut String) -> fmt::Result {
    for fact in &reading.facts {
        match fact {
            Fact::Advisory(advisory) => show_advisory(advisory, out)?,
            Fact::KnownExploited(entry) => {
                let (added, due) = (shown_date(entry.added), shown_date(entry.due));
                let (at, id, ransomware) = (&entry.at, &entry.id, entry.ransomware);
                write!(out, "exploited {id} added {added} due {due} ransomware {ransomware:?}")?;
                writeln!(out, " action {:?} at {at}", entry.action)?;
            }
            other => writeln!(out, "{other:?}")?,
        }
    }
    for problem in reading.problems.listed() {
        writeln!(out, "! {:?} {problem}", problem.loss)?;
    }
    writeln!(out, "{} seen, {} made", reading.records_seen, reading.records_made)
}

fn shown_date(date: Option<domain::date::Date>) -> String {
    date.map_or_else(|| "-".to_owned(), |date| date.to_string())
}

fn show_advisory(advisory: &Advisory, out: &mut String) -> fmt::Result {
    write!(out, "{} {}", advisory.feed.text(), advisory.id)?;
    let parts = [
        ("by", &advisory.publisher),
        ("title", &advisory.title),
        ("updated", &advisory.updated),
        ("revision", &advisory.revision),
        ("stage", &advisory.stage),
        ("language", &advisory.language),
    ];
    for (name, part) in parts {
        if let Some(part) = part {
            write!(out, ", {name} {part:?}")?;
        }
    }
    writeln!(out, "{}", if advisory.withdrawn { ", withdrawn" } else { "" })?;
    advisory.vulnerabilities.iter().try_for_each(|v| show_vulnerability(v, out))
}

fn show_vulnerability(vulnerability: &Vulnerability, out: &mut String) -> fmt::Result {
    write!(out, "  {}", vulnerability.id)?;
    for alias in &vulnerability.aliases {
        write!(out, " = {alias}")?;
    }
    writeln!(out, " {:?} cwes {:?}", vulnerability.title, vulnerability.cwes)?;
    if let Some(description) = &vulnerability.description {
        writeln!(out, "    says {description:?}")?;
    }
    if let Some(ssvc) = vulnerability.ssvc {
        writeln!(out, "    {ssvc:?}")?;
    }
    for score in &vulnerability.scores {
        write!(out, "    score {} {:?} by {:?}", score.vector, score.stated, score.origin)?;
        writeln!(out, " for {:?}", score.applies)?;
    }
    for affected in &vulnerability.affected {
        show_affected(vulnerability, affected, out)?;
    }
    for remediation in &vulnerability.remediations {
        write!(out, "    {} {:?}", remediation.kind, remediation.details)?;
        writeln!(out, " {:?} for {:?}", remediation.url, remediation.applies)?;
    }
    for involvement in &vulnerability.involvements {
        writeln!(out, "    {involvement:?}")?;
    }
    Ok(())
}

fn show_affected(
    vulnerability: &Vulnerability,
    affected: &Affected,
    out: &mut String,
) -> fmt::Result {
    write!(out, "    {} ", affected.status.text())?;
    match &affected.target {
        Target::Package(package) => {
            let purl = &package.purl;
            write!(out, "pkg {}/{:?}/{}", purl.kind, purl.namespace, purl.name)?;
            write!(out, " {:?} @ {}", purl.qualifiers, versions(&package.versions))?;
        }
        Target::Configuration(configuration) => out.push_str(&shown_configuration(configuration)),
        Target::Product(product) => out.push_str(&shown_product(product)),
    }
    if let Some(justification) = vulnerability.justification(affected) {
        write!(out, " because {justification:?}")?;
    }
    writeln!(out, " at {}", affected.at)
}

fn shown_product(product: &Product) -> String {
    let vendor = product.vendor.as_deref().unwrap_or("-");
    let mut text = format!("{vendor} / {} @ {}", product.name, versions(&product.versions));
    for purl in &product.purls {
        let (namespace, version) = (purl.namespace.as_deref(), purl.version.as_deref());
        let _ = write!(text, " purl {}:{namespace:?}:{}@{version:?}", purl.kind, purl.name);
    }
    for purl in &product.packages {
        let _ = write!(text, " perhaps {purl}");
    }
    for cpe in &product.cpes {
        let _ = write!(text, " cpe {:?}:{:?}:{:?}", cpe.vendor, cpe.product, cpe.version);
    }
    for model in &product.models {
        let _ = write!(text, " model {model}");
    }
    for (kind, detail) in &product.details {
        let _ = write!(text, " {kind}={detail}");
    }
    for (word, inner) in [("component", &product.component), ("platform", &product.platform)] {
        if let Some(inner) = inner {
            let _ = write!(text, " {word} ({})", shown_product(inner));
        }
    }
    text
}

/// Versions in short: `[1, 2)` is from 1 up to 2 without it.
pub(super) fn versions(versions: &[Versions]) -> String {
    let mut parts = Vec::new();
    for each in versions {
        parts.push(match each {
            Versions::All => "all".to_owned(),
            Versions::One(one) => format!("one {one}"),
            Versions::Text(words) => format!("text {words:?}"),
            Versions::Range(range) => {
                format!("{:?} {}", range.scheme, shown_bounds(&range.from, &range.to))
            }
        });
    }
    if parts.is_empty() { "not said".to_owned() } else { parts.join(" or ") }
}

fn shown_bounds(from: &Bound, to: &Bound) -> String {
    let from = match from {
        Bound::Open => "(".to_owned(),
        Bound::Including(version) => format!("[{version}"),
        Bound::Excluding(version) => format!("({version}"),
    };
    let to = match to {
        Bound::Open => ")".to_owned(),
        Bound::Including(version) => format!("{version}]"),
        Bound::Excluding(version) => format!("{version})"),
    };
    format!("{from}, {to}")
}

fn shown_configuration(configuration: &Configuration) -> String {
    let joined = |parts: &[Configuration], word: &str| {
        let parts: Vec<String> = parts.iter().map(shown_configuration).collect();
        format!("({})", parts.join(word))
    };
    match configuration {
        Configuration::All(parts) => joined(parts, " and "),
        Configuration::Any(parts) => joined(parts, " or "),
        Configuration::Not(part) => format!("not {}", shown_configuration(part)),
        Configuration::Match(name) => {
            let cpe = &name.cpe;
            let bounds = shown_bounds(&name.from, &name.to);
            let role = if name.vulnerable { "" } else { " runs on" };
            format!("{:?}:{:?}:{:?} {bounds}{role}", cpe.vendor, cpe.product, cpe.version)
        }
    }
}
