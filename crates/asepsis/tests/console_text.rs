//! The console in a language that nobody speaks, so that whatever is shown of it and can't be
//! translated is seen: the real program, a real browser.
#![expect(clippy::indexing_slicing, reason = "tests may fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use decisions::traffic::RoleRule;
use testkit::browser::Browser;
use testkit::pseudo;
use testkit::served::{self, PASSWORD, Served};

#[path = "console/looks.rs"]
mod looks;
#[path = "console/played.rs"]
mod played;
#[path = "console/spoken.rs"]
mod spoken;

use played::{Demo, be, come_in};
use spoken::{Data, english, forgotten};

/// Every page that needs no order.
const PAGES: [&str; 35] = [
    "/",
    "/devices",
    "/devices?group=unit",
    "/devices?q=no-such-device",
    "/devices?columns=device,decision,what,where,care,manufacturer,criticality,in_use,ip&order=support",
    "/devices/SB-CAR-PIC-01",
    "/devices/SB-CAR-PIC-01/findings/0",
    "/devices/no-such-device",
    "/map",
    "/map?by=service",
    "/map?device=SB-CAR-PIC-01",
    "/detections",
    "/feeds",
    "/orders",
    "/vulnerabilities",
    "/vulnerabilities/CVE-2021-44228",
    "/decisions",
    "/releases",
    "/documents",
    "/documents/broken/empty.json",
    "/search?q=openssl",
    "/search?q=no-such-thing",
    "/search?q=",
    "/audit",
    "/people",
    "/settings",
    "/settings/alerts",
    "/settings/retention",
    "/settings/retention?flows=30&documents=365",
    "/settings/retention?flows=-1",
    "/settings/sign-in",
    "/account",
    "/confirm",
    "/no-such-page",
    "/enter/no-such-code",
];

/// The English file, and that of the language that nobody speaks, in a folder.
fn files(folder: &Path) -> (String, PathBuf) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../presentation/text/en.ftl");
    let source = fs::read_to_string(own).expect("the English file");
    let made = folder.join(format!("{}.ftl", pseudo::NAME));
    fs::write(&made, pseudo::of(&source)).expect("a file");
    (source, made)
}

/// Looks a page over at both widths.
fn look(browser: &Browser, data: &Data, english: &BTreeSet<String>, wrong: &mut Vec<String>) {
    let address = browser.address();
    let page = address.splitn(4, '/').last().unwrap_or_default().to_owned();
    let language = browser.run("return document.documentElement.lang");
    if language != pseudo::NAME {
        wrong.push(format!("/{page} is in {language}"));
        return;
    }
    let found = forgotten(browser, data, english);
    wrong.extend(found.iter().map(|what| format!("/{page}: {what}")));
    if std::env::var("ASEPSIS_TESTS_PICTURES").is_ok() {
        keep_pictures(browser, &page);
    }
    for (width, height) in [(820, 1180), (1280, 800)] {
        browser.size(width, height);
        let found = looks::wrong(browser);
        wrong.extend(found.iter().map(|what| format!("/{page} {width}: {what}")));
    }
}

/// Keeps a picture of the page at each width in the folder that `ASEPSIS_TESTS_PICTURES` names.
fn keep_pictures(browser: &Browser, page: &str) {
    let folder = PathBuf::from(std::env::var("ASEPSIS_TESTS_PICTURES").unwrap_or_default());
    let name: String =
        page.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    for (width, height) in [(820, 1180), (1280, 800)] {
        browser.size(width, height);
        let picture = browser.picture();
        fs::write(folder.join(format!("{name}-{width}.png")), picture).expect("a picture");
    }
}

/// Types what the first run asks for, with a password that is too short.
fn fill_first_run(browser: &Browser, code: &str) {
    for (name, typed) in [
        ("code", code),
        ("hospital", "Saint Brigid"),
        ("name", "anna"),
        ("shown", "Anna Berg"),
        ("password", "short"),
        ("again", "short"),
    ] {
        browser.fill(&format!("[name={name}]"), typed);
    }
}

#[test]
fn every_page_says_what_it_says_in_the_language_of_whoever_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, made) = files(folder.path());
    let english = english(&source);
    let hospital = served::example();
    let served = Served::start_in(
        folder.path(),
        &["--watch", &hospital, "--text", &made.display().to_string()],
    );
    let browser = Browser::start(1280, 800);
    browser.language("fr, en-XA;q=0.9, en;q=0.1");
    let mut wrong = Vec::new();
    browser.go(&served.at("/"));
    look(&browser, &Data::default(), &english, &mut wrong);
    fill_first_run(&browser, &served.code);
    browser.click("form button");
    browser.wait("why not", "return !!document.querySelector('.alert')");
    let data = Data::of_store(&folder.path().join("asepsis.db"));
    let mut typed = data;
    typed.take_value(&serde_json::json!(["Saint Brigid", "anna", "Anna Berg", served.code]));
    look(&browser, &typed, &english, &mut wrong);
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    for duty in ["security", "clinical", "biomedical"] {
        browser.click(&format!("[name={duty}]"));
    }
    browser.click("form button");
    browser.wait("the hospital", "return !!document.querySelector('#first .actions')");
    let data = Data::of_store(&folder.path().join("asepsis.db"));
    let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
    for (list, link) in [("/releases", "a[href^='/releases/']"), ("/vulnerabilities", ".name a")] {
        browser.go(&served.at(list));
        let script = format!("return document.querySelector({link:?}).getAttribute('href')");
        pages.push(browser.run(&script).as_str().expect("a link").to_owned());
    }
    let mut data = data;
    browser.go(&served.at("/"));
    let script = "return fetch('/api/v1/devices/SB-CAR-PIC-01/findings').then(told => told.json())";
    data.take_value(&browser.run(script));
    for page in pages {
        browser.go(&served.at(&page));
        look(&browser, &data, &english, &mut wrong);
    }
    // A decision, as it is made, kept and listed.
    browser.go(&served.at("/vulnerabilities/CVE-2021-44228"));
    browser.click("[name=about]");
    browser.run("document.querySelector('[name=kind]').value = 'false-positive'; return true");
    browser.fill("[name=reason]", "another log4j");
    browser.click("#decide button");
    browser.wait("what it means", "return !!document.querySelector('#confirm')");
    data.take_value(&serde_json::json!("another log4j"));
    look(&browser, &data, &english, &mut wrong);
    browser.click("#confirm button");
    browser.wait("the decision", "return !!document.querySelector('#undo')");
    let data = Data::of_store(&folder.path().join("asepsis.db"));
    look(&browser, &data, &english, &mut wrong);
    for page in ["/decisions", "/"] {
        browser.go(&served.at(page));
        look(&browser, &data, &english, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Whoever asks for English gets it.
    browser.language("en");
    browser.go(&served.at("/"));
    assert_eq!(browser.run("return document.documentElement.lang"), "en");
    browser.wait_for("Do first");
}

/// The pages that show a device and its order; the first seven change with it.
fn pages_of(device: &str, number: &str) -> [String; 11] {
    [
        "/".to_owned(),
        "/orders".to_owned(),
        format!("/orders/{number}"),
        format!("/devices/{device}"),
        format!("/devices/{device}/contain?level=isolate"),
        format!("/devices/{device}/bedside"),
        format!("/map?device={device}"),
        format!("/map?device={device}&level=isolate"),
        "/map".to_owned(),
        "/detections".to_owned(),
        "/detections/1".to_owned(),
    ]
}

#[test]
fn a_containment_is_told_in_the_language_of_whoever_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, made) = files(folder.path());
    let english = english(&source);
    let demo = Demo::start(&["--text", &made.display().to_string()]);
    let browser = Browser::start(1280, 800);
    browser.language(pseudo::NAME);
    browser.go(&demo.enter);
    let mut wrong = Vec::new();
    let mut data = Data::default();
    data.take_value(&serde_json::json!("Saint Brigid"));
    look(&browser, &data, &english, &mut wrong);
    come_in(&browser);
    browser.wait("an order", "return !!document.querySelector('#open a')");
    browser.click("#open a");
    browser.wait("the order", "return !!document.querySelector('#answers form')");
    let order = browser.address();
    let place = order.split("/orders/").next().expect("a place").to_owned();
    browser.go(&format!("{place}/settings"));
    let store = browser.text("section code");
    let told = |of: &str| {
        let script = format!("return fetch('/api/v1/{of}').then(told => told.json())");
        browser.run(&script)
    };
    let device = told("orders")["items"][0]["device"].as_str().expect("a device").to_owned();
    let look_once = |page: &str| {
        browser.go(&format!("{place}{page}"));
        let mut data = Data::of_store(Path::new(&store));
        data.take_value(&told("orders"));
        for level in ["contain", "isolate"] {
            data.take_value(&told(&format!("devices/{device}/plan?level={level}")));
        }
        // Why a path has its role is evidence, by the rule that gave it.
        for rule in RoleRule::ALL {
            data.take_value(&serde_json::json!(rule.meaning()));
        }
        let mut wrong = Vec::new();
        look(&browser, &data, &english, &mut wrong);
        wrong
    };
    // What the agent says of now may be another before it is looked for: what is forgotten stays.
    let look_at = |page: &str, wrong: &mut Vec<String>| {
        let found = (0..5).map(|_| look_once(page)).find(Vec::is_empty);
        wrong.extend(found.map_or_else(|| look_once(page), |_| Vec::new()));
    };
    let number = order.rsplit('/').next().expect("a number").to_owned();
    let pages = pages_of(&device, &number);
    for page in &pages {
        look_at(page, &mut wrong);
    }
    be(&browser, "Nora Quinn");
    look_at(&format!("/devices/{device}/bedside"), &mut wrong);
    browser.click("form[action$=approve] button");
    browser.wait("her yes", "return !document.querySelector('form[action$=approve]')");
    be(&browser, "Anna Berg");
    for page in &pages[..7] {
        look_at(page, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
