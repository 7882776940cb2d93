//! What became of what was said on the network that is played, counted where it is played: at both
//! sides of the switch.
//!
//! Refuses to judge by what the agent says: it knows nothing of orders.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::network::Moment;
use domain::packet::{Carried, Content, Packet};

use super::track::Talk;

/// Which side of the story somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Care,
    Attack,
}

/// The counts. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Counts>>);

/// What is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Frames of care that got through, and that did not.
    pub(crate) care: (u64, u64),
    /// Frames of the attack that got through, and that did not.
    pub(crate) attack: (u64, u64),
    /// The last frame of the attack that got through.
    pub(crate) last_attack: Option<Moment>,
    /// Conversations of care that lost a frame, by the port of the server; 0 for those without.
    pub(crate) cut: BTreeMap<u16, u64>,
    /// Frames of care that got through from machines of which something was dropped before, by the
    /// port of the server.
    pub(crate) went_on: BTreeMap<u16, u64>,
    /// The machines of which something was dropped.
    held: BTreeSet<[u8; 6]>,
}

impl Ledger {
    /// The counts so far.
    pub(crate) fn counts(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A frame came to the switch, and got through or did not.
    pub(super) fn note(&self, at: Moment, part: Part, packet: &Packet, got_through: bool) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = &mut *counts;
        let (through, not) = match part {
            Part::Care => &mut counts.care,
            Part::Attack => &mut counts.attack,
        };
        *(if got_through { through } else { not }) += 1;
        if !got_through {
            counts.held.insert(packet.source.0);
        }
        match part {
            Part::Attack if got_through => counts.last_attack = counts.last_attack.max(Some(at)),
            Part::Care if got_through && counts.held.contains(&packet.source.0) => {
                *counts.went_on.entry(server_port(packet)).or_default() += 1;
            }
            _ => {}
        }
    }

    /// A conversation of care lost its first frame.
    pub(super) fn cut(&self, talk: &Talk) {
        let port = talk.iter().map(|(_, port)| *port).min().unwrap_or_default();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.cut.entry(port).or_default() += 1;
    }
}

/// The port of the server: of the two the lower.
fn server_port(packet: &Packet) -> u16 {
    let Content::Internet(internet) = packet.content else { return 0 };
    match internet.carried {
        Carried::Tcp(from, to, _) | Carried::Udp(from, to) => from.min(to),
        _ => 0,
    }
}
