//! What the agent sees, what it proposes, and what it tells of both.
//!
//! Refuses to propose twice what people have yet to answer, or have just refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Result;
use collectors::tap::Way;
use decisions::containment::interlock::COOL_DOWN;
use decisions::containment::order::Ending;
use decisions::threat::{Detection, Reached, Usual};
use domain::bounded::{ORDER_REASON_CHARS, shortened};
use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Actor, Event, Level, Request};
use domain::text::Text;
use enforcement::wire::Passage;
use presentation::orders;
use serde_json::{Value, json};
use sources::network::glance::glance;
use sources::network::link::LinkType;

use super::{Agent, Tells, WAIT, WAIT_BUSY};
use crate::output;
use crate::scene::Scene;

/// How long a no is respected, in microseconds: an hour.
const NO_HOLDS: i64 = 3_600_000_000;
/// Who proposes where no playbook acts.
const PROPOSAL: &str = "detection";

impl Agent {
    /// Takes what the taps have.
    pub(super) fn frames(&mut self) -> Result<()> {
        let wait = if self.under_way > 0 { WAIT_BUSY } else { WAIT };
        let scene = &mut self.knowledge.scene;
        let watches = !self.reconciler.wire().is_idle();
        let wire = self.reconciler.wire();
        let (ports, mut failed) = (self.frames.ports(), 0);
        let clock = &self.clock;
        self.frames.take(wait, &mut |frame| {
            let at = clock.of_frame(frame.at);
            let port = frame.interface < ports;
            if watches && let Some(packet) = glance(frame.bytes) {
                let came = port && frame.way == Way::In;
                let passage = if came { Passage::Came } else { Passage::GotOn };
                wire.see(at, passage, &packet);
            }
            // On its way out of a switch a frame was seen coming in.
            if frame.way == Way::In {
                let mut read = || scene.frame(at, LinkType::Ethernet, frame.bytes);
                // A fault in a reader must not end containment: what it held is given up.
                if catch_unwind(AssertUnwindSafe(&mut read)).is_err() {
                    failed += 1;
                    *scene = Scene::watching(Usual::default());
                }
            }
        })?;
        self.failed_frames += failed;
        let now = self.now();
        if failed > 0 {
            let what = format!("{} frames made a reader fail", self.failed_frames);
            self.complain(&what, now);
        }
        self.knowledge.scene.tick(now);
        Ok(())
    }

    /// Asks for orders where something was detected.
    pub(super) fn propose(&mut self, now: Moment) -> Result<()> {
        let detected = self.knowledge.scene.ward.detected();
        if detected.is_empty() {
            return Ok(());
        }
        // Whoever attacks may have only just come.
        for device in self.knowledge.look_around() {
            self.reconciler.touch(&device);
        }
        for found in detected {
            let source = self.knowledge.at(found.source).cloned();
            let mut suspects: Vec<(DeviceId, bool)> =
                source.iter().map(|id| (id.clone(), true)).collect();
            if found.reached == Reached::GotIn {
                let targets = found.targets.iter().filter_map(|target| self.knowledge.at(*target));
                suspects.extend(targets.cloned().map(|id| (id, false)));
            }
            for (device, is_source) in suspects {
                if let Err(error) = self.knowledge.suspect(&device, found.since, found.at) {
                    self.complain(&format!("{error:#}"), now);
                }
                self.ask_for(&device, &found, is_source, now);
            }
            // Last: who was told of it may count on it that we forget nothing of it.
            self.told(&found, source.as_ref())?;
        }
        Ok(())
    }

    fn ask_for(&mut self, device: &DeviceId, found: &Detection, is_source: bool, now: Moment) {
        let playbook = self.playbooks.iter().find(|playbook| playbook.acts_on(found.technique));
        let (name, level, seconds) = match playbook {
            Some(playbook) => (playbook.name.as_str(), playbook.level(), playbook.holds_seconds()),
            None => (PROPOSAL, found.proposed, decisions::containment::order::HOLDS_SECONDS),
        };
        if level == Level::Watch || self.is_answered(device, level, now) {
            return;
        }
        let what = found.technique.meaning();
        let reason = if is_source {
            format!("{what} ({}, {}): {}", found.technique.attack(), found.source, found.evidence)
        } else {
            format!(
                "{} got in: {} ({}): {}",
                found.source,
                what,
                found.technique.attack(),
                found.evidence
            )
        };
        let request = Request {
            device: device.clone(),
            level,
            reason: shortened(&reason, ORDER_REASON_CHARS).as_str().into(),
            holds_seconds: seconds,
        };
        let by = Actor::Playbook(Text::from(name));
        match self.reconciler.request(request, by, now) {
            Ok(Ok(_)) => {}
            Ok(Err(refusal)) => self.complain(&refusal.to_string(), now),
            Err(error) => self.complain(&error.to_string(), now),
        }
    }

    /// Whether people have that before them already, or have said no to it not long ago.
    fn is_answered(&self, device: &DeviceId, level: Level, now: Moment) -> bool {
        let orders = self.reconciler.orders();
        let mut of = orders.of(device);
        of.any(|order| match order.ending() {
            None => order.level() >= level,
            Some(Ending::Refused) => now.since(order.last()) < NO_HOLDS,
            Some(Ending::BrokenGlass) => now.since(order.last()) < COOL_DOWN,
            Some(Ending::Lifted) => now.since(order.last()) < NO_HOLDS / 60,
            Some(Ending::Lapsed) => false,
        })
    }

    /// Tells of a detection, and writes it down.
    fn told(&mut self, found: &Detection, source: Option<&DeviceId>) -> Result<()> {
        let who = source.map_or_else(|| found.source.to_string(), ToString::to_string);
        let line = json!({
            "at": found.at.to_string(),
            "rule": found.technique.text(),
            "technique": found.technique.attack(),
            "device": source.map(ToString::to_string),
            "source": found.source,
            "targets": found.targets,
            "service": found.service.map(|service| service.to_string()),
            "evidence": found.evidence,
            "proposed": found.proposed.text(),
        });
        self.detections.write(&line)?;
        let sentence = format!(
            "{} detected: {who}: {} ({}): {}",
            found.at,
            found.technique.meaning(),
            found.technique.attack(),
            found.evidence
        );
        self.say(&[("detection", line)], &sentence)
    }

    /// Tells of what was written in the journal.
    pub(super) fn tell(&mut self, news: &[Event]) -> Result<()> {
        for event in news {
            let device = self.reconciler.orders().get(event.order).map(|o| o.device().to_string());
            let device = device.unwrap_or_default();
            let step = orders::step(event);
            let sentence = format!("{} order {} ({device}): {step}", event.at, event.order);
            let line = json!({
                "order": event.order.0,
                "device": device,
                "at": event.at.to_string(),
                "by": orders::actor(&event.by),
                "step": orders::step_name(&event.step),
                "what": step,
            });
            self.say(&[("event", line)], &sentence)?;
        }
        Ok(())
    }

    /// A line of output, as JSON or as a sentence.
    pub(super) fn say(&self, fields: &[(&str, Value)], sentence: &str) -> Result<()> {
        if self.tells == Tells::Nobody {
            return Ok(());
        }
        if self.tells == Tells::Json {
            let object: serde_json::Map<String, Value> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            output::print(&format!("{}\n", Value::Object(object)))
        } else {
            output::print(&format!("{sentence}\n"))
        }
    }
}
