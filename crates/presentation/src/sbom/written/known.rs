//! Vulnerabilities that an SBOM tells, in another SBOM.
//!
//! CycloneDX holds them as they are, with references that are those of the new document. SPDX 2.3
//! has a place for the address of an advisory about a package, and for no judgement.

use std::collections::{BTreeMap, HashSet};

use domain::component::{Affects, Known, Sbom, Told};
use domain::purl::Purl;
use serde_json::{Map, Value, json};

use super::{Out, spdx};

/// As `vulnerabilities` of CycloneDX 1.6, each once.
pub(super) fn in_cyclonedx(sbom: &Sbom, out: &mut Out) -> Vec<Value> {
    let mut list = Vec::new();
    let mut seen = HashSet::new();
    for (place, known) in sbom.carried.known.iter().enumerate() {
        let mut object = Map::new();
        for (name, told) in &known.fields {
            object.insert((*name).to_owned(), value(told));
        }
        let mut affected = Vec::new();
        for one in &known.affects {
            let Some(reference) = place_of(one, sbom, known, out) else { continue };
            let mut target = Map::from_iter([("ref".to_owned(), json!(reference))]);
            if let Some(versions) = &one.versions {
                target.insert("versions".to_owned(), value(versions));
            }
            let target = Value::Object(target);
            if !affected.contains(&target) {
                affected.push(target);
            }
        }
        if !affected.is_empty() {
            object.insert("affects".to_owned(), Value::Array(affected));
        }
        // The same with another id is the same.
        if !seen.insert(Value::Object(object.clone()).to_string()) {
            continue;
        }
        if let Some(Some(id)) = out.names.known.get(place) {
            object.insert("bom-ref".to_owned(), json!(id));
        }
        list.push(Value::Object(object));
    }
    list
}

pub(super) fn value(told: &Told) -> Value {
    match told {
        Told::Text(text) => json!(text.as_str()),
        // Whole numbers are written as such.
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
        Told::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            json!(*number as i64)
        }
        Told::Number(number) => json!(number),
        Told::List(items) => items.iter().map(value).collect(),
        Told::Record(fields) => {
            let field = |(name, told): &(&str, Told)| ((*name).to_owned(), value(told));
            Value::Object(fields.iter().map(field).collect())
        }
    }
}

/// What the new document calls something that is affected; nothing where it holds no such thing,
/// which is told.
fn place_of(one: &Affects, sbom: &Sbom, known: &Known, out: &mut Out) -> Option<String> {
    if let Some(document) = one.document.as_ref().filter(|_| one.document != sbom.serial) {
        let document = document.strip_prefix("urn:uuid:").unwrap_or(document);
        let element = Some(one.reference.as_str()).filter(|element| !element.is_empty());
        let element = element.map(|element| format!("#{element}")).unwrap_or_default();
        return Some(format!("urn:cdx:{document}{element}"));
    }
    // VEX without components refers to packages by their package URLs.
    let package = || Purl::parse(&one.reference).is_ok().then(|| one.reference.to_string());
    let found = here(one, out).or_else(package);
    if found.is_none() {
        let example = format!("{}: {}", known.label(), one.reference);
        out.lost.one("vulnerability affects, what the document does not hold", &example);
    }
    found
}

fn here(one: &Affects, out: &Out) -> Option<String> {
    one.references().find_map(|reference| out.names.of_reference(&reference))
}

/// The advisories about each package of SPDX 2.3, by its id (annex F.1, `advisory`).
pub(super) fn in_spdx(sbom: &Sbom, out: &mut Out) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for known in &sbom.carried.known {
        let addresses = addresses(known);
        let packages: Vec<String> =
            known.affects.iter().filter_map(|one| package_of(one, sbom, out)).collect();
        if addresses.is_empty() || packages.is_empty() {
            let kind = "vulnerabilities without an address, or without a package that they affect";
            out.lost.one(kind, known.label());
            continue;
        }
        let elsewhere = known.affects.len() - packages.len();
        let kind = "vulnerability affects, what is no package here";
        out.lost.several(kind, elsewhere, known.label());
        for one in known.affects.iter().filter(|one| one.versions.is_some()) {
            out.lost.one("vulnerability affects versions", &one.reference);
        }
        for (name, told) in &known.fields {
            for part in lost_of(name, told) {
                out.lost.one(&format!("vulnerability {name}{part}"), known.label());
            }
        }
        for id in packages {
            let list = all.entry(id).or_default();
            for address in &addresses {
                let mut reference = spdx::reference("SECURITY", "advisory", address);
                if let Some(object) = reference.as_object_mut() {
                    object.insert("comment".to_owned(), json!(remark(known)));
                }
                if !list.contains(&reference) {
                    list.push(reference);
                }
            }
        }
    }
    all
}

/// The package that something affected is.
fn package_of(one: &Affects, sbom: &Sbom, out: &Out) -> Option<String> {
    let is_here = one.document.is_none() || one.document == sbom.serial;
    let id = is_here.then(|| here(one, out)).flatten()?;
    (!out.names.services.contains(&id)).then_some(id)
}

/// What of a field SPDX has no place for: all of it, or parts.
fn lost_of(name: &str, told: &Told) -> Vec<String> {
    let parts = |kept: &dyn Fn(&str, &Told) -> bool| {
        let fields = match told {
            Told::Record(fields) => fields.as_slice(),
            _ => &[],
        };
        let lost = fields.iter().filter(|(own, told)| !kept(own, told));
        lost.map(|(own, _)| format!(" {own}")).collect::<Vec<String>>()
    };
    match name {
        "id" => Vec::new(),
        "source" => parts(&|own, told| own == "url" && is_address(told)),
        "analysis" => parts(&|own, _| matches!(own, "state" | "justification")),
        "advisories" => {
            let all = told.items().iter();
            all.flat_map(|one| {
                let title = one.get("title").map(|_| " title".to_owned());
                let url = one.get("url").filter(|url| !is_address(url)).map(|_| " url".to_owned());
                title.into_iter().chain(url)
            })
            .collect()
        }
        _ => vec![String::new()],
    }
}

/// Which flaw, and what was found of it, in words.
fn remark(known: &Known) -> String {
    let state = known.get("analysis").into_iter();
    let state = state.flat_map(|analysis| [analysis.get("state"), analysis.get("justification")]);
    let words = state.flatten().filter_map(Told::text);
    let words: Vec<&str> = words.collect();
    match words.as_slice() {
        [] => known.label().to_owned(),
        words => format!("{}: {}", known.label(), words.join(", ")),
    }
}

fn is_address(told: &Told) -> bool {
    let is_web = |text: &str| text.starts_with("https://") || text.starts_with("http://");
    told.text().is_some_and(|text| is_web(text) && !text.contains(char::is_whitespace))
}

/// Where it is told of, each once.
fn addresses(known: &Known) -> Vec<String> {
    let source = known.get("source").and_then(|source| source.get("url"));
    let advisories = known.get("advisories").map(Told::items).unwrap_or_default();
    let told = source.into_iter().chain(advisories.iter().filter_map(|one| one.get("url")));
    let mut all: Vec<String> = Vec::new();
    for address in told.filter(|told| is_address(told)).filter_map(Told::text) {
        if !all.iter().any(|known| known == address) {
            all.push(address.to_owned());
        }
    }
    all
}
