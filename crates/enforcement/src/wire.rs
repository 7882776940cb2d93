//! The wire proof: what the taps show after an act, and whether it is what was meant.
//!
//! Refuses to believe an enforcement point, and to call silence a proof: what was not tried was
//! not stopped, and where no essential packet was seen, none is claimed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decisions::containment::passes::{Carried, Content, Packet, concerns, passes};
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Level, OrderId};

/// How long after the act no forbidden packet may pass before it is called verified, in
/// microseconds. It is longer than a tap takes to hand a frame over.
pub const QUIET: i64 = 60_000;
/// What was on its way through the kernel while the rules changed may still come out, in
/// microseconds.
pub const ON_ITS_WAY: i64 = 10_000;
/// How long what care needs may be tried in vain, where it passed before, until the act is taken
/// for the cause, in microseconds.
pub const IN_VAIN: i64 = 1_500_000;
/// How lately it must have passed before the act, for that, in microseconds.
pub const LATELY: i64 = 60_000_000;

/// Whether a packet was seen to come, or to get on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It came to the enforcement point. Whether it gets on is not seen yet.
    Came,
    /// It got on: seen behind the enforcement point.
    GotOn,
}

/// How far the point that carried it out can vouch for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouched {
    /// It was read back and proved; the wire has to show that care goes on.
    Proved,
    /// It only said so; the wire has to show, too, that what is forbidden was tried and stopped.
    Said,
}

/// What the wire says of one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It shows what was meant.
    Verified {
        /// The last forbidden packet that got on after the act began.
        last_forbidden: Option<Moment>,
        /// The first essential packet that got on after the act.
        first_essential: Option<Moment>,
    },
    /// A forbidden packet got on, in words.
    Leaks(String),
    /// What care needs was tried and did not get on, though it did before: in words.
    CutsCare(String),
}

/// What is watched for one device.
#[derive(Debug, Clone)]
struct Watched {
    plan: Plan,
    begun: Moment,
    applied: Option<(Moment, Vouched)>,
    last_forbidden: Option<Moment>,
    leak: Option<(Moment, String)>,
    first_essential: Option<Moment>,
    tried_in_vain: Option<Moment>,
    essential_before: Option<Moment>,
    stopped: u64,
    told: Told,
}

/// What was said already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Verified,
    Disagrees,
}

/// Watches the wire for every device that is held.
#[derive(Debug, Default)]
pub struct Wire {
    watched: BTreeMap<DeviceId, Watched>,
    by_mac: BTreeMap<MacAddress, BTreeSet<DeviceId>>,
    by_address: BTreeMap<IpAddr, BTreeSet<DeviceId>>,
}

/// What the wire showed of a device since it is held, for people to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    /// How many forbidden packets came and did not get on.
    pub stopped: u64,
    /// The last forbidden packet that got on.
    pub last_forbidden: Option<Moment>,
    /// The first essential packet that got on after the act.
    pub first_essential: Option<Moment>,
}

impl Wire {
    /// A plan is about to be carried out, in the place of any before it for the device. What care
    /// needs of it passed last at `essential_before`, if it was seen.
    pub fn begin(&mut self, plan: &Plan, essential_before: Option<Moment>, now: Moment) {
        let before = self.forget(&plan.device);
        let seen = before.and_then(|watched| watched.first_essential.max(watched.essential_before));
        let essential_before = essential_before.max(seen);
        for interface in &plan.interfaces {
            self.by_mac.entry(interface.mac).or_default().insert(plan.device.clone());
            for address in &interface.addresses {
                self.by_address.entry(*address).or_default().insert(plan.device.clone());
            }
        }
        let watched = Watched {
            plan: plan.clone(),
            begun: now,
            applied: None,
            last_forbidden: None,
            leak: None,
            first_essential: None,
            tried_in_vain: None,
            essential_before,
            stopped: 0,
            told: Told::Nothing,
        };
        self.watched.insert(plan.device.clone(), watched);
    }

    /// The plan of a device was carried out.
    pub fn applied(&mut self, device: &DeviceId, vouched: Vouched, now: Moment) {
        if let Some(watched) = self.watched.get_mut(device) {
            watched.applied = Some((now, vouched));
            watched.leak = None;
            watched.first_essential = None;
            watched.tried_in_vain = None;
            watched.stopped = 0;
            watched.told = Told::Nothing;
        }
    }

    /// That a device is verified is said again, if it still is.
    pub fn say_again(&mut self, device: &DeviceId) {
        if let Some(watched) = self.watched.get_mut(device)
            && watched.told == Told::Verified
        {
            watched.told = Told::Nothing;
        }
    }

    /// Another point was told in vain; one that could vouch for what it did still holds the device.
    pub fn still_applied(&mut self, device: &DeviceId, vouched: Vouched, now: Moment) {
        if self.watched.get(device).is_some_and(|watched| watched.applied.is_none()) {
            self.applied(device, vouched, now);
        }
    }

    /// A device is held no longer.
    pub fn end(&mut self, device: &DeviceId) {
        self.forget(device);
    }

    fn forget(&mut self, device: &DeviceId) -> Option<Watched> {
        let gone = self.watched.remove(device)?;
        for interface in &gone.plan.interfaces {
            if let Some(devices) = self.by_mac.get_mut(&interface.mac) {
                devices.remove(device);
            }
            for address in &interface.addresses {
                if let Some(devices) = self.by_address.get_mut(address) {
                    devices.remove(device);
                }
            }
        }
        self.by_mac.retain(|_, devices| !devices.is_empty());
        self.by_address.retain(|_, devices| !devices.is_empty());
        Some(gone)
    }

    /// Whether any device is watched: else frames need not be read for it.
    pub fn is_idle(&self) -> bool {
        self.watched.is_empty()
    }

    /// Takes a packet as a tap saw it.
    pub fn see(&mut self, at: Moment, passage: Passage, packet: &Packet) {
        let mut devices: BTreeSet<&DeviceId> = BTreeSet::new();
        for mac in [packet.source, packet.destination] {
            devices.extend(self.by_mac.get(&mac).into_iter().flatten());
        }
        if let Content::Internet(internet) = packet.content {
            for address in [internet.source, internet.destination] {
                devices.extend(self.by_address.get(&address).into_iter().flatten());
            }
        }
        for device in devices {
            if let Some(watched) = self.watched.get_mut(device)
                && concerns(&watched.plan, packet)
            {
                watched.see(at, passage, packet);
            }
        }
    }

    /// What the wire says now of what it has not spoken of yet.
    pub fn verdicts(&mut self, now: Moment) -> Vec<(OrderId, DeviceId, Verdict)> {
        let mut verdicts = Vec::new();
        for (device, watched) in &mut self.watched {
            if let Some(verdict) = watched.verdict(now) {
                verdicts.push((watched.plan.order, device.clone(), verdict));
            }
        }
        verdicts
    }

    /// What was seen of a device that is held.
    pub fn shown(&self, device: &DeviceId) -> Option<Shown> {
        let watched = self.watched.get(device)?;
        let Watched { stopped, last_forbidden, first_essential, .. } = *watched;
        Some(Shown { stopped, last_forbidden, first_essential })
    }
}

impl Watched {
    fn see(&mut self, at: Moment, passage: Passage, packet: &Packet) {
        let said = self.applied.is_some_and(|(_, vouched)| vouched == Vouched::Said);
        if said && matches!(packet.content, Content::Arp(..)) {
            // No rule of a switch's filter speaks of ARP (RFC 6733, section 4.3.1), so it says
            // nothing about whether the switch does what it was told.
            return;
        }
        let allowed = passes(&self.plan, packet);
        let since = self.applied.map(|(applied, _)| applied);
        match (passage, allowed) {
            (Passage::GotOn, false) => {
                if at >= self.begun {
                    self.last_forbidden = self.last_forbidden.max(Some(at));
                }
                // Each packet that got on came before: it was counted as stopped, and was not.
                self.stopped = self.stopped.saturating_sub(1);
                let leaks = since.is_some_and(|applied| at.since(applied) > ON_ITS_WAY);
                if leaks && self.leak.is_none() {
                    self.leak = Some((at, sentence(packet)));
                }
            }
            (Passage::Came, false) if since.is_some_and(|applied| at >= applied) => {
                self.stopped += 1;
            }
            (Passage::GotOn, true) if self.is_essential(packet) => match since {
                Some(applied) if at >= applied => {
                    self.first_essential.get_or_insert(at);
                    self.tried_in_vain = None;
                }
                _ => self.essential_before = self.essential_before.max(Some(at)),
            },
            (Passage::Came, true) if self.is_essential(packet) => {
                let tried = since.is_some_and(|applied| at.since(applied) > ON_ITS_WAY);
                if tried && self.first_essential.is_none() {
                    self.tried_in_vain.get_or_insert(at);
                }
            }
            _ => {}
        }
    }

    /// Whether a packet is of a flow that stays open for care, not only for the device's place on
    /// the network.
    fn is_essential(&self, packet: &Packet) -> bool {
        let Content::Internet(internet) = packet.content else { return false };
        let (from, to, transport) = match internet.carried {
            Carried::Tcp(from, to, _) => (from, to, Transport::Tcp),
            Carried::Udp(from, to) => (from, to, Transport::Udp),
            _ => return false,
        };
        self.plan.openings.iter().any(|opening| {
            let Service { transport: open, port } = opening.service;
            opening.role != CareRole::Identity
                && open == transport
                && [internet.source, internet.destination].contains(&opening.peer)
                && [from, to].contains(&port)
        })
    }

    /// Whether anything that is essential has to be seen before it is verified.
    fn waits_for_care(&self) -> bool {
        let kept = |level| matches!(level, Level::Restrict | Level::Contain);
        let openings = &self.plan.openings;
        kept(self.plan.level) && openings.iter().any(|open| open.role != CareRole::Identity)
    }

    fn verdict(&mut self, now: Moment) -> Option<Verdict> {
        let (applied, vouched) = self.applied?;
        if self.told != Told::Disagrees
            && let Some((at, packet)) = &self.leak
        {
            self.told = Told::Disagrees;
            return Some(Verdict::Leaks(format!("{packet} got on at {at}")));
        }
        if self.told != Told::Nothing {
            return None;
        }
        let lately = self.essential_before.is_some_and(|before| applied.since(before) < LATELY);
        let in_vain = self.tried_in_vain.filter(|tried| now.since(*tried) > IN_VAIN);
        if lately && let Some(tried) = in_vain {
            self.told = Told::Disagrees;
            let what = format!("what care needs is tried since {tried} and does not get on");
            return Some(Verdict::CutsCare(what));
        }
        let quiet = now.since(applied) >= QUIET;
        let care = !self.waits_for_care() || self.first_essential.is_some();
        let stopped = vouched == Vouched::Proved || self.stopped > 0;
        if !(quiet && care && stopped) {
            return None;
        }
        self.told = Told::Verified;
        let (last_forbidden, first_essential) = (self.last_forbidden, self.first_essential);
        Some(Verdict::Verified { last_forbidden, first_essential })
    }
}

/// A packet in words.
fn sentence(packet: &Packet) -> String {
    let Content::Internet(internet) = packet.content else {
        return format!("a frame from {} to {}", packet.source, packet.destination);
    };
    let (from, to) = (internet.source, internet.destination);
    match internet.carried {
        Carried::Tcp(_, port, _) => format!("a packet from {from} to tcp/{port} of {to}"),
        Carried::Udp(_, port) => format!("a packet from {from} to udp/{port} of {to}"),
        Carried::Portless(transport) | Carried::Fragment(transport) => {
            format!("a packet ({transport}) from {from} to {to}")
        }
        Carried::TooBig(_) => format!("an error about size from {from} to {to}"),
        Carried::Cut => format!("a packet from {from} to {to}"),
    }
}

#[cfg(test)]
mod tests;
