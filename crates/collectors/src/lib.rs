//! Where bytes come from: a folder of files and the archives in it, captures, the wire.
//!
//! Calls `sources` for each document and decides nothing. Every read is bounded by
//! [`domain::bounded`]; a file that cannot be read is a problem of that file, and the rest goes on.

pub mod archive;
pub mod capture;
pub mod feeds;
pub mod folder;
pub mod outward;
pub mod tap;
