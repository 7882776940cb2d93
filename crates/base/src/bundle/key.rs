//! Keys and signatures in minisign's form, as its author describes it ("Signature format", "Public
//! key format", "Secret key format"). Secret keys stand in their files without a password, so these
//! files are for their owner only.

use std::fmt;
use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// Ed25519; of what is signed, the hash.
const KEY: [u8; 2] = *b"Ed";
const HASHED: [u8; 2] = *b"ED";
/// The kind of the check sum, of which only a key with a password has need.
const CHECKED: [u8; 2] = *b"B2";
const SUM: [u8; 32] = [0; 32];
/// No password.
const BARE: [u8; 2] = [0, 0];
/// Salt, and the two limits of a password's hash.
const UNUSED: [u8; 48] = [0; 48];

/// Why a key can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is none.
    #[error("no secret key of minisign")]
    None,
    /// It has a password.
    #[error("the secret key has a password: use one without, as `asepsis feed key` makes it")]
    Password,
    /// The machine gives no randomness.
    #[error("the machine gives no randomness")]
    Random,
}

/// A key that signs.
pub struct SigningKey {
    number: [u8; 8],
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl fmt::Debug for SigningKey {
    /// Without what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id())
    }
}

impl SigningKey {
    /// A new one.
    ///
    /// # Errors
    /// Where the machine gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let bytes = ring::rand::generate::<[u8; 40]>(&random).map_err(|_| KeyError::Random)?;
        let (number, seed) = split(bytes.expose());
        Self::new(number, seed)
    }

    fn new(number: [u8; 8], seed: [u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::None)?;
        Ok(Self { number, seed, pair })
    }

    /// From the text of its file.
    ///
    /// # Errors
    /// Where that is no secret key, or one with a password.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let line = text.lines().nth(1).ok_or(KeyError::None)?;
        let bytes = STANDARD.decode(line.trim()).map_err(|_| KeyError::None)?;
        let (head, rest) = bytes.split_at_checked(6).ok_or(KeyError::None)?;
        if head == [KEY, *b"Sc", CHECKED].concat() {
            return Err(KeyError::Password);
        }
        let key = rest.get(UNUSED.len()..).filter(|key| key.len() == 8 + 64 + 32);
        let key = key.filter(|_| head == [KEY, BARE, CHECKED].concat()).ok_or(KeyError::None)?;
        let (number, seed) = split(*key.first_chunk().ok_or(KeyError::None)?);
        let read = Self::new(number, seed)?;
        if read.secret() == key { Ok(read) } else { Err(KeyError::None) }
    }

    /// Number, secret key with the public one behind it, and the place of the check sum.
    fn secret(&self) -> Vec<u8> {
        [self.number.as_slice(), &self.seed, self.pair.public_key().as_ref(), &SUM].concat()
    }

    /// How the key is called: its number.
    fn id(&self) -> String {
        format!("{:016X}", u64::from_le_bytes(self.number))
    }

    /// The text of its file, which is secret.
    #[must_use]
    pub fn secret_text(&self) -> String {
        let bytes = [KEY, BARE, CHECKED].concat();
        let bytes = [bytes.as_slice(), &UNUSED, &self.secret()].concat();
        let encoded = STANDARD.encode(bytes);
        format!("untrusted comment: minisign secret key {}\n{encoded}\n", self.id())
    }

    /// The text of the file for those who are to trust it.
    #[must_use]
    pub fn public_text(&self) -> String {
        let bytes = [KEY.as_slice(), &self.number, self.pair.public_key().as_ref()].concat();
        let encoded = STANDARD.encode(bytes);
        format!("untrusted comment: minisign public key {}\n{encoded}\n", self.id())
    }

    /// The text of a signature of all that is read, with a comment that it covers.
    pub(super) fn sign(&self, file: &mut impl Read, comment: &str) -> io::Result<String> {
        let mut hash = Blake2b512::new();
        let mut piece = vec![0; super::PIECE];
        loop {
            let length = file.read(&mut piece)?;
            let Some(piece) = piece.get(..length).filter(|piece| !piece.is_empty()) else { break };
            hash.update(piece);
        }
        let signature = self.pair.sign(&hash.finalize());
        let covered = [signature.as_ref(), comment.as_bytes()].concat();
        let whole = STANDARD.encode(self.pair.sign(&covered));
        let bytes = [HASHED.as_slice(), &self.number, signature.as_ref()].concat();
        let first = format!("untrusted comment: signature by key {}", self.id());
        let signed = STANDARD.encode(bytes);
        Ok(format!("{first}\n{signed}\ntrusted comment: {comment}\n{whole}\n"))
    }
}

fn split(bytes: [u8; 40]) -> ([u8; 8], [u8; 32]) {
    let mut number = [0; 8];
    let mut seed = [0; 32];
    let places = number.iter_mut().chain(&mut seed);
    places.zip(bytes).for_each(|(place, byte)| *place = byte);
    (number, seed)
}
