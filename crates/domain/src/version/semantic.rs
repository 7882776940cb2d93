//! Semantic versions (semver.org 2.0.0, section 11) with the lenience of the registries: a `v` in
//! front, any count of numbers, numbers of any length; and NuGet's way of them.
//!
//! Refuses a version that does not start with a number, and to order by build metadata.

use std::cmp::Ordering;

use super::number::{self, is_number, split_run};

/// Semantic order; letters of a pre-release count by their case.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Version::parse(a)?, Version::parse(b)?);
    Some(a.compare(&b, str::cmp))
}

/// NuGet's order (its documentation, "Package versioning"): four numbers, letters of a pre-release
/// without their case.
pub(super) fn compare_nuget(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Version::parse(a)?, Version::parse(b)?);
    let folded = |a: &str, b: &str| {
        a.bytes()
            .map(|byte| byte.to_ascii_lowercase())
            .cmp(b.bytes().map(|b| b.to_ascii_lowercase()))
    };
    Some(a.compare(&b, folded))
}

struct Version<'a> {
    numbers: &'a str,
    prerelease: &'a str,
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text).trim_start();
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, rest) =
            split_run(text, |character| character.is_ascii_digit() || character == '.');
        if !numbers.split('.').all(is_number) {
            return None;
        }
        // `1.0.0beta` without its hyphen is what node's loose mode reads too.
        let prerelease = rest.strip_prefix('-').unwrap_or(rest);
        let permitted = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        prerelease.bytes().all(permitted).then_some(Self { numbers, prerelease })
    }

    fn compare(&self, other: &Self, words: impl Fn(&str, &str) -> Ordering) -> Ordering {
        compare_numbers(self.numbers, other.numbers).then_with(|| {
            match (self.prerelease, other.prerelease) {
                ("", "") => Ordering::Equal,
                ("", _) => Ordering::Greater,
                (_, "") => Ordering::Less,
                (a, b) => compare_prereleases(a, b, words),
            }
        })
    }
}

/// Number by number, a missing one being zero.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = number::compare(left.unwrap_or(""), right.unwrap_or(""));
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_prereleases(a: &str, b: &str, words: impl Fn(&str, &str) -> Ordering) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (is_number(a), is_number(b)) {
                (true, true) => number::compare(a, b),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => words(a, b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}
