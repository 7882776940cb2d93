//! The rank: how much a vulnerability on a device endangers care. Risk = likelihood x care effect.
//!
//! Every number is a range. What is unknown widens it, and is never taken for harmless; sorting
//! goes by the high end, then the middle. Refuses to hide its arithmetic: [`explain`] tells the
//! steps by which a person can repeat it, and `docs/concepts/ranking.md` holds every constant.

mod action;
mod care;
mod device;
mod interval;
mod likelihood;
mod rubric;
mod span;
mod ssvc;
mod step;
mod tables;

#[cfg(test)]
mod page;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use domain::advisory::{Score, SsvcInputs, Vulnerability};
use domain::bounded::quote;
use domain::device::{Criticality, Use};
use domain::severity::{Severity, VectorError};
use domain::text::Text;

pub use self::action::{Remedy, Situation, Support, accepted, idle, next};
pub use self::device::{DeviceRisk, device, explain as explain_device};
pub use self::interval::Interval;
pub use self::ssvc::{Decision, Path, SsvcDecision};
use self::step::Trail;
pub use self::step::{Rule, Step};
use crate::exposure::Verdict;

/// How a device is connected, the safest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exposure {
    /// Known to be on no network.
    OffNetwork,
    /// In a segment that only its own peers reach.
    Segmented,
    /// On the hospital's network, as far as is known reachable from anywhere in it.
    Connected,
}

/// Whose data a device holds (rubric: XCP, and XCPM for 500 patients or more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PatientData {
    /// Nobody's.
    None,
    /// Of fewer than 500 patients.
    Some,
    /// Of 500 patients or more.
    Many,
}

/// What CISA's catalogue of known exploited vulnerabilities says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Listing {
    /// The catalogue is at hand and does not list it.
    NotListed,
    /// It is listed.
    Listed {
        /// Whether ransomware is known to use it; CISA's "Unknown" is `None`.
        ransomware: Option<bool>,
    },
}

/// What the rank takes of a device; `None` is unknown. Devices that are alike in this are judged
/// alike, so one judgement serves them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DeviceInputs {
    /// Its role.
    pub criticality: Option<Criticality>,
    /// Whether a patient depends on it now.
    pub usage: Option<Use>,
    /// How many units could take its place.
    pub substitutes: Option<u32>,
    /// How it is connected.
    pub exposure: Option<Exposure>,
    /// Whose data it holds.
    pub patient_data: Option<PatientData>,
}

/// A CVSS vector, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    /// As written.
    pub vector: Text,
    /// Who gave it.
    pub origin: Option<Text>,
    /// What it says.
    pub severity: Severity,
}

impl Rated {
    /// Reads a document's vector.
    pub fn read(score: &Score) -> Result<Self, VectorError> {
        let severity = Severity::parse(&score.vector)?;
        Ok(Self { vector: score.vector.clone(), origin: score.origin.clone(), severity })
    }
}

/// What the rank takes of a vulnerability; `None` and empty are unknown. Made once for all of the
/// devices that have it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VulnerabilityInputs {
    /// Its CVSS vectors. Where they differ, each is possible.
    pub rated: Vec<Rated>,
    /// What was given as a vector and is none.
    pub unreadable: Vec<Text>,
    /// What KEV says; `None` where the catalogue is not at hand.
    pub known_exploited: Option<Listing>,
    /// FIRST's EPSS probability, 0 to 1.
    pub epss: Option<f64>,
    /// What CISA's coordinator says.
    pub ssvc: SsvcInputs,
}

impl VulnerabilityInputs {
    /// What the records of one vulnerability say together. Each vector counts once, those of CVSS
    /// 2.0 only where there is nothing newer; of two SSVC answers the worse counts.
    pub fn gather<'a>(records: impl IntoIterator<Item = &'a Vulnerability>) -> Self {
        let mut gathered = Self::default();
        for record in records {
            for score in &record.scores {
                gathered.add(score);
            }
            if let Some(ssvc) = record.ssvc {
                let known = &mut gathered.ssvc;
                known.exploitation = known.exploitation.max(ssvc.exploitation);
                known.automatable = known.automatable.max(ssvc.automatable);
                known.total_impact = known.total_impact.max(ssvc.total_impact);
            }
        }
        if gathered.rated.iter().any(|rated| rated.severity.version != "2.0") {
            gathered.rated.retain(|rated| rated.severity.version != "2.0");
        }
        gathered
    }

    fn add(&mut self, score: &Score) {
        if self.rated.iter().any(|rated| rated.vector == score.vector) {
            return;
        }
        match Rated::read(score) {
            Ok(rated) => self.rated.push(rated),
            Err(_) => self.unreadable.push(score.vector.clone()),
        }
    }
}

/// A vulnerability on a device.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The device.
    pub device: &'a DeviceInputs,
    /// The vulnerability.
    pub vulnerability: &'a VulnerabilityInputs,
    /// Whether the one has the other.
    pub verdict: Verdict,
}

/// What a vulnerability on a device means for care.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impact {
    /// How probable it is that it is used against this device.
    pub likelihood: Interval,
    /// What that does to care.
    pub care: Interval,
    /// Likelihood times care effect.
    pub risk: Interval,
    /// What CISA's tree says.
    pub ssvc: SsvcDecision,
}

impl Impact {
    /// The same where the hospital accepts the risk: nothing is to be done before the day comes.
    /// The risk itself is what it is.
    #[must_use]
    pub fn accepted(self) -> Self {
        let ssvc = SsvcDecision { decision: Decision::Track, least: Decision::Track, ..self.ssvc };
        Self { ssvc, ..self }
    }

    /// By the decision, for it says how soon; then by risk, the high end first.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        self.ssvc.decision.cmp(&other.ssvc.decision).then(self.risk.order(other.risk))
    }
}

/// Judges a vulnerability on a device.
///
/// An *undecided* finding may not be there at all: its likelihood starts at nothing, and its
/// decision is [`Decision::Attend`] at most, for the first thing to do is to find out.
#[must_use]
pub fn judge(inputs: &Inputs<'_>) -> Impact {
    weigh(inputs, &mut Trail::default())
}

/// The same judgement, with the whole arithmetic and what stands beside it: the score of each CVSS
/// vector on this device, and the vectors that could not be read.
#[must_use]
pub fn explain(inputs: &Inputs<'_>) -> (Impact, Vec<Step>) {
    let mut trail = Trail::kept();
    let impact = weigh(inputs, &mut trail);
    let mut steps = trail.into_steps();
    let scores = rubric::environmental(inputs.device, &inputs.vulnerability.rated);
    steps.extend(scores.iter().map(|score| Step::note(Rule::Environmental, score.to_string())));
    let unreadable = inputs.vulnerability.unreadable.iter();
    steps.extend(unreadable.map(|vector| {
        let vector = quote(vector);
        Step::note(Rule::Unreadable, format!("{vector} is no CVSS vector and counts as unknown"))
    }));
    (impact, steps)
}

fn weigh(inputs: &Inputs<'_>, trail: &mut Trail) -> Impact {
    let mut likelihood = likelihood::judge(inputs, trail);
    let mut ssvc = ssvc::judge(inputs);
    if inputs.verdict == Verdict::Undecided {
        likelihood = likelihood.or(Interval::ZERO);
        ssvc = ssvc.at_most(Decision::Attend);
        let words = "undecided, so it may not be there: likelihood from nothing, Attend at most";
        trail.tell(|| Step::new(Rule::Undecided, words, likelihood));
    }
    let care = care::judge(inputs, trail);
    let risk = likelihood.times(care);
    trail.tell(|| Step::new(Rule::Risk, "likelihood × care effect", risk));
    trail.tell(|| Step::note(Rule::Ssvc, format!("{} → {ssvc}", ssvc.path)));
    Impact { likelihood, care, risk, ssvc }
}
