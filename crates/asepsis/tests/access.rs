//! The agent and a port with IEEE 802.1X in the lab: its Disconnect-Request goes to a real `hostapd`
//! for a device that has signed on with a real supplicant at a real `FreeRADIUS`; both ends' ledgers
//! and the wire show what came of it. Needs root.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]
#![expect(clippy::print_stdout, reason = "what happens in a scene is shown where its test fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use testkit::lab::access::STATION;
use testkit::lab::account::Line;
use testkit::lab::clock::Stop;
use testkit::lab::defence::{Defence, Disturbance, KERNEL, PORT, Point};
use testkit::lab::ledger::{Deed, Entry};
use testkit::lab::scene::{self, Outcome, Play, Rhythm, Scene};

/// How soon after the last yes the port is closed, in microseconds.
const CLOSED_WITHIN: i64 = 1_000_000;

fn played(folder: &Path) -> Outcome {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).expect("a folder");
    let program = PathBuf::from(env!("CARGO_BIN_EXE_asepsis"));
    let play = Play {
        scene: Scene::AccessPort,
        rhythm: Rhythm::Short,
        defence: Defence::Agent(program, vec![Point::Access, Point::Kernel]),
        disturbance: Disturbance::None,
        folder: folder.to_owned(),
        tell: Arc::new(|what: &str| println!("{what}")),
        stop: Stop::default(),
    };
    scene::play(&play).expect("the lab needs root and the packages of its setup")
}

/// The steps of the order, each with the point that it names, in the agent's words.
fn steps(folder: &Path) -> Vec<(String, String)> {
    let said = std::fs::read_to_string(folder.join("agent.jsonl")).expect("what the agent said");
    let events = said.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        line.get("event").cloned()
    });
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    events.map(|event| (text(&event["step"]), text(&event["what"]))).collect()
}

#[test]
fn hostapd_puts_a_device_off_its_port_and_it_reaches_nobody_until_it_signs_on_anew() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab-access");
    let outcome = played(&folder);
    let steps = steps(&folder);
    let has = |step: &str, word: &str| {
        steps.iter().any(|(name, what)| name == step && what.contains(word))
    };
    assert!(has("applied", PORT) && has("verified", "") && has("removed", PORT), "{steps:#?}");
    assert!(!has("failed", "") && !has("applied", KERNEL), "hostapd alone did it: {steps:#?}");

    // The port: open, closed soon after the last yes, open once the device had signed on anew.
    let isolated = outcome.isolated.expect("it was isolated");
    let (approved, holds, until) = (isolated.how.approved, isolated.how.holds, isolated.until);
    let port: Vec<&Entry> = outcome.entries.iter().filter(|entry| entry.who == "access").collect();
    let kinds: Vec<Deed> = port.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Deed::PortOpened, Deed::PortClosed, Deed::PortOpened], "{port:#?}");
    let took = port[1].at - approved;
    println!("the port was closed {} ms after the last yes", took / 1_000);
    assert!(took <= CLOSED_WITHIN && port[2].at >= until, "{took} µs");

    // The wire: nothing of it, nothing to it. Both ends: nothing was done, and then it was.
    assert_eq!(outcome.forbidden, [] as [&str; 0]);
    let station = testkit::lab::cast::machine_of(STATION).address().to_string();
    let kept = |from: i64, to: i64| {
        let of = |entry: &&Entry| entry.who == "pacs" && entry.with == station;
        outcome.entries.iter().filter(of).filter(|entry| (from..to).contains(&entry.at)).count()
    };
    let stored = |from: i64, to: i64| {
        let of = |entry: &&Entry| entry.who == STATION && entry.kind == Deed::Stored;
        outcome.entries.iter().filter(of).filter(|entry| (from..to).contains(&entry.at)).count()
    };
    assert!(kept(0, approved) >= 2 && stored(0, approved) >= 2, "it had worked");
    assert_eq!((kept(holds, until), stored(holds, until)), (0, 0), "it reached nobody");
    assert!(kept(until, i64::MAX) >= 2 && stored(until, i64::MAX) >= 2, "it works again");

    // Nobody else lost anything; of what it calls done, nothing is missing at the other end.
    for line in &outcome.care {
        assert!(outcome.is_isolated(line) || line.is_whole(), "{line}");
    }
    let own: Vec<&Line> = outcome.care.iter().filter(|line| outcome.is_isolated(line)).collect();
    assert_eq!(own.len(), 3, "{own:#?}");
    // Whether what it tried meanwhile failed, or waited until it could go on, is up to its program.
    assert!(own.iter().all(|line| line.lost.is_empty()), "{own:#?}");
}
