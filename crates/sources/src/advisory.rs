//! Advisories, vulnerability feeds and VEX: who says which flaw is in which product.

pub mod csaf;
pub mod cve;
pub mod epss;
pub mod kev;
pub mod nvd;
pub mod openvex;
pub mod osv;

mod configuration;
mod identifiers;
mod score;
mod versions;
mod words;

#[cfg(test)]
mod trials;
