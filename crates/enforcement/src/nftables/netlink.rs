//! The elements of our sets, asked of the kernel itself (`nf_tables` over netlink(7)): `nft` takes
//! many times as long to say the same.
//!
//! Only reads. Refuses to pass over anything: an element with more than its key, a time-out or a
//! flag, is told as one that is not understood.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recvfrom, sendto,
    setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

use super::TABLE;
use super::layout::Place;

/// Kinds of messages (`linux/netlink.h`), and of those of `nf_tables`
/// (`linux/netfilter/nfnetlink.h` and `nf_tables.h`).
const ERROR: u16 = 2;
const DONE: u16 = 3;
const SUBSYSTEM: u16 = 10 << 8;
const NEW_ELEMENTS: u16 = SUBSYSTEM | 0x0C;
const GET_ELEMENTS: u16 = SUBSYSTEM | 0x0D;
const NEW_GENERATION: u16 = SUBSYSTEM | 0x0F;
const GET_GENERATION: u16 = SUBSYSTEM | 0x10;
/// Flags of messages: a question, all that there is, and that it changed meanwhile.
const REQUEST: u16 = 0x1;
const DUMP: u16 = 0x300;
const INTERRUPTED: u16 = 0x10;
/// Kinds of attributes.
const OF_TABLE: u16 = 1;
const OF_SET: u16 = 2;
const ELEMENTS: u16 = 3;
const ELEMENT: u16 = 1;
const KEY: u16 = 1;
const VALUE: u16 = 1;
const GENERATION: u16 = 1;
/// What of a kind are flags.
const KIND: u16 = 0x3FFF;
/// The header of every message, and that of netfilter behind it.
const HEADER: usize = 16;
const OWN_HEADER: usize = 4;
/// The longest answer that the kernel gives at once is half of it.
const ROOM: usize = 1 << 16;
/// How long the kernel is waited for.
const PATIENCE_SECONDS: i64 = 5;

/// The key of an element as the kernel has it; `None` where there is more to it than a key.
pub(super) type Key = Option<Vec<u8>>;

/// A conversation with the kernel, in the network namespace that we are in.
#[derive(Debug)]
pub(super) struct Conversation {
    socket: OwnedFd,
    family: u8,
    number: u32,
    room: Vec<u8>,
}

impl Conversation {
    /// Begins one.
    pub(super) fn open(place: Place) -> io::Result<Self> {
        let (raw, flags) = (SockType::Raw, SockFlag::SOCK_CLOEXEC);
        let netfilter = SockProtocol::NetlinkNetFilter;
        let socket = socket(AddressFamily::Netlink, raw, flags, netfilter)?;
        setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::seconds(PATIENCE_SECONDS))?;
        let family = match place {
            Place::Bridge => 7,
            Place::Router => 1,
        };
        Ok(Self { socket, family, number: 0, room: vec![0; ROOM] })
    }

    /// The number of the rules that hold now, which every change of any of them raises.
    pub(super) fn generation(&mut self) -> io::Result<u32> {
        let mut number = None;
        self.ask(GET_GENERATION, REQUEST, &[], &mut |kind, body| {
            let is_number = |(kind, value): &(u16, &[u8])| *kind == GENERATION && value.len() == 4;
            let found = each(body).into_iter().flatten().find(is_number);
            let octets = found.and_then(|(_, value)| value.first_chunk::<4>());
            number = octets.filter(|_| kind == NEW_GENERATION).map(|of| u32::from_be_bytes(*of));
        })?;
        number.ok_or_else(not_understood)
    }

    /// Every element of a set of ours.
    pub(super) fn elements(&mut self, set: &str) -> io::Result<Vec<Key>> {
        let mut keys = Vec::new();
        let mut is_whole = true;
        let of = [(OF_TABLE, TABLE), (OF_SET, set)];
        self.ask(GET_ELEMENTS, REQUEST | DUMP, &of, &mut |kind, body| {
            let listed = each(body).filter(|_| kind == NEW_ELEMENTS);
            is_whole &= listed.is_some();
            for (_, elements) in listed.into_iter().flatten().filter(|(kind, _)| *kind == ELEMENTS)
            {
                let elements = each(elements);
                is_whole &= elements.is_some();
                let elements = elements.into_iter().flatten();
                keys.extend(elements.map(|(kind, body)| key(body).filter(|_| kind == ELEMENT)));
            }
        })?;
        if is_whole { Ok(keys) } else { Err(not_understood()) }
    }

    /// Asks, and takes every message of the answer.
    fn ask(
        &mut self,
        kind: u16,
        flags: u16,
        names: &[(u16, &str)],
        take: &mut dyn FnMut(u16, &[u8]),
    ) -> io::Result<()> {
        self.number += 1;
        let question = question(kind, flags, self.number, self.family, names);
        let (socket, to) = (self.socket.as_raw_fd(), NetlinkAddr::new(0, 0));
        sendto(socket, &question, &to, MsgFlags::empty())?;
        loop {
            let (length, from) =
                recvfrom::<NetlinkAddr>(socket, &mut self.room).map_err(io::Error::from)?;
            // Only what the kernel itself says counts.
            if from.is_none_or(|from| from.pid() != 0) {
                continue;
            }
            let mut rest = self.room.get(..length).ok_or_else(not_understood)?;
            while !rest.is_empty() {
                let message = Message::first(rest).ok_or_else(not_understood)?;
                rest = message.rest;
                if message.number != self.number {
                    continue;
                }
                if message.flags & INTERRUPTED != 0 {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                match message.kind {
                    DONE | ERROR => return message.ending(),
                    kind => take(kind, message.body.get(OWN_HEADER..).unwrap_or_default()),
                }
                if flags & DUMP == 0 {
                    return Ok(());
                }
            }
        }
    }
}

/// A message of the kernel, and what follows it.
struct Message<'m> {
    kind: u16,
    flags: u16,
    number: u32,
    body: &'m [u8],
    rest: &'m [u8],
}

impl<'m> Message<'m> {
    /// The first of those that came together.
    fn first(bytes: &'m [u8]) -> Option<Self> {
        let length = usize::try_from(u32::from_ne_bytes(octets(bytes, 0)?)).ok()?;
        Some(Self {
            kind: u16::from_ne_bytes(octets(bytes, 4)?),
            flags: u16::from_ne_bytes(octets(bytes, 6)?),
            number: u32::from_ne_bytes(octets(bytes, 8)?),
            body: bytes.get(HEADER..length)?,
            rest: bytes.get(length.next_multiple_of(4)..).unwrap_or_default(),
        })
    }

    /// How an answer ended: with a number, which is not 0 where it failed.
    fn ending(&self) -> io::Result<()> {
        let code = self.body.first_chunk::<4>().map_or(0, |code| i32::from_ne_bytes(*code));
        if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(code.saturating_neg())) }
    }
}

fn not_understood() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the kernel's answer is not understood")
}

fn question(kind: u16, flags: u16, number: u32, family: u8, names: &[(u16, &str)]) -> Vec<u8> {
    let mut body = vec![family, 0, 0, 0];
    for (kind, name) in names {
        let length = u16::try_from(name.len() + 5).unwrap_or(u16::MAX);
        body.extend(length.to_ne_bytes());
        body.extend(kind.to_ne_bytes());
        body.extend(name.bytes());
        body.push(0);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(number.to_ne_bytes());
    bytes.extend([0; 4]);
    bytes.extend(body);
    bytes
}

/// The key of an element, where that is all there is to it.
fn key(element: &[u8]) -> Key {
    let (KEY, key, []) = first(element)? else { return None };
    let (VALUE, value, []) = first(key)? else { return None };
    Some(value.to_vec())
}

/// Every attribute, by its kind; `None` where they are not whole.
fn each(mut bytes: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (kind, body, rest) = first(bytes)?;
        all.push((kind, body));
        bytes = rest;
    }
    Some(all)
}

/// The first attribute: its kind, what it holds, and what follows it.
fn first(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = usize::from(u16::from_ne_bytes(octets(bytes, 0)?));
    let rest = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((u16::from_ne_bytes(octets(bytes, 2)?) & KIND, bytes.get(4..length)?, rest))
}

/// So many octets from a place on.
fn octets<const COUNT: usize>(bytes: &[u8], from: usize) -> Option<[u8; COUNT]> {
    bytes.get(from..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::{Message, each, key, question};

    /// An attribute.
    fn attribute(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 4).expect("short");
        let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend(body);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn an_element_is_its_key_and_nothing_beside_it() {
        let plain = attribute(1, &attribute(1, &[1, 2, 3, 4, 5, 6]));
        assert_eq!(key(&plain), Some(vec![1, 2, 3, 4, 5, 6]));
        // A flag, a time-out, an expression, a second key.
        for kind in [3, 4, 7, 10] {
            assert_eq!(key(&[plain.clone(), attribute(kind, &[0, 0, 0, 1])].concat()), None);
            assert_eq!(key(&[attribute(kind, &[0, 0, 0, 1]), plain.clone()].concat()), None);
        }
        // A key that is a verdict.
        assert_eq!(key(&attribute(1, &attribute(2, &[0; 4]))), None);
        assert_eq!(key(&[]), None);
    }

    #[test]
    fn an_answer_that_is_cut_anywhere_is_not_taken_for_a_whole_one() {
        let elements = attribute(3, &attribute(1, &attribute(1, &attribute(1, &[7; 12]))));
        let whole = [attribute(1, b"asepsis\0"), elements].concat();
        assert_eq!(each(&whole).map(|all| all.len()), Some(2));
        for cut in 1..whole.len() {
            let all = each(&whole[..cut]);
            assert!(all.is_none_or(|all| all.len() == 1), "cut at {cut}");
        }
        let message = question(0x0a0d, 0x301, 7, 7, &[(1, "asepsis"), (2, "macs")]);
        let first = Message::first(&message).expect("whole");
        assert_eq!((first.kind, first.flags, first.number), (0x0a0d, 0x301, 7));
        assert!(first.rest.is_empty());
        for cut in 0..message.len() {
            assert!(Message::first(&message[..cut]).is_none(), "cut at {cut}");
        }
    }
}
