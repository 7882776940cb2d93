//! A view: what the hospital has decided about findings, and what each decision bears on.
//!
//! The documents are the ground: a decision is made by a document, and undone by taking it away.
//! Refuses to decide, and to keep a decision whose document does not count.

use serde_json::json;

use crate::StoreError;
use crate::audit::By;
use crate::database::{Query, Row, Transaction, Value};
use crate::documents::{self, Receipt};

const READ: &str = "read the decisions";
const WRITE: &str = "keep a decision";

/// How the source of a decision begins that was made here; whoever made it follows.
const DECIDED: &str = "decided: ";

/// Most decisions of one page.
pub const PAGE: usize = 500;

const COLUMNS: &str = "select name, id, kind, until, justification, reason, author, at_ms, about, \
     findings, releases, devices, contradicted from decision where true";

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The name of its document.
    pub name: String,
    /// How it is called.
    pub id: String,
    /// `not-affected`, `false-positive` or `accepted`.
    pub kind: String,
    /// Up to and with which day a risk is accepted, `YYYY-MM-DD`; empty where none is.
    pub until: String,
    /// Why not affected, as OpenVEX labels it; may be empty.
    pub justification: String,
    /// Why, in words.
    pub reason: String,
    /// Who decided it.
    pub author: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What it is about: a JSON array of objects with a vulnerability and a scope.
    pub about: String,
    /// What it bears on; `None` until everything was judged after it came.
    pub bears: Option<Bears>,
}

/// What a decision bears on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bears {
    /// Findings that it decides, or whose risk it accepts.
    pub findings: i64,
    /// The releases that have them.
    pub releases: i64,
    /// The devices that run those.
    pub devices: i64,
    /// Findings in which somebody else contradicts it.
    pub contradicted: i64,
}

/// Keeps a decision and its document, if it is not there yet; whether it was not.
pub fn make(
    transaction: &mut Transaction<'_>,
    decision: &Decision,
    document: &[u8],
    by: By<'_>,
) -> Result<bool, StoreError> {
    if documents::one(transaction, &decision.name)?.is_some() {
        return Ok(false);
    }
    let source = format!("{DECIDED}{}", by.actor);
    let receipt = Receipt { name: &decision.name, source: &source, at_ms: by.at_ms };
    let (hash, _) = documents::receive(transaction, document, &receipt)?;
    put(transaction, decision)?;
    let detail = json!({
        "hash": hash,
        "kind": decision.kind,
        "until": decision.until,
        "reason": decision.reason,
        "author": decision.author,
    });
    by.did(transaction, "decision.make", &decision.id, &detail)?;
    Ok(true)
}

/// What became of a decision that was to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// It no longer counts.
    Gone,
    /// Its document came from somewhere else, where it has to be taken away.
    Elsewhere(String),
    /// There is none of that id.
    Nowhere,
}

/// Takes a decision and its document away, so that it no longer counts.
pub fn undo(transaction: &mut Transaction<'_>, id: &str, by: By<'_>) -> Result<Undone, StoreError> {
    let Some(decision) = one(transaction, id)? else { return Ok(Undone::Nowhere) };
    let document = documents::one(transaction, &decision.name)?;
    let elsewhere = document.filter(|document| !document.source.starts_with(DECIDED));
    if let Some(document) = elsewhere {
        return Ok(Undone::Elsewhere(document.source));
    }
    let source = format!("{DECIDED}{}", by.actor);
    documents::withdraw(transaction, &decision.name, &source, by.at_ms)?;
    let sql = "delete from decision where name = ?1";
    transaction.execute(WRITE, sql, &[decision.name.as_str().into()])?;
    by.did(transaction, "decision.undo", id, &json!({ "kind": decision.kind }))?;
    Ok(Undone::Gone)
}

/// Puts the decisions in the place of those that stood there, but for those whose document was
/// taken away, or came, after everything began to be judged.
pub fn replace(
    transaction: &mut Transaction<'_>,
    decisions: &[Decision],
    receipt: i64,
) -> Result<(), StoreError> {
    const OLD: &str = "delete from decision where name not in \
         (select name from receipt where number > ?1)";
    transaction.execute(WRITE, OLD, &[receipt.into()])?;
    for decision in decisions {
        if !came_later(transaction, &decision.name, receipt)? {
            put(transaction, decision)?;
        }
    }
    Ok(())
}

/// Puts some decisions in the place of those of their names and of some others, which are no
/// longer; but for those whose document came, or was taken away, after a receipt.
pub fn amend(
    transaction: &mut Transaction<'_>,
    others: &[&str],
    decisions: &[Decision],
    receipt: i64,
) -> Result<(), StoreError> {
    const OLD: &str = "delete from decision where name = ?1";
    let names = decisions.iter().map(|decision| decision.name.as_str());
    for name in others.iter().copied().chain(names) {
        if !came_later(transaction, name, receipt)? {
            transaction.execute(WRITE, OLD, &[name.into()])?;
        }
    }
    for decision in decisions {
        if !came_later(transaction, &decision.name, receipt)? {
            put(transaction, decision)?;
        }
    }
    Ok(())
}

fn came_later(
    transaction: &mut Transaction<'_>,
    name: &str,
    receipt: i64,
) -> Result<bool, StoreError> {
    const LATER: &str = "select 1 from receipt where number > ?1 and name = ?2 limit 1";
    let values = [receipt.into(), name.into()];
    Ok(transaction.one(READ, LATER, &values, |_| Ok(()))?.is_some())
}

fn put(transaction: &mut Transaction<'_>, decision: &Decision) -> Result<(), StoreError> {
    const PUT: &str = "insert into decision (name, id, kind, until, justification, reason, author, \
         at_ms, about, findings, releases, devices, contradicted) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
         on conflict (name) do nothing";
    let bears = decision.bears;
    let number = |of: fn(Bears) -> i64| Value::from(bears.map(of));
    let values: [Value<'_>; 13] = [
        decision.name.as_str().into(),
        decision.id.as_str().into(),
        decision.kind.as_str().into(),
        decision.until.as_str().into(),
        decision.justification.as_str().into(),
        decision.reason.as_str().into(),
        decision.author.as_str().into(),
        decision.at_ms.into(),
        decision.about.as_str().into(),
        number(|bears| bears.findings),
        number(|bears| bears.releases),
        number(|bears| bears.devices),
        number(|bears| bears.contradicted),
    ];
    transaction.execute(WRITE, PUT, &values).map(|_| ())
}

/// The decisions after one, the last made first.
pub fn page(
    transaction: &mut Transaction<'_>,
    after: Option<(i64, &str)>,
    most: usize,
) -> Result<Vec<Decision>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    if let Some((at_ms, id)) = after {
        query.put(" and (at_ms, id) < (?, ?)", [at_ms.into(), id.into()]);
    }
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    query.put(" order by at_ms desc, id desc limit ?", [most.into()]);
    transaction.select(READ, &query, decision)
}

/// One decision.
pub fn one(transaction: &mut Transaction<'_>, id: &str) -> Result<Option<Decision>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and id = ? limit 1", [id.into()]);
    Ok(transaction.select(READ, &query, decision)?.pop())
}

/// Acceptances that end up to and with a day, the first to end first.
pub fn ending(
    transaction: &mut Transaction<'_>,
    day: &str,
    most: usize,
) -> Result<Vec<Decision>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and until <> '' and until <= ?", [day.into()]);
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    query.put(" order by until, id limit ?", [most.into()]);
    transaction.select(READ, &query, decision)
}

fn decision(row: &Row<'_>) -> Result<Decision, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
    let bears = match row.integer(9)? {
        Some(findings) => Some(Bears {
            findings,
            releases: number(10)?,
            devices: number(11)?,
            contradicted: number(12)?,
        }),
        None => None,
    };
    Ok(Decision {
        name: text(0)?,
        id: text(1)?,
        kind: text(2)?,
        until: text(3)?,
        justification: text(4)?,
        reason: text(5)?,
        author: text(6)?,
        at_ms: number(7)?,
        about: text(8)?,
        bears,
    })
}
