//! A packet as it may stand on the wire: what a class leaves open and a rule could look at.
//!
//! Refuses to leave out a form that some rule of ours could tell from another.

use std::collections::BTreeSet;

use decisions::containment::passes::{Carried, Content, Message, Packet, Quoted, Segment};
use domain::network::Transport;

use super::model::{
    ACK, ARP, DISCOVERY, Field, ICMP, ICMP6, IP4, IP6, MAY_NOT_BE_CUT, ON_LINK, PLAIN_HEADER, SYN,
    TCP, TOO_BIG, UDP, UNREACHABLE, number, of_mac, protocol,
};

/// One form of a packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'p> {
    pub(super) packet: &'p Packet,
    /// Whether it came without a hardware address that the kernel could look at.
    hides_mac: bool,
    /// SYN and ACK of a segment that begins no connection.
    later: u128,
    /// The offset of a packet of IPv6 that is no later fragment: none, or that of a first one.
    offset6: Option<u128>,
    hops: u128,
    icmp: Option<Icmp>,
}

/// A message of ICMP.
#[derive(Debug, Clone, Copy)]
struct Icmp {
    kind: u128,
    code: u128,
    target: Option<u128>,
    quote: Option<Quote>,
}

/// What it quotes.
#[derive(Debug, Clone, Copy)]
struct Quote {
    start: u128,
    offset: u128,
    transport: u128,
    of: Quoted,
}

/// What rules tell apart within a class: types and codes of ICMP that they name, targets of
/// discovery, and packets that may be quoted.
#[derive(Debug, Default, Clone)]
pub(super) struct Forms {
    pub(super) types4: BTreeSet<u128>,
    pub(super) codes4: BTreeSet<u128>,
    pub(super) types6: BTreeSet<u128>,
    pub(super) targets: BTreeSet<u128>,
    pub(super) quotes: Vec<Quoted>,
}

/// An echo request, for all types that no rule names (RFC 792; RFC 4443, section 4.1).
const ECHO4: u128 = 8;
/// As [`ECHO4`].
const ECHO6: u128 = 128;
/// A hop limit that is not of this segment.
const FORWARDED: u128 = 64;

impl<'p> Frame<'p> {
    /// Every form that a packet may have.
    pub(super) fn each(
        packet: &'p Packet,
        forms: &Forms,
        mut each: impl FnMut(Self) -> bool,
    ) -> bool {
        let hops = FORWARDED;
        let plain = Frame { packet, hides_mac: false, later: ACK, offset6: None, hops, icmp: None };
        match packet.content {
            Content::Discovery(discovery) => {
                let (kinds, target): (&[u128], _) = match discovery.message {
                    Message::AsksForRouters => (&[133], None),
                    Message::Routes => (&[134, 137], None),
                    Message::Solicits(target) => (&[135], Some(number(target.into()))),
                    Message::Advertises(target) => (&[136], Some(number(target.into()))),
                };
                kinds.iter().all(|kind| {
                    let icmp = Some(Icmp { kind: *kind, code: 0, target, quote: None });
                    each(Frame { icmp, hops: ON_LINK, ..plain })
                })
            }
            Content::Internet(internet) => {
                let is_ip4 = internet.source.is_ipv4();
                let forms_of: &[(Option<u128>, u128)] = if is_ip4 {
                    &[(None, FORWARDED)]
                } else {
                    &[(None, FORWARDED), (Some(0), FORWARDED), (None, ON_LINK)]
                };
                forms_of.iter().all(|(offset6, hops)| {
                    let frame = Frame { offset6: *offset6, hops: *hops, ..plain };
                    match internet.carried {
                        Carried::Tcp(.., Segment::Later) => [0, ACK, SYN | ACK]
                            .into_iter()
                            .all(|later| each(Frame { later, ..frame })),
                        Carried::TooBig(quoted) => {
                            each(Frame { icmp: Some(too_big(quoted, is_ip4)), ..frame })
                        }
                        Carried::Portless(Transport::Icmp) => others(forms, is_ip4)
                            .filter(|icmp| *hops != ON_LINK || !DISCOVERY.contains(&icmp.kind))
                            .all(|icmp| each(Frame { icmp: Some(icmp), ..frame })),
                        _ => each(frame),
                    }
                })
            }
            Content::Arp(..) | Content::Other(_) => each(plain),
        }
    }
}

impl Frame<'_> {
    /// The same, as it comes from where there are no hardware addresses.
    pub(super) fn without_mac(self) -> Self {
        Self { hides_mac: true, ..self }
    }
}

/// The error about a packet that was too big.
fn too_big(quoted: Quoted, is_ip4: bool) -> Icmp {
    let (kind, code) = if is_ip4 { (UNREACHABLE, MAY_NOT_BE_CUT) } else { (TOO_BIG, 0) };
    let transport = protocol(quoted.transport, is_ip4);
    let quote = Quote { start: PLAIN_HEADER, offset: 0, transport, of: quoted };
    Icmp { kind, code, target: None, quote: Some(quote) }
}

/// ICMP that is neither discovery nor that error, but may come as close to it as one field.
fn others(forms: &Forms, is_ip4: bool) -> impl Iterator<Item = Icmp> {
    let plain = |kind| Icmp { kind, code: 0, target: None, quote: None };
    let codes = || forms.codes4.iter().copied().chain([0]);
    let four = forms.types4.iter().copied().chain([ECHO4]).filter(move |_| is_ip4);
    let four = four.flat_map(move |kind| codes().map(move |code| Icmp { code, ..plain(kind) }));
    let six = forms.types6.iter().copied().chain([ECHO6]).filter(move |_| !is_ip4).map(plain);
    let told = four.chain(six);
    let discovery = DISCOVERY.into_iter().filter(move |_| !is_ip4);
    // With a hop limit that says that it has been passed on, discovery is none.
    let passed_on = discovery.flat_map(move |kind| {
        let targets = forms.targets.iter().filter(move |_| matches!(kind, 135 | 136));
        let targets = targets.map(|target| Some(*target)).chain([None]);
        targets.map(move |target| Icmp { target, ..plain(kind) })
    });
    let quotes = forms.quotes.iter().filter(move |quoted| quoted.source.is_ipv4() == is_ip4);
    let quotes = quotes.flat_map(move |quoted| {
        let right = too_big(*quoted, is_ip4);
        let with = |change: &dyn Fn(&mut Quote)| {
            let mut icmp = right;
            icmp.quote.iter_mut().for_each(change);
            icmp
        };
        let (start, cut) = (with(&|quote| quote.start += 1), with(&|quote| quote.offset = 1));
        let transport = with(&|quote| quote.transport = protocol(Transport::Icmp, is_ip4));
        // What is quenched (RFC 792, type 4) or unreachable, and what is so for another reason.
        let kinds = if is_ip4 { (&forms.types4, 4) } else { (&forms.types6, 1) };
        let kinds =
            kinds.0.iter().copied().chain([kinds.1]).filter(move |kind| *kind != right.kind);
        let kinds = kinds.map(move |kind| Icmp { kind, ..right });
        let codes = forms.codes4.iter().copied().chain([0]);
        let codes = codes.filter(move |code| is_ip4 && *code != right.code);
        let codes = codes.map(move |code| Icmp { code, ..right });
        let only4 = [start, cut].into_iter().filter(move |_| is_ip4);
        kinds.chain(codes).chain(only4).chain([transport])
    });
    told.chain(passed_on).chain(quotes)
}

/// A field of a packet, where it has it.
pub(super) fn value(field: Field, frame: &Frame<'_>) -> Option<u128> {
    let packet = frame.packet;
    match field {
        Field::EtherSource => return (!frame.hides_mac).then(|| of_mac(packet.source)),
        Field::EtherDestination => return (!frame.hides_mac).then(|| of_mac(packet.destination)),
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
            Field::HopLimit => Some(frame.hops),
            _ => of_icmp(field, frame, false),
        },
        Content::Internet(internet) => {
            let is_ip4 = internet.source.is_ipv4();
            match field {
                Field::Protocol => Some(if is_ip4 { IP4 } else { IP6 }),
                Field::Ip4Source if is_ip4 => Some(number(internet.source)),
                Field::Ip4Destination if is_ip4 => Some(number(internet.destination)),
                Field::Ip6Source if !is_ip4 => Some(number(internet.source)),
                Field::Ip6Destination if !is_ip4 => Some(number(internet.destination)),
                Field::HopLimit if !is_ip4 => Some(frame.hops),
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
        (Field::Transport, Carried::TooBig(_)) => Some(if is_ip4 { ICMP } else { ICMP6 }),
        (Field::Transport, Carried::Portless(t) | Carried::Fragment(t)) => {
            Some(protocol(t, is_ip4))
        }
        (Field::TcpSource, Carried::Tcp(port, ..))
        | (Field::TcpDestination, Carried::Tcp(_, port, _))
        | (Field::UdpSource, Carried::Udp(port, _))
        | (Field::UdpDestination, Carried::Udp(_, port)) => Some(u128::from(port)),
        (Field::TcpSynAck, Carried::Tcp(.., Segment::Initial)) => Some(SYN),
        (Field::TcpSynAck, Carried::Tcp(.., Segment::Later)) => Some(frame.later),
        _ => of_icmp(field, frame, is_ip4),
    }
}

fn of_icmp(field: Field, frame: &Frame<'_>, is_ip4: bool) -> Option<u128> {
    let icmp = frame.icmp?;
    match field {
        Field::Icmp4Type if is_ip4 => return Some(icmp.kind),
        Field::Icmp4Code if is_ip4 => return Some(icmp.code),
        Field::Icmp6Type if !is_ip4 => return Some(icmp.kind),
        Field::DiscoveryTarget => return icmp.target,
        Field::DiscoveryNet => return icmp.target.map(|target| target >> 64),
        _ => {}
    }
    let quote = icmp.quote?;
    match (field, is_ip4) {
        (Field::Quote4Start, true) => Some(quote.start),
        (Field::Quote4Offset, true) => Some(quote.offset),
        (Field::Quote4Transport, true) | (Field::Quote6Transport, false) => Some(quote.transport),
        (Field::Quote4Source, true) | (Field::Quote6Source, false) => Some(number(quote.of.source)),
        (Field::Quote4Destination, true) | (Field::Quote6Destination, false) => {
            Some(number(quote.of.destination))
        }
        (Field::Quote4From, true) | (Field::Quote6From, false) => Some(quote.of.from.into()),
        (Field::Quote4To, true) | (Field::Quote6To, false) => Some(quote.of.to.into()),
        _ => None,
    }
}
