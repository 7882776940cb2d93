//! What goes wrong at the worst moment: the program is killed, no room is left on the disk, nothing
//! may be written, callers send too much or too slowly. What was acknowledged is there afterwards,
//! the next start is clean, and others are served meanwhile.
//!
//! The disk of a test's own is mounted, which needs root.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use store::database::Database;
use store::{Place, audit, documents};
use testkit::caller::Caller;
use testkit::disk::Disk;
use testkit::served::{self, PASSWORD, Served};

use self::killed::document;

#[path = "faults/clock.rs"]
mod clock;
#[path = "faults/killed.rs"]
mod killed;
#[path = "faults/large.rs"]
mod large;
#[path = "faults/streams.rs"]
mod streams;
#[path = "faults/untaken.rs"]
mod untaken;

/// How often the program is killed, at moments spread over what it takes.
const KILLS: u32 = 12;

fn asepsis(store: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.args(arguments).env("ASEPSIS_STORE", store);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

fn does(store: &Path, arguments: &[&str]) {
    let output = asepsis(store, arguments).output().expect("it starts");
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
}

/// Lets a command run for a while, and kills it; whether it had come to its end before.
fn killed_after(mut command: Command, wait: Duration) -> bool {
    let mut program = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let until = Instant::now() + wait;
    while Instant::now() < until {
        if program.try_wait().expect("known").is_some() {
            return true;
        }
        thread::sleep(Duration::from_millis(2));
    }
    program.kill().expect("killed");
    program.wait().expect("gone");
    false
}

/// How long a command takes where nobody kills it.
fn whole(command: &mut Command) -> Duration {
    let begun = Instant::now();
    assert!(command.output().expect("it starts").status.success());
    begun.elapsed()
}

/// What stands in the views, and in which documents.
fn views(store: &Path) -> Vec<Option<String>> {
    let database = Database::open(&Place::File(store.to_owned())).expect("a store");
    let sql = "select print from device union all select print from release \
               union all select print from vulnerability \
               union all select kind || name || maker || devices || to_act_on from tally \
               union all select name || ' ' || document from receipt order by 1";
    database.read("test", |t| t.all("test", sql, &[], |row| row.text(0))).expect("read")
}

/// A store is sound: its file, its chain, and every document in it.
fn assert_sound(store: &Path) -> usize {
    let database = Database::open(&Place::File(store.to_owned())).expect("a clean start");
    assert_eq!(database.check().expect("checked"), Vec::<String>::new());
    let chain = database.read("test", |t| audit::verify(t, None)).expect("read");
    assert!(chain.is_ok(), "{chain:?}");
    let whole = database.read("test", |t| {
        let current = documents::current(t)?;
        for document in &current {
            assert!(documents::bytes(t, &document.hash)?.is_some(), "{}", document.name);
        }
        Ok(current.len())
    });
    whole.expect("every document that was acknowledged is there")
}

fn example() -> String {
    served::example()
}

#[test]
fn taking_in_and_judging_may_be_killed_at_any_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let takes = whole(&mut asepsis(&at("undisturbed.db"), &["store", "put", &example()]));
    let store = at("asepsis.db");
    let mut documents = 0;
    for kill in 0..KILLS {
        killed_after(asepsis(&store, &["store", "put", &example()]), takes * kill / KILLS);
        if store.exists() {
            let now = assert_sound(&store);
            assert!(now >= documents, "{documents} were acknowledged, {now} are there");
            documents = now;
        }
    }
    does(&store, &["store", "put", &example()]);
    // Each document came once, and the views are those of a store that nobody killed.
    assert_eq!(views(&store), views(&at("undisturbed.db")));
    assert_eq!(usize::try_from(KILLS).expect("few").min(documents), 12, "{documents} documents");
}

#[test]
fn a_backup_that_is_killed_is_none_and_the_next_one_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let store = at("asepsis.db");
    does(&store, &["store", "put", &example()]);
    let copy = |name: &str| {
        let to = at(name).display().to_string();
        asepsis(&store, &["store", "backup", &to])
    };
    let takes = whole(&mut copy("whole.db"));
    let mut cut_off = 0;
    for kill in 0..KILLS {
        let is_done = killed_after(copy("copy.db"), takes * kill / KILLS);
        cut_off += u32::from(!is_done);
        let made = at("copy.db");
        if made.exists() {
            // What has the name of a backup is a whole one.
            assert_eq!(views(&made), views(&store));
            fs::remove_file(&made).expect("removed");
        }
    }
    assert!(cut_off > 2, "{cut_off} of {KILLS} were killed in time");
    does(&store, &["store", "backup", &at("last.db").display().to_string()]);
    assert_eq!(views(&at("last.db")), views(&store));
    assert_sound(&store);
}

/// A store as the first program wrote it, with so much in it that copying takes a while.
fn of_the_first_form(path: &Path) {
    const ROWS: &str = "with recursive n(n) as (select 1 union all select n + 1 from n where n < \
                        20000) insert into change select n, n, 'device.new', 'D-' || n, '', \
                        hex(randomblob(500)) from n";
    let old = rusqlite::Connection::open(path).expect("a file");
    let form = include_str!("../../store/src/migration/0001.sql");
    old.execute_batch("create table form (number bigint primary key, made_ms bigint not null)")
        .expect("made");
    old.execute_batch(form).expect("made");
    old.execute_batch("insert into form values (1, 0)").expect("made");
    old.execute_batch(ROWS).expect("filled");
}

#[test]
fn an_older_store_may_be_killed_while_it_is_brought_up_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    of_the_first_form(&at("old.db"));
    let count = |path: &Path| {
        let database = Database::open(&Place::File(path.to_owned())).expect("a clean start");
        let sql = "select count(*) from change";
        database.read("test", |t| t.one("test", sql, &[], |row| row.integer(0))).expect("read")
    };
    fs::copy(at("old.db"), at("undisturbed.db")).expect("copied");
    let takes = whole(&mut asepsis(&at("undisturbed.db"), &["store", "check"]));
    for kill in 0..KILLS {
        let store = at(&format!("store-{kill}.db"));
        fs::copy(at("old.db"), &store).expect("copied");
        killed_after(asepsis(&store, &["store", "check"]), takes * kill / KILLS);
        let backup = store.with_extension("form-1.db");
        if backup.exists() {
            let old = rusqlite::Connection::open(&backup).expect("a file");
            let rows: i64 =
                old.query_one("select count(*) from change", [], |row| row.get(0)).expect("read");
            assert_eq!(rows, 20_000, "what has the name of a backup is a whole one");
        }
        assert_eq!(count(&store), Some(Some(20_000)));
        assert_sound(&store);
    }
}

#[test]
fn where_no_room_is_left_it_is_said_and_nothing_is_lost() {
    let disk = Disk::of(64);
    let store = disk.path().join("asepsis.db");
    does(&store, &["store", "put", &example()]);
    let before = views(&store);
    disk.fill();
    let more = tempfile::tempdir().expect("a folder");
    fs::write(more.path().join("more.csv"), "id,manufacturer,model\nP-1,B. Braun,Space\n")
        .expect("kept");
    // More than what the store's files have room for as they are.
    fs::write(more.path().join("more.bin"), document("more.bin", 8 << 20)).expect("kept");
    let output = asepsis(&store, &["store", "put", &more.path().display().to_string()]).output();
    let output = output.expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("no room is left on the disk"), "{}", said(&output));
    let copy = disk.path().join("copy.db");
    let output = asepsis(&store, &["store", "backup", &copy.display().to_string()]).output();
    let output = output.expect("it starts");
    assert!(output.status.code() == Some(2) && !copy.exists(), "{}", said(&output));
    disk.free();
    assert_eq!(views(&store), before);
    does(&store, &["store", "put", &more.path().display().to_string()]);
    assert_sound(&store);
}

#[test]
fn the_console_goes_on_where_no_room_is_left_and_takes_up_again_what_it_could_not_do() {
    let (disk, folder) = (Disk::of(64), tempfile::tempdir().expect("a folder"));
    let row = |id: &str| format!("id,manufacturer,model\n{id},B. Braun,Space\n");
    fs::write(folder.path().join("a.csv"), row("PUMP-1")).expect("kept");
    let watched = folder.path().display().to_string();
    let served = Served::start_in(disk.path(), &["--watch", &watched]);
    let mut caller = Caller::new(&served.at(""));
    caller.set_up(&served.code, PASSWORD);
    caller.wait_for("/devices", "PUMP-1");
    // It is time to note that she is there, which can't be written.
    let a_while_ago = "update session set used_ms = used_ms - 120000";
    let database = Database::open(&Place::File(disk.path().join("asepsis.db"))).expect("a store");
    database.write("test", |t| t.execute("test", a_while_ago, &[])).expect("written");
    drop(database);
    disk.fill();
    fs::write(folder.path().join("b.csv"), row("PUMP-2")).expect("kept");
    let answer = caller.change("/settings", "hospital=Elsewhere");
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains("no room is left on the disk"), "{}", answer.body);
    for path in ["/", "/devices", "/devices/PUMP-1", "/map", "/vulnerabilities"] {
        assert_eq!(caller.get(path).status, 200, "{path}");
    }
    disk.free();
    caller.wait_for("/devices", "PUMP-2");
    assert!(!caller.get("/").body.contains("Elsewhere"), "what was refused was not done");
    let answer = caller.change("/settings", "hospital=Elsewhere");
    assert!(answer.status < 400, "{}", answer.body);
    drop(served);
    assert_sound(&disk.path().join("asepsis.db"));
}

#[test]
fn a_store_that_may_only_be_read_is_said_to_be_one() {
    let disk = Disk::of(64);
    let store = disk.path().join("asepsis.db");
    does(&store, &["store", "put", &example()]);
    let before = views(&store);
    disk.read_only(true);
    for arguments in [&["store", "judge"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let output = asepsis(&store, arguments).output().expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains("may only be read"), "{arguments:?}: {}", said(&output));
    }
    disk.read_only(false);
    assert_eq!(views(&store), before);
    does(&store, &["store", "judge"]);
}

#[test]
fn a_server_may_be_killed_while_people_change_things_and_keeps_what_it_said_yes_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let store: PathBuf = folder.path().join("asepsis.db");
    let mut last = String::new();
    for round in 0..4_u32 {
        let served = Served::start_in(folder.path(), &["--watch", &example()]);
        let mut caller = Caller::new(&served.at(""));
        match round {
            0 => caller.set_up(&served.code, PASSWORD),
            _ => caller.sign_in("anna", PASSWORD),
        }
        let page = caller.get("/settings").body;
        assert!(page.contains(&last), "{last} was acknowledged: {page}");
        // Killed in the midst of judging, too, which it begins as it starts.
        for change in 0..=round * 7 {
            let name = format!("Hospital+{round}+{change}");
            let answer = caller.change("/settings", &format!("hospital={name}"));
            assert!(answer.status < 400, "{}", answer.body);
            last = name.replace('+', " ");
        }
        drop(served);
        assert_sound(&store);
    }
    let actions = {
        let database = Database::open(&Place::File(store)).expect("a store");
        let sql = "select count(*) from audit where action like 'setting%'";
        let count = database.read("test", |t| t.one("test", sql, &[], |row| row.integer(0)));
        count.expect("read").flatten()
    };
    assert_eq!(actions, Some(1 + 8 + 15 + 22), "each change stands in the chain, once");
}

/// The most memory that a server ever held, in kilobytes (proc(5)).
fn kilobytes(served: &Served) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", served.program.id()));
    let status = status.expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("told");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_there() {
    const LONG: usize = 100 << 20;
    let served = Served::start(&[]);
    let mut anna = Caller::new(&served.at(""));
    anna.set_up(&served.code, PASSWORD);
    let before = kilobytes(&served);
    let body = vec![b'['; LONG];
    let json = [("Content-Type", "application/json")];
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    for (path, fields) in
        [("/sign-in", form), ("/sign-in", json), ("/settings", form), ("/settings", json)]
    {
        for mut caller in [Caller::new(&served.at("")), anna.again()] {
            let answer = caller.send("POST", path, &fields, &body);
            assert!((300..500).contains(&answer.status), "{path}: {}", answer.head);
        }
    }
    let grown = kilobytes(&served) - before;
    assert!(grown < 20 << 10, "it took {grown} KB more");
    assert_eq!(anna.again().get("/").status, 200);
}

#[test]
fn callers_who_are_slow_keep_nobody_else_waiting() {
    const MANY: usize = 400;
    let served = Served::start(&[]);
    let slow = Ipv4Addr::new(127, 0, 0, 2);
    let mut held: Vec<Caller> = Vec::new();
    for _ in 0..MANY {
        let mut caller = Caller::from(slow, &served.at(""));
        caller.write(b"GET / HTTP/1.1\r\nHost: ");
        held.push(caller);
    }
    // Others, from elsewhere, are served at once.
    let mut other = Caller::new(&served.at(""));
    assert_eq!(other.get("/setup").status, 200);
    // One address holds no more than its part, and those not for long.
    let told_to_go = held
        .iter_mut()
        .filter_map(|caller| caller.is_hung_up_within(Duration::from_millis(20)).then_some(()));
    assert!(told_to_go.count() >= MANY - 128, "it holds too many");
    assert!(held.iter_mut().all(|caller| caller.is_hung_up_within(Duration::from_mins(1))));
    let mut again = Caller::from(slow, &served.at(""));
    assert_eq!(again.get("/setup").status, 200, "and then it has its part anew");
    // A body of which hardly anything comes is not waited for either.
    let begun = Instant::now();
    again.write(b"POST /setup HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n");
    again.write(b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname=");
    let answer = again.answer();
    assert!(matches!(answer.status, 408 | 503), "{}", answer.head);
    assert!(begun.elapsed() < Duration::from_mins(2));
}
