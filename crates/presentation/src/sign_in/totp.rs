//! The second factor: six digits that an app computes from a shared secret and the time (RFC 6238).
//!
//! SHA-1, six digits and 30 seconds, for apps know nothing else for sure; what is known of SHA-1
//! does not weaken HMAC with it (RFC 6194, section 3.3). Refuses to know which step was taken
//! before: the store does, so that a code is taken once (RFC 6238, section 5.2).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use store::secret::Secret;

use super::base32;
use super::token::Random;

/// Seconds of a step (RFC 6238, section 5.2).
const STEP: i64 = 30;
/// Steps before and after the present one that are taken, for clocks that differ (the same
/// section).
const WINDOW: i64 = 1;
/// Digits of a code (RFC 4226, section 5.3, asks for six at least).
pub const DIGITS: usize = 6;
/// What a code is the remainder by.
const MODULUS: u32 = 1_000_000;
/// Bytes of a secret (RFC 4226, section 4, R6, recommends 160 bits).
const BYTES: usize = 20;

/// A new secret.
pub fn secret(random: &mut Random) -> Secret<Vec<u8>> {
    Secret::new(random.draw::<BYTES>().to_vec())
}

/// The secret as people type it into an app that can't read a picture.
#[must_use]
pub fn shown(secret: &Secret<Vec<u8>>) -> Secret<String> {
    Secret::new(base32::encode(secret.expose()).to_uppercase())
}

/// The secret that a page of ours showed, as the form brings it back.
#[must_use]
pub fn read_secret(text: &str) -> Option<Secret<Vec<u8>>> {
    base32::decode(text).filter(|bytes| bytes.len() == BYTES).map(Secret::new)
}

/// The secret as a URI, for a picture that an app reads. The form is by custom, not by a standard.
#[must_use]
pub fn uri(secret: &Secret<Vec<u8>>, issuer: &str, name: &str) -> Secret<String> {
    let (issuer, name, text) = (quoted(issuer), quoted(name), shown(secret));
    Secret::new(format!(
        "otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        text.expose(),
    ))
}

/// The step whose code was typed, of those that are taken at this time; the newest, where several
/// have the same.
#[must_use]
pub fn step(secret: &Secret<Vec<u8>>, typed: &str, now_ms: i64) -> Option<i64> {
    let typed = read(typed)?;
    let now = now_ms.div_euclid(1_000).div_euclid(STEP);
    // Every step is computed, whichever fits.
    let fits = |step: &i64| at(secret, *step) == typed;
    (now - WINDOW..=now + WINDOW).filter(fits).fold(None, |_, step| Some(step))
}

/// Whether that may be a code, so that whoever typed a recovery code is understood.
fn read(typed: &str) -> Option<u32> {
    let digits: String = typed.chars().filter(|digit| !digit.is_whitespace()).take(9).collect();
    let is_one = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| is_one)
}

/// The code of a step (RFC 4226, section 5.3).
pub(super) fn at(secret: &Secret<Vec<u8>>, step: i64) -> u32 {
    let mac = Hmac::<Sha1>::new_from_slice(secret.expose())
        .expect("invariant: HMAC takes a key of any length");
    let hash = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
    let offset = usize::from(hash.last().copied().unwrap_or(0) & 15);
    let bytes = hash.iter().skip(offset).take(4);
    let number = bytes.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    (number & 0x7fff_ffff) % MODULUS
}

/// Percent-encoded, but for what is unreserved (RFC 3986, section 2.3).
fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut quoted, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            let _ = write!(quoted, "%{byte:02X}");
        }
        quoted
    })
}
