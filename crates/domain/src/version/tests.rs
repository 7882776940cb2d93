//! Other projects' comparisons, line by line, and what an order must be.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::Value;

use super::{Scheme, compare};

const SCHEMES: [Scheme; 11] = [
    Scheme::Generic,
    Scheme::Semver,
    Scheme::Golang,
    Scheme::Pep440,
    Scheme::Deb,
    Scheme::Rpm,
    Scheme::Apk,
    Scheme::Maven,
    Scheme::Gem,
    Scheme::Nuget,
    Scheme::Composer,
];

/// The files of osv-scalibr, with the scheme that orders them and how many comparisons they hold.
const OSV_FILES: [(&str, Scheme, usize); 18] = [
    ("alpine-versions-generated.txt", Scheme::Apk, 13_979),
    ("alpine-versions.txt", Scheme::Apk, 778),
    ("cran-versions-generated.txt", Scheme::Generic, 57),
    ("cran-versions.txt", Scheme::Generic, 21),
    ("debian-versions-generated.txt", Scheme::Deb, 14_442),
    ("debian-versions.txt", Scheme::Deb, 30),
    ("hackage-versions.txt", Scheme::Generic, 11),
    ("maven-versions-generated.txt", Scheme::Maven, 14_752),
    ("maven-versions.txt", Scheme::Maven, 102),
    ("nuget-versions.txt", Scheme::Nuget, 35),
    ("packagist-versions-generated.txt", Scheme::Composer, 10_630),
    ("packagist-versions.txt", Scheme::Composer, 95),
    ("pub-versions.txt", Scheme::Semver, 100),
    ("pypi-versions-generated.txt", Scheme::Pep440, 12_375),
    ("pypi-versions.txt", Scheme::Pep440, 37),
    ("redhat-versions.txt", Scheme::Rpm, 165),
    ("rubygems-versions-generated.txt", Scheme::Gem, 4_098),
    ("rubygems-versions.txt", Scheme::Gem, 25),
];

/// Why we differ from a line, where we do, and in how many lines.
const DEVIATIONS: [(&str, usize); 7] = [
    ("zeros at the end: R and Haskell tell 1.0 from 1.0.0, devices do not", 7),
    ("build metadata: Dart orders by it, semantic versions do not", 14),
    ("no PEP 440 version: undecided", 80),
    ("Composer reads ALPHA and BETA in capitals, `version_compare` alone does not", 3),
    ("a form that only the internals of the tool have", 3),
    ("Composer writes four numbers before it compares, `version_compare` alone does not", 8),
    ("Maven up to 3.8.6: qualifiers behind a dot before all behind a hyphen; `ga` is cut off", 19),
];

/// The deviation that a line belongs to.
fn deviation(scheme: Scheme, line: &str, got: Option<Ordering>) -> Option<usize> {
    match scheme {
        Scheme::Generic if got == Some(Ordering::Equal) => Some(0),
        Scheme::Semver if line.contains('+') && got == Some(Ordering::Equal) => Some(1),
        Scheme::Pep440 if got.is_none() => Some(2),
        Scheme::Composer if line.contains("BETA") => Some(3),
        _ if ["1.2.3.# = 1.2.3.1", "1 < 1-"].contains(&line) => Some(4),
        Scheme::Composer => {
            let numbers = |version: &str| {
                let numbers = version.trim_start_matches('v').split(['.', '-', '_']);
                numbers.take_while(|part| part.bytes().all(|b| b.is_ascii_digit())).count()
            };
            let mut parts = line.split(' ');
            let (a, b) = (parts.next().unwrap(), parts.nth(1).unwrap());
            (numbers(a) != numbers(b) || line.contains("stable")).then_some(5)
        }
        Scheme::Maven if line == "1-1 = 1-ga-1" => Some(6),
        Scheme::Maven if is_of_older_maven(line) && got == Some(Ordering::Greater) => Some(6),
        _ => None,
    }
}

/// Whether a line compares a word behind a dot, before a number, with what is behind a hyphen or
/// directly behind a number. Maven 3.8.7 itself answers these lines as we do.
fn is_of_older_maven(line: &str) -> bool {
    let behind_dot = |version: &str| {
        let pieces = version.split('.').skip(1);
        pieces.into_iter().any(|piece| piece.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    let (a, b) = line.split_once(" < ").unwrap_or_default();
    behind_dot(a) != behind_dot(b)
}

fn ordering(sign: &str) -> Ordering {
    match sign {
        "<" => Ordering::Less,
        ">" => Ordering::Greater,
        "=" => Ordering::Equal,
        other => panic!("{other} is no comparison"),
    }
}

#[test]
fn every_comparison_of_osv_holds_or_is_a_deviation_with_its_reason() {
    let mut deviations = [0; DEVIATIONS.len()];
    let mut wrong = Vec::new();
    for (name, scheme, expected_count) in OSV_FILES {
        let path = testkit::shared_data(&format!("conformance/osv-semantic-versions/{name}"));
        let text = std::fs::read_to_string(path).unwrap();
        let mut count = 0;
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
                continue;
            }
            let parts: Vec<&str> = line.split(' ').collect();
            let [a, sign, b] = parts[..] else { panic!("{name}: {line}") };
            count += 1;
            let (got, reversed) = (compare(scheme, a, b), compare(scheme, b, a));
            assert_eq!(got, reversed.map(Ordering::reverse), "{name}: {line}");
            if got != Some(ordering(sign)) {
                match deviation(scheme, line, got) {
                    Some(index) => deviations[index] += 1,
                    None => wrong.push(format!("{name}: {line}, we say {got:?}")),
                }
            }
        }
        assert_eq!(count, expected_count, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(deviations, DEVIATIONS.map(|(_, count)| count));
}

#[test]
fn every_comparison_of_osv_in_semantic_versions_holds() {
    let path = testkit::shared_data("conformance/osv-semantic-versions/semver-versions.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '/']));
    let mut count = 0;
    for line in lines {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [a, sign, b] = parts[..] else { panic!("{line}") };
        assert_eq!(compare(Scheme::Semver, a, b), Some(ordering(sign)), "{line}");
        count += 1;
    }
    assert_eq!(count, 86);
}

/// The comparison suites of vers-spec, with our scheme and their number of cases. The others have
/// no scheme here: alpm, conan and gentoo each have an order of their own, datetime is no version.
const VERS_FILES: [(&str, Scheme, usize); 4] = [
    ("alpine_version_cmp_test.json", Scheme::Apk, 716),
    ("maven_version_cmp_test.json", Scheme::Maven, 977),
    ("nuget_version_cmp_test.json", Scheme::Nuget, 33),
    ("openssl_version_cmp_test.json", Scheme::Generic, 44),
];

#[test]
fn the_comparison_suites_of_vers_hold() {
    for (name, scheme, expected_count) in VERS_FILES {
        let path = testkit::shared_data(&format!("conformance/vers-spec/tests/{name}"));
        let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let tests = document["tests"].as_array().unwrap();
        assert_eq!(tests.len(), expected_count, "{name}");
        for test in tests {
            let versions = test["input"]["versions"].as_array().unwrap();
            let (a, b) = (versions[0].as_str().unwrap(), versions[1].as_str().unwrap());
            let got = compare(scheme, a, b).unwrap_or_else(|| panic!("{name}: {test}"));
            let expected = &test["expected_output"];
            // The suite's Maven is one before 3.8.7, which itself answers these as we do.
            if scheme == Scheme::Maven && a == "2-1" && ["2.0.a", "2.0.0.a"].contains(&b) {
                assert!(got.is_gt(), "{name}: {test}");
                continue;
            }
            match test["test_type"].as_str().unwrap() {
                "equality" => assert_eq!(Some(got.is_eq()), expected.as_bool(), "{test}"),
                // Sorted, in the lower case that the suite gives its answers in.
                _ if expected[0].as_str().unwrap().eq_ignore_ascii_case(a) => {
                    assert!(got.is_le(), "{name}: {test}");
                }
                _ => assert!(got.is_ge(), "{name}: {test}"),
            }
        }
    }
}

/// Versions of devices in their order, each before the next.
fn rising(versions: &[&str]) {
    for (index, earlier) in versions.iter().enumerate() {
        for later in versions.iter().skip(index + 1) {
            let got = compare(Scheme::Generic, earlier, later);
            assert_eq!(got, Some(Ordering::Less), "{earlier} < {later}");
        }
    }
}

fn same(a: &str, b: &str) {
    assert_eq!(compare(Scheme::Generic, a, b), Some(Ordering::Equal), "{a} = {b}");
}

#[test]
fn versions_of_devices_rise_as_their_makers_mean() {
    rising(&["1.1", "1.6", "1.10", "1.52"]);
    rising(&["V1.0 alpha", "1.0-beta2", "1.0 RC1", "v1.0.0 rc 2", "1.0", "1.0a", "1.0b"]);
    rising(&["V1.0", "V1.0 Build 9", "V1.0 Rev. 2", "V1.0 Hotfix 1", "V1.0 SP1", "V1.0 SP2"]);
    rising(&["V1.0 Service Pack 2", "1.0 SP10", "1.0.1", "V1.1"]);
    rising(&["R4.1.2 build 76", "R4.1.2 build 77", "R4.1.2 build 100", "R4.1.3"]);
    rising(&["3.64", "3.64b", "3.65"]);
    rising(&["A", "Rev. B", "rev Z", "AA", "Rev. AB"]);
    rising(&["2.0 Release Candidate 1", "2.0", "2.0 Maintenance Release 1"]);
    rising(&["99999999999999999999999999999998", "99999999999999999999999999999999"]);
}

#[test]
fn dates_are_compared_as_dates() {
    rising(&["2019-12-31", "Jan 2020", "15-Jan-2020", "2020-02-01", "March 3, 2020", "2021"]);
    rising(&["12/31/2019", "31/01/2020", "02/28/2020"]);
    same("05/05/2020", "2020-05-05");
    assert_eq!(compare(Scheme::Generic, "01/02/2020", "2020-06-01"), None);
}

#[test]
fn spellings_of_one_version_are_equal() {
    same("V1.0", "1.0.0");
    same("Version 1.0 SP2", "v1_0-sp2");
    same("Rev. C", "c");
    same("Firmware V 2.03", "2.3");
    same("1.0 service pack 2", "1.0 sp 2");
}

#[test]
fn what_is_no_version_has_no_place_in_the_order() {
    for text in ["", " ", "*", "-", "n/a", "unknown", "all versions", "ü"] {
        assert_eq!(compare(Scheme::Generic, text, "1.0"), None, "{text}");
    }
    assert_eq!(compare(Scheme::Semver, "latest", "1.0.0"), None);
    assert_eq!(compare(Scheme::Deb, "a:1.0", "1.0"), None);
}

#[test]
fn releases_of_go_stand_among_the_versions_of_its_database() {
    for (a, sign, b) in [
        ("1.21rc3", "<", "1.21.0-rc.4"),
        ("go1.21rc4", "=", "1.21.0-rc.4"),
        ("1.21rc3", ">", "1.21.0-0"),
        ("1.20", "=", "v1.20.0"),
        ("1.9.2beta1", "<", "1.9.2"),
        ("v2.0.0+incompatible", "=", "v2.0.0"),
        ("v0.0.0-20220524220425-1d687d428aca", "<", "v0.1.0"),
    ] {
        assert_eq!(compare(Scheme::Golang, a, b), Some(ordering(sign)), "{a} {sign} {b}");
    }
}

#[test]
fn composer_writes_four_numbers_before_it_compares() {
    for (a, sign, b) in [
        ("4.3.0-alpha2", ">", "4.3alpha1"),
        ("4.3.0-beta1", "<", "4.3beta2"),
        ("1.0", "=", "v1.0.0.0"),
        ("1.0-stable5", "=", "1.0"),
        ("1.0-dev", "<", "1.0.0-a1"),
        ("1.0-p1", ">", "1.0"),
    ] {
        assert_eq!(compare(Scheme::Composer, a, b), Some(ordering(sign)), "{a} {sign} {b}");
    }
}

#[test]
fn a_purl_type_leads_to_its_order() {
    assert_eq!(Scheme::of_purl_kind("npm"), Scheme::Semver);
    assert_eq!(Scheme::of_purl_kind("golang"), Scheme::Golang);
    assert_eq!(Scheme::of_purl_kind("deb"), Scheme::Deb);
    assert_eq!(Scheme::of_purl_kind("generic"), Scheme::Generic);
}

const WORDS: &str =
    "(v|rc|beta|alpha|sp|build|[a-c]|~|_p|_rc|-r|-|\\.|\\+|:|0|[0-9]{1,2}|1\\.0|/| ){0,8}";

proptest! {
    #[test]
    fn no_text_is_a_panic_in_any_scheme(a in ".{0,30}", b in ".{0,30}", digits in "[0-9]{0,60}") {
        for scheme in SCHEMES {
            let _ = compare(scheme, &a, &b);
            let _ = compare(scheme, &digits, &b);
            let _ = compare(scheme, &format!("{a}{digits}"), &format!("1.{digits}-{b}"));
        }
    }

    #[test]
    fn every_order_reads_the_same_from_both_sides(a in WORDS, b in WORDS) {
        for scheme in SCHEMES {
            let reversed = compare(scheme, &b, &a).map(Ordering::reverse);
            prop_assert_eq!(compare(scheme, &a, &b), reversed, "{:?} {} {}", scheme, a, b);
        }
    }

    #[test]
    fn every_order_is_transitive(a in WORDS, b in WORDS, c in WORDS) {
        // Maven's is not, by its own rules: 1-sp > 1 > 1.0.alpha.1, yet 1.0.alpha.1 > 1-sp.
        for scheme in SCHEMES.into_iter().filter(|scheme| *scheme != Scheme::Maven) {
            let orders = [(&a, &b), (&b, &c), (&a, &c)].map(|(x, y)| compare(scheme, x, y));
            let [Some(first), Some(second), Some(both)] = orders else { continue };
            if first.is_le() && second.is_le() {
                prop_assert!(both.is_le(), "{:?}: {} {} {}", scheme, a, b, c);
            }
            if first.is_eq() && second.is_eq() {
                prop_assert!(both.is_eq(), "{:?}: {} {} {}", scheme, a, b, c);
            }
        }
    }

    #[test]
    fn semantic_versions_have_the_order_of_another_library(
        a in "[0-9]{1,2}\\.[0-9]\\.[0-9](-[a-c1-9]{1,2}(\\.[a-cA-C1-9]{1,2}){0,2})?",
        b in "[0-9]{1,2}\\.[0-9]\\.[0-9](-[a-c1-9]{1,2}(\\.[a-cA-C1-9]{1,2}){0,2})?",
    ) {
        if let (Ok(left), Ok(right)) = (semver::Version::parse(&a), semver::Version::parse(&b)) {
            let expected = left.cmp_precedence(&right);
            prop_assert_eq!(compare(Scheme::Semver, &a, &b), Some(expected));
        }
    }
}

#[test]
fn a_word_behind_a_dot_begins_a_list_where_the_version_or_a_number_ends_it() {
    let check = |a, b, expected| {
        assert_eq!(compare(Scheme::Maven, a, b), Some(expected), "{a} {b}");
        assert_eq!(compare(Scheme::Maven, b, a), Some(expected.reverse()), "{b} {a}");
    };
    check("1.x", "1-x", Ordering::Equal);
    check("1.x.2", "1-x.2", Ordering::Less);
    check("1.0.rc1", "1.0-1", Ordering::Less);
    check("1.0.beta8", "1.0rc0", Ordering::Less);
    check("1-1", "1-ga-1", Ordering::Greater);
    check("1-sp", "1", Ordering::Greater);
    check("1", "1.0.alpha.1", Ordering::Greater);
    check("1.0.alpha.1", "1-sp", Ordering::Greater);
}
