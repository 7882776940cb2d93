//! People: who may sign in, by what, and what they are there for.
//!
//! Each change stands in the audit chain, written with it. Refuses to remove anybody, for the chain
//! names them, and to keep what signs somebody in where a hash of it does.

use std::collections::BTreeSet;

use domain::person::{Duty, PersonId};
use serde_json::json;

use crate::StoreError;
use crate::audit::{By, number, text};
use crate::database::{Row, Transaction, Value};
use crate::secret::{Fingerprint, Secret};

const READ: &str = "read the people";
const WRITE: &str = "write the people";

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// By which they sign in; no two differ by case alone.
    pub name: String,
    /// As others see it.
    pub shown: String,
    /// What they are there for.
    pub duties: BTreeSet<Duty>,
    /// The hash of their password, in the PHC string format.
    pub password: Option<Secret<String>>,
    /// Who has set it.
    pub password_of: PasswordOf,
    /// The secret of their second factor.
    pub totp: Option<Secret<Vec<u8>>>,
    /// Whether they may sign in.
    pub access: Access,
    /// When they were added, in milliseconds since 1970.
    pub created_ms: i64,
}

/// Who has set a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordOf {
    /// The person.
    Person,
    /// Somebody else, so that two know it until the person changes it.
    SomebodyElse,
}

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Open,
    /// No.
    Disabled,
}

/// Adds a person.
pub fn add(
    transaction: &mut Transaction<'_>,
    person: &Person,
    by: By<'_>,
) -> Result<(), StoreError> {
    let (folded, duties) = (fold(&person.name), words(&person.duties));
    let values: [Value<'_>; 10] = [
        person.id.0.as_str().into(),
        person.name.as_str().into(),
        folded.as_str().into(),
        person.shown.as_str().into(),
        duties.as_str().into(),
        person.password.as_ref().map(|hash| hash.expose().as_str()).into(),
        i64::from(person.password_of == PasswordOf::SomebodyElse).into(),
        person.totp.as_ref().map(|secret| secret.expose().as_slice()).into(),
        i64::from(person.access == Access::Disabled).into(),
        person.created_ms.into(),
    ];
    let sql = "insert into person (id, name, folded, shown, duties, password, password_temporary, \
               totp, disabled, created_ms) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    transaction.execute(WRITE, sql, &values)?;
    let detail = json!({ "name": person.name, "duties": duties });
    by.did(transaction, "person.add", &person.id.0, &detail)
}

/// The person of that id.
pub fn find(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
) -> Result<Option<Person>, StoreError> {
    let sql = "select id, name, shown, duties, password, password_temporary, totp, disabled, \
               created_ms from person where id = ?1";
    transaction.one(READ, sql, &[id.0.as_str().into()], person)
}

/// The person who signs in by that name, in whatever case it is written.
pub fn by_name(
    transaction: &mut Transaction<'_>,
    name: &str,
) -> Result<Option<Person>, StoreError> {
    let sql = "select id, name, shown, duties, password, password_temporary, totp, disabled, \
               created_ms from person where folded = ?1";
    transaction.one(READ, sql, &[fold(name).as_str().into()], person)
}

/// Everybody, by name.
pub fn all(transaction: &mut Transaction<'_>) -> Result<Vec<Person>, StoreError> {
    let sql = "select id, name, shown, duties, password, password_temporary, totp, disabled, \
               created_ms from person order by folded";
    transaction.all(READ, sql, &[], person)
}

/// Puts other duties in the place of theirs.
pub fn set_duties(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    duties: &BTreeSet<Duty>,
    by: By<'_>,
) -> Result<(), StoreError> {
    let duties = words(duties);
    let sql = "update person set duties = ?2 where id = ?1";
    change(transaction, sql, &[id.0.as_str().into(), duties.as_str().into()])?;
    by.did(transaction, "person.duties", &id.0, &json!({ "duties": duties }))
}

/// Puts the hash of another password in the place of theirs.
pub fn set_password(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    password: &Secret<String>,
    of: PasswordOf,
    by: By<'_>,
) -> Result<(), StoreError> {
    let is_temporary = i64::from(of == PasswordOf::SomebodyElse);
    let values: [Value<'_>; 3] =
        [id.0.as_str().into(), password.expose().as_str().into(), is_temporary.into()];
    let sql = "update person set password = ?2, password_temporary = ?3 where id = ?1";
    change(transaction, sql, &values)?;
    let detail = json!({ "temporary": of == PasswordOf::SomebodyElse });
    by.did(transaction, "person.password", &id.0, &detail)
}

/// Puts another hash of the same password in the place of an older one, which is still there.
/// Nobody has changed anything, so the chain does not say it.
pub fn hash_anew(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    (older, newer): (&Secret<String>, &Secret<String>),
) -> Result<(), StoreError> {
    let values: [Value<'_>; 3] =
        [id.0.as_str().into(), older.expose().as_str().into(), newer.expose().as_str().into()];
    let sql = "update person set password = ?3 where id = ?1 and password = ?2";
    transaction.execute(WRITE, sql, &values).map(|_| ())
}

/// Gives them a second factor, or takes it away; recovery codes of the one before go with it.
pub fn set_totp(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    secret: Option<&Secret<Vec<u8>>>,
    by: By<'_>,
) -> Result<(), StoreError> {
    let bytes = secret.map(|secret| secret.expose().as_slice());
    let sql = "update person set totp = ?2, totp_step = null where id = ?1";
    change(transaction, sql, &[id.0.as_str().into(), bytes.into()])?;
    let sql = "delete from recovery_code where person = ?1";
    transaction.execute(WRITE, sql, &[id.0.as_str().into()])?;
    by.did(transaction, "person.second-factor", &id.0, &json!({ "given": secret.is_some() }))
}

/// Takes a step of the second factor; whether neither it nor a later one was taken before.
pub fn take_totp_step(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    step: i64,
) -> Result<bool, StoreError> {
    let sql = "update person set totp_step = ?2 \
               where id = ?1 and (totp_step is null or totp_step < ?2)";
    let taken = transaction.execute(WRITE, sql, &[id.0.as_str().into(), step.into()])?;
    Ok(taken == 1)
}

/// Puts other recovery codes in the place of theirs.
pub fn set_recovery_codes(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    codes: &[Fingerprint],
    by: By<'_>,
) -> Result<(), StoreError> {
    let sql = "delete from recovery_code where person = ?1";
    transaction.execute(WRITE, sql, &[id.0.as_str().into()])?;
    for code in codes {
        let sql = "insert into recovery_code (person, hash) values (?1, ?2)";
        let values: [Value<'_>; 2] = [id.0.as_str().into(), code.bytes().as_slice().into()];
        transaction.execute(WRITE, sql, &values)?;
    }
    by.did(transaction, "person.recovery-codes", &id.0, &json!({ "codes": codes.len() }))
}

/// Whether a recovery code is theirs and was not taken.
pub fn has_recovery_code(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    code: &Fingerprint,
) -> Result<bool, StoreError> {
    let sql = "select 1 from recovery_code where person = ?1 and hash = ?2";
    let values: [Value<'_>; 2] = [id.0.as_str().into(), code.bytes().as_slice().into()];
    Ok(transaction.one(READ, sql, &values, |_| Ok(()))?.is_some())
}

/// Takes a recovery code; whether it was theirs and not taken before.
pub fn take_recovery_code(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    code: &Fingerprint,
    by: By<'_>,
) -> Result<bool, StoreError> {
    let sql = "delete from recovery_code where person = ?1 and hash = ?2";
    let values: [Value<'_>; 2] = [id.0.as_str().into(), code.bytes().as_slice().into()];
    if transaction.execute(WRITE, sql, &values)? == 0 {
        return Ok(false);
    }
    let left = recovery_codes(transaction, id)?;
    by.did(transaction, "person.recovery-code", &id.0, &json!({ "left": left }))?;
    Ok(true)
}

/// How many recovery codes they have left.
pub fn recovery_codes(transaction: &mut Transaction<'_>, id: &PersonId) -> Result<i64, StoreError> {
    let sql = "select count(*) from recovery_code where person = ?1";
    let count = transaction.one(READ, sql, &[id.0.as_str().into()], |row| number(row, 0))?;
    Ok(count.unwrap_or(0))
}

/// Lets them sign in, or no longer.
pub fn set_access(
    transaction: &mut Transaction<'_>,
    id: &PersonId,
    access: Access,
    by: By<'_>,
) -> Result<(), StoreError> {
    let is_disabled = i64::from(access == Access::Disabled);
    let sql = "update person set disabled = ?2 where id = ?1";
    change(transaction, sql, &[id.0.as_str().into(), is_disabled.into()])?;
    let action = match access {
        Access::Open => "person.enable",
        Access::Disabled => "person.disable",
    };
    by.did(transaction, action, &id.0, &json!({}))
}

fn change(
    transaction: &mut Transaction<'_>,
    sql: &'static str,
    values: &[Value<'_>],
) -> Result<(), StoreError> {
    match transaction.execute(WRITE, sql, values)? {
        1 => Ok(()),
        // Whoever changes somebody has looked them up within the same transaction.
        _ => Err(StoreError::Unreadable { what: "person" }),
    }
}

/// A name without regard to case.
fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

fn words(duties: &BTreeSet<Duty>) -> String {
    duties.iter().map(|duty| duty.text()).collect::<Vec<_>>().join(" ")
}

fn person(row: &Row<'_>) -> Result<Person, StoreError> {
    let duty = |word| Duty::read(word).ok_or(StoreError::Unreadable { what: "duty" });
    Ok(Person {
        id: PersonId(text(row, 0)?.into()),
        name: text(row, 1)?,
        shown: text(row, 2)?,
        duties: text(row, 3)?.split_whitespace().map(duty).collect::<Result<_, _>>()?,
        password: row.text(4)?.map(Secret::new),
        password_of: match number(row, 5)? {
            0 => PasswordOf::Person,
            _ => PasswordOf::SomebodyElse,
        },
        totp: row.bytes(6)?.map(Secret::new),
        access: match number(row, 7)? {
            0 => Access::Open,
            _ => Access::Disabled,
        },
        created_ms: number(row, 8)?,
    })
}
