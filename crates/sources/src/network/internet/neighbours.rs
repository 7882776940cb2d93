//! Who speaks for an address on the segment: ARP (RFC 826) and neighbour discovery (RFC 4861).
//!
//! Refuses to judge whether it is true: a forger's claim is a sighting like any other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use domain::device::MacAddress;

use super::Packet;
use crate::network::octets::{array, u8_at, u16_at};

/// What an ARP packet claims of its sender; `None` from a probe, which claims nothing (RFC 5227).
pub(in crate::network) fn arp(packet: &[u8]) -> Option<(MacAddress, IpAddr)> {
    let kinds = (u16_at(packet, 0)?, u16_at(packet, 2)?, u16_at(packet, 4)?);
    if kinds != (1, 0x0800, 0x0604) || !matches!(u16_at(packet, 6)?, 1 | 2) {
        return None;
    }
    let address = Ipv4Addr::from_octets(array(packet, 14)?);
    claim(array(packet, 8)?, IpAddr::V4(address))
}

/// Whether an `ICMPv6` message is of neighbour discovery.
pub(in crate::network) fn is_discovery(kind: u8) -> bool {
    (133..=137).contains(&kind)
}

/// What a message of neighbour discovery claims. From beyond a router there is none: the hop limit
/// must be whole (sections 6.1 and 7.1).
pub(in crate::network) fn discovery(packet: &Packet<'_>) -> Option<(MacAddress, IpAddr)> {
    let message = packet.payload;
    if packet.hops != 255 || u8_at(message, 1)? != 0 {
        return None;
    }
    let target = || array(message, 8).map(|octets| IpAddr::V6(Ipv6Addr::from_octets(octets)));
    // Which option holds the claim, where options begin, and for which address.
    let (option, options_at, address) = match u8_at(message, 0)? {
        133 => (1, 8, packet.source),
        134 => (1, 16, packet.source),
        135 => (1, 24, packet.source),
        136 => (2, 24, target()?),
        _ => return None,
    };
    let mut options = message.get(options_at..)?;
    while let (Some(kind), Some(eights)) = (u8_at(options, 0), u8_at(options, 1)) {
        if kind == option && eights == 1 {
            return claim(array(options, 2)?, address);
        }
        // An option without length would never end (section 4.6).
        options = options.get(usize::from(eights).max(1) * 8..)?;
    }
    None
}

/// A claim that can be one: of a single station, for a single address.
fn claim(mac: [u8; 6], address: IpAddr) -> Option<(MacAddress, IpAddr)> {
    let single = mac[0] & 1 == 0 && mac != [0; 6];
    let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    let addressed = !address.is_unspecified() && !address.is_multicast() && !broadcast;
    (single && addressed).then_some((MacAddress(mac), address))
}
