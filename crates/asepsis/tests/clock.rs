//! The real agent, with real rules in the kernel, on a machine whose clock is set a year ahead and a
//! day back while orders are open: each ends by the time that passes. And what it detects goes out
//! by a console, as an alert. Needs root.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use store::Place;
use store::alerts::{self, Target};
use store::audit::By;
use store::database::Database;
use testkit::radius::program::{Program, command};
use testkit::served::Served;
use testkit::ward::Ward;

const PUMP: &str = "PUMP-11";
const MONITOR: &str = "MONITOR-12";
const SCANNER: &str = "SCANNER-13";
const GATEWAY: (&str, u16) = ("10.20.0.21", 6_000);
/// As whom the agent goes on.
const OWNER: u32 = 20_000;
/// How long something is waited for that comes at once, and how long something is looked for that
/// must not come.
const PATIENCE: Duration = Duration::from_secs(30);
const A_WHILE: Duration = Duration::from_secs(3);
/// The shortest order, and how much later its end may be told on a machine that does much else.
const SHORT: Duration = Duration::from_mins(1);
const LATER: Duration = Duration::from_secs(20);
/// More doors than a scan needs, all of them closed.
const DOORS: std::ops::Range<u16> = 7_000..7_020;

const CONFIGURATION: &str = r#"
state = "state"
socket = "agent.sock"
inventory = "hospital"
interfaces = ["p20-11", "p20-12", "p20-13", "p20-21"]
[console]
account = 0
[[point]]
kind = "nftables"
name = "switch"
place = "bridge"
"#;

/// A ward with a switch in which an agent is.
struct Scene {
    ward: Ward,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let mut ward = Ward::new();
        ward.segment(20);
        for (machine, last) in [("pump", 11), ("monitor", 12), ("scanner", 13), ("gateway", 21)] {
            ward.machine(machine, 20, last);
        }
        ward.serve("gateway", GATEWAY.1);
        for machine in ["pump", "monitor", "scanner"] {
            ward.settles(machine, GATEWAY.0);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("open");
        for name in ["state", "hospital"] {
            fs::create_dir(path(name)).expect("made");
        }
        for name in ["state", ""] {
            chown(path(name), Some(OWNER), Some(OWNER)).expect("the test needs root");
        }
        let rows = [PUMP, MONITOR, SCANNER].iter().zip(11..).map(|(id, last)| {
            format!(
                "{id},Lab,Constant 4,4.1.0,02:00:00:00:14:{last:02x},10.20.0.{last},ICU,support,no"
            )
        });
        let head = "Asset ID,Manufacturer,Model,SW Version,MAC List,IP List,Department,\
                    Criticality,In Use";
        let rows: Vec<String> = std::iter::once(head.to_owned()).chain(rows).collect();
        fs::write(path("hospital/inventory.csv"), rows.join("\n") + "\n").expect("written");
        fs::write(path("agent.toml"), CONFIGURATION).expect("written");
        Self { ward, folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The agent, by a clock that the test sets. That changes no span of time.
    fn agent(&self) -> Program {
        self.set("+0");
        let places = fs::read_dir("/usr/lib").expect("a folder").flatten();
        let mut places = places.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
        let library = places.find(|path| path.exists()).expect("libfaketime is installed");
        let mut run = command(Some(&self.ward.name("switch")), env!("CARGO_BIN_EXE_asepsis"));
        run.args(["agent", "--json", "--config"]).arg(self.at("agent.toml"));
        run.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", self.at("clock"));
        for name in ["FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC", "DONT_FAKE_MONOTONIC"] {
            run.env(name, "1");
        }
        run.env("NO_FAKE_STAT", "1");
        Program::start(run, "\"ready\"")
    }

    /// Sets the clock so far ahead of the machine's, `+365d`.
    fn set(&self, ahead: &str) {
        fs::write(self.at("clock.new"), ahead).expect("written");
        fs::rename(self.at("clock.new"), self.at("clock")).expect("in one step");
    }

    /// What the console is answered, for nobody or for somebody in a role.
    fn ask(&self, who: Option<(&str, &str)>, what: &Value) -> Value {
        let question = match who {
            Some((name, role)) => {
                json!({ "for": { "name": name, "roles": [role] }, "as": role, "what": what })
            }
            None => json!({ "what": what }),
        };
        let mut stream = UnixStream::connect(self.at("agent.sock")).expect("the agent's door");
        stream.write_all(format!("{question}\n").as_bytes()).expect("asked");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).expect("answered");
        serde_json::from_str(&answer).expect("JSON")
    }

    fn done(&self, who: Option<(&str, &str)>, what: &Value) -> Value {
        let answer = self.ask(who, what);
        assert!(answer.get("done").is_some(), "{what}: {answer}");
        answer["done"].clone()
    }

    fn status(&self) -> Value {
        self.done(None, &json!({ "ask": "status" }))
    }

    fn order(&self, order: &Value) -> Value {
        let status = self.status();
        let orders = status["orders"].as_array().expect("a list");
        orders.iter().find(|own| own["order"] == *order).expect("it is there").clone()
    }

    fn has(&self, order: &Value, step: &str) -> bool {
        let order = self.order(order);
        let steps = order["steps"].as_array().expect("steps");
        steps.iter().any(|own| own["step"] == step)
    }

    /// Asks for an order, answers it, and waits until it holds the device.
    fn holds(&self, device: &str, machine: &str, held: Duration) -> Value {
        let request = json!({ "ask": "request", "device": device, "level": "isolate",
                              "reason": "it scans", "seconds": held.as_secs() });
        let order = self.done(Some(("nora", "clinical")), &request)["order"].clone();
        for (name, role) in [("anna", "security"), ("cleo", "clinical")] {
            self.ask(Some((name, role)), &json!({ "ask": "approve", "order": order }));
        }
        until(&format!("{device} is held"), || self.has(&order, "applied"));
        assert!(!self.is_free(machine), "the kernel holds it");
        order
    }

    fn is_free(&self, machine: &str) -> bool {
        self.ward.reaches(machine, GATEWAY.0, GATEWAY.1)
    }

    /// What the agent says of its clock.
    fn trouble(&self) -> String {
        let status = self.status();
        let troubles = status["clock"].as_str();
        troubles.unwrap_or_default().to_owned()
    }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}: it never came about");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_order_ends_by_the_time_that_passes_whatever_the_clock_is_set_to() {
    let scene = Scene::new();
    let _agent = scene.agent();
    for machine in ["pump", "monitor", "scanner"] {
        until(machine, || scene.is_free(machine));
    }
    let long = scene.holds(PUMP, "pump", Duration::from_mins(30));
    let short = scene.holds(MONITOR, "monitor", SHORT);
    let begun = Instant::now();
    let expires = scene.order(&short)["expires"].clone();
    for (ahead, said) in [("+365d", "ahead by 365 days"), ("-1d", "back by 24 hours")] {
        scene.set(ahead);
        until(said, || scene.trouble().contains(said));
        thread::sleep(A_WHILE);
        for (order, machine) in [(&long, "pump"), (&short, "monitor")] {
            assert!(!scene.has(order, "expired"), "{ahead}: {}", scene.order(order));
            assert!(!scene.is_free(machine), "{ahead}: {machine} is held");
        }
        assert_eq!(scene.order(&short)["expires"], expires, "{ahead}");
        // People are heard, points are told, and what is not there is put back.
        let third = scene.holds(SCANNER, "scanner", Duration::from_mins(30));
        let flush = ["nft", "flush", "ruleset"];
        let namespace = scene.ward.name("switch");
        let flushed = command(Some(&namespace), flush[0]).args(&flush[1..]).status();
        assert!(flushed.expect("it runs").success());
        until("what was removed is put back", || !scene.is_free("pump"));
        let lift = json!({ "ask": "lift", "order": third, "reason": "it was a test" });
        scene.done(Some(("anna", "security")), &lift);
        until("the scanner is free", || scene.is_free("scanner"));
    }
    // The short one ends when its minute is over, by a clock that is a day back; and is held on.
    while !scene.has(&short, "expired") {
        assert!(begun.elapsed() < SHORT + LATER, "{}", scene.order(&short));
        thread::sleep(Duration::from_millis(100));
    }
    assert!(begun.elapsed() + LATER > SHORT, "{:?}", begun.elapsed());
    assert!(!scene.has(&long, "expired") && !scene.is_free("pump") && !scene.is_free("monitor"));
    scene.set("+0");
    until("the clock is right", || scene.trouble().is_empty());
    for (order, machine) in [(&long, "pump"), (&short, "monitor")] {
        let lift = json!({ "ask": "lift", "order": order, "reason": "it is over" });
        scene.done(Some(("anna", "security")), &lift);
        until(machine, || scene.is_free(machine));
    }
    // Nothing hangs on it any more, and the machine's clock is followed.
    scene.set("+365d");
    let year = |order: &Value| {
        let asked = scene.order(order)["asked"].as_str().expect("a time").to_owned();
        asked.split('-').next().unwrap_or_default().to_owned()
    };
    let last = scene.holds(PUMP, "pump", SHORT);
    assert_ne!(year(&last), year(&long), "{}", scene.order(&last));
}

#[test]
fn what_the_real_agent_detects_goes_out_as_an_alert() {
    let scene = Scene::new();
    let _agent = scene.agent();
    until("the pump is seen", || scene.is_free("pump"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (to, told) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut all = String::new();
            let _ = stream.read_to_string(&mut all);
            if to.send(all).is_err() {
                return;
            }
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("asepsis.db"));
    let database = Database::open(&place).expect("a store");
    let target = Target {
        id: "1".to_owned(),
        name: "SIEM".to_owned(),
        kind: "syslog".to_owned(),
        format: "json".to_owned(),
        place: format!("syslog+tcp://127.0.0.1:{port}"),
        topics: vec!["detection".to_owned()],
        ..Target::default()
    };
    let by = By { actor: "test", at_ms: 0 };
    database.write("test", |t| alerts::add(t, &target, by)).expect("added");
    let socket = scene.at("agent.sock").display().to_string();
    let arguments = ["--alerts-may-reach", "127.0.0.0/8", "--agent", &socket];
    let _served = Served::start_in(folder.path(), &arguments);
    let gateway: IpAddr = GATEWAY.0.parse().expect("an address");
    scene.ward.on("pump", || {
        for port in DOORS {
            let door = SocketAddr::new(gateway, port);
            assert!(TcpStream::connect_timeout(&door, Duration::from_secs(1)).is_err());
        }
    });
    let alert = told.recv_timeout(PATIENCE).expect("an alert comes");
    let (_, alert) = alert.split_once('{').expect("JSON in it");
    let whole = format!("{{{alert}");
    let mut alert = serde_json::Deserializer::from_str(&whole).into_iter::<Value>();
    let alert = alert.next().expect("one").expect("JSON");
    assert_eq!(alert["kind"], "detection", "{alert}");
    assert_eq!(alert["subject"], PUMP, "{alert}");
    assert_eq!(alert["rule"], "threat.service-scan", "{alert}");
    assert_eq!(alert["targets"][0], GATEWAY.0, "{alert}");
}
