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
        let authors: Vec<_> = sbom.authors.iter().map(|author| &author.name).collect();
        writeln!(out, "by {authors:?} with {:?}", sbom.tools)?;
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
    check(
        JSON,
        &expect![[r#"
        1.6 Some("urn:uuid:aa/3") Some("2024-01-02T03:04:05Z")
        by ["Jo", "Writer"] with ["gen 2", "sign"]
        (Some("pump"), Device, None, "Pump 4.1") in None
          by Some("Seller") None
          None [] []
          None None [] 0
        (Some("z"), Library, Some("org"), "zlib 1.2.11") in None
          by Some("Z") Some("A, B")
          Some("zlib") [Some("zlib")] ["Zlib", "Own & other", "MIT OR Apache-2.0"]
          Some(Abandoned) Some("2027-06-30") [("colour", "blue")] 1
        (None, File, None, "crc32.c") in Some(0)
          by None None
          None [] []
          None None [] 0
        (Some("s"), Some("g"), "Time", Some("1")) Some("Cloud") ["https://t.example"]
          Some(false)
        (None, None, "Inner", None) None []
          None
        pump needs ["z", "s"]
        CVE-2018-25032 [VulnerabilityId("GHSA-1")] [787] Some("Memory corruption.")
          CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H Some(7.5) Some("NVD")
          Affected zlib [One("1.2.11")]
          NotAffected zlib [Text("vers:generic/>=1.2.12")]
          mitigation "Update."
          no_fix_planned "will_not_fix"
        CVE-2018-25032 NotAffected Some("code_not_reachable") Some("Not called.")
          Some("Jo") Some("2024-02-02T00:00:00Z")
          [(None, "z"), (Some("urn:uuid:bb/1"), "q")]
        5 seen, 5 made
    "#]],
    );
}

#[test]
fn both_syntaxes_say_the_same() {
    assert_eq!(shown(&read(XML)), shown(&read(JSON)));
}

#[test]
fn a_bad_identifier_costs_a_field() {
    check_components(
        r#"{"type": "gadget", "name": "a", "purl": "npm/a", "cpe": "cpe:a"}"#,
        &expect![[r#"
            (None, Other, None, "a") in None
              by None None
              None [] []
              None None [] 0
            ! Field line 1, $.components[0].type: A field has a value outside its list; expected a type of component of CycloneDX, found `gadget`
            ! Field line 1, $.components[0].purl: A package URL breaks its specification; expected a package URL (no scheme `pkg:`), found `npm/a`
            ! Field line 1, $.components[0].cpe: A CPE name breaks NISTIR 7695; expected a CPE name (neither `cpe:2.3:` nor `cpe:/` in front), found `cpe:a`
            1 seen, 1 made
        "#]],
    );
}

#[test]
fn a_component_without_a_name_is_lost_and_what_is_in_it_is_not() {
    check_components(
        r#"{"name": "a", "components": [{"version": "1", "components": [{"name": "b"}]}]}, 7"#,
        &expect![[r#"
            (None, Library, None, "a") in None
              by None None
              None [] []
              None None [] 0
            (None, Library, None, "b") in Some(0)
              by None None
              None [] []
              None None [] 0
            ! Record line 1, $.components[0].components[0].name: A field that the format requires is not there; expected a name, found `an object`
            ! Record line 1, $.components[1]: A field has another type than its format says; expected an object, found `7`
            4 seen, 2 made
        "#]],
    );
}

#[test]
fn an_unknown_version_is_told_and_read() {
    check(
        r#"{"bomFormat": "CycloneDX", "specVersion": "9.9", "components": [{"name": "a"}]}"#,
        &expect![[r#"
            9.9 None None
            (None, Library, None, "a") in None
              by None None
              None [] []
              None None [] 0
            ! Nothing line 1, $.specVersion: The SBOM names a version of its format that is not known; expected one of 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, found `9.9`
            1 seen, 1 made
        "#]],
    );
    check(
        "<bom xmlns='http://cyclonedx.org/schema/bom/9.9'/>",
        &expect![[r#"
            9.9 None None
            ! Nothing line 1, /bom: The SBOM names a version of its format that is not known; expected one of 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, found `9.9`
            0 seen, 0 made
        "#]],
    );
}

#[test]
fn references_that_repeat_or_point_nowhere_are_told() {
    check(
        r#"{"specVersion": "1.5", "components": [{"bom-ref": "a", "name": "a"},
        {"bom-ref": "a", "name": "b"}], "dependencies": [{"ref": "a", "dependsOn": ["x", "y"]},
        {"dependsOn": []}]}"#,
        &expect![[r#"
            1.5 None None
            (Some("a"), Library, None, "a") in None
              by None None
              None [] []
              None None [] 0
            (Some("a"), Library, None, "b") in None
              by None None
              None [] []
              None None [] 0
            a needs ["x", "y"]
            ! Nothing line 2, $.components[1].bom-ref: Two records carry the same id; expected a reference of its own, found `a`
            ! Nothing line 2, $.dependencies[0].dependsOn[0]: A reference points to nothing in the document; expected the reference of a component or service, found `x`
            ! Nothing line 2, $.dependencies[0].dependsOn[1]: A reference points to nothing in the document; expected the reference of a component or service, found `y`
            ! Field line 3, $.dependencies[1].ref: A field that the format requires is not there; expected a reference, found `an object`
            2 seen, 2 made
        "#]],
    );
}

#[test]
fn a_place_in_xml_is_a_path_of_xml() {
    check(
        "<bom xmlns='http://cyclonedx.org/schema/bom/1.4'><components><component>\n<name>a</name>
        <purl>npm/a</purl></component></components></bom>",
        &expect![[r#"
            1.4 None None
            (None, Library, None, "a") in None
              by None None
              None [] []
              None None [] 0
            ! Field line 3, /bom/components/component[1]/purl: A package URL breaks its specification; expected a package URL (no scheme `pkg:`), found `npm/a`
            1 seen, 1 made
        "#]],
    );
}

#[test]
fn a_link_into_another_document_is_a_reference() {
    check(
        r#"{"specVersion": "1.5", "vulnerabilities": [{"id": "CVE-2024-0001",
        "affects": [{"ref": "urn:cdx:aa/2#pkg:npm/x@1"}], "analysis": {"state": "in_triage"}}]}"#,
        &expect![[r#"
            1.5 None None
            CVE-2024-0001 [] [] None
              Affected x [One("1")]
            CVE-2024-0001 UnderInvestigation None None
              None None
              [(Some("urn:uuid:aa/2"), "pkg:npm/x@1")]
            1 seen, 1 made
        "#]],
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
        for cut in (0..sample.len()).filter_map(|end| sample.get(..end)) {
            assert!(read(cut).problems.lost_document(), "{cut}");
        }
    }
}

#[test]
fn wrong_types_cost_fields_or_records() {
    let sample: Value = serde_json::from_str(JSON).expect("a valid sample");
    let wrong = ["null", "true", "-7.5", "\"\u{e9}\"", "[]", "{}", "[[7]]", "[\"x\"]", "[{}]"];
    for pointer in pointers(&sample) {
        for wrong in wrong {
            let mut changed = sample.clone();
            let value = changed.pointer_mut(&pointer).expect("it is there");
            *value = serde_json::from_str(wrong).expect("valid");
            read(&changed.to_string());
        }
    }
}

/// Where the values of a document stand, itself included.
fn pointers(value: &Value) -> Vec<String> {
    let members: Vec<(String, &Value)> = match value {
        Value::Array(items) => {
            items.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect()
        }
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        _ => Vec::new(),
    };
    let below = members.iter().flat_map(|(key, value)| {
        pointers(value).into_iter().map(move |rest| format!("/{key}{rest}"))
    });
    std::iter::once(String::new()).chain(below).collect()
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

#[test]
fn a_long_name_that_is_often_referred_to_does_not_outgrow_the_document() {
    let name = "a".repeat(100_000);
    let affects = vec![r#"{"ref":"x"}"#; 10_000].join(",");
    let reading = read(&format!(
        r#"{{"specVersion":"1.6","components":[{{"bom-ref":"x","name":"{name}"}}],
        "vulnerabilities":[{{"id":"CVE-2024-0001","affects":[{affects}]}}]}}"#
    ));
    let affected = sbom(&reading).vulnerabilities.iter().map(|flaw| flaw.affected.len());
    assert!((1..100).contains(&affected.sum::<usize>()), "{:?}", reading.problems.told());
    assert_eq!(reading.problems.listed()[0].code, Code::InputTooLarge);
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
const UNLIKE: [(&str, &str); 17] = [
    ("1.2/valid-bom-1.2", "`myframework` stands in the XML only"),
    ("1.3/valid-bom-1.3", "`myframework` stands in the XML only"),
    ("1.4/valid-bom-1.4", "`myframework` stands in the XML only"),
    ("1.5/valid-bom-1.5", "`myframework` stands in the XML only"),
    ("1.2/valid-component-ref-1.2", "the XML has a third component"),
    ("1.3/valid-component-ref-1.3", "the XML has a third component"),
    ("1.4/valid-component-ref-1.4", "the XML has a third component"),
    ("1.5/valid-component-ref-1.5", "the XML has a third component"),
    ("1.2/valid-dependency-1.2", "the components have other names"),
    ("1.3/valid-dependency-1.3", "the components have other names"),
    ("1.4/valid-dependency-1.4", "the components have other names"),
    ("1.5/valid-dependency-1.5", "the components have other names"),
    ("1.3/valid-compositions-1.3", "the third component has another version"),
    ("1.4/valid-compositions-1.4", "the third component has another version"),
    ("1.5/valid-compositions-1.5", "the third component has another version"),
    ("1.7/valid-component-external-with-version", "the component has another version"),
    ("1.7/valid-cryptography-implementation-1.7", "other components"),
];

#[test]
fn twins_in_both_syntaxes_give_the_same_components() {
    let mut twins: BTreeMap<std::path::PathBuf, Vec<Vec<String>>> = BTreeMap::new();
    for (path, text) in documents("sbom/cyclonedx-spec").iter().filter(|(path, _)| is_valid(path)) {
        twins.entry(path.with_extension("")).or_default().push(labels(&read(text)));
    }
    let mut pairs = 0;
    for (stem, twins) in &twins {
        if let [json, xml] = twins.as_slice() {
            pairs += 1;
            let is_unlike = UNLIKE.iter().any(|(name, _)| stem.ends_with(name));
            assert_eq!(json != xml, is_unlike, "{}\n{json:?}\n{xml:?}", stem.display());
        }
    }
    assert!(pairs > 200, "{pairs}");
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
