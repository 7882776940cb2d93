//! What is said within a session, protocol by protocol, known by content and never by port alone.
//!
//! Refuses to keep what was said: a dialogue holds at most [`HELD_BYTES`] of what is not yet whole,
//! and gives names, codes and outcomes.

mod certificate;
mod dhcp;
mod dicom;
mod dns;
mod hl7;
mod http;
mod pending;
mod plain;
mod program;
mod smb;
mod tls;

#[cfg(test)]
mod tests;

use domain::network::{Application, Conversation, Direction, Transport};
use domain::sighting::{Lease, Said};
use domain::text::Text;

/// Most bytes that a dialogue holds of one direction while a message is not whole.
pub const HELD_BYTES: usize = 64 << 10;
/// Longest name that is given, in characters; a longer one is cut.
const NAME_CHARS: usize = 128;

/// What the first bytes of a session are.
#[derive(Debug)]
pub enum Recognised {
    /// This protocol.
    Yes(Dialogue),
    /// More bytes will tell.
    Perhaps,
    /// None that is read here.
    No,
}

/// A session's protocol and how far it came.
#[derive(Debug)]
pub struct Dialogue(Protocol);

#[derive(Debug)]
enum Protocol {
    Dicom(Box<dicom::Dialogue>),
    Hl7(Box<hl7::Dialogue>),
    Http(Box<http::Dialogue>),
    Smb(Box<smb::Dialogue>),
    Tls(Box<tls::Dialogue>),
    Plain(plain::Dialogue),
}

impl Dialogue {
    /// Recognises a protocol by the first bytes of a direction of a TCP stream. They are shown
    /// again, with what came since, until the answer is not `Perhaps`, and are then to be fed.
    #[must_use]
    pub fn recognise(direction: Direction, first: &[u8]) -> Recognised {
        const RECOGNISERS: [fn(Direction, &[u8]) -> Sign; 6] = [
            |_, first| dicom::recognise(first),
            |_, first| hl7::recognise(first),
            http::recognise,
            |_, first| smb::recognise(first),
            |_, first| tls::recognise(first),
            |_, first| plain::recognise(first),
        ];
        let mut may_be = false;
        for (index, recognise) in RECOGNISERS.iter().enumerate() {
            match recognise(direction, first) {
                Sign::Yes => return Recognised::Yes(Self(Protocol::new(index, first))),
                Sign::Perhaps => may_be = true,
                Sign::No => {}
            }
        }
        if may_be { Recognised::Perhaps } else { Recognised::No }
    }

    /// Which protocol.
    #[must_use]
    pub fn application(&self) -> Application {
        match &self.0 {
            Protocol::Dicom(_) => Application::Dicom,
            Protocol::Hl7(_) => Application::Hl7,
            Protocol::Http(_) => Application::Http,
            Protocol::Smb(_) => Application::Smb,
            Protocol::Tls(_) => Application::Tls,
            Protocol::Plain(dialogue) => dialogue.application(),
        }
    }

    /// Bytes held of messages that are not whole, with their spare room.
    #[must_use]
    pub fn held(&self) -> usize {
        match &self.0 {
            Protocol::Dicom(dialogue) => dialogue.held(),
            Protocol::Hl7(dialogue) => dialogue.held(),
            Protocol::Http(dialogue) => dialogue.held(),
            Protocol::Smb(dialogue) => dialogue.held(),
            Protocol::Tls(dialogue) => dialogue.held(),
            Protocol::Plain(dialogue) => dialogue.held(),
        }
    }

    /// Takes the next bytes of a direction of the stream, cut anywhere.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        match &mut self.0 {
            Protocol::Dicom(dialogue) => dialogue.feed(direction, bytes, say),
            Protocol::Hl7(dialogue) => dialogue.feed(direction, bytes, say),
            Protocol::Http(dialogue) => dialogue.feed(direction, bytes, say),
            Protocol::Smb(dialogue) => dialogue.feed(direction, bytes, say),
            Protocol::Tls(dialogue) => dialogue.feed(direction, bytes, say),
            Protocol::Plain(dialogue) => dialogue.feed(direction, bytes, say),
        }
    }

    /// Bytes of a direction were lost: what began before them is given up, and the next message
    /// is looked for.
    pub fn lost(&mut self, direction: Direction, bytes: u64) {
        match &mut self.0 {
            Protocol::Dicom(dialogue) => dialogue.lost(direction, bytes),
            Protocol::Hl7(dialogue) => dialogue.lost(direction),
            Protocol::Http(dialogue) => dialogue.lost(direction, bytes),
            Protocol::Smb(dialogue) => dialogue.lost(direction, bytes),
            Protocol::Tls(dialogue) => dialogue.lost(direction, bytes),
            Protocol::Plain(_) => {}
        }
    }
}

impl Protocol {
    fn new(index: usize, first: &[u8]) -> Self {
        match index {
            0 => Self::Dicom(Box::default()),
            1 => Self::Hl7(Box::default()),
            2 => Self::Http(Box::default()),
            3 => Self::Smb(Box::default()),
            4 => Self::Tls(Box::default()),
            _ => Self::Plain(plain::Dialogue::new(first)),
        }
    }
}

/// What a protocol says of first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Yes,
    Perhaps,
    No,
}

impl Sign {
    /// Whether bytes begin with `magic`, or may when more of them are there.
    fn of(first: &[u8], magic: &[u8]) -> Self {
        if first.starts_with(magic) {
            Self::Yes
        } else if magic.starts_with(first) {
            Self::Perhaps
        } else {
            Self::No
        }
    }
}

/// What one datagram tells.
#[derive(Debug, Default)]
pub struct Datagram {
    /// Its protocol.
    pub application: Option<Application>,
    /// What was said.
    pub said: Vec<Said>,
    /// A DHCP exchange.
    pub lease: Option<Box<Lease>>,
}

/// Reads one UDP datagram. A port is a hint of what to try; the content decides.
#[must_use]
pub fn datagram(conversation: &Conversation, _direction: Direction, bytes: &[u8]) -> Datagram {
    debug_assert!(conversation.transport == Transport::Udp, "only UDP has datagrams");
    let ports = [conversation.client.port, conversation.server.port];
    let is_on = |wanted: &[u16]| ports.iter().any(|port| wanted.contains(port));
    let mut told = Datagram::default();
    if let Some(lease) = dhcp::read(bytes) {
        told.application = Some(Application::Dhcp);
        told.lease = Some(Box::new(lease));
    } else if is_on(&[53, 5353, 5355])
        && let Some(dns) = dns::read(bytes)
    {
        told.application = Some(Application::Dns);
        told.said.push(Said::Dns(dns));
    } else if is_on(&[123]) && plain::is_ntp(bytes) {
        told.application = Some(Application::Ntp);
    } else if is_on(&[1812, 1813, 1645, 1646, 3799]) && plain::is_radius(bytes) {
        told.application = Some(Application::Radius);
    }
    told
}

/// A name as it may be told: printable, trimmed, cut; `None` where nothing is left.
fn name(bytes: &[u8]) -> Option<Text> {
    // The usual way: nothing has to be replaced or left out.
    if bytes.len() <= NAME_CHARS && bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        let clean = std::str::from_utf8(bytes.trim_ascii()).ok()?;
        return (!clean.is_empty()).then(|| Text::from(clean));
    }
    let text = String::from_utf8_lossy(bytes);
    let clean = text.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect::<String>();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| Text::from(clean))
}

/// Two bytes, the more significant first.
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Four bytes, the most significant first.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Two bytes, the less significant first.
fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Four bytes, the least significant first.
fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
