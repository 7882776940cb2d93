//! The `metrics` of a container: CVSS vectors, and CISA's SSVC and KEV blocks under `other`.
//!
//! Refuses scales of a maker's own ("Important"): they compare with nothing.

use domain::advisory::{Exploitation, KnownExploited, Score, SsvcInputs, VulnerabilityId};
use domain::date;
use domain::problem::{Code, Loss};
use domain::text::Text;

use crate::advisory::score;
use crate::json::{Path, Taker, Value};

/// What metrics say besides scores.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    pub(super) ssvc: Option<SsvcInputs>,
    /// An entry of CISA's catalogue; its id is left empty.
    pub(super) known_exploited: Option<Box<KnownExploited>>,
}

impl Metrics {
    pub(super) fn read(
        &mut self,
        taker: &mut Taker,
        scores: &mut Vec<Score>,
        list: Value<'_>,
        path: &Path<'_>,
    ) {
        for (i, item) in taker.items(list, path).enumerate() {
            let at = path.index(i);
            for (key, value) in taker.members(item, &at) {
                let at = at.field(&key);
                match key.as_ref() {
                    "cvssV2_0" | "cvssV3_0" | "cvssV3_1" | "cvssV4_0" => {
                        scores.extend(score::cvss(taker, value, &at, None));
                    }
                    "other" => self.other(taker, value, &at),
                    _ => {}
                }
            }
        }
    }

    fn other(&mut self, taker: &mut Taker, value: Value<'_>, path: &Path<'_>) {
        let (mut kind, mut content) = (None, None);
        for (key, value) in taker.members(value, path) {
            match key.as_ref() {
                "type" => kind = taker.borrowed(value, &path.field("type")),
                "content" => content = Some(value),
                _ => {}
            }
        }
        let at = path.field("content");
        match (kind.as_deref(), content) {
            (Some("ssvc"), Some(content)) => self.ssvc(taker, content, &at),
            (Some("kev"), Some(content)) => self.kev(taker, content, &at),
            _ => {}
        }
    }

    /// SSVC decision points as CISA writes them: a list of objects of one member each.
    fn ssvc(&mut self, taker: &mut Taker, content: Value<'_>, path: &Path<'_>) {
        let mut inputs = SsvcInputs::default();
        let options = content.get("options");
        let at = path.field("options");
        let list = options.map(|options| taker.items(options, &at));
        for (i, option) in list.into_iter().flatten().enumerate() {
            let at = at.index(i);
            for (key, value) in taker.members(option, &at) {
                decision_point(taker, &mut inputs, &key, (value, &at.field(&key)));
            }
        }
        self.ssvc = Some(inputs);
    }

    fn kev(&mut self, taker: &mut Taker, content: Value<'_>, path: &Path<'_>) {
        let added = content.get("dateAdded");
        let added = added.and_then(|value| taker.filled(value, &path.field("dateAdded")));
        self.known_exploited = Some(Box::new(KnownExploited {
            id: VulnerabilityId(Text::default()),
            added: added.as_deref().and_then(date::read),
            due: None,
            ransomware: None,
            action: None,
            at: content.at(path),
        }));
    }
}

/// One decision point; its spelling varies between years (`poc`, `PoC`).
fn decision_point(
    taker: &mut Taker,
    inputs: &mut SsvcInputs,
    name: &str,
    (value, path): (Value<'_>, &Path<'_>),
) {
    let Some(text) = taker.borrowed(value, path) else { return };
    let answer = text.trim().to_ascii_lowercase();
    let known = match (name.to_ascii_lowercase().as_str(), answer.as_str()) {
        ("exploitation", "none") => {
            inputs.exploitation = Some(Exploitation::None);
            true
        }
        ("exploitation", "poc" | "public poc" | "proof of concept") => {
            inputs.exploitation = Some(Exploitation::ProofOfConcept);
            true
        }
        ("exploitation", "active") => {
            inputs.exploitation = Some(Exploitation::Active);
            true
        }
        ("automatable", "yes" | "no") => {
            inputs.automatable = Some(answer == "yes");
            true
        }
        ("technical impact", "total" | "partial") => {
            inputs.total_impact = Some(answer == "total");
            true
        }
        ("exploitation" | "automatable" | "technical impact", _) => false,
        _ => true,
    };
    if !known {
        let odd = (Code::RecordUnknownValue, Loss::Field);
        taker.tell(odd, value, path, "an answer of CISA's SSVC tree");
    }
}
