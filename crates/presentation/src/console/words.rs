//! The console's words for what stands in its lists. All else that it says stands in its templates.

use domain::decision::Justification;
use jiff::Timestamp;
use store::devices::{Count, Device};
use store::releases::{Finding, Release};

pub use domain::decision::REASON_CHARS;

use crate::assessment::Range;
use crate::listed;

/// A value, or a reference to one: templates hand over either.
pub trait Given<T> {
    /// The value.
    fn given(self) -> T;
}

impl<T: Copy> Given<T> for T {
    fn given(self) -> T {
        self
    }
}

impl<T: Copy> Given<T> for &T {
    fn given(self) -> T {
        *self
    }
}

impl<T: Copy> Given<T> for &&T {
    fn given(self) -> T {
        **self
    }
}

/// Decisions that can be asked for, each with those that are graver.
pub const DECISIONS: [(&str, &str); 4] =
    [("4", "Act"), ("3", "Attend or graver"), ("2", "Track* or graver"), ("1", "Track or graver")];

/// Criticalities that can be asked for, each with those that are more.
pub const CRITICALITIES: [(&str, &str); 5] = [
    ("5", "life-sustaining"),
    ("4", "therapy or more"),
    ("3", "monitoring or more"),
    ("2", "diagnostic or more"),
    ("1", "support or more"),
];

/// Orders of the list of devices.
pub const ORDERS: [(&str, &str); 5] = [
    ("", "what to do first"),
    ("model", "maker and model"),
    ("place", "place"),
    ("support", "end of support"),
    ("id", "device"),
];

/// A decision, in a word.
#[must_use]
pub fn decision(number: impl Given<i64>) -> &'static str {
    match listed::decision_name(number.given()) {
        "" => "None",
        name => name,
    }
}

/// What a decision asks for.
#[must_use]
pub fn meaning(number: impl Given<i64>) -> &'static str {
    match number.given() {
        4 => "act as soon as possible",
        3 => "plan it sooner than usual",
        2 => "watch it closely",
        1 => "with the next maintenance",
        _ => "nothing is known against it",
    }
}

/// The class by which a decision is coloured.
#[must_use]
pub fn class(number: impl Given<i64>) -> &'static str {
    match number.given() {
        4 => "act",
        3 => "attend",
        2 => "track-closely",
        1 => "track",
        _ => "none",
    }
}

/// A risk, as one number or two.
#[must_use]
pub fn risk(risk: impl Given<(f64, f64)>) -> String {
    let (low, high) = risk.given();
    Range { low, high }.whole()
}

/// A word at the beginning of a sentence.
#[must_use]
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A criticality, in words.
#[must_use]
pub fn criticality(number: impl Given<i64>) -> &'static str {
    match listed::criticality_name(number.given()) {
        "" => "criticality unknown",
        name => name,
    }
}

/// Whether it is in use, in words.
#[must_use]
pub fn usage(in_use: impl Given<Option<bool>>) -> &'static str {
    match in_use.given() {
        Some(true) => "in use",
        Some(false) => "not in use",
        None => "use unknown",
    }
}

/// Manufacturer, model and version.
#[must_use]
pub fn product(device: &Device) -> String {
    joined(&[&device.manufacturer, &device.model, &device.version], "unknown product")
}

/// Manufacturer, model and version of a release.
#[must_use]
pub fn release(release: &Release) -> String {
    joined(&[&release.manufacturer, &release.model, &release.version], "unknown product")
}

/// Site, unit and room.
#[must_use]
pub fn place(device: &Device) -> String {
    joined(&[&device.site, &device.unit, &device.room], "place unknown")
}

/// Texts that are there, with a space between.
#[must_use]
pub fn joined(texts: &[&str], none: &str) -> String {
    let said: Vec<&str> = texts.iter().copied().filter(|text| !text.trim().is_empty()).collect();
    if said.is_empty() { none.to_owned() } else { said.join(" ") }
}

/// A moment for a machine (RFC 3339).
#[must_use]
pub fn moment(at_ms: impl Given<i64>) -> String {
    let at = Timestamp::from_millisecond(at_ms.given()).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A verdict, in words.
#[must_use]
pub fn verdict(name: &str) -> &'static str {
    match name {
        "affected" => "affected",
        "undecided" => "undecided",
        "fixed" => "fixed",
        _ => "not affected",
    }
}

/// Why something is not affected, as it is written and as it is said.
#[must_use]
pub fn justifications() -> [(&'static str, &'static str); 5] {
    Justification::ALL.map(|one| (one.text(), one.meaning()))
}

/// What the hospital has decided about a finding, in words; nothing where it has not.
#[must_use]
pub fn decided(finding: &Finding) -> &'static str {
    const KNOWN: [(&str, &str); 4] = [
        ("\"decision.accepted\"", "risk accepted"),
        ("\"decision.ran-out\"", "acceptance ran out"),
        ("\"decision.false-positive\"", "false positive"),
        ("\"decision.not-affected\"", "decided here"),
    ];
    let known = KNOWN.into_iter().find(|(rule, _)| finding.reasons.contains(rule));
    known.map_or("", |(_, said)| said)
}

/// What somebody says that a detection was.
#[must_use]
pub fn judgement(name: &str) -> &'static str {
    let known = super::detections::JUDGEMENTS.into_iter().find(|(known, _)| *known == name);
    known.map_or("judged", |(_, said)| said)
}

/// A rhythm in milliseconds, in a unit that people read: `every 5 s`.
#[must_use]
pub fn every(rhythm_ms: i64) -> String {
    match rhythm_ms {
        ..1_000 => format!("every {rhythm_ms} ms"),
        1_000..120_000 => format!("every {} s", (rhythm_ms + 500) / 1_000),
        120_000..7_200_000 => format!("every {} min", (rhythm_ms + 30_000) / 60_000),
        _ => format!("every {} h", (rhythm_ms + 1_800_000) / 3_600_000),
    }
}

/// A probability in percent.
#[must_use]
pub fn percent(part: impl Given<f64>) -> String {
    format!("{:.1} %", part.given() * 100.0)
}

/// A number with one decimal, or a dash.
#[must_use]
pub fn score(score: impl Given<Option<f64>>) -> String {
    score.given().map_or_else(|| "–".to_owned(), |score| format!("{score:.1}"))
}

/// A count with its noun.
#[must_use]
pub fn many(count: impl Given<i64>, one: &str, more: &str) -> String {
    let count = count.given();
    if count == 1 { format!("1 {one}") } else { format!("{} {more}", thousands(count)) }
}

/// A count of devices, also one that was not counted to its end.
#[must_use]
pub fn devices(count: impl Given<Count>) -> String {
    match count.given() {
        Count::Exactly(count) => many(count, "device", "devices"),
        Count::MoreThan(count) => format!("more than {} devices", thousands(count)),
    }
}

/// A count, its thousands apart.
#[must_use]
pub fn thousands(count: impl Given<i64>) -> String {
    let count = count.given();
    let digits = count.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if count < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A size in bytes, in a unit that people read.
#[must_use]
pub fn size(bytes: impl Given<i64>) -> String {
    const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];
    let mut size = bytes.given() as f64;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for larger in units {
        if size < 1_000.0 {
            break;
        }
        size /= 1_000.0;
        unit = larger;
    }
    if unit == "B" { format!("{size:.0} {unit}") } else { format!("{size:.1} {unit}") }
}

/// What is asked of a page, as its address says it: names with values, but for empty ones.
#[must_use]
pub fn query(asked: &[(&str, &str)]) -> String {
    let asked = asked.iter().filter(|(_, value)| !value.is_empty());
    let asked: Vec<String> =
        asked.map(|(name, value)| format!("{name}={}", address(value))).collect();
    if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) }
}

/// A text as part of an address (RFC 3986, section 2.1).
#[must_use]
pub fn address(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                address.push(char::from(byte));
            }
            _ => {
                use std::fmt::Write as _;
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::{address, every, many, size, thousands};

    #[test]
    fn counts_sizes_and_addresses_are_written_for_people_and_browsers() {
        assert_eq!(thousands(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((thousands(-1_000), thousands(999)), ("-1\u{202f}000".into(), "999".into()));
        assert_eq!(many(1, "device", "devices"), "1 device");
        assert_eq!((size(999), size(1_250_000)), ("999 B".to_owned(), "1.2 MB".to_owned()));
        assert_eq!(
            [400, 5_000, 119_600, 600_000, 86_400_000].map(every),
            ["every 400 ms", "every 5 s", "every 120 s", "every 10 min", "every 24 h"]
        );
        assert_eq!(address("PUMP 1/ä?"), "PUMP%201%2F%C3%A4%3F");
    }
}
