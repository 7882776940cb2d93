//! A stand-in for the agent, at a socket of its own, which outlives the servers that ask it: it
//! remembers what it was asked for, and tells what a test wants to be told.
//!
//! Refuses to decide or to hold anything: whoever asks for an order gets one.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Most steps, and most detections, of one answer: few, so that there is more than one.
const EACH: usize = 7;

/// What it remembers.
#[derive(Default)]
struct Memory {
    steps: Vec<Value>,
    detections: Vec<Value>,
    devices: Vec<Value>,
    flows: Vec<Value>,
    orders: Vec<Value>,
    plan: Value,
    /// How long it thinks before, and after, it writes an order down.
    thinks: Duration,
}

/// An agent that is none, until this goes.
pub struct StandIn {
    folder: tempfile::TempDir,
    memory: Arc<Mutex<Memory>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl StandIn {
    /// Begins one.
    ///
    /// # Panics
    /// Where no socket can be made.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join("agent.sock")).expect("a socket");
        let memory = Arc::new(Mutex::new(Memory::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let (own, over) = (Arc::clone(&memory), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                let own = Arc::clone(&own);
                // Whoever was killed in the midst of asking takes no answer.
                thread::spawn(move || drop(answer(&stream, &own)));
            }
        });
        Self { folder, memory, stop, thread: Some(thread) }
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("agent.sock")
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long it thinks before, and after, it writes an order down.
    pub fn thinks(&self, long: Duration) {
        self.memory().thinks = long;
    }

    /// The orders that it was asked for, by their reason.
    #[must_use]
    pub fn orders(&self) -> BTreeMap<String, Vec<u64>> {
        let mut by_reason: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for order in &self.memory().orders {
            let reason = order.get("reason").and_then(Value::as_str).unwrap_or_default();
            let number = order.get("order").and_then(Value::as_u64).unwrap_or_default();
            by_reason.entry(reason.to_owned()).or_default().push(number);
        }
        by_reason
    }

    /// Has an order, as docs/reference/openapi.json describes one, beside what a test leaves out.
    pub fn has(&self, order: &Value) {
        let mut memory = self.memory();
        let mut whole = memory.request(order, &Value::Null);
        if let (Some(whole), Some(own)) = (whole.as_object_mut(), order.as_object()) {
            whole.extend(own.clone());
        }
        memory.orders.pop();
        memory.orders.push(whole);
    }

    /// Says this of any containment that somebody thinks of
    /// (docs/reference/containment-plan.schema.json).
    pub fn plans(&self, plan: Value) {
        self.memory().plan = plan;
    }

    /// Takes a step of an order.
    pub fn step(&self, device: &str, what: &str) {
        self.memory().step(device, what);
    }

    /// Detects something that a device did.
    pub fn detect(&self, device: &str, evidence: &str) {
        let mut memory = self.memory();
        let number = memory.detections.len() + 1;
        memory.detections.push(json!({
            "number": number, "hash": hash("detection", number), "at": now(),
            "rule": "threat.scan", "technique": "T1046", "device": device,
            "source": "10.20.0.7", "evidence": evidence,
            "targets": ["10.20.0.9"], "service": "tcp/445",
        }));
    }

    /// Sees a device, as docs/reference/known.schema.json has it, but for when.
    pub fn see(&self, mut device: Value) {
        let at = microseconds();
        if let Some(fields) = device.as_object_mut() {
            fields.insert("first".to_owned(), at.into());
            fields.insert("last".to_owned(), at.into());
        }
        self.memory().devices.push(device);
    }

    /// Sees a flow, likewise.
    pub fn walk(&self, mut flow: Value) {
        let at = microseconds();
        if let Some(fields) = flow.as_object_mut() {
            fields.insert("first".to_owned(), at.into());
            fields.insert("last".to_owned(), at.into());
        }
        self.memory().flows.push(flow);
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // It waits for a caller, and is its own last one.
        let _ = UnixStream::connect(self.socket());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn microseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or_default()
}

fn now() -> String {
    jiff::Timestamp::from_microsecond(microseconds()).unwrap_or_default().to_string()
}

/// What stands for a hash that covers all before it: nothing is ever taken back here.
fn hash(kind: &str, number: usize) -> String {
    let mut text = format!("{kind}-{number}-");
    while text.len() < 64 {
        let _ = write!(text, "0");
    }
    text
}

impl Memory {
    fn step(&mut self, device: &str, what: &str) {
        let number = self.steps.len() + 1;
        self.steps.push(json!({
            "number": number, "hash": hash("step", number), "order": 1, "device": device,
            "at": now(), "by": "anna as security", "person": null, "step": "approved",
            "what": what, "event": { "step": "approved" },
        }));
    }

    fn news(&self, after: &Value) -> Value {
        let number = |name: &str| {
            let number = after.get(name).and_then(Value::as_u64).unwrap_or_default();
            usize::try_from(number).unwrap_or(usize::MAX)
        };
        let (step, detection) = (number("after"), number("detections_after"));
        let next = |all: &[Value], after: usize| -> Vec<Value> {
            all.iter().skip(after).take(EACH).cloned().collect()
        };
        let known = |kind: &str, number: usize, all: &[Value]| {
            (1..=all.len()).contains(&number).then(|| hash(kind, number))
        };
        let more = self.steps.len() > step.saturating_add(EACH)
            || self.detections.len() > detection.saturating_add(EACH);
        json!({
            "schema": "asepsis/news/1",
            "journal": {
                "first": known("step", 1, &self.steps),
                "after": known("step", step, &self.steps),
                "detections_after": known("detection", detection, &self.detections),
                "watches": 1_000_000,
            },
            "steps": next(&self.steps, step),
            "detections": next(&self.detections, detection),
            "devices": [],
            "more": more,
            "next": { "after": 0, "detections_after": 0, "seen_after": 0 },
        })
    }

    fn known(&self, after: &Value) -> Value {
        let since = |name: &str| after.get(name).and_then(Value::as_i64).unwrap_or_default();
        let last = |one: &Value| one.get("last").and_then(Value::as_i64).unwrap_or_default();
        let newer = |all: &[Value], since: i64| -> Vec<Value> {
            all.iter().filter(|one| last(one) > since).cloned().collect()
        };
        let newest = |all: &[Value]| all.iter().map(last).max().unwrap_or_default();
        json!({
            "schema": "asepsis/known/1", "now": microseconds(), "more": false,
            "next": {
                "seen_after": newest(&self.devices), "flows_after": newest(&self.flows),
            },
            "devices": newer(&self.devices, since("seen_after")),
            "flows": newer(&self.flows, since("flows_after")),
        })
    }

    fn request(&mut self, asked: &Value, by: &Value) -> Value {
        let number = self.orders.len() + 1;
        let field = |name: &str| asked.get(name).cloned().unwrap_or_default();
        let order = json!({
            "order": number, "device": field("device"), "level": field("level"),
            "state": "proposed", "sentence": "It waits.", "reason": field("reason"),
            "asked": now(), "by": by, "approved_by": [], "approved_as": [],
            "substitute_confirmed_by": null, "expires": null, "waits_for": null, "points": [],
            "stopped": 0, "last_forbidden": null, "first_essential": null, "steps": [],
        });
        self.orders.push(order.clone());
        order
    }
}

fn answer(stream: &UnixStream, memory: &Mutex<Memory>) -> io::Result<()> {
    let lock = || memory.lock().unwrap_or_else(PoisonError::into_inner);
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let question: Value = serde_json::from_str(&line)?;
    let what = question.get("what").cloned().unwrap_or_default();
    let told = match what.get("ask").and_then(Value::as_str).unwrap_or_default() {
        "news" => lock().news(&what),
        "known" => lock().known(&what),
        "status" => json!({ "orders": lock().orders, "troubles": [], "detections": [] }),
        "plan" => json!({ "plan": lock().plan }),
        "request" => {
            let thinks = lock().thinks;
            thread::sleep(thinks);
            let by = question.pointer("/for/name").cloned().unwrap_or_default();
            let order = lock().request(&what, &by);
            thread::sleep(thinks);
            order
        }
        _ => return refuse(stream),
    };
    reply(stream, &json!({ "done": told }))
}

fn refuse(stream: &UnixStream) -> io::Result<()> {
    reply(stream, &json!({ "wrong": "a stand-in does not do that" }))
}

fn reply(mut stream: &UnixStream, answer: &Value) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    stream.write_all(&line)
}
