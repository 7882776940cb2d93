//! Several outcomes about one subject and one vulnerability, settled into one finding.
//!
//! A maker's statement goes before what was matched; of two statements the narrower, then the
//! newer; of two matches the surer. What lost stays among the reasons, and a disagreement is said.

use std::cmp::Reverse;

use domain::advisory::Status;

use super::subjects::Held;
use super::versions::Place;
use super::{
    Certainty, Finding, Kind, Outcome, Outcomes, Said, Subject, Verdict, product, statement,
};
use crate::reason::{Evidence, Reason, Rule};

/// How many reasons a finding keeps.
const REASONS: usize = 6;

pub(super) fn settle(outcomes: Outcomes<'_>) -> Vec<Finding> {
    let settled =
        outcomes.into_iter().filter_map(|((release, subject, vulnerability), outcomes)| {
            let (verdict, certainty, reasons) = settle_one(outcomes, subject)?;
            Some(Finding { release, subject, vulnerability, verdict, certainty, reasons })
        });
    settled.collect()
}

fn settle_one(
    mut outcomes: Vec<Outcome<'_>>,
    subject: Subject,
) -> Option<(Verdict, Certainty, Vec<Reason>)> {
    outcomes.sort_by_key(standing);
    let first = outcomes.first()?;
    // That a component's version lies outside a range is the rule, not a finding.
    let idle = first.kind == Kind::Matched
        && first.verdict == Verdict::NotAffected
        && subject != Subject::Release;
    if idle {
        return None;
    }
    let (verdict, certainty, kind) = (first.verdict, first.certainty, first.kind);
    let rival = outcomes.iter().skip(1).find(|other| {
        kind != Kind::Matched && other.kind != Kind::Matched && other.verdict != verdict
    });
    let conflict = rival.map(|rival| Reason {
        rule: Rule::Conflict,
        sentence: format!(
            "Another statement says {}; the narrower, then the newer, was followed",
            rival.verdict.text()
        ),
        evidence: rival.reason.evidence.clone(),
    });
    let mut reasons: Vec<Reason> = Vec::new();
    for outcome in outcomes {
        if !reasons.contains(&outcome.reason) && reasons.len() < REASONS {
            reasons.push(outcome.reason);
        }
    }
    reasons.extend(conflict);
    Some((verdict, certainty, reasons))
}

/// Statements by how narrow, then how new; matches by whether the flaw is there, then how sure.
///
/// The date says nothing about a match: a newer advisory about another version settles nothing.
fn standing<'d>(outcome: &Outcome<'d>) -> impl Ord + use<'d> {
    let stated = outcome.kind != Kind::Matched;
    let said = stated.then_some(outcome.said.unwrap_or_default());
    let there = !stated && outcome.verdict == Verdict::Affected;
    (
        Reverse(outcome.kind),
        Reverse(said),
        Reverse(there),
        Reverse(outcome.certainty),
        outcome.verdict,
    )
}

impl<'d> Said<'d> {
    /// The outcome of this statement for a subject whose version was placed, on the basis of a rule
    /// that met with a certainty. `None` where the statement clears or mends other versions: that
    /// says nothing of this one.
    pub(super) fn outcome(
        self,
        held: &Held<'_>,
        meant: &str,
        placed: Place,
        (rule, certainty): (Rule, Certainty),
    ) -> Option<Outcome<'d>> {
        let status = self.affected.status;
        let elsewhere = matches!(placed, Place::Outside(_) | Place::Unknown(..));
        if elsewhere && status != Status::Affected {
            return None;
        }
        let feed = self.telling.advisory.map(|advisory| advisory.feed);
        let who = self.telling.advisory.map_or("the SBOM", |advisory| advisory.id.as_str());
        let all = placed == Place::All;
        let (verdict, rule, words) = match placed {
            Place::All => (statement::verdict(status), rule, "all versions".to_owned()),
            Place::Inside(words) | Place::Named(words) => (statement::verdict(status), rule, words),
            Place::Outside(words) => {
                ((Verdict::NotAffected, Rule::VersionOutside), Rule::VersionOutside, words)
            }
            Place::Unknown(rule, words) => ((Verdict::Undecided, rule), rule, words),
        };
        let (verdict, stated_rule) = verdict;
        let decided = !matches!(rule, Rule::VersionOutside) && verdict != Verdict::Undecided;
        let is_statement = decided && status != Status::Affected && product::is_statement(feed);
        let (kind, rule) = match (is_statement, all) {
            (false, _) => (Kind::Matched, rule),
            (true, true) => (Kind::Stated, stated_rule),
            (true, false) => (Kind::StatedForVersions, stated_rule),
        };
        let sentence = sentence(held, meant, who, (verdict, &words));
        let says = format!("{} {}: {meant}, {words}", self.telling.vulnerability.id, status.text());
        let evidence = vec![Evidence {
            document: self.telling.document,
            at: self.affected.at.clone(),
            says: domain::bounded::quote(&says),
        }];
        // Without a decided version nothing is exact.
        let certainty =
            if verdict == Verdict::Undecided { certainty.min(Certainty::Weak) } else { certainty };
        Some(Outcome {
            verdict,
            certainty,
            kind,
            said: self.telling.advisory.and_then(|advisory| advisory.updated.as_deref()),
            reason: Reason { rule, sentence, evidence },
        })
    }
}

fn sentence(held: &Held<'_>, meant: &str, who: &str, (verdict, words): (Verdict, &str)) -> String {
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
