//! Which vulnerabilities a change is about, under all of their names.
//!
//! Refuses to stop at one name: who tells of a GHSA id tells of the CVE that another document joins
//! with it.

use std::collections::{BTreeMap, HashSet};

use domain::advisory::{ExploitPredictions, VulnerabilityId};
use domain::decision;
use domain::fact::{Document, Fact};

use super::digest::each_record;

/// Files that are open, by their names, each with the documents in it.
pub(super) type Files = BTreeMap<String, Vec<Document>>;

/// Names of vulnerabilities.
pub(super) type Names = HashSet<VulnerabilityId>;

/// The names of all of which two states of one file do not say the same.
pub(super) fn differing(before: &[Document], now: &[Document]) -> Names {
    let (before, now) = (by_record(before), by_record(now));
    let mut names = Names::new();
    let records: HashSet<_> = before.keys().chain(now.keys()).collect();
    for record in records {
        let sides = [before.get(record), now.get(record)];
        let [one, other] = sides.map(|facts| facts.map(Vec::as_slice).unwrap_or_default());
        if one == other {
            continue;
        }
        if let ([Fact::Predictions(one)], [Fact::Predictions(other)]) = (one, other) {
            predicted_otherwise(one, other, &mut names);
            continue;
        }
        for fact in one.iter().chain(other) {
            each_record(fact, &mut |record| names.extend(record.iter().copied().cloned()));
        }
    }
    names
}

/// Facts by the document in which they stand and the record that they are, as far as it has a name.
fn by_record(documents: &[Document]) -> BTreeMap<(&str, &str), Vec<&Fact>> {
    let mut records: BTreeMap<(&str, &str), Vec<&Fact>> = BTreeMap::new();
    for document in documents {
        for fact in &document.reading.facts {
            let name: &str = match fact {
                Fact::Advisory(advisory) => &advisory.id,
                Fact::Statement(statement) => &statement.vulnerability.0,
                Fact::KnownExploited(entry) => &entry.id.0,
                _ => "",
            };
            records.entry((&document.name, name)).or_default().push(fact);
        }
    }
    records
}

fn predicted_otherwise(one: &ExploitPredictions, other: &ExploitPredictions, names: &mut Names) {
    let by_name = |all: &ExploitPredictions| -> BTreeMap<VulnerabilityId, u64> {
        all.0.iter().map(|one| (one.id.clone(), one.probability.to_bits())).collect()
    };
    let (one, other) = (by_name(one), by_name(other));
    let all = one.keys().chain(other.keys());
    names.extend(all.filter(|name| one.get(name) != other.get(name)).cloned());
}

/// Adds the names that some documents have for the same vulnerabilities.
pub(super) fn grow(names: &mut Names, files: &[&Files], of_base: &[Document]) {
    let documents = || files.iter().flat_map(|files| files.values()).flatten().chain(of_base);
    loop {
        let before = names.len();
        for document in documents() {
            // A decision is listed with all that it bears on.
            if decision::is_own(&document.name) {
                let mut all: Vec<&VulnerabilityId> = Vec::new();
                for fact in &document.reading.facts {
                    each_record(fact, &mut |record| all.extend(record));
                }
                add(names, &all);
            }
            for fact in &document.reading.facts {
                // A catalogue and a prediction have one name for each.
                if !matches!(fact, Fact::KnownExploited(_) | Fact::Predictions(_)) {
                    each_record(fact, &mut |record| add(names, record));
                }
            }
        }
        if names.len() == before {
            return;
        }
    }
}

/// Adds names that stand together, where one of them is known.
fn add(names: &mut Names, together: &[&VulnerabilityId]) {
    if together.iter().any(|name| names.contains(name)) {
        names.extend(together.iter().copied().cloned());
    }
}
