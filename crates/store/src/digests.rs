//! What each document tells, in short, and how each release was joined: by this it is known what a
//! document that came can change, without opening all others.
//!
//! Refuses to know what the bits and the hashes stand for.

use crate::StoreError;
use crate::database::{Row, Transaction};

/// What a document tells, in short.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Digest {
    /// The document's hash.
    pub document: String,
    /// Which kinds of facts it has, as bits.
    pub kinds: i64,
    /// Hashes of what it names, sorted.
    pub names: Vec<u64>,
    /// Hashes of what it asks for, sorted.
    pub asked: Vec<u64>,
    /// What is known of its SBOMs, as a JSON list; empty where it has none.
    pub sboms: String,
}

/// How a release was joined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recalled {
    /// The release's id.
    pub release: String,
    /// What is known of it, as one JSON object.
    pub facts: String,
    /// Hashes of what its components are found by, sorted.
    pub keys: Vec<u64>,
}

const WRITE: &str = "write what documents tell in short";
const READ: &str = "read what documents tell in short";

/// Puts the digest of a document.
pub fn put(transaction: &mut Transaction<'_>, digest: &Digest) -> Result<(), StoreError> {
    let sql = "insert into digest (document, kinds, names, asked, sboms) \
               values (?1, ?2, ?3, ?4, ?5) on conflict (document) do update set \
               kinds = excluded.kinds, names = excluded.names, asked = excluded.asked, \
               sboms = excluded.sboms";
    let (names, asked) = (bytes(&digest.names), bytes(&digest.asked));
    let values = [
        digest.document.as_str().into(),
        digest.kinds.into(),
        names.as_slice().into(),
        asked.as_slice().into(),
        digest.sboms.as_str().into(),
    ];
    transaction.execute(WRITE, sql, &values).map(|_| ())
}

/// The digests of the documents that count, and of those that counted up to a receipt.
pub fn current(transaction: &mut Transaction<'_>, upto: i64) -> Result<Vec<Digest>, StoreError> {
    let sql = "select document, kinds, names, asked, sboms from digest where document in \
               (select document from receipt where number in \
               (select max(number) from receipt group by name)) or document in \
               (select document from receipt where number in \
               (select max(number) from receipt where number <= ?1 group by name))";
    transaction.all(READ, sql, &[upto.into()], |row| {
        Ok(Digest {
            document: row.text(0)?.unwrap_or_default(),
            kinds: row.integer(1)?.unwrap_or_default(),
            names: numbers(row, 2)?,
            asked: numbers(row, 3)?,
            sboms: row.text(4)?.unwrap_or_default(),
        })
    })
}

/// Takes away the digests of all documents.
pub fn clear(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(WRITE, "delete from digest", &[]).map(|_| ())
}

/// Puts how all releases were joined, in their order, in the place of what stood there.
pub fn recall(transaction: &mut Transaction<'_>, all: &[Recalled]) -> Result<(), StoreError> {
    let sql = "insert into recalled (release, place, facts, keys) values (?1, ?2, ?3, ?4)";
    transaction.execute(WRITE, "delete from recalled", &[])?;
    for (place, one) in (0_i64..).zip(all) {
        let keys = bytes(&one.keys);
        let (release, facts) = (one.release.as_str().into(), one.facts.as_str().into());
        transaction.execute(WRITE, sql, &[release, place.into(), facts, keys.as_slice().into()])?;
    }
    Ok(())
}

/// How all releases were joined, in their order.
pub fn recalled(transaction: &mut Transaction<'_>) -> Result<Vec<Recalled>, StoreError> {
    let sql = "select release, facts, keys from recalled order by place";
    transaction.all(READ, sql, &[], |row| {
        Ok(Recalled {
            release: row.text(0)?.unwrap_or_default(),
            facts: row.text(1)?.unwrap_or_default(),
            keys: numbers(row, 2)?,
        })
    })
}

fn bytes(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn numbers(row: &Row<'_>, column: usize) -> Result<Vec<u64>, StoreError> {
    let bytes = row.bytes(column)?.unwrap_or_default();
    let (numbers, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(StoreError::Unreadable { what: "digest" });
    }
    Ok(numbers.iter().map(|number| u64::from_be_bytes(*number)).collect())
}
