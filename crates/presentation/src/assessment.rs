//! An assessment as it leaves the program: the form of `--json`, and what every other view is made
//! from.
//!
//! The form is a promise to scripts: `docs/reference/assessment.schema.json` states it, a test
//! holds the two together, and [`SCHEMA`] changes when a field goes or changes its meaning.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Name and version of the form.
pub const SCHEMA: &str = "asepsis-assessment-1";

/// One assessment of one hospital.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assessment {
    /// [`SCHEMA`].
    pub schema: Cow<'static, str>,
    /// Version of the program.
    pub program: String,
    /// What was assessed: the folder's name.
    pub subject: String,
    /// The day it was made for, `YYYY-MM-DD`: support that ended before it has ended.
    pub date: String,
    /// The counts.
    pub summary: Summary,
    /// Every device, the one that endangers care most first.
    pub devices: Vec<Device>,
    /// Every release with its findings; devices point into this list.
    pub releases: Vec<Release>,
    /// Every vulnerability that a finding names.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Every document that is an input, or should be.
    pub documents: Vec<Document>,
    /// What else lay in the folder.
    pub left_out: Vec<LeftOut>,
}

/// The counts of an assessment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Units in the inventory.
    pub devices: usize,
    /// Releases: distinct manufacturer, model and version.
    pub releases: usize,
    /// Releases with an SBOM.
    pub releases_with_sbom: usize,
    /// Components of all SBOMs.
    pub components: usize,
    /// Whether CISA's catalogue of known exploited vulnerabilities is among the inputs. Without it
    /// every flaw may be exploited, and decisions are wider and more urgent than they need be.
    pub has_catalogue: bool,
    /// Vulnerabilities that the advisories and feeds tell, each counted once.
    pub vulnerabilities: usize,
    /// Findings by verdict, over releases.
    pub findings: Verdicts,
    /// Devices by decision.
    pub decisions: Decisions,
    /// Devices whose maker's support has ended.
    pub past_support: usize,
    /// Documents read without a problem.
    pub documents_clean: usize,
    /// Documents read with problems.
    pub documents_with_problems: usize,
    /// Documents refused or cut short.
    pub documents_refused: usize,
    /// Files that are no input.
    pub left_out: usize,
    /// Problems in all.
    pub problems: usize,
}

/// Findings by verdict.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Verdicts {
    /// The flaw is there.
    pub affected: usize,
    /// It can't be told.
    pub undecided: usize,
    /// It was there and is mended.
    pub fixed: usize,
    /// It is not there, by a statement or by the version.
    pub not_affected: usize,
}

/// Devices by SSVC decision.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Decisions {
    /// Act.
    pub act: usize,
    /// Attend.
    pub attend: usize,
    /// Track*.
    pub track_closely: usize,
    /// Track.
    pub track: usize,
    /// Nothing is known against it.
    pub none: usize,
}

/// A value between two bounds; equal ones where everything is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Range {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Range {
    /// In whole numbers: `72`, or `41–88`.
    #[must_use]
    pub fn whole(self) -> String {
        let (low, high) = (self.low.round(), self.high.round());
        if (low - high).abs() < 0.5 {
            format!("{high:.0}")
        } else {
            format!("{low:.0}–{high:.0}")
        }
    }
}

/// One device with its rank.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Device {
    /// Its place in the rank, from 1.
    pub rank: usize,
    /// The hospital's id.
    pub id: String,
    /// Who made it.
    pub manufacturer: Option<Arc<str>>,
    /// Its model.
    pub model: Option<Arc<str>>,
    /// Its software version.
    pub version: Option<Arc<str>>,
    /// The maker's serial number.
    pub serial: Option<String>,
    /// The device identifier of its UDI.
    pub udi_di: Option<Arc<str>>,
    /// Its operating system.
    pub operating_system: Option<Arc<str>>,
    /// MAC addresses.
    pub macs: Vec<String>,
    /// IP addresses.
    pub ips: Vec<String>,
    /// Site.
    pub site: Option<Arc<str>>,
    /// Unit.
    pub unit: Option<Arc<str>>,
    /// Room.
    pub room: Option<Arc<str>>,
    /// Care service.
    pub care_service: Option<Arc<str>>,
    /// Criticality; null is unknown.
    pub criticality: Option<Cow<'static, str>>,
    /// Whether it is in use; null is unknown, and counts as in use.
    pub in_use: Option<bool>,
    /// Units at hand that could take its place; null is unknown.
    pub substitutes: Option<u32>,
    /// Who answers for it.
    pub owner: Option<Arc<str>>,
    /// The day its maker's support ends, `YYYY-MM-DD`.
    pub end_of_support: Option<Arc<str>>,
    /// Whether that day has passed; null is unknown.
    pub past_support: Option<bool>,
    /// Its release, by place in `releases`; null where the model is unknown.
    pub release: Option<usize>,
    /// Risk to care, 0 to 100.
    pub risk: Range,
    /// SSVC decision, with what is unknown at its worst: `Act`, `Attend`, `Track*`, `Track`; null
    /// where nothing is known against it.
    pub decision: Option<Cow<'static, str>>,
    /// The decision with what is unknown at its best.
    pub least_decision: Option<Cow<'static, str>>,
    /// What to do first, in one sentence.
    pub next_action: Arc<str>,
    /// Its open findings, the worst first; shared among devices that are alike.
    pub findings: Arc<[RankedFinding]>,
    /// Every other column of the inventory.
    pub other: Vec<(String, String)>,
    /// Where the inventory has it.
    pub source: Source,
}

/// What one finding means for one device.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RankedFinding {
    /// By place in the release's `findings`.
    pub finding: usize,
    /// Which vulnerability.
    pub vulnerability: Arc<str>,
    /// Verdict.
    pub verdict: Cow<'static, str>,
    /// Likelihood, 0 to 1.
    pub likelihood: Range,
    /// Effect on care, 0 to 1.
    pub care: Range,
    /// Risk to care, 0 to 100.
    pub risk: Range,
    /// SSVC decision.
    pub decision: Cow<'static, str>,
    /// The way through the decision tree.
    pub path: Arc<str>,
    /// Up to and with which day the hospital accepts the risk, `YYYY-MM-DD`; not there where it
    /// does not. The decision is then `Track`; risk and path are what they would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_until: Option<String>,
}

/// One release with its findings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// Who makes it; empty is unknown.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Version; empty is unknown.
    pub version: String,
    /// How many units run it.
    pub units: usize,
    /// The SBOMs that describe it, by document name.
    pub sboms: Vec<String>,
    /// How many components they list.
    pub components: usize,
    /// What is known against it, and what was cleared.
    pub findings: Vec<Finding>,
}

/// What is told of a component beside its name and version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Who supplies it.
    pub supplier: Option<String>,
    /// Its package URL.
    pub purl: Option<String>,
    /// Its CPE names.
    pub cpes: Vec<String>,
    /// Its licences, as written.
    pub licences: Vec<String>,
    /// Its level of support: `maintained`, `no longer maintained`, `abandoned`.
    pub support: Option<Cow<'static, str>>,
    /// The day its support ends, `YYYY-MM-DD`.
    pub end_of_support: Option<String>,
    /// Where its SBOM has it.
    pub source: Source,
}

/// One judgement: this vulnerability and this release.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    /// Which vulnerability.
    pub vulnerability: String,
    /// What is meant: the release itself, a component, its operating system.
    pub subject: String,
    /// `affected`, `not_affected`, `fixed`, `undecided`.
    pub verdict: Cow<'static, str>,
    /// `exact`, `strong`, `weak`.
    pub certainty: Cow<'static, str>,
    /// Why, each with its evidence.
    pub reasons: Vec<Reason>,
    /// Up to and with which day the hospital accepts the risk, `YYYY-MM-DD`; not there where it
    /// does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_until: Option<String>,
}

/// One reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// Stable name of the rule.
    pub rule: Cow<'static, str>,
    /// In one sentence.
    pub sentence: String,
    /// What would reverse it.
    pub reversed_by: Cow<'static, str>,
    /// Where it was read.
    pub evidence: Vec<Evidence>,
}

/// A place in a document, and what it says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Where.
    #[serde(flatten)]
    pub source: Source,
    /// What it says.
    pub says: String,
}

/// A place in a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// The document's name.
    pub document: Arc<str>,
    /// Line from 1; 0 where lines mean nothing.
    pub line: u32,
    /// Path in the document.
    pub path: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.document)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.path.is_empty() {
            write!(f, " {}", self.path)?;
        }
        Ok(())
    }
}

/// One vulnerability.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vulnerability {
    /// Its id.
    pub id: String,
    /// Other ids of it.
    pub aliases: Vec<String>,
    /// Its title.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Scores, each computed from its vector.
    pub scores: Vec<Score>,
    /// Whether CISA knows it exploited.
    pub known_exploited: bool,
    /// Whether ransomware is known to use it; null is unknown.
    pub ransomware: Option<bool>,
    /// EPSS probability, 0 to 1.
    pub epss: Option<f64>,
    /// What CISA's coordinator answers for SSVC; null where it does not.
    #[serde(default)]
    pub ssvc: Option<Ssvc>,
    /// Weaknesses, as CWE numbers.
    pub cwes: Vec<u32>,
    /// What its documents say to do.
    pub remediations: Vec<Remediation>,
    /// The documents that tell of it.
    pub documents: Vec<String>,
}

/// What a coordinator answers of what SSVC asks. What is null it does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ssvc {
    /// How far exploitation has got: `none`, `poc`, `active`.
    pub exploitation: Option<Cow<'static, str>>,
    /// Whether an attack can be automated.
    pub automatable: Option<bool>,
    /// Whether an attacker gains total control.
    pub total_impact: Option<bool>,
}

/// One score.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Score {
    /// CVSS version.
    pub version: Cow<'static, str>,
    /// The vector.
    pub vector: String,
    /// The base score computed from it, 0 to 10.
    pub base: f64,
    /// The base score that its document states, where it states one.
    pub stated: Option<f64>,
    /// Who scored.
    pub origin: Option<String>,
}

/// One remediation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remediation {
    /// Its kind.
    pub kind: String,
    /// In the document's words.
    pub details: String,
    /// Where more is said.
    pub url: Option<String>,
}

/// One document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Its size, unpacked.
    pub bytes: u64,
    /// Records in it.
    pub records: usize,
    /// Records that became facts.
    pub records_read: usize,
    /// Whether it was refused or cut short.
    pub refused: bool,
    /// How many problems it has.
    pub problem_count: usize,
    /// The first of them.
    pub problems: Vec<Problem>,
}

/// One problem of a document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = DocumentProblem)]
pub struct Problem {
    /// Stable name.
    pub code: Cow<'static, str>,
    /// Line from 1; 0 where lines mean nothing.
    pub line: u32,
    /// Path in the document.
    pub path: String,
    /// What is wrong.
    pub meaning: Cow<'static, str>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What was lost: `nothing`, `field`, `record`, `document`.
    pub lost: Cow<'static, str>,
    /// What to do.
    pub hint: Cow<'static, str>,
}

/// A file that is no input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
}
