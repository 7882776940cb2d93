//! What is known of vulnerabilities, compiled: one file of facts and an index by which only those
//! are opened that can be about the releases at hand.
//!
//! The file is written anew beside the one that is there, and takes its place once it is whole; what
//! did not change is copied as it stands. Refuses to judge, to read a format of advisories, and to
//! open what is damaged.

pub mod bundle;
mod bytes;
mod codec;
mod compile;
mod facts;
mod file;
mod postings;
#[cfg(test)]
mod tests;

pub use codec::Broken;
pub use compile::{Compiler, Piece, Refused, Written};
pub use file::{Base, BaseError, Listed};
