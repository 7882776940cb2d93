//! Signing in by the word of a provider of identities: the authorization code flow of OpenID
//! Connect Core 1.0 with PKCE (RFC 7636), as RFC 9700 asks for it.
//!
//! Speaks with nobody itself: [`Web`] does, by whoever keeps the program within bounds. Knows no
//! clock and no randomness. Refuses an answer that does not belong to a question of the same
//! browser, every signature but the four of [`Algorithm`](keys::Algorithm), and to say that
//! somebody is here because a name or an address is the same: who somebody is, issuer and subject
//! say.

pub mod came;
pub mod client;
pub mod flow;
pub mod keys;
pub mod leave;
pub mod metadata;
pub mod new;
pub mod token;

#[cfg(test)]
mod tests;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How far the provider's clock may be from ours, in seconds.
pub const SKEW_S: i64 = 120;
/// How long ago a token may have been issued that comes in answer to a question just asked, in
/// seconds, beside [`SKEW_S`].
pub const ISSUED_S: i64 = 600;
/// How long somebody may take at the provider, in milliseconds: ten minutes.
pub const TAKES_MS: i64 = 600_000;
/// How long all that is asked of the provider for one sign-in may take.
pub const WITHIN: Duration = Duration::from_secs(20);
/// How many are asked for at once.
pub const AT_ONCE: usize = 16;
/// The longest answer of a provider that is read, in bytes.
pub const LONGEST: usize = 256 << 10;
/// How long what a provider says of itself is kept, in milliseconds: an hour.
pub const KEPT_MS: i64 = 3_600_000;
/// How often its keys are asked for anew at most where a token names one that is not known, in
/// milliseconds: once a minute.
pub const KEYS_MS: i64 = 60_000;
/// Answers that are looked at within a minute from one address (IPv6: one network of 64 bits).
pub const PER_MINUTE: u32 = 120;
/// Most people who came by a provider's word, and are there for nothing yet.
pub const NEWCOMERS: i64 = 1_000;

/// What is asked of a provider.
#[derive(Debug)]
pub struct Question<'q> {
    /// Where.
    pub address: &'q str,
    /// Whom else to trust, in PEM.
    pub authority: &'q str,
    /// What `Authorization` says, where it says something.
    pub authorization: Option<&'q str>,
    /// A form to be sent, encoded; where there is none, it is only looked.
    pub form: Option<&'q str>,
    /// How long it may take.
    pub within: Duration,
}

/// Whoever reaches a provider for us.
pub trait Web: Send + Sync {
    /// Whether an address is one that could be asked, and an authority is one.
    ///
    /// # Errors
    /// Why not, in a few words.
    fn check(&self, address: &str, authority: &str) -> Result<(), String>;

    /// Asks; the status and the body, of at most [`LONGEST`] bytes.
    ///
    /// # Errors
    /// Why there is no answer, in a few words that hold no secret.
    fn ask(&self, question: &Question<'_>) -> Result<(u16, Vec<u8>), String>;
}

/// A catalogue of refusals, one a line.
macro_rules! refusals {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        /// Why nobody was let in by a provider's word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Refusal {
            $(#[doc = $meaning] $name),*
        }

        impl Refusal {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The same in a sentence.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }
        }
    };
}

refusals! {
    NotAsked "oidc.not-asked" "This answer belongs to no sign-in that was begun in this browser within ten minutes. Begin again.";
    Used "oidc.used" "This sign-in was used already. Begin again.";
    Denied "oidc.denied" "The provider did not let you in, or you ended it there.";
    Silent "oidc.silent" "The provider does not answer. Sign in with a password of this console, if you have one, or try again.";
    Metadata "oidc.metadata" "What the provider says of itself can't be used: whoever keeps this console sees why under Settings.";
    Code "oidc.code" "The provider did not take the code or the console's own credentials: whoever keeps this console sees why under Settings.";
    Token "oidc.token" "The provider's answer holds no ID token that can be read.";
    Algorithm "oidc.algorithm" "The ID token is signed in a way that is not taken: RS256, PS256, ES256 and EdDSA are.";
    Key "oidc.key" "The ID token is signed by a key that the provider does not publish.";
    Signature "oidc.signature" "The signature of the ID token is wrong.";
    Issuer "oidc.issuer" "The answer comes from another issuer than the one that was asked.";
    Audience "oidc.audience" "The ID token was made for another program.";
    Expired "oidc.expired" "The ID token has ended, or its times are not those of now: compare the clocks of the provider and of this console.";
    Nonce "oidc.nonce" "The ID token belongs to another sign-in.";
    Subject "oidc.subject" "The ID token does not say who you are.";
    Strength "oidc.strength" "You have to sign in at the provider in a stronger way, such as with a second factor.";
    NotFresh "oidc.not-fresh" "The provider does not say that you signed in there just now.";
    Somebody "oidc.somebody-else" "That was somebody else than who is signed in here.";
    Disabled "oidc.disabled" "You may not sign in here any more.";
    NoDuty "oidc.no-duty" "The provider knows you, but none of your groups there is for this console. Ask whoever keeps it.";
    Full "oidc.full" "Too many who are new wait for whoever keeps this console. Ask them.";
    TooOften "oidc.too-often" "Too many sign-ins come from where you are. Try again in a minute.";
}

/// Why nobody was let in, and more of it for whoever keeps the console, without any secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub why: Refusal,
    /// More of it; empty where there is no more.
    pub more: String,
}

impl Failure {
    /// All of it, for whoever keeps the console.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.more.is_empty() {
            self.why.text().to_owned()
        } else {
            format!("{} ({}.)", self.why.text(), self.more)
        }
    }
}

impl From<Refusal> for Failure {
    fn from(why: Refusal) -> Self {
        Self { why, more: String::new() }
    }
}

impl Refusal {
    fn because(self, more: impl Into<String>) -> Failure {
        Failure { why: self, more: more.into() }
    }
}

/// Base64url without padding (RFC 4648, section 5).
fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Whether browsers and programs reach an address so that nobody between reads or changes what is
/// said: over TLS, or within this machine.
#[must_use]
pub fn is_safe(address: &str) -> bool {
    let plain = |rest: &str| {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, _) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        matches!(bare, "localhost" | "127.0.0.1" | "::1")
    };
    let is_plain =
        address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#@".contains(&byte));
    is_plain
        && (address.starts_with("https://") || address.strip_prefix("http://").is_some_and(plain))
}

/// A value in a form or a query (WHATWG URL, section 5.2).
fn escaped(value: &str) -> String {
    use std::fmt::Write as _;
    value.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => drop(write!(text, "%{byte:02X}")),
        }
        text
    })
}

fn form(fields: &[(&str, &str)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    fields.collect::<Vec<_>>().join("&")
}
