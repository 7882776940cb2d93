//! How fast what an agent tells is kept: from the words of its answer to rows in the store, in a
//! file and at a server, with a target for which alerts are queued: `cargo xtask bench news`.
//!
//! The journal is made from a seed. Refuses to count a round that kept another number than was
//! told, or that kept anything twice.

#![expect(clippy::print_stdout, clippy::indexing_slicing, reason = "a benchmark")]

use std::time::Instant;

use presentation::news::{self, News};
use serde_json::{Value, json};
use store::Place;
use store::agents;
use store::alerts::{self, Target};
use store::audit::By;
use store::database::Database;
use store::{detections, steps};
use testkit::postgres::Server;

/// Answers of a round, each with as many steps and detections as the agent tells at most.
const ANSWERS: u64 = 20;
const STEPS: u64 = 500;
const DETECTIONS: u64 = 200;
const ROUNDS: usize = 5;
const STEP_NAMES: [&str; 6] =
    ["requested", "approved", "applying", "applied", "verified", "lifted"];

fn main() {
    let each = STEPS + DETECTIONS;
    let all = ANSWERS * each;
    println!("{all} events in answers of {each}; medians of {ROUNDS} rounds\n");
    println!("| store | events/s | slowest answer, ms | the same told again, events/s |");
    println!("|---|---|---|---|");
    let answers: Vec<String> = (0..ANSWERS).map(answer).collect();
    let mut file = Vec::new();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().expect("a folder");
        file.push(round(&Place::File(folder.path().join("asepsis.db")), &answers));
    }
    row("SQLite", &file);
    let mut served = Vec::new();
    for _ in 0..ROUNDS {
        let server = Server::start();
        served.push(round(&server.url().parse().expect("a URL"), &answers));
    }
    row("PostgreSQL", &served);
}

/// Events a second, the slowest answer in milliseconds, and events a second the second time.
fn round(place: &Place, answers: &[String]) -> [f64; 3] {
    let database = Database::open(place).expect("opened");
    database
        .write("test", |t| alerts::add(t, &target(), By { actor: "bench", at_ms: 0 }))
        .expect("a target");
    let mut slowest = 0.0_f64;
    let mut take = || {
        let began = Instant::now();
        for text in answers {
            let began = Instant::now();
            let told: Value = serde_json::from_str(text).expect("JSON");
            let news = News::read(told).expect("understood");
            let mut known = database.read("test", agents::known).expect("read");
            let _ = news::question(&known);
            database.write("test", |t| news.keep(t, &mut known, 1)).expect("kept");
            slowest = slowest.max(began.elapsed().as_secs_f64() * 1_000.0);
        }
        (ANSWERS * (STEPS + DETECTIONS)) as f64 / began.elapsed().as_secs_f64()
    };
    let first = take();
    let again = take();
    let kept = |last: i64, told: u64| assert_eq!(u64::try_from(last), Ok(told), "each once");
    kept(database.read("test", steps::last).expect("read"), ANSWERS * STEPS);
    kept(database.read("test", detections::last).expect("read"), ANSWERS * DETECTIONS);
    [first, slowest, again]
}

fn row(name: &str, rounds: &[[f64; 3]]) {
    let median = |place: usize| {
        let mut all: Vec<f64> = rounds.iter().map(|round| round[place]).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!("| {name} | {:.0} | {:.0} | {:.0} |", median(0), median(1), median(2));
}

/// An answer of the agent, as docs/reference/news.schema.json has it.
fn answer(number: u64) -> String {
    let hash = |kind: u64, number: u64| format!("{:064x}", mixed(kind << 32 | number));
    let step = |place: u64| {
        let number = number * STEPS + place + 1;
        let device = format!("AT-{:06}", mixed(number) % 20_000);
        json!({
            "number": number,
            "hash": hash(1, number),
            "order": number / 8 + 1,
            "device": device,
            "at": "2026-11-30T02:40:00.123Z",
            "by": "anna (security), by the console",
            "person": { "name": "anna", "role": "security", "door": "console" },
            "step": STEP_NAMES[(number % 6) as usize],
            "what": "applied at the ward's switch, read back and proved",
            "event": { "order": number / 8 + 1, "at": 1_764_470_400_000_000_i64, "step": "applied",
                       "by": { "person": { "name": "anna", "role": "security" } } },
        })
    };
    let detection = |place: u64| {
        let number = number * DETECTIONS + place + 1;
        let targets: Vec<String> =
            (0..12).map(|last| format!("10.20.{}.{last}", number % 250)).collect();
        json!({
            "number": number,
            "hash": hash(2, number),
            "at": "2026-11-30T02:40:00.123Z",
            "rule": "threat.scan",
            "technique": "T1046",
            "device": format!("AT-{:06}", mixed(number) % 20_000),
            "source": "10.20.0.7",
            "targets": targets,
            "service": "tcp/445",
            "evidence": "It called 12 doors of 12 machines within a minute, none of which it called \
                         on any day before, and most did not open",
            "proposed": "contain",
        })
    };
    json!({
        "schema": "asepsis/news/1",
        "journal": { "first": hash(1, 1), "after": null, "detections_after": null, "watches": 1 },
        "steps": (0..STEPS).map(step).collect::<Vec<Value>>(),
        "detections": (0..DETECTIONS).map(detection).collect::<Vec<Value>>(),
        "devices": [],
        "more": true,
        "next": { "after": 0, "detections_after": 0, "seen_after": 0 },
    })
    .to_string()
}

fn mixed(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

fn target() -> Target {
    Target {
        id: "1".to_owned(),
        name: "SIEM".to_owned(),
        kind: "syslog".to_owned(),
        format: "cef".to_owned(),
        place: "syslog+tls://siem.example".to_owned(),
        topics: vec!["detection".to_owned(), "order".to_owned()],
        ..Target::default()
    }
}
