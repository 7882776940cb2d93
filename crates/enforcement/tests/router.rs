//! Containment on a real router with real connections: the pump goes on reporting, and reaches
//! nothing else beyond its segment. Needs root.

use std::net::{IpAddr, UdpSocket};

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};
use enforcement::nftables::{self, Kernel as _, Nft, Place};
use testkit::ward::{SOON, Ward, connect, echoes, ip, sends_and_gets};

/// A ward, where the pump is, and a data centre; between them the router that we hold.
fn hospital() -> Ward {
    let mut lab = Ward::new();
    for net in [20, 30] {
        lab.segment(net);
    }
    lab.machine("router", 20, 1);
    lab.attach("router", "eth1", 30, 1);
    lab.forwards("router");
    for (machine, net, last) in [
        ("pump", 20, 11),
        ("neighbour", 20, 12),
        ("gateway", 30, 21),
        ("files", 30, 50),
        ("attacker", 30, 66),
    ] {
        lab.machine(machine, net, last);
        lab.route(machine, net, 1);
    }
    for to in ["10.30.0.21", "10.30.0.50", "10.30.0.66", "fd30::15", "10.20.0.12"] {
        lab.settles("pump", to);
    }
    lab
}

fn opening(peer: &str, transport: Transport, port: u16) -> Opening {
    let peer = peer.parse().expect("an address");
    let service = Service { transport, port };
    Opening { role: CareRole::Result, side: Side::Client, peer, service }
}

/// The pump may speak with these by TCP and UDP, and with its router.
fn plan(level: Level, peers: &[&str]) -> Plan {
    let mut openings =
        vec![opening("10.20.0.1", Transport::Icmp, 0), opening("fd20::1", Transport::Icmp, 0)];
    for peer in peers {
        openings.push(opening(peer, Transport::Tcp, 6000));
        openings.push(opening(peer, Transport::Udp, 6000));
    }
    let addresses: Vec<IpAddr> =
        ["10.20.0.11", "fd20::b"].map(|address| address.parse().expect("an address")).into();
    Plan {
        order: OrderId(1),
        device: DeviceId("PUMP-11".into()),
        level,
        interfaces: vec![Interface { mac: MacAddress([2, 0, 0, 0, 20, 11]), addresses }],
        openings: if level == Level::Isolate { Vec::new() } else { openings },
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

fn apply(lab: &Ward, plans: &[Plan]) {
    lab.on("router", || nftables::apply(&mut Nft, Place::Router, plans)).expect("applied, proved");
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn a_contained_pump_behind_a_router_goes_on_reporting_and_reaches_nothing_beyond_it() {
    let lab = hospital();
    for (machine, port) in [
        ("gateway", 6000),
        ("gateway", 22),
        ("pump", 23),
        ("files", 445),
        ("attacker", 4444),
        ("neighbour", 445),
        ("router", 53),
    ] {
        lab.serve(machine, port);
    }
    let forbidden = [
        ("pump", "10.30.0.21", 22),
        ("pump", "fd30::15", 22),
        ("pump", "10.30.0.50", 445),
        ("pump", "fd30::32", 445),
        ("pump", "10.30.0.66", 4444),
        ("pump", "10.20.0.1", 53),
        ("pump", "fd20::1", 53),
        ("attacker", "10.20.0.11", 23),
        ("attacker", "fd20::b", 23),
        ("router", "10.20.0.11", 23),
    ];
    // A router does not see what stays on the segment; a bridge does.
    let unseen = [("pump", "10.20.0.12", 445), ("neighbour", "10.20.0.11", 23)];
    let others = [
        ("attacker", "10.30.0.50", 445),
        ("neighbour", "10.30.0.50", 445),
        ("neighbour", "fd20::1", 53),
    ];
    for (from, to, port) in forbidden.into_iter().chain(unseen).chain(others) {
        assert!(lab.reaches(from, to, port), "before: {from} to {to}:{port}");
    }
    let gateways = ["10.30.0.21", "fd30::15"];
    let mut reports = gateways.map(|to| {
        lab.on("pump", || connect(address(to), 6000).expect("a session with the gateway"))
    });
    assert!(reports.iter_mut().all(echoes));

    apply(&lab, &[plan(Level::Contain, &gateways)]);
    assert!(reports.iter_mut().all(echoes), "the sessions that were open go on");
    assert!(gateways.iter().all(|to| lab.reaches("pump", to, 6000)), "new ones are opened");
    for (from, to, port) in forbidden {
        assert!(!lab.reaches(from, to, port), "contained: {from} to {to}:{port}");
    }
    for (from, to, port) in unseen.into_iter().chain(others) {
        assert!(lab.reaches(from, to, port), "not touched: {from} to {to}:{port}");
    }
    // Also when the router has to find the pump anew, and the pump its router.
    for machine in ["pump", "router"] {
        ip(&format!("-n {} neigh flush all", lab.name(machine)));
    }
    assert!(gateways.iter().all(|to| lab.reaches("pump", to, 6000)), "found anew");
    // With another IP address of the segment it gets no further, for its frames are seen here.
    let pump = lab.name("pump");
    ip(&format!("-n {pump} addr add 10.20.0.99/24 dev eth0"));
    ip(&format!("-n {pump} route replace default via 10.20.0.1 src 10.20.0.99"));
    assert!(!lab.reaches("pump", "10.30.0.66", 4444), "it changed its address");
    ip(&format!("-n {pump} route replace default via 10.20.0.1"));

    apply(&lab, &[plan(Level::Isolate, &[])]);
    assert!(!reports.iter_mut().any(echoes), "isolated");
    apply(&lab, &[]);
    for (from, to, port) in forbidden {
        assert!(lab.reaches(from, to, port), "lifted: {from} to {to}:{port}");
    }
}

#[test]
fn a_session_goes_on_when_a_router_far_away_says_that_its_packets_are_too_big() {
    let mut lab = hospital();
    lab.segment(40);
    lab.machine("distant", 30, 2);
    lab.attach("distant", "eth1", 40, 1);
    lab.forwards("distant");
    lab.machine("cloud", 40, 21);
    lab.route("cloud", 40, 1);
    lab.route("distant", 30, 1);
    let router = lab.name("router");
    ip(&format!("-n {router} route add 10.40.0.0/24 via 10.30.0.2"));
    ip(&format!("-n {router} -6 route add fd40::/64 via fd30::2"));
    lab.serve("cloud", 6000);
    lab.settles("pump", "10.40.0.21");
    lab.settles("pump", "fd40::15");
    // The last link takes only small packets; neither end knows that.
    ip(&format!("-n {} link set eth1 mtu 1280", lab.name("distant")));
    let peers = ["10.40.0.21", "fd40::15"];
    let plans = [plan(Level::Contain, &peers)];
    let report: Vec<u8> = (0..=u8::MAX).cycle().take(20_000).collect();
    let reports = |to: &str| {
        let mut stream = lab.on("pump", || connect(address(to), 6000).expect("a session"));
        stream.set_read_timeout(Some(SOON * 5)).expect("set");
        assert!(echoes(&mut stream));
        sends_and_gets(&mut stream, &report)
    };
    apply(&lab, &plans);
    lab.on("router", || {
        Nft.run("flush set inet asepsis ip4_client_sent\nflush set inet asepsis ip6_client_sent\n")
    })
    .expect("somebody meddles");
    for to in peers {
        assert!(!reports(to), "without those errors a long report to {to} hangs");
    }
    apply(&lab, &plans);
    for to in peers {
        assert!(reports(to), "a long report to {to}");
    }
}

#[test]
fn a_peer_behind_a_translated_address_stays_reachable() {
    let lab = hospital();
    lab.serve("gateway", 6000);
    lab.serve("gateway", 22);
    lab.on("router", || {
        Nft.run(
            "table ip nat {\n chain p { type nat hook prerouting priority dstnat; \
             ip daddr 10.30.0.200 dnat to 10.30.0.21; }\n\
             chain q { type nat hook postrouting priority srcnat; \
             ip saddr 10.20.0.0/24 masquerade; }\n}\n",
        )
    })
    .expect("a router that translates addresses");
    ip(&format!("-n {} addr add 10.30.0.200/32 dev lo", lab.name("router")));
    assert!(lab.reaches("pump", "10.30.0.200", 22));
    apply(&lab, &[plan(Level::Contain, &["10.30.0.200"])]);
    assert!(lab.reaches("pump", "10.30.0.200", 6000), "as the pump knows it");
    assert!(!lab.reaches("pump", "10.30.0.200", 22));
    assert!(!lab.reaches("pump", "10.30.0.21", 6000), "as the pump does not know it");
}

/// Sends a datagram that has to be cut, and waits for it to come back.
fn long_datagram(lab: &Ward, to: &str, port: u16) -> bool {
    let to = address(to);
    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    lab.on("pump", || {
        let socket = UdpSocket::bind(any).expect("a socket");
        socket.set_read_timeout(Some(SOON)).expect("set");
        socket.send_to(&[7; 4000], (to, port)).expect("sent");
        let mut answer = [0; 5000];
        socket.recv(&mut answer).is_ok_and(|count| count == 4000)
    })
}

#[test]
fn fragments_of_an_open_flow_pass_with_connection_tracking_and_without() {
    let lab = hospital();
    for port in [6000, 514] {
        let socket = lab.on("gateway", || UdpSocket::bind(("::", port)).expect("a socket"));
        std::thread::spawn(move || {
            let mut bytes = [0; 5000];
            while let Ok((count, from)) = socket.recv_from(&mut bytes) {
                if socket.send_to(bytes.get(..count).unwrap_or_default(), from).is_err() {
                    return;
                }
            }
        });
    }
    let peers = ["10.30.0.21", "fd30::15"];
    apply(&lab, &[plan(Level::Contain, &peers)]);
    for tracks in [false, true] {
        if tracks {
            // Now the kernel puts fragments together before we see them.
            let rule = "add table inet other\nadd chain inet other c { type filter hook forward \
                        priority 0; }\nadd rule inet other c ct state established accept\n";
            lab.on("router", || Nft.run(rule)).expect("somebody else tracks connections");
        }
        for to in peers {
            assert!(long_datagram(&lab, to, 6000), "to {to}, tracking: {tracks}");
            // The later fragments pass where nobody puts them together, but without the first
            // nothing is delivered.
            assert!(!long_datagram(&lab, to, 514), "shut, to {to}, tracking: {tracks}");
        }
    }
}
