//! Alpine's order (apk-package(5), "Version"):
//! `number{.number}[letter]{_suffix[number]}[~hash][-rnumber]`.
//!
//! Refuses a version that starts with neither a number nor a dot nor one letter. Digits behind the
//! letter (`9.5p1`) and empty numbers are read as older versions of apk did; what follows a part
//! that it can't read counts for nothing, as in apk itself.

use std::cmp::Ordering;

use super::number::{self, split_digits, split_run};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (mut a, mut b) = (Parts::start(a)?, Parts::start(b)?);
    loop {
        let (left, right) = (a.next_part(), b.next_part());
        let order = left.compare(&right);
        if order != Ordering::Equal || matches!(left, Part::End | Part::Unreadable) {
            return Some(order);
        }
    }
}

/// A part of a version.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    First(&'a str),
    Number(&'a str),
    /// A dot with no number behind it.
    Gap,
    Letter(char),
    Suffix(Suffix),
    SuffixNumber(&'a str),
    Hash(&'a str),
    Revision(&'a str),
    End,
    Unreadable,
}

/// The suffixes in their order; those before [`Suffix::Cvs`] come before the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Suffix {
    Alpha,
    Beta,
    Pre,
    Rc,
    Cvs,
    Svn,
    Git,
    Hg,
    Patch,
}

impl Suffix {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "alpha" => Self::Alpha,
            "beta" => Self::Beta,
            "pre" => Self::Pre,
            "rc" => Self::Rc,
            "cvs" => Self::Cvs,
            "svn" => Self::Svn,
            "git" => Self::Git,
            "hg" => Self::Hg,
            "p" => Self::Patch,
            _ => return None,
        })
    }
}

impl Part<'_> {
    /// Parts at the same place: of the same kind by their value, otherwise the kind that may
    /// stand further in front is the greater, unless a suffix marks what came before a release.
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            // A zero in front makes it a fraction: 1.05 comes before 1.1.
            (Self::Number(a), Self::Number(b)) if a.starts_with('0') || b.starts_with('0') => {
                a.cmp(b)
            }
            (Self::First(a), Self::First(b))
            | (Self::Number(a), Self::Number(b))
            | (Self::SuffixNumber(a), Self::SuffixNumber(b))
            | (Self::Revision(a), Self::Revision(b)) => number::compare(a, b),
            (Self::Letter(a), Self::Letter(b)) => a.cmp(b),
            (Self::Suffix(a), Self::Suffix(b)) => a.cmp(b),
            (Self::Hash(a), Self::Hash(b)) => a.cmp(b),
            _ if self.before_release() => Ordering::Less,
            _ if other.before_release() => Ordering::Greater,
            _ => other.place().cmp(&self.place()),
        }
    }

    fn before_release(&self) -> bool {
        matches!(self, Self::Suffix(suffix) if *suffix < Suffix::Cvs)
    }

    fn place(&self) -> u8 {
        match self {
            Self::First(_) => 0,
            Self::Number(_) => 1,
            Self::Letter(_) => 2,
            Self::Suffix(_) => 3,
            Self::SuffixNumber(_) => 4,
            Self::Hash(_) => 5,
            Self::Revision(_) => 6,
            Self::End => 7,
            Self::Gap => 8,
            Self::Unreadable => 9,
        }
    }
}

/// A version that is being cut into its parts.
struct Parts<'a> {
    rest: &'a str,
    last: Part<'a>,
    first: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn start(version: &'a str) -> Option<Self> {
        let (first, rest) = split_digits(version);
        let mut letters = rest.chars().map(|letter| letter.is_ascii_lowercase());
        let one_letter = letters.next() == Some(true) && letters.next() != Some(true);
        if first.is_empty() && !rest.starts_with('.') && !one_letter {
            return None;
        }
        Some(Self { rest, last: Part::First(first), first: Some(first) })
    }

    fn next_part(&mut self) -> Part<'a> {
        let part = match self.first.take() {
            Some(first) => Part::First(first),
            None if self.rest.is_empty() => Part::End,
            None => self.cut().unwrap_or(Part::Unreadable),
        };
        self.last = part;
        part
    }

    /// The next part where it may stand after the last one.
    fn cut(&mut self) -> Option<Part<'a>> {
        let place = if matches!(self.last, Part::Gap) { 1 } else { self.last.place() };
        let mut characters = self.rest.chars();
        let (part, rest) = match characters.next()? {
            '.' if place <= 1 => {
                let (digits, rest) = split_digits(characters.as_str());
                (if digits.is_empty() { Part::Gap } else { Part::Number(digits) }, rest)
            }
            '0'..='9' if place == 2 => {
                let (digits, rest) = split_digits(self.rest);
                (Part::Number(digits), rest)
            }
            letter @ 'a'..='z' if place <= 1 => (Part::Letter(letter), characters.as_str()),
            '_' if place <= 4 => {
                let (word, rest) =
                    split_run(characters.as_str(), |character| character.is_ascii_lowercase());
                (Part::Suffix(Suffix::of(word)?), rest)
            }
            '0'..='9' if place == 3 => {
                let (digits, rest) = split_digits(self.rest);
                (Part::SuffixNumber(digits), rest)
            }
            '~' if place <= 4 => {
                let (hash, rest) =
                    split_run(characters.as_str(), |character| character.is_ascii_hexdigit());
                (Part::Hash(hash), rest)
            }
            '-' if place <= 5 => {
                let (digits, rest) = split_digits(characters.as_str().strip_prefix('r')?);
                if digits.is_empty() && rest.starts_with(|next: char| next.is_alphabetic()) {
                    return None;
                }
                (Part::Revision(digits), rest)
            }
            _ => return None,
        };
        self.rest = rest;
        Some(part)
    }
}
