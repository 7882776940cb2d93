//! Documents as they were received: the ground from which everything else can be made anew.
//!
//! Each is kept once, whatever its names, under the SHA-256 of its bytes, and packed. Refuses to
//! give out bytes that are not those which were received.

mod packing;

use std::fmt::Write as _;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use self::packing::Unpacker;
pub use self::packing::{Packed, Packer};

use crate::StoreError;
use crate::database::{Row, Transaction, Value};
use crate::readings::{self, Reading};

/// Most documents of one page.
pub const PAGE: usize = 500;

const KEEP: &str = "keep a document";

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
    let hash = hash_of(bytes);
    if is_known(transaction, &hash)? {
        note(transaction, &hash, receipt)?;
        return Ok((hash, false));
    }
    let mut packer = Packer::beside(&std::env::temp_dir());
    packer.take(bytes)?;
    keep(transaction, &packer.end()?, receipt).map(|is_new| (hash, is_new))
}

/// Keeps a document that was packed; whether it was not known before.
pub fn keep(
    transaction: &mut Transaction<'_>,
    document: &Packed,
    receipt: &Receipt<'_>,
) -> Result<bool, StoreError> {
    let is_known = is_known(transaction, &document.hash)?;
    if !is_known {
        put(transaction, document)?;
    }
    note(transaction, &document.hash, receipt)?;
    Ok(!is_known)
}

/// Puts the bytes of a document into the store, where they are not, or not any more.
fn put(transaction: &mut Transaction<'_>, document: &Packed) -> Result<(), StoreError> {
    const WHOLE: &str = "insert into document (hash, bytes, packed) values (?1, ?2, ?3) \
         on conflict (hash) do update set packed = excluded.packed, forgotten_ms = null";
    const PIECE: &str = "insert into document_piece (document, place, packed) values (?1, ?2, ?3)";
    let hash = Value::from(document.hash.as_str());
    let length = i64::try_from(document.bytes).unwrap_or(i64::MAX);
    let short = document.short().unwrap_or_default();
    transaction.execute(KEEP, WHOLE, &[hash, length.into(), short.into()])?;
    document.each(|place, piece| {
        transaction.execute(KEEP, PIECE, &[hash, place.into(), piece.into()]).map(|_| ())
    })
}

fn is_known(transaction: &mut Transaction<'_>, hash: &str) -> Result<bool, StoreError> {
    let known = "select 1 from document where hash = ?1 and forgotten_ms is null";
    Ok(transaction.one(KEEP, known, &[hash.into()], |_| Ok(()))?.is_some())
}

/// Notes that a document that is kept came, or came again.
pub fn note(
    transaction: &mut Transaction<'_>,
    hash: &str,
    receipt: &Receipt<'_>,
) -> Result<(), StoreError> {
    let sql = "insert into receipt (number, document, name, source, at_ms) \
               select coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4 from receipt";
    let values: [Value<'_>; 4] =
        [hash.into(), receipt.name.into(), receipt.source.into(), receipt.at_ms.into()];
    transaction.execute(KEEP, sql, &values).map(|_| ())
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

/// The document of that name that counts.
pub fn one(transaction: &mut Transaction<'_>, name: &str) -> Result<Option<Current>, StoreError> {
    let sql = "select number, name, document, source, at_ms from receipt where number = \
               (select max(number) from receipt where name = ?1) and document is not null";
    transaction.one("read a document", sql, &[name.into()], current_of)
}

/// A name under which something came, or was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The name.
    pub name: String,
    /// The hash of what counted before; none where nothing did.
    pub before: Option<String>,
    /// The hash of what counts now.
    pub now: Option<String>,
}

/// The names under which something came, or was taken away, after a receipt, with what counted up
/// to it and what counts now. By name.
pub fn changed_since(
    transaction: &mut Transaction<'_>,
    receipt: i64,
) -> Result<Vec<Changed>, StoreError> {
    const WHAT: &str = "list the documents";
    const BEFORE: &str = "select document from receipt where number = \
         (select max(number) from receipt where name = ?1 and number <= ?2)";
    let names = "select distinct name from receipt where number > ?1 order by name";
    let names = transaction.all(WHAT, names, &[receipt.into()], |row| row.text(0))?;
    let mut changed = Vec::new();
    for name in names.into_iter().flatten() {
        let values = [name.as_str().into(), receipt.into()];
        let before = transaction.one(WHAT, BEFORE, &values, |row| row.text(0))?.flatten();
        let now = one(transaction, &name)?.map(|current| current.hash);
        changed.push(Changed { name, before, now });
    }
    Ok(changed)
}

/// How many documents count.
pub fn count(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let sql = "select count(*) from receipt where number in \
               (select max(number) from receipt group by name) and document is not null";
    let count = transaction.one("list the documents", sql, &[], |row| row.integer(0))?;
    Ok(count.flatten().unwrap_or_default())
}

/// When the first receipt after a number came, in milliseconds since 1970; none where there is
/// none.
pub fn waits_since(
    transaction: &mut Transaction<'_>,
    receipt: i64,
) -> Result<Option<i64>, StoreError> {
    let sql = "select min(at_ms) from receipt where number > ?1";
    let since =
        transaction.one("list the documents", sql, &[receipt.into()], |row| row.integer(0))?;
    Ok(since.flatten())
}

/// The size of a document in bytes; 0 where there is none of that hash.
pub fn size(transaction: &mut Transaction<'_>, hash: &str) -> Result<i64, StoreError> {
    let sql = "select bytes from document where hash = ?1";
    let size = transaction.one("read a document", sql, &[hash.into()], |row| row.integer(0))?;
    Ok(size.flatten().unwrap_or_default())
}

/// A document that counts, with its size and what was read of it, where it was judged already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which, and how it came.
    pub current: Current,
    /// Its size in bytes.
    pub bytes: i64,
    /// What was read of it; of one that came just now, of the one of its name before.
    pub reading: Option<Reading>,
}

/// The documents that count after a name, by name.
pub fn page(
    transaction: &mut Transaction<'_>,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<Listed>, StoreError> {
    let sql = "select receipt.number, receipt.name, document, source, at_ms, document.bytes, \
               reading.name, format, reading.bytes, records, records_read, refused, problems, rest \
               from receipt join document on document.hash = receipt.document \
               left join reading on reading.name = receipt.name \
               where receipt.name > ?1 and receipt.number = \
               (select max(number) from receipt as own where own.name = receipt.name) \
               order by receipt.name limit ?2";
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    let values = [after.unwrap_or_default().into(), most.into()];
    transaction.all("list the documents", sql, &values, |row| {
        let is_read = row.text(6)?.is_some();
        let reading = is_read.then(|| readings::from(row, 6)).transpose()?;
        let bytes = row.integer(5)?.unwrap_or_default();
        Ok(Listed { current: current_of(row)?, bytes, reading })
    })
}

/// The document that a name had before it was taken away; none where it was not, or its bytes were
/// forgotten.
pub fn taken_away(
    transaction: &mut Transaction<'_>,
    name: &str,
) -> Result<Option<Current>, StoreError> {
    if one(transaction, name)?.is_some() {
        return Ok(None);
    }
    let Some(last) = receipts(transaction, name)?.into_iter().next() else { return Ok(None) };
    Ok(is_known(transaction, &last.hash)?.then_some(last))
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

/// The bytes of a document; `None` where there is none of that hash, or they were forgotten.
pub fn bytes(transaction: &mut Transaction<'_>, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    const WHOLE: &str = "select packed from document where hash = ?1 and forgotten_ms is null";
    const PIECES: &str = "select packed from document_piece where document = ?1 order by place";
    const READ: &str = "read a document";
    let short = transaction.one(READ, WHOLE, &[hash.into()], |row| row.bytes(0))?;
    let Some(short) = short.map(Option::unwrap_or_default) else { return Ok(None) };
    let mut unpacker = Unpacker::new();
    if short.is_empty() {
        transaction.each(READ, PIECES, &[hash.into()], |row| {
            unpacker.take(&row.bytes(0)?.unwrap_or_default())
        })?;
    } else {
        unpacker.take(&short)?;
    }
    unpacker.end(hash).map(Some)
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
