//! A plain client for tests (RFC 9112): a request, its answer, nothing kept.
//!
//! Refuses TLS and anything beyond this machine.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers: names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Whoever asks a server on this machine.
#[derive(Debug, Clone)]
pub struct Client {
    host: String,
    /// Headers that each request carries.
    headers: Vec<(String, String)>,
}

impl Client {
    /// Of the server at `http://127.0.0.1:port`.
    #[must_use]
    pub fn new(address: &str) -> Self {
        let host = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { host, headers: Vec::new() }
    }

    /// The same, with a header in each request.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Looks.
    ///
    /// # Panics
    /// Where nobody answers.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    /// Sends a form.
    ///
    /// # Panics
    /// Where nobody answers.
    #[must_use]
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = fields.collect::<Vec<_>>().join("&");
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &kind, body.as_bytes())
    }

    /// Sends something.
    ///
    /// # Panics
    /// Where nobody answers.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, own: &[(&str, &str)], body: &[u8]) -> Answer {
        self.tried(method, path, own, body).expect("the server answers")
    }

    /// Sends something to a server that may be killed meanwhile.
    ///
    /// # Errors
    /// Where nobody answers, or not to the end.
    pub fn tried(
        &self,
        method: &str,
        path: &str,
        own: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.host);
        let always = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in always.chain(own.iter().copied()) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let length = body.len();
        let _ = write!(head, "content-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        // Whoever refuses a body may hang up before all of it was sent.
        let _ = stream.write_all(body);
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let mut headers = Vec::new();
        loop {
            line.clear();
            answer.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let mut rest = Vec::new();
        answer.read_to_end(&mut rest)?;
        let is_chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
        let body = if is_chunked { unchunked(&rest) } else { rest };
        let answer = Answer { status, headers, body };
        // Whoever is killed in the midst of an answer has given none.
        let told = answer.header("content-length").parse().unwrap_or(0);
        if answer.body.len() < told && method != "HEAD" && status != 304 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(answer)
    }

    /// Makes the first administrator, with every duty, by the code of the set-up; whoever asks as
    /// them, and what their forms carry.
    ///
    /// # Panics
    /// Where that is refused.
    #[must_use]
    pub fn first_administrator(&self, code: &str, password: &str) -> (Self, String) {
        let own = ["security", "clinical", "biomedical"].map(|duty| (duty, "1"));
        let mut fields = vec![
            ("code", code),
            ("hospital", "Saint Brigid"),
            ("name", "anna"),
            ("shown", "Anna Berg"),
            ("password", password),
            ("again", password),
        ];
        fields.extend(own);
        self.come_in(&self.form("/setup", &fields))
    }

    /// Comes in by an invitation; whoever asks as them, and what their forms carry.
    ///
    /// # Panics
    /// Where it is refused.
    #[must_use]
    pub fn invited(&self, path: &str) -> (Self, String) {
        self.come_in(&self.form(path, &[]))
    }

    fn come_in(&self, answer: &Answer) -> (Self, String) {
        let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
        let cookies = cookies.filter_map(|(_, value)| value.split(';').next());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let signed_in = self.clone().with("cookie", &cookies);
        let page = signed_in.get("/account").text();
        let form = between(&page, "name=\"form\" value=\"", "\"").expect("a form").to_owned();
        (signed_in, form)
    }

    /// Makes a token of the person that asks, with scopes.
    ///
    /// # Panics
    /// Where that is refused.
    #[must_use]
    pub fn token(&self, form: &str, scopes: &[&str]) -> String {
        let mut fields = vec![("form", form), ("name", "a test"), ("days", "1")];
        fields.extend(scopes.iter().map(|scope| (*scope, "1")));
        let page = self.form("/account/tokens", &fields).text();
        let shown = page.find("asepsis_").and_then(|at| page.get(at..));
        let token = shown.and_then(|shown| shown.split('<').next()).expect("a token");
        token.to_owned()
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// A value in a form (WHATWG URL, section 5.2).
fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |text, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            text + &char::from(byte).to_string()
        }
        _ => format!("{text}%{byte:02X}"),
    })
}

/// A body without the lengths of its pieces (RFC 9112, section 7.1).
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let (length, after) = rest.split_at(end);
        let length = std::str::from_utf8(length).ok();
        let length = length.and_then(|length| usize::from_str_radix(length.trim(), 16).ok());
        let piece = length.and_then(|length| after.get(2..)?.split_at_checked(length));
        let Some((piece, after)) = piece.filter(|(piece, _)| !piece.is_empty()) else { break };
        body.extend_from_slice(piece);
        rest = after.get(2..).unwrap_or_default();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::unchunked;

    #[test]
    fn pieces_are_put_together() {
        assert_eq!(unchunked(b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), b"abc0123456789");
    }
}
