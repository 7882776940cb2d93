//! Signing out at the provider, too (OpenID Connect RP-Initiated Logout 1.0).
//!
//! Refuses to do it unasked: whoever signs out here may still be at work elsewhere.

use store::provider::Provider;
use store::secret::Secret;

use super::form;
use super::metadata::Metadata;

/// Where the provider sends browsers back to, below the console's own address.
pub const AFTER: &str = "/sign-in";

/// Where a browser signs out at the provider (section 2), with the token by which somebody came
/// where that is there: without it, it asks who it is.
#[must_use]
pub fn address(
    provider: &Provider,
    metadata: &Metadata,
    token: Option<&Secret<String>>,
) -> Option<String> {
    let end = metadata.end_session.as_ref()?;
    let after = format!("{}{AFTER}", provider.console);
    let mut fields =
        vec![("client_id", provider.client.as_str()), ("post_logout_redirect_uri", &after)];
    if let Some(token) = token {
        fields.push(("id_token_hint", token.expose()));
    }
    let before = if end.contains('?') { '&' } else { '?' };
    Some(format!("{end}{before}{}", form(&fields)))
}
