//! A JSON document (RFC 8259) as a flat array of nodes over the text it was read from.
//!
//! Eight bytes a node, no string copied until someone asks for it, every node knows its place.
//! Parsing does not recurse, so depth costs nothing but the limit that we set. A document that
//! breaks off or breaks the syntax keeps what was complete before the break: the outermost array
//! element that was not yet finished is dropped, for half a record is worse than none.
//!
//! Refuses to know any format: names, types and meanings are the readers' business.

mod node;
mod parse;
mod path;
mod take;
mod value;

use std::cell::OnceCell;

use domain::location::Location;
use domain::problem::{Code, Loss, Problem};

use crate::lines::Lines;
use crate::places::LastPath;
use node::Node;

pub use path::Path;
pub use take::Taker;
pub use value::{Items, Kind, Members, Value};

/// A parsed document.
#[derive(Debug)]
pub struct Json<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    damage: Option<Damage>,
    lines: OnceCell<Lines>,
    last_path: LastPath,
    first_line: u32,
}

/// Where and why parsing ended before the document did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What kind of damage: truncated, syntax, too deep, too large.
    pub code: Code,
    /// Byte offset in the text.
    pub offset: usize,
    /// What should have stood there.
    pub expected: &'static str,
    /// Whether an unfinished record was dropped.
    pub dropped: bool,
}

impl<'t> Json<'t> {
    /// Parses a text. Never fails: a document with no readable value has a null root, and
    /// [`damage`](Self::damage) says why.
    #[must_use]
    pub fn parse(text: &'t str) -> Self {
        Self::parse_line(text, 1)
    }

    /// Parses one line of a JSON-lines file, so that places name the file's own lines.
    #[must_use]
    pub fn parse_line(text: &'t str, first_line: u32) -> Self {
        let (nodes, damage) = parse::parse(text);
        Self {
            text,
            nodes,
            damage,
            lines: OnceCell::new(),
            last_path: LastPath::default(),
            first_line,
        }
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value::new(self, 0)
    }

    /// Why parsing ended early, if it did.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    /// The damage as a problem to be told.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let damage = self.damage.as_ref()?;
        let found: String =
            self.text.get(damage.offset..).unwrap_or_default().chars().take(20).collect();
        let at = Location::line(self.line_at(damage.offset));
        let loss = Loss::Document;
        Some(Problem::new(damage.code, at, loss).expected(damage.expected).found(&found))
    }

    pub(crate) fn last_path(&self) -> &LastPath {
        &self.last_path
    }

    /// How long its text is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// How many values and keys it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it holds nothing at all; never so, for there is always a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn line_at(&self, offset: usize) -> u32 {
        let before = self.lines.get_or_init(|| Lines::of(self.text)).before(self.text, offset);
        self.first_line.saturating_add(before)
    }
}

#[cfg(test)]
mod tests;
