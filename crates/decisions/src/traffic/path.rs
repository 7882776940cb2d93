//! One path, and what was counted on it.
//!
//! Refuses to keep each session: it keeps sums, and the last beats for the rhythm.

use std::collections::VecDeque;

use domain::device::MacAddress;
use domain::network::{
    Application, Conversation, Direction, Moment, Session, SessionState, Volume,
};
use domain::sighting::{Dicom, Http, Said, Smb, Tls};

use super::role::{self, Role};
use super::{PathKey, answered};

/// Beats kept of a path, to tell its rhythm.
const BEATS: usize = 32;
/// Fewest beats that make a rhythm.
const RHYTHM_BEATS: usize = 4;

/// Everything between a client and a service.
#[derive(Debug, Clone)]
pub struct Path {
    /// Who, whom, what.
    pub key: PathKey,
    /// The client's frames came from here.
    pub client_mac: Option<MacAddress>,
    /// The server's frames came from here.
    pub server_mac: Option<MacAddress>,
    /// The protocol, by content.
    pub application: Option<Application>,
    /// What it is for, and why that is believed.
    pub role: Role,
    /// Sessions begun.
    pub sessions: u64,
    /// Sessions that were answered.
    pub answered: u64,
    /// Successes at the level of the application: acknowledged, stored, fetched.
    pub successes: u64,
    /// The first packet.
    pub first: Moment,
    /// The last packet of either.
    pub last: Moment,
    /// The last success.
    pub last_success: Option<Moment>,
    /// From the client.
    pub to_server: Volume,
    /// From the server.
    pub to_client: Volume,
    beats: VecDeque<Moment>,
    /// The server said something.
    heard: bool,
}

impl Path {
    /// Whether anybody ever answered on it.
    pub(super) fn is_answered(&self) -> bool {
        self.answered > 0 || self.successes > 0 || self.heard
    }

    pub(super) fn new(key: PathKey, conversation: &Conversation, at: Moment) -> Self {
        Self {
            key,
            client_mac: conversation.client.mac,
            server_mac: conversation.server.mac,
            application: None,
            role: role::by_port(key.service),
            sessions: 0,
            answered: 0,
            successes: 0,
            first: at,
            last: at,
            last_success: None,
            to_server: Volume::default(),
            to_client: Volume::default(),
            beats: VecDeque::new(),
            heard: false,
        }
    }

    pub(super) fn opened(&mut self, session: &Session) {
        self.sessions += 1;
        self.last = self.last.max(session.first);
        self.known_as(session.application);
        if self.role.beats_by_session() {
            self.beat(session.first);
        }
    }

    pub(super) fn ended(&mut self, session: &Session) {
        self.still_open(session);
        let volumes =
            [(&mut self.to_server, session.to_server), (&mut self.to_client, session.to_client)];
        for (sum, volume) in volumes {
            sum.packets += volume.packets;
            sum.bytes += volume.bytes;
        }
    }

    pub(super) fn still_open(&mut self, session: &Session) {
        self.last = self.last.max(session.last());
        self.client_mac = session.conversation.client.mac.or(self.client_mac);
        self.server_mac = session.conversation.server.mac.or(self.server_mac);
        self.known_as(session.application);
        // Who says no answers, too, and nothing was done.
        let is_refused = session.state == SessionState::Refused;
        if answered(session.state) || (!is_refused && session.to_client.packets > 0) {
            self.answered = (self.answered + 1).min(self.sessions);
        }
    }

    fn known_as(&mut self, application: Option<Application>) {
        if let Some(application) = application {
            self.application = Some(application);
            self.role.improve(role::by_application(application));
        }
    }

    pub(super) fn said(&mut self, at: Moment, direction: Direction, said: &Said) {
        self.last = self.last.max(at);
        self.heard |= direction == Direction::ToClient;
        if let Some(role) = role::by_words(said) {
            let by_session = self.role.beats_by_session();
            self.role.improve(role);
            // From here on the rhythm is that of the words.
            if by_session && !self.role.beats_by_session() {
                self.beats.clear();
            }
        }
        if !self.role.beats_by_session() && direction == Direction::ToServer && begins(said) {
            self.beat(at);
        }
        if succeeds(said) {
            self.successes += 1;
            self.last_success = Some(at);
        }
    }

    fn beat(&mut self, at: Moment) {
        if self.beats.len() == BEATS {
            self.beats.pop_front();
        }
        self.beats.push_back(at);
    }

    /// How often it is walked, where that is regular enough to be told.
    #[must_use]
    pub fn rhythm(&self) -> Option<Rhythm> {
        let times: Vec<i64> = self.beats.iter().map(|beat| beat.0).collect();
        let mut gaps: Vec<i64> = times.windows(2).map(gap).filter(|gap| *gap >= 0).collect();
        if self.beats.len() < RHYTHM_BEATS {
            return None;
        }
        gaps.sort_unstable();
        let at = |share: usize| gaps.get(gaps.len() * share / 4).copied();
        Some(Rhythm { median: at(2)?, spread: at(3)? - at(1)? })
    }
}

fn gap(pair: &[i64]) -> i64 {
    match pair {
        [before, after] => after - before,
        _ => 0,
    }
}

/// How often something comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// The median gap, in microseconds.
    pub median: i64,
    /// What lies between the quartiles of the gaps, in microseconds.
    pub spread: i64,
}

impl Rhythm {
    /// In words: "every 60 s".
    #[must_use]
    pub fn words(&self) -> String {
        let tenths = self.median / 100_000;
        match tenths {
            0..10 => format!("every {} ms", self.median / 1_000),
            10..1_200 => format!("every {} s", (tenths + 5) / 10),
            1_200..72_000 => format!("every {} min", (tenths + 300) / 600),
            _ => format!("every {} h", (tenths + 18_000) / 36_000),
        }
    }
}

/// Whether it begins an exchange, so that its moments make the rhythm.
fn begins(said: &Said) -> bool {
    match said {
        Said::Hl7(message) => message.acknowledgement.is_none(),
        Said::Http(message) => matches!(message, Http::Request { .. }),
        Said::Dicom(Dicom::Command { command, .. }) => command & 0x8000 == 0,
        Said::Dns(message) => message.answer.is_none(),
        _ => false,
    }
}

/// Whether it ends an exchange well: accepted, stored, fetched.
fn succeeds(said: &Said) -> bool {
    match said {
        Said::Hl7(message) => {
            message.acknowledgement.as_deref().is_some_and(|code| matches!(code, "AA" | "CA"))
        }
        Said::Http(Http::Answer { status, .. }) => (200..400).contains(status),
        // Success and pending (PS3.7, annex C); a warning (Bxxx) has stored the object, too.
        Said::Dicom(Dicom::Command { command, status: Some(status), .. }) => {
            command & 0x8000 != 0 && (*status == 0 || status >> 12 == 0xB)
        }
        Said::Dns(message) => message.answer == Some(0),
        Said::Smb(Smb::Session(status)) => *status == 0,
        Said::Tls(Tls::Certificate { .. }) => true,
        _ => false,
    }
}
