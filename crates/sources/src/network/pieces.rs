//! Bytes that came before those that they follow, kept in order and without overlap.
//!
//! Of two that claim the same place the first wins: what comes later cannot rewrite what was there.
//! Refuses to bound itself: whoever holds pieces asks [`Pieces::held`] and [`Pieces::count`].

use std::collections::VecDeque;

/// What a piece costs beyond its bytes, in bytes: so that single bytes are not held for free.
pub(super) const PIECE_COST: usize = 64;
/// By how much a piece grows at least, in bytes: more would be held and not used, less copied
/// often.
const GROWTH: usize = 8 << 10;

/// What became of bytes that were put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Put {
    /// How many were not there before.
    pub new: usize,
    /// Whether some were there before with another value.
    pub differs: bool,
}

/// Pieces of a stream, by where they begin.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pieces: VecDeque<(u64, Vec<u8>)>,
    /// What the pieces take, their spare room too.
    bytes: usize,
}

impl Pieces {
    /// What is held, with the cost of each piece, in bytes.
    pub(super) fn held(&self) -> usize {
        self.bytes + self.pieces.len() * PIECE_COST
    }

    /// How many pieces are held.
    pub(super) fn count(&self) -> usize {
        self.pieces.len()
    }

    /// Where the first begins.
    pub(super) fn first(&self) -> Option<u64> {
        self.pieces.front().map(|(at, _)| *at)
    }

    /// Takes the first.
    pub(super) fn take_first(&mut self) -> Option<(u64, Vec<u8>)> {
        let first = self.pieces.pop_front()?;
        self.bytes -= first.1.capacity();
        // A queue keeps its room when it is empty, and there are two for each connection.
        if self.pieces.is_empty() {
            self.pieces = VecDeque::new();
        }
        Some(first)
    }

    /// Puts bytes in at their place.
    pub(super) fn put(&mut self, at: u64, bytes: &[u8]) -> Put {
        let mut put = Put::default();
        let (mut at, mut rest) = (at, bytes);
        // The last piece that begins at or before: usually the last of all.
        let mut place = self.pieces.partition_point(|(begin, _)| *begin <= at);
        if let Some((begin, piece)) = place.checked_sub(1).and_then(|p| self.pieces.get(p)) {
            let known = usize::try_from(at - begin).ok().and_then(|from| piece.get(from..));
            (at, rest) = pass_known(known.unwrap_or_default(), at, rest, &mut put);
        }
        while !rest.is_empty() {
            let gap = self.pieces.get(place).map_or(u64::MAX, |(begin, _)| begin - at);
            let fits = usize::try_from(gap).unwrap_or(usize::MAX).min(rest.len());
            let (new, after) = rest.split_at_checked(fits).unwrap_or((rest, &[]));
            if !new.is_empty() {
                place = self.insert(place, at, new);
                put.new += new.len();
            }
            at += new.len() as u64;
            let known = self.pieces.get(place).map(|(_, piece)| piece.as_slice());
            (at, rest) = pass_known(known.unwrap_or_default(), at, after, &mut put);
            place += 1;
        }
        put
    }

    /// Keeps new bytes before the piece at `place`, and says where that piece stands then. What
    /// follows directly upon a piece is joined to it.
    fn insert(&mut self, place: usize, at: u64, new: &[u8]) -> usize {
        let before = place.checked_sub(1).and_then(|before| self.pieces.get_mut(before));
        if let Some((begin, piece)) = before
            && *begin + piece.len() as u64 == at
        {
            let room = piece.capacity();
            if room - piece.len() < new.len() {
                piece.reserve_exact(new.len().max(GROWTH));
            }
            piece.extend_from_slice(new);
            self.bytes += piece.capacity() - room;
            return place;
        }
        let piece = new.to_vec();
        self.bytes += piece.capacity();
        self.pieces.insert(place, (at, piece));
        place + 1
    }
}

/// Passes over what is known already, comparing.
fn pass_known<'a>(known: &[u8], at: u64, rest: &'a [u8], put: &mut Put) -> (u64, &'a [u8]) {
    let both = known.len().min(rest.len());
    put.differs |= known.get(..both) != rest.get(..both);
    (at + both as u64, rest.get(both..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Pieces, Put};
    use proptest::prelude::*;

    #[test]
    fn the_first_of_two_that_overlap_wins_and_the_difference_is_seen() {
        let mut pieces = Pieces::default();
        assert_eq!(pieces.put(10, b"cd"), Put { new: 2, differs: false });
        assert_eq!(pieces.put(8, b"abXd--"), Put { new: 4, differs: true });
        let mut all = Vec::new();
        while let Some((_, bytes)) = pieces.take_first() {
            all.extend(bytes);
        }
        assert_eq!(all, b"abcd--");
        assert_eq!(pieces.held(), 0);
    }

    proptest! {
        #[test]
        fn pieces_are_what_a_plain_array_would_be(
            puts in prop::collection::vec(
                (0_u64..60, prop::collection::vec(any::<u8>(), 0..20)),
                0..30,
            )
        ) {
            let mut pieces = Pieces::default();
            let mut plain = [None; 100];
            for (at, bytes) in puts {
                let mut expected = Put::default();
                for (place, byte) in (usize::try_from(at).unwrap()..).zip(&bytes) {
                    match plain[place] {
                        Some(there) => expected.differs |= there != *byte,
                        None => {
                            plain[place] = Some(*byte);
                            expected.new += 1;
                        }
                    }
                }
                prop_assert_eq!(pieces.put(at, &bytes), expected);
            }
            let mut got = [None; 100];
            let mut end = 0;
            while let Some((at, bytes)) = pieces.take_first() {
                prop_assert!(at >= end && !bytes.is_empty());
                end = at + bytes.len() as u64;
                for (place, byte) in (usize::try_from(at).unwrap()..).zip(bytes) {
                    got[place] = Some(byte);
                }
            }
            prop_assert_eq!(got, plain);
        }
    }
}
