//! People at the agent's door, and what comes of it on a real bridge: one person alone isolates no
//! life-sustaining device in use, those who are needed do, and a broken glass frees it at once.
//! Needs root.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::IpAddr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::radius::program::{Program, command};
use testkit::ward::{Ward, echoes};

/// The device, as the inventory has it.
const PUMP: &str = "PUMP-11";
/// Accounts: as whom the agent goes on, and the people beside the one who has every role.
const OWNER: u32 = 20_000;
const ANNA: u32 = 20_001;
const BO: u32 = 20_002;
const CLEO: u32 = 20_003;
const NORA: u32 = 20_004;
/// How many orders the one person works on at a time.
const AT_ONCE: usize = 8;
/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a broken glass may take to free a device.
const FREE_WITHIN: Duration = Duration::from_secs(1);

/// A ward with an agent in its switch.
struct Bedside {
    _agent: Program,
    ward: Ward,
    folder: tempfile::TempDir,
}

impl Bedside {
    fn new() -> Self {
        let mut ward = Ward::new();
        ward.segment(20);
        for (machine, last) in [("pump", 11), ("gateway", 21), ("files", 50)] {
            ward.machine(machine, 20, last);
        }
        ward.serve("gateway", 6000);
        ward.serve("files", 445);
        ward.settles("pump", "10.20.0.21");
        ward.settles("pump", "10.20.0.50");
        let folder = tempfile::tempdir().expect("a folder");
        // Where every account can reach the door.
        let open = Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open).expect("the test needs root");
        let program = folder.path().join("asepsis");
        fs::copy(env!("CARGO_BIN_EXE_asepsis"), &program).expect("copied");
        let (state, hospital) = (folder.path().join("state"), folder.path().join("hospital"));
        fs::create_dir(&state).expect("made");
        fs::create_dir(&hospital).expect("made");
        chown(&state, Some(OWNER), Some(OWNER)).expect("the test needs root");
        let inventory = "Asset ID,Manufacturer,Model,SW Version,MAC List,IP List,Department,\
                         Criticality,In Use\nPUMP-11,Lab Infusion,Constant 4,4.1.0,\
                         02:00:00:00:14:0b,10.20.0.11,Intensive Care,life-sustaining,yes\n";
        fs::write(hospital.join("inventory.csv"), inventory).expect("written");
        let configuration = folder.path().join("agent.toml");
        fs::write(&configuration, CONFIGURATION).expect("written");
        let program = program.display().to_string();
        let mut run = command(Some(&ward.name("switch")), &program);
        run.args(["agent", "--json", "--config"]).arg(&configuration);
        let agent = Program::start(run, "\"ready\"");
        Self { folder, ward, _agent: agent }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("agent.sock")
    }

    /// What the one person says in a role, and what is answered.
    fn one(&self, role: &str, what: &Value) -> Value {
        let mut stream = UnixStream::connect(self.socket()).expect("the agent's door");
        let question = json!({ "as": role, "what": what });
        stream.write_all(format!("{question}\n").as_bytes()).expect("asked");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).expect("answered");
        serde_json::from_str(&answer).expect("JSON")
    }

    /// What somebody else says by the program: the order, or the complaint.
    fn other(&self, account: u32, words: &[&str]) -> Result<Value, String> {
        let account = account.to_string();
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &account, "--regid", &account, "--clear-groups", "--"]);
        command.arg(self.folder.path().join("asepsis")).args(["contain", "--socket"]);
        command.arg(self.socket()).args(words).arg("--json").stdin(Stdio::null());
        let output = command.output().expect("it runs");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    /// Nothing was done, and nothing is held.
    fn is_free(&self, order: &Value) {
        let order = &order["order"];
        let seen = self.one("security", &json!({ "ask": "status", "order": order }));
        let steps = seen["done"]["steps"].as_array().expect("its steps").clone();
        assert!(steps.iter().all(|step| step["step"] != "applying"), "{steps:#?}");
        let mut list = command(Some(&self.ward.name("switch")), "nft");
        let rules = list.args(["list", "ruleset"]).output().expect("`nft` runs");
        assert_eq!(String::from_utf8_lossy(&rules.stdout), "", "{steps:#?}");
    }

    /// Whether the pump gets anywhere, tried once.
    fn gets_on(&self) -> bool {
        const TRY: Duration = Duration::from_millis(50);
        let to = IpAddr::from([10, 20, 0, 21]);
        self.ward
            .on("pump", || std::net::TcpStream::connect_timeout(&(to, 6000).into(), TRY).is_ok())
    }
}

/// The one person has every role, and the account of the one who runs the test.
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
roles = ["security", "clinical", "biomedical"]
[people.anna]
account = 20001
roles = ["security"]
[people.bo]
account = 20002
roles = ["security"]
[people.cleo]
account = 20003
roles = ["clinical"]
[people.nora]
account = 20004
roles = ["clinical"]
"#;

/// What one person may try with an order, each in a role.
const MOVES: [(&str, &str); 5] = [
    ("security", "approve"),
    ("clinical", "approve"),
    ("biomedical", "approve"),
    ("clinical", "confirm-substitute"),
    ("security", "renew"),
];

/// Every order of the first `count` moves.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..count {
        let longer = all.iter().flat_map(|before: &Vec<usize>| {
            let left = (0..count).filter(|next| !before.contains(next));
            left.map(|next| [before.as_slice(), &[next]].concat()).collect::<Vec<_>>()
        });
        all = longer.collect();
    }
    all
}

fn ask(what: &str, order: &Value) -> Value {
    match what {
        "renew" => json!({ "ask": what, "order": order, "seconds": 3_600 }),
        _ => json!({ "ask": what, "order": order }),
    }
}

/// The one person asks, and does all the rest in that order.
fn alone(bedside: &Bedside, moves: &[usize], breaks: bool) {
    let request = json!({
        "ask": "request", "device": PUMP, "level": "isolate",
        "reason": "it attacks", "seconds": 3_600,
    });
    let asked = bedside.one("security", &request);
    let order = asked["done"]["order"].clone();
    assert!(order.is_u64(), "{asked}");
    for (role, what) in moves.iter().map(|place| MOVES[*place]) {
        let answer = bedside.one(role, &ask(what, &order));
        // Only to say that a substitute is running is one's own business.
        assert_eq!(answer.get("done").is_some(), what == "confirm-substitute", "{answer}");
    }
    bedside.is_free(&asked["done"]);
    let (role, end) = if breaks {
        ("clinical", json!({ "ask": "break-glass", "device": PUMP, "reason": "no" }))
    } else {
        ("security", json!({ "ask": "lift", "order": order, "reason": "no" }))
    };
    let ended = bedside.one(role, &end);
    assert!(ended.get("done").is_some(), "{ended}");
    bedside.is_free(&asked["done"]);
}

#[test]
fn one_person_alone_isolates_no_ventilator_in_use_the_needed_people_do_and_broken_glass_frees_it() {
    let bedside = Bedside::new();
    let every = orders(MOVES.len());
    assert_eq!(every.len(), 120);
    std::thread::scope(|scope| {
        for part in every.chunks(every.len() / AT_ONCE) {
            let bedside = &bedside;
            scope.spawn(move || part.iter().for_each(|moves| alone(bedside, moves, false)));
        }
    });
    alone(&bedside, &every[0], true);
    with_another_request(&bedside);
    assert!(bedside.ward.reaches("pump", "10.20.0.50", 445), "nobody cut it off");
    together(&bedside);
}

/// Somebody else asked: then one person's yes counts once, in whatever roles it is said.
fn with_another_request(bedside: &Bedside) {
    let request = ["request", PUMP, "--level", "isolate", "--reason", "it attacks"];
    for moves in orders(4) {
        let asked = bedside.other(ANNA, &request).expect("asked");
        let answers = moves.iter().map(|place| {
            let (role, what) = MOVES[*place];
            bedside.one(role, &ask(what, &asked["order"]))
        });
        let done = answers.filter(|answer| answer.get("done").is_some()).count();
        assert_eq!(done, 1, "one voice, or the word from the bedside: {moves:?}");
        bedside.is_free(&asked);
        let order = asked["order"].to_string();
        bedside.other(ANNA, &["lift", &order, "--reason", "no"]).expect("taken back");
    }
}

/// Those who have to say yes do, one after the other; then a clinician breaks the glass.
fn together(bedside: &Bedside) {
    let ward = &bedside.ward;
    let mut report = ward.connect("pump", "10.20.0.21", 6000).expect("a session");
    assert!(echoes(&mut report));
    let request = ["request", PUMP, "--level", "isolate", "--reason", "it attacks"];
    let asked = bedside.other(ANNA, &request).expect("asked");
    let order = asked["order"].to_string();
    let mine = bedside.other(ANNA, &["approve", &order]).expect_err("it is her own");
    assert!(mine.contains("containment.own-request"), "{mine}");
    for who in [BO, CLEO] {
        bedside.is_free(&asked);
        bedside.other(who, &["approve", &order]).expect("counted");
    }
    bedside.is_free(&asked);
    let twice = bedside.other(CLEO, &["confirm-substitute", &order]).expect_err("she said yes");
    assert!(twice.contains("containment.person-counted"), "{twice}");
    assert!(bedside.gets_on(), "the bedside has not confirmed");
    bedside.other(NORA, &["confirm-substitute", &order]).expect("counted");
    let wait = ["status", &order, "--wait", "verified", "--timeout", "10"];
    let verified = bedside.other(ANNA, &wait).expect("the wire shows it");
    assert_eq!(verified["state"], "verified", "{verified:#}");
    assert!(!bedside.gets_on() && !echoes(&mut report), "it reaches nobody");

    let broken = Instant::now();
    let glass = json!({ "ask": "break-glass", "device": PUMP, "reason": "the substitute fails" });
    let answer = bedside.one("clinical", &glass);
    assert!(answer.get("done").is_some(), "{answer}");
    while !bedside.gets_on() {
        assert!(broken.elapsed() < PATIENCE, "it is not free");
    }
    let took = broken.elapsed();
    assert!(took <= FREE_WITHIN, "it took {took:?}");
    for (to, port) in [("10.20.0.21", 6000), ("10.20.0.50", 445)] {
        assert!(ward.reaches("pump", to, port), "it is free for good");
    }
    let free = bedside.one("security", &json!({ "ask": "status", "order": asked["order"] }));
    assert_eq!(free["done"]["state"], "broken-glass", "{free:#}");
}
