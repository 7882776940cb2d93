//! The journal under crashes, meddling and company.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Actor, Door, Event, Level, OrderId, PointName, Request, Role, Step};

use super::{Journal, JournalError};

fn event(order: u64, step: Step) -> Event {
    let by = Actor::Person("anna".into(), Role::Security, Door::Account);
    Event { order: OrderId(order), at: Moment(1_000), by, step }
}

/// One event of each kind.
fn every_kind() -> Vec<Event> {
    let point = || PointName("switch".into());
    let request = Request {
        device: DeviceId("PUMP-11".into()),
        level: Level::Contain,
        reason: "it scans \"the\" ward\n".into(),
        holds_seconds: 14_400,
    };
    let verified = Step::Verified { last_forbidden: Some(Moment(7)), first_essential: None };
    let mut events: Vec<Event> = [
        Step::Requested(request),
        Step::Approved,
        Step::Refused("no".into()),
        Step::SubstituteRunning,
        Step::Applying(point()),
        Step::Applied(point()),
        verified,
        Step::Failed(point(), "no answer".into()),
        Step::Renewed(60),
        Step::Drifted(point(), "flushed".into()),
        Step::Lifted("clean".into()),
        Step::BrokenGlass("Ventilator nötig".into()),
        Step::Expired,
        Step::Removed(point()),
    ]
    .into_iter()
    .map(|step| event(1, step))
    .collect();
    events.push(Event { by: Actor::Playbook("worm".into()), ..event(2, Step::Approved) });
    events.push(Event { by: Actor::Asepsis, ..event(2, Step::Expired) });
    let nora = Actor::Person("nora".into(), Role::Clinical, Door::Console);
    events.push(Event { by: nora, ..event(2, Step::Approved) });
    events
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orders.journal");
    (folder, path)
}

fn append(journal: &mut Journal<Event>, event: &Event) {
    let admitted = journal.append(event, |_| Ok::<(), ()>(())).expect("written");
    assert!(admitted.is_ok());
}

#[test]
fn every_kind_of_event_comes_back_as_it_was_written() {
    let (_folder, path) = folder();
    let (mut journal, _) = Journal::<Event>::open(&path).expect("open");
    for event in every_kind() {
        append(&mut journal, &event);
    }
    let (again, opened) = Journal::<Event>::open(&path).expect("open");
    assert_eq!(opened.events, every_kind());
    assert_eq!((opened.torn, again.head()), (None, journal.head()));
}

#[test]
fn wherever_the_last_record_is_cut_the_others_are_there_and_it_is_kept_aside() {
    let (_folder, path) = folder();
    let (mut journal, _) = Journal::<Event>::open(&path).expect("open");
    let events = every_kind();
    for event in events.iter().take(2) {
        append(&mut journal, event);
    }
    let whole = fs::read(&path).expect("read");
    let first = whole.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    for cut in first..whole.len() {
        fs::write(&path, whole.get(..cut).expect("shorter")).expect("cut");
        let (mut journal, opened) = Journal::<Event>::open(&path).expect("open");
        assert_eq!(opened.events, events.get(..1).expect("one"), "cut at {cut}");
        assert_eq!(opened.torn.is_some(), cut > first);
        append(&mut journal, &event(9, Step::Expired));
        assert_eq!(Journal::<Event>::open(&path).expect("open").1.events.len(), 2);
    }
}

#[test]
fn a_changed_missing_or_moved_record_is_found_and_named() {
    let (_folder, path) = folder();
    let (mut journal, _) = Journal::<Event>::open(&path).expect("open");
    for event in every_kind() {
        append(&mut journal, &event);
    }
    let whole = fs::read_to_string(&path).expect("read");
    let lines: Vec<&str> = whole.lines().collect();
    let mut moved = lines.clone();
    moved.swap(3, 4);
    let mut missing = lines.clone();
    missing.remove(3);
    let changed = whole.replacen("substitute-running", "approved", 1);
    for (what, text) in [
        ("moved", moved.join("\n") + "\n"),
        ("missing", missing.join("\n") + "\n"),
        ("changed", changed),
        ("rubbish", whole.replacen("{\"number\":4", "{\"number\":", 1)),
    ] {
        fs::write(&path, text).expect("written");
        let error = Journal::<Event>::open(&path).expect_err(what);
        assert!(matches!(error, JournalError::Damaged { line: 4, .. }), "{what}: {error}");
    }
}

#[test]
fn what_others_write_is_seen_before_one_s_own_and_may_forbid_it() {
    let (_folder, path) = folder();
    let (mut one, _) = Journal::<Event>::open(&path).expect("open");
    let (mut other, _) = Journal::<Event>::open(&path).expect("open");
    let requested = every_kind().remove(0);
    append(&mut one, &requested);
    assert_eq!(other.tail().expect("read"), std::slice::from_ref(&requested));
    append(&mut one, &event(1, Step::Lifted("false alarm".into())));
    let refused = other
        .append(
            &event(1, Step::Approved),
            |news| if news.is_empty() { Ok(()) } else { Err("late") },
        )
        .expect("asked");
    assert_eq!(refused, Err("late"));
    assert_eq!(Journal::<Event>::open(&path).expect("open").1.events.len(), 2);
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let (_folder, path) = folder();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let (mut journal, _) = Journal::open(path).expect("open");
                for number in 0..25 {
                    append(&mut journal, &event(writer * 100 + number, Step::Approved));
                }
            });
        }
    });
    let (_, opened) = Journal::<Event>::open(&path).expect("open");
    assert_eq!(opened.events.len(), 100);
}

/// The name of the variable by which this test runs itself as the process that is killed.
const VICTIM: &str = "ASEPSIS_TEST_JOURNAL";

/// A process appends without end and says what it was promised; it is killed at any moment.
#[test]
fn whatever_was_acknowledged_is_there_after_kill_9() {
    if let Some(path) = std::env::var_os(VICTIM) {
        victim(Path::new(&path));
    }
    let (folder, path) = folder();
    let promised = folder.path().join("promised");
    let mut seen = 0;
    for round in 0..25_u64 {
        let mut child = Command::new(std::env::current_exe().expect("its own path"))
            .args(["--exact", "journal::tests::whatever_was_acknowledged_is_there_after_kill_9"])
            .env(VICTIM, &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        // Wait until it has written in this round, then a little that is never the same.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while count(&promised) <= seen {
            assert!(std::time::Instant::now() < deadline, "the process writes nothing");
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_micros(round * 137 % 1_900));
        child.kill().expect("killed");
        child.wait().expect("ended");
        seen = count(&promised);
        let (_, opened) = Journal::<Event>::open(&path).expect("it is sound");
        let there = opened.events.len();
        assert!(there >= seen, "round {round}: {seen} were promised, {there} are there");
        for (number, event) in (0..).zip(&opened.events) {
            assert_eq!(event.order, OrderId(number), "round {round}");
        }
        seen = count(&promised);
    }
}

fn victim(path: &Path) -> ! {
    use std::io::Write;
    let promised = path.with_file_name("promised");
    let mut promises =
        fs::OpenOptions::new().append(true).create(true).open(promised).expect("open");
    let (mut journal, opened) = Journal::open(path).expect("open");
    for number in opened.events.len() as u64.. {
        append(&mut journal, &event(number, Step::Approved));
        promises.write_all(b".").expect("promised");
    }
    std::process::exit(0)
}

fn count(promised: &Path) -> usize {
    fs::metadata(promised).map_or(0, |metadata| usize::try_from(metadata.len()).expect("small"))
}
