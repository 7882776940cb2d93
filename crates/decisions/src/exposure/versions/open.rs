//! Versions that leave a number open: `5.2.x`, `8.30.xx.903`.
//!
//! Refuses to take a letter for open that a maker may have meant: only pieces of nothing but `x`.

use std::cmp::Ordering;

use domain::version::{Scheme, compare};

/// How a version lies to one that leaves a number open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// It is of the series that is named: `5.2.3` of `5.2.x`.
    OfSeries,
    /// All that is told of it agrees, but the open number stands before others: which ones are
    /// meant, nobody tells.
    Perhaps,
}

/// The open part of a version that ends in it: what stands before the `x` of `5.2.x`.
pub(super) fn series(version: &str) -> Option<&str> {
    let at = version.split('.').position(is_open).filter(|at| *at > 0)?;
    let rest = version.split('.').skip(at);
    let before: usize = version.split('.').take(at).map(|piece| piece.len() + 1).sum();
    rest.clone().all(is_open).then(|| version.get(..before - 1)).flatten()
}

/// How a version lies to one that leaves a number open; `None` where that leaves none open, or
/// says another number than the version does.
pub(super) fn fits(open: &str, version: &str) -> Option<Open> {
    let open = bare(open);
    let first = open.split('.').position(is_open).filter(|at| *at > 0)?;
    let mut pieces = bare(version).split('.');
    let agrees = |piece: &str| {
        let own = pieces.next();
        is_open(piece) || own.is_some_and(|own| is_one(own, piece))
    };
    if !open.split('.').all(agrees) {
        return None;
    }
    let is_series = open.split('.').skip(first).all(is_open);
    Some(if is_series { Open::OfSeries } else { Open::Perhaps })
}

fn bare(version: &str) -> &str {
    version.trim().trim_start_matches(['v', 'V'])
}

fn is_open(piece: &str) -> bool {
    !piece.is_empty() && piece.bytes().all(|letter| matches!(letter, b'x' | b'X'))
}

fn is_one(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || compare(Scheme::Generic, a, b) == Some(Ordering::Equal)
}
