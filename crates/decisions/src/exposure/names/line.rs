//! Names that bear a version: `IntelliSpace Portal 8.0.x`, `Xeleris 3.1`, `RMC8388 V4.X`.
//!
//! Refuses to take a model number for a version: without a point even `V90` may be one.

use super::words::alike;

/// The line of versions that a name says its product to be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As the name writes it, without a `v`.
    written: String,
    /// Its words, which are no part of the product's own name.
    words: Vec<String>,
}

/// Words that make a bound of a version.
const BOUNDS: [&str; 16] = [
    "prior", "below", "before", "earlier", "older", "lower", "previous", "under", "above", "later",
    "newer", "higher", "after", "through", "until", "up",
];

impl Line {
    /// The line in a name that begins with some other word. A bound is no line: `family < V4.x`,
    /// `V4.5 and prior`.
    pub(super) fn of(name: &str) -> Option<Self> {
        let is_bound = |word: &str| word.contains(['<', '>', '=']) || BOUNDS.contains(&word);
        if name.to_lowercase().split_whitespace().any(is_bound) {
            return None;
        }
        let word = name.split_whitespace().skip(1).find(|word| is_line(word))?;
        Some(Self { written: without_mark(word).to_lowercase(), words: alike(word) })
    }

    /// Its words.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether one of two lines is within the other: `8.0` and `8.0.x`.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.numbers().zip(other.numbers()).all(|(a, b)| a == b)
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        self.written.split('.').take_while(|part| part.bytes().all(|b| b.is_ascii_digit()))
    }

    /// All versions of the line, as advisories write them: `8.0.x`.
    #[must_use]
    pub fn versions(&self) -> String {
        let numbers: Vec<&str> = self.numbers().collect();
        format!("{}.x", numbers.join("."))
    }
}

/// `8.0.x`, `3.1`, `v4.x`; not `8015`, `1.5T`, `V90`.
fn is_line(word: &str) -> bool {
    let mut parts = without_mark(word).split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let starts = parts.next().is_some_and(is_number);
    starts
        && word.contains('.')
        && parts.all(|part| is_number(part) || matches!(part, "x" | "X" | "*"))
}

fn without_mark(word: &str) -> &str {
    word.strip_prefix(['v', 'V']).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::super::{Agreement, ProductName};
    use super::Line;

    #[track_caller]
    fn versions(name: &str, expected: &str) {
        let line = Line::of(name).map(|line| line.versions());
        assert_eq!(line.unwrap_or_default(), expected, "{name}");
    }

    #[test]
    fn a_version_in_a_name_is_a_line() {
        versions("IntelliSpace Portal 8.0.x", "8.0.x");
        versions("Xeleris 3.1", "3.1.x");
        versions("Image Vault 3.x medical imaging software", "3.x");
        versions("RUGGEDCOM RMC8388 V4.X", "4.x");
    }

    #[test]
    fn a_model_number_is_none() {
        versions("Alaris PC Unit 8015", "");
        versions("MRI 1.5T", "");
        versions("SINAMICS V90", "");
        versions("RUGGEDCOM RS416v2", "");
        versions("SpaceStation with SpaceCom 2", "");
        versions("3.1", "");
    }

    #[test]
    fn a_bound_is_no_line() {
        versions("SIMATIC S7-1200 CPU family < V4.x", "");
        versions("SINUMERIK 840D sl V4.5 and prior", "");
        versions("Portal up to 8.0", "");
    }

    #[track_caller]
    fn agree(advisory: &str, device: &str, expected: Option<Agreement>) {
        let name = |name| ProductName::new(name, Some("Philips"));
        assert_eq!(name(advisory).agrees_with(&name(device)), expected, "{advisory} / {device}");
    }

    #[test]
    fn a_name_with_a_line_agrees_as_far_as_the_line_does() {
        agree("IntelliSpace Portal 8.0.x", "IntelliSpace Portal", Some(Agreement::Line));
        agree("IntelliSpace Portal 8.0.x", "IntelliSpace Portal 8.0", Some(Agreement::Same));
        agree("IntelliSpace Portal 8.0.x", "IntelliSpace Portal 8.1", None);
        agree("IntelliSpace Portal", "IntelliSpace Portal 8.0", Some(Agreement::Same));
        agree("IntelliSpace Portal 8.0.x", "IntelliSpace Cardiovascular", None);
    }
}
