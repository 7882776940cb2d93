//! As OpenVEX 0.2.0: a statement for each flaw and status in one product or part.

use domain::advisory::Status;
use domain::decision::{Model, Part as DecidedPart, Scope};
use serde_json::{Map, Value, json};

use super::{Part, Product, Statement, Vex};

pub(super) fn document(vex: &Vex) -> Value {
    let statements = vex.worst(|one| one.part.as_ref().map(Part::names)).into_iter();
    let statements = statements.filter_map(|one| Some(said(one, vex.product(one)?)));
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("asepsis:vex/{}", vex.id()),
        "author": vex.author,
        "timestamp": vex.moment(),
        "version": 1,
        "tooling": "Asepsis",
        "statements": statements.collect::<Vec<Value>>(),
    })
}

fn said(statement: &Statement, product: &Product) -> Value {
    let mut vulnerability = Map::from_iter([("name".to_owned(), json!(statement.vulnerability))]);
    if !statement.aliases.is_empty() {
        vulnerability.insert("aliases".to_owned(), json!(statement.aliases));
    }
    let mut out = Map::from_iter([
        ("vulnerability".to_owned(), Value::Object(vulnerability)),
        ("products".to_owned(), json!([identified(product, statement.part.as_ref())])),
        ("status".to_owned(), json!(statement.status.text())),
    ]);
    let mut put = |name: &str, value: String| out.insert(name.to_owned(), json!(value));
    match statement.status {
        Status::Affected => {
            put("action_statement", statement.action());
            put("status_notes", statement.because().to_owned());
        }
        Status::NotAffected => {
            put("impact_statement", statement.because().to_owned());
            if let Some(justification) = &statement.justification {
                put("justification", justification.clone());
            }
        }
        Status::Fixed | Status::UnderInvestigation => {
            put("status_notes", statement.because().to_owned());
        }
    }
    Value::Object(out)
}

fn identified(product: &Product, part: Option<&Part>) -> Value {
    let scope = Scope {
        product: Some(Model {
            manufacturer: product.manufacturer.as_str().into(),
            model: product.model.as_str().into(),
        }),
        version: Some(product.version.as_str().into()),
        component: part.map(|part| match &part.purl {
            Some(purl) => DecidedPart::Package(purl.as_str().into()),
            None => DecidedPart::Named(part.name.as_str().into(), part.version.as_str().into()),
        }),
    };
    let mut out = Map::from_iter([("@id".to_owned(), json!(scope.product_id()))]);
    let mut identifiers = Map::new();
    if let Some(purl) = product.purls.first() {
        identifiers.insert("purl".to_owned(), json!(purl));
    }
    if let Some(cpe) = product.cpes.first() {
        identifiers.insert("cpe23".to_owned(), json!(cpe));
    }
    if !identifiers.is_empty() {
        out.insert("identifiers".to_owned(), Value::Object(identifiers));
    }
    if let Some(part) = scope.component_id() {
        out.insert("subcomponents".to_owned(), json!([{ "@id": part }]));
    }
    Value::Object(out)
}
