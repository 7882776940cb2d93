//! HTTP/1 (RFC 9112).
//!
//! Refuses to keep a body, a query, a cookie or a password. Of a path only segments without a
//! digit are told, for the others may name a patient.

use domain::network::Direction;
use domain::sighting::{Dicom, Http, Said};
use domain::text::Text;

use super::pending::{Pending, Step};
use super::program::{PREAMBLE_BYTES, in_preamble};
use super::{Sign, name};

/// Longest head of a message, in bytes.
const HEAD_BYTES: usize = 16 << 10;
/// Longest path that is told, in bytes.
const PATH_BYTES: usize = 256;

const METHODS: [&[u8]; 15] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"CONNECT ",
    b"TRACE ",
    b"PROPFIND ",
    b"REPORT ",
    b"MKCOL ",
    b"MOVE ",
    b"COPY ",
    b"SEARCH ",
];

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    to_server: Half,
    to_client: Half,
    waiting: Waiting,
    opaque: bool,
}

#[derive(Debug, Default)]
struct Half {
    pending: Pending,
    body: Body,
}

/// Requests without an answer, the oldest first: whether each is a HEAD, whose answer has no body.
#[derive(Debug, Default)]
struct Waiting {
    heads: u64,
    count: u32,
}

impl Waiting {
    fn push(&mut self, is_head: bool) {
        if self.count < u64::BITS {
            self.heads |= u64::from(is_head) << self.count;
            self.count += 1;
        }
    }

    /// Whether the oldest is a HEAD.
    fn pop(&mut self) -> bool {
        let is_head = self.count > 0 && self.heads & 1 == 1;
        self.heads >>= 1;
        self.count = self.count.saturating_sub(1);
        is_head
    }
}

/// What comes next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// A head.
    #[default]
    None,
    /// The first bytes of a body of so many bytes; `None` until the connection ends.
    First(Option<u64>),
    /// The line with the size of a chunk; whether it is the first.
    Chunk(bool),
    /// The end of a chunk.
    ChunkEnd,
    /// Whatever comes.
    All,
}

/// A method, or the version of an answer.
pub(super) fn recognise(direction: Direction, first: &[u8]) -> Sign {
    let magics: &[&[u8]] = match direction {
        Direction::ToServer => &METHODS,
        Direction::ToClient => &[b"HTTP/1."],
    };
    let signs = magics.iter().map(|magic| Sign::of(first, magic));
    signs.fold(Sign::No, |best, sign| match (best, sign) {
        (Sign::Yes, _) | (_, Sign::Yes) => Sign::Yes,
        (Sign::Perhaps, _) | (_, Sign::Perhaps) => Sign::Perhaps,
        _ => Sign::No,
    })
}

impl Dialogue {
    pub(super) fn feed(&mut self, way: Direction, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        if self.opaque {
            return;
        }
        let half = match way {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        let (body, waiting, opaque) = (&mut half.body, &mut self.waiting, &mut self.opaque);
        half.pending.take(bytes, &mut |bytes| match *body {
            // Another protocol may begin right behind the head that announces it.
            _ if *opaque => Step::Past(bytes.len() as u64),
            Body::None => {
                let Some((end, head)) = head(bytes) else { return more(bytes) };
                let Some(message) = Head::read(way, head) else { return Step::GiveUp };
                *body = message.body(waiting);
                *opaque |= message.is_opaque();
                say(Said::Http(message.told));
                Step::Past(end as u64)
            }
            Body::First(size) => {
                let wanted = size.unwrap_or(u64::MAX).min(PREAMBLE_BYTES as u64);
                if (bytes.len() as u64) < wanted {
                    return Step::Need(PREAMBLE_BYTES.min(usize::try_from(wanted).unwrap_or(0)));
                }
                program(bytes, say);
                *body = if size.is_some() { Body::None } else { Body::All };
                Step::Past(size.unwrap_or(bytes.len() as u64))
            }
            Body::Chunk(is_first) => chunk(bytes, is_first, body, say),
            Body::ChunkEnd => {
                *body = Body::Chunk(false);
                Step::Past(2)
            }
            Body::All => Step::Past(bytes.len() as u64),
        });
    }

    pub(super) fn held(&self) -> usize {
        self.to_server.pending.held() + self.to_client.pending.held()
    }

    pub(super) fn lost(&mut self, way: Direction, bytes: u64) {
        match way {
            Direction::ToServer => self.to_server.pending.lost(bytes),
            Direction::ToClient => self.to_client.pending.lost(bytes),
        }
    }
}

/// The length of a head with its empty line, and the head.
fn head(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")?;
    Some((end + 4, bytes.get(..end)?))
}

/// A head may end with the very next byte, so no more than that is waited for.
fn more(bytes: &[u8]) -> Step {
    if bytes.len() >= HEAD_BYTES { Step::GiveUp } else { Step::Need(bytes.len() + 1) }
}

fn chunk(bytes: &[u8], is_first: bool, body: &mut Body, say: &mut dyn FnMut(Said)) -> Step {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n") else {
        return if bytes.len() > 256 { Step::GiveUp } else { Step::Need(bytes.len() + 1) };
    };
    let line = bytes.get(..end).unwrap_or_default();
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let size = std::str::from_utf8(digits).ok().and_then(|d| u64::from_str_radix(d, 16).ok());
    let Some(size) = size.filter(|size| *size < 1 << 48) else { return Step::GiveUp };
    let start = end + 2;
    if size == 0 {
        // Trailers are seldom, and end like a head; without them an empty line follows.
        *body = Body::None;
        return Step::Past(start as u64 + 2);
    }
    if is_first {
        let wanted = usize::try_from(size).unwrap_or(PREAMBLE_BYTES).min(PREAMBLE_BYTES);
        let Some(first) = bytes.get(start..start + wanted) else {
            return Step::Need(start + wanted);
        };
        program(first, say);
    }
    *body = Body::ChunkEnd;
    Step::Past(start as u64 + size)
}

/// A program hidden in a DICOM file. That a program is fetched in the open is ordinary.
fn program(first: &[u8], say: &mut dyn FnMut(Said)) {
    if let Some(kind) = in_preamble(first) {
        say(Said::Dicom(Dicom::ExecutablePreamble(kind)));
    }
}

struct Head {
    told: Http,
    length: Option<u64>,
    is_chunked: bool,
    is_upgrade: bool,
}

impl Head {
    fn read(way: Direction, head: &[u8]) -> Option<Self> {
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.next()?;
        let mut words = first.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let (one, two) = (words.next()?, words.next()?);
        let (mut host, mut program) = (None, None);
        let (mut length, mut is_chunked, mut is_upgrade) = (None, false, false);
        for line in lines {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (field, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            match field.to_ascii_lowercase().as_slice() {
                b"host" => host = name(value),
                b"user-agent" if way == Direction::ToServer => program = name(value),
                b"server" if way == Direction::ToClient => program = name(value),
                b"content-length" => {
                    length = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                }
                b"transfer-encoding" => {
                    is_chunked = value.to_ascii_lowercase().ends_with(b"chunked");
                }
                b"upgrade" => is_upgrade = true,
                _ => {}
            }
        }
        let told = match way {
            Direction::ToServer => {
                let is_method = one.iter().all(|b| b.is_ascii_uppercase() || b"-_".contains(b));
                if !is_method || !words.next()?.starts_with(b"HTTP/1.") {
                    return None;
                }
                Http::Request { method: name(one)?, host, path: path(two), agent: program }
            }
            Direction::ToClient => {
                if !one.starts_with(b"HTTP/1.") {
                    return None;
                }
                let status = std::str::from_utf8(two).ok()?.parse().ok()?;
                Http::Answer { status, server: program }
            }
        };
        Some(Self { told, length, is_chunked, is_upgrade })
    }

    /// How the body is to be read (RFC 9112, section 6.3).
    fn body(&self, waiting: &mut Waiting) -> Body {
        let is_empty = match &self.told {
            Http::Request { method, .. } => {
                waiting.push(method == "HEAD");
                self.length.is_none() && !self.is_chunked
            }
            Http::Answer { status: 100..200, .. } => true,
            Http::Answer { status, .. } => waiting.pop() || matches!(status, 204 | 304),
        };
        match self.length {
            _ if is_empty => Body::None,
            _ if self.is_chunked => Body::Chunk(true),
            Some(0) => Body::None,
            length => Body::First(length),
        }
    }

    /// Whether what follows is another protocol.
    fn is_opaque(&self) -> bool {
        match &self.told {
            Http::Request { method, .. } => method == "CONNECT",
            Http::Answer { status, .. } => *status == 101 && self.is_upgrade,
        }
    }
}

/// The path as it may be told: no scheme, no user, no query; a segment with a digit, or with
/// anything but letters and a few signs, is `*`.
fn path(target: &[u8]) -> Text {
    let target = target.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let target = match memchr::memmem::find(target, b"://") {
        Some(at) => {
            let rest = target.get(at + 3..).unwrap_or_default();
            memchr::memchr(b'/', rest).and_then(|slash| rest.get(slash..)).unwrap_or(b"/")
        }
        None => target,
    };
    let may_be_told = |segment: &[u8]| {
        segment.iter().all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(byte))
    };
    let mut told = String::new();
    for (index, segment) in target.split(|byte| *byte == b'/').enumerate() {
        if index > 0 {
            told.push('/');
        }
        let text = std::str::from_utf8(segment).ok().filter(|_| may_be_told(segment));
        told.push_str(text.unwrap_or("*"));
        if told.len() > PATH_BYTES {
            break;
        }
    }
    Text::from(told.chars().take(PATH_BYTES).collect::<String>())
}
