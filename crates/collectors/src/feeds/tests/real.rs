//! Real documents on the way through a server into a mirror, and read from there.

use std::collections::BTreeMap;
use std::io::Read as _;

use domain::fact::Document;
use sha2::{Digest as _, Sha512};
use testkit::published::Fault::Elsewhere;
use testkit::{shared_data, shared_files};

use super::super::mirror::hex;
use super::{Bench, folder, zipped};

/// What is read of a mirror, and how many records of it became facts.
fn read(bench: &Bench) -> Vec<Document> {
    folder::read(bench.folder.path(), &folder::Unwatched).expect("a folder").documents
}

fn records(documents: &[Document]) -> usize {
    documents.iter().map(|one| one.reading.records_made).sum()
}

#[test]
fn every_medical_advisory_arrives_as_it_was_published() {
    let bench = Bench::new();
    let mut documents = BTreeMap::new();
    for path in shared_files("advisories/icsma") {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        documents.insert(name, std::fs::read(&path).expect("readable"));
    }
    assert!(documents.len() > 90);
    let mut lines = String::new();
    for (name, bytes) in &documents {
        let path = format!("/vendor.example/white/2024/{name}");
        bench.server.put(&path, bytes);
        let hash = format!("{} {name}", hex(&Sha512::digest(bytes)));
        bench.server.put(&format!("{path}.sha512"), hash.as_bytes());
        lines = format!("\"2024/{name}\",\"2024-10-24T06:00:00.000000Z\"\n{lines}");
    }
    bench.server.put("/vendor.example/white/changes.csv", lines.as_bytes());
    let metadata = r#"{"metadata_version": "2.0", "distributions": [
        {"directory_url": "https://vendor.example/white"}]}"#;
    bench
        .server
        .put("/vendor.example/.well-known/csaf/provider-metadata.json", metadata.as_bytes());
    assert_eq!(bench.sync("csaf:vendor.example").changed, documents.len() as u64);
    for (name, bytes) in &documents {
        assert_eq!(bench.bytes(&format!("csaf/vendor.example/2024/{name}")), *bytes, "{name}");
    }
    assert!(read(&bench).iter().all(|one| one.format.starts_with("CSAF")));
}

#[test]
fn real_records_of_the_nvd_are_kept_as_they_were_received() {
    let bench = Bench::new();
    let text = std::fs::read_to_string(shared_data("nvd/medical.jsonl")).expect("readable");
    let lines: Vec<&str> = text.lines().collect();
    let list: Vec<String> = lines.iter().map(|line| format!("{{\"cve\": {line}}}")).collect();
    let page = format!(
        "{{\"resultsPerPage\": {0}, \"startIndex\": 0, \"totalResults\": {0}, \"format\": \
         \"NVD_CVE\", \"version\": \"2.0\", \"timestamp\": \"2026-11-30T00:00:00.000\", \
         \"vulnerabilities\": [{1}]}}",
        list.len(),
        list.join(", ")
    );
    bench.server.put("/page", page.as_bytes());
    bench.server.fail("/rest/json/cves/2.0", &[Elsewhere("/page".to_owned())]);
    assert_eq!(bench.sync("nvd").documents, lines.len() as u64);
    let documents = read(&bench);
    assert_eq!(records(&documents), lines.len());
    let mut kept = String::new();
    for entry in std::fs::read_dir(bench.at("nvd")).expect("a folder").flatten() {
        for (_, bytes) in super::shelved(&entry.path()) {
            kept.push_str(&String::from_utf8(bytes).expect("text"));
        }
    }
    for record in list {
        assert!(kept.contains(&record), "byte by byte");
    }
}

#[test]
fn real_cve_records_are_parted_by_their_years() {
    let bench = Bench::new();
    let mut entries = Vec::new();
    for year in ["2020", "2021"] {
        let file = std::fs::File::open(shared_data(&format!("cve/{year}.jsonl.gz")));
        let mut text = String::new();
        let mut unpacked = flate2::read::MultiGzDecoder::new(file.expect("readable"));
        unpacked.read_to_string(&mut text).expect("whole");
        for line in text.lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let id = record["cveMetadata"]["cveId"].as_str().expect("an id");
            entries.push((format!("cves/{year}/{id}.json"), line.as_bytes().to_vec()));
        }
    }
    let inner = zipped(&entries);
    let tag = "cve_2026-11-30_0900Z";
    let all = "2026-11-30_all_CVEs_at_midnight.zip.zip";
    bench.server.put(&format!("/files/{tag}/{all}"), &zipped(&[("cves.zip".to_owned(), inner)]));
    let release = format!("{{\"tag_name\": \"{tag}\", \"assets\": [{{\"name\": \"{all}\"}}]}}");
    bench.server.put("/api/releases/latest", release.as_bytes());
    assert_eq!(bench.sync("cve").documents, entries.len() as u64);
    let documents = read(&bench);
    assert_eq!((documents.len(), records(&documents)), (entries.len(), entries.len()));
}
