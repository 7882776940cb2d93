//! TLS for the console: a certificate and its key, from files, or of the console's own making.

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Span;
use jiff::civil::Date;
use presentation::console;
use rcgen::{CertificateParams, DnType, KeyPair, KeyUsagePurpose, SanType, date_time_ymd};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::commands;

/// For how many days a certificate of our own making counts: no browser takes more than 825.
const DAYS: i64 = 820;
/// After how long another is made.
const RENEWED: Duration = Duration::from_hours(24 * 790);

/// An acceptor by the certificate and the key of two files in PEM (RFC 7468).
pub(super) fn of_files(certificate: &Path, key: &Path) -> Result<TlsAcceptor> {
    let name = certificate.display();
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read the certificate `{name}`"))?;
    let key_name = key.display();
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the key `{key_name}`"))?;
    let mut configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("cannot set up TLS")?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| format!("`{name}` and `{key_name}` do not belong together"))?;
    configuration.alpn_protocols = console::server::SPOKEN.map(<[u8]>::to_vec).to_vec();
    Ok(TlsAcceptor::from(Arc::new(configuration)))
}

/// Makes a certificate that nobody but itself vouches for, and its key, where there is none yet or
/// it is about to run out; its SHA-256, by which whoever comes for the first time can tell that it
/// is this one.
pub(super) fn generated(certificate: &Path, key: &Path, names: &[String]) -> Result<String> {
    let written = fs::metadata(certificate).and_then(|file| file.modified()).ok();
    let age = written.and_then(|written| written.elapsed().ok()).unwrap_or_default();
    if written.is_some() && age > RENEWED {
        for path in [certificate, key] {
            fs::rename(path, path.with_added_extension("old"))
                .with_context(|| format!("cannot move `{}` aside", path.display()))?;
        }
    }
    if !certificate.exists() {
        let own = KeyPair::generate().context("cannot make a key")?;
        let made = parameters(names)?.self_signed(&own).context("cannot make a certificate")?;
        // The key first: a certificate without its key is of no use to anyone.
        keep(key, &own.serialize_pem(), 0o600)?;
        keep(certificate, &made.pem(), 0o644)?;
    }
    let own = CertificateDer::from_pem_file(certificate)
        .with_context(|| format!("cannot read the certificate `{}`", certificate.display()))?;
    let print = Sha256::digest(&own);
    Ok(print.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

fn parameters(names: &[String]) -> Result<CertificateParams> {
    let mut parameters = CertificateParams::default();
    for name in names {
        let name = match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into().with_context(|| {
                format!("`{name}` is no name of a machine; expected a name or an address")
            })?),
        };
        parameters.subject_alt_names.push(name);
    }
    let (today, days) = (commands::assess::today(), Span::new().days(DAYS));
    let day = |date: Date| {
        date_time_ymd(date.year().into(), date.month().cast_unsigned(), date.day().cast_unsigned())
    };
    parameters.not_before = day(today.yesterday()?);
    parameters.not_after = day(today.checked_add(days)?);
    parameters.distinguished_name.push(DnType::CommonName, "Asepsis console");
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    Ok(parameters)
}

/// Writes a file that was not there.
fn keep(path: &Path, text: &str, mode: u32) -> Result<()> {
    let written = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = written.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    match written {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error).with_context(|| {
            format!("`{}` is there, but its certificate is not: move it aside", path.display())
        }),
        written => written.with_context(|| format!("cannot write `{}`", path.display())),
    }
}
