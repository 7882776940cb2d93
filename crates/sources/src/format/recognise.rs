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
/// first entry (`OpenDocument` 1.2, part 3, section 3.3).
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
    if matches!(bytes, [b'{' | b'[', ..]) {
        return None;
    }
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
    OsvResults,
    Kev,
    Fhir,
    Other(&'static str),
}

/// The members of the outermost object by which a document is known, found in one walk over it:
/// to walk a small document for each of them would cost more than to read it.
#[derive(Default)]
struct Marks<'d> {
    aggregator: Option<Value<'d>>,
    affected: Option<Value<'d>>,
    aliases: Option<Value<'d>>,
    annotation: Option<Value<'d>>,
    bom_format: Option<Value<'d>>,
    canonical_url: Option<Value<'d>>,
    catalog_version: Option<Value<'d>>,
    components: Option<Value<'d>>,
    containers: Option<Value<'d>>,
    context: Option<Value<'d>>,
    csaf_sources: Option<Value<'d>>,
    cve: Option<Value<'d>>,
    cve_metadata: Option<Value<'d>>,
    data_type: Option<Value<'d>>,
    definitions: Option<Value<'d>>,
    defs: Option<Value<'d>>,
    document: Option<Value<'d>>,
    feed: Option<Value<'d>>,
    format: Option<Value<'d>>,
    graph: Option<Value<'d>>,
    id: Option<Value<'d>>,
    metadata: Option<Value<'d>>,
    modified: Option<Value<'d>>,
    packages: Option<Value<'d>>,
    properties: Option<Value<'d>>,
    publisher: Option<Value<'d>>,
    resource_type: Option<Value<'d>>,
    results: Option<Value<'d>>,
    runs: Option<Value<'d>>,
    schema: Option<Value<'d>>,
    schema_version: Option<Value<'d>>,
    spdx_document_id: Option<Value<'d>>,
    spdx_id: Option<Value<'d>>,
    spdx_version: Option<Value<'d>>,
    spec_version: Option<Value<'d>>,
    spec_version_of_old: Option<Value<'d>>,
    version: Option<Value<'d>>,
    vulnerabilities: Option<Value<'d>>,
    vulns: Option<Value<'d>>,
    withdrawn: Option<Value<'d>>,
    wraps_spdx: bool,
}

impl<'d> Marks<'d> {
    /// Of a key that stands there twice the last value counts, as [`Value::get`] has it.
    fn of(root: Value<'d>) -> Self {
        let mut marks = Self::default();
        let mut wrapped = [None; 5];
        for (key, value) in root.members() {
            marks.note(key.as_bytes(), value);
            if let Some(place) = WRAPPINGS.iter().position(|known| *known == key) {
                wrapped.get_mut(place).into_iter().for_each(|slot| *slot = Some(value));
            }
        }
        let mut wrapped = wrapped.into_iter().flatten();
        marks.wraps_spdx = wrapped.any(|value| value.get("spdxVersion").is_some());
        marks
    }

    fn note(&mut self, key: &[u8], value: Value<'d>) {
        let mark = match key {
            b"$defs" => &mut self.defs,
            b"$schema" => &mut self.schema,
            b"@context" => &mut self.context,
            b"@graph" => &mut self.graph,
            b"SPDXID" => &mut self.spdx_document_id,
            b"_annotation" => &mut self.annotation,
            b"affected" => &mut self.affected,
            b"aggregator" => &mut self.aggregator,
            b"aliases" => &mut self.aliases,
            b"bomFormat" => &mut self.bom_format,
            b"canonical_url" => &mut self.canonical_url,
            b"catalogVersion" => &mut self.catalog_version,
            b"components" => &mut self.components,
            b"containers" => &mut self.containers,
            b"csaf_providers" | b"csaf_publishers" => &mut self.csaf_sources,
            b"cve" => &mut self.cve,
            b"cveMetadata" => &mut self.cve_metadata,
            b"dataType" => &mut self.data_type,
            b"definitions" => &mut self.definitions,
            b"document" => &mut self.document,
            b"feed" => &mut self.feed,
            b"format" => &mut self.format,
            b"id" => &mut self.id,
            b"metadata" => &mut self.metadata,
            b"modified" => &mut self.modified,
            b"packages" => &mut self.packages,
            b"properties" => &mut self.properties,
            b"publisher" => &mut self.publisher,
            b"resourceType" => &mut self.resource_type,
            b"results" => &mut self.results,
            b"runs" => &mut self.runs,
            b"schema_version" => &mut self.schema_version,
            b"spdxId" => &mut self.spdx_id,
            b"spdxVersion" => &mut self.spdx_version,
            b"specVersion" => &mut self.spec_version,
            b"spec_version" => &mut self.spec_version_of_old,
            b"version" => &mut self.version,
            b"vulnerabilities" => &mut self.vulnerabilities,
            b"vulns" => &mut self.vulns,
            b"withdrawn" => &mut self.withdrawn,
            _ => return,
        };
        *mark = Some(value);
    }
}

/// Objects that some producers put around an SPDX document.
const WRAPPINGS: [&str; 5] = ["sbom", "Document", "spdxDocument", "SpdxDocument", "spdx"];

fn text(mark: Option<Value<'_>>) -> Cow<'_, str> {
    mark.and_then(Value::as_str).unwrap_or_default()
}

/// The keys of the outermost object decide; an object's own mark comes before what it only shares.
pub(super) fn json(root: Value<'_>) -> Option<JsonFormat> {
    let marks = &Marks::of(root);
    if text(marks.bom_format) == "CycloneDX"
        || text(marks.schema).contains("cyclonedx.org/schema/bom")
    {
        return Some(JsonFormat::CycloneDx);
    }
    if let Some(spdx) = spdx(marks) {
        return Some(spdx);
    }
    if marks.spec_version_of_old.is_some()
        || marks.spec_version.is_some() && (marks.components.is_some() || marks.metadata.is_some())
    {
        return Some(JsonFormat::CycloneDx);
    }
    if let Some(document) = marks.document
        && (document.get("csaf_version").is_some() || document.get("tracking").is_some())
    {
        return Some(JsonFormat::Csaf);
    }
    if text(marks.data_type) == "CVE_RECORD"
        || marks.cve_metadata.is_some() && marks.containers.is_some()
    {
        return Some(JsonFormat::Cve);
    }
    if marks.catalog_version.is_some() && marks.vulnerabilities.is_some() {
        return Some(JsonFormat::Kev);
    }
    if nvd(root, marks) {
        return Some(JsonFormat::Nvd);
    }
    if marks.id.is_some()
        && marks.modified.is_some()
        && (marks.affected.is_some()
            || marks.aliases.is_some()
            || marks.schema_version.is_some()
            || marks.withdrawn.is_some())
    {
        return Some(JsonFormat::Osv);
    }
    if osv_results(marks) {
        return Some(JsonFormat::OsvResults);
    }
    if !text(marks.resource_type).is_empty() {
        return Some(JsonFormat::Fhir);
    }
    other_json(marks)
}

fn spdx(marks: &Marks<'_>) -> Option<JsonFormat> {
    let context_text = marks
        .context
        .and_then(|context| context.as_str().or_else(|| context.items().find_map(Value::as_str)))
        .unwrap_or_default();
    if context_text.contains("openvex") {
        return Some(JsonFormat::OpenVex);
    }
    let has_spdx_ids = || {
        marks.graph.is_some_and(|graph| {
            graph
                .items()
                .take(20)
                .any(|item| item.get("spdxId").is_some() || item.get("creationInfo").is_some())
        })
    };
    if context_text.contains("spdx.org/rdf/3") || has_spdx_ids() || marks.spdx_id.is_some() {
        return Some(JsonFormat::Spdx3);
    }
    let is_two = marks.spdx_version.is_some()
        || marks.wraps_spdx
        || marks.spdx_document_id.is_some() && marks.packages.is_some();
    is_two.then_some(JsonFormat::Spdx2)
}

/// What osv-scanner writes, and what OSV's own interface answers: whole records, wrapped.
fn osv_results(marks: &Marks<'_>) -> bool {
    const LOOKED_AT: usize = 20;
    let is_record = |value: Value<'_>| value.get("id").is_some() && value.get("affected").is_some();
    let any = |list: Option<Value<'_>>, is: &dyn Fn(Value<'_>) -> bool| {
        list.is_some_and(|list| list.items().take(LOOKED_AT).any(is))
    };
    any(marks.vulns, &is_record)
        || any(marks.results, &|result| {
            any(result.get("packages"), &|package| {
                package.get("package").is_some() && any(package.get("vulnerabilities"), &is_record)
            })
        })
}

fn nvd(root: Value<'_>, marks: &Marks<'_>) -> bool {
    let is_cve = |value: Value<'_>| {
        value.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with("CVE-"))
            && (value.get("configurations").is_some()
                || value.get("sourceIdentifier").is_some()
                || value.get("descriptions").is_some())
    };
    let first = marks.vulnerabilities.and_then(|list| list.items().next());
    text(marks.format).starts_with("NVD_CVE")
        || first.and_then(|entry| entry.get("cve")).is_some_and(is_cve)
        || marks.cve.is_some_and(|cve| {
            is_cve(cve) || cve.get("configurations").is_some() && marks.annotation.is_some()
        })
        || text(marks.id).starts_with("CVE-") && is_cve(root)
}

fn other_json(marks: &Marks<'_>) -> Option<JsonFormat> {
    let schema = text(marks.schema);
    if schema.contains("json-schema.org")
        || marks.defs.is_some()
        || marks.definitions.is_some() && marks.properties.is_some()
    {
        return Some(JsonFormat::Other("JSON schema"));
    }
    if schema.contains("sarif") || marks.runs.is_some() && marks.version.is_some() {
        return Some(JsonFormat::Other("SARIF"));
    }
    if marks.canonical_url.is_some() && marks.publisher.is_some() {
        return Some(JsonFormat::Other("CSAF provider metadata"));
    }
    if marks.aggregator.is_some() && marks.csaf_sources.is_some() {
        return Some(JsonFormat::Other("CSAF aggregator"));
    }
    if marks.feed.is_some_and(|feed| feed.get("entry").is_some()) {
        return Some(JsonFormat::Other("ROLIE feed"));
    }
    None
}

/// The format in words, with the version that the document names.
pub(super) fn json_title(root: Value<'_>, format: JsonFormat) -> String {
    let text = |key: &str| text(root.get(key));
    match format {
        JsonFormat::CycloneDx => titled(&["CycloneDX", &text("specVersion"), "JSON"]),
        JsonFormat::Spdx2 => {
            titled(&["SPDX", text("spdxVersion").trim_start_matches("SPDX-"), "JSON"])
        }
        JsonFormat::Csaf => {
            let version = root.get("document").and_then(|d| d.get("csaf_version"));
            titled(&["CSAF", &self::text(version)])
        }
        JsonFormat::Fhir => titled(&["FHIR", &text("resourceType")]),
        JsonFormat::Spdx3 => "SPDX 3 JSON-LD".to_owned(),
        JsonFormat::OpenVex => "OpenVEX".to_owned(),
        JsonFormat::Cve => "CVE record".to_owned(),
        JsonFormat::Nvd => "NVD".to_owned(),
        JsonFormat::Osv => "OSV".to_owned(),
        JsonFormat::OsvResults => "OSV results".to_owned(),
        JsonFormat::Kev => "KEV".to_owned(),
        JsonFormat::Other(kind) => kind.to_owned(),
    }
}

/// The words of some texts with one blank between them.
fn titled(parts: &[&str]) -> String {
    let mut title = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for part in parts {
        let is_word = part.bytes().all(|byte| byte.is_ascii_graphic()) && !part.is_empty();
        if is_word {
            push_word(&mut title, part);
        } else {
            part.split_whitespace().for_each(|word| push_word(&mut title, word));
        }
    }
    title
}

fn push_word(title: &mut String, word: &str) {
    if !title.is_empty() {
        title.push(' ');
    }
    title.push_str(word);
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
