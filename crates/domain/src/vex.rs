//! VEX: what a maker says of a vulnerability in its own product.

use crate::advisory::{Product, Status, VulnerabilityId};
use crate::decision::Ruling;
use crate::location::Location;
use crate::text::Text;

/// One statement, whichever format it came in (OpenVEX, CycloneDX). A CSAF document that makes
/// such statements is an [`Advisory`](crate::advisory::Advisory) whose products carry a status.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Which vulnerability.
    pub vulnerability: VulnerabilityId,
    /// Other ids of it.
    pub aliases: Vec<VulnerabilityId>,
    /// Its status in the products.
    pub status: Status,
    /// Why not affected, in the format's own label: `vulnerable_code_not_present`,
    /// `code_not_reachable`.
    pub justification: Option<Text>,
    /// Impact or action in words.
    pub detail: Option<Text>,
    /// What the hospital has decided by it, where it is a decision of the hospital and no statement
    /// of a maker.
    pub ruling: Option<Ruling>,
    /// Who says so.
    pub author: Option<Text>,
    /// When, as written.
    pub timestamp: Option<Text>,
    /// Of which products; a subcomponent stands in [`Product::component`].
    pub products: Vec<Product>,
    /// Of which components of SBOMs, by serial number or namespace (`None` is the same document)
    /// and reference.
    pub references: Vec<(Option<Text>, Text)>,
    /// Where it stood.
    pub at: Location,
}
