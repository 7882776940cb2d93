//! Two releases side by side: what came, what went, what changed; and how complete an SBOM is.
//!
//! Refuses to say which release is the newer one: versions of makers have no common order.

use decisions::exposure::Verdict;
use decisions::sbom::difference::{self, Item};
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

/// Versions, or licences, as they are shown.
fn shown(told: &[String], nothing: &str) -> String {
    if told.is_empty() { nothing.to_owned() } else { told.join(", ") }
}

/// What differs between the components, and the findings, of two releases.
pub(super) fn compare(
    (first, first_findings): (&[Part], &[Finding]),
    (second, second_findings): (&[Part], &[Finding]),
) -> Compared {
    let found = difference::components(&items(first), &items(second));
    let versions = |told: &[String]| shown(told, "no version told");
    let licences = |told: &[String]| shown(told, "none told");
    let single = |one: &difference::Single| (one.name.clone(), versions(&one.versions));
    let changed = |one: &difference::Changed| Changed {
        name: one.name.clone(),
        versions: (versions(&one.versions.0), versions(&one.versions.1)),
        licences: one.licences.as_ref().map(|(one, other)| (licences(one), licences(other))),
    };
    let opened = difference::findings(verdicts(first_findings), verdicts(second_findings));
    let told = |verdict: Option<Verdict>| verdict.map_or("", Verdict::text).to_owned();
    Compared {
        added: found.added.iter().map(single).collect(),
        removed: found.removed.iter().map(single).collect(),
        changed: found.changed.iter().map(changed).collect(),
        same: i64::try_from(found.same).unwrap_or(i64::MAX),
        gained: opened.gained.into_iter().map(|(id, one)| (id, told(Some(one)))).collect(),
        lost: opened.lost.into_iter().map(|(id, one)| (id, told(one))).collect(),
    }
}

fn items(parts: &[Part]) -> Vec<Item<'_>> {
    parts.iter().map(item).collect()
}

/// A component as it is compared. The store keeps no digest, and the page shows no supplier.
fn item(part: &Part) -> Item<'_> {
    let purl = part.rest.purl.as_deref().and_then(|purl| purl.split(['@', '?', '#']).next());
    Item {
        package: purl.map(str::to_owned),
        name: &part.name,
        version: &part.version,
        licences: part.rest.licences.iter().map(String::as_str).collect(),
        ..Item::default()
    }
}

/// What is judged of each vulnerability; a verdict that nobody knows leaves nothing open.
fn verdicts(findings: &[Finding]) -> impl Iterator<Item = (&str, Verdict)> {
    findings.iter().map(|finding| {
        let verdict = Verdict::read(&finding.verdict).unwrap_or(Verdict::NotAffected);
        (finding.vulnerability.as_str(), verdict)
    })
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
