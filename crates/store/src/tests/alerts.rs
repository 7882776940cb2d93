//! The queue of what is told, and the place of each target in it.

use super::{on_both, verify};
use crate::alerts::{self, Alert, DEAD_MS, QUEUE, Target};
use crate::audit::By;
use crate::database::Database;
use crate::secret::Secret;

const BY: By<'_> = By { actor: "adam", at_ms: 5 };

fn target(id: &str, topics: &[&str]) -> Target {
    Target {
        id: id.to_owned(),
        name: format!("the {id}"),
        kind: "webhook".to_owned(),
        format: "json".to_owned(),
        place: "https://siem.example/".to_owned(),
        secret: Some(Secret::new(b"s3cret".to_vec())),
        topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
        ..Target::default()
    }
}

fn put(database: &Database, id: &str, topic: &str) {
    let alert = Alert {
        id: id.to_owned(),
        topic: topic.to_owned(),
        fact: "{}".to_owned(),
        ..Alert::default()
    };
    database.write("test", |t| alerts::put(t, &alert)).expect("written");
}

fn add(database: &Database, target: &Target) {
    database.write("test", |t| alerts::add(t, target, BY)).expect("made");
}

fn one(database: &Database, id: &str) -> Target {
    let all = database.read("test", alerts::targets).expect("read");
    all.into_iter().find(|target| target.id == id).expect("there")
}

fn after(database: &Database, number: i64) -> Vec<String> {
    let all = database.read("test", |t| alerts::after(t, number, 99)).expect("read");
    all.into_iter().map(|alert| alert.id).collect()
}

#[test]
fn what_is_told_is_queued_once_and_forgotten_when_all_have_it() {
    on_both(|database| {
        put(database, "zero", "order");
        assert!(after(database, 0).is_empty(), "nobody is to be told");
        add(database, &target("a", &["order", "detection"]));
        for (id, topic) in [("one", "order"), ("two", "detection"), ("one", "order")] {
            put(database, id, topic);
        }
        assert_eq!(after(database, 0), ["one", "two"]);
        // Who comes later is told of what happens then.
        add(database, &target("b", &["detection"]));
        put(database, "three", "order");
        let (a, b) = (one(database, "a"), one(database, "b"));
        assert_eq!(
            (after(database, a.taken), after(database, b.taken)),
            (
                vec!["one".to_owned(), "two".to_owned(), "three".to_owned()],
                vec!["three".to_owned()],
            )
        );
        let waiting = |target: &Target| database.read("test", |t| alerts::waiting(t, target));
        assert_eq!((waiting(&a).expect("read"), waiting(&b).expect("read")), (3, 0));
        assert!(a.wants("order") && !b.wants("order"));
        database.write("test", |t| alerts::taken(t, "a", 2, 7)).expect("noted");
        assert_eq!(after(database, 0), ["three"]);
        database.write("test", |t| alerts::taken(t, "a", 1, 8)).expect("noted");
        assert_eq!((one(database, "a").taken, one(database, "a").taken_ms), (2, Some(7)));
        database.write("test", |t| alerts::passed(t, "b", 3)).expect("noted");
        database.write("test", |t| alerts::taken(t, "a", 3, 9)).expect("noted");
        assert!(after(database, 0).is_empty());
        put(database, "four", "order");
        assert_eq!(after(database, 3), ["four"], "no number comes twice");
        assert!(database.write("test", |t| alerts::remove(t, "a", BY)).expect("removed"));
        assert!(!database.write("test", |t| alerts::remove(t, "a", BY)).expect("none"));
        assert_eq!(after(database, 0), ["four"]);
        assert!(database.write("test", |t| alerts::remove(t, "b", BY)).expect("removed"));
        assert!(after(database, 0).is_empty(), "it waits for nobody");
        verify(database, None).expect("a whole chain");
    });
}

#[test]
fn a_target_that_fails_is_tried_later_and_after_days_no_more() {
    on_both(|database| {
        add(database, &target("a", &["order"]));
        put(database, "one", "order");
        let fail = |now_ms: i64| {
            let failed = |t: &mut crate::database::Transaction<'_>| {
                alerts::failed(t, "a", "nobody answers", (now_ms, now_ms + 5))
            };
            database.write("test", failed).expect("noted");
            one(database, "a")
        };
        let failing = fail(100);
        assert_eq!((failing.attempts, failing.next_ms, failing.failing_ms), (1, 105, Some(100)));
        let failing = fail(99 + DEAD_MS);
        assert_eq!(
            (failing.attempts, failing.failing_ms, failing.stopped_ms),
            (2, Some(100), None)
        );
        let stopped = fail(100 + DEAD_MS);
        assert_eq!(stopped.stopped_ms, Some(100 + DEAD_MS));
        assert_eq!(stopped.fault, "nobody answers");
        assert!(database.write("test", |t| alerts::resume(t, "a", BY)).expect("resumed"));
        let again = one(database, "a");
        assert_eq!((again.attempts, again.next_ms, again.stopped_ms), (0, 0, None));
        assert_eq!(after(database, again.taken), ["one"], "it is still there");
        database.write("test", |t| alerts::refused(t, "a", 1)).expect("noted");
        let left = one(database, "a");
        assert_eq!((left.taken, left.refused), (1, 1));
        database.write("test", |t| alerts::stop(t, "a", "gone", 9)).expect("noted");
        assert_eq!(one(database, "a").stopped_ms, Some(9));
    });
}

#[test]
fn past_its_bound_the_queue_drops_the_eldest_and_says_how_many_each_misses() {
    on_both(|database| {
        add(database, &target("a", &["order"]));
        add(database, &target("b", &["detection"]));
        put(database, "one", "order");
        put(database, "two", "detection");
        put(database, "three", "order");
        // The queue is full, as if it had been filled.
        database
            .write("test", |t| {
                let sql = "update alert set number = number + ?1 where id = 'three'";
                t.execute("test", sql, &[(QUEUE - 1).into()])
            })
            .expect("moved");
        put(database, "four", "order");
        let (a, b) = (one(database, "a"), one(database, "b"));
        assert_eq!((a.dropped, a.taken, b.dropped, b.taken), (1, 3, 1, 3));
        assert_eq!(after(database, 0), ["three", "four"]);
    });
}

#[test]
fn a_secret_stands_in_no_entry_and_no_debug_output() {
    on_both(|database| {
        let made = target("a", &["order"]);
        add(database, &made);
        assert!(!format!("{made:?}").contains("s3cret"));
        let entries = database.read("test", |t| crate::audit::last(t, 99, 9)).expect("read");
        assert!(entries.iter().all(|(_, entry)| !entry.detail.contains("s3cret")));
        assert_eq!(one(database, "a").secret.expect("kept").expose(), b"s3cret");
    });
}
