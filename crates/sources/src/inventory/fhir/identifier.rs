//! `Identifier`: which of a device's identifiers is what.
//!
//! Refuses to take an identifier of unknown kind for a serial number or an address: it may be the
//! hospital's own id.

use std::borrow::Cow;

use domain::device::Device;
use domain::problem::{Code, Loss};
use domain::text::{SharedTexts, Text};

use super::super::columns::{addresses, udi};
use super::concept;
use crate::json::{Path, Taker, Value};

/// What an identifier is, by its type and system.
///
/// In the order in which they count, where the words of an identifier mean several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    (taker, texts): (&mut Taker, &mut SharedTexts),
) -> Option<Text> {
    let mut own: Option<(u8, Text)> = None;
    for (place, identifier) in taker.items(identifiers, path).enumerate() {
        let path = path.index(place);
        let value_path = path.field("value");
        let [stated, system, usage, kind] = identifier.get_all(["value", "system", "use", "type"]);
        let Some(value) = stated.and_then(|value| taker.filled(value, &value_path)) else {
            continue;
        };
        let system = system.and_then(Value::as_str).unwrap_or_default();
        let name = || match &*system {
            "" => Cow::from("identifier"),
            system => Cow::from(format!("identifier {system}")),
        };
        let code = match meaning(kind, usage, &system) {
            Meaning::Own(rank) if own.as_ref().is_none_or(|(best, _)| rank < *best) => {
                if let Some((_, replaced)) = own.replace((rank, value)) {
                    device.other.push(texts.share("identifier"), &replaced);
                }
                continue;
            }
            Meaning::Serial if device.serial.is_none() => {
                device.serial = Some(value);
                continue;
            }
            Meaning::Udi => {
                (!put_udi(device, &value, texts)).then_some(Code::InventoryBadIdentifier)
            }
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
                device.other.push(texts.share(&name()), &value);
                continue;
            }
        };
        if let (Some(code), Some(stated)) = (code, stated) {
            taker.tell((code, Loss::Field), stated, &value_path, "an identifier of its own type");
            device.other.push(texts.share(&name()), &value);
        }
    }
    own.map(|(_, value)| value)
}

/// Takes the device identifier of a UDI; whether there was one.
pub(super) fn put_udi(device: &mut Device, text: &str, texts: &mut SharedTexts) -> bool {
    match udi::device_identifier(text) {
        Some(found) if device.udi_di.as_ref().is_none_or(|there| **there == *found) => {
            device.udi_di = Some(texts.share(&found));
            true
        }
        Some(found) => {
            device.other.push(texts.share("UDI-DI"), &found);
            true
        }
        None => false,
    }
}

/// By the words of type and system. HL7 table 0203 has `SNO` for serial numbers and `UDI`;
/// the personal-health-device guide has codes that end in `MAC`.
fn meaning(kind: Option<Value<'_>>, usage: Option<Value<'_>>, system: &str) -> Meaning {
    let usage = usage.and_then(Value::as_str);
    if usage.as_deref() == Some("old") {
        return Meaning::Old;
    }
    let mut found: Option<Meaning> = None;
    let mut take = |word: &str| {
        found = found.into_iter().chain(meaning_of(word)).min();
    };
    if let Some(kind) = kind {
        concept::each_word(kind, &mut take);
    }
    concept::words(system).for_each(take);
    found.unwrap_or(Meaning::Own(match usage.as_deref() {
        Some("official") => 1,
        Some("usual") => 2,
        None => 3,
        Some(_) => 4,
    }))
}

/// What one word of a type or a system means.
fn meaning_of(word: &str) -> Option<Meaning> {
    const WORDS: [(Meaning, &[&str]); 5] = [
        (Meaning::Serial, &["sno", "serial", "serialnumber"]),
        (Meaning::Udi, &["udi", "gtin", "gs1", "hibcc", "iccbba"]),
        (Meaning::Mac, &["mac", "macaddress", "ethmac", "btmac", "macaddr"]),
        (Meaning::Ip, &["ip", "ipaddress", "ipv4", "ipv6"]),
        (Meaning::Own(0), &["asset", "inventory", "tag", "cmms"]),
    ];
    // The words above have two letters to twelve.
    if !(2..=12).contains(&word.len()) {
        return None;
    }
    let is_it = |known: &&str| known.eq_ignore_ascii_case(word);
    WORDS.iter().find(|(_, words)| words.iter().any(is_it)).map(|(found, _)| *found)
}
