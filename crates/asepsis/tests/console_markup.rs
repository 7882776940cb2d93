//! Markup in what comes from outside: documents of makers and authorities, what machines call
//! themselves on the network, what an agent tells. In a real browser all of it is text.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use testkit::agent::StandIn;
use testkit::browser::Browser;
use testkit::served::{PASSWORD, Served};

/// What leaves an element, an attribute or a script, wherever it stands unguarded.
const MARKUP: &str = "<img src=x onerror=window.hit=1><svg onload=window.hit=1></svg>\
                      <script>window.hit=1</script>\"' onmouseover=window.hit=1 x='\">-->]]>";
/// The same, where there is little room.
const SHORT: &str = "<img src=x onerror=window.hit=1>";
/// An address that is a script.
const ADDRESS: &str = "javascript:window.hit=1";
/// As much as an AE title holds (PS3.8, section 9.3.2): 16 characters.
const TITLE: &[u8; 16] = b"<b id=hit>AE</b>";
/// Most pages that are gone to.
const PAGES: usize = 160;

fn text(text: &str) -> String {
    format!("{text}{MARKUP}")
}

fn inventory() -> String {
    let quoted = MARKUP.replace('"', "\"\"");
    let row = |id: &str, columns: [&str; 8]| {
        let columns = columns.map(|column| format!("\"{column}{quoted}\""));
        format!("{id},{}\n", columns.join(","))
    };
    let device = row("PUMP-1", ["M", "Model", "1", "Unit", "Room", "Care", "Owner", "System"]);
    format!("id,manufacturer,model,version,unit,room,care service,owner,operating system\n{device}")
}

fn sbom() -> Value {
    let analysis = |id: &str, state: &str| {
        json!({
            "id": id, "description": text("described"), "detail": text("detailed"),
            "recommendation": text("recommended"), "source": { "name": text("source"), "url": ADDRESS },
            "references": [{ "id": text("other"), "source": { "name": text("s"), "url": ADDRESS } }],
            "advisories": [{ "title": text("advisory"), "url": ADDRESS }],
            "ratings": [{ "method": "CVSSv31", "severity": "critical", "score": 9.8,
                "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "source": { "name": text("rated") } }],
            "analysis": { "state": state, "detail": text("impact"),
                "justification": "code_not_reachable", "response": ["update"] },
            "affects": [{ "ref": "part" }],
        })
    };
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": { "component": { "type": "device", "name": text("Model"), "version": text("1"),
            "manufacturer": { "name": text("M") } } },
        "components": [{ "type": "library", "bom-ref": "part", "name": text("openssl"),
            "version": text("1.1.1"), "description": text("part"), "copyright": text("c"),
            "purl": "pkg:generic/openssl@1.1.1", "supplier": { "name": text("S"), "url": [ADDRESS] },
            "externalReferences": [{ "type": "website", "url": ADDRESS, "comment": text("c") }],
            "licenses": [{ "license": { "name": text("L"), "url": ADDRESS } }] }],
        "vulnerabilities": [
            analysis("CVE-2099-0001", "exploitable"), analysis("CVE-2099-0002", "not_affected"),
            analysis("CVE-2099-0003", "in_triage"),
        ],
    })
}

fn vex() -> Value {
    let says = |id: &str, status: &str| {
        json!({
            "vulnerability": { "name": id, "description": text("described") },
            "products": [{ "@id": "pkg:generic/openssl@1.1.1" }], "status": status,
            "impact_statement": text("impact"), "action_statement": text("act"), "status_notes": text("noted"),
        })
    };
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": ADDRESS, "author": text("author"),
        "role": text("role"), "timestamp": "2025-01-01T00:00:00Z", "version": 1,
        "statements": [says("CVE-2099-0001", "not_affected"), says("CVE-2099-0003", "affected")],
    })
}

fn advisory() -> Value {
    let note =
        |kind: &str| json!({ "category": kind, "title": text("note"), "text": text("noted") });
    let reference = json!({ "category": "external", "summary": text("see"), "url": ADDRESS });
    let date = "2025-01-01T00:00:00Z";
    let product = json!({ "product_id": "P-1", "name": text("product") });
    let branch = |kind: &str, name: &str, inner: Value| {
        let mut branch = json!({ "category": kind, "name": text(name) });
        let key = if inner.is_array() { "branches" } else { "product" };
        branch[key] = inner;
        branch
    };
    let version = branch("product_version", "1", product);
    let model = branch("product_name", "Model", json!([version]));
    json!({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": text("title"),
            "publisher": { "category": "vendor", "name": text("M"), "namespace": ADDRESS,
                "contact_details": text("call"), "issuing_authority": text("authority") },
            "tracking": { "id": text("ADVISORY"), "status": "final", "version": "1",
                "initial_release_date": date, "current_release_date": date,
                "revision_history": [{ "number": "1", "date": date, "summary": text("first") }] },
            "notes": [note("summary"), note("general")], "references": [reference],
            "distribution": { "text": text("all") },
            "acknowledgments": [{ "names": [text("finder")], "urls": [ADDRESS] }],
        },
        "product_tree": { "branches": [branch("vendor", "M", json!([model]))] },
        "vulnerabilities": [{
            "cve": "CVE-2099-0004", "title": text("title"), "notes": [note("description")],
            "cwe": { "id": "CWE-79", "name": text("weak") }, "references": [reference],
            "ids": [{ "system_name": text("system"), "text": text("id") }],
            "product_status": { "known_affected": ["P-1"] },
            "scores": [{ "products": ["P-1"], "cvss_v3": { "version": "3.1",
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "baseScore": 9.8, "baseSeverity": "CRITICAL" } }],
            "remediations": [
                { "category": "vendor_fix", "details": text("fix"), "product_ids": ["P-1"],
                    "url": ADDRESS },
                { "category": "workaround", "details": text("way"), "product_ids": ["P-1"] },
            ],
            "threats": [{ "category": "impact", "details": text("harm"), "product_ids": ["P-1"] }],
        }],
    })
}

/// What `observe` makes of a capture in which a scanner calls itself something with an element in
/// it: the device that it is.
fn heard(folder: &Path) -> Value {
    let name = "captures/dicom-hl7-generated/dicom-echo-store-dcmtk-port104.pcap";
    let mut capture = fs::read(testkit::shared_data(name)).expect("a capture");
    let own = b"CT_ROOM1        ";
    let places: Vec<usize> =
        (0..capture.len() - own.len()).filter(|at| capture[*at..].starts_with(own)).collect();
    assert!(!places.is_empty(), "the capture has a scanner");
    for at in places {
        capture[at..at + own.len()].copy_from_slice(TITLE);
    }
    let changed = folder.join("changed.pcap");
    fs::write(&changed, capture).expect("kept");
    let mut observe = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    let output = observe.args(["observe", "--quiet", "--json", "-"]).arg(changed).output();
    let output = output.expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let devices = seen["devices"].as_array().expect("devices");
    let title = String::from_utf8_lossy(TITLE);
    let calls_itself = |device: &&Value| {
        let claims = device["claims"].as_array().into_iter().flatten();
        claims.into_iter().any(|claim| claim["value"] == *title)
    };
    devices.iter().find(calls_itself).expect("it was heard").clone()
}

/// An agent that heard that device, and tells markup in everything else.
fn agent(folder: &Path) -> StandIn {
    let agent = StandIn::start();
    let heard = heard(folder);
    let mut claims = heard["claims"].as_array().expect("claims").clone();
    for claim in &mut claims {
        claim.as_object_mut().expect("a claim").remove("times");
    }
    claims.push(json!({ "attribute": text("attribute"), "value": text("value"),
        "origin": text("origin"), "confidence": "weak", "evidence": text("evidence") }));
    for (device, in_inventory) in [("PUMP-1".to_owned(), true), (text("stranger"), false)] {
        agent.see(json!({
            "device": device, "in_inventory": in_inventory,
            "kind": { "kind": text("kind"), "confidence": heard["confidence"],
                "evidence": text("because"), "value": text("value") },
            "interfaces": [{ "mac": text("00:09:fb"), "addresses": [text("10.77.1.20")] }],
            "behind_router": [text("10.0.0.1")], "claims": claims, "services": [text("tcp/104")],
            "merged": [text("merged")],
        }));
    }
    for (client, server) in [("PUMP-1".to_owned(), text("stranger")), (text("x"), "PUMP-1".into())]
    {
        agent.walk(json!({
            "client": text("10.77.1.20"), "server": text(&server), "service": text("tcp/104"),
            "client_device": client, "server_device": server, "role": "result",
            "rule": text("role.dicom"), "application": text("dicom"), "rhythm": null,
            "sessions": 3, "answered": 3, "bytes": 1000,
        }));
    }
    agent.detect("PUMP-1", &text("It called doors"));
    agent.detect(&text("stranger"), &text("It called doors"));
    agent.step("PUMP-1", &text("step"));
    let side = json!({ "role": text("result"), "peer": text("10.77.2.10"),
        "service": text("tcp/104"), "side": "client", "because": text("because"),
        "protocol": text("dicom"), "sessions": 3, "last": text("now") });
    agent.plans(json!({
        "device": "PUMP-1", "level": "contain", "verdict": text("It would"),
        "criticality": text("life"), "in_use": { "state": "yes", "last_sign": text("result") },
        "requires": text("one"), "notes": [text("note")], "stays_open": [side],
        "would_end": [side], "would_stay": [side], "classes_proved": 3,
    }));
    agent.has(&json!({
        "device": "PUMP-1", "level": "contain", "reason": text("reason"), "by": text("anna"),
        "sentence": text("It waits"), "approved_by": [text("bob")], "approved_as": ["security"],
        "waits_for": { "code": "containment.x", "sentence": text("waits") },
        "care": { "sentence": text("Alarms go on"), "goes_on": [text("alarm")], "ends": [] },
        "criticality": text("life"),
        "points": [{ "point": text("switch"), "state": "failed", "why": text("why") }],
        "steps": [{ "at": "2025-01-01T00:00:00Z", "by": text("anna"), "step": "requested",
            "what": text("asked") }],
    }));
    agent
}

/// What on a page is not text: hit scripts, elements that only markup makes, attributes that run
/// something, addresses that are scripts.
const FOUND: &str = "const found = []; \
    if (window.hit !== undefined || document.getElementById('hit')) found.push('hit'); \
    for (const one of document.querySelectorAll('img:not([src^=\"/static/\"]), main script, iframe, object, embed, \
        svg script, svg foreignObject')) found.push(one.outerHTML.slice(0, 200)); \
    for (const one of document.querySelectorAll('*')) for (const own of one.attributes) { \
        const is_address = /^(href|src|action|formaction|xlink:href|data)$/.test(own.name) && \
            /^\\s*javascript:/i.test(own.value); \
        if (own.name.startsWith('on') || is_address) found.push(one.outerHTML.slice(0, 200)); } \
    return found";

fn found(browser: &Browser) -> Vec<String> {
    let found = browser.run(FOUND);
    let found = found.as_array().expect("a list").iter();
    found.map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

fn enter(browser: &Browser, served: &Served) {
    browser.go(&served.at("/setup"));
    browser.fill("[name=code]", &served.code);
    browser.fill("[name=hospital]", SHORT);
    browser.fill("[name=name]", "anna");
    browser.fill("[name=shown]", SHORT);
    browser.fill("[name=password]", PASSWORD);
    browser.fill("[name=again]", PASSWORD);
    for duty in ["security", "clinical", "biomedical"] {
        browser.click(&format!("[name={duty}]"));
    }
    browser.click("form button");
    browser.wait_for("Do first");
}

/// Saves a list under such a name, and tells somebody of such a name.
fn name_things(browser: &Browser, served: &Served) {
    browser.go(&served.at("/devices"));
    browser.wait_for("PUMP-1");
    browser.fill("form[action='/views'] [name=name]", SHORT);
    browser.click("form[action='/views'] button");
    browser.wait("the list", "return !!document.querySelector('.saved')");
    browser.go(&served.at("/settings/alerts"));
    browser.fill("[name=name]", "<b id=hit>chat</b>");
    browser.fill("[name=place]", "https://siem.example/hook");
    browser.click("main form.sheet button");
    browser.wait_for("It is shown once");
}

#[test]
fn markup_of_makers_machines_and_agents_is_text_on_every_page() {
    let (folder, other) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("one"));
    let write = |name: &str, document: &str| fs::write(folder.path().join(name), document);
    write("inventory.csv", &inventory()).expect("kept");
    write("sbom<b id=hit>.cdx.json", &sbom().to_string()).expect("kept");
    write("openvex.json", &vex().to_string()).expect("kept");
    write("advisory.json", &advisory().to_string()).expect("kept");
    let agent = agent(other.path());
    let socket = agent.socket().display().to_string();
    let watched = folder.path().display().to_string();
    let served = Served::start(&["--watch", &watched, "--agent", &socket]);
    let browser = Browser::start(1280, 800);
    enter(&browser, &served);
    name_things(&browser, &served);
    browser.go(&served.at("/detections"));
    browser.wait_for("It called doors");
    let mut waiting: Vec<String> = [
        "/",
        "/devices/PUMP-1",
        "/devices/PUMP-1/contain",
        "/devices/PUMP-1/bedside",
        "/map?device=PUMP-1",
        "/map?by=service",
        "/orders/1",
        "/vulnerabilities/CVE-2099-0001",
        "/vulnerabilities/CVE-2099-0002",
        "/vulnerabilities/CVE-2099-0003",
        "/vulnerabilities/CVE-2099-0004",
        "/detections/1",
        "/detections/2",
        "/search?q=openssl",
        "/search?q=%3Cimg+src%3Dx+onerror%3Dwindow.hit%3D1%3E",
        "/audit",
        "/account",
        "/feeds",
        "/documents/advisory.json",
        "/documents/openvex.json",
    ]
    .iter()
    .map(|path| served.at(path))
    .collect();
    let (mut known, mut shown, mut wrong) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    while let Some(next) = waiting.pop() {
        let is_file = [".csv", ".json?", "/content"].iter().any(|end| next.contains(end));
        if known.len() > PAGES || is_file || !known.insert(next.clone()) {
            continue;
        }
        browser.go(&next);
        wrong.extend(found(&browser).into_iter().map(|what| format!("{next}: {what}")));
        let page = browser.run("return document.body.textContent");
        let is_fault = page.as_str().is_some_and(|page| page.contains("A fault of ours"));
        wrong.extend(is_fault.then(|| format!("{next} is a fault")));
        shown.extend(
            SHOWN
                .into_iter()
                .filter(|words| page.as_str().is_some_and(|page| page.contains(words))),
        );
        let links = "return [...document.querySelectorAll('main a, nav a')].map(a => a.href)";
        let links = browser.run(links);
        let links = links.as_array().into_iter().flatten().filter_map(Value::as_str);
        waiting.extend(links.filter(|link| link.starts_with(&served.at("/"))).map(str::to_owned));
    }
    let silent: Vec<&str> = SHOWN.into_iter().filter(|words| !shown.contains(words)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(silent.is_empty(), "shown on no page, so not tried: {silent:?}");
    let complaints = browser.complaints();
    assert!(complaints.iter().all(|one| one.contains("404")), "{complaints:?}");
    the_report_is_harmless(&browser, folder.path(), other.path());
}

/// What has to have been seen, so that the test has tried it.
const SHOWN: [&str; 22] = [
    "title<img",
    "described<img",
    "fix<img",
    "way<img",
    "javascript:window.hit=1",
    "Model<img",
    "Unit<img",
    "Care<img",
    "openssl<img",
    "impact<img",
    "<b id=hit>AE</b>",
    "value<img",
    "It called doors<img",
    "stranger<img",
    "reason<img",
    "why<img",
    "It would<img",
    "step<img",
    "sbom<b id=hit>",
    "<b id=hit>chat",
    "because<img",
    "10.77.1.20<img",
];

/// The report that is sent to others, which has no policy of a server's.
fn the_report_is_harmless(browser: &Browser, from: &Path, to: &Path) {
    let report = to.join("report.html");
    let mut assess = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    let output = assess.arg("assess").arg(from).arg("--html").arg(&report).output();
    let output = output.expect("it starts");
    assert!(report.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    browser.go(&format!("file://{}", report.display()));
    let page = browser.run("return document.body.textContent");
    assert!(page.as_str().is_some_and(|page| page.contains("<img")), "it holds markup");
    assert_eq!(found(browser), Vec::<String>::new());
}
