//! Several outcomes about one subject and one vulnerability, settled into one finding.
//!
//! A maker's statement goes before what was matched; of two statements the narrower, then the
//! hospital's own, then the newer, and where no date tells which is newer, the graver; of two
//! matches the graver, but what excludes a version by more than a name goes before what includes it
//! by the name only. What lost stays among the reasons, and a disagreement is said. So does a
//! statement that does not reach this far: it is shown beside what decided, and decides nothing.

use std::cmp::Reverse;
use std::fmt;

use domain::advisory::Status;

use super::subjects::Held;
use super::versions::Place;
use super::{
    Certainty, Finding, Key, Kind, Outcome, Outcomes, Placed, Said, Subject, Verdict, Voice, Why,
    decided, doubts, product, statement,
};
use crate::hospital::{Hospital, VulnerabilityIndex};
use crate::reason::{Evidence, Reason, Rule};

/// How many reasons a finding keeps.
const REASONS: usize = 6;

/// Adds the findings of one vulnerability.
pub(super) fn settle(
    hospital: &Hospital<'_>,
    vulnerability: VulnerabilityIndex,
    outcomes: Outcomes<'_>,
    findings: &mut Vec<Finding>,
) {
    findings.extend(outcomes.into_iter().filter_map(|(key, outcomes)| {
        let accepted = decided::accepted(&outcomes);
        let (verdict, certainty, reasons) = settle_one(hospital, key, outcomes)?;
        let (release, subject) = key;
        let accepted = accepted.filter(|_| verdict.is_open());
        let finding =
            Finding { release, subject, vulnerability, verdict, certainty, reasons, accepted };
        within_sbom(hospital, finding)
    }));
}

/// A finding about a component is no surer than that its SBOM describes the release.
fn within_sbom(hospital: &Hospital<'_>, mut finding: Finding) -> Option<Finding> {
    let Subject::Component(sbom, _) = finding.subject else { return Some(finding) };
    let release = hospital.releases.get(finding.release.0 as usize)?;
    let described = release.sboms.get(sbom as usize)?;
    match described.reason.rule {
        Rule::SbomOtherUnits if !finding.verdict.is_open() => return None,
        Rule::SbomOtherUnits => {
            finding.verdict = Verdict::Undecided;
            finding.certainty = Certainty::Weak;
            finding.reasons.insert(0, described.reason.clone());
        }
        Rule::SbomAnyVersion => finding.certainty = finding.certainty.min(Certainty::Strong),
        _ => {}
    }
    Some(finding)
}

fn settle_one(
    hospital: &Hospital<'_>,
    key: Key,
    mut outcomes: Vec<Outcome<'_>>,
) -> Option<(Verdict, Certainty, Vec<Reason>)> {
    // That a component's version lies outside a range is the rule, not a finding.
    let idle = |outcome: &Outcome<'_>| {
        outcome.kind == Kind::Unapplied || matches!(outcome.why, Why::Outside(..))
    };
    if outcomes.iter().all(idle) {
        return None;
    }
    reopen(&mut outcomes);
    // The words come last, so that the order of documents decides nothing.
    outcomes.sort_by_cached_key(|outcome| {
        let (first, second) = words(outcome);
        (rank(outcome), first.to_owned(), second.to_owned())
    });
    let winner = winner(&outcomes)?;
    outcomes.get_mut(..=winner)?.rotate_right(1);
    // What was not applied stands beside what decided, where a reader looks for it.
    outcomes.get_mut(1..)?.sort_by_key(|outcome| {
        (outcome.kind != Kind::Unapplied, !matches!(outcome.voice, Voice::Accepts(_)))
    });
    let first = outcomes.first()?;
    let taken_back = is_taken_back(&outcomes);
    let (verdict, certainty) = if taken_back {
        (Verdict::Undecided, Certainty::Weak)
    } else {
        (first.verdict, first.certainty)
    };
    let rival = rival(&outcomes);
    if rival.is_none() && idle(first) {
        return None;
    }
    let conflict = rival.and_then(|(place, how)| Some((place, outcomes.get(place)?.verdict, how)));
    let told = outcomes.into_iter().map(|outcome| outcome.why.reason(hospital, key));
    let mut reasons: Vec<Reason> = Vec::new();
    let mut disagreement = None;
    for (place, reason) in told.enumerate() {
        if let Some((_, verdict, how)) = conflict.filter(|(at, ..)| *at == place) {
            disagreement = Some(contradiction(verdict, how, &reason));
        }
        if !reasons.contains(&reason) && reasons.len() < REASONS {
            reasons.push(reason);
        }
    }
    if taken_back && reasons.len() > 1 {
        reasons.swap(0, 1);
    }
    reasons.extend(disagreement);
    Some((verdict, certainty, reasons))
}

/// That a maker looks into it takes back what was cleared before, as far as it is about the same or
/// less; then it counts beside what was matched, of which it lowers nothing.
fn reopen(outcomes: &mut [Outcome<'_>]) {
    let is_inquiry =
        |one: &Outcome<'_>| one.verdict == Verdict::Undecided && one.kind > Kind::Matched;
    let inquiries: Vec<(Kind, Option<i64>)> =
        outcomes.iter().filter(|one| is_inquiry(one)).map(|one| (one.kind, moment(one))).collect();
    for outcome in outcomes {
        if is_inquiry(outcome) {
            outcome.kind = Kind::Matched;
            continue;
        }
        let clears = outcome.kind > Kind::Matched && outcome.verdict >= Verdict::Fixed;
        let made = moment(outcome);
        // Of one date, or without one, the graver counts.
        let is_later = |at: Option<i64>| at.zip(made).is_none_or(|(at, made)| at >= made);
        let takes_back = |(kind, at): &(Kind, Option<i64>)| *kind >= outcome.kind && is_later(*at);
        if clears && outcome.voice == Voice::Others && inquiries.iter().any(takes_back) {
            outcome.kind = Kind::Unapplied;
            if let Why::Told(reason) = &mut outcome.why {
                reason.sentence += ", which is not applied: it is looked into again";
                reason.rule = Rule::StatementNotApplied;
            }
        }
    }
}

/// Whether all that accuse are SBOMs that take it back, if only for a product that they do not
/// name: then nobody says that it is there, nor that it is not.
fn is_taken_back(outcomes: &[Outcome<'_>]) -> bool {
    let takes_back = |accuser: &Outcome<'_>| {
        accuser.kind == Kind::Matched
            && accuser.sbom.is_some()
            && outcomes.iter().any(|one| one.kind == Kind::Unapplied && one.sbom == accuser.sbom)
    };
    let accuses = |outcome: &&Outcome<'_>| outcome.verdict == Verdict::Affected;
    outcomes.first().as_ref().is_some_and(accuses)
        && outcomes.iter().filter(accuses).all(takes_back)
}

/// What an outcome says, where all else is equal.
fn words<'o>(outcome: &'o Outcome<'_>) -> (&'o str, &'o str) {
    match &outcome.why {
        Why::Told(reason) => (&reason.sentence, ""),
        Why::Outside(said, words) => (words, said.who()),
    }
}

/// When a statement was made; `None` where it does not say, or for what is matched.
pub(super) fn moment(outcome: &Outcome<'_>) -> Option<i64> {
    let said = outcome.said.filter(|_| outcome.kind > Kind::Matched);
    said.and_then(domain::date::moment)
}

/// Statements by scope and date; matches by gravity and basis, and doubts by what is nearest to a
/// decision.
type Rank = (Reverse<Kind>, Reverse<bool>, Reverse<Option<i64>>, Verdict, Reverse<Certainty>, u8);

fn rank(outcome: &Outcome<'_>) -> Rank {
    let basis = Reverse(outcome.basis);
    let is_own = Reverse(outcome.voice == Voice::Hospital);
    let distance = match &outcome.why {
        Why::Told(reason) if outcome.verdict == Verdict::Undecided => doubts::distance(reason.rule),
        Why::Told(_) | Why::Outside(..) => 0,
    };
    (Reverse(outcome.kind), is_own, Reverse(moment(outcome)), outcome.verdict, basis, distance)
}

/// The place of the outcome that decides. Outcomes stand in the order of [`rank`].
fn winner(outcomes: &[Outcome<'_>]) -> Option<usize> {
    let first = outcomes.first()?;
    if first.kind > Kind::Matched {
        // A statement without a date may be the newer one.
        let undated = |other: &Outcome<'_>| {
            other.kind == first.kind
                && other.voice == first.voice
                && moment(other).is_none()
                && other.verdict < first.verdict
        };
        return Some(outcomes.iter().position(undated).unwrap_or(0));
    }
    if first.verdict >= Verdict::Fixed {
        return Some(0);
    }
    // What excludes the version goes before a bare name that includes it, and before nothing else:
    // records are often incomplete, and name one version where they mean all up to it.
    let excludes = |other: &Outcome<'_>| {
        other.kind == Kind::Matched
            && other.verdict >= Verdict::Fixed
            && first.basis == Certainty::Weak
            && other.basis > first.basis
    };
    Some(outcomes.iter().position(excludes).unwrap_or(0))
}

/// Why one of two that disagree was followed.
#[derive(Debug, Clone, Copy)]
enum Because {
    Narrower,
    OwnDecision,
    Newer,
    GraverOfOneDate,
    GraverWithoutDate,
    ByMoreThanAName,
}

impl Because {
    fn words(self) -> &'static str {
        match self {
            Self::Narrower => "the narrower was followed",
            Self::OwnDecision => "the hospital's own decision was followed",
            Self::Newer => "the newer was followed",
            Self::GraverOfOneDate => "both have one date, so the graver was followed",
            Self::GraverWithoutDate => {
                "not both have a date that tells which is newer, so the graver was followed"
            }
            Self::ByMoreThanAName => "what goes by more than a name was followed",
        }
    }
}

/// What contradicts the outcome that decided, by its place, and why it was not followed: another
/// statement, or a match where none is stated.
fn rival(outcomes: &[Outcome<'_>]) -> Option<(usize, Because)> {
    let (first, others) = outcomes.split_first()?;
    let stated = first.kind > Kind::Matched;
    let clears = first.verdict >= Verdict::Fixed;
    let contradicts = |other: &Outcome<'_>| match (stated, other.kind) {
        (_, Kind::Unapplied) | (true, Kind::Matched) => false,
        (true, _) => other.verdict != first.verdict,
        (false, _) => clears && other.verdict == Verdict::Affected,
    };
    let place = others.iter().position(contradicts)?;
    let other = others.get(place)?;
    let because = match (moment(first), moment(other)) {
        _ if !stated => Because::ByMoreThanAName,
        _ if first.kind > other.kind => Because::Narrower,
        _ if first.voice != other.voice => Because::OwnDecision,
        (Some(first), Some(other)) if first == other => Because::GraverOfOneDate,
        (Some(_), Some(_)) => Because::Newer,
        _ if first.verdict < other.verdict => Because::GraverWithoutDate,
        _ => Because::Newer,
    };
    Some((place + 1, because))
}

fn contradiction(verdict: Verdict, because: Because, rival: &Reason) -> Reason {
    let (verdict, because) = (verdict.text(), because.words());
    let sentence = format!("Another document says {verdict}; {because}");
    Reason { rule: Rule::Conflict, sentence, evidence: rival.evidence.clone() }
}

impl Why<'_> {
    fn reason(self, hospital: &Hospital<'_>, key: Key) -> Reason {
        let (said, words) = match self {
            Self::Told(reason) => return reason,
            Self::Outside(said, words) => (said, words),
        };
        let label = label(hospital, key);
        let who = said.who();
        let sentence = format!("{who} is about other versions ({words}) than {label}");
        let evidence = vec![said.evidence(&words)];
        Reason { rule: Rule::VersionOutside, sentence, evidence }
    }
}

fn label(hospital: &Hospital<'_>, (release, subject): Key) -> String {
    let Some(release) = hospital.releases.get(release.0 as usize) else { return String::new() };
    let label = match subject {
        Subject::Release => None,
        Subject::OperatingSystem(place) => {
            release.operating_systems.get(place as usize).map(|system| (*system).to_owned())
        }
        Subject::Component(sbom, place) => {
            let described = release.sboms.get(sbom as usize);
            let component = described.and_then(|d| d.sbom.components.get(place as usize));
            component.map(domain::component::Component::label)
        }
    };
    label.unwrap_or_else(|| release.key.to_string())
}

impl<'d> Said<'d> {
    /// The outcome of this statement for a subject whose version was placed, on the basis of a rule
    /// that met with a certainty.
    pub(super) fn outcome(
        self,
        held: &Held<'_>,
        meant: &dyn fmt::Display,
        placed: Place,
        (rule, basis): (Rule, Certainty),
    ) -> Outcome<'d> {
        let status = self.affected.status;
        let all = placed == Place::All;
        let (verdict, rule, words, placed) = match placed {
            Place::All => {
                (statement::verdict(status), rule, "all versions".to_owned(), Placed::Holds)
            }
            Place::Inside(words) | Place::Named(words) => {
                (statement::verdict(status), rule, words, Placed::Holds)
            }
            Place::Outside(words) if status == Status::Fixed => {
                (Verdict::Undecided, Rule::FixedElsewhere, words, Placed::Outside)
            }
            Place::Outside(words) => {
                (Verdict::NotAffected, Rule::VersionOutside, words, Placed::Outside)
            }
            Place::Unknown(rule, words) => (Verdict::Undecided, rule, words, Placed::Unknown),
        };
        // A document that names no version at all gives way to one that does.
        let basis = if rule == Rule::VersionNotNamed { Certainty::Weak } else { basis };
        let is_told = verdict != Verdict::Undecided || status == Status::UnderInvestigation;
        let decided = placed == Placed::Holds && is_told;
        let is_statement = decided && product::is_statement(self, held);
        let kind = match (is_statement, all) {
            (false, _) => Kind::Matched,
            (true, true) => Kind::Stated,
            (true, false) => Kind::StatedForVersions,
        };
        // That a product is affected keeps the rule by which the product was found.
        let rule = match status {
            Status::NotAffected | Status::Fixed if is_statement => statement::rule(status),
            _ => rule,
        };
        self.told((held, meant), (verdict, rule, words), (basis, kind, placed))
    }

    /// The outcome of this statement for a subject that was judged beside other statements.
    pub(super) fn judged(
        self,
        held: &Held<'_>,
        meant: &dyn fmt::Display,
        (verdict, rule): (Verdict, Rule),
        words: String,
    ) -> Outcome<'d> {
        let placed = match verdict {
            Verdict::Undecided => Placed::Unknown,
            _ if rule == Rule::VersionOutside => Placed::Outside,
            _ => Placed::Holds,
        };
        let basis = if rule == Rule::VersionNotNamed { Certainty::Weak } else { Certainty::Exact };
        self.told((held, meant), (verdict, rule, words), (basis, Kind::Matched, placed))
    }

    fn told(
        self,
        (held, meant): (&Held<'_>, &dyn fmt::Display),
        (verdict, rule, words): (Verdict, Rule, String),
        (basis, kind, placed): (Certainty, Kind, Placed),
    ) -> Outcome<'d> {
        // Without a decided version nothing is exact.
        let certainty = if verdict == Verdict::Undecided { Certainty::Weak } else { basis };
        let said = self.telling.advisory.and_then(|advisory| advisory.updated.as_deref());
        let why = if rule == Rule::VersionOutside && held.subject != Subject::Release {
            Why::Outside(self, words)
        } else {
            Why::Told(self.reason(held, meant, rule, (verdict, &words)))
        };
        let sbom = self.telling.advisory.is_none().then_some(self.telling.document);
        let voice = Voice::Others;
        Outcome { verdict, certainty, basis, kind, placed, said, sbom, voice, name: None, why }
    }

    fn reason(
        self,
        held: &Held<'_>,
        meant: &dyn fmt::Display,
        rule: Rule,
        (verdict, words): (Verdict, &str),
    ) -> Reason {
        let evidence = vec![self.evidence(&format!("{meant}, {words}"))];
        Reason { rule, sentence: sentence(held, meant, self.who(), (verdict, words)), evidence }
    }

    fn evidence(self, words: &str) -> Evidence {
        let status = self.affected.status.text();
        let says = format!("{} {status}: {words}", self.telling.vulnerability.id);
        Evidence {
            document: self.telling.document,
            at: self.affected.at.clone(),
            says: domain::bounded::quote(&says),
        }
    }

    pub(super) fn who(self) -> &'d str {
        self.telling.advisory.map_or("the SBOM", |advisory| advisory.id.as_str())
    }
}

fn sentence(
    held: &Held<'_>,
    meant: &dyn fmt::Display,
    who: &str,
    (verdict, words): (Verdict, &str),
) -> String {
    let label = &held.label;
    match verdict {
        Verdict::Affected => format!("{who} names {meant} ({words}), and that is {label}"),
        Verdict::Fixed => {
            format!("{who} says that {meant} is fixed ({words}), and that is {label}")
        }
        Verdict::NotAffected => format!(
            "{who} is about {meant} ({words}), which {label} is not among or which is cleared"
        ),
        Verdict::Undecided => format!(
            "{who} is about {meant}, but whether {label} is among them is not known: {words}"
        ),
    }
}
