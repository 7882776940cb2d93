//! The recordings that are inside the program: a minute of care, and the pieces of an attack. They
//! are captures of made-up traffic, as `examples/saint-brigid-traffic/README.md` says.
//!
//! Refuses a capture that is not whole.

use anyhow::{Context, Result, ensure};
use collectors::capture;
use domain::network::Moment;

/// Ports from here on are clients'; those of servers are below.
const CLIENTS: u16 = 32_768;
/// How many of them are used in turn.
const CLIENT_PORTS: u16 = 28_232;

/// A recording.
#[derive(Debug)]
pub(super) struct Recording {
    /// Every frame, by when it came after the first, in microseconds.
    pub(super) frames: Vec<(i64, Box<[u8]>)>,
    /// How long one round of it lasts, in microseconds.
    pub(super) lasts: i64,
    /// How many client ports it uses; the next round uses the next ones.
    pub(super) ports: u16,
}

/// All that is played.
#[derive(Debug)]
pub(super) struct Recordings {
    pub(super) care: Recording,
    pub(super) entry: Recording,
    pub(super) entry_goes_on: Recording,
    pub(super) spread: Recording,
    pub(super) spread_goes_on: Recording,
}

/// Between the end of a round and the beginning of the next, in microseconds.
const PAUSE: i64 = 500_000;

macro_rules! recorded {
    ($name:literal) => {
        Recording::read(
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../examples/saint-brigid-traffic/",
                $name,
                ".pcap.gz"
            )),
            $name,
        )
    };
}

/// The recordings.
pub(super) fn recordings() -> Result<Recordings> {
    Ok(Recordings {
        care: recorded!("care")?,
        entry: recorded!("entry")?,
        entry_goes_on: recorded!("entry-goes-on")?,
        spread: recorded!("spread")?,
        spread_goes_on: recorded!("spread-goes-on")?,
    })
}

impl Recording {
    fn read(bytes: &[u8], name: &str) -> Result<Self> {
        let mut frames: Vec<(Moment, Box<[u8]>)> = Vec::new();
        let read = capture::read_from(bytes, &mut |frame| {
            frames.push((frame.at, frame.bytes.into()));
        });
        let summary = read.with_context(|| format!("cannot read the recording `{name}`"))?;
        let whole = summary.conserves() && summary.frames_given == summary.frames_seen;
        ensure!(whole && !frames.is_empty(), "the recording `{name}` is not whole");
        let frames: Vec<(i64, Box<[u8]>)> = {
            let first = frames.first().map(|(at, _)| *at).unwrap_or_default();
            frames.into_iter().map(|(at, bytes)| (at.since(first), bytes)).collect()
        };
        Ok(Self::new(frames))
    }

    /// One with these frames, in their order.
    pub(super) fn new(frames: Vec<(i64, Box<[u8]>)>) -> Self {
        let last = frames.last().map_or(0, |(at, _)| *at);
        let used = frames.iter().flat_map(|(_, bytes)| ports(bytes).into_iter().flatten());
        let used: Vec<u16> = used.filter(|(_, port)| *port >= CLIENTS).map(|(_, p)| p).collect();
        let (least, most) = (used.iter().min(), used.iter().max());
        let ports = least.zip(most).map_or(0, |(least, most)| most - least + 1);
        Self { frames, lasts: last + PAUSE, ports }
    }
}

/// The ports of a frame of TCP or UDP on IPv4, each with its place; nothing of any other frame. The
/// recordings hold no tags.
fn ports(frame: &[u8]) -> Option<[(usize, u16); 2]> {
    const INTERNET: usize = 14;
    let kind = frame.get(12..INTERNET)?;
    let protocol = *frame.get(INTERNET + 9)?;
    if kind != [0x08, 0x00] || !matches!(protocol, 6 | 17) {
        return None;
    }
    let words = usize::from(frame.get(INTERNET)? & 0x0F);
    let place = INTERNET + words * 4;
    let port = |at: usize| match frame.get(at..at + 2)? {
        [high, low] => Some((at, u16::from_be_bytes([*high, *low]))),
        _ => None,
    };
    Some([port(place)?, port(place + 2)?])
}

/// A frame as it is in a later round: with client ports of its own, so that its sessions are new
/// ones. Its checksums need no change: the recordings leave those of TCP and UDP at zero, as a
/// capture at a sender does whose card fills them in.
pub(super) fn again(frame: &mut [u8], round: u64, ports_each: u16) {
    let Some(found) = ports(frame) else { return };
    for (place, port) in found.into_iter().filter(|(_, port)| *port >= CLIENTS) {
        let shift = round.wrapping_mul(u64::from(ports_each)) % u64::from(CLIENT_PORTS);
        let from = u64::from(port - CLIENTS) + shift;
        let port = u16::try_from(from % u64::from(CLIENT_PORTS)).unwrap_or(0) + CLIENTS;
        if let Some(bytes) = frame.get_mut(place..place + 2) {
            bytes.copy_from_slice(&port.to_be_bytes());
        }
    }
}
