//! CISA's catalogue of known exploited vulnerabilities, as JSON and as CSV.
//!
//! Each entry is a record. Refuses to take "Unknown" for "no": whether ransomware uses a flaw is
//! then not known.

mod csv;

use domain::advisory::{KnownExploited, VulnerabilityId};
use domain::date::{self, Date};
use domain::fact::{Fact, Reading};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};
use domain::text::Text;

use crate::json::{Json, Path, Taker, Value};

/// Reads the catalogue as JSON (CISA's schema `known_exploited_vulnerabilities_schema.json`).
#[must_use]
pub fn read(json: &Json<'_>) -> Reading {
    let mut taker = Taker::default();
    taker.problems.extend(json.problem());
    let path = Path::ROOT.field("vulnerabilities");
    let (mut facts, mut records_seen) = (Vec::new(), 0);
    if let Some(list) = json.root().get("vulnerabilities") {
        for (i, item) in taker.items(list, &path).enumerate() {
            records_seen += 1;
            facts.extend(entry(&mut taker, item, &path.index(i)));
        }
    } else {
        let lost = (Code::RecordMissingField, Loss::Document);
        taker.tell(lost, json.root(), &Path::ROOT, "a catalogue with `vulnerabilities`");
    }
    let records_made = facts.len();
    Reading { facts, problems: taker.problems, records_seen, records_made }
}

fn entry(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Fact> {
    let mut fields = Fields::default();
    for (key, member) in value.members() {
        if let Some(field) = fields.field(&key) {
            *field = taker.filled(member, &path.field(&key));
        }
    }
    fields.fact(taker, &value.at(path))
}

/// Reads the catalogue as CSV (RFC 4180, with a header of the same names as the JSON's fields).
#[must_use]
pub fn read_csv(text: &str) -> Reading {
    let mut taker = Taker::default();
    let mut rows = csv::rows(text);
    let header = rows.next().map(|(_, header)| header).unwrap_or_default();
    if !header.iter().any(|name| name.trim() == "cveID") {
        let lost = Problem::new(Code::RecordMissingField, Location::line(1), Loss::Document);
        taker.problems.tell(lost.expected("a header with the column `cveID`"));
        return Reading { problems: taker.problems, ..Reading::default() };
    }
    let (mut facts, mut records_seen) = (Vec::new(), 0);
    for (line, row) in rows {
        records_seen += 1;
        let at = Location::line(line);
        if row.len() != header.len() {
            let odd = Problem::new(Code::TableRowWidth, at.clone(), Loss::Nothing);
            taker.problems.tell(odd.expected(format!("{} values", header.len())));
        }
        let mut fields = Fields::default();
        for (name, value) in header.iter().zip(row) {
            if let Some(field) = fields.field(name.trim()) {
                *field = Some(Text::from(value.trim())).filter(|value| !value.is_empty());
            }
        }
        facts.extend(fields.fact(&mut taker, &at));
    }
    let records_made = facts.len();
    Reading { facts, problems: taker.problems, records_seen, records_made }
}

/// The fields of an entry that count, as written.
#[derive(Debug, Default)]
struct Fields {
    id: Option<Text>,
    added: Option<Text>,
    due: Option<Text>,
    ransomware: Option<Text>,
    action: Option<Text>,
}

impl Fields {
    fn field(&mut self, name: &str) -> Option<&mut Option<Text>> {
        Some(match name {
            "cveID" => &mut self.id,
            "dateAdded" => &mut self.added,
            "dueDate" => &mut self.due,
            "knownRansomwareCampaignUse" => &mut self.ransomware,
            "requiredAction" => &mut self.action,
            _ => return None,
        })
    }

    fn fact(self, taker: &mut Taker, at: &Location) -> Option<Fact> {
        let Some(id) = self.id else {
            let lost = Problem::new(Code::RecordNotUsable, at.clone(), Loss::Record);
            taker.problems.tell(lost.expected("an entry with a `cveID`"));
            return None;
        };
        let mut tell = |expected: &str, found: &str| {
            let odd = Problem::new(Code::RecordUnknownValue, at.clone(), Loss::Field);
            taker.problems.tell(odd.expected(expected).found(found));
        };
        let mut day = |text: Option<Text>| -> Option<Date> {
            let text = text?;
            let day = date::read(&text);
            if day.is_none() {
                tell("a date as YYYY-MM-DD", &text);
            }
            day
        };
        let (added, due) = (day(self.added), day(self.due));
        let ransomware = match self.ransomware.as_deref() {
            Some("Known") => Some(true),
            Some("Unknown") | None => None,
            Some(other) => {
                tell("`Known` or `Unknown`", other);
                None
            }
        };
        let id = VulnerabilityId::new(&id);
        let at = at.clone();
        let entry = KnownExploited { id, added, due, ransomware, action: self.action, at };
        Some(Fact::KnownExploited(Box::new(entry)))
    }
}

#[cfg(test)]
mod tests;
