//! One clause: a bound, a range, a version, or a name.

use std::cmp::Ordering;

use domain::advisory::Bound;
use domain::version::{Scheme, compare};

use super::super::dates;

/// What a clause says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    All,
    One(String),
    /// Perhaps a model, an option or an edition.
    Name(String),
    Lower(Bound),
    Upper(Bound),
    Both(Bound, Bound),
    /// What words before the version say that it is of, and what is said of it.
    Of(String, Box<Clause>),
}

impl Clause {
    /// Whether it bounds versions on one side only.
    pub(super) fn is_bound(&self) -> bool {
        matches!(self, Self::Lower(_) | Self::Upper(_))
    }

    /// The clause, and what its version is of.
    pub(super) fn without_product(self) -> (Self, Option<String>) {
        match self {
            Self::Of(product, clause) => (*clause, Some(product)),
            clause => (clause, None),
        }
    }

    /// A series up to a bound that lies in it: `5.x, up to 5.8`.
    pub(super) fn bounded_by(&self, bound: &Self) -> Option<Self> {
        let (Self::Both(from, Bound::Excluding(end)), Self::Upper(to)) = (self, bound) else {
            return None;
        };
        let (Bound::Including(first), Bound::Including(last) | Bound::Excluding(last)) = (from, to)
        else {
            return None;
        };
        let rises = |a: &str, b: &str| compare(Scheme::Generic, a, b) == Some(Ordering::Less);
        (rises(first, last) && rises(last, end)).then(|| Self::Both(from.clone(), to.clone()))
    }
}

/// Words that say only that a version follows, or that one was meant.
pub(super) const NOISE: [&str; 18] = [
    "with",
    "revisions",
    "version",
    "versions",
    "ver",
    "ver.",
    "vers",
    "release",
    "releases",
    "firmware",
    "software",
    "bios",
    "the",
    "all",
    "any",
    "revision",
    "rev.",
    "rev",
];

/// Reads one clause in lower case; `None` where its words are not known.
pub(super) fn read(text: &str) -> Option<Clause> {
    let text = text
        .strip_prefix("vers:")
        .map_or(text, |rest| rest.split_once('/').map_or(rest, |(_, r)| r));
    if matches!(text, "*" | "all" | "any") || every_version(text) {
        return Some(Clause::All);
    }
    if names_a_date(text) {
        return day(dates::bare(without_noise(text)));
    }
    // "All versions < 5.3" means the bound, not all.
    let bare = dates::bare(text);
    if bare.len() < text.len() && !gives_days_or_versions(bare) {
        return None;
    }
    let bare = without_noise(bare);
    if bare.len() == 1 && text.starts_with("rev") && bare.starts_with(char::is_alphabetic) {
        return Some(Clause::One(bare.to_owned()));
    }
    for (operator, make) in OPERATORS {
        if let Some(rest) = bare.strip_prefix(operator) {
            return bounded(without_noise(rest), *make);
        }
    }
    from_below(bare)
        .or_else(|| prefixed(bare))
        .or_else(|| suffixed(bare))
        .or_else(|| between(bare))
        .or_else(|| plain(bare))
}

/// "before april 1 2018", "< may 2018", "8/30/2024 and earlier", or a day by itself.
fn day(text: &str) -> Option<Clause> {
    let operators = OPERATORS.iter().chain(PREFIXES);
    for (mark, make) in operators {
        if let Some(rest) = text.strip_prefix(mark) {
            return bounded_day(rest, *make);
        }
    }
    let (rest, direction) = text.rsplit_once(' ')?;
    let rest = rest.trim_end_matches(" and").trim_end_matches(" or");
    match direction {
        _ if DOWNWARD.contains(&direction) => bounded_day(rest, Make::UpperIncluding),
        _ if UPWARD.contains(&direction) => bounded_day(rest, Make::LowerIncluding),
        _ => bounded_day(text, Make::Exactly),
    }
}

fn bounded_day(text: &str, make: Make) -> Option<Clause> {
    let day = dates::bare(text);
    let text: domain::text::Text = dates::is_day(day).then(|| day.into())?;
    Some(match make {
        Make::Exactly => Clause::One(day.to_owned()),
        Make::UpperIncluding => Clause::Upper(Bound::Including(text)),
        Make::UpperExcluding => Clause::Upper(Bound::Excluding(text)),
        Make::LowerIncluding => Clause::Lower(Bound::Including(text)),
        Make::LowerExcluding => Clause::Lower(Bound::Excluding(text)),
    })
}

/// Whether what stands behind `manufactured` are days, or numbers that are versions without doubt;
/// `between 2015 and 2018` are years.
fn gives_days_or_versions(text: &str) -> bool {
    let mut numbers = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '>' | '='))
        .filter(|word| word.bytes().any(|b| b.is_ascii_digit()))
        .peekable();
    let dotted = |word: &str| {
        let bare = word.strip_prefix('v').unwrap_or(word);
        bare.starts_with(|c: char| c.is_ascii_digit()) && (bare != word || word.contains('.'))
    };
    numbers.peek().is_some() && numbers.all(|word| dates::is_day(word) || dotted(word))
}

fn every_version(text: &str) -> bool {
    let mut words = text.split_whitespace();
    matches!(words.next(), Some("all" | "any" | "every"))
        && words.all(|word| {
            NOISE.contains(&word)
                || matches!(word, "models" | "and" | "of" | "serial" | "numbers" | "units")
        })
}

#[derive(Debug, Clone, Copy)]
enum Make {
    UpperIncluding,
    UpperExcluding,
    LowerIncluding,
    LowerExcluding,
    Exactly,
}

const OPERATORS: &[(&str, Make)] = &[
    ("<=", Make::UpperIncluding),
    ("<", Make::UpperExcluding),
    (">=", Make::LowerIncluding),
    (">", Make::LowerExcluding),
    ("==", Make::Exactly),
    ("=", Make::Exactly),
];

/// Longer phrases stand before those that they begin with.
const PREFIXES: &[(&str, Make)] = &[
    ("up to and including ", Make::UpperIncluding),
    ("up to but not including ", Make::UpperExcluding),
    ("up to, but not including ", Make::UpperExcluding),
    ("up to ", Make::UpperIncluding),
    ("through ", Make::UpperIncluding),
    ("no later than ", Make::UpperIncluding),
    ("prior to and including ", Make::UpperIncluding),
    ("before and including ", Make::UpperIncluding),
    ("prior to ", Make::UpperExcluding),
    ("previous to ", Make::UpperExcluding),
    ("before ", Make::UpperExcluding),
    ("earlier than ", Make::UpperExcluding),
    ("older than ", Make::UpperExcluding),
    ("lower than ", Make::UpperExcluding),
    ("less than ", Make::UpperExcluding),
    ("below ", Make::UpperExcluding),
    ("under ", Make::UpperExcluding),
    ("later than ", Make::LowerExcluding),
    ("newer than ", Make::LowerExcluding),
    ("higher than ", Make::LowerExcluding),
    ("greater than ", Make::LowerExcluding),
    ("after ", Make::LowerExcluding),
    ("starting with ", Make::LowerIncluding),
    ("starting from ", Make::LowerIncluding),
    ("since ", Make::LowerIncluding),
];

pub(super) const DOWNWARD: [&str; 9] =
    ["prior", "earlier", "below", "older", "lower", "previous", "before", "under", "down"];
pub(super) const UPWARD: [&str; 9] =
    ["later", "newer", "above", "higher", "onward", "onwards", "greater", "up", "after"];

/// `V14 < V14 SP3`, `V4.7: < V4.7 HF27`: from a version up to one before another.
fn from_below(text: &str) -> Option<Clause> {
    let (from, rest) = text.split_once('<')?;
    let (make, to) = match rest.strip_prefix('=') {
        Some(to) => (Make::UpperIncluding, to),
        None => (Make::UpperExcluding, rest),
    };
    let from = version(without_noise(from.trim().trim_end_matches(':')))?;
    // `A10 < A11` names two releases as likely.
    if !from.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let to = upper(&version(without_noise(to))?, make);
    Some(Clause::Both(Bound::Including(lowest(&from).into()), to))
}

fn prefixed(text: &str) -> Option<Clause> {
    let (prefix, make) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let rest = without_noise(text.strip_prefix(prefix)?);
    bounded(rest, *make)
}

/// "3.64 and prior", "3.64 or earlier versions", "3.64 & below", "2.0+".
fn suffixed(text: &str) -> Option<Clause> {
    if let Some(version) = text.strip_suffix('+') {
        return bounded(version, Make::LowerIncluding);
    }
    let mut words: Vec<&str> = text.split_whitespace().collect();
    while words.last().is_some_and(|word| NOISE.contains(word)) {
        words.pop();
    }
    let direction = words.pop()?;
    let make = match direction {
        _ if DOWNWARD.contains(&direction) => Make::UpperIncluding,
        _ if UPWARD.contains(&direction) => Make::LowerIncluding,
        _ => return None,
    };
    while words
        .last()
        .is_some_and(|word| NOISE.contains(word) || matches!(*word, "and" | "or" | "&" | "and/or"))
    {
        words.pop();
    }
    bounded(&words.join(" "), make)
}

/// "2.0 through 2.4", "from 2.0 to 2.4", "between 2.0 and 2.4", "2.0 - 2.4".
fn between(text: &str) -> Option<Clause> {
    let (text, starts_open) = match text.strip_prefix("from ") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (inner, separators): (&str, &[&str]) = match text.strip_prefix("between ") {
        Some(rest) => (rest, &[" and "]),
        None => (
            text,
            &[
                " up to and including ",
                " through ",
                " thru ",
                " up to ",
                " to ",
                " - ",
                " – ",
                " until ",
            ],
        ),
    };
    for separator in separators {
        if let Some((from, to)) = inner.split_once(separator) {
            let (from, is_in) = inclusive(from);
            let (to, make) = match inclusive(to) {
                (to, true) => (to, Make::UpperIncluding),
                (to, false) => (to, Make::UpperExcluding),
            };
            let from = version(without_noise(from))?;
            let to = upper(&version(without_noise(to))?, make);
            let from = lowest(&from).into();
            let from = if is_in { Bound::Including(from) } else { Bound::Excluding(from) };
            return Some(Clause::Both(from, to));
        }
    }
    let open = text.strip_suffix(" on").or_else(|| text.strip_suffix(" onwards")).unwrap_or(text);
    if starts_open { bounded(without_noise(open), Make::LowerIncluding) } else { None }
}

/// A bound and whether it is in: `v2.7 excluding` is not. Brackets are gone by now.
fn inclusive(bound: &str) -> (&str, bool) {
    let bound = bound.trim();
    let ends = |mark: &str| bound.strip_suffix(mark).map(str::trim_end);
    match (
        ends("excluding").or_else(|| ends("exclusive")),
        ends("including").or_else(|| ends("inclusive")),
    ) {
        (Some(bare), _) => (bare, false),
        (None, Some(bare)) => (bare, true),
        (None, None) => (bound, true),
    }
}

fn plain(text: &str) -> Option<Clause> {
    if let Some((from, to)) = span(text) {
        let to = upper(to, Make::UpperIncluding);
        return Some(Clause::Both(Bound::Including(lowest(from).into()), to));
    }
    match version(text) {
        Some(version) if series(&version).is_some() => {
            let to = upper(&version, Make::UpperIncluding);
            Some(Clause::Both(Bound::Including(lowest(&version).into()), to))
        }
        // `220V`, `64-bit`: an option as likely.
        Some(version) if is_measure(&version) => Some(Clause::Name(version)),
        Some(version) => Some(Clause::One(version)),
        None if text.split_whitespace().count() <= 4 && names_something(text) => {
            Some(Clause::Name(text.to_owned()))
        }
        None => None,
    }
}

/// "1.0-1.5", "B-M", "8.5.x-8.7.x": two versions of one length with a dash between.
/// `1.4.2.0-9d9eff4` is one.
fn span(text: &str) -> Option<(&str, &str)> {
    let (from, to) = text.split_once('-')?;
    let to = to.strip_prefix('v').unwrap_or(to);
    let from = from.strip_prefix('v').filter(|rest| !rest.is_empty()).unwrap_or(from);
    let dots = |text: &str| text.bytes().filter(|b| *b == b'.').count();
    let (first, last) = (series(from).unwrap_or(from), series(to).unwrap_or(to));
    let is_open = first.len() < from.len() || last.len() < to.len();
    let dotted = |text: &str| {
        (is_open || dots(text) > 0) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic());
    let as_long = dots(from) == dots(to) || dots(first) == dots(last);
    let numbers = dotted(first) && dotted(last) && as_long;
    let letters = letter(from) && letter(to) && from < to;
    let rising = compare(Scheme::Generic, first, last) == Some(Ordering::Less);
    (numbers && rising || letters).then_some((from, to))
}

/// A number with its unit: `220v`, `100-240vac`, `16gb`, `64-bit`.
fn is_measure(word: &str) -> bool {
    const UNITS: [&str; 30] = [
        "v", "vac", "vdc", "kv", "mv", "w", "kw", "kva", "va", "hz", "khz", "mhz", "ghz", "mm",
        "cm", "kg", "lb", "lbs", "ml", "mb", "gb", "tb", "bit", "bits", "inch", "ch", "channel",
        "channels", "ma", "mah",
    ];
    let unit =
        word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '/'));
    unit.len() < word.len() && UNITS.contains(&unit)
}

/// Whether a letter or star stands for numbers in a way that no series does: `2.6x`,
/// `8.5.x-8.7.x.1`, `17x****`. Between two digits (`4x4`) it is a letter.
pub(super) fn is_wild(text: &str) -> bool {
    if series(text).is_some() {
        return false;
    }
    let text = text.as_bytes();
    let mut before = None;
    let mut at = 0;
    while let Some(c) = text.get(at).copied() {
        let run = text.iter().skip(at).take_while(|next| **next == c).count();
        let next = text.get(at + run).copied();
        let placed = before.is_some_and(|b: u8| b.is_ascii_digit() || b == b'.');
        let ends = next.is_none_or(|n| !n.is_ascii_alphanumeric());
        if c == b'*' || c == b'x' && placed && ends {
            return true;
        }
        before = Some(c);
        at += run;
    }
    false
}

/// Whether a word begins as a version does: `2.0`, `v2`.
pub(super) fn is_number(word: &str) -> bool {
    word.strip_prefix('v').unwrap_or(word).starts_with(|c: char| c.is_ascii_digit())
}

/// Model numbers and editions: short, with a digit or in one word.
fn names_something(text: &str) -> bool {
    let words = text.split_whitespace().count();
    text.chars().all(|c| c.is_alphanumeric() || " -/.+".contains(c))
        && (words == 1 || text.bytes().any(|b| b.is_ascii_digit()))
        && text.chars().any(char::is_alphanumeric)
        && !text.split_whitespace().any(|w| {
            matches!(w, "with" | "without" | "running" | "on" | "only" | "when" | "between")
        })
}

fn bounded(text: &str, make: Make) -> Option<Clause> {
    let text = without_noise(text);
    let (product, text) = split_product(text).map_or((None, text), |(p, rest)| (Some(p), rest));
    let version = version(text).or_else(|| single_word(text))?;
    let clause = match make {
        Make::Exactly => plain(&version)?,
        Make::UpperIncluding | Make::UpperExcluding => Clause::Upper(upper(&version, make)),
        Make::LowerIncluding => Clause::Lower(Bound::Including(lowest(&version).into())),
        Make::LowerExcluding => match series(&version) {
            Some(series) => Clause::Lower(Bound::Including(after(series)?.into())),
            None => Clause::Lower(Bound::Excluding(version.into())),
        },
    };
    Some(match product {
        Some(product) => Clause::Of(product.to_owned(), Box::new(clause)),
        None => clause,
    })
}

/// Behind an operator a product's name may stand before the version that is meant: `< CPC80
/// V16.30`, `<= Data Client 2018 SP3 Version 2.10.7`. The name, and the version.
fn split_product(text: &str) -> Option<(&str, &str)> {
    if version(text).is_some() {
        return None;
    }
    let split = [" version ", " v"].iter().find_map(|mark| {
        let (name, rest) = text.rsplit_once(mark)?;
        rest.starts_with(|c: char| c.is_ascii_digit()).then_some((name.trim(), rest))
    });
    split.filter(|(_, rest)| version(rest).is_some())
}

/// Whether a clause is a series of versions: `5.x`.
pub(super) fn is_series(text: &str) -> bool {
    version(without_noise(text)).is_some_and(|version| series(&version).is_some())
}

/// After an operator even a bare letter is a version: `<= N`. Longer words without a number are
/// none: `possibly earlier`.
fn single_word(text: &str) -> Option<String> {
    let tells = text.len() == 1 || text.bytes().any(|b| b.is_ascii_digit());
    let fits = !text.is_empty()
        && tells
        && text.len() <= 24
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    (fits && !is_wild(text)).then(|| text.to_owned())
}

fn upper(version: &str, make: Make) -> Bound {
    match (series(version).and_then(after), make) {
        // The end of a series is the start of the next: `<= 11.x` is `< 12`.
        (Some(next), Make::UpperIncluding) => Bound::Excluding(next.into()),
        (Some(_), _) => Bound::Excluding(lowest(version).into()),
        (None, Make::UpperIncluding) => Bound::Including(version.into()),
        (None, _) => Bound::Excluding(version.into()),
    }
}

/// What stands before the first `x` of `12.x`, `5.x.x`, `12.2.*`.
fn series(version: &str) -> Option<&str> {
    let at = [".x", ".*"].iter().filter_map(|mark| version.find(mark)).min()?;
    let rest = version.get(at..)?;
    let wild = |part: &str| {
        !part.is_empty() && (part.bytes().all(|b| b == b'x') || part.bytes().all(|b| b == b'*'))
    };
    let before =
        version.get(..at).filter(|before| before.ends_with(|c: char| c.is_ascii_digit()))?;
    // Of two versions with a dash between, the last has its own series only.
    let is_one = !before.contains('-') && !before.contains('*');
    (is_one && rest.split('.').skip(1).all(wild)).then_some(before)
}

fn lowest(version: &str) -> String {
    series(version).unwrap_or(version).to_owned()
}

/// The series after this one: `12.2` gives `12.3`.
fn after(series: &str) -> Option<String> {
    let digits = series.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (before, last) = series.split_at_checked(series.len() - digits)?;
    let next = last.parse::<u64>().ok()?.checked_add(1)?;
    Some(format!("{before}{next}"))
}

/// A version, with the service pack or build behind it; `None` where the words are no version.
fn version(text: &str) -> Option<String> {
    let mut words = text.split_whitespace().peekable();
    let first = words.next()?;
    let first = first.strip_prefix("ver.").unwrap_or(first);
    let first = first
        .strip_prefix('v')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(first);
    if !looks_like_version(first) {
        return None;
    }
    let mut version = first.to_owned();
    while let Some(word) = words.next() {
        let marks = [
            "sp", "service", "pack", "build", "patch", "hotfix", "hf", "mr", "mp", "rev", "rev.",
            "update", "upd", "upd.", "beta", "rc", "release",
        ];
        let joined = ["sp", "build", "patch", "hf", "upd", "rev", "rc", "mr", "mp", "r", "b", "p"]
            .iter()
            .any(|mark| {
                word.strip_prefix(mark)
                    .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            });
        if marks.contains(&word) {
            let number = words
                .next_if(|next| next.starts_with(|c: char| c.is_ascii_digit()) || next.len() == 1);
            version.push(' ');
            version.push_str(word);
            if let Some(number) = number {
                version.push(' ');
                version.push_str(number);
            }
        } else if joined {
            version.push(' ');
            version.push_str(word);
        } else {
            return None;
        }
    }
    (!is_wild(&version)).then_some(version)
}

/// `3.64`, `12`, `1.4.2.0-9d9eff4`, `a.01`, `r4.1l1`, `b.06.18`, `l81`; not `mmt-1710`, `2nd`.
fn looks_like_version(word: &str) -> bool {
    let allowed = word.chars().all(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '*' | '~' | '(' | ')' | '_')
    });
    let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    let ordinal =
        starts_with_digit && ["st", "nd", "rd", "th"].iter().any(|end| word.ends_with(end));
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let after_letters = word.get(letters..).unwrap_or_default();
    let lettered = (1..=3).contains(&letters)
        && (after_letters.starts_with(|c: char| c.is_ascii_digit()) && letters == 1
            || after_letters.starts_with('.') && after_letters.len() > 1);
    allowed && !ordinal && (starts_with_digit || lettered)
}

fn without_noise(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let word = text.split_whitespace().next().unwrap_or_default();
        let more = text.get(word.len()..).unwrap_or_default().trim_start();
        if more.is_empty() || !NOISE.contains(&word.trim_end_matches(':')) {
            return text;
        }
        text = more;
    }
}

/// Whether words, each by itself, are versions with a dot: a list that only blanks part.
pub(super) fn versions_in_a_row(text: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = without_noise(text).split_whitespace().collect();
    let dotted = |word: &&str| word.contains('.') && looks_like_version(word);
    (words.len() > 1 && words.iter().all(dotted)).then_some(words)
}

/// Days of making or sale: "may 2018", "8/30/2024", "april 1".
fn names_a_date(text: &str) -> bool {
    let month =
        text.split(|c: char| !c.is_ascii_alphabetic()).any(|word| dates::MONTHS.contains(&word));
    let slashes = text
        .split(|c: char| !c.is_ascii_digit() && c != '/')
        .any(|word| word.split('/').filter(|part| !part.is_empty()).count() == 3);
    month || slashes
}
