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
use crate::outward::proxy::{Credentials, Proxy};

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

/// How a proxy is asked.
fn by(port: u16, credentials: Option<Credentials>) -> Proxy {
    let place = format!("http://127.0.0.1:{port}").parse().expect("a place");
    Proxy { place, credentials }
}

/// A proxy that connects to a port whatever it is asked for; its own port, and what it was asked.
fn proxy(to: u16, status: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
    proxy_that(to, move |_| (status, "via: 1.1 proxy"))
}

/// The same, which says by the head that it is asked with whether it connects, and a field.
fn proxy_that(
    to: u16,
    says: impl Fn(&str) -> (u16, &'static str) + Send + 'static,
) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let text = head(&mut near);
            let (status, field) = says(&text);
            log.lock().expect("not poisoned").push(text);
            let answer = format!("HTTP/1.1 {status} x\r\n{field}\r\n\r\n");
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
    bench.settings.proxy = Some(by(proxy, None));
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
        bench.settings.proxy = Some(by(proxy, None));
        bench.settings.authority = pem;
        let outcome = bench.try_sync("kev");
        assert_eq!(outcome.is_ok(), is_right, "{name}: {outcome:?}");
        let whole = "CONNECT www.cisa.gov:443 HTTP/1.1\r\nhost: www.cisa.gov:443\r\n\r\n";
        assert_eq!(*asked.lock().expect("not poisoned"), [whole]);
    }
    let (proxy, asked) = proxy(1, 403);
    bench.settings.proxy = Some(by(proxy, None));
    let wrong = bench.wrong("kev");
    assert!(wrong.contains("through the proxy") && wrong.contains("status 403"), "{wrong}");
    // What is written as an address is checked here.
    let before = asked.lock().expect("not poisoned").len();
    let wrong = bench.wrong("csaf:https://10.0.0.5/provider-metadata.json");
    assert!(wrong.contains("--feeds-may-reach"), "{wrong}");
    assert_eq!(asked.lock().expect("not poisoned").len(), before);
    // And so is the proxy's own.
    let place = "http://10.0.0.7:3128".parse().expect("a place");
    bench.settings.proxy = Some(Proxy { place, credentials: None });
    assert!(bench.wrong("kev").contains("10.0.0.7"));
}

/// `Aladdin` and `open sesame`, as RFC 7617 (section 2) has them.
const ALADDIN: &str = "proxy-authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";

#[test]
fn a_password_is_shown_to_the_proxy_and_to_nobody_else() {
    let mut bench = Bench::new();
    bench.settings.instead.clear();
    let (port, pem) = over_tls("www.cisa.gov", vec![answer("200 x", &catalogue(2))]);
    let (proxy, asked) = proxy_that(port, |head| {
        if head.contains(ALADDIN) { (200, "x: y") } else { (407, "proxy-authenticate: Basic") }
    });
    bench.settings.authority = pem;
    bench.settings.proxy = Some(by(proxy, Credentials::basic("Aladdin", "open sesame").ok()));
    assert_eq!(bench.sync("kev").documents, 2);
    let asked = asked.lock().expect("not poisoned").clone();
    assert!(asked.len() == 1 && asked[0].starts_with("CONNECT www.cisa.gov:443 "), "{asked:?}");
    let state = String::from_utf8(bench.bytes(".sync/kev.json")).expect("text");
    let shown = format!("{:?} {state}", bench.settings);
    for secret in ["sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    // What is asked without a proxy sees nothing of it.
    let server = bench.server.address().to_owned();
    let ask = format!("{server}/cisa/");
    bench.settings.instead.push(super::Instead { of: "https://www.cisa.gov/".to_owned(), ask });
    let _ = bench.wrong("kev");
    let seen = bench.server.asked();
    assert!(
        !seen.is_empty() && seen.iter().all(|one| one.header("proxy-authorization").is_empty())
    );
}

#[test]
fn a_proxy_that_turns_somebody_away_is_asked_once_for_all_sources() {
    let right = || Credentials::basic("Aladdin", "open sesame").ok();
    for (credentials, field, why) in [
        (None, "proxy-authenticate: Basic realm=\"x\"", "it wants a user and a password"),
        (None, "via: 1.1 proxy", "it wants a user and a password"),
        (right(), "proxy-authenticate: basic", "it does not take the user and the password"),
        (right(), "proxy-authenticate: Negotiate, NTLM, Basic realm=\"x\"", "does not take"),
        (right(), "proxy-authenticate: Negotiate\r\nproxy-authenticate: NTLM", "by Basic, and no"),
    ] {
        let mut bench = Bench::new();
        bench.settings.instead.clear();
        let (proxy, asked) = proxy_that(1, move |_| (407, field));
        bench.settings.proxy = Some(by(proxy, credentials));
        let sources = ["csaf:vendor.example", "kev", "nvd:feeds", "osv:PyPI"];
        let sources = sources.map(|text| text.parse().expect("a source"));
        let world =
            super::World { resolver: &super::Here, pace: &bench.clock, watch: &super::Unwatched };
        for outcome in super::sync(&sources, &bench.settings, world).expect("a mirror") {
            let error = outcome.expect_err("nobody comes through");
            assert!(error.is_of_the_proxy(), "{error}");
            let text = error.to_string();
            let proxy = format!("the proxy `http://127.0.0.1:{proxy}/` answers with status 407");
            assert!(text.contains(&proxy) && text.contains(why), "{text}");
            assert!(!text.contains("sesame") && !text.contains("QWxh"), "{text}");
        }
        assert_eq!(asked.lock().expect("not poisoned").len(), 1, "a wrong password locks accounts");
        assert_eq!(bench.waits(), [] as [u64; 0]);
        // What is not asked through it is asked still, and the next time so is the proxy.
        bench.settings.instead = vec![super::Instead {
            of: "https://www.cisa.gov".to_owned(),
            ask: format!("{}/cisa", bench.server.address()),
        }];
        bench.server.put(super::files::KEV, catalogue(1).as_bytes());
        let sources = ["epss", "kev", "epss"].map(|text| text.parse().expect("a source"));
        let all = super::sync(&sources, &bench.settings, world).expect("a mirror");
        assert_eq!([all[0].is_ok(), all[1].is_ok(), all[2].is_ok()], [false, true, false]);
        assert_eq!(asked.lock().expect("not poisoned").len(), 2);
    }
}

#[test]
fn what_no_user_or_password_has_is_refused_without_being_shown() {
    let long = "é".repeat(100);
    for (user, password, is_right) in [
        ("Aladdin", "open sesame", true),
        ("Jörg", long.as_str(), true),
        ("a", "b:c", true),
        ("a:b", "c", false),
        ("", "c", false),
        ("a", "", false),
        ("a", "b\r\nx-evil: 1", false),
        ("a\0", "b", false),
    ] {
        let made = Credentials::basic(user, password);
        assert_eq!(made.is_ok(), is_right, "{user}");
        assert!(!format!("{made:?}").contains("sesame"));
    }
}
