//! `asepsis people`, as whoever keeps the machine calls it.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use nix::pty::openpty;
use nix::sys::termios::{LocalFlags, tcgetattr};
use serde_json::Value;
use store::audit;
use store::database::Database;

const PASSWORD: &str = "four words are enough";

struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().expect("a folder") };
        machine.keep("password", PASSWORD, 0o600);
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keep(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), format!("{text}\n")).expect("written");
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("kept");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        command.arg("people").args(arguments).current_dir(self.folder.path());
        command.env("ASEPSIS_STORE", self.path("asepsis.db"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).stdin(Stdio::null()).output().expect("it starts");
        for shown in [&output.stdout, &output.stderr] {
            let shown = String::from_utf8_lossy(shown);
            assert!(!shown.contains(PASSWORD) && !shown.contains("$argon2"), "{shown}");
        }
        output
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        String::from_utf8(output.stdout).expect("text")
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    }

    fn listed(&self) -> Vec<Value> {
        let listed: Value = serde_json::from_str(&self.does(&["list", "--json"])).expect("JSON");
        listed["people"].as_array().expect("a list").clone()
    }
}

const ADD_ADAM: [&str; 6] =
    ["add", "adam", "--duty", "administrator", "--password-file", "password"];

#[test]
fn whoever_keeps_the_machine_helps_people_in_and_every_change_stands_in_the_chain() {
    let machine = Machine::new();
    machine.does(&ADD_ADAM);
    let anna = ["add", "Anna", "--shown", "Anna Berg", "--duty", "clinical", "--duty", "reader"];
    machine.does(&[&anna[..], &["--password-file", "password"]].concat());
    assert!(machine.refuses(&["disable", "adam"]).contains("nobody else is left"));
    machine.does(&["disable", "ANNA"]);
    let listed = machine.listed();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1]["name"], "Anna");
    assert_eq!(listed[1]["shown"], "Anna Berg");
    assert_eq!(listed[1]["duties"], serde_json::json!(["clinical", "reader"]));
    assert_eq!(listed[1]["may_sign_in"], false);
    assert_eq!(listed[1]["has_to_change_password"], true);
    assert!(machine.does(&["list"]).contains("may not sign in"));
    machine.does(&["enable", "anna"]);
    machine.does(&["reset-password", "anna", "--password-file", "password", "--json"]);
    machine.does(&["reset-second-factor", "anna"]);
    let place = machine.path("asepsis.db").display().to_string();
    let database = Database::open(&place.parse().expect("a place")).expect("a store");
    let mut told = Vec::new();
    database
        .read("test", |t| {
            audit::verify(t, None)?.expect("the chain holds");
            audit::each(t, |_, _, entry| {
                assert!(entry.actor.ends_with(" of the machine"), "{entry:?}");
                told.push(entry.action);
            })
        })
        .expect("read");
    let changes = ["add", "add", "disable", "enable", "password", "second-factor"]
        .map(|change| format!("person.{change}"));
    assert_eq!(told, changes);
}

#[test]
fn what_is_wrong_is_said_and_changes_nothing() {
    let machine = Machine::new();
    assert!(machine.refuses(&["list"]).contains("there is no store"));
    machine.does(&ADD_ADAM);
    machine.keep("open", PASSWORD, 0o644);
    machine.keep("short", "eleven lett", 0o600);
    machine.keep("named", "I am anna, and here", 0o600);
    let add =
        |name, file| machine.refuses(&["add", name, "--duty", "reader", "--password-file", file]);
    assert!(add("anna", "open").contains("others may read"));
    assert!(add("anna", "short").contains("too short"));
    assert!(add("anna", "named").contains("holds the name"));
    assert!(add("anna", "missing").contains("cannot read"));
    assert!(add("a b", "password").contains("a name has"));
    assert!(add("ADAM", "password").contains("called `ADAM` already"));
    assert!(machine.refuses(&["add", "anna", "--duty", "reader"]).contains("no terminal"));
    assert!(machine.refuses(&["add", "anna", "--duty", "king"]).contains("a duty is one of"));
    assert!(machine.refuses(&["enable", "bo"]).contains("nobody is called `bo`"));
    // A password is no argument.
    machine.refuses(&["add", "anna", "--duty", "reader", "--password", "x"]);
    assert!(machine.refuses(&["setup-code"]).contains("set up already"));
    assert_eq!(machine.listed().len(), 1);
}

#[test]
fn a_password_of_the_store_itself_is_not_shown() {
    let machine = Machine::new();
    let wrong = ["mysql://anna:s3cret@db/x", "postgres://anna:s3cret@127.0.0.1:1/x"];
    for (place, arguments) in [(wrong[0], ["list"]), (wrong[1], ["list"]), (wrong[0], ["--help"])] {
        let output = machine.command(&arguments).env("ASEPSIS_STORE", place).output();
        let output = output.expect("it starts");
        assert_eq!(output.status.success(), arguments == ["--help"]);
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8_lossy(&shown);
        assert!(!shown.is_empty() && !shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn a_code_of_the_set_up_is_shown_where_nobody_administers_yet() {
    let machine = Machine::new();
    let first: Value =
        serde_json::from_str(&machine.does(&["setup-code", "--json"])).expect("JSON");
    let first = first["setup_code"].as_str().expect("a code").to_owned();
    assert_eq!(first.len(), 29);
    assert!(!machine.does(&["setup-code"]).contains(&first));
    assert!(machine.does(&["list"]).contains("Nobody may sign in"));
}

#[test]
fn a_password_that_is_typed_is_not_shown() {
    let machine = Machine::new();
    machine.does(&ADD_ADAM);
    let typed = |keys: &[&str]| {
        let terminal = openpty(None, None).expect("a terminal");
        let near = || File::from(terminal.slave.try_clone().expect("its near end"));
        let mut child = machine
            .command(&["add", "anna", "--duty", "clinical"])
            .stdin(near())
            .stderr(near())
            .stdout(near())
            .spawn()
            .expect("it starts");
        let (mut far, mut shown) = (File::from(terminal.master), String::new());
        for (keys, prompt) in keys.iter().zip(["the password for anna: ", "once more: "]) {
            while !shown.ends_with(prompt) {
                let mut some = [0; 256];
                let count = far.read(&mut some).expect("readable");
                shown.push_str(&String::from_utf8_lossy(&some[..count]));
            }
            far.write_all(keys.as_bytes()).expect("typed");
        }
        let status = child.wait().expect("it ends");
        let echoes = tcgetattr(&terminal.slave).expect("a terminal").local_flags;
        assert!(echoes.contains(LocalFlags::ECHO | LocalFlags::ICANON), "as it was before");
        drop(terminal.slave);
        let mut rest = Vec::new();
        // A terminal whose near end is closed ends in an error.
        let _ = far.read_to_end(&mut rest);
        shown.push_str(&String::from_utf8_lossy(&rest));
        assert!(!shown.contains("words"), "{shown}");
        (status.success(), shown)
    };
    let other = typed(&["four words are enough\r", "four words are enougH\r"]);
    assert!(!other.0 && other.1.contains("not the same"), "{}", other.1);
    let interrupted = typed(&["four words\u{3}"]);
    assert!(!interrupted.0 && interrupted.1.contains("nothing was typed"), "{}", interrupted.1);
    assert_eq!(machine.listed().len(), 1);
    let done = typed(&["four words are enöoo\u{7f}\u{7f}\u{7f}ough\r", "four words are enough\r"]);
    assert!(done.0, "{}", done.1);
    assert_eq!(machine.listed().len(), 2);
}
