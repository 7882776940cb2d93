//! The kernel as an enforcement point.

use decisions::containment::plan::Plan;
use domain::order::PointName;

use super::{Kernel, apply, drift};
use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};

/// The kernel's rules, by a name.
#[derive(Debug)]
pub struct NftablesPoint<K> {
    name: PointName,
    kernel: K,
}

impl<K: Kernel> NftablesPoint<K> {
    /// A point of that name.
    pub fn new(name: PointName, kernel: K) -> Self {
        Self { name, kernel }
    }
}

impl<K: Kernel + std::fmt::Debug + Send> Point for NftablesPoint<K> {
    fn name(&self) -> &PointName {
        &self.name
    }

    fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes {
        let outcome = match apply(&mut self.kernel, wish.hold) {
            Ok(done) => Ok(Receipt::Proved { changed: done.changed, classes: done.classes }),
            Err(error) => Err(Failure(error.to_string())),
        };
        let plans = wish.hold.iter().chain(wish.release);
        plans.map(|plan| (plan.order, outcome.clone())).collect()
    }

    fn look(&mut self, plans: &[Plan]) -> Result<Look, Failure> {
        match drift(&mut self.kernel, plans) {
            Ok(None) => Ok(Look::Holds),
            Ok(Some(what)) => Ok(Look::Differs(what)),
            Err(error) => Err(Failure(error.to_string())),
        }
    }
}
