//! Which format a document is in, told by its content and never by its name; and the one door
//! through which every document is read.
//!
//! Refuses to open anything: archives are the collectors' business, which ask [`container`] first.

mod recognise;

use std::borrow::Cow;

use domain::fact::Reading;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};

use crate::advisory::{csaf, cve, epss, kev, nvd, openvex, osv};
use crate::inventory::{self, fhir, releases, rows, sheet};
use crate::json::{Json, Kind};
use crate::sbom::{cyclonedx, spdx};
use crate::text;
use crate::xml::Xml;
use crate::yaml;

pub use recognise::{Container, container};
use recognise::{JsonFormat, TextFormat, XmlFormat};

/// What a document is, in words, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The format in words: "CycloneDX 1.6 JSON"; why it is left out, where it is no input.
    pub format: String,
    /// Facts and problems; neither, where it is no input.
    pub reading: Reading,
    /// Whether it is an input at all, or material that was only lying there.
    pub role: Role,
}

/// What a document is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It holds facts of ours, or should.
    Input,
    /// It is something else: prose, a picture, a capture. Shown as left out.
    Other,
}

/// Reads one document, whatever its format. Archives must be unpacked before.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return refused_as("nothing", Code::InputEmpty);
    }
    if container(bytes) == Some(Container::Spreadsheet) {
        return input("spreadsheet", sheet::read(bytes));
    }
    if let Some(kind) = recognise::binary(bytes) {
        return other(kind);
    }
    let mut problems = Problems::default();
    let text = text::decode(bytes, &mut problems);
    let mut read = read_text(&text);
    if read.role == Role::Input {
        let told = std::mem::take(&mut read.reading.problems);
        problems.absorb(told);
        read.reading.problems = problems;
    }
    read
}

fn read_text(text: &str) -> Read {
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => read_json(text),
        Some(b'<') => read_xml(text),
        _ => read_plain(text),
    }
}

fn read_json(text: &str) -> Read {
    let json = Json::parse(text);
    let more_follows = json.damage().is_some_and(|damage| damage.code == Code::InputSyntax)
        && json.root().kind() == Kind::Object
        && json.damage().is_some_and(|damage| damage.expected == "the end of the document");
    if more_follows {
        return read_json_lines(text);
    }
    let Some(format) = recognise::json(json.root()) else {
        return unrecognised(&json, text);
    };
    if let JsonFormat::Other(kind) = format {
        return other(kind);
    }
    let mut reading = read_json_as(&json, format);
    if !reading.problems.lost_document() {
        reading.problems.extend(json.problem());
    }
    input(recognise::json_title(json.root(), format), reading)
}

fn unrecognised(json: &Json<'_>, text: &str) -> Read {
    if recognise::reads_as_tag_value(text) || json.damage().is_some() && !looks_like_json(text) {
        return read_plain(text);
    }
    let mut read = refused_as("JSON of an unknown kind", Code::InputUnrecognised);
    if let Some(problem) = json.problem() {
        read.reading.problems = Problems::default();
        read.reading.problems.tell(problem);
    }
    read
}

/// Whether the first thing after the bracket can start a member or an element.
fn looks_like_json(text: &str) -> bool {
    let inside = text.trim_start().get(1..).unwrap_or_default().trim_start();
    inside.is_empty()
        || inside.starts_with(['"', '{', '[', '}', ']', '-', 't', 'f', 'n'])
        || inside.starts_with(|c: char| c.is_ascii_digit())
}

fn read_json_as(json: &Json<'_>, format: JsonFormat) -> Reading {
    match format {
        JsonFormat::CycloneDx => cyclonedx::read_json(json),
        JsonFormat::Spdx2 => spdx::read_json(json),
        JsonFormat::Spdx3 => spdx::read_three(json),
        JsonFormat::OpenVex => openvex::read(json),
        JsonFormat::Csaf => csaf::read(json),
        JsonFormat::Cve => cve::read(json),
        JsonFormat::Nvd => nvd::read(json),
        JsonFormat::Osv => osv::read(json),
        JsonFormat::Kev => kev::read(json),
        JsonFormat::Fhir => fhir::read(json),
        JsonFormat::Other(_) => Reading::default(),
    }
}

/// One document a line, each of any format; a line that is none is one record lost.
fn read_json_lines(text: &str) -> Read {
    let mut reading = Reading::default();
    let mut title = None;
    for (number, line) in (1_u32..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let json = Json::parse_line(line, number);
        match recognise::json(json.root()) {
            Some(JsonFormat::Other(_)) => {}
            Some(format) if json.damage().is_none() => {
                title.get_or_insert_with(|| recognise::json_title(json.root(), format));
                append(&mut reading, read_json_as(&json, format));
            }
            _ => {
                reading.records_seen += 1;
                reading.problems.tell(lost_line(&json, number));
            }
        }
    }
    match title {
        Some(title) => input(format!("{title} lines"), reading),
        None => Read { format: "JSON lines of an unknown kind".into(), reading, role: Role::Input },
    }
}

fn lost_line(json: &Json<'_>, line: u32) -> Problem {
    match json.problem() {
        Some(problem) => Problem { loss: Loss::Record, ..problem },
        None => Problem::new(Code::InputUnrecognised, Location::line(line), Loss::Record),
    }
}

fn append(reading: &mut Reading, part: Reading) {
    reading.facts.extend(part.facts);
    reading.problems.absorb(part.problems);
    reading.records_seen += part.records_seen;
    reading.records_made += part.records_made;
}

fn read_xml(text: &str) -> Read {
    let xml = Xml::parse(text);
    // Nothing of such a document was read, so there is nothing else to say of it.
    if let Some(problem) = xml.problem().filter(|p| p.code == Code::InputDeclaresEntities) {
        return Read { format: "XML".to_owned(), ..refused(problem) };
    }
    match recognise::xml(&xml, text) {
        XmlFormat::CycloneDx => {
            let mut reading = cyclonedx::read_xml(&xml);
            if !reading.problems.lost_document() {
                reading.problems.extend(xml.problem());
            }
            input(recognise::xml_title(&xml), reading)
        }
        XmlFormat::Unsupported(kind) => refused_as(kind, Code::InputUnsupported),
        XmlFormat::Other(kind) => other(kind),
        XmlFormat::Unknown => {
            let mut read = refused_as("XML of an unknown kind", Code::InputUnrecognised);
            if let Some(problem) = xml.problem() {
                read.reading.problems = Problems::default();
                read.reading.problems.tell(problem);
            }
            read
        }
    }
}

fn read_plain(text: &str) -> Read {
    match recognise::plain(text) {
        TextFormat::SpdxTagValue => input("SPDX tag-value", spdx::read_tag_value(text)),
        TextFormat::Epss => input("EPSS CSV", epss::read(text)),
        TextFormat::KevTable => input("KEV CSV", kev::read_csv(text)),
        TextFormat::Yaml => read_yaml(text),
        TextFormat::Other(kind) => other(kind),
        TextFormat::Table => read_table(text),
    }
}

fn read_yaml(text: &str) -> Read {
    let json = match yaml::to_json(text) {
        Ok(json) => json,
        Err(problem) => return Read { format: "YAML".to_owned(), ..refused(problem) },
    };
    let json = Json::parse(&json);
    match recognise::json(json.root()) {
        Some(format) if !matches!(format, JsonFormat::Other(_)) => {
            input(recognise::yaml_title(json.root(), format), read_json_as(&json, format))
        }
        _ => other("YAML"),
    }
}

fn read_table(text: &str) -> Read {
    let Some(table) = inventory::open(text) else { return refused_as("table", Code::InputEmpty) };
    if releases::recognise(&table) {
        return input("table of releases", releases::read(&table));
    }
    if rows::recognise(&table) {
        return input("table of devices", rows::read(&table));
    }
    refused_as("table", Code::TableNoDeviceColumns)
}

fn input(format: impl Into<Cow<'static, str>>, reading: Reading) -> Read {
    Read { format: format.into().into_owned(), reading, role: Role::Input }
}

fn other(kind: &'static str) -> Read {
    Read { format: kind.to_owned(), reading: Reading::default(), role: Role::Other }
}

fn refused_as(kind: &str, code: Code) -> Read {
    let read = refused(Problem::new(code, Location::whole(), Loss::Document));
    Read { format: kind.to_owned(), ..read }
}

/// A document of which nothing could be read, such as an entry of a damaged archive.
#[must_use]
pub fn refused(problem: Problem) -> Read {
    let mut reading = Reading::default();
    reading.problems.tell(problem);
    Read { format: "unread".to_owned(), reading, role: Role::Input }
}

/// Whether an SBOM keeps to its specification: its format in words, and where it does not.
/// `None` where the document is no SBOM.
#[must_use]
pub fn check(bytes: &[u8]) -> Option<(String, Vec<Problem>)> {
    let mut problems = Problems::default();
    let text = text::decode(bytes, &mut problems);
    let mut told = problems.listed().to_vec();
    let (format, found) = match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => check_json(&text)?,
        Some(b'<') => check_xml(&text)?,
        _ if recognise::reads_as_tag_value(&text) => {
            ("SPDX tag-value".to_owned(), spdx::check_tag_value(&text))
        }
        _ if recognise::reads_as_yaml(&text) => check_yaml(&text)?,
        _ => return None,
    };
    told.extend(found);
    Some((format, told))
}

fn check_json(text: &str) -> Option<(String, Vec<Problem>)> {
    let json = Json::parse(text);
    let format = recognise::json(json.root())?;
    let mut problems: Vec<Problem> = json.problem().into_iter().collect();
    problems.extend(match format {
        JsonFormat::CycloneDx => cyclonedx::check_json(&json),
        JsonFormat::Spdx2 => spdx::check_json(&json),
        JsonFormat::Spdx3 => spdx::check_three(&json),
        _ => return None,
    });
    Some((recognise::json_title(json.root(), format), problems))
}

fn check_yaml(text: &str) -> Option<(String, Vec<Problem>)> {
    let json = match yaml::to_json(text) {
        Ok(json) => json,
        Err(problem) => return Some(("YAML".to_owned(), vec![problem])),
    };
    let json = Json::parse(&json);
    let format = recognise::json(json.root()).filter(|format| *format == JsonFormat::Spdx2)?;
    Some((recognise::yaml_title(json.root(), format), spdx::check_json(&json)))
}

fn check_xml(text: &str) -> Option<(String, Vec<Problem>)> {
    let xml = Xml::parse(text);
    if recognise::xml(&xml, text) != XmlFormat::CycloneDx {
        return None;
    }
    let mut problems: Vec<Problem> = xml.problem().into_iter().collect();
    problems.extend(cyclonedx::check_xml(&xml));
    Some((recognise::xml_title(&xml), problems))
}
