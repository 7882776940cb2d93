//! What was detected on the network, each once, and what people said of it.
//!
//! Refuses to judge: a detection is not judged until a person says what it was.

use serde_json::json;

use crate::StoreError;
use crate::audit::{By, number, text};
use crate::database::{Query, Row, Transaction, Value};

const READ: &str = "read what was detected";
const WRITE: &str = "keep what was detected";

/// Most detections that are read at once.
pub const PAGE: usize = 500;

const COLUMNS: &str = "select number, hash, journal_number, at_ms, rule, technique, device, source, \
     evidence, rest, judgement, judged_by, judged_ms, reason from detection where true";

/// A detection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detection {
    /// Its place among all that were kept, from 1; given when it is kept.
    pub number: i64,
    /// The agent's hash of it and of all before it.
    pub hash: String,
    /// Its number at the agent.
    pub journal_number: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The rule that found it.
    pub rule: String,
    /// The technique, as MITRE ATT&CK numbers it.
    pub technique: String,
    /// The device that did it, by id; its address where no device is known.
    pub device: String,
    /// The address that it came from.
    pub source: String,
    /// What was seen, in words.
    pub evidence: String,
    /// All that the agent said of it, as JSON.
    pub rest: String,
    /// What a person said of it; `None` where nobody has yet.
    pub judged: Option<Judged>,
}

/// What a person said of a detection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// What it was.
    pub judgement: String,
    /// Who says so.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Why.
    pub reason: String,
}

/// Keeps detections that are not there yet, in their order; those that were new, with their
/// numbers.
pub fn put<'d>(
    transaction: &mut Transaction<'_>,
    detections: &'d [Detection],
) -> Result<Vec<(i64, &'d Detection)>, StoreError> {
    const PUT: &str = "insert into detection (number, hash, journal_number, at_ms, rule, \
         technique, device, source, evidence, rest) \
         select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 \
         where not exists (select 1 from forgotten_detection where hash = ?2) \
         on conflict (hash) do nothing";
    let mut new = Vec::new();
    let mut next = last(transaction)? + 1;
    for detection in detections {
        let values: [Value<'_>; 10] = [
            next.into(),
            detection.hash.as_str().into(),
            detection.journal_number.into(),
            detection.at_ms.into(),
            detection.rule.as_str().into(),
            detection.technique.as_str().into(),
            detection.device.as_str().into(),
            detection.source.as_str().into(),
            detection.evidence.as_str().into(),
            detection.rest.as_str().into(),
        ];
        if transaction.execute(WRITE, PUT, &values)? > 0 {
            new.push((next, detection));
            next += 1;
        }
    }
    Ok(new)
}

/// The number of the last detection; 0 where there is none.
pub fn last(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let sql = "select coalesce(max(number), 0) from detection";
    Ok(transaction.one(READ, sql, &[], |row| number(row, 0))?.unwrap_or_default())
}

/// One detection.
pub fn one(
    transaction: &mut Transaction<'_>,
    number: i64,
) -> Result<Option<Detection>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and number = ?", [number.into()]);
    Ok(transaction.select(READ, &query, detection)?.pop())
}

/// What nobody has judged yet, the last one first, and how many there are in all.
pub fn open(
    transaction: &mut Transaction<'_>,
    most: usize,
) -> Result<(Vec<Detection>, i64), StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and judgement is null order by number desc limit ?", [limit(most)]);
    let found = transaction.select(READ, &query, detection)?;
    let count = "select count(*) from detection where judgement is null";
    let count = transaction.one(READ, count, &[], |row| number(row, 0))?.unwrap_or_default();
    Ok((found, count))
}

/// What a device did, the last one first.
pub fn of_device(
    transaction: &mut Transaction<'_>,
    device: &str,
    most: usize,
) -> Result<Vec<Detection>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and device = ? order by number desc limit ?", [device.into(), limit(most)]);
    transaction.select(READ, &query, detection)
}

/// Detections before a number, the last one first; at most so many.
pub fn before(
    transaction: &mut Transaction<'_>,
    before: i64,
    most: usize,
) -> Result<Vec<Detection>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and number < ? order by number desc limit ?", [before.into(), limit(most)]);
    transaction.select(READ, &query, detection)
}

/// Notes what a person says that a detection was, in the place of what was said before; `false`
/// where there is no such detection.
pub fn judge(
    transaction: &mut Transaction<'_>,
    number: i64,
    (judgement, reason): (&str, &str),
    by: By<'_>,
) -> Result<bool, StoreError> {
    let sql = "update detection set judgement = ?2, reason = ?3, judged_by = ?4, judged_ms = ?5 \
               where number = ?1";
    let values: [Value<'_>; 5] =
        [number.into(), judgement.into(), reason.into(), by.actor.into(), by.at_ms.into()];
    if transaction.execute(WRITE, sql, &values)? == 0 {
        return Ok(false);
    }
    let detail = json!({ "judgement": judgement, "reason": reason });
    by.did(transaction, "detection.judge", &number.to_string(), &detail)?;
    Ok(true)
}

fn limit(most: usize) -> Value<'static> {
    i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX).into()
}

fn detection(row: &Row<'_>) -> Result<Detection, StoreError> {
    let judged = match row.text(10)? {
        Some(judgement) => Some(Judged {
            judgement,
            by: text(row, 11)?,
            at_ms: number(row, 12)?,
            reason: text(row, 13)?,
        }),
        None => None,
    };
    Ok(Detection {
        number: number(row, 0)?,
        hash: text(row, 1)?,
        journal_number: number(row, 2)?,
        at_ms: number(row, 3)?,
        rule: text(row, 4)?,
        technique: text(row, 5)?,
        device: text(row, 6)?,
        source: text(row, 7)?,
        evidence: text(row, 8)?,
        rest: text(row, 9)?,
        judged,
    })
}
