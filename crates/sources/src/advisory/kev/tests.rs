//! The catalogue by hand, cut, with wrong types, and the real one.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use domain::fact::Fact;
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::advisory::trials::{cut_everywhere, cuts, list, read, shown, wrong_types_everywhere};

const SAMPLE: &str = r#"{"title": "Catalog", "count": 2, "vulnerabilities": [
 {"cveID": "CVE-2024-0001", "vendorProject": "Maker", "dateAdded": "2024-01-02",
  "requiredAction": "Apply updates.", "dueDate": "2024-01-23",
  "knownRansomwareCampaignUse": "Known"},
 {"cveID": "CVE-2024-0002", "knownRansomwareCampaignUse": "Unknown"}]}"#;

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&read(super::read, text)));
}

#[track_caller]
fn check_csv(text: &str, expected: &Expect) {
    let reading = super::read_csv(text);
    assert!(reading.conserves());
    expected.assert_eq(&shown(&reading));
}

#[test]
fn unknown_ransomware_use_is_not_no() {
    check(
        SAMPLE,
        &expect![[r#"
        exploited CVE-2024-0001 added 2024-01-02 due 2024-01-23 ransomware Some(true)
            action Some("Apply updates.") at line 2, $.vulnerabilities[0]
        exploited CVE-2024-0002 added - due - ransomware None action None at line 5,
            $.vulnerabilities[1]
        2 seen, 2 made
    "#]],
    );
}

#[test]
fn what_is_wrong_is_told() {
    let text = r#"{"vulnerabilities": [7, {"cveID": ""}, {"cveID": "CVE-1-1", "dateAdded": "soon",
        "knownRansomwareCampaignUse": "Perhaps", "dueDate": 7}]}"#;
    check(
        text,
        &expect![[r#"
        exploited CVE-1-1 added - due - ransomware None action None at line 1,
            $.vulnerabilities[2]
        ! Record line 1, $.vulnerabilities[0]: The record holds too little to be used;
            expected an entry with a `cveID`
        ! Record line 1, $.vulnerabilities[1]: The record holds too little to be used;
            expected an entry with a `cveID`
        ! Field line 2, $.vulnerabilities[2].dueDate: A field has another type than
            its format says; expected a string, found `7`
        ! Field line 1, $.vulnerabilities[2]: A field has a value outside its list;
            expected a date as YYYY-MM-DD, found `soon`
        ! Field line 1, $.vulnerabilities[2]: A field has a value outside its list;
            expected `Known` or `Unknown`, found `Perhaps`
        3 seen, 1 made
    "#]],
    );
    check(
        "{}",
        &expect![[r#"
        ! Document line 1, $: A field that the format requires is not there; expected
            a catalogue with `vulnerabilities`, found `an object`
        0 seen, 0 made
    "#]],
    );
}

#[test]
fn the_csv_is_read_like_the_json() {
    let text = "\u{FEFF}\"cveID\",\"vendorProject\",\"shortDescription\",\"dateAdded\",\
        \"requiredAction\",\"dueDate\",\"knownRansomwareCampaignUse\"\r\n\
        \"CVE-2024-0001\",\"Maker, Inc.\",\"Two\nlines and a \"\"quote\"\"\",\"2024-01-02\",\
        \"Apply, then check.\",\"2024-01-23\",\"Known\"\r\n\
        \r\n\
        CVE-2024-0002,Maker,,2024-01-03,,,Unknown\n\
        ,Maker\n";
    check_csv(
        text,
        &expect![[r#"
        exploited CVE-2024-0001 added 2024-01-02 due 2024-01-23 ransomware Some(true)
            action Some("Apply, then check.") at line 2
        exploited CVE-2024-0002 added 2024-01-03 due - ransomware None action None at
            line 5
        ! Nothing line 6: A row has more or fewer values than the header has columns;
            expected 7 values
        ! Record line 6: The record holds too little to be used; expected an entry
            with a `cveID`
        3 seen, 2 made
    "#]],
    );
    check_csv(
        "a,b\n1,2\n",
        &expect![[r#"
        ! Document line 1: A field that the format requires is not there; expected a
            header with the column `cveID`
        0 seen, 0 made
    "#]],
    );
    check_csv(
        "",
        &expect![[r#"
        ! Document line 1: A field that the format requires is not there; expected a
            header with the column `cveID`
        0 seen, 0 made
    "#]],
    );
}

#[test]
fn a_cut_at_every_byte_conserves() {
    cut_everywhere(super::read, SAMPLE);
    let csv = "cveID,dueDate\n\"CVE-1-1\",\"2024-01-01\"\nCVE-1-2,\"20\"\"24\"\n";
    for cut in cuts(csv) {
        assert!(super::read_csv(cut).conserves());
    }
}

#[test]
fn wrong_types_in_every_field_conserve() {
    wrong_types_everywhere(super::read, SAMPLE);
}

#[test]
fn the_real_catalogue_is_read_whole() {
    let path = testkit::shared_data("kev/known_exploited_vulnerabilities.json");
    let text = std::fs::read_to_string(path).expect("readable");
    let catalogue: Value = serde_json::from_str(&text).expect("valid JSON");
    let reading = read(super::read, &text);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems.listed());
    assert_eq!(reading.facts.len() as u64, catalogue["count"].as_u64().unwrap());
    let known = list(&catalogue, "vulnerabilities")
        .filter(|entry| entry["knownRansomwareCampaignUse"] == "Known")
        .count();
    let ransomware = reading.facts.iter().filter(|fact| match fact {
        Fact::KnownExploited(entry) => {
            assert!(entry.added.is_some() && entry.due.is_some() && entry.action.is_some());
            assert_ne!(entry.ransomware, Some(false));
            entry.ransomware == Some(true)
        }
        _ => false,
    });
    assert_eq!(ransomware.count(), known);
}
