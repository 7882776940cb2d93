//! RADIUS against programs that we did not write, and on a real bridge: what they take, what they
//! refuse, and what the wire then shows. Needs root, freeradius, hostapd and wpasupplicant.

use std::io::Write;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, PointName, Side};
use enforcement::point::{Failure, Outcomes, Point, Receipt, Wish};
use enforcement::radius::Radius;
use enforcement::radius::answer::Answer;
use enforcement::radius::attribute::{self, Attribute, StationForm, number};
use enforcement::radius::client::{Client, Kind, Request};
use enforcement::radius::pace::Pace;
use enforcement::radius::packet::{PACKET_BYTES, Packet};
use enforcement::radius::seal::{MessageAuthenticator, Secret};
use testkit::radius::access::{self, Port, Station};
use testkit::radius::relay::Relay;
use testkit::radius::server::{self, Server};
use testkit::radius::switch::{List, Switch};
use testkit::ward::{Ward, echoes};

const SECRET: &str = "asecretofsixteen";
const NET: u8 = 20;
const PUMP: u8 = 11;

fn secret() -> Secret {
    Secret::new(SECRET).expect("a secret")
}

/// The pump's plan: it may go on speaking with its gateway, which may call it, too; its lease and
/// a peer on IPv6 make the rules longer.
fn plan(level: Level) -> Plan {
    let opening = |role, side, peer: &str, transport, port| Opening {
        role,
        side,
        peer: peer.parse().expect("an address"),
        service: Service { transport, port },
    };
    let openings = vec![
        opening(CareRole::Result, Side::Client, "10.20.0.21", Transport::Tcp, 6000),
        opening(CareRole::Therapy, Side::Server, "10.20.0.21", Transport::Tcp, 2575),
        opening(CareRole::Identity, Side::Client, "10.20.0.2", Transport::Udp, 67),
        opening(CareRole::Other, Side::Client, "10.20.0.2", Transport::Icmp, 0),
        opening(CareRole::Result, Side::Client, "fd00::21", Transport::Tcp, 6000),
    ];
    let addresses = vec![IpAddr::from([10, 20, 0, PUMP])];
    Plan {
        order: OrderId(1),
        device: DeviceId("PUMP-11".into()),
        level,
        interfaces: vec![Interface { mac: MacAddress([2, 0, 0, 0, NET, PUMP]), addresses }],
        openings: if level == Level::Isolate { Vec::new() } else { openings },
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

fn point(server: SocketAddr, message: &str, contain: &str, secret: Secret) -> Radius {
    let settings = format!(
        r#"{{"server": "{server}", "message-authenticator": "{message}",
            "levels": {{"contain": {contain}, "isolate": "disconnect"}},
            "lift": {{"change": {{"filter-id": "open"}}}}}}"#
    );
    let settings = serde_json::from_str(&settings).expect("settings");
    Radius::new(PointName("switch-3".into()), settings, secret).expect("a point")
}

const BY_NAME: &str = r#"{"change": {"filter-id": "contain"}}"#;
const BY_RULES: &str = r#"{"change": {"filter-rules": "known"}}"#;

fn outcome(outcomes: &Outcomes) -> Result<Receipt, Failure> {
    assert_eq!(outcomes.len(), 1);
    outcomes[&OrderId(1)].clone()
}

fn hold(point: &mut Radius, plan: &Plan) -> Result<Receipt, Failure> {
    outcome(&point.carry_out(Wish { hold: std::slice::from_ref(plan), release: &[] }))
}

fn release(point: &mut Radius, plan: &Plan) -> Result<Receipt, Failure> {
    outcome(&point.carry_out(Wish { hold: &[], release: std::slice::from_ref(plan) }))
}

/// What an independent client sends, given attributes in its own words.
fn radclient(kind: &str, attributes: &str) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
    let address = socket.local_addr().expect("an address").to_string();
    let mut child = Command::new("radclient")
        .args(["-r", "1", "-t", "0.1", &address, kind, SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("radclient runs; `cargo xtask setup` installs it");
    child.stdin.take().expect("piped").write_all(attributes.as_bytes()).expect("written");
    let mut buffer = [0; PACKET_BYTES];
    let count = socket.recv(&mut buffer).expect("a packet");
    child.wait().expect("it ends");
    buffer.get(..count).expect("it was read").to_vec()
}

#[test]
fn what_we_send_is_what_an_independent_client_sends_byte_for_byte() {
    let rules: Vec<String> =
        (10..30).map(|n| format!("permit in 6 from 10.20.0.11 to 10.20.0.{n} 6000")).collect();
    let said = rules.iter().map(|rule| format!("NAS-Filter-Rule += \"{rule}\""));
    let said = said.collect::<Vec<_>>().join("\n");
    let theirs = radclient(
        "coa",
        &format!(
            "Message-Authenticator = 0x00
Event-Timestamp = \"1700000000\"
NAS-IP-Address = 10.20.0.3
NAS-IPv6-Address = fd00::3
NAS-Identifier = \"switch-3\"
Calling-Station-Id = \"00-10-A4-23-19-C0\"
Tunnel-Type:0 = VLAN
Tunnel-Medium-Type:0 = IEEE-802
Tunnel-Private-Group-Id:0 = \"66\"
Filter-Id = \"contain\"
Cisco-AVPair = \"subscriber:command=reauthenticate\"
Aruba-User-Role = \"quarantine\"
User-Name = \"pump\"
Acct-Session-Id = \"8EA0015EB3111A4D\"
NAS-Port-Id = \"GigabitEthernet1/0/11\"
{said}
"
        ),
    );
    let mut ours = vec![
        Attribute::nas([10, 20, 0, 3].into()),
        Attribute::nas("fd00::3".parse().expect("an address")),
    ];
    let text = |number, text| Attribute::text(number, text).expect("a text");
    ours.push(text(number::NAS_IDENTIFIER, "switch-3"));
    let mac = MacAddress([0, 0x10, 0xa4, 0x23, 0x19, 0xc0]);
    ours.push(Attribute::station(mac, StationForm::UpperHyphens));
    ours.extend(attribute::vlan(66).expect("a VLAN"));
    ours.push(text(number::FILTER_ID, "contain"));
    let command = "subscriber:command=reauthenticate";
    ours.push(Attribute::vendor(attribute::CISCO, 1, command).expect("a pair"));
    ours.push(Attribute::vendor(14_823, 1, "quarantine").expect("a role"));
    ours.push(text(number::USER_NAME, "pump"));
    ours.push(text(number::ACCT_SESSION_ID, "8EA0015EB3111A4D"));
    ours.push(text(number::NAS_PORT_ID, "GigabitEthernet1/0/11"));
    ours.extend(attribute::filter_rules(&rules));
    let read = Packet::decode(&theirs).expect("it is a packet");
    let ours = Request::new(Kind::Change, ours).expect("it fits");
    assert_eq!(ours.seal(read.identifier, 1_700_000_000, &secret()).bytes, theirs);

    let theirs = radclient(
        "disconnect",
        "Message-Authenticator = 0x00\nEvent-Timestamp = \"1700000000\"\nCalling-Station-Id = \"0010.a423.19c0\"\n",
    );
    let station = Attribute::station(mac, StationForm::LowerDots);
    let ours = Request::new(Kind::Disconnect, vec![station]).expect("it fits");
    let read = Packet::decode(&theirs).expect("it is a packet");
    assert_eq!(ours.seal(read.identifier, 1_700_000_000, &secret()).bytes, theirs);
}

/// A port of this machine that is free now.
fn free() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.local_addr().expect("an address")
}

/// A server that acknowledges everything, and does nothing.
fn settings(namespace: Option<&str>, listen: SocketAddr) -> server::Settings<'_> {
    server::Settings { namespace, listen, secret: SECRET, script: None, folder: None }
}

#[test]
fn freeradius_takes_changes_and_disconnects_and_not_with_another_secret() {
    let listen = free();
    let _server = Server::start(settings(None, listen));
    let mut point = self::point(listen, "optional", BY_NAME, secret());
    for level in [Level::Contain, Level::Isolate] {
        assert_eq!(hold(&mut point, &plan(level)), Ok(Receipt::Acknowledged), "{level}");
    }
    assert_eq!(release(&mut point, &plan(Level::Isolate)), Ok(Receipt::Acknowledged));
    let other = Secret::new("another secret").expect("a secret");
    let mut stranger = self::point(listen, "optional", BY_NAME, other);
    let failure = hold(&mut stranger, &plan(Level::Contain)).expect_err("another secret");
    assert!(failure.0.starts_with("02:00:00:00:14:0b: no answer to "), "{failure}");
    // It signs no answer here, and an answer has to be signed.
    let mut strict = self::point(listen, "required", BY_NAME, secret());
    let failure = hold(&mut strict, &plan(Level::Contain)).expect_err("unsigned");
    assert!(failure.0.contains(" without Message-Authenticator)"), "{failure}");
}

#[test]
fn three_in_ten_packets_lost_each_way_lose_no_order() {
    let listen = free();
    let _server = Server::start(settings(None, listen));
    let relay = Relay::start(listen, 30, 1);
    let message = MessageAuthenticator::Optional;
    let mut client = Client::new(relay.address(), secret(), message, Pace::DEFAULT);
    let requests: Vec<Request> = (0..200)
        .map(|number| {
            let station =
                Attribute::station(MacAddress([2, 0, 0, 0, 1, number]), StationForm::default());
            Request::new(Kind::Change, vec![station]).expect("short")
        })
        .collect();
    let told = client.ask(&requests).expect("a socket");
    for outcome in &told.each {
        assert_eq!(outcome.answer, Some(Answer::Ack), "{outcome:?}");
        assert_eq!(outcome.ignored, enforcement::radius::answer::Counts::default());
    }
    let (came, lost) = relay.lost();
    let share = lost * 100 / came;
    assert!((24..=36).contains(&share), "{share} in a hundred were lost");
    assert!(told.each.iter().any(|outcome| outcome.tries > 2), "some were sent again and again");
}

/// Machines on a switch that has an address of its own.
fn machines(machines: &[(&str, u8)]) -> Ward {
    let mut ward = Ward::new();
    ward.segment(NET);
    ward.manage(NET, 3);
    for (machine, last) in machines {
        ward.machine(machine, NET, *last);
    }
    ward
}

#[test]
fn hostapd_puts_a_station_off_when_it_is_asked_to() {
    let ward = machines(&[("station", PUMP), ("us", 2)]);
    // 802.1X is spoken on the port itself: its group address crosses no bridge.
    let (switch, station) = (ward.name("switch"), "02:00:00:00:14:0b");
    let listen = SocketAddr::from(([10, 20, 0, 3], 3_799));
    let port = Port::start(access::Settings {
        namespace: &switch,
        interface: "p20-11",
        listen,
        client: IpAddr::from([10, 20, 0, 2]),
        secret: SECRET,
    });
    let _supplicant = Station::start(&ward.name("station"), "eth0");
    assert!(port.comes_to(station, Some(true)), "it signs on");

    let stranger = Secret::new("another secret").expect("a secret");
    let mut stranger = self::point(listen, "required", BY_NAME, stranger);
    let failure = ward.on("us", || hold(&mut stranger, &plan(Level::Isolate)));
    assert!(failure.expect_err("another secret").0.contains("no answer"), "not with that secret");
    assert_eq!(port.authorizes(station), Some(true), "it is still on");

    let mut point = self::point(listen, "required", BY_NAME, secret());
    let refused = ward.on("us", || hold(&mut point, &plan(Level::Contain)));
    let refused = refused.expect_err("it knows no filters").0;
    assert!(refused.starts_with("02:00:00:00:14:0b: it refused: "), "{refused}");
    let held = ward.on("us", || hold(&mut point, &plan(Level::Isolate)));
    assert_eq!(held, Ok(Receipt::Acknowledged));
    assert_ne!(port.authorizes(station), Some(true), "it is put off");
    // Another device has no session there.
    let mut other = plan(Level::Isolate);
    other.interfaces[0].mac = MacAddress([2, 0, 0, 0, 0, 99]);
    let failure = ward.on("us", || hold(&mut point, &other)).expect_err("no such session");
    assert_eq!(failure.0, "02:00:00:00:00:63: it refused: session context not found (503)");
}

/// What the pump and its attacker may not do while it is contained.
const FORBIDDEN: [(&str, &str, u16); 4] = [
    ("pump", "10.20.0.50", 445),
    ("attacker", "10.20.0.11", 23),
    ("attacker", "10.20.0.11", 2575),
    ("pump", "10.20.0.21", 22),
];

fn ward() -> Ward {
    let ward =
        machines(&[("pump", PUMP), ("gateway", 21), ("files", 50), ("attacker", 66), ("us", 2)]);
    for (machine, port) in
        [("gateway", 6000), ("gateway", 22), ("files", 445), ("pump", 23), ("pump", 2575)]
    {
        ward.serve(machine, port);
    }
    ward
}

#[test]
fn a_switch_that_radius_tells_to_contains_a_pump_and_its_session_goes_on() {
    let ward = ward();
    let listen = SocketAddr::from(([10, 20, 0, 3], 3_799));
    let contain = List {
        name: "contain",
        rules: "ip daddr 10.20.0.21 tcp dport 6000 accept\nip saddr 10.20.0.21 tcp sport 6000 tcp flags & (rst | ack) != 0 accept",
    };
    let switch = ward.name("switch");
    let _switch = Switch::start(settings(Some(&switch), listen), "br20", &[contain]);
    let mut report = ward.connect("pump", "10.20.0.21", 6000).expect("a session with the gateway");
    for contain in [BY_NAME, BY_RULES] {
        let mut point = self::point(listen, "optional", contain, secret());
        for (from, to, port) in FORBIDDEN {
            assert!(ward.reaches(from, to, port), "before: {from} to {to}:{port}");
        }
        let held = ward.on("us", || hold(&mut point, &plan(Level::Contain)));
        assert_eq!(held, Ok(Receipt::Acknowledged));
        assert!(echoes(&mut report), "the session that was open goes on");
        assert!(ward.reaches("pump", "10.20.0.21", 6000), "a new one is opened");
        for (from, to, port) in FORBIDDEN {
            assert!(!ward.reaches(from, to, port), "contained: {from} to {to}:{port}");
        }
        // What the plan says for this pump, and a list for all pumps does not.
        assert_eq!(ward.reaches("gateway", "10.20.0.11", 2575), contain == BY_RULES);
        assert!(ward.reaches("attacker", "10.20.0.50", 445), "nobody else is touched");
        let lifted = ward.on("us", || release(&mut point, &plan(Level::Contain)));
        assert_eq!(lifted, Ok(Receipt::Acknowledged));
        for (from, to, port) in FORBIDDEN {
            assert!(ward.reaches(from, to, port), "lifted: {from} to {to}:{port}");
        }
        assert!(echoes(&mut report));
    }
    // A list that is not on the switch, and a device that is not on it.
    let mut point =
        self::point(listen, "optional", r#"{"change": {"filter-id": "unheard-of"}}"#, secret());
    let failure = ward.on("us", || hold(&mut point, &plan(Level::Contain))).expect_err("no list");
    assert_eq!(failure.0, "02:00:00:00:14:0b: it refused: invalid attribute value (407)");
    let mut absent = plan(Level::Contain);
    absent.interfaces[0].mac = MacAddress([2, 0, 0, 0, 0, 99]);
    let failure = ward.on("us", || hold(&mut point, &absent)).expect_err("no session");
    assert_eq!(failure.0, "02:00:00:00:00:63: it refused: session context not found (503)");
    let lifted = ward.on("us", || release(&mut point, &absent));
    assert_eq!(lifted, Ok(Receipt::Acknowledged), "there is nothing to let go of");
}

#[test]
fn a_switch_that_says_ok_and_does_nothing_is_acknowledged_and_never_proved() {
    let ward = ward();
    let listen = SocketAddr::from(([10, 20, 0, 3], 3_799));
    let switch = ward.name("switch");
    let _server = Server::start(settings(Some(&switch), listen));
    let mut point = self::point(listen, "optional", BY_NAME, secret());
    let held = ward.on("us", || hold(&mut point, &plan(Level::Contain)));
    assert_eq!(held, Ok(Receipt::Acknowledged), "all that an answer can show");
    for (from, to, port) in FORBIDDEN {
        assert!(ward.reaches(from, to, port), "the wire shows that nothing was done");
    }
}
