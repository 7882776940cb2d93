//! As CSAF 2.0 (OASIS), profile 5: a product tree, and each flaw with the status of its products.

use std::collections::{BTreeMap, BTreeSet};

use domain::advisory::Status;
use serde_json::{Map, Value, json};

use super::{Part, Product, Statement, Vex};

/// What the tree calls a part of a product, by the product's place and the part.
type Parts<'v> = BTreeMap<(usize, Names<'v>), String>;

/// What tells a part from others.
type Names<'v> = (Option<&'v str>, &'v str, &'v str);

pub(super) fn document(vex: &Vex) -> Value {
    let (tree, parts) = tree(vex);
    let by_vulnerability = vex.by_vulnerability().into_iter();
    let vulnerabilities = by_vulnerability.map(|(id, said)| vulnerability(id, &said, &parts));
    let at = vex.moment();
    json!({
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "distribution": { "tlp": { "label": "WHITE" } },
            "lang": "en",
            "publisher": {
                "category": "other",
                "name": vex.author,
                "namespace": vex.namespace,
            },
            "title": "Status of vulnerabilities in medical devices",
            "tracking": {
                "current_release_date": at,
                "generator": { "engine": { "name": "Asepsis" } },
                "id": format!("asepsis-vex-{}", vex.id()),
                "initial_release_date": at,
                "revision_history": [
                    { "date": at, "number": "1", "summary": "Exported." },
                ],
                "status": "final",
                "version": "1",
            },
        },
        "product_tree": tree,
        "vulnerabilities": vulnerabilities.collect::<Vec<Value>>(),
    })
}

fn whole(place: usize) -> String {
    format!("P{place}")
}

fn tree(vex: &Vex) -> (Value, Parts<'_>) {
    let mut parts: Parts<'_> = BTreeMap::new();
    let mut names: BTreeMap<Names<'_>, String> = BTreeMap::new();
    let mut relationships = Vec::new();
    let mut listed = Vec::new();
    for statement in &vex.statements {
        let (Some(part), Some(product)) = (&statement.part, vex.product(statement)) else {
            continue;
        };
        let key = part.names();
        if parts.contains_key(&(statement.product, key)) {
            continue;
        }
        let number = names.len();
        let component = names.entry(key).or_insert_with(|| {
            let id = format!("C{number}");
            listed.push(named(part, &id));
            id
        });
        let id = format!("{}:{component}", whole(statement.product));
        relationships.push(json!({
            "category": "default_component_of",
            "full_product_name": {
                "name": format!("{} in {}", part.label(), product.label()),
                "product_id": id,
            },
            "product_reference": component,
            "relates_to_product_reference": whole(statement.product),
        }));
        parts.insert((statement.product, key), id);
    }
    let mut tree = Map::from_iter([("branches".to_owned(), json!(branches(&vex.products)))]);
    if !listed.is_empty() {
        tree.insert("full_product_names".to_owned(), json!(listed));
        tree.insert("relationships".to_owned(), json!(relationships));
    }
    (Value::Object(tree), parts)
}

fn named(part: &Part, id: &str) -> Value {
    let mut out = Map::from_iter([
        ("name".to_owned(), json!(part.label())),
        ("product_id".to_owned(), json!(id)),
    ]);
    if let Some(purl) = &part.purl {
        out.insert("product_identification_helper".to_owned(), json!({ "purl": purl }));
    }
    Value::Object(out)
}

/// Makers, their models, and the versions of those.
fn branches(products: &[Product]) -> Vec<Value> {
    let mut makers: BTreeMap<&str, BTreeMap<&str, Vec<Value>>> = BTreeMap::new();
    for (place, product) in products.iter().enumerate() {
        let maker = match product.manufacturer.as_str() {
            "" => "unknown maker",
            maker => maker,
        };
        let mut full = Map::from_iter([
            ("name".to_owned(), json!(product.label())),
            ("product_id".to_owned(), json!(whole(place))),
        ]);
        let mut helper = Map::new();
        if let Some(cpe) = product.cpes.first() {
            helper.insert("cpe".to_owned(), json!(cpe));
        }
        if let Some(purl) = product.purls.first() {
            helper.insert("purl".to_owned(), json!(purl));
        }
        if !helper.is_empty() {
            full.insert("product_identification_helper".to_owned(), Value::Object(helper));
        }
        let version = json!({
            "category": "product_version", "name": product.version, "product": full,
        });
        makers.entry(maker).or_default().entry(&product.model).or_default().push(version);
    }
    let models = |models: BTreeMap<&str, Vec<Value>>| {
        let model = |(name, versions)| json!({ "category": "product_name", "name": name, "branches": versions });
        models.into_iter().map(model).collect::<Vec<Value>>()
    };
    let maker =
        |(name, own)| json!({ "category": "vendor", "name": name, "branches": models(own) });
    makers.into_iter().map(maker).collect()
}

fn vulnerability(id: &str, statements: &[&Statement], parts: &Parts<'_>) -> Value {
    let called = |statement: &Statement| match &statement.part {
        None => Some(whole(statement.product)),
        Some(part) => parts.get(&(statement.product, part.names())).cloned(),
    };
    let mut status: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut flags: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut told: BTreeMap<(&str, String), BTreeSet<String>> = BTreeMap::new();
    for statement in statements {
        let Some(product) = called(statement) else { continue };
        let (group, words) = match statement.status {
            Status::Affected => ("known_affected", Some(("remediation", statement.action()))),
            Status::NotAffected => {
                ("known_not_affected", Some(("impact", statement.because().to_owned())))
            }
            Status::Fixed => ("fixed", None),
            Status::UnderInvestigation => ("under_investigation", None),
        };
        status.entry(group).or_default().insert(product.clone());
        let flag = statement.justification.as_deref();
        if let Some(flag) = flag.filter(|_| statement.status == Status::NotAffected) {
            flags.entry(flag).or_default().insert(product.clone());
        }
        if let Some((kind, words)) = words {
            told.entry((kind, words)).or_default().insert(product);
        }
    }
    let of_kind = |kind: &str, category: &str| {
        let own = told.iter().filter(|((own, _), _)| *own == kind);
        let shown = own.map(|((_, words), products)| {
            json!({ "category": category, "details": words, "product_ids": products })
        });
        shown.collect::<Vec<Value>>()
    };
    let mut out = named_vulnerability(id, statements);
    let mut put = |name: &str, values: Vec<Value>| {
        if !values.is_empty() {
            out.insert(name.to_owned(), json!(values));
        }
    };
    put("remediations", of_kind("remediation", "mitigation"));
    put("threats", of_kind("impact", "impact"));
    let flag = |(label, products): (&&str, &BTreeSet<String>)| json!({ "label": label, "product_ids": products });
    put("flags", flags.iter().map(flag).collect());
    out.insert("product_status".to_owned(), json!(status));
    Value::Object(out)
}

fn named_vulnerability(id: &str, statements: &[&Statement]) -> Map<String, Value> {
    let note = "What is known of it in these products; its advisories describe the flaw itself.";
    let mut out =
        Map::from_iter([("notes".to_owned(), json!([{ "category": "general", "text": note }]))]);
    let mut ids: BTreeSet<&str> =
        statements.iter().flat_map(|one| &one.aliases).map(String::as_str).collect();
    if is_cve(id) {
        out.insert("cve".to_owned(), json!(id));
    } else {
        ids.insert(id);
    }
    if !ids.is_empty() {
        let known = ids.iter().map(|id| json!({ "system_name": system(id), "text": id }));
        out.insert("ids".to_owned(), json!(known.collect::<Vec<Value>>()));
    }
    out
}

/// `CVE-YYYY-NNNN`, as CSAF wants it (section 3.2.3.2).
fn is_cve(id: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(year, number)| {
        year.len() == 4 && digits(year) && number.len() >= 4 && digits(number)
    })
}

/// Whose name for a flaw it is, by how it begins.
fn system(id: &str) -> &str {
    match id.split_once('-') {
        Some((system, _)) if !system.is_empty() => system,
        _ => "other",
    }
}
