//! CycloneDX by hand, cut, with wrong types, and the real ones, in both syntaxes.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use domain::advisory::Target;
use domain::component::Sbom;
use domain::fact::{Fact, Reading};
use domain::problem::{Code, Loss, Problems};
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::advisory::trials::wrong_types_everywhere;
use crate::json::Json;
use crate::text::decode;
use crate::xml::Xml;

/// Each part of the format once, in JSON.
const JSON: &str = include_str!("tests/sample.json");
/// The same in XML.
const XML: &str = include_str!("tests/sample.xml");

#[track_caller]
fn read(text: &str) -> Reading {
    let reading = if text.trim_start().starts_with('<') {
        let xml = Xml::parse(text);
        let mut reading = super::read_xml(&xml);
        reading.problems.extend(xml.problem());
        reading
    } else {
        super::read_json(&Json::parse(text))
    };
    assert!(reading.conserves(), "{reading:#?}");
    reading
}

#[track_caller]
fn sbom(reading: &Reading) -> &Sbom {
    match reading.facts.as_slice() {
        [Fact::Sbom(sbom)] => sbom,
        other => panic!("one SBOM was expected, found {other:?}"),
    }
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&read(text)));
}

/// The components of a document in JSON, and the problems with it.
#[track_caller]
fn check_components(components: &str, expected: &Expect) {
    let text = format!(r#"{{"specVersion": "1.6", "components": [{components}]}}"#);
    let lines = shown(&read(&text));
    let lines = lines.split_inclusive('\n');
    expected.assert_eq(&lines.filter(|line| !line.starts_with("1.6")).collect::<String>());
}

fn shown(reading: &Reading) -> String {
    let mut out = String::new();
    show(reading, &mut out).expect("a string takes all");
    out
}

fn show(reading: &Reading, out: &mut String) -> std::fmt::Result {
    let sbom = sbom(reading);
    writeln!(out, "{} {:?} {:?}", sbom.spec_version, sbom.serial, sbom.created)?;
    if !sbom.authors.is_empty() || !sbom.tools.is_empty() {
        writeln!(out, "by {:?} with {:?}", sbom.authors, sbom.tools)?;
    }
    for component in sbom.subject.iter().chain(&sbom.components) {
        let name = (&component.reference, component.kind, &component.group, component.label());
        writeln!(out, "{name:?} in {:?}", component.parent)?;
        writeln!(out, "  by {:?} {:?}", component.supplier, component.manufacturer)?;
        let purl = component.purl.as_ref().map(|purl| &purl.name);
        let cpes: Vec<_> = component.cpes.iter().map(|cpe| cpe.product_value()).collect();
        writeln!(out, "  {purl:?} {cpes:?} {:?}", component.licences)?;
        let (end, hashes) = (component.end_of_support, component.hashes.len());
        let end = end.map(|day| day.to_string());
        writeln!(out, "  {:?} {end:?} {:?} {hashes}", component.support, component.other)?;
    }
    for service in &sbom.services {
        let of = (&service.reference, &service.group, &service.name, &service.version);
        writeln!(out, "{of:?} {:?} {:?}", service.provider, service.endpoints)?;
        writeln!(out, "  {:?}", service.authenticated)?;
    }
    for dependency in &sbom.dependencies {
        writeln!(out, "{} needs {:?}", dependency.from, dependency.to)?;
    }
    for flaw in &sbom.vulnerabilities {
        writeln!(out, "{} {:?} {:?} {:?}", flaw.id, flaw.aliases, flaw.cwes, flaw.description)?;
        for score in &flaw.scores {
            writeln!(out, "  {} {:?} {:?}", score.vector, score.stated, score.origin)?;
        }
        for affected in &flaw.affected {
            let Target::Product(product) = &affected.target else { continue };
            writeln!(out, "  {:?} {} {:?}", affected.status, product.name, product.versions)?;
        }
        for remediation in &flaw.remediations {
            writeln!(out, "  {} {:?}", remediation.kind, remediation.details)?;
        }
    }
    for statement in &sbom.statements {
        write!(out, "{} {:?}", statement.vulnerability, statement.status)?;
        writeln!(out, " {:?} {:?}", statement.justification, statement.detail)?;
        writeln!(out, "  {:?} {:?}", statement.author, statement.timestamp)?;
        writeln!(out, "  {:?}", statement.references)?;
    }
    for problem in reading.problems.listed() {
        writeln!(out, "! {:?} {problem}", problem.loss)?;
    }
    writeln!(out, "{} seen, {} made", reading.records_seen, reading.records_made)
}

#[test]
fn every_part_of_the_format_is_read() {
    check(JSON, &expect![[r#""#]]);
}

#[test]
fn both_syntaxes_say_the_same() {
    assert_eq!(shown(&read(XML)), shown(&read(JSON)));
}

#[test]
fn a_bad_identifier_costs_a_field() {
    check_components(
        r#"{"type": "gadget", "name": "a", "purl": "npm/a", "cpe": "cpe:a"}"#,
        &expect![[r#""#]],
    );
}

#[test]
fn a_component_without_a_name_is_lost_and_what_is_in_it_is_not() {
    check_components(
        r#"{"name": "a", "components": [{"version": "1", "components": [{"name": "b"}]}]}, 7"#,
        &expect![[r#""#]],
    );
}

#[test]
fn an_unknown_version_is_told_and_read() {
    check(
        r#"{"bomFormat": "CycloneDX", "specVersion": "9.9", "components": [{"name": "a"}]}"#,
        &expect![[r#""#]],
    );
    check("<bom xmlns='http://cyclonedx.org/schema/bom/9.9'/>", &expect![[r#""#]]);
}

#[test]
fn references_that_repeat_or_point_nowhere_are_told() {
    check(
        r#"{"specVersion": "1.5", "components": [{"bom-ref": "a", "name": "a"},
        {"bom-ref": "a", "name": "b"}], "dependencies": [{"ref": "a", "dependsOn": ["x", "y"]},
        {"dependsOn": []}]}"#,
        &expect![[r#""#]],
    );
}

#[test]
fn a_place_in_xml_is_a_path_of_xml() {
    check(
        "<bom xmlns='http://cyclonedx.org/schema/bom/1.4'><components><component>\n<name>a</name>
        <purl>npm/a</purl></component></components></bom>",
        &expect![[r#""#]],
    );
}

#[test]
fn a_link_into_another_document_is_a_reference() {
    check(
        r#"{"specVersion": "1.5", "vulnerabilities": [{"id": "CVE-2024-0001",
        "affects": [{"ref": "urn:cdx:aa/2#pkg:npm/x@1"}], "analysis": {"state": "in_triage"}}]}"#,
        &expect![[r#""#]],
    );
}

#[test]
fn an_expansion_bomb_is_refused() {
    let text = "<?xml version='1.0'?><!DOCTYPE bom [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>
        <bom xmlns='http://cyclonedx.org/schema/bom/1.4'><components><component>
        <name>&b;</name></component></components></bom>";
    let reading = read(text);
    assert!(sbom(&reading).components.is_empty());
    let told = |code| reading.problems.listed().iter().any(|problem| problem.code == code);
    assert!(told(Code::InputDeclaresEntities) && reading.problems.lost_document());
}

#[test]
fn every_cut_of_a_sample_is_read_and_told() {
    for sample in [JSON, XML] {
        let sample = sample.trim_end();
        for end in (0..sample.len()).filter(|end| sample.is_char_boundary(*end)) {
            assert!(read(&sample[..end]).problems.lost_document(), "{}", &sample[..end]);
        }
    }
}

#[test]
fn wrong_types_cost_fields_or_records() {
    wrong_types_everywhere(super::read_json, JSON);
}

#[test]
fn deep_nesting_is_read_to_the_bound() {
    let nested = |levels: usize| {
        let open = r#"{"name":"a","components":["#;
        format!(r#"{{"components":[{}{}]}}"#, open.repeat(levels), "]}".repeat(levels))
    };
    assert_eq!(sbom(&read(&nested(255))).components.len(), 255);
    assert!(read(&nested(511)).problems.lost_document());
    let nested = |levels: usize| {
        let (open, close) = ("<components><component><name>a</name>", "</component></components>");
        format!("<bom>{}{}</bom>", open.repeat(levels), close.repeat(levels))
    };
    assert_eq!(sbom(&read(&nested(255))).components.len(), 255);
    assert!(read(&nested(511)).problems.lost_document());
}

/// Every document below a folder that begins as CycloneDX does.
fn documents(folder: &str) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    for path in testkit::shared_files(folder) {
        let bytes = std::fs::read(&path).expect("readable");
        let text = decode(&bytes, &mut Problems::default());
        let is_xml = text.trim_start().starts_with('<') && text.contains("cyclonedx.org/schema");
        let is_json = text.trim_start().starts_with('{') && text.contains("CycloneDX");
        if is_xml || is_json {
            found.push((path, text.into_owned()));
        }
    }
    assert!(!found.is_empty());
    found
}

fn labels(reading: &Reading) -> Vec<String> {
    sbom(reading).components.iter().map(domain::component::Component::label).collect()
}

/// An independent count of a document's components.
fn count(value: &Value) -> usize {
    let list = value["components"].as_array().into_iter().flatten();
    list.map(|component| 1 + count(component)).sum()
}

fn is_valid(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("valid-"))
}

#[test]
fn every_valid_document_of_the_specification_is_read_without_loss() {
    let documents = documents("sbom/cyclonedx-spec");
    let valid = documents.iter().filter(|(path, _)| is_valid(path));
    let mut total = 0;
    for (path, text) in valid {
        let reading = read(text);
        total += 1;
        assert_eq!(reading.problems.records_lost(), 0, "{}", path.display());
        assert!(!reading.problems.lost_document(), "{}", path.display());
        if path.extension().is_some_and(|extension| extension == "json") {
            let value: Value = serde_json::from_str(text).expect("valid JSON");
            let expected = count(&value) + count(&value["metadata"]["component"]);
            assert_eq!(sbom(&reading).components.len(), expected, "{}", path.display());
        }
    }
    assert!(total > 400, "{total}");
}

/// Twins that differ in the corpus itself.
const UNLIKE: [(&str, &str); 0] = [];

#[test]
fn twins_in_both_syntaxes_give_the_same_components() {
    let mut twins: BTreeMap<std::path::PathBuf, Vec<Vec<String>>> = BTreeMap::new();
    for (path, text) in documents("sbom/cyclonedx-spec").iter().filter(|(path, _)| is_valid(path)) {
        twins.entry(path.with_extension("")).or_default().push(labels(&read(text)));
    }
    let mut unlike = Vec::new();
    for (stem, twins) in &twins {
        if let [json, xml] = twins.as_slice()
            && json != xml
        {
            unlike.push(format!("{}\n{json:?}\n{xml:?}", stem.display()));
        }
    }
    unlike.retain(|told| !UNLIKE.iter().any(|(name, _)| told.contains(name)));
    assert!(unlike.is_empty(), "{}", unlike.join("\n\n"));
}

#[test]
fn real_documents_are_read_and_conserve() {
    let mut components = 0;
    let folders = [
        "sbom/cyclonedx-examples",
        "mixed/cyclonedx",
        "sbom/in-the-wild",
        "sbom/quality-samples",
        "sbom/medsbom",
    ];
    for folder in folders {
        for (path, text) in documents(folder) {
            let reading = read(&text);
            components += sbom(&reading).components.len();
            let whole = serde_json::from_str::<Value>(&text);
            if let Ok(value) = whole.as_ref()
                && reading.problems.records_lost() == 0
            {
                let expected = count(value) + count(&value["metadata"]["component"]);
                assert_eq!(sbom(&reading).components.len(), expected, "{}", path.display());
            }
        }
    }
    assert!(components > 1_000, "{components}");
}

#[test]
fn a_nothing_is_a_document_without_records() {
    assert!(read("null").problems.listed().iter().all(|problem| problem.loss != Loss::Record));
}
