//! The way from the root of a document to a value, kept on the stack and spelt out only when a
//! problem or a fact needs it.

use std::fmt;

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

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => f.write_str("$"),
            Step::Field(name) if plain(name) => write!(f, ".{name}"),
            Step::Field(name) => write!(f, "[{:?}]", domain::bounded::quote(name)),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

fn plain(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

impl From<Path<'_>> for Box<str> {
    fn from(path: Path<'_>) -> Self {
        path.to_string().into_boxed_str()
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_path_reads_as_people_write_it() {
        let root = Path::ROOT;
        let components = root.field("components");
        let third = components.index(3);
        assert_eq!(third.field("purl").to_string(), "$.components[3].purl");
        assert_eq!(root.field("a b").to_string(), "$[\"a b\"]");
    }
}
