//! Whatever an SPDX 2.x document says is in the document that is made of it, or told as lost.

use std::collections::BTreeSet;

use collectors::folder;
use domain::cpe::Cpe;
use domain::purl::Purl;
use jiff::Timestamp;
use presentation::sbom::written::{Form, write};
use serde_json::{Value, json};
use sources::format;

use super::real::whole;
use super::shared;

/// What is another one in another document, or an id within it.
const RENEWED: [&str; 10] = [
    "$schema",
    "SPDXID",
    "created",
    "dataLicense",
    "documentDescribes",
    "documentNamespace",
    "relatedSpdxElement",
    "spdxElementId",
    "spdxVersion",
    "referenceCategory",
];

/// Each plain value, with the names of the fields that it stands in.
fn leaves(value: &Value, names: &[String], all: &mut Vec<(Vec<String>, Value)>) {
    match value {
        Value::Object(fields) => {
            // What is told of a reference or a relation is told by its kind.
            let kind =
                ["referenceType", "relationshipType"].iter().find_map(|kind| fields.get(*kind));
            let kind = kind.and_then(Value::as_str).and_then(|kind| kind.rsplit('/').next());
            let names = [names, kind.map(str::to_owned).as_slice()].concat();
            for (name, value) in fields {
                leaves(value, &[&names, std::slice::from_ref(name)].concat(), all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, names, all)),
        value => all.push((names.to_vec(), value.clone())),
    }
}

/// All plain values of a document, as they are compared.
fn texts(value: &Value) -> BTreeSet<String> {
    let mut all = Vec::new();
    leaves(value, &[], &mut all);
    all.into_iter().flat_map(|(_, value)| plain(&value)).collect()
}

/// A value without how it is spelt.
fn plain(value: &Value) -> Vec<String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = text.trim();
    if let Ok(purl) = Purl::parse(text) {
        return vec![purl.to_string()];
    }
    if let Ok(cpe) = Cpe::parse(text) {
        return vec![cpe.to_string()];
    }
    let kinds = ["Tool:", "Person:", "Organization:"];
    let text = kinds.iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(text);
    let letters = text.split(" (").next().unwrap_or(text).chars().filter(|c| c.is_alphanumeric());
    vec![letters.collect::<String>().to_lowercase()]
}

/// What the kinds of things that a form has no place for are about.
const ABOUT: [(&str, &str); 6] = [
    ("CPE names beside the first", "externalRefs"),
    ("digests that the form has no name or no room for", "checksums"),
    ("licences of the document's own", "hasExtractedLicensingInfos"),
    ("names of licences of the document's own", "hasExtractedLicensingInfos"),
    ("remarks on licences of the document's own", "hasExtractedLicensingInfos"),
    ("addresses of licences of the document's own", "hasExtractedLicensingInfos"),
];

/// What is said by where something stands, and not by a word.
const SAID: [&str; 10] = [
    "purl",
    "cpe22Type",
    "cpe23Type",
    "DESCRIBES",
    "DESCRIBED_BY",
    "CONTAINS",
    "CONTAINED_BY",
    "DEPENDS_ON",
    "DEPENDENCY_OF",
    "LIBRARY",
];

/// Whether a value is there: each id of an expression, anything else as a whole.
fn is_there(names: &[String], value: &Value, after: &BTreeSet<String>, document: &str) -> bool {
    let text = value.as_str().unwrap_or_default();
    let is_licence = names.iter().any(|name| name.starts_with("license"));
    let mut words = text.split(|c: char| c.is_whitespace() || c == '(' || c == ')');
    let is_bad_name = names.iter().any(|name| name == "purl") && Purl::parse(text).is_err();
    plain(value).first().is_some_and(|text| after.contains(text))
        || is_licence && words.all(|word| document.contains(&word.to_lowercase()))
        || SAID.contains(&text.rsplit('/').next().unwrap_or(text))
        // What can't be read is a problem, and told as one.
        || is_bad_name
}

/// What is silently lost of a document.
fn lost(source: &Value, bytes: &[u8], form: Form) -> Vec<String> {
    let sbom = whole(bytes).expect("an SBOM");
    let kinds = format::rest(bytes).beyond.into_keys();
    let written = write(&sbom, form, Timestamp::UNIX_EPOCH, "asepsis");
    let told: BTreeSet<String> =
        kinds.chain(written.lost.iter().map(|lost| lost.kind.clone())).collect();
    let after = texts(&written.document);
    let document = written.document.to_string().to_lowercase();
    let mut before = Vec::new();
    leaves(source, &[], &mut before);
    let mut lost = Vec::new();
    for (names, value) in before {
        let is_nothing = matches!(value.as_str(), Some("" | "NOASSERTION" | "NONE"))
            || value.is_null()
            || value == false;
        let is_renewed = names.iter().any(|name| RENEWED.contains(&name.as_str()));
        let is_kept = is_there(&names, &value, &after, &document);
        let is_told = told.iter().any(|kind| {
            let kind = kind.split(',').next().unwrap_or(kind);
            let about = ABOUT.iter().find(|(own, _)| kind == *own).map(|(_, about)| *about);
            kind.split(' ').chain(about).any(|word| names.iter().any(|name| name == word))
        });
        if !is_nothing && !is_renewed && !is_kept && !is_told {
            lost.push(format!("{}: {value}", names.join(".")));
        }
    }
    lost
}

/// A document with every field of the schema of SPDX 2.3.
const EVERY_FIELD: &str = include_str!("every-field.spdx.json");

#[test]
fn every_field_of_spdx_is_kept_or_told() {
    let whole: Value = serde_json::from_str(EVERY_FIELD).expect("JSON");
    let mut all = Vec::new();
    leaves(&whole, &[], &mut all);
    assert!(all.len() > 110, "{}", all.len());
    for form in [Form::Spdx, Form::CycloneDx] {
        let lost = lost(&whole, whole.to_string().as_bytes(), form);
        assert!(lost.is_empty(), "{form:?}\n{}", lost.join("\n"));
    }
    // Each is told for itself: with none of the others there.
    for place in 0..all.len() {
        let (alone, _) = only(&whole, place);
        let alone = alone.expect("it is there");
        for form in [Form::Spdx, Form::CycloneDx] {
            let lost = lost(&alone, alone.to_string().as_bytes(), form);
            assert!(lost.is_empty(), "{form:?}\n{}\n{alone}", lost.join("\n"));
        }
    }
}

/// Fields that make a record what it is.
const NEEDED: [&str; 10] = [
    "algorithm",
    "checksumValue",
    "spdxVersion",
    "SPDXID",
    "spdxElementId",
    "relationshipType",
    "relatedSpdxElement",
    "referenceType",
    "referenceLocator",
    "licenseId",
];

/// A value with nothing in it but one plain value, by its number, and what its records need; and how
/// many plain values there are.
fn only(value: &Value, place: usize) -> (Option<Value>, usize) {
    let mut count = 0;
    let kept = match value {
        Value::Object(fields) => {
            let mut kept = serde_json::Map::new();
            let mut is_there = false;
            for (name, value) in fields {
                let (own, more) = only(value, place.wrapping_sub(count));
                count += more;
                is_there |= own.is_some();
                let is_name = name == "name" && fields.contains_key("versionInfo");
                let is_needed = NEEDED.contains(&name.as_str()) || is_name;
                let own = own.or_else(|| is_needed.then(|| value.clone()));
                let package = || json!([{ "SPDXID": "SPDXRef-p", "name": "p" }]);
                let own = own.or_else(|| (name == "packages").then(package));
                kept.extend(own.map(|own| (name.clone(), own)));
            }
            (is_there || fields.contains_key("spdxVersion")).then_some(Value::Object(kept))
        }
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                let (own, more) = only(item, place.wrapping_sub(count));
                count += more;
                kept.extend(own);
            }
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        value => {
            count = 1;
            (place == 0).then(|| value.clone())
        }
    };
    (kept, count)
}

#[test]
fn nothing_of_a_real_spdx_document_is_lost_in_silence() {
    let (mut looked, mut wrong) = (0, Vec::new());
    for name in ["spdx-examples", "ntia", "quality-samples", "medsbom", "in-the-wild"] {
        let visit = folder::visit(&shared(name), &folder::Unwatched, &|file, unpacked| {
            (file, unpacked.unwrap_or_default())
        });
        for (file, bytes) in visit.expect("readable").documents {
            let Ok(source) = serde_json::from_slice::<Value>(&bytes) else { continue };
            if !source["spdxVersion"].is_string() {
                continue;
            }
            looked += 1;
            for form in [Form::Spdx, Form::CycloneDx] {
                let lost = lost(&source, &bytes, form);
                let first = lost.first().map(|first| first.chars().take(150).collect::<String>());
                wrong.extend(
                    first.map(|one| format!("{name}/{file} {form:?} {}: {one}", lost.len())),
                );
            }
        }
    }
    assert!(looked > 30, "{looked}");
    assert!(wrong.is_empty(), "{} of {looked}\n{}", wrong.len(), wrong.join("\n"));
}
