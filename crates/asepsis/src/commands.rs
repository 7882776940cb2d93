//! The commands, a module each.

pub(crate) mod agent;
pub(crate) mod alerts;
pub(crate) mod assess;
pub(crate) mod audit;
pub(crate) mod contain;
pub(crate) mod decide;
pub(crate) mod demo;
pub(crate) mod essential;
pub(crate) mod explain;
pub(crate) mod feed;
pub(crate) mod observe;
pub(crate) mod people;
pub(crate) mod retention;
pub(crate) mod sbom;
pub(crate) mod serve;
pub(crate) mod sign_in;
pub(crate) mod store;
pub(crate) mod vex;
