//! Where a device is: its `Location` and the ones that this is part of.
//!
//! Refuses to follow a location twice, for some are part of each other, and more than sixteen.

use domain::device::Device;
use domain::text::{SharedTexts, Text};

use super::References;
use super::concept;
use crate::json::Value;

/// How many locations are followed upwards.
const DEPTH: usize = 16;

/// Which field a location's physical type belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Room,
    Unit,
    Site,
    Unknown,
}

/// Puts a location and its parents into a device; `false` where the reference leads nowhere and
/// says nothing itself.
pub(super) fn put<'d>(
    device: &mut Device,
    reference: Value<'d>,
    within: Value<'d>,
    (references, texts): (&References<'d>, &mut SharedTexts),
) -> bool {
    let Some(mut location) = references.resolve(reference, within) else {
        let display = reference.get("display").and_then(Value::as_text);
        let known = display.is_some();
        if let Some(name) = display {
            set(device, Level::Unknown, &name, texts);
        }
        return known;
    };
    let mut organisation = None;
    let mut followed = Vec::new();
    while followed.len() < DEPTH && !followed.contains(&location.raw().as_ptr()) {
        followed.push(location.raw().as_ptr());
        if let Some(name) = location.get("name").and_then(Value::as_text) {
            set(device, level(location), &name, texts);
        }
        organisation = organisation
            .or_else(|| name(location.get("managingOrganization")?, within, references));
        let parent = location.get("partOf");
        let Some(parent) = parent.and_then(|part_of| references.resolve(part_of, within)) else {
            if let Some(display) = parent.and_then(|p| p.get("display")).and_then(Value::as_text) {
                set(device, Level::Unknown, &display, texts);
            }
            break;
        };
        location = parent;
    }
    if device.site.is_none() {
        device.site = organisation.map(|name| texts.share(&name));
    }
    true
}

/// The name of what a reference points to, or what the reference itself calls it.
pub(super) fn name<'d>(
    reference: Value<'d>,
    within: Value<'d>,
    references: &References<'d>,
) -> Option<Text> {
    let resolved = references.resolve(reference, within).and_then(|target| target.get("name"));
    let named = resolved.or_else(|| reference.get("display")).and_then(Value::as_text);
    named.map(|name| Text::from(name.trim())).filter(|name| !name.is_empty())
}

/// By the code system of physical types (R4 `physicalType`, R5 `form`).
fn level(location: Value<'_>) -> Level {
    let Some(form) = location.get("physicalType").or_else(|| location.get("form")) else {
        return Level::Unknown;
    };
    let levels = concept::codes(form).into_iter().map(|code| match code.as_str() {
        "ro" | "bd" => Level::Room,
        "wi" | "wa" | "lvl" | "co" | "area" => Level::Unit,
        "si" | "bu" | "jdn" => Level::Site,
        _ => Level::Unknown,
    });
    levels.into_iter().find(|level| *level != Level::Unknown).unwrap_or(Level::Unknown)
}

/// Puts a name on its level; one of unknown level goes to the first free one, from the room up.
/// What finds its place taken is kept beside.
fn set(device: &mut Device, level: Level, name: &str, texts: &mut SharedTexts) {
    let free = match level {
        Level::Room => [Some(&mut device.room), None, None],
        Level::Unit => [Some(&mut device.unit), None, None],
        Level::Site => [Some(&mut device.site), None, None],
        Level::Unknown => [Some(&mut device.room), Some(&mut device.unit), Some(&mut device.site)],
    };
    match free.into_iter().flatten().find(|slot| slot.is_none()) {
        Some(slot) => *slot = Some(texts.share(name)),
        None => device.other.push(texts.share("location"), name),
    }
}
