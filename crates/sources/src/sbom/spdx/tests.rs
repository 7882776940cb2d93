//! One small document in each syntax, cuts, wrong types, and every real document.

#![expect(clippy::string_slice, reason = "the samples are ASCII, and a test may fail by a panic")]

use std::fs;

use domain::component::Sbom;
use domain::fact::{Fact, Reading};
use domain::problem::Code;
use domain::text::Text;

use super::{check_json, check_tag_value, check_three, read_json, read_tag_value, read_three};
use crate::json::Json;

const JSON: &str = r#"{
 "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "d", "documentNamespace": "https://example.org/d",
 "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Organization: Maker (a@b.c)", "Tool: t-1"]},
 "packages": [
  {"SPDXID": "SPDXRef-pump", "name": "Pump", "versionInfo": "1.0", "supplier": "Organization: Maker", "downloadLocation": "NONE", "primaryPackagePurpose": "DEVICE"},
  {"SPDXID": "SPDXRef-ssl", "name": "openssl", "versionInfo": "3.0.1", "downloadLocation": "NOASSERTION", "licenseConcluded": "Apache-2.0", "licenseDeclared": "NOASSERTION",
   "validUntilDate": "2026-09-07T00:00:00Z", "comment": "Level of support: actively maintained",
   "checksums": [{"algorithm": "SHA256", "checksumValue": "ab"}],
   "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/openssl@3.0.1"},
                    {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:openssl:openssl:3.0.1:*:*:*:*:*:*:*"}]},
  {"SPDXID": "SPDXRef-zlib", "name": "zlib", "downloadLocation": "NONE"}
 ],
 "relationships": [
  {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-pump"},
  {"spdxElementId": "SPDXRef-pump", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-ssl"},
  {"spdxElementId": "SPDXRef-ssl", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-zlib"},
  {"spdxElementId": "SPDXRef-zlib", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-ssl"},
  {"spdxElementId": "SPDXRef-zlib", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-ssl"},
  {"spdxElementId": "SPDXRef-ssl", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-gone"}
 ]}"#;

const TAG_VALUE: &str = "SPDXVersion: SPDX-2.2
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: d
DocumentNamespace: https://example.org/d
Creator: Organization: Maker (a@b.c)
Creator: Tool: t-1
Created: 2026-01-01T00:00:00Z
CreatorComment: <text>Two
lines: of it</text>
# A comment
PackageName: Pump
SPDXID: SPDXRef-pump
PackageVersion: 1.0
PackageSupplier: Organization: Maker
PackageDownloadLocation: NONE

PackageName: openssl
SPDXID: SPDXRef-ssl
PackageVersion: 3.0.1
PackageDownloadLocation: NOASSERTION
PackageChecksum: SHA256: ab
PackageLicenseConcluded: Apache-2.0
ExternalRef: PACKAGE-MANAGER purl pkg:generic/openssl@3.0.1
ExternalRef: SECURITY cpe23Type cpe:2.3:a:openssl:openssl:3.0.1:*:*:*:*:*:*:*
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-pump
Relationship: SPDXRef-pump CONTAINS SPDXRef-ssl
";

const THREE: &str = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
 {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z", "createdBy": ["urn:m"]},
 {"type": "Organization", "spdxId": "urn:m", "creationInfo": "_:c", "name": "Maker"},
 {"type": "SpdxDocument", "spdxId": "urn:d", "creationInfo": "_:c", "rootElement": ["urn:pump"]},
 {"type": "software_Package", "spdxId": "urn:pump", "creationInfo": "_:c", "name": "Pump", "software_packageVersion": "1.0", "suppliedBy": "urn:m"},
 {"type": "software_Package", "spdxId": "urn:ssl", "creationInfo": "_:c", "name": "openssl", "software_packageVersion": "3.0.1", "software_packageUrl": "pkg:generic/openssl@3.0.1",
  "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "ab"}], "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:openssl:openssl:3.0.1:*:*:*:*:*:*:*"}]},
 {"type": "Relationship", "spdxId": "urn:r", "creationInfo": "_:c", "from": "urn:pump", "relationshipType": "contains", "to": ["urn:ssl"]}
]}"#;

fn sbom(reading: &Reading) -> &Sbom {
    assert!(reading.conserves());
    match reading.facts.first() {
        Some(Fact::Sbom(sbom)) => sbom,
        other => panic!("{other:?}"),
    }
}

fn shown(reading: &Reading) -> String {
    let sbom = sbom(reading);
    let subject = sbom.subject.as_ref().map(|s| format!("{} by {:?}", s.label(), s.supplier));
    let components: Vec<String> = sbom
        .components
        .iter()
        .map(|c| {
            let (purl, cpes) = (c.purl.is_some(), c.cpes.len());
            format!(
                "{} {purl} {cpes} {} {:?} {:?}",
                c.label(),
                c.hashes.len(),
                c.licences,
                c.parent
            )
        })
        .collect();
    let authors: Vec<_> = sbom.authors.iter().map(|author| &author.name).collect();
    format!("{subject:?} {authors:?} {:?} [{}]", sbom.tools, components.join("; "))
}

#[test]
fn each_syntax_says_the_same() {
    let json = read_json(&Json::parse(JSON));
    let openssl = r#"openssl 3.0.1 true 1 1 ["Apache-2.0"] None"#;
    let head = r#"Some("Pump 1.0 by Some(\"Maker\")") ["Maker (a@b.c)"] ["t-1"]"#;
    assert_eq!(shown(&json), format!("{head} [{openssl}; zlib false 0 0 [] Some(0)]"));
    assert_eq!(shown(&read_tag_value(TAG_VALUE)), format!("{head} [{openssl}]"));
    let three = read_three(&Json::parse(THREE));
    let openssl = "openssl 3.0.1 true 1 1 [] None";
    assert_eq!(
        shown(&three),
        format!(r#"Some("Pump 1.0 by Some(\"Maker\")") ["Maker"] [] [{openssl}]"#)
    );
}

#[test]
fn dependencies_point_one_way_and_what_points_nowhere_is_told() {
    let reading = read_json(&Json::parse(JSON));
    let dependencies: Vec<(&str, &[Text])> =
        sbom(&reading).dependencies.iter().map(|d| (d.from.as_str(), d.to.as_slice())).collect();
    assert_eq!(
        dependencies,
        [("SPDXRef-ssl", ["SPDXRef-zlib".into(), "SPDXRef-gone".into()].as_slice())]
    );
    let codes: Vec<Code> = reading.problems.listed().iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Code::RecordDanglingReference]);
}

#[test]
fn the_level_and_end_of_support_are_read() {
    let reading = read_json(&Json::parse(JSON));
    let openssl = &sbom(&reading).components[0];
    assert_eq!(openssl.support, Some(domain::component::SupportLevel::Maintained));
    assert_eq!(openssl.end_of_support.map(|d| d.to_string()).as_deref(), Some("2026-09-07"));
}

#[test]
fn a_wrapped_document_is_read() {
    let text = format!("{{\"sbom\": {JSON}}}");
    assert_eq!(sbom(&read_json(&Json::parse(&text))).components.len(), 2);
}

#[test]
fn a_package_without_a_name_costs_itself_alone() {
    let text = JSON.replace("\"name\": \"zlib\", ", "");
    let reading = read_json(&Json::parse(&text));
    assert_eq!((sbom(&reading).components.len(), reading.problems.records_lost()), (1, 1));
}

#[test]
fn a_cut_or_a_wrong_type_anywhere_is_never_a_panic() {
    for end in 0..JSON.len() {
        sbom(&read_json(&Json::parse(&JSON[..end])));
    }
    for end in 0..TAG_VALUE.len() {
        sbom(&read_tag_value(&TAG_VALUE[..end]));
    }
    for end in 0..THREE.len() {
        sbom(&read_three(&Json::parse(&THREE[..end])));
    }
    for wrong in ["7", "null", "[]", "{}", "[7]", "[{}]"] {
        for text in [JSON, THREE] {
            for (at, _) in text.match_indices("\": ") {
                let rest = &text[at + 3..];
                let length = rest.find([',', '}', ']', '\n']).unwrap_or(rest.len());
                let broken = format!("{}{wrong}{}", &text[..at + 3], &rest[length..]);
                sbom(&read_json(&Json::parse(&broken)));
                sbom(&read_three(&Json::parse(&broken)));
            }
        }
    }
}

#[test]
fn what_the_specification_asks_for_is_missed() {
    let words = |problems: Vec<domain::problem::Problem>| -> Vec<String> {
        problems.into_iter().map(|problem| problem.expected).collect()
    };
    let sound = JSON.replace("SPDXRef-gone", "SPDXRef-pump");
    assert_eq!(words(check_json(&Json::parse(&sound))), Vec::<String>::new());
    assert_eq!(words(check_tag_value(TAG_VALUE)), Vec::<String>::new());
    assert_eq!(words(check_three(&Json::parse(THREE))), Vec::<String>::new());
    let poor = sound.replace("\"dataLicense\": \"CC0-1.0\", ", "").replace("SHA256", "ROT13");
    assert_eq!(
        words(check_json(&Json::parse(&poor))),
        ["the data licence (clause 6.2)", "a checksum algorithm of clause 7.10"]
    );
    let poor = TAG_VALUE.replace("SPDXRef-ssl", "ssl_1");
    assert_eq!(
        words(check_tag_value(&poor)),
        ["`SPDXRef-` and letters, digits, `.` and `-` (clause 7.2)"]
    );
}

/// Every real SPDX document, with the number of packages counted in another way.
#[test]
fn every_real_document_is_read_whole() {
    let (mut json_count, mut tag_value_count, mut three_count) = (0, 0, 0);
    let folders = ["sbom", "mixed"];
    for path in folders.iter().flat_map(|folder| testkit::shared_files(folder)) {
        let Ok(bytes) = fs::read(&path) else { continue };
        let mut problems = domain::problem::Problems::default();
        let text = crate::text::decode(&bytes, &mut problems);
        let name = path.display();
        if text.lines().take(60).any(|line| line.starts_with("SPDXVersion:")) {
            let reading = read_tag_value(&text);
            let expected =
                text.lines().filter(|line| line.trim().starts_with("PackageName:")).count();
            if expected > 0 {
                assert_eq!(reading.records_seen, expected, "{name}");
            }
            sbom(&reading);
            tag_value_count += 1;
            continue;
        }
        let Ok(document) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        let json = Json::parse(&text);
        if document["spdxVersion"].as_str().is_some_and(|version| version.starts_with("SPDX-2")) {
            let reading = read_json(&json);
            let expected = document["packages"].as_array().map_or(0, Vec::len);
            if expected > 0 {
                assert_eq!(reading.records_seen, expected, "{name}");
            }
            sbom(&reading);
            json_count += 1;
        } else if document["@context"].to_string().contains("spdx.org/rdf/3") {
            let reading = read_three(&json);
            let is_package = |item: &&serde_json::Value| {
                ["software_Package", "ai_AIPackage", "dataset_DatasetPackage"]
                    .contains(&item["type"].as_str().unwrap_or_default())
            };
            let graph = document["@graph"].as_array();
            let expected = graph.map_or(0, |graph| graph.iter().filter(is_package).count());
            if expected > 0 {
                assert_eq!(reading.records_seen, expected, "{name}");
            }
            sbom(&reading);
            three_count += 1;
        }
    }
    assert!(
        json_count >= 40 && tag_value_count >= 30 && three_count >= 15,
        "{json_count} {tag_value_count} {three_count}"
    );
}
