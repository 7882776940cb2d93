//! What the agent suspects outlives it: killed at the moment at which it tells of an attack, it
//! keeps nothing open afterwards that the attacker began; until people say that it is over. Needs
//! root.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::radius::program::{Program, command};
use testkit::ward::Ward;

const PUMP: &str = "PUMP-11";
const GATEWAY: (&str, u16) = ("10.20.0.21", 6_000);
/// What the attacker begins to call: before the agent dies, after it, and when all is over.
const FILES: &str = "10.20.0.50";
const SHARES: [u16; 3] = [445, 446, 447];
/// As whom the agent goes on.
const OWNER: u32 = 20_000;
/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than the configuration's `usual-after`.
const ORDINARY: Duration = Duration::from_secs(3);
/// More doors than a scan needs, all of them closed.
const DOORS: std::ops::Range<u16> = 7_000..7_020;

const CONFIGURATION: &str = r#"
state = "state"
socket = "agent.sock"
inventory = "hospital"
interfaces = ["p20-11", "p20-21", "p20-50"]
usual-after = 2
[people.one]
account = 0
roles = ["security"]
"#;

/// A ward with a switch in which an agent may be.
struct Scene {
    ward: Ward,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let mut ward = Ward::new();
        ward.segment(20);
        for (machine, last) in [("pump", 11), ("gateway", 21), ("files", 50)] {
            ward.machine(machine, 20, last);
        }
        ward.serve("gateway", GATEWAY.1);
        for port in SHARES {
            ward.serve("files", port);
        }
        ward.settles("pump", GATEWAY.0);
        ward.settles("pump", FILES);
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("state")).expect("made");
        fs::create_dir(path("hospital")).expect("made");
        chown(path("state"), Some(OWNER), Some(OWNER)).expect("the test needs root");
        chown(folder.path(), Some(OWNER), Some(OWNER)).expect("the test needs root");
        let inventory = "Asset ID,Manufacturer,Model,SW Version,MAC List,IP List\nPUMP-11,Lab \
                         Infusion,Constant 4,4.1.0,02:00:00:00:14:0b,10.20.0.11\nFILES-50,Lab \
                         Servers,Shelf 2,1.0,02:00:00:00:14:32,10.20.0.50\n";
        fs::write(path("hospital/inventory.csv"), inventory).expect("written");
        fs::write(path("agent.toml"), CONFIGURATION).expect("written");
        Self { ward, folder }
    }

    /// The agent; dropped, it is killed as by `kill -9`.
    fn agent(&self) -> Program {
        let mut run = command(Some(&self.ward.name("switch")), env!("CARGO_BIN_EXE_asepsis"));
        run.args(["agent", "--json", "--config"]).arg(self.folder.path().join("agent.toml"));
        Program::start(run, "\"ready\"")
    }

    fn ask(&self, what: &Value) -> Value {
        let door: PathBuf = self.folder.path().join("agent.sock");
        let mut stream = UnixStream::connect(door).expect("the agent's door");
        stream.write_all(format!("{}\n", json!({ "what": what })).as_bytes()).expect("asked");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).expect("answered");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer.get("done").unwrap_or_else(|| unreachable!("{answer}")).clone()
    }

    /// The pump calls somebody, and is answered.
    fn calls(&self, (to, port): (&str, u16)) {
        assert!(self.ward.reaches("pump", to, port), "{to}");
    }

    /// What stays open of a device if it is restricted.
    fn stays_open(&self, device: &str) -> String {
        let plan = self.ask(&json!({ "ask": "plan", "device": device, "level": "restrict" }));
        plan["plan"]["stays_open"].to_string()
    }

    /// The pump calls the file server, and the agent has seen it: the server's own plan keeps it.
    fn calls_files(&self, port: u16) {
        self.calls((FILES, port));
        let service = format!("\"tcp/{port}\"");
        until(|| self.stays_open("FILES-50").contains(&service));
    }

    fn known(&self) -> String {
        fs::read_to_string(self.folder.path().join("state/known.jsonl")).expect("its memory")
    }
}

fn until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it never came about");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Knocks on doors at which nobody answers.
fn scan(ward: &Ward) {
    let to: IpAddr = GATEWAY.0.parse().expect("an address");
    ward.on("pump", || {
        for port in DOORS {
            let door = SocketAddr::new(to, port);
            assert!(TcpStream::connect_timeout(&door, Duration::from_secs(1)).is_err());
        }
    });
}

#[test]
fn what_it_suspects_outlives_its_death_and_ends_when_people_say_so() {
    let scene = Scene::new();
    let mut agent = scene.agent();
    let began = Instant::now();
    while began.elapsed() < ORDINARY {
        scene.calls(GATEWAY);
        std::thread::sleep(Duration::from_millis(100));
    }
    scene.calls_files(SHARES[0]);
    scan(&scene.ward);
    assert!(agent.says("threat.service-scan", PATIENCE));
    drop(agent);
    assert!(scene.known().contains("\"suspected\""), "{}", scene.known());

    // It begins to watch anew. What the attacker does is all that it sees.
    let agent = scene.agent();
    scene.calls_files(SHARES[1]);
    let open = scene.stays_open(PUMP);
    assert!(open.contains(GATEWAY.0), "the pump's work: {open}");
    assert!(!open.contains(FILES), "the attacker began that: {open}");
    // Whoever was told of it was asked, too.
    let orders = scene.ask(&json!({ "ask": "status" }));
    let orders = orders["orders"].as_array().expect("a list");
    assert_eq!(orders.len(), 1, "{orders:#?}");
    let order = &orders[0]["order"];
    scene.ask(&json!({ "ask": "refuse", "order": order, "reason": "it was a test of ours" }));
    until(|| !scene.known().contains("\"suspected\""));
    drop(agent);

    let _agent = scene.agent();
    scene.calls_files(SHARES[2]);
    let open = scene.stays_open(PUMP);
    assert!(open.contains(GATEWAY.0) && open.contains("\"tcp/447\""), "it is its own: {open}");
    for began in ["\"tcp/445\"", "\"tcp/446\""] {
        assert!(!open.contains(began), "it was not learned: {open}");
    }
}
