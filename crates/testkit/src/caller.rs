//! A caller of a server under test: one connection, kept, by HTTP/1.1 (RFC 9112), who signs in by
//! the forms of the console and keeps the cookie.
//!
//! Refuses answers whose length is not told.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};

/// How long something is waited for; machines that do much else are slow.
const PATIENCE: Duration = Duration::from_mins(2);

/// Whoever calls.
#[derive(Debug)]
pub struct Caller {
    address: String,
    stream: BufReader<TcpStream>,
    cookie: String,
    form: String,
}

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    /// The status (RFC 9110, section 15).
    pub status: u16,
    /// The line of the status, and the fields.
    pub head: String,
    /// What follows.
    pub body: String,
}

impl Caller {
    /// Connects to an address, `http://127.0.0.1:8080`.
    ///
    /// # Panics
    /// Where nobody answers; as every function here does where the server hangs up.
    #[must_use]
    pub fn new(address: &str) -> Self {
        let address = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let stream = TcpStream::connect(&address).expect("a server");
        Self::on(stream, address)
    }

    /// Connects from an address of this machine, `127.0.0.2`.
    #[must_use]
    pub fn from(source: Ipv4Addr, address: &str) -> Self {
        let address = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let to: SocketAddrV4 = address.parse().expect("an address");
        let (family, none) = (AddressFamily::Inet, SockFlag::empty());
        let socket = socket(family, SockType::Stream, none, None).expect("a socket");
        let own = SockaddrIn::from(SocketAddrV4::new(source, 0));
        bind(socket.as_raw_fd(), &own).expect("an address of ours");
        connect(socket.as_raw_fd(), &SockaddrIn::from(to)).expect("a server");
        Self::on(TcpStream::from(socket), address)
    }

    fn on(stream: TcpStream, address: String) -> Self {
        stream.set_nodelay(true).expect("told at once");
        let stream = BufReader::new(stream);
        Self { address, stream, cookie: String::new(), form: String::new() }
    }

    /// Sends some bytes; whether they could be sent.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.get_mut().write_all(bytes).is_ok()
    }

    /// Whether the server has hung up, or does within a while.
    pub fn is_hung_up_within(&mut self, wait: Duration) -> bool {
        let stream = self.stream.get_mut();
        stream.set_read_timeout(Some(wait)).expect("set");
        match stream.read(&mut [0; 1]) {
            Ok(read) => read == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// The same person on a connection of its own.
    #[must_use]
    pub fn again(&self) -> Self {
        let new = Self::new(&self.address);
        Self { cookie: self.cookie.clone(), form: self.form.clone(), ..new }
    }

    /// Makes the first person, `anna`, who is there for everything; their password.
    pub fn set_up(&mut self, code: &str, password: &str) {
        let password = password.replace(' ', "+");
        let form = format!(
            "code={code}&hospital=Test&name=anna&shown=Anna&security=on&clinical=on&biomedical=on\
             &password={password}&again={password}"
        );
        self.enter("/setup", &form);
    }

    /// Signs in.
    pub fn sign_in(&mut self, name: &str, password: &str) {
        let password = password.replace(' ', "+");
        self.enter("/sign-in", &format!("name={name}&password={password}"));
    }

    fn enter(&mut self, path: &str, form: &str) {
        let answer = self.send("POST", path, &[FORM], form.as_bytes());
        let session = answer.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            let is_session =
                name.eq_ignore_ascii_case("set-cookie") && value.starts_with("asepsis=");
            is_session.then(|| value.split(';').next().unwrap_or_default().to_owned())
        });
        assert!(session.is_some(), "no session: {} {}", answer.head, answer.body);
        self.cookie = session.unwrap_or_default();
        let page = self.get("/account").body;
        let carried = page
            .split_once("name=\"form\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"').map(|(token, _)| token.to_owned()));
        self.form = carried.expect("the page has a form");
    }

    /// Asks for a page.
    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    /// Sends a form, `name=value&…`, as from a page of the console.
    pub fn change(&mut self, path: &str, form: &str) -> Answer {
        let form = format!("form={}&{form}", self.form);
        self.send("POST", path, &[FORM], form.as_bytes())
    }

    /// Asks for a page again and again until a text stands on it.
    pub fn wait_for(&mut self, path: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let page = self.get(path).body;
            if page.contains(text) {
                return;
            }
            assert!(Instant::now() < until, "`{text}` does not come to {path}: {page}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a request with its session, and further fields.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if !self.cookie.is_empty() {
            let _ = write!(head, "Cookie: {}\r\n", self.cookie);
        }
        for (name, value) in fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !body.is_empty() {
            let _ = write!(head, "Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes()).expect("taken");
        // Whoever refuses a body may hang up before all of it is there, and answers all the same.
        let _ = stream.write_all(body);
        self.answer()
    }

    /// What is answered next.
    pub fn answer(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.stream.read_line(&mut head).expect("an answer");
            assert!(read > 0, "the server hung up: {head}");
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok()).flatten()
        });
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body).expect("all of it");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer {
            status: status.expect("a status"),
            head,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
