//! Signing in, from the first run on, on both databases.

mod guessing;
mod table;
mod texts;

use std::collections::BTreeSet;
use std::net::IpAddr;

use domain::order::Role;
use domain::person::{Duty, PersonId, Scope};
use store::Place;
use store::audit::{self, By};
use store::database::Database;
use store::people::{self, PasswordOf};
use store::secret::{Fingerprint, Secret};
use testkit::postgres::Server;

use super::entry::{self, Caller, Confirmed, Outcome, Welcome};
use super::own::{self, NewToken};
use super::people::{self as rules, New, Wrong};
use super::rights::{Refused, Right, Who, allows};
use super::session::{self, Living};
use super::token::Random;
use super::{code, password, setup, totp};

const START: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60 * 1_000;
const PASSWORD: &str = "four words are enough";

/// A new store in a file or at a server, with people who sign in to it.
struct House<'h> {
    database: &'h Database,
    random: Random,
    now_ms: i64,
}

/// Runs a test with a new store in a file, and with one at a server.
fn on_both(test: impl Fn(&mut House<'_>)) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = Place::File(folder.path().join("asepsis.db"));
    let server = Server::start();
    for place in [file, server.url().parse().expect("a URL")] {
        let database = Database::open(&place).expect("a store");
        test(&mut House { database: &database, random: Random::new([1; 32]), now_ms: START });
    }
}

/// A desk at which somebody sits.
#[derive(Clone)]
struct Desk {
    source: IpAddr,
    browser: Option<Secret<String>>,
}

fn desk(source: &str) -> Desk {
    Desk { source: source.parse().expect("an address"), browser: None }
}

impl House<'_> {
    fn by(&self) -> By<'static> {
        By { actor: "adam", at_ms: self.now_ms }
    }

    fn person(&mut self, name: &str, duty: Duty) -> PersonId {
        let (by, random) = (self.by(), &mut self.random);
        let hash = password::hash(PASSWORD, random);
        let new = New {
            name,
            shown: name,
            duties: BTreeSet::from([duty]),
            password: Some(&hash),
            password_of: PasswordOf::Person,
        };
        let added = self.database.write("test", |t| rules::add(t, &new, by, random));
        added.expect("written").expect("added")
    }

    /// Signs in, as a page does: the password is looked at outside of the store.
    fn enter(&mut self, desk: &mut Desk, name: &str, password: &str, typed: &str) -> Entered {
        let browser = desk.browser.as_ref().map(|token| Fingerprint::of(token.expose()));
        let (now_ms, random) = (self.now_ms, &mut self.random);
        let caller =
            Caller { source: desk.source, browser: browser.as_ref(), agent: "Firefox", now_ms };
        let admitted = self.database.write("test", |t| entry::admit(t, name, Some(typed), &caller));
        let attempt = match admitted.expect("written") {
            Ok(attempt) => attempt,
            Err(wait) => return Entered::Wait(wait.ms),
        };
        let checked = attempt.check(password, random);
        let outcome = self
            .database
            .write("test", |t| entry::settle(t, &checked, Some(typed), &caller, random));
        match outcome.expect("written") {
            Outcome::Refused => Entered::Refused,
            Outcome::SignedIn(welcome) => {
                desk.browser = welcome.browser.clone().or(desk.browser.take());
                Entered::In(welcome)
            }
        }
    }

    fn living(&self, welcome: &Welcome) -> Option<Living> {
        let (token, now_ms) = (welcome.session.expose(), self.now_ms);
        self.database.read("test", |t| session::find(t, token, now_ms)).expect("read")
    }

    fn confirm(&mut self, desk: &mut Desk, living: &Living, typed: &str) -> Confirmed {
        let browser = desk.browser.as_ref().map(|token| Fingerprint::of(token.expose()));
        let (now_ms, random) = (self.now_ms, &mut self.random);
        let caller = Caller { source: desk.source, browser: browser.as_ref(), agent: "", now_ms };
        self.database
            .write("test", |t| entry::confirm_code(t, living, typed, &caller, random))
            .expect("written")
    }

    /// Gives a second factor; its secret and the recovery codes.
    fn second(&mut self, welcome: &Welcome) -> (Secret<Vec<u8>>, Vec<Secret<String>>) {
        let living = self.living(welcome).expect("signed in");
        let (by, random) = (self.by(), &mut self.random);
        let secret = totp::secret(random);
        let shown = typed(&secret, self.now_ms);
        let codes = self.database.write("test", |t| {
            let wrong = own::use_second_factor(t, &living, (&secret, "000000"), by, random)?;
            assert_eq!(wrong.err(), Some(own::Wrong::Code));
            own::use_second_factor(t, &living, (&secret, &shown), by, random)
        });
        (secret, codes.expect("written").expect("right"))
    }

    fn find(&self, id: &PersonId) -> people::Person {
        self.database.read("test", |t| people::find(t, id)).expect("read").expect("there")
    }

    fn told(&self) -> Vec<String> {
        let mut told = Vec::new();
        self.database
            .read("test", |t| {
                audit::verify(t, None)?.expect("the chain holds");
                audit::each(t, |_, _, entry| told.push(format!("{entry:?}")))
            })
            .expect("read");
        told
    }
}

/// What came of trying to sign in.
enum Entered {
    In(Box<Welcome>),
    Refused,
    Wait(i64),
}

impl Entered {
    #[track_caller]
    fn welcome(self) -> Welcome {
        match self {
            Self::In(welcome) => *welcome,
            Self::Refused => panic!("refused"),
            Self::Wait(ms) => panic!("told to wait {ms} ms"),
        }
    }

    fn is_refused(&self) -> bool {
        matches!(self, Self::Refused)
    }
}

/// The code that an app shows at a time.
fn typed(secret: &Secret<Vec<u8>>, now_ms: i64) -> String {
    format!("{:06}", totp::at(secret, now_ms / 30_000))
}

#[test]
fn the_first_run_makes_one_administrator_by_a_code_and_nobody_after() {
    on_both(|house| {
        let (by, random) = (house.by(), &mut house.random);
        let hash = password::hash(PASSWORD, random);
        let new = New {
            name: "adam",
            shown: "Adam",
            duties: BTreeSet::from([Duty::Acts(Role::Security)]),
            password: Some(&hash),
            password_of: PasswordOf::Person,
        };
        house
            .database
            .write("test", |t| {
                let older = setup::begin(t, by, random)?.expect("a code");
                let code = setup::begin(t, by, random)?.expect("a code");
                let mut finish =
                    |typed: &str, now_ms| setup::finish(t, typed, &new, now_ms, random);
                assert_eq!(finish(older.expose(), START)?, Err(setup::Wrong::Code));
                assert_eq!(finish("", START)?, Err(setup::Wrong::Code));
                let late = START + setup::LASTS_MS;
                assert_eq!(finish(code.expose(), late)?, Err(setup::Wrong::Code));
                let typed = code.expose().to_uppercase().replace('-', " ");
                let adam = finish(&typed, START)?.expect("made");
                assert_eq!(finish(&typed, START)?, Err(setup::Wrong::Done));
                let duties = people::find(t, &adam)?.expect("there").duties;
                assert_eq!(duties, [Duty::Acts(Role::Security), Duty::Administers].into());
                assert!(setup::begin(t, by, random)?.is_none());
                // Not even where the only administrator may not sign in any more.
                people::set_access(t, &adam, people::Access::Disabled, by)?;
                assert!(setup::begin(t, by, random)?.is_none());
                Ok(())
            })
            .expect("written");
    });
}

#[test]
fn whoever_knows_the_password_signs_in_and_nobody_else() {
    on_both(|house| {
        let anna = house.person("anna", Duty::Acts(Role::Clinical));
        let mut ward = desk("10.0.0.1");
        assert!(house.enter(&mut ward, "anna", "four words are enougH", "").is_refused());
        assert!(house.enter(&mut ward, "bo", PASSWORD, "").is_refused());
        assert!(house.enter(&mut ward, "anna", "", "").is_refused());
        for name in ["", "\0", "' or true --", "\u{202e}anna", &"a".repeat(100_000)] {
            let refused = house.enter(&mut desk("10.0.0.2"), name, "\0", "\0");
            assert!(matches!(refused, Entered::Refused | Entered::Wait(_)), "{name}");
        }
        let welcome = house.enter(&mut ward, "ANNA", PASSWORD, "").welcome();
        assert_eq!(welcome.who.person(), &anna);
        let living = house.living(&welcome).expect("signed in");
        assert_eq!(living.who(), welcome.who);
        assert_eq!(allows(&living.who(), Right::BreakGlass, START), Ok(()));
        let by = house.by();
        let person = living.person;
        house.person("adam", Duty::Administers);
        house
            .database
            .write("test", |t| rules::disable(t, &person, (None, by)))
            .expect("written")
            .expect("not the last administrator");
        assert!(house.living(&welcome).is_none());
        assert!(house.enter(&mut ward, "anna", PASSWORD, "").is_refused());
    });
}

#[test]
fn a_session_ends_when_it_is_left_alone_or_has_lasted_a_day_of_work() {
    on_both(|house| {
        house.person("anna", Duty::Acts(Role::Clinical));
        let welcome = house.enter(&mut desk("10.0.0.1"), "anna", PASSWORD, "").welcome();
        let begun = house.now_ms;
        while house.now_ms < begun + session::LASTS_MS - 20 * MINUTE {
            house.now_ms += 20 * MINUTE;
            let living = house.living(&welcome).expect("in use");
            assert!(session::is_to_be_noted(&living.session, house.now_ms));
            let now_ms = house.now_ms;
            let noted = house.database.write("test", |t| session::note(t, &living.session, now_ms));
            noted.expect("written");
            assert!(!session::is_to_be_noted(
                &house.living(&welcome).expect("in use").session,
                now_ms
            ));
        }
        house.now_ms = begun + session::LASTS_MS - 1;
        assert!(house.living(&welcome).is_some());
        house.now_ms += 1;
        assert!(house.living(&welcome).is_none(), "however it is used");
        let alone = house.enter(&mut desk("10.0.0.1"), "anna", PASSWORD, "").welcome();
        house.now_ms -= session::AHEAD_MS;
        assert!(house.living(&alone).is_some(), "a clock is set right");
        house.now_ms -= 1;
        assert!(house.living(&alone).is_none(), "it would live until that time");
        house.now_ms += session::AHEAD_MS + session::IDLE_MS;
        assert!(house.living(&alone).is_some());
        house.now_ms += 1;
        assert!(house.living(&alone).is_none());
        let now_ms = house.now_ms;
        house.database.write("test", |t| entry::forget(t, now_ms)).expect("written");
    });
}

#[test]
fn the_second_factor_is_asked_for_and_each_code_is_taken_once() {
    on_both(|house| {
        house.person("anna", Duty::Acts(Role::Security));
        let mut office = desk("10.0.0.1");
        let first = house.enter(&mut office, "anna", PASSWORD, "").welcome();
        let (secret, codes) = house.second(&first);
        assert_eq!(codes.len(), code::RECOVERY_CODES);
        let now = typed(&secret, house.now_ms);
        assert!(house.enter(&mut office, "anna", PASSWORD, &now).is_refused(), "taken before");
        house.now_ms += 30_000;
        let now = typed(&secret, house.now_ms);
        assert!(house.enter(&mut office, "anna", "wrong words, sadly", &now).is_refused());
        let welcome = house.enter(&mut office, "anna", PASSWORD, &now).welcome();
        assert_eq!(allows(&welcome.who, Right::AnswerOrder, house.now_ms), Ok(()));
        assert!(house.enter(&mut office, "anna", PASSWORD, &now).is_refused(), "taken");
        // Without the code there is a session in which nothing can be done but to give it.
        let mut elsewhere = desk("10.0.0.2");
        let half = house.enter(&mut elsewhere, "anna", PASSWORD, "").welcome();
        assert!(half.browser.is_none(), "not known yet");
        for right in Right::ALL {
            let refused = allows(&half.who, *right, house.now_ms);
            assert!(refused.is_err(), "{right:?}");
        }
        let living = house.living(&half).expect("half signed in");
        assert!(matches!(house.confirm(&mut elsewhere, &living, "123"), Confirmed::Refused));
        let code = codes[0].expose();
        let confirmed = house.confirm(&mut elsewhere, &living, &code.to_uppercase());
        assert!(matches!(confirmed, Confirmed::Yes(Some(_))));
        assert!(matches!(house.confirm(&mut elsewhere, &living, code), Confirmed::Refused));
        let living = house.living(&half).expect("signed in");
        assert_eq!(allows(&living.who(), Right::AnswerOrder, house.now_ms), Ok(()));
        // Whoever was helped in again meanwhile has no session to confirm.
        let (by, person) = (house.by(), living.person.clone());
        let reset =
            |t: &mut store::database::Transaction<'_>| rules::reset_second_factor(t, &person, by);
        house.database.write("test", reset).expect("written");
        house.now_ms += 30_000;
        let code = typed(&secret, house.now_ms);
        assert!(matches!(house.confirm(&mut elsewhere, &living, &code), Confirmed::Refused));
        assert!(house.living(&half).is_none());
        let again = house.enter(&mut elsewhere, "anna", PASSWORD, "").welcome();
        assert!(again.browser.is_some(), "its browsers were forgotten");
    });
}

#[test]
fn what_cuts_off_a_device_asks_anew_after_a_quarter_of_an_hour_and_a_broken_glass_does_not() {
    on_both(|house| {
        house.person("anna", Duty::Acts(Role::Clinical));
        let mut ward = desk("10.0.0.1");
        let welcome = house.enter(&mut ward, "anna", PASSWORD, "").welcome();
        house.now_ms += 20 * MINUTE;
        let living = house.living(&welcome).expect("signed in");
        let may = |living: &Living, right, now_ms| allows(&living.who(), right, now_ms);
        assert_eq!(may(&living, Right::AnswerOrder, house.now_ms), Err(Refused::ConfirmAnew));
        assert_eq!(may(&living, Right::RequestOrder, house.now_ms), Ok(()));
        assert_eq!(may(&living, Right::BreakGlass, house.now_ms), Ok(()));
        let browser = ward.browser.as_ref().map(|token| Fingerprint::of(token.expose()));
        let now_ms = house.now_ms;
        let caller = Caller { source: ward.source, browser: browser.as_ref(), agent: "", now_ms };
        for (password, is_right) in [("wrong words, sadly", false), (PASSWORD, true)] {
            let admitted =
                house.database.write("test", |t| entry::admit_again(t, &living, &caller));
            let attempt = admitted.expect("written").expect("admitted");
            let checked = attempt.check(password, &mut house.random);
            let confirmed = house
                .database
                .write("test", |t| entry::confirm_password(t, &living, &checked, &caller))
                .expect("written");
            assert_eq!(matches!(confirmed, Confirmed::Yes(None)), is_right);
        }
        let living = house.living(&welcome).expect("signed in");
        assert_eq!(may(&living, Right::AnswerOrder, house.now_ms), Ok(()));
    });
}

#[test]
fn a_password_that_somebody_else_set_has_to_be_changed_before_anything_but_a_broken_glass() {
    on_both(|house| {
        let anna = house.person("anna", Duty::Acts(Role::Clinical));
        let mut ward = desk("10.0.0.1");
        let before = house.enter(&mut ward, "anna", PASSWORD, "").welcome();
        let (by, person) = (house.by(), house.find(&anna));
        let hash = password::hash("somebody else's words", &mut house.random);
        let reset =
            |t: &mut store::database::Transaction<'_>| rules::reset_password(t, &person, &hash, by);
        house.database.write("test", reset).expect("written");
        assert!(house.living(&before).is_none());
        assert!(house.enter(&mut ward, "anna", PASSWORD, "").is_refused());
        let welcome = house.enter(&mut ward, "anna", "somebody else's words", "").welcome();
        let may = |who: &Who, right| allows(who, right, START);
        assert_eq!(may(&welcome.who, Right::SeeDevices), Err(Refused::Password));
        assert_eq!(may(&welcome.who, Right::BreakGlass), Ok(()));
        assert_eq!(may(&welcome.who, Right::OwnAccount), Ok(()));
        let living = house.living(&welcome).expect("signed in");
        let own = password::hash(PASSWORD, &mut house.random);
        house
            .database
            .write("test", |t| own::change_password(t, &living, &own, by))
            .expect("written");
        let living = house.living(&welcome).expect("this session goes on");
        assert_eq!(may(&living.who(), Right::SeeDevices), Ok(()));
    });
}

#[test]
fn somebody_is_always_left_who_may_administer_and_nobody_changes_themselves() {
    on_both(|house| {
        let adam = house.person("adam", Duty::Administers);
        let by = house.by();
        let person = house.find(&adam);
        let reader = BTreeSet::from([Duty::Reads]);
        house
            .database
            .write("test", |t| {
                let last = Err(Wrong::LastAdministrator);
                assert_eq!(rules::disable(t, &person, (None, by))?, last);
                assert_eq!(rules::set_duties(t, &person, &reader, (None, by))?, last);
                Ok(())
            })
            .expect("written");
        let eve = house.person("eve", Duty::Administers);
        house
            .database
            .write("test", |t| {
                let mut other = |own| rules::set_duties(t, &person, &reader, (own, by));
                assert_eq!(other(Some(&adam))?, Err(Wrong::Oneself));
                assert_eq!(other(Some(&eve))?, Ok(()));
                let eve = people::find(t, &eve)?.expect("there");
                assert_eq!(rules::disable(t, &eve, (Some(&eve.id), by))?, Err(Wrong::Oneself));
                assert_eq!(rules::disable(t, &eve, (None, by))?, Err(Wrong::LastAdministrator));
                let hash = Secret::new(String::new());
                let taken = New {
                    name: "EVE",
                    shown: "Eve",
                    duties: BTreeSet::new(),
                    password: Some(&hash),
                    password_of: PasswordOf::Person,
                };
                let random = &mut Random::new([2; 32]);
                let again = rules::add(t, &taken, by, random)?;
                assert_eq!(again, Err(Wrong::Taken("EVE".to_owned())));
                for name in ["", ".eve", "e ve", "е", &"e".repeat(65)] {
                    let wrong = rules::add(t, &New { name, ..taken.clone() }, by, random)?;
                    assert_eq!(wrong, Err(Wrong::Name), "{name}");
                }
                Ok(())
            })
            .expect("written");
    });
}

#[test]
fn a_token_does_what_its_scopes_and_its_owner_allow_until_it_is_revoked() {
    on_both(|house| {
        let anna = house.person("anna", Duty::Acts(Role::Biomedical));
        let welcome = house.enter(&mut desk("10.0.0.1"), "anna", PASSWORD, "").welcome();
        let living = house.living(&welcome).expect("signed in");
        let (by, random) = (house.by(), &mut house.random);
        let new = |scopes: &[Scope], days| NewToken {
            name: "nightly",
            scopes: scopes.iter().copied().collect(),
            days,
        };
        let shown = house
            .database
            .write("test", |t| {
                let mut make = |new: &NewToken<'_>| own::make_token(t, &living, new, by, random);
                let wrong = [
                    (new(&[], 1), own::Wrong::NoScope),
                    (new(&[Scope::Read], 367), own::Wrong::TooLong),
                    (new(&[Scope::ReadAudit], 1), own::Wrong::Scope(Scope::ReadAudit)),
                ];
                for (new, wrong) in wrong {
                    assert_eq!(make(&new)?.err(), Some(wrong));
                }
                make(&new(&[Scope::Read, Scope::RequestOrders], 30))
            })
            .expect("written")
            .expect("made");
        let find = |shown: &str, now_ms| {
            house.database.read("test", |t| session::program(t, shown, now_ms)).expect("read")
        };
        let (who, token) = find(shown.expose(), START).expect("a program");
        assert!(session::is_token_to_be_noted(&token, START));
        assert_eq!((who.actor().as_str(), who.person()), ("anna by nightly", &anna));
        let allowed: Vec<Right> = Right::ALL
            .iter()
            .copied()
            .filter(|right| allows(&who, *right, START).is_ok())
            .collect();
        let expected = [Right::SeeDevices, Right::SeeOrders, Right::Export, Right::RequestOrder];
        assert_eq!(allowed, expected);
        let month = 30 * 24 * 60 * MINUTE;
        assert!(find(shown.expose(), START + month - 1).is_some());
        assert!(find(shown.expose(), START + month).is_none(), "expired");
        let access = |access| {
            let set =
                |t: &mut store::database::Transaction<'_>| people::set_access(t, &anna, access, by);
            house.database.write("test", set).expect("written");
        };
        access(people::Access::Disabled);
        assert!(find(shown.expose(), START).is_none(), "its owner may not sign in");
        access(people::Access::Open);
        let write = |t: &mut store::database::Transaction<'_>| {
            people::set_duties(t, &anna, &BTreeSet::new(), by)
        };
        house.database.write("test", write).expect("written");
        let (who, _) = find(shown.expose(), START).expect("a program");
        assert!(Right::ALL.iter().all(|right| allows(&who, *right, START).is_err()));
        let revoke =
            |t: &mut store::database::Transaction<'_>| store::tokens::revoke(t, &token.id, by);
        assert!(house.database.write("test", revoke).expect("written"));
        assert!(find(shown.expose(), START).is_none(), "revoked");
    });
}

#[test]
fn a_password_hashed_at_lower_costs_is_hashed_anew_when_it_is_next_known() {
    on_both(|house| {
        let anna = house.person("anna", Duty::Reads);
        // Of 8 KiB and one pass, made by another program: the reference implementation in C.
        let older = Secret::new(
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$BXw8pcWegsCJOz9aGVgzbZwZR1eXcvPnL79TA6xM4rU"
                .to_owned(),
        );
        assert!(password::is_outdated(&older));
        let by = house.by();
        let set = |t: &mut store::database::Transaction<'_>| {
            people::set_password(t, &anna, &older, PasswordOf::Person, by)
        };
        house.database.write("test", set).expect("written");
        house.enter(&mut desk("10.0.0.1"), "anna", PASSWORD, "").welcome();
        let newer = house.find(&anna).password.expect("a hash");
        assert!(newer != older && !password::is_outdated(&newer));
        house.enter(&mut desk("10.0.0.1"), "anna", PASSWORD, "").welcome();
    });
}

#[test]
fn nothing_that_signs_somebody_in_is_shown_or_stands_in_the_chain() {
    on_both(|house| {
        house.person("anna", Duty::Acts(Role::Security));
        let mut office = desk("10.0.0.1");
        let first = house.enter(&mut office, "anna", PASSWORD, "").welcome();
        let (secret, codes) = house.second(&first);
        house.enter(&mut office, PASSWORD, "typed into the wrong field", "");
        house.now_ms += MINUTE;
        let code = codes[0].expose().clone();
        let welcome = house.enter(&mut office, "anna", PASSWORD, &code).welcome();
        let living = house.living(&welcome).expect("signed in");
        let (by, random) = (house.by(), &mut house.random);
        let new = NewToken { name: "x", scopes: BTreeSet::from([Scope::Read]), days: 1 };
        let token = house
            .database
            .write("test", |t| own::make_token(t, &living, &new, by, random))
            .expect("written")
            .expect("made");
        let shown = [
            format!("{welcome:?} {first:?} {living:?} {codes:?} {token:?} {secret:?}"),
            format!("{:?} {:?}", totp::shown(&secret), totp::uri(&secret, "A", "anna")),
            format!("{:?}", password::hash(PASSWORD, random)),
            house.told().join("\n"),
        ]
        .join("\n");
        let hash = living.person.password.as_ref().expect("a hash");
        let hidden = [
            PASSWORD.to_owned(),
            hash.expose().clone(),
            totp::shown(&secret).expose().clone(),
            totp::shown(&secret).expose().to_lowercase(),
            format!("{:?}", secret.expose()),
            welcome.session.expose().clone(),
            office.browser.as_ref().expect("known").expose().clone(),
            token.expose().clone(),
            code.replace('-', ""),
            code,
        ];
        for hidden in hidden {
            assert!(!shown.contains(&hidden), "{hidden} is shown");
        }
    });
}
