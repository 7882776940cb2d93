//! Approved plans become acts on the network, are read back, and are proved.
//!
//! Refuses to decide: it takes what the review approved, and does that or nothing. Refuses to
//! believe: an enforcement point that says "ok" has said nothing yet.

pub mod point;
pub mod nftables;
pub mod radius;
pub mod simulated;
pub mod written;
pub mod journal;
pub mod book;
pub mod wire;
pub mod reconciler;
pub mod hand;
