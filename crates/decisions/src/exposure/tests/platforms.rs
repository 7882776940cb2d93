//! Software that is meant on one platform only (CSAF `installed_on`, `installed_with`).

use std::sync::Arc;

use domain::advisory::{Feed, Product, Status, Versions};
use domain::component::Component;
use domain::cpe::Cpe;

use super::{Ward, check, named, product, pump, says, text};

const AFFECTED: &str = "BD Alaris PCU 12.1.2 CVE-1 affected strong match.name-in-range;";
const CLEARED: &str = "BD Alaris PCU 12.1.2 CVE-1 not_affected strong statement.not-affected;";
const UNDECIDED: &str = "BD Alaris PCU 12.1.2 CVE-1 undecided weak match.platform-unknown;";

fn on(platform: Product, software: Product) -> Product {
    Product { platform: Some(Arc::new(platform)), ..software }
}

fn agent(versions: &str) -> Product {
    product("Acme", "Remote Agent", text(versions))
}

fn any(vendor: &str, name: &str) -> Product {
    Product { versions: vec![], ..product(vendor, name, Versions::All) }
}

/// A pump that holds the software.
fn with_agent() -> Ward {
    let agent = Component {
        name: "Remote Agent".into(),
        version: Some("2.0".into()),
        supplier: Some("Acme".into()),
        ..Component::default()
    };
    pump().sbom(("BD", "Alaris PCU", "12.1.2"), vec![agent])
}

fn affected(ward: Ward, product: Product) -> Ward {
    ward.tells(Feed::Csaf, "CVE-1", vec![says(Status::Affected, product)])
}

#[test]
fn software_on_this_very_device_is_decided_by_its_version_in_the_sbom() {
    let device = || product("BD", "Alaris PCU", Versions::One("12.1.2".into()));
    check(affected(with_agent(), on(device(), agent("< 2.1"))), AFFECTED);
    check(affected(with_agent(), on(device(), agent("< 2.0"))), "");
    check(affected(with_agent(), on(any("BD", "Alaris PCU"), agent("< 2.1"))), AFFECTED);
}

#[test]
fn software_on_another_version_of_the_device_is_not_meant() {
    let other = product("BD", "Alaris PCU", Versions::One("12.1.3".into()));
    check(affected(with_agent(), on(other, agent("< 2.1"))), "");
}

#[test]
fn software_on_a_device_that_is_not_stated_is_undecided_and_says_which() {
    let ward = || affected(with_agent(), on(any("Moxa", "NPort 5110"), agent("< 2.1")));
    check(ward(), UNDECIDED);
    let shown = ward().sentences();
    assert!(shown.contains("it holds only on Moxa NPort 5110, and whether BD Alaris PCU 12.1.2"));
}

#[test]
fn a_device_that_is_the_platform_is_undecided_where_nobody_lists_the_software() {
    check(affected(pump(), on(any("BD", "Alaris PCU"), agent("< 2.1"))), UNDECIDED);
    check(affected(pump(), on(any("BD", "Alaris GS"), agent("< 2.1"))), "");
    let shown = affected(pump(), on(any("BD", "Alaris PCU"), agent("< 2.1"))).sentences();
    assert!(shown.contains("whether BD Alaris PCU 12.1.2 runs Acme Remote Agent"), "{shown}");
}

#[test]
fn software_that_the_inventory_states_is_placed_by_its_version_there() {
    let ward = |system| Ward::default().device("BD", "Alaris PCU", "12.1.2").running(system);
    let said = || on(any("BD", "Alaris PCU"), agent("< 2.1"));
    let weak = AFFECTED.replace("strong", "weak");
    check(affected(ward("Remote Agent v2.0"), said()), &weak);
    let outside = "BD Alaris PCU 12.1.2 CVE-1 not_affected weak match.version-outside;";
    check(affected(ward("Remote Agent 2.1"), said()), outside);
    check(affected(ward("Remote Agent"), said()), UNDECIDED);
}

#[test]
fn firmware_of_the_device_itself_has_the_devices_version() {
    let firmware = |versions: &str| product("BD", "Firmware", text(versions));
    let said = |versions| on(any("BD", "Alaris PCU"), firmware(versions));
    check(affected(pump(), said("<= 12.1.2")), &AFFECTED.replace("strong", "weak"));
    let outside = "BD Alaris PCU 12.1.2 CVE-1 not_affected weak match.version-outside;";
    check(affected(pump(), said("<= 12.1.1")), outside);
}

#[test]
fn software_that_is_the_release_is_decided_by_the_system_that_it_runs_on() {
    let ward = |system| Ward::default().device("BD", "Alaris PCU", "12.1.2").running(system);
    let own =
        |name: &str| on(any("Microsoft", name), product("BD", "Alaris PCU", text("<= 12.1.2")));
    check(affected(ward("Windows 10"), own("Windows 10")), AFFECTED);
    check(affected(ward("Windows 10"), own("Windows")), AFFECTED);
    check(affected(ward("Windows 10"), own("Windows 7")), UNDECIDED);
    check(affected(pump(), own("Windows 10")), UNDECIDED);
    let outside = "BD Alaris PCU 12.1.2 CVE-1 not_affected strong match.version-outside;";
    check(affected(ward("Linux 4.14"), own("Windows 10")), outside);
}

#[test]
fn the_version_of_a_hardware_is_not_that_of_its_software() {
    let hardware = Product {
        cpes: vec![Cpe::parse("cpe:2.3:h:bd:alaris_pcu:2:*:*:*:*:*:*:*").expect("a CPE name")]
            .into(),
        ..product("BD", "Alaris PCU", Versions::One("2".into()))
    };
    check(affected(with_agent(), on(hardware, agent("< 2.1"))), UNDECIDED);
}

#[test]
fn what_is_cleared_on_one_platform_is_not_cleared_on_another() {
    let ward = |platform: Product| {
        let record = named("Acme", "Remote Agent", "< 2.1");
        let cleared = says(Status::NotAffected, on(platform, agent("< 2.1")));
        let ward = with_agent().tells(Feed::Cve, "CVE-1", record);
        ward.tells(Feed::Csaf, "CVE-1", vec![cleared]).because("code_not_present")
    };
    check(ward(any("BD", "Alaris PCU")), CLEARED);
    check(ward(any("Moxa", "NPort 5110")), AFFECTED);
    check(ward(product("BD", "Alaris PCU", Versions::One("13".into()))), AFFECTED);
}
