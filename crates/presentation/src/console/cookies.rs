//! The three cookies (RFC 6265): the session's, the one by which a browser is known, and the one
//! that holds a sign-in which is on its way by a provider of identities.
//!
//! Refuses scripts (`HttpOnly`), other sites (`SameSite=Lax`) and, over TLS, other hosts and plain
//! HTTP (`__Host-`).

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use store::secret::{Fingerprint, Secret};

use crate::sign_in::entry::KNOWN_MS;
use crate::sign_in::oidc::TAKES_MS;
use crate::sign_in::token;

/// How the console is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Over TLS.
    Tls,
    /// From a proxy alone, which speaks TLS and says for whom it asks.
    Proxy,
    /// In plain, from this machine only.
    Plain,
}

const SESSION: [&str; 2] = ["__Host-asepsis", "asepsis"];
const BROWSER: [&str; 2] = ["__Host-asepsis-browser", "asepsis-browser"];
const PROVIDER: [&str; 2] = ["__Host-asepsis-provider", "asepsis-provider"];

/// The token of the session that a request shows.
pub(super) fn session(headers: &HeaderMap) -> Option<String> {
    find(headers, SESSION)
}

/// The fingerprint by which the browser is known.
pub(super) fn browser(headers: &HeaderMap) -> Option<Fingerprint> {
    find(headers, BROWSER).as_deref().and_then(token::read_opaque)
}

/// The sign-in that is on its way in this browser.
pub(super) fn provider(headers: &HeaderMap) -> Option<String> {
    find(headers, PROVIDER)
}

fn find(headers: &HeaderMap, names: [&str; 2]) -> Option<String> {
    let all = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(name, _)| names.contains(&name.trim()));
    found.map(|(_, value)| value.trim().to_owned())
}

/// Sets the session's, until the browser closes.
pub(super) fn of_session(channel: Channel, shown: &Secret<String>) -> HeaderValue {
    cookie(channel, SESSION, shown.expose(), "")
}

/// Takes the session's away.
pub(super) fn no_session(channel: Channel) -> HeaderValue {
    cookie(channel, SESSION, "", "; Max-Age=0")
}

/// Sets the browser's, for as long as it is known.
pub(super) fn of_browser(channel: Channel, shown: &Secret<String>) -> HeaderValue {
    cookie(channel, BROWSER, shown.expose(), &format!("; Max-Age={}", KNOWN_MS / 1_000))
}

/// Sets that of a sign-in on its way, for as long as it may take.
pub(super) fn of_provider(channel: Channel, sealed: &Secret<String>) -> HeaderValue {
    cookie(channel, PROVIDER, sealed.expose(), &format!("; Max-Age={}", TAKES_MS / 1_000))
}

/// Takes that of a sign-in on its way away.
pub(super) fn no_provider(channel: Channel) -> HeaderValue {
    cookie(channel, PROVIDER, "", "; Max-Age=0")
}

fn cookie(channel: Channel, [tls, plain]: [&str; 2], value: &str, more: &str) -> HeaderValue {
    let text = match channel {
        Channel::Tls | Channel::Proxy => {
            format!("{tls}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{more}")
        }
        Channel::Plain => format!("{plain}={value}; Path=/; HttpOnly; SameSite=Lax{more}"),
    };
    HeaderValue::try_from(text).expect("invariant: letters, digits, dots, dashes and lines below")
}
