//! From plans to rules. Each device has two chains: what leaves it and what reaches it; maps find
//! them by hardware and IP address, so that a thousand contained devices cost a packet no more
//! than one.
//!
//! Refuses to remember connections: the family `bridge` has no connection tracking, so that who
//! may begin one is held by TCP's flags.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use decisions::containment::passes::{
    ALL_NODES, DHCP_CLIENT, DHCP_SERVER, DHCP6_CLIENT, DHCP6_GROUP, DHCP6_SERVER,
};
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::network::{Service, Transport};
use domain::order::{Level, Opening, Side};

use super::model::{
    DISCOVERY, Field, Hook, IP4, IP6, Is, Match, Rule, Ruleset, SYN, Verdict, number, of_mac,
    protocol,
};

/// The hooks of a bridge by which a frame can get on: through, to this box, and from it.
pub(super) const HOOKS: [&str; 3] = ["forward", "input", "output"];
/// Before everybody else's filters.
pub(super) const PRIORITY: i64 = -250;
/// The chain that all hooks share.
const JUDGE: &str = "judge";
/// Each map with its type and the field that is looked up in it, in the order of looking.
pub(super) const MAPS: [(&str, &str, Field); 6] = [
    ("from_mac", "ether_addr", Field::EtherSource),
    ("to_mac", "ether_addr", Field::EtherDestination),
    ("from_ip4", "ipv4_addr", Field::Ip4Source),
    ("to_ip4", "ipv4_addr", Field::Ip4Destination),
    ("from_ip6", "ipv6_addr", Field::Ip6Source),
    ("to_ip6", "ipv6_addr", Field::Ip6Destination),
];

/// Compiles plans; without any, nothing stands in the table.
pub(super) fn compile(plans: &[Plan]) -> Ruleset {
    let mut rules = Ruleset::default();
    let mut plans = plans.iter().filter(|plan| plan.level != Level::Watch).peekable();
    if plans.peek().is_none() {
        return rules;
    }
    for (name, kind, _) in MAPS {
        kind.clone_into(&mut rules.maps.entry(name.to_owned()).or_default().kind);
    }
    rules.chains.entry(JUDGE.to_owned()).or_default().rules = judge();
    for name in HOOKS {
        let chain = rules.chains.entry(name.to_owned()).or_default();
        let (name, policy) = (name.to_owned(), "accept".to_owned());
        chain.hook = Some(Hook { name, priority: PRIORITY, policy });
        chain.rules = vec![rule(Vec::new(), Verdict::Jump(JUDGE.to_owned()))];
    }
    for plan in plans {
        device(&mut rules, plan);
    }
    rules
}

/// Which chains a frame has to come through. Neighbour discovery is judged by hardware address
/// alone, for it never leaves its segment.
fn judge() -> Vec<Rule> {
    let lookup = |(name, _, field): (&str, &str, Field)| {
        rule(Vec::new(), Verdict::Map(field, name.to_owned()))
    };
    let (by_mac, by_address) = MAPS.split_at(2);
    let mut rules: Vec<Rule> = by_mac.iter().copied().map(lookup).collect();
    rules.push(rule(vec![among(Field::Icmp6Type, DISCOVERY)], Verdict::Return));
    rules.extend(by_address.iter().copied().map(lookup));
    rules
}

fn device(rules: &mut Ruleset, plan: &Plan) {
    let (from, to) = (format!("o{}-from", plan.order), format!("o{}-to", plan.order));
    let mut map = |name: &str, key: u128, chain: &String| {
        if let Some(map) = rules.maps.get_mut(name) {
            map.elements.insert(key, chain.clone());
        }
    };
    for interface in &plan.interfaces {
        map("from_mac", of_mac(interface.mac), &from);
        map("to_mac", of_mac(interface.mac), &to);
        for address in &interface.addresses {
            let family = if address.is_ipv4() { "ip4" } else { "ip6" };
            map(&format!("from_{family}"), number(*address), &from);
            map(&format!("to_{family}"), number(*address), &to);
        }
    }
    let sides = Sides::new(plan);
    let chains = [(from, sides.leaves()), (to, sides.reaches())];
    for (name, mut open) in chains {
        if plan.level == Level::Isolate {
            open.clear();
        }
        open.push(rule(Vec::new(), Verdict::Drop));
        rules.chains.entry(name).or_default().rules = open;
    }
}

/// A plan, sorted by address family.
struct Sides<'p> {
    plan: &'p Plan,
    own: BTreeSet<IpAddr>,
    peers: BTreeSet<IpAddr>,
}

/// The fields of an address family.
struct Family {
    is_ip4: bool,
    source: Field,
    destination: Field,
    offset: Field,
}

const FAMILIES: [Family; 2] = [
    Family {
        is_ip4: true,
        source: Field::Ip4Source,
        destination: Field::Ip4Destination,
        offset: Field::Ip4Offset,
    },
    Family {
        is_ip4: false,
        source: Field::Ip6Source,
        destination: Field::Ip6Destination,
        offset: Field::Ip6Offset,
    },
];

impl<'p> Sides<'p> {
    fn new(plan: &'p Plan) -> Self {
        let addresses = plan.interfaces.iter().flat_map(|interface| &interface.addresses);
        let own = addresses.copied().collect();
        Self { plan, own, peers: plan.openings.iter().map(|opening| opening.peer).collect() }
    }

    fn leaves(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        let targets = of_family(&self.peers, true).chain(of_family(&self.own, true));
        let targets: BTreeSet<u128> = targets.collect();
        if !targets.is_empty() {
            let mut conditions = vec![among(Field::ArpTarget, targets)];
            let sender = self.own_or(Field::ArpSender, true, Some(Ipv4Addr::UNSPECIFIED));
            conditions.splice(0..0, sender);
            rules.push(rule(conditions, Verdict::Return));
        }
        rules.extend(self.discovers());
        rules.extend(self.asks_for_lease());
        for family in &FAMILIES {
            let own: Vec<Match> = self.own_or(family.source, family.is_ip4, None).collect();
            let to_server = Side::Client;
            rules.extend(self.open(family, &own, family.destination, to_server));
        }
        rules
    }

    fn reaches(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        let peers: BTreeSet<u128> = of_family(&self.peers, true).collect();
        if !peers.is_empty() {
            rules.push(rule(vec![among(Field::ArpSender, peers)], Verdict::Return));
        }
        rules.extend(self.answers());
        rules.extend(self.gives_lease());
        for family in &FAMILIES {
            let own: Vec<Match> = self.own_or(family.destination, family.is_ip4, None).collect();
            let to_server = Side::Server;
            rules.extend(self.open(family, &own, family.source, to_server));
        }
        rules
    }

    /// The openings of a family, as seen in one direction. `asking` is the side on which the device
    /// has to be for this direction to be the one to the server.
    fn open(&self, family: &Family, own: &[Match], peer: Field, asking: Side) -> Vec<Rule> {
        let openings = || self.plan.openings.iter().filter(|o| o.peer.is_ipv4() == family.is_ip4);
        let services = |transport, to_server: bool| -> BTreeSet<Vec<u128>> {
            openings()
                .filter(|o| o.service.transport == transport && (o.side == asking) == to_server)
                .map(|o| vec![number(o.peer), u128::from(o.service.port)])
                .collect()
        };
        let kinds = |wanted: fn(&Opening) -> bool| -> BTreeSet<Vec<u128>> {
            let transport = |o: &Opening| protocol(o.service.transport, family.is_ip4);
            openings().filter(|o| wanted(o)).map(|o| vec![number(o.peer), transport(o)]).collect()
        };
        let has_ports =
            |o: &Opening| matches!(o.service.transport, Transport::Tcp | Transport::Udp);
        let is_portless =
            |o: &Opening| !matches!(o.service.transport, Transport::Tcp | Transport::Udp);
        let later =
            Match { fields: vec![Field::TcpSynAck], is: Is::NotIn, values: [vec![SYN]].into() };
        let fragment =
            Match { fields: vec![family.offset], is: Is::NotIn, values: [vec![0]].into() };
        let parts = [
            (Field::TcpDestination, services(Transport::Tcp, true), None),
            (Field::TcpSource, services(Transport::Tcp, false), Some(later)),
            (Field::UdpDestination, services(Transport::Udp, true), None),
            (Field::UdpSource, services(Transport::Udp, false), None),
            (Field::Transport, kinds(is_portless), None),
            (Field::Transport, kinds(has_ports), Some(fragment)),
        ];
        let mut rules = Vec::new();
        for (field, values, more) in parts {
            if !values.is_empty() {
                let mut conditions = own.to_vec();
                conditions.push(Match { fields: vec![peer, field], is: Is::In, values });
                conditions.extend(more);
                rules.push(rule(conditions, Verdict::Return));
            }
        }
        rules
    }

    /// Discovery from the device, after which no other of it leaves.
    fn discovers(&self) -> Vec<Rule> {
        let peers: BTreeSet<u128> = of_family(&self.peers, false).collect();
        let mut rules = Vec::new();
        if !peers.is_empty() {
            let own: BTreeSet<u128> = of_family(&self.own, false).collect();
            let targets: BTreeSet<u128> = peers.union(&own).copied().collect();
            let asks = vec![one(Field::Icmp6Type, 135), among(Field::DiscoveryTarget, targets)];
            rules.push(rule(asks, Verdict::Return));
            let mut listeners = peers;
            listeners.insert(number(ALL_NODES.into()));
            let mut tells =
                vec![one(Field::Icmp6Type, 136), among(Field::Ip6Destination, listeners)];
            if !own.is_empty() {
                tells.push(among(Field::DiscoveryTarget, own));
            }
            rules.push(rule(tells, Verdict::Return));
            rules.push(rule(vec![one(Field::Icmp6Type, 133)], Verdict::Return));
        }
        rules.push(rule(vec![among(Field::Icmp6Type, DISCOVERY)], Verdict::Drop));
        rules
    }

    /// Discovery to the device.
    fn answers(&self) -> Vec<Rule> {
        let peers: BTreeSet<u128> = of_family(&self.peers, false).collect();
        let mut rules = Vec::new();
        if !peers.is_empty() {
            let asks = vec![one(Field::Icmp6Type, 135), among(Field::Ip6Source, peers.clone())];
            rules.push(rule(asks, Verdict::Return));
            let tells = vec![one(Field::Icmp6Type, 136), among(Field::DiscoveryTarget, peers)];
            rules.push(rule(tells, Verdict::Return));
            rules.push(rule(vec![among(Field::Icmp6Type, [134, 137])], Verdict::Return));
        }
        rules.push(rule(vec![among(Field::Icmp6Type, DISCOVERY)], Verdict::Drop));
        rules
    }

    fn asks_for_lease(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.leases(DHCP_SERVER) {
            let everybody = number(Ipv4Addr::BROADCAST.into());
            let nobody = Some(Ipv4Addr::UNSPECIFIED);
            let own: Vec<Match> = self.own_or(Field::Ip4Source, true, nobody).collect();
            let to = vec![one(Field::Ip4Destination, everybody)];
            let ports = dialogue(DHCP_CLIENT, DHCP_SERVER);
            rules.push(rule([own, to, ports].concat(), Verdict::Return));
        }
        if self.leases(DHCP6_SERVER) {
            let to = vec![one(Field::Ip6Destination, number(DHCP6_GROUP.into()))];
            let ports = dialogue(DHCP6_CLIENT, DHCP6_SERVER);
            rules.push(rule([to, ports].concat(), Verdict::Return));
        }
        rules
    }

    fn gives_lease(&self) -> Vec<Rule> {
        let kinds = [(DHCP_SERVER, DHCP_CLIENT, IP4), (DHCP6_SERVER, DHCP6_CLIENT, IP6)];
        let kept = kinds.into_iter().filter(|(server, ..)| self.leases(*server));
        kept.map(|(server, client, family)| {
            let within = vec![one(Field::Protocol, family)];
            rule([within, dialogue(server, client)].concat(), Verdict::Return)
        })
        .collect()
    }

    fn leases(&self, port: u16) -> bool {
        let service = Service { transport: Transport::Udp, port };
        self.plan.openings.iter().any(|opening| {
            (opening.role, opening.side, opening.service)
                == (CareRole::Identity, Side::Client, service)
        })
    }

    /// That a field holds an address of the device; no condition where none of the family is known.
    fn own_or(
        &self,
        field: Field,
        is_ip4: bool,
        or: Option<Ipv4Addr>,
    ) -> impl Iterator<Item = Match> + use<> {
        let mut own: BTreeSet<u128> = of_family(&self.own, is_ip4).collect();
        let known = !own.is_empty();
        own.extend(or.map(|address| number(address.into())));
        known.then(|| among(field, own)).into_iter()
    }
}

/// The addresses of one family.
fn of_family(addresses: &BTreeSet<IpAddr>, is_ip4: bool) -> impl Iterator<Item = u128> {
    addresses.iter().filter(move |a| a.is_ipv4() == is_ip4).map(|a| number(*a))
}

fn dialogue(from: u16, to: u16) -> Vec<Match> {
    vec![one(Field::UdpSource, from.into()), one(Field::UdpDestination, to.into())]
}

fn rule(matches: Vec<Match>, verdict: Verdict) -> Rule {
    Rule { matches, verdict }
}

fn one(field: Field, value: u128) -> Match {
    among(field, [value])
}

fn among(field: Field, values: impl IntoIterator<Item = u128>) -> Match {
    let values = values.into_iter().map(|value| vec![value]).collect();
    Match { fields: vec![field], is: Is::In, values }
}
