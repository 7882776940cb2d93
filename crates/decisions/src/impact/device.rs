//! A device's risk from its findings.
//!
//! The worst finding counts in full, the next half, the next a quarter of what is left to lose:
//! 1 - (1 - r1)(1 - r2/2)(1 - r3/4)... So a second serious flaw raises the risk, and however many
//! small ones there are, it stays below twice the worst. No finding, and no finding's rise, ever
//! lowers it. Refuses to count a vulnerability twice: the caller gives each once.

use std::cmp::Ordering;

use super::ssvc::Decision;
use super::step::{Rule, Step};
use super::tables::DIMINISHING;
use super::{Impact, Interval};

/// What all findings on one device mean for care.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRisk {
    /// The risk.
    pub risk: Interval,
    /// The worst decision of its findings, with what is unknown at its worst.
    pub decision: Decision,
    /// The worst decision of its findings, with what is unknown at its best.
    pub least: Decision,
}

impl DeviceRisk {
    /// By the decision, for it says how soon; then by risk, the high end first.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        self.decision.cmp(&other.decision).then(self.risk.order(other.risk))
    }
}

/// A device's risk from its findings, in any order; `None` where there are none.
#[must_use]
pub fn device<'a>(findings: impl IntoIterator<Item = &'a Impact>) -> Option<DeviceRisk> {
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    let (mut decision, mut least) = (Decision::Track, Decision::Track);
    for finding in findings {
        lows.push(finding.risk.low());
        highs.push(finding.risk.high());
        decision = decision.max(finding.ssvc.decision);
        least = least.max(finding.ssvc.least);
    }
    if highs.is_empty() {
        return None;
    }
    let risk = Interval::new(combined(&mut lows), combined(&mut highs));
    Some(DeviceRisk { risk, decision, least })
}

/// The arithmetic behind it, in numbers.
#[must_use]
pub fn explain<'a>(findings: impl IntoIterator<Item = &'a Impact>) -> Option<Step> {
    let findings: Vec<&Impact> = findings.into_iter().collect();
    let risk = device(findings.iter().copied())?.risk;
    let mut highs: Vec<f64> = findings.iter().map(|finding| finding.risk.high()).collect();
    highs.sort_unstable_by(|one, other| other.total_cmp(one));
    Some(Step::new(Rule::Device, formula(&highs), risk))
}

/// 1 - (1 - r1)(1 - r2/2)(1 - r3/4)..., the greatest first.
fn combined(risks: &mut [f64]) -> f64 {
    risks.sort_unstable_by(|one, other| other.total_cmp(one));
    let mut share = 1.0;
    let mut spared = 1.0;
    for risk in risks {
        spared *= 1.0 - *risk * share;
        share *= DIMINISHING;
    }
    1.0 - spared
}

/// How many terms are written out; what follows adds little.
const TERMS: usize = 4;

/// The formula of the high end, the greatest first.
fn formula(highs: &[f64]) -> String {
    let shares = std::iter::successors(Some(1.0), |share| Some(share * DIMINISHING));
    let mut terms: Vec<String> = highs
        .iter()
        .zip(shares)
        .take(TERMS)
        .map(|(risk, share)| format!("(1 − {risk:.2} × {share})"))
        .collect();
    if highs.len() > TERMS {
        terms.push(format!("… of {} findings", highs.len()));
    }
    format!("high end: 1 − {}", terms.join(" × "))
}
