//! The way from the root of a document to a value, kept on the stack and spelt out only when a
//! problem or a fact needs it.

use std::fmt;

use domain::bounded::QUOTE_CHARS;
use domain::location::Location;

use crate::places::LastPath;

/// A path: its parent and one step more.
#[derive(Debug, Clone, Copy)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Root,
    Field(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The root, `$`.
    pub const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    /// A member of an object.
    #[must_use]
    pub fn field(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Field(name) }
    }

    /// An element of an array, from 0.
    #[must_use]
    pub fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }
}

impl Path<'_> {
    /// The place of a value at this path.
    pub(super) fn place(&self, line: u32, last: &LastPath) -> Location {
        let shared = |path: &Self| last.shared(|text| path.is(text), || path.spelt());
        match (self.step, self.parent) {
            (Step::Index(index), Some(list)) if u32::try_from(index).is_ok() => {
                let number = u32::try_from(index).unwrap_or_default();
                Location::element(line, &shared(list), number)
            }
            _ => Location::shared(line, shared(self)),
        }
    }

    /// As text, in one piece of memory of the right size.
    fn spelt(&self) -> Box<str> {
        let mut text = String::with_capacity(self.length());
        self.spell(&mut text);
        text.into_boxed_str()
    }

    /// How long its text is, where nothing in it must be escaped.
    fn length(&self) -> usize {
        self.parent.map_or(0, Path::length)
            + match self.step {
                Step::Root => 1,
                Step::Field(name) if plain(name) => 1 + name.len(),
                Step::Field(name) => "[\"\"]".len() + name.len(),
                Step::Index(index) => {
                    "[]".len() + index.checked_ilog10().map_or(1, |n| n as usize + 1)
                }
            }
    }

    fn spell(&self, text: &mut String) {
        if let Some(parent) = self.parent {
            parent.spell(text);
        }
        match self.step {
            Step::Root => text.push('$'),
            Step::Field(name) if plain(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Field(name) => {
                let quoted = format!("[{:?}]", domain::bounded::quote(name));
                text.push_str(&quoted);
            }
            Step::Index(index) => {
                text.push('[');
                push_number(index, text);
                text.push(']');
            }
        }
    }

    /// Whether it reads like this, told without spelling it out.
    fn is(&self, text: &str) -> bool {
        self.strip(text) == Some("")
    }

    /// What follows it in a text that begins with it.
    fn strip<'t>(&self, text: &'t str) -> Option<&'t str> {
        let rest = self.parent.map_or(Some(text), |parent| parent.strip(text))?;
        match self.step {
            Step::Root => rest.strip_prefix('$'),
            Step::Field(name) if plain(name) => rest.strip_prefix('.')?.strip_prefix(name),
            // Between quotes most other names stand as they are: `@graph`.
            Step::Field(name) if unescaped(name) => {
                rest.strip_prefix("[\"")?.strip_prefix(name)?.strip_prefix("\"]")
            }
            Step::Field(_) => None,
            Step::Index(index) => {
                let (digits, rest) = rest.strip_prefix('[')?.split_once(']')?;
                (digits.parse() == Ok(index)).then_some(rest)
            }
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelt())
    }
}

fn push_number(number: usize, text: &mut String) {
    if number >= 10 {
        push_number(number / 10, text);
    }
    text.extend(u32::try_from(number % 10).ok().and_then(|digit| char::from_digit(digit, 10)));
}

fn plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$');
    !name.is_empty() && name.bytes().all(is_plain)
}

/// Whether a name stands in quotes as it is: whole, and without an escape.
fn unescaped(name: &str) -> bool {
    let stands = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    name.len() <= QUOTE_CHARS && name.bytes().all(stands)
}

#[cfg(test)]
mod tests {
    use super::{LastPath, Path};

    #[test]
    fn a_path_reads_as_people_write_it() {
        let root = Path::ROOT;
        let components = root.field("components");
        let third = components.index(3);
        assert_eq!(third.field("purl").to_string(), "$.components[3].purl");
        assert_eq!(root.field("a b").to_string(), "$[\"a b\"]");
    }

    #[test]
    fn a_place_reads_like_its_path_whatever_was_placed_before() {
        let last = LastPath::default();
        let root = Path::ROOT;
        let (a, odd) = (root.field("a"), root.field("a.b"));
        let (quoted, graph) = (root.field("a\"b"), root.field("@graph"));
        let (first, ab) = (a.index(1), a.field("b"));
        let paths = [
            &root,
            &a,
            &first,
            &first.field("c"),
            &a.index(12),
            &a.index(1),
            &ab,
            &odd,
            &ab,
            &odd.index(0),
            &ab.index(0),
            &quoted,
            &quoted.index(0),
            &graph.index(0),
            &graph.index(1),
            &graph,
            &root.index(3),
        ];
        for path in paths {
            assert_eq!(path.place(7, &last).path(), path.to_string());
        }
    }
}
