//! Holds the table against a document, object by object.
//!
//! Refuses to know any name of the format but two: `bom-ref`, which must be distinct, and the
//! word `xmlns`, which declares and says nothing.

use std::collections::HashSet;

use domain::problem::{Code, Loss, Problem};

use crate::json::Kind;
use crate::sbom::cyclonedx::node::{Node, Place, Taker};
use crate::xml::Element;

use super::form::{Form, Miss, truth};
use super::table::{Demand, Field, List, Object, Rule, Shape, Table, XmlPlace};

/// What identifies an object within a document.
const REFERENCE: &str = "bom-ref";
/// Words of a list that are told to whoever broke it.
const WORDS_TOLD: usize = 16;

/// Holds the table against one document.
pub(super) struct Checker {
    taker: Taker,
    table: &'static Table,
    version: u8,
    references: HashSet<String>,
}

/// What was found of each field of an object.
struct Seen {
    counts: Vec<u32>,
    /// The names of the fields that are `true`.
    truths: Vec<&'static str>,
}

impl Seen {
    fn of(object: &Object) -> Self {
        Self { counts: vec![0; object.fields.len()], truths: Vec::new() }
    }

    /// Counts a field and says how often it was there before.
    fn count(&mut self, at: usize) -> u32 {
        self.counts.get_mut(at).map_or(0, |count| std::mem::replace(count, *count + 1))
    }

    fn has(&self, object: &Object, name: &str) -> bool {
        let mut fields = object.fields.iter().zip(&self.counts);
        fields.any(|(field, count)| *count > 0 && field.name == name)
    }
}

impl Checker {
    pub(super) fn new(version: u8) -> Self {
        let references = HashSet::new();
        Self { taker: Taker::default(), table: Table::get(), version, references }
    }

    pub(super) fn problems(self) -> Vec<Problem> {
        self.taker.problems.listed().to_vec()
    }

    pub(super) fn tell(
        &mut self,
        code: Code,
        node: Node<'_>,
        place: &Place<'_>,
        expected: impl Into<String>,
    ) {
        self.taker.tell((code, Loss::Nothing), node, place, expected);
    }

    /// Checks one object against the kind at this index of the table.
    pub(super) fn object(&mut self, node: Node<'_>, place: &Place<'_>, index: usize) {
        let Some(object) = self.table.objects.get(index) else { return };
        let seen = match node {
            Node::Json(value) if value.kind() == Kind::Object => self.members(node, place, object),
            Node::Element(element) => self.element(element, place, object),
            _ => return self.tell(Code::RecordWrongType, node, place, "an object"),
        };
        self.missing(node, place, object, &seen);
        for rule in &object.rules {
            self.rule(node, place, (object, rule), &seen);
        }
    }

    fn members(&mut self, node: Node<'_>, place: &Place<'_>, object: &'static Object) -> Seen {
        let mut seen = Seen::of(object);
        for (name, value) in node.fields() {
            let place = place.field(&name);
            match self.find(object, |field| field.place.json && field.name == name) {
                Some((at, field)) => {
                    seen.count(at);
                    self.field(field, value, &place, &mut seen);
                }
                None if object.closed.is_some_and(|versions| versions.hold(self.version)) => {
                    self.unknown(value, &place, object, |field| field.place.json);
                }
                None => {}
            }
        }
        seen
    }

    fn element(
        &mut self,
        element: Element<'_>,
        place: &Place<'_>,
        object: &'static Object,
    ) -> Seen {
        let mut seen = Seen::of(object);
        let node = Node::Element(element);
        for (name, _) in element.attributes().filter(|(name, _)| is_own(name)) {
            let (value, place) = (Node::Attribute(element, name), place.field(name));
            let is_attribute = |field: &Field| field.place.xml == Some(XmlPlace::Attribute);
            match self.find(object, |field| is_attribute(field) && field.name == name) {
                Some((at, field)) => {
                    seen.count(at);
                    self.field(field, value, &place, &mut seen);
                }
                None if object.loose.is_some_and(|versions| versions.hold(self.version)) => {}
                None => self.unknown(value, &place, object, is_attribute),
            }
        }
        match self.find(object, |field| field.place.xml == Some(XmlPlace::Body)) {
            Some((at, field)) => {
                seen.count(at);
                if let Shape::Value(_, form) = field.shape {
                    self.form(form, node, place);
                }
            }
            None => self.no_text(element, place),
        }
        self.children(element, place, object, &mut seen);
        seen
    }

    fn children(
        &mut self,
        element: Element<'_>,
        place: &Place<'_>,
        object: &'static Object,
        seen: &mut Seen,
    ) {
        let mut furthest = 0;
        for child in element.children().filter(|child| is_ours(*child, element)) {
            let (node, name) = (Node::Element(child), child.name());
            let place = place.field(name);
            let Some((at, field)) =
                self.find(object, |field| is_element(field) && field.name == name)
            else {
                self.unknown(node, &place, object, is_element);
                continue;
            };
            if seen.count(at) > 0 && field.place.xml == Some(XmlPlace::Element) {
                self.tell(Code::SbomSchema, node, &place, format!("`{name}` no more than once"));
            }
            let order = object.fields.iter().position(|other| other.name == name).unwrap_or(at);
            if object.ordered && order < furthest {
                self.tell(Code::SbomSchema, node, &place, format!("`{name}` further up"));
            }
            furthest = furthest.max(order);
            self.field(field, node, &place, seen);
        }
    }

    fn find(
        &self,
        object: &'static Object,
        wanted: impl Fn(&Field) -> bool,
    ) -> Option<(usize, &'static Field)> {
        let mut fields = object.fields.iter().enumerate();
        fields.find(|(_, field)| field.versions.hold(self.version) && wanted(field))
    }

    fn unknown(
        &mut self,
        node: Node<'_>,
        place: &Place<'_>,
        object: &'static Object,
        wanted: impl Fn(&Field) -> bool,
    ) {
        let version = self.version;
        let known = object.fields.iter().filter(|f| f.versions.hold(version) && wanted(f));
        let expected = match listed(known.map(|field| field.name)).as_str() {
            "" => format!("nothing of that name in CycloneDX 1.{version}"),
            names => format!("a field that CycloneDX 1.{version} has here: {names}"),
        };
        self.tell(Code::RecordUnknownField, node, place, expected);
    }

    fn missing(&mut self, node: Node<'_>, place: &Place<'_>, object: &'static Object, seen: &Seen) {
        let json = matches!(node, Node::Json(_));
        for (field, count) in object.fields.iter().zip(&seen.counts) {
            let stands = if json { field.place.json } else { field.place.xml.is_some() };
            let side = if json { field.required_in.json() } else { field.required_in.xml() };
            if stands && side && *count == 0 && field.versions.hold(self.version) {
                let expected = format!("the field `{}`", field.name);
                self.tell(Code::RecordMissingField, node, place, expected);
            }
        }
    }

    fn rule(
        &mut self,
        node: Node<'_>,
        place: &Place<'_>,
        (object, rule): (&'static Object, &'static Rule),
        seen: &Seen,
    ) {
        let json = matches!(node, Node::Json(_));
        let holds_here = if json { rule.sides.json() } else { rule.sides.xml() };
        if !holds_here || !rule.versions.hold(self.version) {
            return;
        }
        let present = rule.names.iter().filter(|name| seen.has(object, name)).count();
        let names = listed(rule.names.iter().copied());
        let (broken, expected) = match rule.demand {
            Demand::ExactlyOne => (present != 1, format!("exactly one of {names}")),
            Demand::AtMostOne => (present > 1, format!("no more than one of {names}")),
            Demand::AtLeastOne => (present == 0, format!("at least one of {names}")),
            Demand::SecondTrue => {
                let [first, second] = rule.names.as_slice() else { return };
                let broken = seen.has(object, first) && !seen.truths.contains(second);
                (broken, format!("`{second}` to be true where there is `{first}`"))
            }
        };
        if broken {
            let absent = present == 0;
            let code = if absent { Code::RecordMissingField } else { Code::SbomSchema };
            self.tell(code, node, place, expected);
        }
    }

    fn field(&mut self, field: &'static Field, node: Node<'_>, place: &Place<'_>, seen: &mut Seen) {
        if truth(node) == Some(true) {
            seen.truths.push(field.name);
        }
        let is_item = field.place.xml == Some(XmlPlace::Items) && matches!(node, Node::Element(_));
        match &field.shape {
            Shape::List(list) if is_item => self.item(list, node, place),
            shape => self.shape(shape, node, place),
        }
        let is_name = field.name == REFERENCE && matches!(node, Node::Attribute(..));
        if let Some(text) = node.text().filter(|_| is_name)
            && !self.references.insert(text.into_owned())
        {
            let expected = "a `bom-ref` that nothing else in the document has";
            self.tell(Code::RecordDuplicate, node, place, expected);
        }
    }

    fn shape(&mut self, shape: &'static Shape, node: Node<'_>, place: &Place<'_>) {
        match (shape, node) {
            (Shape::Object(index), _) => self.object(node, place, *index),
            (Shape::Value(form, _), Node::Json(_)) => self.form(*form, node, place),
            (Shape::Value(_, form), _) => self.single(*form, node, place),
            (Shape::List(list), Node::Element(element)) => self.wrapper(list, element, place),
            (Shape::List(list), _) => self.array(list, node, place),
            (Shape::Either(shapes), Node::Json(_)) => self.either(shapes, node, place),
            (Shape::Either(shapes), _) => {
                if let Some(last) = shapes.last() {
                    self.shape(last, node, place);
                }
            }
        }
    }

    /// The only shape that fits the type is told in full; of several, the one that fits best.
    fn either(&mut self, shapes: &'static [Shape], node: Node<'_>, place: &Place<'_>) {
        let fits = |shape: &&Shape| match shape {
            Shape::Object(_) => node.is_record(),
            Shape::List(_) => node.is_list(),
            _ => !node.is_record() && !node.is_list(),
        };
        let fitting: Vec<&'static Shape> = shapes.iter().filter(fits).collect();
        let version = self.version;
        let problems = |shape: &&'static Shape| {
            let mut trial = Self::new(version);
            trial.shape(shape, node, place);
            trial.taker.problems.told()
        };
        let best = match fitting.as_slice() {
            [] => shapes.first(),
            [only] => Some(*only),
            several => several.iter().copied().min_by_key(problems),
        };
        if let Some(best) = best {
            self.shape(best, node, place);
        }
    }

    fn array(&mut self, list: &'static List, node: Node<'_>, place: &Place<'_>) {
        if !node.is_list() {
            return self.tell(Code::RecordWrongType, node, place, "an array");
        }
        let items: Vec<_> = node.items(list.item).collect();
        if list.filled && items.is_empty() {
            self.tell(Code::SbomSchema, node, place, "at least one element");
        }
        let has_alone = |value: &crate::json::Value<'_>| {
            list.alone.is_some_and(|name| value.get(name).is_some())
        };
        let is_alone = |item: &Node<'_>| matches!(item, Node::Json(value) if has_alone(value));
        if let Some(item) = items.iter().find(|item| items.len() > 1 && is_alone(item)) {
            let expected = format!("`{}` alone in the array", list.alone.unwrap_or_default());
            self.tell(Code::SbomSchema, *item, place, expected);
        }
        if list.distinct {
            self.distinct(&items, place);
        }
        for (i, item) in items.into_iter().enumerate() {
            self.shape(&list.shape, item, &place.item(list.item, i));
        }
    }

    /// Tells elements that are written alike; the order of members is taken as a difference.
    fn distinct(&mut self, items: &[Node<'_>], place: &Place<'_>) {
        let written = |node: &Node<'_>| match node {
            Node::Json(value) => (value.raw().to_owned(), value.kind()),
            _ => (String::new(), Kind::Null),
        };
        let mut known = HashSet::new();
        for (i, item) in items.iter().enumerate() {
            let (text, kind) = written(item);
            if !known.insert((text, kind as u8)) {
                let expected = "each element once";
                self.tell(Code::RecordDuplicate, *item, &place.item("", i), expected);
            }
        }
    }

    /// The element of XML around the elements of a list.
    fn wrapper(&mut self, list: &'static List, element: Element<'_>, place: &Place<'_>) {
        self.no_text(element, place);
        let children = element.children().filter(|child| is_ours(*child, element));
        for (i, child) in children.enumerate() {
            let node = Node::Element(child);
            let place = place.item(list.item, i);
            if child.name() == list.item {
                self.item(list, node, &place);
            } else {
                let expected = format!("only elements `{}`", list.item);
                self.tell(Code::RecordUnknownField, node, &place, expected);
            }
        }
    }

    /// One element of a list, in XML.
    fn item(&mut self, list: &'static List, node: Node<'_>, place: &Place<'_>) {
        let (Some(name), Node::Element(element)) = (list.attribute, node) else {
            return self.shape(&list.shape, node, place);
        };
        if element.attribute(name).is_some() {
            self.shape(&list.shape, Node::Attribute(element, name), &place.field(name));
        } else {
            self.tell(Code::RecordMissingField, node, place, format!("the attribute `{name}`"));
        }
    }

    /// A single value of XML.
    fn single(&mut self, form: Form, node: Node<'_>, place: &Place<'_>) {
        if let Node::Element(element) = node {
            if form == Form::Any {
                return;
            }
            self.no_attributes(element, place);
            if element.children().any(|child| is_ours(child, element)) {
                return self.tell(Code::RecordWrongType, node, place, "text, and no elements");
            }
        }
        self.form(form, node, place);
    }

    fn form(&mut self, form: Form, node: Node<'_>, place: &Place<'_>) {
        let words = self.table.words(form, self.version);
        let (code, expected) = match (form.check(node, &words), form) {
            (Ok(()), _) => return,
            (Err(_), Form::Words(_)) => {
                (Code::RecordUnknownValue, format!("one of {}", listed(words.into_iter())))
            }
            (Err(Miss::Content), Form::Licence) => (Code::RecordUnknownValue, form.in_words()),
            (Err(Miss::Content), _) => (Code::SbomSchema, form.in_words()),
            (Err(Miss::Type), _) => (Code::RecordWrongType, form.in_words()),
        };
        self.tell(code, node, place, expected);
    }

    fn no_attributes(&mut self, element: Element<'_>, place: &Place<'_>) {
        for (name, _) in element.attributes().filter(|(name, _)| is_own(name)) {
            let node = Node::Attribute(element, name);
            self.tell(Code::RecordUnknownField, node, &place.field(name), "no attribute here");
        }
    }

    fn no_text(&mut self, element: Element<'_>, place: &Place<'_>) {
        if !element.text().trim().is_empty() {
            self.tell(Code::SbomSchema, Node::Element(element), place, "elements, and no text");
        }
    }
}

fn is_element(field: &Field) -> bool {
    use XmlPlace::{Element, Elements, Items};
    matches!(field.place.xml, Some(Element | Elements | Items))
}

/// Whether an attribute is of the format: those with a prefix are extensions or declarations.
fn is_own(name: &str) -> bool {
    name != "xmlns" && !name.contains(':')
}

/// Whether an element is of the format, or of no namespace, where none may stand.
fn is_ours(child: Element<'_>, parent: Element<'_>) -> bool {
    child.shares_namespace(parent) || child.namespace().is_empty()
}

/// Names in a row, the first of them.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.len() > WORDS_TOLD {
        names.truncate(WORDS_TOLD);
        names.push("…".to_owned());
    }
    names.join(", ")
}
