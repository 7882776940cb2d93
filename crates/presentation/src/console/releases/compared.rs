//! Two releases side by side: what came, what went, what changed; and how complete an SBOM is.
//!
//! Refuses to say which release is the newer one: versions of makers have no common order.

use std::collections::{BTreeMap, BTreeSet};

use decisions::sbom::quality::{self, Element};
use store::releases::Finding;

use super::super::words;
use super::Part;
use crate::text::Text;

/// What differs between two releases.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// Components that only the second has: name and versions.
    pub(super) added: Vec<(String, String)>,
    /// Components that only the first has.
    pub(super) removed: Vec<(String, String)>,
    /// Components that both have otherwise.
    pub(super) changed: Vec<Changed>,
    /// How many are the same in both.
    pub(super) same: i64,
    /// Open vulnerabilities that only the second has: id and verdict.
    pub(super) gained: Vec<(String, String)>,
    /// Open vulnerabilities that only the first has: id, and the verdict on the second where there
    /// is one.
    pub(super) lost: Vec<(String, String)>,
}

/// A component that both have, not alike.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) name: String,
    pub(super) versions: (String, String),
    /// Where they differ.
    pub(super) licences: Option<(String, String)>,
}

#[derive(Default)]
struct Gathered<'p> {
    name: &'p str,
    versions: BTreeSet<&'p str>,
    licences: BTreeSet<&'p str>,
}

impl Gathered<'_> {
    fn versions(&self) -> String {
        let said: Vec<&str> = self.versions.iter().copied().filter(|v| !v.is_empty()).collect();
        if said.is_empty() { "no version told".to_owned() } else { said.join(", ") }
    }

    fn licences(&self) -> String {
        let said: Vec<&str> = self.licences.iter().copied().collect();
        if said.is_empty() { "none told".to_owned() } else { said.join(", ") }
    }
}

/// Components by what they are, whatever their versions: the package URL up to the version, or else
/// the name.
fn gather(parts: &[Part]) -> BTreeMap<String, Gathered<'_>> {
    let mut gathered: BTreeMap<String, Gathered<'_>> = BTreeMap::new();
    for part in parts {
        let purl = part.rest.purl.as_deref().and_then(|purl| purl.split(['@', '?', '#']).next());
        let key = purl.unwrap_or(&part.name).to_lowercase();
        let own = gathered.entry(key).or_default();
        own.name = &part.name;
        own.versions.insert(&part.version);
        own.licences.extend(part.rest.licences.iter().map(String::as_str));
    }
    gathered
}

/// What differs between the components, and the findings, of two releases.
pub(super) fn compare(
    (first, first_findings): (&[Part], &[Finding]),
    (second, second_findings): (&[Part], &[Finding]),
) -> Compared {
    let (before, after) = (gather(first), gather(second));
    let mut compared = Compared::default();
    for (key, one) in &before {
        let Some(other) = after.get(key) else {
            compared.removed.push((one.name.to_owned(), one.versions()));
            continue;
        };
        if one.versions == other.versions && one.licences == other.licences {
            compared.same += 1;
            continue;
        }
        let licences = (one.licences != other.licences).then(|| (one.licences(), other.licences()));
        compared.changed.push(Changed {
            name: other.name.to_owned(),
            versions: (one.versions(), other.versions()),
            licences,
        });
    }
    let added = after.iter().filter(|(key, _)| !before.contains_key(*key));
    compared.added = added.map(|(_, one)| (one.name.to_owned(), one.versions())).collect();
    let (before, after) = (verdicts(first_findings), verdicts(second_findings));
    let only = |one: &BTreeMap<&str, &str>, other: &BTreeMap<&str, &str>| -> Vec<String> {
        let open = one.iter().filter(|(_, verdict)| is_open(verdict));
        let open = open.filter(|(id, _)| !other.get(*id).is_some_and(|verdict| is_open(verdict)));
        open.map(|(id, _)| (*id).to_owned()).collect()
    };
    let with = |ids: Vec<String>, verdicts: &BTreeMap<&str, &str>| {
        let told = |id: String| {
            let verdict = verdicts.get(id.as_str()).copied().unwrap_or_default().to_owned();
            (id, verdict)
        };
        ids.into_iter().map(told).collect()
    };
    compared.gained = with(only(&after, &before), &after);
    compared.lost = with(only(&before, &after), &after);
    compared
}

fn is_open(verdict: &str) -> bool {
    matches!(verdict, "affected" | "undecided")
}

/// The gravest verdict on each vulnerability.
fn verdicts(findings: &[Finding]) -> BTreeMap<&str, &str> {
    let gravity = |verdict: &str| match verdict {
        "affected" => 3,
        "undecided" => 2,
        "fixed" => 1,
        _ => 0,
    };
    let mut verdicts: BTreeMap<&str, &str> = BTreeMap::new();
    for finding in findings {
        let own = verdicts.entry(&finding.vulnerability).or_insert(&finding.verdict);
        if gravity(&finding.verdict) > gravity(own) {
            *own = &finding.verdict;
        }
    }
    verdicts
}

/// What of NTIA's minimum elements is told of how many components: the four that a component has
/// by itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Quality {
    /// How many components there are.
    pub(super) components: i64,
    /// How many components tell each of [`ELEMENTS`].
    elements: [i64; 4],
    /// How many components tell all of them.
    pub(super) whole: i64,
}

const ELEMENTS: [Element; 4] =
    [Element::Supplier, Element::Name, Element::Version, Element::Identifier];

impl Quality {
    /// How much of an element is told, in whole percent, never 100 where one is missing.
    fn percent(&self, count: i64) -> i64 {
        if self.components == 0 { 0 } else { count * 100 / self.components }
    }

    /// How much of each element is told, in words.
    pub(super) fn elements(&self, text: impl words::Given<Text>) -> String {
        let text = text.given();
        let names = [
            text.release_supplier(),
            text.release_name(),
            text.release_version_element(),
            text.release_unique_identifier(),
        ];
        let one = |(name, count)| text.release_element(name, self.percent(count)).plain();
        names.into_iter().zip(self.elements).map(one).collect::<Vec<_>>().join(", ")
    }
}

/// How complete the SBOMs of a release are.
pub(super) fn quality(parts: &[Part]) -> Quality {
    let told = parts.iter().map(|part| {
        quality::told(&quality::Said {
            name: &part.name,
            version: Some(&part.version),
            supplier: part.rest.supplier.as_deref(),
            is_identified: part.rest.purl.is_some() || !part.rest.cpes.is_empty(),
            ..quality::Said::default()
        })
    });
    let told: Vec<quality::Elements> = told.collect();
    let count = |has: &dyn Fn(&quality::Elements) -> bool| {
        i64::try_from(told.iter().filter(|told| has(told)).count()).unwrap_or(i64::MAX)
    };
    Quality {
        components: count(&|_| true),
        elements: ELEMENTS.map(|element| count(&|told| told.has(element))),
        whole: count(&|told| ELEMENTS.iter().all(|element| told.has(*element))),
    }
}

#[cfg(test)]
mod tests {
    use store::releases::Finding;

    use super::{Changed, compare, quality};
    use crate::assessment;
    use crate::console::releases::Part;

    fn part(name: &str, version: &str, licence: &str, purl: Option<&str>) -> Part {
        let rest = assessment::Component {
            purl: purl.map(str::to_owned),
            licences: vec![licence.to_owned()],
            ..assessment::Component::default()
        };
        Part { name: name.to_owned(), version: version.to_owned(), rest }
    }

    fn finding(vulnerability: &str, verdict: &str) -> Finding {
        Finding {
            vulnerability: vulnerability.to_owned(),
            verdict: verdict.to_owned(),
            ..Finding::default()
        }
    }

    fn two(one: &str, other: &str) -> (String, String) {
        (one.to_owned(), other.to_owned())
    }

    #[test]
    fn what_came_what_went_and_what_changed_is_told_once_each() {
        let first = [
            part("zlib", "1.2.11", "Zlib", None),
            part("openssl", "1.1.1k", "OpenSSL", Some("pkg:generic/openssl@1.1.1k")),
            part("busybox", "1.31", "GPL-2.0-only", None),
        ];
        let second = [
            part("Zlib", "1.2.11", "Zlib", None),
            part("OpenSSL", "3.0.13", "Apache-2.0", Some("pkg:generic/openssl@3.0.13")),
            part("sqlite", "", "blessing", None),
        ];
        let known = [finding("CVE-1", "affected"), finding("CVE-2", "affected")];
        let then = [
            finding("CVE-2", "affected"),
            finding("CVE-1", "not_affected"),
            finding("CVE-1", "fixed"),
            finding("CVE-3", "undecided"),
            finding("CVE-4", "fixed"),
        ];
        let compared = compare((&first, &known), (&second, &then));
        assert_eq!(compared.same, 1);
        assert_eq!(compared.removed, [two("busybox", "1.31")]);
        assert_eq!(compared.added, [two("sqlite", "no version told")]);
        let changed = Changed {
            name: "OpenSSL".to_owned(),
            versions: two("1.1.1k", "3.0.13"),
            licences: Some(two("OpenSSL", "Apache-2.0")),
        };
        assert_eq!(compared.changed, [changed]);
        assert_eq!(compared.gained, [two("CVE-3", "undecided")]);
        assert_eq!(compared.lost, [two("CVE-1", "fixed")]);
    }

    #[test]
    fn an_element_counts_where_it_is_told_and_a_share_is_never_rounded_up() {
        let mut parts = vec![
            part("a", "1", "MIT", Some("pkg:generic/a@1")),
            part("b", "", "MIT", None),
            part("c", "2", "MIT", None),
        ];
        if let Some(first) = parts.first_mut() {
            first.rest.supplier = Some("ACME".to_owned());
        }
        let quality = quality(&parts);
        let counts = quality.elements.to_vec();
        assert_eq!((counts, quality.whole), (vec![1, 3, 2, 1], 1));
        assert_eq!(quality.percent(2), 66);
        assert_eq!(super::quality(&[]).percent(0), 0);
    }
}
