//! CPE names (NISTIR 7695) and how two of them relate (NISTIR 7696).
//!
//! Refuses to repair a malformed name, and to say that two names are alike: only the relations of
//! the standard are told.

mod binding;
mod relation;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use crate::text::Text;
pub use relation::Relation;

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
    Value(Text),
    /// A value with unquoted `*` or `?` at its start or end, kept in formatted-string form.
    Pattern(Box<str>),
}

const _: () = assert!(size_of::<Attribute>() == 24);

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
    /// The other attributes.
    pub rest: Rest,
}

/// Edition, language, software edition, target software, target hardware, other. Nearly all names
/// leave them at any value, and then they take no memory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Rest(Option<Box<[Attribute; 6]>>);

impl From<[Attribute; 6]> for Rest {
    fn from(attributes: [Attribute; 6]) -> Self {
        let is_said = attributes.iter().any(|attribute| *attribute != Attribute::Any);
        Self(is_said.then(|| Box::new(attributes)))
    }
}

impl Deref for Rest {
    type Target = [Attribute; 6];

    fn deref(&self) -> &[Attribute; 6] {
        static ANY: [Attribute; 6] = [const { Attribute::Any }; 6];
        self.0.as_deref().unwrap_or(&ANY)
    }
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

impl CpeError {
    fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl Attribute {
    /// The value, where it is a plain one.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Value(value) => Some(value),
            Self::Any | Self::NotApplicable | Self::Pattern(_) => None,
        }
    }
}

impl fmt::Display for Attribute {
    /// As a component of a formatted string (NISTIR 7695, section 6.2.2.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::NotApplicable => f.write_str("-"),
            Self::Value(value) => binding::write_quoted(f, value),
            Self::Pattern(pattern) => f.write_str(pattern),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Application => "a",
            Self::OperatingSystem => "o",
            Self::Hardware => "h",
            Self::Any => "*",
        })
    }
}

impl Cpe {
    /// Parses a formatted string (`cpe:2.3:…`, NISTIR 7695 section 6.2) or a URI binding
    /// (`cpe:/…`, section 6.1).
    pub fn parse(text: &str) -> Result<Self, CpeError> {
        let Some((scheme, name)) = text.split_once(':') else {
            return Err(CpeError::because("no `cpe:` in front"));
        };
        if !scheme.eq_ignore_ascii_case("cpe") {
            return Err(CpeError::because("no `cpe:` in front"));
        }
        if let Some(components) = name.strip_prefix("2.3:") {
            binding::from_formatted(components)
        } else if let Some(components) = name.strip_prefix('/') {
            binding::from_uri(components)
        } else {
            Err(CpeError::because("neither `cpe:2.3:` nor `cpe:/` in front"))
        }
    }

    /// The vendor, where it is a plain value: the key to find names by.
    pub fn vendor_value(&self) -> Option<&str> {
        self.vendor.value()
    }

    /// The product, where it is a plain value: the key to find names by.
    pub fn product_value(&self) -> Option<&str> {
        self.product.value()
    }

    /// Edition (kept for names of CPE 2.2).
    pub fn edition(&self) -> &Attribute {
        let [edition, ..] = &*self.rest;
        edition
    }

    /// Language.
    pub fn language(&self) -> &Attribute {
        let [_, language, ..] = &*self.rest;
        language
    }

    /// Software edition.
    pub fn software_edition(&self) -> &Attribute {
        let [_, _, software_edition, ..] = &*self.rest;
        software_edition
    }

    /// The software that it runs on.
    pub fn target_software(&self) -> &Attribute {
        let [_, _, _, target_software, ..] = &*self.rest;
        target_software
    }

    /// The hardware that it runs on.
    pub fn target_hardware(&self) -> &Attribute {
        let [_, _, _, _, target_hardware, _] = &*self.rest;
        target_hardware
    }

    /// What the vendor adds.
    pub fn other(&self) -> &Attribute {
        let [.., other] = &*self.rest;
        other
    }

    /// Vendor, product, version, update and the rest, in the order of a formatted string.
    fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        [&self.vendor, &self.product, &self.version, &self.update]
            .into_iter()
            .chain(self.rest.iter())
    }
}

impl fmt::Display for Cpe {
    /// The formatted string (NISTIR 7695, section 6.2.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cpe:2.3:{}", self.part)?;
        for attribute in self.attributes() {
            write!(f, ":{attribute}")?;
        }
        Ok(())
    }
}

impl FromStr for Cpe {
    type Err = CpeError;

    fn from_str(text: &str) -> Result<Self, CpeError> {
        Self::parse(text)
    }
}
