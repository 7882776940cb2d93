//! Captures: pcap and pcapng files, and streams of them, as frames with their moments.
//!
//! pcap as in draft-ietf-opsawg-pcap (magic numbers of micro- and nanoseconds, both byte orders);
//! pcapng as in draft-ietf-opsawg-pcapng (several sections, both byte orders, EPB, SPB and the
//! obsolete PB). Bytes come in chunks cut anywhere, so a file of many gigabytes needs no more
//! memory than its largest record.
//!
//! Refuses to look into a frame, and to guess where the next record begins when a length cannot be
//! true: it goes on where the length says, and tells.

mod pcap;
mod pcapng;
#[cfg(test)]
mod tests;

use domain::bounded::quote;
use domain::location::{ListPath, Location};
use domain::network::Moment;
use domain::problem::{Code, Loss, Problem, Problems};

use super::link::LinkType;

/// Longest frame that is given, in bytes: the largest snapshot length that libpcap allows.
pub const FRAME_BYTES: usize = 256 << 10;
/// Longest block of pcapng that is read, in bytes; longer ones are skipped.
pub const BLOCK_BYTES: usize = 16 << 20;
/// Most interfaces of one section of pcapng.
pub const INTERFACES: usize = 4_096;

/// A frame as captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When.
    pub at: Moment,
    /// What kind of link it was taken from.
    pub link: LinkType,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// How long it was on the wire.
    pub original_bytes: u32,
}

/// What became of a capture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records that hold a frame, whole or not.
    pub frames_seen: usize,
    /// Frames that were given.
    pub frames_given: usize,
    /// What was wrong.
    pub problems: Problems,
}

impl Summary {
    /// Whether each frame that was seen was given, or its loss told.
    #[must_use]
    pub fn conserves(&self) -> bool {
        self.frames_seen == self.frames_given + self.problems.records_lost()
    }

    /// Where the frame stands that is being read.
    fn here(&self) -> Location {
        let number = u32::try_from(self.frames_seen).unwrap_or(u32::MAX - 1);
        Location::element(0, &ListPath::new("frame"), number)
    }

    /// A frame is seen and cannot be given.
    fn lose(&mut self, code: Code, expected: &str, found: &str) {
        self.tell(code, Loss::Record, expected, found);
        self.frames_seen += 1;
    }

    fn tell(&mut self, code: Code, loss: Loss, expected: &str, found: &str) {
        let problem = Problem::new(code, self.here(), loss).expected(expected);
        self.problems.tell(problem.found(&quote(found)));
    }

    fn give(&mut self, frame: Frame<'_>, give: &mut dyn FnMut(Frame<'_>)) {
        self.frames_seen += 1;
        self.frames_given += 1;
        give(frame);
    }
}

/// What is to be done after a look at the bytes that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing, until so many bytes are there.
    Need(usize),
    /// So many bytes were read, or are to be passed over without a look.
    Past(u64),
    /// Nothing more can be read.
    Stop,
}

/// Which format, once its first bytes are there.
#[derive(Debug, Default)]
enum Format {
    #[default]
    Unknown,
    Pcap(pcap::Header),
    Pcapng(pcapng::Section),
    Unreadable,
}

/// Reads a capture that comes in chunks.
#[derive(Debug, Default)]
pub struct Reader {
    format: Format,
    /// The beginning of a record whose end has not come.
    tail: Vec<u8>,
    /// How many bytes the tail must have before it is worth a look.
    needed: usize,
    /// How many bytes are still to be passed over.
    skip: u64,
    pushed: bool,
    summary: Summary,
}

impl Reader {
    /// A reader at the beginning of a capture.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes, and gives the frames that they complete.
    pub fn push(&mut self, bytes: &[u8], give: &mut dyn FnMut(Frame<'_>)) {
        self.pushed |= !bytes.is_empty();
        let mut rest = bytes;
        while !rest.is_empty() && !matches!(self.format, Format::Unreadable) {
            rest = if self.skip > 0 {
                self.pass_over(rest)
            } else if self.tail.is_empty() {
                self.read_in_place(rest, give)
            } else {
                self.read_joined(rest, give)
            };
        }
    }

    /// What was told so far.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// How many bytes are held of a record whose end has not come.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.tail.len()
    }

    /// The capture is over; what is still open is cut.
    #[must_use]
    pub fn finish(mut self) -> Summary {
        let found = format!("the end after {} bytes of it", self.tail.len());
        match self.format {
            Format::Unknown if !self.pushed => {
                self.summary.tell(Code::InputEmpty, Loss::Document, "a capture", "");
            }
            Format::Unknown => {
                self.summary.tell(Code::InputTruncated, Loss::Document, "a header", &found);
            }
            Format::Pcap(_) if !self.tail.is_empty() => {
                self.summary.lose(Code::InputTruncated, "a whole record", &found);
            }
            Format::Pcapng(ref section) if !self.tail.is_empty() => {
                if section.holds_frame(&self.tail) {
                    self.summary.lose(Code::InputTruncated, "a whole block", &found);
                } else {
                    let loss = Loss::Document;
                    self.summary.tell(Code::InputTruncated, loss, "a whole block", &found);
                }
            }
            _ if self.skip > 0 => {
                let found = format!("the end {} bytes before that of the record", self.skip);
                let expected = "a whole record";
                self.summary.tell(Code::InputTruncated, Loss::Document, expected, &found);
            }
            _ => {}
        }
        self.summary
    }

    fn pass_over<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= passed as u64;
        bytes.get(passed..).unwrap_or_default()
    }

    /// The usual way: whole records are read where they lie.
    fn read_in_place<'a>(&mut self, bytes: &'a [u8], give: &mut dyn FnMut(Frame<'_>)) -> &'a [u8] {
        match step(&mut self.format, &mut self.summary, bytes, give) {
            Step::Past(read) => {
                self.skip = read;
                self.pass_over(bytes)
            }
            Step::Need(needed) => {
                self.needed = needed;
                self.tail.extend_from_slice(bytes);
                &[]
            }
            Step::Stop => &[],
        }
    }

    /// A record that began in an earlier chunk.
    fn read_joined<'a>(&mut self, bytes: &'a [u8], give: &mut dyn FnMut(Frame<'_>)) -> &'a [u8] {
        let missing = self.needed.saturating_sub(self.tail.len()).min(bytes.len());
        let (more, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
        self.tail.extend_from_slice(more);
        if self.tail.len() >= self.needed {
            match step(&mut self.format, &mut self.summary, &self.tail, give) {
                Step::Past(read) => {
                    self.skip = read.saturating_sub(self.tail.len() as u64);
                    self.tail.clear();
                }
                Step::Need(needed) => self.needed = needed.max(self.tail.len() + 1),
                Step::Stop => self.tail.clear(),
            }
        }
        rest
    }
}

/// Reads a capture that is all there.
pub fn read(bytes: &[u8], give: &mut dyn FnMut(Frame<'_>)) -> Summary {
    let mut reader = Reader::new();
    reader.push(bytes, give);
    reader.finish()
}

/// Reads one record, or says what it takes to.
fn step(
    format: &mut Format,
    summary: &mut Summary,
    bytes: &[u8],
    give: &mut dyn FnMut(Frame<'_>),
) -> Step {
    match format {
        Format::Unknown => {
            let (recognised, next) = recognise(bytes, summary);
            *format = recognised;
            if next == Step::Past(0) { step(format, summary, bytes, give) } else { next }
        }
        Format::Pcap(header) => header.record(bytes, summary, give),
        Format::Pcapng(section) => {
            let step = section.block(bytes, summary, give);
            if step == Step::Stop {
                *format = Format::Unreadable;
            }
            step
        }
        Format::Unreadable => Step::Stop,
    }
}

/// The format by its first bytes. The header of pcapng is a block like all others, and is left.
fn recognise(bytes: &[u8], summary: &mut Summary) -> (Format, Step) {
    let Some(magic) = bytes.first_chunk::<4>() else {
        return (Format::Unknown, Step::Need(4));
    };
    if *magic == pcapng::SECTION_HEADER {
        return (Format::Pcapng(pcapng::Section::default()), Step::Past(0));
    }
    match pcap::Flavour::of(*magic) {
        Some(pcap::Flavour::Modified) => {
            let found = "the modified pcap of A. Kuznetzov";
            summary.tell(Code::InputUnsupported, Loss::Document, "pcap or pcapng", found);
            (Format::Unreadable, Step::Stop)
        }
        Some(flavour) => match pcap::Header::read(flavour, bytes) {
            Some(header) => (Format::Pcap(header), Step::Past(pcap::HEADER_BYTES as u64)),
            None => (Format::Unknown, Step::Need(pcap::HEADER_BYTES)),
        },
        None => {
            let found = format!("{magic:02x?}");
            summary.tell(Code::InputUnrecognised, Loss::Document, "pcap or pcapng", &found);
            (Format::Unreadable, Step::Stop)
        }
    }
}

/// The order of bytes that the writer's machine had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Order {
    #[default]
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let array = super::octets::array(bytes, at)?;
        Some(match self {
            Self::Little => u16::from_le_bytes(array),
            Self::Big => u16::from_be_bytes(array),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let array = super::octets::array(bytes, at)?;
        Some(match self {
            Self::Little => u32::from_le_bytes(array),
            Self::Big => u32::from_be_bytes(array),
        })
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let array = super::octets::array(bytes, at)?;
        Some(match self {
            Self::Little => u64::from_le_bytes(array),
            Self::Big => u64::from_be_bytes(array),
        })
    }

    /// A length, which is never too wide for this machine to compare.
    fn length(self, bytes: &[u8], at: usize) -> Option<usize> {
        self.u32(bytes, at).map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    }
}
