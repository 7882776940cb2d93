//! Whether a version is among those that a statement means.

use std::cmp::Ordering;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::version::{Scheme, compare};

use super::names;
use super::phrase;
use crate::reason::Rule;

/// Where a version lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Among all versions of the product.
    All,
    /// Among those named, in these words.
    Inside(String),
    /// Not the version but the model itself is named, in these words.
    Named(String),
    /// Not among them.
    Outside(String),
    /// Nobody can tell, by this rule, in these words.
    Unknown(Rule, String),
}

/// Places a version (and, for names that may be models, the model that bears it).
pub(super) fn place(versions: &[Versions], version: Option<&str>, model: &str) -> Place {
    if versions.is_empty() {
        let words = "the document names no version".to_owned();
        return Place::Unknown(Rule::VersionTextUnread, words);
    }
    let mut unknown = None;
    let mut outside = Vec::new();
    for one in versions {
        match place_one(one, version.map(str::trim).filter(|v| !v.is_empty()), model) {
            Place::Unknown(rule, words) => unknown = unknown.or(Some((rule, words))),
            Place::Outside(words) => outside.push(words),
            found => return found,
        }
    }
    match unknown {
        Some((rule, words)) => Place::Unknown(rule, words),
        None => {
            outside.truncate(4);
            Place::Outside(outside.join(", "))
        }
    }
}

fn place_one(versions: &Versions, version: Option<&str>, model: &str) -> Place {
    match versions {
        Versions::All => Place::All,
        Versions::Text(text) => place_text(text, version, model),
        // What is written as one version may be a model number or an edition.
        Versions::One(one) if names_something_else(one) => place_text(one, version, model),
        Versions::One(one) => match version {
            None => unknown_version(one),
            Some(version) => equal(one, version),
        },
        Versions::Range(range) => match version {
            None => unknown_version(&shown(range)),
            Some(version) => in_range(range, version),
        },
    }
}

fn names_something_else(one: &str) -> bool {
    phrase::read(one).is_ok_and(|phrase| !phrase.names.is_empty())
}

fn unknown_version(named: &str) -> Place {
    Place::Unknown(Rule::VersionUnknown, format!("named are {named}, and its version is not known"))
}

fn equal(one: &str, version: &str) -> Place {
    let same = compare(Scheme::Generic, one, version) == Some(Ordering::Equal)
        || names::words(one) == names::words(version);
    if same { Place::Inside(one.to_owned()) } else { Place::Outside(one.to_owned()) }
}

fn in_range(range: &VersionRange, version: &str) -> Place {
    let words = shown(range);
    let above = beyond(range, &range.from, version, Ordering::Greater);
    let below = beyond(range, &range.to, version, Ordering::Less);
    match (above, below) {
        (Some(true), Some(true)) => Place::Inside(words),
        (Some(false), _) | (_, Some(false)) => Place::Outside(words),
        _ => {
            let words = format!("{words} and {version} are not written in one way");
            Place::Unknown(Rule::VersionsNotComparable, words)
        }
    }
}

/// Whether the version lies on the range's side of a bound; `None` where they can't be compared.
fn beyond(range: &VersionRange, bound: &Bound, version: &str, side: Ordering) -> Option<bool> {
    let (limit, touching) = match bound {
        Bound::Open => return Some(true),
        Bound::Including(limit) => (limit, true),
        Bound::Excluding(limit) => (limit, false),
    };
    if range.scheme == Scheme::Generic && !alike(limit, version) {
        return None;
    }
    let order = compare(range.scheme, version, limit)?;
    Some(order == side || touching && order == Ordering::Equal)
}

/// Makers' versions can be compared where both begin with a number, or with the same letters.
fn alike(a: &str, b: &str) -> bool {
    let start = |text: &str| {
        let lower = text.trim().to_lowercase();
        let letters: String = lower.chars().take_while(char::is_ascii_alphabetic).collect();
        let numbered = lower.chars().nth(letters.len()).is_some_and(|c| c.is_ascii_digit());
        // `v3` and `r3` are `3`; but `l81` and `u61` are two lines of one maker.
        let plain =
            letters.is_empty() || numbered && matches!(letters.as_str(), "v" | "ver" | "rev");
        if plain { String::new() } else { letters }
    };
    start(a) == start(b)
}

fn place_text(text: &str, version: Option<&str>, model: &str) -> Place {
    let Ok(phrase) = phrase::read(text) else {
        return Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read"));
    };
    let names_it = |name: &String| {
        let words = names::words(name);
        let of_model = names::words(model);
        version.is_some_and(|version| names::words(version) == words)
            || !words.is_empty() && of_model.windows(words.len()).any(|part| part == words)
    };
    let mut found = place_all(&phrase.versions, version, model);
    if phrase.names.iter().any(names_it) {
        found = Some(Place::Named(text.to_owned()));
    } else if !phrase.names.is_empty() && !matches!(found, Some(Place::All | Place::Inside(_))) {
        let words = format!("`{text}` may name a version, a model or an option");
        found = Some(Place::Unknown(Rule::VersionTextUnread, words));
    }
    match (found, phrase.condition) {
        (Some(Place::All | Place::Inside(_) | Place::Named(_)), Some(condition)) => {
            Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
        }
        (Some(Place::Inside(_)), None) => Place::Inside(text.to_owned()),
        (Some(found), _) => found,
        (None, _) => Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read")),
    }
}

fn place_all(versions: &[Versions], version: Option<&str>, model: &str) -> Option<Place> {
    (!versions.is_empty()).then(|| place(versions, version, model))
}

/// A range in words.
fn shown(range: &VersionRange) -> String {
    match (&range.from, &range.to) {
        (Bound::Open, Bound::Open) => "all versions".to_owned(),
        (Bound::Open, to) => upper(to),
        (from, Bound::Open) => lower(from),
        (from, to) => format!("{} and {}", lower(from), upper(to)),
    }
}

fn lower(bound: &Bound) -> String {
    match bound {
        Bound::Including(version) => format!("from {version}"),
        Bound::Excluding(version) => format!("after {version}"),
        Bound::Open => String::new(),
    }
}

fn upper(bound: &Bound) -> String {
    match bound {
        Bound::Including(version) => format!("up to {version}"),
        Bound::Excluding(version) => format!("before {version}"),
        Bound::Open => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::advisory::Versions;

    use super::{Place, place};

    #[track_caller]
    fn check(text: &str, version: &str, model: &str, expected: &str) {
        let versions = [Versions::Text(text.to_owned())];
        let place = place(&versions, Some(version), model);
        let word = match place {
            Place::All => "all",
            Place::Inside(_) => "inside",
            Place::Named(_) => "named",
            Place::Outside(_) => "outside",
            Place::Unknown(rule, _) => rule.text(),
        };
        assert_eq!(word, expected, "{text} / {version}");
    }

    #[test]
    fn versions_are_placed() {
        check("<=3.64", "3.64", "", "inside");
        check("<=3.64", "3.65", "", "outside");
        check("vers:all/*", "", "", "all");
        check("<= L81", "L70", "", "inside");
        check("<= L81", "U70", "", "match.versions-not-comparable");
        check("<=3.64", "", "", "match.version-unknown");
        check("<May 2018", "2.0", "", "match.version-text-unread");
        check("<= 1.54 (integrated into GE MobileLink)", "1.0", "", "match.condition-unread");
        check("<= 1.54 (integrated into GE MobileLink)", "1.60", "", "outside");
    }

    #[test]
    fn a_model_number_among_the_versions_is_looked_for_in_the_model() {
        check("MMT-1715 | MMT-1754", "1.0", "MiniMed 630G MMT-1754", "named");
        check("MMT-1715 | MMT-1754", "1.0", "MiniMed 630G", "match.version-text-unread");
    }
}
