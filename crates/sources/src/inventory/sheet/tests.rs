//! Workbooks made by hand, and what is read from them.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use std::io::{Cursor, Write as _};

use expect_test::{Expect, expect};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::read;
use crate::inventory::rows::tests::lines;

const ROOT: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships>
<Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/>
<Relationship Id="rId3" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>
<Relationship Id="rId4" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook xmlns:r="r"><workbookPr/><sheets><sheet name="Read me" sheetId="1" r:id="rId1"/>
<sheet name="Devices &amp; more" sheetId="2" r:id="rId2"/></sheets></workbook>"#;
const TEXTS: &str = r#"<sst count="9" uniqueCount="99999999999999999999"><si><t>Asset tag</t></si><si><r><t>Serial </t></r><r><t>number</t></r></si>
<si><t>M&#252;ller &amp; Co<rPh><t>sound</t></rPh></t></si></sst>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
const NOTES: &str = r#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>How to use</t></is></c></row></sheetData></worksheet>"#;
const SHEET: &str = r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>
<row r="1" hidden="1"><c r="B1" t="inlineStr"><is><t>Export of 2026-01-05</t></is></c></row>
<row r="4"><c r="B4" t="s"><v>0</v></c><c r="C4" t="s"><v>1</v></c><c t="inlineStr"><is><t>Manufacturer</t></is></c>
<c t="str"><v>End of support</v></c><c t="str"><v>In use</v></c><c t="str"><v>Price</v></c></row>
<row r="5"><c r="B5"><v>4711</v></c><c r="C5"><v>1.4009999E7</v></c><c r="D5" t="s"><v>2</v></c><c r="E5" s="1"><v>46568.5</v></c>
<c r="F5" t="b"><v>1</v></c><c r="G5"><f>1+1</f><v>2.50</v></c><c r="XFD5"><v>1</v></c></row>
<row><c r="B6" t="str"><v>4712</v></c><c r="E6" s="2"><v>46568</v></c><c r="F6" t="e"><v>#N/A</v></c></row>
<row r="8"><c r="B8"><v>4711</v></c><c r="E8" t="str"><v>soon</v></c></row>
<row r="9"><c r="D9" t="str"><v>nobody</v></c></row>
</sheetData></worksheet>"#;

/// A workbook of named parts.
fn workbook(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        writer.start_file(*name, options).expect("a new entry");
        writer.write_all(content.as_bytes()).expect("written to memory");
    }
    writer.finish().expect("written to memory").into_inner()
}

fn with_sheet(sheet: &str) -> Vec<u8> {
    workbook(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/sharedStrings.xml", TEXTS),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", NOTES),
        ("xl/worksheets/sheet2.xml", sheet),
    ])
}

#[expect(clippy::needless_pass_by_value, reason = "expect! makes a value")]
#[track_caller]
fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&lines(&read(bytes)));
}

#[test]
fn a_workbook_is_read_with_numbers_dates_and_places() {
    check(
        &with_sheet(SHEET),
        expect![[r#"
            Devices & more!A5: 4711 | by Müller & Co | serial 14009999 | use InUse | until
                2027-06-30 | [Price] 2.5
            Devices & more!A6: 4712 | until 2027-06-30
            ! Devices & more!E8: A date is not one; expected a date as 2027-06-30, found
                `soon` (Field)
            ! Devices & more!A8: Two records carry the same id; expected an id that is not
                already used at Devices & more!A5, found `4711` (Record)
            ! Devices & more!A9: The record holds too little to be used; expected an id, a
                serial number or a MAC address (Record)
            ! Devices & more: The document is over a size limit; expected at most 1024
                columns; the rest was left out (Field)
        "#]],
    );
}

#[test]
fn a_sheet_that_breaks_off_keeps_what_stood_before() {
    let (cut, _) = SHEET.split_once("<row r=\"8\">").expect("there");
    check(
        &with_sheet(cut),
        expect![[r#"
            Devices & more!A5: 4711 | by Müller & Co | serial 14009999 | use InUse | until
                2027-06-30 | [Price] 2.5
            Devices & more!A6: 4712 | until 2027-06-30
            ! Devices & more: The document breaks the syntax of its format; expected
                well-formed XML (Document)
        "#]],
    );
}

#[test]
fn a_workbook_without_devices_is_told() {
    check(
        &with_sheet(NOTES),
        expect![[r#"
            ! the whole document: The table has no column that names a device; expected a
                sheet with columns such as asset tag, serial number, manufacturer, model
                (Document)
        "#]],
    );
}

#[test]
fn other_workbooks_are_told() {
    check(
        &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1],
        expect![[r#"
            ! the whole document: The format is known but not read; expected an .xlsx
                workbook without password (Document)
        "#]],
    );
    check(
        b"PK",
        expect![[r#"
            ! the whole document: The archive is damaged or uses an unknown method; expected
                an .xlsx workbook (Document)
        "#]],
    );
    check(
        &workbook(&[("mimetype", "application/vnd.oasis.opendocument")]),
        expect![[r#"
            ! the whole document: The format is known but not read; expected an .xlsx
                workbook without password (Document)
        "#]],
    );
}

#[test]
fn a_part_that_expands_without_end_is_told() {
    let endless = format!("<worksheet><sheetData>{}", " ".repeat(70 << 20));
    check(
        &with_sheet(&endless),
        expect![[r#"
            ! Devices & more: The archive expands to far more than its size; expected a part
                of usual size (Document)
            ! the whole document: The table has no column that names a device; expected a
                sheet with columns such as asset tag, serial number, manufacturer, model
                (Document)
        "#]],
    );
}

#[test]
fn a_cut_at_every_byte_conserves() {
    let whole = with_sheet(SHEET);
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).conserves());
    }
    for end in 0..SHEET.len() {
        let cut = SHEET.get(..end).expect("it is ASCII");
        assert!(read(&with_sheet(cut)).conserves());
    }
}

#[test]
fn a_byte_changed_anywhere_conserves() {
    let whole = with_sheet(SHEET);
    for place in 0..whole.len() {
        for value in [0x00, 0xFF, whole[place] ^ 0x20] {
            let mut changed = whole.clone();
            changed[place] = value;
            assert!(read(&changed).conserves());
        }
    }
    for place in 0..SHEET.len() {
        let mut changed = SHEET.as_bytes().to_vec();
        changed[place] ^= 0x11;
        if let Ok(sheet) = String::from_utf8(changed) {
            assert!(read(&with_sheet(&sheet)).conserves());
        }
    }
}

#[test]
fn a_maker_that_is_merged_over_rows_is_that_of_each() {
    let cell = |place: &str, text: &str| format!(r#"<c r="{place}" t="str"><v>{text}</v></c>"#);
    let row = |line: u32, cells: &[(&str, &str)]| {
        let cells: String =
            cells.iter().map(|(column, text)| cell(&format!("{column}{line}"), text)).collect();
        format!(r#"<row r="{line}">{cells}</row>"#)
    };
    let sheet = format!(
        r#"<worksheet><sheetData>{}{}{}{}{}</sheetData>
        <mergeCells><mergeCell ref="B2:B4"/><mergeCell ref="A1:C1"/></mergeCells></worksheet>"#,
        row(1, &[("A", "Asset tag"), ("B", "Manufacturer"), ("C", "Model")]),
        row(2, &[("A", "1"), ("B", "Acme"), ("C", "X")]),
        row(3, &[("C", "Y"), ("A", "2")]),
        row(4, &[]),
        row(5, &[("A", "3"), ("C", "Z")]),
    );
    check(
        &with_sheet(&sheet),
        expect![[r#"
            Devices & more!A2: 1 | by Acme | model X
            Devices & more!A3: 2 | by Acme | model Y
            Devices & more!A5: 3 | model Z
        "#]],
    );
}
