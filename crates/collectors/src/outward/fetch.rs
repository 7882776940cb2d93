//! What is asked for by HTTP/1.1 (RFC 9112): a short page that is read whole, as what a provider of
//! identities says of itself, or an answer whose body is read as it comes, as an archive of a feed.
//!
//! All of it, from the first connection to the last byte, has one time limit, however slowly the
//! other end speaks, and one limit to its length. Refuses to follow where an answer points to.

use std::io::{self, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::answer::{Body, Head};
use super::proxy::{Proxy, tunnel};
use super::{CONNECT, OutwardError, Place, Reach, Resolver, Scheme, addresses, failed, http, tls};

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
    let way = Way { silence: asked.within, proxy: None };
    let mut answer = open(asked, way, (reach, resolver))?;
    let mut body = Vec::new();
    let read = answer.body.read_to_end(&mut body);
    read.map_err(|cause| failed("hear from", asked.place, cause))?;
    Ok(Page { status: answer.status, body })
}

/// An answer whose body is still to be read.
pub struct Answer {
    /// The status (RFC 9110, section 15).
    pub status: u16,
    /// The fields of its head: names in lower case. One that stood there twice is joined.
    pub fields: Vec<(String, String)>,
    /// The body, which is not whole until it was read to its end.
    pub body: Body,
    _ends: Ends,
}

impl Answer {
    /// The field of that name, which is written in lower case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The way to a place.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// How long nothing may come or go on it.
    pub silence: Duration,
    /// Whom to ask for a connection to what speaks TLS, where this machine has none of its own
    /// (RFC 9110, section 9.3.6).
    pub proxy: Option<&'a Proxy>,
}

/// Asks, and reads the head of what is answered. The address of a proxy is checked, and that of a
/// place behind it where it is written as one: a name is the proxy's to resolve.
///
/// # Errors
/// As those of [`fetch`], as far as they show in the head.
pub fn open(
    asked: &Asked<'_>,
    way: Way<'_>,
    (reach, resolver): (&Reach, &dyn Resolver),
) -> Result<Answer, OutwardError> {
    let until = Instant::now() + asked.within;
    let method = if asked.body.is_some() { "POST" } else { "GET" };
    let body = asked.body.unwrap_or_default();
    let mut message = http::head(method, asked.place, asked.fields, body.len())?.into_bytes();
    message.extend_from_slice(body);
    let proxy = way.proxy.filter(|_| asked.place.scheme() == Scheme::Https);
    if proxy.is_some() {
        asked.place.check_literal(reach)?;
    }
    let first = proxy.map_or(asked.place, |proxy| &proxy.place);
    let stream = connect(first, until, (reach, resolver))?;
    let unset = |cause| failed("reach", asked.place, cause);
    stream.set_read_timeout(Some(way.silence)).map_err(unset)?;
    stream.set_write_timeout(Some(way.silence)).map_err(unset)?;
    let ends = Ends::at(&stream, until).map_err(unset)?;
    let late = |error: OutwardError| match error {
        OutwardError::Failed { what, place, .. } if Instant::now() >= until => {
            OutwardError::Failed { what, place, cause: ErrorKind::TimedOut.into() }
        }
        other => other,
    };
    if let Some(proxy) = proxy {
        tunnel(&stream, proxy, asked.place).map_err(late)?;
    }
    let mut wire: Box<dyn tls::Wire> = match asked.place.scheme() {
        Scheme::Https => tls::begin(stream, asked.place, asked.authority).map_err(late)?,
        _ => Box::new(stream),
    };
    let sent = wire.write_all(&message).and_then(|()| wire.flush());
    sent.map_err(|cause| late(failed("send to", asked.place, cause)))?;
    let mut wire = BufReader::new(wire);
    let most = u64::try_from(asked.most).unwrap_or(u64::MAX);
    let read = Head::read(&mut wire).and_then(|head| {
        let body = Body::new(wire, &head, most, until)?;
        Ok((head, body))
    });
    let (head, body) = read.map_err(|cause| late(failed("hear from", asked.place, cause)))?;
    Ok(Answer { status: head.status, fields: head.fields, body, _ends: ends })
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
