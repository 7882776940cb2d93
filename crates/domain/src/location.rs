//! Where in a document something was read, so that every judgement can name its source.

use std::fmt;

/// A document as received, by its number in the order of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub u32);

/// A place inside one document.
///
/// `line` counts from 1 and is 0 where lines mean nothing (a spreadsheet, a whole archive).
/// `path` is what a reader of that format would write: `$.components[3].purl` in JSON,
/// `/bom/components/component[4]` in XML, `column "Serial"` or `Sheet1!C7` in a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Location {
    /// Line, from 1; 0 is "no line".
    pub line: u32,
    /// Path within the document; empty is "the whole document".
    pub path: Box<str>,
}

impl Location {
    /// The document as a whole.
    #[must_use]
    pub fn whole() -> Self {
        Self::default()
    }

    /// A line, without a path.
    #[must_use]
    pub fn line(line: u32) -> Self {
        Self { line, path: Box::default() }
    }

    /// A line and a path.
    pub fn new(line: u32, path: impl Into<Box<str>>) -> Self {
        Self { line, path: path.into() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.path.is_empty()) {
            (0, true) => f.write_str("the whole document"),
            (0, false) => f.write_str(&self.path),
            (line, true) => write!(f, "line {line}"),
            (line, false) => write!(f, "line {line}, {}", self.path),
        }
    }
}
