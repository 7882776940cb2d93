//! Ecosystems of the OSV schema: their purl type, their order of versions, their distribution.
//!
//! Refuses to invent purls for what has none in the purl specification.

use std::borrow::Cow;

use domain::purl::Purl;
use domain::version::Scheme;

/// An ecosystem by its name, with the part after the colon: `Debian` and `12`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ecosystem<'n> {
    name: &'n str,
    known: Option<&'static Known>,
    release: Option<&'n str>,
}

/// What is known of an ecosystem.
#[derive(Debug)]
struct Known {
    name: &'static str,
    /// Purl type, and the namespace of a distribution.
    kind: &'static str,
    namespace: Option<&'static str>,
    scheme: Scheme,
}

const fn known(name: &'static str, kind: &'static str, scheme: Scheme) -> Known {
    Known { name, kind, namespace: None, scheme }
}

const fn distribution(
    name: &'static str,
    kind: &'static str,
    namespace: &'static str,
    scheme: Scheme,
) -> Known {
    Known { name, kind, namespace: Some(namespace), scheme }
}

/// The ecosystems (OSV schema, "Defined ecosystems") that have purls.
static ECOSYSTEMS: [Known; 39] = [
    known("npm", "npm", Scheme::Semver),
    known("PyPI", "pypi", Scheme::Pep440),
    known("Maven", "maven", Scheme::Maven),
    known("Go", "golang", Scheme::Golang),
    known("crates.io", "cargo", Scheme::Semver),
    known("RubyGems", "gem", Scheme::Gem),
    known("NuGet", "nuget", Scheme::Nuget),
    known("Packagist", "composer", Scheme::Composer),
    known("Hex", "hex", Scheme::Semver),
    known("Pub", "pub", Scheme::Semver),
    known("SwiftURL", "swift", Scheme::Semver),
    known("Bitnami", "bitnami", Scheme::Semver),
    known("ConanCenter", "conan", Scheme::Generic),
    known("CRAN", "cran", Scheme::Generic),
    known("Bioconductor", "bioconductor", Scheme::Generic),
    known("Hackage", "hackage", Scheme::Generic),
    known("Julia", "julia", Scheme::Semver),
    known("opam", "opam", Scheme::Generic),
    known("VSCode", "vscode-extension", Scheme::Semver),
    known("GitHub Actions", "github", Scheme::Semver),
    distribution("Debian", "deb", "debian", Scheme::Deb),
    distribution("Ubuntu", "deb", "ubuntu", Scheme::Deb),
    distribution("Echo", "deb", "echo", Scheme::Deb),
    distribution("Alpine", "apk", "alpine", Scheme::Apk),
    distribution("Alpaquita", "apk", "alpaquita", Scheme::Apk),
    distribution(
        "BellSoft Hardened Containers",
        "apk",
        "bellsoft-hardened-containers",
        Scheme::Apk,
    ),
    distribution("Chainguard", "apk", "chainguard", Scheme::Apk),
    distribution("Wolfi", "apk", "wolfi", Scheme::Apk),
    distribution("MinimOS", "apk", "minimos", Scheme::Apk),
    distribution("CleanStart", "apk", "cleanstart", Scheme::Apk),
    distribution("AlmaLinux", "rpm", "almalinux", Scheme::Rpm),
    distribution("Rocky Linux", "rpm", "rocky-linux", Scheme::Rpm),
    distribution("Red Hat", "rpm", "redhat", Scheme::Rpm),
    distribution("SUSE", "rpm", "suse", Scheme::Rpm),
    distribution("openSUSE", "rpm", "opensuse", Scheme::Rpm),
    distribution("openEuler", "rpm", "openeuler", Scheme::Rpm),
    distribution("Mageia", "rpm", "mageia", Scheme::Rpm),
    distribution("Photon OS", "rpm", "photon", Scheme::Rpm),
    distribution("Azure Linux", "rpm", "azurelinux", Scheme::Rpm),
];

impl<'n> Ecosystem<'n> {
    /// The ecosystem of a name; the case of names counts, as in the schema, but forgiven.
    pub(super) fn of(name: &'n str) -> Self {
        let (name, release) = match name.split_once(':') {
            Some((name, release)) => (name, Some(release)),
            None => (name, None),
        };
        let known = ECOSYSTEMS.iter().find(|known| known.name.eq_ignore_ascii_case(name));
        Self { name, known, release: release.filter(|release| !release.is_empty()) }
    }

    /// Its name, without a release.
    pub(super) fn name(&self) -> Option<&'n str> {
        Some(self.name).filter(|name| !name.is_empty())
    }

    /// How its versions are ordered.
    pub(super) fn scheme(&self) -> Scheme {
        self.known.map_or(Scheme::Generic, |known| known.scheme)
    }

    /// The purl of a package; `None` where the ecosystem has none.
    pub(super) fn purl(&self, name: &str) -> Option<Purl> {
        let known = self.known?;
        // `group:artifact` is a namespace and a name.
        let is_pair = known.kind == "maven" && name.contains(':');
        let name = if is_pair { name.replacen(':', "/", 1).into() } else { Cow::Borrowed(name) };
        if name.is_empty() {
            return None;
        }
        let mut text = String::with_capacity(64 + name.len());
        text.push_str("pkg:");
        text.push_str(known.kind);
        for segment in known.namespace.into_iter().chain(name.split('/')) {
            text.push('/');
            encode(segment, &mut text);
        }
        Purl::parse(&text).ok()
    }

    /// Notes the release of a distribution as the purl qualifier `distro`: what is fixed in one
    /// release is not in another.
    pub(super) fn with_distribution(&self, mut purl: Purl) -> Purl {
        if let (Some(Known { namespace: Some(namespace), .. }), Some(release)) =
            (self.known, self.release)
            && !purl.qualifiers.iter().any(|(key, _)| key == "distro")
        {
            purl.qualifiers.push(("distro".into(), distro(namespace, release).into()));
            purl.qualifiers.sort();
        }
        purl
    }
}

/// `debian-12`, `alpine-3.18`, `ubuntu-22.04`.
fn distro(namespace: &str, release: &str) -> String {
    let is_number = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
    let release = match namespace {
        "alpine" => release.trim_start_matches('v'),
        "ubuntu" => release.split(':').find(is_number).unwrap_or(release),
        _ => release,
    };
    format!("{namespace}-{release}")
}

/// Adds a segment of a purl, percent-encoded.
fn encode(segment: &str, out: &mut String) {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~');
    if segment.bytes().all(is_plain) {
        out.push_str(segment);
        return;
    }
    for byte in segment.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
            out.push('%');
            out.extend(
                [digit(byte >> 4), digit(byte & 15)].map(|digit| digit.to_ascii_uppercase()),
            );
        }
    }
}
