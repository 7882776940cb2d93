//! What the hospital decides: how far it reaches, what it outweighs, and when it ends.

use std::sync::Arc;

use domain::advisory::{Feed, Product, Status, Versions};
use domain::date::Date;
use domain::decision::{Justification, Ruling};
use domain::fact::{Document, Fact, Reading};
use domain::location::DocumentId;
use domain::vex::Statement;
use proptest::prelude::*;
use proptest::sample::select;

use super::vex::{at, statement};
use super::{Ward, openssl, package, product, says};
use crate::exposure::{Finding, judge, lapse};
use crate::hospital::Hospital;
use crate::reason::Rule;

const NOT_AFFECTED: Ruling = Ruling::NotAffected(Some(Justification::ComponentNotPresent));
const JANUARY: &str = "2026-01-10T00:00:00Z";
const JUNE: &str = "2026-06-10T00:00:00Z";

fn day(text: &str) -> Date {
    domain::date::read(text).expect("a date")
}

fn accepted() -> Ruling {
    Ruling::AcceptedUntil(day("2027-03-01"))
}

/// Pumps at two versions, both affected as a whole, and one with a package that is.
fn ward() -> Vec<Fact> {
    let at = |version: &str| Ward::default().device("BD", "Alaris PCU", version).facts;
    let all = product("BD", "Alaris PCU", Versions::All);
    let mut facts = at("12.1.2");
    facts.extend(at("12.3"));
    let known = Ward { facts }
        .sbom(("BD", "Alaris PCU", "12.1.2"), vec![openssl("1.1.1n-0+deb11u4")])
        .tells(Feed::Csaf, "CVE-1", vec![says(Status::Affected, all)])
        .tells(Feed::Osv, "CVE-1", package("debian-11", "1.1.1n-0+deb11u5"));
    known.facts
}

fn decided(ruling: Ruling, product: Product) -> Statement {
    let status = match ruling {
        Ruling::AcceptedUntil(_) => Status::Affected,
        Ruling::NotAffected(_) | Ruling::FalsePositive => Status::NotAffected,
    };
    Statement {
        ruling: Some(ruling),
        author: Some("anna".into()),
        detail: Some("we looked".into()),
        ..at(JANUARY, statement(status, vec![product]))
    }
}

fn release(version: &str) -> Product {
    product("BD", "Alaris PCU", Versions::One(version.into()))
}

fn all_versions() -> Product {
    Product { versions: vec![], ..release("") }
}

fn part(of: Product) -> Product {
    let package = Product { name: "openssl".into(), ..Product::default() };
    Product { component: Some(Arc::new(package)), ..of }
}

/// Documents of these names, each with one statement, beside the ward's.
fn documents(statements: &[(&str, Statement)]) -> Vec<Document> {
    let own = ("ward", ward());
    let others = statements.iter().map(|(name, one)| {
        let fact = Fact::Statement(Box::new(one.clone()));
        (*name, vec![fact])
    });
    let all = std::iter::once(own).chain(others);
    (0_u32..)
        .zip(all)
        .map(|(number, (name, facts))| Document {
            id: DocumentId(number),
            name: name.to_owned(),
            format: String::new(),
            bytes: 0,
            reading: Reading { facts, ..Reading::default() },
        })
        .collect()
}

fn line(hospital: &Hospital<'_>, finding: &Finding) -> String {
    let version = &hospital.releases[finding.release.0 as usize].key.version;
    let subject = if finding.subject == crate::exposure::Subject::Release { "" } else { " part" };
    let until = finding.accepted.map(|day| format!(" until {day}")).unwrap_or_default();
    format!("{version}{subject} {} {}{until};", finding.verdict.text(), finding.reasons[0].rule)
}

/// What is judged on a day: release, part of it or not, verdict, deciding rule, accepted or not.
fn judged_on(today: &str, statements: &[(&str, Statement)]) -> String {
    let documents = documents(statements);
    let hospital = Hospital::assemble(&documents);
    let mut findings = judge(&hospital);
    lapse(&mut findings, day(today));
    findings.iter().map(|finding| line(&hospital, finding)).collect()
}

fn judged(statements: &[(&str, Statement)]) -> String {
    judged_on("2026-11-30", statements)
}

/// Every rule and sentence of the findings of one version.
fn reasons(version: &str, statements: &[(&str, Statement)]) -> Vec<(Rule, String)> {
    let documents = documents(statements);
    let hospital = Hospital::assemble(&documents);
    let of_version = judge(&hospital)
        .into_iter()
        .filter(|finding| &*hospital.releases[finding.release.0 as usize].key.version == version);
    of_version.flat_map(|one| one.reasons).map(|one| (one.rule, one.sentence)).collect()
}

const BEFORE: &str = "12.1.2 affected match.name-all-versions;\
     12.1.2 part affected match.package-in-range;12.3 affected match.name-all-versions;";

#[test]
fn a_decision_about_a_release_holds_for_it_and_its_parts_and_for_no_other_version() {
    assert_eq!(judged(&[]), BEFORE);
    let about = [("decisions/a.json", decided(NOT_AFFECTED, release("12.1.2")))];
    assert_eq!(
        judged(&about),
        "12.1.2 not_affected decision.not-affected;\
         12.1.2 part not_affected decision.not-affected;\
         12.3 affected match.name-all-versions;"
    );
    let (rule, sentence) = reasons("12.1.2", &about).remove(0);
    assert_eq!(rule, Rule::DecidedNotAffected);
    assert_eq!(
        sentence,
        "anna has decided: not affected, for the component is not in it (we looked)"
    );
    let other = reasons("12.3", &about);
    let elsewhere = other.iter().find(|(rule, _)| *rule == Rule::DecidedElsewhere);
    let (_, sentence) = elsewhere.expect("the other version is told that it does not carry over");
    assert!(sentence.ends_with("another version of the product, and does not carry over"));
}

#[test]
fn a_decision_about_all_versions_carries_over_and_one_about_a_part_is_about_that_part() {
    let about = [("decisions/a.json", decided(Ruling::FalsePositive, all_versions()))];
    assert_eq!(
        judged(&about),
        "12.1.2 not_affected decision.false-positive;\
         12.1.2 part not_affected decision.false-positive;\
         12.3 not_affected decision.false-positive;"
    );
    let about = [("decisions/a.json", decided(NOT_AFFECTED, part(release("12.1.2"))))];
    assert_eq!(
        judged(&about),
        "12.1.2 affected match.name-all-versions;\
         12.1.2 part not_affected decision.not-affected;\
         12.3 affected match.name-all-versions;"
    );
}

#[test]
fn a_package_is_cleared_wherever_it_is_where_the_hospital_says_so() {
    let anywhere = Product {
        purls: vec![domain::purl::Purl::parse("pkg:deb/debian/openssl").expect("a purl")],
        ..Product::default()
    };
    let about = [("decisions/a.json", decided(Ruling::FalsePositive, anywhere))];
    assert!(judged(&about).contains("12.1.2 part not_affected decision.false-positive;"));
}

#[test]
fn an_accepted_risk_stays_what_it_is_until_its_day_has_passed() {
    let about = [("decisions/a.json", decided(accepted(), release("12.1.2")))];
    assert_eq!(
        judged_on("2027-03-01", &about),
        "12.1.2 affected match.name-all-versions until 2027-03-01;\
         12.1.2 part affected match.package-in-range until 2027-03-01;\
         12.3 affected match.name-all-versions;"
    );
    assert_eq!(judged_on("2027-03-02", &about), BEFORE);
    let documents = documents(&about);
    let hospital = Hospital::assemble(&documents);
    let mut findings = judge(&hospital);
    assert_eq!(findings[0].reasons[1].rule, Rule::DecidedAccepted);
    lapse(&mut findings, day("2027-03-02"));
    assert_eq!(findings[0].reasons[1].rule, Rule::DecidedRanOut);
    assert!(findings[0].reasons[1].sentence.ends_with("and that day has passed"));
}

#[test]
fn the_hospital_goes_before_a_maker_of_the_same_scope_and_not_of_a_narrower_one() {
    let maker = |scope| ("maker.json", at(JUNE, statement(Status::Affected, vec![scope])));
    let own = ("decisions/a.json", decided(NOT_AFFECTED, release("12.1.2")));
    let both = [own.clone(), maker(release("12.1.2"))];
    assert!(judged(&both).starts_with("12.1.2 not_affected decision.not-affected;"));
    let told = reasons("12.1.2", &both);
    let conflict = told.iter().find(|(rule, _)| *rule == Rule::Conflict).expect("it is told");
    assert_eq!(
        conflict.1,
        "Another document says affected; the hospital's own decision was followed"
    );
    let wide = ("decisions/a.json", decided(NOT_AFFECTED, all_versions()));
    let both = [wide, maker(release("12.1.2"))];
    assert!(judged(&both).starts_with("12.1.2 affected statement.affected;"));
    let told = reasons("12.1.2", &both);
    let conflict = told.iter().find(|(rule, _)| *rule == Rule::Conflict).expect("it is told");
    assert!(conflict.1.contains("the narrower was followed"));
}

#[test]
fn of_two_decisions_the_newer_counts_and_the_other_says_that_it_does_not() {
    let older = decided(NOT_AFFECTED, release("12.1.2"));
    let newer = at(JUNE, decided(accepted(), release("12.1.2")));
    let both = [("decisions/a.json", older.clone()), ("decisions/b.json", newer)];
    assert!(judged(&both).starts_with("12.1.2 affected match.name-all-versions until 2027-03-01;"));
    let told = reasons("12.1.2", &both);
    assert!(told.iter().any(|(rule, _)| *rule == Rule::DecidedOtherwise));
    let newer = at(JUNE, older);
    let older = decided(accepted(), release("12.1.2"));
    let both = [("decisions/a.json", newer), ("decisions/b.json", older)];
    assert!(judged(&both).starts_with("12.1.2 not_affected decision.not-affected;"));
}

#[test]
fn a_decision_that_does_not_lie_where_decisions_do_is_told_and_does_not_count() {
    let about = [("vendor/decisions/a.json", decided(NOT_AFFECTED, release("12.1.2")))];
    assert_eq!(judged(&about), BEFORE);
    let documents = documents(&about);
    let hospital = Hospital::assemble(&documents);
    assert_eq!(hospital.problems.len(), 1);
    assert!(hospital.problems[0].1.to_string().contains("in the folder `decisions`"));
}

/// A decision about one scope, at a minute of its own.
fn any_decision() -> impl Strategy<Value = Statement> {
    let rulings = select(vec![NOT_AFFECTED, Ruling::FalsePositive, accepted()]);
    let scopes = select(vec![release("12.1.2"), all_versions(), part(release("12.1.2"))]);
    (rulings, scopes).prop_map(|(ruling, scope)| decided(ruling, scope))
}

fn at_minutes(decisions: Vec<Statement>) -> Vec<(&'static str, Statement)> {
    let times = (0..60).map(|minute| format!("2026-06-10T00:{minute:02}:00Z"));
    let named = ["decisions/a.json", "decisions/b.json", "decisions/c.json", "decisions/d.json"];
    let timed = decisions.into_iter().zip(times).map(|(one, time)| at(&time, one));
    named.into_iter().zip(timed).collect()
}

proptest! {
    #[test]
    fn the_order_of_decisions_decides_nothing(
        decisions in proptest::collection::vec(any_decision(), 1..4),
        seed in any::<u64>(),
    ) {
        let decisions = at_minutes(decisions);
        let mut shuffled = decisions.clone();
        shuffled.rotate_left(usize::try_from(seed % 4).unwrap_or(0) % decisions.len());
        if seed % 2 == 0 {
            shuffled.reverse();
        }
        prop_assert_eq!(judged(&decisions), judged(&shuffled));
    }

    #[test]
    fn the_newest_decision_of_one_scope_counts_as_if_it_were_the_only_one(
        rulings in proptest::collection::vec(any_decision(), 1..4),
    ) {
        let one_scope = |mut one: Statement| { one.products = vec![release("12.1.2")]; one };
        let decisions = at_minutes(rulings.into_iter().map(one_scope).collect());
        let last: Vec<_> = decisions.last().cloned().into_iter().collect();
        prop_assert_eq!(judged(&decisions), judged(&last));
    }
}
