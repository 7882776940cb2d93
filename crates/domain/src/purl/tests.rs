//! The official suite whole, every purl of the real data, and what a hostile text can try.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::Value;

use super::{Purl, PurlError};
use crate::text::Text;

/// Cases of the official suite: nothing may fall out of the count unseen.
const SUITE_CASES: usize = 586;

fn cases() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for path in testkit::shared_files("conformance/purl") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with("-test.json") {
            continue;
        }
        let document: Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).expect("the suite is JSON");
        let tests = document["tests"].as_array().unwrap();
        assert!(!tests.is_empty(), "{name} has no case");
        all.extend(tests.iter().map(|test| (name.clone(), test.clone())));
    }
    all
}

fn build(parts: &Value) -> Result<Purl, PurlError> {
    let text = |key: &str| parts[key].as_str();
    let kind = text("type").unwrap_or_default();
    let mut purl = Purl::new(kind, text("namespace"), text("name").unwrap_or_default())?;
    if let Some(version) = text("version") {
        purl = purl.with_version(version)?;
    }
    for (key, value) in parts["qualifiers"].as_object().into_iter().flatten() {
        purl = purl.with_qualifier(key, value.as_str().unwrap())?;
    }
    if let Some(subpath) = text("subpath") {
        purl = purl.with_subpath(subpath);
    }
    purl.complete()
}

/// The parts of a purl without building it: what a parse must have found.
fn parts(parts: &Value) -> Purl {
    let text = |key: &str| parts[key].as_str().map(Text::from);
    let qualifiers = parts["qualifiers"].as_object().into_iter().flatten();
    let mut qualifiers: Vec<_> =
        qualifiers.map(|(key, value)| (key.into(), value.as_str().unwrap().into())).collect();
    qualifiers.sort();
    Purl {
        kind: text("type").unwrap(),
        namespace: text("namespace"),
        name: text("name").unwrap(),
        version: text("version"),
        qualifiers,
        subpath: text("subpath"),
    }
}

#[test]
fn the_official_suite_holds_whole() {
    let cases = cases();
    // Two inputs (gem and rpm, a qualifier key in upper case) must be refused by one case and
    // repaired by another: there the refusal is asked of the strict parser.
    let repaired: BTreeSet<_> = cases
        .iter()
        .filter(|(_, test)| test["expected_failure"] == false)
        .filter_map(|(_, test)| test["input"].as_str())
        .collect();
    let mut refused_strictly = 0;
    for (file, test) in &cases {
        let input = &test["input"];
        let place = format!("{file}: {} {input}", test["description"]);
        let got = match test["test_type"].as_str().unwrap() {
            "build" => build(input),
            "parse" | "validate" | "roundtrip" => {
                let text = input.as_str().unwrap();
                if test["expected_failure"] == true && repaired.contains(text) {
                    refused_strictly += 1;
                    Purl::parse_canonical(text)
                } else {
                    Purl::parse(text)
                }
            }
            other => panic!("{place}: unknown kind of test {other}"),
        };
        if test["expected_failure"] == true {
            assert!(got.is_err(), "{place}: accepted as {got:?}");
            continue;
        }
        let got = got.unwrap_or_else(|error| panic!("{place}: {error}"));
        match &test["expected_output"] {
            Value::String(text) => assert_eq!(&got.to_string(), text, "{place}"),
            expected => assert_eq!(got, parts(expected), "{place}"),
        }
    }
    assert_eq!(cases.len(), SUITE_CASES);
    assert_eq!(refused_strictly, 2);
}

/// Every text of the real SBOMs, advisories and OSV records that starts as a purl.
fn purls_in_the_wild() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["sbom", "mixed", "osv", "advisories", "vex"] {
        for path in testkit::shared_files(folder) {
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
            let starts = text.split("\"pkg:").skip(1);
            found.extend(
                starts.filter_map(|rest| rest.split_once('"')).map(|(p, _)| format!("pkg:{p}")),
            );
        }
    }
    found
}

#[test]
fn purls_of_real_documents_are_read_and_written_back_the_same() {
    let purls = purls_in_the_wild();
    assert!(purls.len() > 20_000, "only {} purls found", purls.len());
    let mut refused = Vec::new();
    for text in purls {
        match Purl::parse(&text) {
            Ok(purl) => {
                assert_eq!(Purl::parse_canonical(&purl.to_string()), Ok(purl), "{text}");
            }
            Err(error) => refused.push(format!("{text}: {error}")),
        }
    }
    // One without type, one without name, one of type `oci` with a namespace.
    assert_eq!(refused.len(), 3, "{}", refused.join("\n"));
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&match Purl::parse(text) {
        Ok(purl) => purl.to_string(),
        Err(error) => format!("refused: {error}"),
    });
}

#[test]
fn a_refusal_says_why() {
    check("", &expect!["refused: no scheme `pkg:`"]);
    check("npm:foo/bar", &expect!["refused: the scheme is not `pkg`"]);
    check("pkg:npm", &expect!["refused: no name after the type"]);
    check("pkg:npm/", &expect!["refused: no name"]);
    check("pkg:n+m/a", &expect!["refused: the type has other characters than a-z, 0-9, `.`, `-`"]);
    check("pkg:generic/a%2", &expect!["refused: `%` without two hexadecimal digits"]);
    check("pkg:generic/a%FF", &expect!["refused: the escapes are no UTF-8"]);
    check("pkg:generic/a%2Fb/c", &expect!["refused: a segment holds an escaped `/`"]);
    check("pkg:generic/a?x=1&X=2", &expect!["refused: the qualifier `x` is given twice"]);
    check("pkg:generic/a?=2", &expect!["refused: `` can't be the key of a qualifier"]);
    check("pkg:maven/io@1", &expect!["refused: a purl of type `maven` needs a namespace"]);
    check("pkg:cargo/a/b", &expect!["refused: a purl of type `cargo` has no namespace, here `a`"]);
    check(
        "pkg:swid/Fedora@29",
        &expect!["refused: a purl of type `swid` needs the qualifier `tag_id`"],
    );
    check(
        "pkg:cocoapods/a%20b",
        &expect!["refused: a pod's name has no blank, no `+` and no leading period"],
    );
}

#[test]
fn what_can_be_repaired_is_repaired() {
    check("PKG:///Npm/@scope/pack@1", &expect!["pkg:npm/%40scope/pack@1"]);
    check("pkg:npm/@scope/pack", &expect!["pkg:npm/%40scope/pack"]);
    check("pkg:pypi/Ruamel_Yaml@1.0", &expect!["pkg:pypi/ruamel-yaml@1.0"]);
    check("pkg:pub/Flutter.Core-x", &expect!["pkg:pub/flutter_core_x"]);
    check("pkg:oci/App@SHA256:AB", &expect!["pkg:oci/app@sha256:ab"]);
    check("pkg:cpan/drolsky/DateTime@1", &expect!["pkg:cpan/DROLSKY/DateTime@1"]);
    check(
        "pkg:generic/größe@1 2?b=%C3%A4&a=&c",
        &expect!["pkg:generic/gr%C3%B6%C3%9Fe@1%202?b=%C3%A4"],
    );
    check("pkg:generic/a#/../b/./c//", &expect!["pkg:generic/a#b/c"]);
    check("pkg:generic//a//b/", &expect!["pkg:generic/a/b"]);
    check("pkg:generic/a@", &expect!["pkg:generic/a"]);
    check("pkg:golang/bytes", &expect!["pkg:golang/bytes"]);
}

#[test]
fn the_package_is_the_purl_without_its_particulars() {
    let purl = Purl::parse("pkg:deb/debian/curl@7.50.3-1?arch=i386#usr/bin").unwrap();
    assert_eq!(purl.package().to_string(), "pkg:deb/debian/curl");
    assert_eq!(purl.qualifier("arch"), Some("i386"));
    assert_eq!(purl.default_repository_url(), None);
}

proptest! {
    #[test]
    fn no_text_is_a_panic_and_every_purl_reads_back_the_same(
        text in "(pkg:)?(npm|deb|generic|git|swid|pub)?/?[-a-zA-Z0-9@/?#&=%.+ äß:]{0,40}",
    ) {
        if let Ok(purl) = Purl::parse(&text) {
            prop_assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
        }
    }

    #[test]
    fn built_parts_come_back_from_the_text(name in "[^/]{1,12}", version in ".{1,12}") {
        let built = Purl::new("generic", Some("a b/c"), &name).unwrap();
        let built = built.with_version(&version).unwrap().with_qualifier("k", &version).unwrap();
        prop_assert_eq!(Purl::parse(&built.to_string()), Ok(built));
    }
}
