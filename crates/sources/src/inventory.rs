//! Inventories: which units the hospital has.

pub mod columns;
pub mod fhir;
pub mod releases;
pub mod rows;
pub mod sheet;
mod units;

use crate::table::Table;

/// Opens a text as a table, its header found by the names of columns that inventories and
/// `releases.csv` have. `None` where the text has no row with anything in it.
#[must_use]
pub fn open(text: &str) -> Option<Table<'_>> {
    Table::open(text, known)
}

/// Whether a column of this name has a meaning in an inventory or in `releases.csv`.
fn known(name: &str) -> bool {
    columns::known(name) || releases::known(name)
}
