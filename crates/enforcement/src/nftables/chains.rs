//! The rules, which are the same whatever devices there are: all that differs stands in sets.
//!
//! A packet is looked at twice: as one that leaves a device, and as one that reaches a device; and
//! each time by hardware address and by IP address. So who forges one of them is held by the other.
//! Refuses to remember connections: who may begin one is held by TCP's flags, so that a session
//! that was open goes on, and a restart changes nothing.

use std::net::Ipv4Addr;

use decisions::containment::passes::{
    DHCP_CLIENT, DHCP_SERVER, DHCP6_CLIENT, DHCP6_GROUP, DHCP6_SERVER, LINK_LOCAL,
};

use super::layout::{LEAVES, Name, Place, REACHES};
use super::model::{
    Chain, Chains, DISCOVERY, Field, Hook, IP4, IP6, Is, MAY_NOT_BE_CUT, Match, ON_LINK,
    PLAIN_HEADER, Rule, SYN, TOO_BIG, UNREACHABLE, Values, Verdict, number,
};

/// Which way a packet goes, seen from the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Leaves,
    Reaches,
}

/// An address family, seen from the device on one of the ways.
#[derive(Debug, Clone, Copy)]
struct Family {
    digit: char,
    /// The device's address.
    own: Field,
    /// The other end's.
    peer: Field,
    offset: Field,
}

/// The chains for a place.
pub(super) fn chains(place: Place) -> Chains {
    let mut chains = Chains::new();
    for (hook, priority, targets) in place.hooks() {
        let jumps = targets.iter().map(|to| rule([], Verdict::Jump((*to).to_owned()))).collect();
        let (name, policy) = ((*hook).to_owned(), "accept".to_owned());
        let hook = Some(Hook { name: name.clone(), priority: *priority, policy });
        chains.insert(name, Chain { hook, rules: jumps });
    }
    for way in [Way::Leaves, Way::Reaches] {
        way.chains(place, &mut chains);
    }
    chains
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Leaves => LEAVES,
            Self::Reaches => REACHES,
        }
    }

    fn mac(self) -> Field {
        match self {
            Self::Leaves => Field::EtherSource,
            Self::Reaches => Field::EtherDestination,
        }
    }

    fn families(self) -> [Family; 2] {
        let ends = |digit, source, destination, offset| {
            let (own, peer) = match self {
                Self::Leaves => (source, destination),
                Self::Reaches => (destination, source),
            };
            Family { digit, own, peer, offset }
        };
        [
            ends('4', Field::Ip4Source, Field::Ip4Destination, Field::Ip4Offset),
            ends('6', Field::Ip6Source, Field::Ip6Destination, Field::Ip6Offset),
        ]
    }

    fn chains(self, place: Place, chains: &mut Chains) {
        let way = self.name();
        let mut add = |name: String, rules| {
            chains.insert(name, Chain { hook: None, rules });
        };
        let mut judge = Vec::new();
        // Where a packet goes to on its next segment is not known yet when it is judged.
        let sees_mac = place == Place::Bridge || self == Self::Leaves;
        if sees_mac {
            let to = format!("{way}_mac");
            judge.push(rule([named([self.mac()], "macs")], Verdict::Jump(to.clone())));
            add(to, self.by_mac(place));
        }
        // Discovery never leaves its segment: it is judged by hardware address alone.
        judge.push(rule(discovery(DISCOVERY), Verdict::Return));
        for family in self.families() {
            let to = format!("{way}_ip{}", family.digit);
            let own = named([family.own], &format!("ip{}s", family.digit));
            judge.push(rule([own], Verdict::Jump(to.clone())));
            let mut rules = self.leases_by_ip(family);
            if self == Self::Reaches {
                rules.extend(told_of_size(family));
            }
            rules.extend(self.open(family, family.own, "ip"));
            add(to, rules);
            if sees_mac {
                let rules = self.open(family, self.mac(), "mac");
                add(format!("{way}_mac{}", family.digit), rules);
            }
        }
        add(way.to_owned(), judge);
    }

    /// What a hardware address may say at all; whether it is open is looked up by the IP address,
    /// or in another chain where no IP address is known.
    fn by_mac(self, place: Place) -> Vec<Rule> {
        let mut rules = Vec::new();
        if place == Place::Bridge {
            rules.extend(self.arp());
        }
        rules.extend(self.discovers());
        rules.extend(self.leases_by_mac());
        for family in self.families() {
            let digit = family.digit;
            let own = named([self.mac(), family.own], &format!("mac{digit}_own"));
            rules.push(rule([own], Verdict::Return));
            // The last takes all that is left, and drops what it does not know.
            let within = (digit == '4').then(|| one(Field::Protocol, IP4));
            let to = Verdict::Goto(format!("{}_mac{digit}", self.name()));
            rules.push(rule(Vec::from_iter(within), to));
        }
        rules
    }

    fn arp(self) -> Vec<Rule> {
        if self == Self::Reaches {
            let sender = named([self.mac(), Field::ArpSender], "mac4_peers");
            return vec![rule([sender], Verdict::Return)];
        }
        let [own, any, none] = self.honest(Field::ArpSender);
        let target = |set| named([self.mac(), Field::ArpTarget], set);
        let (to_peer, to_own) = (target("mac4_peers"), target("mac4_own"));
        let pairs = [
            [own.clone(), to_peer.clone()],
            [own, to_own.clone()],
            [any, to_peer.clone()],
            [none.clone(), to_peer],
            [none, to_own],
        ];
        pairs.map(|pair| rule(pair, Verdict::Return)).into()
    }

    /// That a field holds no foreign address of IPv4: its own, any where none is known, or none.
    fn honest(self, field: Field) -> [Match; 3] {
        [
            named([self.mac(), field], "mac4_own"),
            named([self.mac()], "mac4_any"),
            one(field, number(Ipv4Addr::UNSPECIFIED.into())),
        ]
    }

    /// Discovery, after which no other of it passes.
    fn discovers(self) -> Vec<Rule> {
        let mac = self.mac();
        let target = |set| named([mac, Field::DiscoveryTarget], set);
        let speaks = named([mac], "mac6_speaks");
        let mut rules = Vec::new();
        let mut pass = |types: &[u128], more: &[&Match]| {
            let mut matches = discovery(types.iter().copied());
            matches.extend(more.iter().map(|condition| (*condition).clone()));
            rules.push(rule(matches, Verdict::Return));
        };
        // A router is looked for by its link-local address, which no plan need know.
        let router = one(Field::DiscoveryNet, u128::from(LINK_LOCAL));
        let own = [target("mac6_own_targets"), named([mac], "mac6_any")];
        match self {
            Self::Leaves => {
                let [own, any] = &own;
                pass(&[135], &[&target("mac6_peer_targets")]);
                pass(&[135], &[&speaks, &router]);
                // It asks whether anybody has its own address, and tells that it has.
                pass(&[135, 136], &[own]);
                pass(&[136], &[any]);
                pass(&[133], &[&speaks]);
            }
            Self::Reaches => {
                for own in &own {
                    pass(&[135], &[own]);
                }
                pass(&[136], &[&target("mac6_peer_targets")]);
                pass(&[136], &[&speaks, &router]);
                pass(&[134, 137], &[&speaks]);
            }
        }
        rules.push(rule(discovery(DISCOVERY), Verdict::Drop));
        rules
    }

    fn leases_by_mac(self) -> Vec<Rule> {
        let keeps = |digit| named([self.mac()], &format!("mac{digit}_leases"));
        let with = |mut matches: Vec<Match>, digit| {
            matches.push(keeps(digit));
            matches.extend(self.lease(digit));
            rule(matches, Verdict::Return)
        };
        match self {
            Self::Leaves => {
                // From an address that is its own, it is asked for by that address.
                let [_, any, none] = self.honest(Field::Ip4Source);
                vec![with(vec![any], '4'), with(vec![none], '4'), with(Vec::new(), '6')]
            }
            Self::Reaches => vec![
                with(vec![one(Field::Protocol, IP4)], '4'),
                with(vec![one(Field::Protocol, IP6)], '6'),
            ],
        }
    }

    fn leases_by_ip(self, family: Family) -> Vec<Rule> {
        let mut matches = vec![named([family.own], &format!("ip{}_leases", family.digit))];
        matches.extend(self.lease(family.digit));
        vec![rule(matches, Verdict::Return)]
    }

    /// A question for a lease, which goes to everybody, or its answer.
    fn lease(self, digit: char) -> Vec<Match> {
        let (client, server, to) = match digit {
            '4' => (
                DHCP_CLIENT,
                DHCP_SERVER,
                one(Field::Ip4Destination, number(Ipv4Addr::BROADCAST.into())),
            ),
            _ => {
                (DHCP6_CLIENT, DHCP6_SERVER, one(Field::Ip6Destination, number(DHCP6_GROUP.into())))
            }
        };
        match self {
            Self::Leaves => [vec![to], dialogue(client, server)].concat(),
            Self::Reaches => dialogue(server, client),
        }
    }

    /// What is open, looked up by that key; and nothing else.
    fn open(self, family: Family, key: Field, prefix: &str) -> Vec<Rule> {
        let later = Match {
            fields: vec![Field::TcpSynAck],
            is: Is::NotIn,
            values: Values::Listed([vec![SYN]].into()),
        };
        let fragment = Match {
            fields: vec![family.offset],
            is: Is::NotIn,
            values: Values::Listed([vec![0]].into()),
        };
        // To a server goes what begins; from it comes what follows.
        let (as_client, as_server) = match self {
            Self::Leaves => ((Field::TcpDestination, false), (Field::TcpSource, true)),
            Self::Reaches => ((Field::TcpSource, true), (Field::TcpDestination, false)),
        };
        let mut rules = Vec::new();
        let mut pass = |field: Field, set: &str, more: Option<&Match>| {
            let set = format!("{prefix}{}_{set}", family.digit);
            let mut matches = vec![named([key, family.peer, field], &set)];
            matches.extend(more.cloned());
            rules.push(rule(matches, Verdict::Return));
        };
        for ((field, follows), side) in [(as_client, "client"), (as_server, "server")] {
            pass(field, &format!("{side}_tcp"), follows.then_some(&later));
            let field = match field {
                Field::TcpSource => Field::UdpSource,
                _ => Field::UdpDestination,
            };
            pass(field, &format!("{side}_udp"), None);
        }
        pass(Field::Transport, "whole", None);
        pass(Field::Transport, "pieces", Some(&fragment));
        rules.push(rule([], Verdict::Drop));
        rules
    }
}

/// That a packet of an open flow was too big, whoever says so.
fn told_of_size(family: Family) -> Vec<Rule> {
    let (is, quoted, ports) = match family.digit {
        '4' => (
            vec![
                one(Field::Icmp4Type, UNREACHABLE),
                one(Field::Icmp4Code, MAY_NOT_BE_CUT),
                one(Field::Quote4Start, PLAIN_HEADER),
                one(Field::Quote4Offset, 0),
            ],
            [Field::Quote4Source, Field::Quote4Destination, Field::Quote4Transport],
            [("client", Field::Quote4To), ("server", Field::Quote4From)],
        ),
        _ => (
            vec![one(Field::Icmp6Type, TOO_BIG)],
            [Field::Quote6Source, Field::Quote6Destination, Field::Quote6Transport],
            [("client", Field::Quote6To), ("server", Field::Quote6From)],
        ),
    };
    let each = ports.map(|(side, port)| {
        let [source, destination, transport] = quoted;
        let mut matches = is.clone();
        matches.push(named([family.own, source], &format!("ip{}_sent_from", family.digit)));
        let fields = [family.own, destination, transport, port];
        matches.push(named(fields, &format!("ip{}_{side}_sent", family.digit)));
        rule(matches, Verdict::Return)
    });
    each.into()
}

/// Discovery of these types, from this segment.
fn discovery(types: impl IntoIterator<Item = u128>) -> Vec<Match> {
    vec![one(Field::HopLimit, ON_LINK), among(Field::Icmp6Type, types)]
}

fn dialogue(from: u16, to: u16) -> Vec<Match> {
    vec![one(Field::UdpSource, from.into()), one(Field::UdpDestination, to.into())]
}

fn rule(matches: impl Into<Vec<Match>>, verdict: Verdict) -> Rule {
    Rule { matches: matches.into(), verdict }
}

fn named(fields: impl Into<Vec<Field>>, set: &str) -> Match {
    let name = Name::of(set).expect("invariant: the layout has every set that a rule looks at");
    Match { fields: fields.into(), is: Is::In, values: Values::Named(name) }
}

fn one(field: Field, value: u128) -> Match {
    among(field, [value])
}

fn among(field: Field, values: impl IntoIterator<Item = u128>) -> Match {
    let values = values.into_iter().map(|value| vec![value]).collect();
    Match { fields: vec![field], is: Is::In, values: Values::Listed(values) }
}
