//! Numbers of any length, and cutting a version into its runs.
//!
//! Refuses machine integers: a build number of thirty digits is data, not an overflow.

use std::cmp::Ordering;

/// Compares two runs of digits as numbers.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Whether a text is one or more digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a run of digits is zero, or no digit at all.
pub(super) fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'0')
}

/// What stands before the first character that a run does not permit, and the rest.
pub(super) fn split_run(text: &str, permitted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|character| !permitted(character)).unwrap_or(text.len()))
}

/// The digits at the start, and the rest.
pub(super) fn split_digits(text: &str) -> (&str, &str) {
    split_run(text, |character| character.is_ascii_digit())
}

/// A piece of a version without its separators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run<'a> {
    Number(&'a str),
    Word(&'a str),
}

/// The runs of digits and of ASCII letters, in order; everything else separates.
pub(super) fn runs(text: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|character: char| !character.is_ascii_alphanumeric());
        let (digits, after) = split_digits(rest);
        if !digits.is_empty() {
            rest = after;
            return Some(Run::Number(digits));
        }
        let (word, after) = split_run(rest, |character| character.is_ascii_alphabetic());
        rest = after;
        (!word.is_empty()).then_some(Run::Word(word))
    })
}
