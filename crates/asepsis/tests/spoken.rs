//! The console at the agent's door: it speaks for people, and nobody else does; and the news by
//! which it keeps up, which are the same after the agent was killed. Needs no right: this agent has
//! no interfaces and no points.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail by a panic")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};
use testkit::radius::program::{Program, command};

#[path = "program/schema.rs"]
mod schema;

const INVENTORY: &str = "Asset ID,Manufacturer,Model,SW Version,MAC List,IP List,Department,\
                         Criticality,In Use\nPUMP-11,Lab Infusion,Constant 4,4.1.0,\
                         02:00:00:00:14:0b,10.20.0.11,Intensive Care,life-sustaining,yes\n";

/// An agent in a folder, with a console of that account.
fn begin(folder: &Path, console: Option<u32>) -> Program {
    fs::create_dir_all(folder.join("hospital")).expect("made");
    fs::write(folder.join("hospital/inventory.csv"), INVENTORY).expect("written");
    let console = console.map(|account| format!("[console]\naccount = {account}\n"));
    let configuration = format!(
        "state = \"state\"\nsocket = \"agent.sock\"\ninventory = \"hospital\"\n{}",
        console.unwrap_or_default()
    );
    let path = folder.join("agent.toml");
    fs::write(&path, configuration).expect("written");
    let mut run = command(None, env!("CARGO_BIN_EXE_asepsis"));
    run.args(["agent", "--json", "--config"]).arg(&path);
    Program::start(run, "\"ready\"")
}

/// What is answered to a question.
fn ask(folder: &Path, question: &Value) -> Value {
    let mut stream = UnixStream::connect(folder.join("agent.sock")).expect("the agent's door");
    stream.write_all(format!("{question}\n").as_bytes()).expect("asked");
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).expect("answered");
    serde_json::from_str(&answer).expect("JSON")
}

/// The account that this test runs as.
fn own(folder: &Path) -> u32 {
    fs::metadata(folder).expect("a folder").uid()
}

fn request() -> Value {
    json!({ "ask": "request", "device": "PUMP-11", "level": "contain", "reason": "it scans",
            "seconds": 3600 })
}

fn news(folder: &Path, after: u64) -> Value {
    let told = ask(folder, &json!({ "what": { "ask": "news", "after": after } }))["done"].clone();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/news.schema.json");
    let form = serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON");
    let breaches = schema::breaches(&form, &told);
    assert!(breaches.is_empty(), "{breaches:#?}");
    told
}

#[test]
fn the_console_speaks_for_who_signed_in_and_the_journal_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let _agent = begin(folder, Some(own(folder)));
    let says = |name: &str, role: &str, what: &Value| {
        ask(folder, &json!({ "for": { "name": name, "roles": [role] }, "as": role, "what": what }))
    };
    let order = says("nora", "clinical", &request());
    assert_eq!(order["done"]["by"], "nora (clinical), by the console");
    let order = order["done"]["order"].clone();
    let yes = json!({ "ask": "approve", "order": order });
    // Whoever asked can't say yes, by whatever way and however the name is written.
    assert_eq!(says("NORA", "security", &yes)["refused"]["code"], "containment.own-request");
    let wrong = says("anna", "nurse", &yes);
    assert!(wrong["wrong"].as_str().expect("told").contains("is no role"), "{wrong}");
    assert!(says("anna", "security", &yes)["done"].is_object());
    let nobody = ask(folder, &json!({ "what": request() }));
    assert!(nobody["wrong"].as_str().expect("told").contains("say for whom"), "{nobody}");
    let journal = fs::read_to_string(folder.join("state/orders.journal")).expect("the journal");
    let lines: Vec<Value> =
        journal.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let by = json!({ "person": { "name": "anna", "role": "security", "door": "console" } });
    assert_eq!(lines[1]["event"]["by"], by);
}

#[test]
fn nobody_but_the_console_speaks_for_others() {
    for console in [None, Some(4_000_000_000)] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let _agent = begin(folder, console);
        let voice = json!({ "name": "nora", "roles": ["clinical"] });
        let told = ask(folder, &json!({ "for": voice, "what": request() }));
        let why = told["wrong"].as_str().expect("it is refused");
        assert!(why.contains("may not speak for others: only the console's may"), "{why}");
        let journal = fs::read_to_string(folder.join("state/orders.journal")).expect("the journal");
        assert_eq!(journal, "");
    }
}

#[test]
fn news_are_complete_and_numbered_and_the_same_after_the_agent_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let agent = begin(folder, Some(own(folder)));
    let voice = json!({ "name": "nora", "roles": ["clinical"] });
    for _ in 0..3 {
        let told = ask(folder, &json!({ "for": voice, "what": request() }));
        let refuse =
            json!({ "ask": "refuse", "order": told["done"]["order"], "reason": "a drill" });
        assert!(ask(folder, &json!({ "for": voice, "what": refuse }))["done"].is_object());
    }
    let all = news(folder, 0);
    let steps = all["steps"].as_array().expect("steps").clone();
    let journal = fs::read_to_string(folder.join("state/orders.journal")).expect("the journal");
    let lines: Vec<Value> =
        journal.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(steps.len(), 6);
    for (step, line) in steps.iter().zip(&lines) {
        for part in ["number", "hash", "event"] {
            assert_eq!(step[part], line[part], "{part}");
        }
    }
    assert_eq!((&all["more"], &all["next"]["after"]), (&json!(false), &json!(6)));
    assert_eq!(news(folder, 4)["steps"].as_array().expect("steps")[..], steps[4..]);
    assert_eq!(news(folder, 6)["steps"], json!([]));
    assert_eq!(news(folder, 99)["steps"], json!([]));
    drop(agent);
    let _agent = begin(folder, Some(own(folder)));
    assert_eq!(news(folder, 0)["steps"], all["steps"]);
    ask(folder, &json!({ "for": voice, "what": request() }));
    let new = news(folder, 6);
    assert_eq!(new["steps"].as_array().expect("steps").len(), 1);
    assert_eq!(new["steps"][0]["number"], 7);
}
