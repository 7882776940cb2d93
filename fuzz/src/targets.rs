//! What each fuzz target does with its bytes; the seeds run through the same functions in
//! `cargo test`.
//!
//! A reader must not panic, must not hang, and must keep the law of conservation.

use domain::fact::Reading;
use domain::problem::Problems;
use sources::advisory::{csaf, cve, epss, kev, nvd, openvex, osv};
use sources::inventory::{self, fhir, releases, rows, sheet};
use sources::json::Json;
use sources::sbom::{cyclonedx, spdx};
use sources::table::Table;
use sources::xml::Xml;
use sources::{format, text, yaml};

/// A target: its name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: [Target; 19] = [
    ("csaf", |bytes| of_json(bytes, csaf::read)),
    ("cve", |bytes| of_json(bytes, cve::read)),
    ("cyclonedx_json", |bytes| {
        of_json(bytes, |json| {
            let _ = cyclonedx::check_json(json);
            cyclonedx::read_json(json)
        })
    }),
    ("cyclonedx_xml", |bytes| {
        of_text(bytes, |text| {
            let xml = Xml::parse(text);
            let _ = cyclonedx::check_xml(&xml);
            cyclonedx::read_xml(&xml)
        })
    }),
    ("epss", |bytes| of_text(bytes, epss::read)),
    ("fhir", |bytes| of_json(bytes, fhir::read)),
    ("inventory", |bytes| of_text(bytes, |text| table(text, rows::read))),
    ("kev", |bytes| of_json(bytes, kev::read)),
    ("kev_csv", |bytes| of_text(bytes, kev::read_csv)),
    ("nvd", |bytes| of_json(bytes, nvd::read)),
    ("openvex", |bytes| of_json(bytes, openvex::read)),
    ("osv", |bytes| of_json(bytes, osv::read)),
    ("recognise", |bytes| conserves(&format::read(bytes).reading)),
    ("releases", |bytes| of_text(bytes, |text| table(text, releases::read))),
    ("spdx_json", |bytes| {
        of_json(bytes, |json| {
            let _ = spdx::check_json(json);
            spdx::read_json(json)
        })
    }),
    ("spdx_tag_value", |bytes| {
        of_text(bytes, |text| {
            let _ = spdx::check_tag_value(text);
            spdx::read_tag_value(text)
        })
    }),
    ("spdx_three", |bytes| {
        of_json(bytes, |json| {
            let _ = spdx::check_three(json);
            spdx::read_three(json)
        })
    }),
    ("spreadsheet", |bytes| conserves(&sheet::read(bytes))),
    ("yaml", |bytes| {
        of_text(bytes, |text| {
            let json = yaml::to_json(text).unwrap_or_default();
            let json = Json::parse(&json);
            assert!(json.len() <= 1 || json.damage().is_none(), "{:?}", json.damage());
            osv::read(&json)
        })
    }),
];

fn table(text: &str, read: impl Fn(&Table<'_>) -> Reading) -> Reading {
    inventory::open(text).map(|table| read(&table)).unwrap_or_default()
}

fn of_text(bytes: &[u8], read: impl Fn(&str) -> Reading) {
    conserves(&read(&text::decode(bytes, &mut Problems::default())));
}

fn of_json(bytes: &[u8], read: impl Fn(&Json<'_>) -> Reading) {
    let text = text::decode(bytes, &mut Problems::default());
    conserves(&read(&Json::parse(&text)));
}

fn conserves(reading: &Reading) {
    assert!(
        reading.conserves(),
        "{} seen, {} made, {} lost: {:?}",
        reading.records_seen,
        reading.records_made,
        reading.problems.records_lost(),
        reading.problems.listed().first(),
    );
}
