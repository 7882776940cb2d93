//! As CycloneDX 1.6 (ECMA-424), in JSON.

use domain::component::{
    Author, AuthorSort, Component, ComponentKind, Sbom, Service, SupportLevel,
};
use serde_json::{Map, Value, json};

use super::licence::Licence;
use super::{Form, Out, asserted, hashes, uuid};

/// Levels of components in one another that are written; deeper ones stand in the last of these.
const DEEPEST: usize = 50;

/// Phases that the specification knows (`lifecycles`, `phase`).
const PHASES: [&str; 7] =
    ["design", "pre-build", "build", "post-build", "operations", "discovery", "decommission"];

type Object = Map<String, Value>;

pub(super) fn document(sbom: &Sbom, out: &mut Out) -> Value {
    let mut tree = Tree::of(sbom, out);
    let inside = tree.list(None, true, out);
    let components = tree.list(None, false, out);
    let mut document = Object::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("$schema", json!("http://cyclonedx.org/schema/bom-1.6.schema.json"));
    put("bomFormat", json!("CycloneDX"));
    put("specVersion", json!("1.6"));
    put("version", json!(1));
    put("metadata", Value::Object(metadata(sbom, inside, out)));
    put("components", Value::Array(components));
    let services: Vec<Value> = sbom.services.iter().zip(&out.names.services).map(service).collect();
    if !services.is_empty() {
        put("services", Value::Array(services));
    }
    let dependencies = out.dependencies(sbom);
    let one = |(from, to)| json!({ "ref": from, "dependsOn": Value::from(to) });
    if !dependencies.is_empty() {
        put("dependencies", dependencies.into_iter().map(one).collect());
    }
    let serial = uuid(&document);
    document.insert("serialNumber".to_owned(), json!(serial));
    Value::Object(document)
}

fn metadata(sbom: &Sbom, inside: Vec<Value>, out: &mut Out) -> Object {
    let mut metadata = Object::new();
    let mut put = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
    put("timestamp", json!(out.at));
    let tools = out.tools.iter().map(|name| json!({ "type": "application", "name": name }));
    put("tools", json!({ "components": tools.collect::<Vec<Value>>() }));
    let is_maker = |author: &&Author| author.sort == AuthorSort::Organisation;
    let maker = sbom.authors.iter().find(is_maker);
    if let Some(maker) = maker {
        put("manufacturer", json!({ "name": maker.name.as_str() }));
    }
    let mut authors = Vec::new();
    for author in sbom.authors.iter().filter(|author| Some(*author) != maker) {
        if is_maker(&author) {
            out.lost.one("that an author is an organisation, beside the first", &author.name);
        }
        authors.push(json!({ "name": author.name.as_str() }));
    }
    if !authors.is_empty() {
        put("authors", Value::Array(authors));
    }
    let phase = |phase: &str| {
        let name = if PHASES.contains(&phase) { "phase" } else { "name" };
        json!({ name: phase })
    };
    if !sbom.phases.is_empty() {
        put("lifecycles", sbom.phases.iter().map(|one| phase(one)).collect());
    }
    if let Some(subject) = &sbom.subject {
        let id = out.names.subject.clone();
        let mut subject = component(subject, &id, out);
        if !inside.is_empty() {
            subject.insert("components".to_owned(), Value::Array(inside));
        }
        put("component", Value::Object(subject));
    }
    metadata
}

/// Which component stands in which.
struct Tree<'s> {
    sbom: &'s Sbom,
    children: Vec<Vec<usize>>,
    tops: Vec<usize>,
}

impl<'s> Tree<'s> {
    fn of(sbom: &'s Sbom, out: &mut Out) -> Self {
        let mut children = vec![Vec::new(); sbom.components.len()];
        let mut tops = Vec::new();
        for (place, one) in sbom.components.iter().enumerate() {
            match holder(sbom, place) {
                None => tops.push(place),
                Some((parent, is_cut)) => {
                    if is_cut {
                        out.lost.one("levels of nesting beyond fifty", &one.label());
                    }
                    if let Some(list) = children.get_mut(parent) {
                        list.push(place);
                    }
                }
            }
        }
        Self { sbom, children, tops }
    }

    /// The components in another, or at the top; those of the subject or the rest.
    fn list(&mut self, parent: Option<usize>, is_in_subject: bool, out: &mut Out) -> Vec<Value> {
        let sbom = self.sbom;
        let places = match parent {
            Some(parent) => self.children.get(parent).cloned().unwrap_or_default(),
            None => self.tops.clone(),
        };
        let has_subject = sbom.subject.is_some();
        let mut list = Vec::new();
        for place in places {
            let Some(one) = sbom.components.get(place) else { continue };
            let is_inside = one.is_in_subject && has_subject;
            if parent.is_none() && is_inside != is_in_subject {
                continue;
            }
            let id = out.names.components.get(place).cloned().unwrap_or_default();
            let mut object = component(one, &id, out);
            let nested = self.list(Some(place), is_in_subject, out);
            if !nested.is_empty() {
                object.insert("components".to_owned(), Value::Array(nested));
            }
            list.push(Value::Object(object));
        }
        list
    }
}

/// What holds a component, and whether that is not its own parent because the levels are too many;
/// `None` at the top.
fn holder(sbom: &Sbom, place: usize) -> Option<(usize, bool)> {
    let parent = |place: usize| {
        let parent = sbom.components.get(place)?.parent? as usize;
        (parent < sbom.components.len()).then_some(parent)
    };
    let mut above = Vec::new();
    let mut at = parent(place);
    while let Some(one) = at {
        // Who holds itself is at the top: the readers let no circle close.
        if one == place || above.len() > sbom.components.len() {
            return None;
        }
        above.push(one);
        at = parent(one);
    }
    let direct = *above.first()?;
    let last = above.len().checked_sub(DEEPEST).and_then(|cut| above.get(cut));
    Some(last.map_or((direct, false), |last| (*last, *last != direct)))
}

fn component(one: &Component, id: &str, out: &mut Out) -> Object {
    let mut object = Object::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    if one.kind == ComponentKind::Other {
        out.lost.one("kinds of components that the form does not know", &one.label());
    }
    put("type", json!(kind(one.kind)));
    put("bom-ref", json!(id));
    put("name", json!(one.name.as_str()));
    for (name, text) in [("group", &one.group), ("version", &one.version)] {
        if let Some(text) = text {
            put(name, json!(text.as_str()));
        }
    }
    for (name, text) in [("supplier", &one.supplier), ("manufacturer", &one.manufacturer)] {
        if let Some(text) = text {
            put(name, json!({ "name": text.as_str() }));
        }
    }
    if let Some(purl) = &one.purl {
        put("purl", json!(purl.to_string()));
    }
    if let Some(cpe) = one.cpes.first() {
        put("cpe", json!(cpe.to_string()));
    }
    for cpe in one.cpes.iter().skip(1) {
        out.lost.one("CPE names beside the first", &format!("{}: {cpe}", one.label()));
    }
    let hashes = hashes(one, Form::CycloneDx, &mut out.lost);
    if !hashes.is_empty() {
        let hash = |(name, value)| json!({ "alg": name, "content": value });
        put("hashes", hashes.into_iter().map(hash).collect());
    }
    let licences = licences(one, out);
    if !licences.is_empty() {
        put("licenses", Value::Array(licences));
    }
    let properties = properties(one);
    if !properties.is_empty() {
        put("properties", Value::Array(properties));
    }
    object
}

fn kind(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Application => "application",
        ComponentKind::Framework => "framework",
        ComponentKind::Library | ComponentKind::Other => "library",
        ComponentKind::Container => "container",
        ComponentKind::OperatingSystem => "operating-system",
        ComponentKind::Device => "device",
        ComponentKind::DeviceDriver => "device-driver",
        ComponentKind::Firmware => "firmware",
        ComponentKind::File => "file",
        ComponentKind::Platform => "platform",
        ComponentKind::MachineLearningModel => "machine-learning-model",
        ComponentKind::Data => "data",
        ComponentKind::CryptographicAsset => "cryptographic-asset",
    }
}

/// Licences: one expression alone, or licences by id and name. Version 1.6 has no list of
/// expressions, so that one beside others is written as a name.
fn licences(one: &Component, out: &mut Out) -> Vec<Value> {
    let read: Vec<Licence> = asserted(one).map(Licence::read).collect();
    if let [Licence::Expression(expression, _)] = read.as_slice() {
        return vec![json!({ "expression": expression })];
    }
    let mut list = Vec::new();
    for licence in read {
        list.push(match licence {
            Licence::Listed(id) => json!({ "license": { "id": id } }),
            Licence::Name(name) => json!({ "license": { "name": name } }),
            Licence::Expression(expression, _) => {
                let example = format!("{}: {expression}", one.label());
                out.lost.one("that a licence beside others is an expression", &example);
                json!({ "license": { "name": expression } })
            }
        });
    }
    list
}

/// What is told of support, under the names that the readers look for, and all else.
fn properties(one: &Component) -> Vec<Value> {
    let property = |name: &str, value: &str| json!({ "name": name, "value": value });
    let level = one.support.map(|level| match level {
        SupportLevel::Maintained => "actively maintained",
        SupportLevel::NoLongerMaintained => "no longer maintained",
        SupportLevel::Abandoned => "abandoned",
    });
    let mut list: Vec<Value> =
        one.other.iter().map(|(name, value)| property(name, value)).collect();
    list.extend(level.map(|level| property("supportLevel", level)));
    list.extend(one.end_of_support.map(|day| property("endOfSupport", &day.to_string())));
    list
}

fn service((one, id): (&Service, &String)) -> Value {
    let mut object = Object::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("bom-ref", json!(id));
    put("name", json!(one.name.as_str()));
    for (name, text) in [("group", &one.group), ("version", &one.version)] {
        if let Some(text) = text {
            put(name, json!(text.as_str()));
        }
    }
    if let Some(provider) = &one.provider {
        put("provider", json!({ "name": provider.as_str() }));
    }
    if !one.endpoints.is_empty() {
        put("endpoints", one.endpoints.iter().map(|endpoint| json!(endpoint.as_str())).collect());
    }
    if let Some(authenticated) = one.authenticated {
        put("authenticated", json!(authenticated));
    }
    Value::Object(object)
}
