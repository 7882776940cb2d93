//! Passwords: which are taken, and how one is known again.
//!
//! Argon2id (RFC 9106) with a salt of its own for each. Refuses rules that make people choose worse
//! ones: no classes of characters, no end date (NIST SP 800-63B, section 5.1.1.2). How many are
//! hashed at a time is the caller's to limit: each takes 64 MiB.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use store::secret::Secret;
use unicode_normalization::UnicodeNormalization as _;

use super::token::Random;

/// Fewest characters: what keeps an attacker busy who has the hashes, and tries offline.
pub const SHORTEST: usize = 12;
/// Most bytes.
pub const LONGEST: usize = 256;
/// How many hashes may be computed at a time, where the caller has no better number. One of them is
/// to be kept for browsers that are known.
pub const AT_ONCE: usize = 4;
/// Memory in KiB, passes and lanes: the second recommendation of RFC 9106, section 4, for machines
/// where the first one's 2 GiB are too much. It is above what OWASP asks for at least (19 MiB, two
/// passes).
const COST: (u32, u32, u32) = (64 << 10, 3, 4);
/// A hash that asks for more memory than this, in KiB, was not made here.
const MOST_MEMORY: u32 = 1 << 20;
/// Bytes of a salt (RFC 9106, section 3.1, recommends 16).
const SALT: usize = 16;

/// Long ones that are tried first, or that hospitals have; without regard to case.
const WORST: [&str; 20] = [
    "password1234",
    "passwordpassword",
    "qwertyuiop12",
    "qwertyuiopas",
    "1q2w3e4r5t6y",
    "iloveyou1234",
    "administrator",
    "administrator1",
    "letmeinletmein",
    "changeme1234",
    "changemechangeme",
    "welcome12345",
    "hospital1234",
    "hospitalhospital",
    "biomedical123",
    "radiology1234",
    "clinical12345",
    "emergency1234",
    "asepsisasepsis",
    "correcthorsebatterystaple",
];

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// It has too few characters.
    #[error("the password is too short: it has to have {SHORTEST} characters, such as four words")]
    Short,
    /// It has too many bytes.
    #[error("the password is too long: {LONGEST} bytes are the most")]
    Long,
    /// It holds the name, so that it is tried early.
    #[error("the password holds the name of the person: choose one that does not")]
    Name,
    /// It is one of the first that are tried.
    #[error("the password is one of the first that are tried: choose another")]
    Common,
    /// It has a character that no keyboard types.
    #[error("the password holds a control character")]
    Control,
}

/// Says whether a password is taken for a person of that name.
pub fn judge(password: &str, name: &str) -> Result<(), Weak> {
    if password.len() > LONGEST {
        return Err(Weak::Long);
    }
    if password.chars().any(char::is_control) {
        return Err(Weak::Control);
    }
    let same = normal(password).to_lowercase();
    if same.chars().count() < SHORTEST {
        return Err(Weak::Short);
    }
    let name = normal(name).to_lowercase();
    // Two letters, as some names have, stand in many a good one.
    if name.chars().count() > 2 && same.contains(&name) {
        return Err(Weak::Name);
    }
    if WORST.contains(&same.as_str()) || repeats(&same) || counts(&same) {
        return Err(Weak::Common);
    }
    Ok(())
}

/// The hash of a password, in the PHC string format.
pub fn hash(password: &str, random: &mut Random) -> Secret<String> {
    let salt = random.draw::<SALT>();
    let hash = hasher().hash_password_with_salt(&prepared(password), &salt);
    Secret::new(hash.expect("invariant: salt and costs are within Argon2's bounds").to_string())
}

/// Whether that is the password. Takes the same time whether it is nearly or not at all; where
/// there is no hash to compare with, as for a name that nobody has, it takes as long and says no.
#[must_use]
pub fn is_right(password: &str, hash: Option<&Secret<String>>) -> bool {
    let parsed = hash.and_then(|hash| PasswordHash::new(hash.expose()).ok());
    let memory = |hash: &PasswordHash| Params::try_from(hash).map_or(u32::MAX, |own| own.m_cost());
    let Some(parsed) = parsed.filter(|hash| memory(hash) <= MOST_MEMORY) else {
        let _ = hasher().hash_password_with_salt(&prepared(password), &[0; SALT]);
        return false;
    };
    let is_right = hasher().verify_password(&prepared(password), &parsed).is_ok();
    is_right && password.len() <= LONGEST
}

/// Whether a hash was made with other costs than are in use now, so that it is to be made anew when
/// the password is next known.
#[must_use]
pub fn is_outdated(hash: &Secret<String>) -> bool {
    let parsed = PasswordHash::new(hash.expose()).ok();
    let costs = parsed.and_then(|hash| Params::try_from(&hash).ok());
    costs.is_none_or(|own| (own.m_cost(), own.t_cost(), own.p_cost()) != COST)
}

fn hasher() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None);
    let params = params.expect("invariant: the costs are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What is hashed: the same bytes from every keyboard. A longer one than is taken is hashed as far
/// as it is taken, and is wrong.
fn prepared(password: &str) -> Vec<u8> {
    let end = password.floor_char_boundary(LONGEST);
    normal(password.get(..end).unwrap_or_default()).into_bytes()
}

/// Normalization Form KC (Unicode Standard Annex 15), as NIST SP 800-63B, section 5.1.1.2, asks.
fn normal(text: &str) -> String {
    text.nfkc().collect()
}

/// Whether it is one short piece again and again.
fn repeats(text: &str) -> bool {
    const LONGEST_PIECE: usize = 4;
    let letters: Vec<char> = text.chars().collect();
    (1..=LONGEST_PIECE)
        .any(|piece| letters.iter().zip(letters.iter().skip(piece)).all(|(one, next)| one == next))
}

/// Whether each letter follows the one before, up or down: 123456789012, abcdefghijkl.
fn counts(text: &str) -> bool {
    let values: Vec<u32> = text.chars().map(u32::from).collect();
    let goes = |by: fn(u32) -> u32| {
        values.iter().zip(values.iter().skip(1)).all(|(one, next)| {
            let wraps = (*one, *next) == (0x39, 0x30) || (*one, *next) == (0x30, 0x39);
            wraps || by(*one) == *next
        })
    };
    goes(|value| value + 1) || goes(|value| value.wrapping_sub(1))
}
