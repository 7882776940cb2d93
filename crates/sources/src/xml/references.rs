//! References in text and attributes (XML 1.0, sections 4.1 and 4.6).
//!
//! Refuses every entity that a document could declare: such a reference stays as written.

use std::borrow::Cow;

/// Text with its references and line ends resolved; borrowed where it has none.
pub(super) fn decoded(raw: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'&', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    append(&mut out, raw);
    Cow::Owned(out)
}

/// Appends text with its references and line ends (XML 1.0, section 2.11) resolved.
pub(super) fn append(out: &mut String, raw: &str) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', b'\r', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (c, used) = match from.strip_prefix('&') {
            Some(name) => reference(name).map_or(('&', 1), |(c, length)| (c, length + 1)),
            None if from.starts_with("\r\n") => ('\n', 2),
            None => ('\n', 1),
        };
        out.push(c);
        rest = from.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// The character of the reference after a `&`, and the length of the name with its `;`.
pub(super) fn reference(text: &str) -> Option<(char, usize)> {
    /// Longer than any reference worth reading: `#x0010FFFF;`.
    const LONGEST: usize = 16;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(..end)?;
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) =
                number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
            let signed = digits.starts_with('+');
            let code = u32::from_str_radix(digits, radix).ok().filter(|_| !signed)?;
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    };
    Some((c, end + 1))
}
