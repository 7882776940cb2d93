//! A proxy that connects to what speaks TLS (CONNECT; RFC 9110, section 9.3.6), and how this
//! program signs in to it: by Basic (RFC 7617), in the request to connect and nowhere else.
//!
//! Refuses every other way to sign in, and to show the password: not in an error, nor where a
//! structure is printed for whoever looks for a fault.

use std::fmt;
use std::io::{self, BufReader, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::Head;
use super::{OutwardError, Place, failed};

/// A proxy, and who asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Where it is.
    pub place: Place,
    /// Who asks; nobody where it wants no name.
    pub credentials: Option<Credentials>,
}

/// A user and a password, as the proxy wants them.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(String);

impl Credentials {
    /// Those of a user.
    ///
    /// # Errors
    /// Where either holds what it can't (RFC 7617, section 2): what is wrong, without either.
    pub fn basic(user: &str, password: &str) -> Result<Self, &'static str> {
        if user.is_empty() || user.contains(':') {
            return Err("the user of a proxy is not empty and has no colon");
        }
        if password.is_empty() {
            return Err("the password of a proxy is not empty");
        }
        if user.chars().chain(password.chars()).any(char::is_control) {
            return Err("neither the user nor the password of a proxy has a control character");
        }
        Ok(Self(format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// Has a proxy connect to a place.
pub(super) fn tunnel(
    mut stream: &TcpStream,
    proxy: &Proxy,
    place: &Place,
) -> Result<(), OutwardError> {
    let told = |cause| failed("reach through the proxy", place, cause);
    let to = place.host_and_port();
    let who = proxy.credentials.as_ref();
    let field = who.map(|who| format!("proxy-authorization: {}\r\n", who.0)).unwrap_or_default();
    let message = format!("CONNECT {to} HTTP/1.1\r\nhost: {to}\r\n{field}\r\n");
    stream.write_all(message.as_bytes()).map_err(told)?;
    // A byte at a time: what follows the head is somebody else's.
    let head = Head::read(&mut BufReader::with_capacity(1, stream)).map_err(told)?;
    match head.status {
        200..300 => Ok(()),
        407 => {
            let offered = head.field("proxy-authenticate").unwrap_or("Basic");
            let why = refusal(proxy, offered);
            Err(OutwardError::SignIn { proxy: proxy.place.to_string(), why })
        }
        status => Err(told(io::Error::other(format!("it answers with status {status}")))),
    }
}

/// Why a proxy lets nobody through who asks like this (RFC 9110, section 11.7.1).
fn refusal(proxy: &Proxy, offered: &str) -> &'static str {
    let mut ways = offered.split(',').map(|one| one.trim().split(' ').next().unwrap_or_default());
    let is_basic = ways.any(|way| way.eq_ignore_ascii_case("basic"));
    match &proxy.credentials {
        _ if !is_basic => "it lets nobody sign in by Basic, and no other way is known here",
        None => "it wants a user and a password",
        Some(_) => "it does not take the user and the password that it was given",
    }
}
