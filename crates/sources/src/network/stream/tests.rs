//! A direction of TCP however it is cut, doubled, disordered and lost.

use super::{FIN, HELD_BYTES, Half, Heard, LEAST_WINDOW, Oddities, SYN, Segment, WIDEST_WINDOW};
use proptest::prelude::*;

fn segment(sequence: u32, flags: u8, payload: &[u8]) -> Segment<'_> {
    Segment {
        source: 1,
        destination: 2,
        sequence,
        acknowledges: None,
        flags,
        window: 1_000,
        scale: None,
        payload,
        wire_bytes: payload.len(),
    }
}

/// What was heard: bytes as text, gaps as `[7]`.
#[derive(Default)]
struct Ear {
    half: Half,
    odd: Oddities,
    heard: Vec<u8>,
}

impl Ear {
    /// One that has seen a SYN before `first`.
    fn before(first: u32) -> Self {
        let mut ear = Self::default();
        ear.half.advertises(&segment(first.wrapping_sub(1), SYN, b""));
        ear
    }

    fn with<T>(
        &mut self,
        act: impl FnOnce(&mut Half, &mut Oddities, &mut dyn FnMut(Heard<'_>)) -> T,
    ) {
        let Self { half, odd, heard } = self;
        act(half, odd, &mut |what| match what {
            Heard::Bytes(bytes) => heard.extend(bytes),
            Heard::Lost(count) => heard.extend(format!("[{count}]").bytes()),
        });
    }

    fn take(&mut self, sequence: u32, payload: &[u8]) {
        self.with(|half, odd, hear| {
            half.take(&segment(sequence, 0, payload), WIDEST_WINDOW, odd, hear);
        });
    }

    #[track_caller]
    fn check(&self, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&self.heard), expected);
    }
}

#[test]
fn sequence_numbers_wrap() {
    let mut ear = Ear::before(u32::MAX - 1);
    ear.take(u32::MAX - 1, b"abcd");
    ear.take(4, b"gh");
    ear.take(2, b"ef");
    ear.check("abcdefgh");
    assert_eq!(ear.odd, Oddities::default());
}

#[test]
fn of_an_overlap_the_first_wins_and_a_difference_is_counted() {
    let mut ear = Ear::before(100);
    ear.take(102, b"cd");
    ear.take(101, b"bXX");
    ear.take(100, b"a");
    ear.check("abcd");
    assert_eq!((ear.odd.differing_overlaps, ear.odd.retransmitted_bytes), (1, 2));
}

#[test]
fn a_keep_alive_and_a_probe_of_a_closed_window_say_nothing() {
    let mut ear = Ear::before(100);
    ear.take(100, b"ab");
    ear.take(101, b"?");
    ear.take(101, b"");
    ear.take(102, b"c");
    ear.take(102, b"cd");
    ear.check("abcd");
}

#[test]
fn a_gap_is_given_up_when_the_receiver_has_what_was_not_seen() {
    let mut ear = Ear::before(100);
    ear.take(100, b"ab");
    ear.take(105, b"f");
    ear.half.acknowledge(106);
    ear.check("ab");
    for sequence in 106..110 {
        ear.take(sequence, b"g");
    }
    ear.check("ab[3]fgggg");
    assert_eq!(ear.odd.lost_bytes, 3);
}

#[test]
fn a_gap_is_given_up_when_too_much_waits_for_it() {
    let mut ear = Ear::before(0);
    let chunk = [b'x'; 1_000];
    for number in 1..1_000 {
        ear.take(number * 1_000, &chunk);
        assert!(ear.half.held() <= HELD_BYTES + 2_000, "{} held", ear.half.held());
    }
    assert_eq!(ear.odd.lost_bytes, 1_000);
    assert_eq!(ear.heard.len(), "[1000]".len() + 999_000);
}

#[test]
fn data_that_no_receiver_would_take_is_left() {
    let mut ear = Ear::before(0);
    ear.with(|half, odd, hear| half.take(&segment(70_000, 0, b"far"), LEAST_WINDOW, odd, hear));
    ear.with(|half, odd, hear| half.take(&segment(0, 0, b"near"), LEAST_WINDOW, odd, hear));
    ear.check("near");
    assert_eq!(ear.odd.out_of_window, 1);
}

#[test]
fn a_reset_is_accepted_within_the_window_alone() {
    let mut ear = Ear::before(1_000);
    ear.take(1_000, b"ab");
    ear.half.acknowledge(1_002);
    for (sequence, accepted) in [(1_002, true), (1_001, true), (60_000, true), (900, false)] {
        assert_eq!(ear.half.accepts(sequence, LEAST_WINDOW), accepted, "{sequence}");
    }
    assert!(!ear.half.accepts(1_000 + 70_000, LEAST_WINDOW));
}

#[test]
fn what_is_missing_at_the_end_is_told() {
    let mut ear = Ear::before(0);
    ear.take(0, b"ab");
    ear.take(5, b"f");
    ear.with(|half, odd, hear| half.take(&segment(8, FIN, b""), WIDEST_WINDOW, odd, hear));
    ear.half.acknowledge(9);
    ear.with(|half, odd, hear| half.finish(odd, hear));
    ear.check("ab[3]f[2]");
}

#[test]
fn data_comes_with_a_syn_too() {
    let mut ear = Ear::default();
    let opening = segment(7, SYN, b"early");
    ear.half.advertises(&opening);
    ear.with(|half, odd, hear| half.take(&opening, WIDEST_WINDOW, odd, hear));
    ear.take(13, b", late");
    ear.check("early, late");
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_doubled_and_shuffled_it_is_the_same(
        first in any::<u32>(),
        stream in prop::collection::vec(any::<u8>(), 1..2_000),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..200), 0..60),
        order in any::<u64>(),
    ) {
        // Segments that cover the stream, and any others of it.
        let mut parts: Vec<(usize, usize)> =
            (0..stream.len()).step_by(97).map(|at| (at, 97)).collect();
        parts.extend(cuts.iter().map(|(at, length)| (at.index(stream.len()), *length)));
        let mut seed = order;
        for place in (1..parts.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            parts.swap(place, usize::try_from(seed >> 33).unwrap() % (place + 1));
        }
        let mut ear = Ear::before(first);
        for (at, length) in parts {
            let end = (at + length).min(stream.len());
            let sequence = first.wrapping_add(u32::try_from(at).unwrap());
            ear.take(sequence, &stream[at..end]);
        }
        prop_assert_eq!(&ear.heard, &stream);
        prop_assert_eq!(ear.half.held(), 0);
        prop_assert_eq!(ear.odd.differing_overlaps + ear.odd.lost_bytes, 0);
    }
}
