//! Bytes in, facts and problems out: one module per format, all of one shape.
//!
//! A reader takes a whole document in memory and returns a [`Reading`](domain::fact::Reading). It
//! never fails on content, never panics, never opens a file, and never judges: what a version text
//! or a criticality means for anyone is not its business.

pub mod text;
mod lines;
mod places;
pub mod json;
pub mod xml;
pub mod yaml;
pub mod table;
pub mod format;
pub mod inventory;
pub mod sbom;
pub mod advisory;
pub mod network;
