//! Percent-encoding as ECMA-427 narrows it: what is escaped, and reading it back.
//!
//! Refuses half an escape and bytes that are no UTF-8: guessing would merge two packages.

use std::borrow::Cow;
use std::fmt;

use super::PurlError;

/// Characters that stand for themselves: letters, digits, `.-_~`, and the colon everywhere.
fn plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '~' | ':')
}

/// Writes a text with every other character escaped, byte by byte of its UTF-8.
pub(super) fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(|character| !plain(character)) {
        let (clean, tail) = rest.split_at(at);
        f.write_str(clean)?;
        let mut characters = tail.chars();
        if let Some(character) = characters.next() {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                write!(f, "%{byte:02X}")?;
            }
        }
        rest = characters.as_str();
    }
    f.write_str(rest)
}

/// Writes segments with the slashes between them kept.
pub(super) fn write_path(f: &mut fmt::Formatter<'_>, path: &str) -> fmt::Result {
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            f.write_str("/")?;
        }
        write_escaped(f, segment)?;
    }
    Ok(())
}

/// Reads the escapes of one component.
pub(super) fn decode(text: &str) -> Result<Cow<'_, str>, PurlError> {
    let mut rest = text.as_bytes();
    if memchr::memchr(b'%', rest).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    while let Some(at) = memchr::memchr(b'%', rest) {
        let (before, escape) = rest.split_at(at);
        bytes.extend_from_slice(before);
        bytes.push(escaped(escape)?);
        rest = escape.get(3..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest);
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| PurlError::because("the escapes are no UTF-8"))
}

/// Reads the escapes of each segment and drops empty segments. A slash that comes out of an
/// escape is refused (ECMA-427, namespace and subpath rules): it would become a separator.
pub(super) fn decode_path(text: &str) -> Result<Cow<'_, str>, PurlError> {
    let mut before = b'/';
    let mut is_clean = true;
    for byte in text.bytes() {
        is_clean &= byte != b'%' && (byte, before) != (b'/', b'/');
        before = byte;
    }
    if text.is_empty() || is_clean && before != b'/' {
        return Ok(Cow::Borrowed(text));
    }
    let mut path = String::with_capacity(text.len());
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        let decoded = decode(segment)?;
        if decoded.contains('/') {
            return Err(PurlError::because("a segment holds an escaped `/`"));
        }
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&decoded);
    }
    Ok(Cow::Owned(path))
}

/// The byte that a `%` and two digits stand for.
fn escaped(escape: &[u8]) -> Result<u8, PurlError> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match *escape {
        [_, high, low, ..] => digit(high).zip(digit(low)),
        _ => None,
    }
    .and_then(|(high, low)| u8::try_from(high * 16 + low).ok())
    .ok_or_else(|| PurlError::because("`%` without two hexadecimal digits"))
}
