//! Care effect: what a successful attack does to patients through this device.
//!
//! Care effect = harm x use x substitutes, where harm is the worst of what the loss of
//! confidentiality, integrity and availability does in the device's role. Refuses to guess a role
//! from a model's name: an unknown role spans all of them.

use domain::severity::{Impact as Loss, Impacts};

use super::interval::Interval;
use super::step::{Rule, Step, Trail};
use super::tables::{HARM, Harm, LOSS, PATIENT_DATA, SUBSTITUTES, Substitutes, USE};
use super::{DeviceInputs, Inputs, Rated};

/// Care effect with its steps.
pub(super) fn judge(inputs: &Inputs<'_>, trail: &mut Trail) -> Interval {
    let device = inputs.device;
    let harm = harm(device, &inputs.vulnerability.rated, trail);
    let substitutes: Option<Substitutes> = device.substitutes.map(Substitutes::from);
    let usage = USE.weigh(device.usage, trail);
    let substitutes = SUBSTITUTES.weigh(substitutes, trail);
    let care = harm.times(usage).times(substitutes);
    trail.tell(|| Step::new(Rule::Care, "the product of the last three", care));
    care
}

/// What the loss of all of confidentiality, integrity or availability does, for each.
pub(super) fn weights(device: &DeviceInputs) -> [Interval; 3] {
    let [confidentiality, integrity, availability] = [0, 1, 2].map(|property| {
        let column = |role: &Harm| role.weights.get(property).copied().map(Interval::at);
        roles(device).filter_map(column).reduce(Interval::or).unwrap_or(Interval::FULL)
    });
    let data = PATIENT_DATA.range(device.patient_data);
    [confidentiality.greater(data), integrity, availability]
}

/// The rows of the roles that are possible.
pub(super) fn roles(device: &DeviceInputs) -> impl Iterator<Item = &'static Harm> {
    let known = device.criticality;
    HARM.iter().filter(move |row| known.is_none_or(|role| role == row.role))
}

/// A property that can be lost, its name, and how an impact says it.
type Property = (Rule, &'static str, fn(Impacts) -> Loss);

const PROPERTIES: [Property; 3] = [
    (Rule::Confidentiality, "confidentiality", |impacts| impacts.confidentiality),
    (Rule::Integrity, "integrity", |impacts| impacts.integrity),
    (Rule::Availability, "availability", |impacts| impacts.availability),
];

fn harm(device: &DeviceInputs, rated: &[Rated], trail: &mut Trail) -> Interval {
    PATIENT_DATA.weigh(device.patient_data, trail);
    let mut harm = Interval::ZERO;
    let weighed = PROPERTIES.into_iter().zip(weights(device));
    for (property, ((rule, name, of), weight)) in weighed.enumerate() {
        let lost = rated.iter().map(|rated| of(rated.severity.impacts()));
        let share = LOSS.range(lost.clone());
        let words = || {
            let (lost, role) = (LOSS.words(lost), role(device, property));
            format!("{name} lost: {lost}, {share} × {weight} for {role}")
        };
        trail.tell(|| Step::new(rule, words(), share.times(weight)));
        harm = harm.greater(share.times(weight));
    }
    trail.tell(|| Step::new(Rule::Harm, "the worst of the last three", harm));
    harm
}

/// The role and the question of the rubric that it answers.
fn role(device: &DeviceInputs, property: usize) -> String {
    let mut questions: Vec<&str> =
        roles(device).filter_map(|row| row.questions.get(property).copied()).collect();
    questions.dedup();
    let role = device.criticality.map_or("an unknown role", |role| role.text());
    format!("{role} ({})", questions.join(", "))
}
