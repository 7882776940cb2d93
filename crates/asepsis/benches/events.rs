//! What agents tell, on its whole way: from the agent's socket into the store of the program as its
//! users run it, onto the page *Today*, and out to a receiver of alerts; in a file and at a server.
//! `cargo xtask bench events [EVENTS_A_SECOND SECONDS]`.
//!
//! The agent is a stand-in that answers as the real one does, so many steps and detections at a
//! time. First events happen at a steady rate, then as many have waited while nobody asked. Refuses
//! to report a run that lost one, or kept one twice.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a benchmark prints, may stop, and is read beside its output"
)]

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use store::Place;
use store::alerts::{self, Target};
use store::audit::By;
use store::database::{Database, Transaction};
use store::{detections, steps};
use testkit::caller::Caller;
use testkit::postgres::Server;

/// Events a second, and for how many seconds.
const RATE: u64 = 2_000;
const SECONDS: u64 = 30;
/// Most steps and detections of an answer, as the agent's.
const STEPS: u64 = 500;
const DETECTIONS: u64 = 200;
const STEP_NAMES: [&str; 6] =
    ["requested", "approved", "applying", "applied", "verified", "lifted"];
/// How long it is waited for the last of them.
const PATIENCE: Duration = Duration::from_mins(5);
const PASSWORD: &str = "four words are enough";
const COLUMNS: &str = "| store | events told, stored | to the store, ms: p50 | p99 | worst \
     | to *Today*: p50 | p99 | worst | alerts taken, until | peak MB |";

fn main() {
    let given: Vec<u64> = std::env::args().skip(1).filter_map(|one| one.parse().ok()).collect();
    let [rate, seconds] = given.try_into().unwrap_or([RATE, SECONDS]);
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{rate} events/s for {seconds} s, half of them detections; load {busy}");
    println!("{COLUMNS}\n|---|---|---|---|---|---|---|---|---|---|");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("asepsis.db").display().to_string();
    let server = Server::start();
    let stores = [("SQLite", file), ("PostgreSQL", server.url())];
    let runs = stores.map(|(name, store)| (name, run(name, &store, rate, seconds)));
    println!("\n| store | as many that waited | the server's processor, s |\n|---|---|---|");
    for (name, (per_second, processor)) in runs {
        println!("| {name} | {per_second:.0} events/s | {processor:.1} |");
    }
}

/// Events at a rate, then as many at once; how many of those a second, and what both took of the
/// processor.
fn run(name: &str, store: &str, rate: u64, seconds: u64) -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("agent.sock");
    let told = Arc::new(Told::default());
    let receiver = Receiver::start();
    let place: Place = store.parse().unwrap();
    let database = Arc::new(Database::open(&place).unwrap());
    let target = receiver.target();
    database.write("b", |t| alerts::add(t, &target, By { actor: "b", at_ms: 0 })).unwrap();
    answer(&socket, &told);
    let served = Served::start(store, &socket);
    let mut anna = Caller::new(&served.address);
    anna.set_up(&served.code, PASSWORD);
    let all = rate * seconds;
    told.begin(rate, all);
    let (seen, shown) = (watch(&database, &told, all), look(anna, &told, all / 2));
    let (kept, shown) = (seen.join().unwrap(), shown.join().unwrap());
    assert_eq!(counts(&database), (all / 2, all / 2), "each once");
    let begun = Instant::now();
    while receiver.count() < all / 2 {
        assert!(begun.elapsed() < PATIENCE, "{} alerts of {}", receiver.count(), all / 2);
        thread::sleep(Duration::from_millis(20));
    }
    let alerted = told.begun().elapsed().as_secs_f64();
    let [p50, p99, worst] = spread(kept);
    let [seen_50, seen_99, seen_worst] = spread(shown);
    let peak = served.peak();
    println!(
        "| {name} | {all}, {all} | {p50:.0} | {p99:.0} | {worst:.0} | {seen_50:.0} | {seen_99:.0} \
         | {seen_worst:.0} | {}, {alerted:.0} s | {peak:.0} |",
        receiver.count()
    );
    // As many again, which are all there at once.
    let begun = Instant::now();
    told.add(all);
    while last(&database) != (all, all) {
        assert!(begun.elapsed() < PATIENCE, "{:?} of {all} each", last(&database));
        thread::sleep(Duration::from_millis(20));
    }
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(counts(&database), (all, all), "each once");
    (all as f64 / took, served.processor())
}

/// Steps and detections that are kept; each of them once.
fn counts(database: &Database) -> (u64, u64) {
    let count = |sql| {
        let read = |t: &mut Transaction<'_>| t.one("b", sql, &[], |row| row.integer(0));
        database.read("b", read).unwrap().flatten().unwrap_or_default() as u64
    };
    let last = (
        count("select max(journal_number) from order_step"),
        count("select max(journal_number) from detection"),
    );
    let all = (
        count("select count(distinct journal_number) from order_step"),
        count("select count(distinct journal_number) from detection"),
    );
    let rows = (count("select count(*) from order_step"), count("select count(*) from detection"));
    assert!(last == all && all == rows, "{last:?} {all:?} {rows:?}");
    rows
}

/// How many steps and detections are kept by now.
fn last(database: &Database) -> (u64, u64) {
    let last = database.read("b", |t| Ok((steps::last(t)?, detections::last(t)?))).unwrap();
    (last.0 as u64, last.1 as u64)
}

/// How long each event took until it stood in the store, in milliseconds, as far as looking every
/// few milliseconds tells.
fn watch(database: &Arc<Database>, told: &Arc<Told>, all: u64) -> JoinHandle<Vec<f64>> {
    let (database, told) = (Arc::clone(database), Arc::clone(told));
    thread::spawn(move || {
        let (mut took, mut known) = (Vec::new(), (0, 0));
        while known.0 + known.1 < all {
            assert!(told.begun().elapsed() < PATIENCE, "{known:?} of {all}");
            thread::sleep(Duration::from_millis(5));
            let (steps, detections) = last(&database);
            let now = told.begun().elapsed().as_secs_f64();
            let since = |event: u64| (now - told.at(event)) * 1e3;
            took.extend((known.0..steps).map(|step| since(step * 2)));
            took.extend((known.1..detections).map(|detection| since(detection * 2 + 1)));
            known = (steps, detections);
        }
        took
    })
}

/// How long each detection took until *Today* told of it or of a later one, in milliseconds.
fn look(mut anna: Caller, told: &Arc<Told>, all: u64) -> JoinHandle<Vec<f64>> {
    let told = Arc::clone(told);
    thread::spawn(move || {
        let (mut took, mut known) = (Vec::new(), 0);
        while known < all {
            assert!(told.begun().elapsed() < PATIENCE, "{known} of {all}");
            thread::sleep(Duration::from_millis(50));
            let page = anna.get("/").body;
            let now = told.begun().elapsed().as_secs_f64();
            let first = page.split_once("href=\"/detections/").map_or("0", |(_, rest)| rest);
            let first = first.split(|letter: char| !letter.is_ascii_digit()).next().unwrap();
            let first: u64 = first.parse().unwrap();
            took.extend((known..first).map(|one| (now - told.at(one * 2 + 1)) * 1e3));
            known = known.max(first);
        }
        took
    })
}

/// The median, the 99th percentile and the largest.
fn spread(mut took: Vec<f64>) -> [f64; 3] {
    took.sort_unstable_by(f64::total_cmp);
    [500, 990, 1_000].map(|part| took[(took.len() * part / 1_000).min(took.len() - 1)])
}

/// What has happened by now: a step and a detection in turn.
#[derive(Default)]
struct Told {
    begun: OnceLock<Instant>,
    rate: AtomicU64,
    all: AtomicU64,
    /// What happened besides, while nobody asked.
    waited: AtomicU64,
}

impl Told {
    fn begin(&self, rate: u64, all: u64) {
        self.rate.store(rate, Ordering::SeqCst);
        self.all.store(all, Ordering::SeqCst);
        self.begun.set(Instant::now()).unwrap();
    }

    fn begun(&self) -> Instant {
        *self.begun.get().unwrap()
    }

    fn add(&self, all: u64) {
        self.waited.store(all, Ordering::SeqCst);
    }

    /// When an event happens, in seconds since the beginning.
    fn at(&self, event: u64) -> f64 {
        event as f64 / self.rate.load(Ordering::SeqCst) as f64
    }

    fn so_far(&self) -> u64 {
        let Some(begun) = self.begun.get() else { return 0 };
        let rate = self.rate.load(Ordering::SeqCst) as f64;
        let happened = (begun.elapsed().as_secs_f64() * rate) as u64;
        happened.min(self.all.load(Ordering::SeqCst)) + self.waited.load(Ordering::SeqCst)
    }

    /// The agent's answer (docs/reference/news.schema.json).
    fn news(&self, what: &Value) -> Value {
        let after = |name: &str| what[name].as_u64().unwrap_or_default();
        let (step, detection) = (after("after"), after("detections_after"));
        let so_far = self.so_far();
        let (steps, detections) = (so_far.div_ceil(2), so_far / 2);
        let known = |kind, number| (number > 0).then(|| hash(kind, number));
        json!({
            "schema": "asepsis/news/1",
            "journal": {
                "first": (steps > 0).then(|| hash(1, 1)), "after": known(1, step),
                "detections_after": known(2, detection), "watches": 1,
            },
            "steps": (step..steps.min(step + STEPS)).map(a_step).collect::<Vec<Value>>(),
            "detections": (detection..detections.min(detection + DETECTIONS))
                .map(a_detection)
                .collect::<Vec<Value>>(),
            "devices": [],
            "more": steps > step + STEPS || detections > detection + DETECTIONS,
            "next": { "after": 0, "detections_after": 0, "seen_after": 0 },
        })
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

fn a_step(before: u64) -> Value {
    let number = before + 1;
    json!({
        "number": number, "hash": hash(1, number), "order": number / 8 + 1,
        "device": format!("AT-{:06}", mixed(number) % 20_000), "at": now(),
        "by": "anna (security), by the console",
        "person": { "name": "anna", "role": "security", "door": "console" },
        "step": STEP_NAMES[(number % 6) as usize],
        "what": "applied at the ward's switch, read back and proved",
        "event": { "order": number / 8 + 1, "at": 1_764_470_400_000_000_i64, "step": "applied",
                   "by": { "person": { "name": "anna", "role": "security" } } },
    })
}

fn a_detection(before: u64) -> Value {
    let number = before + 1;
    let targets: Vec<String> =
        (0..12).map(|last| format!("10.20.{}.{last}", number % 250)).collect();
    json!({
        "number": number, "hash": hash(2, number), "at": now(), "rule": "threat.scan",
        "technique": "T1046", "device": format!("AT-{:06}", mixed(number) % 20_000),
        "source": "10.20.0.7", "targets": targets, "service": "tcp/445",
        "evidence": "It called 12 doors of 12 machines within a minute, none of which it called \
                     on any day before, and most did not open",
        "proposed": "contain",
    })
}

fn mixed(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

fn hash(kind: u64, number: u64) -> String {
    format!("{kind:032x}{:032x}", mixed(number) << 32 | number)
}

/// Answers whoever asks at a socket, as the agent does.
fn answer(socket: &Path, told: &Arc<Told>) {
    let (listener, told) = (UnixListener::bind(socket).unwrap(), Arc::clone(told));
    let known = json!({
        "schema": "asepsis/known/1", "now": 1, "more": false, "devices": [], "flows": [],
        "next": { "seen_after": 0, "flows_after": 0 },
    });
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (told, known) = (Arc::clone(&told), known.clone());
            thread::spawn(move || {
                let mut line = String::new();
                BufReader::new(&stream).read_line(&mut line).unwrap();
                let question: Value = serde_json::from_str(&line).unwrap();
                let answer = match question["what"]["ask"].as_str().unwrap_or_default() {
                    "news" => told.news(&question["what"]),
                    "known" => known,
                    _ => json!({ "orders": [], "troubles": [], "detections": [] }),
                };
                // Whoever ends meanwhile takes no answer.
                let _ = stream.write_all(format!("{}\n", json!({ "done": answer })).as_bytes());
            });
        }
    });
}

/// A receiver of alerts by syslog over TCP (RFC 6587): counts the detections.
struct Receiver {
    port: u16,
    seen: Arc<Mutex<HashSet<String>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(HashSet::new()));
        let own = Arc::clone(&seen);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut all = String::new();
                stream.read_to_string(&mut all).unwrap();
                let ids = all.split("\"id\":\"").skip(1).filter_map(|rest| rest.split('"').next());
                own.lock().unwrap().extend(ids.map(str::to_owned));
            }
        });
        Self { port, seen }
    }

    fn target(&self) -> Target {
        Target {
            id: "1".to_owned(),
            name: "SIEM".to_owned(),
            kind: "syslog".to_owned(),
            format: "json".to_owned(),
            place: format!("syslog+tcp://127.0.0.1:{}", self.port),
            topics: vec!["detection".to_owned()],
            ..Target::default()
        }
    }

    fn count(&self) -> u64 {
        self.seen.lock().unwrap().len() as u64
    }
}

/// The program, which serves.
struct Served {
    program: Child,
    address: String,
    code: String,
}

impl Served {
    fn start(store: &str, socket: &Path) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(["serve", "--listen", "127.0.0.1:0", "--alerts-may-reach", "127.0.0.1"])
            .args(["--watch", &testkit::served::example(), "--store", store, "--agent"])
            .arg(socket)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(program.stderr.take().unwrap()).lines();
        let (mut address, mut code) = (None, None);
        while address.is_none() || code.is_none() {
            let line = said.next().unwrap().unwrap();
            if let Some((_, at)) = line.split_once("answers at ") {
                address = Some(at.to_owned());
            }
            if let Some((_, shown)) = line.split_once("for a day: ") {
                code = Some(shown.trim().to_owned());
            }
        }
        thread::spawn(move || said.for_each(drop));
        Self { program, address: address.unwrap(), code: code.unwrap() }
    }

    /// The most memory that it held, in megabytes (proc(5), `status`).
    fn peak(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.program.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6
    }

    /// Seconds that it took of the processor (proc(5), `stat`).
    fn processor(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.program.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        ticks / 100.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
