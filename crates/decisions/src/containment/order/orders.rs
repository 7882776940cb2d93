//! All orders: the strictest of a device's holds, and one break of the glass ends them all.
//!
//! Refuses to let an order stand between a clinician and the patient because somebody broke the
//! glass on another one.

use std::collections::BTreeMap;
use std::fmt;

use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Event, Level, OrderId, Step};

use super::Order;
use crate::containment::interlock::Facts;
use crate::containment::refusal::Refusal;

/// Every order, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Orders {
    by_number: BTreeMap<OrderId, Order>,
    /// The orders of each device: a thousand devices are asked for theirs many times a second.
    by_device: BTreeMap<DeviceId, Vec<OrderId>>,
    broken: BTreeMap<DeviceId, Moment>,
}

/// What is to be enforced for one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// How far to cut it off.
    pub level: Level,
    /// The order that says so.
    pub order: OrderId,
    /// Every other order that holds the device, with what it wants.
    pub others: Vec<(OrderId, Level)>,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Order {} holds it at {}", self.order, self.level)?;
        for (order, level) in &self.others {
            write!(f, "; order {order} would hold it at {level} if that were lifted")?;
        }
        f.write_str(".")
    }
}

impl Orders {
    /// Takes the next event of the journal, or refuses it and stays as it is.
    pub fn follow(&mut self, event: &Event) -> Result<(), Refusal> {
        match self.by_number.get_mut(&event.order) {
            None => {
                let order = Order::begin(event)?;
                self.by_device.entry(order.device().clone()).or_default().push(event.order);
                self.by_number.insert(event.order, order);
            }
            Some(order) => order.follow(event)?,
        }
        if matches!(event.step, Step::BrokenGlass(_)) {
            self.free(event);
        }
        Ok(())
    }

    /// Ends every order of the device: who breaks the glass has one device in view, not a list.
    fn free(&mut self, event: &Event) {
        let Some(device) = self.by_number.get(&event.order).map(|order| order.device().clone())
        else {
            return;
        };
        for id in self.by_device.get(&device).into_iter().flatten() {
            if let Some(order) = self.by_number.get_mut(id).filter(|order| order.ending().is_none())
            {
                let event = Event { order: order.id(), ..event.clone() };
                order.follow(&event).expect("invariant: the glass breaks in every state");
            }
        }
        let broken = self.broken.entry(device).or_insert(event.at);
        *broken = event.at.max(*broken);
    }

    /// The order of that number.
    pub fn get(&self, order: OrderId) -> Option<&Order> {
        self.by_number.get(&order)
    }

    /// Every order, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Order> {
        self.by_number.values()
    }

    /// Every order of a device, as they were begun.
    pub fn of<'a>(&'a self, device: &DeviceId) -> impl Iterator<Item = &'a Order> + use<'a> {
        let orders = self.by_device.get(device).into_iter().flatten();
        orders.filter_map(|order| self.by_number.get(order))
    }

    /// The orders of a device that are not over.
    pub fn open<'a>(&'a self, device: &DeviceId) -> impl Iterator<Item = &'a Order> + use<'a> {
        self.of(device).filter(|order| order.ending().is_none())
    }

    /// What is to be enforced for a device now: the strictest of its orders, the eldest of equals.
    pub fn wanted(&self, device: &DeviceId, now: Moment, facts: Facts) -> Option<Wanted> {
        let levels = self.open(device).filter_map(|o| Some((o.id(), o.wanted(now, facts)?)));
        let mut levels: Vec<(OrderId, Level)> = levels.collect();
        levels.sort_by_key(|(order, level)| (std::cmp::Reverse(*level), *order));
        let mut levels = levels.into_iter();
        let (order, level) = levels.next()?;
        Some(Wanted { level, order, others: levels.collect() })
    }

    /// When a clinician last broke the glass for a device.
    pub fn broken_glass(&self, device: &DeviceId) -> Option<Moment> {
        self.broken.get(device).copied()
    }
}
