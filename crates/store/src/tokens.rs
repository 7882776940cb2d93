//! Tokens by which programs act in a person's name.
//!
//! Found by their fingerprint alone. Refuses to keep a token, and to remove one, for the audit
//! chain names it: a revoked one stays and says since when.

use std::collections::BTreeSet;

use domain::person::{PersonId, Scope};
use serde_json::json;

use crate::StoreError;
use crate::audit::{By, number, text};
use crate::database::{Row, Transaction, Value};
use crate::secret::Fingerprint;

const READ: &str = "read the tokens";
const WRITE: &str = "write the tokens";

/// A token. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id, which is no secret.
    pub id: String,
    /// In whose name.
    pub owner: PersonId,
    /// What it is for, as its owner calls it.
    pub name: String,
    /// What may be done with it.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub made_ms: i64,
    /// Until when.
    pub expires_ms: i64,
    /// When it was last used.
    pub used_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
}

/// Adds a token with its fingerprint.
pub fn add(
    transaction: &mut Transaction<'_>,
    token: &Token,
    fingerprint: &Fingerprint,
    by: By<'_>,
) -> Result<(), StoreError> {
    let scopes = token.scopes.iter().map(|scope| scope.text()).collect::<Vec<_>>().join(" ");
    let values: [Value<'_>; 7] = [
        token.id.as_str().into(),
        fingerprint.bytes().as_slice().into(),
        token.owner.0.as_str().into(),
        token.name.as_str().into(),
        scopes.as_str().into(),
        token.made_ms.into(),
        token.expires_ms.into(),
    ];
    let sql = "insert into token (id, hash, owner, name, scopes, made_ms, expires_ms) \
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.execute(WRITE, sql, &values)?;
    let detail = json!({
        "name": token.name,
        "owner": token.owner.0.as_str(),
        "scopes": scopes,
        "expires_ms": token.expires_ms,
    });
    by.did(transaction, "token.make", &token.id, &detail)
}

/// The token of a fingerprint, revoked and expired ones too.
pub fn find(
    transaction: &mut Transaction<'_>,
    fingerprint: &Fingerprint,
) -> Result<Option<Token>, StoreError> {
    let sql = "select id, owner, name, scopes, made_ms, expires_ms, used_ms, revoked_ms \
               from token where hash = ?1";
    transaction.one(READ, sql, &[fingerprint.bytes().as_slice().into()], token)
}

/// Every token of a person, or of everybody; the newest first.
pub fn of(
    transaction: &mut Transaction<'_>,
    owner: Option<&PersonId>,
) -> Result<Vec<Token>, StoreError> {
    let Some(owner) = owner else {
        let sql = "select id, owner, name, scopes, made_ms, expires_ms, used_ms, revoked_ms \
                   from token order by made_ms desc, id";
        return transaction.all(READ, sql, &[], token);
    };
    let sql = "select id, owner, name, scopes, made_ms, expires_ms, used_ms, revoked_ms \
               from token where owner = ?1 order by made_ms desc, id";
    transaction.all(READ, sql, &[owner.0.as_str().into()], token)
}

/// Notes that a token was used.
pub fn touch(transaction: &mut Transaction<'_>, id: &str, now_ms: i64) -> Result<(), StoreError> {
    let sql = "update token set used_ms = ?2 where id = ?1";
    transaction.execute(WRITE, sql, &[id.into(), now_ms.into()]).map(|_| ())
}

/// Revokes a token; whether there was one that was not revoked yet.
pub fn revoke(transaction: &mut Transaction<'_>, id: &str, by: By<'_>) -> Result<bool, StoreError> {
    let sql = "update token set revoked_ms = ?2 where id = ?1 and revoked_ms is null";
    if transaction.execute(WRITE, sql, &[id.into(), by.at_ms.into()])? == 0 {
        return Ok(false);
    }
    by.did(transaction, "token.revoke", id, &json!({}))?;
    Ok(true)
}

fn token(row: &Row<'_>) -> Result<Token, StoreError> {
    let scope = |word| Scope::read(word).ok_or(StoreError::Unreadable { what: "scope" });
    Ok(Token {
        id: text(row, 0)?,
        owner: PersonId(text(row, 1)?.into()),
        name: text(row, 2)?,
        scopes: text(row, 3)?.split_whitespace().map(scope).collect::<Result<_, _>>()?,
        made_ms: number(row, 4)?,
        expires_ms: number(row, 5)?,
        used_ms: row.integer(6)?,
        revoked_ms: row.integer(7)?,
    })
}
