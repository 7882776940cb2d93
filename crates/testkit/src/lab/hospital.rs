//! The hospital while it is open: its network, its programs, who acts in it, and the captures.
//!
//! Refuses to close in disorder: who acts ends after the exchange that they are in, what was passed
//! on arrives, and only then the programs end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::access::{Access, STATION};
use super::account;
use super::actor::Stage;
use super::attack::{self, Door, Step};
use super::capture::{self, Capture, DELIVERED, SENT};
use super::cast::{CAST, OUTSIDE, SWITCH, machine_of};
use super::clock::{self, Stop};
use super::defence::{Disturbance, Post};
use super::ledger::{self, Deed, Entry, Ledger};
use super::network::{Network, Run, batch, clean};
use super::program::Program;
use super::scene::{Held, Outcome, Play, Tell, VICTIM, spans};
use super::servers::Servers;
use super::truth::{Truth, may_pass};
use super::wire::Frame;
use super::{Error, care, finish, python, wire};

/// How long what was passed on may take to arrive, in seconds.
const ARRIVE_SECONDS: u64 = 10;
/// The address that a device takes when it changes it.
const ANOTHER: &str = "10.20.0.77";
/// What the attacker's ledger is called.
const ATTACKER: &str = "attacker";
/// Most forbidden frames that are told.
const TOLD: usize = 20;

/// What a machine or a person does all day.
type Part = fn(&Stage);

/// Fields are dropped in order: who acts, what answers, then the network.
pub(crate) struct Hospital {
    pub(crate) stop: Stop,
    actors: Vec<JoinHandle<()>>,
    loose: Vec<JoinHandle<()>>,
    /// Ends the attacker's program.
    caught: Stop,
    access: Option<Access>,
    programs: Vec<Program>,
    capture: Option<Capture>,
    network: Network,
    folder: PathBuf,
    sent: PathBuf,
    attacker: Ledger,
    tell: Tell,
    began: Instant,
}

impl Drop for Hospital {
    fn drop(&mut self) {
        self.stop.end();
        // Also where the scene ends early: whom nobody tells to end is waited for without end.
        self.quiet();
        for actor in self.actors.drain(..) {
            let _ = actor.join();
        }
    }
}

impl Hospital {
    /// Puts everything up and waits until it answers.
    pub(crate) fn open(play: &Play) -> Result<Self, Error> {
        let (began, removed) = (Instant::now(), clean());
        attack::tools()?;
        python::interpreter()?;
        let ledgers = play.folder.join("ledgers");
        fs::create_dir_all(&ledgers)
            .map_err(|source| Error::File { path: ledgers.clone(), source })?;
        let network = Network::new(Run::new()?)?;
        let mut hospital = Self {
            stop: play.stop.clone(),
            actors: Vec::new(),
            loose: Vec::new(),
            caught: Stop::default(),
            access: None,
            programs: Vec::new(),
            capture: Some(Capture::begin(&network, &play.folder)?),
            network,
            folder: play.folder.clone(),
            sent: play.folder.join(SENT),
            attacker: Ledger::open(&ledgers, ATTACKER)?,
            tell: play.tell.clone(),
            began,
        };
        if removed > 0 {
            hospital.tell(&format!("what {removed} earlier runs had left behind is removed"));
        }
        hospital.network.plug()?;
        let folder = hospital.network.run.folder().to_owned();
        let servers = Servers { network: &hospital.network, folder: &folder, ledgers: &ledgers };
        let programs = servers.start()?;
        let (count, machines) = (programs.len(), CAST.len());
        hospital.programs = programs;
        hospital.tell(&format!("{count} programs answer on {machines} machines"));
        Ok(hospital)
    }

    /// Tells what happens.
    pub(crate) fn tell(&self, what: &str) {
        (self.tell)(&format!("{:6.1} s  {what}", self.began.elapsed().as_secs_f64()));
    }

    /// Lets time pass; whether the scene goes on.
    pub(crate) fn wait(&self, seconds: u64) -> bool {
        self.stop.pause(Duration::from_secs(seconds))
    }

    /// Goes on only while nobody interrupted.
    pub(crate) fn goes_on(&self) -> Result<(), Error> {
        if self.stop.is_over() { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// What a defender has at hand.
    pub(crate) fn post(&self) -> Post<'_> {
        let (network, folder) = (&self.network, self.network.run.folder());
        Post { network, folder, capture: &self.sent, stop: &self.stop }
    }

    fn stage(&self, machine: &'static str, ledger: Ledger) -> Result<Stage, Error> {
        let folder = self.network.run.folder().join(machine);
        fs::create_dir_all(&folder)
            .map_err(|source| Error::File { path: folder.clone(), source })?;
        let (stop, run) = (self.stop.clone(), self.network.run.clone());
        Ok(Stage { stop, ledger, machine, folder, run })
    }

    /// Lets a device on only where it signs on.
    pub(crate) fn guard_port(&mut self) -> Result<(), Error> {
        let (folder, ledgers) = (self.network.run.folder(), self.folder.join("ledgers"));
        self.access = Some(Access::start(&self.network, folder, &ledgers)?);
        self.tell(&format!("the port of the {STATION} unit asks who is there, and it signs on"));
        Ok(())
    }

    /// Somebody lets the device sign on anew.
    pub(crate) fn sign_on(&self) -> Result<(), Error> {
        self.access.as_ref().map_or(Ok(()), |access| access.sign_on(&self.network))
    }

    /// Begins the day's work.
    pub(crate) fn work(&mut self) -> Result<(), Error> {
        // Each with its ledger; a machine that does two things at a time keeps two.
        let parts: [(&'static str, &'static str, Part); 9] = [
            ("pump-1", "pump-1", care::pump),
            ("pump-2", "pump-2", care::pump),
            ("monitor", "monitor", care::monitor),
            ("ct", "ct", care::scanner),
            ("ct", "ct-state", care::telemetry),
            ("ultrasound", "ultrasound", care::ultrasound),
            ("workstation", "workstation", care::desk),
            ("workstation-2", "workstation-2", care::desk),
            (OUTSIDE, OUTSIDE, care::support),
        ];
        for (machine, book, part) in parts {
            let ledger = Ledger::open(&self.folder.join("ledgers"), book)?;
            let stage = self.stage(machine, ledger)?;
            self.actors.push(stage.play(part));
        }
        Ok(())
    }

    /// Says how to get onto the machines.
    pub(crate) fn doors(&self) {
        for machine in &CAST {
            let (name, address) = (self.network.run.namespace(machine.name), machine.address());
            self.tell(&format!("{:13} {address}  ip netns exec {name} sh", machine.name));
        }
    }

    /// Puts the attacker's server up.
    pub(crate) fn master(&mut self) -> Result<(), Error> {
        let stage = self.stage(OUTSIDE, self.attacker.clone())?;
        self.actors.push(stage.play(attack::master));
        clock::until("the attacker's server", ARRIVE_SECONDS, || {
            self.network.listens(OUTSIDE, "tcp", attack::BEACON_PORT)
        })
    }

    /// Does a step of the attack; whether it came about.
    pub(crate) fn attack(&self, step: &Step) -> Result<bool, Error> {
        let mut stage = self.stage(step.source, self.attacker.clone())?;
        stage.folder.push("attack");
        fs::create_dir_all(&stage.folder)
            .map_err(|source| Error::File { path: stage.folder.clone(), source })?;
        self.network.enter(step.source, || step.act(&stage))
    }

    /// Lets the attacker's program run: each door in a thread, and the session with its master.
    pub(crate) fn let_loose(&mut self, doors: &[Door]) -> Result<(), Error> {
        for door in doors {
            let (stage, over, door) =
                (self.stage(door.0, self.attacker.clone())?, self.caught.clone(), *door);
            self.loose.push(stage.play(move |stage| attack::knock(stage, &over, door)));
        }
        let (stage, over) = (self.stage(VICTIM, self.attacker.clone())?, self.caught.clone());
        self.loose.push(stage.play(move |stage| attack::obey(stage, &over)));
        Ok(())
    }

    /// The doors at which nobody answers.
    pub(crate) fn shut(&self, doors: &[Door]) -> Result<Vec<String>, Error> {
        let mut shut = Vec::new();
        for door in doors {
            if !self.network.enter(door.0, || attack::answers(*door))? {
                shut.push(format!("{} to {} on tcp/{}", door.0, door.1, door.2));
            }
        }
        Ok(shut)
    }

    /// Ends the attacker's program, and waits until it has ended.
    pub(crate) fn quiet(&mut self) {
        self.caught.end();
        for thread in self.loose.drain(..) {
            let _ = thread.join();
        }
    }

    /// A device takes another address, and uses it for what it should not do.
    pub(crate) fn take_another_address(&self, device: &str) -> Result<(), Error> {
        let mut lines = vec![format!("addr add {ANOTHER}/24 dev eth0")];
        for target in ["files", "ehr", "pacs", "central", "pump-2"] {
            let target = machine_of(target).address();
            lines.push(format!("route add {target}/32 dev eth0 src {ANOTHER}"));
        }
        batch(Some(&self.network.run.namespace(device)), &lines)
    }

    /// Undoes what a disturbance left on the device.
    pub(crate) fn put_back(&self, device: &str, disturbance: Disturbance) -> Result<(), Error> {
        if disturbance != Disturbance::AnotherAddress {
            return Ok(());
        }
        // The routes from that address go with it.
        let lines = [format!("addr del {ANOTHER}/24 dev eth0")];
        batch(Some(&self.network.run.namespace(device)), &lines)
    }

    /// Ends the work in order, and counts.
    pub(crate) fn close(
        mut self,
        truth: Truth,
        (contained, isolated): (Held, Held),
    ) -> Result<Outcome, Error> {
        self.stop.end();
        for actor in self.actors.drain(..) {
            let _ = actor.join();
        }
        let ledgers = self.folder.join("ledgers");
        let _ = clock::until("the last messages at the record", ARRIVE_SECONDS, || {
            ledger::read(&ledgers).is_ok_and(|entries| has_arrived(&entries))
        });
        self.unplug()?;
        let counted = self.sent_by_machines()?;
        let captured = match self.capture.take() {
            Some(capture) => capture.end()?.sent,
            None => 0,
        };
        let entries = ledger::read(&ledgers)?;
        let written = serde_json::to_string_pretty(&truth).unwrap_or_default();
        super::servers::write(self.folder.join("truth.json"), &written)?;
        super::servers::write(self.folder.join("inventory.csv"), &super::defence::inventory())?;
        let mut forbidden = Vec::new();
        for span in spans(contained) {
            forbidden.extend(let_out(&self.folder.join(DELIVERED), span)?);
        }
        for span in spans(isolated) {
            forbidden.extend(got_on(&self.folder.join(DELIVERED), span)?);
        }
        Ok(Outcome {
            truth,
            care: account::care(&entries),
            shut: Vec::new(),
            entries,
            contained,
            isolated,
            forbidden,
            frames: (captured, counted),
            radius: None,
            capture: self.sent.clone(),
        })
    }

    /// Unplugs every machine: no frame comes any more.
    fn unplug(&self) -> Result<(), Error> {
        let lines: Vec<String> =
            CAST.iter().map(|machine| format!("link set {} down", machine.port())).collect();
        batch(Some(&self.network.run.namespace(SWITCH)), &lines)
    }

    /// Frames that came into the switch from machines, as its ports counted them.
    fn sent_by_machines(&self) -> Result<u64, Error> {
        let switch = self.network.run.namespace(SWITCH);
        let printed = finish(Command::new("ip").args(["-n", &switch, "-s", "-j", "link", "show"]))?;
        let links: serde_json::Value = serde_json::from_str(&printed).unwrap_or_default();
        let links = links.as_array().cloned().unwrap_or_default();
        let ports = links.iter().filter(|link| {
            let name = link.get("ifname").and_then(serde_json::Value::as_str);
            name.is_some_and(|name| name.starts_with('p'))
        });
        Ok(ports.filter_map(|port| port.pointer("/stats64/rx/packets")?.as_u64()).sum())
    }
}

/// Whether everything that the gateway took has been passed on.
fn has_arrived(entries: &[Entry]) -> bool {
    let of = |kind: Deed| entries.iter().filter(|e| e.who == "gateway" && e.kind == kind).count();
    of(Deed::Received) == of(Deed::Acknowledged) + of(Deed::Unacknowledged)
}

/// The forbidden frames that the switch let out within a span.
fn let_out(capture: &Path, span: (i64, i64)) -> Result<Vec<String>, Error> {
    let own =
        [machine_of(VICTIM).address(), ANOTHER.parse().unwrap_or(std::net::Ipv4Addr::UNSPECIFIED)];
    told(capture, span, |frame| !may_pass(VICTIM, &own, frame))
}

/// What the switch let out of the isolated device, or to it and nobody else.
fn got_on(capture: &Path, span: (i64, i64)) -> Result<Vec<String>, Error> {
    let station = machine_of(STATION);
    told(capture, span, |frame| frame.from == station.mac || frame.to == station.mac)
}

/// The frames of a capture within a span that are bad, each in words.
fn told(
    capture: &Path,
    (from, until): (i64, i64),
    is_bad: impl Fn(&Frame) -> bool,
) -> Result<Vec<String>, Error> {
    let frames = capture::read(capture)?;
    let frames = frames.iter().filter(|(at, _)| (from..until).contains(at));
    let frames = frames.filter_map(|(at, bytes)| wire::frame(*at, bytes));
    let bad = frames.filter(|frame| is_bad(frame));
    Ok(bad
        .take(TOLD)
        .map(|frame| format!("{} ms after: {:?}", (frame.at - from) / 1_000, frame.carried))
        .collect())
}
