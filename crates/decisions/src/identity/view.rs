//! The devices that what was gathered makes.
//!
//! Refuses to join by likeness: two addresses are one device where one hardware address speaks for
//! both, or where both are the first to carry one equipment id.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::device::MacAddress;
use domain::order::Interface;

use super::{
    Attribute, Claim, Confidence, Identified, Identities, Kind, Known, Origin, kind, makers::maker,
};

/// More addresses of one family than this behind a hardware address, none of which it claimed
/// itself, and it is a router's.
const OWN_BY_FRAMES: usize = 1;

impl Identities {
    /// The devices, by their first address.
    #[must_use]
    pub fn devices(&self) -> Vec<Identified> {
        let macs = self.macs();
        let mut groups: BTreeMap<Holder, Group> = BTreeMap::new();
        for (address, known) in &self.known {
            let holder =
                macs.get(address).map_or(Holder::Address(*address), |mac| Holder::Mac(*mac));
            groups.entry(holder).or_default().add(*address, known);
        }
        for (mac, known) in &self.leased {
            groups.entry(Holder::Mac(*mac)).or_default().known.absorb(known);
        }
        let mut devices = self.merge(groups);
        devices.sort_by_key(|device| device.addresses().first().copied());
        devices
    }

    /// What whoever has an address most likely is.
    #[must_use]
    pub fn kind(&self, address: IpAddr) -> Option<Kind> {
        let mut known = self.known.get(&address)?.clone();
        if let Some(leased) = self.bound.get(&address).and_then(|mac| self.leased.get(mac)) {
            known.absorb(leased);
        }
        kind::of(&known).map(|(kind, _)| kind)
    }

    /// How addresses are reached from their segment.
    #[must_use]
    pub fn reach(&self, addresses: impl IntoIterator<Item = IpAddr>) -> Vec<(IpAddr, Reach)> {
        let own = self.macs();
        let reach = |address: IpAddr| {
            if own.contains_key(&address) {
                return Reach::Directly;
            }
            let mac = self.framed.get(&address);
            let router = self.bound.iter().find(|(_, bound)| Some(*bound) == mac);
            router.map_or(Reach::Unknown, |(router, _)| Reach::By(*router))
        };
        addresses.into_iter().map(|address| (address, reach(address))).collect()
    }

    /// The hardware address of each address, where it is its own.
    fn macs(&self) -> BTreeMap<IpAddr, MacAddress> {
        let mut behind: BTreeMap<(MacAddress, bool), usize> = BTreeMap::new();
        for (address, mac) in &self.framed {
            *behind.entry((*mac, address.is_ipv4())).or_default() += 1;
        }
        // Whoever speaks for an address of a family speaks for all that it has. What else comes
        // from it, it passes on: a router with one machine behind it.
        let speaks: BTreeSet<(MacAddress, bool)> =
            self.bound.iter().map(|(address, mac)| (*mac, address.is_ipv4())).collect();
        let own = self.framed.iter().filter(|(address, mac)| {
            let key = (**mac, address.is_ipv4());
            !speaks.contains(&key) && behind.get(&key).copied().unwrap_or(0) <= OWN_BY_FRAMES
        });
        let mut macs: BTreeMap<IpAddr, MacAddress> = own.map(|(ip, mac)| (*ip, *mac)).collect();
        macs.extend(self.bound.iter().map(|(address, mac)| (*address, *mac)));
        macs
    }

    /// Joins what carries one equipment id from its beginning.
    fn merge(&self, groups: BTreeMap<Holder, Group>) -> Vec<Identified> {
        let mut joined: BTreeMap<Holder, Holder> = BTreeMap::new();
        let mut why: BTreeMap<Holder, Vec<String>> = BTreeMap::new();
        let of: BTreeMap<IpAddr, Holder> = groups
            .iter()
            .flat_map(|(holder, group)| group.addresses.iter().map(|address| (*address, *holder)))
            .collect();
        for (id, carriers) in &self.equipment {
            let began = carriers.began.difference(&carriers.received);
            let holders: BTreeSet<Holder> = began.filter_map(|ip| of.get(ip)).copied().collect();
            let mut holders = holders.into_iter();
            let Some(first) = holders.next().map(|holder| root(&joined, holder)) else { continue };
            for other in holders.map(|holder| root(&joined, holder)).collect::<Vec<_>>() {
                if other != first {
                    joined.insert(other, first);
                    let reason = format!("both begin messages of the equipment `{id}`");
                    why.entry(first).or_default().push(reason);
                }
            }
        }
        let mut devices: BTreeMap<Holder, (Vec<Part>, Known)> = BTreeMap::new();
        for (holder, group) in groups {
            let (parts, known) = devices.entry(root(&joined, holder)).or_default();
            known.absorb(&group.known);
            parts.push((holder, group.addresses));
        }
        devices
            .into_iter()
            .map(|(holder, (parts, known))| {
                identified(parts, &known, why.remove(&holder).unwrap_or_default())
            })
            .collect()
    }
}

/// How an address is reached from a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is on the segment itself.
    Directly,
    /// By this router.
    By(IpAddr),
    /// By a router whose own address was not seen, or not at all.
    Unknown,
}

/// A holder, and the addresses that it holds.
type Part = (Holder, BTreeSet<IpAddr>);

/// Who holds addresses: a hardware address, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Mac(MacAddress),
    Address(IpAddr),
}

fn root(joined: &BTreeMap<Holder, Holder>, holder: Holder) -> Holder {
    let mut root = holder;
    while let Some(next) = joined.get(&root) {
        root = *next;
    }
    root
}

#[derive(Debug, Default)]
struct Group {
    addresses: BTreeSet<IpAddr>,
    known: Known,
}

impl Group {
    fn add(&mut self, address: IpAddr, known: &Known) {
        self.addresses.insert(address);
        self.known.absorb(known);
    }
}

impl Known {
    fn absorb(&mut self, other: &Self) {
        for (key, claim) in &other.claims {
            let held = self
                .claims
                .entry(key.clone())
                .or_insert_with(|| Claim { times: 0, ..claim.clone() });
            held.times += claim.times;
            held.confidence = held.confidence.max(claim.confidence);
            held.seen = (held.seen.0.min(claim.seen.0), held.seen.1.max(claim.seen.1));
        }
        self.offers.extend(&other.offers);
        self.acts.extend(&other.acts);
        self.seen = match (self.seen, other.seen) {
            (Some(own), Some(other)) => Some((own.0.min(other.0), own.1.max(other.1))),
            (own, other) => own.or(other),
        };
    }
}

/// Who made a device's interface: a weak sign, for cards are built into others' devices.
fn made(mac: MacAddress, known: &Known) -> Option<Claim> {
    let (name, evidence) = maker(mac)?;
    let (origin, confidence) = (Origin::Registry, Confidence::Weak);
    let seen = known.seen.unwrap_or_default();
    Some(Claim { value: name.into(), origin, confidence, evidence, times: 1, seen })
}

fn identified(parts: Vec<Part>, known: &Known, merged: Vec<String>) -> Identified {
    let mut claims: BTreeMap<Attribute, Vec<Claim>> = BTreeMap::new();
    for ((attribute, _), claim) in &known.claims {
        claims.entry(*attribute).or_default().push(claim.clone());
    }
    for values in claims.values_mut() {
        values.sort_by_key(|claim| std::cmp::Reverse((claim.confidence, claim.times)));
    }
    let mut interfaces = Vec::new();
    let mut behind_router = Vec::new();
    for (holder, addresses) in parts {
        match holder {
            Holder::Mac(mac) => {
                if let Some(made) = made(mac, known) {
                    claims.entry(Attribute::Maker).or_default().push(made);
                }
                interfaces.push(Interface { mac, addresses: addresses.into_iter().collect() });
            }
            Holder::Address(address) => behind_router.push(address),
        }
    }
    Identified {
        interfaces,
        behind_router,
        claims,
        kind: kind::of(known),
        offers: known.offers.clone(),
        merged,
        seen: known.seen,
    }
}
