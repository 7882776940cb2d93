//! Inventories as different systems export them, and what is made of each.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use std::fmt::Write as _;

use domain::device::Device;
use domain::fact::{Fact, Reading};
use domain::problem::Problems;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{read, recognise};
use crate::inventory::open;
use crate::table::tests::folded;

/// A device on one line, with only what is known of it.
pub(in super::super) fn shown(device: &Device) -> String {
    let mut out = device.id.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = |text: Option<&str>| text.map(str::to_owned);
    let list = |items: Vec<String>| (!items.is_empty()).then(|| items.join(" "));
    let fields = [
        ("by", text(device.manufacturer.as_deref())),
        ("model", text(device.model.as_deref())),
        ("version", text(device.version.as_deref())),
        ("serial", text(device.serial.as_deref())),
        ("udi", text(device.udi_di.as_deref())),
        ("os", text(device.operating_system.as_deref())),
        ("mac", list(device.macs.iter().map(ToString::to_string).collect())),
        ("ip", list(device.ips.iter().map(ToString::to_string).collect())),
        ("site", text(device.site.as_deref())),
        ("unit", text(device.unit.as_deref())),
        ("room", text(device.room.as_deref())),
        ("service", text(device.care_service.as_deref())),
        ("critical", device.criticality.map(|c| c.text().to_owned())),
        ("use", device.usage.map(|usage| format!("{usage:?}"))),
        ("substitutes", device.substitutes.map(|n| n.to_string())),
        ("owner", text(device.owner.as_deref())),
        ("until", device.end_of_support.map(|date| date.to_string())),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            let _ = write!(out, " | {name} {value}");
        }
    }
    for (name, value) in device.other.iter() {
        let _ = write!(out, " | [{name}] {value}");
    }
    out
}

/// A reading, a line for each device and each problem.
pub(in super::super) fn lines(reading: &Reading) -> String {
    assert!(reading.conserves(), "{reading:?}");
    let mut out = String::new();
    for fact in &reading.facts {
        let Fact::Device(device) = fact else { panic!("no device: {fact:?}") };
        let _ = writeln!(out, "{}: {}", device.at, shown(device));
    }
    for problem in reading.problems.listed() {
        let _ = writeln!(out, "! {problem} ({:?})", problem.loss);
    }
    folded(&out)
}

#[expect(clippy::needless_pass_by_value, reason = "expect! makes a value")]
#[track_caller]
fn check(text: &str, expected: Expect) {
    let table = open(text).expect("a table");
    assert!(recognise(&table), "{:?}", table.header());
    expected.assert_eq(&lines(&read(&table)));
}

#[test]
fn a_hand_made_minimum_is_read() {
    check(
        "id,manufacturer,model\nP-1,BD,Alaris\n",
        expect![[r#"
        line 2: P-1 | by BD | model Alaris
    "#]],
    );
}

#[test]
fn a_german_export_in_windows_1252_is_read() {
    let bytes = b"Inventar-Nr.;Hersteller;Typ;Ger\xE4teart;Serien-Nr.;Softwarestand;Abteilung;Raum;\
        MAC-Adresse;Kritikalit\xE4t;In Betrieb;Support bis;Preis (EUR)\r\n\
        4711;Dr\xE4ger;Evita V800;Beatmungsger\xE4t;ASHN-0012;2.51;ITS 2;Zimmer 4;\
        00-1A-2B-3C-4D-5E;\
        lebenserhaltend;ja;31.12.2029;29.900,00\r\n\
        4712;B. Braun;Space plus;Spritzenpumpe;123;;Station M3;;;Therapie;au\xDFer Betrieb;;1.950,00\r\n";
    let mut problems = Problems::default();
    let text = crate::text::decode(bytes, &mut problems);
    assert_eq!(problems.told(), 1);
    check(
        &text,
        expect![[r#"
            line 2: 4711 | by Dräger | model Evita V800 | version 2.51 | serial ASHN-0012 |
                mac 00:1a:2b:3c:4d:5e | unit ITS 2 | room Zimmer 4 | critical
                life-sustaining | use InUse | until 2029-12-31 | [Geräteart] Beatmungsgerät
                | [Preis (EUR)] 29.900,00
            line 3: 4712 | by B. Braun | model Space plus | serial 123 | unit Station M3 |
                critical therapy | use NotInUse | [Geräteart] Spritzenpumpe | [Preis (EUR)]
                1.950,00
        "#]],
    );
}

#[test]
fn a_tab_separated_export_is_read() {
    check(
        "Asset Tag\tManufacturer\tModel\tSerial Number\tDepartment\tLife Support\tStatus\n\
         CE-100\tPhilips\tIntelliVue MX800\tDE123\tICU\tN\tActive\n\
         CE-101\tHamilton\tG5\t9\tICU\tY\tIn Repair\n",
        expect![[r#"
            line 2: CE-100 | by Philips | model IntelliVue MX800 | serial DE123 | unit ICU |
                use InUse | [Life Support] N
            line 3: CE-101 | by Hamilton | model G5 | serial 9 | unit ICU | critical
                life-sustaining | use NotInUse
        "#]],
    );
}

#[test]
fn a_claroty_export_is_read() {
    check(
        "device_uid,device_name,device_type,device_manufacturer,device_model,device_serial_number,\
         device_mac_list,device_ip_list,device_combined_os,device_os_version,\
         device_software_or_firmware_version,device_site_name,device_cmms_department,\
         device_cmms_room,device_cmms_asset_tag,device_consequence_of_failure,device_retired\n\
         5f1a,10.1.2.3,Infusion Pump,Alaris,8015,14009999,\"[\"\"00:1a:2b:3c:4d:5e\"\", \"\"00:1a:2b:3c:4d:5f\"\"]\",\
         \"10.1.2.3, 10.1.2.4 / (Last Known IP)\",VxWorks 6.9,6.9,12.1.2,Main,ED,7,,Patient death,False\n",
        expect![[r#"
            line 2: 5f1a | by Alaris | model 8015 | version 12.1.2 | serial 14009999 | os
                VxWorks 6.9 | mac 00:1a:2b:3c:4d:5e 00:1a:2b:3c:4d:5f | ip 10.1.2.3 10.1.2.4
                | site Main | unit ED | room 7 | critical life-sustaining | [device_retired]
                False | [device_name] 10.1.2.3 | [device_type] Infusion Pump
        "#]],
    );
}

#[test]
fn an_armis_export_is_read() {
    check(
        "id,name,category,type,manufacturer,model,operatingSystem,operatingSystemVersion,ipAddress,\
         ipv6,macAddress,site,riskLevel,tags\n\
         2172,us-cart-7,Medical,Ultrasound,GE Healthcare,LOGIQ E10,Windows,10,10.77.27.183,\
         fe80::647b:ba0f:9628:6014,50:76:AF:D3:3F:AB,North,5,\"Corporate,CMDB\"\n\
         2173,,Medical,Ultrasound,,,,,,,,,,\n",
        expect![[r#"
            line 2: 2172 | by GE Healthcare | model LOGIQ E10 | os Windows 10 | mac
                50:76:af:d3:3f:ab | ip 10.77.27.183 fe80::647b:ba0f:9628:6014 | site North |
                [name] us-cart-7 | [category] Medical | [type] Ultrasound | [riskLevel] 5 |
                [tags] Corporate,CMDB
            line 3: 2173 | [category] Medical | [type] Ultrasound
        "#]],
    );
}

#[test]
fn a_service_now_export_is_read() {
    check(
        "\"name\",\"asset_tag\",\"serial_number\",\"manufacturer\",\"model_id\",\"install_status\",\
         \"location\",\"department\",\"ip_address\",\"mac_address\",\"sys_id\",\"owned_by\"\n\
         \"MRI 3\",\"P1000\",\"46001\",\"Siemens\",\"MAGNETOM Vida\",\"Installed\",\"Radiology 2\",\
         \"Imaging\",\"10.2.0.4\",\"\",\"9f\",\"A. Lee\"\n",
        expect![[r#"
            line 2: P1000 | by Siemens | model MAGNETOM Vida | serial 46001 | ip 10.2.0.4 |
                unit Imaging | room Radiology 2 | use InUse | owner A. Lee | [sys_id] 9f |
                [name] MRI 3
        "#]],
    );
}

#[test]
fn lines_above_and_below_the_table_are_no_devices() {
    check(
        "Equipment list,,,\nPrinted: 2026-01-05,,,\n,,,\nControl Number,Manufacturer,Model,Serial\n\
         1,X,Y,S1\n,,,\nControl Number,Manufacturer,Model,Serial\n2,X,Y,S2\n,,,\nTotal: 2,,,\n",
        expect![[r#"
            line 5: 1 | by X | model Y | serial S1
            line 8: 2 | by X | model Y | serial S2
            ! line 10: The record holds too little to be used; expected a device; this line
                was taken as a total or a note, found `Total: 2` (Nothing)
        "#]],
    );
}

#[test]
fn a_quote_that_never_closes_costs_no_device() {
    check(
        "id,manufacturer,model\n1,\"BD,Alaris\n2,BD,\"Alaris, 8015\"\n3,BD,Pyxis\n",
        expect![[r#"
            line 2: 1 | by BD | model Alaris
            line 3: 2 | by BD | model Alaris, 8015
            line 4: 3 | by BD | model Pyxis
            ! line 2: A quoted value is opened and never closed; expected a closing quote
                before the next delimiter or line end, found `BD` (Nothing)
        "#]],
    );
}

#[test]
fn of_two_rows_with_one_id_the_first_is_kept() {
    check(
        "id,model,serial\n1,A,S1\n1,B,S2\n2,C,S1\n",
        expect![[r#"
            line 2: 1 | model A | serial S1
            line 4: 2 | model C | serial S1
            ! line 3: Two records carry the same id; expected an id that is not already used
                at line 2, found `1` (Record)
        "#]],
    );
}

#[test]
fn ragged_rows_lose_nothing() {
    check(
        "id,manufacturer,model\n1,BD\n2,BD,Alaris,left over,,more\n3\n",
        expect![[r#"
            line 2: 1 | by BD
            line 3: 2 | by BD | model Alaris | [column 4] left over | [column 6] more
            line 4: 3
            ! line 2: A row has more or fewer values than the header has columns; expected 3
                values, found `2` (Nothing)
            ! line 3: A row has more or fewer values than the header has columns; expected 3
                values, found `6` (Nothing)
            ! line 4: A row has more or fewer values than the header has columns; expected 3
                values, found `1` (Nothing)
        "#]],
    );
}

#[test]
fn without_an_id_the_serial_number_and_then_the_mac_address_serve() {
    check(
        "Serial,MAC,Model\nS1,001a2b3c4d5e,A\nN/A,001a2b3c4d5f,A\nunknown,,A\n,nonsense,A\n",
        expect![[r#"
            line 2: S1 | model A | serial S1 | mac 00:1a:2b:3c:4d:5e
            line 3: 00:1a:2b:3c:4d:5f | model A | mac 00:1a:2b:3c:4d:5f
            ! line 4: The record holds too little to be used; expected an id, a serial
                number or a MAC address (Record)
            ! line 5, column "MAC": A MAC or IP address is not one; expected MAC addresses,
                found `nonsense` (Field)
            ! line 5: The record holds too little to be used; expected an id, a serial
                number or a MAC address (Record)
        "#]],
    );
    check(
        "Hostname,Manufacturer,Model\npump-1,BD,Alaris\n",
        expect![[r#"
        line 2: pump-1 | by BD | model Alaris
    "#]],
    );
}

#[test]
fn values_that_are_not_clear_are_kept_and_told() {
    check(
        "id,model,criticality,in use,mac,ip,udi-di,substitutes,end of support,life support\n\
         1,A,high,perhaps,00:11,10.0.0.999,00844588003289,two,soon,maybe\n\
         2,A,Class III,no,00:11:22:33:44:55;x,10.0.0.1 dhcp,(01)00844588003288(10)A,2.0,2027-06,y\n",
        expect![[r#"
            line 2: 1 | model A | [udi-di] 00844588003289 | [mac] 00:11 | [ip] 10.0.0.999 |
                [criticality] high | [life support] maybe | [in use] perhaps | [substitutes]
                two | [end of support] soon
            line 3: 2 | model A | udi 00844588003288 | mac 00:11:22:33:44:55 | ip 10.0.0.1 |
                critical life-sustaining | use NotInUse | substitutes 2 | until 2027-06-30 |
                [mac] 00:11:22:33:44:55;x
            ! line 2, column "udi-di": A device identifier (UDI-DI) is not one; expected a
                UDI or its device identifier, with its right check digit, found
                `00844588003289` (Field)
            ! line 2, column "mac": A MAC or IP address is not one; expected MAC addresses,
                found `00:11` (Field)
            ! line 2, column "ip": A MAC or IP address is not one; expected IP addresses,
                found `10.0.0.999` (Field)
            ! line 2, column "criticality": A field has a value outside its list; expected
                life-sustaining, therapy, monitoring, diagnostic or support, found `high`
                (Field)
            ! line 2, column "life support": A field has a value outside its list; expected
                yes or no, found `maybe` (Field)
            ! line 2, column "in use": A field has a value outside its list; expected in
                use, yes, spare, in repair, retired or no, found `perhaps` (Field)
            ! line 2, column "substitutes": A field has another type than its format says;
                expected a whole number, found `two` (Field)
            ! line 2, column "end of support": A date is not one; expected a date as
                2027-06-30, found `soon` (Field)
            ! line 3, column "mac": A MAC or IP address is not one; expected MAC addresses,
                found `00:11:22:33:44:55;x` (Field)
        "#]],
    );
}

#[test]
fn day_and_month_are_told_apart_by_the_other_rows() {
    check(
        "id,model,end of support\n1,A,06/07/2027\n2,A,12/31/2027\n",
        expect![[r#"
        line 2: 1 | model A | until 2027-06-07
        line 3: 2 | model A | until 2027-12-31
    "#]],
    );
    check(
        "id,model,end of support\n1,A,06/07/2027\n2,A,31/12/2027\n",
        expect![[r#"
        line 2: 1 | model A | until 2027-07-06
        line 3: 2 | model A | until 2027-12-31
    "#]],
    );
    check(
        "id,model,end of support\n1,A,06/07/2027\n",
        expect![[r#"
            line 2: 1 | model A | [end of support] 06/07/2027
            ! line 2, column "end of support": A date is not one; expected a date whose day
                and month can be told apart, found `06/07/2027` (Field)
        "#]],
    );
}

#[test]
fn leading_zeros_that_an_export_guards_are_kept() {
    check(
        "id,model,serial\n=\"0012\",A,\"=\"\"007\"\"\"\n",
        expect![[r#"
        line 2: 0012 | model A | serial 007
    "#]],
    );
}

const SAMPLE: &str = "sep=;\r\nid;model;mac;\"end of support\"\r\n1;\"a;\"\"b\"\"\r\nc\";00:11:22:33:44:55;2027\r\n\
    2;\"é\";;06/07/2027\r\n;;;\r\n2;x\r\n;y;;;;z\r\nTotal;3\r\n";

#[test]
fn a_cut_at_every_byte_conserves() {
    for end in 0..=SAMPLE.len() {
        if let Some(table) = SAMPLE.get(..end).and_then(open) {
            assert!(read(&table).conserves(), "{end}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_every_reading_conserves(
        header in "(id|serial|mac|model|maker|status|\"eos\"|x|[ ;\"])([,;\t](id|serial|ip|eos|udi|\")){0,5}",
        body in "([a-z0-9\"é,;:\t\r\n/|.+=()-]{0,30}(1/2/2027|00:11:22:33:44:55|(01))?\n?){0,8}",
    ) {
        if let Some(table) = open(&format!("{header}\n{body}")) {
            prop_assert!(read(&table).conserves());
        }
    }

    #[test]
    fn any_text_at_all_conserves(text in "\\PC{0,200}") {
        if let Some(table) = open(&text) {
            prop_assert!(read(&table).conserves());
        }
    }
}
