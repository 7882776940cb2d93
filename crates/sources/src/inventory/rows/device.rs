//! One value into one field of a device.
//!
//! Refuses to write over what a more telling column has said: the second value is kept beside it.

use domain::device::{Criticality, Device, DeviceId, Few, Use};
use domain::problem::Code;
use domain::text::{Shared, SharedTexts, Text};

use super::super::columns::addresses::{Addresses, ips, macs};
use super::super::columns::dates::{Orders, Read};
use super::super::columns::{Field, udi, words};

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Outcome {
    /// It is in its field.
    Taken,
    /// The field is taken by another value: it is to be kept beside it.
    Kept,
    /// It is a date that waits for the others of the table.
    Waits,
    /// It is not what the field takes: it is to be kept, and told with what was expected.
    Unclear(Code, &'static str),
}

const CRITICALITY: Outcome = Outcome::Unclear(
    Code::RecordUnknownValue,
    "life-sustaining, therapy, monitoring, diagnostic or support",
);
const USAGE: Outcome =
    Outcome::Unclear(Code::RecordUnknownValue, "in use, yes, spare, in repair, retired or no");
const FLAG: Outcome = Outcome::Unclear(Code::RecordUnknownValue, "yes or no");
const COUNT: Outcome = Outcome::Unclear(Code::RecordWrongType, "a whole number");
const DATE: Outcome = Outcome::Unclear(Code::InventoryBadDate, "a date as 2027-06-30");
const UDI: Outcome = Outcome::Unclear(
    Code::InventoryBadIdentifier,
    "a UDI or its device identifier, with its right check digit",
);
const MAC: Outcome = Outcome::Unclear(Code::InventoryBadAddress, "MAC addresses");
const IP: Outcome = Outcome::Unclear(Code::InventoryBadAddress, "IP addresses");

/// Puts a value, trimmed and not blank, into a field.
pub(in super::super) fn fill(
    device: &mut Device,
    field: Field,
    text: &str,
    orders: &mut Orders,
    texts: &mut SharedTexts,
) -> Outcome {
    match field {
        Field::Id | Field::Name => identify(&mut device.id, text),
        Field::Serial => set(&mut device.serial, text),
        Field::Manufacturer => share(&mut device.manufacturer, text, texts),
        Field::Model => share(&mut device.model, text, texts),
        Field::Version => share(&mut device.version, text, texts),
        Field::UdiDi => match udi::device_identifier(text) {
            Some(identifier) => share(&mut device.udi_di, &identifier, texts),
            None => UDI,
        },
        Field::OperatingSystem => share(&mut device.operating_system, text, texts),
        Field::OperatingSystemVersion => join_version(&mut device.operating_system, text, texts),
        Field::Mac => add(&mut device.macs, macs(text), MAC),
        Field::Ip => add(&mut device.ips, ips(text), IP),
        Field::Site => share(&mut device.site, text, texts),
        Field::Unit => share(&mut device.unit, text, texts),
        Field::Room => share(&mut device.room, text, texts),
        Field::CareService => share(&mut device.care_service, text, texts),
        Field::Criticality => criticality(&mut device.criticality, text),
        Field::LifeSupport => life_support(&mut device.criticality, text),
        Field::Usage => usage(&mut device.usage, words::usage(text)),
        Field::Retired => retired(&mut device.usage, text),
        Field::Substitutes => {
            words::count(text).map_or(COUNT, |n| value(&mut device.substitutes, n))
        }
        Field::Owner => share(&mut device.owner, text, texts),
        Field::EndOfSupport => match orders.read(text) {
            Read::Date(date) => value(&mut device.end_of_support, date),
            Read::Ambiguous => Outcome::Waits,
            Read::Not => DATE,
        },
    }
}

fn set(slot: &mut Option<Text>, text: &str) -> Outcome {
    match slot {
        None => {
            *slot = Some(text.into());
            Outcome::Taken
        }
        Some(there) if there == text => Outcome::Taken,
        Some(_) => Outcome::Kept,
    }
}

/// As [`set`], of a text that other devices have, too.
fn share(slot: &mut Option<Shared>, text: &str, texts: &mut SharedTexts) -> Outcome {
    match slot {
        None => {
            *slot = Some(texts.share(text));
            Outcome::Taken
        }
        Some(there) if **there == *text => Outcome::Taken,
        Some(_) => Outcome::Kept,
    }
}

fn value<T: PartialEq>(slot: &mut Option<T>, found: T) -> Outcome {
    match slot {
        None => {
            *slot = Some(found);
            Outcome::Taken
        }
        Some(there) if *there == found => Outcome::Taken,
        Some(_) => Outcome::Kept,
    }
}

fn identify(slot: &mut Option<DeviceId>, text: &str) -> Outcome {
    value(slot, DeviceId(text.into()))
}

/// Joins a version to the name of an operating system, which often holds it already.
fn join_version(slot: &mut Option<Shared>, text: &str, texts: &mut SharedTexts) -> Outcome {
    match slot {
        Some(there) if there.contains(text) => {}
        Some(there) => *there = texts.share(&format!("{there} {text}")),
        None => return Outcome::Kept,
    }
    Outcome::Taken
}

fn add<A: PartialEq>(list: &mut Few<A>, found: Addresses<A>, unclear: Outcome) -> Outcome {
    let none = found.good.is_empty();
    for address in found.good {
        if !list.contains(&address) {
            list.push(address);
        }
    }
    match found.bad.as_slice() {
        [] if none => Outcome::Kept,
        [] => Outcome::Taken,
        _ => unclear,
    }
}

fn criticality(slot: &mut Option<Criticality>, text: &str) -> Outcome {
    words::criticality(text).map_or(CRITICALITY, |found| value(slot, found))
}

/// A yes is the most that can be said of a criticality; a no says nothing of what it is instead.
fn life_support(slot: &mut Option<Criticality>, text: &str) -> Outcome {
    match words::flag(text) {
        Some(true) => {
            *slot = Some(Criticality::LifeSustaining);
            Outcome::Taken
        }
        Some(false) => Outcome::Kept,
        None => FLAG,
    }
}

fn usage(slot: &mut Option<Use>, found: Option<Use>) -> Outcome {
    found.map_or(USAGE, |found| value(slot, found))
}

/// A retired unit is not in use, whatever else is said; one that is not retired may be in store.
fn retired(slot: &mut Option<Use>, text: &str) -> Outcome {
    match words::flag(text) {
        Some(true) => {
            *slot = Some(Use::NotInUse);
            Outcome::Taken
        }
        Some(false) => Outcome::Kept,
        None => FLAG,
    }
}
