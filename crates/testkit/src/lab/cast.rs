//! The cast: who is in the hospital, with the addresses that its people gave them.
//!
//! Hardware addresses begin as their makers' do (IEEE's registry); the models are invented, for
//! nothing that happens to them here happened to a real one. Refuses to know what they do.

use std::net::{IpAddr, Ipv4Addr};

/// How a machine gets its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// It asks by DHCP.
    Leased,
    /// Somebody wrote it down.
    Static,
}

/// A machine on the switch.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    /// Its name in the lab and in the hospital's DNS.
    pub name: &'static str,
    /// The last number of its address; its port on the switch is called `p` and that.
    pub last: u8,
    /// Its hardware address.
    pub mac: [u8; 6],
    /// How it gets its address.
    pub addressing: Addressing,
    /// What `observe` has to find that it is; `None` where it does nothing by which to tell.
    pub kind: Option<&'static str>,
    /// Its row in the inventory, if it is a medical device.
    pub asset: Option<Asset>,
}

/// What the inventory says of a medical device.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Asset tag.
    pub id: &'static str,
    /// Maker.
    pub maker: &'static str,
    /// Model.
    pub model: &'static str,
    /// Software version.
    pub version: &'static str,
    /// What its failure does to a patient, in the words of an inventory.
    pub criticality: &'static str,
    /// Where it is.
    pub unit: &'static str,
}

impl Machine {
    /// Its address.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 20, 0, self.last)
    }

    /// Its address, of either family.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.address().into()
    }

    /// Its port on the switch.
    #[must_use]
    pub fn port(&self) -> String {
        format!("p{}", self.last)
    }

    /// Its hardware address as text.
    #[must_use]
    pub fn mac_text(&self) -> String {
        self.mac.map(|octet| format!("{octet:02x}")).join(":")
    }

    /// The id that its measurements carry: an EUI-64 of its hardware address (IEEE: `FFFE` in the
    /// middle), as IHE PCD writes it into OBX-18.
    #[must_use]
    pub fn equipment(&self) -> String {
        let digits = self.mac.map(|octet| format!("{octet:02X}"));
        let (maker, own) = digits.split_at(3);
        format!("{}FFFE{}", maker.concat(), own.concat())
    }
}

const SERVER: [u8; 3] = [0x00, 0x50, 0x56];
const PUMPS: [u8; 3] = [0x00, 0x03, 0xB1];
const MONITORS: [u8; 3] = [0x00, 0x09, 0xFB];
const COMPUTERS: [u8; 3] = [0x00, 0x14, 0x22];

const fn machine(
    (name, last): (&'static str, u8),
    [a, b, c]: [u8; 3],
    kind: Option<&'static str>,
) -> Machine {
    let mac = [a, b, c, 0x20, 0x00, last];
    Machine { name, last, mac, addressing: Addressing::Static, kind, asset: None }
}

const fn device(of: Machine, asset: Asset, addressing: Addressing) -> Machine {
    Machine { asset: Some(asset), addressing, ..of }
}

const fn pump(id: &'static str) -> Asset {
    Asset {
        id,
        maker: "Lab Infusion",
        model: "Constant 4",
        version: "4.1.0",
        criticality: "life-sustaining",
        unit: "Intensive Care",
    }
}

const MONITOR: Asset = Asset {
    id: "MON-ICU-03",
    maker: "Lab Vitals",
    model: "Bedside 8",
    version: "2.7",
    criticality: "monitoring",
    unit: "Intensive Care",
};

const CT: Asset = Asset {
    id: "CT-RAD-01",
    maker: "Lab Imaging",
    model: "Slice 64",
    version: "12.0",
    criticality: "diagnostic",
    unit: "Radiology",
};

const ULTRASOUND: Asset = Asset {
    id: "US-CAR-01",
    maker: "Lab Imaging",
    model: "Echo 7",
    version: "3.2",
    criticality: "diagnostic",
    unit: "Cardiology",
};

/// Everybody, in the order of their addresses.
pub const CAST: [Machine; 15] = [
    machine(("router", 1), SERVER, None),
    machine(("infra", 2), SERVER, Some("network server")),
    device(
        machine(("pump-1", 11), PUMPS, Some("infusion pump")),
        pump("PUMP-ICU-01"),
        Addressing::Leased,
    ),
    device(
        machine(("pump-2", 12), PUMPS, Some("infusion pump")),
        pump("PUMP-ICU-02"),
        Addressing::Leased,
    ),
    device(
        machine(("monitor", 13), MONITORS, Some("patient monitor")),
        MONITOR,
        Addressing::Leased,
    ),
    device(machine(("ct", 14), COMPUTERS, Some("imaging modality")), CT, Addressing::Static),
    device(
        machine(("ultrasound", 15), COMPUTERS, Some("imaging modality")),
        ULTRASOUND,
        Addressing::Static,
    ),
    machine(("gateway", 21), SERVER, Some("integration gateway")),
    machine(("central", 22), SERVER, Some("clinical system")),
    machine(("ehr", 31), SERVER, Some("clinical system")),
    machine(("pacs", 32), SERVER, Some("image archive")),
    machine(("library", 33), SERVER, Some("library server")),
    machine(("files", 34), SERVER, Some("file server")),
    machine(("workstation", 51), COMPUTERS, None),
    machine(("workstation-2", 52), COMPUTERS, None),
];

/// The switch: the bridge with a port for each machine is in its namespace.
pub const SWITCH: &str = "switch";
/// Beyond the router: the maker's support, and the attacker's own server.
pub const OUTSIDE: &str = "outside";
/// The maker's support (TEST-NET-2, RFC 5737).
pub const VENDOR: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 20);
/// The attacker's server (TEST-NET-3, RFC 5737).
pub const BEACON: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 66);
/// As the attacker's server is called in the scene; the hospital has no name for it.
pub const MASTER: &str = "beacon";
/// The hospital's domain (RFC 2606).
pub const DOMAIN: &str = "saint-brigid.example";

/// HL7 at the gateway and the central station.
pub const MLLP: u16 = 6661;
/// HTTP of the drug library, the record, and the makers' services outside.
pub const HTTP: u16 = 80;
/// DICOM at the archive.
pub const DICOM: u16 = 4242;
/// The archive's REST interface.
pub const REST: u16 = 8042;

/// The address of a machine of the cast, or of the attacker's server.
///
/// # Panics
/// Where nobody has that name.
#[must_use]
pub fn address_of(name: &str) -> Ipv4Addr {
    if name == MASTER { BEACON } else { machine_of(name).address() }
}

/// A machine of the cast.
///
/// # Panics
/// Where nobody has that name: the cast is written down above.
#[must_use]
pub fn machine_of(name: &str) -> &'static Machine {
    CAST.iter().find(|machine| machine.name == name).expect("invariant: a name of the cast")
}
