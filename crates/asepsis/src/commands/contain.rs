//! `asepsis contain plan DEVICE FILE…`: what containment would do, before anything is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;

use anyhow::{Result, anyhow, bail};
use decisions::containment::essential::{EssentialFlow, Openings, Peer, Site, openings_for};
use decisions::containment::interlock::{Facts, required};
use decisions::containment::order::Order;
use decisions::containment::plan::{Made, make};
use decisions::containment::replay::{Group, Replay, replay};
use decisions::identity::{Identified, Reach, join};
use decisions::traffic::baseline::Baseline;
use decisions::traffic::{InUse, PathKey};
use domain::care::CareRole;
use domain::device::{Device, DeviceId, Use};
use domain::network::{Application, Moment, Session, Transport};
use domain::order::{Actor, Event, Level, OrderId, Request, Step};
use enforcement::nftables::{self, Place};
use serde_json::{Value, json};

use crate::arguments::{Contain, ContainPlan, ContainWork};
use crate::scene::{self, Scene};
use crate::{DONE, WRONG, output};

/// How long an order holds where nobody says otherwise, in seconds.
const HOLDS_SECONDS: u32 = 4 * 3_600;

pub(crate) fn run(options: &Contain) -> Result<u8> {
    match &options.work {
        ContainWork::Plan(options) => plan(options),
    }
}

fn plan(options: &ContainPlan) -> Result<u8> {
    let level = Level::read(&options.level).ok_or_else(|| {
        anyhow!("`{}` is no level\n\nhint: write restrict, contain or isolate", options.level)
    })?;
    let inventory = scene::inventory(options.inventory.as_deref(), true)?;
    let rows: Vec<&Device> = inventory.iter().flat_map(scene::devices).collect();
    let mut scene = Scene::new();
    let failed = scene.files(&options.files)?;
    scene.end();
    let now = scene.last.unwrap_or_default();
    let planned = Planned::new(&scene, &rows, &options.device, level, &options.compromised, now)?;
    if options.rules {
        output::print(&planned.rules)?;
    } else if options.json {
        output::print(&format!("{:#}\n", planned.json(now)))?;
    } else {
        output::print(&planned.page(now))?;
    }
    Ok(if failed { WRONG } else { DONE })
}

/// A plan with all that whoever approves it has to know.
struct Planned {
    name: String,
    level: Level,
    facts: Facts,
    in_use: InUse,
    openings: Openings,
    /// Peers of which it is not known how they are reached.
    unreached: BTreeSet<IpAddr>,
    made: Made,
    replay: Replay,
    rules: String,
    classes: usize,
}

impl Planned {
    fn new(
        scene: &Scene,
        rows: &[&Device],
        wanted: &str,
        level: Level,
        compromised: &[IpAddr],
        now: Moment,
    ) -> Result<Self> {
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
        let baseline = Baseline::learn(&scene.ward.traffic, &addresses.iter().copied().collect());
        let openings = open(scene, &addresses, &baseline, level);
        let unknown = reach(scene, &baseline).into_iter().filter(|(_, r)| *r == Reach::Unknown);
        let unreached = unknown.map(|(peer, _)| peer).collect();
        let order = order(&name, level, now)?;
        let compromised: BTreeSet<IpAddr> = compromised.iter().copied().collect();
        let made = make(&order, &device.interfaces, &openings, &compromised, now)
            .map_err(|refusal| anyhow!("no plan for {name}: {}", refusal.sentence()))?;
        let replay = replay(&scene.sessions, |session| role(scene, session), &made.plan);
        let (rules, classes) = nftables::preview(Place::Bridge, std::slice::from_ref(&made.plan))
            .map_err(|contradiction| {
            anyhow!("the rules contradict the plan: {contradiction}")
        })?;
        Ok(Self { name, level, facts, in_use, openings, unreached, made, replay, rules, classes })
    }

    fn json(&self, now: Moment) -> Value {
        let used = match self.in_use {
            InUse::Yes(sign) => json!({ "state": "yes", "last_sign": sign.at.to_string() }),
            InUse::Unknown(sign) => {
                json!({ "state": "unknown", "last_sign": sign.map(|sign| sign.at.to_string()) })
            }
        };
        let interfaces = self.made.plan.interfaces.iter().map(
            |interface| json!({ "mac": interface.mac.to_string(), "addresses": interface.addresses }),
        );
        let open = self.openings.kept.iter();
        let open = open.filter(|kept| self.made.plan.openings.contains(&kept.opening));
        json!({
            "schema": "asepsis/containment-plan/1",
            "device": self.name,
            "level": self.level.text(),
            "verdict": self.replay.verdict(now),
            "criticality": self.facts.criticality.map(domain::device::Criticality::text),
            "in_use": used,
            "requires": required(self.facts, self.level).to_string().replace("**", ""),
            "interfaces": interfaces.collect::<Vec<Value>>(),
            "notes": self.made.notes.iter().map(ToString::to_string).collect::<Vec<String>>(),
            "routers_not_seen_to": self.unreached,
            "stays_open": open.map(|kept| json!({
                "role": kept.opening.role.text(),
                "peer": kept.opening.peer,
                "service": kept.opening.service.to_string(),
                "side": kept.opening.side.text(),
                "because": kept.because.to_string(),
            })).collect::<Vec<Value>>(),
            "would_end": self.replay.breaks.iter().map(of_group).collect::<Vec<Value>>(),
            "would_stay": self.replay.stays.iter().map(of_group).collect::<Vec<Value>>(),
            "classes_proved": self.classes,
        })
    }

    fn page(&self, now: Moment) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{} {}: {}", self.level, self.name, self.replay.verdict(now));
        let used = match self.in_use {
            InUse::Yes(sign) => format!("in use: its last {} was at {}", sign.role, sign.at),
            InUse::Unknown(Some(sign)) => {
                format!("use unknown since {} ({}); counts as in use", sign.at, sign.role)
            }
            InUse::Unknown(None) => "use unknown; counts as in use".to_owned(),
        };
        let criticality = self.facts.criticality.map_or("criticality unknown", |c| c.text());
        let _ = writeln!(out, "Device:     {criticality}, {used}");
        let requirement = required(self.facts, self.level).to_string().replace("**", "");
        let _ = writeln!(out, "Who says yes: {requirement}");
        for interface in &self.made.plan.interfaces {
            let addresses: Vec<String> =
                interface.addresses.iter().map(ToString::to_string).collect();
            let _ = writeln!(out, "Interface:  {} {}", interface.mac, addresses.join(" "));
        }
        for note in &self.made.notes {
            let _ = writeln!(out, "Note:       {note}");
        }
        let kept = |peer: &&IpAddr| self.made.plan.openings.iter().any(|o| o.peer == **peer);
        for peer in self.unreached.iter().filter(kept) {
            let _ = writeln!(
                out,
                "Note:       No router to {peer} was seen, so the flow to it may be cut off: record \
                 some minutes more of this device's own segment."
            );
        }
        let _ = writeln!(out, "\nStays open");
        for kept in &self.openings.kept {
            let opening = &kept.opening;
            if self.made.plan.openings.contains(opening) {
                let _ = writeln!(
                    out,
                    "  {:9} {} {} as {} ({})",
                    opening.role.text(),
                    opening.peer,
                    opening.service,
                    opening.side.text(),
                    kept.because
                );
            }
        }
        groups(&mut out, "Would end", &self.replay.breaks);
        groups(&mut out, "Would stay", &self.replay.stays);
        let _ = writeln!(
            out,
            "\nThe rules were proved for {} classes of packets; `--rules` shows them. Nothing was done.",
            self.classes
        );
        out
    }
}

fn of_group(group: &Group) -> Value {
    json!({
        "role": group.kind.role.text(),
        "peer": group.kind.peer,
        "service": group.kind.service.to_string(),
        "protocol": group.kind.application.map(Application::text),
        "sessions": group.sessions,
        "last": group.last.to_string(),
    })
}

fn groups(out: &mut String, title: &str, groups: &[Group]) {
    let _ = writeln!(out, "\n{title}");
    if groups.is_empty() {
        let _ = writeln!(out, "  nothing that was recorded");
    }
    for group in groups {
        let kind = &group.kind;
        let protocol = kind.application.map_or("protocol unknown", Application::text);
        let _ = writeln!(
            out,
            "  {:9} {} {} ({protocol}): {} sessions, last {}",
            kind.role.text(),
            kind.peer,
            kind.service,
            group.sessions,
            group.last
        );
    }
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

/// What stays open, by what was seen of the device.
fn open(scene: &Scene, own: &[IpAddr], baseline: &Baseline, level: Level) -> Openings {
    let flows: Vec<EssentialFlow> = baseline
        .habits
        .iter()
        .map(|(habit, evidence)| EssentialFlow {
            role: habit.role,
            side: habit.side,
            peer: Peer::Addresses([habit.peer].into()),
            service: habit.service,
            application: evidence.application,
        })
        .collect();
    let served = |port: u16| -> Vec<IpAddr> {
        let habits = baseline.habits.keys();
        let asked =
            habits.filter(|h| (h.service.transport, h.service.port) == (Transport::Udp, port));
        asked.map(|habit| habit.peer).filter(|peer| !own.contains(peer)).collect()
    };
    let routers: BTreeSet<IpAddr> = reach(scene, baseline)
        .into_iter()
        .filter_map(|(_, reach)| if let Reach::By(router) = reach { Some(router) } else { None })
        .collect();
    let routers: Vec<IpAddr> = routers.into_iter().collect();
    let (leased_from, resolvers) = (served(67), served(53));
    let site = Site {
        names: &BTreeMap::new(),
        leased_from: &leased_from,
        resolvers: &resolvers,
        routers: &routers,
    };
    openings_for(level, None, &flows, &site)
}

fn reach(scene: &Scene, baseline: &Baseline) -> Vec<(IpAddr, Reach)> {
    scene.ward.identities.reach(baseline.habits.keys().map(|habit| habit.peer))
}

/// An order that is only thought of.
fn order(device: &str, level: Level, now: Moment) -> Result<Order> {
    let request = Request {
        device: DeviceId(device.into()),
        level,
        reason: "to see what it would do".into(),
        holds_seconds: HOLDS_SECONDS,
    };
    let (by, step) = (Actor::Asepsis, Step::Requested(request));
    Order::begin(&Event { order: OrderId(1), at: now, by, step })
        .map_err(|refusal| anyhow!("{}", refusal.sentence()))
}

fn role(scene: &Scene, session: &Session) -> CareRole {
    let path = scene.ward.traffic.find(&PathKey::of(&session.conversation));
    path.map_or(CareRole::Other, |path| path.role.care)
}
