//! Inventories as spreadsheets: Office Open XML workbooks (ECMA-376, `.xlsx` and `.xlsm`).
//!
//! Every sheet that looks like an inventory is read, row by row: no more than one row and the
//! workbook's table of texts are in memory, whatever size a sheet says it has. Refuses workbooks
//! of other kinds (`.xls`, `.xlsb`, `.ods`, encrypted ones), formulas (their stored result is
//! read), and parts that expand without end.

mod cells;
mod merged;
mod package;
mod workbook;

use std::mem;

use domain::bounded::COLUMNS;
use domain::fact::Reading;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};

use self::merged::Merged;
use self::package::{Fault, Package};
use self::workbook::Workbook;
use super::columns::{self, Columns};
use super::rows::{Intake, Layout, Place, is_closing};
use crate::table::{Row, SAMPLE_ROWS, header_among, names};

/// Reads the devices of every sheet that looks like an inventory.
#[must_use]
pub fn read(bytes: &[u8]) -> Reading {
    let mut intake = Intake::default();
    match Package::open(bytes) {
        Ok(package) => read_workbook(package, &mut intake),
        Err(fault) => intake.problems().tell(fault.problem("")),
    }
    intake.finish()
}

fn read_workbook(mut package: Package<'_>, intake: &mut Intake) {
    let workbook = match Workbook::open(&mut package) {
        Ok(workbook) => workbook,
        Err(fault) => return intake.problems().tell(fault.problem("")),
    };
    let mut inventories = 0;
    for (name, part) in workbook.sheets() {
        let mut sheet = Sheet { name, state: State::Searching(Vec::new()), intake };
        let read = read_sheet(&mut package, part, &workbook, &mut |row| sheet.row(row));
        inventories += usize::from(sheet.end());
        match read {
            Ok(0) => {}
            Ok(_) => intake.problems().tell(too_wide(name)),
            Err(fault) => intake.problems().tell(fault.problem(name)),
        }
    }
    if inventories == 0 {
        let expected = "a sheet with columns such as asset tag, serial number, manufacturer, model";
        let at = Location::whole();
        let problem = Problem::new(Code::TableNoDeviceColumns, at, Loss::Document);
        intake.problems().tell(problem.expected(expected));
    }
}

/// Gives each row of a sheet to `take`; how many values stood beyond the limit of columns.
fn read_sheet(
    package: &mut Package<'_>,
    name: &str,
    workbook: &Workbook,
    take: &mut dyn FnMut(Row<'static>),
) -> Result<usize, Fault> {
    // What breaks the sheet is told when its rows are read.
    let merged = package.part(name).ok().flatten().map(Merged::of);
    let mut merged = merged.and_then(Result::ok).unwrap_or_default();
    let part = package.part(name)?.ok_or(Fault::Missing)?;
    cells::rows(part, workbook, &mut |mut row| {
        merged.fill(&mut row);
        take(row);
    })
}

fn too_wide(sheet: &str) -> Problem {
    Problem::new(Code::InputTooLarge, Location::new(0, sheet), Loss::Field)
        .expected(format!("at most {COLUMNS} columns; the rest was left out"))
}

/// A sheet while it is read.
struct Sheet<'s> {
    name: &'s str,
    state: State,
    intake: &'s mut Intake,
}

enum State {
    /// The first rows, as long as it is not known which of them is the header.
    Searching(Vec<Row<'static>>),
    /// Below the header of an inventory.
    Inventory(Layout),
    /// It is a sheet of something else.
    Other,
}

impl Sheet<'_> {
    fn row(&mut self, row: Row<'static>) {
        if row.is_blank() {
            return;
        }
        match &mut self.state {
            State::Other => {}
            State::Inventory(layout) => take(self.intake, layout, &row),
            State::Searching(rows) => {
                rows.push(row);
                if rows.len() >= SAMPLE_ROWS {
                    self.settle();
                }
            }
        }
    }

    /// Whether the sheet was an inventory.
    fn end(mut self) -> bool {
        self.settle();
        matches!(self.state, State::Inventory(_))
    }

    fn settle(&mut self) {
        let State::Searching(rows) = &mut self.state else { return };
        let rows = mem::take(rows);
        self.state = State::Other;
        let Some((place, _)) = header_among(rows.iter(), &|name: &str| columns::known(name)) else {
            return;
        };
        let mut rows = rows.into_iter().skip(place);
        let header = names(&rows.next().unwrap_or_default().cells);
        if !Columns::of(&header).tell_devices() {
            return;
        }
        let layout = Layout::new(Place::Sheet(self.name.to_owned()), header);
        for row in rows {
            take(self.intake, &layout, &row);
        }
        self.state = State::Inventory(layout);
    }
}

fn take(intake: &mut Intake, layout: &Layout, row: &Row<'static>) {
    if layout.is_header(&row.cells) {
        return;
    }
    if is_closing(&row.cells, layout.width()) {
        intake.tell_closing(layout, row);
    } else {
        intake.take(layout, row.line, &row.cells);
    }
}

#[cfg(test)]
mod tests;
