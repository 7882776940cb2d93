//! An agent within the process: what it says of what it sees and of what people do, across a new
//! beginning.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use enforcement::simulated::Conduct;
use presentation::intent::{Agent as _, Speaker};
use presentation::news::{self as told, After, Network, News};
use serde_json::Value;
use store::agents::{self, Known};
use store::database::Database;
use store::{Place, detections, flows, identities, steps};

use super::{Asker, Within};
use crate::agent::talk::Ask;
use crate::demo::{self, Play};
use crate::serving::watcher::AtHand;

#[path = "../../../tests/program/schema.rs"]
mod schema;

/// How long it is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// Ten times as fast as recorded, the attack at once.
const PLAY: Play = Play { speed: NonZeroU32::new(10).unwrap(), attack_after: Duration::ZERO };

fn begin(state: &Path) -> Within {
    demo::begin(state, PLAY, Conduct::Obeys).expect("it begins").0
}

/// The news after these, kept to their schema.
fn news(asker: &Asker, (after, detections_after, seen_after): (u64, u64, i64)) -> Value {
    let ask = Ask::News { after, detections_after, seen_after };
    let told = asker.told(None, ask).expect("told");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/news.schema.json");
    let form = serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON");
    let breaches = schema::breaches(&form, &told);
    assert!(breaches.is_empty(), "{breaches:#?}");
    told
}

/// After what to ask next.
fn next(news: &Value) -> (u64, u64, i64) {
    let next = &news["next"];
    let number = |name: &str| next[name].as_u64().expect("a number");
    (number("after"), number("detections_after"), next["seen_after"].as_i64().expect("a moment"))
}

/// Takes the news in the order of their coming, each once, until there are so many of each kind:
/// steps, detections, devices.
fn taken(asker: &Asker, least: [usize; 3]) -> (Vec<Value>, Vec<Value>, BTreeMap<String, Value>) {
    let (mut steps, mut detections, mut devices) = (Vec::new(), Vec::new(), BTreeMap::new());
    let (mut after, began) = ((0, 0, 0), Instant::now());
    loop {
        let told = news(asker, after);
        after = next(&told);
        let list = |name: &str| told[name].as_array().expect("a list").clone();
        steps.extend(list("steps"));
        detections.extend(list("detections"));
        for device in list("devices") {
            let name = device["device"].as_str().expect("a name").to_owned();
            let before: Option<Value> = devices.insert(name, device.clone());
            assert!(before.is_none_or(|before| seen(&before) < seen(&device)), "{device}");
        }
        let [some_steps, found, seen] = least;
        if steps.len() >= some_steps && detections.len() >= found && devices.len() >= seen {
            return (steps, detections, devices);
        }
        assert!(began.elapsed() < PATIENCE, "{} {}", steps.len(), detections.len());
        thread::sleep(Duration::from_millis(5));
    }
}

fn request() -> Ask {
    Ask::Request {
        device: "SB-ICU-PCU-01".to_owned(),
        level: "contain".to_owned(),
        reason: "it looks odd".to_owned(),
        seconds: 3_600,
    }
}

fn seen(device: &Value) -> i64 {
    device["seen"].as_i64().expect("a moment")
}

fn numbers(list: &[Value]) -> Vec<u64> {
    list.iter().map(|one| one["number"].as_u64().expect("a number")).collect()
}

#[test]
fn news_are_numbered_without_a_gap_and_go_on_after_a_new_beginning() {
    let state = tempfile::tempdir().expect("a folder");
    let first = begin(state.path());
    let (steps, detections, devices) = taken(&first.asker(), [2, 4, 200]);
    assert_eq!(numbers(&steps), (1..=steps.len() as u64).collect::<Vec<u64>>());
    assert_eq!(numbers(&detections), (1..=detections.len() as u64).collect::<Vec<u64>>());
    assert!(devices["SB-ICU-EVT-03"]["in_inventory"] == true);
    // What came between the last question and the end is told after the new beginning.
    first.end().expect("it ends well");
    let second = begin(state.path());
    second.asker().told(Some(("nora", "clinical")), request()).expect("asked");
    let least = [steps.len() + 1, detections.len() + 1, 1];
    let (steps_again, detections_again, _) = taken(&second.asker(), least);
    assert_eq!(steps_again[..steps.len()], steps);
    assert_eq!(detections_again[..detections.len()], detections);
    let all = numbers(&steps_again);
    assert_eq!(all, (1..=all.len() as u64).collect::<Vec<u64>>());
    let all = numbers(&detections_again);
    assert_eq!(all, (1..=all.len() as u64).collect::<Vec<u64>>());
    let lines = fs::read_to_string(state.path().join("detections.jsonl")).expect("the file");
    assert!(lines.lines().count() >= all.len());
}

#[test]
fn it_answers_for_people_and_says_that_it_is_simulated() {
    let state = tempfile::tempdir().expect("a folder");
    let agent = begin(state.path());
    let asker = agent.asker();
    let no = asker.told(None, request()).expect_err("for nobody");
    assert!(no.to_string().contains("say for whom"), "{no}");
    let order = asker.told(Some(("nora", "clinical")), request()).expect("asked");
    assert_eq!(order["by"], "nora (clinical), by the console");
    let status = asker.told(None, Ask::Status { order: None }).expect("told");
    assert_eq!(status["simulated"], true);
    assert_eq!(status["points"][0], "simulated switch");
    drop(agent);
    let ended = asker.told(None, Ask::Status { order: None }).expect_err("it has ended");
    assert!(ended.to_string().contains("ended"), "{ended}");
}

/// Security says yes to the first order, and waits until it came to a step.
fn until(asker: &Asker, wanted: &str) -> Vec<Value> {
    let (mut steps, mut after, began) = (Vec::new(), (0, 0, i64::MAX), Instant::now());
    loop {
        let told = news(asker, after);
        after = next(&told);
        steps.extend(told["steps"].as_array().expect("a list").clone());
        // Refused once it was said.
        let _ = asker.told(Some(("anna", "security")), Ask::Approve { order: 1 });
        let of_first = |step: &&Value| step["order"] == 1;
        if steps.iter().filter(of_first).any(|step| step["step"] == wanted) {
            return steps;
        }
        assert!(began.elapsed() < PATIENCE, "{steps:#?}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_simulated_switch_that_only_says_so_is_found_out_on_the_wire_and_one_that_obeys_is_verified() {
    let state = tempfile::tempdir().expect("a folder");
    let agent = begin(state.path());
    let steps = until(&agent.asker(), "verified");
    assert!(steps.iter().all(|step| step["step"] != "failed"), "{steps:#?}");
    let state = tempfile::tempdir().expect("a folder");
    let (agent, _, ledger) =
        demo::begin(state.path(), PLAY, Conduct::OnlySaysSo).expect("it begins");
    let steps = until(&agent.asker(), "failed");
    let failed = steps.iter().find(|step| step["step"] == "failed").expect("it is there");
    let what = failed["what"].as_str().expect("words");
    assert!(what.starts_with("simulated switch failed: the wire shows otherwise"), "{what}");
    assert!(steps.iter().all(|step| step["step"] != "verified"), "{steps:#?}");
    assert_eq!(ledger.counts().attack.1, 0, "it stopped nothing");
}

/// Takes into a store what the agent tells, knowing nothing but what stands in the store, until so
/// much is there: steps and detections.
fn keep(database: &Database, asker: &Asker, (some_steps, found): (i64, i64)) -> Known {
    let (agent, began) = (AtHand(asker.clone()), Instant::now());
    let ask = |known: &Known| {
        let told = agent.ask(&Speaker::console(), None, &told::question(known)).expect("told");
        News::read(told).expect("understood")
    };
    loop {
        let mut known = database.read("test", agents::known).expect("read");
        let mut news = ask(&known);
        if news.forget_others(&mut known) {
            news = ask(&known);
        }
        database.write("test", |t| news.keep(t, &mut known, 1)).expect("kept");
        let last = database.read("test", |t| Ok((steps::last(t)?, detections::last(t)?)));
        let last = last.expect("read");
        if last.0 >= some_steps && last.1 >= found {
            return known;
        }
        assert!(began.elapsed() < PATIENCE, "{last:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn hashes(database: &Database) -> Vec<(i64, String)> {
    let all = database.read("test", |t| steps::after(t, 0, 500)).expect("read");
    all.into_iter().map(|step| (step.journal_number, step.hash)).collect()
}

#[test]
fn each_step_and_detection_is_kept_once_across_new_beginnings_and_another_journal() {
    let (state, other) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
    let place = Place::File(state.path().join("asepsis.db"));
    let database = Database::open(&place).expect("a store");
    let first = begin(state.path());
    let known = keep(&database, &first.asker(), (2, 4));
    assert!(known.step.number >= 2 && known.watches_ms.is_some());
    first.asker().told(Some(("nora", "clinical")), request()).expect("asked");
    // It ends before that was told.
    first.end().expect("it ends well");
    let second = begin(state.path());
    keep(&database, &second.asker(), (known.step.number + 1, 4));
    second.end().expect("it ends well");
    let told = hashes(&database);
    let numbers: Vec<i64> = told.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=i64::try_from(told.len()).expect("few")).collect::<Vec<_>>());
    // Another journal counts from 1 as well, and the first comes back after it.
    let third = begin(other.path());
    let some = i64::try_from(told.len()).expect("few");
    keep(&database, &third.asker(), (some + 2, 5));
    third.end().expect("it ends well");
    let before = hashes(&database).len();
    let fourth = begin(state.path());
    fourth.asker().told(Some(("nora", "clinical")), request()).ok();
    keep(&database, &fourth.asker(), (i64::try_from(before).expect("few"), 5));
    let all = hashes(&database);
    let unique: std::collections::BTreeSet<&String> = all.iter().map(|(_, hash)| hash).collect();
    assert_eq!(unique.len(), all.len(), "none twice");
    assert_eq!(all[..told.len()], told, "none changed");
}

#[test]
fn who_is_on_the_network_and_what_is_walked_there_is_told_by_page_and_kept() {
    let state = tempfile::tempdir().expect("a folder");
    let database = Database::open(&Place::File(state.path().join("asepsis.db"))).expect("a store");
    let agent = begin(state.path());
    let asker = AtHand(agent.asker());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/known.schema.json");
    let form = serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON");
    let (mut after, began) = (After::default(), Instant::now());
    let seen = loop {
        let told = asker.ask(&Speaker::console(), None, &after.question()).expect("told");
        let breaches = schema::breaches(&form, &told);
        assert!(breaches.is_empty(), "{breaches:#?}");
        let network = Network::read(told).expect("understood");
        database.write("test", |t| network.keep(t)).expect("kept");
        after = network.next().0;
        let seen = database.read("test", |t| {
            let flows = flows::of(t, "SB-ICU-EVT-03", 50)?;
            Ok((identities::one(t, "SB-ICU-EVT-03")?, flows))
        });
        let seen = seen.expect("read");
        let is_whole = |flow: &flows::Flow| flow.role == "result" && !flow.server_device.is_empty();
        if seen.0.is_some() && seen.1.iter().any(is_whole) {
            break seen;
        }
        assert!(began.elapsed() < PATIENCE, "{seen:#?}");
        thread::sleep(Duration::from_millis(20));
    };
    let identity = seen.0.expect("seen");
    assert!(identity.is_in_inventory && !identity.kind.is_empty(), "{identity:?}");
    assert!(identity.rest.contains("\"claims\""), "{identity:?}");
}
