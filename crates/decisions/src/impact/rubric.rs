//! The CVSS score of a vulnerability on this device, by MITRE's *Rubric for Applying CVSS to
//! Medical Devices* (v0.12.04, qualified by the FDA as a Medical Device Development Tool).
//!
//! The rubric asks, for six kinds of data and function, whether an attacker can read (`XC.`),
//! change (`XI.`) or block (`XA.`) them: patients' data (`X.P`, with `XCPM` for 500 patients or
//! more), diagnosis and monitoring (`X.D`), therapy (`X.T`), clinical workflow (`X.W`), secrets of
//! the system (`X.S`) and others (`X.O`). The device's role says which of the first four it has;
//! how much they matter becomes CVSS's Security Requirements, and its place on the network the
//! Modified Attack Vector. Refuses to answer for the maker: the base metrics stay as published,
//! and `X.S` and `X.O` are not asked. The score is evidence beside the rank, not part of it.

use std::fmt;

use domain::severity::{AttackVector, Severity};
use domain::text::Text;

use super::tables::{PATIENT_DATA, REQUIREMENT};
use super::{DeviceInputs, Rated, care, likelihood};

/// A vulnerability's CVSS score on this device.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Environmental {
    /// Who gave the base vector.
    pub origin: Option<Text>,
    /// The version of CVSS.
    pub version: &'static str,
    /// The base score, 0.0 to 10.0.
    pub base: f64,
    /// The least that the environmental score can be.
    pub lowest: f64,
    /// The most that it can be.
    pub highest: f64,
    /// The vector that scores the most.
    pub vector: String,
}

impl fmt::Display for Environmental {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CVSS {} {:.1} becomes ", self.version, self.base)?;
        if self.lowest < self.highest {
            write!(f, "{:.1} to ", self.lowest)?;
        }
        write!(f, "{:.1} on this device: {}", self.highest, self.vector)?;
        self.origin.as_ref().map_or(Ok(()), |origin| write!(f, " (base by {origin})"))
    }
}

/// The scores of every vector that is known, on this device.
pub(super) fn environmental(device: &DeviceInputs, rated: &[Rated]) -> Vec<Environmental> {
    if rated.is_empty() {
        return Vec::new();
    }
    let environments = Environment::possible(device);
    rated.iter().filter_map(|rated| score(rated, &environments)).collect()
}

/// The least and the most that a vector scores. Every environment is tried, for the equations of
/// CVSS don't always rise with their metrics: those of 3.x fall by a tenth near the top where the
/// scope changes, and those of 4.0 interpolate.
fn score(rated: &Rated, environments: &[Environment]) -> Option<Environmental> {
    let mut vectors: Vec<String> = environments.iter().map(|one| one.applied_to(rated)).collect();
    vectors.dedup();
    let scored = |vector: String| {
        let severity = Severity::parse(&vector).ok()?;
        Some((severity.environmental.unwrap_or(severity.base), vector))
    };
    let scores: Vec<(f64, String)> = vectors.into_iter().filter_map(scored).collect();
    let lowest = scores.iter().map(|(score, _)| *score).reduce(f64::min)?;
    let (highest, vector) = scores.into_iter().max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(Environmental {
        origin: rated.origin.clone(),
        version: rated.severity.version,
        base: rated.severity.base,
        lowest,
        highest,
        vector,
    })
}

/// What the hospital adds to a vector.
#[derive(Debug, PartialEq)]
struct Environment {
    /// CR, IR and AR.
    requirements: [&'static str; 3],
    /// From where an attack can come at most.
    reach: AttackVector,
}

impl Environment {
    /// Every environment that agrees with what is known of the device, each once, those of the
    /// same requirements beside each other.
    fn possible(device: &DeviceInputs) -> Vec<Self> {
        let mut possible = Vec::new();
        let data = PATIENT_DATA.rows.iter().map(|row| row.key);
        let data: Vec<_> =
            data.filter(|data| device.patient_data.is_none_or(|known| known == *data)).collect();
        for role in care::roles(device) {
            for data in &data {
                let weights = care::weights(&DeviceInputs {
                    criticality: Some(role.role),
                    patient_data: Some(*data),
                    ..*device
                });
                for reach in likelihood::reach(device.exposure) {
                    let requirements = weights.map(|weight| requirement(weight.high()));
                    let one = Self { requirements, reach };
                    if !possible.contains(&one) {
                        possible.push(one);
                    }
                }
            }
        }
        possible
    }

    /// The vector's base and threat metrics with our environmental ones. Those that a document
    /// gives are another environment's.
    fn applied_to(&self, rated: &Rated) -> String {
        let bare = rated.vector.trim().trim_start_matches('(').trim_end_matches(')');
        let kept = bare.split('/').filter(|field| !is_replaced(field, rated.severity.version));
        let mut vector = kept.collect::<Vec<&str>>().join("/");
        for (name, requirement) in ["CR", "IR", "AR"].into_iter().zip(self.requirements) {
            vector.extend(["/", name, ":", requirement]);
        }
        // Version 2.0 has no modified metrics.
        let modified = rated.severity.version != "2.0"
            && self.reach < rated.severity.exploitability().attack_vector;
        if modified {
            vector.extend(["/MAV:", letter(self.reach)]);
        }
        vector
    }
}

fn is_replaced(field: &str, version: &str) -> bool {
    let name = field.split_once(':').map_or(field, |(name, _)| name);
    let supplemental = version == "4.0" && matches!(name, "S" | "AU" | "R" | "V" | "RE" | "U");
    supplemental || name.starts_with('M') || matches!(name, "CR" | "IR" | "AR" | "CDP" | "TD")
}

/// CVSS 3.1, section 4.1: how much the hospital needs the property.
fn requirement(weight: f64) -> &'static str {
    let [high, medium] = REQUIREMENT;
    match weight {
        weight if weight >= high => "H",
        weight if weight >= medium => "M",
        _ => "L",
    }
}

fn letter(from: AttackVector) -> &'static str {
    match from {
        AttackVector::Physical => "P",
        AttackVector::Local => "L",
        AttackVector::Adjacent => "A",
        AttackVector::Network => "N",
    }
}
