//! The program against the lab: a small hospital of real programs, on a clean day and under attack.
//! What is expected is the scene's truth, written by whoever wrote the scene. Needs root.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]
#![expect(clippy::print_stdout, reason = "what happens in a scene is shown where its test fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock};

use serde_json::Value;
use testkit::lab::account::Line;
use testkit::lab::clock::Stop;
use testkit::lab::defence::{Defence, Disturbance};
use testkit::lab::ledger::Deed;
use testkit::lab::scene::{self, Outcome, Play, Rhythm, Scene};
use testkit::lab::truth::Flow;

/// A scene that was played, and what the program sees in it.
struct Played {
    outcome: Outcome,
    folder: PathBuf,
    seen: Value,
}

/// The scenes, one after the other: the machine is small, and rhythms have to stay.
static SCENES: LazyLock<[Played; 3]> = LazyLock::new(|| {
    [
        played(Scene::CleanDay, Defence::Nobody, Disturbance::None),
        played(Scene::Ransomware, by_hand(), Disturbance::None),
        played(Scene::Ransomware, by_hand(), Disturbance::AnotherAddress),
    ]
});

fn clean_day() -> &'static Played {
    &SCENES[0]
}

fn ransomware() -> &'static Played {
    &SCENES[1]
}

fn another_address() -> &'static Played {
    &SCENES[2]
}

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_asepsis"))
}

fn by_hand() -> Defence {
    Defence::ByHand(program())
}

fn played(scene: Scene, defence: Defence, disturbance: Disturbance) -> Played {
    let name = format!("lab-{}-{disturbance:?}", scene.text());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let play = Play {
        scene,
        rhythm: Rhythm::Full,
        defence,
        disturbance,
        folder: folder.clone(),
        tell: Arc::new(|what: &str| println!("{what}")),
        stop: Stop::default(),
    };
    let outcome = scene::play(&play).expect("the lab needs root and the packages of its setup");
    let output =
        run(&["observe", "--quiet", "--json", "-", "--inventory"], &[&folder, &outcome.capture]);
    let seen = serde_json::from_slice(&output.stdout).expect("JSON");
    Played { outcome, folder, seen }
}

fn run(words: &[&str], paths: &[&Path]) -> Output {
    let output = Command::new(program()).args(words).args(paths).output().expect("it starts");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().expect("a list")
}

#[test]
fn a_clean_day_raises_no_alarm() {
    assert_eq!(list(&clean_day().seen, "detections"), &[] as &[Value]);
    assert!(clean_day().seen["input"]["frames"].as_u64() > Some(1_000));
}

#[test]
fn a_clean_day_loses_nothing_and_is_captured_whole() {
    for played in SCENES.iter() {
        let (captured, counted) = played.outcome.frames;
        assert_eq!(captured, counted, "the switch's ports count what the capture has");
    }
    let care = &clean_day().outcome.care;
    assert!(care.len() >= 10, "{care:?}");
    assert_eq!(
        care.iter().filter(|line| !line.is_whole()).collect::<Vec<&Line>>(),
        [] as [&Line; 0]
    );
}

#[test]
fn every_member_of_the_cast_is_known_with_its_evidence() {
    for played in SCENES.iter() {
        for member in &played.outcome.truth.cast {
            let address = Value::from(member.address.to_string());
            let has = |device: &&Value| {
                let interfaces = list(device, "interfaces").iter();
                interfaces.flat_map(|of| list(of, "addresses")).any(|own| *own == address)
            };
            let devices: Vec<&Value> = list(&played.seen, "devices").iter().filter(has).collect();
            let [device] = devices.as_slice() else { panic!("{}: {devices:?}", member.name) };
            assert_eq!(
                device["kind"].as_str(),
                member.kind.as_deref(),
                "{}: {device}",
                member.name
            );
            assert_eq!(device["because"].is_string(), member.kind.is_some(), "{}", member.name);
            let [interface] = list(device, "interfaces") else { panic!("{}", member.name) };
            assert_eq!(interface["mac"], member.mac.as_str());
            assert_eq!(device["id"].as_str(), member.id.as_deref());
            if member.id.is_some() {
                assert_eq!(device["joined_by"], "its hardware address");
                assert_eq!(list(device, "contradictions"), &[] as &[Value]);
            }
        }
    }
}

#[test]
fn the_support_from_outside_is_not_taken_for_the_router() {
    let devices = list(&clean_day().seen, "devices");
    let afar = devices.iter().find(|device| device["behind_router"] != Value::Array(Vec::new()));
    let afar = afar.expect("the maker's support");
    assert_eq!(afar["behind_router"], Value::from(vec!["198.51.100.20"]));
    assert_eq!(list(afar, "interfaces"), &[] as &[Value]);
}

#[test]
fn devices_at_a_patient_are_in_use() {
    for device in list(&clean_day().seen, "devices") {
        if ["PUMP-ICU-01", "PUMP-ICU-02", "MON-ICU-03"].iter().any(|id| device["id"] == **id) {
            assert_eq!(device["in_use"]["state"], "yes", "{device}");
        }
    }
}

#[test]
fn what_care_needs_of_each_device_is_found() {
    let flow = |open: &Value| Flow {
        role: open["role"].as_str().expect("a role").to_owned(),
        peer: open["peer"].as_str().expect("a peer").parse().expect("an address"),
        service: open["service"].as_str().expect("a service").to_owned(),
        side: open["side"].as_str().expect("a side").to_owned(),
    };
    let played = clean_day();
    for needs in &played.outcome.truth.essential {
        let members = &played.outcome.truth.cast;
        let member =
            members.iter().find(|member| member.name == needs.device).expect("in the cast");
        let id = member.id.as_deref().expect("in the inventory");
        let words = ["contain", "plan", "--json", id, "--inventory"];
        let output = run(&words, &[&played.folder, &played.outcome.capture]);
        let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let (supports, flows): (Vec<&Value>, Vec<&Value>) =
            list(&plan, "stays_open").iter().partition(|open| {
                open["because"].as_str().is_some_and(|because| because.starts_with("supports"))
            });
        let found: BTreeSet<Flow> = flows.into_iter().map(flow).collect();
        assert_eq!(found, needs.flows.iter().cloned().collect(), "{}: {plan:#}", needs.device);
        // Names are asked for over TCP, too, where an answer is long (RFC 7766).
        let is_wider = |flow: &Flow| flow.service == "tcp/53";
        let found: BTreeSet<Flow> =
            supports.into_iter().map(flow).filter(|flow| !is_wider(flow)).collect();
        assert_eq!(found, needs.supports.iter().cloned().collect(), "{}: {plan:#}", needs.device);
        assert!(plan["verdict"].as_str().is_some_and(|v| v.starts_with("Nothing that care needs")));
    }
}

#[test]
fn every_step_of_the_attack_is_detected() {
    let played = ransomware();
    assert_eq!(played.outcome.truth.attack.len(), 8);
    let came_about: BTreeSet<&str> = played
        .outcome
        .entries
        .iter()
        .filter(|entry| entry.who == "attacker" && entry.kind == Deed::Reached)
        .map(|entry| entry.key.as_str())
        .collect();
    for step in &played.outcome.truth.attack {
        assert!(came_about.contains(step.step.as_str()), "{} did not come about", step.step);
        let detections = list(&played.seen, "detections");
        let missed = step.missed(detections);
        assert!(missed.is_empty(), "{} is not found by {missed:?}: {detections:#?}", step.step);
    }
}

#[test]
fn nobody_but_the_attacker_is_accused() {
    for played in [ransomware(), another_address()] {
        let attack = &played.outcome.truth.attack;
        let mut guilty: BTreeSet<String> = attack.iter().map(|s| s.source.to_string()).collect();
        // The address that the pump takes for its attack is the pump, too.
        guilty.insert("10.20.0.77".to_owned());
        for detection in list(&played.seen, "detections") {
            assert!(
                guilty.contains(detection["source"].as_str().unwrap_or_default()),
                "{detection}"
            );
        }
    }
}

#[test]
fn nothing_of_care_is_lost_while_the_pump_is_contained() {
    for played in [ransomware(), another_address()] {
        let lost: Vec<&Line> = played.outcome.care.iter().filter(|line| !line.is_whole()).collect();
        assert_eq!(lost, [] as [&Line; 0]);
        let pump = played.outcome.care.iter().find(|line| line.from == "pump-1").expect("its line");
        assert_eq!((pump.opened, pump.broken), (1, 0), "one session from beginning to end: {pump}");
    }
}

#[test]
fn the_contained_pump_reaches_nothing_that_it_may_not_and_nobody_reaches_it() {
    for played in [ransomware(), another_address()] {
        let outcome = &played.outcome;
        let contained = outcome.contained.expect("it was contained");
        assert_eq!(outcome.forbidden, [] as [&str; 0]);
        assert_eq!(outcome.reached(), [] as [&testkit::lab::ledger::Entry; 0]);
        assert!(outcome.blocked().len() >= 80, "{}", outcome.blocked().len());
        // Every door that was shut had been open, and was open again once the order was lifted.
        assert_eq!(outcome.shut, [] as [&str; 0]);
        let blocked: BTreeSet<String> = outcome.blocked().iter().map(|e| door(&e.key)).collect();
        let before = testkit::lab::account::reached(&outcome.entries, (0, contained.how.asked));
        let open: BTreeSet<String> = before.iter().map(|e| door(&e.key)).collect();
        assert!(blocked.is_subset(&open), "{blocked:?} {open:?}");
        assert_eq!(blocked.len(), 8, "seven doors and the master's orders: {blocked:?}");
        assert!(contained.until - contained.how.holds >= 9_000_000, "it held for a while");
    }
}

/// A knock's key without its number.
fn door(key: &str) -> String {
    key.rsplit_once('-').map_or(key, |(door, _)| door).to_owned()
}

#[test]
fn nothing_of_a_patient_of_the_lab_reaches_any_output() {
    const PATIENTS: [&str; 6] =
        ["Quellwasser", "Haselnuss", "Kirschbaum", "Mirabelle", "LAB-0004", "Ottilie"];
    let played = clean_day();
    let capture = std::fs::read(&played.outcome.capture).expect("a capture");
    let capture = String::from_utf8_lossy(&capture);
    let table = run(&["observe", "--top", "1000"], &[&played.outcome.capture]);
    let plan = run(&["contain", "plan", "10.20.0.11"], &[&played.outcome.capture]);
    let outputs = [table, plan].map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    for word in PATIENTS {
        assert!(capture.contains(word), "`{word}` is not even in the capture");
        for output in outputs.iter().chain([&played.seen.to_string()]) {
            assert!(!output.contains(word), "`{word}` is in the output");
        }
    }
}
