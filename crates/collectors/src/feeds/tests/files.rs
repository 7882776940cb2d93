//! Single files, and everything that happens on the way to one.

use testkit::published::Fault::{self, CutAfter, CutInPieces, Elsewhere, Status};

use super::super::status;
use super::{Bench, HOUR_MS, NOON_MS, gzip, known};

pub(super) const KEV: &str = "/cisa/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const EPSS: &str = "/epss/epss_scores-current.csv.gz";

pub(super) fn catalogue(count: usize) -> String {
    let entries: Vec<String> = (0..count)
        .map(|number| {
            format!(
                "{{\"cveID\": \"CVE-2026-{}\", \"vendorProject\": \"Acme\", \"product\": \"Pump\",\
                 \"vulnerabilityName\": \"x\", \"dateAdded\": \"2026-11-01\",\
                 \"shortDescription\": \"x\", \"requiredAction\": \"x\",\
                 \"dueDate\": \"2026-12-01\", \"knownRansomwareCampaignUse\": \"Unknown\"}}",
                1_000 + number
            )
        })
        .collect();
    format!(
        "{{\"title\": \"CISA Catalog of Known Exploited Vulnerabilities\",\
         \"catalogVersion\": \"2026.11.30\", \"dateReleased\": \"2026-11-30T12:00:00.0000Z\",\
         \"count\": {count}, \"vulnerabilities\": [{}]}}",
        entries.join(",")
    )
}

fn scores(count: usize) -> Vec<u8> {
    let rows = (0..count).map(|number| format!("CVE-2026-{},0.5,0.9\n", 1_000 + number));
    let head = "#model_version:v2025.03.14,score_date:2026-11-30T12:00:00Z\ncve,epss,percentile\n";
    gzip(format!("{head}{}", rows.collect::<String>()).as_bytes())
}

#[test]
fn what_did_not_change_is_not_fetched_again_and_counts_as_asked() {
    let bench = Bench::new();
    bench.server.put(KEV, catalogue(3).as_bytes());
    bench.server.put(EPSS, &scores(4));
    let taken = (bench.sync("kev"), bench.sync("epss"));
    assert_eq!((taken.0.changed, taken.1.documents), (3, 4));
    let read = bench.read();
    assert_eq!(read.len(), 2);
    assert!(read[0].1.starts_with("EPSS") && read[1].1.contains("KEV"), "{read:?}");
    let _ = bench.server.asked();
    bench.later(49 * HOUR_MS);
    assert_eq!((bench.sync("kev").changed, bench.sync("kev").documents), (0, 3));
    assert!(bench.server.asked().iter().all(|one| !one.header("if-none-match").is_empty()));
    bench.server.put(KEV, catalogue(5).as_bytes());
    assert_eq!(bench.sync("kev").documents, 5);
    let now_ms = bench.clock.now_ms.get();
    let all = status::read(bench.folder.path()).expect("a mirror");
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.source.to_string(), one.age_days(now_ms), one.is_due(now_ms)))
        .collect();
    let expected = [("epss".to_owned(), Some(2), true), ("kev".to_owned(), Some(0), false)];
    assert_eq!(told, expected, "EPSS is due after two days, KEV after three");
    assert_eq!(known(bench.folder.path()).expect("a mirror").len(), 2);
    assert_eq!(all[1].bytes, catalogue(5).len() as u64);
}

#[test]
fn what_is_not_whole_is_asked_for_again_and_replaces_nothing() {
    let whole = catalogue(9);
    for coding in ["", "gzip"] {
        for fault in [CutAfter(50), CutInPieces(50), CutAfter(0)] {
            let bench = Bench::new();
            bench.server.put(KEV, catalogue(1).as_bytes());
            bench.sync("kev");
            let packed =
                if coding.is_empty() { whole.as_bytes().to_vec() } else { gzip(whole.as_bytes()) };
            bench.server.put_packed(KEV, &packed, coding);
            let faults: Vec<Fault> = vec![fault.clone(); 6];
            bench.server.fail(KEV, &faults);
            assert!(bench.wrong("kev").contains("not whole"), "{fault:?}");
            assert_eq!(
                bench.bytes("kev/known_exploited_vulnerabilities.json").len(),
                catalogue(1).len()
            );
            let all = status::read(bench.folder.path()).expect("a mirror");
            assert!(all[0].error.as_ref().is_some_and(|error| error.contains("not whole")));
            assert_eq!(all[0].succeeded_ms, Some(NOON_MS), "that was the first time");
            // Half the time that doubles, for chance is nothing here.
            assert_eq!(bench.waits(), [1_000, 2_000, 4_000, 8_000, 16_000]);
            bench.server.fail(KEV, &faults[..2]);
            assert_eq!(bench.sync("kev").documents, 9);
            let all = status::read(bench.folder.path()).expect("a mirror");
            assert_eq!(all[0].error, None);
            assert_eq!(bench.leftovers(), [] as [std::path::PathBuf; 0]);
        }
    }
    // Packed, and cut in the packing itself.
    let bench = Bench::new();
    let packed = gzip(whole.as_bytes());
    bench.server.put_packed(KEV, &packed[..packed.len() - 5], "gzip");
    assert!(bench.wrong("kev").contains("not whole"));
    // Far behind what tells that it is the table.
    let scores = scores(1_000);
    bench.server.put(EPSS, &scores[..scores.len() - 5]);
    assert!(bench.wrong("epss").contains("expected the whole file"));
    assert!(!bench.at("epss/epss_scores-current.csv.gz").exists());
}

#[test]
fn another_page_than_what_was_asked_for_replaces_nothing() {
    let bench = Bench::new();
    bench.server.put(KEV, catalogue(1).as_bytes());
    bench.server.put(EPSS, &scores(1));
    bench.sync("kev");
    bench.sync("epss");
    bench.server.put(KEV, b"<html>sign in to the hospital's guest network</html>");
    bench.server.put(EPSS, &gzip(b"<html></html>"));
    assert!(bench.wrong("kev").contains("expected the whole file as it is published"));
    assert!(bench.wrong("epss").contains("found another table"));
    assert_eq!(bench.read().len(), 2);
}

#[test]
fn a_server_that_asks_to_wait_is_waited_for_and_no_longer_than_is_fit() {
    let bench = Bench::new();
    bench.server.put(KEV, catalogue(1).as_bytes());
    bench.server.fail(KEV, &[Status(429, Some(30)), Status(503, None), Status(502, None)]);
    bench.sync("kev");
    assert_eq!(bench.waits(), [30_000, 2_000, 4_000]);
    bench.server.fail(KEV, &[Status(503, Some(901))]);
    assert!(bench.wrong("kev").contains("status 503"));
    assert_eq!(bench.waits(), [] as [u64; 0], "who asks for more is given up");
    // What does not pass is not asked for again.
    for status in [400, 401, 403, 404, 410] {
        bench.server.fail(KEV, &[Status(status, None)]);
        assert!(bench.wrong("kev").contains(&format!("status {status}")));
    }
    assert_eq!(bench.waits(), [] as [u64; 0]);
    bench.server.fail(KEV, &vec![Status(500, None); 6]);
    assert!(bench.wrong("kev").contains("status 500"));
    assert_eq!(bench.waits().len(), 5, "six tries");
}

#[test]
fn where_an_answer_points_to_is_checked_again() {
    let bench = Bench::new();
    bench.server.put("/elsewhere/kev.json", catalogue(2).as_bytes());
    let own = format!("{}/elsewhere/kev.json", bench.server.address());
    for location in [own.as_str(), "/elsewhere/kev.json", "../../../../elsewhere/kev.json"] {
        bench.server.fail(KEV, &[Elsewhere(location.to_owned())]);
        let outcome = bench.try_sync("kev");
        assert_eq!(outcome.is_ok(), !location.starts_with('.'), "{location}: {outcome:?}");
    }
    for (location, why) in [
        ("http://10.0.0.5/kev.json", "--feeds-may-reach"),
        ("http://169.254.169.254/latest/meta-data", "nothing is ever sent to"),
        ("http://8.8.8.8/kev.json", "without TLS"),
        ("https://192.168.1.1/kev.json", "--feeds-may-reach"),
        ("file:///etc/passwd", "is no place"),
        ("ftp://127.0.0.1/x", "is no place"),
        ("syslog+tcp://127.0.0.1", "that is no HTTP"),
        ("https://user:pass@127.0.0.1/", "names a user"),
        ("", "to nowhere"),
    ] {
        bench.server.fail(KEV, &[Elsewhere(location.to_owned())]);
        let wrong = bench.wrong("kev");
        assert!(wrong.contains(why), "{location}: {wrong}");
        assert_eq!(bench.waits(), [] as [u64; 0], "{location}: that will not pass");
    }
    let round = vec![Elsewhere(KEV.to_owned()); 6];
    bench.server.fail(KEV, &round);
    assert!(bench.wrong("kev").contains("more than 5 times"));
}

#[test]
fn a_source_that_fails_holds_up_no_other() {
    let bench = Bench::new();
    bench.server.put(EPSS, &scores(1));
    let world =
        super::World { resolver: &super::Here, pace: &bench.clock, watch: &super::Unwatched };
    let sources = [super::Source::Kev, super::Source::Epss];
    let all = super::sync(&sources, &bench.settings, world).expect("a mirror");
    assert!(all[0].is_err() && all[1].is_ok());
}

#[test]
fn a_retry_after_may_be_a_time() {
    let bench = Bench::new();
    bench.server.put(KEV, catalogue(1).as_bytes());
    let seconds = super::super::asking::seconds;
    assert_eq!(seconds("Mon, 30 Nov 2026 12:00:10 GMT", NOON_MS), Some(11));
    assert_eq!(seconds("Mon, 30 Nov 2026 11:00:00 GMT", NOON_MS), Some(1));
    assert_eq!((seconds("7", NOON_MS), seconds("soon", NOON_MS)), (Some(7), None));
}
