//! What a webhook carries beside the alert: an id, when it was sent, and a signature over both and
//! the text, as the Standard Webhooks specification 1.0.0 has them.
//!
//! Refuses to sign without a secret that was drawn here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::secret::Secret;

use crate::sign_in::token::Random;

/// How a secret begins where it is shown.
const PREFIX: &str = "whsec_";

/// A new secret of 32 bytes, and how it is shown, once.
pub fn secret(random: &mut Random) -> (Secret<Vec<u8>>, Secret<String>) {
    let bytes = random.draw::<32>().to_vec();
    let shown = format!("{PREFIX}{}", STANDARD.encode(&bytes));
    (Secret::new(bytes), Secret::new(shown))
}

/// The fields of the head, for a text that is sent at a time in seconds since 1970.
#[must_use]
pub fn fields(
    id: &str,
    at_seconds: i64,
    body: &str,
    secret: Option<&Secret<Vec<u8>>>,
) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at_seconds.to_string()),
    ];
    if let Some(secret) = secret {
        let mac = Hmac::<Sha256>::new_from_slice(secret.expose())
            .expect("invariant: HMAC takes a key of any length");
        let signed = mac.chain_update(format!("{id}.{at_seconds}.")).chain_update(body);
        let signature = STANDARD.encode(signed.finalize().into_bytes());
        fields.push(("webhook-signature", format!("v1,{signature}")));
    }
    fields
}
