//! Every constant of the rank, as data. `docs/concepts/ranking.md` prints these same tables.
//!
//! Refuses to hold a rule: what is done with a number is said where it is done. A value that a
//! table does not have is unknown, and weighs the whole range of the table.

use domain::advisory::Exploitation;
use domain::device::{Criticality, Use};
use domain::severity::{
    AttackComplexity, AttackVector, Impact as Loss, PrivilegesRequired, UserInteraction,
};

use super::interval::Interval;
use super::step::{Rule, Step, Trail};
use super::{Exposure, PatientData};

/// What nothing is known of, in words.
pub(super) const UNKNOWN: &str = "unknown";

/// A value that an input can have, and its weight from 0 to 1.
#[derive(Debug)]
pub(super) struct Row<K> {
    /// The value.
    pub key: K,
    /// In words.
    pub name: &'static str,
    /// Its weight.
    pub weight: f64,
}

const fn row<K>(key: K, name: &'static str, weight: f64) -> Row<K> {
    Row { key, name, weight }
}

/// A factor of the rank: an input's values with their weights.
#[derive(Debug)]
pub(super) struct Factor<K: 'static> {
    /// The rule that applies it.
    pub rule: Rule,
    /// What it weighs.
    pub name: &'static str,
    /// From the lightest to the heaviest.
    pub rows: &'static [Row<K>],
}

impl<K: PartialEq> Factor<K> {
    /// What is possible weighs this much; nothing given is unknown, and everything possible.
    pub(super) fn range(&self, possible: impl IntoIterator<Item = K>) -> Interval {
        let row = |key: K| self.rows.iter().find(|row| row.key == key);
        let known = possible.into_iter().filter_map(row);
        let weight = |row: &Row<K>| Interval::at(row.weight);
        let any = || self.rows.iter().map(weight).reduce(Interval::or);
        known.map(weight).reduce(Interval::or).or_else(any).unwrap_or(Interval::FULL)
    }

    /// What is possible, in words.
    pub(super) fn words(&self, possible: impl IntoIterator<Item = K>) -> String {
        let possible: Vec<K> = possible.into_iter().collect();
        let known = self.rows.iter().filter(|row| possible.contains(&row.key));
        let names: Vec<&str> = known.map(|row| row.name).collect();
        if names.is_empty() { UNKNOWN.to_owned() } else { names.join(" or ") }
    }

    /// The same range, with the step that shows it.
    pub(super) fn weigh(
        &self,
        possible: impl IntoIterator<Item = K> + Clone,
        trail: &mut Trail,
    ) -> Interval {
        let range = self.range(possible.clone());
        let words = || format!("{}: {}", self.name, self.words(possible));
        trail.tell(|| Step::new(self.rule, words(), range));
        range
    }
}

/// How likely someone is to attack, by how far exploitation has got. EPSS places the threat
/// within the band. The bands are ours; what falls into which is CISA's (SSVC, KEV).
pub(super) const EXPLOITATION: &[(Exploitation, &str, Interval)] = &[
    (Exploitation::None, "no sign of exploitation", Interval::new(0.10, 0.50)),
    (Exploitation::ProofOfConcept, "a public proof of concept", Interval::new(0.30, 0.80)),
    (Exploitation::Active, "exploited in the wild", Interval::new(0.80, 1.00)),
];

/// CVSS 3.1, section 7.4, AV, each weight divided by the greatest.
pub(super) const ATTACK_VECTOR: Factor<AttackVector> = Factor {
    rule: Rule::AttackVector,
    name: "attack from",
    rows: &[
        row(AttackVector::Physical, "hands on the device", 0.24),
        row(AttackVector::Local, "an account or file on the device", 0.65),
        row(AttackVector::Adjacent, "the same network segment", 0.73),
        row(AttackVector::Network, "any network", 1.00),
    ],
};

/// The furthest from where an attack can come, by how the device is connected: CVSS 3.1, section
/// 4.2, Modified Attack Vector.
pub(super) const REACH: &[(Exposure, &str, AttackVector)] = &[
    (Exposure::OffNetwork, "is on no network", AttackVector::Physical),
    (Exposure::Segmented, "is in a segment of its own", AttackVector::Adjacent),
    (Exposure::Connected, "is on the network", AttackVector::Network),
];

/// CVSS 3.1, section 7.4, AC, likewise; "medium" exists in 2.0 only (guide, section 3.2.1).
pub(super) const ATTACK_COMPLEXITY: Factor<AttackComplexity> = Factor {
    rule: Rule::AttackComplexity,
    name: "attack complexity",
    rows: &[
        row(AttackComplexity::High, "high", 0.57),
        row(AttackComplexity::Medium, "medium", 0.86),
        row(AttackComplexity::Low, "low", 1.00),
    ],
};

/// CVSS 3.1, section 7.4, PR with an unchanged scope, likewise.
pub(super) const PRIVILEGES: Factor<PrivilegesRequired> = Factor {
    rule: Rule::Privileges,
    name: "rights needed before",
    rows: &[
        row(PrivilegesRequired::High, "an administrator's", 0.32),
        row(PrivilegesRequired::Low, "a user's", 0.73),
        row(PrivilegesRequired::None, "none", 1.00),
    ],
};

/// CVSS 3.1, section 7.4, UI, likewise.
pub(super) const INTERACTION: Factor<UserInteraction> = Factor {
    rule: Rule::Interaction,
    name: "who must take part",
    rows: &[
        row(UserInteraction::Required, "a person", 0.73),
        row(UserInteraction::None, "nobody", 1.00),
    ],
};

/// CVSS 3.1, section 7.4, C, I and A, likewise.
pub(super) const LOSS: Factor<Loss> = Factor {
    rule: Rule::Harm,
    name: "loss",
    rows: &[
        row(Loss::None, "none", 0.00),
        row(Loss::Low, "some", 0.39),
        row(Loss::High, "all", 1.0),
    ],
};

/// What the loss of a property does to care, by the device's role.
#[derive(Debug)]
pub(super) struct Harm {
    /// The role.
    pub role: Criticality,
    /// The questions of MITRE's rubric (section on confidentiality, integrity and availability)
    /// that the role answers: for C, I and A.
    pub questions: [&'static str; 3],
    /// The weights of C, I and A.
    pub weights: [f64; 3],
}

const fn harm(role: Criticality, questions: [&'static str; 3], weights: [f64; 3]) -> Harm {
    Harm { role, questions, weights }
}

/// The questions are MITRE's; the weights are ours. Each column rises with the role.
pub(super) const HARM: &[Harm] = &[
    harm(Criticality::Support, ["XCW", "XIW", "XAW"], [0.10, 0.20, 0.20]),
    harm(Criticality::Diagnostic, ["XCD", "XID", "XAD"], [0.20, 0.60, 0.40]),
    harm(Criticality::Monitoring, ["XCD", "XID", "XAD"], [0.20, 0.70, 0.70]),
    harm(Criticality::Therapy, ["XCT", "XIT", "XAT"], [0.20, 0.90, 0.80]),
    harm(Criticality::LifeSustaining, ["XCT", "XIT", "XAT"], [0.20, 1.00, 1.00]),
];

/// What reading the patients' data weighs, where it is more than the role's weight (rubric, XCP
/// and XCPM).
pub(super) const PATIENT_DATA: Factor<PatientData> = Factor {
    rule: Rule::PatientData,
    name: "patients' data on the device (XCP, XCPM)",
    rows: &[
        row(PatientData::None, "none", 0.00),
        row(PatientData::Some, "of fewer than 500 patients", 0.30),
        row(PatientData::Many, "of 500 patients or more", 0.50),
    ],
};

/// How far care depends on the device now.
pub(super) const USE: Factor<Use> = Factor {
    rule: Rule::Use,
    name: "in use",
    rows: &[row(Use::NotInUse, "no", 0.20), row(Use::InUse, "yes", 1.00)],
};

/// How many units could take its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Substitutes {
    /// Two or more.
    Several,
    /// One.
    One,
    /// None.
    None,
}

impl From<u32> for Substitutes {
    fn from(units: u32) -> Self {
        match units {
            0 => Self::None,
            1 => Self::One,
            _ => Self::Several,
        }
    }
}

/// Substitutes soften little: units of the same release have the same flaw.
pub(super) const SUBSTITUTES: Factor<Substitutes> = Factor {
    rule: Rule::Substitutes,
    name: "substitutes in the unit",
    rows: &[
        row(Substitutes::Several, "two or more", 0.60),
        row(Substitutes::One, "one", 0.80),
        row(Substitutes::None, "none", 1.00),
    ],
};

/// What the weight of a property asks of CVSS: High from the first, Medium from the second.
pub(super) const REQUIREMENT: [f64; 2] = [0.50, 0.25];

/// How much of the second, third and each further finding adds to a device's risk: each half as
/// much as the one before.
pub(super) const DIMINISHING: f64 = 0.5;
