//! Effect on care = criticality × use × scarcity × consequence.
//!
//! Consequence asks what MITRE's *Rubric for Applying CVSS to Medical Devices* (0.12.04) asks of
//! each device: can the attack change or stop therapy, falsify or hide what clinicians rely on, or
//! lay open health data? Its answers depend on what the device does for the patient, so the weight
//! of lost integrity, availability and confidentiality differs by role.

use std::fmt::Write;

use domain::device::{Criticality, Use};
use domain::severity::{Impact, Severity};

use super::{DeviceInputs, Interval, VulnerabilityInputs};

const CRITICALITY: [(Criticality, f64); 5] = [
    (Criticality::LifeSustaining, 1.0),
    (Criticality::Therapy, 0.8),
    (Criticality::Monitoring, 0.6),
    (Criticality::Diagnostic, 0.4),
    (Criticality::Support, 0.15),
];

const IN_USE: f64 = 1.0;
const NOT_IN_USE: f64 = 0.3;

/// At most so many substitutes, and how scarce the device is then.
const SCARCITY: [(u32, f64); 4] = [(0, 1.0), (1, 0.9), (3, 0.8), (u32::MAX, 0.6)];

/// What a high and a low loss of integrity, availability and confidentiality do, by role.
struct Weights {
    role: Criticality,
    integrity: (f64, f64),
    availability: (f64, f64),
    confidentiality: (f64, f64),
    /// The same as CVSS security requirements IR, AR, CR.
    requirements: &'static str,
}

const WEIGHTS: [Weights; 5] = [
    Weights {
        role: Criticality::LifeSustaining,
        integrity: (1.0, 0.7),
        availability: (1.0, 0.7),
        confidentiality: (0.3, 0.15),
        requirements: "CR:L/IR:H/AR:H",
    },
    Weights {
        role: Criticality::Therapy,
        integrity: (1.0, 0.7),
        availability: (0.9, 0.6),
        confidentiality: (0.3, 0.15),
        requirements: "CR:M/IR:H/AR:H",
    },
    Weights {
        role: Criticality::Monitoring,
        integrity: (1.0, 0.6),
        availability: (0.9, 0.5),
        confidentiality: (0.3, 0.15),
        requirements: "CR:M/IR:H/AR:H",
    },
    Weights {
        role: Criticality::Diagnostic,
        integrity: (0.9, 0.5),
        availability: (0.6, 0.3),
        confidentiality: (0.5, 0.25),
        requirements: "CR:H/IR:H/AR:M",
    },
    Weights {
        role: Criticality::Support,
        integrity: (0.6, 0.3),
        availability: (0.5, 0.25),
        confidentiality: (0.5, 0.25),
        requirements: "CR:M/IR:L/AR:L",
    },
];
/// Where the vector says that nothing is lost.
const NOTHING_LOST: f64 = 0.05;

pub(super) fn effect(
    device: &DeviceInputs,
    vulnerability: &VulnerabilityInputs<'_>,
    steps: &mut Vec<String>,
) -> Interval {
    let criticality = criticality(device, steps);
    let usage = usage(device, steps);
    let scarcity = scarcity(device, steps);
    let consequence = consequence(device, vulnerability.severity, steps);
    let effect = criticality.times(usage).times(scarcity).times(consequence);
    steps.push(format!(
        "effect on care = {criticality} × {usage} × {scarcity} × {consequence} = {effect}"
    ));
    effect
}

fn criticality(device: &DeviceInputs, steps: &mut Vec<String>) -> Interval {
    let known = CRITICALITY.iter().find(|(role, _)| Some(*role) == device.criticality);
    let (value, why) = match known {
        Some((role, value)) => (Interval::known(*value), role.text()),
        None => (Interval::over(CRITICALITY.map(|(_, value)| value)), "unknown"),
    };
    steps.push(format!("criticality {value}: {why}"));
    value
}

fn usage(device: &DeviceInputs, steps: &mut Vec<String>) -> Interval {
    let (value, why) = match device.usage {
        Some(Use::InUse) => (Interval::known(IN_USE), "in use"),
        Some(Use::NotInUse) => (Interval::known(NOT_IN_USE), "not in use"),
        None => (Interval::between(NOT_IN_USE, IN_USE), "unknown, so it may be in use"),
    };
    steps.push(format!("use {value}: {why}"));
    value
}

fn scarcity(device: &DeviceInputs, steps: &mut Vec<String>) -> Interval {
    let value_of = |count: u32| {
        SCARCITY.iter().find(|(most, _)| count <= *most).map_or(1.0, |(_, value)| *value)
    };
    let (value, why) = match device.substitutes {
        Some(count) => (Interval::known(value_of(count)), format!("{count} substitutes")),
        None => {
            (Interval::over(SCARCITY.map(|(_, value)| value)), "substitutes unknown".to_owned())
        }
    };
    steps.push(format!("scarcity {value}: {why}"));
    value
}

/// The gravest loss counts; over all roles where the device's is unknown.
fn consequence(
    device: &DeviceInputs,
    severity: Option<Severity>,
    steps: &mut Vec<String>,
) -> Interval {
    let roles = WEIGHTS.iter().filter(|w| device.criticality.is_none_or(|role| role == w.role));
    let (value, why) = match severity {
        Some(severity) => {
            (Interval::over(roles.map(|weights| weights.gravest(&severity))), lost(&severity))
        }
        None => {
            let highest = roles.map(|weights| weights.integrity.0).fold(0.0, f64::max);
            (Interval::between(NOTHING_LOST, highest), "what is lost is not known".to_owned())
        }
    };
    steps.push(format!("consequence {value}: {why}"));
    value
}

impl Weights {
    fn gravest(&self, severity: &Severity) -> f64 {
        let impacts = severity.impacts();
        let weigh = |impact, (high, low): (f64, f64)| match impact {
            Impact::High => high,
            Impact::Low => low,
            Impact::None => NOTHING_LOST,
        };
        weigh(impacts.integrity, self.integrity)
            .max(weigh(impacts.availability, self.availability))
            .max(weigh(impacts.confidentiality, self.confidentiality))
    }
}

fn lost(severity: &Severity) -> String {
    let impacts = severity.impacts();
    let parts = [
        (impacts.integrity, "integrity (what it does or shows may be falsified)"),
        (impacts.availability, "availability (it may stop)"),
        (impacts.confidentiality, "confidentiality (health data may be read)"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter_map(|(impact, words)| match impact {
            Impact::High => Some(format!("high loss of {words}")),
            Impact::Low => Some(format!("low loss of {words}")),
            Impact::None => None,
        })
        .collect();
    if said.is_empty() { "nothing is lost".to_owned() } else { said.join(", ") }
}

/// The same vector with the requirements of the device's role: CVSS as the rubric would have it,
/// beside the rank and not in it.
pub(super) fn environmental(
    device: &DeviceInputs,
    vulnerability: &VulnerabilityInputs<'_>,
) -> Option<String> {
    let weights = WEIGHTS.iter().find(|weights| Some(weights.role) == device.criticality)?;
    let vector = format!("{}/{}", vulnerability.vector?, weights.requirements);
    // CVSS 2.0 has other requirements; its vector does not parse with these.
    let severity = Severity::parse(&vector).ok()?;
    Some(format!(
        "for comparison, CVSS for a {} device: {:.1}, {vector}",
        weights.role, severity.environmental?
    ))
}

pub(super) fn tables() -> String {
    let mut text = String::from("**Criticality**\n\n| device | value |\n|---|---|\n");
    for (role, value) in CRITICALITY {
        let _ = writeln!(text, "| {role} | {value} |");
    }
    let _ = writeln!(text, "| unknown | 0.15 to 1 |\n");
    let _ = writeln!(
        text,
        "**Use**\n\n| device | value |\n|---|---|\n| in use | {IN_USE} |\n| not in use | {NOT_IN_USE} |\n\
         | unknown | {NOT_IN_USE} to {IN_USE} |\n"
    );
    text.push_str("**Scarcity**\n\n| substitutes at hand | value |\n|---|---|\n");
    for (most, value) in SCARCITY {
        let most = if most == u32::MAX { "more".to_owned() } else { format!("up to {most}") };
        let _ = writeln!(text, "| {most} | {value} |");
    }
    text.push_str(
        "| unknown | 0.6 to 1 |\n\n**Consequence**, the gravest loss counts (high / low)\n\n",
    );
    text.push_str("| role | integrity | availability | confidentiality |\n|---|---|---|---|\n");
    for Weights { role, integrity, availability, confidentiality, .. } in &WEIGHTS {
        let _ = writeln!(
            text,
            "| {role} | {} / {} | {} / {} | {} / {} |",
            integrity.0,
            integrity.1,
            availability.0,
            availability.1,
            confidentiality.0,
            confidentiality.1
        );
    }
    let _ = writeln!(text, "| nothing lost | {NOTHING_LOST} | {NOTHING_LOST} | {NOTHING_LOST} |\n");
    text
}
