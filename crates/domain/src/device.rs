//! A device: one unit on a ward, and what is known of its place in care.

mod few;
mod others;

use std::fmt;
use std::net::IpAddr;

use crate::date::Date;
use crate::location::Location;
use crate::release::ReleaseKey;
use crate::text::{Shared, Text};

pub use few::Few;
pub use others::Others;

/// A device's id in the hospital's own inventory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(pub Text);

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a failure of the device does to its patient.
///
/// Ordered from the least to the most critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Criticality {
    /// Serves the hospital, not a patient: a label printer, a gateway's spare.
    Support,
    /// Yields findings: a CT, an analyser.
    Diagnostic,
    /// Watches a patient and alarms: a bedside monitor.
    Monitoring,
    /// Treats a patient: an infusion pump, a linear accelerator.
    Therapy,
    /// Keeps a patient alive: a ventilator, a heart-lung machine.
    LifeSustaining,
}

impl Criticality {
    /// Every criticality, from the least to the most.
    pub const ALL: [Self; 5] =
        [Self::Support, Self::Diagnostic, Self::Monitoring, Self::Therapy, Self::LifeSustaining];

    /// As inventories and outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Diagnostic => "diagnostic",
            Self::Monitoring => "monitoring",
            Self::Therapy => "therapy",
            Self::LifeSustaining => "life-sustaining",
        }
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// Whether a patient depends on the device now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Use {
    /// On a patient, or in clinical operation.
    InUse,
    /// In store, in repair, retired.
    NotInUse,
}

/// A MAC address (EUI-48).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// Reads `00:1A:2B:3C:4D:5E`, with `-`, `.` or nothing for the colons, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut octets = [0_u8; 6];
        let mut digits = 0_usize;
        for c in text.trim().chars() {
            if matches!(c, ':' | '-' | '.') {
                continue;
            }
            let digit = u8::try_from(c.to_digit(16)?).ok()?;
            let octet = octets.get_mut(digits / 2)?;
            *octet = (*octet << 4) | digit;
            digits += 1;
        }
        (digits == 12).then_some(Self(octets))
    }
}

impl MacAddress {
    /// Whether its user or a program made it up, and nobody registered it (IEEE 802, section 8.4:
    /// the U/L bit): virtual machines, phones that hide themselves, and forgers do.
    #[must_use]
    pub fn is_local(self) -> bool {
        let Self([first, ..]) = self;
        first & 2 != 0
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, octet) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { ":" };
            write!(f, "{separator}{octet:02x}")?;
        }
        Ok(())
    }
}

/// One unit, as the hospital's inventory has it. What the inventory does not say is `None` or
/// empty: unknown, never "no".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// The hospital's own id; a serial number where it has none.
    pub id: Option<DeviceId>,
    /// Who made it, as written.
    pub manufacturer: Option<Shared>,
    /// Its model, as written.
    pub model: Option<Shared>,
    /// Its software version, as written.
    pub version: Option<Shared>,
    /// The maker's serial number.
    pub serial: Option<Text>,
    /// The device-identifier part of its UDI.
    pub udi_di: Option<Shared>,
    /// Its operating system, as written.
    pub operating_system: Option<Shared>,
    /// All of its MAC addresses.
    pub macs: Few<MacAddress>,
    /// All of its IP addresses.
    pub ips: Few<IpAddr>,
    /// Site, building or campus.
    pub site: Option<Shared>,
    /// Unit, ward or department.
    pub unit: Option<Shared>,
    /// Room or bed.
    pub room: Option<Shared>,
    /// The care service that it serves: "intensive care", "radiology".
    pub care_service: Option<Shared>,
    /// What its failure does to a patient.
    pub criticality: Option<Criticality>,
    /// Whether a patient depends on it now.
    pub usage: Option<Use>,
    /// How many units at hand could take its place.
    pub substitutes: Option<u32>,
    /// Who answers for it.
    pub owner: Option<Shared>,
    /// The day its maker's support ends.
    pub end_of_support: Option<Date>,
    /// Every other column: kept, not lost.
    pub other: Others,
    /// Where it stood.
    pub at: Location,
}

// An inventory has a row of some hundred bytes for each.
const _: () = assert!(size_of::<Device>() <= 240);

impl Device {
    /// The release that it runs, where manufacturer and model are known.
    #[must_use]
    pub fn release(&self) -> Option<ReleaseKey> {
        ReleaseKey::new(
            self.manufacturer.as_deref()?,
            self.model.as_deref()?,
            self.version.as_deref().unwrap_or_default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::MacAddress;

    #[test]
    fn a_mac_address_is_read_in_every_usual_form() {
        for text in ["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e", "001A2B3C4D5E"] {
            let address = MacAddress::parse(text).expect(text);
            assert_eq!(address.to_string(), "00:1a:2b:3c:4d:5e");
        }
    }

    #[test]
    fn an_address_says_whether_it_was_made_up() {
        let is_local = |text: &str| MacAddress::parse(text).expect(text).is_local();
        assert!(is_local("52:54:00:12:34:56") && !is_local("00:1a:2b:3c:4d:5e"));
    }

    #[test]
    fn what_is_not_twelve_hexadecimal_digits_is_no_mac_address() {
        for text in ["", "00:1a:2b:3c:4d", "00:1a:2b:3c:4d:5e:6f", "zz:1a:2b:3c:4d:5e"] {
            assert_eq!(MacAddress::parse(text), None, "{text}");
        }
    }
}
