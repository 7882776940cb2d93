//! A view: what was read of each document, those with the gravest problems first.

use crate::StoreError;
use crate::database::{Row, Transaction};

/// What was read of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The document's name.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Its size in bytes.
    pub bytes: i64,
    /// How many records it has.
    pub records: i64,
    /// How many of them became facts.
    pub records_read: i64,
    /// Whether it was refused or cut short.
    pub is_refused: bool,
    /// How many problems were found.
    pub problems: i64,
    /// The first of them, as a JSON array.
    pub rest: String,
}

const WHAT: &str = "write what was read";

/// How many documents were read, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Without a problem.
    pub clean: i64,
    /// With problems.
    pub with_problems: i64,
    /// Refused or cut short.
    pub refused: i64,
    /// Problems in all.
    pub problems: i64,
}

/// How many documents were read, and with what.
pub fn counts(transaction: &mut Transaction<'_>) -> Result<Counts, StoreError> {
    let sql = "select count(case when problems = 0 then 1 end), \
               count(case when problems > 0 and refused = 0 then 1 end), \
               count(case when refused <> 0 then 1 end), cast(sum(problems) as bigint) \
               from reading";
    let counts = transaction.one("count documents", sql, &[], |row| {
        let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
        Ok(Counts {
            clean: number(0)?,
            with_problems: number(1)?,
            refused: number(2)?,
            problems: number(3)?,
        })
    })?;
    Ok(counts.unwrap_or_default())
}

/// Puts the readings in the place of those that stood there.
pub fn replace(transaction: &mut Transaction<'_>, readings: &[Reading]) -> Result<(), StoreError> {
    transaction.execute(WHAT, "delete from reading", &[])?;
    put(transaction, readings)
}

/// Puts the readings of a document, or of those in it where it is an archive, in the place of those
/// that stood there.
pub fn replace_one(
    transaction: &mut Transaction<'_>,
    name: &str,
    readings: &[Reading],
) -> Result<(), StoreError> {
    let sql = "delete from reading where name = ?1 or substr(name, 1, ?2) = ?3";
    let inner = format!("{name}!");
    let letters = i64::try_from(inner.chars().count()).unwrap_or(i64::MAX);
    transaction.execute(WHAT, sql, &[name.into(), letters.into(), inner.as_str().into()])?;
    put(transaction, readings)
}

fn put(transaction: &mut Transaction<'_>, readings: &[Reading]) -> Result<(), StoreError> {
    const PUT: &str = "insert into reading (name, format, bytes, records, records_read, refused, \
         problems, rest) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (name) do nothing";
    for reading in readings {
        let values = [
            reading.name.as_str().into(),
            reading.format.as_str().into(),
            reading.bytes.into(),
            reading.records.into(),
            reading.records_read.into(),
            i64::from(reading.is_refused).into(),
            reading.problems.into(),
            reading.rest.as_str().into(),
        ];
        transaction.execute(WHAT, PUT, &values)?;
    }
    Ok(())
}

/// What was read, those that were refused first, then by the number of problems.
pub fn list(transaction: &mut Transaction<'_>, most: usize) -> Result<Vec<Reading>, StoreError> {
    let sql = "select name, format, bytes, records, records_read, refused, problems, rest \
               from reading order by refused desc, problems desc, name limit ?1";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    transaction.all("list documents", sql, &[most.into()], reading)
}

/// How many documents have problems, or were refused.
pub fn with_problems(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let sql = "select count(*) from reading where refused <> 0 or problems > 0";
    let count = transaction.one("list documents", sql, &[], |row| row.integer(0))?;
    Ok(count.flatten().unwrap_or_default())
}

/// What was read of one document.
pub fn one(transaction: &mut Transaction<'_>, name: &str) -> Result<Option<Reading>, StoreError> {
    let sql = "select name, format, bytes, records, records_read, refused, problems, rest \
               from reading where name = ?1";
    transaction.one("read a document", sql, &[name.into()], reading)
}

fn reading(row: &Row<'_>) -> Result<Reading, StoreError> {
    from(row, 0)
}

/// What stands in a row from a column on.
pub(crate) fn from(row: &Row<'_>, first: usize) -> Result<Reading, StoreError> {
    let number = |column| Ok::<_, StoreError>(row.integer(first + column)?.unwrap_or_default());
    let text = |column| Ok::<_, StoreError>(row.text(first + column)?.unwrap_or_default());
    Ok(Reading {
        name: text(0)?,
        format: text(1)?,
        bytes: number(2)?,
        records: number(3)?,
        records_read: number(4)?,
        is_refused: number(5)? != 0,
        problems: number(6)?,
        rest: text(7)?,
    })
}
