//! Orders are asked for once, however often the request comes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{Request, StatusCode};
use domain::order::Role;
use domain::person::Scope;
use serde_json::{Value, json};
use store::Place;

use super::{bearer, is_problem, send};
use crate::console::tests::house_at;
use crate::intent::{Agent, Intent, Refused, Speaker};

/// An agent that counts what it is asked for, and waits for whoever watches it.
struct Counting {
    asked: AtomicUsize,
    speakers: std::sync::Mutex<Vec<String>>,
    begun: Barrier,
    goes_on: Barrier,
}

impl Agent for Counting {
    fn ask(&self, by: &Speaker, _: Option<Role>, what: &Intent) -> Result<Value, Refused> {
        let Intent::Request { device, level, reason, .. } = what else {
            return Ok(json!({ "orders": [], "detections": [] }));
        };
        self.speakers.lock().expect("whole").push(by.name.clone());
        let order = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        if reason == "wait" {
            self.begun.wait();
            self.goes_on.wait();
        }
        if reason == "silent" {
            return Err(Refused::Silent("gone".to_owned()));
        }
        if reason == "no" {
            let code = "containment.no-time".to_owned();
            return Err(Refused::Rules { code, sentence: "No.".to_owned() });
        }
        Ok(json!({
            "order": order, "device": device, "level": level, "state": "proposed",
            "sentence": "", "reason": reason, "asked": "", "by": by.name, "approved_by": [],
            "approved_as": [], "substitute_confirmed_by": null, "expires": null,
            "waits_for": null, "points": [], "stopped": 0, "last_forbidden": null,
            "first_essential": null, "steps": [],
        }))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_asked_for_once_however_often_it_is_sent() {
    let agent = Arc::new(Counting {
        asked: AtomicUsize::new(0),
        speakers: std::sync::Mutex::default(),
        begun: Barrier::new(2),
        goes_on: Barrier::new(2),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("asepsis.db"));
    let own: Arc<dyn Agent> = Arc::clone(&agent) as Arc<dyn Agent>;
    let house = Arc::new(house_at(&place, own, folder));
    let own = bearer(&house, &[Scope::RequestOrders]).await;
    let ask = async |key: &str, reason: &str| {
        let body = json!({ "device": "P-1", "level": "contain", "reason": reason, "minutes": 5 });
        let request = Request::post("/api/v1/orders")
            .header(AUTHORIZATION, &own)
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        send(&house, request, Body::from(body.to_string())).await
    };
    let first = ask("one", "attack").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.json());
    assert_eq!(first.header(LOCATION), "/api/v1/orders/1");
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = ask("one", "attack").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(agent.asked.load(Ordering::SeqCst), 1);
    assert_eq!(is_problem(&ask("one", "another").await, "idempotency.key-reused"), Ok(()));
    assert_eq!(ask("two", "attack").await.json()["order"], 2);
    // A no of the rules is an answer; silence is none.
    assert_eq!(is_problem(&ask("three", "no").await, "containment.refused"), Ok(()));
    let no = ask("three", "no").await;
    assert_eq!(is_problem(&no, "containment.refused"), Ok(()));
    assert_eq!(
        (no.json()["refusal"].as_str(), no.status.as_u16()),
        (Some("containment.no-time"), 409)
    );
    assert_eq!(agent.asked.load(Ordering::SeqCst), 3);
    assert_eq!(is_problem(&ask("four", "silent").await, "agent.silent"), Ok(()));
    assert_eq!(is_problem(&ask("four", "silent").await, "agent.silent"), Ok(()));
    assert_eq!(agent.asked.load(Ordering::SeqCst), 5, "it may be sent again");
    // A second request while the first is under way.
    let (watching, waiting) = (Arc::clone(&agent), ask("five", "wait"));
    let second = async {
        tokio::task::spawn_blocking({
            let agent = Arc::clone(&watching);
            move || agent.begun.wait()
        })
        .await
        .expect("begun");
        let answer = ask("five", "wait").await;
        tokio::task::spawn_blocking(move || watching.goes_on.wait()).await.expect("it goes on");
        answer
    };
    let (first, second) = tokio::join!(waiting, second);
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(is_problem(&second, "idempotency.in-progress"), Ok(()));
    assert_eq!(agent.asked.load(Ordering::SeqCst), 6);
    // A token speaks as its owner: whoever has made it can't say yes to what it asks for.
    let speakers = agent.speakers.lock().expect("whole").clone();
    assert!(speakers.iter().all(|name| !name.contains(" by ")), "{speakers:?}");
}
