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
pub use domain::packet::{Carried, Content, Discovery, Internet, Message, Packet, Quoted, Segment};

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

/// Whether the packet is from or to the plan's device, as [`passes`] understands it.
#[must_use]
pub fn concerns(plan: &Plan, packet: &Packet) -> bool {
    of_device(plan, packet.source, source(&packet.content))
        || of_device(plan, packet.destination, destination(&packet.content))
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
