//! SBOMs, shown for themselves: how much one tells.
//!
//! Refuses to judge: what is told, and what differs, comes from `decisions`.

pub mod checked;
