//! What a plan means: which packets pass and which are dropped, in one function.
//!
//! The model proof of `enforcement` and the replay both ask it, so that what is foretold is what is
//! enforced. Refuses to remember: each packet is judged alone. A rule that needs to know what came
//! before would mean something else after a restart.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use domain::care::CareRole;
use domain::device::MacAddress;
use domain::network::{Service, Transport};
use domain::order::{Level, Opening, Side};

use super::plan::Plan;

/// The port on which a DHCP server listens (RFC 2131, section 4.1).
pub const DHCP_SERVER: u16 = 67;
/// The port on which a DHCP client listens (RFC 2131, section 4.1).
pub const DHCP_CLIENT: u16 = 68;
/// The port on which a `DHCPv6` server or relay listens (RFC 8415, section 7.2).
pub const DHCP6_SERVER: u16 = 547;
/// The port on which a `DHCPv6` client listens (RFC 8415, section 7.2).
pub const DHCP6_CLIENT: u16 = 546;
/// All DHCP relay agents and servers (RFC 8415, section 7.1).
pub const DHCP6_GROUP: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
/// All nodes of a link (RFC 4291, section 2.7.1).
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

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

/// Whether the packet passes under that plan.
///
/// A frame is *from* the device where its source is one of the plan's MAC addresses, or its IP
/// source one of the plan's addresses; it is *to* the device likewise. A frame that is neither
/// passes. One that is both has to pass as both.
#[must_use]
pub fn passes(plan: &Plan, packet: &Packet) -> bool {
    if plan.level == Level::Watch {
        return true;
    }
    let from = of_device(plan, packet.source, source(&packet.content));
    let to = of_device(plan, packet.destination, destination(&packet.content));
    match plan.level {
        Level::Isolate => !from && !to,
        _ => (!from || leaves(plan, packet)) && (!to || reaches(plan, packet)),
    }
}

/// Whether an end is the device, by its MAC address or its IP address. An address counts with any
/// MAC: behind a router its frames carry the router's, and a device that forges its MAC address
/// does not get away.
fn of_device(plan: &Plan, mac: MacAddress, address: Option<IpAddr>) -> bool {
    plan.interfaces.iter().any(|interface| {
        interface.mac == mac
            || address.is_some_and(|address| interface.addresses.contains(&address))
    })
}

/// The IP source. ARP and discovery have none here: they are judged by MAC address alone, for they
/// never leave their segment.
fn source(content: &Content) -> Option<IpAddr> {
    match content {
        Content::Internet(internet) => Some(internet.source),
        _ => None,
    }
}

/// The IP destination, as [`source`].
fn destination(content: &Content) -> Option<IpAddr> {
    match content {
        Content::Internet(internet) => Some(internet.destination),
        _ => None,
    }
}

fn leaves(plan: &Plan, packet: &Packet) -> bool {
    match packet.content {
        Content::Arp(sender, target) => {
            let honest = sender.is_unspecified() || owns(plan, sender.into());
            honest && (is_peer(plan, target.into()) || is_named(plan, target.into()))
        }
        Content::Discovery(discovery) => discovers(plan, discovery),
        Content::Internet(internet) => sends(plan, internet),
        Content::Other(_) => false,
    }
}

fn reaches(plan: &Plan, packet: &Packet) -> bool {
    match packet.content {
        Content::Arp(sender, _) => is_peer(plan, sender.into()),
        Content::Discovery(discovery) => answers(plan, discovery),
        Content::Internet(internet) => receives(plan, internet),
        Content::Other(_) => false,
    }
}

/// Discovery from the device: of its peers, of its own address (RFC 4862, section 5.4), and of
/// routers, where it has a peer on IPv6 at all. A router is found by its link-local address
/// (RFC 4861, section 4.2), which no plan need know; and asks from it, so that the device may tell
/// anybody what its own address is.
fn discovers(plan: &Plan, discovery: Discovery) -> bool {
    let six = plan.openings.iter().any(|opening| opening.peer.is_ipv6());
    six && match discovery.message {
        Message::Solicits(target) => {
            let known = is_peer(plan, target.into()) || is_named(plan, target.into());
            known || is_link_local(target)
        }
        Message::Advertises(target) => owns(plan, target.into()),
        Message::AsksForRouters => true,
        Message::Routes => false,
    }
}

/// Discovery to the device alone (what goes to a group is to nobody, and passes).
fn answers(plan: &Plan, discovery: Discovery) -> bool {
    let six = plan.openings.iter().any(|opening| opening.peer.is_ipv6());
    six && match discovery.message {
        Message::Solicits(target) => owns(plan, target.into()),
        Message::Advertises(target) => is_peer(plan, target.into()) || is_link_local(target),
        Message::AsksForRouters => false,
        Message::Routes => true,
    }
}

/// The first half of a link-local address (RFC 4291, section 2.5.6).
pub const LINK_LOCAL: u64 = 0xfe80_0000_0000_0000;

fn is_link_local(address: Ipv6Addr) -> bool {
    address.to_bits() >> 64 == u128::from(LINK_LOCAL)
}

fn sends(plan: &Plan, packet: Internet) -> bool {
    if asks_for_lease(plan, packet) {
        return true;
    }
    let open = |opening: &Opening| {
        opening.peer == packet.destination && carries(opening, Side::Client, packet.carried)
    };
    owns(plan, packet.source) && plan.openings.iter().any(open)
}

fn receives(plan: &Plan, packet: Internet) -> bool {
    if gives_lease(plan, packet) || tells_of_size(plan, packet) {
        return true;
    }
    let open = |opening: &Opening| {
        opening.peer == packet.source && carries(opening, Side::Server, packet.carried)
    };
    owns(plan, packet.destination) && plan.openings.iter().any(open)
}

/// Whether an opening carries it. `asking` is the side on which the device has to be for the packet
/// to go to the server: a client when it sends, a server when it receives.
fn carries(opening: &Opening, asking: Side, carried: Carried) -> bool {
    let Service { transport, port } = opening.service;
    let to_server = opening.side == asking;
    match carried {
        Carried::Tcp(_, to, _) if to_server => transport == Transport::Tcp && to == port,
        Carried::Tcp(from, _, segment) => {
            transport == Transport::Tcp && from == port && segment == Segment::Later
        }
        Carried::Udp(_, to) if to_server => transport == Transport::Udp && to == port,
        Carried::Udp(from, _) => transport == Transport::Udp && from == port,
        Carried::Portless(carried) => {
            carried == transport && !matches!(carried, Transport::Tcp | Transport::Udp)
        }
        Carried::TooBig(_) => transport == Transport::Icmp,
        Carried::Fragment(carried) => carried == transport,
        Carried::Cut => false,
    }
}

/// A question for a lease goes to everybody: from no address yet, or from the old one.
fn asks_for_lease(plan: &Plan, packet: Internet) -> bool {
    let Carried::Udp(from, to) = packet.carried else { return false };
    match packet.destination {
        IpAddr::V4(Ipv4Addr::BROADCAST) => {
            let own = packet.source.is_unspecified() || owns(plan, packet.source);
            own && (from, to) == (DHCP_CLIENT, DHCP_SERVER) && leases(plan, DHCP_SERVER)
        }
        IpAddr::V6(DHCP6_GROUP) => {
            (from, to) == (DHCP6_CLIENT, DHCP6_SERVER) && leases(plan, DHCP6_SERVER)
        }
        _ => false,
    }
}

/// An answer may come from a relay's own address and to an address that is only now given, so that
/// neither is in the plan (RFC 2131, section 4.1).
fn gives_lease(plan: &Plan, packet: Internet) -> bool {
    let Carried::Udp(from, to) = packet.carried else { return false };
    match packet.source {
        IpAddr::V4(_) => (from, to) == (DHCP_SERVER, DHCP_CLIENT) && leases(plan, DHCP_SERVER),
        IpAddr::V6(_) => (from, to) == (DHCP6_SERVER, DHCP6_CLIENT) && leases(plan, DHCP6_SERVER),
    }
}

/// Any router on the way may say that a packet was too big, and none of them is in the plan. What
/// it quotes must be of a flow that is open, sent by the device from where the error goes to: else
/// a session of care would hang as soon as its path changes.
fn tells_of_size(plan: &Plan, packet: Internet) -> bool {
    let Carried::TooBig(quoted) = packet.carried else { return false };
    let sent = match quoted.transport {
        Transport::Tcp => Carried::Tcp(quoted.from, quoted.to, Segment::Later),
        Transport::Udp => Carried::Udp(quoted.from, quoted.to),
        Transport::Icmp | Transport::Other(_) => return false,
    };
    let open = |opening: &Opening| {
        opening.peer == quoted.destination && carries(opening, Side::Client, sent)
    };
    quoted.source == packet.destination
        && is_named(plan, quoted.source)
        && plan.openings.iter().any(open)
}

/// Whether the plan keeps a lease alive: the device is a client of a server on that port, for its
/// identity.
fn leases(plan: &Plan, port: u16) -> bool {
    plan.openings.iter().any(|opening| {
        opening.role == CareRole::Identity
            && opening.side == Side::Client
            && opening.service == Service { transport: Transport::Udp, port }
    })
}

fn is_peer(plan: &Plan, address: IpAddr) -> bool {
    plan.openings.iter().any(|opening| opening.peer == address)
}

/// Whether the plan names that address as the device's.
fn is_named(plan: &Plan, address: IpAddr) -> bool {
    addresses(plan).any(|own| *own == address)
}

/// Whether the device may speak from, or be spoken to at, that address. Where the plan knows none
/// of that family, any may be its own: to cut it off for what we do not know would cut off care.
fn owns(plan: &Plan, address: IpAddr) -> bool {
    is_named(plan, address) || !addresses(plan).any(|own| own.is_ipv4() == address.is_ipv4())
}

fn addresses(plan: &Plan) -> impl Iterator<Item = &IpAddr> {
    plan.interfaces.iter().flat_map(|interface| &interface.addresses)
}

#[cfg(test)]
mod tests;
