//! The first run: how the first administrator comes to be.
//!
//! The program makes a code and shows it where only whoever runs it sees it: at its terminal, or in
//! a file of its own. Whoever types the code becomes the first administrator. Refuses a default
//! password, and to make another administrator that way once there was one.

use domain::person::{Duty, PersonId};
use store::StoreError;
use store::audit::By;
use store::database::Transaction;
use store::people;
use store::secret::Secret;
use store::setup;

use super::people::{New, Wrong as WrongPerson, add};
use super::token::Random;
use super::{code, people as rules};

/// How long a code counts: a day, in milliseconds. Afterwards the program is started anew.
pub const LASTS_MS: i64 = 24 * 60 * 60 * 1_000;

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There was an administrator before.
    #[error("it is set up already: an administrator adds people")]
    Done,
    /// That is not the code, or it is too old.
    #[error(
        "that is not the code of the set-up, or it is too old: start the program anew for another"
    )]
    Code,
    /// The person can't be added.
    #[error("{0}")]
    Person(WrongPerson),
}

/// A code for the first run, to be shown once; none, where there was an administrator before. One
/// that was made earlier counts no more.
pub fn begin(
    transaction: &mut Transaction<'_>,
    by: By<'_>,
    random: &mut Random,
) -> Result<Option<Secret<String>>, StoreError> {
    if is_done(transaction)? {
        return Ok(None);
    }
    let shown = code::draw(random);
    let Some(fingerprint) = code::read(shown.expose()) else { return Ok(None) };
    setup::put(transaction, &fingerprint, by)?;
    Ok(Some(shown))
}

/// Whether there was an administrator before; one who may not sign in any more counts.
pub fn is_done(transaction: &mut Transaction<'_>) -> Result<bool, StoreError> {
    let all = people::all(transaction)?;
    Ok(all.iter().any(|person| person.duties.contains(&Duty::Administers)))
}

/// Says whether that is the code, so that a page may ask for the rest.
pub fn judge(
    transaction: &mut Transaction<'_>,
    typed: &str,
    now_ms: i64,
) -> Result<Result<(), Wrong>, StoreError> {
    if is_done(transaction)? {
        return Ok(Err(Wrong::Done));
    }
    let Some(typed) = code::read(typed) else { return Ok(Err(Wrong::Code)) };
    let made_ms = setup::made_ms(transaction, &typed)?;
    let counts = made_ms.is_some_and(|made_ms| (0..LASTS_MS).contains(&(now_ms - made_ms)));
    Ok(counts.then_some(()).ok_or(Wrong::Code))
}

/// Makes the first administrator; the code counts no more.
pub fn finish(
    transaction: &mut Transaction<'_>,
    typed: &str,
    new: &New<'_>,
    now_ms: i64,
    random: &mut Random,
) -> Result<Result<PersonId, Wrong>, StoreError> {
    if let Err(wrong) = judge(transaction, typed, now_ms)? {
        return Ok(Err(wrong));
    }
    if let Err(wrong) = rules::names(new.name, new.shown) {
        return Ok(Err(Wrong::Person(wrong)));
    }
    let mut new = new.clone();
    new.duties.insert(Duty::Administers);
    let by = By { actor: "set-up", at_ms: now_ms };
    match add(transaction, &new, by, random)? {
        Err(wrong) => Ok(Err(Wrong::Person(wrong))),
        Ok(id) => {
            setup::remove(transaction)?;
            Ok(Ok(id))
        }
    }
}
