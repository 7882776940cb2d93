//! One direction of a TCP connection, put in order (RFC 9293, section 3.4).
//!
//! Sequence numbers are compared modulo 2^32. What comes early is held until what it follows has
//! come; of bytes that claim the same place the first win. A gap is given up, and told, when more
//! is held than the limit, or when the receiver has acknowledged what was not seen: then the
//! sensor lost it, and nobody will send it again. Keep-alives and probes of a closed window are
//! retransmissions like others.
//!
//! Refuses to check checksums (see `internet`), and to hold anything of a stream that nobody
//! listens to.

use super::internet::Packet;
use super::link::Unread;
use super::octets::{u8_at, u16_at, u32_at};
use super::pieces::Pieces;

/// Most bytes held of one direction while a segment is missing, each piece with its cost.
pub const HELD_BYTES: usize = 256 << 10;
/// Most pieces held of one direction.
pub const HELD_PIECES: usize = 512;
/// How many more segments may come, of either direction, between the acknowledgement of a gap and
/// its being given up: two taps do not deliver in step.
const PATIENCE: u8 = 3;
/// The widest window that TCP allows (RFC 7323, section 2.3), for when the scale was not seen.
const WIDEST_WINDOW: u64 = 1 << 30;
/// The least window that is allowed for: the sensor may see a segment before the acknowledgement
/// that made room for it.
const LEAST_WINDOW: u64 = 65_535;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// A TCP segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub source: u16,
    pub destination: u16,
    pub sequence: u32,
    /// The acknowledgement number, where the segment has one.
    pub acknowledges: Option<u32>,
    flags: u8,
    window: u16,
    /// The window scale option of a SYN.
    scale: Option<u8>,
    /// What was captured of the data.
    pub payload: &'a [u8],
    /// How long the data was on the wire.
    pub wire_bytes: usize,
}

impl<'a> Segment<'a> {
    pub(super) fn read(packet: &Packet<'a>) -> Result<Self, Unread> {
        let (header, _) = packet.payload.split_first_chunk::<20>().ok_or(Unread::Cut)?;
        let header_bytes = usize::from(header[12] >> 4) * 4;
        if header_bytes < 20 || header_bytes > packet.wire_bytes {
            return Err(Unread::Malformed);
        }
        let options = packet.payload.get(20..header_bytes).ok_or(Unread::Cut)?;
        let flags = header[13];
        let acknowledgement = u32_at(header, 8).ok_or(Unread::Cut)?;
        Ok(Self {
            source: u16_at(header, 0).ok_or(Unread::Cut)?,
            destination: u16_at(header, 2).ok_or(Unread::Cut)?,
            sequence: u32_at(header, 4).ok_or(Unread::Cut)?,
            acknowledges: (flags & ACK != 0).then_some(acknowledgement),
            flags,
            window: u16_at(header, 14).ok_or(Unread::Cut)?,
            scale: if flags & SYN == 0 { None } else { window_scale(options) },
            payload: packet.payload.get(header_bytes..).ok_or(Unread::Cut)?,
            wire_bytes: packet.wire_bytes - header_bytes,
        })
    }

    pub(super) fn resets(&self) -> bool {
        self.flags & RST != 0
    }

    pub(super) fn opens(&self) -> bool {
        self.flags & (SYN | RST) == SYN
    }

    fn ends(&self) -> bool {
        self.flags & (FIN | SYN | RST) == FIN
    }
}

/// The shift of a window scale option (RFC 7323, section 2.2), at most 14.
fn window_scale(options: &[u8]) -> Option<u8> {
    let mut rest = options;
    loop {
        let length = match rest.first()? {
            0 => return None,
            1 => 1,
            3 => return u8_at(rest, 2).map(|shift| shift.min(14)),
            _ => usize::from(u8_at(rest, 1)?).max(2),
        };
        rest = rest.get(length..)?;
    }
}

/// What comes out of a direction, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    Bytes(&'a [u8]),
    Lost(u64),
}

/// What was odd, summed up by the observer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Oddities {
    pub retransmitted_bytes: u64,
    pub differing_overlaps: u64,
    pub out_of_window: u64,
    pub lost_bytes: u64,
}

/// One direction.
///
/// Places in the stream are 64 bits wide, so that they never wrap; their lower half is the sequence
/// number.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// The initial sequence number, where its SYN was seen.
    pub initial: Option<u32>,
    /// The place of the next byte; `None` before anything was seen.
    next: Option<u64>,
    /// Up to where the receiver has acknowledged.
    acknowledged: u64,
    /// Where the sender's data ends.
    end: Option<u64>,
    /// How far beyond what it acknowledged the *sender* of this direction lets the other send.
    window: u64,
    scale: Option<u8>,
    /// Segments that came since the gap was acknowledged.
    overdue: u8,
    pieces: Pieces,
}

impl Half {
    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.pieces.held()
    }

    /// Whether its end was seen, and whether that was acknowledged.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    pub(super) fn end_is_acknowledged(&self) -> bool {
        self.end.is_some_and(|end| self.acknowledged > end)
    }

    /// The sequence number of the next byte.
    pub(super) fn next_sequence(&self) -> Option<u32> {
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
        self.next.map(|next| next as u32)
    }

    /// The place of a sequence number: the nearest to what comes next.
    fn place(&self, sequence: u32) -> Option<u64> {
        let distance = sequence.wrapping_sub(self.next_sequence()?).cast_signed();
        self.next?.checked_add_signed(i64::from(distance))
    }

    fn begin(&mut self, sequence: u32) {
        // One turn above nought, so that places before the first can be told.
        let next = (1 << 32) | u64::from(sequence);
        (self.next, self.acknowledged) = (Some(next), next);
    }

    /// A segment came from this side: what it says of the other direction's window.
    pub(super) fn advertises(&mut self, segment: &Segment<'_>) {
        if segment.opens() {
            self.initial = Some(segment.sequence);
            self.scale = Some(segment.scale.unwrap_or(0));
            self.window = u64::from(segment.window);
            if self.next.is_none() {
                self.begin(segment.sequence.wrapping_add(1));
            }
            return;
        }
        if self.next.is_none() {
            self.begin(segment.sequence);
        }
        self.window = u64::from(segment.window) << self.scale.unwrap_or(0);
    }

    /// How far beyond the acknowledged the other side may send, as far as is known.
    pub(super) fn window(&self) -> u64 {
        if self.scale.is_some() { self.window.max(LEAST_WINDOW) } else { WIDEST_WINDOW }
    }

    /// Whether a segment at this sequence number could be taken by a receiver of that window.
    pub(super) fn accepts(&self, sequence: u32, window: u64) -> bool {
        let (Some(next), Some(place)) = (self.next, self.place(sequence)) else {
            return true;
        };
        place + 1 >= self.acknowledged.min(next) && place <= self.acknowledged.max(next) + window
    }

    /// The other side acknowledged.
    pub(super) fn acknowledge(&mut self, sequence: u32) {
        if self.next.is_none() {
            self.begin(sequence);
        }
        if let (Some(next), Some(place)) = (self.next, self.place(sequence))
            && place <= next + WIDEST_WINDOW
        {
            self.acknowledged = self.acknowledged.max(place);
        }
    }

    /// Takes the data and the end of a segment that this side sent. `window` is the receiver's.
    pub(super) fn take(
        &mut self,
        segment: &Segment<'_>,
        window: u64,
        odd: &mut Oddities,
        hear: &mut dyn FnMut(Heard<'_>),
    ) {
        let after_syn = segment.sequence.wrapping_add(u32::from(segment.opens()));
        let Some((at, next)) = self.place(after_syn).zip(self.next) else { return };
        if at > self.acknowledged.max(next) + window {
            odd.out_of_window += 1;
            return;
        }
        if segment.ends() {
            let end = at + segment.wire_bytes as u64;
            self.end = Some(self.end.map_or(end, |known| known.min(end)));
        }
        if at == next && self.pieces.count() == 0 {
            if !segment.payload.is_empty() {
                self.next = Some(next + segment.payload.len() as u64);
                hear(Heard::Bytes(segment.payload));
            }
            return;
        }
        self.take_out_of_order(at, segment.payload, odd);
        self.settle(odd, hear);
    }

    /// What nobody listens to is passed, and nothing held.
    pub(super) fn pass(&mut self, segment: &Segment<'_>, window: u64, odd: &mut Oddities) {
        let after_syn = segment.sequence.wrapping_add(u32::from(segment.opens()));
        let Some((at, next)) = self.place(after_syn).zip(self.next) else { return };
        let end = at + segment.wire_bytes as u64;
        if at > self.acknowledged.max(next) + window {
            odd.out_of_window += 1;
            return;
        }
        odd.retransmitted_bytes += end.min(next).saturating_sub(at);
        self.next = Some(next.max(end));
        if segment.ends() {
            self.end = Some(self.end.map_or(end, |known| known.min(end)));
        }
    }

    fn take_out_of_order(&mut self, at: u64, payload: &[u8], odd: &mut Oddities) {
        let next = self.next.unwrap_or_default();
        let old = usize::try_from(next.saturating_sub(at)).unwrap_or(usize::MAX);
        let new = payload.get(old..).unwrap_or_default();
        let put = self.pieces.put(at.max(next), new);
        odd.differing_overlaps += u64::from(put.differs);
        odd.retransmitted_bytes += (payload.len() - put.new) as u64;
    }

    /// Gives what has its turn, and gives up a gap that will not be filled.
    pub(super) fn settle(&mut self, odd: &mut Oddities, hear: &mut dyn FnMut(Heard<'_>)) {
        self.drain(hear);
        let Some(first) = self.pieces.first() else { return };
        if self.acknowledged >= first {
            self.overdue = self.overdue.saturating_add(1);
        }
        while self.pieces.first().is_some()
            && (self.overdue > PATIENCE
                || self.pieces.held() > HELD_BYTES
                || self.pieces.count() > HELD_PIECES)
        {
            self.give_up_gap(odd, hear);
        }
    }

    /// Gives up the gap before what is held.
    pub(super) fn give_up_gap(&mut self, odd: &mut Oddities, hear: &mut dyn FnMut(Heard<'_>)) {
        self.overdue = 0;
        if let Some((first, next)) = self.pieces.first().zip(self.next) {
            odd.lost_bytes += first - next;
            self.next = Some(first);
            hear(Heard::Lost(first - next));
            self.drain(hear);
        }
    }

    /// Nobody listens any longer.
    pub(super) fn drop_held(&mut self) {
        while let Some((at, piece)) = self.pieces.take_first() {
            self.next = self.next.map(|next| next.max(at + piece.len() as u64));
        }
    }

    fn drain(&mut self, hear: &mut dyn FnMut(Heard<'_>)) {
        while let Some(next) = self.next
            && self.pieces.first() == Some(next)
            && let Some((_, piece)) = self.pieces.take_first()
        {
            self.overdue = 0;
            self.next = Some(next + piece.len() as u64);
            hear(Heard::Bytes(&piece));
        }
    }

    /// Nothing more will come: gives what is held, and tells what is missing.
    pub(super) fn finish(&mut self, odd: &mut Oddities, hear: &mut dyn FnMut(Heard<'_>)) {
        while self.pieces.first().is_some() {
            self.give_up_gap(odd, hear);
        }
        let Some(next) = self.next else { return };
        // The end itself takes one number.
        let end = self.end.unwrap_or(self.acknowledged);
        let missing = end.min(self.acknowledged).saturating_sub(next);
        if missing > 0 {
            odd.lost_bytes += missing;
            self.next = Some(next + missing);
            hear(Heard::Lost(missing));
        }
    }
}

#[cfg(test)]
mod tests;
