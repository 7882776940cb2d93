//! Advisories and feeds: who says which vulnerability is in which product at which versions.
//!
//! Facts are kept as they were received. Free text about versions stays text here; reading it is
//! a judgement, and belongs to `decisions`.

mod rare;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::cpe::Cpe;
use crate::date::Date;
use crate::location::Location;
use crate::purl::Purl;
use crate::text::Text;
use crate::version::Scheme;

pub use rare::Rare;

/// The id of a vulnerability: `CVE-2020-11896`, `GHSA-…`, a vendor's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VulnerabilityId(pub Text);

impl VulnerabilityId {
    /// An id in its usual spelling: trimmed, and in capitals where it is a CVE.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let is_cve = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("cve-"));
        let is_odd = is_cve && text.bytes().any(|byte| byte.is_ascii_lowercase());
        Self(if is_odd { text.to_ascii_uppercase().into() } else { text.into() })
    }

    /// Whether it is a CVE id.
    #[must_use]
    pub fn is_cve(&self) -> bool {
        self.0.starts_with("CVE-")
    }
}

impl fmt::Display for VulnerabilityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What kind of document said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feed {
    /// OASIS CSAF 2.0.
    Csaf,
    /// CVE record format 5.x.
    Cve,
    /// NVD API 2.0.
    Nvd,
    /// OpenSSF OSV.
    Osv,
    /// Vulnerabilities inside an SBOM.
    Sbom,
}

impl Feed {
    /// As outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Csaf => "CSAF",
            Self::Cve => "CVE",
            Self::Nvd => "NVD",
            Self::Osv => "OSV",
            Self::Sbom => "SBOM",
        }
    }
}

/// One advisory, or one record of a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Advisory {
    /// Its own id: `ICSMA-22-263-01`, `CVE-2020-11896`, `GHSA-…`.
    pub id: Text,
    /// What kind of document it is.
    pub feed: Feed,
    /// Who published it.
    pub publisher: Option<Text>,
    /// Its title.
    pub title: Option<Text>,
    /// When it was last changed, as written.
    pub updated: Option<Text>,
    /// Its revision, as written (CSAF `tracking.version`): of two copies the later one counts.
    pub revision: Option<Text>,
    /// How far its text has got, as written: `draft`, `interim`, `final`.
    pub stage: Option<Text>,
    /// The language of its text (BCP 47), as written.
    pub language: Option<Text>,
    /// Whether it was withdrawn or rejected: it says nothing then.
    pub withdrawn: bool,
    /// Its vulnerabilities.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Where it stood.
    pub at: Location,
}

/// One vulnerability, as one document tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Vulnerability {
    /// Its id; the advisory's own where it has no CVE.
    pub id: VulnerabilityId,
    /// Other ids of the same flaw.
    pub aliases: Vec<VulnerabilityId>,
    /// Title or first sentence.
    pub title: Option<Text>,
    /// What it is, in the document's words.
    pub description: Option<Text>,
    /// Weaknesses, as CWE numbers.
    pub cwes: Vec<u32>,
    /// Scores that the document gives.
    pub scores: Vec<Score>,
    /// What CISA's coordinator decided for SSVC.
    pub ssvc: Option<SsvcInputs>,
    /// Which products it is in, or is not.
    pub affected: Vec<Affected>,
    /// Why some products are not affected, where that is said (VEX justification, as written).
    pub justifications: Vec<Text>,
    /// What to do about it.
    pub remediations: Vec<Remediation>,
    /// Who has done what about it so far.
    pub involvements: Vec<Involvement>,
    /// Where it stood.
    pub at: Location,
}

impl Vulnerability {
    /// A vulnerability of which only the id is known.
    #[must_use]
    pub fn new(id: VulnerabilityId, at: Location) -> Self {
        Self {
            id,
            aliases: Vec::new(),
            title: None,
            description: None,
            cwes: Vec::new(),
            scores: Vec::new(),
            ssvc: None,
            affected: Vec::new(),
            justifications: Vec::new(),
            remediations: Vec::new(),
            involvements: Vec::new(),
            at,
        }
    }

    /// Why a product is not affected, where one of its statements says so.
    #[must_use]
    pub fn justification(&self, affected: &Affected) -> Option<&str> {
        let place = affected.justification?.0.get() as usize - 1;
        self.justifications.get(place).map(Text::as_str)
    }

    /// Keeps a justification, to which statements then refer.
    #[must_use]
    pub fn add_justification(&mut self, text: Text) -> Option<JustificationIndex> {
        self.justifications.push(text);
        let count = u32::try_from(self.justifications.len()).ok()?;
        NonZeroU32::new(count).map(JustificationIndex)
    }
}

/// One of [`Vulnerability::justifications`]; a document often says one reason of very many
/// products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JustificationIndex(NonZeroU32);

impl JustificationIndex {
    /// Its place in the list, from 1.
    #[must_use]
    pub fn number(self) -> NonZeroU32 {
        self.0
    }
}

impl From<NonZeroU32> for JustificationIndex {
    fn from(number: NonZeroU32) -> Self {
        Self(number)
    }
}

/// A CVSS vector and the score that the document states for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The vector, as written.
    pub vector: Text,
    /// The stated base score, if any: to be compared with the computed one, never used for it.
    pub stated: Option<f64>,
    /// Who scored: `nvd@nist.gov`, `CISA-ADP`, the CNA.
    pub origin: Option<Text>,
    /// The statements of [`Vulnerability::affected`] that it is for, by their position there;
    /// empty is "all of them".
    pub applies: Vec<u32>,
}

/// Inputs of CISA's SSVC decision that a coordinator supplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SsvcInputs {
    /// Whether it is exploited.
    pub exploitation: Option<Exploitation>,
    /// Whether an attack can be automated.
    pub automatable: Option<bool>,
    /// Whether an attacker gains total control.
    pub total_impact: Option<bool>,
}

/// How far exploitation has got (SSVC, "Exploitation").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exploitation {
    /// No sign of it.
    None,
    /// A public proof of concept.
    ProofOfConcept,
    /// Exploited in the wild.
    Active,
}

impl Exploitation {
    /// Every answer, from the least to the most.
    pub const ALL: [Self; 3] = [Self::None, Self::ProofOfConcept, Self::Active];

    /// As SSVC's records write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ProofOfConcept => "poc",
            Self::Active => "active",
        }
    }
}

/// What a document says of one product.
///
/// One entry of a document can make several statements, each for its own versions (CVE records:
/// `versions` and `defaultStatus`). They follow each other and have the same place, [`Self::at`].
/// Of such a group the first statement whose versions hold decides, so a default stands last and
/// names [`Versions::All`]. Statements with different places know nothing of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Affected {
    /// Whether it has the flaw.
    pub status: Status,
    /// Why it has not, where that is said.
    pub justification: Option<JustificationIndex>,
    /// Which product.
    pub target: Target,
    /// Where it stood.
    pub at: Location,
}

const _: () = assert!(size_of::<Affected>() == 40);

/// A product's status towards a vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// It has the flaw.
    Affected,
    /// It has not.
    NotAffected,
    /// It had, and no longer has.
    Fixed,
    /// It is being looked into.
    UnderInvestigation,
}

impl Status {
    /// In VEX's spelling.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
        }
    }
}

/// How a document points at a product.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A package of an ecosystem.
    Package(Box<Package>),
    /// An applicability statement of CPE names.
    Configuration(Box<Configuration>),
    /// A product by vendor and name; shared by all statements of a document about it, for an
    /// advisory can name some hundred products under each of some hundred vulnerabilities.
    Product(Arc<Product>),
}

impl From<Package> for Target {
    fn from(package: Package) -> Self {
        Self::Package(Box::new(package))
    }
}

impl From<Configuration> for Target {
    fn from(configuration: Configuration) -> Self {
        Self::Configuration(Box::new(configuration))
    }
}

impl From<Product> for Target {
    fn from(product: Product) -> Self {
        Self::Product(product.into_shared())
    }
}

/// A package of an ecosystem, with the versions meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// Type, namespace and name; a version in it is ignored.
    pub purl: Purl,
    /// The versions meant; any of them.
    pub versions: Vec<Versions>,
}

/// A product by its maker's and its own name, with the versions meant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Product {
    /// Who makes it, as written.
    pub vendor: Option<Text>,
    /// Its name, as written.
    pub name: Text,
    /// The versions meant; any of them. Empty is "not said".
    pub versions: Vec<Versions>,
    /// Its purls, where given.
    pub purls: Vec<Purl>,
    /// Packages that the record's words lead to without giving a purl: a repository of the same
    /// owner and name, a package of the language that the record speaks of.
    pub packages: Rare<Purl>,
    /// Its CPE names, where given.
    pub cpes: Rare<Cpe>,
    /// Model and stock-keeping numbers, where given.
    pub models: Rare<Text>,
    /// What else the document says of it, as written, each with the document's word for it, one of
    /// [`DETAILS`].
    pub details: Rare<(&'static str, Text)>,
    /// The component inside it that is meant, where the statement is about one (CSAF
    /// `default_component_of`, OpenVEX subcomponents).
    pub component: Option<Arc<Product>>,
    /// The platform that it must run on, where one is meant (CSAF `installed_on`,
    /// `installed_with`).
    pub platform: Option<Arc<Product>>,
}

/// The words of documents for what else they say of a product.
pub const DETAILS: [&str; 17] = [
    "architecture",
    "full_name",
    "hash",
    "host_name",
    "language",
    "legacy",
    "module",
    "package",
    "platform",
    "product_family",
    "product_name",
    "product_version",
    "repository",
    "sbom_url",
    "serial_number",
    "specification",
    "uri",
];

/// One of [`DETAILS`].
#[must_use]
pub fn detail(word: &str) -> Option<&'static str> {
    DETAILS.into_iter().find(|known| *known == word)
}

impl Product {
    /// The product as statements share it: it no longer grows, so it keeps no room to.
    #[must_use]
    pub fn into_shared(mut self) -> Arc<Self> {
        self.versions.shrink_to_fit();
        self.purls.shrink_to_fit();
        self.packages.shrink_to_fit();
        self.cpes.shrink_to_fit();
        self.models.shrink_to_fit();
        self.details.shrink_to_fit();
        Arc::new(self)
    }
}

/// Some versions of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// All of them.
    All,
    /// Exactly this one.
    One(Text),
    /// A range.
    Range(VersionRange),
    /// Free text, not yet read: `<=3.64`, "Versions 3.64 and prior".
    Text(Text),
}

/// A range of versions, in the order of one scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    /// How versions are ordered.
    pub scheme: Scheme,
    /// From where.
    pub from: Bound,
    /// To where.
    pub to: Bound,
}

/// An end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// No end on this side.
    Open,
    /// This version and on.
    Including(Text),
    /// From or up to this version, without it.
    Excluding(Text),
}

/// A node of an NVD configuration: CPE names joined by AND and OR, possibly negated.
#[derive(Debug, Clone, PartialEq)]
pub enum Configuration {
    /// All must hold.
    All(Vec<Configuration>),
    /// One must hold.
    Any(Vec<Configuration>),
    /// It must not hold.
    Not(Box<Configuration>),
    /// A CPE name with a range of versions.
    Match(Box<CpeMatch>),
}

/// A CPE match string (NVD `cpeMatch`).
#[derive(Debug, Clone, PartialEq)]
pub struct CpeMatch {
    /// The name; its version is `*` where a range is given.
    pub cpe: Cpe,
    /// Whether the flaw is in this product, or it is only what the vulnerable one runs on.
    pub vulnerable: bool,
    /// From which version.
    pub from: Bound,
    /// To which version.
    pub to: Bound,
}

/// What to do about a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remediation {
    /// What kind: `vendor_fix`, `mitigation`, `workaround`, `none_available`, `no_fix_planned`.
    pub kind: Text,
    /// In the document's words.
    pub details: Text,
    /// Where more is said.
    pub url: Option<Text>,
    /// The statements of [`Vulnerability::affected`] that it is for, by their position there;
    /// empty is "all of them".
    pub applies: Vec<u32>,
    /// Where it stood.
    pub at: Location,
}

/// What one party has done about a vulnerability (CSAF 2.0, section 3.2.3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Involvement {
    /// In which role: `coordinator`, `discoverer`, `vendor`.
    pub party: Text,
    /// How far it has got: `completed`, `contact_attempted`, `disputed`, `not_contacted`.
    pub status: Text,
    /// In the document's words.
    pub summary: Option<Text>,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownExploited {
    /// Which vulnerability.
    pub id: VulnerabilityId,
    /// When it was added.
    pub added: Option<Date>,
    /// By when agencies must act.
    pub due: Option<Date>,
    /// Whether it is known in ransomware campaigns; `None` is "unknown", not "no".
    pub ransomware: Option<bool>,
    /// What CISA says to do.
    pub action: Option<Text>,
    /// Where it stood.
    pub at: Location,
}

/// The exploit predictions of one document, in its order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExploitPredictions(pub Vec<ExploitPrediction>);

/// FIRST's estimate that a vulnerability is exploited within 30 days.
#[derive(Debug, Clone, PartialEq)]
pub struct ExploitPrediction {
    /// Which vulnerability.
    pub id: VulnerabilityId,
    /// Probability, 0 to 1.
    pub probability: f64,
    /// Share of vulnerabilities with this probability or less, 0 to 1.
    pub percentile: Option<f64>,
    /// Where it stood.
    pub at: Location,
}
