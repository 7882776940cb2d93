//! A plan: everything that an enforcement point has to know, with no choice left.
//!
//! Refuses to be changed once made: another wish is another plan.

use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Interface, Level, Opening, OrderId};

/// What is to be enforced for one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The order that it carries out.
    pub order: OrderId,
    /// The device.
    pub device: DeviceId,
    /// How far it is cut off.
    pub level: Level,
    /// All of its interfaces; the plan is for all of them or none.
    pub interfaces: Vec<Interface>,
    /// What stays open. Everything else of these interfaces is dropped, ARP and neighbour discovery
    /// with the peers named here excepted; `watch` drops nothing.
    pub openings: Vec<Opening>,
    /// Which version of the essential flows of its model it was made from; 0 where none.
    pub essential_version: u32,
    /// When it was made.
    pub made: Moment,
    /// When it has to be lifted, lowered or renewed.
    pub expires: Moment,
}
