//! Numbers for whoever watches the console (OpenMetrics 1.0).
//!
//! Counts, never names: no label holds anything of a device, a person or a document.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use store::devices::{self, Group};
use store::{documents, judgements, readings};

use super::meter::{BOUNDS_MS, Counts};
use super::problem::Problem;
use crate::assessment::Summary;
use crate::console::Console;
use crate::listed;

/// The media type (OpenMetrics 1.0, "Protocol Negotiation").
pub(crate) const MEDIA: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What stands in the store.
struct Kept {
    by_decision: Vec<devices::Counted>,
    documents: i64,
    with_problems: i64,
    judged_ms: Option<i64>,
    summary: Summary,
    bytes: i64,
}

pub(crate) async fn show(State(console): State<Arc<Console>>) -> Result<Response, Problem> {
    let database = Arc::clone(&console.database);
    let kept = console
        .read(move |transaction| {
            let judged = judgements::last(transaction, 1)?.pop();
            let summary = judged.as_ref().and_then(|last| serde_json::from_str(&last.summary).ok());
            Ok(Kept {
                by_decision: devices::groups(transaction, Group::Decision, 9)?,
                documents: documents::count(transaction)?,
                with_problems: readings::with_problems(transaction)?,
                judged_ms: judged.map(|last| last.ended_ms),
                summary: summary.unwrap_or_default(),
                bytes: database.bytes()?,
            })
        })
        .await?;
    let mut text = Text::default();
    text.kept(&kept);
    text.orders(&console);
    text.process(&console);
    text.requests(&console.meter.counts());
    text.0.push_str("# EOF\n");
    Ok(([(CONTENT_TYPE, MEDIA)], text.0).into_response())
}

/// The text of it. Writing to memory does not fail.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {help}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        let unit = ["seconds", "bytes"].into_iter().find(|unit| name.ends_with(unit));
        self.family(name, "gauge", unit.unwrap_or_default(), help);
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn kept(&mut self, kept: &Kept) {
        self.family("asepsis_devices", "gauge", "", "Devices by decision (SSVC).");
        for number in 0..=4 {
            let found = kept.by_decision.iter().find(|counted| counted.decision == number);
            let word = match listed::decision_name(number) {
                "" => "none",
                word => word,
            };
            let devices = found.map_or(0, |counted| counted.devices);
            let _ = writeln!(self.0, "asepsis_devices{{decision=\"{word}\"}} {devices}");
        }
        let findings = kept.summary.findings;
        self.family("asepsis_findings", "gauge", "", "Findings over releases, by verdict.");
        for (verdict, count) in [
            ("affected", findings.affected),
            ("undecided", findings.undecided),
            ("fixed", findings.fixed),
            ("not_affected", findings.not_affected),
        ] {
            let _ = writeln!(self.0, "asepsis_findings{{verdict=\"{verdict}\"}} {count}");
        }
        self.gauge("asepsis_documents", "Documents that count.", kept.documents);
        let help = "Documents with problems, or refused.";
        self.gauge("asepsis_documents_with_problems", help, kept.with_problems);
        if let Some(judged_ms) = kept.judged_ms {
            let help = "When everything was last judged, since 1970.";
            let seconds = judged_ms as f64 / 1_000.0;
            self.gauge("asepsis_last_judgement_timestamp_seconds", help, seconds);
        }
        self.gauge("asepsis_store_bytes", "How much room the store takes.", kept.bytes);
    }

    fn orders(&mut self, console: &Console) {
        const STATES: [&str; 12] = [
            "proposed",
            "approved",
            "applying",
            "applied",
            "verified",
            "partial",
            "failed",
            "expired",
            "refused",
            "lapsed",
            "lifted",
            "broken-glass",
        ];
        let seen = console.seen();
        let mut by_state: BTreeMap<&str, usize> = BTreeMap::new();
        for order in &seen.orders {
            let state = STATES.into_iter().find(|state| *state == order.state);
            *by_state.entry(state.unwrap_or("unknown")).or_default() += 1;
        }
        self.family("asepsis_orders", "gauge", "", "Orders by state.");
        for state in STATES.into_iter().chain(["unknown"]) {
            let orders = by_state.get(state).copied().unwrap_or_default();
            let _ = writeln!(self.0, "asepsis_orders{{state=\"{state}\"}} {orders}");
        }
        let waiting = seen.orders.iter().filter(|order| order.waits_for.is_some()).count();
        self.gauge("asepsis_orders_waiting", "Orders that wait for somebody.", waiting);
        let answers = console.agent.is_there() && seen.silence.is_none();
        let help = "Whether the agent answers; 0 also where none was named.";
        self.gauge("asepsis_agent_answers", help, u8::from(answers));
    }

    fn process(&mut self, console: &Console) {
        let up = console.meter.begun.elapsed().as_secs_f64();
        self.gauge("asepsis_uptime_seconds", "Since the program began.", up);
        if let Some(bytes) = resident() {
            let help = "Memory of this process that is in use.";
            self.gauge("asepsis_resident_memory_bytes", help, bytes);
        }
    }

    fn requests(&mut self, counts: &Counts) {
        const NAME: &str = "asepsis_http_answer_seconds";
        let help = "Requests by route and status.";
        self.family("asepsis_http_requests", "counter", "", help);
        for ((method, path, status), count) in &counts.answers {
            let labels = format!("method=\"{method}\",route=\"{path}\",status=\"{status}\"");
            let _ = writeln!(self.0, "asepsis_http_requests_total{{{labels}}} {count}");
        }
        self.family(NAME, "histogram", "seconds", "How long answers took to begin, by route.");
        for ((method, path), took) in &counts.took {
            let labels = format!("method=\"{method}\",route=\"{path}\"");
            for (bound, within) in BOUNDS_MS.into_iter().zip(took.within) {
                let bound = f64::from(bound) / 1_000.0;
                let _ = writeln!(self.0, "{NAME}_bucket{{{labels},le=\"{bound:?}\"}} {within}");
            }
            let (count, seconds) = (took.count, took.seconds);
            let _ = writeln!(self.0, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {count}");
            let _ = writeln!(self.0, "{NAME}_count{{{labels}}} {count}");
            let _ = writeln!(self.0, "{NAME}_sum{{{labels}}} {seconds}");
        }
    }
}

/// Memory of this process that is in use, in bytes (proc(5), `VmRSS`).
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1_024)
}
