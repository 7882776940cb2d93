//! What is known of vulnerabilities, compiled: one file of facts and an index by which only those
//! are opened that can be about the releases at hand.
//!
//! The file is written anew beside the one that is there, and takes its place once it is whole;
//! what did not change is copied as it stands. Refuses to judge, to read a format of advisories,
//! and to open what is damaged.

pub mod bundle;
mod bytes;
mod codec;
mod compile;
mod facts;
mod file;
mod postings;
#[cfg(test)]
mod tests;

use domain::advisory::{Advisory, ExploitPrediction, KnownExploited};

pub use codec::Broken;
pub use compile::{Compiler, Piece, Place, Refused, Written};
pub use file::{Base, BaseError, Listed};

/// Reads bytes as every part of a base is read once its check sum holds: facts, lists, blocks. How
/// many of these they are. For whoever looks for bytes that do harm.
#[must_use]
pub fn read_as_parts(bytes: &[u8]) -> usize {
    let facts = [
        facts::decode::<Advisory>(bytes).is_ok(),
        facts::decode::<KnownExploited>(bytes).is_ok(),
        facts::decode::<ExploitPrediction>(bytes).is_ok(),
    ];
    let lists = [
        file::exploited(bytes).is_ok(),
        file::listed(bytes).is_ok(),
        postings::Postings::read(bytes)
            .is_ok_and(|lists| (0..lists.len()).all(|place| lists.list(place).is_ok())),
        file::unpack(bytes, 1 << 16).is_ok(),
        compile::changes::read(bytes).is_ok(),
    ];
    facts.into_iter().chain(lists).filter(|is_one| *is_one).count()
}
