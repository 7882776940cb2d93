//! The metrics of each CVSS version, their values and weights, and reading a vector into them.
//!
//! Refuses a metric or a value that its version does not know, a metric given twice, and a vector
//! without all of its base metrics: half a vector has no score.

use super::{
    AttackComplexity, AttackVector, Exploitability, Impact, Impacts, PrivilegesRequired,
    UserInteraction, VectorError,
};

/// A version of CVSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V2,
    V30,
    V31,
    V4,
}

impl Version {
    pub(super) fn number(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1",
            Self::V4 => "4.0",
        }
    }

    fn table(self) -> &'static [Metric] {
        match self {
            Self::V2 => V2,
            Self::V30 | Self::V31 => V3,
            Self::V4 => V4,
        }
    }

    /// The value that says the same as leaving a metric out.
    fn not_defined(self) -> &'static str {
        if self == Self::V2 { "ND" } else { "X" }
    }
}

/// What a metric adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Base,
    Threat,
    Environmental,
    Supplemental,
}

/// A value of a metric and its weight in the equations (4.0 has no weights).
type Value = (&'static str, f64);

/// A metric of a version.
#[derive(Debug)]
struct Metric {
    name: &'static str,
    group: Group,
    values: &'static [Value],
    /// The weight where the metric is not defined.
    neutral: f64,
}

const fn base(name: &'static str, values: &'static [Value]) -> Metric {
    Metric { name, group: Group::Base, values, neutral: 0.0 }
}

const fn threat(name: &'static str, values: &'static [Value]) -> Metric {
    Metric { name, group: Group::Threat, values, neutral: 1.0 }
}

const fn environmental(name: &'static str, values: &'static [Value]) -> Metric {
    Metric { name, group: Group::Environmental, values, neutral: 1.0 }
}

const fn supplemental(name: &'static str, values: &'static [Value]) -> Metric {
    Metric { name, group: Group::Supplemental, values, neutral: 0.0 }
}

/// 2.0 guide, section 3.2.1 and following: C, I and A.
const IMPACT_2: &[Value] = &[("N", 0.0), ("P", 0.275), ("C", 0.66)];
/// 2.0 guide, section 3.2.3: CR, IR and AR.
const REQUIREMENT_2: &[Value] = &[("L", 0.5), ("M", 1.0), ("H", 1.51)];

const V2: &[Metric] = &[
    base("AV", &[("L", 0.395), ("A", 0.646), ("N", 1.0)]),
    base("AC", &[("H", 0.35), ("M", 0.61), ("L", 0.71)]),
    base("Au", &[("M", 0.45), ("S", 0.56), ("N", 0.704)]),
    base("C", IMPACT_2),
    base("I", IMPACT_2),
    base("A", IMPACT_2),
    threat("E", &[("U", 0.85), ("POC", 0.9), ("F", 0.95), ("H", 1.0)]),
    threat("RL", &[("OF", 0.87), ("TF", 0.9), ("W", 0.95), ("U", 1.0)]),
    threat("RC", &[("UC", 0.9), ("UR", 0.95), ("C", 1.0)]),
    Metric {
        name: "CDP",
        group: Group::Environmental,
        values: &[("N", 0.0), ("L", 0.1), ("LM", 0.3), ("MH", 0.4), ("H", 0.5)],
        neutral: 0.0,
    },
    environmental("TD", &[("N", 0.0), ("L", 0.25), ("M", 0.75), ("H", 1.0)]),
    environmental("CR", REQUIREMENT_2),
    environmental("IR", REQUIREMENT_2),
    environmental("AR", REQUIREMENT_2),
];

// 3.1 specification, section 7.4. The weights of PR are those of an unchanged scope.
const VECTOR_3: &[Value] = &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)];
const COMPLEXITY_3: &[Value] = &[("L", 0.77), ("H", 0.44)];
const PRIVILEGES_3: &[Value] = &[("N", 0.85), ("L", 0.62), ("H", 0.27)];
const INTERACTION_3: &[Value] = &[("N", 0.85), ("R", 0.62)];
const SCOPE_3: &[Value] = &[("U", 0.0), ("C", 0.0)];
const IMPACT_3: &[Value] = &[("N", 0.0), ("L", 0.22), ("H", 0.56)];
const REQUIREMENT_3: &[Value] = &[("L", 0.5), ("M", 1.0), ("H", 1.5)];

const V3: &[Metric] = &[
    base("AV", VECTOR_3),
    base("AC", COMPLEXITY_3),
    base("PR", PRIVILEGES_3),
    base("UI", INTERACTION_3),
    base("S", SCOPE_3),
    base("C", IMPACT_3),
    base("I", IMPACT_3),
    base("A", IMPACT_3),
    threat("E", &[("U", 0.91), ("P", 0.94), ("F", 0.97), ("H", 1.0)]),
    threat("RL", &[("O", 0.95), ("T", 0.96), ("W", 0.97), ("U", 1.0)]),
    threat("RC", &[("U", 0.92), ("R", 0.96), ("C", 1.0)]),
    environmental("CR", REQUIREMENT_3),
    environmental("IR", REQUIREMENT_3),
    environmental("AR", REQUIREMENT_3),
    environmental("MAV", VECTOR_3),
    environmental("MAC", COMPLEXITY_3),
    environmental("MPR", PRIVILEGES_3),
    environmental("MUI", INTERACTION_3),
    environmental("MS", SCOPE_3),
    environmental("MC", IMPACT_3),
    environmental("MI", IMPACT_3),
    environmental("MA", IMPACT_3),
];

// 4.0 specification, section 7, in the order of its table of vector metrics.
const VECTOR_4: &[Value] = &[("N", 0.0), ("A", 0.0), ("L", 0.0), ("P", 0.0)];
const LOW_HIGH: &[Value] = &[("L", 0.0), ("H", 0.0)];
const NONE_PRESENT: &[Value] = &[("N", 0.0), ("P", 0.0)];
const NONE_LOW_HIGH: &[Value] = &[("N", 0.0), ("L", 0.0), ("H", 0.0)];
const NEGLIGIBLE_TO_SAFETY: &[Value] = &[("N", 0.0), ("L", 0.0), ("H", 0.0), ("S", 0.0)];
const INTERACTION_4: &[Value] = &[("N", 0.0), ("P", 0.0), ("A", 0.0)];
const LOW_MEDIUM_HIGH: &[Value] = &[("L", 0.0), ("M", 0.0), ("H", 0.0)];

const V4: &[Metric] = &[
    base("AV", VECTOR_4),
    base("AC", LOW_HIGH),
    base("AT", NONE_PRESENT),
    base("PR", NONE_LOW_HIGH),
    base("UI", INTERACTION_4),
    base("VC", NONE_LOW_HIGH),
    base("VI", NONE_LOW_HIGH),
    base("VA", NONE_LOW_HIGH),
    base("SC", NONE_LOW_HIGH),
    base("SI", NONE_LOW_HIGH),
    base("SA", NONE_LOW_HIGH),
    threat("E", &[("A", 0.0), ("P", 0.0), ("U", 0.0)]),
    environmental("CR", LOW_MEDIUM_HIGH),
    environmental("IR", LOW_MEDIUM_HIGH),
    environmental("AR", LOW_MEDIUM_HIGH),
    environmental("MAV", VECTOR_4),
    environmental("MAC", LOW_HIGH),
    environmental("MAT", NONE_PRESENT),
    environmental("MPR", NONE_LOW_HIGH),
    environmental("MUI", INTERACTION_4),
    environmental("MVC", NONE_LOW_HIGH),
    environmental("MVI", NONE_LOW_HIGH),
    environmental("MVA", NONE_LOW_HIGH),
    environmental("MSC", NONE_LOW_HIGH),
    environmental("MSI", NEGLIGIBLE_TO_SAFETY),
    environmental("MSA", NEGLIGIBLE_TO_SAFETY),
    supplemental("S", NONE_PRESENT),
    supplemental("AU", &[("N", 0.0), ("Y", 0.0)]),
    supplemental("R", &[("A", 0.0), ("U", 0.0), ("I", 0.0)]),
    supplemental("V", &[("D", 0.0), ("C", 0.0)]),
    supplemental("RE", LOW_MEDIUM_HIGH),
    supplemental("U", &[("Clear", 0.0), ("Green", 0.0), ("Amber", 0.0), ("Red", 0.0)]),
];

/// What a vector says of one metric.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Given {
    Absent,
    NotDefined,
    Value(Value),
}

/// The metrics of a vector, each as its version's table knows it.
#[derive(Debug)]
pub(super) struct Metrics {
    version: Version,
    given: Vec<(&'static Metric, Given)>,
}

impl Metrics {
    pub(super) fn parse(vector: &str) -> Result<Self, VectorError> {
        let (version, fields) = split(vector.trim())?;
        let table = version.table();
        let mut metrics =
            Self { version, given: table.iter().map(|metric| (metric, Given::Absent)).collect() };
        for field in fields.split('/') {
            metrics.take(field)?;
        }
        let missing = metrics
            .given
            .iter()
            .find(|(metric, given)| metric.group == Group::Base && *given == Given::Absent);
        match missing {
            Some((metric, _)) => {
                Err(VectorError(format!("the base metric `{}` is missing", metric.name)))
            }
            None => Ok(metrics),
        }
    }

    fn take(&mut self, field: &str) -> Result<(), VectorError> {
        let (name, text) = field
            .split_once(':')
            .ok_or_else(|| VectorError(format!("`{field}` is no metric and value")))?;
        let number = self.version.number();
        let (metric, given) = self
            .given
            .iter_mut()
            .find(|(metric, _)| metric.name == name)
            .ok_or_else(|| VectorError(format!("CVSS {number} has no metric `{name}`")))?;
        if *given != Given::Absent {
            return Err(VectorError(format!("the metric `{name}` is given twice")));
        }
        let known = metric.values.iter().find(|(known, _)| *known == text);
        *given = match known {
            Some(value) => Given::Value(*value),
            None if metric.group != Group::Base && text == self.version.not_defined() => {
                Given::NotDefined
            }
            None => return Err(VectorError(format!("`{name}` can't be `{text}`"))),
        };
        Ok(())
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// Whether any metric of a group has a value that says something.
    pub(super) fn any_given(&self, group: Group) -> bool {
        self.values().any(|(metric, _)| metric.group == group)
    }

    /// The vector in the order of its table, with the metrics of these groups only.
    pub(super) fn written(&self, groups: &[Group]) -> String {
        let mut vector = format!("CVSS:{}", self.version.number());
        for (metric, (value, _)) in self.values() {
            if groups.contains(&metric.group) {
                vector.extend(["/", metric.name, ":", value]);
            }
        }
        vector
    }

    /// The weight of a metric, neutral where it is not defined.
    pub(super) fn weight(&self, name: &str) -> f64 {
        let known = self.given.iter().find(|(metric, _)| metric.name == name);
        known.map_or(0.0, |(metric, given)| match given {
            Given::Value((_, weight)) => *weight,
            Given::Absent | Given::NotDefined => metric.neutral,
        })
    }

    /// The value of a metric, empty where it is not defined.
    pub(super) fn value(&self, name: &str) -> &'static str {
        let mut values = self.values();
        values.find(|(metric, _)| metric.name == name).map_or("", |(_, (value, _))| value)
    }

    fn values(&self) -> impl Iterator<Item = (&'static Metric, Value)> {
        self.given.iter().filter_map(|(metric, given)| match given {
            Given::Value(value) => Some((*metric, *value)),
            Given::Absent | Given::NotDefined => None,
        })
    }

    pub(super) fn exploitability(&self) -> Exploitability {
        Exploitability {
            attack_vector: match self.value("AV") {
                "N" => AttackVector::Network,
                "A" => AttackVector::Adjacent,
                "L" => AttackVector::Local,
                _ => AttackVector::Physical,
            },
            attack_complexity: match self.value("AC") {
                "L" => AttackComplexity::Low,
                "M" => AttackComplexity::Medium,
                _ => AttackComplexity::High,
            },
            privileges_required: match (self.value("PR"), self.value("Au")) {
                ("N", _) | (_, "N") => PrivilegesRequired::None,
                ("L", _) | (_, "S") => PrivilegesRequired::Low,
                _ => PrivilegesRequired::High,
            },
            user_interaction: match self.value("UI") {
                "" => UserInteraction::NotStated,
                "N" => UserInteraction::None,
                _ => UserInteraction::Required,
            },
        }
    }

    pub(super) fn impacts(&self) -> Impacts {
        let [confidentiality, integrity, availability] = match self.version {
            Version::V4 => ["VC", "VI", "VA"],
            _ => ["C", "I", "A"],
        }
        .map(|name| match self.value(name) {
            "N" => Impact::None,
            "L" | "P" => Impact::Low,
            _ => Impact::High,
        });
        Impacts { confidentiality, integrity, availability }
    }
}

/// The version that a vector names, and its metrics. A 2.0 vector names none.
fn split(vector: &str) -> Result<(Version, &str), VectorError> {
    let Some(labelled) = vector.strip_prefix("CVSS:") else {
        let inner = vector.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
        return Ok((Version::V2, inner.unwrap_or(vector)));
    };
    let (number, fields) = labelled.split_once('/').unwrap_or((labelled, ""));
    let version = match number {
        "2.0" => Version::V2,
        "3.0" => Version::V30,
        "3.1" => Version::V31,
        "4.0" => Version::V4,
        _ => return Err(VectorError(format!("`{number}` is no known version of CVSS"))),
    };
    Ok((version, fields))
}
