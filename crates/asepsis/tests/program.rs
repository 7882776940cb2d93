//! The program as people and scripts run it.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail by a panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "program/schema.rs"]
mod schema;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_asepsis")).args(arguments).output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The example, assessed for a day that does not move.
fn example() -> Value {
    let output = run(&["demo", "--date", "2026-11-23", "--json", "-"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn the_example_gets_the_verdicts_that_its_authors_expect() {
    let example = example();
    let expected = include_str!("saint-brigid.csv");
    let mut wrong = Vec::new();
    for line in expected.lines().skip(1) {
        let fields: Vec<&str> = line.splitn(4, ',').collect();
        let [device, vulnerability, verdict, why] = fields.as_slice() else { panic!("{line}") };
        let judged = verdicts(&example, device, vulnerability);
        let right = match *verdict {
            "none" => judged.is_empty(),
            verdict => judged.iter().any(|judged| judged == verdict),
        };
        if !right {
            wrong.push(format!("{device} {vulnerability}: {judged:?}, not {verdict} ({why})"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(expected.lines().count() > 50);
}

fn verdicts(example: &Value, device: &str, vulnerability: &str) -> Vec<String> {
    let devices = example["devices"].as_array().expect("devices");
    let found = devices.iter().find(|found| found["id"] == device);
    let found = found.unwrap_or_else(|| panic!("no device {device}"));
    let Some(release) = found["release"].as_u64() else { return Vec::new() };
    let release = &example["releases"][usize::try_from(release).expect("small")];
    let findings = release["findings"].as_array().expect("findings");
    let about = findings.iter().filter(|finding| finding["vulnerability"] == vulnerability);
    about.map(|finding| finding["verdict"].as_str().expect("a verdict").to_owned()).collect()
}

#[test]
fn json_keeps_to_its_schema() {
    let path = project("docs/reference/assessment.schema.json");
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON");
    let breaches = schema::breaches(&schema, &example());
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_schema_test_can_fail() {
    let path = project("docs/reference/assessment.schema.json");
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON");
    let mut example = example();
    example["devices"][0]["rank"] = "first".into();
    example["devices"][1]["surprise"] = true.into();
    assert_eq!(schema::breaches(&schema, &example).len(), 2);
}

#[test]
fn two_runs_say_the_same() {
    assert_eq!(example(), example());
}

#[test]
fn every_reason_of_every_finding_has_its_evidence() {
    let example = example();
    let mut count = 0;
    for release in example["releases"].as_array().expect("releases") {
        for finding in release["findings"].as_array().expect("findings") {
            for reason in finding["reasons"].as_array().expect("reasons") {
                let evidence = reason["evidence"].as_array().expect("evidence");
                assert!(!evidence.is_empty(), "{reason}");
                assert!(evidence.iter().all(|e| e["document"] != ""), "{reason}");
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn explain_names_document_field_and_rule() {
    let output = run(&["explain", "sb-icu-sps-01", "CVE-2021-33885", "--date", "2026-11-23"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for part in [
        "advisories/icsma-21-294-01.json",
        "$.vulnerabilities[0]",
        "match.name-in-range",
        "impact.ssvc",
        "impact.risk",
    ] {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }
}

#[test]
fn a_record_that_repeats_an_entry_of_the_catalogue_is_no_catalogue() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = r#"{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":
        "CVE-2099-0001","assignerOrgId":"0","state":"PUBLISHED"},"containers":{"cna":{"affected":[]},
        "adp":[{"metrics":[{"other":{"type":"kev","content":{"dateAdded":"2099-01-01"}}}]}]}}"#;
    fs::write(folder.path().join("record.json"), record).expect("written");
    let path = folder.path().to_str().expect("a path");
    let output = run(&["assess", path, "--json", "-", "--quiet"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["summary"]["vulnerabilities"], 1);
    assert_eq!(told["summary"]["has_catalogue"], false);
}

#[test]
fn a_closed_pipe_is_no_error() {
    for form in [&[][..], &["--quiet", "--csv", "-"], &["--quiet", "--json", "-"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(["demo", "--once"])
            .args(form)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let ended = (output.status.code(), text(&output.stderr));
        assert_eq!(ended, (Some(0), String::new()), "{form:?}");
    }
}

/// Run as root, a report named `/dev/null` would else put a file in the place of the device.
#[test]
fn output_to_a_pipe_or_a_link_leaves_it_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let seen = folder.path().join("seen");
    let to = fs::File::create(&seen).expect("a file");
    let mut reader = Command::new("cat").arg(&pipe).stdout(to).spawn().expect("cat runs");
    run(&["demo", "--quiet", "--csv", pipe.to_str().expect("UTF-8")]);
    assert!(fs::symlink_metadata(&pipe).expect("there").file_type().is_fifo());
    reader.wait().expect("cat ends");
    let (file, link) = (folder.path().join("devices.csv"), folder.path().join("link"));
    fs::write(&file, "yesterday's").expect("a file");
    symlink(&file, &link).expect("a link");
    run(&["demo", "--quiet", "--csv", link.to_str().expect("UTF-8")]);
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert_eq!(fs::read(&seen).expect("seen"), fs::read(&file).expect("what the link points to"));
}

#[test]
fn explain_tells_the_same_to_programs() {
    let output = run(&["explain", "SB-ICU-SPS-01", "CVE-2021-33885", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["device"]["id"], "SB-ICU-SPS-01");
    let finding = &told["findings"][0];
    assert_eq!(finding["finding"]["vulnerability"], "CVE-2021-33885");
    assert!(finding["arithmetic"][0].as_str().is_some_and(|s| s.starts_with("impact.")));
}

#[test]
fn a_device_that_is_not_there_is_said_with_its_neighbours() {
    let output = run(&["explain", "SB-ICU-SPS"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is it SB-ICU-SPS-01"), "{}", text(&output.stderr));
}

#[test]
fn the_exit_status_says_what_was_found() {
    let status = |arguments: &[&str]| {
        let mut all = vec!["demo", "--quiet", "--date", "2026-11-23"];
        all.extend(arguments);
        run(&all).status.code()
    };
    assert_eq!(status(&[]), Some(0));
    assert_eq!(status(&["--fail-on", "act"]), Some(1));
    assert_eq!(status(&["--strict"]), Some(2), "the example has broken files");
    assert_eq!(run(&["assess", "/no/such/folder"]).status.code(), Some(2));
}

#[test]
fn a_written_example_is_assessed_like_the_one_inside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("Saint Brigid");
    let path = path.to_str().expect("UTF-8");
    assert_eq!(run(&["demo", "--write", path]).status.code(), Some(0));
    let output = run(&["assess", path, "--date", "2026-11-23", "--json", "-"]);
    let written: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(written["devices"], example()["devices"]);
    assert_eq!(run(&["demo", "--write", path]).status.code(), Some(2), "it is there already");
}

#[test]
fn the_report_is_one_file_that_fetches_nothing() {
    let output = run(&["demo", "--date", "2026-11-23", "--html", "-"]);
    let report = text(&output.stdout);
    assert!(report.starts_with("<!DOCTYPE html>"));
    for word in ["<script", "src=", "href=", "url(", "@import"] {
        assert!(!report.contains(word), "{word}");
    }
    assert_eq!(report.matches("<svg").count(), 4);
}

#[test]
fn without_an_advisory_nobody_is_told_that_no_device_needs_action() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.csv"), "Asset Tag,Make,Model\nA1,BD,Alaris\n")
        .expect("written");
    let output = run(&["assess", folder.path().to_str().expect("UTF-8"), "--html", "-"]);
    let report = text(&output.stdout);
    assert!(report.contains("there is no advisory or feed in the folder"), "{report}");
    assert!(!report.contains("needs action"), "{report}");
}

#[test]
fn two_outputs_do_not_share_standard_output() {
    let output = run(&["demo", "--json", "-", "--csv", "-"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(text(&output.stderr).contains("only one of"), "{}", text(&output.stderr));
}

#[test]
fn a_table_keeps_to_the_columns_that_are_stated() {
    let output = Command::new(env!("CARGO_BIN_EXE_asepsis"))
        .args(["demo", "--top", "3"])
        .env("COLUMNS", "90")
        .output()
        .expect("it starts");
    let widest = |line: &str| line.chars().count() <= 90;
    let shown = text(&output.stdout);
    assert!(shown.lines().skip(4).take(4).all(widest), "{shown}");
}

#[test]
fn csv_has_a_line_for_each_device_and_the_columns_of_its_header() {
    let output = run(&["demo", "--date", "2026-11-23", "--csv", "-"]);
    let table = text(&output.stdout);
    let devices = example()["devices"].as_array().expect("devices").len();
    assert!(table.starts_with("rank,device,manufacturer,"), "{table:.80}");
    assert!(table.lines().count() > devices);
}

#[test]
fn no_file_of_the_real_data_makes_it_panic() {
    let data = testkit::shared_data("");
    let data = data.to_str().expect("UTF-8");
    let output = run(&["assess", data, "--quiet", "--json", "-", "--date", "2026-11-23"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let assessment: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let documents = assessment["documents"].as_array().expect("documents");
    assert!(documents.len() > 1_500, "{} documents", documents.len());
    for document in documents {
        assert!(document["records_read"].as_u64() <= document["records"].as_u64(), "{document}");
    }
}
