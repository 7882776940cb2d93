//! What is written in one way and counted in two: zeros in front of a number (`1.01` beside
//! `1.1`), and a letter with a number behind a version (`3.11.0a0` beside `3.11.0`).
//!
//! Refuses to say which way of counting a maker has, where the versions do not show it.

use std::cmp::Ordering;

use domain::version::{Scheme, compare};

/// Whether two versions stand to each other otherwise when their second numbers are read as
/// numbers and when they are read as decimal fractions. Makers count `1.01`, `1.05`, `1.1` in two
/// numbers; of three and more each is a number (`6.00.2900`, `1.3.1_05`, `11.0.06`), and behind a
/// year it is a month.
pub(super) fn reads_two_ways(a: &str, b: &str) -> bool {
    let (Some(a), Some(b)) = (numbers(a), numbers(b)) else { return false };
    let is_padded = |minor: &str| minor.len() > 1 && minor.starts_with('0');
    let number = |a, b| compare(Scheme::Generic, a, b);
    if number(a.major, b.major) != Some(Ordering::Equal)
        || !(is_padded(a.minor) || is_padded(b.minor))
        || !(a.is_whole || b.is_whole)
    {
        return false;
    }
    let decimal = a.minor.trim_end_matches('0').cmp(b.minor.trim_end_matches('0'));
    number(a.minor, b.minor) != Some(decimal)
}

/// Whether one of two versions is the other with `a` or `b` and a number behind it: an alpha or a
/// beta, which comes before it (PEP 440), or a maker's revision, which comes after.
pub(super) fn may_come_before(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim().to_ascii_lowercase(), b.trim().to_ascii_lowercase());
    let is_stage = |long: &str, short: &str| {
        let rest = long.strip_prefix(short).unwrap_or_default().trim_start_matches(".0");
        let number = rest.strip_prefix(['a', 'b']).unwrap_or_default();
        short.ends_with(|c: char| c.is_ascii_digit())
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    };
    is_stage(&a, &b) || is_stage(&b, &a)
}

/// The first two numbers of a version.
struct Numbers<'v> {
    major: &'v str,
    minor: &'v str,
    /// Whether no third one follows them behind a dot.
    is_whole: bool,
}

fn numbers(version: &str) -> Option<Numbers<'_>> {
    let version = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let (major, rest) = version.split_once('.')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (minor, rest) = rest.split_at_checked(digits)?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_year = major.len() == 4 && (major.starts_with("19") || major.starts_with("20"));
    let next = rest.strip_prefix('.').unwrap_or_default();
    let is_whole = !next.starts_with(|c: char| c.is_ascii_digit());
    (is_number(major) && is_number(minor) && !is_year).then_some(Numbers { major, minor, is_whole })
}

#[cfg(test)]
mod tests {
    use super::{may_come_before, reads_two_ways};

    #[test]
    fn zeros_in_front_matter_in_two_numbers_only() {
        let check = |a, b, expected| {
            assert_eq!(reads_two_ways(a, b), expected, "{a} {b}");
            assert_eq!(reads_two_ways(b, a), expected, "{b} {a}");
        };
        check("1.01", "1.1", true);
        check("1.05", "1.1", true);
        check("V1.05", "1.1.2", true);
        check("1.01 SP1", "1.1", true);
        check("1.05", "1.10", false);
        check("1.05", "1.07", false);
        check("1.00", "1.0", false);
        check("1.1", "1.10", false);
        check("1.01", "2.1", false);
        check("2019.03", "2019.3", false);
        check("1.3.1_05", "1.3.1_5", false);
        check("6.00.2900", "6.0.2900", false);
        check("11.0.06", "11.0.6", false);
        check("12.2(14)sy03", "12.2(14)sy3", false);
    }

    #[test]
    fn a_stage_and_a_revision_are_written_alike() {
        for (a, b) in [("3.11.0", "3.11.0a0"), ("3.11", "3.11.0b2"), ("V2.1B3", "v2.1")] {
            assert!(may_come_before(a, b) && may_come_before(b, a), "{a} {b}");
        }
        for (a, b) in [("3.11.1", "3.11.0a0"), ("1.0.2", "1.0.2a"), ("1.0", "1.0rc1"), ("", "a1")] {
            assert!(!may_come_before(a, b) && !may_come_before(b, a), "{a} {b}");
        }
    }
}
