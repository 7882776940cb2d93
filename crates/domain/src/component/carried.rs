//! What an SBOM tells that nothing is judged by, kept for whoever makes another SBOM of it.
//!
//! Values stay as they stood, under the names of CycloneDX 1.6 in JSON (ECMA-424). Refuses to know
//! more of them than whoever joins documents has to look at.

use std::collections::HashMap;

use super::Sbom;
use crate::decision::unescape;
use crate::location::Location;
use crate::text::Text;

/// What is kept of one document. Readers leave it empty but where a document is made anew.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Carried {
    /// Vulnerabilities with what is said of them, in their order.
    pub known: Vec<Known>,
    /// Licences of the document's own (SPDX 2.3, clause 10).
    pub licences: Vec<OwnLicence>,
    /// Texts of licences, by the place of the component that has them.
    pub texts: Vec<(Location, LicenceText)>,
}

/// A licence that a document defines (SPDX 2.3, clause 10).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnLicence {
    /// Its id in the document: `LicenseRef-1`.
    pub id: Text,
    /// What it is called.
    pub name: Option<Text>,
    /// Its text.
    pub text: Option<Text>,
    /// Where else it is told of.
    pub see_also: Vec<Text>,
    /// A remark.
    pub comment: Option<Text>,
}

/// The text of one of a component's licences (ECMA-424, `license`, `text`).
#[derive(Debug, Clone, PartialEq)]
pub struct LicenceText {
    /// Of which, as in the component's licences.
    pub licence: Text,
    /// `content`, with `contentType` and `encoding` where they are told.
    pub text: Told,
}

impl Sbom {
    /// Takes what is kept of its document; texts of licences go to their components.
    pub fn carry(&mut self, mut carried: Carried) {
        let mut texts: HashMap<Location, Vec<LicenceText>> = HashMap::new();
        for (at, text) in carried.texts.drain(..) {
            texts.entry(at).or_default().push(text);
        }
        for component in self.subject.iter_mut().chain(&mut self.components) {
            component.texts = texts.remove(&component.at).unwrap_or_default().into();
        }
        self.carried = carried;
    }
}

/// A value as it stood.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A string.
    Text(Text),
    /// A number.
    Number(f64),
    /// A list.
    List(Vec<Self>),
    /// Fields, by name.
    Record(Fields),
}

/// Fields in their order, by name.
pub type Fields = Vec<(&'static str, Told)>;

/// A vulnerability that a document tells (ECMA-424, `vulnerability`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    /// Its id in the document: `bom-ref`.
    pub reference: Option<Text>,
    /// What it affects.
    pub affects: Vec<Affects>,
    /// All else.
    pub fields: Fields,
}

/// Something that a vulnerability affects.
#[derive(Debug, Clone, PartialEq)]
pub struct Affects {
    /// The document that holds it: a serial number with a version; `None` is the same one.
    pub document: Option<Text>,
    /// Its reference there.
    pub reference: Text,
    /// Which versions of it, where that is told.
    pub versions: Option<Told>,
}

impl Affects {
    /// By what its document may call it: of a BOM-Link as written, and without what is escaped.
    pub fn references(&self) -> impl Iterator<Item = Text> {
        let plain = self.document.as_ref().and_then(|_| unescape(&self.reference));
        [self.reference.clone()].into_iter().chain(plain.map(Text::from))
    }
}

impl Told {
    /// A string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A field of a record.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Record(fields) => fields.iter().find(|(own, _)| *own == name).map(|(_, to)| to),
            _ => None,
        }
    }

    /// The elements of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

impl Known {
    /// A field of it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Told> {
        self.fields.iter().find(|(own, _)| *own == name).map(|(_, told)| told)
    }

    /// What it is called: its id and those of the same flaw elsewhere.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let others = self.get("references").map(Told::items).unwrap_or_default();
        let others = others.iter().filter_map(|one| one.get("id"));
        self.get("id").into_iter().chain(others).filter_map(Told::text)
    }

    /// The name by which people are told of it.
    #[must_use]
    pub fn label(&self) -> &str {
        self.names().next().or(self.reference.as_deref()).unwrap_or("a vulnerability without an id")
    }

    /// In which state it was found to be (`analysis`, `state`).
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.get("analysis")?.get("state")?.text()
    }
}
