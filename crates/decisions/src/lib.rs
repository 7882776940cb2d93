//! Facts in, judgements out, each with its reasons: which release has which vulnerability, and
//! what that means for care.
//!
//! Refuses to touch the world: no file, no clock, no chance. Refuses to know a file format: what
//! it sees are the nouns of `domain`, so that no rule depends on how a document was written.

pub mod containment;
pub mod exposure;
pub mod hospital;
pub mod identity;
pub mod impact;
pub mod reason;
pub mod sbom;
pub mod threat;
pub mod traffic;
