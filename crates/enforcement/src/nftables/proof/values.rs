//! Every value that tells packets of one way apart: what leaves a device, or what reaches it.
//!
//! A port matters only with the addresses that a rule or a plan names it with, so it is tried with
//! those alone. Refuses to leave out a value that a rule on the way names.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use decisions::containment::passes::{
    ALL_NODES, Content, DHCP_CLIENT, DHCP_SERVER, DHCP6_CLIENT, DHCP6_GROUP, DHCP6_SERVER,
    Internet, LINK_LOCAL, Packet, Quoted,
};
use decisions::containment::plan::Plan;
use domain::device::MacAddress;
use domain::network::Transport;

use super::super::frame::Forms;
use super::super::layout::{LEAVES, REACHES};
use super::super::model::{
    ARP, Chains, Field, IP4, IP6, Match, Rule, Ruleset, Sets, TCP, UDP, Values as Compared, Verdict,
};

/// Addresses that plans look at whatever stands in them.
pub(super) const EVERYBODY: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V4(Ipv4Addr::BROADCAST),
    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    IpAddr::V6(ALL_NODES),
    IpAddr::V6(DHCP6_GROUP),
];

/// Which way packets go, seen from the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Leaves,
    Reaches,
}

impl Way {
    pub(super) const BOTH: [Self; 2] = [Self::Leaves, Self::Reaches];
}

/// The values.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) way: Way,
    /// Hardware addresses of the device, of others that a rule names, and of nobody.
    pub(super) macs: BTreeSet<MacAddress>,
    pub(super) own_macs: BTreeSet<MacAddress>,
    pub(super) own: BTreeSet<IpAddr>,
    /// Whom a packet can be from.
    pub(super) sources: BTreeSet<IpAddr>,
    pub(super) destinations: BTreeSet<IpAddr>,
    pub(super) ethertypes: BTreeSet<u16>,
    pub(super) transports: BTreeSet<Transport>,
    /// Those of the other end with which the device may exchange ICMP.
    pub(super) speaks_icmp: BTreeSet<IpAddr>,
    pub(super) tcp: Ports,
    pub(super) udp: Ports,
    /// What rules name of packets that may be quoted.
    quoted_from: BTreeSet<IpAddr>,
    quoted: BTreeMap<(IpAddr, Transport), BTreeSet<u16>>,
    /// Packets that an error may be about.
    pub(super) quotes: Vec<Quoted>,
    /// What rules tell apart within a class.
    pub(super) forms: Forms,
    /// The same, without what may be quoted.
    brief: Forms,
    /// The addresses that discovery can be about.
    pub(super) targets: BTreeSet<Ipv6Addr>,
    pub(super) nobody: [IpAddr; 2],
    pub(super) other_mac: MacAddress,
    pub(super) stranger_mac: MacAddress,
}

/// Ports that matter.
#[derive(Debug, Default)]
pub(super) struct Ports {
    /// With that address at the other end.
    of: BTreeMap<IpAddr, BTreeSet<u16>>,
    /// With any of IPv4.
    any4: BTreeSet<u16>,
    /// With any of IPv6.
    any6: BTreeSet<u16>,
}

/// A port that no rule and no plan names.
fn other_port(named: &BTreeSet<u16>) -> Option<u16> {
    (49_152..=u16::MAX).find(|port| !named.contains(port))
}

impl Ports {
    /// The ports that matter with that address, and one that does not.
    pub(super) fn with(&self, peer: IpAddr) -> BTreeSet<u16> {
        let mut ports = if peer.is_ipv4() { self.any4.clone() } else { self.any6.clone() };
        ports.extend(self.of.get(&peer).into_iter().flatten());
        ports.extend(other_port(&ports));
        ports
    }

    fn named(&mut self, port: u16, with: Option<IpAddr>, family: Option<char>) {
        match (with, family) {
            (Some(address), _) => drop(self.of.entry(address).or_default().insert(port)),
            (None, Some('4')) => drop(self.any4.insert(port)),
            (None, Some(_)) => drop(self.any6.insert(port)),
            (None, None) => {
                self.any4.insert(port);
                self.any6.insert(port);
            }
        }
    }
}

impl Values {
    /// The values for packets of these plans' devices, under these elements; of nobody's where
    /// there is no plan.
    pub(super) fn new(
        way: Way,
        rules: &Ruleset,
        sets: &Sets,
        plans: &[&Plan],
        stranger: &Plan,
    ) -> Self {
        let mut values = Self::empty(way, stranger);
        for plan in plans {
            values.plan(plan);
        }
        values.specials();
        for rule in of_way(&rules.chains, way) {
            let family = family(rule);
            for condition in &rule.matches {
                values.condition(condition, sets, family);
            }
        }
        values.others(plans);
        values
    }

    fn empty(way: Way, stranger: &Plan) -> Self {
        let nobody =
            [IpAddr::from([192, 0, 2, 1]), IpAddr::from([0x2001, 0xDB8, 0, 0, 0, 0, 0, 1])];
        let stranger_mac = stranger.interfaces.first().map(|interface| interface.mac);
        let mut values = Self {
            way,
            macs: BTreeSet::new(),
            own_macs: BTreeSet::new(),
            own: BTreeSet::new(),
            sources: BTreeSet::new(),
            destinations: BTreeSet::new(),
            ethertypes: [0x88CC, 0x8100].into(),
            transports: [Transport::Tcp, Transport::Udp, Transport::Icmp].into(),
            speaks_icmp: BTreeSet::new(),
            tcp: Ports::default(),
            udp: Ports::default(),
            quoted_from: BTreeSet::new(),
            quoted: BTreeMap::new(),
            quotes: Vec::new(),
            forms: Forms::default(),
            brief: Forms::default(),
            targets: BTreeSet::new(),
            nobody,
            other_mac: MacAddress([0x0A, 0xFF, 0, 0, 0, 0]),
            stranger_mac: stranger_mac.unwrap_or(MacAddress([0; 6])),
        };
        // The stranger stands at the device's end: what passes by the device's rules must be held
        // by the stranger's.
        for address in stranger.interfaces.iter().flat_map(|interface| &interface.addresses) {
            values.at_own_end(*address);
        }
        values
    }

    fn at_own_end(&mut self, address: IpAddr) {
        match self.way {
            Way::Leaves => self.sources.insert(address),
            Way::Reaches => self.destinations.insert(address),
        };
    }

    fn at_other_end(&mut self, address: IpAddr) {
        match self.way {
            Way::Leaves => self.destinations.insert(address),
            Way::Reaches => self.sources.insert(address),
        };
    }

    fn plan(&mut self, plan: &Plan) {
        for interface in &plan.interfaces {
            self.own_macs.insert(interface.mac);
            self.macs.insert(interface.mac);
            for address in &interface.addresses {
                self.own.insert(*address);
                self.at_own_end(*address);
                self.at_other_end(*address);
                self.target(*address);
            }
        }
        for opening in &plan.openings {
            self.at_other_end(opening.peer);
            self.target(opening.peer);
            self.transports.insert(opening.service.transport);
            let ports = match opening.service.transport {
                Transport::Tcp => &mut self.tcp,
                Transport::Udp => &mut self.udp,
                Transport::Icmp => {
                    self.speaks_icmp.insert(opening.peer);
                    continue;
                }
                Transport::Other(_) => continue,
            };
            ports.named(opening.service.port, Some(opening.peer), None);
        }
    }

    fn target(&mut self, address: IpAddr) {
        if let IpAddr::V6(address) = address {
            self.targets.insert(address);
        }
    }

    /// What plans look at whatever stands in them.
    fn specials(&mut self) {
        // A router of which nobody knows.
        let unknown = u128::from(LINK_LOCAL) << 64 | 0xFFFF_FFFF_FFFF_FFFF;
        self.targets.insert(Ipv6Addr::from_bits(unknown));
        for port in [DHCP_CLIENT, DHCP_SERVER] {
            self.udp.any4.insert(port);
        }
        for port in [DHCP6_CLIENT, DHCP6_SERVER] {
            self.udp.any6.insert(port);
        }
        if self.way == Way::Leaves {
            let (nobody, all): (Vec<IpAddr>, Vec<IpAddr>) =
                EVERYBODY.into_iter().partition(IpAddr::is_unspecified);
            self.sources.extend(nobody);
            self.destinations.extend(all);
        }
    }

    fn condition(&mut self, condition: &Match, sets: &Sets, family: Option<char>) {
        let elements = match &condition.values {
            Compared::Listed(listed) => Some(listed),
            Compared::Named(name) => sets.get(name),
        };
        let is_listed = matches!(condition.values, Compared::Listed(_));
        for element in elements.into_iter().flatten() {
            self.quote(&condition.fields, element);
            let pairs = || condition.fields.iter().copied().zip(element.iter().copied());
            let peer = pairs().find_map(|(field, value)| self.peer(field, value));
            self.speaks_icmp.extend(peer.filter(|_| is_listed));
            for (field, value) in pairs() {
                self.value(field, value, peer, family);
            }
        }
    }

    /// What an element says of packets that may be quoted.
    fn quote(&mut self, fields: &[Field], element: &[u128]) {
        use Field as F;
        let (mut destination, mut carried, mut port) = (None, None, None);
        for (field, value) in fields.iter().copied().zip(element.iter().copied()) {
            match field {
                F::Quote4Source | F::Quote6Source => {
                    self.quoted_from.extend(address(field, value));
                }
                F::Quote4Destination | F::Quote6Destination => destination = address(field, value),
                F::Quote4Transport | F::Quote6Transport => {
                    carried = u8::try_from(value).ok().map(transport);
                }
                F::Quote4From | F::Quote4To | F::Quote6From | F::Quote6To => {
                    port = u16::try_from(value).ok();
                }
                _ => {}
            }
        }
        if let (Some(destination), Some(transport)) = (destination, carried) {
            self.quoted.entry((destination, transport)).or_default().extend(port);
        }
    }

    /// The address of the other end that an element names.
    fn peer(&self, field: Field, value: u128) -> Option<IpAddr> {
        use Field as F;
        match (self.way, field) {
            (Way::Leaves, F::Ip4Destination | F::Ip6Destination)
            | (Way::Reaches, F::Ip4Source | F::Ip6Source) => address(field, value),
            _ => None,
        }
    }

    fn value(&mut self, field: Field, value: u128, peer: Option<IpAddr>, family: Option<char>) {
        use Field as F;
        let port = || u16::try_from(value).ok();
        match field {
            F::EtherSource | F::EtherDestination => {
                let octets = value.to_be_bytes();
                self.macs.extend(octets.last_chunk::<6>().map(|octets| MacAddress(*octets)));
            }
            F::ArpSender | F::Ip4Source | F::Ip6Source => {
                self.sources.extend(address(field, value));
            }
            F::ArpTarget | F::Ip4Destination | F::Ip6Destination => {
                self.destinations.extend(address(field, value));
            }
            F::TcpSource | F::TcpDestination => {
                if let Some(port) = port() {
                    self.tcp.named(port, peer, family);
                }
            }
            F::UdpSource | F::UdpDestination => {
                if let Some(port) = port() {
                    self.udp.named(port, peer, family);
                }
            }
            F::Transport => {
                let named = u8::try_from(value).ok().map(transport);
                if named == Some(Transport::Icmp) {
                    self.speaks_icmp.extend(peer);
                }
                self.transports.extend(named);
            }
            F::Protocol => self.ethertypes.extend(port()),
            F::Icmp4Type => drop(self.forms.types4.insert(value)),
            F::Icmp4Code => drop(self.forms.codes4.insert(value)),
            F::Icmp6Type => drop(self.forms.types6.insert(value)),
            F::DiscoveryTarget => drop(self.targets.insert(Ipv6Addr::from_bits(value))),
            // Elements with these are looked at whole; the others have but the forms that we try.
            _ => {}
        }
    }

    /// One more of each kind, for all that nobody names; and what may be quoted.
    fn others(&mut self, plans: &[&Plan]) {
        let free = |named: &BTreeSet<IpAddr>, of: fn(u16) -> IpAddr| {
            (1..=u16::from(u8::MAX)).map(of).find(|address| !named.contains(address))
        };
        let named: BTreeSet<IpAddr> = self.sources.union(&self.destinations).copied().collect();
        let four = free(&named, |last| {
            let [_, last] = last.to_be_bytes();
            IpAddr::from([192, 0, 2, last])
        });
        let six = free(&named, |last| IpAddr::from([0x2001, 0xDB8, 0, 0, 0, 0, 0, last]));
        let [known4, known6] = self.nobody;
        self.nobody = [four.unwrap_or(known4), six.unwrap_or(known6)];
        self.sources.extend(self.nobody);
        self.destinations.extend(self.nobody);
        self.target(self.nobody[1]);
        let macs = (0..=u8::MAX).map(|last| MacAddress([0x0A, 0xFF, 0, 0, 0, last]));
        self.other_mac =
            macs.into_iter().find(|mac| !self.macs.contains(mac)).unwrap_or(self.other_mac);
        self.macs.insert(self.other_mac);
        self.macs.insert(self.stranger_mac);
        let other = (200..=252).map(Transport::Other);
        self.transports.extend(other.into_iter().find(|t| !self.transports.contains(t)));
        // What a frame carries under the ethertypes of IP, ARP is another kind of content.
        self.ethertypes.retain(|known| ![IP4, IP6, ARP].contains(&u128::from(*known)));
        self.forms.targets.extend(self.targets.iter().map(|target| target.to_bits()));
        self.brief = self.forms.clone();
        self.brief.quotes.clear();
        self.may_be_quoted(plans);
    }

    /// Whether errors from that address are tried. ICMP from all with whom it is not open is the
    /// same, so that nobody speaks for them: no rule that looks at what is quoted looks at who
    /// says so.
    pub(super) fn tells_of_size(&self, peer: IpAddr) -> bool {
        self.speaks_icmp.contains(&peer) || self.nobody.contains(&peer)
    }

    /// The end of a packet that is not the device's.
    pub(super) fn other_end(&self, packet: Internet) -> IpAddr {
        match self.way {
            Way::Leaves => packet.destination,
            Way::Reaches => packet.source,
        }
    }

    /// The forms that a packet may have.
    pub(super) fn forms(&self, packet: &Packet) -> &Forms {
        match packet.content {
            Content::Internet(internet) if !self.tells_of_size(self.other_end(internet)) => {
                &self.brief
            }
            _ => &self.forms,
        }
    }

    /// Packets that an error may quote: from and to every address, with every port that matters.
    /// Where no rule on the way looks at what is quoted, one speaks for all: what leaves a device
    /// is judged by plans without it.
    fn may_be_quoted(&mut self, plans: &[&Plan]) {
        let mut from = self.own.clone();
        from.extend(self.quoted_from.iter().copied().chain(self.nobody));
        let mut to: BTreeSet<(IpAddr, Transport)> = self.quoted.keys().copied().collect();
        let openings = plans.iter().flat_map(|plan| &plan.openings);
        for peer in openings.map(|opening| opening.peer).chain(self.nobody) {
            to.extend([(peer, Transport::Tcp), (peer, Transport::Udp)]);
        }
        if self.way == Way::Leaves && self.quoted.is_empty() && self.quoted_from.is_empty() {
            from = self.nobody.into();
            to = self.nobody.map(|address| (address, Transport::Tcp)).into();
        }
        for (destination, transport) in to {
            let ports = if transport == Transport::Tcp { &self.tcp } else { &self.udp };
            let mut ports = ports.of.get(&destination).cloned().unwrap_or_default();
            ports.extend(self.quoted.get(&(destination, transport)).into_iter().flatten());
            for source in &from {
                if source.is_ipv4() == destination.is_ipv4() {
                    let named = (*source, destination, transport);
                    self.quotes.extend(with_ports(named, ports.clone()));
                }
            }
        }
        // What only looks like such an error has to quote what one that passes would, or anything.
        for nobody in self.nobody {
            let named = (nobody, nobody, Transport::Tcp);
            self.forms.quotes.extend(with_ports(named, BTreeSet::new()));
        }
        for ((destination, transport), ports) in &self.quoted {
            for source in &self.quoted_from {
                if source.is_ipv4() == destination.is_ipv4() {
                    let named = (*source, *destination, *transport);
                    self.forms.quotes.extend(with_ports(named, ports.clone()));
                }
            }
        }
    }
}

/// Packets between these, from and to each of the ports and one more.
fn with_ports(
    (source, destination, transport): (IpAddr, IpAddr, Transport),
    mut ports: BTreeSet<u16>,
) -> Vec<Quoted> {
    ports.extend(other_port(&ports));
    let pairs = ports.iter().flat_map(|from| ports.iter().map(move |to| (*from, *to)));
    let quoted = |(from, to)| Quoted { source, destination, transport, from, to };
    pairs.map(quoted).collect()
}

/// The rules on a way: of the chains that its first leads to, and of the hooks.
fn of_way(chains: &Chains, way: Way) -> Vec<&Rule> {
    let first = match way {
        Way::Leaves => LEAVES,
        Way::Reaches => REACHES,
    };
    let mut names: BTreeSet<&str> = [first].into();
    let hooks = chains.iter().filter(|(_, chain)| chain.hook.is_some());
    names.extend(hooks.map(|(name, _)| name.as_str()));
    let other = if first == LEAVES { REACHES } else { LEAVES };
    loop {
        let rules = names.iter().filter_map(|name| chains.get(*name)).flat_map(|c| &c.rules);
        let targets: Vec<&str> = rules
            .filter_map(|rule| match &rule.verdict {
                Verdict::Jump(target) | Verdict::Goto(target) => Some(target.as_str()),
                _ => None,
            })
            .filter(|target| *target != other)
            .collect();
        let before = names.len();
        names.extend(targets);
        if names.len() == before {
            break;
        }
    }
    names.iter().filter_map(|name| chains.get(*name)).flat_map(|chain| &chain.rules).collect()
}

/// The family that a rule is about, where it is about one.
fn family(rule: &Rule) -> Option<char> {
    use Field as F;
    let fields = rule.matches.iter().flat_map(|condition| &condition.fields);
    let by_field = fields.copied().find_map(|field| match field {
        F::Ip4Source | F::Ip4Destination | F::Ip4Offset => Some('4'),
        F::Ip6Source | F::Ip6Destination | F::Ip6Offset | F::HopLimit => Some('6'),
        _ => None,
    });
    by_field.or_else(|| {
        let is = |ethertype| {
            rule.matches.iter().any(|condition| {
                condition.fields == [F::Protocol]
                    && condition.is == super::super::model::Is::In
                    && condition.values == Compared::Listed([vec![ethertype]].into())
            })
        };
        if is(IP4) { Some('4') } else { is(IP6).then_some('6') }
    })
}

fn address(field: Field, value: u128) -> Option<IpAddr> {
    match field {
        Field::Ip6Source
        | Field::Ip6Destination
        | Field::Quote6Source
        | Field::Quote6Destination => Some(Ipv6Addr::from_bits(value).into()),
        _ => u32::try_from(value).ok().map(|bits| Ipv4Addr::from_bits(bits).into()),
    }
}

/// The transport of a protocol number. ICMP is one transport in both families, by two numbers.
fn transport(number: u8) -> Transport {
    match u128::from(number) {
        TCP => Transport::Tcp,
        UDP => Transport::Udp,
        1 | 58 => Transport::Icmp,
        _ => Transport::Other(number),
    }
}
