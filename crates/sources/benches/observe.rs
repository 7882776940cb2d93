//! How many frames a second one thread observes: a mix of what a hospital's network carries.
//!
//! The frames are made from a seed, in memory, so that nothing but the observer is measured.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::hint::black_box;
use std::time::Instant;

use domain::network::Moment;
use sources::network::Seed;
use sources::network::link::LinkType;
use sources::network::observer::{Limits, Observer};

/// Connections and exchanges that are interleaved.
const DEVICES: u32 = 2_000;
/// Segments each way of a connection.
const TURNS: u32 = 40;
/// Passes, of which the median counts.
const RUNS: usize = 5;

/// A kind of traffic: the server's port, and how long what each end says is.
const KINDS: [(u16, usize, usize, &[u8]); 4] = [
    (2_575, 600, 90, b"\x0bMSH|^~\\&|PUMP|ICU|EHR|H|20260101||ORU^R01|1|P|2.6\r"),
    (104, 1_460, 0, b"\x04\x00\x00\x00\x10\x00\x00\x00\x0f\xfe\x01\x00"),
    (80, 400, 1_460, b"GET /library HTTP/1.1\r\nHost: pharmacy\r\n\r\n"),
    (443, 300, 1_200, b"\x17\x03\x03\x04\xab"),
];

fn main() {
    let frames = frames();
    let bytes: usize = frames.iter().map(Vec::len).sum();
    let mut seconds: Vec<f64> = (0..RUNS).map(|_| observe(&frames)).collect();
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(RUNS / 2).copied().unwrap_or(f64::INFINITY);
    println!(
        "{} frames of {} bytes on average: {:.2} million packets/s, {:.1} Gbit/s",
        frames.len(),
        bytes / frames.len(),
        frames.len() as f64 / median / 1e6,
        bytes as f64 * 8.0 / median / 1e9
    );
}

fn observe(frames: &[Vec<u8>]) -> f64 {
    let mut observer = Observer::new(Limits::default(), Seed([7, 11]));
    let mut told = 0_u64;
    let begin = Instant::now();
    for (number, frame) in (0..).zip(frames) {
        observer.observe(Moment(number * 10), LinkType::Ethernet, frame, &mut |sighting| {
            black_box(&sighting);
            told += 1;
        });
    }
    let seconds = begin.elapsed().as_secs_f64();
    assert!(told > 0 && observer.counters().in_session == frames.len() as u64);
    seconds
}

/// All devices speak in turn, as on a busy link.
fn frames() -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for device in 0..DEVICES {
        for (flags, direction) in [(2, true), (18, false), (16, true)] {
            frames.push(tcp(device, direction, flags, [u32::from(flags != 2), 0], b""));
        }
    }
    for turn in 0..TURNS {
        for device in 0..DEVICES {
            let kinds = usize::try_from(device).unwrap_or_default() % KINDS.len();
            let Some((_, up, down, begin)) = KINDS.get(kinds).copied() else { continue };
            let mut said = begin.to_vec();
            said.resize(up, b'a');
            let at = [1 + turn * length(up), 1 + turn * length(down)];
            frames.push(tcp(device, true, 24, at, &said));
            let at = [at[0] + length(up), at[1]];
            frames.push(tcp(device, false, 24, [at[1], at[0]], &vec![b'b'; down]));
            if device % 10 == 0 {
                frames.push(dns(device, turn));
            }
        }
    }
    frames
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or_default()
}

fn ip(device: u32, to_server: bool, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [_, _, high, low] = device.to_be_bytes();
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, high, low, 8, 0, 0x45, 0];
    frame.extend(u16::try_from(payload.len() + 20).unwrap_or_default().to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
    let (device, server) = ([10, 1, high, low], [10, 2, 0, 1]);
    let ends = if to_server { [device, server] } else { [server, device] };
    frame.extend(ends.as_flattened());
    frame.extend(payload);
    frame
}

fn tcp(device: u32, to_server: bool, flags: u8, numbers: [u32; 2], said: &[u8]) -> Vec<u8> {
    let kinds = usize::try_from(device).unwrap_or_default() % KINDS.len();
    let server = KINDS.get(kinds).map_or(0, |kind| kind.0);
    let ports = if to_server { [40_000, server] } else { [server, 40_000] };
    let mut segment: Vec<u8> = ports.into_iter().flat_map(u16::to_be_bytes).collect();
    segment.extend(numbers.into_iter().flat_map(u32::to_be_bytes));
    segment.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(said);
    ip(device, to_server, 6, &segment)
}

fn dns(device: u32, turn: u32) -> Vec<u8> {
    let port = u16::try_from(50_000 + turn).unwrap_or_default();
    let mut datagram: Vec<u8> = [port, 53, 41, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    datagram.extend(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00");
    datagram.extend(b"\x03ehr\x08hospital\x00\x00\x01\x00\x01");
    let end = datagram.len();
    datagram.splice(4..6, u16::try_from(end).unwrap_or_default().to_be_bytes());
    ip(device, true, 17, &datagram)
}
