//! One sign-in on its way: what a browser takes to the provider, and what it has to come back with.
//!
//! Nothing of it is kept here: the browser holds it in a cookie, sealed, so that nobody who begins
//! many takes any room. State, nonce and the verifier of PKCE are three keyed hashes of one secret
//! in it. Refuses what was sealed by another run of the program, or longer ago than
//! [`TAKES_MS`](super::TAKES_MS).

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::provider::Provider;
use store::secret::{Fingerprint, Secret};

use super::metadata::Metadata;
use super::{TAKES_MS, decode, encode, form};
use crate::sign_in::session::AHEAD_MS;
use crate::sign_in::token::Random;

/// Where browsers come back to, below the console's own address.
pub const BACK: &str = "/sign-in/provider/back";
/// The longest place of ours that somebody is led to afterwards, in bytes.
const NEXT: usize = 1_000;

/// What the program seals with: drawn anew when it begins.
#[derive(Debug, Clone)]
pub struct Seal(Secret<[u8; 32]>);

impl Seal {
    /// A new one.
    #[must_use]
    pub fn new(random: &mut Random) -> Self {
        Self(Secret::new(random.draw()))
    }

    fn keyed(&self, what: &str, of: &[u8]) -> Hmac<Sha256> {
        let key = self.0.expose();
        let mac = Hmac::new_from_slice(key).expect("invariant: HMAC takes a key of any length");
        mac.chain_update(what).chain_update([0]).chain_update(of)
    }
}

/// What somebody has gone to the provider for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To come in.
    SignIn,
    /// To show that they are still there, in the session of that id.
    Confirm(String),
}

/// A sign-in that was begun.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// What for.
    pub purpose: Purpose,
    /// Where to go afterwards.
    pub next: String,
    /// When, in milliseconds since 1970.
    pub begun_ms: i64,
    secret: String,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

impl Begun {
    /// One that begins now.
    #[must_use]
    pub fn new(purpose: Purpose, next: &str, now_ms: i64, random: &mut Random) -> Self {
        let next = if next.len() > NEXT { "/" } else { next };
        let secret = encode(&random.draw::<32>());
        Self { purpose, next: next.to_owned(), begun_ms: now_ms, secret }
    }

    /// As the cookie holds it.
    #[must_use]
    pub fn sealed(&self, seal: &Seal) -> Secret<String> {
        let text = serde_json::to_vec(self).expect("invariant: texts and numbers are JSON");
        let mac = seal.keyed("cookie", &text).finalize().into_bytes();
        Secret::new(format!("{}.{}", encode(&text), encode(&mac)))
    }

    /// What a cookie holds, where it was sealed here, and not too long ago.
    #[must_use]
    pub fn open(cookie: &str, seal: &Seal, now_ms: i64) -> Option<Self> {
        let (text, mac) = cookie.split_once('.')?;
        let (text, mac) = (decode(text)?, decode(mac)?);
        seal.keyed("cookie", &text).verify_slice(&mac).ok()?;
        let begun: Self = serde_json::from_slice(&text).ok()?;
        let age_ms = now_ms.saturating_sub(begun.begun_ms);
        (-AHEAD_MS..TAKES_MS).contains(&age_ms).then_some(begun)
    }

    /// By which it is told whether it was used already.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.secret)
    }

    fn derived(&self, what: &str, seal: &Seal) -> String {
        encode(&seal.keyed(what, self.secret.as_bytes()).finalize().into_bytes())
    }

    /// What the answer has to carry (RFC 6749, section 10.12).
    #[must_use]
    pub fn state(&self, seal: &Seal) -> String {
        self.derived("state", seal)
    }

    /// What the token has to carry.
    #[must_use]
    pub fn nonce(&self, seal: &Seal) -> String {
        self.derived("nonce", seal)
    }

    /// What shows that whoever brings the code is who asked for it (RFC 7636, section 4.1).
    #[must_use]
    pub fn verifier(&self, seal: &Seal) -> Secret<String> {
        Secret::new(self.derived("verifier", seal))
    }

    /// Where the browser is sent (OpenID Connect Core 1.0, section 3.1.2.1).
    #[must_use]
    pub fn address(&self, provider: &Provider, metadata: &Metadata, seal: &Seal) -> String {
        let scopes: Vec<&str> =
            ["openid"].into_iter().chain(provider.scopes.iter().map(String::as_str)).collect();
        let (scopes, back) = (scopes.join(" "), format!("{}{BACK}", provider.console));
        let (state, nonce) = (self.state(seal), self.nonce(seal));
        let challenge = encode(&Sha256::digest(self.verifier(seal).expose()));
        let acr = provider.acr.join(" ");
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", provider.client.as_str()),
            ("redirect_uri", back.as_str()),
            ("scope", scopes.as_str()),
            ("state", state.as_str()),
            ("nonce", nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        if !acr.is_empty() {
            fields.push(("acr_values", &acr));
        }
        if self.purpose != Purpose::SignIn {
            // That they are there now, and not that they were in the morning. Where an age is named
            // the answer has to say when they signed in, and that is looked at; 0 is refused by
            // some.
            fields.extend([("prompt", "login"), ("max_age", "300")]);
        }
        let before = if metadata.authorization.contains('?') { '&' } else { '?' };
        format!("{}{before}{}", metadata.authorization, form(&fields))
    }
}

/// Whether two texts are the same, in a time that does not tell how much of them is.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    Fingerprint::of(one) == Fingerprint::of(other)
}
