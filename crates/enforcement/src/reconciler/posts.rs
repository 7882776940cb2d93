//! What the reconciler knows of each enforcement point: whom it covers, what it was told, and how
//! that went.
//!
//! Refuses to take what was told for what is held.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decisions::containment::plan::Plan;
use decisions::containment::{Approved, Order, Refusal};
use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Interface, OrderId, PointName};

use crate::book::{Book, Page};
use crate::wire::Vouched;

/// After so many failures in a row the next point that covers the device is asked.
const TRIES: u32 = 3;
/// A point that has not answered for so long keeps nobody waiting: the next that covers the device
/// is asked meanwhile, in microseconds. With three in ten packets lost each way, an exchange of
/// RADIUS takes longer than that in less than one of a hundred cases.
pub const PATIENCE: i64 = 1_000_000;
/// How long is waited after the second failure in a row, in microseconds; twice as long after each
/// further. After the first it is tried again at once.
const FIRST_WAIT: i64 = 200_000;
/// How long is waited at most, in microseconds.
const LONGEST_WAIT: i64 = 60_000_000;
/// How often a point is asked what it holds, in microseconds.
const LOOK: i64 = 1_000_000;

/// Which devices an enforcement point can cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The networks of their addresses, each with the length of its prefix; where there are none,
    /// every device.
    pub networks: Vec<(IpAddr, u8)>,
}

impl Coverage {
    /// Whether it can cut off that interface. One without an address is covered only by a point
    /// that covers all.
    fn covers(&self, interface: &Interface) -> bool {
        self.networks.is_empty()
            || interface.addresses.iter().any(|address| {
                self.networks.iter().any(|(network, length)| within(*address, *network, *length))
            })
    }
}

fn within(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let bits = |address| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let ((address, family), (network, other)) = (bits(address), bits(network));
    let mask = u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0);
    family == other && (address ^ network) & mask == 0
}

/// How what a point was told stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// We have just begun, and have not looked yet.
    Unknown,
    /// It is being told.
    Telling,
    /// It holds it.
    Held,
    /// It does not hold it any longer.
    Lost,
    /// It did not do it; tried again at that moment.
    Failed { again: Moment },
}

/// How what waits for a point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// It was told, and has not answered.
    Told,
    /// It will be told once it has answered.
    Staged,
}

/// What a point was told of one device.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub plan: Plan,
    pub standing: Standing,
    pub tries: u32,
    /// How far the point could vouch for what it did last.
    pub vouched: Vouched,
}

/// What a point has to let go.
#[derive(Debug, Clone)]
pub(super) struct Leaving {
    pub plan: Plan,
    pub again: Moment,
    pub tries: u32,
}

/// A point.
#[derive(Debug)]
pub(super) struct Post {
    pub name: PointName,
    coverage: Coverage,
    pub slots: BTreeMap<DeviceId, Slot>,
    pub leaving: BTreeMap<OrderId, Leaving>,
    pub staged: BTreeMap<DeviceId, Approved>,
    /// Devices for which another point is asked.
    pub given_up: BTreeSet<DeviceId>,
    /// Orders that cut off what care needs when they were carried out here.
    pub cut_care: BTreeSet<OrderId>,
    /// Since when it is doing something.
    pub busy: Option<Moment>,
    pub look: Moment,
    /// Why it could not be asked what it holds.
    pub trouble: Option<String>,
}

impl Post {
    pub(super) fn new(name: PointName, coverage: Coverage, book: &Book) -> Self {
        let page = book.page(&name).cloned().unwrap_or_default();
        let slot =
            |plan| Slot { plan, standing: Standing::Unknown, tries: 0, vouched: Vouched::Said };
        let leaving = |plan| Leaving { plan, again: Moment::default(), tries: 0 };
        Self {
            name,
            coverage,
            slots: page.held.into_iter().map(|(device, plan)| (device, slot(plan))).collect(),
            leaving: page.leaving.into_iter().map(|(id, plan)| (id, leaving(plan))).collect(),
            staged: BTreeMap::new(),
            given_up: BTreeSet::new(),
            cut_care: BTreeSet::new(),
            trouble: None,
            busy: None,
            look: Moment::default(),
        }
    }

    /// As it stands in the book.
    pub(super) fn page(&self) -> Page {
        let held = self.slots.iter().map(|(device, slot)| (device.clone(), slot.plan.clone()));
        let leaving = self.leaving.iter().map(|(order, leaving)| (*order, leaving.plan.clone()));
        Page { held: held.collect(), leaving: leaving.collect() }
    }

    pub(super) fn covers(&self, interface: &Interface) -> bool {
        self.coverage.covers(interface)
    }

    /// Whether what it holds for the device already means what the plan means; whether it still
    /// does after a new beginning, the first look tells.
    pub(super) fn holds(&self, plan: &Plan) -> bool {
        self.slots.get(&plan.device).is_some_and(|slot| {
            let (held, standing) = (&slot.plan, slot.standing);
            let alike = held.order == plan.order
                && held.level == plan.level
                && held.interfaces == plan.interfaces
                && held.openings == plan.openings;
            alike && matches!(standing, Standing::Held | Standing::Telling | Standing::Unknown)
        })
    }

    /// Whether it has not answered for too long.
    pub(super) fn is_late(&self, now: Moment) -> bool {
        self.busy.is_some_and(|since| now.since(since) >= PATIENCE)
    }

    /// What waits for it: what it is being told, and what it is to be told next.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (&Plan, Waits)> {
        let telling = self.slots.values().filter(|slot| slot.standing == Standing::Telling);
        let telling = telling.map(|slot| (&slot.plan, Waits::Told));
        telling.chain(self.staged.values().map(|approved| (approved.plan(), Waits::Staged)))
    }

    /// Whether it holds the device, and is trusted to.
    pub(super) fn is_trusted(&self, device: &DeviceId) -> bool {
        let held = self.slots.get(device).is_some_and(|slot| slot.standing == Standing::Held);
        held && !self.given_up.contains(device)
    }

    /// Another point holds the device in its place: this one is let go of, and not asked again.
    pub(super) fn leave(&mut self, device: &DeviceId) {
        let given_up = self.given_up.contains(device);
        self.let_go(device);
        if given_up {
            self.given_up.insert(device.clone());
        }
    }

    /// Whether it failed for the device and is not to be tried yet.
    pub(super) fn waits(&self, plan: &Plan, now: Moment) -> bool {
        self.slots.get(&plan.device).is_some_and(|slot| {
            let same = slot.plan.order == plan.order && slot.plan.level == plan.level;
            same && matches!(slot.standing, Standing::Failed { again } if now < again)
        })
    }

    /// The device is to be held here no longer.
    pub(super) fn let_go(&mut self, device: &DeviceId) {
        self.staged.remove(device);
        self.given_up.remove(device);
        if let Some(slot) = self.slots.remove(device) {
            let leaving = Leaving { plan: slot.plan, again: Moment::default(), tries: 0 };
            self.leaving.insert(leaving.plan.order, leaving);
        }
    }

    /// What it holds for the device is let go at once, and not tried again for this order.
    pub(super) fn take_back(&mut self, device: &DeviceId, order: OrderId) {
        self.let_go(device);
        self.cut_care.insert(order);
    }

    /// Whether it may still hold something of an order that is over. Where it holds another order
    /// for the device, that has taken its place.
    pub(super) fn knows(&self, order: &Order) -> bool {
        let slot = self.slots.get(order.device());
        let replaced = slot
            .is_some_and(|slot| slot.plan.order != order.id() && slot.standing == Standing::Held);
        (slot.is_some() && !replaced) || self.leaving.contains_key(&order.id())
    }

    /// The wire shows that what it holds for the device is not what was meant; whether it holds
    /// anything for it.
    pub(super) fn disagrees(&mut self, device: &DeviceId, now: Moment) -> bool {
        let Some(slot) = self.slots.get_mut(device) else { return false };
        let held = matches!(slot.standing, Standing::Held | Standing::Telling);
        if held {
            slot.standing = Standing::Failed { again: now.plus(wait(slot.tries)) };
            slot.tries = slot.tries.saturating_add(1);
            self.given_up.insert(device.clone());
        }
        held
    }

    /// It did not do what it was told for the device.
    pub(super) fn failed(&mut self, device: &DeviceId, now: Moment) {
        let Some(slot) = self.slots.get_mut(device) else { return };
        slot.standing = Standing::Failed { again: now.plus(wait(slot.tries)) };
        slot.tries = slot.tries.saturating_add(1);
        if slot.tries >= TRIES {
            self.given_up.insert(device.clone());
        }
    }

    /// What it has to let go, now.
    pub(super) fn leaving_now(&self, now: Moment) -> Vec<Plan> {
        let due = self.leaving.values().filter(|leaving| now >= leaving.again);
        due.map(|leaving| leaving.plan.clone()).collect()
    }

    /// It did not let go.
    pub(super) fn keeps(&mut self, order: OrderId, now: Moment) {
        if let Some(leaving) = self.leaving.get_mut(&order) {
            leaving.again = now.plus(wait(leaving.tries));
            leaving.tries = leaving.tries.saturating_add(1);
        }
    }

    /// Whether it is time to ask what it holds.
    pub(super) fn is_to_look(&self, now: Moment) -> bool {
        !self.slots.is_empty() && now >= self.look
    }

    /// It is looked at now.
    pub(super) fn looked(&mut self, now: Moment) {
        self.look = now.plus(LOOK);
    }
}

fn wait(failed_before: u32) -> i64 {
    let Some(doubled) = failed_before.checked_sub(1) else { return 0 };
    FIRST_WAIT.saturating_mul(1_i64 << doubled.min(20)).min(LONGEST_WAIT)
}

/// Which points hold a plan: for each interface the first that covers it and was not given up for
/// the device; where all were, all are tried again, but for those at which it cut off care.
///
/// # Errors
/// Where an interface has no such point.
pub(super) fn chosen(posts: &[Post], plan: &Plan) -> Result<BTreeSet<usize>, Refusal> {
    let mut chosen = BTreeSet::new();
    for interface in &plan.interfaces {
        let covering = || (0..).zip(posts).filter(|(_, post)| post.covers(interface));
        if covering().next().is_none() {
            return Err(Refusal::NoPoint);
        }
        let fit = || covering().filter(|(_, post)| !post.cut_care.contains(&plan.order));
        if fit().next().is_none() {
            return Err(Refusal::CutCare);
        }
        match fit().find(|(_, post)| !post.given_up.contains(&plan.device)) {
            Some((place, _)) => drop(chosen.insert(place)),
            None => chosen.extend(fit().map(|(place, _)| place)),
        }
    }
    Ok(chosen)
}
