//! Reads the rows of a table one after the other.
//!
//! Work is linear in the text, whatever stands in it: each search for the end of a quoted value
//! that fails is paid for from a budget, and when that is used up quotes no longer span lines.
//! Refuses to drop anything because of a stray quote: the row ends at its own line's end and what
//! follows is read.

use std::borrow::Cow;

use domain::bounded::{COLUMNS, LINE_BYTES};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};

use super::{Mark, Row, too_long, too_wide};

/// How many times the length of the text failed searches for a closing quote may cost, before
/// quoted values may no longer span lines; and again, before quotes no longer mean anything.
const PATIENCE: usize = 4;

/// The rows of a table from some place on.
#[derive(Debug, Clone)]
pub struct Rows<'t> {
    text: &'t str,
    delimiter: u8,
    /// What ends a line: LF, or CR in a text that has no LF.
    newline: u8,
    at: Mark,
    /// Bytes that failed searches have cost.
    wasted: usize,
    longest: usize,
}

/// A quoted value that closes.
struct Quoted<'t> {
    value: Cow<'t, str>,
    /// Where its delimiter or line end stands.
    end: usize,
    /// How many line ends it holds.
    lines: u32,
}

impl<'t> Rows<'t> {
    pub(super) fn new(text: &'t str, delimiter: u8, at: Mark) -> Self {
        let newline = if memchr::memchr(b'\n', text.as_bytes()).is_some() { b'\n' } else { b'\r' };
        Self { text, delimiter, newline, at, wasted: 0, longest: LINE_BYTES }
    }

    pub(super) fn mark(&self) -> Mark {
        self.at
    }

    #[cfg(test)]
    pub(super) fn with_longest(mut self, bytes: usize) -> Self {
        self.longest = bytes;
        self
    }

    /// Reads the next row into `row`; `false` at the end of the text.
    pub fn read(&mut self, row: &mut Row<'t>, problems: &mut Problems) -> bool {
        let start = self.at;
        row.cells.clear();
        row.line = start.line;
        row.lost = false;
        if start.offset >= self.text.len() {
            return false;
        }
        while self.cell(row, problems) {
            if row.cells.len() >= COLUMNS {
                problems.tell(too_wide(row.line));
                self.skip_line();
                break;
            }
        }
        if self.at.offset - start.offset > self.longest {
            problems.tell(too_long(row.line));
            row.cells.clear();
            row.lost = true;
        }
        true
    }

    /// Reads one cell; whether another follows in the row.
    fn cell(&mut self, row: &mut Row<'t>, problems: &mut Problems) -> bool {
        let bytes = self.text.as_bytes();
        let from = self.at.offset;
        let rest = bytes.get(from..).unwrap_or_default();
        let spaces = rest.iter().take_while(|b| **b == b' ').count();
        let (value, end) = if rest.get(spaces) == Some(&b'"') {
            self.quoted_or_stray(from + spaces, problems)
        } else {
            self.unquoted(from)
        };
        row.cells.push(value);
        match bytes.get(end) {
            Some(byte) if *byte == self.delimiter => {
                self.at.offset = end + 1;
                true
            }
            Some(_) => {
                self.at.offset = end + 1;
                self.at.line = self.at.line.saturating_add(1);
                false
            }
            None => {
                self.at.offset = end;
                false
            }
        }
    }

    fn unquoted(&self, from: usize) -> (Cow<'t, str>, usize) {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let length = memchr::memchr2(self.delimiter, self.newline, rest).unwrap_or(rest.len());
        let value = self.text.get(from..from + length).unwrap_or_default();
        (Cow::Borrowed(value.trim_end_matches('\r')), from + length)
    }

    /// A value whose quote stands at `open`; where that never closes, the quote is dropped and
    /// the value ends as an unquoted one does.
    fn quoted_or_stray(&mut self, open: usize, problems: &mut Problems) -> (Cow<'t, str>, usize) {
        match self.quoted(open) {
            Ok(quoted) => {
                self.at.line = self.at.line.saturating_add(quoted.lines);
                (quoted.value, quoted.end)
            }
            Err(searched) => {
                self.wasted = self.wasted.saturating_add(searched);
                let (value, end) = self.unquoted(open + 1);
                let at = Location::line(self.at.line);
                problems.tell(
                    Problem::new(Code::TableQuoteOpen, at, Loss::Nothing)
                        .expected("a closing quote before the next delimiter or line end")
                        .found(&value),
                );
                (value, end)
            }
        }
    }

    /// Reads a quoted value; how many bytes were searched in vain where it never closes.
    ///
    /// A quote closes where a delimiter or a line end follows. Any other one within the line is
    /// taken as it stands (`"15" screen"`), but a value with such a quote does not go on over the
    /// line's end, and a value that has gone on over one does not hold such a quote: there, an
    /// earlier value was never closed.
    fn quoted(&self, open: usize) -> Result<Quoted<'t>, usize> {
        let bytes = self.searchable(open);
        let first = open + 1;
        let (mut at, mut lines) = (first, 0_u32);
        let (mut doubled, mut single) = (false, false);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(length) = memchr::memchr(b'"', rest) else { return Err(bytes.len() - open) };
            let passed = rest.get(..length).unwrap_or_default();
            let newlines = memchr::memchr_iter(self.newline, passed).count();
            lines = lines.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
            let quote = at + length;
            if single && lines > 0 {
                return Err(quote - open);
            }
            if bytes.get(quote + 1) == Some(&b'"') {
                doubled = true;
                at = quote + 2;
            } else if let Some(end) = self.end_after(bytes, quote + 1) {
                let raw = self.text.get(first..quote).unwrap_or_default();
                let value = if doubled { raw.replace("\"\"", "\"").into() } else { raw.into() };
                return Ok(Quoted { value, end, lines });
            } else if lines > 0 {
                return Err(quote - open);
            } else {
                single = true;
                at = quote + 1;
            }
        }
    }

    /// The bytes in which a closing quote may be looked for: all, or only the line, or none.
    fn searchable(&self, open: usize) -> &'t [u8] {
        let bytes = self.text.as_bytes();
        let allowed = self.text.len().saturating_mul(PATIENCE);
        if self.wasted <= allowed {
            return bytes;
        }
        let rest = bytes.get(open..).unwrap_or_default();
        let length = if self.wasted <= allowed.saturating_mul(2) {
            memchr::memchr(self.newline, rest).unwrap_or(rest.len())
        } else {
            1
        };
        bytes.get(..open + length).unwrap_or_default()
    }

    /// Where the delimiter or line end stands that follows a closing quote, blanks left aside.
    fn end_after(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let whole = self.text.as_bytes();
        let blank = |b: &u8| *b == b' ' || (*b == b'\r' && self.newline != b'\r');
        // Bounded, for a long run of blanks after each of many quotes would cost its square.
        let rest = whole.get(from..).unwrap_or_default();
        let blanks = rest.iter().take(64).take_while(|b| blank(b)).count();
        let end = from + blanks;
        match whole.get(end) {
            None => Some(end),
            Some(b) if *b == self.delimiter || *b == self.newline => Some(end),
            Some(_) => None,
        }
        .filter(|_| from <= bytes.len())
    }

    fn skip_line(&mut self) {
        let rest = self.text.as_bytes().get(self.at.offset..).unwrap_or_default();
        match memchr::memchr(self.newline, rest) {
            Some(length) => {
                self.at.offset += length + 1;
                self.at.line = self.at.line.saturating_add(1);
            }
            None => self.at.offset = self.text.len(),
        }
    }
}
