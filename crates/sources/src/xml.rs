//! An XML document (XML 1.0, Namespaces in XML 1.0) as a flat array of nodes over its text.
//!
//! Twenty bytes a node, no string copied until someone asks for it, every element knows its line.
//! Parsing does not recurse. A document that breaks off keeps what was complete: the unfinished
//! record, an element at the third level (`/bom/components/component`), is dropped.
//!
//! Refuses document types: entities can expand without end, so a document with a `DOCTYPE` is
//! empty. Refuses to know any format.

mod element;
mod parse;
mod references;

use std::cell::OnceCell;

use domain::location::Location;
use domain::problem::{Code, Loss, Problem};

use crate::lines::Lines;
use crate::places::LastPath;

pub use element::{Attributes, Children, Element};

/// A parsed document.
#[derive(Debug)]
pub struct Xml<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    /// Namespaces by their number in [`Node::namespace`]; the first is "none".
    namespaces: Vec<&'t str>,
    damage: Option<Damage>,
    lines: OnceCell<Lines>,
    last_path: LastPath,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Element,
    /// Text without references.
    Text,
    /// A reference, from `&` to `;`.
    Reference,
    /// What is inside a CDATA section.
    CData,
}

/// An element with all that follows it up to `next`, or a piece of text.
#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    /// First byte; of an element, what follows the `<` of its start tag.
    start: u32,
    /// One past the last byte; of an element, the `>` or `/>` of its start tag.
    end: u32,
    /// The node after this one and all that it holds.
    next: u32,
    namespace: u32,
}

/// Where and why a document was not read in full.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Damage {
    code: Code,
    offset: usize,
    expected: &'static str,
    loss: Loss,
}

impl<'t> Xml<'t> {
    /// Parses a text. Never fails: a document with nothing to read has an empty root without a
    /// name, and [`problem`](Self::problem) says why.
    #[must_use]
    pub fn parse(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let parse::Parsed { nodes, namespaces, damage } = parse::parse(text);
        Self {
            text,
            nodes,
            namespaces,
            damage,
            lines: OnceCell::new(),
            last_path: LastPath::default(),
        }
    }

    /// The outermost element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// Why it was not read in full, if so.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let damage = self.damage.as_ref()?;
        let found: String =
            self.text.get(damage.offset..).unwrap_or_default().chars().take(20).collect();
        let at = Location::line(self.line_at(damage.offset));
        Some(Problem::new(damage.code, at, damage.loss).expected(damage.expected).found(&found))
    }

    pub(crate) fn last_path(&self) -> &LastPath {
        &self.last_path
    }

    fn line_at(&self, offset: usize) -> u32 {
        let before = self.lines.get_or_init(|| Lines::of(self.text)).before(self.text, offset);
        before.saturating_add(1)
    }
}

#[cfg(test)]
mod tests;
