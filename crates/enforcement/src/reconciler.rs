//! The reconciler: what the orders want, against what the enforcement points hold.
//!
//! It owns the journal and the book, writes each step before it is taken, and hands out errands to
//! the points; what they answer comes back to it. Refuses to act itself, to wait, and to forget:
//! what could not be done is tried again, and another point is asked.

mod charge;
mod errands;
mod posts;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use decisions::containment::interlock::Facts;
use decisions::containment::order::{Order, State};
use decisions::containment::plan::Plan;
use decisions::containment::replay::Replay;
use decisions::containment::review::{Ground, missing};
use decisions::containment::{Approved, Circumstances, Orders, Refusal, review};
use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Actor, Event, Level, OrderId, PointName, Request, Step};
use domain::text::Text;

use crate::book::{Book, BookError};
use crate::journal::{Journal, JournalError};
use crate::wire::{Verdict, Wire};

pub use errands::{Answer, Errand, Work};
pub use posts::{Coverage, PATIENCE};
use posts::{Post, Standing};

/// The journal's name in the folder of what is remembered.
pub const JOURNAL: &str = "orders.journal";
/// The book's.
pub const BOOK: &str = "held.json";
/// How often an order that was refused is judged anew though nothing is known to have changed, in
/// microseconds.
const JUDGED_AGAIN: i64 = 1_000_000;
/// How often a plan that is held is compared with what is known by now, though nobody said that
/// anything changed, in microseconds.
const PLANNED_AGAIN: i64 = 60_000_000;

/// Why nothing can be remembered, and so nothing may be done.
#[derive(Debug, thiserror::Error)]
pub enum ReconcilerError {
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The book failed.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The journal holds a step that the rules do not allow.
    #[error("the journal holds a step that the rules do not allow, of order {order}: {refusal}")]
    NotAllowed {
        /// Which order.
        order: OrderId,
        /// Why not.
        refusal: Refusal,
    },
}

/// What is known outside of the orders, asked at the moment of the act.
pub trait World {
    /// What is known of a device now.
    fn facts(&self, device: &DeviceId) -> Facts;

    /// The plan that would carry out an order at a level now, and what the replay of it says.
    /// `held` is the plan by which the device is held already: what that kept open for the same
    /// order at the same level stays open though it is not seen any more, for it was not seen
    /// because it was not tried, or because we have only just begun.
    ///
    /// # Errors
    /// Where no plan can be made.
    fn plan(
        &self,
        order: &Order,
        level: Level,
        held: Option<&Plan>,
        now: Moment,
    ) -> Result<(Plan, Option<Replay>), Refusal>;

    /// Which version of the essential flows holds for a device now; 0 where none is confirmed.
    fn essential_version(&self, device: &DeviceId) -> u32;

    /// The playbooks for which a drill has passed.
    fn drilled(&self) -> &BTreeSet<Text>;

    /// When traffic that the plan keeps open for care was last seen.
    fn last_essential(&self, plan: &Plan) -> Option<Moment>;
}

/// Why an order is not carried out, as it was last judged.
#[derive(Debug, Clone)]
struct Judged {
    at: Moment,
    revision: u32,
    refusal: Option<Refusal>,
    missing: Vec<Refusal>,
    replay: Option<Replay>,
}

/// What a review said, and what it rests on.
struct Reviewed {
    approved: Result<Approved, Refusal>,
    missing: Vec<Refusal>,
    replay: Option<Replay>,
}

/// The reconciler.
#[derive(Debug)]
pub struct Reconciler {
    journal: Journal<Event>,
    orders: Orders,
    book: Book,
    posts: Vec<Post>,
    wire: Wire,
    judged: BTreeMap<OrderId, Judged>,
    behind: BTreeMap<OrderId, Approved>,
    planned: BTreeMap<DeviceId, Moment>,
    history: BTreeMap<OrderId, Vec<Event>>,
    /// Where each record of the journal stands in `history`, in the order of their numbers.
    records: Vec<(OrderId, usize)>,
    news: Vec<Event>,
    next: u64,
}

/// What was found in the folder on opening.
#[derive(Debug, Default)]
pub struct Found {
    /// How many steps the journal holds.
    pub steps: usize,
    /// Where the beginning of a line that was never whole is kept.
    pub torn: Option<std::path::PathBuf>,
}

impl Reconciler {
    /// Opens what is remembered in a folder. The points come in the order in which they are
    /// preferred; of each it is not known yet what it holds.
    ///
    /// # Errors
    /// Where journal or book can't be used or are damaged.
    pub fn open(
        folder: &Path,
        points: impl IntoIterator<Item = (PointName, Coverage)>,
    ) -> Result<(Self, Found), ReconcilerError> {
        let (journal, opened) = Journal::open(&folder.join(JOURNAL))?;
        let mut orders = Orders::default();
        for event in &opened.events {
            follow(&mut orders, event)?;
        }
        let next = opened.events.iter().map(|event| event.order.0 + 1).max().unwrap_or(1);
        let book = Book::open(&folder.join(BOOK))?;
        let posts = points.into_iter().map(|(name, coverage)| Post::new(name, coverage, &book));
        let mut reconciler = Self {
            journal,
            orders,
            posts: posts.collect(),
            book,
            wire: Wire::default(),
            judged: BTreeMap::new(),
            behind: BTreeMap::new(),
            planned: BTreeMap::new(),
            history: BTreeMap::new(),
            records: Vec::new(),
            news: Vec::new(),
            next,
        };
        for event in &opened.events {
            reconciler.keep(event);
        }
        Ok((reconciler, Found { steps: opened.events.len(), torn: opened.torn }))
    }

    /// Every order, as the journal has it.
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// The wire, to be shown what the taps see.
    pub fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    /// What the wire has shown of a device that is held.
    pub fn shown(&self, device: &DeviceId) -> Option<crate::wire::Shown> {
        self.wire.shown(device)
    }

    /// Every step of an order, in the order in which it was written.
    pub fn history(&self, order: OrderId) -> &[Event] {
        self.history.get(&order).map(Vec::as_slice).unwrap_or_default()
    }

    /// The steps that the journal holds after the record of a number, each with its own number,
    /// counted from 1, and the hash of its record. The numbers are those of the file, so they are
    /// the same after a new beginning.
    pub fn after(&self, number: u64) -> impl Iterator<Item = (u64, &str, &Event)> {
        let first = usize::try_from(number).unwrap_or(usize::MAX);
        let records = self.records.iter().enumerate().skip(first);
        records.filter_map(|(place, (order, at))| {
            let number = place as u64 + 1;
            let event = self.history.get(order)?.get(*at)?;
            Some((number, self.journal.hash(number)?, event))
        })
    }

    /// The number of the journal's last record; 0 where it has none.
    pub fn last_number(&self) -> u64 {
        self.records.len() as u64
    }

    /// Points that could not be asked what they hold, and why.
    pub fn troubles(&self) -> impl Iterator<Item = (&PointName, &str)> {
        self.posts.iter().filter_map(|post| Some((&post.name, post.trouble.as_deref()?)))
    }

    /// Why an order is not carried out, as it was last judged.
    pub fn refusal(&self, order: OrderId) -> Option<Refusal> {
        self.judged.get(&order)?.refusal
    }

    /// All that the interlock still asked for when an order was last judged.
    pub fn missing(&self, order: OrderId) -> &[Refusal] {
        self.judged.get(&order).map(|judged| judged.missing.as_slice()).unwrap_or_default()
    }

    /// What the plan would do, or does, by which an order was last judged.
    pub fn replay(&self, order: OrderId) -> Option<&Replay> {
        self.judged.get(&order)?.replay.as_ref()
    }

    /// The plan by which a device is held now, wherever it is held.
    pub fn held(&self, device: &DeviceId) -> Option<&Plan> {
        self.posts.iter().find_map(|post| post.slots.get(device)).map(|slot| &slot.plan)
    }

    /// The steps that were written since the last call, in their order.
    pub fn news(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.news)
    }

    /// Asks for a containment: a new order.
    ///
    /// # Errors
    /// Where the rules refuse it, or it can't be written.
    pub fn request(
        &mut self,
        request: Request,
        by: Actor,
        now: Moment,
    ) -> Result<Result<OrderId, Refusal>, ReconcilerError> {
        let order = OrderId(self.next);
        let event = Event { order, at: now, by, step: Step::Requested(request) };
        Ok(self.record(event)?.map(|()| order))
    }

    /// Writes down what a person or a playbook says of an order.
    ///
    /// # Errors
    /// Where the rules refuse it, or it can't be written; nothing has changed then.
    pub fn record(&mut self, event: Event) -> Result<Result<(), Refusal>, ReconcilerError> {
        let admitted = match self.orders.get(event.order) {
            Some(order) => order.clone().follow(&event),
            None => Order::begin(&event).map(drop),
        };
        if let Err(refusal) = admitted {
            return Ok(Err(refusal));
        }
        self.write(&[event])?;
        Ok(Ok(()))
    }

    /// Something is known by now that may change the plan of a device: its addresses, what care
    /// needs of it.
    pub fn touch(&mut self, device: &DeviceId) {
        self.planned.remove(device);
    }

    /// Goes on: writes down what the clock brings, judges what may be done, and says what the
    /// points have to do. To be called often, and after everything that happens.
    ///
    /// # Errors
    /// Where it can't be written; nothing is to be done then.
    pub fn step(&mut self, now: Moment, world: &dyn World) -> Result<Vec<Errand>, ReconcilerError> {
        self.expire(now)?;
        self.hurry(now)?;
        self.listen(now)?;
        self.settle(now)?;
        for device in self.devices() {
            self.consider(&device, now, world);
        }
        self.errands(now, world)
    }

    /// Every device that an order is for, or of which something may be held.
    fn devices(&self) -> BTreeSet<DeviceId> {
        let open = self.orders.iter().filter(|order| order.ending().is_none());
        let mut devices: BTreeSet<DeviceId> = open.map(|order| order.device().clone()).collect();
        for post in &self.posts {
            devices.extend(post.slots.keys().cloned());
        }
        devices
    }

    /// What the clock brings: requests that lapse, orders whose time is over.
    fn expire(&mut self, now: Moment) -> Result<(), ReconcilerError> {
        let mut events = Vec::new();
        for order in self.orders.iter().filter(|order| order.ending().is_none()) {
            let event = ours(order.id(), Step::Expired, now);
            let due = match order.begun() {
                None => now > order.answer_until(),
                Some(_) => order.is_overdue(now) && order.state() != State::Expired,
            };
            if due && order.clone().follow(&event).is_ok() {
                events.push(event);
            }
        }
        self.write(&events)
    }

    /// What the wire says.
    fn listen(&mut self, now: Moment) -> Result<(), ReconcilerError> {
        let mut events = Vec::new();
        for (order, device, verdict) in self.wire.verdicts(now) {
            match verdict {
                Verdict::Verified { last_forbidden, first_essential } => {
                    let step = Step::Verified { last_forbidden, first_essential };
                    let event = ours(order, step, now);
                    let admitted = self
                        .orders
                        .get(order)
                        .is_some_and(|held| held.clone().follow(&event).is_ok());
                    if admitted && self.is_wholly_held(&device) {
                        events.push(event);
                        self.leave_others(&device);
                    } else {
                        // Not yet: another point is being told, or has failed in its part.
                        self.wire.say_again(&device);
                    }
                }
                // It was open where it is not held yet, and that is no news.
                Verdict::Leaks(_) if !self.is_wholly_held(&device) => {}
                Verdict::Leaks(what) => {
                    let why = Text::from(format!("the wire shows otherwise: {what}"));
                    events.extend(self.disagrees(&device, order, &why, Disagrees::Leaks, now));
                }
                Verdict::CutsCare(what) => {
                    let why = Text::from(format!("taken back, for {what}"));
                    events.extend(self.disagrees(&device, order, &why, Disagrees::CutsCare, now));
                }
            }
        }
        let orders = &self.orders;
        events.retain(|event| {
            orders.get(event.order).is_some_and(|order| order.clone().follow(event).is_ok())
        });
        self.write(&events)
    }

    /// The wire shows that the points that hold a device do not do what was meant.
    fn disagrees(
        &mut self,
        device: &DeviceId,
        order: OrderId,
        why: &Text,
        how: Disagrees,
        now: Moment,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        for post in &mut self.posts {
            if post.disagrees(device, now) {
                events.push(ours(order, Step::Failed(post.name.clone(), why.clone()), now));
                if how == Disagrees::CutsCare {
                    post.take_back(device, order);
                }
            }
        }
        self.planned.remove(device);
        events
    }

    /// Of orders that are over, what was written down as begun and was never told to the point:
    /// the book would say so.
    fn settle(&mut self, now: Moment) -> Result<(), ReconcilerError> {
        let mut events = Vec::new();
        for order in self.orders.iter().filter(|order| order.ending().is_some()) {
            for name in order.held_at() {
                let post = self.posts.iter().find(|post| post.name == *name);
                if post.is_some_and(|post| post.busy.is_none() && !post.knows(order)) {
                    events.push(ours(order.id(), Step::Removed(name.clone()), now));
                }
            }
        }
        self.write(&events)
    }

    /// Judges the orders of a device, and puts at the points what may be carried out.
    fn consider(&mut self, device: &DeviceId, now: Moment, world: &dyn World) {
        let facts = world.facts(device);
        let wanted = self.orders.wanted(device, now, facts);
        let begun = wanted.as_ref().map(|wanted| (wanted.order, wanted.level));
        if let Some((order, level)) = begun
            && self.is_unsettled(device, order, level, now)
        {
            self.planned.insert(device.clone(), now);
            self.judge(order, level, now, world);
        }
        let new: Vec<(OrderId, Level)> = self
            .orders
            .open(device)
            .filter(|order| order.begun().is_none())
            .map(|order| (order.id(), order.level()))
            .collect();
        for (order, level) in new {
            if self.is_due(order, now) {
                self.judge(order, level, now, world);
            }
        }
        if begun.is_none() {
            // What is about to be told takes the place of what is held.
            for post in self.posts.iter_mut().filter(|post| !post.staged.contains_key(device)) {
                post.let_go(device);
            }
        }
    }

    /// Whether what is held for a device may not be what its order wants.
    fn is_unsettled(&self, device: &DeviceId, order: OrderId, level: Level, now: Moment) -> bool {
        let stale =
            self.planned.get(device).is_none_or(|planned| now.since(*planned) >= PLANNED_AGAIN);
        // A point that was given up counts where no other covers what it covers.
        let places = self.in_charge(device).unwrap_or_default();
        let posts = || places.iter().filter_map(|place| self.posts.get(*place));
        let asked =
            |post: &Post| post.slots.contains_key(device) || post.staged.contains_key(device);
        let missing = places.is_empty() || !posts().all(asked);
        let mut held = posts().filter_map(|post| post.slots.get(device));
        let differs = held.any(|slot| {
            slot.plan.order != order
                || slot.plan.level != level
                || matches!(slot.standing, Standing::Lost)
                || matches!(slot.standing, Standing::Failed { again } if now >= again)
        });
        let judged = self
            .judged
            .get(&order)
            .is_some_and(|judged| judged.refusal.is_some() && now.since(judged.at) < JUDGED_AGAIN);
        stale || ((missing || differs) && !judged)
    }

    /// Whether a request is to be judged now: it is new, somebody spoke, or some time went by.
    fn is_due(&self, order: OrderId, now: Moment) -> bool {
        let revision = self.orders.get(order).map(Order::revision);
        self.judged.get(&order).is_none_or(|judged| {
            Some(judged.revision) != revision || now.since(judged.at) >= JUDGED_AGAIN
        })
    }

    /// Judges an order at a level; what may be carried out is put at the points.
    fn judge(&mut self, order: OrderId, level: Level, now: Moment, world: &dyn World) {
        let Some(order) = self.orders.get(order) else { return };
        let (id, revision) = (order.id(), order.revision());
        let Reviewed { approved, missing, replay } = self.reviewed(order, level, now, world);
        let refusal = approved.as_ref().err().copied();
        self.judged.insert(id, Judged { at: now, revision, refusal, missing, replay });
        if let Ok(approved) = approved {
            self.stage(&approved, now);
        }
    }

    /// Reviews an order by the plan of this moment.
    fn reviewed(&self, order: &Order, level: Level, now: Moment, world: &dyn World) -> Reviewed {
        let planned = world.plan(order, level, self.held(order.device()), now);
        let (plan, replay) = match planned {
            Ok(planned) => planned,
            Err(refusal) => {
                return Reviewed { approved: Err(refusal), missing: Vec::new(), replay: None };
            }
        };
        let circumstances = Circumstances {
            facts: world.facts(order.device()),
            replay: replay.as_ref(),
            drilled: world.drilled(),
            essential_version: world.essential_version(order.device()),
            orders: &self.orders,
        };
        let approved = review(&plan, order, &circumstances, now);
        // What has fallen back was said yes to before.
        let is_own = plan.level == order.level();
        let asked = if is_own { missing(&plan, order, &circumstances, now) } else { Vec::new() };
        Reviewed { approved, missing: asked, replay }
    }

    /// Writes events, and follows them. All of them were admitted before.
    fn write(&mut self, events: &[Event]) -> Result<(), ReconcilerError> {
        if events.is_empty() {
            return Ok(());
        }
        for event in self.journal.append_all(events)? {
            follow(&mut self.orders, &event)?;
            self.next = self.next.max(event.order.0 + 1);
            self.keep(&event);
            self.news.push(event);
        }
        Ok(())
    }

    /// Keeps what the journal has.
    fn keep(&mut self, event: &Event) {
        let history = self.history.entry(event.order).or_default();
        self.records.push((event.order, history.len()));
        history.push(event.clone());
    }
}

/// How the wire disagrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disagrees {
    /// What is forbidden gets on.
    Leaks,
    /// What care needs does not.
    CutsCare,
}

/// Whether a plan that was approved lowers what is held: nobody has to say yes to that.
fn lowers(approved: &Approved) -> bool {
    approved.ground() == Ground::Lowering
}

/// A step that the program itself took.
fn ours(order: OrderId, step: Step, at: Moment) -> Event {
    Event { order, at, by: Actor::Asepsis, step }
}

fn follow(orders: &mut Orders, event: &Event) -> Result<(), ReconcilerError> {
    let order = event.order;
    orders.follow(event).map_err(|refusal| ReconcilerError::NotAllowed { order, refusal })
}
