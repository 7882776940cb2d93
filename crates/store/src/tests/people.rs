//! People, sessions, tokens and attempts, on both databases.

use std::collections::BTreeSet;

use domain::order::Role;
use domain::person::{Duty, PersonId, Scope};

use super::{on_both, verify};
use crate::attempts::{self, Count};
use crate::audit::{self, By};
use crate::database::Database;
use crate::people::{self, Access, PasswordOf, Person};
use crate::secret::{Fingerprint, Secret};
use crate::sessions::{self, Session, WithSecond};
use crate::tokens::{self, Token};
use crate::{StoreError, setup};

const BY: By<'_> = By { actor: "adam", at_ms: 1_000 };

fn anna() -> Person {
    Person {
        id: PersonId("1".into()),
        name: "Anna".to_owned(),
        shown: "Anna Ärztin".to_owned(),
        duties: BTreeSet::from([Duty::Acts(Role::Clinical), Duty::Reads]),
        password: Some(Secret::new("$argon2id$hash".to_owned())),
        password_of: PasswordOf::SomebodyElse,
        totp: None,
        access: Access::Open,
        created_ms: 1_000,
    }
}

fn with_anna(database: &Database) -> PersonId {
    let anna = anna();
    database.write("test", |t| people::add(t, &anna, BY)).expect("added");
    anna.id
}

fn session(token: &str, used_ms: i64) -> Session {
    Session {
        fingerprint: Fingerprint::of(token),
        person: PersonId("1".into()),
        begun_ms: 1_000,
        used_ms,
        second_ms: None,
        confirmed_ms: 1_000,
        source: "10.0.0.1".to_owned(),
        agent: "Firefox".to_owned(),
    }
}

fn token() -> Token {
    Token {
        id: "t1".to_owned(),
        owner: PersonId("1".into()),
        name: "a \"nightly\" import".to_owned(),
        scopes: BTreeSet::from([Scope::Read, Scope::WriteDocuments]),
        made_ms: 1_000,
        expires_ms: 9_000,
        used_ms: None,
        revoked_ms: None,
    }
}

fn actions(database: &Database) -> Vec<String> {
    let mut actions = Vec::new();
    database
        .read("test", |t| {
            audit::each(t, |_, _, entry| {
                actions.push(format!("{} {} {}", entry.actor, entry.action, entry.subject));
            })
        })
        .expect("read");
    verify(database, None).expect("the chain holds");
    actions
}

#[test]
fn a_person_comes_out_as_they_went_in_and_is_found_in_whatever_case() {
    on_both(|database| {
        let id = with_anna(database);
        let found = database
            .read("test", |t| {
                assert_eq!(people::by_name(t, "bo")?, None);
                assert_eq!(people::all(t)?, [anna()]);
                assert_eq!(people::by_name(t, " ANNA")?, Some(anna()));
                people::find(t, &id)
            })
            .expect("read");
        assert_eq!(found, Some(anna()));
        let twin = Person { id: PersonId("2".into()), name: "aNNa".to_owned(), ..anna() };
        let refused = database.write("test", |t| people::add(t, &twin, BY));
        assert!(matches!(refused, Err(StoreError::Database { .. })), "{refused:?}");
        assert_eq!(actions(database), ["adam person.add 1"]);
    });
}

#[test]
fn what_is_changed_of_a_person_is_changed_and_stands_in_the_chain() {
    on_both(|database| {
        let id = with_anna(database);
        let by = By { actor: "eve", at_ms: 2_000 };
        let (hash, newer) = (Secret::new("$2".to_owned()), Secret::new("$3".to_owned()));
        let found = database
            .write("test", |t| {
                people::set_duties(t, &id, &BTreeSet::from([Duty::Administers]), by)?;
                people::set_password(t, &id, &hash, PasswordOf::Person, by)?;
                people::set_access(t, &id, Access::Disabled, by)?;
                people::set_totp(t, &id, Some(&Secret::new(vec![7; 20])), by)?;
                // Somebody has changed it meanwhile: the older hash is not there any more.
                people::hash_anew(t, &id, (&Secret::new("$1".to_owned()), &newer))?;
                assert_eq!(people::find(t, &id)?.expect("there").password, Some(hash.clone()));
                people::hash_anew(t, &id, (&hash, &newer))?;
                people::find(t, &id)
            })
            .expect("written");
        let expected = Person {
            duties: BTreeSet::from([Duty::Administers]),
            password: Some(newer),
            password_of: PasswordOf::Person,
            totp: Some(Secret::new(vec![7; 20])),
            access: Access::Disabled,
            ..anna()
        };
        assert_eq!(found, Some(expected));
        let done = ["add", "duties", "password", "disable", "second-factor"];
        let by = ["adam", "eve", "eve", "eve", "eve"];
        let expected: Vec<String> =
            by.iter().zip(done).map(|(by, done)| format!("{by} person.{done} 1")).collect();
        assert_eq!(actions(database), expected);
        let nobody = PersonId("9".into());
        let refused = database.write("test", |t| people::set_access(t, &nobody, Access::Open, BY));
        assert!(refused.is_err());
        assert_eq!(actions(database).len(), 5, "what was not done is not told");
    });
}

#[test]
fn a_step_of_the_second_factor_and_a_recovery_code_are_taken_once() {
    on_both(|database| {
        let id = with_anna(database);
        let codes = ["one", "two"].map(Fingerprint::of);
        database
            .write("test", |t| {
                people::set_totp(t, &id, Some(&Secret::new(vec![7; 20])), BY)?;
                let mut take = |step| people::take_totp_step(t, &id, step);
                assert_eq!([take(5)?, take(5)?, take(4)?, take(6)?], [true, false, false, true]);
                people::set_recovery_codes(t, &id, &codes, BY)?;
                assert!(people::has_recovery_code(t, &id, &codes[0])?);
                assert!(!people::has_recovery_code(t, &PersonId("2".into()), &codes[0])?);
                let mut take = |code| people::take_recovery_code(t, &id, code, BY);
                assert!(take(&codes[0])?);
                assert!(!take(&codes[0])?);
                assert!(!take(&Fingerprint::of("three"))?);
                assert_eq!(people::recovery_codes(t, &id)?, 1);
                people::set_totp(t, &id, None, BY)?;
                assert_eq!(people::recovery_codes(t, &id)?, 0);
                // Another secret has steps of its own.
                people::set_totp(t, &id, Some(&Secret::new(vec![8; 20])), BY)?;
                assert!(people::take_totp_step(t, &id, 5)?);
                Ok(())
            })
            .expect("written");
    });
}

#[test]
fn a_session_is_found_by_its_token_until_it_ends() {
    on_both(|database| {
        let id = with_anna(database);
        let by = By { actor: "Anna", at_ms: 4_000 };
        database
            .write("test", |t| {
                for (token, used_ms) in [("a", 2_000), ("b", 3_000), ("c", 1_000)] {
                    sessions::begin(t, &session(token, used_ms), 2, BY)?;
                }
                // Two are kept, and the one that was used longest ago is not.
                assert_eq!(sessions::of(t, &id)?, [session("b", 3_000), session("a", 2_000)]);
                assert_eq!(sessions::find(t, &Fingerprint::of("c"))?, None);
                let a = sessions::find(t, &Fingerprint::of("a"))?.expect("there");
                sessions::confirm(t, &a, WithSecond::Given, by)?;
                sessions::touch(t, &a.fingerprint, 5_000)?;
                sessions::touch(t, &a.fingerprint, 4_500)?;
                let a = sessions::find(t, &a.fingerprint)?.expect("there");
                assert_eq!((a.used_ms, a.second_ms, a.confirmed_ms), (5_000, Some(4_000), 4_000));
                assert!(sessions::end(t, &a, by)?);
                assert!(!sessions::end(t, &a, by)?);
                assert_eq!(sessions::forget(t, 0, 3_000)?, 0);
                assert_eq!(sessions::forget(t, 0, 3_001)?, 1);
                let second = Session { second_ms: Some(6_000), ..session("d", 6_000) };
                sessions::begin(t, &second, 2, BY)?;
                for token in ["e", "f", "g"] {
                    sessions::begin(t, &session(token, 7_000), 2, BY)?;
                }
                assert!(sessions::of(t, &id)?.contains(&second), "others make room first");
                assert_eq!(sessions::end_all(t, &id, by)?, 2);
                assert_eq!(sessions::end_all(t, &id, by)?, 0);
                Ok(())
            })
            .expect("written");
        let told = actions(database);
        let ends = ["Anna session.confirm 1", "Anna session.end 1", "adam session.begin 1"];
        assert_eq!(told[4..7], ends, "{told:?}");
        assert_eq!(told.last().map(String::as_str), Some("Anna session.end-all 1"));
    });
}

#[test]
fn a_token_is_found_by_its_fingerprint_and_stays_when_it_is_revoked() {
    on_both(|database| {
        let id = with_anna(database);
        let fingerprint = Fingerprint::of("asepsis_x");
        database
            .write("test", |t| {
                tokens::add(t, &token(), &fingerprint, BY)?;
                assert_eq!(tokens::find(t, &Fingerprint::of("asepsis_y"))?, None);
                assert_eq!(tokens::find(t, &fingerprint)?, Some(token()));
                tokens::touch(t, "t1", 2_000)?;
                assert!(tokens::revoke(t, "t1", By { actor: "eve", at_ms: 3_000 })?);
                assert!(!tokens::revoke(t, "t1", BY)?);
                assert!(!tokens::revoke(t, "t2", BY)?);
                let revoked = Token { used_ms: Some(2_000), revoked_ms: Some(3_000), ..token() };
                assert_eq!(tokens::of(t, Some(&id))?, std::slice::from_ref(&revoked));
                assert_eq!(tokens::of(t, None)?, [revoked]);
                assert_eq!(tokens::of(t, Some(&PersonId("2".into())))?, []);
                Ok(())
            })
            .expect("written");
        let told = ["adam person.add 1", "adam token.make t1", "eve token.revoke t1"];
        assert_eq!(actions(database), told);
    });
}

#[test]
fn what_was_counted_is_there_after_a_restart_until_it_is_forgotten() {
    on_both(|database| {
        let count = Count { failures: 3, at_ms: 5_000 };
        let put = |key, count| database.write("test", |t| attempts::put(t, key, count));
        put("a", Count { failures: 1, at_ms: 1 }).expect("written");
        put("a", count).expect("written");
        put("b", Count { failures: 1, at_ms: 10 }).expect("written");
        put("c", count).expect("written");
        put("c", Count::default()).expect("written");
        let again = Database::open(database.place()).expect("opened anew");
        let counted = |key| again.read("test", |t| attempts::count(t, key)).expect("read");
        assert_eq!([counted("a"), counted("c")], [count, Count::default()]);
        let forgotten = again.write("test", |t| attempts::forget(t, 5_000)).expect("written");
        assert_eq!((forgotten, counted("a"), counted("b")), (1, count, Count::default()));
    });
}

#[test]
fn a_browser_is_known_to_whom_signed_in_there_and_the_oldest_makes_room() {
    on_both(|database| {
        let id = with_anna(database);
        let [a, b, c] = ["a", "b", "c"].map(Fingerprint::of);
        database
            .write("test", |t| {
                for (browser, at_ms) in [(&a, 1), (&b, 2), (&a, 3), (&c, 4)] {
                    attempts::know(t, browser, &id, (at_ms, 2))?;
                }
                let mut known = |browser| attempts::known(t, browser, &id);
                assert_eq!([known(&a)?, known(&b)?, known(&c)?], [Some(3), None, Some(4)]);
                assert_eq!(attempts::known(t, &a, &PersonId("2".into()))?, None);
                assert_eq!(attempts::forget_browsers(t, 4)?, 1);
                attempts::know_none(t, &id)?;
                assert_eq!(attempts::known(t, &c, &id)?, None);
                Ok(())
            })
            .expect("written");
    });
}

#[test]
fn one_code_of_the_set_up_counts_at_a_time() {
    on_both(|database| {
        let [a, b] = ["a", "b"].map(Fingerprint::of);
        database
            .write("test", |t| {
                setup::put(t, &a, BY)?;
                setup::put(t, &b, By { at_ms: 2_000, ..BY })?;
                assert_eq!((setup::made_ms(t, &a)?, setup::made_ms(t, &b)?), (None, Some(2_000)));
                setup::remove(t)?;
                assert_eq!(setup::made_ms(t, &b)?, None);
                Ok(())
            })
            .expect("written");
    });
}

#[test]
fn nothing_in_the_store_shows_or_holds_what_signs_somebody_in() {
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        Person { totp: Some(Secret::new(b"totp-s3cret".to_vec())), ..anna() },
        session("s3cret", 1),
        Fingerprint::of("s3cret"),
        Secret::new("s3cret"),
    );
    let bytes = format!("{:?}", b"totp-s3cret");
    let fingerprint = format!("{:?}", Fingerprint::of("s3cret").bytes());
    for hidden in ["s3cret", "$argon2id$hash", &bytes, &fingerprint] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("asepsis.db");
    let database = Database::open(&crate::Place::File(path.clone())).expect("a file");
    let id = with_anna(&database);
    database
        .write("test", |t| {
            sessions::begin(t, &session("s3cret-session", 1), 9, BY)?;
            tokens::add(t, &token(), &Fingerprint::of("s3cret-token"), BY)?;
            people::set_recovery_codes(t, &id, &[Fingerprint::of("s3cret-code")], BY)?;
            attempts::know(t, &Fingerprint::of("s3cret-browser"), &id, (1, 9))?;
            setup::put(t, &Fingerprint::of("s3cret-setup"), BY)
        })
        .expect("written");
    drop(database);
    for entry in std::fs::read_dir(folder.path()).expect("readable").flatten() {
        let bytes = std::fs::read(entry.path()).expect("readable");
        let found = bytes.windows(6).any(|window| window == b"s3cret");
        assert!(!found, "{}", entry.path().display());
    }
}
