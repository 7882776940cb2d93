//! HL7 version 2 over MLLP (HL7 transport specification, minimal lower layer protocol): a start
//! block `0B`, segments ended by `0D`, an end block `1C 0D`.
//!
//! Refuses to look at a patient. Of a message only the segments MSH and MSA and the equipment ids
//! of OBX and PRT are read; everything else is passed over byte by byte and never held.

use domain::network::Direction;
use domain::sighting::{Hl7, Said};
use domain::text::Text;

use super::Sign;

const START: u8 = 0x0B;
const END: u8 = 0x1C;
/// Longest segment that is read; of a longer one only the beginning is, which has all that is told.
const SEGMENT_BYTES: usize = 2_048;
/// Longest name that is told, in characters (HL7 2.9, table 0361, has shorter ones).
const NAME_CHARS: usize = 64;
/// Most equipment ids of one message.
const EQUIPMENT: usize = 16;

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    to_server: Half,
    to_client: Half,
}

#[derive(Debug, Default)]
struct Half {
    within: Within,
    segment: Vec<u8>,
    message: Message,
}

/// Where in a message the next byte stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Outside of any.
    #[default]
    Nothing,
    /// In a segment that is, or may be, one of those read.
    Segment,
    /// In a segment that is none of them, or in the rest of one that is too long.
    Rest,
}

#[derive(Debug, Default)]
struct Message {
    told: Option<Hl7>,
    /// The byte between two fields (MSH-1).
    separator: u8,
}

/// A start block, and the name of a header segment.
pub(super) fn recognise(first: &[u8]) -> Sign {
    [b"\x0BMSH", b"\x0BFHS", b"\x0BBHS"].iter().fold(Sign::No, |sign, magic| {
        match (sign, Sign::of(first, *magic)) {
            (Sign::Yes, _) | (_, Sign::Yes) => Sign::Yes,
            (Sign::Perhaps, _) | (_, Sign::Perhaps) => Sign::Perhaps,
            _ => Sign::No,
        }
    })
}

impl Dialogue {
    pub(super) fn held(&self) -> usize {
        self.to_server.held() + self.to_client.held()
    }

    pub(super) fn feed(&mut self, way: Direction, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        let half = match way {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        half.take(bytes, say);
    }

    /// The message in hand is given up; the next start block begins another.
    pub(super) fn lost(&mut self, way: Direction) {
        match way {
            Direction::ToServer => self.to_server = Half::default(),
            Direction::ToClient => self.to_client = Half::default(),
        }
    }
}

impl Half {
    fn held(&self) -> usize {
        self.segment.capacity() + self.message.told.as_ref().map_or(0, size)
    }

    fn take(&mut self, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.within {
                Within::Nothing => match memchr::memchr(START, rest) {
                    None => return,
                    Some(at) => {
                        self.begin();
                        rest.get(at + 1..).unwrap_or_default()
                    }
                },
                Within::Segment | Within::Rest => self.segment(rest, say),
            };
        }
    }

    fn begin(&mut self) {
        self.within = Within::Segment;
        self.segment = Vec::new();
        self.message = Message::default();
    }

    /// Takes bytes up to the next one that ends a segment or a message.
    fn segment<'b>(&mut self, bytes: &'b [u8], say: &mut dyn FnMut(Said)) -> &'b [u8] {
        let end = memchr::memchr3(b'\r', END, START, bytes);
        let now = end.and_then(|end| bytes.get(..end)).unwrap_or(bytes);
        let Some(end) = end else {
            self.keep(now);
            return &[];
        };
        if self.within == Within::Segment && self.segment.is_empty() {
            // The usual way: a segment that is all there is read where it lies.
            self.message.segment(now.get(..SEGMENT_BYTES).unwrap_or(now));
        } else {
            self.keep(now);
            let segment = std::mem::take(&mut self.segment);
            self.message.segment(&segment);
        }
        self.within = Within::Segment;
        match bytes.get(end) {
            Some(&START) => self.begin(),
            Some(&END) => {
                self.within = Within::Nothing;
                if let Some(told) = self.message.told.take() {
                    say(Said::Hl7(told));
                }
            }
            _ => {}
        }
        bytes.get(end + 1..).unwrap_or_default()
    }

    /// Keeps the beginning of a segment whose end has not come, where it is one of those read.
    fn keep(&mut self, now: &[u8]) {
        if self.within != Within::Segment {
            return;
        }
        let room = SEGMENT_BYTES.saturating_sub(self.segment.len()).min(now.len());
        self.segment.extend_from_slice(now.get(..room).unwrap_or_default());
        if self.segment.len() >= 3 && !is_read(&self.segment) {
            self.segment = Vec::new();
            self.within = Within::Rest;
        } else if room < now.len() {
            self.within = Within::Rest;
        }
    }
}

/// What a header takes beyond its fixed part, in bytes.
fn size(told: &Hl7) -> usize {
    let names = [&told.sending_application, &told.sending_facility, &told.receiving_application];
    let names = names.into_iter().flatten().chain(&told.profile).chain([&told.message]);
    let ids = told.equipment.capacity() * size_of::<Text>();
    ids + names.chain(&told.equipment).map(Text::len).sum::<usize>()
}

fn is_read(segment: &[u8]) -> bool {
    [b"MSH", b"MSA", b"OBX", b"PRT"].iter().any(|name| segment.starts_with(*name))
}

impl Message {
    fn segment(&mut self, segment: &[u8]) {
        if segment.starts_with(b"MSH") {
            self.told = self.header(segment);
            return;
        }
        let separator = self.separator;
        let Some(told) = &mut self.told else { return };
        let Some((name, rest)) = segment.split_first_chunk::<3>() else { return };
        if rest.first().is_some_and(|byte| *byte != separator) {
            return;
        }
        let get = |number: usize| field(rest, separator, number);
        match name {
            b"MSA" => told.acknowledgement = code(get(1), 2),
            b"OBX" => equipment(get(18), &mut told.equipment),
            b"PRT" => {
                equipment(get(10), &mut told.equipment);
                equipment(get(16), &mut told.equipment);
            }
            _ => {}
        }
    }

    /// The header (HL7 2.9, section 2.14.9); its first field is the field separator itself.
    fn header(&mut self, segment: &[u8]) -> Option<Hl7> {
        let field = *segment.get(3)?;
        let component = *segment.get(4)?;
        let is_delimiter = |byte: u8| byte.is_ascii_punctuation();
        if !(is_delimiter(field) && is_delimiter(component)) || field == component {
            return None;
        }
        self.separator = field;
        let fields: Vec<&[u8]> = segment.split(|byte| *byte == field).collect();
        let get = |number: usize| fields.get(number - 1).copied().unwrap_or_default();
        let part = |bytes: &'_ [u8], at: usize| -> Vec<u8> {
            bytes.split(|byte| *byte == component).nth(at).unwrap_or_default().to_vec()
        };
        let kind = code(&part(get(9), 0), 3)?;
        let trigger = code(&part(get(9), 1), 3);
        let message =
            trigger.map_or_else(|| kind.clone(), |trigger| Text::from(format!("{kind}^{trigger}")));
        Some(Hl7 {
            sending_application: label(&part(get(3), 0)),
            sending_facility: label(&part(get(4), 0)),
            receiving_application: label(&part(get(5), 0)),
            message,
            version: version(&part(get(12), 0)),
            profile: label(&part(get(21), 0)),
            acknowledgement: None,
            equipment: Vec::new(),
        })
    }
}

/// A field by its number, of a segment without its name; empty where there is none.
fn field(rest: &[u8], separator: u8, number: usize) -> &[u8] {
    let mut fields = memchr::memchr_iter(separator, rest);
    let Some(begin) = number.checked_sub(1).and_then(|before| fields.nth(before)) else {
        return &[];
    };
    let end = fields.next().unwrap_or(rest.len());
    rest.get(begin + 1..end).unwrap_or_default()
}

/// A code of letters and digits, of at most so many.
fn code(bytes: &[u8], most: usize) -> Option<Text> {
    let bytes = bytes.trim_ascii();
    let is_code = (1..=most).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    is_code.then(|| super::name(bytes)).flatten()
}

/// A version: `2.6`, `2.5.1`.
fn version(bytes: &[u8]) -> Option<Text> {
    let bytes = bytes.trim_ascii();
    let is_version = (1..=8).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    is_version.then(|| super::name(bytes)).flatten()
}

/// The name of a program or a place. A name with anything but letters, digits and a few signs is
/// none: where segments ran together, a patient's could stand here.
fn label(bytes: &[u8]) -> Option<Text> {
    let bytes = bytes.trim_ascii();
    let is_label = (1..=NAME_CHARS).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_-./: ".contains(b));
    is_label.then(|| super::name(bytes)).flatten()
}

/// Equipment ids (HL7 2.9, type EI), repeated with `~`: an id that is one, with its system. All of
/// a message usually repeat one.
fn equipment(field: &[u8], told: &mut Vec<Text>) {
    let is_id = |id: &[u8]| {
        (1..=NAME_CHARS * 2).contains(&id.len())
            && id.iter().all(|b| b.is_ascii_alphanumeric() || b"^_-.:&".contains(b))
            && id.iter().any(u8::is_ascii_digit)
    };
    for id in field.split(|byte| *byte == b'~') {
        let is_new = told.last().is_none_or(|last| last.as_bytes() != id);
        if is_new && told.len() < EQUIPMENT && is_id(id) {
            told.extend(super::name(id));
        }
    }
}
