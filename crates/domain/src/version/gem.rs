//! RubyGems' order (`Gem::Version`): segments of digits and of letters, a letter being a
//! pre-release.
//!
//! Refuses a text without any segment.

use std::cmp::Ordering;

use super::number::{self, Run, is_zero, runs};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (segments(a)?, segments(b)?);
    let zero = Run::Number("0");
    let longer = a.len().max(b.len());
    let left = a.iter().chain(std::iter::repeat(&zero));
    let right = b.iter().chain(std::iter::repeat(&zero));
    let mut orders = left.zip(right).take(longer).map(|(a, b)| compare_segments(a, b));
    Some(orders.find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal))
}

fn compare_segments(a: &Run<'_>, b: &Run<'_>) -> Ordering {
    match (a, b) {
        (Run::Number(a), Run::Number(b)) => number::compare(a, b),
        (Run::Word(a), Run::Word(b)) => a.cmp(b),
        (Run::Word(_), Run::Number(_)) => Ordering::Less,
        (Run::Number(_), Run::Word(_)) => Ordering::Greater,
    }
}

/// The segments without the zeros that end the release part and the pre-release part. A hyphen
/// reads as `.pre.`.
fn segments(version: &str) -> Option<Vec<Run<'_>>> {
    let mut segments = Vec::new();
    for (index, part) in version.split('-').enumerate() {
        if index > 0 {
            push(&mut segments, Run::Word("pre"));
        }
        for run in runs(part) {
            push(&mut segments, run);
        }
    }
    if segments.is_empty() {
        return None;
    }
    trim_zeros(&mut segments);
    Some(segments)
}

/// Adds a segment; the first word ends the release part.
fn push<'a>(segments: &mut Vec<Run<'a>>, run: Run<'a>) {
    let in_release = segments.iter().all(|segment| matches!(segment, Run::Number(_)));
    if in_release && matches!(run, Run::Word(_)) {
        trim_zeros(segments);
    }
    segments.push(run);
}

fn trim_zeros(segments: &mut Vec<Run<'_>>) {
    while matches!(segments.last(), Some(Run::Number(digits)) if is_zero(digits)) {
        segments.pop();
    }
}
