//! Which line of a text a byte stands in, for very little memory: the lines before each block are
//! counted once, those within it when asked.

use std::cell::Cell;

/// How many bytes are counted at once: a number for each is 0.4% of the text.
const BLOCK: usize = 1024;
/// A text of up to so many bytes needs no numbers: its lines are counted faster than they are kept.
const SMALL: usize = 4 * BLOCK;

/// The lines of one text.
#[derive(Debug)]
pub(crate) struct Lines {
    /// Line feeds before each block.
    before: Vec<u32>,
    /// The byte asked for last and the line feeds before it: who reads on asks for the next one.
    last: Cell<(usize, u32)>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        if text.len() <= SMALL {
            return Self { before: Vec::new(), last: Cell::default() };
        }
        let mut count = 0_u32;
        let blocks = text.as_bytes().chunks(BLOCK);
        let before = blocks.map(|block| {
            let before = count;
            count = count.saturating_add(feeds(block));
            before
        });
        Self { before: before.collect(), last: Cell::default() }
    }

    /// How many line feeds of the same text stand before a byte.
    pub(crate) fn before(&self, text: &str, offset: usize) -> u32 {
        let block = (offset / BLOCK).min(self.before.len().saturating_sub(1));
        let start = (block * BLOCK, self.before.get(block).copied().unwrap_or_default());
        let last = Some(self.last.get()).filter(|(at, _)| (start.0..=offset).contains(at));
        let (from, before) = last.unwrap_or(start);
        let end = offset.min(text.len());
        let before = before + feeds(text.as_bytes().get(from..end).unwrap_or_default());
        self.last.set((end, before));
        before
    }
}

fn feeds(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Lines};

    #[test]
    fn every_byte_knows_its_line() {
        for times in [1, BLOCK / 3, BLOCK] {
            check(&"ab\n\ncd\n".repeat(times));
        }
    }

    #[track_caller]
    fn check(text: &str) {
        let lines = Lines::of(text);
        let mut expected = 0;
        for (offset, byte) in text.bytes().enumerate() {
            assert_eq!(lines.before(text, offset), expected, "{offset}");
            expected += u32::from(byte == b'\n');
        }
        assert_eq!(lines.before(text, 3), 1);
        assert_eq!(lines.before(text, text.len()), expected);
        assert_eq!(lines.before(text, text.len() + 9), expected);
    }

    #[test]
    fn an_empty_text_has_one_line() {
        assert_eq!(Lines::of("").before("", 0), 0);
    }
}
