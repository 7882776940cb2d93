//! CSAF providers: how they are found, by what they list, and what is refused of it.

use sha2::{Digest as _, Sha256, Sha512};
use testkit::published::Fault::{CutAfter, Elsewhere, Status};

use super::super::mirror::hex;
use super::{Bench, HOUR_MS, Label};

const DOMAIN: &str = "/vendor.example";
const SOURCE: &str = "csaf:vendor.example";
const WELL_KNOWN: &str = "/vendor.example/.well-known/csaf/provider-metadata.json";

fn advisory(id: &str, label: Option<&str>) -> String {
    let distribution =
        label.map(|label| format!("\"distribution\":{{\"tlp\":{{\"label\":\"{label}\"}}}},"));
    format!(
        "{{\"document\":{{\"category\":\"csaf_security_advisory\",\"csaf_version\":\"2.0\",{}\
         \"publisher\":{{\"category\":\"vendor\",\"name\":\"V\",\"namespace\":\"https://vendor.example\"}},\
         \"title\":\"{id}\",\"tracking\":{{\"id\":\"{id}\",\"current_release_date\":\
         \"2026-11-01T00:00:00Z\",\"initial_release_date\":\"2026-11-01T00:00:00Z\",\
         \"status\":\"final\",\"version\":\"1\",\"revision_history\":[]}}}}}}",
        distribution.unwrap_or_default()
    )
}

fn metadata(distributions: &str) -> String {
    format!(
        "{{\"canonical_url\":\"https://vendor.example/x\",\"metadata_version\":\"2.0\",\
         \"publisher\":{{}},\"role\":\"csaf_provider\",\"distributions\":[{distributions}]}}"
    )
}

const DIRECTORY: &str = r#"{"directory_url": "https://vendor.example/csaf/"}"#;

/// A provider of a directory, with the documents and when each was changed.
fn directory(bench: &Bench, documents: &[(&str, &str)]) {
    bench.server.put(WELL_KNOWN, metadata(DIRECTORY).as_bytes());
    let lines: Vec<_> =
        documents.iter().map(|(path, at)| format!("\"{path}\",\"{at}\"\n")).collect();
    bench.server.put(&format!("{DOMAIN}/csaf/changes.csv"), lines.concat().as_bytes());
    let index: Vec<_> = documents.iter().map(|(path, _)| format!("{path}\n")).collect();
    bench.server.put(&format!("{DOMAIN}/csaf/index.txt"), index.concat().as_bytes());
    for (path, _) in documents {
        document(bench, path, &advisory(path, Some("WHITE")));
    }
}

fn document(bench: &Bench, path: &str, text: &str) {
    bench.server.put(&format!("{DOMAIN}/csaf/{path}"), text.as_bytes());
    let hash = format!("{}  {path}\n", hex(&Sha256::digest(text.as_bytes())));
    bench.server.put(&format!("{DOMAIN}/csaf/{path}.sha256"), hash.as_bytes());
}

const TWO: [(&str, &str); 2] =
    [("2026/a.json", "2026-11-02T00:00:00Z"), ("2025/b.json", "2025-01-01T00:00:00Z")];

#[test]
fn a_directory_is_taken_once_and_then_what_changed() {
    let bench = Bench::new();
    directory(&bench, &TWO);
    let taken = bench.sync(SOURCE);
    assert_eq!((taken.changed, taken.documents), (2, 2));
    let read = bench.read();
    assert_eq!(read[0].0, "csaf/vendor.example/2025/b.json");
    assert!(read.iter().all(|(_, format)| format.starts_with("CSAF")), "{read:?}");
    let _ = bench.paths();
    bench.later(HOUR_MS);
    assert_eq!(bench.sync(SOURCE).changed, 0);
    assert_eq!(bench.paths().len(), 3, "metadata and two lists, which are as they were");
    let mut changed = TWO.to_vec();
    changed[0].1 = "2026-11-29T00:00:00Z";
    changed.push(("2026/c.json", "2026-11-30T00:00:00Z"));
    directory(&bench, &changed);
    document(&bench, "2026/a.json", &advisory("a-2", Some("WHITE")));
    let taken = bench.sync(SOURCE);
    assert_eq!((taken.changed, taken.documents), (2, 3));
    let asked = bench.paths();
    assert!(!asked.iter().any(|path| path.contains("b.json")), "{asked:?}");
    // What somebody took out of the mirror comes back once its list is read again.
    std::fs::remove_file(bench.at("csaf/vendor.example/2025/b.json")).expect("removed");
    changed.push(("2026/d.json", "2026-11-30T01:00:00Z"));
    directory(&bench, &changed);
    document(&bench, "2026/a.json", &advisory("a-2", Some("WHITE")));
    assert_eq!(bench.sync(SOURCE).changed, 2);
}

#[test]
fn a_provider_is_found_in_three_ways_and_in_that_order() {
    let bench = Bench::new();
    let wrong = bench.wrong(SOURCE);
    assert!(wrong.contains("says nowhere"), "{wrong}");
    let asked = bench.paths();
    let expected = [
        WELL_KNOWN,
        "/vendor.example/.well-known/security.txt",
        "/vendor.example/security.txt",
        "/csaf.data.security.vendor.example/",
    ];
    assert_eq!(asked, expected);
    directory(&bench, &TWO);
    bench.server.remove(WELL_KNOWN);
    let told = metadata(DIRECTORY);
    bench.server.put("/csaf.data.security.vendor.example/", told.as_bytes());
    assert_eq!(bench.sync(SOURCE).documents, 2);
    bench.server.remove("/csaf.data.security.vendor.example/");
    bench.server.put("/vendor.example/here/p.json", told.as_bytes());
    let text = "Contact: mailto:a@vendor.example\nCSAF: https://vendor.example/none.json\n\
                CSAF: https://vendor.example/here/p.json\n";
    bench.server.put("/vendor.example/security.txt", text.as_bytes());
    assert_eq!(bench.sync(SOURCE).documents, 2);
    assert_eq!(bench.sync("csaf:https://vendor.example/here/p.json").changed, 2);
    let of_other = told.replace("\"metadata_version\":\"2.0\"", "\"metadata_version\":\"1.0\"");
    bench.server.put("/vendor.example/here/p.json", of_other.as_bytes());
    assert!(bench.wrong(SOURCE).contains("expected provider metadata"));
}

fn feed(bench: &Bench, name: &str, entries: &[(&str, &str)]) {
    let entries = entries.iter().map(|(path, hash)| {
        let url = format!("https://vendor.example/csaf/{path}");
        format!(
            "{{\"id\":\"{path}\",\"updated\":\"2026-11-01T00:00:00Z\",\"link\":[\
             {{\"rel\":\"self\",\"href\":\"{url}\"}},{{\"rel\":\"hash\",\"href\":\"{url}.{hash}\"}}],\
             \"content\":{{\"type\":\"application/json\",\"src\":\"{url}\"}}}}"
        )
    });
    let text = format!(
        "{{\"feed\":{{\"id\":\"{name}\",\"entry\":[{}]}}}}",
        entries.collect::<Vec<_>>().join(",")
    );
    bench.server.put(&format!("{DOMAIN}/csaf/{name}"), text.as_bytes());
}

#[test]
fn a_feed_is_taken_under_the_labels_that_are_wanted() {
    let mut bench = Bench::new();
    let feeds = r#"{"directory_url": "https://vendor.example/none/"},
        {"rolie": {"feeds": [
            {"summary": "w", "tlp_label": "WHITE", "url": "https://vendor.example/csaf/white.json"},
            {"summary": "g", "tlp_label": "GREEN", "url": "https://vendor.example/csaf/green.json"}
        ]}}"#;
    bench.server.put(WELL_KNOWN, metadata(feeds).as_bytes());
    feed(&bench, "white.json", &[("2026/a.json", "sha512"), ("2026/odd.json", "sha256")]);
    feed(&bench, "green.json", &[("2026/g.json", "sha256")]);
    let text = advisory("a", None);
    document(&bench, "2026/a.json", &text);
    let hash = format!("{} *a.json", hex(&Sha512::digest(text.as_bytes())).to_uppercase());
    bench.server.put(&format!("{DOMAIN}/csaf/2026/a.json.sha512"), hash.as_bytes());
    // Under a label of its own that its feed does not say.
    document(&bench, "2026/odd.json", &advisory("odd", Some("AMBER")));
    document(&bench, "2026/g.json", &advisory("g", Some("GREEN")));
    let taken = bench.sync(SOURCE);
    assert_eq!((taken.changed, taken.documents), (1, 1));
    assert!(bench.paths().iter().all(|path| !path.contains("green")));
    bench.settings.labels = vec![Label::White, Label::Green];
    let taken = bench.sync(SOURCE);
    assert_eq!((taken.changed, taken.documents), (1, 2));
    assert!(!bench.at("csaf/vendor.example/2026/odd.json").exists());
    bench.settings.labels = vec![Label::White, Label::Amber];
    let taken = bench.sync(SOURCE);
    assert_eq!((taken.changed, taken.documents), (1, 3), "its list is the one from before");
    // Nothing of a feed is wanted, and the directory has no lists.
    bench.settings.labels = vec![Label::Red];
    assert!(bench.wrong(SOURCE).contains("documents in changes.csv or index.txt"));
}

#[test]
fn a_document_that_is_refused_holds_up_no_other_and_is_asked_for_again() {
    let bench = Bench::new();
    let mut documents = TWO.to_vec();
    documents.push(("2026/c.json", "2026-11-03T00:00:00Z"));
    documents.push(("2026/d.json", "2026-11-03T00:00:00Z"));
    directory(&bench, &documents);
    let wrong_hash = format!("{}  a.json", "0".repeat(64));
    bench.server.put(&format!("{DOMAIN}/csaf/2026/a.json.sha256"), wrong_hash.as_bytes());
    document(&bench, "2026/c.json", "{\"document\": {}}");
    let wrong = bench.wrong(SOURCE);
    assert!(wrong.starts_with("2 of 4 documents could not be taken"), "{wrong}");
    assert!(wrong.contains("differs from the hash"), "{wrong}");
    assert!(!bench.at("csaf/vendor.example/2026/a.json").exists());
    assert_eq!(bench.read().len(), 2);
    let _ = bench.paths();
    directory(&bench, &documents);
    let taken = bench.sync(SOURCE);
    assert_eq!((taken.changed, taken.documents), (2, 4));
    assert!(bench.paths().iter().all(|path| !path.contains("b.json")));
}

#[test]
fn a_path_that_leaves_its_directory_is_passed_over() {
    let bench = Bench::new();
    directory(&bench, &TWO);
    let evil = "../../../../etc/cron.d/x.json\n/etc/x.json\n2026/../../x.json\n.hidden/x.json\n\
                2026/.x.json\n2026\\x.json\n2026/x.txt\n2026/%2e%2e/x.json\n";
    bench.server.put(&format!("{DOMAIN}/csaf/index.txt"), evil.as_bytes());
    assert_eq!(bench.sync(SOURCE).documents, 2);
    assert!(bench.paths().iter().all(|path| !path.contains("x.json")));
    let feeds = r#"{"rolie": {"feeds": [
        {"tlp_label": "WHITE", "url": "https://vendor.example/csaf/white.json"}]}}"#;
    bench.server.put(WELL_KNOWN, metadata(feeds).as_bytes());
    for src in ["https://vendor.example/csaf/..", "https://vendor.example/a/.x.json", ""] {
        let text = format!(r#"{{"feed":{{"entry":[{{"id":"x","content":{{"src":"{src}"}}}}]}}}}"#);
        bench.server.put(&format!("{DOMAIN}/csaf/white.json"), text.as_bytes());
        assert!(bench.wrong(SOURCE).contains("expected addresses of documents"), "{src}");
    }
    // A document in another place is asked for there, if that place may be asked.
    let text =
        r#"{"feed":{"entry":[{"id":"x","content":{"src":"https://10.0.0.5/2026/x.json"}}]}}"#;
    bench.server.put(&format!("{DOMAIN}/csaf/white.json"), text.as_bytes());
    assert!(bench.wrong(SOURCE).contains("--feeds-may-reach"));
}

#[test]
fn a_provider_that_is_gone_in_the_midst_is_given_up_soon_and_gone_on_with_later() {
    let bench = Bench::new();
    let paths: Vec<String> = (0..60).map(|number| format!("2026/{number:03}.json")).collect();
    let documents: Vec<(&str, &str)> =
        paths.iter().map(|path| (path.as_str(), "2026-11-02T00:00:00Z")).collect();
    directory(&bench, &documents);
    for path in &paths[30..33] {
        bench.server.fail(&format!("{DOMAIN}/csaf/{path}"), &vec![Status(503, None); 6]);
    }
    bench.server.fail(&format!("{DOMAIN}/csaf/{}", paths[3]), &[CutAfter(40)]);
    let wrong = bench.wrong(SOURCE);
    assert!(wrong.starts_with("30 of 60"), "{wrong}");
    assert_eq!(bench.read().len(), 30);
    let _ = bench.paths();
    assert_eq!(bench.sync(SOURCE).changed, 30);
    assert!(bench.paths().iter().all(|path| !path.ends_with("029.json")));
}

#[test]
fn a_provider_without_hashes_is_not_asked_for_them_over_and_over() {
    let bench = Bench::new();
    let paths: Vec<String> = (0..20).map(|number| format!("2026/{number:03}.json")).collect();
    let documents: Vec<(&str, &str)> =
        paths.iter().map(|path| (path.as_str(), "2026-11-02T00:00:00Z")).collect();
    directory(&bench, &documents);
    for path in &paths {
        bench.server.remove(&format!("{DOMAIN}/csaf/{path}.sha256"));
    }
    assert_eq!(bench.sync(SOURCE).documents, 20);
    let hashes = bench.paths().into_iter().filter(|path| path.contains(".sha")).count();
    assert_eq!(hashes, 10, "of five documents, of both kinds");
    let elsewhere = Elsewhere("http://192.168.0.1/x".to_owned());
    bench.server.fail(WELL_KNOWN, &[elsewhere]);
    assert!(bench.wrong(SOURCE).contains("says nowhere"));
}
