//! The blocks of pcapng (draft-ietf-opsawg-pcapng, sections 3 and 4).
//!
//! Refuses to read names, statistics, secrets and comments: they are passed over.

use domain::network::Moment;
use domain::problem::{Code, Loss};

use super::{BLOCK_BYTES, FRAME_BYTES, Frame, INTERFACES, Order, Step, Summary};
use crate::network::link::LinkType;
use crate::network::octets;

/// The type of a Section Header Block, which reads the same in both byte orders.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
/// The shortest block: type, length, length again.
const EMPTY_BLOCK_BYTES: usize = 12;
/// Type and length, before a block's body.
const BLOCK_HEADER_BYTES: usize = 8;

const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Blocks that are known and hold no frame: names, statistics, journal entries, secrets, custom.
const PASSED_OVER: [u32; 6] = [4, 5, 9, 10, 0x0bad, 0x4000_0bad];

/// How an interface counts time.
#[derive(Debug, Clone, Copy)]
enum Resolution {
    /// Units of ten to the minus so many seconds.
    Decimal(u8),
    /// Units of two to the minus so many seconds.
    Binary(u8),
}

impl Resolution {
    /// Units as microseconds.
    fn microseconds(self, units: u64) -> i64 {
        let units = u128::from(units);
        let micro = match self {
            Self::Decimal(power @ 0..=6) => units * 10_u128.pow(u32::from(6 - power)),
            Self::Decimal(power) => {
                10_u128.checked_pow(u32::from(power) - 6).map_or(0, |divisor| units / divisor)
            }
            Self::Binary(power) => (units * 1_000_000) >> power,
        };
        i64::try_from(micro).unwrap_or(i64::MAX)
    }
}

/// What an Interface Description Block says of its frames.
#[derive(Debug, Clone, Copy)]
struct Interface {
    link: LinkType,
    /// 0 is without limit.
    snapshot_bytes: usize,
    resolution: Resolution,
    offset_seconds: i64,
}

impl Interface {
    fn read(order: Order, body: &[u8]) -> Option<Self> {
        let mut interface = Self {
            link: LinkType::of(order.u16(body, 0)?),
            snapshot_bytes: order.length(body, 4)?,
            resolution: Resolution::Decimal(6),
            offset_seconds: 0,
        };
        let mut options = body.get(8..)?;
        // Each turn takes four bytes or more.
        while let (Some(code), Some(length)) = (order.u16(options, 0), order.u16(options, 2)) {
            let Some(value) = options.get(4..4 + usize::from(length)) else { break };
            match (code, value) {
                (0, _) => break,
                (9, [power, ..]) if power & 0x80 == 0 => {
                    interface.resolution = Resolution::Decimal(*power);
                }
                (9, [power, ..]) => interface.resolution = Resolution::Binary(power & 0x7f),
                (14, offset) => {
                    let seconds = order.u64(offset, 0).unwrap_or_default();
                    interface.offset_seconds = seconds.cast_signed();
                }
                _ => {}
            }
            let padded = 4 + usize::from(length).next_multiple_of(4);
            options = options.get(padded..).unwrap_or_default();
        }
        Some(interface)
    }

    fn moment(&self, high: u32, low: u32) -> Moment {
        let units = (u64::from(high) << 32) | u64::from(low);
        let offset = self.offset_seconds.saturating_mul(1_000_000);
        Moment(self.resolution.microseconds(units).saturating_add(offset))
    }
}

/// Where a frame stands in its block.
struct Place {
    interface: usize,
    /// Of the two halves of the moment, where there is one.
    moment_at: Option<usize>,
    captured: usize,
    original: u32,
    data_at: usize,
}

/// What is known of the section that is being read.
#[derive(Debug, Default)]
pub(super) struct Section {
    order: Order,
    interfaces: Vec<Interface>,
    /// That of the last frame: a Simple Packet Block has none of its own.
    last: Moment,
}

impl Section {
    /// Whether a block that was cut would have given a frame.
    pub(super) fn holds_frame(&self, block: &[u8]) -> bool {
        matches!(self.order.u32(block, 0), Some(PACKET | SIMPLE_PACKET | ENHANCED_PACKET))
    }

    /// Reads one block.
    pub(super) fn block(
        &mut self,
        bytes: &[u8],
        summary: &mut Summary,
        give: &mut dyn FnMut(Frame<'_>),
    ) -> Step {
        if bytes.len() < EMPTY_BLOCK_BYTES {
            return Step::Need(EMPTY_BLOCK_BYTES);
        }
        if bytes.starts_with(&SECTION_HEADER) && !self.begin(bytes) {
            let found = format!("{:02x?}", bytes.get(8..12).unwrap_or_default());
            let expected = "the byte-order magic 1A2B3C4D";
            summary.tell(Code::InputSyntax, Loss::Document, expected, &found);
            return Step::Stop;
        }
        let kind = self.order.u32(bytes, 0).unwrap_or_default();
        let length = self.order.length(bytes, 4).unwrap_or_default();
        if length < EMPTY_BLOCK_BYTES || !length.is_multiple_of(4) {
            let expected = "a block length of 12 bytes or more, in fours";
            summary.tell(Code::InputSyntax, Loss::Document, expected, &format!("{length}"));
            return Step::Stop;
        }
        if length > BLOCK_BYTES {
            self.tell_too_large(bytes, length, summary);
            return Step::Past(length as u64);
        }
        let Some(block) = bytes.get(..length) else {
            return Step::Need(length);
        };
        if self.order.length(block, length - 4) != Some(length) {
            let found = format!("{:?}", self.order.length(block, length - 4).unwrap_or_default());
            let expected = format!("{length}, the block's length, at its end");
            summary.tell(Code::InputSyntax, Loss::Nothing, &expected, &found);
        }
        let body = block.get(BLOCK_HEADER_BYTES..length - 4).unwrap_or_default();
        self.body(kind, body, summary, give);
        Step::Past(length as u64)
    }

    /// Begins a section; `false` where its order of bytes is none.
    fn begin(&mut self, bytes: &[u8]) -> bool {
        let order = match octets::u32_at(bytes, 8) {
            Some(0x1a2b_3c4d) => Order::Big,
            Some(0x4d3c_2b1a) => Order::Little,
            _ => return false,
        };
        self.order = order;
        self.interfaces.clear();
        true
    }

    fn tell_too_large(&self, bytes: &[u8], length: usize, summary: &mut Summary) {
        let (expected, found) =
            (format!("at most {BLOCK_BYTES} bytes"), format!("a block of {length} bytes"));
        if self.holds_frame(bytes) {
            summary.lose(Code::InputTooLarge, &expected, &found);
        } else {
            summary.tell(Code::InputTooLarge, Loss::Nothing, &expected, &found);
        }
    }

    fn body(
        &mut self,
        kind: u32,
        body: &[u8],
        summary: &mut Summary,
        give: &mut dyn FnMut(Frame<'_>),
    ) {
        match kind {
            INTERFACE_DESCRIPTION => self.interface(body, summary),
            ENHANCED_PACKET | PACKET | SIMPLE_PACKET => {
                let place = match kind {
                    ENHANCED_PACKET => self.enhanced(body),
                    PACKET => self.obsolete(body),
                    _ => self.simple(body),
                };
                self.frame(place, body, summary, give);
            }
            _ if kind.to_be_bytes() == SECTION_HEADER || PASSED_OVER.contains(&kind) => {}
            _ => {
                let found = format!("type {kind:#x}");
                summary.tell(Code::InputUnsupported, Loss::Nothing, "a known block", &found);
            }
        }
    }

    fn interface(&mut self, body: &[u8], summary: &mut Summary) {
        if self.interfaces.len() >= INTERFACES {
            let expected = format!("at most {INTERFACES} interfaces");
            summary.tell(Code::InputTooLarge, Loss::Nothing, &expected, "one more");
            return;
        }
        match Interface::read(self.order, body) {
            Some(interface) => self.interfaces.push(interface),
            None => {
                let found = format!("{} bytes", body.len());
                // A number is taken all the same, so that the next interfaces keep theirs.
                self.interfaces.push(Interface {
                    link: LinkType::Other(u16::MAX),
                    snapshot_bytes: 0,
                    resolution: Resolution::Decimal(6),
                    offset_seconds: 0,
                });
                let expected = "an interface description of 8 bytes or more";
                summary.tell(Code::InputSyntax, Loss::Field, expected, &found);
            }
        }
    }

    /// Section 4.3.
    fn enhanced(&self, body: &[u8]) -> Option<Place> {
        Some(Place {
            interface: self.order.length(body, 0)?,
            moment_at: Some(4),
            captured: self.order.length(body, 12)?,
            original: self.order.u32(body, 16)?,
            data_at: 20,
        })
    }

    /// Appendix A: the interface has sixteen bits, then drops are counted.
    fn obsolete(&self, body: &[u8]) -> Option<Place> {
        Some(Place { interface: usize::from(self.order.u16(body, 0)?), ..self.enhanced(body)? })
    }

    /// Section 4.4: of the first interface, without a moment, padded to four bytes.
    fn simple(&self, body: &[u8]) -> Option<Place> {
        let original = self.order.u32(body, 0)?;
        let there = body.len().saturating_sub(4);
        let most = self.interfaces.first().map_or(0, |interface| interface.snapshot_bytes);
        let most = if most == 0 { there } else { most.min(there) };
        let captured = usize::try_from(original).unwrap_or(usize::MAX).min(most);
        Some(Place { interface: 0, moment_at: None, captured, original, data_at: 4 })
    }

    fn frame(
        &mut self,
        place: Option<Place>,
        body: &[u8],
        summary: &mut Summary,
        give: &mut dyn FnMut(Frame<'_>),
    ) {
        let Some(place) = place else {
            let found = format!("{} bytes", body.len());
            return summary.lose(Code::InputSyntax, "the fields of a packet block", &found);
        };
        let Some(interface) = self.interfaces.get(place.interface) else {
            let (expected, found) = ("an interface of the section", place.interface.to_string());
            return summary.lose(Code::RecordDanglingReference, expected, &found);
        };
        if place.captured > FRAME_BYTES {
            let expected = format!("at most {FRAME_BYTES} bytes");
            let found = format!("a frame of {} bytes", place.captured);
            return summary.lose(Code::InputTooLarge, &expected, &found);
        }
        let Some(bytes) = body.get(place.data_at..place.data_at.saturating_add(place.captured))
        else {
            let expected = format!("{} bytes of a frame", place.captured);
            let found = format!("{}", body.len().saturating_sub(place.data_at));
            return summary.lose(Code::InputSyntax, &expected, &found);
        };
        if let Some(at) = place.moment_at {
            let half = |at| self.order.u32(body, at).unwrap_or_default();
            self.last = interface.moment(half(at), half(at + 4));
        }
        let captured = u32::try_from(place.captured).unwrap_or(u32::MAX);
        let original_bytes = place.original.max(captured);
        let frame = Frame { at: self.last, link: interface.link, bytes, original_bytes };
        summary.give(frame, give);
    }
}
