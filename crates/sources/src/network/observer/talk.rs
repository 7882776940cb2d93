//! Listening to a stream until its protocol is known, then following it.
//!
//! A connection that was already open when the tap began has no first bytes: then the beginning of
//! a later segment may be that of a message, and is tried as such a few times.
//!
//! Refuses to hold a beginning for longer than it takes to know that it is not known, and to go
//! deaf for want of room: what had to be forgotten is listened to again at its next message.

use domain::network::{Application, Direction};
use domain::sighting::Said;

use crate::network::dialogue::{Dialogue, Recognised};
use crate::network::stream::Heard;

/// Most bytes of one direction that are held while the protocol is not known.
pub const BEGINNING_BYTES: usize = 8 << 10;
/// How many segments of each direction are tried as a beginning, where the first was not seen.
const TRIES: u8 = 16;

/// What is known of a stream's protocol.
#[derive(Debug)]
pub(super) enum Talk {
    /// Nothing yet.
    Listening(Box<Beginnings>),
    /// This one.
    Following(Box<Dialogue>),
    /// It is none that is read, or was given up.
    Deaf,
}

/// What has been said before the protocol is known.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    of: [Beginning; 2],
    /// Which direction spoke first.
    first: Option<Direction>,
    /// Tries without end: something was given up here for room, and whoever fills the room must not
    /// be able to make the observer deaf.
    again: bool,
}

#[derive(Debug)]
struct Beginning {
    bytes: Vec<u8>,
    /// How many more beginnings may be tried; the last one is what `bytes` holds.
    tries: u8,
}

impl Default for Beginning {
    fn default() -> Self {
        Self { bytes: Vec::new(), tries: 1 }
    }
}

fn other(direction: Direction) -> Direction {
    match direction {
        Direction::ToServer => Direction::ToClient,
        Direction::ToClient => Direction::ToServer,
    }
}

impl Talk {
    /// Listens to a connection whose first bytes are to come.
    pub(super) fn from_the_start() -> Self {
        Self::Listening(Box::default())
    }

    /// Listens to a connection that is already open.
    pub(super) fn midway() -> Self {
        let mut beginnings = Box::<Beginnings>::default();
        beginnings.of.iter_mut().for_each(|beginning| beginning.tries = TRIES);
        Self::Listening(beginnings)
    }

    /// Forgets what was said, for room, and listens for the beginning of another message.
    pub(super) fn begin_again(&mut self) {
        *self = Self::midway();
        if let Self::Listening(beginnings) = self {
            beginnings.again = true;
        }
    }

    /// Bytes held, with their spare room.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Listening(beginnings) => beginnings.of.iter().map(|b| b.bytes.capacity()).sum(),
            Self::Following(dialogue) => dialogue.held(),
            Self::Deaf => 0,
        }
    }

    pub(super) fn application(&self) -> Option<Application> {
        match self {
            Self::Following(dialogue) => Some(dialogue.application()),
            Self::Listening(_) | Self::Deaf => None,
        }
    }

    /// Takes what a direction gives next.
    pub(super) fn hear(
        &mut self,
        direction: Direction,
        heard: Heard<'_>,
        say: &mut dyn FnMut(Direction, Said),
    ) {
        match (&mut *self, heard) {
            (Self::Deaf, _) => {}
            (Self::Following(dialogue), Heard::Bytes(bytes)) => {
                dialogue.feed(direction, bytes, &mut |said| say(direction, said));
            }
            (Self::Following(dialogue), Heard::Lost(count)) => dialogue.lost(direction, count),
            (Self::Listening(beginnings), Heard::Lost(_)) => beginnings.lose(direction),
            (Self::Listening(beginnings), Heard::Bytes(bytes)) => {
                if let Some(next) = beginnings.hear(direction, bytes, say) {
                    *self = next;
                }
            }
        }
    }
}

impl Beginnings {
    fn of(&mut self, direction: Direction) -> &mut Beginning {
        let [to_server, to_client] = &mut self.of;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    /// A beginning that has a gap is none; what comes after the gap may be one.
    fn lose(&mut self, direction: Direction) {
        let beginning = self.of(direction);
        beginning.bytes = Vec::new();
        beginning.tries = beginning.tries.max(TRIES);
    }

    fn hear(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        say: &mut dyn FnMut(Direction, Said),
    ) -> Option<Talk> {
        self.first.get_or_insert(direction);
        let again = self.again;
        let beginning = self.of(direction);
        if beginning.tries == 0 {
            return None;
        }
        let fresh = beginning.bytes.is_empty();
        if !fresh {
            beginning.bytes.extend_from_slice(bytes);
        }
        let shown = if fresh { bytes } else { &beginning.bytes };
        match Dialogue::recognise(direction, shown) {
            Recognised::Yes(dialogue) => {
                return Some(self.follow(dialogue, direction, bytes, say));
            }
            Recognised::Perhaps if shown.len() <= BEGINNING_BYTES => {
                if fresh {
                    beginning.bytes.extend_from_slice(bytes);
                }
            }
            Recognised::Perhaps | Recognised::No => {
                beginning.bytes = Vec::new();
                beginning.tries -= u8::from(!again);
            }
        }
        self.of.iter().all(|beginning| beginning.tries == 0).then_some(Talk::Deaf)
    }

    /// Feeds what was held, that of who spoke first before, and the newest bytes with it.
    fn follow(
        &mut self,
        dialogue: Dialogue,
        direction: Direction,
        newest: &[u8],
        say: &mut dyn FnMut(Direction, Said),
    ) -> Talk {
        let mut dialogue = Box::new(dialogue);
        let first = self.first.unwrap_or(direction);
        for from in [first, other(first)] {
            let held = std::mem::take(&mut self.of(from).bytes);
            if !held.is_empty() {
                dialogue.feed(from, &held, &mut |said| say(from, said));
            } else if from == direction {
                dialogue.feed(from, newest, &mut |said| say(from, said));
            }
        }
        Talk::Following(dialogue)
    }
}
