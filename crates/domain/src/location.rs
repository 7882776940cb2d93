//! Where in a document something was read, so that every judgement can name its source.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

/// A document as received, by its number in the order of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub u32);

/// A place inside one document: a line and a path.
///
/// The path is what a reader of that format would write: `$.components[3].purl` in JSON,
/// `/bom/components/component[4]` in XML, `column "Serial"` or `Sheet1!C7` in a table.
///
/// There is a place for every fact, and most facts are elements of a list. So the path of a list
/// is kept once, and its elements share it: a place takes sixteen bytes.
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Location {
    /// Line, from 1; 0 is "no line" (a spreadsheet, a whole archive).
    pub line: u32,
    list: ListPath,
    /// One more than the number in brackets at the path's end.
    element: Option<NonZeroU32>,
}

/// The path of a list, shared by the places of its elements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct ListPath(Option<Arc<Box<str>>>);

impl ListPath {
    /// A path; an empty one takes nothing.
    pub fn new(path: impl Into<Box<str>>) -> Self {
        Self(Some(path.into()).filter(|path| !path.is_empty()).map(Arc::new))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", |path| path)
    }
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
        Self { line, ..Self::default() }
    }

    /// A line and a path.
    pub fn new(line: u32, path: impl Into<Box<str>>) -> Self {
        let path = path.into();
        match split_element(&path) {
            Some((list, number)) => Self::element(line, &ListPath::new(list), number),
            None => Self::shared(line, ListPath::new(path)),
        }
    }

    /// A line and a path that others may share.
    #[must_use]
    pub fn shared(line: u32, path: ListPath) -> Self {
        Self { line, list: path, element: None }
    }

    /// An element of a list, by the number that its path shows in brackets.
    #[must_use]
    pub fn element(line: u32, list: &ListPath, number: u32) -> Self {
        Self { line, list: list.clone(), element: NonZeroU32::MIN.checked_add(number) }
    }

    /// The path of the list, and the number in brackets behind it; without one the whole path.
    #[must_use]
    pub fn parts(&self) -> (&ListPath, Option<u32>) {
        (&self.list, self.element.map(|element| element.get() - 1))
    }

    /// The path; empty is "the whole document", or the whole line.
    #[must_use]
    pub fn path(&self) -> String {
        match self.element {
            Some(element) => format!("{}[{}]", self.list.as_str(), element.get() - 1),
            None => self.list.as_str().to_owned(),
        }
    }
}

/// `$.list[7]` as `$.list` and 7, where the number stands as we would write it.
fn split_element(path: &str) -> Option<(&str, u32)> {
    let (list, digits) = path.strip_suffix(']')?.rsplit_once('[')?;
    let number: u32 = digits.parse().ok()?;
    let as_written = digits == "0" || digits.starts_with(|c: char| matches!(c, '1'..='9'));
    (as_written && number < u32::MAX).then_some((list, number))
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        match (self.line, path.is_empty()) {
            (0, true) => f.write_str("the whole document"),
            (0, false) => f.write_str(&path),
            (line, true) => write!(f, "line {line}"),
            (line, false) => write!(f, "line {line}, {path}"),
        }
    }
}

#[expect(clippy::missing_fields_in_debug, reason = "the path is both of its fields")]
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Location");
        shown.field("line", &self.line).field("path", &self.path()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{ListPath, Location};

    #[test]
    fn a_place_is_the_same_however_it_was_given() {
        let list = ListPath::new("$.components");
        assert_eq!(Location::element(3, &list, 7), Location::new(3, "$.components[7]"));
        assert_eq!(Location::new(0, ""), Location::whole());
    }

    #[test]
    fn a_path_comes_back_as_it_was_given() {
        let paths = [
            "",
            "$",
            "$.a[0]",
            "$.a[1].b",
            "$.a[07]",
            "$.a[+7]",
            "[]",
            "[3]",
            "$[\"a\"]",
            "/bom/components/component[4]",
            "$.a[4294967294]",
            "$.a[4294967295]",
            "$.a[99999999999]",
            "column \"Serial [7]\"",
        ];
        for path in paths {
            assert_eq!(Location::new(1, path).path(), path);
        }
    }

    #[test]
    fn places_are_ordered_by_line_and_then_by_number() {
        assert!(Location::new(1, "$.a[9]") < Location::new(1, "$.a[10]"));
        assert!(Location::new(1, "$.a[10]") < Location::new(2, "$"));
    }

    #[test]
    fn a_place_is_small() {
        assert_eq!(size_of::<Location>(), 16);
    }
}
