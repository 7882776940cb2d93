//! OpenVEX 0.0.1 to 0.2.0 (openvex/spec): statements of a maker about its own products.
//!
//! Author and time of the document stand in where a statement has none. A product with
//! subcomponents yields one product for each of them. A statement whose note begins with `asepsis:`
//! is a decision of the hospital; one whose note, reason or author can't be read is none at all.

use std::borrow::Cow;

use domain::advisory::{Product, Status, VulnerabilityId};
use domain::bounded::room;
use domain::cpe::Cpe;
use domain::decision::{self, REASON_CHARS, Ruling};
use domain::fact::{Fact, Reading};
use domain::problem::{Code, Loss};
use domain::purl::Purl;
use domain::text::Text;
use domain::vex::Statement;

use crate::json::{Json, Kind, Path, Taker, Value};

/// Reads a document; each statement is a record.
#[must_use]
pub fn read(json: &Json<'_>) -> Reading {
    let root = json.root();
    let mut reader = Reader { taker: Taker::default(), author: None, timestamp: None };
    reader.taker.problems.extend(json.problem());
    let [author, updated, made, statements] =
        root.get_all(["author", "last_updated", "timestamp", "statements"]);
    let mut text =
        |value: Option<Value<'_>>, name| reader.taker.filled(value?, &Path::ROOT.field(name));
    reader.author = text(author, "author");
    reader.timestamp = text(updated, "last_updated").or_else(|| text(made, "timestamp"));
    let mut reading = Reading::default();
    let at = Path::ROOT.field("statements");
    let statements = statements.map(|list| reader.taker.items(list, &at));
    for (index, value) in statements.into_iter().flatten().enumerate() {
        reading.records_seen += 1;
        if let Some(statement) = reader.statement(value, &at.index(index)) {
            reading.records_made += 1;
            reading.facts.push(Fact::Statement(Box::new(statement)));
        }
    }
    reading.problems = reader.taker.problems;
    reading
}

struct Reader {
    taker: Taker,
    author: Option<Text>,
    timestamp: Option<Text>,
}

impl Reader {
    fn statement(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<Statement> {
        if value.kind() != Kind::Object {
            let lost = (Code::RecordWrongType, Loss::Record);
            self.taker.tell(lost, value, path, "a statement");
            return None;
        }
        let (mut id, mut aliases, mut status) = (None, Vec::new(), None);
        let (mut justification, mut impact, mut action) = (None, None, None);
        let (mut timestamp, mut products) = (None, Vec::new());
        let mut note = None;
        for (key, value) in value.members() {
            let at = path.field(&key);
            match key.as_ref() {
                "vulnerability" => (id, aliases) = self.vulnerability(value, &at),
                "status" => status = self.status(value, &at),
                "justification" => justification = self.taker.filled(value, &at),
                "impact_statement" => impact = self.taker.filled(value, &at),
                "action_statement" => action = self.taker.filled(value, &at),
                "last_updated" => timestamp = self.taker.filled(value, &at),
                "timestamp" => timestamp = timestamp.or_else(|| self.taker.filled(value, &at)),
                "products" => products = self.products(value, &at),
                "status_notes" => note = value.as_str().map(|text| (value, text)),
                _ => {}
            }
        }
        let detail = impact.or(action);
        let note = note.filter(|(_, text)| Ruling::is_note(text));
        let ruling = match note {
            None => None,
            Some((value, text)) => {
                let said = (justification.as_deref(), detail.as_deref());
                let at = path.field("status_notes");
                Some(self.ruling((value, &at), &text, status, said)?)
            }
        };
        let (Some(vulnerability), Some(status)) = (id, status) else {
            let lost = (Code::RecordMissingField, Loss::Record);
            self.taker.tell(lost, value, path, "a vulnerability and a known status");
            return None;
        };
        Some(Statement {
            vulnerability,
            aliases,
            status,
            justification,
            detail,
            ruling,
            author: self.author.clone(),
            timestamp: timestamp.or_else(|| self.timestamp.clone()),
            products,
            references: Vec::new(),
            at: value.at(path),
        })
    }

    /// What the hospital has decided; nothing, and the statement is lost, where the note says
    /// nothing that is known, goes with another status, or has no reason or author beside it.
    fn ruling(
        &mut self,
        (value, path): (Value<'_>, &Path<'_>),
        note: &str,
        status: Option<Status>,
        (justification, reason): (Option<&str>, Option<&str>),
    ) -> Option<Ruling> {
        let ruling = Ruling::read(note, justification).filter(|ruling| {
            let wanted = match ruling {
                Ruling::NotAffected(_) | Ruling::FalsePositive => Status::NotAffected,
                Ruling::AcceptedUntil(_) => Status::Affected,
            };
            status == Some(wanted)
        });
        let is_short = reason.is_some_and(|reason| reason.chars().nth(REASON_CHARS).is_none());
        if ruling.is_some() && is_short && self.author.is_some() {
            return ruling;
        }
        let (code, expected) = if ruling.is_none() {
            let expected = "`asepsis: not-affected` or `asepsis: false-positive` with the status \
                 `not_affected`, or `asepsis: accepted-until=YYYY-MM-DD` with `affected`";
            (Code::RecordUnknownValue, expected)
        } else {
            let expected = "a decision with an author and a reason (`impact_statement` or \
                 `action_statement`) of 2000 characters at most";
            (Code::RecordNotUsable, expected)
        };
        self.taker.tell((code, Loss::Record), value, path, expected);
        None
    }

    /// A string before 0.2.0; an object since.
    fn vulnerability(
        &mut self,
        value: Value<'_>,
        path: &Path<'_>,
    ) -> (Option<VulnerabilityId>, Vec<VulnerabilityId>) {
        if value.kind() != Kind::Object {
            return (
                self.taker.filled(value, path).map(|text| VulnerabilityId::new(&text)),
                Vec::new(),
            );
        }
        let [name, iri, list] = value.get_all(["name", "@id", "aliases"]);
        let mut text =
            |value: Option<Value<'_>>, name| self.taker.filled(value?, &path.field(name));
        let id = text(name, "name").or_else(|| text(iri, "@id").map(|id| last_segment(&id)));
        let id = id.map(|id| VulnerabilityId::new(&id));
        let at = path.field("aliases");
        let mut aliases = Vec::new();
        if let Some(list) = list {
            let items = self.taker.items(list, &at);
            aliases.reserve_exact(room(items.clone().count()));
            for (index, item) in items.enumerate() {
                let alias = self.taker.borrowed(item, &at.index(index));
                aliases.extend(alias.map(|alias| VulnerabilityId::new(&alias)));
            }
        }
        (id, aliases)
    }

    fn status(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<Status> {
        let text = self.taker.trimmed(value, path)?;
        let status = match &*text {
            "not_affected" => Status::NotAffected,
            "affected" => Status::Affected,
            "fixed" => Status::Fixed,
            "under_investigation" => Status::UnderInvestigation,
            _ => {
                let odd = (Code::RecordUnknownValue, Loss::Field);
                let expected = "one of `not_affected`, `affected`, `fixed`, `under_investigation`";
                self.taker.tell(odd, value, path, expected);
                return None;
            }
        };
        Some(status)
    }

    fn products(&mut self, value: Value<'_>, path: &Path<'_>) -> Vec<Product> {
        let items = self.taker.items(value, path);
        let mut products = Vec::with_capacity(room(items.clone().count()));
        for (index, item) in items.enumerate() {
            let at = path.index(index);
            let (product, parts) = self.product(item, &at);
            let within = at.field("subcomponents");
            let parts = parts.map(|list| self.taker.items(list, &within));
            let parts: Vec<Product> = parts
                .into_iter()
                .flatten()
                .enumerate()
                .map(|(index, part)| self.product(part, &within.index(index)).0)
                .collect();
            if parts.is_empty() {
                products.push(product);
            } else {
                products.extend(parts.into_iter().map(|part| Product {
                    component: Some(part.into_shared()),
                    ..product.clone()
                }));
            }
        }
        products
    }

    /// A string before 0.2.0; an object with an id and identifiers since, and the list of its
    /// subcomponents, which is yet to be read.
    fn product<'d>(&mut self, value: Value<'d>, path: &Path<'_>) -> (Product, Option<Value<'d>>) {
        let (mut product, mut parts) = (Product::default(), None);
        if value.kind() != Kind::Object {
            if let Some(id) = self.taker.trimmed(value, path) {
                add_id(&mut product, &id);
            }
            return (product, parts);
        }
        for (key, value) in value.members() {
            let at = path.field(&key);
            match key.as_ref() {
                "@id" => {
                    if let Some(id) = self.taker.trimmed(value, &at) {
                        add_id(&mut product, &id);
                    }
                }
                "subcomponents" => parts = Some(value),
                "identifiers" => {
                    for (kind, value) in self.taker.members(value, &at) {
                        let here = at.field(&kind);
                        let text = self.taker.trimmed(value, &here);
                        self.identifier(&mut product, &kind, text, (value, &here));
                    }
                }
                _ => {}
            }
        }
        (product, parts)
    }

    fn identifier(
        &mut self,
        product: &mut Product,
        kind: &str,
        text: Option<Cow<'_, str>>,
        (value, path): (Value<'_>, &Path<'_>),
    ) {
        let Some(text) = text else { return };
        match kind {
            "purl" => match Purl::parse(&text) {
                Ok(purl) if !product.purls.contains(&purl) => product.purls.push(purl),
                Ok(_) => {}
                Err(why) => {
                    let odd = (Code::IdentifierBadPurl, Loss::Field);
                    self.taker.tell(odd, value, path, format!("a package URL ({why})"));
                }
            },
            "cpe22" | "cpe23" => match Cpe::parse(&text) {
                Ok(cpe) => product.cpes.push(cpe),
                Err(why) => {
                    let odd = (Code::IdentifierBadCpe, Loss::Field);
                    self.taker.tell(odd, value, path, format!("a CPE name ({why})"));
                }
            },
            _ => {}
        }
    }
}

/// An id is a purl, a CPE name, one of ours, or an IRI that only its maker understands.
fn add_id(product: &mut Product, id: &str) {
    if let Some(ours) = decision::product_of(id) {
        (product.vendor, product.name) = (ours.vendor, ours.name);
        product.versions = ours.versions;
    } else if let Ok(purl) = Purl::parse(id) {
        product.purls.reserve_exact(1);
        product.purls.push(purl);
    } else if let Ok(cpe) = Cpe::parse(id) {
        product.cpes.push(cpe);
    } else {
        product.name = id.into();
    }
}

/// `https://nvd.nist.gov/vuln/detail/CVE-2020-1` names CVE-2020-1.
fn last_segment(id: &str) -> Text {
    id.rsplit(['/', '#']).next().unwrap_or(id).into()
}

#[cfg(test)]
mod tests;
