//! What is told: each kind with its words and how grave it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::alerts::Alert;
use store::detections::Detection;
use store::steps::Step;
use store::vulnerabilities::Vulnerability;

use super::cut;

/// What a target may be told of, each with its meaning.
pub const TOPICS: [(&str, &str); 4] = [
    ("detection", "what was detected on the network"),
    ("order", "containments: asked for, approved, refused, verified, failed, lifted, glass broken"),
    ("finding", "vulnerabilities that newly ask to act"),
    ("agent", "the agent falls silent, and answers again"),
];

/// The longest sentence, in bytes, and the most targets of a detection that are named.
const SENTENCE: usize = 500;
const TARGETS: usize = 8;

/// Something that happened, for others' systems.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fact {
    /// What kind: `detection`, `order.verified`, `finding.act`.
    pub kind: String,
    /// In one sentence.
    pub sentence: String,
    /// The device, by id or address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device: String,
    /// The address that it came from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Addresses that it went to; some of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// The service: `tcp/445`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The rule that found it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// The technique of MITRE ATT&CK.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub technique: String,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// Who did it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub actor: String,
    /// The vulnerability.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vulnerability: String,
    /// How many devices it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<i64>,
}

/// Steps of orders that are told: their code, their words, and how grave they are.
const STEPS: [(&str, &str, i64); 9] = [
    ("requested", "a containment was asked for", 3),
    ("approved", "a containment was approved", 2),
    ("refused", "a containment was refused", 2),
    ("verified", "it is held, as the network has shown", 2),
    ("failed", "an enforcement point failed", 4),
    ("drifted", "an enforcement point held something else than it was told", 4),
    ("lifted", "a containment was lifted", 2),
    ("broken-glass", "it was freed at the bedside at once", 4),
    ("expired", "the time of a containment is over", 2),
];

impl Fact {
    /// As it was kept; one without words where that can't be read.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What was detected.
    #[must_use]
    pub fn detection(found: &Detection) -> Alert {
        let rest: Value = serde_json::from_str(&found.rest).unwrap_or_default();
        let targets = rest.get("targets").and_then(Value::as_array).into_iter().flatten();
        let text = |value: &Value| value.as_str().map(|text| cut(text, SENTENCE));
        let fact = Self {
            kind: "detection".to_owned(),
            sentence: cut(&found.evidence, SENTENCE),
            device: found.device.clone(),
            source: found.source.clone(),
            targets: targets.filter_map(text).take(TARGETS).collect(),
            service: rest.get("service").and_then(text).unwrap_or_default(),
            rule: found.rule.clone(),
            technique: found.technique.clone(),
            ..Self::default()
        };
        fact.alert(id("detection", &found.hash), found.at_ms, &found.device)
    }

    /// A step of an order, where it is one that is told. What people have typed stays here.
    #[must_use]
    pub fn step(step: &Step) -> Option<Alert> {
        let (code, words, _) = STEPS.iter().find(|(code, ..)| *code == step.step)?;
        let fact = Self {
            kind: format!("order.{code}"),
            sentence: format!("Order {}, {}: {words}", step.order, step.device),
            device: step.device.clone(),
            order: Some(step.order),
            actor: step.actor.clone(),
            ..Self::default()
        };
        Some(fact.alert(id("order", &step.hash), step.at_ms, &step.device))
    }

    /// A vulnerability that newly asks to act.
    #[must_use]
    pub fn act(vulnerability: &Vulnerability, at_ms: i64) -> Alert {
        let devices = vulnerability.devices;
        let noun = if devices == 1 { "one device" } else { &format!("{devices} devices") };
        let fact = Self {
            kind: "finding.act".to_owned(),
            sentence: format!("{} asks to act on {noun}", vulnerability.id),
            vulnerability: vulnerability.id.clone(),
            devices: Some(devices),
            ..Self::default()
        };
        fact.alert(
            id("finding", &format!("{} {at_ms}", vulnerability.id)),
            at_ms,
            &vulnerability.id,
        )
    }

    /// The agent does not answer since it was last heard.
    #[must_use]
    pub fn silent(heard_ms: i64, now_ms: i64) -> Alert {
        let fact = Self {
            kind: "agent.silent".to_owned(),
            sentence: format!(
                "The agent does not answer since {}; devices that are held stay held",
                super::moment(heard_ms)
            ),
            ..Self::default()
        };
        fact.alert(id("silent", &heard_ms.to_string()), now_ms, "agent")
    }

    /// The agent answers again that was last heard at a time before.
    #[must_use]
    pub fn back(heard_ms: i64, now_ms: i64) -> Alert {
        let fact = Self {
            kind: "agent.back".to_owned(),
            sentence: "The agent answers again".to_owned(),
            ..Self::default()
        };
        fact.alert(id("back", &heard_ms.to_string()), now_ms, "agent")
    }

    /// How grave it is, from 1 (told for the record) to 5 (critical).
    fn severity(&self) -> i64 {
        match self.kind.as_str() {
            "detection" | "finding.act" => 4,
            "agent.silent" => 3,
            kind => {
                let step = kind.strip_prefix("order.").unwrap_or_default();
                STEPS.iter().find(|(code, ..)| *code == step).map_or(1, |(.., severity)| *severity)
            }
        }
    }

    pub(super) fn alert(&self, id: String, at_ms: i64, subject: &str) -> Alert {
        let topic = self.kind.split('.').next().unwrap_or_default();
        Alert {
            number: 0,
            id,
            at_ms,
            topic: topic.to_owned(),
            severity: self.severity(),
            subject: subject.to_owned(),
            fact: serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned()),
        }
    }
}

/// An id that is the same whenever the same is told: 128 bits of SHA-256.
fn id(kind: &str, of: &str) -> String {
    use std::fmt::Write as _;
    let hash = Sha256::new_with_prefix(kind).chain_update([0]).chain_update(of).finalize();
    hash.iter().take(16).fold("alert_".to_owned(), |mut text, byte| {
        // Memory takes whatever is written.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
