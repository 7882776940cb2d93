//! Over TLS: from there nobody goes to where there is none, and through a proxy it is the same.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

use super::Bench;
use super::files::catalogue;

/// Reads a head.
fn head(stream: &mut impl Read) -> String {
    let (mut text, mut some) = (String::new(), [0; 1]);
    while !text.ends_with("\r\n\r\n") && stream.read(&mut some).is_ok_and(|count| count > 0) {
        text.push(char::from(some[0]));
    }
    text
}

/// A server that gives each caller the next answer, over TLS, under a name; its port and its
/// authority.
fn over_tls(name: &str, answers: Vec<String>) -> (u16, String) {
    let own = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("made");
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("a pair");
    let configuration = Arc::new(configuration);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().expect("somebody");
            let session =
                rustls::ServerConnection::new(Arc::clone(&configuration)).expect("a session");
            let mut stream = rustls::StreamOwned::new(session, stream);
            // Whoever does not trust it hangs up.
            head(&mut stream);
            let _ = stream.write_all(answer.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    (port, own.cert.pem())
}

/// A proxy that connects to a port whatever it is asked for; its own port, and what it was asked.
fn proxy(to: u16, status: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let text = head(&mut near);
            let first = text.lines().next().unwrap_or_default().to_owned();
            log.lock().expect("not poisoned").push(first);
            let answer = format!("HTTP/1.1 {status} x\r\nvia: 1.1 proxy\r\n\r\n");
            near.write_all(answer.as_bytes()).expect("written");
            if status != 200 {
                continue;
            }
            let mut far = TcpStream::connect(("127.0.0.1", to)).expect("a server");
            let (mut back, mut forth) =
                (near.try_clone().expect("a copy"), far.try_clone().expect("a copy"));
            thread::spawn(move || io::copy(&mut near, &mut forth));
            thread::spawn(move || io::copy(&mut far, &mut back));
        }
    });
    (port, asked)
}

fn answer(fields: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {fields}\r\ncontent-length: {length}\r\n\r\n{body}")
}

#[test]
fn from_tls_nobody_goes_to_where_there_is_none() {
    let mut bench = Bench::new();
    let location = format!("302 x\r\nlocation: {}/kev.json", bench.server.address());
    let (port, pem) = over_tls("www.cisa.gov", vec![answer(&location, "")]);
    bench.server.put("/kev.json", catalogue(1).as_bytes());
    bench.settings.instead.clear();
    let (proxy, _) = proxy(port, 200);
    bench.settings.proxy = format!("http://127.0.0.1:{proxy}").parse().ok();
    bench.settings.authority = pem;
    let wrong = bench.wrong("kev");
    assert!(wrong.contains("to where there is no TLS"), "{wrong}");
    assert_eq!(bench.paths().len(), 0);
}

#[test]
fn a_proxy_is_asked_by_name_and_the_certificate_is_that_of_the_name() {
    let mut bench = Bench::new();
    bench.settings.instead.clear();
    let whole = answer("200 x", &catalogue(2));
    for (name, is_right) in [("www.cisa.gov", true), ("proxy.example", false)] {
        let (port, pem) = over_tls(name, vec![whole.clone()]);
        let (proxy, asked) = proxy(port, 200);
        bench.settings.proxy = format!("http://127.0.0.1:{proxy}").parse().ok();
        bench.settings.authority = pem;
        let outcome = bench.try_sync("kev");
        assert_eq!(outcome.is_ok(), is_right, "{name}: {outcome:?}");
        assert_eq!(*asked.lock().expect("not poisoned"), ["CONNECT www.cisa.gov:443 HTTP/1.1"]);
    }
    let (proxy, asked) = proxy(1, 407);
    bench.settings.proxy = format!("http://127.0.0.1:{proxy}").parse().ok();
    let wrong = bench.wrong("kev");
    assert!(wrong.contains("through the proxy") && wrong.contains("status 407"), "{wrong}");
    // What is written as an address is checked here.
    let before = asked.lock().expect("not poisoned").len();
    let wrong = bench.wrong("csaf:https://10.0.0.5/provider-metadata.json");
    assert!(wrong.contains("--feeds-may-reach"), "{wrong}");
    assert_eq!(asked.lock().expect("not poisoned").len(), before);
    // And so is the proxy's own.
    bench.settings.proxy = "http://10.0.0.7:3128".parse().ok();
    assert!(bench.wrong("kev").contains("10.0.0.7"));
}
