//! What happened since somebody last asked: steps of orders, detections, devices that were seen.
//! Each has a number or a moment by which the next question goes on, so that whoever keeps them
//! takes each exactly once.
//!
//! Refuses long answers: each kind has a bound, and whether more is there is said. Refuses to
//! remember who asked.

use domain::network::Moment;
use domain::order::{Actor, Event};
use enforcement::journal::Entry as _;
use presentation::orders;
use serde_json::{Value, json};

use super::Agent;

/// The form of the answer.
const SCHEMA: &str = "asepsis/news/1";
/// Most steps of an answer.
const STEPS: usize = 500;
/// Most detections of an answer.
const DETECTIONS: usize = 200;
/// Most devices of an answer.
const DEVICES: usize = 1_000;

/// After what somebody asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct After {
    pub(super) step: u64,
    pub(super) detection: u64,
    pub(super) seen: Moment,
}

impl Agent {
    /// The news after what somebody has already.
    pub(super) fn news_after(&self, after: After) -> anyhow::Result<Value> {
        let (mut next, mut more) = (after, false);
        let steps = self.reconciler.after(after.step).take(STEPS);
        let steps: Vec<Value> =
            steps.map(|(number, hash, event)| self.seen_step(number, hash, event)).collect();
        next.step = next.step.saturating_add(steps.len() as u64);
        more |= next.step < self.reconciler.last_number();
        let found = self.detections.after(after.detection, DETECTIONS)?;
        next.detection = found.last().map_or(next.detection, |(number, _)| *number);
        more |= next.detection < self.detections.last();
        let hashed =
            |(number, detection)| numbered(number, self.detections.hash(number), detection);
        let detections: Vec<Value> = found.into_iter().map(hashed).collect();
        let (devices, rest) = self.seen_after(after.seen);
        next.seen = devices.last().map_or(next.seen, |(last, _)| *last);
        let devices: Vec<Value> = devices.into_iter().map(|(_, device)| device).collect();
        Ok(json!({
            "schema": SCHEMA,
            "journal": {
                "first": self.hash(1),
                "after": self.hash(after.step),
                "detections_after": self.detections.hash(after.detection),
                "watches": self.knowledge.watches().0,
            },
            "steps": steps,
            "detections": detections,
            "devices": devices,
            "more": more || rest,
            "next": {
                "after": next.step,
                "detections_after": next.detection,
                "seen_after": next.seen.0,
            },
        }))
    }

    /// The hash of a step of the journal, which covers all before it.
    fn hash(&self, number: u64) -> Option<&str> {
        let mut from = self.reconciler.after(number.checked_sub(1)?);
        from.next().map(|(_, hash, _)| hash)
    }

    fn seen_step(&self, number: u64, hash: &str, event: &Event) -> Value {
        let device = self.reconciler.orders().get(event.order).map(|o| o.device().to_string());
        let person = match &event.by {
            Actor::Person(name, role, door) => {
                json!({ "name": name.to_string(), "role": role.text(), "door": door.text() })
            }
            Actor::Playbook(_) | Actor::Asepsis => Value::Null,
        };
        let written: Value = serde_json::from_str(&event.write()).unwrap_or_default();
        json!({
            "number": number,
            "hash": hash,
            "order": event.order.0,
            "device": device.unwrap_or_default(),
            "at": event.at.to_string(),
            "by": orders::actor(&event.by),
            "person": person,
            "step": orders::step_name(&event.step),
            "what": orders::step(event),
            "event": written,
        })
    }

    /// Devices that were last seen after a moment, the one seen longest ago first, and whether
    /// there are more. Those last seen at one moment come in one answer, however many: the moment
    /// is where the next question goes on.
    fn seen_after(&self, after: Moment) -> (Vec<(Moment, Value)>, bool) {
        let seen = self.knowledge.present().filter(|present| present.last > after).collect();
        let (mut seen, is_cut) = eldest(seen, DEVICES, |present| present.last);
        seen.sort_by(|one, other| (one.last, one.id).cmp(&(other.last, other.id)));
        let device = |present: &super::knowledge::Here<'_>| {
            let interfaces = present.seen.interfaces.iter().map(|interface| {
                json!({ "mac": interface.mac.to_string(), "addresses": interface.addresses })
            });
            let value = json!({
                "device": present.id.to_string(),
                "in_inventory": present.in_inventory,
                "kind": present.seen.kind.as_ref().map(|(kind, _)| kind.text()),
                "interfaces": interfaces.collect::<Vec<Value>>(),
                "behind_router": present.seen.behind_router,
                "first": present.first.to_string(),
                "last": present.last.to_string(),
                "seen": present.last.0,
            });
            (present.last, value)
        };
        (seen.iter().map(device).collect(), is_cut)
    }
}

/// About so many of what was seen at moments, those of the eldest ones, and whether there are more.
/// All that were seen at one moment are in or out together.
pub(super) fn eldest<T>(mut all: Vec<T>, most: usize, at: impl Fn(&T) -> Moment) -> (Vec<T>, bool) {
    let count = all.len();
    if count > most
        && let Some(place) = most.checked_sub(1)
    {
        let (_, bound, _) = all.select_nth_unstable_by_key(place, &at);
        let bound = at(bound);
        all.retain(|one| at(one) <= bound);
    }
    let is_cut = all.len() < count;
    (all, is_cut)
}

/// A detection with its number and hash.
fn numbered(number: u64, hash: Option<String>, mut detection: Value) -> Value {
    if let Some(fields) = detection.as_object_mut() {
        fields.insert("number".to_owned(), number.into());
        fields.insert("hash".to_owned(), hash.into());
        return detection;
    }
    json!({ "number": number, "hash": hash })
}
