//! `CodeableConcept`: what a code says, in words.

use domain::text::Text;

use crate::json::{Kind, Value};

/// The words of a concept: its text, or the display or code of its first coding. R5 has an array
/// of concepts where R4 has one: the first is taken.
pub(super) fn text(value: Value<'_>) -> Option<Text> {
    let value = first(value);
    let filled = |value: Value<'_>| value.as_text().filter(|text| !text.trim().is_empty());
    value.get("text").and_then(filled).or_else(|| {
        let coding = value.get("coding")?.items().next()?;
        coding.get("display").and_then(filled).or_else(|| coding.get("code").and_then(filled))
    })
}

/// Hands on every word that a concept's codes, displays and text are made of, as written.
pub(super) fn each_word(value: Value<'_>, mut each: impl FnMut(&str)) {
    let value = first(value);
    let codings = value.get("coding").into_iter().flat_map(Value::items);
    let fields = codings.flat_map(|coding| ["code", "display"].map(|name| coding.get(name)));
    for field in fields.chain([value.get("text")]).flatten() {
        if let Some(text) = field.as_str() {
            words(&text).for_each(&mut each);
        }
    }
}

/// The words of a text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

/// The codes of a concept.
pub(super) fn codes(value: Value<'_>) -> Vec<Text> {
    let codings = first(value).get("coding").into_iter().flat_map(Value::items);
    codings.filter_map(|coding| coding.get("code").and_then(Value::as_text)).collect()
}

fn first(value: Value<'_>) -> Value<'_> {
    if value.kind() == Kind::Array { value.items().next().unwrap_or(value) } else { value }
}
