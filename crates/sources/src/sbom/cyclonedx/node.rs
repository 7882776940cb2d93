//! One view of both syntaxes: what JSON writes as a member, XML writes as an attribute or an
//! element; what JSON writes as an array, XML wraps into an element of repeated elements.
//!
//! Refuses to know the names: the walkers ask for them.

use std::borrow::Cow;
use std::fmt::Write;

use domain::bounded::room;
use domain::cpe::Cpe;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};
use domain::purl::Purl;
use domain::text::Text;

use crate::json::{Items, Json, Kind, Members, Value};
use crate::places::LastPath;
use crate::xml::{Attributes, Children, Element, Xml};

/// A value of JSON, an element, or an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'d> {
    Json(Value<'d>),
    Element(Element<'d>),
    /// An attribute of an element, by its name.
    Attribute(Element<'d>, &'d str),
}

impl<'d> Node<'d> {
    pub(super) fn json(json: &'d Json<'d>) -> Self {
        Self::Json(json.root())
    }

    pub(super) fn xml(xml: &'d Xml<'d>) -> Self {
        Self::Element(xml.root())
    }

    /// What has a name in it: members, or attributes and then elements. Elements of another
    /// namespace are extensions, and left out.
    pub(super) fn fields(self) -> Fields<'d> {
        match self {
            Self::Json(value) => Fields::Json(value.members()),
            Self::Element(element) => {
                Fields::Xml { element, attributes: element.attributes(), rest: element.children() }
            }
            Self::Attribute(..) => Fields::None,
        }
    }

    /// The elements of a list, of which XML calls each `name`.
    pub(super) fn items(self, name: &'static str) -> List<'d> {
        match self {
            Self::Json(value) => List::Json(value.items()),
            Self::Element(element) => List::Xml { element, rest: element.children(), name },
            Self::Attribute(..) => List::None,
        }
    }

    /// A string, or the text of an element or attribute.
    pub(super) fn text(self) -> Option<Cow<'d, str>> {
        match self {
            Self::Json(value) => value.as_str(),
            Self::Element(element) => Some(element.text()),
            Self::Attribute(element, name) => element.attribute(name),
        }
    }

    /// What an element says outside its attributes; nothing of JSON, which has a member for it.
    pub(super) fn body(self) -> Option<Node<'d>> {
        matches!(self, Self::Element(_)).then_some(self)
    }

    /// A number, as JSON or in words.
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Json(value) => value.as_f64(),
            _ => self.text()?.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        }
    }

    fn boolean(self) -> Option<bool> {
        match self {
            Self::Json(value) => value.as_bool(),
            // XML Schema, part 2, section 3.2.2.
            _ => match self.text()?.trim() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
        }
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self, Self::Json(value) if value.is_null())
    }

    /// Whether it can hold a list.
    pub(super) fn is_list(self) -> bool {
        match self {
            Self::Json(value) => value.kind() == Kind::Array,
            Self::Element(_) => true,
            Self::Attribute(..) => false,
        }
    }

    /// Whether it can hold fields.
    pub(super) fn is_record(self) -> bool {
        match self {
            Self::Json(value) => value.kind() == Kind::Object,
            Self::Element(_) => true,
            Self::Attribute(..) => false,
        }
    }

    pub(super) fn at(self, place: &Place<'_>) -> Location {
        match self {
            Self::Json(value) => {
                place.location(Syntax::Json, value.line(), value.document().last_path())
            }
            Self::Element(element) | Self::Attribute(element, _) => {
                place.location(Syntax::Xml, element.line(), element.document().last_path())
            }
        }
    }

    /// How long the document is that it stands in, in bytes.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Json(value) => value.document().bytes(),
            Self::Element(element) | Self::Attribute(element, _) => element.document_bytes(),
        }
    }

    fn shown(self) -> Cow<'d, str> {
        match self {
            Self::Json(value) if self.is_list() || self.is_record() => value.kind().text().into(),
            Self::Json(value) => value.as_str().unwrap_or(Cow::Borrowed(value.raw())),
            _ => self.text().unwrap_or_default(),
        }
    }
}

/// The fields of a node.
pub(super) enum Fields<'d> {
    Json(Members<'d>),
    Xml { element: Element<'d>, attributes: Attributes<'d>, rest: Children<'d> },
    None,
}

impl<'d> Iterator for Fields<'d> {
    type Item = (Cow<'d, str>, Node<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Json(members) => members.next().map(|(key, value)| (key, Node::Json(value))),
            Self::Xml { element, attributes, rest } => {
                if let Some((name, _)) = attributes.next() {
                    return Some((Cow::Borrowed(name), Node::Attribute(*element, name)));
                }
                let child = rest.find(|child| child.shares_namespace(*element))?;
                Some((Cow::Borrowed(child.name()), Node::Element(child)))
            }
            Self::None => None,
        }
    }
}

/// The elements of a list.
pub(super) enum List<'d> {
    Json(Items<'d>),
    Xml { element: Element<'d>, rest: Children<'d>, name: &'static str },
    None,
}

impl List<'_> {
    /// How many elements are left, so that what keeps them need not guess.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.clone().count(),
            Self::Xml { element, rest, name } => {
                List::Xml { element: *element, rest: rest.clone(), name }.count()
            }
            Self::None => 0,
        }
    }
}

impl<'d> Iterator for List<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Json(items) => items.next().map(Node::Json),
            Self::Xml { element, rest, name } => rest
                .find(|child| child.name() == *name && child.shares_namespace(*element))
                .map(Node::Element),
            Self::None => None,
        }
    }
}

/// Steps of a path that are spelt out: real documents nest less.
const STEPS: usize = 24;

/// The way to a node, kept on the stack and spelt out only when needed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    name: &'p str,
    index: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Json,
    Xml,
}

impl Syntax {
    fn root(self) -> &'static str {
        match self {
            Self::Json => "$",
            Self::Xml => "/bom",
        }
    }
}

impl<'p> Place<'p> {
    pub(super) const ROOT: Place<'static> = Place { parent: None, name: "", index: usize::MAX };

    /// A field.
    pub(super) fn field(&'p self, name: &'p str) -> Place<'p> {
        Place { parent: Some(self), name, index: usize::MAX }
    }

    /// An element of a list, from 0, and what XML calls it.
    pub(super) fn item(&'p self, name: &'static str, index: usize) -> Place<'p> {
        Place { parent: Some(self), name, index }
    }

    /// The place of a node that stands here.
    fn location(&self, syntax: Syntax, line: u32, last: &LastPath) -> Location {
        let shared =
            |place: &Self| last.shared(|text| place.is(syntax, text), || place.spelt(syntax));
        let (list, number) = match (self.parent, syntax) {
            (Some(parent), Syntax::Json) => (*parent, self.index),
            // XML has no list apart from what its elements are called, and counts from 1.
            (_, _) => (Place { index: usize::MAX, ..*self }, self.index.saturating_add(1)),
        };
        match u32::try_from(number) {
            Ok(number) if self.index != usize::MAX => {
                Location::element(line, &shared(&list), number)
            }
            _ => Location::shared(line, shared(self)),
        }
    }

    /// Whether it reads like this, told without spelling it out, from the end.
    fn is(&self, syntax: Syntax, text: &str) -> bool {
        let (mut at, mut rest) = (self, Some(text));
        while let (Some(parent), Some(text)) = (at.parent, rest) {
            rest = at.strip(syntax, text);
            at = parent;
        }
        rest == Some(syntax.root())
    }

    /// What stands before its last step in a text that ends with it.
    fn strip<'t>(&self, syntax: Syntax, text: &'t str) -> Option<&'t str> {
        let number = match syntax {
            _ if self.index == usize::MAX => None,
            Syntax::Json => Some(self.index),
            Syntax::Xml => Some(self.index + 1),
        };
        let rest = match number {
            Some(number) => {
                let (rest, digits) = text.strip_suffix(']')?.rsplit_once('[')?;
                (digits.parse() == Ok(number)).then_some(rest)?
            }
            None => text,
        };
        match syntax {
            Syntax::Json if number.is_some() => Some(rest),
            Syntax::Json => rest.strip_suffix(self.name)?.strip_suffix('.'),
            Syntax::Xml => rest.strip_suffix(self.name)?.strip_suffix('/'),
        }
    }

    /// The last [`STEPS`] steps, so that a path stays short however deep a document nests.
    fn spelt(&self, syntax: Syntax) -> String {
        let mut steps = Vec::new();
        let mut at = self;
        while let Some(parent) = at.parent.filter(|_| steps.len() < STEPS) {
            steps.push(at);
            at = parent;
        }
        let mut out = String::from(syntax.root());
        if at.parent.is_some() {
            out.push('…');
        }
        for step in steps.iter().rev() {
            let _ = match (syntax, step.index) {
                (Syntax::Json, usize::MAX) => write!(out, ".{}", step.name),
                (Syntax::Json, index) => write!(out, "[{index}]"),
                (Syntax::Xml, usize::MAX) => write!(out, "/{}", step.name),
                (Syntax::Xml, index) => write!(out, "/{}[{}]", step.name, index + 1),
            };
        }
        out
    }
}

/// Collects the problems of one document while its fields are taken. `null` is "not there".
#[derive(Debug, Default)]
pub(super) struct Taker {
    pub(super) problems: Problems,
}

impl Taker {
    pub(super) fn tell(
        &mut self,
        (code, loss): (Code, Loss),
        node: Node<'_>,
        place: &Place<'_>,
        expected: impl Into<String>,
    ) {
        let problem = Problem::new(code, node.at(place), loss).expected(expected);
        self.problems.tell(problem.found(&node.shown()));
    }

    fn checked<T>(
        &mut self,
        taken: Option<T>,
        node: Node<'_>,
        place: &Place<'_>,
        expected: &str,
    ) -> Option<T> {
        if taken.is_none() && !node.is_null() {
            self.tell((Code::RecordWrongType, Loss::Field), node, place, expected);
        }
        taken
    }

    /// A text with something in it besides white space, trimmed.
    pub(super) fn filled<'d>(&mut self, node: Node<'d>, place: &Place<'_>) -> Option<Cow<'d, str>> {
        let text = self.checked(node.text(), node, place, "a string")?;
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The same, as facts keep it.
    pub(super) fn string(&mut self, node: Node<'_>, place: &Place<'_>) -> Option<Text> {
        self.filled(node, place).map(Text::from)
    }

    pub(super) fn number(&mut self, node: Node<'_>, place: &Place<'_>) -> Option<f64> {
        self.checked(node.number(), node, place, "a number")
    }

    pub(super) fn boolean(&mut self, node: Node<'_>, place: &Place<'_>) -> Option<bool> {
        self.checked(node.boolean(), node, place, "true or false")
    }

    /// The elements of a list, of which XML calls each `name`.
    pub(super) fn items<'d>(
        &mut self,
        node: Node<'d>,
        place: &Place<'_>,
        name: &'static str,
    ) -> List<'d> {
        self.checked(node.is_list().then_some(()), node, place, "an array");
        node.items(name)
    }

    pub(super) fn fields<'d>(&mut self, node: Node<'d>, place: &Place<'_>) -> Fields<'d> {
        self.checked(node.is_record().then_some(()), node, place, "an object");
        node.fields()
    }

    /// Whether a record can be read at all; one that cannot is told as lost.
    pub(super) fn is_record(&mut self, node: Node<'_>, place: &Place<'_>) -> bool {
        if !node.is_record() {
            let lost = (Code::RecordWrongType, Loss::Record);
            self.tell(lost, node, place, "an object");
        }
        node.is_record()
    }

    /// The strings of a list.
    pub(super) fn strings(
        &mut self,
        node: Node<'_>,
        place: &Place<'_>,
        name: &'static str,
    ) -> Vec<Text> {
        let items = self.items(node, place, name);
        let mut strings = Vec::with_capacity(room(items.len()));
        let found = items.enumerate();
        strings.extend(found.filter_map(|(i, item)| self.string(item, &place.item(name, i))));
        strings
    }

    /// The `name` of a person or an organisation.
    pub(super) fn name(&mut self, node: Node<'_>, place: &Place<'_>) -> Option<Text> {
        let mut name = None;
        for (key, value) in self.fields(node, place) {
            if key == "name" {
                name = self.string(value, &place.field("name"));
            }
        }
        name
    }

    /// The names of a list of people or organisations.
    pub(super) fn names(
        &mut self,
        node: Node<'_>,
        place: &Place<'_>,
        name: &'static str,
    ) -> Vec<Text> {
        let items = self.items(node, place, name).enumerate();
        items.filter_map(|(i, item)| self.name(item, &place.item(name, i))).collect()
    }

    /// A package URL (ECMA-427).
    pub(super) fn purl(&mut self, node: Node<'_>, place: &Place<'_>) -> Option<Purl> {
        let text = self.filled(node, place)?;
        let tell = |error| {
            let lost = (Code::IdentifierBadPurl, Loss::Field);
            self.tell(lost, node, place, format!("a package URL ({error})"));
        };
        Purl::parse(&text).map_err(tell).ok()
    }

    /// A CPE name (NISTIR 7695).
    pub(super) fn cpe(&mut self, node: Node<'_>, place: &Place<'_>) -> Option<Cpe> {
        let text = self.filled(node, place)?;
        let tell = |error| {
            let lost = (Code::IdentifierBadCpe, Loss::Field);
            self.tell(lost, node, place, format!("a CPE name ({error})"));
        };
        Cpe::parse(&text).map_err(tell).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{LastPath, Place, Syntax};

    #[test]
    fn a_place_reads_like_its_path_whatever_was_placed_before() {
        let root = Place::ROOT;
        let components = root.field("components");
        let (first, second) = (components.item("component", 0), components.item("component", 11));
        let nested = second.field("components");
        let (inner, hash) = (nested.item("component", 0), second.field("hashes"));
        let places = [&first, &second, &inner, &nested, &hash, &first, &root, &components, &root];
        for syntax in [Syntax::Json, Syntax::Xml] {
            let last = LastPath::default();
            for place in places {
                assert_eq!(place.location(syntax, 7, &last).path(), place.spelt(syntax));
            }
        }
    }
}
