//! CPE names as the dictionary has them: vendors of one name, updates written in two ways, versions
//! that are none.

use domain::advisory::{Affected, Bound, Configuration, Feed, Package, Product, Status, Versions};
use domain::component::Component;
use domain::cpe::Cpe;
use domain::location::Location;
use domain::purl::Purl;

use super::{Ward, by_cpe, check, cpe_match, pump};

const AFFECTED: &str = "BD Alaris PCU 12.1.2 CVE-1 affected exact match.cpe-in-range;";
const UNDECIDED: &str = "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-unknown;";
const INCOMPARABLE: &str =
    "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.versions-not-comparable;";
const UNREAD: &str = "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.version-text-unread;";
const ELSEWHERE: &str = "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.platform-unknown;";

fn with(name: &str) -> Ward {
    pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![part(name)])
}

fn part(name: &str) -> Component {
    let cpe = Cpe::parse(name).expect(name);
    Component { name: "part".into(), cpes: vec![cpe], ..Component::default() }
}

#[track_caller]
fn told(bears: &str, says: Configuration, expected: &str) {
    check(with(bears).tells(Feed::Nvd, "CVE-1", by_cpe(says)), expected);
}

#[test]
fn of_two_vendors_in_one_configuration_each_has_its_own_versions() {
    let one = |name: &str| cpe_match(name, true, Bound::Open);
    let both = || {
        Configuration::Any(vec![
            one("cpe:2.3:a:apache:http_server:1.3.28:*:*:*:*:*:*:*"),
            one("cpe:2.3:a:ibm:http_server:1.3.19:*:*:*:*:*:*:*"),
        ])
    };
    told("cpe:2.3:a:ibm:http_server:1.3.28:*:*:*:*:*:*:*", both(), "");
    told("cpe:2.3:a:ibm:http_server:1.3.19:*:*:*:*:*:*:*", both(), AFFECTED);
    told("cpe:2.3:a:apache:http_server:1.3.28:*:*:*:*:*:*:*", both(), AFFECTED);
    told("cpe:2.3:a:apache:http_server:1.3.19:*:*:*:*:*:*:*", both(), "");
}

#[test]
fn an_update_is_the_same_with_a_stroke_and_without() {
    let limit = || Bound::Including("1.6.0".into());
    let upto = || cpe_match("cpe:2.3:a:sun:jre:*:update_27:*:*:*:*:*:*", true, limit());
    told("cpe:2.3:a:sun:jre:1.6.0:update26:*:*:*:*:*:*", upto(), AFFECTED);
    told("cpe:2.3:a:sun:jre:1.6.0:update_26:*:*:*:*:*:*", upto(), AFFECTED);
    told("cpe:2.3:a:sun:jre:1.6.0:update28:*:*:*:*:*:*", upto(), "");
    told("cpe:2.3:a:sun:jre:1.6.0:*:*:*:*:*:*:*", upto(), UNDECIDED);
    // The limit may be written shorter in the name that is borne.
    told("cpe:2.3:a:sun:jre:1.6:*:*:*:*:*:*:*", upto(), UNDECIDED);
    told("cpe:2.3:a:sun:jre:1.6:update_28:*:*:*:*:*:*", upto(), "");
    let single = || cpe_match("cpe:2.3:a:sun:jre:1.6.0:update_1:*:*:*:*:*:*", true, Bound::Open);
    told("cpe:2.3:a:sun:jre:1.6.0:update1:*:*:*:*:*:*", single(), AFFECTED);
    told("cpe:2.3:a:sun:jre:1.6.0:update2:*:*:*:*:*:*", single(), "");
}

#[test]
fn a_version_that_stands_there_letter_by_letter_is_meant() {
    let listed = || cpe_match("cpe:2.3:a:avaya:iq:5.2.x:*:*:*:*:*:*:*", true, Bound::Open);
    told("cpe:2.3:a:avaya:iq:5.2.x:*:*:*:*:*:*:*", listed(), AFFECTED);
    let name = "cpe:2.3:a:hpe:hpux-ntp:*:*:*:*:*:*:*:*";
    let before = |to: Bound| cpe_match(name, true, to);
    let own = "cpe:2.3:a:hpe:hpux-ntp:b.11.31:*:*:*:*:*:*:*";
    told(own, before(Bound::Including("b.11.31".into())), AFFECTED);
    told(own, before(Bound::Excluding("b.11.31".into())), "");
}

#[test]
fn a_branch_is_meant_where_it_is_listed() {
    let listed = |version: &str| {
        let purl = Purl::new("pypi", None, "pywps").expect("a purl");
        let package = Package { purl, versions: vec![Versions::One(version.into())] };
        vec![Affected {
            status: Status::Affected,
            justification: None,
            target: package.into(),
            at: Location::whole(),
        }]
    };
    let at = |version: &str| {
        let purl = Purl::parse("pkg:pypi/pywps").expect("a purl");
        let purl = purl.with_version(version).expect("a purl");
        let component =
            Component { name: "pywps".into(), purl: Some(purl), ..Component::default() };
        pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![component])
    };
    let branch = || at("trunk");
    let affected = AFFECTED.replace("cpe-in-range", "package-in-range");
    check(branch().tells(Feed::Osv, "CVE-1", listed("trunk")), &affected);
    check(branch().tells(Feed::Osv, "CVE-1", listed("4.0")), UNDECIDED);
    check(at("latest").tells(Feed::Osv, "CVE-1", listed("latest")), UNDECIDED);
}

#[test]
fn a_program_that_is_named_after_its_system_is_no_system() {
    let both = Configuration::All(vec![
        cpe_match("cpe:2.3:o:microsoft:windows_2000:*:*:*:*:*:*:*:*", true, Bound::Open),
        cpe_match("cpe:2.3:a:microsoft:windows_media_encoder:9:*:*:*:*:*:*:*", true, Bound::Open),
    ]);
    told("cpe:2.3:o:microsoft:windows_2000:-:sp4:*:*:*:*:*:*", both, ELSEWHERE);
}

#[test]
fn a_part_of_an_and_that_names_another_version_beside_a_platform_asks_for_the_platform() {
    let one = |version: &str| {
        let name = format!("cpe:2.3:a:vmware:player:{version}:*:*:*:*:*:*:*");
        cpe_match(&name, true, Bound::Open)
    };
    let linux = cpe_match("cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*", false, Bound::Open);
    let both = Configuration::All(vec![
        Configuration::Any(vec![one("2.5"), one("2.5.1")]),
        Configuration::Any(vec![one("2.5.3"), linux]),
    ]);
    let player = |version: &str| format!("cpe:2.3:a:vmware:player:{version}:*:*:*:*:*:*:*");
    told(&player("2.5.1"), both.clone(), ELSEWHERE);
    told(&player("2.6"), both, "");
}

#[test]
fn the_version_before_its_updates_is_not_known_to_be_ours_where_we_leave_the_update_open() {
    let named = || cpe_match("cpe:2.3:a:oracle:openjdk:1.7.0:-:*:*:*:*:*:*", true, Bound::Open);
    told("cpe:2.3:a:oracle:openjdk:1.7.0:*:*:*:*:*:*:*", named(), UNDECIDED);
    told("cpe:2.3:a:oracle:openjdk:1.7.0:-:*:*:*:*:*:*", named(), AFFECTED);
    told("cpe:2.3:a:oracle:openjdk:1.7.0:update2:*:*:*:*:*:*", named(), "");
    told("cpe:2.3:a:oracle:openjdk:1.7.1:*:*:*:*:*:*:*", named(), "");
}

#[test]
fn a_service_pack_that_a_platform_asks_for_has_to_be_known() {
    let both = || {
        Configuration::All(vec![
            cpe_match("cpe:2.3:a:microsoft:internet_explorer:6.0:*:*:*:*:*:*:*", true, Bound::Open),
            cpe_match("cpe:2.3:o:microsoft:windows_xp:*:sp2:*:*:*:*:*:*", false, Bound::Open),
        ])
    };
    let explorer = || part("cpe:2.3:a:microsoft:internet_explorer:6.0:*:*:*:*:*:*:*");
    for (system, expected) in [
        ("Windows XP", UNDECIDED),
        ("Windows XP SP2", AFFECTED),
        ("Windows XP Service Pack 3", ""),
        ("Windows 7 SP2", ""),
    ] {
        let ward = pump().running(system).sbom(("BD", "Alaris PCU", "12.1.2"), vec![explorer()]);
        check(ward.tells(Feed::Nvd, "CVE-1", by_cpe(both())), expected);
    }
}

#[test]
fn one_feature_update_of_a_windows_is_another_system_than_the_next() {
    let both = |system: &str| {
        let system = format!("cpe:2.3:o:microsoft:{system}:-:*:*:*:*:*:*:*");
        Configuration::All(vec![
            cpe_match("cpe:2.3:a:acme:sync:1.0:*:*:*:*:*:*:*", true, Bound::Open),
            cpe_match(&system, false, Bound::Open),
        ])
    };
    let on = |system: &str| {
        let system = format!("cpe:2.3:o:microsoft:{system}:-");
        let own = ["cpe:2.3:a:acme:sync:1.0", &system];
        let parts = own.map(|name| part(&format!("{name}:*:*:*:*:*:*:*")));
        pump().sbom(("BD", "Alaris PCU", "12.1.2"), parts.to_vec())
    };
    let sync = || on("windows_10_1703");
    check(sync().tells(Feed::Nvd, "CVE-1", by_cpe(both("windows_10_1507"))), "");
    check(sync().tells(Feed::Nvd, "CVE-1", by_cpe(both("windows_10_1703"))), AFFECTED);
    check(sync().tells(Feed::Nvd, "CVE-1", by_cpe(both("windows_10"))), AFFECTED);
    check(on("windows_10").tells(Feed::Nvd, "CVE-1", by_cpe(both("windows_10_1507"))), UNDECIDED);
}

#[test]
fn a_number_that_is_left_open_is_any_number() {
    let one = |version: &str| {
        let name = format!("cpe:2.3:a:avaya:iq:{version}:*:*:*:*:*:*:*");
        cpe_match(&name, true, Bound::Open)
    };
    told("cpe:2.3:a:avaya:iq:5.2.7:*:*:*:*:*:*:*", one("5.2.x"), AFFECTED);
    told("cpe:2.3:a:avaya:iq:5.3.1:*:*:*:*:*:*:*", one("5.2.x"), "");
    told("cpe:2.3:a:avaya:iq:5.7.903:*:*:*:*:*:*:*", one("5.xx.903"), UNREAD);
    told("cpe:2.3:a:avaya:iq:5.7.902:*:*:*:*:*:*:*", one("5.xx.903"), "");
    let upto = |to: Bound| cpe_match("cpe:2.3:a:avaya:iq:*:*:*:*:*:*:*:*", true, to);
    let own = |version: &str| format!("cpe:2.3:a:avaya:iq:{version}:*:*:*:*:*:*:*");
    told(&own("5.2.7"), upto(Bound::Including("5.2.x".into())), AFFECTED);
    told(&own("5.3.0"), upto(Bound::Including("5.2.x".into())), "");
    told(&own("5.2.7"), upto(Bound::Excluding("5.2.x".into())), "");
    told(&own("5.1.9"), upto(Bound::Excluding("5.2.x".into())), AFFECTED);
}

#[test]
fn a_name_does_not_meet_what_its_cpe_name_excludes() {
    let says = |target: &str, platform: Option<&str>| {
        let cpe = format!("cpe:2.3:a:acme:sync:*:*:*:*:*:{target}:*:*");
        let product = Product {
            vendor: Some("acme".into()),
            name: "sync".into(),
            versions: vec![Versions::All],
            cpes: vec![Cpe::parse(&cpe).expect(&cpe)].into(),
            details: platform
                .map(|text| vec![("platform", text.into())])
                .unwrap_or_default()
                .into(),
            ..Product::default()
        };
        let without = Product { cpes: Vec::new().into(), ..product.clone() };
        let product = if platform.is_some() { without } else { product };
        vec![Affected {
            status: Status::Affected,
            justification: None,
            target: product.into(),
            at: Location::whole(),
        }]
    };
    let own = |target: &str| with(&format!("cpe:2.3:a:acme:sync:1.0:*:*:*:*:{target}:*:*"));
    check(own("joomla").tells(Feed::Cve, "CVE-1", says("wordpress", None)), "");
    check(own("joomla").tells(Feed::Cve, "CVE-1", says("joomla", None)), AFFECTED);
    let by_name = "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;";
    check(own("macos").tells(Feed::Cve, "CVE-1", says("*", Some("Windows"))), "");
    check(own("windows").tells(Feed::Cve, "CVE-1", says("*", Some("Windows"))), by_name);
}

#[test]
fn a_zero_in_front_may_make_another_version_of_two_numbers() {
    let own = "cpe:2.3:a:oracle:hospitality_hotel_mobile:1.1:*:*:*:*:*:*:*";
    let one = |version: &str| {
        let name = own.replace("1.1", version);
        cpe_match(&name, true, Bound::Open)
    };
    told(own, one("1.01"), INCOMPARABLE);
    told(own, one("1.05"), "");
    told(own, Configuration::Any(vec![one("1.01"), one("1.1")]), AFFECTED);
    let upto = |limit: &str| {
        let any = own.replace("1.1", "*");
        cpe_match(&any, true, Bound::Including(limit.into()))
    };
    told(own, upto("1.05"), INCOMPARABLE);
    told(own, upto("1.10"), AFFECTED);
    let jre = "cpe:2.3:a:sun:jre:1.3.1_5:*:*:*:*:*:*:*";
    told(jre, cpe_match(&jre.replace("_5", "_05"), true, Bound::Open), AFFECTED);
}

#[test]
fn of_several_doubts_in_one_record_the_nearest_is_told() {
    let one = |rest: &str| {
        let name = format!("cpe:2.3:a:microsoft:office:{rest}:*:*:*:*:*:*");
        cpe_match(&name, true, Bound::Open)
    };
    let office = "cpe:2.3:a:microsoft:office:2003:*:*:*:*:*:*:*";
    told(office, one("xp:*"), UNREAD);
    told(office, Configuration::Any(vec![one("xp:*"), one("2003:sp2")]), UNDECIDED);
    let windows = cpe_match("cpe:2.3:o:microsoft:windows_7:*:*:*:*:*:*:*:*", false, Bound::Open);
    let on_windows = |version: &str| Configuration::All(vec![one(version), windows.clone()]);
    told(office, on_windows("xp:*"), UNREAD);
    told(office, on_windows("2003:*"), ELSEWHERE);
    // Two configurations of one record, in whatever order.
    for (first, second) in [("xp:*", "2003:*"), ("2003:*", "xp:*")] {
        let mut both = by_cpe(on_windows(first));
        both.extend(by_cpe(on_windows(second)));
        check(with(office).tells(Feed::Nvd, "CVE-1", both), ELSEWHERE);
    }
}

#[test]
fn all_platforms_of_which_one_would_do_are_told() {
    let one = |name: &str, vulnerable| {
        let name = format!("cpe:2.3:{name}:*:*:*:*:*:*:*");
        cpe_match(&name, vulnerable, Bound::Open)
    };
    let systems = vec![one("o:apple:macos:*", false), one("o:microsoft:windows:-", false)];
    let both =
        Configuration::All(vec![one("a:adobe:acrobat:11.0.11", true), Configuration::Any(systems)]);
    let ward = with("cpe:2.3:a:adobe:acrobat:11.0.11:*:*:*:*:*:*:*");
    let told = ward.tells(Feed::Nvd, "CVE-1", by_cpe(both)).sentences();
    let words = "it is named on cpe:2.3:o:apple:macos:*:*:*:*:*:*:*:* or \
                 cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*, and whether that is here";
    assert!(told.contains(words), "{told}");
}
