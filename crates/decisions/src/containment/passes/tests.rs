//! One line per class of packet, and what holds for every packet.

use std::fmt::Write as _;

use domain::care::CareRole;
use domain::device::MacAddress;
use domain::network::Transport;
use domain::order::{Interface, Level, Opening, Side};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{
    ALL_NODES, Carried, Content, DHCP6_GROUP, Discovery, Internet, Message, Packet, Quoted,
    Segment, passes,
};
use crate::containment::plan::Plan;
use crate::containment::tests::{MAC, OTHER_MAC, interface, ip, opening, plan, tcp, udp};

const ALL: MacAddress = MacAddress([0xff; 6]);

fn pump(level: Level) -> Plan {
    let openings = vec![
        opening(CareRole::Library, Side::Client, "10.0.0.5", tcp(80)),
        opening(CareRole::Alarm, Side::Client, "10.0.0.6", udp(514)),
        opening(CareRole::Therapy, Side::Server, "10.0.0.7", tcp(3000)),
        opening(CareRole::Identity, Side::Client, "10.0.0.2", udp(67)),
        opening(
            CareRole::Identity,
            Side::Client,
            "10.0.0.254",
            domain::network::Service { transport: Transport::Icmp, port: 0 },
        ),
    ];
    plan(level, vec![interface(MAC, &["10.0.0.1"])], openings)
}

fn six() -> Plan {
    let openings = vec![
        opening(CareRole::Result, Side::Client, "2001:db8::8", tcp(104)),
        opening(CareRole::Identity, Side::Client, "fe80::2", udp(547)),
    ];
    plan(Level::Contain, vec![interface(MAC, &["2001:db8::1"])], openings)
}

fn frame(source: MacAddress, destination: MacAddress, content: Content) -> Packet {
    Packet { source, destination, vlan: None, content }
}

fn net(from: &str, to: &str, carried: Carried) -> Content {
    Content::Internet(Internet { source: ip(from), destination: ip(to), carried })
}

fn out(to: &str, carried: Carried) -> Packet {
    frame(MAC, OTHER_MAC, net("10.0.0.1", to, carried))
}

fn back(from: &str, carried: Carried) -> Packet {
    frame(OTHER_MAC, MAC, net(from, "10.0.0.1", carried))
}

fn arp(sender: &str, target: &str) -> Content {
    let four = |text: &str| text.parse().expect("an IPv4 address");
    Content::Arp(four(sender), four(target))
}

fn check(plan: &Plan, packets: &[(&str, Packet)], expected: &Expect) {
    let mut lines = String::new();
    for (name, packet) in packets {
        let verdict = if passes(plan, packet) { "passes" } else { "drops " };
        let _ = writeln!(lines, "{verdict} {name}");
    }
    expected.assert_eq(&lines);
}

use Carried::{Cut, Fragment, Portless, Tcp, Udp};
use Segment::{Initial, Later};

#[test]
fn a_flow_is_open_from_the_side_that_begins_it() {
    check(
        &pump(Level::Contain),
        &[
            ("to the server, beginning", out("10.0.0.5", Tcp(40_000, 80, Initial))),
            ("to the server, later", out("10.0.0.5", Tcp(40_000, 80, Later))),
            ("its answer", back("10.0.0.5", Tcp(80, 40_000, Later))),
            ("the server begins from that port", back("10.0.0.5", Tcp(80, 22, Initial))),
            ("the server begins to that port", back("10.0.0.5", Tcp(40_000, 80, Initial))),
            ("another port of the server", out("10.0.0.5", Tcp(40_000, 443, Initial))),
            ("the same port by UDP", out("10.0.0.5", Udp(40_000, 80))),
            ("another server", out("10.0.0.9", Tcp(40_000, 80, Initial))),
            ("an alarm", out("10.0.0.6", Udp(40_000, 514))),
            ("an answer to an alarm", back("10.0.0.6", Udp(514, 40_000))),
            ("UDP from another port", back("10.0.0.6", Udp(515, 40_000))),
            ("a client of the device begins", back("10.0.0.7", Tcp(40_000, 3000, Initial))),
            ("the device answers it", out("10.0.0.7", Tcp(3000, 40_000, Later))),
            ("the device begins from that port", out("10.0.0.7", Tcp(3000, 22, Initial))),
            ("the device begins to its port", out("10.0.0.7", Tcp(40_000, 3000, Initial))),
        ],
        &expect![[r"
            passes to the server, beginning
            passes to the server, later
            passes its answer
            drops  the server begins from that port
            drops  the server begins to that port
            drops  another port of the server
            drops  the same port by UDP
            drops  another server
            passes an alarm
            passes an answer to an alarm
            drops  UDP from another port
            passes a client of the device begins
            passes the device answers it
            drops  the device begins from that port
            drops  the device begins to its port
        "]],
    );
}

#[test]
fn forged_addresses_and_strange_frames() {
    let open = Tcp(40_000, 80, Initial);
    let shut = Tcp(40_000, 445, Initial);
    let third = MacAddress([2, 0, 0, 0, 0, 7]);
    check(
        &pump(Level::Contain),
        &[
            ("a foreign source", frame(MAC, OTHER_MAC, net("10.0.0.77", "10.0.0.5", open))),
            (
                "its address, another MAC, open",
                frame(third, OTHER_MAC, net("10.0.0.1", "10.0.0.5", open)),
            ),
            (
                "its address, another MAC, shut",
                frame(third, OTHER_MAC, net("10.0.0.1", "10.0.0.5", shut)),
            ),
            (
                "to its address, another MAC, shut",
                frame(OTHER_MAC, third, net("10.0.0.9", "10.0.0.1", shut)),
            ),
            (
                "to its MAC, a foreign address",
                frame(OTHER_MAC, MAC, net("10.0.0.5", "10.0.0.77", Tcp(80, 4, Later))),
            ),
            ("between others", frame(OTHER_MAC, third, net("10.0.0.9", "10.0.0.5", shut))),
            ("with a tag, open", Packet { vlan: Some(7), ..out("10.0.0.5", open) }),
            ("with a tag, shut", Packet { vlan: Some(7), ..out("10.0.0.5", shut) }),
            ("a later fragment to a TCP peer", out("10.0.0.5", Fragment(Transport::Tcp))),
            ("a later fragment from a TCP peer", back("10.0.0.5", Fragment(Transport::Tcp))),
            ("a later fragment of UDP to it", out("10.0.0.5", Fragment(Transport::Udp))),
            ("a later fragment to another", out("10.0.0.9", Fragment(Transport::Tcp))),
            ("a cut header", out("10.0.0.5", Cut)),
            ("ICMP with its router", out("10.0.0.254", Portless(Transport::Icmp))),
            ("ICMP from its router", back("10.0.0.254", Portless(Transport::Icmp))),
            ("ICMP with a TCP peer", out("10.0.0.5", Portless(Transport::Icmp))),
            ("another transport", out("10.0.0.5", Portless(Transport::Other(47)))),
            ("IPv6 to nobody named", frame(MAC, OTHER_MAC, net("fe80::1", "fe80::9", open))),
            ("another ethertype from it", frame(MAC, ALL, Content::Other(0x88cc))),
            ("another ethertype to it", frame(OTHER_MAC, MAC, Content::Other(0x88cc))),
            ("another ethertype to all", frame(OTHER_MAC, ALL, Content::Other(0x88cc))),
        ],
        &expect![[r"
            drops  a foreign source
            passes its address, another MAC, open
            drops  its address, another MAC, shut
            drops  to its address, another MAC, shut
            drops  to its MAC, a foreign address
            passes between others
            passes with a tag, open
            drops  with a tag, shut
            passes a later fragment to a TCP peer
            passes a later fragment from a TCP peer
            drops  a later fragment of UDP to it
            drops  a later fragment to another
            drops  a cut header
            passes ICMP with its router
            passes ICMP from its router
            drops  ICMP with a TCP peer
            drops  another transport
            drops  IPv6 to nobody named
            drops  another ethertype from it
            drops  another ethertype to it
            passes another ethertype to all
        "]],
    );
}

#[test]
fn what_a_device_needs_to_be_there_at_all() {
    let all = |content| frame(MAC, ALL, content);
    let lease = |from, to| Udp(from, to);
    let mut bare = pump(Level::Contain);
    bare.openings.retain(|opening| opening.role != CareRole::Identity);
    let packets = [
        ("asks for a lease", all(net("0.0.0.0", "255.255.255.255", lease(68, 67)))),
        ("rebinds its lease", all(net("10.0.0.1", "255.255.255.255", lease(68, 67)))),
        ("renews its lease", out("10.0.0.2", lease(68, 67))),
        ("is answered by the server", back("10.0.0.2", lease(67, 68))),
        (
            "is offered a new address by a relay",
            frame(OTHER_MAC, MAC, net("10.0.9.1", "10.0.0.44", lease(67, 68))),
        ),
        ("broadcasts to another port", all(net("0.0.0.0", "255.255.255.255", lease(68, 69)))),
        ("forges a broadcast", all(net("10.0.0.9", "255.255.255.255", lease(68, 67)))),
        ("asks who has a peer", all(arp("10.0.0.1", "10.0.0.5"))),
        ("asks who has its router", all(arp("10.0.0.1", "10.0.0.254"))),
        ("asks who has its own address", all(arp("0.0.0.0", "10.0.0.1"))),
        ("announces its address", all(arp("10.0.0.1", "10.0.0.1"))),
        ("asks who has another", all(arp("10.0.0.1", "10.0.0.9"))),
        ("says that it is another", all(arp("10.0.0.254", "10.0.0.5"))),
        ("is answered by a peer", frame(OTHER_MAC, MAC, arp("10.0.0.5", "10.0.0.1"))),
        ("is asked by another alone", frame(OTHER_MAC, MAC, arp("10.0.0.9", "10.0.0.1"))),
        ("is asked by another among all", frame(OTHER_MAC, ALL, arp("10.0.0.9", "10.0.0.1"))),
    ];
    check(
        &pump(Level::Contain),
        &packets,
        &expect![[r"
            passes asks for a lease
            passes rebinds its lease
            passes renews its lease
            passes is answered by the server
            passes is offered a new address by a relay
            drops  broadcasts to another port
            drops  forges a broadcast
            passes asks who has a peer
            passes asks who has its router
            passes asks who has its own address
            passes announces its address
            drops  asks who has another
            drops  says that it is another
            passes is answered by a peer
            drops  is asked by another alone
            passes is asked by another among all
        "]],
    );
    let kept: Vec<&str> = packets.iter().filter(|(_, p)| passes(&bare, p)).map(|p| p.0).collect();
    assert_eq!(
        kept,
        [
            "asks who has a peer",
            "asks who has its own address",
            "announces its address",
            "is answered by a peer",
            "is asked by another among all",
        ]
    );
}

fn v6(text: &str) -> std::net::Ipv6Addr {
    text.parse().expect("an IPv6 address")
}

#[test]
fn ipv6_is_no_way_around() {
    let group = MacAddress([0x33, 0x33, 0, 0, 0, 1]);
    let (own, peer, other) = ("2001:db8::1", "2001:db8::8", "2001:db8::9");
    let asks = |to: &str| net("fe80::1", to, Udp(546, 547));
    check(
        &six(),
        &[
            ("to the peer", frame(MAC, OTHER_MAC, net(own, peer, Tcp(4, 104, Initial)))),
            ("to another", frame(MAC, OTHER_MAC, net(own, other, Tcp(4, 104, Initial)))),
            (
                "from a foreign address",
                frame(MAC, OTHER_MAC, net("fe80::1", peer, Tcp(4, 104, Initial))),
            ),
            ("by IPv4", frame(MAC, OTHER_MAC, net("10.0.0.1", "10.0.0.8", Tcp(4, 104, Initial)))),
            ("asks for a lease", frame(MAC, group, asks(&DHCP6_GROUP.to_string()))),
            ("asks anybody", frame(MAC, group, asks("ff02::1"))),
            (
                "is answered by a relay",
                frame(OTHER_MAC, MAC, net("fe80::7", "fe80::1", Udp(547, 546))),
            ),
        ],
        &expect![[r"
            passes to the peer
            drops  to another
            drops  from a foreign address
            drops  by IPv4
            passes asks for a lease
            drops  asks anybody
            passes is answered by a relay
        "]],
    );
}

#[test]
fn a_device_on_ipv6_finds_its_peers_and_routers_and_is_found_by_them() {
    let group = MacAddress([0x33, 0x33, 0, 0, 0, 1]);
    let nd = |from: &str, to: &str, message| {
        Content::Discovery(Discovery { source: v6(from), destination: v6(to), message })
    };
    let (own, peer, other) = ("2001:db8::1", "2001:db8::8", "2001:db8::9");
    let ours = |to: &str, message| frame(MAC, group, nd(own, to, message));
    let theirs = |from: &str, message| frame(OTHER_MAC, MAC, nd(from, own, message));
    check(
        &six(),
        &[
            ("asks for the peer", ours("ff02::1:ff00:8", Message::Solicits(v6(peer)))),
            ("asks for its own address", ours("ff02::1:ff00:1", Message::Solicits(v6(own)))),
            ("asks for another", ours("ff02::1:ff00:9", Message::Solicits(v6(other)))),
            ("tells all its address", ours(&ALL_NODES.to_string(), Message::Advertises(v6(own)))),
            ("tells another its address", ours(other, Message::Advertises(v6(own)))),
            ("tells the peer its address", ours(peer, Message::Advertises(v6(own)))),
            ("says that it is another", ours(peer, Message::Advertises(v6(other)))),
            (
                "asks for a router by its own address",
                ours("ff02::1:ff00:2", Message::Solicits(v6("fe80::2"))),
            ),
            ("says that it is that router", ours("ff02::1", Message::Advertises(v6("fe80::2")))),
            ("tells a router its address", ours("fe80::2", Message::Advertises(v6(own)))),
            ("asks for routers", ours("ff02::2", Message::AsksForRouters)),
            ("says that it is a router", ours("ff02::1", Message::Routes)),
            ("is asked by the peer", theirs(peer, Message::Solicits(v6(own)))),
            ("is asked by a router", theirs("fe80::2", Message::Solicits(v6(own)))),
            ("is asked for another", theirs(peer, Message::Solicits(v6(other)))),
            ("is answered by a router", theirs("fe80::2", Message::Advertises(v6("fe80::2")))),
            ("is answered by another", theirs(other, Message::Advertises(v6(other)))),
            ("is answered by the peer", theirs(peer, Message::Advertises(v6(peer)))),
            ("is told of a router", theirs("fe80::2", Message::Routes)),
        ],
        &expect![[r"
            passes asks for the peer
            passes asks for its own address
            drops  asks for another
            passes tells all its address
            passes tells another its address
            passes tells the peer its address
            drops  says that it is another
            passes asks for a router by its own address
            drops  says that it is that router
            passes tells a router its address
            passes asks for routers
            drops  says that it is a router
            passes is asked by the peer
            passes is asked by a router
            drops  is asked for another
            passes is answered by a router
            drops  is answered by another
            passes is answered by the peer
            passes is told of a router
        "]],
    );
}

#[test]
fn a_router_far_away_may_say_that_a_packet_of_an_open_flow_was_too_big() {
    let quotes = |source: &str, destination: &str, transport, from, to| {
        let (source, destination) = (ip(source), ip(destination));
        Carried::TooBig(Quoted { source, destination, transport, from, to })
    };
    let told = |quoted| back("192.0.2.1", quoted);
    let (tcp, udp) = (Transport::Tcp, Transport::Udp);
    let (own, peer) = ("10.0.0.1", "10.0.0.5");
    check(
        &pump(Level::Contain),
        &[
            ("of a request", told(quotes(own, peer, tcp, 40_000, 80))),
            ("of an answer to a client", told(quotes(own, "10.0.0.7", tcp, 3000, 40_000))),
            ("of an alarm", told(quotes(own, "10.0.0.6", udp, 40_000, 514))),
            ("of another port", told(quotes(own, peer, tcp, 40_000, 445))),
            ("of another transport", told(quotes(own, peer, udp, 40_000, 80))),
            ("of a packet to another", told(quotes(own, "10.0.0.9", tcp, 40_000, 80))),
            ("of a packet of another", told(quotes("10.0.0.9", peer, tcp, 40_000, 80))),
            ("of what the server sent", told(quotes(peer, own, tcp, 80, 40_000))),
            ("from its router, of anything", back("10.0.0.254", quotes(own, own, tcp, 1, 1))),
            ("the device says it", out(peer, quotes(own, peer, tcp, 40_000, 80))),
            ("to its MAC, a foreign address", {
                let quoted = quotes("10.0.0.77", peer, tcp, 40_000, 80);
                frame(OTHER_MAC, MAC, net("192.0.2.1", "10.0.0.77", quoted))
            }),
        ],
        &expect![[r"
            passes of a request
            passes of an answer to a client
            passes of an alarm
            drops  of another port
            drops  of another transport
            drops  of a packet to another
            drops  of a packet of another
            drops  of what the server sent
            passes from its router, of anything
            drops  the device says it
            drops  to its MAC, a foreign address
        "]],
    );
    let request = told(quotes(own, peer, tcp, 40_000, 80));
    assert!(!passes(&pump(Level::Isolate), &request));
    let unaddressed = Plan { interfaces: vec![interface(MAC, &[])], ..pump(Level::Contain) };
    assert!(!passes(&unaddressed, &request), "whose address is not known");
}

#[test]
fn an_interface_whose_address_is_not_known_keeps_what_is_open() {
    let plan = Plan { interfaces: vec![interface(MAC, &[])], ..pump(Level::Contain) };
    assert!(passes(&plan, &out("10.0.0.5", Tcp(40_000, 80, Initial))));
    assert!(!passes(&plan, &out("10.0.0.5", Tcp(40_000, 81, Initial))));
}

#[test]
fn a_broadcast_for_a_lease_needs_a_lease_and_routers_are_asked_for_only_on_ipv6() {
    let asks = frame(MAC, ALL, net("0.0.0.0", "255.255.255.255", Udp(68, 67)));
    let mut plan = pump(Level::Contain);
    plan.openings = vec![opening(CareRole::Other, Side::Client, "10.0.0.2", udp(67))];
    assert!(!passes(&plan, &asks));
    plan.openings = vec![opening(CareRole::Identity, Side::Server, "10.0.0.2", udp(67))];
    assert!(!passes(&plan, &asks));
    plan.openings = vec![opening(CareRole::Identity, Side::Client, "10.0.0.2", udp(67))];
    assert!(passes(&plan, &asks));
    let (source, destination) = (ALL_NODES, ALL_NODES);
    let message = Message::AsksForRouters;
    let asks = Content::Discovery(Discovery { source, destination, message });
    assert!(!passes(&plan, &frame(MAC, ALL, asks)));
}

fn macs() -> impl Strategy<Value = MacAddress> {
    prop::sample::select(vec![MAC, OTHER_MAC, MacAddress([2, 0, 0, 0, 0, 7]), ALL])
}

fn contents() -> impl Strategy<Value = Content> {
    let addresses = || {
        let known = ["10.0.0.1", "10.0.0.2", "10.0.0.5", "10.0.0.7", "10.0.0.9", "0.0.0.0"];
        let more = ["255.255.255.255", "2001:db8::1", "2001:db8::8", "fe80::1", "ff02::1:2"];
        prop::sample::select([&known[..], &more[..]].concat()).prop_map(ip)
    };
    let ports = || prop::sample::select(vec![22_u16, 67, 68, 80, 514, 546, 547, 3000, 40_000]);
    let segment = prop::sample::select(vec![Initial, Later]);
    let transports = vec![Transport::Tcp, Transport::Udp, Transport::Icmp, Transport::Other(47)];
    let transports = || prop::sample::select(transports.clone());
    let quoted = (addresses(), addresses(), transports(), ports(), ports()).prop_map(
        |(source, destination, transport, from, to)| {
            Carried::TooBig(Quoted { source, destination, transport, from, to })
        },
    );
    let carried = prop_oneof![
        quoted,
        (ports(), ports(), segment).prop_map(|(from, to, segment)| Tcp(from, to, segment)),
        (ports(), ports()).prop_map(|(from, to)| Udp(from, to)),
        transports().prop_map(Portless),
        transports().prop_map(Fragment),
        Just(Cut),
    ];
    let four = || prop::sample::select(vec![[10, 0, 0, 1], [10, 0, 0, 5], [10, 0, 0, 9], [0; 4]]);
    prop_oneof![
        8 => (addresses(), addresses(), carried).prop_map(|(source, destination, carried)| {
            Content::Internet(Internet { source, destination, carried })
        }),
        2 => (four(), four()).prop_map(|(from, to)| Content::Arp(from.into(), to.into())),
        1 => any::<u16>().prop_map(Content::Other),
    ]
}

fn packets() -> impl Strategy<Value = Packet> {
    (macs(), macs(), contents())
        .prop_map(|(source, destination, content)| frame(source, destination, content))
}

fn concerns(plan: &Plan, packet: &Packet) -> bool {
    let is = |interface: &Interface| {
        let named = |address| interface.addresses.contains(&address);
        let by_address = match packet.content {
            Content::Internet(net) => named(net.source) || named(net.destination),
            _ => false,
        };
        interface.mac == packet.source || interface.mac == packet.destination || by_address
    };
    plan.interfaces.iter().any(is)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_stricter_level_never_lets_more_pass(packet in packets()) {
        let passed = Level::ALL.map(|level| passes(&pump(level), &packet));
        prop_assert!(passed.is_sorted_by(|one, next| one >= next), "{passed:?}");
        prop_assert!(passed[0], "watch drops nothing");
        prop_assert_eq!(passed[3], !concerns(&pump(Level::Isolate), &packet));
    }

    #[test]
    fn what_is_not_the_devices_always_passes(packet in packets()) {
        let plan = pump(Level::Contain);
        prop_assert!(concerns(&plan, &packet) || passes(&plan, &packet));
    }

    #[test]
    fn another_opening_never_closes_anything(packet in packets()) {
        let mut fewer = pump(Level::Contain);
        let openings: Vec<Opening> = fewer.openings.drain(..).collect();
        for opening in openings {
            let before = passes(&fewer, &packet);
            fewer.openings.push(opening);
            prop_assert!(!before || passes(&fewer, &packet));
        }
    }

    #[test]
    fn a_tag_changes_nothing(packet in packets(), vlan in 0_u16..4096) {
        let plan = pump(Level::Contain);
        let tagged = Packet { vlan: Some(vlan), ..packet };
        prop_assert_eq!(passes(&plan, &tagged), passes(&plan, &packet));
    }
}
