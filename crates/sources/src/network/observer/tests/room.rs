//! An attacker who fills the room of the observer: whose messages are forgotten, and what is heard
//! afterwards.

use super::frames::{ACK, SYN, four, segment, wrap};
use super::{SEED, bounded};
use crate::network::link::LinkType;
use crate::network::observer::{Limits, Observer};
use domain::network::Moment;
use domain::sighting::{Said, Seen, Sighting};

const PUMP: u16 = 40_000;
const MESSAGE: &[u8] = b"\x0bMSH|^~\\&|PUMP|ICU|EHR|H|20260101||ORU^R01|1|P|2.6\r\x1c\r";
/// An association's request that promises 60,000 bytes.
const PROMISE: &[u8] = b"\x01\0\0\0\xea\x60\0\x01\0\0";

/// An observer of small limits, and the messages that it heard.
struct Ward {
    observer: Observer,
    limits: Limits,
    now: i64,
    heard: usize,
}

impl Ward {
    fn new(limits: Limits) -> Self {
        let observer = Observer::new(limits, SEED);
        Self { observer, limits, now: 0, heard: 0 }
    }

    /// A connection from this port says something at this place of its stream.
    fn say(&mut self, port: u16, flags: u8, at: u32, said: &[u8]) {
        self.now += 1_000;
        let frame = wrap(0x0800, &four(6, &segment([port, 104], flags, [at, 1], said)));
        let heard = &mut self.heard;
        let tell = &mut |sighting: Sighting| {
            *heard += usize::from(matches!(sighting.seen, Seen::Said(_, _, Said::Hl7(_))));
        };
        self.observer.observe(Moment(self.now), LinkType::Ethernet, &frame, tell);
        bounded(&self.observer, self.limits);
    }

    /// Many connections each say half of something large, and go on with it in turn.
    fn flood(&mut self, connections: u16) {
        for port in 1_024..1_024 + connections {
            self.say(port, SYN, 0, b"");
            self.say(port, ACK, 1, PROMISE);
        }
        for turn in 0..20 {
            for port in 1_024..1_024 + connections {
                let at = u32::try_from(PROMISE.len()).unwrap() + turn * 1_000;
                self.say(port, ACK, 1 + at, &[0; 1_000]);
            }
        }
    }
}

fn cut(at: usize) -> (&'static [u8], u32, &'static [u8]) {
    let (one, other) = MESSAGE.split_at(at);
    (one, 1 + u32::try_from(at).unwrap(), other)
}

#[test]
fn who_fills_the_room_with_large_messages_loses_his_own_and_not_a_small_one() {
    let limits = Limits { stream_bytes: 1 << 20, ..Limits::default() };
    let mut ward = Ward::new(limits);
    let (one, at, other) = cut(30);
    ward.say(PUMP, SYN, 0, b"");
    ward.say(PUMP, ACK, 1, one);
    ward.flood(300);
    ward.say(PUMP, ACK, at, other);
    assert_eq!(ward.heard, 1);
    let counters = ward.observer.counters();
    assert!(counters.streams_evicted > 100, "{counters:?}");
}

#[test]
fn a_message_that_was_forgotten_for_room_is_followed_by_one_that_is_heard() {
    let limits = Limits { stream_bytes: 200, ..Limits::default() };
    let mut ward = Ward::new(limits);
    let long = [b"\x0bMSH|^~\\&|PUMP", [b'-'; 400].as_slice()].concat();
    let mut at = 1;
    ward.say(PUMP, SYN, 0, b"");
    // Forgotten at once, and what follows of it begins no message, however often it comes.
    for said in std::iter::once(long.as_slice()).chain([&[b'-'; 300][..]; 100]) {
        ward.say(PUMP, ACK, at, said);
        at += u32::try_from(said.len()).unwrap();
    }
    assert_eq!((ward.heard, ward.observer.counters().streams_evicted), (0, 1));
    ward.say(PUMP, ACK, at, MESSAGE);
    assert_eq!(ward.heard, 1);
}

#[test]
fn more_dialogues_than_there_is_room_for_make_nobody_deaf() {
    let limits = Limits { dialogues: 10, ..Limits::default() };
    let mut ward = Ward::new(limits);
    let length = u32::try_from(MESSAGE.len()).unwrap();
    for port in PUMP..PUMP + 30 {
        ward.say(port, SYN, 0, b"");
    }
    for turn in 0..5 {
        for port in PUMP..PUMP + 30 {
            ward.say(port, ACK, 1 + turn * length, MESSAGE);
        }
    }
    assert_eq!(ward.heard, 150);
    assert!(ward.observer.counters().dialogues_evicted > 100);
}

#[test]
fn what_is_held_is_what_is_counted_when_all_is_given_up_and_ended() {
    let limits = Limits { stream_bytes: 64 << 10, dialogues: 20, ..Limits::default() };
    let mut ward = Ward::new(limits);
    ward.flood(60);
    // Gaps, too.
    for port in 2_000..2_060 {
        ward.say(port, SYN, 0, b"");
        for turn in 0..40 {
            ward.say(port, ACK, 100 + turn * 900, &[1; 300]);
        }
    }
    ward.observer.finish(&mut |_| {});
    assert_eq!(ward.observer.counters().held_stream_bytes, 0);
}
