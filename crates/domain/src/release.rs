//! A release: a model at one software version. An SBOM belongs to a release, and every unit of
//! that release inherits it.

use std::fmt;

use crate::location::Location;
use crate::text::Text;

/// Manufacturer, model and version, compared without regard to case, punctuation or spacing.
#[derive(Debug, Clone)]
pub struct ReleaseKey {
    /// Who made it, as first written; empty is unknown.
    pub manufacturer: Text,
    /// Its model, as first written.
    pub model: Text,
    /// Its software version, as first written; empty is unknown.
    pub version: Text,
    folded: (Text, Text, Text),
}

impl ReleaseKey {
    /// A key; `None` where manufacturer or model has no letter or digit.
    #[must_use]
    pub fn new(manufacturer: &str, model: &str, version: &str) -> Option<Self> {
        let folded = (fold(manufacturer), fold(model), fold_version(version));
        (!folded.0.is_empty() && !folded.1.is_empty()).then(|| Self {
            manufacturer: manufacturer.trim().into(),
            model: model.trim().into(),
            version: version.trim().into(),
            folded,
        })
    }

    /// The key of a model whose maker nobody names. `None` where the model has no letter or digit.
    #[must_use]
    pub fn of_unknown_maker(model: &str, version: &str) -> Option<Self> {
        let folded = (Text::default(), fold(model), fold_version(version));
        (!folded.1.is_empty()).then(|| Self {
            manufacturer: Text::default(),
            model: model.trim().into(),
            version: version.trim().into(),
            folded,
        })
    }

    /// The same version, whatever its model.
    #[must_use]
    pub fn same_version(&self, other: &Self) -> bool {
        self.folded.2 == other.folded.2
    }

    /// The same model, whatever its version.
    #[must_use]
    pub fn same_model(&self, other: &Self) -> bool {
        self.folded.0 == other.folded.0 && self.folded.1 == other.folded.1
    }
}

impl PartialEq for ReleaseKey {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for ReleaseKey {}

impl std::hash::Hash for ReleaseKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl PartialOrd for ReleaseKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ReleaseKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl fmt::Display for ReleaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.manufacturer.is_empty() {
            write!(f, "{} ", self.manufacturer)?;
        }
        f.write_str(&self.model)?;
        if !self.version.is_empty() {
            write!(f, " {}", self.version)?;
        }
        Ok(())
    }
}

/// Letters and digits in lower case; everything else is dropped.
fn fold(text: &str) -> Text {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Versions keep their separators, for `1.10` is not `11.0`; a leading `v` says nothing.
fn fold_version(text: &str) -> Text {
    let lower = text.trim().to_lowercase();
    let bare =
        lower.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    bare.unwrap_or(&lower).trim().into()
}

/// A line of `releases.csv`: which SBOM describes which release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseLink {
    /// The release.
    pub release: ReleaseKey,
    /// The SBOM: a file name, a path's end, or its serial number or document namespace.
    pub sbom: Text,
    /// Identifiers of the release itself: CPE names and purls.
    pub identifiers: Vec<Text>,
    /// Where it stood.
    pub at: Location,
}

#[cfg(test)]
mod tests {
    use super::ReleaseKey;

    #[test]
    fn a_release_is_the_same_whatever_its_spelling() {
        let a = ReleaseKey::new("B. Braun", "SpaceStation", "v3.1").expect("a key");
        let b = ReleaseKey::new("B Braun", "Space Station", "3.1").expect("a key");
        assert_eq!(a, b);
    }

    #[test]
    fn versions_keep_their_dots() {
        let a = ReleaseKey::new("X", "Y", "1.10").expect("a key");
        let b = ReleaseKey::new("X", "Y", "11.0").expect("a key");
        assert_ne!(a, b);
    }

    #[test]
    fn a_release_without_a_model_is_none() {
        assert!(ReleaseKey::new("X", " - ", "1").is_none());
    }
}
