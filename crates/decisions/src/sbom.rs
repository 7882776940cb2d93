//! SBOMs judged for themselves: how much one tells of what is asked of it, what differs between
//! two, and what several of one product are together.
//!
//! Refuses to know their formats, and to call an SBOM good: it says what is told and what is not.

pub mod difference;
pub mod merged;
pub mod quality;

#[cfg(test)]
mod tests;
