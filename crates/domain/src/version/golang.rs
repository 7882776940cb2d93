//! Go's order. Modules are versioned semantically (go.dev/ref/mod, "Versions"), with
//! pseudo-versions as pre-releases; Go itself is released as `go1.21rc3` (go.dev/doc/toolchain),
//! which its vulnerability database writes `1.21.0-rc.3`.
//!
//! Refuses what is neither.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::number::{is_number, split_digits, split_run};
use super::semantic;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    semantic::compare(&module(a), &module(b))
}

/// A version as modules have it.
fn module(version: &str) -> Cow<'_, str> {
    let bare = version.strip_prefix("go").unwrap_or(version);
    let (numbers, rest) = split_run(bare, |c| c.is_ascii_digit() || c == '.');
    let (word, rest) = split_run(rest, |c| c.is_ascii_lowercase());
    let (count, rest) = split_digits(rest);
    let is_release = numbers.split('.').all(is_number)
        && matches!(word, "rc" | "beta")
        && !count.is_empty()
        && rest.is_empty();
    if !is_release {
        return Cow::Borrowed(bare);
    }
    let zeros = ".0".repeat(2_usize.saturating_sub(numbers.matches('.').count()));
    Cow::Owned(format!("{numbers}{zeros}-{word}.{count}"))
}
