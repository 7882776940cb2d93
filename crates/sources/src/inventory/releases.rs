//! `releases.csv`: which SBOM describes which release of which model.
//!
//! Recognised by its columns, never by its name. Refuses to look whether the SBOM is there: that
//! is known only when the whole folder has been read.

use std::borrow::Cow;

use domain::fact::{Fact, Reading};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};
use domain::release::{ReleaseKey, ReleaseLink};
use domain::text::Text;

use super::columns::{Columns, Field, fold};
use crate::table::{Row, Table};

/// Names of the column that names the SBOM: a file name, the end of a path, a serial number, or
/// a document namespace.
pub const SBOM_NAMES: &[&str] = &[
    "SBOM",
    "SBOM file",
    "SBOM name",
    "SBOM path",
    "SBOM ID",
    "SBOM serial number",
    "BOM",
    "BOM file",
];
/// Names of columns with identifiers of the release itself.
pub const IDENTIFIER_NAMES: &[&str] = &[
    "CPE",
    "CPEs",
    "CPE name",
    "CPE 2.3",
    "purl",
    "purls",
    "Package URL",
    "Package URLs",
    "Identifier",
    "Identifiers",
];

/// Which columns matter.
struct Layout {
    manufacturer: usize,
    model: usize,
    version: Option<usize>,
    sbom: usize,
    identifiers: Vec<usize>,
}

/// Whether `releases.csv` has a column of this name besides those of an inventory.
pub(super) fn known(name: &str) -> bool {
    let folded = fold(name);
    is_one_of(&folded, SBOM_NAMES) || is_one_of(&folded, IDENTIFIER_NAMES)
}

fn is_one_of(folded: &str, names: &[&str]) -> bool {
    names.iter().any(|name| fold(name) == folded)
}

impl Layout {
    fn of(header: &[Text]) -> Option<Self> {
        let columns = Columns::of(header);
        let place = |field| {
            let found = columns.meanings.iter().find(|meaning| meaning.field == field);
            found.map(|meaning| meaning.column)
        };
        // A table of units may name each unit's SBOM; it is an inventory all the same.
        if place(Field::Serial).or(place(Field::Mac)).or(place(Field::Id)).is_some() {
            return None;
        }
        let named = |names| {
            let place =
                move |(place, name): (usize, &Text)| is_one_of(&fold(name), names).then_some(place);
            header.iter().enumerate().filter_map(place)
        };
        Some(Self {
            manufacturer: place(Field::Manufacturer)?,
            model: place(Field::Model)?,
            version: place(Field::Version),
            sbom: named(SBOM_NAMES).next()?,
            identifiers: named(IDENTIFIER_NAMES).collect(),
        })
    }
}

/// Whether a table links releases to SBOMs: it has columns for manufacturer, model and SBOM, and
/// none for an id, a serial number or a MAC address.
#[must_use]
pub fn recognise(table: &Table<'_>) -> bool {
    Layout::of(&table.header()).is_some()
}

/// Reads the links. Nothing, where the table has none.
#[must_use]
pub fn read(table: &Table<'_>) -> Reading {
    let mut reading = Reading::default();
    let Some(layout) = Layout::of(&table.header()) else { return reading };
    let (mut rows, mut row) = (table.rows(), Row::default());
    while rows.read(&mut row, &mut reading.problems) {
        if row.is_blank() || table.repeats_header(&row) {
            continue;
        }
        reading.records_seen += 1;
        if row.lost {
            continue;
        }
        table.fit(&mut row, &mut reading.problems);
        match link(&layout, &row) {
            Ok(link) => {
                reading.facts.push(Fact::Link(Box::new(link)));
                reading.records_made += 1;
            }
            Err(expected) => reading.problems.tell(
                Problem::new(Code::RecordNotUsable, Location::line(row.line), Loss::Record)
                    .expected(expected)
                    .found(&row.cells.join(", ")),
            ),
        }
    }
    reading
}

fn link(layout: &Layout, row: &Row<'_>) -> Result<ReleaseLink, &'static str> {
    let text = |column: usize| row.cells.get(column).map_or("", |cell: &Cow<'_, str>| cell.trim());
    let version = layout.version.map_or("", text);
    let release = ReleaseKey::new(text(layout.manufacturer), text(layout.model), version)
        .ok_or("a manufacturer and a model")?;
    let sbom = text(layout.sbom);
    if sbom.is_empty() {
        return Err("an SBOM");
    }
    let lists = layout.identifiers.iter().map(|column| text(*column));
    let identifiers = lists.flat_map(identifiers).map(Text::from).collect();
    let at = Location::line(row.line);
    Ok(ReleaseLink { release, sbom: sbom.into(), identifiers, at })
}

/// The identifiers of a value, separated by blanks, line ends, `;`, `|`, or by `,` before the
/// start of another (a comma may stand within a CPE).
fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|'))
        .flat_map(split_before_identifier)
        .map(|part| part.trim_matches(','))
        .filter(|part| !part.is_empty())
}

fn split_before_identifier(text: &str) -> Vec<&str> {
    let starts = |at: usize| {
        let rest = text.get(at + 1..).unwrap_or_default();
        rest.starts_with("cpe:") || rest.starts_with("pkg:")
    };
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(',').filter(|(at, _)| starts(*at)) {
        parts.push(text.get(from..at).unwrap_or_default());
        from = at + 1;
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests;
