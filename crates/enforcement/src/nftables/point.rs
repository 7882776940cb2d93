//! nftables as one enforcement point among others.
//!
//! Refuses to let one plan that can't be held keep another device uncontained: it alone is left
//! out, and says why.

#[cfg(test)]
mod tests;

use decisions::containment::plan::Plan;
use domain::order::{Level, PointName};

use super::compile::compile;
use super::model::Ruleset;
use super::proof::{Proved, prove};
use super::{Kernel, Place, differs, hold};
use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};

/// The kernel's nftables at one place.
pub struct NftablesPoint {
    name: PointName,
    kernel: Box<dyn Kernel + Send>,
    place: Place,
    proved: Proved,
}

impl std::fmt::Debug for NftablesPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NftablesPoint")
            .field("name", &self.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl NftablesPoint {
    /// A point of that name, which asks that kernel.
    #[must_use]
    pub fn new(name: PointName, kernel: Box<dyn Kernel + Send>, place: Place) -> Self {
        Self { name, kernel, place, proved: Proved::default() }
    }

    /// Compiles and proves the plans, without those that can't be held; of those, why. An error is
    /// of the rules as a whole: then nothing may be done, lest all be let go.
    fn compile(&mut self, plans: &[Plan], outcomes: &mut Outcomes) -> Result<Compiled, Failure> {
        let (bad, mut kept): (Vec<&Plan>, Vec<&Plan>) =
            plans.iter().partition(|plan| names_nothing(plan));
        let nothing = || Failure("the plan names no interface, so nothing would be held".into());
        outcomes.extend(bad.iter().map(|plan| (plan.order, Err(nothing()))));
        loop {
            let plans: Vec<Plan> = kept.iter().map(|plan| (*plan).clone()).collect();
            let rules = compile(self.place, &plans);
            let why = match prove(self.place, &rules, &plans, &mut self.proved) {
                Ok(classes) => return Ok(Compiled { plans, rules, classes }),
                Err(why) => why,
            };
            let reason = Failure(format!("refused before anything was done: {why}"));
            // Of plans that contradict each other the newest gives way: what was held before stays.
            let Some(newest) = why.orders.iter().max().copied() else {
                let all = kept.iter().map(|plan| (plan.order, Err(reason.clone())));
                outcomes.extend(all);
                return Err(reason);
            };
            kept.retain(|plan| plan.order != newest);
            outcomes.insert(newest, Err(reason));
        }
    }
}

/// What can be held.
struct Compiled {
    plans: Vec<Plan>,
    rules: Ruleset,
    classes: usize,
}

/// Whether a plan cuts off a device of which no address is known.
fn names_nothing(plan: &Plan) -> bool {
    plan.level != Level::Watch && plan.interfaces.is_empty()
}

impl Point for NftablesPoint {
    fn name(&self) -> &PointName {
        &self.name
    }

    fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes {
        let mut outcomes = Outcomes::new();
        let released = wish.release.iter().map(|plan| plan.order);
        let compiled = match self.compile(wish.hold, &mut outcomes) {
            Ok(compiled) => compiled,
            Err(why) => {
                outcomes.extend(released.map(|order| (order, Err(why.clone()))));
                return outcomes;
            }
        };
        // The table holds what has to be held and nothing else, so that the rest is let go.
        let Compiled { plans, rules, classes } = compiled;
        let held = hold(self.kernel.as_mut(), self.place, &plans, &rules, &mut self.proved);
        let outcome = match held {
            Ok((changed, after)) => Ok(Receipt::Proved { changed, classes: classes + after }),
            Err(error) => Err(Failure(error.to_string())),
        };
        for order in plans.iter().map(|plan| plan.order).chain(released) {
            outcomes.entry(order).or_insert_with(|| outcome.clone());
        }
        outcomes
    }

    fn look(&mut self, plans: &[Plan]) -> Result<Look, Failure> {
        match differs(self.kernel.as_mut(), self.place, plans, &mut self.proved) {
            Ok(None) => Ok(Look::Holds),
            Ok(Some(what)) => Ok(Look::Differs(what)),
            Err(error) => Err(Failure(error.to_string())),
        }
    }
}
