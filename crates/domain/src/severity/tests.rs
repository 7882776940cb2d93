//! The vectors of Red Hat's calculator, all of them, and what a hostile text can try.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::Value;

use super::metrics::Metrics;
use super::{AttackVector, Impact, PrivilegesRequired, Rating, Severity, UserInteraction};

/// Scores are whole tenths.
#[expect(clippy::cast_possible_truncation, reason = "a score is at most ten")]
fn tenths(score: f64) -> i64 {
    (score * 10.0).round() as i64
}

/// `9.0`, `(9.0,)` or `(9.0, None, 1.2)`, in tenths.
fn stated(text: &str) -> Vec<Option<i64>> {
    text.trim_matches(['(', ')'])
        .split(',')
        .map(str::trim)
        .filter(|score| !score.is_empty())
        .map(|score| (score != "None").then(|| tenths(score.parse().expect("a score"))))
        .collect()
}

fn check_line(place: &str, line: &str) {
    let (vector, scores) = line.split_once(" - ").unwrap_or_else(|| panic!("{place}"));
    let got = Severity::parse(vector).unwrap_or_else(|error| panic!("{place} {vector}: {error}"));
    let place = format!("{place} {vector}: {got:?}");
    match stated(scores)[..] {
        // 4.0: one score, of everything that is given.
        [score] => assert_eq!(score, Some(tenths(got.score())), "{place}"),
        // 2.0 says which score is not defined, 3.x has all three for every vector.
        [base, threat, environmental] if got.version == "2.0" => {
            assert_eq!(base, Some(tenths(got.base)), "{place}");
            assert_eq!(threat, got.threat.map(tenths), "{place}");
            assert_eq!(environmental, got.environmental.map(tenths), "{place}");
        }
        [base, threat, environmental] => {
            assert_eq!(base, Some(tenths(got.base)), "{place}");
            assert_eq!(threat, Some(tenths(got.threat.unwrap_or(got.base))), "{place}");
            // Not the score before: the equations of 3.1 differ even where nothing is modified.
            let computed = super::scores::of(&Metrics::parse(vector).unwrap()).environmental;
            assert_eq!(environmental, Some(tenths(computed)), "{place}");
            assert!(got.environmental.is_none_or(|score| tenths(score) == tenths(computed)));
        }
        _ => panic!("{place}: {scores}"),
    }
    for score in [Some(got.base), got.threat, got.environmental].into_iter().flatten() {
        assert!(score.is_sign_positive() && score <= 10.0, "{place}");
    }
}

#[test]
fn every_vector_of_the_calculator_has_its_scores() {
    let mut lines = 0;
    for path in testkit::shared_files("conformance/cvss") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("vectors_") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            check_line(&format!("{name}:{}", index + 1), line);
            lines += 1;
        }
    }
    assert_eq!(lines, 7667);
}

/// The vectors of a document with the base scores stated beside them.
fn stated_scores(value: &Value, found: &mut Vec<(String, f64)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| stated_scores(item, found)),
        Value::Object(members) => {
            let vector = members.get("vectorString").and_then(Value::as_str);
            if let (Some(vector), Some(score)) =
                (vector, members.get("baseScore").and_then(Value::as_f64))
            {
                found.push((vector.to_owned(), score));
            }
            members.values().for_each(|member| stated_scores(member, found));
        }
        _ => {}
    }
}

#[test]
fn base_scores_that_nvd_and_cisa_state_are_ours() {
    let mut found = Vec::new();
    let records = std::fs::read_to_string(testkit::shared_data("nvd/medical.jsonl")).unwrap();
    for line in records.lines() {
        stated_scores(&serde_json::from_str(line).unwrap(), &mut found);
    }
    for path in testkit::shared_files("advisories") {
        if let Ok(document) = serde_json::from_slice(&std::fs::read(path).unwrap()) {
            stated_scores(&document, &mut found);
        }
    }
    let mut differ = Vec::new();
    for (vector, score) in &found {
        match Severity::parse(vector) {
            Ok(severity) if tenths(severity.base) == tenths(*score) => {}
            other => differ.push(format!("{vector} {score} {other:?}")),
        }
    }
    assert_eq!(found.len(), 2_403);
    assert!(differ.is_empty(), "{} of {}: {}", differ.len(), found.len(), differ.join("\n"));
}

fn check(vector: &str, expected: &Expect) {
    expected.assert_eq(&match Severity::parse(vector) {
        Ok(severity) => format!(
            "{} {:.1} {:?} {:?} {:?}",
            severity.version,
            severity.base,
            severity.threat,
            severity.environmental,
            severity.rating()
        ),
        Err(error) => format!("refused: {error}"),
    });
}

#[test]
fn parentheses_and_undefined_metrics_change_nothing() {
    check("(AV:N/AC:L/Au:N/C:N/I:N/A:C)", &expect!["2.0 7.8 None None High"]);
    check("CVSS:2.0/AV:N/AC:L/Au:N/C:N/I:N/A:C/E:ND/TD:ND", &expect!["2.0 7.8 None None High"]);
    check(
        " CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/E:X/MAV:X ",
        &expect!["3.1 10.0 None None Critical"],
    );
    check("CVSS:3.1/A:H/I:H/C:H/S:C/UI:N/PR:N/AC:L/AV:N", &expect!["3.1 10.0 None None Critical"]);
}

#[test]
fn the_worked_examples_of_the_2_0_guide_hold() {
    check(
        "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H",
        &expect!["2.0 7.8 Some(6.4) Some(9.2) High"],
    );
    check(
        "AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M",
        &expect!["2.0 6.2 Some(4.9) Some(7.5) High"],
    );
}

#[test]
fn scores_of_4_0_are_those_of_the_metrics_they_name() {
    check(
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:H/VA:N/SC:N/SI:N/SA:N/E:P",
        &expect!["4.0 8.7 Some(7.7) None High"],
    );
    check(
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N/MSI:S/U:Red",
        &expect!["4.0 6.9 None Some(8.9) High"],
    );
}

#[test]
fn a_refusal_says_why() {
    check("", &expect!["refused: `` is no metric and value"]);
    check("CVSS:3.1", &expect!["refused: `` is no metric and value"]);
    check("CVSS:5.0/AV:N", &expect!["refused: `5.0` is no known version of CVSS"]);
    check("CVSS:3.1/AV:N", &expect!["refused: the base metric `AC` is missing"]);
    check("CVSS:3.1/AV:N/AV:N", &expect!["refused: the metric `AV` is given twice"]);
    check("CVSS:3.1/AV:X", &expect!["refused: `AV` can't be `X`"]);
    check("CVSS:3.1/AV:N/Au:N", &expect!["refused: CVSS 3.1 has no metric `Au`"]);
    check("AV:N/AC:L/Au:N/C:N/I:N/A:C/", &expect!["refused: `` is no metric and value"]);
}

#[test]
fn the_metrics_that_rank_are_told_in_one_language() {
    let old = Severity::parse("AV:A/AC:M/Au:S/C:N/I:P/A:C").unwrap();
    assert_eq!(old.exploitability().attack_vector, AttackVector::Adjacent);
    assert_eq!(old.exploitability().privileges_required, PrivilegesRequired::Low);
    assert_eq!(old.exploitability().user_interaction, UserInteraction::NotStated);
    assert_eq!(old.impacts().integrity, Impact::Low);
    assert_eq!(old.impacts().availability, Impact::High);
    let new = "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:P/VC:L/VI:H/VA:N/SC:H/SI:H/SA:H";
    let new = Severity::parse(new).unwrap();
    assert_eq!(new.exploitability().attack_vector, AttackVector::Physical);
    assert_eq!(new.exploitability().user_interaction, UserInteraction::Required);
    assert_eq!(new.impacts().availability, Impact::None);
}

#[test]
fn ratings_follow_each_version() {
    let none = Severity::parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N").unwrap();
    assert_eq!(none.rating(), Rating::None);
    let bands = [(0.1, Rating::Low), (3.9, Rating::Low), (4.0, Rating::Medium)];
    let higher = [(6.9, Rating::Medium), (7.0, Rating::High), (8.9, Rating::High)];
    for (score, rating) in bands.into_iter().chain(higher).chain([(9.0, Rating::Critical)]) {
        assert_eq!(none.rating_of(score), rating, "{score}");
    }
    let old = Severity::parse("AV:L/AC:H/Au:M/C:N/I:N/A:N").unwrap();
    assert_eq!(old.rating(), Rating::Low);
    assert_eq!(old.rating_of(10.0), Rating::High);
    assert_eq!(old.rating_of(6.9), Rating::Medium);
}

/// A vector with every metric of a version, each value drawn by its name.
fn any_vector(prefix: &'static str, metrics: &'static str) -> impl Strategy<Value = String> {
    let draws = metrics.split_whitespace().map(|metric| {
        let (name, values) = metric.split_once(':').expect("a metric and its values");
        let values: Vec<_> = values.split(',').collect();
        proptest::sample::select(values).prop_map(move |value| format!("{name}:{value}"))
    });
    draws.collect::<Vec<_>>().prop_map(move |fields| format!("{prefix}{}", fields.join("/")))
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "(CVSS:[2-4].[01]/)?([A-Za-z]{1,3}:[A-Z]{1,2}/?){0,12}") {
        let _ = Severity::parse(&text);
    }

    #[test]
    fn whole_2_0_vectors_have_the_scores_of_another_calculator(vector in any_vector(
        "",
        "AV:L,A,N AC:H,M,L Au:M,S,N C:N,P,C I:N,P,C A:N,P,C E:ND,U,POC,F,H RL:ND,OF,TF,W,U \
         RC:ND,UC,UR,C CDP:ND,N,L,LM,MH,H TD:ND,N,L,M,H CR:ND,L,M,H IR:ND,L,M,H AR:ND,L,M,H",
    )) {
        let scores = super::scores::of(&Metrics::parse(&vector).unwrap());
        let other: cvss::v2::Vector = vector.parse().unwrap();
        prop_assert_eq!(tenths(scores.base), tenths(other.score().value()));
        prop_assert_eq!(tenths(scores.threat), tenths(other.temporal_score().value()));
        prop_assert_eq!(tenths(scores.environmental), tenths(other.environmental_score().value()));
    }

    #[test]
    fn whole_3_1_vectors_have_the_scores_of_another_calculator(vector in any_vector(
        "CVSS:3.1/",
        "AV:N,A,L,P AC:L,H PR:N,L,H UI:N,R S:U,C C:N,L,H I:N,L,H A:N,L,H E:X,U,P,F,H RL:X,O,T,W,U \
         RC:X,U,R,C CR:X,L,M,H IR:X,L,M,H AR:X,L,M,H MAV:X,N,A,L,P MAC:X,L,H MPR:X,N,L,H MUI:X,N,R \
         MS:X,U,C MC:X,N,L,H MI:X,N,L,H MA:X,N,L,H",
    )) {
        let scores = super::scores::of(&Metrics::parse(&vector).unwrap());
        let other: cvss::v3::Vector = vector.parse().unwrap();
        prop_assert_eq!(tenths(scores.base), tenths(other.base_score().value()));
        prop_assert_eq!(tenths(scores.environmental), tenths(other.environmental_score().value()));
    }

    #[test]
    fn every_whole_4_0_vector_has_scores(vector in any_vector(
        "CVSS:4.0/",
        "AV:N,A,L,P AC:L,H AT:N,P PR:N,L,H UI:N,P,A VC:N,L,H VI:N,L,H VA:N,L,H SC:N,L,H SI:N,L,H \
         SA:N,L,H E:X,A,P,U CR:X,L,M,H IR:X,L,M,H AR:X,L,M,H MAV:X,N,A,L,P MAC:X,L,H MAT:X,N,P \
         MPR:X,N,L,H MUI:X,N,P,A MVC:X,N,L,H MVI:X,N,L,H MVA:X,N,L,H MSC:X,N,L,H MSI:X,N,L,H,S \
         MSA:X,N,L,H,S S:X,N,P AU:X,N,Y R:X,A,U,I V:X,D,C RE:X,L,M,H U:X,Clear,Green,Amber,Red",
    )) {
        let severity = Severity::parse(&vector).expect("every value is one of the standard");
        prop_assert!((0.0..=10.0).contains(&severity.score()));
        prop_assert!(severity.threat.unwrap_or(severity.base) <= severity.base);
    }
}
