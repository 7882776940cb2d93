//! Alerts by the whole program: to a real rsyslog over TCP and TLS, and to a web server that checks
//! what is signed; also where the program is killed.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails by a panic says why"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use presentation::alerts::{Fact, webhook};
use serde_json::{Value, json};
use store::Place;
use store::alerts;
use store::database::Database;
use store::detections::Detection;
use store::secret::Secret;
use tokio_rustls::rustls;

#[path = "program/schema.rs"]
mod schema;
#[path = "alerts/whole.rs"]
mod whole;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A store, and the program over it.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        command.args(arguments).env("ASEPSIS_STORE", self.at("asepsis.db"));
        command.env("ASEPSIS_ALERTS_MAY_REACH", "127.0.0.0/8,::1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it starts")
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    fn list(&self) -> Value {
        let lines = self.said(&["alerts", "list", "--json"]);
        serde_json::from_str(lines.lines().next().expect("one")).expect("JSON")
    }

    /// The program, serving; what it says goes to a file.
    fn serve(&self) -> Running {
        self.serve_with(&[])
    }

    fn serve_with(&self, arguments: &[&str]) -> Running {
        let log =
            fs::File::options().create(true).append(true).open(self.at("log")).expect("a log");
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments);
        Running(command.stdout(Stdio::null()).stderr(log).spawn().expect("it starts"))
    }

    /// Detects something so many times, as the agent's news would.
    fn detect(&self, numbers: std::ops::Range<u32>) -> Vec<String> {
        let place = Place::File(self.at("asepsis.db"));
        let database = Database::open(&place).expect("a store");
        let alert = |number: u32| {
            Fact::detection(&Detection {
                hash: format!("hash {number}"),
                at_ms: 1_764_470_400_000 + i64::from(number),
                rule: "threat.scan".to_owned(),
                technique: "T1046".to_owned(),
                device: "SB-ICU-EVT-03".to_owned(),
                source: "10.20.0.7".to_owned(),
                evidence: format!("It called {number} doors|a=b\\c \"ü\" of 10.20.0.9"),
                rest: json!({ "targets": ["10.20.0.9"], "service": "tcp/445" }).to_string(),
                ..Detection::default()
            })
        };
        let all: Vec<_> = numbers.map(alert).collect();
        database
            .write("test", |t| all.iter().try_for_each(|alert| alerts::put(t, alert)))
            .expect("put");
        all.into_iter().map(|alert| alert.id).collect()
    }
}

/// A program that ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL: nothing of its own is tidied up.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A certificate of `localhost` with its key, in PEM.
fn certificate() -> (String, String) {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
    (own.cert.pem(), own.signing_key.serialize_pem())
}

/// Debian's rsyslog, taking messages over TCP, in TLS or not, and what it read in each.
struct Rsyslog {
    _program: Running,
    folder: PathBuf,
    port: String,
}

impl Rsyslog {
    fn start(folder: &Path, is_tls: bool) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let shown = folder.display();
        let (certificate, key) = certificate();
        fs::write(folder.join("cert.pem"), certificate).expect("written");
        fs::write(folder.join("key.pem"), key).expect("written");
        let driver = if is_tls {
            "StreamDriver.Name=\"gtls\" StreamDriver.Mode=\"1\" StreamDriver.AuthMode=\"anon\""
        } else {
            ""
        };
        let property = |out: &str, name: &str| {
            format!("property(outname=\"{out}\" name=\"{name}\" format=\"jsonf\")")
        };
        let properties = [
            ("pri", "pri"),
            ("host", "hostname"),
            ("app", "app-name"),
            ("kind", "msgid"),
            ("data", "structured-data"),
            ("text", "msg"),
        ];
        let properties: Vec<String> =
            properties.iter().map(|(out, name)| property(out, name)).collect();
        let configuration = format!(
            "global(workDirectory=\"{shown}\" \
             defaultNetstreamDriverCAFile=\"{shown}/cert.pem\" \
             defaultNetstreamDriverCertFile=\"{shown}/cert.pem\" \
             defaultNetstreamDriverKeyFile=\"{shown}/key.pem\")\n\
             module(load=\"imtcp\" {driver})\n\
             input(type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" \
             listenPortFileName=\"{shown}/port\")\n\
             template(name=\"out\" type=\"list\" option.jsonf=\"on\") {{ {} \
             property(outname=\"at\" name=\"timereported\" dateFormat=\"rfc3339\" \
             format=\"jsonf\") }}\n\
             action(type=\"omfile\" file=\"{shown}/out\" template=\"out\")\n",
            properties.join("\n")
        );
        fs::write(folder.join("conf"), configuration).expect("written");
        let program = Command::new("/usr/sbin/rsyslogd")
            .args(["-n", "-f", &format!("{shown}/conf"), "-i", &format!("{shown}/pid")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("rsyslog is installed");
        let program = Running(program);
        let port = until("rsyslog listens", || {
            let port = fs::read_to_string(folder.join("port")).ok()?;
            Some(port.trim().to_owned()).filter(|port| !port.is_empty())
        });
        Self { _program: program, folder: folder.to_owned(), port }
    }

    fn read(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.join("out")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

#[test]
fn rsyslog_reads_in_every_field_what_was_meant() {
    for (scheme, is_tls) in [("syslog+tcp", false), ("syslog+tls", true)] {
        let house = House::new();
        let rsyslog = Rsyslog::start(&house.at("rsyslog"), is_tls);
        let to = format!("{scheme}://localhost:{}", rsyslog.port);
        let authority = house.at("rsyslog/cert.pem").display().to_string();
        house.said(&["alerts", "add", "SIEM", &to, "--authority", &authority]);
        let said = house.said(&["alerts", "test", "SIEM"]);
        assert!(said.starts_with("It was taken"), "{said}");
        let ids = house.detect(1..4);
        let _server = house.serve();
        let read = until("all of them come", || {
            Some(rsyslog.read()).filter(|read| read.len() == 1 + ids.len())
        });
        assert_eq!(read[0]["kind"], "agent.test");
        for (number, (read, id)) in (1..).zip(read[1..].iter().zip(&ids)) {
            assert_eq!(read["pri"], "130", "local0, critical");
            assert_eq!((&read["app"], &read["kind"]), (&json!("asepsis"), &json!("detection")));
            let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
            assert_eq!(read["host"], host.trim());
            assert_eq!(read["at"], format!("2025-11-30T02:40:00.00{number}Z"));
            assert_eq!(read["data"], format!("[meta sequenceId=\"{}\"]", number + 1));
            let text = read["text"].as_str().expect("a text").trim_start();
            let evidence = format!("It called {number} doors|a\\=b\\\\c \"ü\" of 10.20.0.9");
            let head = "CEF:0|Asepsis|Asepsis|";
            assert!(text.starts_with(head) && text.contains(id.as_str()), "{text}");
            assert!(text.ends_with(&format!("msg={evidence}")), "{text}");
        }
        until("it is noted", || Some(house.list()).filter(|seen| seen["waiting"] == 0));
    }
}

/// What came to a web server: the head's fields and the body of each message.
struct Web {
    port: u16,
    authority: String,
    came: Receiver<(Vec<(String, String)>, String)>,
    answers: Arc<Mutex<Vec<&'static str>>>,
}

impl Web {
    /// A server over TLS that gives those answers, the last first, and then takes everything.
    fn start(answers: &[&'static str]) -> Self {
        let (authority, key) = certificate();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let answers = Arc::new(Mutex::new(answers.to_vec()));
        let (to, came) = channel();
        let (pem, own) = (authority.clone(), Arc::clone(&answers));
        thread::spawn(move || {
            use rustls::pki_types::pem::PemObject as _;
            use rustls::pki_types::{CertificateDer, PrivateKeyDer};
            let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let configuration = rustls::ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .expect("versions")
                .with_no_client_auth()
                .with_single_cert(vec![certificate], key)
                .expect("a pair");
            let configuration = Arc::new(configuration);
            for stream in listener.incoming().flatten() {
                let session =
                    rustls::ServerConnection::new(Arc::clone(&configuration)).expect("a session");
                let stream = rustls::StreamOwned::new(session, stream);
                let Some((stream, message)) = message(stream) else { continue };
                let answer = own.lock().expect("whole").pop().unwrap_or("204 No Content");
                let mut stream = stream;
                let _ = write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
                let _ = stream.flush();
                if to.send(message).is_err() {
                    return;
                }
            }
        });
        Self { port, authority, came, answers }
    }
}

type Message = (Vec<(String, String)>, String);

fn message<S: Read>(stream: S) -> Option<(S, Message)> {
    let mut from = BufReader::new(stream);
    let (mut fields, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ") {
            if name == "content-length" {
                length = value.parse().ok()?;
            }
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    Some((from.into_inner(), (fields, String::from_utf8(body).ok()?)))
}

fn field<'m>(message: &'m Message, name: &str) -> &'m str {
    let found = message.0.iter().find(|(own, _)| own == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// Adds a webhook at a server, and returns its secret.
fn hook(house: &House, web: &Web, form: &str) -> Secret<Vec<u8>> {
    fs::write(house.at("ca.pem"), &web.authority).expect("written");
    let authority = house.at("ca.pem").display().to_string();
    let to = format!("https://localhost:{}/hook?key=s3cret-in-address", web.port);
    let made =
        house.said(&["alerts", "add", "hook", &to, "--format", form, "--authority", &authority]);
    let (_, shown) = made.split_once("whsec_").expect("a secret, shown once");
    Secret::new(base64(shown.trim()))
}

/// RFC 4648, section 4.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0, 0_u32);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|one| *one == letter).expect("a letter of it");
        held = held << 6 | u32::try_from(value).expect("small");
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}

#[test]
fn a_webhook_gets_everything_signed_and_in_order_also_where_the_program_is_killed_again_and_again()
{
    let house = House::new();
    let web = Web::start(&["503 Later", "500 Broken", "302 Elsewhere"]);
    let secret = hook(&house, &web, "json");
    let ids = house.detect(0..60);
    let (mut order, mut times): (Vec<String>, usize) = (Vec::new(), 0);
    let mut server = Some(house.serve());
    let form = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/alert.schema.json");
    let form: Value = serde_json::from_str(&fs::read_to_string(form).expect("read")).expect("JSON");
    let failures = 3;
    while order.last() != ids.last() {
        let came = web.came.recv_timeout(PATIENCE).expect("it comes");
        let id = field(&came, "webhook-id").to_owned();
        let seconds: i64 = field(&came, "webhook-timestamp").parse().expect("a time");
        let signed = webhook::fields(&id, seconds, &came.1, Some(&secret));
        let wanted = signed.iter().find(|(name, _)| *name == "webhook-signature").expect("one");
        assert_eq!(field(&came, "webhook-signature"), wanted.1);
        let body: Value = serde_json::from_str(&came.1).expect("JSON");
        assert_eq!(body["id"], id.as_str());
        let breaches = schema::breaches(&form, &body);
        assert!(breaches.is_empty(), "{breaches:#?}");
        times += 1;
        if order.last() != Some(&id) {
            order.push(id);
        }
        if times <= failures {
            // It waits longer each time; a person who knows better does not.
            until("the failure is told", || {
                Some(house.list()).filter(|seen| seen["attempts"].as_i64() > Some(0))
            });
            house.said(&["alerts", "resume", "hook"]);
        } else if times.is_multiple_of(10) {
            drop(server.take());
            server = Some(house.serve());
        }
    }
    assert_eq!(order, ids, "each at least once, and in order");
    assert!(times >= ids.len() + failures, "what failed was sent again");
    until("it is noted", || Some(house.list()).filter(|seen| seen["waiting"] == 0));
    drop(server);
    assert!(web.answers.lock().expect("whole").is_empty());
    // Neither the log nor the lists nor the audit chain hold what only the two may know.
    let texts = [
        fs::read_to_string(house.at("log")).expect("a log"),
        house.said(&["alerts", "list"]),
        house.said(&["audit", "export"]),
    ];
    for text in &texts {
        assert!(!text.contains("whsec_") && !text.contains("s3cret-in-address"), "{text}");
    }
    let all: BTreeSet<&String> = order.iter().collect();
    assert_eq!(all.len(), ids.len());
}

#[test]
fn a_place_within_the_own_network_is_reached_only_where_it_was_named() {
    let house = House::new();
    let web = Web::start(&[]);
    hook(&house, &web, "ocsf");
    let test = |ranges: &str| {
        let mut command = house.command(&["alerts", "test", "hook"]);
        let output = command.env("ASEPSIS_ALERTS_MAY_REACH", ranges).output().expect("it starts");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (is_taken, said) = test("10.0.0.0/8,0.0.0.0/0,::/0");
    assert!(!is_taken && said.contains("--alerts-may-reach"), "{said}");
    assert!(web.came.try_recv().is_err(), "nobody came");
    let (is_taken, said) = test("127.0.0.0/8,::1");
    assert!(is_taken && said.contains("204"), "{said}");
    let came = web.came.recv_timeout(PATIENCE).expect("it came");
    let event: Value = serde_json::from_str(&came.1).expect("JSON");
    assert_eq!((&event["class_uid"], &event["metadata"]["version"]), (&json!(0), &json!("1.5.0")));
}

#[test]
fn who_wants_nothing_any_more_and_who_does_not_exist_are_told_apart() {
    let house = House::new();
    let web = Web::start(&["410 Gone"]);
    hook(&house, &web, "json");
    house.detect(0..2);
    let _server = house.serve();
    let seen =
        until("it is stopped", || Some(house.list()).filter(|seen| seen["stopped_ms"].is_i64()));
    assert!(seen["fault"].as_str().is_some_and(|why| why.contains("410")), "{seen}");
    assert_eq!(seen["waiting"], 2);
    house.said(&["alerts", "resume", "hook"]);
    until("it takes them", || Some(house.list()).filter(|seen| seen["waiting"] == 0));
    house.said(&["alerts", "remove", "hook"]);
    let gone = house.run(&["alerts", "test", "hook"]);
    assert!(!gone.status.success());
    for wrong in ["http://user:pw@x/", "https://0x7f.1/", "ftp://x/"] {
        let added = house.run(&["alerts", "add", "x", wrong]);
        let said = String::from_utf8_lossy(&added.stderr).into_owned();
        assert!(!added.status.success() && !said.contains("user:pw"), "{said}");
    }
}
