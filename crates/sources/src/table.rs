//! Delimited text (RFC 4180, and what maintenance systems really export) as rows borrowed from
//! the text.
//!
//! Finds out the delimiter and the header line, closes what an export forgot to close, and knows
//! the line of each row. Refuses to know what a column means: the caller says which column names
//! it knows, and that is all that is used of them, to tell a header from a title.

mod rows;

use std::borrow::Cow;

use domain::bounded::{COLUMNS, LINE_BYTES};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};
use domain::text::Text;

pub use rows::Rows;

/// The delimiters that are looked for, the usual one first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many rows are looked at to find the header and the delimiter.
pub(crate) const SAMPLE_ROWS: usize = 50;
/// How much of a text is looked at to find the header and the delimiter, in bytes.
const SAMPLE_BYTES: usize = 256 << 10;

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row<'t> {
    /// The line where it starts, from 1.
    pub line: u32,
    /// Its values, unquoted; white space around them is left as it stands.
    pub cells: Vec<Cow<'t, str>>,
    /// It was over a limit: its loss has been told, and it has no cells.
    pub lost: bool,
}

impl Row<'_> {
    /// Whether no cell holds anything but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        !self.lost && self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// A text opened as a table: its delimiter and header are known, its rows are not yet read.
#[derive(Debug, Clone)]
pub struct Table<'t> {
    text: &'t str,
    delimiter: u8,
    header: Row<'t>,
    body: Mark,
}

/// How far a text was read.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    /// Byte offset.
    offset: usize,
    /// The line there, from 1.
    line: u32,
}

/// What opening with one delimiter makes of the start of a text.
struct Attempt<'t> {
    delimiter: u8,
    header: Row<'t>,
    body: Mark,
    /// Columns of the header whose name is known.
    known: usize,
    /// Values that stand in rows as wide as the header.
    regular: usize,
}

impl<'t> Table<'t> {
    /// Opens a text. `known` tells the names of columns that the caller looks for.
    ///
    /// The header is the row with the most known names among the first 50; where none
    /// has any, the first of the usual width. The delimiter is the one that finds the most known
    /// names, and then the most values in rows of equal width; a first line `sep=;` decides it.
    /// `None` where the text has no row with anything in it.
    pub fn open(text: &'t str, known: impl Fn(&str) -> bool) -> Option<Self> {
        let (stated, start) = stated_delimiter(text);
        let attempt = match stated {
            Some(delimiter) => attempt(text, start, delimiter, &known)?,
            None => DELIMITERS
                .into_iter()
                .filter_map(|delimiter| attempt(text, start, delimiter, &known))
                .reduce(|best, next| if next.score() > best.score() { next } else { best })?,
        };
        let Attempt { delimiter, header, body, .. } = attempt;
        Some(Self { text, delimiter, header, body })
    }

    /// The names of the columns, trimmed; `column N` where a column has none.
    #[must_use]
    pub fn header(&self) -> Vec<Text> {
        names(&self.header.cells)
    }

    /// The line of the header, from 1.
    #[must_use]
    pub fn header_line(&self) -> u32 {
        self.header.line
    }

    /// The delimiter.
    #[must_use]
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    /// The rows below the header, from the first.
    #[must_use]
    pub fn rows(&self) -> Rows<'t> {
        Rows::new(self.text, self.delimiter, self.body)
    }

    /// Whether a row is the header once more, as reports repeat it on each page.
    #[must_use]
    pub fn repeats_header(&self, row: &Row<'_>) -> bool {
        row.cells.first().map(|cell| cell.trim()) == self.header.cells.first().map(|c| c.trim())
            && row.cells.len() == self.header.cells.len()
            && row.cells.iter().zip(&self.header.cells).all(|(a, b)| a.trim() == b.trim())
    }

    /// Makes a row as wide as the header and tells where it was not. What is missing is padded;
    /// what is too much stays at the end of the row, and the caller keeps it.
    pub fn fit(&self, row: &mut Row<'_>, problems: &mut Problems) {
        let (width, found) = (self.header.cells.len(), row.cells.len());
        while row.cells.len() > width && row.cells.last().is_some_and(|c| c.trim().is_empty()) {
            row.cells.pop();
        }
        if found < width || row.cells.len() > width {
            problems.tell(
                Problem::new(Code::TableRowWidth, Location::line(row.line), Loss::Nothing)
                    .expected(format!("{width} values"))
                    .found(&found.to_string()),
            );
        }
        if found < width {
            row.cells.resize(width, Cow::Borrowed(""));
        }
    }
}

/// The names of columns, trimmed; `column N` where one has none.
pub(crate) fn names(cells: &[Cow<'_, str>]) -> Vec<Text> {
    let named = |(place, cell): (usize, &Cow<'_, str>)| match cell.trim() {
        "" => format!("column {}", place + 1).into(),
        name => name.into(),
    };
    cells.iter().enumerate().map(named).collect()
}

/// Which of some rows is the header: the first with the most known names, at least one.
pub(crate) fn header_among<'r, 't: 'r>(
    rows: impl Iterator<Item = &'r Row<'t>>,
    known: &impl Fn(&str) -> bool,
) -> Option<(usize, usize)> {
    let score = |row: &Row<'_>| row.cells.iter().filter(|cell| known(cell)).count();
    rows.map(score)
        .enumerate()
        .filter(|(_, score)| *score > 0)
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
}

impl Attempt<'_> {
    fn score(&self) -> (usize, usize) {
        (self.known, self.regular)
    }
}

fn attempt<'t>(
    text: &'t str,
    start: Mark,
    delimiter: u8,
    known: &impl Fn(&str) -> bool,
) -> Option<Attempt<'t>> {
    let sample = text.get(..text.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(text);
    let (rows, ends) = sample_rows(Rows::new(sample, delimiter, start));
    let found = header_among(rows.iter(), known);
    let place = match found {
        Some((place, _)) => place,
        None => first_of_usual_width(&rows)?,
    };
    let header = rows.get(place)?.clone();
    let width = header.cells.len();
    let below = rows.iter().skip(place).filter(|row| row.cells.len() == width);
    let regular = if width > 1 { below.map(|row| row.cells.len()).sum() } else { 0 };
    let known = found.map_or(0, |(_, known)| known);
    Some(Attempt { delimiter, header, body: *ends.get(place)?, known, regular })
}

/// The first rows, and where each of them ends.
fn sample_rows(mut reader: Rows<'_>) -> (Vec<Row<'_>>, Vec<Mark>) {
    let (mut rows, mut ends) = (Vec::new(), Vec::new());
    let mut row = Row::default();
    // What is wrong in the sample is told when the rows are read in earnest.
    let mut untold = Problems::default();
    while rows.len() < SAMPLE_ROWS && reader.read(&mut row, &mut untold) {
        rows.push(std::mem::take(&mut row));
        ends.push(reader.mark());
    }
    (rows, ends)
}

/// The first row of the width that most rows have; blank rows and single values do not count,
/// unless there is nothing else.
fn first_of_usual_width(rows: &[Row<'_>]) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for row in rows.iter().filter(|row| !row.is_blank() && row.cells.len() > 1) {
        *counts.entry(row.cells.len()).or_default() += 1;
    }
    let usual = counts.into_iter().max_by_key(|(_, count)| *count).map_or(1, |(width, _)| width);
    rows.iter().position(|row| !row.is_blank() && row.cells.len() >= usual)
}

/// The delimiter that a first line `sep=;` states, as Excel reads and writes it, and where the
/// table starts.
fn stated_delimiter(text: &str) -> (Option<u8>, Mark) {
    let start = Mark { offset: 0, line: 1 };
    let line_end = text.find(['\n', '\r']).unwrap_or(text.len());
    let line = text.get(..line_end).unwrap_or_default();
    let bare = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(line);
    let stated = match bare.as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => *delimiter,
        _ => return (None, start),
    };
    let rest = text.get(line_end..).unwrap_or_default();
    let skipped = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
    (Some(stated), Mark { offset: line_end + skipped, line: 2 })
}

fn too_large(line: u32, loss: Loss, limit: &str) -> Problem {
    Problem::new(Code::InputTooLarge, Location::line(line), loss).expected(limit.to_owned())
}

fn too_long(line: u32) -> Problem {
    too_large(line, Loss::Record, &format!("a row of at most {LINE_BYTES} bytes"))
}

fn too_wide(line: u32) -> Problem {
    too_large(line, Loss::Field, &format!("at most {COLUMNS} columns; the rest was left out"))
}

#[cfg(test)]
pub(crate) mod tests;
