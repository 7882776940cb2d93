//! A short page that is asked for and read whole, by HTTP/1.1 (RFC 9112): what a provider of
//! identities says of itself, its keys, an answer to a form.
//!
//! All of it, from the first connection to the last byte, has one time limit, however slowly the
//! other end speaks, and one limit to its length. Refuses to follow where an answer points to, and
//! to take a body that was cut short for a whole one.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{CONNECT, OutwardError, Place, Reach, Resolver, Scheme, addresses, failed, http, tls};

/// The longest head of an answer, in bytes, and most lines of it.
const HEAD: usize = 16 << 10;
const LINES: usize = 100;
/// The longest line that says how long a piece of a body is, in bytes.
const PIECE: usize = 64;

/// What is asked.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Where.
    pub place: &'a Place,
    /// Whom else to trust, in PEM; empty where the system's suffice.
    pub authority: &'a str,
    /// Fields of the head.
    pub fields: &'a [(&'a str, &'a str)],
    /// What is sent by POST; where there is nothing, it is a GET.
    pub body: Option<&'a [u8]>,
    /// The longest body of an answer that is read, in bytes.
    pub most: usize,
    /// How long all of it may take.
    pub within: Duration,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The status (RFC 9110, section 15).
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// Asks for a page and reads it whole.
///
/// # Errors
/// Where the place can't be reached, says what is no HTTP, says too much, or takes too long. A
/// status that is no success is an answer.
pub fn fetch(
    asked: &Asked<'_>,
    (reach, resolver): (&Reach, &dyn Resolver),
) -> Result<Page, OutwardError> {
    let until = Instant::now() + asked.within;
    let method = if asked.body.is_some() { "POST" } else { "GET" };
    let body = asked.body.unwrap_or_default();
    let mut message = http::head(method, asked.place, asked.fields, body.len())?.into_bytes();
    message.extend_from_slice(body);
    let stream = connect(asked.place, until, (reach, resolver))?;
    let _ends = Ends::at(&stream, until).map_err(|cause| failed("reach", asked.place, cause))?;
    let late = |error: OutwardError| match error {
        OutwardError::Failed { what, place, .. } if Instant::now() >= until => {
            OutwardError::Failed { what, place, cause: ErrorKind::TimedOut.into() }
        }
        other => other,
    };
    let mut wire: Box<dyn tls::Wire> = match asked.place.scheme() {
        Scheme::Https => tls::begin(stream, asked.place, asked.authority).map_err(late)?,
        _ => Box::new(stream),
    };
    let sent = wire.write_all(&message).and_then(|()| wire.flush());
    sent.map_err(|cause| late(failed("send to", asked.place, cause)))?;
    read(&mut *wire, asked.most).map_err(|cause| late(failed("hear from", asked.place, cause)))
}

fn connect(
    place: &Place,
    until: Instant,
    (reach, resolver): (&Reach, &dyn Resolver),
) -> Result<TcpStream, OutwardError> {
    let mut last = io::Error::from(ErrorKind::TimedOut);
    for address in addresses(place, reach, resolver)? {
        let left = until.saturating_duration_since(Instant::now()).min(CONNECT);
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => return Ok(stream),
            Err(cause) => last = cause,
        }
    }
    Err(failed("reach", place, last))
}

/// Ends a connection at a time, whatever is being waited for on it; earlier, when this goes.
struct Ends {
    _done: Sender<()>,
}

impl Ends {
    fn at(stream: &TcpStream, until: Instant) -> io::Result<Self> {
        let stream = stream.try_clone()?;
        let (done, over) = channel::<()>();
        thread::Builder::new().name("time limit".to_owned()).spawn(move || {
            let left = until.saturating_duration_since(Instant::now());
            if over.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                // Where it has ended already there is nothing to end.
                let _ = stream.shutdown(Shutdown::Both);
            }
        })?;
        Ok(Self { _done: done })
    }
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

fn read(wire: &mut dyn tls::Wire, most: usize) -> io::Result<Page> {
    let mut wire = BufReader::new(wire);
    let mut room = HEAD;
    let (status, fields) = loop {
        let first = line(&mut wire, &mut room)?;
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        let status = status.filter(|status| status.len() == 3).and_then(|text| text.parse().ok());
        let status: u16 = status.ok_or_else(|| wrong("that is no HTTP"))?;
        let fields = fields(&mut wire, &mut room)?;
        // 100 Continue and its like come before the answer (RFC 9110, section 15.2).
        if !(100..200).contains(&status) {
            break (status, fields);
        }
    };
    let named = |name: &str| {
        let found = fields.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    };
    let body = match (named("transfer-encoding"), named("content-length")) {
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => pieces(&mut wire, most)?,
        (None, Some(length)) => {
            let is_number = !length.is_empty() && length.bytes().all(|one| one.is_ascii_digit());
            let length: usize = length.parse().ok().filter(|_| is_number).unwrap_or(usize::MAX);
            exactly(&mut wire, length, most)?
        }
        (None, None) => to_the_end(&mut wire, most)?,
        // Two lengths, of which one is for somebody else (RFC 9112, section 6.3).
        _ => return Err(wrong("the length of its answer can't be told")),
    };
    Ok(Page { status, body })
}

fn too_long(most: usize) -> io::Error {
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

fn exactly(wire: &mut impl BufRead, length: usize, most: usize) -> io::Result<Vec<u8>> {
    if length > most {
        return Err(too_long(most));
    }
    let mut body = vec![0; length];
    wire.read_exact(&mut body)?;
    Ok(body)
}

fn to_the_end(wire: &mut impl BufRead, most: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let one_more = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    Read::take(wire, one_more).read_to_end(&mut body)?;
    if body.len() > most { Err(too_long(most)) } else { Ok(body) }
}

/// A body in pieces (RFC 9112, section 7.1), as far as the last of them.
fn pieces(wire: &mut impl BufRead, most: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = line(wire, &mut { PIECE })?;
        let length = length.split(';').next().unwrap_or_default().trim();
        let is_number = (1..=8).contains(&length.len())
            && length.bytes().all(|digit| digit.is_ascii_hexdigit());
        let length = usize::from_str_radix(length, 16).ok().filter(|_| is_number);
        let length = length.ok_or_else(|| wrong("a piece of its answer has no length"))?;
        if length == 0 {
            return Ok(body);
        }
        let left = most - body.len();
        body.extend(exactly(wire, length, left).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => too_long(most),
            _ => error,
        })?);
        if !line(wire, &mut { PIECE })?.is_empty() {
            return Err(wrong("a piece of its answer is longer than it says"));
        }
    }
}
