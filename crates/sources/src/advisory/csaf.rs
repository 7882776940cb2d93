//! OASIS CSAF 2.0 and 2.1: security advisories and VEX documents with a tree of products.
//!
//! Each of a document's vulnerabilities is a record. Refuses to validate (that is a validator's
//! work): what a later step can use is taken, what it cannot is told.

mod products;
mod vulnerability;

use domain::advisory::{Advisory, Feed};
use domain::fact::{Fact, Reading};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};

use crate::json::{Json, Path, Taker, Value};

use products::Products;
use vulnerability::Reader;

/// Reads one CSAF document (CSAF 2.0, section 3).
#[must_use]
pub fn read(json: &Json<'_>) -> Reading {
    let mut taker = Taker::default();
    taker.problems.extend(json.problem());
    let (mut document, mut tree, mut vulnerabilities) = (None, None, None);
    for (key, value) in json.root().members() {
        match key.as_ref() {
            "document" => document = Some(value),
            "product_tree" => tree = Some(value),
            "vulnerabilities" => vulnerabilities = Some(value),
            _ => {}
        }
    }
    if document.is_none() && vulnerabilities.is_none() {
        let lost = Problem::new(Code::RecordMissingField, Location::whole(), Loss::Document);
        taker.problems.tell(lost.expected("a CSAF document with a `document` object"));
        return Reading { problems: taker.problems, ..Reading::default() };
    }
    let mut advisory = head(&mut taker, document, json.root());
    let products = Products::read(&mut taker, tree);
    let mut reader = Reader::new(&mut taker, &advisory, products, json.bytes());
    let mut seen = 0;
    let path = Path::ROOT.field("vulnerabilities");
    let list = vulnerabilities.map(|list| reader.taker.items(list, &path));
    for (i, value) in list.into_iter().flatten().enumerate() {
        seen += 1;
        advisory.vulnerabilities.extend(reader.vulnerability(value, &path.index(i), i));
    }
    let records_made = advisory.vulnerabilities.len();
    let facts = vec![Fact::Advisory(Box::new(advisory))];
    Reading { facts, problems: taker.problems, records_seen: seen, records_made }
}

/// What the document says of itself (section 3.2.1).
fn head(taker: &mut Taker, document: Option<Value<'_>>, root: Value<'_>) -> Advisory {
    let mut advisory = Advisory {
        id: String::new().into(),
        feed: Feed::Csaf,
        publisher: None,
        title: None,
        updated: None,
        revision: None,
        stage: None,
        language: None,
        withdrawn: false,
        vulnerabilities: Vec::new(),
        at: root.at(&Path::ROOT),
    };
    let path = Path::ROOT.field("document");
    let members = document.map(|document| taker.members(document, &path));
    for (key, value) in members.into_iter().flatten() {
        let at = path.field(&key);
        match key.as_ref() {
            "title" => advisory.title = taker.filled(value, &at),
            "lang" => advisory.language = taker.filled(value, &at),
            "category" => {
                let category = taker.borrowed(value, &at).unwrap_or_default();
                // CSAF 2.1, sections 4.7 and 4.8.
                advisory.withdrawn = matches!(&*category, "csaf_withdrawn" | "csaf_superseded");
            }
            "publisher" => {
                let members = taker.members(value, &at);
                let name = members.filter(|(key, _)| key == "name").last();
                advisory.publisher =
                    name.and_then(|(_, value)| taker.filled(value, &at.field("name")));
            }
            "tracking" => tracking(taker, &mut advisory, value, &at),
            _ => {}
        }
    }
    if advisory.id.is_empty() {
        let lost = (Code::RecordMissingField, Loss::Field);
        let (value, at) = document.map_or((root, Path::ROOT), |document| (document, path));
        taker.tell(lost, value, &at, "an id in `tracking.id`");
    }
    advisory
}

/// Its number, revision and date (section 3.2.1.12).
fn tracking(taker: &mut Taker, advisory: &mut Advisory, value: Value<'_>, path: &Path<'_>) {
    for (key, value) in taker.members(value, path) {
        let at = path.field(&key);
        match key.as_ref() {
            "id" => advisory.id = taker.filled(value, &at).unwrap_or_default(),
            "status" => advisory.stage = taker.filled(value, &at),
            "version" => advisory.revision = taker.filled(value, &at),
            "current_release_date" => advisory.updated = taker.filled(value, &at),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
