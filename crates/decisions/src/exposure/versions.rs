//! Whether a version is among those that a statement means.
//!
//! Refuses to compare what is not written in one way: a model number among versions, two lines of
//! one maker, a commit. What can't be compared can't be excluded either.

use std::borrow::Cow;
use std::cmp::Ordering;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::text::Text;
use domain::version::{Scheme, compare};

use super::names::{self, Line};
use super::phrase;
use crate::reason::Rule;

/// Where a version lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Among all versions of the product.
    All,
    /// Among those named, in these words.
    Inside(String),
    /// What is named is the model itself, in these words.
    Named(String),
    /// Not among them.
    Outside(String),
    /// Nobody can tell, by this rule, in these words.
    Unknown(Rule, String),
}

impl Place {
    /// Whether the version is meant.
    pub(super) fn holds(&self) -> bool {
        matches!(self, Self::All | Self::Inside(_) | Self::Named(_))
    }
}

/// What bears a version: advisories put model numbers and options among versions, too.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bearer<'a> {
    /// The version; `None` is unknown.
    pub(super) version: Option<&'a str>,
    /// The order of single versions.
    pub(super) scheme: Scheme,
    /// The model's name.
    pub(super) model: &'a str,
    /// Model and order numbers that an inventory has beside the name.
    pub(super) numbers: &'a [Text],
}

impl Bearer<'_> {
    /// The order in which it is compared with a range: its own ecosystem's, whatever a record says
    /// of the order of its versions, for many forms ask for one and are filled with any.
    fn order(&self, range: &VersionRange) -> Scheme {
        if self.scheme == Scheme::Generic { range.scheme } else { self.scheme }
    }

    fn version(&self) -> Option<&str> {
        self.version.map(str::trim).filter(|version| !version.is_empty())
    }

    /// Whether it bears this model number or option.
    pub(super) fn is_model(&self, name: &str) -> bool {
        if self.model.is_empty() {
            return false;
        }
        let wanted = names::words(name);
        if wanted.is_empty() {
            return false;
        }
        let holds = |text: &str| {
            let words = names::words(text);
            words.windows(wanted.len()).any(|part| part == wanted)
        };
        holds(self.model) || self.numbers.iter().any(|number| holds(number))
    }
}

/// Places a version among those that are named: in the first that holds it.
pub(super) fn place(versions: &[Versions], bearer: Bearer<'_>) -> Place {
    if versions.is_empty() {
        let words = "the document names no version".to_owned();
        return Place::Unknown(Rule::VersionNotNamed, words);
    }
    let mut unknown = None;
    let mut outside = Vec::new();
    for one in versions {
        match place_one(one, bearer) {
            Place::Unknown(rule, words) => unknown = unknown.or(Some((rule, words))),
            Place::Outside(words) => outside.push(words),
            found => return found,
        }
    }
    if let Some((rule, words)) = unknown {
        return Place::Unknown(rule, words);
    }
    outside.truncate(4);
    Place::Outside(outside.join(", "))
}

/// Places a version that was placed among those that are named in the line of the product's own
/// name, too: of `Portal 8.0.x` at all versions only 8.0 is meant. Where versions are named beside
/// it, another line casts doubt only: makers number hardware in names as well.
pub(super) fn place_in_line(placed: Place, line: &Line, bearer: Bearer<'_>) -> Place {
    let versions = line.versions();
    match (placed, place_text(&versions, bearer)) {
        (Place::All, Place::Outside(_)) => Place::Outside(versions),
        (Place::All, within) if within.holds() => Place::Inside(versions),
        (placed, Place::Outside(_)) if placed.holds() => {
            let words = format!("its name is of {versions} only");
            Place::Unknown(Rule::VersionsNotComparable, words)
        }
        (placed, Place::Unknown(rule, words)) if placed.holds() => Place::Unknown(rule, words),
        (placed, _) => placed,
    }
}

fn place_one(versions: &Versions, bearer: Bearer<'_>) -> Place {
    match versions {
        Versions::All => Place::All,
        Versions::Text(text) => place_text(text, bearer),
        Versions::One(one) => place_single(one, bearer),
        Versions::Range(range) => match bearer.version() {
            None if range.from == Bound::Open && range.to == Bound::Open => Place::All,
            None => unknown_version(&shown(range)),
            Some(version) => in_range(range, bearer.order(range), version),
        },
    }
}

fn unknown_version(named: &str) -> Place {
    Place::Unknown(Rule::VersionUnknown, format!("named are {named}, and its version is not known"))
}

fn place_single(one: &str, bearer: Bearer<'_>) -> Place {
    let is_model = || bearer.is_model(one) && names::words(one).concat().len() > 2;
    let Some(version) = bearer.version() else {
        return if is_model() { Place::Named(one.to_owned()) } else { unknown_version(one) };
    };
    let order = compare(bearer.scheme, one, version);
    let same = || order.is_none() && names::words(one) == names::words(version);
    if order == Some(Ordering::Equal) || same() {
        Place::Inside(one.to_owned())
    } else if is_model() {
        Place::Named(one.to_owned())
    } else if bearer.scheme == Scheme::Generic && is_same_but_for_a_build(one, version) {
        let words = format!("{one} is named, and whether {version} is that build is not known");
        Place::Unknown(Rule::VersionUnknown, words)
    } else if bearer.scheme != Scheme::Generic || order.is_some() && comparable(one, version) {
        // A registry's own text for a version that its order can't read is still another version.
        Place::Outside(one.to_owned())
    } else {
        let words = format!("`{one}` may name a version, a model or an option");
        Place::Unknown(Rule::VersionTextUnread, words)
    }
}

/// Whether two texts may be versions of one line, so that one which is not named is not meant. A
/// long bare number beside a dotted version is as likely a model (`2131`), a build or a date.
fn comparable(one: &str, version: &str) -> bool {
    let bare = |text: &str| text.len() >= 3 && text.bytes().all(|b| b.is_ascii_digit());
    let first = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (a, b) = (one.trim(), version.trim());
    let odd = bare(a) != bare(b) && first(a) != first(b);
    shape(a) == shape(b) || alike(a, b) && !odd
}

/// How a version is written: `B.02` and `D.01` in one way, `1.4` and `VS30` in two.
fn shape(version: &str) -> Vec<char> {
    let kinds = version.chars().map(|c| match c {
        c if c.is_alphabetic() => 'a',
        c if c.is_numeric() => '0',
        c => c,
    });
    let mut shape: Vec<char> = kinds.collect();
    shape.dedup();
    shape
}

fn in_range(range: &VersionRange, scheme: Scheme, version: &str) -> Place {
    let words = shown(range);
    let above = beyond(scheme, &range.from, version, Ordering::Greater);
    let below = beyond(scheme, &range.to, version, Ordering::Less);
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
fn beyond(scheme: Scheme, bound: &Bound, version: &str, side: Ordering) -> Option<bool> {
    let (limit, touching) = match bound {
        Bound::Open => return Some(true),
        Bound::Including(limit) => (limit.as_str(), true),
        Bound::Excluding(limit) => (limit.as_str(), false),
    };
    // Feeds write `0` for "from the first version on", in whatever way the others are written.
    if limit.trim() == "0" && side == Ordering::Greater {
        return Some(true);
    }
    if let (Scheme::Generic, Some(limit), Some(version)) = (scheme, letter(limit), letter(version))
    {
        let order = version.cmp(&limit);
        return Some(order == side || touching && order == Ordering::Equal);
    }
    let (limit, version) = if scheme == Scheme::Generic {
        if !alike(limit, version) {
            return None;
        }
        (without_shared_letters(limit, version), without_shared_letters(version, limit))
    } else {
        (Cow::Borrowed(limit), Cow::Borrowed(version))
    };
    let order = compare(scheme, &version, &limit)?;
    let inside = order == side || touching && order == Ordering::Equal;
    // `3.1 SP1` may be meant by "3.1 and prior", and a `3.1` may be the `3.1 SP1` from which on.
    let is_doubted = !inside && (touching || side == Ordering::Greater);
    let is_same = || scheme == Scheme::Generic && is_same_but_for_a_build(&version, &limit);
    (!is_doubted || !is_same()).then_some(inside)
}

/// Whether one of two versions is the other with its build or service pack, which nobody may have
/// written down for the other.
fn is_same_but_for_a_build(a: &str, b: &str) -> bool {
    const MARKS: [&str; 11] = [
        "sp", "service", "build", "patch", "hotfix", "hf", "upd", "update", "rev", "revision", "mr",
    ];
    let (a, b) = (a.trim().to_lowercase(), b.trim().to_lowercase());
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    let Some(rest) = long.strip_prefix(short.as_str()) else { return false };
    let words = rest.trim_start_matches([' ', '-', '_', '(', ',']);
    let word: String = words.chars().take_while(char::is_ascii_alphabetic).collect();
    words.len() < rest.len() && MARKS.contains(&word.as_str())
}

/// Letters in front that both versions share say which line they are of, not how old they are.
fn without_shared_letters<'a>(version: &'a str, other: &str) -> Cow<'a, str> {
    let start = version.bytes().take_while(u8::is_ascii_alphabetic).count();
    let shared = start > 0
        && version
            .get(..start)
            .zip(other.get(..start))
            .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
    let rest = version.get(start..).unwrap_or_default();
    if shared && rest.starts_with(|c: char| c.is_ascii_digit()) {
        Cow::Borrowed(rest)
    } else {
        Cow::Borrowed(version)
    }
}

/// Makers' versions can be compared where both begin with a number, or with the same letters.
fn alike(a: &str, b: &str) -> bool {
    let start = |text: &str| {
        let lower = text.trim().to_lowercase();
        let letters: String = lower.chars().take_while(char::is_ascii_alphabetic).collect();
        let rest = lower.get(letters.len()..).unwrap_or_default().trim_start_matches([' ', '.']);
        let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
        // `v3` and `rev. 3` are `3`; but `l81` and `u61` are two lines of one maker.
        let plain = letters.is_empty()
            || numbered
                && matches!(
                    letters.as_str(),
                    "v" | "ver" | "rev" | "version" | "build" | "release"
                );
        if plain { String::new() } else { letters }
    };
    // Bare letters are revisions, and one comes after another: `L` and `N`, but not `L` and `3`.
    start(a) == start(b) || letter(a).is_some() && letter(b).is_some()
}

/// A revision that is one letter.
fn letter(text: &str) -> Option<char> {
    let mut letters = text.trim().chars();
    let first = letters.next().filter(char::is_ascii_alphabetic)?;
    letters.next().is_none().then(|| first.to_ascii_lowercase())
}

fn place_text(text: &str, bearer: Bearer<'_>) -> Place {
    if names_commits(text) {
        let words = format!("`{text}` names commits, which no version tells");
        return Place::Unknown(Rule::VersionNotNamed, words);
    }
    let Ok(phrase) = phrase::read(text) else {
        return Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read"));
    };
    let names_it = |name: &String| {
        bearer.is_model(name)
            || bearer.version().is_some_and(|version| names::words(version) == names::words(name))
    };
    let mut found = (!phrase.versions.is_empty()).then(|| place(&phrase.versions, bearer));
    if phrase.names.iter().any(names_it) {
        found = Some(Place::Named(text.to_owned()));
    } else if !phrase.names.is_empty() && !found.as_ref().is_some_and(Place::holds) {
        let words = format!("`{text}` may name a version, a model or an option");
        found = Some(Place::Unknown(Rule::VersionTextUnread, words));
    }
    match (found, phrase.condition) {
        (Some(found), Some(condition)) if found.holds() => {
            Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
        }
        (Some(Place::Inside(_)), None) => Place::Inside(text.to_owned()),
        (Some(found), _) => found,
        (None, _) => Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read")),
    }
}

/// Whether a text speaks of commits: `git a87cb3e48ee8 < 051c0bde9f04`.
fn names_commits(text: &str) -> bool {
    let is_hash = |word: &str| {
        word.len() >= 7
            && word.bytes().all(|b| b.is_ascii_hexdigit())
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let words = || text.split_whitespace().filter(|word| !matches!(*word, "<" | "<=" | "git"));
    words().any(is_hash) && words().all(|word| is_hash(word) || word == "custom" || word == "0")
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

    use super::super::names::ProductName;
    use super::{Bearer, Place, place, place_in_line};

    fn word(versions: Versions, bearer: Bearer<'_>) -> &'static str {
        match place(&[versions], bearer) {
            Place::All => "all",
            Place::Inside(_) => "inside",
            Place::Named(_) => "named",
            Place::Outside(_) => "outside",
            Place::Unknown(rule, _) => rule.text(),
        }
    }

    #[track_caller]
    fn check(text: &str, version: &str, model: &str, expected: &str) {
        let bearer = Bearer { version: Some(version), model, ..Bearer::default() };
        assert_eq!(word(Versions::Text(text.into()), bearer), expected, "{text} / {version}");
    }

    #[track_caller]
    fn single(one: &str, version: &str, model: &str, expected: &str) {
        let bearer = Bearer { version: Some(version), model, ..Bearer::default() };
        assert_eq!(word(Versions::One(one.into()), bearer), expected, "{one} / {version}");
    }

    #[test]
    fn versions_are_placed() {
        check("<=3.64", "3.64", "", "inside");
        check("<=3.64", "3.65", "", "outside");
        check("vers:all/*", "", "", "all");
        check("<= L81", "L70", "", "inside");
        check("<= L81", "L86", "", "outside");
        check("<= L81", "U70", "", "match.versions-not-comparable");
        check("<=3.64", "", "", "match.version-unknown");
        check("<May 2018", "2.0", "", "match.version-text-unread");
        check("<= 1.54 (integrated into GE MobileLink)", "1.0", "", "match.condition-unread");
        check("<= 1.54 (integrated into GE MobileLink)", "1.60", "", "outside");
    }

    #[test]
    fn a_build_that_nobody_wrote_down_excludes_nothing() {
        check("3.1 build 12", "3.1", "", "match.version-unknown");
        check("3.1", "3.1 SP1", "", "match.version-unknown");
        check("3.1 build 12", "3.1 build 13", "", "outside");
        check("<= 3.1", "3.1 SP1", "", "match.versions-not-comparable");
        check("< 3.1", "3.1 SP1", "", "outside");
        check(">= 3.1 SP1", "3.1", "", "match.versions-not-comparable");
        check("<= 3.1", "3.10", "", "outside");
        check("<= 3.1", "3.1.2", "", "outside");
    }

    #[test]
    fn a_line_in_the_products_name_bounds_what_is_meant() {
        let line = |name, versions: &str, version| {
            let bearer = Bearer { version: Some(version), ..Bearer::default() };
            let name = ProductName::new(name, None);
            let placed = place(&[Versions::Text(versions.into())], bearer);
            match place_in_line(placed, name.line().expect("a line"), bearer) {
                Place::All => "all",
                Place::Inside(_) | Place::Named(_) => "inside",
                Place::Outside(_) => "outside",
                Place::Unknown(rule, _) => rule.text(),
            }
        };
        assert_eq!(line("Portal 8.0.x", "vers:all/*", "8.0.3"), "inside");
        assert_eq!(line("Portal 8.0", "vers:all/*", "8.0.3"), "inside");
        assert_eq!(line("Portal 7.0.x", "vers:all/*", "8.0.3"), "outside");
        assert_eq!(line("Portal 8.0.x", "vers:all/*", ""), "match.version-unknown");
        assert_eq!(line("Portal 8.0.x", "< 8.0.3", "8.0.3"), "outside");
        assert_eq!(line("Portal V2.1", "< 3.3", "3.1"), "match.versions-not-comparable");
    }

    #[test]
    fn revision_letters_follow_each_other() {
        check("<=N", "L", "", "inside");
        check("<=N", "P", "", "outside");
        check("<= B.12", "B.13", "", "outside");
        check("<= B.12", "C.01", "", "match.versions-not-comparable");
    }

    #[test]
    fn a_model_number_among_the_versions_is_looked_for_in_the_model() {
        check("MMT-1715 | MMT-1754", "1.0", "MiniMed 630G MMT-1754", "named");
        check("MMT-1715 | MMT-1754", "1.0", "MiniMed 630G", "match.version-text-unread");
        let numbers = ["MMT-1754".into()];
        let bearer = Bearer {
            version: Some("1.0"),
            model: "MiniMed 630G",
            numbers: &numbers,
            ..Bearer::default()
        };
        assert_eq!(word(Versions::Text("MMT-1715 | MMT-1754".into()), bearer), "named");
    }

    #[test]
    fn a_bare_number_may_be_a_model_and_excludes_nothing() {
        single("2131", "1.4", "InTouch Bed", "match.version-text-unread");
        single("2131", "1.4", "InTouch Bed 2131", "named");
        single("VS30", "1.4", "EarlyVue", "match.version-text-unread");
        single("12", "12.0", "", "inside");
        single("12", "11.3", "", "outside");
        single("2018", "2021.1", "", "outside");
        single("3.0", "3.1", "", "outside");
        single("1.1", "1.10", "", "outside");
        single("B.02", "D.01", "", "outside");
    }
}
