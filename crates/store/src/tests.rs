//! Everything on both databases.

mod alerts;
mod decisions;
mod network;
mod people;
mod programs;
mod provider;
mod retention;
mod tiles;
mod views;

use std::fs;
use std::path::Path;

use testkit::postgres::Server;

use crate::audit::{self, Broken, Entry, Head};
use crate::database::{Database, Transaction};
use crate::devices::{self, Count, Device, Filter, Group, Order};
use crate::documents::{self, Receipt};
use crate::judgements::{self, Change, Judgement};
use crate::readings::{self, Reading};
use crate::releases::{self, Component, Finding, Release};
use crate::vulnerabilities::{self, Vulnerability};
use crate::{Place, Put, StoreError, rankings, settings};

/// Runs a test with a new store in a file, and with one at a server.
fn on_both(test: impl Fn(&Database)) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = Place::File(folder.path().join("asepsis.db"));
    test(&Database::open(&file).expect("a file"));
    let server = Server::start();
    test(&Database::open(&server.url().parse().expect("a URL")).expect("a server"));
}

fn entry(subject: &str) -> Entry {
    Entry {
        at_ms: 1_700_000_000_000,
        actor: "anna".to_owned(),
        action: "order.approve".to_owned(),
        subject: subject.to_owned(),
        detail: "{}".to_owned(),
    }
}

fn append(database: &Database, subjects: &[&str]) -> Head {
    database
        .write("test", |transaction| {
            subjects
                .iter()
                .try_fold(Head::EMPTY, |_, subject| audit::append(transaction, &entry(subject)))
        })
        .expect("written")
}

fn verify(database: &Database, noted: Option<&Head>) -> Result<Head, Broken> {
    database.read("test", |transaction| audit::verify(transaction, noted)).expect("read")
}

fn run(database: &Database, sql: &'static str) {
    database.write("test", |transaction| transaction.execute("test", sql, &[])).expect("done");
}

#[test]
fn a_chain_that_nobody_touched_holds() {
    on_both(|database| {
        assert_eq!(verify(database, None), Ok(Head::EMPTY));
        let first = append(database, &["order 1"]);
        let head = append(database, &["order 2", "order 3"]);
        assert_eq!(head.number, 3);
        assert_eq!(verify(database, None), Ok(head));
        assert_eq!(verify(database, Some(&first)), Ok(head));
        assert_eq!(verify(database, Some(&head)), Ok(head));
    });
}

#[test]
fn whatever_is_changed_or_missing_in_the_chain_is_named() {
    let wrongs: [(&'static str, Broken); 6] = [
        ("update audit set actor = 'bo' where number = 2", Broken::Changed(2)),
        ("update audit set at_ms = at_ms + 1 where number = 3", Broken::Changed(3)),
        // What moves from one column into the next.
        (
            "update audit set action = 'order.approv', subject = 'eorder 1' where number = 1",
            Broken::Changed(1),
        ),
        ("delete from audit where number = 1", Broken::Missing(1)),
        ("delete from audit where number = 2", Broken::Missing(2)),
        (
            "update audit set hash = (select hash from audit where number = 1) where number = 3",
            Broken::Changed(3),
        ),
    ];
    on_both(|database| {
        append(database, &["order 1", "order 2", "order 3"]);
        for (wrong, broken) in wrongs {
            let undone = database.write("test", |transaction| {
                transaction.execute("test", wrong, &[])?;
                assert_eq!(audit::verify(transaction, None)?, Err(broken), "{wrong}");
                Err::<(), _>(StoreError::Unreadable { what: "test" })
            });
            undone.expect_err("undone");
            assert_eq!(verify(database, None).map(|head| head.number), Ok(3), "after {wrong}");
        }
    });
}

#[test]
fn a_chain_that_was_cut_or_made_anew_does_not_lead_to_what_was_noted() {
    on_both(|database| {
        let noted = append(database, &["order 1", "order 2"]);
        run(database, "delete from audit where number = 2");
        assert_eq!(verify(database, None).map(|head| head.number), Ok(1), "nothing shows it");
        assert_eq!(verify(database, Some(&noted)), Err(Broken::Other(noted)));
        append(database, &["something else"]);
        assert_eq!(verify(database, Some(&noted)), Err(Broken::Other(noted)));
    });
}

#[test]
fn a_change_happens_whole_or_not_at_all() {
    on_both(|database| {
        let broken_off = database.write("test", |transaction| {
            audit::append(transaction, &entry("order 1"))?;
            Err::<(), _>(StoreError::Unreadable { what: "test" })
        });
        assert!(matches!(broken_off, Err(StoreError::Unreadable { .. })));
        assert_eq!(verify(database, None), Ok(Head::EMPTY));
        append(database, &["order 2"]);
        assert_eq!(verify(database, None).map(|head| head.number), Ok(1));
    });
}

#[test]
fn many_who_write_at_once_lose_nothing() {
    on_both(|database| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        append(database, &["order"]);
                    }
                });
            }
        });
        assert_eq!(verify(database, None).map(|head| head.number), Ok(40));
    });
}

fn receive(transaction: &mut Transaction<'_>, bytes: &[u8], name: &str) -> (String, bool) {
    let receipt = Receipt { name, source: "test", at_ms: 5 };
    documents::receive(transaction, bytes, &receipt).expect("kept")
}

#[test]
fn a_document_is_kept_once_and_comes_out_as_it_went_in() {
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    on_both(|database| {
        let hash = database
            .write("test", |transaction| {
                let (hash, is_new) = receive(transaction, &bytes, "a.json");
                assert!(is_new);
                assert_eq!(receive(transaction, &bytes, "b.json"), (hash.clone(), false));
                assert!(receive(transaction, b"", "empty").1);
                Ok(hash)
            })
            .expect("written");
        let (same, none, kept) = database
            .read("test", |transaction| {
                let same = documents::bytes(transaction, &hash)?;
                let none = documents::bytes(transaction, &documents::hash_of(b"other"))?;
                let sql = "select count(*) from document union all select count(*) from receipt";
                let kept = transaction.all("test", sql, &[], |row| row.integer(0))?;
                Ok((same, none, kept))
            })
            .expect("read");
        assert_eq!((same.as_deref(), none), (Some(bytes.as_slice()), None));
        assert_eq!(kept, [Some(2), Some(3)]);
    });
}

#[test]
fn a_document_that_was_changed_is_not_given_out() {
    on_both(|database| {
        let hash = database.write("test", |t| Ok(receive(t, b"{}", "a.json").0)).expect("kept");
        run(database, "update document set packed = (select packed from document)");
        let read = |hash: &str| database.read("test", |t| documents::bytes(t, hash));
        assert!(read(&hash).expect("read").is_some());
        let other = database.write("test", |t| Ok(receive(t, b"[]", "b.json").0)).expect("kept");
        let sql = "update document set packed = (select packed from document where bytes = 2 \
                   order by hash limit 1)";
        run(database, sql);
        let (a, b) = (read(&hash), read(&other));
        let refused = [a, b].into_iter().filter(Result::is_err).count();
        assert_eq!(refused, 1, "the one that holds the other's bytes");
    });
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    on_both(|database| {
        run(database, "insert into form (number, made_ms) values (99, 0)");
        let error = Database::open(database.place()).expect_err("newer").to_string();
        assert!(error.contains("has form 99"), "{error}");
    });
}

#[test]
fn a_backup_of_a_store_in_use_is_a_whole_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let database = Database::open(&Place::File(at("asepsis.db"))).expect("a file");
    let head = append(&database, &["order 1", "order 2"]);
    database.backup(&at("copy.db")).expect("copied").expect("a file has backups");
    append(&database, &["order 3"]);
    let copy = Database::open(&Place::File(at("copy.db"))).expect("a store");
    assert_eq!(verify(&copy, None), Ok(head));
    assert!(copy.check().expect("checked").is_empty());
    assert_eq!(mode(&at("copy.db")), 0o600);
    assert_eq!(mode(&at("asepsis.db")), 0o600);
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

#[test]
fn a_damaged_file_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("asepsis.db");
    fs::write(&path, "this is not a database, it is a letter").expect("written");
    let error = Database::open(&Place::File(path)).expect_err("damaged").to_string();
    assert!(error.contains("asepsis.db"), "{error}");
}

#[test]
fn no_password_is_shown() {
    let place: Place =
        "postgres://anna:s3cret@db.example/asepsis?password=s3cret".parse().expect("ok");
    assert_eq!(place.to_string(), "postgres://anna@db.example/asepsis?…");
    assert!(!format!("{place:?}").contains("s3cret"));
    let error = "mysql://anna:s3cret@db/asepsis".parse::<Place>().expect_err("no place");
    assert!(!error.to_string().contains("s3cret"), "{error}");
    let error = Database::open(&"postgres://anna:s3cret@127.0.0.1:1/x".parse().expect("a place"));
    assert!(!error.expect_err("nobody listens").to_string().contains("s3cret"));
}

#[test]
fn a_server_elsewhere_is_reached_over_tls_by_a_certificate_that_is_checked() {
    let (server, port) = Server::start_over_tls();
    let root = server.certificate().display().to_string().replace('/', "%2F");
    let open = |host: &str, more: &str| {
        let url = format!("postgres://asepsis@{host}:{port}/postgres{more}");
        Database::open(&url.parse().expect("a URL"))
    };
    let known = format!("?sslmode=verify-full&sslrootcert={root}&connect_timeout=5");
    let database = open("localhost", &known).expect("it is whom it should be");
    let spoken = "select cast(count(*) as bigint) from pg_stat_ssl \
                  where ssl and pid = pg_backend_pid()";
    let spoken = database.read("test", |t| t.one("test", spoken, &[], |row| row.integer(0)));
    assert_eq!(spoken.expect("read"), Some(Some(1)));
    // A certificate that nobody vouches for, one of another name, and none at all.
    let refused = |host: &str, more: &str| open(host, more).expect_err("refused").to_string();
    assert!(refused("localhost", "?sslmode=require").contains("certificate"), "unknown");
    assert!(refused("127.0.0.1", &known).contains("certificate"), "another name");
    let plain = refused("localhost", "?sslmode=disable");
    assert!(plain.contains("cannot open"), "{plain}");
}

fn ward() -> Vec<Device> {
    let device = |id: &str, maker: &str, model: &str, unit: &str, decision, high| Device {
        id: id.to_owned(),
        manufacturer: maker.to_owned(),
        model: model.to_owned(),
        unit: unit.to_owned(),
        decision,
        risk: (0.0, high),
        rest: "{}".to_owned(),
        ..Device::default()
    };
    let mut devices = vec![
        device("P-1", "B. Braun", "Infusomat Space", "ICU", 4, 60.0),
        device("P-2", "B. Braun", "Infusomat Space", "ICU", 4, 60.0),
        device("P-3", "Baxter", "Sigma Spectrum", "Dialysis", 3, 62.5),
        device("V-1", "Dräger", "Evita V500", "ICU", 4, 78.0),
        device("M-1", "Philips", "IntelliVue MX40", "Cardiology", 0, 0.0),
    ];
    devices[0].end_of_support = Some("2025-01-31".to_owned());
    devices[1].room = "a".to_owned();
    devices[3].room = "B".to_owned();
    devices[2].end_of_support = Some("2024-06-30".to_owned());
    devices[3].criticality = 5;
    devices[3].in_use = Some(true);
    devices
}

fn ids(database: &Database, filter: &Filter<'_>, order: Order, size: usize) -> String {
    let pages = database.read("test", |transaction| {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = devices::page(transaction, filter, order, after.as_ref(), size)?;
            ids.extend(page.iter().map(|device| device.id.clone()));
            if page.len() < size {
                break;
            }
            after = page.into_iter().last();
        }
        let all = i64::try_from(ids.len()).expect("a few");
        assert_eq!(devices::count(transaction, filter, 1_000)?, Count::Exactly(all));
        Ok(ids.join(" "))
    });
    pages.expect("read")
}

#[test]
fn devices_are_listed_in_every_order_and_whole_whatever_the_size_of_a_page() {
    on_both(|database| {
        let put = |transaction: &mut Transaction<'_>| {
            ward()
                .iter()
                .try_for_each(|device| devices::put(transaction, device, "").map(|_| ()))?;
            devices::tally(transaction)
        };
        database.write("test", put).expect("written");
        // Twice is once.
        database.write("test", put).expect("written");
        let all = Filter::default();
        for size in 1..7 {
            assert_eq!(ids(database, &all, Order::Decision, size), "V-1 P-1 P-2 P-3 M-1");
            assert_eq!(ids(database, &all, Order::Model, size), "P-1 P-2 P-3 V-1 M-1");
            assert_eq!(ids(database, &all, Order::Place, size), "M-1 P-3 P-1 V-1 P-2");
            assert_eq!(ids(database, &all, Order::Support, size), "P-3 P-1 M-1 P-2 V-1");
            assert_eq!(ids(database, &all, Order::Id, size), "M-1 P-1 P-2 P-3 V-1");
        }
        let listed = database
            .read("test", |transaction| devices::page(transaction, &all, Order::Decision, None, 1));
        assert_eq!(listed.expect("read"), [ward()[3].clone()]);
    });
}

#[test]
fn devices_are_found_by_the_beginnings_of_their_words() {
    on_both(|database| {
        database
            .write("test", |transaction| {
                ward()
                    .iter()
                    .try_for_each(|device| devices::put(transaction, device, "").map(|_| ()))
            })
            .expect("written");
        let found =
            |search| ids(database, &Filter { search, ..Filter::default() }, Order::Model, 9);
        assert_eq!(found("space braun"), "P-1 P-2");
        assert_eq!(found("INFUS icu"), "P-1 P-2");
        assert_eq!(found("dräg"), "V-1");
        assert_eq!(found("p 3"), "P-3");
        assert_eq!(found("nothing"), "");
        assert_eq!(found("%'; drop table device"), "");
        let filter = Filter { unit: Some("ICU"), criticality: Some(5), ..Filter::default() };
        assert_eq!(ids(database, &filter, Order::Model, 9), "V-1");
        database.write("test", |transaction| devices::remove(transaction, "V-1")).expect("gone");
        assert_eq!(found("dräg"), "");
    });
}

#[test]
fn devices_are_counted_once_for_all_pages_and_a_search_only_so_far() {
    on_both(|database| {
        let put = |transaction: &mut Transaction<'_>| {
            ward()
                .iter()
                .try_for_each(|device| devices::put(transaction, device, "").map(|_| ()))?;
            devices::tally(transaction)
        };
        database.write("test", put).expect("written");
        let count = |filter: &Filter<'_>, most| {
            database.read("test", |t| devices::count(t, filter, most)).expect("counted")
        };
        let all = Filter::default();
        // What was counted before is told however little one would count.
        assert_eq!(count(&all, 0), Count::Exactly(5));
        assert_eq!(count(&Filter { unit: Some("ICU"), ..all }, 0), Count::Exactly(3));
        assert_eq!(count(&Filter { unit: Some("Nowhere"), ..all }, 0), Count::Exactly(0));
        assert_eq!(count(&Filter { decision: Some(3), ..all }, 0), Count::Exactly(4));
        let both = Filter { unit: Some("ICU"), decision: Some(3), ..all };
        assert_eq!((count(&both, 3), count(&both, 2)), (Count::Exactly(3), Count::MoreThan(2)));
        let space = Filter { search: "space", ..all };
        assert_eq!((count(&space, 2), count(&space, 1)), (Count::Exactly(2), Count::MoreThan(1)));
        let groups = |by| database.read("test", |t| devices::groups(t, by, 9)).expect("counted");
        let units: Vec<(String, i64)> =
            groups(Group::Unit).into_iter().map(|unit| (unit.name, unit.devices)).collect();
        assert_eq!(units[0], ("ICU".to_owned(), 3));
        let past = |day| database.read("test", |t| devices::past_support(t, day)).expect("counted");
        assert_eq!((past("0001-01-01"), past("9999-01-01")), (0, 2));
        // One that goes is counted no longer once all are counted anew.
        let gone = |transaction: &mut Transaction<'_>| {
            devices::remove(transaction, "V-1")?;
            devices::tally(transaction)
        };
        database.write("test", gone).expect("gone");
        assert_eq!(count(&all, 0), Count::Exactly(4));
    });
}

#[test]
fn only_what_has_changed_is_put_and_it_is_told_what_stood_there() {
    on_both(|database| {
        let device = ward()[0].clone();
        let put = |device: &Device, also: &str| {
            database.write("test", |t| devices::put(t, device, also)).expect("put")
        };
        assert_eq!(put(&device, "10.0.0.7"), Put::New);
        assert_eq!(put(&device, "10.0.0.7"), Put::Same);
        let newer = Device { decision: 1, version: "2.0".to_owned(), ..device.clone() };
        let before = Put::Changed { decision: 4, version: String::new() };
        assert_eq!(put(&newer, "10.0.0.8"), before);
        let found =
            |search| ids(database, &Filter { search, ..Filter::default() }, Order::Model, 9);
        // A number of it stands in another address, which is not meant.
        assert_eq!([found("10.0.0.8"), found("10.8.0.0"), found("10.0")], ["P-1", "", "P-1"]);
        assert_eq!((found("10.0.0.8"), found("10.0.0.7")), ("P-1".to_owned(), String::new()));
        assert_eq!(found("10.0"), "P-1");
    });
}

fn finding(vulnerability: &str, verdict: &str) -> Finding {
    Finding {
        part: 2,
        vulnerability: vulnerability.to_owned(),
        verdict: verdict.to_owned(),
        certainty: "exact".to_owned(),
        subject: "openssl 1.0.2".to_owned(),
        reasons: "[]".to_owned(),
        accepted: String::new(),
    }
}

#[test]
fn releases_are_listed_with_their_findings_and_components() {
    let release = |id: &str, model: &str| Release {
        id: id.to_owned(),
        manufacturer: "B. Braun".to_owned(),
        model: model.to_owned(),
        version: "1.0".to_owned(),
        units: 3,
        verdicts: [1, 0, 1, 0],
        rest: "{}".to_owned(),
        ..Release::default()
    };
    let findings = [finding("CVE-1", "fixed"), finding("CVE-2", "affected")];
    let component = |name: &str| Component {
        name: name.to_owned(),
        version: "1.0.2k".to_owned(),
        rest: "{}".to_owned(),
    };
    let parts = [component("OpenSSL"), component("100%_safe")];
    on_both(|database| {
        let (space, compact) = (release("a", "Space"), release("b", "Compact Plus"));
        let put = |release: &Release, findings: &[Finding]| {
            database.write("test", |t| releases::put(t, release, findings, &parts)).expect("put")
        };
        assert!(put(&space, &findings) && put(&compact, &findings[..1]));
        assert!(!put(&space, &findings), "it stands there already");
        let listed = |search: &str| {
            let page = |t: &mut Transaction<'_>| releases::page(t, search, None, 9);
            let page = database.read("test", page).expect("read");
            page.into_iter().map(|release| release.id).collect::<String>()
        };
        assert_eq!((listed(""), listed("braun comp"), listed("ompact")), answers("ba", "b", ""));
        assert_eq!(listed("%"), "ba", "no letter, so no word");
        database
            .read("test", |t| {
                let next = releases::page(t, "", Some(&compact), 9)?;
                assert_eq!(next, std::slice::from_ref(&space));
                let of = releases::findings(t, "a", 9)?;
                assert_eq!(of, [(1, findings[1].clone()), (0, findings[0].clone())]);
                assert_eq!(releases::finding_at(t, "a", 1)?, Some(findings[1].clone()));
                let with = releases::of_vulnerability(t, "CVE-1", 9)?;
                assert_eq!(with.len(), 2);
                assert_eq!(releases::components(t, "b", 1, 9)?, [(1, parts[1].clone())]);
                let found = releases::with_component(t, "openssl 1.0", 9)?;
                assert_eq!(found.len(), 2);
                assert_eq!(found[0], (space.clone(), parts[0].clone()));
                assert!(releases::with_component(t, "%", 9)?.is_empty());
                Ok(())
            })
            .expect("read");
        assert!(put(&space, &[]), "what was known is known no longer");
        database.write("test", |t| releases::remove(t, "b")).expect("gone");
        let left = "select count(*) from finding union all select count(*) from component";
        let left = database.read("test", |t| t.all("test", left, &[], |row| row.integer(0)));
        assert_eq!(left.expect("read"), [Some(0), Some(2)]);
    });
}

fn answers(a: &str, b: &str, c: &str) -> (String, String, String) {
    (a.to_owned(), b.to_owned(), c.to_owned())
}

#[test]
fn of_what_is_new_and_equally_grave_the_last_comes_first() {
    let one = |id: &str, decision, risk, first_ms| Vulnerability {
        id: id.to_owned(),
        decision,
        risk,
        first_ms,
        rest: "{}".to_owned(),
        ..Vulnerability::default()
    };
    let all = [
        one("CVE-1", 4, 99.0, 2_000),
        one("CVE-2", 4, 50.0, 3_000),
        one("CVE-3", 1, 99.0, 4_000),
        one("CVE-4", 0, 0.0, 4_000),
        one("CVE-5", 4, 99.0, 1_000),
    ];
    on_both(|database| {
        for one in &all {
            database.write("test", |t| vulnerabilities::put(t, one, "")).expect("put");
        }
        let news = database.read("test", |t| vulnerabilities::news(t, 2_000, 9)).expect("news");
        let ids: Vec<&str> = news.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["CVE-2", "CVE-1", "CVE-3"]);
    });
}

#[test]
fn vulnerabilities_are_listed_by_what_they_mean_for_devices() {
    let one = |id: &str, decision, risk, exploited| Vulnerability {
        id: id.to_owned(),
        title: "Ripple in a stack".to_owned(),
        is_exploited: exploited,
        epss: Some(0.5),
        decision,
        risk,
        first_ms: 1_000,
        rest: "{}".to_owned(),
        ..Vulnerability::default()
    };
    let all = [
        one("CVE-2020-11896", 4, 20.0, false),
        one("CVE-2017-0144", 4, 90.5, true),
        one("CVE-2021-1", 1, 99.0, false),
    ];
    on_both(|database| {
        for vulnerability in &all {
            let put = |t: &mut Transaction<'_>| vulnerabilities::put(t, vulnerability, "GHSA-x");
            assert!(database.write("test", put).expect("put"), "new");
            let later = Vulnerability { first_ms: 2_000, ..vulnerability.clone() };
            let put = |t: &mut Transaction<'_>| vulnerabilities::put(t, &later, "GHSA-y");
            assert!(!database.write("test", put).expect("put"), "known");
        }
        let listed = |filter: vulnerabilities::Filter<'_>, after: Option<&Vulnerability>| {
            let page = |t: &mut Transaction<'_>| {
                let page = vulnerabilities::page(t, &filter, after, 9)?;
                let count = vulnerabilities::count(t, &filter)?;
                assert!(after.is_some() || usize::try_from(count) == Ok(page.len()));
                Ok(page)
            };
            let page = database.read("test", page).expect("read");
            page.iter().map(|one| one.id.trim_start_matches("CVE-").to_owned()).collect::<Vec<_>>()
        };
        let any = vulnerabilities::Filter::default();
        assert_eq!(listed(any, None), ["2017-0144", "2020-11896", "2021-1"]);
        assert_eq!(listed(any, Some(&all[1])), ["2020-11896", "2021-1"]);
        let exploited = vulnerabilities::Filter { is_exploited: true, ..any };
        assert_eq!(listed(exploited, None), ["2017-0144"]);
        let search = |search| vulnerabilities::Filter { search, ..any };
        assert_eq!(listed(search("cve-2017"), None), ["2017-0144"]);
        assert_eq!(listed(search("ripple stack ghsa-y"), None).len(), 3);
        assert!(listed(search("ghsa-x"), None).is_empty());
        let since = |since| vulnerabilities::Filter { since_ms: Some(since), ..any };
        assert_eq!((listed(since(1_000), None).len(), listed(since(1_001), None).len()), (3, 0));
    });
}

#[test]
fn of_each_name_the_last_document_counts_unless_it_was_taken_away() {
    on_both(|database| {
        let current = database.write("test", |transaction| {
            let first = receive(transaction, b"1", "a.json").0;
            let second = receive(transaction, b"2", "a.json").0;
            receive(transaction, b"3", "b.json");
            documents::withdraw(transaction, "b.json", "test", 6)?;
            assert!(documents::bytes(transaction, &first)?.is_some(), "it is kept");
            let current = documents::current(transaction)?;
            assert_eq!(documents::last_receipt(transaction)?, 4);
            Ok((current, second))
        });
        let (current, second) = current.expect("written");
        let named: Vec<(i64, &str, &str)> =
            current.iter().map(|one| (one.receipt, &*one.name, &*one.hash)).collect();
        assert_eq!(named, [(2, "a.json", &*second)]);
    });
}

#[test]
fn judgements_changes_rankings_readings_and_settings_come_back() {
    let judgement = Judgement { ended_ms: 7, summary: "{}".to_owned(), ..Judgement::default() };
    let change = |subject: &str| Change {
        at_ms: 7,
        kind: "device.new".to_owned(),
        subject: subject.to_owned(),
        ..Change::default()
    };
    let reading = |name: &str, problems| Reading {
        name: name.to_owned(),
        problems,
        rest: "[]".to_owned(),
        ..Reading::default()
    };
    on_both(|database| {
        let seen = database.write("test", |t| {
            judgements::end(t, &judgement)?;
            judgements::end(t, &judgement)?;
            judgements::note(t, &change("P-1"))?;
            judgements::note(t, &change("P-2"))?;
            let name = rankings::name("[1]");
            rankings::put(t, &name, "[1]")?;
            rankings::put(t, &name, "[1]")?;
            assert_eq!(rankings::json(t, &name)?.as_deref(), Some("[1]"));
            assert_eq!((rankings::tidy(t)?, rankings::json(t, &name)?), (1, None));
            readings::replace(t, &[reading("old", 9)])?;
            readings::replace(t, &[reading("a", 1), reading("b", 2)])?;
            settings::set(t, "name", "Saint Brigid")?;
            settings::set(t, "name", "Saint Brigid's")?;
            assert_eq!(settings::get(t, "other")?, None);
            Ok((judgements::last(t, 1)?, judgements::changes(t, None, 9)?))
        });
        let (last, changes) = seen.expect("written");
        assert_eq!(last, [Judgement { number: 2, ..judgement.clone() }]);
        assert_eq!(changes, [change("P-2"), change("P-1")]);
        let seen = database.read("test", |t| {
            let of = judgements::changes(t, Some("P-1"), 9)?;
            Ok((of, readings::list(t, 9)?, readings::one(t, "a")?, settings::get(t, "name")?))
        });
        let (of, listed, one, name) = seen.expect("read");
        assert_eq!((of, one), (vec![change("P-1")], Some(reading("a", 1))));
        assert_eq!(listed, [reading("b", 2), reading("a", 1)]);
        assert_eq!(name.as_deref(), Some("Saint Brigid's"));
    });
}
