//! Debian's order (deb-version(7), Debian policy 5.6.12): `[epoch:]upstream[-revision]`.
//!
//! Refuses an epoch that is no number; other characters are compared, not judged.

use std::cmp::Ordering;

use super::number::{self, split_digits, split_run};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (split(a)?, split(b)?);
    Some(
        number::compare(a.epoch, b.epoch)
            .then_with(|| compare_part(a.upstream, b.upstream))
            .then_with(|| compare_part(a.revision, b.revision)),
    )
}

struct Version<'a> {
    epoch: &'a str,
    upstream: &'a str,
    revision: &'a str,
}

fn split(version: &str) -> Option<Version<'_>> {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    number::is_number(epoch).then_some(Version { epoch, upstream, revision })
}

/// Runs of other characters and runs of digits by turns; a missing number is zero.
fn compare_part(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() || !b.is_empty() {
        let (word_a, rest_a) = split_run(a, |character| !character.is_ascii_digit());
        let (word_b, rest_b) = split_run(b, |character| !character.is_ascii_digit());
        let (digits_a, rest_a) = split_digits(rest_a);
        let (digits_b, rest_b) = split_digits(rest_b);
        let order = compare_words(word_a, word_b).then_with(|| number::compare(digits_a, digits_b));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

/// A tilde sorts before the end, the end before letters, letters before all else.
fn compare_words(a: &str, b: &str) -> Ordering {
    let weight = |character: Option<char>| match character {
        Some('~') => (0, '~'),
        None => (1, ' '),
        Some(letter) if letter.is_ascii_alphabetic() => (2, letter),
        Some(other) => (3, other),
    };
    let (mut a, mut b) = (a.chars(), b.chars());
    loop {
        let (left, right) = (a.next(), b.next());
        let order = weight(left).cmp(&weight(right));
        if order != Ordering::Equal || left.is_none() {
            return order;
        }
    }
}
