//! A view: what the findings of a release mean for devices that are alike, once for all of them.

use std::io::Read;

use flate2::read::DeflateDecoder;

use crate::StoreError;
use crate::database::Transaction;
use crate::documents::{hash_of, pack};

/// Longest ranking, unpacked, in bytes.
const LONGEST: u64 = 256 << 20;

/// The name of a ranking: the hash of its JSON.
#[must_use]
pub fn name(json: &str) -> String {
    let mut name = hash_of(json.as_bytes());
    name.truncate(32);
    name
}

/// Puts a ranking, unless it is there.
pub fn put(transaction: &mut Transaction<'_>, name: &str, json: &str) -> Result<(), StoreError> {
    const WHAT: &str = "write what findings mean";
    let known = "select 1 from ranking where id = ?1";
    if transaction.one(WHAT, known, &[name.into()], |_| Ok(()))?.is_none() {
        let packed = pack(json.as_bytes());
        let sql = "insert into ranking (id, findings) values (?1, ?2)";
        transaction.execute(WHAT, sql, &[name.into(), packed.as_slice().into()])?;
    }
    Ok(())
}

/// The JSON of a ranking.
pub fn json(transaction: &mut Transaction<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "select findings from ranking where id = ?1";
    let packed = transaction
        .one("read what findings mean", sql, &[name.into()], |row| row.bytes(0))?
        .map(Option::unwrap_or_default);
    let Some(packed) = packed else { return Ok(None) };
    let mut json = String::new();
    DeflateDecoder::new(packed.as_slice())
        .take(LONGEST)
        .read_to_string(&mut json)
        .map_err(|_| StoreError::Unreadable { what: "ranking" })?;
    Ok(Some(json))
}

/// Takes away those that no device has.
pub fn tidy(transaction: &mut Transaction<'_>) -> Result<u64, StoreError> {
    let sql = "delete from ranking where not exists \
               (select 1 from device where device.ranking = ranking.id)";
    transaction.execute("write what findings mean", sql, &[])
}
