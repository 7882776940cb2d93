//! A glance at a frame: who to whom, on what, as an enforcement point on a bridge sees it.
//!
//! Refuses to remember and to look deeper than such a point does: one VLAN tag is passed over,
//! tunnels are not opened, fragments are not joined. What it can't read is [`Content::Other`].

use std::net::{Ipv4Addr, Ipv6Addr};

use domain::device::MacAddress;
use domain::network::Transport;
use domain::packet::{Carried, Content, Discovery, Internet, Message, Packet, Quoted, Segment};

use super::internet::{self, neighbours};
use super::octets::{array, u8_at, u16_at};

const ETHERTYPE_IP4: u16 = 0x0800;
const ETHERTYPE_IP6: u16 = 0x86dd;
const ETHERTYPE_ARP: u16 = 0x0806;
/// A VLAN tag (IEEE 802.1Q).
const ETHERTYPE_VLAN: u16 = 0x8100;

/// What an Ethernet frame is; `None` where not even its header is whole.
#[must_use]
pub fn glance(frame: &[u8]) -> Option<Packet> {
    let destination = MacAddress(array(frame, 0)?);
    let source = MacAddress(array(frame, 6)?);
    let (mut kind, mut bytes) = (u16_at(frame, 12)?, frame.get(14..)?);
    let mut vlan = None;
    if kind == ETHERTYPE_VLAN
        && let (Some(tag), Some(inner), Some(rest)) =
            (u16_at(bytes, 0), u16_at(bytes, 2), bytes.get(4..))
    {
        vlan = Some(tag & 0x0fff);
        (kind, bytes) = (inner, rest);
    }
    let content = match kind {
        ETHERTYPE_IP4 | ETHERTYPE_IP6 => internet(bytes),
        ETHERTYPE_ARP => arp(bytes),
        _ => None,
    };
    let content = content.unwrap_or(Content::Other(kind));
    Some(Packet { source, destination, vlan, content })
}

/// The sender and the target of ARP for IPv4 over Ethernet (RFC 826).
fn arp(bytes: &[u8]) -> Option<Content> {
    let sender = Ipv4Addr::from_octets(array(bytes, 14)?);
    let target = Ipv4Addr::from_octets(array(bytes, 24)?);
    Some(Content::Arp(sender, target))
}

fn internet(bytes: &[u8]) -> Option<Content> {
    let packet = internet::read_one(bytes).ok()?;
    let later = packet.fragment.is_some_and(|fragment| fragment.offset > 0);
    let transport = match packet.protocol {
        internet::TCP => Transport::Tcp,
        internet::UDP => Transport::Udp,
        internet::ICMP | internet::ICMP_SIX => Transport::Icmp,
        other => Transport::Other(other),
    };
    if !later && let Some(discovery) = discovery(&packet) {
        return Some(Content::Discovery(discovery));
    }
    let ports = u16_at(packet.payload, 0).zip(u16_at(packet.payload, 2));
    let carried = match (transport, ports) {
        _ if later => Carried::Fragment(transport),
        (Transport::Tcp, ports) => match (ports, u8_at(packet.payload, 13)) {
            (Some((from, to)), Some(flags)) => {
                const SYN: u8 = 0x02;
                const ACK: u8 = 0x10;
                let initial = flags & (SYN | ACK) == SYN;
                let segment = if initial { Segment::Initial } else { Segment::Later };
                Carried::Tcp(from, to, segment)
            }
            _ => Carried::Cut,
        },
        (Transport::Udp, Some((from, to))) => Carried::Udp(from, to),
        (Transport::Udp, None) => Carried::Cut,
        (other, _) => too_big(&packet).map_or(Carried::Portless(other), Carried::TooBig),
    };
    let (source, destination) = (packet.source, packet.destination);
    Some(Content::Internet(Internet { source, destination, carried }))
}

/// The packet that was too big for the way: type 3 with code 4 (RFC 1191, section 4), or type 2 of
/// `ICMPv6` (RFC 4443, section 3.2). Only one right behind a header without options, as the
/// enforcement points read it.
fn too_big(packet: &internet::Packet<'_>) -> Option<Quoted> {
    let kind = (u8_at(packet.payload, 0)?, u8_at(packet.payload, 1)?);
    let header = match (packet.protocol, kind) {
        (internet::ICMP, (3, 4)) if u8_at(packet.payload, 8)? == 0x45 => 20,
        (internet::ICMP_SIX, (2, _)) => 40,
        _ => return None,
    };
    let quoted = internet::quoted(packet.payload)?;
    if header == 40 && u8_at(packet.payload, 8 + 6)? != quoted.protocol {
        return None;
    }
    let transport = match quoted.protocol {
        internet::TCP => Transport::Tcp,
        internet::UDP => Transport::Udp,
        _ => return None,
    };
    // The transport's own ports stand right behind the header.
    let (from, to) = u16_at(packet.payload, 8 + header).zip(u16_at(packet.payload, 10 + header))?;
    let (source, destination) = (quoted.source, quoted.destination);
    Some(Quoted { source, destination, transport, from, to })
}

/// A message of neighbour discovery (RFC 4861, section 4), with the hop limit that it has only on
/// its own segment (section 3.1).
fn discovery(packet: &internet::Packet<'_>) -> Option<Discovery> {
    if packet.protocol != internet::ICMP_SIX || packet.hops != 255 {
        return None;
    }
    let kind = u8_at(packet.payload, 0).filter(|kind| neighbours::is_discovery(*kind))?;
    let target = || array(packet.payload, 8).map(Ipv6Addr::from_octets);
    let message = match kind {
        133 => Message::AsksForRouters,
        135 => Message::Solicits(target()?),
        136 => Message::Advertises(target()?),
        _ => Message::Routes,
    };
    let (std::net::IpAddr::V6(source), std::net::IpAddr::V6(destination)) =
        (packet.source, packet.destination)
    else {
        return None;
    };
    Some(Discovery { source, destination, message })
}

#[cfg(test)]
mod tests;
