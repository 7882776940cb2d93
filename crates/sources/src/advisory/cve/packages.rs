//! Which packages an entry of `affected` is, by what its fields say of registries and
//! distributions (CVE record format 5.x, `product`: `packageName`, `collectionURL`, `packageURL`).
//!
//! Refuses to name a package by a product's name alone: see [`super::hints`] for what the rest of
//! a record says.

use std::borrow::Cow;

use domain::advisory::{Bound, Product, Status, Versions};
use domain::purl::Purl;
use domain::text::Text;

/// The fields of a product that together make its name.
#[derive(Debug, Default)]
pub(super) struct Named<'d> {
    pub(super) product: Option<Text>,
    pub(super) package: Option<Text>,
    pub(super) collection: Option<Cow<'d, str>>,
    pub(super) repository: Option<Cow<'d, str>>,
    /// Packages whose purls stand among the versions.
    pub(super) in_versions: Vec<Purl>,
}

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    /// The product is these packages.
    Packages(Vec<Purl>),
    /// A package is a part of the product, which is a distribution.
    Part(Text, Vec<Purl>),
    /// No package.
    Nothing,
}

type Entries = [(Status, Vec<Versions>)];

impl Named<'_> {
    /// Whether there is no name at all.
    pub(super) fn is_nothing(&self) -> bool {
        self.product.is_none() && self.package.is_none()
    }

    /// The packages that the product is, or that is a part of it.
    pub(super) fn found(&self, product: &Product, entries: &Entries) -> Found {
        if !product.purls.is_empty() {
            return Found::Packages(Vec::new());
        }
        if !self.in_versions.is_empty() {
            return Found::Packages(self.in_versions.clone());
        }
        let collection = self.collection.as_deref().unwrap_or_default();
        if let Some((_, registry)) = at_host(&REGISTRIES, collection) {
            let (package, product_name) = (self.package.as_deref(), self.product.as_deref());
            let name = package.or_else(|| in_path(collection));
            let purls = name.map(|name| registry.packages(name, product, product_name));
            return purls.map_or(Found::Nothing, Found::Packages);
        }
        let Some(package) = self.package.as_deref() else { return Found::Nothing };
        if let Some((_, distribution)) = at_host(&DISTRIBUTIONS, collection) {
            return self.of_distribution(distribution, package, entries);
        }
        let vendor = product.vendor.as_deref().unwrap_or_default().to_lowercase();
        let makes = |name: &str| {
            let rest = vendor.strip_prefix(name);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
        };
        if let Some(repository) = package.strip_prefix("github.com/") {
            let purls = [("golang", package), ("github", repository)].into_iter();
            let purls = purls.filter_map(|(kind, name)| registry_purl(kind, name));
            return Found::Packages(purls.collect());
        }
        match MAKERS.iter().find(|(maker, _)| makes(maker)) {
            Some((_, distribution)) if collection.is_empty() => {
                self.of_distribution(distribution, package, entries)
            }
            _ => Found::Nothing,
        }
    }

    /// A package of a distribution. Where the product is the distribution, it is a part of it.
    fn of_distribution(&self, of: &Distribution, package: &str, entries: &Entries) -> Found {
        let name = self.product.as_deref().unwrap_or(package);
        let mut purls: Vec<Purl> = of.package(package).into_iter().collect();
        if of.kind == "deb" && of.namespace == "debian" {
            // What holds for Debian and those built on it is said in the name, or by a version.
            let of_ubuntu = name.to_lowercase().contains("debian based")
                || entries.iter().flat_map(|(_, versions)| versions).any(names_ubuntu);
            let ubuntu = Distribution { namespace: "ubuntu", ..*of };
            purls.extend(ubuntu.package(package).filter(|_| of_ubuntu));
        }
        if package != name && of.kind != "deb" {
            return Found::Part(package.into(), purls);
        }
        Found::Packages(purls)
    }
}

fn names_ubuntu(versions: &Versions) -> bool {
    let named = |bound: &Bound| match bound {
        Bound::Including(version) | Bound::Excluding(version) => version.contains("ubuntu"),
        Bound::Open => false,
    };
    match versions {
        Versions::Range(range) => named(&range.from) || named(&range.to),
        Versions::One(version) => version.contains("ubuntu"),
        Versions::All | Versions::Text(_) => false,
    }
}

/// A registry of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Registry {
    /// Of this purl type.
    Of(&'static str),
    /// Go's, where a record names a package, and its vendor is the module (go.dev/security/vuln).
    Go,
    /// Plug-ins and themes of `WordPress`, which Composer has under a vendor of its own.
    WordPress,
}

/// Registries whose packages have a purl type, by host.
const REGISTRIES: [(&str, Registry); 38] = [
    ("registry.npmjs.org", Registry::Of("npm")),
    ("npmjs.com", Registry::Of("npm")),
    ("npmjs.org", Registry::Of("npm")),
    ("yarnpkg.com", Registry::Of("npm")),
    ("unpkg.com", Registry::Of("npm")),
    ("pypi.org", Registry::Of("pypi")),
    ("pypi.python.org", Registry::Of("pypi")),
    ("maven.org", Registry::Of("maven")),
    ("maven.apache.org", Registry::Of("maven")),
    ("mvnrepository.com", Registry::Of("maven")),
    ("maven.google.com", Registry::Of("maven")),
    ("central.sonatype.com", Registry::Of("maven")),
    ("sonatype.org", Registry::Of("maven")),
    ("crates.io", Registry::Of("cargo")),
    ("lib.rs", Registry::Of("cargo")),
    ("docs.rs", Registry::Of("cargo")),
    ("rubygems.org", Registry::Of("gem")),
    ("nuget.org", Registry::Of("nuget")),
    ("packagist.org", Registry::Of("composer")),
    ("pkg.go.dev", Registry::Go),
    ("proxy.golang.org", Registry::Go),
    ("hex.pm", Registry::Of("hex")),
    ("pub.dev", Registry::Of("pub")),
    ("pub.dartlang.org", Registry::Of("pub")),
    ("cpan.org", Registry::Of("cpan")),
    ("metacpan.org", Registry::Of("cpan")),
    ("cran.r-project.org", Registry::Of("cran")),
    ("hackage.haskell.org", Registry::Of("hackage")),
    ("opam.ocaml.org", Registry::Of("opam")),
    ("conan.io", Registry::Of("conan")),
    ("cocoapods.org", Registry::Of("cocoapods")),
    ("luarocks.org", Registry::Of("luarocks")),
    ("anaconda.org", Registry::Of("conda")),
    ("marketplace.visualstudio.com", Registry::Of("vscode-extension")),
    ("hub.docker.com", Registry::Of("docker")),
    ("swiftpackageindex.com", Registry::Of("swift")),
    ("github.com", Registry::Of("github")),
    ("wordpress.org", Registry::WordPress),
];

impl Registry {
    /// The packages that a name means here.
    fn packages(self, name: &str, product: &Product, called: Option<&str>) -> Vec<Purl> {
        match self {
            Self::Of("gem") => {
                // The gem for JRuby is another file than the one of the same name.
                let java = called.is_some_and(|called| called.contains("JRuby"));
                let purl = registry_purl("gem", name);
                let of_java = |purl: Purl| purl.with_qualifier("platform", "java").ok();
                let purl = if java { purl.and_then(of_java) } else { purl };
                purl.into_iter().collect()
            }
            Self::Of("cpan") => {
                // A module is named as often as its distribution.
                registry_purl("cpan", &name.replace("::", "-")).into_iter().collect()
            }
            Self::Of("swift") => {
                registry_purl("swift", &format!("github.com/{name}")).into_iter().collect()
            }
            // The address already is the repository, whose package has its own name.
            Self::Of("github") => Vec::new(),
            Self::Of(kind) => registry_purl(kind, name).into_iter().collect(),
            Self::Go => go_packages(name, product.vendor.as_deref().unwrap_or_default()),
            Self::WordPress => {
                let name = format!("wpackagist-plugin/{name}");
                registry_purl("composer", &name).into_iter().collect()
            }
        }
    }
}

/// Go's own records name a package, and as its vendor the module or one of two words.
fn go_packages(package: &str, vendor: &str) -> Vec<Purl> {
    let module = match vendor {
        "Go standard library" => "stdlib",
        "Go toolchain" => "toolchain",
        module if package.starts_with(module) && !module.is_empty() => module,
        _ => package,
    };
    let mut purls: Vec<Purl> = registry_purl("golang", module).into_iter().collect();
    if module != package {
        purls.extend(registry_purl("golang", package));
    }
    purls
}

/// The package that an address ends with: `rubygems.org/gems/google-protobuf`,
/// `mvnrepository.com/artifact/com.google.protobuf/protobuf-java`.
fn in_path(address: &str) -> Option<&str> {
    const BEFORE: [&str; 9] = [
        "/gems/",
        "/artifact/",
        "/package/",
        "/packages/",
        "/project/",
        "/crates/",
        "/plugins/",
        "/artifacts/",
        "/pypi/",
    ];
    let (_, rest) = BEFORE.iter().find_map(|before| address.split_once(before))?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    (!rest.is_empty() && !rest.contains("//")).then_some(rest)
}

/// A distribution and its packages.
#[derive(Debug, Clone, Copy)]
struct Distribution {
    /// Purl type.
    kind: &'static str,
    /// Purl namespace.
    namespace: &'static str,
}

const fn rpm(namespace: &'static str) -> Distribution {
    Distribution { kind: "rpm", namespace }
}

const fn deb(namespace: &'static str) -> Distribution {
    Distribution { kind: "deb", namespace }
}

/// Red Hat's catalogue of container images, which are told from packages.
const IMAGES: Distribution = Distribution { kind: "oci", namespace: "" };

/// Distributions, whose records mostly name the distribution as the product; by host and path.
const DISTRIBUTIONS: [(&str, Distribution); 15] = [
    ("catalog.redhat.com", IMAGES),
    ("redhat.com", rpm("redhat")),
    ("fedoraproject.org", rpm("fedora")),
    ("opensuse.org", rpm("opensuse")),
    ("suse.com", rpm("suse")),
    ("openeuler.org", rpm("openeuler")),
    ("gitee.com/src-openeuler", rpm("openeuler")),
    ("almalinux.org", rpm("almalinux")),
    ("rockylinux.org", rpm("rocky-linux")),
    ("alas.aws.amazon.com", rpm("amzn")),
    ("debian.org", deb("debian")),
    ("ubuntu.com", deb("ubuntu")),
    ("launchpad.net/ubuntu", deb("ubuntu")),
    ("alpinelinux.org", Distribution { kind: "apk", namespace: "alpine" }),
    ("archlinux.org", Distribution { kind: "alpm", namespace: "arch" }),
];

/// Makers of distributions, in lower case, whose records give a package and no collection.
const MAKERS: [(&str, Distribution); 7] = [
    ("debian", deb("debian")),
    ("canonical", deb("ubuntu")),
    ("ubuntu", deb("ubuntu")),
    ("red hat", rpm("redhat")),
    ("fedora", rpm("fedora")),
    ("suse", rpm("suse")),
    ("openeuler", rpm("openeuler")),
];

impl Distribution {
    /// A package of it. Red Hat writes `module:stream/package` for a package of a module.
    fn package(&self, name: &str) -> Option<Purl> {
        let (module, name) = match name.rsplit_once('/') {
            Some((module, name)) if self.namespace == "redhat" => (Some(module), name),
            Some((_, image)) if self.kind == "oci" => (None, image),
            _ => (None, name),
        };
        let namespace = Some(self.namespace).filter(|namespace| !namespace.is_empty());
        let purl = Purl::new(self.kind, namespace, name).ok()?;
        match module.filter(|module| module.contains(':')) {
            Some(module) => purl.with_qualifier("rpmmod", module).ok(),
            None => Some(purl),
        }
    }
}

/// What is known of the host of an address, and of the start of its path where that is asked for.
fn at_host<'k, T>(known: &'k [(&'static str, T)], address: &str) -> Option<&'k (&'static str, T)> {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let host = host.to_ascii_lowercase();
    let is_at = |name: &str| {
        let (name, start) = name.split_once('/').unwrap_or((name, ""));
        path.starts_with(start)
            && host
                .strip_suffix(name)
                .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    known.iter().find(|(name, _)| is_at(name))
}

/// A package of a registry by its name there.
pub(super) fn registry_purl(kind: &str, package: &str) -> Option<Purl> {
    let package = package.trim().trim_matches('/');
    let name = if kind == "maven" { package.replace(':', "/") } else { package.to_owned() };
    let (namespace, name) = match name.rsplit_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, name.as_str()),
    };
    Purl::new(kind, namespace, name).ok()
}
