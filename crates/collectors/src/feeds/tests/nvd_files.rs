//! The NVD by its files: of years and of what changed, beside the API, and damaged.

use testkit::published::Fault::{Elsewhere, Status};
use testkit::published::{NVD_FILES, Record};

use super::nvd::{API, DAY_MS, mirrored, record};
use super::{Bench, HOUR_MS};

/// When the files of the years were made.
const NIGHT: &str = "2026-11-30T03:00:00-05:00";
/// When that of what changed was: eleven o'clock in Greenwich.
const MORNING: &str = "2026-11-30T06:00:00-05:00";

/// Those of three years, and none of the others.
fn published(bench: &Bench) {
    for year in 2_002..=2_026 {
        bench.server.put_nvd_file(&year.to_string(), &[], NIGHT);
    }
    for (year, count) in [(2_020, 5), (2_021, 30), (2_022, 7)] {
        bench.server.put_nvd_file(&year.to_string(), &of_year(year, count, "old"), NIGHT);
    }
    bench.server.put_nvd_file("modified", &[], MORNING);
}

fn of_year(year: usize, count: usize, text: &str) -> Vec<Record> {
    let one = |number: usize| Record {
        id: format!("CVE-{year}-{}", 1_000 + number),
        changed: "2026-10-01T00:00:00.000".to_owned(),
        text: text.to_owned(),
    };
    (0..count).map(one).collect()
}

/// What was asked for of the files, without what begins each.
fn files(bench: &Bench) -> Vec<String> {
    let own = |path: String| path.strip_prefix(NVD_FILES).map_or(path.clone(), str::to_owned);
    bench.paths().into_iter().map(own).collect()
}

#[test]
fn everything_is_taken_by_files_of_years_and_then_what_changed() {
    let bench = Bench::new();
    published(&bench);
    // More than are put in their places at once.
    bench.server.put_nvd_file("2021", &of_year(2_021, 5_003, "old"), NIGHT);
    let taken = bench.sync("nvd:feeds");
    assert_eq!((taken.changed, taken.documents), (5_015, 5_015));
    let asked = files(&bench);
    let mut expected = vec!["modified.meta".to_owned()];
    for year in 2_002..=2_026 {
        expected.extend([format!("{year}.meta"), format!("{year}.json.gz")]);
    }
    expected.extend(["modified.meta".to_owned(), "modified.json.gz".to_owned()]);
    assert_eq!(asked, expected);
    assert_eq!(bench.waits(), [] as [u64; 0], "nobody has to wait between files");
    assert_eq!(mirrored(&bench).len(), 5_015);
    assert!(bench.read().iter().all(|(_, format)| format.contains("NVD")));
    assert_eq!(bench.leftovers(), [] as [std::path::PathBuf; 0]);
    // Nothing is new: what is said of the file is enough.
    assert_eq!((bench.sync("nvd:feeds").changed, files(&bench)), (0, vec!["modified.meta".into()]));
    bench.later(DAY_MS);
    let changed = [record(1, "2026-12-01T10:00:00.000", "new"), of_year(2_026, 1, "new").remove(0)];
    bench.server.put_nvd_file("modified", &changed, "2026-12-01T06:00:00-05:00");
    let taken = bench.sync("nvd:feeds");
    assert_eq!((taken.changed, taken.documents), (2, 5_016));
    assert_eq!(files(&bench), ["modified.meta", "modified.json.gz"]);
    let all = mirrored(&bench);
    let new = all.iter().filter(|(_, text)| text == "new").count();
    assert_eq!((all.len(), new), (5_016, 2), "each once");
    let known = super::known(bench.folder.path()).expect("a mirror");
    assert_eq!(known, [super::Source::NvdFeeds], "it goes on as it was asked the last time");
}

#[test]
fn from_the_files_to_the_api_and_back_nothing_is_lost_or_doubled() {
    let bench = Bench::new();
    published(&bench);
    bench.sync("nvd:feeds");
    let _ = bench.paths();
    // The API has two records already of which the files had older ones.
    let newer = |number| record(number, "2026-11-30T11:30:00.000", "by the API");
    let mut all = of_year(2_020, 5, "old");
    all.extend([newer(2), newer(5)]);
    bench.server.put_nvd(all, 100);
    assert_eq!(bench.sync("nvd").changed, 2);
    let asked = bench.paths();
    // The file was made at 11:00, from what was there two hours before at the earliest.
    assert!(asked[0].starts_with(API) && asked[0].contains("lastModStartDate=2026-11-30T08:45"));
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(super::known(bench.folder.path()).expect("a mirror"), [super::Source::Nvd]);
    // Back: the same record in a file with other spaces, and an older one of another.
    let older = record(5, "2026-11-30T09:00:00.000", "by the file");
    bench.server.put_nvd_file("modified", &[newer(2), older], "2026-11-30T07:00:00-05:00");
    assert_eq!(bench.sync("nvd:feeds").changed, 0);
    assert_eq!(files(&bench), ["modified.meta", "modified.json.gz"]);
    let all = mirrored(&bench);
    let by_api = all.iter().filter(|(_, text)| text == "by the API").count();
    assert_eq!((all.len(), by_api), (42, 2));
    // The API goes on from where it was itself, which is later than what the file says.
    bench.later(3 * HOUR_MS);
    bench.sync("nvd");
    assert!(bench.paths()[0].contains("lastModStartDate=2026-11-30T11:45"));
}

#[test]
fn what_the_api_began_the_files_take_whole() {
    let bench = Bench::new();
    published(&bench);
    bench.server.put_nvd(of_year(2_020, 5, "old"), 2);
    bench.server.fail(API, &[Elsewhere("/nowhere".to_owned())]);
    assert!(bench.wrong("nvd").contains("status 404"));
    assert_eq!(bench.sync("nvd:feeds").documents, 42);
    let _ = bench.paths();
    bench.later(3 * HOUR_MS);
    bench.sync("nvd");
    let asked = bench.paths();
    assert!(asked.iter().all(|path| path.contains("lastModStartDate")), "{asked:?}");
}

#[test]
fn after_more_days_than_what_changed_covers_the_years_are_compared_again() {
    let bench = Bench::new();
    published(&bench);
    bench.sync("nvd:feeds");
    let _ = bench.paths();
    // Six days later what changed reaches back far enough; ten days later it does not.
    for (days, day, is_covered) in [(6, "2026-12-06", true), (10, "2026-12-16", false)] {
        bench.later(days * DAY_MS);
        let made = format!("{day}T06:00:00-05:00");
        let late = [record(1, &format!("{day}T09:00:00.000"), "late")];
        bench.server.put_nvd_file("2021", &of_year(2_021, 30, &made), &made);
        bench.server.put_nvd_file("modified", &late, &made);
        bench.sync("nvd:feeds");
        let asked = files(&bench);
        let packed: Vec<&String> = asked.iter().filter(|path| path.ends_with("json.gz")).collect();
        if is_covered {
            assert_eq!(packed, ["modified.json.gz"]);
            assert_eq!(asked.len(), 2);
        } else {
            assert_eq!(packed, ["2021.json.gz", "modified.json.gz"], "the year that is another");
            assert_eq!(asked.len(), 25 + 1 + 3, "{asked:?}");
        }
    }
    assert_eq!(mirrored(&bench).len(), 42);
}

#[test]
fn a_file_that_differs_from_what_is_said_of_it_is_refused_and_holds_up_no_other() {
    let bench = Bench::new();
    published(&bench);
    let packed = format!("{NVD_FILES}2020.json.gz");
    let whole = bench.server.body(&packed).expect("published");
    let other = bench.server.body(&format!("{NVD_FILES}2022.json.gz")).expect("published");
    let garbled: Vec<u8> = whole.iter().rev().copied().collect();
    // As long as it is said to be, and yet another.
    let meta = format!("{NVD_FILES}2020.meta");
    let said = String::from_utf8(bench.server.body(&meta).expect("published")).expect("text");
    let (kept, hash) = said.split_once("sha256:").expect("a hash");
    let wrong = format!("{kept}sha256:{}\r\n", hash.trim().chars().rev().collect::<String>());
    bench.server.put(&meta, wrong.as_bytes());
    assert!(bench.wrong("nvd:feeds").contains("2020.json.gz` differs from the hash"));
    let _ = bench.paths();
    bench.server.put(&meta, said.as_bytes());
    for (bytes, why) in [
        (other, "differs from the hash"),
        (whole[..whole.len() - 3].to_vec(), "expected a whole file"),
        (whole[..40].to_vec(), "expected a whole file"),
        (garbled, "expected a whole file"),
    ] {
        bench.server.put(&packed, &bytes);
        let wrong = bench.wrong("nvd:feeds");
        assert!(wrong.contains("nvdcve-2.0-2020.json.gz") && wrong.contains(why), "{wrong}");
        let asked = files(&bench);
        let twice = asked.iter().filter(|path| *path == "2020.json.gz").count();
        assert_eq!(twice, 2, "it may have been made anew in between: {asked:?}");
        assert!(!asked.contains(&"modified.json.gz".to_owned()), "not before the years are whole");
        assert_eq!(mirrored(&bench).len(), 37, "the other years are there");
        assert_eq!(bench.leftovers(), [] as [std::path::PathBuf; 0]);
    }
    bench.server.put(&packed, &whole);
    assert_eq!(bench.sync("nvd:feeds").documents, 42);
    let asked = files(&bench);
    let packed: Vec<&String> = asked.iter().filter(|path| path.ends_with("json.gz")).collect();
    assert_eq!(packed, ["2020.json.gz", "modified.json.gz"], "those that are there stay");
}

#[test]
fn what_is_said_of_a_file_has_to_say_it() {
    let bench = Bench::new();
    published(&bench);
    let meta = format!("{NVD_FILES}2019.meta");
    let zeros = "0".repeat(64);
    for (text, why) in [
        ("<html>sign in</html>".to_owned(), "expected lastModifiedDate, size and sha256"),
        (
            format!("lastModifiedDate:yesterday\nsize:1\nsha256:{zeros}\n"),
            "expected lastModifiedDate, size and sha256",
        ),
        (
            format!("lastModifiedDate:{NIGHT}\nsize:1\nsha256:12\n"),
            "expected lastModifiedDate, size and sha256",
        ),
        (
            format!("lastModifiedDate:{NIGHT}\nsize:99999999999\nsha256:{zeros}\n"),
            "expected a file within its limit",
        ),
        (format!("lastModifiedDate:{NIGHT}\nsize:1\nsha256:{zeros}\n"), "differs from the hash"),
    ] {
        bench.server.put(&meta, text.as_bytes());
        let wrong = bench.wrong("nvd:feeds");
        assert!(wrong.contains("nvdcve-2.0-2019") && wrong.contains(why), "{text}: {wrong}");
    }
    // Whole as it was published, and yet no feed.
    let bench = Bench::new();
    published(&bench);
    let text = br#"{"format": "NVD_CVE", "vulnerabilities": [{"cve": {"id": "CAN-1999-1"}}]}"#;
    let hash = super::super::mirror::hex(&<sha2::Sha256 as sha2::Digest>::digest(text));
    let said = format!("lastModifiedDate:{NIGHT}\nsize:{}\nsha256:{hash}\n", text.len());
    bench.server.put(&meta, said.as_bytes());
    bench.server.put(&format!("{NVD_FILES}2019.json.gz"), &super::gzip(text));
    let wrong = bench.wrong("nvd:feeds");
    assert!(wrong.contains("expected a record with a CVE id"), "{wrong}");
}

#[test]
fn a_file_that_is_made_anew_while_it_is_asked_for_is_asked_for_again() {
    let bench = Bench::new();
    published(&bench);
    let path = format!("{NVD_FILES}2020.meta");
    let old = bench.server.body(&path).expect("published");
    bench.server.put("/old.meta", &old);
    bench.server.put_nvd_file("2020", &of_year(2_020, 6, "new"), MORNING);
    bench.server.fail(&path, &[Elsewhere("/old.meta".to_owned())]);
    assert_eq!(bench.sync("nvd:feeds").documents, 43);
}

#[test]
fn a_refusal_is_waited_out_and_a_server_that_cannot_is_left_in_peace() {
    let bench = Bench::new();
    published(&bench);
    bench.server.fail(&format!("{NVD_FILES}2003.meta"), &[Status(403, None)]);
    bench.server.fail(&format!("{NVD_FILES}2004.json.gz"), &[Status(503, Some(20))]);
    bench.server.fail(&format!("{NVD_FILES}2005.json.gz"), &vec![Status(403, None); 6]);
    let wrong = bench.wrong("nvd:feeds");
    assert!(wrong.contains("2005.json.gz` answers with status 403"), "{wrong}");
    assert_eq!(bench.waits(), [1_000, 20_000, 1_000, 2_000, 4_000, 8_000, 16_000]);
    assert!(!files(&bench).iter().any(|path| path.starts_with("2006")), "nothing more is asked");
    assert_eq!(bench.sync("nvd:feeds").documents, 42);
    let asked = files(&bench);
    assert!(!asked.contains(&"2002.json.gz".to_owned()), "it goes on where it was: {asked:?}");
}

#[test]
fn the_file_of_a_new_year_may_be_missing_in_january() {
    let bench = Bench::new();
    published(&bench);
    // The second of January 2027.
    bench.later(33 * DAY_MS);
    bench.server.put_nvd_file("modified", &[], "2027-01-02T06:00:00-05:00");
    assert_eq!(bench.sync("nvd:feeds").documents, 42);
    assert!(files(&bench).contains(&"2027.meta".to_owned()));
    // In February it is told, and so it is of another year in January.
    bench.later(40 * DAY_MS);
    bench.server.put_nvd_file("modified", &[], "2027-02-11T06:00:00-05:00");
    assert!(bench.wrong("nvd:feeds").contains("2027.meta` answers with status 404"));
    let bench = Bench::new();
    published(&bench);
    bench.later(33 * DAY_MS);
    bench.server.remove(&format!("{NVD_FILES}2026.meta"));
    assert!(bench.wrong("nvd:feeds").contains("2026.meta` answers with status 404"));
}

#[test]
fn a_file_of_changes_that_nobody_makes_any_more_is_told() {
    let bench = Bench::new();
    published(&bench);
    bench.sync("nvd:feeds");
    bench.later(3 * DAY_MS - 2 * HOUR_MS);
    assert_eq!(bench.sync("nvd:feeds").changed, 0);
    bench.later(2 * HOUR_MS);
    let wrong = bench.wrong("nvd:feeds");
    assert!(wrong.contains("modified.meta") && wrong.contains("found one of 2026-11-30T11:00:00Z"));
    // What is there is taken nevertheless, and the first time, too.
    bench.server.put_nvd_file("modified", &of_year(2_026, 1, "late"), MORNING);
    assert!(bench.wrong("nvd:feeds").contains("in the last three days"));
    assert_eq!(mirrored(&bench).len(), 43);
    let _ = bench.paths();
    bench.sync("nvd");
    assert!(bench.paths()[0].contains("lastModStartDate=2026-11-30T08:45"), "on from there");
    // A file of tomorrow does not keep anybody from asking today.
    bench.server.put_nvd_file("modified", &[], "2026-12-24T06:00:00-05:00");
    bench.sync("nvd:feeds");
    let _ = bench.paths();
    bench.later(3 * HOUR_MS);
    bench.sync("nvd");
    assert!(bench.paths()[0].contains("lastModStartDate=2026-12-03T"));
}

#[test]
fn what_is_left_of_an_older_file_is_not_taken_for_the_new_one() {
    let bench = Bench::new();
    published(&bench);
    let old = bench.server.body(&format!("{NVD_FILES}2020.json.gz")).expect("published");
    bench.server.put_nvd_file("2020", &of_year(2_020, 6, "new"), MORNING);
    // Whole, and killed before it was looked at.
    let url = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-2020.json.gz";
    let name = super::super::mirror::file_name(url);
    let parts = bench.at(".sync/parts");
    std::fs::create_dir_all(&parts).expect("made");
    std::fs::write(parts.join(format!("{name}.part")), &old).expect("written");
    let note = format!(
        "{{\"url\": \"{url}\", \"validators\": {{\"etag\": \"\\\"1\\\"\"}}, \"whole\": {}, \
         \"began_ms\": {}}}",
        old.len(),
        super::NOON_MS
    );
    std::fs::write(parts.join(format!("{name}.note")), note).expect("written");
    assert_eq!(bench.sync("nvd:feeds").documents, 43);
    let asked = files(&bench);
    let of_2020: Vec<&String> = asked.iter().filter(|path| path.starts_with("2020")).collect();
    assert_eq!(of_2020, ["2020.meta", "2020.meta", "2020.json.gz"], "the old one was looked at");
    assert_eq!(bench.leftovers(), [] as [std::path::PathBuf; 0]);
}
