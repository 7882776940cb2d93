//! As CycloneDX 1.6 (ECMA-424), in JSON.

use domain::component::{
    Author, AuthorSort, Component, ComponentKind, Sbom, Service, SupportLevel,
};
use serde_json::{Map, Value, json};

use super::known;
use super::{Form, Out, hashes, licences, uuid};

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
    let known = known::in_cyclonedx(sbom, out);
    if !known.is_empty() {
        document.insert("vulnerabilities".to_owned(), Value::Array(known));
    }
    licences::tell(sbom, out);
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
        for (place, held) in held(sbom).into_iter().enumerate() {
            let Some(holder) = held.holder else {
                tops.push(place);
                continue;
            };
            let one = sbom.components.get(place);
            if let Some(one) = one.filter(|one| one.parent.map(|at| at as usize) != Some(holder)) {
                out.lost.one("levels of nesting beyond fifty", &one.label());
            }
            if let Some(list) = children.get_mut(holder) {
                list.push(place);
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

/// What holds a component in the document that is written, and how many levels are above it.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    holder: Option<usize>,
    level: usize,
}

/// What holds each component. Each is looked at once, however deep it stands; who holds itself
/// stands at the top.
fn held(sbom: &Sbom) -> Vec<Held> {
    let parent = |place: usize| {
        let parent = sbom.components.get(place)?.parent? as usize;
        (parent < sbom.components.len()).then_some(parent)
    };
    let mut known: Vec<Option<Held>> = vec![None; sbom.components.len()];
    let mut is_open = vec![false; sbom.components.len()];
    let of = |known: &[Option<Held>], place: usize| known.get(place).copied().flatten();
    for start in 0..sbom.components.len() {
        let mut way = Vec::new();
        let mut at = Some(start);
        while let Some(place) = at.filter(|place| of(&known, *place).is_none()) {
            match is_open.get_mut(place) {
                Some(open) if !*open => *open = true,
                _ => break,
            }
            way.push(place);
            at = parent(place);
        }
        for place in way.into_iter().rev() {
            let above = parent(place).and_then(|parent| Some((parent, of(&known, parent)?)));
            let held = above.map_or_else(Held::default, |(parent, above)| match above.level {
                DEEPEST.. => above,
                level => Held { holder: Some(parent), level: level + 1 },
            });
            if let Some(slot) = known.get_mut(place) {
                *slot = Some(held);
            }
        }
    }
    known.into_iter().map(Option::unwrap_or_default).collect()
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
    let licences = licences::of(one, out);
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

#[cfg(test)]
mod tests {
    use domain::component::{Component, Sbom, SbomFormat};
    use jiff::Timestamp;

    use super::{DEEPEST, held};
    use crate::sbom::written::{Form, write};

    fn sbom(parents: &[Option<u32>]) -> Sbom {
        let component = |(place, parent): (usize, &Option<u32>)| Component {
            name: place.to_string().into(),
            parent: *parent,
            ..Component::default()
        };
        Sbom {
            components: parents.iter().enumerate().map(component).collect(),
            ..Sbom::new(SbomFormat::Spdx, "SPDX-2.3".into())
        }
    }

    #[test]
    fn nesting_without_end_costs_no_stack_and_what_is_cut_is_told() {
        let parents: Vec<Option<u32>> =
            (0..100_000_u32).map(|place| place.checked_sub(1)).collect();
        let sbom = sbom(&parents);
        assert_eq!(held(&sbom).iter().map(|one| one.level).max(), Some(DEEPEST));
        let written = write(&sbom, Form::CycloneDx, Timestamp::UNIX_EPOCH, "asepsis");
        let lost: Vec<_> = written.lost.iter().map(|one| (one.kind.as_str(), one.count)).collect();
        assert_eq!(lost, [("levels of nesting beyond fifty", 100_000 - DEEPEST - 1)]);
        let all = written.document.to_string().matches("bom-ref").count();
        assert_eq!(all, 100_000);
    }

    #[test]
    fn who_holds_itself_is_written_once() {
        let sbom = sbom(&[Some(1), Some(0), Some(1), Some(3), Some(9)]);
        let written = write(&sbom, Form::CycloneDx, Timestamp::UNIX_EPOCH, "asepsis");
        assert_eq!(written.document.to_string().matches("bom-ref").count(), 5);
    }
}
