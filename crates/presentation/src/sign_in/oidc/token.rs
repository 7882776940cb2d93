//! ID tokens (OpenID Connect Core 1.0, sections 2 and 3.1.3.7; RFC 7515, RFC 7519, RFC 8725).
//!
//! Refuses `none`, secrets that both know, headers that have to be understood and are not, a token
//! for somebody else, of another time or another sign-in, and one that is weaker than was asked.

use serde_json::{Map, Value};

use super::keys::{Algorithm, Key};
use super::{Failure, ISSUED_S, Refusal, SKEW_S, decode};

/// The longest token, in bytes.
const LONGEST: usize = 64 << 10;
/// The longest subject, in bytes (OpenID Connect Core 1.0, section 2).
const SUBJECT: usize = 255;
/// Most values of a claim that are looked at.
const VALUES: usize = 1_000;

/// A token whose signature was not looked at.
#[derive(Debug)]
pub struct Unproved<'t> {
    message: &'t [u8],
    algorithm: Algorithm,
    key: Option<String>,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

/// Takes a token apart (RFC 7515, section 7.1).
///
/// # Errors
/// Where it is none, or is signed in a way that is not taken.
pub fn apart(token: &str) -> Result<Unproved<'_>, Failure> {
    if token.len() > LONGEST {
        return Err(Refusal::Token.into());
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Token)?;
    let (header, claims) = message.split_once('.').ok_or(Refusal::Token)?;
    let object = |text: &str| match serde_json::from_slice(&decode(text)?) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    };
    let header = object(header).ok_or(Refusal::Token)?;
    let named = |name: &str| header.get(name).and_then(Value::as_str);
    let algorithm = named("alg").and_then(Algorithm::read).ok_or(Refusal::Algorithm)?;
    // Nothing that has to be understood is (RFC 7515, section 4.1.11).
    if header.contains_key("crit") || header.contains_key("b64") {
        return Err(Refusal::Algorithm.into());
    }
    if header.get("typ").is_some_and(|kind| !is_jwt(kind)) {
        return Err(Refusal::Token.because("it is a token of another kind"));
    }
    Ok(Unproved {
        message: message.as_bytes(),
        algorithm,
        key: named("kid").map(str::to_owned),
        signature: decode(signature).ok_or(Refusal::Token)?,
        claims: object(claims).ok_or(Refusal::Token)?,
    })
}

/// Other kinds of token that the same keys sign are told by this (RFC 8725, section 3.11).
fn is_jwt(kind: &Value) -> bool {
    kind.as_str().is_some_and(|kind| {
        kind.eq_ignore_ascii_case("jwt") || kind.eq_ignore_ascii_case("application/jwt")
    })
}

impl Unproved<'_> {
    /// The claims, where one of these keys has signed them.
    ///
    /// # Errors
    /// [`Refusal::Key`] where none of them may have, [`Refusal::Signature`] where none has.
    pub fn prove(&self, keys: &[Key]) -> Result<Claims, Failure> {
        let mut may =
            keys.iter().filter(|key| key.may_sign(self.key.as_deref(), self.algorithm)).peekable();
        if may.peek().is_none() {
            return Err(Refusal::Key.into());
        }
        let signed = may.any(|key| key.has_signed(self.algorithm, self.message, &self.signature));
        if signed { Ok(Claims(self.claims.clone())) } else { Err(Refusal::Signature.into()) }
    }
}

/// What is asked of a token.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    /// By whom.
    pub issuer: &'w str,
    /// For whom.
    pub client: &'w str,
    /// In answer to what.
    pub nonce: &'w str,
    /// Classes of authentication, of which it has to have one; none where any will do.
    pub acr: &'w [String],
    /// Methods of authentication, all of which it has to name.
    pub amr: &'w [String],
    /// Not before which moment the person must have signed in at the provider, in seconds since
    /// 1970, where that is asked.
    pub not_before_s: Option<i64>,
    /// Now, in seconds since 1970.
    pub now_s: i64,
}

/// What a provider has signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A moment, in seconds since 1970 (RFC 7519, section 2).
    fn moment(&self, name: &str) -> Option<i64> {
        let number = self.0.get(name)?;
        // Within what can be a moment at all no second is lost.
        #[expect(clippy::cast_possible_truncation, reason = "bounded on the same line")]
        let whole = |part: f64| (part.abs() < 1e15).then_some(part as i64);
        number.as_i64().or_else(|| number.as_f64().and_then(whole))
    }

    /// The texts of a claim: one, or several.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.0.get(name) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().take(VALUES).filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Looks at everything that is asked of a token but its signature.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn judge(&self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        if self.text("iss") != Some(wanted.issuer) {
            return Err(Refusal::Issuer.into());
        }
        self.audience(wanted.client)?;
        self.times(wanted.now_s)?;
        let nonce = self.text("nonce").unwrap_or_default();
        if !super::flow::is_same(nonce, wanted.nonce) {
            return Err(Refusal::Nonce.into());
        }
        if self.subject().is_none() {
            return Err(Refusal::Subject.into());
        }
        self.strength(wanted)
    }

    /// For us, and where it is for others too, made for us (OpenID Connect Core 1.0, section
    /// 3.1.3.7, 3 to 5).
    fn audience(&self, client: &str) -> Result<(), Failure> {
        let audience = self.texts("aud");
        let party = self.0.get("azp");
        let is_party = party.map(|party| party.as_str() == Some(client));
        let is_ours = audience.contains(&client)
            && is_party.unwrap_or(audience.iter().all(|one| *one == client));
        if is_ours { Ok(()) } else { Err(Refusal::Audience.into()) }
    }

    fn times(&self, now_s: i64) -> Result<(), Failure> {
        let wrong = |more: &str| Err(Refusal::Expired.because(more));
        let (ends, issued) = (self.moment("exp"), self.moment("iat"));
        let (Some(ends), Some(issued)) = (ends, issued) else {
            return wrong("it does not say when it was made and when it ends");
        };
        if ends <= now_s.saturating_sub(SKEW_S) {
            return wrong("it has ended");
        }
        if issued > now_s + SKEW_S || self.moment("nbf").is_some_and(|at| at > now_s + SKEW_S) {
            return wrong("it was made in the future");
        }
        if issued < now_s - ISSUED_S - SKEW_S {
            return wrong("it was made long ago");
        }
        Ok(())
    }

    fn strength(&self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let acr = self.text("acr").unwrap_or_default();
        if !wanted.acr.is_empty() && !wanted.acr.iter().any(|one| one == acr) {
            return Err(Refusal::Strength.because("its acr is none of those that are asked for"));
        }
        let amr = self.texts("amr");
        if !wanted.amr.iter().all(|one| amr.contains(&one.as_str())) {
            return Err(Refusal::Strength.because("its amr names not all that is asked for"));
        }
        let Some(not_before_s) = wanted.not_before_s else { return Ok(()) };
        match self.signed_in_s() {
            Some(at) if (not_before_s - SKEW_S..=wanted.now_s + SKEW_S).contains(&at) => Ok(()),
            Some(_) => Err(Refusal::NotFresh.because("its auth_time is of another sign-in")),
            None => Err(Refusal::NotFresh.because("it has no auth_time")),
        }
    }

    /// Under which name the provider knows the person, for ever.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        let is_one = |subject: &&str| {
            (1..=SUBJECT).contains(&subject.len())
                && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        };
        self.text("sub").filter(is_one)
    }

    /// When the person signed in there, in seconds since 1970, where that is told.
    #[must_use]
    pub fn signed_in_s(&self) -> Option<i64> {
        self.moment("auth_time")
    }

    /// The class and the methods of authentication, as they are told.
    #[must_use]
    pub fn ways(&self) -> (&str, Vec<&str>) {
        (self.text("acr").unwrap_or_default(), self.texts("amr"))
    }

    /// What the person would be called: a name for signing in, and one to be shown.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        let own = self.text("preferred_username").unwrap_or_default();
        let own = own.split('@').next().unwrap_or_default();
        (own, self.text("name").unwrap_or_default())
    }
}
