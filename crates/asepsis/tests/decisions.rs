//! Decisions about findings and VEX, as people and scripts call them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use testkit::copy;

/// A copy of the example hospital, to decide in.
struct Hospital {
    folder: tempfile::TempDir,
}

impl Hospital {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid");
        copy(&example, &folder.path().join("hospital"));
        Self { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join("hospital").join(name)
    }

    /// Status, what is said, and what is complained of.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        let output = command.args(arguments).current_dir(self.folder.path());
        let output = output.env_remove("ASEPSIS_STORE").output().expect("it starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    fn decide(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        self.run(&[&["decide"], arguments, &["--in", "hospital"]].concat())
    }

    fn assessed(&self) -> Value {
        let (_, out, error) = self.run(&["assess", "hospital", "--json", "-", "--quiet"]);
        serde_json::from_str(&out).expect(&error)
    }
}

/// The verdicts of every release about every vulnerability, by subject.
fn verdicts(assessed: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for release in assessed["releases"].as_array().expect("releases") {
        for finding in release["findings"].as_array().expect("findings") {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let name = [
                text(&release["manufacturer"]),
                text(&release["model"]),
                text(&release["version"]),
                text(&finding["vulnerability"]),
                text(&finding["subject"]),
            ];
            found.insert(name.join("|"), text(&finding["verdict"]));
        }
    }
    found
}

const MONITOR: &str = "Contec Health|CMS8000|2.0.6|CVE-2022-38100|Contec Health CMS8000 2.0.6";
const ABOUT: [&str; 5] =
    ["CVE-2022-38100", "--product", "Contec Health/CMS8000", "--version", "2.0.6"];

#[test]
fn a_decision_is_kept_as_a_file_counts_and_is_undone_without_a_trace_in_the_verdicts() {
    let hospital = Hospital::new();
    let before = hospital.assessed();
    assert_eq!(verdicts(&before)[MONITOR], "affected");
    let why = ["--because", "vulnerable_code_not_present", "--reason", "<b>we</b> looked"];
    let (status, said, error) =
        hospital.decide(&[&["not-affected"], &ABOUT[..], &why, &["--author", "Anna"]].concat());
    assert_eq!(status, Some(0), "{error}");
    assert!(said.contains("1 finding in 1 release, 9 devices"), "{said}");
    let after = hospital.assessed();
    assert_eq!(verdicts(&after)[MONITOR], "not_affected");
    let (_, listed, _) = hospital.decide(&["list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let expected = json!({ "kind": "not-affected", "author": "Anna", "devices": 9 });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&listed[name], value, "{listed}");
    }
    let id = listed["id"].as_str().expect("an id");
    assert!(hospital.at(&format!("decisions/{id}.json")).exists());
    assert_eq!(hospital.decide(&["undo", "../README"]).0, Some(2));
    assert_eq!(hospital.decide(&["undo", id]).0, Some(0));
    let (again, mut first) = (hospital.assessed(), before);
    first["subject"] = again["subject"].clone();
    assert_eq!(again, first, "all is as it was before");
    assert_eq!(hospital.decide(&["undo", id]).0, Some(2), "it is gone");
}

#[test]
fn an_accepted_risk_sinks_and_is_as_it_was_when_its_day_has_passed() {
    let hospital = Hospital::new();
    let on = |day: &str| {
        let (_, out, error) =
            hospital.run(&["assess", "hospital", "--json", "-", "--quiet", "--date", day]);
        serde_json::from_str::<Value>(&out).expect(&error)
    };
    let before = on("2027-01-01");
    let soon =
        jiff::ZonedDateTime::now().date().saturating_add(jiff::Span::new().days(90)).to_string();
    let later =
        jiff::ZonedDateTime::now().date().saturating_add(jiff::Span::new().days(91)).to_string();
    let accept = ["--until", &soon, "--reason", "on its own network"];
    let (status, _, error) = hospital.decide(&[&["accept"], &ABOUT[..], &accept[..]].concat());
    assert_eq!(status, Some(0), "{error}");
    let is_monitor = |device: &&Value| device["model"] == "CMS8000" && device["version"] == "2.0.6";
    let ranks = |assessed: &Value| -> Vec<(u64, String, Value)> {
        let devices = assessed["devices"].as_array().expect("devices").iter();
        let shown = devices.filter(is_monitor).map(|device| {
            let findings = device["findings"].as_array().expect("findings");
            let own = findings.iter().find(|one| one["vulnerability"] == "CVE-2022-38100");
            let own = own.expect("it is not hidden").clone();
            (device["rank"].as_u64().expect("a rank"), device["risk"].to_string(), own)
        });
        shown.collect()
    };
    let (first, during) = (ranks(&before), ranks(&on(&soon)));
    for ((rank, risk, finding), (later_rank, later_risk, accepted)) in first.iter().zip(&during) {
        assert_eq!(accepted["verdict"], "affected");
        assert_eq!(accepted["accepted_until"], soon.as_str());
        assert_eq!(accepted["decision"], "Track");
        assert_eq!((risk, &finding["risk"]), (later_risk, &accepted["risk"]), "the risk stays");
        assert!(later_rank >= rank, "{later_rank} {rank}");
    }
    assert_eq!(ranks(&on(&later))[0].2["accepted_until"], Value::Null, "open again");
    assert_eq!(ranks(&on(&later))[0].2["decision"], ranks(&before)[0].2["decision"]);
}

#[test]
fn what_cannot_be_decided_is_refused_in_a_sentence() {
    let hospital = Hospital::new();
    let long = "x".repeat(10_000);
    let product = ["--product", "BD/Alaris PCU"];
    for (arguments, sentence) in
        [
            (vec!["false-positive", "CVE-1", "--reason", "x"], "--product"),
            (vec!["false-positive", "CVE-1", "--product", "BD", "--reason", "x"], "no MAKER/MODEL"),
            (
                [&["false-positive", "CVE-1", "--reason", "x"][..], &product].concat(),
                "--all-versions",
            ),
            (
                [&["false-positive", "CVE-1", "--all-versions", "--reason", &long][..], &product]
                    .concat(),
                "2000 characters at most",
            ),
            (
                [&["false-positive", "CVE-1", "--all-versions", "--reason", "  "][..], &product]
                    .concat(),
                "Write why",
            ),
            (
                [
                    &[
                        "accept",
                        "CVE-1",
                        "--all-versions",
                        "--reason",
                        "x",
                        "--until",
                        "2020-01-01",
                    ][..],
                    &product,
                ]
                .concat(),
                "has passed",
            ),
            (
                vec!["false-positive", "CVE-1", "--component", "zlib", "--reason", "x"],
                "package URL",
            ),
            (vec!["undo", "none"], "no decision `none`"),
        ]
    {
        let (status, _, error) = hospital.decide(&arguments);
        assert_eq!(status, Some(2), "{arguments:?}");
        assert!(error.contains(sentence), "{arguments:?}: {error}");
    }
    assert!(!hospital.at("decisions").exists(), "nothing was kept");
}

#[test]
fn a_file_by_hand_with_nonsense_gives_one_clear_error_and_clears_nothing() {
    let hospital = Hospital::new();
    let before = verdicts(&hospital.assessed());
    fs::create_dir(hospital.at("decisions")).expect("made");
    let document = |note: &str, author: Value| {
        json!({ "@context": "https://openvex.dev/ns/v0.2.0", "author": author,
            "timestamp": "2026-11-30T00:00:00Z", "version": 1, "statements": [{
            "vulnerability": { "name": "CVE-2022-38100" }, "status": "not_affected",
            "impact_statement": "because", "status_notes": note,
            "products": [{ "@id": "asepsis:release/Contec%20Health/CMS8000/2.0.6" }] }] })
    };
    for (name, wrong) in [
        ("nonsense", document("asepsis: nonsense", json!("Anna")).to_string()),
        ("status", document("asepsis: accepted-until=2027-03-01", json!("Anna")).to_string()),
        ("author", document("asepsis: false-positive", Value::Null).to_string()),
        ("cut", r#"{"@context": "https://openvex.dev/ns/v0.2.0", "statements": ["#.to_owned()),
    ] {
        let file = hospital.at(&format!("decisions/{name}.json"));
        fs::write(&file, wrong).expect("written");
        let (status, _, error) = hospital.decide(&["list"]);
        assert_eq!((status, error.matches("error:").count()), (Some(2), 1), "{name}: {error}");
        assert!(error.contains(&format!("decisions/{name}.json")), "{error}");
        assert_eq!(verdicts(&hospital.assessed()), before, "{name}");
        fs::remove_file(file).expect("removed");
    }
    // The same, as it should be, counts; elsewhere it does not, and says so.
    let whole = document("asepsis: false-positive", json!("Anna")).to_string();
    fs::write(hospital.at("vex/decided.json"), &whole).expect("written");
    let assessed = hospital.assessed();
    assert_eq!(verdicts(&assessed), before);
    let documents = assessed["documents"].as_array().expect("documents");
    let told = documents.iter().find(|one| one["name"] == "vex/decided.json").expect("it");
    assert!(told["problems"][0]["expected"].as_str().expect("words").contains("`decisions`"));
    fs::write(hospital.at("decisions/whole.json"), whole).expect("written");
    assert_eq!(verdicts(&hospital.assessed())[MONITOR], "not_affected");
}

#[test]
fn a_decision_in_a_store_is_judged_at_once_and_stands_in_the_chain() {
    let hospital = Hospital::new();
    assert_eq!(hospital.run(&["store", "put", "hospital"]).0, Some(0));
    let decide = [&["decide", "false-positive"], &ABOUT[..], &["--reason", "it is another"]];
    let (status, said, error) = hospital.run(&decide.concat());
    assert_eq!(status, Some(0), "{error}");
    assert!(said.contains("1 finding in 1 release, 9 devices"), "{said}");
    let (_, listed, _) = hospital.run(&["decide", "list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!((&listed["findings"], &listed["kind"]), (&json!(1), &json!("false-positive")));
    // What is taken in anew from the folder leaves it.
    assert_eq!(hospital.run(&["store", "put", "hospital"]).0, Some(0));
    let (_, again, _) = hospital.run(&["decide", "list", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&again).expect("JSON"), listed);
    let id = listed["id"].as_str().expect("an id");
    assert_eq!(hospital.run(&["decide", "undo", id]).0, Some(0));
    assert_eq!(hospital.run(&["decide", "list"]).1, "Nothing was decided.\n");
    let (_, chain, _) = hospital.run(&["audit", "export"]);
    assert!(chain.contains("decision.make") && chain.contains("decision.undo"), "{chain}");
    assert_eq!(hospital.run(&["audit", "verify"]).0, Some(0));
}

/// The worst verdict of each release about each vulnerability.
fn worst(assessed: &Value) -> BTreeMap<String, String> {
    let graver = |verdict: &str| match verdict {
        "affected" => 0,
        "undecided" => 1,
        "fixed" => 2,
        _ => 3,
    };
    let mut worst: BTreeMap<String, String> = BTreeMap::new();
    for (name, verdict) in verdicts(assessed) {
        let name = name.rsplit_once('|').expect("a subject").0.to_owned();
        let kept = worst.entry(name).or_insert_with(|| verdict.clone());
        if graver(&verdict) < graver(kept) {
            *kept = verdict;
        }
    }
    worst
}

#[test]
fn what_is_exported_as_vex_and_read_again_gives_the_same_verdicts() {
    let hospital = Hospital::new();
    let why = ["--because", "component_not_present", "--reason", "we looked"];
    assert_eq!(hospital.decide(&[&["not-affected"], &ABOUT[..], &why].concat()).0, Some(0));
    let before = hospital.assessed();
    for format in ["openvex", "csaf"] {
        let (status, document, error) = hospital.run(&[
            "vex",
            "export",
            "hospital",
            "--format",
            format,
            "--author",
            "Saint Brigid",
            "--namespace",
            "https://brigid.example",
        ]);
        assert_eq!(status, Some(0), "{error}");
        assert!(error.contains("no version"), "{error}");
        // Without the decision itself, and with what was exported in its place.
        let other = Hospital::new();
        fs::write(other.at(&format!("vex/export.{format}.json")), document).expect("written");
        let after = other.assessed();
        let problems = after["documents"].as_array().expect("documents").iter();
        let export = format!("vex/export.{format}.json");
        let own: Vec<_> = problems.filter(|one| one["name"] == export.as_str()).collect();
        assert_eq!(own[0]["problem_count"], 0, "{}", own[0]);
        let (before, after) = (worst(&before), worst(&after));
        let differs = before.iter().filter(|(name, verdict)| after.get(*name) != Some(*verdict));
        let differs: Vec<_> =
            differs.map(|(n, v)| format!("{n}: {v} {:?}", after.get(n))).collect();
        assert!(differs.is_empty(), "{format}\n{}", differs.join("\n"));
        // CSAF is about names, and so says of other versions that they are others.
        let more = after.iter().filter(|(name, _)| !before.contains_key(*name));
        let open: Vec<_> =
            more.filter(|(_, verdict)| format == "openvex" || *verdict != "not_affected").collect();
        assert!(open.is_empty(), "{format}: {open:?}");
    }
}

#[test]
fn cyclonedx_is_about_one_product_and_refers_to_its_sbom() {
    let hospital = Hospital::new();
    let export = |more: &[&str]| {
        let all = ["vex", "export", "hospital", "--format", "cyclonedx", "--author", "Maker"];
        hospital.run(&[&all[..], more].concat())
    };
    let (status, _, error) = export(&[]);
    assert_eq!(status, Some(2));
    assert!(error.contains("about one product"), "{error}");
    let one = ["--product", "BD/Alaris PC Unit", "--version", "12.1"];
    let (status, document, error) = export(&one);
    assert_eq!(status, Some(0), "{error}");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(
        (&document["bomFormat"], &document["specVersion"]),
        (&json!("CycloneDX"), &json!("1.6"))
    );
    let vulnerabilities = document["vulnerabilities"].as_array().expect("a list");
    assert!(vulnerabilities.len() > 2, "{document}");
    let before = worst(&hospital.assessed());
    fs::write(hospital.at("vex/export.cdx.json"), document.to_string()).expect("written");
    assert_eq!(worst(&hospital.assessed()), before);
    assert_eq!(export(&["--product", "Nobody/Nothing"]).0, Some(2));
}

/// The fields that profile 5 asks for (CSAF 2.0, section 4.5).
#[test]
fn csaf_has_all_that_its_vex_profile_asks_for() {
    let hospital = Hospital::new();
    let (_, document, error) = hospital.run(&[
        "vex",
        "export",
        "hospital",
        "--format",
        "csaf",
        "--author",
        "Saint Brigid",
        "--namespace",
        "https://brigid.example",
    ]);
    let document: Value = serde_json::from_str(&document).expect(&error);
    for field in [
        "/document/category",
        "/document/csaf_version",
        "/document/publisher/category",
        "/document/publisher/name",
        "/document/publisher/namespace",
        "/document/title",
        "/document/tracking/current_release_date",
        "/document/tracking/id",
        "/document/tracking/initial_release_date",
        "/document/tracking/revision_history/0/date",
        "/document/tracking/revision_history/0/number",
        "/document/tracking/status",
        "/document/tracking/revision_history/0/summary",
        "/document/tracking/version",
        "/product_tree",
    ] {
        assert!(document.pointer(field).is_some(), "{field}");
    }
    assert_eq!(document["document"]["category"], "csaf_vex");
    for one in document["vulnerabilities"].as_array().expect("vulnerabilities") {
        assert!(one.get("cve").or_else(|| one.get("ids")).is_some(), "{one}");
        assert!(one["notes"].as_array().is_some_and(|notes| !notes.is_empty()), "{one}");
        let status = one["product_status"].as_object().expect("a status");
        assert!(!status.is_empty(), "{one}");
        let told = |list: &str, product: &Value| {
            let entries = one[list].as_array().into_iter().flatten();
            entries
                .filter_map(|entry| entry["product_ids"].as_array())
                .flatten()
                .any(|p| p == product)
        };
        // Whoever is not affected has a flag or an impact; whoever is, something to do.
        for product in one["product_status"]["known_not_affected"].as_array().into_iter().flatten()
        {
            assert!(told("flags", product) || told("threats", product), "{product} in {one}");
        }
        for product in one["product_status"]["known_affected"].as_array().into_iter().flatten() {
            assert!(told("remediations", product), "{product} in {one}");
        }
    }
}
