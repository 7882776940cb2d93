//! Inventories as HL7 FHIR resources: `Device` of R4 and R5, alone or in a `Bundle`, with the
//! locations, organisations, definitions and endpoints that stand beside it.
//!
//! Refuses to keep who a device's patient is: that one is on it says that it is in use, and no
//! more is read. Resources that are no devices are read for reference, and are no records.

mod concept;
mod device;
mod identifier;
mod place;

use std::borrow::Cow;
use std::collections::HashMap;

use domain::fact::Reading;
use domain::text::SharedTexts;

use super::units::Units;
use crate::json::{Json, Path, Taker, Value};

/// The resources that a device may point to.
const TARGETS: [&str; 4] = ["Location", "Organization", "DeviceDefinition", "Endpoint"];

/// Reads the devices of one JSON document: a `Device`, or a `Bundle` at any depth.
#[must_use]
pub fn read(json: &Json<'_>) -> Reading {
    let mut reading = read_all(std::slice::from_ref(json));
    reading.problems.extend(json.problem());
    reading
}

/// Reads the devices of several documents that point to one another, such as the lines of a bulk
/// export.
pub(crate) fn read_all(documents: &[Json<'_>]) -> Reading {
    let mut references = References::default();
    for json in documents {
        references.add(json.root(), None);
        references.collect(json.root());
    }
    let mut devices = Devices {
        references,
        taker: Taker::default(),
        reading: Reading::default(),
        units: Units::default(),
        texts: SharedTexts::default(),
    };
    for json in documents {
        devices.resource(json.root(), &Path::ROOT);
    }
    let facts = devices.units.into_facts();
    Reading { facts, problems: devices.taker.problems, ..devices.reading }
}

/// The devices so far.
struct Devices<'d> {
    references: References<'d>,
    taker: Taker,
    reading: Reading,
    units: Units,
    texts: SharedTexts,
}

impl<'d> Devices<'d> {
    /// Reads what a resource is or holds. Bundles in bundles are as deep as JSON may nest.
    fn resource(&mut self, value: Value<'d>, path: &Path<'_>) {
        match kind(value).as_deref() {
            Some("Device") => self.device(value, path),
            Some("Bundle") => {
                let path = path.field("entry");
                let entries = value.get("entry");
                let items = entries.map(|entries| self.taker.items(entries, &path));
                for (place, entry) in items.into_iter().flatten().enumerate() {
                    if let Some(resource) = entry.get("resource") {
                        self.resource(resource, &path.index(place).field("resource"));
                    }
                }
            }
            _ => {}
        }
    }

    fn device(&mut self, value: Value<'d>, path: &Path<'_>) {
        self.reading.records_seen += 1;
        let read = device::read(value, path, &self.references, (&mut self.taker, &mut self.texts));
        let kept = read.and_then(|device| {
            let identities = "an identifier, a serial number, a MAC address or a resource id";
            self.units.keep(device, identities)
        });
        match kept {
            Ok(()) => self.reading.records_made += 1,
            Err(problem) => self.taker.problems.tell(problem),
        }
    }
}

fn kind(resource: Value<'_>) -> Option<Cow<'_, str>> {
    resource.get("resourceType").and_then(Value::as_str)
}

/// What may be pointed to, by `Type/id` and by full URL.
#[derive(Default)]
struct References<'d> {
    by_name: HashMap<Cow<'d, str>, Value<'d>>,
}

impl<'d> References<'d> {
    /// Collects what the bundle and the bundles in it hold.
    fn collect(&mut self, bundle: Value<'d>) {
        if kind(bundle).as_deref() != Some("Bundle") {
            return;
        }
        for entry in bundle.get("entry").into_iter().flat_map(Value::items) {
            if let Some(resource) = entry.get("resource") {
                self.add(resource, entry.get("fullUrl").and_then(Value::as_str));
                self.collect(resource);
            }
        }
    }

    fn add(&mut self, resource: Value<'d>, full_url: Option<Cow<'d, str>>) {
        let Some(kind) = kind(resource) else { return };
        if !TARGETS.contains(&kind.as_ref()) {
            return;
        }
        if let Some(id) = resource.get("id").and_then(Value::as_str) {
            self.by_name.insert(format!("{kind}/{id}").into(), resource);
        }
        if let Some(url) = full_url {
            self.by_name.insert(url, resource);
        }
    }

    /// What a `Reference` points to: in the resource itself (`#id`), in the bundle by full URL,
    /// or by the type and id at the end of a URL, with or without a version.
    fn resolve(&self, reference: Value<'d>, within: Value<'d>) -> Option<Value<'d>> {
        let text = reference.get("reference").and_then(Value::as_str)?;
        if let Some(id) = text.strip_prefix('#') {
            let contained = within.get("contained")?;
            let has_id = |resource: &Value<'_>| {
                resource.get("id").and_then(Value::as_str).as_deref() == Some(id)
            };
            return contained.items().find(has_id);
        }
        if let Some(found) = self.by_name.get(text.as_ref()) {
            return Some(*found);
        }
        let current = text.split("/_history/").next().unwrap_or(&text);
        let mut steps = current.rsplit('/');
        let (id, kind) = (steps.next()?, steps.next()?);
        self.by_name.get(format!("{kind}/{id}").as_str()).copied()
    }
}

#[cfg(test)]
mod tests;
