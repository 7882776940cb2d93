//! Texts that nobody can guess: of sessions, of browsers, of programs, and the proof that a form
//! comes from a page of ours.
//!
//! Refuses to draw randomness from the system: the program does, in one place.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use store::secret::{Fingerprint, Secret};

use super::base32;

/// How the token of a program begins, so that whoever searches texts for leaked secrets knows it.
pub const PREFIX: &str = "asepsis_";
/// Bytes of a token that nobody knows.
const SECRET: usize = 32;
/// Bytes of it that say whether it was copied whole.
const CHECK: usize = 5;
/// Letters of a token of 32 bytes.
const LETTERS: usize = 52;

/// Bytes that nobody can guess, drawn from a seed that the system gave: HMAC-SHA-256 (RFC 2104) in
/// counter mode (NIST SP 800-108r1, section 4.1).
pub struct Random {
    seed: Secret<[u8; 32]>,
    count: u64,
}

impl Random {
    /// Draws from a seed, which must be used once.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed: Secret::new(seed), count: 0 }
    }

    /// The next bytes.
    pub fn draw<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for part in bytes.chunks_mut(32) {
            self.count += 1;
            let drawn = keyed(self.seed.expose(), &self.count.to_be_bytes());
            let drawn = drawn.finalize().into_bytes();
            part.copy_from_slice(drawn.get(..part.len()).unwrap_or_default());
        }
        bytes
    }

    /// An id: 128 bits in hexadecimal.
    pub fn id(&mut self) -> String {
        self.draw::<16>().iter().fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A token of a session or a browser: 256 bits.
pub fn opaque(random: &mut Random) -> Secret<String> {
    Secret::new(base32::encode(&random.draw::<SECRET>()))
}

/// The fingerprint of what a browser shows as such a token; `None` where it can't be one, so that
/// nothing has to be looked up.
#[must_use]
pub fn read_opaque(text: &str) -> Option<Fingerprint> {
    let is_one = text.len() == LETTERS
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'2'..=b'7'));
    is_one.then(|| Fingerprint::of(text))
}

/// A token of a program: `asepsis_` and 60 letters, the last eight of which show whether it is
/// whole.
pub fn for_program(random: &mut Random) -> Secret<String> {
    let secret = random.draw::<SECRET>();
    let mut bytes = secret.to_vec();
    bytes.extend(check(&secret));
    Secret::new(format!("{PREFIX}{}", base32::encode(&bytes)))
}

/// The fingerprint of what a program shows as its token; `None` where it is none, or not whole.
#[must_use]
pub fn read_of_program(text: &str) -> Option<Fingerprint> {
    let bytes = base32::decode(text.strip_prefix(PREFIX)?)?;
    let (secret, checked) = bytes.split_at_checked(SECRET)?;
    (checked == check(secret)).then(|| Fingerprint::of(text))
}

fn check(secret: &[u8]) -> [u8; CHECK] {
    let hash: [u8; 32] = Sha256::new_with_prefix(PREFIX).chain_update(secret).finalize().into();
    let mut check = [0; CHECK];
    check.iter_mut().zip(hash).for_each(|(own, byte)| *own = byte);
    check
}

/// What a form on a page of ours carries: only whoever holds the token of the session, or the one
/// of the browser before there is a session, can make it, and it tells nothing of that token.
#[must_use]
pub fn of_form(token: &str) -> String {
    base32::encode(&form(token).finalize().into_bytes())
}

/// Whether a form carries what a page of ours put there; compared in constant time.
#[must_use]
pub fn form_is_ours(token: &str, carried: &str) -> bool {
    base32::decode(carried).is_some_and(|bytes| form(token).verify_slice(&bytes).is_ok())
}

fn form(token: &str) -> Hmac<Sha256> {
    keyed(token.as_bytes(), b"asepsis form")
}

fn keyed(key: &[u8], bytes: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::new_from_slice(key).expect("invariant: HMAC takes a key of any length");
    mac.chain_update(bytes)
}
