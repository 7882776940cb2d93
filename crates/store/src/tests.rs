//! Everything on both databases.

mod people;

use std::fs;
use std::path::Path;

use testkit::postgres::Server;

use crate::audit::{self, Broken, Entry, Head};
use crate::database::{Database, Transaction};
use crate::devices::{self, Device, Filter, Order};
use crate::documents::{self, Receipt};
use crate::{Place, StoreError};

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
        assert_eq!(usize::try_from(devices::count(transaction, filter)?), Ok(ids.len()));
        Ok(ids.join(" "))
    });
    pages.expect("read")
}

#[test]
fn devices_are_listed_in_every_order_and_whole_whatever_the_size_of_a_page() {
    on_both(|database| {
        let put = |transaction: &mut Transaction<'_>| {
            ward().iter().try_for_each(|device| devices::put(transaction, device))
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
                ward().iter().try_for_each(|device| devices::put(transaction, device))
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
