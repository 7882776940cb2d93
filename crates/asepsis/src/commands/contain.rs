//! `asepsis contain …`: what a containment would do, from recorded traffic or from what the agent
//! sees; and everything that people say of an order, which goes to the agent.
//!
//! Touches no network: the agent does, once the rules allow it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use decisions::containment::interlock::Facts;
use decisions::containment::replay::replay;
use decisions::identity::{Identified, join};
use decisions::traffic::{InUse, PathKey};
use domain::care::CareRole;
use domain::device::{Device, DeviceId, Use};
use domain::network::Session;
use domain::order::Level;
use serde_json::Value;

use crate::agent::talk::{self, Answer, Ask, Question};
use crate::arguments::{Contain, ContainPlan, ContainWork, Status};
use crate::planned::Planned;
use crate::planning::{Names, Surroundings};
use crate::scene::{self, Scene};
use crate::{DONE, REACHED, WRONG, output};

/// How often it is looked whether an order has come to the state that is waited for.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) fn run(options: &Contain) -> Result<u8> {
    let caller = Caller { socket: &options.socket, role: options.role.clone() };
    match &options.work {
        ContainWork::Plan(plan) if plan.files.is_empty() => caller.plan(plan),
        ContainWork::Replay(plan) if plan.files.is_empty() => caller.replay(plan),
        ContainWork::Plan(plan) => recorded(plan, Shown::Whole),
        ContainWork::Replay(plan) => recorded(plan, Shown::Replay),
        ContainWork::Status(status) => caller.status(status),
        ContainWork::Request { device, level, reason, minutes, json } => {
            let (device, level, reason) = (device.clone(), level.clone(), reason.clone());
            let seconds = minutes.saturating_mul(60);
            caller.order(Ask::Request { device, level, reason, seconds }, *json)
        }
        ContainWork::Approve { order, json } => caller.order(Ask::Approve { order: *order }, *json),
        ContainWork::Refuse { order, reason, json } => {
            caller.order(Ask::Refuse { order: *order, reason: reason.clone() }, *json)
        }
        ContainWork::ConfirmSubstitute { order, json } => {
            caller.order(Ask::ConfirmSubstitute { order: *order }, *json)
        }
        ContainWork::Renew { order, minutes, json } => {
            let seconds = minutes.saturating_mul(60);
            caller.order(Ask::Renew { order: *order, seconds }, *json)
        }
        ContainWork::Lift { order, reason, json } => {
            caller.order(Ask::Lift { order: *order, reason: reason.clone() }, *json)
        }
        ContainWork::BreakGlass { device, reason, json } => {
            let (device, reason) = (device.clone(), reason.clone());
            caller.order(Ask::BreakGlass { device, reason }, *json)
        }
    }
}

/// Somebody who asks the agent.
pub(super) struct Caller<'a> {
    pub(super) socket: &'a Path,
    pub(super) role: Option<String>,
}

impl Caller<'_> {
    /// What the agent answers; an error where it refuses.
    pub(super) fn ask(&self, what: Ask) -> Result<Value> {
        let question = Question { role: self.role.clone(), voice: None, what };
        match talk::ask(self.socket, &question)? {
            Answer::Done(value) => Ok(value),
            Answer::Refused { code, sentence } => bail!("{sentence} ({code})"),
            Answer::Wrong(why) => bail!("{why}"),
        }
    }

    fn order(&self, what: Ask, json: bool) -> Result<u8> {
        let order = self.ask(what)?;
        show(&order, json)?;
        Ok(DONE)
    }

    fn status(&self, options: &Status) -> Result<u8> {
        let began = Instant::now();
        let patience = Duration::from_secs(options.timeout);
        loop {
            let seen = self.ask(Ask::Status { order: options.order })?;
            let state = seen.get("state").and_then(Value::as_str).unwrap_or_default();
            let there = options.wait.as_deref().is_none_or(|wanted| wanted == state);
            if there || began.elapsed() >= patience {
                show_all(&seen, options.json)?;
                return Ok(if there { DONE } else { REACHED });
            }
            thread::sleep(LOOK);
        }
    }

    fn thought_of(&self, options: &ContainPlan) -> Result<Value> {
        if options.inventory.is_some() || !options.compromised.is_empty() {
            bail!(
                "the agent knows its own inventory and who is compromised\n\nhint: --inventory and --compromised go with captures"
            );
        }
        let (device, level) = (options.device.clone(), options.level.clone());
        self.ask(Ask::Plan { device, level })
    }

    fn plan(&self, options: &ContainPlan) -> Result<u8> {
        let planned = self.thought_of(options)?;
        let text = |name: &str| planned.get(name).and_then(Value::as_str).unwrap_or_default();
        if options.rules {
            output::print(text("rules"))?;
        } else if options.json {
            output::print(&format!("{:#}\n", planned.get("plan").unwrap_or(&Value::Null)))?;
        } else {
            output::print(text("page"))?;
        }
        Ok(DONE)
    }

    fn replay(&self, options: &ContainPlan) -> Result<u8> {
        let planned = self.thought_of(options)?;
        if options.json {
            output::print(&format!("{:#}\n", planned.get("plan").unwrap_or(&Value::Null)))?;
        } else {
            output::print(planned.get("replay").and_then(Value::as_str).unwrap_or_default())?;
        }
        Ok(DONE)
    }
}

fn show_all(seen: &Value, json: bool) -> Result<()> {
    let Some(orders) = seen.get("orders").and_then(Value::as_array).filter(|_| !json) else {
        return show(seen, json);
    };
    if orders.is_empty() {
        output::print("Nothing was ordered.\n")?;
    }
    for order in orders {
        output::print(&line(order))?;
    }
    for trouble in seen.get("troubles").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| trouble.get(name).and_then(Value::as_str).unwrap_or_default();
        output::print(&format!(
            "{} can't be asked what it holds: {}\n",
            text("point"),
            text("why")
        ))?;
    }
    if let Some(why) = seen.get("clock").and_then(Value::as_str) {
        output::print(&format!("{why}.\n"))?;
    }
    Ok(())
}

/// An order in one line.
fn line(order: &Value) -> String {
    let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = order.get("order").and_then(Value::as_u64).unwrap_or_default();
    format!("{number:>5}  {:12} {:9} {}\n", text("state"), text("level"), text("sentence"))
}

/// An order with its whole life.
fn show(order: &Value, json: bool) -> Result<()> {
    if json {
        return output::print(&format!("{order:#}\n"));
    }
    let text = |name: &str| order.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = order.get("order").and_then(Value::as_u64).unwrap_or_default();
    let mut page = format!("Order {number}, {}: {}\n", text("state"), text("sentence"));
    if let Some(care) = order.pointer("/care/sentence").and_then(Value::as_str) {
        let _ = writeln!(page, "{care}");
    }
    for step in order.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(page, "  {}  {}", text("at"), text("what"));
    }
    output::print(&page)
}

/// What is shown of a plan from recorded traffic.
#[derive(Clone, Copy)]
enum Shown {
    Whole,
    Replay,
}

fn recorded(options: &ContainPlan, shown: Shown) -> Result<u8> {
    let level = Level::read(&options.level).ok_or_else(|| {
        anyhow!("`{}` is no level\n\nhint: write restrict, contain or isolate", options.level)
    })?;
    let inventory = scene::inventory(options.inventory.as_deref(), true)?;
    let rows: Vec<&Device> = inventory.iter().flat_map(scene::devices).collect();
    let mut scene = Scene::new();
    let failed = scene.files(&options.files)?;
    scene.end();
    let now = scene.last.unwrap_or_default();
    let planned = thought(&scene, &rows, &options.device, level, &options.compromised)?;
    let page = match shown {
        Shown::Whole if options.rules => planned.rules().to_owned(),
        _ if options.json => format!("{:#}\n", planned.json(now)),
        Shown::Whole => planned.page(now),
        Shown::Replay => planned.replayed(now),
    };
    output::print(&page)?;
    Ok(if failed { WRONG } else { DONE })
}

/// The plan for a device of a capture.
fn thought(
    scene: &Scene,
    rows: &[&Device],
    wanted: &str,
    level: Level,
    compromised: &[IpAddr],
) -> Result<Planned> {
    let now = scene.last.unwrap_or_default();
    let seen = scene.ward.identities.devices();
    let (device, row) = find(&seen, rows, wanted)?;
    let name = row.and_then(|row| row.id.clone()).map_or(wanted.to_owned(), |id| id.0.into());
    let addresses = device.addresses();
    let in_use = scene.ward.traffic.in_use(&addresses, now);
    let usage = match in_use {
        InUse::Yes(_) => Some(Use::InUse),
        InUse::Unknown(_) => row.and_then(|row| row.usage),
    };
    let facts = Facts { criticality: row.and_then(|row| row.criticality), usage };
    let around = Surroundings::seen(device, &scene.ward.traffic, &scene.ward.identities);
    let openings = around.openings(level, None, &Names::new());
    let order = Planned::order(&DeviceId(name.as_str().into()), level, now)
        .map_err(|refusal| anyhow!("{}", refusal.sentence()))?;
    let compromised: BTreeSet<IpAddr> = compromised.iter().copied().collect();
    let made = around
        .plan(&order, &openings, &compromised, now)
        .map_err(|refusal| anyhow!("no plan for {name}: {}", refusal.sentence()))?;
    let sessions: Vec<Session> = scene.sessions.iter().cloned().collect();
    let replay = replay(&sessions, |session| role(scene, session), &made.plan);
    Planned::new(name, facts, in_use, openings, around.unreached, made, replay)
        .context("nothing was done")
}

/// Finds a device by its id in the inventory, an address, or the name that it gives itself.
fn find<'s, 'r>(
    seen: &'s [Identified],
    rows: &[&'r Device],
    wanted: &str,
) -> Result<(&'s Identified, Option<&'r Device>)> {
    let row = |device: &Identified| join(device, rows.iter().copied()).map(|join| join.device);
    let is_called = |device: &Identified| {
        device.interfaces.iter().any(|interface| interface.mac.to_string() == wanted)
            || device.addresses().iter().any(|address| address.to_string() == wanted)
            || device.claims.values().flatten().any(|claim| claim.value == wanted)
            || row(device).is_some_and(|row| row.id == Some(DeviceId(wanted.into())))
    };
    let found: Vec<&Identified> = seen.iter().filter(|device| is_called(device)).collect();
    match found.as_slice() {
        [device] => Ok((device, row(device))),
        [] => bail!(
            "no device `{wanted}` was seen\n\nhint: `asepsis observe` lists the devices; name one by its id, address or name"
        ),
        several => bail!("`{wanted}` is {} devices\n\nhint: name it by its address", several.len()),
    }
}

fn role(scene: &Scene, session: &Session) -> CareRole {
    let path = scene.ward.traffic.find(&PathKey::of(&session.conversation));
    path.map_or(CareRole::Other, |path| path.role.care)
}
