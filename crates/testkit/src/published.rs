//! A server on this machine that publishes feeds as the real ones do: conditional answers, ranges,
//! the paging of the NVD and its files of years; and, where a test asks for it, failures as they
//! happen on the way.
//!
//! Refuses TLS, and to listen beyond this machine.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

/// What goes wrong with one answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// A status, and after how many seconds to come again.
    Status(u16, Option<u32>),
    /// The body ends after so many bytes, though more were announced.
    CutAfter(usize),
    /// The same in pieces, without the last of them.
    CutInPieces(usize),
    /// It stops in the midst and says nothing more.
    StallAfter(usize),
    /// It points elsewhere.
    Elsewhere(String),
    /// Ranges are not understood.
    NoRange,
    /// The rest is sent of whatever is there now, also where only the same was asked for.
    AnyRest,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Path and query.
    pub path: String,
    /// Headers: names in lower case, and values.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The first header of that name; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
struct Resource {
    body: Vec<u8>,
    etag: String,
    /// How the body is packed for the way.
    coding: &'static str,
}

/// Where the files of the NVD lie, and how their names begin.
pub const NVD_FILES: &str = "/feeds/json/cve/2.0/nvdcve-2.0-";

/// A record of the NVD: its id and when it was changed last, `2026-11-30T01:02:03.000`.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// When it was changed last.
    pub changed: String,
    /// What it says.
    pub text: String,
}

impl Record {
    fn shown(&self) -> Value {
        json!({"cve": {
            "id": self.id,
            "lastModified": self.changed,
            "descriptions": [{"lang": "en", "value": self.text}],
        }})
    }
}

#[derive(Default)]
struct Shared {
    resources: Mutex<BTreeMap<String, Resource>>,
    faults: Mutex<BTreeMap<String, VecDeque<Fault>>>,
    log: Mutex<Vec<Request>>,
    nvd: Mutex<(Vec<Record>, usize)>,
}

/// A server that publishes; it ends with the test's process.
pub struct Published {
    address: String,
    shared: Arc<Shared>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Published {
    /// Begins to listen.
    ///
    /// # Panics
    /// Where this machine has no port left.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&own);
                thread::spawn(move || {
                    // Whoever hangs up has heard enough.
                    let _ = shared.answer(stream);
                });
            }
        });
        Self { address: format!("http://127.0.0.1:{port}"), shared }
    }

    /// Its address, without a slash at the end.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Publishes something under a path, in the place of what was there.
    pub fn put(&self, path: &str, body: &[u8]) {
        self.put_packed(path, body, "");
    }

    /// The same, which says by which coding its body is packed.
    pub fn put_packed(&self, path: &str, body: &[u8], coding: &'static str) {
        let sum = body
            .iter()
            .fold(5_381_u64, |sum, byte| sum.wrapping_mul(33).wrapping_add(u64::from(*byte)));
        let resource = Resource { body: body.to_vec(), etag: format!("\"{sum:x}\""), coding };
        held(&self.shared.resources).insert(path.to_owned(), resource);
    }

    /// Takes something away.
    pub fn remove(&self, path: &str) {
        held(&self.shared.resources).remove(path);
    }

    /// Publishes records as the NVD does, so many a page, under `/rest/json/cves/2.0`.
    pub fn put_nvd(&self, records: Vec<Record>, page: usize) {
        *held(&self.shared.nvd) = (records, page);
    }

    /// Publishes records as the NVD does in a file of a year or of what changed, with what is said
    /// of it beside it: `name` is `2021` or `modified`, `made` is as `2026-11-30T03:00:00-05:00`.
    ///
    /// # Panics
    /// Never: it is written in memory.
    pub fn put_nvd_file(&self, name: &str, records: &[Record], made: &str) {
        let shown: Vec<Value> = records.iter().map(Record::shown).collect();
        let file = json!({
            "resultsPerPage": shown.len(),
            "startIndex": 0,
            "totalResults": shown.len(),
            "format": "NVD_CVE",
            "version": "2.0",
            "timestamp": made,
            "vulnerabilities": shown,
        });
        // With other spaces than the API has.
        let text = serde_json::to_vec_pretty(&file).expect("a value is written");
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&text).expect("in memory");
        let packed = packer.finish().expect("in memory");
        let mut meta = format!(
            "lastModifiedDate:{made}\r\nsize:{}\r\nzipSize:{}\r\ngzSize:{}\r\nsha256:",
            text.len(),
            packed.len() + 136,
            packed.len()
        );
        for byte in digest(&SHA256, &text).as_ref() {
            let _ = write!(meta, "{byte:02X}");
        }
        self.put(&format!("{NVD_FILES}{name}.meta"), format!("{meta}\r\n").as_bytes());
        self.put(&format!("{NVD_FILES}{name}.json.gz"), &packed);
    }

    /// Gives what is published under a path.
    #[must_use]
    pub fn body(&self, path: &str) -> Option<Vec<u8>> {
        held(&self.shared.resources).get(path).map(|resource| resource.body.clone())
    }

    /// What goes wrong with the next answers under a path (without its query), in this order.
    pub fn fail(&self, path: &str, faults: &[Fault]) {
        let mut all = held(&self.shared.faults);
        all.entry(path.to_owned()).or_default().extend(faults.iter().cloned());
    }

    /// What was asked for since this was asked last.
    #[must_use]
    pub fn asked(&self) -> Vec<Request> {
        std::mem::take(&mut held(&self.shared.log))
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let request = read(&stream)?;
        held(&self.log).push(request.clone());
        let path = request.path.split('?').next().unwrap_or_default().to_owned();
        let fault = held(&self.faults).get_mut(&path).and_then(VecDeque::pop_front);
        match &fault {
            Some(Fault::Status(status, after)) => {
                let after = after.map(|after| format!("retry-after: {after}\r\n"));
                let fields = after.unwrap_or_default();
                return send(&mut stream, *status, &fields, b"");
            }
            Some(Fault::Elsewhere(to)) => {
                return send(&mut stream, 302, &format!("location: {to}\r\n"), b"");
            }
            _ => {}
        }
        if path == "/rest/json/cves/2.0" {
            return self.page(&mut stream, &request, fault.as_ref());
        }
        let Some(resource) = held(&self.resources).get(&path).cloned() else {
            return send(
                &mut stream,
                404,
                "content-type: text/plain\r\n",
                b"there is no such file",
            );
        };
        if request.header("if-none-match") == resource.etag {
            return send(&mut stream, 304, &format!("etag: {}\r\n", resource.etag), b"");
        }
        let mut fields = format!("etag: {}\r\naccept-ranges: bytes\r\n", resource.etag);
        if !resource.coding.is_empty() {
            let _ = write!(fields, "content-encoding: {}\r\n", resource.coding);
        }
        let range = request
            .header("range")
            .strip_prefix("bytes=")
            .and_then(|range| range.strip_suffix('-')?.parse::<usize>().ok());
        let same = request.header("if-range");
        let is_any = same.is_empty() || matches!(fault, Some(Fault::AnyRest));
        let is_same = is_any || same == resource.etag;
        let range = range.filter(|_| is_same && !matches!(fault, Some(Fault::NoRange)));
        match range {
            Some(from) if from >= resource.body.len() => send(&mut stream, 416, &fields, b""),
            Some(from) => {
                let whole = resource.body.len();
                let _ = write!(fields, "content-range: bytes {from}-{}/{whole}\r\n", whole - 1);
                let rest = resource.body.get(from..).unwrap_or_default();
                body(&mut stream, (206, &fields), rest, fault.as_ref())
            }
            None => body(&mut stream, (200, &fields), &resource.body, fault.as_ref()),
        }
    }

    /// A page as the CVE API 2.0 of the NVD makes it.
    fn page(
        &self,
        stream: &mut TcpStream,
        request: &Request,
        fault: Option<&Fault>,
    ) -> std::io::Result<()> {
        let (all, page) = held(&self.nvd).clone();
        let asked = |name: &str| {
            let query = request.path.split_once('?').map_or("", |(_, query)| query);
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
        };
        let bare = |name: &str| asked(name).map(|time| time.trim_end_matches('Z').to_owned());
        let (from, until) = (bare("lastModStartDate"), bare("lastModEndDate"));
        if from.is_some() != until.is_some() {
            let fields = "message: Both lastModStartDate and lastModEndDate are required\r\n";
            return send(stream, 404, fields, b"");
        }
        let within = |record: &&Record| {
            from.as_ref().is_none_or(|from| record.changed >= *from)
                && until.as_ref().is_none_or(|until| record.changed <= *until)
        };
        let matching: Vec<&Record> = all.iter().filter(within).collect();
        let start: usize = asked("startIndex").and_then(|text| text.parse().ok()).unwrap_or(0);
        let shown: Vec<Value> =
            matching.iter().skip(start).take(page).map(|record| record.shown()).collect();
        let answer = json!({
            "resultsPerPage": shown.len(),
            "startIndex": start,
            "totalResults": matching.len(),
            "format": "NVD_CVE",
            "version": "2.0",
            "timestamp": "2026-11-30T00:00:00.000",
            "vulnerabilities": shown,
        });
        body(stream, (200, ""), answer.to_string().as_bytes(), fault)
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    Ok(Request { path, headers })
}

fn send(stream: &mut TcpStream, status: u16, fields: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\n{fields}content-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

fn body(
    stream: &mut TcpStream,
    (status, fields): (u16, &str),
    body: &[u8],
    fault: Option<&Fault>,
) -> std::io::Result<()> {
    let length = body.len();
    let head = |framing: &str| format!("HTTP/1.1 {status} x\r\n{fields}{framing}\r\n\r\n");
    let told = head(&format!("content-length: {length}"));
    let some = |count: usize| body.get(..count.min(length)).unwrap_or_default();
    match fault {
        Some(Fault::CutAfter(count)) => {
            stream.write_all(told.as_bytes())?;
            stream.write_all(some(*count))
        }
        Some(Fault::CutInPieces(count)) => {
            stream.write_all(head("transfer-encoding: chunked").as_bytes())?;
            let some = some(*count);
            stream.write_all(format!("{:x}\r\n", some.len()).as_bytes())?;
            stream.write_all(some)?;
            stream.write_all(b"\r\n")
        }
        Some(Fault::StallAfter(count)) => {
            stream.write_all(told.as_bytes())?;
            stream.write_all(some(*count))?;
            stream.flush()?;
            // Until whoever asked is gone.
            stream.set_read_timeout(Some(Duration::from_mins(2)))?;
            let mut rest = Vec::new();
            let _ = BufReader::new(&*stream).read_until(0, &mut rest);
            Ok(())
        }
        _ => {
            stream.write_all(told.as_bytes())?;
            stream.write_all(body)
        }
    }
}
