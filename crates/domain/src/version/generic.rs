//! The order of makers' own versions: `V1.0 SP2`, `3.64`, `R4.1.2 build 77`, `Rev. C`, dates.
//!
//! A version is cut into numbers (of any length) and words; all else separates. Then
//!
//! 1. words in front that only say "here comes a version" are dropped (`V`, `Rev.`, `FW`),
//! 2. zeros that end a run of numbers are dropped, so that `1`, `1.0` and `1.0.0` are one version,
//! 3. pieces are compared in turn: words before a release (dev < alpha < beta < pre < rc), then
//!    the end, then revision letters (Z before AA) and unknown words by the alphabet, then words
//!    after a release (build < revision < hotfix < patch < update < service pack), then numbers by
//!    their value.
//!
//! Hence `1.1` < `1.10`, `1.6` < `1.52`, `1.0 rc1` < `1.0` < `1.0a` < `1.0 SP1` < `1.0.1`. A date
//! with a month's name, or with slashes and the year at the end, is compared as year, month, day.
//!
//! Refuses what is no version: words without any number (`all versions`, `unknown`), unless it is
//! one short revision mark (`Rev. C`); and a date such as `01/02/2020`, which two countries read
//! differently.

use std::cmp::Ordering;

use super::number::{self, Run, is_zero, runs};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let (a, b) = (pieces(&a)?, pieces(&b)?);
    let longer = a.len().max(b.len());
    let left = a.into_iter().chain(std::iter::repeat(Piece::End));
    let right = b.into_iter().chain(std::iter::repeat(Piece::End));
    let mut orders = left.zip(right).take(longer).map(|(a, b)| a.compare(&b));
    Some(orders.find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal))
}

/// A piece of a version; the variants stand in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    Before(Stage),
    End,
    Word(&'a str),
    After(Mark),
    Number(&'a str),
}

/// Words for what comes before a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Development,
    Alpha,
    Beta,
    Preview,
    Candidate,
}

/// Words for what comes after a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Build,
    Revision,
    Hotfix,
    Patch,
    Update,
    ServicePack,
}

impl<'a> Piece<'a> {
    fn of(word: &'a str) -> Self {
        match word {
            "dev" | "development" | "snapshot" | "nightly" => Self::Before(Stage::Development),
            "alpha" => Self::Before(Stage::Alpha),
            "beta" => Self::Before(Stage::Beta),
            "pre" | "preview" | "prerelease" | "milestone" | "test" => Self::Before(Stage::Preview),
            "rc" | "cr" | "candidate" => Self::Before(Stage::Candidate),
            "build" | "bld" => Self::After(Mark::Build),
            "rev" | "revision" | "r" => Self::After(Mark::Revision),
            "hotfix" | "hf" | "fix" => Self::After(Mark::Hotfix),
            "patch" | "p" | "pl" => Self::After(Mark::Patch),
            "update" | "upd" | "mr" => Self::After(Mark::Update),
            "sp" | "servicepack" | "pack" => Self::After(Mark::ServicePack),
            word => Self::Word(word),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => number::compare(a, b),
            (Self::Word(a), Self::Word(b)) => a.len().min(3).cmp(&b.len().min(3)).then(a.cmp(b)),
            _ => self.cmp(other),
        }
    }

    fn is_zero(&self) -> bool {
        matches!(self, Self::Number(digits) if is_zero(digits))
    }
}

/// The pieces of a version in lower case, or nothing where it is none.
fn pieces(version: &str) -> Option<Vec<Piece<'_>>> {
    let mut runs: Vec<Run<'_>> = runs(version).collect();
    let marks = runs.iter().take(runs.len().saturating_sub(1)).take_while(|run| is_label(run));
    let labels = marks.count();
    runs.drain(..labels);
    if !is_version(&runs) {
        return None;
    }
    match Date::of(version, &runs) {
        Date::None => Some(in_order(&runs)),
        Date::Undecided => None,
        Date::Parts(parts) => Some(parts.into_iter().map(Piece::Number).collect()),
    }
}

/// The pieces of what is no date.
fn in_order<'a>(runs: &[Run<'a>]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::with_capacity(runs.len());
    let mut after = runs.iter().skip(1).copied();
    for run in runs {
        let next = after.next();
        match run {
            Run::Number(digits) => pieces.push(Piece::Number(digits)),
            // `service pack`, `maintenance release`, `release candidate`: the second word tells.
            Run::Word("service" | "release" | "maintenance")
                if matches!(next, Some(Run::Word("pack" | "release" | "candidate"))) => {}
            Run::Word("release") => pieces.push(Piece::of("mr")),
            Run::Word(word) => {
                trim_zeros(&mut pieces);
                pieces.push(Piece::of(word));
            }
        }
    }
    trim_zeros(&mut pieces);
    pieces
}

/// Words that only announce a version.
fn is_label(run: &Run<'_>) -> bool {
    const LABELS: [&str; 14] = [
        "v", "ver", "vers", "version", "r", "rel", "release", "rev", "revision", "fw", "firmware",
        "sw", "software", "build",
    ];
    matches!(run, Run::Word(word) if LABELS.contains(word))
}

/// Something with a number, or one short revision mark.
fn is_version(runs: &[Run<'_>]) -> bool {
    match runs {
        [Run::Word(word)] => word.len() <= 2,
        _ => runs.iter().any(|run| matches!(run, Run::Number(_))),
    }
}

fn trim_zeros(pieces: &mut Vec<Piece<'_>>) {
    while pieces.last().is_some_and(Piece::is_zero) {
        pieces.pop();
    }
}

/// Whether a version is a date that does not name year, month and day in this order.
enum Date<'a> {
    None,
    /// It can't be told which number is the month.
    Undecided,
    /// Year and month, and the day where it is given.
    Parts(Vec<&'a str>),
}

impl<'a> Date<'a> {
    fn of(version: &str, runs: &[Run<'a>]) -> Self {
        use Run::{Number, Word};
        match runs {
            [Number(a), Number(b), Number(year)] if version.contains('/') && is_year(year) => {
                Self::with_slashes(a, b, year)
            }
            [Word(name), Number(day), Number(year)] | [Number(day), Word(name), Number(year)]
                if is_year(year) =>
            {
                month(name).map_or(Self::None, |month| Self::Parts(vec![year, month, day]))
            }
            [Word(name), Number(year)] | [Number(year), Word(name)] if is_year(year) => {
                month(name).map_or(Self::None, |month| Self::Parts(vec![year, month]))
            }
            _ => Self::None,
        }
    }

    /// America writes the month first, Europe the day: only a number above 12 tells.
    fn with_slashes(a: &'a str, b: &'a str, year: &'a str) -> Self {
        let is_month = |digits| number::compare(digits, "12") != Ordering::Greater;
        match (is_month(a), is_month(b)) {
            (false, false) => Self::None,
            (true, true) if number::compare(a, b) != Ordering::Equal => Self::Undecided,
            (true, _) => Self::Parts(vec![year, a, b]),
            (false, true) => Self::Parts(vec![year, b, a]),
        }
    }
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// The number of a month by its English name or the first three letters.
fn month(name: &str) -> Option<&'static str> {
    const MONTHS: [(&str, &str); 12] = [
        ("january", "1"),
        ("february", "2"),
        ("march", "3"),
        ("april", "4"),
        ("may", "5"),
        ("june", "6"),
        ("july", "7"),
        ("august", "8"),
        ("september", "9"),
        ("october", "10"),
        ("november", "11"),
        ("december", "12"),
    ];
    let named = |month: &str| month == name || (name.len() == 3 && month.starts_with(name));
    MONTHS.iter().find(|(month, _)| named(month)).map(|(_, number)| *number)
}
