//! One small document, one element more for each class of assessments, cuts and wrong types.

#![expect(clippy::string_slice, reason = "the samples are ASCII, and a test may fail by a panic")]

use std::fmt::Write;

use domain::advisory::{Product, Target};
use domain::component::Sbom;
use domain::fact::{Fact, Reading};
use expect_test::{Expect, expect};

use crate::json::Json;
use crate::sbom::spdx::{check_three, read_three};

/// A pump with openssl and zlib inside, and a flaw that openssl has.
const HEAD: &str = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
 {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z", "createdBy": ["urn:m"]},
 {"type": "CreationInfo", "@id": "_:later", "specVersion": "3.0.1", "created": "2026-02-02T00:00:00Z", "createdBy": ["urn:lab"]},
 {"type": "Organization", "spdxId": "urn:m", "creationInfo": "_:c", "name": "Maker"},
 {"type": "Organization", "spdxId": "urn:lab", "creationInfo": "_:c", "name": "Lab"},
 {"type": "SpdxDocument", "spdxId": "urn:d", "creationInfo": "_:c", "rootElement": ["urn:pump"],
  "import": [{"type": "ExternalMap", "externalSpdxId": "urn:elsewhere"}]},
 {"type": "software_Package", "spdxId": "urn:pump", "creationInfo": "_:c", "name": "Pump", "software_packageVersion": "1.0"},
 {"type": "software_Package", "spdxId": "urn:ssl", "creationInfo": "_:c", "name": "openssl", "software_packageVersion": "3.0.1", "software_packageUrl": "pkg:generic/openssl@3.0.1"},
 {"type": "software_Package", "spdxId": "urn:zlib", "creationInfo": "_:c", "name": "zlib"},
 {"type": "Relationship", "spdxId": "urn:r", "creationInfo": "_:c", "from": "urn:pump", "relationshipType": "contains", "to": ["urn:ssl", "urn:zlib"]},
 {"type": "security_Vulnerability", "spdxId": "urn:v", "creationInfo": "_:c", "name": "CVE-2022-3602", "summary": "A buffer overrun", "description": "In X.509", "modifiedTime": "2022-11-02T00:00:00Z",
  "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "securityOther", "identifier": "GHSA-8rwr-x37p-mx23"},
   {"type": "ExternalIdentifier", "externalIdentifierType": "cve", "identifier": "cve-2022-3602", "identifierLocator": ["https://www.cve.org/CVERecord?id=CVE-2022-3602"]},
   {"type": "ExternalIdentifier", "externalIdentifierType": "securityOther", "identifier": "CWE-121"}]},
 {"type": "Relationship", "spdxId": "urn:has", "creationInfo": "_:c", "from": "urn:ssl", "relationshipType": "hasAssociatedVulnerability", "to": ["urn:v"]}"#;

fn with(elements: &[&str]) -> String {
    let mut text = HEAD.to_owned();
    for element in elements {
        text.push_str(",\n ");
        text.push_str(element);
    }
    text.push_str("\n]}");
    text
}

fn read(text: &str) -> Reading {
    let reading = read_three(&Json::parse(text));
    assert!(reading.conserves(), "{text}");
    reading
}

fn sbom(reading: &Reading) -> &Sbom {
    match reading.facts.first() {
        Some(Fact::Sbom(sbom)) => sbom,
        other => panic!("{other:?}"),
    }
}

fn named(product: &Product) -> String {
    let component = product.component.as_ref().map(|part| format!(" / {}", named(part)));
    let purls: Vec<String> = product.purls.iter().map(ToString::to_string).collect();
    format!("{} {:?} {purls:?}{}", product.name, product.versions, component.unwrap_or_default())
}

/// Everything that a document says of vulnerabilities, and what was wrong.
fn shown(reading: &Reading) -> String {
    let mut out = String::new();
    for vulnerability in &sbom(reading).vulnerabilities {
        let aliases: Vec<&str> = vulnerability.aliases.iter().map(|id| id.0.as_str()).collect();
        let _ = writeln!(out, "{} {aliases:?} CWE {:?}", vulnerability.id, vulnerability.cwes);
        let _ = writeln!(out, "- {:?} {:?}", vulnerability.title, vulnerability.description);
        for affected in &vulnerability.affected {
            let Target::Product(product) = &affected.target else { panic!("{affected:?}") };
            let _ = writeln!(out, "- {} {}", affected.status.text(), named(product));
        }
        for score in &vulnerability.scores {
            let (stated, origin) = (score.stated, &score.origin);
            let _ = writeln!(out, "- {} {stated:?} {origin:?} {:?}", score.vector, score.applies);
        }
        for remedy in &vulnerability.remediations {
            let _ = writeln!(out, "- {}: {} {:?}", remedy.kind, remedy.details, remedy.applies);
        }
        if let Some(ssvc) = vulnerability.ssvc {
            let _ = writeln!(out, "- exploitation {:?}", ssvc.exploitation);
        }
    }
    for one in &sbom(reading).statements {
        let references: Vec<&str> = one.references.iter().map(|(_, id)| id.as_str()).collect();
        let _ = writeln!(out, "{} {} {:?}", one.vulnerability, one.status.text(), one.aliases);
        let _ = writeln!(out, "- {:?} {:?}", one.justification, one.detail);
        let _ = writeln!(out, "- {:?} {:?}", one.author, one.timestamp);
        let products: Vec<String> = one.products.iter().map(named).collect();
        let _ = writeln!(out, "- {references:?} {products:?} {}", one.at);
    }
    for fact in &reading.facts[1..] {
        let _ = writeln!(out, "{fact:?}");
    }
    for problem in reading.problems.listed() {
        let _ = writeln!(out, "{:?} {problem}", problem.loss);
    }
    out
}

/// What a document with these elements says beyond the one without.
#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is written")]
fn check(elements: &[&str], expected: Expect) {
    let (before, after) = (shown(&read(&with(&[]))), shown(&read(&with(elements))));
    let more: Vec<&str> =
        after.lines().filter(|line| !before.lines().any(|b| b == *line)).collect();
    expected.assert_eq(&(more.join("\n") + "\n"));
}

#[test]
fn a_vulnerability_is_told_with_what_it_is_in() {
    let reading = read(&with(&[]));
    assert_eq!((reading.records_seen, reading.records_made), (4, 4));
    expect![[r#"
        CVE-2022-3602 ["GHSA-8rwr-x37p-mx23"] CWE [121]
        - Some("A buffer overrun") Some("In X.509")
        - affected openssl [One("3.0.1")] ["pkg:generic/openssl@3.0.1"]
    "#]]
    .assert_eq(&shown(&reading));
}

#[test]
fn a_vulnerability_without_identifiers_is_named_by_what_there_is() {
    check(
        &[
            r#"{"type": "security_Vulnerability", "spdxId": "https://example.org/vulnerability/CVE-2023-1", "name": "A flaw"}"#,
            r#"{"type": "security_Vulnerability", "spdxId": "urn:odd", "name": "A flaw"}"#,
            r#"{"type": "Vulnerability", "name": "Heartbleed"}"#,
            r#"{"type": "https://spdx.org/rdf/3.0.1/terms/Security/Vulnerability", "spdxId": "urn:pysec", "name": "PYSEC-2021-1"}"#,
            r#"{"type": "security_Vulnerability"}"#,
            r#"{"type": "security_Vulnerability", "spdxId": "urn:v", "name": "CVE-2023-2"}"#,
        ],
        expect![[r#"
            CVE-2023-1 [] CWE []
            - Some("A flaw") None
            urn:odd [] CWE []
            - Some("A flaw") None
            Heartbleed [] CWE []
            - None None
            PYSEC-2021-1 [] CWE []
            - None None
            CVE-2023-2 [] CWE []
            - None None
            Record line 21, $["@graph"][15]: A field that the format requires is not there; expected an external identifier, a name or an spdxId, found `an object`
            Nothing line 22, $["@graph"][16]: Two records carry the same id; expected an id of its own, found `urn:v`
        "#]],
    );
}

#[test]
fn a_withdrawn_vulnerability_affects_nothing() {
    check(
        &[
            r#"{"type": "security_Vulnerability", "spdxId": "urn:w", "name": "CVE-2023-3", "security_withdrawnTime": "2024-01-01T00:00:00Z"}"#,
            r#"{"type": "Relationship", "spdxId": "urn:hw", "from": "urn:zlib", "relationshipType": "hasAssociatedVulnerability", "to": ["urn:w"]}"#,
        ],
        expect![[r"
            CVE-2023-3 [] CWE []
            - None None
        "]],
    );
}

#[test]
fn cvss_becomes_a_score_with_its_origin() {
    check(
        &[
            r#"{"type": "security_CvssV2VulnAssessmentRelationship", "spdxId": "urn:s2", "from": "urn:v", "relationshipType": "hasAssessmentFor", "to": ["urn:ssl"], "security_score": "4.3", "security_vectorString": "(AV:N/AC:M/Au:N/C:P/I:N/A:N)", "suppliedBy": "urn:lab"}"#,
            r#"{"type": "security_CvssV3VulnAssessmentRelationship", "spdxId": "urn:s3", "from": "urn:v", "relationshipType": "hasAssessmentFor", "to": ["urn:ssl"], "security_score": 7.5, "security_severity": "high", "security_vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}"#,
            r#"{"type": "Relationship", "spdxId": "urn:p", "from": "urn:s3", "relationshipType": "publishedBy", "to": ["urn:m"]}"#,
            r#"{"type": "CvssV4VulnAssessmentRelationship", "from": "urn:v", "relationshipType": "hasAssessmentFor", "to": "urn:gone", "vectorString": "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "score": "ten", "suppliedBy": ["urn:unknown"]}"#,
            r#"{"type": "security_CvssV3VulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_score": 7.5}"#,
        ],
        expect![[r#"
            - (AV:N/AC:M/Au:N/C:P/I:N/A:N) Some(4.3) Some("Lab") []
            - CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H Some(7.5) Some("Maker") []
            - CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H None Some("urn:unknown") []
            Field line 20, $["@graph"][14].score: A field has another type than its format says; expected a number, found `ten`
            Record line 21, $["@graph"][15]: A field that the format requires is not there; expected a `vectorString`, found `an object`
            Nothing line 20, $["@graph"][14]: A reference points to nothing in the document; expected the id of an element of the document, found `urn:gone`
        "#]],
    );
}

#[test]
fn a_score_of_one_component_is_not_one_of_another() {
    check(
        &[
            r#"{"type": "Relationship", "spdxId": "urn:h2", "from": "urn:zlib", "relationshipType": "hasAssociatedVulnerability", "to": ["urn:v", "urn:v"]}"#,
            r#"{"type": "security_CvssV3VulnAssessmentRelationship", "from": "urn:v", "to": ["urn:zlib"], "security_score": 0, "security_vectorString": "AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"}"#,
        ],
        expect![[r"
            - affected zlib [] []
            - CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N Some(0.0) None [1]
        "]],
    );
}

#[test]
fn epss_becomes_a_prediction() {
    check(
        &[
            r#"{"type": "security_EpssVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_probability": "0.00105", "security_percentile": 0.4, "security_publishedTime": "2023-10-05T00:00:30Z"}"#,
            r#"{"type": "security_EpssVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_probability": 1.5}"#,
        ],
        expect![[r#"
            Predictions(ExploitPredictions([ExploitPrediction { id: VulnerabilityId("CVE-2022-3602"), probability: 0.00105, percentile: Some(0.4), at: Location { line: 17, path: "$[\"@graph\"][11]" } }]))
            Field line 18, $["@graph"][12].security_probability: A field has a value outside its list; expected a number of 0 to 1, found `1.5`
            Record line 18, $["@graph"][12]: A field that the format requires is not there; expected a `probability` of 0 to 1, found `an object`
        "#]],
    );
}

#[test]
fn what_a_catalogue_lists_is_exploited() {
    check(
        &[
            r#"{"type": "Relationship", "spdxId": "urn:x", "from": "urn:v", "relationshipType": "exploitCreatedBy", "to": ["urn:lab"]}"#,
            r#"{"type": "security_ExploitCatalogVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_catalogType": "kev", "security_exploited": false, "security_locator": "https://example.org"}"#,
        ],
        expect![[r"
            - exploitation Some(ProofOfConcept)
        "]],
    );
    check(
        &[
            r#"{"type": "security_ExploitCatalogVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_catalogType": "kev", "security_exploited": "true", "security_locator": "https://example.org"}"#,
            r#"{"type": "Relationship", "spdxId": "urn:x", "from": "urn:v", "relationshipType": "exploitCreatedBy", "to": ["urn:lab"]}"#,
            r#"{"type": "security_ExploitCatalogVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_catalogType": "mine"}"#,
        ],
        expect![[r#"
            - exploitation Some(Active)
            Field line 19, $["@graph"][13].security_catalogType: A field has a value outside its list; expected one of `kev`, `other`, found `mine`
            Record line 19, $["@graph"][13]: A field that the format requires is not there; expected `exploited`, true or false, found `an object`
        "#]],
    );
}

#[test]
fn an_ssvc_decision_is_seen_and_left() {
    check(
        &[
            r#"{"type": "security_SsvcVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_decisionType": "act"}"#,
            r#"{"type": "security_SsvcVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_decisionType": "panic"}"#,
        ],
        expect![[r#"
            Field line 18, $["@graph"][12].security_decisionType: A field has a value outside its list; expected one of `act`, `attend`, `track`, `trackStar`, found `panic`
        "#]],
    );
}

#[test]
fn each_vex_class_becomes_a_statement() {
    check(
        &[
            r#"{"type": "security_VexNotAffectedVulnAssessmentRelationship", "from": "urn:v", "relationshipType": "doesNotAffect", "to": ["urn:ssl"], "creationInfo": "_:later", "security_justificationType": "vulnerableCodeNotInExecutePath", "security_impactStatement": "No X.509 is read", "security_impactStatementTime": "2023-01-01T00:00:00Z"}"#,
            r#"{"type": "security_VexAffectedVulnAssessmentRelationship", "from": "urn:v", "relationshipType": "affects", "to": ["urn:ssl"], "suppliedBy": "urn:lab", "security_actionStatement": "Upgrade to 3.0.7", "security_publishedTime": "2023-01-01T00:00:00Z", "security_modifiedTime": "2023-01-02T00:00:00Z"}"#,
            r#"{"type": "security_VexFixedVulnAssessmentRelationship", "from": "urn:v", "relationshipType": "fixedIn", "to": ["urn:pump", "urn:elsewhere"], "security_statusNotes": "Backported"}"#,
            r#"{"type": "VexUnderInvestigationVulnAssessmentRelationship", "from": "urn:v", "to": "urn:pump"}"#,
            r#"{"type": "Relationship", "from": "urn:v", "relationshipType": "doesNotAffect", "to": ["pkg:generic/openssl@3.0.1"]}"#,
        ],
        expect![[r#"
            - mitigation: Upgrade to 3.0.7 []
            CVE-2022-3602 not_affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - Some("vulnerable_code_not_in_execute_path") Some("No X.509 is read")
            - Some("Lab") Some("2023-01-01T00:00:00Z")
            - ["urn:ssl"] [] line 17, $["@graph"][11]
            CVE-2022-3602 affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None Some("Upgrade to 3.0.7")
            - Some("Lab") Some("2023-01-02T00:00:00Z")
            - ["urn:ssl"] [] line 18, $["@graph"][12]
            CVE-2022-3602 fixed [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None Some("Backported")
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["urn:pump", "urn:elsewhere"] [] line 19, $["@graph"][13]
            CVE-2022-3602 under_investigation [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["urn:pump"] [] line 20, $["@graph"][14]
            CVE-2022-3602 not_affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["pkg:generic/openssl@3.0.1"] [] line 21, $["@graph"][15]
        "#]],
    );
}

#[test]
fn what_clears_a_part_clears_it_in_the_named_product_only() {
    let part = |class: &str, to: &str| {
        format!(
            r#"{{"type": "security_Vex{class}VulnAssessmentRelationship", "from": "urn:v", "to": ["{to}"], "security_assessedElement": "urn:ssl"}}"#
        )
    };
    let elements = [
        part("NotAffected", "urn:pump"),
        part("NotAffected", "urn:zlib"),
        part("NotAffected", "urn:gone"),
        part("NotAffected", "pkg:generic/acme@1"),
        part("Affected", "urn:zlib"),
    ];
    check(
        &elements.each_ref().map(String::as_str),
        expect![[r#"
            CVE-2022-3602 not_affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["urn:ssl"] [] line 17, $["@graph"][11]
            CVE-2022-3602 not_affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - [] ["zlib [] [] / openssl [One(\"3.0.1\")] [\"pkg:generic/openssl@3.0.1\"]"] line 18, $["@graph"][12]
            CVE-2022-3602 not_affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - [] [] line 19, $["@graph"][13]
            CVE-2022-3602 not_affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - [] ["acme [One(\"1\")] [\"pkg:generic/acme@1\"] / openssl [One(\"3.0.1\")] [\"pkg:generic/openssl@3.0.1\"]"] line 20, $["@graph"][14]
            CVE-2022-3602 affected [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["urn:ssl"] [] line 21, $["@graph"][15]
            Nothing line 19, $["@graph"][13]: A reference points to nothing in the document; expected the id of an element of the document, found `urn:gone`
        "#]],
    );
}

#[test]
fn a_statement_that_contradicts_itself_or_was_withdrawn_clears_nothing() {
    check(
        &[
            r#"{"type": "security_VexNotAffectedVulnAssessmentRelationship", "from": "urn:v", "relationshipType": "affects", "to": ["urn:ssl"]}"#,
            r#"{"type": "security_VexNotAffectedVulnAssessmentRelationship", "from": "urn:v", "relationshipType": "doesNotAffect", "to": ["urn:ssl"], "security_withdrawnTime": "2024-01-01T00:00:00Z"}"#,
            r#"{"type": "security_VexNotAffectedVulnAssessmentRelationship", "from": "urn:v", "relationshipType": "doesNotAffect", "to": []}"#,
            r#"{"type": "security_VexNotAffectedVulnAssessmentRelationship", "relationshipType": "doesNotAffect", "to": ["urn:ssl"]}"#,
            r#"{"type": "security_VexNotAffectedVulnAssessmentRelationship", "from": "urn:zlib", "relationshipType": "doesNotAffect", "to": ["urn:ssl"]}"#,
            r#"{"type": "security_OracleVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"]}"#,
            r#"{"type": "security_VexFixedVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_justificationType": "because"}"#,
        ],
        expect![[r#"
            CVE-2022-3602 fixed [VulnerabilityId("GHSA-8rwr-x37p-mx23")]
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["urn:ssl"] [] line 23, $["@graph"][17]
            Record line 17, $["@graph"][11]: A field has a value outside its list; expected a relationship type that says what its class says, found `an object`
            Record line 19, $["@graph"][13]: A field that the format requires is not there; expected an element in `to`, found `an object`
            Record line 20, $["@graph"][14]: A field that the format requires is not there; expected a vulnerability in `from`, found `an object`
            Record line 22, $["@graph"][16]: A field has a value outside its list; expected a class of assessments of the profile Security, found `an object`
            Field line 23, $["@graph"][17].security_justificationType: A field has a value outside its list; expected a justification of Security, VexJustificationType, found `because`
            Record line 21, $["@graph"][15]: A reference points to nothing in the document; expected the id of a vulnerability of the document, found `urn:zlib`
        "#]],
    );
}

#[test]
fn a_vulnerability_of_another_document_is_known_by_the_end_of_its_id() {
    check(
        &[
            r#"{"type": "security_VexFixedVulnAssessmentRelationship", "from": "https://example.org/vulnerability/CVE-2024-1", "to": ["urn:zlib"]}"#,
            r#"{"type": "security_VexFixedVulnAssessmentRelationship", "from": "https://example.org/vulnerability/CVE-2024-1", "to": ["urn:ssl"]}"#,
            r#"{"type": "security_VexFixedVulnAssessmentRelationship", "from": "urn:elsewhere", "to": ["urn:ssl"]}"#,
        ],
        expect![[r#"
            CVE-2024-1 [] CWE []
            - None None
            CVE-2024-1 fixed []
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["urn:zlib"] [] line 17, $["@graph"][11]
            CVE-2024-1 fixed []
            - None None
            - Some("Maker") Some("2026-02-02T00:00:00Z")
            - ["urn:ssl"] [] line 18, $["@graph"][12]
            Nothing line 17, $["@graph"][11]: A reference points to nothing in the document; expected the id of a vulnerability of the document, found `https://example.org/vulnerability/CVE-2024-1`
            Record line 19, $["@graph"][13]: A reference points to nothing in the document; expected the id of a vulnerability of the document, found `urn:elsewhere`
        "#]],
    );
}

#[test]
fn what_is_lost_is_told_by_the_check_too() {
    let text = with(&[r#"{"type": "security_CvssV3VulnAssessmentRelationship", "from": "urn:v"}"#]);
    let told = check_three(&Json::parse(&text));
    let words: Vec<&str> = told.iter().map(|problem| problem.expected.as_str()).collect();
    assert_eq!(words, ["a `vectorString`"]);
}

/// Copies of a long name for each of many short statements would outgrow the document.
#[test]
fn a_long_name_is_not_copied_without_end() {
    let name = "x".repeat(100_000);
    let mut elements = vec![format!(
        r#"{{"type": "security_Vulnerability", "spdxId": "urn:long", "externalIdentifier": [{{"externalIdentifierType": "securityOther", "identifier": "{name}"}}]}}"#
    )];
    let fixed =
        r#"{"type": "VexFixedVulnAssessmentRelationship", "from": "urn:long", "to": "urn:ssl"}"#;
    elements.extend((0..1_000).map(|_| fixed.to_owned()));
    let texts: Vec<&str> = elements.iter().map(String::as_str).collect();
    let reading = read(&with(&texts));
    assert_eq!(reading.records_seen, 1_005);
    let copies = sbom(&reading).statements.len();
    assert!((10..40).contains(&copies), "{copies}");
}

/// Every class of assessments in one document.
fn sample() -> String {
    with(&[
        r#"{"type": "security_CvssV3VulnAssessmentRelationship", "spdxId": "urn:s3", "from": "urn:v", "to": ["urn:ssl"], "security_score": "7.5", "security_vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "suppliedBy": ["urn:lab"]}"#,
        r#"{"type": "security_EpssVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_probability": 0.1, "security_percentile": 0.4}"#,
        r#"{"type": "security_ExploitCatalogVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_catalogType": "kev", "security_exploited": true}"#,
        r#"{"type": "security_SsvcVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:ssl"], "security_decisionType": "act"}"#,
        r#"{"type": "security_VexNotAffectedVulnAssessmentRelationship", "from": "urn:v", "relationshipType": "doesNotAffect", "to": ["urn:pump"], "creationInfo": "_:c", "security_assessedElement": "urn:ssl", "security_justificationType": "componentNotPresent", "security_impactStatement": "none"}"#,
        r#"{"type": "security_VexAffectedVulnAssessmentRelationship", "from": "urn:v", "to": ["urn:zlib"], "security_actionStatement": "Upgrade"}"#,
        r#"{"type": "Relationship", "from": "urn:v", "relationshipType": "fixedIn", "to": ["urn:ssl"]}"#,
    ])
}

#[test]
fn a_cut_anywhere_costs_no_more_than_it_must() {
    let text = sample();
    for end in 0..text.len() {
        read(&text[..end]);
    }
    let reading = read(&text);
    assert_eq!((reading.records_seen, reading.records_made), (11, 11));
}

#[test]
fn a_wrong_type_anywhere_is_told_and_never_a_panic() {
    let text = sample();
    for wrong in ["7", "null", "[]", "{}", "[7]", "[{}]", "true", "\"\"", "\"x\""] {
        for (at, _) in text.match_indices("\": ") {
            let rest = &text[at + 3..];
            let length = rest.find([',', '}', ']', '\n']).unwrap_or(rest.len());
            let broken = format!("{}{wrong}{}", &text[..at + 3], &rest[length..]);
            read(&broken);
            let _ = check_three(&Json::parse(&broken));
        }
    }
}
