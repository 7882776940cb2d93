//! A containment that is thought of: its plan, its replay, and its proved rules, as they are shown.
//!
//! Does nothing.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::IpAddr;

use anyhow::{Result, anyhow};
use decisions::containment::Refusal;
use decisions::containment::essential::Openings;
use decisions::containment::interlock::{Facts, required};
use decisions::containment::order::{HOLDS_SECONDS, Order};
use decisions::containment::plan::Made;
use decisions::containment::replay::{Group, Replay};
use decisions::traffic::InUse;
use domain::device::DeviceId;
use domain::network::{Application, Moment};
use domain::order::{Actor, Event, Level, OrderId, Request, Step};
use enforcement::nftables::{self, Place};
use serde_json::{Value, json};

/// A plan with all that whoever approves it has to know.
pub(crate) struct Planned {
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
    /// Compiles and proves the rules.
    pub(crate) fn new(
        name: String,
        facts: Facts,
        in_use: InUse,
        openings: Openings,
        unreached: BTreeSet<IpAddr>,
        made: Made,
        replay: Replay,
    ) -> Result<Self> {
        let level = made.plan.level;
        let (rules, classes) = nftables::preview(Place::Bridge, std::slice::from_ref(&made.plan))
            .map_err(|contradiction| {
            anyhow!("the rules contradict the plan: {contradiction}")
        })?;
        Ok(Self { name, level, facts, in_use, openings, unreached, made, replay, rules, classes })
    }

    /// An order that is only thought of.
    pub(crate) fn order(device: &DeviceId, level: Level, now: Moment) -> Result<Order, Refusal> {
        let request = Request {
            device: device.clone(),
            level,
            reason: "to see what it would do".into(),
            holds_seconds: HOLDS_SECONDS,
        };
        let (by, step) = (Actor::Asepsis, Step::Requested(request));
        Order::begin(&Event { order: OrderId(1), at: now, by, step })
    }

    /// The transaction for nft(8).
    pub(crate) fn rules(&self) -> &str {
        &self.rules
    }

    /// What the replay says, in one sentence and by kinds of session.
    pub(crate) fn replayed(&self, now: Moment) -> String {
        let mut out = format!("{} {}: {}\n", self.level, self.name, self.replay.verdict(now));
        groups(&mut out, "Would end", &self.replay.breaks);
        groups(&mut out, "Would stay", &self.replay.stays);
        out
    }

    /// As JSON.
    pub(crate) fn json(&self, now: Moment) -> Value {
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
            "requires": required(self.facts, self.made.plan.answered_for_as()).to_string().replace("**", ""),
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

    /// For people.
    pub(crate) fn page(&self, now: Moment) -> String {
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
        let requirement =
            required(self.facts, self.made.plan.answered_for_as()).to_string().replace("**", "");
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
