//! Filter rules against the meaning of the plan: what the rules let pass the plan lets pass, and
//! the other way round, for every class of packets that either tells apart.
//!
//! Reads the rules as RFC 6733, section 4.3.1, says, with no help from what wrote them.

use std::net::IpAddr;

use decisions::containment::passes::{Carried, Content, Internet, Packet, Segment, passes};
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::MacAddress;
use domain::network::{Service, Transport};
use domain::order::{Level, Opening, Side};
use expect_test::expect;

use super::plan;
use crate::radius::filter::{self, Own};

const DEVICE: MacAddress = MacAddress([2, 0, 0, 0, 0, 11]);
const ROUTER: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);

fn opening(role: CareRole, side: Side, peer: &str, transport: Transport, port: u16) -> Opening {
    let peer = peer.parse().expect("an address");
    Opening { role, side, peer, service: Service { transport, port } }
}

fn pump(level: Level) -> Plan {
    use Side::{Client, Server};
    use Transport::{Icmp, Tcp, Udp};
    let mut pump = plan(11, level, &[11]);
    pump.interfaces[0].addresses =
        ["10.20.0.11", "fd00::b"].map(|text| text.parse().expect("an address")).to_vec();
    pump.openings = vec![
        opening(CareRole::Result, Client, "10.20.0.21", Tcp, 6000),
        opening(CareRole::Therapy, Server, "10.20.0.23", Tcp, 2575),
        opening(CareRole::Time, Client, "10.20.0.2", Udp, 123),
        opening(CareRole::Alarm, Server, "10.20.0.24", Udp, 514),
        opening(CareRole::Identity, Client, "10.20.0.2", Udp, 67),
        opening(CareRole::Other, Client, "10.20.0.1", Icmp, 0),
        opening(CareRole::Result, Client, "fd00::21", Tcp, 6000),
        opening(CareRole::Identity, Client, "fd00::2", Udp, 547),
    ];
    if level == Level::Isolate {
        pump.openings.clear();
    }
    pump
}

#[test]
fn a_plan_is_written_as_rules() {
    expect![[r"
        permit in 6 from 10.20.0.11 to 10.20.0.21 6000
        permit out 6 from 10.20.0.21 6000 to 10.20.0.11 established
        permit in 6 from 10.20.0.11 2575 to 10.20.0.23 established
        permit out 6 from 10.20.0.23 to 10.20.0.11 2575
        permit in 17 from 10.20.0.11 to 10.20.0.2 123
        permit out 17 from 10.20.0.2 123 to 10.20.0.11
        permit in 17 from 10.20.0.11 514 to 10.20.0.24
        permit out 17 from 10.20.0.24 to 10.20.0.11 514
        permit in 17 from 10.20.0.11 to 10.20.0.2 67
        permit out 17 from 10.20.0.2 67 to 10.20.0.11
        permit in 17 from 0.0.0.0 68 to 255.255.255.255 67
        permit in 17 from 10.20.0.11 68 to 255.255.255.255 67
        permit out 17 from 0.0.0.0/0 67 to 0.0.0.0/0 68
        permit in 1 from 10.20.0.11 to 10.20.0.1
        permit out 1 from 10.20.0.1 to 10.20.0.11
        permit in 6 from fd00::b to fd00::21 6000
        permit out 6 from fd00::21 6000 to fd00::b established
        permit in 58 from fd00::b to fd00::21
        permit out 58 from fd00::21 to fd00::b
        permit in 17 from fd00::b to fd00::2 547
        permit out 17 from fd00::2 547 to fd00::b
        permit in 58 from fd00::b to fd00::2
        permit out 58 from fd00::2 to fd00::b
        permit in 17 from ::/0 546 to ff02::1:2 547
        permit out 17 from ::/0 547 to ::/0 546
        permit in 58 from ::/0 to ff02::/16
        permit out 58 from ::/0 to ff02::/16
        deny in ip from any to any
        deny out ip from any to any"]]
    .assert_eq(&filter::rules(&pump(Level::Contain), Own::Known).join("\n"));
    expect![[r"
        deny in ip from any to any
        deny out ip from any to any"]]
    .assert_eq(&filter::rules(&pump(Level::Isolate), Own::Known).join("\n"));
    assert_eq!(filter::rules(&pump(Level::Watch), Own::Known), filter::open());
    let assigned = filter::rules(&pump(Level::Contain), Own::Assigned);
    assert_eq!(assigned[0], "permit in 6 from assigned to 10.20.0.21 6000");
    let any = filter::rules(&pump(Level::Contain), Own::Any);
    assert_eq!(any[0], "permit in 6 from 0.0.0.0/0 to 10.20.0.21 6000");
}

/// Whether the rules let a packet pass: the first that matches decides.
fn permits(rules: &[String], way: &str, packet: &Internet) -> bool {
    for rule in rules {
        let words: Vec<&str> = rule.split(' ').collect();
        let [action, direction, protocol, "from", rest @ ..] = words.as_slice() else {
            panic!("no rule: {rule}")
        };
        let to = rest.iter().position(|word| *word == "to").expect("to");
        let (from, to) = (&rest[..to], &rest[to + 1..]);
        let (to, established) = match to {
            [to @ .., "established"] => (to, true),
            to => (to, false),
        };
        let (number, ports, initial) = carried(packet);
        let matches = *direction == way
            && (*protocol == "ip" || protocol.parse() == Ok(number))
            && end(from, packet.source, ports.map(|ports| ports.0))
            && end(to, packet.destination, ports.map(|ports| ports.1))
            && !(established && initial);
        if matches {
            return *action == "permit";
        }
    }
    panic!("the last rules decide everything")
}

fn carried(packet: &Internet) -> (u8, Option<(u16, u16)>, bool) {
    match packet.carried {
        Carried::Tcp(from, to, segment) => (6, Some((from, to)), segment == Segment::Initial),
        Carried::Udp(from, to) => (17, Some((from, to)), false),
        Carried::Portless(Transport::Icmp) if packet.source.is_ipv4() => (1, None, false),
        Carried::Portless(Transport::Icmp) => (58, None, false),
        Carried::Portless(Transport::Other(number)) => (number, None, false),
        other => panic!("not a class of these tests: {other:?}"),
    }
}

fn end(words: &[&str], address: IpAddr, port: Option<u16>) -> bool {
    let (name, wanted) = match words {
        [name] => (*name, None),
        [name, port] => (*name, Some(port.parse().expect("a port"))),
        _ => panic!("no end: {words:?}"),
    };
    let fits = match name.split_once('/') {
        None if name == "any" => true,
        None => name.parse() == Ok(address),
        Some((_, "0")) => address.is_ipv4() != name.contains(':'),
        Some(("ff02::", "16")) => address.to_string().starts_with("ff02:"),
        Some(_) => panic!("no end: {name}"),
    };
    fits && (wanted.is_none() || wanted == port)
}

/// Every packet from and to the device that these addresses, ports and kinds make, but for what
/// claims to be from the device to itself, which is neither in nor out.
fn classes() -> Vec<(&'static str, Packet)> {
    let addresses = [
        "10.20.0.11",
        "10.20.0.12",
        "0.0.0.0",
        "255.255.255.255",
        "10.20.0.21",
        "10.20.0.23",
        "10.20.0.2",
        "10.20.0.24",
        "10.20.0.1",
        "10.20.0.66",
        "fd00::b",
        "fd00::c",
        "ff02::1:2",
        "fd00::21",
        "fd00::2",
        "fd00::66",
        "fe80::1",
    ]
    .map(|text| text.parse::<IpAddr>().expect("an address"));
    let ports = [67, 68, 123, 514, 546, 547, 2575, 6000, 6001, 40_000];
    let mut kinds =
        vec![Carried::Portless(Transport::Icmp), Carried::Portless(Transport::Other(47))];
    for from in ports {
        for to in ports {
            kinds.push(Carried::Udp(from, to));
            kinds.push(Carried::Tcp(from, to, Segment::Initial));
            kinds.push(Carried::Tcp(from, to, Segment::Later));
        }
    }
    let own = |address: IpAddr| [addresses[0], addresses[10]].contains(&address);
    let mut classes = Vec::new();
    for source in addresses {
        for destination in addresses.into_iter().filter(|to| to.is_ipv4() == source.is_ipv4()) {
            for &carried in &kinds {
                let content = Content::Internet(Internet { source, destination, carried });
                if !own(destination) {
                    let (source, destination) = (DEVICE, ROUTER);
                    classes.push(("in", Packet { source, destination, vlan: None, content }));
                }
                if !own(source) {
                    let (source, destination) = (ROUTER, DEVICE);
                    classes.push(("out", Packet { source, destination, vlan: None, content }));
                }
            }
        }
    }
    classes
}

#[test]
fn the_rules_mean_what_the_plan_means() {
    let mut unaddressed = pump(Level::Contain);
    unaddressed.interfaces[0].addresses.clear();
    let plans = [pump(Level::Contain), pump(Level::Restrict), pump(Level::Isolate), unaddressed];
    for plan in &plans {
        let rules = filter::rules(plan, Own::Known);
        let (mut passed, mut dropped) = (0, 0);
        for (way, packet) in classes() {
            let Content::Internet(internet) = packet.content else { continue };
            let wanted = passes(plan, &packet);
            let permitted = permits(&rules, way, &internet);
            let discovery =
                internet.source.is_ipv6() && internet.carried == Carried::Portless(Transport::Icmp);
            if permitted && !wanted && discovery {
                // The form can't tell it from neighbour discovery: with peers, and to groups.
                let other = if way == "in" { internet.destination } else { internet.source };
                let known = plan.openings.iter().any(|opening| opening.peer == other);
                assert!(known || internet.destination.is_multicast(), "{way} {packet:?}");
                continue;
            }
            assert_eq!(permitted, wanted, "{way} {packet:?}");
            *(if wanted { &mut passed } else { &mut dropped }) += 1;
        }
        assert!(dropped > 50_000 && (passed > 100 || plan.level == Level::Isolate), "{passed}");
    }
}
