//! IP packets: what they carry, from whom to whom.
//!
//! IPv4 (RFC 791) and IPv6 (RFC 8200) with its extension headers, and the tunnels that hide no
//! secret: IP in IP (RFC 2003), 6in4 (RFC 4213), GRE (RFC 2784). The total length of the packet
//! decides what belongs to it, whatever padding the link adds.
//!
//! Refuses to check checksums: a capture at the sender has packets whose checksums the network
//! card had yet to fill in, and dropping those would make a device blind spots.

pub(super) mod fragments;
pub(super) mod neighbours;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::link::{self, Unread};
use super::octets::{array, u8_at, u16_at, u32_at};

/// Most extension headers of one packet.
const EXTENSION_HEADERS: usize = 16;
/// Most tunnels within one another.
const TUNNELS: usize = 3;

/// Protocol numbers at IANA.
pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMP_SIX: u8 = 58;
const IP_IN_IP: u8 = 4;
const IP_SIX: u8 = 41;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const GRE: u8 = 47;
const AUTHENTICATION: u8 = 51;

/// An IP packet, or a fragment of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub source: IpAddr,
    pub destination: IpAddr,
    /// Hop limit, or time to live.
    pub hops: u8,
    /// What the payload is, by its number at IANA.
    pub protocol: u8,
    /// What was captured of the payload.
    pub payload: &'a [u8],
    /// How long the payload was on the wire.
    pub wire_bytes: usize,
    pub fragment: Option<Fragment>,
}

/// Where a fragment stands in its packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment {
    pub identification: u32,
    /// In bytes.
    pub offset: u32,
    pub more: bool,
}

/// Reads a packet, through tunnels.
pub(super) fn read(packet: &[u8]) -> Result<Packet<'_>, Unread> {
    let mut packet = read_one(packet)?;
    for _ in 0..TUNNELS {
        let inner = match packet.protocol {
            _ if packet.fragment.is_some() => return Ok(packet),
            IP_IN_IP | IP_SIX => Ok(packet.payload),
            GRE => link::tunnelled(packet.payload),
            _ => return Ok(packet),
        };
        // A tunnel that cannot be read is a session between its ends.
        match inner.and_then(read_one) {
            Ok(inner) => packet = inner,
            Err(_) => return Ok(packet),
        }
    }
    Ok(packet)
}

pub(super) fn read_one(packet: &[u8]) -> Result<Packet<'_>, Unread> {
    match u8_at(packet, 0).ok_or(Unread::Cut)? >> 4 {
        4 => four(packet),
        6 => six(packet),
        _ => Err(Unread::Malformed),
    }
}

fn four(packet: &[u8]) -> Result<Packet<'_>, Unread> {
    let (header, _) = packet.split_first_chunk::<20>().ok_or(Unread::Cut)?;
    let header_bytes = usize::from(header[0] & 0x0f) * 4;
    let total = match usize::from(u16::from_be_bytes([header[2], header[3]])) {
        // The network card cuts the packet up later, and only it knows the lengths.
        0 => packet.len(),
        total => total,
    };
    if header_bytes < 20 || total < header_bytes {
        return Err(Unread::Malformed);
    }
    let there = packet.get(..total).unwrap_or(packet);
    let flags = u16::from_be_bytes([header[6], header[7]]);
    let fragment = Fragment {
        identification: u32::from(u16::from_be_bytes([header[4], header[5]])),
        offset: u32::from(flags & 0x1fff) * 8,
        more: flags & 0x2000 != 0,
    };
    let address = |at| array::<4>(packet, at).map(|a| IpAddr::V4(Ipv4Addr::from_octets(a)));
    Ok(Packet {
        source: address(12).ok_or(Unread::Cut)?,
        destination: address(16).ok_or(Unread::Cut)?,
        hops: header[8],
        protocol: header[9],
        payload: there.get(header_bytes..).ok_or(Unread::Cut)?,
        wire_bytes: total - header_bytes,
        fragment: (fragment.more || fragment.offset > 0).then_some(fragment),
    })
}

fn six(packet: &[u8]) -> Result<Packet<'_>, Unread> {
    let (header, rest) = packet.split_first_chunk::<40>().ok_or(Unread::Cut)?;
    let length = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
        // A jumbogram (RFC 2675), or one that the network card cuts up later.
        0 => rest.len(),
        length => length,
    };
    let address = |at| array::<16>(packet, at).map(|a| IpAddr::V6(Ipv6Addr::from_octets(a)));
    let mut packet = Packet {
        source: address(8).ok_or(Unread::Cut)?,
        destination: address(24).ok_or(Unread::Cut)?,
        hops: header[7],
        protocol: header[6],
        payload: rest.get(..length).unwrap_or(rest),
        wire_bytes: length,
        fragment: None,
    };
    extensions(&mut packet)?;
    Ok(packet)
}

/// Passes over extension headers (RFC 8200, section 4) until the payload, or a fragment of it.
pub(super) fn extensions(packet: &mut Packet<'_>) -> Result<(), Unread> {
    for _ in 0..EXTENSION_HEADERS {
        let length = match packet.protocol {
            // Hop-by-hop, routing, destination, mobility, host identity, shim6.
            0 | ROUTING | 60 | 135 | 139 | 140 => {
                (usize::from(u8_at(packet.payload, 1).ok_or(Unread::Cut)?) + 1) * 8
            }
            AUTHENTICATION => (usize::from(u8_at(packet.payload, 1).ok_or(Unread::Cut)?) + 2) * 4,
            FRAGMENT => 8,
            _ => return Ok(()),
        };
        if length > packet.wire_bytes {
            return Err(Unread::Malformed);
        }
        let header = packet.payload.get(..length).ok_or(Unread::Cut)?;
        if packet.protocol == FRAGMENT {
            let flags = u16_at(header, 2).ok_or(Unread::Cut)?;
            let fragment = Fragment {
                identification: u32_at(header, 4).ok_or(Unread::Cut)?,
                offset: u32::from(flags & 0xfff8),
                more: flags & 1 != 0,
            };
            // One that is the whole packet is no fragment (RFC 6946).
            packet.fragment = (fragment.more || fragment.offset > 0).then_some(fragment);
        }
        packet.protocol = u8_at(header, 0).ok_or(Unread::Cut)?;
        packet.payload = packet.payload.get(length..).ok_or(Unread::Cut)?;
        packet.wire_bytes -= length;
        if packet.fragment.is_some() {
            return Ok(());
        }
    }
    Err(Unread::Malformed)
}

/// The packet that an ICMP error quotes, as far as it is quoted (RFC 792, RFC 4443 section 3.1).
pub(super) fn quoted(error: &[u8]) -> Option<Packet<'_>> {
    let packet = read_one(error.get(8..)?).ok()?;
    packet.fragment.is_none_or(|fragment| fragment.offset == 0).then_some(packet)
}
