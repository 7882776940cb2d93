//! The document as a whole (ECMA-424, `bom`): who made it, what it describes, what needs what.
//!
//! Refuses nothing for its version: an unknown one is told and read as the newest known.

use domain::bounded::room;
use domain::component::{Author, AuthorSort, Dependency, Sbom, SbomFormat};
use domain::fact::{Fact, Reading};
use domain::problem::{Code, Loss, Problem};
use domain::text::Text;

use super::component::{Read, Referred, Walker, read_component};
use super::node::{Node, Place, Taker};
use super::vulnerability;

/// Versions of the specification that are known; XML is older than JSON.
const VERSIONS: [&str; 8] = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// What stands at the top of a document.
#[derive(Default)]
struct Top<'d> {
    metadata: Option<Node<'d>>,
    components: Option<Node<'d>>,
    services: Option<Node<'d>>,
    dependencies: Option<Node<'d>>,
    vulnerabilities: Option<Node<'d>>,
}

/// Reads a document in either syntax.
pub(super) fn read(root: Node<'_>) -> Reading {
    let mut walker = Walker::new(root);
    let mut sbom = Sbom::new(SbomFormat::CycloneDx, Text::default());
    let top = head(&mut walker.taker, &mut sbom, root);
    let place = Place::ROOT;
    if let Some(node) = top.metadata {
        metadata(&mut walker, &mut sbom, node, &place.field("metadata"));
    }
    if let Some(node) = top.components {
        walker.components(node, &place.field("components"), None);
    }
    if let Some(node) = top.services {
        walker.services(node, &place.field("services"));
    }
    if let Some(node) = top.dependencies {
        sbom.dependencies = dependencies(&mut walker, node, &place.field("dependencies"));
    }
    if let Some(node) = top.vulnerabilities {
        let place = place.field("vulnerabilities");
        vulnerability::read(&mut walker, &mut sbom, node, &place);
    }
    let Walker { taker, components, services, seen, made, nameless, .. } = walker;
    sbom.nameless = nameless;
    sbom.components = components;
    sbom.services = services;
    let facts = vec![Fact::Sbom(Box::new(sbom))];
    Reading { facts, problems: taker.problems, records_seen: seen, records_made: made }
}

/// Version and serial number, and where the parts stand.
fn head<'d>(taker: &mut Taker, sbom: &mut Sbom, root: Node<'d>) -> Top<'d> {
    let mut top = Top::default();
    let (mut serial, mut version) = (None, None);
    if let Node::Element(element) = root {
        // In XML the version stands in the namespace only.
        let uri = element.namespace();
        let written = uri.rsplit_once("/bom/").map_or("", |(_, version)| version);
        sbom.spec_version = written.into();
    }
    for (key, value) in taker.fields(root, &Place::ROOT) {
        let at = Place::ROOT.field(&key);
        match key.as_ref() {
            "specVersion" => sbom.spec_version = taker.string(value, &at).unwrap_or_default(),
            "serialNumber" => serial = taker.string(value, &at),
            "version" => version = taker.number(value, &at),
            "metadata" => top.metadata = Some(value),
            "components" => top.components = Some(value),
            "services" => top.services = Some(value),
            "dependencies" => top.dependencies = Some(value),
            "vulnerabilities" => top.vulnerabilities = Some(value),
            _ => {}
        }
    }
    if !VERSIONS.contains(&sbom.spec_version.as_str()) {
        let written = root.fields().filter(|(key, _)| key == "specVersion").last();
        let at = match written {
            Some((_, node)) => node.at(&Place::ROOT.field("specVersion")),
            None => root.at(&Place::ROOT),
        };
        let odd = Problem::new(Code::SbomVersionUnknown, at, Loss::Nothing);
        let expected = format!("one of {}", VERSIONS.join(", "));
        taker.problems.tell(odd.expected(expected).found(&sbom.spec_version));
    }
    sbom.serial = match (serial, version) {
        (Some(serial), Some(version)) => Some(format!("{serial}/{version}").into()),
        (serial, _) => serial,
    };
    top
}

/// Who made the document with what, and what it describes.
fn metadata<'d>(walker: &mut Walker<'d>, sbom: &mut Sbom, node: Node<'d>, place: &Place<'_>) {
    let (mut supplier, mut manufacture, mut component) = (None, None, None);
    for (key, value) in walker.taker.fields(node, place) {
        let at = place.field(&key);
        match key.as_ref() {
            "timestamp" => sbom.created = walker.taker.string(value, &at),
            "authors" => {
                let names = walker.taker.names(value, &at, "author");
                let person = |name| Author { name, sort: AuthorSort::Person };
                sbom.authors.extend(names.into_iter().map(person));
            }
            // The organisation that made the document, not the product (from version 1.6).
            "manufacturer" => {
                let name = walker.taker.name(value, &at);
                let organisation = |name| Author { name, sort: AuthorSort::Organisation };
                sbom.authors.extend(name.map(organisation));
            }
            "lifecycles" => phases(walker, sbom, value, &at),
            "manufacture" => manufacture = walker.taker.name(value, &at),
            "supplier" => supplier = walker.taker.name(value, &at),
            "tools" => tools(walker, sbom, value, &at),
            "component" => component = Some(value),
            _ => {}
        }
    }
    let place = place.field("component");
    let Some(node) = component.filter(|node| !node.is_null()) else { return };
    let _ = walker.taker.fields(node, &place);
    let Read { mut component, reference, nested } = read_component(&mut walker.taker, node, &place);
    walker.refer(reference, Referred::Subject, &place);
    component.supplier = component.supplier.or(supplier);
    component.manufacturer = manufacture.or(component.manufacturer);
    if !component.name.is_empty() {
        sbom.subject = Some(component);
    } else if node.is_record() {
        walker.nameless += 1;
        let lost = (Code::RecordMissingField, Loss::Field);
        walker.taker.tell(lost, node, &place.field("name"), "a name");
    }
    if let Some(nested) = nested {
        walker.components(nested, &place.field("components"), None);
        // All so far stand in the subject; those in others have a parent.
        walker.components.iter_mut().for_each(|part| part.is_in_subject = part.parent.is_none());
    }
}

/// In which phases the software was looked at: one that the specification knows, or a name.
fn phases<'d>(walker: &mut Walker<'d>, sbom: &mut Sbom, node: Node<'d>, place: &Place<'_>) {
    for (i, item) in walker.taker.items(node, place, "lifecycle").enumerate() {
        let at = place.item("lifecycle", i);
        for (key, value) in walker.taker.fields(item, &at) {
            if matches!(key.as_ref(), "phase" | "name") {
                sbom.phases.extend(walker.taker.string(value, &at.field(&key)));
            }
        }
    }
}

/// Tools: a list of them (until version 1.4), or components and services (from version 1.5).
fn tools<'d>(walker: &mut Walker<'d>, sbom: &mut Sbom, node: Node<'d>, place: &Place<'_>) {
    for (i, item) in node.items("tool").enumerate() {
        let name = tool(walker, item, &place.item("tool", i));
        sbom.tools.extend(name);
    }
    if !node.is_record() && !node.is_list() {
        let _ = walker.taker.items(node, place, "tool");
    }
    for (key, value) in node.fields() {
        let at = place.field(&key);
        let name = match key.as_ref() {
            "components" => "component",
            "services" => "service",
            _ => continue,
        };
        for (i, item) in walker.taker.items(value, &at, name).enumerate() {
            let name = tool(walker, item, &at.item(name, i));
            sbom.tools.extend(name);
        }
    }
}

/// One tool as people write it: maker, name, version.
fn tool<'d>(walker: &mut Walker<'d>, node: Node<'d>, place: &Place<'_>) -> Option<Text> {
    let taker = &mut walker.taker;
    let (mut vendor, mut name, mut version, mut reference) = (None, None, None, None);
    for (key, value) in taker.fields(node, place) {
        let at = place.field(&key);
        match key.as_ref() {
            "vendor" | "group" => vendor = taker.string(value, &at),
            "name" => name = taker.string(value, &at),
            "version" => version = taker.string(value, &at),
            "bom-ref" => reference = taker.filled(value, &at).map(|text| (text, value)),
            _ => {}
        }
    }
    walker.refer(reference, Referred::Other, place);
    let words: Vec<Text> = [vendor, name, version].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" ").into())
}

/// Who needs what; a reference to nothing is told, and stays.
fn dependencies<'d>(walker: &mut Walker<'d>, list: Node<'d>, place: &Place<'_>) -> Vec<Dependency> {
    let items = walker.taker.items(list, place, "dependency");
    let mut found = Vec::with_capacity(room(items.len()));
    for (i, item) in items.enumerate() {
        let place = place.item("dependency", i);
        found.extend(dependency(walker, item, &place));
    }
    found
}

/// One entry: `dependsOn` in JSON, nested `dependency` elements in XML.
fn dependency<'d>(
    walker: &mut Walker<'d>,
    node: Node<'d>,
    place: &Place<'_>,
) -> Option<Dependency> {
    let (mut from, mut needed) = (None, Vec::new());
    for (key, value) in walker.taker.fields(node, place) {
        let at = place.field(&key);
        match key.as_ref() {
            "ref" => from = resolve(walker, value, &at),
            "dependsOn" => {
                let items = walker.taker.items(value, &at, "dependency");
                needed = Vec::with_capacity(room(items.len()));
                for (i, item) in items.enumerate() {
                    needed.extend(resolve(walker, item, &at.item("dependency", i)));
                }
            }
            "dependency" => {
                let written = value.fields().find(|(key, _)| key == "ref");
                let written = written.and_then(|(_, node)| resolve(walker, node, &at));
                needed.extend(written);
            }
            _ => {}
        }
    }
    if from.is_none() && node.is_record() {
        let lost = (Code::RecordMissingField, Loss::Field);
        walker.taker.tell(lost, node, &place.field("ref"), "a reference");
    }
    Some(Dependency { from: from?, to: needed, at: node.at(place) })
}

/// A reference into the document.
fn resolve<'d>(walker: &mut Walker<'d>, node: Node<'d>, place: &Place<'_>) -> Option<Text> {
    let text = walker.taker.filled(node, place)?;
    if !walker.referred.contains_key(&text) && !text.starts_with("urn:cdx:") {
        let odd = (Code::RecordDanglingReference, Loss::Nothing);
        walker.taker.tell(odd, node, place, "the reference of a component or service");
    }
    Some(text.into_owned().into())
}
