//! How versions are ordered, ecosystem by ecosystem.
//!
//! Refuses to guess: a version that its scheme can't read has no place in the order, and whoever
//! asked must call the matter undecided.

mod apk;
mod composer;
mod deb;
mod gem;
mod generic;
mod golang;
mod maven;
mod number;
mod semantic;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;

/// The order of versions of one ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Scheme {
    /// A maker's own way: numbers and words compared piece by piece.
    #[default]
    Generic,
    /// Semantic versions: npm, cargo, hex, pub, swift.
    Semver,
    /// Go modules, and the releases of Go itself.
    Golang,
    /// Python (PEP 440).
    Pep440,
    /// Debian and Ubuntu.
    Deb,
    /// RPM.
    Rpm,
    /// Alpine.
    Apk,
    /// Maven.
    Maven,
    /// RubyGems.
    Gem,
    /// NuGet.
    Nuget,
    /// Packagist.
    Composer,
}

impl Scheme {
    /// The order that the packages of a purl type follow, [`Scheme::Generic`] where the type has
    /// none of its own here.
    #[must_use]
    pub fn of_purl_kind(kind: &str) -> Self {
        match kind {
            "npm" | "cargo" | "hex" | "pub" | "swift" | "julia" | "bitnami"
            | "vscode-extension" => Self::Semver,
            "golang" => Self::Golang,
            "pypi" => Self::Pep440,
            // opam compares as Debian does (opam manual, "Version ordering").
            "deb" | "opam" => Self::Deb,
            // Not alpm: pacman took RPM's comparison, but `1.5b` comes before `1.5` there.
            "rpm" => Self::Rpm,
            "apk" => Self::Apk,
            "maven" => Self::Maven,
            // CocoaPods' versions are those of RubyGems.
            "gem" | "cocoapods" => Self::Gem,
            "nuget" => Self::Nuget,
            "composer" => Self::Composer,
            _ => Self::Generic,
        }
    }
}

/// What stands before a colon is RPM's epoch only where it is a number (rpm, `parseEVR`).
fn with_epoch(version: &str) -> Cow<'_, str> {
    match version.split_once(':') {
        Some((head, _)) if !head.bytes().all(|byte| byte.is_ascii_digit()) => {
            Cow::Owned(format!("0:{version}"))
        }
        _ => Cow::Borrowed(version),
    }
}

/// Compares two versions in the order of a scheme; `None` where one of them can't be read in it.
#[must_use]
pub fn compare(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim(), b.trim());
    if a.is_empty() || b.is_empty() {
        return None;
    }
    match scheme {
        Scheme::Generic => generic::compare(a, b),
        Scheme::Semver => semantic::compare(a, b),
        Scheme::Golang => golang::compare(a, b),
        Scheme::Nuget => semantic::compare_nuget(a, b),
        Scheme::Pep440 => {
            let (a, b): (pep440_rs::Version, pep440_rs::Version) =
                (a.parse().ok()?, b.parse().ok()?);
            Some(a.cmp(&b))
        }
        Scheme::Deb => deb::compare(a, b),
        Scheme::Rpm => Some(rpm_version::rpm_evr_compare(&with_epoch(a), &with_epoch(b))),
        Scheme::Apk => apk::compare(a, b),
        Scheme::Maven => Some(maven::compare(a, b)),
        Scheme::Gem => gem::compare(a, b),
        Scheme::Composer => Some(composer::compare(a, b)),
    }
}
