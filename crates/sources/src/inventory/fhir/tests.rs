//! FHIR devices made by hand, and the specification's own examples.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use domain::fact::Reading;
use expect_test::{Expect, expect};

use super::read;
use crate::inventory::rows::tests::lines;
use crate::json::Json;

fn read_text(text: &str) -> Reading {
    read(&Json::parse(text))
}

#[expect(clippy::needless_pass_by_value, reason = "expect! makes a value")]
#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&lines(&read_text(text)));
}

/// A pump of R4, in a bundle with all that it points to.
const R4: &str = r##"{"resourceType": "Bundle", "type": "collection", "entry": [
{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Device", "id": "pump-1",
 "contained": [{"resourceType": "Organization", "id": "o", "name": "Biomedical Engineering"}],
 "identifier": [
  {"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "SNO"}]}, "value": "14009999"},
  {"use": "official", "system": "http://hospital.example/assets", "value": "CE-100"},
  {"use": "old", "value": "OLD-7"},
  {"system": "http://hospital.example/mac", "value": "00:1A:2B:3C:4D:5E"}],
 "udiCarrier": [{"deviceIdentifier": "00844588003288", "carrierHRF": "(01)00844588003288(21)14009999"}],
 "status": "active", "manufacturer": "BD", "modelNumber": "8015",
 "deviceName": [{"name": "Pump by the window", "type": "user-friendly-name"}, {"name": "Alaris PC Unit", "type": "model-name"}],
 "version": [{"type": {"text": "Hardware"}, "value": "B"}, {"type": {"text": "Firmware"}, "value": "9.33"}, {"type": {"text": "Software"}, "value": "12.1.2"}],
 "type": {"coding": [{"code": "182722004", "display": "Infusion pump"}]},
 "property": [{"type": {"text": "battery"}, "valueQuantity": [{"value": 12.5, "unit": "V"}]}],
 "patient": {"reference": "Patient/secret"},
 "owner": {"reference": "#o"}, "location": {"reference": "Location/bed-4"}, "url": "http://10.1.2.3:8080/"}},
{"fullUrl": "http://s.example/fhir/Location/bed-4", "resource": {"resourceType": "Location", "id": "bed-4", "name": "Bed 4",
 "physicalType": {"coding": [{"code": "bd"}]}, "partOf": {"reference": "http://s.example/fhir/Location/icu/_history/3"}}},
{"fullUrl": "http://s.example/fhir/Location/icu", "resource": {"resourceType": "Location", "id": "icu", "name": "ICU East",
 "physicalType": {"coding": [{"code": "wa"}]}, "partOf": {"reference": "Location/icu"}, "managingOrganization": {"display": "General Hospital"}}},
{"resource": {"resourceType": "Patient", "id": "secret"}}]}"##;

const R5: &str = r#"{"resourceType": "Device", "id": "m", "displayName": "Monitor 3",
 "definition": {"reference": {"reference": "DeviceDefinition/d", "display": "x"}},
 "udiCarrier": [{"issuer": "http://hl7.org/fhir/NamingSystem/gs1", "deviceIdentifier": "00844588003289"}],
 "availabilityStatus": {"coding": [{"code": "damaged"}]}, "status": "active", "serialNumber": "S-9",
 "name": [{"value": "CARESCAPE B650", "type": "registered-name"}],
 "version": [{"value": "3.1"}], "type": [{"text": "Patient monitor"}],
 "safety": [{"coding": [{"display": "MR Unsafe"}]}], "location": {"display": "ER 2"}, "owner": {"reference": "Organization/none"}}"#;

#[test]
fn a_device_of_r4_is_read_with_what_it_points_to() {
    check(
        R4,
        expect![[r#"
            line 2, $.entry[0].resource: CE-100 | by BD | model Alaris PC Unit | version
                12.1.2 | serial 14009999 | udi 00844588003288 | mac 00:1a:2b:3c:4d:5e | ip
                10.1.2.3 | site General Hospital | unit ICU East | room Bed 4 | use InUse |
                owner Biomedical Engineering | [identifier] OLD-7 | [type] Infusion pump |
                [property battery] 12.5 V | [modelNumber] 8015 | [name] Pump by the window |
                [version Firmware] 9.33 | [version Hardware] B | [resource id] pump-1
        "#]],
    );
}

#[test]
fn a_device_of_r5_is_read() {
    check(
        R5,
        expect![[r#"
            line 1, $: S-9 | model CARESCAPE B650 | version 3.1 | serial S-9 | room ER 2 |
                use NotInUse | [deviceIdentifier] 00844588003289 | [type] Patient monitor |
                [safety] MR Unsafe | [name] Monitor 3 | [resource id] m
            ! line 3, $.udiCarrier[0].deviceIdentifier: A device identifier (UDI-DI) is not
                one; expected a device identifier with its right check digit, found
                `00844588003289` (Field)
            ! line 7, $.owner.reference: A reference points to nothing in the document;
                expected an Organization in the document, or its display, found
                `Organization/none` (Field)
        "#]],
    );
}

#[test]
fn a_definition_fills_in_what_the_device_leaves_out() {
    check(
        r#"{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Device", "id": "a", "definition": {"reference": "DeviceDefinition/d"}}},
        {"resource": {"resourceType": "DeviceDefinition", "id": "d", "manufacturerString": "Philips", "deviceName": [{"name": "MX800", "type": "model-name"}],
         "udiDeviceIdentifier": [{"deviceIdentifier": "00844588003288"}]}}]}"#,
        expect![[r#"
            line 1, $.entry[0].resource: a | by Philips | model MX800 | udi 00844588003288
        "#]],
    );
}

#[test]
fn devices_that_cannot_be_used_are_told() {
    check(
        r#"{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Device"}}, {}, 7,
        {"resource": {"resourceType": "Device", "id": "a", "status": "entered-in-error"}},
        {"resource": {"resourceType": "Device", "id": "b"}}, {"resource": {"resourceType": "Device", "id": "b"}},
        {"resource": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Device", "id": "c", "status": "napping"}}]}}]}"#,
        expect![[r#"
            line 3, $.entry[4].resource: b
            line 4, $.entry[6].resource.entry[0].resource: c | [status] napping
            ! line 1, $.entry[0].resource: The record holds too little to be used; expected
                an identifier, a serial number, a MAC address or a resource id (Record)
            ! line 2, $.entry[3].resource: The record holds too little to be used; expected
                a device that was not entered in error, found `entered-in-error` (Record)
            ! line 3, $.entry[5].resource: Two records carry the same id; expected an id
                that is not already used at line 3, $.entry[4].resource, found `b` (Record)
            ! line 4, $.entry[6].resource.entry[0].resource.status: A field has a value
                outside its list; expected active, inactive, entered-in-error or unknown,
                found `napping` (Field)
        "#]],
    );
}

#[test]
fn wrong_types_in_any_field_never_lose_the_device() {
    let fields = [
        "id",
        "identifier",
        "udiCarrier",
        "status",
        "availabilityStatus",
        "patient",
        "manufacturer",
        "serialNumber",
        "modelNumber",
        "displayName",
        "deviceName",
        "name",
        "version",
        "definition",
        "location",
        "owner",
        "url",
        "contact",
        "endpoint",
        "property",
        "type",
        "category",
        "safety",
        "lotNumber",
        "contained",
    ];
    let values = [
        "7",
        "true",
        "\"x\"",
        "null",
        "[]",
        "{}",
        "[7]",
        "[[]]",
        "[{}]",
        "{\"reference\": 7}",
        "[{\"value\": 7, \"type\": 7, \"coding\": 7}]",
        "{\"coding\": [{\"code\": []}], \"text\": {}}",
    ];
    for field in fields {
        for value in values {
            let text =
                format!(r#"{{"resourceType": "Device", "serialNumber": "S", "{field}": {value}}}"#);
            let reading = read_text(&text);
            assert!(reading.conserves() && reading.records_seen == 1, "{text}");
            if field != "serialNumber" {
                assert_eq!(reading.records_made, 1, "{text}");
            }
        }
    }
}

#[test]
fn a_field_of_the_wrong_type_is_told() {
    let fields = [
        "id",
        "identifier",
        "udiCarrier",
        "status",
        "manufacturer",
        "modelNumber",
        "displayName",
        "deviceName",
        "version",
        "url",
        "contact",
        "endpoint",
        "property",
        "lotNumber",
        "owner",
        "location",
    ];
    for field in fields {
        let text = format!(r#"{{"resourceType": "Device", "serialNumber": "S", "{field}": 7}}"#);
        let reading = read_text(&text);
        assert_eq!((reading.records_made, reading.problems.told()), (1, 1), "{text}");
    }
}

#[test]
fn a_circle_of_locations_ends() {
    let text = r#"{"resourceType": "Bundle", "entry": [
        {"resource": {"resourceType": "Device", "id": "a", "location": {"reference": "Location/1"}}},
        {"resource": {"resourceType": "Location", "id": "1", "name": "A", "partOf": {"reference": "Location/2"}}},
        {"resource": {"resourceType": "Location", "id": "2", "name": "B", "partOf": {"reference": "Location/1"}}}]}"#;
    check(
        text,
        expect![[r#"
            line 2, $.entry[0].resource: a | unit B | room A
        "#]],
    );
}

#[test]
fn the_examples_of_the_specification_are_read() {
    let mut devices = Vec::new();
    for path in testkit::shared_files("fhir") {
        let text = std::fs::read_to_string(&path).expect("readable");
        let reading = read_text(&text);
        assert!(reading.conserves(), "{}", path.display());
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with("Device-") {
            assert_eq!(reading.records_made, 1, "{name}");
            devices.push(format!("{name} {}", lines(&reading)));
        } else if name != "PROVENANCE.txt" {
            assert_eq!((reading.records_seen, reading.problems.told()), (0, 0), "{name}");
        }
    }
    expect![[r#"
        Device-example.json line 1, $: 345675 | [resource id] example
        Device-f001.json line 1, $: 12345 | use InUse | [resource id] f001
    "#]]
    .assert_eq(&devices.concat());
}

#[test]
fn a_cut_at_every_byte_conserves() {
    for text in [R4, R5] {
        for end in 0..text.len() {
            let cut = text.get(..end).expect("it is ASCII");
            assert!(read_text(cut).conserves(), "{end}");
        }
    }
}
