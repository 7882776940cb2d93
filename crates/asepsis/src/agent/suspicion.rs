//! Which devices are suspected, and since when: what such a device began to do shortly before, or
//! does for the first time since, may be the attacker's. It is neither learned nor kept open.
//!
//! A suspicion outlives the program, and ends when people say so: they lift what held the device,
//! or refuse to hold it. Where nobody ever asked, it ends a week after the last detection. Refuses
//! to end by forgetting, and to hold for ever: what a device begins to do a year later is its own.

use std::collections::BTreeMap;

use decisions::containment::Orders;
use decisions::containment::order::{Ending, LONGEST_SECONDS, Order};
use domain::device::DeviceId;
use domain::network::Moment;
use serde::{Deserialize, Serialize};

use crate::planning::News;

/// Most devices that are suspected at a time, or were since the program began.
const SUSPECTED: usize = 10_000;
/// Most suspicions of one device that are remembered; the eldest that is over makes room.
const EACH: usize = 16;
/// How long a suspicion holds after the last detection where no order holds the device, in
/// microseconds: as long as an order can be asked for.
const HOLDS: i64 = LONGEST_SECONDS as i64 * 1_000_000;

/// One suspicion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Suspicion {
    /// What is news for it.
    pub(super) news: News,
    /// The last detection that accused the device.
    last: Moment,
}

/// As it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    after: i64,
    last: i64,
}

/// Every suspicion.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Suspicions {
    devices: BTreeMap<DeviceId, Vec<Suspicion>>,
}

impl Suspicions {
    /// What counts as news of a device.
    pub(super) fn of(&self, device: &DeviceId) -> Vec<News> {
        let own = self.devices.get(device).into_iter().flatten();
        own.map(|suspicion| suspicion.news).collect()
    }

    /// A detection accuses a device; what began after `after` is news. Whether that is a new
    /// suspicion, and `None` where there is no room for it.
    pub(super) fn accuse(&mut self, device: &DeviceId, after: Moment, at: Moment) -> Option<bool> {
        if self.devices.len() >= SUSPECTED && !self.devices.contains_key(device) {
            let is_over = |held: &Vec<Suspicion>| held.iter().all(|one| one.news.until.is_some());
            let over = self.devices.iter().find(|(_, held)| is_over(held));
            let over = over.map(|(device, _)| device.clone())?;
            self.devices.remove(&over);
        }
        let held = self.devices.entry(device.clone()).or_default();
        if let Some(open) = held.last_mut().filter(|open| open.news.until.is_none()) {
            open.last = open.last.max(at);
            // A later detection may tell that it began earlier.
            let is_earlier = after < open.news.after;
            open.news.after = open.news.after.min(after);
            return Some(is_earlier);
        }
        if held.len() >= EACH {
            held.remove(0);
        }
        held.push(Suspicion { news: News { after, until: None }, last: at });
        Some(true)
    }

    /// Ends those that people have answered, and those that are too old.
    pub(super) fn settle(&mut self, orders: &Orders, now: Moment) {
        for (device, held) in &mut self.devices {
            let Some(open) = held.last_mut().filter(|open| open.news.until.is_none()) else {
                continue;
            };
            let own: Vec<&Order> = orders.iter().filter(|order| order.device() == device).collect();
            open.news.until = over(open.last, &own, now);
        }
    }

    /// Those that are not over, for writing down. What is over matters only to what was seen while
    /// it was not.
    pub(super) fn open(&self) -> impl Iterator<Item = (&DeviceId, Written)> {
        self.devices.iter().filter_map(|(device, held)| {
            let open = held.last().filter(|open| open.news.until.is_none())?;
            Some((device, Written { after: open.news.after.0, last: open.last.0 }))
        })
    }

    /// Takes one that was written down.
    pub(super) fn restore(&mut self, device: DeviceId, written: Written) {
        if self.devices.len() < SUSPECTED {
            let news = News { after: Moment(written.after), until: None };
            self.devices.insert(device, vec![Suspicion { news, last: Moment(written.last) }]);
        }
    }
}

/// When a suspicion was over, by the orders of its device.
fn over(last: Moment, orders: &[&Order], now: Moment) -> Option<Moment> {
    let is_held = |order: &&Order| order.ending().is_none() && order.begun().is_some();
    if orders.iter().any(is_held) {
        return None;
    }
    let is_asked = orders.iter().any(|order| order.ending().is_none());
    let answered = orders.iter().filter(|order| match order.ending() {
        Some(Ending::Lifted) => order.begun().is_some(),
        // Who refuses one level may have another before them.
        Some(Ending::Refused) => !is_asked,
        // At the bedside nobody says that it is clean, and silence says nothing.
        Some(Ending::BrokenGlass | Ending::Lapsed) | None => false,
    });
    let answered = answered.map(|order| order.last()).max();
    answered.filter(|at| *at >= last).or((now.since(last) >= HOLDS).then_some(now))
}

#[cfg(test)]
mod tests {
    use decisions::containment::Orders;
    use domain::device::DeviceId;
    use domain::network::Moment;
    use domain::order::{Actor, Door, Event, Level, OrderId, PointName, Request, Role, Step};

    use super::{EACH, HOLDS, SUSPECTED, Suspicions};

    fn pump() -> DeviceId {
        DeviceId("PUMP-1".into())
    }

    fn person(role: Role) -> Actor {
        Actor::Person(role.text().into(), role, Door::Account)
    }

    /// An order that was asked for at 1,000 s and went these steps, a second each.
    fn orders(steps: &[(Actor, Step)]) -> Orders {
        let request = Request {
            device: pump(),
            level: Level::Contain,
            reason: "it attacks".into(),
            holds_seconds: 3_600,
        };
        let asked = (Actor::Playbook("detection".into()), Step::Requested(request));
        let mut orders = Orders::default();
        for (second, (by, step)) in (1_000..).zip(std::iter::once(&asked).chain(steps)) {
            let at = Moment(second * 1_000_000);
            let event = Event { order: OrderId(1), at, by: by.clone(), step: step.clone() };
            orders.follow(&event).expect("allowed");
        }
        orders
    }

    fn is_over(steps: &[(Actor, Step)], now: Moment) -> bool {
        let mut suspicions = Suspicions::default();
        suspicions.accuse(&pump(), Moment(10), Moment(20));
        suspicions.settle(&orders(steps), now);
        suspicions.open().next().is_none()
    }

    #[test]
    fn people_end_a_suspicion_and_neither_a_broken_glass_nor_silence_does() {
        let soon = Moment(2_000_000_000);
        let (asepsis, point) = (|| Actor::Asepsis, || PointName("switch".into()));
        let held = vec![
            (person(Role::Security), Step::Approved),
            (asepsis(), Step::Applying(point())),
            (asepsis(), Step::Applied(point())),
        ];
        let with = |last: (Actor, Step)| [held.clone(), vec![last]].concat();
        let lifted = with((person(Role::Security), Step::Lifted("clean".into())));
        let glass = with((person(Role::Clinical), Step::BrokenGlass("needed".into())));
        let refused = vec![(person(Role::Security), Step::Refused("a drill".into()))];
        assert!(is_over(&lifted, soon) && is_over(&refused, soon));
        for (what, steps) in [("asked", Vec::new()), ("held", held), ("glass", glass)] {
            assert!(!is_over(&steps, soon), "{what}");
        }
        let later = Moment(20).plus(HOLDS);
        assert!(is_over(&[], later) && !is_over(&[], Moment(later.0 - 1)));
    }

    #[test]
    fn an_answer_from_before_the_last_detection_ends_nothing() {
        let mut suspicions = Suspicions::default();
        let refused = orders(&[(person(Role::Security), Step::Refused("a drill".into()))]);
        suspicions.accuse(&pump(), Moment(10), Moment(2_000_000_000));
        suspicions.settle(&refused, Moment(2_000_000_001));
        assert_eq!(suspicions.open().count(), 1);
    }

    #[test]
    fn what_began_while_it_was_suspected_stays_news_when_it_no_longer_is() {
        let mut suspicions = Suspicions::default();
        assert_eq!(suspicions.accuse(&pump(), Moment(10), Moment(20)), Some(true));
        assert_eq!(suspicions.accuse(&pump(), Moment(15), Moment(30)), Some(false));
        assert_eq!(suspicions.accuse(&pump(), Moment(5), Moment(30)), Some(true), "earlier");
        suspicions.settle(&Orders::default(), Moment(30).plus(HOLDS));
        let later = Moment(40).plus(HOLDS);
        assert_eq!(suspicions.accuse(&pump(), later, later), Some(true));
        let of: Vec<(Moment, Option<Moment>)> =
            suspicions.of(&pump()).iter().map(|news| (news.after, news.until)).collect();
        assert_eq!(of, [(Moment(5), Some(Moment(30).plus(HOLDS))), (later, None)]);
    }

    #[test]
    fn there_is_room_for_so_many_and_those_that_are_over_make_room() {
        let mut suspicions = Suspicions::default();
        let device = |number: usize| DeviceId(format!("D-{number}").into());
        for number in 0..SUSPECTED {
            suspicions.accuse(&device(number), Moment(1), Moment(1));
        }
        assert_eq!(suspicions.accuse(&pump(), Moment(1), Moment(1)), None);
        suspicions.settle(&Orders::default(), Moment(1).plus(HOLDS));
        for _ in 0..2 * EACH {
            assert_eq!(suspicions.accuse(&pump(), Moment(1), Moment(1)), Some(true));
            suspicions.settle(&Orders::default(), Moment(1).plus(HOLDS));
        }
        assert_eq!(suspicions.of(&pump()).len(), EACH);
    }
}
