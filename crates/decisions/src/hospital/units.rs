//! One unit that several inventories list: the maintenance system knows its owner, the network
//! platform its addresses.
//!
//! Refuses to choose between two makes, models or versions of one id, which may be of two devices:
//! both stay, and the contradiction is told. What care needs to know and is told in two ways is
//! unknown.

use std::collections::HashMap;

use domain::device::{Device, Few};
use domain::location::{DocumentId, Location};
use domain::problem::{Code, Loss, Problem};

use super::Entry;
use super::releases::Told;
use crate::exposure::names::{Agreement, ProductName, makers};

/// A unit, and everything that says something of it.
pub(super) struct Listed<'d> {
    /// Which document has it first.
    pub(super) document: DocumentId,
    /// What all of them say.
    pub(super) device: Entry<'d>,
    /// What each of them says.
    pub(super) entries: Vec<&'d Device>,
}

/// Joins what different documents say of one unit, by its id or serial number.
pub(super) fn join<'d>(
    devices: &[(DocumentId, &'d Device)],
    problems: &mut Told,
) -> Vec<Listed<'d>> {
    let mut units: Vec<Listed<'d>> = Vec::with_capacity(devices.len());
    let mut by_name: HashMap<String, usize> = HashMap::with_capacity(devices.len());
    for (document, device) in devices {
        let names = names(device);
        let known = names.iter().find_map(|name| by_name.get(name).copied());
        // What one document lists twice, its reader has told.
        let unit = known.and_then(|known| units.get_mut(known)).filter(|u| u.document != *document);
        if let Some(unit) = unit {
            if let Some((field, stated)) = contradiction(&unit.device, device) {
                problems.push((*document, told(device, field, &stated, Loss::Nothing)));
            } else {
                let fields = unit.device.join(|joined| complete(joined, device));
                let lost = fields.into_iter().map(|field| told(device, field, "", Loss::Field));
                problems.extend(lost.map(|problem| (*document, problem)));
                unit.entries.push(device);
                continue;
            }
        }
        for name in names {
            by_name.entry(name).or_insert(units.len());
        }
        let device = *device;
        let entries = vec![device];
        units.push(Listed { document: *document, device: Entry::One(device), entries });
    }
    units
}

/// What a unit is known by. An inventory without ids names its devices by their serial numbers.
fn names(device: &Device) -> Vec<String> {
    let id = device.id.as_ref().map(|id| &id.0);
    let names = id.into_iter().chain(&device.serial).map(|name| name.trim().to_lowercase());
    let mut names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    names.dedup();
    names
}

/// The first field by which two entries can't be of one unit as it is now, and what stood there.
fn contradiction(a: &Device, b: &Device) -> Option<(&'static str, String)> {
    let differ = |a: Option<&str>, b: Option<&str>| {
        let (a, b) = a.zip(b)?;
        (!a.trim().eq_ignore_ascii_case(b.trim())).then(|| b.to_owned())
    };
    let other_serial = differ(a.serial.as_deref(), b.serial.as_deref());
    let other_model = || match (a.release(), b.release()) {
        (Some(a), Some(b)) => {
            let name = |model: &str, maker: &str| ProductName::new(model, Some(maker));
            let (own, other) = (name(&a.model, &a.manufacturer), name(&b.model, &b.manufacturer));
            let agree = own.agrees_with(&other) == Some(Agreement::Same)
                || other.agrees_with(&own) == Some(Agreement::Same);
            let known = makers(&a.manufacturer);
            let of_maker = makers(&b.manufacturer).iter().any(|maker| known.contains(maker));
            let same = a.same_model(&b) || agree && of_maker;
            (!same).then(|| format!("{} {}", b.manufacturer, b.model))
        }
        _ => differ(a.model.as_deref(), b.model.as_deref()),
    };
    let other_version = || match (a.release(), b.release()) {
        (Some(a), Some(b)) if !a.version.is_empty() && !b.version.is_empty() => {
            (!a.same_version(&b)).then(|| b.version.to_string())
        }
        _ => differ(a.version.as_deref(), b.version.as_deref()),
    };
    let serial = other_serial.map(|found| ("serial number", found));
    let model = || other_model().map(|found| ("manufacturer and model", found));
    let version = || other_version().map(|found| ("version", found));
    serial.or_else(model).or_else(version)
}

fn told(device: &Device, field: &str, found: &str, loss: Loss) -> Problem {
    let id = device.id.as_ref().map(|id| id.0.as_str()).unwrap_or_default();
    let at: Location = device.at.clone();
    Problem::new(Code::InventoryContradiction, at, loss)
        .expected(format!("the same {field} of `{id}` as in the other inventory"))
        .found(found)
}

/// Adds what a unit's entry does not say and another does. The names of the fields in which they
/// differ and that count for care: those are then unknown.
fn complete(device: &mut Device, other: &Device) -> Vec<&'static str> {
    let texts = [
        (&mut device.manufacturer, &other.manufacturer),
        (&mut device.model, &other.model),
        (&mut device.version, &other.version),
        (&mut device.udi_di, &other.udi_di),
        (&mut device.operating_system, &other.operating_system),
        (&mut device.site, &other.site),
        (&mut device.unit, &other.unit),
        (&mut device.room, &other.room),
        (&mut device.care_service, &other.care_service),
        (&mut device.owner, &other.owner),
    ];
    for (own, other) in texts {
        if own.is_none() {
            own.clone_from(other);
        }
    }
    if device.serial.is_none() {
        device.serial.clone_from(&other.serial);
    }
    add(&mut device.macs, &other.macs);
    add(&mut device.ips, &other.ips);
    for (name, value) in other.other.iter() {
        if !device.other.iter().any(|known| known == (name, value)) {
            device.other.push(name.clone(), value);
        }
    }
    // Support ends for sure when the last one says that it does, and may end when the first does.
    device.end_of_support = match (device.end_of_support, other.end_of_support) {
        (Some(own), Some(other)) => Some(own.min(other)),
        (own, other) => own.or(other),
    };
    let mut contradicted = Vec::new();
    let mut settle = |name, differ| contradicted.extend(Some(name).filter(|_| differ));
    settle("criticality", either(&mut device.criticality, other.criticality));
    settle("use", either(&mut device.usage, other.usage));
    settle("number of substitutes", either(&mut device.substitutes, other.substitutes));
    contradicted
}

fn add<T: Clone + PartialEq>(own: &mut Few<T>, others: &[T]) {
    for other in others {
        if !own.contains(other) {
            own.push(other.clone());
        }
    }
}

/// Takes the one that is known; where both are and differ, none, and says so.
fn either<T: PartialEq>(own: &mut Option<T>, other: Option<T>) -> bool {
    match (own.as_ref(), other) {
        (Some(known), Some(other)) if *known != other => {
            *own = None;
            true
        }
        (None, other) => {
            *own = other;
            false
        }
        _ => false,
    }
}
