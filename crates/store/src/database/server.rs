//! A store at a PostgreSQL server.
//!
//! One writes at a time here, too, so that what holds with a file holds here. Refuses to go on with
//! a connection on which a change was broken off.

mod tls;

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};

use self::tls::Way;
use super::{Of, Row, Transaction, Value, Within};
use crate::error::whole;
use crate::{Place, StoreError};

/// Connections that stay open.
const CONNECTIONS: usize = 16;
/// Those who write take this lock of the server's first: `asepsis` in ASCII.
const WRITES: &str = "begin; select pg_advisory_xact_lock(27429406163265907)";
const READS: &str = "begin isolation level repeatable read read only";

/// Connections to one server.
pub(super) struct Pool {
    place: String,
    way: Way,
    free: Mutex<Vec<Connection>>,
}

/// A connection, and the statements that its server knows.
pub(super) struct Connection {
    client: Client,
    known: HashMap<String, Statement>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Pool {
    pub(super) fn open(place: &Place, url: &str) -> Result<Self, StoreError> {
        let way =
            tls::way(url).map_err(|cause| StoreError::Open { place: place.to_string(), cause })?;
        let pool = Self { place: place.to_string(), way, free: Mutex::default() };
        let connection = pool.connect()?;
        pool.free().push(connection);
        Ok(pool)
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let Way { config, tls } = &self.way;
        let client = config.connect(tls.clone()).map_err(|error| StoreError::Open {
            place: self.place.clone(),
            cause: whole(&error),
        })?;
        Ok(Connection { client, known: HashMap::new() })
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write<T>(
        &self,
        what: &'static str,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.within((WRITES, "commit"), what, change)
    }

    pub(super) fn read<T>(
        &self,
        what: &'static str,
        look: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.within((READS, "rollback"), what, look)
    }

    /// A connection that is not given back is closed, and the server undoes what it had begun.
    fn within<T>(
        &self,
        (begin, end): (&'static str, &'static str),
        what: &'static str,
        act: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let failed = StoreError::postgres(what);
        let free = self.free().pop().filter(|connection| !connection.client.is_closed());
        let mut connection = free.map_or_else(|| self.connect(), Ok)?;
        connection.client.batch_execute(begin).map_err(&failed)?;
        let done = act(&mut Transaction(Within::Server(&mut connection)))?;
        connection.client.batch_execute(end).map_err(&failed)?;
        let mut free = self.free();
        if free.len() < CONNECTIONS {
            free.push(connection);
        }
        Ok(done)
    }
}

impl Connection {
    fn statement(&mut self, what: &'static str, sql: &str) -> Result<Statement, StoreError> {
        if let Some(known) = self.known.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(&places(sql)).map_err(StoreError::postgres(what))?;
        self.known.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn execute(
        &mut self,
        what: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let statement = self.statement(what, sql)?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        self.client.execute(&statement, &values).map_err(StoreError::postgres(what))
    }

    pub(super) fn each(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = StoreError::postgres(what);
        let statement = self.statement(what, sql)?;
        let mut rows = self.client.query_raw(&statement, values).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            take(&Row(Of::Server(&row)))?;
        }
        Ok(())
    }

    pub(super) fn form(&mut self, what: &'static str, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(&types(sql)).map_err(StoreError::postgres(what))
    }
}

/// `$1` is what the other calls `?1`.
fn places(sql: &str) -> String {
    sql.replace('?', "$")
}

/// `bytea` is what the other calls `blob`; and text is ordered by its bytes, as it is there.
fn types(sql: &str) -> String {
    sql.replace(" blob", " bytea").replace(" text", " text collate \"C\"")
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(value) => value.to_sql(kind, out),
            Self::Real(value) => value.to_sql(kind, out),
            // No text of this server's may hold it; the other's may.
            Self::Text(value) if value.contains('\0') => {
                value.replace('\0', "\u{fffd}").to_sql(kind, out)
            }
            Self::Text(value) => value.to_sql(kind, out),
            Self::Bytes(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::FLOAT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}
