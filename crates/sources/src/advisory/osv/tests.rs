//! OSV records by hand, cut, with wrong types, and the real ones.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use domain::advisory::{Target, Versions};
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::advisory::trials::{
    advisories, cut_everywhere, documents, list, read, shown, statement, wrong_types_everywhere,
};

/// Each part of the format once.
const SAMPLE: &str = r#"{"schema_version": "1.6.0", "id": "GHSA-1234-1234-1234",
"modified": "2024-01-02T00:00:00Z", "aliases": ["CVE-2024-0001"], "summary": "Overflow",
"details": "A flaw.", "severity": [
 {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
 {"type": "Ubuntu", "score": "medium"}],
"affected": [
 {"package": {"ecosystem": "npm", "name": "@maker/pump", "purl": "pkg:npm/%40maker/pump"},
  "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"},
   {"introduced": "2.0.0"}, {"last_affected": "2.4.0"}]},
   {"type": "GIT", "repo": "https://g.example/p", "events": [{"introduced": "abc"}]}],
  "versions": ["1.0.0"]},
 {"package": {"ecosystem": "Maven", "name": "org.maker:pump"},
  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"limit": "3.0"}]}],
  "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]},
 {"package": {"ecosystem": "Linux", "name": "Kernel"},
  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "5.1.0"}, {"fixed": "5.4.2"}]}]},
 {"ranges": [{"type": "GIT", "repo": "https://g.example/p", "events": [{"introduced": "0"},
  {"fixed": "abcdef"}]}]}],
"database_specific": {"cwe_ids": ["CWE-120"], "severity": "HIGH", "source": "maker"}}"#;

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&read(super::read, text)));
}

/// The statement about one affected package.
#[track_caller]
fn check_affected(affected: &str, expected: &Expect) {
    let words = shown(&read(super::read, &format!(r#"{{"id": "X-1", "affected": [{affected}]}}"#)));
    let statements: Vec<&str> = words.split_inclusive('\n').filter_map(statement).collect();
    expected.assert_eq(&statements.concat());
}

#[track_caller]
fn check_events(kind: &str, events: &str, expected: &Expect) {
    check_affected(
        &format!(
            r#"{{"package": {{"ecosystem": "PyPI", "name": "p"}},
            "ranges": [{{"type": "{kind}", "repo": "r", "events": {events}}}]}}"#
        ),
        expected,
    );
}

#[test]
fn every_part_of_the_format_is_read() {
    check(
        SAMPLE,
        &expect![[r#"
        OSV GHSA-1234-1234-1234, by "maker", title "Overflow", updated
            "2024-01-02T00:00:00Z"
          GHSA-1234-1234-1234 = CVE-2024-0001 Some("Overflow") cwes [120]
            says "A flaw."
            score CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H None by None for []
            score CVSS:4.0/AV:N None by None for [1]
            affected pkg npm/Some("@maker")/pump [] @ Semver (, 1.2.3) or Semver
                [2.0.0, 2.4.0] or one 1.0.0 at line 7, $.affected[0]
            affected pkg maven/Some("org.maker")/pump [] @ Maven [1.0, 3.0) at line
                12, $.affected[1]
            affected Linux / Kernel @ Generic [5.1.0, 5.4.2) at line 15, $.affected[2]
            affected - / https://g.example/p @ text "commits of https://g.example/p:
                introduced 0, fixed abcdef" at line 17, $.affected[3]
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn a_record_without_an_id_is_lost_and_a_withdrawn_one_says_so() {
    check(
        "[]",
        &expect![[r#"
        ! Record line 1, $: The record holds too little to be used; expected an OSV
            record with an `id`, found `an array`
        1 seen, 0 made
    "#]],
    );
    check(
        "",
        &expect![[r#"
        ! Document line 1: The document ends in the middle; expected more of the
            document
        ! Record line 1, $: The record holds too little to be used; expected an OSV
            record with an `id`
        1 seen, 0 made
    "#]],
    );
    let withdrawn = r#"{"id": "X-1", "withdrawn": "2024-01-01T00:00:00Z", "database_specific":
        {"cvss": "CVSS:3.1/AV:N"}, "affected": null}"#;
    check(
        withdrawn,
        &expect![[r#"
        OSV X-1, by "X", withdrawn
          X-1 None cwes []
            score CVSS:3.1/AV:N None by None for []
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn events_become_stretches_in_the_order_of_versions() {
    let unordered = r#"[{"fixed": "2"}, {"introduced": "3"}, {"introduced": "1"}]"#;
    check_events(
        "ECOSYSTEM",
        unordered,
        &expect![[r#"
                affected pkg pypi/None/p [] @ Pep440 [1, 2) or Pep440 [3, ) at line 1,
                    $.affected[0]
        "#]],
    );
    check_events(
        "SEMVER",
        r#"[{"introduced": "0"}]"#,
        &expect![[r#"
                affected pkg pypi/None/p [] @ Semver (, ) at line 1, $.affected[0]
        "#]],
    );
    let limits = r#"[{"introduced": "1"}, {"limit": "2"}, {"limit": "3"}]"#;
    check_events(
        "ECOSYSTEM",
        limits,
        &expect![[r#"
                affected pkg pypi/None/p [] @ Pep440 [1, 3) at line 1, $.affected[0]
        "#]],
    );
    check_events(
        "ECOSYSTEM",
        r#"[{"introduced": "1"}, {"limit": "*"}]"#,
        &expect![[r#"
                affected pkg pypi/None/p [] @ Pep440 [1, ) at line 1, $.affected[0]
        "#]],
    );
    check_events(
        "ECOSYSTEM",
        r#"[{"introduced": "1"}, {"mended": "*"}]"#,
        &expect![[r#"
            affected pkg pypi/None/p [] @ Pep440 [1, ) at line 1, $.affected[0]
            ! Field line 2, $.affected[0].ranges[0].events[1].mended: The format has no
            such field at this version; expected an event of the OSV schema, found `*`
        "#]],
    );
}

#[test]
fn stretches_that_touch_and_stretches_of_one_version_are_kept() {
    let touching = r#"[{"introduced": "0"}, {"fixed": "3.1.1"}, {"introduced": "3.2.0"},
        {"fixed": "3.2.2"}, {"introduced": "3.1.1"}, {"fixed": "3.2.0"}]"#;
    check_events(
        "ECOSYSTEM",
        touching,
        &expect![[r#"
        affected pkg pypi/None/p [] @ Pep440 (, 3.1.1) or Pep440 [3.1.1, 3.2.0) or
            Pep440 [3.2.0, 3.2.2) at line 1, $.affected[0]
    "#]],
    );
    let single = r#"[{"introduced": "1.0"}, {"last_affected": "1.0"}]"#;
    let empty = r#"[{"introduced": "1.0"}, {"fixed": "1.0"}]"#;
    check_events(
        "ECOSYSTEM",
        empty,
        &expect![[r#"
        affected pkg pypi/None/p [] @ Pep440 [1.0, 1.0) at line 1, $.affected[0]
    "#]],
    );
    check_events(
        "ECOSYSTEM",
        single,
        &expect![[r#"
        affected pkg pypi/None/p [] @ Pep440 [1.0, 1.0] at line 1, $.affected[0]
    "#]],
    );
}

#[test]
fn versions_are_ordered_as_the_ecosystem_does() {
    let events = r#"[{"introduced": "1.9"}, {"fixed": "1.10"}, {"introduced": "2.0rc1"},
        {"fixed": "2.0"}]"#;
    check_events(
        "ECOSYSTEM",
        events,
        &expect![[r#"
        affected pkg pypi/None/p [] @ Pep440 [1.9, 1.10) or Pep440 [2.0rc1, 2.0)
            at line 1, $.affected[0]
    "#]],
    );
}

#[test]
fn commits_alone_stay_text() {
    check_events(
        "GIT",
        r#"[{"introduced": "0"}, {"fixed": "abc"}]"#,
        &expect![[r#"
                affected pkg pypi/None/p [] @ text "commits of r: introduced 0, fixed abc"
                    at line 1, $.affected[0]
        "#]],
    );
    check_events(
        "OTHER",
        r#"[{"introduced": "0"}]"#,
        &expect![[r#"
            affected pkg pypi/None/p [] @ text "commits of r: introduced 0" at line 1,
                $.affected[0]
            ! Field line 2, $.affected[0].ranges[0].type: A field has a value outside its
            list; expected `SEMVER`, `ECOSYSTEM` or `GIT`, found `OTHER`
        "#]],
    );
}

#[test]
fn each_distribution_keeps_its_release() {
    let packages = [
        ("Debian:12", "curl"),
        ("Alpine:v3.18", "curl"),
        ("Ubuntu:22.04:LTS", "curl"),
        ("Ubuntu:Pro:18.04:LTS", "curl"),
        ("Red Hat:enterprise_linux:8::baseos", "curl"),
        ("crates.io", "a_b"),
        ("Go", "github.com/a/b"),
        ("PyPI", "A_b"),
        ("Packagist", "a/b"),
        ("GitHub Actions", "a/b"),
        ("Android", ":linux_kernel:"),
        ("Nowhere", "a"),
    ];
    let affected = packages.map(|(ecosystem, name)| {
        format!(
            r#"{{"package": {{"ecosystem": "{ecosystem}", "name": "{name}"}}, "versions": ["1"]}}"#
        )
    });
    check_affected(
        &affected.join(","),
        &expect![[r#"
                affected pkg deb/Some("debian")/curl [("distro", "debian-12")] @ one 1 at
                    line 1, $.affected[0]
                affected pkg apk/Some("alpine")/curl [("distro", "alpine-3.18")] @ one 1
                    at line 1, $.affected[1]
                affected pkg deb/Some("ubuntu")/curl [("distro", "ubuntu-22.04")] @ one 1
                    at line 1, $.affected[2]
                affected pkg deb/Some("ubuntu")/curl [("distro", "ubuntu-18.04")] @ one 1
                    at line 1, $.affected[3]
                affected pkg rpm/Some("redhat")/curl [("distro",
                    "redhat-enterprise_linux:8::baseos")] @ one 1 at line 1, $.affected[4]
                affected pkg cargo/None/a_b [] @ one 1 at line 1, $.affected[5]
                affected pkg golang/Some("github.com/a")/b [] @ one 1 at line 1,
                    $.affected[6]
                affected pkg pypi/None/a-b [] @ one 1 at line 1, $.affected[7]
                affected pkg composer/Some("a")/b [] @ one 1 at line 1, $.affected[8]
                affected pkg github/Some("a")/b [] @ one 1 at line 1, $.affected[9]
                affected Android / :linux_kernel: @ one 1 at line 1, $.affected[10]
                affected Nowhere / a @ one 1 at line 1, $.affected[11]
        "#]],
    );
}

#[test]
fn a_bulletin_about_several_flaws_is_split() {
    let text = r#"{"id": "DSA-1-1", "upstream": ["CVE-1-1", "CVE-1-2"], "affected": [{"package":
        {"ecosystem": "Debian:12", "name": "curl"}, "versions": ["1"]}]}"#;
    check(
        text,
        &expect![[r#"
        OSV DSA-1-1, by "DSA"
          CVE-1-1 None cwes []
            affected pkg deb/Some("debian")/curl [("distro", "debian-12")] @ one 1 at
                line 1, $.affected[0]
          CVE-1-2 None cwes []
            affected pkg deb/Some("debian")/curl [("distro", "debian-12")] @ one 1 at
                line 1, $.affected[0]
        1 seen, 1 made
    "#]],
    );
    check(
        r#"{"id": "DEBIAN-CVE-1-1", "upstream": ["CVE-1-1"]}"#,
        &expect![[r#"
        OSV DEBIAN-CVE-1-1, by "DEBIAN"
          DEBIAN-CVE-1-1 = CVE-1-1 None cwes []
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn a_package_without_a_name_is_told() {
    check_affected(
        r#"{"package": {"ecosystem": "npm", "purl": "x"}}, 7"#,
        &expect![[r#"
            ! Field line 1, $.affected[0].package.purl: A package URL breaks its
            specification; expected a package URL (no scheme `pkg:`), found `x`
            ! Field line 1, $.affected[0]: A field that the format requires is not there;
            expected a package, or a range with a repository, found `an object`
            ! Field line 1, $.affected[1]: A field has another type than its format says;
            expected an object, found `7`
            ! Field line 1, $.affected[1]: A field that the format requires is not there;
            expected a package, or a range with a repository, found `7`
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

#[test]
fn every_real_record_is_read_whole() {
    let mut records = 0;
    for folder in ["osv", "mixed/osv"] {
        for (name, text) in documents(folder) {
            let record: Value = serde_json::from_str(&text).expect("valid JSON");
            if record["affected"].is_array() && record["id"].is_string() {
                check_record(&name, &text, &record);
                records += 1;
            } else {
                // Fixtures of another kind lie between the records.
                assert_eq!(
                    read(super::read, &text).records_made,
                    usize::from(record["id"].is_string())
                );
            }
        }
    }
    assert!(records >= 16, "{records}");
}

/// Counts made with another reader: packages, stretches, listed versions, vectors.
fn check_record(name: &str, text: &str, record: &Value) {
    let reading = read(super::read, text);
    let found = advisories(&reading);
    assert_eq!(found[0].withdrawn, record["withdrawn"].is_string());
    let vulnerability = &found[0].vulnerabilities[0];
    let affected: Vec<&Value> = list(record, "affected").collect();
    assert_eq!(vulnerability.affected.len(), affected.len(), "{name}");
    let own = |value: &Value| list(value, "severity").count();
    let specific = list(record, "affected").filter(|a| a["database_specific"]["cvss"].is_string());
    let least = own(record) + affected.iter().map(|a| own(a)).sum::<usize>();
    let vectors = vulnerability.scores.len();
    assert!((least..=least + specific.count()).contains(&vectors), "{name}");
    for (statement, wanted) in vulnerability.affected.iter().zip(affected) {
        let versions = match &statement.target {
            Target::Package(package) => &package.versions,
            Target::Product(product) => &product.versions,
            Target::Configuration(_) => panic!("{name}"),
        };
        let ordered = list(wanted, "ranges").filter(|range| range["type"] != "GIT");
        let starts = ordered.flat_map(|range| list(range, "events"));
        let starts = starts.filter(|event| event["introduced"].is_string()).count();
        let listed = list(wanted, "versions").count();
        let commits = list(wanted, "ranges").filter(|range| range["type"] == "GIT").count();
        let all = if starts + listed == 0 { commits } else { starts + listed };
        assert_eq!(versions.len(), all, "{name}");
        let ones = versions.iter().filter(|version| matches!(version, Versions::One(_))).count();
        assert_eq!(ones, listed, "{name}");
    }
}

#[test]
fn records_inside_the_results_of_a_scan_are_read_once_each() {
    let record = |id: &str| {
        format!(
            r#"{{"id": "{id}", "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}},
            "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}]}}]}}]}}"#
        )
    };
    let (a, b) = (record("GHSA-1"), record("GHSA-2"));
    let package =
        |list: &str| format!(r#"{{"package": {{"name": "a"}}, "vulnerabilities": [{list}]}}"#);
    let text = format!(
        r#"{{"results": [{{"packages": [{}, {}, {}]}}]}}"#,
        package(&format!("{a}, {b}")),
        package(&a),
        package("{}"),
    );
    let read = crate::format::read(text.as_bytes());
    assert_eq!(read.format, "OSV results");
    assert_eq!((read.reading.records_seen, read.reading.records_made), (3, 2));
    assert_eq!(read.reading.problems.listed().len(), 1);
    let answer = crate::format::read(format!(r#"{{"vulns": [{a}]}}"#).as_bytes());
    assert_eq!(answer.reading.records_made, 1);
}
