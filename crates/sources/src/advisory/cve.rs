//! CVE record format 5.x: what the numbering authority and other publishers say of one CVE.
//!
//! A document is one record. Refuses to merge what two publishers say of one product: each
//! container's statements stand beside each other.

mod affected;
mod hints;
mod metrics;
mod packages;
mod versions;

use domain::advisory::{Advisory, Feed, Remediation, Vulnerability, VulnerabilityId};
use domain::fact::{Fact, Reading};
use domain::problem::{Code, Loss};
use domain::text::Text;

use super::{configuration, score, words};
use crate::json::{Json, Path, Taker, Value};

use hints::Hints;
use metrics::Metrics;

/// Reads one CVE record (CVE record format 5.0 to 5.2).
///
/// `affected` becomes statements as [`affected`] says. State `REJECTED` becomes `withdrawn`.
#[must_use]
pub fn read(json: &Json<'_>) -> Reading {
    let mut taker = Taker::default();
    taker.problems.extend(json.problem());
    let facts = record(&mut taker, json.root());
    if facts.is_empty() {
        let lost = (Code::RecordNotUsable, Loss::Record);
        taker.tell(lost, json.root(), &Path::ROOT, "a CVE record with `cveMetadata.cveId`");
    }
    let records_made = usize::from(!facts.is_empty());
    Reading { facts, problems: taker.problems, records_seen: 1, records_made }
}

fn record(taker: &mut Taker, root: Value<'_>) -> Vec<Fact> {
    let (mut metadata, mut containers) = (None, None);
    for (key, value) in root.members() {
        match key.as_ref() {
            "cveMetadata" => metadata = Some(value),
            "containers" => containers = Some(value),
            _ => {}
        }
    }
    let at = root.at(&Path::ROOT);
    let mut advisory = Advisory {
        id: String::new().into(),
        feed: Feed::Cve,
        publisher: None,
        title: None,
        updated: None,
        revision: None,
        stage: None,
        language: None,
        withdrawn: false,
        vulnerabilities: Vec::new(),
        at: at.clone(),
    };
    if let Some(metadata) = metadata {
        head(taker, &mut advisory, metadata);
    }
    if advisory.id.is_empty() {
        return Vec::new();
    }
    let id = VulnerabilityId(advisory.id.clone());
    let mut reader = Reader { vulnerability: Vulnerability::new(id, at), ..Reader::new(taker) };
    if let Some(value) = containers {
        reader.containers(value, &Path::ROOT.field("containers"));
    }
    let Reader { mut vulnerability, title, mut metrics, hints, .. } = reader;
    let description = vulnerability.description.as_deref();
    vulnerability.title = words::title(title, &advisory.id, description);
    let texts = [vulnerability.title.as_deref(), vulnerability.description.as_deref()];
    let texts: Vec<&str> = texts.into_iter().flatten().collect();
    hints.apply(&mut vulnerability.affected, &texts);
    vulnerability.ssvc = metrics.ssvc;
    let known = metrics.known_exploited.take().map(|mut entry| {
        entry.id = vulnerability.id.clone();
        Fact::KnownExploited(entry)
    });
    advisory.title.clone_from(&vulnerability.title);
    advisory.vulnerabilities.push(vulnerability);
    std::iter::once(Fact::Advisory(Box::new(advisory))).chain(known).collect()
}

fn head(taker: &mut Taker, advisory: &mut Advisory, value: Value<'_>) {
    let path = Path::ROOT.field("cveMetadata");
    for (key, value) in taker.members(value, &path) {
        let at = path.field(&key);
        match key.as_ref() {
            "cveId" => {
                let id = taker.filled(value, &at).unwrap_or_default();
                advisory.id = VulnerabilityId::new(&id).0;
            }
            "state" => {
                let state = taker.borrowed(value, &at).unwrap_or_default();
                advisory.withdrawn = state == "REJECTED";
                if !matches!(&*state, "REJECTED" | "PUBLISHED") {
                    let odd = (Code::RecordUnknownValue, Loss::Field);
                    taker.tell(odd, value, &at, "`PUBLISHED` or `REJECTED`");
                }
            }
            "assignerShortName" => advisory.publisher = taker.filled(value, &at),
            "dateUpdated" => advisory.updated = taker.filled(value, &at),
            "serial" if value.as_i64().is_some() => {
                advisory.revision = Some(value.raw().into());
            }
            _ => {}
        }
    }
}

/// What is gathered from all containers.
struct Reader<'t> {
    taker: &'t mut Taker,
    vulnerability: Vulnerability,
    title: Option<Text>,
    metrics: Metrics,
    hints: Hints,
}

impl<'t> Reader<'t> {
    fn new(taker: &'t mut Taker) -> Self {
        let nothing = VulnerabilityId(Text::default());
        let vulnerability = Vulnerability::new(nothing, domain::location::Location::whole());
        Self {
            taker,
            vulnerability,
            title: None,
            metrics: Metrics::default(),
            hints: Hints::default(),
        }
    }

    /// The CNA's container comes first, so that its title and description count.
    fn containers(&mut self, value: Value<'_>, path: &Path<'_>) {
        let members = self.taker.members(value, path);
        for (_, cna) in members.clone().filter(|(key, _)| key == "cna") {
            self.title = self.container(cna, &path.field("cna"));
        }
        for (_, list) in members.filter(|(key, _)| key == "adp") {
            let list_path = path.field("adp");
            for (i, adp) in self.taker.items(list, &list_path).enumerate() {
                // An additional publisher's title names the publisher, not the flaw.
                let _ = self.container(adp, &list_path.index(i));
            }
        }
    }

    /// Reads one container; gives its title.
    fn container(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<Text> {
        let first_score = self.vulnerability.scores.len();
        let (mut title, mut provider) = (None, None);
        for (key, member) in self.taker.members(value, path) {
            let at = path.field(&key);
            match key.as_ref() {
                "providerMetadata" => provider = self.provider(member, &at),
                "title" => title = self.taker.filled(member, &at),
                "descriptions" | "rejectedReasons" => {
                    let words = words::english(self.taker, member, &at);
                    let description = &mut self.vulnerability.description;
                    *description = description.take().or(words);
                }
                "affected" => {
                    let statements = affected::statements(self.taker, member, &at);
                    self.vulnerability.affected.extend(statements);
                }
                "cpeApplicability" => {
                    let statements = configuration::statements(self.taker, member, &at);
                    self.vulnerability.affected.extend(statements);
                }
                "problemTypes" => self.problem_types(member, &at),
                "metrics" => {
                    let scores = &mut self.vulnerability.scores;
                    self.metrics.read(self.taker, scores, member, &at);
                }
                "solutions" => self.remediations("vendor_fix", member, &at),
                "workarounds" => self.remediations("workaround", member, &at),
                "source" => self.source(member, &at),
                "references" => self.references(member, &at),
                _ => {}
            }
        }
        for score in self.vulnerability.scores.iter_mut().skip(first_score) {
            score.origin.clone_from(&provider);
        }
        title
    }

    fn provider(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<Text> {
        let (mut short, mut long) = (None, None);
        for (key, value) in self.taker.members(value, path) {
            match key.as_ref() {
                "shortName" => short = self.taker.filled(value, &path.field("shortName")),
                "orgId" => long = self.taker.filled(value, &path.field("orgId")),
                _ => {}
            }
        }
        short.or(long)
    }

    fn problem_types(&mut self, list: Value<'_>, path: &Path<'_>) {
        for (i, item) in self.taker.items(list, path).enumerate() {
            let at = path.index(i);
            for (key, value) in self.taker.members(item, &at) {
                if key == "descriptions" {
                    self.weaknesses(value, &at.field("descriptions"));
                }
            }
        }
    }

    fn weaknesses(&mut self, list: Value<'_>, path: &Path<'_>) {
        for (i, item) in self.taker.items(list, path).enumerate() {
            let at = path.index(i);
            for (key, value) in self.taker.members(item, &at) {
                // Older records have the number in the words only.
                if matches!(key.as_ref(), "cweId" | "description") {
                    let text = self.taker.borrowed(value, &at.field(&key)).unwrap_or_default();
                    score::add_cwe(&mut self.vulnerability.cwes, &text);
                }
            }
        }
    }

    /// Solutions and workarounds: lists of texts by language.
    fn remediations(&mut self, kind: &str, list: Value<'_>, path: &Path<'_>) {
        let details = words::english(self.taker, list, path);
        self.vulnerability.remediations.extend(details.map(|details| Remediation {
            kind: kind.into(),
            details,
            url: None,
            applies: Vec::new(),
            at: list.at(path),
        }));
    }

    fn references(&mut self, list: Value<'_>, path: &Path<'_>) {
        for (i, item) in self.taker.items(list, path).enumerate() {
            let (item_path, url) = (path.index(i), item.get("url"));
            let at = item_path.field("url");
            let address = url.and_then(|url| self.taker.borrowed(url, &at));
            if let Some(address) = address {
                self.hints.address(&address);
            }
        }
    }

    /// `source.advisory` often is the id of the maker's own advisory.
    fn source(&mut self, value: Value<'_>, path: &Path<'_>) {
        for (key, value) in value.members() {
            if key == "advisory"
                && let Some(text) = self.taker.filled(value, &path.field("advisory"))
                && text.starts_with("GHSA-")
            {
                self.vulnerability.aliases.push(VulnerabilityId(text));
            }
        }
    }
}

#[cfg(test)]
mod tests;
