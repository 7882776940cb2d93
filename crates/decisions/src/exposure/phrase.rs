//! The language in which advisories speak of versions: "Versions 3.64 and prior", `>= 2.5 | <
//! 3.11`, "V1.0 through V3.1", "12.x".
//!
//! Refuses to guess: words that the grammar does not know come back as [`Unread`], and a remark in
//! brackets as a condition that somebody must check.

mod clause;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::version::{Scheme, compare};

use clause::Clause;

/// A phrase, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The versions meant; any of them.
    pub versions: Vec<Versions>,
    /// Names that may be versions, models or options: they hold where the device bears them.
    pub names: Vec<String>,
    /// A condition beside the versions, in the phrase's own words.
    pub condition: Option<String>,
}

/// Words that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread(pub String);

/// Reads a phrase about versions.
pub fn read(text: &str) -> Result<Phrase, Unread> {
    let (bare, condition) = split_remarks(text);
    let mut clauses = Vec::new();
    for part in parts(&bare) {
        clauses.push(clause::read(&part).ok_or_else(|| Unread(text.trim().to_owned()))?);
    }
    if clauses.is_empty() {
        return Err(Unread(text.trim().to_owned()));
    }
    let (versions, names) = join(clauses);
    Ok(Phrase { versions, names, condition })
}

/// Takes remarks in brackets out; those that set no condition are dropped.
fn split_remarks(text: &str) -> (String, Option<String>) {
    const HARMLESS: [&str; 7] = [
        "end-of-life",
        "end of life",
        "eol",
        "end-of-support",
        "discontinued",
        "inclusive",
        "including",
    ];
    let mut bare = String::new();
    let mut condition: Option<String> = None;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let (remark, following) = after.split_once(')').unwrap_or((after, ""));
        // A single letter or a plural in brackets belongs to its word: `MMT-522(K)`, `version(s)`.
        if remark.len() <= 1 && before.ends_with(|c: char| c.is_alphanumeric()) {
            bare.push_str(before);
            if !remark.eq_ignore_ascii_case("s") {
                bare.push_str(remark);
            }
        } else {
            bare.push_str(before);
            bare.push(' ');
            let lower = remark.trim().to_lowercase();
            if !HARMLESS.iter().any(|word| lower.starts_with(word)) && !lower.is_empty() {
                condition = Some(remark.trim().to_owned());
            }
        }
        rest = following;
    }
    bare.push_str(rest);
    (bare, condition)
}

/// The alternatives of a phrase.
fn parts(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['_', '\u{a0}', '\t', '\n'], " ");
    let text = text.replace('≤', "<=").replace('≥', ">=").replace("=<", "<=").replace("=>", ">=");
    let text =
        text.replace("less than or equal to", "<=").replace("greater than or equal to", ">=");
    text.split(['|', ',', ';'])
        .flat_map(|part| split_two_bounds(part.trim()))
        .map(|part| part.trim_matches([' ', '.', ':', '"', '\'']).to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// `>= 1.0 < 2.0` and `>=1.0 and <2.0` are two bounds in one part.
fn split_two_bounds(part: &str) -> Vec<String> {
    let starts: Vec<usize> = part
        .char_indices()
        .filter(|(at, c)| {
            matches!(c, '<' | '>') && !part.get(..*at).unwrap_or_default().ends_with(['<', '>'])
        })
        .map(|(at, _)| at)
        .collect();
    match starts.as_slice() {
        [_, second, ..] => {
            let (first, second) = part.split_at_checked(*second).unwrap_or((part, ""));
            let first = first.trim().trim_end_matches("and").trim_end_matches('&');
            vec![first.to_owned(), second.to_owned()]
        }
        _ => vec![part.to_owned()],
    }
}

/// A lower bound followed by an upper one is a range; everything else is one more alternative.
fn join(clauses: Vec<Clause>) -> (Vec<Versions>, Vec<String>) {
    let mut versions = Vec::new();
    let mut names = Vec::new();
    let mut clauses = clauses.into_iter().peekable();
    while let Some(clause) = clauses.next() {
        match clause {
            Clause::All => versions.push(Versions::All),
            Clause::One(version) => versions.push(Versions::One(version)),
            Clause::Name(name) => names.push(name),
            Clause::Upper(to) => versions.push(range(Bound::Open, to)),
            Clause::Both(from, to) => versions.push(range(from, to)),
            Clause::Lower(from) => {
                let upper =
                    clauses.next_if(|next| matches!(next, Clause::Upper(to) if ordered(&from, to)));
                let to = match upper {
                    Some(Clause::Upper(to)) => to,
                    _ => Bound::Open,
                };
                versions.push(range(from, to));
            }
        }
    }
    (versions, names)
}

fn range(from: Bound, to: Bound) -> Versions {
    Versions::Range(VersionRange { scheme: Scheme::Generic, from, to })
}

fn ordered(from: &Bound, to: &Bound) -> bool {
    match (text(from), text(to)) {
        (Some(from), Some(to)) => {
            compare(Scheme::Generic, from, to).is_none_or(std::cmp::Ordering::is_le)
        }
        _ => false,
    }
}

fn text(bound: &Bound) -> Option<&str> {
    match bound {
        Bound::Open => None,
        Bound::Including(version) | Bound::Excluding(version) => Some(version),
    }
}

#[cfg(test)]
mod tests;
