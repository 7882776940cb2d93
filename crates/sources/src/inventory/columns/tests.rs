//! That each name means one thing, and what tables of several systems mean.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use std::collections::HashSet;
use std::fmt::Write as _;

use domain::device::Use;
use domain::text::Text;
use expect_test::{Expect, expect, expect_file};

use super::{Columns, context_names, fold, known, names, words};
use crate::inventory::releases;

#[expect(clippy::needless_pass_by_value, reason = "expect! makes a value")]
#[track_caller]
fn check(header: &[&str], expected: Expect) {
    let header: Vec<Text> = header.iter().copied().map(Text::from).collect();
    let columns = Columns::of(&header);
    let mut shown: Vec<(usize, String)> = columns
        .meanings
        .iter()
        .map(|m| (m.column, format!("{}: {:?}, {:?}", header[m.column], m.field, m.certainty)))
        .chain(columns.others.iter().map(|column| (*column, header[*column].to_string())))
        .collect();
    shown.sort();
    let lines: Vec<String> = shown.into_iter().map(|(_, line)| line).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn each_name_means_exactly_one_field() {
    let mut seen = HashSet::new();
    let plain = names().flat_map(|(_, names)| names);
    let context = context_names().flat_map(|(names, _)| names);
    for name in plain.chain(context) {
        assert!(seen.insert(fold(name)), "{name} stands twice");
        assert!(known(name));
    }
}

#[test]
fn each_word_means_exactly_one_value() {
    let criticalities: Vec<&str> =
        words::CRITICALITIES.iter().flat_map(|(_, words)| *words).copied().collect();
    let uses: Vec<&str> = words::USES.iter().flat_map(|(_, words)| *words).copied().collect();
    for table in [criticalities, uses] {
        let mut seen = HashSet::new();
        for word in table {
            assert!(seen.insert(fold(word)), "{word} stands twice");
        }
    }
}

/// The part of the reference page that is made from the tables.
fn page_tables() -> String {
    let mut page = String::from("| field | column names, the most telling first |\n|---|---|\n");
    for (field, names) in names() {
        let _ = writeln!(page, "| {} | {} |", field.text(), names.join(", "));
    }
    page.push_str(
        "\n| these names | mean the first of these that no other column means |\n|---|---|\n",
    );
    for (names, fields) in context_names() {
        let fields: Vec<&str> = fields.iter().map(|field| field.text()).collect();
        let _ = writeln!(page, "| {} | {} |", names.join(", "), fields.join(", "));
    }
    page.push_str("\n| criticality | words |\n|---|---|\n");
    for (criticality, words) in words::CRITICALITIES {
        let _ = writeln!(page, "| {criticality} | {} |", words.join(", "));
    }
    page.push_str("\n| use | words |\n|---|---|\n");
    for (usage, words) in words::USES {
        let name = if *usage == Use::InUse { "in use" } else { "not in use" };
        let _ = writeln!(page, "| {name} | {} |", words.join(", "));
    }
    let blanks = words::BLANKS.join(", ");
    let _ =
        writeln!(page, "\nRead as not known, and left out: {blanks}, and dashes or dots alone.");
    page.push_str("\n| `releases.csv` | column names |\n|---|---|\n");
    let _ = writeln!(page, "| SBOM | {} |", releases::SBOM_NAMES.join(", "));
    let _ = writeln!(page, "| identifiers | {} |", releases::IDENTIFIER_NAMES.join(", "));
    page
}

/// Run with `UPDATE_EXPECT=1` to bring the page up to date.
#[test]
fn the_reference_page_lists_every_name_and_word() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/inventory.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let begin = "<!-- made from the tables in crates/sources: begin -->\n";
    let end = "<!-- end -->\n";
    let (before, rest) = page.split_once(begin).expect("where the tables begin");
    let (_, after) = rest.split_once(end).expect("where the tables end");
    let wanted = format!("{before}{begin}{}{end}{after}", page_tables());
    expect_file![path].assert_eq(&wanted);
}

#[test]
fn names_are_compared_without_case_accents_punctuation_and_brackets() {
    for name in ["SERIAL_NUMBER", "serialNumber", " Serial-Number ", "Serial Number (mfr)"] {
        assert_eq!(fold(name), "serialnumber");
    }
    assert_eq!(fold("Gerätenummer"), fold("GERAETENUMMER"));
    assert_eq!(fold("N° de série"), fold("n de serie"));
    assert_eq!(fold("(ID)"), "id");
    assert_eq!(fold(")("), "");
}

#[test]
fn a_claroty_export_is_understood() {
    check(
        &[
            "device_uid",
            "device_asset_id",
            "device_name",
            "device_type",
            "device_manufacturer",
            "device_model",
            "device_mac_list",
            "device_ip_list",
            "device_combined_os",
            "device_os_version",
            "device_software_or_firmware_version",
            "device_site_name",
            "device_cmms_department",
            "device_cmms_room",
            "device_cmms_asset_tag",
            "device_consequence_of_failure",
            "device_retired",
            "device_risk_score",
            "device_serial_number",
            "device_os_eol_date",
            "device_cmms_location",
        ],
        expect![[r#"
            device_uid: Id, Named
            device_asset_id: Id, Named
            device_name
            device_type
            device_manufacturer: Manufacturer, Named
            device_model: Model, Named
            device_mac_list: Mac, Named
            device_ip_list: Ip, Named
            device_combined_os: OperatingSystem, Named
            device_os_version: OperatingSystemVersion, Named
            device_software_or_firmware_version: Version, Named
            device_site_name: Site, Named
            device_cmms_department: Unit, Named
            device_cmms_room: Room, Named
            device_cmms_asset_tag: Id, Named
            device_consequence_of_failure: Criticality, Context
            device_retired: Retired, Named
            device_risk_score
            device_serial_number: Serial, Named
            device_os_eol_date
            device_cmms_location"#]],
    );
}

#[test]
fn what_a_name_means_by_context_depends_on_its_neighbours() {
    check(
        &["Name", "Vendor", "Type", "Location", "Status"],
        expect![[r#"
        Name: Name, Context
        Vendor: Manufacturer, Context
        Type: Model, Context
        Location: Room, Context
        Status: Usage, Context"#]],
    );
    check(
        &["Asset tag", "Name", "Vendor", "Manufacturer", "Type", "Model", "Location", "Room"],
        expect![[r#"
            Asset tag: Id, Named
            Name
            Vendor
            Manufacturer: Manufacturer, Named
            Type
            Model: Model, Named
            Location: Unit, Context
            Room: Room, Named"#]],
    );
}

#[test]
fn a_table_of_other_things_is_no_inventory() {
    let tells = |header: &[&str]| {
        let header: Vec<Text> = header.iter().copied().map(Text::from).collect();
        Columns::of(&header).tell_devices()
    };
    assert!(tells(&["ID", "Manufacturer", "Model"]));
    assert!(tells(&["Serial number", "Model"]));
    assert!(tells(&["MAC", "IP"]));
    assert!(tells(&["Name", "Manufacturer", "Model"]));
    assert!(!tells(&["cve", "epss", "percentile"]));
    assert!(!tells(&["ID", "Name", "Status"]));
    assert!(!tells(&["manufacturer", "model", "version", "sbom"]));
    assert!(!tells(&["Serial"]));
    assert!(!tells(&["Name", "Type", "Location"]));
    assert!(!tells(&[]));
}
