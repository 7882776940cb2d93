//! Remarks in brackets beside versions: `(end-of-life 2017)`, `(and earlier)`, `(only with X)`.
//!
//! Refuses to take words for a condition that may as well name more versions: a condition only ever
//! makes fewer versions affected, so that it leaves the others cleared.

use super::clause::{DOWNWARD, NOISE, UPWARD, is_number, is_wild};

/// Remarks that set no condition begin with these.
const HARMLESS: [&str; 11] = [
    "affected by",
    "only affected by",
    "impacted by",
    "firmware ",
    "end-of-life",
    "end of life",
    "eol",
    "end-of-support",
    "discontinued",
    "inclusive",
    "including",
];

/// What a remark begins with that makes fewer versions affected, or none more.
const NARROWS: [&str; 20] = [
    "only",
    "when",
    "if",
    "with",
    "without",
    "while",
    "running",
    "installed",
    "configured",
    "using",
    "integrated",
    "deployed",
    "used",
    "on",
    "in",
    "for",
    "not",
    "windows",
    "linux",
    "non",
];

/// Words that may mean versions beside those that are named.
const MORE: [&str; 30] = [
    "all",
    "any",
    "every",
    "each",
    "other",
    "others",
    "otherwise",
    "else",
    "also",
    "too",
    "possibly",
    "perhaps",
    "probably",
    "potentially",
    "presumably",
    "likely",
    "may",
    "might",
    "could",
    "well",
    "etc",
    "additional",
    "further",
    "unknown",
    "untested",
    "tested",
    "unsupported",
    "regardless",
    "unless",
    "except",
];

/// Takes remarks in brackets out; those that set no condition are dropped, and those that bound the
/// version before them stay with it: `7.3 (and earlier)`.
pub(super) fn split(text: &str) -> (String, Option<String>) {
    let mut bare = String::new();
    let mut remarks: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let (remark, following) = after.split_once(')').unwrap_or((after, ""));
        let attached = before.ends_with(|c: char| c.is_alphanumeric());
        let numbered = before.ends_with(|c: char| c.is_ascii_digit());
        bare.push_str(before);
        // A number in brackets belongs to the version before it: `9.2(1)`, `7.0(3)I4(6t)`.
        if attached && remark.starts_with(|c: char| c.is_ascii_digit()) && is_build(remark) {
            bare.extend(["(", remark, ")"]);
        // A single letter or a plural belongs to its word: `MMT-522(K)`, `version(s)`.
        } else if attached && remark.len() == 1 {
            let plural = !numbered && remark.eq_ignore_ascii_case("s");
            bare.push_str(if plural { "" } else { remark });
        } else {
            bare.push(' ');
            let lower = remark.trim().to_lowercase();
            // `between V2.5 (including) and V2.7 (excluding)`: what is in belongs to the bound.
            let is_in =
                matches!(lower.as_str(), "including" | "inclusive" | "excluding" | "exclusive");
            if is_in || bounds(&lower) {
                bare.push_str(&lower);
                bare.push(' ');
            } else if !is_harmless(&lower) {
                remarks.push(remark.trim());
            }
        }
        rest = following;
    }
    bare.push_str(rest);
    (bare, (!remarks.is_empty()).then(|| remarks.join("; ")))
}

/// A build in brackets: a number, perhaps with a letter.
fn is_build(remark: &str) -> bool {
    remark.len() <= 6 && remark.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// Whether a remark says only in which direction the versions go on: `and all earlier versions`.
fn bounds(lower: &str) -> bool {
    let directed = |word: &&str| DOWNWARD.contains(word) || UPWARD.contains(word);
    let mut words = lower.split_whitespace();
    let joint = |word: &str| matches!(word, "and" | "or" | "&" | "and/or");
    words.clone().any(|word| directed(&word))
        && words.all(|word| directed(&word) || joint(word) || NOISE.contains(&word))
}

fn is_harmless(lower: &str) -> bool {
    let is_more = || words(lower).any(|word| speaks_of_more(&word));
    lower.is_empty() || HARMLESS.iter().any(|word| lower.starts_with(word)) && !is_more()
}

/// Whether a remark may name more versions than stand before it: all that nobody knows to name
/// fewer.
pub(super) fn may_widen(remark: &str) -> bool {
    let lower = remark.to_lowercase();
    if ["also known as", "formerly known as", "formerly", "aka "]
        .iter()
        .any(|a| lower.starts_with(a))
    {
        return false;
    }
    let narrows = words(&lower).next().is_some_and(|word| NARROWS.contains(&word.as_str()));
    // A list of systems has numbers of its own: `Windows 7, 10, 11`.
    let numbered = |part: &str| words(part).any(|word| is_number(&word));
    let lists = !lower.starts_with("windows") && lower.split([',', ';']).skip(1).any(numbered);
    !narrows || lists || leaves_versions_open(&lower)
}

/// Whether a condition that stands without brackets goes on to other versions: `3.0 if X is
/// installed, all versions otherwise`, `3.0 if X, 4.0 if Y`.
pub(super) fn goes_on(condition: &str) -> bool {
    let lower = condition.to_lowercase();
    let joined = lower.replace(" and ", ",").replace(" or ", ",").replace(" & ", ",");
    let mut more = joined.split([',', ';', '|', ':']).skip(1);
    lower.split_whitespace().any(is_wild)
        || leaves_versions_open(&lower)
        || more.any(|part| words(part).any(|word| is_number(&word)))
}

/// Words that mean other versions, and no version of something else that these could be of: `with
/// firmware 2.0 and earlier` is of the firmware.
fn leaves_versions_open(lower: &str) -> bool {
    let numbered = words(lower).any(|word| is_number(&word));
    words(lower).any(|word| MORE.contains(&word.as_str()) || speaks_of_more(&word) && !numbered)
}

/// Whether a word may mean versions or systems beside those that are named.
pub(in crate::exposure) fn speaks_of_more(word: &str) -> bool {
    MORE.contains(&word) || DOWNWARD.contains(&word) || UPWARD.contains(&word)
}

fn words(lower: &str) -> impl Iterator<Item = String> {
    let parted = |c: char| !c.is_alphanumeric() && !matches!(c, '.');
    let words: Vec<String> = lower
        .split(parted)
        .map(|word| word.trim_matches('.').to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    words.into_iter()
}

/// Whether an aside speaks of a model by its number: `X3 for Rev M only`.
pub(super) fn is_of_model(aside: &str) -> bool {
    let lower = aside.to_lowercase();
    let coded = |word: &String| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.bytes().any(|b| b.is_ascii_digit())
            && !is_number(word)
    };
    words(&lower).any(|word| coded(&word)) && !words(&lower).any(|word| speaks_of_more(&word))
}
