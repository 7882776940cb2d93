//! Cursors into a document.

use std::borrow::Cow;

use domain::location::Location;
use domain::text::Text;

use super::{Json, Node, Path};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true`.
    True,
    /// `false`.
    False,
    /// A number.
    Number,
    /// A string.
    String,
    /// A key of an object: never seen as a value.
    Key,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// As a message names it: "a string".
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::True | Self::False => "true or false",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Key => "a key",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// One value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Value<'d> {
    document: &'d Json<'d>,
    node: u32,
}

impl<'d> Value<'d> {
    pub(super) fn new(document: &'d Json<'d>, node: u32) -> Self {
        Self { document, node }
    }

    fn node(self) -> Node {
        self.document.nodes.get(self.node as usize).copied().unwrap_or(Node::NULL)
    }

    /// The node after this one and all that it holds.
    fn next(self) -> u32 {
        self.node().next(self.node)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().kind()
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The text of a string, with its escapes resolved; borrowed where it has none.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        let node = self.node();
        (node.kind() == Kind::String).then(|| decoded(self.document.text, node))
    }

    /// The text of a string, as facts keep it.
    #[must_use]
    pub fn as_text(self) -> Option<Text> {
        self.as_str().map(Text::from)
    }

    /// A number.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        (self.kind() == Kind::Number).then(|| self.raw().parse().ok()).flatten()
    }

    /// A whole number.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        (self.kind() == Kind::Number).then(|| self.raw().parse().ok()).flatten()
    }

    /// `true` or `false`.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// The text as it stands in the document (of a string, what is inside the quotes).
    #[must_use]
    pub fn raw(self) -> &'d str {
        let node = self.node();
        let end = if node.is_container() { self.closed() } else { node.end() as usize };
        self.document.text.get(node.start() as usize..end).unwrap_or_default()
    }

    /// Where an array or object ends. Nodes don't keep that, for hardly anyone asks: it is as many
    /// brackets after the last thing in it as are open there.
    fn closed(self) -> usize {
        let next = self.next();
        let inside = self.node as usize..next as usize;
        let nodes = self.document.nodes.get(inside).unwrap_or_default();
        let open = (self.node..).zip(nodes);
        let open = open.filter(|(at, node)| node.is_container() && node.next(*at) == next).count();
        let last = nodes.last().copied().unwrap_or(Node::NULL);
        let from = if last.is_container() { last.start() + 1 } else { last.end() } as usize;
        let bytes = self.document.text.as_bytes();
        let rest = bytes.get(from..).unwrap_or_default().iter();
        let brackets = rest.enumerate().filter(|(_, byte)| matches!(byte, b']' | b'}'));
        let close = brackets.map(|(at, _)| from + at + 1).nth(open.saturating_sub(1));
        close.unwrap_or(bytes.len())
    }

    /// The member of an object with this name; the last one, where there are several, as most
    /// readers of JSON have it.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        let mut members = self.members();
        let mut found = None;
        while let Some((key, value)) = members.next_node() {
            if is_named(self.document.text, key, name) {
                found = Some(value);
            }
        }
        found
    }

    /// The members with these names, found in one walk.
    #[must_use]
    pub fn get_all<const N: usize>(self, names: [&str; N]) -> [Option<Value<'d>>; N] {
        let mut members = self.members();
        let mut found = [None; N];
        while let Some((key, value)) = members.next_node() {
            for (name, slot) in names.iter().zip(&mut found) {
                if is_named(self.document.text, key, name) {
                    *slot = Some(value);
                    break;
                }
            }
        }
        found
    }

    /// The members of an object, in order; nothing of any other value.
    #[must_use]
    pub fn members(self) -> Members<'d> {
        let node = self.node();
        let end = if node.kind() == Kind::Object { node.next(self.node) } else { 0 };
        Members { document: self.document, at: self.node + 1, end }
    }

    /// The elements of an array, in order; nothing of any other value.
    #[must_use]
    pub fn items(self) -> Items<'d> {
        let node = self.node();
        let end = if node.kind() == Kind::Array { node.next(self.node) } else { 0 };
        Items { document: self.document, at: self.node + 1, end }
    }

    /// The line where it stands, from 1.
    #[must_use]
    pub fn line(self) -> u32 {
        self.document.line_at(self.node().start() as usize)
    }

    /// Its place, with the path that the caller walked: `$.components[3]`.
    pub fn at(self, path: &Path<'_>) -> Location {
        path.place(self.line(), &self.document.last_path)
    }

    /// The document that it stands in.
    #[must_use]
    pub fn document(self) -> &'d Json<'d> {
        self.document
    }
}

/// The members of an object.
#[derive(Debug, Clone)]
pub struct Members<'d> {
    document: &'d Json<'d>,
    at: u32,
    end: u32,
}

impl<'d> Members<'d> {
    /// The next member, its key not yet spelt out.
    #[inline]
    fn next_node(&mut self) -> Option<(Node, Value<'d>)> {
        if self.at >= self.end {
            return None;
        }
        let key = *self.document.nodes.get(self.at as usize)?;
        let value = Value::new(self.document, self.at + 1);
        self.at = value.next();
        Some((key, value))
    }
}

impl<'d> Iterator for Members<'d> {
    type Item = (Cow<'d, str>, Value<'d>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.next_node()?;
        Some((decoded(self.document.text, key), value))
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Items<'d> {
    document: &'d Json<'d>,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Items<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let value = Value::new(self.document, self.at);
        self.at = value.next();
        Some(value)
    }
}

/// Whether a key reads like this.
#[inline]
fn is_named(text: &str, key: Node, name: &str) -> bool {
    let (start, end) = (key.start() as usize, key.end() as usize);
    if key.is_escaped() {
        return decoded(text, key) == name;
    }
    end - start == name.len() && text.as_bytes().get(start..end) == Some(name.as_bytes())
}

#[inline]
fn decoded(text: &str, node: Node) -> Cow<'_, str> {
    let raw = text.get(node.start() as usize..node.end() as usize).unwrap_or_default();
    if node.is_escaped() { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
}

/// Resolves escapes that the parser has checked; half a surrogate pair becomes U+FFFD.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let (c, used) = unicode(after);
                out.push(c);
                rest = after.get(used..).unwrap_or_default();
                continue;
            }
            Some(c) => out.push(c),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// The character of `uXXXX` or `uXXXX\uXXXX`, and how many bytes it takes.
fn unicode(text: &str) -> (char, usize) {
    let unit = |from: usize| u32::from_str_radix(text.get(from..from + 4)?, 16).ok();
    let Some(first) = unit(1) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if (0xD800..0xDC00).contains(&first)
        && text.get(5..7) == Some("\\u")
        && let Some(second) = unit(7).filter(|unit| (0xDC00..0xE000).contains(unit))
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 5)
}
