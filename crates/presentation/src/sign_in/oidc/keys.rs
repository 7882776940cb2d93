//! The keys of a provider (RFC 7517, RFC 7518 section 6, RFC 8037) and signatures by them.
//!
//! Refuses whatever is not a public key for signatures: a secret that both would know is none.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

use super::decode;

/// Most keys of a provider that are looked at.
const KEYS: usize = 64;
/// The longest part of a key, in bytes: RSA of 8192 bits.
const PART: usize = 1 << 10;

/// How a token may be signed (RFC 7518, section 3.1; RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits and more.
    Rs256,
    /// RSASSA-PSS with SHA-256, 2048 bits and more.
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    const ALL: [(&'static str, Self); 4] = [
        ("RS256", Self::Rs256),
        ("PS256", Self::Ps256),
        ("ES256", Self::Es256),
        ("EdDSA", Self::EdDsa),
    ];

    /// The algorithm of that name; `none` and all that share a secret are not among them.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == text).map(|(_, own)| own)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Public {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    id: Option<String>,
    only: Option<Algorithm>,
    public: Public,
}

/// Reads a set of keys (RFC 7517, section 5); what is not for signatures, or not understood, is
/// left out, as section 5 says. `None` where it is no set.
#[must_use]
pub fn read(body: &[u8]) -> Option<Vec<Key>> {
    let told: Value = serde_json::from_slice(body).ok()?;
    let keys = told.get("keys")?.as_array()?;
    Some(keys.iter().take(KEYS).filter_map(key).collect())
}

fn key(told: &Value) -> Option<Key> {
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|what| what != "sig") {
        return None;
    }
    let operations = told.get("key_ops").and_then(Value::as_array);
    if operations.is_some_and(|all| !all.iter().any(|one| one.as_str() == Some("verify"))) {
        return None;
    }
    let part = |name: &str| text(name).and_then(decode).filter(|part| part.len() <= PART);
    let public = match (text("kty")?, text("crv")) {
        ("RSA", _) => Public::Rsa { modulus: unsigned(part("n")?), exponent: unsigned(part("e")?) },
        ("EC", Some("P-256")) => {
            let (x, y) = (part("x")?, part("y")?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            // Uncompressed (SEC 1, section 2.3.3); that it lies on the curve is looked at each
            // time.
            Public::P256([&[4], x.as_slice(), y.as_slice()].concat())
        }
        ("OKP", Some("Ed25519")) => Public::Ed25519(part("x")?),
        _ => return None,
    };
    let only = match text("alg") {
        None => None,
        Some(name) => Some(Algorithm::read(name)?),
    };
    Some(Key { id: text("kid").map(str::to_owned), only, public })
}

/// A number without zeros before it, which some write and the library refuses.
fn unsigned(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

impl Key {
    /// Whether a token that names a key, or none, may be signed by this one.
    #[must_use]
    pub fn may_sign(&self, id: Option<&str>, algorithm: Algorithm) -> bool {
        let is_named = id.is_none() || id == self.id.as_deref();
        let fits = match (&self.public, algorithm) {
            (Public::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
            | (Public::P256(_), Algorithm::Es256)
            | (Public::Ed25519(_), Algorithm::EdDsa) => true,
            (Public::Rsa { .. } | Public::P256(_) | Public::Ed25519(_), _) => false,
        };
        is_named && fits && self.only.is_none_or(|only| only == algorithm)
    }

    /// Whether a message was signed by this key.
    #[must_use]
    pub fn has_signed(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let rsa = |parameters: &RsaParameters, n: &[u8], e: &[u8]| {
            RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
        };
        let verified = match (&self.public, algorithm) {
            (Public::Rsa { modulus, exponent }, Algorithm::Rs256) => {
                rsa(&RSA_PKCS1_2048_8192_SHA256, modulus, exponent)
            }
            (Public::Rsa { modulus, exponent }, Algorithm::Ps256) => {
                rsa(&RSA_PSS_2048_8192_SHA256, modulus, exponent)
            }
            (Public::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Public::Ed25519(point), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            (Public::Rsa { .. } | Public::P256(_) | Public::Ed25519(_), _) => return false,
        };
        verified.is_ok()
    }
}
