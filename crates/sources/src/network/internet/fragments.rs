//! Fragments of IP packets, until the packet is whole (RFC 791 section 3.2, RFC 8200 section 4.5).
//!
//! Of IPv4 fragments that overlap the first wins; an IPv6 packet with any that overlap otherwise
//! than by repeating is given up, as RFC 5722 demands. Refuses to hold more than its limits:
//! the oldest packets are given up first.

use std::net::IpAddr;

use super::{Fragment, Packet};
use crate::network::pieces::Pieces;
use crate::network::table::{Seed, Table};

/// How long a packet may wait for its fragments, in microseconds (RFC 8200: 60 s).
pub const FRAGMENT_WAIT: i64 = 60_000_000;
/// Longest packet, in bytes.
const PACKET_BYTES: u64 = 65_535;
/// Most pieces of one packet: at the smallest link of IPv4 (68 bytes) there may be more, but no
/// network has had it for decades.
const PIECES: usize = 256;
/// What a packet that waits costs beyond its pieces, in bytes.
const PACKET_COST: usize = 256;

/// What makes fragments those of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
    protocol: u8,
}

#[derive(Debug, Default)]
struct Partial {
    pieces: Pieces,
    bytes: u64,
    /// The packet's length, once its last fragment came.
    length: Option<u64>,
}

/// Packets that wait for fragments.
#[derive(Debug)]
pub(in crate::network) struct Fragments {
    waiting: Table<Key, Partial, 1>,
    held: usize,
    most_bytes: usize,
    /// Packets of which not all fragments came, or whose fragments contradict each other.
    pub given_up: u64,
}

impl Fragments {
    pub(in crate::network) fn new(seed: Seed, most_bytes: usize) -> Self {
        Self { waiting: Table::new(seed), held: 0, most_bytes, given_up: 0 }
    }

    /// Bytes held.
    pub(in crate::network) fn held(&self) -> usize {
        self.held
    }

    /// Gives up what waited for too long.
    pub(in crate::network) fn tick(&mut self, now: i64) {
        while let Some((place, touched)) = self.waiting.oldest(0)
            && now - touched > FRAGMENT_WAIT
        {
            self.give_up(place);
        }
    }

    /// Nothing more will come.
    pub(in crate::network) fn finish(&mut self) {
        while let Some((place, _)) = self.waiting.oldest(0) {
            self.give_up(place);
        }
    }

    /// Takes a fragment, and gives the payload that it completes.
    pub(in crate::network) fn take(
        &mut self,
        packet: &Packet<'_>,
        fragment: Fragment,
        now: i64,
    ) -> Option<Vec<u8>> {
        let Packet { source, destination, protocol, payload, .. } = *packet;
        // The identification alone names an IPv6 packet: its first fragment names the protocol.
        let protocol = if source.is_ipv4() { protocol } else { super::FRAGMENT };
        let key = Key { source, destination, identification: fragment.identification, protocol };
        let place = match self.waiting.find(&key) {
            Some(place) => place,
            None => {
                self.held += PACKET_COST;
                self.waiting.put(key, Partial::default(), 0, now)
            }
        };
        let partial = self.waiting.get(place)?;
        let before = partial.held();
        let sound = partial.take(payload, fragment, source.is_ipv4());
        self.held = self.held + partial.held() - before;
        if !sound || payload.len() < packet.wire_bytes {
            self.give_up(place);
            return None;
        }
        if partial.length == Some(partial.bytes) {
            let partial = self.waiting.remove(place)?;
            self.held -= partial.held();
            return Some(partial.whole());
        }
        while self.held > self.most_bytes {
            let (oldest, _) = self.waiting.oldest(0)?;
            self.give_up(oldest);
        }
        None
    }

    fn give_up(&mut self, place: crate::network::table::Place) {
        if let Some(partial) = self.waiting.remove(place) {
            self.held -= partial.held();
            self.given_up += 1;
        }
    }
}

impl Partial {
    /// What it takes, in bytes.
    fn held(&self) -> usize {
        PACKET_COST + self.pieces.held()
    }

    /// Takes a fragment; `false` where it contradicts those before.
    fn take(&mut self, payload: &[u8], fragment: Fragment, overlaps: bool) -> bool {
        let begin = u64::from(fragment.offset);
        let end = begin + payload.len() as u64;
        let ends = self
            .length
            .is_none_or(|length| if fragment.more { end <= length } else { end == length });
        if end > PACKET_BYTES || !ends || self.pieces.count() > PIECES || payload.is_empty() {
            return false;
        }
        let put = self.pieces.put(begin, payload);
        self.bytes += put.new as u64;
        if !fragment.more {
            self.length = Some(end);
        }
        let repeats = put.new == 0 || put.new == payload.len();
        self.length.is_none_or(|length| self.bytes <= length)
            && (overlaps || (repeats && !put.differs))
    }

    fn whole(mut self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(usize::try_from(self.bytes).unwrap_or_default());
        while let Some((_, piece)) = self.pieces.take_first() {
            whole.extend_from_slice(&piece);
        }
        whole
    }
}
