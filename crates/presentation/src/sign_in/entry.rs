//! The way in, in three steps: an attempt is let through and counted, the password is looked at
//! outside of the store, and what comes of it is written.
//!
//! The middle step takes tenths of a second and 64 MiB, and nobody who writes to the store waits
//! for it. Refuses to say why somebody was not let in: a name that nobody has, a wrong password, a
//! wrong code and a person who may not sign in look the same, and take as long. Only whoever has
//! the password, and has a second factor to give, learns that the password is right.

use std::net::IpAddr;

use domain::person::PersonId;
use serde_json::json;
use store::StoreError;
use store::attempts::{self, Count};
use store::audit::{self, By, Entry};
use store::database::Transaction;
use store::people::{self, Access, Person};
use store::secret::{Fingerprint, Secret};
use store::sessions::{self, Session, WithSecond};

use super::limits::{self, Charge, Subject, Voucher, Wait};
use super::people::is_name;
use super::rights::Who;
use super::session::{IDLE_MS, LASTS_MS, Living, SESSIONS};
use super::token::Random;
use super::{code, password, token, totp};

/// How many browsers of a person are known; the one that was used longest ago makes room.
pub const BROWSERS: i64 = 20;
/// How long a browser stays known unused: half a year, in milliseconds.
pub const KNOWN_MS: i64 = 183 * 24 * 60 * 60 * 1_000;
/// Longest text that is kept of what a browser says of itself, in characters.
const AGENT: usize = 120;

/// From where somebody calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'c> {
    /// The address: the peer's, or the one that a proxy named whom the hospital trusts.
    pub source: IpAddr,
    /// The fingerprint of the token that the browser has kept since somebody signed in there.
    pub browser: Option<&'c Fingerprint>,
    /// What the browser says of itself.
    pub agent: &'c str,
    /// When, in milliseconds since 1970.
    pub now_ms: i64,
}

/// An attempt that was let through, and counted.
#[derive(Debug)]
pub struct Attempt {
    person: Option<Person>,
    charges: Vec<Charge>,
}

/// An attempt whose password was looked at. Only [`Attempt::check`] makes one.
#[derive(Debug)]
pub struct Checked {
    attempt: Attempt,
    is_right: bool,
    newer: Option<Secret<String>>,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Not let in.
    Refused,
    /// Let in; without the second factor where that is still [`Pending`](super::rights::Pending).
    SignedIn(Box<Welcome>),
}

/// Somebody who was let in.
#[derive(Debug)]
pub struct Welcome {
    /// The token of the session, for a cookie that ends with it.
    pub session: Secret<String>,
    /// A token for a cookie by which the browser is known from now on, where it has none yet.
    pub browser: Option<Secret<String>>,
    /// Who it is.
    pub who: Who,
}

/// What came of confirming that somebody is there.
#[derive(Debug)]
pub enum Confirmed {
    /// They are; with a token for a cookie by which the browser is known, where it has none yet.
    Yes(Option<Secret<String>>),
    /// They did not show it.
    Refused,
    /// Too often tried.
    Wait(Wait),
}

/// The first step: lets an attempt through and counts it, or says how long to wait. `typed` is what
/// stands in the field for the code: a recovery code there vouches for its person wherever they
/// sit, for nobody guesses it.
pub fn admit(
    transaction: &mut Transaction<'_>,
    name: &str,
    typed: Option<&str>,
    caller: &Caller<'_>,
) -> Result<Result<Attempt, Wait>, StoreError> {
    let name = name.trim();
    let person = if is_name(name) { people::by_name(transaction, name)? } else { None };
    let subject = match &person {
        Some(person) => Subject::Person(&person.id),
        None => Subject::Nobody(name),
    };
    let counted = count(transaction, subject, typed, caller)?;
    Ok(counted.map(|charges| Attempt { person, charges }))
}

/// The same for the password of somebody who has signed in and shall confirm it.
pub fn admit_again(
    transaction: &mut Transaction<'_>,
    living: &Living,
    caller: &Caller<'_>,
) -> Result<Result<Attempt, Wait>, StoreError> {
    let person = living.person.clone();
    let counted = count(transaction, Subject::Person(&person.id), None, caller)?;
    Ok(counted.map(|charges| Attempt { person: Some(person), charges }))
}

fn count(
    transaction: &mut Transaction<'_>,
    subject: Subject<'_>,
    typed: Option<&str>,
    caller: &Caller<'_>,
) -> Result<Result<Vec<Charge>, Wait>, StoreError> {
    let recovery = typed.and_then(code::read);
    let voucher = match (subject, recovery.as_ref(), caller.browser) {
        (Subject::Person(person), Some(recovery), _)
            if people::has_recovery_code(transaction, person, recovery)? =>
        {
            Some(Voucher::RecoveryCode(recovery))
        }
        (Subject::Person(person), _, Some(browser))
            if is_known(transaction, browser, person, caller.now_ms)? =>
        {
            Some(Voucher::Browser(browser))
        }
        _ => None,
    };
    let charges = limits::charges(subject, caller.source, voucher);
    let counts = counted(transaction, &charges)?;
    let counted: Vec<(Charge, Count)> = charges.iter().cloned().zip(counts).collect();
    match limits::admit(&counted, caller.now_ms) {
        Err(wait) => Ok(Err(wait)),
        Ok(counts) => {
            keep(transaction, &charges, &counts)?;
            Ok(Ok(charges))
        }
    }
}

fn is_known(
    transaction: &mut Transaction<'_>,
    browser: &Fingerprint,
    person: &PersonId,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let used_ms = attempts::known(transaction, browser, person)?;
    Ok(used_ms.is_some_and(|used_ms| now_ms - used_ms < KNOWN_MS))
}

fn counted(
    transaction: &mut Transaction<'_>,
    charges: &[Charge],
) -> Result<Vec<Count>, StoreError> {
    charges.iter().map(|charge| attempts::count(transaction, &charge.key)).collect()
}

fn keep(
    transaction: &mut Transaction<'_>,
    charges: &[Charge],
    counts: &[Count],
) -> Result<(), StoreError> {
    let mut both = charges.iter().zip(counts);
    both.try_for_each(|(charge, count)| attempts::put(transaction, &charge.key, *count))
}

impl Attempt {
    /// The second step, without the store. Takes as long for a name that nobody has.
    #[must_use]
    pub fn check(self, password: &str, random: &mut Random) -> Checked {
        let hash = self.person.as_ref().and_then(|person| person.password.as_ref());
        let is_right = password::is_right(password, hash);
        let is_outdated = is_right && hash.is_some_and(password::is_outdated);
        let newer = is_outdated.then(|| password::hash(password, random));
        Checked { attempt: self, is_right, newer }
    }
}

impl Checked {
    /// The person as they are now, where the password was theirs and still is, and they may sign
    /// in.
    fn person(&self, transaction: &mut Transaction<'_>) -> Result<Option<Person>, StoreError> {
        let Some(then) = self.attempt.person.as_ref().filter(|_| self.is_right) else {
            return Ok(None);
        };
        let now = people::find(transaction, &then.id)?;
        let is_same = |now: &Person| now.password == then.password && now.access == Access::Open;
        Ok(now.filter(is_same))
    }

    fn refuse(
        &self,
        transaction: &mut Transaction<'_>,
        caller: &Caller<'_>,
    ) -> Result<(), StoreError> {
        refuse(transaction, self.attempt.person.as_ref(), caller)
    }
}

/// The third step: lets the person in, or not. `typed` is what stands in the field for the code,
/// and has to be what stood there in the first step.
pub fn settle(
    transaction: &mut Transaction<'_>,
    checked: &Checked,
    typed: Option<&str>,
    caller: &Caller<'_>,
    random: &mut Random,
) -> Result<Outcome, StoreError> {
    let Some(person) = checked.person(transaction)? else {
        checked.refuse(transaction, caller)?;
        return Ok(Outcome::Refused);
    };
    let by = By { actor: &person.name, at_ms: caller.now_ms };
    let typed = typed.map(str::trim).filter(|typed| !typed.is_empty());
    let second = match (&person.totp, typed) {
        (_, Some(typed)) if takes(transaction, &person, typed, by)? => WithSecond::Given,
        (Some(_), Some(_)) => {
            checked.refuse(transaction, caller)?;
            return Ok(Outcome::Refused);
        }
        _ => WithSecond::NotGiven,
    };
    if let (Some(older), Some(newer)) = (&person.password, &checked.newer) {
        people::hash_anew(transaction, &person.id, (older, newer))?;
    }
    let (shown, session) = session_of(&person, second, caller, random);
    sessions::begin(transaction, &session, SESSIONS, by)?;
    let is_whole = person.totp.is_none() || second == WithSecond::Given;
    // Without the second factor the attempt stays counted: a stolen password alone clears nothing.
    let browser = if is_whole {
        clear(transaction, &checked.attempt.charges)?;
        know(transaction, &person, caller, random)?
    } else {
        None
    };
    let who = Living { session, person }.who();
    Ok(Outcome::SignedIn(Box::new(Welcome { session: shown, browser, who })))
}

/// Lets in somebody whom the program itself has invited: no password is asked for, so an invitation
/// counts once. `None` where they may not sign in.
pub fn invited(
    transaction: &mut Transaction<'_>,
    person: &PersonId,
    caller: &Caller<'_>,
    random: &mut Random,
) -> Result<Option<Welcome>, StoreError> {
    let person = people::find(transaction, person)?;
    let Some(person) = person.filter(|person| person.access == Access::Open) else {
        return Ok(None);
    };
    let (shown, session) = session_of(&person, WithSecond::NotGiven, caller, random);
    let by = By { actor: &person.name, at_ms: caller.now_ms };
    sessions::begin(transaction, &session, SESSIONS, by)?;
    let who = Living { session, person }.who();
    Ok(Some(Welcome { session: shown, browser: None, who }))
}

/// Lets in somebody for whom a provider of identities has vouched; they last proved to be there
/// when it says, in milliseconds since 1970. Where they have a second factor here, that is still to
/// be given. `None` where they may not sign in.
pub fn vouched(
    transaction: &mut Transaction<'_>,
    person: &PersonId,
    confirmed_ms: i64,
    caller: &Caller<'_>,
    random: &mut Random,
) -> Result<Option<Welcome>, StoreError> {
    let person = people::find(transaction, person)?;
    let Some(person) = person.filter(|person| person.access == Access::Open) else {
        return Ok(None);
    };
    let (shown, session) = session_of(&person, WithSecond::NotGiven, caller, random);
    let session = Session { confirmed_ms: confirmed_ms.min(caller.now_ms), ..session };
    let by = By { actor: &person.name, at_ms: caller.now_ms };
    sessions::begin(transaction, &session, SESSIONS, by)?;
    let who = Living { session, person }.who();
    Ok(Some(Welcome { session: shown, browser: None, who }))
}

/// A session that begins now, and its token.
fn session_of(
    person: &Person,
    second: WithSecond,
    caller: &Caller<'_>,
    random: &mut Random,
) -> (Secret<String>, Session) {
    let shown = token::opaque(random);
    let session = Session {
        fingerprint: Fingerprint::of(shown.expose()),
        person: person.id.clone(),
        begun_ms: caller.now_ms,
        used_ms: caller.now_ms,
        second_ms: (second == WithSecond::Given).then_some(caller.now_ms),
        confirmed_ms: caller.now_ms,
        source: caller.source.to_string(),
        agent: caller.agent.chars().filter(|one| !one.is_control()).take(AGENT).collect(),
    };
    (shown, session)
}

/// Confirms by a code of the second factor, or by a recovery code, that whoever has signed in is
/// there: as the second half of signing in, or anew.
pub fn confirm_code(
    transaction: &mut Transaction<'_>,
    living: &Living,
    typed: &str,
    caller: &Caller<'_>,
    random: &mut Random,
) -> Result<Confirmed, StoreError> {
    let subject = Subject::Person(&living.person.id);
    let charges = match count(transaction, subject, Some(typed), caller)? {
        Ok(charges) => charges,
        Err(wait) => return Ok(Confirmed::Wait(wait)),
    };
    let Some(person) = &still(transaction, living)? else { return Ok(Confirmed::Refused) };
    let by = By { actor: &person.name, at_ms: caller.now_ms };
    if !takes(transaction, person, typed, by)? {
        refuse(transaction, Some(person), caller)?;
        return Ok(Confirmed::Refused);
    }
    clear(transaction, &charges)?;
    sessions::confirm(transaction, &living.session, WithSecond::Given, by)?;
    Ok(Confirmed::Yes(know(transaction, person, caller, random)?))
}

/// Confirms by the password that whoever has signed in is there. Where they have a second factor,
/// only [`confirm_code`] does.
pub fn confirm_password(
    transaction: &mut Transaction<'_>,
    living: &Living,
    checked: &Checked,
    caller: &Caller<'_>,
) -> Result<Confirmed, StoreError> {
    let own = still(transaction, living)?.filter(|person| person.totp.is_none());
    let is_own = |person: &Person| own.as_ref().is_some_and(|own| own.id == person.id);
    let Some(person) = checked.person(transaction)?.filter(is_own) else {
        checked.refuse(transaction, caller)?;
        return Ok(Confirmed::Refused);
    };
    clear(transaction, &checked.attempt.charges)?;
    let by = By { actor: &person.name, at_ms: caller.now_ms };
    sessions::confirm(transaction, &living.session, WithSecond::NotGiven, by)?;
    Ok(Confirmed::Yes(None))
}

/// The person as they are now, where their session was not ended meanwhile.
fn still(transaction: &mut Transaction<'_>, living: &Living) -> Result<Option<Person>, StoreError> {
    if sessions::find(transaction, &living.session.fingerprint)?.is_none() {
        return Ok(None);
    }
    let person = people::find(transaction, &living.person.id)?;
    Ok(person.filter(|person| person.access == Access::Open))
}

/// Takes a code of the second factor or a recovery code; whether it was one that was not taken yet.
fn takes(
    transaction: &mut Transaction<'_>,
    person: &Person,
    typed: &str,
    by: By<'_>,
) -> Result<bool, StoreError> {
    if let Some(recovery) = code::read(typed) {
        return people::take_recovery_code(transaction, &person.id, &recovery, by);
    }
    let secret = person.totp.as_ref();
    match secret.and_then(|secret| totp::step(secret, typed, by.at_ms)) {
        Some(step) => people::take_totp_step(transaction, &person.id, step),
        None => Ok(false),
    }
}

fn clear(transaction: &mut Transaction<'_>, charges: &[Charge]) -> Result<(), StoreError> {
    // Others may have counted meanwhile.
    let counts = counted(transaction, charges)?;
    keep(transaction, charges, &limits::succeeded(&counts))
}

/// Knows the browser as this person's from now on. A token that nobody was known by is not taken
/// over, for somebody else may have put it there.
fn know(
    transaction: &mut Transaction<'_>,
    person: &Person,
    caller: &Caller<'_>,
    random: &mut Random,
) -> Result<Option<Secret<String>>, StoreError> {
    let kept = (caller.now_ms, BROWSERS);
    if let Some(browser) = caller.browser
        && attempts::is_somebodys(transaction, browser)?
    {
        attempts::know(transaction, browser, &person.id, kept)?;
        return Ok(None);
    }
    let shown = token::opaque(random);
    attempts::know(transaction, &Fingerprint::of(shown.expose()), &person.id, kept)?;
    Ok(Some(shown))
}

/// Writes that somebody was not let in. The name that was typed is not written, for it may be a
/// password. As attempts are limited, so are these entries.
fn refuse(
    transaction: &mut Transaction<'_>,
    person: Option<&Person>,
    caller: &Caller<'_>,
) -> Result<(), StoreError> {
    let entry = Entry {
        at_ms: caller.now_ms,
        actor: "asepsis".to_owned(),
        action: "sign-in.refuse".to_owned(),
        subject: person.map(|person| person.id.to_string()).unwrap_or_default(),
        detail: json!({ "source": caller.source }).to_string(),
    };
    audit::append(transaction, &entry).map(|_| ())
}

/// Forgets what matters no more: failures, sessions, browsers. To be called now and then.
pub fn forget(transaction: &mut Transaction<'_>, now_ms: i64) -> Result<(), StoreError> {
    attempts::forget(transaction, now_ms - limits::FORGOTTEN_MS)?;
    attempts::forget_browsers(transaction, now_ms - KNOWN_MS)?;
    forget_sessions(transaction, now_ms)
}

fn forget_sessions(transaction: &mut Transaction<'_>, now_ms: i64) -> Result<(), StoreError> {
    sessions::forget(transaction, now_ms - LASTS_MS, now_ms - IDLE_MS).map(|_| ())
}
