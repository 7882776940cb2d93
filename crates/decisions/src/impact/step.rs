//! A step of the arithmetic: which rule took which input, and what came of it.
//!
//! Refuses to compute: it only shows, so that a person can follow and repeat by hand.

use std::borrow::Cow;
use std::fmt;

use super::interval::Interval;

/// Text that is mostly one of a table's names.
pub(super) type Text = Cow<'static, str>;

/// A rule of the rank. Each has a section in `docs/concepts/ranking.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// How far exploitation has got.
    Exploitation,
    /// FIRST's EPSS.
    Prediction,
    /// Whether ransomware is known to use it.
    Ransomware,
    /// The three above as one number.
    Threat,
    /// From where, given how the device is connected.
    AttackVector,
    /// How much must come together.
    AttackComplexity,
    /// Which rights are needed before.
    Privileges,
    /// Whether somebody must take part.
    Interaction,
    /// Threat times ease.
    Likelihood,
    /// Whose data the device holds.
    PatientData,
    /// What the loss of confidentiality does.
    Confidentiality,
    /// What the loss of integrity does.
    Integrity,
    /// What the loss of availability does.
    Availability,
    /// The worst of the three.
    Harm,
    /// Whether a patient depends on it.
    Use,
    /// Whether another unit can take its place.
    Substitutes,
    /// Harm, as far as care depends on the device.
    Care,
    /// Likelihood times care effect.
    Risk,
    /// CISA's SSVC.
    Ssvc,
    /// The CVSS score of this device, beside the rank.
    Environmental,
    /// A vector that could not be read.
    Unreadable,
    /// Whether it is there at all is not decided.
    Undecided,
    /// Several findings on one device.
    Device,
}

impl Rule {
    /// Its code, stable in every output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Exploitation => "impact.exploitation",
            Self::Prediction => "impact.prediction",
            Self::Ransomware => "impact.ransomware",
            Self::Threat => "impact.threat",
            Self::AttackVector => "impact.attack-vector",
            Self::AttackComplexity => "impact.attack-complexity",
            Self::Privileges => "impact.privileges",
            Self::Interaction => "impact.interaction",
            Self::Likelihood => "impact.likelihood",
            Self::PatientData => "impact.patient-data",
            Self::Confidentiality => "impact.confidentiality",
            Self::Integrity => "impact.integrity",
            Self::Availability => "impact.availability",
            Self::Harm => "impact.harm",
            Self::Use => "impact.use",
            Self::Substitutes => "impact.substitutes",
            Self::Care => "impact.care",
            Self::Risk => "impact.risk",
            Self::Ssvc => "impact.ssvc",
            Self::Environmental => "impact.environmental",
            Self::Unreadable => "impact.unreadable-vector",
            Self::Undecided => "impact.undecided",
            Self::Device => "impact.device",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// By which rule.
    pub rule: Rule,
    /// What went in, in words, or how it was computed.
    pub value: Text,
    /// What came out; `None` where the step only informs.
    pub range: Option<Interval>,
}

impl Step {
    /// A step that counts.
    pub fn new(rule: Rule, value: impl Into<Text>, range: Interval) -> Self {
        Self { rule, value: value.into(), range: Some(range) }
    }

    /// A step that only informs.
    pub fn note(rule: Rule, value: impl Into<Text>) -> Self {
        Self { rule, value: value.into(), range: None }
    }
}

/// The steps of a judgement, kept only where somebody wants to read them: most judgements serve a
/// list, and their words would cost more than their numbers.
#[derive(Debug, Default)]
pub(super) struct Trail {
    kept: Option<Vec<Step>>,
}

impl Trail {
    /// One that keeps its steps.
    pub(super) fn kept() -> Self {
        Self { kept: Some(Vec::with_capacity(24)) }
    }

    /// Keeps a step, where steps are kept.
    pub(super) fn tell(&mut self, step: impl FnOnce() -> Step) {
        if let Some(kept) = &mut self.kept {
            kept.push(step());
        }
    }

    /// What was kept.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.kept.unwrap_or_default()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<26}", self.rule.code())?;
        match self.range {
            Some(range) => write!(f, "{:<13} {}", range.to_string(), self.value),
            None => write!(f, "{:<13} {}", "", self.value),
        }
    }
}
