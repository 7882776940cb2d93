//! Each rule and its near-miss, on facts made by hand.

mod builds;
mod decided;
mod dictionary;
mod doubts;
mod laws;
mod platforms;
mod vex;

use std::fmt::Write;

use domain::advisory::{
    Advisory, Affected, Bound, Configuration, CpeMatch, Feed, Package, Product, Status, Target,
    VersionRange, Versions, Vulnerability, VulnerabilityId,
};
use domain::component::{Component, Sbom, SbomFormat};
use domain::cpe::Cpe;
use domain::device::{Device, DeviceId};
use domain::fact::{Document, Fact, Reading};
use domain::location::{DocumentId, Location};
use domain::purl::Purl;
use domain::version::Scheme;
use domain::vex::Statement;

use super::judge;
use crate::hospital::Hospital;

/// A hospital made line by line.
#[derive(Default, Clone)]
struct Ward {
    facts: Vec<Fact>,
}

impl Ward {
    fn device(mut self, maker: &str, model: &str, version: &str) -> Self {
        self.facts.push(Fact::Device(Box::new(Device {
            id: Some(DeviceId(format!("{model} {version}").into())),
            manufacturer: Some(maker.into()),
            model: Some(model.into()),
            version: (!version.is_empty()).then(|| version.into()),
            ..Device::default()
        })));
        self
    }

    /// The device last named runs this system.
    fn running(mut self, system: &str) -> Self {
        if let Some(Fact::Device(device)) = self.facts.last_mut() {
            device.operating_system = Some(system.into());
        }
        self
    }

    fn sbom(mut self, of: (&str, &str, &str), components: Vec<Component>) -> Self {
        let (maker, model, version) = of;
        self.facts.push(Fact::Sbom(Box::new(Sbom {
            serial: Some("urn:uuid:11111111-1111-1111-1111-111111111111/1".into()),
            subject: Some(Component {
                name: model.into(),
                manufacturer: Some(maker.into()),
                version: Some(version.into()),
                ..Component::default()
            }),
            components,
            ..Sbom::new(SbomFormat::CycloneDx, "1.6".into())
        })));
        self
    }

    fn tells(mut self, feed: Feed, id: &str, affected: Vec<Affected>) -> Self {
        let mut vulnerability = Vulnerability::new(VulnerabilityId::new(id), Location::whole());
        vulnerability.affected = affected;
        self.facts.push(Fact::Advisory(Box::new(Advisory {
            id: format!("{}-{id}", feed.text()).into(),
            feed,
            publisher: None,
            title: None,
            updated: Some("2026-01-01".into()),
            revision: None,
            stage: None,
            language: None,
            withdrawn: false,
            vulnerabilities: vec![vulnerability],
            at: Location::whole(),
        })));
        self
    }

    /// The advisory last named has this title.
    fn titled(mut self, title: &str) -> Self {
        if let Some(Fact::Advisory(advisory)) = self.facts.last_mut() {
            advisory.title = Some(title.into());
        }
        self
    }

    /// All that the advisory last named says is so for this reason.
    fn because(mut self, label: &str) -> Self {
        if let Some(Fact::Advisory(advisory)) = self.facts.last_mut() {
            for vulnerability in &mut advisory.vulnerabilities {
                let index = vulnerability.add_justification(label.into());
                vulnerability.affected.iter_mut().for_each(|one| one.justification = index);
            }
        }
        self
    }

    fn states(mut self, id: &str, status: Status, product: Product) -> Self {
        self.facts.push(Fact::Statement(Box::new(Statement {
            vulnerability: VulnerabilityId::new(id),
            aliases: vec![],
            status,
            justification: Some("vulnerable_code_not_present".into()),
            detail: None,
            ruling: None,
            author: Some("Maker".into()),
            timestamp: Some("2026-02-01".into()),
            products: vec![product],
            references: vec![],
            at: Location::whole(),
        })));
        self
    }

    /// What is judged, a line each: release, vulnerability, verdict, certainty, deciding rule.
    fn judged(self) -> String {
        let reading = Reading { facts: self.facts, ..Reading::default() };
        let documents = [Document {
            id: DocumentId(0),
            name: "ward".into(),
            format: String::new(),
            bytes: 0,
            reading,
        }];
        let hospital = Hospital::assemble(&documents);
        let mut out = String::new();
        for finding in judge(&hospital) {
            let release = &hospital.releases[finding.release.0 as usize];
            let known = &hospital.vulnerabilities[finding.vulnerability.0 as usize];
            let rule = finding.reasons[0].rule;
            let (verdict, certainty) = (finding.verdict.text(), finding.certainty.text());
            let _ = write!(out, "{} {} {verdict} {certainty} {rule};", release.key, known.id);
        }
        out
    }
}

fn product(vendor: &str, name: &str, versions: Versions) -> Product {
    Product {
        vendor: Some(vendor.into()),
        name: name.into(),
        versions: vec![versions],
        ..Product::default()
    }
}

fn text(versions: &str) -> Versions {
    Versions::Text(versions.into())
}

fn says(status: Status, target: impl Into<Target>) -> Affected {
    Affected { status, justification: None, target: target.into(), at: Location::line(7) }
}

fn named(vendor: &str, name: &str, versions: &str) -> Vec<Affected> {
    vec![says(Status::Affected, product(vendor, name, text(versions)))]
}

fn pump() -> Ward {
    Ward::default().device("BD", "Alaris PCU", "12.1.2")
}

#[track_caller]
fn check(ward: Ward, expected: &str) {
    assert_eq!(ward.judged(), expected);
}

#[test]
fn an_advisory_without_identifiers_finds_its_device() {
    let ward = pump().tells(
        Feed::Csaf,
        "CVE-1",
        named("Becton, Dickinson and Company (BD)", "Alaris PCU", "<= 12.1.2"),
    );
    check(ward, "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;");
}

#[test]
fn a_device_that_is_called_as_the_advisory_calls_it_is_found_whatever_the_title_says() {
    let devices = || {
        let ward = Ward::default().device("Hillrom", "Cardiac Stress Testing System", "6.1");
        ward.device("Hillrom", "Patient Monitor", "6.1").device(
            "Acme",
            "Cardiac Stress Testing System",
            "6.1",
        )
    };
    let name = "Cardiac Stress Testing System";
    let found = "Hillrom Cardiac Stress Testing System 6.1 CVE-1 affected strong \
                 match.name-in-range;";
    for title in ["Hillrom Medical Products", "Flaws of a Device", "Welch Allyn Products"] {
        let ward = devices().tells(Feed::Csaf, "CVE-1", named("Hillrom", name, "<= 6.3"));
        check(ward.titled(title), found);
    }
}

#[test]
fn a_version_beyond_the_range_is_not_affected_and_says_so() {
    let ward = pump().tells(Feed::Csaf, "CVE-1", named("BD", "Alaris PCU", "<= 12.1.1"));
    check(ward, "BD Alaris PCU 12.1.2 CVE-1 not_affected strong match.version-outside;");
}

#[test]
fn a_neighbour_of_the_same_maker_is_not_meant() {
    check(pump().tells(Feed::Csaf, "CVE-1", named("BD", "Alaris GS", "vers:all/*")), "");
}

#[test]
fn the_same_name_of_another_maker_is_not_meant() {
    check(pump().tells(Feed::Csaf, "CVE-1", named("Siemens", "Alaris PCU", "vers:all/*")), "");
}

#[test]
fn an_unknown_version_is_undecided_unless_all_are_meant() {
    let ward = Ward::default().device("BD", "Alaris PCU", "");
    check(
        ward.clone().tells(Feed::Csaf, "CVE-1", named("BD", "Alaris PCU", "<= 12.1.2")),
        "BD Alaris PCU CVE-1 undecided weak match.version-unknown;",
    );
    check(
        ward.tells(Feed::Csaf, "CVE-1", named("BD", "Alaris PCU", "vers:all/*")),
        "BD Alaris PCU CVE-1 affected strong match.name-all-versions;",
    );
}

#[test]
fn a_device_is_found_by_the_short_form_of_its_name() {
    let center = || named("Philips", "Patient Information Center iX (PICiX)", "C.03");
    let found = |model: &str| {
        let ward = Ward::default().device("Philips", model, "C.03");
        let judged = ward.tells(Feed::Csaf, "CVE-1", center()).judged();
        judged.replace(&format!("Philips {model} C.03 CVE-1 "), "")
    };
    for model in ["PIC iX", "PICiX", "Patient Information Center iX"] {
        assert_eq!(found(model), "affected strong match.name-in-range;", "{model}");
    }
    assert_eq!(found("PIIC"), "");
    let unit = named("BD", "Alaris Point-of-Care Unit (PCU)", "<= 12.1.2");
    check(
        pump().tells(Feed::Csaf, "CVE-1", unit),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_family_is_undecided() {
    let ward = Ward::default().device("Medtronic", "MiniMed 620G", "1.0");
    check(
        ward.tells(Feed::Csaf, "CVE-1", named("Medtronic", "MiniMed", "vers:all/*")),
        "Medtronic MiniMed 620G 1.0 CVE-1 undecided weak match.product-family;",
    );
}

fn openssl(version: &str) -> Component {
    Component {
        name: "openssl".into(),
        version: Some(version.into()),
        reference: Some("openssl-1".into()),
        purl: Purl::parse(&format!("pkg:deb/debian/openssl@{version}?distro=debian-11")).ok(),
        ..Component::default()
    }
}

fn package(distro: &str, fixed: &str) -> Vec<Affected> {
    let purl = Purl::new("deb", Some("debian"), "openssl").expect("a purl");
    let purl = purl.with_qualifier("distro", distro).expect("a purl");
    let range = VersionRange {
        scheme: Scheme::Deb,
        from: Bound::Including("0".into()),
        to: Bound::Excluding(fixed.into()),
    };
    let package = Package { purl, versions: vec![Versions::Range(range)] };
    vec![Affected {
        status: Status::Affected,
        justification: None,
        target: package.into(),
        at: Location::whole(),
    }]
}

fn with_openssl(version: &str) -> Ward {
    pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![openssl(version)])
}

#[test]
fn a_package_is_found_by_its_purl_and_its_own_order_of_versions() {
    check(
        with_openssl("1.1.1n-0+deb11u4").tells(
            Feed::Osv,
            "CVE-1",
            package("debian-11", "1.1.1n-0+deb11u5"),
        ),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact match.package-in-range;",
    );
    check(
        with_openssl("1.1.1n-0+deb11u5").tells(
            Feed::Osv,
            "CVE-1",
            package("debian-11", "1.1.1n-0+deb11u5"),
        ),
        "",
    );
    check(
        with_openssl("1.1.1n-0+deb11u4").tells(Feed::Osv, "CVE-1", package("debian-12", "3.0")),
        "",
    );
}

fn cpe_match(cpe: &str, vulnerable: bool, to: Bound) -> Configuration {
    let cpe = Cpe::parse(cpe).expect(cpe);
    Configuration::Match(Box::new(CpeMatch { cpe, vulnerable, from: Bound::Open, to }))
}

fn by_cpe(configuration: Configuration) -> Vec<Affected> {
    vec![Affected {
        status: Status::Affected,
        justification: None,
        target: configuration.into(),
        at: Location::whole(),
    }]
}

fn with_cpe(version: &str) -> Ward {
    let cpe = format!("cpe:2.3:a:openssl:openssl:{version}:*:*:*:*:*:*:*");
    let component = Component {
        name: "openssl".into(),
        version: Some(version.into()),
        cpes: vec![Cpe::parse(&cpe).expect("a CPE name")],
        ..Component::default()
    };
    pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![component])
}

#[test]
fn a_cpe_is_found_in_its_range_and_not_beyond() {
    let any = "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*";
    let before = |to: &str| by_cpe(cpe_match(any, true, Bound::Excluding(to.into())));
    check(
        with_cpe("1.0.2").tells(Feed::Nvd, "CVE-1", before("1.0.3")),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;",
    );
    check(with_cpe("1.0.3").tells(Feed::Nvd, "CVE-1", before("1.0.3")), "");
    let all = by_cpe(cpe_match(any, true, Bound::Open));
    check(
        with_cpe("9").tells(Feed::Nvd, "CVE-1", all),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;",
    );
}

#[test]
fn a_platform_that_nobody_states_leaves_it_undecided() {
    let any = cpe_match("cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*", true, Bound::Open);
    let windows = cpe_match("cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", false, Bound::Open);
    let both = by_cpe(Configuration::All(vec![any, windows]));
    check(
        with_cpe("1").tells(Feed::Nvd, "CVE-1", both),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.platform-unknown;",
    );
}

#[test]
fn a_statement_clears_at_its_own_scope() {
    let advisory = || named("BD", "Alaris PCU", "<= 12.1.2");
    let cleared = product("BD", "Alaris PCU", Versions::One("12.1.2".into()));
    check(
        pump().tells(Feed::Csaf, "CVE-1", advisory()).states("CVE-1", Status::NotAffected, cleared),
        "BD Alaris PCU 12.1.2 CVE-1 not_affected exact statement.not-affected;",
    );
}

#[test]
fn a_statement_about_another_version_clears_nothing() {
    let advisory = || named("BD", "Alaris PCU", "<= 12.1.2");
    let kept = "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;";
    let others = [
        product("BD", "Alaris PCU", Versions::One("12.1.3".into())),
        product("BD", "Alaris GS", Versions::All),
        product("Baxter", "Alaris PCU", Versions::All),
    ];
    for other in others {
        check(
            pump().tells(Feed::Csaf, "CVE-1", advisory()).states(
                "CVE-1",
                Status::NotAffected,
                other,
            ),
            kept,
        );
    }
    let right = product("BD", "Alaris PCU", Versions::All);
    check(
        pump().tells(Feed::Csaf, "CVE-1", advisory()).states("CVE-2", Status::NotAffected, right),
        kept,
    );
}

#[test]
fn a_component_stated_for_itself_is_cleared_where_it_is() {
    let purl = Purl::parse("pkg:deb/debian/openssl@1.1.1n-0+deb11u4").expect("a purl");
    let stated = Product { purls: vec![purl], ..Product::default() };
    check(
        with_openssl("1.1.1n-0+deb11u4")
            .tells(Feed::Osv, "CVE-1", package("debian-11", "1.1.1n-0+deb11u5"))
            .states("CVE-1", Status::NotAffected, stated),
        "BD Alaris PCU 12.1.2 CVE-1 not_affected exact statement.not-affected;",
    );
}

#[test]
fn a_fixed_version_in_csaf_is_fixed() {
    let affected = vec![
        says(Status::Affected, product("BD", "Alaris PCU", text("<= 12.1.1"))),
        Affected {
            at: Location::line(9),
            ..says(Status::Fixed, product("BD", "Alaris PCU", Versions::One("12.1.2".into())))
        },
    ];
    check(
        pump().tells(Feed::Csaf, "CVE-1", affected),
        "BD Alaris PCU 12.1.2 CVE-1 fixed strong statement.fixed;",
    );
}

#[test]
fn a_default_decides_only_where_no_range_does() {
    let versions = |status, versions| says(status, product("BD", "Alaris PCU", versions));
    let record = vec![
        versions(Status::Affected, text("<= 12.1.2")),
        versions(Status::NotAffected, Versions::All),
    ];
    check(
        pump().tells(Feed::Cve, "CVE-1", record),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_component_of_unknown_maker_is_undecided_and_of_another_maker_is_none() {
    let component = |supplier: Option<&str>| Component {
        name: "VxWorks".into(),
        version: Some("6.9".into()),
        supplier: supplier.map(Into::into),
        ..Component::default()
    };
    let ward = |supplier| {
        pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![component(supplier)]).tells(
            Feed::Cve,
            "CVE-1",
            named("Wind River", "VxWorks", "<= 7"),
        )
    };
    check(
        ward(Some("Wind River")),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
    check(ward(None), "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.vendor-unknown;");
    check(ward(Some("Somebody Else")), "");
}

#[test]
fn a_package_managers_name_is_nobodys_product() {
    let component = Component {
        name: "requests".into(),
        version: Some("1.0".into()),
        purl: Purl::parse("pkg:pypi/requests@1.0").ok(),
        ..Component::default()
    };
    let ward = pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![component]);
    check(ward.tells(Feed::Cve, "CVE-1", named("Requests", "Requests", "<= 7")), "");
}

#[test]
fn the_order_of_documents_does_not_matter() {
    let ward = with_openssl("1.1.1n-0+deb11u4")
        .tells(Feed::Osv, "CVE-1", package("debian-11", "1.1.1n-0+deb11u5"))
        .tells(Feed::Csaf, "CVE-2", named("BD", "Alaris PCU", "<= 12.1.2"))
        .states("CVE-2", Status::NotAffected, product("BD", "Alaris PCU", Versions::All));
    let sorted = |ward: Ward| {
        let judged = ward.judged();
        let mut lines: Vec<String> = judged.split(';').map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let mut reversed = ward.clone();
    reversed.facts.reverse();
    assert_eq!(sorted(ward), sorted(reversed));
}

#[test]
fn a_device_whose_maker_nobody_names_is_not_passed_over() {
    let anonymous = |model| {
        let mut ward = Ward::default().device("", model, "3.1");
        if let Some(Fact::Device(device)) = ward.facts.last_mut() {
            device.manufacturer = None;
        }
        ward
    };
    let told =
        |ward: Ward, model| ward.tells(Feed::Csaf, "CVE-1", named("Philips", model, "<= 3.1"));
    check(
        told(anonymous("IntelliVue MX800"), "IntelliVue MX800"),
        "IntelliVue MX800 3.1 CVE-1 undecided weak match.vendor-unknown;",
    );
    check(
        told(anonymous("Philips IntelliVue MX800"), "IntelliVue MX800"),
        "Philips IntelliVue MX800 3.1 CVE-1 affected strong match.name-in-range;",
    );
    check(told(anonymous("IntelliVue MX400"), "IntelliVue MX800"), "");
    let firmware = "cpe:2.3:o:philips:intellivue_mx800_firmware:3.1:*:*:*:*:*:*:*";
    let by_name = Configuration::Match(Box::new(CpeMatch {
        cpe: Cpe::parse(firmware).expect("a name"),
        vulnerable: true,
        from: Bound::Open,
        to: Bound::Open,
    }));
    let affected = vec![says(Status::Affected, Target::from(by_name))];
    check(
        anonymous("IntelliVue MX800").tells(Feed::Nvd, "CVE-1", affected),
        "IntelliVue MX800 3.1 CVE-1 undecided weak match.vendor-unknown;",
    );
}
