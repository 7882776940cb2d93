//! The console as people meet it: the real program, a real browser.

use std::fs;
use std::path::Path;

use store::Place;
use store::database::Database;
use store::detections::{self, Detection};
use testkit::browser::Browser;
use testkit::served::{self, PASSWORD, Served};

#[path = "console/looks.rs"]
mod looks;
#[path = "console/tls.rs"]
mod tls;

/// Every page that somebody with all duties may go to, as far as it needs no order.
const PAGES: [&str; 29] = [
    "/",
    "/devices",
    "/devices?group=unit",
    "/devices?decision=4&order=place",
    "/devices?q=no-such-device",
    "/devices/SB-CAR-PIC-01",
    "/devices/SB-CAR-PIC-01/bedside",
    "/devices?columns=device,what,ip,mac,operating_system,owner,end_of_support&order=support",
    "/map",
    "/detections",
    "/map?by=service",
    "/map?device=SB-CAR-PIC-01",
    "/feeds",
    "/orders",
    "/vulnerabilities",
    "/decisions",
    "/vulnerabilities/CVE-2021-44228",
    "/releases",
    "/documents",
    "/search?q=openssl",
    "/search?q=",
    "/audit",
    "/people",
    "/settings",
    "/settings/alerts",
    "/settings/retention",
    "/settings/retention?flows=30&documents=365",
    "/settings/sign-in",
    "/account",
];

fn signed_in(served: &Served, browser: &Browser) {
    browser.go(&served.at("/"));
    assert!(browser.address().ends_with("/setup"), "{}", browser.address());
    browser.fill("[name=code]", &served.code);
    browser.fill("[name=hospital]", "Saint Brigid");
    browser.fill("[name=name]", "anna");
    browser.fill("[name=shown]", "Anna Berg");
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    for duty in ["security", "clinical", "biomedical"] {
        browser.click(&format!("[name={duty}]"));
    }
    browser.click("form button");
    browser.wait_for("Do first");
}

#[test]
fn every_page_is_whole_and_can_be_read_in_light_and_dark_on_a_desk_and_a_tablet() {
    let served = Served::start(&["--watch", &served::example()]);
    let browser = Browser::start(1280, 800);
    signed_in(&served, &browser);
    let mut wrong = Vec::new();
    for (width, height) in [(1280, 800), (820, 1180)] {
        browser.size(width, height);
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            for page in PAGES {
                browser.go(&served.at(page));
                let found = looks::wrong(&browser);
                wrong.extend(found.iter().map(|what| format!("{page} {scheme} {width}: {what}")));
            }
        }
    }
    wrong.extend(browser.complaints());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_list_is_chosen_saved_removed_brought_back_and_gone_through_by_keys() {
    let served = Served::start(&["--watch", &served::example()]);
    let browser = Browser::start(1280, 800);
    signed_in(&served, &browser);
    browser.go(&served.at("/devices"));
    browser.wait_for("SB-CAR-PIC-01");
    // Columns that were ticked are those that are shown.
    browser.run(
        "for (const box of document.querySelectorAll('.choice input')) \
         box.checked = ['c-device', 'c-unit', 'c-end_of_support'].includes(box.name); \
         document.querySelector('form.filter').submit(); return true",
    );
    browser.wait("the columns", "return document.querySelectorAll('.list th').length === 3");
    browser.click("th a[href*='order=support']");
    let sorted = "return document.querySelector('th[aria-sort]')?.textContent.includes('Support')";
    browser.wait("the order", sorted);
    let first = browser.text(".list tbody .name");
    // What is taken away is what is shown.
    let taken = "const link = document.querySelector('a[href^=\"/devices.EXT\"]').href; \
                 const asked = new XMLHttpRequest(); asked.open('GET', link, false); asked.send(); \
                 return asked.responseText";
    let csv = browser.run(&taken.replace("EXT", "csv"));
    let csv = csv.as_str().expect("a text").to_owned();
    assert!(csv.starts_with(&format!("device,unit,end_of_support\r\n{first},")), "{csv:.200}");
    let json = browser.run(&taken.replace("EXT", "json"));
    let rows: serde_json::Value =
        serde_json::from_str(json.as_str().expect("a text")).expect("JSON");
    assert_eq!(rows.as_array().expect("rows").len() + 1, csv.lines().count());
    assert_eq!(rows[0]["device"], first);
    // It is saved under a name, found again, removed, and brought back.
    browser.fill("form[action='/views'] [name=name]", "Support <b>ends</b>");
    browser.click("form[action='/views'] button");
    browser.wait_for("Support <b>ends</b>");
    browser.go(&served.at("/devices"));
    browser.click(".saved a");
    browser.wait("the list", "return !!document.querySelector('.saved form')");
    assert_eq!(browser.text(".list tbody .name"), first);
    browser.click(".saved form button");
    browser.wait_for("is removed");
    assert!(browser.run("return !document.querySelector('.saved')") == true);
    browser.click("form[action$=bring-back] button");
    browser.wait("the list", "return !!document.querySelector('.saved form')");
    // Keys go through it.
    let key = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', \
               { key: 'KEY', bubbles: true })); return document.activeElement.textContent";
    browser.run(&key.replace("KEY", "j"));
    let second = browser.run(&key.replace("KEY", "j"));
    assert_eq!(browser.run(&key.replace("KEY", "k")), first.as_str());
    assert_ne!(second, first.as_str());
    browser.run(&key.replace("KEY", "?"));
    assert!(browser.run("return document.querySelector('#keys').open") == true);
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());
}

#[test]
fn two_releases_are_compared() {
    let served = Served::start(&["--watch", &served::example()]);
    let browser = Browser::start(1280, 800);
    signed_in(&served, &browser);
    browser.go(&served.at("/releases?q=Alaris+PC+Unit"));
    browser.click("#rows a[href^='/releases/']");
    browser.click("a[href*='/diff/']");
    browser.wait_for("What differs");
    browser.wait_for("Open only in the second");
    let gained = browser.text(".counts .act dd");
    browser.click("a[href*='/diff/']");
    browser.wait(
        "the other way",
        &format!("return document.querySelectorAll('.counts dd')[1].textContent === {gained:?}"),
    );
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());
    assert!(browser.complaints().is_empty());
}

#[test]
fn what_is_written_into_the_folder_is_seen_without_asking_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let inventory = folder.path().join("inventory.csv");
    let row = "id,manufacturer,model,version,unit\n";
    fs::write(&inventory, format!("{row}PUMP-1,B. Braun,Infusomat Space,1.0,ICU\n")).expect("kept");
    let served = Served::start(&["--watch", &folder.path().display().to_string()]);
    let browser = Browser::start(1280, 800);
    browser.go(&served.at("/setup"));
    browser.fill("[name=code]", &served.code);
    browser.fill("[name=name]", "anna");
    browser.fill("[name=shown]", "Anna Berg");
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    browser.click("form button");
    browser.wait_for("Anna Berg");
    browser.go(&served.at("/devices"));
    browser.wait_for("PUMP-1");
    fs::write(
        &inventory,
        format!("{row}PUMP-1,B. Braun,Infusomat Space,1.0,ICU\nPUMP-2,B. Braun,Infusomat Space,1.1,ICU\n"),
    )
    .expect("kept");
    browser.wait_for("PUMP-2");
    fs::remove_file(&inventory).expect("gone");
    browser.wait_for("The inventory is empty");
}

/// Two folders in which a document has the same name: neither takes the other's place.
#[test]
fn documents_of_one_name_in_two_folders_both_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = Vec::new();
    for (name, device) in [("east", "PUMP-1"), ("west", "PUMP-2")] {
        let own = folder.path().join(name);
        fs::create_dir(&own).expect("a folder");
        let row = format!("id,manufacturer,model\n{device},B. Braun,Infusomat Space\n");
        fs::write(own.join("inventory.csv"), row).expect("kept");
        arguments.extend(["--watch".to_owned(), own.display().to_string()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let served = Served::start(&arguments);
    let browser = Browser::start(1280, 800);
    browser.go(&served.at("/setup"));
    browser.fill("[name=code]", &served.code);
    browser.fill("[name=name]", "anna");
    browser.fill("[name=shown]", "Anna Berg");
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    browser.click("form button");
    browser.wait_for("Anna Berg");
    browser.go(&served.at("/documents"));
    browser.wait_for("east/inventory.csv");
    browser.wait_for("west/inventory.csv");
    browser.go(&served.at("/devices"));
    browser.wait_for("PUMP-1");
    browser.wait_for("PUMP-2");
    // What was taken in once is not taken in again and again.
    browser.go(&served.at("/documents/west/inventory.csv"));
    let receipts = "return document.querySelectorAll('main section:last-of-type li').length";
    assert_eq!(browser.run(receipts), 1);
}

/// Markup in every text that a document may bring.
#[test]
fn markup_in_documents_is_text_in_the_browser() {
    const MARKUP: &str = "<img src=x onerror=window.hit=1><script>window.hit=1</script>\"'>";
    let folder = tempfile::tempdir().expect("a folder");
    let quoted = MARKUP.replace('"', "\"\"");
    let inventory = format!(
        "id,manufacturer,model,version,unit,room,care service,owner,serial,operating system\n\
         \"P{quoted}\",\"M{quoted}\",\"Model{quoted}\",\"1{quoted}\",\"U{quoted}\",\"R{quoted}\",\
         \"C{quoted}\",\"O{quoted}\",\"S{quoted}\",\"W{quoted}\"\n"
    );
    fs::write(folder.path().join("inventory.csv"), inventory).expect("kept");
    let text = |text: &str| serde_json::json!(format!("{text}{MARKUP}")).to_string();
    let sbom = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,
        "metadata":{{"component":{{"type":"device","name":{0},"version":{1},
        "manufacturer":{{"name":{2}}}}}}},
        "components":[{{"type":"library","name":{3},"version":{1},"supplier":{{"name":{2}}},
        "licenses":[{{"license":{{"name":{3}}}}}]}}],
        "vulnerabilities":[{{"id":{4},"description":{3},"recommendation":{3},
        "source":{{"name":{3}}},"affects":[]}}]}}"#,
        text("Model"),
        text("1"),
        text("M"),
        text("openssl"),
        text("CVE-2099-1"),
    );
    fs::write(folder.path().join("a<b>.cdx.json"), sbom).expect("kept");
    let served = Served::start(&["--watch", &folder.path().display().to_string()]);
    let browser = Browser::start(1280, 800);
    browser.go(&served.at("/setup"));
    browser.fill("[name=code]", &served.code);
    browser.fill("[name=hospital]", MARKUP);
    browser.fill("[name=name]", "anna");
    browser.fill("[name=shown]", MARKUP);
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    browser.click("form button");
    browser.go(&served.at("/devices"));
    browser.wait_for("onerror");
    let mut seen = 0;
    let links =
        "return [...new Set([...document.querySelectorAll('main a, nav a')].map(a => a.href))]";
    let mut waiting = vec![served.at("/")];
    let mut known = std::collections::BTreeSet::new();
    while let Some(next) = waiting.pop() {
        if !known.insert(next.clone()) || known.len() > 60 || next.contains(".csv") {
            continue;
        }
        browser.go(&next);
        assert_eq!(browser.run("return window.hit === undefined"), true, "{next}");
        let is_inert = "return document.querySelectorAll('main img, main script').length === 0";
        assert_eq!(browser.run(is_inert), true, "{next}");
        seen +=
            usize::from(browser.run("return document.body.innerText.includes('onerror')") == true);
        let found = browser.run(links);
        let found = found.as_array().into_iter().flatten().filter_map(|one| one.as_str());
        waiting.extend(found.filter(|one| one.starts_with(&served.at("/"))).map(str::to_owned));
    }
    assert!(seen > 8, "only {seen} pages showed it");
    let forbidden = browser.complaints();
    let forbidden: Vec<&String> = forbidden.iter().filter(|one| !one.contains("404")).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
}

#[test]
fn who_is_not_in_sees_nothing_and_who_only_reads_changes_nothing() {
    let served = Served::start(&["--watch", &served::example()]);
    let browser = Browser::start(1280, 800);
    signed_in(&served, &browser);
    browser.go(&served.at("/people"));
    browser.fill("form.sheet [name=name]", "rita");
    browser.fill("form.sheet [name=shown]", "Rita Read");
    browser.click("form.sheet [name=reader]");
    browser.click("form.sheet button");
    let first = browser.text(".alert code");
    browser.click(".who button");
    browser.wait_for("Sign in");
    browser.go(&served.at("/devices"));
    assert!(browser.address().contains("/sign-in?next=%2Fdevices"), "{}", browser.address());
    browser.fill("[name=name]", "rita");
    browser.fill("[name=password]", "not her password");
    browser.click("form button");
    browser.wait_for("are not right");
    browser.fill("[name=password]", &first);
    browser.click("form button");
    browser.wait_for("Somebody else has set your password");
    browser.fill("[name=password]", "quite another password");
    browser.fill("[name=again]", "quite another password");
    browser.click("form.sheet button");
    browser.wait("her own password", "return !document.querySelector('.alert')");
    for (page, status) in [("/devices", 200), ("/orders", 200), ("/people", 403), ("/audit", 403)] {
        let asked = format!(
            "const r = new XMLHttpRequest(); r.open('GET', '{page}', false); r.send(); return r.status"
        );
        assert_eq!(browser.run(&asked), status, "{page}");
    }
    let places = browser.text(".places");
    assert!(places.contains("Devices") && !places.contains("People"), "{places}");
}

/// Something that was detected, as the agent's news would bring it.
fn detect(folder: &Path) {
    let place = Place::File(folder.join("asepsis.db"));
    let found = Detection {
        hash: "one".to_owned(),
        at_ms: 1_764_470_400_000,
        rule: "threat.scan".to_owned(),
        technique: "T1046".to_owned(),
        device: "SB-CAR-PIC-01".to_owned(),
        source: "10.20.0.7".to_owned(),
        evidence: "It called 12 doors of 10.20.0.9, <b>and</b> most did not open".to_owned(),
        rest: "{\"targets\":[\"10.20.0.9\"],\"service\":\"tcp/445\"}".to_owned(),
        ..Detection::default()
    };
    let database = Database::open(&place).expect("a store");
    database.write("test", |t| detections::put(t, &[found]).map(drop)).expect("kept");
}

#[test]
fn a_detection_is_open_on_today_until_somebody_says_what_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start_in(folder.path(), &["--watch", &served::example()]);
    let browser = Browser::start(1280, 800);
    signed_in(&served, &browser);
    detect(folder.path());
    browser.go(&served.at("/"));
    browser.wait_for("It called 12 doors of 10.20.0.9, <b>and</b> most did not open");
    browser.go(&served.at("/detections/1"));
    browser.run("document.querySelector('[name=judgement]').value = 'expected'");
    browser.fill("[name=reason]", "Our own scanner, every Monday");
    browser.click("main form button");
    browser.wait_for("Expected here, says anna");
    browser.go(&served.at("/devices/SB-CAR-PIC-01"));
    assert!(browser.text("#happened").contains("expected here, says anna"));
    browser.go(&served.at("/"));
    browser.wait_for("Do first");
    assert_eq!(browser.text("#detected").trim(), "");
    browser.go(&served.at("/audit"));
    browser.wait_for("detection.judge");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn whoever_is_told_is_added_tried_and_taken_away_and_a_secret_is_shown_once() {
    let served = Served::start(&["--watch", &served::example()]);
    let browser = Browser::start(1280, 800);
    signed_in(&served, &browser);
    browser.go(&served.at("/settings/alerts"));
    browser.wait_for("Nobody else is told");
    browser.fill("[name=name]", "chat");
    browser.fill("[name=place]", "https://10.20.0.5/hook?key=s3cret");
    browser.click("main form.sheet button");
    browser.wait_for("It is shown once");
    assert!(browser.text("#secret").starts_with("whsec_"));
    browser.click("form[action$=test] button");
    browser.wait_for("It was not taken");
    assert!(browser.text("#tried").contains("--alerts-may-reach"), "{}", browser.text("#tried"));
    let shown = browser.text("body");
    assert!(!shown.contains("whsec_") && !shown.contains("s3cret"), "{shown}");
    browser.click("form[action$=remove] button");
    browser.wait_for("Nobody else is told");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
