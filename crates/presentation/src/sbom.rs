//! SBOMs, shown for themselves: how much one tells, and what differs between two.
//!
//! Refuses to judge: what is told, and what differs, comes from `decisions`.

pub mod checked;
pub mod compared;
