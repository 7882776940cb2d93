//! CVSS vectors of versions 2.0, 3.0, 3.1 and 4.0, and the scores computed from them.
//!
//! Refuses to take a score from a document: a stated score is only ever compared with ours.

mod metrics;
mod scores;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use metrics::{Group, Metrics};

/// What a vector's metrics say, with the scores computed from them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Severity {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: &'static str,
    /// Base score, 0.0 to 10.0 (4.0: CVSS-B).
    pub base: f64,
    /// Base with threat (temporal) metrics, where any is given.
    pub threat: Option<f64>,
    /// Base with threat and environmental metrics, where any environmental one is given.
    pub environmental: Option<f64>,
    exploitability: Exploitability,
    impacts: Impacts,
}

/// Why a text is no CVSS vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorError(pub String);

impl fmt::Display for VectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for VectorError {}

/// The qualitative rating of a score, in the order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rating {
    /// 0.0 (3.0, 3.1, 4.0).
    None,
    /// 0.1 to 3.9; in 2.0 also 0.0.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9; in 2.0 up to 10.0.
    High,
    /// 9.0 to 10.0 (3.0, 3.1, 4.0).
    Critical,
}

/// From where the attack is possible, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AttackVector {
    /// With hands on the device (3.0 and later).
    Physical,
    /// With an account or a file on the device; in 2.0 hands on it too.
    Local,
    /// From the same network segment.
    Adjacent,
    /// From any network.
    Network,
}

/// How much must come together for the attack, the hardest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AttackComplexity {
    /// Conditions that the attacker doesn't control.
    High,
    /// Somewhat special conditions (2.0 only).
    Medium,
    /// No special condition.
    Low,
}

/// The rights that the attacker must have before, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrivilegesRequired {
    /// Rights of an administrator; in 2.0 several authentications.
    High,
    /// Rights of a user; in 2.0 one authentication.
    Low,
    /// None.
    None,
}

/// Whether a person other than the attacker must take part, the most needed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UserInteraction {
    /// A person must do something; in 4.0 passively or actively.
    Required,
    /// 2.0 has no such metric: nothing is known.
    NotStated,
    /// Nobody.
    None,
}

/// What is lost of confidentiality, integrity or availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Impact {
    /// Nothing.
    None,
    /// Some; in 2.0 partial.
    Low,
    /// All, or what matters most; in 2.0 complete.
    High,
}

/// How easy the attack is: the exploitability metrics of a base vector, in the words of 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exploitability {
    /// AV.
    pub attack_vector: AttackVector,
    /// AC.
    pub attack_complexity: AttackComplexity,
    /// PR; in 2.0 Au.
    pub privileges_required: PrivilegesRequired,
    /// UI.
    pub user_interaction: UserInteraction,
}

/// What an attack does to the vulnerable system (4.0: VC, VI, VA, not the subsequent systems).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Impacts {
    /// C.
    pub confidentiality: Impact,
    /// I.
    pub integrity: Impact,
    /// A.
    pub availability: Impact,
}

impl Severity {
    /// Parses a vector (2.0 guide section 2.4, with or without parentheses; 3.0 and 3.1 section 6;
    /// 4.0 section 7) and computes its scores. Metrics may come in any order, each once.
    pub fn parse(vector: &str) -> Result<Self, VectorError> {
        let metrics = Metrics::parse(vector)?;
        let threat = metrics.any_given(Group::Threat);
        let environmental = metrics.any_given(Group::Environmental);
        let scores = scores::of(&metrics);
        Ok(Self {
            version: metrics.version().number(),
            base: scores.base,
            threat: threat.then_some(scores.threat),
            environmental: environmental.then_some(scores.environmental),
            exploitability: metrics.exploitability(),
            impacts: metrics.impacts(),
        })
    }

    /// The score that takes in most of what the vector says.
    pub fn score(&self) -> f64 {
        self.environmental.or(self.threat).unwrap_or(self.base)
    }

    /// The rating of [`Severity::score`].
    pub fn rating(&self) -> Rating {
        self.rating_of(self.score())
    }

    /// The rating that this version gives a score: 3.0 and 3.1 section 5, 4.0 section 6, and for
    /// 2.0, which has none, the bands of NVD.
    pub fn rating_of(&self, score: f64) -> Rating {
        match score {
            _ if self.version == "2.0" && score >= 7.0 => Rating::High,
            _ if self.version == "2.0" && score < 4.0 => Rating::Low,
            _ if score >= 9.0 => Rating::Critical,
            _ if score >= 7.0 => Rating::High,
            _ if score >= 4.0 => Rating::Medium,
            _ if score >= 0.1 => Rating::Low,
            _ => Rating::None,
        }
    }

    /// How easy the attack is.
    pub fn exploitability(&self) -> Exploitability {
        self.exploitability
    }

    /// What the attack does to the vulnerable system.
    pub fn impacts(&self) -> Impacts {
        self.impacts
    }
}

impl FromStr for Severity {
    type Err = VectorError;

    fn from_str(vector: &str) -> Result<Self, VectorError> {
        Self::parse(vector)
    }
}
