//! Bytes to text: which encoding a document is in, and what had to be repaired.

use std::borrow::Cow;

use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decodes a document: UTF-8 with or without a byte-order mark (borrowed, not copied), UTF-16 by
/// its mark or by its zero bytes, and else Windows-1252, which is told as a problem.
pub fn decode<'b>(bytes: &'b [u8], problems: &mut Problems) -> Cow<'b, str> {
    let (encoding, start) = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => (None, 3),
        [0xFF, 0xFE, ..] => (Some(UTF_16LE), 2),
        [0xFE, 0xFF, ..] => (Some(UTF_16BE), 2),
        [0, first, 0, _, ..] if *first != 0 => (Some(UTF_16BE), 0),
        [first, 0, _, 0, ..] if *first != 0 => (Some(UTF_16LE), 0),
        _ => (None, 0),
    };
    let body = bytes.get(start..).unwrap_or_default();
    if let Some(encoding) = encoding {
        return decode_as(encoding, body, problems);
    }
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let line = lines_before(body.get(..error.valid_up_to()).unwrap_or_default());
            problems.tell(
                Problem::new(Code::InputEncoding, Location::line(line), Loss::Nothing)
                    .expected("UTF-8; it was read as Windows-1252"),
            );
            decode_as(WINDOWS_1252, body, problems)
        }
    }
}

fn decode_as<'b>(
    encoding: &'static Encoding,
    bytes: &'b [u8],
    problems: &mut Problems,
) -> Cow<'b, str> {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    if damaged {
        problems.tell(
            Problem::new(Code::InputEncoding, Location::whole(), Loss::Nothing)
                .expected(format!("valid {}; what was not is shown as �", encoding.name())),
        );
    }
    text
}

fn lines_before(bytes: &[u8]) -> u32 {
    let count = memchr::memchr_iter(b'\n', bytes).count() + 1;
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use domain::problem::Problems;

    use super::decode;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str, told: usize) {
        let mut problems = Problems::default();
        assert_eq!(decode(bytes, &mut problems), expected);
        assert_eq!(problems.told(), told);
    }

    #[test]
    fn each_encoding_is_found_out() {
        check("Müller".as_bytes(), "Müller", 0);
        check(b"\xEF\xBB\xBFM\xC3\xBCller", "Müller", 0);
        check(b"\xFF\xFEM\x00\xFC\x00", "Mü", 0);
        check(b"\xFE\xFF\x00M\x00\xFC", "Mü", 0);
        check(b"{\x00}\x00", "{}", 0);
        check(b"M\xFCller", "Müller", 1);
        check(b"", "", 0);
    }

    #[test]
    fn half_a_character_is_told() {
        check(b"\xFF\xFEM\x00\xFC", "M\u{FFFD}", 1);
    }
}
