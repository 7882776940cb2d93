//! VEX out of the program: valid whatever things are called, and read again it clears nothing that
//! was open.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use sources::format;

/// What stands in the names here.
const ODD: &str = "Größe \"A\", <b>&/\\ %2F";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    let output =
        command.args(arguments).current_dir(folder).env_remove("SOURCE_DATE_EPOCH").output();
    output.expect("it starts")
}

/// The SBOM of a pump, with flaws: the state of each, or none, by the place of its component.
fn pump(flaws: &[(usize, &str)]) -> Value {
    let library = |reference: &str, name: &str, version: &str| json!({ "type": "library", "bom-ref": reference, "name": name, "version": version });
    let mut package = library("pkg:npm/%40x/y@1.0?a=b#c", "@x/y", "1.0");
    package["purl"] = json!("pkg:npm/%40x/y@1.0?a=b#c");
    let odd = format!("lib {ODD}");
    let components = [
        library("a b/ü%41#?&", &odd, "2:1~a b"),
        library("second", &odd, "2:1~a b"),
        package,
        library("d", "a b", "c"),
        library("e", "a", "b c"),
        library("f", "line\nbreak\ttab", "1"),
    ];
    let flaw = |(number, (place, state)): (usize, &(usize, &str))| {
        let reference =
            components.get(*place).map_or("the pump/é%41#1".into(), |one| one["bom-ref"].clone());
        let mut flaw = json!({
            "id": format!("CVE-2024-{}", 1000 + number - number % 2),
            "affects": [{ "ref": reference }],
        });
        if !state.is_empty() {
            flaw["analysis"] = json!({ "state": state, "detail": ODD });
        }
        flaw
    };
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "metadata": { "component": {
            "type": "device", "bom-ref": "the pump/é%41#1", "name": format!("Pump {ODD}"),
            "version": "1.0 <β>", "manufacturer": { "name": ODD }, "supplier": { "name": ODD },
        } },
        "components": components,
        "vulnerabilities": flaws.iter().enumerate().map(flaw).collect::<Vec<Value>>(),
    })
}

/// The verdicts about each flaw in each thing, from the worst on, and how many problems there are.
fn assessed(folder: &Path) -> (BTreeMap<(String, String), Vec<u8>>, u64) {
    let output = run(folder, &["assess", ".", "--json", "-", "--quiet"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let mut verdicts: BTreeMap<(String, String), Vec<u8>> = BTreeMap::new();
    for finding in found["releases"]
        .as_array()
        .expect("releases")
        .iter()
        .flat_map(|release| release["findings"].as_array().expect("findings"))
    {
        let verdict = match finding["verdict"].as_str().expect("a verdict") {
            "affected" => 0,
            "undecided" => 1,
            "fixed" => 2,
            _ => 3,
        };
        let key = (text(&finding["vulnerability"]), text(&finding["subject"]));
        verdicts.entry(key).or_default().push(verdict);
    }
    for verdicts in verdicts.values_mut() {
        verdicts.sort_unstable();
    }
    let own = found["documents"].as_array().expect("documents").iter();
    let own = own.filter(|one| one["name"].as_str().is_some_and(|name| name.contains("vex")));
    (verdicts, own.map(|one| one["problem_count"].as_u64().expect("a count")).sum())
}

fn export(folder: &Path, format: &str) -> Output {
    let named = ["--author", "Maker", "--namespace", "https://maker.example"];
    run(folder, &[&["vex", "export", ".", "--format", format], &named[..]].concat())
}

/// No schema of the three allows an empty text, list or object where these documents have one.
fn is_filled(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty() && items.iter().all(is_filled),
        Value::Object(fields) => fields.values().all(is_filled),
        _ => true,
    }
}

/// What the three ask for beyond the forms of fields.
fn check(format: &str, document: &Value) {
    assert!(is_filled(document) || format == "cyclonedx", "{document}");
    let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match format {
        "openvex" => {
            // One thing has one status towards one flaw.
            let statements = all(&document["statements"]);
            let about = statements
                .iter()
                .map(|one| format!("{} {}", one["vulnerability"], one["products"]));
            assert_eq!(about.collect::<BTreeSet<_>>().len(), statements.len());
        }
        "csaf" => {
            // CSAF 2.0, sections 6.1.2 and 6.1.6.
            let tree = &document["product_tree"];
            let relations = all(&tree["relationships"]);
            let ids = relations.iter().map(|one| &one["full_product_name"]["product_id"]);
            let ids: BTreeSet<String> = ids.map(ToString::to_string).collect();
            assert_eq!(ids.len(), relations.len(), "{tree}");
            for flaw in all(&document["vulnerabilities"]) {
                let status = flaw["product_status"].as_object().expect("a status").values();
                let products: Vec<String> =
                    status.flat_map(all).map(|product| product.to_string()).collect();
                let once: BTreeSet<&String> = products.iter().collect();
                assert_eq!(once.len(), products.len(), "{flaw}");
            }
        }
        _ => {
            let (_, problems) = format::check(document.to_string().as_bytes()).expect("an SBOM");
            assert!(problems.is_empty(), "{}", problems[0]);
        }
    }
}

#[test]
fn names_full_of_odd_characters_come_back_and_clear_nothing_that_was_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let flaws = [
        (0, "exploitable"),
        (4, ""),
        (0, "not_affected"),
        (1, "exploitable"),
        (2, "resolved"),
        (3, "in_triage"),
        // Of a whole of which a part is open nothing would be stated.
        (6, "not_affected"),
        (5, "false_positive"),
        (1, "not_affected"),
    ];
    let write = |folder: &Path, flaws: &[(usize, &str)]| {
        fs::write(folder.join("pump.cdx.json"), pump(flaws).to_string()).expect("written");
    };
    write(folder.path(), &flaws);
    let (before, _) = assessed(folder.path());
    assert!(before.len() > 7, "{before:?}");
    for format in ["openvex", "csaf", "cyclonedx"] {
        let output = export(folder.path(), format);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        check(format, &document);
        // Beside the same SBOM, in which nothing is judged.
        let other = tempfile::tempdir().expect("a folder");
        write(other.path(), &flaws.map(|(place, _)| (place, "")));
        fs::write(other.path().join("vex.json"), &output.stdout).expect("written");
        let (after, problems) = assessed(other.path());
        assert_eq!(problems, 0, "{format}");
        if format == "cyclonedx" {
            assert_eq!(after, before);
        }
        for (name, verdicts) in &before {
            let open = |verdicts: &[u8]| verdicts.iter().filter(|verdict| **verdict < 2).count();
            let now = after.get(name).map(Vec::as_slice).unwrap_or_default();
            assert!(open(now) >= open(verdicts), "{format} {name:?}: {verdicts:?} {now:?}");
        }
    }
}

#[test]
fn where_nothing_is_known_nothing_is_written_and_very_many_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pump.cdx.json");
    fs::write(&path, pump(&[]).to_string()).expect("written");
    for format in ["openvex", "csaf", "cyclonedx"] {
        let output = export(folder.path(), format);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(error.contains("nothing is known that could be stated"), "{error}");
    }
    for odd in [["Maker", "maker"], ["Maker", "https://"], [" ", "https://maker.example"]] {
        let named = ["--author", odd[0], "--namespace", odd[1]];
        let output =
            run(folder.path(), &[&["vex", "export", ".", "--format", "csaf"], &named[..]].concat());
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(error.contains("is no URL") || error.contains("names nobody"), "{error}");
    }
    let states = ["exploitable", "not_affected", "resolved", "in_triage", ""];
    let flaws: Vec<(usize, &str)> =
        (0..4000).map(|number| (number % 7, states[number % states.len()])).collect();
    fs::write(&path, pump(&flaws).to_string()).expect("written");
    for format in ["openvex", "csaf", "cyclonedx"] {
        let output = export(folder.path(), format);
        assert_eq!(output.status.code(), Some(0), "{}", output.status);
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        check(format, &document);
        let count =
            ["statements", "vulnerabilities"].map(|name| document[name].as_array().map(Vec::len));
        assert!(count.into_iter().flatten().next() >= Some(2000), "{format}");
    }
}
