//! How releases were joined, to and from what the store keeps of it.
//!
//! Refuses a release that does not come back as it was: then everything is joined anew.

use std::collections::HashMap;

use anyhow::{Context, Result};
use decisions::exposure::keys;
use decisions::hospital::{self, Described, Hospital, Release};
use decisions::reason::{Evidence, Reason, Rule};
use domain::cpe::Cpe;
use domain::fact::Document;
use domain::location::{DocumentId, Location};
use domain::purl::Purl;
use domain::release::ReleaseKey;
use serde::{Deserialize, Serialize};
use store::digests::Recalled;

use super::rows;

/// What is kept of a release.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Facts {
    manufacturer: String,
    model: String,
    version: String,
    /// How many units run it.
    units: u32,
    sboms: Vec<Sbom>,
    cpes: Vec<String>,
    purls: Vec<String>,
    operating_systems: Vec<String>,
    numbers: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Sbom {
    document: String,
    rule: String,
    sentence: String,
    evidence: Vec<(String, u32, String, String)>,
    serial: Option<String>,
    reference: Option<String>,
    purl: Option<String>,
}

/// All releases, in their order.
pub(super) fn all(hospital: &Hospital<'_>) -> Result<Vec<Recalled>> {
    hospital.releases.iter().map(|release| one(hospital.documents, release)).collect()
}

/// A release that was joined with some documents.
pub(super) fn one(documents: &[Document], release: &Release<'_>) -> Result<Recalled> {
    let key = &release.key;
    let components = release.sboms.iter().flat_map(|described| &described.sbom.components);
    let facts = Facts {
        manufacturer: key.manufacturer.to_string(),
        model: key.model.to_string(),
        version: key.version.to_string(),
        units: u32::try_from(release.units.len()).unwrap_or(u32::MAX),
        sboms: release.sboms.iter().map(|described| sbom(documents, described)).collect(),
        cpes: release.cpes.iter().map(ToString::to_string).collect(),
        purls: release.purls.iter().map(ToString::to_string).collect(),
        operating_systems: release.operating_systems.iter().map(ToString::to_string).collect(),
        numbers: release.numbers.iter().map(ToString::to_string).collect(),
    };
    Ok(Recalled {
        release: rows::id_of([&key.manufacturer, &key.model, &key.version]),
        facts: serde_json::to_string(&facts)?,
        keys: keys::keys(components).into_iter().map(|key| key.0).collect(),
    })
}

fn sbom(documents: &[Document], described: &Described<'_>) -> Sbom {
    let name = |id: DocumentId| {
        let document = documents.get(id.0 as usize);
        document.map(|document| document.name.clone()).unwrap_or_default()
    };
    let subject = described.sbom.subject.as_ref();
    let evidence = described
        .reason
        .evidence
        .iter()
        .map(|one| (name(one.document), one.at.line, one.at.path(), one.says.clone()));
    Sbom {
        document: name(described.document),
        rule: described.reason.rule.text().to_owned(),
        sentence: described.reason.sentence.clone(),
        evidence: evidence.collect(),
        serial: described.sbom.serial.as_ref().map(ToString::to_string),
        reference: subject.and_then(|one| one.reference.as_ref()).map(ToString::to_string),
        purl: subject.and_then(|one| one.purl.as_ref()).map(ToString::to_string),
    }
}

/// Numbers for documents by their names.
pub(super) type Numbers = HashMap<String, DocumentId>;

impl Facts {
    /// Reads what is kept.
    pub(super) fn read(kept: &Recalled) -> Result<Self> {
        serde_json::from_str(&kept.facts).context("a release is not kept as it was written")
    }

    /// The names of its SBOMs.
    pub(super) fn sboms(&self) -> impl Iterator<Item = &str> {
        self.sboms.iter().map(|sbom| sbom.document.as_str())
    }

    /// The names of all documents that it goes by.
    pub(super) fn documents(&self) -> impl Iterator<Item = &str> {
        let evidence = self.sboms.iter().flat_map(|sbom| &sbom.evidence);
        self.sboms().chain(evidence.map(|(document, ..)| document.as_str()))
    }

    /// How many units run it.
    pub(super) fn units(&self) -> u32 {
        self.units
    }

    /// The release, with documents by their numbers.
    pub(super) fn release(&self, numbers: &Numbers) -> Result<hospital::Recalled> {
        let purl = |text: &String| Purl::parse(text).context("a package URL is not kept");
        let cpe = |text: &String| Cpe::parse(text).context("a CPE name is not kept");
        Ok(hospital::Recalled {
            sboms: self.sboms.iter().map(|sbom| sbom.recalled(numbers)).collect::<Result<_>>()?,
            cpes: self.cpes.iter().map(cpe).collect::<Result<_>>()?,
            purls: self.purls.iter().map(purl).collect::<Result<_>>()?,
            ..self.run()?
        })
    }

    /// The release as the inventories tell of it.
    pub(super) fn run(&self) -> Result<hospital::Recalled> {
        let key = ReleaseKey::new(&self.manufacturer, &self.model, &self.version);
        let key = key.or_else(|| ReleaseKey::of_unknown_maker(&self.model, &self.version));
        Ok(hospital::Recalled {
            key: key.context("a release without a model was kept")?,
            units: self.units,
            sboms: Vec::new(),
            cpes: Vec::new(),
            purls: Vec::new(),
            operating_systems: self.operating_systems.clone(),
            numbers: self.numbers.iter().map(|number| number.as_str().into()).collect(),
        })
    }
}

impl Sbom {
    fn recalled(&self, numbers: &Numbers) -> Result<hospital::RecalledSbom> {
        let number = |name: &str| numbers.get(name).copied().context("a document has no number");
        let rule = Rule::ALL.iter().find(|rule| rule.text() == self.rule);
        let evidence = self.evidence.iter().map(|(document, line, path, says)| {
            let at = Location::new(*line, path.as_str());
            Ok(Evidence { document: number(document)?, at, says: says.clone() })
        });
        let reason = Reason {
            rule: *rule.context("a rule is not known")?,
            sentence: self.sentence.clone(),
            evidence: evidence.collect::<Result<_>>()?,
        };
        let purl = self.purl.as_deref().map(Purl::parse).transpose();
        let text = |text: &Option<String>| text.as_deref().map(Into::into);
        let closed = hospital::closed(
            text(&self.serial),
            text(&self.reference),
            purl.context("a package URL is not kept")?,
        );
        Ok(hospital::RecalledSbom { document: number(&self.document)?, reason, closed })
    }
}
