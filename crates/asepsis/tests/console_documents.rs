//! Documents brought by the page, and taken away again, and a base that is compiled anew, in a real
//! browser.

use std::fs;
use std::path::Path;
use std::process::Command;

use testkit::browser::Browser;
use testkit::copy;
use testkit::served::{self, PASSWORD, Served};

#[path = "console/looks.rs"]
mod looks;

fn set_up(served: &Served, browser: &Browser, duty: Option<&str>) {
    browser.go(&served.at("/setup"));
    browser.fill("[name=code]", &served.code);
    browser.fill("[name=hospital]", "Saint Brigid");
    browser.fill("[name=name]", "anna");
    browser.fill("[name=shown]", "Anna Berg");
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    if let Some(duty) = duty {
        browser.click(&format!("[name={duty}]"));
    }
    browser.click("form button");
    browser.wait_for("Anna Berg");
}

/// What is wrong with the page that is open, in light and dark, on a desk and a tablet.
fn wrong_anywhere(browser: &Browser) -> Vec<String> {
    let mut wrong = Vec::new();
    for (width, height) in [(1280, 800), (820, 1180)] {
        browser.size(width, height);
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            wrong.extend(looks::wrong(browser));
        }
    }
    wrong
}

#[test]
fn files_are_brought_read_taken_away_and_put_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("kept");
        path.display().to_string()
    };
    let good =
        file("ward 3 Geräte.csv", "id,manufacturer,model\nPUMP-1,B. Braun,Infusomat Space\n");
    let bad = file("a\\b.csv", "id\n");
    let served = Served::start(&[]);
    let browser = Browser::start(1280, 800);
    set_up(&served, &browser, Some("biomedical"));
    browser.go(&served.at("/documents"));
    browser.wait_for("Bring documents");
    browser.fill("#upload input", &format!("{good}\n{bad}"));
    // Each file has an answer of its own.
    browser.wait_for("is kept");
    browser.wait_for("no backslash");
    // It is read, and shown without asking again.
    browser.wait_for("whole");
    assert!(browser.text("#rows").contains("ward 3 Geräte.csv"), "{}", browser.text("#rows"));
    let wrong = wrong_anywhere(&browser);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    browser.go(&served.at("/devices/PUMP-1"));
    browser.wait_for("Infusomat Space");
    // Gone, and back.
    browser.go(&served.at("/documents/ward%203%20Ger%C3%A4te.csv"));
    browser.click("#withdraw button");
    browser.wait_for("It is taken away.");
    assert_eq!(browser.text("#withdraw button"), "Put it back");
    browser.click("#withdraw button");
    browser.wait_for("It is back.");
    assert_eq!(looks::wrong(&browser), Vec::<String>::new());
    browser.go(&served.at("/documents"));
    browser.wait_for("ward 3 Geräte.csv");
    let complaints = browser.complaints();
    let complaints: Vec<&String> = complaints.iter().filter(|one| !one.contains("422")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn whoever_may_not_bring_documents_is_not_asked_for_them() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("inventory.csv"), "id,model\nPUMP-1,Infusomat\n").expect("kept");
    let served = Served::start(&["--watch", &folder.path().display().to_string()]);
    let browser = Browser::start(1280, 800);
    // An administrator alone.
    set_up(&served, &browser, None);
    browser.go(&served.at("/documents"));
    browser.wait_for("inventory.csv");
    assert_eq!(browser.run("return !!document.querySelector('#upload')"), false);
    browser.go(&served.at("/documents/inventory.csv"));
    assert_eq!(browser.run("return !!document.querySelector('#withdraw')"), false);
}

/// What lies in `known` is compiled into `known.base`.
fn compile(folder: &Path) {
    let mut import = Command::new(served::program());
    import.args(["feed", "import", "known", "--base", "known.base"]).current_dir(folder);
    let output = import.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_is_compiled_into_the_base_is_shown_on_the_page_that_is_open() {
    const ADVISORY: &str = "advisories/icsma-19-190-01.json";
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    copy(Path::new(&served::example()), &at("site"));
    for known in ["advisories", "feeds"] {
        copy(&at("site").join(known), &at("known").join(known));
        fs::remove_dir_all(at("site").join(known)).expect("gone");
    }
    let advisory = fs::read(at("known").join(ADVISORY)).expect("an advisory");
    fs::remove_file(at("known").join(ADVISORY)).expect("gone");
    compile(folder.path());
    let (site, base) = (at("site").display().to_string(), at("known.base").display().to_string());
    let served = Served::start(&["--watch", &site, "--base", &base]);
    let browser = Browser::start(1280, 800);
    set_up(&served, &browser, Some("security"));
    browser.go(&served.at("/vulnerabilities"));
    browser.wait_for("CVE-2019-10959");
    assert!(!browser.text("#rows").contains("CVE-2019-10966"), "{}", browser.text("#rows"));
    fs::write(at("known").join(ADVISORY), advisory).expect("kept");
    compile(folder.path());
    browser.wait_for("CVE-2019-10966");
    browser.go(&served.at("/vulnerabilities/CVE-2019-10966"));
    browser.wait_for("known/advisories/icsma-19-190-01.json");
    browser.go(&served.at("/documents/known/advisories/icsma-19-190-01.json"));
    browser.wait_for("it stands in the base by which is judged");
    browser.go(&served.at("/feeds"));
    browser.wait_for("stand in the base, which was made");
    let mut wrong = wrong_anywhere(&browser);
    // A base that is gone is told of, and changes nothing.
    browser.go(&served.at("/"));
    fs::rename(at("known.base"), at("other.base")).expect("moved");
    browser.wait_for("What came last could not be judged");
    wrong.extend(looks::wrong(&browser));
    browser.go(&served.at("/vulnerabilities/CVE-2019-10966"));
    browser.wait_for("known/advisories/icsma-19-190-01.json");
    browser.go(&served.at("/"));
    fs::rename(at("other.base"), at("known.base")).expect("moved back");
    browser.wait("it is judged again", "return !document.querySelector('#fault .alert')");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
