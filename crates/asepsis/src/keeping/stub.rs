//! What stands for an SBOM that is closed: all by which releases and SBOMs are joined.
//!
//! Refuses to know its components; only how many they are.

use anyhow::{Context, Result};
use domain::component::{Component, Sbom, SbomFormat};
use domain::cpe::Cpe;
use domain::fact::{self, Document, Fact};
use domain::location::{DocumentId, Location};
use domain::purl::Purl;
use domain::text::Text;
use serde::{Deserialize, Serialize};

/// An SBOM.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stub {
    /// What stands behind the name of its file in that of its document.
    inside: String,
    serial: Option<String>,
    subject: Option<Subject>,
    /// How many components it lists.
    pub(super) components: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Subject {
    reference: Option<String>,
    group: Option<String>,
    name: String,
    version: Option<String>,
    supplier: Option<String>,
    manufacturer: Option<String>,
    purl: Option<String>,
    cpes: Vec<String>,
    at: (u32, String),
}

impl Stub {
    /// That of an SBOM in a file.
    pub(super) fn of(file: &str, document: &Document, sbom: &Sbom) -> Self {
        Self {
            inside: document.name.strip_prefix(file).unwrap_or_default().to_owned(),
            serial: sbom.serial.as_ref().map(ToString::to_string),
            subject: sbom.subject.as_ref().map(Subject::of),
            components: sbom.components.len(),
        }
    }

    /// The name of the document that the SBOM is, in a file.
    pub(super) fn name(&self, file: &str) -> String {
        [file, &self.inside].concat()
    }

    /// A document that tells as much, in a file.
    pub(super) fn document(&self, file: &str) -> Result<Document> {
        let some = usize::from(self.components > 0);
        let sbom = Sbom {
            serial: self.serial.as_deref().map(Into::into),
            subject: self.subject.as_ref().map(Subject::component).transpose()?,
            components: vec![Component::default(); some],
            ..Sbom::new(SbomFormat::CycloneDx, Text::default())
        };
        Ok(telling(self.name(file), vec![Fact::Sbom(Box::new(sbom))]))
    }
}

/// A document that tells some facts, and has no number yet.
pub(super) fn telling(name: String, facts: Vec<Fact>) -> Document {
    let reading = fact::Reading { facts, ..fact::Reading::default() };
    Document { id: DocumentId(0), name, format: String::new(), bytes: 0, reading }
}

impl Subject {
    fn of(subject: &Component) -> Self {
        let text = |text: &Option<Text>| text.as_ref().map(ToString::to_string);
        Self {
            reference: text(&subject.reference),
            group: text(&subject.group),
            name: subject.name.to_string(),
            version: text(&subject.version),
            supplier: text(&subject.supplier),
            manufacturer: text(&subject.manufacturer),
            purl: subject.purl.as_ref().map(ToString::to_string),
            cpes: subject.cpes.iter().map(ToString::to_string).collect(),
            at: (subject.at.line, subject.at.path()),
        }
    }

    fn component(&self) -> Result<Component> {
        let text = |text: &Option<String>| text.as_deref().map(Text::from);
        let purl = self.purl.as_deref().map(Purl::parse).transpose();
        let cpes = self.cpes.iter().map(|cpe| Cpe::parse(cpe)).collect::<Result<_, _>>();
        Ok(Component {
            reference: text(&self.reference),
            group: text(&self.group),
            name: self.name.as_str().into(),
            version: text(&self.version),
            supplier: text(&self.supplier),
            manufacturer: text(&self.manufacturer),
            purl: purl.ok().context("a package URL is not kept")?,
            cpes: cpes.ok().context("a CPE name is not kept")?,
            at: Location::new(self.at.0, self.at.1.as_str()),
            ..Component::default()
        })
    }
}
