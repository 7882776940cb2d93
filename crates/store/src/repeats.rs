//! Requests that must be carried out once, however often they are sent: each with a key that
//! whoever sends it has chosen, and the answer that it got.
//!
//! Refuses to guess: a request that was begun and never answered stays so until its key is
//! forgotten.

use crate::StoreError;
use crate::database::{Transaction, Value};

const WHAT: &str = "keep a request";

/// A request that must be carried out once.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// Whose it is: keys of others don't count.
    pub owner: &'r str,
    /// The key that they have chosen.
    pub key: &'r str,
    /// SHA-256 of all that is asked.
    pub hash: [u8; 32],
    /// When it came, in milliseconds since 1970.
    pub at_ms: i64,
}

/// What is known of a request when it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing: it is to be carried out now, and is noted.
    New,
    /// It was answered so.
    Answered {
        /// The status.
        status: i64,
        /// The body.
        answer: String,
    },
    /// It was begun then, in milliseconds since 1970, and is not answered.
    Begun(i64),
    /// The key was used for something else.
    Other,
}

/// Says what is known of a request; one of which nothing is known is noted as begun.
pub fn begin(
    transaction: &mut Transaction<'_>,
    request: &Request<'_>,
) -> Result<Before, StoreError> {
    const KNOWN: &str = "select request, begun_ms, status, answer from repeat_key \
         where owner = ?1 and key = ?2";
    const NOTE: &str = "insert into repeat_key (owner, key, request, begun_ms) \
         values (?1, ?2, ?3, ?4)";
    let names = [Value::from(request.owner), request.key.into()];
    let known = transaction.one(WHAT, KNOWN, &names, |row| {
        let answer = row.text(3)?.unwrap_or_default();
        let begun_ms = row.integer(1)?.unwrap_or_default();
        Ok((row.bytes(0)?.unwrap_or_default(), begun_ms, row.integer(2)?, answer))
    })?;
    Ok(match known {
        Some((hash, ..)) if hash != request.hash => Before::Other,
        Some((_, _, Some(status), answer)) => Before::Answered { status, answer },
        Some((_, begun_ms, None, _)) => Before::Begun(begun_ms),
        None => {
            let [owner, key] = names;
            let hash = Value::from(request.hash.as_slice());
            transaction.execute(WHAT, NOTE, &[owner, key, hash, request.at_ms.into()])?;
            Before::New
        }
    })
}

/// Notes how a request was answered.
pub fn end(
    transaction: &mut Transaction<'_>,
    request: &Request<'_>,
    status: i64,
    answer: &str,
) -> Result<(), StoreError> {
    let sql = "update repeat_key set status = ?3, answer = ?4 where owner = ?1 and key = ?2";
    let values = [request.owner.into(), request.key.into(), status.into(), answer.into()];
    transaction.execute(WHAT, sql, &values).map(|_| ())
}

/// Forgets a request of which nothing was done, so that it may be sent again.
pub fn forget(transaction: &mut Transaction<'_>, request: &Request<'_>) -> Result<(), StoreError> {
    let sql = "delete from repeat_key where owner = ?1 and key = ?2 and status is null";
    transaction.execute(WHAT, sql, &[request.owner.into(), request.key.into()]).map(|_| ())
}

/// Forgets what came before a moment, in milliseconds since 1970. Not for whoever asks now: a clock
/// that is wrong for a while would let them ask for the same twice.
pub fn forget_before(transaction: &mut Transaction<'_>, before_ms: i64) -> Result<u64, StoreError> {
    let sql = "delete from repeat_key where begun_ms < ?1";
    transaction.execute(WHAT, sql, &[before_ms.into()])
}
