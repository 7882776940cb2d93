//! Every real SBOM, converted to both forms: valid, the same bytes again, and what survives equal.

use std::collections::{BTreeMap, BTreeSet};

use collectors::folder;
use decisions::sbom::merged::{self, Product};
use decisions::sbom::quality::{Element, List, Quality};
use domain::component::{Component, ComponentKind, Sbom, Told};
use domain::fact::Fact;
use jiff::Timestamp;
use presentation::sbom::written::{Form, write};
use serde_json::Value;
use sources::format;

use super::shared;

const FOLDERS: [&str; 7] = [
    "ntia",
    "quality-samples",
    "cyclonedx-examples",
    "spdx-examples",
    "medsbom",
    "in-the-wild",
    "daggerboard",
];

/// Every SBOM of the folders, by name.
pub(crate) fn all() -> Vec<(String, Sbom)> {
    let mut all = Vec::new();
    for name in FOLDERS {
        let visit = folder::visit(&shared(name), &folder::Unwatched, &|file, unpacked| {
            let sbom = unpacked.ok().and_then(|bytes| whole(&bytes));
            sbom.map(|sbom| (format!("{name}/{file}"), sbom))
        });
        all.extend(visit.expect("readable").documents.into_iter().flatten());
    }
    all
}

/// The SBOM of a document, with what no fact of it holds.
pub(crate) fn whole(bytes: &[u8]) -> Option<Sbom> {
    let sbom = format::read(bytes).reading.facts.into_iter().find_map(|fact| match fact {
        Fact::Sbom(sbom) => Some(*sbom),
        _ => None,
    });
    sbom.map(|mut sbom| {
        sbom.carry(format::rest(bytes).carried);
        sbom
    })
}

fn text_of(sbom: &Sbom, form: Form) -> String {
    let at = Timestamp::from_second(1_700_000_000).expect("a moment");
    serde_json::to_string_pretty(&write(sbom, form, at, "asepsis").document).expect("JSON")
}

fn sbom_of(text: &str) -> Sbom {
    whole(text.as_bytes()).expect("an SBOM")
}

#[test]
fn every_real_sbom_is_written_validly_and_what_survives_is_equal() {
    let all = all();
    assert!(all.len() > 250, "{}", all.len());
    let mut wrong = Vec::new();
    for (name, sbom) in &all {
        for form in [Form::CycloneDx, Form::Spdx] {
            let text = text_of(sbom, form);
            let (_, problems) = format::check(text.as_bytes()).expect("an SBOM");
            for problem in problems.iter().take(2) {
                wrong.push(format!("{name} {form:?}: {problem}"));
            }
            if text_of(sbom, form) != text {
                wrong.push(format!("{name} {form:?}: other bytes the second time"));
            }
            let back = sbom_of(&text);
            let (before, after) = (surviving(sbom, form), surviving(&back, form));
            for (kind, lines) in &before {
                let others = &after[kind];
                let lost = lines.iter().find(|line| !others.contains(*line));
                let gained = others.iter().find(|line| !lines.contains(*line));
                if let Some(line) = lost.or(gained) {
                    wrong.push(format!("{name} {form:?} {kind}: {line}\n   {gained:?}"));
                } else if lines.len() != others.len() {
                    wrong.push(format!("{name} {form:?} {kind}: another count"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn real_sboms_merged_by_two_are_valid_and_lose_no_component() {
    let all = all();
    let product = Product { name: "Whole".into(), version: None };
    let mut wrong = Vec::new();
    for pair in all.chunks(2) {
        let inputs: Vec<merged::Input<'_>> =
            pair.iter().map(|(name, sbom)| merged::Input { name, sbom }).collect();
        let merged = merged::merge(&inputs, Some(&product));
        let known = pair.iter().map(|(_, one)| one.components.len() + one.subject.iter().len());
        let kept = merged.sbom.components.len() + merged.repeated.len();
        if kept != known.sum::<usize>() {
            wrong.push(format!("{}: {kept} components", pair[0].0));
        }
        let text = text_of(&merged.sbom, Form::CycloneDx);
        let (_, problems) = format::check(text.as_bytes()).expect("an SBOM");
        wrong.extend(problems.first().map(|problem| format!("{}: {problem}", pair[0].0)));
        if sbom_of(&text).components.len() != merged.sbom.components.len() {
            wrong.push(format!("{}: components are lost on paper", pair[0].0));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

type Lines = BTreeMap<&'static str, Vec<String>>;

/// What the form has a place for, in an order of its own.
fn surviving(sbom: &Sbom, form: Form) -> Lines {
    let label = |one: &Component| one.label();
    let mut labels: BTreeMap<&str, String> = BTreeMap::new();
    let components = sbom.subject.iter().chain(&sbom.components);
    for one in components {
        if let Some(reference) = &one.reference {
            labels.entry(reference).or_insert_with(|| label(one));
        }
    }
    if form == Form::CycloneDx {
        for one in &sbom.services {
            if let Some(reference) = &one.reference {
                labels.entry(reference).or_insert_with(|| one.name.to_string());
            }
        }
    }
    let mut needs = BTreeSet::new();
    for dependency in &sbom.dependencies {
        let Some(from) = labels.get(dependency.from.as_str()) else { continue };
        let to = dependency.to.iter().filter_map(|to| labels.get(to.as_str()));
        needs.extend(to.map(|to| format!("{from} needs {to}")));
    }
    let parts = sbom.components.iter().map(|one| {
        let parent = one.parent.and_then(|parent| sbom.components.get(parent as usize));
        let is_inside = one.is_in_subject && sbom.subject.is_some();
        format!("{} in {:?} {is_inside}", of_component(one, form), parent.map(label))
    });
    let mut parts: Vec<String> = parts.collect();
    parts.sort();
    let mut authors: Vec<String> = sbom.authors.iter().map(|one| one.name.to_string()).collect();
    authors.sort();
    authors.dedup();
    let services = sbom.services.iter().map(|one| format!("{:?}", (&one.name, &one.version)));
    let services = if form == Form::CycloneDx { services.collect() } else { Vec::new() };
    Lines::from([
        ("subject", sbom.subject.iter().map(|one| of_component(one, form)).collect()),
        ("components", parts),
        ("dependencies", needs.into_iter().collect()),
        ("authors", authors),
        ("phases", sbom.phases.iter().map(ToString::to_string).collect()),
        ("services", services),
        ("vulnerabilities", vulnerabilities(sbom, form)),
    ])
}

/// What is told of each, and of how much; SPDX has no place for them.
fn vulnerabilities(sbom: &Sbom, form: Form) -> Vec<String> {
    let known = sbom.carried.known.iter().filter(|_| form == Form::CycloneDx);
    let all = known.map(|one| {
        let fields = spelt(&Told::Record(one.fields.clone()));
        format!("{} {fields} {}", one.label(), one.affects.len())
    });
    all.collect()
}

/// Whatever the order of fields is.
fn spelt(told: &Told) -> String {
    match told {
        Told::Record(fields) => {
            let fields = fields.iter().map(|(name, told)| format!("{name}={}", spelt(told)));
            format!("{:?}", fields.collect::<BTreeSet<String>>())
        }
        Told::List(items) => format!("{:?}", items.iter().map(spelt).collect::<Vec<String>>()),
        told => format!("{told:?}"),
    }
}

fn of_component(one: &Component, form: Form) -> String {
    let is_spdx = form == Form::Spdx;
    let kind = match one.kind {
        ComponentKind::Other if !is_spdx => ComponentKind::Library,
        ComponentKind::DeviceDriver
        | ComponentKind::Platform
        | ComponentKind::MachineLearningModel
        | ComponentKind::Data
        | ComponentKind::CryptographicAsset
            if is_spdx =>
        {
            ComponentKind::Other
        }
        kind => kind,
    };
    let group = one.group.as_deref().filter(|_| !is_spdx);
    // SPDX has an address in brackets after a name, so that a bracket ends a name.
    let agent = |name: &Option<domain::text::Text>| {
        let name = name.as_deref()?;
        Some(if is_spdx { name.split(" (").next()?.trim() } else { name }.to_owned())
    };
    let cpes = one.cpes.iter().map(ToString::to_string);
    let cpes: Vec<String> = cpes.take(if is_spdx { usize::MAX } else { 1 }).collect();
    let other = if is_spdx { Vec::new() } else { one.other.clone() };
    format!(
        "{kind:?} {group:?} {} {:?} by {:?} {:?} {:?} {cpes:?} {:?} {:?} {:?} {:?} {other:?}",
        one.name,
        one.version,
        agent(&one.supplier),
        agent(&one.manufacturer),
        one.purl.as_ref().map(ToString::to_string),
        hashes(one, is_spdx),
        licences(one),
        one.support,
        one.end_of_support,
    )
}

fn hashes(one: &Component, is_spdx: bool) -> BTreeSet<String> {
    let plain = |text: &str| text.replace(['-', '_'], "").to_uppercase();
    let is_hex =
        |value: &str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of_spdx_only = ["MD2", "MD4", "MD6", "SHA224", "ADLER32"];
    let kept = one.hashes.iter().filter(|hash| {
        let algorithm = plain(&hash.algorithm);
        let is_known = !algorithm.starts_with("STREEBOG");
        let fits = matches!(hash.value.len(), 32 | 40 | 64 | 96 | 128);
        let in_cyclonedx = fits && !of_spdx_only.contains(&algorithm.as_str());
        is_known && is_hex(&hash.value) && (is_spdx || in_cyclonedx)
    });
    kept.map(|hash| format!("{}:{}", plain(&hash.algorithm), hash.value)).collect()
}

/// Licences as a set: what is joined by AND is told apart, and a name is the id that stands for it.
fn licences(one: &Component) -> BTreeSet<String> {
    let texts = one.licences.iter().flat_map(|text| apart(text));
    let texts = texts.map(|text| plain_licence(&text));
    texts.filter(|text| !matches!(text.as_str(), "noassertion" | "none")).collect()
}

/// What is joined by AND, where that is all that there is; a name may have the word in it.
fn apart(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for word in text.split_whitespace() {
        if depth == 0 && word == "AND" {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        depth = (depth + word.matches('(').count()).saturating_sub(word.matches(')').count());
        part.push(word);
    }
    parts.push(part);
    let is_licence = |part: &Vec<&str>| {
        let text = part.join(" ");
        part.len() == 1 || part.contains(&"WITH") || text.starts_with('(') && text.ends_with(')')
    };
    if parts.iter().all(is_licence) {
        parts.iter().map(|part| part.join(" ")).collect()
    } else {
        vec![text.to_owned()]
    }
}

fn plain_licence(text: &str) -> String {
    let text = text.trim().replace("LicenseRef-", "");
    let plain = text.chars().filter(char::is_ascii_alphanumeric);
    plain.collect::<String>().to_lowercase()
}

#[test]
fn what_a_checker_of_ntia_calls_missing_is_missing() {
    let cases = [
        ("missing_author_name", Some(Element::Author)),
        ("missing_component_name", Some(Element::Name)),
        ("missing_component_version", Some(Element::Version)),
        ("missing_dependency_relationships", Some(Element::Dependency)),
        ("missing_supplier_name", Some(Element::Supplier)),
        ("missing_timestamp", Some(Element::Timestamp)),
        ("no_elements_missing", None),
    ];
    let all = all();
    for (folder, missing) in cases {
        let start = format!("ntia/{folder}/");
        let own: Vec<_> = all.iter().filter(|(name, _)| name.starts_with(&start)).collect();
        assert!(!own.is_empty(), "{folder}");
        for (name, sbom) in own {
            let quality = Quality::of(sbom);
            match missing {
                None => assert!(quality.is_whole(List::Ntia), "{name}"),
                Some(element) => {
                    assert!(!quality.of_element(element).is_whole(), "{name}");
                    assert!(!quality.is_whole(List::Ntia), "{name}");
                }
            }
        }
    }
}

/// The names of all fields, but for what stands in those that are skipped.
fn fields(value: &Value, skipped: &BTreeSet<String>, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| fields(item, skipped, found)),
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !skipped.contains(*name)) {
                let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                if !is_empty && value.as_str() != Some("") {
                    found.insert(name.clone());
                    fields(value, skipped, found);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn no_field_of_a_real_sbom_is_lost_in_silence() {
    // Written under another name; tools that are services as tools; a licence as what it is, and
    // not at all where it is not asserted; an id, where nothing that had one is left.
    const OTHERWISE: [&str; 11] = [
        "vendor",
        "author",
        "publisher",
        "manufacture",
        "purl",
        "services",
        "bom-ref",
        "expression",
        "license",
        "licenses",
        "id",
    ];
    let mut wrong = Vec::new();
    let mut looked = 0;
    for name in ["cyclonedx-examples", "quality-samples", "medsbom", "in-the-wild"] {
        let visit = folder::visit(&shared(name), &folder::Unwatched, &|file, unpacked| {
            (file, unpacked.unwrap_or_default())
        });
        for (file, bytes) in visit.expect("readable").documents {
            let Ok(source) = serde_json::from_slice::<Value>(&bytes) else { continue };
            let Some(sbom) = whole(&bytes).filter(|_| source["bomFormat"] == "CycloneDX") else {
                continue;
            };
            looked += 1;
            let kinds = format::rest(&bytes).beyond;
            let kinds = kinds.keys().map(|kind| kind.split(',').next().unwrap_or(kind));
            let last = kinds.filter_map(|kind| kind.split(' ').next_back());
            let written = write(&sbom, Form::CycloneDx, Timestamp::UNIX_EPOCH, "asepsis");
            let beside = written.lost.iter().filter_map(|lost| lost.kind.split(' ').next());
            let skipped = last.chain(beside).map(str::to_owned).collect();
            let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
            fields(&source, &skipped, &mut before);
            fields(&written.document, &BTreeSet::new(), &mut after);
            let lost = before.iter().filter(|field| !after.contains(*field));
            let lost: Vec<_> = lost.filter(|field| !OTHERWISE.contains(&field.as_str())).collect();
            if !lost.is_empty() {
                wrong.push(format!("{name}/{file}: {lost:?}"));
            }
        }
    }
    assert!(looked > 80, "{looked}");
    assert!(wrong.is_empty(), "{} of {looked}\n{}", wrong.len(), wrong.join("\n"));
}
