//! DICOM: the upper layer (PS3.8, 9.3) and the command sets of messages (PS3.7, 6.3 and annex E).
//!
//! Refuses to read a data set: what is not a command is passed over, but for the first bytes, which
//! must not be a program.

use domain::network::Direction;
use domain::sighting::{Association, Dicom, Said};
use domain::text::Text;

use super::pending::{Pending, Step};
use super::program::{PREAMBLE_BYTES, in_preamble};
use super::{HELD_BYTES, Sign, be16, be32, le16, le32, name};

/// Most presentation contexts that are told of one association (PS3.8 allows 128).
const CONTEXTS: usize = 128;
/// Longest command set that is held; real ones have some hundred bytes.
const COMMAND_BYTES: usize = 4_096;
/// The fixed part of an A-ASSOCIATE PDU after its header: version, titles, reserved.
const ASSOCIATE_BYTES: usize = 68;

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    to_server: Half,
    to_client: Half,
}

#[derive(Debug, Default)]
struct Half {
    pending: Pending,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes left of a P-DATA-TF PDU.
    pdu: u32,
    /// What is left of a fragment.
    fragment: Fragment,
    /// The command set so far.
    command: Vec<u8>,
    /// Whether the next data fragment begins a data set.
    data_begins: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Fragment {
    #[default]
    None,
    Command {
        left: u32,
        is_last: bool,
    },
}

/// An A-ASSOCIATE-RQ with a plausible length and protocol version 1 begins a connection; the
/// answers begin the other direction.
pub(super) fn recognise(first: &[u8]) -> Sign {
    let [kind @ 1..=3, rest @ ..] = first else {
        return if first.is_empty() { Sign::Perhaps } else { Sign::No };
    };
    if rest.first().is_some_and(|reserved| *reserved != 0) {
        return Sign::No;
    }
    let Some(length) = be32(first, 2) else { return Sign::Perhaps };
    match kind {
        3 => {
            if length == 4 {
                Sign::Yes
            } else {
                Sign::No
            }
        }
        _ if !(ASSOCIATE_BYTES..1 << 20).contains(&(length as usize)) => Sign::No,
        _ => match be16(first, 6) {
            None => Sign::Perhaps,
            Some(version) if version & 1 == 1 && version < 0x100 => Sign::Yes,
            Some(_) => Sign::No,
        },
    }
}

impl Dialogue {
    pub(super) fn feed(&mut self, way: Direction, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        let Half { pending, state } = self.half(way);
        pending.take(bytes, &mut |bytes| state.look(bytes, &mut |step| say(Said::Dicom(step))));
    }

    pub(super) fn lost(&mut self, way: Direction, bytes: u64) {
        let half = self.half(way);
        half.pending.lost(bytes);
        if half.state.fragment != Fragment::None {
            half.state.command = Vec::new();
        }
    }

    pub(super) fn held(&self) -> usize {
        let halves = [&self.to_server, &self.to_client];
        halves.into_iter().map(|half| half.pending.held() + half.state.command.capacity()).sum()
    }

    fn half(&mut self, way: Direction) -> &mut Half {
        match way {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }
}

impl State {
    fn look(&mut self, bytes: &[u8], say: &mut dyn FnMut(Dicom)) -> Step {
        match self.fragment {
            Fragment::Command { left, is_last } => self.command(bytes, left, is_last, say),
            Fragment::None if self.pdu > 0 => self.fragment(bytes, say),
            Fragment::None => self.pdu(bytes, say),
        }
    }

    fn pdu(&mut self, bytes: &[u8], say: &mut dyn FnMut(Dicom)) -> Step {
        let (Some(kind), Some(length)) = (bytes.first(), be32(bytes, 2)) else {
            return Step::Need(6);
        };
        let whole = 6_usize.saturating_add(length as usize);
        match kind {
            4 => {
                self.pdu = length;
                Step::Past(6)
            }
            1 | 2 | 3 | 7 if whole > HELD_BYTES => Step::Past(whole as u64),
            1 | 2 | 3 | 7 => {
                let Some(pdu) = bytes.get(6..whole) else { return Step::Need(whole) };
                if let Some(step) = control(*kind, pdu) {
                    say(step);
                }
                Step::Past(whole as u64)
            }
            5 => Step::Past(whole as u64),
            6 => {
                say(Dicom::Released);
                Step::Past(whole as u64)
            }
            _ => Step::GiveUp,
        }
    }

    /// A presentation data value (PS3.8, 9.3.5.1): length, context, control header, fragment.
    fn fragment(&mut self, bytes: &[u8], say: &mut dyn FnMut(Dicom)) -> Step {
        let (Some(length), Some(control)) = (be32(bytes, 0), bytes.get(5)) else {
            return Step::Need(6);
        };
        let (Some(rest), Some(left)) =
            (self.pdu.checked_sub(length.saturating_add(4)), length.checked_sub(2))
        else {
            return Step::GiveUp;
        };
        let (is_command, is_last) = (control & 1 == 1, control & 2 == 2);
        if is_command {
            self.pdu = rest;
            self.fragment = Fragment::Command { left, is_last };
            // An empty fragment has nothing to wait for.
            if left == 0 {
                self.command(&[], 0, is_last, say);
            }
            return Step::Past(6);
        }
        if self.data_begins && left as usize >= PREAMBLE_BYTES {
            let Some(first) = bytes.get(6..6 + PREAMBLE_BYTES) else {
                return Step::Need(6 + PREAMBLE_BYTES);
            };
            if let Some(kind) = in_preamble(first) {
                say(Dicom::ExecutablePreamble(kind));
            }
        }
        self.pdu = rest;
        self.data_begins = is_last;
        Step::Past(6 + u64::from(left))
    }

    fn command(
        &mut self,
        bytes: &[u8],
        left: u32,
        is_last: bool,
        say: &mut dyn FnMut(Dicom),
    ) -> Step {
        let now = bytes.len().min(left as usize);
        let room = COMMAND_BYTES.saturating_sub(self.command.len()).min(now);
        self.command.extend_from_slice(bytes.get(..room).unwrap_or_default());
        let left = left - u32::try_from(now).unwrap_or(left);
        self.fragment = Fragment::Command { left, is_last };
        if left == 0 {
            self.fragment = Fragment::None;
            if is_last {
                if let Some(step) = command_set(&self.command) {
                    say(step);
                }
                self.command = Vec::new();
                self.data_begins = true;
            }
        }
        Step::Past(now as u64)
    }
}

/// A-ASSOCIATE-RQ and -AC, -RJ, A-ABORT.
fn control(kind: u8, pdu: &[u8]) -> Option<Dicom> {
    match kind {
        3 => Some(Dicom::Rejected(*pdu.get(1)?, *pdu.get(2)?, *pdu.get(3)?)),
        7 => Some(Dicom::Aborted(*pdu.get(2)?, *pdu.get(3)?)),
        _ => associate(kind, pdu),
    }
}

fn associate(kind: u8, pdu: &[u8]) -> Option<Dicom> {
    let title = |at: usize| name(pdu.get(at..at + 16)?);
    let (mut implementation, mut version, mut services) = (None, None, Vec::new());
    for (kind, item) in items(pdu.get(ASSOCIATE_BYTES..)?) {
        match kind {
            0x20 => {
                let syntaxes = items(item.get(4..).unwrap_or_default());
                let syntaxes = syntaxes.filter(|(kind, _)| *kind == 0x30);
                services.extend(syntaxes.filter_map(|(_, uid)| uid_of(uid)).take(1));
                services.truncate(CONTEXTS);
            }
            0x50 => {
                for (kind, value) in items(item) {
                    match kind {
                        0x52 => implementation = uid_of(value),
                        0x55 => version = name(value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    services.dedup();
    Some(Dicom::Associate {
        step: if kind == 1 { Association::Asked } else { Association::Accepted },
        called: title(4).unwrap_or_default(),
        calling: title(20).unwrap_or_default(),
        implementation,
        implementation_version: version,
        services,
    })
}

/// Items of a type, a reserved byte and a length of two bytes (PS3.8, 9.3.2).
fn items(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let kind = *rest.first()?;
        let end = 4 + usize::from(be16(rest, 2)?);
        let value = rest.get(4..end)?;
        rest = rest.get(end..)?;
        Some((kind, value))
    })
}

/// A UID: digits and dots, at most 64 of them (PS3.5, 9.1), padded with a zero byte.
fn uid_of(bytes: &[u8]) -> Option<Text> {
    let uid = bytes.strip_suffix(&[0]).unwrap_or(bytes).trim_ascii();
    let is_uid = (1..=64).contains(&uid.len())
        && uid.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    is_uid.then(|| name(uid)).flatten()
}

/// A command set: elements of group 0000 in implicit VR little endian.
fn command_set(bytes: &[u8]) -> Option<Dicom> {
    let (mut command, mut service, mut status) = (None, None, None);
    let mut rest = bytes;
    while let (Some(group), Some(element), Some(length)) =
        (le16(rest, 0), le16(rest, 2), le32(rest, 4))
    {
        let end = 8_usize.saturating_add(length as usize);
        let Some(value) = rest.get(8..end) else { break };
        match (group, element) {
            (0, 0x0002 | 0x0003) => service = uid_of(value),
            (0, 0x0100) => command = le16(value, 0),
            (0, 0x0900) => status = le16(value, 0),
            _ => {}
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    Some(Dicom::Command { command: command?, service, status })
}
