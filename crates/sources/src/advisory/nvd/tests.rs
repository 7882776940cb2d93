//! NVD records by hand, cut, with wrong types, and the medical slice of the real feed.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use domain::advisory::{Configuration, Target};
use domain::problem::Code;
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::advisory::trials::{
    advisories, cut_everywhere, list, read, shown, wrong_types_everywhere,
};

/// Each part of the format once.
const SAMPLE: &str = r#"{"resultsPerPage": 1, "format": "NVD_CVE", "version": "2.0",
"vulnerabilities": [{"cve": {"id": "CVE-2024-0001", "sourceIdentifier": "cve@maker.example",
 "published": "2024-01-01T00:00:00", "lastModified": "2024-02-01T00:00:00",
 "vulnStatus": "Analyzed",
 "cisaExploitAdd": "2024-03-01", "cisaActionDue": "2024-03-22",
 "cisaRequiredAction": "Apply updates.", "cisaVulnerabilityName": "Maker Pump Overflow",
 "descriptions": [{"lang": "es", "value": "Un fallo."}, {"lang": "en", "value": "A flaw."}],
 "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary", "cvssData":
   {"version": "3.1", "baseScore": 9.8,
   "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
  "cvssMetricV2": [{"type": "Primary", "cvssData": {"version": "2.0",
   "vectorString": "AV:N/AC:L/Au:N/C:C/I:C/A:C", "baseScore": 10.0}}]},
 "weaknesses": [{"source": "nvd@nist.gov", "type": "Primary",
  "description": [{"lang": "en", "value": "CWE-787"}, {"lang": "en", "value": "NVD-CWE-Other"}]}],
 "configurations": [{"operator": "AND", "nodes": [
   {"operator": "OR", "negate": false, "cpeMatch": [
    {"vulnerable": true, "criteria": "cpe:2.3:o:maker:pump_firmware:*:*:*:*:*:*:*:*",
     "versionStartIncluding": "1.0", "versionEndExcluding": "2.1", "matchCriteriaId": "M"},
    {"vulnerable": true, "criteria": "cpe:2.3:o:maker:pump_firmware:*:*:*:*:*:*:*:*",
     "versionStartExcluding": "3.0", "versionEndIncluding": "3.5"}]},
   {"operator": "OR", "negate": true, "cpeMatch": [{"vulnerable": false,
    "criteria": "cpe:2.3:h:maker:pump:-:*:*:*:*:*:*:*"}]}]},
  {"nodes": [{"operator": "OR", "cpeMatch": [{"vulnerable": true,
    "criteria": "cpe:2.3:a:maker:tool:*:*:*:*:*:*:*:*"}]}]}],
 "evaluatorSolution": "Update."}}]}"#;

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&read(super::read, text)));
}

#[test]
fn every_part_of_a_response_is_read() {
    check(
        SAMPLE,
        &expect![[r#"
            NVD CVE-2024-0001, by "cve@maker.example", title "Maker Pump Overflow",
                updated "2024-02-01T00:00:00"
              CVE-2024-0001 Some("Maker Pump Overflow") cwes [787]
                says "A flaw."
                score CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H Some(9.8) by
                    Some("nvd@nist.gov") for []
                score AV:N/AC:L/Au:N/C:C/I:C/A:C Some(10.0) by Some("nvd@nist.gov") for []
                affected ((Value("maker"):Value("pump_firmware"):Any [1.0, 2.1) or
                    Value("maker"):Value("pump_firmware"):Any (3.0, 3.5]) and not
                    Value("maker"):Value("pump"):NotApplicable (, ) runs on) at line 15,
                    $.vulnerabilities[0].cve.configurations[0]
                affected Value("maker"):Value("tool"):Any (, ) at line 23,
                    $.vulnerabilities[0].cve.configurations[1]
                vendor_fix "Update." None for []
            exploited CVE-2024-0001 added 2024-03-01 due 2024-03-22 ransomware None action
                Some("Apply updates.") at line 2, $.vulnerabilities[0].cve
            1 seen, 1 made
        "#]],
    );
}

#[test]
fn a_bare_record_an_override_and_a_list_are_read() {
    check(
        r#"{"id": "CVE-1-1", "vulnStatus": "Rejected"}"#,
        &expect![[r#"
        NVD CVE-1-1, withdrawn
          CVE-1-1 None cwes []
        1 seen, 1 made
    "#]],
    );
    check(
        r#"{"_annotation": {"cve_id": "CVE-1-2"}, "cve": {"configurations": [{"nodes": [{"operator":
        "OR", "cpeMatch": [{"vulnerable": true, "criteria":
        "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*"}]}]}]}}"#,
        &expect![[r#"
            NVD CVE-1-2
              CVE-1-2 None cwes []
                affected Value("v"):Value("p"):Value("1") (, ) at line 1,
                    $.cve.configurations[0]
            1 seen, 1 made
        "#]],
    );
    check(
        r#"[{"cve": {"id": "CVE-1-1"}}, {"cve": {}}, 7]"#,
        &expect![[r#"
        NVD CVE-1-1
          CVE-1-1 None cwes []
        ! Record line 1, $[1]: The record holds too little to be used; expected a CVE
            record with an `id`, found `an object`
        ! Field line 1, $[2]: A field has another type than its format says; expected
            an object, found `7`
        ! Record line 1, $[2]: The record holds too little to be used; expected a CVE
            record with an `id`, found `7`
        3 seen, 1 made
    "#]],
    );
}

#[test]
fn a_name_that_is_no_cpe_is_told_and_left_out() {
    let text = r#"{"id": "CVE-1-1", "configurations": [{"nodes": [{"operator": "XOR", "cpeMatch": [
        {"criteria": "pump", "vulnerable": true}, {"vulnerable": true}]}]}]}"#;
    check(
        text,
        &expect![[r#"
            NVD CVE-1-1
              CVE-1-1 None cwes []
            ! Field line 1, $.configurations[0].nodes[0].operator: A field has a value
                outside its list; expected `AND` or `OR`, found `XOR`
            ! Field line 2, $.configurations[0].nodes[0].cpeMatch[0].criteria: A CPE name
                breaks NISTIR 7695; expected a CPE name (no `cpe:` in front), found `pump`
            1 seen, 1 made
        "#]],
    );
}

#[test]
fn two_scores_of_two_sources_stand_side_by_side() {
    let text = r#"{"id": "CVE-1-1", "metrics": {"cvssMetricV31": [
        {"source": "nvd@nist.gov", "type": "Primary", "cvssData": {"vectorString": "CVSS:3.1/AV:N",
         "baseScore": 9.8}}, {"source": "ics-cert@hq.dhs.gov", "type": "Secondary",
         "cvssData": {"vectorString": "CVSS:3.1/AV:A", "baseScore": 7.1}}]}}"#;
    check(
        text,
        &expect![[r#"
        NVD CVE-1-1
          CVE-1-1 None cwes []
            score CVSS:3.1/AV:N Some(9.8) by Some("nvd@nist.gov") for []
            score CVSS:3.1/AV:A Some(7.1) by Some("ics-cert@hq.dhs.gov") for []
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn a_cut_at_every_byte_conserves() {
    cut_everywhere(super::read, SAMPLE);
}

#[test]
fn wrong_types_in_every_field_conserve() {
    wrong_types_everywhere(super::read, SAMPLE);
}

fn matches(configuration: &Configuration) -> usize {
    match configuration {
        Configuration::All(parts) | Configuration::Any(parts) => parts.iter().map(matches).sum(),
        Configuration::Not(part) => matches(part),
        Configuration::Match(_) => 1,
    }
}

#[test]
fn the_medical_slice_of_the_real_feed_is_read_whole() {
    let path = testkit::shared_data("nvd/medical.jsonl");
    let text = std::fs::read_to_string(path).expect("readable");
    let mut names = 0;
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).expect("valid JSON");
        let reading = read(super::read, line);
        let found = advisories(&reading);
        let vulnerability = &found[0].vulnerabilities[0];
        assert_eq!(found[0].id, record["id"].as_str().unwrap());
        let metrics = record["metrics"].as_object().unwrap().values();
        let metrics: usize = metrics.map(|list| list.as_array().unwrap().len()).sum();
        assert_eq!(vulnerability.scores.len(), metrics, "{line}");
        let nodes = list(&record, "configurations").flat_map(|c| list(c, "nodes"));
        let wanted: usize = nodes.map(|node| list(node, "cpeMatch").count()).sum();
        let made = vulnerability.affected.iter().map(|affected| match &affected.target {
            Target::Configuration(configuration) => matches(configuration),
            _ => 0,
        });
        let bad = reading.problems.by_code().find(|(code, _)| *code == Code::IdentifierBadCpe);
        assert_eq!(made.sum::<usize>() + bad.map_or(0, |(_, count)| count), wanted, "{line}");
        names += wanted;
    }
    assert!(text.lines().count() == 282 && names > 500, "{names}");
}
