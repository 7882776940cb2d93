//! Every class of packets that leave or reach a device, as a place sees them.
//!
//! A bridge sees whole frames. A router sees packets: no ARP, the hardware address that they came
//! from or none (a tunnel has none), and none that they go to. Refuses to try what a place never
//! sees.

use std::net::IpAddr;

use decisions::containment::passes::{
    Carried, Content, Discovery, Internet, Message, Packet, Segment,
};
use domain::device::MacAddress;
use domain::network::Transport;

use super::super::layout::Place;
use super::Contradiction;
use super::values::{Values, Way};

/// What a class is tried with.
type Try<'t> = &'t mut dyn FnMut(&Packet) -> Result<(), Contradiction>;

/// Every class, once.
pub(super) fn each(place: Place, values: &Values, try_it: Try<'_>) -> Result<(), Contradiction> {
    let pairs = pairs(values);
    let mut internet = Vec::new();
    for (source, destination) in &pairs {
        for carried in carried(values, *source, *destination) {
            let (source, destination) = (*source, *destination);
            internet.push(Internet { source, destination, carried });
        }
    }
    let on_link = on_link(place, values);
    for mac in &values.macs {
        // What reaches a device is seen at a router without its hardware address.
        if place == Place::Router && values.way == Way::Reaches && *mac != values.other_mac {
            continue;
        }
        let frame = |content| frame(values, *mac, content);
        for packet in &internet {
            if concerns(values, *mac, packet) {
                try_it(&frame(Content::Internet(*packet)))?;
            }
        }
        let none = values.own_macs.is_empty();
        for content in on_link.iter().filter(|_| none || values.own_macs.contains(mac)) {
            try_it(&frame(*content))?;
        }
    }
    Ok(())
}

fn frame(values: &Values, mac: MacAddress, content: Content) -> Packet {
    let (source, destination) = match values.way {
        Way::Leaves => (mac, values.other_mac),
        Way::Reaches => (values.other_mac, mac),
    };
    Packet { source, destination, vlan: None, content }
}

/// Whether a packet is of the device at all. Those of nobody are tried where there is no device.
fn concerns(values: &Values, mac: MacAddress, packet: &Internet) -> bool {
    let end = match values.way {
        Way::Leaves => packet.source,
        Way::Reaches => packet.destination,
    };
    values.own.is_empty() && values.own_macs.is_empty()
        || values.own_macs.contains(&mac)
        || values.own.contains(&end)
}

fn pairs(values: &Values) -> Vec<(IpAddr, IpAddr)> {
    let sources = values.sources.iter();
    let pairs = sources.flat_map(|source| values.destinations.iter().map(|to| (*source, *to)));
    pairs.filter(|(source, destination)| source.is_ipv4() == destination.is_ipv4()).collect()
}

/// All that can go between two addresses.
fn carried(values: &Values, source: IpAddr, destination: IpAddr) -> Vec<Carried> {
    let peer = match values.way {
        Way::Leaves => destination,
        Way::Reaches => source,
    };
    let mut all = vec![Carried::Cut];
    let tcp = values.tcp.with(peer);
    for (from, to) in tcp.iter().flat_map(|from| tcp.iter().map(move |to| (*from, *to))) {
        all.push(Carried::Tcp(from, to, Segment::Initial));
        all.push(Carried::Tcp(from, to, Segment::Later));
    }
    let udp = values.udp.with(peer);
    for (from, to) in udp.iter().flat_map(|from| udp.iter().map(move |to| (*from, *to))) {
        all.push(Carried::Udp(from, to));
    }
    for transport in &values.transports {
        all.push(Carried::Fragment(*transport));
        if !matches!(transport, Transport::Tcp | Transport::Udp) {
            all.push(Carried::Portless(*transport));
        }
    }
    if values.tells_of_size(peer) {
        let family = |address: IpAddr| address.is_ipv4() == source.is_ipv4();
        let quotes = values.quotes.iter().filter(|quoted| family(quoted.source));
        all.extend(quotes.map(|quoted| Carried::TooBig(*quoted)));
    }
    all
}

/// What never leaves its segment.
fn on_link(place: Place, values: &Values) -> Vec<Content> {
    let mut contents = Vec::new();
    if place == Place::Bridge {
        contents.extend(values.ethertypes.iter().map(|ethertype| Content::Other(*ethertype)));
        for (source, destination) in pairs(values) {
            if let (IpAddr::V4(sender), IpAddr::V4(target)) = (source, destination) {
                contents.push(Content::Arp(sender, target));
            }
        }
    }
    let mut messages = vec![Message::AsksForRouters, Message::Routes];
    messages.extend(values.targets.iter().map(|target| Message::Solicits(*target)));
    messages.extend(values.targets.iter().map(|target| Message::Advertises(*target)));
    for (source, destination) in pairs(values) {
        if let (IpAddr::V6(source), IpAddr::V6(destination)) = (source, destination) {
            contents.extend(messages.iter().map(|message| {
                Content::Discovery(Discovery { source, destination, message: *message })
            }));
        }
    }
    contents
}
