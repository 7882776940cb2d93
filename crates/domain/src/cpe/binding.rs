//! The two bindings of CPE names to text: formatted strings and URIs (NISTIR 7695, section 6).
//!
//! Refuses wildcards in the middle of a value, characters beyond printable ASCII, and a wrong count
//! of components: what was meant by them can't be told.

use std::fmt::{self, Write};

use crate::text::ascii_lowercase;

use super::{Attribute, Cpe, CpeError, Part, Rest};

/// A character of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    /// Stands for itself.
    Plain(char),
    /// `?`: at most one character.
    One,
    /// `*`: any characters.
    Many,
}

/// What a formatted string need not quote.
fn unreserved(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_')
}

/// Writes a plain value with its quotes. A lone hyphen would read as "not applicable".
pub(super) fn write_quoted(f: &mut impl Write, value: &str) -> fmt::Result {
    if value == "-" {
        return f.write_str("\\-");
    }
    for character in value.chars() {
        if !unreserved(character) {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    Ok(())
}

/// Reads the components of a formatted string.
pub(super) fn from_formatted(text: &str) -> Result<Cpe, CpeError> {
    let mut components = Components { rest: Some(text) };
    let part = part_of(components.next().unwrap_or_default())?;
    let mut attributes = [const { Attribute::Any }; 10];
    for (index, attribute) in attributes.iter_mut().enumerate() {
        let component = components
            .next()
            .ok_or_else(|| CpeError::because(format!("{} components instead of 11", index + 1)))?;
        *attribute = formatted_attribute(component)?;
    }
    if components.next().is_some() {
        return Err(CpeError::because("more than 11 components"));
    }
    let [vendor, product, version, update, rest @ ..] = attributes;
    Ok(Cpe { part, vendor, product, version, update, rest: rest.into() })
}

/// The components between the colons that no backslash quotes.
struct Components<'a> {
    rest: Option<&'a str>,
}

impl<'a> Iterator for Components<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.take()?;
        let mut quoted = false;
        let end = rest.bytes().position(|byte| {
            let ends = byte == b':' && !quoted;
            quoted = byte == b'\\' && !quoted;
            ends
        });
        match end.and_then(|end| rest.split_at_checked(end)) {
            Some((component, after)) => {
                self.rest = after.strip_prefix(':');
                Some(component)
            }
            None => Some(rest),
        }
    }
}

fn part_of(text: &str) -> Result<Part, CpeError> {
    match text {
        "a" | "A" => Ok(Part::Application),
        "o" | "O" => Ok(Part::OperatingSystem),
        "h" | "H" => Ok(Part::Hardware),
        "*" => Ok(Part::Any),
        _ => Err(CpeError::because(format!("the part is `{text}`, not a, o, h or *"))),
    }
}

fn formatted_attribute(text: &str) -> Result<Attribute, CpeError> {
    match text {
        "" => return Err(CpeError::because("an empty component")),
        "*" => return Ok(Attribute::Any),
        "-" => return Ok(Attribute::NotApplicable),
        // Most values need no second look.
        _ if text.chars().all(unreserved) => {
            return Ok(Attribute::Value(ascii_lowercase(text)));
        }
        _ => {}
    }
    attribute_of(&formatted_letters(text)?)
}

/// The characters of a component of a formatted string. Punctuation that should have been quoted
/// stands for itself, as the standard's own reading has it (section 6.2.3.2, `add_quoting`).
pub(super) fn formatted_letters(text: &str) -> Result<Vec<Letter>, CpeError> {
    let mut letters = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        letters.push(match character {
            '*' => Letter::Many,
            '?' => Letter::One,
            '\\' => match characters.next() {
                Some(quoted) if quoted.is_ascii_punctuation() => Letter::Plain(quoted),
                _ => return Err(CpeError::because("a `\\` that quotes no punctuation")),
            },
            plain if plain.is_ascii_graphic() => Letter::Plain(plain.to_ascii_lowercase()),
            other => return Err(CpeError::because(format!("`{other}` is not permitted"))),
        });
    }
    Ok(letters)
}

/// A value of characters, where its wildcards stand at its ends only (section 5.3.2): one `*`, or
/// any count of `?`.
fn attribute_of(letters: &[Letter]) -> Result<Attribute, CpeError> {
    let is_plain = |letter: &Letter| matches!(letter, Letter::Plain(_));
    if letters.iter().all(is_plain) {
        let plain = letters.iter().filter_map(|letter| match letter {
            Letter::Plain(character) => Some(*character),
            Letter::One | Letter::Many => None,
        });
        return Ok(Attribute::Value(plain.collect()));
    }
    let body = letters
        .iter()
        .position(is_plain)
        .and_then(|start| Some((start, letters.iter().rposition(is_plain)?)));
    let legal = match body.and_then(|(start, end)| letters.get(start..=end)) {
        Some(middle) => {
            let (start, end) = body.unwrap_or_default();
            middle.iter().all(is_plain)
                && one_kind(letters.iter().take(start))
                && one_kind(letters.iter().skip(end + 1))
        }
        None => one_kind(letters.iter()),
    };
    if !legal {
        return Err(CpeError::because("a wildcard where none may stand"));
    }
    let mut pattern = String::new();
    for letter in letters {
        match letter {
            Letter::Many => pattern.push('*'),
            Letter::One => pattern.push('?'),
            Letter::Plain(character) => {
                if !unreserved(*character) {
                    pattern.push('\\');
                }
                pattern.push(*character);
            }
        }
    }
    Ok(Attribute::Pattern(pattern.into()))
}

/// One `*` alone, or nothing but `?`.
fn one_kind<'a>(mut wildcards: impl Iterator<Item = &'a Letter>) -> bool {
    match wildcards.next() {
        Some(Letter::Many) => wildcards.next().is_none(),
        _ => wildcards.all(|letter| *letter == Letter::One),
    }
}

/// Reads the components of a URI. Those left out at the end, and empty ones, are any value.
pub(super) fn from_uri(text: &str) -> Result<Cpe, CpeError> {
    let mut components = text.split(':');
    let part = match components.next().unwrap_or_default() {
        "" => Part::Any,
        part => part_of(part)?,
    };
    let mut next = || components.next().unwrap_or_default();
    let [vendor, product, version, update, edition, language] = std::array::from_fn(|_| next());
    if components.next().is_some() {
        return Err(CpeError::because("more than 7 components"));
    }
    let [edition, software_edition, target_software, target_hardware, other] = unpacked(edition)?;
    Ok(Cpe {
        part,
        vendor: uri_attribute(vendor)?,
        product: uri_attribute(product)?,
        version: uri_attribute(version)?,
        update: uri_attribute(update)?,
        rest: Rest::from([
            uri_attribute(edition)?,
            uri_attribute(language)?,
            uri_attribute(software_edition)?,
            uri_attribute(target_software)?,
            uri_attribute(target_hardware)?,
            uri_attribute(other)?,
        ]),
    })
}

/// The five attributes of an edition that starts with a tilde (section 6.1.3.2, `unpack`).
fn unpacked(edition: &str) -> Result<[&str; 5], CpeError> {
    let Some(packed) = edition.strip_prefix('~') else {
        return Ok([edition, "", "", "", ""]);
    };
    let fields: Vec<&str> = packed.split('~').collect();
    fields.try_into().map_err(|_| CpeError::because("a packed edition has five fields"))
}

/// A component of a URI. A lone `*` is no URI of CPE 2.2, but many write it and all mean the same.
fn uri_attribute(text: &str) -> Result<Attribute, CpeError> {
    match text {
        "" | "*" => Ok(Attribute::Any),
        "-" => Ok(Attribute::NotApplicable),
        _ => attribute_of(&uri_letters(text)?),
    }
}

fn uri_letters(text: &str) -> Result<Vec<Letter>, CpeError> {
    let mut letters = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        letters.push(match character {
            '%' => {
                let digit = |next: Option<char>| next.and_then(|next| next.to_digit(16));
                let (high, low) = (digit(characters.next()), digit(characters.next()));
                escaped(high.zip(low).map(|(high, low)| high * 16 + low))?
            }
            '~' => Letter::Plain('~'),
            plain if unreserved(plain) => Letter::Plain(plain.to_ascii_lowercase()),
            other => {
                return Err(CpeError::because(format!(
                    "`{other}` is not escaped or not permitted"
                )));
            }
        });
    }
    Ok(letters)
}

/// The codes of section 6.1.3.2, `decode`: punctuation, and 01 and 02 for the wildcards.
fn escaped(code: Option<u32>) -> Result<Letter, CpeError> {
    match code {
        Some(1) => Ok(Letter::One),
        Some(2) => Ok(Letter::Many),
        code => code
            .and_then(char::from_u32)
            .filter(char::is_ascii_punctuation)
            .map(Letter::Plain)
            .ok_or_else(|| CpeError::because("a `%` code that stands for nothing")),
    }
}
