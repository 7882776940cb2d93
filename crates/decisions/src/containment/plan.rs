//! A plan: everything that an enforcement point has to know, with no choice left.
//!
//! Refuses to be changed once made: another wish is another plan.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::Moment;
use domain::order::{Interface, Level, Opening, OrderId};

use super::essential::{Note, Openings};
use super::order::Order;
use super::refusal::Refusal;

/// What is to be enforced for one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The order that it carries out.
    pub order: OrderId,
    /// The device.
    pub device: DeviceId,
    /// How far it is cut off.
    pub level: Level,
    /// All of its interfaces; the plan is for all of them or none.
    pub interfaces: Vec<Interface>,
    /// What stays open. [`super::passes::passes`] says exactly what that means.
    pub openings: Vec<Opening>,
    /// Which version of the essential flows of its model it was made from; 0 where none.
    pub essential_version: u32,
    /// When it was made.
    pub made: Moment,
    /// When it has to be lifted, lowered or renewed. No enforcement point may lift it by itself at
    /// that moment: what is unanswered stays, and alarms.
    pub expires: Moment,
}

impl Plan {
    /// The level that decides who has to say yes: a plan that keeps nothing open for care is
    /// isolation, however it is called.
    pub fn answered_for_as(&self) -> Level {
        let cuts = matches!(self.level, Level::Restrict | Level::Contain);
        let keeps = self.openings.iter().any(|opening| opening.role != CareRole::Identity);
        if cuts && !keeps { Level::Isolate } else { self.level }
    }
}

/// A plan as it was made, and what whoever approves it has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The plan.
    pub plan: Plan,
    /// What to know.
    pub notes: Vec<Note>,
}

/// Makes the plan that carries out an order at the level of these openings.
///
/// Equal inputs give equal plans: interfaces and openings are sorted, and none stands there twice.
/// What would let the device reach a compromised peer is left out, and said: a flow to an attacker
/// does not serve the patient, whatever it is for.
pub fn make(
    order: &Order,
    interfaces: &[Interface],
    openings: &Openings,
    compromised: &BTreeSet<IpAddr>,
    now: Moment,
) -> Result<Made, Refusal> {
    if openings.level > order.level() {
        return Err(Refusal::AboveApproved);
    }
    let interfaces = merged(interfaces)?;
    let keeps = matches!(openings.level, Level::Restrict | Level::Contain);
    let mut notes: BTreeSet<Note> = openings.notes.iter().cloned().collect();
    let mut open = BTreeSet::new();
    for kept in openings.kept.iter().filter(|_| keeps) {
        if compromised.contains(&kept.opening.peer) {
            notes.insert(Note::PeerCompromised(kept.opening.clone()));
        } else {
            open.insert(kept.opening.clone());
        }
    }
    let plan = Plan {
        order: order.id(),
        device: order.device().clone(),
        level: openings.level,
        interfaces,
        openings: open.into_iter().collect(),
        essential_version: openings.version,
        made: now,
        expires: order.expires(now),
    };
    Ok(Made { plan, notes: notes.into_iter().collect() })
}

/// The interfaces by MAC address, each once, with every address that any of them names.
fn merged(interfaces: &[Interface]) -> Result<Vec<Interface>, Refusal> {
    let mut known: BTreeMap<MacAddress, BTreeSet<IpAddr>> = BTreeMap::new();
    for interface in interfaces {
        let shared = interface.addresses.iter().any(|address| is_shared(*address));
        if shared || is_group(interface.mac) {
            return Err(Refusal::BadInterface);
        }
        known.entry(interface.mac).or_default().extend(&interface.addresses);
    }
    if known.is_empty() {
        return Err(Refusal::NoInterfaces);
    }
    let known = known.into_iter();
    Ok(known
        .map(|(mac, addresses)| Interface { mac, addresses: addresses.into_iter().collect() })
        .collect())
}

/// Whether a MAC address is of a group (IEEE 802, its lowest bit), or nobody's: a rule for it would
/// cut off everybody.
fn is_group(mac: MacAddress) -> bool {
    let [first, ..] = mac.0;
    first & 1 == 1 || mac.0 == [0; 6]
}

/// Whether an IP address is of a group, or of whoever has no other.
fn is_shared(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    broadcast || address.is_multicast() || address.is_unspecified() || address.is_loopback()
}
