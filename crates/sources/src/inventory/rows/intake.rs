//! Takes rows in, from delimited text and from spreadsheets alike, and keeps the count.
//!
//! Refuses a second device with an id that another one has.

use std::borrow::Cow;

use domain::device::{Device, DeviceId};
use domain::fact::Reading;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};
use domain::text::{Shared, SharedTexts, Text};

use super::super::columns::dates::Orders;
use super::super::columns::{Certainty, Columns, words};
use super::super::units::Units;
use super::device::{Outcome, fill};
use crate::table::Row;

/// What a table is part of, which decides how its places are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Place {
    /// Delimited text: `line 7, column "Serial"`.
    Text,
    /// A sheet of a workbook, by name: `Sheet1!C7`.
    Sheet(String),
}

/// The columns of a table and where it stands.
#[derive(Debug)]
pub(in super::super) struct Layout {
    place: Place,
    header: Vec<Text>,
    /// The same names, as all rows share them.
    names: Vec<Shared>,
    columns: Columns,
}

impl Layout {
    pub(in super::super) fn new(place: Place, header: Vec<Text>) -> Self {
        let columns = Columns::of(&header);
        let names = header.iter().cloned().map(Shared::from).collect();
        Self { place, header, names, columns }
    }

    pub(in super::super) fn width(&self) -> usize {
        self.header.len()
    }

    /// Whether a row is the header once more.
    pub(in super::super) fn is_header(&self, cells: &[Cow<'_, str>]) -> bool {
        cells.len() == self.header.len()
            && cells.iter().zip(&self.header).all(|(cell, name)| cell.trim() == name)
    }

    fn name(&self, column: usize) -> Shared {
        let name = self.names.get(column).cloned();
        name.unwrap_or_else(|| format!("column {}", column + 1).into())
    }

    fn row(&self, line: u32) -> Location {
        match &self.place {
            Place::Text => Location::line(line),
            Place::Sheet(sheet) => Location::new(0, format!("{sheet}!A{line}")),
        }
    }

    fn cell(&self, line: u32, column: usize) -> Location {
        match &self.place {
            Place::Text => Location::new(line, format!("column \"{}\"", self.name(column))),
            Place::Sheet(sheet) => {
                Location::new(0, format!("{sheet}!{}{line}", column_letters(column)))
            }
        }
    }
}

/// A column as spreadsheets name it: `A` to `Z`, `AA` and on.
fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// A date that waits for the order of day and month in the rest of the table.
#[derive(Debug)]
struct Waiting {
    unit: usize,
    at: Location,
    name: Shared,
    text: Text,
}

/// The devices so far.
#[derive(Debug, Default)]
pub(in super::super) struct Intake {
    reading: Reading,
    units: Units,
    texts: SharedTexts,
    orders: Orders,
    waiting: Vec<Waiting>,
}

impl Intake {
    pub(in super::super) fn problems(&mut self) -> &mut Problems {
        &mut self.reading.problems
    }

    /// Counts a record whose loss has been told.
    pub(in super::super) fn lost(&mut self) {
        self.reading.records_seen += 1;
    }

    /// Tells that a line was taken as a total or a note.
    pub(in super::super) fn tell_closing(&mut self, layout: &Layout, row: &Row<'_>) {
        let filled = row.cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty());
        self.reading.problems.tell(
            Problem::new(Code::RecordNotUsable, layout.row(row.line), Loss::Nothing)
                .expected("a device; this line was taken as a total or a note")
                .found(filled.unwrap_or_default()),
        );
    }

    /// Takes a row that is no header and not blank. It may be wider or narrower than the header.
    pub(in super::super) fn take(&mut self, layout: &Layout, line: u32, cells: &[Cow<'_, str>]) {
        self.reading.records_seen += 1;
        let waiting = self.waiting.len();
        let mut device = self.device(layout, line, cells);
        if device.id.is_none() {
            let named = device
                .serial
                .clone()
                .or_else(|| device.macs.first().map(|mac| Text::from(mac.to_string())));
            device.id = named.map(DeviceId);
        }
        match self.units.keep(device, "an id, a serial number or a MAC address") {
            Ok(()) => self.reading.records_made += 1,
            Err(problem) => {
                self.waiting.truncate(waiting);
                self.reading.problems.tell(problem);
            }
        }
    }

    fn device(&mut self, layout: &Layout, line: u32, cells: &[Cow<'_, str>]) -> Device {
        let mut device = Device { at: layout.row(line), ..Device::default() };
        for meaning in &layout.columns.meanings {
            let Some(text) = cells.get(meaning.column).map(|cell| clean(cell)) else { continue };
            if text.is_empty() || words::is_blank(text) {
                continue;
            }
            match fill(&mut device, meaning.field, text, &mut self.orders, &mut self.texts) {
                Outcome::Taken => continue,
                Outcome::Kept => {}
                Outcome::Waits => {
                    let at = layout.cell(line, meaning.column);
                    let (name, text) = (layout.name(meaning.column), text.into());
                    self.waiting.push(Waiting { unit: self.units.len(), at, name, text });
                    continue;
                }
                Outcome::Unclear(..) if meaning.certainty == Certainty::Context => {}
                Outcome::Unclear(code, expected) => self.reading.problems.tell(
                    Problem::new(code, layout.cell(line, meaning.column), Loss::Field)
                        .expected(expected)
                        .found(text),
                ),
            }
            device.other.push(layout.name(meaning.column), text);
        }
        let beyond = layout.width()..cells.len();
        for column in layout.columns.others.iter().copied().chain(beyond) {
            let text = cells.get(column).map(|cell| clean(cell)).unwrap_or_default();
            if !text.is_empty() {
                device.other.push(layout.name(column), text);
            }
        }
        device
    }

    /// The reading, with the dates that waited.
    pub(in super::super) fn finish(mut self) -> Reading {
        for Waiting { unit, at, name, text } in self.waiting {
            let Some(device) = self.units.get_mut(unit) else { continue };
            match self.orders.resolve(&text) {
                Some(date) if device.end_of_support.is_none() => device.end_of_support = Some(date),
                Some(_) => device.other.push(name, &text),
                None => {
                    self.reading.problems.tell(
                        Problem::new(Code::InventoryBadDate, at, Loss::Field)
                            .expected("a date whose day and month can be told apart")
                            .found(&text),
                    );
                    device.other.push(name, &text);
                }
            }
        }
        self.reading.facts = self.units.into_facts();
        self.reading
    }
}

/// A value without white space around it, and without `="…"`, by which exports keep a
/// spreadsheet from eating leading zeros.
fn clean(cell: &str) -> &str {
    let text = cell.trim();
    match text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.trim(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::column_letters;

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        let named: Vec<String> = [0, 25, 26, 701, 702].into_iter().map(column_letters).collect();
        assert_eq!(named, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
