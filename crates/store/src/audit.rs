//! The audit chain: who did what to what, and when.
//!
//! Rows are only ever added. The hash of each covers the one before it, so that whoever changes or
//! removes one has to change all that follow; a copy of the last hash that somebody else keeps then
//! shows it. Refuses to say more than that: whoever may write the store and knows the program can
//! make a chain of their own, and only such a copy tells.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::database::{Row, Transaction, Value};

/// What is hashed before the first row.
const BEGINNING: [u8; 32] = [0; 32];

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who: an account, a token, or a part of the program.
    pub actor: String,
    /// What, as a code: `order.approve`, `document.receive`.
    pub action: String,
    /// To what: the id of an order, a device, a document.
    pub subject: String,
    /// More of it, as one JSON object; `{}` where there is nothing.
    pub detail: String,
}

/// Who changes something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By<'b> {
    /// An account, a token, or a part of the program.
    pub actor: &'b str,
    /// In milliseconds since 1970.
    pub at_ms: i64,
}

impl By<'_> {
    /// Adds that they did something to something; `detail` is one JSON object.
    pub(crate) fn did(
        self,
        transaction: &mut Transaction<'_>,
        action: &str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let entry = Entry {
            at_ms: self.at_ms,
            actor: self.actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_string(),
        };
        append(transaction, &entry).map(|_| ())
    }
}

/// The hash of a row and of all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many rows there are.
    pub number: i64,
    /// SHA-256 (FIPS 180-4).
    pub hash: [u8; 32],
}

impl Head {
    /// That of an empty chain.
    pub const EMPTY: Self = Self { number: 0, hash: BEGINNING };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.number)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// As it is shown: the number, a colon, the hash in hexadecimal.
impl FromStr for Head {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let wrong = || StoreError::Head { found: text.to_owned() };
        let (number, hex) = text.split_once(':').ok_or_else(wrong)?;
        let number = number.parse().map_err(|_| wrong())?;
        let is_hex = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut hash = [0; 32];
        for (place, byte) in hash.iter_mut().enumerate() {
            let digits = hex.get(2 * place..2 * place + 2).filter(|_| is_hex);
            *byte = u8::from_str_radix(digits.ok_or_else(wrong)?, 16).map_err(|_| wrong())?;
        }
        Ok(Self { number, hash })
    }
}

/// Why a chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A row is not the one that was written.
    #[error("row {0} of the audit chain was changed after it was written")]
    Changed(i64),
    /// A row is not there.
    #[error("row {0} of the audit chain is missing")]
    Missing(i64),
    /// It ends before the place that somebody else has noted, or was made anew.
    #[error(
        "the audit chain does not lead to {0}, which was noted: rows were removed or made anew"
    )]
    Other(Head),
}

/// Adds an entry; the head from then on.
pub fn append(transaction: &mut Transaction<'_>, entry: &Entry) -> Result<Head, StoreError> {
    const WHAT: &str = "write the audit chain";
    let head = head(transaction)?;
    let next = Head { number: head.number + 1, hash: follow(&head, entry) };
    let values: [Value<'_>; 7] = [
        next.number.into(),
        entry.at_ms.into(),
        entry.actor.as_str().into(),
        entry.action.as_str().into(),
        entry.subject.as_str().into(),
        entry.detail.as_str().into(),
        next.hash.as_slice().into(),
    ];
    let sql = "insert into audit (number, at_ms, actor, action, subject, detail, hash) \
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.execute(WHAT, sql, &values)?;
    Ok(next)
}

/// The last row's.
pub fn head(transaction: &mut Transaction<'_>) -> Result<Head, StoreError> {
    let sql = "select number, hash from audit order by number desc limit 1";
    let found = transaction.one("read the audit chain", sql, &[], |row| {
        Ok(Head { number: number(row, 0)?, hash: hash(row, 1)? })
    })?;
    Ok(found.unwrap_or(Head::EMPTY))
}

/// The rows before a number, the last one first, each with its number.
pub fn last(
    transaction: &mut Transaction<'_>,
    before: i64,
    most: i64,
) -> Result<Vec<(i64, Entry)>, StoreError> {
    let sql = "select number, at_ms, actor, action, subject, detail from audit \
               where number < ?1 order by number desc limit ?2";
    transaction.all("read the audit chain", sql, &[before.into(), most.into()], |row| {
        let entry = Entry {
            at_ms: number(row, 1)?,
            actor: text(row, 2)?,
            action: text(row, 3)?,
            subject: text(row, 4)?,
            detail: text(row, 5)?,
        };
        Ok((number(row, 0)?, entry))
    })
}

/// Follows the whole chain, past a head that was noted elsewhere, if there is one.
pub fn verify(
    transaction: &mut Transaction<'_>,
    noted: Option<&Head>,
) -> Result<Result<Head, Broken>, StoreError> {
    let mut head = Head::EMPTY;
    let mut broken = None;
    let mut is_passed = noted.is_none_or(|noted| *noted == head);
    each(transaction, |number, hash, entry| {
        if broken.is_some() {
            return;
        }
        let next = Head { number: head.number + 1, hash: follow(&head, &entry) };
        if number != next.number {
            broken = Some(Broken::Missing(next.number));
        } else if hash != next.hash {
            broken = Some(Broken::Changed(number));
        }
        head = next;
        is_passed |= noted == Some(&head);
    })?;
    let other = noted.filter(|_| !is_passed).map(|noted| Broken::Other(*noted));
    Ok(broken.or(other).map_or(Ok(head), Err))
}

/// Hands over every row, with its number and hash.
pub fn each(
    transaction: &mut Transaction<'_>,
    mut take: impl FnMut(i64, [u8; 32], Entry),
) -> Result<(), StoreError> {
    let sql = "select number, hash, at_ms, actor, action, subject, detail from audit \
               order by number";
    transaction.each("read the audit chain", sql, &[], |row| {
        let entry = Entry {
            at_ms: number(row, 2)?,
            actor: text(row, 3)?,
            action: text(row, 4)?,
            subject: text(row, 5)?,
            detail: text(row, 6)?,
        };
        take(number(row, 0)?, hash(row, 1)?, entry);
        Ok(())
    })
}

/// The hash of a row that follows another: each part with its length before it, so that no two rows
/// are hashed alike.
fn follow(head: &Head, entry: &Entry) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(head.hash);
    hash.update((head.number + 1).to_be_bytes());
    hash.update(entry.at_ms.to_be_bytes());
    for part in [&entry.actor, &entry.action, &entry.subject, &entry.detail] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

pub(crate) fn number(row: &Row<'_>, column: usize) -> Result<i64, StoreError> {
    row.integer(column)?.ok_or(StoreError::Unreadable { what: "number" })
}

pub(crate) fn text(row: &Row<'_>, column: usize) -> Result<String, StoreError> {
    row.text(column)?.ok_or(StoreError::Unreadable { what: "text" })
}

fn hash(row: &Row<'_>, column: usize) -> Result<[u8; 32], StoreError> {
    let bytes = row.bytes(column)?.unwrap_or_default();
    bytes.try_into().map_err(|_| StoreError::Unreadable { what: "hash" })
}
