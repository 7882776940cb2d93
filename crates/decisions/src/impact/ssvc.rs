//! CISA's decision by SSVC, the Stakeholder-Specific Vulnerability Categorization, for a device.
//!
//! The tables are those of CISA's SSVC guide, as CERT/CC publishes them (cisa:CISA 1.1.0, table
//! 2.0.3; "Mission and Well-Being Impact" 1.0.0). Only the step from a device's role and use to
//! mission and well-being is ours. Refuses to fill in what is unknown: every value is tried, all
//! outcomes are told, and the worst one is shown.

use std::fmt;

use domain::advisory::Exploitation;
use domain::device::{Criticality, Use};
use domain::severity::{
    AttackComplexity, AttackVector, Impact as Loss, PrivilegesRequired, Severity, UserInteraction,
};

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

/// The leaves of CISA's tree in the order of its rows.
pub(super) fn leaves()
-> impl Iterator<Item = (Exploitation, Automatable, Technical, Level, Decision)> {
    let levels = [Level::Low, Level::Medium, Level::High];
    TREE.iter().flat_map(move |(exploitation, automatable, technical, decisions)| {
        let leaf = |(level, decision)| (*exploitation, *automatable, *technical, level, decision);
        levels.into_iter().zip(*decisions).map(leaf)
    })
}

/// The decision for a device, with all that are possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsvcDecision {
    /// The worst that is possible.
    pub decision: Decision,
    /// All that are possible, from the least to the most urgent.
    pub possible: Vec<Decision>,
    /// The way through the tree, in words.
    pub path: String,
}

impl SsvcDecision {
    /// The same, but no more urgent than this.
    pub(super) fn at_most(mut self, most: Decision) -> Self {
        for decision in &mut self.possible {
            *decision = (*decision).min(most);
        }
        self.possible.dedup();
        self.decision = self.decision.min(most);
        self
    }

    /// Whether everything needed was known, or the rest did not matter.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.possible.len() == 1
    }
}

/// `Act`, or `Attend..Act` where it depends on what is unknown.
impl fmt::Display for SsvcDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.possible.first() {
            Some(least) if *least < self.decision => f.pad(&format!("{least}..{}", self.decision)),
            _ => f.pad(self.decision.text()),
        }
    }
}

pub(super) fn judge(inputs: &Inputs<'_>) -> SsvcDecision {
    let exploitation = likelihood::exploitation(inputs.vulnerability);
    let automatable = automatable(inputs.vulnerability);
    let technical = technical(inputs.vulnerability);
    let levels = levels(inputs.device);
    let mut possible: Vec<Decision> = leaves()
        .filter(|(state, ..)| exploitation.contains(state))
        .filter(|(_, answer, ..)| automatable.contains(answer))
        .filter(|(_, _, answer, ..)| technical.contains(answer))
        .filter(|(.., level, _)| levels.contains(level))
        .map(|(.., decision)| decision)
        .collect();
    possible.sort_unstable();
    possible.dedup();
    SsvcDecision {
        decision: possible.last().copied().unwrap_or(Decision::Act),
        path: path(&exploitation, &automatable, &technical, inputs.device),
        possible,
    }
}

/// Where the coordinator does not say, the vectors do, as far as they are clear: what needs hands
/// on the device or a person's help can't be automated; what any network reaches without luck,
/// rights or help can.
pub(super) fn automatable(vulnerability: &VulnerabilityInputs) -> Vec<Automatable> {
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
    answers(stated, vulnerability, clear, [No, Yes])
}

/// Likewise: the loss of all of confidentiality, integrity and availability is total; where none is
/// lost wholly, it is partial.
pub(super) fn technical(vulnerability: &VulnerabilityInputs) -> Vec<Technical> {
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
    answers(stated, vulnerability, clear, [Partial, Total])
}

/// The answers that are possible: the stated one, else those that the vectors give clearly, else
/// both.
fn answers<T: Copy + PartialEq>(
    stated: Option<T>,
    vulnerability: &VulnerabilityInputs,
    clear: impl Fn(&Severity) -> Option<T>,
    both: [T; 2],
) -> Vec<T> {
    if let Some(stated) = stated {
        return vec![stated];
    }
    let clear: Option<Vec<T>> =
        vulnerability.rated.iter().map(|rated| clear(&rated.severity)).collect();
    let clear = clear.unwrap_or_default();
    let agreed = both.into_iter().filter(|answer| clear.contains(answer)).collect::<Vec<T>>();
    if agreed.is_empty() { both.to_vec() } else { agreed }
}

/// What is possible of mission and well-being.
fn levels(device: &DeviceInputs) -> Vec<Level> {
    let places = ROLES
        .iter()
        .filter(|(role, ..)| device.criticality.is_none_or(|known| known == *role))
        .flat_map(|(_, used, unused, people)| {
            [(Use::InUse, used), (Use::NotInUse, unused)]
                .map(|(usage, mission)| (usage, *mission, *people))
        })
        .filter(|(usage, ..)| device.usage.is_none_or(|known| known == *usage));
    let mut levels: Vec<Level> = places
        .flat_map(|(_, mission, people)| {
            LEVELS.iter().filter(move |row| (row.0, row.1) == (mission, people)).map(|row| row.2)
        })
        .collect();
    levels.sort_unstable();
    levels.dedup();
    levels
}

fn path(
    exploitation: &[Exploitation],
    automatable: &[Automatable],
    technical: &[Technical],
    device: &DeviceInputs,
) -> String {
    let role = device.criticality.map_or("unknown", |role| role.text());
    let usage = match device.usage {
        Some(Use::InUse) => "in use",
        Some(Use::NotInUse) => "not in use",
        None => "use unknown",
    };
    format!(
        "exploitation {} → automatable {} → technical impact {} → mission and well-being {} (role \
         {role}, {usage})",
        either(exploitation, |state| match state {
            Exploitation::None => "none",
            Exploitation::ProofOfConcept => "public PoC",
            Exploitation::Active => "active",
        }),
        either(automatable, |answer| if *answer == Automatable::Yes { "yes" } else { "no" }),
        either(technical, |answer| if *answer == Technical::Total { "total" } else { "partial" }),
        either(&levels(device), |level| level.text()),
    )
}

fn either<T>(possible: &[T], words: impl Fn(&T) -> &'static str) -> String {
    possible.iter().map(words).collect::<Vec<&str>>().join(" or ")
}
