//! The chores themselves.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::packages::{self, say};

/// Installs what is missing.
pub(crate) fn setup() -> Result<()> {
    packages::install()
}

/// Everything that must be true.
pub(crate) fn test() -> Result<()> {
    setup()?;
    lint()?;
    run(cargo().args(["test", "--workspace", "--quiet"]))?;
    // What people meet in a browser, with the store at a server as well.
    run(cargo()
        .args(["test", "--quiet", "--package", "asepsis", "--test", "console"])
        .env(testkit::served::STORE, "postgres"))
}

/// The table of the gate, with each question that is answered otherwise than it should be.
pub(crate) fn gate() -> Result<()> {
    run(cargo().args(["test", "--quiet", "--workspace", "--test", "gate", "--", "--nocapture"]))
}

/// Form, lints, and dependencies.
pub(crate) fn lint() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))?;
    run(cargo().args(["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    advisories()
}

/// Known vulnerabilities among our own dependencies: refused where the database can be had, told
/// where it can't, for the project is also built on machines without internet.
fn advisories() -> Result<()> {
    let mut command = cargo();
    command.args(["deny", "--log-level", "error", "check", "advisories"]);
    say(&shown(&command));
    let output = command.output().context("could not start cargo deny")?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(());
    }
    if told.contains("failed to fetch advisory database")
        || told.contains("failed to load advisory database")
    {
        say(
            "the advisory database cannot be reached from here; known vulnerabilities were not checked",
        );
        return Ok(());
    }
    bail!("cargo deny found something:\n{told}")
}

/// The benchmarks: a name and the package that has it.
const BENCHMARKS: [(&str, &str); 11] = [
    ("read", "sources"),
    ("assess", "asepsis"),
    ("base", "asepsis"),
    ("devices", "store"),
    ("load", "asepsis"),
    ("observe", "asepsis"),
    ("contain", "enforcement"), // needs root
    ("radius", "enforcement"),
    ("agent", "asepsis"), // as well
    ("news", "presentation"),
    ("events", "asepsis"),
];

/// Runs one benchmark, or all.
pub(crate) fn bench(name: Option<&str>, inputs: &[String]) -> Result<()> {
    let known = BENCHMARKS.map(|(name, _)| name).join(", ");
    if let Some(name) = name.filter(|name| BENCHMARKS.iter().all(|(known, _)| known != name)) {
        bail!("no benchmark is called `{name}`; there are: {known}");
    }
    for (bench, package) in BENCHMARKS {
        if name.is_none_or(|name| name == bench) {
            if bench == "observe" {
                packages::install_debian(&packages::COMPARED)?;
            }
            let mut command = cargo();
            command.args(["bench", "--quiet", "--package", package, "--bench", bench, "--"]);
            // A benchmark runs in the folder of its package.
            command.args(inputs.iter().map(|input| {
                Path::new(input).canonicalize().unwrap_or_else(|_| PathBuf::from(input))
            }));
            run(&mut command)?;
        }
    }
    Ok(())
}

/// Fuzzes each reader, or one.
pub(crate) fn fuzz(target: Option<&str>, minutes: u32) -> Result<()> {
    packages::install_cargo("cargo-fuzz", "0.13.2")?;
    let targets = match target {
        Some(target) => vec![target.to_owned()],
        None => fuzz_targets()?,
    };
    for target in targets {
        let corpus = format!("fuzz/corpus/{target}");
        std::fs::create_dir_all(root().join(&corpus))
            .with_context(|| format!("cannot make {corpus}"))?;
        // The stable compiler has the instrumentation but hides the switch for it.
        run(cargo()
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["fuzz", "run", &target, &corpus, &format!("fuzz/seeds/{target}")])
            .args([
                "--",
                &format!("-max_total_time={}", minutes * 60),
                "-max_len=65536",
                "-timeout=20",
            ]))?;
    }
    Ok(())
}

fn fuzz_targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// Prints and runs a command; an error where it does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    say(&shown(command));
    let status = command.status().with_context(|| format!("could not start {}", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    let program = command.get_program().to_string_lossy().into_owned();
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root());
    command
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}
