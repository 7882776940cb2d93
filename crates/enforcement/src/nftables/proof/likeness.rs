//! What two devices have in common: one that differs from another by its own addresses alone has
//! the same proof, so a thousand pumps of a few models need a few proofs.
//!
//! That is sound, for to give a device other addresses turns each class of packets into another,
//! one to one, and nothing that judges can tell: a plan compares addresses only with its own, its
//! peers' and those that everybody has (of no one, of all), and so do the elements; the chains name
//! only the last. Refuses where that is not so: where an address of the device is a peer of it, or
//! is everybody's, or the address that would stand for it is named already, the device is like
//! itself alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decisions::containment::plan::Plan;
use domain::device::{DeviceId, MacAddress};
use domain::network::Moment;
use domain::order::OrderId;

use super::super::model::{Chains, Field, Sets, Values, number, of_mac};
use super::{Group, Own};

/// Plans and elements, with addresses that stand for the device's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Likeness {
    pub(super) plans: Vec<Plan>,
    pub(super) sets: Sets,
}

/// The likeness of a group with its elements.
pub(super) fn of(group: &Group<'_>, sets: &Sets, chains: &Chains) -> Likeness {
    let plain: Vec<Plan> = group.plans.iter().map(|plan| meaning(plan)).collect();
    renamed(&plain, sets, chains).unwrap_or_else(|| Likeness { plans: plain, sets: sets.clone() })
}

/// What of a plan decides which packets pass.
fn meaning(plan: &Plan) -> Plan {
    Plan {
        order: OrderId(0),
        device: DeviceId("".into()),
        essential_version: 0,
        made: Moment(0),
        expires: Moment(0),
        ..plan.clone()
    }
}

/// The addresses that stand for the device's own, in the order in which its plans name them.
fn stand_ins(plans: &[Plan]) -> Option<BTreeMap<Own, Own>> {
    let mut all = BTreeMap::new();
    for own in plans.iter().flat_map(Own::of) {
        let number = u8::try_from(all.len()).ok()?;
        all.entry(own).or_insert_with(|| match own {
            Own::Mac(_) => Own::Mac(of_mac(MacAddress([0x0A, 0xFD, 0, 0, 0, number]))),
            Own::Ip4(_) => Own::Ip4(super::number(IpAddr::from([198, 18, 0, number]))),
            Own::Ip6(_) => {
                let last = u16::from(number);
                Own::Ip6(super::number(IpAddr::from([0x2001, 0xDB8, 0xFFFE, 0, 0, 0, 0, last])))
            }
        });
    }
    Some(all)
}

fn renamed(plans: &[Plan], sets: &Sets, chains: &Chains) -> Option<Likeness> {
    let names = stand_ins(plans)?;
    let own: BTreeSet<Own> = names.keys().copied().collect();
    let stand_ins: BTreeSet<Own> = names.values().copied().collect();
    let peers = plans.iter().flat_map(|plan| &plan.openings).map(|opening| of_ip(opening.peer));
    let mut others: BTreeSet<Own> = peers.collect();
    others.extend(named(chains));
    let mut to = BTreeMap::new();
    for (name, elements) in sets {
        let mut changed = BTreeSet::new();
        for element in elements {
            let each = name.kinds().iter().zip(element).map(|(kind, value)| {
                let Some(address) = address(*kind, *value) else { return *value };
                match names.get(&address) {
                    Some(stand_in) => stand_in.value(),
                    None => {
                        others.insert(address);
                        *value
                    }
                }
            });
            changed.insert(each.collect());
        }
        to.insert(*name, changed);
    }
    if !others.is_disjoint(&own) || !others.is_disjoint(&stand_ins) {
        return None;
    }
    // Where an address is its own stand-in, so be it; where it is another's, they would meet.
    if own.intersection(&stand_ins).any(|both| names.get(both) != Some(both)) {
        return None;
    }
    let plans = plans.iter().map(|plan| rename(plan, &names)).collect::<Option<Vec<Plan>>>()?;
    Some(Likeness { plans, sets: to })
}

fn rename(plan: &Plan, names: &BTreeMap<Own, Own>) -> Option<Plan> {
    let mut plan = plan.clone();
    for interface in &mut plan.interfaces {
        let mac = names.get(&Own::Mac(of_mac(interface.mac)))?.value().to_be_bytes();
        interface.mac = MacAddress(*mac.last_chunk::<6>()?);
        for address in &mut interface.addresses {
            *address = match names.get(&of_ip(*address))? {
                Own::Ip4(value) => IpAddr::from(u32::try_from(*value).ok()?.to_be_bytes()),
                Own::Ip6(value) | Own::Mac(value) => IpAddr::from(value.to_be_bytes()),
            };
        }
    }
    Some(plan)
}

fn of_ip(address: IpAddr) -> Own {
    if address.is_ipv4() { Own::Ip4(number(address)) } else { Own::Ip6(number(address)) }
}

/// The address that a value is, where it is one.
fn address(kind: Field, value: u128) -> Option<Own> {
    use Field as F;
    match kind {
        F::EtherSource | F::EtherDestination => Some(Own::Mac(value)),
        F::ArpSender
        | F::ArpTarget
        | F::Ip4Source
        | F::Ip4Destination
        | F::Quote4Source
        | F::Quote4Destination => Some(Own::Ip4(value)),
        F::Ip6Source
        | F::Ip6Destination
        | F::DiscoveryTarget
        | F::Quote6Source
        | F::Quote6Destination => Some(Own::Ip6(value)),
        _ => None,
    }
}

/// Every address that chains name, and those that plans know without naming them.
fn named(chains: &Chains) -> impl Iterator<Item = Own> {
    let conditions = chains.values().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.matches);
    let listed = conditions.filter_map(|condition| match &condition.values {
        Values::Listed(listed) => Some((&condition.fields, listed)),
        Values::Named(_) => None,
    });
    let named = listed.flat_map(|(fields, listed)| {
        listed.iter().flat_map(move |values| {
            fields.iter().zip(values).filter_map(|(field, value)| address(*field, *value))
        })
    });
    named.chain(super::values::EVERYBODY.map(of_ip))
}

/// Most likenesses that are remembered.
const REMEMBERED: usize = 10_000;

/// What was proved already, by likeness: how many classes that were.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<Sets, Vec<(Vec<Plan>, usize)>>);

impl Known {
    pub(super) fn classes(&self, like: &Likeness) -> Option<usize> {
        let known = self.0.get(&like.sets)?.iter().find(|(plans, _)| *plans == like.plans);
        known.map(|(_, classes)| *classes)
    }

    pub(super) fn learn(&mut self, like: Likeness, classes: usize) {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.entry(like.sets).or_default().push((like.plans, classes));
    }
}
