//! Archives made here: whole, cut, hostile.

use std::io::Write;

use domain::problem::Code;

use super::{Unpacked, unpack};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

fn unpacked(bytes: Vec<u8>) -> Vec<(String, Unpacked)> {
    let mut all = Vec::new();
    unpack("x", bytes, &mut |name, document| all.push((name, document)));
    all
}

fn code(unpacked: &Unpacked) -> Option<Code> {
    unpacked.as_ref().err().map(|problem| problem.code)
}

#[test]
fn gzip_in_zip_is_unpacked_under_its_full_name() {
    let all = unpacked(zip(&[("a/b.json.gz", &gzip(b"{}")), ("c.txt", b"hello")]));
    assert_eq!(
        all,
        [
            ("x!a/b.json.gz".to_owned(), Ok(b"{}".to_vec())),
            ("x!c.txt".to_owned(), Ok(b"hello".to_vec()))
        ]
    );
}

#[test]
fn a_gzip_bomb_is_refused() {
    let all = unpacked(gzip(&vec![0; 80 << 20]));
    assert_eq!(all.iter().map(|(_, u)| code(u)).collect::<Vec<_>>(), [Some(Code::InputExpands)]);
}

#[test]
fn archives_in_archives_without_end_are_refused() {
    let mut bytes = b"{}".to_vec();
    for _ in 0..6 {
        bytes = zip(&[("again.zip", &bytes)]);
    }
    let all = unpacked(bytes);
    assert_eq!(all.iter().map(|(_, u)| code(u)).collect::<Vec<_>>(), [Some(Code::InputExpands)]);
}

#[test]
fn a_name_that_points_outside_is_refused_and_the_rest_is_read() {
    let all = unpacked(zip(&[("../../etc/passwd", b"x"), ("b", b"y")]));
    let codes: Vec<_> = all.iter().map(|(_, u)| code(u)).collect();
    assert_eq!(codes, [Some(Code::InputNamesOutside), None]);
}

#[test]
fn a_cut_at_every_byte_is_a_problem_and_never_a_panic() {
    for whole in [gzip(b"{\"a\": 1}"), zip(&[("a", b"{\"a\": 1}")])] {
        for end in 4..whole.len() {
            let all = unpacked(whole[..end].to_vec());
            assert!(all.iter().all(|(_, u)| u.is_err()), "cut at {end}");
        }
    }
}

#[test]
fn a_workbook_that_is_stored_in_an_archive_is_one_document_of_it() {
    let workbook = zip(&[("[Content_Types].xml", b"x"), ("xl/workbook.xml", b"x")]);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [("a.csv", b"id".as_slice()), ("list.xlsx", &workbook)] {
        writer.start_file(name, stored).expect("in memory");
        writer.write_all(bytes).expect("in memory");
    }
    let all = unpacked(writer.finish().expect("in memory").into_inner());
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x!a.csv", "x!list.xlsx"]);
}

#[test]
fn what_is_hidden_in_an_archive_is_passed_over() {
    let all = unpacked(zip(&[
        ("__MACOSX/._a.csv", b"\0"),
        (".DS_Store", b"\0"),
        ("a/.git/b.json", b"{}"),
        ("a/b.json", b"{}"),
    ]));
    assert_eq!(all, [("x!a/b.json".to_owned(), Ok(b"{}".to_vec()))]);
}
