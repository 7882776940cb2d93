//! Package URLs (ECMA-427, the purl specification): one package of one ecosystem.
//!
//! Refuses to compare purls as text, and to ask a registry whether the package exists.

mod escape;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::text::{Text, ascii_lowercase};
use escape::{decode, decode_path, write_escaped, write_path};
use rules::Rule;

/// A package URL in its canonical form: type-specific case rules and defaults are applied when it
/// is parsed, so that equal packages are equal values. Never compare purls as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Purl {
    /// Type, in lower case: `npm`, `deb`, `pypi`.
    pub kind: Text,
    /// Namespace, decoded, its segments joined by `/`.
    pub namespace: Option<Text>,
    /// Name, decoded.
    pub name: Text,
    /// Version, decoded.
    pub version: Option<Text>,
    /// Qualifiers, decoded, sorted by key.
    pub qualifiers: Vec<(Text, Text)>,
    /// Subpath, decoded, its segments joined by `/`.
    pub subpath: Option<Text>,
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

impl PurlError {
    fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl Purl {
    /// Parses a purl, from right to left as the specification's "How to parse" says, and applies
    /// the rules of its type. Spellings that it lets a reader repair (`PKG://Npm/…`, a qualifier
    /// key in upper case, characters that should be escaped) are repaired.
    pub fn parse(text: &str) -> Result<Self, PurlError> {
        // Many have neither of the two, and one look is enough for them.
        let is_plain = memchr::memchr2(b'#', b'?', text.as_bytes()).is_none();
        let (rest, subpath) = if is_plain { (text, None) } else { split_last(text, b'#') };
        let (rest, qualifiers) = if is_plain { (rest, None) } else { split_last(rest, b'?') };
        let rest = without_scheme(rest)?;
        let (kind, path) = rest
            .trim_start_matches('/')
            .split_once('/')
            .ok_or_else(|| PurlError::because("no name after the type"))?;
        let kind = kind_of(kind)?;
        let rule = Rule::of(&kind);
        let (path, version) = split_version(path);
        // The suite reads `name/@1` as an empty name, although a slash at the end is ignored.
        if version.is_some() && path.ends_with('/') {
            return Err(PurlError::because("no name before the version"));
        }
        let (namespace, name) = rule.split_name(path.trim_end_matches('/'));
        let mut purl = Self {
            kind,
            namespace: present(&decode_path(namespace)?),
            name: without_slashes(&decode(name)?).into(),
            version: version.map(decode).transpose()?.and_then(|version| present(&version)),
            qualifiers: qualifiers.map(qualifiers_of).transpose()?.unwrap_or_default(),
            subpath: subpath.map(subpath_of).transpose()?.flatten(),
        };
        rule.apply(&mut purl)?;
        purl.complete()
    }

    /// Parses a purl that must stand in its canonical form already (ECMA-427, clause 5): what
    /// [`Purl::parse`] would repair is refused.
    pub fn parse_canonical(text: &str) -> Result<Self, PurlError> {
        let purl = Self::parse(text)?;
        let canonical = purl.to_string();
        if canonical == text {
            Ok(purl)
        } else {
            Err(PurlError::because(format!("not canonical, which would be `{canonical}`")))
        }
    }

    /// Builds a purl from decoded parts, by the rules of its type. Qualifiers that the type
    /// requires can't be there yet: [`Purl::complete`] checks them.
    pub fn new(kind: &str, namespace: Option<&str>, name: &str) -> Result<Self, PurlError> {
        let kind = kind_of(kind)?;
        let rule = Rule::of(&kind);
        let mut purl = Self {
            kind,
            namespace: namespace.and_then(joined),
            name: without_slashes(name).into(),
            version: None,
            qualifiers: Vec::new(),
            subpath: None,
        };
        rule.apply(&mut purl)?;
        Ok(purl)
    }

    /// The same package at a version, given decoded.
    pub fn with_version(mut self, version: &str) -> Result<Self, PurlError> {
        self.version = present(version);
        Rule::of(&self.kind).apply(&mut self)?;
        Ok(self)
    }

    /// The same package with one more qualifier, its value given decoded. An empty value says
    /// the same as no qualifier.
    pub fn with_qualifier(mut self, key: &str, value: &str) -> Result<Self, PurlError> {
        insert_qualifier(&mut self.qualifiers, key, value)?;
        Rule::of(&self.kind).apply(&mut self)?;
        Ok(self)
    }

    /// The same package with a path inside of it, given decoded.
    #[must_use]
    pub fn with_subpath(mut self, subpath: &str) -> Self {
        let kept = subpath.split('/').filter(|segment| !skipped(segment));
        self.subpath = present(&kept.collect::<Vec<_>>().join("/"));
        self
    }

    /// The purl itself when it has every qualifier that its type requires: a `julia` package its
    /// `uuid`, a `swid` tag its `tag_id`.
    pub fn complete(self) -> Result<Self, PurlError> {
        match Rule::of(&self.kind).required_qualifier() {
            Some(key) if self.qualifier(key).is_none() => Err(PurlError::because(format!(
                "a purl of type `{}` needs the qualifier `{key}`",
                self.kind
            ))),
            _ => Ok(self),
        }
    }

    /// The package without version, qualifiers and subpath: the key to find it by.
    #[must_use]
    pub fn package(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            version: None,
            qualifiers: Vec::new(),
            subpath: None,
        }
    }

    /// The value of a qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Where packages of this type come from when no `repository_url` says otherwise, by the
    /// type's definition (`default_repository_url`).
    pub fn default_repository_url(&self) -> Option<&'static str> {
        rules::default_repository_url(&self.kind)
    }
}

impl fmt::Display for Purl {
    /// The canonical form (ECMA-427, clause 5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write_path(f, namespace)?;
            f.write_str("/")?;
        }
        if Rule::of(&self.kind).name_is_a_path() {
            write_path(f, &self.name)?;
        } else {
            write_escaped(f, &self.name)?;
        }
        if let Some(version) = &self.version {
            f.write_str("@")?;
            write_escaped(f, version)?;
        }
        let mut separator = "?";
        for (key, value) in &self.qualifiers {
            write!(f, "{separator}{key}=")?;
            write_escaped(f, value)?;
            separator = "&";
        }
        if let Some(subpath) = &self.subpath {
            f.write_str("#")?;
            write_path(f, subpath)?;
        }
        Ok(())
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        Self::parse(text)
    }
}

/// What stands after `pkg:`.
fn without_scheme(text: &str) -> Result<&str, PurlError> {
    if let Some(rest) = text.strip_prefix("pkg:") {
        return Ok(rest);
    }
    let (scheme, rest) =
        text.split_once(':').ok_or_else(|| PurlError::because("no scheme `pkg:`"))?;
    if !scheme.eq_ignore_ascii_case("pkg") {
        return Err(PurlError::because("the scheme is not `pkg`"));
    }
    Ok(rest)
}

/// A name without slashes before and after it.
fn without_slashes(name: &str) -> &str {
    if name.starts_with('/') || name.ends_with('/') { name.trim_matches('/') } else { name }
}

/// What stands before the last separator, and after it where there is one.
fn split_last(text: &str, separator: u8) -> (&str, Option<&str>) {
    match memchr::memrchr(separator, text.as_bytes()) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

/// The path and the version. An `@` that opens a segment before the last one is an npm scope that
/// should have been escaped, not the start of a version.
fn split_version(path: &str) -> (&str, Option<&str>) {
    match split_last(path, b'@') {
        (before, Some(after))
            if (before.is_empty() || before.ends_with('/')) && after.contains('/') =>
        {
            (path, None)
        }
        split => split,
    }
}

/// A type in lower case, where its letters are permitted.
fn kind_of(text: &str) -> Result<Text, PurlError> {
    let permitted = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(PurlError::because("the type does not start with a letter"));
    }
    if !text.bytes().all(permitted) {
        return Err(PurlError::because("the type has other characters than a-z, 0-9, `.`, `-`"));
    }
    Ok(ascii_lowercase(text))
}

fn qualifiers_of(text: &str) -> Result<Vec<(Text, Text)>, PurlError> {
    let mut qualifiers = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        insert_qualifier(&mut qualifiers, key, &decode(value)?)?;
    }
    Ok(qualifiers)
}

/// Puts a qualifier at its place in the order of keys.
fn insert_qualifier(
    qualifiers: &mut Vec<(Text, Text)>,
    key: &str,
    value: &str,
) -> Result<(), PurlError> {
    let permitted = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if !key.starts_with(|first: char| first.is_ascii_alphabetic()) || !key.bytes().all(permitted) {
        return Err(PurlError::because(format!("`{key}` can't be the key of a qualifier")));
    }
    if value.is_empty() {
        return Ok(());
    }
    let key = ascii_lowercase(key);
    match qualifiers.binary_search_by(|(known, _)| known.as_str().cmp(&key)) {
        Ok(_) => Err(PurlError::because(format!("the qualifier `{key}` is given twice"))),
        Err(place) => {
            qualifiers.insert(place, (key, value.into()));
            Ok(())
        }
    }
}

/// Segments that say nothing about where a subpath leads, or lead out of the package.
fn skipped(segment: &str) -> bool {
    matches!(segment, "" | "." | "..")
}

fn subpath_of(text: &str) -> Result<Option<Text>, PurlError> {
    let decoded = decode_path(text)?;
    let kept = decoded.split('/').filter(|segment| !skipped(segment));
    Ok(present(&kept.collect::<Vec<_>>().join("/")))
}

/// A namespace given decoded, without its empty segments.
fn joined(namespace: &str) -> Option<Text> {
    let segments = namespace.split('/').filter(|segment| !segment.is_empty());
    present(&segments.collect::<Vec<_>>().join("/"))
}

fn present(text: &str) -> Option<Text> {
    (!text.is_empty()).then(|| text.into())
}
