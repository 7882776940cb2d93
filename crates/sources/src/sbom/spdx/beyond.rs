//! Which fields of SPDX become facts, and what else a document holds.

use std::borrow::Cow;

use domain::component::OwnLicence;
use domain::text::Text;

use super::draft::{end_of, identifies, is_need, level_of, phases_of};
use super::three::short;
use super::{json, tag_value};
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
            "created" | "creators" => {}
            "comment" if phases_of(&text).next().is_some() => {}
            _ => tell(format!("creation {key}"), value, kinds),
        }
    }
}

fn package(value: Value<'_>, kinds: &mut Kinds) {
    for (key, value) in value.members() {
        let text = value.as_str().unwrap_or_default();
        match key.as_ref() {
            "SPDXID"
            | "name"
            | "fileName"
            | "versionInfo"
            | "supplier"
            | "originator"
            | "primaryPackagePurpose"
            | "validUntilDate"
            | "licenseConcluded"
            | "licenseDeclared"
            | "checksums"
            | "filesAnalyzed" => {}
            "comment" if is_of_support(&text) => {}
            "annotations" => {
                let comments = value.items().filter_map(|item| {
                    let comment = item.get("comment")?;
                    (!is_of_support(&comment.as_str().unwrap_or_default())).then_some(comment)
                });
                comments.for_each(|one| tell("package annotations".to_owned(), one, kinds));
            }
            "externalRefs" => value.items().for_each(|item| reference(item, kinds)),
            "downloadLocation" | "copyrightText" if NOTHING.contains(&text.as_ref()) => {}
            _ => tell(format!("package {key}"), value, kinds),
        }
    }
}

/// Whether a remark is read for what it says of support.
fn is_of_support(remark: &str) -> bool {
    level_of(remark).is_some() || end_of(remark).is_some()
}

fn reference(item: Value<'_>, kinds: &mut Kinds) {
    let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = text("referenceType");
    let kind = kind.rsplit('/').next().unwrap_or_default();
    if !is_kept_reference(kind) {
        let locator = text("referenceLocator");
        kinds.tell(format!("package external reference {kind}"), 1, item.line(), &locator);
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
                of_tag(tag, &value, number, kinds);
            }
        } else if !matches!(section, Section::Beyond(_)) {
            of_tag(tag, &value, number, kinds);
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

fn of_tag(tag: &str, value: &str, number: u32, kinds: &mut Kinds) {
    match tag {
        "SPDXVersion"
        | "DataLicense"
        | "DocumentNamespace"
        | "SPDXID"
        | "Creator"
        | "Created"
        | "PackageName"
        | "FileName"
        | "PackageVersion"
        | "PackageSupplier"
        | "PackageOriginator"
        | "PrimaryPackagePurpose"
        | "ValidUntilDate"
        | "PackageLicenseConcluded"
        | "PackageLicenseDeclared"
        | "LicenseConcluded"
        | "PackageChecksum"
        | "FileChecksum"
        | "FilesAnalyzed" => {}
        "CreatorComment" if phases_of(value).next().is_some() => {}
        "PackageComment" if is_of_support(value) => {}
        "PackageDownloadLocation" | "PackageCopyrightText" | "FileCopyrightText"
            if NOTHING.contains(&value) => {}
        "ExternalRef" => {
            let kind = value.split_whitespace().nth(1).unwrap_or_default();
            let kind = kind.rsplit('/').next().unwrap_or_default();
            if !is_kept_reference(kind) {
                kinds.tell(format!("package external reference {kind}"), 1, number, value);
            }
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
