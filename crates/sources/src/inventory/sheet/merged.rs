//! Cells merged over several rows (ECMA-376 part 1, section 18.3.1.54): people write a maker once
//! beside all of its devices.
//!
//! Refuses to fill sideways: a title over all columns names none of them.

use std::borrow::Cow;
use std::collections::HashMap;

use quick_xml::events::Event;

use super::cells::column_of;
use super::package::{Fault, Part, attribute};
use crate::table::Row;

/// Most merged cells of one sheet that are looked at.
const MERGED: usize = 100_000;

/// The merged cells of a sheet, and the values of those that the rows have come to.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// The last first, so that the next one stands at the end.
    spans: Vec<Span>,
    /// By column: the last row, and the value.
    open: HashMap<usize, (u32, Cow<'static, str>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    column: usize,
    from: u32,
    to: u32,
}

impl Merged {
    /// Reads which cells of a sheet are merged; they stand behind its rows.
    pub(super) fn of(mut part: Part<'_>) -> Result<Self, Fault> {
        let mut spans = Vec::new();
        while let Some(event) = part.next()? {
            let Event::Start(element) = event else { continue };
            if element.local_name().as_ref() == "mergeCell" && spans.len() < MERGED {
                let place = attribute(&element, "ref");
                spans.extend(place.as_deref().and_then(Span::of));
            }
        }
        spans.sort_unstable_by_key(|span| std::cmp::Reverse((span.from, span.column)));
        Ok(Self { spans, open: HashMap::new() })
    }

    /// Fills the blank cells of a row with what stands above them in the same merged cell.
    pub(super) fn fill(&mut self, row: &mut Row<'static>) {
        self.open.retain(|_, (to, _)| *to >= row.line);
        if !row.is_blank() {
            for (column, (_, value)) in &self.open {
                if row.cells.len() <= *column {
                    row.cells.resize(column + 1, Cow::Borrowed(""));
                }
                match row.cells.get_mut(*column) {
                    Some(cell) if cell.trim().is_empty() => cell.clone_from(value),
                    _ => {}
                }
            }
        }
        while let Some(span) = self.spans.pop_if(|span| span.from <= row.line) {
            let value = row.cells.get(span.column).filter(|cell| !cell.trim().is_empty());
            if let Some(value) = value.filter(|_| span.from == row.line) {
                self.open.insert(span.column, (span.to, value.clone()));
            }
        }
    }
}

impl Span {
    /// A place such as `B5:B9`, if it reaches over several rows.
    fn of(place: &str) -> Option<Self> {
        let (first, last) = place.split_once(':')?;
        let row = |place: &str| place.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse();
        let (from, to) = (row(first).ok()?, row(last).ok()?);
        let column = column_of(first).filter(|column| *column < domain::bounded::COLUMNS)?;
        (from < to).then_some(Self { column, from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn only_what_reaches_over_several_rows_is_filled() {
        assert_eq!(Span::of("B5:C9"), Some(Span { column: 1, from: 5, to: 9 }));
        for place in ["A1:D1", "B5", "XFD1:XFD9", "B9:B5", ":", "B:B"] {
            assert_eq!(Span::of(place), None, "{place}");
        }
    }
}
