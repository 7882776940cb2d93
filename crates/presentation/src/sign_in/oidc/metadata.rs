//! What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414).
//!
//! Refuses a document of another issuer, and addresses that are not reached safely.

use serde_json::Value;

use super::{Failure, Refusal, is_safe};

/// Where a provider says what it is, below its issuer (OpenID Connect Discovery 1.0, section 4).
const PATH: &str = "/.well-known/openid-configuration";
/// The longest address of a provider, in bytes.
const LONGEST: usize = 2_000;

/// What of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where browsers are sent.
    pub authorization: String,
    /// Where a code is changed for a token.
    pub token: String,
    /// Where its keys are.
    pub keys: String,
    /// Where somebody signs out there, if that can be asked for (OpenID Connect RP-Initiated Logout
    /// 1.0, section 2.1).
    pub end_session: Option<String>,
    /// Whether each of its answers names it (RFC 9207, section 3).
    pub names_issuer: bool,
}

/// Where an issuer says what it is.
#[must_use]
pub fn place(issuer: &str) -> String {
    format!("{}{PATH}", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Reads what an issuer says of itself.
///
/// # Errors
/// [`Refusal::Metadata`] where it is another's, or can't be used.
pub fn read(body: &[u8], issuer: &str) -> Result<Metadata, Failure> {
    let wrong = |more: String| Refusal::Metadata.because(more);
    let told: Value =
        serde_json::from_slice(body).map_err(|_| wrong("its configuration is no JSON".into()))?;
    // Section 4.3: exactly the same, or somebody else answers in its place.
    if told.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err(wrong("its configuration is that of another issuer".into()));
    }
    let address = |name: &str| {
        let found = told.get(name).and_then(Value::as_str).unwrap_or_default();
        if found.is_empty() {
            return Err(wrong(format!("its configuration has no {name}")));
        }
        if found.len() > LONGEST || !is_safe(found) {
            return Err(wrong(format!("its {name} is not reached over TLS")));
        }
        Ok(found.to_owned())
    };
    let metadata = Metadata {
        authorization: address("authorization_endpoint")?,
        token: address("token_endpoint")?,
        keys: address("jwks_uri")?,
        // Where it can't be used, nobody is led there, and can sign in all the same.
        end_session: address("end_session_endpoint").ok(),
        names_issuer: told
            .get("authorization_response_iss_parameter_supported")
            .and_then(Value::as_bool)
            .unwrap_or(false),
    };
    // Where it says which ways of PKCE it knows, ours has to be among them (RFC 8414, section 2).
    let methods = told.get("code_challenge_methods_supported").and_then(Value::as_array);
    if methods.is_some_and(|known| !known.iter().any(|one| one.as_str() == Some("S256"))) {
        return Err(wrong("it does not know PKCE by S256".into()));
    }
    Ok(metadata)
}
