//! Exposure: which release has which vulnerability, how sure that is, and why.
//!
//! The fleet is indexed, and every statement of every advisory looks up the few releases and
//! components that it can touch. Each look-up yields outcomes; all outcomes about one release, one
//! subject and one vulnerability are settled into one finding. What can't be decided is
//! *undecided*, never silently no.

mod builds;
mod called;
mod candidates;
mod configuration;
mod dates;
mod decided;
mod doubts;
pub mod keys;
pub mod names;
mod package;
mod parts;
pub mod phrase;
mod platform;
mod product;
mod reach;
mod settle;
mod statement;
mod subjects;
mod systems;
pub mod touch;
mod versions;
mod whole;

use std::collections::{BTreeMap, HashMap};

use domain::advisory::{Affected, Status, Target};
use domain::date::Date;
use domain::location::DocumentId;

use crate::hospital::{Hospital, ReleaseIndex, Telling, VulnerabilityIndex};
use crate::reason::{Reason, Rule};

use candidates::Candidates;
use subjects::Fleet;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The release itself.
    Release,
    /// Its operating system, as the inventory names it, by place in the release's list.
    OperatingSystem(u32),
    /// A component: which of the release's SBOMs, and which of its components.
    Component(u32, u32),
}

/// What was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The flaw is there.
    Affected,
    /// It can't be told.
    Undecided,
    /// It was there and is mended.
    Fixed,
    /// It is not there.
    NotAffected,
}

impl Verdict {
    /// As outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Undecided => "undecided",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }

    /// The verdict that outputs write so.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let all = [Self::Affected, Self::Undecided, Self::Fixed, Self::NotAffected];
        all.into_iter().find(|verdict| verdict.text() == text)
    }

    /// Whether something is left to do about it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Affected | Self::Undecided)
    }
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Only names met.
    Weak,
    /// Vendor, product and version are decided without an identifier.
    Strong,
    /// An identifier met, and the version is decided.
    Exact,
}

impl Certainty {
    /// As outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Strong => "strong",
            Self::Exact => "exact",
        }
    }
}

/// One judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which release.
    pub release: ReleaseIndex,
    /// What of it.
    pub subject: Subject,
    /// Which vulnerability.
    pub vulnerability: VulnerabilityIndex,
    /// What was judged.
    pub verdict: Verdict,
    /// How sure.
    pub certainty: Certainty,
    /// Why, the deciding reason first.
    pub reasons: Vec<Reason>,
    /// Up to and with which day the hospital accepts the risk, where it is open and the hospital
    /// does; [`lapse`] takes it away when the day has passed.
    pub accepted: Option<Date>,
}

/// What one statement of one document yields for one subject.
#[derive(Debug, Clone)]
struct Outcome<'d> {
    verdict: Verdict,
    certainty: Certainty,
    /// How sure it is that the subject is what the statement is about, decided or not.
    basis: Certainty,
    /// Whether a maker says so of its own product, which goes before what was matched.
    kind: Kind,
    placed: Placed,
    /// When it was said, as written.
    said: Option<&'d str>,
    /// The SBOM that tells it: the same document may take it back by a statement.
    sbom: Option<DocumentId>,
    voice: Voice,
    /// How far the product's name agreed with the release's, where it was met by name.
    name: Option<names::Agreement>,
    why: Why<'d>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    /// A maker, an advisory, a feed.
    Others,
    /// The hospital, which goes before others of the same scope.
    Hospital,
    /// The hospital, which accepts the risk until that day and says nothing of what is there.
    Accepts(Date),
}

/// Why an outcome is so. That a component's version lies outside a range is the rule and hardly
/// ever shown, so its words are put together only where it is.
#[derive(Debug, Clone)]
enum Why<'d> {
    /// For this reason.
    Told(Reason),
    /// Outside what this statement names, in these words.
    Outside(Said<'d>, String),
}

impl Why<'_> {
    fn told(self) -> Option<Reason> {
        match self {
            Self::Told(reason) => Some(reason),
            Self::Outside(..) => None,
        }
    }
}

/// Whether a statement's versions hold the subject's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placed {
    Holds,
    Outside,
    Unknown,
}

/// How an outcome came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// By a statement that does not reach this far: it is shown, and decides nothing.
    Unapplied,
    /// By matching.
    Matched,
    /// By a statement about a package, in whatever product it is.
    StatedForPackage,
    /// By a statement about a product, at all its versions.
    Stated,
    /// By a statement about a product at some versions.
    StatedForVersions,
    /// By a statement about one component of one product.
    StatedForComponent,
}

/// What a vulnerability is held against: a subject of a release.
type Key = (ReleaseIndex, Subject);

/// Outcomes for one vulnerability.
type Outcomes<'d> = BTreeMap<Key, Vec<Outcome<'d>>>;

/// Judges every release against every vulnerability. Findings come in the order of releases,
/// subjects and vulnerabilities.
#[must_use]
pub fn judge(hospital: &Hospital<'_>) -> Vec<Finding> {
    let all = 0..u32::try_from(hospital.vulnerabilities.len()).unwrap_or(u32::MAX);
    judge_some(hospital, all.map(VulnerabilityIndex))
}

/// Judges every release against some vulnerabilities, in the same order.
#[must_use]
pub fn judge_some(
    hospital: &Hospital<'_>,
    vulnerabilities: impl IntoIterator<Item = VulnerabilityIndex>,
) -> Vec<Finding> {
    let fleet = Fleet::index(hospital);
    let statements = statement::by_vulnerability(hospital);
    let mut candidates = Candidates::default();
    let mut findings = Vec::new();
    for index in vulnerabilities {
        let Some(known) = hospital.vulnerabilities.get(index.0 as usize) else { continue };
        let mut outcomes = Outcomes::new();
        let mut cursor =
            Cursor { fleet: &fleet, outcomes: &mut outcomes, candidates: &mut candidates };
        for telling in &known.tellings {
            cursor.telling(*telling);
        }
        if let Some(statements) = statements.get(&index) {
            statement::apply(&fleet, statements, &mut outcomes);
        }
        whole::clear_parts(&mut outcomes);
        settle::settle(hospital, index, outcomes, &mut findings);
    }
    findings
        .sort_unstable_by_key(|finding| (finding.release, finding.subject, finding.vulnerability));
    findings
}

pub use decided::lapse;

/// One vulnerability being held against the fleet.
struct Cursor<'c, 'h, 'd> {
    fleet: &'h Fleet<'h, 'd>,
    outcomes: &'c mut Outcomes<'d>,
    candidates: &'c mut Candidates<'d>,
}

/// A statement on its way: who tells it, and the entry that holds it.
#[derive(Debug, Clone, Copy)]
struct Said<'d> {
    telling: Telling<'d>,
    affected: &'d Affected,
}

impl<'d> Cursor<'_, '_, 'd> {
    /// Statements of one entry follow each other and share its place; the first that holds for a
    /// subject decides for it.
    fn telling(&mut self, telling: Telling<'d>) {
        let built = builds::outcomes(self.fleet, telling);
        let mut told = Vec::new();
        for group in telling.vulnerability.affected.chunk_by(is_of_one_entry) {
            let is_build = !built.is_empty() && group.first().is_some_and(builds::is_build);
            let mut entry = Entry::default();
            for affected in group {
                for (key, outcome) in self.outcomes_of(Said { telling, affected }) {
                    if is_build && built.contains_key(&key) {
                        continue;
                    }
                    let outcome = entry.takes(key, affected.status, outcome);
                    told.extend(outcome.map(|outcome| (key, outcome)));
                }
            }
        }
        product::keep_nearest(&mut told);
        for (key, outcome) in told.into_iter().chain(built) {
            self.outcomes.entry(key).or_default().push(outcome);
        }
    }

    fn outcomes_of(&mut self, said: Said<'d>) -> Vec<(Key, Outcome<'d>)> {
        match &said.affected.target {
            Target::Package(package) => package::outcomes(self.fleet, said, package),
            Target::Configuration(configuration) => {
                configuration::outcomes(self.fleet, said, configuration)
            }
            Target::Product(product) => {
                product::outcomes(self.fleet, self.candidates, said, product)
            }
        }
    }
}

/// One entry of a document on its way: which subjects it has decided or left in doubt.
#[derive(Default)]
struct Entry {
    stands: HashMap<Key, Stand>,
}

/// What an entry has said so far of a subject.
enum Stand {
    Decided,
    /// An earlier statement may clear it, which nobody can tell.
    Doubted(Option<Reason>),
}

impl Entry {
    /// The outcome as far as it counts after the entry's earlier statements; `None` where it says
    /// nothing: another has decided, or what it would clear lies outside.
    fn takes<'d>(
        &mut self,
        subject: Key,
        status: Status,
        mut outcome: Outcome<'d>,
    ) -> Option<Outcome<'d>> {
        if matches!(self.stands.get(&subject), Some(Stand::Decided)) {
            return None;
        }
        match (status, outcome.placed) {
            // Outside one range of an entry, the entry's next one may still hold.
            (Status::Affected, Placed::Outside) => return Some(outcome),
            (Status::NotAffected | Status::UnderInvestigation, Placed::Outside) => return None,
            (Status::NotAffected, Placed::Unknown) => {
                self.stands.insert(subject, Stand::Doubted(outcome.why.told()));
                return None;
            }
            _ => {}
        }
        let before = self.stands.insert(subject, Stand::Decided);
        if let Some(Stand::Doubted(doubt)) = before
            && outcome.verdict == Verdict::Affected
        {
            outcome.verdict = Verdict::Undecided;
            outcome.certainty = Certainty::Weak;
            let doubt = doubt.map(|doubt| Reason { rule: Rule::VersionTextUnread, ..doubt });
            outcome.why = doubt.map_or(outcome.why, Why::Told);
        }
        Some(outcome)
    }
}

/// Whether two statements that follow each other are of one entry about one product.
fn is_of_one_entry(a: &Affected, b: &Affected) -> bool {
    a.at == b.at && same_product(a, b)
}

fn same_product(a: &Affected, b: &Affected) -> bool {
    match (&a.target, &b.target) {
        (Target::Product(a), Target::Product(b)) => a.name == b.name && a.vendor == b.vendor,
        (Target::Package(a), Target::Package(b)) => a.purl == b.purl,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
