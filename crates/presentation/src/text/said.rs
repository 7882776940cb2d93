//! A message with its values, on its way into a page.
//!
//! Values never go through the message's own syntax: their places in the sentence are found by
//! signs that no text may hold, and each value is written there, escaped, in a `<bdi>`. Refuses
//! markup beyond the known marks and the slots that the code has filled; closes what is left open.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use askama::filters::{Escaper, Html, HtmlSafe};
use fluent_bundle::types::FluentNumberOptions;
use fluent_bundle::{FluentArgs, FluentValue};

use super::Text;
use super::shape::{BREAK, MARKS, Piece, pieces};
use crate::console::words::address;

/// Signs of the private use area for the places of values: one after the other from here.
const PLACES: [&str; 12] = [
    "\u{e100}", "\u{e101}", "\u{e102}", "\u{e103}", "\u{e104}", "\u{e105}", "\u{e106}", "\u{e107}",
    "\u{e108}", "\u{e109}", "\u{e10a}", "\u{e10b}",
];
/// What stands before and behind the digits of a number.
const NUMBER: [char; 2] = ['\u{e010}', '\u{e011}'];

/// What is filled into a message.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// A number of things, by which the sentence may be another.
    Number(i64),
    /// A text: what stands in a document, what somebody has typed, a word.
    Text(Cow<'a, str>),
    /// Another message.
    Said(Box<Said<'a>>),
    /// A word by which the sentence is another.
    Choice(String),
    /// What a template has made, escaped already.
    Made(String),
}

impl Value<'_> {
    /// A word by which a sentence is another. It is a name of ours; what is none is shown as `?`.
    pub(super) fn choice(word: &str) -> Self {
        let is_name = word.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
        Self::Choice(if is_name { word } else { "?" }.to_owned())
    }

    /// Links, one after the other: where each leads, and what it is called.
    pub(crate) fn links(text: Text, links: impl Iterator<Item = (String, String)>) -> Self {
        let mut made = String::new();
        for (address, name) in links {
            let Slot { begin, element } = text.link(address);
            let comma = if made.is_empty() { "" } else { ", " };
            made.push_str(comma);
            made.push_str(&begin);
            let _ = Html.write_escaped_str(&mut made, &name);
            let _ = write!(made, "</{element}>");
        }
        Self::Made(made)
    }

    /// What a template makes.
    pub(crate) fn made(template: &impl askama::Template) -> Self {
        Self::Made(template.render().expect("invariant: the template writes to memory"))
    }
}

macro_rules! numbers {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Value<'_> {
            fn from(number: $kind) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
        impl From<&$kind> for Value<'_> {
            fn from(number: &$kind) -> Self {
                Self::from(*number)
            }
        }
        impl From<&&$kind> for Value<'_> {
            fn from(number: &&$kind) -> Self {
                Self::from(**number)
            }
        }
    )*};
}

/// Texts, or references to one: templates hand over either.
macro_rules! texts {
    ($($kind:ty)*) => {$(
        impl<'a> From<&'a $kind> for Value<'a> {
            fn from(text: &'a $kind) -> Self {
                Self::Text(Cow::Borrowed(text))
            }
        }
        impl<'a> From<&&'a $kind> for Value<'a> {
            fn from(text: &&'a $kind) -> Self {
                Self::Text(Cow::Borrowed(*text))
            }
        }
    )*};
}

impl<'a> From<&&&'a str> for Value<'a> {
    fn from(text: &&&'a str) -> Self {
        Self::Text(Cow::Borrowed(**text))
    }
}

texts!(str String Box<str> Cow<'static, str>);

numbers!(i8 i32 i64 u8 u32 u64 usize);

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Said<'a>> for Value<'a> {
    fn from(said: Said<'a>) -> Self {
        Self::Said(Box::new(said))
    }
}

/// What stands around a part of a sentence: a link, or an element with a class.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    begin: String,
    element: &'static str,
}

#[expect(clippy::unused_self, reason = "a template has the language at hand, and nothing else")]
impl Text {
    /// A link to an address.
    pub(crate) fn link(self, address: impl AsRef<str>) -> Slot {
        Slot::new("a", "href", address.as_ref())
    }

    /// A link to a page within a place.
    pub(crate) fn link_to(self, place: &str, page: impl Display) -> Slot {
        self.link(format!("{place}{}", address(page.to_string())))
    }

    /// The same to the page of something that is shown by its id.
    pub(crate) fn id_to(self, place: &str, page: impl Display) -> Slot {
        let Slot { begin, element } = self.link_to(place, page);
        Slot { begin: begin.replacen("<a ", "<a class=\"id\" ", 1), element }
    }

    /// Nothing: where what is a link for others is none.
    pub(crate) fn unmarked(self) -> Slot {
        Slot { begin: String::new(), element: "" }
    }

    /// An element of a class.
    pub(crate) fn part(self, element: &'static str, class: &str) -> Slot {
        Slot::new(element, "class", class)
    }

    /// How an order stands.
    pub(crate) fn state_part(self, state: impl Display) -> Slot {
        self.part("span", &format!("state {state}"))
    }

    /// A moment, as a machine reads it (RFC 3339).
    pub(crate) fn moment(self, moment: impl AsRef<str>) -> Slot {
        Slot::new("time", "datetime", moment.as_ref())
    }
}

impl Slot {
    fn new(element: &'static str, attribute: &str, value: &str) -> Self {
        let mut begin = format!("<{element} {attribute}=\"");
        let _ = Html.write_escaped_str(&mut begin, value);
        begin.push_str("\">");
        Self { begin, element }
    }
}

/// A message with its values. Shown, it is HTML; [`Said::plain`] is the same without marks.
#[derive(Debug, Clone)]
pub(crate) struct Said<'a> {
    text: Text,
    place: usize,
    values: Vec<(&'static str, Value<'a>)>,
    slots: Vec<(&'static str, Slot)>,
}

/// A number as Fluent writes it: its digits between two signs, so that they are found again.
pub(super) fn digits<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let [begin, end] = NUMBER;
    Some(format!("{begin}{:.0}{end}", number.value))
}

impl HtmlSafe for Said<'_> {}

impl Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resolved = self.resolved();
        let mut open: Vec<(&str, &str)> = Vec::new();
        for piece in pieces(&resolved) {
            match piece {
                Piece::Text(text) => self.write(f, text, true)?,
                Piece::Open(name) => {
                    if let Some((_, slot)) = self.slots.iter().find(|(own, _)| *own == name) {
                        f.write_str(&slot.begin)?;
                        open.push((name, slot.element));
                    } else if MARKS.contains(&name) {
                        write!(f, "<{name}>")?;
                        if name != BREAK {
                            open.push((name, name));
                        }
                    }
                }
                Piece::Close(name) => {
                    if let Some((_, element)) = open.pop_if(|(own, _)| *own == name) {
                        close(f, element)?;
                    }
                }
            }
        }
        open.iter().rev().try_for_each(|(_, element)| close(f, element))
    }
}

fn close(f: &mut fmt::Formatter<'_>, element: &str) -> fmt::Result {
    if element.is_empty() { Ok(()) } else { write!(f, "</{element}>") }
}

impl From<Said<'_>> for String {
    fn from(said: Said<'_>) -> Self {
        said.plain()
    }
}

impl<'a> Said<'a> {
    pub(super) fn new(
        text: Text,
        place: usize,
        values: Vec<(&'static str, Value<'a>)>,
        slots: Vec<(&'static str, Slot)>,
    ) -> Self {
        Self { text, place, values, slots }
    }

    /// The same without marks: for a title, an attribute, an option.
    pub(crate) fn plain(&self) -> String {
        let mut plain = String::new();
        for piece in pieces(&self.resolved()) {
            if let Piece::Text(text) = piece {
                let _ = self.write(&mut plain, text, false);
            }
        }
        plain
    }

    /// The sentence, with signs in the places of values.
    fn resolved(&self) -> String {
        let mut arguments = FluentArgs::with_capacity(self.values.len());
        for ((name, value), place) in self.values.iter().zip(PLACES) {
            let value = match value {
                Value::Number(number) => FluentValue::Number(fluent_number(*number)),
                Value::Choice(word) => FluentValue::from(word.as_str()),
                _ => FluentValue::from(place),
            };
            arguments.set(*name, value);
        }
        let language = self.text.whose(self.place);
        let Some(pattern) = language.pattern(self.place) else { return String::new() };
        // What can't be filled in is shown by its name.
        language.bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// Writes words, and each value in its place.
    fn write(&self, to: &mut impl Write, words: &str, is_html: bool) -> fmt::Result {
        let is_sign = |letter: char| ('\u{e000}'..='\u{e1ff}').contains(&letter);
        let mut rest = words;
        while let Some(at) = rest.find(is_sign) {
            let (before, from) = rest.split_at(at);
            escaped(to, before, is_html)?;
            let sign = from.chars().next().unwrap_or_default();
            rest = from.get(sign.len_utf8()..).unwrap_or_default();
            if sign == NUMBER[0] {
                let (number, after) = rest.split_once(NUMBER[1]).unwrap_or((rest, ""));
                to.write_str(&self.text.number(number.parse::<i64>().unwrap_or_default()))?;
                rest = after;
                continue;
            }
            let place = PLACES.iter().position(|own| own.starts_with(sign));
            if let Some((_, value)) = place.and_then(|place| self.values.get(place)) {
                fill(to, value, is_html)?;
            }
        }
        escaped(to, rest, is_html)
    }
}

fn fluent_number(number: i64) -> fluent_bundle::types::FluentNumber {
    fluent_bundle::types::FluentNumber::new(number as f64, FluentNumberOptions::default())
}

fn fill(to: &mut impl Write, value: &Value<'_>, is_html: bool) -> fmt::Result {
    match value {
        Value::Text(text) if is_html => {
            to.write_str("<bdi>")?;
            escaped(to, text, true)?;
            to.write_str("</bdi>")
        }
        Value::Text(text) => to.write_str(text),
        Value::Said(said) if is_html => write!(to, "{said}"),
        Value::Said(said) => to.write_str(&said.plain()),
        Value::Made(html) if is_html => to.write_str(html),
        // Fluent has written it; or it is markup, where there can be none.
        Value::Number(_) | Value::Choice(_) | Value::Made(_) => Ok(()),
    }
}

fn escaped(to: &mut impl Write, text: &str, is_html: bool) -> fmt::Result {
    if is_html { Html.write_escaped_str(to, text) } else { to.write_str(text) }
}
