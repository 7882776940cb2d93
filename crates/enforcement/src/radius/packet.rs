//! A RADIUS packet: bytes to code, identifier, authenticator and attributes, and back (RFC 2865,
//! section 3).
//!
//! Refuses to believe: whether a packet is genuine is [`super::seal`]'s to say. Reads only the six
//! codes of dynamic authorization, and panics on nothing.

use super::attribute::{Attribute, VALUE_BYTES};

/// Code, identifier, length and authenticator (RFC 2865, section 3).
pub const HEADER_BYTES: usize = 20;
/// Longest packet (RFC 2865, section 3).
pub const PACKET_BYTES: usize = 4_096;
/// Where in the header the authenticator stands, which ends it.
pub(super) const AUTHENTICATOR_AT: usize = 4;

/// What a packet is (RFC 5176, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Code {
    /// End a session.
    DisconnectRequest = 40,
    /// It is ended.
    DisconnectAck = 41,
    /// It is not.
    DisconnectNak = 42,
    /// Change what a session may do.
    CoaRequest = 43,
    /// It is changed.
    CoaAck = 44,
    /// It is not.
    CoaNak = 45,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::DisconnectRequest,
        Self::DisconnectAck,
        Self::DisconnectNak,
        Self::CoaRequest,
        Self::CoaAck,
        Self::CoaNak,
    ];

    /// The number that stands in a packet.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    fn read(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }
}

/// A packet as it was read, or is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is.
    pub code: Code,
    /// Which request it is or answers.
    pub identifier: u8,
    /// The Request or Response Authenticator.
    pub authenticator: [u8; 16],
    /// Its attributes, in order, repeated ones too.
    pub attributes: Vec<Attribute>,
}

/// Why bytes are no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// There are fewer than a header has, or than its length says.
    #[error("it is cut off")]
    Cut,
    /// Its length is below that of a header or above [`PACKET_BYTES`].
    #[error("its length of {0} is impossible")]
    Length(u16),
    /// Its code is none of dynamic authorization.
    #[error("code {0} is none of dynamic authorization")]
    Code(u8),
    /// The attribute that begins at that byte does not fit.
    #[error("the attribute at byte {0} does not fit")]
    Attribute(usize),
}

/// The attributes are too many for one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("it would take {0} bytes, and a RADIUS packet holds {PACKET_BYTES}")]
pub struct TooLong(pub usize);

impl Packet {
    /// Reads a packet. Bytes after its length are padding and ignored (RFC 2865, section 3).
    ///
    /// # Errors
    /// Where they are none.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (header, _) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(Malformed::Cut)?;
        let [code, identifier, high, low, authenticator @ ..] = *header;
        let code = Code::read(code).ok_or(Malformed::Code(code))?;
        let length = u16::from_be_bytes([high, low]);
        if !(HEADER_BYTES..=PACKET_BYTES).contains(&usize::from(length)) {
            return Err(Malformed::Length(length));
        }
        let body = bytes.get(HEADER_BYTES..usize::from(length)).ok_or(Malformed::Cut)?;
        let mut attributes = Vec::new();
        let mut rest = body;
        while !rest.is_empty() {
            let at = HEADER_BYTES + body.len() - rest.len();
            let (attribute, after) = attribute(rest).ok_or(Malformed::Attribute(at))?;
            attributes.push(attribute);
            rest = after;
        }
        Ok(Self { code, identifier, authenticator, attributes })
    }

    /// Writes a packet.
    ///
    /// # Errors
    /// Where it has more attributes than fit.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let size = HEADER_BYTES + self.attributes.iter().map(Attribute::packed).sum::<usize>();
        let length = u16::try_from(size).ok().filter(|_| size <= PACKET_BYTES);
        let length = length.ok_or(TooLong(size))?;
        let mut bytes = Vec::with_capacity(size);
        bytes.extend([self.code.number(), self.identifier]);
        bytes.extend(length.to_be_bytes());
        bytes.extend(self.authenticator);
        for attribute in &self.attributes {
            let packed = u8::try_from(attribute.packed())
                .expect("invariant: an attribute holds no more than its length octet can say");
            bytes.extend([attribute.number(), packed]);
            bytes.extend(attribute.value());
        }
        Ok(bytes)
    }

    /// The values of one attribute, in order.
    pub fn all(&self, number: u8) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(move |attribute| attribute.number() == number)
    }
}

/// The first attribute and what follows it. Its length counts its own two octets; a value of no
/// bytes is read, though it may not be sent.
fn attribute(bytes: &[u8]) -> Option<(Attribute, &[u8])> {
    let ([number, length], rest) = bytes.split_first_chunk()?;
    let size = usize::from(*length).checked_sub(2).filter(|size| *size <= VALUE_BYTES)?;
    let (value, after) = rest.split_at_checked(size)?;
    Some((Attribute::new(*number, value)?, after))
}
