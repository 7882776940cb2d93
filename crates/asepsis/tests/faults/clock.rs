//! The machine's clock is set a year ahead, and back, while the program serves.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;
use store::Place;
use store::database::Database;
use testkit::agent::StandIn;
use testkit::caller::Caller;
use testkit::http::Client;
use testkit::served::{PASSWORD, Served};

use super::assert_sound;

/// How long something is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
/// About so long is a year, in milliseconds.
const YEAR_MS: i64 = 365 * 24 * 3_600_000;

/// Debian's libfaketime, which tells a program another time than the machine's.
fn library() -> PathBuf {
    let places = fs::read_dir("/usr/lib").expect("a folder").flatten();
    let mut places = places.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
    places.find(|path| path.exists()).expect("libfaketime is installed")
}

/// A clock that a test sets: so far ahead of the machine's, `+365d`.
struct Clock(PathBuf);

impl Clock {
    fn in_folder(folder: &Path) -> Self {
        let clock = Self(folder.join("clock"));
        clock.set("+0");
        clock
    }

    fn set(&self, ahead: &str) {
        let new = self.0.with_extension("new");
        fs::write(&new, ahead).expect("written");
        fs::rename(&new, &self.0).expect("in one step");
    }
}

/// A number that stands in a store.
fn number(store: &Path, sql: &'static str) -> i64 {
    let database = Database::open(&Place::File(store.to_owned())).expect("a store");
    let found = database.read("test", |t| t.one("test", sql, &[], |row| row.integer(0)));
    found.expect("read").flatten().unwrap_or_default()
}

/// Brings a document, and waits until it was judged; when that was, in milliseconds since 1970.
fn judged(client: &Client, store: &Path, id: &str) -> i64 {
    let csv = format!("id,manufacturer,model\n{id},B. Braun,Space\n");
    let path = format!("/api/v1/documents/{id}.csv/content");
    let put = client.send("PUT", &path, &[], csv.as_bytes());
    assert_eq!(put.status, 201, "{}", put.text());
    let begun = Instant::now();
    while client.get(&format!("/api/v1/devices/{id}")).status != 200 {
        assert!(begun.elapsed() < PATIENCE, "{id} is not judged");
        std::thread::sleep(Duration::from_millis(50));
    }
    number(store, "select begun_ms from judgement order by number desc limit 1")
}

/// Whether a page is shown to a session, or it has to sign in.
fn is_in(caller: &Caller) -> bool {
    caller.again().get("/devices").status == 200
}

/// A token that somebody makes for a program.
fn token_of(caller: &mut Caller) -> String {
    let form = "name=ahead&days=1&read=1&documents.write=1&orders.request=1";
    let page = caller.change("/account/tokens", form).body;
    let shown = page.find("asepsis_").and_then(|at| page.get(at..)).expect("a token");
    format!("Bearer {}", shown.split('<').next().unwrap_or_default())
}

fn order(client: &Client, key: &str) -> u16 {
    let body = json!({ "device": "P-1", "level": "contain", "reason": key, "minutes": 5 });
    let own = [("content-type", "application/json"), ("idempotency-key", key)];
    client.send("POST", "/api/v1/orders", &own, body.to_string().as_bytes()).status
}

#[test]
fn a_clock_that_is_a_year_ahead_and_set_back_locks_nobody_out_and_lets_nobody_in() {
    let (folder, agent) = (tempfile::tempdir().expect("a folder"), StandIn::start());
    let (store, clock) = (folder.path().join("asepsis.db"), Clock::in_folder(folder.path()));
    let (socket, library) = (agent.socket().display().to_string(), library().display().to_string());
    let file = clock.0.display().to_string();
    let environment = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &file),
        ("FAKETIME_NO_CACHE", "1"),
        // A clock that is set changes no span of time.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
        ("NO_FAKE_STAT", "1"),
    ];
    let served = Served::start_as(folder.path(), &["--agent", &socket], &environment);
    let (anna, form) = Client::new(&served.at("")).first_administrator(&served.code, PASSWORD);
    let scopes = ["read", "documents.write", "orders.request"];
    let token = || format!("Bearer {}", anna.token(&form, &scopes));
    let before = Client::new(&served.at("")).with("authorization", &token());
    let enter = || {
        let mut caller = Caller::new(&served.at(""));
        caller.sign_in("anna", PASSWORD);
        caller
    };
    let session = enter();
    let now_ms = judged(&before, &store, "P-1");
    assert_eq!(order(&before, "one"), 201);

    clock.set("+365d");
    assert!(!is_in(&session), "a session of a year ago");
    assert_eq!(before.get("/api/v1/me").status, 401, "a token of a day, a year ago");
    let ahead = enter();
    assert!(is_in(&ahead), "whoever comes in then");
    let program = token_of(&mut ahead.again());
    let program = Client::new(&served.at("")).with("authorization", &program);
    assert_eq!(order(&program, "two"), 201);
    let mut guesser = Caller::new(&served.at(""));
    let guess = |caller: &mut Caller| {
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        caller.send("POST", "/sign-in", &form, b"name=anna&password=not+hers+at+all").status
    };
    let guesses: Vec<u16> = (0..7).map(|_| guess(&mut guesser)).collect();
    assert!(guesses.ends_with(&[429]), "they wait: {guesses:?}");
    agent.detect("P-1", "It was seen ahead of time");
    ahead.again().wait_for("/detections", "It was seen ahead of time");

    clock.set("+0");
    assert!(!is_in(&ahead), "a session that would live for a year");
    let back = enter();
    assert!(is_in(&back), "nobody waits until the time that the clock told");
    assert_eq!(guess(&mut guesser), 401, "and guesses are counted anew");
    assert_eq!(before.get("/api/v1/me").status, 200, "a token of today");
    assert_eq!(order(&before, "one"), 201);
    assert_eq!(agent.orders().get("one").map(Vec::len), Some(1), "it was asked for once");
    agent.detect("P-1", "It was seen in time");
    back.again().wait_for("/detections", "It was seen in time");
    // Judged for the day that it is, each time.
    let again_ms = judged(&before, &store, "P-2");
    assert!((0..YEAR_MS / 365).contains(&(again_ms - now_ms)), "{now_ms} {again_ms}");
    drop(served);
    assert_sound(&store);
    let silences = number(&store, "select count(*) from alert where topic = 'agent'");
    assert_eq!(silences, 0, "the agent was never silent");
}

#[test]
fn whoever_starts_a_year_ahead_judges_for_that_day_and_back_for_today() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, clock) = (folder.path().join("asepsis.db"), Clock::in_folder(folder.path()));
    let (library, file) = (library().display().to_string(), clock.0.display().to_string());
    let environment = [("LD_PRELOAD", library.as_str()), ("FAKETIME_TIMESTAMP_FILE", &file)];
    let watched = tempfile::tempdir().expect("a folder");
    fs::write(watched.path().join("a.csv"), "id,manufacturer,model\nP-1,B. Braun,Space\n")
        .expect("kept");
    let arguments = ["--watch", &watched.path().display().to_string()];
    let last = "select begun_ms from judgement order by number desc limit 1";
    let mut judged_ms = Vec::new();
    for (ahead, years) in [("+0", 0), ("+365d", 1), ("+0", 0)] {
        clock.set(ahead);
        let _served = Served::start_as(folder.path(), &arguments, &environment);
        let before = judged_ms.first().copied().unwrap_or_else(|| {
            i64::try_from(
                std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .expect("after it")
                    .as_millis(),
            )
            .expect("small")
        });
        let begun = Instant::now();
        let is_of_that_day = |at_ms: i64| {
            let passed = at_ms - before - years * YEAR_MS;
            (-YEAR_MS / 365..YEAR_MS / 365).contains(&passed)
        };
        while !is_of_that_day(number(&store, last)) {
            assert!(begun.elapsed() < PATIENCE, "{ahead}: {}", number(&store, last));
            std::thread::sleep(Duration::from_millis(50));
        }
        judged_ms.push(number(&store, last));
    }
    assert_sound(&store);
}
