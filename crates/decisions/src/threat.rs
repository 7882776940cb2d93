//! Detections: what on the wire is an attacker's work, with the technique, the evidence, and the
//! level of containment proposed.
//!
//! Refuses to act, and refuses to learn in secret: each rule has its numbers in one table, and what
//! it saw stands in the detection. State is bounded for every source and over all of them.

mod catalogue;
mod lateral;
mod login;
mod peers;
mod scan;
mod window;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::network::{Moment, Service};
use domain::order::Level;
use domain::sighting::{Seen, Sighting};

pub use catalogue::Technique;
pub use peers::Expected;

/// Most sources watched at once; the one that was quiet longest makes room.
const SOURCES: usize = 100_000;
/// The same source is not told again for the same technique within this time, in microseconds.
const QUIET: i64 = 60_000_000;

/// Something that an attacker does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// When the rule was met.
    pub at: Moment,
    /// What it is.
    pub technique: Technique,
    /// Who does it: believed compromised.
    pub source: IpAddr,
    /// To whom.
    pub targets: BTreeSet<IpAddr>,
    /// On what, where it is one service.
    pub service: Option<Service>,
    /// What was seen, in one sentence.
    pub evidence: String,
    /// The level proposed for the source.
    pub proposed: Level,
    /// Whether the targets are believed compromised, too.
    pub reached: Reached,
}

/// Whether the attacker got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reached {
    /// It tried.
    Tried,
    /// It got in: the targets may be compromised, too.
    GotIn,
}

/// Watches for attackers.
#[derive(Debug)]
pub struct Watch<E> {
    expected: E,
    sources: BTreeMap<IpAddr, Source>,
    told: BTreeMap<(IpAddr, Technique), Moment>,
}

/// What is remembered of one source.
#[derive(Debug, Default)]
struct Source {
    last: Moment,
    scan: scan::State,
    login: login::State,
    peers: peers::State,
}

impl<E: Expected> Watch<E> {
    /// Watches, knowing what is expected of the devices.
    pub fn new(expected: E) -> Self {
        Self { expected, sources: BTreeMap::new(), told: BTreeMap::new() }
    }

    /// Takes one sighting, and says what it makes complete.
    pub fn see(&mut self, sighting: &Sighting) -> Vec<Detection> {
        let conversation = match &sighting.seen {
            Seen::Opened(session) | Seen::Ended(session) => session.conversation,
            Seen::Said(conversation, ..) => **conversation,
            _ => return Vec::new(),
        };
        let client = conversation.client.address;
        self.make_room(client);
        let source = self.sources.entry(client).or_default();
        source.last = source.last.max(sighting.at);
        let mut found = Vec::new();
        match &sighting.seen {
            Seen::Opened(session) => {
                found.extend(source.scan.opened(session, &self.expected));
                found.extend(source.peers.opened(session, &self.expected));
            }
            Seen::Ended(session) => {
                found.extend(source.scan.ended(session));
                found.extend(source.login.ended(session));
            }
            Seen::Said(_, direction, said) => {
                found.extend(source.login.said(sighting.at, &conversation, *direction, said));
                found.extend(lateral::said(sighting.at, &conversation, *direction, said));
            }
            _ => {}
        }
        found.retain(|detection| self.is_new(detection));
        found
    }

    fn is_new(&mut self, detection: &Detection) -> bool {
        let key = (detection.source, detection.technique);
        if self.told.get(&key).is_some_and(|told| detection.at.since(*told) < QUIET) {
            return false;
        }
        self.told.insert(key, detection.at);
        true
    }

    fn make_room(&mut self, client: IpAddr) {
        if self.sources.len() < SOURCES || self.sources.contains_key(&client) {
            return;
        }
        let quietest = self.sources.iter().min_by_key(|(_, source)| source.last);
        let Some(quietest) = quietest.map(|(address, _)| *address) else { return };
        self.sources.remove(&quietest);
        for technique in Technique::ALL {
            self.told.remove(&(quietest, *technique));
        }
    }
}
