//! What the points have to do, and what becomes of it.
//!
//! Refuses to send an errand that is not written down, and to take an errand for done.

use std::collections::{BTreeMap, BTreeSet};

use decisions::containment::Approved;
use decisions::containment::order::Point;
use decisions::containment::plan::Plan;
use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Event, OrderId, PointName, Step};
use domain::text::Text;

use super::posts::{Slot, Standing, chosen};
use super::{Reconciler, ReconcilerError, World, lowers, ours};
use crate::point::{Failure, Look, Outcomes, Receipt, Wish};
use crate::wire::Vouched;

/// How it is said that a point still holds what it has to let go.
const KEEPS: &str = "it does not let go: ";

/// Something that a point has to do.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Which point, by its place.
    pub point: usize,
    /// What.
    pub work: Work,
}

/// What a point has to do.
#[derive(Debug, Clone)]
pub enum Work {
    /// Hold these plans, and let those go.
    CarryOut {
        /// Every plan that it has to hold from now on.
        hold: Vec<Plan>,
        /// Every plan that it has to let go.
        release: Vec<Plan>,
        /// The orders of which this is the news; the others were held before.
        begun: BTreeMap<OrderId, DeviceId>,
    },
    /// Say whether it holds these plans.
    Look(Vec<Plan>),
}

impl Work {
    /// Lets a point do it.
    pub fn run(&self, point: &mut dyn crate::point::Point) -> Answer {
        match self {
            Self::CarryOut { hold, release, .. } => {
                Answer::CarriedOut(point.carry_out(Wish { hold, release }))
            }
            Self::Look(plans) => Answer::Looked(point.look(plans)),
        }
    }
}

/// What a point said.
#[derive(Debug, Clone)]
pub enum Answer {
    /// What became of each plan.
    CarriedOut(Outcomes),
    /// Whether it holds what it should.
    Looked(Result<Look, Failure>),
}

impl Reconciler {
    /// Puts what was approved at the points that cover the device.
    pub(super) fn stage(&mut self, approved: &Approved, now: Moment) {
        let plan = approved.plan();
        if approved.yields_to().is_some() {
            // The stricter order holds the device; this one is held behind it.
            for post in &mut self.posts {
                let held = post.slots.get(&plan.device);
                if held.is_some_and(|slot| slot.plan.order != plan.order) {
                    self.behind.insert(plan.order, approved.clone());
                }
            }
            return;
        }
        self.behind.remove(&plan.order);
        let places = match chosen(&self.posts, plan) {
            Ok(places) => places,
            Err(refusal) => {
                if let Some(judged) = self.judged.get_mut(&plan.order) {
                    judged.refusal = Some(refusal);
                }
                return;
            }
        };
        for (place, post) in self.posts.iter_mut().enumerate() {
            // A point that was given up still holds what it was told until another does; what
            // lowers is told to it as well.
            let told = post.slots.contains_key(&plan.device);
            let at = places.contains(&place) || (told && lowers(approved));
            if at && !post.holds(plan) && !post.waits(plan, now) {
                post.staged.insert(plan.device.clone(), approved.clone());
            }
        }
    }

    /// Writes down what is about to be done, and says it.
    pub(super) fn errands(
        &mut self,
        now: Moment,
        world: &dyn World,
    ) -> Result<Vec<Errand>, ReconcilerError> {
        self.hold_behind(now)?;
        let mut errands = Vec::new();
        for place in 0..self.posts.len() {
            if let Some(work) = self.work(place, now, world)? {
                errands.push(Errand { point: place, work });
            }
        }
        Ok(errands)
    }

    fn work(
        &mut self,
        place: usize,
        now: Moment,
        world: &dyn World,
    ) -> Result<Option<Work>, ReconcilerError> {
        let (begun, release) = {
            let Some(post) = self.posts.get(place).filter(|post| post.busy.is_none()) else {
                return Ok(None);
            };
            (self.begin(&post.name, post.staged.values(), now), post.leaving_now(now))
        };
        if begun.is_empty() && release.is_empty() {
            return Ok(self.look(place, now));
        }
        // First the journal, then the book, then the act.
        let Some(name) = self.posts.get(place).map(|post| post.name.clone()) else {
            return Ok(None);
        };
        let applying = begun.keys().map(|order| ours(*order, Step::Applying(name.clone()), now));
        self.write(&applying.collect::<Vec<Event>>())?;
        let Some(post) = self.posts.get_mut(place) else { return Ok(None) };
        for (device, approved) in std::mem::take(&mut post.staged) {
            if begun.contains_key(&approved.plan().order) {
                let tries = post.slots.get(&device).map_or(0, |slot| slot.tries);
                let plan = approved.plan().clone();
                self.wire.begin(&plan, world.last_essential(&plan), now);
                let (standing, vouched) = (Standing::Telling, Vouched::Said);
                post.slots.insert(device, Slot { plan, standing, tries, vouched });
            }
        }
        post.busy = Some(now);
        let hold = post.slots.values().map(|slot| slot.plan.clone()).collect();
        *self.book.page_mut(&name) = post.page();
        self.book.keep()?;
        Ok(Some(Work::CarryOut { hold, release, begun }))
    }

    /// Which of what is staged may be begun now.
    fn begin<'a>(
        &self,
        point: &PointName,
        staged: impl Iterator<Item = &'a Approved>,
        now: Moment,
    ) -> BTreeMap<OrderId, DeviceId> {
        let mut begun = BTreeMap::new();
        for approved in staged {
            let (id, device) = (approved.plan().order, approved.plan().device.clone());
            let Some(order) = self.orders.get(id) else { continue };
            let event = ours(id, Step::Applying(point.clone()), now);
            let holds = approved.holds(order, now).is_ok();
            if holds && order.clone().follow(&event).is_ok() {
                begun.insert(id, device);
            }
        }
        begun
    }

    fn look(&mut self, place: usize, now: Moment) -> Option<Work> {
        let post = self.posts.get_mut(place)?;
        post.staged.clear();
        if !post.is_to_look(now) {
            return None;
        }
        post.looked(now);
        post.busy = Some(now);
        Some(Work::Look(post.slots.values().map(|slot| slot.plan.clone()).collect()))
    }

    /// What a stricter order holds is held for the weaker one as well: that one may then be lifted
    /// without a moment of neither.
    fn hold_behind(&mut self, now: Moment) -> Result<(), ReconcilerError> {
        let mut events = Vec::new();
        for (id, approved) in std::mem::take(&mut self.behind) {
            let Some(order) = self.orders.get(id) else { continue };
            for post in &self.posts {
                let held = post.slots.get(order.device());
                let held = held.is_some_and(|slot| slot.standing == Standing::Held);
                let told = order.points().get(&post.name) == Some(&Point::Applied);
                if held && !told && approved.holds(order, now).is_ok() {
                    events.push(ours(id, Step::Applying(post.name.clone()), now));
                    events.push(ours(id, Step::Applied(post.name.clone()), now));
                }
            }
        }
        self.write(&events)
    }

    /// Takes what a point said.
    ///
    /// # Errors
    /// Where it can't be written down.
    pub fn done(
        &mut self,
        errand: &Errand,
        answer: Answer,
        now: Moment,
    ) -> Result<(), ReconcilerError> {
        let Some(post) = self.posts.get_mut(errand.point) else { return Ok(()) };
        post.busy = None;
        let events = match (&errand.work, answer) {
            (Work::CarryOut { release, begun, .. }, Answer::CarriedOut(outcomes)) => {
                post.looked(now);
                let mut events = self.told(errand.point, begun, &outcomes, now);
                events.extend(self.let_go(errand.point, release, &outcomes, now));
                events
            }
            (Work::Look(plans), Answer::Looked(Ok(look))) => {
                post.trouble = None;
                self.looked(errand.point, plans, &look, now)
            }
            (Work::Look(_), Answer::Looked(Err(failure))) => {
                post.trouble = Some(failure.to_string());
                Vec::new()
            }
            _ => Vec::new(),
        };
        self.write(&events)?;
        if let Some(post) = self.posts.get(errand.point) {
            let (name, page) = (post.name.clone(), post.page());
            if self.book.page(&name) != Some(&page) {
                *self.book.page_mut(&name) = page;
                self.book.keep()?;
            }
        }
        Ok(())
    }

    /// What became of plans that a point was told to hold.
    fn told(
        &mut self,
        place: usize,
        begun: &BTreeMap<OrderId, DeviceId>,
        outcomes: &Outcomes,
        now: Moment,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let replaced = |device: &&DeviceId| self.is_replaced(place, device);
        let replaced: BTreeSet<DeviceId> = begun.values().filter(replaced).cloned().collect();
        let Some(post) = self.posts.get_mut(place) else { return events };
        for (order, device) in begun {
            let silent = Err(Failure("it said nothing of this plan".to_owned()));
            let outcome = outcomes.get(order).unwrap_or(&silent);
            let slot = post.slots.get_mut(device).filter(|slot| slot.plan.order == *order);
            match (outcome, slot) {
                (Ok(receipt), Some(slot)) => {
                    slot.standing = Standing::Held;
                    slot.vouched = match receipt {
                        Receipt::Proved { .. } => Vouched::Proved,
                        Receipt::Acknowledged => Vouched::Said,
                    };
                    let vouched = slot.vouched;
                    // One that was too slow is asked no more where others hold the device in its
                    // place, but for one that can prove that it does.
                    if vouched == Vouched::Proved || !replaced.contains(device) {
                        post.given_up.remove(device);
                        self.wire.applied(device, vouched, now);
                    } else {
                        self.wire.say_again(device);
                    }
                    events.push(ours(*order, Step::Applied(post.name.clone()), now));
                    // What held the device here before, and is over, is not held any longer.
                    let over = self.orders.of(device);
                    let over = over.filter(|o| o.ending().is_some() && o.id() != *order);
                    for over in over.filter(|o| o.held_at().any(|name| *name == post.name)) {
                        events.push(ours(over.id(), Step::Removed(post.name.clone()), now));
                    }
                }
                (Ok(_), None) => {}
                (Err(failure), _) => {
                    post.failed(device, now);
                    let why = Text::from(failure.to_string());
                    events.push(ours(*order, Step::Failed(post.name.clone(), why), now));
                    self.planned.remove(device);
                }
            }
        }
        for device in begun.values() {
            self.still_applied(device, now);
        }
        self.admitted(events)
    }

    /// What became of plans that a point was told to let go.
    fn let_go(
        &mut self,
        place: usize,
        release: &[Plan],
        outcomes: &Outcomes,
        now: Moment,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let Some(post) = self.posts.get_mut(place) else { return events };
        for plan in release {
            let silent = Err(Failure("it said nothing of this plan".to_owned()));
            match outcomes.get(&plan.order).unwrap_or(&silent) {
                Ok(_) => {
                    post.leaving.remove(&plan.order);
                    let again = post.slots.contains_key(&plan.device);
                    let held = self.orders.of(&plan.device).filter(|order| {
                        (order.ending().is_some() || order.id() == plan.order) && !again
                    });
                    for order in held.filter(|o| o.held_at().any(|name| *name == post.name)) {
                        events.push(ours(order.id(), Step::Removed(post.name.clone()), now));
                    }
                }
                Err(failure) => {
                    post.keeps(plan.order, now);
                    let order = self.orders.get(plan.order);
                    let known = order.and_then(|order| order.points().get(&post.name));
                    let said = |why: &Text| why.starts_with(KEEPS);
                    // Tried for as long as it takes, and said once.
                    if !matches!(known, Some(Point::Failed(why)) if said(why)) {
                        let why = Text::from(format!("{KEEPS}{failure}"));
                        events.push(ours(plan.order, Step::Failed(post.name.clone(), why), now));
                    }
                }
            }
        }
        for plan in release {
            if self.posts.iter().all(|post| !post.slots.contains_key(&plan.device)) {
                self.wire.end(&plan.device);
            } else if matches!(outcomes.get(&plan.order), Some(Ok(_))) {
                // One point let go of it; what the wire shows holds for those that are left.
                self.wire.say_again(&plan.device);
            }
        }
        self.admitted(events)
    }

    /// What a look at a point showed.
    fn looked(&mut self, place: usize, plans: &[Plan], look: &Look, now: Moment) -> Vec<Event> {
        let mut events = Vec::new();
        let Some(post) = self.posts.get_mut(place) else { return events };
        for plan in plans {
            let slot = post.slots.get_mut(&plan.device).filter(|slot| slot.plan == *plan);
            let Some(slot) = slot else { continue };
            let state = self.orders.get(plan.order).and_then(|o| o.points().get(&post.name));
            match (look, slot.standing) {
                (Look::Holds, Standing::Unknown) => {
                    slot.standing = Standing::Held;
                    self.wire.begin(plan, None, now);
                    self.wire.applied(&plan.device, Vouched::Proved, now);
                    slot.vouched = Vouched::Proved;
                    if state.is_some_and(|state| *state != Point::Applied) {
                        events.push(ours(plan.order, Step::Applied(post.name.clone()), now));
                    }
                }
                (Look::Differs(found), Standing::Held | Standing::Unknown) => {
                    slot.standing = Standing::Lost;
                    if state == Some(&Point::Applied) {
                        let found = Text::from(found.as_str());
                        let step = Step::Drifted(post.name.clone(), found);
                        events.push(ours(plan.order, step, now));
                    }
                    self.planned.remove(&plan.device);
                }
                (Look::CannotTell, Standing::Unknown) => {
                    slot.standing = Standing::Lost;
                    self.planned.remove(&plan.device);
                }
                _ => {}
            }
        }
        self.admitted(events)
    }

    /// The events that the rules allow, each after those before it.
    pub(super) fn admitted(&self, events: Vec<Event>) -> Vec<Event> {
        let mut trial: BTreeMap<OrderId, decisions::containment::Order> = BTreeMap::new();
        events
            .into_iter()
            .filter(|event| {
                let Some(order) = self.orders.get(event.order) else { return false };
                let order = trial.entry(event.order).or_insert_with(|| order.clone());
                order.follow(event).is_ok()
            })
            .collect()
    }
}
