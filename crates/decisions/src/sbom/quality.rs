//! How much an SBOM tells of what three lists ask for.
//!
//! - NTIA, The Minimum Elements For a Software Bill of Materials (SBOM), 12 July 2021, section III,
//!   "Data Fields".
//! - CISA, 2025 Minimum Elements for a Software Bill of Materials (SBOM), draft for public comment,
//!   22 August 2025, "Data Fields".
//! - FDA, Cybersecurity in Medical Devices: Quality System Considerations and Content of Premarket
//!   Submissions, 27 September 2023, section V.A.4(b): NTIA's, and of each component its level of
//!   support and the end of its support. The known vulnerabilities that it asks for, too, stand in
//!   no SBOM.
//!
//! A placeholder (`NOASSERTION`, `unknown`) tells nothing. Refuses to say whether what is told is
//! true, or whether components are left out: nobody can see that in the document.

use std::collections::HashSet;

use domain::component::{Component, Sbom, SupportLevel};
use domain::date::{self, Date};
use domain::text::Text;

/// What a list asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Element {
    /// Who supplies a component: NTIA's supplier name.
    Supplier,
    /// Who made or supplies a component: CISA's software producer.
    Producer,
    /// A component's name.
    Name,
    /// A component's version.
    Version,
    /// An identifier of a component besides its name: package URL, CPE, SWID, SWHID, `OmniBOR`.
    Identifier,
    /// How a component stands to others: it needs them, is needed, holds them, is held, or it is
    /// said that it needs none.
    Dependency,
    /// A digest of a component.
    Hash,
    /// A component's licence.
    Licence,
    /// How far a component is maintained.
    SupportLevel,
    /// The day a component's support ends.
    EndOfSupport,
    /// Who made the SBOM: a person or an organisation. A tool is none.
    Author,
    /// When the SBOM was made, as a date and time that can be read.
    Timestamp,
    /// With what tool the SBOM was made.
    Tool,
    /// In which phase of its life the software was looked at.
    GenerationContext,
}

impl Element {
    /// As outputs for programs write it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::Producer => "producer",
            Self::Name => "name",
            Self::Version => "version",
            Self::Identifier => "identifier",
            Self::Dependency => "dependency",
            Self::Hash => "hash",
            Self::Licence => "licence",
            Self::SupportLevel => "support_level",
            Self::EndOfSupport => "end_of_support",
            Self::Author => "author",
            Self::Timestamp => "timestamp",
            Self::Tool => "tool",
            Self::GenerationContext => "generation_context",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Identifier => "unique identifier",
            Self::Dependency => "dependency relationship",
            Self::SupportLevel => "level of support",
            Self::EndOfSupport => "end of support",
            Self::Author => "author of the SBOM",
            Self::GenerationContext => "generation context",
            other => other.key(),
        }
    }

    /// Whether it is asked of the document, once, and not of each component.
    #[must_use]
    pub fn is_of_document(self) -> bool {
        matches!(self, Self::Author | Self::Timestamp | Self::Tool | Self::GenerationContext)
    }
}

/// A list of what an SBOM should tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// NTIA's minimum elements of 2021.
    Ntia,
    /// CISA's minimum elements, draft of 2025.
    Cisa,
    /// What the FDA asks for before a device is sold.
    Fda,
}

impl List {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Ntia, Self::Cisa, Self::Fda];

    /// As outputs for programs, and options, write it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Ntia => "ntia",
            Self::Cisa => "cisa",
            Self::Fda => "fda",
        }
    }

    /// As people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Ntia => "NTIA minimum elements, 2021",
            Self::Cisa => "CISA minimum elements, draft of 2025",
            Self::Fda => "FDA premarket, 2023",
        }
    }

    /// What it asks for: of each component, then of the document.
    #[must_use]
    pub fn elements(self) -> &'static [Element] {
        use Element::{
            Author, Dependency, EndOfSupport, GenerationContext, Hash, Identifier, Licence, Name,
            Producer, Supplier, SupportLevel, Timestamp, Tool, Version,
        };
        match self {
            Self::Ntia => &[Supplier, Name, Version, Identifier, Dependency, Author, Timestamp],
            Self::Cisa => &[
                Producer,
                Name,
                Version,
                Identifier,
                Hash,
                Licence,
                Dependency,
                Author,
                Tool,
                Timestamp,
                GenerationContext,
            ],
            Self::Fda => &[
                Supplier,
                Name,
                Version,
                Identifier,
                Dependency,
                SupportLevel,
                EndOfSupport,
                Author,
                Timestamp,
            ],
        }
    }
}

/// A set of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Elements(u16);

impl Elements {
    /// Whether it is among them.
    #[must_use]
    pub fn has(self, element: Element) -> bool {
        self.0 & (1 << element as u8) != 0
    }

    fn with(self, element: Element, is_told: bool) -> Self {
        Self(self.0 | u16::from(is_told) << element as u8)
    }
}

/// What is said of one component, whoever keeps it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'s> {
    /// Its name.
    pub name: &'s str,
    /// Its version.
    pub version: Option<&'s str>,
    /// Who supplies it.
    pub supplier: Option<&'s str>,
    /// Who made it.
    pub manufacturer: Option<&'s str>,
    /// Whether it has a package URL, a CPE name or another identifier of its own.
    pub is_identified: bool,
    /// Whether it is said how it stands to others.
    pub is_related: bool,
    /// Whether it has a digest.
    pub has_hash: bool,
    /// The first licence that is told of it.
    pub licence: Option<&'s str>,
    /// Its level of support.
    pub support: Option<SupportLevel>,
    /// The day its support ends.
    pub end_of_support: Option<Date>,
}

/// Which elements are told of a component.
#[must_use]
pub fn told(said: &Said<'_>) -> Elements {
    let is_said = |text: Option<&str>| text.is_some_and(|text| !is_placeholder(text));
    let supplier = is_said(said.supplier);
    Elements::default()
        .with(Element::Supplier, supplier)
        .with(Element::Producer, supplier || is_said(said.manufacturer))
        .with(Element::Name, is_said(Some(said.name)))
        .with(Element::Version, is_said(said.version))
        .with(Element::Identifier, said.is_identified)
        .with(Element::Dependency, said.is_related)
        .with(Element::Hash, said.has_hash)
        .with(Element::Licence, is_said(said.licence))
        .with(Element::SupportLevel, said.support.is_some())
        .with(Element::EndOfSupport, said.end_of_support.is_some())
}

/// Whether a text stands where nothing is told.
fn is_placeholder(text: &str) -> bool {
    const WORDS: [&str; 8] =
        ["", "noassertion", "none", "unknown", "n/a", "not available", "unspecified", "tbd"];
    let text = text.trim();
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// How much of a list is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    /// How many elements are told.
    pub told: usize,
    /// How many are asked for.
    pub asked: usize,
}

impl Score {
    /// In whole percent; never 100 where one is missing.
    #[must_use]
    pub fn percent(self) -> usize {
        (self.told * 100).checked_div(self.asked).unwrap_or(0)
    }

    /// Whether all is told, and something was asked.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.asked > 0 && self.told == self.asked
    }
}

/// What is told of one component.
#[derive(Debug, Clone, Copy)]
pub struct Graded<'s> {
    /// Which component.
    pub component: &'s Component,
    /// What is told of it.
    pub told: Elements,
}

impl Graded<'_> {
    /// What a list asks of a component and this one does not tell.
    pub fn missing(&self, list: List) -> impl Iterator<Item = Element> {
        let told = self.told;
        let asked = list.elements().iter().copied().filter(|asked| !asked.is_of_document());
        asked.filter(move |asked| !told.has(*asked))
    }
}

/// How much an SBOM tells.
#[derive(Debug, Clone)]
pub struct Quality<'s> {
    /// What it describes, where it says so, and then each component.
    pub components: Vec<Graded<'s>>,
    /// How many more have no name, so that nothing of them is known.
    pub nameless: usize,
    /// What is told of the document itself.
    pub document: Elements,
}

impl<'s> Quality<'s> {
    /// Of an SBOM. What it describes counts as a component.
    #[must_use]
    pub fn of(sbom: &'s Sbom) -> Self {
        let related = Related::of(sbom);
        let subject = sbom.subject.iter().map(|subject| (subject, related.subject));
        let others = sbom.components.iter().zip(related.components.iter().copied());
        let components = subject
            .chain(others)
            .map(|(component, is_related)| Graded {
                component,
                told: told(&said(component, is_related)),
            })
            .collect();
        let is_named = |text: &str| !is_placeholder(text);
        let document = Elements::default()
            .with(Element::Author, sbom.authors.iter().any(|author| is_named(&author.name)))
            .with(Element::Timestamp, sbom.created.as_deref().and_then(date::moment).is_some())
            .with(Element::Tool, sbom.tools.iter().any(|tool| is_named(tool)))
            .with(Element::GenerationContext, sbom.phases.iter().any(|phase| is_named(phase)));
        Self { components, nameless: sbom.nameless, document }
    }

    /// How often an element is told, of how often it is asked for.
    #[must_use]
    pub fn of_element(&self, element: Element) -> Score {
        if element.is_of_document() {
            return Score { told: usize::from(self.document.has(element)), asked: 1 };
        }
        let told = self.components.iter().filter(|one| one.told.has(element)).count();
        Score { told, asked: self.components.len() + self.nameless }
    }

    /// How much of a list is told.
    #[must_use]
    pub fn score(&self, list: List) -> Score {
        list.elements().iter().fold(Score::default(), |sum, element| {
            let Score { told, asked } = self.of_element(*element);
            Score { told: sum.told + told, asked: sum.asked + asked }
        })
    }

    /// Whether all is told that a list asks for, of one component at least.
    #[must_use]
    pub fn is_whole(&self, list: List) -> bool {
        !self.components.is_empty() && self.score(list).is_whole()
    }

    /// What a list asks of the document, and it does not tell.
    pub fn missing(&self, list: List) -> impl Iterator<Item = Element> {
        let told = self.document;
        let asked = list.elements().iter().copied().filter(|asked| asked.is_of_document());
        asked.filter(move |asked| !told.has(*asked))
    }
}

fn said(component: &Component, is_related: bool) -> Said<'_> {
    let is_identified =
        component.purl.is_some() || !component.cpes.is_empty() || component.has_other_identifier;
    Said {
        name: &component.name,
        version: component.version.as_deref(),
        supplier: component.supplier.as_deref(),
        manufacturer: component.manufacturer.as_deref(),
        is_identified,
        is_related,
        has_hash: !component.hashes.is_empty(),
        licence: component.licences.first().map(Text::as_str),
        support: component.support,
        end_of_support: component.end_of_support,
    }
}

/// Of whom it is said how they stand to others.
struct Related {
    subject: bool,
    components: Vec<bool>,
}

impl Related {
    fn of(sbom: &Sbom) -> Self {
        let mut named: HashSet<&str> = HashSet::new();
        for dependency in &sbom.dependencies {
            named.insert(&dependency.from);
            named.extend(dependency.to.iter().map(Text::as_str));
        }
        let is_named = |one: &Component| {
            one.reference.as_deref().is_some_and(|reference| named.contains(reference))
        };
        let mut components: Vec<bool> = sbom
            .components
            .iter()
            .map(|one| is_named(one) || one.is_in_subject || one.parent.is_some())
            .collect();
        for parent in sbom.components.iter().filter_map(|one| one.parent) {
            if let Some(holds) = components.get_mut(parent as usize) {
                *holds = true;
            }
        }
        let holds = || sbom.components.iter().any(|one| one.is_in_subject);
        let is_alone = sbom.components.is_empty();
        let subject = sbom.subject.as_ref();
        let subject = subject.is_some_and(|one| is_named(one) || is_alone || holds());
        Self { subject, components }
    }
}
