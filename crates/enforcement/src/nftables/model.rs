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

/// Most chains that a packet is in at once; ours go four jumps deep.
const JUMPS: usize = 9;

/// Rules with the elements of some devices, made ready for many packets: what a rule leads to and
/// is compared with is looked up once. Rules that can't match for want of elements are left out.
#[derive(Debug)]
pub(super) struct Walk<'r> {
    names: BTreeMap<&'r str, usize>,
    chains: Vec<Vec<Stride<'r>>>,
}

/// A rule made ready.
#[derive(Debug)]
struct Stride<'r> {
    conditions: Vec<Condition<'r>>,
    then: Then,
}

/// A condition made ready.
#[derive(Debug)]
struct Condition<'r> {
    fields: &'r [Field],
    is: Is,
    values: &'r Elements,
}

/// What a rule does, with the place of the chain that it leads to; there may be none.
#[derive(Debug, Clone, Copy)]
enum Then {
    Return,
    Drop,
    Jump(Option<usize>),
    Goto(Option<usize>),
}

/// The elements of a set that is not there.
static NOTHING: Elements = Elements::new();

impl<'r> Walk<'r> {
    /// Makes rules ready.
    pub(super) fn new(chains: &'r Chains, sets: &'r Sets) -> Self {
        let places = chains.keys().enumerate();
        let names = places.map(|(place, name)| (name.as_str(), place)).collect();
        let mut walk = Self { names, chains: Vec::new() };
        for chain in chains.values() {
            let strides = chain.rules.iter().map(|rule| walk.stride(rule, sets));
            walk.chains.push(strides.filter(Stride::may_match).collect());
        }
        walk
    }

    fn stride(&self, rule: &'r Rule, sets: &'r Sets) -> Stride<'r> {
        let place = |name: &String| self.names.get(name.as_str()).copied();
        let conditions = rule.matches.iter().map(|condition| Condition {
            fields: &condition.fields,
            is: condition.is,
            values: match &condition.values {
                Values::Listed(listed) => listed,
                Values::Named(name) => sets.get(name).unwrap_or(&NOTHING),
            },
        });
        let then = match &rule.verdict {
            Verdict::Return => Then::Return,
            Verdict::Drop => Then::Drop,
            Verdict::Jump(target) => Then::Jump(place(target)),
            Verdict::Goto(target) => Then::Goto(place(target)),
        };
        Stride { conditions: conditions.collect(), then }
    }

    /// The place of a chain.
    pub(super) fn place(&self, chain: &str) -> Option<usize> {
        self.names.get(chain).copied()
    }

    /// Whether a base chain, by its place, lets a packet through.
    pub(super) fn lets_pass(&self, base: usize, frame: &Frame<'_>) -> bool {
        self.follow(Some(base), frame, JUMPS) == Outcome::Returned
    }

    fn follow(&self, chain: Option<usize>, frame: &Frame<'_>, jumps: usize) -> Outcome {
        // A jump to nowhere, or without end, can't be in a kernel; here it lets nothing pass.
        let strides = chain.filter(|_| jumps > 0).and_then(|chain| self.chains.get(chain));
        let Some(strides) = strides else { return Outcome::Dropped };
        for stride in strides {
            if !stride.conditions.iter().all(|condition| condition.holds(frame)) {
                continue;
            }
            match stride.then {
                Then::Return => return Outcome::Returned,
                Then::Drop => return Outcome::Dropped,
                Then::Goto(target) => return self.follow(target, frame, jumps - 1),
                Then::Jump(target) => {
                    if self.follow(target, frame, jumps - 1) == Outcome::Dropped {
                        return Outcome::Dropped;
                    }
                }
            }
        }
        Outcome::Returned
    }
}

impl Stride<'_> {
    fn may_match(&self) -> bool {
        !self.conditions.iter().any(|of| of.is == Is::In && of.values.is_empty())
    }
}

impl Condition<'_> {
    fn holds(&self, frame: &Frame<'_>) -> bool {
        let mut values = [0; TOGETHER];
        for (place, field) in values.iter_mut().zip(self.fields) {
            // A field that the packet has not makes the rule not match, whatever it compares.
            let Some(value) = value(*field, frame) else { return false };
            *place = value;
        }
        let Some(values) = values.get(..self.fields.len()) else { return false };
        self.values.contains(values) == (self.is == Is::In)
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
