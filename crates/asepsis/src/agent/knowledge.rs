//! What the agent knows at this moment: what was seen, what was remembered, what the hospital says.
//!
//! Judges nothing itself: it answers what the reconciler asks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use anyhow::{Result, bail};
use decisions::containment::essential::{
    Because, EssentialFlow, Essentials, Kept, ModelFlows, Openings, Peer,
};
use decisions::containment::interlock::Facts;
use decisions::containment::order::Order;
use decisions::containment::plan::{Made, Plan};
use decisions::containment::replay::{Replay, replay};
use decisions::containment::{Orders, Refusal};
use decisions::identity::{Identified, RowIndex, join};
use decisions::traffic::{InUse, PathKey};
use domain::care::CareRole;
use domain::device::{Device, DeviceId, Use};
use domain::fact::Document;
use domain::network::{Moment, Session};
use domain::order::{Interface, Level, Side};
use domain::text::Text;
use enforcement::reconciler::World;

use super::memory::Memory;
use crate::planning::{Names, Subject, Surroundings};
use crate::scene::{self, Scene};

/// How long what is known of a device's use holds before it is looked up anew, in microseconds.
const FACTS_FRESH: i64 = 500_000;

/// What is known.
pub(super) struct Knowledge {
    rows: Vec<Device>,
    index: RowIndex,
    pub(super) scene: Scene,
    pub(super) memory: Memory,
    pub(super) essentials: Essentials,
    pub(super) drilled: BTreeSet<Text>,
    /// Since when we watch, and after how long something is usual, in microseconds.
    watches: Moment,
    usual_after: i64,
    names: Names,
    roster: Roster,
    compromised: BTreeMap<DeviceId, Vec<IpAddr>>,
    facts: RefCell<HashMap<DeviceId, (Moment, Facts)>>,
    pub(super) now: Moment,
}

/// The devices that were seen, by what they are called and by their addresses.
#[derive(Debug, Default)]
struct Roster {
    devices: Vec<Present>,
    by_id: HashMap<DeviceId, usize>,
    by_address: HashMap<IpAddr, usize>,
}

/// A device that was seen.
#[derive(Debug)]
struct Present {
    id: DeviceId,
    seen: Identified,
    /// Its place in the inventory.
    row: Option<usize>,
}

/// A device that was seen, as others are told of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here<'k> {
    pub(super) id: &'k DeviceId,
    pub(super) seen: &'k Identified,
    pub(super) in_inventory: bool,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Knowledge {
    pub(super) fn new(
        inventory: &[Document],
        memory: Memory,
        essentials: Essentials,
        drilled: BTreeSet<Text>,
        (usual_after_seconds, outside): (u32, Vec<(IpAddr, u8)>),
    ) -> Self {
        let rows: Vec<Device> = inventory.iter().flat_map(scene::devices).cloned().collect();
        let (watches, usual_after) = (scene::now(), i64::from(usual_after_seconds) * 1_000_000);
        let usual = memory.usual(&rows, watches.plus(-usual_after)).with_outside(outside);
        Self {
            index: RowIndex::of(&rows),
            rows,
            scene: Scene::watching(usual),
            memory,
            essentials,
            drilled,
            watches,
            usual_after,
            names: Names::new(),
            roster: Roster::default(),
            compromised: BTreeMap::new(),
            facts: RefCell::default(),
            now: Moment::default(),
        }
    }

    /// Looks at who is there by now; says whose interfaces are others than before.
    pub(super) fn look_around(&mut self) -> Vec<DeviceId> {
        let mut roster = Roster::default();
        for seen in self.scene.ward.identities.devices() {
            let candidates = self.index.candidates(&seen);
            let rows = candidates.iter().filter_map(|place| self.rows.get(*place));
            let row = join(&seen, rows).map(|join| join.device);
            let Some(id) = (Subject { row, seen: Some(&seen) }).id() else { continue };
            let same = |place: &&usize| {
                self.rows.get(**place).zip(row).is_some_and(|(one, row)| std::ptr::eq(one, row))
            };
            let row = candidates.iter().find(same).copied();
            let place = roster.devices.len();
            for address in seen.addresses() {
                roster.by_address.insert(address, place);
            }
            roster.by_id.entry(id.clone()).or_insert(place);
            roster.devices.push(Present { id, seen, row });
        }
        let before = std::mem::replace(&mut self.roster, roster);
        let changed = self.roster.devices.iter().filter(|present| {
            let old = before.by_id.get(&present.id).and_then(|place| before.devices.get(*place));
            old.is_none_or(|old| old.seen.interfaces != present.seen.interfaces)
        });
        let changed: Vec<DeviceId> = changed.map(|present| present.id.clone()).collect();
        let mut facts = self.facts.borrow_mut();
        for id in &changed {
            facts.remove(id);
        }
        changed
    }

    /// Since when we watch.
    pub(super) fn watches(&self) -> Moment {
        self.watches
    }

    /// How many devices were seen.
    pub(super) fn seen(&self) -> usize {
        self.roster.devices.len()
    }

    /// The devices that were seen, with when. One of which only others spoke was not seen.
    pub(super) fn present(&self) -> impl Iterator<Item = Here<'_>> {
        self.roster.devices.iter().filter_map(|Present { id, seen, row }| {
            let ((first, last), in_inventory) = (seen.seen?, row.is_some());
            Some(Here { id, seen, in_inventory, first, last })
        })
    }

    /// Remembers what is known of every device.
    pub(super) fn remember(&mut self) -> Result<()> {
        for Present { id, seen, .. } in &self.roster.devices {
            let ward = &self.scene.ward;
            let around = Surroundings::seen(seen, &ward.traffic, &ward.identities);
            self.memory.learn(id, &around);
        }
        self.memory.save()
    }

    /// A detection accuses a device since a moment. What began so shortly before that it may be the
    /// attacker's is news; what was there when we began to watch is none, for we know no day on
    /// which it was not. All that is known is written down at once: were we to die now, we would
    /// have to learn from the attack what care needs.
    pub(super) fn suspect(&mut self, device: &DeviceId, since: Moment, at: Moment) -> Result<()> {
        let after = self.watches.plus(self.usual_after).max(since.plus(-self.usual_after));
        match self.memory.suspicions.accuse(device, after, at) {
            Some(true) => self.remember(),
            Some(false) => Ok(()),
            None => bail!("there is no room to remember that {device} is suspected"),
        }
    }

    /// Ends the suspicions that people have answered.
    pub(super) fn settle(&mut self, orders: &Orders) {
        self.memory.suspicions.settle(orders, self.now);
    }

    /// Who is compromised, as far as people have said yes to that.
    pub(super) fn note_compromised(&mut self, orders: &Orders) {
        let begun = orders.iter().filter(|order| {
            let held = order.ending().is_none() && order.begun().is_some();
            held && order.level() >= Level::Contain
        });
        let devices: BTreeSet<DeviceId> = begun.map(|order| order.device().clone()).collect();
        self.compromised = devices
            .into_iter()
            .map(|id| {
                let addresses = self.subject(&id).addresses();
                (id, addresses)
            })
            .collect();
    }

    /// The device that has an address.
    pub(super) fn at(&self, address: IpAddr) -> Option<&DeviceId> {
        let place = self.roster.by_address.get(&address)?;
        self.roster.devices.get(*place).map(|present| &present.id)
    }

    /// The device of that name.
    pub(super) fn subject(&self, id: &DeviceId) -> Subject<'_> {
        let present = self.roster.by_id.get(id).and_then(|place| self.roster.devices.get(*place));
        let named = || self.rows.iter().find(|row| row.id.as_ref() == Some(id));
        let row = present.and_then(|present| self.rows.get(present.row?));
        Subject { row: row.or_else(named), seen: present.map(|present| &present.seen) }
    }

    /// Finds a device by its id, an address, or the name that it gives itself.
    ///
    /// # Errors
    /// In words, where there is none, or there are several.
    pub(super) fn find(&self, wanted: &str) -> Result<DeviceId, String> {
        let known = |id: &DeviceId| self.rows.iter().any(|row| row.id.as_ref() == Some(id));
        let id = DeviceId(wanted.into());
        if self.roster.by_id.contains_key(&id) || known(&id) {
            return Ok(id);
        }
        let called = self.roster.devices.iter().filter(|p| is_called(&p.seen, wanted));
        let called: Vec<&DeviceId> = called.map(|present| &present.id).collect();
        match called.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(format!(
                "no device `{wanted}` is in the inventory or was seen: name it by its id, its \
                 address, or the name that it gives itself"
            )),
            several => {
                Err(format!("`{wanted}` is {} devices: name it by its address", several.len()))
            }
        }
    }

    /// What is known around a device, and what its model needs.
    pub(super) fn around(&self, id: &DeviceId) -> (Surroundings, Option<&ModelFlows>) {
        let subject = self.subject(id);
        let ward = &self.scene.ward;
        let mut around = subject.seen.map_or_else(Surroundings::default, |seen| {
            Surroundings::seen(seen, &ward.traffic, &ward.identities)
        });
        if let Some(before) = self.memory.devices.get(id) {
            let mut before = before.clone();
            if around.interfaces.is_empty() {
                before.interfaces = self.still_own(id, &before.interfaces);
            } else {
                before.interfaces = Vec::new();
            }
            around.absorb(&before);
        }
        if around.interfaces.is_empty()
            && let Some(row) = subject.row
        {
            around.interfaces = of_row(row);
        }
        let around = around.without_news(&self.memory.suspicions.of(id));
        let release = subject.row.and_then(Device::release);
        let model = release.and_then(|release| self.essentials.of(&release));
        (around, model)
    }

    /// Interfaces as they were, without addresses that others have by now.
    fn still_own(&self, id: &DeviceId, interfaces: &[Interface]) -> Vec<Interface> {
        let own = |address: &IpAddr| self.at(*address).is_none_or(|holder| holder == id);
        let still = |interface: &Interface| Interface {
            mac: interface.mac,
            addresses: interface.addresses.iter().copied().filter(own).collect(),
        };
        interfaces.iter().map(still).collect()
    }

    /// The plan of an order at a level, what it rests on, and its replay.
    pub(super) fn planned(
        &self,
        order: &Order,
        level: Level,
        held: Option<&Plan>,
        now: Moment,
    ) -> Result<(Made, Openings, Replay), Refusal> {
        let id = order.device();
        let (mut around, model) = self.around(id);
        if let Some(held) = held {
            let interfaces = self.still_own(id, &held.interfaces);
            around.absorb(&Surroundings { interfaces, ..Surroundings::default() });
        }
        let mut openings = around.openings(level, model, &self.names);
        let held = held.filter(|held| {
            let same = held.order == order.id() && held.level == level;
            same && held.essential_version == openings.version
        });
        for opening in held.map(|held| held.openings.as_slice()).unwrap_or_default() {
            if openings.kept.iter().all(|kept| kept.opening != *opening) {
                let because = Because::ByDefault;
                openings.kept.push(Kept { opening: opening.clone(), because });
            }
        }
        let others = self.compromised.iter().filter(|(other, _)| *other != id);
        let compromised = others.flat_map(|(_, addresses)| addresses.iter().copied()).collect();
        let made = around.plan(order, &openings, &compromised, now)?;
        let addresses: Vec<IpAddr> =
            made.plan.interfaces.iter().flat_map(|i| i.addresses.iter().copied()).collect();
        let sessions = self.scene.sessions_of(&addresses);
        let replay = replay(&sessions, |session| self.role(session), &made.plan);
        Ok((made, openings, replay))
    }

    fn role(&self, session: &Session) -> CareRole {
        let path = self.scene.ward.traffic.find(&PathKey::of(&session.conversation));
        path.map_or(CareRole::Other, |path| path.role.care)
    }

    /// Whether a patient depends on a device, as its traffic tells.
    pub(super) fn in_use(&self, id: &DeviceId) -> InUse {
        self.scene.ward.traffic.in_use(&self.subject(id).addresses(), self.now)
    }

    /// What care needs of a model, proposed from what its units do.
    pub(super) fn proposal(&self, id: &DeviceId) -> Vec<EssentialFlow> {
        let own = self.subject(id).row.and_then(Device::release);
        let same = |other: &DeviceId| {
            let other = self.subject(other).row.and_then(Device::release);
            own.as_ref().zip(other.as_ref()).is_some_and(|(own, other)| own.same_model(other))
        };
        let units = self.roster.devices.iter().map(|present| &present.id);
        let units = units.filter(|other| *other == id || same(other));
        let mut flows: BTreeMap<_, BTreeSet<IpAddr>> = BTreeMap::new();
        for unit in units {
            for flow in self.around(unit).0.flows.keys() {
                if let Peer::Addresses(addresses) = &flow.peer
                    && flow.role.essential_by_default()
                {
                    let key = (flow.role, flow.side, flow.service, flow.application);
                    flows.entry(key).or_default().extend(addresses);
                }
            }
        }
        flows
            .into_iter()
            .map(|((role, side, service, application), addresses)| EssentialFlow {
                role,
                side,
                peer: Peer::Addresses(addresses),
                service,
                application,
            })
            .collect()
    }
}

fn is_called(seen: &Identified, wanted: &str) -> bool {
    seen.interfaces.iter().any(|interface| interface.mac.to_string() == wanted)
        || seen.addresses().iter().any(|address| address.to_string() == wanted)
        || seen.claims.values().flatten().any(|claim| claim.value == wanted)
}

/// The interfaces that the inventory tells of. With several, it does not say which has which
/// address.
fn of_row(row: &Device) -> Vec<Interface> {
    let addresses = |first: bool| if first { row.ips.to_vec() } else { Vec::new() };
    let macs = row.macs.iter().enumerate();
    macs.map(|(place, mac)| Interface { mac: *mac, addresses: addresses(place == 0) }).collect()
}

impl World for Knowledge {
    fn facts(&self, device: &DeviceId) -> Facts {
        if let Some((at, facts)) = self.facts.borrow().get(device)
            && self.now.since(*at) < FACTS_FRESH
        {
            return *facts;
        }
        let row = self.subject(device).row;
        let usage = match self.in_use(device) {
            InUse::Yes(_) => Some(Use::InUse),
            InUse::Unknown(_) => row.and_then(|row| row.usage),
        };
        let facts = Facts { criticality: row.and_then(|row| row.criticality), usage };
        self.facts.borrow_mut().insert(device.clone(), (self.now, facts));
        facts
    }

    fn plan(
        &self,
        order: &Order,
        level: Level,
        held: Option<&Plan>,
        now: Moment,
    ) -> Result<(Plan, Option<Replay>), Refusal> {
        let (made, _, replay) = self.planned(order, level, held, now)?;
        Ok((made.plan, Some(replay)))
    }

    fn essential_version(&self, device: &DeviceId) -> u32 {
        let release = self.subject(device).row.and_then(Device::release);
        let model = release.and_then(|release| self.essentials.of(&release));
        let confirmed = model.and_then(|model| model.confirmed.as_ref());
        confirmed.map_or(0, |version| version.number)
    }

    fn drilled(&self) -> &BTreeSet<Text> {
        &self.drilled
    }

    fn last_essential(&self, plan: &Plan) -> Option<Moment> {
        let own: Vec<IpAddr> =
            plan.interfaces.iter().flat_map(|i| i.addresses.iter().copied()).collect();
        let kept = plan.openings.iter().filter(|open| open.role != CareRole::Identity);
        let keys = kept.flat_map(|open| {
            own.iter().map(move |own| {
                let (client, server) = match open.side {
                    Side::Client => (*own, open.peer),
                    Side::Server => (open.peer, *own),
                };
                PathKey { client, server, service: open.service }
            })
        });
        keys.filter_map(|key| self.scene.ward.traffic.find(&key)).map(|path| path.last).max()
    }
}

#[cfg(test)]
mod tests;
