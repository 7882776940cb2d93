//! `Identifier`: which of a device's identifiers is what.
//!
//! Refuses to take an identifier of unknown kind for a serial number or an address: it may be the
//! hospital's own id.

use domain::device::Device;
use domain::problem::{Code, Loss};
use domain::text::Text;

use super::super::columns::{addresses, udi};
use super::concept;
use crate::json::{Path, Taker, Value};

/// What an identifier is, by its type and system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Serial,
    Udi,
    Mac,
    Ip,
    /// The hospital's own, the lower the surer.
    Own(u8),
    /// No longer in use.
    Old,
}

/// Puts identifiers into a device; which of them is the hospital's own.
pub(super) fn put(
    device: &mut Device,
    identifiers: Value<'_>,
    path: &Path<'_>,
    taker: &mut Taker,
) -> Option<Text> {
    let mut own: Option<(u8, Text)> = None;
    for (place, identifier) in taker.items(identifiers, path).enumerate() {
        let path = path.index(place);
        let value_path = path.field("value");
        let stated = identifier.get("value");
        let Some(value) = stated.and_then(|value| taker.filled(value, &value_path)) else {
            continue;
        };
        let system = identifier.get("system").and_then(Value::as_text).unwrap_or_default();
        let name =
            if system.is_empty() { "identifier".into() } else { format!("identifier {system}") };
        let code = match meaning(identifier, &system) {
            Meaning::Own(rank) if own.as_ref().is_none_or(|(best, _)| rank < *best) => {
                if let Some((_, replaced)) = own.replace((rank, value)) {
                    device.other.push(("identifier".into(), replaced));
                }
                continue;
            }
            Meaning::Serial if device.serial.is_none() => {
                device.serial = Some(value);
                continue;
            }
            Meaning::Udi => (!put_udi(device, &value)).then_some(Code::InventoryBadIdentifier),
            Meaning::Mac => {
                let found = addresses::macs(&value);
                device.macs.extend(found.good);
                (!found.bad.is_empty()).then_some(Code::InventoryBadAddress)
            }
            Meaning::Ip => {
                let found = addresses::ips(&value);
                device.ips.extend(found.good);
                (!found.bad.is_empty()).then_some(Code::InventoryBadAddress)
            }
            Meaning::Own(_) | Meaning::Serial | Meaning::Old => {
                device.other.push((name.into(), value));
                continue;
            }
        };
        if let (Some(code), Some(stated)) = (code, stated) {
            taker.tell((code, Loss::Field), stated, &value_path, "an identifier of its own type");
            device.other.push((name.into(), value));
        }
    }
    own.map(|(_, value)| value)
}

/// Takes the device identifier of a UDI; whether there was one.
pub(super) fn put_udi(device: &mut Device, text: &str) -> bool {
    match udi::device_identifier(text) {
        Some(found) if device.udi_di.as_ref().is_none_or(|there| *there == found) => {
            device.udi_di = Some(found.into());
            true
        }
        Some(found) => {
            device.other.push(("UDI-DI".into(), found.into()));
            true
        }
        None => false,
    }
}

/// By the words of type and system. HL7 table 0203 has `SNO` for serial numbers and `UDI`;
/// the personal-health-device guide has codes that end in `MAC`.
fn meaning(identifier: Value<'_>, system: &str) -> Meaning {
    let usage = identifier.get("use").and_then(Value::as_str);
    if usage.as_deref() == Some("old") {
        return Meaning::Old;
    }
    let mut words = identifier.get("type").map(concept::words).unwrap_or_default();
    concept::push_words(system, &mut words);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    if has(&["sno", "serial", "serialnumber"]) {
        Meaning::Serial
    } else if has(&["udi", "gtin", "gs1", "hibcc", "iccbba"]) {
        Meaning::Udi
    } else if has(&["mac", "macaddress", "ethmac", "btmac", "macaddr"]) {
        Meaning::Mac
    } else if has(&["ip", "ipaddress", "ipv4", "ipv6"]) {
        Meaning::Ip
    } else if has(&["asset", "inventory", "tag", "cmms"]) {
        Meaning::Own(0)
    } else {
        Meaning::Own(match usage.as_deref() {
            Some("official") => 1,
            Some("usual") => 2,
            None => 3,
            Some(_) => 4,
        })
    }
}
