//! SBOMs: what software a release is made of.

pub mod beyond;
pub mod cyclonedx;
pub mod spdx;
