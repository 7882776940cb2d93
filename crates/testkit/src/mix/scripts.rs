//! Who speaks when: bedside devices, modalities and workstations, each by its own rhythm.
//!
//! Refuses to let two of one device's exchanges overlap: the next begins when the last is done.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

use super::Kind;
use super::frames::{Host, Pair, arp};
use super::wire::{Flow, Wire};
use super::words;

/// Monitors and pumps, with a session of HL7 each; every other one is a pump with a library.
const BEDSIDE: u16 = 300;
/// Modalities that store images.
const MODALITIES: u16 = 24;
/// Workstations that read records and files; every other one speaks IPv6.
const WORKSTATIONS: u16 = 120;
/// Their networks' numbers, which are their tags, too.
const WARD: u8 = 20;
const IMAGING: u8 = 30;
const OFFICE: u8 = 40;

/// How long each of them waits between two of its exchanges, in microseconds.
const MEASURES: u64 = 1_900_000;
const IMAGES: u64 = 10_500_000;
const LIBRARIES: u64 = 81_000_000;
const RECORDS: u64 = 12_600_000;
const FILES: u64 = 41_000_000;
const NAMES: u64 = 6_000_000;
const LEASES: u64 = 200_000_000;
const CLOCKS: u64 = 9_000_000;
const NEIGHBOURS: u64 = 8_000_000;

/// Bytes of an image, a library, a record's answer, a file.
const IMAGE_BYTES: usize = 512 << 10;
const LIBRARY_BYTES: usize = 96 << 10;
const RECORD_BYTES: usize = 7_600;
const FILE_BYTES: usize = 60 << 10;

/// What one device does again and again.
#[derive(Debug)]
enum Script {
    Measures(Host, Option<Flow>, u64),
    /// With the PDUs of the image in hand, the last first.
    Images(Host, Option<(Flow, Vec<Vec<u8>>)>, u16),
    Library(Host),
    Record(Host, Option<(Flow, u8)>),
    Files(Host),
    Name(Host),
    Lease(Host),
    Clock(Host),
    Neighbour(Host),
}

/// All devices, by when each is to do its next thing.
pub(super) struct Hospital {
    scripts: Vec<Script>,
    due: BinaryHeap<Reverse<(i64, usize)>>,
    servers: Servers,
    port: u16,
    begun: bool,
}

#[derive(Debug, Clone, Copy)]
struct Servers {
    gateway: Host,
    archive: Host,
    library: Host,
    record: Host,
    files: Host,
    network: Host,
}

impl Hospital {
    pub(super) fn new() -> Self {
        let server = |number| Host::new(10, number, None);
        let [gateway, archive, library] = [server(1), server(2), server(3)];
        let [record, files, network] = [server(4), server(5), server(6)];
        let mut scripts = Vec::new();
        for number in 1..=BEDSIDE {
            let host = Host::new(WARD, number, Some(u16::from(WARD)));
            scripts.push(Script::Measures(host, None, u64::from(number) * 1_000_000));
            if number % 2 == 0 {
                scripts.push(Script::Library(host));
            }
            common(&mut scripts, host);
        }
        for number in 1..=MODALITIES {
            let host = Host::new(IMAGING, number, Some(u16::from(IMAGING)));
            scripts.push(Script::Images(host, None, 0));
            common(&mut scripts, host);
        }
        for number in 1..=WORKSTATIONS {
            let host = Host::new(OFFICE, number, None);
            scripts.extend([Script::Record(host, None), Script::Files(host), Script::Name(host)]);
            common(&mut scripts, host);
        }
        let servers = Servers { gateway, archive, library, record, files, network };
        Self { scripts, due: BinaryHeap::new(), servers, port: 32_768, begun: false }
    }

    /// The next device does its next thing.
    pub(super) fn next(&mut self, wire: &mut Wire<'_>) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            for (place, script) in self.scripts.iter().enumerate() {
                let at = wire.chance.below(script.every());
                self.due.push(Reverse((i64::try_from(at).unwrap_or(0), place)));
            }
        }
        let Some(Reverse((at, place))) = self.due.pop() else { return Ok(()) };
        wire.write_until(at)?;
        // A port above those that servers have, and never the same twice in a while.
        self.port = if self.port >= 60_999 { 32_768 } else { self.port + 1 };
        if let Some(script) = self.scripts.get_mut(place) {
            let done = script.act(wire, at, &self.servers, self.port);
            self.due.push(Reverse((done, place)));
        }
        Ok(())
    }
}

fn common(scripts: &mut Vec<Script>, host: Host) {
    let each = [Script::Name, Script::Lease, Script::Clock, Script::Neighbour];
    scripts.extend(each.map(|script| script(host)));
}

impl Script {
    /// How long it waits between two exchanges, in microseconds.
    fn every(&self) -> u64 {
        match self {
            Self::Measures(..) => MEASURES,
            Self::Images(..) => IMAGES,
            Self::Library(_) => LIBRARIES,
            Self::Record(..) => RECORDS,
            Self::Files(_) => FILES,
            Self::Name(_) => NAMES,
            Self::Lease(_) => LEASES,
            Self::Clock(_) => CLOCKS,
            Self::Neighbour(_) => NEIGHBOURS,
        }
    }

    /// Does the next thing, and says when it will do another.
    fn act(&mut self, wire: &mut Wire<'_>, at: i64, servers: &Servers, port: u16) -> i64 {
        let every = self.every();
        let pause = i64::try_from(every / 2 + wire.chance.below(every)).unwrap_or(i64::MAX);
        match self {
            Self::Measures(host, flow, number) => {
                let pair = tcp(*host, servers.gateway, [port, 2_575]);
                *number += 1;
                measure(wire, at, flow, pair, *number) + pause
            }
            Self::Images(host, hand, number) => {
                let pair = tcp(*host, servers.archive, [port, 104]);
                match store(wire, at, hand, pair, number) {
                    (done, true) => done + pause,
                    (done, false) => done + 150,
                }
            }
            Self::Library(host) => fetch(wire, at, tcp(*host, servers.library, [port, 80])) + pause,
            Self::Record(host, hand) => {
                let pair = tcp(*host, servers.record, [port, 443]);
                match look_up(wire, at, hand, pair) {
                    (done, true) => done + pause,
                    (done, false) => done + 40_000,
                }
            }
            Self::Files(host) => visit(wire, at, tcp(*host, servers.files, [port, 445])) + pause,
            Self::Name(host) => ask(wire, at, tcp(*host, servers.network, [port, 53])) + pause,
            Self::Lease(host) => lease(wire, at, *host, servers.network) + pause,
            Self::Clock(host) => {
                let pair = Pair { is_six: false, ..tcp(*host, servers.network, [port, 123]) };
                exchange(wire, at, Kind::Ntp, pair, &words::time());
                wire.say("clock");
                at + pause
            }
            Self::Neighbour(host) => {
                let [question, answer] = arp(*host, Host { vlan: host.vlan, ..servers.network });
                wire.send(at, Kind::Arp, question);
                wire.send(at + 90, Kind::Arp, answer);
                at + pause
            }
        }
    }
}

/// Every other workstation speaks IPv6.
fn tcp(client: Host, server: Host, ports: [u16; 2]) -> Pair {
    let [_, network, _, number] = client.four.octets();
    Pair { client, server, ports, is_six: network == OFFICE && number % 2 == 1 }
}

fn measure(
    wire: &mut Wire<'_>,
    mut at: i64,
    flow: &mut Option<Flow>,
    pair: Pair,
    number: u64,
) -> i64 {
    let mut open = flow.take().unwrap_or_else(|| {
        let (open, opened) = Flow::open(wire, at, Kind::Hl7, pair);
        at = opened;
        open
    });
    let at = open.say(wire, at, true, &words::observation(pair.client, number));
    let at = open.say(wire, at, false, &words::acknowledgement(number));
    wire.say("measurement");
    wire.say("acknowledgement");
    *flow = Some(open);
    at
}

/// One PDU of an image; whether it was the last.
fn store(
    wire: &mut Wire<'_>,
    at: i64,
    hand: &mut Option<(Flow, Vec<Vec<u8>>)>,
    pair: Pair,
    number: &mut u16,
) -> (i64, bool) {
    let Some((mut flow, mut pdus)) = hand.take() else {
        let (mut flow, at) = Flow::open(wire, at, Kind::Dicom, pair);
        let [asks, accepts] = words::associations(pair.client.vlan.unwrap_or(0));
        let at = flow.say(wire, at, true, &asks);
        let at = flow.say(wire, at, false, &accepts);
        wire.say("association");
        *number = number.wrapping_add(1);
        let mut pdus = words::store(*number, IMAGE_BYTES);
        pdus.reverse();
        *hand = Some((flow, pdus));
        return (at, false);
    };
    if let Some(pdu) = pdus.pop() {
        let at = flow.say(wire, at, true, &pdu);
        *hand = Some((flow, pdus));
        return (at, false);
    }
    let at = flow.say(wire, at, false, &words::stored(*number));
    wire.say("image stored");
    let [asks, answers] = words::releases();
    let at = flow.say(wire, at, true, &asks);
    let at = flow.say(wire, at, false, &answers);
    flow.close(wire, at);
    (at + 1_000, true)
}

fn fetch(wire: &mut Wire<'_>, at: i64, pair: Pair) -> i64 {
    let (mut flow, at) = Flow::open(wire, at, Kind::Http, pair);
    let [asks, answers] = words::library(LIBRARY_BYTES);
    let at = flow.say(wire, at, true, &asks);
    let at = flow.say(wire, at, false, &answers);
    wire.say("library fetched");
    flow.close(wire, at);
    at + 1_000
}

/// One exchange with the record; whether it was the last.
fn look_up(wire: &mut Wire<'_>, at: i64, hand: &mut Option<(Flow, u8)>, pair: Pair) -> (i64, bool) {
    const EXCHANGES: u8 = 3;
    let Some((mut flow, done)) = hand.take() else {
        let (mut flow, at) = Flow::open(wire, at, Kind::Tls, pair);
        let [client, server] = words::hellos();
        let at = flow.say(wire, at, true, &client);
        let at = flow.say(wire, at, false, &server);
        wire.say("hello");
        *hand = Some((flow, 0));
        return (at, false);
    };
    if done < EXCHANGES {
        let at = flow.say(wire, at, true, &words::record(23, &[0x55; 420]));
        let at = flow.say(wire, at, false, &words::record(23, &[0xAA; RECORD_BYTES]));
        *hand = Some((flow, done + 1));
        return (at, false);
    }
    flow.close(wire, at);
    (at + 1_000, true)
}

fn visit(wire: &mut Wire<'_>, at: i64, pair: Pair) -> i64 {
    let (mut flow, mut at) = Flow::open(wire, at, Kind::Smb, pair);
    for [asks, answers] in words::share(FILE_BYTES) {
        at = flow.say(wire, at, true, &asks);
        at = flow.say(wire, at, false, &answers);
    }
    wire.say("share opened");
    flow.close(wire, at);
    at + 1_000
}

pub(super) fn exchange(wire: &mut Wire<'_>, at: i64, kind: Kind, pair: Pair, words: &[Vec<u8>; 2]) {
    let [asks, answers] = words;
    wire.send(at, kind, pair.udp(true, asks));
    wire.send(at + 400, kind, pair.udp(false, answers));
}

fn ask(wire: &mut Wire<'_>, at: i64, pair: Pair) -> i64 {
    let number = u16::try_from(wire.chance.below(65_536)).unwrap_or(0);
    let label = format!("host{}", number % 64);
    let said = words::name(number, &label, pair.server, pair.is_six);
    exchange(wire, at, Kind::Dns, pair, &said);
    wire.say("name asked");
    at
}

fn lease(wire: &mut Wire<'_>, at: i64, host: Host, server: Host) -> i64 {
    let pair = Pair { client: host, server, ports: [68, 67], is_six: false };
    let [_, network, _, number] = host.four.octets();
    let words = words::lease(host, server, &format!("device-{network}-{number}"));
    exchange(wire, at, Kind::Dhcp, pair, &words);
    wire.say("lease asked");
    at
}
