//! Which fields of SPDX become facts, and what else a document holds.

use std::borrow::Cow;

use domain::component::{ComponentKind, OwnLicence};
use domain::date;
use domain::text::Text;

use super::draft::{end_of, identifies, is_need, level_of, phases_of};
use super::three::short;
use super::{draft, json, tag_value};
use crate::json::{Json, Kind, Value};
use crate::sbom::beyond::Kinds;

/// Values that say that nothing is said.
const NOTHING: [&str; 3] = ["", "NOASSERTION", "NONE"];

/// Of SPDX 2.x in JSON.
pub(super) fn of_json(json: &Json<'_>, kinds: &mut Kinds) {
    let (document, _) = json::document(json);
    let has_packages = document.get("packages").is_some_and(|list| list.items().next().is_some());
    for (key, value) in document.members() {
        match key.as_ref() {
            "spdxVersion" | "SPDXID" | "dataLicense" | "documentNamespace"
            | "documentDescribes" | "$schema" => {}
            "creationInfo" => creation(value, kinds),
            "packages" => value.items().for_each(|item| package(item, kinds)),
            "files" if !has_packages => value.items().for_each(|item| package(item, kinds)),
            "hasExtractedLicensingInfos" => value.items().for_each(|item| licence(item, kinds)),
            "relationships" => value.items().for_each(|item| relation(item, kinds)),
            _ => tell(format!("document {key}"), value, kinds),
        }
    }
}

fn tell(kind: String, value: Value<'_>, kinds: &mut Kinds) {
    let count = if value.kind() == Kind::Array { value.items().count() } else { 1 };
    kinds.tell(kind, count, value.line(), &value.as_str().unwrap_or_default());
}

/// A licence of the document's own (clause 10).
fn licence(item: Value<'_>, kinds: &mut Kinds) {
    let text = |value: Value<'_>| {
        value.as_str().filter(|text| !text.trim().is_empty()).map(|text| Text::from(text.as_ref()))
    };
    let mut own = OwnLicence::default();
    for (key, value) in item.members() {
        let is_odd = match key.as_ref() {
            "licenseId" => value.as_str().map(|id| own.id = id.trim().into()).is_none(),
            "name" => told(&mut own.name, text(value)),
            "extractedText" => told(&mut own.text, text(value)),
            "comment" => told(&mut own.comment, text(value)),
            "seeAlsos" => {
                own.see_also = value.items().filter_map(text).collect();
                own.see_also.len() < value.items().count() || value.kind() != Kind::Array
            }
            _ => true,
        };
        let is_nothing =
            value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        if is_odd && !is_nothing {
            tell(format!("licence {key}"), value, kinds);
        }
    }
    keep(own, item.line(), kinds);
}

/// Takes a text, and says whether there was none.
fn told(place: &mut Option<Text>, text: Option<Text>) -> bool {
    let is_none = text.is_none();
    *place = text;
    is_none
}

fn keep(own: OwnLicence, line: u32, kinds: &mut Kinds) {
    if own.id.is_empty() {
        let text = own.text.or(own.name).unwrap_or_default();
        kinds.tell("licence without an id".to_owned(), 1, line, &text);
    } else {
        kinds.carried.licences.push(own);
    }
}

fn creation(value: Value<'_>, kinds: &mut Kinds) {
    for (key, value) in value.members() {
        let text = value.as_str().unwrap_or_default();
        match key.as_ref() {
            "created" => {}
            "creators" => value.items().for_each(|item| {
                address(
                    "creation creators",
                    &item.as_str().unwrap_or_default(),
                    item.line(),
                    kinds,
                );
            }),
            "comment" if phases_of(&text).next().is_some() => {
                phases("creation comment", &text, value.line(), kinds);
            }
            _ => tell(format!("creation {key}"), value, kinds),
        }
    }
}

fn package(value: Value<'_>, kinds: &mut Kinds) {
    for (key, value) in value.members() {
        let (text, line) = (value.as_str().unwrap_or_default(), value.line());
        match key.as_ref() {
            "SPDXID" | "name" | "fileName" | "versionInfo" | "licenseConcluded"
            | "licenseDeclared" | "checksums" => {}
            "supplier" | "originator" => agent(&format!("package {key}"), &text, line, kinds),
            "primaryPackagePurpose" => purpose(&text, line, kinds),
            "validUntilDate" => day(&text, line, kinds),
            "filesAnalyzed" if value.as_bool() == Some(false) => {}
            "comment" if is_of_support(&text) => support("package comment", &text, line, kinds),
            "annotations" => value.items().for_each(|item| annotation(item, kinds)),
            "externalRefs" => references(value, kinds),
            "downloadLocation" | "copyrightText" if NOTHING.contains(&text.as_ref()) => {}
            _ => tell(format!("package {key}"), value, kinds),
        }
    }
}

/// Whether a remark is read for what it says of support.
fn is_of_support(remark: &str) -> bool {
    level_of(remark).is_some() || end_of(remark).is_some()
}

/// What of a remark on support says more than that.
fn support(kind: &str, text: &str, line: u32, kinds: &mut Kinds) {
    let is_all = text.trim().strip_prefix("Level of support: ").is_some_and(|rest| {
        matches!(rest, "actively maintained." | "no longer maintained." | "abandoned.")
    });
    if !is_all {
        kinds.tell(format!("{kind}, but for what it says of support"), 1, line, text);
    }
}

fn annotation(item: Value<'_>, kinds: &mut Kinds) {
    let comment = item.get("comment").and_then(Value::as_str).unwrap_or_default();
    if is_of_support(&comment) {
        support("package annotations", &comment, item.line(), kinds);
        for (key, value) in item.members().filter(|(key, _)| key != "comment") {
            tell(format!("package annotations {key}"), value, kinds);
        }
    } else {
        kinds.tell("package annotations".to_owned(), 1, item.line(), &comment);
    }
}

/// What of whoever supplies or makes something is lost: what is written is an organisation.
fn agent(kind: &str, text: &str, line: u32, kinds: &mut Kinds) {
    if text.trim().starts_with("Person:") {
        kinds.tell(format!("{kind}, that it is a person"), 1, line, text);
    }
    address(kind, text, line, kinds);
}

/// The address in brackets after a name.
fn address(kind: &str, text: &str, line: u32, kinds: &mut Kinds) {
    let address = text.split_once(" (").map_or("", |(_, rest)| rest);
    if !address.trim_matches(|c: char| c == ')' || c.is_whitespace()).is_empty() {
        kinds.tell(format!("{kind}, its address"), 1, line, text);
    }
}

fn purpose(text: &str, line: u32, kinds: &mut Kinds) {
    let text = text.trim();
    if draft::kind_of(Some(text), false) == ComponentKind::Other && text != "OTHER" {
        kinds.tell("package primaryPackagePurpose".to_owned(), 1, line, text);
    }
}

/// Of an end of support the day is kept.
fn day(text: &str, line: u32, kinds: &mut Kinds) {
    let time = text.split_once('T').map_or("", |(_, time)| time);
    let words = match date::read(text) {
        None => "",
        Some(_) if !matches!(time, "" | "00:00:00Z") => ", its time of day",
        Some(_) => return,
    };
    kinds.tell(format!("package validUntilDate{words}"), 1, line, text);
}

/// What a remark says beside the phases in it.
fn phases(kind: &str, text: &str, line: u32, kinds: &mut Kinds) {
    let more = text.lines().filter(|line| phases_of(line).next().is_none());
    if let Some(first) = more.into_iter().find(|line| !line.trim().is_empty()) {
        kinds.tell(format!("{kind}, beside the generation context"), 1, line, first);
    }
}

fn references(list: Value<'_>, kinds: &mut Kinds) {
    let mut has_package = false;
    for item in list.items() {
        let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let (kind, locator) = (text("referenceType"), text("referenceLocator"));
        of_reference(&kind, &locator, item.line(), &mut has_package, kinds);
        if let Some(comment) = item.get("comment") {
            tell("package external reference comment".to_owned(), comment, kinds);
        }
    }
}

/// That something outside is told of; of package URLs the first counts.
fn of_reference(kind: &str, locator: &str, line: u32, has_package: &mut bool, kinds: &mut Kinds) {
    let kind = kind.rsplit('/').next().unwrap_or_default();
    let is_second = kind == "purl" && std::mem::replace(has_package, true);
    if !is_kept_reference(kind) {
        kinds.tell(format!("package external reference {kind}"), 1, line, locator);
    } else if is_second {
        let kind = "package external reference purl, beside the first";
        kinds.tell(kind.to_owned(), 1, line, locator);
    }
}

fn is_kept_reference(kind: &str) -> bool {
    matches!(kind, "purl" | "cpe22Type" | "cpe23Type")
}

fn relation(item: Value<'_>, kinds: &mut Kinds) {
    let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = text("relationshipType").to_ascii_uppercase();
    let (from, to) = (text("spdxElementId"), text("relatedSpdxElement"));
    of_relation(&kind, item.line(), &format!("{from} {to}"), kinds);
    if let Some(comment) = item.get("comment") {
        tell("relationship comment".to_owned(), comment, kinds);
    }
}

/// That one element stands to another in some way.
fn of_relation(kind: &str, line: u32, example: &str, kinds: &mut Kinds) {
    match kind {
        "DESCRIBES" | "DESCRIBED_BY" | "CONTAINS" | "CONTAINED_BY" | "DEPENDS_ON"
        | "DEPENDENCY_OF" => {}
        kind if is_need(kind) => {
            kinds.tell(format!("relationship {kind}, now a plain dependency"), 1, line, example);
        }
        kind => kinds.tell(format!("relationship {kind}"), 1, line, example),
    }
}

/// Of SPDX 2.x in tag-value.
pub(super) fn of_tag_value(text: &str, kinds: &mut Kinds) {
    let mut section = Section::Document;
    let mut own: Option<(u32, OwnLicence)> = None;
    let mut has_package = false;
    let has_packages = text.lines().any(|line| line.trim_start().starts_with("PackageName:"));
    tag_value::each(text, |number, line| {
        let Ok((tag, value)) = line else { return };
        section = match tag {
            "FileName" if has_packages => Section::Beyond("files"),
            "PackageName" | "FileName" => Section::Package,
            "SnippetSPDXID" => Section::Beyond("snippets"),
            "LicenseID" => Section::Licence,
            _ => section,
        };
        if let Section::Beyond(kind) = section {
            let is_first = matches!(tag, "FileName" | "SnippetSPDXID");
            kinds.tell(kind.to_owned(), usize::from(is_first), number, &value);
        }
        if tag == "Relationship" {
            let kind = value.split_whitespace().nth(1).unwrap_or_default().to_ascii_uppercase();
            of_relation(&kind, number, &value, kinds);
        } else if section == Section::Licence {
            if tag == "LicenseID" {
                let id = Text::from(value.as_ref());
                let before = own.replace((number, OwnLicence { id, ..OwnLicence::default() }));
                if let Some((line, own)) = before {
                    keep(own, line, kinds);
                }
            } else if let Some((_, own)) = &mut own
                && !of_licence(own, tag, &value)
            {
                of_tag(tag, &value, number, &mut has_package, kinds);
            }
        } else if !matches!(section, Section::Beyond(_)) {
            of_tag(tag, &value, number, &mut has_package, kinds);
        }
    });
    if let Some((line, own)) = own {
        keep(own, line, kinds);
    }
}

/// Takes what a tag says of a licence of the document's own, if it says anything of one.
fn of_licence(own: &mut OwnLicence, tag: &str, value: &str) -> bool {
    let text = || (!value.trim().is_empty()).then(|| Text::from(value));
    match tag {
        "ExtractedText" => own.text = text(),
        "LicenseName" => own.name = text(),
        "LicenseComment" => own.comment = text(),
        "LicenseCrossReference" => own.see_also.extend(text()),
        _ => return false,
    }
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Document,
    Package,
    Licence,
    Beyond(&'static str),
}

fn of_tag(tag: &str, value: &str, number: u32, has_package: &mut bool, kinds: &mut Kinds) {
    match tag {
        "PackageName" => *has_package = false,
        "SPDXVersion"
        | "DataLicense"
        | "DocumentNamespace"
        | "SPDXID"
        | "Created"
        | "FileName"
        | "PackageVersion"
        | "PackageLicenseConcluded"
        | "PackageLicenseDeclared"
        | "LicenseConcluded"
        | "PackageChecksum"
        | "FileChecksum" => {}
        "Creator" => address(tag, value, number, kinds),
        "PackageSupplier" | "PackageOriginator" => agent(tag, value, number, kinds),
        "PrimaryPackagePurpose" => purpose(value, number, kinds),
        "ValidUntilDate" => day(value, number, kinds),
        "FilesAnalyzed" if value.eq_ignore_ascii_case("false") => {}
        "CreatorComment" if phases_of(value).next().is_some() => {
            phases(tag, value, number, kinds);
        }
        "PackageComment" if is_of_support(value) => support(tag, value, number, kinds),
        "PackageDownloadLocation" | "PackageCopyrightText" | "FileCopyrightText"
            if NOTHING.contains(&value) => {}
        "ExternalRef" => {
            let kind = value.split_whitespace().nth(1).unwrap_or_default();
            of_reference(kind, value, number, has_package, kinds);
        }
        _ => kinds.tell(tag.to_owned(), 1, number, value),
    }
}

/// Of SPDX 3.0.
pub(super) fn of_three(json: &Json<'_>, kinds: &mut Kinds) {
    let root = json.root();
    let Some(graph) = root.get("@graph") else { return element(root, true, kinds) };
    let kind = |item: Value<'_>| kind_of(item).into_owned();
    let has_packages = graph.items().any(|item| short(&kind(item)).ends_with("Package"));
    graph.items().for_each(|item| element(item, has_packages, kinds));
}

fn kind_of(item: Value<'_>) -> Cow<'_, str> {
    let kind = item.get("type").or_else(|| item.get("@type"));
    kind.and_then(Value::as_str).unwrap_or_default()
}

fn element(item: Value<'_>, has_packages: bool, kinds: &mut Kinds) {
    let kind = kind_of(item);
    let kept: &[&str] = match short(&kind) {
        "CreationInfo" => &["specVersion", "created", "createdBy", "createdUsing"],
        "SpdxDocument" | "Sbom" | "Bom" | "Bundle" => {
            &["rootElement", "element", "profileConformance", "sbomType", "dataLicense"]
        }
        "Package" | "AIPackage" | "DatasetPackage" => &PACKAGE,
        "File" if !has_packages => &PACKAGE,
        "Organization" | "Person" | "SoftwareAgent" | "Agent" | "Tool" => &["name"],
        "LicenseExpression" | "ListedLicense" => {
            &["simplelicensing_licenseExpression", "licenseExpression", "licenseListVersion"]
        }
        "Relationship" | "LifecycleScopedRelationship" => return relation_of_three(item, kinds),
        // Vulnerabilities are facts; whoever writes an SBOM says what becomes of them.
        kind if kind.ends_with("VulnAssessmentRelationship") || kind == "Vulnerability" => return,
        kind => return tell(format!("element {kind}"), item, kinds),
    };
    for (key, value) in item.members() {
        let name = short(&key);
        let is_head = matches!(name, "type" | "@type" | "spdxId" | "@id" | "creationInfo");
        let text = value.as_str().unwrap_or_default();
        let is_support = matches!(name, "comment" | "description") && is_of_support(&text);
        let is_nothing = value.kind() == Kind::String && NOTHING.contains(&text.as_ref());
        let is_kept = is_head || is_support || kept.contains(&name);
        if name == "externalIdentifier" {
            value.items().for_each(|item| identifier(item, kinds));
        } else if !is_kept && !is_nothing {
            tell(format!("{} {name}", short(&kind)), value, kinds);
        }
    }
}

const PACKAGE: [&str; 9] = [
    "name",
    "packageVersion",
    "primaryPurpose",
    "packageUrl",
    "suppliedBy",
    "originatedBy",
    "validUntilTime",
    "supportLevel",
    "verifiedUsing",
];

fn identifier(item: Value<'_>, kinds: &mut Kinds) {
    let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = text("externalIdentifierType");
    let kind = kind.rsplit(['/', '#']).next().unwrap_or_default();
    if !matches!(kind, "packageUrl" | "purl" | "cpe22" | "cpe23") {
        let word = if identifies(kind) { "identifier" } else { "external identifier" };
        kinds.tell(format!("Package {word} {kind}"), 1, item.line(), &text("identifier"));
    }
}

fn relation_of_three(item: Value<'_>, kinds: &mut Kinds) {
    let kind = item.get("relationshipType").and_then(Value::as_str).unwrap_or_default();
    let kind = kind.rsplit(['/', '#']).next().unwrap_or_default();
    let told = |words: &str, kinds: &mut Kinds| {
        kinds.tell(format!("relationship {kind}{words}"), 1, item.line(), "");
    };
    match kind {
        "hasStaticLink" | "hasDynamicLink" | "hasPrerequisite" => {
            told(", now a plain dependency", kinds);
        }
        // The last five stand for what becomes a fact of a vulnerability.
        "contains"
        | "dependsOn"
        | "describes"
        | "hasDeclaredLicense"
        | "hasConcludedLicense"
        | "hasAssociatedVulnerability"
        | "affects"
        | "doesNotAffect"
        | "fixedIn"
        | "underInvestigationFor" => {}
        _ => told("", kinds),
    }
}
