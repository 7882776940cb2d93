//! What two devices have in common: one that differs from another by addresses alone, its own and
//! its peers', has the same proof, so a thousand pumps of a few models need a few proofs.
//!
//! That is sound, for to give other addresses, each another, turns each class of packets into
//! another, one to one, and nothing that judges can tell: plans, elements and chains compare
//! addresses with each other, with those that everybody has (of no one, of all) or that a chain
//! names, and ask whether they are link-local. So the last keep what they are, and a link-local
//! address gets another such. Refuses where that is not so: where the address that would stand for
//! another is named already, the device is like itself alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decisions::containment::passes::LINK_LOCAL;
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

/// The likeness of a group with its elements. Those `fixed` are what they are.
pub(super) fn of(group: &Group<'_>, sets: &Sets, fixed: &BTreeSet<Own>) -> Likeness {
    let plain: Vec<Plan> = group.plans.iter().map(|plan| meaning(plan)).collect();
    renamed(&plain, sets, fixed).unwrap_or_else(|| Likeness { plans: plain, sets: sets.clone() })
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

/// The addresses that stand for those that plans name, in the order in which they name them.
fn stand_ins(plans: &[Plan], fixed: &BTreeSet<Own>) -> Option<BTreeMap<Own, Own>> {
    let peers = plans.iter().flat_map(|plan| &plan.openings).map(|opening| of_ip(opening.peer));
    let mut all = BTreeMap::new();
    for named in plans.iter().flat_map(Own::of).chain(peers) {
        if !fixed.contains(&named) {
            let number = u16::try_from(all.len()).ok()?;
            all.entry(named).or_insert_with(|| stand_in(named, number));
        }
    }
    Some(all)
}

fn stand_in(named: Own, number: u16) -> Own {
    let [high, low] = number.to_be_bytes();
    match named {
        Own::Mac(_) => Own::Mac(of_mac(MacAddress([0x0A, 0xFD, 0, 0, high, low]))),
        Own::Ip4(_) => of_ip(IpAddr::from([198, 18, high, low])),
        Own::Ip6(address) => {
            let is_link_local = address >> 64 == u128::from(LINK_LOCAL);
            let [net, subnet] = if is_link_local { [0xFE80, 0] } else { [0x2001, 0xDB8] };
            of_ip(IpAddr::from([net, subnet, 0, 0, 0xFFFE, 0, 0, number]))
        }
    }
}

fn renamed(plans: &[Plan], sets: &Sets, fixed: &BTreeSet<Own>) -> Option<Likeness> {
    let names = stand_ins(plans, fixed)?;
    let mut others = fixed.clone();
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
    // What keeps its name must not meet what got another.
    if names.values().any(|stand_in| others.contains(stand_in)) {
        return None;
    }
    let plans = plans.iter().map(|plan| rename(plan, &names)).collect::<Option<Vec<Plan>>>()?;
    Some(Likeness { plans, sets: to })
}

fn rename(plan: &Plan, names: &BTreeMap<Own, Own>) -> Option<Plan> {
    let mut plan = plan.clone();
    for interface in &mut plan.interfaces {
        if let Some(mac) = names.get(&Own::Mac(of_mac(interface.mac))) {
            interface.mac = MacAddress(*mac.value().to_be_bytes().last_chunk::<6>()?);
        }
    }
    let own = plan.interfaces.iter_mut().flat_map(|interface| &mut interface.addresses);
    let peers = plan.openings.iter_mut().map(|opening| &mut opening.peer);
    for address in own.chain(peers) {
        *address = match names.get(&of_ip(*address)) {
            Some(Own::Ip4(value)) => IpAddr::from(u32::try_from(*value).ok()?.to_be_bytes()),
            Some(Own::Ip6(value)) => IpAddr::from(value.to_be_bytes()),
            Some(Own::Mac(_)) => return None,
            None => *address,
        };
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
pub(super) fn fixed(chains: &Chains) -> BTreeSet<Own> {
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
    named.chain(super::values::EVERYBODY.map(of_ip)).collect()
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

#[cfg(test)]
mod tests {
    use decisions::containment::plan::Plan;

    use super::super::super::compile::compile;
    use super::super::super::layout::Place;
    use super::super::super::tests::pump;
    use super::super::{groups, slice};
    use super::{Likeness, fixed, of};

    /// The pump's likeness, with addresses changed in the plan.
    fn like(changes: &[(&str, &str)]) -> Likeness {
        let mut plan: Plan = pump();
        let own = plan.interfaces.iter_mut().flat_map(|interface| &mut interface.addresses);
        for address in own.chain(plan.openings.iter_mut().map(|opening| &mut opening.peer)) {
            let change = changes.iter().find(|(from, _)| address.to_string() == *from);
            *address = change.map_or(*address, |(_, to)| to.parse().expect("an address"));
        }
        let rules = compile(Place::Bridge, std::slice::from_ref(&plan));
        let groups = groups(&[&plan]);
        let [group] = groups.as_slice() else { panic!("one device") };
        of(group, &slice(&rules.sets, &group.own), &fixed(&rules.chains))
    }

    #[test]
    fn devices_whose_addresses_differ_are_alike_and_no_others() {
        let pump = like(&[]);
        assert_eq!(like(&[("10.20.0.11", "10.99.0.1"), ("fd00::b", "fd99::1")]), pump);
        assert_eq!(like(&[("10.20.0.21", "10.99.0.21"), ("fd00::22", "fd99::22")]), pump);
        for other in [
            // Two peers are one, or a peer is the device itself, or everybody.
            ("10.20.0.21", "10.20.0.22"),
            ("10.20.0.21", "10.20.0.11"),
            ("10.20.0.22", "255.255.255.255"),
            ("fd00::25", "ff02::1:2"),
            // What is link-local could be a router.
            ("fd00::21", "fe80::21"),
            ("fd00::b", "fe80::b"),
            // Of another family.
            ("10.20.0.2", "fd00::2"),
        ] {
            assert_ne!(like(&[other]), pump, "{other:?}");
        }
        let net = [("fd00::b", "fe80::b")];
        assert_eq!(like(&net), like(&[("fd00::b", "fe80::c")]));
        // Where an address would stand for another that is named already.
        let met = like(&[("10.20.0.23", "198.18.0.1")]);
        assert_eq!(met, pump, "it gets another name itself");
    }
}
