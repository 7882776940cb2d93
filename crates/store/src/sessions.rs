//! Sessions: who is signed in, since when, and when they last proved to be there.
//!
//! A session is found by the fingerprint of its token alone, and ends by being removed. Refuses to
//! keep the token, and to say when a session has grown too old: `presentation::sign_in` does.

use domain::person::PersonId;
use serde_json::json;

use crate::StoreError;
use crate::audit::{By, number, text};
use crate::database::{Row, Transaction, Value};
use crate::documents::hex;
use crate::secret::Fingerprint;

const READ: &str = "read the sessions";
const WRITE: &str = "write the sessions";

/// A session. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Of its token.
    pub fingerprint: Fingerprint,
    /// Whose it is.
    pub person: PersonId,
    /// Since when.
    pub begun_ms: i64,
    /// When it was last used.
    pub used_ms: i64,
    /// When the second factor was given, if it was.
    pub second_ms: Option<i64>,
    /// When the person last proved to be there, by a password or a second factor.
    pub confirmed_ms: i64,
    /// From which address.
    pub source: String,
    /// With which browser, as that says of itself.
    pub agent: String,
}

impl Session {
    /// By what it is named to be ended; it does not sign anybody in.
    #[must_use]
    pub fn id(&self) -> String {
        hex(self.fingerprint.bytes())
    }
}

/// Begins a session. A person keeps `most`: those with a second factor before those without, so
/// that a stolen password ends none of them, and of each the ones that were used last.
pub fn begin(
    transaction: &mut Transaction<'_>,
    session: &Session,
    most: i64,
    by: By<'_>,
) -> Result<(), StoreError> {
    let person = session.person.0.as_str();
    let values: [Value<'_>; 8] = [
        session.fingerprint.bytes().as_slice().into(),
        person.into(),
        session.begun_ms.into(),
        session.used_ms.into(),
        session.second_ms.into(),
        session.confirmed_ms.into(),
        session.source.as_str().into(),
        session.agent.as_str().into(),
    ];
    let sql = "insert into session (hash, person, begun_ms, used_ms, second_ms, confirmed_ms, \
               source, agent) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    transaction.execute(WRITE, sql, &values)?;
    let sql = "delete from session where person = ?1 and hash not in \
               (select hash from session where person = ?1 \
               order by second_ms is null, used_ms desc, hash limit ?2)";
    transaction.execute(WRITE, sql, &[person.into(), most.into()])?;
    let detail = json!({ "source": session.source, "second": session.second_ms.is_some() });
    by.did(transaction, "session.begin", person, &detail)
}

/// The session of a token, where it was not ended.
pub fn find(
    transaction: &mut Transaction<'_>,
    fingerprint: &Fingerprint,
) -> Result<Option<Session>, StoreError> {
    let sql = "select hash, person, begun_ms, used_ms, second_ms, confirmed_ms, source, agent \
               from session where hash = ?1";
    transaction.one(READ, sql, &[fingerprint.bytes().as_slice().into()], session)
}

/// Every session of a person, the one that was used last first.
pub fn of(
    transaction: &mut Transaction<'_>,
    person: &PersonId,
) -> Result<Vec<Session>, StoreError> {
    let sql = "select hash, person, begun_ms, used_ms, second_ms, confirmed_ms, source, agent \
               from session where person = ?1 order by used_ms desc, hash";
    transaction.all(READ, sql, &[person.0.as_str().into()], session)
}

/// Notes that a session was used.
pub fn touch(
    transaction: &mut Transaction<'_>,
    fingerprint: &Fingerprint,
    now_ms: i64,
) -> Result<(), StoreError> {
    let sql = "update session set used_ms = ?2 where hash = ?1 and used_ms < ?2";
    let values: [Value<'_>; 2] = [fingerprint.bytes().as_slice().into(), now_ms.into()];
    transaction.execute(WRITE, sql, &values).map(|_| ())
}

/// Notes that the person has proved anew to be there: with the second factor, or without one.
pub fn confirm(
    transaction: &mut Transaction<'_>,
    session: &Session,
    with_second: WithSecond,
    by: By<'_>,
) -> Result<(), StoreError> {
    let second = match with_second {
        WithSecond::Given => Some(by.at_ms),
        WithSecond::NotGiven => session.second_ms,
    };
    let sql = "update session set confirmed_ms = ?2, second_ms = ?3, used_ms = ?2 where hash = ?1";
    let values: [Value<'_>; 3] =
        [session.fingerprint.bytes().as_slice().into(), by.at_ms.into(), second.into()];
    transaction.execute(WRITE, sql, &values)?;
    let detail = json!({ "second": with_second == WithSecond::Given });
    by.did(transaction, "session.confirm", &session.person.0, &detail)
}

/// Whether somebody proved to be there by a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithSecond {
    /// Yes.
    Given,
    /// No: by the password.
    NotGiven,
}

/// Ends a session; whether there was one.
pub fn end(
    transaction: &mut Transaction<'_>,
    session: &Session,
    by: By<'_>,
) -> Result<bool, StoreError> {
    let sql = "delete from session where hash = ?1";
    let values = [session.fingerprint.bytes().as_slice().into()];
    if transaction.execute(WRITE, sql, &values)? == 0 {
        return Ok(false);
    }
    by.did(transaction, "session.end", &session.person.0, &json!({ "source": session.source }))?;
    Ok(true)
}

/// Ends every session of a person; how many there were.
pub fn end_all(
    transaction: &mut Transaction<'_>,
    person: &PersonId,
    by: By<'_>,
) -> Result<u64, StoreError> {
    let sql = "delete from session where person = ?1";
    let ended = transaction.execute(WRITE, sql, &[person.0.as_str().into()])?;
    if ended > 0 {
        by.did(transaction, "session.end-all", &person.0, &json!({ "sessions": ended }))?;
    }
    Ok(ended)
}

/// Forgets sessions that nobody can use any more: begun before one time, or last used before the
/// other. They ended by themselves, so the chain does not say it.
pub fn forget(
    transaction: &mut Transaction<'_>,
    begun_before_ms: i64,
    used_before_ms: i64,
) -> Result<u64, StoreError> {
    let sql = "delete from session where begun_ms < ?1 or used_ms < ?2";
    transaction.execute(WRITE, sql, &[begun_before_ms.into(), used_before_ms.into()])
}

fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    let fingerprint = Fingerprint::read(row.bytes(0)?);
    Ok(Session {
        fingerprint: fingerprint.ok_or(StoreError::Unreadable { what: "session" })?,
        person: PersonId(text(row, 1)?.into()),
        begun_ms: number(row, 2)?,
        used_ms: number(row, 3)?,
        second_ms: row.integer(4)?,
        confirmed_ms: number(row, 5)?,
        source: text(row, 6)?,
        agent: text(row, 7)?,
    })
}
