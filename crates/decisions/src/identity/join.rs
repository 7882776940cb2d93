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

/// An inventory by what its rows can be found by, so that a device need not be held beside all.
#[derive(Debug, Default)]
pub struct RowIndex {
    macs: HashMap<MacAddress, Vec<usize>>,
    addresses: HashMap<IpAddr, Vec<usize>>,
    names: HashMap<String, Vec<usize>>,
}

impl RowIndex {
    /// The index of these rows, by their places.
    #[must_use]
    pub fn of<'d>(rows: impl IntoIterator<Item = &'d Device>) -> Self {
        let mut index = Self::default();
        for (place, row) in rows.into_iter().enumerate() {
            for mac in &row.macs {
                index.macs.entry(*mac).or_default().push(place);
            }
            for address in &row.ips {
                index.addresses.entry(*address).or_default().push(place);
            }
            let id = row.id.as_ref().map(|id| id.0.as_str());
            for name in [id, row.serial.as_deref()].into_iter().flatten() {
                index.names.entry(name.to_lowercase()).or_default().push(place);
            }
        }
        index
    }

    /// The places of every row that [`join`] could find for a device.
    #[must_use]
    pub fn candidates(&self, seen: &Identified) -> BTreeSet<usize> {
        let mut places = BTreeSet::new();
        let claimed = |attribute| seen.claims.get(&attribute).into_iter().flatten();
        let told = claimed(Attribute::Equipment).filter_map(|claim| eui64(&claim.value));
        for mac in seen.interfaces.iter().map(|interface| interface.mac).chain(told) {
            places.extend(self.macs.get(&mac).into_iter().flatten());
        }
        for address in seen.addresses() {
            places.extend(self.addresses.get(&address).into_iter().flatten());
        }
        let parts = claimed(Attribute::Equipment).flat_map(|claim| claim.value.split(PARTS));
        let hosts = claimed(Attribute::HostName).filter_map(|claim| claim.value.split('.').next());
        for name in parts.map(str::trim).chain(hosts) {
            places.extend(self.names.get(&name.to_lowercase()).into_iter().flatten());
        }
        places
    }
}

/// What parts an equipment id.
const PARTS: [char; 3] = ['^', '~', '&'];

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
            let name = name.split('.').next().unwrap_or(name);
            let id = device.id.as_ref().map(|id| id.0.as_str());
            [id, device.serial.as_deref()]
                .into_iter()
                .flatten()
                .any(|own| own.len() >= 4 && own.eq_ignore_ascii_case(name))
        }),
    }
}

fn has_part(id: &str, serial: &str) -> bool {
    id.split(PARTS).any(|part| part.trim().eq_ignore_ascii_case(serial))
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
