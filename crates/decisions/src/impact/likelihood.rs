//! Likelihood = threat × ease × reach.
//!
//! Threat: is it being used? (CISA KEV; CISA's SSVC exploitation; FIRST's EPSS.) Ease: how hard is
//! the attack? (CVSS base exploitability metrics, FIRST, 3.1 section 2.1.) Reach: can anyone get at
//! it?

use std::fmt::Write;

use domain::advisory::Exploitation;
use domain::severity::{AttackComplexity, AttackVector, PrivilegesRequired, UserInteraction};

use super::{DeviceInputs, Interval, Ransomware, VulnerabilityInputs};

const RANSOMWARE: f64 = 1.0;
const EXPLOITED: f64 = 0.9;
const PROOF_OF_CONCEPT: f64 = 0.5;

/// EPSS probability from here on, and the threat that it stands for.
const EPSS: [(f64, f64); 4] = [(0.5, 0.8), (0.1, 0.6), (0.01, 0.4), (0.0, 0.2)];
/// Where nobody says anything.
const THREAT_UNKNOWN: (f64, f64) = (0.2, 0.6);

const ATTACK_VECTOR: [(AttackVector, &str, f64); 4] = [
    (AttackVector::Network, "from any network", 1.0),
    (AttackVector::Adjacent, "from the same segment", 0.8),
    (AttackVector::Local, "on the device", 0.5),
    (AttackVector::Physical, "with hands on it", 0.2),
];
const COMPLEXITY: [(AttackComplexity, &str, f64); 3] = [
    (AttackComplexity::Low, "simple", 1.0),
    (AttackComplexity::Medium, "somewhat special", 0.8),
    (AttackComplexity::High, "special conditions", 0.6),
];
const PRIVILEGES: [(PrivilegesRequired, &str, f64); 3] = [
    (PrivilegesRequired::None, "no rights", 1.0),
    (PrivilegesRequired::Low, "a user's rights", 0.8),
    (PrivilegesRequired::High, "an administrator's rights", 0.5),
];
const INTERACTION: [(UserInteraction, &str, f64); 3] = [
    (UserInteraction::None, "nobody's help", 1.0),
    (UserInteraction::NotStated, "help not stated", 1.0),
    (UserInteraction::Required, "somebody's help", 0.7),
];
/// The easiest attack is 1; the hardest that the tables allow.
const EASE_UNKNOWN: (f64, f64) = (0.04, 1.0);

const NETWORKED: f64 = 1.0;
const NOT_NETWORKED: f64 = 0.3;

pub(super) fn likelihood(
    device: &DeviceInputs,
    vulnerability: &VulnerabilityInputs<'_>,
    steps: &mut Vec<String>,
) -> Interval {
    let threat = threat(vulnerability, steps);
    let ease = ease(vulnerability, steps);
    let reach = reach(device, steps);
    let likelihood = threat.times(ease).times(reach);
    steps.push(format!("likelihood = {threat} × {ease} × {reach} = {likelihood}"));
    likelihood
}

/// The strongest sign counts.
fn threat(vulnerability: &VulnerabilityInputs<'_>, steps: &mut Vec<String>) -> Interval {
    let exploitation = vulnerability.ssvc.and_then(|ssvc| ssvc.exploitation);
    let by_epss = vulnerability.epss.map(|probability| {
        let band = EPSS.iter().find(|(from, _)| probability >= *from);
        band.map_or(0.2, |(_, threat)| *threat)
    });
    let (threat, why) = match (vulnerability.known_exploited, exploitation) {
        (Some(Ransomware::Known), _) => (RANSOMWARE, "exploited, by ransomware too (CISA KEV)"),
        (Some(Ransomware::Unknown), _) => (EXPLOITED, "exploited (CISA KEV)"),
        (None, Some(Exploitation::Active)) => (EXPLOITED, "exploited (CISA SSVC)"),
        (None, Some(Exploitation::ProofOfConcept)) => {
            (by_epss.unwrap_or(0.0).max(PROOF_OF_CONCEPT), "public proof of concept (CISA SSVC)")
        }
        (None, _) => match by_epss {
            Some(threat) => (threat, "by its EPSS"),
            None => {
                let (low, high) = THREAT_UNKNOWN;
                let threat = Interval::between(low, high);
                steps.push(format!("threat {threat}: nothing is known of its use"));
                return threat;
            }
        },
    };
    steps.push(format!("threat {threat:.2}: {why}"));
    Interval::known(threat)
}

fn ease(vulnerability: &VulnerabilityInputs<'_>, steps: &mut Vec<String>) -> Interval {
    let Some(severity) = vulnerability.severity else {
        let (low, high) = EASE_UNKNOWN;
        let ease = Interval::between(low, high);
        steps.push(format!("ease {ease}: no CVSS vector is known"));
        return ease;
    };
    let metrics = severity.exploitability();
    let (vector, vector_words) = look_up(&ATTACK_VECTOR, &metrics.attack_vector);
    let (complexity, complexity_words) = look_up(&COMPLEXITY, &metrics.attack_complexity);
    let (privileges, privileges_words) = look_up(&PRIVILEGES, &metrics.privileges_required);
    let (interaction, interaction_words) = look_up(&INTERACTION, &metrics.user_interaction);
    let ease = vector * complexity * privileges * interaction;
    steps.push(format!(
        "ease {ease:.2} = {vector} × {complexity} × {privileges} × {interaction}: {vector_words}, \
         {complexity_words}, {privileges_words}, {interaction_words}"
    ));
    Interval::known(ease)
}

fn reach(device: &DeviceInputs, steps: &mut Vec<String>) -> Interval {
    let (reach, why) = match device.networked {
        Some(true) => (Interval::known(NETWORKED), "on a network"),
        Some(false) => (Interval::known(NOT_NETWORKED), "on no network"),
        None => (Interval::between(NOT_NETWORKED, NETWORKED), "no address of it is known"),
    };
    steps.push(format!("reach {reach}: {why}"));
    reach
}

/// The value and words of a metric.
fn look_up<M: PartialEq>(table: &[(M, &'static str, f64)], metric: &M) -> (f64, &'static str) {
    let row = table.iter().find(|(known, ..)| known == metric);
    row.map_or((1.0, "not stated"), |(_, words, value)| (*value, *words))
}

pub(super) fn tables() -> String {
    let mut text =
        String::from("**Threat**, the strongest sign counts\n\n| sign | threat |\n|---|---|\n");
    let _ = writeln!(text, "| known exploited, by ransomware too (KEV) | {RANSOMWARE} |");
    let _ = writeln!(text, "| known exploited (KEV, or SSVC `active`) | {EXPLOITED} |");
    let _ =
        writeln!(text, "| public proof of concept (SSVC `poc`), at least | {PROOF_OF_CONCEPT} |");
    for (from, threat) in EPSS {
        let _ = writeln!(text, "| EPSS from {from} | {threat} |");
    }
    let (low, high) = THREAT_UNKNOWN;
    let _ = writeln!(text, "| nothing known | {low} to {high} |");
    text.push_str(
        "\n**Ease** = the four CVSS metrics multiplied\n\n| metric | value |\n|---|---|\n",
    );
    rows(&mut text, "attack", &ATTACK_VECTOR);
    rows(&mut text, "complexity", &COMPLEXITY);
    rows(&mut text, "needs", &PRIVILEGES);
    rows(&mut text, "needs", &INTERACTION);
    let (low, high) = EASE_UNKNOWN;
    let _ = writeln!(text, "| no vector known | {low} to {high} |");
    let _ = writeln!(
        text,
        "\n**Reach**\n\n| device | reach |\n|---|---|\n| on a network (an address is known) | {NETWORKED} |\n\
         | on no network | {NOT_NETWORKED} |\n| unknown | {NOT_NETWORKED} to {NETWORKED} |\n"
    );
    text
}

fn rows<M>(text: &mut String, what: &str, table: &[(M, &str, f64)]) {
    for (_, words, value) in table {
        let _ = writeln!(text, "| {what}: {words} | {value} |");
    }
}
