//! Frames in, sightings out: what devices are on the wire and what they do, never what they say of
//! a patient.
//!
//! State machines over bytes: no socket, no file, no clock. Memory is bounded whatever comes, and
//! what was given up for it is counted.

pub mod dialogue;
