//! What software a release is made of: the facts of an SBOM.

mod carried;

use crate::advisory::Vulnerability;
use crate::cpe::Cpe;
use crate::date::Date;
use crate::location::Location;
use crate::purl::Purl;
use crate::text::Text;
use crate::vex::Statement;

pub use carried::{Affects, Carried, Fields, Known, LicenceText, OwnLicence, Told};

/// Which family of formats an SBOM is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SbomFormat {
    /// OWASP CycloneDX (ECMA-424).
    CycloneDx,
    /// SPDX 2.x (ISO/IEC 5962) and 3.x.
    Spdx,
}

/// One SBOM document.
#[derive(Debug, Clone, PartialEq)]
pub struct Sbom {
    /// Its format.
    pub format: SbomFormat,
    /// The version of its format, as written: `1.6`, `SPDX-2.3`, `3.0.1`.
    pub spec_version: Text,
    /// Serial number (CycloneDX, with `/version` where one is given) or document namespace (SPDX).
    pub serial: Option<Text>,
    /// When it was made, as written.
    pub created: Option<Text>,
    /// Who made it: people, organisations.
    pub authors: Vec<Author>,
    /// What made it: tools, with their versions.
    pub tools: Vec<Text>,
    /// In which phase of its life the software was looked at, as written: `build`, `operations`.
    pub phases: Vec<Text>,
    /// What it describes.
    pub subject: Option<Component>,
    /// Every component, nested ones after their parents; the subject is not among them.
    pub components: Vec<Component>,
    /// How many more there are without a name: they are no facts.
    pub nameless: usize,
    /// Services that the release offers or calls.
    pub services: Vec<Service>,
    /// Which component needs which.
    pub dependencies: Vec<Dependency>,
    /// Vulnerabilities that the document itself tells.
    pub vulnerabilities: Vec<Vulnerability>,
    /// VEX statements that the document itself makes.
    pub statements: Vec<Statement>,
    /// What it tells beside the facts, where another document is made of it.
    pub carried: Carried,
}

impl Sbom {
    /// One that tells nothing yet, in a version of a format.
    #[must_use]
    pub fn new(format: SbomFormat, spec_version: Text) -> Self {
        Self {
            format,
            spec_version,
            serial: None,
            created: None,
            authors: Vec::new(),
            tools: Vec::new(),
            phases: Vec::new(),
            subject: None,
            components: Vec::new(),
            nameless: 0,
            services: Vec::new(),
            dependencies: Vec::new(),
            vulnerabilities: Vec::new(),
            statements: Vec::new(),
            carried: Carried::default(),
        }
    }
}

/// Who made an SBOM.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Author {
    /// By what name.
    pub name: Text,
    /// Whether that is a person.
    pub sort: AuthorSort,
}

/// What an author is, as documents tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuthorSort {
    /// A person.
    Person,
    /// An organisation.
    Organisation,
    /// Not told.
    Unknown,
}

/// What kind of thing a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum ComponentKind {
    /// A program.
    Application,
    /// A framework.
    Framework,
    /// A library; what most components are.
    #[default]
    Library,
    /// A container image.
    Container,
    /// An operating system.
    OperatingSystem,
    /// A device, or hardware.
    Device,
    /// A device's driver.
    DeviceDriver,
    /// A device's firmware.
    Firmware,
    /// A file.
    File,
    /// A platform or runtime.
    Platform,
    /// A machine-learning model.
    MachineLearningModel,
    /// Data.
    Data,
    /// A cryptographic asset.
    CryptographicAsset,
    /// Anything else.
    Other,
}

/// How far a component is maintained (FDA, Cybersecurity in Medical Devices: Quality System
/// Considerations and Content of Premarket Submissions, 2023, section V.A.4(b): level of support).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SupportLevel {
    /// Actively maintained.
    Maintained,
    /// Used as it is: no longer maintained.
    NoLongerMaintained,
    /// Abandoned by its maker.
    Abandoned,
}

/// A digest of a component.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hash {
    /// The algorithm, as its format names it: `SHA-256`, `SHA256`.
    pub algorithm: Text,
    /// The digest in hexadecimal digits, as written.
    pub value: Text,
}

/// One component of a release.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Component {
    /// Its id in the document: `bom-ref`, `SPDXID`, `spdxId`.
    pub reference: Option<Text>,
    /// What kind of thing it is.
    pub kind: ComponentKind,
    /// The component that holds it, by its place in [`Sbom::components`]; `None` at the top.
    pub parent: Option<u32>,
    /// Whether the document says that what it describes contains it.
    pub is_in_subject: bool,
    /// Group or namespace.
    pub group: Option<Text>,
    /// Name.
    pub name: Text,
    /// Version, as written.
    pub version: Option<Text>,
    /// Who supplies it.
    pub supplier: Option<Text>,
    /// Who made it, where that is told apart from the supplier: manufacturer, author, publisher,
    /// originator.
    pub manufacturer: Option<Text>,
    /// Its package URL.
    pub purl: Option<Purl>,
    /// Its CPE names.
    pub cpes: Vec<Cpe>,
    /// Whether it has an identifier that is not kept: a SWID tag, a SWHID, an `OmniBOR` id.
    pub has_other_identifier: bool,
    /// Its digests.
    pub hashes: Vec<Hash>,
    /// Its licences: SPDX expressions or names, as written.
    pub licences: Vec<Text>,
    /// Texts of them, where another document is made of it.
    pub texts: Box<[LicenceText]>,
    /// Its level of support.
    pub support: Option<SupportLevel>,
    /// The day its support ends.
    pub end_of_support: Option<Date>,
    /// Properties that no other field holds.
    pub other: Vec<(Text, Text)>,
    /// Where it stood.
    pub at: Location,
}

impl Component {
    /// Name and version as people write them.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.to_string(),
        }
    }
}

/// A service that a release offers or calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// Its id in the document.
    pub reference: Option<Text>,
    /// Group or namespace.
    pub group: Option<Text>,
    /// Name.
    pub name: Text,
    /// Version, as written.
    pub version: Option<Text>,
    /// Who runs it.
    pub provider: Option<Text>,
    /// Where it is reached.
    pub endpoints: Vec<Text>,
    /// Whether it asks for authentication; `None` is not said.
    pub authenticated: Option<bool>,
    /// Where it stood.
    pub at: Location,
}

/// That one component needs others, by their references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Who needs.
    pub from: Text,
    /// What is needed.
    pub to: Vec<Text>,
    /// Where it stood.
    pub at: Location,
}
