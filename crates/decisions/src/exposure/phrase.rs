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
    let unread = || Unread(text.trim().to_owned());
    // CPE names escape brackets, and records copy that: `1.2.0.14\\(408\\)`.
    let (bare, condition) = split_remarks(&text.replace('\\', ""));
    // Where all stands in brackets, nothing is a remark.
    let (bare, condition) = match condition {
        Some(inside) if bare.trim().is_empty() => (inside, None),
        condition => (bare, condition),
    };
    let mut clauses = Vec::new();
    for part in parts(&bare) {
        let clause = clause::read(&part.text).ok_or_else(unread)?;
        // `<= 5.008 & 5.028` may mean two bounds as well as one and a version.
        let after_bound = clauses.last().is_some_and(Clause::is_bound);
        if part.joined && after_bound && matches!(clause, Clause::One(_) | Clause::Name(_)) {
            return Err(unread());
        }
        clauses.push(clause);
    }
    if clauses.is_empty() {
        return Err(unread());
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
        let attached = before.ends_with(|c: char| c.is_alphanumeric());
        let numbered = before.ends_with(|c: char| c.is_ascii_digit());
        // A number in brackets belongs to the version before it: `9.2(1)`, `7.0(3)I4(6t)`.
        if attached && remark.starts_with(|c: char| c.is_ascii_digit()) && is_build(remark) {
            bare.push_str(before);
            bare.extend(["(", remark, ")"]);
        // A single letter or a plural belongs to its word: `MMT-522(K)`, `version(s)`.
        } else if attached && !numbered && remark.eq_ignore_ascii_case("s") {
            bare.push_str(before);
        } else if attached && remark.len() == 1 {
            bare.push_str(before);
            bare.push_str(remark);
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

/// A build in brackets: a number, perhaps with a letter.
fn is_build(remark: &str) -> bool {
    remark.len() <= 6 && remark.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// One alternative of a phrase.
struct Part {
    text: String,
    /// Whether it follows the one before it with a comma or an "and", not with a bar.
    joined: bool,
}

/// The alternatives of a phrase.
fn parts(text: &str) -> Vec<Part> {
    let text = text.to_lowercase().replace(['_', '\u{a0}', '\t', '\n'], " ");
    let text = text.replace('≤', "<=").replace('≥', ">=").replace("=<", "<=").replace("=>", ">=");
    let text =
        text.replace("less than or equal to", "<=").replace("greater than or equal to", ">=");
    let mut parts = Vec::new();
    for alternative in text.split(['|', ';']) {
        let mut joined = false;
        for listed in alternative.split(',').flat_map(split_list) {
            for bound in split_two_bounds(listed.trim()) {
                let text = bound.trim_matches([' ', '.', ':', '"', '\'']).to_owned();
                if !text.is_empty() {
                    parts.push(Part { text, joined });
                    joined = true;
                }
            }
        }
    }
    parts
}

/// `15.1 and 16` are two versions; `15.1 and prior` is one bound.
fn split_list(part: &str) -> Vec<&str> {
    for separator in [" and ", " or ", " & "] {
        if let Some((first, second)) = part.split_once(separator) {
            let starts = |text: &str| {
                let text = text.trim_start().trim_start_matches(['v', '<', '>', '=', ' ']);
                text.starts_with(|c: char| c.is_ascii_digit())
            };
            let bounded = first.trim_start().starts_with("between");
            if starts(second) && !bounded {
                let mut parts = vec![first];
                parts.extend(split_list(second));
                return parts;
            }
        }
    }
    // `1.0, 1.1, and 1.2`
    let bare = part.trim_start();
    vec![bare.strip_prefix("and ").or_else(|| bare.strip_prefix("or ")).unwrap_or(part)]
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
            Clause::One(version) => versions.push(Versions::One(version.into())),
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
