//! Frames in, sightings out: what devices are on the wire and what they do, never what they say of
//! a patient.
//!
//! State machines over bytes: no socket, no file, no clock. Memory is bounded whatever comes, and
//! what was given up for it is counted.

mod octets;
mod pieces;
mod table;
pub mod capture;
pub mod link;
mod internet;
mod stream;
pub mod glance;
pub mod dialogue;
pub mod observer;

pub use internet::fragments::FRAGMENT_WAIT;
pub use stream::{HELD_BYTES, HELD_PIECES};
pub use table::Seed;
