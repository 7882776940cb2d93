//! What is said within a session, protocol by protocol, known by content and never by port alone.
//!
//! Refuses to keep what was said: a dialogue holds at most [`HELD_BYTES`] of what is not yet whole,
//! and gives names, codes and outcomes.

use domain::network::{Application, Conversation, Direction, Transport};
use domain::sighting::{Lease, Said};

/// Most bytes that a dialogue holds of one direction while a message is not whole.
pub const HELD_BYTES: usize = 64 << 10;

/// What the first bytes of a session are.
#[derive(Debug)]
pub enum Recognised {
    /// This protocol.
    Yes(Dialogue),
    /// More bytes will tell.
    Perhaps,
    /// None that is read here.
    No,
}

/// A session's protocol and how far it came.
#[derive(Debug)]
pub struct Dialogue {
    application: Application,
}

impl Dialogue {
    /// Recognises a protocol by the first bytes of a direction of a TCP stream. They are shown
    /// again, with what came since, until the answer is not `Perhaps`, and are then to be fed.
    #[must_use]
    pub fn recognise(_direction: Direction, _first: &[u8]) -> Recognised {
        Recognised::No
    }

    /// Which protocol.
    #[must_use]
    pub fn application(&self) -> Application {
        self.application
    }

    /// Takes the next bytes of a direction of the stream, cut anywhere.
    pub fn feed(&mut self, _direction: Direction, _bytes: &[u8], _say: &mut dyn FnMut(Said)) {}

    /// Bytes of a direction were lost: what began before them is given up, and the next message
    /// is looked for.
    pub fn lost(&mut self, _direction: Direction, _bytes: u64) {}
}

/// What one datagram tells.
#[derive(Debug, Default)]
pub struct Datagram {
    /// Its protocol.
    pub application: Option<Application>,
    /// What was said.
    pub said: Vec<Said>,
    /// A DHCP exchange.
    pub lease: Option<Box<Lease>>,
}

/// Reads one UDP datagram.
#[must_use]
pub fn datagram(conversation: &Conversation, _direction: Direction, _bytes: &[u8]) -> Datagram {
    debug_assert!(conversation.transport == Transport::Udp, "only UDP has datagrams");
    Datagram::default()
}
