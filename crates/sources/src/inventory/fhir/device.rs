//! One `Device` resource (FHIR R4 and R5) into a device.
//!
//! Refuses a device that was entered in error.

use std::net::IpAddr;

use domain::device::{Device, DeviceId, Use};
use domain::problem::{Code, Loss, Problem};
use domain::text::{SharedTexts, Text};

use super::{References, concept, identifier, place};
use crate::inventory::columns::dates::Orders;
use crate::inventory::columns::{Columns, Field};
use crate::inventory::rows::device::{Outcome, fill};
use crate::json::{Kind, Path, Taker, Value};

/// A device while it is read.
struct Draft<'d, 't> {
    /// The resource itself, in which `#id` is looked up.
    resource: Value<'d>,
    references: &'t References<'d>,
    taker: &'t mut Taker,
    texts: &'t mut SharedTexts,
    device: Device,
    own_id: Option<Text>,
    resource_id: Option<Text>,
    /// What its status and its patient show of its use.
    in_error: bool,
    on_patient: bool,
    gone: bool,
    /// Names by how well they serve as a model, the lower the better.
    names: Vec<(u8, Text)>,
    /// Versions by how well they serve as the software version, with what they are versions of.
    versions: Vec<(u8, Text, Text)>,
    definition: Option<Value<'d>>,
}

/// Reads a device at a path; the problem where it can't be used.
pub(super) fn read<'d>(
    resource: Value<'d>,
    path: &Path<'_>,
    references: &References<'d>,
    (taker, texts): (&mut Taker, &mut SharedTexts),
) -> Result<Device, Problem> {
    let device = Device { at: resource.at(path), ..Device::default() };
    let mut draft = Draft {
        resource,
        references,
        taker,
        texts,
        device,
        own_id: None,
        resource_id: None,
        in_error: false,
        on_patient: false,
        gone: false,
        names: Vec::new(),
        versions: Vec::new(),
        definition: None,
    };
    for (key, value) in resource.members() {
        draft.field(&key, value, &path.field(&key));
    }
    draft.finish()
}

impl<'d> Draft<'d, '_> {
    fn field(&mut self, key: &str, value: Value<'d>, path: &Path<'_>) {
        match key {
            "id" => self.resource_id = self.taker.filled(value, path),
            "identifier" => {
                self.own_id =
                    identifier::put(&mut self.device, value, path, (self.taker, self.texts));
            }
            "udiCarrier" => self.udi_carriers(value, path),
            "status" => self.status(value, path),
            "availabilityStatus" => {
                let codes = concept::codes(value);
                let gone = |code: &Text| matches!(code.as_str(), "lost" | "damaged" | "destroyed");
                self.gone = codes.iter().any(gone);
            }
            "patient" => self.on_patient = value.kind() == Kind::Object,
            "manufacturer" => {
                let name = self.taker.trimmed(value, path);
                self.device.manufacturer = name.map(|name| self.texts.share(&name));
            }
            "serialNumber" => self.serial(value, path),
            "modelNumber" => self.name(1, value, path),
            "displayName" => self.name(4, value, path),
            "deviceName" | "name" => self.device_names(value, path),
            "version" => self.device_versions(value, path),
            "definition" => self.definition = Some(reference_of(value)),
            "location" => self.location(value, path),
            "owner" => self.owner(value, path),
            "url" => self.url(value, path),
            "contact" => self.contacts(value, path),
            "endpoint" => self.endpoints(value, path),
            "property" => self.properties(value, path),
            "type" | "category" | "safety" => self.concepts(key, value),
            "lotNumber" | "partNumber" | "manufactureDate" | "expirationDate"
            | "distinctIdentifier" => self.keep(key, value, path),
            _ => {}
        }
    }

    fn keep(&mut self, key: &str, value: Value<'d>, path: &Path<'_>) {
        if let Some(text) = self.taker.filled(value, path) {
            self.device.other.push(self.texts.share(key), &text);
        }
    }

    /// An array of concepts, or one alone.
    fn concepts(&mut self, key: &str, value: Value<'d>) {
        let alone = (value.kind() == Kind::Object).then_some(value);
        for text in value.items().chain(alone).filter_map(concept::text) {
            self.device.other.push(self.texts.share(key), &text);
        }
    }

    fn serial(&mut self, value: Value<'d>, path: &Path<'_>) {
        // The element says so itself; an identifier was only understood to.
        if let Some(serial) = self.taker.filled(value, path) {
            let replaced = self.device.serial.replace(serial);
            if let Some(other) = replaced.filter(|r| self.device.serial.as_ref() != Some(r)) {
                self.device.other.push(self.texts.share("serialNumber"), &other);
            }
        }
    }

    fn udi_carriers(&mut self, value: Value<'d>, path: &Path<'_>) {
        for (place, carrier) in self.taker.items(value, path).enumerate() {
            let path = path.index(place);
            let (mut plain, mut readable) = (None, None);
            for (key, value) in self.taker.members(carrier, &path) {
                match key.as_ref() {
                    "deviceIdentifier" => plain = Some((value, "deviceIdentifier")),
                    "carrierHRF" => readable = Some((value, "carrierHRF")),
                    _ => {}
                }
            }
            let Some((value, key)) = plain.or(readable) else { continue };
            let path = path.field(key);
            let Some(text) = self.taker.filled(value, &path) else { continue };
            if !identifier::put_udi(&mut self.device, &text, self.texts) {
                let expected = "a device identifier with its right check digit";
                self.taker.tell(
                    (Code::InventoryBadIdentifier, Loss::Field),
                    value,
                    &path,
                    expected,
                );
                self.device.other.push(self.texts.share(key), &text);
            }
        }
    }

    fn name(&mut self, rank: u8, value: Value<'d>, path: &Path<'_>) {
        if let Some(name) = self.taker.filled(value, path) {
            self.names.push((rank, name));
        }
    }

    /// R4 has `name` and R5 `value` for the words; a string alone is a person's name for it.
    fn device_names(&mut self, value: Value<'d>, path: &Path<'_>) {
        for (place, item) in self.taker.items(value, path).enumerate() {
            let path = path.index(place);
            let (mut words, mut rank) = (None, 4);
            for (key, value) in self.taker.members(item, &path) {
                match key.as_ref() {
                    "name" | "value" => words = Some((value, path.field("name"))),
                    "type" => rank = name_rank(value),
                    _ => {}
                }
            }
            if let Some((value, path)) = words {
                self.name(rank, value, &path);
            }
        }
    }

    fn device_versions(&mut self, value: Value<'d>, path: &Path<'_>) {
        for (place, item) in self.taker.items(value, path).enumerate() {
            let path = path.index(place);
            let (mut text, mut rank, mut kind) = (None, version_rank(None), Text::default());
            for (key, value) in self.taker.members(item, &path) {
                match key.as_ref() {
                    "value" => text = self.taker.filled(value, &path.field("value")),
                    "type" => {
                        rank = version_rank(Some(value));
                        kind = concept::text(value).unwrap_or_default();
                    }
                    _ => {}
                }
            }
            if let Some(text) = text {
                self.versions.push((rank, text, kind));
            }
        }
    }

    fn location(&mut self, value: Value<'d>, path: &Path<'_>) {
        if value.is_null()
            || place::put(&mut self.device, value, self.resource, (self.references, self.texts))
        {
            return;
        }
        self.dangling(value, path, "a Location in the document, or its display");
    }

    fn owner(&mut self, value: Value<'d>, path: &Path<'_>) {
        match place::name(value, self.resource, self.references) {
            Some(name) => self.device.owner = Some(self.texts.share(&name)),
            None if value.is_null() => {}
            None => self.dangling(value, path, "an Organization in the document, or its display"),
        }
    }

    fn dangling(&mut self, value: Value<'d>, path: &Path<'_>, expected: &str) {
        let path = path.field("reference");
        let reference = value.get("reference").unwrap_or(value);
        let code = (Code::RecordDanglingReference, Loss::Field);
        self.taker.tell(code, reference, &path, expected);
    }

    fn url(&mut self, value: Value<'d>, path: &Path<'_>) {
        let Some(url) = self.taker.filled(value, path) else { return };
        if !self.add_host(&url) {
            self.device.other.push(self.texts.share("url"), &url);
        }
    }

    /// Only network addresses: whom to call is not a matter of the inventory.
    fn contacts(&mut self, value: Value<'d>, path: &Path<'_>) {
        for contact in self.taker.items(value, path) {
            let system = contact.get("system").and_then(Value::as_str);
            if matches!(system.as_deref(), Some("url" | "other"))
                && let Some(address) = contact.get("value").and_then(Value::as_str)
            {
                self.add_host(&address);
            }
        }
    }

    fn endpoints(&mut self, value: Value<'d>, path: &Path<'_>) {
        for reference in self.taker.items(value, path) {
            let endpoint = self.references.resolve(reference, self.resource);
            let address = endpoint.and_then(|endpoint| endpoint.get("address"));
            if let Some(address) = address.and_then(Value::as_text)
                && !self.add_host(&address)
            {
                self.device.other.push(self.texts.share("endpoint"), &address);
            }
        }
    }

    /// Adds the address that a URL names its host by; whether there was one.
    fn add_host(&mut self, url: &str) -> bool {
        let Some(address) = host_address(url) else { return false };
        if !self.device.ips.contains(&address) {
            self.device.ips.push(address);
        }
        true
    }

    fn properties(&mut self, value: Value<'d>, path: &Path<'_>) {
        for property in self.taker.items(value, path) {
            let Some(name) = property.get("type").and_then(concept::text) else { continue };
            let values = property.members().filter(|(key, _)| key.starts_with("value"));
            for text in values.filter_map(|(_, value)| shown(value)) {
                self.property(&name, &text);
            }
        }
    }

    /// A property named as a column of an inventory would be means the same; the rest is kept. What
    /// FHIR has an element for is never taken from a property.
    fn property(&mut self, name: &str, text: &str) {
        use Field::{
            CareService, Criticality, EndOfSupport, Ip, LifeSupport, Mac, OperatingSystem, Owner,
            Substitutes, Unit, Usage,
        };
        const TAKEN: [Field; 11] = [
            CareService,
            Criticality,
            EndOfSupport,
            Ip,
            LifeSupport,
            Mac,
            OperatingSystem,
            Owner,
            Substitutes,
            Unit,
            Usage,
        ];
        let columns = Columns::of(&[name.into()]);
        let meaning = columns.meanings.first().filter(|meaning| TAKEN.contains(&meaning.field));
        let taken = meaning.is_some_and(|meaning| {
            let outcome =
                fill(&mut self.device, meaning.field, text, &mut Orders::default(), self.texts);
            matches!(outcome, Outcome::Taken)
        });
        if !taken {
            self.device.other.push(self.texts.share(&format!("property {name}")), text);
        }
    }

    fn finish(mut self) -> Result<Device, Problem> {
        if self.in_error {
            return Err(Problem::new(Code::RecordNotUsable, self.device.at, Loss::Record)
                .expected("a device that was not entered in error")
                .found("entered-in-error"));
        }
        if self.gone {
            self.device.usage = Some(Use::NotInUse);
        } else if self.on_patient && self.device.usage.is_none() {
            self.device.usage = Some(Use::InUse);
        }
        self.take_names();
        self.take_versions();
        self.take_definition();
        let Self { mut device, texts, own_id, resource_id, .. } = self;
        let mac = device.macs.first().map(|mac| Text::from(mac.to_string()));
        let named = own_id.or_else(|| device.serial.clone()).or(mac);
        if let (Some(_), Some(id)) = (&named, &resource_id) {
            device.other.push(texts.share("resource id"), id);
        }
        device.id = named.or(resource_id).map(DeviceId);
        Ok(device)
    }

    fn status(&mut self, value: Value<'d>, path: &Path<'_>) {
        let Some(status) = self.taker.filled(value, path) else { return };
        match status.as_str() {
            "active" => self.device.usage = Some(Use::InUse),
            "inactive" => self.device.usage = Some(Use::NotInUse),
            "entered-in-error" => self.in_error = true,
            "unknown" => {}
            _ => {
                let expected = "active, inactive, entered-in-error or unknown";
                let code = (Code::RecordUnknownValue, Loss::Field);
                self.taker.tell(code, value, path, expected);
                self.device.other.push(self.texts.share("status"), &status);
            }
        }
    }

    /// The best name is the model, unless it is only what people call the unit.
    fn take_names(&mut self) {
        self.names.sort_by_key(|(rank, _)| *rank);
        for (rank, name) in std::mem::take(&mut self.names) {
            if self.device.model.is_none() && rank < 4 {
                self.device.model = Some(self.texts.share(&name));
            } else if self.device.model.as_deref() != Some(name.as_str()) {
                let label = if rank == 1 { "modelNumber" } else { "name" };
                self.device.other.push(self.texts.share(label), &name);
            }
        }
    }

    fn take_versions(&mut self) {
        self.versions.sort_by_key(|(rank, ..)| *rank);
        for (rank, text, kind) in std::mem::take(&mut self.versions) {
            if self.device.version.is_none() && rank < 4 {
                self.device.version = Some(self.texts.share(&text));
            } else {
                self.device.other.push(self.texts.share(format!("version {kind}").trim()), &text);
            }
        }
    }

    /// What the device does not say itself, its definition may.
    fn take_definition(&mut self) {
        let Some(reference) = self.definition else { return };
        let Some(definition) = self.references.resolve(reference, self.resource) else { return };
        for (key, value) in definition.members() {
            match key.as_ref() {
                "manufacturerString" if self.device.manufacturer.is_none() => {
                    self.device.manufacturer = value.as_str().map(|name| self.texts.share(&name));
                }
                "manufacturer" | "manufacturerReference" if self.device.manufacturer.is_none() => {
                    let name = place::name(value, definition, self.references);
                    self.device.manufacturer = name.map(|name| self.texts.share(&name));
                }
                "modelNumber" if self.device.model.is_none() => {
                    self.device.model = value.as_str().map(|model| self.texts.share(&model));
                }
                "udiDeviceIdentifier" if self.device.udi_di.is_none() => {
                    let mut texts = value.items().filter_map(|item| item.get("deviceIdentifier"));
                    if let Some(text) = texts.find_map(Value::as_str) {
                        identifier::put_udi(&mut self.device, &text, self.texts);
                    }
                }
                _ => {}
            }
        }
        if self.device.model.is_none() {
            let names = definition.get("deviceName").into_iter().flat_map(Value::items);
            let first = names.filter_map(|n| n.get("name")).find_map(Value::as_str);
            self.device.model = first.map(|model| self.texts.share(&model));
        }
    }
}

/// R4 has a Reference, R5 a `CodeableReference`, whose reference is one level down.
fn reference_of(value: Value<'_>) -> Value<'_> {
    value.get("reference").filter(|inner| inner.kind() == Kind::Object).unwrap_or(value)
}

/// How well a kind of name serves as a model: 4 is what people call the unit.
fn name_rank(kind: Value<'_>) -> u8 {
    match kind.as_str().as_deref() {
        Some("model-name") => 0,
        Some("manufacturer-name" | "registered-name") => 2,
        Some("udi-label-name") => 3,
        _ => 4,
    }
}

/// How well a version serves as the software version: 4 is a version of something else. The
/// codes are those of ISO/IEEE 11073-10101 for the parts of a production specification.
fn version_rank(kind: Option<Value<'_>>) -> u8 {
    const RANKS: [(u8, &[&str]); 3] = [
        (0, &["software", "sw", "531975", "application"]),
        (2, &["firmware", "fw", "531976"]),
        (4, &["hardware", "hw", "531974", "protocol", "531977"]),
    ];
    let (mut is_said, mut best) = (false, None);
    let take = |word: &str| {
        is_said = true;
        let is_it = |known: &&str| known.eq_ignore_ascii_case(word);
        let found = RANKS.iter().find(|(_, words)| words.iter().any(is_it));
        best = best.into_iter().chain(found.map(|(rank, _)| *rank)).min();
    };
    if let Some(kind) = kind {
        concept::each_word(kind, take);
    }
    best.unwrap_or(if is_said { 3 } else { 1 })
}

/// The address in `scheme://user@10.0.0.1:104/path`, or alone.
fn host_address(url: &str) -> Option<IpAddr> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?;
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next()?.parse().ok();
    }
    host.parse().ok().or_else(|| host.split(':').next()?.parse().ok())
}

/// The value of a property in words.
fn shown(value: Value<'_>) -> Option<Text> {
    match value.kind() {
        Kind::Array => shown(value.items().next()?),
        Kind::Object => concept::text(value).or_else(|| {
            let number = value.get("value")?.raw();
            let unit = value.get("unit").and_then(Value::as_str).unwrap_or_default();
            Some(format!("{number} {unit}").trim_end().into())
        }),
        Kind::Null | Kind::Key => None,
        _ => value.as_text().or_else(|| Some(value.raw().into())),
    }
}

#[cfg(test)]
mod tests {
    use super::host_address;

    #[test]
    fn addresses_are_found_in_urls() {
        let check = |url: &str, expected: &str| {
            let found = host_address(url).map(|address| address.to_string());
            assert_eq!(found.unwrap_or_default(), expected, "{url}");
        };
        check("http://10.0.0.1:8080/fhir", "10.0.0.1");
        check("dicom://a@[2001:db8::1]:104", "2001:db8::1");
        check("10.0.0.1", "10.0.0.1");
        check("2001:db8::1", "2001:db8::1");
        check("http://pump-1.local/", "");
        check("", "");
    }
}
