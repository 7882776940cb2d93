//! Which fields of CycloneDX become facts, as one table, and what else a document holds.

use super::known;
use super::node::{Node, Place};
use crate::sbom::beyond::Kinds;

/// What a field is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Document,
    Metadata,
    Lifecycle,
    Person,
    Organisation,
    Tools,
    Tool,
    Component,
    Licences,
    Licence,
    Service,
    Dependency,
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It becomes a fact, all of it, or says nothing of its own.
    Kept,
    /// What is in it is looked at.
    Into(Within),
    /// The same of each in a list, of which XML calls each so.
    Each(Within, &'static str),
    /// It is a list of vulnerabilities, which are kept as they are.
    Known,
    /// It is not carried over.
    Beyond,
}

impl Within {
    fn name(self) -> &'static str {
        match self {
            Self::Document => "",
            Self::Metadata => "metadata",
            Self::Lifecycle => "lifecycle",
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Tools => "tools",
            Self::Tool => "tool",
            Self::Component => "component",
            Self::Licences | Self::Licence => "licence",
            Self::Service => "service",
            Self::Dependency => "dependency",
        }
    }

    /// What becomes of a field of this name.
    fn fate(self, name: &str) -> Fate {
        use Fate::{Beyond, Each, Into, Kept, Known};

        match (self, name) {
            (
                Self::Document,
                "$schema" | "bomFormat" | "specVersion" | "serialNumber" | "version",
            )
            | (Self::Metadata, "timestamp")
            | (Self::Lifecycle, "phase" | "name")
            | (Self::Person | Self::Organisation, "name" | "bom-ref")
            | (Self::Tool, "vendor" | "group" | "name" | "version" | "type" | "bom-ref")
            | (
                Self::Component,
                "type" | "bom-ref" | "group" | "name" | "version" | "author" | "publisher" | "purl"
                | "cpe" | "hashes" | "properties",
            )
            | (Self::Licences, "expression")
            | (Self::Licence, "id" | "name" | "expression" | "text")
            | (
                Self::Service,
                "bom-ref" | "group" | "name" | "version" | "endpoints" | "authenticated",
            )
            | (Self::Dependency, "ref" | "dependsOn" | "dependency") => Kept,
            (Self::Document, "vulnerabilities") => Known,
            (Self::Document, "metadata") => Into(Self::Metadata),
            (Self::Document | Self::Component, "components") => Each(Self::Component, "component"),
            (Self::Document | Self::Service, "services") => Each(Self::Service, "service"),
            (Self::Document, "dependencies") => Each(Self::Dependency, "dependency"),
            (Self::Metadata, "component") => Into(Self::Component),
            (Self::Metadata, "lifecycles") => Each(Self::Lifecycle, "lifecycle"),
            (Self::Metadata | Self::Component, "authors") => Each(Self::Person, "author"),
            (Self::Metadata, "tools") => Into(Self::Tools),
            (Self::Tools, "components") => Each(Self::Tool, "component"),
            (Self::Tools, "services") => Each(Self::Tool, "service"),
            (Self::Tools, "tool") => Into(Self::Tool),
            (Self::Metadata, "manufacturer" | "manufacture" | "supplier")
            | (Self::Component, "manufacturer" | "supplier")
            | (Self::Service, "provider") => Into(Self::Organisation),
            (Self::Component, "licenses") => Into(Self::Licences),
            (Self::Licences, "license" | "expression-detailed") => Into(Self::Licence),
            _ => Beyond,
        }
    }
}

/// What a document holds that no fact does.
pub(super) fn kinds(root: Node<'_>, kinds: &mut Kinds) {
    look(root, Within::Document, &Place::ROOT, kinds);
}

/// Looks at the fields of a node. Recursion ends where nesting does, which the readers bound.
fn look(node: Node<'_>, within: Within, place: &Place<'_>, kinds: &mut Kinds) {
    if let Node::Json(value) = node
        && node.is_list()
    {
        let item = if within == Within::Tools { Within::Tool } else { within };
        value.items().for_each(|value| look(Node::Json(value), item, place, kinds));
        return;
    }
    for (key, value) in node.fields() {
        // Declarations of XML are no fields.
        if value.is_null() || key.starts_with("xmlns") || key.starts_with("xsi:") {
            continue;
        }
        if within == Within::Component && key == "licenses" {
            known::texts(value, &node.at(place), kinds);
        }
        let at = place.field(&key);
        match within.fate(&key) {
            Fate::Kept => {}
            Fate::Into(inner) => look(value, inner, &at, kinds),
            Fate::Each(inner, name) => {
                let items = value.items(name).enumerate();
                items.for_each(|(i, item)| look(item, inner, &at.item(name, i), kinds));
            }
            Fate::Known => known::read(value, kinds),
            Fate::Beyond => {
                let kind = match within.name() {
                    "" => key.to_string(),
                    name => format!("{name} {key}"),
                };
                tell(kind, value, kinds);
            }
        }
    }
    match within {
        Within::Component => makers(node, kinds),
        Within::Metadata => of_product(node, kinds),
        _ => {}
    }
}

pub(super) fn tell(kind: String, node: Node<'_>, kinds: &mut Kinds) {
    let line = node.at(&Place::ROOT).line;
    let (count, example) = match node {
        Node::Json(value) if node.is_list() => (value.items().count(), None),
        Node::Json(_) if node.is_record() => (1, None),
        // What an element holds beside text shows as its text, which is enough for an example.
        _ => (1, node.text()),
    };
    kinds.tell(kind, count, line, example.as_deref().unwrap_or_default());
}

fn field<'d>(node: Node<'d>, name: &str) -> Option<Node<'d>> {
    node.fields().find(|(key, value)| key == name && !value.is_null()).map(|(_, value)| value)
}

/// Beside the component that the document describes stands who supplies and makes it, which says
/// nothing where there is none, and not both where the component says so, too.
fn of_product(metadata: Node<'_>, kinds: &mut Kinds) {
    let product = field(metadata, "component");
    let own = |name: &str| product.and_then(|product| field(product, name));
    if let Some(supplier) = field(metadata, "supplier")
        && (product.is_none() || own("supplier").is_some())
    {
        tell("metadata supplier".to_owned(), supplier, kinds);
    }
    let Some(maker) = field(metadata, "manufacture") else { return };
    match (product, ORDER.into_iter().find_map(own)) {
        (None, _) => tell("metadata manufacture".to_owned(), maker, kinds),
        (_, Some(other)) => tell("component manufacturer, told twice".to_owned(), other, kinds),
        _ => {}
    }
}

/// In which order whoever made a component is looked for.
const ORDER: [&str; 4] = ["manufacturer", "authors", "author", "publisher"];

/// Of whoever is told to have made a component the first counts.
fn makers(node: Node<'_>, kinds: &mut Kinds) {
    let mut told = ORDER.into_iter().filter_map(|name| Some((name, field(node, name)?)));
    let _first = told.next();
    for (name, value) in told {
        tell(format!("component {name}, beside who made it"), value, kinds);
    }
}
