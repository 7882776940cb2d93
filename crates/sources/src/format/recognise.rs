//! The marks by which each format is known.

use std::borrow::Cow;

use memchr::memmem;

use crate::json::Value;
use crate::xml::Xml;

/// What must be unpacked before it is read, and what only looks so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// gzip (RFC 1952).
    Gzip,
    /// xz.
    Xz,
    /// A zip archive.
    Zip,
    /// A zip archive that is a spreadsheet: read as it is.
    Spreadsheet,
    /// A zip archive that is a text or slides: left out as it is.
    Prose,
}

/// What a document is packed in, if in anything.
#[must_use]
pub fn container(bytes: &[u8]) -> Option<Container> {
    match bytes {
        [0x1F, 0x8B, ..] => Some(Container::Gzip),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Container::Xz),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(zip_kind(bytes)),
        _ => None,
    }
}

/// A zip archive that is one document of an office program says so in its directory, or in its
/// first entry (OpenDocument 1.2, part 3, section 3.3).
fn zip_kind(bytes: &[u8]) -> Container {
    const FIRST_NAME: usize = 30;
    let first = bytes.get(FIRST_NAME..).unwrap_or_default();
    if let Some(kind) = first.strip_prefix(b"mimetypeapplication/vnd.oasis.opendocument.") {
        let is_sheet = kind.starts_with(b"spreadsheet");
        return if is_sheet { Container::Spreadsheet } else { Container::Prose };
    }
    let directory = zip_directory(bytes);
    let has = |name: &str| memmem::find(directory, name.as_bytes()).is_some();
    if has("xl/workbook.") {
        Container::Spreadsheet
    } else if has("word/document.xml") || has("ppt/presentation.xml") {
        Container::Prose
    } else {
        Container::Zip
    }
}

/// The central directory of a zip archive, which its last record points to (APPNOTE.TXT 4.3.16);
/// where that can't be followed, the end of the archive. What an entry holds is not searched: a
/// workbook that is stored in an archive has a directory of its own.
fn zip_directory(bytes: &[u8]) -> &[u8] {
    const END_MARK: &[u8] = b"PK\x05\x06";
    const DIRECTORY_BYTES: usize = 1 << 20;
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let stated = || {
        let end = memmem::rfind(bytes, END_MARK)?;
        let (size, start) = (number(end + 12)?, number(end + 16)?);
        bytes.get(start..start.checked_add(size)?)
    };
    let tail = || bytes.get(bytes.len().saturating_sub(DIRECTORY_BYTES)..).unwrap_or_default();
    stated().unwrap_or_else(tail)
}

/// Names a binary format that may well hold an input, and is not read.
pub(super) fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 5] = [
        (b"BZh", "archive (bzip2)"),
        (b"\x28\xB5\x2F\xFD", "archive (zstd)"),
        (b"7z\xBC\xAF", "archive (7z)"),
        (b"Rar!", "archive (RAR)"),
        (b"\xD0\xCF\x11\xE0", "document of Microsoft Office before 2007, or with a password"),
    ];
    let marked = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, kind)| *kind);
    let tar = bytes.get(257..262) == Some(b"ustar");
    marked.or(tar.then_some("archive (tar)"))
}

/// Names a binary format that is no input of ours.
pub(super) fn binary(bytes: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 13] = [
        (b"%PDF", "PDF"),
        (b"\x89PNG", "picture (PNG)"),
        (b"\xFF\xD8\xFF", "picture (JPEG)"),
        (b"GIF8", "picture (GIF)"),
        (b"\x7FELF", "program (ELF)"),
        (b"MZ", "program (Windows)"),
        (b"\xD4\xC3\xB2\xA1", "network capture (pcap)"),
        (b"\xA1\xB2\xC3\xD4", "network capture (pcap)"),
        (b"\x4D\x3C\xB2\xA1", "network capture (pcap)"),
        (b"\xA1\xB2\x3C\x4D", "network capture (pcap)"),
        (b"\x0A\x0D\x0D\x0A", "network capture (pcapng)"),
        (b"SQLite format 3", "database (SQLite)"),
        (b"\xCA\xFE\xBA\xBE", "program (Java)"),
    ];
    MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, kind)| *kind)
}

/// Whether it is no text.
pub(super) fn is_no_text(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(1_024)).unwrap_or_default();
    let zeros = memchr::memchr_iter(0, start).count();
    let marked_utf16 = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    // UTF-16 without a mark is zero in every second byte; a binary file is zero here and there.
    let like_utf16 = zeros * 5 >= start.len() * 2;
    zeros > 0 && !marked_utf16 && !like_utf16
}

/// A JSON format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonFormat {
    CycloneDx,
    Spdx2,
    Spdx3,
    OpenVex,
    Csaf,
    Cve,
    Nvd,
    Osv,
    Kev,
    Fhir,
    Other(&'static str),
}

/// The outermost object. Some forty keys are asked for until it is known what a document is, and
/// for a small one to walk it each time would cost more than to read it.
struct Root<'d> {
    value: Value<'d>,
    members: Vec<(Cow<'d, str>, Value<'d>)>,
}

impl<'d> Root<'d> {
    /// As [`Value::get`].
    fn get(&self, name: &str) -> Option<Value<'d>> {
        self.members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
    }
}

/// The keys of the outermost object decide; an object's own mark comes before what it only shares.
pub(super) fn json(root: Value<'_>) -> Option<JsonFormat> {
    let root = &Root { value: root, members: root.members().collect() };
    let has = |key: &str| root.get(key).is_some();
    let text = |key: &str| root.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("bomFormat") == "CycloneDX" || text("$schema").contains("cyclonedx.org/schema/bom") {
        return Some(JsonFormat::CycloneDx);
    }
    if let Some(spdx) = spdx(root) {
        return Some(spdx);
    }
    if has("spec_version") || has("specVersion") && (has("components") || has("metadata")) {
        return Some(JsonFormat::CycloneDx);
    }
    if let Some(document) = root.get("document")
        && (document.get("csaf_version").is_some() || document.get("tracking").is_some())
    {
        return Some(JsonFormat::Csaf);
    }
    if text("dataType") == "CVE_RECORD" || has("cveMetadata") && has("containers") {
        return Some(JsonFormat::Cve);
    }
    if has("catalogVersion") && has("vulnerabilities") {
        return Some(JsonFormat::Kev);
    }
    if nvd(root) {
        return Some(JsonFormat::Nvd);
    }
    if has("id")
        && has("modified")
        && (has("affected") || has("aliases") || has("schema_version") || has("withdrawn"))
    {
        return Some(JsonFormat::Osv);
    }
    if !text("resourceType").is_empty() {
        return Some(JsonFormat::Fhir);
    }
    other_json(root)
}

fn spdx(root: &Root<'_>) -> Option<JsonFormat> {
    let context = root.get("@context");
    let context_text = context
        .and_then(|context| context.as_str().or_else(|| context.items().find_map(Value::as_str)))
        .unwrap_or_default();
    if context_text.contains("openvex") {
        return Some(JsonFormat::OpenVex);
    }
    let graph = root.get("@graph");
    let has_spdx_ids = || {
        graph.is_some_and(|graph| {
            graph
                .items()
                .take(20)
                .any(|item| item.get("spdxId").is_some() || item.get("creationInfo").is_some())
        })
    };
    if context_text.contains("spdx.org/rdf/3") || has_spdx_ids() || root.get("spdxId").is_some() {
        return Some(JsonFormat::Spdx3);
    }
    let holds_version = |value: Value<'_>| value.get("spdxVersion").is_some();
    let wrapped = ["sbom", "Document", "spdxDocument", "SpdxDocument", "spdx"]
        .iter()
        .filter_map(|key| root.get(key))
        .any(holds_version);
    let is_two = root.get("spdxVersion").is_some()
        || wrapped
        || root.get("SPDXID").is_some() && root.get("packages").is_some();
    is_two.then_some(JsonFormat::Spdx2)
}

fn nvd(root: &Root<'_>) -> bool {
    let is_cve = |value: Value<'_>| {
        value.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with("CVE-"))
            && (value.get("configurations").is_some()
                || value.get("sourceIdentifier").is_some()
                || value.get("descriptions").is_some())
    };
    let first = root.get("vulnerabilities").and_then(|list| list.items().next());
    root.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("NVD_CVE"))
        || first.and_then(|entry| entry.get("cve")).is_some_and(is_cve)
        || root.get("cve").is_some_and(|cve| {
            is_cve(cve) || cve.get("configurations").is_some() && root.get("_annotation").is_some()
        })
        || is_cve(root.value)
}

fn other_json(root: &Root<'_>) -> Option<JsonFormat> {
    let has = |key: &str| root.get(key).is_some();
    let schema = root.get("$schema").and_then(Value::as_str).unwrap_or_default();
    if schema.contains("json-schema.org") || has("$defs") || has("definitions") && has("properties")
    {
        return Some(JsonFormat::Other("JSON schema"));
    }
    if schema.contains("sarif") || has("runs") && has("version") {
        return Some(JsonFormat::Other("SARIF"));
    }
    if has("canonical_url") && has("publisher") {
        return Some(JsonFormat::Other("CSAF provider metadata"));
    }
    if has("aggregator") && (has("csaf_providers") || has("csaf_publishers")) {
        return Some(JsonFormat::Other("CSAF aggregator"));
    }
    if root.get("feed").is_some_and(|feed| feed.get("entry").is_some()) {
        return Some(JsonFormat::Other("ROLIE feed"));
    }
    None
}

/// The format in words, with the version that the document names.
pub(super) fn json_title(root: Value<'_>, format: JsonFormat) -> String {
    let text = |key: &str| root.get(key).and_then(Value::as_text).unwrap_or_default();
    let title = match format {
        JsonFormat::CycloneDx => format!("CycloneDX {} JSON", text("specVersion")),
        JsonFormat::Spdx2 => {
            format!("SPDX {} JSON", text("spdxVersion").trim_start_matches("SPDX-"))
        }
        JsonFormat::Spdx3 => "SPDX 3 JSON-LD".to_owned(),
        JsonFormat::OpenVex => "OpenVEX".to_owned(),
        JsonFormat::Csaf => {
            let version = root.get("document").and_then(|d| d.get("csaf_version"));
            format!("CSAF {}", version.and_then(Value::as_text).unwrap_or_default())
        }
        JsonFormat::Cve => "CVE record".to_owned(),
        JsonFormat::Nvd => "NVD".to_owned(),
        JsonFormat::Osv => "OSV".to_owned(),
        JsonFormat::Kev => "KEV".to_owned(),
        JsonFormat::Fhir => format!("FHIR {}", text("resourceType")),
        JsonFormat::Other(kind) => kind.to_owned(),
    };
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Likewise, for a document that was YAML.
pub(super) fn yaml_title(root: Value<'_>, format: JsonFormat) -> String {
    format!("{} YAML", json_title(root, format).trim_end_matches(" JSON"))
}

/// What an XML document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum XmlFormat {
    CycloneDx,
    Unsupported(&'static str),
    Other(&'static str),
    Unknown,
}

pub(super) fn xml(xml: &Xml<'_>, text: &str) -> XmlFormat {
    let root = xml.root();
    let start = start_of(text);
    if root.name() == "bom" || start.contains("cyclonedx.org/schema/bom") {
        return XmlFormat::CycloneDx;
    }
    if start.contains("spdx.org/rdf/terms") {
        return XmlFormat::Unsupported("SPDX RDF/XML");
    }
    if root.name() == "Document" && text.contains("spdxVersion") {
        return XmlFormat::Unsupported("SPDX XML");
    }
    match root.name() {
        "html" | "svg" | "project" | "testsuite" | "testsuites" => XmlFormat::Other("other XML"),
        _ if start.to_ascii_lowercase().contains("<!doctype html") => XmlFormat::Other("web page"),
        _ => XmlFormat::Unknown,
    }
}

pub(super) fn xml_title(xml: &Xml<'_>) -> String {
    let namespace = xml.root().namespace();
    let version =
        namespace.rsplit('/').next().filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    format!("CycloneDX {} XML", version.unwrap_or("?"))
}

/// What a plain text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextFormat {
    SpdxTagValue,
    Epss,
    KevTable,
    Table,
    Yaml,
    Other(&'static str),
}

fn start_of(text: &str) -> &str {
    const START_BYTES: usize = 8 << 10;
    let mut end = text.len().min(START_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

pub(super) fn reads_as_tag_value(text: &str) -> bool {
    start_of(text).lines().any(|line| line.trim_start().starts_with("SPDXVersion:"))
}

/// Whether it is a format of ours written as YAML: SPDX 2, or OSV.
pub(super) fn reads_as_yaml(text: &str) -> bool {
    let start = start_of(text);
    let has = |key: &str| start.lines().any(|line| line.starts_with(key));
    has("spdxVersion:")
        || has("SPDXID:")
        || has("id:") && (has("affected:") || has("modified:") || has("details:"))
}

pub(super) fn plain(text: &str) -> TextFormat {
    let start = start_of(text);
    if reads_as_tag_value(text) {
        return TextFormat::SpdxTagValue;
    }
    let first = start.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let header = start.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    if first.starts_with("#model_version") || header.replace([' ', '"'], "").starts_with("cve,epss")
    {
        return TextFormat::Epss;
    }
    if header.contains("cveID") && header.contains("vendorProject") {
        return TextFormat::KevTable;
    }
    if reads_as_yaml(text) {
        return TextFormat::Yaml;
    }
    if first.starts_with("#separator") || first.starts_with("#fields") {
        return TextFormat::Other("Zeek log");
    }
    if first.starts_with("### BTest") || start.lines().any(|line| line.starts_with("#fields\t")) {
        return TextFormat::Other("Zeek log");
    }
    if yaml(start) {
        return TextFormat::Other("YAML");
    }
    if first.starts_with("# ") || first.starts_with("```") {
        return TextFormat::Other("prose");
    }
    if delimited(start) { TextFormat::Table } else { TextFormat::Other("prose") }
}

fn yaml(start: &str) -> bool {
    let lines = start.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let keys = lines.clone().filter(|line| {
        line.split_once(':').is_some_and(|(key, rest)| {
            !key.trim_start_matches(['-', ' ']).contains([' ', ',', ';', '\t', '"'])
                && (rest.is_empty() || rest.starts_with(' '))
        })
    });
    let total = lines.take(60).count();
    total >= 3 && keys.take(60).count() * 2 > total
}

/// Whether the first lines share a delimiter.
fn delimited(start: &str) -> bool {
    let lines: Vec<&str> = start.lines().filter(|line| !line.trim().is_empty()).take(12).collect();
    [',', ';', '\t', '|'].iter().any(|delimiter| {
        let with = lines.iter().filter(|line| line.matches(*delimiter).count() >= 2).count();
        with >= 1 && with * 2 >= lines.len()
    })
}
