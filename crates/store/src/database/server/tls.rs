//! TLS to a PostgreSQL server: always with a certificate that is checked, or none at all.
//!
//! Refuses what can be talked out of it: `sslmode=prefer` and `allow`, by which whoever stands
//! between the two reads along, are errors.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use postgres::Config;
use postgres::config::{Host, SslMode};
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use rustls_native_certs::load_native_certs;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as Stream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::error::Cause;

/// What a URL says of TLS, beside what the client itself knows.
const MODE: &str = "sslmode";
const ROOT: &str = "sslrootcert";

/// How a server is reached.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// Makes connections speak TLS.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

/// Reads a URL: `sslmode` as PostgreSQL's own tools know it, and the authority's certificate in
/// `sslrootcert`, where it is not one of the system's.
///
/// On a socket, or from this machine to itself, TLS is spoken where it is asked for; else always,
/// but for `sslmode=disable`.
pub(super) fn way(url: &str) -> Result<Way, Cause> {
    let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut root, mut rest) = (None, None, Vec::new());
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some((MODE, value)) => mode = Some(value.to_owned()),
            Some((ROOT, value)) => root = Some(decoded(value)?),
            _ => rest.push(parameter),
        }
    }
    let url =
        if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) };
    let mut config: Config = url.parse()?;
    let is_near = config.get_hosts().iter().all(is_near);
    let speaks = match mode.as_deref() {
        None => !is_near || root.is_some(),
        Some("disable") => false,
        Some("require" | "verify-ca" | "verify-full") => true,
        Some(mode @ ("allow" | "prefer")) => {
            return Err(format!(
                "sslmode={mode} lets whoever stands between the two read along; expected \
                 verify-full, or disable"
            )
            .into());
        }
        Some(mode) => {
            return Err(format!("`{mode}` is no sslmode; expected verify-full or disable").into());
        }
    };
    config.ssl_mode(if speaks { SslMode::Require } else { SslMode::Disable });
    let trusted =
        if speaks { trusted(root.as_deref().map(Path::new))? } else { RootCertStore::empty() };
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(Way { config, tls: Tls(TlsConnector::from(Arc::new(client))) })
}

/// Whether what is said to a host stays on this machine.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => match name.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => name == "localhost",
        },
    }
}

/// Whom a server's certificate may come from.
fn trusted(root: Option<&Path>) -> Result<RootCertStore, Cause> {
    let mut trusted = RootCertStore::empty();
    let Some(path) = root else {
        // What the system can't read of its own is not trusted, and the rest is.
        trusted.add_parsable_certificates(load_native_certs().certs);
        return Ok(trusted);
    };
    let unreadable = |why: &dyn Error| format!("cannot read `{}`: {why}", path.display());
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(&error))?;
    for certificate in certificates {
        trusted.add(certificate).map_err(|error| unreadable(&error))?;
    }
    if trusted.is_empty() {
        return Err(format!("`{}` holds no certificate in PEM", path.display()).into());
    }
    Ok(trusted)
}

/// A value of a URL (RFC 3986, section 2.1).
fn decoded(value: &str) -> Result<String, Cause> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or("a `%` without two digits")?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits)?, 16)?);
        rest = after;
    }
    Ok(String::from_utf8(bytes)?)
}

/// A connection that speaks TLS.
pub(super) struct Spoken<S>(Stream<S>);

/// One that is to.
pub(super) struct Begin {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Spoken<S>;
    type TlsConnect = Begin;
    type Error = Cause;

    fn make_tls_connect(&mut self, host: &str) -> Result<Begin, Cause> {
        // A socket has no name, and speaks no TLS.
        let name = ServerName::try_from(host.to_owned())
            .or_else(|_| ServerName::try_from("localhost".to_owned()))?;
        Ok(Begin { connector: self.0.clone(), name })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Begin {
    type Stream = Spoken<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Spoken<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.name, stream).await.map(Spoken) })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Spoken<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Spoken<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Spoken<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use postgres::config::SslMode;

    use super::way;

    fn speaks(url: &str) -> bool {
        way(url).is_ok_and(|way| way.config.get_ssl_mode() == SslMode::Require)
    }

    #[test]
    fn beyond_this_machine_tls_is_spoken_unless_it_is_forbidden() {
        for url in ["postgres://a@db/x", "postgres://a@10.0.0.7/x?connect_timeout=3"] {
            assert!(speaks(url), "{url}");
        }
        for url in [
            "postgres://a@%2Frun%2Fpostgresql/x",
            "postgres://a@localhost/x",
            "postgres://a@127.0.0.1/x",
            "postgres://a@[::1]/x",
            "postgres://a@db/x?sslmode=disable",
        ] {
            assert!(way(url).is_ok() && !speaks(url), "{url}");
        }
        assert!(speaks("postgres://a@localhost/x?sslmode=require"));
        // One of several hosts is elsewhere.
        assert!(speaks("postgres://a@localhost,db/x"));
    }

    #[test]
    fn what_can_be_talked_out_of_it_is_refused() {
        for mode in ["prefer", "allow", "none", ""] {
            let error = way(&format!("postgres://a@db/x?sslmode={mode}")).err().expect("refused");
            assert!(error.to_string().contains("verify-full"), "{error}");
        }
        let error = way("postgres://a@db/x?sslrootcert=%2Fno%2Fsuch").err().expect("refused");
        assert!(error.to_string().contains("/no/such"), "{error}");
    }
}
