//! Brute force (T1110): many failures to log in, and what came after them.
//!
//! Refuses to read a password or a name: a failure is told by the protocol's outcome, and where the
//! protocol is not read, by many short sessions with one login service.

use domain::network::{Conversation, Direction, Moment, Service, Session, SessionState};
use domain::sighting::{Http, Said, Smb};

use super::window::Window;
use super::{Detection, Reached, Technique};

/// The span looked at, in microseconds.
const SPAN: i64 = 60_000_000;
/// Failures remembered for a source.
const MOST: usize = 256;
/// So many refusals of one server make a brute force.
const REFUSALS: usize = 5;
/// So many short sessions with one login service make a brute force.
const SHORT_SESSIONS: usize = 10;
/// A session is short below this many bytes from the client.
const SHORT_BYTES: u64 = 6_000;
/// Services that ask who one is: SSH, Telnet, FTP, RDP, VNC, `WinRM`.
const LOGIN_PORTS: [u16; 7] = [21, 22, 23, 3389, 5900, 5985, 5986];

/// What is remembered of a source.
#[derive(Debug)]
pub(super) struct State {
    refused: Window<Conversation>,
    short: Window<Conversation>,
    guessing: Option<(Conversation, Moment)>,
}

impl Default for State {
    fn default() -> Self {
        Self { refused: Window::new(SPAN, MOST), short: Window::new(SPAN, MOST), guessing: None }
    }
}

impl State {
    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.refused.bytes() + self.short.bytes()
    }

    /// The server answered within a session.
    pub(super) fn said(
        &mut self,
        at: Moment,
        spoken: &Conversation,
        direction: Direction,
        said: &Said,
    ) -> Option<Detection> {
        match outcome(direction, said)? {
            Outcome::Refused => {
                self.refused.put(at, *spoken);
                let tries = count(&self.refused, spoken);
                (tries >= REFUSALS).then(|| {
                    self.guessing = Some((*spoken, at));
                    let evidence = format!("it was refused {tries} times within a minute");
                    detection(Technique::BruteForce, at, spoken, evidence)
                })
            }
            Outcome::Taken => {
                let (guessed, last) = self.guessing.filter(|(guessed, _)| same(guessed, spoken))?;
                self.guessing = None;
                self.refused.clear();
                if at.since(last) > SPAN {
                    return None;
                }
                let evidence = "it was let in after it had been refused many times".to_owned();
                let found = detection(Technique::BruteForceSuccess, at, &guessed, evidence);
                Some(Detection { reached: Reached::GotIn, ..found })
            }
        }
    }

    /// A session ended.
    pub(super) fn ended(&mut self, session: &Session) -> Option<Detection> {
        let spoken = &session.conversation;
        let ended = matches!(session.state, SessionState::Closed | SessionState::Reset);
        let asks = LOGIN_PORTS.contains(&spoken.server.port);
        let spoke = (1..SHORT_BYTES).contains(&session.to_server.bytes);
        if !(ended && asks && spoke) {
            return None;
        }
        self.short.put(session.last(), *spoken);
        let tries = count(&self.short, spoken);
        (tries >= SHORT_SESSIONS).then(|| {
            let service = spoken.service();
            let evidence = format!("{tries} short sessions with {service} within a minute");
            detection(Technique::BruteForce, session.last(), spoken, evidence)
        })
    }
}

enum Outcome {
    Refused,
    Taken,
}

/// What an answer says of a login. Of SMB, `STATUS_MORE_PROCESSING_REQUIRED` is no outcome and is
/// not told as one.
fn outcome(direction: Direction, said: &Said) -> Option<Outcome> {
    match said {
        _ if direction == Direction::ToServer => None,
        Said::Smb(Smb::Session(0)) | Said::Http(Http::Answer { status: 200..300, .. }) => {
            Some(Outcome::Taken)
        }
        Said::Smb(Smb::Session(_)) | Said::Http(Http::Answer { status: 401 | 403, .. }) => {
            Some(Outcome::Refused)
        }
        _ => None,
    }
}

fn same(one: &Conversation, other: &Conversation) -> bool {
    let door = |spoken: &Conversation| -> (std::net::IpAddr, Service) {
        (spoken.server.address, spoken.service())
    };
    door(one) == door(other)
}

fn count(window: &Window<Conversation>, spoken: &Conversation) -> usize {
    window.iter().filter(|held| same(held, spoken)).count()
}

fn detection(
    technique: Technique,
    at: Moment,
    spoken: &Conversation,
    evidence: String,
) -> Detection {
    Detection {
        at,
        since: at,
        technique,
        source: spoken.client.address,
        targets: [spoken.server.address].into(),
        service: Some(spoken.service()),
        evidence,
        proposed: technique.level(),
        reached: Reached::Tried,
    }
}
