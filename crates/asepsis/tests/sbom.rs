//! SBOMs checked, compared, converted and merged, on real ones and by the program as it is run.

#![expect(clippy::panic, reason = "a test may fail by a panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

#[path = "sbom/epoch.rs"]
mod epoch;
#[path = "sbom/known.rs"]
mod known;
#[path = "sbom/licences.rs"]
mod licences;
#[path = "sbom/silence.rs"]
mod silence;
#[path = "sbom/real.rs"]
mod real;

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("it starts")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.args(arguments).env_remove("SOURCE_DATE_EPOCH");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, content: &Value) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, content.to_string()).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("UTF-8").to_owned()
    }
}

/// A pump's SBOM, with these components.
fn pump(version: &str, components: &Value) -> Value {
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-11-20T08:00:00Z",
            "authors": [{ "name": "Jane Doe" }],
            "component": {
                "type": "firmware", "bom-ref": "pump", "name": "Pump", "version": version,
                "supplier": { "name": "Maker" },
                "cpe": format!("cpe:2.3:o:maker:pump:{version}:*:*:*:*:*:*:*"),
            },
        },
        "components": components,
        "dependencies": [{ "ref": "pump", "dependsOn": ["openssl"] }],
    })
}

fn openssl(version: &str) -> Value {
    json!({
        "type": "library", "bom-ref": "openssl", "name": "openssl", "version": version,
        "supplier": { "name": "OpenSSL Project" },
        "purl": format!("pkg:generic/openssl@{version}"),
        "cpe": format!("cpe:2.3:a:openssl:openssl:{version}:*:*:*:*:*:*:*"),
        "licenses": [{ "license": { "id": "Apache-2.0" } }],
    })
}

fn read(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn what_an_sbom_lacks_is_named_and_fails_only_where_it_is_required() {
    let folder = Folder::new();
    let zlib = json!({ "type": "library", "bom-ref": "zlib", "name": "zlib" });
    let path = folder.write("pump.cdx.json", &pump("3.1", &json!([openssl("3.0.7"), zlib])));
    let found = run(&["sbom", "check", &path, "--json"]);
    assert_eq!(found.status.code(), Some(0));
    let quality = read(&found)["quality"].clone();
    let ntia = &quality["lists"][0];
    assert_eq!(
        (&ntia["list"], &ntia["told"], &ntia["asked"]),
        (&json!("ntia"), &json!(13), &json!(17))
    );
    assert_eq!(quality["missing"], json!(["tool", "generation_context"]));
    let zlib = &quality["incomplete"][2];
    assert_eq!((&zlib["component"], &zlib["reference"]), (&json!("zlib"), &json!("zlib")));
    assert_eq!(
        zlib["missing"],
        json!([
            "supplier",
            "producer",
            "version",
            "identifier",
            "dependency",
            "hash",
            "licence",
            "support_level",
            "end_of_support"
        ])
    );
    let table = text(&run(&["sbom", "check", &path]).stdout);
    assert!(table.contains("76 %") && table.contains("13 of 17"), "{table}");
    assert!(table.contains("Pump 3.1, openssl 3.0.7, zlib"), "{table}");
    let required = run(&["sbom", "check", &path, "--require", "ntia"]);
    assert_eq!(required.status.code(), Some(2));
    assert!(text(&required.stdout).contains("does not tell all that is required: NTIA"));
    let whole = folder.write("whole.cdx.json", &pump("3.1", &json!([openssl("3.0.7")])));
    assert_eq!(run(&["sbom", "check", &whole, "--require", "ntia"]).status.code(), Some(0));
    assert_eq!(run(&["sbom", "check", &whole, "--require", "fda"]).status.code(), Some(2));
}

#[test]
fn of_an_sbom_that_is_cut_off_nothing_is_made() {
    let folder = Folder::new();
    let whole = pump("3.1", &json!([openssl("3.0.7"), openssl("3.0.8")])).to_string();
    let path = folder.write("whole.cdx.json", &pump("3.1", &json!([])));
    let cut = format!("{path}.cut.json");
    fs::write(&cut, whole.as_bytes().split_at(whole.len() - 40).0).expect("written");
    for asked in [
        &["sbom", "convert", &cut, "--to", "spdx-2.3"][..],
        &["sbom", "merge", &path, &cut, "--name", "Both", "--version", "1"],
        &["sbom", "diff", &path, &cut],
    ] {
        let output = run(asked);
        assert_eq!(output.status.code(), Some(2), "{asked:?}: {output:?}");
        assert!(text(&output.stderr).contains("cut off or damaged"), "{asked:?}: {output:?}");
        assert_eq!(text(&output.stdout), "", "{asked:?}");
    }
}

#[test]
fn a_diff_tells_components_and_what_is_open_in_one_only() {
    let folder = Folder::new();
    let zlib = json!({ "type": "library", "bom-ref": "zlib", "name": "zlib", "version": "1.3" });
    let old = folder.write("old.cdx.json", &pump("3.0", &json!([openssl("3.0.6")])));
    let new = folder.write("new.cdx.json", &pump("3.1", &json!([openssl("3.0.7"), zlib])));
    let advisory = json!({
        "id": "CVE-2022-3602", "modified": "2024-01-01T00:00:00Z", "schema_version": "1.6.0",
        "affected": [{
            "package": { "ecosystem": "Generic", "name": "openssl", "purl": "pkg:generic/openssl" },
            "ranges": [{
                "type": "ECOSYSTEM",
                "events": [{ "introduced": "3.0.0" }, { "fixed": "3.0.7" }],
            }],
        }],
    });
    let feed = folder.write("osv.json", &advisory);
    let found = run(&["sbom", "diff", &old, &new, "--against", &feed, "--json"]);
    assert_eq!(found.status.code(), Some(0), "{found:?}");
    let found = read(&found);
    assert_eq!((&found["old"], &found["new"]), (&json!("Pump 3.0"), &json!("Pump 3.1")));
    assert_eq!(found["added"][0]["name"], "zlib");
    assert_eq!(found["changed"][0]["versions"], json!({ "old": ["3.0.6"], "new": ["3.0.7"] }));
    assert_eq!(found["removed"], json!([]));
    assert_eq!(found["vulnerabilities"]["gained"], json!([]));
    assert_eq!(found["vulnerabilities"]["lost"][0]["id"], "CVE-2022-3602");
    let other_way = read(&run(&["sbom", "diff", &new, &old, "--against", &feed, "--json"]));
    assert_eq!(
        other_way["vulnerabilities"]["gained"],
        json!([{ "id": "CVE-2022-3602", "verdict": "affected" }])
    );
    let table = text(&run(&["sbom", "diff", &old, &new, "--against", &feed]).stdout);
    assert!(table.contains("1 added · 0 removed · 1 changed · 0 the same"), "{table}");
    assert!(table.contains("0 vulnerabilities open only in the new, 1 only in the old"), "{table}");
    let status = |arguments: &[&str]| run(arguments).status.code();
    assert_eq!(status(&["sbom", "diff", &old, &new, "--fail-on-change"]), Some(1));
    assert_eq!(status(&["sbom", "diff", &old, &old, "--fail-on-change"]), Some(0));
    assert_eq!(status(&["sbom", "diff", &old, &feed]), Some(2));
}

#[test]
fn what_a_conversion_loses_is_said_and_the_same_input_gives_the_same_bytes() {
    let folder = Folder::new();
    let mut library = openssl("3.0.7");
    library["externalReferences"] = json!([{ "type": "vcs", "url": "https://example.org" }]);
    library["properties"] = json!([
        { "name": "supportLevel", "value": "abandoned" },
        { "name": "endOfSupport", "value": "2026-09-07" },
        { "name": "ours", "value": "1" },
    ]);
    let input = folder.write("pump.cdx.json", &pump("3.1", &json!([library])));
    let convert = |output: &str| {
        let output = folder.path(output);
        let to = ["--to", "spdx-2.3", "--output", &output, "--json"];
        let done = run(&[&["sbom", "convert", &input], to.as_slice()].concat());
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        let report: Value = serde_json::from_slice(&done.stderr).expect("a report");
        (fs::read(output).expect("written"), report)
    };
    let (first, report) = convert("one.json");
    assert_eq!(first, convert("two.json").0);
    let kinds: BTreeMap<String, (u64, String)> = report["lost"]
        .as_array()
        .expect("kinds")
        .iter()
        .map(|lost| {
            let text = |name: &str| lost[name].as_str().expect("text").to_owned();
            (text("kind"), (lost["count"].as_u64().expect("a count"), text("example")))
        })
        .collect();
    assert_eq!(
        kinds.keys().collect::<Vec<_>>(),
        ["component externalReferences", "properties of components"]
    );
    assert_eq!(kinds["properties of components"], (1, "openssl 3.0.7: ours = 1".to_owned()));
    let document: Value = serde_json::from_slice(&first).expect("JSON");
    assert_eq!(document["creationInfo"]["created"], "2026-11-20T08:00:00Z");
    assert_eq!(document["packages"][1]["validUntilDate"], "2026-09-07T00:00:00Z");
    assert_eq!(document["packages"][1]["comment"], "Level of support: abandoned.");
    let back = run(&["sbom", "convert", &folder.path("one.json"), "--to", "cyclonedx-1.6"]);
    let back = read(&back);
    let properties = back["components"][0]["properties"].as_array().expect("properties");
    assert!(properties.contains(&json!({ "name": "supportLevel", "value": "abandoned" })));
    assert_eq!(back["metadata"]["authors"], json!([{ "name": "Jane Doe" }]));
    assert_eq!(back["components"][0]["licenses"], json!([{ "license": { "id": "Apache-2.0" } }]));
    let stated = ["--to", "cyclonedx-1.6", "--timestamp", "2020-01-02T03:04:05Z"];
    let stated = read(&run(&[&["sbom", "convert", &input], stated.as_slice()].concat()));
    assert_eq!(stated["metadata"]["timestamp"], "2020-01-02T03:04:05Z");
}

#[test]
fn sboms_of_parts_become_one_of_the_product_and_conflicts_are_told() {
    let folder = Folder::new();
    let first = folder.write("a.cdx.json", &pump("3.1", &json!([openssl("3.0.7")])));
    let mut same = openssl("3.0.7");
    same["licenses"] = json!([{ "license": { "id": "MIT" } }]);
    let zlib = json!({ "type": "library", "bom-ref": "zlib", "name": "zlib", "version": "1.3" });
    let mut second = pump("7", &json!([same, zlib]));
    second["metadata"]["component"]["name"] = json!("Display");
    second["dependencies"] = json!([{ "ref": "pump", "dependsOn": ["openssl", "zlib", "gone"] }]);
    let second = folder.write("b.cdx.json", &second);
    let output = folder.path("whole.json");
    let done = run(&[
        "sbom",
        "merge",
        &first,
        &second,
        "--name",
        "Pump system",
        "--version",
        "4",
        "--json",
        "--output",
        &output,
    ]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let report: Value = serde_json::from_slice(&done.stderr).expect("a report");
    assert_eq!(
        report["conflicts"],
        json!([{
            "component": "openssl 3.0.7", "field": "licences", "kept": "Apache-2.0",
            "left": "MIT", "document": "b.cdx.json",
        }])
    );
    assert_eq!(report["dangling"], json!([{ "reference": "gone", "document": "b.cdx.json" }]));
    let whole: Value =
        serde_json::from_str(&fs::read_to_string(&output).expect("written")).expect("JSON");
    let product = &whole["metadata"]["component"];
    assert_eq!((&product["name"], &product["version"]), (&json!("Pump system"), &json!("4")));
    let parts = product["components"].as_array().expect("parts");
    let names: Vec<&Value> = parts.iter().map(|part| &part["name"]).collect();
    assert_eq!(names, ["Pump", "Display"]);
    assert_eq!(parts[0]["components"][0]["name"], "openssl");
    assert_eq!(parts[1]["components"].as_array().map(Vec::len), Some(1));
    let needs = |from: &str| {
        let all = whole["dependencies"].as_array().expect("dependencies");
        let found = all.iter().find(|one| one["ref"] == from).expect("told");
        found["dependsOn"].clone()
    };
    assert_eq!(needs("Pump system"), json!(["pump", "pump-2"]));
    assert_eq!(needs("pump-2"), json!(["openssl", "zlib"]));
    let checked = run(&["sbom", "check", &output]);
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    let text = text(&run(&["sbom", "merge", &first, &second, "--output", &output]).stderr);
    assert!(text.contains("b.cdx.json: openssl 3.0.7: licences: `Apache-2.0` is kept"), "{text}");
}

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sbom").join(path)
}
