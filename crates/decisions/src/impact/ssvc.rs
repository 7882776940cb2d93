//! SSVC: CISA's decision table (*CISA Stakeholder-Specific Vulnerability Categorization Guide*,
//! coordinator 2.0.3), with mission and well-being taken from what the device does for patients.
//!
//! Unknown inputs are tried with every value that they may have; the decision shown is the most
//! urgent of those possible, and the others stand beside it.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use domain::advisory::Exploitation;
use domain::device::{Criticality, Use};
use domain::severity::{
    AttackComplexity, AttackVector, Impact, PrivilegesRequired, Severity, UserInteraction,
};

use super::{DeviceInputs, VulnerabilityInputs};

/// What to do, in CISA's words, the least urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// No action now; remediate in the usual time.
    Track,
    /// The same, but watch for changes.
    TrackClosely,
    /// Attend to it sooner than usual.
    Attend,
    /// Act as soon as possible.
    Act,
}

impl Decision {
    /// In CISA's spelling.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Track => "Track",
            Self::TrackClosely => "Track*",
            Self::Attend => "Attend",
            Self::Act => "Act",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// A decision with the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsvcDecision {
    /// The most urgent of those possible.
    pub decision: Decision,
    /// All that are possible with what is unknown, the least urgent first.
    pub possible: Vec<Decision>,
    /// The way through the table.
    pub path: String,
}

impl SsvcDecision {
    /// The same, but no more urgent than this.
    pub(super) fn at_most(mut self, most: Decision) -> Self {
        let capped: BTreeSet<Decision> = self.possible.iter().map(|d| (*d).min(most)).collect();
        if self.decision > most {
            let _ = write!(self.path, " (undecided, so {most} at most: find out first)");
        }
        self.decision = self.decision.min(most);
        self.possible = capped.into_iter().collect();
        self
    }
}

/// Harm to mission and public well-being.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Low,
    Medium,
    High,
}

/// Low, medium and high, for each of exploitation, automatable, technical impact.
type Row = (Exploitation, bool, bool, [Decision; 3]);

const TABLE: [Row; 12] = {
    use Decision::{Act, Attend, Track, TrackClosely};
    use Exploitation::{Active, None, ProofOfConcept};
    [
        (None, false, false, [Track, Track, Track]),
        (None, false, true, [Track, Track, TrackClosely]),
        (None, true, false, [Track, Track, Attend]),
        (None, true, true, [Track, Track, Attend]),
        (ProofOfConcept, false, false, [Track, Track, TrackClosely]),
        (ProofOfConcept, false, true, [Track, TrackClosely, Attend]),
        (ProofOfConcept, true, false, [Track, Track, Attend]),
        (ProofOfConcept, true, true, [Track, TrackClosely, Attend]),
        (Active, false, false, [Track, Track, Attend]),
        (Active, false, true, [Track, Attend, Act]),
        (Active, true, false, [Attend, Attend, Act]),
        (Active, true, true, [Attend, Act, Act]),
    ]
};

fn look_up(exploitation: Exploitation, automatable: bool, total: bool, level: Level) -> Decision {
    let row = TABLE.iter().find(|(e, a, t, _)| (*e, *a, *t) == (exploitation, automatable, total));
    let by_level =
        row.map(|(.., by_level)| by_level).and_then(|by_level| by_level.get(level as usize));
    by_level.copied().expect("invariant: the table holds every combination")
}

pub(super) fn decide(
    device: &DeviceInputs,
    vulnerability: &VulnerabilityInputs<'_>,
) -> SsvcDecision {
    let exploitation = exploitation(vulnerability);
    let automatable = automatable(vulnerability);
    let total = total(vulnerability);
    let levels = levels(device, vulnerability.severity);
    let mut possible = BTreeSet::new();
    for e in &exploitation {
        for a in &automatable {
            for t in &total {
                possible.extend(levels.iter().map(|level| look_up(*e, *a, *t, *level)));
            }
        }
    }
    let decision = possible.last().copied().expect("invariant: every input has a value");
    let path = format!(
        "exploitation {} → automatable {} → technical impact {} → mission and well-being {} → {decision}",
        either(&exploitation, |e| exploitation_text(*e)),
        either(&automatable, |yes| if *yes { "yes" } else { "no" }),
        either(&total, |total| if *total { "total" } else { "partial" }),
        either(&levels, |level| level_text(*level)),
    );
    SsvcDecision { decision, possible: possible.into_iter().collect(), path }
}

fn either<T>(values: &[T], text: impl Fn(&T) -> &'static str) -> String {
    values.iter().map(text).collect::<Vec<_>>().join(" or ")
}

fn exploitation_text(exploitation: Exploitation) -> &'static str {
    match exploitation {
        Exploitation::None => "none",
        Exploitation::ProofOfConcept => "public poc",
        Exploitation::Active => "active",
    }
}

fn level_text(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

/// That CISA's catalogue does not have it is taken for "not active"; a proof of concept may exist.
fn exploitation(vulnerability: &VulnerabilityInputs<'_>) -> Vec<Exploitation> {
    if vulnerability.known_exploited.is_some() {
        return vec![Exploitation::Active];
    }
    match vulnerability.ssvc.and_then(|ssvc| ssvc.exploitation) {
        Some(known) => vec![known],
        None => vec![Exploitation::None, Exploitation::ProofOfConcept],
    }
}

/// Where the coordinator does not say: an attack that needs no rights, no help and no luck over any
/// network can be automated.
fn automatable(vulnerability: &VulnerabilityInputs<'_>) -> Vec<bool> {
    if let Some(known) = vulnerability.ssvc.and_then(|ssvc| ssvc.automatable) {
        return vec![known];
    }
    match vulnerability.severity {
        None => vec![false, true],
        Some(severity) => {
            let metrics = severity.exploitability();
            vec![
                metrics.attack_vector == AttackVector::Network
                    && metrics.attack_complexity == AttackComplexity::Low
                    && metrics.privileges_required == PrivilegesRequired::None
                    && metrics.user_interaction != UserInteraction::Required,
            ]
        }
    }
}

/// Where the coordinator does not say: all of confidentiality, integrity and availability is total.
fn total(vulnerability: &VulnerabilityInputs<'_>) -> Vec<bool> {
    if let Some(known) = vulnerability.ssvc.and_then(|ssvc| ssvc.total_impact) {
        return vec![known];
    }
    match vulnerability.severity {
        None => vec![false, true],
        Some(severity) => {
            let impacts = severity.impacts();
            let all = [impacts.confidentiality, impacts.integrity, impacts.availability];
            vec![all.iter().all(|impact| *impact == Impact::High)]
        }
    }
}

/// Mission prevalence and public well-being, joined as in CISA's guide: high where the device keeps
/// a patient alive or treats one, medium where clinicians rely on it, low else. A device that is
/// not in use is low; one of which only data can be read is one level lower.
fn levels(device: &DeviceInputs, severity: Option<Severity>) -> Vec<Level> {
    let roles: Vec<Criticality> =
        device.criticality.map_or_else(|| Criticality::ALL.to_vec(), |role| vec![role]);
    let uses = device.usage.map_or_else(|| vec![Use::NotInUse, Use::InUse], |usage| vec![usage]);
    let only_data = severity.is_some_and(|severity| {
        let impacts = severity.impacts();
        impacts.integrity == Impact::None && impacts.availability == Impact::None
    });
    let mut levels = BTreeSet::new();
    for role in &roles {
        levels.extend(uses.iter().map(|usage| level(*role, *usage, only_data)));
    }
    levels.into_iter().collect()
}

fn level(role: Criticality, usage: Use, only_data: bool) -> Level {
    let level = match (role, usage) {
        (_, Use::NotInUse) | (Criticality::Support, _) => Level::Low,
        (Criticality::Diagnostic | Criticality::Monitoring, _) => Level::Medium,
        (Criticality::Therapy | Criticality::LifeSustaining, _) => Level::High,
    };
    match (level, only_data) {
        (Level::High, true) => Level::Medium,
        (_, true) => Level::Low,
        (level, false) => level,
    }
}

pub(super) fn tables() -> String {
    let mut text = String::from(
        "**SSVC**, decision by mission and well-being\n\n| exploitation | automatable | technical impact | low | medium | high |\n|---|---|---|---|---|---|\n",
    );
    for (exploitation, automatable, total, [low, medium, high]) in TABLE {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {low} | {medium} | {high} |",
            exploitation_text(exploitation),
            if automatable { "yes" } else { "no" },
            if total { "total" } else { "partial" }
        );
    }
    text
}
