//! Vulnerabilities in an SBOM, in another SBOM: each field is kept or told, whatever stands in it.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::collections::BTreeSet;
use std::fs;

use decisions::sbom::merged::{self, Input, Merged};
use domain::component::Sbom;
use jiff::Timestamp;
use presentation::sbom::written::{Form, Written, write};
use serde_json::{Value, json};
use sources::format;

use super::real::whole;
use super::shared;

pub(crate) fn written(source: &[u8], form: Form) -> (Value, BTreeSet<String>) {
    let sbom = whole(source).expect("an SBOM");
    let beyond = format::rest(source).beyond.into_keys();
    let Written { document, lost } = write(&sbom, form, Timestamp::UNIX_EPOCH, "asepsis");
    let told = beyond.chain(lost.into_iter().map(|lost| lost.kind)).collect();
    let (_, problems) = format::check(document.to_string().as_bytes()).expect("an SBOM");
    assert!(problems.is_empty(), "{}", problems[0]);
    (document, told)
}

fn example(name: &str) -> Vec<u8> {
    let path = shared("cyclonedx-spec/1.6").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The paths of all plain values below one, and the values.
fn leaves(value: &Value, path: &str, all: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), all));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(place, value)| leaves(value, &format!("{path}/{place}"), all));
        }
        value => all.push((path.to_owned(), value.clone())),
    }
}

fn leaves_of(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    leaves(&document["vulnerabilities"], "/vulnerabilities", &mut all);
    all
}

/// Whether it is told that a field on the way to a value is lost.
fn is_told(path: &str, told: &BTreeSet<String>) -> bool {
    let last = |kind: &str| {
        let kind = kind.split(',').next().unwrap_or_default();
        kind.rsplit(' ').next().unwrap_or_default().to_owned()
    };
    told.iter().any(|kind| path.split('/').any(|step| step == last(kind)))
}

#[test]
fn every_field_of_a_vulnerability_is_kept_or_told() {
    let source = example("valid-vulnerability-1.6.json");
    let (document, told) = written(&source, Form::CycloneDx);
    let expected = ["vulnerability proofOfConcept supportingMaterial", "vulnerability tools"];
    assert_eq!(told.iter().collect::<Vec<_>>(), expected);
    let source: Value = serde_json::from_slice(&source).expect("JSON");
    let all = leaves_of(&source);
    assert!(all.len() > 60, "{}", all.len());
    for (path, value) in &all {
        let is_kept = document.pointer(path) == Some(value) || value == "";
        assert_ne!(is_kept, is_told(path, &told), "{path}");
    }
    assert!(leaves_of(&document).iter().all(|(path, _)| source.pointer(path).is_some()));
    let xml = written(&example("valid-vulnerability-1.6.xml"), Form::CycloneDx);
    assert_eq!(xml.0["vulnerabilities"], document["vulnerabilities"]);
    assert_eq!(xml.1, told);
}

#[test]
fn a_field_that_is_not_as_it_should_be_is_told_and_never_written() {
    let source = example("valid-vulnerability-1.6.json");
    let source: Value = serde_json::from_slice(&source).expect("JSON");
    for (path, _) in leaves_of(&source).iter().filter(|(_, value)| *value != "") {
        for odd in [json!({ "odd": true }), json!(["odd"]), json!(-1.5), json!("odd"), json!(null)]
        {
            let mut other = source.clone();
            *other.pointer_mut(path).expect("there") = odd.clone();
            let (document, told) = written(other.to_string().as_bytes(), Form::CycloneDx);
            let is_kept = document.pointer(path) == Some(&odd);
            assert!(is_kept || odd.is_null() || is_told(path, &told), "{path} {odd}: {told:?}");
        }
    }
}

#[test]
fn spdx_holds_the_address_of_an_advisory_and_tells_the_rest() {
    let source = example("valid-vulnerability-1.6.json");
    let (document, told) = written(&source, Form::Spdx);
    let references = document["packages"][0]["externalRefs"].as_array().expect("references");
    let advisories: Vec<_> =
        references.iter().filter(|one| one["referenceType"] == "advisory").collect();
    assert_eq!(advisories.len(), 3, "{advisories:?}");
    let name = "SNYK-JAVA-COMFASTERXMLJACKSONCORE-32111";
    assert_eq!(
        *advisories[0],
        json!({
            "referenceCategory": "SECURITY", "referenceType": "advisory",
            "referenceLocator": format!("https://snyk.io/vuln/{name}"),
            "comment": format!("{name}: not_affected, code_not_reachable"),
        })
    );
    for (path, value) in leaves_of(&serde_json::from_slice(&source).expect("JSON")) {
        let kept = ["/id", "/source/url", "/0/url", "/1/url", "/state", "/justification", "/ref"];
        let is_kept = kept.iter().any(|end| path.ends_with(end)) && !is_told(&path, &told);
        let is_named = path.ends_with("/bom-ref") || value == "";
        assert!(is_kept || is_named || is_told(&path, &told), "{path}: {told:?}");
    }
}

/// An SBOM of a product with openssl in it, of which a flaw is judged so.
fn product(name: &str, reference: &str, state: Option<&str>) -> Value {
    let openssl = "pkg:generic/openssl@3.0.7";
    let mut flaw = json!({
        "bom-ref": "flaw", "id": "CVE-2022-3602",
        "affects": [{ "ref": reference }, { "ref": "own" }, { "ref": "gone" }],
    });
    if let Some(state) = state {
        flaw["analysis"] = json!({ "state": state, "detail": name });
    }
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": format!("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b7{}", name.len()),
        "metadata": { "component": { "type": "device", "bom-ref": name, "name": name } },
        "components": [
            { "type": "library", "bom-ref": reference, "name": "openssl", "version": "3.0.7",
              "purl": openssl },
            { "type": "library", "bom-ref": "own", "name": format!("own of {name}") },
        ],
        "vulnerabilities": [flaw],
    })
}

pub(crate) fn merge(documents: &[Value]) -> (Merged, Value) {
    merge_as(documents, Form::CycloneDx)
}

pub(crate) fn merge_as(documents: &[Value], form: Form) -> (Merged, Value) {
    let bytes = |document: &Value| document.to_string().into_bytes();
    let sboms: Vec<Sbom> = documents.iter().filter_map(|one| whole(&bytes(one))).collect();
    let inputs: Vec<Input<'_>> = sboms.iter().map(|sbom| Input { name: "one", sbom }).collect();
    let merged = merged::merge(&inputs, None);
    let at = Timestamp::UNIX_EPOCH;
    let document = write(&merged.sbom, form, at, "asepsis").document;
    let (_, problems) = format::check(document.to_string().as_bytes()).expect("an SBOM");
    assert!(problems.is_empty(), "{}", problems[0]);
    (merged, document)
}

/// Of each vulnerability what it affects, and how it is judged.
fn shown(document: &Value) -> Vec<String> {
    let all = document["vulnerabilities"].as_array().expect("vulnerabilities");
    let shown = all.iter().map(|one| {
        let affects = one["affects"].as_array().into_iter().flatten();
        let affects: Vec<&str> = affects.filter_map(|one| one["ref"].as_str()).collect();
        format!("{}: {}", affects.join(" "), one["analysis"]["state"].as_str().unwrap_or("-"))
    });
    shown.collect()
}

#[test]
fn what_was_judged_in_one_product_clears_no_other() {
    let pump = product("pump", "openssl", Some("not_affected"));
    let cart = product("trolley", "ssl", None);
    let (merged, document) = merge(&[pump.clone(), cart]);
    assert_eq!(shown(&document), ["own: not_affected", "openssl: -", "openssl own-2: -"]);
    let unheld: Vec<_> = merged.unheld.iter().map(|one| (&*one.component, &*one.state)).collect();
    assert_eq!(unheld, [("openssl 3.0.7", "not_affected")]);
    let gone = merged.dangling.iter().filter(|(reference, _)| reference == "gone");
    assert_eq!(gone.count(), 2);
    // What both say stays, and so does what is worst.
    let (merged, document) =
        merge(&[pump.clone(), product("trolley", "ssl", Some("not_affected"))]);
    assert_eq!(shown(&document), ["openssl own: not_affected", "openssl own-2: not_affected"]);
    assert!(merged.unheld.is_empty());
    let (_, document) = merge(&[pump.clone(), product("trolley", "ssl", Some("exploitable"))]);
    let expected = ["own: not_affected", "openssl: -", "openssl own-2: exploitable"];
    assert_eq!(shown(&document), expected);
    // The same SBOM twice is one product, and says nothing twice.
    let (merged, document) = merge(&[pump.clone(), pump]);
    assert_eq!(shown(&document), ["openssl own: not_affected", "openssl own-2: not_affected"]);
    assert!(merged.unheld.is_empty());
}

#[test]
fn vex_that_speaks_of_an_sbom_by_links_joins_it() {
    let mut pump = product("pump", "openssl", None);
    pump["vulnerabilities"] = json!([]);
    let link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b74/1#openssl";
    let other = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b70/1#openssl";
    let vex = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "vulnerabilities": [{
            "id": "CVE-2022-3602", "analysis": { "state": "not_affected" },
            "affects": [{ "ref": link }, { "ref": other }],
        }],
    });
    let (_, document) = merge(&[vex, pump.clone()]);
    assert_eq!(shown(&document), [format!("openssl {other}: not_affected")]);
    pump["vulnerabilities"] = json!([{ "id": "CVE-1", "affects": [{ "ref": link }] }]);
    let (document, told) = written(pump.to_string().as_bytes(), Form::CycloneDx);
    assert_eq!(shown(&document), ["openssl: -"]);
    assert!(told.is_empty(), "{told:?}");
}
