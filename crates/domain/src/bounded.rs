//! Every limit on what is read, by name and with its unit, in one place.
//!
//! A limit is reached by hostile input or by a mistake; the reader then says so with
//! [`Code::InputTooLarge`](crate::problem::Code::InputTooLarge) or
//! [`Code::InputTooDeep`](crate::problem::Code::InputTooDeep) and reads the rest.

/// Largest document that is read, after decompression, in bytes.
pub const DOCUMENT_BYTES: u64 = 1 << 30;
/// Most values and keys of one JSON document. Real ones have one in nine bytes at most, so that
/// the largest document has room; `[1,1,1,…` would take four times its own size.
pub const JSON_NODES: usize = 1 << 27;
/// Files over this size are read one after the other, and not side by side, in bytes.
pub const LARGE_FILE_BYTES: u64 = 64 << 20;
/// Largest sum of what one archive may expand to, in bytes.
pub const ARCHIVE_BYTES: u64 = 8 << 30;
/// Most entries of one archive.
pub const ARCHIVE_ENTRIES: usize = 1_000_000;
/// How many times its packed size one entry may expand to, once it is over
/// [`EXPANSION_FREE_BYTES`].
pub const EXPANSION_RATIO: u64 = 200;
/// Below this many bytes a high ratio is harmless.
pub const EXPANSION_FREE_BYTES: u64 = 64 << 20;
/// How deep archives may stand in archives.
pub const ARCHIVE_DEPTH: usize = 3;
/// How deep JSON and XML may nest, in levels.
pub const NESTING: usize = 512;
/// Longest single line of a table or a JSON-lines file, in bytes.
pub const LINE_BYTES: usize = 256 << 20;
/// Most columns of a table.
pub const COLUMNS: usize = 1_024;
/// Most different texts of a document that its facts share, such as names of makers and wards.
pub const SHARED_TEXTS: usize = 65_536;
/// Problems kept one by one for a document; the rest is counted by code.
pub const PROBLEMS_PER_DOCUMENT: usize = 100;
/// Characters of a document's own text quoted in a problem.
pub const QUOTE_CHARS: usize = 80;
/// Characters of a reason that the program itself gives for an order, as many as people may write.
pub const ORDER_REASON_CHARS: usize = 300;

/// Largest archive of a feed that is fetched, in bytes.
pub const FEED_ARCHIVE_BYTES: u64 = 4 << 30;
/// Largest page or list of a feed that is fetched, unpacked, in bytes.
pub const FEED_PAGE_BYTES: u64 = 256 << 20;
/// Largest file of records of a feed that is taken, unpacked, in bytes.
pub const FEED_FILE_BYTES: u64 = 1 << 30;
/// Largest single document or record of a feed that is fetched, in bytes.
pub const FEED_DOCUMENT_BYTES: u64 = 64 << 20;
/// Most documents of one source of a feed.
pub const FEED_DOCUMENTS: usize = 1_000_000;
/// How often an answer of a feed may point elsewhere until what was asked for is there.
pub const FEED_REDIRECTS: usize = 5;
/// How often in a row something of a feed is asked for in vain before it is given up for this time.
pub const FEED_TRIES: u32 = 6;
/// Longest wait that a feed may ask for before it is asked again, in seconds; who asks for more is
/// given up for this time.
pub const FEED_WAIT_SECONDS: u64 = 900;

/// How many elements of a list room is made for before they are looked at.
const ROOM: usize = 65_536;

/// Room to make for a list of so many elements: what they are is not known yet, and a list of a
/// hundred million numbers makes not one fact.
#[must_use]
pub fn room(count: usize) -> usize {
    count.min(ROOM)
}

/// The first characters of `text` that may be quoted in a message, on one line, without control
/// characters.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTE_CHARS).collect();
    if text.chars().nth(QUOTE_CHARS).is_some() {
        quoted.push('…');
    }
    quoted
}

/// `text` on one line, without control characters, of at most `chars` characters. What is longer
/// ends at the end of a word, with an ellipsis; a single word that is longer is cut.
#[must_use]
pub fn shortened(text: &str, chars: usize) -> String {
    let line = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().nth(chars).is_none() {
        return text.chars().map(line).collect();
    }
    let cut: String = text.chars().map(line).take(chars).collect();
    let last_word = cut.rfind(' ').filter(|end| *end > 0).unwrap_or(cut.len());
    // The ellipsis takes the place of a character.
    let room = cut.char_indices().nth_back(0).map_or(0, |(last, _)| last);
    let kept = cut.get(..last_word.min(room)).unwrap_or_default();
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '(']))
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn what_is_too_long_ends_at_the_end_of_a_word() {
        assert_eq!(shortened("it was let in", 13), "it was let in");
        assert_eq!(shortened("it was let\nin as root", 14), "it was let in…");
        assert_eq!(shortened("it was let in, as root", 16), "it was let in…");
        assert_eq!(shortened("überlang", 4), "übe…");
        for chars in 1..20 {
            let short = shortened("it was let in as root", chars);
            assert!(short.chars().count() <= chars, "{short}");
        }
    }
}
