//! Five inventories, as a hospital with a history has them, and the table of releases.

use std::fmt::Write;

use super::lines::{LINES, Line, WARDS, Ward};
use super::sboms;
use super::spreadsheet;
use super::{File, Machine};
use crate::seed::Seed;

/// One unit.
pub(super) struct Unit {
    pub(super) id: String,
    pub(super) line: &'static Line,
    pub(super) ward: &'static Ward,
    version: &'static str,
    serial: String,
    mac: String,
    second_mac: String,
    ip: String,
    room: u64,
    in_use: Usage,
    substitutes: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    InUse,
    Stored,
    Unknown,
}

/// Every unit, in the order of the lines.
pub(super) fn units(seed: u64) -> Vec<Unit> {
    let mut seed = Seed::new(seed);
    let mut units = Vec::new();
    for line in LINES {
        let mut number = 0;
        for (version, ward, count, stored) in line.units {
            for place in 0..*count {
                number += 1;
                let host = units.len() as u64;
                units.push(Unit {
                    id: format!("SB-{ward}-{}-{number:02}", line.prefix),
                    line,
                    ward: WARDS.iter().find(|w| w.code == *ward).expect("invariant: a known ward"),
                    version,
                    serial: format!("{}{:07}", line.prefix, seed.below(10_000_000)),
                    mac: mac(&mut seed),
                    second_mac: mac(&mut seed),
                    ip: format!("10.20.{}.{}", 10 + host / 200, 10 + host % 200),
                    room: 100 + seed.below(60),
                    in_use: match (place >= count - stored, seed.below(12)) {
                        (true, _) => Usage::Stored,
                        (false, 0) => Usage::Unknown,
                        (false, _) => Usage::InUse,
                    },
                    substitutes: (*count - 1).min(8),
                });
            }
        }
    }
    units
}

/// A unit as it is on the network; none where it is in store.
pub(super) fn machine(unit: &Unit) -> Option<Machine> {
    let mut mac = [0; 6];
    for (byte, text) in mac.iter_mut().zip(unit.mac.split(':')) {
        *byte = u8::from_str_radix(text, 16).ok()?;
    }
    let (id, line, address) = (unit.id.clone(), unit.line.prefix, unit.ip.parse().ok()?);
    (unit.in_use != Usage::Stored).then_some(Machine { id, line, mac, address })
}

/// Locally administered, so that it is nobody's.
fn mac(seed: &mut Seed) -> String {
    let digits = seed.digits(10);
    let pairs: Vec<String> =
        (0..5).filter_map(|i| digits.get(i * 2..i * 2 + 2).map(str::to_owned)).collect();
    format!("02:{}", pairs.join(":"))
}

/// Who answers for the inventory of a ward, and in which form it exports it.
fn source(unit: &Unit) -> &'static str {
    match (unit.ward.site, unit.ward.code) {
        ("Riverside", _) => "german",
        (_, "RAD") => "sheet",
        (_, "CAR") => "fhir",
        (_, "LAB") => "lines",
        _ => "platform",
    }
}

pub(super) fn files(units: &[Unit]) -> Vec<File> {
    let of = |name: &str| units.iter().filter(|unit| source(unit) == name).collect::<Vec<_>>();
    vec![
        ("inventory/platform-export.csv".into(), platform(&of("platform")).into_bytes()),
        ("inventory/riverside-geraete.csv".into(), german(&of("german"))),
        ("inventory/radiology.xlsx".into(), sheet(&of("sheet"))),
        ("inventory/cardiology.fhir.json".into(), bundle(&of("fhir")).into_bytes()),
        ("inventory/laboratory.ndjson".into(), lines(&of("lines")).into_bytes()),
        ("releases.csv".into(), releases().into_bytes()),
    ]
}

/// As a device-security platform exports it: commas, quotes, its own column names.
fn platform(units: &[&Unit]) -> String {
    let mut out = String::from(
        "Asset ID,Manufacturer,Model,SW Version,OS Version,Serial Number,MAC List,IP List,Site,Department,Room,\
         Care Service,Criticality,In Use,Substitutes,End of Support,Owner,Network Scope\r\n",
    );
    for unit in units {
        let line = unit.line;
        let usage = match unit.in_use {
            Usage::InUse => "yes",
            Usage::Stored => "in storage",
            Usage::Unknown => "",
        };
        // Some units have a wireless and a wired interface.
        let macs = if unit.room % 3 == 0 {
            format!("\"{}, {}\"", unit.mac, unit.second_mac)
        } else {
            unit.mac.clone()
        };
        let _ = write!(
            out,
            "{},\"{}\",\"{}\",{},{},{},{macs},{},{},{},{},{},{},{usage},{},{},Clinical Engineering,Corporate\r\n",
            unit.id,
            line.maker,
            line.model,
            unit.version,
            line.system,
            unit.serial,
            unit.ip,
            unit.ward.site,
            unit.ward.name,
            unit.room,
            unit.ward.service,
            line.criticality,
            unit.substitutes,
            line.support
        );
    }
    out
}

/// As the other site's maintenance system exports it: semicolons, German headers, Windows-1252.
fn german(units: &[&Unit]) -> Vec<u8> {
    let mut out = String::from(
        "Inventarnummer;Hersteller;Modell;Softwareversion;Seriennummer;MAC-Adresse;IP-Adresse;Standort;Abteilung;Raum;\
         Kritikalität;In Betrieb;Ersatzgeräte;Supportende;Nächste Prüfung\r\n",
    );
    for unit in units {
        let line = unit.line;
        let usage = match unit.in_use {
            Usage::InUse => "ja",
            Usage::Stored => "nein",
            Usage::Unknown => "",
        };
        let support = line.support.split('-').rev().collect::<Vec<_>>().join(".");
        let _ = write!(
            out,
            "{};{};{};{};{};{};{};{};{};{};{};{usage};{};{support};01.{:02}.2027\r\n",
            unit.id,
            line.maker,
            line.model,
            unit.version,
            unit.serial,
            unit.mac.replace(':', "-"),
            unit.ip,
            unit.ward.site,
            unit.ward.name,
            unit.room,
            line.criticality,
            unit.substitutes,
            1 + unit.room % 12
        );
    }
    // Of Windows-1252 only letters that Latin-1 has too are used here.
    out.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// As a department keeps it by hand: a workbook, with a title above the columns.
fn sheet(units: &[&Unit]) -> Vec<u8> {
    let header = [
        "Equipment No.",
        "Manufacturer",
        "Model",
        "Software version",
        "Operating system",
        "Serial no.",
        "MAC address",
        "IP address",
        "Department",
        "Room",
        "Clinical service",
        "Criticality",
        "In use",
        "Spare units",
        "End of support",
    ];
    let title = vec!["Imaging equipment, Saint Brigid".to_owned()];
    let mut rows = vec![title, header.map(str::to_owned).to_vec()];
    rows.extend(units.iter().map(|unit| {
        let line = unit.line;
        let usage = match unit.in_use {
            Usage::InUse => "in use",
            Usage::Stored => "in storage",
            Usage::Unknown => "",
        };
        let (room, spare) = (unit.room.to_string(), unit.substitutes.to_string());
        let cells = [
            unit.id.as_str(),
            line.maker,
            line.model,
            unit.version,
            line.system,
            unit.serial.as_str(),
            unit.mac.as_str(),
            unit.ip.as_str(),
            unit.ward.name,
            room.as_str(),
            unit.ward.service,
            line.criticality,
            usage,
            spare.as_str(),
            line.support,
        ];
        cells.map(str::to_owned).to_vec()
    }));
    spreadsheet::workbook("Imaging", &rows)
}

/// A FHIR R4 Device.
fn resource(unit: &Unit) -> String {
    let line = unit.line;
    let status = match unit.in_use {
        Usage::InUse => r#""status": "active", "#,
        Usage::Stored => r#""status": "inactive", "#,
        Usage::Unknown => "",
    };
    let version = if unit.version.is_empty() {
        String::new()
    } else {
        format!(r#""version": [{{"type": {{"text": "software"}}, "value": "{}"}}], "#, unit.version)
    };
    format!(
        r#"{{"resourceType": "Device", "id": "{0}", "identifier": [{{"system": "https://saint-brigid.example/assets", "value": "{0}"}}], {status}"manufacturer": "{1}", "deviceName": [{{"name": "{2}", "type": "model-name"}}], "modelNumber": "{2}", {version}"serialNumber": "{3}", "location": {{"reference": "Location/{4}", "display": "{5}"}}, "property": [{{"type": {{"text": "MAC address"}}, "valueCode": [{{"text": "{6}"}}]}}, {{"type": {{"text": "IP address"}}, "valueCode": [{{"text": "{7}"}}]}}, {{"type": {{"text": "criticality"}}, "valueCode": [{{"text": "{8}"}}]}}, {{"type": {{"text": "care service"}}, "valueCode": [{{"text": "{9}"}}]}}, {{"type": {{"text": "substitutes"}}, "valueQuantity": [{{"value": {10}}}]}}]}}"#,
        unit.id,
        line.maker,
        line.model,
        unit.serial,
        unit.ward.code,
        unit.ward.name,
        unit.mac,
        unit.ip,
        line.criticality,
        unit.ward.service,
        unit.substitutes
    )
}

fn bundle(units: &[&Unit]) -> String {
    let entries: Vec<String> = units
        .iter()
        .map(|unit| format!("  {{\"fullUrl\": \"https://saint-brigid.example/fhir/Device/{}\", \"resource\": {}}}", unit.id, resource(unit)))
        .collect();
    let location = r#"  {"fullUrl": "https://saint-brigid.example/fhir/Location/CAR", "resource": {"resourceType": "Location", "id": "CAR", "name": "Cardiology"}}"#;
    format!(
        "{{\"resourceType\": \"Bundle\", \"type\": \"collection\", \"entry\": [\n{},\n{location}\n]}}\n",
        entries.join(",\n")
    )
}

fn lines(units: &[&Unit]) -> String {
    units.iter().fold(String::new(), |out, unit| out + &resource(unit) + "\n")
}

/// Whose SBOM is whose, for those that do not say it themselves.
fn releases() -> String {
    let mut out = String::from("manufacturer,model,version,sbom,cpe\r\n");
    for (maker, model, version, sbom, cpe) in sboms::LINKS {
        let _ = write!(out, "{maker},{model},{version},{sbom},{cpe}\r\n");
    }
    out
}
