//! Maven's order (POM reference, "Version Order Specification"), with one difference that the tool
//! itself has: qualifiers behind a dot come before qualifiers behind a hyphen.
//!
//! Refuses nothing: every text is a version to Maven.

use std::cmp::Ordering;

use super::number::{self, is_zero, split_digits, split_run};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let (a, b) = (tokens(&a), tokens(&b));
    let (mut left, mut right) = (a.iter(), b.iter());
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (Some(token), None) => token.compare(&token.padding()),
            (None, Some(token)) => token.padding().compare(token),
            (Some(a), Some(b)) => a.compare(b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// What stands before a token. A change between digits and letters counts as a hyphen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Hyphen,
    Dot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value<'a> {
    Number(&'a str),
    /// A known qualifier by its place in their order.
    Known(u8),
    Word(&'a str),
}

/// The place of the release among the known qualifiers.
const RELEASE: u8 = 5;

#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    separator: Separator,
    value: Value<'a>,
}

impl Token<'_> {
    /// What a shorter version has in this token's place: zero for a number behind a dot, the
    /// release for all else.
    fn padding(&self) -> Token<'static> {
        let value = match (self.separator, self.value) {
            (Separator::Dot, Value::Number(_)) => Value::Number("0"),
            _ => Value::Known(RELEASE),
        };
        Token { separator: self.separator, value }
    }

    fn is_null(&self) -> bool {
        match self.value {
            Value::Number(digits) => is_zero(digits),
            Value::Known(place) => place == RELEASE,
            Value::Word(_) => false,
        }
    }

    fn compare(&self, other: &Token<'_>) -> Ordering {
        match (self.value, other.value) {
            (Value::Number(a), Value::Number(b)) if self.separator == other.separator => {
                number::compare(a, b)
            }
            (Value::Known(_) | Value::Word(_), Value::Known(_) | Value::Word(_))
                if self.separator != other.separator =>
            {
                if self.separator == Separator::Dot {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (Value::Known(a), Value::Known(b)) => a.cmp(&b),
            (Value::Word(a), Value::Word(b)) => a.cmp(b),
            _ => self.class().cmp(&other.class()),
        }
    }

    /// Qualifiers before a number behind a hyphen before a number behind a dot.
    fn class(&self) -> u8 {
        match (self.value, self.separator) {
            (Value::Known(_), _) => 0,
            (Value::Word(_), _) => 1,
            (Value::Number(_), Separator::Hyphen) => 2,
            (Value::Number(_), Separator::Dot) => 3,
        }
    }
}

/// The tokens of a version in lower case, without the null ones at the end and before hyphens.
fn tokens(version: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut separator = Separator::Dot;
    let mut rest = version;
    loop {
        let (digits, after_digits) = split_digits(rest);
        let (text, after) = if digits.is_empty() {
            split_run(rest, |letter| !letter.is_ascii_digit() && letter != '.' && letter != '-')
        } else {
            (digits, after_digits)
        };
        if separator == Separator::Hyphen {
            trim(&mut tokens);
        }
        let value = match text {
            "" => Value::Number("0"),
            _ if !digits.is_empty() => Value::Number(digits),
            word => qualifier(word, after),
        };
        tokens.push(Token { separator, value });
        let mut characters = after.chars();
        (separator, rest) = match characters.next() {
            None => break,
            Some('.') => (Separator::Dot, characters.as_str()),
            Some('-') => (Separator::Hyphen, characters.as_str()),
            Some(_) => (Separator::Hyphen, after),
        };
    }
    trim(&mut tokens);
    tokens
}

fn trim(tokens: &mut Vec<Token<'_>>) {
    while tokens.last().is_some_and(Token::is_null) {
        tokens.pop();
    }
}

/// A qualifier; `a`, `b` and `m` are short only directly before a number.
fn qualifier<'a>(word: &'a str, after: &str) -> Value<'a> {
    let before_number = after.starts_with(|next: char| next.is_ascii_digit());
    Value::Known(match word {
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
        _ => return Value::Word(word),
    })
}
