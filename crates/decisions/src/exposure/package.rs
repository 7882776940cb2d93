//! Statements about a package of an ecosystem.
//!
//! Refuses to take one distribution's package for another's: each mends flaws without changing
//! the number that it took over.

use std::borrow::Cow;

use domain::advisory::Package;
use domain::purl::Purl;
use domain::version::Scheme;

use super::subjects::{Fleet, Held, HeldIndex};
use super::versions::{self, Bearer, Place, place};
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
        let listed = versions::letter_by_letter(versions, version);
        listed.unwrap_or_else(|| place(versions, bearer(&self.purl.kind, version)))
    }
}

/// What bears a package's version. A range, a tag or the name of a branch is none.
pub(super) fn bearer<'a>(kind: &str, version: Option<&'a str>) -> Bearer<'a> {
    let version = version.filter(|version| is_version(kind, version));
    Bearer { version, scheme: Scheme::of_purl_kind(kind), ..Bearer::default() }
}

/// Whether a text is one version of a package: SBOMs also bear what a manifest asks for (`^1.0`,
/// `[1.0,)`, `2.x`), tags (`latest`), branches (`dev-main`), and placeholders (`${version}`).
pub(super) fn is_version(kind: &str, text: &str) -> bool {
    let text = text.trim();
    let in_distribution = matches!(kind, "deb" | "rpm" | "apk" | "alpm");
    let odd = |c: char| {
        matches!(c, '<' | '>' | '|' | ',' | '*' | '[' | ']' | '(' | ')')
            || matches!(c, '{' | '}' | '$') && !in_distribution
            || c.is_whitespace()
    };
    if text.contains(odd) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if in_distribution {
        return true;
    }
    let any = |part: &str| part.eq_ignore_ascii_case("x");
    let numbered = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let bare = text.trim_start_matches(['v', 'V', '=']);
    let starts = match kind {
        "golang" => numbered(bare.strip_prefix("go").unwrap_or(bare)),
        "npm" | "pypi" | "cargo" | "gem" | "nuget" | "hex" | "pub" | "swift" | "composer" => {
            numbered(bare)
        }
        _ => !text.starts_with(['^', '~', '=']),
    };
    let is_branch = kind == "composer" && text.to_ascii_lowercase().ends_with("-dev");
    starts && !is_branch && !text.split(['.', '-']).any(any) && !is_commit(text)
}

/// A commit, in full or in part: the order of versions does not hold it.
fn is_commit(text: &str) -> bool {
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    hex && (text.len() == 40 || letters && text.len() >= 12)
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

/// A place in what only some of the files of one name are, such as a gem's for one platform; `None`
/// where the package is another of them, and in doubt where it does not say which.
pub(super) fn in_variant(meant: &Purl, held: &Purl, placed: Place) -> Option<Place> {
    let Some(wanted) = meant.qualifier("platform") else { return Some(placed) };
    match held.qualifier("platform") {
        Some(own) if own.eq_ignore_ascii_case(wanted) => Some(placed),
        Some(_) => None,
        None if placed.holds() => Some(Place::Unknown(
            Rule::PlatformUnknown,
            format!("it is about the package for {wanted}, and the component does not say its own"),
        )),
        None => Some(placed),
    }
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
            Some(own) => Some(with_epoch(purl, own)),
            None => version(purl),
        };
        if name != purl.name && !name.is_empty() {
            keys.push((named(purl, name), version));
        }
    }
    if purl.kind == "maven" {
        keys.extend(
            families(purl).into_iter().map(|name| (format!("maven/*/{name}"), version(purl))),
        );
    }
    keys
}

/// What a Maven artifact is called by those who leave its group out: its own name, and the
/// beginnings of it that its group repeats: `io.netty:netty-codec-http` is of `netty`.
fn families(purl: &Purl) -> Vec<String> {
    let group = purl.namespace.as_deref().unwrap_or_default().to_lowercase();
    let name = purl.name.to_lowercase();
    let mut families = Vec::new();
    for (at, _) in name.match_indices('-') {
        let (family, _) = name.split_at(at);
        if family.is_empty() || !family.rsplit('-').next().is_some_and(|word| group.contains(word))
        {
            break;
        }
        families.push(family.to_owned());
    }
    families.push(name);
    families
}

/// A place in what a record names by a family's name: of a part of it nobody can tell.
pub(super) fn in_family(meant: &Purl, held: &Purl, placed: Place) -> Place {
    if meant.namespace.as_deref() != Some("*") || !placed.holds() {
        return placed;
    }
    let name = held.name.to_lowercase();
    let rest = name.strip_prefix(meant.name.as_str()).unwrap_or(&name);
    if matches!(rest, "" | "-core" | "-all" | "-parent" | "-bom") {
        return placed;
    }
    let words = format!("it names {} as a whole, of which {} is a part", meant.name, held.name);
    Place::Unknown(Rule::ProductFamily, words)
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
    let namespace = if purl.kind == "swift" {
        Cow::Owned(namespace.to_lowercase())
    } else {
        Cow::Borrowed(namespace)
    };
    format!("{}/{namespace}/{}", purl.kind, one_spelling(&purl.kind, name))
}

/// Registries that hold two spellings for one name: PyPI (PEP 503), NuGet, Packagist, crates.io,
/// and the hosts of Swift's repositories.
fn one_spelling<'n>(kind: &str, name: &'n str) -> Cow<'n, str> {
    match kind {
        "nuget" | "composer" | "swift" => Cow::Owned(name.to_lowercase()),
        "cargo" => Cow::Owned(name.to_lowercase().replace('_', "-")),
        "pypi" => {
            let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
            Cow::Owned(parts.collect::<Vec<_>>().join("-").to_lowercase())
        }
        _ => Cow::Borrowed(name),
    }
}

/// Whether it is of a distribution.
pub(super) fn is_of_distribution(purl: &Purl) -> bool {
    matches!(purl.kind.as_str(), "deb" | "rpm" | "apk" | "alpm")
}

/// RPM's epoch stands beside the version in a purl, and in front of it everywhere else.
pub(super) fn version(purl: &Purl) -> Option<Cow<'_, str>> {
    Some(with_epoch(purl, purl.version.as_deref()?))
}

fn with_epoch<'a>(purl: &Purl, version: &'a str) -> Cow<'a, str> {
    match purl.qualifier("epoch") {
        Some(epoch) if purl.kind == "rpm" && !version.contains(':') => {
            Cow::Owned(format!("{epoch}:{version}"))
        }
        _ => Cow::Borrowed(version),
    }
}

/// `openssl`, `openssl@1.1.1n`, `openssl-1.1.1k-7.el8.src.rpm`: a source's name and version.
fn source(upstream: &str) -> (&str, Option<&str>) {
    if let Some(file) = upstream.strip_suffix(".src.rpm") {
        let mut parts = file.rmatch_indices('-').map(|(at, _)| at);
        return match (parts.next(), parts.next()) {
            (Some(_), Some(at)) => (file.get(..at).unwrap_or(file), file.get(at + 1..)),
            _ => (file, None),
        };
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
    fn a_requirement_a_tag_or_a_branch_is_no_version() {
        let none = [
            ("npm", "^3.0.0"),
            ("npm", "latest"),
            ("npm", "1.x"),
            ("npm", "*"),
            ("cargo", ">=1.0"),
            ("maven", "[1.0,)"),
            ("maven", "${project.version}"),
            ("maven", "RELEASE"),
            ("nuget", "5.0.*"),
            ("composer", "dev-main"),
            ("composer", "4.2.x-dev"),
            ("golang", "(devel)"),
            ("golang", "master"),
            ("pypi", "1d687d428aca1d687d428aca1d687d428aca1d68"),
            ("deb", "unknown"),
        ];
        for (kind, text) in none {
            assert!(!super::is_version(kind, text), "{kind} {text}");
        }
        let some = [
            ("npm", "v1.0.0-a.1"),
            ("deb", "2:1.0~rc1-1+b1"),
            ("rpm", "1.0^git1-1.el9"),
            ("golang", "go1.21rc3"),
            ("golang", "v0.0.0-20220524220425-1d687d428aca"),
            ("pypi", "1!2.0.post1"),
            ("maven", "r09"),
            ("composer", "1.0-beta1"),
        ];
        for (kind, text) in some {
            assert!(super::is_version(kind, text), "{kind} {text}");
        }
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
