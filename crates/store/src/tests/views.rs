//! Saved lists, on both databases.

use domain::person::PersonId;

use super::on_both;
use crate::audit::By;
use crate::database::Database;
use crate::people::{self, Access, PasswordOf, Person};
use crate::views::{self, EACH, SavedView};

fn somebody(database: &Database, id: &str) {
    let person = Person {
        id: PersonId(id.into()),
        name: id.to_owned(),
        shown: id.to_owned(),
        duties: std::collections::BTreeSet::new(),
        password: None,
        password_of: PasswordOf::Person,
        totp: None,
        access: Access::Open,
        created_ms: 1,
    };
    let by = By { actor: "adam", at_ms: 1 };
    database.write("test", |t| people::add(t, &person, by)).expect("added");
}

fn view(id: &str, owner: &str, is_shared: bool) -> SavedView {
    SavedView {
        id: id.to_owned(),
        owner: owner.to_owned(),
        is_shared,
        name: format!("list {id}"),
        query: "unit=ICU".to_owned(),
        made_ms: 5,
    }
}

fn seen(database: &Database, person: &str) -> String {
    let views = database.read("test", |t| views::seen_by(t, person)).expect("read");
    views.into_iter().map(|view| view.id).collect::<Vec<_>>().join(" ")
}

#[test]
fn everybody_sees_their_own_lists_and_those_for_all_and_removes_only_their_own() {
    on_both(|database| {
        somebody(database, "anna");
        somebody(database, "ben");
        for one in [view("1", "anna", false), view("2", "anna", true), view("3", "ben", false)] {
            assert!(database.write("test", |t| views::save(t, &one)).expect("saved"));
        }
        assert_eq!((seen(database, "anna"), seen(database, "ben")), ("1 2".into(), "2 3".into()));
        let remove = |owner, id| {
            database.write("test", |t| views::remove(t, owner, id, 9)).expect("written")
        };
        assert!(!remove("ben", "2"));
        assert!(remove("anna", "2"));
        assert!(!remove("anna", "2"), "twice is once");
        assert_eq!((seen(database, "anna"), seen(database, "ben")), ("1".into(), "3".into()));
        let removed = |owner| database.read("test", |t| views::removed(t, owner, "2"));
        assert_eq!(removed("anna").expect("read"), Some(view("2", "anna", true)));
        assert_eq!(removed("ben").expect("read"), None);
        let back = |owner| database.write("test", |t| views::bring_back(t, owner, "2"));
        assert!(!back("ben").expect("written"));
        assert!(back("anna").expect("written"));
        assert_eq!(seen(database, "ben"), "2 3");
    });
}

#[test]
fn nobody_keeps_more_lists_than_there_is_room_for() {
    on_both(|database| {
        somebody(database, "anna");
        for number in 0..=EACH {
            let one = view(&number.to_string(), "anna", false);
            let had_room = database.write("test", |t| views::save(t, &one)).expect("written");
            assert_eq!(had_room, number < EACH);
        }
    });
}
