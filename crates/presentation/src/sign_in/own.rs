//! What people do with their own account: password, second factor, recovery codes, tokens of
//! programs.
//!
//! Refuses a second factor that was not shown to work. Whether whoever asks was there just now,
//! [`rights`](super::rights) says first.

use std::collections::BTreeSet;

use domain::person::Scope;
use store::StoreError;
use store::audit::By;
use store::database::Transaction;
use store::people::{self, PasswordOf};
use store::secret::{Fingerprint, Secret};
use store::sessions::{self, WithSecond};
use store::tokens::{self, Token};

use super::rights::{Right, of_scope};
use super::session::Living;
use super::token::Random;
use super::{code, token, totp};

/// The longest life of a token, in days.
pub const TOKEN_DAYS: i64 = 366;
/// How many tokens of a person count at a time.
pub const TOKENS: usize = 50;
/// Most characters of a token's name.
pub const TOKEN_NAME: usize = 100;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The code of the new second factor is wrong.
    #[error("that is not the code that your app shows now: check the clock of your telephone")]
    Code,
    /// The token has no name.
    #[error("say what the token is for, in up to {TOKEN_NAME} characters on one line")]
    TokenName,
    /// The token would do nothing.
    #[error("say what may be done with the token")]
    NoScope,
    /// A scope would give what the owner may not do.
    #[error("the scope {0} allows nothing that you may do")]
    Scope(Scope),
    /// It would live too long.
    #[error("a token lives for 1 to {TOKEN_DAYS} days")]
    TooLong,
    /// There are too many.
    #[error("{TOKENS} tokens are the most: revoke one that is not in use")]
    TooMany,
}

/// Puts a password of one's own in the place of the one before, and ends one's other sessions.
pub fn change_password(
    transaction: &mut Transaction<'_>,
    living: &Living,
    password: &Secret<String>,
    by: By<'_>,
) -> Result<(), StoreError> {
    people::set_password(transaction, &living.person.id, password, PasswordOf::Person, by)?;
    end_others(transaction, living, by)
}

/// Ends every session of one's own but this.
pub fn end_others(
    transaction: &mut Transaction<'_>,
    living: &Living,
    by: By<'_>,
) -> Result<(), StoreError> {
    let others = sessions::of(transaction, &living.person.id)?;
    let others = others.into_iter().filter(|other| other.fingerprint != living.session.fingerprint);
    for other in others {
        sessions::end(transaction, &other, by)?;
    }
    Ok(())
}

/// Takes a second factor into use once its first code is right; recovery codes to be shown once.
pub fn use_second_factor(
    transaction: &mut Transaction<'_>,
    living: &Living,
    (secret, typed): (&Secret<Vec<u8>>, &str),
    by: By<'_>,
    random: &mut Random,
) -> Result<Result<Vec<Secret<String>>, Wrong>, StoreError> {
    let Some(step) = totp::step(secret, typed, by.at_ms) else { return Ok(Err(Wrong::Code)) };
    people::set_totp(transaction, &living.person.id, Some(secret), by)?;
    people::take_totp_step(transaction, &living.person.id, step)?;
    sessions::confirm(transaction, &living.session, WithSecond::Given, by)?;
    end_others(transaction, living, by)?;
    new_recovery_codes(transaction, living, by, random).map(Ok)
}

/// Other recovery codes in the place of those before, to be shown once.
pub fn new_recovery_codes(
    transaction: &mut Transaction<'_>,
    living: &Living,
    by: By<'_>,
    random: &mut Random,
) -> Result<Vec<Secret<String>>, StoreError> {
    let codes = code::draw_all(random);
    let fingerprints: Vec<Fingerprint> =
        codes.iter().filter_map(|code| code::read(code.expose())).collect();
    people::set_recovery_codes(transaction, &living.person.id, &fingerprints, by)?;
    Ok(codes)
}

/// What a token shall be.
#[derive(Debug, Clone)]
pub struct NewToken<'n> {
    /// What it is for.
    pub name: &'n str,
    /// What may be done with it.
    pub scopes: BTreeSet<Scope>,
    /// How many days it lives.
    pub days: i64,
}

/// Makes a token, to be shown once.
pub fn make_token(
    transaction: &mut Transaction<'_>,
    living: &Living,
    new: &NewToken<'_>,
    by: By<'_>,
    random: &mut Random,
) -> Result<Result<Secret<String>, Wrong>, StoreError> {
    if let Err(wrong) = judge(new, living) {
        return Ok(Err(wrong));
    }
    let own = tokens::of(transaction, Some(&living.person.id))?;
    let counts = |token: &&Token| token.revoked_ms.is_none() && by.at_ms < token.expires_ms;
    if own.iter().filter(counts).count() >= TOKENS {
        return Ok(Err(Wrong::TooMany));
    }
    let shown = token::for_program(random);
    let token = Token {
        id: random.id(),
        owner: living.person.id.clone(),
        name: new.name.to_owned(),
        scopes: new.scopes.clone(),
        made_ms: by.at_ms,
        expires_ms: by.at_ms + new.days * DAY_MS,
        used_ms: None,
        revoked_ms: None,
    };
    tokens::add(transaction, &token, &Fingerprint::of(shown.expose()), by)?;
    Ok(Ok(shown))
}

fn judge(new: &NewToken<'_>, living: &Living) -> Result<(), Wrong> {
    let count = new.name.chars().count();
    if new.name.trim().is_empty() || count > TOKEN_NAME || new.name.chars().any(char::is_control) {
        return Err(Wrong::TokenName);
    }
    if new.scopes.is_empty() {
        return Err(Wrong::NoScope);
    }
    let is_own =
        |right: &Right| right.duties().iter().any(|duty| living.person.duties.contains(duty));
    if let Some(scope) = new.scopes.iter().find(|scope| !of_scope(**scope).iter().any(is_own)) {
        return Err(Wrong::Scope(*scope));
    }
    if !(1..=TOKEN_DAYS).contains(&new.days) {
        return Err(Wrong::TooLong);
    }
    Ok(())
}
