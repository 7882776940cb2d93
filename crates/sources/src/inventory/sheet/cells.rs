//! The cells of a sheet, row by row (ECMA-376 part 1, section 18.3.1).
//!
//! Refuses what stands beyond the limit of columns, and formulas: the result that was stored with
//! them is read.

use std::borrow::Cow;

use domain::bounded::COLUMNS;
use quick_xml::events::{BytesStart, Event};

use super::package::{Fault, Part, attribute, push_reference};
use super::workbook::Workbook;
use crate::table::Row;

/// A cell while it is read.
#[derive(Debug, Default)]
struct Cell {
    column: usize,
    kind: Kind,
    style: usize,
    value: String,
}

/// What a cell's value is (section 18.18.11).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    SharedText,
    Text,
    Boolean,
    Error,
}

/// Gives each row of a sheet to `take`, its values as text: whole numbers without `.0`, dates as
/// `2027-06-30`, errors as nothing. How many values stood beyond the limit of columns.
pub(super) fn rows(
    mut part: Part<'_>,
    workbook: &Workbook,
    take: &mut dyn FnMut(Row<'static>),
) -> Result<usize, Fault> {
    let mut beyond = 0;
    let (mut row, mut cell) = (Row::default(), Cell::default());
    let (mut in_value, mut in_sound) = (false, false);
    while let Some(event) = part.next()? {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "row" => start_row(&mut row, &element),
                "c" => cell.start(&element),
                "rPh" => in_sound = true,
                "v" | "t" => in_value = !in_sound,
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "v" | "t" => in_value = false,
                "rPh" => in_sound = false,
                "c" => beyond += put(&mut row, &mut cell, workbook),
                "row" => {
                    let line = row.line;
                    cell.column = 0;
                    take(std::mem::take(&mut row));
                    row.line = line;
                }
                "sheetData" => return Ok(beyond),
                _ => {}
            },
            Event::Text(text) if in_value => cell.value.push_str(&text.xml10_content()),
            Event::CData(text) if in_value => cell.value.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) if in_value => push_reference(&mut cell.value, &reference),
            _ => {}
        }
    }
    // The part ended before its sheet did.
    Err(Fault::Syntax)
}

/// A row says its number, or follows the one before it.
fn start_row(row: &mut Row<'static>, element: &BytesStart<'_>) {
    let stated = attribute(element, "r").and_then(|number| number.parse().ok());
    row.line = stated.unwrap_or(row.line.saturating_add(1));
    row.cells.clear();
}

impl Cell {
    /// A cell says its place, or follows the one before it.
    fn start(&mut self, element: &BytesStart<'_>) {
        (self.kind, self.style) = (Kind::Number, 0);
        self.value.clear();
        let mut attributes = element.attributes();
        for attribute in attributes.with_checks(false).flatten() {
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                "r" => self.column = column_of(value).unwrap_or(self.column),
                "s" => self.style = value.parse().unwrap_or(0),
                "t" => self.kind = Kind::of(value),
                _ => {}
            }
        }
    }

    /// Its value as text.
    fn text<'c>(&'c self, workbook: &'c Workbook) -> Cow<'c, str> {
        match self.kind {
            Kind::SharedText => {
                let number = self.value.trim().parse().ok();
                unescaped(number.and_then(|number| workbook.text(number)).unwrap_or_default())
            }
            Kind::Boolean if self.value.trim() == "1" => Cow::Borrowed("true"),
            Kind::Boolean => Cow::Borrowed("false"),
            Kind::Error => Cow::Borrowed(""),
            Kind::Text => unescaped(&self.value),
            Kind::Number => self.number(workbook),
        }
    }

    fn number(&self, workbook: &Workbook) -> Cow<'_, str> {
        let number = self.value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = number else { return Cow::Borrowed(&self.value) };
        if workbook.is_date(self.style)
            && let Some(date) = workbook.date(number)
        {
            return Cow::Owned(date.to_string());
        }
        Cow::Owned(number.to_string())
    }
}

impl Kind {
    fn of(text: &str) -> Self {
        match text {
            "s" => Self::SharedText,
            "str" | "inlineStr" | "d" => Self::Text,
            "b" => Self::Boolean,
            "e" => Self::Error,
            _ => Self::Number,
        }
    }
}

/// Control characters that the format writes as `_x000D_` (section 22.9.2.19); only line ends
/// occur in practice.
fn unescaped(text: &str) -> Cow<'_, str> {
    if text.contains("_x00") {
        Cow::Owned(text.replace("_x000D_", "\r").replace("_x000A_", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Puts a cell into its row; how many values were left out.
fn put(row: &mut Row<'static>, cell: &mut Cell, workbook: &Workbook) -> usize {
    let column = cell.column;
    cell.column += 1;
    let text = cell.text(workbook);
    if text.trim().is_empty() {
        return 0;
    }
    if column >= COLUMNS {
        return 1;
    }
    let text = Cow::Owned(text.into_owned());
    if row.cells.len() <= column {
        row.cells.resize(column + 1, Cow::Borrowed(""));
    }
    if let Some(place) = row.cells.get_mut(column) {
        *place = text;
    }
    0
}

/// The column of a place such as `C7`, from 0.
pub(super) fn column_of(place: &str) -> Option<usize> {
    let mut column = 0_usize;
    for letter in place.bytes().take_while(u8::is_ascii_alphabetic) {
        let digit = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        column = column.checked_mul(26)?.checked_add(digit)?;
    }
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::column_of;

    #[test]
    fn columns_are_counted_from_their_letters() {
        assert_eq!(column_of("A1"), Some(0));
        assert_eq!(column_of("AA12"), Some(26));
        assert_eq!(column_of("XFD1048576"), Some(16_383));
        assert_eq!(column_of("1"), None);
        assert_eq!(column_of(&"Z".repeat(99)), None);
    }
}
