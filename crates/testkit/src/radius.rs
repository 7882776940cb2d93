//! RADIUS peers that we did not write: `FreeRADIUS` and `hostapd` as servers of dynamic
//! authorization, a switch whose port filter really changes, and a way that loses packets.
//!
//! Refuses to leave anything behind: every program is ended by its own number and every folder
//! removed when its owner is dropped, also after a failed test. Network namespaces belong to
//! whoever made them.

pub mod access;
pub mod program;
pub mod relay;
pub mod server;
pub mod switch;
