//! The most memory that observing takes: each table is driven to its limit by an adversary's
//! traffic, and what the process grew by is measured.
//!
//! The peak counts: a table that doubles holds both halves for a moment.

#![expect(clippy::panic, reason = "a test may fail by a panic")]

use std::net::IpAddr;

use decisions::identity::Identities;
use decisions::threat::Watch;
use decisions::traffic::{PATHS, Traffic};
use domain::device::MacAddress;
use domain::network::{
    Conversation, Direction, End, Moment, Session, SessionState, Transport, Volume,
};
use domain::sighting::{Http, Said, Seen, Sighting};
use sources::network::Seed;
use sources::network::link::LinkType;
use sources::network::observer::{Limits, Observer};

/// Fills a table, and gives it.
type Fill = fn() -> Box<dyn std::any::Any>;

/// The tables, and how many millions of bytes each may take, as `docs/reference/memory.md` states.
const PARTS: [(&str, f64, Fill); 4] = [
    ("observer", 900.0, observer),
    ("identities", 700.0, identities),
    ("traffic", 400.0, traffic),
    ("watch", 250.0, watch),
];
/// Those of detections, which are counted.
const DETECTIONS_MB: f64 = 64.0;
/// Which table a child process fills.
const PART: &str = "ASEPSIS_MEMORY_PART";

#[test]
fn every_table_at_its_limit_takes_no_more_than_is_stated() {
    if let Ok(wanted) = std::env::var(PART) {
        let before = status("VmRSS:");
        let fill = PARTS.iter().find(|(name, ..)| *name == wanted).expect("a part").2;
        let _held = fill();
        println!("\ngrew by {:.0} MB", status("VmHWM:") - before);
        return;
    }
    let mut sum = DETECTIONS_MB;
    for (name, most, _) in PARTS {
        let grown = of_child(name);
        println!("{name}: {grown} MB");
        assert!(grown <= most, "{name} grew by {grown} MB");
        assert!(grown > most / 3.0, "{name} grew by {grown} MB only: was its limit reached?");
        sum += grown;
    }
    println!("all: {sum} MB");
}

/// A process of its own, so that no table takes the room that another gave back.
fn of_child(part: &str) -> f64 {
    let name = "every_table_at_its_limit_takes_no_more_than_is_stated";
    let mut child = std::process::Command::new(std::env::current_exe().expect("a program"));
    let child = child.args([name, "--exact", "--nocapture"]).env(PART, part);
    let output = child.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let grown = said.lines().find_map(|line| line.strip_prefix("grew by ")?.strip_suffix(" MB"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    grown.unwrap_or_else(|| panic!("{part}: {said}{complaint}")).parse().expect("a number")
}

/// What the process holds in memory or held at most, in millions of bytes (proc(5)).
fn status(name: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes * 1_024.0 / 1e6
}

fn address(number: u32) -> [u8; 4] {
    (0x0A00_0000 | number).to_be_bytes()
}

fn four(number: u32, protocol: u8, fragment: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0];
    frame.extend(u16::try_from(payload.len() + 20).expect("short").to_be_bytes());
    frame.extend(fragment);
    frame.extend([64, protocol, 0, 0]);
    frame.extend(address(number));
    frame.extend([10, 255, 0, 1]);
    frame.extend(payload);
    frame
}

fn segment(number: u32, flags: u8, sequence: u32, said: &[u8]) -> Vec<u8> {
    let mut segment = vec![0x9C, 0x40, 0, 80];
    segment.extend(sequence.to_be_bytes());
    segment.extend([0, 0, 0, 1, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
    segment.extend(said);
    four(number, 6, [0, 1, 0x40, 0], &segment)
}

/// As many sessions as there may be, half a request and a gap on each; fragments; addresses.
fn observer() -> Box<dyn std::any::Any> {
    let limits = Limits::default();
    let mut observer = Observer::new(limits, Seed([7, 11]));
    let mut see = |frame: &[u8]| {
        observer.observe(Moment(0), LinkType::Ethernet, frame, &mut |_| {});
    };
    let sessions = u32::try_from(limits.sessions).expect("few");
    for number in 0..sessions {
        see(&segment(number, 2, 0, b""));
        see(&segment(number, 16, 1, b"GET /library HTTP/1.1\r\n"));
    }
    let more = [b'x'; 700];
    for turn in 0..3 {
        for number in 0..sessions / 2 {
            see(&segment(number, 16, 24 + turn * 700, &more));
            see(&segment(number, 16, 10_000 + turn * 1_000, &more));
        }
    }
    for number in 0..200_000_u32 {
        let [_, high, middle, low] = number.to_be_bytes();
        see(&four(u32::from(high), 17, [middle, low, 0x20, 0], &[0; 8]));
    }
    for number in 0..100_000_u32 {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6];
        frame.extend([0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 1]);
        frame.extend(address(number));
        frame.extend([0; 10]);
        see(&frame);
    }
    let counters = observer.counters();
    assert!(counters.streams_evicted > 0 && counters.dialogues_evicted > 0, "{counters:?}");
    assert!(counters.packets_given_up > 0 && counters.addresses_evicted > 0, "{counters:?}");
    assert!(counters.held_stream_bytes <= limits.stream_bytes, "{counters:?}");
    Box::new(observer)
}

fn conversation(client: u32, server: u32, port: u16) -> Conversation {
    let end = |number, port| End { address: IpAddr::from(address(number)), port, mac: None };
    Conversation {
        client: end(client, 40_000),
        server: end(server, port),
        transport: Transport::Tcp,
    }
}

fn session(conversation: Conversation) -> Box<Session> {
    let volume = Volume { packets: 3, bytes: 400 };
    Box::new(Session {
        conversation,
        vlan: None,
        application: None,
        state: SessionState::Closed,
        first: Moment(0),
        last_to_server: Some(Moment(0)),
        last_to_client: Some(Moment(0)),
        to_server: volume,
        to_client: volume,
    })
}

fn sighting(seen: Seen) -> Sighting {
    Sighting { at: Moment(0), seen }
}

/// As many addresses as there may be, programs with long names, and the devices of all.
fn identities() -> Box<dyn std::any::Any> {
    let mut identities = Identities::default();
    let addresses = u32::try_from(decisions::identity::ADDRESSES).expect("few");
    // Some are those of broadcasts, which no device has.
    for number in 0..addresses + 4_096 {
        let [a, b, c, d] = address(number);
        let mac = MacAddress([2, 0, a, b, c, d]);
        identities.see(&sighting(Seen::Address(mac, IpAddr::from([a, b, c, d]))));
    }
    for turn in 0..60 {
        for number in 0..addresses / 8 {
            let agent = Some(format!("{:100}/{turn}", "program").into());
            let request =
                Http::Request { method: "GET".into(), host: None, path: "/".into(), agent };
            let spoken = Box::new(conversation(number, 1, 80));
            let said = Said::Http(request);
            identities.see(&sighting(Seen::Said(spoken, Direction::ToServer, said)));
        }
    }
    assert!(identities.not_held() > 0 && identities.unheard() > 0);
    // The devices are a view that is made of them at the end.
    let devices = identities.devices();
    Box::new((identities, devices))
}

/// As many paths as there may be, each walked often, and a scan behind them.
fn traffic() -> Box<dyn std::any::Any> {
    let mut traffic = Traffic::default();
    let paths = u32::try_from(PATHS).expect("few");
    for number in 0..paths + 1_000 {
        let way = session(conversation(number / 4, number % 4, 80));
        let opened = sighting(Seen::Opened(way.clone()));
        for _ in 0..if number < paths { 32 } else { 1 } {
            traffic.see(&opened);
        }
        if number < paths {
            traffic.see(&sighting(Seen::Ended(way)));
        }
    }
    assert_eq!((traffic.not_held(), traffic.paths().count()), (1_000, PATHS));
    Box::new(traffic)
}

/// More sources than are watched, and many of them busy.
fn watch() -> Box<dyn std::any::Any> {
    let (mut watch, identities) = (Watch::new(()), Identities::default());
    for number in 0..110_000 {
        let way = session(conversation(number, 1, 80));
        watch.see(&sighting(Seen::Opened(way)), &identities);
    }
    let before = watch.forgotten();
    for number in 0..5_000 {
        for port in 1_000..1_256 {
            let spoken = Box::new(conversation(number, 1, port));
            let said = Said::Http(Http::Answer { status: 401, server: None });
            watch.see(&sighting(Seen::Said(spoken, Direction::ToClient, said)), &identities);
        }
    }
    assert!(before > 0 && watch.forgotten() > before);
    Box::new(watch)
}
