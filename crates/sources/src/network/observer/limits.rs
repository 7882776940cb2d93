//! How much an observer holds, for how long, and what it counted.
//!
//! Refuses to be without bound in anything.

/// How long a TCP connection may be quiet before it is taken for ended, in microseconds: the links
/// of medical devices rest for long between results.
pub const TCP_IDLE: i64 = 3_600_000_000;
/// How long a TCP connection may wait for its first answer, in microseconds.
pub const TCP_ATTEMPT: i64 = 60_000_000;
/// How long the pause is that ends a session of UDP, ICMP and others, in microseconds.
pub const DATAGRAM_IDLE: i64 = 60_000_000;
/// How long an ended session is remembered, so that its last packets open no new one, in
/// microseconds.
pub const LINGER: i64 = 5_000_000;
/// How far back a frame's moment may lie without the clock being taken for set back, in
/// microseconds: taps are merged.
pub const JITTER: i64 = 60_000_000;

/// The most that an observer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sessions, ended ones that are still remembered too.
    pub sessions: usize,
    /// Sessions whose dialogue is followed at once.
    pub dialogues: usize,
    /// Bytes of TCP that wait for what they follow, for their protocol to be known, or for their
    /// message to be whole, with the room kept for them, over all sessions.
    pub stream_bytes: usize,
    /// Bytes of fragments that wait for the rest of their packet, in all.
    pub fragment_bytes: usize,
    /// Addresses whose MAC address is remembered.
    pub addresses: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions: 262_144,
            dialogues: 131_072,
            stream_bytes: 256 << 20,
            fragment_bytes: 16 << 20,
            addresses: 65_536,
        }
    }
}

/// What was seen and what was given up. Each frame is in exactly one of the counts from
/// [`Self::in_session`] to [`Self::unknown_link`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Frames.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Frames whose packet, or the packet they completed, belongs to a session.
    pub in_session: u64,
    /// Frames of ARP and of neighbour discovery.
    pub addressing: u64,
    /// Frames of ICMP errors.
    pub icmp_errors: u64,
    /// Fragments that completed no packet.
    pub fragments: u64,
    /// Late packets of sessions that had ended.
    pub after_end: u64,
    /// Frames of other protocols than IP and ARP.
    pub other: u64,
    /// Frames that end before their headers do.
    pub cut: u64,
    /// Frames whose headers contradict themselves.
    pub malformed: u64,
    /// Frames of a link type that is not read.
    pub unknown_link: u64,
    /// Sessions begun.
    pub opened: u64,
    /// Sessions ended.
    pub ended: u64,
    /// Sessions given up for room.
    pub sessions_evicted: u64,
    /// Dialogues given up for room; their sessions went on, and their next message is looked for.
    pub dialogues_evicted: u64,
    /// Streams whose gap, beginning or message was given up for room.
    pub streams_evicted: u64,
    /// Addresses forgotten for room.
    pub addresses_evicted: u64,
    /// Packets given up because not all of their fragments came, or for room.
    pub packets_given_up: u64,
    /// Bytes of TCP that came again.
    pub retransmitted_bytes: u64,
    /// Segments that came again with other bytes.
    pub differing_overlaps: u64,
    /// Segments that no receiver would take.
    pub out_of_window: u64,
    /// Bytes of followed streams that were never seen.
    pub lost_bytes: u64,
    /// Bytes held now of streams.
    pub held_stream_bytes: usize,
    /// Bytes held now of fragments.
    pub held_fragment_bytes: usize,
    /// Dialogues followed now.
    pub dialogues: usize,
}

impl Counters {
    /// Whether each frame came to be counted once.
    #[must_use]
    pub fn conserves(&self) -> bool {
        let known = self.in_session + self.addressing + self.icmp_errors + self.fragments;
        let unread = self.after_end + self.other + self.cut + self.malformed + self.unknown_link;
        self.frames == known + unread
    }
}
