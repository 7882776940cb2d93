//! Maven's order, as Maven 3.8.7 to 3.9 compare (`ComparableVersion` of maven-artifact): the POM
//! reference, "Version Order Specification", and what the program does where that says nothing.
//!
//! A version is a list of numbers and words whose last item may be a list again. A hyphen begins
//! that list, and so does a change between digits and letters; a word behind a dot begins one only
//! where a number or the end of the version follows it: `1.x` is `1-x`, but `1.x.2` is not `1-x.2`.
//! Before 3.8.7 no word behind a dot did so before a number; Maven 4 takes a word and the number
//! behind it for one piece. Neither is done here.
//!
//! Refuses nothing: every text is a version to Maven. Its order is not transitive, so neither is
//! this one: `1-sp` > `1` > `1.0.alpha.1` > `1-sp`.

use std::cmp::Ordering;

use super::number::{self, is_zero, split_digits, split_run};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let (a, b) = (tokens(&a), tokens(&b));
    // Where all before it is equal, a list stands in one place in both: so both can be walked as
    // if they were flat, and never deeper than the text is long.
    let (mut left, mut right) = (a.iter(), b.iter());
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(token), None) => token.beside_nothing(),
            (None, Some(token)) => token.beside_nothing().reverse(),
            (Some(a), Some(b)) => a.compare(b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Number(&'a str),
    /// A known qualifier by its place in their order.
    Known(u8),
    Word(&'a str),
    /// The list that all further items are in.
    Deeper,
}

/// The place of the release among the known qualifiers.
const RELEASE: u8 = 5;

impl Token<'_> {
    fn is_null(&self) -> bool {
        match self {
            Self::Number(digits) => is_zero(digits),
            Self::Known(place) => *place == RELEASE,
            Self::Word(_) | Self::Deeper => false,
        }
    }

    /// How it compares with the end of a shorter version. What is in a list decides for it.
    fn beside_nothing(&self) -> Ordering {
        match self {
            Self::Number(digits) if is_zero(digits) => Ordering::Equal,
            Self::Known(place) => place.cmp(&RELEASE),
            Self::Number(_) | Self::Word(_) => Ordering::Greater,
            Self::Deeper => Ordering::Equal,
        }
    }

    fn compare(&self, other: &Token<'_>) -> Ordering {
        match (self, other) {
            (Self::Number(a), Token::Number(b)) => number::compare(a, b),
            (Self::Known(a), Token::Known(b)) => a.cmp(b),
            (Self::Word(a), Token::Word(b)) => a.cmp(b),
            _ => self.class().cmp(&other.class()),
        }
    }

    /// Qualifiers before a list before a number.
    fn class(&self) -> u8 {
        match self {
            Self::Known(_) => 0,
            Self::Word(_) => 1,
            Self::Deeper => 2,
            Self::Number(_) => 3,
        }
    }
}

/// The tokens of a version in lower case, without the null ones at the end of each list.
fn tokens(version: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut rest = version;
    while !rest.is_empty() {
        let (digits, after_digits) = split_digits(rest);
        let is_number = !digits.is_empty();
        let (text, after) = if is_number {
            (digits, after_digits)
        } else {
            split_run(rest, |letter| !letter.is_ascii_digit() && letter != '.' && letter != '-')
        };
        let next = after.chars().next();
        let ends_list = matches!(next, None | Some('0'..='9'));
        let is_first = tokens.last().is_none_or(|last| *last == Token::Deeper);
        if !is_number && ends_list && !is_first {
            deeper(&mut tokens);
        }
        tokens.push(match text {
            "" => Token::Number("0"),
            _ if is_number => Token::Number(text),
            word => qualifier(word, next.is_some_and(|next| next.is_ascii_digit())),
        });
        if !matches!(next, None | Some('.')) {
            deeper(&mut tokens);
        }
        rest = after.strip_prefix(['.', '-']).unwrap_or(after);
    }
    while tokens.last().is_some_and(|last| last.is_null() || *last == Token::Deeper) {
        tokens.pop();
    }
    tokens
}

/// Begins a list in the one before it, whose null items are cut off at the end.
fn deeper(tokens: &mut Vec<Token<'_>>) {
    while tokens.last().is_some_and(Token::is_null) {
        tokens.pop();
    }
    tokens.push(Token::Deeper);
}

/// A qualifier; `a`, `b` and `m` are short only directly before a number.
fn qualifier(word: &str, before_number: bool) -> Token<'_> {
    Token::Known(match word {
        "alpha" => 0,
        "a" if before_number => 0,
        "beta" => 1,
        "b" if before_number => 1,
        "milestone" => 2,
        "m" if before_number => 2,
        "rc" | "cr" => 3,
        "snapshot" => 4,
        "final" | "ga" | "release" => RELEASE,
        "sp" => 6,
        _ => return Token::Word(word),
    })
}
