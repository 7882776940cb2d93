//! What a VEX clears, what it does not reach, and who is followed where two disagree.

use std::sync::Arc;

use domain::advisory::{Affected, Feed, Product, Status, Versions, VulnerabilityId};
use domain::component::{Component, ComponentKind, Sbom, SbomFormat};
use domain::cpe::Cpe;
use domain::fact::{Document, Fact, Reading};
use domain::location::{DocumentId, Location};
use domain::purl::Purl;
use domain::vex::Statement;

use super::{Ward, check, named, openssl, package, product, pump, says, text, with_openssl};
use crate::exposure::judge;
use crate::hospital::Hospital;

const OLD: &str = "1.1.1n-0+deb11u4";
const FIXED: &str = "1.1.1n-0+deb11u5";
const MATCHED: &str = "BD Alaris PCU 12.1.2 CVE-1 affected exact match.package-in-range;";
const CLEARED: &str = "BD Alaris PCU 12.1.2 CVE-1 not_affected exact statement.not-affected;";
const MENDED: &str = "BD Alaris PCU 12.1.2 CVE-1 fixed exact statement.fixed;";

/// A pump with an openssl that a feed knows to be vulnerable.
fn vulnerable() -> Ward {
    with_openssl(OLD).tells(Feed::Osv, "CVE-1", package("debian-11", FIXED))
}

pub(super) fn statement(status: Status, products: Vec<Product>) -> Statement {
    Statement {
        vulnerability: VulnerabilityId::new("CVE-1"),
        aliases: vec![],
        status,
        justification: None,
        detail: None,
        ruling: None,
        author: Some("Maker".into()),
        timestamp: Some("2026-02-01T00:00:00Z".into()),
        products,
        references: vec![],
        at: Location::whole(),
    }
}

fn because(justification: &str, product: Product) -> Statement {
    Statement {
        justification: Some(justification.into()),
        ..statement(Status::NotAffected, vec![product])
    }
}

pub(super) fn at(timestamp: &str, statement: Statement) -> Statement {
    let timestamp = (!timestamp.is_empty()).then(|| timestamp.into());
    Statement { timestamp, ..statement }
}

impl Ward {
    fn with(mut self, statement: Statement) -> Self {
        self.facts.push(Fact::Statement(Box::new(statement)));
        self
    }

    /// Every sentence of every finding, a line each.
    pub(super) fn sentences(self) -> String {
        let documents = documents(vec![self.facts]);
        let hospital = Hospital::assemble(&documents);
        let reasons = judge(&hospital).into_iter().flat_map(|finding| finding.reasons);
        let lines: Vec<String> =
            reasons.map(|reason| format!("{} {}", reason.rule, reason.sentence)).collect();
        lines.join("\n") + "\n"
    }
}

fn documents(facts: Vec<Vec<Fact>>) -> Vec<Document> {
    let reading = |facts| Reading { facts, ..Reading::default() };
    let document = |(number, facts)| Document {
        id: DocumentId(number),
        name: format!("{number}"),
        format: String::new(),
        bytes: 0,
        reading: reading(facts),
    };
    (0_u32..).zip(facts).map(document).collect()
}

fn purl(text: &str) -> Product {
    Product { purls: vec![Purl::parse(text).expect(text)], ..Product::default() }
}

fn cpe(text: &str) -> Product {
    Product { cpes: vec![Cpe::parse(text).expect(text)].into(), ..Product::default() }
}

fn package_alone() -> Product {
    purl(&format!("pkg:deb/debian/openssl@{OLD}"))
}

fn whole(versions: &str) -> Product {
    product("BD", "Alaris PCU", Versions::One(versions.into()))
}

fn inside(part: Product, whole: Product) -> Product {
    Product { component: Some(Arc::new(part)), ..whole }
}

#[test]
fn a_package_alone_is_cleared_where_the_reason_is_its_own_code() {
    for reason in ["vulnerable_code_not_present", "component_not_present", "code_not_present"] {
        check(vulnerable().with(because(reason, package_alone())), CLEARED);
    }
}

#[test]
fn a_package_alone_is_not_cleared_by_a_reason_that_depends_on_its_use() {
    let reasons = [
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "inline_mitigations_already_exist",
        "code_not_reachable",
        "requires_configuration",
        "requires_dependency",
        "requires_environment",
        "protected_by_compiler",
        "protected_at_runtime",
        "protected_at_perimeter",
        "protected_by_mitigating_control",
        "a reason of its own",
        "",
    ];
    for reason in reasons {
        check(vulnerable().with(because(reason, package_alone())), MATCHED);
    }
    check(vulnerable().with(statement(Status::NotAffected, vec![package_alone()])), MATCHED);
}

#[test]
fn the_same_reason_clears_where_the_product_is_named() {
    let reason = "vulnerable_code_not_in_execute_path";
    check(vulnerable().with(because(reason, inside(package_alone(), whole("12.1.2")))), CLEARED);
    check(vulnerable().with(because(reason, whole("12.1.2"))), CLEARED);
    check(vulnerable().with(because(reason, inside(package_alone(), whole("12.1.3")))), MATCHED);
}

#[test]
fn a_statement_that_is_not_applied_is_shown_and_says_why() {
    let shown = vulnerable().with(because("code_not_reachable", package_alone())).sentences();
    expect_test::expect![[r"
        match.package-in-range OSV-CVE-1 names pkg:deb/debian/openssl?distro=debian-11 (from 0 and before 1.1.1n-0+deb11u5), and that is openssl 1.1.1n-0+deb11u4
        statement.not-applied Maker states not_affected: code_not_reachable, which is not applied: it speaks of the package alone, and its reason depends on the product that uses it
    "]]
    .assert_eq(&shown);
}

#[test]
fn a_statement_that_is_not_applied_stands_beside_what_decided_however_many_match() {
    let mut ward = vulnerable();
    for number in 1..9 {
        let fixed = package("debian-11", &format!("{number}:0"));
        ward = ward.tells(Feed::Osv, "CVE-1", fixed);
    }
    let shown = ward.with(because("code_not_reachable", package_alone())).sentences();
    let rules: Vec<&str> = shown.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(rules[..2], ["match.package-in-range", "statement.not-applied"]);
}

#[test]
fn a_statement_that_is_not_applied_makes_no_finding_by_itself() {
    check(with_openssl(OLD).with(because("code_not_reachable", package_alone())), "");
}

#[test]
fn a_package_alone_is_cleared_at_the_version_that_is_named_only() {
    let code = "vulnerable_code_not_present";
    check(vulnerable().with(because(code, purl("pkg:deb/debian/openssl@3.0.1"))), MATCHED);
    check(vulnerable().with(because(code, purl("pkg:deb/debian/openssl"))), MATCHED);
    let other = "pkg:deb/debian/openssl@1.1.1n-0+deb11u4?distro=debian-12";
    check(vulnerable().with(because(code, purl(other))), MATCHED);
    let own = "pkg:deb/debian/openssl@1.1.1n-0+deb11u4?distro=bullseye&arch=amd64";
    check(vulnerable().with(because(code, purl(own))), CLEARED);
}

#[test]
fn a_package_alone_is_fixed_at_the_very_version_that_it_has() {
    let fixed = |text: &str| vulnerable().with(statement(Status::Fixed, vec![purl(text)]));
    check(fixed(&format!("pkg:deb/debian/openssl@{OLD}")), MENDED);
    check(fixed(&format!("pkg:deb/debian/openssl@{FIXED}")), MATCHED);
    check(fixed("pkg:deb/debian/openssl"), MATCHED);
}

#[test]
fn a_package_alone_is_accused_wherever_it_is() {
    let affected = statement(Status::Affected, vec![package_alone()]);
    check(
        with_openssl(OLD).with(affected),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact statement.affected;",
    );
}

#[test]
fn a_package_url_that_is_the_releases_own_names_the_product() {
    let mut ward = vulnerable();
    for fact in &mut ward.facts {
        if let Fact::Sbom(sbom) = fact
            && let Some(subject) = &mut sbom.subject
        {
            subject.purl = Purl::parse("pkg:oci/alaris@sha256:aa?tag=12.1.2").ok();
        }
    }
    let reason = "vulnerable_code_not_in_execute_path";
    let image = |digest: &str| purl(&format!("pkg:oci/alaris@sha256:{digest}"));
    check(ward.clone().with(because(reason, image("aa"))), CLEARED);
    check(ward.clone().with(because(reason, image("bb"))), MATCHED);
    check(ward.clone().with(because(reason, inside(package_alone(), image("aa")))), CLEARED);
    check(ward.with(because(reason, inside(package_alone(), image("bb")))), MATCHED);
}

/// A pump with two openssl, one of them inside an image.
fn with_image() -> Ward {
    let image = Component {
        name: "nginx".into(),
        kind: ComponentKind::Container,
        purl: Purl::parse("pkg:oci/nginx@sha256:aa").ok(),
        ..Component::default()
    };
    let nested = Component { parent: Some(1), ..openssl(OLD) };
    pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![openssl(OLD), image, nested]).tells(
        Feed::Osv,
        "CVE-1",
        package("debian-11", FIXED),
    )
}

#[test]
fn what_is_said_of_an_image_inside_the_product_is_about_what_the_image_holds() {
    let reason = "vulnerable_code_not_in_execute_path";
    let image = |digest: &str| purl(&format!("pkg:oci/nginx@sha256:{digest}"));
    let said = |digest| with_image().with(because(reason, inside(package_alone(), image(digest))));
    check(said("aa"), &format!("{MATCHED}{CLEARED}"));
    check(said("bb"), &MATCHED.repeat(2));
}

#[test]
fn what_is_said_of_an_sboms_product_clears_no_unit_of_unknown_version() {
    let serial = "urn:uuid:11111111-1111-1111-1111-111111111111/1";
    let about = |status| Statement {
        references: vec![(Some(serial.into()), "pump".into())],
        ..statement(status, vec![])
    };
    let mut ward = Ward::default().device("BD", "Alaris PCU", "");
    ward = ward.sbom(("BD", "Alaris PCU", "12.1.2"), vec![openssl(OLD)]);
    for fact in &mut ward.facts {
        if let Fact::Sbom(sbom) = fact
            && let Some(subject) = &mut sbom.subject
        {
            subject.reference = Some("pump".into());
        }
    }
    let all = product("BD", "Alaris PCU", Versions::All);
    let ward = ward.tells(Feed::Csaf, "CVE-1", vec![says(Status::Affected, all)]);
    let cleared = ward.clone().with(about(Status::NotAffected)).judged();
    assert!(cleared.contains("PCU CVE-1 affected"), "{cleared}");
    // By itself it accuses none of them either: nobody knows.
    let alone = Ward { facts: ward.facts.into_iter().take(2).collect() };
    let accused = alone.with(about(Status::Affected)).judged();
    assert!(accused.contains("PCU CVE-1 undecided weak sbom.release-version-unknown"), "{accused}");
}

fn of_document(subject: Option<Component>, reference: &str, reason: &str) -> Fact {
    let told = Statement {
        justification: Some(reason.into()),
        references: vec![(None, reference.into())],
        ..statement(Status::NotAffected, vec![])
    };
    Fact::Sbom(Box::new(Sbom {
        subject,
        statements: vec![told],
        ..Sbom::new(SbomFormat::CycloneDx, "1.6".into())
    }))
}

/// What is judged, where the last fact stands in a document of its own.
fn judged_apart(ward: Ward, other: Fact) -> String {
    let documents = documents(vec![ward.facts, vec![other]]);
    let hospital = Hospital::assemble(&documents);
    let line = |finding: &crate::exposure::Finding| {
        let key = &hospital.releases[finding.release.0 as usize].key;
        format!("{key} {} {};", finding.verdict.text(), finding.reasons[0].rule)
    };
    judge(&hospital).iter().map(line).collect()
}

#[test]
fn a_document_about_a_product_clears_its_packages_in_that_product() {
    let of = |name: &str, version: &str| {
        Some(Component {
            name: name.into(),
            version: (!version.is_empty()).then(|| version.into()),
            manufacturer: Some("BD".into()),
            ..Component::default()
        })
    };
    let reference = format!("pkg:deb/debian/openssl@{OLD}");
    let said =
        |subject, reason| judged_apart(vulnerable(), of_document(subject, &reference, reason));
    let cleared = "BD Alaris PCU 12.1.2 not_affected statement.not-affected;";
    let matched = "BD Alaris PCU 12.1.2 affected match.package-in-range;";
    assert_eq!(said(of("Alaris PCU", "12.1.2"), "code_not_reachable"), cleared);
    assert_eq!(said(of("Alaris PCU", ""), "code_not_reachable"), cleared);
    assert_eq!(said(of("Alaris PCU", "12.1.3"), "code_not_reachable"), matched);
    assert_eq!(said(of("Alaris GS", "12.1.2"), "code_not_present"), matched);
    assert_eq!(said(None, "code_not_reachable"), matched);
    assert_eq!(said(None, "code_not_present"), cleared);
}

#[test]
fn a_reference_into_another_document_is_no_package_of_everybodys() {
    let reference = format!("pkg:deb/debian/openssl@{OLD}");
    let mut fact = of_document(None, &reference, "code_not_present");
    if let Fact::Sbom(sbom) = &mut fact {
        let elsewhere = "urn:uuid:99999999-9999-9999-9999-999999999999/1";
        sbom.statements[0].references[0].0 = Some(elsewhere.into());
    }
    let matched = "BD Alaris PCU 12.1.2 affected match.package-in-range;";
    assert_eq!(judged_apart(vulnerable(), fact), matched);
}

#[test]
fn who_accuses_and_takes_it_back_for_a_product_unnamed_leaves_it_undecided() {
    let mut fact =
        of_document(None, &format!("pkg:deb/debian/openssl@{OLD}"), "code_not_reachable");
    if let Fact::Sbom(sbom) = &mut fact {
        let id = VulnerabilityId::new("CVE-1");
        let mut told = domain::advisory::Vulnerability::new(id, Location::whole());
        told.affected = vec![says(Status::Affected, package_alone())];
        sbom.vulnerabilities.push(told);
    }
    let undecided = "BD Alaris PCU 12.1.2 undecided statement.not-applied;";
    assert_eq!(judged_apart(with_openssl(OLD), fact.clone()), undecided);
    let matched = "BD Alaris PCU 12.1.2 affected match.package-in-range;";
    assert_eq!(judged_apart(vulnerable(), fact), matched);
}

#[test]
fn a_subcomponent_is_found_by_its_cpe_name() {
    let reason = "vulnerable_code_not_in_execute_path";
    let ward = |component: Component| {
        let named = named("OpenSSL", "openssl", "<= 1.1.1");
        pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![component]).tells(
            Feed::Cve,
            "CVE-1",
            named,
        )
    };
    let component = |cpes: Vec<Cpe>, supplier: &str| Component {
        name: "openssl".into(),
        version: Some("1.1.1".into()),
        supplier: Some(supplier.into()),
        cpes,
        ..Component::default()
    };
    let bearing = |text: &str| component(vec![Cpe::parse(text).expect(text)], "OpenSSL");
    let said = |component: Component, name: &str| {
        ward(component).with(because(reason, inside(cpe(name), whole("12.1.2"))))
    };
    let own = "cpe:2.3:a:openssl:openssl:1.1.1:*:*:*:*:*:*:*";
    let other = "cpe:2.3:a:openssl:openssl:1.1.0:*:*:*:*:*:*:*";
    let any = "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*";
    let matched = "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;";
    check(said(bearing(own), own), CLEARED);
    check(said(bearing(own), any), CLEARED);
    check(said(bearing(own), other), matched);
    check(said(bearing(own), "cpe:2.3:a:haxx:curl:1.1.1:*:*:*:*:*:*:*"), matched);
    // Without a CPE name of its own, by name and version, in that product alone.
    check(said(component(vec![], "OpenSSL"), own), CLEARED);
    check(said(component(vec![], "OpenSSL"), other), matched);
    check(ward(component(vec![], "OpenSSL")).with(because(reason, cpe(own))), matched);
    let code = "vulnerable_code_not_present";
    check(ward(bearing(own)).with(because(code, cpe(own))), CLEARED);
    check(ward(component(vec![], "OpenSSL")).with(because(code, cpe(own))), matched);
}

#[test]
fn a_release_is_named_by_a_cpe_name_alone() {
    let said = |name: &str| {
        vulnerable().with(because("code_not_reachable", inside(package_alone(), cpe(name))))
    };
    check(said("cpe:2.3:o:bd:alaris_pcu_firmware:12.1.2:*:*:*:*:*:*:*"), CLEARED);
    check(said("cpe:2.3:o:bd:alaris_pcu_firmware:12.1.3:*:*:*:*:*:*:*"), MATCHED);
    check(said("cpe:2.3:o:baxter:alaris_pcu:12.1.2:*:*:*:*:*:*:*"), MATCHED);
}

#[test]
fn what_accuses_a_subcomponent_accuses_the_component_or_where_none_is_listed_the_release() {
    let affected = |part| statement(Status::Affected, vec![inside(part, whole("12.1.2"))]);
    let found = "BD Alaris PCU 12.1.2 CVE-1 affected exact statement.affected;";
    check(with_openssl(OLD).with(affected(package_alone())), found);
    check(with_openssl(OLD).with(affected(purl("pkg:deb/debian/zlib1g@1.2"))), found);
    check(with_openssl(OLD).with(affected(purl("pkg:deb/debian/openssl@3.0"))), "");
}

#[test]
fn a_component_cleared_inside_a_component_is_not_cleared_beside_it() {
    let reason = "vulnerable_code_not_present";
    let image = purl("pkg:oci/nginx@sha256:aa");
    let chain = inside(inside(package_alone(), image), whole("12.1.2"));
    check(with_image().with(because(reason, chain)), &format!("{MATCHED}{CLEARED}"));
}

/// A CSAF document that says this of a product.
fn csaf(ward: Ward, publisher: &str, affected: Vec<Affected>) -> Ward {
    let mut ward = ward.tells(Feed::Csaf, "CVE-1", affected);
    if let Some(Fact::Advisory(advisory)) = ward.facts.last_mut() {
        advisory.publisher = Some(publisher.into());
    }
    ward
}

#[test]
fn a_component_of_a_product_is_cleared_in_that_product_and_in_no_other() {
    let use_of_it = "vulnerable_code_not_in_execute_path";
    let said = |status, whole: Product| {
        let told = vec![says(status, inside(package_alone(), whole))];
        csaf(vulnerable(), "BD", told).because(use_of_it)
    };
    check(said(Status::NotAffected, whole("12.1.2")), &CLEARED.replace("exact", "strong"));
    check(said(Status::Fixed, whole("12.1.2")), &MENDED.replace("exact", "strong"));
    check(said(Status::NotAffected, whole("12.1.3")), MATCHED);
    check(said(Status::NotAffected, product("BD", "Alaris GS", Versions::All)), MATCHED);
    check(said(Status::NotAffected, product("Baxter", "Alaris PCU", Versions::All)), MATCHED);
}

#[test]
fn a_component_of_a_product_that_is_affected_is_found_there() {
    let affected = |part: Product, whole: Product| {
        csaf(with_openssl(OLD), "BD", vec![says(Status::Affected, inside(part, whole))])
    };
    let strong = "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;";
    check(affected(package_alone(), whole("12.1.2")), strong);
    check(affected(package_alone(), whole("12.1.3")), "");
    let by_name = |name: &str, versions: &str| product("OpenSSL", name, text(versions));
    check(affected(by_name("openssl", "< 1.1.1"), whole("12.1.2")), "");
    check(
        affected(by_name("zlib", "< 1.3"), whole("12.1.2")),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.condition-unread;",
    );
}

#[test]
fn what_clears_a_component_that_no_sbom_lists_clears_nothing_else() {
    let affected = named("BD", "Alaris PCU", "<= 12.1.2");
    let cleared = inside(purl("pkg:deb/debian/zlib1g@1.2"), whole("12.1.2"));
    let ward = pump().tells(Feed::Cve, "CVE-1", affected);
    let ward =
        csaf(ward, "BD", vec![says(Status::NotAffected, cleared)]).because("component_not_present");
    let matched = "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;";
    check(ward, matched);
}

#[test]
fn a_package_alone_in_csaf_reaches_no_further_than_in_other_formats() {
    let said = || csaf(vulnerable(), "Somebody", vec![says(Status::NotAffected, package_alone())]);
    check(said().because("vulnerable_code_not_present"), CLEARED);
    check(said().because("vulnerable_code_not_in_execute_path"), MATCHED);
    check(said(), MATCHED);
}

#[test]
fn of_two_statements_the_narrower_is_followed_then_the_newer() {
    let code = "vulnerable_code_not_present";
    let part = || inside(package_alone(), whole("12.1.2"));
    let affected = |product| statement(Status::Affected, vec![product]);
    let newer = |statement| at("2026-03-01T00:00:00Z", statement);
    let found = "BD Alaris PCU 12.1.2 CVE-1 affected exact statement.affected;";
    // The narrower, though it is older.
    check(vulnerable().with(because(code, part())).with(newer(affected(package_alone()))), CLEARED);
    check(vulnerable().with(affected(part())).with(newer(because(code, package_alone()))), found);
    check(
        vulnerable().with(affected(whole("12.1.2"))).with(newer(because(code, part()))),
        &format!("{found}{CLEARED}"),
    );
    // The newer at the same scope, whoever says it.
    check(vulnerable().with(because(code, part())).with(newer(affected(part()))), found);
    check(vulnerable().with(newer(because(code, part()))).with(affected(part())), CLEARED);
}

#[test]
fn the_newer_is_told_whatever_the_time_zone() {
    let code = "vulnerable_code_not_present";
    let part = || inside(package_alone(), whole("12.1.2"));
    let cleared = at("2026-03-01T09:00:00Z", because(code, part()));
    let accused = at("2026-03-01T10:30:00+02:00", statement(Status::Affected, vec![part()]));
    check(vulnerable().with(accused).with(cleared), CLEARED);
}

#[test]
fn without_a_date_that_tells_which_is_newer_the_graver_is_followed() {
    let code = "vulnerable_code_not_present";
    let part = || inside(package_alone(), whole("12.1.2"));
    let found = "BD Alaris PCU 12.1.2 CVE-1 affected exact statement.affected;";
    let accused = |when| at(when, statement(Status::Affected, vec![part()]));
    let cleared = |when| at(when, because(code, part()));
    for (accusing, clearing) in
        [("", "2026-03-01"), ("2026-03-01", ""), ("", ""), ("yesterday", "2026-03-01")]
    {
        check(vulnerable().with(accused(accusing)).with(cleared(clearing)), found);
    }
    check(vulnerable().with(cleared("")), CLEARED);
}

#[test]
fn a_disagreement_says_why_one_was_followed() {
    let part = || inside(package_alone(), whole("12.1.2"));
    let code = "vulnerable_code_not_present";
    let conflict = |first: Statement, second: Statement| {
        let shown = vulnerable().with(first).with(second).sentences();
        shown.lines().last().unwrap_or_default().to_owned()
    };
    let cleared = || because(code, part());
    let accused = |product, when| at(when, statement(Status::Affected, vec![product]));
    let (old, same, new) = ("2026-01-01", "2026-02-01T00:00:00Z", "2026-03-01");
    let shown = [
        conflict(cleared(), accused(whole("12.1.2"), new)),
        conflict(cleared(), accused(part(), old)),
        conflict(cleared(), accused(part(), same)),
        conflict(cleared(), accused(part(), "")),
    ]
    .join("\n");
    expect_test::expect![[r"
        statement.conflict Another document says affected; the narrower was followed
        statement.conflict Another document says affected; the newer was followed
        statement.conflict Another document says not_affected; both have one date, so the graver was followed
        statement.conflict Another document says not_affected; not both have a date that tells which is newer, so the graver was followed"]]
    .assert_eq(&shown);
}

#[test]
fn what_a_csaf_document_says_of_a_product_it_says_of_all_in_it() {
    let said = |versions| {
        csaf(vulnerable(), "BD", vec![says(Status::NotAffected, whole(versions))])
            .because("vulnerable_code_not_in_execute_path")
    };
    let cleared = "BD Alaris PCU 12.1.2 CVE-1 not_affected strong statement.not-affected;";
    check(said("12.1.2"), &cleared.repeat(2));
    let left = said("12.1.1").judged();
    assert!(left.contains(MATCHED), "{left}");
    assert!(!left.contains("statement"), "{left}");
}

#[test]
fn a_maker_who_looks_into_it_again_takes_back_what_they_cleared() {
    let pcu = || product("BD", "Alaris PCU", Versions::All);
    let cleared = |when| at(when, because("vulnerable_code_not_present", pcu()));
    let looks = |when| at(when, statement(Status::UnderInvestigation, vec![pcu()]));
    let judged = |first, second| vulnerable().with(cleared(first)).with(looks(second));
    let (old, new) = ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
    let open = format!(
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak statement.under-investigation;{MATCHED}"
    );
    check(judged(old, new), &open);
    // Of one date, or where a date is missing, the graver counts.
    check(judged(old, old), &open);
    check(judged("", new), &open);
    // Who looked into it first has found that it is not there.
    check(judged(new, old), &CLEARED.repeat(2));
    let said = judged(old, new).sentences();
    assert!(said.contains("which is not applied: it is looked into again"), "{said}");
    // What is looked into at one version says nothing of all.
    let at_one = product("BD", "Alaris PCU", Versions::Text("12.1.1".into()));
    let other = at(new, statement(Status::UnderInvestigation, vec![at_one]));
    check(vulnerable().with(cleared(old)).with(other), CLEARED);
}
