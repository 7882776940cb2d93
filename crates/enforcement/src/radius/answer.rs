//! What came back: whether it answers a request of ours, and what it says.
//!
//! Refuses to be hurried: what is not a genuine answer to that very request is counted and waited
//! past, whatever it says (RFC 5176, sections 2.3 and 3.4: it is silently discarded).

use std::fmt;

use super::attribute::number;
use super::packet::{Code, Packet};
use super::seal::{self, MessageAuthenticator, Sealed, Secret, Unsealed};

/// What a server answered, and showed to have the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It says that it did it.
    Ack,
    /// It says that it did not, and perhaps why.
    Nak(Option<Cause>),
}

/// Why a datagram is no answer to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ignored {
    /// It is no packet of RADIUS.
    Malformed,
    /// It answers no request that is open, or another kind of request.
    Stray,
    /// Whoever sent it does not have the secret, or answers another request.
    Forged,
    /// It has no Message-Authenticator, and has to have one.
    Unsigned,
}

/// How many datagrams were ignored, by why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Counts {
    /// No packets of RADIUS.
    pub malformed: u32,
    /// Answers to nothing that is open.
    pub stray: u32,
    /// Made without the secret, or for another request.
    pub forged: u32,
    /// Without Message-Authenticator.
    pub unsigned: u32,
}

impl Counts {
    /// One more.
    pub fn count(&mut self, why: Ignored) {
        let counter = match why {
            Ignored::Malformed => &mut self.malformed,
            Ignored::Stray => &mut self.stray,
            Ignored::Forged => &mut self.forged,
            Ignored::Unsigned => &mut self.unsigned,
        };
        *counter = counter.saturating_add(1);
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            malformed: self.malformed.saturating_add(other.malformed),
            stray: self.stray.saturating_add(other.stray),
            forged: self.forged.saturating_add(other.forged),
            unsigned: self.unsigned.saturating_add(other.unsigned),
        }
    }
}

impl fmt::Display for Counts {
    /// `2 forged, 1 malformed`; nothing where nothing was ignored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.forged, "forged or for another request"),
            (self.unsigned, "without Message-Authenticator"),
            (self.malformed, "malformed"),
            (self.stray, "to nothing that was asked"),
        ];
        let mut separator = "";
        for (count, why) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{separator}{count} {why}")?;
            separator = ", ";
        }
        Ok(())
    }
}

/// Judges a datagram that came from the server's address: whether it answers that request.
///
/// # Errors
/// Why it is to be ignored.
pub fn judge(
    datagram: &[u8],
    to: &Sealed,
    secret: &Secret,
    message: MessageAuthenticator,
) -> Result<Answer, Ignored> {
    let packet = Packet::decode(datagram).map_err(|_| Ignored::Malformed)?;
    if packet.identifier != to.identifier {
        return Err(Ignored::Stray);
    }
    let answer = match (to.code, packet.code) {
        (Code::CoaRequest, Code::CoaAck) | (Code::DisconnectRequest, Code::DisconnectAck) => {
            Answer::Ack
        }
        (Code::CoaRequest, Code::CoaNak) | (Code::DisconnectRequest, Code::DisconnectNak) => {
            Answer::Nak(cause(&packet))
        }
        _ => return Err(Ignored::Stray),
    };
    match seal::verify(datagram, &packet, to, secret, message) {
        Ok(()) => Ok(answer),
        Err(Unsealed::NoMessage) => Err(Ignored::Unsigned),
        Err(Unsealed::Authenticator | Unsealed::Message) => Err(Ignored::Forged),
    }
}

/// Why a server did not do what it was asked (RFC 5176, section 3.5). Several may stand there, and
/// the first is told.
fn cause(packet: &Packet) -> Option<Cause> {
    packet.all(number::ERROR_CAUSE).find_map(|attribute| attribute.as_word().map(Cause))
}

/// An Error-Cause, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cause(pub u32);

impl Cause {
    /// The server knows no such session.
    pub const SESSION_CONTEXT_NOT_FOUND: Self = Self(503);

    /// Every cause that is registered, in words (RFC 5176, section 3.5; RFC 5580; RFC 7930).
    pub const ALL: [(u32, &'static str); 19] = [
        (201, "residual session context removed"),
        (202, "invalid EAP packet (ignored)"),
        (401, "unsupported attribute"),
        (402, "missing attribute"),
        (403, "NAS identification mismatch"),
        (404, "invalid request"),
        (405, "unsupported service"),
        (406, "unsupported extension"),
        (407, "invalid attribute value"),
        (501, "administratively prohibited"),
        (502, "request not routable (proxy)"),
        (503, "session context not found"),
        (504, "session context not removable"),
        (505, "other proxy processing error"),
        (506, "resources unavailable"),
        (507, "request initiated"),
        (508, "multiple session selection unsupported"),
        (509, "location information required"),
        (601, "response too big"),
    ];
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::ALL.iter().find(|(number, _)| *number == self.0);
        write!(f, "{} ({})", known.map_or("a cause that is not registered", |(_, w)| w), self.0)
    }
}
