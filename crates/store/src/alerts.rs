//! What is to be told to others, and how far each of them has come: a queue that is written with
//! the facts that it tells of, so that nothing is told that did not happen, and nothing that
//! happened is forgotten.
//!
//! Each target takes the queue in its order and has a place in it of its own. Refuses to grow
//! without end: past [`QUEUE`] the eldest are dropped, and it is counted how many each target
//! misses.

use serde_json::json;

use crate::StoreError;
use crate::audit::{By, number, text};
use crate::database::{Query, Row, Transaction, Value};
use crate::secret::Secret;

const READ: &str = "read the alerts";
const WRITE: &str = "write the alerts";

/// Most alerts that wait.
pub const QUEUE: i64 = 100_000;
/// Most alerts that are read at once.
pub const PAGE: usize = 500;
/// How long a target may fail before nothing is sent to it any more, in milliseconds: three days.
pub const DEAD_MS: i64 = 3 * 24 * 3_600_000;
/// Most targets.
pub const TARGETS: usize = 32;

/// Something that is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alert {
    /// Its place in the queue; given when it is put there.
    pub number: i64,
    /// The same for ever: by it whoever gets it twice knows that.
    pub id: String,
    /// When it happened, in milliseconds since 1970.
    pub at_ms: i64,
    /// What it is about, in one word.
    pub topic: String,
    /// How grave it is, from 1 (told for the record) to 5 (critical).
    pub severity: i64,
    /// Which device, vulnerability or part it is about.
    pub subject: String,
    /// All of it, as one JSON object.
    pub fact: String,
}

/// To whom alerts go, and how far it has come. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How it is reached: `webhook` or `syslog`.
    pub kind: String,
    /// In which form it is told: `json`, `ocsf` or `cef`.
    pub format: String,
    /// Where it is.
    pub place: String,
    /// What signs what it is sent.
    pub secret: Option<Secret<Vec<u8>>>,
    /// Whom else to trust, in PEM; empty where the system's suffice.
    pub authority: String,
    /// What it is told of.
    pub topics: Vec<String>,
    /// Since when it is there.
    pub made_ms: i64,
    /// Who made it.
    pub made_by: String,
    /// The last alert that it took, or that was not for it.
    pub taken: i64,
    /// When it last took one.
    pub taken_ms: Option<i64>,
    /// How often it failed since then.
    pub attempts: i64,
    /// Not before when it is tried again.
    pub next_ms: i64,
    /// Since when it fails.
    pub failing_ms: Option<i64>,
    /// Why; empty where it does not.
    pub fault: String,
    /// Alerts that it will never get, for want of room.
    pub dropped: i64,
    /// Alerts that it would not take.
    pub refused: i64,
    /// Since when nothing is sent to it any more.
    pub stopped_ms: Option<i64>,
}

impl Target {
    /// Whether it is told of a topic.
    #[must_use]
    pub fn wants(&self, topic: &str) -> bool {
        self.topics.iter().any(|own| own == topic)
    }
}

/// Puts something into the queue, where somebody is to be told; once, however often it is put
/// there.
pub fn put(transaction: &mut Transaction<'_>, alert: &Alert) -> Result<(), StoreError> {
    put_all(transaction, std::slice::from_ref(alert))
}

/// Puts several things into the queue, in their order.
pub fn put_all(transaction: &mut Transaction<'_>, alerts: &[Alert]) -> Result<(), StoreError> {
    const PUT: &str = "insert into alert (number, id, at_ms, topic, severity, subject, fact) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (id) do nothing";
    let anybody = "select 1 from target limit 1";
    if alerts.is_empty() || transaction.one(READ, anybody, &[], |_| Ok(()))?.is_none() {
        return Ok(());
    }
    let mut next = last(transaction)? + 1;
    for alert in alerts {
        let values: [Value<'_>; 7] = [
            next.into(),
            alert.id.as_str().into(),
            alert.at_ms.into(),
            alert.topic.as_str().into(),
            alert.severity.into(),
            alert.subject.as_str().into(),
            alert.fact.as_str().into(),
        ];
        if transaction.execute(WRITE, PUT, &values)? > 0 {
            next += 1;
        }
    }
    bound(transaction, next - 1 - QUEUE)
}

/// Drops what stands at a place or before it, and counts that for each target that waits for it.
fn bound(transaction: &mut Transaction<'_>, upto: i64) -> Result<(), StoreError> {
    const COUNT: &str = "update target set dropped = dropped + (select count(*) from alert \
         where alert.number > target.taken and alert.number <= ?1 \
         and ' ' || target.topics || ' ' like '% ' || alert.topic || ' %'), taken = ?1 \
         where taken < ?1";
    if upto <= 0 {
        return Ok(());
    }
    transaction.execute(WRITE, COUNT, &[upto.into()])?;
    transaction.execute(WRITE, "delete from alert where number <= ?1", &[upto.into()]).map(drop)
}

/// The number of the last alert that was put into the queue, as far as anybody remembers.
fn last(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let queued = "select coalesce(max(number), 0) from alert";
    let taken = "select coalesce(max(taken), 0) from target";
    let queued = transaction.one(READ, queued, &[], |row| number(row, 0))?.unwrap_or_default();
    let taken = transaction.one(READ, taken, &[], |row| number(row, 0))?.unwrap_or_default();
    Ok(queued.max(taken))
}

/// How many alerts wait for a target.
pub fn waiting(transaction: &mut Transaction<'_>, target: &Target) -> Result<i64, StoreError> {
    let sql = "select count(*) from alert, target where target.id = ?1 \
               and alert.number > target.taken \
               and ' ' || target.topics || ' ' like '% ' || alert.topic || ' %'";
    let count = transaction.one(READ, sql, &[target.id.as_str().into()], |row| number(row, 0))?;
    Ok(count.unwrap_or_default())
}

/// Makes a target, which is told of what happens from then on.
pub fn add(
    transaction: &mut Transaction<'_>,
    target: &Target,
    by: By<'_>,
) -> Result<(), StoreError> {
    const ADD: &str = "insert into target (id, name, kind, format, place, secret, authority, \
         topics, made_ms, made_by, taken, attempts, next_ms, fault, dropped, refused) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, '', 0, 0)";
    let topics = target.topics.join(" ");
    let secret = target.secret.as_ref().map(|secret| secret.expose().as_slice());
    let from = last(transaction)?;
    let values: [Value<'_>; 11] = [
        target.id.as_str().into(),
        target.name.as_str().into(),
        target.kind.as_str().into(),
        target.format.as_str().into(),
        target.place.as_str().into(),
        secret.into(),
        target.authority.as_str().into(),
        topics.as_str().into(),
        by.at_ms.into(),
        by.actor.into(),
        from.into(),
    ];
    transaction.execute(WRITE, ADD, &values)?;
    let detail = json!({ "name": target.name, "format": target.format, "topics": topics });
    by.did(transaction, "alerts.add", &target.id, &detail)
}

/// Takes a target away, and what waits for nobody else.
pub fn remove(transaction: &mut Transaction<'_>, id: &str, by: By<'_>) -> Result<bool, StoreError> {
    if transaction.execute(WRITE, "delete from target where id = ?1", &[id.into()])? == 0 {
        return Ok(false);
    }
    tidy(transaction)?;
    by.did(transaction, "alerts.remove", id, &json!({}))?;
    Ok(true)
}

/// Tries a target anew at once, also one that nothing was sent to any more.
pub fn resume(transaction: &mut Transaction<'_>, id: &str, by: By<'_>) -> Result<bool, StoreError> {
    let sql = "update target set stopped_ms = null, failing_ms = null, attempts = 0, next_ms = 0, \
               fault = '' where id = ?1";
    if transaction.execute(WRITE, sql, &[id.into()])? == 0 {
        return Ok(false);
    }
    by.did(transaction, "alerts.resume", id, &json!({}))?;
    Ok(true)
}

/// Every target, by name.
pub fn targets(transaction: &mut Transaction<'_>) -> Result<Vec<Target>, StoreError> {
    let sql = "select id, name, kind, format, place, secret, authority, topics, made_ms, made_by, \
               taken, taken_ms, attempts, next_ms, failing_ms, fault, dropped, refused, stopped_ms \
               from target order by name";
    transaction.all(READ, sql, &[], target)
}

/// What a target has not taken yet, in its order, also what is not for it; at most so many.
pub fn after(
    transaction: &mut Transaction<'_>,
    after: i64,
    most: usize,
) -> Result<Vec<Alert>, StoreError> {
    let mut query = Query::default();
    query.put("select number, id, at_ms, topic, severity, subject, fact from alert", []);
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    query.put(" where number > ? order by number limit ?", [after.into(), most.into()]);
    transaction.select(READ, &query, |row| {
        Ok(Alert {
            number: number(row, 0)?,
            id: text(row, 1)?,
            at_ms: number(row, 2)?,
            topic: text(row, 3)?,
            severity: number(row, 4)?,
            subject: text(row, 5)?,
            fact: text(row, 6)?,
        })
    })
}

/// Notes that a target took everything up to a place. One that is told of late never goes back.
pub fn taken(
    transaction: &mut Transaction<'_>,
    id: &str,
    upto: i64,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "update target set taken = ?2, taken_ms = ?3, attempts = 0, next_ms = 0, \
               failing_ms = null, fault = '' where id = ?1 and taken < ?2";
    transaction.execute(WRITE, sql, &[id.into(), upto.into(), now_ms.into()])?;
    tidy(transaction)
}

/// Notes that nothing up to a place is for a target.
pub fn passed(transaction: &mut Transaction<'_>, id: &str, upto: i64) -> Result<(), StoreError> {
    let sql = "update target set taken = ?2 where id = ?1 and taken < ?2";
    transaction.execute(WRITE, sql, &[id.into(), upto.into()])?;
    tidy(transaction)
}

/// Notes that a target would not take the alert at a place, which is left out then.
pub fn refused(transaction: &mut Transaction<'_>, id: &str, at: i64) -> Result<(), StoreError> {
    let sql = "update target set taken = ?2, refused = refused + 1, attempts = 0, next_ms = 0, \
               failing_ms = null where id = ?1 and taken < ?2";
    transaction.execute(WRITE, sql, &[id.into(), at.into()])?;
    tidy(transaction)
}

/// Notes that a target failed, why, and when it is tried again; after [`DEAD_MS`] it is not.
pub fn failed(
    transaction: &mut Transaction<'_>,
    id: &str,
    fault: &str,
    (now_ms, next_ms): (i64, i64),
) -> Result<(), StoreError> {
    let sql = "update target set attempts = attempts + 1, fault = ?2, next_ms = ?3, \
               failing_ms = coalesce(failing_ms, ?4), \
               stopped_ms = case when coalesce(failing_ms, ?4) <= ?5 then ?4 else stopped_ms end \
               where id = ?1";
    let values: [Value<'_>; 5] =
        [id.into(), fault.into(), next_ms.into(), now_ms.into(), (now_ms - DEAD_MS).into()];
    transaction.execute(WRITE, sql, &values).map(drop)
}

/// Notes that a target wants nothing any more.
pub fn stop(
    transaction: &mut Transaction<'_>,
    id: &str,
    fault: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "update target set stopped_ms = ?3, fault = ?2, \
               failing_ms = coalesce(failing_ms, ?3) where id = ?1";
    transaction.execute(WRITE, sql, &[id.into(), fault.into(), now_ms.into()]).map(drop)
}

/// Forgets what every target has taken.
fn tidy(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    let sql = "delete from alert where number <= \
               coalesce((select min(taken) from target), (select max(number) from alert))";
    transaction.execute(WRITE, sql, &[]).map(drop)
}

fn target(row: &Row<'_>) -> Result<Target, StoreError> {
    Ok(Target {
        id: text(row, 0)?,
        name: text(row, 1)?,
        kind: text(row, 2)?,
        format: text(row, 3)?,
        place: text(row, 4)?,
        secret: row.bytes(5)?.map(Secret::new),
        authority: text(row, 6)?,
        topics: text(row, 7)?.split_whitespace().map(str::to_owned).collect(),
        made_ms: number(row, 8)?,
        made_by: text(row, 9)?,
        taken: number(row, 10)?,
        taken_ms: row.integer(11)?,
        attempts: number(row, 12)?,
        next_ms: number(row, 13)?,
        failing_ms: row.integer(14)?,
        fault: text(row, 15)?,
        dropped: number(row, 16)?,
        refused: number(row, 17)?,
        stopped_ms: row.integer(18)?,
    })
}
