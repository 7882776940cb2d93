//! Who defends the hospital in a scene: nobody, a person with the plan's rules, or the agent with
//! its people.
//!
//! Refuses to know whether it works: that is counted in the ledgers and in what the switch let out.

mod agent;
mod switch;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use self::agent::Agent;
pub use self::switch::{EDGE, Edge, Manner};
use super::cast::{CAST, SWITCH, machine_of};
use super::clock::{Stop, now};
use super::network::Network;
use super::servers::write;
use super::{Error, finish};

/// Who defends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defence {
    /// Nobody: the attack takes its course.
    Nobody,
    /// A person gives the rules of `asepsis contain plan` to nft. The path is the program's.
    ByHand(PathBuf),
    /// The agent, with people who ask and approve. The path is the program's; the points are those
    /// by which it changes the network, the first choice first.
    Agent(PathBuf, Vec<Point>),
    /// The same agent at the kernel, with people who speak by a console.
    Console(PathBuf, Speakers),
}

/// People at a console.
pub trait Console: Send + Sync {
    /// The agent answers at a socket, and read its inventory from a folder.
    fn begin(&self, socket: &Path, inventory: &Path);
    /// Asks for a containment and says yes to it; returns once the console shows that it is
    /// verified.
    fn contain(&self, device: &str);
    /// Ends it.
    fn lift(&self, device: &str);
}

/// Those people, as a defence.
#[derive(Clone)]
pub struct Speakers(pub Arc<dyn Console>);

impl fmt::Debug for Speakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Speakers")
    }
}

impl PartialEq for Speakers {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Speakers {}

/// By what the agent changes the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The kernel of the switch that it is on, by rules of its own.
    Kernel,
    /// The switch's own filter, by RADIUS.
    Edge(Edge),
    /// The port with 802.1X, by RADIUS: `hostapd` puts its device off.
    Access,
}

/// As the agent's journal calls [`Point::Kernel`].
pub const KERNEL: &str = "switch";
/// As it calls [`Point::Access`].
pub const PORT: &str = "access-port";

/// What happens to the defence while the device is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disturbance {
    /// Nothing.
    #[default]
    None,
    /// The device takes another IP address for what it should not do.
    AnotherAddress,
    /// Somebody removes all rules of the switch.
    RulesFlushed,
    /// The agent is killed and started again, so often, while people ask and approve and after.
    AgentKilled(u32),
}

/// A containment as it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contained {
    /// When the agent told of the device's first misdeed; `None` where no agent watched.
    pub detected: Option<i64>,
    /// When it was asked for.
    pub asked: i64,
    /// When the last of those who have to say yes did.
    pub approved: i64,
    /// From when on no forbidden packet may pass.
    pub holds: i64,
}

/// What a defender has at hand.
pub(crate) struct Post<'l> {
    pub(crate) network: &'l Network,
    pub(crate) folder: &'l Path,
    /// What was captured so far of what machines sent.
    pub(crate) capture: &'l Path,
    pub(crate) stop: &'l Stop,
}

/// A defender on duty.
#[derive(Debug)]
pub(crate) struct Guard {
    who: Defence,
    rules: String,
    agent: Option<Agent>,
}

impl Guard {
    /// Takes the post.
    pub(crate) fn begin(who: Defence, post: &Post<'_>) -> Result<Self, Error> {
        let agent = match &who {
            Defence::Agent(program, points) => Some(Agent::begin(program, points, None, post)?),
            Defence::Console(program, speakers) => {
                Some(Agent::begin(program, &[Point::Kernel], Some(speakers.clone()), post)?)
            }
            Defence::Nobody | Defence::ByHand(_) => None,
        };
        Ok(Self { who, rules: String::new(), agent })
    }

    /// Learns from the work that was captured so far, before anything happened.
    pub(crate) fn learn(&mut self, device: &str, post: &Post<'_>) -> Result<(), Error> {
        if let Defence::ByHand(program) = &self.who {
            let address = machine_of(device).address().to_string();
            let mut plan = Command::new(program);
            plan.args(["contain", "plan", &address]).arg(post.capture).arg("--rules");
            self.rules = finish(&mut plan)?;
        }
        Ok(())
    }

    /// Contains a device; `None` where nobody defends.
    pub(crate) fn contain(
        &mut self,
        device: &str,
        disturbance: Disturbance,
        post: &Post<'_>,
    ) -> Result<Option<Contained>, Error> {
        if let Some(agent) = &mut self.agent {
            let kills = if let Disturbance::AgentKilled(times) = disturbance { times } else { 0 };
            return agent.contain(device, kills, post).map(Some);
        }
        if self.who == Defence::Nobody {
            return Ok(None);
        }
        let asked = now();
        self.apply(post)?;
        Ok(Some(Contained { detected: None, asked, approved: asked, holds: now() }))
    }

    /// Isolates a device that nobody accuses; `None` where no agent defends.
    pub(crate) fn isolate(
        &mut self,
        device: &str,
        post: &Post<'_>,
    ) -> Result<Option<Contained>, Error> {
        self.agent.as_mut().map(|agent| agent.isolate(device, post)).transpose()
    }

    fn apply(&self, post: &Post<'_>) -> Result<(), Error> {
        let file = write(post.folder.join("rules.nft"), &self.rules)?;
        finish(post.network.command(SWITCH, "nft").arg("-f").arg(&file)).map(|_| ())
    }

    /// Somebody removes all rules of the switch. The agent has to see it by itself; the person
    /// without one is told.
    pub(crate) fn flushed(&mut self, post: &Post<'_>) -> Result<(), Error> {
        finish(post.network.command(SWITCH, "nft").args(["flush", "ruleset"]))?;
        if matches!(self.who, Defence::ByHand(_)) { self.apply(post) } else { Ok(()) }
    }

    /// Lifts what was ordered: the device is clean.
    pub(crate) fn lift(&mut self, post: &Post<'_>) -> Result<(), Error> {
        match (&mut self.agent, &self.who) {
            (Some(agent), _) => agent.lift(post),
            (None, Defence::ByHand(_)) => {
                finish(post.network.command(SWITCH, "nft").args(["flush", "ruleset"])).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    /// Leaves the post; what the agent said is kept. How many packets of RADIUS came, and how many
    /// of them were lost, where a switch was told by it.
    pub(crate) fn end(self, post: &Post<'_>, folder: &Path) -> Option<(u64, u64)> {
        self.agent.and_then(|agent| agent.end(post, folder))
    }
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
