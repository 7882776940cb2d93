//! Which documents are recognised, however they are put together.

use std::fmt::Write as _;

use domain::fact::Fact;

use super::{Role, read};

/// What became of a document: format, records made of those seen, codes of problems with lines.
fn shown(bytes: &[u8]) -> String {
    let read = read(bytes);
    if read.role == Role::Other {
        return format!("left out: {}", read.format);
    }
    let reading = read.reading;
    let mut out = format!("{}: {} of {}", read.format, reading.records_made, reading.records_seen);
    for problem in reading.problems.listed() {
        let _ = write!(out, ", {} at {}", problem.code, problem.at);
    }
    out
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(text.as_bytes()), expected, "{text}");
}

const CVE: &str = r#"{"dataType": "CVE_RECORD", "cveMetadata": {"cveId": "CVE-2024-1"},
"containers": {}}"#;

#[test]
fn records_in_an_array_are_read() {
    check(&format!("[{CVE}, {CVE}]"), "CVE record array: 2 of 2");
    let osv = r#"{"id": "X", "modified": "2024-01-01T00:00:00Z", "affected": []}"#;
    check(&format!("[{osv}]"), "OSV array: 1 of 1");
    check(
        &format!("[{CVE},\n 7,\n {CVE}]"),
        "CVE record array: 2 of 3, input.unrecognised at line 3",
    );
    check(
        &format!("[{CVE}, {{\"dataType\": "),
        "CVE record array: 1 of 1, input.truncated at line 2",
    );
    check("[1, 2]", "JSON of an unknown kind: 0 of 0, input.unrecognised at the whole document");
}

#[test]
fn records_one_after_the_other_are_read() {
    let line = CVE.replace('\n', "");
    check(&format!("{line}\n{line}\n"), "CVE record lines: 2 of 2");
    check(&format!("{line}\n{{\n{line}"), "CVE record lines: 2 of 3, input.truncated at line 2");
    check(&format!("{CVE}\n{CVE}\n"), "CVE record documents: 2 of 2");
    check(
        &format!("{CVE}\n{CVE}\n{{\"dataType\": \"CVE"),
        "CVE record documents: 2 of 3, input.truncated at line 5",
    );
}

#[test]
fn a_million_documents_take_no_longer_than_their_bytes() {
    let text = format!("{CVE}{}", "{}".repeat(1_000_000));
    let read = read(text.as_bytes());
    assert_eq!((read.reading.records_made, read.reading.records_seen), (1, 1_000_001));
}

#[test]
fn brackets_in_strings_end_no_document() {
    let odd = CVE.replace("CVE-2024-1", "CVE-2024-1}\\\"{");
    check(&format!("{odd}\n{CVE}\n"), "CVE record documents: 2 of 2");
}

#[test]
fn what_stands_behind_a_document_costs_itself_only() {
    check(&format!("{CVE} and so on"), "CVE record documents: 1 of 2, input.syntax at line 2");
}

#[test]
fn resources_of_a_bulk_export_point_to_one_another() {
    let device = r#"{"resourceType": "Device", "id": "d", "serialNumber": "S1",
        "location": {"reference": "Location/l"}}"#
        .replace('\n', "");
    let place = r#"{"resourceType": "Location", "id": "l", "name": "ICU"}"#;
    let lines = format!("{device}\n{place}\n{device}\n");
    assert_eq!(
        shown(lines.as_bytes()),
        "FHIR Device lines: 1 of 2, record.duplicate-id at line 3, $"
    );
    let facts = read(format!("[{place}, {device}]").as_bytes()).reading.facts;
    let [Fact::Device(device)] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(device.unit.as_deref().or(device.room.as_deref()), Some("ICU"));
}

#[test]
fn an_inventory_is_known_below_a_remark_and_with_two_columns() {
    check("# Export of 2026\nAsset Tag,Make,Model\nA1,BD,Alaris\n", "table of devices: 1 of 1");
    check("Asset Tag;Model\nA1;Alaris\nA2;Alaris\n", "table of devices: 2 of 2");
    check("# Notes\nCall BD, again, about the pump.\n", "left out: prose");
}

#[test]
fn predictions_are_known_with_quotes_too() {
    check("\"cve\",\"epss\",\"percentile\"\n\"CVE-1-1\",\"0.1\",\"0.2\"", "EPSS CSV: 1 of 1");
}

#[test]
fn what_may_hold_an_input_and_is_not_read_is_told() {
    let unsupported = "0 of 0, input.unsupported at the whole document";
    check("BZh91AY&SY", &format!("archive (bzip2): {unsupported}"));
    let mut tar = vec![b'a'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    assert_eq!(shown(&tar), format!("archive (tar): {unsupported}"));
    let sheet = b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\
        mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    assert!(shown(sheet).contains("input."), "{}", shown(sheet));
    let unknown = "0 of 0, input.unrecognised at the whole document";
    assert_eq!(shown(b"\x01\0\x02 rubbish"), format!("binary data: {unknown}"));
    check("{'bomFormat': 'CycloneDX'}", "JSON of an unknown kind: 0 of 0, input.syntax at line 1");
}

#[test]
fn what_is_refused_is_shown() {
    let found = |text: &str| read(text.as_bytes()).reading.problems.listed()[0].found.clone();
    assert_eq!(found("{\"fetchTime\": 1}"), "{\"fetchTime\": 1}");
    assert_eq!(found("a,b,c\n1,2,3\n4,5,6\n"), "a, b, c");
}
