//! `asepsis feed` as people and timers run it, against a server on this machine: what it says, how
//! it ends, and what is there when it is killed in the midst.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail by a panic")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::published::Fault::StallAfter;
use testkit::published::{NVD_FILES, Published, Record};

/// How long something may take that takes moments.
const PATIENCE: Duration = Duration::from_secs(30);
const KEV: &str = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";

struct Site {
    server: Published,
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { server: Published::start(), folder: TempDir::new().expect("a folder") };
        let mut text = String::new();
        for of in [
            "https://services.nvd.nist.gov/",
            "https://nvd.nist.gov/",
            "https://www.cisa.gov/",
            "https://storage.googleapis.com/osv-vulnerabilities/",
        ] {
            let ask = site.server.address();
            let _ = write!(text, "[[instead]]\nof = \"{of}\"\nask = \"{ask}/\"\n");
        }
        fs::write(site.config(), text).expect("written");
        site
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    fn feeds(&self) -> PathBuf {
        self.folder.path().join("feeds")
    }

    fn command(&self, sources: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        command.args(["feed", "sync", "--json", "--feeds-may-reach", "127.0.0.0/8", "--into"]);
        command.arg(self.feeds()).arg("--config").arg(self.config()).args(sources);
        command
    }

    fn sync(&self, sources: &[&str]) -> (Option<i32>, Value) {
        told(&self.command(sources).output().expect("it starts"))
    }

    fn begin(&self, sources: &[&str]) -> Killed {
        let mut command = self.command(sources);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Killed(command.spawn().expect("it starts"))
    }

    fn status(&self) -> (Option<i32>, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        command.args(["feed", "status", "--json"]).arg(self.feeds());
        told(&command.output().expect("it starts"))
    }

    /// What `assess` reads of it: names of documents.
    fn assessed(&self) -> Vec<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        let output =
            command.args(["assess", "--quiet", "--strict", "--json", "-"]).arg(self.feeds());
        let (_, assessed) = told(&output.output().expect("it starts"));
        let documents = assessed["documents"].as_array().expect("documents").iter();
        documents.map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
    }
}

/// A program that is killed at the latest when the test ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn told(output: &Output) -> (Option<i32>, Value) {
    let said = String::from_utf8_lossy(&output.stderr);
    let read = serde_json::from_slice(&output.stdout);
    (output.status.code(), read.unwrap_or_else(|error| panic!("{error}: {said}")))
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn catalogue(count: usize) -> String {
    let entries = (0..count).map(|number| {
        format!(
            "{{\"cveID\": \"CVE-2026-{}\", \"vendorProject\": \"Acme\", \"product\": \"Pump\",\
             \"vulnerabilityName\": \"x\", \"dateAdded\": \"2026-11-01\", \"shortDescription\": \"x\",\
             \"requiredAction\": \"x\", \"dueDate\": \"2026-12-01\"}}",
            1_000 + number
        )
    });
    format!(
        "{{\"title\": \"CISA Catalog of Known Exploited Vulnerabilities\",\
         \"catalogVersion\": \"2026.11.30\", \"dateReleased\": \"2026-11-30T12:00:00.0000Z\",\
         \"count\": {count}, \"vulnerabilities\": [{}]}}",
        entries.collect::<Vec<_>>().join(",")
    )
}

fn archive(count: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default();
    let plain = plain.compression_method(zip::CompressionMethod::Stored);
    for number in 0..count {
        writer.start_file(format!("PYSEC-2026-{number}.json"), plain).expect("in memory");
        let record = format!(
            "{{\"schema_version\":\"1.6.0\",\"id\":\"PYSEC-2026-{number}\",\"modified\":\
             \"2026-11-01T00:00:00Z\",\"details\":\"{}\",\"affected\":[{{\"package\":\
             {{\"ecosystem\":\"PyPI\",\"name\":\"pump\"}},\"versions\":[\"1.0\"]}}]}}",
            "x".repeat(1_000)
        );
        writer.write_all(record.as_bytes()).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

#[test]
fn what_is_fetched_is_told_read_by_assess_and_aged_by_status() {
    let site = Site::new();
    site.server.put(KEV, catalogue(3).as_bytes());
    let (status, told) = site.sync(&["kev", "osv:PyPI"]);
    assert_eq!(status, Some(2), "one source is not there");
    assert_eq!(told["sources"][0]["outcome"], "changed");
    assert_eq!(told["sources"][0]["documents"], 3);
    let wrong = told["sources"][1]["error"].as_str().expect("an error");
    assert!(wrong.contains("PyPI/modified_id.csv` answers with status 404"), "{wrong}");
    let (status, told) = site.status();
    assert_eq!(status, Some(1), "the one that was never taken is due");
    assert_eq!(told["sources"][0]["is_due"], false);
    assert!(told["sources"][0]["last_changed"].is_string());
    assert_eq!(
        (&told["sources"][1]["is_due"], &told["sources"][1]["age_days"]),
        (&true.into(), &Value::Null)
    );
    assert_eq!(site.assessed(), ["kev/known_exploited_vulnerabilities.json"]);
    // Without naming any, those that are known.
    site.server.put("/PyPI/all.zip", &archive(2));
    site.server.put("/PyPI/modified_id.csv", b"2026-11-01T00:00:00Z,PYSEC-2026-0\n");
    let (status, told) = site.sync(&[]);
    assert_eq!(status, Some(0), "{told}");
    assert_eq!(told["sources"][0]["outcome"], "unchanged");
    assert_eq!(site.status().0, Some(0));
    assert_eq!(site.assessed().len(), 3);
}

#[test]
fn what_is_fetched_is_compiled_at_once_where_a_base_is_named() {
    let site = Site::new();
    let base = site.feeds().with_file_name("known.base");
    let sync = |sources: &[&str]| {
        let mut command = site.command(sources);
        told(&command.arg("--base").arg(&base).output().expect("it starts"))
    };
    site.server.put(KEV, catalogue(3).as_bytes());
    let (status, told) = sync(&["kev", "osv:PyPI"]);
    assert_eq!(status, Some(2), "one source is not there");
    assert_eq!(told["compiled"]["documents"], 1, "what is there is compiled: {told}");
    site.server.put("/PyPI/all.zip", &archive(2));
    site.server.put("/PyPI/modified_id.csv", b"2026-11-01T00:00:00Z,PYSEC-2026-0\n");
    let (status, told) = sync(&[]);
    assert_eq!((status, &told["compiled"]["records"]), (Some(0), &json!(2)), "{told}");
    assert_eq!(told["compiled"]["no_input"], json!([]), "{told}");
    // What leaves a source leaves the base.
    fs::remove_dir_all(site.feeds().join("osv")).expect("gone");
    let (status, told) = sync(&["kev"]);
    assert_eq!((status, &told["compiled"]["documents"]), (Some(0), &json!(1)), "{told}");
}

#[test]
fn killed_in_the_midst_of_an_archive_it_goes_on_where_it_was() {
    let site = Site::new();
    let whole = archive(200);
    site.server.put("/PyPI/all.zip", &whole);
    site.server.put("/PyPI/modified_id.csv", b"2026-11-01T00:00:00Z,PYSEC-2026-0\n");
    site.server.fail("/PyPI/all.zip", &[StallAfter(100_000), StallAfter(50_000)]);
    for reached in [100_000, 150_000] {
        let mut running = site.begin(&["osv:PyPI"]);
        let parts = site.feeds().join(".sync/parts");
        until("it gets as far as the server goes", || {
            let entries = fs::read_dir(&parts).into_iter().flatten().flatten();
            let sizes = entries.filter_map(|entry| Some(entry.metadata().ok()?.len()));
            sizes.max() == Some(reached)
        });
        running.0.kill().expect("killed");
        running.0.wait().expect("ended");
        assert!(!site.feeds().join("osv").exists());
        assert_eq!(site.assessed(), [] as [String; 0], "what is not whole is not read");
    }
    let _ = site.server.asked();
    let (status, told) = site.sync(&["osv:PyPI"]);
    assert_eq!((status, &told["sources"][0]["documents"]), (Some(0), &200.into()));
    assert_eq!(site.server.asked()[1].header("range"), "bytes=150000-");
    assert_eq!(fs::read(site.feeds().join("osv/PyPI.zip")).expect("there"), whole);
}

#[test]
fn killed_between_pages_of_the_nvd_it_goes_on_at_the_page_where_it_was() {
    let site = Site::new();
    let record = |number: usize| Record {
        id: format!("CVE-2026-{}", 1_000 + number),
        changed: "2026-11-01T00:00:00.000".to_owned(),
        text: "x".to_owned(),
    };
    site.server.put_nvd((0..50).map(record).collect(), 40);
    let mut running = site.begin(&["nvd"]);
    let state = site.feeds().join(".sync/nvd.json");
    until("the first page is kept", || {
        fs::read_to_string(&state).is_ok_and(|text| text.contains("\"next\":40"))
    });
    // It waits six seconds, as the service wants it.
    running.0.kill().expect("killed");
    running.0.wait().expect("ended");
    let asked: Vec<String> = site.server.asked().into_iter().map(|one| one.path).collect();
    assert_eq!(asked, ["/rest/json/cves/2.0?startIndex=0"]);
    let (status, told) = site.sync(&["nvd"]);
    assert_eq!((status, &told["sources"][0]["documents"]), (Some(0), &50.into()));
    let asked: Vec<String> = site.server.asked().into_iter().map(|one| one.path).collect();
    assert_eq!(asked, ["/rest/json/cves/2.0?startIndex=40"]);
}

#[test]
fn killed_in_the_midst_of_a_file_of_the_nvd_it_goes_on_with_that_file() {
    let site = Site::new();
    let now = jiff::Timestamp::now();
    let this_year = now.strftime("%Y").to_string().parse().expect("a year");
    let made = now.to_string();
    for year in 2_002..=this_year {
        site.server.put_nvd_file(&i32::to_string(&year), &[], &made);
    }
    let record = |number: usize| Record {
        id: format!("CVE-2004-{}", 1_000 + number),
        changed: "2026-11-01T00:00:00.000".to_owned(),
        text: format!("{number} {}", number * 7_919),
    };
    site.server.put_nvd_file("2004", &(0..400).map(record).collect::<Vec<_>>(), &made);
    site.server.put_nvd_file("modified", &[], &made);
    let stalled = format!("{NVD_FILES}2004.json.gz");
    site.server.fail(&stalled, &[StallAfter(1_000)]);
    let mut running = site.begin(&["nvd:feeds"]);
    let parts = site.feeds().join(".sync/parts");
    until("it gets as far as the server goes", || {
        let entries = fs::read_dir(&parts).into_iter().flatten().flatten();
        entries.filter_map(|entry| Some(entry.metadata().ok()?.len())).max() == Some(1_000)
    });
    running.0.kill().expect("killed");
    running.0.wait().expect("ended");
    let _ = site.server.asked();
    let (status, told) = site.sync(&[]);
    assert_eq!((status, &told["sources"][0]["documents"]), (Some(0), &400.into()), "{told}");
    assert_eq!(told["sources"][0]["source"], "nvd:feeds");
    let asked = site.server.asked();
    let of = |name: &str| asked.iter().find(|one| one.path == format!("{NVD_FILES}{name}.json.gz"));
    assert!(of("2002").is_none() && of("2003").is_none(), "those are there");
    assert_eq!(of("2004").expect("asked for").header("range"), "bytes=1000-");
    assert_eq!(site.status().0, Some(0));
}

#[test]
fn what_would_be_asked_is_told_without_asking() {
    let site = Site::new();
    let dry =
        |sources: &[&str]| told(&site.command(sources).arg("--dry-run").output().expect("it"));
    let (status, plan) = dry(&["nvd", "kev"]);
    assert_eq!(status, Some(0));
    assert!(!site.feeds().exists(), "not even a folder is made");
    let ask = site.server.address();
    let nvd = &plan["sources"][0];
    let address = format!("{ask}/rest/json/cves/2.0?startIndex=0");
    assert_eq!(nvd["would_ask"][0]["address"], address.as_str(), "at the mirror");
    assert_eq!((&nvd["is_due"], &nvd["last_asked"]), (&true.into(), &Value::Null));
    assert_eq!(plan["sources"][1]["would_ask"][0]["address"], format!("{ask}{KEV}").as_str());
    site.server.put(KEV, catalogue(3).as_bytes());
    site.server.put_nvd(Vec::new(), 10);
    assert_eq!(site.sync(&["kev", "nvd"]).0, Some(0));
    let _ = site.server.asked();
    let kept = |name: &str| fs::read(site.feeds().join(".sync").join(name)).expect("there");
    let before = (kept("kev.json"), kept("nvd.json"));
    let (_, plan) = dry(&[]);
    let kev = &plan["sources"][0];
    assert_eq!((&kev["documents"], &kev["is_due"]), (&3.into(), &false.into()));
    assert!(kev["last_asked"].is_string(), "{kev}");
    assert_eq!(plan["sources"][1]["would_ask"], Value::Array(Vec::new()), "too early");
    assert_eq!(before, (kept("kev.json"), kept("nvd.json")));
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.args(["feed", "sync", "--dry-run", "--into"]).arg(site.feeds());
    let said = command.arg("--config").arg(site.config()).output().expect("it starts").stdout;
    let said = String::from_utf8(said).expect("text");
    assert!(said.starts_with("source  documents"), "{said}");
    assert!(said.contains(&format!("the file, where it is another\n    {ask}{KEV}\n")), "{said}");
    assert!(said.contains("nothing: it was asked less than two hours ago"), "{said}");
    assert_eq!(site.server.asked(), [], "nobody was asked");
}

#[test]
fn this_machine_is_asked_only_where_that_is_allowed() {
    let site = Site::new();
    site.server.put(KEV, catalogue(1).as_bytes());
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.args(["feed", "sync", "kev", "--into"]).arg(site.feeds());
    let output = command.arg("--config").arg(site.config()).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("allows it with --feeds-may-reach"), "{said}");
    assert_eq!(site.server.asked(), []);
}

/// A proxy that connects to nothing and answers with a status; its port, and what it is asked.
fn proxy(status: u16) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (asked, log) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let answer = format!("HTTP/1.1 {status} x\r\nproxy-authenticate: Basic\r\n\r\n");
            if asked.send(head.join("\n")).is_err() || stream.write_all(answer.as_bytes()).is_err()
            {
                return;
            }
        }
    });
    (port, log)
}

/// A password of `Aladdin`, as it is written and as it is on the way.
const SECRET: &str = "open sesame-secret";
const ON_THE_WAY: &str = "QWxhZGRpbjpvcGVuIHNlc2FtZS1zZWNyZXQ";
const NAMED: &str = "proxy_user = \"Aladdin\"\nproxy_password_file = \"password\"";

impl Site {
    /// Fetches through a proxy that answers with 407, in which nothing shows the password: what is
    /// said, and what the proxy is asked.
    fn turned_away(&self, more: &str, environment: Option<&str>) -> (String, Vec<String>) {
        let (port, log) = proxy(407);
        let text = format!("proxy = \"http://127.0.0.1:{port}\"\n{more}\n");
        fs::write(self.config(), text).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        command.args(["feed", "sync", "--feeds-may-reach", "127.0.0.0/8", "--config"]);
        command.arg(self.config()).args(["kev", "epss", "csaf:vendor.example", "--into"]);
        command.arg(self.feeds()).env("RUST_BACKTRACE", "1").env("RUST_LOG", "trace");
        if let Some(password) = environment {
            command.env("ASEPSIS_PROXY_PASSWORD", password);
        }
        let output = command.output().expect("it starts");
        let out = String::from_utf8_lossy(&output.stdout);
        let said = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(!said.contains("sesame") && !said.contains(ON_THE_WAY), "{said}");
        if self.feeds().exists() {
            looked(&self.feeds());
        }
        (said, log.try_iter().collect())
    }

    fn put_password(&self, mode: u32) {
        let file = self.folder.path().join("password");
        fs::write(&file, format!("{SECRET}\n")).expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("set");
    }
}

#[test]
fn a_password_of_a_proxy_shows_nowhere() {
    let site = Site::new();
    site.put_password(0o644);
    let (said, asked) = site.turned_away(NAMED, None);
    assert!(said.contains("hint: chmod 600") && asked.is_empty(), "{said}");
    site.put_password(0o600);
    for (more, environment) in [(NAMED, None), ("proxy_user = \"Aladdin\"", Some(SECRET))] {
        let (said, asked) = site.turned_away(more, environment);
        let why = "it does not take the user and the password that it was given";
        assert_eq!(said.matches(why).count(), 1, "one clear error: {said}");
        assert_eq!(said.matches("not asked for").count(), 2, "{said}");
        assert_eq!(asked.len(), 1, "asked once, whatever the number of sources");
        assert!(asked[0].contains(&format!("proxy-authorization: Basic {ON_THE_WAY}")));
        assert!(site.status().1["sources"].to_string().contains(why));
    }
    let (said, asked) = site.turned_away("", Some(SECRET));
    assert!(said.contains("it wants a user and a password"), "{said}");
    assert!(!asked[0].contains("authorization"), "nobody is named: {asked:?}");
}

#[test]
fn a_password_in_the_wrong_place_is_told_and_not_shown() {
    let site = Site::new();
    site.put_password(0o600);
    let colon = format!("proxy_user = \"Aladdin:{SECRET}\"\nproxy_password_file = \"password\"");
    let direct = format!("proxy_password = \"{SECRET}\"");
    for (more, why) in [
        (direct.as_str(), "line 2: unknown field `proxy_password`"),
        ("proxy_user = \"Aladdin\"", "hint: name proxy_password_file, or set ASEPSIS_PROXY"),
        ("proxy_password_file = \"password\"", "needs a `proxy_user`"),
        (colon.as_str(), "no colon"),
    ] {
        let (said, asked) = site.turned_away(more, None);
        assert!(said.contains(why) && asked.is_empty(), "{said}");
    }
    for (text, why) in [
        ("proxy = \"http://Aladdin:p@sesame@proxy.example:3128\"", "it names a user"),
        ("proxy_user = \"Aladdin\"", "without a `proxy`"),
    ] {
        fs::write(site.config(), text).expect("written");
        let output = site.command(&["kev"]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(why) && !said.contains("sesame"), "{said}");
    }
}

/// No file below a folder holds the key.
fn looked(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            looked(&path);
        } else {
            let bytes = fs::read(&path).expect("a file");
            assert!(!String::from_utf8_lossy(&bytes).contains("secret"), "{}", path.display());
        }
    }
}

#[test]
fn a_key_stands_in_a_file_of_its_owner_and_shows_nowhere() {
    let site = Site::new();
    site.server.put_nvd(Vec::new(), 10);
    let key = site.folder.path().join("key");
    fs::write(&key, "7c0ffee-secret\n").expect("written");
    let run = |mode: u32| {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("set");
        site.command(&["nvd"]).arg("--nvd-key-file").arg(&key).output().expect("it starts")
    };
    let output = run(0o644);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("hint: chmod 600"));
    assert_eq!(run(0o600).status.code(), Some(0));
    assert_eq!(site.server.asked()[0].header("apikey"), "7c0ffee-secret");
    looked(&site.feeds());
    let mut command = site.command(&["nvd"]);
    let output = command.env("ASEPSIS_NVD_KEY", "a b").output().expect("it starts");
    assert!(String::from_utf8_lossy(&output.stderr).contains("a character that no key has"));
}

#[test]
fn what_is_misspelt_is_told() {
    let site = Site::new();
    for (text, why) in [
        ("[[insted]]\n", "unknown field"),
        (
            "[[instead]]\nof = \"https://a.example\"\nask = \"https://b.example/\"\n",
            "end with a slash",
        ),
        ("[[instead]]\nof = \"https://a.example/\"\nask = \"ftp://b.example/\"\n", "is no place"),
        ("authority = \"none.pem\"\n", "cannot read"),
        ("proxy = \"https://proxy.example:3128\"\n", "is no proxy"),
    ] {
        fs::write(site.config(), text).expect("written");
        let output = site.command(&["kev"]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(why), "{text}: {said}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.args(["feed", "sync", "--into"]).arg(site.feeds());
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("hint: name what to fetch"), "{said}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    let output = command.args(["feed", "sync", "--into", "x", "nvdd"]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("expected nvd, nvd:feeds, cve, kev, epss, osv:ECOSYSTEM"), "{said}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    let output = command.args(["feed", "status"]).arg(site.feeds().join("none")).output();
    assert_eq!(output.expect("it starts").status.code(), Some(2));
}
