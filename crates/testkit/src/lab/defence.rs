//! Who defends the hospital in a scene: nobody, a person with the plan's rules, or the agent.
//!
//! Refuses to know whether it works: that is counted in the ledgers and in what the switch let out.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cast::{CAST, SWITCH, machine_of};
use super::clock::{Stop, now};
use super::network::Network;
use super::program::Program;
use super::servers::write;
use super::{Error, clock, finish};

/// How long the agent may take until it watches, in seconds.
const READY_SECONDS: u64 = 30;
/// How long the agent may take from the approval until what it did is verified, in seconds.
const VERIFIED_SECONDS: u64 = 10;
/// What the agent says.
const AGENT_LOG: &str = "agent.log";
/// The accounts of the people: who asks, who says yes for security, who for care.
const PEOPLE: [(&str, u32, &str); 3] =
    [("anna", 20_001, "security"), ("bo", 20_002, "security"), ("cleo", 20_003, "clinical")];

/// Who defends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defence {
    /// Nobody: the attack takes its course.
    Nobody,
    /// A person gives the rules of `asepsis contain plan` to nft. The path is the program's.
    ByHand(PathBuf),
    /// The agent, with people who ask and approve. The path is the program's.
    Agent(PathBuf),
}

/// What happens to the defence while the device is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disturbance {
    /// Nothing.
    #[default]
    None,
    /// The device takes another IP address for what it should not do.
    AnotherAddress,
    /// Somebody removes all of our rules.
    RulesFlushed,
    /// The agent is killed and started again, so often.
    AgentKilled(u32),
}

/// A containment as it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contained {
    /// When it was asked for.
    pub asked: i64,
    /// From when on no forbidden packet may pass.
    pub holds: i64,
}

/// What a defender has at hand.
pub(crate) struct Post<'l> {
    pub(crate) network: &'l Network,
    pub(crate) folder: &'l Path,
    /// What was captured so far of what machines sent.
    pub(crate) capture: &'l Path,
}

/// A defender on duty.
#[derive(Debug)]
pub(crate) struct Guard {
    who: Defence,
    rules: Option<String>,
    agent: Option<Program>,
    order: Option<String>,
}

impl Guard {
    /// Takes the post.
    pub(crate) fn begin(who: Defence, post: &Post<'_>) -> Result<Self, Error> {
        let mut guard = Self { who, rules: None, agent: None, order: None };
        if let Defence::Agent(program) = &mut guard.who {
            // Where everybody can reach it: people are other accounts.
            let copy = post.folder.join("asepsis");
            std::fs::copy(&program, &copy)
                .map_err(|source| Error::File { path: program.clone(), source })?;
            *program = copy;
            configure(post)?;
            guard.agent = Some(start(program, post)?);
        }
        Ok(guard)
    }

    /// Learns from the work that was captured so far, before anything happened.
    pub(crate) fn learn(&mut self, device: &str, post: &Post<'_>) -> Result<(), Error> {
        if let Defence::ByHand(program) = &self.who {
            let address = machine_of(device).address().to_string();
            let mut plan = Command::new(program);
            plan.args(["contain", "plan", &address]).arg(post.capture).arg("--rules");
            self.rules = Some(finish(&mut plan)?);
        }
        Ok(())
    }

    /// Contains a device; `None` where nobody defends.
    pub(crate) fn contain(
        &mut self,
        device: &str,
        post: &Post<'_>,
    ) -> Result<Option<Contained>, Error> {
        let asked = now();
        match &self.who {
            Defence::Nobody => return Ok(None),
            Defence::ByHand(_) => self.apply(post)?,
            Defence::Agent(program) => {
                let id = machine_of(device).asset.map_or(device, |asset| asset.id);
                let why = "it scans and moves";
                let mut ask = person(0, program, post);
                ask.args(["request", id, "--level", "contain", "--reason", why]);
                let order = number(&finish(&mut ask)?, "the agent's answer to a request")?;
                for who in [1, 2] {
                    finish(person(who, program, post).args(["approve", &order]))?;
                }
                let mut wait = person(0, program, post);
                wait.args(["status", &order, "--wait", "verified", "--timeout"]);
                finish(wait.arg(VERIFIED_SECONDS.to_string()))?;
                self.order = Some(order);
            }
        }
        Ok(Some(Contained { asked, holds: now() }))
    }

    fn apply(&self, post: &Post<'_>) -> Result<(), Error> {
        let rules = self.rules.as_deref().unwrap_or_default();
        let file = write(post.folder.join("rules.nft"), rules)?;
        finish(post.network.command(SWITCH, "nft").arg("-f").arg(&file)).map(|_| ())
    }

    /// Is disturbed. What it has to put right it puts right itself, but for the person without an
    /// agent, who has to see it.
    pub(crate) fn disturbed(
        &mut self,
        by: Disturbance,
        post: &Post<'_>,
        stop: &Stop,
    ) -> Result<(), Error> {
        match (by, &self.who) {
            (Disturbance::RulesFlushed, Defence::ByHand(_) | Defence::Agent(_)) => {
                finish(post.network.command(SWITCH, "nft").args(["flush", "ruleset"]))?;
                if matches!(self.who, Defence::ByHand(_)) {
                    self.apply(post)?;
                }
            }
            (Disturbance::AgentKilled(times), Defence::Agent(program)) => {
                let program = program.clone();
                for _ in 0..times {
                    // Dropped is killed, and waited for.
                    self.agent = None;
                    self.agent = Some(start(&program, post)?);
                    if !stop.pause(std::time::Duration::from_millis(137)) {
                        break;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Leaves the post; what the agent said is kept.
    pub(crate) fn end(self, post: &Post<'_>, folder: &Path) {
        drop(self.agent);
        let log = post.folder.join(AGENT_LOG);
        if log.exists() {
            let _ = std::fs::copy(log, folder.join(AGENT_LOG));
        }
    }

    /// Lifts what was ordered: the device is clean.
    pub(crate) fn lift(&mut self, post: &Post<'_>) -> Result<(), Error> {
        match (&self.who, &self.order) {
            (Defence::ByHand(_), _) => {
                finish(post.network.command(SWITCH, "nft").args(["flush", "ruleset"]))?;
            }
            (Defence::Agent(program), Some(order)) => {
                let mut lift = person(2, program, post);
                finish(lift.args(["lift", order, "--reason", "the device was cleaned"]))?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The first number in what a program said.
fn number(said: &str, what: &str) -> Result<String, Error> {
    let digits = said.split(|c: char| !c.is_ascii_digit()).find(|word| !word.is_empty());
    digits.map(str::to_owned).ok_or_else(|| Error::Failed {
        command: what.to_owned(),
        told: format!("there is no number of an order in `{}`", said.trim()),
    })
}

/// A person at the agent's socket: a process of that account.
fn person(who: usize, program: &Path, post: &Post<'_>) -> Command {
    let account = PEOPLE.get(who).map_or(0, |(_, account, _)| *account).to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &account, "--regid", &account, "--clear-groups", "--"]);
    command.arg(program).args(["contain", "--socket"]).arg(post.folder.join("agent.sock"));
    command.stdin(Stdio::null());
    command
}

/// Starts the agent, and waits until it watches.
fn start(program: &Path, post: &Post<'_>) -> Result<Program, Error> {
    let log = post.folder.join(AGENT_LOG);
    let mut command = post.network.command(SWITCH, &program.display().to_string());
    command.args(["agent", "--config"]).arg(post.folder.join("agent.toml"));
    let agent = Program::start(&mut command, &log)?;
    clock::until("the agent's `ready`", READY_SECONDS, || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.lines().any(|line| line == "ready"))
    })?;
    Ok(agent)
}

/// Writes the agent's configuration, and the inventory that it reads.
fn configure(post: &Post<'_>) -> Result<(), Error> {
    let folder = post.folder.join("hospital");
    std::fs::create_dir_all(&folder)
        .map_err(|source| Error::File { path: folder.clone(), source })?;
    write(folder.join("inventory.csv"), &inventory())?;
    let path = |name: &str| post.folder.join(name).display().to_string();
    let ports: Vec<String> = CAST.iter().map(|machine| format!("\"{}\"", machine.port())).collect();
    let mut text = format!(
        "state = \"{}\"\nsocket = \"{}\"\ninventory = \"{}\"\ninterfaces = [{}]\n\n\
         [[point]]\nkind = \"nftables\"\nname = \"switch\"\nplace = \"bridge\"\n",
        path("state"),
        path("agent.sock"),
        folder.display(),
        ports.join(", ")
    );
    for (name, account, role) in PEOPLE {
        text += &format!("\n[people.{name}]\naccount = {account}\nroles = [\"{role}\"]\n");
    }
    write(post.folder.join("agent.toml"), &text).map(|_| ())
}

/// The inventory of the cast's medical devices.
#[must_use]
pub fn inventory() -> String {
    let mut out = String::from(
        "Asset ID,Manufacturer,Model,SW Version,MAC List,IP List,Department,Criticality,In Use\n",
    );
    for machine in &CAST {
        if let Some(asset) = machine.asset {
            let cells = [
                asset.id,
                asset.maker,
                asset.model,
                asset.version,
                &machine.mac_text(),
                &machine.address().to_string(),
                asset.unit,
                asset.criticality,
                "yes",
            ];
            out += &(cells.join(",") + "\n");
        }
    }
    out
}
