//! Who may be reached, in whatever way it is written, and what is sent and heard.

mod pages;

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

use super::{OutwardError, Place, Range, Reach, Resolver, Scheme, System, Why, addresses};
use super::{http, syslog, tls};

fn place(text: &str) -> Place {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn named(ranges: &[&str]) -> Reach {
    Reach::new(ranges.iter().map(|range| range.parse().expect("a range")).collect())
}

/// What may reach a test's own server.
fn here() -> Reach {
    named(&["127.0.0.0/8"])
}

#[test]
fn what_is_no_plain_address_is_refused_however_it_is_written() {
    for text in [
        "",
        "siem.example",
        "//siem.example/x",
        "https:/siem.example",
        "https://",
        "https:///x",
        "https://:443/",
        "ftp://siem.example/",
        "gopher://siem.example/",
        "file:///etc/passwd",
        "HTTPS://siem.example/",
        // Numbers that a resolver takes for 127.0.0.1 or 169.254.169.254.
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://1.2.3.4.5/",
        "https://256.0.0.1/",
        "https://2852039166/",
        "https://0251.0376.0251.0376/",
        "https://siem.example.1/",
        // Users, and what else hides the host.
        "https://siem.example@127.0.0.1/",
        "https://siem.example:80@127.0.0.1/",
        "https://user:secret@siem.example/",
        "https://siem.example#@127.0.0.1/",
        "https://siem.example\\@127.0.0.1/",
        "https://127.0.0.1\\.siem.example/",
        "https://siem.example%2f@127.0.0.1/",
        "https://%31%32%37.0.0.1/",
        // Dots and digits of other alphabets.
        "https://127。0。0。1/",
        "https://①②⑦.0.0.1/",
        "https://lócalhost/",
        // Lines.
        "https://siem.example/\r\nx: y",
        "https://siem.example/ x",
        "https://siem.example/\0",
        "https://siem.exam\tple/",
        // Brackets.
        "https://[::1/",
        "https://::1/",
        "https://[127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1]x:80/",
        // Names and ports.
        "https://-siem.example/",
        "https://siem..example/",
        "https://.siem.example/",
        "https://siem.example:/",
        "https://siem.example:0x50/",
        "https://siem.example:65536/",
        "https://siem.example:+80/",
        "https://siem.example:80:80/",
        "syslog+tls://siem.example/x",
    ] {
        let read = text.parse::<Place>();
        assert!(matches!(read, Err(OutwardError::Place { .. })), "{text}: {read:?}");
    }
    let error = "https://user:s3cret@x/".parse::<Place>().expect_err("a user");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[test]
fn a_plain_address_is_read() {
    let read = place("https://SIEM.Example:8443/hook?key=s3cret");
    assert_eq!((read.scheme(), &*read.host(), read.port()), (Scheme::Https, "siem.example", 8443));
    assert_eq!((read.path(), &*read.authority()), ("/hook?key=s3cret", "siem.example:8443"));
    assert_eq!(read.to_string(), "https://siem.example:8443/…");
    let read = place("syslog+tls://[2001:4860::1]");
    assert_eq!((read.port(), &*read.authority(), read.path()), (6514, "[2001:4860::1]", "/"));
    assert_eq!(place("https://siem.example.:443").authority(), "siem.example");
    assert_eq!(place("https://x?y").path(), "/?y");
}

/// Whether an address is reached by nobody, by being named, or by anybody.
fn reached(address: &str) -> &'static str {
    let address: IpAddr = address.parse().expect("an address");
    let all = ["0.0.0.0/0", "::/0"];
    match (Reach::default().check(address), named(&all).check(address)) {
        (Ok(()), Ok(())) => "anybody",
        (Err(Why::NotNamed(_)), Ok(())) => "named",
        (Err(Why::NotNamed(_)), Err(Why::NotNamed(_))) => "this machine",
        (Err(Why::Never), Err(Why::Never)) => "never",
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_of_address_is_known() {
    let kinds: [(&str, &[&str]); 4] = [
        ("anybody", &["8.8.8.8", "172.15.255.255", "172.32.0.1", "192.167.1.1", "100.63.0.1"]),
        ("named", &["10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.9.9", "100.64.0.1"]),
        ("this machine", &["127.0.0.1", "127.255.255.254", "::1"]),
        (
            "never",
            &[
                "0.0.0.0",
                "0.1.2.3",
                "169.254.169.254",
                "169.254.0.1",
                "168.63.129.16",
                "100.100.100.200",
                "192.0.0.192",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.255.255",
                "203.0.113.7",
                "224.0.0.251",
                "239.255.255.250",
                "240.0.0.1",
                "255.255.255.255",
            ],
        ),
    ];
    for (wanted, all) in kinds {
        for address in all {
            assert_eq!(reached(address), wanted, "{address}");
        }
    }
    let kinds: [(&str, &[&str]); 3] = [
        ("anybody", &["2001:4860:4860::8888", "2606:4700::1", "2a00::1", "3ffe::1"]),
        ("named", &["fc00::1", "fd12:3456::1", "fd00:ec2::255"]),
        (
            "never",
            &[
                "::",
                "::ffff:127.0.0.1",
                "::ffff:8.8.8.8",
                "::127.0.0.1",
                "::8.8.8.8",
                "64:ff9b::7f00:1",
                "64:ff9b::808:808",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:10::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "3fff::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "fd00:ec2::254",
                "fd00:ec2::253",
                "4000::1",
            ],
        ),
    ];
    for (wanted, all) in kinds {
        for address in all {
            assert_eq!(reached(address), wanted, "{address}");
        }
    }
}

#[test]
fn a_range_holds_what_begins_as_it_does() {
    let range: Range = "10.20.0.0/16".parse().expect("a range");
    let holds = |address: &str| range.holds(address.parse().expect("an address"));
    assert!(holds("10.20.255.1") && !holds("10.21.0.0") && !holds("::ffff:10.20.0.1"));
    assert_eq!("10.1.2.3".parse::<Range>().expect("one").to_string(), "10.1.2.3/32");
    for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1", "x/8"] {
        assert!(text.parse::<Range>().is_err(), "{text}");
    }
    let anybody: IpAddr = "8.8.8.8".parse().expect("an address");
    assert_eq!(Reach::default().check(anybody), Ok(()));
    assert_eq!(Reach::nowhere().check(anybody), Err(Why::Never));
    let mapped = "::ffff:127.0.0.1".parse().expect("an address");
    assert_eq!(named(&["::ffff:0:0/96", "127.0.0.0/8"]).check(mapped), Err(Why::Never));
    let all: IpAddr = Ipv4Addr::LOCALHOST.into();
    assert_eq!(named(&["127.0.0.1"]).check(all), Ok(()));
    assert_eq!(named(&["126.0.0.0/7"]).check(all), Err(Why::NotNamed("--alerts-may-reach")));
}

/// A name server that answers something else each time.
struct Rebinds(Cell<usize>, Vec<Vec<IpAddr>>);

impl Resolver for Rebinds {
    fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let time = self.0.replace(self.0.get() + 1);
        Ok(self.1.get(time).or(self.1.last()).cloned().unwrap_or_default())
    }
}

fn rebinds(answers: &[&[&str]]) -> Rebinds {
    let read = |all: &&[&str]| all.iter().map(|one| one.parse().expect("an address")).collect();
    Rebinds(Cell::new(0), answers.iter().map(read).collect())
}

#[test]
fn a_name_is_asked_for_once_and_only_what_was_checked_is_reached() {
    let siem = place("https://siem.example/");
    let open = |answers: &[&[&str]], reach: &Reach| {
        let resolver = rebinds(answers);
        let found = addresses(&siem, reach, &resolver);
        assert_eq!(resolver.0.get(), 1, "asked once");
        found.map(|all| all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>())
    };
    let none = Reach::default();
    assert_eq!(open(&[&["8.8.8.8"], &["127.0.0.1"]], &none).expect("one"), ["8.8.8.8:443"]);
    let refused = open(&[&["169.254.169.254"]], &named(&["169.254.0.0/16"]));
    assert!(matches!(refused, Err(OutwardError::Forbidden { why: Why::Never, .. })), "{refused:?}");
    let refused = open(&[&["10.0.0.5"]], &none).expect_err("not named").to_string();
    assert!(refused.contains("--alerts-may-reach"), "{refused}");
    let mixed = open(&[&["127.0.0.1", "::ffff:10.0.0.5", "10.0.0.5"]], &named(&["10.0.0.0/8"]));
    assert_eq!(mixed.expect("one"), ["10.0.0.5:443"]);
    assert!(matches!(open(&[&[]], &none), Err(OutwardError::Unknown { .. })));
    // Between two messages the name may move; then it is refused, and nothing is connected.
    let resolver = rebinds(&[&["127.0.0.1"], &["127.0.0.1"]]);
    let posted = http::post(&siem, "", &[], b"", (&none, &resolver));
    assert!(matches!(posted, Err(OutwardError::Forbidden { .. })), "{posted:?}");
}

/// Takes one connection, reads a message of HTTP, answers, and says what was read.
fn answering(answer: &'static str) -> (Place, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody");
        let read = whole(&mut stream);
        stream.write_all(answer.as_bytes()).expect("written");
        drop(stream);
        listener.set_nonblocking(true).expect("set");
        assert!(listener.accept().is_err(), "nobody comes again");
        read
    });
    (place(&format!("http://127.0.0.1:{port}/hook?a=b")), thread)
}

fn whole(stream: &mut impl Read) -> String {
    let (mut read, mut some) = (String::new(), [0; 4_096]);
    while !read.ends_with("{}") {
        let count = stream.read(&mut some).expect("read");
        assert!(count > 0, "{read}");
        read.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    read
}

#[test]
fn a_message_is_posted_and_its_answer_is_told() {
    let (to, server) = answering(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Slow down\r\nRetry-After: 7\r\n\r\ncome \x1b[2Jback",
    );
    let fields = [("webhook-id", "1"), ("content-type", "application/json")];
    let answer = http::post(&to, "", &fields, b"{}", (&here(), &System)).expect("answered");
    assert_eq!((answer.status, answer.retry_after), (429, Some(7)));
    assert_eq!(answer.body, "come [2Jback", "nothing in it reaches a terminal");
    let read = server.join().expect("ended well");
    assert!(read.starts_with("POST /hook?a=b HTTP/1.1\r\nhost: 127.0.0.1:"), "{read}");
    assert!(read.contains("\r\nwebhook-id: 1\r\n") && read.contains("\r\ncontent-length: 2\r\n"));
    let foul = [("x", "1\r\ny: 2")];
    assert!(http::post(&to, "", &foul, b"{}", (&here(), &System)).is_err());
}

#[test]
fn where_an_answer_points_to_nobody_goes() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    other.set_nonblocking(true).expect("set");
    let port = other.local_addr().expect("an address").port();
    let points = format!("HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:{port}/\r\n\r\n");
    let (to, server) = answering(points.leak());
    let answer = http::post(&to, "", &[], b"{}", (&here(), &System)).expect("answered");
    assert_eq!(answer.status, 307);
    server.join().expect("ended well");
    assert!(other.accept().is_err());
}

#[test]
fn what_is_no_http_or_has_no_end_is_refused() {
    for answer in ["", "HTTP/1.1 200", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 20 x\r\n\r\n"] {
        let (to, server) = answering(answer);
        let heard = http::post(&to, "", &[], b"{}", (&here(), &System));
        assert!(matches!(heard, Err(OutwardError::Failed { .. })), "{answer}: {heard:?}");
        server.join().expect("ended well");
    }
    let long: &'static str = Box::leak(format!("HTTP/1.1 200 {}", "x".repeat(1 << 16)).into());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody");
        whole(&mut stream);
        // It is not waited for until the end.
        let _ = stream.write_all(long.as_bytes());
    });
    let to = place(&format!("http://127.0.0.1:{port}/"));
    let heard = http::post(&to, "", &[], b"{}", (&here(), &System)).expect_err("too long");
    assert!(heard.to_string().contains("the head has no end"), "{heard}");
    server.join().expect("ended well");
}

/// A certificate of `localhost`, and who takes it.
fn certificate(name: &str) -> (String, Arc<ServerConfig>) {
    let own = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("made");
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let configuration = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .expect("a pair");
    (own.cert.pem(), Arc::new(configuration))
}

#[test]
fn tls_holds_with_the_authority_that_was_named_and_the_name_that_was_meant() {
    let tried = |of: &str, trusted: bool| {
        let (pem, configuration) = certificate(of);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("somebody");
            let session = rustls::ServerConnection::new(configuration).expect("a session");
            let mut stream = rustls::StreamOwned::new(session, stream);
            let mut some = [0; 512];
            // Whoever does not trust it hangs up.
            if stream.read(&mut some).is_ok_and(|count| count > 0) {
                let _ = stream.write_all(b"HTTP/1.1 204 Good\r\n\r\n");
            }
        });
        let to = place(&format!("https://localhost:{port}/"));
        let authority = if trusted { pem } else { String::new() };
        let heard = http::post(&to, &authority, &[], b"{}", (&named(&["127.0.0.0/8", "::1"]), &V4));
        server.join().expect("ended well");
        heard
    };
    assert_eq!(tried("localhost", true).expect("answered").status, 204);
    for (of, trusted) in [("localhost", false), ("siem.example", true)] {
        let refused = tried(of, trusted).expect_err("not trusted").to_string();
        assert!(refused.contains("speak TLS"), "{refused}");
    }
    assert!(tls::authority("no certificate").is_err());
}

/// This machine, by IPv4.
struct V4;

impl Resolver for V4 {
    fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

#[test]
fn syslog_goes_by_datagram_and_by_stream() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    let messages = [b"one".to_vec(), b"number two".to_vec()];
    let to = place(&format!("syslog+udp://127.0.0.1:{port}"));
    syslog::send(&to, "", &messages, (&here(), &System)).expect("sent");
    for message in &messages {
        let mut some = [0; 64];
        let count = socket.recv(&mut some).expect("one");
        assert_eq!(&some[..count], message);
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody");
        let mut read = String::new();
        stream.read_to_string(&mut read).expect("read");
        // The second time it breaks off before it has read anything.
        drop(listener.accept().expect("somebody"));
        read
    });
    let to = place(&format!("syslog+tcp://127.0.0.1:{port}"));
    syslog::send(&to, "", &messages, (&here(), &System)).expect("sent");
    let many = vec![vec![b'x'; 8_000]; 2_000];
    let broken = syslog::send(&to, "", &many, (&here(), &System));
    assert!(matches!(broken, Err(OutwardError::Failed { .. })), "{broken:?}");
    assert_eq!(server.join().expect("ended well"), "3 one10 number two");
    let nobody = syslog::send(&to, "", &messages, (&Reach::default(), &System));
    assert!(matches!(nobody, Err(OutwardError::Forbidden { .. })), "{nobody:?}");
}
