//! The records of pcap (draft-ietf-opsawg-pcap, sections 4 and 5).
//!
//! Refuses the modified format of A. Kuznetzov, whose records have another header.

use domain::network::Moment;
use domain::problem::Code;

use super::{FRAME_BYTES, Frame, Order, Step, Summary};
use crate::network::link::LinkType;

/// Length of the file's header, in bytes.
pub(super) const HEADER_BYTES: usize = 24;
/// Length of a record's header, in bytes.
const RECORD_BYTES: usize = 16;

/// What the magic number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Microseconds(Order),
    Nanoseconds(Order),
    Modified,
}

impl Flavour {
    pub(super) fn of(magic: [u8; 4]) -> Option<Self> {
        Some(match u32::from_be_bytes(magic) {
            0xa1b2_c3d4 => Self::Microseconds(Order::Big),
            0xd4c3_b2a1 => Self::Microseconds(Order::Little),
            0xa1b2_3c4d => Self::Nanoseconds(Order::Big),
            0x4d3c_b2a1 => Self::Nanoseconds(Order::Little),
            0xa1b2_cd34 | 0x34cd_b2a1 => Self::Modified,
            _ => return None,
        })
    }
}

/// What the file's header says of its records.
#[derive(Debug)]
pub(super) struct Header {
    order: Order,
    /// How many units of the fraction make a microsecond.
    units: u32,
    link: LinkType,
    /// Files before 2.3 have the two lengths the other way round; 2.3 has them either way.
    version: (u16, u16),
}

impl Header {
    /// `None` while it is not all there.
    pub(super) fn read(flavour: Flavour, bytes: &[u8]) -> Option<Self> {
        let (order, units) = match flavour {
            Flavour::Microseconds(order) => (order, 1),
            Flavour::Nanoseconds(order) => (order, 1_000),
            Flavour::Modified => return None,
        };
        let version = (order.u16(bytes, 4)?, order.u16(bytes, 6)?);
        // The upper half holds the length of the frame check sequence, which IP's length excludes.
        let link = u16::try_from(order.u32(bytes, 20)? & 0xffff).ok()?;
        Some(Self { order, units, link: LinkType::of(link), version })
    }

    /// The captured and the original length, whichever way the version has them.
    fn lengths(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        let (first, second) = (self.order.length(bytes, 8)?, self.order.length(bytes, 12)?);
        let swapped = self.version < (2, 3) || (self.version == (2, 3) && first > second);
        Some(if swapped { (second, first) } else { (first, second) })
    }

    /// Reads one record.
    pub(super) fn record(
        &self,
        bytes: &[u8],
        summary: &mut Summary,
        give: &mut dyn FnMut(Frame<'_>),
    ) -> Step {
        let Some((captured, original)) = self.lengths(bytes) else {
            return Step::Need(RECORD_BYTES);
        };
        let past = RECORD_BYTES as u64 + captured as u64;
        if captured > FRAME_BYTES {
            let expected = format!("at most {FRAME_BYTES} bytes");
            summary.lose(Code::InputTooLarge, &expected, &format!("a frame of {captured} bytes"));
            return Step::Past(past);
        }
        let whole = RECORD_BYTES + captured;
        let Some(frame) = bytes.get(RECORD_BYTES..whole) else {
            return Step::Need(whole);
        };
        let seconds = self.order.u32(bytes, 0).unwrap_or_default();
        let fraction = self.order.u32(bytes, 4).unwrap_or_default() / self.units;
        let frame = Frame {
            at: Moment(i64::from(seconds) * 1_000_000 + i64::from(fraction)),
            link: self.link,
            bytes: frame,
            original_bytes: u32::try_from(original.max(captured)).unwrap_or(u32::MAX),
        };
        summary.give(frame, give);
        Step::Past(past)
    }
}
