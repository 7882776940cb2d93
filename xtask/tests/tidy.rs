//! The rules of the house, as tests: what no machine checks decays.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const LINES_PER_FILE: usize = 800;
const LINES_PER_FUNCTION: usize = 70;
const COLUMNS: usize = 100;
const FORBIDDEN_NAMES: [&str; 9] =
    ["common", "core", "utils", "util", "helpers", "manager", "service", "misc", "types"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

fn rust_files() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("target") {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&root().join("crates"), &mut files);
    walk(&root().join("xtask"), &mut files);
    files.sort();
    assert!(files.len() > 20, "the walk found only {} files", files.len());
    files
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches")
        || path.ends_with("tests.rs")
        || path.ends_with("trials.rs")
}

/// Reports every breach at once, so that a run shows all there is to mend.
#[track_caller]
fn none(breaches: impl IntoIterator<Item = String>) {
    let breaches: Vec<String> = breaches.into_iter().collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

#[test]
fn crates_use_only_whom_the_spine_allows() {
    let metadata = metadata();
    let spine: BTreeMap<String, BTreeSet<String>> =
        serde_json::from_value(metadata["metadata"]["spine"].clone()).expect("a spine");
    let mut breaches = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let Some(allowed) = spine.get(name) else {
            breaches.push(format!("`{name}` is not in the spine"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let used = dependency["name"].as_str().expect("a name");
            let for_tests = dependency["kind"].as_str() == Some("dev") && used == "testkit";
            if spine.contains_key(used) && !allowed.contains(used) && !for_tests {
                breaches.push(format!("`{name}` may not use `{used}`"));
            }
        }
    }
    none(breaches);
}

#[test]
fn nothing_that_decides_touches_the_world() {
    const WORLD: [&str; 8] = [
        "std::fs",
        "std::net::Tcp",
        "std::net::Udp",
        "std::process",
        "std::env",
        "SystemTime::now",
        "Instant::now",
        "std::thread::sleep",
    ];
    let mut breaches = Vec::new();
    for path in rust_files() {
        let name = shown(&path);
        let pure = ["crates/domain/src", "crates/sources/src", "crates/decisions/src"];
        if !pure.iter().any(|start| name.starts_with(start)) || is_test(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("readable");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        breaches.extend(
            WORLD.iter().filter(|word| code.contains(*word)).map(|word| format!("{name}: {word}")),
        );
    }
    none(breaches);
}

#[test]
fn every_file_says_what_it_is_for() {
    let lacks = |path: &PathBuf| !fs::read_to_string(path).expect("readable").starts_with("//! ");
    none(rust_files().iter().filter(|path| lacks(path)).map(|path| shown(path)));
}

#[test]
fn names_say_something() {
    let files = rust_files();
    let breaches = files.iter().filter(|path| {
        let stem =
            path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        stem == "mod" || FORBIDDEN_NAMES.contains(&stem.as_str())
    });
    none(breaches.map(|path| shown(path)));
}

#[test]
fn files_functions_and_lines_stay_short() {
    let mut breaches = Vec::new();
    for path in rust_files() {
        let text = fs::read_to_string(&path).expect("readable");
        let name = shown(&path);
        let lines = text.lines().count();
        if lines > LINES_PER_FILE {
            breaches.push(format!("{name}: {lines} lines"));
        }
        for (number, line) in (1..).zip(text.lines()) {
            if line.chars().count() > COLUMNS && !line.contains('"') && !is_test(&path) {
                breaches.push(format!("{name}:{number}: {} columns", line.chars().count()));
            }
        }
        for (number, length) in long_functions(&text) {
            breaches.push(format!("{name}:{number}: a function of {length} lines"));
        }
    }
    none(breaches);
}

/// Functions over the limit, by line: from `fn` to the brace at its own indentation.
fn long_functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let words =
            ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn ", "pub const fn "];
        if !words.iter().any(|word| bare.starts_with(word)) {
            continue;
        }
        // What a trait asks for has no body.
        let mut signature = lines[number..].iter().skip_while(|line| !line.ends_with(['{', ';']));
        if signature.next().is_none_or(|line| line.ends_with(';')) {
            continue;
        }
        let indent = line.len() - bare.len();
        let end = format!("{}}}", " ".repeat(indent));
        if line.ends_with('}') {
            continue;
        }
        let Some(length) = lines[number..].iter().position(|line| *line == end) else { continue };
        if length + 1 > LINES_PER_FUNCTION {
            found.push((number + 1, length + 1));
        }
    }
    found
}

#[test]
fn the_measure_of_functions_can_fail() {
    let long = format!("fn a() {{\n{}}}\n", "    x();\n".repeat(80));
    assert_eq!(long_functions(&long), [(1, 82)]);
    let asked = format!("    fn a(\n    ) -> B;\n{}    }}\n", "    x();\n".repeat(80));
    assert_eq!(long_functions(&asked), []);
}

#[test]
fn no_debt_without_a_name() {
    let breaches =
        rust_files().into_iter().filter(|path| !path.ends_with("tidy.rs")).filter(|path| {
            let text = fs::read_to_string(path).expect("readable");
            ["FIXME", "TODO", "#[ignore"].iter().any(|word| text.contains(word))
        });
    none(breaches.map(|path| shown(&path)));
}

#[test]
fn every_crate_and_file_that_the_map_names_exists() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let named = map.split('`').skip(1).step_by(2).filter(|word| {
        word.starts_with("crates/")
            || word.starts_with("xtask/")
            || word.starts_with("docs/")
            || word.starts_with("examples/")
            || word.starts_with("fuzz/")
    });
    let missing: Vec<String> =
        named.filter(|path| !root().join(path).exists()).map(str::to_owned).collect();
    none(missing);
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let promises = fs::read_to_string(root().join("SPECIFICATION.md")).expect("SPECIFICATION.md");
    let sources: String =
        rust_files().iter().map(|path| fs::read_to_string(path).expect("readable")).collect();
    let mut breaches = Vec::new();
    let lines = promises.lines().filter(|line| line.starts_with("- "));
    for line in lines {
        let names = line.rsplit_once('[').map(|(_, names)| names.trim_end_matches([']', '.']));
        let known = names.is_some_and(|names| {
            names.split(", ").all(|name| {
                let name = name.trim_matches('`');
                name.starts_with("cargo xtask") || sources.contains(&format!("fn {name}("))
            })
        });
        if !known {
            breaches.push(line.to_owned());
        }
    }
    none(breaches);
}
