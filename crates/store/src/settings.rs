//! What people have set, by name.

use crate::StoreError;
use crate::database::Transaction;

/// What is set under a name.
pub fn get(transaction: &mut Transaction<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "select value from setting where name = ?1";
    Ok(transaction.one("read a setting", sql, &[name.into()], |row| row.text(0))?.flatten())
}

/// Sets something.
pub fn set(transaction: &mut Transaction<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    let sql = "insert into setting (name, value) values (?1, ?2) \
               on conflict (name) do update set value = excluded.value";
    transaction.execute("write a setting", sql, &[name.into(), value.into()]).map(|_| ())
}
