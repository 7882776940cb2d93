//! Several outcomes about one subject and one vulnerability, settled into one finding.
//!
//! A maker's statement goes before what was matched; of two statements the narrower, then the
//! newer; of two matches the graver, but what excludes a version by more than a name goes before
//! what includes it by the name only. What lost stays among the reasons, and a disagreement is
//! said.

use std::cmp::Reverse;
use std::fmt;

use domain::advisory::Status;

use super::subjects::Held;
use super::versions::Place;
use super::{
    Certainty, Finding, Key, Kind, Outcome, Outcomes, Placed, Said, Subject, Verdict, Why, product,
    statement,
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
        let (verdict, certainty, reasons) = settle_one(hospital, key, outcomes)?;
        let (release, subject) = key;
        let finding = Finding { release, subject, vulnerability, verdict, certainty, reasons };
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
    let idle = |outcome: &Outcome<'_>| matches!(outcome.why, Why::Outside(..));
    if outcomes.iter().all(idle) {
        return None;
    }
    // The words come last, so that the order of documents decides nothing.
    outcomes.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| words(a).cmp(&words(b))));
    let winner = winner(&outcomes)?;
    if winner > 0 {
        let first = outcomes.remove(winner);
        outcomes.insert(0, first);
    }
    let first = outcomes.first()?;
    let (verdict, certainty) = (first.verdict, first.certainty);
    let rival = rival(&outcomes);
    if rival.is_none() && idle(first) {
        return None;
    }
    let told = outcomes.into_iter().map(|outcome| outcome.why.reason(hospital, key));
    let mut reasons: Vec<Reason> = Vec::new();
    let mut conflict = None;
    for (place, reason) in told.enumerate() {
        if rival.is_some_and(|(at, _)| at == place) {
            conflict = rival.map(|(_, verdict)| contradiction(verdict, &reason));
        }
        if !reasons.contains(&reason) && reasons.len() < REASONS {
            reasons.push(reason);
        }
    }
    reasons.extend(conflict);
    Some((verdict, certainty, reasons))
}

/// What an outcome says, where all else is equal.
fn words<'o>(outcome: &'o Outcome<'_>) -> (&'o str, &'o str) {
    match &outcome.why {
        Why::Told(reason) => (&reason.sentence, ""),
        Why::Outside(said, words) => (words, said.who()),
    }
}

/// Statements by scope and date; matches by gravity and basis.
fn rank<'o>(
    outcome: &'o Outcome<'_>,
) -> (Reverse<Kind>, Option<Reverse<&'o str>>, Verdict, Reverse<Certainty>) {
    let said = (outcome.kind != Kind::Matched).then_some(outcome.said.unwrap_or_default());
    (Reverse(outcome.kind), said.map(Reverse), outcome.verdict, Reverse(outcome.basis))
}

/// The place of the outcome that decides. Outcomes stand in the order of [`rank`].
fn winner(outcomes: &[Outcome<'_>]) -> Option<usize> {
    let first = outcomes.first()?;
    if first.kind != Kind::Matched || first.verdict >= Verdict::Fixed {
        return Some(0);
    }
    // What excludes the version goes before a bare name that includes it, and before nothing else:
    // records are often incomplete, and name one version where they mean all up to it.
    let excludes = |other: &Outcome<'_>| {
        other.verdict >= Verdict::Fixed
            && first.basis == Certainty::Weak
            && other.basis > first.basis
    };
    Some(outcomes.iter().position(excludes).unwrap_or(0))
}

/// What contradicts the outcome that decided, by its place: another statement, or a match where
/// none is stated.
fn rival(outcomes: &[Outcome<'_>]) -> Option<(usize, Verdict)> {
    let (first, others) = outcomes.split_first()?;
    let clears = |verdict| verdict >= Verdict::Fixed;
    let contradicts = |other: &Outcome<'_>| {
        let stated = first.kind != Kind::Matched && other.kind != Kind::Matched;
        let matched = first.kind == Kind::Matched && clears(first.verdict);
        stated && other.verdict != first.verdict || matched && other.verdict == Verdict::Affected
    };
    let place = others.iter().position(contradicts)?;
    Some((place + 1, others.get(place)?.verdict))
}

fn contradiction(verdict: Verdict, rival: &Reason) -> Reason {
    Reason {
        rule: Rule::Conflict,
        sentence: format!(
            "Another document says {}; the narrower, then the newer, was followed",
            verdict.text()
        ),
        evidence: rival.evidence.clone(),
    }
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
        let decided = placed == Placed::Holds && verdict != Verdict::Undecided;
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
        // Without a decided version nothing is exact.
        let certainty = if verdict == Verdict::Undecided { Certainty::Weak } else { basis };
        let said = self.telling.advisory.and_then(|advisory| advisory.updated.as_deref());
        let why = if rule == Rule::VersionOutside && held.subject != Subject::Release {
            Why::Outside(self, words)
        } else {
            Why::Told(self.reason(held, meant, rule, (verdict, &words)))
        };
        Outcome { verdict, certainty, basis, kind, placed, said, why }
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

    fn who(self) -> &'d str {
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
