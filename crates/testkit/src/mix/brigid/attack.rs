//! The attack: a scanner for computed tomography, past its maker's support, is the attacker's; from
//! there it goes on to a ventilator, which calls home and writes to the file server as ransomware
//! does.

use std::net::Ipv4Addr;

use super::super::Kind;
use super::super::frames::{ACK, Host, Pair, RST, SYN};
use super::super::wire::{Flow, Wire};
use super::super::words::{self, Makes, SmbStep};
use super::{Hospital, Ports, meet, pair};

/// Where the attacker begins.
pub const FOOTHOLD: &str = "SB-RAD-BCT-01";
/// Whom it takes over.
pub const VICTIM: &str = "SB-ICU-EVT-03";
/// Where the attacker's server is (RFC 5737).
pub const MASTER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 66);

/// When each step of the entry begins, in microseconds.
const GUESSES: i64 = 3_000_000;
const PLANTS: i64 = 5_500_000;
const STARTS: i64 = 6_300_000;
/// When each step of the spread begins, and when it is over.
const SCANS: i64 = 3_000_000;
const LOCKS: i64 = 6_000_000;
const SPREAD: i64 = 10_000_000;
/// How often the ventilator calls its master, and how long a round of what goes on lasts, in
/// microseconds.
const CALLS: i64 = 800_000;
const ROUND: i64 = 8_000_000;
/// Between two doors of a scan, in microseconds.
const DOOR: i64 = 25_000;
/// Wrong passwords before the right one.
const WRONG: i64 = 7;
/// Ports that a scan tries.
const SCANNED: [u16; 4] = [445, 22, 3_389, 5_900];
/// How many machines a scan tries.
const MACHINES: usize = 14;
/// Bytes of one file that is written over.
const FILE_BYTES: usize = 4_096;

/// Whether whoever is called listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listens {
    Yes,
    No,
}

/// The attacker looks around from the foothold, guesses a password, and plants a program.
pub(super) fn enters(wire: &mut Wire<'_>, hospital: &Hospital) {
    let mut ports = Ports(45_000);
    let (foothold, victim) = (hospital.unit(FOOTHOLD), hospital.unit(VICTIM));
    scans(wire, 0, &mut ports, hospital, foothold);
    meet(wire, GUESSES - 10_000, [foothold, victim]);
    for guess in 0..=WRONG {
        let door = pair(foothold, victim, [ports.next(), 445]);
        logs_in(wire, GUESSES + guess * 250_000, door, guess == WRONG, &[]);
    }
    let plant = [
        words::tree("\\\\vent\\ADMIN$"),
        words::open("update.exe", Makes::It),
        words::write(&[b"MZ".as_slice(), &[0; 510]].concat()),
    ];
    let door = pair(foothold, victim, [ports.next(), 445]);
    logs_in(wire, PLANTS, door, true, &plant);
    let start = [words::tree("\\\\vent\\IPC$"), words::open("svcctl", Makes::Nothing)];
    let door = pair(foothold, victim, [ports.next(), 445]);
    logs_in(wire, STARTS, door, true, &start);
}

/// What the foothold tries again and again afterwards.
pub(super) fn presses(wire: &mut Wire<'_>, hospital: &Hospital) {
    let mut ports = Ports(50_000);
    let (foothold, victim) = (hospital.unit(FOOTHOLD), hospital.unit(VICTIM));
    every(|at| {
        let door = pair(foothold, victim, [ports.next(), 445]);
        logs_in(wire, at, door, true, &[words::tree("\\\\vent\\ADMIN$")]);
        let door = pair(foothold, hospital.files, [ports.next(), 445]);
        knocks(wire, at + 400_000, door, Listens::Yes);
    });
}

/// The ventilator is the attacker's: it calls home, scans, and writes over files.
pub(super) fn spreads(wire: &mut Wire<'_>, hospital: &Hospital) {
    let mut ports = Ports(45_000);
    let victim = hospital.unit(VICTIM);
    meet(wire, 0, [victim, hospital.router]);
    for call in 0..SPREAD / CALLS {
        calls(wire, 10_000 + call * CALLS, &mut ports, hospital, victim);
    }
    scans(wire, SCANS, &mut ports, hospital, victim);
    for file in 0..(SPREAD - LOCKS) / CALLS {
        locks(wire, LOCKS + 150_000 + file * CALLS, &mut ports, hospital, victim);
    }
}

/// What the ventilator tries again and again afterwards.
pub(super) fn pursues(wire: &mut Wire<'_>, hospital: &Hospital) {
    let mut ports = Ports(50_000);
    let victim = hospital.unit(VICTIM);
    every(|at| {
        calls(wire, at, &mut ports, hospital, victim);
        locks(wire, at + 150_000, &mut ports, hospital, victim);
        for (number, (to, port)) in
            (0..).zip([(hospital.record, 443), (hospital.archive, 104), (hospital.library, 80)])
        {
            let door = pair(victim, to, [ports.next(), port]);
            knocks(wire, at + 300_000 + number * DOOR, door, Listens::Yes);
        }
    });
}

/// Does something again and again for a round.
fn every(mut act: impl FnMut(i64)) {
    for number in 0..ROUND / CALLS {
        act(100_000 + number * CALLS);
    }
}

/// It tries some doors of many machines; few of them open.
fn scans(wire: &mut Wire<'_>, begin: i64, ports: &mut Ports, hospital: &Hospital, own: Host) {
    let others = hospital.machines.iter().map(super::host);
    // The neighbours of the wards, and the servers.
    let wards = others.filter(|host| host.four != own.four).step_by(11).take(MACHINES - 2);
    let targets: Vec<Host> = wards.chain([hospital.gateway, hospital.files]).collect();
    let mut at = begin;
    for target in &targets {
        meet(wire, at, [own, *target]);
        at += DOOR;
    }
    for port in SCANNED {
        for target in &targets {
            let opens = port == 445 && target.four == hospital.files.four;
            let listens = if opens { Listens::Yes } else { Listens::No };
            knocks(wire, at, pair(own, *target, [ports.next(), port]), listens);
            at += DOOR;
        }
    }
}

/// It tries a door: a connection that nothing is said on, or a refusal (RFC 9293, section 3.10.7).
fn knocks(wire: &mut Wire<'_>, at: i64, door: Pair, listens: Listens) {
    if listens == Listens::Yes {
        let (open, at) = Flow::open(wire, at, Kind::Smb, door);
        return open.close(wire, at);
    }
    let number = u32::try_from(wire.chance.number() >> 32).unwrap_or(0);
    wire.send(at, Kind::Smb, door.tcp(true, SYN, [number, 0], b""));
    let refused = door.tcp(false, RST | ACK, [0, number.wrapping_add(1)], b"");
    wire.send(at + 200, Kind::Smb, refused);
}

/// It logs in and does something there.
fn logs_in(wire: &mut Wire<'_>, at: i64, door: Pair, right: bool, then: &[SmbStep]) {
    let (mut open, mut at) = Flow::open(wire, at, Kind::Smb, door);
    let steps = words::sign_in().into_iter().chain(then.iter().cloned());
    for (number, [asks, answers]) in (0..).zip(words::visit(steps)) {
        let answers = if number == 1 && !right { words::refused(answers) } else { answers };
        at = open.say(wire, at, true, &asks);
        at = open.say(wire, at, false, &answers);
    }
    open.close(wire, at);
}

/// It calls its master, through the router.
fn calls(wire: &mut Wire<'_>, at: i64, ports: &mut Ports, hospital: &Hospital, own: Host) {
    let master = Host { four: MASTER, ..hospital.router };
    let call = pair(own, master, [ports.next(), 443]);
    let (mut open, at) = Flow::open(wire, at, Kind::Tls, call);
    let at = open.say(wire, at, true, b"orders");
    let at = open.say(wire, at, false, b"orders");
    open.close(wire, at);
}

/// It writes over a file of the file server, as one that encrypts does.
fn locks(wire: &mut Wire<'_>, at: i64, ports: &mut Ports, hospital: &Hospital, own: Host) {
    let number = ports.next();
    let noise: Vec<u8> =
        (0..FILE_BYTES).map(|_| u8::try_from(wire.chance.below(256)).unwrap_or(0)).collect();
    let then = [
        words::tree("\\\\files\\radiology"),
        words::open(&format!("images\\{number}.dcm.locked"), Makes::It),
        words::write(&noise),
    ];
    logs_in(wire, at, pair(own, hospital.files, [number, 445]), true, &then);
}
