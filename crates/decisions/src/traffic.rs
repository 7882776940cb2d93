//! What the network is used for: paths between devices, what each is for, and how often it is
//! walked.
//!
//! Refuses to guess in silence: a path's care role carries the rule that gave it, and a path that
//! no rule knows is `other`.

pub mod baseline;
mod path;
mod role;
mod usage;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};

use domain::network::{Conversation, Direction, Moment, Service, Session, SessionState, Transport};
use domain::sighting::{Said, Seen, Sighting};

pub use path::{Path, Rhythm};
pub(crate) use role::library as is_library;
pub use role::{Role, RoleRule};
pub use usage::{InUse, Sign};

/// Most paths held: those of 20,000 devices with 25 each. Then the oldest path on which nobody ever
/// answered makes room, so that a scan cannot take it from those that are walked; where there is
/// none, what comes is counted and not held.
pub const PATHS: usize = 500_000;

/// Who spoke to which service of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathKey {
    /// Who begins.
    pub client: IpAddr,
    /// Who is spoken to.
    pub server: IpAddr,
    /// On what.
    pub service: Service,
}

impl PathKey {
    /// The path that a conversation walks.
    #[must_use]
    pub fn of(conversation: &Conversation) -> Self {
        Self {
            client: conversation.client.address,
            server: conversation.server.address,
            service: conversation.service(),
        }
    }
}

/// All paths seen.
#[derive(Debug, Default)]
pub struct Traffic {
    paths: BTreeMap<PathKey, Path>,
    /// Paths on which nobody had answered when they were last looked at, the oldest first.
    unanswered: VecDeque<PathKey>,
    not_held: u64,
}

impl Traffic {
    /// Takes one sighting; those that are not of a session change nothing.
    pub fn see(&mut self, sighting: &Sighting) {
        match &sighting.seen {
            Seen::Opened(session) => {
                if let Some(path) = self.path(&session.conversation, session.first) {
                    path.opened(session);
                }
            }
            Seen::Ended(session) => {
                if let Some(path) = self.path(&session.conversation, session.first) {
                    path.ended(session);
                }
            }
            Seen::Said(conversation, direction, said) => {
                self.said(sighting.at, conversation, *direction, said);
            }
            _ => {}
        }
    }

    fn said(&mut self, at: Moment, spoken: &Conversation, direction: Direction, said: &Said) {
        if let Some(path) = self.path(spoken, at) {
            path.said(at, direction, said);
        }
    }

    fn path(&mut self, conversation: &Conversation, at: Moment) -> Option<&mut Path> {
        let key = PathKey::of(conversation);
        if self.paths.len() >= PATHS && !self.paths.contains_key(&key) {
            self.not_held += 1;
            self.make_room()?;
        }
        let Self { paths, unanswered, .. } = self;
        Some(paths.entry(key).or_insert_with(|| {
            unanswered.push_back(key);
            Path::new(key, conversation, at)
        }))
    }

    /// Gives up the oldest path on which nobody answered; `None` where there is no such path.
    fn make_room(&mut self) -> Option<()> {
        loop {
            let oldest = self.unanswered.pop_front()?;
            if self.paths.get(&oldest).is_some_and(|path| !path.is_answered()) {
                self.paths.remove(&oldest);
                return Some(());
            }
        }
    }

    /// Takes the sessions that are still open, as an observer's table has them.
    pub fn still_open(&mut self, sessions: impl IntoIterator<Item = Session>) {
        for session in sessions {
            if let Some(path) = self.path(&session.conversation, session.first) {
                path.still_open(&session);
            }
        }
    }

    /// The paths, by client, server and service.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.paths.values()
    }

    /// The path of that key.
    #[must_use]
    pub fn find(&self, key: &PathKey) -> Option<&Path> {
        self.paths.get(key)
    }

    /// The paths that begin at an address.
    pub fn of_client(&self, client: IpAddr) -> impl Iterator<Item = &Path> {
        let service = Service { transport: Transport::Tcp, port: 0 };
        let server = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let first = PathKey { client, server, service };
        self.paths.range(first..).map(|(_, path)| path).take_while(move |p| p.key.client == client)
    }

    /// How many conversations fell on paths that were not held, or took the room of another.
    #[must_use]
    pub fn not_held(&self) -> u64 {
        self.not_held
    }

    /// Whether a patient depends on the device of these addresses now.
    #[must_use]
    pub fn in_use(&self, addresses: &[IpAddr], now: Moment) -> InUse {
        usage::in_use(addresses.iter().flat_map(|address| self.of_client(*address)), now)
    }
}

/// Whether a session was answered at all.
fn answered(state: SessionState) -> bool {
    matches!(state, SessionState::Established | SessionState::Closed)
}
