//! Whether a version is among those that a statement means.
//!
//! Refuses to compare what is not written in one way: a model number among versions, two lines of
//! one maker, a commit. What can't be compared can't be excluded either.

mod bearer;
mod open;
mod spelling;
mod text;

use std::borrow::Cow;
use std::cmp::Ordering;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::version::{Scheme, compare};

use super::dates;
use super::names::{self, Line};
use crate::reason::Rule;

use open::Open;

pub(super) use bearer::Bearer;
pub(super) use text::on_system;
use text::place_text;

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

/// Places a version among those that are named: in the first that holds it.
pub(super) fn place(versions: &[Versions], bearer: Bearer<'_>) -> Place {
    if versions.is_empty() {
        let words = "the document names no version".to_owned();
        return Place::Unknown(Rule::VersionNotNamed, words);
    }
    if let Some(listed) = letter_by_letter(versions, bearer.version) {
        return listed;
    }
    let mut unknown = None;
    let mut outside = Vec::new();
    let mut is_of_line = false;
    for one in versions {
        match place_one(one, bearer) {
            Place::Unknown(rule, words) => unknown = unknown.or(Some((rule, words))),
            Place::Outside(words) => {
                is_of_line |= is_written_as(one, bearer);
                outside.push(words);
            }
            found => return found,
        }
    }
    // Of several lines of one maker, `<= U61 | <= L81`, the one that is written as this version is
    // tells.
    let another_line = |rule| rule == Rule::VersionsNotComparable && is_of_line;
    if let Some((rule, words)) = unknown.filter(|(rule, _)| !another_line(*rule)) {
        return Place::Unknown(rule, words);
    }
    outside.truncate(4);
    Place::Outside(outside.join(", "))
}

/// What stands in a list letter by letter needs no reading: `trunk`, `2.7.x`.
pub(super) fn letter_by_letter(versions: &[Versions], own: Option<&str>) -> Option<Place> {
    const NONE: [&str; 12] = [
        "unknown",
        "unspecified",
        "undefined",
        "n/a",
        "na",
        "none",
        "null",
        "all",
        "any",
        "latest",
        "*",
        "-",
    ];
    let is_said = |own: &&str| !NONE.iter().any(|none| own.eq_ignore_ascii_case(none));
    let own = own.map(str::trim).filter(|own| !own.is_empty()).filter(is_said)?;
    versions.iter().find_map(|one| match one {
        Versions::One(one) if one.trim().eq_ignore_ascii_case(own) => {
            Some(Place::Inside(one.to_string()))
        }
        _ => None,
    })
}

/// A version without the name of the firmware before it: `CPCI85 V04.92`, `FRN 21.003`.
pub(super) fn without_firmware(version: &str) -> &str {
    const MARKS: [&str; 10] = [
        "rev", "revision", "build", "release", "version", "update", "service", "patch", "hotfix",
        "windows",
    ];
    let Some((first, rest)) = version.trim().split_once(' ') else { return version };
    let letters = first.bytes().take_while(u8::is_ascii_alphabetic).count();
    let bare = first.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_mark = MARKS.iter().any(|mark| first.eq_ignore_ascii_case(mark));
    let rest = rest.trim_start();
    let starts = rest.strip_prefix(['v', 'V']).unwrap_or(rest);
    let dotted = starts.starts_with(|c: char| c.is_ascii_digit())
        && !starts.contains(' ')
        && (starts.len() < rest.len() || starts.contains('.'));
    if letters > 1 && bare && !is_mark && dotted { rest } else { version }
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

/// Whether versions are bounded in the way in which the bearer's is written.
fn is_written_as(versions: &Versions, bearer: Bearer<'_>) -> bool {
    let Versions::Range(range) = versions else { return false };
    let own = bearer.version().map(|version| shape(&version.to_lowercase()));
    let written = [&range.from, &range.to].into_iter().filter_map(|bound| match bound {
        Bound::Open => None,
        Bound::Including(limit) | Bound::Excluding(limit) => Some(limit.to_lowercase()),
    });
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>();
    let mut written = written.filter(|limit| {
        bearer.version().is_some_and(|version| letters(&version.to_lowercase()) == letters(limit))
    });
    written.any(|limit| Some(shape(&limit)) == own)
}

fn place_one(versions: &Versions, bearer: Bearer<'_>) -> Place {
    if let Some(series) = bearer.version().and_then(series) {
        return place_series(versions, bearer, series);
    }
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

/// What stands before the `.x` of an inventory's `1.4.x`.
fn series(version: &str) -> Option<&str> {
    version
        .strip_suffix(".x")
        .or_else(|| version.strip_suffix(".X"))
        .filter(|rest| !rest.is_empty())
}

/// Places a whole series of versions: where not all of it lies as its ends do, nobody can tell.
fn place_series(versions: &Versions, bearer: Bearer<'_>, series: &str) -> Place {
    const LAST: &str = "999999";
    let (first, last) = (format!("{series}.0"), format!("{series}.{LAST}"));
    let at = |version| place_one(versions, Bearer { version: Some(version), ..bearer });
    let of_series = |text: &str| {
        let text = text.trim().trim_start_matches(['v', 'V']);
        text.strip_prefix(series.trim_start_matches(['v', 'V'])).is_some_and(|r| r.starts_with('.'))
    };
    let names_one = match versions {
        Versions::One(one) => of_series(one),
        Versions::Text(text) => text.split([' ', '|', ',']).any(of_series),
        Versions::All | Versions::Range(_) => false,
    };
    match (at(&first), at(&last)) {
        (Place::Outside(words), Place::Outside(_)) if !names_one => Place::Outside(words),
        (found, end) if found.holds() && end.holds() => found,
        (Place::Unknown(rule, words), _) | (_, Place::Unknown(rule, words)) => {
            Place::Unknown(rule, words)
        }
        _ => {
            let words = format!("which version of {series}.x it has is not known");
            Place::Unknown(Rule::VersionUnknown, words)
        }
    }
}

fn unknown_version(named: &str) -> Place {
    Place::Unknown(Rule::VersionUnknown, format!("named are {named}, and its version is not known"))
}

fn place_single(one: &str, bearer: Bearer<'_>) -> Place {
    let is_model = || bearer.is_model(one) && names::words(one).concat().len() > 2;
    let Some(version) = bearer.version() else {
        return match one {
            one if is_model() => Place::Named(one.to_owned()),
            // Models of one kind are listed, and it is another: `620 | 650` and a `750`.
            one if bearer.is_numbered_as(one) => Place::Outside(one.to_owned()),
            one => unknown_version(one),
        };
    };
    let order = compare(bearer.scheme, one, version);
    let same = || order.is_none() && names::words(one) == names::words(version);
    if order == Some(Ordering::Equal) || same() {
        inside_as_spelled(one, version, bearer.scheme)
    } else if is_model() {
        Place::Named(one.to_owned())
    } else if let Some(open) = leaves_open(one, version, bearer.scheme) {
        open
    } else if bearer.scheme == Scheme::Generic && is_bare_of(one, version) {
        let words = format!("{one} is named, and whether all of {one}.x are meant is not known");
        Place::Unknown(Rule::VersionUnknown, words)
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

/// Places a version that is equal to one that is named, if only when zeros in front are passed
/// over: a dictionary may have `1.01` and `1.1` as two versions.
fn inside_as_spelled(one: &str, version: &str, scheme: Scheme) -> Place {
    if scheme != Scheme::Generic || !spelling::reads_two_ways(one, version) {
        return Place::Inside(one.to_owned());
    }
    let words = format!("{one} is named, and whether {version} is that or another is not known");
    Place::Unknown(Rule::VersionsNotComparable, words)
}

/// Places a version by one that leaves a number open, where all that it says agrees.
fn leaves_open(one: &str, version: &str, scheme: Scheme) -> Option<Place> {
    let open = (scheme == Scheme::Generic).then(|| open::fits(one, version)).flatten()?;
    Some(match open {
        Open::OfSeries => Place::Inside(one.to_owned()),
        Open::Perhaps => {
            let words = format!("`{one}` leaves a number open before others");
            Place::Unknown(Rule::VersionTextUnread, words)
        }
    })
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
    if limit.trim().eq_ignore_ascii_case(version.trim()) {
        return Some(touching);
    }
    // All of a series lies at a bound that names it: `<= 5.2.x`.
    let series = open::series(limit).filter(|_| scheme == Scheme::Generic);
    if series.is_some() && open::fits(limit, version).is_some() {
        return Some(touching);
    }
    let limit = series.unwrap_or(limit);
    let as_days = || dates::compare(version, limit).filter(|_| scheme == Scheme::Generic);
    if let Some(order) = as_days() {
        return Some(order == side || touching && order == Ordering::Equal);
    }
    let is_written = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '.');
    let named_day = |text: &str| dates::is_day(text) && text.contains(is_written);
    if scheme == Scheme::Generic && (named_day(limit) || named_day(version)) {
        return None;
    }
    // A bare `6` may be the `6.1` from which on, or up to which.
    if scheme == Scheme::Generic && is_bare_of(version, limit) {
        return None;
    }
    // Feeds write `0` for "from the first version on", in whatever way the others are written.
    if limit.trim() == "0" && side == Ordering::Greater {
        return Some(true);
    }
    if let (Scheme::Generic, Some(limit), Some((version, numbered))) =
        (scheme, letter(limit), revision(version))
    {
        let order = version.cmp(&limit);
        // `N.02` is one of the revision `N`, and before none of it.
        let known = order != Ordering::Equal || touching || !numbered;
        return known.then_some(order == side || touching && order == Ordering::Equal);
    }
    let (limit, version) = if scheme == Scheme::Generic {
        if !alike(limit, version) {
            return None;
        }
        (without_shared_letters(limit, version), without_shared_letters(version, limit))
    } else {
        (Cow::Borrowed(limit), Cow::Borrowed(version))
    };
    let is_doubted =
        spelling::reads_two_ways(&version, &limit) || spelling::may_come_before(&version, &limit);
    if scheme == Scheme::Generic && is_doubted {
        return None;
    }
    let order = compare(scheme, &version, &limit)?;
    let inside = order == side || touching && order == Ordering::Equal;
    // `3.1 SP1` may be meant by "3.1 and prior", and a `3.1` may be the `3.1 SP1` from which on.
    let is_doubted = !inside && (touching || side == Ordering::Greater);
    let is_same = || scheme == Scheme::Generic && is_same_but_for_a_build(&version, &limit);
    (!is_doubted || !is_same()).then_some(inside)
}

/// Whether a version is only the first number of a limit that goes on.
fn is_bare_of(version: &str, limit: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim();
        text.strip_prefix(['v', 'V']).unwrap_or(text).to_owned()
    };
    let (version, limit) = (bare(version), bare(limit));
    let number = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
    let rest = limit.strip_prefix(&version).and_then(|rest| rest.strip_prefix('.'));
    number && rest.is_some_and(|rest| rest.bytes().any(|b| (b'1'..=b'9').contains(&b)))
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
                    "v" | "ver"
                        | "rev"
                        | "version"
                        | "build"
                        | "r"
                        | "rel"
                        | "release"
                        | "sw"
                        | "fw"
                );
        if plain { String::new() } else { letters }
    };
    // Bare letters are revisions, and one comes after another: `L` and `N`, but not `L` and `3`.
    start(a) == start(b) || letter(a).is_some() && letter(b).is_some()
}

/// The letter of a revision, and whether numbers follow it: `N`, `Rev. N`, `N.02`.
fn revision(text: &str) -> Option<(char, bool)> {
    let numbered = || {
        let (first, rest) = text.trim().split_once('.')?;
        let digits = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        Some((letter(first).filter(|_| digits)?, true))
    };
    letter(text).map(|letter| (letter, false)).or_else(numbered)
}

/// A revision that is one letter: `N`, `Rev. N`.
fn letter(text: &str) -> Option<char> {
    let text = text.trim();
    let bare = match text.split_once([' ', '.']) {
        Some((mark, rest)) if ["rev", "revision"].iter().any(|m| mark.eq_ignore_ascii_case(m)) => {
            rest.trim_start_matches(['.', ' '])
        }
        _ => text,
    };
    let mut letters = bare.chars();
    let first = letters.next().filter(char::is_ascii_alphabetic)?;
    letters.next().is_none().then(|| first.to_ascii_lowercase())
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
mod clearing;

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
        check("<May 2018", "2.0", "", "match.versions-not-comparable");
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
