//! What an administrator does with people: adds them, says what they are there for, lets them in or
//! not, helps them in again.
//!
//! Refuses what would leave nobody to administer, and that somebody changes their own duties or
//! access. Whether whoever asks is an administrator, [`rights`](super::rights) says first.

use std::collections::BTreeSet;

use domain::person::{Duty, PersonId};
use store::StoreError;
use store::attempts;
use store::audit::By;
use store::database::Transaction;
use store::people::{self, Access, PasswordOf, Person};
use store::secret::Secret;
use store::sessions;

use super::token::Random;

/// Most characters of a name.
pub const NAME: usize = 64;
/// Most characters of a shown name.
pub const SHOWN: usize = 100;

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The name can't be one.
    #[error(
        "a name has 1 to {NAME} letters (a-z), digits, dots, dashes and underscores, and begins \
         with a letter or a digit"
    )]
    Name,
    /// The shown name can't be one.
    #[error("a shown name has 1 to {SHOWN} characters on one line")]
    Shown,
    /// Somebody has that name.
    #[error("somebody is called `{0}` already")]
    Taken(String),
    /// Nobody has that name.
    #[error("nobody is called `{0}`")]
    Nobody(String),
    /// Nobody would be left to administer.
    #[error("nobody else is left who may administer: add somebody first")]
    LastAdministrator,
    /// They would change themselves.
    #[error("nobody changes their own duties or access: another administrator does")]
    Oneself,
}

/// Who shall be added.
#[derive(Debug, Clone)]
pub struct New<'n> {
    /// By which they sign in.
    pub name: &'n str,
    /// As others see it.
    pub shown: &'n str,
    /// What they are there for.
    pub duties: BTreeSet<Duty>,
    /// The hash of their password.
    pub password: Option<&'n Secret<String>>,
    /// Who has set it.
    pub password_of: PasswordOf,
}

/// Adds a person.
pub fn add(
    transaction: &mut Transaction<'_>,
    new: &New<'_>,
    by: By<'_>,
    random: &mut Random,
) -> Result<Result<PersonId, Wrong>, StoreError> {
    if let Err(wrong) = names(new.name, new.shown) {
        return Ok(Err(wrong));
    }
    if people::by_name(transaction, new.name)?.is_some() {
        return Ok(Err(Wrong::Taken(new.name.to_owned())));
    }
    let person = Person {
        id: PersonId(random.id().into()),
        name: new.name.to_owned(),
        shown: new.shown.to_owned(),
        duties: new.duties.clone(),
        password: new.password.cloned(),
        password_of: new.password_of,
        totp: None,
        access: Access::Open,
        created_ms: by.at_ms,
    };
    people::add(transaction, &person, by)?;
    Ok(Ok(person.id))
}

/// Says whether somebody may be called so. The letters of a name are few, so that no two look
/// alike.
pub fn names(name: &str, shown: &str) -> Result<(), Wrong> {
    if !is_name(name) {
        return Err(Wrong::Name);
    }
    let count = shown.chars().count();
    if shown.trim().is_empty() || count > SHOWN || shown.chars().any(char::is_control) {
        return Err(Wrong::Shown);
    }
    Ok(())
}

/// Whether somebody may be called so; what can't be a name is nobody's, and is not looked up.
pub(super) fn is_name(name: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"._-".contains(&letter);
    let begins = name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    begins && name.len() <= NAME && name.bytes().all(is_letter)
}

/// The person of that name.
pub fn named(
    transaction: &mut Transaction<'_>,
    name: &str,
) -> Result<Result<Person, Wrong>, StoreError> {
    let person = if is_name(name) { people::by_name(transaction, name)? } else { None };
    Ok(person.ok_or_else(|| Wrong::Nobody(name.to_owned())))
}

/// Puts other duties in the place of a person's. `own` is who asks, where it is a person here.
pub fn set_duties(
    transaction: &mut Transaction<'_>,
    person: &Person,
    duties: &BTreeSet<Duty>,
    (own, by): (Option<&PersonId>, By<'_>),
) -> Result<Result<(), Wrong>, StoreError> {
    if own == Some(&person.id) {
        return Ok(Err(Wrong::Oneself));
    }
    if !duties.contains(&Duty::Administers) && is_last(transaction, person)? {
        return Ok(Err(Wrong::LastAdministrator));
    }
    people::set_duties(transaction, &person.id, duties, by).map(Ok)
}

/// Lets a person sign in no longer, and ends what they have begun.
pub fn disable(
    transaction: &mut Transaction<'_>,
    person: &Person,
    (own, by): (Option<&PersonId>, By<'_>),
) -> Result<Result<(), Wrong>, StoreError> {
    if own == Some(&person.id) {
        return Ok(Err(Wrong::Oneself));
    }
    if is_last(transaction, person)? {
        return Ok(Err(Wrong::LastAdministrator));
    }
    people::set_access(transaction, &person.id, Access::Disabled, by)?;
    end(transaction, &person.id, by).map(Ok)
}

/// Lets a person sign in again.
pub fn enable(
    transaction: &mut Transaction<'_>,
    person: &Person,
    by: By<'_>,
) -> Result<(), StoreError> {
    people::set_access(transaction, &person.id, Access::Open, by)
}

/// Sets a password that the person has to change, and ends what they have begun: whoever needs it
/// may have been robbed.
pub fn reset_password(
    transaction: &mut Transaction<'_>,
    person: &Person,
    password: &Secret<String>,
    by: By<'_>,
) -> Result<(), StoreError> {
    people::set_password(transaction, &person.id, password, PasswordOf::SomebodyElse, by)?;
    end(transaction, &person.id, by)
}

/// Takes the second factor and the recovery codes away, and ends what the person has begun.
pub fn reset_second_factor(
    transaction: &mut Transaction<'_>,
    person: &Person,
    by: By<'_>,
) -> Result<(), StoreError> {
    people::set_totp(transaction, &person.id, None, by)?;
    end(transaction, &person.id, by)
}

fn end(transaction: &mut Transaction<'_>, person: &PersonId, by: By<'_>) -> Result<(), StoreError> {
    sessions::end_all(transaction, person, by)?;
    attempts::know_none(transaction, person)
}

/// Whether nobody would be left to administer without that person.
fn is_last(transaction: &mut Transaction<'_>, person: &Person) -> Result<bool, StoreError> {
    let administers = |person: &Person| {
        person.access == Access::Open && person.duties.contains(&Duty::Administers)
    };
    let mut others = people::all(transaction)?.into_iter().filter(|other| other.id != person.id);
    Ok(administers(person) && !others.any(|other| administers(&other)))
}
