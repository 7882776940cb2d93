//! Who is on the network: devices from what was seen, each attribute with its evidence and how
//! sure it is.
//!
//! Refuses to merge two interfaces without a reason that it can name, and to take a relay for the
//! device that it speaks for. What was seen is the ground; the devices are a view made from it.

mod claim;
mod gather;
mod join;
mod kind;
mod makers;
mod view;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::device::MacAddress;
use domain::network::{Moment, Service};
use domain::order::Interface;
use domain::text::Text;

pub use claim::{Attribute, Claim, Confidence, Origin};
pub use join::{Join, JoinRule, RowIndex, Rows, join};
pub use kind::{Act, Kind};
pub use makers::maker;
pub use view::Reach;

/// Most addresses of which something is remembered.
pub const ADDRESSES: usize = 262_144;
/// Most bytes of claims, services and carriers of equipment ids that are remembered, over all.
pub const HELD_BYTES: usize = 128 << 20;
/// Most of them of one address, so that no device can take the room of all.
const KNOWN_BYTES: usize = 32 << 10;
/// Most services remembered of one address, claims of one attribute, carriers of one equipment id.
const EACH: usize = 64;

/// What was gathered of all devices.
#[derive(Debug, Default)]
pub struct Identities {
    /// Which hardware address speaks for an address: it said so itself (ARP, DHCP, ND).
    bound: BTreeMap<IpAddr, MacAddress>,
    /// From which hardware address the frames of an address came: its own, or its router's.
    framed: BTreeMap<IpAddr, MacAddress>,
    /// What is known by address.
    known: BTreeMap<IpAddr, Known>,
    /// What is known by hardware address, before there is an address.
    leased: BTreeMap<MacAddress, Known>,
    /// Which addresses were the first to carry an equipment id, and which passed it on.
    equipment: BTreeMap<Text, Carriers>,
    held: usize,
    not_held: u64,
    unheard: u64,
}

/// What is known of one address.
#[derive(Debug, Clone, Default)]
struct Known {
    claims: BTreeMap<(Attribute, Text), Claim>,
    offers: BTreeSet<Service>,
    acts: BTreeSet<Act>,
    seen: Option<(Moment, Moment)>,
    /// Bytes of claims and services.
    held: usize,
}

/// Who carried an equipment id.
#[derive(Debug, Clone, Default)]
struct Carriers {
    /// Sent it without having received it.
    began: BTreeSet<IpAddr>,
    /// Received it.
    received: BTreeSet<IpAddr>,
}

/// One device, as the network shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// Its interfaces with their addresses. Those known only behind a router are not here.
    pub interfaces: Vec<Interface>,
    /// Addresses whose hardware address is not known: they are behind a router.
    pub behind_router: Vec<IpAddr>,
    /// What it says of itself and others say of it, the surest first.
    pub claims: BTreeMap<Attribute, Vec<Claim>>,
    /// What it most likely is.
    pub kind: Option<(Kind, Claim)>,
    /// The services that it answered on.
    pub offers: BTreeSet<Service>,
    /// Why several interfaces are one device, a sentence each.
    pub merged: Vec<String>,
    /// The first and the last time that it was seen.
    pub seen: Option<(Moment, Moment)>,
}

impl Identified {
    /// Every address of it.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        let own = self.interfaces.iter().flat_map(|interface| interface.addresses.iter());
        own.chain(&self.behind_router).copied().collect()
    }

    /// The surest claim of an attribute.
    #[must_use]
    pub fn best(&self, attribute: Attribute) -> Option<&Claim> {
        self.claims.get(&attribute)?.first()
    }
}

/// Whether an address can be a device's own: not a group's, nobody's, or a broadcast in the usual
/// networks of 24 bits.
fn is_own(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(v4) if v4.octets()[3] == 255);
    let is_shared = address.is_multicast() || address.is_unspecified() || address.is_loopback();
    !is_broadcast && !is_shared
}
