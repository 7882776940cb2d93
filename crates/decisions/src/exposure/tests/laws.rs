//! Laws that hold for every hospital: the order of documents decides nothing, and what is about
//! another product changes nothing.

use std::sync::Arc;

use domain::advisory::{Affected, Bound, Feed, Product, Status, Target, Versions};
use domain::fact::{Document, Fact, Reading};
use domain::location::DocumentId;
use domain::purl::Purl;
use domain::vex::Statement;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{Ward, cpe_match, named, openssl, package, product, says};
use crate::exposure::judge;
use crate::hospital::Hospital;

const VERSIONS: [&str; 8] =
    ["12.1.2", "<= 12.1.2", "< 12", "vers:all/*", "8015", "12.x", "made in May", ">= 12 | < 13"];
const STATUSES: [Status; 4] =
    [Status::Affected, Status::NotAffected, Status::Fixed, Status::UnderInvestigation];

/// Each fact in a document of its own.
fn judged(facts: &[Fact]) -> Vec<String> {
    let documents: Vec<Document> = (0_u32..)
        .zip(facts)
        .map(|(number, fact)| Document {
            id: DocumentId(number),
            name: format!("{number}"),
            format: String::new(),
            bytes: 0,
            reading: Reading { facts: vec![fact.clone()], ..Reading::default() },
        })
        .collect();
    let hospital = Hospital::assemble(&documents);
    let mut lines: Vec<String> = judge(&hospital)
        .iter()
        .map(|finding| {
            let release = &hospital.releases[finding.release.0 as usize];
            let known = &hospital.vulnerabilities[finding.vulnerability.0 as usize];
            let (verdict, certainty) = (finding.verdict.text(), finding.certainty.text());
            let reasons: Vec<&str> = finding.reasons.iter().map(|r| r.sentence.as_str()).collect();
            format!("{} {} {verdict} {certainty} {reasons:?}", release.key, known.id)
        })
        .collect();
    lines.sort();
    lines
}

fn statement() -> impl Strategy<Value = Vec<Affected>> {
    let by_name = (select(&STATUSES[..]), select(&VERSIONS[..])).prop_map(|(status, versions)| {
        vec![says(status, product("BD", "Alaris PCU", Versions::Text(versions.into())))]
    });
    let entry = (select(&STATUSES[..]), select(&STATUSES[..])).prop_map(|(first, second)| {
        let one = |status, versions: &str| {
            says(status, product("BD", "Alaris PCU", Versions::Text(versions.into())))
        };
        vec![one(first, "< 12"), one(second, "vers:all/*")]
    });
    let by_cpe = select(vec!["1.0.2", "1.0.3", "3"]).prop_map(|to| {
        let name = "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*";
        let bound = cpe_match(name, true, Bound::Excluding(to.into()));
        vec![says(Status::Affected, Target::from(bound))]
    });
    let by_package = select(vec!["1.1.1n-0+deb11u4", "1.1.1n-0+deb11u5"])
        .prop_map(|fixed| package("debian-11", fixed));
    prop_oneof![by_name, entry, by_cpe, by_package]
}

/// A statement about a package alone, a component of the product, or the product.
fn vex() -> impl Strategy<Value = Statement> {
    let package = || Product {
        purls: Purl::parse("pkg:deb/debian/openssl@1.1.1n-0+deb11u4").into_iter().collect(),
        ..Product::default()
    };
    let own = || product("BD", "Alaris PCU", Versions::One("12.1.2".into()));
    let part = Product { component: Some(Arc::new(package())), ..own() };
    let products = select(vec![package(), part, own()]);
    let reasons = select(vec!["vulnerable_code_not_present", "code_not_reachable", ""]);
    let dates = select(vec!["", "2026-01-15", "2026-03-01T00:00:00Z"]);
    (select(&STATUSES[..]), products, reasons, dates).prop_map(|(status, product, reason, date)| {
        let statement = super::vex::statement(status, vec![product]);
        let justification = Some(reason.into());
        super::vex::at(date, Statement { justification, ..statement })
    })
}

fn ward() -> impl Strategy<Value = Vec<Fact>> {
    let feeds = vec![Feed::Csaf, Feed::Cve, Feed::Nvd, Feed::Osv];
    let advisories =
        prop::collection::vec((select(feeds), select(vec!["CVE-1", "CVE-2"]), statement()), 0..5);
    let vex = prop::collection::vec(vex(), 0..4);
    let stated = prop::collection::vec((select(&STATUSES[..]), select(&VERSIONS[..])), 0..3);
    let devices = subsequence(vec!["12.1.2", "13.0", ""], 1..3);
    (devices, advisories, stated, vex).prop_map(|(devices, advisories, stated, vex)| {
        let mut ward = Ward::default();
        for version in devices {
            ward = ward.device("BD", "Alaris PCU", version);
        }
        let mut bare = openssl("1.1.1n-0+deb11u4");
        bare.cpes.extend("cpe:2.3:a:openssl:openssl:1.0.2:*:*:*:*:*:*:*".parse().ok());
        ward = ward.sbom(("BD", "Alaris PCU", "12.1.2"), vec![bare]);
        for (feed, id, affected) in advisories {
            ward = ward.tells(feed, id, affected);
        }
        for (status, versions) in stated {
            let own = product("BD", "Alaris PCU", Versions::Text(versions.into()));
            ward = ward.states("CVE-1", status, own);
        }
        ward.facts.extend(vex.into_iter().map(|statement| Fact::Statement(Box::new(statement))));
        ward.facts
    })
}

proptest! {
    #[test]
    fn the_order_of_documents_decides_nothing(
        (facts, shuffled) in ward().prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle())
        })
    ) {
        prop_assert_eq!(judged(&facts), judged(&shuffled));
    }

    #[test]
    fn what_is_about_another_product_changes_nothing(facts in ward()) {
        let mut more = facts.clone();
        let mut others = Ward::default();
        for (vendor, name) in [("BD", "Alaris GS"), ("Baxter", "Alaris PCU"), ("BD", "Pyxis")] {
            others = others.tells(Feed::Csaf, "CVE-1", named(vendor, name, "vers:all/*"));
        }
        more.extend(others.facts);
        prop_assert_eq!(judged(&facts), judged(&more));
    }

    #[test]
    fn what_nobody_says_is_affected_is_not(facts in ward()) {
        let accuses = |affected: &Affected| affected.status == Status::Affected;
        let accused = facts.iter().any(|fact| match fact {
            Fact::Advisory(advisory) => {
                advisory.vulnerabilities.iter().any(|v| v.affected.iter().any(accuses))
            }
            Fact::Statement(statement) => statement.status == Status::Affected,
            _ => false,
        });
        let found = judged(&facts).iter().any(|line| line.contains(" affected "));
        prop_assert!(accused || !found);
    }
}
