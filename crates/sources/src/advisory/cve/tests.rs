//! CVE records by hand, cut, with wrong types, and the real ones.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use domain::advisory::{Affected, Target, Versions};
use domain::problem::Code;
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::advisory::trials::{
    advisories, cut_everywhere, documents, list, read, shown, statement, wrong_types_everywhere,
};

/// Each part of the format once.
const SAMPLE: &str = r#"{"dataType": "CVE_RECORD", "dataVersion": "5.1",
"cveMetadata": {"cveId": "CVE-2024-0001", "state": "PUBLISHED", "serial": 3,
 "assignerShortName": "maker", "dateUpdated": "2024-08-26T18:06:13.338Z"},
"containers": {
 "adp": [{"title": "CISA ADP Vulnrichment",
  "providerMetadata": {"orgId": "1", "shortName": "CISA-ADP"},
  "metrics": [{"other": {"type": "ssvc", "content": {"options": [{"Exploitation": "PoC"},
    {"Automatable": "yes"}, {"Technical Impact": "total"}]}}},
   {"other": {"type": "kev", "content": {"dateAdded": "2024-08-01",
    "reference": "https://c.example"}}}],
  "affected": [{"vendor": "maker", "product": "pump", "defaultStatus": "unknown",
   "cpes": ["cpe:2.3:h:maker:pump:-:*:*:*:*:*:*:*"],
   "versions": [{"version": "0", "status": "affected", "versionType": "custom",
    "lessThan": "2.1"}]}]}],
 "cna": {"title": "Overflow in Pump",
  "providerMetadata": {"orgId": "2", "shortName": "maker"},
  "descriptions": [{"lang": "de", "value": "Ein Fehler."},
   {"lang": "en", "value": "A flaw. More."}],
  "affected": [{"vendor": "Maker", "product": "Pump", "modules": ["web"], "platforms": ["x86"],
   "defaultStatus": "unaffected", "versions": [
    {"version": "1.0", "status": "affected", "lessThan": "2.1", "versionType": "semver",
     "changes": [{"at": "1.9", "status": "unaffected"}]},
    {"version": "3.0", "status": "affected"}]},
   {"vendor": "maker", "product": "pump-js", "packageName": "@maker/pump",
    "collectionURL": "https://registry.npmjs.org", "packageURL": "pkg:npm/%40maker/pump",
    "versions": [{"version": "*", "status": "affected"}]}],
  "cpeApplicability": [{"operator": "AND", "negate": false, "nodes": [{"operator": "OR",
   "negate": false, "cpeMatch": [{"vulnerable": true, "versionEndExcluding": "2.1",
    "criteria": "cpe:2.3:o:maker:pump_firmware:*:*:*:*:*:*:*:*"}]}]}],
  "metrics": [{"format": "CVSS", "cvssV3_1": {"version": "3.1", "baseScore": 5.3,
    "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}}],
  "problemTypes": [{"descriptions": [{"lang": "en", "type": "CWE", "cweId": "CWE-120",
   "description": "CWE-120 Copy"}]}],
  "solutions": [{"lang": "en", "value": "Update to 2.1."}],
  "workarounds": [{"lang": "en", "value": "Unplug it."}],
  "source": {"advisory": "GHSA-1234-1234-1234", "discovery": "EXTERNAL"}}}}"#;

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&read(super::read, text)));
}

/// The statements that a product of a CNA makes.
#[track_caller]
fn check_product(product: &str, expected: &Expect) {
    let text = format!(
        r#"{{"cveMetadata": {{"cveId": "CVE-1-1", "state": "PUBLISHED"}},
        "containers": {{"cna": {{"affected": [{product}]}}}}}}"#
    );
    let words = shown(&read(super::read, &text));
    let statements: Vec<&str> = words.split_inclusive('\n').filter_map(statement).collect();
    expected.assert_eq(&statements.concat());
}

/// The statements that `versions` and `defaultStatus` make.
#[track_caller]
fn check_versions(default: &str, versions: &str, expected: &Expect) {
    let product = format!(r#"{{"vendor": "v", "product": "p", {default} "versions": {versions}}}"#);
    check_product(&product, expected);
}

#[test]
fn every_part_of_the_format_is_read() {
    check(
        SAMPLE,
        &expect![[r#"
            CVE CVE-2024-0001, by "maker", title "Overflow in Pump", updated
                "2024-08-26T18:06:13.338Z", revision "3"
              CVE-2024-0001 = GHSA-1234-1234-1234 Some("Overflow in Pump") cwes [120]
                says "A flaw. More."
                SsvcInputs { exploitation: Some(ProofOfConcept), automatable: Some(true),
                    total_impact: Some(true) }
                score CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N Some(5.3) by
                    Some("maker") for []
                affected Maker / Pump @ Semver [1.0, 1.9) module=web platform=x86 at line
                    19, $.containers.cna.affected[0]
                not_affected Maker / Pump @ Semver [1.9, 2.1) module=web platform=x86 at
                    line 19, $.containers.cna.affected[0]
                affected Maker / Pump @ one 3.0 module=web platform=x86 at line 19,
                    $.containers.cna.affected[0]
                affected maker / pump-js @ all purl npm:Some("@maker"):pump@None at line
                    24, $.containers.cna.affected[1]
                affected Value("maker"):Value("pump_firmware"):Any (, 2.1) at line 27,
                    $.containers.cna.cpeApplicability[0]
                affected maker / pump @ Generic (, 2.1) cpe
                    Value("maker"):Value("pump"):NotApplicable at line 11,
                    $.containers.adp[0].affected[0]
                vendor_fix "Update to 2.1." None for []
                workaround "Unplug it." None for []
            exploited CVE-2024-0001 added 2024-08-01 due - ransomware None action None at
                line 9, $.containers.adp[0].metrics[1].other.content
            1 seen, 1 made
        "#]],
    );
}

#[test]
fn a_record_without_an_id_is_lost() {
    check(
        "{}",
        &expect![[r#"
        ! Record line 1, $: The record holds too little to be used; expected a CVE
            record with `cveMetadata.cveId`, found `an object`
        1 seen, 0 made
    "#]],
    );
    check(
        "7",
        &expect![[r#"
        ! Record line 1, $: The record holds too little to be used; expected a CVE
            record with `cveMetadata.cveId`, found `7`
        1 seen, 0 made
    "#]],
    );
    check(
        "",
        &expect![[r#"
        ! Document line 1: The document ends in the middle; expected more of the
            document
        ! Record line 1, $: The record holds too little to be used; expected a CVE
            record with `cveMetadata.cveId`
        1 seen, 0 made
    "#]],
    );
}

#[test]
fn a_rejected_record_is_withdrawn() {
    let text = r#"{"cveMetadata": {"cveId": "cve-2024-1", "state": "REJECTED"}, "containers":
        {"cna": {"rejectedReasons": [{"lang": "en", "value": "Not a flaw."}]}}}"#;
    check(
        text,
        &expect![[r#"
        CVE CVE-2024-1, title "Not a flaw.", withdrawn
          CVE-2024-1 Some("Not a flaw.") cwes []
            says "Not a flaw."
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn a_default_of_affected_stands_last_behind_its_exceptions() {
    let versions = r#"[{"version": "4.19", "status": "affected"},
        {"version": "0", "lessThan": "4.19", "status": "unaffected", "versionType": "semver"},
        {"version": "5.4.242", "lessThanOrEqual": "5.4.*", "status": "unaffected",
         "versionType": "semver"},
        {"version": "6.3", "lessThanOrEqual": "*", "status": "unaffected",
         "versionType": "original_commit_for_fix"}]"#;
    check_versions(
        r#""defaultStatus": "affected","#,
        versions,
        &expect![[r#"
                affected v / p @ one 4.19 at line 2, $.containers.cna.affected[0]
                not_affected v / p @ Semver (, 4.19) or Semver [5.4.242, 5.5) or Generic
                    [6.3, ) at line 2, $.containers.cna.affected[0]
                affected v / p @ all at line 2, $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn a_default_without_entries_is_what_is_said() {
    check_versions(
        r#""defaultStatus": "affected","#,
        "[]",
        &expect![[r#"
                affected v / p @ all at line 2, $.containers.cna.affected[0]
        "#]],
    );
    check_versions(
        r#""defaultStatus": "unaffected","#,
        "[]",
        &expect![[r#"
                not_affected v / p @ all at line 2, $.containers.cna.affected[0]
        "#]],
    );
    check_versions(
        r#""defaultStatus": "unknown","#,
        "[]",
        &expect![[r#"
                under_investigation v / p @ not said at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
    check_versions(
        "",
        "[]",
        &expect![[r#"
                under_investigation v / p @ not said at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
    check_versions(
        r#""defaultStatus": "maybe","#,
        "[]",
        &expect![[r#"
            under_investigation v / p @ not said at line 2,
                $.containers.cna.affected[0]
            ! Field line 2, $.containers.cna.affected[0].defaultStatus: A field has a
            value outside its list; expected `affected`, `unaffected` or `unknown`,
            found `maybe`
        "#]],
    );
}

#[test]
fn entries_keep_their_order_and_those_of_one_status_share_a_statement() {
    let versions = r#"[{"version": "1", "status": "affected"},
        {"version": "2", "status": "affected"},
        {"version": "3", "status": "unaffected"}, {"version": "4", "status": "unknown"},
        {"version": "5"}]"#;
    check_versions(
        r#""defaultStatus": "unaffected","#,
        versions,
        &expect![[r#"
                affected v / p @ one 1 or one 2 at line 2, $.containers.cna.affected[0]
                not_affected v / p @ one 3 at line 2, $.containers.cna.affected[0]
                under_investigation v / p @ one 4 or one 5 at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn changes_split_a_range_wherever_they_stand_in_the_list() {
    let versions = r#"[{"version": "1.0", "lessThan": "3.0", "status": "affected",
        "versionType": "custom", "changes": [{"at": "2.5", "status": "affected"},
        {"at": "2.0", "status": "unaffected"}]}]"#;
    check_versions(
        "",
        versions,
        &expect![[r#"
                affected v / p @ Generic [1.0, 2.0) at line 2,
                    $.containers.cna.affected[0]
                not_affected v / p @ Generic [2.0, 2.5) at line 2,
                    $.containers.cna.affected[0]
                affected v / p @ Generic [2.5, 3.0) at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn a_change_at_the_end_of_a_range_changes_nothing_in_it() {
    let versions = r#"[{"version": "n/a", "lessThanOrEqual": "4.0.1", "status": "affected",
        "versionType": "custom", "changes": [{"at": "4.0.2", "status": "unaffected"}]},
        {"version": "10.1", "lessThan": "10.1.9", "status": "affected", "versionType": "custom",
         "changes": [{"at": "10.1.9", "status": "unaffected"}]}]"#;
    check_versions(
        "",
        versions,
        &expect![[r#"
                affected v / p @ Generic (, 4.0.1] or Generic [10.1, 10.1.9) at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn a_fix_for_each_branch_leaves_open_what_is_behind_the_first() {
    let versions = r#"[{"version": "0.11.0", "lessThan": "1.16.2", "status": "affected",
        "versionType": "semver", "changes": [{"at": "1.15.9", "status": "unaffected"},
        {"at": "1.14.13", "status": "unaffected"}]}]"#;
    check_versions(
        "",
        versions,
        &expect![[r#"
                affected v / p @ Semver [0.11.0, 1.14.13) at line 2,
                    $.containers.cna.affected[0]
                under_investigation v / p @ Semver [1.14.13, 1.16.2) at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn an_end_that_is_not_said_or_a_series_is_understood() {
    let versions = r#"[{"version": "1.0", "lessThan": "unspecified", "status": "affected",
        "versionType": "custom"}, {"version": "2.1", "lessThanOrEqual": "2.9.x",
        "status": "affected", "versionType": "custom"}]"#;
    check_versions(
        "",
        versions,
        &expect![[r#"
                affected v / p @ Generic [1.0, ) or Generic [2.1, 2.10) at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn an_end_that_is_itself_a_range_stays_text() {
    let versions = r#"[{"version": ">= 1.0", "lessThan": "< 2.0", "status": "affected",
        "versionType": "custom"}]"#;
    check_versions(
        "",
        versions,
        &expect![[r#"
                affected v / p @ text ">= 1.0 < 2.0" at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn commits_stay_text() {
    let versions = r#"[{"version": "1da177e4c3f4", "lessThan": "a1b2c3d4e5f6", "status": "affected",
        "versionType": "git"}, {"version": "6.0", "lessThanOrEqual": "6.0.30", "status": "affected",
        "versionType": "git"}, {"version": "1da177e4c3f4", "status": "affected"}]"#;
    check_versions(
        "",
        versions,
        &expect![[r#"
                affected v / p @ text "git 1da177e4c3f4 < a1b2c3d4e5f6" or Generic [6.0,
                    6.0.30] or text "1da177e4c3f4" at line 2, $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn free_text_stays_text_and_nothing_is_not_said() {
    let versions = r#"[{"version": "< 1.2.3", "status": "affected"},
        {"version": "V1.0 and earlier", "status": "affected"},
        {"version": "all", "status": "affected"}]"#;
    check_versions(
        "",
        versions,
        &expect![[r#"
                affected v / p @ text "< 1.2.3" or text "V1.0 and earlier" or all at line
                    2, $.containers.cna.affected[0]
        "#]],
    );
    check_versions(
        "",
        r#"[{"version": "n/a", "status": "affected"}]"#,
        &expect![[r#"
                affected v / p @ not said at line 2, $.containers.cna.affected[0]
        "#]],
    );
    check_versions(
        "",
        r#"[{"version": "unspecified", "lessThan": "1.2", "status": "affected",
            "versionType": "custom"}]"#,
        &expect![[r#"
                affected v / p @ Generic (, 1.2) at line 2, $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn a_product_that_names_only_a_vendor_is_kept() {
    check_product(
        r#"{"vendor": "Maker", "product": "n/a"}"#,
        &expect![[r#"
                under_investigation Maker /  @ not said at line 2,
                    $.containers.cna.affected[0]
        "#]],
    );
    check_product(r#"{"vendor": "n/a", "product": "n/a"}"#, &expect![""]);
    check_product(
        r#"{"versions": []}"#,
        &expect![[r#"
            ! Field line 2, $.containers.cna.affected[0]: A field that the format requires
            is not there; expected a vendor and a product, found `an object`
        "#]],
    );
}

#[test]
fn a_package_of_a_distribution_is_a_component() {
    let product = r#"{"vendor": "Red Hat", "product": "Red Hat Enterprise Linux 8",
        "packageName": "kernel", "defaultStatus": "affected", "versions":
        [{"version": "0:4.18.0-553", "lessThan": "*", "status": "unaffected",
          "versionType": "rpm"}],
        "collectionURL": "https://access.redhat.com/downloads/content/package-browser/"}"#;
    check_product(
        product,
        &expect![[r#"
            not_affected Red Hat / Red Hat Enterprise Linux 8 @ all component (- /
                kernel @ Rpm [0:4.18.0-553, ) purl rpm:Some("redhat"):kernel@None) at
                line 2, $.containers.cna.affected[0]
            affected Red Hat / Red Hat Enterprise Linux 8 @ all component (- / kernel
                @ all purl rpm:Some("redhat"):kernel@None) at line 2,
                $.containers.cna.affected[0]
        "#]],
    );
    let product = r#"{"vendor": "v", "product": "My Plugin", "packageName": "my-plugin",
        "collectionURL": "https://wordpress.org/plugins"}"#;
    check_product(
        product,
        &expect![[r#"
            under_investigation v / My Plugin @ not said purl
                composer:Some("wpackagist-plugin"):my-plugin@None at line 2,
                $.containers.cna.affected[0]
        "#]],
    );
}

#[test]
fn ssvc_spells_poc_in_two_ways_and_another_answer_is_told() {
    let record = |answer: &str| {
        format!(
            r#"{{"cveMetadata": {{"cveId": "CVE-1-1", "state": "PUBLISHED"}}, "containers": {{"adp":
            [{{"metrics": [{{"other": {{"type": "ssvc", "content": {{"options":
            [{{"Exploitation": "{answer}"}}]}}}}}}]}}]}}}}"#
        )
    };
    check(
        &record("poc"),
        &expect![[r#"
        CVE CVE-1-1
          CVE-1-1 None cwes []
            SsvcInputs { exploitation: Some(ProofOfConcept), automatable: None,
                total_impact: None }
        1 seen, 1 made
    "#]],
    );
    check(
        &record("PoC"),
        &expect![[r#"
        CVE CVE-1-1
          CVE-1-1 None cwes []
            SsvcInputs { exploitation: Some(ProofOfConcept), automatable: None,
                total_impact: None }
        1 seen, 1 made
    "#]],
    );
    check(
        &record("perhaps"),
        &expect![[r#"
        CVE CVE-1-1
          CVE-1-1 None cwes []
            SsvcInputs { exploitation: None, automatable: None, total_impact: None }
        ! Field line 3,
            $.containers.adp[0].metrics[0].other.content.options[0].Exploitation: A
            field has a value outside its list; expected an answer of CISA's SSVC
            tree, found `perhaps`
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn entries_without_end_are_summed_by_status() {
    let entry = |i: usize| {
        let status = if i.is_multiple_of(2) { "affected" } else { "unaffected" };
        format!(r#"{{"version": "{i}.0", "status": "{status}"}}"#)
    };
    let versions: Vec<String> = (0..1_000).map(entry).collect();
    let text = format!(
        r#"{{"cveMetadata": {{"cveId": "CVE-1-1", "state": "PUBLISHED"}}, "containers": {{"cna":
        {{"affected": [{{"vendor": "v", "product": "p", "versions": [{}]}}]}}}}}}"#,
        versions.join(",")
    );
    let reading = read(super::read, &text);
    let affected = &advisories(&reading)[0].vulnerabilities[0].affected;
    assert_eq!(affected.iter().map(|a| versions_of(a).len()).collect::<Vec<_>>(), [500, 500]);
}

#[test]
fn a_cut_at_every_byte_conserves() {
    cut_everywhere(super::read, SAMPLE);
}

#[test]
fn wrong_types_in_every_field_conserve() {
    wrong_types_everywhere(super::read, SAMPLE);
}

fn versions_of(affected: &Affected) -> &[Versions] {
    match &affected.target {
        Target::Product(product) => {
            product.component.as_ref().map_or(&product.versions, |component| &component.versions)
        }
        _ => &[],
    }
}

/// The containers of a record.
fn containers(record: &Value) -> impl Iterator<Item = &Value> {
    let containers = &record["containers"];
    std::iter::once(&containers["cna"]).chain(list(containers, "adp"))
}

#[test]
fn every_real_record_is_read_whole() {
    let mut records = 0;
    for folder in ["mixed/cve", "mixed/mitre"] {
        for (name, text) in documents(folder) {
            check_record(&name, &text);
            records += 1;
        }
    }
    assert_eq!(records, 11);
}

/// Counts made with another reader: scores, entries of versions, CPE names.
fn check_record(name: &str, text: &str) {
    let record: Value = serde_json::from_str(text).expect("valid JSON");
    let reading = read(super::read, text);
    let found = advisories(&reading);
    let vulnerability = &found[0].vulnerabilities[0];
    assert_eq!(found[0].id, record["cveMetadata"]["cveId"].as_str().unwrap());
    let metrics = containers(&record).flat_map(|container| list(container, "metrics"));
    let vectors = metrics.flat_map(|metric| metric.as_object().unwrap().values());
    let vectors = vectors.filter(|value| value["vectorString"].is_string()).count();
    assert_eq!(vulnerability.scores.len(), vectors, "{name}");

    let products = containers(&record).flat_map(|container| list(container, "affected"));
    let (mut versions, mut names, mut defaults) = (0, 0, 0);
    for product in products {
        let said = |key: &str| product[key].as_str().is_some_and(|text| text != "n/a");
        if said("vendor") || said("product") || said("packageName") {
            let entries = list(product, "versions").filter(|entry| entry["version"] != "n/a");
            versions += entries.map(|entry| 1 + list(entry, "changes").count()).sum::<usize>();
            defaults += usize::from(product["defaultStatus"] == "affected");
            names += list(product, "cpes").count();
        }
    }
    let made: usize = vulnerability.affected.iter().map(|a| versions_of(a).len()).sum();
    assert_eq!(made, versions + defaults, "{name}");
    let mut cpes = std::collections::BTreeMap::new();
    for affected in &vulnerability.affected {
        if let Target::Product(product) = &affected.target {
            cpes.insert(affected.at.clone(), product.cpes.len());
        }
    }
    let bad = reading.problems.by_code().find(|(code, _)| *code == Code::IdentifierBadCpe);
    assert_eq!(cpes.values().sum::<usize>() + bad.map_or(0, |(_, count)| count), names, "{name}");
}

/// The purls that the products of a record have, and those that its words lead to.
fn packages(affected: &str, rest: &str) -> String {
    let text = format!(
        r#"{{"cveMetadata": {{"cveId": "CVE-1-1", "state": "PUBLISHED"}}, "containers":
        {{"cna": {{"affected": [{affected}]{rest}}}}}}}"#
    );
    let mut found = Vec::new();
    for advisory in advisories(&read(super::read, &text)) {
        for affected in &advisory.vulnerabilities[0].affected {
            let Target::Product(product) = &affected.target else { panic!("a product") };
            let part = product.component.as_deref().unwrap_or(product);
            found.extend(part.purls.iter().map(ToString::to_string));
            found.extend(part.packages.iter().map(|purl| format!("?{purl}")));
        }
    }
    found.sort();
    found.dedup();
    found.join(" ")
}

#[test]
fn a_package_is_known_by_its_registry_or_distribution() {
    let purl = |fields: &str| packages(&format!("{{{fields}}}"), "");
    let at = |collection: &str, name: &str| {
        purl(&format!(r#""vendor": "v", "collectionURL": "{collection}", "packageName": "{name}""#))
    };
    assert_eq!(at("https://www.npmjs.com/package/x", "@a/b"), "pkg:npm/%40a/b");
    assert_eq!(at("https://repo1.maven.org/maven2", "org.a:b"), "pkg:maven/org.a/b");
    assert_eq!(at("https://crates.io/crates/b", "b"), "pkg:cargo/b");
    assert_eq!(at("https://launchpad.net/ubuntu/+source/", "wpa"), "pkg:deb/ubuntu/wpa");
    assert_eq!(at("https://launchpad.net/something", "wpa"), "");
    assert_eq!(at("https://notnpmjs.com", "b"), "");
    let red_hat = "https://access.redhat.com/downloads/content/package-browser/";
    assert_eq!(at(red_hat, "nodejs:18/nodejs"), "pkg:rpm/redhat/nodejs?rpmmod=nodejs:18");
    let go = r#""vendor": "Go standard library", "packageName": "crypto/tls",
        "collectionURL": "https://pkg.go.dev""#;
    assert_eq!(purl(go), "pkg:golang/crypto/tls pkg:golang/stdlib");
    let by_address = r#""vendor": "Google", "product": "google-protobuf [JRuby Gem]",
        "collectionURL": "https://rubygems.org/gems/google-protobuf""#;
    assert_eq!(purl(by_address), "pkg:gem/google-protobuf?platform=java");
    let debian = r#""vendor": "Debian", "product": "Debian cpio", "packageName": "cpio""#;
    assert_eq!(purl(debian), "pkg:deb/debian/cpio");
    let among = r#""vendor": "vapor", "product": "vapor", "versions": [{"status": "affected",
        "version": "pkg:swift/github.com/vapor/vapor@0",
        "lessThan": "pkg:swift/github.com/vapor/vapor@4.90.0"}]"#;
    assert_eq!(purl(among), "pkg:swift/github.com/vapor/vapor");
}

#[test]
fn a_repository_and_a_language_lead_to_packages_and_a_name_alone_does_not() {
    let product = r#"{"vendor": "medikoo", "product": "es5-ext",
        "versions": [{"status": "affected", "version": "< 0.10.63"}]}"#;
    let link = r#", "references": [{"url": "https://github.com/medikoo/es5-ext/issues/201"}]"#;
    let told = r#", "descriptions": [{"lang": "en", "value": "Extensions of ECMAScript."}]"#;
    assert_eq!(packages(product, told), "");
    let by_repository = packages(product, link);
    assert!(by_repository.contains("?pkg:golang/github.com/medikoo/es5-ext"), "{by_repository}");
    assert!(!by_repository.contains("?pkg:npm/es5-ext"), "{by_repository}");
    let both = packages(product, &format!("{link}{told}"));
    assert!(both.contains("?pkg:npm/es5-ext"), "{both}");
    assert!(!both.contains("?pkg:pypi"), "{both}");
}
