//! What is forgotten, and what never is.

use super::on_both;
use crate::audit::{self, By};
use crate::database::Database;
use crate::detections::{self, Detection};
use crate::documents::{self, Receipt};
use crate::flows::{self, Flow};
use crate::identities::{self, Identity};
use crate::judgements::{self, Change, Judgement};
use crate::repeats::{self, Before, Request};
use crate::retention::{self, DAY_MS, Due, Kept};
use crate::steps::{self, Step};

/// Some day, in milliseconds since 1970.
const NOW_MS: i64 = 20_000 * DAY_MS;

fn by(at_ms: i64) -> By<'static> {
    By { actor: "asepsis", at_ms }
}

/// What was so many days ago.
fn ago(days: i64) -> i64 {
    NOW_MS - days * DAY_MS
}

fn count(database: &Database, sql: &'static str) -> i64 {
    let found = database.read("test", |t| t.one("test", sql, &[], |row| row.integer(0)));
    found.expect("read").flatten().unwrap_or_default()
}

/// Flows, devices, changes and judgements of 1 to 400 days ago.
fn of_each_day(database: &Database) {
    let written = database.write("test", |transaction| {
        for days in (1..=400).rev() {
            let at_ms = ago(days);
            let flow = Flow {
                client: format!("10.0.0.{days}"),
                server: "10.0.1.1".to_owned(),
                service: "tcp/1".to_owned(),
                first_ms: at_ms,
                last_ms: at_ms,
                ..Flow::default()
            };
            flows::put(transaction, &flow)?;
            let seen = Identity {
                device: format!("D-{days}"),
                last_ms: at_ms,
                rest: "{}".to_owned(),
                ..Identity::default()
            };
            identities::put(transaction, &seen)?;
            let judgement = Judgement { ended_ms: at_ms, ..Judgement::default() };
            judgements::end(transaction, &judgement)?;
            let change = Change { at_ms, subject: "D".to_owned(), ..Change::default() };
            judgements::note(transaction, &change)?;
        }
        Ok(())
    });
    written.expect("written");
}

/// Forgets all that is due; what was noted.
fn forget(database: &Database, now_ms: i64) -> Vec<Due> {
    let all = database.write("test", |t| retention::begin(t, by(now_ms))).expect("begun");
    for due in &all {
        while database.write("test", |t| retention::step(t, due, now_ms)).expect("done") > 0 {}
    }
    all
}

#[test]
fn what_is_older_than_was_set_is_counted_noted_and_forgotten_and_nothing_else() {
    on_both(|database| {
        of_each_day(database);
        let set = |kept, days| {
            database.write("test", |t| retention::set(t, kept, days, by(NOW_MS))).expect("set")
        };
        assert!(set(Kept::Changes, Some(100)));
        assert!(!set(Kept::Changes, Some(100)), "nothing new");
        assert!(set(Kept::Devices, None));
        let preview = database.read("test", |t| retention::due(t, Kept::Flows, 92, NOW_MS));
        assert_eq!(preview.expect("counted").rows, 308);
        let all = forget(database, NOW_MS);
        let rows: Vec<(&str, i64)> = all.iter().map(|due| (due.kept.name(), due.rows)).collect();
        assert_eq!(
            rows,
            [("flows", 308), ("detections", 0), ("changes", 300), ("judgements", 308)]
        );
        assert_eq!(count(database, "select count(*) from flow"), 92);
        assert_eq!(count(database, "select count(*) from identity"), 400);
        assert_eq!(count(database, "select count(*) from change"), 100);
        assert_eq!(count(database, "select count(*) from judgement"), 92);
        // Done again, there is nothing more.
        assert!(forget(database, NOW_MS).iter().all(|due| due.rows == 0));
        let chain = database.read("test", |transaction| {
            audit::verify(transaction, None).map(drop)?;
            audit::last(transaction, i64::MAX, 3)
        });
        let chain = chain.expect("sound");
        let done: Vec<&str> = chain.iter().map(|(_, entry)| entry.action.as_str()).collect();
        assert_eq!(done, ["retention.forget", "retention.forget", "retention.set"]);
        let noted: serde_json::Value = serde_json::from_str(&chain[1].1.detail).expect("JSON");
        assert_eq!(noted["flows"], serde_json::json!({ "days": 92, "rows": 308 }));
    });
}

#[test]
fn what_happened_last_stays_however_long_ago_so_that_numbers_go_on() {
    on_both(|database| {
        let written = database.write("test", |transaction| {
            let judgement = Judgement { ended_ms: 1, ..Judgement::default() };
            judgements::end(transaction, &judgement)?;
            judgements::note(transaction, &Change { at_ms: 1, ..Change::default() })?;
            judgements::note(transaction, &Change { at_ms: 2, ..Change::default() })
        });
        written.expect("written");
        forget(database, NOW_MS);
        assert_eq!(count(database, "select max(number) from judgement"), 1);
        assert_eq!(count(database, "select max(number) from change"), 2);
        assert_eq!(count(database, "select count(*) from change"), 1);
    });
}

#[test]
fn a_detection_is_forgotten_once_judged_but_not_of_a_device_with_an_order_and_comes_never_back() {
    on_both(|database| {
        let detection = |number: i64, device: &str| Detection {
            hash: format!("d{number}"),
            journal_number: number,
            device: device.to_owned(),
            rest: "{}".to_owned(),
            ..Detection::default()
        };
        let all = [
            detection(1, "quiet"),
            detection(2, "held"),
            detection(3, "quiet"),
            detection(4, "quiet"),
            detection(5, "quiet"),
        ];
        let step = Step { hash: "s1".to_owned(), device: "held".to_owned(), ..Step::default() };
        let written = database.write("test", |transaction| {
            detections::put(transaction, &all)?;
            steps::put(transaction, &[step])?;
            for (number, at_ms) in [(1, ago(2_193)), (2, ago(3_000)), (4, ago(2_191)), (5, 1)] {
                assert!(detections::judge(transaction, number, ("attack", "seen"), by(at_ms))?);
            }
            Ok(())
        });
        written.expect("written");
        forget(database, NOW_MS);
        let left = database.read("test", |t| detections::before(t, i64::MAX, 9)).expect("read");
        let left: Vec<i64> = left.iter().map(|one| one.number).collect();
        assert_eq!(left, [5, 4, 3, 2], "the last one stays, too");
        // The agent tells everything anew.
        let again = database.write("test", |t| detections::put(t, &all).map(|new| new.len()));
        assert_eq!(again.expect("kept"), 0);
        assert_eq!(count(database, "select count(*) from order_step"), 1);
    });
}

#[test]
fn of_documents_only_bytes_go_and_only_where_nothing_counts_them_any_more() {
    on_both(|database| {
        let receive = |name: &str, bytes: &[u8], at_ms: i64| {
            let receipt = Receipt { name, source: "test", at_ms };
            database.write("test", |t| documents::receive(t, bytes, &receipt)).expect("kept").0
        };
        let first = receive("a", b"first", ago(900));
        let shared = receive("a", b"shared", ago(800));
        let counts = receive("a", b"counts", ago(700));
        receive("b", b"shared", ago(700));
        let young = receive("c", b"young", ago(900));
        receive("c", b"new", ago(10));
        let gone = receive("d", b"gone", ago(900));
        let away = |t: &mut crate::database::Transaction<'_>| {
            documents::withdraw(t, "d", "test", ago(400))
        };
        database.write("test", away).expect("taken away");
        // For good, unless somebody has set a time.
        forget(database, NOW_MS);
        assert_eq!(count(database, "select count(*) from document where forgotten_ms is null"), 6);
        let set = |t: &mut crate::database::Transaction<'_>| {
            retention::set(t, Kept::Documents, Some(365), by(NOW_MS))
        };
        database.write("test", set).expect("set");
        let due = forget(database, NOW_MS);
        let due = due.iter().find(|due| due.kept == Kept::Documents).expect("one");
        assert_eq!(due.rows, 2);
        let bytes =
            |hash: &str| database.read("test", |t| documents::bytes(t, hash)).expect("read");
        for hash in [&first, &gone] {
            assert_eq!(bytes(hash), None);
        }
        for hash in [&shared, &counts, &young] {
            assert!(bytes(hash).is_some());
        }
        // One that is gone can't be put back; what came says so for good.
        let back = database.read("test", |t| documents::taken_away(t, "d")).expect("read");
        assert_eq!(back, None);
        let came = database.read("test", |t| documents::receipts(t, "a")).expect("read");
        assert_eq!(came.len(), 3);
        // It comes again, and is whole.
        assert_eq!(receive("d", b"gone", NOW_MS), gone);
        assert_eq!(bytes(&gone).as_deref(), Some(&b"gone"[..]));
    });
}

#[test]
fn a_clock_that_is_far_ahead_forgets_nothing_for_a_day() {
    on_both(|database| {
        let is_time =
            |now_ms| database.write("test", |t| retention::is_time(t, now_ms)).expect("looked");
        let own = Request { owner: "anna", key: "one", hash: [1; 32], at_ms: NOW_MS };
        let ask = || database.write("test", |t| repeats::begin(t, &own)).expect("asked");
        assert_eq!(ask(), Before::New);
        assert!(!is_time(NOW_MS), "a new store is watched for a day");
        assert!(!is_time(NOW_MS + DAY_MS - 1));
        assert!(is_time(NOW_MS + DAY_MS));
        forget(database, NOW_MS + DAY_MS);
        assert_eq!(ask(), Before::Begun(NOW_MS), "a request of a day ago is remembered");
        assert!(!is_time(NOW_MS + 2 * DAY_MS - 1), "once a day");
        assert!(is_time(NOW_MS + 2 * DAY_MS));
        let ahead = NOW_MS + 365 * DAY_MS;
        assert!(!is_time(ahead) && !is_time(ahead + DAY_MS - 1));
        assert!(is_time(NOW_MS + 2 * DAY_MS), "it is set back");
        forget(database, NOW_MS + 2 * DAY_MS + 1);
        assert_eq!(ask(), Before::New, "of more than a day ago");
        // It stays ahead: then it is believed.
        assert!(is_time(ahead + DAY_MS));
    });
}

#[test]
fn what_is_set_and_cannot_be_read_forgets_nothing() {
    on_both(|database| {
        of_each_day(database);
        for wrong in ["1", "-5", "never", "99999999", "soon"] {
            let days = database.write("test", |transaction| {
                crate::settings::set(transaction, "retention.flows", wrong)?;
                retention::days(transaction, Kept::Flows)
            });
            assert_eq!(days.expect("read"), None, "{wrong}");
        }
        assert!(Kept::ALL.iter().all(|kept| Kept::named(kept.name()) == Some(*kept)));
    });
}
