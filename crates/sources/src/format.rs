//! Which format a document is in, told by its content and never by its name; and the one door
//! through which every document is read.
//!
//! Refuses to open anything: archives are the collectors' business, which ask [`container`] first.

mod recognise;
mod several;

use std::borrow::Cow;

use domain::fact::Reading;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};

use crate::advisory::{csaf, cve, epss, kev, nvd, openvex, osv};
use crate::inventory::{self, fhir, releases, rows, sheet};
use crate::json::Json;
use crate::sbom::beyond::{Kinds, Rest};
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
    match container(bytes) {
        Some(Container::Spreadsheet) => return input("spreadsheet", sheet::read(bytes)),
        Some(Container::Prose) => return other("document or slides of an office program"),
        _ => {}
    }
    if let Some(kind) = recognise::unsupported(bytes) {
        return refused_as(kind, Code::InputUnsupported);
    }
    if let Some(kind) = recognise::binary(bytes) {
        return other(kind);
    }
    if recognise::is_no_text(bytes) {
        return refused_as("binary data", Code::InputUnrecognised);
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
    if let Some(read) = several::in_a_row(&json, text) {
        return read;
    }
    let Some(format) = recognise::json(json.root()) else {
        return several::in_an_array(&json).unwrap_or_else(|| unrecognised(&json, text));
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
    let mut read = unknown("JSON of an unknown kind", Code::InputUnrecognised, text);
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
        || inside.starts_with(['"', '\'', '{', '[', '}', ']', '-', 't', 'f', 'n'])
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
        JsonFormat::OsvResults => osv::read_results(json),
        JsonFormat::Kev => kev::read(json),
        JsonFormat::Fhir => fhir::read(json),
        JsonFormat::Other(_) => Reading::default(),
    }
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
            let mut read = unknown("XML of an unknown kind", Code::InputUnrecognised, text);
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
        TextFormat::Table => read_table(text).unwrap_or_else(|| no_device_columns(text)),
        // A short list, or one below a remark, does not look like a table at first sight.
        TextFormat::Other("prose") => read_table(text).unwrap_or_else(|| other("prose")),
        TextFormat::Other(kind) => other(kind),
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

/// `None` where it is no table of ours.
fn read_table(text: &str) -> Option<Read> {
    let table = inventory::open(text)?;
    if releases::recognise(&table) {
        return Some(input("table of releases", releases::read(&table)));
    }
    rows::recognise(&table).then(|| input("table of devices", rows::read(&table)))
}

fn no_device_columns(text: &str) -> Read {
    let header: Vec<String> = inventory::open(text)
        .map(|table| table.header().iter().map(ToString::to_string).collect())
        .unwrap_or_default();
    let problem = Problem::new(Code::TableNoDeviceColumns, Location::whole(), Loss::Document)
        .expected("a column for an id, a serial number or a MAC address, and one for what it is")
        .found(&header.join(", "));
    Read { format: "table".to_owned(), ..refused(problem) }
}

fn input(format: impl Into<Cow<'static, str>>, reading: Reading) -> Read {
    Read { format: format.into().into_owned(), reading, role: Role::Input }
}

fn other(kind: &'static str) -> Read {
    Read { format: kind.to_owned(), reading: Reading::default(), role: Role::Other }
}

/// Refuses a text, and shows how it begins.
fn unknown(kind: &str, code: Code, text: &str) -> Read {
    let problem = Problem::new(code, Location::whole(), Loss::Document)
        .expected("an inventory, SBOM, advisory, feed or VEX")
        .found(text.trim_start());
    Read { format: kind.to_owned(), ..refused(problem) }
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

/// What an SBOM holds that no fact does; nothing where it is no SBOM.
#[must_use]
pub fn rest(bytes: &[u8]) -> Rest {
    let mut kinds = Kinds::default();
    let text = text::decode(bytes, &mut Problems::default());
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => beyond_json(&text, &mut kinds),
        Some(b'<') => {
            let xml = Xml::parse(&text);
            if recognise::xml(&xml, &text) == XmlFormat::CycloneDx {
                cyclonedx::beyond_xml(&xml, &mut kinds);
            }
        }
        _ if recognise::reads_as_tag_value(&text) => spdx::beyond_tag_value(&text, &mut kinds),
        _ => {
            if let Ok(text) = yaml::to_json(&text) {
                beyond_json(&text, &mut kinds);
            }
        }
    }
    kinds.all()
}

fn beyond_json(text: &str, kinds: &mut Kinds) {
    let json = Json::parse(text);
    match recognise::json(json.root()) {
        Some(JsonFormat::CycloneDx) => cyclonedx::beyond_json(&json, kinds),
        Some(JsonFormat::Spdx2) => spdx::beyond_json(&json, kinds),
        Some(JsonFormat::Spdx3) => spdx::beyond_three(&json, kinds),
        _ if recognise::reads_as_tag_value(text) => spdx::beyond_tag_value(text, kinds),
        _ => {}
    }
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

#[cfg(test)]
mod tests;
