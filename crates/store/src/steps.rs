//! Steps of orders, as the agent's journal has them, each once: the history of a device, also after
//! the agent is gone.
//!
//! Refuses to be what counts: the journal stays with the agent, and its hash stands at each step.

use crate::StoreError;
use crate::audit::{number, text};
use crate::database::{Query, Row, Transaction, Value};

const READ: &str = "read steps of orders";
const WRITE: &str = "keep steps of orders";

/// Most steps that are read at once.
pub const PAGE: usize = 500;

const COLUMNS: &str = "select number, hash, journal, journal_number, order_number, device, at_ms, \
     actor, step, what, event from order_step where true";

/// A step of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Its place among all steps that were kept, from 1; given when it is kept.
    pub number: i64,
    /// The journal's hash of it and of all before it.
    pub hash: String,
    /// The hash of the first step of its journal: orders of two journals may have one number.
    pub journal: String,
    /// Its number in the journal.
    pub journal_number: i64,
    /// The order.
    pub order: i64,
    /// The device that the order is for.
    pub device: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who, in words.
    pub actor: String,
    /// What, as a code: `approved`.
    pub step: String,
    /// The same in words.
    pub what: String,
    /// As the journal has it, as JSON.
    pub event: String,
}

/// Keeps steps that are not there yet, in their order; those that were new, with their numbers.
pub fn put<'s>(
    transaction: &mut Transaction<'_>,
    steps: &'s [Step],
) -> Result<Vec<(i64, &'s Step)>, StoreError> {
    const PUT: &str = "insert into order_step (number, hash, journal, journal_number, \
         order_number, device, at_ms, actor, step, what, event) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) on conflict (hash) do nothing";
    let mut new = Vec::new();
    let mut next = last(transaction)? + 1;
    for step in steps {
        let values: [Value<'_>; 11] = [
            next.into(),
            step.hash.as_str().into(),
            step.journal.as_str().into(),
            step.journal_number.into(),
            step.order.into(),
            step.device.as_str().into(),
            step.at_ms.into(),
            step.actor.as_str().into(),
            step.step.as_str().into(),
            step.what.as_str().into(),
            step.event.as_str().into(),
        ];
        if transaction.execute(WRITE, PUT, &values)? > 0 {
            new.push((next, step));
            next += 1;
        }
    }
    Ok(new)
}

/// The number of the last step; 0 where there is none.
pub fn last(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let sql = "select coalesce(max(number), 0) from order_step";
    Ok(transaction.one(READ, sql, &[], |row| number(row, 0))?.unwrap_or_default())
}

/// The last steps of a device, the last one first.
pub fn of_device(
    transaction: &mut Transaction<'_>,
    device: &str,
    most: usize,
) -> Result<Vec<Step>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and device = ? order by number desc limit ?", [device.into(), limit(most)]);
    transaction.select(READ, &query, step)
}

/// The steps after a number, in their order; at most so many.
pub fn after(
    transaction: &mut Transaction<'_>,
    after: i64,
    most: usize,
) -> Result<Vec<Step>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and number > ? order by number limit ?", [after.into(), limit(most)]);
    transaction.select(READ, &query, step)
}

fn limit(most: usize) -> Value<'static> {
    i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX).into()
}

fn step(row: &Row<'_>) -> Result<Step, StoreError> {
    Ok(Step {
        number: number(row, 0)?,
        hash: text(row, 1)?,
        journal: text(row, 2)?,
        journal_number: number(row, 3)?,
        order: number(row, 4)?,
        device: text(row, 5)?,
        at_ms: number(row, 6)?,
        actor: text(row, 7)?,
        step: text(row, 8)?,
        what: text(row, 9)?,
        event: text(row, 10)?,
    })
}
