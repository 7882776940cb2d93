//! What an agent tells, from its words (docs/reference/news.schema.json, known.schema.json) into
//! the store: each step and each detection once, whatever ends in between.
//!
//! Refuses to guess: an answer that is not understood is taken whole or not at all. Refuses to take
//! an agent with another journal for the one before: numbers are trusted as far as the hash goes
//! that covers them.

use domain::network::Moment;
use serde::Deserialize;
use serde_json::Value;
use store::StoreError;
use store::agents::{self, Known, Mark};
use store::alerts::{self, Alert};
use store::database::Transaction;
use store::detections::{self, Detection};
use store::flows::{self, Flow};
use store::identities::{self, Identity};
use store::steps::{self, Step};

use crate::alerts::Fact;
use crate::intent::Intent;

/// How much later the agent has to answer again before that is written, in milliseconds.
const HEARD_MS: i64 = 30_000;
/// How far the agent's clock may have gone back before everything is asked anew, in microseconds.
const BACK: i64 = 60_000_000;

/// Steps and detections that the agent tells.
#[derive(Debug, Deserialize)]
pub struct News {
    journal: Journal,
    steps: Vec<SeenStep>,
    detections: Vec<Value>,
    /// Whether more is there.
    more: bool,
}

#[derive(Debug, Deserialize)]
struct Journal {
    first: Option<String>,
    after: Option<String>,
    detections_after: Option<String>,
    watches: i64,
}

#[derive(Debug, Deserialize)]
struct SeenStep {
    number: i64,
    hash: String,
    order: i64,
    device: String,
    at: String,
    by: String,
    step: String,
    what: String,
    event: Value,
}

/// What the agent said of a detection. A line of its file that can't be read has a number and a
/// hash alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SeenDetection {
    number: i64,
    hash: String,
    at: String,
    rule: String,
    technique: String,
    device: Option<String>,
    source: String,
    evidence: String,
}

/// What was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Steps.
    pub steps: usize,
    /// Detections.
    pub detections: usize,
    /// Whether more is there: to be asked for at once.
    pub more: bool,
}

/// What is asked next, by what was kept.
#[must_use]
pub fn question(known: &Known) -> Intent {
    let after = |mark: &Mark| u64::try_from(mark.number).unwrap_or_default();
    Intent::News {
        after: after(&known.step),
        detections_after: after(&known.detection),
        // Those are asked for with what is known of them.
        seen_after: i64::MAX,
    }
}

impl News {
    /// Reads an answer.
    ///
    /// # Errors
    /// Where it is not understood.
    pub fn read(told: Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(told)
    }

    /// Forgets the marks of another journal, or another file of detections, than the one that
    /// answers: then it has to be asked anew, from the beginning. Whether there was such a mark.
    pub fn forget_others(&self, known: &mut Known) -> bool {
        let mut is_other = false;
        let marks = [
            (&mut known.step, &self.journal.after),
            (&mut known.detection, &self.journal.detections_after),
        ];
        for (mark, hash) in marks {
            if mark.number > 0 && hash.as_ref() != Some(&mark.hash) {
                *mark = Mark::default();
                is_other = true;
            }
        }
        is_other
    }

    /// Whether there is something to write, at a time in milliseconds since 1970.
    #[must_use]
    pub fn is_new(&self, known: &Known, now_ms: i64) -> bool {
        let is_long_ago = known.heard_ms.is_none_or(|heard| (now_ms - heard).abs() >= HEARD_MS);
        is_long_ago
            || known.watches_ms != Some(self.watches_ms())
            || !self.steps.is_empty()
            || !self.detections.is_empty()
    }

    fn watches_ms(&self) -> i64 {
        milliseconds(self.journal.watches)
    }

    /// Keeps what is new, and up to where; both together, or neither. `known` is what is known from
    /// then on, once the transaction has ended well.
    pub fn keep(
        &self,
        transaction: &mut Transaction<'_>,
        known: &mut Known,
        now_ms: i64,
    ) -> Result<Kept, StoreError> {
        let journal = self.journal.first.as_deref().unwrap_or_default();
        let told: Vec<Step> = self.steps.iter().map(|step| step.kept(journal)).collect();
        let found = self.detections.iter().map(kept).collect::<Result<Vec<Detection>, _>>()?;
        let new_steps = steps::put(transaction, &told)?;
        let new_detections = detections::put(transaction, &found)?;
        // In the order in which they happened, as far as the agent's clock tells.
        let mut new: Vec<Alert> =
            new_steps.iter().filter_map(|(_, step)| Fact::step(step)).collect();
        new.extend(new_detections.iter().map(|(_, found)| Fact::detection(found)));
        new.sort_by_key(|alert| alert.at_ms);
        for alert in &new {
            alerts::put(transaction, alert)?;
        }
        let (steps, detections) = (new_steps.len(), new_detections.len());
        let kept = Kept { steps, detections, more: self.more };
        if let Some(last) = told.last() {
            known.step = Mark { number: last.journal_number, hash: last.hash.clone() };
        }
        if let Some(last) = found.last() {
            known.detection = Mark { number: last.journal_number, hash: last.hash.clone() };
        }
        known.watches_ms = Some(self.watches_ms());
        known.heard_ms = Some(now_ms);
        agents::set(transaction, known)?;
        Ok(kept)
    }
}

impl SeenStep {
    fn kept(&self, journal: &str) -> Step {
        Step {
            number: 0,
            hash: self.hash.clone(),
            journal: journal.to_owned(),
            journal_number: self.number,
            order: self.order,
            device: self.device.clone(),
            at_ms: moment(&self.at),
            actor: self.by.clone(),
            step: self.step.clone(),
            what: self.what.clone(),
            event: self.event.to_string(),
        }
    }
}

fn kept(told: &Value) -> Result<Detection, StoreError> {
    let seen = SeenDetection::deserialize(told);
    let seen = seen.map_err(|_| StoreError::Unreadable { what: "detection" })?;
    Ok(Detection {
        number: 0,
        hash: seen.hash,
        journal_number: seen.number,
        at_ms: moment(&seen.at),
        rule: seen.rule,
        technique: seen.technique,
        device: seen.device.unwrap_or_else(|| seen.source.clone()),
        source: seen.source,
        evidence: seen.evidence,
        rest: told.to_string(),
        judged: None,
    })
}

/// RFC 3339 to milliseconds since 1970; 0 where it is none.
fn moment(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_millisecond)
}

fn milliseconds(microseconds: i64) -> i64 {
    Moment(microseconds).0.div_euclid(1_000)
}

/// After which moments the agent was last asked what it knows, in its microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct After {
    seen_after: i64,
    flows_after: i64,
}

impl After {
    /// What is asked next.
    #[must_use]
    pub fn question(self) -> Intent {
        Intent::Known { seen_after: self.seen_after, flows_after: self.flows_after }
    }
}

/// Who is on the network and what is walked there, as the agent tells it.
#[derive(Debug, Deserialize)]
pub struct Network {
    now: i64,
    more: bool,
    next: After,
    devices: Vec<Value>,
    flows: Vec<SeenFlow>,
}

#[derive(Debug, Deserialize)]
struct SeenDevice {
    device: String,
    in_inventory: bool,
    kind: Option<SeenKind>,
    first: i64,
    last: i64,
}

#[derive(Debug, Deserialize)]
struct SeenKind {
    kind: String,
    confidence: String,
    evidence: String,
    value: String,
}

#[derive(Debug, Deserialize)]
struct SeenFlow {
    client: String,
    server: String,
    service: String,
    client_device: Option<String>,
    server_device: Option<String>,
    role: String,
    rule: String,
    application: Option<String>,
    rhythm: Option<i64>,
    sessions: i64,
    answered: i64,
    bytes: i64,
    first: i64,
    last: i64,
}

impl Network {
    /// Reads an answer.
    ///
    /// # Errors
    /// Where it is not understood.
    pub fn read(told: Value) -> Result<Self, serde_json::Error> {
        let network: Self = serde_json::from_value(told)?;
        network.devices.iter().try_for_each(|one| SeenDevice::deserialize(one).map(drop))?;
        Ok(network)
    }

    /// After what to ask next, and whether to do so at once. Where the agent's clock has gone back,
    /// everything is asked anew: what is known already changes nothing.
    #[must_use]
    pub fn next(&self) -> (After, bool) {
        let newest = self.next.seen_after.max(self.next.flows_after);
        if newest > self.now.saturating_add(BACK) {
            return (After::default(), false);
        }
        (self.next, self.more)
    }

    /// Keeps what is another than before; how many rows that were.
    pub fn keep(&self, transaction: &mut Transaction<'_>) -> Result<usize, StoreError> {
        let mut written = 0;
        for device in &self.devices {
            written += usize::from(identities::put(transaction, &identity(device)?)?);
        }
        for flow in &self.flows {
            written += usize::from(flows::put(transaction, &flow.kept())?);
        }
        Ok(written)
    }
}

fn identity(told: &Value) -> Result<Identity, StoreError> {
    let seen = SeenDevice::deserialize(told);
    let seen = seen.map_err(|_| StoreError::Unreadable { what: "device" })?;
    let (kind, confidence, evidence) = seen.kind.map_or_else(Default::default, |kind| {
        (kind.kind, kind.confidence, format!("{}: {}", kind.evidence, kind.value))
    });
    // What changes all the time has columns of its own.
    let mut rest = told.clone();
    if let Some(fields) = rest.as_object_mut() {
        for name in ["device", "in_inventory", "kind", "first", "last"] {
            fields.remove(name);
        }
    }
    Ok(Identity {
        device: seen.device,
        is_in_inventory: seen.in_inventory,
        kind,
        confidence,
        evidence,
        first_ms: milliseconds(seen.first),
        last_ms: milliseconds(seen.last),
        rest: rest.to_string(),
    })
}

impl SeenFlow {
    fn kept(&self) -> Flow {
        Flow {
            client: self.client.clone(),
            server: self.server.clone(),
            service: self.service.clone(),
            client_device: self.client_device.clone().unwrap_or_default(),
            server_device: self.server_device.clone().unwrap_or_default(),
            role: self.role.clone(),
            rule: self.rule.clone(),
            application: self.application.clone().unwrap_or_default(),
            rhythm_ms: self.rhythm.map(milliseconds),
            sessions: self.sessions,
            answered: self.answered,
            bytes: self.bytes,
            first_ms: milliseconds(self.first),
            last_ms: milliseconds(self.last),
        }
    }
}
