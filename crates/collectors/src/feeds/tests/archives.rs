//! Archives: OSV and the CVE list, whole, cut off, gone on with, damaged.

use testkit::published::Fault::{AnyRest, CutAfter, NoRange, Status};

use super::{Bench, HOUR_MS, shelved, zipped};

const ALL: &str = "/osv/PyPI/all.zip";
const LIST: &str = "/osv/PyPI/modified_id.csv";

fn osv(id: &str, changed: &str) -> Vec<u8> {
    let noise = "x".repeat(2_000);
    format!(
        "{{\"schema_version\":\"1.6.0\",\"id\":\"{id}\",\"modified\":\"{changed}\",\
         \"affected\":[{{\"package\":{{\"ecosystem\":\"PyPI\",\"name\":\"pump\"}},\
         \"versions\":[\"1.0\"]}}],\"details\":\"{noise}\"}}"
    )
    .into_bytes()
}

fn publish(bench: &Bench, records: &[(&str, &str)]) {
    let entries: Vec<_> =
        records.iter().map(|(id, at)| (format!("{id}.json"), osv(id, at))).collect();
    bench.server.put(ALL, &zipped(&entries));
    list(bench, records);
}

fn list(bench: &Bench, records: &[(&str, &str)]) {
    let mut lines: Vec<_> = records.iter().map(|(id, at)| format!("{at},{id}\n")).collect();
    lines.sort();
    lines.reverse();
    bench.server.put(LIST, lines.concat().as_bytes());
    for (id, at) in records {
        bench.server.put(&format!("/osv/PyPI/{id}.json"), &osv(id, at));
    }
}

const FIRST: [(&str, &str); 3] = [
    ("PYSEC-2026-1", "2026-11-01T00:00:00Z"),
    ("PYSEC-2026-2", "2026-11-02T00:00:00.5Z"),
    ("GHSA-aaaa-bbbb-cccc", "2026-11-03T00:00:00Z"),
];

fn names(bench: &Bench, path: &str) -> Vec<String> {
    shelved(&bench.at(path)).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn an_ecosystem_is_taken_whole_once_and_then_what_changed() {
    let bench = Bench::new();
    publish(&bench, &FIRST);
    let taken = bench.sync("osv:PyPI");
    assert_eq!((taken.changed, taken.documents), (3, 3));
    assert_eq!(bench.paths(), [LIST, ALL]);
    assert!(bench.read().iter().all(|(_, format)| format.starts_with("OSV")));
    assert_eq!(bench.sync("osv:PyPI").changed, 0);
    let asked = bench.server.asked();
    assert!(asked.len() == 1 && !asked[0].header("if-none-match").is_empty(), "{asked:?}");
    let mut changed = FIRST.to_vec();
    changed[0].1 = "2026-11-29T00:00:00Z";
    changed.push(("PYSEC-2026-3", "2026-11-30T00:00:00Z"));
    list(&bench, &changed);
    let taken = bench.sync("osv:PyPI");
    assert_eq!((taken.changed, taken.documents), (2, 4));
    let asked = bench.paths();
    assert!(!asked.contains(&ALL.to_owned()), "{asked:?}");
    let all = shelved(&bench.at("osv/PyPI.zip"));
    assert_eq!(all.len(), 4, "each once");
    let (_, first) = all.iter().find(|(name, _)| name == "PYSEC-2026-1.json").expect("there");
    assert_eq!(*first, osv("PYSEC-2026-1", "2026-11-29T00:00:00Z"));
}

#[test]
fn records_that_are_newer_than_the_archive_are_fetched_beside_it() {
    let bench = Bench::new();
    publish(&bench, &FIRST);
    let mut newer = FIRST.to_vec();
    newer[1].1 = "2026-11-30T00:00:00Z";
    newer.push(("PYSEC-2026-4", "2026-11-30T01:00:00Z"));
    newer.push(("PYSEC-2026-5", "2026-11-30T02:00:00Z"));
    list(&bench, &newer);
    // It was taken away since the list was made.
    bench.server.remove("/osv/PyPI/PYSEC-2026-5.json");
    let taken = bench.sync("osv:PyPI");
    assert_eq!((taken.changed, taken.documents), (5, 4));
    assert_eq!(bench.paths().len(), 2 + 3);
}

#[test]
fn an_archive_that_breaks_off_goes_on_where_it_was() {
    let bench = Bench::new();
    publish(&bench, &FIRST);
    bench.server.fail(ALL, &[CutAfter(700), CutAfter(300)]);
    assert_eq!(bench.sync("osv:PyPI").documents, 3);
    let asked = bench.server.asked();
    let ranges: Vec<&str> = asked.iter().map(|one| one.header("range")).collect();
    assert_eq!(ranges, ["", "", "bytes=700-", "bytes=1000-"]);
    assert!(!asked[2].header("if-range").is_empty());
    assert_eq!(bench.leftovers(), [] as [std::path::PathBuf; 0]);
    // Also by the next run, after one that gave up.
    let bench = Bench::new();
    publish(&bench, &FIRST);
    let mut faults = vec![CutAfter(700)];
    faults.extend(vec![Status(503, None); 6]);
    bench.server.fail(ALL, &faults);
    assert!(bench.wrong("osv:PyPI").contains("status 503"));
    assert!(!bench.at("osv").exists(), "nothing half written is shown");
    assert_eq!(bench.leftovers().len(), 2);
    let _ = bench.server.asked();
    assert_eq!(bench.sync("osv:PyPI").documents, 3);
    assert_eq!(bench.server.asked()[1].header("range"), "bytes=700-");
}

#[test]
fn what_nobody_goes_on_with_for_a_week_takes_no_room() {
    let bench = Bench::new();
    publish(&bench, &FIRST);
    let mut faults = vec![CutAfter(700)];
    faults.extend(vec![Status(404, None)]);
    bench.server.fail(ALL, &faults);
    bench.wrong("osv:PyPI");
    for (days, left) in [(6, 2), (8, 0)] {
        bench.clock.now_ms.set(super::NOON_MS + days * 24 * HOUR_MS);
        bench.wrong("kev");
        assert_eq!(bench.leftovers().len(), left, "after {days} days");
    }
}

#[test]
fn an_archive_that_is_another_meanwhile_begins_anew() {
    for faults in [vec![CutAfter(700)], vec![CutAfter(700), NoRange], vec![CutAfter(700), AnyRest]]
    {
        let bench = Bench::new();
        publish(&bench, &FIRST);
        bench.server.fail(ALL, &faults);
        let mut other = FIRST.to_vec();
        other[0].1 = "2026-11-15T00:00:00Z";
        let entries: Vec<_> =
            other.iter().map(|(id, at)| (format!("{id}.json"), osv(id, at))).collect();
        let other_archive = zipped(&entries);
        let server = std::rc::Rc::new(bench.server);
        let own = std::rc::Rc::clone(&server);
        *bench.clock.meanwhile.borrow_mut() = Some(Box::new(move || own.put(ALL, &other_archive)));
        let world =
            super::World { resolver: &super::Here, pace: &bench.clock, watch: &super::Unwatched };
        let source = super::Source::Osv("PyPI".to_owned());
        let all = super::sync(&[source], &bench.settings, world).expect("a mirror");
        assert_eq!(all[0].as_ref().expect("taken").documents, 3);
        let documents = shelved(&bench.folder.path().join("osv/PyPI.zip"));
        let (_, first) =
            documents.iter().find(|(name, _)| name == "PYSEC-2026-1.json").expect("one");
        assert_eq!(*first, osv("PYSEC-2026-1", "2026-11-15T00:00:00Z"), "no mixture");
    }
}

#[test]
fn an_archive_that_is_damaged_replaces_nothing_and_is_not_gone_on_with() {
    let bench = Bench::new();
    publish(&bench, &FIRST);
    bench.sync("osv:PyPI");
    let good = bench.bytes("osv/PyPI.zip");
    std::fs::remove_file(bench.at(".sync/osv-PyPI.json")).expect("removed");
    let mut turned = good.clone();
    turned[200] ^= 0x40;
    let foreign = zipped(&[("x.json".to_owned(), b"{\"name\": 1}".to_vec())]);
    for damaged in [&good[..good.len() - 30], &turned, &foreign, b"<html>"] {
        bench.server.put(ALL, damaged);
        let wrong = bench.wrong("osv:PyPI");
        assert!(wrong.contains("zip archive") || wrong.contains("an OSV record"), "{wrong}");
        assert_eq!(bench.bytes("osv/PyPI.zip"), good);
        assert_eq!(bench.leftovers(), [] as [std::path::PathBuf; 0]);
    }
    publish(&bench, &FIRST);
    assert_eq!(bench.sync("osv:PyPI").documents, 3);
}

#[test]
fn a_record_under_another_id_is_refused() {
    let bench = Bench::new();
    publish(&bench, &FIRST);
    bench.sync("osv:PyPI");
    let mut changed = FIRST.to_vec();
    changed.push(("PYSEC-2026-9", "2026-11-30T00:00:00Z"));
    list(&bench, &changed);
    bench.server.put("/osv/PyPI/PYSEC-2026-9.json", &osv("PYSEC-2026-1", "2026-11-30T00:00:00Z"));
    assert!(bench.wrong("osv:PyPI").contains("expected the record of that id"));
    assert_eq!(names(&bench, "osv/PyPI.zip").len(), 3);
    bench.server.put(LIST, b"\n");
    assert!(bench.wrong("osv:PyPI").contains("expected times and ids of records"));
}

fn cve(id: &str, changed: &str) -> Vec<u8> {
    format!(
        "{{\"dataType\":\"CVE_RECORD\",\"dataVersion\":\"5.1\",\"cveMetadata\":{{\"cveId\":\"{id}\",\
         \"assignerOrgId\":\"8254265b-2729-46b6-b9e3-3dfca2d5bfca\",\"state\":\"PUBLISHED\",\
         \"dateUpdated\":\"{changed}\"}},\"containers\":{{\"cna\":{{\"providerMetadata\":\
         {{\"orgId\":\"8254265b-2729-46b6-b9e3-3dfca2d5bfca\"}},\"descriptions\":[],\
         \"affected\":[],\"references\":[]}}}}}}"
    )
    .into_bytes()
}

fn archive(records: &[(&str, &str)]) -> Vec<u8> {
    let year = |id: &str| id.split('-').nth(1).expect("a year").to_owned();
    let path = |id: &str| format!("cves/{}/1xxx/{id}.json", year(id));
    let mut entries: Vec<_> = records.iter().map(|(id, at)| (path(id), cve(id, at))).collect();
    entries.push(("cves/delta.json".to_owned(), b"{}".to_vec()));
    zipped(&entries)
}

/// Publishes a release: what changed since midnight, at an hour of a day.
fn release(bench: &Bench, (day, hour): (&str, &str), changed: &[(&str, &str)]) {
    let tag = format!("cve_{day}_{hour}");
    let delta = format!("{day}_delta_CVEs_at_{hour}.zip");
    let all = format!("{day}_all_CVEs_at_midnight.zip.zip");
    bench.server.put(&format!("/files/{tag}/{delta}"), &archive(changed));
    let text = format!(
        "{{\"tag_name\":\"{tag}\",\"assets\":[{{\"name\":\"{all}\"}},{{\"name\":\"{delta}\"}}]}}"
    );
    bench.server.put("/api/releases/latest", text.as_bytes());
}

fn midnight(bench: &Bench, tag: &str, day: &str, records: &[(&str, &str)]) {
    let inner = archive(records);
    let path = format!("/files/{tag}/{day}_all_CVEs_at_midnight.zip.zip");
    bench.server.put(&path, &zipped(&[("cves.zip".to_owned(), inner)]));
}

fn day_ends(bench: &Bench, day: &str, changed: &[(&str, &str)]) {
    let path = format!("/files/cve_{day}_at_end_of_day/{day}_delta_CVEs_at_end_of_day.zip");
    bench.server.put(&path, &archive(changed));
}

#[test]
fn the_cve_list_is_parted_by_years_and_followed_by_days_and_hours() {
    let bench = Bench::new();
    let first = [("CVE-2024-1001", "1"), ("CVE-2024-1002", "1"), ("CVE-2025-1001", "1")];
    midnight(&bench, "cve_2026-11-28_0900Z", "2026-11-28", &first);
    release(&bench, ("2026-11-28", "0900Z"), &[("CVE-2025-1001", "2"), ("CVE-2026-1001", "2")]);
    let taken = bench.sync("cve");
    assert_eq!((taken.changed, taken.documents), (5, 4));
    let mut read = bench.read();
    read.sort();
    let read: Vec<_> =
        read.iter().map(|(name, _)| name.rsplit('/').next().expect("a name")).collect();
    let expected = [
        "2024.zip!CVE-2024-1001.json",
        "2024.zip!CVE-2024-1002.json",
        "2025.zip!CVE-2025-1001.json",
        "2026.zip!CVE-2026-1001.json",
    ];
    assert_eq!(read, expected);
    let _ = bench.paths();
    assert_eq!((bench.sync("cve").changed, bench.paths().len()), (0, 1), "nothing is new");
    // Two days later: the ends of two days, and the hours of the third.
    bench.later(48 * HOUR_MS);
    day_ends(&bench, "2026-11-28", &[("CVE-2025-1001", "3"), ("CVE-2026-1002", "3")]);
    day_ends(&bench, "2026-11-29", &[("CVE-2024-1001", "4")]);
    release(&bench, ("2026-11-30", "0100Z"), &[("CVE-2026-1001", "5")]);
    let taken = bench.sync("cve");
    assert_eq!((taken.changed, taken.documents), (4, 5));
    assert!(bench.paths().iter().all(|path| !path.contains("all_CVEs")));
    let shelf = shelved(&bench.at("cve/2025.zip"));
    assert_eq!(shelf, [("CVE-2025-1001.json".to_owned(), cve("CVE-2025-1001", "3"))]);
    // A day that is not published any more, or too many of them: all of it again.
    release(&bench, ("2026-12-02", "0100Z"), &[]);
    midnight(&bench, "cve_2026-12-02_0100Z", "2026-12-02", &[("CVE-2024-1001", "6")]);
    assert_eq!(bench.sync("cve").documents, 1);
    assert!(bench.paths().iter().any(|path| path.contains("all_CVEs")));
    release(&bench, ("2027-02-02", "0100Z"), &[]);
    midnight(&bench, "cve_2027-02-02_0100Z", "2027-02-02", &[("CVE-2024-1001", "7")]);
    bench.sync("cve");
    assert!(bench.paths().iter().all(|path| !path.contains("end_of_day")));
}

#[test]
fn a_cve_list_that_is_cut_off_or_something_else_replaces_nothing() {
    let bench = Bench::new();
    let tag = "cve_2026-11-28_0900Z";
    let path = format!("/files/{tag}/2026-11-28_all_CVEs_at_midnight.zip.zip");
    midnight(&bench, tag, "2026-11-28", &[("CVE-2024-1001", "1")]);
    release(&bench, ("2026-11-28", "0900Z"), &[]);
    bench.sync("cve");
    let good = bench.bytes("cve/2024.zip");
    std::fs::remove_file(bench.at(".sync/cve.json")).expect("removed");
    let inner = archive(&[("CVE-2024-1001", "2")]);
    let half = inner[..inner.len() / 2].to_vec();
    for damaged in [
        zipped(&[("cves.zip".to_owned(), half)]),
        zipped(&[("cves.zip".to_owned(), zipped(&[("x.json".to_owned(), b"{}".to_vec())]))]),
        inner[..inner.len() - 10].to_vec(),
        b"<html>".to_vec(),
    ] {
        bench.server.put(&path, &damaged);
        let wrong = bench.wrong("cve");
        assert!(wrong.contains("no whole zip archive"), "{wrong}");
        assert_eq!(bench.bytes("cve/2024.zip"), good);
        assert_eq!(bench.leftovers(), [] as [std::path::PathBuf; 0]);
    }
    for text in ["{}", r#"{"tag_name":"a/b","assets":[]}"#, r#"{"tag_name":"x","assets":[]}"#] {
        bench.server.put("/api/releases/latest", text.as_bytes());
        assert!(bench.wrong("cve").contains("expected a release of the CVE list"), "{text}");
    }
}
