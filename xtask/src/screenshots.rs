//! Pictures of every page of the console, in light and dark, on a desk, on a tablet and on paper:
//! to be looked at one by one. They are taken of the demonstration, while an attack on it is
//! contained; of a console that knows nothing yet; and of a hospital whose names are long.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;
use testkit::browser::Browser;
use testkit::caller::Caller;

use crate::chores::run;
use crate::packages::{BROWSER, install_debian, say};

/// The pages of the demonstration, each with the name of its pictures.
const PAGES: [(&str, &str); 36] = [
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
    ("search-nothing", "/search?q=no-such-thing-anywhere"),
    ("audit", "/audit"),
    ("people", "/people"),
    ("settings", "/settings"),
    ("alerts", "/settings/alerts"),
    ("retention", "/settings/retention"),
    ("retention-thought", "/settings/retention?flows=7&documents=365&changes="),
    ("provider", "/settings/sign-in"),
    ("account", "/account"),
    ("confirm", "/confirm?next=/account"),
    ("nowhere", "/no-such-page"),
];
/// Links of the demonstration that lead to pages whose addresses are not known before: where they
/// stand, and how they begin.
const LED_TO: [(&str, &str, &str); 3] = [
    ("release", "/releases", "/releases/"),
    ("release-diff", "/releases/", "/diff/"),
    ("document", "/documents", "/documents/"),
];
/// Those of a console that knows nothing yet, and of one whose names are long.
const OTHERS: [(&str, &str); 17] = [
    ("today", "/"),
    ("devices", "/devices"),
    ("devices-by-unit", "/devices?group=unit"),
    ("device", "/devices/PUMP-1"),
    ("bedside", "/devices/PUMP-1/bedside"),
    ("detections", "/detections"),
    ("map", "/map"),
    ("map-by-service", "/map?by=service"),
    ("map-device", "/map?device=PUMP-1"),
    ("orders", "/orders"),
    ("vulnerabilities", "/vulnerabilities"),
    ("decisions", "/decisions"),
    ("releases", "/releases"),
    ("feeds", "/feeds"),
    ("documents", "/documents"),
    ("search", "/search?q=pump"),
    ("people", "/people"),
];
/// A name without a place to break.
const WHOLE: &str =
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
const PASSWORD: &str = "four words are enough";
/// Desk, tablet, and A4 without its margins, in pixels (CSS Values 3, section 6.2: 96 an inch).
const DESK: (&str, u32, u32) = ("desk", 1280, 800);
const TABLET: (&str, u32, u32) = ("tablet", 820, 1180);
const PAPER: (&str, u32, u32) = ("paper", 718, 1047);

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
    run(Command::new("cargo").args(["build", "--quiet", "--workspace"]))?;
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut pictures = demonstration(folder)?;
    for (name, inventory) in [("empty", String::new()), ("long", long_names())] {
        pictures += other(folder, name, &inventory)?;
    }
    say(&format!("{pictures} pictures in {}", folder.display()));
    Ok(())
}

fn demonstration(folder: &Path) -> Result<usize> {
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
    let mut pages: Vec<(String, String)> =
        PAGES.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
    for (name, from, like) in LED_TO {
        let from = pages.iter().rfind(|(_, path)| path.starts_with(from)).map(|(_, path)| path);
        browser.go(&format!("{address}{}", from.map_or("/", String::as_str)));
        let script = format!(
            "return [...document.links].map(one => one.pathname).find(path => \
             path.includes({like:?}) && path.length > {})",
            like.len()
        );
        let found = browser.run(&script);
        let path = found.as_str().with_context(|| format!("no page has a link to a {name}"))?;
        pages.push((name.to_owned(), path.to_owned()));
    }
    pages_of(&browser, address, &pages, folder)
}

/// A console of its own over one inventory, or none.
fn other(folder: &Path, name: &str, inventory: &str) -> Result<usize> {
    let own = tempfile::tempdir().context("cannot make a folder")?;
    let documents = own.path().join("documents");
    fs::create_dir(&documents).context("cannot make a folder")?;
    if !inventory.is_empty() {
        fs::write(documents.join("inventory.csv"), inventory).context("cannot write")?;
    }
    let mut served = Command::new(program()?)
        .args(["serve", "--listen", "127.0.0.1:0", "--watch"])
        .arg(&documents)
        .arg("--store")
        .arg(own.path().join("asepsis.db"))
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot begin to serve")?;
    let mut said = BufReader::new(served.stderr.take().context("it says nothing")?).lines();
    let _served = Demo(served);
    let mut told = |before: &str| {
        let line = said.by_ref().map_while(Result::ok).find(|line| line.contains(before));
        let (_, rest) = line.as_deref()?.split_once(before)?;
        Some(rest.trim().trim_end_matches('/').to_owned())
    };
    let address = told("answers at ").context("it does not say where it answers")?;
    let code = told("for a day: ").context("it does not say by which code")?;
    let browser = Browser::start(1280, 800);
    pages_of(&browser, &address, &[(format!("{name}-setup"), "/setup".to_owned())], folder)?;
    Caller::new(&address).set_up(&code, PASSWORD);
    let entrance = [(format!("{name}-sign-in"), "/sign-in".to_owned())];
    pages_of(&browser, &address, &entrance, folder)?;
    browser.go(&format!("{address}/sign-in"));
    browser.fill("[name=name]", "anna");
    browser.fill("[name=password]", PASSWORD);
    browser.click("form button");
    browser.wait_for("Anna");
    if !inventory.is_empty() {
        browser.go(&format!("{address}/devices"));
        browser.wait_for(WHOLE);
    }
    let pages = OTHERS.map(|(page, path)| (format!("{name}-{page}"), path.to_owned()));
    pages_of(&browser, &address, &pages, folder)
}

/// Devices whose names are as long as somebody may give them, with and without a place to break.
fn long_names() -> String {
    let words = "Intermediate Care and Overnight Recovery after Ambulatory Interventions, ";
    let mut text = "id,manufacturer,model,version,unit,care service,criticality\n".to_owned();
    for number in 1..60 {
        let unit = if number % 2 == 0 { words } else { WHOLE };
        let _ = writeln!(
            text,
            "PUMP-{number},{WHOLE},\"{words}{words}{number}\",1.0.{WHOLE},\"{unit}{}\",\"{words}\",\
             life-sustaining",
            number % 6
        );
        let _ = writeln!(text, "{WHOLE}-{WHOLE}-{number},B. Braun,Space,1,\"{unit}\",{WHOLE},");
    }
    text
}

/// Takes pictures of pages in all ways; how many.
fn pages_of(
    browser: &Browser,
    address: &str,
    pages: &[(String, String)],
    folder: &Path,
) -> Result<usize> {
    let mut taken = 0;
    for (size, width, height) in [DESK, TABLET, PAPER] {
        let is_paper = size == PAPER.0;
        // Nobody prints on black, whatever they read on.
        for scheme in ["light", "dark"] {
            if is_paper && scheme == "light" {
                continue;
            }
            browser.prefer(scheme);
            for (name, path) in pages {
                browser.size(width, height);
                browser.go(&format!("{address}{path}"));
                if is_paper {
                    fs::write(folder.join(format!("{name}.pdf")), browser.pdf())
                        .context("cannot write a PDF")?;
                    browser.on_paper(scheme);
                }
                let file = folder.join(format!("{name}-{size}-{scheme}.png"));
                shoot(browser, (width, height), &file)?;
                browser.prefer(scheme);
                taken += 1;
            }
        }
    }
    browser.prefer("light");
    let complaints = browser.complaints().into_iter();
    // That a page is not there is said by its status, too.
    let complaints: Vec<String> = complaints.filter(|one| !one.contains("404")).collect();
    anyhow::ensure!(complaints.is_empty(), "the browser complains: {}", complaints.join("; "));
    Ok(taken)
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
