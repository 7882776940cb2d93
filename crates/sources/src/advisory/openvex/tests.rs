//! A minimum of each version, cuts, wrong types, and every real document.

#![expect(clippy::string_slice, reason = "the samples are ASCII, and a test may fail by a panic")]

use domain::fact::Fact;
use domain::problem::Code;

use super::read;
use crate::json::Json;

const SAMPLE: &str = r#"{
 "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/1", "author": "Maker", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
 "statements": [
  {"vulnerability": {"@id": "https://nvd.nist.gov/vuln/detail/CVE-2020-1", "aliases": ["GHSA-1"]},
   "products": [{"@id": "pkg:oci/pump@1", "identifiers": {"cpe23": "cpe:2.3:a:maker:pump:1:*:*:*:*:*:*:*"}, "subcomponents": [{"@id": "pkg:deb/debian/zlib@1"}, {"@id": "busybox"}]}],
   "status": "not_affected", "justification": "component_not_present", "impact_statement": "It is not built in."},
  {"vulnerability": "CVE-2020-2", "products": ["pkg:npm/a@1"], "status": "fixed"}
 ]}"#;

fn shown(text: &str) -> Vec<String> {
    let json = Json::parse(text);
    let reading = read(&json);
    assert!(reading.conserves(), "{text}");
    let statements = reading.facts.iter().filter_map(|fact| match fact {
        Fact::Statement(statement) => Some(statement),
        _ => None,
    });
    statements
        .map(|s| {
            let products: Vec<String> = s
                .products
                .iter()
                .map(|p| {
                    let part = p.component.as_ref().map_or("", |part| part.name.as_str());
                    format!("{}{}/{}/{part}", p.name, p.purls.len(), p.cpes.len())
                })
                .collect();
            format!(
                "{} {} {} {} {}",
                s.vulnerability,
                s.status.text(),
                s.author.as_deref().unwrap_or("-"),
                s.timestamp.as_deref().unwrap_or("-"),
                products.join(" ")
            )
        })
        .collect()
}

#[test]
fn both_forms_of_a_statement_are_read() {
    assert_eq!(
        shown(SAMPLE),
        [
            "CVE-2020-1 not_affected Maker 2026-01-01T00:00:00Z 1/1/ 1/1/busybox",
            "CVE-2020-2 fixed Maker 2026-01-01T00:00:00Z 1/0/",
        ]
    );
}

#[test]
fn an_unknown_status_costs_the_statement_and_no_other() {
    let text = SAMPLE.replace("\"fixed\"", "\"perhaps\"");
    assert_eq!(shown(&text).len(), 1);
    let json = Json::parse(&text);
    let reading = read(&json);
    let codes: Vec<Code> = reading.problems.listed().iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Code::RecordUnknownValue, Code::RecordMissingField]);
}

#[test]
fn a_cut_or_a_wrong_type_anywhere_is_told_and_never_a_panic() {
    for end in 0..SAMPLE.len() {
        shown(&SAMPLE[..end]);
    }
    for wrong in ["7", "null", "[]", "{}", "\"x\"", "[7]"] {
        for name in ["vulnerability", "products", "status", "statements", "author", "identifiers"] {
            let (before, after) = SAMPLE.split_once(&format!("\"{name}\": ")).expect(name);
            let rest = after.split_once([',', '}']).expect("more").1;
            shown(&format!("{before}\"{name}\": {wrong}, {rest}"));
        }
    }
}

#[test]
fn every_real_document_is_read() {
    let mut count = 0;
    for path in testkit::shared_files("vex") {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Ok(document) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        if !document["@context"].to_string().contains("openvex") {
            continue;
        }
        let expected = document["statements"].as_array().map_or(0, Vec::len);
        assert_eq!(shown(&text).len(), expected, "{}", path.display());
        count += 1;
    }
    assert!(count > 15, "{count} documents");
}
