//! The agent against the lab's attack where a switch filters its ports itself and is told what by
//! RADIUS: over a way that loses packets, where it says yes and does nothing, where it is silent.
//! Needs root.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail by a panic")]
#![expect(clippy::print_stdout, reason = "what happens in a scene is shown where its test fails")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use enforcement::reconciler::PATIENCE;
use serde_json::Value;
use testkit::lab::account::Line;
use testkit::lab::clock::Stop;
use testkit::lab::defence::{Defence, Disturbance, EDGE, Edge, KERNEL, Manner, Point};
use testkit::lab::scene::{self, Outcome, Play, Rhythm, Scene};

/// Of a hundred packets so many are lost, each way.
const LOSS: u64 = 30;
/// From the last yes until the wire shows it, in microseconds: what is promised of a detection.
const VERIFIED_WITHIN: i64 = 3_000_000;

/// A scene that was played, and the steps of its order, in the agent's words.
struct Played {
    outcome: Outcome,
    steps: Vec<Value>,
}

/// The scenes, one after the other: the machine is small, and rhythms have to stay.
static SCENES: LazyLock<[Played; 3]> = LazyLock::new(|| {
    [
        played(Manner::Obeys, &[]),
        played(Manner::OnlySaysSo, &[Point::Kernel]),
        played(Manner::Silent, &[Point::Kernel]),
    ]
});

fn obeys() -> &'static Played {
    &SCENES[0]
}

fn only_says_so() -> &'static Played {
    &SCENES[1]
}

fn silent() -> &'static Played {
    &SCENES[2]
}

fn played(manner: Manner, others: &[Point]) -> Played {
    let name = format!("switch-{manner:?}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let edge = Point::Edge(Edge { loss_percent: LOSS, manner });
    let points = std::iter::once(edge).chain(others.iter().copied()).collect();
    let play = Play {
        scene: Scene::Ransomware,
        rhythm: Rhythm::Short,
        defence: Defence::Agent(PathBuf::from(env!("CARGO_BIN_EXE_asepsis")), points),
        disturbance: Disturbance::None,
        folder: folder.clone(),
        tell: Arc::new(|what: &str| println!("{what}")),
        stop: Stop::default(),
    };
    let outcome = scene::play(&play).expect("the lab needs root and the packages of its setup");
    let said = std::fs::read_to_string(folder.join("agent.jsonl")).expect("what the agent said");
    let events = said.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        line.get("event").cloned()
    });
    let events: Vec<Value> = events.collect();
    let applying = events.iter().find(|event| event["step"] == "applying").expect("one is begun");
    let steps = events.iter().filter(|event| event["order"] == applying["order"]).cloned();
    Played { outcome, steps: steps.collect() }
}

impl Played {
    /// When a step was written of which the words hold all of these, and its place among the steps.
    fn step(&self, step: &str, words: &[&str]) -> Option<(usize, i64)> {
        let place = self.steps.iter().position(|event| {
            let what = event["what"].as_str().unwrap_or_default();
            event["step"] == step && words.iter().all(|word| what.contains(word))
        })?;
        Some((place, microseconds(&self.steps[place]["at"])))
    }

    fn has(&self, step: &str, words: &[&str]) -> (usize, i64) {
        self.step(step, words).unwrap_or_else(|| panic!("{step} {words:?}: {:#?}", self.steps))
    }
}

fn microseconds(value: &Value) -> i64 {
    let text = value.as_str().expect("a time");
    text.parse::<jiff::Timestamp>().expect("RFC 3339").as_microsecond()
}

#[test]
fn whatever_the_switch_does_with_what_it_is_told_care_loses_nothing_and_the_attacker_is_stopped() {
    for played in SCENES.iter() {
        let outcome = &played.outcome;
        let lost: Vec<&Line> = outcome.care.iter().filter(|line| !line.is_whole()).collect();
        assert_eq!(lost, [] as [&Line; 0]);
        let pump = outcome.care.iter().find(|line| line.from == "pump-1").expect("its line");
        assert_eq!((pump.opened, pump.broken), (1, 0), "one session from beginning to end: {pump}");
        assert_eq!(outcome.forbidden, [] as [&str; 0]);
        assert_eq!(outcome.reached(), [] as [&testkit::lab::ledger::Entry; 0]);
        assert!(outcome.blocked().len() >= 40, "{}", outcome.blocked().len());
        assert_eq!(outcome.shut, [] as [&str; 0], "all is open again once it is lifted");
    }
}

#[test]
fn three_in_ten_packets_lost_each_way_do_not_keep_the_switch_from_containing_the_pump() {
    let played = obeys();
    let (came, lost) = played.outcome.radius.expect("it was told by RADIUS");
    assert!(lost >= 4 && lost < came, "{lost} of {came} were lost");
    played.has("applied", &[EDGE]);
    let (_, verified) = played.has("verified", &[]);
    assert_eq!(played.step("failed", &[]), None, "{:#?}", played.steps);
    played.has("removed", &[EDGE]);
    let approved = played.outcome.contained.expect("it was contained").how.approved;
    let took = verified - approved;
    println!("verified {} ms after the last yes; {lost} of {came} were lost", took / 1_000);
    assert!(took <= VERIFIED_WITHIN, "{took} µs");
}

#[test]
fn a_switch_that_says_yes_and_does_nothing_is_found_out_on_the_wire_and_the_kernel_holds_the_pump()
{
    let played = only_says_so();
    let (said, _) = played.has("applied", &[EDGE]);
    let (found, _) = played.has("failed", &[EDGE, "the wire shows otherwise: a packet from "]);
    let (held, _) = played.has("applied", &[KERNEL]);
    let (shown, verified) = played.has("verified", &[]);
    assert!(said < found && found < held && held < shown, "{:#?}", played.steps);
    played.has("removed", &[EDGE]);
    let took = verified - played.outcome.contained.expect("it was contained").how.approved;
    println!("verified {} ms after the last yes", took / 1_000);
    assert!(took <= VERIFIED_WITHIN, "{took} µs");
}

#[test]
fn a_switch_that_never_answers_is_waited_for_a_second_and_the_kernel_holds_the_pump() {
    let played = silent();
    let (begun, told) = played.has("applying", &[EDGE]);
    let (passed, _) = played.has("failed", &[EDGE, "it has not answered for 1 s"]);
    let (held, since) = played.has("applied", &[KERNEL]);
    let (shown, verified) = played.has("verified", &[]);
    assert!(begun < passed && passed < held && held < shown, "{:#?}", played.steps);
    let (failed, _) = played.has("failed", &[EDGE, "no answer to "]);
    assert!(passed < failed, "{:#?}", played.steps);
    assert_eq!(played.step("removed", &[EDGE]), None, "what it holds, nobody knows");
    played.has("removed", &[KERNEL]);
    let waited = since - told;
    println!(
        "held {} ms, verified {} ms after it was begun",
        waited / 1_000,
        (verified - told) / 1_000
    );
    assert!((PATIENCE..2 * PATIENCE).contains(&waited), "{waited} µs");
    let took = verified - played.outcome.contained.expect("it was contained").how.approved;
    assert!(took <= VERIFIED_WITHIN, "{took} µs");
}
