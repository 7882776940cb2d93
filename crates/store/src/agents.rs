//! Up to where the news of the agent were taken in, since when it watches, and when it last
//! answered.
//!
//! A mark is a number and a hash that covers everything up to it: an agent that has another hash at
//! that number has another journal. Written in one transaction with what was taken in. Refuses to
//! hold the journal's place: that stays with the agent.

use crate::StoreError;
use crate::audit::{number, text};
use crate::database::{Transaction, Value};

/// The one agent that there is as yet.
const NAME: &str = "";

/// Up to where something was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mark {
    /// The number of the last one; 0 where there is none.
    pub number: i64,
    /// The hash that covers it and all before it; empty where there is none.
    pub hash: String,
}

/// What is known of the agent. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The last step of an order.
    pub step: Mark,
    /// The last detection.
    pub detection: Mark,
    /// Since when it watches without a break.
    pub watches_ms: Option<i64>,
    /// When it last answered.
    pub heard_ms: Option<i64>,
}

/// What is known of the agent; nothing where none ever answered.
pub fn known(transaction: &mut Transaction<'_>) -> Result<Known, StoreError> {
    let sql = "select step, step_hash, detection, detection_hash, watches_ms, heard_ms \
               from agent where name = ?1";
    let found = transaction.one("read what the agent told", sql, &[NAME.into()], |row| {
        Ok(Known {
            step: Mark { number: number(row, 0)?, hash: text(row, 1)? },
            detection: Mark { number: number(row, 2)?, hash: text(row, 3)? },
            watches_ms: row.integer(4)?,
            heard_ms: row.integer(5)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// Notes what is known of the agent, in the place of what stood there.
pub fn set(transaction: &mut Transaction<'_>, known: &Known) -> Result<(), StoreError> {
    let sql = "insert into agent (name, step, step_hash, detection, detection_hash, watches_ms, \
               heard_ms) values (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
               on conflict (name) do update set step = excluded.step, \
               step_hash = excluded.step_hash, detection = excluded.detection, \
               detection_hash = excluded.detection_hash, watches_ms = excluded.watches_ms, \
               heard_ms = excluded.heard_ms";
    let values: [Value<'_>; 7] = [
        NAME.into(),
        known.step.number.into(),
        known.step.hash.as_str().into(),
        known.detection.number.into(),
        known.detection.hash.as_str().into(),
        known.watches_ms.into(),
        known.heard_ms.into(),
    ];
    transaction.execute("write what the agent told", sql, &values).map(|_| ())
}
