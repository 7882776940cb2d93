//! Forms of single values: dates, numbers in bounds, hashes, identifiers.
//!
//! Refuses to be stricter than the schemas: an address or a mail address may be any text.

use crate::sbom::cyclonedx::node::Node;

/// What a single value must look like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    Any,
    Text,
    /// At least one character.
    Filled,
    Boolean,
    Whole(Bounds),
    Number(Bounds),
    /// One of the words at this index of the table.
    Words(usize),
    DateTime,
    Date,
    Hash,
    Serial,
    MediaType,
    Cpe,
    Licence,
    Locale,
    /// Common Requirement Enumeration (opencre.org).
    Requirement,
    Country,
    PatentNumber,
    /// A BOM-Link to a document or to something in it.
    Link,
}

/// The least and the most that a number may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Bounds {
    fn hold(self, number: f64) -> bool {
        self.least <= number && number <= self.most
    }

    fn in_words(self, what: &str) -> String {
        match (self.least.is_finite(), self.most.is_finite()) {
            (true, true) => format!("{what} from {} to {}", self.least, self.most),
            (true, false) => format!("{what} of at least {}", self.least),
            (false, true) => format!("{what} of at most {}", self.most),
            (false, false) => what.to_owned(),
        }
    }
}

/// How a value misses its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Miss {
    /// Another type than the form's.
    Type,
    /// The right type, but not such a text or number.
    Content,
}

impl Form {
    /// The rule in words, for whoever broke it. Words of a list are told by the table.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::Any | Self::Words(_) => "a value".to_owned(),
            Self::Text => "a string".to_owned(),
            Self::Filled => "a string that is not empty".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Whole(bounds) => bounds.in_words("a whole number"),
            Self::Number(bounds) => bounds.in_words("a number"),
            Self::DateTime => "a date and time, as 2026-01-31T12:00:00Z".to_owned(),
            Self::Date => "a date, as 2026-01-31".to_owned(),
            Self::Hash => "32, 40, 64, 96 or 128 hexadecimal digits".to_owned(),
            Self::Serial => "`urn:uuid:` and a UUID in lower case".to_owned(),
            Self::MediaType => "a media type in lower case, as `image/png`".to_owned(),
            Self::Cpe => "a CPE 2.2 or 2.3 name".to_owned(),
            Self::Licence => "an identifier of the SPDX licence list".to_owned(),
            Self::Locale => "a language and perhaps a country, as `en-US`".to_owned(),
            Self::Requirement => "a Common Requirement, as `CRE:764-507`".to_owned(),
            Self::Country => "two capital letters for a country".to_owned(),
            Self::PatentNumber => "the number of a patent, of 2 to 30 characters".to_owned(),
            Self::Link => "a BOM-Link, as `urn:cdx:UUID/1#reference`".to_owned(),
        }
    }

    /// Whether a value has this form.
    pub(super) fn check(self, node: Node<'_>, words: &[&str]) -> Result<(), Miss> {
        let json = matches!(node, Node::Json(_));
        match self {
            Self::Any => return Ok(()),
            Self::Boolean => return truth(node).map(drop).ok_or(Miss::Type),
            Self::Number(bounds) => return in_bounds(node.number(), bounds),
            Self::Whole(bounds) => {
                let whole = node.number().filter(|number| number.fract() == 0.0);
                return in_bounds(whole, bounds);
            }
            _ => {}
        }
        let text = node.text().ok_or(Miss::Type)?;
        let collapsed = if json { &*text } else { text.trim() };
        let fits = match self {
            Self::Filled => !text.is_empty(),
            Self::Words(_) => words.contains(&&*text),
            Self::DateTime => is_date_time(collapsed, json),
            Self::Date => is_date(collapsed.as_bytes()),
            // XML Schema collapses the white space of a token.
            Self::Hash => is_hash(collapsed),
            Self::Serial => is_serial(&text, json),
            Self::MediaType => is_media_type(&text),
            Self::Cpe => json || is_cpe(&text),
            Self::Licence => is_licence(&text),
            Self::Locale => is_locale(&text),
            Self::Requirement => is_requirement(&text),
            Self::Country => text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()),
            Self::PatentNumber => is_patent_number(&text),
            Self::Link => is_link(collapsed),
            _ => true,
        };
        fits.then_some(()).ok_or(Miss::Content)
    }
}

fn in_bounds(number: Option<f64>, bounds: Bounds) -> Result<(), Miss> {
    let number = number.ok_or(Miss::Type)?;
    bounds.hold(number).then_some(()).ok_or(Miss::Content)
}

/// The schemas list exceptions among the licences.
fn is_licence(text: &str) -> bool {
    spdx::license_id(text).is_some() || spdx::exception_id(text).is_some()
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 96 | 128) && is_hex(text)
}

fn is_uuid(text: &str) -> bool {
    let lower = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    lower && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

/// XML allows a UUID in braces beside the URN.
fn is_serial(text: &str, json: bool) -> bool {
    let braced = || text.strip_prefix('{')?.strip_suffix('}');
    text.strip_prefix("urn:uuid:").is_some_and(is_uuid) || !json && braced().is_some_and(is_uuid)
}

/// `true` or `false`, in XML also as a digit (XML Schema, part 2, section 3.2.2).
pub(super) fn truth(node: Node<'_>) -> Option<bool> {
    let Node::Json(value) = node else {
        return match node.text()?.trim() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
    };
    value.as_bool()
}

fn is_media_type(text: &str) -> bool {
    let is_part = |part: &str| {
        let letter = |b: u8| matches!(b, b'-' | b'+' | b'.' | b'a'..=b'z' | b'0'..=b'9');
        !part.is_empty() && part.bytes().all(letter)
    };
    text.split_once('/').is_some_and(|(left, right)| is_part(left) && is_part(right))
}

fn is_cpe(text: &str) -> bool {
    let parts =
        text.strip_prefix("cpe:2.3:").map(|rest| rest.replace("\\:", "").split(':').count());
    let old = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("cpe:/"));
    old || parts == Some(11)
}

fn is_locale(text: &str) -> bool {
    let (language, country) = text.split_once('-').unwrap_or((text, "ZZ"));
    let two =
        |text: &str, range: fn(&u8) -> bool| text.len() == 2 && text.as_bytes().iter().all(range);
    two(language, u8::is_ascii_lowercase) && two(country, u8::is_ascii_uppercase)
}

fn is_requirement(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let numbers = text.strip_prefix("CRE:").and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(left, right)| digits(left) && digits(right))
}

fn is_patent_number(text: &str) -> bool {
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inside = |c: char| {
        c.is_ascii_alphanumeric() || c.is_whitespace() || matches!(c, '-' | '/' | '.' | '(' | ')')
    };
    let length = text.chars().count();
    let ends = end(text.chars().next()) && end(text.chars().next_back());
    (2..=30).contains(&length) && ends && text.chars().all(inside)
}

fn is_link(text: &str) -> bool {
    let version = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        !text.is_empty() && !text.starts_with('0') && digits
    };
    let Some((uuid, rest)) = text.strip_prefix("urn:cdx:").and_then(|t| t.split_once('/')) else {
        return false;
    };
    let (number, reference) = rest.split_once('#').unwrap_or((rest, "-"));
    is_uuid(uuid) && version(number) && !reference.is_empty()
}

/// Two digits, and whether they are in a range.
fn two(bytes: &[u8], range: std::ops::RangeInclusive<u8>) -> bool {
    match bytes {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            range.contains(&((tens - b'0') * 10 + (ones - b'0')))
        }
        _ => false,
    }
}

/// RFC 3339, section 5.6: `full-date`.
fn is_date(bytes: &[u8]) -> bool {
    match bytes {
        [year @ .., b'-', m1, m2, b'-', d1, d2] if year.len() == 4 => {
            year.iter().all(u8::is_ascii_digit)
                && two(&[*m1, *m2], 1..=12)
                && two(&[*d1, *d2], 1..=31)
        }
        _ => false,
    }
}

/// RFC 3339, section 5.6 for JSON; XML Schema, part 2, section 3.2.7 needs no zone.
pub(super) fn is_date_time(text: &str, json: bool) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else { return false };
    let separated = time.starts_with('T') || json && time.starts_with(['t', ' ']);
    let Some((clock, rest)) = time.get(1..).and_then(|time| time.split_at_checked(8)) else {
        return false;
    };
    let clock = match clock.as_bytes() {
        [h1, h2, b':', m1, m2, b':', s1, s2] => {
            two(&[*h1, *h2], 0..=24) && two(&[*m1, *m2], 0..=59) && two(&[*s1, *s2], 0..=60)
        }
        _ => false,
    };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with(|c: char| c.is_ascii_digit()) => {
            fraction.trim_start_matches(|c: char| c.is_ascii_digit())
        }
        Some(_) => return false,
        None => rest,
    };
    separated && is_date(date.as_bytes()) && clock && is_zone(zone, json)
}

fn is_zone(zone: &str, json: bool) -> bool {
    match zone.as_bytes() {
        b"Z" => true,
        b"z" => json,
        b"" => !json,
        [b'+' | b'-', h1, h2, b':', m1, m2] => two(&[*h1, *h2], 0..=23) && two(&[*m1, *m2], 0..=59),
        _ => false,
    }
}
