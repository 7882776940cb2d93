//! The examples of the standards, every CPE of the real data, and what a hostile text can try.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::Value;

use super::{Attribute, Cpe, Part, Relation};

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&match Cpe::parse(text) {
        Ok(cpe) => cpe.to_string(),
        Err(error) => format!("refused: {error}"),
    });
}

#[test]
fn formatted_strings_of_the_standard_are_read() {
    check(
        "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
        &expect!["cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*"],
    );
    check(
        "CPE:2.3:A:Microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
        &expect!["cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*"],
    );
    check(
        "cpe:2.3:a:foo\\\\bar:big\\$money_2010:*:*:*:*:special:ipod_touch:80gb:*",
        &expect!["cpe:2.3:a:foo\\\\bar:big\\$money_2010:*:*:*:*:special:ipod_touch:80gb:*"],
    );
    check(
        "cpe:2.3:a:hp:openview\\:x:7.51:-:\\-:*:??a:\\**:b\\*:c\\?",
        &expect!["cpe:2.3:a:hp:openview\\:x:7.51:-:\\-:*:??a:\\**:b\\*:c\\?"],
    );
}

#[test]
fn uris_of_the_standard_are_read() {
    check(
        "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
        &expect!["cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*"],
    );
    check(
        "cpe:/a:microsoft:internet_explorer:8.%2a:sp%3f",
        &expect!["cpe:2.3:a:microsoft:internet_explorer:8.\\*:sp\\?:*:*:*:*:*:*"],
    );
    check(
        "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
        &expect!["cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*"],
    );
    check(
        "cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
        &expect!["cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*"],
    );
    check(
        "cpe:/a:hp:openview_network_manager:7.51:-:~~~linux~~",
        &expect!["cpe:2.3:a:hp:openview_network_manager:7.51:-:*:*:*:linux:*:*"],
    );
    check(
        "cpe:/a:foo~bar:big%7emoney_2010",
        &expect!["cpe:2.3:a:foo\\~bar:big\\~money_2010:*:*:*:*:*:*:*:*"],
    );
    check(
        "cpe:/o:redhat:enterprise_linux:7::server",
        &expect!["cpe:2.3:o:redhat:enterprise_linux:7:*:server:*:*:*:*:*"],
    );
    check("cpe:/", &expect!["cpe:2.3:*:*:*:*:*:*:*:*:*:*:*"]);
}

#[test]
fn a_refusal_says_why() {
    check("", &expect!["refused: no `cpe:` in front"]);
    check("cpe:2.2:a:b:c", &expect!["refused: neither `cpe:2.3:` nor `cpe:/` in front"]);
    check("cpe:2.3:a:b:c:1", &expect!["refused: 4 components instead of 11"]);
    check("cpe:2.3:a:b:c:*:*:*:*:*:*:*:*:*", &expect!["refused: more than 11 components"]);
    check("cpe:2.3:x:b:c:*:*:*:*:*:*:*:*", &expect!["refused: the part is `x`, not a, o, h or *"]);
    check("cpe:2.3:a::c:*:*:*:*:*:*:*:*", &expect!["refused: an empty component"]);
    check("cpe:2.3:a:b d:c:*:*:*:*:*:*:*:*", &expect!["refused: ` ` is not permitted"]);
    check("cpe:2.3:a:ü:c:*:*:*:*:*:*:*:*", &expect!["refused: `ü` is not permitted"]);
    check(
        "cpe:2.3:a:\\b:c:*:*:*:*:*:*:*:*",
        &expect!["refused: a `\\` that quotes no punctuation"],
    );
    check("cpe:2.3:a:b*d:c:*:*:*:*:*:*:*:*", &expect!["refused: a wildcard where none may stand"]);
    check("cpe:2.3:a:**b:c:*:*:*:*:*:*:*:*", &expect!["refused: a wildcard where none may stand"]);
    check("cpe:2.3:a:*?b:c:*:*:*:*:*:*:*:*", &expect!["refused: a wildcard where none may stand"]);
    check("cpe:/a:b%0:c", &expect!["refused: a `%` code that stands for nothing"]);
    check("cpe:/a:b%41:c", &expect!["refused: a `%` code that stands for nothing"]);
    check("cpe:/a:b%01d:c", &expect!["refused: a wildcard where none may stand"]);
    check("cpe:/a:b:c:1:2:3:4:5", &expect!["refused: more than 7 components"]);
    check("cpe:/a:b:c:1:2:~3", &expect!["refused: a packed edition has five fields"]);
    check("cpe:/a:b!:c", &expect!["refused: `!` is not escaped or not permitted"]);
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.starts_with("cpe:") => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

#[test]
fn every_name_of_nvd_and_of_advisories_is_read_and_written_back_the_same() {
    let mut names = BTreeSet::new();
    let records = std::fs::read_to_string(testkit::shared_data("nvd/medical.jsonl")).unwrap();
    for line in records.lines() {
        collect(&serde_json::from_str(line).unwrap(), &mut names);
    }
    for name in &names {
        assert_eq!(&Cpe::parse(name).unwrap().to_string(), name);
    }
    let of_nvd = names.len();
    for folder in ["advisories", "mixed", "sbom"] {
        for path in testkit::shared_files(folder) {
            if path.extension().is_some_and(|extension| extension == "json")
                && let Ok(document) = serde_json::from_slice(&std::fs::read(path).unwrap())
            {
                collect(&document, &mut names);
            }
        }
    }
    let mut refused = Vec::new();
    for name in &names {
        match Cpe::parse(name) {
            Ok(cpe) => assert_eq!(Cpe::parse(&cpe.to_string()), Ok(cpe), "{name}"),
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    assert_eq!((of_nvd, names.len()), (572, 2_954));
    // One has a component too many, one the part `app`.
    assert_eq!(refused.len(), 2, "{}", refused.join("\n"));
}

fn attribute(text: &str) -> Attribute {
    Cpe::parse(&format!("cpe:2.3:a:{text}:*:*:*:*:*:*:*:*:*")).unwrap().vendor
}

fn relation(source: &str, target: &str) -> Relation {
    attribute(source).relation(&attribute(target))
}

#[test]
fn attributes_relate_as_the_table_of_the_standard_says() {
    let rows = [
        ("*", [Relation::Equal, Relation::Superset, Relation::Superset, Relation::Undetermined]),
        ("-", [Relation::Subset, Relation::Equal, Relation::Disjoint, Relation::Undetermined]),
        ("foo", [Relation::Subset, Relation::Disjoint, Relation::Equal, Relation::Undetermined]),
        ("f*", [Relation::Subset, Relation::Disjoint, Relation::Superset, Relation::Undetermined]),
        ("b*", [Relation::Subset, Relation::Disjoint, Relation::Disjoint, Relation::Undetermined]),
    ];
    for (source, expected) in rows {
        let got = ["*", "-", "foo", "f*"].map(|target| relation(source, target));
        assert_eq!(got, expected, "{source}");
    }
    assert_eq!(relation("foo", "bar"), Relation::Disjoint);
    assert_eq!(relation("FOO", "foo"), Relation::Equal);
}

#[test]
fn wildcards_cover_what_the_standard_says() {
    let covers = |pattern, value| relation(pattern, value) == Relation::Superset;
    assert!(covers("8.*", "8.0.6001") && !covers("8.*", "18.0"));
    assert!(covers("*bar", "foobar") && !covers("*bar", "barn"));
    assert!(covers("*oob*", "foobar") && !covers("*oob*", "fobar"));
    assert!(covers("sp?", "sp1") && covers("sp?", "sp") && !covers("sp?", "sp10"));
    assert!(covers("??x", "abx") && !covers("??x", "abcx"));
    assert!(covers("?a?", "xaa") && covers("?a?", "aax") && !covers("?a?", "xxa"));
    assert!(covers("??", "ab") && !covers("??", "abc"));
    assert!(covers("a\\+*", "a\\+3") && !covers("a\\+*", "a3"));
}

#[test]
fn names_relate_by_all_of_their_attributes() {
    let names = |source: &str, target: &str| {
        Cpe::parse(source).unwrap().relation(&Cpe::parse(target).unwrap())
    };
    let model = "cpe:2.3:h:acme:pump:*:*:*:*:*:*:*:*";
    let unit = "cpe:2.3:h:acme:pump:2.0:*:*:*:*:*:*:*";
    assert_eq!(names(model, model), Relation::Equal);
    assert_eq!(names(model, unit), Relation::Superset);
    assert_eq!(names(unit, model), Relation::Subset);
    assert_eq!(names(unit, "cpe:/h:acme:pump:2.1"), Relation::Disjoint);
    assert_eq!(names(unit, "cpe:/h:acme:pump::sp1"), Relation::Undetermined);
    assert_eq!(names(unit, "cpe:/h:acme:pump:2.%02"), Relation::Undetermined);
    assert_eq!(names(unit, "cpe:/o:acme:pump:2.0"), Relation::Disjoint);
    assert_eq!(names("cpe:/:acme", unit), Relation::Superset);
}

#[test]
fn the_parts_of_a_name_have_their_names() {
    let cpe = Cpe::parse("cpe:2.3:o:Acme:pump\\+:1:2:ed:en:se:ts:th:ot").unwrap();
    assert_eq!(cpe.part, Part::OperatingSystem);
    assert_eq!((cpe.vendor_value(), cpe.product_value()), (Some("acme"), Some("pump+")));
    let rest = [cpe.edition(), cpe.language(), cpe.software_edition()];
    assert_eq!(rest.map(Attribute::value), [Some("ed"), Some("en"), Some("se")]);
    let rest = [cpe.target_software(), cpe.target_hardware(), cpe.other()];
    assert_eq!(rest.map(Attribute::value), [Some("ts"), Some("th"), Some("ot")]);
    assert_eq!(Cpe::parse("cpe:/a:b%02").unwrap().vendor_value(), None);
}

/// A component as a formatted string may have it.
const COMPONENT: &str = "(\\*|-|(\\*|\\?{0,2})([a-z0-9._-]|\\\\[!-/:-@]){2,8}(\\*|\\?{0,2}))";

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "(cpe:(2.3:|/))?([aoh*]:)?[-a-c:*?\\\\%~0-2ü+]{0,40}") {
        if let Ok(cpe) = Cpe::parse(&text) {
            prop_assert_eq!(Cpe::parse(&cpe.to_string()), Ok(cpe));
        }
    }

    #[test]
    fn a_name_is_written_as_it_was_read(
        components in proptest::collection::vec(COMPONENT, 10),
        part in "[aoh*]",
    ) {
        let text = format!("cpe:2.3:{part}:{}", components.join(":"));
        let cpe = Cpe::parse(&text).unwrap();
        prop_assert_eq!(Cpe::parse(&cpe.to_string()), Ok(cpe));
    }

    #[test]
    fn relations_read_the_same_from_both_sides(a in "[ab*-]", b in "[ab*-]") {
        let turned = match relation(&b, &a) {
            Relation::Superset => Relation::Subset,
            Relation::Subset => Relation::Superset,
            same => same,
        };
        prop_assert_eq!(relation(&a, &b), turned);
    }
}
