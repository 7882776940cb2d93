//! Components and services (ECMA-424, `component` and `service`), nested as they are.
//!
//! Refuses to follow pedigree and evidence: what a component was made from is not in the release.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::bounded::room;
use domain::component::{Component, ComponentKind, Hash, Service};
use domain::problem::{Code, Loss};
use domain::text::Text;

use super::node::{Node, Place, Taker};
use super::support::Support;

/// What a reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Referred {
    Subject,
    Component(usize),
    Service(usize),
    /// A tool, or a record that was lost: it is there, but is no fact.
    Other,
}

/// What is gathered while a document's records are walked.
#[derive(Debug, Default)]
pub(super) struct Walker<'d> {
    pub(super) taker: Taker,
    pub(super) components: Vec<Component>,
    pub(super) services: Vec<Service>,
    pub(super) referred: HashMap<Cow<'d, str>, Referred>,
    pub(super) seen: usize,
    pub(super) made: usize,
    /// Components without a name.
    pub(super) nameless: usize,
    /// Bytes that copies of names may still take: a short reference can stand for a long name,
    /// very often.
    pub(super) room: usize,
}

/// How many times the document's length those may take, and what is free, in bytes.
const COPIES: usize = 4;
const COPIES_FREE_BYTES: usize = 1 << 20;

/// A component as read, with what is nested in it.
pub(super) struct Read<'d> {
    pub(super) component: Component,
    pub(super) reference: Option<(Cow<'d, str>, Node<'d>)>,
    pub(super) nested: Option<Node<'d>>,
}

impl<'d> Walker<'d> {
    pub(super) fn new(root: Node<'d>) -> Self {
        let room = root.bytes().saturating_mul(COPIES).saturating_add(COPIES_FREE_BYTES);
        Self { room, ..Self::default() }
    }

    /// Whether a copy of so many bytes may be made; tells where it may not.
    pub(super) fn affords(&mut self, bytes: usize, node: Node<'_>, place: &Place<'_>) -> bool {
        let Some(room) = self.room.checked_sub(bytes) else {
            let lost = (Code::InputTooLarge, Loss::Field);
            self.taker.tell(lost, node, place, "names that do not outgrow the document");
            // Nothing more is copied, so that hostile names cost no time either.
            self.room = 0;
            return false;
        };
        self.room = room;
        true
    }

    /// A list of components, each before those nested in it. Recursion ends where nesting does.
    pub(super) fn components(&mut self, list: Node<'d>, place: &Place<'_>, parent: Option<u32>) {
        let items = self.taker.items(list, place, "component");
        self.components.reserve(room(items.len()));
        for (i, node) in items.enumerate() {
            let place = place.item("component", i);
            let (nested, parent) = self.component(node, &place, parent);
            if let Some(nested) = nested {
                self.components(nested, &place.field("components"), parent);
            }
        }
    }

    /// One component: what is nested in it, and what holds that.
    fn component(
        &mut self,
        node: Node<'d>,
        place: &Place<'_>,
        parent: Option<u32>,
    ) -> (Option<Node<'d>>, Option<u32>) {
        self.seen += 1;
        if !self.taker.is_record(node, place) {
            return (None, parent);
        }
        let Read { mut component, reference, nested } =
            read_component(&mut self.taker, node, place);
        let index = self.components.len();
        if component.name.is_empty() {
            self.nameless += 1;
            self.refer(reference, Referred::Other, place);
            let lost = (Code::RecordMissingField, Loss::Record);
            self.taker.tell(lost, node, &place.field("name"), "a name");
            return (nested, parent);
        }
        self.refer(reference, Referred::Component(index), place);
        component.parent = parent;
        self.components.push(component);
        self.made += 1;
        (nested, u32::try_from(index).ok())
    }

    /// Notes what a reference stands for; the first of two stays.
    pub(super) fn refer(
        &mut self,
        reference: Option<(Cow<'d, str>, Node<'d>)>,
        referred: Referred,
        place: &Place<'_>,
    ) {
        let Some((reference, node)) = reference else { return };
        match self.referred.entry(reference) {
            Entry::Vacant(vacant) => {
                vacant.insert(referred);
            }
            Entry::Occupied(_) => {
                let odd = (Code::RecordDuplicate, Loss::Nothing);
                self.taker.tell(odd, node, &place.field("bom-ref"), "a reference of its own");
            }
        }
    }

    /// A list of services, each before those nested in it.
    pub(super) fn services(&mut self, list: Node<'d>, place: &Place<'_>) {
        for (i, node) in self.taker.items(list, place, "service").enumerate() {
            let place = place.item("service", i);
            self.seen += 1;
            if self.taker.is_record(node, &place)
                && let Some(nested) = self.service(node, &place)
            {
                self.services(nested, &place.field("services"));
            }
        }
    }

    /// One service; returns what is nested in it.
    fn service(&mut self, node: Node<'d>, place: &Place<'_>) -> Option<Node<'d>> {
        let mut service = Service { at: node.at(place), ..Service::default() };
        let (mut reference, mut nested) = (None, None);
        let taker = &mut self.taker;
        for (key, value) in node.fields() {
            let at = place.field(&key);
            match key.as_ref() {
                "bom-ref" => reference = taker.filled(value, &at).map(|text| (text, value)),
                "group" => service.group = taker.string(value, &at),
                "name" => service.name = taker.string(value, &at).unwrap_or_default(),
                "version" => service.version = taker.string(value, &at),
                "provider" => service.provider = taker.name(value, &at),
                "endpoints" => service.endpoints = taker.strings(value, &at, "endpoint"),
                "authenticated" => service.authenticated = taker.boolean(value, &at),
                "services" => nested = Some(value),
                _ => {}
            }
        }
        service.reference = reference.as_ref().map(|(text, _)| text.as_ref().into());
        if service.name.is_empty() {
            self.refer(reference, Referred::Other, place);
            let lost = (Code::RecordMissingField, Loss::Record);
            self.taker.tell(lost, node, &place.field("name"), "a name");
            return nested;
        }
        self.refer(reference, Referred::Service(self.services.len()), place);
        self.services.push(service);
        self.made += 1;
        nested
    }
}

/// Who is told to have made a component; the first that is there counts.
#[derive(Default)]
struct Makers {
    manufacturer: Option<Text>,
    authors: Option<Text>,
    author: Option<Text>,
    publisher: Option<Text>,
}

/// The fields of a component, without those nested in it.
pub(super) fn read_component<'d>(taker: &mut Taker, node: Node<'d>, place: &Place<'_>) -> Read<'d> {
    let mut component = Component { at: node.at(place), ..Component::default() };
    let (mut reference, mut nested) = (None, None);
    let mut makers = Makers::default();
    for (key, value) in node.fields() {
        let at = place.field(&key);
        match key.as_ref() {
            "type" => component.kind = kind(taker, value, &at),
            "bom-ref" => reference = taker.filled(value, &at).map(|text| (text, value)),
            "group" => component.group = taker.string(value, &at),
            "name" => component.name = taker.string(value, &at).unwrap_or_default(),
            "version" => component.version = taker.string(value, &at),
            "supplier" => component.supplier = taker.name(value, &at),
            "manufacturer" => makers.manufacturer = taker.name(value, &at),
            "authors" => {
                let names = taker.names(value, &at, "author");
                makers.authors =
                    Some(names.join(", ").into()).filter(|names: &Text| !names.is_empty());
            }
            "author" => makers.author = taker.string(value, &at),
            "publisher" => makers.publisher = taker.string(value, &at),
            "purl" => component.purl = taker.purl(value, &at),
            "cpe" => component.cpes = taker.cpe(value, &at).into_iter().collect(),
            "hashes" => component.hashes = hashes(taker, value, &at),
            "swid" | "swhid" | "omniborId" => component.has_other_identifier = true,
            "licenses" => component.licences = licences(taker, value, &at),
            "properties" => properties(taker, &mut component, value, &at),
            "components" => nested = Some(value),
            _ => {}
        }
    }
    let Makers { manufacturer, authors, author, publisher } = makers;
    component.manufacturer = manufacturer.or(authors).or(author).or(publisher);
    component.reference = reference.as_ref().map(|(text, _)| text.as_ref().into());
    Read { component, reference, nested }
}

fn kind(taker: &mut Taker, node: Node<'_>, place: &Place<'_>) -> ComponentKind {
    let Some(text) = taker.filled(node, place) else { return ComponentKind::default() };
    match text.as_ref() {
        "application" => ComponentKind::Application,
        "framework" => ComponentKind::Framework,
        "library" => ComponentKind::Library,
        "container" => ComponentKind::Container,
        "operating-system" => ComponentKind::OperatingSystem,
        "device" => ComponentKind::Device,
        "device-driver" => ComponentKind::DeviceDriver,
        "firmware" => ComponentKind::Firmware,
        "file" => ComponentKind::File,
        "platform" => ComponentKind::Platform,
        "machine-learning-model" => ComponentKind::MachineLearningModel,
        "data" => ComponentKind::Data,
        "cryptographic-asset" => ComponentKind::CryptographicAsset,
        _ => {
            let odd = (Code::RecordUnknownValue, Loss::Field);
            taker.tell(odd, node, place, "a type of component of CycloneDX");
            ComponentKind::Other
        }
    }
}

fn hashes(taker: &mut Taker, list: Node<'_>, place: &Place<'_>) -> Vec<Hash> {
    let items = taker.items(list, place, "hash");
    let mut hashes = Vec::with_capacity(room(items.len()));
    for (i, item) in items.enumerate() {
        let at = place.item("hash", i);
        let (mut algorithm, mut content) = (None, item.body());
        for (key, value) in taker.fields(item, &at) {
            match key.as_ref() {
                "alg" => algorithm = taker.string(value, &at.field("alg")),
                "content" => content = Some(value),
                _ => {}
            }
        }
        let value = content.and_then(|content| taker.string(content, &at.field("content")));
        if let (Some(algorithm), Some(value)) = (algorithm, value) {
            hashes.push(Hash { algorithm, value });
        }
    }
    hashes.shrink_to_fit();
    hashes
}

/// Licences: in JSON a list of objects with `license` or `expression`, in XML those themselves.
fn licences(taker: &mut Taker, list: Node<'_>, place: &Place<'_>) -> Vec<Text> {
    if list.body().is_some() {
        let mut found = Vec::new();
        for (key, value) in list.fields() {
            found.extend(licence(taker, &key, value, place));
        }
        found.shrink_to_fit();
        return found;
    }
    let items = taker.items(list, place, "license");
    let mut found = Vec::with_capacity(room(items.len()));
    for (i, item) in items.enumerate() {
        let at = place.item("license", i);
        for (key, value) in taker.fields(item, &at) {
            found.extend(licence(taker, &key, value, &at));
        }
    }
    found
}

/// An SPDX id, an expression, or a name.
fn licence(taker: &mut Taker, key: &str, node: Node<'_>, place: &Place<'_>) -> Option<Text> {
    let at = place.field(key);
    match key {
        "expression" => taker.string(node, &at),
        // Version 1.7 in XML: `<expression-detailed expression="…">`.
        "license" | "expression-detailed" => {
            let (mut id, mut name) = (None, None);
            for (key, value) in taker.fields(node, &at) {
                match key.as_ref() {
                    "id" | "expression" => id = taker.string(value, &at.field(&key)),
                    "name" => name = taker.string(value, &at.field(&key)),
                    _ => {}
                }
            }
            id.or(name)
        }
        _ => None,
    }
}

fn properties(taker: &mut Taker, component: &mut Component, list: Node<'_>, place: &Place<'_>) {
    let mut support = Support::default();
    for (i, item) in taker.items(list, place, "property").enumerate() {
        let at = place.item("property", i);
        let (mut name, mut content) = (None, item.body());
        for (key, value) in taker.fields(item, &at) {
            match key.as_ref() {
                "name" => name = taker.string(value, &at.field("name")),
                "value" => content = Some(value),
                _ => {}
            }
        }
        let value = content.and_then(|content| taker.string(content, &at.field("value")));
        if let Some(name) = name {
            support.take(component, name, value.unwrap_or_default());
        }
    }
}
