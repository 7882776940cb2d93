//! The agent in the switch, and the people who ask it: processes of their own accounts.
//!
//! Refuses to help it: whoever kills the agent lets people try again, and nothing else.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::unistd::geteuid;
use serde_json::Value;

use super::super::access::{LISTEN, SECRET, STATION};
use super::super::cast::{CAST, SWITCH, machine_of};
use super::super::clock::{self, now};
use super::super::program::{Program, outcome};
use super::super::servers::write;
use super::super::{Error, shown};
use super::switch::AtWork;
use super::{Contained, KERNEL, PORT, Point, Post, Speakers, inventory};

/// How long the agent may take until it watches, and until it tells of an attack, in seconds.
const READY_SECONDS: u64 = 30;
const TOLD_SECONDS: u64 = 20;
/// How long it may take from the last approval until what it did is verified, in seconds.
const VERIFIED_SECONDS: u64 = 10;
/// After how many seconds what a device does is usual; a day of the lab is short.
const USUAL_SECONDS: u32 = 5;
/// Where it answers, and where its inventory is.
const SOCKET: &str = "agent.sock";
const HOSPITAL: &str = "hospital";
/// What the agent says, a line of JSON each.
const LOG: &str = "agent.jsonl";
/// The accounts of the people: who asks, who says yes for security, who for care.
const PEOPLE: [(&str, u32, &str); 3] =
    [("anna", 20_001, "security"), ("bo", 20_002, "security"), ("cleo", 20_003, "clinical")];
const ASKS: usize = 0;
const APPROVE: [usize; 2] = [1, 2];
const LIFTS: usize = 2;
/// As whom the agent goes on after it began.
const OWNER: u32 = 20_000;
/// How often people try again while the agent is being killed, and after what time.
const TRIES: u32 = 40;
const AGAIN: Duration = Duration::from_millis(100);
/// The moments of the kills: a step of a generator of Lehmer's with this multiplier, from this
/// seed, so that every run has the same.
const SEED: u64 = 48_271;
const MULTIPLIER: u64 = 48_271;
const MODULUS: u64 = 2_147_483_647;
/// Kills come within so many milliseconds after a person's word, or after each other.
const KILL_WITHIN_MS: u64 = 120;

/// The agent at work.
#[derive(Debug)]
pub(super) struct Agent {
    program: PathBuf,
    running: Option<Program>,
    edge: Option<AtWork>,
    speakers: Option<Speakers>,
    device: String,
    order: Option<String>,
    chance: u64,
}

impl Agent {
    /// Writes its configuration and starts it.
    pub(super) fn begin(
        program: &Path,
        points: &[Point],
        speakers: Option<Speakers>,
        post: &Post<'_>,
    ) -> Result<Self, Error> {
        // Where everybody can reach it: people are other accounts.
        let copy = post.folder.join("asepsis");
        fs::copy(program, &copy)
            .map_err(|source| Error::File { path: program.to_owned(), source })?;
        let (mut edge, mut text) = (None, String::new());
        for point in points {
            match point {
                Point::Kernel => {
                    text += "\n[[point]]\nkind = \"nftables\"\nplace = \"bridge\"\n";
                    let _ = writeln!(text, "name = \"{KERNEL}\"");
                }
                Point::Edge(settings) => {
                    let switch = AtWork::start(*settings, post)?;
                    text += &switch.configuration();
                    edge = Some(switch);
                }
                Point::Access => text += &access(post)?,
            }
        }
        if speakers.is_some() {
            let _ = write!(text, "\n[console]\naccount = {}\n", geteuid());
        }
        configure(&text, post)?;
        let (running, device, order) = (None, String::new(), None);
        let mut agent =
            Self { program: copy, running, edge, speakers, device, order, chance: SEED };
        agent.start(post)?;
        if let Some(Speakers(console)) = &agent.speakers {
            console.begin(&post.folder.join(SOCKET), &post.folder.join(HOSPITAL));
        }
        Ok(agent)
    }

    /// Starts it, and waits until it watches.
    fn start(&mut self, post: &Post<'_>) -> Result<(), Error> {
        let times = |log: &Value| log.get("agent").is_some_and(|word| word == "ready");
        let before = told(post).iter().filter(|line| times(line)).count();
        let mut command = post.network.command(SWITCH, &self.program.display().to_string());
        command.args(["agent", "--json", "--config"]).arg(post.folder.join("agent.toml"));
        self.running = Some(Program::resume(&mut command, &post.folder.join(LOG))?);
        clock::until("the agent's `ready`", READY_SECONDS, || {
            told(post).iter().filter(|line| times(line)).count() > before
        })
    }

    /// Kills it at some moment, and starts it again.
    fn killed(&mut self, post: &Post<'_>) -> Result<(), Error> {
        self.chance = self.chance * MULTIPLIER % MODULUS;
        let _ = post.stop.pause(Duration::from_millis(self.chance % KILL_WITHIN_MS));
        // Dropped is killed, and waited for.
        self.running = None;
        self.start(post)
    }

    /// People ask for a containment and approve it, and wait until it is verified.
    pub(super) fn contain(
        &mut self,
        device: &str,
        kills: u32,
        post: &Post<'_>,
    ) -> Result<Contained, Error> {
        let id = machine_of(device).asset.map_or(device, |asset| asset.id);
        let accuses = |line: &Value| line.pointer("/detection/device").is_some_and(|d| d == id);
        clock::until("the agent's word of the pump", TOLD_SECONDS, || {
            told(post).iter().any(&accuses)
        })?;
        let lines = told(post);
        let first = lines.iter().find(|line| accuses(line));
        let detected = first.and_then(|line| microseconds(line.pointer("/detection/at")));
        if let Some(Speakers(console)) = &self.speakers {
            let asked = now();
            id.clone_into(&mut self.device);
            console.contain(id);
            let last = |step: &str| {
                told(post).iter().rev().find_map(|line| {
                    let event = line
                        .get("event")
                        .filter(|event| event.get("step").is_some_and(|known| known == step))?;
                    microseconds(event.get("at"))
                })
            };
            let (approved, holds) = (last("approved"), last("verified"));
            let never = || Error::Failed { command: "the console".to_owned(), told: id.to_owned() };
            return Ok(Contained {
                detected,
                asked,
                approved: approved.ok_or_else(never)?,
                holds: holds.ok_or_else(never)?,
            });
        }
        self.ask_for(id, "contain", kills, post).map(|how| Contained { detected, ..how })
    }

    /// People ask for an isolation and approve it, and wait until it is verified.
    pub(super) fn isolate(&mut self, device: &str, post: &Post<'_>) -> Result<Contained, Error> {
        let id = machine_of(device).asset.map_or(device, |asset| asset.id);
        self.ask_for(id, "isolate", 0, post)
    }

    fn ask_for(
        &mut self,
        id: &str,
        level: &str,
        kills: u32,
        post: &Post<'_>,
    ) -> Result<Contained, Error> {
        let asked = now();
        let mut left = kills;
        let ask = ["request", id, "--level", level, "--reason", "it attacks", "--json"];
        let order = self.insist(ASKS, &ask, &mut left, post)?;
        let order = order.get("order").map(ToString::to_string).unwrap_or_default();
        for who in APPROVE {
            self.insist(who, &["approve", &order, "--json"], &mut left, post)?;
        }
        let approved = now();
        for _ in 0..left {
            self.killed(post)?;
        }
        let patience = VERIFIED_SECONDS.to_string();
        let wait = ["status", &order, "--json", "--wait", "verified", "--timeout", &patience];
        self.insist(ASKS, &wait, &mut 0, post)?;
        let verified = told(post).iter().rev().find_map(|line| {
            let event = line.get("event").filter(|event| {
                event.get("step").is_some_and(|step| step == "verified")
                    && event.get("order").map(ToString::to_string).as_deref() == Some(&order)
            })?;
            microseconds(event.get("at"))
        });
        self.order = Some(order);
        let holds = verified.unwrap_or_else(now);
        Ok(Contained { detected: None, asked, approved, holds })
    }

    /// A person says something until it is heard. While kills are left, one falls upon each word.
    fn insist(
        &mut self,
        who: usize,
        words: &[&str],
        kills: &mut u32,
        post: &Post<'_>,
    ) -> Result<Value, Error> {
        let mut last = String::new();
        for _ in 0..TRIES {
            let mut command = self.person(who, words, post);
            let said = std::thread::scope(|scope| -> Result<(bool, String), Error> {
                let saying = scope.spawn(move || outcome(&mut command));
                if *kills > 0 {
                    *kills -= 1;
                    self.killed(post)?;
                }
                Ok(saying.join().unwrap_or_default())
            })?;
            let (done, printed) = said;
            if done && let Ok(value) = serde_json::from_str(&printed) {
                return Ok(value);
            }
            // It was heard, and the answer was lost with the agent.
            if let Some(heard) = self.heard(who, words, &printed, post) {
                return Ok(heard);
            }
            last = printed;
            let _ = post.stop.pause(AGAIN);
        }
        let command = shown(&self.person(who, words, post));
        Err(Error::Failed { command, told: last })
    }

    /// What the agent remembers of a word whose answer was lost.
    fn heard(&self, who: usize, words: &[&str], printed: &str, post: &Post<'_>) -> Option<Value> {
        match words {
            // Who said yes already is told so.
            ["approve", order, ..] if printed.contains("containment.person-counted") => {
                serde_json::from_str(&format!("{{\"order\": {order}}}")).ok()
            }
            ["request", device, ..] => {
                let (_, all) = outcome(&mut self.person(who, &["status", "--json"], post));
                let all: Value = serde_json::from_str(&all).ok()?;
                let orders = all.get("orders")?.as_array()?.iter();
                let mut own = orders.filter(|order| {
                    let text = |name: &str| order.get(name).map(ToString::to_string);
                    text("device").is_some_and(|of| of.contains(device))
                        && order.to_string().contains("it attacks")
                });
                own.next_back().cloned()
            }
            _ => None,
        }
    }

    fn person(&self, who: usize, words: &[&str], post: &Post<'_>) -> Command {
        let account = PEOPLE.get(who).map_or(0, |(_, account, _)| *account).to_string();
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &account, "--regid", &account, "--clear-groups", "--"]);
        command.arg(&self.program).args(["contain", "--socket"]);
        command.arg(post.folder.join(SOCKET)).args(words).stdin(Stdio::null());
        command
    }

    /// Lifts the order.
    pub(super) fn lift(&mut self, post: &Post<'_>) -> Result<(), Error> {
        if let Some(Speakers(console)) = &self.speakers {
            console.lift(&self.device);
        }
        let Some(order) = self.order.clone() else { return Ok(()) };
        let words = ["lift", &order, "--reason", "the device was cleaned", "--json"];
        self.insist(LIFTS, &words, &mut 0, post).map(|_| ())
    }

    /// Ends it; what it said is kept.
    pub(super) fn end(self, post: &Post<'_>, folder: &Path) -> Option<(u64, u64)> {
        drop(self.running);
        let _ = fs::copy(post.folder.join(LOG), folder.join(LOG));
        self.edge.map(|edge| edge.lost())
    }
}

/// The port with 802.1X as the agent is told of it: whoever is isolated is put off there.
fn access(post: &Post<'_>) -> Result<String, Error> {
    let secret = write(post.folder.join("access.secret"), SECRET)?;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))
        .map_err(|source| Error::File { path: secret, source })?;
    Ok(format!(
        "\n[[point]]\nkind = \"radius\"\nname = \"{PORT}\"\nsecret-file = \"access.secret\"\n\
         covers = [\"{}/32\"]\n[point.radius]\nserver = \"{LISTEN}\"\nlift = \"disconnect\"\n\
         levels = {{ isolate = \"disconnect\" }}\n",
        machine_of(STATION).address()
    ))
}

/// What the agent told so far. What is no JSON (a complaint) is passed over.
fn told(post: &Post<'_>) -> Vec<Value> {
    let text = fs::read_to_string(post.folder.join(LOG)).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn microseconds(at: Option<&Value>) -> Option<i64> {
    let moment: jiff::Timestamp = at?.as_str()?.parse().ok()?;
    Some(moment.as_microsecond())
}

/// Writes the agent's configuration, and the inventory that it reads.
fn configure(points: &str, post: &Post<'_>) -> Result<(), Error> {
    let (hospital, state) = (post.folder.join(HOSPITAL), post.folder.join("state"));
    for folder in [&hospital, &state] {
        fs::create_dir_all(folder)
            .map_err(|source| Error::File { path: folder.clone(), source })?;
    }
    std::os::unix::fs::chown(&state, Some(OWNER), Some(OWNER))
        .map_err(|source| Error::File { path: state.clone(), source })?;
    write(hospital.join("inventory.csv"), &inventory())?;
    let people = PEOPLE.map(|(name, account, role)| {
        format!("\n[people.{name}]\naccount = {account}\nroles = [\"{role}\"]\n")
    });
    let ports: Vec<String> = CAST.iter().map(|machine| format!("\"{}\"", machine.port())).collect();
    let text = format!(
        "state = \"{}\"\nsocket = \"{}\"\ninventory = \"{}\"\ninterfaces = [{}]\n\
         usual-after = {USUAL_SECONDS}\n{points}",
        state.display(),
        post.folder.join(SOCKET).display(),
        hospital.display(),
        ports.join(", ")
    );
    write(post.folder.join("agent.toml"), &(text + &people.concat())).map(|_| ())
}
