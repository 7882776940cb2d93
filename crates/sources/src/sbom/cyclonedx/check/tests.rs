//! The specification's own valid and invalid documents, and each rule by hand.

use std::collections::BTreeMap;
use std::path::Path;

use domain::problem::{Problem, Problems};

use crate::json::Json;
use crate::text::decode;
use crate::xml::Xml;

use super::table::Table;

fn problems(path: &Path) -> Vec<Problem> {
    let bytes = std::fs::read(path).expect("a file that was listed");
    check(&decode(&bytes, &mut Problems::default()))
}

fn check(text: &str) -> Vec<Problem> {
    if text.trim_start().starts_with('<') {
        super::xml(&Xml::parse(text))
    } else {
        super::json(&Json::parse(text))
    }
}

#[test]
fn every_name_in_the_notation_is_explained() {
    assert_eq!(Table::get().unknown, Vec::<String>::new());
}

#[test]
fn show() {
    for path in testkit::shared_files("sbom/cyclonedx-spec") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".json") || name.ends_with(".xml") {
            let p = problems(&path);
            println!(
                "{} {} {:?}",
                path.strip_prefix(testkit::shared_data("sbom/cyclonedx-spec")).unwrap().display(),
                p.len(),
                p.first().map(|p| format!("{:?} {p}", p.code))
            );
        }
    }
}
