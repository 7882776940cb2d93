//! How what is judged stands in the lists of the store: words as numbers, so that they can be put
//! in order, and back.

use decisions::impact::Decision;
use domain::device::Criticality;

/// Decisions of SSVC, from the least urgent on.
const DECISIONS: [Decision; 4] =
    [Decision::Track, Decision::TrackClosely, Decision::Attend, Decision::Act];

/// A decision as a number: from 0 (nothing known against it) to 4 (act).
#[must_use]
pub fn decision(name: Option<&str>) -> i64 {
    place(DECISIONS.map(Decision::text), name)
}

/// The decision of a number; empty for none.
#[must_use]
pub fn decision_name(number: i64) -> &'static str {
    at(DECISIONS.map(Decision::text), number)
}

/// A criticality as a number, from 0 (unknown) to 5.
#[must_use]
pub fn criticality(name: Option<&str>) -> i64 {
    place(Criticality::ALL.map(Criticality::text), name)
}

/// The criticality of a number; empty where it is unknown.
#[must_use]
pub fn criticality_name(number: i64) -> &'static str {
    at(Criticality::ALL.map(Criticality::text), number)
}

fn place<const N: usize>(names: [&str; N], name: Option<&str>) -> i64 {
    (1..).zip(names).find(|(_, known)| Some(*known) == name).map_or(0, |(number, _)| number)
}

fn at<const N: usize>(names: [&'static str; N], number: i64) -> &'static str {
    (1..).zip(names).find(|(known, _)| *known == number).map_or("", |(_, name)| name)
}
