//! Likelihood: how probable it is that this vulnerability is used against this device.
//!
//! Likelihood = threat x attack vector x attack complexity x privileges x interaction. Refuses to
//! take in how sure the match is: that says whether the finding is true, not whether it is used.

use domain::advisory::Exploitation;
use domain::severity::{AttackVector, UserInteraction};

use super::interval::Interval;
use super::span::Span;
use super::step::{Rule, Step, Trail};
use super::tables::{
    ATTACK_COMPLEXITY, ATTACK_VECTOR, EXPLOITATION, INTERACTION, PRIVILEGES, REACH, UNKNOWN,
};
use super::{Exposure, Inputs, Listing, VulnerabilityInputs};

/// Likelihood with its steps.
pub(super) fn judge(inputs: &Inputs<'_>, trail: &mut Trail) -> Interval {
    let threat = threat(inputs.vulnerability, trail);
    let likelihood = ease(inputs, trail).into_iter().fold(threat, Interval::times);
    trail.tell(|| Step::new(Rule::Likelihood, "the product of the last five", likelihood));
    likelihood
}

/// Every state of exploitation that agrees with what is known. A catalogue that does not list the
/// vulnerability is knowledge too: it is not known to be exploited. Where SSVC says that it is,
/// the sources contradict each other, and the worse one counts.
pub(super) fn exploitation(vulnerability: &VulnerabilityInputs) -> Span<Exploitation> {
    use Exploitation::{Active, None as Nothing, ProofOfConcept};
    match (vulnerability.known_exploited, vulnerability.ssvc.exploitation) {
        (Some(Listing::Listed { .. }), _) | (_, Some(Active)) => Span::at(Active),
        (Some(Listing::NotListed), Some(stated)) => Span::at(stated),
        (Some(Listing::NotListed), None) => Span::new(Nothing, ProofOfConcept),
        (None, Some(stated)) => Span::new(stated, Active),
        (None, None) => Span::new(Nothing, Active),
    }
}

fn threat(vulnerability: &VulnerabilityInputs, trail: &mut Trail) -> Interval {
    let possible = exploitation(vulnerability);
    let bands = || EXPLOITATION.iter().filter(|(state, ..)| possible.contains(*state));
    let span = bands().map(|(.., band)| *band).reduce(Interval::or).unwrap_or(Interval::FULL);
    trail.tell(|| Step::new(Rule::Exploitation, exploitation_words(vulnerability, possible), span));

    let prediction = prediction(vulnerability);
    let words = if prediction == Interval::FULL { "EPSS: unknown" } else { "EPSS probability" };
    trail.tell(|| Step::new(Rule::Prediction, words, prediction));

    let ransomware = ransomware(vulnerability);
    if possible.contains(Exploitation::Active) {
        let words = match (ransomware.low() > 0.0, ransomware.high() > 0.0) {
            (true, _) => "used by ransomware: yes, so the top of the band",
            (false, true) => "used by ransomware: unknown, so up to the top of the band",
            (false, false) => "used by ransomware: no",
        };
        trail.tell(|| Step::note(Rule::Ransomware, words));
    }
    let within = |(state, _, band): &(Exploitation, &str, Interval)| {
        let place = match state {
            Exploitation::Active => prediction.greater(ransomware),
            Exploitation::None | Exploitation::ProofOfConcept => prediction,
        };
        place_within(*band, place)
    };
    let threat = bands().map(within).reduce(Interval::or).unwrap_or(Interval::FULL);
    trail.tell(|| Step::new(Rule::Threat, "low end of the band + EPSS × its width", threat));
    threat
}

fn exploitation_words(vulnerability: &VulnerabilityInputs, possible: Span<Exploitation>) -> String {
    let bands = EXPLOITATION.iter().filter(|(state, ..)| possible.contains(*state));
    let names: Vec<&str> = bands.map(|(_, name, _)| *name).collect();
    let names = if names.len() < EXPLOITATION.len() { names.join(" or ") } else { UNKNOWN.into() };
    let listed = match vulnerability.known_exploited {
        Some(Listing::Listed { .. }) => "listed in KEV",
        Some(Listing::NotListed) => "not listed in KEV",
        None => "KEV not at hand",
    };
    format!("exploitation: {names} ({listed})")
}

/// The part of a band between two shares of its width.
fn place_within(band: Interval, share: Interval) -> Interval {
    let width = band.high() - band.low();
    Interval::new(band.low() + share.low() * width, band.low() + share.high() * width)
}

fn prediction(vulnerability: &VulnerabilityInputs) -> Interval {
    let known = vulnerability.epss.filter(|probability| !probability.is_nan());
    known.map_or(Interval::FULL, Interval::at)
}

/// 1 where ransomware is known to use it, 0 where it is known not to.
fn ransomware(vulnerability: &VulnerabilityInputs) -> Interval {
    match vulnerability.known_exploited {
        Some(Listing::Listed { ransomware: Some(true) }) => Interval::at(1.0),
        Some(Listing::NotListed | Listing::Listed { ransomware: Some(false) }) => Interval::ZERO,
        Some(Listing::Listed { ransomware: None }) | None => Interval::FULL,
    }
}

/// How easy the attack is, metric by metric. Where sources differ, each value is possible.
fn ease(inputs: &Inputs<'_>, trail: &mut Trail) -> [Interval; 4] {
    let rated = inputs.vulnerability.rated.iter();
    let metrics = rated.map(|rated| rated.severity.exploitability());
    // Version 2.0 doesn't say, so both answers are possible.
    let silent =
        metrics.clone().any(|metrics| metrics.user_interaction == UserInteraction::NotStated);
    let stated = metrics.clone().filter(|_| !silent);
    [
        attack_vector(inputs, trail),
        ATTACK_COMPLEXITY.weigh(metrics.clone().map(|metrics| metrics.attack_complexity), trail),
        PRIVILEGES.weigh(metrics.map(|metrics| metrics.privileges_required), trail),
        INTERACTION.weigh(stated.map(|metrics| metrics.user_interaction), trail),
    ]
}

/// From where the attack can come, given how the device is connected.
fn attack_vector(inputs: &Inputs<'_>, trail: &mut Trail) -> Interval {
    let rated = &inputs.vulnerability.rated;
    let exposure = inputs.device.exposure;
    let stated = rated.iter().map(|one| one.severity.exploitability().attack_vector);
    let any = ATTACK_VECTOR.rows.iter().map(|row| row.key).filter(|_| rated.is_empty());
    let possible =
        stated.chain(any).flat_map(|from| reach(exposure).map(move |furthest| from.min(furthest)));
    let range = ATTACK_VECTOR.range(possible.clone());
    trail.tell(|| {
        let place = REACH.iter().find(|(known, ..)| Some(*known) == exposure);
        let place = place.map_or("may be on a network or not", |(_, name, _)| name);
        let from = if rated.is_empty() { UNKNOWN.into() } else { ATTACK_VECTOR.words(possible) };
        let words = format!("attack from: {from}; the device {place}");
        Step::new(Rule::AttackVector, words, range)
    });
    range
}

/// From where an attack can come at most, for each place that the device may be in.
pub(super) fn reach(exposure: Option<Exposure>) -> impl Iterator<Item = AttackVector> + Clone {
    let possible =
        REACH.iter().filter(move |(place, ..)| exposure.is_none_or(|known| known == *place));
    possible.map(|(.., from)| *from)
}
