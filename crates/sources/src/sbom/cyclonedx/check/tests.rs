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

/// The specification names its documents by what they are.
#[test]
fn every_valid_document_is_accepted_and_every_invalid_one_refused() {
    let mut counts = BTreeMap::new();
    for path in testkit::shared_files("sbom/cyclonedx-spec") {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let is_document = [".json", ".xml"].iter().any(|end| name.ends_with(end));
        let Some(kind) = ["valid-", "invalid-"].iter().find(|kind| name.starts_with(**kind)) else {
            continue;
        };
        if is_document {
            let kept = problems(&path).is_empty();
            assert_eq!(kept, *kind == "valid-", "{}", path.display());
            *counts.entry(*kind).or_insert(0) += 1;
        }
    }
    assert_eq!(counts, BTreeMap::from([("invalid-", 289), ("valid-", 450)]));
}
