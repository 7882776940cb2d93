//! Rules as data, and what they do with a packet: the one meaning that compiler, reader and proof
//! share, after the kernel's own (nft(8)).
//!
//! Refuses everything that we never write: what has no place here can't be proved.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decisions::containment::passes::{Carried, Content, Message, Packet, Segment};
use domain::network::Transport;

/// What of a packet a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Field {
    EtherSource,
    EtherDestination,
    /// The protocol within the frame and its VLAN tag (`meta protocol`).
    Protocol,
    ArpSender,
    ArpTarget,
    Ip4Source,
    Ip4Destination,
    Ip6Source,
    Ip6Destination,
    /// The transport (`meta l4proto`), known of fragments, too.
    Transport,
    /// The fragment offset of IPv4.
    Ip4Offset,
    /// The fragment offset of IPv6; there is none in a packet that is no fragment.
    Ip6Offset,
    TcpSource,
    TcpDestination,
    /// The flags SYN and ACK, the others masked out.
    TcpSynAck,
    UdpSource,
    UdpDestination,
    Icmp6Type,
    /// The target address of neighbour solicitations and advertisements.
    DiscoveryTarget,
}

/// SYN alone, of SYN and ACK (RFC 9293, section 3.1).
pub(super) const SYN: u128 = 2;
/// ACK.
pub(super) const ACK: u128 = 16;
/// Protocol numbers.
pub(super) const TCP: u128 = 6;
pub(super) const UDP: u128 = 17;
pub(super) const ICMP: u128 = 1;
pub(super) const ICMP6: u128 = 58;
/// Ethertypes.
pub(super) const IP4: u128 = 0x0800;
pub(super) const IP6: u128 = 0x86DD;
pub(super) const ARP: u128 = 0x0806;
/// The types of neighbour discovery (RFC 4861, section 4).
pub(super) const DISCOVERY: [u128; 5] = [133, 134, 135, 136, 137];

/// Whether a value has to be among those named, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Is {
    In,
    NotIn,
}

/// Fields together, and the values that they are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Match {
    pub(super) fields: Vec<Field>,
    pub(super) is: Is,
    pub(super) values: BTreeSet<Vec<u128>>,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Back to the chain that jumped here.
    Return,
    /// No further.
    Drop,
    /// To another chain, and on from here when it returns.
    Jump(String),
    /// To the chain that a map has for a field's value, if any.
    Map(Field, String),
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Rule {
    pub(super) matches: Vec<Match>,
    pub(super) verdict: Verdict,
}

/// A chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// Where the kernel enters it, for a base chain.
    pub(super) hook: Option<Hook>,
    pub(super) rules: Vec<Rule>,
}

/// Where the kernel enters a base chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hook {
    pub(super) name: String,
    pub(super) priority: i64,
    pub(super) policy: String,
}

/// All that stands in our table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruleset {
    pub(super) maps: BTreeMap<String, Map>,
    pub(super) chains: BTreeMap<String, Chain>,
}

/// A map from the values of a type to chains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) kind: String,
    pub(super) elements: BTreeMap<u128, String>,
}

/// Whether a packet goes on after a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Dropped,
    Returned,
}

/// Deepest chain of jumps; ours go two deep.
const JUMPS: usize = 8;

impl Ruleset {
    /// Whether a base chain lets a packet through.
    pub(super) fn passes(&self, base: &Chain, frame: &Frame<'_>) -> bool {
        self.walk(base, frame, JUMPS) == Outcome::Returned
    }

    fn walk(&self, chain: &Chain, frame: &Frame<'_>, jumps: usize) -> Outcome {
        for rule in &chain.rules {
            if !rule.matches.iter().all(|condition| condition.holds(frame)) {
                continue;
            }
            let target = match &rule.verdict {
                Verdict::Return => return Outcome::Returned,
                Verdict::Drop => return Outcome::Dropped,
                Verdict::Jump(target) => Some(target),
                Verdict::Map(field, map) => {
                    value(*field, frame).and_then(|value| self.maps.get(map)?.elements.get(&value))
                }
            };
            let Some(target) = target else { continue };
            // A jump to nowhere, or without end, can't be in a kernel; here it lets nothing pass.
            let dropped = self.chains.get(target).is_none_or(|chain| {
                jumps == 0 || self.walk(chain, frame, jumps - 1) == Outcome::Dropped
            });
            if dropped {
                return Outcome::Dropped;
            }
        }
        Outcome::Returned
    }
}

impl Match {
    fn holds(&self, frame: &Frame<'_>) -> bool {
        let mut values = [0; 4];
        for (place, field) in values.iter_mut().zip(&self.fields) {
            // A field that the packet has not makes the rule not match, whatever it compares.
            let Some(value) = value(*field, frame) else { return false };
            *place = value;
        }
        let found = values.get(..self.fields.len()).is_some_and(|v| self.values.contains(v));
        found == (self.is == Is::In)
    }
}

/// An address as a number, IPv4 in its own 32 bits.
pub(super) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A hardware address as a number.
pub(super) fn of_mac(mac: domain::device::MacAddress) -> u128 {
    mac.0.iter().fold(0, |number, octet| number << 8 | u128::from(*octet))
}

/// The protocol number of a transport, within its family.
pub(super) fn protocol(transport: Transport, is_ip4: bool) -> u128 {
    match transport {
        Transport::Tcp => TCP,
        Transport::Udp => UDP,
        Transport::Icmp => {
            if is_ip4 {
                ICMP
            } else {
                ICMP6
            }
        }
        Transport::Other(number) => u128::from(number),
    }
}

/// A packet as it may stand on the wire: what a class leaves open and a rule could look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'p> {
    pub(super) packet: &'p Packet,
    /// The type of an `ICMPv6` message.
    icmp6: Option<u128>,
    /// SYN and ACK of a segment that begins no connection.
    later: u128,
    /// The offset of a packet of IPv6 that is no later fragment: none, or that of a first one.
    offset6: Option<u128>,
}

impl<'p> Frame<'p> {
    /// Every form that a packet may have. `types` are those of `ICMPv6` that a rule names.
    pub(super) fn each(
        packet: &'p Packet,
        types: &BTreeSet<u128>,
        mut each: impl FnMut(Self) -> bool,
    ) -> bool {
        let plain = Frame { packet, icmp6: None, later: ACK, offset6: None };
        match packet.content {
            Content::Discovery(discovery) => {
                let kinds: &[u128] = match discovery.message {
                    Message::AsksForRouters => &[133],
                    Message::Routes => &[134, 137],
                    Message::Solicits(_) => &[135],
                    Message::Advertises(_) => &[136],
                };
                kinds.iter().all(|kind| each(Frame { icmp6: Some(*kind), ..plain }))
            }
            Content::Internet(internet) => {
                let is_ip6 = internet.source.is_ipv6();
                let offsets: &[Option<u128>] = if is_ip6 { &[None, Some(0)] } else { &[None] };
                offsets.iter().all(|offset6| {
                    let frame = Frame { offset6: *offset6, ..plain };
                    match internet.carried {
                        Carried::Tcp(.., Segment::Later) => [0, ACK, SYN | ACK]
                            .into_iter()
                            .all(|later| each(Frame { later, ..frame })),
                        Carried::Portless(Transport::Icmp) if is_ip6 => types
                            .iter()
                            .filter(|kind| !DISCOVERY.contains(kind))
                            .chain(&[ECHO])
                            .all(|kind| each(Frame { icmp6: Some(*kind), ..frame })),
                        _ => each(frame),
                    }
                })
            }
            Content::Arp(..) | Content::Other(_) => each(plain),
        }
    }
}

/// An `ICMPv6` echo request, for all types that no rule names.
const ECHO: u128 = 128;

/// A field of a packet, where it has it.
fn value(field: Field, frame: &Frame<'_>) -> Option<u128> {
    let packet = frame.packet;
    match field {
        Field::EtherSource => return Some(of_mac(packet.source)),
        Field::EtherDestination => return Some(of_mac(packet.destination)),
        Field::Icmp6Type => return frame.icmp6,
        _ => {}
    }
    match packet.content {
        Content::Arp(sender, target) => match field {
            Field::Protocol => Some(ARP),
            Field::ArpSender => Some(number(sender.into())),
            Field::ArpTarget => Some(number(target.into())),
            _ => None,
        },
        Content::Discovery(discovery) => match field {
            Field::Protocol => Some(IP6),
            Field::Transport => Some(ICMP6),
            Field::Ip6Source => Some(number(discovery.source.into())),
            Field::Ip6Destination => Some(number(discovery.destination.into())),
            Field::DiscoveryTarget => match discovery.message {
                Message::Solicits(target) | Message::Advertises(target) => {
                    Some(number(target.into()))
                }
                Message::AsksForRouters | Message::Routes => None,
            },
            _ => None,
        },
        Content::Internet(internet) => {
            let is_ip4 = internet.source.is_ipv4();
            match field {
                Field::Protocol => Some(if is_ip4 { IP4 } else { IP6 }),
                Field::Ip4Source if is_ip4 => Some(number(internet.source)),
                Field::Ip4Destination if is_ip4 => Some(number(internet.destination)),
                Field::Ip6Source if !is_ip4 => Some(number(internet.source)),
                Field::Ip6Destination if !is_ip4 => Some(number(internet.destination)),
                _ => carried(field, internet.carried, is_ip4, frame),
            }
        }
        Content::Other(ethertype) => (field == Field::Protocol).then_some(u128::from(ethertype)),
    }
}

fn carried(field: Field, carried: Carried, is_ip4: bool, frame: &Frame<'_>) -> Option<u128> {
    // The offset of any fragment but the first; which one makes no difference to us.
    let is_fragment = matches!(carried, Carried::Fragment(_));
    match (field, carried) {
        (Field::Ip4Offset, _) if is_ip4 => Some(u128::from(is_fragment)),
        (Field::Ip6Offset, _) if !is_ip4 => {
            if is_fragment {
                Some(1)
            } else {
                frame.offset6
            }
        }
        (Field::Transport, Carried::Tcp(..)) => Some(TCP),
        (Field::Transport, Carried::Udp(..)) => Some(UDP),
        (Field::Transport, Carried::Portless(t) | Carried::Fragment(t)) => {
            Some(protocol(t, is_ip4))
        }
        (Field::TcpSource, Carried::Tcp(port, ..))
        | (Field::TcpDestination, Carried::Tcp(_, port, _))
        | (Field::UdpSource, Carried::Udp(port, _))
        | (Field::UdpDestination, Carried::Udp(_, port)) => Some(u128::from(port)),
        (Field::TcpSynAck, Carried::Tcp(.., Segment::Initial)) => Some(SYN),
        (Field::TcpSynAck, Carried::Tcp(.., Segment::Later)) => Some(frame.later),
        _ => None,
    }
}
