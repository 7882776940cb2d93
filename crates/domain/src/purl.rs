//! Package URLs (ECMA-427, the purl specification): one package of one ecosystem.

use std::fmt;

/// A package URL in its canonical form: type-specific case rules and defaults are applied when it
/// is parsed, so that equal packages are equal values. Never compare purls as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Purl {
    /// Type, in lower case: `npm`, `deb`, `pypi`.
    pub kind: String,
    /// Namespace, decoded, its segments joined by `/`.
    pub namespace: Option<String>,
    /// Name, decoded.
    pub name: String,
    /// Version, decoded.
    pub version: Option<String>,
    /// Qualifiers, decoded, sorted by key.
    pub qualifiers: Vec<(String, String)>,
    /// Subpath, decoded, its segments joined by `/`.
    pub subpath: Option<String>,
}

/// Why a text is no purl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurlError(pub String);

impl fmt::Display for PurlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PurlError {}

impl Purl {
    /// Parses a purl.
    pub fn parse(text: &str) -> Result<Self, PurlError> {
        Err(PurlError(text.to_owned()))
    }
}
