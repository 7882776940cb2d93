//! One text of SQL for two databases.
//!
//! Statements are written for both: `?1` for values, `bigint`, `text`, `double precision` and
//! `blob` for types, times as milliseconds since 1970, truth as 0 and 1, JSON as text. One writes
//! at a time, many read; a reader sees what was whole when it began. Refuses SQL that was made at
//! run time: what comes from outside is a value.

mod server;
mod sqlite;

use std::fmt::Write as _;
use std::path::Path;

use crate::documents::Packer;
use crate::{Place, StoreError, migration};

/// An open store.
#[derive(Debug)]
pub struct Database {
    place: Place,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    File(sqlite::Pool),
    Server(server::Pool),
}

/// What goes into a statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'v> {
    /// Nothing.
    Null,
    /// A whole number; also times, and 0 and 1 for truth.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(&'v str),
    /// Bytes.
    Bytes(&'v [u8]),
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(value: &'v str) -> Self {
        Self::Text(value)
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(value: &'v [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A statement that is put together from pieces of the program's own text, each `?` of which stands
/// for the next value.
#[derive(Debug, Default)]
pub struct Query<'v> {
    sql: String,
    values: Vec<Value<'v>>,
}

impl<'v> Query<'v> {
    /// Adds a piece with its values.
    pub fn put(&mut self, piece: &'static str, values: impl IntoIterator<Item = Value<'v>>) {
        let mut number = self.values.len();
        for (at, part) in piece.split('?').enumerate() {
            if at > 0 {
                number += 1;
                let _ = write!(self.sql, "?{number}");
            }
            self.sql.push_str(part);
        }
        self.values.extend(values);
        debug_assert_eq!(number, self.values.len(), "{piece}: a value for each place");
    }
}

/// A row that a statement yields; columns count from 0.
pub struct Row<'r>(Of<'r>);

enum Of<'r> {
    File(&'r rusqlite::Row<'r>),
    Server(&'r postgres::Row),
}

/// What a transaction may do. Everything of it happens, or nothing.
pub struct Transaction<'t>(Within<'t>);

enum Within<'t> {
    File(&'t rusqlite::Connection),
    Server(&'t mut server::Connection),
}

impl Database {
    /// Opens a store, makes it where there is none, and brings an older one to the form that is
    /// known; before that, a file is copied to a backup beside it.
    pub fn open(place: &Place) -> Result<Self, StoreError> {
        let kind = match place {
            Place::File(path) => Kind::File(sqlite::Pool::open(path)?),
            Place::Server(url) => Kind::Server(server::Pool::open(place, url)?),
        };
        let database = Self { place: place.clone(), kind };
        migration::bring_up(&database)?;
        Ok(database)
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Changes something: all that `change` does, or nothing where it fails. `what` completes
    /// "cannot …".
    pub fn write<T>(
        &self,
        what: &'static str,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &self.kind {
            Kind::File(pool) => pool.write(what, change),
            Kind::Server(pool) => pool.write(what, change),
        }
    }

    /// Looks something up; all of it as it was at one time.
    pub fn read<T>(
        &self,
        what: &'static str,
        look: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &self.kind {
            Kind::File(pool) => pool.read(what, look),
            Kind::Server(pool) => pool.read(what, look),
        }
    }

    /// Lets whoever writes keep so many KiB of a file in memory, which is worth it for one who
    /// writes very much. A server sees to its own.
    pub fn keep_in_memory(&self, kib: i64) -> Result<(), StoreError> {
        match &self.kind {
            Kind::File(pool) => pool.keep(kib),
            Kind::Server(_) => Ok(()),
        }
    }

    /// Copies a file's store to another file while it is in use. `None` where it stands at a
    /// server, whose own tools do that.
    pub fn backup(&self, to: &Path) -> Result<Option<()>, StoreError> {
        match &self.kind {
            Kind::File(pool) => pool.backup(to).map(Some),
            Kind::Server(_) => Ok(None),
        }
    }

    /// Begins to pack a document that is to be kept here; what is long goes to the store's own
    /// folder, or, where the store stands at a server, to the system's for such files.
    pub fn packer(&self) -> Packer {
        let Place::File(path) = &self.place else {
            return Packer::beside(&std::env::temp_dir());
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Packer::beside(folder.unwrap_or(Path::new(".")))
    }

    /// How much room it takes, in bytes.
    pub fn bytes(&self) -> Result<i64, StoreError> {
        const WHAT: &str = "measure the store";
        let sql = match &self.kind {
            Kind::File(_) => {
                "select page_count * page_size from pragma_page_count(), pragma_page_size()"
            }
            Kind::Server(_) => "select pg_database_size(current_database())",
        };
        let bytes = self.read(WHAT, |t| t.one(WHAT, sql, &[], |row| row.integer(0)))?;
        Ok(bytes.flatten().unwrap_or_default())
    }

    /// Takes the place of whoever writes, and changes nothing: whether something could be written,
    /// as far as that can be told without doing so.
    pub fn could_write(&self) -> Result<(), StoreError> {
        const WHAT: &str = "write the store";
        let sql = "update setting set value = value where name = ''";
        self.write(WHAT, |transaction| transaction.execute(WHAT, sql, &[]).map(|_| ()))
    }

    /// What the database itself finds wrong with its file; nothing where it is sound.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        match &self.kind {
            Kind::File(pool) => pool.check(),
            Kind::Server(_) => Ok(Vec::new()),
        }
    }
}

impl Transaction<'_> {
    /// Runs a statement; how many rows it has changed.
    pub fn execute(
        &mut self,
        what: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        match &mut self.0 {
            Within::File(connection) => sqlite::execute(connection, what, sql, values),
            Within::Server(connection) => connection.execute(what, sql, values),
        }
    }

    /// Runs a query, and hands its rows over one by one.
    pub fn each(
        &mut self,
        what: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match &mut self.0 {
            Within::File(connection) => sqlite::each(connection, what, sql, values, &mut take),
            Within::Server(connection) => connection.each(what, sql, values, &mut take),
        }
    }

    /// Runs a query; what `take` makes of its rows.
    pub fn all<T>(
        &mut self,
        what: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(what, sql, values, |row| {
            found.push(take(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Runs a query that was put together; what `take` makes of its rows.
    pub fn select<T>(
        &mut self,
        what: &'static str,
        query: &Query<'_>,
        mut take: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let mut keep = |row: &Row<'_>| {
            found.push(take(row)?);
            Ok(())
        };
        let (sql, values) = (&query.sql, &query.values);
        match &mut self.0 {
            Within::File(connection) => sqlite::each(connection, what, sql, values, &mut keep)?,
            Within::Server(connection) => connection.each(what, sql, values, &mut keep)?,
        }
        Ok(found)
    }

    /// Runs a query that yields one row at most.
    pub fn one<T>(
        &mut self,
        what: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
        take: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(what, sql, values, take)?.pop())
    }

    /// Runs several statements that make or change tables.
    pub(crate) fn form(&mut self, what: &'static str, sql: &str) -> Result<(), StoreError> {
        match &mut self.0 {
            Within::File(connection) => {
                connection.execute_batch(sql).map_err(StoreError::sqlite(what))
            }
            Within::Server(connection) => connection.form(what, sql),
        }
    }
}

impl Row<'_> {
    /// A whole number, if there is one.
    pub fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.get(column, "number")
    }

    /// A number, if there is one.
    pub fn real(&self, column: usize) -> Result<Option<f64>, StoreError> {
        self.get(column, "number")
    }

    /// A text, if there is one.
    pub fn text(&self, column: usize) -> Result<Option<String>, StoreError> {
        self.get(column, "text")
    }

    /// Bytes, if there are any.
    pub fn bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(column, "blob")
    }

    fn get<T>(&self, column: usize, what: &'static str) -> Result<Option<T>, StoreError>
    where
        T: rusqlite::types::FromSql + for<'s> postgres::types::FromSql<'s>,
    {
        match &self.0 {
            Of::File(row) => row.get(column).map_err(|_| StoreError::Unreadable { what }),
            Of::Server(row) => row.try_get(column).map_err(|_| StoreError::Unreadable { what }),
        }
    }
}
