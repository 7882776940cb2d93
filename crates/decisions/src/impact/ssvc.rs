//! CISA's decision by SSVC, the Stakeholder-Specific Vulnerability Categorization, for a device.
//!
//! The tables are those of CISA's SSVC guide, as CERT/CC publishes them (coordinator, 2.0.3;
//! mission and well-being, version 1). Only the step from a device's role and use to mission and
//! well-being is ours. Refuses to fill in what is unknown: every value is tried, all
//! outcomes are told, and the worst one is shown.

use std::fmt;

use domain::advisory::Exploitation;
use domain::device::{Criticality, Use};
use domain::severity::{
    AttackComplexity, AttackVector, Impact as Loss, PrivilegesRequired, Severity, UserInteraction,
};

use super::span::Span;
use super::{DeviceInputs, Inputs, VulnerabilityInputs, likelihood};

/// What CISA says to do, from the least to the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// Update in the usual round.
    Track,
    /// Update in the usual round, and watch for changes.
    TrackClosely,
    /// Update sooner than usual; supervisors are told.
    Attend,
    /// Update as soon as possible; leadership is told and acts.
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

/// How much the hospital's mission rests on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Mission {
    /// Care goes on without it.
    Minimal,
    /// It supports care.
    Support,
    /// It is care.
    Essential,
}

/// What its failure does to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum WellBeing {
    /// Little.
    Minimal,
    /// Harm, or the loss of a margin of safety.
    Material,
    /// Deaths.
    Irreversible,
}

/// Mission and well-being together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Level {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

impl Level {
    /// From low to high.
    pub(super) const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// As CISA writes it.
    #[must_use]
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Whether an attack can be automated up to exploitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Automatable {
    /// It can't.
    No,
    /// It can.
    Yes,
}

/// How much control an attacker gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Technical {
    /// Some.
    Partial,
    /// All.
    Total,
}

/// Ours: what a role means for the mission while in use, while not in use, and for people.
pub(super) const ROLES: &[(Criticality, Mission, Mission, WellBeing)] = &[
    (Criticality::Support, Mission::Minimal, Mission::Minimal, WellBeing::Minimal),
    (Criticality::Diagnostic, Mission::Support, Mission::Minimal, WellBeing::Material),
    (Criticality::Monitoring, Mission::Support, Mission::Minimal, WellBeing::Material),
    (Criticality::Therapy, Mission::Essential, Mission::Support, WellBeing::Material),
    (Criticality::LifeSustaining, Mission::Essential, Mission::Support, WellBeing::Irreversible),
];

/// CISA's table of mission prevalence and public well-being impact.
pub(super) const LEVELS: &[(Mission, WellBeing, Level)] = &[
    (Mission::Minimal, WellBeing::Minimal, Level::Low),
    (Mission::Minimal, WellBeing::Material, Level::Medium),
    (Mission::Minimal, WellBeing::Irreversible, Level::High),
    (Mission::Support, WellBeing::Minimal, Level::Medium),
    (Mission::Support, WellBeing::Material, Level::Medium),
    (Mission::Support, WellBeing::Irreversible, Level::High),
    (Mission::Essential, WellBeing::Minimal, Level::High),
    (Mission::Essential, WellBeing::Material, Level::High),
    (Mission::Essential, WellBeing::Irreversible, Level::High),
];

/// A branch of CISA's tree, and its decisions for low, medium and high mission and well-being.
pub(super) type Branch = (Exploitation, Automatable, Technical, [Decision; 3]);

/// CISA's tree: 12 branches of 3 leaves.
pub(super) const TREE: &[Branch] = {
    use Automatable::{No, Yes};
    use Decision::{Act, Attend, Track, TrackClosely};
    use Exploitation::{Active, None, ProofOfConcept};
    use Technical::{Partial, Total};
    &[
        (None, No, Partial, [Track, Track, Track]),
        (None, No, Total, [Track, Track, TrackClosely]),
        (None, Yes, Partial, [Track, Track, Attend]),
        (None, Yes, Total, [Track, Track, Attend]),
        (ProofOfConcept, No, Partial, [Track, Track, TrackClosely]),
        (ProofOfConcept, No, Total, [Track, TrackClosely, Attend]),
        (ProofOfConcept, Yes, Partial, [Track, Track, Attend]),
        (ProofOfConcept, Yes, Total, [Track, TrackClosely, Attend]),
        (Active, No, Partial, [Track, Track, Attend]),
        (Active, No, Total, [Track, Attend, Act]),
        (Active, Yes, Partial, [Attend, Attend, Act]),
        (Active, Yes, Total, [Attend, Act, Act]),
    ]
};

/// The decision for a device, as far as what is unknown leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SsvcDecision {
    /// With what is unknown at its worst.
    pub decision: Decision,
    /// With what is unknown at its best.
    pub least: Decision,
    /// The way through the tree.
    pub path: Path,
}

impl SsvcDecision {
    /// The same, but no more urgent than this.
    pub(super) fn at_most(self, most: Decision) -> Self {
        Self { decision: self.decision.min(most), least: self.least.min(most), ..self }
    }

    /// Whether everything needed was known, or the rest did not matter.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.least == self.decision
    }
}

/// `Act`, or `Attend..Act` where it depends on what is unknown.
impl fmt::Display for SsvcDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_certain() {
            f.pad(self.decision.text())
        } else {
            f.pad(&format!("{}..{}", self.least, self.decision))
        }
    }
}

/// The way through the tree: each answer as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Path {
    exploitation: Span<Exploitation>,
    automatable: Span<Automatable>,
    technical: Span<Technical>,
    level: Span<Level>,
    role: Option<Criticality>,
    usage: Option<Use>,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Exploitation::{Active, None as Nothing, ProofOfConcept};
        f.write_str("exploitation ")?;
        self.exploitation.words(f, &[Nothing, ProofOfConcept, Active], |state| match state {
            Nothing => "none",
            ProofOfConcept => "public PoC",
            Active => "active",
        })?;
        f.write_str(" → automatable ")?;
        self.automatable.words(f, &[Automatable::No, Automatable::Yes], |answer| match answer {
            Automatable::No => "no",
            Automatable::Yes => "yes",
        })?;
        f.write_str(" → technical impact ")?;
        self.technical.words(
            f,
            &[Technical::Partial, Technical::Total],
            |answer| match answer {
                Technical::Partial => "partial",
                Technical::Total => "total",
            },
        )?;
        f.write_str(" → mission and well-being ")?;
        self.level.words(f, &Level::ALL, Level::text)?;
        let usage = match self.usage {
            Some(Use::InUse) => "in use",
            Some(Use::NotInUse) => "not in use",
            None => "use unknown",
        };
        write!(f, " (role {}, {usage})", self.role.map_or("unknown", |role| role.text()))
    }
}

pub(super) fn judge(inputs: &Inputs<'_>) -> SsvcDecision {
    let path = Path {
        exploitation: likelihood::exploitation(inputs.vulnerability),
        automatable: automatable(inputs.vulnerability),
        technical: technical(inputs.vulnerability),
        level: level(inputs.device),
        role: inputs.device.criticality,
        usage: inputs.device.usage,
    };
    let Path { exploitation, automatable, technical, level, .. } = path;
    SsvcDecision {
        decision: leaf(exploitation.most, automatable.most, technical.most, level.most),
        least: leaf(exploitation.least, automatable.least, technical.least, level.least),
        path,
    }
}

fn leaf(
    exploitation: Exploitation,
    automatable: Automatable,
    technical: Technical,
    level: Level,
) -> Decision {
    let branch = TREE
        .iter()
        .find(|branch| (branch.0, branch.1, branch.2) == (exploitation, automatable, technical));
    branch
        .and_then(|(.., decisions)| decisions.get(level as usize))
        .copied()
        .expect("invariant: the tree has every branch and every level")
}

/// Where the coordinator does not say, the vectors do, as far as they are clear: what needs hands
/// on the device or a person's help can't be automated; what any network reaches without luck,
/// rights or help can.
pub(super) fn automatable(vulnerability: &VulnerabilityInputs) -> Span<Automatable> {
    use Automatable::{No, Yes};
    let clear = |severity: &Severity| {
        let metrics = severity.exploitability();
        if metrics.attack_vector == AttackVector::Physical
            || metrics.user_interaction == UserInteraction::Required
        {
            return Some(No);
        }
        let open = metrics.attack_vector == AttackVector::Network
            && metrics.attack_complexity == AttackComplexity::Low
            && metrics.privileges_required == PrivilegesRequired::None
            && metrics.user_interaction == UserInteraction::None;
        open.then_some(Yes)
    };
    let stated = vulnerability.ssvc.automatable.map(|yes| if yes { Yes } else { No });
    answers(stated, vulnerability, clear, Span::new(No, Yes))
}

/// Likewise: the loss of all of confidentiality, integrity and availability is total; where none is
/// lost wholly, it is partial.
pub(super) fn technical(vulnerability: &VulnerabilityInputs) -> Span<Technical> {
    use Technical::{Partial, Total};
    let clear = |severity: &Severity| {
        let impacts = severity.impacts();
        let lost = [impacts.confidentiality, impacts.integrity, impacts.availability];
        match lost.iter().filter(|impact| **impact == Loss::High).count() {
            0 => Some(Partial),
            3 => Some(Total),
            _ => None,
        }
    };
    let stated = vulnerability.ssvc.total_impact.map(|all| if all { Total } else { Partial });
    answers(stated, vulnerability, clear, Span::new(Partial, Total))
}

/// The answers that are possible: the stated one, else those that the vectors give, else both.
fn answers<T: Copy + Ord>(
    stated: Option<T>,
    vulnerability: &VulnerabilityInputs,
    clear: impl Fn(&Severity) -> Option<T>,
    both: Span<T>,
) -> Span<T> {
    if let Some(stated) = stated {
        return Span::at(stated);
    }
    let answers = vulnerability.rated.iter().flat_map(|rated| match clear(&rated.severity) {
        Some(clear) => [clear, clear],
        None => [both.least, both.most],
    });
    Span::over(answers).unwrap_or(both)
}

/// What is possible of mission and well-being.
fn level(device: &DeviceInputs) -> Span<Level> {
    let roles = ROLES.iter().filter(|row| device.criticality.is_none_or(|known| known == row.0));
    let places = roles.flat_map(|(_, used, unused, people)| {
        [(Use::InUse, used), (Use::NotInUse, unused)]
            .map(|(usage, mission)| (usage, *mission, *people))
    });
    let possible = places.filter(|(usage, ..)| device.usage.is_none_or(|known| known == *usage));
    let levels = possible.filter_map(|(_, mission, people)| {
        LEVELS.iter().find(|row| (row.0, row.1) == (mission, people)).map(|row| row.2)
    });
    Span::over(levels).unwrap_or(Span::new(Level::Low, Level::High))
}
