//! Codes that people type once: recovery codes, and the one of the set-up.
//!
//! Each has 120 bits, so that a fast hash of it is enough to keep (NIST SP 800-63B, section
//! 5.1.2.2, asks for 112). Refuses none for its case or its dashes.

use store::secret::{Fingerprint, Secret};

use super::base32;
use super::token::Random;

/// How many recovery codes a person gets.
pub const RECOVERY_CODES: usize = 8;
/// Bytes of a code.
const BYTES: usize = 15;
/// Letters between two dashes.
const GROUP: usize = 4;
/// Letters of a code.
const LETTERS: usize = 24;

/// A code, as it is shown: `abcd-efgh-…`.
pub fn draw(random: &mut Random) -> Secret<String> {
    let mut shown = String::new();
    for (at, letter) in base32::encode(&random.draw::<BYTES>()).chars().enumerate() {
        if at > 0 && at % GROUP == 0 {
            shown.push('-');
        }
        shown.push(letter);
    }
    Secret::new(shown)
}

/// As many codes as a person gets.
pub fn draw_all(random: &mut Random) -> Vec<Secret<String>> {
    (0..RECOVERY_CODES).map(|_| draw(random)).collect()
}

/// The fingerprint of what somebody typed as a code; `None` where it can't be one.
#[must_use]
pub fn read(typed: &str) -> Option<Fingerprint> {
    let letters: String = typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .take(LETTERS + 1)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let is_one = letters.len() == LETTERS && base32::decode(&letters).is_some();
    is_one.then(|| Fingerprint::of(&letters))
}
