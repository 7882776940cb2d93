//! Whom the hospital asks who somebody is (OpenID Connect Core 1.0), and who comes in by its word.
//!
//! A person is linked by issuer and subject together, which the provider never gives to anybody
//! else (section 5.7 there); a name or an address may be. Each change stands in the audit chain.
//! Refuses to say what a claim means: `presentation::sign_in::oidc` does.

use std::collections::BTreeSet;

use domain::person::{Duty, PersonId};
use serde_json::json;

use crate::StoreError;
use crate::audit::{By, number, text};
use crate::database::{Row, Transaction, Value};
use crate::secret::Secret;

const READ: &str = "read the provider of identities";
const WRITE: &str = "write the provider of identities";
/// Under which number the one provider stands.
const ONLY: i64 = 1;

/// A provider of identities, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// As people know it.
    pub name: String,
    /// Its issuer identifier (OpenID Connect Discovery 1.0, section 3).
    pub issuer: String,
    /// The identifier under which it knows the console.
    pub client: String,
    /// The secret that goes with it; none of a public client.
    pub secret: Option<Secret<String>>,
    /// How the secret is shown: `client_secret_basic`, `client_secret_post` or `none`.
    pub authentication: String,
    /// Whom else to trust, in PEM; empty where the system's suffice.
    pub authority: String,
    /// Where the console is, as browsers reach it, without a slash behind.
    pub console: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Classes of authentication of which one is asked for; none where any will do.
    pub acr: Vec<String>,
    /// Methods of authentication all of which are asked for.
    pub amr: Vec<String>,
    /// The claim that says what somebody is there for; none where people here say it.
    pub claim: Option<String>,
    /// What values of that claim give.
    pub duties: BTreeSet<(String, Duty)>,
    /// Since when it is asked, in milliseconds since 1970.
    pub made_ms: i64,
    /// Who has said so.
    pub made_by: String,
}

/// By whose word somebody comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Whose.
    pub issuer: String,
    /// Under which name there.
    pub subject: String,
    /// Who.
    pub person: PersonId,
    /// Since when, in milliseconds since 1970.
    pub made_ms: i64,
}

/// The provider, where there is one.
pub fn get(transaction: &mut Transaction<'_>) -> Result<Option<Provider>, StoreError> {
    let sql = "select name, issuer, client, secret, authentication, authority, console, scopes, \
               acr, amr, claim, made_ms, made_by from provider where number = ?1";
    let Some(found) = transaction.one(READ, sql, &[ONLY.into()], provider)? else {
        return Ok(None);
    };
    let sql = "select value, duty from provider_duty order by value, duty";
    let duties = transaction.all(READ, sql, &[], |row| {
        let duty = Duty::read(&text(row, 1)?).ok_or(StoreError::Unreadable { what: "duty" })?;
        Ok((text(row, 0)?, duty))
    })?;
    Ok(Some(Provider { duties: duties.into_iter().collect(), ..found }))
}

/// Asks this one from now on, and nobody else.
pub fn set(
    transaction: &mut Transaction<'_>,
    provider: &Provider,
    by: By<'_>,
) -> Result<(), StoreError> {
    forget(transaction)?;
    let (scopes, acr, amr) =
        (provider.scopes.join(" "), provider.acr.join(" "), provider.amr.join(" "));
    let values: [Value<'_>; 14] = [
        ONLY.into(),
        provider.name.as_str().into(),
        provider.issuer.as_str().into(),
        provider.client.as_str().into(),
        provider.secret.as_ref().map(|secret| secret.expose().as_str()).into(),
        provider.authentication.as_str().into(),
        provider.authority.as_str().into(),
        provider.console.as_str().into(),
        scopes.as_str().into(),
        acr.as_str().into(),
        amr.as_str().into(),
        provider.claim.as_deref().into(),
        by.at_ms.into(),
        by.actor.into(),
    ];
    let sql = "insert into provider (number, name, issuer, client, secret, authentication, \
               authority, console, scopes, acr, amr, claim, made_ms, made_by) \
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    transaction.execute(WRITE, sql, &values)?;
    for (value, duty) in &provider.duties {
        let sql = "insert into provider_duty (value, duty) values (?1, ?2)";
        transaction.execute(WRITE, sql, &[value.as_str().into(), duty.text().into()])?;
    }
    let duties: Vec<String> =
        provider.duties.iter().map(|(value, duty)| format!("{value}={duty}")).collect();
    let detail = json!({
        "issuer": provider.issuer,
        "client": provider.client,
        "authentication": provider.authentication,
        "console": provider.console,
        "claim": provider.claim,
        "duties": duties,
        "acr": provider.acr,
        "amr": provider.amr,
    });
    by.did(transaction, "provider.set", &provider.name, &detail)
}

/// Asks nobody any more; whether somebody was asked. Who is linked stays so.
pub fn remove(transaction: &mut Transaction<'_>, by: By<'_>) -> Result<bool, StoreError> {
    let Some(found) = get(transaction)? else { return Ok(false) };
    forget(transaction)?;
    by.did(transaction, "provider.remove", &found.name, &json!({ "issuer": found.issuer }))?;
    Ok(true)
}

fn forget(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(WRITE, "delete from provider_duty", &[])?;
    transaction.execute(WRITE, "delete from provider", &[]).map(|_| ())
}

/// Who comes in under that name by that issuer's word.
pub fn linked(
    transaction: &mut Transaction<'_>,
    issuer: &str,
    subject: &str,
) -> Result<Option<PersonId>, StoreError> {
    let sql = "select person from linked_identity where issuer = ?1 and subject = ?2";
    let values: [Value<'_>; 2] = [issuer.into(), subject.into()];
    transaction.one(READ, sql, &values, |row| Ok(PersonId(text(row, 0)?.into())))
}

/// Links a person; nobody may be linked there yet.
pub fn link(
    transaction: &mut Transaction<'_>,
    (issuer, subject): (&str, &str),
    person: &PersonId,
    by: By<'_>,
) -> Result<(), StoreError> {
    let values: [Value<'_>; 4] =
        [issuer.into(), subject.into(), person.0.as_str().into(), by.at_ms.into()];
    let sql = "insert into linked_identity (issuer, subject, person, made_ms) \
               values (?1, ?2, ?3, ?4)";
    transaction.execute(WRITE, sql, &values)?;
    let detail = json!({ "issuer": issuer, "subject": subject });
    by.did(transaction, "person.link", &person.0, &detail)
}

/// Links a person to nothing any more; to how much they were.
pub fn unlink(
    transaction: &mut Transaction<'_>,
    person: &PersonId,
    by: By<'_>,
) -> Result<u64, StoreError> {
    let sql = "delete from linked_identity where person = ?1";
    let gone = transaction.execute(WRITE, sql, &[person.0.as_str().into()])?;
    if gone > 0 {
        by.did(transaction, "person.unlink", &person.0, &json!({ "links": gone }))?;
    }
    Ok(gone)
}

/// Every link, in the order of their people.
pub fn links(transaction: &mut Transaction<'_>) -> Result<Vec<Link>, StoreError> {
    let sql = "select issuer, subject, person, made_ms from linked_identity \
               order by person, issuer, subject";
    transaction.all(READ, sql, &[], |row| {
        Ok(Link {
            issuer: text(row, 0)?,
            subject: text(row, 1)?,
            person: PersonId(text(row, 2)?.into()),
            made_ms: number(row, 3)?,
        })
    })
}

/// The name under which a person comes in by that issuer's word.
pub fn subject_of(
    transaction: &mut Transaction<'_>,
    issuer: &str,
    person: &PersonId,
) -> Result<Option<String>, StoreError> {
    let sql = "select subject from linked_identity where issuer = ?1 and person = ?2 \
               order by made_ms desc, subject limit 1";
    let values: [Value<'_>; 2] = [issuer.into(), person.0.as_str().into()];
    transaction.one(READ, sql, &values, |row| text(row, 0))
}

/// How many are linked, may sign in, and are there for nothing yet.
pub fn newcomers(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let sql = "select count(*) from person where duties = '' and disabled = 0 \
               and id in (select person from linked_identity)";
    let count = transaction.one(READ, sql, &[], |row| number(row, 0))?;
    Ok(count.unwrap_or(0))
}

fn provider(row: &Row<'_>) -> Result<Provider, StoreError> {
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    Ok(Provider {
        name: text(row, 0)?,
        issuer: text(row, 1)?,
        client: text(row, 2)?,
        secret: row.text(3)?.map(Secret::new),
        authentication: text(row, 4)?,
        authority: text(row, 5)?,
        console: text(row, 6)?,
        scopes: words(text(row, 7)?),
        acr: words(text(row, 8)?),
        amr: words(text(row, 9)?),
        claim: row.text(10)?,
        duties: BTreeSet::new(),
        made_ms: number(row, 11)?,
        made_by: text(row, 12)?,
    })
}
