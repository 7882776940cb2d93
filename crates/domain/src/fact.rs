//! What readers make of a document: facts, each with its place.

use crate::advisory::{Advisory, ExploitPredictions, KnownExploited};
use crate::component::Sbom;
use crate::device::Device;
use crate::location::DocumentId;
use crate::problem::Problems;
use crate::release::ReleaseLink;
use crate::vex::Statement;

/// One fact.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fact {
    /// A unit of the inventory.
    Device(Box<Device>),
    /// Which SBOM describes which release.
    Link(Box<ReleaseLink>),
    /// An SBOM.
    Sbom(Box<Sbom>),
    /// An advisory or a feed's record.
    Advisory(Box<Advisory>),
    /// A VEX statement.
    Statement(Box<Statement>),
    /// A known exploited vulnerability.
    KnownExploited(Box<KnownExploited>),
    /// The exploit predictions of a feed: one alone is smaller than what a fact would take beside.
    Predictions(Box<ExploitPredictions>),
}

const _: () = assert!(size_of::<Fact>() == 16);

/// What a reader made of one document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The facts, in the document's order.
    pub facts: Vec<Fact>,
    /// What was wrong.
    pub problems: Problems,
    /// How many records the document holds, by the format's own notion of a record: a row, an
    /// advisory, an SBOM's component.
    pub records_seen: usize,
    /// How many of them became facts or parts of facts.
    pub records_made: usize,
}

impl Reading {
    /// The conservation law: each record became a fact or a problem.
    #[must_use]
    pub fn conserves(&self) -> bool {
        self.records_seen == self.records_made + self.problems.records_lost()
    }
}

/// A document as received: which one, in what format, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its number.
    pub id: DocumentId,
    /// Its name: a path from the folder given, and `!entry` for an entry of an archive.
    pub name: String,
    /// Its format, as recognised by content: "CycloneDX 1.6 JSON".
    pub format: String,
    /// Its size in bytes, unpacked.
    pub bytes: u64,
    /// What was read.
    pub reading: Reading,
}
