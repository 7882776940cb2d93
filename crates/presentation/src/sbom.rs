//! SBOMs, shown for themselves: how much one tells, what differs between two, and as a document
//! in another form.
//!
//! Refuses to judge: what is told, and what differs, comes from `decisions`.

pub mod checked;
pub mod compared;
pub mod written;
