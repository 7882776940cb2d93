//! The NVD: paging, windows, the pace, and a list that moves.

use testkit::published::Fault::{self, CutAfter, Status};
use testkit::published::Record;

use super::{Bench, HOUR_MS, shelved};

pub(super) const API: &str = "/rest/json/cves/2.0";
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

pub(super) fn record(number: usize, changed: &str, text: &str) -> Record {
    Record {
        id: format!("CVE-{}-{}", 2_020 + number % 3, 1_000 + number),
        changed: changed.to_owned(),
        text: text.to_owned(),
    }
}

fn records(count: usize) -> Vec<Record> {
    (0..count).map(|number| record(number, "2026-10-01T00:00:00.000", "old")).collect()
}

/// Ids and texts of all records of the mirror.
pub(super) fn mirrored(bench: &Bench) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(bench.at("nvd")).expect("a folder").flatten() {
        for (name, bytes) in shelved(&entry.path()) {
            let page: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            let records = page["vulnerabilities"].as_array().expect("records");
            assert_eq!(page["totalResults"], records.len(), "{name}");
            for record in records {
                let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
                let said = &record["cve"]["descriptions"][0]["value"];
                all.push((text(&record["cve"]["id"]), text(said)));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn everything_is_taken_page_by_page_and_then_what_changed() {
    let bench = Bench::new();
    bench.server.put_nvd(records(250), 100);
    let taken = bench.sync("nvd");
    assert_eq!((taken.changed, taken.documents), (250, 250));
    assert_eq!(bench.paths(), [0, 100, 200].map(|start| format!("{API}?startIndex={start}")));
    assert_eq!(bench.waits(), [6_000, 6_000], "six seconds between two requests");
    assert_eq!(mirrored(&bench).len(), 250);
    assert!(
        bench.read().iter().all(|(name, format)| format.contains("NVD") && name.contains(".zip!"))
    );
    // Asked for again at once, nobody is asked.
    assert_eq!((bench.sync("nvd").changed, bench.paths().len()), (0, 0));
    bench.later(DAY_MS);
    let mut changed = records(250);
    changed[7] = record(7, "2026-11-30T20:00:00.000", "new");
    changed.push(record(250, "2026-11-30T21:00:00.000", "new"));
    bench.server.put_nvd(changed, 100);
    let taken = bench.sync("nvd");
    assert_eq!((taken.changed, taken.documents), (2, 251));
    let asked = bench.paths();
    let from = "lastModStartDate=2026-11-30T11:45:00.000Z";
    assert!(asked.len() == 1 && asked[0].contains(from), "{asked:?}");
    let all = mirrored(&bench);
    assert_eq!(all.iter().filter(|(_, text)| text == "new").count(), 2);
    assert_eq!(all.len(), 251, "each once");
}

#[test]
fn an_older_record_does_not_take_the_place_of_a_newer_one() {
    let bench = Bench::new();
    bench.server.put_nvd(vec![record(1, "2026-11-30T11:50:00.000", "newer")], 10);
    bench.sync("nvd");
    bench.later(3 * HOUR_MS);
    bench.server.put_nvd(vec![record(1, "2026-11-30T11:46:00.000", "older")], 10);
    assert_eq!(bench.sync("nvd").changed, 0);
    assert_eq!(mirrored(&bench)[0].1, "newer");
}

#[test]
fn a_year_of_changes_is_asked_for_in_windows_of_120_days_at_most() {
    let bench = Bench::new();
    bench.server.put_nvd(records(1), 10);
    bench.sync("nvd");
    let _ = bench.paths();
    bench.later(365 * DAY_MS);
    bench.sync("nvd");
    let asked = bench.paths();
    assert_eq!(asked.len(), 4, "{asked:?}");
    for path in asked {
        let time = |name: &str| -> jiff::Timestamp {
            let (_, rest) = path.split_once(name).expect("a window");
            rest.split('&').next().expect("a time").parse().expect("a time")
        };
        let (from, until) = (time("lastModStartDate="), time("lastModEndDate="));
        let length_ms = until.as_millisecond() - from.as_millisecond();
        assert!((0..=120 * DAY_MS).contains(&length_ms), "{path}");
    }
    assert_eq!(bench.sync("nvd").changed, 0);
    assert_eq!(bench.paths().len(), 0, "the last window ends now");
}

#[test]
fn broken_off_it_goes_on_at_the_page_where_it_was() {
    let bench = Bench::new();
    bench.server.put_nvd(records(250), 100);
    // The first page is whole; then the service is silent.
    let mut faults = vec![CutAfter(usize::MAX)];
    faults.extend(std::iter::repeat_n(Status(503, None), 6));
    bench.server.fail(API, &faults);
    assert!(bench.wrong("nvd").contains("status 503"));
    assert_eq!(mirrored(&bench).len(), 100, "the first page is kept");
    let _ = bench.paths();
    bench.later(5 * DAY_MS);
    let taken = bench.sync("nvd");
    assert_eq!((taken.changed, taken.documents), (150, 250));
    let asked = bench.paths();
    assert_eq!(asked[..2], [100, 200].map(|start| format!("{API}?startIndex={start}")));
    assert!(asked[2].contains("lastModStartDate=2026-11-30T11:45"), "since the first page");
    assert_eq!(mirrored(&bench).len(), 250);
}

#[test]
fn a_list_that_shrinks_under_the_pages_loses_no_record() {
    let bench = Bench::new();
    bench.server.put_nvd(records(250), 100);
    // After the first page thirty of its records are taken away.
    let fewer: Vec<Record> = records(250).split_off(30);
    let server = std::rc::Rc::new(bench.server);
    let own = std::rc::Rc::clone(&server);
    *bench.clock.meanwhile.borrow_mut() = Some(Box::new(move || own.put_nvd(fewer, 100)));
    let world =
        super::World { resolver: &super::Here, pace: &bench.clock, watch: &super::Unwatched };
    let all = super::sync(&[super::Source::Nvd], &bench.settings, world).expect("a mirror");
    assert_eq!(all[0].as_ref().expect("taken").documents, 250);
    let asked: Vec<String> = server.asked().into_iter().map(|one| one.path).collect();
    let expected = [0, 100, 70, 170].map(|start| format!("{API}?startIndex={start}"));
    assert_eq!(asked, expected);
}

#[test]
fn a_list_that_grows_under_the_pages_is_taken_to_its_new_end() {
    let bench = Bench::new();
    bench.server.put_nvd(records(250), 100);
    let server = std::rc::Rc::new(bench.server);
    let own = std::rc::Rc::clone(&server);
    let more = move || own.put_nvd(records(320), 100);
    *bench.clock.meanwhile.borrow_mut() = Some(Box::new(more));
    let world =
        super::World { resolver: &super::Here, pace: &bench.clock, watch: &super::Unwatched };
    let all = super::sync(&[super::Source::Nvd], &bench.settings, world).expect("a mirror");
    assert_eq!(all[0].as_ref().expect("taken").documents, 320);
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn who_has_a_key_may_ask_faster_and_shows_it_to_nobody_else() {
    let mut bench = Bench::new();
    bench.settings.nvd_key = Some("3f2a-secret".to_owned());
    bench.server.put_nvd(records(25), 10);
    let other = testkit::published::Published::start();
    let page = r#"{"startIndex":20,"totalResults":25,"vulnerabilities":[]}"#;
    other.put("/x", page.as_bytes());
    let elsewhere = Fault::Elsewhere(format!("{}/x", other.address()));
    bench.server.fail(API, &[Fault::NoRange, Fault::NoRange, elsewhere]);
    let wrong = bench.wrong("nvd");
    assert!(wrong.contains("none of the records"), "{wrong}");
    assert_eq!(bench.waits(), [600, 600]);
    assert!(bench.server.asked().iter().all(|one| one.header("apikey") == "3f2a-secret"));
    let seen = other.asked();
    assert!(seen.len() == 1 && seen[0].header("apikey").is_empty(), "{seen:?}");
    let state = String::from_utf8(bench.bytes(".sync/nvd.json")).expect("text");
    assert!(!state.contains("secret") && !wrong.contains("secret"));
}

#[test]
fn a_refusal_for_being_too_fast_is_waited_out() {
    let bench = Bench::new();
    bench.server.put_nvd(records(5), 10);
    bench.server.fail(API, &[Status(403, None), Status(429, Some(31)), CutAfter(20)]);
    assert_eq!(bench.sync("nvd").changed, 5);
    let waits = bench.waits();
    let waited: u64 = waits.iter().sum();
    assert!(waits.contains(&31_000) && waited >= 31_000 + 6_000, "{waits:?}");
    for text in ["{}", "[1]", "<html>", r#"{"startIndex":5,"totalResults":5,"vulnerabilities":[]}"#]
    {
        let bench = Bench::new();
        bench.server.put("/other", text.as_bytes());
        bench.server.fail(API, &[Fault::Elsewhere("/other".to_owned())]);
        assert!(bench.wrong("nvd").contains("expected a page of the NVD"), "{text}");
    }
}
