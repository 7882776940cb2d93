//! TLS to whoever is sent to (RFC 8446, RFC 5246), by the names that the system trusts and by an
//! authority of the hospital's own.
//!
//! Refuses to go on where the certificate is not the host's: there is no setting for that.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{OutwardError, Place};

/// Most certificates of an authority that are taken.
const CERTIFICATES: usize = 16;

/// A connection, in the clear or not.
pub trait Wire: Read + Write {
    /// Says that nothing more comes from here.
    ///
    /// # Errors
    /// Where the other end is gone.
    fn end(&mut self) -> std::io::Result<()>;
}

impl Wire for TcpStream {
    fn end(&mut self) -> std::io::Result<()> {
        self.flush()?;
        self.shutdown(std::net::Shutdown::Write)
    }
}

impl Wire for StreamOwned<ClientConnection, TcpStream> {
    fn end(&mut self) -> std::io::Result<()> {
        self.conn.send_close_notify();
        self.flush()?;
        self.sock.shutdown(std::net::Shutdown::Write)
    }
}

/// Begins TLS on a connection to a place. `authority` are certificates in PEM (RFC 7468) that are
/// trusted as those of the system are; empty where there are none.
///
/// # Errors
/// Where TLS can't be set up, or the certificate is not the host's.
pub fn begin(
    stream: TcpStream,
    place: &Place,
    authority: &str,
) -> Result<Box<dyn Wire>, OutwardError> {
    let tls = |why: String| OutwardError::Tls { why };
    let configuration = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| tls(error.to_string()))?
        .with_root_certificates(trusted(authority)?)
        .with_no_client_auth();
    let name = ServerName::try_from(place.host())
        .map_err(|_| tls(format!("`{}` is no name that a certificate has", place.host())))?;
    let session = ClientConnection::new(Arc::new(configuration), name);
    let mut stream = StreamOwned::new(session.map_err(|error| tls(error.to_string()))?, stream);
    while stream.conn.is_handshaking() {
        let done = stream.conn.complete_io(&mut stream.sock);
        done.map_err(|cause| super::failed("speak TLS with", place, cause))?;
    }
    Ok(Box::new(stream))
}

/// The certificates of an authority, as they are typed.
///
/// # Errors
/// Where they are none.
pub fn authority(pem: &str) -> Result<Vec<CertificateDer<'static>>, OutwardError> {
    let wrong = || OutwardError::Tls { why: "that holds no certificate in PEM".to_owned() };
    let read: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(pem.as_bytes()).take(CERTIFICATES + 1).collect();
    let read = read.map_err(|_| wrong())?;
    if read.is_empty() || read.len() > CERTIFICATES { Err(wrong()) } else { Ok(read) }
}

fn trusted(pem: &str) -> Result<RootCertStore, OutwardError> {
    let mut roots = RootCertStore::empty();
    // What the system has and can't be read is not trusted; what is needed is missed then.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if !pem.is_empty() {
        for certificate in authority(pem)? {
            let added = roots.add(certificate);
            added.map_err(|error| OutwardError::Tls { why: error.to_string() })?;
        }
    }
    Ok(roots)
}
