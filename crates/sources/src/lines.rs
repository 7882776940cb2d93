//! Which line of a text a byte stands in, for very little memory: the lines before each block are
//! counted once, those within it when asked.

/// How many bytes are counted at once: a number for each is 0.4% of the text.
const BLOCK: usize = 1024;

/// The lines of one text.
#[derive(Debug)]
pub(crate) struct Lines {
    /// Line feeds before each block.
    before: Vec<u32>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let mut count = 0_u32;
        let blocks = text.as_bytes().chunks(BLOCK);
        let before = blocks.map(|block| {
            let before = count;
            count = count.saturating_add(feeds(block));
            before
        });
        Self { before: before.collect() }
    }

    /// How many line feeds of the same text stand before a byte.
    pub(crate) fn before(&self, text: &str, offset: usize) -> u32 {
        let block = (offset / BLOCK).min(self.before.len().saturating_sub(1));
        let within = text.as_bytes().get(block * BLOCK..offset.min(text.len()));
        self.before.get(block).copied().unwrap_or_default() + feeds(within.unwrap_or_default())
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
        let text = "ab\n\ncd\n".repeat(BLOCK / 3);
        let lines = Lines::of(&text);
        let mut expected = 0;
        for (offset, byte) in text.bytes().enumerate() {
            assert_eq!(lines.before(&text, offset), expected, "{offset}");
            expected += u32::from(byte == b'\n');
        }
        assert_eq!(lines.before(&text, text.len()), expected);
        assert_eq!(lines.before(&text, text.len() + 9), expected);
    }

    #[test]
    fn an_empty_text_has_one_line() {
        assert_eq!(Lines::of("").before("", 0), 0);
    }
}
