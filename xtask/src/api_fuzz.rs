//! The API of a running console, tried with requests that its own description allows and forbids:
//! no answer may be a fault of ours, of another form than described, or given to whoever may not.
//!
//! It runs against the demonstration, whose hospital is made up and whose agent is real. The
//! connection for events is left out: it goes on for as long as one listens.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use testkit::http::Client;

use crate::chores;
use crate::packages::say;
use crate::screenshots;

/// What is installed, each file by its hash (pip's requirements file).
const REQUIREMENTS: &str = include_str!("api_fuzz.txt");
/// What is expected where that can't be read from the description.
const CONFIGURATION: &str = include_str!("api_fuzz.toml");
const SCOPES: [&str; 5] =
    ["read", "audit.read", "documents.write", "findings.write", "orders.request"];

/// Tries every operation with so many requests.
pub(crate) fn run(examples: u32) -> Result<()> {
    let home = screenshots::target()?.join("api-fuzz");
    let python = installed(&home)?;
    chores::run(Command::new("cargo").args([
        "build",
        "--quiet",
        "--workspace",
        "--bin",
        "asepsis",
    ]))?;
    let (_demo, enter) = screenshots::begin()?;
    let (address, code) = enter.split_once("/enter/").context("no invitation")?;
    let (anna, form) = Client::new(address).invited(&format!("/enter/{code}"));
    let token = anna.token(&form, &SCOPES);
    let configuration = home.join("schemathesis.toml");
    std::fs::write(&configuration, CONFIGURATION).context("cannot write the configuration")?;
    say(&format!("trying the API at {address}"));
    let status = Command::new(python.join("bin/schemathesis"))
        .arg("--config-file")
        .arg(&configuration)
        .args(["run", &format!("{address}/api/v1/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", "all", "--exclude-path", "/api/v1/events"])
        .args(["--max-examples", &examples.to_string(), "--no-color"])
        .current_dir(&home)
        .status()
        .context("cannot run Schemathesis")?;
    ensure!(status.success(), "Schemathesis has found something");
    Ok(())
}

/// The environment that Schemathesis runs in, made where it is not there.
fn installed(home: &Path) -> Result<PathBuf> {
    let python = home.join("python");
    let stamp = home.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == REQUIREMENTS) {
        return Ok(python);
    }
    std::fs::create_dir_all(home).with_context(|| format!("cannot make {}", home.display()))?;
    chores::run(Command::new("/usr/bin/python3").args(["-m", "venv", "--clear"]).arg(&python))?;
    let wanted = home.join("wanted.txt");
    std::fs::write(&wanted, REQUIREMENTS).context("cannot write what is wanted")?;
    let mut install = Command::new(python.join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    install.args(["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement"]);
    chores::run(install.arg(&wanted)).context("pip could not fetch Schemathesis")?;
    std::fs::rename(&wanted, &stamp).context("cannot note what was installed")?;
    Ok(python)
}
