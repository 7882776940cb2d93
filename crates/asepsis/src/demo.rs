//! The live demonstration: Saint Brigid at work, attacked, and an agent that contains it, all in
//! this process. Packets of recordings go through the real readers and decisions; only the switch
//! that they pass is simulated, and says so.
//!
//! Refuses to touch anything real: it opens no interface and no socket, needs no right, and what it
//! remembers is gone when it ends.

mod folder;
mod ledger;
mod player;
mod recording;
mod stage;
mod story;
mod track;

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use enforcement::simulated::{Conduct, SimulatedSwitch};

use crate::agent::within::{Asker, Within, within};
use crate::commands::demo::inputs;
use crate::configuration::Configuration;

use self::folder::Folder;
use self::ledger::Ledger;
use self::player::{Director, Player};
use self::recording::recordings;

pub(crate) use stage::play;
pub(crate) use story::tell;

/// When the attack begins unless somebody says otherwise, in seconds of the recording.
pub(crate) const ATTACK_AFTER_SECONDS: u64 = 20;
/// What a device did for so long is usual, in seconds of the recording: everybody has done all that
/// they do within ten seconds, and what begins after that may be the attacker's.
const USUAL_AFTER: u32 = 10;

/// How it is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Play {
    /// How many times faster than it was recorded.
    pub(crate) speed: NonZeroU32,
    /// When the attack begins, by the recording's own clock.
    pub(crate) attack_after: Duration,
}

/// Begins the hospital and its agent, which remembers what it knows in a folder.
pub(crate) fn begin(
    state: &Path,
    play: Play,
    conduct: Conduct,
) -> Result<(Within, Director, Ledger)> {
    let usual_after = (USUAL_AFTER / play.speed).max(1);
    let mut configuration = Configuration::parse(&format!("usual-after = {usual_after}"))?;
    state.clone_into(&mut configuration.state);
    let switch = SimulatedSwitch::new(conduct);
    let point = Box::new(switch.point());
    let inventory = inputs(true).collected.documents;
    let player = Player::new(recordings()?, switch, play);
    let (director, ledger) = (player.director(), player.ledger());
    Ok((within(configuration, inventory, player, point)?, director, ledger))
}

/// The hospital at work, with an agent that watches it. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Live {
    // Dropped first: it writes into the folder.
    agent: Within,
    _folder: Folder,
    director: Director,
    ledger: Ledger,
}

impl Live {
    /// Begins.
    pub(crate) fn begin(play: Play) -> Result<Self> {
        let folder = Folder::new()?;
        let (agent, director, ledger) = begin(folder.path(), play, Conduct::Obeys)?;
        Ok(Self { agent, _folder: folder, director, ledger })
    }

    /// By which the agent is asked.
    pub(crate) fn asker(&self) -> Asker {
        self.agent.asker()
    }

    /// By which the attack is ended.
    pub(crate) fn director(&self) -> &Director {
        &self.director
    }

    /// What became of what was said.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Ends, and says whether the agent did so well.
    pub(crate) fn end(self) -> Result<()> {
        self.agent.end()
    }
}
