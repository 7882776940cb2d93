//! Packagist's order: PHP's `version_compare` (PHP manual) of versions as Composer writes them
//! first (composer/semver, `VersionParser::normalize`): four numbers, words for stability in any
//! case.
//!
//! Refuses nothing: a word that it does not know sorts before all others, as in PHP.

use std::cmp::Ordering;

use super::number::{self, Run, runs, split_digits};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (pieces(a), pieces(b));
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = compare_pieces(left, right);
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Numbers that Composer writes of each version.
const NUMBERS: usize = 4;
/// Longest first number; a longer one is a date, and is not filled up.
const FIRST_DIGITS: usize = 5;

/// The runs of a version without its `v` in front and its build metadata: its numbers, zeros up to
/// the fourth, and what follows, but for `stable` and what follows that.
fn pieces(version: &str) -> Vec<Run<'_>> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let version = version.split_once('+').map_or(version, |(version, _)| version);
    let (first, mut rest) = split_digits(version);
    if first.is_empty() || first.len() > FIRST_DIGITS {
        return runs(version).collect();
    }
    let mut pieces = vec![Run::Number(first)];
    while pieces.len() < NUMBERS
        && let Some((digits, after)) = rest.strip_prefix('.').map(split_digits)
        && !digits.is_empty()
    {
        pieces.push(Run::Number(digits));
        rest = after;
    }
    pieces.resize(NUMBERS, Run::Number("0"));
    let is_stable = |run: &Run<'_>| matches!(run, Run::Word(w) if w.eq_ignore_ascii_case("stable"));
    pieces.extend(runs(rest).take_while(|run| !is_stable(run)).flat_map(parted).flatten());
    pieces
}

/// `alphadev` is `alpha-dev`.
fn parted(run: Run<'_>) -> [Option<Run<'_>>; 2] {
    const WORDS: [&str; 8] = ["beta", "b", "rc", "alpha", "a", "patch", "pl", "p"];
    if let Run::Word(word) = run
        && let Some((stability, dev)) = word.split_at_checked(word.len().saturating_sub(3))
        && dev.eq_ignore_ascii_case("dev")
        && WORDS.iter().any(|known| stability.eq_ignore_ascii_case(known))
    {
        return [Some(Run::Word(stability)), Some(Run::Word(dev))];
    }
    [Some(run), None]
}

/// A missing piece stands between the words before a release and the numbers and patches.
fn compare_pieces(a: Option<Run<'_>>, b: Option<Run<'_>>) -> Ordering {
    match (a, b) {
        (Some(Run::Number(a)), Some(Run::Number(b))) => number::compare(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(piece: Option<Run<'_>>) -> u8 {
    let Some(Run::Word(word)) = piece else {
        return if piece.is_none() { 5 } else { 6 };
    };
    // PHP looks at how a word starts: `post1` is a patch because of its `p`.
    let starts = |known: &str| {
        word.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
    };
    match () {
        () if starts("dev") => 1,
        () if starts("a") => 2,
        () if starts("b") => 3,
        () if starts("rc") => 4,
        () if starts("p") => 7,
        () => 0,
    }
}
