//! The agent against the lab: it watches a small hospital, tells of the attack, and contains the
//! pump once people say so; killed, robbed of its rules, and led astray. Needs root.

#![expect(clippy::print_stdout, reason = "what happens in a scene is shown where its test fails")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::Value;
use testkit::lab::account::Line;
use testkit::lab::clock::Stop;
use testkit::lab::defence::{Defence, Disturbance, Point};
use testkit::lab::ledger::Entry;
use testkit::lab::scene::{self, Outcome, Play, Rhythm, Scene};

/// From the first detection until the wire shows it, in microseconds, with people who say yes at
/// once.
const DETECTED_TO_VERIFIED: i64 = 3_000_000;

/// One hospital at a time: the machine is small, and rhythms have to stay.
static ALONE: Mutex<()> = Mutex::new(());

fn played(disturbance: Disturbance) -> (Outcome, PathBuf) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lab-agent-{disturbance:?}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let play = Play {
        scene: Scene::Ransomware,
        rhythm: if disturbance == Disturbance::None { Rhythm::Full } else { Rhythm::Short },
        defence: Defence::Agent(PathBuf::from(env!("CARGO_BIN_EXE_asepsis")), vec![Point::Kernel]),
        disturbance,
        folder: folder.clone(),
        tell: Arc::new(|what: &str| println!("{what}")),
        stop: Stop::default(),
    };
    let outcome = scene::play(&play).expect("the lab needs root and the packages of its setup");
    (outcome, folder)
}

/// Nothing of care was lost, nothing forbidden passed, and afterwards all is as before.
#[track_caller]
fn check(outcome: &Outcome) {
    let lost: Vec<&Line> = outcome.care.iter().filter(|line| !line.is_whole()).collect();
    assert_eq!(lost, [] as [&Line; 0]);
    let pump = outcome.care.iter().find(|line| line.from == "pump-1").expect("its line");
    assert_eq!((pump.opened, pump.broken), (1, 0), "one session from beginning to end: {pump}");
    assert_eq!(outcome.forbidden, [] as [&str; 0]);
    assert_eq!(outcome.reached(), [] as [&Entry; 0]);
    assert!(outcome.blocked().len() >= 20, "{}", outcome.blocked().len());
    assert_eq!(outcome.shut, [] as [&str; 0]);
}

/// The scene in which nothing disturbs the agent.
static UNDISTURBED: LazyLock<(Outcome, PathBuf)> = LazyLock::new(|| played(Disturbance::None));

#[test]
fn the_agent_tells_of_every_step_of_the_attack_and_accuses_nobody_else() {
    let (outcome, folder) = &*UNDISTURBED;
    let said = std::fs::read_to_string(folder.join("agent.jsonl")).expect("what it said");
    let told = said.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        line.get("detection").cloned()
    });
    let told: Vec<Value> = told.collect();
    let attack = &outcome.truth.attack;
    for step in attack {
        let missed = step.missed(&told);
        assert!(missed.is_empty(), "{} is not found by {missed:?}: {told:#?}", step.step);
    }
    for detection in &told {
        let source = detection["source"].as_str().unwrap_or_default();
        let is_guilty = attack.iter().any(|step| step.source.to_string() == source);
        assert!(is_guilty, "{detection}");
    }
}

#[test]
fn the_pump_is_contained_soon_after_it_is_detected_and_its_patient_is_not_cut_off() {
    let (outcome, _) = &*UNDISTURBED;
    check(outcome);
    let how = outcome.contained.expect("it was contained").how;
    let took = how.holds - how.detected.expect("it was detected");
    assert!(took <= DETECTED_TO_VERIFIED, "{took} µs from its detection until it was verified");
}

#[test]
fn an_agent_that_is_killed_ten_times_loses_no_order_and_lets_nothing_through() {
    let (outcome, folder) = played(Disturbance::AgentKilled(10));
    check(&outcome);
    let said = std::fs::read_to_string(folder.join("agent.jsonl")).expect("what it said");
    assert_eq!(said.matches("\"agent\":\"ready\"").count(), 11, "it began again each time");
}

#[test]
fn rules_that_somebody_removes_are_back_within_seconds() {
    check(&played(Disturbance::RulesFlushed).0);
}

#[test]
fn a_pump_that_takes_another_address_gets_no_further() {
    check(&played(Disturbance::AnotherAddress).0);
}
