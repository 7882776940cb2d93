//! What is forgotten after a time, in small steps, so that nobody waits for it.
//!
//! Refuses to forget what proves something: the audit chain, steps of orders, what a device with an
//! order did, when which document came, and every document that counts.

use serde_json::{Map, json};

use crate::audit::{By, number};
use crate::database::{Transaction, Value};
use crate::{StoreError, repeats, settings};

const READ: &str = "look what is to be forgotten";
const WRITE: &str = "forget what was kept long enough";

/// Most rows that are forgotten in one transaction; of documents, whose bytes are many, most
/// documents.
const STEP: i64 = 500;
const STEP_OF_DOCUMENTS: i64 = 4;
/// A day, in milliseconds.
pub const DAY_MS: i64 = 24 * 3_600_000;
/// The most days that may be set: a hundred years.
pub const MOST_DAYS: i64 = 36_525;
/// After how long without a run the clock is not believed at once, in milliseconds: either nothing
/// ran for so long, or the clock was set ahead.
const GAP_MS: i64 = 8 * DAY_MS;
/// How long requests that are carried out once are remembered at least, in milliseconds.
pub const REPEATS_MS: i64 = DAY_MS;
/// Under which names it is set when something was forgotten last, and since when the clock is
/// watched before it is believed.
const LAST: &str = "retention.last-ms";
const WATCHED: &str = "retention.watched-ms";

/// What is kept for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kept {
    /// Who speaks with whom, since it was last seen.
    Flows,
    /// Who is on the network, since they were last seen.
    Devices,
    /// Detections, since a person said what they were.
    Detections,
    /// The bytes of documents, since another took their place or they were taken away.
    Documents,
    /// What was seen to change, since it did.
    Changes,
    /// Counts of each time that everything was judged.
    Judgements,
}

impl Kept {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Flows,
        Self::Devices,
        Self::Detections,
        Self::Documents,
        Self::Changes,
        Self::Judgements,
    ];

    /// In one word, as it is set.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flows => "flows",
            Self::Devices => "devices",
            Self::Detections => "detections",
            Self::Documents => "documents",
            Self::Changes => "changes",
            Self::Judgements => "judgements",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kept| kept.name() == name)
    }

    fn setting(self) -> &'static str {
        match self {
            Self::Flows => "retention.flows",
            Self::Devices => "retention.devices",
            Self::Detections => "retention.detections",
            Self::Documents => "retention.documents",
            Self::Changes => "retention.changes",
            Self::Judgements => "retention.judgements",
        }
    }

    /// For how many days it is kept where nothing is set; `None` is for good. The reasons stand in
    /// docs/guides/retention.md.
    #[must_use]
    pub fn default_days(self) -> Option<i64> {
        match self {
            // A quarter, in which what is done once a quarter was seen.
            Self::Flows | Self::Judgements => Some(92),
            // A year, in which a device in store comes back.
            Self::Devices => Some(366),
            // Six years, as 45 CFR 164.316(b)(2)(i) asks of what was done about security.
            Self::Detections | Self::Changes => Some(2_192),
            // A judgement has to be explained from the bytes that it rests on.
            Self::Documents => None,
        }
    }

    /// The fewest days that may be set.
    #[must_use]
    pub fn least_days(self) -> i64 {
        match self {
            Self::Flows | Self::Judgements => 7,
            // Longer than a device may be silent before it is told.
            Self::Devices => 91,
            Self::Detections | Self::Documents | Self::Changes => 30,
        }
    }

    fn count(self) -> &'static str {
        match self {
            Self::Flows => "select count(*) from flow where last_ms < ?1",
            Self::Devices => "select count(*) from identity where last_ms < ?1",
            Self::Detections => {
                "select count(*) from detection where judged_ms < ?1 \
                 and number < (select max(number) from detection) \
                 and not exists (select 1 from order_step where order_step.device = detection.device)"
            }
            Self::Documents => {
                "select count(*) from document where forgotten_ms is null and not exists \
                 (select 1 from receipt as own where own.document = document.hash and not exists \
                 (select 1 from receipt as next where next.name = own.name \
                 and next.number > own.number and next.at_ms < ?1))"
            }
            Self::Changes => {
                "select count(*) from change where at_ms < ?1 \
                 and number < (select max(number) from change)"
            }
            Self::Judgements => {
                "select count(*) from judgement where ended_ms < ?1 \
                 and number < (select max(number) from judgement)"
            }
        }
    }
}

/// What is to be forgotten now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What.
    pub kept: Kept,
    /// What is older than so many days.
    pub days: i64,
    /// The same as a moment, in milliseconds since 1970.
    pub before_ms: i64,
    /// How many rows that are.
    pub rows: i64,
}

/// For how many days something is kept; `None` is for good.
pub fn days(transaction: &mut Transaction<'_>, kept: Kept) -> Result<Option<i64>, StoreError> {
    let Some(set) = settings::get(transaction, kept.setting())? else {
        return Ok(kept.default_days());
    };
    let days = set.parse().ok().filter(|days| (kept.least_days()..=MOST_DAYS).contains(days));
    // What can't be read, nobody has asked to forget.
    Ok(days)
}

/// Sets for how many days something is kept, within its bounds; whether that is new.
pub fn set(
    transaction: &mut Transaction<'_>,
    kept: Kept,
    days: Option<i64>,
    by: By<'_>,
) -> Result<bool, StoreError> {
    if self::days(transaction, kept)? == days {
        return Ok(false);
    }
    let value = days.map_or_else(|| "never".to_owned(), |days| days.to_string());
    settings::set(transaction, kept.setting(), &value)?;
    by.did(transaction, "retention.set", kept.name(), &json!({ "days": days }))?;
    Ok(true)
}

/// How much of something would be forgotten, were it kept for so many days.
pub fn due(
    transaction: &mut Transaction<'_>,
    kept: Kept,
    days: i64,
    now_ms: i64,
) -> Result<Due, StoreError> {
    let before_ms = now_ms.saturating_sub(days.saturating_mul(DAY_MS));
    let rows = transaction.one(READ, kept.count(), &[before_ms.into()], |row| number(row, 0))?;
    Ok(Due { kept, days, before_ms, rows: rows.unwrap_or_default() })
}

/// Whether a day has passed since something was forgotten last, as far as the clock is believed:
/// where it is far from what it was then, it is watched for a day before.
pub fn is_time(transaction: &mut Transaction<'_>, now_ms: i64) -> Result<bool, StoreError> {
    let mut read = |name| -> Result<Option<i64>, StoreError> {
        Ok(settings::get(transaction, name)?.and_then(|set| set.parse().ok()))
    };
    let (last, watched) = (read(LAST)?, read(WATCHED)?);
    let passed = |since: Option<i64>| since.map(|since| now_ms.saturating_sub(since));
    match (passed(last), passed(watched)) {
        (Some(passed @ 0..GAP_MS), _) => Ok(passed >= DAY_MS),
        (_, Some(watched @ 0..GAP_MS)) => Ok(watched >= DAY_MS),
        _ => {
            settings::set(transaction, WATCHED, &now_ms.to_string())?;
            Ok(false)
        }
    }
}

/// Notes in the audit chain what is going to be forgotten, and returns it.
pub fn begin(transaction: &mut Transaction<'_>, by: By<'_>) -> Result<Vec<Due>, StoreError> {
    let (mut all, mut detail) = (Vec::new(), Map::new());
    for kept in Kept::ALL {
        let Some(days) = days(transaction, kept)? else { continue };
        let due = due(transaction, kept, days, by.at_ms)?;
        detail.insert(kept.name().to_owned(), json!({ "days": days, "rows": due.rows }));
        all.push(due);
    }
    repeats::forget_before(transaction, by.at_ms - REPEATS_MS)?;
    settings::set(transaction, LAST, &by.at_ms.to_string())?;
    by.did(transaction, "retention.forget", "", &detail.into())?;
    Ok(all)
}

/// Forgets the next few of something; how many that were, 0 where it is done.
pub fn step(transaction: &mut Transaction<'_>, due: &Due, now_ms: i64) -> Result<u64, StoreError> {
    const FLOWS: &str = "delete from flow where (client, server, service) in \
         (select client, server, service from flow where last_ms < ?1 limit ?2)";
    const DEVICES: &str = "delete from identity where device in \
         (select device from identity where last_ms < ?1 limit ?2)";
    const CHANGES: &str = "delete from change where number in (select number from change \
         where at_ms < ?1 and number < (select max(number) from change) limit ?2)";
    const JUDGEMENTS: &str = "delete from judgement where number in (select number from judgement \
         where ended_ms < ?1 and number < (select max(number) from judgement) limit ?2)";
    let sql = match due.kept {
        Kept::Flows => FLOWS,
        Kept::Devices => DEVICES,
        Kept::Changes => CHANGES,
        Kept::Judgements => JUDGEMENTS,
        Kept::Detections => return detections(transaction, due.before_ms),
        Kept::Documents => return documents(transaction, due.before_ms, now_ms),
    };
    transaction.execute(WRITE, sql, &[due.before_ms.into(), STEP.into()])
}

/// The hash of each stays: an agent that tells everything anew brings none of them back.
fn detections(transaction: &mut Transaction<'_>, before_ms: i64) -> Result<u64, StoreError> {
    const OLD: &str = "select number, hash from detection where judged_ms < ?1 \
         and number < (select max(number) from detection) \
         and not exists (select 1 from order_step where order_step.device = detection.device) \
         limit ?2";
    const NOTE: &str = "insert into forgotten_detection (hash) values (?1) \
         on conflict (hash) do nothing";
    const FORGET: &str = "delete from detection where number = ?1";
    let values = [before_ms.into(), STEP.into()];
    let old = transaction.all(WRITE, OLD, &values, |row| Ok((number(row, 0)?, row.text(1)?)))?;
    for (number, hash) in &old {
        transaction.execute(WRITE, NOTE, &[hash.as_deref().unwrap_or_default().into()])?;
        transaction.execute(WRITE, FORGET, &[(*number).into()])?;
    }
    Ok(old.len() as u64)
}

/// What they were called, when they came, and their hash stay.
fn documents(
    transaction: &mut Transaction<'_>,
    before_ms: i64,
    now_ms: i64,
) -> Result<u64, StoreError> {
    const OLD: &str = "select hash from document where forgotten_ms is null and not exists \
         (select 1 from receipt as own where own.document = document.hash and not exists \
         (select 1 from receipt as next where next.name = own.name \
         and next.number > own.number and next.at_ms < ?1)) limit ?2";
    const PIECES: &str = "delete from document_piece where document = ?1";
    const FORGET: &str = "update document set packed = ?2, forgotten_ms = ?3 where hash = ?1";
    let values = [before_ms.into(), STEP_OF_DOCUMENTS.into()];
    let old = transaction.all(WRITE, OLD, &values, |row| row.text(0))?;
    for hash in old.iter().flatten() {
        let hash = Value::from(hash.as_str());
        transaction.execute(WRITE, PIECES, &[hash])?;
        transaction.execute(WRITE, FORGET, &[hash, Value::Bytes(&[]), now_ms.into()])?;
    }
    Ok(old.len() as u64)
}
