//! Decisions of the hospital: which findings they are about, and which of several counts.
//!
//! A decision is about exactly the release that the inventory calls so. Refuses to carry one over
//! to another version, and to let the acceptance of a risk say anything of whether the flaw is
//! there.

use std::fmt::Write as _;

use domain::advisory::{Product, Versions};
use domain::date::Date;
use domain::decision::Ruling;
use domain::release::ReleaseKey;

use super::parts::place_component;
use super::settle::moment;
use super::statement::{Bearing, Told, bearing, component, outcome};
use super::versions::Place;
use super::{Finding, Kind, Outcome, Subject, Voice, Why};
use crate::hospital::Release;
use crate::reason::{Reason, Rule};

/// Characters of a reason that a sentence repeats.
const QUOTED: usize = 300;
const NOT_APPLIED: &str = ", which is not applied: ";
const OTHER_VERSION: &str = "it is about another version of the product, and does not carry over";
const OTHER_PART: &str = "it is about another version of the component, and does not carry over";
const SUPERSEDED: &str = "a narrower or newer decision of the hospital takes its place";

/// The release that a product of a decision is; `None` where it goes by another identifier.
pub(super) fn key(product: &Product) -> Option<ReleaseKey> {
    let vendor = product.vendor.as_deref()?;
    let version = match product.versions.as_slice() {
        [] => "",
        [Versions::One(version)] => version,
        _ => return None,
    };
    if vendor.is_empty() {
        return ReleaseKey::of_unknown_maker(&product.name, version);
    }
    ReleaseKey::new(vendor, &product.name, version)
}

/// Whether it accepts a risk, which accuses nothing.
pub(super) fn accepts(told: &Told<'_>) -> bool {
    matches!(told.statement.ruling, Some(Ruling::AcceptedUntil(_)))
}

/// How a decision about a release, or a component of it, bears on a subject.
pub(super) fn about(
    release: &Release<'_>,
    subject: Subject,
    (key, product): (&ReleaseKey, &Product),
) -> Option<Bearing> {
    if !release.key.same_model(key) {
        return None;
    }
    let is_all = product.versions.is_empty();
    let is_meant = is_all || release.key.same_version(key);
    let elsewhere = |why| Some(Bearing::Refused(Rule::DecidedElsewhere, why));
    let Some(meant) = product.component.as_deref() else {
        return match (is_meant, is_all) {
            (false, _) => elsewhere(OTHER_VERSION),
            (true, true) => Some(Bearing::Applies(Kind::Stated)),
            (true, false) => Some(Bearing::Applies(Kind::StatedForVersions)),
        };
    };
    match place_component(component(release, subject)?, meant)? {
        _ if !is_meant => elsewhere(OTHER_VERSION),
        Place::Outside(_) => elsewhere(OTHER_PART),
        Place::Unknown(..) => None,
        Place::All | Place::Inside(_) | Place::Named(_) => {
            Some(Bearing::Applies(Kind::StatedForComponent))
        }
    }
}

/// What the hospital says of a subject. Of several decisions the narrowest counts, then the newest;
/// of one moment the one that leaves it open.
pub(super) fn outcomes<'d>(
    release: &Release<'_>,
    subject: Subject,
    decisions: &[&Told<'d>],
) -> Vec<Outcome<'d>> {
    let mut said: Vec<(Kind, bool, Outcome<'d>)> = Vec::new();
    for told in decisions {
        let Some(bearing) = bearing(release, subject, told) else { continue };
        let kind = match &bearing {
            Bearing::Applies(kind) => *kind,
            Bearing::Perhaps(..) | Bearing::Refused(..) => Kind::Unapplied,
        };
        let made = outcome(told, bearing);
        said.push((kind, accepts(told), in_words(told, made, kind)));
    }
    let applied = (0_usize..).zip(&said).filter(|(_, (kind, ..))| *kind > Kind::Unapplied);
    let first = applied.max_by_key(|(_, (kind, accepts, one))| (*kind, moment_of(one), *accepts));
    let first = first.map(|(place, (_, accepts, _))| (place, *accepts));
    let settled = (0_usize..).zip(said).map(|(place, (kind, accepts, one))| match first {
        // Of decisions that clear, the rest stays to be told apart from what others state.
        Some((first, is_accepted))
            if kind > Kind::Unapplied && place != first && (accepts || is_accepted) =>
        {
            superseded(one)
        }
        _ => one,
    });
    settled.collect()
}

/// When a decision was made. What accepts stands beside what decides, and has a date as well.
fn moment_of(outcome: &Outcome<'_>) -> Option<i64> {
    moment(outcome).or_else(|| domain::date::moment(outcome.said?))
}

fn superseded(outcome: Outcome<'_>) -> Outcome<'_> {
    let why = match outcome.why {
        Why::Told(reason) => Why::Told(Reason {
            rule: Rule::DecidedOtherwise,
            sentence: format!("{}{NOT_APPLIED}{SUPERSEDED}", reason.sentence),
            ..reason
        }),
        other @ Why::Outside(..) => other,
    };
    Outcome { kind: Kind::Unapplied, voice: Voice::Others, why, ..outcome }
}

/// A statement of the hospital's, in the words of a decision.
fn in_words<'d>(told: &Told<'d>, outcome: Outcome<'d>, kind: Kind) -> Outcome<'d> {
    let is_applied = kind > Kind::Unapplied;
    let Some(ruling) = told.statement.ruling else {
        let voice = if is_applied { Voice::Hospital } else { Voice::Others };
        return Outcome { voice, ..outcome };
    };
    let (rule, voice, kind) = match ruling {
        Ruling::NotAffected(_) => (Rule::DecidedNotAffected, Voice::Hospital, outcome.kind),
        Ruling::FalsePositive => (Rule::DecidedFalsePositive, Voice::Hospital, outcome.kind),
        Ruling::AcceptedUntil(until) => {
            (Rule::DecidedAccepted, Voice::Accepts(until), Kind::Unapplied)
        }
    };
    let author = told.statement.author.as_deref().unwrap_or_default();
    let mut sentence = format!("{author} has decided: {ruling}");
    if let Ruling::NotAffected(Some(justification)) = ruling {
        let _ = write!(sentence, ", for {}", justification.meaning());
    }
    let reason = told.statement.detail.as_deref().unwrap_or_default();
    let _ = write!(sentence, " ({})", shortened(reason));
    let Why::Told(mut reason) = outcome.why else { return outcome };
    match &reason.rule {
        Rule::DecidedElsewhere => {
            let (_, why) = reason.sentence.rsplit_once(NOT_APPLIED).unwrap_or_default();
            reason.sentence = format!("{sentence}{NOT_APPLIED}{why}");
        }
        _ => (reason.rule, reason.sentence) = (rule, sentence),
    }
    let voice = if is_applied { voice } else { Voice::Others };
    let kind = if is_applied { kind } else { Kind::Unapplied };
    Outcome { kind, voice, why: Why::Told(reason), ..outcome }
}

/// The beginning of a reason, on one line.
fn shortened(reason: &str) -> String {
    let line = reason.split_whitespace().collect::<Vec<&str>>().join(" ");
    let clean = line.chars().filter(|c| !c.is_control());
    let mut short: String = clean.take(QUOTED).collect();
    if line.chars().nth(QUOTED).is_some() {
        short.push('…');
    }
    short
}

/// Until when the hospital accepts the risk, by what is said of a subject: one decision of it
/// counts.
pub(super) fn accepted(outcomes: &[Outcome<'_>]) -> Option<Date> {
    outcomes.iter().find_map(|outcome| match outcome.voice {
        Voice::Accepts(until) => Some(until),
        Voice::Others | Voice::Hospital => None,
    })
}

/// Takes acceptances away whose day has passed: those findings are open again, and say so.
pub fn lapse(findings: &mut [Finding], today: Date) {
    for finding in findings {
        if finding.accepted.is_some_and(|until| until < today) {
            finding.accepted = None;
            for reason in &mut finding.reasons {
                if reason.rule == Rule::DecidedAccepted {
                    reason.rule = Rule::DecidedRanOut;
                    reason.sentence.push_str(", and that day has passed");
                }
            }
        }
    }
}
