//! The forms of the store, each made from the one before.
//!
//! Forward only, each whole or not at all. A file is copied beside itself before it is changed.
//! Refuses a store that a newer program has written.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::database::Database;
use crate::{Place, StoreError};

/// What makes a form from the one before; the first from nothing.
const FORMS: [&str; 12] = [
    include_str!("migration/0001.sql"),
    include_str!("migration/0002.sql"),
    include_str!("migration/0003.sql"),
    include_str!("migration/0004.sql"),
    include_str!("migration/0005.sql"),
    include_str!("migration/0006.sql"),
    include_str!("migration/0007.sql"),
    include_str!("migration/0008.sql"),
    include_str!("migration/0009.sql"),
    include_str!("migration/0010.sql"),
    include_str!("migration/0011.sql"),
    include_str!("migration/0012.sql"),
];

const WHAT: &str = "bring the store to the form that this program knows";

pub(crate) fn bring_up(database: &Database) -> Result<(), StoreError> {
    let known = i64::try_from(FORMS.len()).unwrap_or(i64::MAX);
    let found = database.write(WHAT, |transaction| {
        transaction.form(
            WHAT,
            "create table if not exists form (number bigint primary key, made_ms bigint not null)",
        )?;
        let newest = "select max(number) from form";
        Ok(transaction.one(WHAT, newest, &[], |row| row.integer(0))?.flatten().unwrap_or(0))
    })?;
    if found > known {
        let place = database.place().to_string();
        return Err(StoreError::Newer { place, found, known });
    }
    if let Place::File(path) = database.place()
        && (1..known).contains(&found)
    {
        database.backup(&backup_of(path, found))?;
    }
    for (form, number) in FORMS.iter().zip(1..) {
        if number > found {
            database.write(WHAT, |transaction| {
                transaction.form(WHAT, form)?;
                let made = "insert into form (number, made_ms) values (?1, ?2)";
                transaction.execute(WHAT, made, &[number.into(), now_ms().into()])
            })?;
        }
    }
    Ok(())
}

/// `asepsis.db` of form 3 becomes `asepsis.form-3.db`.
fn backup_of(path: &Path, form: i64) -> std::path::PathBuf {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("form-{form}.{extension}"))
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
