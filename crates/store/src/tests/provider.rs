//! The provider of identities, and who comes in by its word, on both databases.

use std::collections::BTreeSet;

use domain::order::Role;
use domain::person::{Duty, PersonId};

use super::on_both;
use crate::audit::{self, By};
use crate::people::{self, Access, PasswordOf, Person};
use crate::provider::{self, Provider};
use crate::secret::Secret;

const BY: By<'_> = By { actor: "anna", at_ms: 1_700_000_000_000 };

fn asked() -> Provider {
    Provider {
        name: "the hospital's directory".to_owned(),
        issuer: "https://id.hospital.example".to_owned(),
        client: "asepsis".to_owned(),
        secret: Some(Secret::new("between us".to_owned())),
        authentication: "client_secret_basic".to_owned(),
        authority: String::new(),
        console: "https://asepsis.hospital.example".to_owned(),
        scopes: vec!["profile".to_owned(), "groups".to_owned()],
        acr: Vec::new(),
        amr: vec!["mfa".to_owned()],
        claim: Some("groups".to_owned()),
        duties: BTreeSet::from([
            ("icu nurses".to_owned(), Duty::Acts(Role::Clinical)),
            ("it".to_owned(), Duty::Acts(Role::Security)),
            ("it".to_owned(), Duty::Administers),
        ]),
        made_ms: BY.at_ms,
        made_by: "anna".to_owned(),
    }
}

fn person(id: &str, duties: &[Duty]) -> Person {
    Person {
        id: PersonId(id.into()),
        name: id.to_owned(),
        shown: id.to_owned(),
        duties: duties.iter().copied().collect(),
        password: None,
        password_of: PasswordOf::Person,
        totp: None,
        access: Access::Open,
        created_ms: BY.at_ms,
    }
}

#[test]
fn one_provider_is_asked_and_its_secret_stands_in_no_entry() {
    on_both(|database| {
        assert_eq!(database.read("test", provider::get).expect("read"), None);
        let other = Provider { secret: None, claim: None, duties: BTreeSet::new(), ..asked() };
        for one in [other, asked()] {
            database.write("test", |t| provider::set(t, &one, BY)).expect("set");
            assert_eq!(database.read("test", provider::get).expect("read"), Some(one));
        }
        assert!(database.write("test", |t| provider::remove(t, BY)).expect("removed"));
        assert!(!database.write("test", |t| provider::remove(t, BY)).expect("none"));
        assert_eq!(database.read("test", provider::get).expect("read"), None);
        let entries = database.read("test", |t| audit::last(t, i64::MAX, 10)).expect("read");
        let told = format!("{entries:?}");
        assert!(told.contains("provider.set") && told.contains("provider.remove"), "{told}");
        assert!(!told.contains("between us") && !format!("{:?}", asked()).contains("between us"));
    });
}

#[test]
fn somebody_is_linked_by_issuer_and_subject_together() {
    on_both(|database| {
        let (anna, ben) = (person("anna", &[Duty::Reads]), person("ben", &[]));
        database
            .write("test", |t| {
                people::add(t, &anna, BY)?;
                people::add(t, &ben, BY)?;
                provider::link(t, ("https://a", "1"), &anna.id, BY)?;
                provider::link(t, ("https://b", "1"), &ben.id, BY)
            })
            .expect("linked");
        let who = |issuer: &'static str, subject: &'static str| {
            database.read("test", |t| provider::linked(t, issuer, subject)).expect("read")
        };
        assert_eq!(who("https://a", "1"), Some(anna.id.clone()));
        assert_eq!(who("https://b", "1"), Some(ben.id.clone()));
        assert_eq!((who("https://a", "2"), who("https://A", "1")), (None, None));
        let again = database.write("test", |t| provider::link(t, ("https://a", "1"), &ben.id, BY));
        assert!(again.is_err(), "nobody takes over who somebody is");
        assert_eq!(database.read("test", provider::newcomers).expect("read"), 1, "ben");
        assert_eq!(database.read("test", provider::links).expect("read").len(), 2);
        let subject = |issuer: &'static str| {
            database.read("test", |t| provider::subject_of(t, issuer, &ben.id)).expect("read")
        };
        assert_eq!((subject("https://b"), subject("https://a")), (Some("1".to_owned()), None));
        database.write("test", |t| provider::unlink(t, &ben.id, BY)).expect("unlinked");
        assert_eq!(who("https://b", "1"), None);
        assert_eq!(database.read("test", provider::newcomers).expect("read"), 0);
    });
}
