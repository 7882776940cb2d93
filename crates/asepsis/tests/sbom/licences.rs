//! Texts of licences, in another SBOM: kept or told, and never of another licence.

use std::collections::BTreeSet;

use jiff::Timestamp;
use presentation::sbom::written::{Form, write};
use serde_json::{Value, json};

use super::known::{merge_as, written};
use super::real::all;

fn own(id: &str, text: &str) -> Value {
    json!({
        "licenseId": id, "extractedText": text, "name": "Ours", "comment": "A remark",
        "seeAlsos": ["https://example.org/ours", "https://example.org/more"],
    })
}

fn spdx(name: &str, declared: &str, own: &Value) -> Value {
    json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": name, "documentNamespace": format!("https://example.org/{name}"),
        "creationInfo": { "created": "2026-11-20T08:00:00Z", "creators": ["Tool: hand"] },
        "packages": [{
            "SPDXID": "SPDXRef-p", "name": name, "versionInfo": "1", "filesAnalyzed": false,
            "downloadLocation": "NOASSERTION", "licenseDeclared": declared,
        }],
        "documentDescribes": ["SPDXRef-p"],
        "hasExtractedLicensingInfos": own,
    })
}

fn bytes(document: &Value) -> Vec<u8> {
    document.to_string().into_bytes()
}

fn told(told: &BTreeSet<String>) -> Vec<&str> {
    told.iter().map(String::as_str).collect()
}

#[test]
fn licences_of_a_documents_own_keep_their_texts() {
    let infos =
        json!([own("LicenseRef-1", "  Do as you\n  like.\n"), own("LicenseRef-2", "Don't.")]);
    let source = spdx("pump", "MIT AND LicenseRef-1", &infos);
    let (document, lost) = written(&bytes(&source), Form::Spdx);
    assert_eq!(document["hasExtractedLicensingInfos"], infos);
    assert!(lost.is_empty() || told(&lost) == ["document name"], "{lost:?}");
    let (document, lost) = written(&bytes(&source), Form::CycloneDx);
    let licences = &document["metadata"]["component"]["licenses"];
    let kept = json!({
        "name": "LicenseRef-1", "url": "https://example.org/ours",
        "text": { "content": "  Do as you\n  like.\n" },
    });
    assert_eq!(*licences, json!([{ "license": { "id": "MIT" } }, { "license": kept }]));
    let expected = [
        "addresses of licences of the document's own, but for one",
        "document name",
        "licences of the document's own, which no component has by itself",
        "names of licences of the document's own",
        "remarks on licences of the document's own",
    ];
    assert_eq!(told(&lost), expected);
    // A choice stays one; its text has no place, and that is told.
    let choice = spdx("pump", "MIT OR LicenseRef-1", &json!([own("LicenseRef-1", "Text.")]));
    let (document, lost) = written(&bytes(&choice), Form::CycloneDx);
    let licences = &document["metadata"]["component"]["licenses"];
    assert_eq!(*licences, json!([{ "expression": "MIT OR LicenseRef-1" }]));
    assert!(told(&lost).contains(&expected[2]), "{lost:?}");
}

#[test]
fn tag_value_and_json_keep_the_same() {
    let text = "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\n\
        DocumentName: pump\nDocumentNamespace: https://example.org/pump\nCreator: Tool: hand\n\
        Created: 2026-11-20T08:00:00Z\nPackageName: pump\nSPDXID: SPDXRef-p\nPackageVersion: 1\n\
        PackageDownloadLocation: NOASSERTION\nFilesAnalyzed: false\n\
        PackageLicenseDeclared: LicenseRef-1\nLicenseID: LicenseRef-1\n\
        ExtractedText: <text>Do as you\n  like.</text>\nLicenseName: Ours\n\
        LicenseCrossReference: https://example.org/ours\n\
        LicenseCrossReference: https://example.org/more\nLicenseComment: A remark\n\
        LicenseID: LicenseRef-2\nExtractedText: Don't.\n\
        Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-p\n";
    let infos = json!([
        own("LicenseRef-1", "Do as you\n  like."),
        { "licenseId": "LicenseRef-2", "extractedText": "Don't." },
    ]);
    let (document, _) = written(text.as_bytes(), Form::Spdx);
    assert_eq!(document["hasExtractedLicensingInfos"], infos);
    let source = spdx("pump", "LicenseRef-1", &infos);
    assert_eq!(written(&bytes(&source), Form::Spdx).0, document);
}

#[test]
fn texts_in_cyclonedx_stay_with_their_component() {
    let component = |name: &str, licences: Value| json!({ "type": "library", "bom-ref": name, "name": name, "licenses": licences });
    let named = |text: Value| json!([{ "license": { "name": "BSD-ish", "text": text } }]);
    let listed = json!({ "id": "MIT", "text": { "content": "MIT text" } });
    let components = json!([
        component("a", named(json!({ "content": "By A.\n" }))),
        component("b", named(json!({ "content": "QnkgQi4=", "encoding": "base64" }))),
        component("c", named(json!({ "content": "By A.\n", "contentType": "text/plain" }))),
        component("d", json!([{ "license": listed }])),
        component("e", named(json!({ "content": "/9j/", "encoding": "base64" }))),
    ]);
    let source = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components,
    });
    let (document, lost) = written(&bytes(&source), Form::CycloneDx);
    assert_eq!(document["components"], components);
    assert!(lost.is_empty(), "{lost:?}");
    let (document, lost) = written(&bytes(&source), Form::Spdx);
    let declared = document["packages"].as_array().expect("packages").iter();
    let declared: Vec<_> = declared.map(|one| one["licenseDeclared"].clone()).collect();
    let (first, second) = ("LicenseRef-BSD-ish", "LicenseRef-BSD-ish-2");
    assert_eq!(declared, [first, second, first, "MIT", "LicenseRef-BSD-ish-3"]);
    let texts = document["hasExtractedLicensingInfos"].as_array().expect("licences").iter();
    let texts: Vec<_> = texts.map(|own| own["extractedText"].as_str().expect("text")).collect();
    let none = "Not told by the document that this one was made from.";
    assert_eq!(texts, ["By A.\n", "By B.", none]);
    let expected = ["texts of licences that are of the SPDX list, or no plain text"];
    assert_eq!(told(&lost), expected);
}

#[test]
fn one_id_of_two_documents_stays_one_licence_only_with_the_same_text() {
    let documents = |second: &str| {
        let one = |name: &str, text: &str| {
            spdx(
                name,
                "(MIT OR LicenseRef-1) AND LicenseRef-1",
                &json!([own("LicenseRef-1", text)]),
            )
        };
        [one("pump", "Yes."), one("trolley", second)]
    };
    let (merged, document) = merge_as(&documents("No."), Form::Spdx);
    let renamed = ("LicenseRef-1".to_owned(), "LicenseRef-1-2".to_owned(), "one".to_owned());
    assert_eq!(merged.renamed, [renamed]);
    let declared = |place: usize| document["packages"][place]["licenseDeclared"].clone();
    assert_eq!(declared(0), "(MIT OR LicenseRef-1) AND LicenseRef-1");
    assert_eq!(declared(1), "(MIT OR LicenseRef-1-2) AND LicenseRef-1-2");
    let infos = json!([own("LicenseRef-1", "Yes."), own("LicenseRef-1-2", "No.")]);
    assert_eq!(document["hasExtractedLicensingInfos"], infos);
    let (merged, document) = merge_as(&documents("Yes."), Form::Spdx);
    assert!(merged.renamed.is_empty());
    let infos = json!([own("LicenseRef-1", "Yes.")]);
    assert_eq!(document["hasExtractedLicensingInfos"], infos);
    // Of one of the two nobody says what it is.
    let unknown = spdx("trolley", "LicenseRef-1", &json!([]));
    let (merged, document) =
        merge_as(&[documents("").into_iter().next().expect("one"), unknown], Form::Spdx);
    assert_eq!(merged.renamed.len(), 1);
    assert_eq!(document["packages"][1]["licenseDeclared"], "LicenseRef-1-2");
}

#[test]
fn no_text_of_a_real_licence_is_lost_in_silence() {
    let (mut looked, mut wrong) = (0, Vec::new());
    for (name, sbom) in all() {
        for form in [Form::CycloneDx, Form::Spdx] {
            let written = write(&sbom, form, Timestamp::UNIX_EPOCH, "asepsis");
            let text = written.document.to_string();
            let components = sbom.subject.iter().chain(&sbom.components);
            let texts = components.flat_map(|one| &one.texts);
            let texts = texts.filter_map(|told| told.text.get("content")?.text());
            let own = sbom.carried.licences.iter().filter_map(|own| own.text.as_deref());
            let all: BTreeSet<&str> = texts.chain(own).collect();
            looked += all.len();
            let is_there = |one: &&str| text.contains(json!(one).to_string().trim_matches('"'));
            let lost = all.iter().filter(|one| !is_there(one)).count();
            let told = written.lost.iter().filter(|lost| {
                lost.kind.starts_with("texts of licences") || lost.kind.starts_with("licences of")
            });
            let told: usize = told.map(|lost| lost.count).sum();
            if lost > told {
                wrong.push(format!("{name} {form:?}: {lost} lost, {told} told"));
            }
        }
    }
    assert!(looked > 200, "{looked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
