//! Feeds, compiled into a base: what it answers is what the documents answer, and what people and
//! scripts meet on the way.

#![expect(
    clippy::indexing_slicing,
    clippy::format_push_string,
    reason = "a test may stop, and what is not there is a finding"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use testkit::copy;

const DATE: &str = "2026-11-23";

struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Status, what is said, and what is complained of.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        let output = command.args(arguments).current_dir(self.folder.path());
        let output = output.output().expect("it starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    fn imported(&self, arguments: &[&str]) -> Value {
        let (_, out, error) = self.run(&[&["feed", "import", "--json"], arguments].concat());
        serde_json::from_str(&out).expect(&error)
    }

    fn assessed(&self, arguments: &[&str]) -> Value {
        let shown = ["--json", "-", "--quiet", "--date", DATE];
        let (_, out, error) = self.run(&[&["assess"], arguments, &shown].concat());
        serde_json::from_str(&out).expect(&error)
    }

    /// The hospital in `site` with a base of `known`, and both in one folder, say the same.
    fn answers_alike(&self) -> Value {
        let folders: Vec<String> = fs::read_dir(self.at("known"))
            .expect("feeds")
            .map(|entry| format!("known/{}", entry.expect("one").file_name().display()))
            .collect();
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        self.imported(&folders);
        copy(&self.at("site"), &self.at("whole"));
        copy(&self.at("known"), &self.at("whole"));
        let whole = self.assessed(&["whole"]);
        let based = self.assessed(&["site", "--base", "asepsis.base"]);
        for part in ["devices", "releases", "vulnerabilities"] {
            assert!(
                whole[part] == based[part],
                "{part} differ: {}",
                differing(&whole, &based, part)
            );
        }
        assert_eq!(whole["summary"]["findings"], based["summary"]["findings"]);
        whole
    }
}

/// The first entry that is in one and not in the other.
fn differing(whole: &Value, based: &Value, part: &str) -> String {
    let entries = |all: &Value| -> BTreeSet<String> {
        all[part].as_array().expect("a list").iter().map(Value::to_string).collect()
    };
    let (whole, based) = (entries(whole), entries(based));
    let first: String = whole.symmetric_difference(&based).next().cloned().unwrap_or_default();
    first.chars().take(2_000).collect()
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid")
}

#[test]
fn the_example_hospital_is_judged_alike_by_a_base() {
    let site = Site::new();
    copy(&example(), &site.at("site"));
    for folder in ["advisories", "feeds"] {
        copy(&site.at("site").join(folder), &site.at("known").join(folder));
        fs::remove_dir_all(site.at("site").join(folder)).expect("gone");
    }
    let whole = site.answers_alike();
    assert!(whole["summary"]["findings"]["affected"].as_u64() > Some(20), "{}", whole["summary"]);
    let (status, out, error) =
        site.run(&["explain", "SB-ICU-SPS-01", "--folder", "site", "--base", "asepsis.base"]);
    assert_eq!((status, error.as_str()), (Some(0), ""), "{out}");
}

/// Devices called as advisories call products, with versions that they name.
fn inventory(advisories: &Path) -> String {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(advisories).expect("advisories") {
        let bytes = fs::read(entry.expect("one").path()).expect("bytes");
        let advisory: Value = serde_json::from_slice(&bytes).expect("JSON");
        products(&advisory["product_tree"]["branches"], "", &mut names);
    }
    let mut table = String::from("id,manufacturer,model,version\n");
    for (number, (vendor, name)) in names.iter().enumerate() {
        let version = format!("{}.{}", number % 9, number * 7 % 20);
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "'"));
        let (vendor, name) = (quoted(vendor), quoted(name));
        table += &format!("D{number},{vendor},{name},{version}\n");
    }
    table
}

fn products(branches: &Value, vendor: &str, names: &mut BTreeSet<(String, String)>) {
    for branch in branches.as_array().into_iter().flatten() {
        let name = branch["name"].as_str().unwrap_or_default();
        let vendor = if branch["category"] == "vendor" { name } else { vendor };
        if branch["category"] == "product_name" {
            names.insert((vendor.to_owned(), name.to_owned()));
        }
        products(&branch["branches"], vendor, names);
    }
}

#[test]
fn devices_named_as_advisories_name_them_and_real_sboms_are_judged_alike_by_a_base() {
    let site = Site::new();
    for folder in ["advisories/icsma", "advisories/icsa", "kev", "osv", "nvd"] {
        copy(&testkit::shared_data(folder), &site.at("known").join(folder.replace('/', "-")));
    }
    fs::create_dir(site.at("known/cve")).expect("made");
    let cve = testkit::shared_data("cve/2023.jsonl.gz");
    fs::write(site.at("known/cve/2023.jsonl.gz"), fs::read(cve).expect("read")).expect("copied");
    for folder in ["medsbom", "daggerboard", "in-the-wild", "cyclonedx-examples"] {
        copy(&testkit::shared_data(&format!("sbom/{folder}")), &site.at("site").join(folder));
    }
    let table = inventory(&testkit::shared_data("advisories/icsma"));
    fs::write(site.at("site/inventory.csv"), table).expect("a table");
    let whole = site.answers_alike();
    let findings = &whole["summary"]["findings"];
    assert!(findings["affected"].as_u64() > Some(300), "{findings}");
    assert!(whole["summary"]["components"].as_u64() > Some(1_000), "{}", whole["summary"]);
    // Whoever is called just as an advisory calls its product hears of it.
    let names = |name: &str| whole[name].as_array().expect("a list");
    let is_passed_over = |device: &&Value| {
        let release = device["release"].as_u64().and_then(|at| usize::try_from(at).ok());
        let findings = release.map(|at| &names("releases")[at]["findings"]);
        device["id"].as_str().is_some_and(|id| id.starts_with('D'))
            && findings.is_none_or(|findings| findings.as_array().is_none_or(Vec::is_empty))
    };
    let passed_over: Vec<String> = names("devices")
        .iter()
        .filter(is_passed_over)
        .map(|device| format!("{} {}", device["manufacturer"], device["model"]))
        .collect();
    // ICSMA-17-215-02 lists these two and says nothing of them.
    let untold = ["Windows 7-Based", "Windows XP-Based"];
    let untold = untold.map(|system| format!("\"Siemens\" \"Siemens SPECT/CT Systems {system}\""));
    assert_eq!(passed_over, untold);
}

#[test]
fn what_did_not_change_is_not_compiled_again_and_what_is_gone_leaves_when_asked() {
    let site = Site::new();
    copy(&example().join("advisories"), &site.at("advisories"));
    let first = site.imported(&["advisories"]);
    let documents = first["documents"].as_u64().expect("a number");
    assert_eq!((&first["compiled"], documents > 2), (&Value::from(documents), true));
    let again = site.imported(&["advisories"]);
    assert_eq!((&again["compiled"], &again["unchanged"]), (&0.into(), &documents.into()));
    let one = fs::read_dir(site.at("advisories")).expect("files").next().expect("one");
    fs::remove_file(one.expect("one").path()).expect("gone");
    let kept = site.imported(&["advisories"]);
    assert_eq!(kept["documents"], documents);
    let pruned = site.imported(&["advisories", "--prune"]);
    assert_eq!(pruned["documents"], documents - 1);
    assert_eq!(pruned["removed"].as_array().expect("names").len(), 1);
    // What can't be read at the moment is not gone.
    let one = fs::read_dir(site.at("advisories")).expect("files").next().expect("one");
    let one = one.expect("one").path();
    let whole = fs::read(&one).expect("bytes");
    fs::write(&one, "{\"document\": ").expect("damaged");
    let damaged = site.imported(&["advisories", "--prune"]);
    assert_eq!(damaged["documents"], documents - 1);
    assert_eq!(damaged["not_compiled"].as_array().expect("names").len(), 1);
    fs::write(&one, whole).expect("mended");
    let (status, out, _) = site.run(&["feed", "status", "--json"]);
    let status_of: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(status, Some(0));
    assert_eq!(status_of["sources"][0]["documents"], documents - 1);
    let (_, table, _) = site.run(&["feed", "status"]);
    assert!(table.contains("advisories") && table.contains("LAST CHANGED"), "{table}");
}

#[test]
fn what_is_no_feed_is_refused_and_the_rest_is_compiled() {
    let site = Site::new();
    copy(&example().join("advisories"), &site.at("mixed"));
    copy(&example().join("sbom"), &site.at("mixed/sbom"));
    fs::write(site.at("mixed/broken.json"), "{\"document\": ").expect("a file");
    let (status, out, error) = site.run(&["feed", "import", "mixed"]);
    assert_eq!(status, Some(2));
    assert!(out.contains("compiled"), "{out}");
    assert!(error.contains("it holds an SBOM"), "{error}");
    assert!(error.contains("mixed/broken.json"), "{error}");
    let (status, _, error) = site.run(&["assess", "mixed", "--base", "mixed/broken.json"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("is no base of Asepsis"), "{error}");
    let (status, _, error) = site.run(&["feed", "status", "--base", "none.base"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("there is no base `none.base`"), "{error}");
}

#[test]
fn a_bundle_is_taken_in_by_whoever_trusts_its_key_and_nothing_older() {
    let site = Site::new();
    copy(&example().join("advisories"), &site.at("advisories"));
    copy(&example().join("feeds"), &site.at("feeds"));
    site.imported(&["advisories"]);
    let done = |arguments: &[&str]| {
        let (status, _, error) = site.run(arguments);
        assert_eq!((status, error.as_str()), (Some(0), ""), "{arguments:?}");
    };
    let refused = |arguments: &[&str], why: &str| {
        let (status, _, error) = site.run(arguments);
        assert_eq!(status, Some(2), "{arguments:?}");
        assert!(error.contains(why), "{error}");
    };
    done(&["feed", "key", "feeds.key"]);
    refused(&["feed", "key", "feeds.key"], "cannot write `feeds.key`");
    done(&["feed", "bundle", "--key", "feeds.key", "--to", "first.bundle"]);
    done(&["feed", "key", "other.key"]);
    let take = |bundle: &str, trust: &str| -> Vec<String> {
        let all = ["feed", "import", bundle, "--base", "there.base", "--trust", trust];
        all.map(str::to_owned).to_vec()
    };
    let with = |arguments: Vec<String>, run: &dyn Fn(&[&str])| {
        run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    };
    refused(&["feed", "import", "first.bundle"], "name the public key");
    with(take("first.bundle", "other.key.pub"), &|a| refused(a, "is not signed by the key"));
    with(take("first.bundle", "feeds.key"), &|a| refused(a, "no public key of minisign"));
    assert!(!site.at("there.base").exists(), "nothing was written");
    // What is there already stays.
    done(&["feed", "import", "feeds", "--base", "there.base"]);
    with(take("first.bundle", "feeds.key.pub"), &done);
    let (_, table, _) = site.run(&["feed", "status", "--base", "there.base"]);
    assert!(table.contains("advisories") && table.contains("feeds"), "{table}");
    // Only what is in the bundle or below what is named stays.
    let both = take("first.bundle", "feeds.key.pub");
    let pruned = [both, vec!["feeds".to_owned(), "--prune".to_owned()]].concat();
    with(pruned, &done);
    let (_, table, _) = site.run(&["feed", "status", "--base", "there.base"]);
    assert!(table.contains("advisories") && table.contains("feeds"), "{table}");
    // A newer one, and then the first again.
    std::thread::sleep(std::time::Duration::from_secs(1));
    site.imported(&["advisories"]);
    done(&["feed", "bundle", "--key", "feeds.key", "--to", "second.bundle"]);
    with(take("second.bundle", "feeds.key.pub"), &done);
    with(take("first.bundle", "feeds.key.pub"), &|a| refused(a, "is older than the bundle"));
    let mut cut = fs::read(site.at("second.bundle")).expect("bytes");
    cut.truncate(cut.len() - 1);
    fs::write(site.at("cut.bundle"), cut).expect("a file");
    with(take("cut.bundle", "feeds.key.pub"), &|a| refused(a, "or was changed since"));
    let left = fs::read_dir(site.folder.path()).expect("files").count();
    assert_eq!(left, 11, "nothing is left behind");
}

#[test]
fn an_import_that_is_killed_leaves_the_base_as_it_was_and_the_next_one_goes_on() {
    let site = Site::new();
    copy(&example().join("advisories"), &site.at("advisories"));
    site.imported(&["advisories"]);
    let before = fs::read(site.at("asepsis.base")).expect("a base");
    let mut import = Command::new(env!("CARGO_BIN_EXE_asepsis"))
        .args(["feed", "import", "--json"])
        .arg(testkit::shared_data("osv"))
        .current_dir(site.folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    while !site.at("asepsis.base.part").exists() {
        assert!(import.try_wait().expect("asked").is_none(), "it ended before it was killed");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    // Meanwhile no other import may write it.
    let (status, _, error) = site.run(&["feed", "import", "advisories"]);
    assert_eq!(status, Some(2), "{error}");
    assert!(error.contains("another import is writing the base"), "{error}");
    import.kill().expect("killed");
    import.wait().expect("it ended");
    assert!(fs::read(site.at("asepsis.base")).expect("a base") == before);
    assert_eq!(site.imported(&["advisories"])["compiled"], 0);
    assert!(!site.at("asepsis.base.part").exists());
}
