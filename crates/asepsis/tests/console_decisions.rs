//! Decisions about findings as people make them in a browser, many at once, and programs by the API.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::browser::Browser;
use testkit::http::Client;
use testkit::served::{PASSWORD, Served, example};

#[path = "console/looks.rs"]
mod looks;

const MARKUP: &str = "<img src=x onerror=window.hit=1> we looked";
/// How long something may take to be judged.
const PATIENCE: Duration = Duration::from_mins(2);

fn set_up(served: &Served, browser: &Browser, duty: &str) {
    browser.go(&served.at("/setup"));
    browser.fill("[name=code]", &served.code);
    browser.fill("[name=hospital]", "Saint Brigid");
    browser.fill("[name=name]", "anna");
    browser.fill("[name=shown]", "Anna Berg");
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    if !duty.is_empty() {
        browser.click(&format!("[name={duty}]"));
    }
    browser.click("form button");
    browser.wait_for("Anna Berg");
}

/// Keeps a picture for whoever looks at them, where `ASEPSIS_PICTURES` says so.
fn picture(browser: &Browser, name: &str) {
    if let Ok(folder) = std::env::var("ASEPSIS_PICTURES") {
        fs::write(Path::new(&folder).join(format!("{name}.png")), browser.picture()).expect("kept");
    }
}

/// What is wrong with how the page looks, light and dark, on a desk and a tablet.
fn looked_over(browser: &Browser, name: &str) {
    let mut wrong = Vec::new();
    for (width, height) in [(820, 1180), (1280, 800)] {
        browser.size(width, height);
        for scheme in ["dark", "light"] {
            browser.prefer(scheme);
            picture(browser, &format!("{name}-{scheme}-{width}"));
            let found = looks::wrong(browser);
            wrong.extend(found.iter().map(|what| format!("{name} {scheme} {width}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const VERDICTS: &str =
    "return [...document.querySelectorAll('.known .verdict')].map(one => one.innerText).join()";

#[test]
fn findings_are_decided_together_shown_and_undone() {
    let served = Served::start(&["--watch", &example()]);
    let browser = Browser::start(1280, 800);
    set_up(&served, &browser, "biomedical");
    let page = served.at("/vulnerabilities/CVE-2022-0778");
    browser.go(&served.at("/"));
    browser.wait_for("Do first");
    browser.go(&page);
    browser.wait_for("Decide about what is chosen");
    looked_over(&browser, "vulnerability");
    let before = browser.run(VERDICTS);
    // All at once, as false positives, with markup for a reason.
    browser.click("[name=all]");
    browser.run("document.querySelector('[name=kind]').value = 'false-positive'; return true");
    browser.fill("[name=reason]", MARKUP);
    browser.click("#decide button");
    browser.wait_for("False positive?");
    let meaning = browser.text("#meaning");
    assert!(meaning.contains("findings on") && meaning.contains("devices"), "{meaning}");
    assert!(browser.text(".reason").contains("<img"), "it is shown as it was typed");
    looked_over(&browser, "preview");
    browser.click("#confirm button");
    browser.wait_for("decided by anna");
    browser.wait_for("It bears on");
    looked_over(&browser, "decision");
    browser.go(&page);
    browser.wait_for("Decide about what is chosen");
    let after = browser.run(VERDICTS);
    assert_ne!(after, before);
    assert!(!after.as_str().expect("a text").contains("AFFECTED,AFFECTED"), "{after}");
    assert!(browser.text(".known").contains("false positive"), "{}", browser.text(".known"));
    browser.go(&served.at("/decisions"));
    browser.wait_for("False positive");
    looked_over(&browser, "decisions");
    assert_eq!(browser.run("return window.hit === undefined"), true);
    assert_eq!(browser.run("return document.querySelectorAll('main img').length"), 0);
    browser.click("td.name a");
    browser.wait_for("decided by anna");
    browser.click("#undo button");
    browser.wait_for("Nothing was decided yet");
    let begun = Instant::now();
    loop {
        browser.go(&page);
        if browser.run(VERDICTS) == before {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "it is not as it was before");
        thread::sleep(Duration::from_millis(200));
    }
    // A page that is open hears that its decision is gone before it is left.
    let complaints = browser.complaints();
    let complaints: Vec<&String> = complaints.iter().filter(|one| !one.contains("404")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn an_accepted_risk_is_told_on_today_before_it_ends_and_is_not_decided_by_who_only_looks() {
    let served = Served::start(&["--watch", &example()]);
    let browser = Browser::start(1280, 800);
    set_up(&served, &browser, "security");
    browser.go(&served.at("/"));
    browser.wait_for("Do first");
    browser.go(&served.at("/releases?q=CMS8000"));
    browser.click("td.name a");
    browser.wait_for("Decide about what is chosen");
    browser.click(".known tbody [name=about]");
    let soon =
        jiff::ZonedDateTime::now().date().saturating_add(jiff::Span::new().days(9)).to_string();
    browser.run(&format!(
        "document.querySelector('[name=kind]').value = 'accepted'; \
         document.querySelector('[name=until]').value = '{soon}'; return true"
    ));
    browser.fill("[name=reason]", "on a network of its own");
    browser.click("#decide button");
    browser.wait_for("1 finding on 1 release");
    browser.click("#confirm button");
    browser.wait_for("It bears on 1 finding");
    browser.go(&served.at("/"));
    browser.wait_for("Accepted risks that end soon");
    assert!(browser.text("#ending").contains(&soon), "{}", browser.text("#ending"));
    looked_over(&browser, "today");
    // Nothing chosen, and no day, are answered with a sentence.
    browser.go(&served.at("/vulnerabilities/CVE-2022-0778"));
    browser.run("document.querySelector('[name=kind]').value = 'false-positive'; return true");
    browser.fill("[name=reason]", "x");
    browser.click("#decide button");
    browser.wait_for("Choose at least one finding");
}

/// A server over the example, and a program that may read and decide.
fn program() -> (Served, Client) {
    let served = Served::start(&["--watch", &example()]);
    let client = Client::new(&served.at("/"));
    let (anna, form) = client.first_administrator(&served.code, PASSWORD);
    let token = anna.token(&form, &["read", "findings.write", "documents.write"]);
    (served, client.with("authorization", &format!("Bearer {token}")))
}

fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} does not come");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_program_decides_once_and_takes_it_back() {
    let (_served, client) = program();
    let at = "/api/v1/vulnerabilities/CVE-2022-38100";
    let found = until("the judgement", || {
        let one = client.get(at);
        (one.status == 200).then(|| one.json())
    });
    let release = found["of_releases"][0]["release"].as_str().expect("a release").to_owned();
    let wanted = |reason: &str| {
        json!({ "kind": "not-affected", "justification": "component_not_present",
            "reason": reason, "findings": [{ "release": release, "vulnerability": "CVE-2022-38100" }] })
    };
    let send = |key: &str, body: &Value| {
        let own = [("content-type", "application/json"), ("idempotency-key", key)];
        client.send("POST", "/api/v1/decisions", &own, body.to_string().as_bytes())
    };
    let made = send("one", &wanted("we looked"));
    assert_eq!(made.status, 201, "{}", made.text());
    let decision = made.json();
    let id = decision["id"].as_str().expect("an id").to_owned();
    let place = format!("/api/v1/decisions/{id}");
    assert_eq!(made.header("location"), place);
    let again = send("one", &wanted("we looked"));
    assert_eq!((again.status, again.json()), (201, decision.clone()));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(send("one", &wanted("otherwise")).json()["code"], "idempotency.key-reused");
    for (what, body) in [
        ("2000 characters", wanted(&"x".repeat(10_000))),
        ("Write why", wanted(" ")),
        (
            "not there any more",
            json!({ "kind": "false-positive", "reason": "x",
            "findings": [{ "release": release, "vulnerability": "CVE-0-0" }] }),
        ),
        ("at least one", json!({ "kind": "false-positive", "reason": "x", "findings": [] })),
        (
            "YYYY-MM-DD",
            json!({ "kind": "accepted", "reason": "x", "until": "soon",
            "findings": [{ "release": release, "vulnerability": "CVE-2022-38100" }] }),
        ),
    ] {
        let answer = send(what, &body).json();
        assert_eq!(answer["code"], "request.value", "{what}: {answer}");
        assert!(answer["detail"].as_str().expect("words").contains(what), "{answer}");
    }
    let bears = until("what it bears on", || {
        let one = client.get(&place).json();
        one["bears_on"].is_object().then(|| one["bears_on"].clone())
    });
    assert_eq!((&bears["findings"], &bears["devices"]), (&json!(1), &json!(9)));
    assert_eq!(client.get("/api/v1/decisions").json()["items"].as_array().map(Vec::len), Some(1));
    until("the verdict", || {
        let verdict = client.get(at).json()["of_releases"][0]["verdict"].clone();
        (verdict == "not_affected").then_some(())
    });
    // Whoever may bring documents may not therefore decide, nor undo.
    let document = format!("/api/v1/documents/decisions%2F{id}.json");
    for (method, path) in [("PUT", format!("{document}/content")), ("DELETE", document)] {
        assert_eq!(client.send(method, &path, &[], b"{}").json()["code"], "document.name");
    }
    assert_eq!(client.send("DELETE", &place, &[], b"").status, 204);
    assert_eq!(client.send("DELETE", &place, &[], b"").status, 404);
    until("the verdict before", || {
        let verdict = client.get(at).json()["of_releases"][0]["verdict"].clone();
        (verdict == "affected").then_some(())
    });
}
