//! What is remembered: documents as they were received, what was decided and by whom, and the chain
//! that shows that nothing of it was changed.
//!
//! One file by default; PostgreSQL by a URL, with the same tables. Refuses to decide anything, and
//! to hold a rule in SQL: judgements are made in `decisions` and kept here.

pub mod database;
mod error;
mod migration;
mod place;
mod print;
mod words;

pub mod audit;
pub mod documents;
pub mod repeats;
pub mod retention;
pub mod settings;

pub mod compiled;
pub mod decisions;
pub mod devices;
pub mod digests;
pub mod judgements;
pub mod rankings;
pub mod readings;
pub mod releases;
pub mod tiles;
pub mod vulnerabilities;

pub mod agents;
pub mod alerts;
pub mod detections;
pub mod flows;
pub mod identities;
pub mod steps;

pub mod attempts;
pub mod people;
pub mod provider;
pub mod secret;
pub mod sessions;
pub mod setup;
pub mod tokens;
pub mod views;

#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use place::Place;
pub use print::Put;
