//! SBOMs: what software a release is made of.

pub mod cyclonedx;
pub mod spdx;
