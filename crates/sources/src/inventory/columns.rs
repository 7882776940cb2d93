//! What the columns of an inventory mean, told by their names.
//!
//! Names are compared without regard to case, accents, punctuation, and anything in brackets.
//! Refuses to guess from the values: a column whose name is not known is kept as it stands.

use domain::text::Text;

pub mod addresses;
mod aliases;
pub mod dates;
pub mod udi;
pub mod words;

use std::collections::HashMap;
use std::sync::LazyLock;

use aliases::{ALIASES, CONTEXT};

/// What a column may mean: a field of a [`Device`](domain::device::Device), or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The hospital's own id.
    Id,
    /// A name of the unit, which is its id where the table has no other identity.
    Name,
    /// The maker's serial number.
    Serial,
    /// Who made it.
    Manufacturer,
    /// Its model.
    Model,
    /// Its software version.
    Version,
    /// The device-identifier part of its UDI.
    UdiDi,
    /// Its operating system.
    OperatingSystem,
    /// The version of its operating system, joined to its name.
    OperatingSystemVersion,
    /// MAC addresses.
    Mac,
    /// IP addresses.
    Ip,
    /// Site, building or campus.
    Site,
    /// Unit, ward or department.
    Unit,
    /// Room or bed.
    Room,
    /// The care service that it serves.
    CareService,
    /// What its failure does to a patient.
    Criticality,
    /// Whether it keeps a patient alive, as yes or no.
    LifeSupport,
    /// Whether it is in use.
    Usage,
    /// Whether it is retired, as yes or no.
    Retired,
    /// How many units could take its place.
    Substitutes,
    /// Who answers for it.
    Owner,
    /// The day its maker's support ends.
    EndOfSupport,
}

impl Field {
    /// As the reference page names it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name (serves as id where there is no other)",
            Self::Serial => "serial number",
            Self::Manufacturer => "manufacturer",
            Self::Model => "model",
            Self::Version => "software version",
            Self::UdiDi => "UDI-DI",
            Self::OperatingSystem => "operating system",
            Self::OperatingSystemVersion => "version of the operating system",
            Self::Mac => "MAC addresses",
            Self::Ip => "IP addresses",
            Self::Site => "site",
            Self::Unit => "unit",
            Self::Room => "room or bed",
            Self::CareService => "care service",
            Self::Criticality => "criticality",
            Self::LifeSupport => "life support (yes or no)",
            Self::Usage => "in use",
            Self::Retired => "retired (yes or no)",
            Self::Substitutes => "substitutes",
            Self::Owner => "owner",
            Self::EndOfSupport => "end of support",
        }
    }
}

/// How much a column's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// The name means this field in every table: an unknown word there is a problem.
    Named,
    /// The name means this field in this table: an unknown word there may be of another matter.
    Context,
}

/// A column that means a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// Place in the row, from 0.
    pub column: usize,
    /// What it means.
    pub field: Field,
    /// How much its name says.
    pub certainty: Certainty,
}

/// What the columns of one table mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The columns with a meaning, the most telling of each field first.
    pub meanings: Vec<Meaning>,
    /// The places of the columns without one, in the table's order.
    pub others: Vec<usize>,
}

/// A name's place in the alias table: its field and its rank among the names of that field.
static NAMES: LazyLock<HashMap<String, (Field, usize)>> = LazyLock::new(|| {
    let ranked = |(field, names): &(Field, &'static [&'static str])| {
        let field = *field;
        names.iter().enumerate().map(move |(rank, name)| (fold(name), (field, rank)))
    };
    ALIASES.iter().flat_map(ranked).collect()
});

/// The fields that a name may mean, by context.
static CONTEXT_NAMES: LazyLock<HashMap<String, &'static [Field]>> = LazyLock::new(|| {
    CONTEXT.iter().flat_map(|(names, fields)| names.iter().map(|n| (fold(n), *fields))).collect()
});

/// Whether some table has a column of this name whose meaning is known.
#[must_use]
pub fn known(name: &str) -> bool {
    let folded = fold(name);
    NAMES.contains_key(&folded) || CONTEXT_NAMES.contains_key(&folded)
}

/// Every field with its names, for the reference page.
pub fn names() -> impl Iterator<Item = (Field, &'static [&'static str])> {
    ALIASES.iter().map(|(field, names)| (*field, *names))
}

/// Every set of names whose meaning depends on the table, for the reference page.
pub fn context_names() -> impl Iterator<Item = (&'static [&'static str], &'static [Field])> {
    CONTEXT.iter().map(|(names, fields)| (*names, *fields))
}

impl Columns {
    /// Finds out what the columns of a table mean.
    #[must_use]
    pub fn of(header: &[Text]) -> Self {
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let mut ranked: Vec<(Field, usize, usize)> = Vec::new();
        for (column, name) in folded.iter().enumerate() {
            if let Some((field, rank)) = NAMES.get(name) {
                ranked.push((*field, *rank, column));
            }
        }
        ranked.sort_unstable();
        let named = |(field, _, column)| Meaning { column, field, certainty: Certainty::Named };
        let mut columns =
            Self { meanings: ranked.into_iter().map(named).collect(), others: Vec::new() };
        for (column, name) in folded.iter().enumerate() {
            if !columns.meanings.iter().any(|meaning| meaning.column == column) {
                columns.place_by_context(column, name);
            }
        }
        columns
    }

    fn place_by_context(&mut self, column: usize, name: &str) {
        let fields = CONTEXT_NAMES.get(name).copied().unwrap_or_default();
        let free = fields.iter().copied().find(|field| self.has_room_for(*field));
        match free {
            Some(field) => {
                let certainty = Certainty::Context;
                self.meanings.push(Meaning { column, field, certainty });
            }
            None => self.others.push(column),
        }
    }

    fn has_room_for(&self, field: Field) -> bool {
        if field == Field::Name {
            let identity = [Field::Id, Field::Serial, Field::Mac, Field::Name];
            return !identity.into_iter().any(|field| self.has(field));
        }
        !self.has(field)
    }

    /// Whether some column means this field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.meanings.iter().any(|meaning| meaning.field == field)
    }

    /// Whether the table is an inventory of devices: it has an identity (id, name, serial number
    /// or MAC address) and one field more of those that tell a device from other things.
    #[must_use]
    pub fn tell_devices(&self) -> bool {
        let identity = [Field::Id, Field::Name, Field::Serial, Field::Mac];
        let telling = [Field::Manufacturer, Field::Model, Field::Serial, Field::Mac, Field::UdiDi];
        let count = |fields: &[Field]| fields.iter().filter(|field| self.has(**field)).count();
        let alone = self.has(Field::Serial) || self.has(Field::Mac);
        let enough = if alone { count(&telling) > 1 || self.has(Field::Ip) } else { true };
        let any_named = self.meanings.iter().any(|m| m.certainty == Certainty::Named);
        any_named && count(&identity) > 0 && count(&telling) > 0 && (enough || self.has(Field::Id))
    }
}

/// A name or word without case, accents, punctuation, and anything in brackets.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out, Brackets::Left);
    if out.is_empty() {
        fold_into(text, &mut out, Brackets::Kept);
    }
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Brackets {
    Left,
    Kept,
}

fn fold_into(text: &str, out: &mut String, brackets: Brackets) {
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' | '[' if brackets == Brackets::Left => depth += 1,
            ')' | ']' if brackets == Brackets::Left => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            'a'..='z' | '0'..='9' => out.push(c),
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            'ä' | 'Ä' => out.push_str("ae"),
            'ö' | 'Ö' => out.push_str("oe"),
            'ü' | 'Ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'à' | 'á' | 'â' | 'À' | 'Á' | 'Â' => out.push('a'),
            'è' | 'é' | 'ê' | 'ë' | 'È' | 'É' | 'Ê' | 'Ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' | 'Í' | 'Î' | 'Ï' => out.push('i'),
            'ò' | 'ó' | 'ô' | 'Ó' | 'Ô' => out.push('o'),
            'ù' | 'ú' | 'û' | 'Ú' | 'Û' => out.push('u'),
            'ñ' | 'Ñ' => out.push('n'),
            'ç' | 'Ç' => out.push('c'),
            'º' | 'ª' => {}
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
