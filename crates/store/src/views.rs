//! Lists that people look at again, by names of their own: each person's, and those that are for
//! everybody.
//!
//! Refuses to know what a list is: it keeps what stood in the address. Refuses to remove at once:
//! for a day its owner may bring one back.

use crate::StoreError;
use crate::database::{Row, Transaction, Value};

/// Most lists that one person keeps.
pub const EACH: usize = 100;
/// Most lists for everybody that are shown.
pub const SHARED: usize = 200;
/// For how long a list that was removed can be brought back, in milliseconds: a day.
pub const KEPT_MS: i64 = 24 * 3_600_000;

const READ: &str = "read the saved lists";
const WRITE: &str = "write a saved list";

/// A list with a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedView {
    /// Nobody can guess it.
    pub id: String,
    /// Whose it is: a person's id.
    pub owner: String,
    /// Whether everybody sees it.
    pub is_shared: bool,
    /// What it is called.
    pub name: String,
    /// What it asks for, as it stands in the address, without the question mark.
    pub query: String,
    /// When it was saved, in milliseconds since 1970.
    pub made_ms: i64,
}

/// Saves a list; whether its owner had room for it.
///
/// # Errors
/// Those of the store.
pub fn save(transaction: &mut Transaction<'_>, view: &SavedView) -> Result<bool, StoreError> {
    const COUNT: &str = "select count(*) from saved_view where owner = ?1 and removed_ms is null";
    const FORGET: &str = "delete from saved_view where removed_ms < ?1";
    const SAVE: &str = "insert into saved_view (id, owner, shared, name, query, made_ms) \
         values (?1, ?2, ?3, ?4, ?5, ?6)";
    let before = view.made_ms.saturating_sub(KEPT_MS);
    transaction.execute(WRITE, FORGET, &[before.into()])?;
    let owner = [view.owner.as_str().into()];
    let count = transaction.one(READ, COUNT, &owner, |row| row.integer(0))?.flatten();
    if count.unwrap_or_default() >= i64::try_from(EACH).unwrap_or(i64::MAX) {
        return Ok(false);
    }
    let values: [Value<'_>; 6] = [
        view.id.as_str().into(),
        view.owner.as_str().into(),
        i64::from(view.is_shared).into(),
        view.name.as_str().into(),
        view.query.as_str().into(),
        view.made_ms.into(),
    ];
    transaction.execute(WRITE, SAVE, &values)?;
    Ok(true)
}

/// The lists of a person, and those for everybody, by name.
///
/// # Errors
/// Those of the store.
pub fn seen_by(
    transaction: &mut Transaction<'_>,
    person: &str,
) -> Result<Vec<SavedView>, StoreError> {
    const SEEN: &str = "select id, owner, shared, name, query, made_ms from saved_view \
         where removed_ms is null and (owner = ?1 or shared = 1) order by name, id limit ?2";
    let most = i64::try_from(EACH + SHARED).unwrap_or(i64::MAX);
    transaction.all(READ, SEEN, &[person.into(), most.into()], view)
}

/// One that its owner has removed, and may bring back.
///
/// # Errors
/// Those of the store.
pub fn removed(
    transaction: &mut Transaction<'_>,
    owner: &str,
    id: &str,
) -> Result<Option<SavedView>, StoreError> {
    const REMOVED: &str = "select id, owner, shared, name, query, made_ms from saved_view \
         where owner = ?1 and id = ?2 and removed_ms is not null";
    transaction.one(READ, REMOVED, &[owner.into(), id.into()], view)
}

/// Removes a list; whether it was there and theirs.
///
/// # Errors
/// Those of the store.
pub fn remove(
    transaction: &mut Transaction<'_>,
    owner: &str,
    id: &str,
    at_ms: i64,
) -> Result<bool, StoreError> {
    const REMOVE: &str = "update saved_view set removed_ms = ?3 \
         where owner = ?1 and id = ?2 and removed_ms is null";
    let values = [owner.into(), id.into(), at_ms.into()];
    Ok(transaction.execute(WRITE, REMOVE, &values)? > 0)
}

/// Brings a list back; whether it was there and theirs.
///
/// # Errors
/// Those of the store.
pub fn bring_back(
    transaction: &mut Transaction<'_>,
    owner: &str,
    id: &str,
) -> Result<bool, StoreError> {
    const BACK: &str = "update saved_view set removed_ms = null \
         where owner = ?1 and id = ?2 and removed_ms is not null";
    Ok(transaction.execute(WRITE, BACK, &[owner.into(), id.into()])? > 0)
}

fn view(row: &Row<'_>) -> Result<SavedView, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    Ok(SavedView {
        id: text(0)?,
        owner: text(1)?,
        is_shared: row.integer(2)? == Some(1),
        name: text(3)?,
        query: text(4)?,
        made_ms: row.integer(5)?.unwrap_or_default(),
    })
}
