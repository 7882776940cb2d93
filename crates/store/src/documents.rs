//! Documents as they were received: the ground from which everything else can be made anew.
//!
//! Each is kept once, whatever its names, under the SHA-256 of its bytes, and packed. Refuses to
//! give out bytes that are not those which were received.

use std::fmt::Write as _;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::database::{Row, Transaction, Value};

/// How a document came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt<'r> {
    /// Under which name.
    pub name: &'r str,
    /// From where: a folder, a feed's address, whoever uploaded it.
    pub source: &'r str,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// Keeps a document; its hash, and whether it was not known before.
pub fn receive(
    transaction: &mut Transaction<'_>,
    bytes: &[u8],
    receipt: &Receipt<'_>,
) -> Result<(String, bool), StoreError> {
    const WHAT: &str = "keep a document";
    let hash = hash_of(bytes);
    let known = "select 1 from document where hash = ?1";
    let is_known = transaction.one(WHAT, known, &[hash.as_str().into()], |_| Ok(()))?.is_some();
    if !is_known {
        let packed = pack(bytes);
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let values: [Value<'_>; 3] =
            [hash.as_str().into(), length.into(), packed.as_slice().into()];
        let sql = "insert into document (hash, bytes, packed) values (?1, ?2, ?3)";
        transaction.execute(WHAT, sql, &values)?;
    }
    let sql = "insert into receipt (number, document, name, source, at_ms) \
               select coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4 from receipt";
    let values: [Value<'_>; 4] =
        [hash.as_str().into(), receipt.name.into(), receipt.source.into(), receipt.at_ms.into()];
    transaction.execute(WHAT, sql, &values)?;
    Ok((hash, !is_known))
}

/// Notes that a document was taken away: what it told no longer counts. It stays in the store.
pub fn withdraw(
    transaction: &mut Transaction<'_>,
    name: &str,
    source: &str,
    at_ms: i64,
) -> Result<(), StoreError> {
    let sql = "insert into receipt (number, document, name, source, at_ms) \
               select coalesce(max(number), 0) + 1, null, ?1, ?2, ?3 from receipt";
    let values = [name.into(), source.into(), at_ms.into()];
    transaction.execute("take a document away", sql, &values).map(|_| ())
}

/// A document that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The number of its receipt.
    pub receipt: i64,
    /// Its name.
    pub name: String,
    /// Its hash.
    pub hash: String,
    /// From where it came.
    pub source: String,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// The documents that count: of each name the one that came last, unless it was taken away. By
/// name.
pub fn current(transaction: &mut Transaction<'_>) -> Result<Vec<Current>, StoreError> {
    let sql = "select number, name, document, source, at_ms from receipt where number in \
               (select max(number) from receipt group by name) and document is not null \
               order by name";
    transaction.all("list the documents", sql, &[], current_of)
}

fn current_of(row: &Row<'_>) -> Result<Current, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
    Ok(Current {
        receipt: number(0)?,
        name: text(1)?,
        hash: text(2)?,
        source: text(3)?,
        at_ms: number(4)?,
    })
}

/// Every time that a document of that name came, the last one first.
pub fn receipts(transaction: &mut Transaction<'_>, name: &str) -> Result<Vec<Current>, StoreError> {
    let sql = "select number, name, document, source, at_ms from receipt \
               where name = ?1 and document is not null order by number desc limit 100";
    transaction.all("list the documents", sql, &[name.into()], current_of)
}

/// The number of the last receipt; 0 where there is none.
pub fn last_receipt(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let sql = "select max(number) from receipt";
    let last = transaction.one("list the documents", sql, &[], |row| row.integer(0))?;
    Ok(last.flatten().unwrap_or_default())
}

/// The bytes of a document; `None` where there is none of that hash.
pub fn bytes(transaction: &mut Transaction<'_>, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "select packed from document where hash = ?1";
    let packed = transaction
        .one("read a document", sql, &[hash.into()], |row| row.bytes(0))?
        .map(Option::unwrap_or_default);
    let Some(packed) = packed else { return Ok(None) };
    let mut bytes = Vec::new();
    let whole = DeflateDecoder::new(packed.as_slice()).read_to_end(&mut bytes);
    match whole {
        Ok(_) if hash_of(&bytes) == hash => Ok(Some(bytes)),
        _ => Err(StoreError::Unreadable { what: "document" }),
    }
}

/// SHA-256 (FIPS 180-4) in hexadecimal.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::fast());
    let packed: io::Result<Vec<u8>> = out.write_all(bytes).and_then(|()| out.finish());
    packed.expect("invariant: memory takes whatever is written")
}
