//! A device on the wire and a row of the inventory: the same one, and why.
//!
//! Refuses to choose where two rows fit equally: both are told.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use domain::device::{Device, MacAddress};

use super::claim::named;
use super::{Attribute, Identified};

named! {
    /// By what a device was found in the inventory, the surest first.
    JoinRule:
    Mac "its hardware address" "The inventory has one of its hardware addresses.";
    EquipmentMac "the hardware address in its equipment id" "Its equipment id is an EUI-64 made of a hardware address that the inventory has.";
    Serial "its serial number" "Its equipment id holds the serial number of the row.";
    Address "its address" "The inventory has one of its addresses.";
    Name "its name" "It calls itself by the row's id or serial number.";
}

/// A row that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join<'d> {
    /// The row.
    pub device: &'d Device,
    /// By what.
    pub rule: JoinRule,
    /// Other rows that another rule points to: the inventory contradicts itself, or the wire.
    pub against: Vec<(&'d Device, JoinRule)>,
}

/// Finds the row of a device. The surest rule decides; rows that other rules point to are told.
#[must_use]
pub fn join<'d>(
    seen: &Identified,
    inventory: impl Iterator<Item = &'d Device>,
) -> Option<Join<'d>> {
    let surest = |device: &Device| JoinRule::ALL.iter().find(|rule| fit(**rule, seen, device));
    let mut fits: Vec<(&Device, JoinRule)> =
        inventory.filter_map(|device| surest(device).map(|rule| (device, *rule))).collect();
    fits.sort_by_key(|(_, rule)| *rule);
    let mut fits = fits.into_iter();
    let (device, rule) = fits.next()?;
    Some(Join { device, rule, against: fits.collect() })
}

/// An inventory by every sign that a device can be found by, so that a hospital of many devices and
/// many rows is joined without comparing each with each. It knows the rows by their places.
#[derive(Debug, Default)]
pub struct RowIndex {
    by_sign: HashMap<Sign, Vec<usize>>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Sign {
    Mac(MacAddress),
    Address(IpAddr),
    /// A serial number or an id, in small letters.
    Name(String),
}

impl RowIndex {
    /// The index of these rows.
    #[must_use]
    pub fn of<'d>(rows: impl IntoIterator<Item = &'d Device>) -> Self {
        let mut by_sign: HashMap<Sign, Vec<usize>> = HashMap::new();
        for (place, row) in rows.into_iter().enumerate() {
            let names = [row.id.as_ref().map(|id| id.0.as_str()), row.serial.as_deref()];
            let names = names.into_iter().flatten().map(sign_of);
            let macs = row.macs.iter().map(|mac| Sign::Mac(*mac));
            for sign in macs.chain(row.ips.iter().map(|ip| Sign::Address(*ip))).chain(names) {
                by_sign.entry(sign).or_default().push(place);
            }
        }
        Self { by_sign }
    }

    /// The places of every row that [`join`] could find for a device.
    #[must_use]
    pub fn candidates(&self, seen: &Identified) -> BTreeSet<usize> {
        let macs = seen.interfaces.iter().map(|interface| Sign::Mac(interface.mac));
        let addresses = seen.addresses().into_iter().map(Sign::Address);
        let said = |attribute| seen.claims.get(&attribute).into_iter().flatten();
        let equipment = || said(Attribute::Equipment).map(|claim| claim.value.as_str());
        let own = equipment().filter_map(eui64).map(Sign::Mac);
        let parts = equipment().flat_map(parts).map(sign_of);
        let names = said(Attribute::HostName).map(|claim| sign_of(first_label(&claim.value)));
        let signs = macs.chain(addresses).chain(own).chain(parts).chain(names);
        signs.filter_map(|sign| self.by_sign.get(&sign)).flatten().copied().collect()
    }
}

/// The rows of an inventory with their index.
#[derive(Debug, Default)]
pub struct Rows<'d> {
    rows: Vec<&'d Device>,
    index: RowIndex,
}

impl<'d> Rows<'d> {
    /// All rows.
    #[must_use]
    pub fn new(rows: &[&'d Device]) -> Self {
        Self { rows: rows.to_vec(), index: RowIndex::of(rows.iter().copied()) }
    }

    /// Finds the row of a device, as [`join`] does among all.
    #[must_use]
    pub fn find(&self, seen: &Identified) -> Option<Join<'d>> {
        let places = self.index.candidates(seen).into_iter();
        join(seen, places.filter_map(|place| self.rows.get(place).copied()))
    }
}

fn sign_of(name: &str) -> Sign {
    Sign::Name(name.to_ascii_lowercase())
}

fn first_label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn parts(id: &str) -> impl Iterator<Item = &str> {
    id.split(['^', '~', '&']).map(str::trim)
}

fn fit(rule: JoinRule, seen: &Identified, device: &Device) -> bool {
    let says = |attribute, test: &dyn Fn(&str) -> bool| {
        seen.claims.get(&attribute).is_some_and(|claims| claims.iter().any(|c| test(&c.value)))
    };
    match rule {
        JoinRule::Mac => {
            seen.interfaces.iter().any(|interface| device.macs.contains(&interface.mac))
        }
        JoinRule::EquipmentMac => says(Attribute::Equipment, &|id| {
            eui64(id).is_some_and(|mac| device.macs.contains(&mac))
        }),
        JoinRule::Serial => device.serial.as_deref().is_some_and(|serial| {
            serial.len() >= 4 && says(Attribute::Equipment, &|id| has_part(id, serial))
        }),
        JoinRule::Address => seen.addresses().iter().any(|ip| device.ips.contains(ip)),
        JoinRule::Name => says(Attribute::HostName, &|name| {
            let name = first_label(name);
            let id = device.id.as_ref().map(|id| id.0.as_str());
            [id, device.serial.as_deref()]
                .into_iter()
                .flatten()
                .any(|own| own.len() >= 4 && own.eq_ignore_ascii_case(name))
        }),
    }
}

fn has_part(id: &str, serial: &str) -> bool {
    parts(id).any(|part| part.eq_ignore_ascii_case(serial))
}

/// The hardware address within an EUI-64 (IEEE: `FF FE` in the middle), as OBX-18 carries it:
/// `0009FBFFFE012345^PUMP^0009FB^EUI-64`.
pub(super) fn eui64(id: &str) -> Option<MacAddress> {
    let first = id.split('^').next()?;
    let digits: Vec<u32> = first
        .chars()
        .filter(|c| !matches!(c, ':' | '-'))
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let octets: Vec<u8> = digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let (maker, own) = octets.split_at_checked(3)?;
    let own = own.strip_prefix(&[0xFF, 0xFE])?;
    [maker, own].concat().try_into().ok().map(MacAddress)
}
