//! As SPDX 2.3, in JSON.

use std::collections::BTreeMap;

use domain::component::{
    AuthorSort, Component, ComponentKind, OwnLicence, Sbom, SupportLevel, Told,
};
use domain::text::Text;
use serde_json::{Map, Value, json};

use super::known;
use super::licence::{self, Licence};
use super::{Form, Out, asserted, hashes, uuid};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

type Object = Map<String, Value>;

/// Licences that no list has, by id.
type Own = BTreeMap<String, OwnLicence>;

/// An id of SPDX 2.3 (clause 7.2): letters, digits, `.` and `-` only.
pub(super) fn id(text: &str) -> String {
    let text = text.strip_prefix("SPDXRef-").unwrap_or(text);
    format!("SPDXRef-{}", plain(text))
}

fn plain(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let text: String = text.chars().map(kept).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

pub(super) fn document(sbom: &Sbom, out: &mut Out) -> Value {
    let own = sbom.carried.licences.iter();
    let mut own: Own = own.map(|licence| (own_id(&licence.id), licence.clone())).collect();
    let mut packages = Vec::new();
    let mut advisories = known::in_spdx(sbom, out);
    if let Some(subject) = &sbom.subject {
        let id = out.names.subject.clone();
        let advisories = advisories.remove(&id).unwrap_or_default();
        packages.push(package(subject, &id, (&mut own, advisories), out));
    }
    for (place, one) in sbom.components.iter().enumerate() {
        let id = out.names.components.get(place).cloned().unwrap_or_default();
        let advisories = advisories.remove(&id).unwrap_or_default();
        packages.push(package(one, &id, (&mut own, advisories), out));
    }
    for service in &sbom.services {
        out.lost.one("services", &service.name);
    }
    let mut document = Object::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("spdxVersion", json!("SPDX-2.3"));
    put("dataLicense", json!("CC0-1.0"));
    put("SPDXID", json!(DOCUMENT));
    let subject = sbom.subject.as_ref().map(Component::label);
    put("name", json!(subject.unwrap_or_else(|| "SBOM".to_owned())));
    put("creationInfo", creation(sbom, out));
    put("packages", Value::Array(packages));
    put("relationships", Value::Array(relations(sbom, out)));
    if !own.is_empty() {
        put("hasExtractedLicensingInfos", own.iter().map(extracted).collect());
    }
    let namespace = uuid(&document);
    document.insert("documentNamespace".to_owned(), json!(namespace));
    Value::Object(document)
}

/// A licence of the document's own (clause 10).
fn extracted((id, own): (&String, &OwnLicence)) -> Value {
    let none = "Not told by the document that this one was made from.";
    let text = own.text.as_deref().unwrap_or(none);
    let mut object = Object::from_iter([
        ("licenseId".to_owned(), json!(id)),
        ("extractedText".to_owned(), json!(text)),
    ]);
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    if let Some(name) = &own.name {
        put("name", json!(name.as_str()));
    }
    if let Some(comment) = &own.comment {
        put("comment", json!(comment.as_str()));
    }
    if !own.see_also.is_empty() {
        put("seeAlsos", own.see_also.iter().map(|address| json!(address.as_str())).collect());
    }
    Value::Object(object)
}

fn creation(sbom: &Sbom, out: &Out) -> Value {
    let author = |author: &domain::component::Author| {
        let sort = match author.sort {
            AuthorSort::Person => "Person",
            AuthorSort::Organisation | AuthorSort::Unknown => "Organization",
        };
        json!(format!("{sort}: {}", author.name))
    };
    let tools = out.tools.iter().map(|tool| json!(format!("Tool: {tool}")));
    let creators: Vec<Value> = sbom.authors.iter().map(author).chain(tools).collect();
    let mut creation = Object::from_iter([
        ("created".to_owned(), json!(out.at)),
        ("creators".to_owned(), Value::Array(creators)),
    ]);
    if !sbom.phases.is_empty() {
        let phases = sbom.phases.join(", ");
        creation.insert("comment".to_owned(), json!(format!("Generation context: {phases}")));
    }
    Value::Object(creation)
}

fn package(
    one: &Component,
    id: &str,
    (own, advisories): (&mut Own, Vec<Value>),
    out: &mut Out,
) -> Value {
    let mut object = Object::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("SPDXID", json!(id));
    put("name", json!(one.name.as_str()));
    put("downloadLocation", json!("NOASSERTION"));
    put("filesAnalyzed", json!(false));
    put("licenseConcluded", json!("NOASSERTION"));
    put("licenseDeclared", json!(licences(one, own, out)));
    put("copyrightText", json!("NOASSERTION"));
    if let Some(version) = &one.version {
        put("versionInfo", json!(version.as_str()));
    }
    for (name, text) in [("supplier", &one.supplier), ("originator", &one.manufacturer)] {
        if let Some(text) = text {
            put(name, json!(format!("Organization: {text}")));
        }
    }
    let (purpose, is_exact) = purpose(one.kind);
    if !is_exact {
        out.lost.one("kinds of components that the form does not know", &one.label());
    }
    put("primaryPackagePurpose", json!(purpose));
    let hashes = hashes(one, Form::Spdx, &mut out.lost);
    if !hashes.is_empty() {
        let hash = |(name, value)| json!({ "algorithm": name, "checksumValue": value });
        put("checksums", hashes.into_iter().map(hash).collect());
    }
    let mut references = references(one);
    references.extend(advisories);
    if !references.is_empty() {
        put("externalRefs", Value::Array(references));
    }
    if let Some(day) = one.end_of_support {
        put("validUntilDate", json!(format!("{day}T00:00:00Z")));
    }
    if let Some(level) = one.support {
        put("comment", json!(format!("Level of support: {}.", level_of(level))));
    }
    let in_purl = one.purl.as_ref().and_then(|purl| purl.namespace.as_ref());
    if let Some(group) = one.group.as_ref().filter(|group| Some(*group) != in_purl) {
        out.lost.one("groups of components", &format!("{group}/{}", one.name));
    }
    for (name, value) in &one.other {
        out.lost.one("properties of components", &format!("{}: {name} = {value}", one.label()));
    }
    Value::Object(object)
}

fn level_of(level: SupportLevel) -> &'static str {
    match level {
        SupportLevel::Maintained => "actively maintained",
        SupportLevel::NoLongerMaintained => "no longer maintained",
        SupportLevel::Abandoned => "abandoned",
    }
}

/// A reference to something outside (clause 7.21, annex F).
pub(super) fn reference(category: &str, kind: &str, locator: &str) -> Value {
    json!({
        "referenceCategory": category,
        "referenceType": kind,
        "referenceLocator": locator,
    })
}

fn references(one: &Component) -> Vec<Value> {
    let purl = one.purl.as_ref();
    let purl = purl.map(|purl| reference("PACKAGE-MANAGER", "purl", &purl.to_string()));
    let cpes = one.cpes.iter();
    let cpes = cpes.map(|cpe| reference("SECURITY", "cpe23Type", &cpe.to_string()));
    purl.into_iter().chain(cpes).collect()
}

/// The purpose of a package (clause 7.24) as the JSON schema spells it, and whether it is exactly
/// the kind.
fn purpose(kind: ComponentKind) -> (&'static str, bool) {
    match kind {
        ComponentKind::Application => ("APPLICATION", true),
        ComponentKind::Framework => ("FRAMEWORK", true),
        ComponentKind::Library => ("LIBRARY", true),
        ComponentKind::Container => ("CONTAINER", true),
        ComponentKind::OperatingSystem => ("OPERATING_SYSTEM", true),
        ComponentKind::Device => ("DEVICE", true),
        ComponentKind::Firmware => ("FIRMWARE", true),
        ComponentKind::File => ("FILE", true),
        ComponentKind::Other => ("OTHER", true),
        ComponentKind::DeviceDriver
        | ComponentKind::Platform
        | ComponentKind::MachineLearningModel
        | ComponentKind::Data
        | ComponentKind::CryptographicAsset => ("OTHER", false),
    }
}

/// All licences of a component as one expression; names become licences of the document's own.
fn licences(one: &Component, own: &mut Own, out: &mut Out) -> String {
    let mut parts: Vec<String> = Vec::new();
    let texts: Vec<(String, Option<Text>)> = asserted(one)
        .flat_map(|licence| {
            let text = licence::text_of(one, licence);
            let apart = licence::apart(licence);
            let text = text.filter(|_| apart.len() == 1);
            apart.into_iter().map(move |part| (part, text.clone()))
        })
        .collect();
    let mut kept: Vec<Text> = Vec::new();
    let is_alone = texts.len() == 1;
    for (licence, text) in &texts {
        let joined = match Licence::read(licence) {
            Licence::Listed(id) => vec![id],
            // A name that is an id, with a text of its own.
            Licence::Expression(id, ids) if ids == [id.as_str()] && text.is_some() => {
                kept.extend(text.clone());
                vec![own_for(&id, None, text.as_ref(), own)]
            }
            Licence::Expression(expression, ids) => {
                for id in ids {
                    let name = Some(id.as_str().into());
                    let new = OwnLicence { id: id.as_str().into(), name, ..OwnLicence::default() };
                    own.entry(id).or_insert(new);
                }
                if is_alone { vec![expression] } else { licence::joined(&expression) }
            }
            // An id as no expression may have it.
            Licence::Name(name) if out.own.contains_key(name.as_str()) => vec![own_id(&name)],
            Licence::Name(name) => {
                kept.extend(text.clone());
                vec![own_for(&own_id(&name), Some(&name), text.as_ref(), own)]
            }
        };
        for part in joined {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    tell_texts(one, &kept, out);
    if parts.is_empty() { "NOASSERTION".to_owned() } else { parts.join(" AND ") }
}

/// Tells which texts of a component's licences are lost.
fn tell_texts(one: &Component, kept: &[Text], out: &mut Out) {
    let is_odd = |media: &str| !media.starts_with("text/plain");
    for told in &one.texts {
        let text = licence::text_of(one, &told.licence);
        if text.is_none_or(|text| !kept.contains(&text)) {
            let example = format!("{}: {}", one.label(), told.licence);
            out.lost.one("texts of licences that are of the SPDX list, or no plain text", &example);
        } else if told.text.get("contentType").and_then(Told::text).is_some_and(is_odd) {
            let example = format!("{}: {}", one.label(), told.licence);
            out.lost.one("media types of texts of licences", &example);
        }
    }
}

fn own_id(name: &str) -> String {
    format!("LicenseRef-{}", plain(name.strip_prefix("LicenseRef-").unwrap_or(name)))
}

/// The id of a licence of the document's own; the same one for the same name and text.
fn own_for(base: &str, name: Option<&str>, text: Option<&Text>, own: &mut Own) -> String {
    let name = name.unwrap_or(base);
    let is_other = |known: &OwnLicence| {
        known.name.as_deref().unwrap_or(&known.id) != name || known.text.as_ref() != text
    };
    let mut id = base.to_owned();
    let mut number = 1_usize;
    while own.get(&id).is_some_and(is_other) {
        number += 1;
        id = format!("{base}-{number}");
    }
    own.entry(id.clone()).or_insert_with(|| OwnLicence {
        id: id.as_str().into(),
        name: Some(name.into()),
        text: text.cloned(),
        ..OwnLicence::default()
    });
    id
}

fn relations(sbom: &Sbom, out: &mut Out) -> Vec<Value> {
    let relation = |from: &str, kind: &str, to: &str| json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to });
    let mut list = Vec::new();
    let own = |place: usize| out.names.components.get(place).map_or("", String::as_str);
    if sbom.subject.is_some() {
        list.push(relation(DOCUMENT, "DESCRIBES", &out.names.subject));
    } else {
        // A document of more than one package has to describe some (clause 11.1). One alone would
        // be taken for what it is about.
        let tops = sbom.components.iter().enumerate().filter(|(_, one)| one.parent.is_none());
        let tops: Vec<usize> = tops.map(|(place, _)| place).collect();
        if tops.len() > 1 {
            let describes = |place: &usize| relation(DOCUMENT, "DESCRIBES", own(*place));
            list.extend(tops.iter().map(describes));
        }
    }
    for (place, one) in sbom.components.iter().enumerate() {
        match one.parent {
            Some(parent) => list.push(relation(own(parent as usize), "CONTAINS", own(place))),
            None if one.is_in_subject && sbom.subject.is_some() => {
                list.push(relation(&out.names.subject, "CONTAINS", own(place)));
            }
            None => {}
        }
    }
    let services: Vec<String> = out.names.services.clone();
    for (from, to) in out.dependencies(sbom) {
        // Services are no packages, and what they need is gone with them.
        if services.contains(&from) {
            continue;
        }
        let to: Vec<String> = to.into_iter().filter(|to| !services.contains(to)).collect();
        if to.is_empty() {
            list.push(relation(&from, "DEPENDS_ON", "NONE"));
        }
        list.extend(to.iter().map(|to| relation(&from, "DEPENDS_ON", to)));
    }
    list
}
