//! Inventories: which units the hospital has.

pub mod columns;
pub mod fhir;
pub mod releases;
pub mod rows;
pub mod sheet;
