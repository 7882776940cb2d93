//! Builds of distributions: what a fixed build says of others, and of which it says nothing.

use std::sync::Arc;

use domain::advisory::{Affected, Bound, Feed, Product, Status, Target, VersionRange, Versions};
use domain::component::Component;
use domain::cpe::Cpe;
use domain::location::Location;
use domain::purl::Purl;
use domain::version::Scheme;

use super::Ward;

/// A build in a device.
fn holding(purl: &str) -> Ward {
    let component = Component {
        name: "package".into(),
        purl: Some(Purl::parse(purl).expect("a purl")),
        ..Component::default()
    };
    Ward::default().device("BD", "Pump", "1").sbom(("BD", "Pump", "1"), vec![component])
}

/// A package of a stream, at the versions named.
fn part(cpe: &str, purl: &str, versions: Vec<Versions>) -> Product {
    let part = Product {
        name: "package".into(),
        purls: vec![Purl::parse(purl).expect("a purl")],
        versions,
        ..Product::default()
    };
    Product {
        vendor: Some("Red Hat".into()),
        name: "Some stream".into(),
        versions: vec![Versions::All],
        cpes: vec![Cpe::parse(cpe).expect("a CPE name")].into(),
        component: Some(Arc::new(part)),
        ..Product::default()
    }
}

/// An entry of its own, at a line of its own.
fn entry(line: u32, status: Status, product: Product) -> Affected {
    let at = Location::line(line);
    Affected { status, justification: None, target: Target::from(product), at }
}

fn fixed(line: u32, cpe: &str, purl: &str) -> Affected {
    let version = Purl::parse(purl).expect("a purl").version.expect("a version");
    entry(line, Status::Fixed, part(cpe, purl, vec![Versions::One(version)]))
}

const EIGHT: &str = "cpe:/o:redhat:enterprise_linux:8::baseos";
const NINE: &str = "cpe:/a:redhat:enterprise_linux:9::appstream";
const NINE_TWO: &str = "cpe:/a:redhat:rhel_eus:9.2::appstream";
const OPENSHIFT: &str = "cpe:/a:redhat:openshift:4.12::el8";

/// The verdict and the rule of the one finding; nothing where there is none.
fn judged(ward: Ward, affected: Vec<Affected>) -> String {
    let told = ward.tells(Feed::Csaf, "CVE-1", affected).judged();
    told.replace("BD Pump 1 CVE-1 ", "").replace(" match.", " ")
}

#[track_caller]
fn check(purl: &str, affected: Vec<Affected>, expected: &str) {
    assert_eq!(judged(holding(purl), affected), expected, "{purl}");
}

#[test]
fn an_older_build_of_the_same_stream_is_affected_and_a_later_one_fixed() {
    let told = || vec![fixed(1, EIGHT, "pkg:rpm/redhat/zlib@1.2.11-25.el8?arch=x86_64")];
    let older = "affected exact fixed-in-later-build;";
    check("pkg:rpm/redhat/zlib@1.2.11-21.el8_7?arch=x86_64", told(), older);
    check("pkg:rpm/redhat/zlib@1.2.11-9.el8?arch=i686&distro=rhel-8.3", told(), "");
    check("pkg:rpm/redhat/zlib@1.2.11-25.el8?arch=x86_64", told(), "fixed exact package-in-range;");
    check("pkg:rpm/redhat/zlib@1.2.11-31.el8", told(), "fixed exact package-in-range;");
    let binary = "pkg:rpm/redhat/zlib-devel@1.2.11-21.el8?upstream=zlib-1.2.11-21.el8.src.rpm";
    check(binary, told(), older);
}

#[test]
fn a_build_of_another_release_product_or_module_is_not_compared() {
    let told = || vec![fixed(1, EIGHT, "pkg:rpm/redhat/nodejs@16.1-3.el8")];
    check("pkg:rpm/redhat/nodejs@16.1-1.el9", told(), "");
    check("pkg:rpm/redhat/nodejs@16.1-1.el8sat", told(), "");
    check("pkg:rpm/redhat/nodejs@16.1-1.module+el8.7.0+1+ab", told(), "");
    check("pkg:rpm/fedora/nodejs@16.1-1.fc38", told(), "");
    let module = "pkg:rpm/redhat/nodejs@18.2-1.module+el8.9.0+7+cd?rpmmod=nodejs:18:1:2";
    let told = || vec![fixed(1, EIGHT, module)];
    let own = |stream: u32| {
        let build = "1.0-1.module+el8.7.0+1+ab";
        format!("pkg:rpm/redhat/nodejs@{stream}.{build}?rpmmod=nodejs:{stream}:3:4")
    };
    check(&own(18), told(), "affected exact fixed-in-later-build;");
    check(&own(16), told(), "");
    check("pkg:rpm/redhat/nodejs@18.1-1.el8", told(), "");
}

#[test]
fn a_minor_release_that_is_kept_by_itself_goes_before_the_main_stream() {
    let told = || {
        vec![
            fixed(1, NINE, "pkg:rpm/redhat/openssh@8.7p1-38.el9_4.1"),
            fixed(2, NINE_TWO, "pkg:rpm/redhat/openssh@8.7p1-30.el9_2.4"),
        ]
    };
    check("pkg:rpm/redhat/openssh@8.7p1-30.el9_2.4", told(), "fixed exact package-in-range;");
    check("pkg:rpm/redhat/openssh@8.7p1-30.el9_2.5", told(), "fixed exact package-in-range;");
    let older = "affected exact fixed-in-later-build;";
    check("pkg:rpm/redhat/openssh@8.7p1-30.el9_2.1", told(), older);
    check("pkg:rpm/redhat/openssh@8.7p1-34.el9_3.3", told(), older);
}

#[test]
fn a_product_on_top_of_a_distribution_has_streams_of_its_own() {
    let told =
        || vec![fixed(1, OPENSHIFT, "pkg:rpm/redhat/podman@4.4.1-3.2.rhaos4.12.el8?epoch=3")];
    let older = "affected exact fixed-in-later-build;";
    check("pkg:rpm/redhat/podman@4.4.1-2.1.rhaos4.12.el8?epoch=3", told(), older);
    check("pkg:rpm/redhat/podman@4.4.1-2.1.rhaos4.11.el8?epoch=3", told(), "");
    let whole = part(OPENSHIFT, "pkg:rpm/redhat/podman?arch=src", vec![]);
    let all = || vec![entry(1, Status::Affected, whole.clone())];
    let named = "affected exact package-in-range;";
    check("pkg:rpm/redhat/podman@4.0-1.rhaos4.12.el8", all(), named);
    check("pkg:rpm/redhat/podman@4.0-1.el8", all(), "undecided weak distribution-unknown;");
}

#[test]
fn an_epoch_goes_before_the_version() {
    let told = || vec![fixed(1, EIGHT, "pkg:rpm/redhat/tomcat@9.0.87-1.el8_10.1?epoch=1")];
    check(
        "pkg:rpm/redhat/tomcat@9.0.99-1.el8_10?epoch=0",
        told(),
        "affected exact fixed-in-later-build;",
    );
    check("pkg:rpm/redhat/tomcat@8.5-1.el8?epoch=2", told(), "fixed exact package-in-range;");
}

#[test]
fn without_a_version_or_a_release_only_what_holds_everywhere_holds() {
    let told = || {
        vec![
            fixed(1, EIGHT, "pkg:rpm/redhat/bash@4.4-5.el8"),
            fixed(2, NINE, "pkg:rpm/redhat/bash@5.1-6.el9"),
        ]
    };
    check("pkg:rpm/redhat/bash?distro=rhel-8.4", told(), "undecided weak version-unknown;");
    check("pkg:rpm/redhat/bash@4.9-1", told(), "undecided weak distribution-unknown;");
    check("pkg:rpm/redhat/bash@4.1-1", told(), "affected exact fixed-in-later-build;");
    check("pkg:rpm/redhat/bash@6.0-1", told(), "fixed exact package-in-range;");
}

#[test]
fn a_record_that_clears_from_one_build_on_accuses_those_before() {
    let from = |build: &str| {
        let from = Bound::Including(build.into());
        vec![Versions::Range(VersionRange { scheme: Scheme::Rpm, from, to: Bound::Open })]
    };
    let told = || {
        let package = "pkg:rpm/redhat/grub2";
        vec![
            entry(1, Status::NotAffected, part(EIGHT, package, from("1:2.02-156.el8"))),
            entry(1, Status::Affected, part(EIGHT, package, vec![Versions::All])),
            entry(2, Status::UnderInvestigation, part(NINE, package, vec![])),
        ]
    };
    let judged = |purl: &str| {
        let told = holding(purl).tells(Feed::Cve, "CVE-1", told()).judged();
        told.replace("BD Pump 1 CVE-1 ", "").replace(" match.", " ")
    };
    assert_eq!(
        judged("pkg:rpm/redhat/grub2@2.02-150.el8?epoch=1"),
        "affected exact package-in-range;"
    );
    assert_eq!(
        judged("pkg:rpm/redhat/grub2@2.02-156.el8_10?epoch=1"),
        "not_affected exact package-in-range;"
    );
    assert_eq!(
        judged("pkg:rpm/redhat/grub2@2.06-1.el9?epoch=1"),
        "undecided weak version-not-named;"
    );
    assert_eq!(judged("pkg:rpm/redhat/grub2@2.02-1.el7?epoch=1"), "");
}

#[test]
fn a_package_that_the_words_of_a_record_lead_to_is_found_less_surely() {
    let purl = Purl::new("npm", None, "es5-ext").expect("a purl");
    let product = Product {
        packages: vec![purl].into(),
        ..super::product("medikoo", "es5-ext", super::text(">= 0.10.0, < 0.10.63"))
    };
    let judged =
        |purl: &str| judged(holding(purl), vec![entry(1, Status::Affected, product.clone())]);
    assert_eq!(judged("pkg:npm/es5-ext@0.10.9"), "affected strong package-in-range;");
    assert_eq!(judged("pkg:npm/es5-ext@%5E0.10.0"), "undecided weak version-unknown;");
    assert_eq!(judged("pkg:npm/es5-ext@0.10.63"), "");
    assert_eq!(judged("pkg:pypi/es5-ext@0.10.9"), "");
}
