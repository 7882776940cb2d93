//! The bytes of one direction that wait until a message is whole.
//!
//! Refuses to hold more than it was asked for, and to look again before that is there, so that a
//! stream of single bytes costs no more than one of large pieces. What is empty keeps no room.

use super::HELD_BYTES;

/// What is to be done after a look at the bytes that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing, until so many bytes are there.
    Need(usize),
    /// So many bytes are done with; some of them may not have come yet.
    Past(u64),
    /// This direction can't be followed any more.
    GiveUp,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Pending {
    held: Vec<u8>,
    needed: usize,
    skip: u64,
    given_up: bool,
}

impl Pending {
    /// Bytes held, with their spare room.
    pub(super) fn held(&self) -> usize {
        self.held.capacity()
    }

    /// Takes bytes, and shows what is there to `look` until it asks for more.
    pub(super) fn take(&mut self, bytes: &[u8], look: &mut dyn FnMut(&[u8]) -> Step) {
        let mut rest = bytes;
        while !self.given_up {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rest.len());
            rest = rest.get(skipped..).unwrap_or_default();
            self.skip -= skipped as u64;
            if rest.is_empty() {
                return;
            }
            if self.held.is_empty() {
                match look(rest) {
                    Step::Past(count) if count > 0 => self.skip = count,
                    Step::Need(count) if (rest.len() + 1..=HELD_BYTES).contains(&count) => {
                        self.needed = count;
                        self.held.extend_from_slice(rest);
                        return;
                    }
                    _ => self.given_up = true,
                }
                continue;
            }
            // All that is there, and not only what is missing: a message whose length is not known
            // would be looked at again for each of its bytes.
            let room = HELD_BYTES.saturating_sub(self.held.len()).min(rest.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.held.extend_from_slice(now);
            rest = later;
            if self.held.len() < self.needed {
                return;
            }
            match look(&self.held) {
                Step::Past(count) if count > 0 => {
                    let own = usize::try_from(count).unwrap_or(usize::MAX).min(self.held.len());
                    self.skip = count - own as u64;
                    // What is left is looked at again, together with what follows.
                    let held = std::mem::take(&mut self.held);
                    self.take(held.get(own..).unwrap_or_default(), look);
                }
                Step::Need(count) if (self.held.len() + 1..=HELD_BYTES).contains(&count) => {
                    self.needed = count;
                }
                _ => self.given_up = true,
            }
        }
        self.held = Vec::new();
    }

    /// Bytes were lost. Where they all lie in what would have been passed over, nothing is lost;
    /// else the direction is given up, for no one knows where the next message begins.
    pub(super) fn lost(&mut self, bytes: u64) {
        match self.skip.checked_sub(bytes) {
            Some(left) if self.held.is_empty() => self.skip = left,
            _ => self.given_up = true,
        }
    }
}
