//! Failures to sign in that count, so that a restart forgets none of them; and the browsers at
//! which people have signed in before.
//!
//! Refuses to know what follows from a count: `presentation::sign_in::limits` does. A key is made
//! there, and holds no name that somebody typed.

use domain::person::PersonId;

use crate::StoreError;
use crate::audit::number;
use crate::database::{Transaction, Value};
use crate::secret::Fingerprint;

const WHAT: &str = "count attempts to sign in";

/// What counts against something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// How many failures.
    pub failures: i64,
    /// The last of them, in milliseconds since 1970.
    pub at_ms: i64,
}

/// What counts against a key; nothing where nothing was counted.
pub fn count(transaction: &mut Transaction<'_>, key: &str) -> Result<Count, StoreError> {
    let sql = "select failures, at_ms from attempt where key = ?1";
    let found = transaction.one(WHAT, sql, &[key.into()], |row| {
        Ok(Count { failures: number(row, 0)?, at_ms: number(row, 1)? })
    })?;
    Ok(found.unwrap_or_default())
}

/// Puts a count in the place of what stood there; one of no failures is no row.
pub fn put(transaction: &mut Transaction<'_>, key: &str, count: Count) -> Result<(), StoreError> {
    if count == Count::default() {
        let sql = "delete from attempt where key = ?1";
        return transaction.execute(WHAT, sql, &[key.into()]).map(|_| ());
    }
    let sql = "insert into attempt (key, failures, at_ms) values (?1, ?2, ?3) \
               on conflict (key) do update set failures = excluded.failures, \
               at_ms = excluded.at_ms";
    let values: [Value<'_>; 3] = [key.into(), count.failures.into(), count.at_ms.into()];
    transaction.execute(WHAT, sql, &values).map(|_| ())
}

/// Forgets what was last counted before a time.
pub fn forget(transaction: &mut Transaction<'_>, before_ms: i64) -> Result<u64, StoreError> {
    transaction.execute(WHAT, "delete from attempt where at_ms < ?1", &[before_ms.into()])
}

/// When a person last signed in at a browser that shows a token.
pub fn known(
    transaction: &mut Transaction<'_>,
    browser: &Fingerprint,
    person: &PersonId,
) -> Result<Option<i64>, StoreError> {
    let sql = "select used_ms from known_browser where hash = ?1 and person = ?2";
    let values: [Value<'_>; 2] = [browser.bytes().as_slice().into(), person.0.as_str().into()];
    transaction.one("look a browser up", sql, &values, |row| number(row, 0))
}

/// Whether anybody has signed in at a browser that shows a token.
pub fn is_somebodys(
    transaction: &mut Transaction<'_>,
    browser: &Fingerprint,
) -> Result<bool, StoreError> {
    let sql = "select 1 from known_browser where hash = ?1 limit 1";
    let values = [browser.bytes().as_slice().into()];
    Ok(transaction.one("look a browser up", sql, &values, |_| Ok(()))?.is_some())
}

/// Knows a browser as a person's from now on; the `most` that were used last are kept.
pub fn know(
    transaction: &mut Transaction<'_>,
    browser: &Fingerprint,
    person: &PersonId,
    (now_ms, most): (i64, i64),
) -> Result<(), StoreError> {
    const WHAT: &str = "keep a browser";
    let sql = "insert into known_browser (hash, person, used_ms) values (?1, ?2, ?3) \
               on conflict (hash, person) do update set used_ms = excluded.used_ms";
    let person = person.0.as_str();
    let values: [Value<'_>; 3] = [browser.bytes().as_slice().into(), person.into(), now_ms.into()];
    transaction.execute(WHAT, sql, &values)?;
    let sql = "delete from known_browser where person = ?1 and hash not in \
               (select hash from known_browser where person = ?1 \
               order by used_ms desc, hash limit ?2)";
    transaction.execute(WHAT, sql, &[person.into(), most.into()]).map(|_| ())
}

/// Knows no browser of a person any more.
pub fn know_none(transaction: &mut Transaction<'_>, person: &PersonId) -> Result<(), StoreError> {
    let sql = "delete from known_browser where person = ?1";
    transaction.execute("forget browsers", sql, &[person.0.as_str().into()]).map(|_| ())
}

/// Forgets browsers that were last used before a time.
pub fn forget_browsers(
    transaction: &mut Transaction<'_>,
    before_ms: i64,
) -> Result<u64, StoreError> {
    let sql = "delete from known_browser where used_ms < ?1";
    transaction.execute("forget browsers", sql, &[before_ms.into()])
}
