//! A hospital of which most documents stay closed: its releases as an earlier joining found them,
//! and those documents that tell what is asked about.
//!
//! Joins anew only what SBOMs and tables of releases tell: for the units of an inventory that stays
//! closed it takes what was found when it was open.

use domain::advisory::VulnerabilityId;
use domain::component::{Component, Sbom, SbomFormat};
use domain::cpe::Cpe;
use domain::fact::{Document, Fact};
use domain::location::DocumentId;
use domain::problem::Problem;
use domain::purl::Purl;
use domain::release::ReleaseKey;
use domain::text::Text;

use super::{
    Described, Hospital, Release, bad_vectors, misplaced, releases, sort, vulnerabilities,
};
use crate::reason::Reason;

/// What stands for a document that is closed.
pub(super) const CLOSED: DocumentId = DocumentId(u32::MAX);

/// A release, as an earlier joining found it.
#[derive(Debug, Clone)]
pub struct Recalled {
    /// Manufacturer, model and version.
    pub key: ReleaseKey,
    /// How many units run it.
    pub units: u32,
    /// The SBOMs that describe it, in their order.
    pub sboms: Vec<RecalledSbom>,
    /// CPE names of the release itself.
    pub cpes: Vec<Cpe>,
    /// Package URLs of the release itself.
    pub purls: Vec<Purl>,
    /// Operating systems that its units name.
    pub operating_systems: Vec<String>,
    /// Model and order numbers that the inventory has for its units.
    pub numbers: Vec<Text>,
}

/// An SBOM that describes a release.
#[derive(Debug, Clone)]
pub struct RecalledSbom {
    /// Which document it is.
    pub document: DocumentId,
    /// Why it is taken for this release's.
    pub reason: Reason,
    /// What stands in its place while its document is closed: who it is, and no component.
    pub closed: Sbom,
}

/// An SBOM whose document is closed: its serial number, and what its subject is called by
/// statements. Without components.
#[must_use]
pub fn closed(serial: Option<Text>, reference: Option<Text>, purl: Option<Purl>) -> Sbom {
    Sbom {
        serial,
        subject: Some(Component { reference, purl, ..Component::default() }),
        ..Sbom::new(SbomFormat::CycloneDx, Text::default())
    }
}

impl<'d> Hospital<'d> {
    /// A hospital of releases that were joined before, and of the documents that are open. It has
    /// no units: who asks knows them.
    #[must_use]
    pub fn recall(documents: &'d [Document], releases: &'d [Recalled]) -> Self {
        let sorted = sort(documents);
        let (vulnerabilities, by_id) = vulnerabilities::merge(&sorted);
        let mut problems = bad_vectors(&sorted.tellings);
        problems.extend(misplaced(documents, &sorted.statements));
        Self {
            documents,
            devices: Vec::new(),
            releases: releases.iter().map(|release| release.within(documents)).collect(),
            vulnerabilities,
            problems,
            withdrawn: sorted.withdrawn,
            statements: sorted.statements,
            by_id,
        }
    }

    /// The releases that units run, joined anew with the SBOMs and the tables of releases among
    /// documents; with those that only these tell of, and what did not fit together.
    #[must_use]
    pub fn rejoin(
        documents: &'d [Document],
        run: impl Iterator<Item = &'d Recalled>,
    ) -> (Vec<Release<'d>>, Vec<(DocumentId, Problem)>) {
        let mut problems = Vec::new();
        let releases = releases::rejoin(&sort(documents), run, &mut problems);
        (releases, problems)
    }

    /// Every name of a vulnerability.
    pub fn names(
        &self,
        index: super::VulnerabilityIndex,
    ) -> impl Iterator<Item = &'d VulnerabilityId> + use<'_, 'd> {
        let known = self.vulnerabilities.get(index.0 as usize);
        known
            .into_iter()
            .flat_map(|known| std::iter::once(known.id).chain(known.aliases.iter().copied()))
    }
}

impl Recalled {
    fn within<'d>(&'d self, documents: &'d [Document]) -> Release<'d> {
        let described = |one: &'d RecalledSbom| Described {
            document: one.document,
            sbom: open(documents, one.document).unwrap_or(&one.closed),
            reason: one.reason.clone(),
        };
        Release {
            key: self.key.clone(),
            units: Vec::new(),
            sboms: self.sboms.iter().map(described).collect(),
            cpes: self.cpes.clone(),
            purls: self.purls.clone(),
            operating_systems: self.operating_systems.iter().map(String::as_str).collect(),
            numbers: self.numbers.clone(),
            document: CLOSED,
        }
    }
}

/// The SBOM that an open document is.
fn open(documents: &[Document], id: DocumentId) -> Option<&Sbom> {
    let facts = &documents.get(id.0 as usize)?.reading.facts;
    facts.iter().find_map(|fact| match fact {
        Fact::Sbom(sbom) => Some(&**sbom),
        _ => None,
    })
}
