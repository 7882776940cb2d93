//! CSAF by hand, cut, with wrong types, and by the real documents of several publishers.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use std::collections::HashSet;

use domain::advisory::{Target, Versions};
use domain::problem::Code;
use domain::text::Text;
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::advisory::trials::{
    advisories, cut_everywhere, documents, list, read, shown, wrong_types_everywhere,
};

/// Each part of the format once.
const SAMPLE: &str = r#"{"document": {"category": "csaf_security_advisory", "csaf_version": "2.0",
 "title": "Pumps", "lang": "en", "publisher": {"name": "Maker", "category": "vendor"},
 "tracking": {"id": "M-1", "status": "final", "version": "2",
  "current_release_date": "2024-05-01T00:00:00Z"}},
"product_tree": {"branches": [{"category": "vendor", "name": "Maker ", "branches": [
  {"category": "product_family", "name": "Pumps", "branches": [
   {"category": "product_name", "name": "Pump A", "branches": [
    {"category": "product_version", "name": "1.0", "product": {"name": "Pump A 1.0",
     "product_id": "A1", "product_identification_helper": {"model_numbers": ["PA-1"],
      "skus": ["77"], "serial_numbers": ["S1*"], "sbom_urls": ["https://m.example/s"],
      "hashes": [{"filename": "a", "file_hashes": [{"algorithm": "sha256", "value": "00ff"}]}],
      "x_generic_uris": [{"namespace": "urn:n", "uri": "urn:u"}]}}},
    {"category": "product_version_range", "name": "vers:generic/>=2|<3",
     "product": {"name": "Pump A 2", "product_id": "A2"}},
    {"category": "product_version_range", "name": " <=3.64",
     "product": {"name": "Pump A 3", "product_id": "A3"}},
    {"category": "product_version", "name": "5", "branches": [
     {"category": "service_pack", "name": "SP1", "branches": [
      {"category": "patch_level", "name": "HF2", "branches": [
       {"category": "architecture", "name": "arm",
        "product": {"name": "Pump A 5 SP1", "product_id": "A5"}}]}]}]}]}]}]}],
 "full_product_names": [{"name": "System X", "product_id": "X"}],
 "relationships": [
  {"category": "default_component_of", "product_reference": "A1",
   "relates_to_product_reference": "X", "full_product_name": {"name": "A in X",
    "product_id": "X:A1"}},
  {"category": "installed_on", "product_reference": "A2", "relates_to_product_reference": "X",
   "full_product_name": {"name": "A on X", "product_id": "A2:X"}}],
 "product_groups": [{"group_id": "G", "product_ids": ["A1", "A2"]}]},
"vulnerabilities": [{"cve": "CVE-2024-0001", "title": "Overflow",
  "ids": [{"system_name": "M", "text": "M-77"}], "cwe": {"id": "CWE-120", "name": "Copy"},
  "notes": [{"category": "general", "text": "More."}, {"category": "summary", "text": "What."}],
  "product_status": {"known_affected": ["A1", "X:A1"], "first_affected": ["A2"],
   "last_affected": ["A3"], "known_not_affected": ["X", "A2:X"], "fixed": ["A5"],
   "recommended": ["A5", "A3"]},
  "flags": [{"label": "component_not_present", "product_ids": ["X"]}],
  "threats": [{"category": "impact", "details": "Not reachable.", "product_ids": ["A2:X", "X"]},
   {"category": "exploit_status", "details": "None known."}],
  "scores": [{"products": ["A1", "A2"], "cvss_v3": {"version": "3.1", "baseScore": 9.8,
    "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
  "remediations": [{"category": "vendor_fix", "details": "Update.", "url": "https://m.example",
    "group_ids": ["G"], "product_ids": ["A3"]}, {"category": "mitigation", "details": "Wait."}],
  "involvements": [{"party": "vendor", "status": "completed", "summary": "Fixed."}]},
 {"ids": [{"system_name": "M", "text": "M-78"}],
  "product_status": {"under_investigation": ["A1"], "first_fixed": ["A2"]}},
 {"title": "No id", "product_status": {"recommended": ["A1"]}}]}"#;

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&read(super::read, text)));
}

/// A document with this product tree and these affected products.
fn document(tree: &str, affected: &str) -> String {
    format!(
        r#"{{"document": {{"tracking": {{"id": "M-1"}}}}, "product_tree": {tree}, "vulnerabilities":
        [{{"cve": "CVE-2024-1", "product_status": {{"known_affected": {affected}}}}}]}}"#
    )
}

#[test]
fn every_part_of_the_format_is_read() {
    check(
        SAMPLE,
        &expect![[r#"
            CSAF M-1, by "Maker", title "Pumps", updated "2024-05-01T00:00:00Z", revision
                "2", stage "final", language "en"
              CVE-2024-0001 = M-77 Some("Overflow") cwes [120]
                says "What."
                score CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H Some(9.8) by
                    Some("Maker") for [0, 2]
                affected Maker  / Pump A @ one 1.0 model PA-1 model 77
                    product_family=Pumps serial_number=S1* sbom_url=https://m.example/s
                    hash=sha256 00ff uri=urn:n urn:u at line 33,
                    $.vulnerabilities[0].product_status.known_affected[0]
                affected - / System X @ not said component (Maker  / Pump A @ one 1.0
                    model PA-1 model 77 product_family=Pumps serial_number=S1*
                    sbom_url=https://m.example/s hash=sha256 00ff uri=urn:n urn:u) at line
                    33, $.vulnerabilities[0].product_status.known_affected[1]
                affected Maker  / Pump A @ Generic [2, 3) product_family=Pumps
                    full_name=Pump A 2 at line 33,
                    $.vulnerabilities[0].product_status.first_affected[0]
                affected Maker  / Pump A @ text " <=3.64" product_family=Pumps
                    full_name=Pump A 3 at line 34,
                    $.vulnerabilities[0].product_status.last_affected[0]
                not_affected - / System X @ not said because "component_not_present" at
                    line 34, $.vulnerabilities[0].product_status.known_not_affected[0]
                not_affected Maker  / Pump A @ Generic [2, 3) product_family=Pumps
                    full_name=Pump A 2 platform (- / System X @ not said) because "Not
                    reachable." at line 34,
                    $.vulnerabilities[0].product_status.known_not_affected[1]
                fixed Maker  / Pump A @ text "5 SP1 HF2" architecture=arm
                    product_family=Pumps full_name=Pump A 5 SP1 at line 34,
                    $.vulnerabilities[0].product_status.fixed[0]
                vendor_fix "Update." Some("https://m.example") for [0, 2, 3]
                mitigation "Wait." None for []
                Involvement { party: "vendor", status: "completed", summary:
                    Some("Fixed.") }
              M-78 None cwes []
                under_investigation Maker  / Pump A @ one 1.0 model PA-1 model 77
                    product_family=Pumps serial_number=S1* sbom_url=https://m.example/s
                    hash=sha256 00ff uri=urn:n urn:u at line 45,
                    $.vulnerabilities[1].product_status.under_investigation[0]
                fixed Maker  / Pump A @ Generic [2, 3) product_family=Pumps full_name=Pump
                    A 2 at line 45, $.vulnerabilities[1].product_status.first_fixed[0]
              M-1#3 Some("No id") cwes []
                fixed Maker  / Pump A @ one 1.0 model PA-1 model 77 product_family=Pumps
                    serial_number=S1* sbom_url=https://m.example/s hash=sha256 00ff
                    uri=urn:n urn:u at line 46,
                    $.vulnerabilities[2].product_status.recommended[0]
            3 seen, 3 made
        "#]],
    );
}

#[test]
fn a_minimum_is_read() {
    check(
        r#"{"document": {"tracking": {"id": "M-1"}}}"#,
        &expect![[r#"
        CSAF M-1
        0 seen, 0 made
    "#]],
    );
    check(
        r#"{"vulnerabilities": [{}, 7]}"#,
        &expect![[r#"
        CSAF 
          #1 None cwes []
        ! Field line 1, $: A field that the format requires is not there; expected an
            id in `tracking.id`, found `an object`
        ! Record line 1, $.vulnerabilities[1]: A field has another type than its
            format says; expected an object, found `7`
        2 seen, 1 made
    "#]],
    );
}

#[test]
fn what_is_no_csaf_is_refused() {
    check(
        "[]",
        &expect![[r#"
        ! Document the whole document: A field that the format requires is not there;
            expected a CSAF document with a `document` object
        0 seen, 0 made
    "#]],
    );
    check(
        "",
        &expect![[r#"
        ! Document line 1: The document ends in the middle; expected more of the
            document
        ! Document the whole document: A field that the format requires is not there;
            expected a CSAF document with a `document` object
        0 seen, 0 made
    "#]],
    );
}

#[test]
fn metrics_of_csaf_2_1_are_read() {
    let text = r#"{"document": {"tracking": {"id": "M-1"}, "category": "csaf_withdrawn"},
        "product_tree": {"full_product_names": [{"product_id": "A", "name": "A",
         "product_identification_helper": {"purls": [7]}}]},
        "vulnerabilities": [{"cve": "CVE-1", "cwes": [{"id": "CWE-1"}, {"id": "CWE-2"}],
        "product_status": {"known_affected": ["A"]},
        "metrics": [{"source": "https://nvd.example", "products": ["A"], "content": {
        "cvss_v4": {"vectorString": "CVSS:4.0/AV:N", "baseScore": 7}, "epss": {}}}]}]}"#;
    check(
        text,
        &expect![[r#"
        CSAF M-1, withdrawn
          CVE-1 None cwes [1, 2]
            score CVSS:4.0/AV:N Some(7.0) by Some("https://nvd.example") for []
            affected - / A @ not said at line 5,
                $.vulnerabilities[0].product_status.known_affected[0]
        ! Field line 3,
            $.product_tree.full_product_names[0].product_identification_helper.purls[0]:
            A field has another type than its format says; expected a string, found
            `7`
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn an_id_that_points_to_nothing_is_told_once() {
    let tree = r#"{"full_product_names": [{"product_id": "A", "name": "A"}]}"#;
    check(
        &document(tree, r#"["B", "A", "B"]"#),
        &expect![[r#"
        CSAF M-1
          CVE-2024-1 None cwes []
            affected - / A @ not said at line 2,
                $.vulnerabilities[0].product_status.known_affected[1]
        ! Field line 2, $.vulnerabilities[0].product_status.known_affected[0]: A
            reference points to nothing in the document; expected the id of a product
            of `product_tree`, found `B`
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn relationships_of_relationships_nest_and_circles_end() {
    let relationship = |id: &str, product: &str, to: &str| {
        format!(
            r#"{{"category": "default_component_of", "product_reference": "{product}",
            "relates_to_product_reference": "{to}",
            "full_product_name": {{"product_id": "{id}", "name": "name of {id}"}}}}"#
        )
    };
    let tree = format!(
        r#"{{"full_product_names": [{{"product_id": "P", "name": "package"}},
        {{"product_id": "M", "name": "module"}}, {{"product_id": "S", "name": "system"}}],
        "relationships": [{}, {}, {}, {}]}}"#,
        relationship("S:M:P", "P", "S:M"),
        relationship("S:M", "M", "S"),
        relationship("L1", "P", "L2"),
        relationship("L2", "P", "L1"),
    );
    check(
        &document(&tree, r#"["S:M:P", "L1", "L2"]"#),
        &expect![[r#"
        CSAF M-1
          CVE-2024-1 None cwes []
            affected - / system @ not said component (- / module @ not said component
                (- / package @ not said)) at line 12,
                $.vulnerabilities[0].product_status.known_affected[0]
            affected - / name of L2 @ not said component (- / package @ not said) at
                line 12, $.vulnerabilities[0].product_status.known_affected[1]
            affected - / name of L2 @ not said at line 12,
                $.vulnerabilities[0].product_status.known_affected[2]
        ! Field line 10, $.product_tree.relationships[3].relates_to_product_reference:
            The record holds too little to be used; expected a relationship that ends
            at a product, found `L1`
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn relationships_that_double_do_not_explode() {
    let relationships: Vec<String> = (1..200)
        .map(|i| {
            let from = i - 1;
            format!(
                r#"{{"category": "installed_on", "product_reference": "P{from}",
                "relates_to_product_reference": "P{from}",
                "full_product_name": {{"product_id": "P{i}", "name": "P{i}"}}}}"#
            )
        })
        .collect();
    let relationships = relationships.join(",");
    let tree = format!(
        r#"{{"full_product_names": [{{"product_id": "P0", "name": "P0"}}],
        "relationships": [{relationships}]}}"#
    );
    let reading = read(super::read, &document(&tree, r#"["P199"]"#));
    assert_eq!(advisories(&reading)[0].vulnerabilities[0].affected.len(), 1);
    assert!(reading.problems.by_code().any(|(code, _)| code == Code::InputTooDeep));
}

#[test]
fn branches_nest_to_any_depth() {
    let depth = 200;
    let open = r#"[{"category": "product_family", "name": "F", "branches": "#.repeat(depth);
    let close = "}]".repeat(depth);
    let leaf = r#"[{"category": "product_name", "name": "N", "product": {"product_id": "A"}}]"#;
    let text = document(&format!(r#"{{"branches": {open}{leaf}{close}}}"#), r#"["A"]"#);
    let reading = read(super::read, &text);
    let Target::Product(product) = &advisories(&reading)[0].vulnerabilities[0].affected[0].target
    else {
        panic!("a product")
    };
    assert_eq!((product.name.as_str(), product.details.len()), ("N", depth));
}

#[test]
fn a_long_name_over_many_products_does_not_outgrow_the_document() {
    let products: Vec<String> = (0..200)
        .map(|i| format!(r#"{{"product": {{"product_id": "{i}", "name": "{i}"}}}}"#))
        .collect();
    let vendor = "v".repeat(200_000);
    let tree = format!(
        r#"{{"branches": [{{"category": "vendor", "name": "{vendor}", "branches": [{}]}}]}}"#,
        products.join(",")
    );
    let reading = read(super::read, &document(&tree, r#"["0", "199"]"#));
    let affected = &advisories(&reading)[0].vulnerabilities[0].affected;
    let vendors = affected.iter().map(|affected| match &affected.target {
        Target::Product(product) => product.vendor.as_ref().map_or(0, Text::len),
        _ => 0,
    });
    assert_eq!(vendors.collect::<Vec<_>>(), [200_000, 0]);
    assert!(reading.problems.by_code().any(|(code, _)| code == Code::InputTooLarge));
}

#[test]
fn a_group_in_many_remediations_does_not_outgrow_the_document() {
    let ids: Vec<String> = (0..5_000).map(|i| format!(r#""{i}""#)).collect();
    let names: Vec<String> =
        (0..5_001).map(|i| format!(r#"{{"product_id": "{i}", "name": "n"}}"#)).collect();
    let remediation = r#"{"category": "mitigation", "group_ids": ["G"]}"#;
    let text = format!(
        r#"{{"document": {{"tracking": {{"id": "M-1"}}}}, "product_tree": {{"full_product_names":
        [{}], "product_groups": [{{"group_id": "G", "product_ids": [{}]}}]}}, "vulnerabilities":
        [{{"product_status": {{"known_affected": [{}, "5000"]}}, "remediations": [{}]}}]}}"#,
        names.join(","),
        ids.join(","),
        ids.join(","),
        vec![remediation; 2_000].join(","),
    );
    let reading = read(super::read, &text);
    let remediations = &advisories(&reading)[0].vulnerabilities[0].remediations;
    let listed: usize = remediations.iter().map(|remediation| remediation.applies.len()).sum();
    assert!(listed * size_of::<u32>() < 8 * text.len(), "{listed}");
    assert_eq!(remediations.len(), 2_000);
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
fn the_version_of_a_package_comes_from_its_purl() {
    let tree = r#"{"branches": [{"category": "vendor", "name": "Red Hat", "branches": [
        {"category": "product_version", "name": "kernel-1:4.18.0-513.el8.x86_64", "product":
         {"name": "kernel-1:4.18.0-513.el8.x86_64", "product_id": "K",
          "product_identification_helper":
          {"purl": "pkg:rpm/redhat/kernel@4.18.0-513.el8?arch=x86_64&epoch=1"}}}]}]}"#;
    check(
        &document(tree, r#"["K"]"#),
        &expect![[r#"
        CSAF M-1
          CVE-2024-1 None cwes []
            affected Red Hat / kernel-1:4.18.0-513.el8.x86_64 @ one 1:4.18.0-513.el8
                purl rpm:Some("redhat"):kernel@Some("4.18.0-513.el8")
                product_version=kernel-1:4.18.0-513.el8.x86_64 at line 6,
                $.vulnerabilities[0].product_status.known_affected[0]
        1 seen, 1 made
    "#]],
    );
}

#[test]
fn cases_of_the_validator_are_told_and_their_valid_twins_are_not() {
    // Sections 6.1.1 to 6.1.4 and 6.1.13: undefined, doubled, circular, undefined group, bad purl.
    let wanted = ["6-1-01-", "6-1-02-", "6-1-03-", "6-1-04-", "6-1-13-"];
    let mut count = 0;
    for (name, text) in documents("conformance/csaf/test/validator/data/mandatory") {
        if wanted.iter().any(|case| name.contains(case)) {
            let reading = read(super::read, &text);
            // Cases from 11 on are valid.
            let is_valid = name.rsplit('-').next().is_some_and(|n| n.starts_with('1'));
            assert_eq!(reading.problems.is_empty(), is_valid, "{name}");
            count += 1;
        }
    }
    assert_eq!(count, 11);
}

/// All ids that the tree of a document defines.
fn defined(tree: &Value, ids: &mut HashSet<String>) {
    match tree {
        Value::Array(items) => items.iter().for_each(|item| defined(item, ids)),
        Value::Object(members) => {
            ids.extend(members.get("product_id").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| defined(value, ids));
        }
        _ => {}
    }
}

/// Products with a status in a vulnerability: pairs of id and kind of status.
fn statused(vulnerability: &Value, ids: &HashSet<String>) -> usize {
    let mut pairs = HashSet::new();
    let mut named = HashSet::new();
    let status = vulnerability["product_status"].as_object();
    for (group, products) in
        status.into_iter().flatten().filter(|(group, _)| *group != "recommended")
    {
        let kind = match group.as_str() {
            "known_not_affected" => "not",
            name => name.rsplit('_').next().unwrap(),
        };
        for id in products.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if ids.contains(id) {
                pairs.insert((id, kind));
                named.insert(id);
            }
        }
    }
    for id in list(&vulnerability["product_status"], "recommended").filter_map(Value::as_str) {
        if ids.contains(id) && !named.contains(id) {
            pairs.insert((id, "fixed"));
        }
    }
    pairs.len()
}

#[track_caller]
fn check_document(name: &str, text: &str) -> usize {
    let reading = read(super::read, text);
    let expected: Value = serde_json::from_str(text).expect("valid JSON");
    if !expected["document"].is_object() {
        assert!(reading.problems.lost_document(), "{name}");
        return 0;
    }
    let found = advisories(&reading);
    assert_eq!(found.len(), 1, "{name}");
    assert_eq!(found[0].id, expected["document"]["tracking"]["id"].as_str().unwrap(), "{name}");
    let wanted: Vec<&Value> = list(&expected, "vulnerabilities").collect();
    assert_eq!(found[0].vulnerabilities.len(), wanted.len(), "{name}");
    let mut ids = HashSet::new();
    defined(&expected["product_tree"], &mut ids);
    let mut total = 0;
    for (vulnerability, wanted) in found[0].vulnerabilities.iter().zip(wanted) {
        let products = statused(wanted, &ids);
        assert_eq!(vulnerability.affected.len(), products, "{name}");
        let vectors = list(wanted, "scores").flat_map(|score| score.as_object().unwrap().values());
        let vectors = vectors.filter(|value| value["vectorString"].is_string()).count();
        assert_eq!(vulnerability.scores.len(), vectors, "{name}");
        assert_eq!(vulnerability.remediations.len(), list(wanted, "remediations").count());
        total += products;
    }
    total
}

#[test]
fn every_real_document_is_read_whole() {
    let mut statements = 0;
    let mut count = 0;
    for folder in ["advisories", "mixed/csaf", "conformance/csaf/examples"] {
        for (name, text) in documents(folder) {
            statements += check_document(&name, &text);
            count += 1;
        }
    }
    assert!(count >= 371 + 13 + 20 && statements > 10_000, "{count} {statements}");
}

/// The branches that have a product, as (vendor, name, version) in the document's own words.
fn leaves(
    branch: &Value,
    way: &[(String, String)],
    found: &mut Vec<(String, Vec<(String, String)>)>,
) {
    let text = |name: &str| branch[name].as_str().unwrap_or_default().to_owned();
    let mut way = way.to_vec();
    way.push((text("category"), text("name")));
    if let Some(id) = branch["product"]["product_id"].as_str() {
        found.push((id.to_owned(), way.clone()));
    }
    list(branch, "branches").for_each(|below| leaves(below, &way, found));
}

#[test]
fn products_of_medical_advisories_come_through_verbatim() {
    let mut products = 0;
    for (name, text) in documents("advisories/icsma") {
        let expected: Value = serde_json::from_str(&text).expect("valid JSON");
        let mut found = Vec::new();
        list(&expected["product_tree"], "branches").for_each(|b| leaves(b, &[], &mut found));
        let reading = read(super::read, &text);
        for (id, way) in found {
            let last = |kinds: &[&str]| {
                way.iter().rev().find(|(kind, _)| kinds.contains(&kind.as_str())).map(|(_, t)| t)
            };
            // A product that no vulnerability names says nothing.
            let Some(at) = statement_of(&expected, &id) else { continue };
            let vulnerability = &advisories(&reading)[0].vulnerabilities[at.0];
            let affected = vulnerability.affected.iter().find(|a| a.at.path().ends_with(&at.1));
            let Target::Product(product) = &affected.expect("not lost").target else {
                panic!("{name}")
            };
            assert_eq!(product.vendor.as_deref(), last(&["vendor"]).map(String::as_str), "{name}");
            assert_eq!(
                Some(product.name.as_str()),
                last(&["product_name"]).map(String::as_str),
                "{name}"
            );
            match (product.versions.as_slice(), last(&["product_version", "product_version_range"]))
            {
                ([], None) => {}
                ([Versions::Text(text)], Some(wanted)) => assert_eq!(text, wanted, "{name}"),
                ([Versions::One(one)], Some(wanted)) => assert_eq!(one, wanted.trim(), "{name}"),
                (_, Some(wanted)) => assert!(wanted.starts_with("vers:"), "{name} {wanted}"),
                (versions, None) => panic!("{name}: {versions:?}"),
            }
            products += 1;
        }
    }
    assert!(products > 200, "{products}");
}

/// Where a product is given a status: the vulnerability, and the end of the path.
fn statement_of(document: &Value, id: &str) -> Option<(usize, String)> {
    for (i, vulnerability) in list(document, "vulnerabilities").enumerate() {
        for (group, ids) in vulnerability["product_status"].as_object().into_iter().flatten() {
            let position = ids.as_array().unwrap().iter().position(|each| each == id);
            if let Some(position) = position.filter(|_| group != "recommended") {
                return Some((i, format!("{group}[{position}]")));
            }
        }
    }
    None
}

#[test]
fn the_first_and_the_last_affected_version_clear_none_beyond() {
    let tree = r#"{"branches": [{"category": "product_name", "name": "Pump", "branches": [
        {"category": "product_version", "name": "3.0", "product": {"name": "Pump 3", "product_id": "A"}},
        {"category": "product_version", "name": "3.5", "product": {"name": "Pump 3", "product_id": "B"}}]}]}"#;
    let text = document(tree, "[]")
        .replace(r#""known_affected": []"#, r#""first_affected": ["A"], "last_affected": ["B"]"#);
    check(
        &text,
        &expect![[r#"
            CSAF M-1
              CVE-2024-1 None cwes []
                affected - / Pump @ one 3.0 full_name=Pump 3 at line 4,
                    $.vulnerabilities[0].product_status.first_affected[0]
                under_investigation - / Pump @ Generic (3.0, ) full_name=Pump 3 at line 4,
                    $.vulnerabilities[0].product_status.first_affected[0]
                affected - / Pump @ one 3.5 full_name=Pump 3 at line 4,
                    $.vulnerabilities[0].product_status.last_affected[0]
                under_investigation - / Pump @ Generic (, 3.5) full_name=Pump 3 at line 4,
                    $.vulnerabilities[0].product_status.last_affected[0]
            1 seen, 1 made
        "#]],
    );
}
