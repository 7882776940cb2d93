//! What is answered by HTTP/1.1 (RFC 9112): its head, and its body as far as the body's own end.
//!
//! Refuses a head without end, a body whose length can't be told, one that is longer than whoever
//! asked will take, and to take a body that was cut short for a whole one.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::time::Instant;

use super::tls::Wire;

/// The longest head of an answer, in bytes, and most lines of it.
const HEAD: usize = 16 << 10;
const LINES: usize = 100;
/// The longest line that says how long a piece of a body is, in bytes.
const PIECE: usize = 64;

/// The head of an answer: its status, and its fields with names in lower case.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) fields: Vec<(String, String)>,
}

impl Head {
    /// Reads the head of the answer that counts: 100 Continue and its like come before it
    /// (RFC 9110, section 15.2).
    pub(super) fn read(wire: &mut impl BufRead) -> io::Result<Self> {
        let mut room = HEAD;
        loop {
            let first = line(wire, &mut room)?;
            let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
            let status = status.filter(|status| status.len() == 3);
            let status: u16 = status
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| wrong("that is no HTTP"))?;
            let fields = fields(wire, &mut room)?;
            if !(100..200).contains(&status) {
                return Ok(Self { status, fields });
            }
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy)]
enum End {
    /// After so many bytes.
    After(u64),
    /// By pieces, each with its length; so many bytes of the one that is read are left.
    Pieces(u64),
    /// By the last piece, which was read.
    Read,
    /// By the end of the connection.
    Connection,
}

/// The body of an answer, read as far as its end. An end that comes too early is an error, and so
/// is more than whoever asked will take.
pub struct Body {
    wire: BufReader<Box<dyn Wire>>,
    end: End,
    most: u64,
    taken: u64,
    until: Instant,
}

impl Body {
    /// The body that follows a head on a connection.
    ///
    /// # Errors
    /// Where its length can't be told, or is said to be over `most`.
    pub(super) fn new(
        wire: BufReader<Box<dyn Wire>>,
        head: &Head,
        most: u64,
        until: Instant,
    ) -> io::Result<Self> {
        let end = match (head.field("transfer-encoding"), head.field("content-length")) {
            // These have none, whatever they say of its length (RFC 9112, section 6.3).
            _ if matches!(head.status, 204 | 304) => End::After(0),
            (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => End::Pieces(0),
            (None, Some(length)) => {
                let is_number =
                    !length.is_empty() && length.bytes().all(|one| one.is_ascii_digit());
                let length = length.parse().ok().filter(|_| is_number).unwrap_or(u64::MAX);
                if length > most {
                    return Err(too_long(most));
                }
                End::After(length)
            }
            (None, None) => End::Connection,
            // Two lengths, of which one is for somebody else (RFC 9112, section 6.3).
            _ => return Err(wrong("the length of its answer can't be told")),
        };
        Ok(Self { wire, end, most, taken: 0, until })
    }

    /// How many bytes are still to come, where that was said.
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        match self.end {
            End::After(left) => Some(left),
            End::Read => Some(0),
            End::Pieces(_) | End::Connection => None,
        }
    }

    fn some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = match self.end {
            End::Read | End::After(0) => return Ok(0),
            End::Pieces(0) => match self.piece()? {
                0 => {
                    self.end = End::Read;
                    return Ok(0);
                }
                length => length,
            },
            End::After(left) | End::Pieces(left) => left,
            End::Connection => u64::MAX,
        };
        let room = usize::try_from(most).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.wire.read(buffer.get_mut(..room).unwrap_or_default())?;
        let read = count as u64;
        self.end = match self.end {
            End::Connection if count == 0 => End::Read,
            End::Connection => End::Connection,
            _ if count == 0 => return Err(ErrorKind::UnexpectedEof.into()),
            End::After(left) => End::After(left - read),
            _ if most == read => {
                if !line(&mut self.wire, &mut { PIECE })?.is_empty() {
                    return Err(wrong("a piece of its answer is longer than it says"));
                }
                End::Pieces(0)
            }
            _ => End::Pieces(most - read),
        };
        self.taken = self.taken.saturating_add(read);
        if self.taken > self.most { Err(too_long(self.most)) } else { Ok(count) }
    }

    /// The length of the next piece of a body (RFC 9112, section 7.1); 0 of the last.
    fn piece(&mut self) -> io::Result<u64> {
        let length = line(&mut self.wire, &mut { PIECE })?;
        let length = length.split(';').next().unwrap_or_default().trim();
        let is_number = (1..=8).contains(&length.len())
            && length.bytes().all(|digit| digit.is_ascii_hexdigit());
        let length = u64::from_str_radix(length, 16).ok().filter(|_| is_number);
        let length = length.ok_or_else(|| wrong("a piece of its answer has no length"))?;
        let is_over = length > self.most.saturating_sub(self.taken);
        if is_over { Err(too_long(self.most)) } else { Ok(length) }
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let is_told = !matches!(self.end, End::Connection);
        match self.some(buffer) {
            Ok(count) if count > 0 || is_told => Ok(count),
            // Who ends a connection because its time is over ends no body.
            _ if Instant::now() >= self.until => Err(ErrorKind::TimedOut.into()),
            other => other,
        }
    }
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

fn too_long(most: u64) -> io::Error {
    wrong(&format!("its answer is longer than {most} bytes"))
}

/// A line without its end, taken from what room there is.
fn line(wire: &mut impl BufRead, room: &mut usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    let most = u64::try_from(*room).unwrap_or(u64::MAX);
    let count = Read::take(wire, most).read_until(b'\n', &mut bytes)?;
    *room -= count;
    if bytes.pop() != Some(b'\n') {
        return if *room == 0 {
            Err(wrong("the head of its answer has no end"))
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        };
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| wrong("that is no HTTP"))
}

/// The fields of a head: names in lower case. One that stands there twice is joined, so that no
/// choice between two is made.
fn fields(wire: &mut impl BufRead, room: &mut usize) -> io::Result<Vec<(String, String)>> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for _ in 0..LINES {
        let line = line(wire, room)?;
        if line.is_empty() {
            return Ok(fields);
        }
        let (name, value) = line.split_once(':').ok_or_else(|| wrong("that is no HTTP"))?;
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        match fields.iter_mut().find(|(own, _)| *own == name) {
            Some((_, before)) => *before = format!("{before}, {value}"),
            None => fields.push((name, value.to_owned())),
        }
    }
    Err(wrong("the head of its answer has no end"))
}
