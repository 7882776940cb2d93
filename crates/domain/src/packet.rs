//! A packet, as far as a plan of containment looks at it: who to whom, on what, and no content.
//!
//! Refuses to hold a payload: what is judged here is judged for every packet, and a patient's data
//! has no place in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::device::MacAddress;
use crate::network::Transport;

/// A class of packets: all that a plan looks at in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Packet {
    /// The frame's source.
    pub source: MacAddress,
    /// The frame's destination.
    pub destination: MacAddress,
    /// Its VLAN tag (IEEE 802.1Q). A tag changes nothing: what it wraps is judged.
    pub vlan: Option<u16>,
    /// What it carries.
    pub content: Content,
}

/// What a frame carries, by its ethertype; of IPv6, neighbour discovery stands apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// ARP (RFC 826): who speaks, and who is asked for or answered.
    Arp(Ipv4Addr, Ipv4Addr),
    /// Neighbour discovery (RFC 4861), with the hop limit of 255 that it has only on its own
    /// segment (section 3.1). With another it is `ICMPv6` like any.
    Discovery(Discovery),
    /// IPv4 or IPv6.
    Internet(Internet),
    /// Any other ethertype, and what can't be read: a second tag, a header that is cut short.
    Other(u16),
}

/// A message of neighbour discovery (RFC 4861, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Discovery {
    /// The packet's source.
    pub source: Ipv6Addr,
    /// The packet's destination.
    pub destination: Ipv6Addr,
    /// What it says.
    pub message: Message,
}

/// What a message of neighbour discovery says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Message {
    /// Who has that address (ICMP type 135)?
    Solicits(Ipv6Addr),
    /// That address is mine (type 136).
    Advertises(Ipv6Addr),
    /// Where are the routers (type 133)?
    AsksForRouters,
    /// A router's answer (type 134), or its redirect (type 137).
    Routes,
}

/// An IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Internet {
    /// Its source.
    pub source: IpAddr,
    /// Its destination.
    pub destination: IpAddr,
    /// What it carries.
    pub carried: Carried,
}

/// What an IP packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carried {
    /// TCP: source port, destination port, and whether it begins a connection.
    Tcp(u16, u16, Segment),
    /// UDP: source port, destination port.
    Udp(u16, u16),
    /// A transport without ports, ICMP among them.
    Portless(Transport),
    /// An ICMP error that says that a packet was too big for the way: type 3 with code 4 (RFC 1191,
    /// section 4), or type 2 of `ICMPv6` (RFC 4443, section 3.2). It quotes the packet, with its
    /// ports; where it does not, it is ICMP like any.
    TooBig(Quoted),
    /// A fragment that is not the first, so that no ports are in it.
    Fragment(Transport),
    /// TCP or UDP of which not even the ports and flags are there.
    Cut,
}

/// The packet that an ICMP error is about, as far as it is quoted: TCP or UDP, right behind an IP
/// header without options, and not a later fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quoted {
    /// Its source.
    pub source: IpAddr,
    /// Its destination.
    pub destination: IpAddr,
    /// TCP or UDP.
    pub transport: Transport,
    /// Its source port.
    pub from: u16,
    /// Its destination port.
    pub to: u16,
}

/// Whether a TCP segment begins a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Segment {
    /// SYN without ACK (RFC 9293, section 3.5).
    Initial,
    /// Any other.
    Later,
}
