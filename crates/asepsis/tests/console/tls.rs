//! TLS of the console, by a certificate of its own making.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use testkit::browser::Browser;
use testkit::served::Served;

use super::signed_in;

/// A page over TLS, from whoever shows that certificate for that name.
fn page(served: &Served, certificate: &Path, name: &'static str) -> Result<String, String> {
    let mut trusted = RootCertStore::empty();
    trusted.add(CertificateDer::from_pem_file(certificate).expect("PEM")).expect("a certificate");
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("set up")
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let name = ServerName::try_from(name).expect("a name");
    let address = served.at("").replace("https://", "");
    let connection = ClientConnection::new(Arc::new(client), name).expect("begun");
    let stream = TcpStream::connect(address).expect("it answers");
    let mut stream = StreamOwned::new(connection, stream);
    let request = b"GET /setup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).map_err(|error| error.to_string())?;
    let mut answer = String::new();
    match stream.read_to_string(&mut answer) {
        Err(error) if answer.is_empty() => Err(error.to_string()),
        _ => Ok(answer),
    }
}

#[test]
fn a_certificate_of_its_own_is_made_once_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--tls-generate", "localhost", "--tls-generate", "127.0.0.1"];
    let certificate = folder.path().join("asepsis.certificate.pem");
    let mut made: Vec<Vec<u8>> = Vec::new();
    for _ in 0..2 {
        let served = Served::start_in(folder.path(), &arguments);
        for name in ["localhost", "127.0.0.1"] {
            let answer = page(&served, &certificate, name).expect("it is whom it says");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        let refused = page(&served, &certificate, "elsewhere.example").expect_err("another name");
        assert!(refused.contains("certificate"), "{refused}");
        made.push(fs::read(&certificate).expect("kept"));
    }
    assert_eq!(made.first(), made.last());
    let key = fs::metadata(folder.path().join("asepsis.key.pem")).expect("kept");
    assert_eq!(key.mode() & 0o777, 0o600);
}

#[test]
fn eight_tabs_that_listen_leave_room_for_a_ninth_and_each_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |id: &str| {
        let row = format!("id,manufacturer,model\n{id},B. Braun,Space\n");
        fs::write(folder.path().join(format!("{id}.csv")), row).expect("kept");
    };
    put("PUMP-1");
    let watched = folder.path().display().to_string();
    let served = Served::start(&["--tls-generate", "127.0.0.1", "--watch", &watched]);
    let browser = Browser::start(1280, 800);
    signed_in(&served, &browser);
    let spoken = "return performance.getEntriesByType('navigation')[0].nextHopProtocol === 'h2'";
    let mut tabs = vec![browser.tab()];
    for tab in 1..=9 {
        if tab > 1 {
            let opened = browser.open_tab();
            browser.turn_to(&opened);
            tabs.push(opened);
        }
        browser.go(&served.at("/devices"));
        browser.wait_for("PUMP-1");
        browser.wait("HTTP/2", spoken);
    }
    // By six connections, of which each tab keeps one, the seventh would have had none.
    put("PUMP-2");
    for tab in &tabs {
        browser.turn_to(tab);
        browser.wait_for("PUMP-2");
    }
}
