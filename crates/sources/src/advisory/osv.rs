//! OSV (OpenSSF Open Source Vulnerability format 1.x): vulnerabilities of packages of ecosystems.
//!
//! A document is one record. Refuses to order commits: a range of git hashes stays text, and only
//! where the record says nothing else of the package.

mod ecosystem;
mod ranges;

use std::collections::HashSet;

use domain::advisory::{
    Advisory, Affected, Feed, Package, Product, Score, Status, Target, Versions, Vulnerability,
    VulnerabilityId,
};
use domain::bounded::room;
use domain::fact::{Fact, Reading};
use domain::problem::{Code, Loss};
use domain::purl::Purl;
use domain::text::Text;

use super::identifiers::read_purl;
use super::{score, words};
use crate::json::{Json, Path, Taker, Value};

use ecosystem::Ecosystem;
use ranges::Ranges;

/// Most statements and versions that a bulletin about several flaws is split into.
const SPLIT_VERSIONS: usize = 1_000_000;

/// Reads one OSV record (OSV schema 1.x).
#[must_use]
pub fn read(json: &Json<'_>) -> Reading {
    let mut taker = Taker::default();
    taker.problems.extend(json.problem());
    let advisory = record(&mut taker, json.root(), &Path::ROOT);
    if advisory.is_none() {
        let lost = (Code::RecordNotUsable, Loss::Record);
        taker.tell(lost, json.root(), &Path::ROOT, "an OSV record with an `id`");
    }
    let facts: Vec<Fact> = advisory.map(|a| Fact::Advisory(Box::new(a))).into_iter().collect();
    let records_made = facts.len();
    Reading { facts, problems: taker.problems, records_seen: 1, records_made }
}

/// Reads the records inside what osv-scanner writes (its documentation, "Output": `results`,
/// `packages`, `vulnerabilities`) or OSV's interface answers (its documentation, "POST /v1/query":
/// `vulns`). What was found where is left aside: only what a record says counts. A record stands
/// there once for each package that it was found for, and is read once.
#[must_use]
pub fn read_results(json: &Json<'_>) -> Reading {
    let mut taker = Taker::default();
    taker.problems.extend(json.problem());
    let mut reading = Reading::default();
    let mut known = HashSet::new();
    let mut each = |taker: &mut Taker, list: Value<'_>, path: &Path<'_>| {
        for (i, value) in taker.items(list, path).enumerate() {
            let id = value.get("id").and_then(Value::as_text);
            if id.is_some_and(|id| !known.insert(id)) {
                continue;
            }
            reading.records_seen += 1;
            let at = path.index(i);
            match record(taker, value, &at) {
                Some(advisory) => reading.facts.push(Fact::Advisory(Box::new(advisory))),
                None => {
                    let lost = (Code::RecordNotUsable, Loss::Record);
                    taker.tell(lost, value, &at, "an OSV record with an `id`");
                }
            }
        }
    };
    for (key, value) in json.root().members() {
        let path = Path::ROOT.field(&key);
        match key.as_ref() {
            "vulns" => each(&mut taker, value, &path),
            "results" => {
                for (i, result) in taker.items(value, &path).enumerate() {
                    let (path, packages) = (path.index(i), result.get("packages"));
                    let path = path.field("packages");
                    for (i, package) in packages.into_iter().flat_map(Value::items).enumerate() {
                        let path = path.index(i);
                        let path = path.field("vulnerabilities");
                        if let Some(list) = package.get("vulnerabilities") {
                            each(&mut taker, list, &path);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    reading.records_made = reading.facts.len();
    reading.problems = taker.problems;
    reading
}

fn record(taker: &mut Taker, root: Value<'_>, path: &Path<'_>) -> Option<Advisory> {
    let at = root.at(path);
    let mut vulnerability = Vulnerability::new(VulnerabilityId(Text::default()), at.clone());
    let (mut id, mut updated, mut summary, mut withdrawn) = (None, None, None, false);
    let (mut publisher, mut upstream) = (None, Vec::new());
    for (key, value) in root.members() {
        let at = path.field(&key);
        match key.as_ref() {
            "id" => id = taker.filled(value, &at),
            "modified" => updated = taker.filled(value, &at),
            "withdrawn" => withdrawn = taker.filled(value, &at).is_some(),
            "aliases" => vulnerability.aliases = ids(taker, value, &at),
            "upstream" => upstream = ids(taker, value, &at),
            "summary" => summary = taker.filled(value, &at),
            "details" => vulnerability.description = taker.filled(value, &at),
            "severity" => vulnerability.scores.extend(severity(taker, value, &at)),
            "affected" => affected(taker, &mut vulnerability, value, &at),
            "database_specific" => {
                publisher = source(value);
                specific(taker, &mut vulnerability, value, &at);
            }
            _ => {}
        }
    }
    let id = id?;
    vulnerability.id = VulnerabilityId::new(&id);
    let description = vulnerability.description.as_deref();
    vulnerability.title = words::title(summary, &id, description);
    Some(Advisory {
        publisher: publisher.or_else(|| prefix(&id)),
        title: vulnerability.title.clone(),
        id,
        feed: Feed::Osv,
        updated,
        revision: None,
        stage: None,
        language: None,
        withdrawn,
        vulnerabilities: per_flaw(vulnerability, upstream),
        at,
    })
}

fn ids(taker: &mut Taker, list: Value<'_>, path: &Path<'_>) -> Vec<VulnerabilityId> {
    taker.texts(list, path).iter().map(|text| VulnerabilityId::new(text)).collect()
}

/// Splits a distribution's bulletin by the flaws that it is about (`upstream`): one is the same
/// flaw under another id, several are flaws of their own and must not become aliases.
fn per_flaw(
    mut vulnerability: Vulnerability,
    upstream: Vec<VulnerabilityId>,
) -> Vec<Vulnerability> {
    let flaws: Vec<VulnerabilityId> =
        upstream.into_iter().filter(VulnerabilityId::is_cve).collect();
    match flaws.len() {
        0 | 1 => {
            let new = flaws.into_iter().filter(|flaw| !vulnerability.aliases.contains(flaw));
            let new: Vec<VulnerabilityId> = new.collect();
            vulnerability.aliases.extend(new);
            vec![vulnerability]
        }
        count if count.saturating_mul(size(&vulnerability)) > SPLIT_VERSIONS => {
            vec![vulnerability]
        }
        _ => {
            let split = |id| Vulnerability { id, aliases: Vec::new(), ..vulnerability.clone() };
            flaws.into_iter().map(split).collect()
        }
    }
}

/// The database by the prefix of its ids: `GHSA`, `RUSTSEC`, `PYSEC`.
fn prefix(id: &str) -> Option<Text> {
    id.split_once('-').map(|(prefix, _)| prefix.into())
}

/// The publisher that some databases name.
fn source(value: Value<'_>) -> Option<Text> {
    value.get("source").and_then(Value::as_text).filter(|source| !source.contains('/'))
}

/// Vectors: `CVSS_V2`, `CVSS_V3`, `CVSS_V4`; other scales (`Ubuntu`) compare with nothing.
fn severity(taker: &mut Taker, list: Value<'_>, path: &Path<'_>) -> Vec<Score> {
    let mut scores = Vec::new();
    for (i, item) in taker.items(list, path).enumerate() {
        let at = path.index(i);
        let (mut is_cvss, mut vector) = (false, None);
        for (key, value) in taker.members(item, &at) {
            let at = at.field(&key);
            match key.as_ref() {
                "type" => {
                    let kind = taker.borrowed(value, &at);
                    is_cvss = kind.is_some_and(|kind| kind.starts_with("CVSS_V"));
                }
                "score" => vector = taker.filled(value, &at),
                _ => {}
            }
        }
        if let Some(vector) = vector.filter(|_| is_cvss) {
            scores.push(Score { vector, stated: None, origin: None, applies: Vec::new() });
        }
    }
    scores
}

/// Weaknesses, and vectors where a database keeps them to itself: GitHub's `cwe_ids`, the `cvss` of
/// Rust's database, other databases' `cwes`.
fn specific(
    taker: &mut Taker,
    vulnerability: &mut Vulnerability,
    value: Value<'_>,
    path: &Path<'_>,
) {
    for (key, value) in value.members() {
        let at = path.field(&key);
        match key.as_ref() {
            "cwe_ids" | "cwes" | "cwe" => {
                for item in value.items() {
                    let id = item.as_str().or_else(|| item.get("cweId").and_then(Value::as_str));
                    score::add_cwe(&mut vulnerability.cwes, &id.unwrap_or_default());
                }
            }
            "cvss" => {
                let vector = value.as_str().filter(|text| text.starts_with("CVSS:"));
                let vector = vector.map(std::borrow::Cow::into_owned);
                let known = |vector: &String| {
                    vulnerability.scores.iter().any(|score| score.vector == *vector)
                };
                if let Some(vector) = vector.filter(|vector| !known(vector)) {
                    let score = Score {
                        vector: vector.into(),
                        stated: None,
                        origin: None,
                        applies: Vec::new(),
                    };
                    vulnerability.scores.push(score);
                }
            }
            "severity" if value.items().next().is_some() => {
                vulnerability.scores.extend(severity(taker, value, &at));
            }
            _ => {}
        }
    }
}

/// How many statements and versions a vulnerability holds.
fn size(vulnerability: &Vulnerability) -> usize {
    let versions = vulnerability.affected.iter().map(|affected| match &affected.target {
        Target::Package(package) => 1 + package.versions.len(),
        Target::Product(product) => 1 + product.versions.len(),
        Target::Configuration(_) => 1,
    });
    versions.sum()
}

fn affected(
    taker: &mut Taker,
    vulnerability: &mut Vulnerability,
    list: Value<'_>,
    path: &Path<'_>,
) {
    let items = taker.items(list, path);
    vulnerability.affected.reserve_exact(room(items.clone().count()));
    for (i, item) in items.enumerate() {
        package(taker, vulnerability, item, &path.index(i));
    }
}

/// One affected package; a score of its own applies to its statement only.
fn package(
    taker: &mut Taker,
    vulnerability: &mut Vulnerability,
    value: Value<'_>,
    path: &Path<'_>,
) {
    let mut names = Names::default();
    let (mut ranges, mut listed, mut scores) = (None, Vec::new(), Vec::new());
    for (key, member) in taker.members(value, path) {
        let at = path.field(&key);
        match key.as_ref() {
            "package" => names = package_names(taker, member, &at),
            "ranges" => ranges = Some(member),
            "versions" => listed = taker.texts(member, &at),
            "severity" => scores = severity(taker, member, &at),
            "database_specific" | "ecosystem_specific" => {
                specific(taker, vulnerability, member, &at);
            }
            _ => {}
        }
    }
    let ecosystem_name = std::mem::take(&mut names.ecosystem);
    let ecosystem = Ecosystem::of(&ecosystem_name);
    let mut sums = Ranges::default();
    if let Some(ranges) = ranges {
        sums.read(taker, ranges, &path.field("ranges"), ecosystem.scheme());
    }
    let versions = sums.versions(listed);
    let Some(target) = names.target(&ecosystem, versions) else {
        let lost = (Code::RecordMissingField, Loss::Field);
        taker.tell(lost, value, path, "a package, or a range with a repository");
        return;
    };
    let position = u32::try_from(vulnerability.affected.len()).unwrap_or(u32::MAX);
    for mut score in scores {
        score.applies = vec![position];
        vulnerability.scores.push(score);
    }
    let (status, at) = (Status::Affected, value.at(path));
    vulnerability.affected.push(Affected { status, justification: None, target, at });
}

/// What a package is called.
#[derive(Debug, Default)]
struct Names {
    ecosystem: Text,
    name: Text,
    purl: Option<Purl>,
}

fn package_names(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Names {
    let mut names = Names::default();
    for (key, value) in taker.members(value, path) {
        let at = path.field(&key);
        match key.as_ref() {
            "ecosystem" => names.ecosystem = taker.filled(value, &at).unwrap_or_default(),
            "name" => names.name = taker.filled(value, &at).unwrap_or_default(),
            "purl" => names.purl = read_purl(taker, value, &at),
            _ => {}
        }
    }
    names
}

impl Names {
    /// A package where the ecosystem has purls, else a product: the kernel, Android, a repository.
    fn target(self, ecosystem: &Ecosystem<'_>, versions: Sum) -> Option<Target> {
        let purl = self.purl.or_else(|| ecosystem.purl(&self.name));
        let Sum { versions, repository } = versions;
        if let Some(purl) = purl {
            let purl = ecosystem.with_distribution(purl);
            return Some(Package { purl, versions }.into());
        }
        let name = Some(self.name).filter(|name| !name.is_empty()).or(repository)?;
        let vendor = ecosystem.name().map(Text::from);
        Some(Product { vendor, name, versions, ..Product::default() }.into())
    }
}

/// All versions of a package, and the repository of its git ranges.
struct Sum {
    versions: Vec<Versions>,
    repository: Option<Text>,
}

#[cfg(test)]
mod tests;
