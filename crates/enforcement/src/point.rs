//! An enforcement point: something on the network that can be made to hold plans.
//!
//! Refuses to decide and to hope: a point is told all that it has to hold, and says of each plan
//! how far it can vouch for it. What it can't vouch for, only the wire can show.

use std::collections::BTreeMap;
use std::fmt;

use decisions::containment::plan::Plan;
use domain::order::{OrderId, PointName};

/// What a point is asked for, all of it in one act where it can do that.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Every plan that it has to hold from now on; those that it holds already, too.
    pub hold: &'a [Plan],
    /// Every plan that it held and has to let go, as it was when it was held.
    pub release: &'a [Plan],
}

/// How far a point can vouch for what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Receipt {
    /// What it holds was read back, and proved to mean what the plans mean, for so many classes of
    /// packets.
    Proved {
        /// Whether anything had to be changed.
        changed: bool,
        /// How many classes of packets were proved, before and after.
        classes: usize,
    },
    /// It said, and showed that it was itself that said so, that it did what was asked. Whether it
    /// did, only the wire can show.
    Acknowledged,
}

/// Why a point did not do what was asked, in words for whoever answers for the network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// What became of each plan of a wish.
pub type Outcomes = BTreeMap<OrderId, Result<Receipt, Failure>>;

/// Whether a point still holds what it was made to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It does.
    Holds,
    /// It does not: what was found instead.
    Differs(String),
    /// It can't be asked.
    CannotTell,
}

/// An enforcement point.
pub trait Point: fmt::Debug + Send {
    /// As the configuration and the journal name it.
    fn name(&self) -> &PointName;

    /// Makes it hold what has to be held and let go of the rest. Doing it again changes nothing.
    /// Every plan of the wish is in the outcomes, once.
    fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes;

    /// Whether it holds exactly these plans.
    ///
    /// # Errors
    /// Where it does not answer.
    fn look(&mut self, plans: &[Plan]) -> Result<Look, Failure>;
}
