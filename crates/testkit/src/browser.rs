//! A real browser: Debian's Chromium, driven by the W3C's WebDriver protocol, which is JSON over
//! HTTP (W3C WebDriver, section 6).
//!
//! Refuses to share anything with another browser: profile and driver are its own, and end with it.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long something on a page is waited for; machines that do much else are slow.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often it is looked for meanwhile.
const LOOK: Duration = Duration::from_millis(50);
/// How many drivers are started until one listens.
const DRIVERS: u32 = 10;
/// How often it is tried to remove a profile.
const GONE: u32 = 100;
/// Under which name an element stands in an answer (section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

static BROWSERS: AtomicU32 = AtomicU32::new(0);

/// A browser with one window.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
}

impl Browser {
    /// Starts one, its window so wide and high in pixels.
    ///
    /// # Panics
    /// Where Chromium or its driver is not installed or does not start; as every function here does
    /// where the browser does not do what is asked.
    #[must_use]
    pub fn start(width: u32, height: u32) -> Self {
        let number = BROWSERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("asepsis-browser-{}-{number}", std::process::id());
        let profile = std::env::temp_dir().join(name);
        let (driver, port) = driver();
        let mut browser = Self { driver, port, session: String::new(), profile };
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", browser.profile.display()),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let begun = browser.ask("POST", "/session", &wanted);
        let session = begun.get("sessionId").and_then(Value::as_str).expect("a session");
        session.clone_into(&mut browser.session);
        browser.size(width, height);
        browser
    }

    /// Gives the page so much room, in pixels.
    pub fn size(&self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Whether the reader prefers dark pages.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let media = json!({ "media": "", "features": features });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// Shows pages as on paper, also of a reader who prefers dark ones.
    pub fn on_paper(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let media = json!({ "media": "print", "features": features });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// In which language its reader wants pages (BCP 47).
    pub fn language(&self, name: &str) {
        self.devtools("Network.enable", &json!({}));
        let headers = json!({ "headers": { "Accept-Language": name } });
        self.devtools("Network.setExtraHTTPHeaders", &headers);
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        let what = json!({ "cmd": command, "params": parameters });
        self.command("POST", "/goog/cdp/execute", &what);
    }

    /// Goes to an address, and waits until it is there.
    pub fn go(&self, address: &str) {
        self.command("POST", "/url", &json!({ "url": address }));
    }

    /// The tab that it is at.
    pub fn tab(&self) -> String {
        text(&self.command("GET", "/window", &Value::Null))
    }

    /// Opens a tab beside those that there are.
    pub fn open_tab(&self) -> String {
        let tab = self.command("POST", "/window/new", &json!({ "type": "tab" }));
        text(tab.get("handle").unwrap_or(&Value::Null))
    }

    /// Turns to a tab.
    pub fn turn_to(&self, tab: &str) {
        self.command("POST", "/window", &json!({ "handle": tab }));
    }

    /// The address that it is at.
    pub fn address(&self) -> String {
        text(&self.command("GET", "/url", &Value::Null))
    }

    /// Clicks the first element of a selector once there is one.
    pub fn click(&self, selector: &str) {
        self.on(selector, "POST", "click", &json!({}));
    }

    /// Types a text into a field, in the place of what stood there.
    pub fn fill(&self, selector: &str, typed: &str) {
        self.on(selector, "POST", "clear", &json!({}));
        self.on(selector, "POST", "value", &json!({ "text": typed }));
    }

    /// The text of the first element of a selector, as it is seen.
    pub fn text(&self, selector: &str) -> String {
        text(&self.on(selector, "GET", "text", &Value::Null))
    }

    /// Does something with the first element of a selector; with the one in its place where a page
    /// that is alive has put another there meanwhile.
    fn on(&self, selector: &str, method: &str, act: &str, what: &Value) -> Value {
        let begun = Instant::now();
        loop {
            let element = self.find(selector);
            let path = format!("/session/{}/element/{element}/{act}", self.session);
            let (status, value) = self.exchange(method, &path, what);
            if status == 200 {
                return value;
            }
            let error = value.get("error").and_then(Value::as_str).unwrap_or_default();
            let is_gone = error == "stale element reference" && begun.elapsed() < PATIENCE;
            assert!(is_gone, "{act} {selector} at {}: {value}", self.address());
        }
    }

    /// What a script returns that is run on the page.
    pub fn run(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a script returns true.
    pub fn wait(&self, what: &str, script: &str) {
        let begun = Instant::now();
        while self.run(script) != Value::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "{what} did not come at {}", self.address());
            thread::sleep(LOOK);
        }
    }

    /// Waits until the page shows a text.
    pub fn wait_for(&self, shown: &str) {
        let shown = json!(shown);
        self.wait(
            &format!("{shown}"),
            &format!("return document.body.innerText.includes({shown})"),
        );
    }

    /// What the browser complained of since it was last asked: errors of scripts, what the page's
    /// policy forbade, what was not found.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().into_iter().flatten();
        entries.map(|entry| text(entry.get("message").unwrap_or(&Value::Null))).collect()
    }

    /// A picture of the page as it is seen, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        decode(&text(&self.command("GET", "/screenshot", &Value::Null)))
    }

    /// The page as it is printed on A4, as PDF.
    pub fn pdf(&self) -> Vec<u8> {
        let page = json!({ "background": true, "page": { "width": 21.0, "height": 29.7 } });
        decode(&text(&self.command("POST", "/print", &page)))
    }

    fn find(&self, selector: &str) -> String {
        let what = json!({ "using": "css selector", "value": selector });
        let begun = Instant::now();
        loop {
            let path = format!("/session/{}/element", self.session);
            let (_, found) = self.exchange("POST", &path, &what);
            if let Some(id) = found.get(ELEMENT).and_then(Value::as_str) {
                return id.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "no {selector} at {}", self.address());
            thread::sleep(LOOK);
        }
    }

    fn command(&self, method: &str, path: &str, what: &Value) -> Value {
        self.ask(method, &format!("/session/{}{path}", self.session), what)
    }

    fn ask(&self, method: &str, path: &str, what: &Value) -> Value {
        let (status, value) = self.exchange(method, path, what);
        assert!(status == 200, "{method} {path} {what}: {value}");
        value
    }

    /// One request and its answer (RFC 9112); the driver sends lengths and closes nothing.
    fn exchange(&self, method: &str, path: &str, what: &Value) -> (u16, Value) {
        self.tried(method, path, what).expect("the driver answers")
    }

    fn tried(&self, method: &str, path: &str, what: &Value) -> io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let body = if method == "GET" { String::new() } else { what.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut length = 0;
        loop {
            line.clear();
            answer.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body)?;
        let mut told: Value = serde_json::from_slice(&body)?;
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        Ok((status, told.get_mut("value").map(Value::take).unwrap_or_default()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The end of the session is the end of the browser, also where a test has failed.
        if !self.session.is_empty() {
            let _ = self.tried("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        // The browser may still be writing into its profile for a moment.
        for _ in 0..GONE {
            let _ = fs::remove_dir_all(&self.profile);
            if !self.profile.exists() {
                return;
            }
            thread::sleep(LOOK);
        }
    }
}

/// A driver, and the port at which it listens. It takes a free one of IPv6 and then wants the same
/// of IPv4, which another may have by then: it ends, and a later one finds another.
fn driver() -> (Child, u16) {
    let mut said = String::new();
    let driver = (0..DRIVERS).find_map(|_| started(&mut said));
    driver.ok_or(said).expect("a driver listens")
}

fn started(said: &mut String) -> Option<(Child, u16)> {
    let mut driver = Command::new("/usr/bin/chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Chromium's driver is installed");
    let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
    said.clear();
    let port = lines.find_map(|line| {
        let line = line.ok()?;
        said.extend([&line, "\n"]);
        line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
    });
    if port.is_none() {
        driver.wait().expect("the driver has ended");
    }
    // Whoever stops reading makes the driver wait.
    thread::spawn(move || lines.for_each(drop));
    Some((driver, port?))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Base64 (RFC 4648, section 4).
fn decode(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0);
    for six in text.bytes().filter_map(value) {
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).unwrap_or_default());
        }
    }
    bytes
}
