//! What is asked of the provider itself, and what is kept of it: its configuration and its keys for
//! an hour, which sign-ins were used, who comes too often, and how it went last.
//!
//! Refuses to ask for keys again and again because somebody shows tokens of unknown ones, and to
//! hold anything while it waits.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use store::provider::Provider;
use store::secret::{Fingerprint, Secret};

use super::flow::{BACK, Begun, Purpose, Seal};
use super::keys::{self, Key};
use super::leave;
use super::metadata::{self, Metadata};
use super::token::{Claims, Wanted, apart};
use super::{
    Failure, KEPT_MS, KEYS_MS, PER_MINUTE, Question, Refusal, TAKES_MS, WITHIN, Web, escaped, form,
};
use crate::sign_in::token::Random;

/// How long each of three questions may take.
const EACH: Duration = Duration::from_secs(WITHIN.as_secs() / 3);
/// Most sign-ins of which it is kept that they were used, and most addresses that are counted.
const USED: usize = 10_000;
const CALLERS: usize = 10_000;
/// Most tokens that are kept for signing out, and the longest of them, in bytes: it stands in an
/// address.
const TOKENS: usize = 2_000;
const TOKEN: usize = 4 << 10;
const MINUTE_MS: i64 = 60_000;
/// Why a provider gives no token, as it may say it (RFC 6749, section 5.2); other words of it are
/// not repeated.
const ERRORS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// What is kept of a provider.
#[derive(Debug, Clone)]
struct Kept {
    /// Of which: its issuer, and since when it is asked.
    of: (String, i64),
    metadata: Metadata,
    metadata_ms: i64,
    keys: Vec<Key>,
    keys_ms: i64,
}

/// How it went last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What was wrong, if anything was.
    pub failure: Option<Failure>,
}

/// Who asks the provider.
pub struct Client {
    web: Arc<dyn Web>,
    seal: Seal,
    kept: Mutex<Option<Kept>>,
    used: Mutex<HashMap<Fingerprint, i64>>,
    callers: Mutex<(i64, HashMap<IpAddr, u32>)>,
    last: Mutex<Option<Last>>,
    /// By which token somebody came, by the fingerprint of the session that they have.
    tokens: Mutex<HashMap<Fingerprint, (String, Secret<String>)>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    /// One that has asked nothing yet.
    #[must_use]
    pub fn new(web: Arc<dyn Web>, random: &mut Random) -> Self {
        Self {
            web,
            seal: Seal::new(random),
            kept: Mutex::default(),
            used: Mutex::default(),
            callers: Mutex::default(),
            last: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    /// What its sign-ins are sealed with.
    #[must_use]
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Whoever reaches the provider.
    #[must_use]
    pub fn web(&self) -> &dyn Web {
        &*self.web
    }

    /// Notes how it went, for whoever keeps the console.
    pub fn note(&self, at_ms: i64, failure: Option<Failure>) {
        *hold(&self.last) = Some(Last { at_ms, failure });
    }

    /// How it went last, since the program began.
    #[must_use]
    pub fn last(&self) -> Option<Last> {
        hold(&self.last).clone()
    }

    /// Counts an answer that comes from an address; whether it is one too many.
    #[must_use]
    pub fn is_too_often(&self, from: IpAddr, now_ms: i64) -> bool {
        let mut callers = hold(&self.callers);
        let minute = now_ms / MINUTE_MS;
        if callers.0 != minute || callers.1.len() >= CALLERS {
            *callers = (minute, HashMap::new());
        }
        let count = callers.1.entry(network(from)).or_default();
        *count += 1;
        *count > PER_MINUTE
    }

    /// Uses a sign-in up; whether it was not used before. Where there is no room the eldest go:
    /// then only the provider says that its codes were used.
    #[must_use]
    pub fn uses(&self, begun: &Begun, now_ms: i64) -> bool {
        let mut used = hold(&self.used);
        if used.len() >= USED {
            used.retain(|_, at_ms| now_ms.saturating_sub(*at_ms) < TAKES_MS);
        }
        if used.len() >= USED {
            let mut times: Vec<i64> = used.values().copied().collect();
            times.sort_unstable();
            let middle = times.get(times.len() / 2).copied().unwrap_or(now_ms);
            used.retain(|_, at_ms| *at_ms > middle);
        }
        used.insert(begun.fingerprint(), now_ms).is_none()
    }

    /// What the provider says of itself, from memory or asked for.
    ///
    /// # Errors
    /// Where it does not answer, or can't be used.
    pub fn metadata(&self, provider: &Provider, now_ms: i64) -> Result<Metadata, Failure> {
        self.known(provider, now_ms).map(|kept| kept.metadata)
    }

    /// The same, asked for anew.
    ///
    /// # Errors
    /// As above.
    pub fn anew(&self, provider: &Provider, now_ms: i64) -> Result<Metadata, Failure> {
        *hold(&self.kept) = None;
        self.metadata(provider, now_ms)
    }

    fn known(&self, provider: &Provider, now_ms: i64) -> Result<Kept, Failure> {
        let of = (provider.issuer.clone(), provider.made_ms);
        let is_good = |kept: &Kept| {
            kept.of == of && (0..KEPT_MS).contains(&now_ms.saturating_sub(kept.metadata_ms))
        };
        if let Some(kept) = hold(&self.kept).clone().filter(is_good) {
            return Ok(kept);
        }
        let body = self.look(provider, &metadata::place(&provider.issuer), "its configuration")?;
        let metadata = metadata::read(&body, &provider.issuer)?;
        for address in [&metadata.token, &metadata.keys] {
            let checked = self.web.check(address, "");
            checked.map_err(|why| Refusal::Metadata.because(why))?;
        }
        let keys = self.ask_keys(provider, &metadata)?;
        let kept = Kept { of, metadata, metadata_ms: now_ms, keys, keys_ms: now_ms };
        *hold(&self.kept) = Some(kept.clone());
        Ok(kept)
    }

    fn ask_keys(&self, provider: &Provider, metadata: &Metadata) -> Result<Vec<Key>, Failure> {
        let body = self.look(provider, &metadata.keys, "its keys")?;
        keys::read(&body).ok_or_else(|| Refusal::Metadata.because("its keys are no set of keys"))
    }

    fn look(&self, provider: &Provider, address: &str, what: &str) -> Result<Vec<u8>, Failure> {
        let (status, body) = self.ask(provider, address, None, None)?;
        if status == 200 {
            return Ok(body);
        }
        let elsewhere = if (300..400).contains(&status) { ", which points elsewhere" } else { "" };
        Err(Refusal::Metadata.because(format!("{what}: it answers with {status}{elsewhere}")))
    }

    fn ask(
        &self,
        provider: &Provider,
        address: &str,
        authorization: Option<&str>,
        form: Option<&str>,
    ) -> Result<(u16, Vec<u8>), Failure> {
        let authority = &provider.authority;
        let question = Question { address, authority, authorization, form, within: EACH };
        self.web.ask(&question).map_err(|why| Refusal::Silent.because(why))
    }

    /// Keeps the token by which somebody came, to show it where they sign out. A long one is not
    /// kept, and where there is no room the others go: then the provider asks who it is.
    pub fn keep_token(&self, session: Fingerprint, issuer: &str, token: Secret<String>) {
        let mut tokens = hold(&self.tokens);
        if token.expose().len() > TOKEN {
            return;
        }
        if tokens.len() >= TOKENS {
            tokens.clear();
        }
        tokens.insert(session, (issuer.to_owned(), token));
    }

    /// Where somebody signs out at the provider whose session here has ended; `None` where it names
    /// no such place, or has not been asked since the program began: nobody waits for it.
    #[must_use]
    pub fn leave(&self, provider: &Provider, session: &Fingerprint) -> Option<String> {
        let token = hold(&self.tokens).remove(session);
        let token = token.filter(|(issuer, _)| *issuer == provider.issuer);
        let kept = hold(&self.kept).clone();
        let kept = kept.filter(|kept| kept.of == (provider.issuer.clone(), provider.made_ms))?;
        leave::address(provider, &kept.metadata, token.as_ref().map(|(_, token)| token))
    }

    /// Changes a code for what the provider says of a person, and looks at all of it; with the
    /// token that says it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn claims(
        &self,
        provider: &Provider,
        begun: &Begun,
        code: &str,
        now_ms: i64,
    ) -> Result<(Claims, Secret<String>), Failure> {
        let kept = self.known(provider, now_ms)?;
        let token = self.token(provider, &kept.metadata, begun, code)?;
        let unproved = apart(token.expose())?;
        let claims = match unproved.prove(&kept.keys) {
            Err(Failure { why: Refusal::Key, .. }) => {
                unproved.prove(&self.newer_keys(provider, &kept, now_ms)?)?
            }
            other => other?,
        };
        let not_before_s = (begun.purpose != Purpose::SignIn).then_some(begun.begun_ms / 1_000);
        claims.judge(&Wanted {
            issuer: &provider.issuer,
            client: &provider.client,
            nonce: &begun.nonce(&self.seal),
            acr: &provider.acr,
            amr: &provider.amr,
            not_before_s,
            now_s: now_ms / 1_000,
        })?;
        Ok((claims, token))
    }

    /// The keys again, where they were not asked for just now: providers change them.
    fn newer_keys(
        &self,
        provider: &Provider,
        kept: &Kept,
        now_ms: i64,
    ) -> Result<Vec<Key>, Failure> {
        {
            let mut held = hold(&self.kept);
            if let Some(held) = held.as_mut().filter(|held| held.of == kept.of) {
                // Somebody else may have asked meanwhile.
                if held.keys != kept.keys {
                    return Ok(held.keys.clone());
                }
                if (0..KEYS_MS).contains(&now_ms.saturating_sub(held.keys_ms)) {
                    return Err(Refusal::Key.into());
                }
                held.keys_ms = now_ms;
            }
        }
        let keys = self.ask_keys(provider, &kept.metadata)?;
        if let Some(held) = hold(&self.kept).as_mut().filter(|held| held.of == kept.of) {
            held.keys.clone_from(&keys);
        }
        Ok(keys)
    }

    /// The ID token for a code (OpenID Connect Core 1.0, section 3.1.3).
    fn token(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        begun: &Begun,
        code: &str,
    ) -> Result<Secret<String>, Failure> {
        let (back, verifier) = (format!("{}{BACK}", provider.console), begun.verifier(&self.seal));
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("code_verifier", verifier.expose()),
        ];
        let secret = provider.secret.as_ref().map(Secret::expose);
        let mut authorization = None;
        match (provider.authentication.as_str(), secret) {
            ("client_secret_basic", Some(secret)) => {
                // Each escaped before they are put together (RFC 6749, section 2.3.1).
                let both = format!("{}:{}", escaped(&provider.client), escaped(secret));
                authorization = Some(format!("Basic {}", STANDARD.encode(both)));
            }
            ("client_secret_post", Some(secret)) => {
                fields.extend([("client_id", &*provider.client), ("client_secret", secret)]);
            }
            _ => fields.push(("client_id", &provider.client)),
        }
        let form = form(&fields);
        let (status, body) =
            self.ask(provider, &metadata.token, authorization.as_deref(), Some(&form))?;
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status != 200 {
            let error = told.get("error").and_then(Value::as_str).unwrap_or_default();
            let error = ERRORS.into_iter().find(|known| *known == error).unwrap_or("no reason");
            return Err(Refusal::Code.because(format!("it answers with {status}: {error}")));
        }
        let token = told.get("id_token").and_then(Value::as_str).map(str::to_owned);
        token.map(Secret::new).ok_or_else(|| Refusal::Token.because("there is none"))
    }
}

fn network(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V6(own) => IpAddr::V6(Ipv6Addr::from_bits(own.to_bits() & !u128::from(u64::MAX))),
        IpAddr::V4(_) => from,
    }
}
