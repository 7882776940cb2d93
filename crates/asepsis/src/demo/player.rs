//! The player: frames of recordings at their time on the agent's clock, through a simulated switch.
//!
//! Each frame is seen coming in at a port of whoever sent it; on the far side it is seen only if
//! the switch lets it through. Refuses to play what can't have happened: a conversation of which a
//! frame was dropped does not go on, and the attack spreads from a machine only if it got in there.
//! Refuses to catch up: where this machine stood still, the play stood still with it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use collectors::tap::{TapError, Tapped, Way};
use domain::device::MacAddress;
use domain::network::Moment;
use enforcement::simulated::SimulatedSwitch;
use sources::network::glance::glance;

use super::Play;
use super::ledger::{Ledger, Part};
use super::recording::Recordings;
use super::track::{Plays, Track, talk};
use crate::agent::frames::Frames;
use crate::scene;

/// Most frames that are given at once, so that the agent hears people meanwhile.
const AT_ONCE: usize = 4_096;
/// How far the play may be behind the clock before it goes on from where it is, in microseconds.
const BEHIND: i64 = 2_000_000;
/// Most ports of the switch; whoever comes later shares the last.
const PORTS: usize = 4_096;

/// By which it is known how far the play is, and by which the attack is ended. Clones direct the
/// same play.
#[derive(Debug, Clone, Default)]
pub(crate) struct Director {
    is_clean: Arc<AtomicBool>,
    place: Arc<AtomicI64>,
}

impl Director {
    /// How far the play is by its own clock, which stands still where this machine did.
    pub(crate) fn place(&self) -> Duration {
        let place = self.place.load(Ordering::Acquire);
        Duration::from_micros(u64::try_from(place).unwrap_or_default())
    }

    /// The attack ends: whoever was the attacker's is clean again.
    pub(crate) fn clean(&self) {
        self.is_clean.store(true, Ordering::Release);
    }
}

/// The clock of the play, in microseconds since it began, at its own pace.
#[derive(Debug, Clone, Copy)]
struct Pace {
    began: Moment,
    speed: i64,
}

impl Pace {
    /// Where the play is at a moment.
    fn place(self, at: Moment) -> i64 {
        at.since(self.began).saturating_mul(self.speed)
    }

    /// When a place of the play comes.
    fn moment(self, place: i64) -> Moment {
        self.began.plus(place / self.speed)
    }
}

/// The network that is played.
#[derive(Debug)]
pub(super) struct Player {
    tracks: Tracks,
    switch: SimulatedSwitch,
    speed: NonZeroU32,
    attack_after: i64,
    /// From the first look on.
    pace: Option<Pace>,
    director: Director,
    ledger: Ledger,
    ports: HashMap<MacAddress, usize>,
    frame: Vec<u8>,
}

/// What is played, and what follows from what.
#[derive(Debug)]
struct Tracks {
    care: Track,
    entry: Track,
    entry_goes_on: Track,
    spread: Track,
    spread_goes_on: Track,
}

impl Tracks {
    /// Begins what is to follow by now.
    fn follow(&mut self, attack_at: i64) {
        self.entry.begin(attack_at);
        let Some(entered) = self.entry.over() else { return };
        self.entry_goes_on.begin(entered);
        // Whoever was kept out has nothing to go on from.
        if !self.spread.has_begun() && !self.entry.was_cut() {
            self.spread.begin(entered);
        }
        if let Some(spread) = self.spread.over() {
            self.spread_goes_on.begin(spread);
        }
    }

    /// The track whose frame comes next, of those of the attack only where it is going on.
    fn next(&mut self, is_attacked: bool) -> Option<(i64, Part, &mut Track)> {
        let Self { care, entry, entry_goes_on, spread, spread_goes_on } = self;
        let attack = [entry, entry_goes_on, spread, spread_goes_on].map(|t| (Part::Attack, t));
        let attack = attack.into_iter().filter(|_| is_attacked);
        let tracks = std::iter::once((Part::Care, care)).chain(attack);
        let due = tracks.filter_map(|(part, track)| Some((track.due()?, part, track)));
        due.min_by_key(|(due, ..)| *due)
    }
}

impl Player {
    pub(super) fn new(recorded: Recordings, switch: SimulatedSwitch, play: Play) -> Self {
        let once = |recording| Track::new(recording, Plays::Once);
        let again = |recording| Track::new(recording, Plays::AgainAndAgain);
        let mut care = again(recorded.care);
        care.begin(0);
        Self {
            tracks: Tracks {
                care,
                entry: once(recorded.entry),
                entry_goes_on: again(recorded.entry_goes_on),
                spread: once(recorded.spread),
                spread_goes_on: again(recorded.spread_goes_on),
            },
            switch,
            speed: play.speed,
            attack_after: i64::try_from(play.attack_after.as_micros()).unwrap_or(i64::MAX),
            pace: None,
            director: Director::default(),
            ledger: Ledger::default(),
            ports: HashMap::new(),
            frame: Vec::new(),
        }
    }

    pub(super) fn director(&self) -> Director {
        self.director.clone()
    }

    pub(super) fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// Gives what is due at a moment, at most so many frames; when the next is due.
    fn play(&mut self, now: Moment, give: &mut dyn FnMut(Tapped<'_>)) -> Moment {
        let speed = i64::from(self.speed.get());
        let pace = self.pace.get_or_insert(Pace { began: now, speed });
        let is_clean = self.director.is_clean.load(Ordering::Acquire);
        for _ in 0..AT_ONCE {
            if !is_clean && pace.place(now) >= self.attack_after {
                self.tracks.follow(self.attack_after);
            }
            let Some((due, part, track)) = self.tracks.next(!is_clean) else { return now };
            if pace.moment(due) > now {
                return pace.moment(due);
            }
            let behind = now.since(pace.moment(due));
            if behind > BEHIND {
                pace.began = pace.began.plus(behind);
            }
            let at = pace.moment(due);
            self.director.place.store(due, Ordering::Release);
            if track.begins() {
                track.forgive();
            }
            track.take(&mut self.frame);
            let Some(packet) = glance(&self.frame) else { continue };
            let talk = talk(&packet);
            if talk.as_ref().is_some_and(|talk| track.is_cut(talk)) {
                continue;
            }
            let port = port(&mut self.ports, packet.source);
            give(Tapped { at, interface: port, way: Way::In, bytes: &self.frame });
            let got_through = self.switch.forwards(&packet);
            self.ledger.note(at, part, &packet, got_through);
            if got_through {
                let port = port_of(&self.ports, packet.destination);
                give(Tapped { at, interface: port, way: Way::Out, bytes: &self.frame });
            } else if let Some(talk) = talk
                && track.cut(talk)
                && part == Part::Care
            {
                self.ledger.cut(&talk);
            }
        }
        now
    }
}

/// The port at which somebody is, as a switch learns it from what they send.
fn port(ports: &mut HashMap<MacAddress, usize>, mac: MacAddress) -> usize {
    let next = ports.len().min(PORTS - 1);
    if ports.len() >= PORTS {
        return ports.get(&mac).copied().unwrap_or(next);
    }
    *ports.entry(mac).or_insert(next)
}

/// The port at which somebody is; what is for everybody, or for one who has not spoken yet, goes
/// out at all, of which one is enough to show that it got through.
fn port_of(ports: &HashMap<MacAddress, usize>, mac: MacAddress) -> usize {
    ports.get(&mac).copied().unwrap_or_default()
}

impl Frames for Player {
    fn take(&mut self, wait: Duration, give: &mut dyn FnMut(Tapped<'_>)) -> Result<(), TapError> {
        let now = scene::now();
        let due = self.play(now, give);
        let rest = u64::try_from(due.since(now)).unwrap_or_default();
        thread::sleep(wait.min(Duration::from_micros(rest)));
        Ok(())
    }

    fn ports(&self) -> usize {
        PORTS
    }

    fn dropped(&mut self) -> u64 {
        0
    }

    fn is_simulated(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
