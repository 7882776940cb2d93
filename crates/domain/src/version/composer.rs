//! Packagist's order, which is that of PHP's `version_compare` (PHP manual), with the words for
//! stability in any case, as Composer reads them.
//!
//! Refuses nothing: a word that it does not know sorts before all others, as in PHP.

use std::cmp::Ordering;

use super::number::{self, Run, runs};

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (pieces(a), pieces(b));
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

/// The runs of a version without its `v` in front and its build metadata.
fn pieces(version: &str) -> impl Iterator<Item = Run<'_>> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    runs(version.split_once('+').map_or(version, |(version, _)| version))
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
