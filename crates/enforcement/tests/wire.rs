//! Containment on a real bridge with real connections: the pump goes on reporting, and reaches
//! nothing else. Needs root.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsRawFd;

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};
use enforcement::nftables::{self, Nft, Place};
use testkit::ward::{Ward, begins, connect, echoes, ip};

const MACHINES: [(&str, u8); 4] = [("pump", 11), ("gateway", 21), ("files", 50), ("attacker", 66)];

fn ward() -> Ward {
    let mut lab = Ward::new();
    lab.segment(20);
    for (machine, last) in MACHINES {
        lab.machine(machine, 20, last);
    }
    for to in ["10.20.0.21", "10.20.0.50", "10.20.0.66", "fd20::15"] {
        lab.settles("pump", to);
    }
    lab
}

fn plan(level: Level) -> Plan {
    let gateway = |peer: &str, port| Opening {
        role: CareRole::Result,
        side: Side::Client,
        peer: peer.parse().expect("an address"),
        service: Service { transport: Transport::Tcp, port },
    };
    let addresses: Vec<IpAddr> =
        ["10.20.0.11", "fd20::b"].map(|address| address.parse().expect("an address")).into();
    Plan {
        order: OrderId(1),
        device: DeviceId("PUMP-11".into()),
        level,
        interfaces: vec![Interface { mac: MacAddress([2, 0, 0, 0, 20, 11]), addresses }],
        openings: match level {
            Level::Isolate => Vec::new(),
            _ => vec![
                gateway("10.20.0.21", 6000),
                gateway("10.20.0.21", 6001),
                gateway("fd20::15", 6000),
            ],
        },
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

fn apply(lab: &Ward, plans: &[Plan]) {
    lab.on("switch", || nftables::apply(&mut Nft, Place::Bridge, plans)).expect("applied, proved");
}

#[test]
fn a_contained_pump_goes_on_reporting_and_reaches_nothing_else() {
    let lab = ward();
    for (machine, port) in
        [("gateway", 6000), ("gateway", 22), ("pump", 23), ("files", 445), ("attacker", 4444)]
    {
        lab.serve(machine, port);
    }
    let forbidden = [
        ("pump", "10.20.0.21", 22),
        ("pump", "10.20.0.50", 445),
        ("pump", "10.20.0.66", 4444),
        ("attacker", "10.20.0.11", 23),
        ("pump", "fd20::15", 22),
        ("pump", "fd20::32", 445),
        ("attacker", "fd20::b", 23),
    ];
    let others = [
        ("attacker", "10.20.0.50", 445),
        ("gateway", "10.20.0.50", 445),
        ("files", "10.20.0.21", 22),
        ("attacker", "fd20::32", 445),
    ];
    for (from, to, port) in forbidden.into_iter().chain(others) {
        assert!(lab.reaches(from, to, port), "before: {from} to {to}:{port}");
    }
    let gateways = ["10.20.0.21", "fd20::15"].map(|to| to.parse().expect("an address"));
    let mut reports = gateways
        .map(|to| lab.on("pump", || connect(to, 6000).expect("a session with the gateway")));
    assert!(reports.iter_mut().all(echoes));

    apply(&lab, &[plan(Level::Contain)]);
    assert!(reports.iter_mut().all(echoes), "the sessions that were open go on");
    // Also when the gateway has to be found anew (ARP, neighbour discovery).
    ip(&format!("-n {} neigh flush all", lab.name("pump")));
    ip(&format!("-n {} neigh flush all", lab.name("gateway")));
    for to in ["10.20.0.21", "fd20::15"] {
        assert!(lab.reaches("pump", to, 6000), "a new one is opened to {to}");
    }
    for (from, to, port) in forbidden {
        assert!(!lab.reaches(from, to, port), "contained: {from} to {to}:{port}");
    }
    for (from, to, port) in others {
        assert!(lab.reaches(from, to, port), "nobody else is touched: {from} to {to}:{port}");
    }
    // From the very port that may answer, the gateway may not begin.
    let [pump, attacker] = [Ipv4Addr::new(10, 20, 0, 11), Ipv4Addr::new(10, 20, 0, 66)];
    assert!(!lab.on("gateway", || begins(6001, pump, 23)), "from a port that may only answer");
    assert!(lab.on("gateway", || begins(6001, attacker, 4444)), "to others it may");
    changed_addresses_do_not_help(&lab);

    apply(&lab, &[plan(Level::Isolate)]);
    for to in ["10.20.0.21", "fd20::15"] {
        assert!(!lab.reaches("pump", to, 6000), "isolated");
    }
    apply(&lab, &[]);
    // The pump's kernel asked for the gateway in vain, and may only now say so of the first packet.
    for to in ["10.20.0.21", "fd20::15"] {
        lab.settles("pump", to);
    }
    for (from, to, port) in forbidden {
        assert!(lab.reaches(from, to, port), "lifted: {from} to {to}:{port}");
    }
}

fn changed_addresses_do_not_help(lab: &Ward) {
    let pump = lab.name("pump");
    ip(&format!("-n {pump} link set eth0 address 02:00:00:00:00:99"));
    assert!(!lab.reaches("pump", "10.20.0.66", 4444), "it changed its hardware address");
    ip(&format!("-n {pump} link set eth0 address 02:00:00:00:14:0b"));
    ip(&format!("-n {pump} addr del 10.20.0.11/24 dev eth0"));
    ip(&format!("-n {pump} addr add 10.20.0.12/24 dev eth0"));
    assert!(!lab.reaches("pump", "10.20.0.66", 4444), "it changed its address");
    ip(&format!("-n {pump} addr del 10.20.0.12/24 dev eth0"));
    ip(&format!("-n {pump} addr add 10.20.0.11/24 dev eth0"));
}

/// A frame from the pump that begins a TCP connection, in as many VLAN tags as there are numbers.
fn tagged(tags: &[u16], to: u8, port: u16) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 20, to, 2, 0, 0, 0, 20, 11];
    for tag in tags {
        frame.extend(0x8100_u16.to_be_bytes());
        frame.extend(tag.to_be_bytes());
    }
    frame.extend([0x08, 0x00]);
    // IPv4 without options, 40 bytes, TCP, and the sum of its words (RFC 1071).
    let mut header = [0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 20, 0, 11, 10, 20, 0, to];
    let words = header.chunks_exact(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let sum: u32 = words.sum();
    let sum =
        !(u16::try_from(sum & 0xFFFF).expect("16 bits") + u16::try_from(sum >> 16).expect("few"));
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    frame.extend(header);
    frame.extend(40_000_u16.to_be_bytes());
    frame.extend(port.to_be_bytes());
    frame.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xFF, 0xFF, 0, 0, 0, 0]);
    frame
}

/// Whether a frame that the pump sends arrives at a machine's port.
fn arrives(lab: &Ward, machine: &str, frame: &[u8]) -> bool {
    use nix::sys::socket::{
        AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, bind, recv, send, setsockopt,
        socket, sockopt,
    };
    let listener = lab.on(machine, || {
        let (family, kind) = (AddressFamily::Packet, SockType::Raw);
        socket(family, kind, SockFlag::empty(), SockProtocol::EthAll).expect("the test needs root")
    });
    let wait = nix::sys::time::TimeVal::new(0, 300_000);
    setsockopt(&listener, sockopt::ReceiveTimeout, &wait).expect("set");
    lab.on("pump", || {
        let (family, kind) = (AddressFamily::Packet, SockType::Raw);
        let sender = socket(family, kind, SockFlag::empty(), None).expect("a socket");
        let mut interfaces = nix::ifaddrs::getifaddrs().expect("interfaces");
        let port = interfaces.find_map(|interface| {
            let address = interface.address?;
            address.as_link_addr().copied().filter(|_| interface.interface_name == "eth0")
        });
        bind(sender.as_raw_fd(), &port.expect("its port")).expect("bound");
        send(sender.as_raw_fd(), frame, MsgFlags::empty()).expect("sent");
    });
    let mut bytes = [0; 2048];
    // What is carried is the same, with the tag or where the kernel has set the tag aside.
    let carried = frame.get(frame.len() - 40..).expect("a packet");
    loop {
        let Ok(count) = recv(listener.as_raw_fd(), &mut bytes, MsgFlags::empty()) else {
            return false;
        };
        let got = bytes.get(..count).unwrap_or_default();
        if got.windows(carried.len()).any(|part| part == carried) {
            return true;
        }
    }
}

#[test]
fn a_vlan_tag_changes_nothing_and_two_hide_nothing() {
    let lab = ward();
    let tags: [&[u16]; 3] = [&[], &[7], &[7, 8]];
    for tags in tags {
        for (machine, to, port) in [("gateway", 21, 6000), ("files", 50, 445)] {
            assert!(arrives(&lab, machine, &tagged(tags, to, port)), "before: {tags:?} {machine}");
        }
    }
    apply(&lab, &[plan(Level::Contain)]);
    for tags in tags {
        let open = arrives(&lab, "gateway", &tagged(tags, 21, 6000));
        assert_eq!(open, tags.len() < 2, "open, in {} tags", tags.len());
        for (machine, to, port) in [("gateway", 21, 22), ("files", 50, 445)] {
            assert!(!arrives(&lab, machine, &tagged(tags, to, port)), "{tags:?} {machine}");
        }
    }
}
