//! Containment that keeps care going: from a request to a plan that may be carried out.
//!
//! Refuses to touch the network: what is decided here is a complete plan, and only `enforcement`
//! acts on it.

pub mod plan;
