//! Versions as advisories write them: one plain version, a `vers` range, or words.
//!
//! Refuses to read words and operators outside `vers`: what `<=3.64` or `9.13 | 9.19` means is a
//! judgement, and the text goes on as it stands.

use std::cmp::Ordering;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::text::Text;
use domain::version::{Scheme, compare};

/// Most items that are put in order; hostile input beyond it stays in the order given.
const SORTED_ITEMS: usize = 4_096;
/// Words that make a text more than one version, even without a blank.
const RANGE_WORDS: [&str; 24] = [
    "all", "and", "any", "before", "below", "earlier", "every", "from", "higher", "later",
    "latest", "lower", "most", "newer", "none", "older", "only", "or", "prior", "since", "through",
    "to", "unknown", "until",
];

/// The text of a single version, which may be a `vers` range or words all the same.
pub(super) fn version(text: &str) -> Vec<Versions> {
    if is_plain(text) { vec![Versions::One(text.trim().into())] } else { range(text) }
}

/// The text of a version range: `vers` is read, anything else stays text.
pub(super) fn range(text: &str) -> Vec<Versions> {
    vers(text.trim()).unwrap_or_else(|| vec![Versions::Text(text.into())])
}

/// Whether a text is one version and nothing else: no blank, operator, list, wildcard or word of
/// a range, and a digit somewhere.
pub(super) fn is_plain(text: &str) -> bool {
    let text = text.trim();
    let plain_chars = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | ':');
    text.chars().all(plain_chars)
        && text.bytes().any(|b| b.is_ascii_digit())
        && !text.ends_with(['+', '-'])
        && !text.starts_with("vers:")
        && !has_range_word(text)
        && !has_wildcard(text)
        && !is_dashed_pair(text)
}

fn has_range_word(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1);
    words.any(|word| RANGE_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// `3.x`, `V1.X.2`: a part that stands for any number.
fn has_wildcard(text: &str) -> bool {
    text.contains('.') && text.split(['.', '-', '_']).any(|part| part.eq_ignore_ascii_case("x"))
}

/// `1.0-1.5`, which may be a span of versions as well as one version with a revision.
fn is_dashed_pair(text: &str) -> bool {
    let dotted = |part: &str| {
        let part = part.strip_prefix(['v', 'V']).unwrap_or(part);
        part.contains('.') && part.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    matches!(text.split_once('-'), Some((a, b)) if dotted(a) && dotted(b))
}

/// A comparator of `vers` with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Constraint {
    Is(Text),
    IsNot(Text),
    From(Bound, Text),
    To(Bound, Text),
}

impl Constraint {
    fn version(&self) -> &str {
        match self {
            Self::Is(version)
            | Self::IsNot(version)
            | Self::From(_, version)
            | Self::To(_, version) => version,
        }
    }
}

/// A version range specifier (the vers specification of the PURL project, "VERS"); `None` where
/// the text is no valid one, for producers put any words behind `vers:`.
fn vers(text: &str) -> Option<Vec<Versions>> {
    let start = text.get(..5).filter(|start| start.eq_ignore_ascii_case("vers:"))?;
    let (kind, constraints) = text.get(start.len()..)?.split_once('/')?;
    let kind = kind.to_ascii_lowercase();
    if kind.is_empty() || kind == "none" {
        return None;
    }
    if constraints.trim() == "*" {
        return Some(vec![Versions::All]);
    }
    let scheme = scheme(&kind)?;
    let constraints = constraints.split('|').map(str::trim).filter(|text| !text.is_empty());
    let constraints: Vec<Constraint> = constraints.map(constraint).collect::<Option<_>>()?;
    if constraints.is_empty() {
        return None;
    }
    Some(joined(scheme, in_order(scheme, constraints, Constraint::version)))
}

/// The order of versions behind a `vers` or purl type; `None` where there is no order (git).
pub(super) fn scheme(kind: &str) -> Option<Scheme> {
    Some(match kind {
        "git" | "sha" => return None,
        "npm" | "semver" | "cargo" | "hex" | "pub" | "swift" | "bitnami" => Scheme::Semver,
        "golang" | "go" => Scheme::Golang,
        "pypi" | "python" | "pep440" => Scheme::Pep440,
        "deb" | "debian" | "dpkg" => Scheme::Deb,
        "rpm" => Scheme::Rpm,
        "apk" | "alpine" => Scheme::Apk,
        "maven" => Scheme::Maven,
        "gem" => Scheme::Gem,
        "nuget" => Scheme::Nuget,
        "composer" => Scheme::Composer,
        _ => Scheme::Generic,
    })
}

fn constraint(text: &str) -> Option<Constraint> {
    const COMPARATORS: [&str; 6] = [">=", "<=", "!=", ">", "<", "="];
    let comparator = COMPARATORS.into_iter().find(|known| text.starts_with(known)).unwrap_or("");
    let version = percent_decoded(text.strip_prefix(comparator)?)?;
    if version.is_empty() || text.strip_prefix(comparator)?.contains(is_foreign) {
        return None;
    }
    Some(match comparator {
        ">=" => Constraint::From(Bound::Including(version.clone()), version),
        ">" => Constraint::From(Bound::Excluding(version.clone()), version),
        "<=" => Constraint::To(Bound::Including(version.clone()), version),
        "<" => Constraint::To(Bound::Excluding(version.clone()), version),
        "!=" => Constraint::IsNot(version),
        _ => Constraint::Is(version),
    })
}

/// What cannot stand unquoted in a version of `vers`: a second comparator, a star, a blank.
fn is_foreign(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '!' | '*' | ',') || c.is_whitespace()
}

fn percent_decoded(text: &str) -> Option<Text> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(Text::from)
}

/// Walks constraints from the lowest version to the highest and joins them to ranges.
fn joined(scheme: Scheme, constraints: Vec<Constraint>) -> Vec<Versions> {
    let bounds =
        constraints.iter().find(|c| matches!(c, Constraint::From(..) | Constraint::To(..)));
    let open_below = match bounds {
        Some(Constraint::To(..)) => true,
        Some(_) => false,
        None => constraints.iter().any(|c| matches!(c, Constraint::IsNot(_))),
    };
    let mut from = open_below.then_some(Bound::Open);
    let (mut ones, mut ranges): (Vec<Versions>, Vec<VersionRange>) = (Vec::new(), Vec::new());
    for constraint in constraints {
        match constraint {
            Constraint::Is(version) => ones.push(Versions::One(version)),
            // Of two lower bounds in a row the lower one counts, of two upper ones the upper.
            Constraint::From(bound, _) => from = from.or(Some(bound)),
            Constraint::To(to, _) => match (from.take(), ranges.last_mut()) {
                (Some(from), _) => ranges.push(VersionRange { scheme, from, to }),
                (None, Some(last)) => last.to = to,
                (None, None) => {}
            },
            Constraint::IsNot(version) => {
                if let Some(from) = from.replace(Bound::Excluding(version.clone())) {
                    ranges.push(VersionRange { scheme, from, to: Bound::Excluding(version) });
                } else {
                    from = None;
                }
            }
        }
    }
    ranges.extend(from.map(|from| VersionRange { scheme, from, to: Bound::Open }));
    ones.extend(ranges.into_iter().map(Versions::Range));
    ones
}

/// Items in the order of their versions; as given, where a version cannot be read in the scheme
/// or where they stand in order already. Equal versions keep their order.
pub(super) fn in_order<T>(scheme: Scheme, items: Vec<T>, version: impl Fn(&T) -> &str) -> Vec<T> {
    let order = |a: &T, b: &T| compare(scheme, version(a), version(b));
    let follows = |pair: &[T]| match pair {
        [a, b] => order(a, b).is_some_and(Ordering::is_le),
        _ => true,
    };
    let readable = |item: &T| order(item, item).is_some();
    if items.len() > SORTED_ITEMS || items.windows(2).all(follows) || !items.iter().all(readable) {
        return items;
    }
    // The standard sorts may panic where an order contradicts itself; this one cannot.
    let mut sorted: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        let at = sorted.partition_point(|other| order(other, &item).is_none_or(Ordering::is_le));
        sorted.insert(at, item);
    }
    sorted
}

#[cfg(test)]
mod tests {
    #![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

    use domain::advisory::Versions;
    use domain::version::Scheme;
    use expect_test::{Expect, expect};

    use super::{in_order, version};
    use crate::advisory::trials;

    #[track_caller]
    fn check(text: &str, expected: &Expect) {
        expected.assert_eq(&(trials::versions(&version(text)) + "\n"));
    }

    #[test]
    fn a_plain_version_is_one() {
        for text in ["3.64", "V2.1.0", "1.0.2k-25.el7_9", "MX-V4.7.3.11-r6", "2:1.0+dfsg", "7"] {
            assert_eq!(version(text), [Versions::One(text.into())]);
        }
        check(
            " 9.1 ",
            &expect![[r#"
            one 9.1
        "#]],
        );
    }

    #[test]
    fn operators_lists_and_words_stay_text_verbatim() {
        let texts = [
            "<=3.64",
            "All versions",
            "1.1 | 1.2",
            "9.13|9.19",
            ">= 1.3.4 | < 1.5.3",
            "3.x",
            "13.X",
            "1.0-1.5",
            "*",
            "620/650",
            "2.0+",
            "3.64-and-prior",
            "vista",
            "",
            "V1.4 SP1",
            "1.0,1.1",
            "latest-2",
            "~1.2",
            "^1",
            "Versions 3.64 and prior ",
            "<8/30/2024",
        ];
        for text in texts {
            assert_eq!(version(text), [Versions::Text(text.into())], "{text}");
        }
    }

    #[test]
    fn vers_is_read_by_its_specification() {
        check(
            "vers:all/*",
            &expect![[r#"
            all
        "#]],
        );
        check(
            "vers:npm/1.2.3|>=2.0.0|<5.0.0",
            &expect![[r#"
            one 1.2.3 or Semver [2.0.0, 5.0.0)
        "#]],
        );
        check(
            "vers:pypi/<0.1.4",
            &expect![[r#"
            Pep440 (, 0.1.4)
        "#]],
        );
        check(
            "vers:deb/>1|<=2|>=3",
            &expect![[r#"
            Deb (1, 2] or Deb [3, )
        "#]],
        );
        check(
            "vers:generic/>=1|!=2|<3",
            &expect![[r#"
            Generic [1, 2) or Generic (2, 3)
        "#]],
        );
        check(
            "vers:generic/!=2",
            &expect![[r#"
            Generic (, 2) or Generic (2, )
        "#]],
        );
        check(
            "vers:all/<V3.2.19",
            &expect![[r#"
            Generic (, V3.2.19)
        "#]],
        );
        check(
            "vers:rpm/=1%2B2",
            &expect![[r#"
            one 1+2
        "#]],
        );
        check(
            "vers:generic/<1|<2",
            &expect![[r#"
            Generic (, 2)
        "#]],
        );
        check(
            "vers:generic/>=1|>=2|<3",
            &expect![[r#"
            Generic [1, 3)
        "#]],
        );
    }

    #[test]
    fn what_only_looks_like_vers_stays_text() {
        let texts = [
            "vers:all/>=V2.9.2<V2.9.4",
            "vers:all/<V5.2 SP 3",
            "vers:",
            "vers:npm",
            "vers:npm/",
            "vers:none/*",
            "vers:npm/<",
            "vers:git/>abc",
            "vers:npm/1%zz",
            "vers:npm/1*",
        ];
        for text in texts {
            assert_eq!(version(text), [Versions::Text(text.into())]);
        }
    }

    #[test]
    fn items_are_put_in_order_and_equal_ones_keep_theirs() {
        let items = vec![("3", 'a'), ("1", 'b'), ("3", 'c'), ("2", 'd')];
        let sorted = in_order(Scheme::Generic, items, |item| item.0);
        assert_eq!(sorted, [("1", 'b'), ("2", 'd'), ("3", 'a'), ("3", 'c')]);
    }
}
