//! Statements about a package of an ecosystem.
//!
//! Refuses to take one distribution's package for another's: each mends flaws without changing
//! the number that it took over.

use std::borrow::Cow;

use domain::advisory::Package;
use domain::purl::Purl;
use domain::version::Scheme;

use super::subjects::{Fleet, Held, HeldIndex};
use super::versions::{Bearer, Place, place};
use super::{Certainty, Key, Outcome, Said};
use crate::reason::Rule;

/// A subject as a package.
#[derive(Debug, Clone)]
pub(super) struct Packed<'h> {
    pub(super) held: HeldIndex,
    pub(super) purl: &'h Purl,
    /// The version in the ecosystem's own form; `None` is unknown.
    pub(super) version: Option<Cow<'h, str>>,
}

impl Packed<'_> {
    /// Places the package's version among those that are named, in the order of its ecosystem.
    pub(super) fn place(&self, versions: &[domain::advisory::Versions], held: &Held<'_>) -> Place {
        let version = self.version.as_deref().or(held.version);
        let scheme = Scheme::of_purl_kind(&self.purl.kind);
        place(versions, Bearer { version, scheme, ..Bearer::default() })
    }
}

pub(super) fn outcomes<'d>(
    fleet: &Fleet<'_, 'd>,
    said: Said<'d>,
    package: &'d Package,
) -> Vec<(Key, Outcome<'d>)> {
    let packed = fleet.of_package(&package.purl).iter();
    packed
        .filter_map(|packed| {
            let held = fleet.at(packed.held)?;
            let placed = match distribution(&package.purl, packed.purl) {
                Distribution::Other => return None,
                Distribution::Same => packed.place(&package.versions, held),
                Distribution::Unstated => doubted(packed.place(&package.versions, held)),
            };
            let basis = (Rule::PackageInRange, Certainty::Exact);
            Some(((held.release, held.subject), said.outcome(held, &package.purl, placed, basis)))
        })
        .collect()
}

fn doubted(placed: Place) -> Place {
    match placed {
        Place::Outside(words) => Place::Outside(words),
        _ => Place::Unknown(
            Rule::DistributionUnknown,
            "the statement is about one distribution, and the component does not say its own"
                .to_owned(),
        ),
    }
}

/// Whether a package of the same name is another one: of another distribution, another registry,
/// another architecture. What only one of them says tells nothing apart.
pub(super) fn is_elsewhere(meant: &Purl, held: &Purl) -> bool {
    let differ = |key: &str| {
        let both = meant.qualifier(key).zip(held.qualifier(key));
        both.is_some_and(|(meant, held)| !meant.eq_ignore_ascii_case(held))
    };
    let by_qualifier =
        ["repository_url", "arch", "os", "type", "classifier"].into_iter().any(differ);
    by_qualifier || distribution(meant, held) == Distribution::Other
}

/// What a package is found by, without its version.
pub(super) fn key(purl: &Purl) -> String {
    named(purl, &purl.name)
}

/// What a component's package is found by: its own name, and that of the source which it was built
/// from, for distributions write advisories about sources. With each the version of that name.
pub(super) fn keys(purl: &Purl) -> Vec<(String, Option<Cow<'_, str>>)> {
    let mut keys = vec![(key(purl), version(purl))];
    if let Some(upstream) = purl.qualifier("upstream") {
        let (name, own) = source(upstream);
        let version = match own {
            Some(own) => Some(Cow::Borrowed(own)),
            None => version(purl),
        };
        if name != purl.name && !name.is_empty() {
            keys.push((named(purl, name), version));
        }
    }
    keys
}

fn named(purl: &Purl, name: &str) -> String {
    let namespace = match purl.namespace.as_deref() {
        Some("rocky") => "rocky-linux",
        Some("rhel") => "redhat",
        Some(namespace) => namespace,
        // Some tools name the distribution in the qualifier only.
        None if is_of_distribution(purl) => purl
            .qualifier("distro")
            .map(|distro| distro.split('-').next().unwrap_or_default())
            .unwrap_or_default(),
        None => "",
    };
    format!("{}/{namespace}/{}", purl.kind, one_spelling(&purl.kind, name))
}

/// Registries that hold two spellings for one name: PyPI (PEP 503), NuGet, Packagist.
fn one_spelling<'n>(kind: &str, name: &'n str) -> Cow<'n, str> {
    match kind {
        "nuget" | "composer" => Cow::Owned(name.to_lowercase()),
        "pypi" => {
            let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
            Cow::Owned(parts.collect::<Vec<_>>().join("-").to_lowercase())
        }
        _ => Cow::Borrowed(name),
    }
}

fn is_of_distribution(purl: &Purl) -> bool {
    matches!(purl.kind.as_str(), "deb" | "rpm" | "apk")
}

/// RPM's epoch stands beside the version in a purl, and in front of it everywhere else.
pub(super) fn version(purl: &Purl) -> Option<Cow<'_, str>> {
    let version = purl.version.as_deref()?;
    Some(match purl.qualifier("epoch") {
        Some(epoch) if purl.kind == "rpm" && !version.contains(':') => {
            Cow::Owned(format!("{epoch}:{version}"))
        }
        _ => Cow::Borrowed(version),
    })
}

/// `openssl`, `openssl@1.1.1n`, `openssl-1.1.1k-7.el8.src.rpm`: a source's name and version.
fn source(upstream: &str) -> (&str, Option<&str>) {
    if let Some(file) = upstream.strip_suffix(".src.rpm") {
        let name = file.rsplitn(3, '-').nth(2).unwrap_or(file);
        return (name, None);
    }
    match upstream.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (upstream, None),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distribution {
    Same,
    Other,
    Unstated,
}

/// Distributions patch without changing the version upstream: `openssl 1.1.1n` of Debian 11 is not
/// that of Debian 12.
fn distribution(meant: &Purl, held: &Purl) -> Distribution {
    let Some(wanted) = meant.qualifier("distro") else { return Distribution::Same };
    let Some(own) = held.qualifier("distro") else { return Distribution::Unstated };
    if wanted.eq_ignore_ascii_case(own) {
        return Distribution::Same;
    }
    match (release(wanted), release(own)) {
        (Some(wanted), Some(own)) if own.starts_with(&wanted) => Distribution::Same,
        (Some(wanted), Some(own)) if wanted.starts_with(&own) => Distribution::Unstated,
        (Some(_), Some(_)) => Distribution::Other,
        _ => Distribution::Unstated,
    }
}

/// A distribution's release by its numbers: `debian-11`, `11.7`, `bookworm`, `sles-15.4`. `None`
/// where it has none (a rolling one, an unknown code name).
fn release(distro: &str) -> Option<Vec<u32>> {
    /// Code names of releases (debian.org/releases, releases.ubuntu.com).
    const CODE_NAMES: [(&str, &[u32]); 13] = [
        ("jessie", &[8]),
        ("stretch", &[9]),
        ("buster", &[10]),
        ("bullseye", &[11]),
        ("bookworm", &[12]),
        ("trixie", &[13]),
        ("forky", &[14]),
        ("trusty", &[14, 4]),
        ("xenial", &[16, 4]),
        ("bionic", &[18, 4]),
        ("focal", &[20, 4]),
        ("jammy", &[22, 4]),
        ("noble", &[24, 4]),
    ];
    let lower = distro.to_lowercase();
    let named = CODE_NAMES.iter().find(|(name, _)| {
        lower.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word == *name)
    });
    if let Some((_, numbers)) = named {
        return Some(numbers.to_vec());
    }
    let numbers = lower.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let numbers: Vec<u32> = numbers.map_while(|part| part.parse().ok()).collect();
    (!numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use domain::purl::Purl;

    use super::{Distribution, distribution, keys};

    #[track_caller]
    fn check(meant: &str, held: &str, expected: Distribution) {
        let purl = |distro: &str| {
            let question = if distro.is_empty() { "" } else { "?distro=" };
            Purl::parse(&format!("pkg:deb/debian/openssl@1{question}{distro}")).expect("a purl")
        };
        assert_eq!(distribution(&purl(meant), &purl(held)), expected, "{meant} / {held}");
    }

    #[test]
    fn releases_of_a_distribution_are_told_apart_however_they_are_written() {
        check("debian-11", "debian-11", Distribution::Same);
        check("debian-11", "debian-11.7", Distribution::Same);
        check("debian-11", "bullseye", Distribution::Same);
        check("debian-11", "debian-bookworm", Distribution::Other);
        check("debian-11", "debian-12", Distribution::Other);
        check("alpine-3.18", "3.18.4", Distribution::Same);
        check("ubuntu-22.04", "jammy", Distribution::Same);
        check("redhat-enterprise_linux:8::baseos", "rhel-8.6", Distribution::Same);
        check("", "debian-12", Distribution::Same);
    }

    #[test]
    fn a_release_that_is_not_understood_excludes_nothing() {
        check("debian-11", "", Distribution::Unstated);
        check("debian-11", "debian", Distribution::Unstated);
        check("debian-11", "hamm", Distribution::Unstated);
        check("redhat-8.6", "rhel-8", Distribution::Unstated);
    }

    #[test]
    fn a_name_that_a_registry_takes_for_the_same_is_the_same() {
        let same = |a: &str, b: &str| {
            let key = |text: &str| super::key(&Purl::parse(text).expect("a purl"));
            assert_eq!(key(a), key(b));
        };
        same("pkg:pypi/ruamel.yaml@0.15", "pkg:pypi/ruamel-yaml");
        same("pkg:pypi/Zope_Interface", "pkg:pypi/zope.interface");
        same("pkg:nuget/Newtonsoft.Json@12.0.1", "pkg:nuget/newtonsoft.json");
        same("pkg:composer/Symfony/Http-Kernel", "pkg:composer/symfony/http-kernel");
    }

    #[test]
    fn a_package_is_found_by_its_source_too() {
        let shown = |text: &str| {
            let purl = Purl::parse(text).expect("a purl");
            let keys = keys(&purl)
                .into_iter()
                .map(|(key, version)| format!("{key}@{}", version.as_deref().unwrap_or_default()));
            keys.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            shown("pkg:deb/debian/libssl1.1@1.1.1n-0?distro=debian-11&upstream=openssl"),
            "deb/debian/libssl1.1@1.1.1n-0 deb/debian/openssl@1.1.1n-0"
        );
        assert_eq!(
            shown(
                "pkg:rpm/redhat/openssl-libs@1.1.1k-7.el8?epoch=1&upstream=openssl-1.1.1k-7.el8.src.rpm"
            ),
            "rpm/redhat/openssl-libs@1:1.1.1k-7.el8 rpm/redhat/openssl@1:1.1.1k-7.el8"
        );
    }
}
