//! What must not be excluded, and what must not be taken for something else.

use std::sync::Arc;

use domain::advisory::{
    Affected, Bound, Configuration, Feed, Package, Product, Status, Target, VersionRange, Versions,
};
use domain::component::Component;
use domain::cpe::Cpe;
use domain::fact::Fact;
use domain::purl::Purl;
use domain::version::Scheme;

use super::{Ward, check, cpe_match, named, openssl, package, product, pump, says, text, with_cpe};

fn by_cpe(configuration: Configuration) -> Vec<Affected> {
    vec![says(Status::Affected, Target::from(configuration))]
}

fn of_pump(status: Status, versions: &str) -> Affected {
    says(status, product("BD", "Alaris PCU", text(versions)))
}

#[test]
fn a_clearing_entry_about_other_versions_ends_nothing() {
    let record = vec![of_pump(Status::NotAffected, "13.0"), of_pump(Status::Affected, "<= 12.2")];
    check(
        pump().tells(Feed::Cve, "CVE-1", record),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_clearing_entry_that_is_not_read_leaves_a_doubt() {
    let record = vec![
        of_pump(Status::NotAffected, "made after May 2018"),
        of_pump(Status::Affected, "<= 12.2"),
    ];
    check(
        pump().tells(Feed::Cve, "CVE-1", record),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-text-unread;",
    );
}

#[test]
fn a_clearing_statement_about_another_version_clears_nothing_and_accuses_nobody() {
    check(pump().tells(Feed::Csaf, "CVE-1", vec![of_pump(Status::NotAffected, "13.0")]), "");
}

#[test]
fn where_only_a_fix_is_named_another_version_is_undecided() {
    check(
        pump().tells(Feed::Csaf, "CVE-1", vec![of_pump(Status::Fixed, "13.0")]),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.fixed-elsewhere;",
    );
}

#[test]
fn a_model_number_among_versions_excludes_no_version() {
    let bed = |model| Ward::default().device("Stryker", model, "1.4");
    let advisory = |versions: &str| {
        vec![says(
            Status::Affected,
            product("Stryker", "InTouch ICU Bed", Versions::One(versions.into())),
        )]
    };
    check(
        bed("InTouch ICU Bed").tells(Feed::Csaf, "CVE-1", advisory("2131")),
        "Stryker InTouch ICU Bed 1.4 CVE-1 undecided weak match.version-text-unread;",
    );
    check(
        bed("InTouch ICU Bed 2131").tells(Feed::Csaf, "CVE-1", advisory("2131")),
        "Stryker InTouch ICU Bed 2131 1.4 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_maker_among_several_is_known() {
    let ward = Ward::default().device("GE Healthcare", "MobileLink GEH-500", "1.50");
    check(
        ward.tells(
            Feed::Csaf,
            "CVE-1",
            named("Silex Technology and GE Healthcare", "MobileLink GEH-500", "<= 1.54"),
        ),
        "GE Healthcare MobileLink GEH-500 1.50 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_model_of_a_list_is_affected_and_only_weakly_so() {
    let ward = |model| Ward::default().device("Philips", model, "J.3");
    let advisory =
        || named("Philips", "Avalon Fetal/Maternal Monitors FM20/FM30/FM40/FM50", "F.0 | J.3");
    check(
        ward("Avalon FM30").tells(Feed::Csaf, "CVE-1", advisory()),
        "Philips Avalon FM30 J.3 CVE-1 affected weak match.name-in-range;",
    );
    check(ward("Avalon FM60").tells(Feed::Csaf, "CVE-1", advisory()), "");
}

fn any_openssl() -> Configuration {
    cpe_match("cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*", true, Bound::Open)
}

/// An openssl in a pump that runs this system.
fn on_system(system: &str) -> Ward {
    let mut ward = with_cpe("1");
    for fact in &mut ward.facts {
        if let Fact::Device(device) = fact {
            device.operating_system = Some(system.into());
        }
    }
    ward
}

#[test]
fn both_vulnerable_parts_of_an_and_must_be_in_the_release() {
    let other = cpe_match("cpe:2.3:a:haxx:curl:*:*:*:*:*:*:*:*", true, Bound::Open);
    let both = by_cpe(Configuration::All(vec![any_openssl(), other]));
    check(
        with_cpe("1").tells(Feed::Nvd, "CVE-1", both.clone()),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.platform-unknown;",
    );
    let mut ward = with_cpe("1");
    for fact in &mut ward.facts {
        if let Fact::Sbom(sbom) = fact {
            let cpe = Cpe::parse("cpe:2.3:a:haxx:curl:7.0:*:*:*:*:*:*:*").expect("a CPE name");
            sbom.components.push(Component {
                name: "curl".into(),
                version: Some("7.0".into()),
                cpes: vec![cpe],
                ..Component::default()
            });
        }
    }
    let line = "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;";
    check(ward.tells(Feed::Nvd, "CVE-1", both), &line.repeat(2));
}

#[test]
fn a_stated_system_of_another_family_excludes_and_of_the_same_includes() {
    let windows = cpe_match("cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", false, Bound::Open);
    let both = by_cpe(Configuration::All(vec![any_openssl(), windows]));
    check(on_system("Linux 4.14").tells(Feed::Nvd, "CVE-1", both.clone()), "");
    check(
        on_system("Windows 10").tells(Feed::Nvd, "CVE-1", both),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;",
    );
}

#[test]
fn a_product_for_one_system_is_not_that_for_another() {
    let name = "cpe:2.3:a:openssl:openssl:*:*:*:*:*:android:*:*";
    let android = || by_cpe(cpe_match(name, true, Bound::Open));
    check(on_system("Windows 10").tells(Feed::Nvd, "CVE-1", android()), "");
    check(
        with_cpe("1").tells(Feed::Nvd, "CVE-1", android()),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.platform-unknown;",
    );
}

#[test]
fn an_update_that_is_not_known_excludes_nothing() {
    let second = "cpe:2.3:a:openssl:openssl:1.0:sp2:*:*:*:*:*:*";
    let named = by_cpe(cpe_match(second, true, Bound::Open));
    check(
        with_cpe("1.0").tells(Feed::Nvd, "CVE-1", named.clone()),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-unknown;",
    );
    check(with_cpe("1.1").tells(Feed::Nvd, "CVE-1", named), "");
}

#[test]
fn firmware_in_the_dictionary_is_found_by_maker_and_model() {
    let firmware = "cpe:2.3:o:bd:alaris_pcu_firmware:*:*:*:*:*:*:*:*";
    let to = |version: &str| Bound::Including(version.into());
    let firmware = |version| {
        let hardware = cpe_match("cpe:2.3:h:bd:alaris_pcu:-:*:*:*:*:*:*:*", false, Bound::Open);
        by_cpe(Configuration::All(vec![cpe_match(firmware, true, to(version)), hardware]))
    };
    check(
        pump().tells(Feed::Nvd, "CVE-1", firmware("12.2")),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
    check(
        pump().tells(Feed::Nvd, "CVE-1", firmware("12.0")),
        "BD Alaris PCU 12.1.2 CVE-1 not_affected strong match.version-outside;",
    );
}

#[test]
fn a_windows_of_unknown_build_is_undecided() {
    let update = "cpe:2.3:o:microsoft:windows_10_1809:*:*:*:*:*:*:*:*";
    let before = Bound::Excluding("10.0.17763.9999".into());
    let ward = Ward::default().device("BD", "Alaris PCU", "12.1.2").running("Windows 10");
    check(
        ward.tells(Feed::Nvd, "CVE-1", by_cpe(cpe_match(update, true, before))),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-unknown;",
    );
}

fn with_windows(name: &str) -> Ward {
    let cpe = Cpe::parse(name).expect(name);
    let component = Component { name: "Windows".into(), cpes: vec![cpe], ..Component::default() };
    pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![component])
}

#[test]
fn a_range_beside_a_cpe_name_goes_before_the_version_in_the_name() {
    // Windows' own records name the mended build in the CPE name, and the affected range beside it.
    let mended = "cpe:2.3:o:microsoft:windows_10_1809:10.0.17763.2029:*:*:*:*:*:x64:*";
    let windows = Product {
        cpes: vec![Cpe::parse(mended).expect(mended)].into(),
        ..product("Microsoft", "Windows 10 Version 1809", text(">= 10.0.0, < 10.0.17763.2029"))
    };
    let record = || vec![says(Status::Affected, windows.clone())];
    let build = |build: &str| mended.replace("2029", build);
    check(
        with_windows(&build("1518")).tells(Feed::Cve, "CVE-1", record()),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;",
    );
    check(with_windows(mended).tells(Feed::Cve, "CVE-1", record()), "");
    check(with_windows(&build("2114")).tells(Feed::Cve, "CVE-1", record()), "");
}

#[test]
fn names_that_both_have_no_version_are_told_apart_by_their_update() {
    let first = "cpe:2.3:o:microsoft:windows_7:-:sp1:*:*:*:*:*:*";
    let named = || by_cpe(cpe_match(first, true, Bound::Open));
    let tells = |name: &str| with_windows(name).tells(Feed::Nvd, "CVE-1", named());
    check(tells(first), "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;");
    check(
        tells(&first.replace("sp1", "*")),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-unknown;",
    );
    check(tells(&first.replace("sp1", "sp2")), "");
    let build = first.replace("-:sp1", "6.1.7601:*");
    check(tells(&build), "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-not-named;");
}

#[test]
fn a_distributions_number_is_not_that_of_its_kernel() {
    let kernel = "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*";
    let before = || by_cpe(cpe_match(kernel, true, Bound::Excluding("8.0".into())));
    let ward = |system| Ward::default().device("BD", "Alaris PCU", "12.1.2").running(system);
    check(ward("Red Hat Enterprise Linux 7.9").tells(Feed::Nvd, "CVE-1", before()), "");
    check(
        ward("Linux 4.14").tells(Feed::Nvd, "CVE-1", before()),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_system_without_a_version_gives_way_to_the_sbom_that_tells_it() {
    let kernel = |version: &str| Component {
        name: "Linux kernel".into(),
        version: Some(version.into()),
        supplier: Some("Linux".into()),
        ..Component::default()
    };
    let any = "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*";
    let before = by_cpe(cpe_match(any, true, Bound::Excluding("5.8".into())));
    let ward = || Ward::default().device("BD", "Alaris PCU", "12.1.2").running("Linux");
    check(
        ward().tells(Feed::Nvd, "CVE-1", before.clone()),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-unknown;",
    );
    let of = ("BD", "Alaris PCU", "12.1.2");
    let with = |version| ward().sbom(of, vec![kernel(version)]);
    check(with("5.10").tells(Feed::Nvd, "CVE-1", before.clone()), "");
    check(
        with("5.4").tells(Feed::Nvd, "CVE-1", before),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_package_is_found_by_the_source_that_it_was_built_from() {
    let purl = "pkg:deb/debian/libssl1.1@1.1.1n-0+deb11u4?distro=bullseye&upstream=openssl";
    let library = Component {
        name: "libssl1.1".into(),
        version: Some("1.1.1n-0+deb11u4".into()),
        purl: Purl::parse(purl).ok(),
        ..Component::default()
    };
    let ward = pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![library]);
    check(
        ward.tells(Feed::Osv, "CVE-1", package("debian-11", "1.1.1n-0+deb11u5")),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact match.package-in-range;",
    );
}

#[test]
fn a_component_of_unknown_distribution_is_undecided_not_clear() {
    let purl = "pkg:deb/debian/openssl@1.1.1n-0+deb11u4?distro=debian-testing";
    let component = Component { purl: Purl::parse(purl).ok(), ..openssl("1.1.1n-0+deb11u4") };
    let ward = pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![component]);
    check(
        ward.tells(Feed::Osv, "CVE-1", package("debian-11", "1.1.1n-0+deb11u5")),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.distribution-unknown;",
    );
}

#[test]
fn units_of_unknown_version_are_undecided_by_the_sboms_of_their_model() {
    let ward = Ward::default()
        .device("BD", "Alaris PCU", "")
        .sbom(("BD", "Alaris PCU", "12.1.2"), vec![openssl("1.1.1n-0+deb11u4")]);
    check(
        ward.tells(Feed::Osv, "CVE-1", package("debian-11", "1.1.1n-0+deb11u5")),
        "BD Alaris PCU CVE-1 undecided weak sbom.release-version-unknown;\
         BD Alaris PCU 12.1.2 CVE-1 affected exact match.package-in-range;",
    );
}

#[test]
fn a_makers_statement_needs_no_advisory_to_accuse() {
    let own = product("BD", "Alaris PCU", Versions::One("12.1.2".into()));
    check(
        pump().states("CVE-1", Status::Affected, own.clone()),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact statement.affected;",
    );
    check(
        pump().states("CVE-1", Status::UnderInvestigation, own.clone()),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak statement.under-investigation;",
    );
    check(pump().states("CVE-1", Status::NotAffected, own), "");
}

#[test]
fn that_a_maker_looks_into_it_lowers_nothing() {
    let own = product("BD", "Alaris PCU", Versions::All);
    check(
        pump().tells(Feed::Csaf, "CVE-1", named("BD", "Alaris PCU", "<= 12.2")).states(
            "CVE-1",
            Status::UnderInvestigation,
            own,
        ),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
}

#[test]
fn a_component_cleared_at_one_version_is_not_at_another() {
    let ward = |cleared: &str| {
        let meant = Product {
            name: "openssl".into(),
            versions: vec![Versions::One(cleared.into())],
            ..Product::default()
        };
        let own = Product {
            component: Some(Arc::new(meant)),
            ..product("BD", "Alaris PCU", Versions::All)
        };
        pump()
            .sbom(("BD", "Alaris PCU", "12.1.2"), vec![openssl("1.1.1n-0+deb11u4")])
            .tells(Feed::Osv, "CVE-1", package("debian-11", "1.1.1n-0+deb11u5"))
            .states("CVE-1", Status::NotAffected, own)
    };
    check(
        ward("1.1.1n-0+deb11u4"),
        "BD Alaris PCU 12.1.2 CVE-1 not_affected exact statement.not-affected;",
    );
    check(
        ward("1.1.1k-0+deb11u1"),
        "BD Alaris PCU 12.1.2 CVE-1 affected exact match.package-in-range;",
    );
}

#[test]
fn a_statement_without_a_maker_about_one_plain_word_clears_nobody() {
    let ward = Ward::default().device("BD", "Alaris", "12.1.2").tells(
        Feed::Csaf,
        "CVE-1",
        named("BD", "Alaris", "<= 12.2"),
    );
    let anybody = Product { vendor: None, ..product("", "Alaris", Versions::All) };
    check(
        ward.states("CVE-1", Status::NotAffected, anybody),
        "BD Alaris 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
}

/// A pump with an openssl of the supplier, without a CPE name.
fn with_supplied(supplier: Option<&str>) -> Ward {
    let mut ward = with_cpe("1.0.3");
    for fact in &mut ward.facts {
        if let Fact::Sbom(sbom) = fact {
            let purl = Purl::parse("pkg:generic/openssl@1.0.3").ok();
            let supplier = supplier.map(Into::into);
            let component = Component { purl, cpes: vec![], supplier, ..sbom.components.remove(0) };
            sbom.components.push(component);
        }
    }
    ward
}

#[test]
fn an_identifier_that_excludes_goes_before_a_bare_name_and_before_nothing_else() {
    let included = |supplier| {
        with_supplied(supplier).tells(Feed::Cve, "CVE-1", named("OpenSSL", "OpenSSL", "<= 3"))
    };
    let excluded = |ward: Ward| {
        let range = VersionRange {
            scheme: Scheme::Generic,
            from: Bound::Open,
            to: Bound::Excluding("1.0.3".into()),
        };
        let target = Target::from(Package {
            purl: Purl::parse("pkg:generic/openssl").expect("a purl"),
            versions: vec![Versions::Range(range)],
        });
        ward.tells(Feed::Osv, "CVE-1", vec![says(Status::Affected, target)])
    };
    let affected = "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;";
    check(included(Some("OpenSSL")), affected);
    check(excluded(included(Some("OpenSSL"))), affected);
    check(included(None), "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.vendor-unknown;");
    check(excluded(included(None)), "");
}

#[test]
fn a_document_that_names_no_version_gives_way_to_one_that_does() {
    let any = || by_cpe(cpe_match("cpe:2.3:a:openssl:openssl:-:*:*:*:*:*:*:*", true, Bound::Open));
    check(
        with_cpe("1.0.3").tells(Feed::Cve, "CVE-1", any()),
        "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-not-named;",
    );
    let name = "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*";
    let before = |to: &str| by_cpe(cpe_match(name, true, Bound::Excluding(to.into())));
    let both = |to| {
        with_cpe("1.0.3").tells(Feed::Cve, "CVE-1", any()).tells(Feed::Nvd, "CVE-1", before(to))
    };
    check(both("1.0.3"), "");
    check(both("1.0.4"), "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;");
}

#[test]
fn a_record_without_identifiers_finds_a_component_by_the_words_of_its_cpe() {
    check(
        with_cpe("1.0.3").tells(Feed::Cve, "CVE-1", named("OpenSSL", "OpenSSL", "< 1.0.4")),
        "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;",
    );
    check(with_cpe("1.0.3").tells(Feed::Cve, "CVE-1", named("Other", "OpenSSL", "< 1.0.4")), "");
}

#[test]
fn an_irrelevant_advisory_changes_nothing() {
    let ward =
        || {
            with_cpe("1.0.2")
                .tells(Feed::Csaf, "CVE-1", named("BD", "Alaris PCU", "<= 12.2"))
                .tells(Feed::Nvd, "CVE-2", by_cpe(any_openssl()))
        };
    let before = ward().judged();
    let others = [
        named("BD", "Alaris GS", "vers:all/*"),
        named("Baxter", "Alaris PCU", "vers:all/*"),
        named("OpenSSH", "OpenSSH", "vers:all/*"),
        by_cpe(cpe_match("cpe:2.3:a:openssh:openssl:*:*:*:*:*:*:*:*", true, Bound::Open)),
        by_cpe(cpe_match("cpe:2.3:a:openssl:openssl_gui:*:*:*:*:*:*:*:*", true, Bound::Open)),
        package("debian-11", "9"),
    ];
    for other in others {
        let after = ward().tells(Feed::Cve, "CVE-3", other.clone()).judged();
        assert_eq!(before, after, "{other:?}");
    }
}
