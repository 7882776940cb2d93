//! One recording as it is played: once or again and again, without what could no longer be said.
//!
//! A conversation of which a frame was dropped is over: nobody can answer what never came. So the
//! later frames of it are left out. That is as far as it goes: nobody sends a lost packet again,
//! and nobody does anything else instead. Refuses to let a conversation go on that lost a frame.

use std::collections::HashSet;
use std::net::IpAddr;

use domain::packet::{Carried, Content, Packet};

use super::recording::{Recording, again};

/// Two ends that speak, with their ports where they have any; the smaller end first.
pub(super) type Talk = [(IpAddr, u16); 2];

/// To which conversation a packet belongs; none for what is no conversation.
pub(super) fn talk(packet: &Packet) -> Option<Talk> {
    let mut talk = match packet.content {
        Content::Arp(sender, target) => [(sender.into(), 0), (target.into(), 0)],
        Content::Internet(internet) => {
            let (from, to) = match internet.carried {
                Carried::Tcp(from, to, _) | Carried::Udp(from, to) => (from, to),
                _ => (0, 0),
            };
            [(internet.source, from), (internet.destination, to)]
        }
        Content::Discovery(_) | Content::Other(_) => return None,
    };
    talk.sort_unstable();
    Some(talk)
}

/// How often a recording is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plays {
    Once,
    AgainAndAgain,
}

/// A recording in play. Moments are in microseconds of the play's own clock.
#[derive(Debug)]
pub(super) struct Track {
    recording: Recording,
    plays: Plays,
    /// When this round began; nothing where it was not begun.
    began: Option<i64>,
    round: u64,
    next: usize,
    /// The conversations of this round that lost a frame.
    cut: HashSet<Talk>,
    was_cut: bool,
}

impl Track {
    pub(super) fn new(recording: Recording, plays: Plays) -> Self {
        let (cut, round, next) = (HashSet::new(), 0, 0);
        Self { recording, plays, began: None, round, next, cut, was_cut: false }
    }

    /// Begins at a moment, if it was not begun.
    pub(super) fn begin(&mut self, at: i64) {
        self.began.get_or_insert(at);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.began.is_some()
    }

    /// Whether any conversation of it ever lost a frame.
    pub(super) fn was_cut(&self) -> bool {
        self.was_cut
    }

    /// When it is over; nothing where it goes on, or was not begun.
    pub(super) fn over(&self) -> Option<i64> {
        let is_over = self.plays == Plays::Once && self.next >= self.recording.frames.len();
        self.began.filter(|_| is_over).map(|began| began + self.recording.lasts)
    }

    /// When its next frame comes.
    pub(super) fn due(&self) -> Option<i64> {
        let (at, _) = self.recording.frames.get(self.next)?;
        Some(self.began? + at)
    }

    /// Its next frame into a buffer; the next one is due after that.
    pub(super) fn take(&mut self, frame: &mut Vec<u8>) {
        frame.clear();
        if let Some((_, bytes)) = self.recording.frames.get(self.next) {
            frame.extend_from_slice(bytes);
            again(frame, self.round, self.recording.ports);
        }
        self.next += 1;
        if self.next >= self.recording.frames.len() && self.plays == Plays::AgainAndAgain {
            self.began = self.began.map(|began| began + self.recording.lasts);
            self.round += 1;
            self.next = 0;
        }
    }

    /// Whether a conversation lost a frame in this round.
    pub(super) fn is_cut(&self, talk: &Talk) -> bool {
        self.cut.contains(talk)
    }

    /// A conversation lost a frame; whether it is the first that it lost.
    pub(super) fn cut(&mut self, talk: Talk) -> bool {
        self.was_cut = true;
        self.cut.insert(talk)
    }

    /// Whether its next frame is the first of a round.
    pub(super) fn begins(&self) -> bool {
        self.next == 0
    }

    /// A new round begins: what was lost in the last is forgotten.
    pub(super) fn forgive(&mut self) {
        self.cut.clear();
    }
}
