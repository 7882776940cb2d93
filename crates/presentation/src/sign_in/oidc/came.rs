//! Somebody who came by a provider's word: who they are here, and what they are there for.
//!
//! Whoever is new is there for nothing until somebody here says so, or a claim of theirs does that
//! an administrator has named. Refuses whoever may not sign in here, and to leave nobody who may
//! administer.

use std::collections::BTreeSet;

use domain::person::{Duty, PersonId};
use serde_json::json;
use store::StoreError;
use store::audit::{self, By, Entry};
use store::database::Transaction;
use store::people::{Access, PasswordOf, Person};
use store::provider::{self, Provider};
use store::sessions::{self, WithSecond};

use super::token::Claims;
use super::{Failure, NEWCOMERS, Refusal};
use crate::sign_in::entry::{self, Caller, Welcome};
use crate::sign_in::people::{self as rules, NAME, New, SHOWN, Wrong};
use crate::sign_in::session::Living;
use crate::sign_in::token::Random;

/// Who writes to the audit chain what follows from a provider's word.
const ACTOR: &str = "asepsis";

/// What a provider's word gives; `None` where people here say it.
#[must_use]
pub fn duties(provider: &Provider, claims: &Claims) -> Option<BTreeSet<Duty>> {
    let values = claims.texts(provider.claim.as_deref()?);
    let given = provider.duties.iter().filter(|(value, _)| values.contains(&value.as_str()));
    Some(given.map(|(_, duty)| *duty).collect())
}

/// Lets somebody in by a provider's word, whose token was looked at.
pub fn come_in(
    transaction: &mut Transaction<'_>,
    (provider, claims): (&Provider, &Claims),
    caller: &Caller<'_>,
    random: &mut Random,
) -> Result<Result<Welcome, Failure>, StoreError> {
    let by = By { actor: ACTOR, at_ms: caller.now_ms };
    let subject = claims.subject().unwrap_or_default();
    let given = duties(provider, claims);
    let id = match provider::linked(transaction, &provider.issuer, subject)? {
        Some(id) => id,
        None if given.as_ref().is_some_and(BTreeSet::is_empty) => {
            return Ok(Err(Refusal::NoDuty.into()));
        }
        None if provider::newcomers(transaction)? >= NEWCOMERS => {
            return Ok(Err(Refusal::Full.into()));
        }
        None => add(transaction, (&provider.issuer, subject), claims, by, random)?,
    };
    let person = store::people::find(transaction, &id)?;
    let Some(person) = person.filter(|person| person.access == Access::Open) else {
        return Ok(Err(Refusal::Disabled.into()));
    };
    if let Some(given) = given.filter(|given| *given != person.duties) {
        give(transaction, &person, given, by)?;
    }
    // Who signed in at the provider in the morning was not there just now.
    let confirmed_ms = claims.signed_in_s().unwrap_or(0).saturating_mul(1_000);
    let welcome = entry::vouched(transaction, &id, confirmed_ms, caller, random)?;
    let Some(welcome) = welcome else { return Ok(Err(Refusal::Disabled.into())) };
    let (acr, amr) = claims.ways();
    let detail = json!({ "source": caller.source, "provider": provider.name,
                         "acr": shortened(acr), "amr": amr.iter().take(8).map(|one| shortened(one))
                             .collect::<Vec<_>>() });
    let entry = Entry {
        at_ms: caller.now_ms,
        actor: person.name,
        action: "sign-in.provider".to_owned(),
        subject: id.0.to_string(),
        detail: detail.to_string(),
    };
    audit::append(transaction, &entry)?;
    Ok(Ok(welcome))
}

fn shortened(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(80).collect()
}

/// Puts what a provider's word gives in the place of what somebody was there for. Who is the last
/// that may administer stays so.
fn give(
    transaction: &mut Transaction<'_>,
    person: &Person,
    mut given: BTreeSet<Duty>,
    by: By<'_>,
) -> Result<(), StoreError> {
    if rules::set_duties(transaction, person, &given, (None, by))? == Err(Wrong::LastAdministrator)
    {
        given.insert(Duty::Administers);
        if given != person.duties {
            store::people::set_duties(transaction, &person.id, &given, by)?;
        }
    }
    Ok(())
}

/// Adds somebody who is new, by the name that the provider tells if nobody here has it.
fn add(
    transaction: &mut Transaction<'_>,
    link: (&str, &str),
    claims: &Claims,
    by: By<'_>,
    random: &mut Random,
) -> Result<PersonId, StoreError> {
    let (told, shown) = claims.names();
    let short: String = random.id().chars().take(10).collect();
    let other = format!("p-{short}");
    let is_free = told.len() <= NAME
        && rules::names(told, told).is_ok()
        && store::people::by_name(transaction, told)?.is_none();
    let name = if is_free { told } else { &other };
    let shown: String = shown.chars().filter(|one| !one.is_control()).take(SHOWN).collect();
    let shown = if shown.trim().is_empty() { name } else { shown.trim() };
    let new = New {
        name,
        shown,
        duties: BTreeSet::new(),
        password: None,
        password_of: PasswordOf::Person,
    };
    let added = rules::add(transaction, &new, by, random)?;
    let id = added.map_err(|_| StoreError::Unreadable { what: "person" })?;
    provider::link(transaction, link, &id, by)?;
    Ok(id)
}

/// Notes that whoever is signed in has shown at the provider that they are there. Where they have a
/// second factor here, only that does.
pub fn confirm(
    transaction: &mut Transaction<'_>,
    (provider, claims): (&Provider, &Claims),
    living: &Living,
    now_ms: i64,
) -> Result<Result<(), Failure>, StoreError> {
    let subject = claims.subject().unwrap_or_default();
    let linked = provider::linked(transaction, &provider.issuer, subject)?;
    let person = store::people::find(transaction, &living.person.id)?;
    let is_there = sessions::find(transaction, &living.session.fingerprint)?.is_some();
    let own = person.filter(|person| person.access == Access::Open && is_there);
    let Some(person) = own.filter(|own| linked.as_ref() == Some(&own.id)) else {
        return Ok(Err(Refusal::Somebody.into()));
    };
    if person.totp.is_some() {
        return Ok(Err(Refusal::Strength.because("the second factor here is asked for")));
    }
    let by = By { actor: &person.name, at_ms: now_ms };
    sessions::confirm(transaction, &living.session, WithSecond::NotGiven, by)?;
    Ok(Ok(()))
}

/// Writes that somebody was not let in by a provider's word, and why.
pub fn refuse(
    transaction: &mut Transaction<'_>,
    (provider, failure): (&Provider, &Failure),
    caller: &Caller<'_>,
) -> Result<(), StoreError> {
    let detail = json!({ "source": caller.source, "provider": provider.name,
                         "why": failure.why.code(), "more": failure.more });
    let entry = Entry {
        at_ms: caller.now_ms,
        actor: ACTOR.to_owned(),
        action: "sign-in.refuse".to_owned(),
        subject: String::new(),
        detail: detail.to_string(),
    };
    audit::append(transaction, &entry).map(|_| ())
}

/// Asks nobody any more who somebody is, and ends every session of whoever is linked and has no
/// password here; `false` where nobody was asked.
pub fn end(transaction: &mut Transaction<'_>, by: By<'_>) -> Result<bool, StoreError> {
    if !provider::remove(transaction, by)? {
        return Ok(false);
    }
    for link in provider::links(transaction)? {
        let person = store::people::find(transaction, &link.person)?;
        if person.is_some_and(|person| person.password.is_none()) {
            sessions::end_all(transaction, &link.person, by)?;
        }
    }
    Ok(true)
}

/// Links somebody who is here already to a name at the provider.
pub fn link(
    transaction: &mut Transaction<'_>,
    (provider, subject): (&Provider, &str),
    person: &Person,
    by: By<'_>,
) -> Result<Result<(), String>, StoreError> {
    if subject.is_empty()
        || subject.len() > 255
        || !subject.bytes().all(|one| one.is_ascii_graphic())
    {
        return Ok(Err("a subject has 1 to 255 letters, as the provider's `sub` has them".into()));
    }
    if provider::linked(transaction, &provider.issuer, subject)?.is_some() {
        return Ok(Err("somebody comes in by that subject already: unlink them first".into()));
    }
    provider::link(transaction, (&provider.issuer, subject), &person.id, by).map(Ok)
}

/// Links somebody to nothing any more, and ends their sessions.
pub fn unlink(
    transaction: &mut Transaction<'_>,
    person: &Person,
    by: By<'_>,
) -> Result<bool, StoreError> {
    let was = provider::unlink(transaction, &person.id, by)? > 0;
    if was {
        sessions::end_all(transaction, &person.id, by)?;
    }
    Ok(was)
}
