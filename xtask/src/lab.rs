//! `cargo xtask lab up | run | down`: the small hospital of `testkit::lab`, told in sentences.
//!
//! Refuses to leave anything behind: interrupted, it ends in order and removes what it made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use nix::sys::signal::{SigSet, Signal};
use testkit::lab;
use testkit::lab::clock::Stop;
use testkit::lab::defence::{Defence, Disturbance, Edge, Manner, Point};
use testkit::lab::scene::{Outcome, Play, Rhythm, Scene};

use crate::packages;

/// What to do with the lab.
#[derive(Debug, Subcommand)]
pub(crate) enum Work {
    /// Open the hospital and let it work until it is interrupted.
    Up(Where),
    /// Play a scene from its beginning to its end, and count what care lost.
    Run(Box<Run>),
    /// Remove what runs that were killed left behind.
    Down,
}

/// Where results go.
#[derive(Debug, Args)]
pub(crate) struct Where {
    /// Where captures, ledgers and the truth go.
    #[arg(long, default_value = "target/lab")]
    folder: PathBuf,
}

/// A scene, and who defends.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// `clean-day`, `ransomware` or `access-port`.
    scene: String,
    #[command(flatten)]
    place: Where,
    /// Copies the capture of what machines sent to this file.
    #[arg(long)]
    capture: Option<PathBuf>,
    /// Copies the ledgers into this folder.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// The program: its agent watches and contains, with people who ask and approve.
    #[arg(long, conflicts_with = "rules")]
    agent: Option<PathBuf>,
    /// The program: a person gives the rules of its `contain plan` to nft.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// By what the agent changes the network; given again, the second choice.
    #[arg(long = "point", value_enum, default_value = "nftables", requires = "agent")]
    points: Vec<PointKind>,
    /// Of a hundred packets of RADIUS so many are lost, each way.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=100))]
    loss: u64,
    /// How the switch takes what RADIUS tells it.
    #[arg(long, value_enum, default_value = "obeys")]
    switch: Switch,
    /// What happens while the device is contained.
    #[arg(long, value_enum, default_value = "nothing")]
    disturbance: Disturbed,
}

/// By what the agent changes the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PointKind {
    /// The kernel of the switch, by rules of the agent's own.
    Nftables,
    /// The switch's own filter, by RADIUS.
    Radius,
}

/// How the switch takes what RADIUS tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// It does what it is told.
    Obeys,
    /// It says yes, and does nothing.
    OnlySaysSo,
    /// Nobody listens there.
    Silent,
}

impl Run {
    fn points(&self, scene: Scene) -> Vec<Point> {
        let manner = match self.switch {
            Switch::Obeys => Manner::Obeys,
            Switch::OnlySaysSo => Manner::OnlySaysSo,
            Switch::Silent => Manner::Silent,
        };
        let edge = Edge { loss_percent: self.loss, manner };
        let points = self.points.iter().map(|kind| match kind {
            PointKind::Nftables => Point::Kernel,
            PointKind::Radius => Point::Edge(edge),
        });
        // Whoever is on the port with 802.1X is put off there first.
        let port = (scene == Scene::AccessPort).then_some(Point::Access);
        port.into_iter().chain(points).collect()
    }
}

/// What happens while the device is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Disturbed {
    /// Nothing.
    Nothing,
    /// The device takes another address.
    AnotherAddress,
    /// All rules are removed by hand.
    Flush,
    /// The agent is killed ten times.
    Kill,
}

/// Does it.
pub(crate) fn run(work: Work) -> Result<()> {
    match work {
        Work::Down => {
            say(&format!("{} dead runs were removed", lab::clean()));
            Ok(())
        }
        Work::Up(place) => {
            packages::install_lab()?;
            let play = prepared(Scene::CleanDay, &place.folder)?;
            lab::scene::stay(&play).context("the lab could not be kept up")
        }
        Work::Run(options) => scene(&options),
    }
}

fn scene(options: &Run) -> Result<()> {
    let names = Scene::ALL.map(Scene::text).join(", ");
    let Some(scene) = Scene::read(&options.scene) else {
        bail!("no scene is called `{}`; there are: {names}", options.scene);
    };
    packages::install_lab()?;
    let mut play = prepared(scene, &options.place.folder)?;
    play.defence = match (&options.agent, &options.rules) {
        (Some(agent), _) => Defence::Agent(absolute(agent)?, options.points(scene)),
        (None, Some(rules)) => Defence::ByHand(absolute(rules)?),
        (None, None) => Defence::Nobody,
    };
    play.disturbance = match options.disturbance {
        Disturbed::Nothing => Disturbance::None,
        Disturbed::AnotherAddress => Disturbance::AnotherAddress,
        Disturbed::Flush => Disturbance::RulesFlushed,
        Disturbed::Kill => Disturbance::AgentKilled(10),
    };
    let outcome = lab::scene::play(&play).context("the scene could not be played")?;
    keep(options, &play.folder, &outcome)?;
    tell(&outcome, &play.folder);
    if outcome.is_good() {
        return Ok(());
    }
    bail!("the scene did not end well: see what is marked above");
}

/// What is copied where the caller wants it.
fn keep(options: &Run, folder: &Path, outcome: &Outcome) -> Result<()> {
    if let Some(path) = &options.capture {
        std::fs::copy(&outcome.capture, path)
            .with_context(|| format!("cannot write the capture to {}", path.display()))?;
    }
    if let Some(path) = &options.ledger {
        let cannot = || format!("cannot write the ledgers to {}", path.display());
        std::fs::create_dir_all(path).with_context(cannot)?;
        for entry in std::fs::read_dir(folder.join("ledgers")).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            std::fs::copy(entry.path(), path.join(entry.file_name())).with_context(cannot)?;
        }
    }
    Ok(())
}

fn tell(outcome: &Outcome, folder: &Path) {
    say("");
    for line in &outcome.care {
        say(&format!("{} {line}", if line.is_whole() { "  " } else { "! " }));
    }
    let (captured, counted) = outcome.frames;
    say(&format!("   {captured} frames captured of {counted} that the ports counted"));
    if let Some((came, lost)) = outcome.radius {
        say(&format!("   {lost} of {came} packets of RADIUS were lost"));
    }
    if outcome.contained.is_some() {
        let (reached, blocked) = (outcome.reached(), outcome.blocked());
        let mark = if reached.is_empty() { "  " } else { "! " };
        say(&format!(
            "{mark} while the pump was contained: {} attempts got through, {} did not",
            reached.len(),
            blocked.len()
        ));
        let mark = if outcome.forbidden.is_empty() { "  " } else { "! " };
        say(&format!("{mark} forbidden frames that reached somebody: {}", outcome.forbidden.len()));
        outcome.forbidden.iter().for_each(|frame| say(&format!("     {frame}")));
    }
    outcome.shut.iter().for_each(|door| say(&format!("!  still shut after the lift: {door}")));
    say(&format!("   captures, ledgers and the truth are in {}", folder.display()));
}

/// A play that ends in order when it is interrupted.
fn prepared(scene: Scene, folder: &Path) -> Result<Play> {
    let _ = std::fs::remove_dir_all(folder.join("ledgers"));
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let stop = Stop::default();
    interrupted(stop.clone())?;
    Ok(Play {
        scene,
        rhythm: Rhythm::Full,
        defence: Defence::Nobody,
        disturbance: Disturbance::None,
        folder: absolute(folder)?,
        tell: Arc::new(|what: &str| say(what)),
        stop,
    })
}

/// Ends the scene at an interrupt. The signals are blocked here and in every thread that follows,
/// so that one thread can wait for them.
fn interrupted(stop: Stop) -> Result<()> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    signals.thread_block().context("signals could not be blocked")?;
    std::thread::spawn(move || {
        while signals.wait().is_ok() {
            stop.end();
        }
    });
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("there is no {}", path.display()))
}

#[expect(clippy::print_stdout, reason = "the scene is told to the person who started it")]
fn say(what: &str) {
    println!("{what}");
}
