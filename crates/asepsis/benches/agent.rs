//! How long it takes the real program from a decision, and from a detection, until the wire has
//! shown that a device is contained: `cargo xtask bench agent`. Needs root.
//!
//! The agent runs in the switch of a ward of network namespaces, with its taps, journal, book and
//! hand; a pump reports by HL7 every 50 ms in one session, and sends what is forbidden every
//! millisecond. Refuses to count a round in which a forbidden datagram arrived after the rules were
//! read back and proved, or a report that was not acknowledged.

#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark prints, and may fail by a panic"
)]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};
use enforcement::nftables::{self, Place};
use serde_json::{Value, json};
use testkit::radius::program::command;
use testkit::ward::Ward;

/// The device, as the inventory has it.
const PUMP: &str = "PUMP-11";
/// As whom the agent goes on, and the people beside the one who runs the benchmark.
const OWNER: u32 = 20_000;
const ANNA: u32 = 20_001;
const BO: u32 = 20_002;
/// Rounds in which people decide, and in which a playbook does.
const DECIDED: usize = 100;
const DETECTED: usize = 30;
/// How often the pump reports, and how often it sends what is forbidden.
const CARE: Duration = Duration::from_millis(50);
const FORBIDDEN: Duration = Duration::from_millis(1);
/// Doors that do not open, which make a scan; one more than the rule asks for.
const DOORS: u16 = 13;
/// What was on its way while the rules changed may still arrive, in microseconds.
const ON_ITS_WAY: i64 = 10_000;
/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() {
    println!("milliseconds: median, and the 95th percentile; of the median its share\n");
    println!(
        "| from | rounds | decide | prove | journal, kernel, read back | shown on the wire | until verified | last forbidden |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let hospital = Hospital::new();
    let proving: Vec<i64> = (0..DECIDED).map(|_| proving()).collect();
    let mut reports = 0;
    let agent = Agent::start(&hospital, "life-sustaining,yes", "");
    let care = Care::begin(&hospital.ward);
    agent.knows_what_care_needs();
    let decided: Vec<Round> = (0..DECIDED).map(|_| hospital.decided(&agent)).collect();
    reports += care.end();
    drop(agent);
    row("a person's yes", &decided, &proving);
    let detected = (0..DETECTED).map(|_| {
        // Who scanned a minute ago is not told of again, so each round has a new agent.
        let agent = Agent::start(&hospital, "support,no", PLAYBOOK);
        let care = Care::begin(&hospital.ward);
        agent.knows_what_care_needs();
        let round = hospital.detected(&agent);
        reports += care.end();
        round
    });
    let detected: Vec<Round> = detected.collect();
    row("a detection", &detected, &proving);
    hospital.forbidden.end();
    println!("\n{reports} reports were sent meanwhile, and all of them acknowledged");
}

/// When what happened, in microseconds.
struct Round {
    begun: i64,
    applying: i64,
    applied: i64,
    told: i64,
    last_forbidden: i64,
}

fn row(from: &str, rounds: &[Round], proving: &[i64]) {
    let of = |span: &dyn Fn(&Round) -> i64| rounds.iter().map(span).collect::<Vec<i64>>();
    let prove = at(&mut proving.to_vec(), 50);
    let phases = [
        of(&|round| round.applying - round.begun),
        proving.to_vec(),
        of(&|round| round.applied - round.applying - prove),
        of(&|round| round.told - round.applied),
    ];
    let whole = at(&mut of(&|round| round.told - round.begun), 50);
    let shares = phases.map(|phase| {
        let share = 100 * at(&mut phase.clone(), 50) / whole;
        format!("{} ({share}%)", figures(phase))
    });
    println!(
        "| {from} | {} | {} | **{}** | {} |",
        rounds.len(),
        shares.join(" | "),
        figures(of(&|round| round.told - round.begun)),
        figures(of(&|round| round.last_forbidden - round.begun)),
    );
}

fn at(values: &mut [i64], share: usize) -> i64 {
    values.sort_unstable();
    values[(values.len() * share / 100).min(values.len() - 1)]
}

fn figures(mut values: Vec<i64>) -> String {
    let [median, high] = [50, 95].map(|share| at(&mut values, share) as f64 / 1e3);
    format!("{median:.1}, {high:.1}")
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
    i64::try_from(since.as_micros()).expect("a clock")
}

/// How long the plan of such a pump takes to be compiled and proved.
fn proving() -> i64 {
    let plan = Plan {
        order: OrderId(1),
        device: DeviceId(PUMP.into()),
        level: Level::Contain,
        interfaces: vec![Interface {
            mac: MacAddress([2, 0, 0, 0, 0x14, 0x0b]),
            addresses: vec![[10, 20, 0, 11].into(), "fd20::b".parse().expect("an address")],
        }],
        openings: vec![Opening {
            role: CareRole::Result,
            side: Side::Client,
            peer: [10, 20, 0, 21].into(),
            service: Service { transport: Transport::Tcp, port: 6000 },
        }],
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    };
    let begun = Instant::now();
    nftables::preview(Place::Bridge, &[plan]).expect("proved");
    i64::try_from(begun.elapsed().as_micros()).expect("short")
}

/// A ward with a pump that sends without end.
struct Hospital {
    ward: Ward,
    program: tempfile::TempDir,
    forbidden: Stream,
}

impl Hospital {
    fn new() -> Self {
        let mut ward = Ward::new();
        ward.segment(20);
        for (machine, last) in [("pump", 11), ("gateway", 21), ("files", 50)] {
            ward.machine(machine, 20, last);
        }
        ward.settles("pump", "10.20.0.21");
        ward.settles("pump", "10.20.0.50");
        let program = folder();
        fs::copy(env!("CARGO_BIN_EXE_asepsis"), program.path().join("asepsis")).expect("copied");
        let forbidden = Stream::new(&ward);
        Self { ward, program, forbidden }
    }

    /// People ask and approve; the last yes is the decision. Then the order is lifted.
    fn decided(&self, agent: &Agent) -> Round {
        let words = ["request", PUMP, "--level", "contain", "--reason", "it attacks"];
        let asked = self.says(agent, ANNA, &words);
        let order = asked["order"].clone();
        self.says(agent, BO, &["approve", &order.to_string()]);
        let begun = now();
        agent.one("clinical", &json!({ "ask": "approve", "order": order }));
        let round = self.round(agent, begun, &order);
        self.lifted(agent, &order);
        round
    }

    fn lifted(&self, agent: &Agent, order: &Value) {
        agent.one("clinical", &json!({ "ask": "lift", "order": order, "reason": "cleaned" }));
        agent.hears("removed", order);
        self.forbidden.goes_on(now());
    }

    /// The pump knocks on doors that are shut; a playbook acts on that.
    fn detected(&self, agent: &Agent) -> Round {
        self.ward.on("pump", || {
            for port in 0..DOORS {
                let door = SocketAddr::from(([10, 20, 0, 50], 7_000 + port));
                assert!(TcpStream::connect_timeout(&door, PATIENCE).is_err(), "it is shut");
            }
        });
        let detection = agent.waits(|line| line["detection"]["device"] == PUMP);
        let asked = agent.waits(|line| line["event"]["step"] == "requested");
        let order = &asked.1["event"]["order"];
        let round = self.round(agent, microseconds(&detection.1["detection"]), order);
        self.lifted(agent, order);
        round
    }

    fn round(&self, agent: &Agent, begun: i64, order: &Value) -> Round {
        let applying = microseconds(&agent.hears("applying", order).1["event"]);
        let applied = microseconds(&agent.hears("applied", order).1["event"]);
        let (told, _) = agent.hears("verified", order);
        let last_forbidden = self.forbidden.last();
        assert!(last_forbidden > begun, "it went on until it was stopped");
        assert!(last_forbidden <= applied + ON_ITS_WAY, "it went on after that was proved");
        Round { begun, applying, applied, told, last_forbidden }
    }

    /// What somebody says by the program.
    fn says(&self, agent: &Agent, account: u32, words: &[&str]) -> Value {
        let account = account.to_string();
        let mut command = command(None, "setpriv");
        command.args(["--reuid", &account, "--regid", &account, "--clear-groups", "--"]);
        command.arg(self.program.path().join("asepsis")).args(["contain", "--socket"]);
        command.arg(agent.folder.path().join("agent.sock")).args(words).arg("--json");
        let output = command.stdin(Stdio::null()).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

/// A folder that every account can enter.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("needs root");
    folder
}

/// The agent in the switch, and each line that it says with when it was read.
struct Agent {
    folder: tempfile::TempDir,
    child: Child,
    lines: Receiver<(i64, Value)>,
}

const CONFIGURATION: &str = r#"
state = "state"
socket = "agent.sock"
inventory = "hospital"
interfaces = ["p20-11", "p20-21", "p20-50"]
[[point]]
kind = "nftables"
name = "switch"
place = "bridge"
[people.one]
account = 0
roles = ["clinical"]
[people.anna]
account = 20001
roles = ["security"]
[people.bo]
account = 20002
roles = ["security"]
"#;

const PLAYBOOK: &str = r#"
[[playbook]]
name = "scan"
on = ["threat.service-scan"]
level = "contain"
drilled = "2026-11-02"
"#;

impl Agent {
    fn start(hospital: &Hospital, device: &str, more: &str) -> Self {
        let folder = folder();
        let state = folder.path().join("state");
        fs::create_dir(&state).expect("made");
        fs::create_dir(folder.path().join("hospital")).expect("made");
        chown(&state, Some(OWNER), Some(OWNER)).expect("needs root");
        let inventory = format!(
            "Asset ID,Manufacturer,Model,SW Version,MAC List,IP List,Department,Criticality,In \
             Use\n{PUMP},Lab Infusion,Constant 4,4.1.0,02:00:00:00:14:0b,10.20.0.11,ICU,{device}\n"
        );
        fs::write(folder.path().join("hospital/inventory.csv"), inventory).expect("written");
        let configuration = folder.path().join("agent.toml");
        fs::write(&configuration, CONFIGURATION.to_owned() + more).expect("written");
        let program = hospital.program.path().join("asepsis").display().to_string();
        let mut run = command(Some(&hospital.ward.name("switch")), &program);
        run.args(["agent", "--json", "--config"]).arg(&configuration);
        let mut child = run.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let said = BufReader::new(child.stdout.take().expect("its output"));
        let (to, lines) = channel();
        thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str(&line) {
                    let _ = to.send((now(), value));
                }
            }
        });
        let agent = Self { folder, child, lines };
        agent.waits(|line| line["agent"] == "ready");
        agent
    }

    /// What care needs is proposed from what was seen, and confirmed by a clinician.
    fn knows_what_care_needs(&self) {
        let until = Instant::now() + PATIENCE;
        let propose = json!({ "ask": "essential-propose", "of": PUMP });
        let proposed = loop {
            if let Some(done) = self.ask("clinical", &propose).get("done") {
                break done.clone();
            }
            assert!(Instant::now() < until, "the pump is not seen to report");
            thread::sleep(CARE);
        };
        let number = &proposed["proposed"]["number"];
        self.one("clinical", &json!({ "ask": "essential-confirm", "number": number }));
    }

    /// What the one person says at the door, and what was done.
    fn one(&self, role: &str, what: &Value) -> Value {
        let answer = self.ask(role, what);
        assert!(answer.get("done").is_some(), "{what}: {answer}");
        answer["done"].clone()
    }

    fn ask(&self, role: &str, what: &Value) -> Value {
        let socket = self.folder.path().join("agent.sock");
        let mut stream = UnixStream::connect(socket).expect("the agent's door");
        let question = json!({ "as": role, "what": what });
        stream.write_all(format!("{question}\n").as_bytes()).expect("asked");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).expect("answered");
        serde_json::from_str(&answer).expect("JSON")
    }

    /// Waits for a line.
    fn waits(&self, is: impl Fn(&Value) -> bool) -> (i64, Value) {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).expect("the agent says it in time");
            if is(&line.1) {
                return line;
            }
        }
    }

    /// Waits for a step of an order.
    fn hears(&self, step: &str, order: &Value) -> (i64, Value) {
        self.waits(|line| line["event"]["step"] == step && line["event"]["order"] == *order)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// When something happened, as the agent says.
fn microseconds(what: &Value) -> i64 {
    let at = what["at"].as_str().expect("a time");
    at.parse::<jiff::Timestamp>().expect("RFC 3339").as_microsecond()
}

/// The pump's session with its gateway (HL7 over MLLP).
struct Care {
    ends: Arc<AtomicBool>,
    reports: JoinHandle<usize>,
}

impl Care {
    fn begin(ward: &Ward) -> Self {
        let gateway: SocketAddr = ([10, 20, 0, 21], 6000).into();
        let listener = ward.on("gateway", || TcpListener::bind(gateway).expect("a listener"));
        let mut stream =
            ward.on("pump", || TcpStream::connect_timeout(&gateway, PATIENCE).expect("a session"));
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let (mut served, _) = listener.accept().expect("accepted");
        served.set_nodelay(true).expect("set");
        thread::spawn(move || {
            let mut from = BufReader::new(served.try_clone().expect("the same session"));
            while let Some(message) = message(&mut from) {
                let id = message.split('|').nth(9).unwrap_or_default();
                let answer = format!(
                    "\u{b}MSH|^~\\&|G|B|P|B|20261102||ACK|A{id}|P|2.6\rMSA|AA|{id}\r\u{1c}\r"
                );
                if served.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        });
        let ends = Arc::new(AtomicBool::new(false));
        let ceases = Arc::clone(&ends);
        let reports = thread::spawn(move || {
            let mut from = BufReader::new(stream.try_clone().expect("the same session"));
            for number in 1.. {
                let report = format!(
                    "\u{b}MSH|^~\\&|P|B|G|B|20261102||ORU^R01^ORU_R01|{number}|P|2.6\rPID|||1\rOBR|1\r\
                     OBX|1|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1|12|265266^MDC_DIM^MDC|||||R\r\u{1c}\r"
                );
                stream.write_all(report.as_bytes()).expect("the session goes on");
                let answer = message(&mut from).expect("the session goes on");
                assert!(answer.contains(&format!("MSA|AA|{number}\r")), "{answer}");
                if ceases.load(Ordering::Acquire) {
                    return number;
                }
                thread::sleep(CARE);
            }
            unreachable!("it is asked to end before")
        });
        Self { ends, reports }
    }

    /// How many reports were sent; all of them were acknowledged.
    fn end(self) -> usize {
        self.ends.store(true, Ordering::Release);
        self.reports.join().expect("every report was acknowledged")
    }
}

/// The next message of MLLP.
fn message(from: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    from.read_until(0x1c, &mut bytes).ok().filter(|count| *count > 0)?;
    from.read_until(b'\r', &mut Vec::new()).ok()?;
    String::from_utf8(bytes).ok()
}

/// Datagrams from the pump to the file server, and when the last arrived.
struct Stream {
    ends: Arc<AtomicBool>,
    last: Arc<AtomicI64>,
    sends: JoinHandle<()>,
}

impl Stream {
    fn new(ward: &Ward) -> Self {
        let files = (IpAddr::from([10, 20, 0, 50]), 445);
        let listener = ward.on("files", || UdpSocket::bind(files).expect("a socket"));
        let sender = ward.on("pump", || UdpSocket::bind("0.0.0.0:0").expect("a socket"));
        let (ends, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let (ceases, to) = (Arc::clone(&ends), Arc::clone(&last));
        thread::spawn(move || {
            let mut bytes = [0; 16];
            while listener.recv(&mut bytes).is_ok() {
                to.store(now(), Ordering::Release);
            }
        });
        let sends = thread::spawn(move || {
            while !ceases.load(Ordering::Acquire) {
                let _ = sender.send_to(b"vent", files);
                thread::sleep(FORBIDDEN);
            }
        });
        Self { ends, last, sends }
    }

    /// When the last arrived.
    fn last(&self) -> i64 {
        self.last.load(Ordering::Acquire)
    }

    /// Waits until one arrives after that.
    fn goes_on(&self, since: i64) {
        let until = Instant::now() + PATIENCE;
        while self.last() <= since {
            assert!(Instant::now() < until, "nothing arrives");
            thread::sleep(FORBIDDEN);
        }
    }

    fn end(self) {
        self.ends.store(true, Ordering::Release);
        self.sends.join().expect("it ends");
    }
}
