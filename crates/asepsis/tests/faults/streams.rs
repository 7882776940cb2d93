//! HTTP/2 as whoever means harm speaks it, frame by frame (RFC 9113).

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::served::{Served, example};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::kilobytes;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const CONTINUATION: u8 = 9;
/// Flags: the last of a request; the last of a head; an answer to settings or to a ping.
const END: u8 = 1;
const WHOLE: u8 = 4;
const ACKNOWLEDGED: u8 = 1;
/// Fields by their numbers (RFC 7541, appendix A): `:method`, `:scheme`.
const GET: u8 = 0x82;
const POST: u8 = 0x83;
const HTTPS: u8 = 0x87;
const CONTENT_TYPE: [u8; 2] = [0x0F, 0x10];
const FORM: &[u8] = b"application/x-www-form-urlencoded";
/// Why something ends (section 7).
const REFUSED: u32 = 7;
const CALM: u32 = 11;
/// How long a frame is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long whoever asks for nothing may stay: ten seconds, and what it takes to go.
const UNUSED: Duration = Duration::from_secs(40);
/// The minute of docs/guides/serve.md, and what it takes to notice.
const UNTAKEN: Duration = Duration::from_secs(100);

/// A frame: its kind, flags and stream, and what it carries.
#[derive(Debug)]
struct Frame(u8, u8, u32, Vec<u8>);

impl Frame {
    /// Why a stream or the connection ends.
    fn reason(&self) -> Option<u32> {
        let place = match self.0 {
            RESET => 0,
            GO_AWAY => 4,
            _ => return None,
        };
        let code = self.3.get(place..place + 4)?;
        Some(u32::from_be_bytes(code.try_into().ok()?))
    }
}

/// Whoever speaks it.
struct Peer(StreamOwned<ClientConnection, TcpStream>);

impl Peer {
    /// Calls a server in a folder, and says nothing yet.
    fn call(served: &Served, folder: &std::path::Path) -> Self {
        let mut trusted = RootCertStore::empty();
        let own = CertificateDer::from_pem_file(folder.join("asepsis.certificate.pem"));
        trusted.add(own.expect("PEM")).expect("a certificate");
        let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("set up")
            .with_root_certificates(trusted)
            .with_no_client_auth();
        client.alpn_protocols = vec![b"h2".to_vec()];
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(Arc::new(client), name).expect("begun");
        let stream = TcpStream::connect(served.at("").replace("https://", "")).expect("answered");
        stream.set_nodelay(true).expect("set");
        let mut stream = StreamOwned::new(connection, stream);
        stream.flush().expect("begun");
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).expect("whom it says");
        }
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
        Self(stream)
    }

    /// The same, with the first words said: each answer may send so much before more is asked for.
    fn begin(served: &Served, folder: &std::path::Path, window: u32) -> Self {
        let mut peer = Self::call(served, folder);
        peer.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("taken");
        let setting = [&4_u16.to_be_bytes()[..], &window.to_be_bytes()].concat();
        assert!(peer.send(SETTINGS, 0, 0, &setting));
        peer
    }

    /// Sends a frame; whether it could be sent.
    fn send(&mut self, kind: u8, flags: u8, stream: u32, carried: &[u8]) -> bool {
        self.0.write_all(&framed(kind, flags, stream, carried)).is_ok()
    }

    /// The next frame within a while, if one comes; settings and pings are answered.
    fn next(&mut self, wait: Duration) -> Result<Option<Frame>, ErrorKind> {
        self.0.sock.set_read_timeout(Some(wait)).expect("set");
        let mut head = [0; 9];
        match self.0.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(None);
            }
            Err(error) => return Err(error.kind()),
        }
        self.0.sock.set_read_timeout(Some(PATIENCE)).expect("set");
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut carried = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.0.read_exact(&mut carried).map_err(|error| error.kind())?;
        if matches!(kind, SETTINGS | PING) && flags & ACKNOWLEDGED == 0 {
            let own = if kind == PING { &carried[..] } else { &[] };
            self.send(kind, ACKNOWLEDGED, 0, own);
        }
        Ok(Some(Frame(kind, flags, u32::from_be_bytes(stream), carried)))
    }

    /// Waits until both have heard what the other allows.
    fn settle(&mut self) {
        loop {
            let frame = self.next(PATIENCE).expect("there").expect("in time");
            if frame.0 == SETTINGS && frame.1 & ACKNOWLEDGED != 0 {
                return;
            }
        }
    }

    /// What comes until the server hangs up, and how long that takes.
    fn until_gone(&mut self, patience: Duration) -> (Vec<Frame>, Duration) {
        let (begun, mut seen) = (Instant::now(), Vec::new());
        loop {
            match self.next(Duration::from_millis(200)) {
                Err(_) => return (seen, begun.elapsed()),
                Ok(frame) => seen.extend(frame),
            }
            let kinds: Vec<u8> = seen.iter().map(|frame| frame.0).collect();
            assert!(begun.elapsed() < patience, "it is held for good: {kinds:?}");
        }
    }
}

fn framed(kind: u8, flags: u8, stream: u32, carried: &[u8]) -> Vec<u8> {
    let length = u32::try_from(carried.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), carried].concat()
}

/// The fields of a request for a page (RFC 7541): method and scheme by their numbers, the rest as
/// it is.
fn asked(path: &str) -> Vec<u8> {
    let mut fields = vec![GET, HTTPS];
    for (name, value) in [(4, path), (1, "localhost")] {
        fields.extend([name, u8::try_from(value.len()).expect("short")]);
        fields.extend(value.as_bytes());
    }
    fields
}

/// The fields of a form for a page, of which nothing has come.
fn form() -> Vec<u8> {
    let length = u8::try_from(FORM.len()).expect("short");
    let own = asked("/setup").into_iter().skip(1);
    let fields = [POST].into_iter().chain(own).chain(CONTENT_TYPE).chain([length]);
    fields.chain(FORM.iter().copied()).collect()
}

/// A server with TLS and somebody else at it, who has to be served meanwhile.
fn served() -> (Served, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["--tls-generate", "localhost", "--watch", &example()];
    (Served::start_in(folder.path(), &arguments), folder)
}

/// Somebody else is served, within a while.
fn assert_others_are_served(served: &Served, folder: &tempfile::TempDir) {
    let begun = Instant::now();
    let mut other = Peer::begin(served, folder.path(), 65_535);
    assert!(other.send(HEADERS, END | WHOLE, 1, &asked("/setup")));
    let mut bytes = 0;
    loop {
        let frame = other.next(PATIENCE).expect("it answers").expect("in time");
        // 200, by its number (RFC 7541, appendix A).
        assert!(frame.0 != HEADERS || frame.3.first() == Some(&0x88), "{frame:?}");
        bytes += if frame.0 == DATA { frame.3.len() } else { 0 };
        if frame.2 == 1 && frame.1 & END != 0 {
            break;
        }
    }
    assert!(bytes > 1_000, "{bytes}");
    assert!(begun.elapsed() < Duration::from_secs(20), "others wait");
}

#[test]
fn requests_that_are_called_off_at_once_again_and_again_end_their_connection() {
    const MANY: u32 = 20_000;
    let (served, folder) = served();
    assert_others_are_served(&served, &folder);
    let before = kilobytes(&served);
    let mut peer = Peer::begin(&served, folder.path(), 65_535);
    let mut sent = 0;
    for number in 0..MANY {
        let stream = number * 2 + 1;
        let pair = [
            framed(HEADERS, END | WHOLE, stream, &asked("/sign-in")),
            framed(RESET, 0, stream, &8_u32.to_be_bytes()),
        ];
        if peer.0.write_all(&pair.concat()).is_err() {
            break;
        }
        sent = number;
    }
    let (seen, _) = peer.until_gone(UNUSED);
    let reason = seen.iter().find(|frame| frame.0 == GO_AWAY).and_then(Frame::reason);
    // Where the server hangs up while more comes, the kernel throws its last word away.
    assert!(reason.is_none_or(|reason| reason == CALM), "{reason:?}");
    assert!(sent < MANY - 1, "all of them were taken");
    assert_others_are_served(&served, &folder);
    assert!(kilobytes(&served) - before < 64 << 10, "it took {} KB", kilobytes(&served) - before);
}

#[test]
fn requests_that_are_called_off_while_they_are_answered_end_their_connection_too() {
    let (served, folder) = served();
    let mut peer = Peer::begin(&served, folder.path(), 65_535);
    let begun = Instant::now();
    // Slowly enough that each is begun: a form of which nothing comes is waited for.
    let mut stream = 1;
    loop {
        let is_sent = peer.send(HEADERS, WHOLE, stream, &form());
        std::thread::sleep(Duration::from_millis(20));
        if !is_sent || !peer.send(RESET, 0, stream, &8_u32.to_be_bytes()) {
            break;
        }
        stream += 2;
        assert!(begun.elapsed() < UNUSED, "{stream} are taken");
    }
    assert!(stream > 201, "it ended after {stream}, and a browser calls off some");
    assert_others_are_served(&served, &folder);
}

#[test]
fn a_head_without_an_end_ends_its_connection_whether_it_comes_fast_or_slowly() {
    let (served, folder) = served();
    let before = kilobytes(&served);
    let mut fast = Peer::begin(&served, folder.path(), 65_535);
    fast.send(HEADERS, END, 1, &asked("/setup"));
    let piece = [&[0, 1, b'x', 127, 129, 62][..], &[b'x'; 8_000]].concat();
    let taken = (0..10_000).take_while(|_| fast.send(CONTINUATION, 0, 1, &piece)).count();
    assert!(taken < 9_999, "{taken} pieces were taken");
    assert!(kilobytes(&served) - before < 32 << 10, "it took {} KB", kilobytes(&served) - before);
    // Nor is it waited for where some of it comes, also by whoever has another request open.
    for is_listening in [false, true] {
        let mut slow = Peer::begin(&served, folder.path(), 65_535);
        slow.settle();
        if is_listening {
            slow.send(HEADERS, WHOLE, 1, &form());
        }
        slow.send(HEADERS, END, 3, &asked("/setup"));
        slow.send(CONTINUATION, 0, 3, &[0, 1, b'x', 1, b'y']);
        let (_, took) = slow.until_gone(UNUSED);
        assert!(took > Duration::from_secs(8), "{took:?}");
    }
    assert_others_are_served(&served, &folder);
}

#[test]
fn whoever_asks_for_nothing_has_to_go() {
    let (served, folder) = served();
    let mut silent = Peer::call(&served, folder.path());
    let mut polite = Peer::begin(&served, folder.path(), 65_535);
    let (seen, took) = polite.until_gone(UNUSED);
    assert!(seen.iter().any(|frame| frame.0 == GO_AWAY), "it is told before");
    assert!(took > Duration::from_secs(8), "{took:?}");
    silent.until_gone(UNUSED);
}

#[test]
fn more_requests_at_once_than_are_allowed_are_refused_and_answers_that_nobody_takes_end_all() {
    const ALLOWED: u32 = 100;
    let (served, folder) = served();
    assert_others_are_served(&served, &folder);
    // Nothing of an answer may be sent, and a single byte of it.
    let before = kilobytes(&served);
    let mut peers: Vec<Peer> =
        [0, 1].map(|window| Peer::begin(&served, folder.path(), window)).into();
    for peer in &mut peers {
        peer.settle();
        for number in 0..=ALLOWED {
            let page = asked("/setup");
            assert!(peer.send(HEADERS, END | WHOLE, number * 2 + 1, &page));
        }
    }
    let begun = Instant::now();
    let mut last = begun;
    while let Some(mut peer) = peers.pop() {
        let mut seen = Vec::new();
        while let Ok(frame) = peer.next(Duration::from_millis(200)) {
            seen.extend(frame);
            assert!(begun.elapsed() < UNTAKEN, "they are held for good");
            if last.elapsed() > Duration::from_secs(5) {
                assert_others_are_served(&served, &folder);
                last = Instant::now();
            }
        }
        let reasons: Vec<Option<u32>> =
            seen.iter().filter(|frame| frame.0 == RESET).map(Frame::reason).collect();
        assert_eq!(reasons, [Some(REFUSED)], "the one beyond what is allowed");
        let begun = seen.iter().filter(|frame| frame.0 == HEADERS).count();
        assert_eq!(begun, ALLOWED as usize, "each was answered, as far as it was taken");
    }
    assert!(begun.elapsed() > Duration::from_secs(55), "{:?}", begun.elapsed());
    assert!(kilobytes(&served) - before < 32 << 10, "it took {} KB", kilobytes(&served) - before);
}
