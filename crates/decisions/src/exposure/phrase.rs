//! The language in which advisories speak of versions: "Versions 3.64 and prior", `>= 2.5 | <
//! 3.11`, "V1.0 through V3.1", "12.x".
//!
//! Refuses to guess: words that the grammar does not know come back as [`Unread`], and a remark in
//! brackets as a condition that somebody must check.

mod clause;
mod remark;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::version::{Scheme, compare};

use super::dates;
use clause::Clause;
pub(super) use remark::speaks_of_more;

/// A phrase, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The versions meant; any of them.
    pub versions: Vec<Versions>,
    /// Names that may be versions, models or options: they hold where the device bears them.
    pub names: Vec<String>,
    /// A condition beside the versions, in the phrase's own words.
    pub condition: Option<String>,
    /// Model numbers beside the versions: `8.x model 35700BAX2`. One of them must be the device's.
    pub models: Vec<String>,
    /// Words that can't be read and may mean other versions, beside those that can: an alternative,
    /// or a remark. While they stand, no version is outside.
    pub unread: Option<String>,
    /// Words before a version that say what it is of: `OS` in `OS version 4.4 and below`. Where
    /// they don't name the device, no version is outside.
    pub product: Option<String>,
    /// Versions that are not meant: `!= 1.5`.
    pub excluded: Vec<Versions>,
}

/// Words that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread(pub String);

/// Reads a phrase about versions.
pub fn read(text: &str) -> Result<Phrase, Unread> {
    let unread = || Unread(text.trim().to_owned());
    // CPE names escape brackets, and records copy that: `1.2.0.14\\(408\\)`.
    let text = text.replace('\\', "");
    let (text, aside) = without_asides(&text);
    let (bare, condition) = remark::split(&text);
    // Where all stands in brackets, nothing is a remark.
    let (bare, condition) = match condition {
        Some(inside) if bare.trim().is_empty() => (inside, None),
        condition => (bare, condition),
    };
    let (bare, models) = split_models(&bare);
    let (bare, condition, widened) = match split_condition(&bare) {
        Some((versions, more)) if condition.is_none() => {
            (versions.to_owned(), Some(more.to_owned()), remark::goes_on(more))
        }
        _ => {
            let widened = condition.as_deref().is_some_and(remark::may_widen);
            (bare, condition, widened)
        }
    };
    let (bare, condition, widened) = match condition.as_deref().and_then(series) {
        Some(series) => (format!(">= {series}, {}", bare.trim()), None, false),
        None => (bare, condition, widened),
    };
    let remarked = condition.clone().filter(|_| widened);
    let clauses = read_parts(&bare).ok_or_else(unread)?;
    if clauses.said.is_empty() {
        return Err(unread());
    }
    let (versions, names) = join(clauses.said);
    Ok(Phrase {
        versions,
        names,
        condition,
        models,
        unread: aside.or(remarked).or(clauses.unread),
        product: clauses.product,
        excluded: clauses.excluded,
    })
}

/// What the parts of a phrase say.
#[derive(Default)]
struct Clauses {
    said: Vec<Clause>,
    excluded: Vec<Versions>,
    unread: Option<String>,
    product: Option<String>,
}

/// Reads all parts of a phrase; `None` where what can't be read may bound what can.
fn read_parts(text: &str) -> Option<Clauses> {
    let mut read = Clauses::default();
    let mut last_was_read = true;
    let mut last_was_series = false;
    for part in parts(text) {
        // What is joined to words that nobody can read may depend on them.
        if part.joined && !last_was_read {
            return None;
        }
        if let Some(not) = part.text.strip_prefix("!=") {
            let (excluded, names) = join(vec![clause::read(not.trim())?]);
            if !names.is_empty() {
                return None;
            }
            read.excluded.extend(excluded);
            continue;
        }
        let Some(clause) = clause::read(&part.text) else {
            // What follows with a comma may bound what stands before it.
            if part.joined {
                return None;
            }
            read.unread = read.unread.or(Some(part.text));
            last_was_read = false;
            last_was_series = false;
            continue;
        };
        last_was_read = true;
        let (clause, product) = clause.without_product();
        read.product = read.product.or(product);
        // `<= 5.008 & 5.028` may mean two bounds as well as one and a version.
        let after_bound = read.said.last().is_some_and(Clause::is_bound);
        if part.joined && after_bound && matches!(clause, Clause::One(_) | Clause::Name(_)) {
            return None;
        }
        let of_series = last_was_series && part.joined;
        last_was_series = clause::is_series(&part.text);
        match read.said.last().filter(|_| of_series).and_then(|last| last.bounded_by(&clause)) {
            // Of `5.x or up to 5.8` nobody knows whether the second bounds the first.
            Some(_) if text.contains(" or ") => return None,
            Some(within) if part.text.ends_with(|c: char| c.is_ascii_digit()) => {
                read.said.pop();
                read.said.push(within);
            }
            _ => read.said.push(clause),
        }
    }
    Some(read)
}

/// "all versions with Ethernet interface", "< V5.3 only when running on …": the versions, and what
/// else must hold. Not where alternatives follow: who knows to which of them it belongs.
fn split_condition(text: &str) -> Option<(&str, &str)> {
    const MARKS: [&str; 11] = [
        " only when ",
        " only if ",
        " only with ",
        " only on ",
        " when ",
        " if ",
        " with ",
        " running ",
        " installed ",
        " configured ",
        " using ",
    ];
    let lower = text.to_ascii_lowercase().replace('_', " ");
    let at = MARKS.iter().filter_map(|mark| lower.find(mark)).min()?;
    let (versions, rest) = text.split_at_checked(at)?;
    let alone = !text.contains(['|', ';']) && !versions.trim().is_empty();
    let is_read = alone && parts(versions).iter().all(|part| {
        matches!(clause::read(&part.text), Some(clause) if !matches!(clause, Clause::Name(_)))
    });
    // What stands behind may bound the versions again: `with V2 or higher`.
    let bounds_again = rest.contains(['<', '>', '=']) && versions.contains(['<', '>', '=']);
    (is_read && !bounds_again).then(|| (versions, rest.trim()))
}

/// Alternatives that stand in brackets as a whole speak of something else: `Rev J-M | (X3 for Rev M
/// only)`. The others, and the first of those.
fn without_asides(text: &str) -> (String, Option<String>) {
    let is_aside = |part: &&str| {
        let part = part.trim();
        part.starts_with('(') && part.ends_with(')') && part.matches('(').count() == 1
    };
    let (asides, others): (Vec<&str>, Vec<&str>) = text.split('|').partition(is_aside);
    match asides.first() {
        Some(aside) if !others.is_empty() => {
            let aside = aside.trim();
            let inside = aside.trim_matches(['(', ')']);
            // What may mean more versions concerns every model.
            let aside = if remark::may_widen(inside) && !remark::is_of_model(inside) {
                inside
            } else {
                aside
            };
            (others.join("|"), Some(aside.to_owned()))
        }
        _ => (text.to_owned(), None),
    }
}

/// A remark that names the series which a bound is of: `< 6.6 (6.x series)`.
fn series(remark: &str) -> Option<&str> {
    let version = remark.trim().strip_suffix(" series")?.strip_suffix(".x")?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    version.split('.').all(digits).then_some(version)
}

/// `8.x model 35700BAX2`, `6.x models A100 and A200`: what stands before the model numbers, and
/// these. Several alternatives are left as they are: which of them a number belongs to, who knows.
fn split_models(text: &str) -> (String, Vec<String>) {
    let lower = text.to_ascii_lowercase();
    let whole = || (text.to_owned(), Vec::new());
    let mark = [" models ", " model "].into_iter().find(|mark| lower.contains(mark));
    let Some((before, after)) = mark.and_then(|mark| lower.split_once(mark)) else {
        return whole();
    };
    let models: Vec<String> = after
        .split([',', '/'])
        .flat_map(|part| part.split(" and "))
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    let is_number = |model: &String| {
        model.bytes().any(|b| b.is_ascii_digit()) && !model.contains(char::is_whitespace)
    };
    let versions = before.trim();
    if versions.is_empty() || before.contains('|') || !models.iter().all(is_number) {
        return whole();
    }
    (versions.to_owned(), models)
}

/// One alternative of a phrase.
struct Part {
    text: String,
    /// Whether it follows the one before it with a comma or an "and", not with a bar.
    joined: bool,
}

/// The alternatives of a phrase.
fn parts(text: &str) -> Vec<Part> {
    let text = text.to_lowercase().replace(['\u{a0}', '\t', '\n'], " ");
    let text = without_underscores(&text);
    let text = text.replace('≤', "<=").replace('≥', ">=").replace("=<", "<=").replace("=>", ">=");
    let text =
        text.replace("less than or equal to", "<=").replace("greater than or equal to", ">=");
    let mut parts = Vec::new();
    let without_comma = without_commas_of_days(&text);
    for alternative in without_comma.split(['|', ';']).flat_map(split_columns) {
        let mut joined = false;
        for listed in alternative.split(',').flat_map(split_list).flat_map(split_row) {
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

/// Underscores stand for blanks, but between two numbers they are a version's own.
fn without_underscores(text: &str) -> String {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut before = None;
    let mut after = text.chars().skip(1);
    text.chars()
        .map(|c| {
            let next = after.next();
            let inside = digit(before) && digit(next);
            before = Some(c);
            if c == '_' && !inside { ' ' } else { c }
        })
        .collect()
}

/// `april 1, 2018` is one day, and no list.
fn without_commas_of_days(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for part in text.split(',') {
        let starts = part.trim_start().split(|c: char| !c.is_ascii_digit()).next();
        let year = starts.filter(|year| year.len() == 4).unwrap_or_default();
        let mut words: Vec<&str> = whole.split_whitespace().rev().take(2).collect();
        words.reverse();
        let day = format!("{} {year}", words.join(" "));
        if !whole.is_empty() && (year.is_empty() || !dates::is_day(&day)) {
            whole.push(',');
        }
        whole.push_str(part);
    }
    whole
}

/// Names that only several blanks part are those of several columns: `CS2  Avance`.
fn split_columns(text: &str) -> Vec<&str> {
    let columns = text.split("  ").map(str::trim).filter(|column| !column.is_empty());
    let columns: Vec<&str> = columns.collect();
    let whole = columns.join(" ");
    let read = clause::read(&whole);
    let is_one = text.contains(['<', '>', '=']) || !matches!(read, None | Some(Clause::Name(_)));
    if is_one { vec![text] } else { columns }
}

/// `1.3.2 1.4.0 1.4.1`: versions that only blanks part.
fn split_row(text: &str) -> Vec<&str> {
    clause::versions_in_a_row(text).unwrap_or_else(|| vec![text])
}

/// `15.1 and 16` are two versions; `15.1 and prior` is one bound.
fn split_list(part: &str) -> Vec<&str> {
    for separator in [" and ", " or ", " & "] {
        if let Some((first, second)) = part.split_once(separator) {
            let starts = |text: &str| {
                let text = text.trim_start().trim_start_matches(['v', '<', '>', '=', ' ']);
                let mut letters = text.chars();
                let first = letters.next();
                let revision = first.is_some_and(|c| c.is_ascii_alphabetic())
                    && letters.next() == Some('.')
                    && letters.next().is_some_and(|c| c.is_ascii_digit());
                text.starts_with(|c: char| c.is_ascii_digit()) || revision
            };
            let bounded = first.contains("between ");
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
            Clause::Of(_, clause) => {
                let (more, called) = join(vec![*clause]);
                versions.extend(more);
                names.extend(called);
            }
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
