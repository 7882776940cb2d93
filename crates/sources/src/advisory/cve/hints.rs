//! What the rest of a record says of the packages that its products are: most records name an
//! owner and a repository as vendor and product, and tell the language in passing.
//!
//! Refuses to guess: a product is taken for a package only where the record links to the repository
//! of that very name, and for one of a registry without owners only where the record speaks of
//! the registry's language.

use std::sync::Arc;

use domain::advisory::{Affected, Bound, Product, Target, Versions};
use domain::purl::Purl;

use super::packages::registry_purl;

/// Most addresses of a record that are looked at.
const ADDRESSES: usize = 64;
/// Most packages that a product is taken for.
const PACKAGES: usize = 12;

/// What was seen on the way through a record.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// Owner and name of the repositories that are linked to.
    repositories: Vec<(String, String)>,
    /// Purl types whose registries are linked to.
    registries: Vec<&'static str>,
    addresses: usize,
}

/// Registries, by what an address of theirs holds.
const ADDRESSES_OF: [(&str, &str); 14] = [
    ("npmjs.com/package", "npm"),
    ("pypi.org/project", "pypi"),
    ("pypa/advisory-database", "pypi"),
    ("rustsec", "cargo"),
    ("crates.io/crates", "cargo"),
    ("rubygems.org/gems", "gem"),
    ("rubysec", "gem"),
    ("packagist.org", "composer"),
    ("friendsofphp/security-advisories", "composer"),
    ("nuget.org/packages", "nuget"),
    ("pkg.go.dev", "golang"),
    ("hex.pm/packages", "hex"),
    ("pub.dev/packages", "pub"),
    ("mvnrepository.com", "maven"),
];

/// Languages, by the words of a description. Registries whose names have owners need none.
const WORDS: [(&str, &str); 36] = [
    ("npm", "npm"),
    ("js", "npm"),
    ("nodejs", "npm"),
    ("javascript", "npm"),
    ("typescript", "npm"),
    ("ecmascript", "npm"),
    ("deno", "npm"),
    ("python", "pypi"),
    ("pypi", "pypi"),
    ("pip", "pypi"),
    ("django", "pypi"),
    ("flask", "pypi"),
    ("asyncio", "pypi"),
    ("wsgi", "pypi"),
    ("asgi", "pypi"),
    ("jupyter", "pypi"),
    ("rust", "cargo"),
    ("crate", "cargo"),
    ("cargo", "cargo"),
    ("ruby", "gem"),
    ("gem", "gem"),
    ("rails", "gem"),
    ("rack", "gem"),
    ("nuget", "nuget"),
    ("csharp", "nuget"),
    ("elixir", "hex"),
    ("erlang", "hex"),
    ("phoenix", "hex"),
    ("dart", "pub"),
    ("flutter", "pub"),
    ("java", "maven"),
    ("jvm", "maven"),
    ("maven", "maven"),
    ("servlet", "maven"),
    ("spring", "maven"),
    ("kotlin", "maven"),
];

/// Registries whose packages have no owner in their name.
const OWNERLESS: [&str; 7] = ["npm", "pypi", "cargo", "gem", "nuget", "hex", "pub"];

impl Hints {
    /// Notes what an address shows.
    pub(super) fn address(&mut self, address: &str) {
        self.addresses += 1;
        if self.addresses > ADDRESSES {
            return;
        }
        let lower = address.to_ascii_lowercase();
        let known = ADDRESSES_OF.iter().filter(|(part, _)| lower.contains(part));
        self.registries.extend(known.map(|(_, kind)| *kind));
        if let Some(repository) = repository(address)
            && !self.repositories.contains(&repository)
        {
            self.repositories.push(repository);
        }
    }

    /// Gives each product the packages that it is taken for.
    pub(super) fn apply(self, statements: &mut [Affected], texts: &[&str]) {
        let mut spoken = None;
        let mut last: Option<(Arc<Product>, Vec<Purl>)> = None;
        for statement in statements {
            let Target::Product(product) = &mut statement.target else { continue };
            let known = last.as_ref().filter(|(other, _)| same(other, product));
            let purls = match known {
                Some((_, purls)) => purls.clone(),
                None => self.packages(product, &mut spoken, texts),
            };
            last = Some((Arc::clone(product), purls.clone()));
            if !purls.is_empty() {
                Arc::make_mut(product).packages = purls.into();
            }
        }
    }

    fn packages(
        &self,
        product: &Product,
        spoken: &mut Option<Vec<&'static str>>,
        texts: &[&str],
    ) -> Vec<Purl> {
        if !product.purls.is_empty() || product.component.is_some() {
            return Vec::new();
        }
        let mut purls = self.of_its_repository(product, spoken, texts);
        if purls.is_empty() && is_of_java(product) {
            purls.extend(artifact(&product.name));
        }
        purls.sort();
        purls.dedup();
        purls.truncate(PACKAGES);
        purls
    }

    /// The packages that the repository of this name may be.
    fn of_its_repository(
        &self,
        product: &Product,
        spoken: &mut Option<Vec<&'static str>>,
        texts: &[&str],
    ) -> Vec<Purl> {
        let Some(vendor) = product.vendor.as_deref() else { return Vec::new() };
        let own = product.details.iter().filter(|(kind, _)| *kind == "repository");
        let own = own.filter_map(|(_, address)| repository(address));
        let repositories = self.repositories.iter().cloned().chain(own);
        let is_named = |text: &str, (_, name): &(String, String)| folded(text) == folded(name);
        let package = product.details.iter().find(|(kind, _)| *kind == "package");
        let names: Vec<&str> =
            package.map(|(_, name)| name.as_str()).into_iter().chain([&*product.name]).collect();
        let found = repositories.into_iter().find(|one| {
            let by_owner = folded(vendor) == folded(&one.0) && is_named(&product.name, one);
            by_owner || names.iter().any(|name| is_named(name, one))
        });
        let Some((owner, name)) = found else { return Vec::new() };
        let mut kinds = self.registries.clone();
        kinds.extend_from_slice(spoken.get_or_insert_with(|| spoken_of(texts)));
        kinds.extend(software(product));
        let mut purls = of_repository(&owner, &name, &product.versions);
        for kind in OWNERLESS.into_iter().filter(|kind| kinds.contains(kind)) {
            for called in names.iter().copied().chain([&*name]) {
                let short = called.strip_suffix(".js").filter(|_| kind == "npm");
                for one in std::iter::once(called).chain(short).filter(|one| !one.contains(' ')) {
                    purls.extend(registry_purl(kind, &one.to_lowercase()));
                }
            }
        }
        if kinds.contains(&"maven") || product.versions.iter().any(is_java_version) {
            purls.extend(artifact(&name));
        }
        purls
    }
}

/// Makers whose products mostly are Java's, and are called as their artifacts are.
fn is_of_java(product: &Product) -> bool {
    const MAKERS: [&str; 5] = ["apache", "spring", "eclipse", "vmware", "pivotal"];
    let vendor = product.vendor.as_deref().unwrap_or_default().to_lowercase();
    MAKERS.iter().any(|maker| vendor.starts_with(maker)) || product.name.starts_with("Spring ")
}

/// Forms that Java's makers give to versions, and others do not.
fn is_java_version(versions: &Versions) -> bool {
    const ENDS: [&str; 3] = [".Final", ".RELEASE", ".GA"];
    let of_bound = |bound: &Bound| match bound {
        Bound::Including(version) | Bound::Excluding(version) => {
            ENDS.iter().any(|end| version.contains(end))
        }
        Bound::Open => false,
    };
    match versions {
        Versions::All => false,
        Versions::One(text) | Versions::Text(text) => ENDS.iter().any(|end| text.contains(end)),
        Versions::Range(range) => of_bound(&range.from) || of_bound(&range.to),
    }
}

/// An artifact of Maven by a product's name, in whatever group.
fn artifact(name: &str) -> Option<Purl> {
    const MAKERS: [&str; 4] = ["apache ", "eclipse ", "vmware ", "pivotal "];
    let lower = name.trim().to_lowercase();
    let own = MAKERS.iter().find_map(|maker| lower.strip_prefix(maker)).unwrap_or(&lower);
    let words: Vec<&str> = own.split_whitespace().collect();
    Purl::new("maven", Some("*"), &words.join("-")).ok()
}

fn same(a: &Arc<Product>, b: &Arc<Product>) -> bool {
    a.name == b.name && a.vendor == b.vendor && a.versions == b.versions
}

/// What the registries with owners call a repository: Go and Swift by its address, Composer and
/// npm by owner and name.
fn of_repository(owner: &str, name: &str, versions: &[Versions]) -> Vec<Purl> {
    let address = format!("github.com/{owner}/{name}");
    let pair = format!("{owner}/{name}");
    let mut purls: Vec<Purl> = [
        ("github", pair.clone()),
        ("golang", address.clone()),
        ("swift", address.clone()),
        ("composer", pair.clone()),
        ("npm", format!("@{pair}")),
    ]
    .into_iter()
    .filter_map(|(kind, name)| registry_purl(kind, &name))
    .collect();
    // A Go module has its major version in its path from the second on.
    let mut majors: Vec<u64> = versions.iter().flat_map(majors).collect();
    majors.sort_unstable();
    majors.dedup();
    let majors = majors.into_iter().filter(|major| (2..100).contains(major)).take(4);
    purls.extend(majors.filter_map(|n| registry_purl("golang", &format!("{address}/v{n}"))));
    purls
}

/// Major versions that are named.
fn majors(versions: &Versions) -> Vec<u64> {
    let major = |text: &str| {
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end).and_then(|digits| digits.parse().ok())
    };
    let of_bound = |bound: &Bound| match bound {
        Bound::Including(version) | Bound::Excluding(version) => major(version),
        Bound::Open => None,
    };
    match versions {
        Versions::All => Vec::new(),
        Versions::One(one) => major(one).into_iter().collect(),
        Versions::Range(range) => {
            of_bound(&range.from).into_iter().chain(of_bound(&range.to)).collect()
        }
        Versions::Text(text) => text.split([',', ' ', '|']).filter_map(major).collect(),
    }
}

/// Owner and name of a repository on GitHub, from an address in it. Advisory databases and trackers
/// of others are no repository of the product.
fn repository(address: &str) -> Option<(String, String)> {
    const OTHERS: [&str; 4] = ["advisories", "cveproject", "pypa", "rustsec"];
    let rest = address.split_once("github.com/")?.1;
    let mut parts = rest.split(['/', '?', '#']);
    let (owner, name) = (parts.next()?, parts.next()?);
    let name = name.strip_suffix(".git").unwrap_or(name);
    let is_other = OTHERS.iter().any(|other| other.eq_ignore_ascii_case(owner));
    (!owner.is_empty() && !name.is_empty() && !is_other)
        .then(|| (owner.to_owned(), name.to_owned()))
}

/// The registries of the languages that a text speaks of.
fn spoken_of(texts: &[&str]) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for text in texts {
        if text.contains(".NET") || text.contains("C#") {
            kinds.push("nuget");
        }
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let known = |known: &str| {
                word.eq_ignore_ascii_case(known)
                    || word.strip_suffix('s').is_some_and(|one| one.eq_ignore_ascii_case(known))
            };
            kinds.extend(WORDS.iter().find(|(text, _)| known(text)).map(|(_, kind)| *kind));
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The language of a CPE name's target software.
fn software(product: &Product) -> impl Iterator<Item = &'static str> {
    product.cpes.iter().filter_map(|cpe| match cpe.target_software().value()? {
        "node.js" | "nodejs" => Some("npm"),
        "python" | "pypi" => Some("pypi"),
        "rust" => Some("cargo"),
        "ruby" | "rails" => Some("gem"),
        ".net" | "asp.net" => Some("nuget"),
        "elixir" | "erlang" => Some("hex"),
        _ => None,
    })
}

/// Letters and digits only, in lower case.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
