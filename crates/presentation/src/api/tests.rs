//! The API, as programs meet it: within this process, through the same router.

mod orders;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::header::{
    ALLOW, AUTHORIZATION, CONTENT_TYPE, COOKIE, ETAG, IF_NONE_MATCH, LOCATION, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use domain::person::{Duty, PersonId, Scope};
use serde_json::{Value, json};
use store::Place;
use store::audit::{self, By};
use store::devices::Device;
use store::people::PasswordOf;
use store::secret::Fingerprint;
use store::tokens::{self, Token};
use testkit::postgres::Server;
use tower::ServiceExt as _;

use super::{openapi, routes};
use crate::assessment::{self, Range, Source};
use crate::console::access::{Face, Needs};
use crate::console::tests::{House, address, house, house_at, random};
use crate::console::{Intake, now_ms, pages, router};
use crate::intent::NoAgent;
use crate::sign_in::people::{self, New};
use crate::sign_in::rights::{self, Holder, Who};
use crate::sign_in::token;

/// An answer.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A token with scopes, of somebody with all duties.
async fn bearer(house: &House, scopes: &[Scope]) -> String {
    let shown = token::for_program(&mut random());
    let fingerprint = Fingerprint::of(shown.expose());
    let scopes: BTreeSet<Scope> = scopes.iter().copied().collect();
    let made = house.console.write(move |transaction| {
        let by = By { actor: "test", at_ms: now_ms() };
        let name = random().id();
        let new = New {
            name: &name,
            shown: "Anna",
            duties: BTreeSet::from(Duty::ALL),
            password: None,
            password_of: PasswordOf::Person,
        };
        let owner: PersonId = people::add(transaction, &new, by, &mut random())?.expect("added");
        let token = Token {
            id: random().id(),
            owner,
            name: "ci".to_owned(),
            scopes,
            made_ms: now_ms(),
            expires_ms: now_ms() + 60_000,
            used_ms: None,
            revoked_ms: None,
        };
        tokens::add(transaction, &token, &fingerprint, by)
    });
    made.await.expect("made");
    format!("Bearer {}", shown.expose())
}

async fn send(house: &House, request: axum::http::request::Builder, body: Body) -> Answer {
    let request = request.body(body).expect("a request");
    let answer = router(Arc::clone(&house.console)).oneshot(request).await.expect("an answer");
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

async fn get(house: &House, own: &str, path: &str) -> Answer {
    send(house, Request::get(path).header(AUTHORIZATION, own), Body::empty()).await
}

fn is_problem(answer: &Answer, code: &str) -> Result<(), String> {
    let told = answer.json();
    let status = i64::from(answer.status.as_u16());
    let holds = answer.header(CONTENT_TYPE) == "application/problem+json"
        && told["code"] == code
        && told["status"] == status
        && told["type"] == format!("/api/v1/problems#{code}")
        && told["title"].is_string()
        && told["detail"].as_str().is_some_and(|detail| !detail.is_empty());
    if holds { Ok(()) } else { Err(format!("{} {told}, not {code}", answer.status)) }
}

#[test]
fn the_description_tells_of_every_route_and_of_nothing_else() {
    let description = openapi::description();
    let mut described = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            described.insert((method.to_uppercase(), path.clone()));
            let (needs, id) = (&operation["security"], &operation["operationId"]);
            assert!(needs.is_array() && id.is_string(), "{method} {path} names neither");
            let is_open = needs.as_array().is_some_and(Vec::is_empty);
            let route = routes()
                .into_iter()
                .find(|route| route.path == path && route.method == *method.to_uppercase());
            let route = route.expect("described, so there");
            assert_eq!(is_open, route.needs == Needs::Nothing, "{method} {path}");
            if let Needs::Right(right) = route.needs {
                assert_eq!(operation["x-right"], right.text(), "{method} {path}");
                let scopes = needs.as_array().into_iter().flatten();
                let scopes = scopes.filter_map(|way| way["token"][0].as_str());
                for scope in scopes.map(|scope| Scope::read(scope).expect("a scope")) {
                    assert!(rights::of_scope(scope).contains(&right), "{method} {path}");
                }
            }
        }
    }
    let there = pages().into_iter().filter(|(.., face)| *face != Face::Page);
    let there: BTreeSet<_> =
        there.map(|(method, path, ..)| (method.to_string(), path.to_owned())).collect();
    assert_eq!(described, there);
    let ids: Vec<_> =
        routes().iter().filter_map(|route| Some(route.operation.as_ref()?.id)).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are used once");
}

#[test]
fn every_schema_that_the_description_refers_to_stands_in_it() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                let own = members.get("$ref").and_then(Value::as_str);
                found.extend(own.map(str::to_owned));
                members.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let description = openapi::description();
    let mut referred = BTreeSet::new();
    walk(&description, &mut referred);
    assert!(referred.len() > 30, "{referred:?}");
    // Each list has pages of its own rows.
    let of = |page: &str| description["components"]["schemas"][page].clone();
    let rows = of("ListedDevicePage")["properties"]["items"]["items"]["$ref"].clone();
    assert_eq!(rows, "#/components/schemas/ListedDevice");
    assert_ne!(of("ListedDevicePage"), of("ListedReleasePage"));
    for reference in referred {
        let pointer = reference.trim_start_matches('#');
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[tokio::test]
async fn every_scope_gives_its_rights_and_no_other_on_every_route() {
    let house = house();
    let mut wrong = Vec::new();
    for scope in Scope::ALL {
        let own = bearer(&house, &[scope]).await;
        let who = Who::Program(Holder {
            owner: PersonId("anna".into()),
            owner_name: "anna".to_owned(),
            duties: BTreeSet::from(Duty::ALL),
            token: "ci".to_owned(),
            scopes: BTreeSet::from([scope]),
        });
        for (method, path, needs, face) in pages() {
            let Needs::Right(right) = needs else { continue };
            if face == Face::Page {
                continue;
            }
            let request = Request::builder()
                .method(&method)
                .uri(address(path))
                .header(AUTHORIZATION, &own)
                .header(CONTENT_TYPE, "application/json");
            let request = request.body(Body::from("{}")).expect("a request");
            let answer = router(Arc::clone(&house.console)).oneshot(request).await;
            let is_let_in = answer.expect("an answer").status() != StatusCode::FORBIDDEN;
            if is_let_in != rights::allows(&who, right, now_ms()).is_ok() {
                wrong.push(format!("{method} {path} with {scope}: let in {is_let_in}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a request, and what is told.
#[tokio::test]
async fn every_error_is_a_problem_with_its_code() {
    let house = house();
    let all = bearer(&house, &Scope::ALL).await;
    let mut wrong = Vec::new();
    for (path, code) in [
        ("/api", "not-found"),
        ("/api/v1/nothing", "not-found"),
        ("/api/v1/devices/none", "not-found"),
        ("/api/v1/devices/%ff", "request.path"),
        ("/api/v1/devices?colour=red", "request.query"),
        ("/api/v1/devices?limit=0", "request.query"),
        ("/api/v1/devices?limit=501", "request.query"),
        ("/api/v1/devices?limit=1&limit=2", "request.query"),
        ("/api/v1/devices?decision=soon", "request.query"),
        ("/api/v1/devices?support_before=yesterday", "request.query"),
        ("/api/v1/devices?cursor=%27%3Bdrop%20table", "request.cursor"),
        ("/api/v1/audit?cursor=", "request.cursor"),
        ("/api/v1/orders/one", "request.path"),
        ("/api/v1/orders/1", "not-found"),
        ("/api/v1/devices/x/plan?level=harder", "request.query"),
        ("/api/v1/devices/x/plan", "agent.silent"),
    ] {
        let answer = get(&house, &all, path).await;
        wrong.extend(is_problem(&answer, code).err().map(|why| format!("{path}: {why}")));
    }
    let named = get(&house, &all, "/api/v1/devices?colour=red").await.json();
    let detail = named["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("`colour`") && detail.contains("`care_service`"), "{detail}");
    let order = json!({ "device": "P-1", "level": "contain", "reason": "x", "minutes": 5 });
    let long = json!({ "reason": "x".repeat(70_000) }).to_string();
    for (method, path, kind, body, code) in [
        ("PATCH", "/api/v1/devices", "", "", "method"),
        ("POST", "/metrics", "", "", "method"),
        (
            "POST",
            "/api/v1/orders",
            "application/json",
            &order.to_string(),
            "idempotency.key-missing",
        ),
        ("POST", "/api/v1/orders", "text/plain", "{}", "request.media-type"),
        ("POST", "/api/v1/orders", "application/json", "{", "request.body"),
        ("POST", "/api/v1/orders", "application/json", "{}", "request.value"),
        ("POST", "/api/v1/orders", "application/json", &long, "request.too-large"),
        ("POST", "/api/v1/orders/1/approve", "application/json", "{}", "rights.scope"),
        ("PUT", "/api/v1/documents/..%2F..%2Fetc%2Fpasswd/content", "", "x", "document.name"),
        ("PUT", "/api/v1/documents/%2Fetc%2Fpasswd/content", "", "x", "document.name"),
        ("PUT", "/api/v1/documents/a%00b/content", "", "x", "document.name"),
        ("DELETE", "/api/v1/documents/none", "", "", "not-found"),
        ("POST", "/api/v1/documents/none/restore", "", "", "not-found"),
    ] {
        let mut request = Request::builder().method(method).uri(path).header(AUTHORIZATION, &all);
        if !kind.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        let answer = send(&house, request, Body::from(body.to_owned())).await;
        wrong.extend(is_problem(&answer, code).err().map(|why| format!("{method} {path}: {why}")));
        let allow = answer.header(ALLOW);
        assert_eq!(code == "method", !allow.is_empty(), "{method} {path}: {allow}");
    }
    let length = (domain::bounded::DOCUMENT_BYTES + 1).to_string();
    let request = Request::put("/api/v1/documents/a/content").header("content-length", length);
    let answer = send(&house, request.header(AUTHORIZATION, &all), Body::empty()).await;
    wrong.extend(is_problem(&answer, "request.too-large").err());
    let nobody = send(&house, Request::get("/api/v1/devices"), Body::empty()).await;
    wrong.extend(is_problem(&nobody, "sign-in.needed").err());
    assert!(nobody.header(WWW_AUTHENTICATE).starts_with("Bearer"));
    let forged = get(&house, "Bearer asepsis_aaaa", "/api/v1/devices").await;
    wrong.extend(is_problem(&forged, "sign-in.needed").err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn errors_of_fhir_are_outcomes() {
    let house = house();
    let own = bearer(&house, &[Scope::Read]).await;
    for (path, code) in [
        ("/api/v1/fhir/Device/none", "not-found"),
        ("/api/v1/fhir/Device?colour=red", "invalid"),
        ("/api/v1/fhir/Patient", "not-found"),
        ("/api/v1/fhir/Device?_format=xml", "invalid"),
    ] {
        let answer = get(&house, &own, path).await;
        let told = answer.json();
        assert_eq!(answer.header(CONTENT_TYPE), "application/fhir+json", "{path}");
        assert_eq!(told["resourceType"], "OperationOutcome", "{path}: {told}");
        assert_eq!(told["issue"][0]["code"], code, "{path}: {told}");
    }
    let nobody = send(&house, Request::get("/api/v1/fhir/Device"), Body::empty()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.json()["issue"][0]["code"], "login");
}

/// Devices that differ in all by which they are put in order, and some that do not.
fn fleet() -> Vec<Device> {
    let rest = |id: &str| {
        let source = Source::default();
        let device = assessment::Device {
            rank: 0,
            id: id.to_owned(),
            manufacturer: None,
            model: None,
            version: None,
            serial: Some(format!("S-{id}")),
            udi_di: None,
            operating_system: None,
            macs: Vec::new(),
            ips: Vec::new(),
            site: None,
            unit: None,
            room: None,
            care_service: None,
            criticality: None,
            in_use: None,
            substitutes: None,
            owner: None,
            end_of_support: None,
            past_support: None,
            release: None,
            risk: Range::default(),
            decision: None,
            least_decision: None,
            next_action: "".into(),
            findings: [].into(),
            other: Vec::new(),
            source,
        };
        serde_json::to_string(&device).expect("JSON")
    };
    (0..23_i64)
        .map(|number| {
            let id = format!("P {number}/ä");
            Device {
                manufacturer: format!("M{}", number % 2),
                model: format!("Model {}", number % 3),
                unit: format!("U{}", number % 4),
                decision: number % 5,
                risk: (0.0, (number % 7) as f64 * 100.0 / 7.0),
                end_of_support: (number % 3 == 0).then(|| format!("2026-0{}-01", 1 + number % 9)),
                rest: rest(&id),
                id,
                ..Device::default()
            }
        })
        .collect()
}

async fn put(house: &House, devices: Vec<Device>) {
    let put = house.console.write(move |transaction| {
        devices.iter().try_for_each(|one| {
            store::devices::put(transaction, one, &format!("S-{}", one.id)).map(|_| ())
        })?;
        store::devices::tally(transaction)
    });
    put.await.expect("put");
}

async fn whole(house: &House, own: &str, first: &str) -> Vec<String> {
    let (mut ids, mut next, mut pages) = (Vec::new(), Some(first.to_owned()), 0);
    while let Some(path) = next {
        let page = get(house, own, &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.json());
        let page = page.json();
        let items = page["items"].as_array().expect("rows");
        ids.extend(items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
        next = page["next"].as_str().map(str::to_owned);
        pages += 1;
        assert!(pages < 99, "it goes on for ever");
    }
    ids
}

async fn leafed_through(house: &House) {
    put(house, fleet()).await;
    let own = bearer(house, &[Scope::Read]).await;
    let all: BTreeSet<String> = fleet().into_iter().map(|device| device.id).collect();
    for order in ["decision", "model", "place", "support"] {
        let at_once = whole(house, &own, &format!("/api/v1/devices?order={order}&limit=500")).await;
        for limit in [1, 4, 23] {
            let path = format!("/api/v1/devices?order={order}&limit={limit}&q=P");
            assert_eq!(whole(house, &own, &path).await, at_once, "{order} by {limit}");
        }
        assert_eq!(at_once.into_iter().collect::<BTreeSet<_>>(), all, "{order}");
    }
    // A place in one list is none in another.
    let first = get(house, &own, "/api/v1/devices?order=model&limit=4").await.json();
    let next = first["next"].as_str().expect("more");
    for other in [
        next.replace("order=model", "order=place"),
        next.replace("limit=4", "limit=4&unit=U1"),
        next.replace("/devices", "/releases").replace("order=model&", ""),
    ] {
        let refused = get(house, &own, &other).await;
        assert_eq!(is_problem(&refused, "request.cursor"), Ok(()), "{other}");
    }
    // Another size of the page is the same list.
    let larger = get(house, &own, &next.replace("limit=4", "limit=9")).await;
    assert_eq!(larger.json()["items"].as_array().map(Vec::len), Some(9));
    let counted = get(house, &own, "/api/v1/devices?count=true&unit=U1").await.json();
    assert_eq!(counted["count"], 6);
    // By the identifiers that FHIR names.
    for identifier in ["P%203%2F%C3%A4", "S-P%203%2F%C3%A4", "%7CS-P%203%2F%C3%A4"] {
        let path = format!("/api/v1/fhir/Device?identifier={identifier}");
        let found = get(house, &own, &path).await.json();
        assert_eq!(found["total"], 1, "{path}: {found}");
        let url = found["entry"][0]["fullUrl"].as_str().expect("a URL");
        let (_, path) = url.split_once("http://localhost").expect("of this server");
        assert_eq!(get(house, &own, path).await.json(), found["entry"][0]["resource"]);
    }
    // What no text of PostgreSQL's may hold.
    let nothing = get(house, &own, "/api/v1/devices?unit=%00&q=%00x").await;
    assert_eq!(nothing.json()["items"], json!([]), "{}", nothing.status);
}

#[tokio::test]
async fn a_list_is_whole_in_every_order_and_by_every_size_of_a_page() {
    leafed_through(&house()).await;
}

#[test]
fn a_list_is_whole_at_a_server_too() {
    let server = Server::start();
    let place: Place = server.url().parse().expect("a place");
    // The store waits by itself, and not for a runtime.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("one");
    let folder = tempfile::tempdir().expect("a folder");
    let house = house_at(&place, Arc::new(NoAgent), folder);
    runtime.block_on(leafed_through(&house));
}

#[tokio::test]
async fn whoever_has_an_answer_is_told_so_until_it_is_another() {
    let house = house();
    put(&house, fleet().into_iter().take(2).collect()).await;
    let own = bearer(&house, &[Scope::Read]).await;
    let again = async |tag: &str| {
        let request = Request::get("/api/v1/devices").header(AUTHORIZATION, &own);
        send(&house, request.header(IF_NONE_MATCH, tag), Body::empty()).await
    };
    let first = get(&house, &own, "/api/v1/devices").await;
    let tag = first.header(ETAG).to_owned();
    assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
    for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let same = again(&known).await;
        assert_eq!(same.status, StatusCode::NOT_MODIFIED, "{known}");
        assert!(same.body.is_empty() && same.header(ETAG) == tag, "{known}");
    }
    assert_eq!(again("\"x\"").await.status, StatusCode::OK);
    put(&house, fleet()).await;
    let other = again(&tag).await;
    assert_eq!(other.status, StatusCode::OK);
    assert_ne!(other.header(ETAG), tag);
}

/// Two programs that bring one document don't overwrite each other's unknowingly.
async fn only_in_the_place_of_what_is_known(house: &House, own: &str, content: &str) {
    let bring = async |at: &str, name: &str, tag: &str, bytes: &'static [u8]| {
        let request = Request::put(at).header(AUTHORIZATION, own).header(name, tag);
        send(house, request, Body::from(bytes)).await
    };
    let now = get(house, own, content).await;
    let (tag, bytes) = (now.header(ETAG).to_owned(), now.body);
    for other in ["\"x\"", &format!("W/{tag}"), "\"x\", \"y\""] {
        let late = bring(content, "if-match", other, b"id\nP-3\n").await;
        assert_eq!(is_problem(&late, "document.changed"), Ok(()), "{other}");
    }
    assert_eq!(get(house, own, content).await.body, bytes, "nothing took its place");
    let new = bring(content, "if-none-match", "*", b"id\nP-3\n").await;
    assert_eq!(is_problem(&new, "document.changed"), Ok(()));
    let wrong = bring(content, "if-none-match", "\"x\"", b"id\nP-3\n").await;
    assert_eq!(is_problem(&wrong, "request.header"), Ok(()));
    let nowhere = "/api/v1/documents/nowhere.csv/content";
    for any in ["*", &tag] {
        let none = bring(nowhere, "if-match", any, b"id\n").await;
        assert_eq!(is_problem(&none, "document.changed"), Ok(()), "{any}");
    }
    let list = format!("\"x\", {tag}");
    assert_eq!(bring(content, "if-match", &list, b"id\nP-2\n").await.status, StatusCode::OK);
    assert_eq!(bring(content, "if-match", "*", b"id\nP-2\n").await.status, StatusCode::OK);
}

async fn documents_come_and_go(house: &House) {
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    house.console.when_documents_come(Intake {
        came: Box::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        }),
        watched: vec!["/srv/feeds".to_owned()],
    });
    let own = bearer(house, &[Scope::WriteDocuments, Scope::Read]).await;
    let at = "/api/v1/documents/ward%203%2Finventory.csv";
    let content = format!("{at}/content");
    let bring = async |bytes: &'static [u8]| {
        send(house, Request::put(&content).header(AUTHORIZATION, &own), Body::from(bytes)).await
    };
    let first = bring(b"id\nP-1\n").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.json());
    assert_eq!(first.header(LOCATION), at);
    assert_eq!(first.json()["name"], "ward 3/inventory.csv");
    assert_eq!(first.header(ETAG), format!("\"{}\"", first.json()["hash"].as_str().expect("one")));
    assert_eq!(
        (bring(b"id\nP-1\n").await.status, came.load(Ordering::SeqCst)),
        (StatusCode::OK, 1)
    );
    let other = bring(b"id\nP-2\n").await;
    assert_eq!((other.status, came.load(Ordering::SeqCst)), (StatusCode::OK, 2));
    let bytes = get(house, &own, &content).await;
    assert_eq!(bytes.body, b"id\nP-2\n");
    assert_eq!(bytes.header(ETAG), other.header(ETAG));
    let request = Request::get(&content).header(AUTHORIZATION, &own);
    let known = send(house, request.header(IF_NONE_MATCH, other.header(ETAG)), Body::empty()).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    only_in_the_place_of_what_is_known(house, &own, &content).await;
    // Gone, and back.
    let delete = || Request::delete(at).header(AUTHORIZATION, &own);
    assert_eq!(send(house, delete(), Body::empty()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(get(house, &own, &content).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(house, delete(), Body::empty()).await.status, StatusCode::NOT_FOUND);
    let restore = || Request::post(format!("{at}/restore")).header(AUTHORIZATION, &own);
    assert_eq!(send(house, restore(), Body::empty()).await.status, StatusCode::OK);
    assert_eq!(get(house, &own, &content).await.body, b"id\nP-2\n");
    assert_eq!(send(house, restore(), Body::empty()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(came.load(Ordering::SeqCst), 4);
    let chain = house.console.read(|t| audit::last(t, i64::MAX, 4)).await.expect("a chain");
    let done: Vec<&str> = chain.iter().map(|(_, entry)| entry.action.as_str()).collect();
    assert_eq!(
        done,
        ["document.restore", "document.withdraw", "document.receive", "document.receive"]
    );
    assert!(chain.iter().all(|(_, entry)| entry.actor.ends_with(" by ci")), "{chain:?}");
    // What lies in a folder that is watched is changed there.
    house
        .console
        .write(|transaction| {
            let receipt =
                store::documents::Receipt { name: "feed.json", source: "/srv/feeds", at_ms: 1 };
            store::documents::receive(transaction, b"{}", &receipt)
        })
        .await
        .expect("kept");
    let request = Request::put("/api/v1/documents/feed.json/content").header(AUTHORIZATION, &own);
    let refused = send(house, request, Body::from("[]")).await;
    assert_eq!(is_problem(&refused, "document.watched"), Ok(()));
    let request = Request::delete("/api/v1/documents/feed.json").header(AUTHORIZATION, &own);
    let refused = send(house, request, Body::empty()).await;
    assert_eq!(is_problem(&refused, "document.watched"), Ok(()));
}

#[tokio::test]
async fn documents_are_brought_taken_away_and_put_back_and_the_chain_says_so() {
    documents_come_and_go(&house()).await;
}

#[test]
fn documents_are_brought_to_a_server_too() {
    let server = Server::start();
    let place: Place = server.url().parse().expect("a place");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("one");
    let folder = tempfile::tempdir().expect("a folder");
    let house = house_at(&place, Arc::new(NoAgent), folder);
    runtime.block_on(documents_come_and_go(&house));
}

#[tokio::test]
async fn a_change_by_a_cookie_needs_what_our_pages_carry() {
    let house = house();
    let (_, session) = house.sessions.iter().find(|(duty, _)| *duty == Duty::ALL[0]).expect("one");
    let bring = async |form: &str| {
        let request = Request::put("/api/v1/documents/a.csv/content")
            .header(COOKIE, format!("asepsis={session}"))
            .header("x-form", form);
        send(&house, request, Body::from("id\n")).await
    };
    assert_eq!(is_problem(&bring("").await, "sign-in.foreign"), Ok(()));
    assert_eq!(is_problem(&bring(&token::of_form("other")).await, "sign-in.foreign"), Ok(()));
    assert_eq!(bring(&token::of_form(session)).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn metrics_are_openmetrics_and_name_nobody() {
    let house = house();
    put(&house, fleet()).await;
    let own = bearer(&house, &[Scope::Read]).await;
    let _ = get(&house, &own, "/api/v1/devices/P-1").await;
    let answer = get(&house, &own, "/metrics").await;
    assert_eq!(
        answer.header(CONTENT_TYPE),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = String::from_utf8(answer.body).expect("text");
    assert!(text.ends_with("# EOF\n"));
    assert!(text.contains("asepsis_devices{decision=\"Act\"} 4\n"), "{text}");
    let counted = "asepsis_http_requests_total{method=\"GET\",route=\"/api/v1/devices/{id}\",status=\"404\"} 1\n";
    assert!(text.contains(counted), "{text}");
    assert!(!text.contains("P-1"), "{text}");
    // Each family is told of once, before its samples (OpenMetrics 1.0, "Metric Family").
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        *families.entry(line.split(' ').next().unwrap_or_default()).or_default() += 1;
    }
    assert!(families.len() >= 12 && families.values().all(|times| *times == 1), "{families:?}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().expect("a name");
        let family = ["_total", "_bucket", "_count", "_sum"]
            .iter()
            .find_map(|end| name.strip_suffix(end).filter(|own| families.contains_key(own)));
        assert!(families.contains_key(family.unwrap_or(name)), "{line}");
        let value = line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok());
        assert!(value.is_some(), "{line}");
    }
}

#[tokio::test]
async fn whoever_keeps_it_running_is_told_whether_it_can_serve_and_nothing_else() {
    let house = house();
    let alive = send(&house, Request::get("/health/live"), Body::empty()).await;
    assert_eq!(alive.json(), json!({ "status": "pass" }));
    let ready = send(&house, Request::get("/health/ready"), Body::empty()).await;
    let pass = json!({ "status": "pass", "store": "pass", "judge": "pass", "agent": "pass" });
    assert_eq!((ready.status, ready.json()), (StatusCode::OK, pass));
    // A store that can't be read or written.
    let other = house_that_lost_a_table().await;
    let ready = send(&other, Request::get("/health/ready"), Body::empty()).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((&ready.json()["status"], &ready.json()["store"]), (&json!("fail"), &json!("fail")));
}

/// A house whose store has lost a table that each look needs.
async fn house_that_lost_a_table() -> House {
    let house = house();
    let lost = house.console.write(|t| t.execute("lose", "drop table setting", &[]));
    lost.await.expect("lost");
    house
}

#[tokio::test]
async fn a_token_is_told_whose_it_is_and_what_it_may() {
    let house = house();
    let own = bearer(&house, &[Scope::Read]).await;
    let me = get(&house, &own, "/api/v1/me").await.json();
    assert_eq!((&me["token"], &me["scopes"]), (&json!("ci"), &json!(["read"])));
    let of = |right: &str| {
        let rights = me["rights"].as_array().expect("rights");
        rights.iter().find(|own| own["right"] == right).cloned().expect(right)
    };
    assert_eq!(of("devices.see"), json!({ "right": "devices.see", "allowed": true }));
    assert_eq!(of("orders.answer")["refused"], "rights.scope");
    let method = Method::HEAD;
    let head = Request::builder().method(method).uri("/api/v1/me").header(AUTHORIZATION, &own);
    assert_eq!(send(&house, head, Body::empty()).await.status, StatusCode::OK);
}
