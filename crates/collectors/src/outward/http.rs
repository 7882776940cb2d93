//! A message by HTTP/1.1 (RFC 9112), and what is answered.
//!
//! Refuses to follow where an answer points to, to keep a connection, and to read more of an answer
//! than a person looks at.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use super::{OutwardError, Place, Reach, Resolver, Scheme, connect, failed, tls};

/// How long a message and its answer may take.
const WHOLE: Duration = Duration::from_secs(20);
/// The longest head of an answer, and how much of what follows is read, in bytes.
const HEAD: usize = 16 << 10;
const BODY: usize = 2 << 10;

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The status (RFC 9110, section 15).
    pub status: u16,
    /// After how many seconds to come again, where that was said.
    pub retry_after: Option<u32>,
    /// The beginning of what was said with it.
    pub body: String,
}

/// Sends a message by POST.
///
/// # Errors
/// Where the place can't be reached or says what is no HTTP. A status that is no success is an
/// answer.
pub fn post(
    place: &Place,
    authority: &str,
    fields: &[(&str, &str)],
    body: &[u8],
    (reach, resolver): (&Reach, &dyn Resolver),
) -> Result<Answer, OutwardError> {
    let began = Instant::now();
    let head = head("POST", place, fields, body.len())?;
    let stream = connect(place, reach, resolver)?;
    let mut wire: Box<dyn tls::Wire> = match place.scheme() {
        Scheme::Https => tls::begin(stream, place, authority)?,
        _ => Box::new(stream),
    };
    let mut message = head.into_bytes();
    message.extend_from_slice(body);
    wire.write_all(&message)
        .and_then(|()| wire.flush())
        .map_err(|cause| failed("send to", place, cause))?;
    read(&mut *wire, began).map_err(|cause| failed("hear from", place, cause))
}

/// The head of a message. A field that would end its line is refused: no value that somebody else
/// has chosen can begin another.
pub(super) fn head(
    method: &str,
    place: &Place,
    fields: &[(&str, &str)],
    length: usize,
) -> Result<String, OutwardError> {
    let mut head = format!(
        "{method} {} HTTP/1.1\r\nhost: {}\r\nuser-agent: asepsis/{}\r\nconnection: close\r\n",
        place.path(),
        place.authority(),
        env!("CARGO_PKG_VERSION")
    );
    // A question has no body, and some who guard servers wonder at the length of none.
    if method != "GET" {
        // Memory takes whatever is written.
        let _ = write!(head, "content-length: {length}\r\n");
    }
    for (name, value) in fields {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_value = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !is_name || name.is_empty() || !is_value {
            let cause = std::io::Error::new(ErrorKind::InvalidInput, "a field is none");
            return Err(failed("send to", place, cause));
        }
        // Memory takes whatever is written.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    Ok(head)
}

fn read(wire: &mut dyn tls::Wire, began: Instant) -> std::io::Result<Answer> {
    let mut heard = Vec::new();
    loop {
        let end = heard.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let (head, rest) = heard.split_at(end);
            let mut answer = parse(head)?;
            // 100 Continue and its like come before the answer.
            if (100..200).contains(&answer.status) {
                heard = rest.get(4..).unwrap_or_default().to_vec();
                continue;
            }
            let mut body = rest.get(4..).unwrap_or_default().to_vec();
            // What is said with it is for people to look at; that it ends early changes nothing.
            while body.len() < BODY && more(wire, &mut body, began).unwrap_or(false) {}
            body.truncate(BODY);
            let text = String::from_utf8_lossy(&body);
            answer.body = text.chars().filter(|one| !one.is_control() || *one == '\n').collect();
            return Ok(answer);
        }
        if heard.len() > HEAD {
            return Err(std::io::Error::new(ErrorKind::InvalidData, "the head has no end"));
        }
        if !more(wire, &mut heard, began)? {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

fn more(wire: &mut dyn tls::Wire, heard: &mut Vec<u8>, began: Instant) -> std::io::Result<bool> {
    if began.elapsed() > WHOLE {
        return Err(ErrorKind::TimedOut.into());
    }
    let mut some = [0; 2 << 10];
    let count = wire.read(&mut some)?;
    heard.extend_from_slice(some.get(..count).unwrap_or_default());
    Ok(count > 0)
}

fn parse(head: &[u8]) -> std::io::Result<Answer> {
    let wrong = || std::io::Error::new(ErrorKind::InvalidData, "that is no HTTP");
    let head = std::str::from_utf8(head).map_err(|_| wrong())?;
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    let status = status.filter(|status| status.len() == 3).and_then(|status| status.parse().ok());
    let mut answer = Answer { status: status.ok_or_else(wrong)?, ..Answer::default() };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("retry-after") {
            answer.retry_after = value.trim().parse().ok();
        }
    }
    Ok(answer)
}
