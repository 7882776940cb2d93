//! What people ask at the door, and what they are told.
//!
//! Refuses whoever is not in the configuration, and lets the rules refuse the rest: nothing here
//! decides who may do what.

use anyhow::Result;
use decisions::containment::essential::{Change, Event as Essential, ModelFlows, Version};
use decisions::containment::order::Order;
use decisions::containment::replay::Replay;
use domain::device::{Device, DeviceId};
use domain::network::Moment;
use domain::order::{Actor, Event, Level, OrderId, Request, Role, Step};
use domain::release::ReleaseKey;
use domain::text::Text;
use enforcement::reconciler::{ReconcilerError, World};
use enforcement::written::WrittenFlow;
use presentation::orders::{self, Beside, OnTheWire, SeenOrder};
use serde_json::{Value, json};

use super::news::After;
use super::people::Who;
use super::talk::{Answer, Ask};
use super::{Agent, Knock};
use crate::planned::Planned;

/// Why a question is not answered with what was asked for.
enum No {
    Refused(decisions::containment::Refusal),
    Wrong(String),
    World(String),
}

impl From<decisions::containment::Refusal> for No {
    fn from(refusal: decisions::containment::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<String> for No {
    fn from(why: String) -> Self {
        Self::Wrong(why)
    }
}

impl From<ReconcilerError> for No {
    fn from(error: ReconcilerError) -> Self {
        Self::World(error.to_string())
    }
}

type Told = Result<Value, No>;

impl Agent {
    /// Answers whoever knocks.
    pub(super) fn answer(&mut self, knock: Knock, now: Moment) {
        let Knock { caller, question, reply } = knock;
        let told = match self.people.who(caller, question.voice.as_ref()) {
            Ok(who) => self.act(&who, question.role.as_deref(), question.what, now),
            Err(why) => Err(No::Wrong(why)),
        };
        let answer = match told {
            Ok(value) => Answer::Done(value),
            Err(No::Refused(refusal)) => Answer::Refused {
                code: refusal.code().to_owned(),
                sentence: refusal.sentence().to_owned(),
            },
            Err(No::Wrong(why)) => Answer::Wrong(why),
            Err(No::World(why)) => Answer::Wrong(format!("nothing was done: {why}")),
        };
        // Whoever hung up has no use for it.
        let _ = reply.send(answer);
    }

    fn act(&mut self, who: &Who, role: Option<&str>, what: Ask, now: Moment) -> Told {
        let by = |fitting: &[Role]| who.acts(role, fitting);
        let anybody = Role::ALL.as_slice();
        let cares = &[Role::Clinical, Role::Biomedical][..];
        match what {
            Ask::Plan { device, level } => self.plan(&device, &level, now),
            Ask::Status { order } => self.status(order, now),
            Ask::EssentialList { of } => self.list(of.as_deref()),
            Ask::Request { device, level, reason, seconds } => {
                let by = by(anybody)?;
                self.request(&device, &level, reason, seconds, by, now)
            }
            Ask::Approve { order } => {
                let by = by(&self.still_to_answer(order))?;
                self.step_of(order, by, Step::Approved, now)
            }
            Ask::Refuse { order, reason } => {
                self.step_of(order, by(anybody)?, Step::Refused(reason.into()), now)
            }
            Ask::ConfirmSubstitute { order } => {
                self.step_of(order, by(&[Role::Clinical])?, Step::SubstituteRunning, now)
            }
            Ask::Renew { order, seconds } => {
                self.step_of(order, by(anybody)?, Step::Renewed(seconds), now)
            }
            Ask::Lift { order, reason } => {
                let by = by(&[Role::Security, Role::Clinical])?;
                self.step_of(order, by, Step::Lifted(reason.into()), now)
            }
            Ask::BreakGlass { device, reason } => {
                self.break_glass(&device, reason, by(&[Role::Clinical])?, now)
            }
            Ask::News { after, detections_after, seen_after } => {
                let seen = Moment(seen_after);
                let after = After { step: after, detection: detections_after, seen };
                self.news_after(after).map_err(|error| No::World(format!("{error:#}")))
            }
            Ask::Known { seen_after, flows_after } => {
                Ok(self.known_after(Moment(seen_after), Moment(flows_after)))
            }
            Ask::EssentialPropose { of } => self.propose_flows(&of, by(anybody)?, now),
            Ask::EssentialConfirm { number } => self.confirm(number, by(cares)?, now),
            Ask::EssentialAmend { of, flows, reason } => {
                self.amend(&of, flows, reason, by(cares)?, now)
            }
        }
    }

    /// The roles of which nobody has said yes to an order yet.
    fn still_to_answer(&self, order: u64) -> Vec<Role> {
        let voices = self.reconciler.orders().get(OrderId(order)).map(Order::voices);
        let heard = |role: &Role| {
            voices
                .unwrap_or_default()
                .iter()
                .any(|voice| matches!(&voice.by, Actor::Person(_, own, _) if own == role))
        };
        Role::ALL.into_iter().filter(|role| !heard(role)).collect()
    }

    fn request(
        &mut self,
        device: &str,
        level: &str,
        reason: String,
        seconds: u32,
        by: Actor,
        now: Moment,
    ) -> Told {
        let (device, level) = (self.knowledge.find(device)?, read_level(level)?);
        let request = Request { device, level, reason: reason.into(), holds_seconds: seconds };
        let order = self.reconciler.request(request, by, now)??;
        self.shown(order, now)
    }

    fn step_of(&mut self, order: u64, by: Actor, step: Step, now: Moment) -> Told {
        let order = OrderId(order);
        if self.reconciler.orders().get(order).is_none() {
            return Err(No::Wrong(format!("there is no order {order}")));
        }
        self.reconciler.record(Event { order, at: now, by, step })??;
        self.shown(order, now)
    }

    /// Whoever breaks the glass has one device in view, not a list of orders.
    fn break_glass(&mut self, device: &str, reason: String, by: Actor, now: Moment) -> Told {
        let device = self.knowledge.find(device)?;
        let orders = self.reconciler.orders();
        let of = || orders.of(&device);
        let open = of().filter(|order| order.ending().is_none()).last();
        let Some(order) = open.or_else(|| of().last()).map(Order::id) else {
            return Err(No::Wrong(format!("nothing was ever ordered for {device}")));
        };
        let step = Step::BrokenGlass(reason.into());
        self.reconciler.record(Event { order, at: now, by, step })??;
        self.shown(order, now)
    }

    /// An order as it is shown, judged anew.
    fn shown(&mut self, order: OrderId, now: Moment) -> Told {
        self.go_on(now).map_err(|error| No::World(format!("{error:#}")))?;
        self.seen(order, now).ok_or_else(|| No::Wrong(format!("there is no order {order}")))
    }

    fn seen(&self, order: OrderId, now: Moment) -> Option<Value> {
        let held = self.reconciler.orders().get(order)?;
        let wire = self.reconciler.shown(held.device()).map(|shown| OnTheWire {
            stopped: shown.stopped,
            last_forbidden: shown.last_forbidden,
            first_essential: shown.first_essential,
        });
        let beside = Beside {
            wire,
            refusal: self.reconciler.refusal(order),
            missing: self.reconciler.missing(order).to_vec(),
            care: self.reconciler.replay(order).map(Replay::for_care),
            facts: Some(self.knowledge.facts(held.device())),
        };
        let history = self.reconciler.history(order);
        serde_json::to_value(SeenOrder::new(held, history, &beside, now)).ok()
    }

    fn status(&mut self, order: Option<u64>, now: Moment) -> Told {
        if let Some(order) = order {
            let seen = self.seen(OrderId(order), now);
            return seen.ok_or_else(|| No::Wrong(format!("there is no order {order}")));
        }
        let orders = self.reconciler.orders().iter();
        let orders: Vec<Value> = orders.filter_map(|order| self.seen(order.id(), now)).collect();
        let troubles = self.reconciler.troubles();
        let troubles: Vec<Value> =
            troubles.map(|(name, why)| json!({ "point": &*name.0, "why": why })).collect();
        Ok(json!({
            "schema": "asepsis/orders/1",
            "orders": orders,
            "points": self.points.iter().map(|name| name.0.to_string()).collect::<Vec<String>>(),
            "troubles": troubles,
            "clock": self.clock.trouble(),
            "devices_seen": self.knowledge.seen(),
            "simulated": self.frames.is_simulated(),
            "frames_dropped_by_the_kernel": self.frames.dropped(),
            "frames_that_made_a_reader_fail": self.failed_frames,
        }))
    }

    fn plan(&self, device: &str, level: &str, now: Moment) -> Told {
        let (device, level) = (self.knowledge.find(device)?, read_level(level)?);
        let order = Planned::order(&device, level, now)?;
        let (made, openings, replay) = self.knowledge.planned(&order, level, None, now)?;
        let facts = self.knowledge.facts(&device);
        let unreached = self.knowledge.around(&device).0.unreached;
        let in_use = self.knowledge.in_use(&device);
        let name = device.to_string();
        let planned = Planned::new(name, facts, in_use, openings, unreached, made, replay)
            .map_err(|error| No::World(format!("{error:#}")))?;
        let (plan, page, replayed) = (planned.json(now), planned.page(now), planned.replayed(now));
        Ok(json!({
            "plan": plan,
            "page": page,
            "replay": replayed,
            "rules": planned.rules(),
        }))
    }

    fn list(&self, of: Option<&str>) -> Told {
        let wanted = of.map(|of| self.model(of)).transpose()?;
        let models = self.knowledge.essentials.iter();
        let models =
            models.filter(|(key, _)| wanted.as_ref().is_none_or(|wanted| wanted.same_model(key)));
        let models: Vec<Value> = models.map(|(key, flows)| seen_model(key, flows)).collect();
        Ok(json!({ "schema": "asepsis/essential-flows/1", "models": models }))
    }

    /// The model that is meant: a device's, or one written as MANUFACTURER/MODEL.
    fn model(&self, of: &str) -> Result<ReleaseKey, String> {
        if let Some((manufacturer, rest)) = of.split_once('/') {
            let (model, version) = rest.split_once('/').unwrap_or((rest, ""));
            if let Some(key) = ReleaseKey::new(manufacturer, model, version) {
                return Ok(key);
            }
        }
        let device = self.knowledge.find(of).map_err(|why| {
            format!("{why}; or write a model as MANUFACTURER/MODEL or MANUFACTURER/MODEL/VERSION")
        })?;
        let release = self.knowledge.subject(&device).row.and_then(Device::release);
        let release = release
            .ok_or_else(|| format!("the inventory names no manufacturer and model of {device}"))?;
        // What care needs is proposed for the model; a version of its own is said in full.
        let model = ReleaseKey::new(&release.manufacturer, &release.model, "");
        model.ok_or_else(|| format!("{device} has no model"))
    }

    fn propose_flows(&mut self, of: &str, by: Actor, now: Moment) -> Told {
        let model = self.model(of)?;
        let device = DeviceId(of.into());
        let device = self.knowledge.find(of).unwrap_or(device);
        let flows = self.knowledge.proposal(&device);
        let evidence = format!("seen of {device} and the other units of its model until {now}");
        let change = Change::Proposed(flows, evidence.as_str().into());
        self.essential(&Essential { model, at: now, by, change })
    }

    fn confirm(&mut self, number: u32, by: Actor, now: Moment) -> Told {
        let proposed = |flows: &ModelFlows| {
            flows.proposed.as_ref().is_some_and(|version| version.number == number)
        };
        let find = || {
            let mut models = self.knowledge.essentials.iter();
            models.find(|(_, flows)| proposed(flows)).map(|(key, _)| key.clone())
        };
        let model = find();
        let model = model.ok_or(decisions::containment::Refusal::VersionNotProposed)?;
        self.essential(&Essential { model, at: now, by, change: Change::Confirmed(number) })
    }

    fn amend(
        &mut self,
        of: &str,
        flows: Vec<WrittenFlow>,
        reason: String,
        by: Actor,
        now: Moment,
    ) -> Told {
        let model = self.model(of)?;
        let read: Option<Vec<_>> = flows.into_iter().map(WrittenFlow::flow).collect();
        let read = read.ok_or_else(|| {
            "a flow is not understood: each needs a role, a side, a transport, a port, and either \
             addresses or a name, as `essential list --json` writes them"
                .to_owned()
        })?;
        let change = Change::Amended(read, reason.into());
        self.essential(&Essential { model, at: now, by, change })
    }

    /// Writes down what care needs, then takes it.
    fn essential(&mut self, event: &Essential) -> Told {
        self.knowledge.essentials.clone().follow(event)?;
        let written = self.essentials.append_all(std::slice::from_ref(event));
        for event in written.map_err(|error| No::World(error.to_string()))? {
            self.knowledge.essentials.follow(&event)?;
        }
        let devices: Vec<DeviceId> =
            self.reconciler.orders().iter().map(|order| order.device().clone()).collect();
        for device in devices {
            self.reconciler.touch(&device);
        }
        let held = self.knowledge.essentials.of(&event.model);
        Ok(held.map_or(Value::Null, |flows| seen_model(&event.model, flows)))
    }
}

fn read_level(level: &str) -> Result<Level, String> {
    Level::read(level)
        .ok_or_else(|| format!("`{level}` is no level: write watch, restrict, contain or isolate"))
}

fn seen_model(key: &ReleaseKey, flows: &ModelFlows) -> Value {
    let version = |version: &Version| {
        let confirmed = version
            .confirmed
            .as_ref()
            .map(|(by, at)| json!({ "by": orders::actor(by), "at": at.to_string() }));
        json!({
            "number": version.number,
            "by": orders::actor(&version.by),
            "at": version.at.to_string(),
            "rests_on": &*version.evidence,
            "confirmed": confirmed,
            "flows": version.flows.iter().map(WrittenFlow::of).collect::<Vec<_>>(),
        })
    };
    json!({
        "manufacturer": &*key.manufacturer,
        "model": &*key.model,
        "version": Some(&key.version).filter(|version| !version.is_empty()).map(Text::to_string),
        "confirmed": flows.confirmed.as_ref().map(version),
        "proposed": flows.proposed.as_ref().map(version),
    })
}
