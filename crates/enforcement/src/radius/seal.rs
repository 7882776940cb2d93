//! The shared secret, and what it makes: the authenticators of requests and answers.
//!
//! The one place that knows MD5, which RADIUS prescribes and nobody should choose. Refuses to show
//! the secret, and to compare what an attacker may have made in a time that depends on it.

use std::fmt;

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

use super::attribute::{Attribute, number};
use super::packet::{AUTHENTICATOR_AT, Code, HEADER_BYTES, Packet, TooLong};

/// Bytes of an authenticator.
const SEAL: usize = 16;
/// Longest secret, in bytes; no switch takes as many.
pub const SECRET_BYTES: usize = 1_024;

/// What the enforcement point and we share. It never shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Why a secret is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BadSecret {
    /// Everybody knows the empty one; it may not be used (RFC 2865, section 3).
    #[error("the shared secret is empty")]
    Empty,
    /// It has more than [`SECRET_BYTES`].
    #[error("the shared secret has more than {SECRET_BYTES} bytes")]
    Long,
}

impl Secret {
    /// Takes these bytes as they are.
    ///
    /// # Errors
    /// Where there are none, or too many.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, BadSecret> {
        let bytes = bytes.into();
        match bytes.len() {
            0 => Err(BadSecret::Empty),
            1..=SECRET_BYTES => Ok(Self(bytes)),
            _ => Err(BadSecret::Long),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A request as it goes out, and its authenticator, to which its answer is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What it is.
    pub code: Code,
    /// Its identifier.
    pub identifier: u8,
    /// Its Request Authenticator.
    pub authenticator: [u8; SEAL],
    /// The whole packet.
    pub bytes: Vec<u8>,
}

/// Seals a request. Message-Authenticator stands first, so that no attribute before it can be
/// chosen by whoever forges (CVE-2024-3596), and is computed while the Request Authenticator is
/// sixteen zero octets (RFC 5176, section 3.4). Then the Request Authenticator is made as in
/// accounting: over the packet with sixteen zero octets in its place, and the secret (RFC 5176,
/// section 2.3; RFC 2866, section 3).
///
/// # Errors
/// Where it has more attributes than fit.
pub fn request(
    code: Code,
    identifier: u8,
    attributes: Vec<Attribute>,
    secret: &Secret,
) -> Result<Sealed, TooLong> {
    let blank = Attribute::new(number::MESSAGE_AUTHENTICATOR, [0; SEAL]);
    let attributes = blank.into_iter().chain(attributes).collect();
    let unsealed = Packet { code, identifier, authenticator: [0; SEAL], attributes };
    let mut bytes = unsealed.encode()?;
    let message = hmac(&bytes, secret);
    put(&mut bytes, HEADER_BYTES + 2, &message);
    let authenticator = md5(&[&bytes, &secret.0]);
    put(&mut bytes, AUTHENTICATOR_AT, &authenticator);
    Ok(Sealed { code, identifier, authenticator, bytes })
}

/// What is wrong with an answer's seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unsealed {
    /// Its Response Authenticator is not what the secret makes of it and of our request.
    Authenticator,
    /// Its Message-Authenticator is not, or stands there twice.
    Message,
    /// It has no Message-Authenticator, and has to have one.
    NoMessage,
}

/// Whether an answer must carry Message-Authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageAuthenticator {
    /// An answer without it is ignored.
    #[default]
    Required,
    /// The point can't make it; where it is there it must be right.
    Optional,
}

/// Whether these bytes are an answer to that request by somebody who has the secret.
///
/// The Response Authenticator is MD5 over the answer with our Request Authenticator in its place,
/// and the secret (RFC 5176, section 2.3). Message-Authenticator is HMAC-MD5 over the same with its
/// own value zero (RFC 5176, section 3.4).
///
/// # Errors
/// As [`Unsealed`] says.
pub(super) fn verify(
    bytes: &[u8],
    answer: &Packet,
    to: &Sealed,
    secret: &Secret,
    message: MessageAuthenticator,
) -> Result<(), Unsealed> {
    let size = HEADER_BYTES + answer.attributes.iter().map(Attribute::packed).sum::<usize>();
    // Without its padding, which nothing seals.
    let mut bytes = bytes.get(..size).unwrap_or_default().to_vec();
    put(&mut bytes, AUTHENTICATOR_AT, &to.authenticator);
    if !same(md5(&[&bytes, &secret.0]), answer.authenticator) {
        return Err(Unsealed::Authenticator);
    }
    let Some((at, value)) = place(answer)? else {
        return match message {
            MessageAuthenticator::Required => Err(Unsealed::NoMessage),
            MessageAuthenticator::Optional => Ok(()),
        };
    };
    put(&mut bytes, at, &[0; SEAL]);
    if same(hmac(&bytes, secret), value) { Ok(()) } else { Err(Unsealed::Message) }
}

/// Where the value of Message-Authenticator stands, and what it is.
fn place(packet: &Packet) -> Result<Option<(usize, [u8; SEAL])>, Unsealed> {
    let mut found = None;
    let mut at = HEADER_BYTES;
    for attribute in &packet.attributes {
        if attribute.number() == number::MESSAGE_AUTHENTICATOR {
            let value = attribute.value().try_into().map_err(|_| Unsealed::Message)?;
            if found.replace((at + 2, value)).is_some() {
                return Err(Unsealed::Message);
            }
        }
        at += attribute.packed();
    }
    Ok(found)
}

fn put(bytes: &mut [u8], at: usize, value: &[u8; SEAL]) {
    let place = bytes.get_mut(at..at + SEAL).expect("invariant: a header holds an authenticator");
    place.copy_from_slice(value);
}

fn md5(pieces: &[&[u8]]) -> [u8; SEAL] {
    let mut digest = Md5::new();
    for piece in pieces {
        digest.update(piece);
    }
    digest.finalize().into()
}

fn hmac(bytes: &[u8], secret: &Secret) -> [u8; SEAL] {
    let mut mac = Hmac::<Md5>::new_from_slice(&secret.0)
        .expect("invariant: HMAC takes keys of any length (RFC 2104, section 2)");
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

/// Compares in a time that does not depend on where they differ.
fn same(ours: [u8; SEAL], theirs: [u8; SEAL]) -> bool {
    CtOutput::<Md5>::new(ours.into()) == CtOutput::new(theirs.into())
}

#[cfg(test)]
pub(super) mod server {
    //! The server's half, for the stand-ins of the tests: no part of the program seals an answer.

    use super::{AUTHENTICATOR_AT, HEADER_BYTES, SEAL, Secret, hmac, md5, put};
    use crate::radius::attribute::{Attribute, number};
    use crate::radius::packet::{Code, Packet};

    /// An answer to a request with that authenticator, with Message-Authenticator or without.
    pub(in crate::radius) fn answer(
        code: Code,
        request: &Packet,
        mut attributes: Vec<Attribute>,
        secret: &Secret,
        signed: bool,
    ) -> Vec<u8> {
        if signed {
            let blank = Attribute::new(number::MESSAGE_AUTHENTICATOR, [0; SEAL]).expect("short");
            attributes.insert(0, blank);
        }
        let (identifier, authenticator) = (request.identifier, request.authenticator);
        let packet = Packet { code, identifier, authenticator, attributes };
        let mut bytes = packet.encode().expect("short");
        if signed {
            let message = hmac(&bytes, secret);
            put(&mut bytes, HEADER_BYTES + 2, &message);
        }
        let authenticator = md5(&[&bytes, &secret.0]);
        put(&mut bytes, AUTHENTICATOR_AT, &authenticator);
        bytes
    }
}
