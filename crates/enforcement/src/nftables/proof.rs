//! The model proof: rules mean what the plans mean, for every class of packet.
//!
//! Classes are made by every value that a rule or a plan names, and one more for all others: two
//! packets of one class are the same to all rules and all plans, so one of them speaks for it.
//! Refuses to trust the compiler: what it says is only looked at through the rules' own meaning.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use decisions::containment::passes::{
    ALL_NODES, Carried, Content, DHCP_CLIENT, DHCP_SERVER, DHCP6_CLIENT, DHCP6_GROUP, DHCP6_SERVER,
    Discovery, Internet, Message, Packet, Segment, passes,
};
use decisions::containment::plan::Plan;
use domain::device::MacAddress;
use domain::network::Transport;

use super::compile::{HOOKS, MAPS, PRIORITY};
use super::model::{ARP, Chain, Field, Frame, IP4, IP6, Is, Rule, Ruleset, Verdict};

/// A class of packets that the rules treat otherwise than the plans say, or a shape that they must
/// not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction(String);

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Proves rules against plans, and says how many classes were looked at.
pub(super) fn prove(rules: &Ruleset, plans: &[Plan]) -> Result<usize, Contradiction> {
    shape(rules, plans)?;
    // Hooks with the same rules do the same.
    let mut bases: Vec<&Chain> = Vec::new();
    for chain in rules.chains.values().filter(|chain| chain.hook.is_some()) {
        if !bases.iter().any(|known| known.rules == chain.rules) {
            bases.push(chain);
        }
    }
    let mut classes = 0;
    for plan in plans {
        // Each plan's own packets, judged by all plans: another's chain must not stand in its way.
        let near: Vec<&Plan> = plans.iter().filter(|other| meets(plan, other)).collect();
        let values = Values::new(rules, plan);
        values.each(&mut |packet| {
            classes += 1;
            let wanted = near.iter().all(|plan| passes(plan, packet));
            let agrees = Frame::each(packet, &values.types, |frame| {
                bases.iter().all(|base| rules.passes(base, &frame) == wanted)
            });
            if agrees {
                return Ok(());
            }
            Err(Contradiction(format!(
                "this packet {}, and order {} says that it {}: {packet:?}",
                if wanted { "is dropped" } else { "passes" },
                plan.order,
                if wanted { "passes" } else { "is dropped" },
            )))
        })?;
    }
    Ok(classes)
}

/// Whether packets of one plan's device can concern the other's.
fn meets(plan: &Plan, other: &Plan) -> bool {
    let peers: BTreeSet<IpAddr> = plan.openings.iter().map(|opening| opening.peer).collect();
    let own = |plan: &Plan| -> BTreeSet<IpAddr> {
        plan.interfaces.iter().flat_map(|interface| interface.addresses.clone()).collect()
    };
    let shares_mac = || {
        let macs: Vec<MacAddress> = plan.interfaces.iter().map(|interface| interface.mac).collect();
        other.interfaces.iter().any(|interface| macs.contains(&interface.mac))
    };
    plan == other
        || own(other).iter().any(|ip| peers.contains(ip) || own(plan).contains(ip))
        || shares_mac()
}

/// What the whole must look like, so that a device's own packets are all that has to be tried: the
/// hooks are ours, and maps lead from exactly the plans' addresses.
fn shape(rules: &Ruleset, plans: &[Plan]) -> Result<(), Contradiction> {
    let wrong = |what: String| Err(Contradiction(what));
    let active: Vec<&Plan> =
        plans.iter().filter(|plan| plan.level != domain::order::Level::Watch).collect();
    if active.is_empty() {
        return if rules.chains.is_empty() && rules.maps.is_empty() {
            Ok(())
        } else {
            wrong("there are rules, and no plan asks for any".to_owned())
        };
    }
    for hook in HOOKS {
        let entry = rules.chains.get(hook).and_then(|chain| chain.hook.as_ref());
        let right = entry.is_some_and(|entry| {
            (entry.name.as_str(), entry.priority, entry.policy.as_str())
                == (hook, PRIORITY, "accept")
        });
        if !right {
            return wrong(format!("the chain at the hook `{hook}` is not ours"));
        }
    }
    if rules.chains.values().filter(|chain| chain.hook.is_some()).count() != HOOKS.len() {
        return wrong("there is a hook that is not ours".to_owned());
    }
    let all = || rules.chains.values().flat_map(|chain| &chain.rules);
    if !all().all(looks_at_targets_of_discovery_only) {
        return wrong("a rule looks for a discovery's target in other packets".to_owned());
    }
    for (name, _, field) in MAPS {
        let held: BTreeSet<u128> = rules
            .maps
            .get(name)
            .map(|map| map.elements.keys().copied().collect())
            .unwrap_or_default();
        if held != keys(&active, field) {
            return wrong(format!("the map `{name}` does not lead from the plans' own addresses"));
        }
    }
    Ok(())
}

/// The target is read by its place alone, so the same rule has to make sure that there is one.
fn looks_at_targets_of_discovery_only(rule: &Rule) -> bool {
    let looks = rule.matches.iter().any(|m| m.fields.contains(&Field::DiscoveryTarget));
    let has_target = |values: &Vec<u128>| matches!(values.as_slice(), [135 | 136]);
    !looks
        || rule.matches.iter().any(|condition| {
            condition.fields == [Field::Icmp6Type]
                && condition.is == Is::In
                && condition.values.iter().all(has_target)
        })
}

fn keys(plans: &[&Plan], field: Field) -> BTreeSet<u128> {
    let interfaces = plans.iter().flat_map(|plan| &plan.interfaces);
    match field {
        Field::EtherSource | Field::EtherDestination => {
            interfaces.map(|interface| super::model::of_mac(interface.mac)).collect()
        }
        Field::Ip4Source | Field::Ip4Destination => {
            let addresses = interfaces.flat_map(|interface| &interface.addresses);
            addresses.filter(|a| a.is_ipv4()).map(|a| super::model::number(*a)).collect()
        }
        _ => {
            let addresses = interfaces.flat_map(|interface| &interface.addresses);
            addresses.filter(|a| a.is_ipv6()).map(|a| super::model::number(*a)).collect()
        }
    }
}

/// Every value that tells packets of a plan's device apart.
struct Values {
    macs: Vec<MacAddress>,
    ip4: Vec<Ipv4Addr>,
    ip6: Vec<Ipv6Addr>,
    ports: Vec<u16>,
    transports: Vec<Transport>,
    ethertypes: Vec<u16>,
    /// Types of `ICMPv6` that a rule names.
    types: BTreeSet<u128>,
}

impl Values {
    fn new(rules: &Ruleset, plan: &Plan) -> Self {
        let mut found = Found::default();
        found.macs.extend(plan.interfaces.iter().map(|interface| interface.mac));
        for address in plan.interfaces.iter().flat_map(|interface| &interface.addresses) {
            found.address(*address);
        }
        for opening in &plan.openings {
            found.address(opening.peer);
            found.ports.insert(opening.service.port);
            found.transport(opening.service.transport);
        }
        found.ports.extend([DHCP_CLIENT, DHCP_SERVER, DHCP6_CLIENT, DHCP6_SERVER]);
        found.ip4.extend([Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST]);
        found.ip6.extend([Ipv6Addr::UNSPECIFIED, ALL_NODES, DHCP6_GROUP]);
        found.rules(rules, plan);
        found.with_others()
    }

    /// Every class, once.
    fn each(
        &self,
        try_it: &mut dyn FnMut(&Packet) -> Result<(), Contradiction>,
    ) -> Result<(), Contradiction> {
        let carried = self.carried();
        let mut contents = Vec::new();
        for ethertype in &self.ethertypes {
            contents.push(Content::Other(*ethertype));
        }
        for sender in &self.ip4 {
            contents.extend(self.ip4.iter().map(|target| Content::Arp(*sender, *target)));
        }
        self.discoveries(&mut contents);
        let four = || self.ip4.iter().copied().map(IpAddr::from);
        let six = || self.ip6.iter().copied().map(IpAddr::from);
        let pairs4 = four().flat_map(|source| four().map(move |to| (source, to)));
        let pairs6 = six().flat_map(|source| six().map(move |to| (source, to)));
        for (source, destination) in pairs4.chain(pairs6) {
            contents.extend(carried.iter().map(|carried| {
                Content::Internet(Internet { source, destination, carried: *carried })
            }));
        }
        for source in &self.macs {
            for destination in &self.macs {
                for content in &contents {
                    try_it(&Packet {
                        source: *source,
                        destination: *destination,
                        vlan: None,
                        content: *content,
                    })?;
                }
            }
        }
        Ok(())
    }

    fn carried(&self) -> Vec<Carried> {
        let mut all = vec![Carried::Cut];
        for from in &self.ports {
            for to in &self.ports {
                all.push(Carried::Tcp(*from, *to, Segment::Initial));
                all.push(Carried::Tcp(*from, *to, Segment::Later));
                all.push(Carried::Udp(*from, *to));
            }
        }
        for transport in &self.transports {
            all.push(Carried::Fragment(*transport));
            if !matches!(transport, Transport::Tcp | Transport::Udp) {
                all.push(Carried::Portless(*transport));
            }
        }
        all
    }

    fn discoveries(&self, contents: &mut Vec<Content>) {
        let mut messages = vec![Message::AsksForRouters, Message::Routes];
        messages.extend(self.ip6.iter().map(|target| Message::Solicits(*target)));
        messages.extend(self.ip6.iter().map(|target| Message::Advertises(*target)));
        for source in &self.ip6 {
            for destination in &self.ip6 {
                contents.extend(messages.iter().map(|message| {
                    let (source, destination) = (*source, *destination);
                    Content::Discovery(Discovery { source, destination, message: *message })
                }));
            }
        }
    }
}

/// Values as they are found.
#[derive(Default)]
struct Found {
    macs: BTreeSet<MacAddress>,
    ip4: BTreeSet<Ipv4Addr>,
    ip6: BTreeSet<Ipv6Addr>,
    ports: BTreeSet<u16>,
    transports: BTreeSet<Transport>,
    ethertypes: BTreeSet<u16>,
    types: BTreeSet<u128>,
}

impl Found {
    fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.ip4.insert(address),
            IpAddr::V6(address) => self.ip6.insert(address),
        };
    }

    fn transport(&mut self, transport: Transport) {
        self.transports.insert(transport);
    }

    /// Every value that a rule names on the way of this device's packets.
    fn rules(&mut self, rules: &Ruleset, plan: &Plan) {
        let names = Self::chains(rules, plan);
        let chains = rules.chains.iter().filter(|(name, _)| names.contains(*name));
        for rule in chains.flat_map(|(_, chain)| &chain.rules) {
            for condition in &rule.matches {
                for values in &condition.values {
                    for (field, value) in condition.fields.iter().zip(values) {
                        self.value(*field, *value);
                    }
                }
            }
        }
    }

    /// The chains that the device's packets can come to: those of hooks, and those that a jump or a
    /// map leads to from its own addresses.
    fn chains<'r>(rules: &'r Ruleset, plan: &Plan) -> BTreeSet<&'r String> {
        let mut names: BTreeSet<&String> = BTreeSet::new();
        for (name, chain) in &rules.chains {
            if chain.hook.is_some() {
                names.insert(name);
            }
            names.extend(chain.rules.iter().filter_map(|rule| match &rule.verdict {
                Verdict::Jump(target) => Some(target),
                _ => None,
            }));
        }
        for (name, _, field) in MAPS {
            let own = keys(&[plan], field);
            let map = rules.maps.get(name).into_iter().flat_map(|map| &map.elements);
            names.extend(map.filter(|(key, _)| own.contains(*key)).map(|(_, chain)| chain));
        }
        names
    }

    fn value(&mut self, field: Field, value: u128) {
        let port = || u16::try_from(value).ok();
        match field {
            Field::EtherSource | Field::EtherDestination => {
                if let Some(octets) = value.to_be_bytes().last_chunk::<6>() {
                    self.macs.insert(MacAddress(*octets));
                }
            }
            Field::ArpSender | Field::ArpTarget | Field::Ip4Source | Field::Ip4Destination => {
                self.ip4.extend(u32::try_from(value).ok().map(Ipv4Addr::from_bits));
            }
            Field::Ip6Source | Field::Ip6Destination | Field::DiscoveryTarget => {
                self.ip6.insert(Ipv6Addr::from_bits(value));
            }
            Field::TcpSource | Field::TcpDestination | Field::UdpSource | Field::UdpDestination => {
                self.ports.extend(port());
            }
            Field::Transport => {
                let number = u8::try_from(value).ok();
                self.transports.extend(number.map(transport));
            }
            Field::Protocol => self.ethertypes.extend(port()),
            Field::Icmp6Type => drop(self.types.insert(value)),
            Field::Ip4Offset | Field::Ip6Offset | Field::TcpSynAck => {}
        }
    }

    /// One more of each kind, for all that nobody names.
    fn with_others(mut self) -> Values {
        let other_mac = (0..=255).map(|last| MacAddress([0x0A, 0xFF, 0, 0, 0, last]));
        self.macs.extend(other_mac.into_iter().find(|mac| !self.macs.contains(mac)));
        let other = (1..=255).map(|last| Ipv4Addr::new(192, 0, 2, last));
        self.ip4.extend(other.into_iter().find(|address| !self.ip4.contains(address)));
        let other = (1..=999).map(|last| Ipv6Addr::new(0x2001, 0xDB8, 0, 0, 0, 0, 0, last));
        self.ip6.extend(other.into_iter().find(|address| !self.ip6.contains(address)));
        self.ports.extend((49_152..=u16::MAX).find(|port| !self.ports.contains(port)));
        self.transports.extend([Transport::Tcp, Transport::Udp, Transport::Icmp]);
        let other = (200..=252).map(Transport::Other);
        self.transports.extend(other.into_iter().find(|t| !self.transports.contains(t)));
        // What a frame carries under the ethertypes of IP, ARP is another kind of content.
        self.ethertypes.extend([0x88CC, 0x8100]);
        self.ethertypes.retain(|known| ![IP4, IP6, ARP].contains(&u128::from(*known)));
        Values {
            macs: self.macs.into_iter().collect(),
            ip4: self.ip4.into_iter().collect(),
            ip6: self.ip6.into_iter().collect(),
            ports: self.ports.into_iter().collect(),
            transports: self.transports.into_iter().collect(),
            ethertypes: self.ethertypes.into_iter().collect(),
            types: self.types,
        }
    }
}

/// The transport of a protocol number. ICMP is one transport in both families, by two numbers.
fn transport(number: u8) -> Transport {
    match number {
        6 => Transport::Tcp,
        17 => Transport::Udp,
        1 | 58 => Transport::Icmp,
        other => Transport::Other(other),
    }
}
