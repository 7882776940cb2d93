//! The facts of the specification, read from `check/objects.txt` and `check/words.txt`.
//!
//! The notation is told at the head of `objects.txt`. Refuses to hold a rule for one syntax only
//! in code: each field says for itself where it stands in JSON and where in XML.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::form::{Bounds, Form};

/// Everything that is known of the format.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) objects: Vec<Object>,
    words: Vec<Vec<(Versions, &'static str)>>,
    /// Names that the notation uses and never explains; a test holds it empty.
    #[cfg_attr(not(test), expect(dead_code, reason = "asked for by a test of the notation"))]
    pub(super) unknown: Vec<String>,
}

/// Minor versions of CycloneDX 1, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Versions {
    first: u8,
    last: u8,
}

impl Versions {
    const ALL: Self = Self { first: 2, last: 7 };

    pub(super) fn hold(self, version: u8) -> bool {
        (self.first..=self.last).contains(&version)
    }

    /// `5`, `5-6`, `5-` or `-4`.
    fn read(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str, other: u8| {
            if text.is_empty() { Some(other) } else { text.parse().ok() }
        };
        Some(Self { first: number(first, 2)?, last: number(last, 7)? })
    }
}

/// One kind of object.
#[derive(Debug, Default)]
pub(super) struct Object {
    /// The versions whose JSON has no other members than these; XML never has.
    pub(super) closed: Option<Versions>,
    /// Whether the elements of XML stand in the order of the fields.
    pub(super) ordered: bool,
    /// The versions whose XML allows any attribute.
    pub(super) loose: Option<Versions>,
    pub(super) fields: Vec<Field>,
    pub(super) rules: Vec<Rule>,
}

/// A field of an object in some versions.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) required_in: Sides,
    pub(super) versions: Versions,
    pub(super) shape: Shape,
}

/// In which syntaxes something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    Neither,
    Json,
    Xml,
    Both,
}

impl Sides {
    pub(super) fn json(self) -> bool {
        matches!(self, Self::Json | Self::Both)
    }

    pub(super) fn xml(self) -> bool {
        matches!(self, Self::Xml | Self::Both)
    }
}

/// Where a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) json: bool,
    pub(super) xml: Option<XmlPlace>,
}

/// Where a field stands in XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum XmlPlace {
    Attribute,
    /// The text of the element itself.
    Body,
    /// One element; of a list, the one around its elements.
    Element,
    /// Such elements, any number of them.
    Elements,
    /// The elements of a list, with nothing around them.
    Items,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Shape {
    Object(usize),
    /// A single value, in JSON and in XML.
    Value(Form, Form),
    List(Box<List>),
    /// One of these by the type it has in JSON; XML writes the last.
    Either(Vec<Shape>),
}

/// An array in JSON.
#[derive(Debug)]
pub(super) struct List {
    pub(super) distinct: bool,
    pub(super) filled: bool,
    /// The member of an object that must be the only element.
    pub(super) alone: Option<&'static str>,
    /// What XML calls each element.
    pub(super) item: &'static str,
    /// The attribute in which XML has the value.
    pub(super) attribute: Option<&'static str>,
    pub(super) shape: Shape,
}

/// What holds between fields.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) demand: Demand,
    pub(super) sides: Sides,
    pub(super) versions: Versions,
    pub(super) names: Vec<&'static str>,
}

/// What a rule demands of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    ExactlyOne,
    AtMostOne,
    AtLeastOne,
    /// With the first, the second must be true.
    SecondTrue,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::read(include_str!("objects.txt"), include_str!("words.txt")));

impl Table {
    pub(super) fn get() -> &'static Self {
        &TABLE
    }

    /// The words of a list at a version.
    pub(super) fn words(&self, form: Form, version: u8) -> Vec<&'static str> {
        let Form::Words(index) = form else { return Vec::new() };
        let all = self.words.get(index).into_iter().flatten();
        all.filter(|(versions, _)| versions.hold(version)).map(|(_, word)| *word).collect()
    }

    fn read(objects: &'static str, words: &'static str) -> Self {
        let headings = |text: &'static str| {
            text.lines()
                .filter(|line| !line.starts_with([' ', '#']))
                .filter_map(|line| line.split(' ').next().filter(|name| !name.is_empty()))
        };
        let indexed = |text| headings(text).enumerate().map(|(i, name)| (name, i)).collect();
        let mut reader =
            Reader { objects: indexed(objects), words: indexed(words), unknown: Vec::new() };
        let words = read_words(words);
        let objects = reader.objects(objects);
        Self { objects, words, unknown: reader.unknown }
    }
}

fn read_words(text: &'static str) -> Vec<Vec<(Versions, &'static str)>> {
    let mut lists = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if !line.starts_with(' ') {
            lists.push(Vec::new());
            continue;
        }
        let mut parts = line.split_whitespace();
        let versions = parts.next().and_then(|text| Versions::read(text.trim_start_matches(':')));
        if let (Some(list), Some(versions)) = (lists.last_mut(), versions) {
            list.extend(parts.map(|word| (versions, word)));
        }
    }
    lists
}

/// Reads the notation.
struct Reader {
    objects: HashMap<&'static str, usize>,
    words: HashMap<&'static str, usize>,
    unknown: Vec<String>,
}

impl Reader {
    fn objects(&mut self, text: &'static str) -> Vec<Object> {
        let mut objects: Vec<Object> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if !line.starts_with(' ') {
                objects.push(heading(line));
                continue;
            }
            let Some(object) = objects.last_mut() else { continue };
            let mut parts = line.split_whitespace().collect::<Vec<_>>().into_iter();
            let first = parts.next().unwrap_or_default();
            let rest = parts.as_slice();
            match (demand(first), rest) {
                (Some(demand), [sides, versions, names @ ..]) => object.rules.push(Rule {
                    demand,
                    sides: self::sides(sides),
                    versions: ranged(versions),
                    names: names.to_vec(),
                }),
                (None, [name, versions, shape]) => {
                    let field = self.field(first, name, ranged(versions), shape);
                    object.fields.push(field);
                }
                (None, [name, shape]) => {
                    let field = self.field(first, name, Versions::ALL, shape);
                    object.fields.push(field);
                }
                _ => self.unknown.push(line.to_owned()),
            }
        }
        objects
    }

    fn field(
        &mut self,
        place: &str,
        name: &'static str,
        versions: Versions,
        shape: &'static str,
    ) -> Field {
        let (name, required) = name.split_once('!').map_or((name, None), |(n, r)| (n, Some(r)));
        let required_in = required.map_or(Sides::Neither, sides);
        let only_xml = place.strip_prefix('x');
        let xml = match only_xml.unwrap_or(place) {
            "@" => Some(XmlPlace::Attribute),
            "." => Some(XmlPlace::Body),
            "-" | "" => Some(XmlPlace::Element),
            "+" => Some(XmlPlace::Items),
            "++" => Some(XmlPlace::Elements),
            _ => None,
        };
        let place = Place { json: only_xml.is_none(), xml };
        Field { name, place, required_in, versions, shape: self.shape(shape) }
    }

    fn shape(&mut self, text: &'static str) -> Shape {
        let text = text.trim();
        let parts: Vec<_> = text.split('|').collect();
        if let Some(list) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            if list.contains(['[', ']']) {
                return Shape::Either(parts.into_iter().map(|part| self.shape(part)).collect());
            }
            return self.list(list);
        }
        if parts.len() > 1 {
            return Shape::Either(parts.into_iter().map(|part| self.shape(part)).collect());
        }
        if let Some(index) = self.objects.get(text) {
            return Shape::Object(*index);
        }
        let (json, xml) = text.split_once('/').unwrap_or((text, text));
        Shape::Value(self.form(json), self.form(xml))
    }

    /// `*` is "distinct", `+` "not empty", `name^` "alone, if it has that"; then perhaps `item:` or `item@attribute:`.
    fn list(&mut self, text: &'static str) -> Shape {
        let (distinct, text) = text.strip_prefix('*').map_or((false, text), |text| (true, text));
        let (filled, text) = text.strip_prefix('+').map_or((false, text), |text| (true, text));
        let (alone, text) =
            text.split_once('^').map_or((None, text), |(name, text)| (Some(name), text));
        let (item, shape) = text.split_once(':').unwrap_or(("", text));
        let (item, attribute) =
            item.split_once('@').map_or((item, None), |(item, name)| (item, Some(name)));
        let shape = self.shape(shape);
        Shape::List(Box::new(List { distinct, filled, alone, item, attribute, shape }))
    }

    fn form(&mut self, text: &str) -> Form {
        if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'))
            && let Some(index) = self.words.get(name)
        {
            return Form::Words(*index);
        }
        let (name, bounds) = text.split_once('(').unwrap_or((text, ".."));
        let (least, most) = bounds.trim_end_matches(')').split_once("..").unwrap_or(("", ""));
        let bounds = Bounds {
            least: least.parse().unwrap_or(f64::NEG_INFINITY),
            most: most.parse().unwrap_or(f64::INFINITY),
        };
        match name {
            "any" => Form::Any,
            "text" | "iri" | "email" => Form::Text,
            "filled" => Form::Filled,
            "boolean" => Form::Boolean,
            "integer" => Form::Whole(bounds),
            "number" => Form::Number(bounds),
            "date-time" => Form::DateTime,
            "date" => Form::Date,
            "digest" => Form::Hash,
            "serial" => Form::Serial,
            "mime" => Form::MediaType,
            "cpe" => Form::Cpe,
            "spdx" => Form::Licence,
            "locale" => Form::Locale,
            "cre" => Form::Requirement,
            "country" => Form::Country,
            "patent-number" => Form::PatentNumber,
            "link" => Form::Link,
            _ => {
                self.unknown.push(text.to_owned());
                Form::Any
            }
        }
    }
}

fn heading(line: &str) -> Object {
    let mut object = Object::default();
    for mark in line.split(' ').skip(1) {
        match mark.split_once(':') {
            Some(("closed", versions)) => object.closed = Versions::read(versions),
            Some(("loose", versions)) => object.loose = Versions::read(versions),
            _ if mark == "closed" => object.closed = Some(Versions::ALL),
            _ => object.ordered |= mark == "ordered",
        }
    }
    object
}

fn demand(text: &str) -> Option<Demand> {
    match text {
        "one" => Some(Demand::ExactlyOne),
        "most" => Some(Demand::AtMostOne),
        "some" => Some(Demand::AtLeastOne),
        "true" => Some(Demand::SecondTrue),
        _ => None,
    }
}

fn sides(text: &str) -> Sides {
    match text {
        "j" => Sides::Json,
        "x" => Sides::Xml,
        _ => Sides::Both,
    }
}

fn ranged(text: &str) -> Versions {
    Versions::read(text.trim_start_matches(':')).unwrap_or(Versions::ALL)
}
