//! The time in what is written out, as `SOURCE_DATE_EPOCH` says it (reproducible-builds.org).

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use super::{Folder, command, openssl, pump, read, run, text};
use serde_json::{Value, json};

/// What says when it was written, in each way of writing.
fn moments(folder: &Folder, epoch: Option<&str>) -> Vec<Value> {
    let input = folder.write("pump.cdx.json", &pump("3.1", &json!([openssl("3.0.7")])));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid");
    let hospital = example.to_str().expect("UTF-8");
    let vex = ["vex", "export", hospital, "--author", "Maker"];
    let one = ["--product", "BD/Alaris PC Unit", "--version", "12.1"];
    let namespace = ["--namespace", "https://maker.example"];
    let ways: [(Vec<&str>, &str); 6] = [
        (vec!["sbom", "convert", &input, "--to", "cyclonedx-1.6"], "/metadata/timestamp"),
        (vec!["sbom", "convert", &input, "--to", "spdx-2.3"], "/creationInfo/created"),
        (vec!["sbom", "merge", &input, &input], "/metadata/timestamp"),
        ([&vex[..], &["--format", "openvex"]].concat(), "/timestamp"),
        ([&vex[..], &["--format", "cyclonedx"], &one].concat(), "/metadata/timestamp"),
        (
            [&vex[..], &["--format", "csaf"], &namespace].concat(),
            "/document/tracking/current_release_date",
        ),
    ];
    let moments = ways.iter().map(|(arguments, path)| {
        let mut command = command(arguments);
        command.envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)));
        let output = command.output().expect("it starts");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        read(&output).pointer(path).expect("a time").clone()
    });
    moments.collect()
}

#[test]
fn the_epoch_of_a_build_is_the_time_of_all_that_is_written_out() {
    let folder = Folder::new();
    for (epoch, moment) in [("1700000000", "2023-11-14T22:13:20Z"), ("0", "1970-01-01T00:00:00Z")] {
        let moments = moments(&folder, Some(epoch));
        assert!(moments.iter().all(|told| told == moment), "{moments:?}");
    }
    let told = moments(&folder, None);
    assert!(told[..3].iter().all(|told| told == "2026-11-20T08:00:00Z"), "{told:?}");
    // What is said in the call counts before it.
    let input = folder.path("pump.cdx.json");
    let call = ["--to", "spdx-2.3", "--timestamp", "2020-01-02T03:04:05Z"];
    let mut command = command(&[&["sbom", "convert", &input], &call[..]].concat());
    let output = command.env("SOURCE_DATE_EPOCH", "none").output().expect("it starts");
    assert_eq!(read(&output)["creationInfo"]["created"], "2020-01-02T03:04:05Z");
}

#[test]
fn an_epoch_that_is_none_is_one_clear_error_and_nothing_is_written() {
    let folder = Folder::new();
    let input = folder.write("pump.cdx.json", &pump("3.1", &json!([openssl("3.0.7")])));
    let output = folder.path("out.json");
    let odd = OsString::from_vec(vec![b'1', 0xff]);
    let texts = ["", " 1", "+1", "-1", "1.5", "1e9", "now", "2026-11-20", "99999999999999999999"];
    let texts = texts.into_iter().map(OsStr::new).chain([odd.as_os_str()]);
    for epoch in texts {
        let convert = ["sbom", "convert", &input, "--to", "spdx-2.3", "--output", &output];
        let found = command(&convert).env("SOURCE_DATE_EPOCH", epoch).output().expect("it starts");
        assert_eq!(found.status.code(), Some(2), "{found:?}");
        let error = text(&found.stderr);
        assert_eq!(error.matches("SOURCE_DATE_EPOCH").count(), 1, "{error}");
        assert!(error.contains("no number of seconds since 1970"), "{error}");
        assert!(found.stdout.is_empty() && !Path::new(&output).exists(), "{found:?}");
    }
    assert_eq!(run(&["sbom", "check", &input]).status.code(), Some(0));
}
