//! Containment that keeps care going: from a request to a plan that may be carried out.
//!
//! Refuses to touch the network: what is decided here is a complete plan, and only `enforcement`
//! acts on it. `docs/concepts/containment.md` tells the rules, and a test holds it to the code.

pub mod order;
pub mod interlock;
pub mod review;
pub mod essential;
pub mod plan;
pub mod passes;
pub mod replay;
pub mod refusal;

#[cfg(test)]
mod page;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use self::order::{Order, Orders};
pub use self::passes::passes;
pub use self::refusal::Refusal;
pub use self::review::{Approved, Circumstances, review};
