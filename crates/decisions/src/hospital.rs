//! The facts of all documents, joined: which unit runs which release, which SBOM describes it, and
//! every vulnerability once under all of its names.
//!
//! Refuses to judge: that a vulnerability is known says nothing yet about any device.

mod recalled;
mod releases;
mod units;
mod vulnerabilities;

use std::collections::HashMap;
use std::ops::Deref;

use domain::advisory::{
    Advisory, ExploitPrediction, KnownExploited, Vulnerability, VulnerabilityId,
};
use domain::component::Sbom;
use domain::cpe::Cpe;
use domain::decision;
use domain::device::Device;
use domain::fact::{Document, Fact};
use domain::location::DocumentId;
use domain::problem::{Code, Loss, Problem};
use domain::purl::Purl;
use domain::release::{ReleaseKey, ReleaseLink};
use domain::severity::Severity;
use domain::text::Text;
use domain::vex::Statement;

pub use self::recalled::{Recalled, RecalledSbom, closed};
use crate::reason::Reason;

/// A device, by its place in [`Hospital::devices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceIndex(pub u32);

/// A release, by its place in [`Hospital::releases`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReleaseIndex(pub u32);

/// A vulnerability, by its place in [`Hospital::vulnerabilities`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VulnerabilityIndex(pub u32);

/// Everything that the documents tell, joined.
#[derive(Debug)]
pub struct Hospital<'d> {
    /// The documents.
    pub documents: &'d [Document],
    /// Every unit.
    pub devices: Vec<Unit<'d>>,
    /// Every release that a unit runs or an SBOM describes.
    pub releases: Vec<Release<'d>>,
    /// Every vulnerability, once.
    pub vulnerabilities: Vec<Known<'d>>,
    /// Advisories that were withdrawn or rejected: they say nothing, and are kept to be seen.
    pub withdrawn: Vec<(DocumentId, &'d Advisory)>,
    /// VEX statements, with their document.
    pub statements: Vec<(DocumentId, &'d Statement)>,
    /// What did not fit together, by document.
    pub problems: Vec<(DocumentId, Problem)>,
    by_id: HashMap<&'d VulnerabilityId, VulnerabilityIndex>,
}

/// One unit.
#[derive(Debug, Clone)]
pub struct Unit<'d> {
    /// Which document has it first.
    pub document: DocumentId,
    /// What the inventories say of it.
    pub device: Entry<'d>,
    /// Its release; `None` where the model is unknown.
    pub release: Option<ReleaseIndex>,
}

/// What the inventories say of a unit: the entry of one, or those of several joined. There are very
/// many units, and hardly ever several entries.
#[derive(Debug, Clone)]
pub enum Entry<'d> {
    /// The entry of one inventory.
    One(&'d Device),
    /// Entries of several.
    Joined(Box<Device>),
}

impl Deref for Entry<'_> {
    type Target = Device;

    fn deref(&self) -> &Device {
        match self {
            Self::One(device) => device,
            Self::Joined(device) => device,
        }
    }
}

impl Entry<'_> {
    /// Joins it with another entry.
    fn join<T>(&mut self, with: impl FnOnce(&mut Device) -> T) -> T {
        let mut joined = match self {
            Self::One(device) => Box::new(device.clone()),
            Self::Joined(device) => std::mem::take(device),
        };
        let told = with(&mut joined);
        *self = Self::Joined(joined);
        told
    }
}

/// One release: a model at one version.
#[derive(Debug, Clone)]
pub struct Release<'d> {
    /// Manufacturer, model and version.
    pub key: ReleaseKey,
    /// The units that run it.
    pub units: Vec<DeviceIndex>,
    /// The SBOMs that describe it.
    pub sboms: Vec<Described<'d>>,
    /// CPE names of the release itself.
    pub cpes: Vec<Cpe>,
    /// Package URLs of the release itself.
    pub purls: Vec<Purl>,
    /// Operating systems that its units name.
    pub operating_systems: Vec<&'d str>,
    /// Model and order numbers that the inventory has for its units, beside the model's name.
    pub numbers: Vec<Text>,
    /// Where it was first named.
    pub document: DocumentId,
}

/// An SBOM that describes a release.
#[derive(Debug, Clone)]
pub struct Described<'d> {
    /// Which document.
    pub document: DocumentId,
    /// The SBOM.
    pub sbom: &'d Sbom,
    /// Why it is taken for this release's.
    pub reason: Reason,
}

/// One vulnerability under all of its names.
#[derive(Debug, Clone)]
pub struct Known<'d> {
    /// Its name: its CVE where it has one.
    pub id: &'d VulnerabilityId,
    /// Its other names.
    pub aliases: Vec<&'d VulnerabilityId>,
    /// Who tells of it.
    pub tellings: Vec<Telling<'d>>,
    /// CISA's entry, where it is known exploited.
    pub exploited: Option<(DocumentId, &'d KnownExploited)>,
    /// FIRST's estimate.
    pub prediction: Option<(DocumentId, &'d ExploitPrediction)>,
}

/// What one document tells of a vulnerability.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'d> {
    /// Which document.
    pub document: DocumentId,
    /// The advisory; `None` where an SBOM tells it.
    pub advisory: Option<&'d Advisory>,
    /// What it says.
    pub vulnerability: &'d Vulnerability,
}

/// Facts by kind, still apart.
#[derive(Debug, Default)]
struct Sorted<'d> {
    devices: Vec<(DocumentId, &'d Device)>,
    links: Vec<(DocumentId, &'d ReleaseLink)>,
    sboms: Vec<(DocumentId, &'d str, &'d Sbom)>,
    tellings: Vec<Telling<'d>>,
    statements: Vec<(DocumentId, &'d Statement)>,
    withdrawn: Vec<(DocumentId, &'d Advisory)>,
    exploited: Vec<(DocumentId, &'d KnownExploited)>,
    predictions: Vec<(DocumentId, &'d ExploitPrediction)>,
}

impl<'d> Hospital<'d> {
    /// Joins the facts of all documents.
    #[must_use]
    pub fn assemble(documents: &'d [Document]) -> Self {
        let sorted = sort(documents);
        let mut problems = bad_vectors(&sorted.tellings);
        problems.extend(misplaced(documents, &sorted.statements));
        let (devices, releases) = releases::join(&sorted, &mut problems);
        let (vulnerabilities, by_id) = vulnerabilities::merge(&sorted);
        Self {
            documents,
            devices,
            releases,
            vulnerabilities,
            withdrawn: sorted.withdrawn,
            statements: sorted.statements,
            problems,
            by_id,
        }
    }

    /// The vulnerability of this name, under any of its names.
    #[must_use]
    pub fn vulnerability(&self, id: &VulnerabilityId) -> Option<VulnerabilityIndex> {
        self.by_id.get(id).copied()
    }

    /// A document's name.
    #[must_use]
    pub fn name_of(&self, document: DocumentId) -> &'d str {
        self.documents.get(document.0 as usize).map_or("", |document| document.name.as_str())
    }
}

/// Vectors that no score can be computed from.
fn bad_vectors(tellings: &[Telling<'_>]) -> Vec<(DocumentId, Problem)> {
    let mut problems = Vec::new();
    for telling in tellings {
        let at = &telling.vulnerability.at;
        for score in &telling.vulnerability.scores {
            problems.extend(Severity::parse(&score.vector).err().map(|error| {
                let problem = Problem::new(Code::IdentifierBadVector, at.clone(), Loss::Field)
                    .expected(format!("a CVSS vector ({error})"))
                    .found(&score.vector);
                (telling.document, problem)
            }));
        }
    }
    problems
}

/// Decisions that lie where anybody may have put them: they do not count.
fn misplaced(
    documents: &[Document],
    statements: &[(DocumentId, &Statement)],
) -> Vec<(DocumentId, Problem)> {
    let name = |id: DocumentId| documents.get(id.0 as usize).map_or("", |one| one.name.as_str());
    let decided = statements.iter().filter(|(_, statement)| statement.ruling.is_some());
    let elsewhere = decided.filter(|(document, _)| !decision::is_own(name(*document)));
    let told = elsewhere.map(|(document, statement)| {
        let expected = format!("a decision of the hospital in the folder `{}`", decision::FOLDER);
        let problem = Problem::new(Code::RecordNotUsable, statement.at.clone(), Loss::Record);
        (*document, problem.expected(expected).found(name(*document)))
    });
    told.collect()
}

fn sort(documents: &[Document]) -> Sorted<'_> {
    let mut sorted = Sorted::default();
    for document in documents {
        for fact in &document.reading.facts {
            sorted.take(document, fact);
        }
    }
    sorted
}

impl<'d> Sorted<'d> {
    fn take(&mut self, document: &'d Document, fact: &'d Fact) {
        let id = document.id;
        match fact {
            Fact::Device(device) => self.devices.push((id, device)),
            Fact::Link(link) => self.links.push((id, link)),
            Fact::Sbom(sbom) => {
                self.sboms.push((id, &document.name, sbom));
                self.statements.extend(sbom.statements.iter().map(|statement| (id, statement)));
                let telling =
                    |vulnerability| Telling { document: id, advisory: None, vulnerability };
                self.tellings.extend(sbom.vulnerabilities.iter().map(telling));
            }
            Fact::Advisory(advisory) if advisory.withdrawn => self.withdrawn.push((id, advisory)),
            Fact::Advisory(advisory) => {
                let telling = |vulnerability| Telling {
                    document: id,
                    advisory: Some(advisory),
                    vulnerability,
                };
                self.tellings.extend(advisory.vulnerabilities.iter().map(telling));
            }
            Fact::Statement(statement) => self.statements.push((id, statement)),
            Fact::KnownExploited(entry) => self.exploited.push((id, entry)),
            Fact::Predictions(all) => {
                self.predictions.extend(all.0.iter().map(|prediction| (id, prediction)));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
