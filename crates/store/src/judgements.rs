//! When everything was judged, up to which document, and what changed from one time to the next.

use crate::database::{Query, Row, Transaction};
use crate::{StoreError, settings};

/// One time that everything was judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// Its number, from 1.
    pub number: i64,
    /// When it began, in milliseconds since 1970.
    pub begun_ms: i64,
    /// When all of it stood in the store.
    pub ended_ms: i64,
    /// The number of the last receipt that it knows.
    pub receipt: i64,
    /// The counts, as one JSON object.
    pub summary: String,
}

/// What was seen to change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What kind: `device.new`, `device.gone`, `device.decision`, `device.version`,
    /// `vulnerability.new`.
    pub kind: String,
    /// The id of what changed.
    pub subject: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// Notes that everything was judged.
pub fn end(transaction: &mut Transaction<'_>, judgement: &Judgement) -> Result<(), StoreError> {
    let sql = "insert into judgement (number, begun_ms, ended_ms, receipt, summary) \
               select coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4 from judgement";
    let values = [
        judgement.begun_ms.into(),
        judgement.ended_ms.into(),
        judgement.receipt.into(),
        judgement.summary.as_str().into(),
    ];
    transaction.execute("note a judgement", sql, &values).map(|_| ())
}

/// The last judgements, the last one first.
pub fn last(transaction: &mut Transaction<'_>, most: usize) -> Result<Vec<Judgement>, StoreError> {
    let sql = "select number, begun_ms, ended_ms, receipt, summary from judgement \
               order by number desc limit ?1";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    transaction.all("read the judgements", sql, &[most.into()], |row| {
        let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
        Ok(Judgement {
            number: number(0)?,
            begun_ms: number(1)?,
            ended_ms: number(2)?,
            receipt: number(3)?,
            summary: row.text(4)?.unwrap_or_default(),
        })
    })
}

/// Under which name it is set why nobody could judge, when that was last tried.
const FAULT: &str = "judged.fault";

/// Notes why nobody could judge; nothing where it went well.
pub fn note_fault(transaction: &mut Transaction<'_>, why: &str) -> Result<(), StoreError> {
    settings::set(transaction, FAULT, why)
}

/// Why nobody could judge when that was last tried; nothing where it went well.
pub fn fault(transaction: &mut Transaction<'_>) -> Result<Option<String>, StoreError> {
    Ok(settings::get(transaction, FAULT)?.filter(|why| !why.is_empty()))
}

/// Notes a change.
pub fn note(transaction: &mut Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    let sql = "insert into change (number, at_ms, kind, subject, before, after) \
               select coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4, ?5 from change";
    let values = [
        change.at_ms.into(),
        change.kind.as_str().into(),
        change.subject.as_str().into(),
        change.before.as_str().into(),
        change.after.as_str().into(),
    ];
    transaction.execute("note a change", sql, &values).map(|_| ())
}

/// The last changes, of one subject or of all; the last one first.
pub fn changes(
    transaction: &mut Transaction<'_>,
    subject: Option<&str>,
    most: usize,
) -> Result<Vec<Change>, StoreError> {
    const WHAT: &str = "read the changes";
    const OF: &str = "select at_ms, kind, subject, before, after from change \
         where subject = ?1 order by number desc limit ?2";
    const ALL: &str = "select at_ms, kind, subject, before, after from change \
         order by number desc limit ?1";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    match subject {
        Some(subject) => transaction.all(WHAT, OF, &[subject.into(), most.into()], change),
        None => transaction.all(WHAT, ALL, &[most.into()], change),
    }
}

/// The changes before a number, of one subject or of all, the last one first; each with its number.
pub fn changes_before(
    transaction: &mut Transaction<'_>,
    subject: Option<&str>,
    before: i64,
    most: usize,
) -> Result<Vec<(i64, Change)>, StoreError> {
    let mut query = Query::default();
    query.put(
        "select at_ms, kind, subject, before, after, number from change where number < ?",
        [before.into()],
    );
    if let Some(subject) = subject {
        query.put(" and subject = ?", [subject.into()]);
    }
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    query.put(" order by number desc limit ?", [most.into()]);
    transaction.select("read the changes", &query, |row| {
        Ok((row.integer(5)?.unwrap_or_default(), change(row)?))
    })
}

fn change(row: &Row<'_>) -> Result<Change, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    Ok(Change {
        at_ms: row.integer(0)?.unwrap_or_default(),
        kind: text(1)?,
        subject: text(2)?,
        before: text(3)?,
        after: text(4)?,
    })
}
