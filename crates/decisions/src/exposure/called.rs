//! What a document calls a product: in its tree, in full, in its title, and where versions stand.
//!
//! Refuses to take a title for a product's name where it names several.

use std::borrow::Cow;

use domain::advisory::{Product, Versions};

use super::names::ProductName;
use super::phrase;

/// Alternatives of versions that name something else.
pub(super) fn names_in(versions: &Versions) -> impl Iterator<Item = &str> {
    const WORDS: usize = 12;
    let text = match versions {
        Versions::Text(text) => text.as_str(),
        Versions::All | Versions::One(_) | Versions::Range(_) => "",
    };
    let names = |text: &&str| {
        // Most texts are bounds, and have no word in them.
        let is_bound = text.contains(['<', '>', '='])
            || !has_a_word(text)
            || text.split_whitespace().count() > WORDS;
        !is_bound
            && phrase::read(text).map_or(!text.is_empty(), |phrase| phrase.versions.is_empty())
            && ProductName::new(text, None).names_something()
    };
    text.split('|').map(str::trim).filter(names)
}

/// Whether letters follow each other as in a word.
fn has_a_word(text: &str) -> bool {
    const LETTERS: usize = 3;
    text.split(|c: char| !c.is_alphabetic()).any(|word| word.len() >= LETTERS)
}

/// A name with the order number before it in brackets, for it may be missing.
pub(super) fn numbered_in_brackets(text: &str) -> Cow<'_, str> {
    const DIGITS: usize = 5;
    let is_number = |word: &str| word.len() >= DIGITS && word.bytes().all(|b| b.is_ascii_digit());
    match text.split_once(' ') {
        Some((number, name)) if is_number(number) => Cow::Owned(format!("{name} ({number})")),
        _ => Cow::Borrowed(text),
    }
}

/// What a product is called: its own name, and where that says nothing by itself, as `Version` or
/// `AP` do, behind the one that the document's title gives.
pub(super) fn titled<'p>(product: &'p Product, title: Option<&str>) -> Cow<'p, str> {
    let Some(title) = title else { return Cow::Borrowed(&product.name) };
    let lower = title.to_ascii_lowercase();
    let end = [" vulnerabilit", " (update", " security"].iter().filter_map(|mark| lower.find(mark));
    let named = title.get(..end.min().unwrap_or(title.len())).unwrap_or(title);
    // A title begins with the number of the advisory, perhaps: `ICSMA-17-017-01_`.
    let named = named.split_once('_').filter(|(id, _)| !id.contains(' ')).map_or(named, |(_, n)| n);
    let several = named.contains([',', '/', ';']) || named.contains(" and ");
    let own = &product.name;
    if several { Cow::Borrowed(own) } else { Cow::Owned(format!("{named} {own}")) }
}

/// What a product is called in full, where its document says more there than in its tree.
pub(super) fn full_name(product: &Product) -> Option<&str> {
    let full = product.details.iter().find(|(kind, _)| *kind == "full_name");
    full.map(|(_, text)| text.as_str())
}
