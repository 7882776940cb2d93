//! A view: what the base holds by which was judged last.
//!
//! Refuses to hold a document of it: the base is a file of its own.

use crate::StoreError;
use crate::database::Transaction;

/// What a base holds of one format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compiled {
    /// The format.
    pub format: String,
    /// How many documents.
    pub documents: i64,
    /// How many records they have.
    pub records: i64,
    /// Their size in bytes, unpacked.
    pub bytes: i64,
    /// How many of them hold something that could not be read.
    pub broken: i64,
    /// When the last of them was compiled, in milliseconds since 1970.
    pub last_ms: i64,
    /// When the base was made, in milliseconds since 1970.
    pub made_ms: i64,
}

/// Puts what a base holds in the place of what stood there.
pub fn replace(transaction: &mut Transaction<'_>, all: &[Compiled]) -> Result<(), StoreError> {
    const WHAT: &str = "write what the base holds";
    const PUT: &str = "insert into compiled (format, documents, records, bytes, broken, last_ms, \
         made_ms) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.execute(WHAT, "delete from compiled", &[])?;
    for one in all {
        let numbers = [one.documents, one.records, one.bytes, one.broken, one.last_ms, one.made_ms];
        let [documents, records, bytes, broken, last_ms, made_ms] = numbers.map(Into::into);
        let format = one.format.as_str().into();
        let values = [format, documents, records, bytes, broken, last_ms, made_ms];
        transaction.execute(WHAT, PUT, &values)?;
    }
    Ok(())
}

/// What the base holds, by format.
pub fn all(transaction: &mut Transaction<'_>) -> Result<Vec<Compiled>, StoreError> {
    let sql = "select format, documents, records, bytes, broken, last_ms, made_ms \
               from compiled order by format";
    transaction.all("read what the base holds", sql, &[], |row| {
        let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
        Ok(Compiled {
            format: row.text(0)?.unwrap_or_default(),
            documents: number(1)?,
            records: number(2)?,
            bytes: number(3)?,
            broken: number(4)?,
            last_ms: number(5)?,
            made_ms: number(6)?,
        })
    })
}
