//! What the console says, in the language of whoever reads: one file for each language.
//!
//! The files stand in `text/`, one message a line, in the syntax of Project Fluent. Each message is
//! a whole sentence or label, and a method of [`Text`] that takes what the message does; `build.rs`
//! makes them of the English file. English fills in for what another language lacks. Values are
//! escaped, and stand apart from the sentence in a `<bdi>`: neither what is read from documents nor
//! a file of messages can bring markup into a page beyond the marks in [`shape::MARKS`].
//!
//! Refuses what is no sentence of the console: reasons and evidence, as the store keeps them, what
//! the agent says, the API and the terminal are English.

mod languages;
mod numbers;
mod said;
mod shape;

use std::sync::LazyLock;

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use fluent_syntax::ast::{Entry, Pattern};
use unic_langid::LanguageIdentifier;

pub use languages::{Languages, NoLanguage};
pub(crate) use said::{Said, Slot, Value};
use shape::Shape;

/// The language in which somebody is spoken to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text(&'static Language);

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// A language that was read. It lives as long as the program.
struct Language {
    /// Its name (BCP 47).
    name: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
    /// Of each message whether it is its own; else it is English.
    is_own: Vec<bool>,
    /// Each message into which nothing is filled, and of others nothing.
    plain: Vec<&'static str>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Language").field("name", &self.name.to_string()).finish_non_exhaustive()
    }
}

/// The language that fills in for others.
const ENGLISH: (&str, &str) = ("en", include_str!("../text/en.ftl"));

static FIRST: LazyLock<&'static Language> = LazyLock::new(|| {
    let (language, _) = Language::read(ENGLISH.0, ENGLISH.1, None)
        .expect("invariant: the build has read the English file");
    Box::leak(Box::new(language))
});

impl Default for Text {
    fn default() -> Self {
        Self::english()
    }
}

impl Text {
    /// English.
    pub(crate) fn english() -> Self {
        Self(*FIRST)
    }

    /// The name of the language (BCP 47).
    pub(crate) fn language(self) -> String {
        self.0.name.to_string()
    }

    /// A message into which nothing is filled.
    fn plain(self, place: usize) -> &'static str {
        self.0.plain.get(place).copied().unwrap_or_default()
    }

    /// Whoever has a message of its own.
    fn whose(self, place: usize) -> &'static Language {
        if self.0.is_own.get(place) == Some(&true) { self.0 } else { *FIRST }
    }
}

impl Language {
    /// Reads a file of messages, and says which of them can't be used.
    ///
    /// # Errors
    /// What is no name of a language, and what is no file of messages.
    fn read(
        name: &str,
        source: &str,
        first: Option<&'static Self>,
    ) -> Result<(Self, Vec<String>), NoLanguage> {
        let name: LanguageIdentifier =
            name.parse().map_err(|_| NoLanguage::Name(name.to_owned()))?;
        let (resource, errors) = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) => (resource, Vec::new()),
            Err((resource, errors)) => (resource, errors),
        };
        let mut problems: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let is_own = own(&resource, &mut problems);
        if !is_own.contains(&true) {
            return Err(NoLanguage::Empty);
        }
        let mut bundle = FluentBundle::new_concurrent(vec![name.clone()]);
        bundle.set_use_isolating(false); // a page does it by `<bdi>`
        bundle.set_formatter(Some(said::digits));
        bundle.add_resource_overriding(resource);
        let plain = plain(&bundle, &is_own, first);
        Ok((Self { name, bundle, is_own, plain }, problems))
    }

    /// A message's pattern.
    fn pattern(&self, place: usize) -> Option<&Pattern<&str>> {
        let (name, ..) = MESSAGES.get(place)?;
        self.bundle.get_message(name)?.value()
    }
}

/// Which messages of a file can be used: those that take nothing else than the English ones do.
fn own(resource: &FluentResource, problems: &mut Vec<String>) -> Vec<bool> {
    let mut is_own = vec![false; MESSAGES.len()];
    for entry in resource.entries() {
        let Entry::Message(message) = entry else { continue };
        let name = message.id.name;
        let Ok(place) = MESSAGES.binary_search_by_key(&name, |(name, ..)| name) else {
            problems.push(format!("{name}: nothing asks for it"));
            continue;
        };
        let (Some(value), Some((_, values, slots))) = (&message.value, MESSAGES.get(place)) else {
            problems.push(format!("{name}: it has no text"));
            continue;
        };
        let shape = Shape::of(value);
        let before = problems.len();
        problems.extend(shape.wrong.iter().map(|wrong| format!("{name}: {wrong}")));
        for unknown in shape.values.iter().filter(|own| !values.contains(&own.as_str())) {
            problems.push(format!("{name}: {{ ${unknown} }} is not known"));
        }
        if !shape.slots.iter().map(String::as_str).eq(slots.iter().copied()) {
            problems.push(format!("{name}: its marks are {:?}, not {slots:?}", shape.slots));
        }
        if let Some(is_own) = is_own.get_mut(place) {
            *is_own = problems.len() == before;
        }
    }
    is_own
}

/// The text of each message into which nothing is filled, made once.
fn plain(
    bundle: &FluentBundle<FluentResource>,
    is_own: &[bool],
    first: Option<&'static Language>,
) -> Vec<&'static str> {
    let of = |place: usize, (name, values, slots): &(&str, &[&str], &[&str])| {
        if !values.is_empty() || !slots.is_empty() {
            return "";
        }
        if is_own.get(place) != Some(&true) {
            return first.and_then(|first| first.plain.get(place)).copied().unwrap_or_default();
        }
        let pattern = bundle.get_message(name).and_then(|message| message.value());
        let text = pattern.map(|own| bundle.format_pattern(own, None, &mut Vec::new()));
        let text: &'static str = Box::leak(text.unwrap_or_default().into());
        text
    };
    MESSAGES.iter().enumerate().map(|(place, message)| of(place, message)).collect()
}

#[cfg(test)]
mod tests;
