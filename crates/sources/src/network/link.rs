//! From a frame to the packet in it: the link layers that captures and taps have.
//!
//! Ethernet II and IEEE 802.3 with LLC and SNAP (RFC 1042), VLAN tags (IEEE 802.1Q and 802.1ad),
//! MPLS (RFC 3032), `PPPoE` (RFC 2516), PPP (RFC 1661, 1662), Cisco HDLC, Linux "cooked" captures of
//! both versions, raw IP, and the loopback of BSD in both byte orders.
//!
//! Refuses radio links: what is said on them is encrypted or comes by cable as well.

use domain::device::MacAddress;

use super::octets::{array, u8_at, u16_at};

/// Most tags, labels and headers between a frame's begin and its packet.
pub const NESTED_HEADERS: usize = 16;

/// What a frame begins with, by its number at tcpdump.org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// BSD loopback: the address family in the byte order of the machine (0), or in network
    /// order (108).
    Loopback,
    /// Ethernet (1).
    Ethernet,
    /// PPP (9), with HDLC framing or without it (50).
    Ppp,
    /// `PPPoE` session without the Ethernet header (51).
    PppOverEthernet,
    /// IPv4 or IPv6 without any header (101, and 12, 14, 228, 229).
    Raw,
    /// Cisco PPP with HDLC framing (104).
    CiscoHdlc,
    /// Linux "cooked" capture (113).
    LinuxCooked,
    /// Linux "cooked" capture, version 2 (276).
    LinuxCookedTwo,
    /// Another, which is not read.
    Other(u16),
}

impl LinkType {
    /// That of a number.
    #[must_use]
    pub fn of(number: u16) -> Self {
        match number {
            0 | 108 => Self::Loopback,
            1 => Self::Ethernet,
            9 | 50 => Self::Ppp,
            51 => Self::PppOverEthernet,
            12 | 14 | 101 | 228 | 229 => Self::Raw,
            104 => Self::CiscoHdlc,
            113 => Self::LinuxCooked,
            276 => Self::LinuxCookedTwo,
            other => Self::Other(other),
        }
    }
}

/// Why a frame or packet gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It ends before its headers do.
    Cut,
    /// A header contradicts itself.
    Malformed,
    /// Its link type is not read.
    UnknownLink,
    /// It carries something else than IP and ARP.
    Other,
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// IPv4 or IPv6: the version is in its first four bits.
    Ip,
    /// ARP.
    Arp,
}

/// What was within a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwrapped<'a> {
    /// What it is.
    pub carries: Carries,
    /// The packet; a link's padding may follow it.
    pub packet: &'a [u8],
    /// Who sent the frame.
    pub source: Option<MacAddress>,
    /// Whom it was sent to.
    pub destination: Option<MacAddress>,
    /// The innermost VLAN tag's number; a tag of priority alone has none.
    pub vlan: Option<u16>,
}

/// Unwraps a frame.
pub fn unwrap(link: LinkType, frame: &[u8]) -> Result<Unwrapped<'_>, Unread> {
    match link {
        LinkType::Ethernet => ethernet(frame),
        LinkType::Raw => raw(frame),
        LinkType::Loopback => loopback(frame),
        LinkType::Ppp => ppp(Headers::default(), frame),
        LinkType::PppOverEthernet => Headers::default().follow(0x8864, frame),
        LinkType::CiscoHdlc => {
            let kind = u16_at(frame, 2).ok_or(Unread::Cut)?;
            Headers::default().follow(kind, after(frame, 4)?)
        }
        LinkType::LinuxCooked => cooked(frame),
        LinkType::LinuxCookedTwo => cooked_two(frame),
        LinkType::Other(_) => Err(Unread::UnknownLink),
    }
}

fn after(bytes: &[u8], at: usize) -> Result<&[u8], Unread> {
    bytes.get(at..).ok_or(Unread::Cut)
}

/// What the headers before a packet said.
#[derive(Debug, Clone, Copy, Default)]
struct Headers {
    source: Option<MacAddress>,
    destination: Option<MacAddress>,
    vlan: Option<u16>,
}

impl Headers {
    fn before(self, carries: Carries, packet: &[u8]) -> Unwrapped<'_> {
        let Self { source, destination, vlan } = self;
        Unwrapped { carries, packet, source, destination, vlan }
    }

    /// Follows `EtherTypes` to the packet.
    fn follow(mut self, kind: u16, bytes: &[u8]) -> Result<Unwrapped<'_>, Unread> {
        let (mut kind, mut bytes) = (kind, bytes);
        for _ in 0..NESTED_HEADERS {
            match kind {
                0x0800 | 0x86dd => return Ok(self.before(Carries::Ip, bytes)),
                0x0806 => return Ok(self.before(Carries::Arp, bytes)),
                0x8100 | 0x88a8 | 0x9100 | 0x9200 => {
                    let tag = u16_at(bytes, 0).ok_or(Unread::Cut)? & 0x0fff;
                    self.vlan = (tag != 0).then_some(tag).or(self.vlan);
                    kind = u16_at(bytes, 2).ok_or(Unread::Cut)?;
                    bytes = after(bytes, 4)?;
                }
                0x8847 | 0x8848 => return self.labels(bytes),
                0x8864 => return ppp(self, after(bytes, 6)?),
                0..=0x05dc => {
                    (kind, bytes) = logical_link(kind, bytes)?;
                }
                _ => return Err(Unread::Other),
            }
        }
        Err(Unread::Malformed)
    }

    /// A stack of MPLS labels; what is below is not named, so only IP is known by its version.
    fn labels(self, bytes: &[u8]) -> Result<Unwrapped<'_>, Unread> {
        for label in 0..NESTED_HEADERS {
            let bottom = u8_at(bytes, 4 * label + 2).ok_or(Unread::Cut)? & 1 == 1;
            if bottom {
                let packet = after(bytes, 4 * label + 4)?;
                return match version(packet)? {
                    4 | 6 => Ok(self.before(Carries::Ip, packet)),
                    _ => Err(Unread::Other),
                };
            }
        }
        Err(Unread::Malformed)
    }
}

/// The version of an IP packet.
fn version(packet: &[u8]) -> Result<u8, Unread> {
    u8_at(packet, 0).map(|first| first >> 4).ok_or(Unread::Cut)
}

fn ethernet(frame: &[u8]) -> Result<Unwrapped<'_>, Unread> {
    let Some((header, rest)) = frame.split_first_chunk::<14>() else {
        return Err(Unread::Cut);
    };
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, high, low] = *header;
    let headers = Headers {
        source: Some(MacAddress([s0, s1, s2, s3, s4, s5])),
        destination: Some(MacAddress([d0, d1, d2, d3, d4, d5])),
        vlan: None,
    };
    headers.follow(u16::from_be_bytes([high, low]), rest)
}

/// IEEE 802.2: SNAP names an `EtherType`; a length in its place would be a second 802.3 header.
fn logical_link(length: u16, bytes: &[u8]) -> Result<(u16, &[u8]), Unread> {
    let there = bytes.get(..usize::from(length)).unwrap_or(bytes);
    let (header, rest) = there.split_first_chunk::<8>().ok_or(Unread::Other)?;
    match *header {
        [0xaa, 0xaa, 0x03, _, _, _, high, low] if high >= 0x06 => {
            Ok((u16::from_be_bytes([high, low]), rest))
        }
        _ => Err(Unread::Other),
    }
}

fn raw(packet: &[u8]) -> Result<Unwrapped<'_>, Unread> {
    match version(packet)? {
        4 | 6 => Ok(Headers::default().before(Carries::Ip, packet)),
        _ => Err(Unread::Other),
    }
}

/// The families are 2 for IPv4, and 10, 24, 28 or 30 for IPv6, by the system.
fn loopback(frame: &[u8]) -> Result<Unwrapped<'_>, Unread> {
    let family: [u8; 4] = array(frame, 0).ok_or(Unread::Cut)?;
    let (big, little) = (u32::from_be_bytes(family), u32::from_le_bytes(family));
    let packet = after(frame, 4)?;
    match big.min(little) {
        2 | 10 | 24 | 28 | 30 => Ok(Headers::default().before(Carries::Ip, packet)),
        _ => Err(Unread::Other),
    }
}

/// RFC 1661, section 2, with the address and control octets of RFC 1662 or without them.
fn ppp(headers: Headers, bytes: &[u8]) -> Result<Unwrapped<'_>, Unread> {
    let bytes = bytes.strip_prefix(&[0xff, 0x03]).unwrap_or(bytes);
    let first = u8_at(bytes, 0).ok_or(Unread::Cut)?;
    let (protocol, packet) = if first & 1 == 1 {
        (u16::from(first), after(bytes, 1)?)
    } else {
        (u16_at(bytes, 0).ok_or(Unread::Cut)?, after(bytes, 2)?)
    };
    match protocol {
        0x0021 | 0x0057 => Ok(headers.before(Carries::Ip, packet)),
        0x0281 => headers.labels(packet),
        _ => Err(Unread::Other),
    }
}

fn cooked(frame: &[u8]) -> Result<Unwrapped<'_>, Unread> {
    let source = hardware_address(u16_at(frame, 4), frame, 6);
    let kind = u16_at(frame, 14).ok_or(Unread::Cut)?;
    Headers { source, ..Headers::default() }.follow(kind, after(frame, 16)?)
}

fn cooked_two(frame: &[u8]) -> Result<Unwrapped<'_>, Unread> {
    let kind = u16_at(frame, 0).ok_or(Unread::Cut)?;
    let source = hardware_address(u8_at(frame, 11).map(u16::from), frame, 12);
    Headers { source, ..Headers::default() }.follow(kind, after(frame, 20)?)
}

/// A MAC address where the length says that it is one; a loopback's has only noughts.
fn hardware_address(length: Option<u16>, frame: &[u8], at: usize) -> Option<MacAddress> {
    let address = array(frame, at).filter(|address| *address != [0; 6]);
    address.filter(|_| length == Some(6)).map(MacAddress)
}

/// The IP packet within GRE of version 0 (RFC 2784, section 2; RFC 2890). Version 1 is PPTP's,
/// whose payload is compressed or encrypted.
pub(super) fn tunnelled(bytes: &[u8]) -> Result<&[u8], Unread> {
    let flags = u16_at(bytes, 0).ok_or(Unread::Cut)?;
    let kind = u16_at(bytes, 2).ok_or(Unread::Cut)?;
    let optional = |bit: u16| if flags & bit == 0 { 0 } else { 4 };
    let inner = after(bytes, 4 + optional(0x8000) + optional(0x2000) + optional(0x1000))?;
    let inner = match (flags & 7, kind) {
        (0, 0x6558) => ethernet(inner)?,
        (0, 0x0800 | 0x86dd) => raw(inner)?,
        _ => return Err(Unread::Other),
    };
    if inner.carries == Carries::Ip { Ok(inner.packet) } else { Err(Unread::Other) }
}
