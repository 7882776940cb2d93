//! What an agent told: each once, whatever happens in between.

use super::{on_both, ward};
use crate::StoreError;
use crate::agents::{self, Known, Mark};
use crate::audit::{self, By};
use crate::database::{Database, Transaction};
use crate::detections::{self, Detection};
use crate::devices;
use crate::flows::{self, COARSE_MS, Flow};
use crate::identities::{self, Identity, Silence, Silent};
use crate::retention::{self, Due, Kept};
use crate::steps::{self, Step};

const BY: By<'_> = By { actor: "anna", at_ms: 9 };
const HOUR: i64 = 3_600_000;

fn steps(numbers: std::ops::RangeInclusive<i64>, branch: &str) -> Vec<Step> {
    let step = |number: i64| Step {
        hash: format!("{branch}{number}"),
        journal: format!("{branch}1"),
        journal_number: number,
        order: 1,
        device: "P-1".to_owned(),
        at_ms: number,
        step: "requested".to_owned(),
        event: "{}".to_owned(),
        ..Step::default()
    };
    numbers.map(step).collect()
}

fn detection(number: i64, device: &str) -> Detection {
    Detection {
        hash: format!("d{number}"),
        journal_number: number,
        device: device.to_owned(),
        rest: "{}".to_owned(),
        ..Detection::default()
    }
}

fn forget(
    transaction: &mut Transaction<'_>,
    kept: Kept,
    before_ms: i64,
) -> Result<u64, StoreError> {
    retention::step(transaction, &Due { kept, days: 0, before_ms, rows: 0 }, 0)
}

fn flow(client: &str, at_ms: i64) -> Flow {
    Flow {
        client: client.to_owned(),
        server: "10.0.0.9".to_owned(),
        service: "tcp/6000".to_owned(),
        client_device: "P-1".to_owned(),
        role: "result".to_owned(),
        first_ms: at_ms,
        last_ms: at_ms,
        ..Flow::default()
    }
}

fn seen(device: &str, last_ms: i64) -> Identity {
    Identity {
        device: device.to_owned(),
        is_in_inventory: true,
        last_ms,
        rest: "{}".to_owned(),
        ..Identity::default()
    }
}

#[test]
fn a_step_is_kept_once_also_where_another_journal_counts_alike() {
    on_both(|database| {
        let put = |steps: &[Step]| {
            database.write("test", |t| Ok(steps::put(t, steps)?.len())).expect("kept")
        };
        assert_eq!(put(&steps(1..=3, "a")), 3);
        assert_eq!(put(&steps(2..=5, "a")), 2);
        assert_eq!(put(&steps(1..=2, "b")), 2);
        let all = database.read("test", |t| steps::after(t, 0, 99)).expect("read");
        let all: Vec<(i64, &str)> = all.iter().map(|step| (step.number, &*step.hash)).collect();
        assert_eq!(
            all,
            [(1, "a1"), (2, "a2"), (3, "a3"), (4, "a4"), (5, "a5"), (6, "b1"), (7, "b2")]
        );
        let of = database.read("test", |t| steps::of_device(t, "P-1", 2)).expect("read");
        assert_eq!(of.iter().map(|step| &*step.hash).collect::<Vec<_>>(), ["b2", "b1"]);
        assert_eq!(of[1].journal, "b1");
        let none = database.read("test", |t| steps::of_device(t, "P-2", 2)).expect("read");
        assert_eq!(none, []);
    });
}

#[test]
fn what_was_taken_in_and_up_to_where_is_written_together() {
    on_both(|database| {
        assert_eq!(database.read("test", agents::known).expect("read"), Known::default());
        let mark = Mark { number: 3, hash: "a3".to_owned() };
        let known = Known { step: mark, heard_ms: Some(7), ..Known::default() };
        let broken_off = database.write("test", |t| {
            steps::put(t, &steps(1..=3, "a"))?;
            agents::set(t, &known)?;
            Err::<(), _>(crate::StoreError::Unreadable { what: "test" })
        });
        broken_off.expect_err("undone");
        assert_eq!(database.read("test", agents::known).expect("read"), Known::default());
        assert_eq!(database.read("test", steps::last).expect("read"), 0);
        for _ in 0..2 {
            database.write("test", |t| agents::set(t, &known)).expect("written");
        }
        assert_eq!(database.read("test", agents::known).expect("read"), known);
    });
}

#[test]
fn a_detection_is_open_until_a_person_says_what_it_was() {
    on_both(|database| {
        let all = [detection(1, "P-1"), detection(2, "10.0.0.7"), detection(3, "P-1")];
        database.write("test", |t| Ok(detections::put(t, &all)?.len())).expect("kept");
        let again = database.write("test", |t| Ok(detections::put(t, &all)?.len()));
        assert_eq!(again.expect("kept"), 0);
        let judged = database.write("test", |t| {
            assert!(!detections::judge(t, 9, ("attack", "seen"), BY)?);
            detections::judge(t, 1, ("expected", "a scan by our own scanner"), BY)
        });
        assert!(judged.expect("judged"));
        let open = database.read("test", |t| detections::open(t, 1)).expect("read");
        assert_eq!((open.0.len(), open.0[0].number, open.1), (1, 3, 2));
        let of = database.read("test", |t| detections::of_device(t, "P-1", 9)).expect("read");
        assert_eq!(of.iter().map(|one| one.number).collect::<Vec<_>>(), [3, 1]);
        let judged = of[1].judged.as_ref().expect("judged");
        assert_eq!((&*judged.judgement, &*judged.by, judged.at_ms), ("expected", "anna", 9));
        let before = database.read("test", |t| detections::before(t, 3, 1)).expect("read");
        assert_eq!(
            before,
            [database.read("test", |t| detections::one(t, 2)).expect("read").expect("one")]
        );
        let entries = database.read("test", |t| audit::last(t, 99, 9)).expect("read");
        assert_eq!(entries.len(), 1, "one that is not there is not judged");
        assert_eq!((&*entries[0].1.action, &*entries[0].1.subject), ("detection.judge", "1"));
    });
}

#[test]
fn a_flow_is_written_where_it_changes_and_not_with_each_packet() {
    on_both(|database| {
        let put = |flow: &Flow| database.write("test", |t| flows::put(t, flow)).expect("written");
        assert!(put(&flow("10.0.0.1", 1_000)));
        assert!(!put(&flow("10.0.0.1", 1_000 + COARSE_MS - 1)));
        let other = Flow { role: "alarm".to_owned(), ..flow("10.0.0.1", 500) };
        assert!(put(&other), "what it is for has changed");
        let of = database.read("test", |t| flows::of(t, "P-1", 9)).expect("read");
        assert_eq!((of[0].first_ms, of[0].last_ms, &*of[0].role), (500, 1_000, "alarm"));
        assert!(put(&Flow { rhythm_ms: Some(5), ..flow("10.0.0.1", 1_000 + COARSE_MS) }));
        let back = Flow {
            client: "10.0.0.8".to_owned(),
            client_device: "V-1".to_owned(),
            server_device: "P-1".to_owned(),
            ..flow("10.0.0.8", 9)
        };
        assert!(put(&back));
        let of = database.read("test", |t| flows::of(t, "P-1", 9)).expect("read");
        let peers: Vec<_> =
            of.iter().map(|flow| (flow.peer("P-1"), flow.begins_at("P-1"))).collect();
        assert_eq!(peers, [(("", "10.0.0.9"), true), (("V-1", "10.0.0.8"), false)]);
        assert_eq!(of[0].rhythm_ms, Some(5));
        let page = |after: Option<&Flow>| {
            database.read("test", |t| flows::page(t, 0, after, 1)).expect("read").pop()
        };
        let first = page(None).expect("one");
        let second = page(Some(&first)).expect("another");
        assert_eq!((&*first.client, &*second.client), ("10.0.0.1", "10.0.0.8"));
        assert_eq!(page(Some(&second)), None);
        assert_eq!(database.write("test", |t| forget(t, Kept::Flows, 10)).expect("done"), 1);
    });
}

fn silent(database: &Database, silence: Silence) -> (Vec<String>, i64) {
    let found = database.read("test", |t| identities::silent(t, silence, 9)).expect("read");
    (found.0.into_iter().map(|silent: Silent| silent.device).collect(), found.1)
}

#[test]
fn who_was_not_seen_for_longer_than_its_rhythm_is_silent_as_far_as_somebody_listened() {
    on_both(|database| {
        let mut devices = ward();
        devices[1].in_use = Some(false);
        devices[3].criticality = 5;
        database
            .write("test", |t| {
                for device in &devices {
                    devices::put(t, device, "")?;
                }
                for (device, last) in [
                    ("P-1", 10 * HOUR),
                    ("P-2", 10 * HOUR),
                    ("P-3", 39 * HOUR),
                    ("V-1", 11 * HOUR),
                    ("M-1", 10 * HOUR),
                    ("10.0.0.7", 10 * HOUR),
                ] {
                    assert!(identities::put(t, &seen(device, last))?);
                }
                // It speaks every ten hours, and missed less than three of its beats.
                let slow = Flow {
                    client_device: "M-1".to_owned(),
                    rhythm_ms: Some(10 * HOUR + 1),
                    ..flow("10.0.0.5", 10 * HOUR)
                };
                flows::put(t, &slow)
            })
            .expect("written");
        let silence = Silence { now_ms: 40 * HOUR, watches_ms: 0, after_ms: 24 * HOUR };
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(silent(database, silence), (names(&["V-1", "P-1"]), 2));
        let later = Silence { now_ms: 41 * HOUR, ..silence };
        assert_eq!(silent(database, later), (names(&["V-1", "M-1", "P-1"]), 3));
        let nobody = Silence { watches_ms: 17 * HOUR, ..silence };
        assert_eq!(silent(database, nobody), (vec![], 0), "nobody listened for so long");
        assert_eq!(
            database.write("test", |t| forget(t, Kept::Devices, 11 * HOUR)).expect("done"),
            4
        );
        assert_eq!(silent(database, silence), (names(&["V-1"]), 1));
    });
}

#[test]
fn an_identity_is_written_where_it_changes_and_by_page() {
    on_both(|database| {
        let put = |one: &Identity| database.write("test", |t| identities::put(t, one)).expect("ok");
        assert!(put(&seen("P-1", 1_000)));
        assert!(!put(&seen("P-1", 1_000 + COARSE_MS - 1)));
        let known = Identity { kind: "infusion pump".to_owned(), ..seen("P-1", 900) };
        assert!(put(&known));
        let one = database.read("test", |t| identities::one(t, "P-1")).expect("read").expect("one");
        assert_eq!((&*one.kind, one.last_ms, one.is_in_inventory), ("infusion pump", 1_000, true));
        put(&seen("P-2", 5));
        let page =
            |after: &str| database.read("test", |t| identities::page(t, after, 1)).expect("read");
        assert_eq!(page("")[0].device, "P-1");
        assert_eq!(page("P-1")[0].device, "P-2");
        assert_eq!(page("P-2"), []);
    });
}
