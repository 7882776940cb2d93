//! The traffic of Saint Brigid: a minute of care among its units and the servers that they need,
//! and an attack of the shape that the lab plays, in pieces: how it enters, how it spreads, and
//! what it tries again and again afterwards. Captures, made from a seed;
//! `examples/saint-brigid-traffic` holds them packed.
//!
//! What goes on can be played again and again: every session begins and ends within its capture.
//! Refuses to harm: what is written to the file server stands for what ransomware writes, and what
//! looks like a program is two letters and zeros.

mod attack;

use std::io;
use std::net::Ipv4Addr;

use super::Kind;
use super::frames::{Host, Pair, arp};
use super::scripts::exchange;
use super::wire::{Flow, Wire};
use super::words;
use crate::hospital::{Machine, machines};

pub use attack::{FOOTHOLD, MASTER, VICTIM};

/// The seed of the checked-in captures.
pub const SEED: u64 = 0x0ABE_1D01;
/// How long the minute of care lasts, in microseconds; its last session ends before that.
const MINUTE: i64 = 60_000_000;
/// When the first unit begins, and how much later each next one, in microseconds: all have done
/// each of their things within ten seconds.
const FIRST: i64 = 200_000;
const NEXT: i64 = 20_000;
/// How long a unit waits between two of its exchanges, in microseconds.
const MEASURES: i64 = 5_000_000;
const BREATHES: i64 = 1_600_000;
const IMAGES: i64 = 6_000_000;
const RECORDS: i64 = 15_000_000;
const CLOCKS: i64 = 10_000_000;
const NEIGHBOURS: i64 = 30_000_000;
/// How long before the end of the minute a unit begins nothing more, in microseconds.
const LAST: i64 = 2_500_000;
/// Bytes of an image, a library, a record's answer.
const IMAGE_BYTES: usize = 24 << 10;
const LIBRARY_BYTES: usize = 6 << 10;
const RECORD_BYTES: usize = 2_400;

/// A recording: its name, and the capture (pcap).
pub type Recording = (&'static str, Vec<u8>);

/// The recordings: a minute of care, and the pieces of the attack.
///
/// # Panics
/// Never: they are written to memory.
#[must_use]
pub fn recordings() -> [Recording; 5] {
    let hospital = Hospital::new();
    let made = |seed: u64, act: &dyn Fn(&mut Wire<'_>)| -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut wire = Wire::new(seed, &mut out)?;
        act(&mut wire);
        wire.finish()?;
        Ok(out)
    };
    let made = |seed, act: &dyn Fn(&mut Wire<'_>)| made(seed, act).expect("invariant: memory");
    [
        ("care", made(SEED, &|wire| care(wire, &hospital))),
        ("entry", made(SEED + 1, &|wire| attack::enters(wire, &hospital))),
        ("entry-goes-on", made(SEED + 2, &|wire| attack::presses(wire, &hospital))),
        ("spread", made(SEED + 3, &|wire| attack::spreads(wire, &hospital))),
        ("spread-goes-on", made(SEED + 4, &|wire| attack::pursues(wire, &hospital))),
    ]
}

/// What a unit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    /// Reports what it measures or gives, on a session that stays open.
    Reports,
    /// The same, more often: it keeps somebody alive.
    Breathes,
    /// The same, and fetches its drug library.
    Infuses,
    /// Stores images.
    Images,
    /// Reads and writes the record.
    Record,
    /// Serves others.
    Serves,
}

fn duty(machine: &Machine) -> Duty {
    match machine.line {
        "PCU" | "AGS" | "SPS" | "SSP" | "BSP" => Duty::Infuses,
        "MRI" | "BCT" | "TCG" | "VER" => Duty::Images,
        "PYX" | "FAC" | "EXM" | "EX1" | "NXS" | "BED" | "PRG" | "PIC" | "CCS" => Duty::Record,
        "VUE" | "ORT" => Duty::Serves,
        "EVT" | "HT1" | "PHX" | "AES" => Duty::Breathes,
        _ => Duty::Reports,
    }
}

/// Everybody on the network.
struct Hospital {
    machines: Vec<Machine>,
    gateway: Host,
    library: Host,
    record: Host,
    files: Host,
    names: Host,
    router: Host,
    archive: Host,
}

/// A machine that is in no inventory, by the last numbers of its address.
fn server(network: u8, number: u8) -> Host {
    Host {
        mac: [0x02, 0x5A, 0, 0, network, number],
        four: Ipv4Addr::new(10, 20, network, number),
        ..Host::new(0, 0, None)
    }
}

fn host(machine: &Machine) -> Host {
    Host { mac: machine.mac, four: machine.address, ..Host::new(0, 0, None) }
}

impl Hospital {
    fn new() -> Self {
        let machines = machines();
        Self {
            archive: of(&machines, "SB-RAD-VUE-01"),
            machines,
            router: server(0, 1),
            names: server(0, 2),
            gateway: server(1, 10),
            library: server(1, 11),
            record: server(1, 12),
            files: server(1, 13),
        }
    }

    /// A unit, by its id.
    fn unit(&self, id: &str) -> Host {
        of(&self.machines, id)
    }
}

fn of(machines: &[Machine], id: &str) -> Host {
    let unit = machines.iter().find(|machine| machine.id == id);
    host(unit.expect("invariant: it is in the example, and not in store"))
}

fn pair(client: Host, server: Host, ports: [u16; 2]) -> Pair {
    Pair { client, server, ports, is_six: false }
}

/// Client ports, each used once in a recording.
struct Ports(u16);

impl Ports {
    fn next(&mut self) -> u16 {
        self.0 += 1;
        self.0
    }
}

/// A minute of care.
fn care(wire: &mut Wire<'_>, hospital: &Hospital) {
    let mut ports = Ports(32_767);
    meet(wire, FIRST / 2, [hospital.names, hospital.router]);
    for (place, machine) in (0..).zip(&hospital.machines) {
        let (own, begin) = (host(machine), FIRST + NEXT * place);
        let duty = duty(machine);
        let (label, peer) = match duty {
            Duty::Reports | Duty::Breathes | Duty::Infuses => ("gateway", hospital.gateway),
            Duty::Images => ("archive", hospital.archive),
            Duty::Record => ("ehr", hospital.record),
            Duty::Serves => ("names", hospital.names),
        };
        every(begin, NEIGHBOURS, |at| meet(wire, at, [own, peer]));
        meet(wire, begin + 1_000, [own, hospital.names]);
        let asks = pair(own, hospital.names, [ports.next(), 53]);
        let number = u16::try_from(place).unwrap_or(0);
        exchange(wire, begin + 2_000, Kind::Dns, asks, &words::name(number, label, peer, false));
        let clock = pair(own, hospital.names, [ports.next(), 123]);
        every(begin + 5_000, CLOCKS, |at| exchange(wire, at, Kind::Ntp, clock, &words::time()));
        let at = begin + 10_000;
        match duty {
            Duty::Reports => reports(wire, at, pair(own, peer, [ports.next(), 2_575]), MEASURES),
            Duty::Breathes => reports(wire, at, pair(own, peer, [ports.next(), 2_575]), BREATHES),
            Duty::Infuses => {
                reports(wire, at, pair(own, peer, [ports.next(), 2_575]), MEASURES);
                meet(wire, at + 1_000_000, [own, hospital.library]);
                let library = pair(own, hospital.library, [ports.next(), 80]);
                fetches(wire, at + 1_010_000, library);
            }
            Duty::Images => every(at, IMAGES, |at| {
                stores(wire, at, pair(own, peer, [ports.next(), 104]), number);
            }),
            Duty::Record => every(at, RECORDS, |at| {
                reads(wire, at, pair(own, peer, [ports.next(), 443]));
            }),
            Duty::Serves => {}
        }
    }
}

/// Does something again and again, until the minute is nearly over.
fn every(begin: i64, pause: i64, mut act: impl FnMut(i64)) {
    let mut at = begin;
    while at < MINUTE - LAST {
        act(at);
        at += pause;
    }
}

/// Two machines of a segment learn of each other.
fn meet(wire: &mut Wire<'_>, at: i64, [asks, answers]: [Host; 2]) {
    let [question, answer] = arp(asks, answers);
    wire.send(at, Kind::Arp, question);
    wire.send(at + 90, Kind::Arp, answer);
}

/// Reports on a session that stays open for the minute.
fn reports(wire: &mut Wire<'_>, at: i64, pair: Pair, pause: i64) {
    let (mut open, mut done) = Flow::open(wire, at, Kind::Hl7, pair);
    let mut number = u64::from(pair.ports.first().copied().unwrap_or(0)) * 100;
    every(done, pause, |at| {
        // Not all at once: each has a rhythm that drifts a little.
        let at = at + i64::try_from(wire.chance.below(400_000)).unwrap_or(0);
        number += 1;
        let at = open.say(wire, at, true, &words::observation(pair.client, number));
        done = open.say(wire, at, false, &words::acknowledgement(number));
    });
    open.close(wire, done.max(MINUTE - LAST + 500_000));
}

fn fetches(wire: &mut Wire<'_>, at: i64, pair: Pair) {
    let (mut open, at) = Flow::open(wire, at, Kind::Http, pair);
    let [asks, answers] = words::library(LIBRARY_BYTES);
    let at = open.say(wire, at, true, &asks);
    let at = open.say(wire, at, false, &answers);
    open.close(wire, at);
}

fn stores(wire: &mut Wire<'_>, at: i64, pair: Pair, number: u16) {
    let (mut open, at) = Flow::open(wire, at, Kind::Dicom, pair);
    let [asks, accepts] = words::associations(number);
    let at = open.say(wire, at, true, &asks);
    let mut at = open.say(wire, at, false, &accepts);
    for pdu in words::store(number, IMAGE_BYTES) {
        at = open.say(wire, at, true, &pdu);
    }
    let at = open.say(wire, at, false, &words::stored(number));
    let [asks, answers] = words::releases();
    let at = open.say(wire, at, true, &asks);
    let at = open.say(wire, at, false, &answers);
    open.close(wire, at);
}

fn reads(wire: &mut Wire<'_>, at: i64, pair: Pair) {
    let (mut open, at) = Flow::open(wire, at, Kind::Tls, pair);
    let [client, server] = words::hellos();
    let at = open.say(wire, at, true, &client);
    let at = open.say(wire, at, false, &server);
    let at = open.say(wire, at, true, &words::record(23, &[0x55; 420]));
    let at = open.say(wire, at, false, &words::record(23, &[0xAA; RECORD_BYTES]));
    open.close(wire, at);
}

#[cfg(test)]
mod tests;
