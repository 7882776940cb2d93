//! Who a request comes from, by the token that it shows.
//!
//! Refuses a session that was left alone, or has lasted a day's work, and a token that has expired,
//! was revoked, or whose owner may not sign in any more.

use store::StoreError;
use store::database::Transaction;
use store::people::{self, Access, PasswordOf, Person};
use store::sessions::{self, Session};
use store::tokens::{self, Token};

use super::rights::{Holder, Pending, Signed, Who};
use super::token;

/// How long a session lives unused: half an hour, in milliseconds (NIST SP 800-63B, section 4.2.3).
pub const IDLE_MS: i64 = 30 * 60 * 1_000;
/// How long it lives at all: twelve hours (the same section).
pub const LASTS_MS: i64 = 12 * 60 * 60 * 1_000;
/// How far in the future it may have begun, or been used: a clock is set right by seconds. Further,
/// it is of a clock that was wrong, and would live until that time.
pub const AHEAD_MS: i64 = 5 * 60 * 1_000;
/// How many sessions a person has at most; the one that was used longest ago makes room.
pub const SESSIONS: i64 = 20;
/// How often it is noted that a session or a token is in use: each minute, for each note is a
/// write.
const NOTED_MS: i64 = 60 * 1_000;

/// A session that lives, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Living {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub person: Person,
}

/// The session of a token, if it lives. Notes nothing: see [`note`].
pub fn find(
    transaction: &mut Transaction<'_>,
    shown: &str,
    now_ms: i64,
) -> Result<Option<Living>, StoreError> {
    let Some(fingerprint) = token::read_opaque(shown) else { return Ok(None) };
    let found = sessions::find(transaction, &fingerprint)?;
    let Some(session) = found.filter(|session| lives(session, now_ms)) else { return Ok(None) };
    let person = people::find(transaction, &session.person)?;
    let person = person.filter(|person| person.access == Access::Open);
    Ok(person.map(|person| Living { session, person }))
}

fn lives(session: &Session, now_ms: i64) -> bool {
    let is_within =
        |at_ms: i64, lasts_ms| (-AHEAD_MS..lasts_ms).contains(&now_ms.saturating_sub(at_ms));
    is_within(session.used_ms, IDLE_MS) && is_within(session.begun_ms, LASTS_MS)
}

/// Whether it is time to [`note`] that a session is in use.
#[must_use]
pub fn is_to_be_noted(session: &Session, now_ms: i64) -> bool {
    now_ms - session.used_ms >= NOTED_MS
}

/// Notes that a session is in use, so that it lives on.
pub fn note(
    transaction: &mut Transaction<'_>,
    session: &Session,
    now_ms: i64,
) -> Result<(), StoreError> {
    sessions::touch(transaction, &session.fingerprint, now_ms)
}

impl Living {
    /// The person, as the table of rights knows them.
    #[must_use]
    pub fn who(&self) -> Who {
        let owes_second = self.person.totp.is_some() && self.session.second_ms.is_none();
        let pending = if owes_second {
            Some(Pending::SecondFactor)
        } else if self.person.password_of == PasswordOf::SomebodyElse {
            Some(Pending::Password)
        } else {
            None
        };
        Who::Person(Signed {
            id: self.person.id.clone(),
            name: self.person.name.clone(),
            duties: self.person.duties.clone(),
            pending,
            confirmed_ms: self.session.confirmed_ms,
        })
    }
}

/// The program that shows a token, if it is one that counts; and the token, of which it may be time
/// to note that it is in use.
pub fn program(
    transaction: &mut Transaction<'_>,
    shown: &str,
    now_ms: i64,
) -> Result<Option<(Who, Token)>, StoreError> {
    let Some(fingerprint) = token::read_of_program(shown) else { return Ok(None) };
    let found = tokens::find(transaction, &fingerprint)?;
    let counts = |token: &Token| token.revoked_ms.is_none() && now_ms < token.expires_ms;
    let Some(token) = found.filter(counts) else { return Ok(None) };
    let owner = people::find(transaction, &token.owner)?;
    let owner = owner.filter(|person| person.access == Access::Open);
    Ok(owner.map(|owner| {
        let who = Who::Program(Holder {
            owner: owner.id,
            owner_name: owner.name,
            duties: owner.duties,
            token: token.name.clone(),
            scopes: token.scopes.clone(),
        });
        (who, token)
    }))
}

/// Whether it is time to note that a token is in use.
#[must_use]
pub fn is_token_to_be_noted(token: &Token, now_ms: i64) -> bool {
    token.used_ms.is_none_or(|used_ms| now_ms - used_ms >= NOTED_MS)
}
