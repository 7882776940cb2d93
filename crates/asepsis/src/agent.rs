//! The agent: one visible loop that joins the rest. It watches, detects, proposes, lets the
//! reconciler act on what may be done, and shows it what the wire says.
//!
//! Refuses to decide what the rules decide, to act beyond what its configuration allows, and to
//! stop because one part of it fails: what is enforced stays enforced without it.

mod answers;
mod clock;
mod detections;
mod door;
pub(crate) mod frames;
mod hands;
mod knowledge;
mod known;
mod memory;
mod news;
mod people;
mod suspicion;
pub(crate) mod talk;
mod watch;
pub(crate) mod within;

pub(crate) use hands::serve as serve_hand;

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use collectors::tap::{self, Tap};
use decisions::containment::essential::{self, Essentials};
use decisions::containment::order::Order;
use decisions::containment::review::CLOCKS_DIFFER;
use domain::fact::Document;
use domain::network::Moment;
use domain::order::PointName;
use enforcement::journal::Journal;
use enforcement::reconciler::{self, Coverage, Errand, Reconciler};

use crate::configuration::{Configuration, Playbook};
use crate::scene;
use crate::{DONE, output};

use self::clock::Clock;
use self::detections::Detections;
use self::frames::{Frames, Interfaces};
use self::knowledge::Knowledge;
use self::memory::Memory;
use self::people::{Caller, People};
use self::talk::{Answer, Question};

/// How long the taps are waited for while nothing is under way, and while something is.
const WAIT: Duration = Duration::from_millis(15);
const WAIT_BUSY: Duration = Duration::from_millis(3);
/// How often it is looked who is there, and what is known is written down, in microseconds.
const LOOK_AROUND: i64 = 250_000;
const REMEMBER: i64 = 5_000_000;
/// How often a fault of the disk is told, in microseconds.
const COMPLAIN: i64 = 5_000_000;
/// How far the machine's clock has to be set for that to be told once more, in microseconds.
const SET: u64 = 1_000_000;

/// Something that the loop hears of.
enum Heard {
    Knock(Knock),
    Done(Errand, reconciler::Answer),
}

/// A question at the door, or from within the process.
struct Knock {
    caller: Caller,
    question: Question,
    reply: Sender<Answer>,
}

/// The agent.
struct Agent {
    people: People,
    playbooks: Vec<Playbook>,
    knowledge: Knowledge,
    reconciler: Reconciler,
    essentials: Journal<essential::Event>,
    hands: Vec<Sender<Errand>>,
    points: Vec<PointName>,
    heard: Receiver<Heard>,
    frames: Box<dyn Frames>,
    under_way: usize,
    detections: Detections,
    clock: Clock,
    /// How far the machine's clock was ahead when that was told.
    told_ahead: Option<i64>,
    due: Due,
    tells: Tells,
    failed_frames: u64,
    _lock: File,
}

/// Whom the agent tells what happens, beside those who ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// Standard output, in sentences.
    Sentences,
    /// Standard output, as JSON.
    Json,
    /// Nobody.
    Nobody,
}

/// By what the agent sees, hears and acts.
struct Senses {
    hands: Vec<Sender<Errand>>,
    heard: Receiver<Heard>,
    frames: Box<dyn Frames>,
    people: People,
    tells: Tells,
}

/// What is remembered in the folder.
struct Remembered {
    reconciler: Reconciler,
    essentials: Journal<essential::Event>,
    known: Essentials,
    memory: Memory,
    detections: Detections,
    lock: File,
}

/// When what is done from time to time is due.
#[derive(Default)]
struct Due {
    look_around: Moment,
    remember: Moment,
    complain: Moment,
}

/// Runs the agent until it is asked to end.
pub(crate) fn run(path: &Path, json: bool) -> Result<u8> {
    let configuration = Configuration::read(path)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .context("cannot wait for the signals to end")?;
    }
    let tells = if json { Tells::Json } else { Tells::Sentences };
    let mut agent = Agent::begin(&configuration, tells)?;
    agent.say(&[("agent", "ready".into())], "ready")?;
    while !stop.load(Ordering::Acquire) {
        agent.turn()?;
    }
    agent.knowledge.remember()?;
    Ok(DONE)
}

impl Remembered {
    /// Opens what is remembered in a folder.
    fn open(state: &Path, points: Vec<(PointName, Coverage)>) -> Result<Self> {
        // A second agent would undo what the first does.
        let lock = File::create(state.join("lock"))
            .with_context(|| format!("cannot write in `{}`", state.display()))?;
        if lock.try_lock().is_err() {
            bail!("another agent works in `{}`\n\nhint: end it first", state.display());
        }
        let (essentials, known) = essential_flows(state)?;
        let (reconciler, found) = Reconciler::open(state, points)?;
        if let Some(torn) = found.torn {
            output::complain(&format!(
                "the last line of the journal was never whole; it is kept in `{}`",
                torn.display()
            ));
        }
        let memory = Memory::open(&state.join("known.jsonl"))?;
        let detections = Detections::open(&state.join("detections.jsonl"))?;
        Ok(Self { reconciler, essentials, known, memory, detections, lock })
    }
}

impl Agent {
    /// Opens all that it needs, and gives up the rights that it needs no longer.
    fn begin(configuration: &Configuration, tells: Tells) -> Result<Self> {
        let state = &configuration.state;
        let owner = folder(state)?;
        let people = People::new(configuration.accounts()?, configuration.console()?);
        let inventory = scene::inventory(configuration.inventory.as_deref(), true)?;
        let mut points = Vec::new();
        for point in &configuration.point {
            points.push((point.name(), point.coverage()?));
        }
        let remembered = Remembered::open(state, points.clone())?;
        let (to, heard) = channel();
        let hands = hands::open(&configuration.point, &to)?;
        let interfaces: Vec<String> =
            configuration.interfaces.iter().chain(&configuration.mirrors).cloned().collect();
        let (tap, ports) = (Tap::open(&interfaces)?, configuration.interfaces.len());
        let door = door::open(&configuration.socket)?;
        give(state, owner)?;
        tap::become_user(owner.0, owner.1).context("nothing was read yet")?;
        door::answer(door, to);
        let frames = Box::new(Interfaces { tap, ports });
        let senses = Senses { hands, heard, frames, people, tells };
        Self::new(configuration, &inventory, points, remembered, senses)
    }

    /// An agent that knows what is remembered, and sees, hears and acts by those senses.
    fn new(
        configuration: &Configuration,
        inventory: &[Document],
        points: Vec<(PointName, Coverage)>,
        remembered: Remembered,
        senses: Senses,
    ) -> Result<Self> {
        let Remembered { reconciler, essentials, known, memory, detections, lock } = remembered;
        let Senses { hands, heard, frames, people, tells } = senses;
        let usual = (configuration.usual_after, configuration.outside()?);
        let drilled = configuration.drilled();
        let knowledge = Knowledge::new(inventory, memory, known, drilled, usual);
        Ok(Self {
            people,
            playbooks: configuration.playbooks().to_vec(),
            knowledge,
            reconciler,
            essentials,
            hands,
            points: points.into_iter().map(|(name, _)| name).collect(),
            heard,
            frames,
            under_way: 0,
            detections,
            clock: Clock::begin(),
            told_ahead: None,
            due: Due::default(),
            tells,
            failed_frames: 0,
            _lock: lock,
        })
    }

    /// One turn: frames, people, points, the clock; then whatever follows from them.
    fn turn(&mut self) -> Result<()> {
        self.frames()?;
        let now = self.now();
        self.knowledge.now = now;
        while let Ok(heard) = self.heard.try_recv() {
            match heard {
                Heard::Knock(knock) => self.answer(knock, now),
                Heard::Done(errand, answer) => {
                    self.under_way = self.under_way.saturating_sub(1);
                    if let Err(error) = self.reconciler.done(&errand, answer, now) {
                        self.complain(&error.to_string(), now);
                    }
                }
            }
        }
        if now >= self.due.look_around {
            for device in self.knowledge.look_around() {
                self.reconciler.touch(&device);
            }
            self.knowledge.settle(self.reconciler.orders());
            self.knowledge.note_compromised(self.reconciler.orders());
            self.due.look_around = self.again(now, LOOK_AROUND);
        }
        if now >= self.due.remember {
            if let Err(error) = self.knowledge.remember() {
                self.complain(&format!("{error:#}"), now);
            }
            self.due.remember = self.again(now, REMEMBER);
        }
        self.propose(now)?;
        self.go_on(now)
    }

    /// Lets the reconciler go on, and sends the points on their errands.
    fn go_on(&mut self, now: Moment) -> Result<()> {
        match self.reconciler.step(now, &self.knowledge) {
            Ok(errands) => {
                for errand in errands {
                    let Some(hand) = self.hands.get(errand.point) else { continue };
                    if hand.send(errand).is_err() {
                        bail!("a hand has ended; what is enforced stays enforced");
                    }
                    self.under_way += 1;
                }
            }
            Err(error) => self.complain(&error.to_string(), now),
        }
        let news = self.reconciler.news();
        if !news.is_empty() {
            self.knowledge.note_compromised(self.reconciler.orders());
            self.tell(&news)?;
        }
        Ok(())
    }

    /// What time it is. Where the machine's clock was set while an order is open, that is told,
    /// once for each time, and the order goes on by the time that passes.
    fn now(&mut self) -> Moment {
        let before = self.clock.said();
        let now = self.clock.now(self.may_jump());
        let ahead = self.clock.ahead();
        if now < before {
            // What was due by a clock that was ahead is due.
            self.due = Due::default();
        }
        let is_told = match (ahead, self.told_ahead) {
            (Some(ahead), Some(told)) => ahead.abs_diff(told) < SET,
            (None, None) => true,
            _ => false,
        };
        if !is_told {
            let why = self.clock.trouble();
            let why = why.unwrap_or_else(|| "The machine's clock is followed again".to_owned());
            output::complain(&format!("{now} {why}"));
            self.told_ahead = ahead;
        }
        now
    }

    /// Whether nothing hangs on the time that passes; or the journal knows that it is later, as
    /// where a machine begins without a clock that is right.
    fn may_jump(&self) -> bool {
        let open = self.reconciler.orders().iter().filter(|order| order.ending().is_none());
        let said = self.clock.said().plus(CLOCKS_DIFFER);
        let mut last = open.map(Order::last).peekable();
        last.peek().is_none() || last.any(|last| last > said)
    }

    /// When something is to be done again that began at that moment: after the time for it, and not
    /// so often that it would take more than a twentieth of the whole.
    fn again(&mut self, began: Moment, after: i64) -> Moment {
        const SHARE: i64 = 20;
        let ended = self.now();
        ended.plus(after.max(ended.since(began).saturating_mul(SHARE)))
    }

    /// Tells of a fault, not each time.
    fn complain(&mut self, what: &str, now: Moment) {
        if now >= self.due.complain {
            self.due.complain = now.plus(COMPLAIN);
            output::complain(&format!("{now} {what}"));
        }
    }
}

/// The folder of what is remembered, which nobody else may read; and whose it is.
fn folder(state: &Path) -> Result<(u32, u32)> {
    let name = state.display();
    fs::create_dir_all(state).with_context(|| format!("cannot make `{name}`"))?;
    let metadata = fs::metadata(state).with_context(|| format!("cannot read `{name}`"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(state, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot close `{name}` to others"))?;
    }
    Ok((metadata.uid(), metadata.gid()))
}

/// What is in the folder becomes its owner's, as whom the agent goes on.
fn give(state: &Path, (user, group): (u32, u32)) -> Result<()> {
    let name = state.display();
    let files = fs::read_dir(state).with_context(|| format!("cannot read `{name}`"))?;
    for file in files.flatten() {
        std::os::unix::fs::lchown(file.path(), Some(user), Some(group))
            .with_context(|| format!("cannot give `{}` to its owner", file.path().display()))?;
    }
    Ok(())
}

fn essential_flows(state: &Path) -> Result<(Journal<essential::Event>, Essentials)> {
    let (journal, opened) = Journal::<essential::Event>::open(&state.join("essential.journal"))?;
    let mut known = Essentials::default();
    for event in &opened.events {
        known.follow(event).map_err(|refusal| {
            anyhow::anyhow!("the journal of essential flows holds what is not allowed: {refusal}")
        })?;
    }
    Ok((journal, known))
}
