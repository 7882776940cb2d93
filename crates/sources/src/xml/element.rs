//! Cursors into an XML document.

use std::borrow::Cow;

use super::references::{append, decoded};
use super::{Kind, Node, Xml};

/// One element of a document.
#[derive(Debug, Clone, Copy)]
pub struct Element<'d> {
    document: &'d Xml<'d>,
    node: u32,
}

const NOTHING: Node = Node { kind: Kind::Element, start: 0, end: 0, next: 0, namespace: 0 };

impl<'d> Element<'d> {
    pub(super) fn new(document: &'d Xml<'d>, node: u32) -> Self {
        Self { document, node }
    }

    fn node(self) -> Node {
        self.document.nodes.get(self.node as usize).copied().unwrap_or(NOTHING)
    }

    fn tag(self) -> &'d str {
        raw(self.document, self.node())
    }

    /// Its name without a prefix; empty where the document has no element.
    #[must_use]
    pub fn name(self) -> &'d str {
        let name = split_name(self.tag()).0;
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    /// The URI of its namespace; empty where it has none.
    #[must_use]
    pub fn namespace(self) -> &'d str {
        self.document.namespaces.get(self.node().namespace as usize).copied().unwrap_or_default()
    }

    /// Whether both are of one namespace.
    #[must_use]
    pub fn shares_namespace(self, other: Element<'_>) -> bool {
        self.node().namespace == other.node().namespace
    }

    /// The value of an attribute without a prefix, its references resolved.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<Cow<'d, str>> {
        self.attributes().find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
    }

    /// Its attributes as they stand in the document, with their prefixes.
    #[must_use]
    pub fn attributes(self) -> Attributes<'d> {
        Attributes { rest: split_name(self.tag()).1 }
    }

    /// The elements in it, in order.
    #[must_use]
    pub fn children(self) -> Children<'d> {
        Children { document: self.document, at: self.node + 1, end: self.node().next }
    }

    /// The first element in it of this name.
    #[must_use]
    pub fn child(self, name: &str) -> Option<Element<'d>> {
        self.children().find(|child| child.name() == name)
    }

    /// Its own text, without that of the elements in it; references and CDATA resolved.
    #[must_use]
    pub fn text(self) -> Cow<'d, str> {
        let mut text = Cow::Borrowed("");
        let (mut at, end) = (self.node + 1, self.node().next);
        while at < end {
            let Some(node) = self.document.nodes.get(at as usize).copied() else { break };
            at = node.next.max(at + 1);
            if node.kind == Kind::Element {
                continue;
            }
            let piece = raw(self.document, node);
            match node.kind {
                Kind::Text if text.is_empty() => text = decoded(piece),
                Kind::CData if text.is_empty() && !piece.contains('\r') => text = piece.into(),
                Kind::CData => text.to_mut().push_str(&piece.replace("\r\n", "\n")),
                _ => append(text.to_mut(), piece),
            }
        }
        text
    }

    /// The line where it begins, from 1.
    #[must_use]
    pub fn line(self) -> u32 {
        self.document.line_at(self.node().start as usize)
    }

    /// How long the document is that it stands in, in bytes.
    #[must_use]
    pub fn document_bytes(self) -> usize {
        self.document.text.len()
    }

    /// The document that it stands in.
    #[must_use]
    pub fn document(self) -> &'d Xml<'d> {
        self.document
    }
}

fn raw<'d>(document: &'d Xml<'d>, node: Node) -> &'d str {
    document.text.get(node.start as usize..node.end as usize).unwrap_or_default()
}

/// Whether a character is white space (XML 1.0, section 2.3).
fn is_white(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The name at the beginning of a start tag, and what follows it.
pub(super) fn split_name(tag: &str) -> (&str, &str) {
    tag.find(is_white).map_or((tag, ""), |end| tag.split_at(end))
}

/// The attributes of an element: names with their prefixes, values as they stand.
#[derive(Debug, Clone)]
pub struct Attributes<'d> {
    pub(super) rest: &'d str,
}

impl<'d> Iterator for Attributes<'d> {
    type Item = (&'d str, &'d str);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, after) = self.rest.split_once('=')?;
        let after = after.trim_start_matches(is_white);
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, rest) = after.get(1..)?.split_once(quote)?;
        self.rest = rest;
        Some((name.trim_matches(is_white), value))
    }
}

impl Attributes<'_> {
    /// Whether nothing but attributes stands there.
    pub(super) fn are_well_formed(mut self) -> bool {
        let is_name = |name: &str| !name.is_empty() && !name.contains([' ', '\n', '\t', '"', '\'']);
        loop {
            let begins_white = self.rest.starts_with(is_white);
            match self.next() {
                Some((name, value)) if begins_white && is_name(name) && !value.contains('<') => {}
                Some(_) => return false,
                None => return self.rest.trim_matches(is_white).is_empty(),
            }
        }
    }
}

/// The elements in an element.
#[derive(Debug, Clone)]
pub struct Children<'d> {
    document: &'d Xml<'d>,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Children<'d> {
    type Item = Element<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            let node = self.document.nodes.get(self.at as usize)?;
            let element = Element::new(self.document, self.at);
            self.at = node.next.max(self.at + 1);
            if node.kind == Kind::Element {
                return Some(element);
            }
        }
        None
    }
}
