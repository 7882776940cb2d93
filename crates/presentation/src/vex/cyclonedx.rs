//! As CycloneDX 1.6 (ECMA-424): vulnerabilities with their analysis, about one product. What an
//! SBOM has a name for is referred to by that (a BOM-Link); all else stands in the document.

use std::collections::BTreeMap;

use domain::advisory::Status;
use domain::decision::component_id;
use serde_json::{Map, Value, json};

use super::{Part, Product, Statement, Vex};

pub(super) fn document(vex: &Vex) -> Value {
    let mut components: BTreeMap<String, Value> = BTreeMap::new();
    let mut vulnerabilities = Vec::new();
    let all = vex.worst(|one| {
        let product = vex.product(one)?;
        let link = one.part.as_ref().map_or(&product.link, |part| &part.link);
        Some((link.as_deref(), one.part.as_ref().map(Part::names)))
    });
    for statement in all {
        let Some(product) = vex.product(statement) else { continue };
        let reference = reference(product, statement.part.as_ref(), &mut components);
        vulnerabilities.push(said(vex, statement, &reference));
    }
    let id = vex.id();
    let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default();
    // A UUID of version 8: ours to make (RFC 9562, section 5.8).
    let serial = format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    );
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial,
        "version": 1,
        "metadata": { "timestamp": vex.moment(), "authors": [{ "name": vex.author }] },
        "components": components.into_values().collect::<Vec<Value>>(),
        "vulnerabilities": vulnerabilities,
    })
}

/// How what a statement is about is called, and its component, where no SBOM has a name for it.
fn reference(
    product: &Product,
    part: Option<&Part>,
    components: &mut BTreeMap<String, Value>,
) -> String {
    let link = part.map_or(&product.link, |part| &part.link);
    if let Some(link) = link {
        return link.clone();
    }
    let (reference, component) = match part {
        None => ("product".to_owned(), whole(product)),
        Some(part) => {
            let reference =
                part.purl.clone().unwrap_or_else(|| component_id(&part.name, &part.version));
            let mut out = Map::from_iter([
                ("type".to_owned(), json!("library")),
                ("bom-ref".to_owned(), json!(reference)),
                ("name".to_owned(), json!(part.name)),
            ]);
            if !part.version.is_empty() {
                out.insert("version".to_owned(), json!(part.version));
            }
            if let Some(purl) = &part.purl {
                out.insert("purl".to_owned(), json!(purl));
            }
            (reference, Value::Object(out))
        }
    };
    components.insert(reference.clone(), component);
    reference
}

fn whole(product: &Product) -> Value {
    let mut out = Map::from_iter([
        ("type".to_owned(), json!("device")),
        ("bom-ref".to_owned(), json!("product")),
        ("name".to_owned(), json!(product.model)),
        ("version".to_owned(), json!(product.version)),
    ]);
    if !product.manufacturer.is_empty() {
        out.insert("manufacturer".to_owned(), json!({ "name": product.manufacturer }));
    }
    if let Some(purl) = product.purls.first() {
        out.insert("purl".to_owned(), json!(purl));
    }
    if let Some(cpe) = product.cpes.first() {
        out.insert("cpe".to_owned(), json!(cpe));
    }
    Value::Object(out)
}

fn said(vex: &Vex, statement: &Statement, reference: &str) -> Value {
    let (state, detail) = match statement.status {
        Status::Affected => {
            ("exploitable", format!("{}. {}", statement.because(), statement.action()))
        }
        Status::NotAffected => ("not_affected", statement.because().to_owned()),
        Status::Fixed => ("resolved", statement.because().to_owned()),
        Status::UnderInvestigation => ("in_triage", statement.because().to_owned()),
    };
    let mut analysis = Map::from_iter([
        ("state".to_owned(), json!(state)),
        ("detail".to_owned(), json!(detail)),
        ("lastUpdated".to_owned(), json!(vex.moment())),
    ]);
    let justification = statement.justification.as_deref().and_then(label);
    if let Some(justification) = justification.filter(|_| state == "not_affected") {
        analysis.insert("justification".to_owned(), json!(justification));
    }
    let mut out = Map::from_iter([
        ("id".to_owned(), json!(statement.vulnerability)),
        ("analysis".to_owned(), Value::Object(analysis)),
        ("affects".to_owned(), json!([{ "ref": reference }])),
    ]);
    if !statement.aliases.is_empty() {
        let source = |id: &String| json!({ "id": id, "source": { "name": "other names" } });
        let references = statement.aliases.iter().map(source).collect::<Vec<Value>>();
        out.insert("references".to_owned(), json!(references));
    }
    Value::Object(out)
}

/// A justification of OpenVEX as CycloneDX labels it.
fn label(justification: &str) -> Option<&'static str> {
    match justification {
        "component_not_present" | "vulnerable_code_not_present" => Some("code_not_present"),
        "vulnerable_code_not_in_execute_path" => Some("code_not_reachable"),
        "vulnerable_code_cannot_be_controlled_by_adversary" => Some("requires_environment"),
        "inline_mitigations_already_exist" => Some("protected_by_mitigating_control"),
        _ => None,
    }
}
