//! SMB 1 (MS-CIFS, MS-SMB) and SMB 2, 3 (MS-SMB2) over `NetBIOS` sessions (RFC 1002) or TCP alone.
//!
//! Refuses to tell a file's name or content. What is told is the dialect, whether a session was
//! let in, the last part of a share's name, pipes by which machines are administered, and that a
//! program was written.

use domain::network::Direction;
use domain::sighting::{Executable, Said, Smb};
use domain::text::Text;

use super::pending::{Pending, Step};
use super::program::{by_name, executable};
use super::{Sign, be32, le16, le32, name};

/// Of a message so much is looked at; the rest is passed over.
const LOOK_BYTES: usize = 4_096;
/// Most commands of one compound.
const COMPOUND: usize = 32;
/// `STATUS_MORE_PROCESSING_REQUIRED`: a session's set-up goes on, and there is no outcome yet.
const MORE: u32 = 0xC000_0016;
/// Pipes by which a machine is administered from afar.
const PIPES: [&str; 9] =
    ["svcctl", "atsvc", "winreg", "samr", "lsarpc", "srvsvc", "epmapper", "psexesvc", "eventlog"];

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    to_server: Pending,
    to_client: Pending,
}

/// A `NetBIOS` session message with an SMB header, or a `NetBIOS` session request.
pub(super) fn recognise(first: &[u8]) -> Sign {
    match first {
        [] | [0 | 0x81 | 0x82] | [0x81 | 0x82, 0] => Sign::Perhaps,
        [0x81 | 0x82, 0, 0, ..] => Sign::Yes,
        [0, ..] => match first.get(4..) {
            None | Some([]) => Sign::Perhaps,
            Some([0xFC..=0xFF, rest @ ..]) => Sign::of(rest, b"SMB"),
            Some(_) => Sign::No,
        },
        _ => Sign::No,
    }
}

impl Dialogue {
    pub(super) fn feed(&mut self, way: Direction, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        let pending = match way {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        pending.take(bytes, &mut |bytes| {
            let Some(header) = be32(bytes, 0) else { return Step::Need(4) };
            let length = 4 + (header & 0x00FF_FFFF) as usize;
            let wanted = length.min(LOOK_BYTES);
            let Some(message) = bytes.get(..wanted) else { return Step::Need(wanted) };
            // Session requests and their answers (RFC 1002, 4.3) say nothing.
            if header >> 24 == 0 {
                read(message.get(4..).unwrap_or_default(), &mut |step| say(Said::Smb(step)));
            }
            Step::Past(length as u64)
        });
    }

    pub(super) fn held(&self) -> usize {
        self.to_server.held() + self.to_client.held()
    }

    pub(super) fn lost(&mut self, way: Direction, bytes: u64) {
        match way {
            Direction::ToServer => self.to_server.lost(bytes),
            Direction::ToClient => self.to_client.lost(bytes),
        }
    }
}

fn read(message: &[u8], say: &mut dyn FnMut(Smb)) {
    // FD is encrypted, FC is compressed: of those nothing can be told.
    if message.starts_with(b"\xFESMB") {
        compound(message, say);
    } else if message.starts_with(b"\xFFSMB") {
        one(message, say);
    }
}

/// The commands of an SMB 2 message, chained by `NextCommand` (MS-SMB2, 2.2.1).
fn compound(message: &[u8], say: &mut dyn FnMut(Smb)) {
    let mut rest = message;
    for _ in 0..COMPOUND {
        two(rest, say);
        let next = le32(rest, 20).unwrap_or(0) as usize;
        match rest.get(next..) {
            Some(later) if next >= 64 => rest = later,
            _ => return,
        }
    }
}

/// One command of SMB 2 (MS-SMB2, 2.2).
fn two(message: &[u8], say: &mut dyn FnMut(Smb)) -> Option<()> {
    let (status, command) = (le32(message, 8)?, le16(message, 12)?);
    let is_answer = le32(message, 16)? & 1 == 1;
    let body = message.get(64..)?;
    match (command, is_answer) {
        (0, true) => {
            // 02FF only says that a dialect is yet to be chosen.
            let dialect = le16(body, 4)?;
            if status == 0 && dialect != 0x02FF {
                say(Smb::Negotiated(dialect));
            }
        }
        (1, true) if status != MORE => say(Smb::Session(status)),
        (3, false) => share(&field(message, le16(body, 4)?, le16(body, 6)?)?, say),
        (5, false) => {
            let file = field(message, le16(body, 44)?, le16(body, 46)?)?;
            // Dispositions (2.2.13): only 1 opens what is there and makes nothing.
            opened(&file, le32(body, 36)? != 1, say);
        }
        (9, false) => {
            let begins = message.get(64 + 8..64 + 16)? == [0; 8];
            let data = message.get(usize::from(le16(body, 2)?)..)?;
            let data = data.get(..(le32(body, 4)? as usize).min(data.len()))?;
            written(begins, data, say);
        }
        _ => {}
    }
    Some(())
}

/// One command of SMB 1 (MS-CIFS, 2.2.3 and 2.2.4).
fn one(message: &[u8], say: &mut dyn FnMut(Smb)) -> Option<()> {
    let (command, status) = (*message.get(4)?, le32(message, 5)?);
    let is_answer = message.get(9)? & 0x80 != 0;
    let is_wide = le16(message, 10)? & 0x8000 != 0;
    let words = usize::from(*message.get(32)?);
    let parameters = message.get(33..33 + 2 * words)?;
    let bytes = message.get(33 + 2 * words + 2..)?;
    match (command, is_answer) {
        (0x72, true) if status == 0 && words > 1 => say(Smb::Negotiated(1)),
        (0x73, true) if status != MORE => say(Smb::Session(status)),
        (0x75, false) => {
            let path = bytes.get(usize::from(le16(parameters, 6)?)..)?;
            share(&text(align(message, path, is_wide), is_wide), say);
        }
        (0xA2, false) => {
            let file = text(align(message, bytes, is_wide), is_wide);
            opened(&file, le32(parameters, 35)? != 1, say);
        }
        (0x2F, false) => {
            let begins = le32(parameters, 6)? == 0;
            let data = message.get(usize::from(le16(parameters, 22)?)..)?;
            written(begins, data, say);
        }
        _ => {}
    }
    Some(())
}

/// Wide text begins at an even place of the message.
fn align<'m>(message: &[u8], rest: &'m [u8], is_wide: bool) -> &'m [u8] {
    let at = message.len() - rest.len();
    if is_wide && at % 2 == 1 { rest.get(1..).unwrap_or_default() } else { rest }
}

/// Text that ends with a zero.
fn text(bytes: &[u8], is_wide: bool) -> String {
    if !is_wide {
        let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
        return String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    }
    let units = bytes.chunks_exact(2).map(|pair| le16(pair, 0).unwrap_or(0));
    wide(units.take_while(|unit| *unit != 0))
}

/// A field of an SMB 2 message, in UTF-16.
fn field(message: &[u8], offset: u16, length: u16) -> Option<String> {
    let bytes = message.get(usize::from(offset)..)?.get(..usize::from(length))?;
    Some(wide(bytes.chunks_exact(2).map(|pair| le16(pair, 0).unwrap_or(0))))
}

fn wide(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn last_part(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

fn share(path: &str, say: &mut dyn FnMut(Smb)) {
    if let Some(share) = name(last_part(path).as_bytes()) {
        say(Smb::Share(share));
    }
}

fn opened(file: &str, makes: bool, say: &mut dyn FnMut(Smb)) {
    let last = last_part(file).to_ascii_lowercase();
    if let Some(pipe) = PIPES.iter().find(|pipe| **pipe == last) {
        say(Smb::Pipe(Text::from(*pipe)));
    } else if makes && let Some(kind) = by_name(&last) {
        say(Smb::ProgramWritten(kind));
    }
}

/// The first bytes of a file tell whether a program is written, whatever its name.
fn written(begins: bool, data: &[u8], say: &mut dyn FnMut(Smb)) {
    let kind = executable(data).filter(|kind| *kind != Executable::Script);
    if begins && let Some(kind) = kind {
        say(Smb::ProgramWritten(kind));
    }
}
