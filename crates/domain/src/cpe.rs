//! CPE names (NISTIR 7695) and how two of them relate (NISTIR 7696).

use std::fmt;

/// Which part of a system a CPE names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// `a`: an application.
    Application,
    /// `o`: an operating system.
    OperatingSystem,
    /// `h`: hardware.
    Hardware,
    /// `*`: any part.
    Any,
}

/// One attribute of a CPE.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Attribute {
    /// `*`: any value.
    #[default]
    Any,
    /// `-`: not applicable.
    NotApplicable,
    /// A value, unescaped and in lower case. Unquoted wildcards stay in [`Attribute::Pattern`].
    Value(String),
    /// A value with unquoted `*` or `?` at its start or end, kept in formatted-string form.
    Pattern(String),
}

/// A well-formed CPE name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cpe {
    /// Part.
    pub part: Part,
    /// Vendor.
    pub vendor: Attribute,
    /// Product.
    pub product: Attribute,
    /// Version.
    pub version: Attribute,
    /// Update.
    pub update: Attribute,
    /// Edition, language, software edition, target software, target hardware, other.
    pub rest: [Attribute; 6],
}

/// Why a text is no CPE name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpeError(pub String);

impl fmt::Display for CpeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CpeError {}

impl Cpe {
    /// Parses a formatted string (`cpe:2.3:…`) or a URI binding (`cpe:/…`).
    pub fn parse(text: &str) -> Result<Self, CpeError> {
        Err(CpeError(text.to_owned()))
    }
}
