//! Detections: what on the wire is an attacker's work, with the technique, the evidence, and the
//! level of containment proposed.
//!
//! Refuses to act, and refuses to learn in secret: each rule has its numbers in one table, and what
//! it saw stands in the detection. State is bounded for every source and over all of them.

mod beacon;
mod catalogue;
mod lateral;
mod login;
mod peers;
mod scan;
mod usual;
mod window;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use domain::network::{Moment, Service};
use domain::order::Level;
use domain::sighting::{Http, Said, Seen, Sighting, Tls};
use domain::text::Text;

use crate::identity::{Identities, Kind};

pub use catalogue::Technique;
pub use peers::Expected;
pub use usual::{Call, Unit, Usual};

/// Most sources watched at once; the one that was quiet longest makes room.
const SOURCES: usize = 100_000;
/// Most bytes that are remembered of all sources, beside their fixed part.
pub const HELD_BYTES: usize = 128 << 20;
/// Most detections of which it is remembered that they were told.
const TOLD: usize = 200_000;
/// The same source is not told again for the same technique within this time, in microseconds.
const QUIET: i64 = 60_000_000;

/// Something that an attacker does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// When the rule was met.
    pub at: Moment,
    /// Since when it is done, as far as that is known: what began about then may be the attacker's.
    pub since: Moment,
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
    /// Every source once, with when it was last looked at.
    quiet: VecDeque<(Moment, IpAddr)>,
    held: usize,
    forgotten: u64,
    told: BTreeMap<(IpAddr, Technique), Moment>,
}

/// What is remembered of one source.
#[derive(Debug, Default)]
struct Source {
    last: Moment,
    /// Its model, by [`Expected::model`].
    model: Option<usize>,
    scan: scan::State,
    login: login::State,
    peers: peers::State,
    beacon: beacon::State,
}

impl Source {
    /// What it takes, in bytes, beside its fixed part.
    fn bytes(&self) -> usize {
        self.scan.bytes() + self.login.bytes() + self.peers.bytes() + self.beacon.bytes()
    }
}

impl<E: Expected> Watch<E> {
    /// Watches, knowing what is expected of the devices.
    pub fn new(expected: E) -> Self {
        Self {
            expected,
            sources: BTreeMap::new(),
            quiet: VecDeque::new(),
            held: 0,
            forgotten: 0,
            told: BTreeMap::new(),
        }
    }

    /// What is expected of the devices.
    pub fn expected(&self) -> &E {
        &self.expected
    }

    /// How many sources were forgotten for room while they were being watched.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Takes one sighting, and says what it makes complete. `identities` have taken it already.
    pub fn see(&mut self, sighting: &Sighting, identities: &Identities) -> Vec<Detection> {
        let conversation = match &sighting.seen {
            Seen::Opened(session) | Seen::Ended(session) => session.conversation,
            Seen::Said(conversation, ..) => **conversation,
            _ => return Vec::new(),
        };
        let client = conversation.client.address;
        self.make_room(client, sighting.at);
        let Self { quiet, expected, .. } = self;
        let source = self.sources.entry(client).or_insert_with(|| {
            quiet.push_back((sighting.at, client));
            Source { model: expected.model(&conversation.client), ..Source::default() }
        });
        let model = source.model;
        let is_medical =
            || model.is_some() || identities.kind(client).is_some_and(Kind::is_medical);
        source.last = source.last.max(sighting.at);
        let before = source.bytes();
        let mut found = Vec::new();
        match &sighting.seen {
            Seen::Opened(session) => {
                found.extend(source.scan.opened(session, &self.expected));
                found.extend(source.peers.opened(session, &self.expected));
                found.extend(source.beacon.opened(session, &self.expected, is_medical));
            }
            Seen::Ended(session) => {
                found.extend(source.scan.ended(session));
                found.extend(source.login.ended(session));
                source.beacon.ended(session);
            }
            Seen::Said(_, direction, said) => {
                found.extend(source.login.said(sighting.at, &conversation, *direction, said));
                found.extend(lateral::said(sighting.at, &conversation, *direction, said));
                if let Some(name) = called(said) {
                    let place = (conversation.server.address, conversation.service());
                    source.beacon.named(sighting.at, place, name);
                }
            }
            _ => {}
        }
        self.held = self.held + source.bytes() - before;
        found.retain(|detection| self.is_new(detection) && !self.is_usual(detection, model));
        found
    }

    /// Whether another unit of the model called the same service outside before.
    fn is_usual(&self, detection: &Detection, model: Option<usize>) -> bool {
        let Some((service, model)) = detection.service.zip(model) else { return false };
        let calls_too = |target: &IpAddr| {
            let mut units = self.sources.values().filter(|unit| unit.model == Some(model));
            units.any(|unit| unit.beacon.called_before(&(*target, service), detection.since))
        };
        detection.technique == Technique::Beacon && detection.targets.iter().all(calls_too)
    }

    fn is_new(&mut self, detection: &Detection) -> bool {
        let key = (detection.source, detection.technique);
        if self.told.get(&key).is_some_and(|told| detection.at.since(*told) < QUIET) {
            return false;
        }
        if self.told.len() >= TOLD {
            self.told.retain(|_, told| detection.at.since(*told) < QUIET);
        }
        if self.told.len() >= TOLD {
            self.told.clear();
        }
        self.told.insert(key, detection.at);
        true
    }

    /// Forgets whoever was quiet longest, until there is room. Who spoke since he was last looked
    /// at is put behind the others.
    fn make_room(&mut self, client: IpAddr, now: Moment) {
        let is_new = !self.sources.contains_key(&client);
        while (self.sources.len() >= SOURCES && is_new) || self.held > HELD_BYTES {
            let Some((looked_at, address)) = self.quiet.pop_front() else { return };
            let last = self.sources.get(&address).map_or(looked_at, |source| source.last);
            if last > looked_at {
                self.quiet.push_back((last, address));
            } else if let Some(source) = self.sources.remove(&address) {
                self.held -= source.bytes();
                self.forgotten += u64::from(now.since(last) < QUIET);
            }
        }
    }
}

/// The name by which a service is called.
fn called(said: &Said) -> Option<&Text> {
    match said {
        Said::Tls(Tls::Hello { server_name, .. }) => server_name.as_ref(),
        Said::Http(Http::Request { host, .. }) => host.as_ref(),
        _ => None,
    }
}
