//! NVD API 2.0: CVE records with CPE applicability, as whole responses, as single records, and as
//! overrides that only add configurations.
//!
//! Each CVE is a record. Refuses to complete what NVD has not analysed: a record without
//! configurations names no product.

use domain::advisory::{
    Advisory, Feed, KnownExploited, Remediation, Vulnerability, VulnerabilityId,
};
use domain::date;
use domain::fact::{Fact, Reading};
use domain::location::Location;
use domain::problem::{Code, Loss};
use domain::text::Text;

use super::{configuration, score, words};
use crate::json::{Json, Kind, Path, Taker, Value};

/// Who scored a metric of the type `Primary` that names no source.
const NVD: &str = "nvd@nist.gov";

/// Reads a response of the API (`vulnerabilities[].cve`), a list of records, or one record.
#[must_use]
pub fn read(json: &Json<'_>) -> Reading {
    let mut reading = Reading::default();
    let mut taker = Taker::default();
    taker.problems.extend(json.problem());
    let root = json.root();
    let path = Path::ROOT.field("vulnerabilities");
    let (list, path) = match root.get("vulnerabilities") {
        Some(list) => (Some(taker.items(list, &path)), path),
        None if root.kind() == Kind::Array => (Some(root.items()), Path::ROOT),
        None => (None, Path::ROOT),
    };
    match list {
        Some(items) => {
            for (i, item) in items.enumerate() {
                entry(&mut taker, &mut reading, item, &path.index(i));
            }
        }
        None => entry(&mut taker, &mut reading, root, &Path::ROOT),
    }
    reading.problems = taker.problems;
    reading
}

/// One entry: a record, or a wrapper around it that may hold its id (`_annotation.cve_id`).
fn entry(taker: &mut Taker, reading: &mut Reading, value: Value<'_>, path: &Path<'_>) {
    reading.records_seen += 1;
    let mut facts = match (value.get("cve"), value.get("_annotation")) {
        (Some(cve), annotation) => {
            let id = annotation.and_then(|annotation| annotation.get("cve_id"));
            record(taker, cve, &path.field("cve"), id)
        }
        (None, _) => record(taker, value, path, None),
    };
    if facts.is_empty() {
        let lost = (Code::RecordNotUsable, Loss::Record);
        taker.tell(lost, value, path, "a CVE record with an `id`");
    } else {
        reading.records_made += 1;
        reading.facts.append(&mut facts);
    }
}

/// A CVE object. Its facts: an advisory, and an entry of the catalogue of known exploited
/// vulnerabilities where NVD repeats one; none where it has no id.
fn record(
    taker: &mut Taker,
    value: Value<'_>,
    path: &Path<'_>,
    id: Option<Value<'_>>,
) -> Vec<Fact> {
    let annotated = id.and_then(|id| taker.filled(id, path));
    let mut id = annotated.map(|id| VulnerabilityId::new(&id));
    let at = value.at(path);
    let mut vulnerability = Vulnerability::new(VulnerabilityId(Text::default()), at.clone());
    let mut exploited = Exploited::default();
    let (mut publisher, mut updated, mut withdrawn) = (None, None, false);
    for (key, member) in taker.members(value, path) {
        let at = path.field(&key);
        match key.as_ref() {
            "id" => id = taker.filled(member, &at).map(|id| VulnerabilityId::new(&id)).or(id),
            "sourceIdentifier" => publisher = taker.filled(member, &at),
            "lastModified" => updated = taker.filled(member, &at),
            "vulnStatus" => {
                withdrawn = taker.borrowed(member, &at).is_some_and(|status| status == "Rejected");
            }
            "descriptions" => vulnerability.description = words::english(taker, member, &at),
            "metrics" => metrics(taker, &mut vulnerability, member, &at),
            "weaknesses" => weaknesses(taker, &mut vulnerability, member, &at),
            "configurations" => {
                vulnerability.affected.extend(configuration::statements(taker, member, &at));
            }
            "evaluatorSolution" => {
                vulnerability.remediations.extend(solution(taker, member, &at));
            }
            name if name.starts_with("cisa") => exploited.take(taker, name, member, &at),
            _ => {}
        }
    }
    let Some(id) = id else { return Vec::new() };
    vulnerability.title =
        words::title(exploited.name.take(), &id.0, vulnerability.description.as_deref());
    vulnerability.id = id.clone();
    let exploited = exploited.fact(&id, &at);
    let advisory = Advisory {
        id: id.0,
        feed: Feed::Nvd,
        publisher,
        title: vulnerability.title.clone(),
        updated,
        revision: None,
        stage: None,
        language: None,
        withdrawn,
        vulnerabilities: vec![vulnerability],
        at,
    };
    std::iter::once(Fact::Advisory(Box::new(advisory))).chain(exploited).collect()
}

/// Metrics by version: `cvssMetricV2`, `cvssMetricV30`, `cvssMetricV31`, `cvssMetricV40`.
fn metrics(
    taker: &mut Taker,
    vulnerability: &mut Vulnerability,
    value: Value<'_>,
    path: &Path<'_>,
) {
    for (key, list) in taker.members(value, path) {
        if !key.starts_with("cvssMetric") {
            continue;
        }
        let list_path = path.field(&key);
        for (i, item) in taker.items(list, &list_path).enumerate() {
            let at = list_path.index(i);
            let (mut data, mut source, mut kind) = (None, None, None);
            for (key, member) in taker.members(item, &at) {
                let at = at.field(&key);
                match key.as_ref() {
                    "cvssData" => data = score::cvss(taker, member, &at, None),
                    "source" => source = taker.filled(member, &at),
                    "type" => kind = taker.borrowed(member, &at),
                    _ => {}
                }
            }
            let by_type = || (kind.as_deref() == Some("Primary")).then(|| NVD.into());
            if let Some(mut score) = data {
                score.origin = source.or_else(by_type);
                vulnerability.scores.push(score);
            }
        }
    }
}

fn weaknesses(
    taker: &mut Taker,
    vulnerability: &mut Vulnerability,
    list: Value<'_>,
    path: &Path<'_>,
) {
    for (i, weakness) in taker.items(list, path).enumerate() {
        let at = path.index(i);
        for (key, words) in taker.members(weakness, &at) {
            if key != "description" {
                continue;
            }
            let at = at.field("description");
            for (i, item) in taker.items(words, &at).enumerate() {
                let at = at.index(i);
                for (key, value) in taker.members(item, &at) {
                    if key == "value" {
                        let text = taker.borrowed(value, &at.field("value")).unwrap_or_default();
                        score::add_cwe(&mut vulnerability.cwes, &text);
                    }
                }
            }
        }
    }
}

fn solution(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Remediation> {
    let details = taker.filled(value, path)?;
    let kind = "vendor_fix".to_owned();
    Some(Remediation {
        kind: kind.into(),
        details,
        url: None,
        applies: Vec::new(),
        at: value.at(path),
    })
}

/// The `cisa…` fields of a record.
#[derive(Debug, Default)]
struct Exploited {
    added: Option<Text>,
    due: Option<Text>,
    action: Option<Text>,
    name: Option<Text>,
}

impl Exploited {
    fn take(&mut self, taker: &mut Taker, field: &str, value: Value<'_>, path: &Path<'_>) {
        let text = taker.filled(value, path);
        match field {
            "cisaExploitAdd" => self.added = text,
            "cisaActionDue" => self.due = text,
            "cisaRequiredAction" => self.action = text,
            "cisaVulnerabilityName" => self.name = text,
            _ => {}
        }
    }

    fn fact(self, id: &VulnerabilityId, at: &Location) -> Option<Fact> {
        let added = date::read(&self.added?);
        let due = self.due.as_deref().and_then(date::read);
        let (id, at) = (id.clone(), at.clone());
        let entry = KnownExploited { id, added, due, ransomware: None, action: self.action, at };
        Some(Fact::KnownExploited(Box::new(entry)))
    }
}

#[cfg(test)]
mod tests;
