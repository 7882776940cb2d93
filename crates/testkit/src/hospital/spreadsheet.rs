//! An XLSX workbook of one sheet (ECMA-376, part 1): the five parts that a reader needs, every cell
//! an inline string, packed without compression.

use super::packed;

/// Rows of text as a workbook; at most 26 columns.
pub(super) fn workbook(sheet: &str, rows: &[Vec<String>]) -> Vec<u8> {
    let rows: String = (1..).zip(rows).map(|(number, cells)| row(number, cells)).collect();
    packed::zip(&[
        ("[Content_Types].xml", part(CONTENT_TYPES)),
        ("_rels/.rels", part(PACKAGE)),
        ("xl/workbook.xml", part(&WORKBOOK.replace("NAME", &escaped(sheet)))),
        ("xl/_rels/workbook.xml.rels", part(WORKBOOK_PARTS)),
        ("xl/worksheets/sheet1.xml", part(&SHEET.replace("ROWS", &rows))),
    ])
}

fn part(body: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n{body}\n").into_bytes()
}

/// A row, its cells as inline strings (18.3.1.53); an empty cell is left out, as Excel does.
fn row(number: usize, cells: &[String]) -> String {
    let cell = |(letter, cell): (char, &String)| {
        let text = escaped(cell);
        format!("<c r=\"{letter}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let written = ('A'..='Z').zip(cells).filter(|(_, cell)| !cell.is_empty());
    let cells: String = written.map(cell).collect();
    format!("<row r=\"{number}\">{cells}</row>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const CONTENT_TYPES: &str = concat!(
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" ContentType="application/"#,
    r#"vnd.openxmlformats-package.relationships+xml"/>"#,
    r#"<Default Extension="xml" ContentType="application/xml"/>"#,
    r#"<Override PartName="/xl/workbook.xml" ContentType="application/"#,
    r#"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
    r#"<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/"#,
    r#"vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#,
    "</Types>",
);
const PACKAGE: &str = concat!(
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/"#,
    r#"2006/relationships/officeDocument" Target="xl/workbook.xml"/>"#,
    "</Relationships>",
);
const WORKBOOK: &str = concat!(
    r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" "#,
    r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">"#,
    r#"<sheets><sheet name="NAME" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
);
const WORKBOOK_PARTS: &str = concat!(
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/"#,
    r#"2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>"#,
    "</Relationships>",
);
const SHEET: &str = concat!(
    r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    "<sheetData>\nROWS</sheetData></worksheet>",
);
