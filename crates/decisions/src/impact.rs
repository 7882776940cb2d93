//! Impact: what a vulnerability on a device means for care.
//!
//! **Risk = likelihood × effect on care**, both as ranges from 0 to 1. What is unknown widens a
//! range instead of being guessed. Beside it stands CISA's SSVC decision. Every constant is in a
//! table that
//! `docs/concepts/ranking.md` prints, and every judgement lists its arithmetic, so that it can be
//! recomputed by hand.

mod action;
mod care;
mod interval;
mod likelihood;
mod ssvc;

use domain::advisory::SsvcInputs;
use domain::device::{Criticality, Use};
use domain::severity::Severity;

use crate::exposure::Verdict;

pub use action::{Fix, Situation, next_action};
pub use interval::Interval;
pub use ssvc::{Decision, SsvcDecision};

/// What is known of the device. `None` is unknown, never "no".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceInputs {
    /// What its failure does to a patient.
    pub criticality: Option<Criticality>,
    /// Whether a patient depends on it now.
    pub usage: Option<Use>,
    /// Units at hand that could take its place.
    pub substitutes: Option<u32>,
    /// Whether it is on a network: `Some(true)` where an address of it is known.
    pub networked: Option<bool>,
}

/// What is known of the vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VulnerabilityInputs<'v> {
    /// What its vector says.
    pub severity: Option<Severity>,
    /// The vector itself, as written.
    pub vector: Option<&'v str>,
    /// Whether CISA's catalogue has it.
    pub known_exploited: Option<Ransomware>,
    /// FIRST's estimate, 0 to 1.
    pub epss: Option<f64>,
    /// What CISA's coordinator decided.
    pub ssvc: Option<SsvcInputs>,
}

/// Whether a known exploited vulnerability is used by ransomware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ransomware {
    /// It is known to be.
    Known,
    /// Nothing is known of it.
    Unknown,
}

/// A vulnerability on a device, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    /// How likely it is to be used, 0 to 1.
    pub likelihood: Interval,
    /// What that does to care, 0 to 1.
    pub care: Interval,
    /// Their product, 0 to 1.
    pub risk: Interval,
    /// SSVC.
    pub ssvc: SsvcDecision,
    /// The arithmetic, a step a line.
    pub steps: Vec<String>,
}

/// Judges one vulnerability on one device.
///
/// An *undecided* finding may not be there at all: its likelihood starts at nothing, and its
/// decision is [`Decision::Attend`] at most, for the first thing to do is to find out.
#[must_use]
pub fn judge(
    device: &DeviceInputs,
    vulnerability: &VulnerabilityInputs<'_>,
    verdict: Verdict,
) -> Impact {
    let mut steps = Vec::new();
    let mut likelihood = likelihood::likelihood(device, vulnerability, &mut steps);
    let mut ssvc = ssvc::decide(device, vulnerability);
    if verdict == Verdict::Undecided {
        likelihood = likelihood.from_nothing();
        ssvc = ssvc.at_most(Decision::Attend);
        steps.push(format!("undecided, so it may not be there: likelihood {likelihood}"));
    }
    let care = care::effect(device, vulnerability, &mut steps);
    let risk = likelihood.times(care);
    steps.push(format!("risk = 100 × {likelihood} × {care} = {}", risk.percent()));
    steps.extend(care::environmental(device, vulnerability));
    Impact { likelihood, care, risk, ssvc, steps }
}

/// The tables of constants, as `docs/concepts/ranking.md` prints them.
#[must_use]
pub fn tables() -> String {
    let mut text = String::new();
    for table in [likelihood::tables(), care::tables(), ssvc::tables()] {
        text.push_str(&table);
    }
    text
}

#[cfg(test)]
mod tests;
