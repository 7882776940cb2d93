//! The code by which the first administrator is made.
//!
//! Refuses to keep more than one, and the code itself.

use crate::StoreError;
use crate::audit::{By, number};
use crate::database::{Transaction, Value};
use crate::secret::Fingerprint;

const WHAT: &str = "keep the code of the set-up";

/// Puts a code in the place of the one before.
pub fn put(
    transaction: &mut Transaction<'_>,
    code: &Fingerprint,
    by: By<'_>,
) -> Result<(), StoreError> {
    transaction.execute(WHAT, "delete from setup_code", &[])?;
    let sql = "insert into setup_code (number, hash, made_ms) values (1, ?1, ?2)";
    let values: [Value<'_>; 2] = [code.bytes().as_slice().into(), by.at_ms.into()];
    transaction.execute(WHAT, sql, &values)?;
    by.did(transaction, "setup.code", "", &serde_json::json!({}))
}

/// When that code was made, where it is the one that counts.
pub fn made_ms(
    transaction: &mut Transaction<'_>,
    code: &Fingerprint,
) -> Result<Option<i64>, StoreError> {
    let sql = "select made_ms from setup_code where hash = ?1";
    transaction.one(WHAT, sql, &[code.bytes().as_slice().into()], |row| number(row, 0))
}

/// Takes the code away.
pub fn remove(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(WHAT, "delete from setup_code", &[]).map(|_| ())
}
