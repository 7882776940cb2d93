//! `asepsis store` and `asepsis audit`, as whoever keeps the machine calls them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use store::Place;
use store::database::Database;
use store::flows::{self, Flow};

struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// One on which the example hospital was taken in.
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().expect("a folder") };
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid");
        let put = machine.run(&["store", "put", &example.display().to_string()]);
        assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("ASEPSIS_STORE", self.at("asepsis.db")).output().expect("it starts")
    }

    fn said(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.run(arguments);
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    fn open(&self, name: &str) -> Database {
        Database::open(&Place::File(self.at(name))).expect("a store")
    }
}

fn count(database: &Database, sql: &'static str) -> i64 {
    let counted = database.read("test", |t| t.one("test", sql, &[], |row| row.integer(0)));
    counted.expect("read").flatten().expect("a count")
}

#[test]
fn the_store_holds_what_the_example_was_assessed_to_and_judging_again_changes_nothing() {
    let machine = Machine::new();
    let output = machine.run(&["demo", "--json", "-"]);
    let assessed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let database = machine.open("asepsis.db");
    let lists = [
        ("devices", "select count(*) from device"),
        ("releases", "select count(*) from release"),
        ("vulnerabilities", "select count(*) from vulnerability"),
    ];
    for (name, sql) in lists {
        let expected = assessed.get(name).and_then(Value::as_array).expect("a list").len();
        assert_eq!(usize::try_from(count(&database, sql)), Ok(expected), "{name}");
    }
    let act = count(&database, "select count(*) from device where decision = 4");
    assert_eq!(assessed.pointer("/summary/decisions/act").and_then(Value::as_i64), Some(act));
    let prints = "select count(*) from device where print <> ''";
    let before = count(&database, prints);
    assert_eq!(machine.said(&["store", "judge"]).0, Some(0));
    assert_eq!(count(&database, "select count(*) from change"), 0, "nothing has changed");
    assert_eq!(
        (count(&database, prints), count(&database, "select count(*) from judgement")),
        (before, 2)
    );
}

#[test]
fn every_view_can_be_dropped_and_is_made_anew_from_the_documents() {
    const VIEWS: [&str; 6] = [
        "delete from device",
        "delete from release",
        "delete from vulnerability",
        "delete from ranking",
        "delete from reading",
        "delete from change",
    ];
    const PRINTS: &str = "select coalesce(sum(length(print)), 0) from device";
    let machine = Machine::new();
    let database = machine.open("asepsis.db");
    let all = |database: &Database| {
        let sql = "select print from device union all select print from release \
                   union all select print from vulnerability order by 1";
        database.read("test", |t| t.all("test", sql, &[], |row| row.text(0))).expect("read")
    };
    let before = all(&database);
    for view in VIEWS {
        database.write("test", |t| t.execute("test", view, &[])).expect("dropped");
    }
    assert_eq!(count(&database, PRINTS), 0);
    assert_eq!(machine.said(&["store", "judge"]).0, Some(0));
    assert_eq!(all(&database), before);
    assert!(before.len() > 300, "{}", before.len());
}

#[test]
fn a_backup_is_a_store_and_what_is_no_store_is_not_restored() {
    let machine = Machine::new();
    assert_eq!(machine.said(&["store", "backup", "copy.db"]).0, Some(0));
    let (status, said) = machine.said(&["store", "backup", "copy.db"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("there already"), "{said}");
    let restored = machine.said(&["store", "restore", "copy.db", "--store", "new.db"]);
    assert_eq!(restored.0, Some(0), "{}", restored.1);
    let devices = "select count(*) from device";
    let count_in = |name| count(&machine.open(name), devices);
    assert_eq!(count_in("new.db"), count_in("asepsis.db"));
    assert_eq!(machine.said(&["store", "--store", "new.db", "check"]).0, Some(0));
    let (status, said) = machine.said(&["store", "--store", "new.db", "restore", "copy.db"]);
    assert!(status == Some(2) && said.contains("move it aside"), "{said}");
    fs::write(machine.at("letter.txt"), "this is a letter, it is no store of anybody")
        .expect("kept");
    let (status, said) = machine.said(&["store", "--store", "other.db", "restore", "letter.txt"]);
    assert_eq!(status, Some(2), "{said}");
    let left = fs::read_dir(machine.folder.path()).expect("read").flatten();
    let left: Vec<String> =
        left.map(|one| one.file_name().to_string_lossy().into_owned()).collect();
    assert!(!left.iter().any(|name| name.starts_with("other.db")), "{left:?}");
}

#[test]
fn a_changed_row_of_the_audit_chain_is_named() {
    let machine = Machine::new();
    fs::write(machine.at("password"), "four words are enough\n").expect("kept");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(machine.at("password"), private).expect("kept");
    for name in ["anna", "nora", "ben"] {
        let added = machine.said(&[
            "people",
            "add",
            name,
            "--duty",
            "security",
            "--password-file",
            "password",
        ]);
        assert_eq!(added.0, Some(0), "{}", added.1);
    }
    let (status, said) = machine.said(&["audit", "verify"]);
    assert_eq!(status, Some(0), "{said}");
    let head = said.split_whitespace().last().expect("a head").to_owned();
    assert_eq!(machine.said(&["audit", "verify", "--head", &head]).0, Some(0));
    let exported = machine.said(&["audit", "export"]).1;
    assert!(exported.lines().count() >= 3 && exported.contains(&head), "{exported}");
    assert!(!exported.contains("four words"), "a secret in the chain");
    let database = machine.open("asepsis.db");
    let change = "update audit set actor = 'nobody' where number = 2";
    database.write("test", |t| t.execute("test", change, &[])).expect("changed");
    let (status, said) = machine.said(&["audit", "verify"]);
    assert!(status == Some(2) && said.contains("row 2"), "{said}");
    let (status, said) = machine.said(&["store", "check"]);
    assert!(status == Some(2) && said.contains("row 2"), "{said}");
}

#[test]
fn two_devices_of_one_name_are_told_apart_whatever_is_judged_of_them() {
    let machine = Machine { folder: tempfile::tempdir().expect("a folder") };
    let inventory = machine.at("hospital");
    fs::create_dir(&inventory).expect("a folder");
    let row = |model: &str| format!("id,manufacturer,model,version\nP-1,B. Braun,{model},1.0\n");
    fs::write(inventory.join("a.csv"), row("Space")).expect("kept");
    fs::write(inventory.join("b.csv"), row("Compact Plus")).expect("kept");
    assert_eq!(machine.said(&["store", "put", "hospital"]).0, Some(0));
    let database = machine.open("asepsis.db");
    let sql = "select id from device order by id";
    let ids = database.read("test", |t| t.all("test", sql, &[], |row| row.text(0))).expect("read");
    assert_eq!(ids.into_iter().flatten().collect::<Vec<_>>(), ["P-1", "P-1 (2)"]);
}

#[test]
fn what_is_kept_for_how_long_is_shown_set_and_applied_and_the_store_stays_sound() {
    let machine = Machine::new();
    let (_, shown) = machine.said(&["store", "retention"]);
    assert!(shown.contains("flows           92 days   0 are older\n"), "{shown}");
    assert!(shown.contains("documents    for good\n"), "{shown}");
    let written = machine.open("asepsis.db").write("test", |transaction| {
        for number in 0..1_234 {
            let flow = Flow {
                client: format!("10.0.{}.{}", number / 250, number % 250),
                server: "10.1.0.1".to_owned(),
                service: "tcp/104".to_owned(),
                // Of 1970.
                last_ms: 1_000,
                ..Flow::default()
            };
            flows::put(transaction, &flow)?;
        }
        Ok(())
    });
    written.expect("written");
    let (status, shown) = machine.said(&["store", "retention", "flows", "30", "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(status, Some(0));
    assert_eq!(shown, serde_json::json!({ "what": "flows", "days": 30, "older": 1_234 }));
    let (_, shown) = machine.said(&["store", "retention", "--now"]);
    assert!(shown.contains("flows           30 days   0 are older\n"), "{shown}");
    assert_eq!(count(&machine.open("asepsis.db"), "select count(*) from flow"), 0);
    for sound in [["store", "check"], ["audit", "verify"]] {
        let (status, said) = machine.said(&sound);
        assert_eq!(status, Some(0), "{said}");
    }
    let (_, chain) = machine.said(&["audit", "export"]);
    assert!(chain.contains("retention.set") && chain.contains("1234"), "{chain}");
    for wrong in [["flows", "6"], ["flows", "soon"], ["audit", "30"], ["devices", "90"]] {
        let (status, said) = machine.said(&[&["store", "retention"][..], &wrong].concat());
        assert_eq!(status, Some(2), "{wrong:?}: {said}");
    }
}

#[test]
fn a_store_that_is_not_there_is_told_and_none_is_made() {
    let machine = Machine { folder: tempfile::tempdir().expect("a folder") };
    for asked in [
        &["store", "check"][..],
        &["store", "backup", "copy.db"],
        &["store", "judge"],
        &["store", "retention"],
        &["audit", "verify"],
        &["audit", "export"],
    ] {
        let (status, said) = machine.said(asked);
        assert_eq!(status, Some(2), "{asked:?}: {said}");
        assert!(said.contains("there is no store"), "{asked:?}: {said}");
        assert!(!machine.at("asepsis.db").exists(), "{asked:?} made one");
    }
}
