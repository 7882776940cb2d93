//! From the tokens of `quick-xml` to nodes.

use std::collections::HashMap;

use domain::bounded::{DOCUMENT_BYTES, NESTING};
use domain::problem::{Code, Loss};
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::Event;

use super::element::{Attributes, split_name};
use super::references::reference;
use super::{Damage, Kind, Node};

/// Most namespace declarations in force at one place; more are not looked at, so that their number
/// times the number of elements stays small.
const DECLARATIONS: usize = 256;

/// The level of the elements that are records, from 1: `/bom/components/component`.
const RECORD_LEVEL: usize = 3;

pub(super) struct Parsed<'t> {
    pub(super) nodes: Vec<Node>,
    pub(super) namespaces: Vec<&'t str>,
    pub(super) damage: Option<Damage>,
}

struct Parser<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    /// Indices of the elements that are open, outermost first.
    open: Vec<u32>,
    namespaces: Vec<&'t str>,
    numbers: HashMap<&'t str, u32>,
    /// Prefix, namespace, and how many elements were open outside the declaration.
    declared: Vec<(&'t str, u32, usize)>,
    /// The first thing that was odd but could be read over.
    odd: Option<Damage>,
}

type Step = Result<(), (Code, &'static str)>;

pub(super) fn parse(text: &str) -> Parsed<'_> {
    let mut parser = Parser {
        text,
        nodes: Vec::new(),
        open: Vec::new(),
        namespaces: vec![""],
        numbers: HashMap::from([("", 0)]),
        declared: Vec::new(),
        odd: None,
    };
    let damage = parser.document();
    if damage.is_some() {
        parser.close_all();
    }
    if damage.as_ref().is_some_and(|damage| damage.code == Code::InputDeclaresEntities) {
        parser.nodes.clear();
    }
    parser.nodes.shrink_to_fit();
    let damage = damage.or(parser.odd);
    Parsed { nodes: parser.nodes, namespaces: parser.namespaces, damage }
}

fn index(value: usize) -> u32 {
    u32::try_from(value)
        .expect("invariant: the text is under 4 GiB, and each node takes a byte of it")
}

fn place(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

impl<'t> Parser<'t> {
    fn document(&mut self) -> Option<Damage> {
        let lost = |(code, expected), offset| {
            Some(Damage { code, offset, expected, loss: Loss::Document })
        };
        if self.text.len() as u64 > DOCUMENT_BYTES {
            return lost((Code::InputTooLarge, "at most 1 GiB"), 0);
        }
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().allow_dangling_amp = true;
        loop {
            let start = place(reader.buffer_position());
            let event = match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(event) => event,
                Err(error) => {
                    let offset = place(reader.error_position()).max(start).min(self.text.len());
                    return lost(reason(&error), offset);
                }
            };
            let end = place(reader.buffer_position());
            if let Err(reason) = self.event(&event, start, end) {
                return lost(reason, start);
            }
        }
        if !self.open.is_empty() {
            return lost((Code::InputTruncated, "more of the document"), self.text.len());
        }
        if self.nodes.is_empty() {
            return lost((Code::InputTruncated, "an element"), self.text.len());
        }
        None
    }

    fn event(&mut self, event: &Event<'_>, start: usize, end: usize) -> Step {
        match event {
            Event::Start(_) => self.element(start + 1, end - 1),
            Event::Empty(_) => {
                self.element(start + 1, end - 2)?;
                self.close();
                Ok(())
            }
            Event::End(_) => {
                self.close();
                Ok(())
            }
            Event::Text(_) => self.text(start, end),
            Event::CData(_) => {
                self.piece(Kind::CData, start + "<![CDATA[".len(), end - "]]>".len())
            }
            Event::GeneralRef(_) => {
                let name = self.text.get(start + 1..end).unwrap_or_default();
                if reference(name).is_none() {
                    self.odd(start, "a predefined or numeric reference");
                }
                self.piece(Kind::Reference, start, end)
            }
            Event::DocType(_) => {
                Err((Code::InputDeclaresEntities, "a document without a document type"))
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn odd(&mut self, offset: usize, expected: &'static str) {
        let damage = Damage { code: Code::InputSyntax, offset, expected, loss: Loss::Nothing };
        self.odd.get_or_insert(damage);
    }

    fn element(&mut self, start: usize, end: usize) -> Step {
        if self.open.is_empty() && !self.nodes.is_empty() {
            return Err((Code::InputSyntax, "the end of the document"));
        }
        if self.open.len() >= NESTING {
            return Err((Code::InputTooDeep, "at most 512 levels of nesting"));
        }
        let tag = self.text.get(start..end).unwrap_or_default();
        let (name, rest) = split_name(tag);
        let attributes = Attributes { rest };
        if !attributes.clone().are_well_formed() {
            return Err((Code::InputSyntax, "attributes with their values in quotes"));
        }
        for (key, value) in attributes.filter(|(key, _)| key.starts_with("xmlns")) {
            self.declare(key, value);
        }
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        let declared = self.declared.iter().rev().find(|(declared, ..)| *declared == prefix);
        let namespace = declared.map_or(0, |(_, namespace, _)| *namespace);
        let (start, end) = (index(start), index(end));
        self.open.push(index(self.nodes.len()));
        self.nodes.push(Node { kind: Kind::Element, start, end, next: 0, namespace });
        Ok(())
    }

    /// A namespace declaration (Namespaces in XML 1.0, section 3).
    fn declare(&mut self, key: &'t str, uri: &'t str) {
        let prefix = if key == "xmlns" { Some("") } else { key.strip_prefix("xmlns:") };
        let Some(prefix) = prefix.filter(|_| self.declared.len() < DECLARATIONS) else { return };
        let uri = uri.trim();
        let number = *self.numbers.entry(uri).or_insert_with(|| {
            self.namespaces.push(uri);
            index(self.namespaces.len() - 1)
        });
        self.declared.push((prefix, number, self.open.len()));
    }

    fn close(&mut self) {
        let next = index(self.nodes.len());
        if let Some(open) = self.open.pop()
            && let Some(node) = self.nodes.get_mut(open as usize)
        {
            node.next = next;
        }
        while self.declared.last().is_some_and(|(.., level)| *level >= self.open.len()) {
            self.declared.pop();
        }
    }

    /// White space between elements is left out, but not that between two pieces of a text.
    fn text(&mut self, start: usize, end: usize) -> Step {
        let text = self.text.get(start..end).unwrap_or_default();
        let goes_on =
            matches!(self.nodes.last(), Some(Node { kind: Kind::Reference | Kind::CData, .. }));
        let is_blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
        if is_blank && (!goes_on || self.open.is_empty()) {
            return Ok(());
        }
        if memchr::memchr(b'&', text.as_bytes()).is_some() {
            self.odd(start, "`&amp;` for a bare `&`");
        }
        self.piece(Kind::Text, start, end)
    }

    fn piece(&mut self, kind: Kind, start: usize, end: usize) -> Step {
        if self.open.is_empty() {
            return Err((Code::InputSyntax, "an element"));
        }
        let next = index(self.nodes.len() + 1);
        let (start, end) = (index(start), index(end));
        self.nodes.push(Node { kind, start, end, next, namespace: 0 });
        Ok(())
    }

    /// Closes what is open after damage; the record that is unfinished goes.
    fn close_all(&mut self) {
        if let Some(record) = self.open.get(RECORD_LEVEL - 1) {
            self.nodes.truncate(*record as usize);
            self.open.truncate(RECORD_LEVEL - 1);
        }
        while !self.open.is_empty() {
            self.close();
        }
    }
}

fn reason(error: &Error) -> (Code, &'static str) {
    match error {
        Error::Syntax(SyntaxError::UnclosedDoctype) => {
            (Code::InputDeclaresEntities, "a document without a document type")
        }
        Error::Syntax(SyntaxError::InvalidBangMarkup) => (Code::InputSyntax, "known markup"),
        Error::Syntax(_) => (Code::InputTruncated, "the rest of the markup"),
        Error::IllFormed(_) => (Code::InputSyntax, "an end tag that fits its start tag"),
        _ => (Code::InputSyntax, "well-formed XML"),
    }
}
