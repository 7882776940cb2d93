//! A store in one file: SQLite with a log that is written ahead, so that readers never wait.
//!
//! Refuses to acknowledge what is not on the disk.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{Of, Row, Transaction, Value, Within};
use crate::StoreError;

/// How long one waits for another process that writes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Readers that stay open.
const READERS: usize = 16;
/// Statements that stay prepared at each connection; all pages together have fewer.
const STATEMENTS: usize = 192;
/// How much of the file each connection keeps in memory, in KiB: what is above the leaves of its
/// indexes, mostly.
const KEPT_KIB: i64 = 8 * 1_024;
/// Pages that are copied in one go for a backup; between two goes others write.
const PAGES: i32 = 1_024;

/// Connections to one file.
#[derive(Debug)]
pub(super) struct Pool {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Pool {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        keep_to_oneself(path)?;
        let writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    pub(super) fn write<T>(
        &self,
        what: &'static str,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let failed = StoreError::sqlite(what);
        let mut writer = held(&self.writer);
        let transaction =
            writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&failed)?;
        let done = change(&mut Transaction(Within::File(&transaction)))?;
        transaction.commit().map_err(&failed)?;
        Ok(done)
    }

    pub(super) fn read<T>(
        &self,
        what: &'static str,
        look: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let free = held(&self.readers).pop();
        let mut reader = match free {
            Some(reader) => reader,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let seen = {
            let transaction = reader.transaction().map_err(StoreError::sqlite(what))?;
            look(&mut Transaction(Within::File(&transaction)))?
        };
        let mut readers = held(&self.readers);
        if readers.len() < READERS {
            readers.push(reader);
        }
        Ok(seen)
    }

    pub(super) fn keep(&self, kib: i64) -> Result<(), StoreError> {
        keep(&held(&self.writer), kib).map_err(StoreError::sqlite("take memory"))
    }

    pub(super) fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let failed = StoreError::sqlite("make a backup");
        let part = to.with_added_extension("part");
        keep_to_oneself(&part)?;
        let from = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let copied = Connection::open(&part).and_then(|mut into| {
            Backup::new(&from, &mut into)?.run_to_completion(PAGES, Duration::ZERO, None)
        });
        let whole = copied.map_err(&failed).and_then(|()| {
            let file = |what| {
                let path = part.clone();
                move |cause| StoreError::File { what, path, cause }
            };
            // It counts once it is on the disk.
            let opened = fs::File::open(&part).map_err(file("open"))?;
            opened.sync_all().map_err(file("write"))?;
            fs::rename(&part, to).map_err(file("rename"))
        });
        if whole.is_err() {
            // What is half written is of no use to anyone; the error that counts is the first.
            let _ = fs::remove_file(&part);
        }
        whole
    }

    pub(super) fn check(&self) -> Result<Vec<String>, StoreError> {
        let reader = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut wrong = Vec::new();
        for (pragma, sound) in [("integrity_check", "ok"), ("foreign_key_check", "")] {
            let taken = reader.pragma_query(None, pragma, |row| {
                let found: String = row.get(0)?;
                wrong.extend(Some(found).filter(|found| found != sound));
                Ok(())
            });
            taken.map_err(StoreError::sqlite("check the store"))?;
        }
        Ok(wrong)
    }
}

/// A lock is only poisoned where a thread ended in the midst; SQLite then undoes what it had begun.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the file where there is none, for its owner's eyes only.
fn keep_to_oneself(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().append(true).create(true).mode(0o600).open(path) {
        // One that may only be read is opened all the same.
        Err(cause) if !path.exists() => {
            Err(StoreError::File { what: "make", path: path.to_owned(), cause })
        }
        _ => Ok(()),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let place = || path.display().to_string();
    let failed = |error: rusqlite::Error| StoreError::Open { place: place(), cause: error.into() };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let writes = flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE)
        && !connection.is_readonly("main").map_err(failed)?;
    let set = |name, value: &str| connection.pragma_update(None, name, value).map_err(failed);
    if writes {
        set("journal_mode", "wal")?;
        // What is acknowledged is on the disk, not only in the system's memory.
        set("synchronous", "full")?;
    }
    set("foreign_keys", "on")?;
    set("trusted_schema", "off")?;
    keep(&connection, KEPT_KIB).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Lets a connection keep so much of the file in memory.
fn keep(connection: &Connection, kib: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", -kib)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

pub(super) fn execute(
    connection: &Connection,
    what: &'static str,
    sql: &'static str,
    values: &[Value<'_>],
) -> Result<u64, StoreError> {
    let failed = StoreError::sqlite(what);
    let mut statement = connection.prepare_cached(sql).map_err(&failed)?;
    let changed = statement.execute(rusqlite::params_from_iter(values)).map_err(&failed)?;
    Ok(changed as u64)
}

pub(super) fn each(
    connection: &Connection,
    what: &'static str,
    sql: &str,
    values: &[Value<'_>],
    take: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let failed = StoreError::sqlite(what);
    let mut statement = connection.prepare_cached(sql).map_err(&failed)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        take(&Row(Of::File(row)))?;
    }
    Ok(())
}
