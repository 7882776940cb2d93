//! Rules as data, and what they do with a packet: the one meaning that compiler, reader and proof
//! share, after the kernel's own (nft(8)).
//!
//! Refuses everything that we never write: what has no place here can't be proved.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::network::Transport;

use super::frame::{Frame, value};
use super::layout::Name;

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
    /// The hop limit of IPv6.
    HopLimit,
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
    Icmp4Type,
    Icmp4Code,
    Icmp6Type,
    /// The target address of neighbour solicitations and advertisements.
    DiscoveryTarget,
    /// The first half of it.
    DiscoveryNet,
    /// Of the packet that an ICMP error quotes: the version and length of its header.
    Quote4Start,
    /// Its fragment offset.
    Quote4Offset,
    Quote4Transport,
    Quote4Source,
    Quote4Destination,
    Quote4From,
    Quote4To,
    Quote6Transport,
    Quote6Source,
    Quote6Destination,
    Quote6From,
    Quote6To,
}

impl Field {
    /// The types of ICMP that have this field at all, where it is read by its place alone; and the
    /// field that holds the type.
    pub(super) fn only_in(self) -> Option<(Field, &'static [u128])> {
        use Field as F;
        match self {
            F::DiscoveryTarget | F::DiscoveryNet => Some((F::Icmp6Type, &[135, 136])),
            F::Quote4Start
            | F::Quote4Offset
            | F::Quote4Transport
            | F::Quote4Source
            | F::Quote4Destination
            | F::Quote4From
            | F::Quote4To => Some((F::Icmp4Type, &[UNREACHABLE])),
            F::Quote6Transport
            | F::Quote6Source
            | F::Quote6Destination
            | F::Quote6From
            | F::Quote6To => Some((F::Icmp6Type, &[TOO_BIG])),
            _ => None,
        }
    }
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
/// The hop limit that neighbour discovery has (RFC 4861, section 3.1).
pub(super) const ON_LINK: u128 = 255;
/// Destination unreachable (RFC 792), and its code for a packet that may not be cut (RFC 1191).
pub(super) const UNREACHABLE: u128 = 3;
pub(super) const MAY_NOT_BE_CUT: u128 = 4;
/// Packet too big (RFC 4443, section 3.2).
pub(super) const TOO_BIG: u128 = 2;
/// Version 4, and a header of five words: without options (RFC 791, section 3.1).
pub(super) const PLAIN_HEADER: u128 = 0x45;

/// Most fields that are looked at together.
pub(super) const TOGETHER: usize = 4;

/// Whether a value has to be among those named, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Is {
    In,
    NotIn,
}

/// What fields are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Values {
    /// Values that stand in the rule.
    Listed(Elements),
    /// Those of a set.
    Named(Name),
}

/// Values of fields that are looked at together.
pub(super) type Elements = BTreeSet<Vec<u128>>;

/// Fields together, and the values that they are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Match {
    pub(super) fields: Vec<Field>,
    pub(super) is: Is,
    pub(super) values: Values,
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
    /// To another chain, and when it returns, back from here, too.
    Goto(String),
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

/// Every chain by its name.
pub(super) type Chains = BTreeMap<String, Chain>;
/// Every set.
pub(super) type Sets = BTreeMap<Name, Elements>;

/// All that stands in our table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruleset {
    pub(super) chains: Chains,
    pub(super) sets: Sets,
}

/// Whether a packet goes on after a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Dropped,
    Returned,
}

/// Deepest chain of jumps; ours go four deep.
const JUMPS: usize = 8;

/// Whether a base chain lets a packet through.
pub(super) fn lets_pass(chains: &Chains, sets: &Sets, base: &Chain, frame: &Frame<'_>) -> bool {
    walk(chains, sets, base, frame, JUMPS) == Outcome::Returned
}

fn walk(chains: &Chains, sets: &Sets, from: &Chain, frame: &Frame<'_>, jumps: usize) -> Outcome {
    // A jump to nowhere, or without end, can't be in a kernel; here it lets nothing pass.
    let follow = |target: &String| match chains.get(target) {
        Some(chain) if jumps > 0 => walk(chains, sets, chain, frame, jumps - 1),
        _ => Outcome::Dropped,
    };
    for rule in &from.rules {
        if !rule.matches.iter().all(|condition| condition.holds(sets, frame)) {
            continue;
        }
        match &rule.verdict {
            Verdict::Return => return Outcome::Returned,
            Verdict::Drop => return Outcome::Dropped,
            Verdict::Goto(target) => return follow(target),
            Verdict::Jump(target) => {
                if follow(target) == Outcome::Dropped {
                    return Outcome::Dropped;
                }
            }
        }
    }
    Outcome::Returned
}

impl Match {
    fn holds(&self, sets: &Sets, frame: &Frame<'_>) -> bool {
        let mut values = [0; TOGETHER];
        for (place, field) in values.iter_mut().zip(&self.fields) {
            // A field that the packet has not makes the rule not match, whatever it compares.
            let Some(value) = value(*field, frame) else { return false };
            *place = value;
        }
        let Some(values) = values.get(..self.fields.len()) else { return false };
        let found = match &self.values {
            Values::Listed(listed) => listed.contains(values),
            Values::Named(name) => sets.get(name).is_some_and(|set| set.contains(values)),
        };
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
