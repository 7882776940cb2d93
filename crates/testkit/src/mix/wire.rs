//! The wire: frames in the order of their moments, with the troubles that a real one has.
//!
//! Refuses to hold more than the frames of the next moments.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

use super::frames::{ACK, FIN, PSH, Pair, SYN};
use super::{Kind, Written};
use crate::seed::Seed;

/// Between two frames of one sender, in microseconds: that of a gigabit's link.
const GAP: i64 = 12;
/// Between a segment and what answers it, in microseconds.
const TURN: i64 = 250;
/// How long a lost segment takes to be sent again, in microseconds.
const AGAIN: i64 = 30_000;
/// The most data of a segment, in bytes.
const SEGMENT: usize = 1_460;
/// When the capture begins, in microseconds since 1970.
const BEGIN: i64 = 1_767_600_000_000_000;

/// Of ten thousand runs of segments, so many lose one, have one twice, have one late.
const LOST: u64 = 60;
const DOUBLED: u64 = 60;
const LATE: u64 = 80;
/// Of ten thousand runs whose loss changes no count, so many have a segment that is never seen.
const UNSEEN: u64 = 40;

/// A frame by its moment; those of one moment in the order in which they were sent.
type Waiting = Reverse<(i64, u64, Vec<u8>)>;

/// Where frames are written.
pub(super) struct Wire<'w> {
    out: &'w mut dyn Write,
    waiting: BinaryHeap<Waiting>,
    sent: u64,
    pub chance: Seed,
    pub written: Written,
}

/// A connection, by the next sequence number of each side.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub pair: Pair,
    kind: Kind,
    next: [u32; 2],
}

impl<'w> Wire<'w> {
    pub(super) fn new(seed: u64, out: &'w mut dyn Write) -> io::Result<Self> {
        out.write_all(&0xA1B2_C3D4_u32.to_le_bytes())?;
        for short in [2_u16, 4] {
            out.write_all(&short.to_le_bytes())?;
        }
        for long in [0_u32, 0, 262_144, 1] {
            out.write_all(&long.to_le_bytes())?;
        }
        let (chance, written) = (Seed::new(seed), Written::default());
        Ok(Self { out, waiting: BinaryHeap::new(), sent: 0, chance, written })
    }

    /// Sends a frame at a moment.
    pub(super) fn send(&mut self, at: i64, kind: Kind, frame: Vec<u8>) {
        self.sent += 1;
        let (frames, bytes) = self.written.kinds.entry(kind).or_default();
        *frames += 1;
        *bytes += frame.len() as u64;
        self.waiting.push(Reverse((at, self.sent, frame)));
    }

    /// Counts something that was said.
    pub(super) fn say(&mut self, what: &'static str) {
        *self.written.said.entry(what).or_default() += 1;
    }

    /// Writes every frame before a moment.
    pub(super) fn write_until(&mut self, now: i64) -> io::Result<()> {
        while self.waiting.peek().is_some_and(|Reverse((at, ..))| *at < now) {
            let Some(Reverse((at, _, frame))) = self.waiting.pop() else { break };
            let moment = BEGIN + at;
            let length = u32::try_from(frame.len()).unwrap_or(0);
            let mut header = Vec::with_capacity(16);
            for part in [moment / 1_000_000, moment % 1_000_000] {
                header.extend(u32::try_from(part).unwrap_or(0).to_le_bytes());
            }
            header.extend(length.to_le_bytes());
            header.extend(length.to_le_bytes());
            self.out.write_all(&header)?;
            self.out.write_all(&frame)?;
            self.written.frames += 1;
            self.written.bytes += frame.len() as u64;
            self.written.lasts = at;
        }
        Ok(())
    }

    /// Writes what still waits.
    pub(super) fn finish(mut self) -> io::Result<Written> {
        self.write_until(i64::MAX)?;
        self.out.flush()?;
        Ok(self.written)
    }

    fn happens(&mut self, of_ten_thousand: u64) -> bool {
        self.chance.below(10_000) < of_ten_thousand
    }
}

/// What goes wrong with a run of segments, by the number of the segment.
#[derive(Debug, Default)]
struct Trouble {
    lost: Option<usize>,
    doubled: Option<usize>,
    late: Option<usize>,
    unseen: Option<usize>,
}

impl Flow {
    /// Opens a connection; when it is open.
    pub(super) fn open(wire: &mut Wire<'_>, at: i64, kind: Kind, pair: Pair) -> (Self, i64) {
        let number = |wire: &mut Wire<'_>| u32::try_from(wire.chance.number() >> 32).unwrap_or(0);
        let [client, server] = [number(wire), number(wire)];
        let next = [client.wrapping_add(1), server.wrapping_add(1)];
        let [client_next, server_next] = next;
        wire.send(at, kind, pair.tcp(true, SYN, [client, 0], b""));
        wire.send(at + TURN, kind, pair.tcp(false, SYN | ACK, [server, client_next], b""));
        let last = pair.tcp(true, ACK, [client_next, server_next], b"");
        wire.send(at + TURN + GAP, kind, last);
        (Self { pair, kind, next }, at + TURN + 2 * GAP)
    }

    /// One side says something, in segments that the other acknowledges; when it is done.
    pub(super) fn say(
        &mut self,
        wire: &mut Wire<'_>,
        at: i64,
        to_server: bool,
        payload: &[u8],
    ) -> i64 {
        let segments: Vec<&[u8]> = payload.chunks(SEGMENT).collect();
        let trouble = self.trouble(wire, segments.len());
        let begin = self.sequence(to_server);
        let (mut at, mut hole) = (at + TURN, None);
        for (number, segment) in segments.iter().enumerate() {
            let sequence = begin.wrapping_add(u32::try_from(number * SEGMENT).unwrap_or(0));
            let is_last = number + 1 == segments.len();
            let flags = if is_last { PSH | ACK } else { ACK };
            let frame =
                self.pair.tcp(to_server, flags, [sequence, self.sequence(!to_server)], segment);
            at += GAP;
            let is = |which: Option<usize>| which == Some(number);
            if is(trouble.lost) {
                hole = Some((sequence, frame));
            } else if !is(trouble.unseen) {
                let late = if is(trouble.late) { GAP + GAP / 4 } else { 0 };
                if is(trouble.doubled) {
                    wire.send(at + GAP / 2, self.kind, frame.clone());
                }
                wire.send(at + late, self.kind, frame);
            }
            if number % 2 == 1 || is_last {
                let end = sequence.wrapping_add(u32::try_from(segment.len()).unwrap_or(0));
                let reached = hole.as_ref().map_or(end, |(hole, _)| *hole);
                self.acknowledge(wire, at + GAP / 3, to_server, reached);
            }
        }
        let end = begin.wrapping_add(u32::try_from(payload.len()).unwrap_or(0));
        if let Some((_, frame)) = hole {
            at += AGAIN;
            wire.send(at, self.kind, frame);
            self.acknowledge(wire, at + GAP / 3, to_server, end);
        }
        if let Some(next) = self.next.get_mut(usize::from(!to_server)) {
            *next = end;
        }
        at + GAP
    }

    fn trouble(&self, wire: &mut Wire<'_>, segments: usize) -> Trouble {
        let mut trouble = Trouble::default();
        let any = |wire: &mut Wire<'_>| {
            let number = wire.chance.below(segments.max(1) as u64);
            usize::try_from(number).unwrap_or(0)
        };
        if wire.happens(LOST) {
            trouble.lost = Some(any(wire));
            wire.written.lost += 1;
        } else if wire.happens(DOUBLED) {
            trouble.doubled = Some(any(wire));
            wire.written.doubled += 1;
        } else if segments > 3 && wire.happens(LATE) {
            // One of a pair that is acknowledged together.
            trouble.late = Some(any(wire).min(segments - 3) & !1);
            wire.written.late += 1;
        } else if segments > 3 && self.kind == Kind::Tls && wire.happens(UNSEEN) {
            trouble.unseen = Some(1 + any(wire).min(segments - 3));
            wire.written.unseen += 1;
        }
        trouble
    }

    fn sequence(&self, to_server: bool) -> u32 {
        let [client, server] = self.next;
        if to_server { client } else { server }
    }

    /// The receiver acknowledges up to a number.
    fn acknowledge(&self, wire: &mut Wire<'_>, at: i64, to_server: bool, reached: u32) {
        let frame = self.pair.tcp(!to_server, ACK, [self.sequence(!to_server), reached], b"");
        wire.send(at, self.kind, frame);
    }

    /// Both sides end.
    pub(super) fn close(self, wire: &mut Wire<'_>, at: i64) {
        let [client, server] = self.next;
        let pair = &self.pair;
        let frames = [
            pair.tcp(true, FIN | ACK, [client, server], b""),
            pair.tcp(false, FIN | ACK, [server, client.wrapping_add(1)], b""),
            pair.tcp(true, ACK, [client.wrapping_add(1), server.wrapping_add(1)], b""),
        ];
        for (turn, frame) in (1..).zip(frames) {
            wire.send(at + turn * TURN, self.kind, frame);
        }
    }
}
