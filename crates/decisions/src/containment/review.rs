//! The review: the one door between a plan and the network.
//!
//! Refuses to approve for later: it judges with the facts of this moment, and what it approves may
//! be carried out within a minute, or has to be reviewed again.

use std::collections::BTreeSet;

use domain::network::Moment;
use domain::order::{Level, OrderId};
use domain::text::Text;

use super::interlock::{self, Facts, Hearing, Replayed, Table};
use super::order::{Order, Orders};
use super::plan::Plan;
use super::refusal::Refusal;
use super::replay::Replay;

/// How long what was approved may be carried out, in microseconds.
pub const APPROVED_FOR: i64 = 60 * 1_000_000;
/// How old a plan may be when it is reviewed, in microseconds.
pub const PLAN_FRESH: i64 = 5 * 60 * 1_000_000;
/// How far clocks of one hospital may differ, in microseconds.
pub const CLOCKS_DIFFER: i64 = 60 * 1_000_000;

/// What holds at the moment of the review.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// What is known of the device now.
    pub facts: Facts,
    /// What the replay of this very plan says; another plan's replay says nothing of it.
    pub replay: Option<&'a Replay>,
    /// The playbooks for which a drill has passed, and which are switched on.
    pub drilled: &'a BTreeSet<Text>,
    /// Which version of the essential flows holds for the device now; 0 where none.
    pub essential_version: u32,
    /// Every order, as the journal has it.
    pub orders: &'a Orders,
}

/// Why a plan may be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// Whoever has to say yes did, by the facts of now.
    Interlock,
    /// The order was carried out, and has fallen back to this: its time is over, or its device is
    /// in use by now. Nobody has to say yes to that.
    Lowering,
}

/// A plan that may be carried out, for a short time. Only [`review`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    plan: Plan,
    ground: Ground,
    revision: u32,
    reviewed: Moment,
    yields_to: Option<(OrderId, Level)>,
}

impl Approved {
    /// What to carry out.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Why it may be.
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// Which revision of the order was reviewed.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// When.
    pub fn reviewed(&self) -> Moment {
        self.reviewed
    }

    /// Until when it may be carried out.
    pub fn until(&self) -> Moment {
        self.reviewed.plus(APPROVED_FOR)
    }

    /// A stricter order that holds the device as well: while it does, what it drops stays dropped.
    pub fn yields_to(&self) -> Option<(OrderId, Level)> {
        self.yields_to
    }

    /// Whether it may still be carried out: asked again right before the act, with the order as
    /// the journal has it then.
    pub fn holds(&self, order: &Order, now: Moment) -> Result<(), Refusal> {
        if order.id() != self.plan.order {
            return Err(Refusal::OtherOrder);
        }
        if order.ending().is_some() {
            return Err(Refusal::Closed);
        }
        if now < self.reviewed {
            return Err(Refusal::ClockBehind);
        }
        if now > self.until() || order.revision() != self.revision {
            return Err(Refusal::Stale);
        }
        Ok(())
    }
}

/// Judges whether a plan may be carried out now.
pub fn review(
    plan: &Plan,
    order: &Order,
    circumstances: &Circumstances<'_>,
    now: Moment,
) -> Result<Approved, Refusal> {
    review_by(&interlock::TABLE, plan, order, circumstances, now)
}

/// As [`review`], by another interlock: so that a test can weaken one, and see that it is noticed.
pub(super) fn review_by(
    table: &Table,
    plan: &Plan,
    order: &Order,
    circumstances: &Circumstances<'_>,
    now: Moment,
) -> Result<Approved, Refusal> {
    belongs(plan, order, circumstances)?;
    order.in_time(now)?;
    fresh(plan, order, circumstances, now)?;
    let facts = circumstances.facts;
    let ground = if plan.level == order.level() {
        let missing = missing_by(table, plan, order, circumstances, now);
        missing.first().map_or(Ok(Ground::Interlock), |refusal| Err(*refusal))
    } else if plan.level > order.level() {
        Err(Refusal::AboveApproved)
    } else if order.wanted(now, facts) == Some(plan.level) {
        Ok(Ground::Lowering)
    } else {
        // Whoever said yes said it to another level, and less would lift what nobody lifted.
        Err(Refusal::Stale)
    }?;
    if plan.level > order.fallen(now, facts) || plan.expires > order.expires(now) {
        return Err(Refusal::AboveApproved);
    }
    let orders = circumstances.orders;
    let others = orders.open(order.device()).filter(|other| other.id() != order.id());
    let levels = others.filter_map(|other| Some((other.wanted(now, facts)?, other.id())));
    let stricter = levels.filter(|(level, _)| *level > plan.level).max();
    Ok(Approved {
        plan: plan.clone(),
        ground,
        revision: order.revision(),
        reviewed: now,
        yields_to: stricter.map(|(level, order)| (order, level)),
    })
}

/// All that the interlock still asks for before a plan of an order's own level may be carried out,
/// what [`review`] refuses it for first; nothing where it asks for no more.
pub fn missing(
    plan: &Plan,
    order: &Order,
    circumstances: &Circumstances<'_>,
    now: Moment,
) -> Vec<Refusal> {
    missing_by(&interlock::TABLE, plan, order, circumstances, now)
}

fn missing_by(
    table: &Table,
    plan: &Plan,
    order: &Order,
    circumstances: &Circumstances<'_>,
    now: Moment,
) -> Vec<Refusal> {
    let hearing = Hearing {
        drilled: circumstances.drilled,
        replayed: replayed(plan, circumstances),
        broken_glass: circumstances.orders.broken_glass(order.device()),
    };
    let requirement = interlock::required_by(table, circumstances.facts, plan.answered_for_as());
    interlock::missing(requirement, order, hearing, now)
}

/// The plan is of this order, the order is as the journal has it, and it is not over.
fn belongs(plan: &Plan, order: &Order, circumstances: &Circumstances<'_>) -> Result<(), Refusal> {
    if plan.order != order.id() || plan.device != *order.device() {
        return Err(Refusal::OtherOrder);
    }
    if order.ending().is_some() {
        return Err(Refusal::Closed);
    }
    if circumstances.orders.get(order.id()) != Some(order) {
        return Err(Refusal::Stale);
    }
    if plan.interfaces.is_empty() {
        return Err(Refusal::NoInterfaces);
    }
    Ok(())
}

fn fresh(
    plan: &Plan,
    order: &Order,
    circumstances: &Circumstances<'_>,
    now: Moment,
) -> Result<(), Refusal> {
    if order.last() > now.plus(CLOCKS_DIFFER) || plan.made > now {
        return Err(Refusal::ClockBehind);
    }
    let aged = now.since(plan.made) > PLAN_FRESH;
    if aged || plan.essential_version != circumstances.essential_version {
        return Err(Refusal::Stale);
    }
    Ok(())
}

fn replayed(plan: &Plan, circumstances: &Circumstances<'_>) -> Replayed {
    let replay = circumstances.replay.filter(|replay| replay.of(plan));
    replay.map_or(Replayed::Unknown, Replay::essential)
}
