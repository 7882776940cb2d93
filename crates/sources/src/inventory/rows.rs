//! Inventories as delimited text: each row below the header is a device.
//!
//! A device's id is the first of these that its row has: an id column, the serial number, the
//! first MAC address, a name. Refuses rows without any of them, and second rows with the same id;
//! blank rows, repeated headers and closing lines (totals, notes) are no records.

pub(super) mod device;
mod intake;

use std::borrow::Cow;

use domain::fact::Reading;

pub(super) use intake::{Intake, Layout, Place};

use super::columns::Columns;
use crate::table::{Row, Table};

/// Whether a table is an inventory: it names devices by id, serial number or MAC address, and
/// tells something of what they are.
#[must_use]
pub fn recognise(table: &Table<'_>) -> bool {
    Columns::of(&table.header()).tell_devices()
}

/// Reads an inventory. Whether it is one is for [`recognise`] to say.
#[must_use]
pub fn read(table: &Table<'_>) -> Reading {
    let layout = Layout::new(Place::Text, table.header());
    let mut intake = Intake::default();
    let (mut rows, mut row) = (table.rows(), Row::default());
    while rows.read(&mut row, intake.problems()) {
        if row.lost {
            intake.lost();
        } else if !row.is_blank() && !table.repeats_header(&row) {
            if is_closing(&row.cells, layout.width()) {
                intake.tell_closing(&layout, &row);
                continue;
            }
            table.fit(&mut row, intake.problems());
            intake.take(&layout, row.line, &row.cells);
        }
    }
    intake.finish()
}

/// Whether a row is a total or a note below the table rather than a device: at most two values in
/// a table of more, the first of them beginning with a word for a sum or a note.
pub(super) fn is_closing(cells: &[Cow<'_, str>], width: usize) -> bool {
    const WORDS: [&str; 14] = [
        "total",
        "totals",
        "grand",
        "sum",
        "summe",
        "gesamt",
        "gesamtzahl",
        "anzahl",
        "count",
        "page",
        "seite",
        "report",
        "generated",
        "exported",
    ];
    let mut filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let (Some(first), _, None) = (filled.next(), filled.next(), filled.next()) else {
        return false;
    };
    let word = first.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    // An id such as `PAGE-0001` has a number in its first word.
    let first_word = first.split_whitespace().next().unwrap_or_default();
    let is_id = first_word.chars().any(|c| c.is_ascii_digit());
    width > 2 && !is_id && WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
pub(super) mod tests;
