//! The first thing to do about a device, in one sentence that the people who do it understand.
//!
//! Refuses to send anyone to switch off a device that is in use.

use domain::advisory::Remediation;
use domain::bounded::quote;
use domain::device::Use;

use super::Decision;
use crate::exposure::Verdict;

/// What is offered against a vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix<'r> {
    /// Its maker has a fix.
    Fix(&'r str),
    /// Something lessens it.
    Mitigation(&'r str),
    /// Its maker will not fix it.
    NonePlanned,
    /// Nothing is told.
    Unknown,
}

impl<'r> Fix<'r> {
    /// The best of what the documents offer (CSAF 2.0, section 3.2.3.12.1).
    pub fn best(remediations: impl IntoIterator<Item = &'r Remediation>) -> Self {
        let mut best = Self::Unknown;
        for remediation in remediations {
            let offered = match remediation.kind.as_str() {
                "vendor_fix" => Self::Fix(&remediation.details),
                "mitigation" | "workaround" => Self::Mitigation(&remediation.details),
                "no_fix_planned" => Self::NonePlanned,
                _ => Self::Unknown,
            };
            if offered.rank() > best.rank() {
                best = offered;
            }
        }
        best
    }

    fn rank(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::NonePlanned => 1,
            Self::Mitigation(_) => 2,
            Self::Fix(_) => 3,
        }
    }
}

/// What a device's next action depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation<'s> {
    /// The most urgent finding's decision; `None` where nothing is known against the device.
    pub decision: Option<Decision>,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its vulnerability.
    pub vulnerability: &'s str,
    /// What is offered against it.
    pub fix: Fix<'s>,
    /// Whether a patient depends on the device; unknown counts as in use.
    pub usage: Option<Use>,
    /// Who makes it.
    pub manufacturer: Option<&'s str>,
    /// Whether its maker's support has ended.
    pub past_support: bool,
}

/// The next action, in one sentence.
#[must_use]
pub fn next_action(situation: &Situation<'_>) -> String {
    let mut sentence = match situation.decision {
        None => return idle(situation),
        Some(_) if situation.verdict == Verdict::Undecided => find_out(situation),
        Some(Decision::Act | Decision::Attend) => remedy(situation),
        Some(Decision::TrackClosely) => {
            format!(
                "Plan the remedy for {} with the next service, and watch for news of it",
                situation.vulnerability
            )
        }
        Some(Decision::Track) => {
            format!("Nothing now: remedy {} with the next regular service", situation.vulnerability)
        }
    };
    if situation.past_support {
        sentence.push_str("; its support has ended, so plan its replacement");
    }
    sentence
}

fn idle(situation: &Situation<'_>) -> String {
    if situation.past_support {
        "Nothing is known against it, but its support has ended: plan its replacement".to_owned()
    } else {
        "Nothing is known against it".to_owned()
    }
}

fn find_out(situation: &Situation<'_>) -> String {
    let maker = situation.manufacturer.unwrap_or("its maker");
    format!(
        "Find out whether {} applies: check the version, or ask {maker}",
        situation.vulnerability
    )
}

fn remedy(situation: &Situation<'_>) -> String {
    let vulnerability = situation.vulnerability;
    let maker = situation.manufacturer.unwrap_or("its maker");
    let lead = match situation.decision {
        Some(Decision::Act) => "Now: let it reach only what its patient needs",
        _ => "Soon: limit what it can reach",
    };
    let careful = match situation.usage {
        Some(Use::NotInUse) => "before it is used again",
        _ => "when the ward can spare it",
    };
    match situation.fix {
        Fix::Fix(details) => {
            format!("{lead}; {careful}, apply the fix for {vulnerability}: {}", clause(details))
        }
        Fix::Mitigation(details) => {
            format!("{lead}; {careful}, apply what lessens {vulnerability}: {}", clause(details))
        }
        Fix::NonePlanned => {
            format!(
                "{lead}; {maker} plans no fix for {vulnerability}, so keep it contained and plan its replacement"
            )
        }
        Fix::Unknown => format!("{lead}; ask {maker} for a fix for {vulnerability}"),
    }
}

/// Words of a document as a part of our sentence.
fn clause(details: &str) -> String {
    quote(details.trim().trim_end_matches('.'))
}
