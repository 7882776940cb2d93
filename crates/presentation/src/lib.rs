//! What people and programs see: the terminal's table, JSON, CSV, the HTML report and its
//! pictures, and the chain of reasons behind a judgement; and who may see and ask what.
//!
//! Shows and decides nothing of devices and care: every number and word here was made in
//! `decisions`. Returns text; the program says where it goes.

pub mod alerts;
pub mod api;
pub mod assessment;
pub mod console;
pub mod explanation;
pub mod decide;
pub mod export;
pub mod intent;
pub mod listed;
pub mod news;
pub mod observation;
pub mod orders;
pub mod picture;
pub mod planned;
pub mod report;
pub mod sbom;
pub mod sign_in;
pub mod terminal;
pub mod text;
pub mod vex;
