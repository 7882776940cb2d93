//! Pictures of every page of the console, in light and dark, on a desk and on a tablet: to be
//! looked at one by one. They are taken of the demonstration, while an attack on it is contained.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;
use testkit::browser::Browser;

use crate::chores::run;
use crate::packages::{BROWSER, install_debian, say};

/// The pages, each with the name of its pictures.
const PAGES: [(&str, &str); 33] = [
    ("today", "/"),
    ("devices", "/devices"),
    ("devices-by-unit", "/devices?group=unit"),
    ("devices-none", "/devices?q=no-such-device"),
    ("device", "/devices/SB-CAR-PIC-01"),
    ("device-attacked", "/devices/SB-ICU-EVT-03"),
    ("device-finding", "/devices/SB-CAR-PIC-01/findings/0"),
    ("device-contain", "/devices/SB-ICU-PIC-02/contain"),
    ("device-isolate", "/devices/SB-ICU-PIC-02/contain?level=isolate"),
    ("device-bedside", "/devices/SB-ICU-PIC-02/bedside"),
    ("detections", "/detections"),
    ("detection", "/detections/1"),
    ("map", "/map"),
    ("map-by-service", "/map?by=service"),
    ("map-device", "/map?device=SB-ICU-EVT-03"),
    ("map-contain", "/map?device=SB-ICU-PIC-02&level=contain"),
    ("orders", "/orders"),
    ("order", "/orders/1"),
    ("vulnerabilities", "/vulnerabilities"),
    ("vulnerability", "/vulnerabilities/CVE-2021-44228"),
    ("decisions", "/decisions"),
    ("releases", "/releases"),
    ("feeds", "/feeds"),
    ("documents", "/documents"),
    ("search", "/search?q=openssl"),
    ("audit", "/audit"),
    ("people", "/people"),
    ("settings", "/settings"),
    ("alerts", "/settings/alerts"),
    ("retention", "/settings/retention"),
    ("retention-thought", "/settings/retention?flows=7&documents=365&changes="),
    ("provider", "/settings/sign-in"),
    ("account", "/account"),
];
/// Desk and tablet, in pixels.
const SIZES: [(&str, u32, u32); 2] = [("desk", 1280, 800), ("tablet", 820, 1180)];

/// The demonstration, until this goes.
pub(crate) struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked to, it takes its folders with it.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

/// Takes all of them into a folder.
pub(crate) fn take(folder: &Path) -> Result<()> {
    install_debian(&BROWSER)?;
    run(Command::new("cargo").args(["build", "--quiet", "--workspace", "--bin", "asepsis"]))?;
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let (_demo, enter) = begin()?;
    let browser = Browser::start(1280, 800);
    browser.go(&enter);
    browser.click("form button");
    browser.wait_for("Held, or asked to be held");
    let address = browser.address();
    let address = address.trim_end_matches('/');
    browser.go(&format!("{address}/orders/1"));
    shoot(&browser, (1280, 800), &folder.join("order-asked-desk-light.png"))?;
    browser.click("form[action$=approve] button");
    browser.wait("the proof", "return document.querySelector('#state').textContent === 'verified'");
    for (size, width, height) in SIZES {
        for scheme in ["light", "dark"] {
            browser.size(width, height);
            browser.prefer(scheme);
            for (name, path) in PAGES {
                browser.size(width, height);
                browser.go(&format!("{address}{path}"));
                let file = folder.join(format!("{name}-{size}-{scheme}.png"));
                shoot(&browser, (width, height), &file)?;
            }
        }
    }
    let complaints = browser.complaints();
    say(&format!("{} pictures in {}", PAGES.len() * SIZES.len() * 2, folder.display()));
    anyhow::ensure!(complaints.is_empty(), "the browser complains: {}", complaints.join("; "));
    Ok(())
}

/// Takes a picture of the whole page, within reason.
fn shoot(browser: &Browser, (width, height): (u32, u32), file: &Path) -> Result<()> {
    let needed = browser.run("return document.documentElement.scrollHeight");
    let needed = needed.as_u64().and_then(|needed| u32::try_from(needed).ok());
    browser.size(width, needed.unwrap_or(height).clamp(height, 3 * height));
    fs::write(file, browser.picture()).with_context(|| format!("cannot write {}", file.display()))
}

/// Begins the demonstration; the address by which one comes in.
pub(crate) fn begin() -> Result<(Demo, String)> {
    let mut demo = Command::new(program()?)
        .args(["demo", "--attack-after", "12"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot begin the demonstration")?;
    let said = BufReader::new(demo.stdout.take().context("it says nothing")?);
    let enter = said.lines().map_while(Result::ok).find(|line| line.contains("/enter/"));
    let enter = enter.context("the demonstration does not say where to come in")?;
    Ok((Demo(demo), enter.trim().to_owned()))
}

/// Where cargo puts the program.
fn program() -> Result<PathBuf> {
    Ok(target()?.join("debug/asepsis"))
}

/// Where cargo builds.
pub(crate) fn target() -> Result<PathBuf> {
    let told = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cannot ask cargo where it builds")?;
    let told: Value = serde_json::from_slice(&told.stdout).context("cargo says what is no JSON")?;
    let target = told.get("target_directory").and_then(Value::as_str);
    Ok(PathBuf::from(target.context("cargo does not say where it builds")?))
}
