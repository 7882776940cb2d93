//! TLS for the console: a certificate and its key, from files.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An acceptor by the certificate and the key of two files in PEM (RFC 7468).
pub(super) fn of_files(certificate: &Path, key: &Path) -> Result<TlsAcceptor> {
    let name = certificate.display();
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read the certificate `{name}`"))?;
    let key_name = key.display();
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key `{key_name}`"))?;
    let configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("cannot set up TLS")?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| format!("`{name}` and `{key_name}` do not belong together"))?;
    Ok(TlsAcceptor::from(Arc::new(configuration)))
}
