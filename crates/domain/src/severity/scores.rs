//! The equations of CVSS 2.0 and 3.x; 4.0 is left to the `cvss` crate, whose look-up tables are
//! exact.
//!
//! Refuses to carry the errors of binary fractions into a rounding: `Roundup` of 3.0 is computed
//! as 3.1 defines it (appendix A), which gives the decimal result for every vector there is.

use super::metrics::{Group, Metrics, Version};

/// The three scores; one whose metrics are not given equals the one before.
pub(super) struct Scores {
    pub(super) base: f64,
    pub(super) threat: f64,
    pub(super) environmental: f64,
}

pub(super) fn of(metrics: &Metrics) -> Scores {
    match metrics.version() {
        Version::V2 => version_2(metrics),
        Version::V30 | Version::V31 => version_3(metrics),
        Version::V4 => version_4(metrics),
    }
}

/// 2.0 guide, section 3.2.
fn version_2(metrics: &Metrics) -> Scores {
    let weight = |name: &'static str| metrics.weight(name);
    let exploitability = 20.0 * weight("AV") * weight("AC") * weight("Au");
    let base = |impact: f64| {
        let factor = if impact == 0.0 { 0.0 } else { 1.176 };
        round_half_up((0.6 * impact + 0.4 * exploitability - 1.5) * factor)
    };
    let threat = |base: f64| round_half_up(base * weight("E") * weight("RL") * weight("RC"));
    let kept = |impact: &'static str, requirement: f64| 1.0 - weight(impact) * requirement;
    let plain = 10.41 * (1.0 - kept("C", 1.0) * kept("I", 1.0) * kept("A", 1.0));
    let lost = 1.0 - kept("C", weight("CR")) * kept("I", weight("IR")) * kept("A", weight("AR"));
    let adjusted = threat(base((10.41 * lost).min(10.0)));
    let environmental = (adjusted + (10.0 - adjusted) * weight("CDP")) * weight("TD");
    Scores {
        base: not_negative(base(plain)),
        threat: not_negative(threat(not_negative(base(plain)))),
        environmental: not_negative(round_half_up(environmental)),
    }
}

/// 3.0 and 3.1 specification, sections 7.1 (8.1 in 3.0) to 7.3.
fn version_3(metrics: &Metrics) -> Scores {
    let weight = |name: &'static str| metrics.weight(name);
    let threat = |score: f64| round_up(score * weight("E") * weight("RL") * weight("RC"));
    let lost = 1.0 - (1.0 - weight("C")) * (1.0 - weight("I")) * (1.0 - weight("A"));
    let base = version_3_score(
        Reach::of(metrics.value("S")),
        Version::V30,
        lost,
        metrics_product(metrics, Names::Base),
    );
    let kept = |name, base, requirement| 1.0 - modified(metrics, name, base) * weight(requirement);
    let lost = 1.0 - kept("MC", "C", "CR") * kept("MI", "I", "IR") * kept("MA", "A", "AR");
    let environmental = version_3_score(
        Reach::of(modified_value(metrics, "MS", "S")),
        metrics.version(),
        lost.min(0.915),
        metrics_product(metrics, Names::Modified),
    );
    Scores { base, threat: threat(base), environmental: threat(environmental) }
}

/// Whether an attack reaches beyond the authority of the vulnerable component (scope).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Unchanged,
    Changed,
}

impl Reach {
    fn of(scope: &str) -> Self {
        if scope == "C" { Self::Changed } else { Self::Unchanged }
    }
}

/// Which names the exploitability metrics of 3.x have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Base,
    Modified,
}

/// The score of an impact sub-score and an exploitability, rounded. The base equation raises to
/// the power of 15 in 3.0 and 3.1, the modified one in 3.0 only.
fn version_3_score(reach: Reach, version: Version, lost: f64, exploitability: f64) -> f64 {
    let impact = match (reach, version) {
        (Reach::Unchanged, _) => 6.42 * lost,
        (Reach::Changed, Version::V31) => {
            7.52 * (lost - 0.029) - 3.25 * (lost * 0.9731 - 0.02).powi(13)
        }
        (Reach::Changed, _) => 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02).powi(15),
    };
    if impact <= 0.0 {
        return 0.0;
    }
    let factor = if reach == Reach::Changed { 1.08 } else { 1.0 };
    round_up((factor * (impact + exploitability)).min(10.0))
}

/// 8.22 times the weights of the exploitability metrics.
fn metrics_product(metrics: &Metrics, names: Names) -> f64 {
    let (scope, privileges, weights) = match names {
        Names::Base => (
            metrics.value("S"),
            metrics.value("PR"),
            ["AV", "AC", "PR", "UI"].map(|name| metrics.weight(name)),
        ),
        Names::Modified => (
            modified_value(metrics, "MS", "S"),
            modified_value(metrics, "MPR", "PR"),
            [("MAV", "AV"), ("MAC", "AC"), ("MPR", "PR"), ("MUI", "UI")]
                .map(|(name, base)| modified(metrics, name, base)),
        ),
    };
    let [vector, complexity, unchanged, interaction] = weights;
    // Rights inside the component weigh less where the attack leaves it (section 7.4, PR).
    let privileges = match (Reach::of(scope), privileges) {
        (Reach::Changed, "L") => 0.68,
        (Reach::Changed, "H") => 0.5,
        _ => unchanged,
    };
    8.22 * vector * complexity * privileges * interaction
}

/// The weight of a modified metric, or that of its base metric where it is not defined.
fn modified(metrics: &Metrics, name: &str, base: &str) -> f64 {
    metrics.weight(if metrics.value(name).is_empty() { base } else { name })
}

fn modified_value(metrics: &Metrics, name: &str, base: &str) -> &'static str {
    metrics.value(if metrics.value(name).is_empty() { base } else { name })
}

/// 4.0 specification, section 8. A threat score leaves the environmental metrics out.
fn version_4(metrics: &Metrics) -> Scores {
    let score = |groups: &[Group]| {
        let vector: cvss::v4::Vector = metrics
            .written(groups)
            .parse()
            .expect("invariant: every metric and value of our table is one of the standard");
        vector.score().value()
    };
    let base = score(&[Group::Base]);
    // The look-up is slow enough to be left out where it can't change anything.
    let threat =
        if metrics.any_given(Group::Threat) { score(&[Group::Base, Group::Threat]) } else { base };
    let environmental = if metrics.any_given(Group::Environmental) {
        score(&[Group::Base, Group::Threat, Group::Environmental])
    } else {
        threat
    };
    Scores { base, threat, environmental }
}

/// 2.0 guide, section 3.2.1: `round_to_1_decimal`. The small addition makes a tie of decimal
/// fractions a tie of binary ones.
fn round_half_up(value: f64) -> f64 {
    (value * 10.0 + 1e-6).round() / 10.0
}

/// 3.1 specification, appendix A: the smallest tenth that is not below the value.
fn round_up(value: f64) -> f64 {
    let hundred_thousandths = (value * 100_000.0).round();
    (hundred_thousandths / 10_000.0).ceil() / 10.0
}

/// Nothing below zero, and no negative zero either, which would be shown as `-0.0`.
fn not_negative(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
}
