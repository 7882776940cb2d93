//! What is told of licences, in each syntax, and that official examples are accepted.

use domain::problem::Problem;
use expect_test::{Expect, expect};

use super::{json, tag_value, three};
use crate::json::Json;

#[expect(clippy::needless_pass_by_value, reason = "as `expect!` is written")]
fn check(told: &[Problem], expected: Expect) {
    let lines: Vec<String> = told.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn concluded(licence: &str) -> Vec<Problem> {
    let text = format!(
        r#"{{"spdxVersion": "SPDX-2.3",
 "externalDocumentRefs": [{{"externalDocumentId": "DocumentRef-other"}}],
 "hasExtractedLicensingInfos": [{{"licenseId": "LicenseRef-own"}}],
 "packages": [{{"licenseConcluded": "{licence}"}}]}}"#
    );
    json(&Json::parse(&text))
}

#[test]
fn what_the_grammar_allows_is_allowed() {
    for licence in [
        "NONE",
        "NOASSERTION",
        "MIT",
        "mit",
        "zlib AND Curl",
        "Apache-2.0+",
        "GPL-2.0",
        "GPL-2.0+",
        "GPL-2.0-or-later WITH Classpath-exception-2.0",
        "gpl-2.0-or-later with classpath-exception-2.0",
        "(MIT OR Apache-2.0) AND (BSD-3-Clause and ISC)",
        "LicenseRef-own",
        "(LicenseRef-own and Apache-2.0)",
        "DocumentRef-other:LicenseRef-theirs",
    ] {
        assert_eq!(concluded(licence), [], "{licence}");
    }
}

#[test]
fn what_the_grammar_does_not_allow_is_told() {
    let wrong = [
        "",
        "BSD",
        "Apache 2.0",
        "MIT AND",
        "(MIT",
        "MIT)",
        "MIT And ISC",
        "MIT/ISC",
        "MIT, ISC",
        "MIT AND NONE",
        "MIT +",
        "LicenseRef-a_b",
        "Classpath-exception-2.0",
        "MIT WITH ISC",
        "é",
        "LicenseRef-gone OR AdditionRef-x",
        "MIT WITH AdditionRef-gone",
        "LicenseRef-gone",
        "DocumentRef-gone:LicenseRef-own",
    ];
    let told: Vec<Problem> = wrong.iter().flat_map(|licence| concluded(licence)).collect();
    check(
        &told,
        expect![[r"
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (empty expression)
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `BSD`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `Apache 2.0`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (expected one of `<license>`, `(` here), found `MIT AND`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unclosed parens), found `(MIT`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unopened parens), found `MIT)`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `MIT And ISC`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (invalid character(s)), found `MIT/ISC`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (invalid character(s)), found `MIT, ISC`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `MIT AND NONE`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (`+` must not follow whitespace), found `MIT +`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (invalid character(s)), found `LicenseRef-a_b`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (expected one of `<license>`, `(` here), found `Classpath-exception-2.0`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (expected a `<addition>` here), found `MIT WITH ISC`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (invalid character(s)), found `é`
        line 4, $.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (expected one of `<license>`, `(` here), found `LicenseRef-gone OR AdditionRef-x`
        line 4, $.packages[0].licenseConcluded: A reference points to nothing in the document; expected a licence that the document defines, found `AdditionRef-gone`
        line 4, $.packages[0].licenseConcluded: A reference points to nothing in the document; expected a licence that the document defines, found `LicenseRef-gone`
        line 4, $.packages[0].licenseConcluded: A reference points to nothing in the document; expected a licence that the document defines, found `DocumentRef-gone:LicenseRef-own`"]],
    );
}

#[test]
fn each_field_of_a_document_in_json_is_looked_at() {
    let text = r#"{"sbom": {"spdxVersion": "SPDX-2.3",
 "packages": [{"licenseConcluded": "a1", "licenseDeclared": "a2", "licenseInfoFromFiles": ["MIT", "a3", 7], "licenseComments": "a"},
  {"licenseConcluded": "a1", "licenseDeclared": 7}],
 "files": [{"licenseConcluded": "a4", "licenseInfoInFiles": ["a5"]}],
 "snippets": [{"licenseConcluded": "a6", "licenseInfoInSnippets": ["a7"]}]}}"#;
    check(
        &json(&Json::parse(text)),
        expect![[r"
        line 2, $.sbom.packages[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `a1`
        line 2, $.sbom.packages[0].licenseDeclared: A field has a value outside its list; expected a licence expression (unknown term), found `a2`
        line 2, $.sbom.packages[0].licenseInfoFromFiles[1]: A field has a value outside its list; expected a licence expression (unknown term), found `a3`
        line 4, $.sbom.files[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `a4`
        line 4, $.sbom.files[0].licenseInfoInFiles[0]: A field has a value outside its list; expected a licence expression (unknown term), found `a5`
        line 5, $.sbom.snippets[0].licenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `a6`
        line 5, $.sbom.snippets[0].licenseInfoInSnippets[0]: A field has a value outside its list; expected a licence expression (unknown term), found `a7`"]],
    );
}

#[test]
fn each_tag_is_looked_at() {
    let text = "ExternalDocumentRef: DocumentRef-o https://example.org SHA1: 00
PackageName: a
PackageLicenseConcluded: a1
PackageLicenseDeclared: MIT OR LicenseRef-1
PackageLicenseInfoFromFiles: a3
PackageLicenseComments: <text>a
LicenseConcluded: no</text>
FileName: b
LicenseConcluded: DocumentRef-o:LicenseRef-x
LicenseInfoInFile: a5
SnippetLicenseConcluded: a6
LicenseInfoInSnippet: LicenseRef-2
LicenseID: LicenseRef-1
";
    check(
        &tag_value(text),
        expect![[r"
        line 3, PackageLicenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `a1`
        line 5, PackageLicenseInfoFromFiles: A field has a value outside its list; expected a licence expression (unknown term), found `a3`
        line 10, LicenseInfoInFile: A field has a value outside its list; expected a licence expression (unknown term), found `a5`
        line 11, SnippetLicenseConcluded: A field has a value outside its list; expected a licence expression (unknown term), found `a6`
        line 12, LicenseInfoInSnippet: A reference points to nothing in the document; expected a licence that the document defines, found `LicenseRef-2`"]],
    );
}

#[test]
fn an_expression_of_three_defines_its_own_licences() {
    let text = r#"{"@graph": [
 {"type": "simplelicensing_LicenseExpression", "simplelicensing_licenseExpression": "MIT AND LicenseRef-1", "simplelicensing_customIdToUri": [{"type": "DictionaryEntry", "key": "LicenseRef-1", "value": "urn:l"}]},
 {"type": "simplelicensing_LicenseExpression", "simplelicensing_licenseExpression": "LicenseRef-1"},
 {"type": "LicenseExpression", "licenseExpression": "NOASSERTION"},
 {"type": "LicenseExpression", "licenseExpression": "MIT or"},
 {"type": "LicenseExpression"},
 {"type": "software_Package", "licenseExpression": "?"}]}"#;
    check(
        &three(&Json::parse(text)),
        expect![[r#"
        line 3, $["@graph"][1].simplelicensing_licenseExpression: A reference points to nothing in the document; expected a licence that the document defines, found `LicenseRef-1`
        line 5, $["@graph"][3].licenseExpression: A field has a value outside its list; expected a licence expression (expected one of `<license>`, `(` here), found `MIT or`
        line 6, $["@graph"][4]: A field that the format requires is not there; expected a licenseExpression (SimpleLicensing, LicenseExpression)"#]],
    );
    let alone = r#"{"type": "LicenseExpression", "licenseExpression": "?"}"#;
    assert_eq!(three(&Json::parse(alone)).len(), 1);
}

/// The examples that the authors of SPDX publish keep their own rules.
#[test]
fn official_examples_are_accepted() {
    let (mut count, mut told) = (0, Vec::new());
    for path in testkit::shared_files("sbom/spdx-examples") {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let text = crate::text::decode(&bytes, &mut domain::problem::Problems::default());
        let problems = if text.lines().take(60).any(|line| line.starts_with("SPDXVersion:")) {
            tag_value(&text)
        } else if text.contains("spdx.org/rdf/3") {
            three(&Json::parse(&text))
        } else if text.contains("\"spdxVersion\"") {
            json(&Json::parse(&text))
        } else {
            continue;
        };
        count += 1;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        told.extend(problems.iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(count >= 40, "{count}");
    assert_eq!(told, Vec::<String>::new());
}
