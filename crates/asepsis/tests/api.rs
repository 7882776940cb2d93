//! The API as programs meet it: the real program, over its own port.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::http::Client;
use testkit::served::{PASSWORD, Served};

/// How long something that was brought may take to be judged.
const PATIENCE: Duration = Duration::from_mins(2);

/// A server over an empty store, and a program that may read and bring documents.
fn program() -> (Served, Client) {
    let served = Served::start(&[]);
    let client = Client::new(&served.at("/"));
    let (anna, form) = client.first_administrator(&served.code, PASSWORD);
    let token = anna.token(&form, &["read", "documents.write", "audit.read"]);
    (served, client.with("authorization", &format!("Bearer {token}")))
}

/// Waits until something is as it should be.
fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} does not come");
        thread::sleep(Duration::from_millis(50));
    }
}

fn devices(client: &Client) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), Some("/api/v1/devices?order=model".to_owned()));
    while let Some(path) = next {
        let page = client.get(&path).json();
        found.extend(page["items"].as_array().expect("rows").clone());
        next = page["next"].as_str().map(str::to_owned);
    }
    found
}

/// Every device with all that is known of it, but for where it was read.
fn known(client: &Client) -> BTreeMap<String, Value> {
    let one = |listed: &Value| {
        let id = listed["id"].as_str().expect("an id").to_owned();
        let mut device = client.get(&format!("/api/v1/devices/{id}")).json();
        for name in ["source", "other"] {
            device.as_object_mut().expect("a device").remove(name);
        }
        (id, device)
    };
    devices(client).iter().map(one).collect()
}

#[test]
fn an_inventory_goes_out_as_fhir_and_comes_back_without_loss() {
    let (_served, client) = program();
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/saint-brigid/inventory/platform-export.csv");
    let bytes = std::fs::read(inventory).expect("the example");
    let at = "/api/v1/documents/devices.csv";
    let put = client.send("PUT", &format!("{at}/content"), &[], &bytes);
    assert_eq!(put.status, 201, "{}", put.text());
    until("the judgement", || Some(()).filter(|()| !devices(&client).is_empty()));
    let before = known(&client);
    assert!(before.len() > 20, "{}", before.len());
    let bundle = client.get("/api/v1/fhir/Device?_count=500");
    assert_eq!(bundle.header("content-type"), "application/fhir+json");
    assert_eq!(client.send("DELETE", at, &[], b"").status, 204);
    until("their end", || Some(()).filter(|()| devices(&client).is_empty()));
    let put = client.send("PUT", "/api/v1/documents/devices.json/content", &[], &bundle.body);
    assert_eq!(put.status, 201, "{}", put.text());
    until("the judgement", || Some(()).filter(|()| !devices(&client).is_empty()));
    let read = client.get("/api/v1/documents/devices.json").json();
    assert_eq!(read["problems"], serde_json::json!([]), "{read}");
    let after = known(&client);
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    for (id, device) in &before {
        assert_eq!(after[id], *device, "{id}");
    }
}

#[test]
fn a_large_document_streams_in_and_comes_out_as_it_went_in() {
    let (_served, client) = program();
    // It is no input, and is kept all the same.
    let bytes: Vec<u8> = (0..1_500_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
    let put = client.send("PUT", "/api/v1/documents/large.bin/content", &[], &bytes);
    assert_eq!(put.status, 201, "{}", put.text());
    assert_eq!(put.json()["bytes"], bytes.len());
    let back = client.get("/api/v1/documents/large.bin/content");
    assert!(back.body == bytes, "{} bytes", back.body.len());
    let chain = client.get("/api/v1/audit?limit=1").json();
    assert_eq!(chain["items"][0]["action"], "document.receive");
    assert_eq!(chain["items"][0]["actor"], "anna by a test");
}

#[test]
fn whoever_has_no_token_is_told_so_on_the_wire() {
    let (served, _) = program();
    let nobody = Client::new(&served.at("/"));
    let answer = nobody.get("/api/v1/devices");
    assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("sign-in.needed")));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(nobody.get("/health/live").status, 200);
    assert_eq!(nobody.get("/api/v1/openapi.json").json()["openapi"], "3.1.0");
}
