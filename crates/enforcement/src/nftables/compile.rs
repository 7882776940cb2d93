//! From plans to rules: the chains of the place, and for each address of a device the elements that
//! say what is open for it.
//!
//! Refuses to choose between two plans for one address: what both let pass passes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decisions::containment::passes::{DHCP_SERVER, DHCP6_SERVER, LINK_LOCAL};
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::network::{Service, Transport};
use domain::order::{Level, Side};

use super::chains::chains;
use super::layout::{Name, Place};
use super::model::{Chains, Elements, Ruleset, Values, number, of_mac, protocol};

/// Compiles plans; without any, nothing stands in the table.
pub(super) fn compile(place: Place, plans: &[Plan]) -> Ruleset {
    let mut rules = Ruleset::default();
    let plans: Vec<&Plan> = plans.iter().filter(|plan| plan.level != Level::Watch).collect();
    if plans.is_empty() {
        return rules;
    }
    rules.chains = chains(place);
    rules.sets = named(&rules.chains).into_iter().map(|name| (name, Elements::new())).collect();
    // Two orders for one device stand beside each other, so that an address may have two plans.
    let mut by_key: BTreeMap<Key, Vec<&Plan>> = BTreeMap::new();
    for plan in plans {
        for interface in &plan.interfaces {
            by_key.entry(Key::Mac(of_mac(interface.mac))).or_default().push(plan);
            for address in &interface.addresses {
                by_key.entry(Key::Ip(*address)).or_default().push(plan);
            }
        }
    }
    for (key, plans) in by_key {
        let (all, value) = match key {
            Key::Mac(mac) => ("macs", mac),
            Key::Ip(ip) => (if ip.is_ipv4() { "ip4s" } else { "ip6s" }, number(ip)),
        };
        let mut each = plans.iter().map(|plan| Open::of(plan, key));
        let mut open = each.next().unwrap_or_default();
        for other in each {
            open.0.retain(|element| other.0.contains(element));
        }
        open.put(all, [value]);
        for (name, element) in open.0 {
            // A set that no rule of this place looks at is not there.
            if let Some(set) = rules.sets.get_mut(&name) {
                set.insert(element);
            }
        }
    }
    rules
}

/// The sets that rules look at.
pub(super) fn named(chains: &Chains) -> BTreeSet<Name> {
    let rules = chains.values().flat_map(|chain| &chain.rules);
    let named = rules.flat_map(|rule| &rule.matches).filter_map(|m| match m.values {
        Values::Named(name) => Some(name),
        Values::Listed(_) => None,
    });
    named.collect()
}

/// By what a device is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Mac(u128),
    Ip(IpAddr),
}

/// What one plan opens for one address.
#[derive(Debug, Default)]
struct Open(BTreeSet<(Name, Vec<u128>)>);

impl Open {
    fn of(plan: &Plan, key: Key) -> Self {
        let mut open = Self::default();
        if plan.level != Level::Isolate {
            match key {
                Key::Mac(mac) => open.by_mac(plan, mac),
                Key::Ip(ip) => open.by_ip(plan, ip),
            }
        }
        open
    }

    fn put(&mut self, set: &str, element: impl Into<Vec<u128>>) {
        let name = Name::of(set).expect("invariant: the layout has every set that is filled");
        self.0.insert((name, element.into()));
    }

    fn by_mac(&mut self, plan: &Plan, mac: u128) {
        for digit in ['4', '6'] {
            let (own, peers) = (own(plan, digit), peers(plan, digit));
            // It may look for its own address of IPv4 whether or not it has a peer there.
            for address in own.iter().filter(|_| digit == '4' || !peers.is_empty()) {
                self.put(&format!("mac{digit}_own"), [mac, number(*address)]);
            }
            if own.is_empty() && !peers.is_empty() {
                self.put(&format!("mac{digit}_any"), [mac]);
                self.openings(plan, digit, "mac", mac);
            }
            for peer in peers.iter().filter(|_| digit == '4') {
                self.put("mac4_peers", [mac, number(*peer)]);
            }
            if leases(plan, digit) {
                self.put(&format!("mac{digit}_leases"), [mac]);
            }
            if digit == '6' && !peers.is_empty() {
                self.put("mac6_speaks", [mac]);
                for target in &own {
                    self.put("mac6_own_targets", [mac, number(*target)]);
                }
                // Whatever is link-local may be looked for: it could be a router.
                let link_local = |number: u128| number >> 64 == u128::from(LINK_LOCAL);
                for target in peers.iter().map(|peer| number(*peer)) {
                    if !link_local(target) {
                        self.put("mac6_peer_targets", [mac, target]);
                    }
                }
            }
        }
    }

    fn by_ip(&mut self, plan: &Plan, ip: IpAddr) {
        let (digit, ip) = (if ip.is_ipv4() { '4' } else { '6' }, number(ip));
        if leases(plan, digit) {
            self.put(&format!("ip{digit}_leases"), [ip]);
        }
        self.openings(plan, digit, "ip", ip);
        for opening in plan.openings.iter().filter(|opening| is(opening.peer, digit)) {
            let Service { transport, port } = opening.service;
            if matches!(transport, Transport::Tcp | Transport::Udp) {
                let (peer, transport) = (number(opening.peer), protocol(transport, digit == '4'));
                let set = format!("ip{digit}_{}_sent", opening.side.text());
                self.put(&set, [ip, peer, transport, port.into()]);
                self.put(&format!("ip{digit}_sent_from"), [ip, ip]);
            }
        }
    }

    fn openings(&mut self, plan: &Plan, digit: char, prefix: &str, key: u128) {
        for opening in plan.openings.iter().filter(|opening| is(opening.peer, digit)) {
            let Service { transport, port } = opening.service;
            let peer = number(opening.peer);
            let of_transport = [key, peer, protocol(transport, digit == '4')];
            let side = match opening.side {
                Side::Client => "client",
                Side::Server => "server",
            };
            let name = match transport {
                Transport::Tcp => "tcp",
                Transport::Udp => "udp",
                Transport::Icmp | Transport::Other(_) => {
                    self.put(&format!("{prefix}{digit}_whole"), of_transport);
                    // Its fragments pass as it does itself: the transport alone counts.
                    continue;
                }
            };
            self.put(&format!("{prefix}{digit}_{side}_{name}"), [key, peer, port.into()]);
            self.put(&format!("{prefix}{digit}_pieces"), of_transport);
        }
    }
}

fn is(address: IpAddr, digit: char) -> bool {
    address.is_ipv4() == (digit == '4')
}

fn own(plan: &Plan, digit: char) -> BTreeSet<IpAddr> {
    let addresses = plan.interfaces.iter().flat_map(|interface| &interface.addresses);
    addresses.copied().filter(|address| is(*address, digit)).collect()
}

fn peers(plan: &Plan, digit: char) -> BTreeSet<IpAddr> {
    plan.openings.iter().map(|opening| opening.peer).filter(|peer| is(*peer, digit)).collect()
}

/// Whether the device renews a lease of that family with a server.
fn leases(plan: &Plan, digit: char) -> bool {
    let port = if digit == '4' { DHCP_SERVER } else { DHCP6_SERVER };
    let service = Service { transport: Transport::Udp, port };
    plan.openings.iter().any(|opening| {
        (opening.role, opening.side, opening.service) == (CareRole::Identity, Side::Client, service)
    })
}
