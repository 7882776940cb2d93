//! Scenes: scripts with a clock. A clean day, and a ransomware's way from a workstation to a pump.
//!
//! What happens is told in sentences with times. The outcome does not hang on the clock: each step
//! waits for the one before. Refuses to hide a failure: what could not be done ends the scene.

use std::path::PathBuf;
use std::sync::Arc;

use super::Error;
use super::access::STATION;
use super::account::{self, Line};
use super::attack::{DOORS, STEPS};
use super::cast::MASTER;
use super::clock::{Stop, now};
use super::defence::{Contained, Defence, Disturbance, Guard};
use super::hospital::Hospital;
use super::ledger::Entry;
use super::truth::Truth;

/// How long the work goes on undisturbed, in seconds.
const DAY_SECONDS: u64 = 45;
/// How long the work goes on after the pump is cleaned.
const AFTER_SECONDS: u64 = 5;
/// For how long a device stays off its port, in seconds: hostapd forgets a session five seconds
/// after it ended it, and one that began meanwhile with it. And how long its work is watched after.
const ISOLATED_SECONDS: u64 = 6;
const AGAIN_SECONDS: u64 = 8;
/// How long rules that somebody removed may be away, in seconds.
pub const REPAIRED_SECONDS: i64 = 3;
/// The device that the attack is about.
pub const VICTIM: &str = "pump-1";

/// Who is told what happens.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// A scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// A day on which nothing happens but the hospital's work.
    CleanDay,
    /// A workstation is taken, then the pump; the pump is contained, cleaned and lifted.
    Ransomware,
    /// A device is on a port with 802.1X, and is isolated by putting it off there.
    AccessPort,
}

impl Scene {
    /// Every scene.
    pub const ALL: [Self; 3] = [Self::CleanDay, Self::Ransomware, Self::AccessPort];

    /// As it is called.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::CleanDay => "clean-day",
            Self::Ransomware => "ransomware",
            Self::AccessPort => "access-port",
        }
    }

    /// The scene of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scene| scene.text() == text)
    }
}

/// How much time an attack is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rhythm {
    /// Long enough for every rhythm of the hospital to be seen before, and for each to come again
    /// while the device is contained.
    #[default]
    Full,
    /// Long enough to contain, to look, and to lift.
    Short,
}

impl Rhythm {
    /// How long the hospital works before anything happens, in seconds.
    fn before_seconds(self) -> u64 {
        if self == Self::Full { 16 } else { 9 }
    }

    /// For how long the device is contained, in seconds.
    fn contained_seconds(self) -> u64 {
        if self == Self::Full { 10 } else { 5 }
    }
}

/// How a scene is played.
pub struct Play {
    /// Which.
    pub scene: Scene,
    /// How much time it is given.
    pub rhythm: Rhythm,
    /// Who defends.
    pub defence: Defence,
    /// What happens to the defence.
    pub disturbance: Disturbance,
    /// Where captures, ledgers and the truth go.
    pub folder: PathBuf,
    /// Who is told.
    pub tell: Tell,
    /// Ends the scene early.
    pub stop: Stop,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// What the scene says that happened.
    pub truth: Truth,
    /// What care lost.
    pub care: Vec<Line>,
    /// Every line of every ledger.
    pub entries: Vec<Entry>,
    /// The containment, if there was one.
    pub contained: Option<Containment>,
    /// The isolation of the device on the port with 802.1X, if there was one.
    pub isolated: Option<Containment>,
    /// Forbidden frames that reached somebody while the device was contained, each in words.
    pub forbidden: Vec<String>,
    /// What stayed shut after the containment had been lifted.
    pub shut: Vec<String>,
    /// Frames captured, and frames that machines sent by the count of the switch's ports.
    pub frames: (u64, u64),
    /// Packets of RADIUS that came to the way that loses some, and how many it lost.
    pub radius: Option<(u64, u64)>,
    /// The capture of what machines sent.
    pub capture: PathBuf,
}

impl Outcome {
    /// Whether care lost nothing, and the containment, if there was one, let nothing through.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.care.iter().all(|line| self.is_isolated(line) || line.is_whole())
            && self.forbidden.is_empty()
            && self.reached().is_empty()
            && self.shut.is_empty()
    }

    /// Whether a line is that of a device that was cut off on purpose, and loses what it does.
    #[must_use]
    pub fn is_isolated(&self, line: &Line) -> bool {
        self.isolated.is_some() && line.from == STATION
    }

    /// What the attacker reached of or from the device while it was contained.
    #[must_use]
    pub fn reached(&self) -> Vec<&Entry> {
        let spans = spans(self.contained);
        spans.into_iter().flat_map(|span| account::reached(&self.entries, span)).collect()
    }

    /// What the attacker tried in vain while the device was contained.
    #[must_use]
    pub fn blocked(&self) -> Vec<&Entry> {
        let spans = spans(self.contained);
        spans.into_iter().flat_map(|span| account::blocked(&self.entries, span)).collect()
    }
}

/// A containment, for how long it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Containment {
    /// How it came about.
    pub how: Contained,
    /// When all rules were removed by hand, if they were: until then, and again from
    /// [`REPAIRED_SECONDS`] after it, nothing forbidden may pass.
    pub flushed: Option<i64>,
    /// When its end was decided.
    pub until: i64,
}

/// The containment of a scene, if there was one.
pub(crate) type Held = Option<Containment>;

/// The spans in which nothing forbidden may pass.
pub(crate) fn spans(contained: Held) -> Vec<(i64, i64)> {
    let Some(Containment { how, flushed, until }) = contained else { return Vec::new() };
    match flushed {
        None => vec![(how.holds, until)],
        Some(at) => vec![(how.holds, at), (at + REPAIRED_SECONDS * 1_000_000, until)],
    }
}

/// Puts the lab up, plays a scene, and takes it down.
pub fn play(play: &Play) -> Result<Outcome, Error> {
    let mut hospital = Hospital::open(play)?;
    let mut truth = Truth::of(play.scene.text());
    if play.scene == Scene::AccessPort {
        hospital.guard_port()?;
    }
    let mut guard = Guard::begin(play.defence.clone(), &hospital.post())?;
    hospital.work()?;
    let (mut held, mut shut) = ((None, None), Vec::new());
    match play.scene {
        Scene::CleanDay => {
            hospital.tell(&format!("the hospital works for {DAY_SECONDS} s"));
            hospital.wait(DAY_SECONDS);
        }
        Scene::Ransomware => {
            (held.0, shut) = ransomware(&mut hospital, &mut guard, &mut truth, play)?;
        }
        Scene::AccessPort => held.1 = access_port(&hospital, &mut guard, play)?,
    }
    hospital.goes_on()?;
    let radius = guard.end(&hospital.post(), &play.folder);
    let outcome = hospital.close(truth, held)?;
    Ok(Outcome { shut, radius, ..outcome })
}

/// Puts the lab up with its work, until it is told to stop.
pub fn stay(play: &Play) -> Result<(), Error> {
    let mut hospital = Hospital::open(play)?;
    hospital.work()?;
    hospital.doors();
    hospital.tell("the hospital works until it is interrupted");
    while hospital.wait(1) {}
    hospital.close(Truth::of(play.scene.text()), (None, None)).map(|_| ())
}

fn ransomware(
    hospital: &mut Hospital,
    guard: &mut Guard,
    truth: &mut Truth,
    play: &Play,
) -> Result<(Held, Vec<String>), Error> {
    let (disturbance, before) = (play.disturbance, play.rhythm.before_seconds());
    hospital.tell(&format!("the hospital works for {before} s before anything happens"));
    hospital.wait(before);
    guard.learn(VICTIM, &hospital.post())?;
    hospital.master()?;
    let mut loose = None;
    for step in STEPS {
        if step.source == VICTIM && loose.is_none() {
            loose = Some(now());
            hospital.tell("the program on the pump runs, and knocks on doors");
            hospital.let_loose(&DOORS)?;
        }
        hospital.goes_on()?;
        hospital.tell(step.sentence);
        // It has called its master from the moment on at which it ran.
        let began = loose.filter(|_| step.target == Some(MASTER)).unwrap_or_else(now);
        let done = hospital.attack(&step)?;
        truth.attacked(step.name, (began, now()));
        if !done {
            hospital.tell("    that did not come about");
        }
    }
    hospital.goes_on()?;
    let contained = guard.contain(VICTIM, disturbance, &hospital.post())?;
    let flushed = match contained {
        Some(contained) => {
            hospital.tell(&words(&contained));
            let flushed = disturb(hospital, guard, disturbance)?;
            hospital.wait(play.rhythm.contained_seconds());
            flushed
        }
        None => None,
    };
    let until = now();
    hospital.tell("the pump is cleaned: its program ends");
    hospital.quiet();
    hospital.put_back(VICTIM, disturbance)?;
    if contained.is_some() {
        guard.lift(&hospital.post())?;
        hospital.tell("the containment is lifted");
    }
    hospital.wait(AFTER_SECONDS);
    let shut = hospital.shut(&DOORS)?;
    Ok((contained.map(|how| Containment { how, flushed, until }), shut))
}

/// The unit on the port with 802.1X is put off, and let on again.
fn access_port(hospital: &Hospital, guard: &mut Guard, play: &Play) -> Result<Held, Error> {
    let before = play.rhythm.before_seconds();
    hospital.tell(&format!("the hospital works for {before} s before anything happens"));
    hospital.wait(before);
    hospital.goes_on()?;
    let Some(how) = guard.isolate(STATION, &hospital.post())? else { return Ok(None) };
    let took = (how.holds - how.approved) / 1_000;
    hospital.tell(&format!("the {STATION} unit is isolated; the wire shows it after {took} ms"));
    hospital.wait(ISOLATED_SECONDS);
    let until = now();
    guard.lift(&hospital.post())?;
    hospital.tell("the order is lifted, and the unit signs on anew");
    hospital.sign_on()?;
    hospital.wait(AGAIN_SECONDS);
    Ok(Some(Containment { how, flushed: None, until }))
}

fn words(contained: &Contained) -> String {
    let since = |moment: i64| (contained.holds - moment) / 1_000;
    let words = format!(
        "the pump is contained, {} ms after it was asked for and {} ms after the last approval",
        since(contained.asked),
        since(contained.approved)
    );
    match contained.detected {
        Some(detected) => words + &format!(", {} ms after it was first detected", since(detected)),
        None => words,
    }
}

/// Disturbs the containment; when all rules were removed, if they were.
fn disturb(
    hospital: &mut Hospital,
    guard: &mut Guard,
    disturbance: Disturbance,
) -> Result<Option<i64>, Error> {
    match disturbance {
        Disturbance::None | Disturbance::AgentKilled(_) => Ok(None),
        Disturbance::AnotherAddress => {
            hospital.tell("the pump takes another address for its attack");
            hospital.take_another_address(VICTIM).map(|()| None)
        }
        Disturbance::RulesFlushed => {
            hospital.tell("somebody removes all rules of the switch");
            let at = now();
            guard.flushed(&hospital.post()).map(|()| Some(at))
        }
    }
}
