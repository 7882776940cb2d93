//! Whether a version is among those that a statement means.
//!
//! Refuses to compare what is not written in one way: a model number among versions, two lines of
//! one maker, a commit. What can't be compared can't be excluded either.

use std::borrow::Cow;
use std::cmp::Ordering;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::text::Text;
use domain::version::{Scheme, compare};

use super::dates;
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
    /// Operating systems that it is stated to run.
    pub(super) systems: &'a [&'a str],
}

impl Bearer<'_> {
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

    /// Whether the model bears a number that is written as this one is: as many digits, and letters
    /// before them.
    fn is_numbered_as(&self, number: &str) -> bool {
        const DIGITS: usize = 3;
        let parts = |text: &str| {
            let text = text.trim().to_lowercase();
            let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
            let digits = text.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
            let rest = text.len() - letters - digits;
            let before = text.get(..letters).map(str::to_owned);
            (digits >= DIGITS && rest <= 1).then_some((before, digits))
        };
        let wanted = parts(number);
        wanted.is_some() && names::words(self.model).iter().any(|word| parts(word) == wanted)
    }

    /// Whether the model says what a condition asks for: `integrated into MobileLink`.
    fn meets(&self, condition: &str) -> bool {
        const SAID: [&str; 14] = [
            "integrated",
            "into",
            "with",
            "within",
            "in",
            "the",
            "only",
            "when",
            "used",
            "installed",
            "for",
            "and",
            "on",
            "of",
        ];
        let model = names::words(self.model);
        let asked = names::words(condition);
        let mut asked =
            asked.iter().filter(|word| word.len() > 2 && !SAID.contains(&word.as_str())).peekable();
        asked.peek().is_some() && asked.all(|word| model.contains(word))
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

/// Whether what bears a version runs a system, in lower case: `windows xp`. The inventory may say
/// so in the version or the model.
pub(super) fn on_system(system: &str, bearer: Bearer<'_>) -> Place {
    let words = |text: &str| -> Vec<String> {
        let words = names::words(text).into_iter();
        words.map(|word| if word == "win" { "windows".to_owned() } else { word }).collect()
    };
    let wanted = words(system);
    let Some(family) = wanted.first() else { return Place::All };
    let stated = bearer.systems.iter().copied().chain(bearer.version).chain([bearer.model]);
    let mut of_family = stated.map(words).filter(|words| words.contains(family)).peekable();
    if of_family.peek().is_none() {
        let words = format!("it holds only on {system}, and its system is not stated");
        return Place::Unknown(Rule::PlatformUnknown, words);
    }
    let runs = |words: Vec<String>| wanted.iter().all(|word| words.contains(word));
    if of_family.any(runs) { Place::All } else { Place::Outside(format!("only on {system}")) }
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
            None => unknown_version(&shown(range)),
            Some(version) => in_range(range, version),
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
        Place::Inside(one.to_owned())
    } else if is_model() {
        Place::Named(one.to_owned())
    } else if bearer.scheme == Scheme::Generic && is_bare_of(one, version) {
        let words = format!("{one} is named, and whether all of {one}.x are meant is not known");
        Place::Unknown(Rule::VersionUnknown, words)
    } else if is_same_but_for_a_build(one, version) {
        let words = format!("{one} is named, and whether {version} is that build is not known");
        Place::Unknown(Rule::VersionUnknown, words)
    } else if order.is_some() && (bearer.scheme != Scheme::Generic || comparable(one, version)) {
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
        Bound::Including(limit) => (limit.as_str(), true),
        Bound::Excluding(limit) => (limit.as_str(), false),
    };
    if let Some(order) = dates::compare(version, limit) {
        return Some(order == side || touching && order == Ordering::Equal);
    }
    let named_day = |text: &str| {
        dates::is_day(text) && text.contains(|c: char| c.is_ascii_alphabetic() || c == '/')
    };
    if range.scheme == Scheme::Generic && (named_day(limit) || named_day(version)) {
        return None;
    }
    // A bare `6` may be the `6.1` from which on, or up to which.
    if range.scheme == Scheme::Generic && is_bare_of(version, limit) {
        return None;
    }
    // Feeds write `0` for "from the first version on", in whatever way the others are written.
    if limit.trim() == "0" && side == Ordering::Greater {
        return Some(true);
    }
    if let (Scheme::Generic, Some(limit), Some((version, numbered))) =
        (range.scheme, letter(limit), revision(version))
    {
        let order = version.cmp(&limit);
        // `N.02` is one of the revision `N`, and before none of it.
        let known = order != Ordering::Equal || touching || !numbered;
        return known.then_some(order == side || touching && order == Ordering::Equal);
    }
    let (limit, version) = if range.scheme == Scheme::Generic {
        if !alike(limit, version) {
            return None;
        }
        (without_shared_letters(limit, version), without_shared_letters(version, limit))
    } else {
        (Cow::Borrowed(limit), Cow::Borrowed(version))
    };
    let order = compare(range.scheme, &version, &limit)?;
    let inside = order == side || touching && order == Ordering::Equal;
    // `3.1 SP1` may be meant by "3.1 and prior", and a `3.1` may be the `3.1 SP1` from which on.
    let is_doubted = !inside && (touching || side == Ordering::Greater);
    (!is_doubted || !is_same_but_for_a_build(&version, &limit)).then_some(inside)
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

fn place_text(text: &str, bearer: Bearer<'_>) -> Place {
    if names_commits(text) {
        let words = format!("`{text}` names commits, which no version tells");
        return Place::Unknown(Rule::VersionNotNamed, words);
    }
    let is_bare = !text.contains(['<', '>', '=', '!']);
    let is_own = |version: &str| is_bare && names::words(version) == names::words(text);
    if bearer.version().is_some_and(is_own) {
        return Place::Inside(text.to_owned());
    }
    if let Some(placed) = place_by_system(text, bearer) {
        return placed;
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
    if let Some(unread) = phrase.unread.filter(|_| !found.as_ref().is_some_and(Place::holds)) {
        let words = format!("`{unread}` can't be read");
        found = Some(Place::Unknown(Rule::VersionTextUnread, words));
    }
    if !phrase.models.is_empty() {
        return place_model(&phrase.models, found, (text, bearer));
    }
    match (found, phrase.condition) {
        (Some(found), Some(condition)) if found.holds() && !bearer.meets(&condition) => {
            Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
        }
        (Some(Place::Inside(_)), _) => Place::Inside(text.to_owned()),
        (Some(found), _) => found,
        (None, _) => Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read")),
    }
}

/// A system in place of a version: `Windows 10 Professional, U.S. release`. Where it is another one
/// the product is not meant; the rest has to be said by the device in the same words.
fn place_by_system(text: &str, bearer: Bearer<'_>) -> Option<Place> {
    let words = names::words(text);
    let at = words.iter().position(|word| word == "windows")?;
    let system = words.get(at..(at + 2).min(words.len()))?;
    let placed = on_system(&system.join(" "), bearer);
    if at > 0 {
        // What stands before it may name versions or other systems: `* running on Windows 2000`.
        let all = text.trim_start().starts_with(['*', 'A', 'a']) && !text.contains(['<', '>', '=']);
        return (all && placed.holds()).then(|| Place::Inside(text.to_owned()));
    }
    if !placed.holds() {
        return Some(placed);
    }
    let stated = bearer.systems.iter().copied().chain(bearer.version).chain([bearer.model]);
    let said: Vec<String> = stated.flat_map(names::words).collect();
    // `U.S.` and `US` are written with and without blanks between.
    let telling = |words: &[String]| -> String {
        let bare = words.iter().filter(|word| !["operating", "system"].contains(&&***word));
        bare.map(String::as_str).collect()
    };
    let is_said = |word: &String| ["operating", "system"].contains(&&**word) || said.contains(word);
    if words.iter().all(is_said) || telling(&said).contains(&telling(&words)) {
        return Some(Place::Inside(text.to_owned()));
    }
    Some(Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {text}")))
}

/// Versions of certain models only: `8.x model 35700BAX2`.
fn place_model(
    models: &[String],
    found: Option<Place>,
    (text, bearer): (&str, Bearer<'_>),
) -> Place {
    let found = found.unwrap_or_else(|| {
        Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read"))
    });
    if !found.holds() {
        return found;
    }
    if models.iter().any(|model| bearer.is_model(model)) {
        return Place::Named(text.to_owned());
    }
    if models.iter().all(|model| bearer.is_numbered_as(model)) {
        return Place::Outside(text.to_owned());
    }
    let models = models.join(" or ");
    Place::Unknown(Rule::ModelUnknown, format!("it holds only if its model is {models}"))
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
