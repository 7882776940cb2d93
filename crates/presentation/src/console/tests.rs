//! Every route and whoever may come to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{Method, Request, StatusCode};
use domain::order::Role;
use domain::person::{Duty, PersonId};
use store::Place;
use store::alerts::{Alert, Target};
use store::audit::{self, By, Entry};
use store::database::Database;
use store::people::PasswordOf;
use store::steps::{self, Step};
use tower::ServiceExt as _;

use super::access::{Face, Needs};
use super::cookies::Channel;
use super::{Console, Means, now_ms, pages, router};
use crate::alerts::{Courier, Sent};
use crate::api::problem::is_for_programs;
use crate::intent::{self, Agent, Intent, NoAgent, Speaker};
use crate::sign_in::entry::{self, Caller};
use crate::sign_in::oidc::{Question, Web};
use crate::sign_in::people::{self, New};
use crate::sign_in::rights::{self, Refused};
use crate::sign_in::session;
use crate::sign_in::token::{self, Random};
use crate::sign_in::totp;
use crate::text::Languages;

/// Carries nothing anywhere.
struct Nobody;

impl Courier for Nobody {
    fn check(&self, place: &str, _: &str) -> Result<(&'static str, String), String> {
        Ok(("webhook", place.to_owned()))
    }

    fn send(&self, _: &Target, _: &[Alert]) -> Sent {
        Sent::Failed("nobody is there".to_owned(), None)
    }
}

impl Web for Nobody {
    fn check(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn ask(&self, _: &Question<'_>) -> Result<(u16, Vec<u8>), String> {
        Err("nobody is there".to_owned())
    }
}

/// A console over an empty store, and somebody of each duty who has signed in.
pub(crate) struct House {
    pub(crate) console: Arc<Console>,
    pub(crate) sessions: Vec<(Duty, String)>,
    _folder: tempfile::TempDir,
}

pub(crate) fn random() -> Random {
    use std::sync::atomic::{AtomicU8, Ordering};
    static SEED: AtomicU8 = AtomicU8::new(0);
    Random::new([SEED.fetch_add(1, Ordering::Relaxed); 32])
}

pub(crate) fn house() -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("asepsis.db"));
    house_at(&place, Arc::new(NoAgent), folder)
}

/// The same over a store of its own, with an agent.
pub(crate) fn house_at(place: &Place, agent: Arc<dyn Agent>, folder: tempfile::TempDir) -> House {
    let database = Arc::new(Database::open(place).expect("a store"));
    let console = Console::new(Means {
        database: Arc::clone(&database),
        zone: jiff::tz::TimeZone::UTC,
        channel: Channel::Plain,
        random,
        agent,
        courier: Arc::new(Nobody),
        web: Arc::new(Nobody),
        cast: Vec::new(),
        languages: Languages::shipped(),
    });
    let sessions = Duty::ALL.map(|duty| (duty, signed_in(&database, duty))).to_vec();
    House { console, sessions, _folder: folder }
}

fn signed_in(database: &Database, duty: Duty) -> String {
    let name = format!("of-{}", duty.text());
    let caller = Caller {
        source: std::net::Ipv4Addr::LOCALHOST.into(),
        browser: None,
        agent: "",
        now_ms: now_ms(),
    };
    let welcome = database.write("test", |transaction| {
        let new = New {
            name: &name,
            shown: &name,
            duties: BTreeSet::from([duty]),
            password: None,
            password_of: PasswordOf::Person,
        };
        let by = By { actor: "test", at_ms: now_ms() };
        let id: PersonId = people::add(transaction, &new, by, &mut random())?.expect("added");
        entry::invited(transaction, &id, &caller, &mut random())
    });
    welcome.expect("written").expect("let in").session.expose().clone()
}

/// What a route's address may be.
pub(crate) fn address(path: &str) -> String {
    path.replace("{*name}", "a.json").replace(['{', '}'], "").replace("/order/", "/1/")
}

async fn ask(
    house: &House,
    method: &Method,
    path: &str,
    session: Option<&str>,
) -> (StatusCode, String) {
    let form = session.map(token::of_form).unwrap_or_default();
    let mut request = Request::builder().method(method).uri(address(path));
    if let Some(session) = session {
        request = request.header(COOKIE, format!("asepsis={session}"));
        if is_for_programs(path) {
            request = request.header("x-form", &form);
        }
    }
    let request = request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("form={form}")))
        .expect("a request");
    let response = router(Arc::clone(&house.console)).oneshot(request).await.expect("an answer");
    let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    (response.status(), to.to_owned())
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_of_rights_allows_and_nobody_else() {
    let house = house();
    let mut wrong = Vec::new();
    let mut walked = 0;
    // Whoever signs out is out, so that comes last.
    let (last, others): (Vec<_>, Vec<_>) =
        pages().into_iter().partition(|(_, path, ..)| *path == "/sign-out");
    for (method, path, needs, face) in others.iter().chain(&last) {
        for (duty, session) in &house.sessions {
            let (shown, at_ms) = (session.clone(), now_ms());
            let living = house.console.read(move |t| session::find(t, &shown, at_ms)).await;
            let living = living.expect("read").expect("signed in");
            walked += 1;
            let may = match needs {
                Needs::Nothing | Needs::Session => Ok(()),
                Needs::Right(right) => rights::allows(&living.who(), *right, at_ms),
            };
            let (status, _) = ask(&house, method, path, Some(session)).await;
            let is_let_in = status != StatusCode::FORBIDDEN;
            if is_let_in == matches!(may, Err(Refused::NotYours)) {
                wrong.push(format!("{method} {path} for {}: {status}, {may:?}", duty.text()));
            }
        }
        let (status, to) = ask(&house, method, path, None).await;
        let is_sent_away = match face {
            Face::Page => status == StatusCode::SEE_OTHER && to.starts_with("/sign-in"),
            Face::Api | Face::Fhir => status == StatusCode::UNAUTHORIZED && to.is_empty(),
        };
        if is_sent_away == (*needs == Needs::Nothing) && *path != "/sign-in" {
            wrong.push(format!("{method} {path} for nobody: {status} {to}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(walked, pages().len() * Duty::ALL.len());
}

#[tokio::test]
async fn a_form_that_is_not_ours_changes_nothing() {
    let house = house();
    let (_, session) =
        house.sessions.iter().find(|(duty, _)| *duty == Duty::Administers).expect("one");
    let send = async |form: String, site: Option<&str>| {
        let mut request = Request::builder().method(Method::POST).uri("/settings");
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let request = request
            .header(COOKIE, format!("asepsis={session}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("hospital=Elsewhere&form={form}")))
            .expect("a request");
        let answer = router(Arc::clone(&house.console)).oneshot(request).await;
        answer.expect("an answer").status()
    };
    let (ours, other) = (token::of_form(session), token::of_form("another session"));
    assert_eq!(send(String::new(), None).await, StatusCode::FORBIDDEN);
    assert_eq!(send(other, None).await, StatusCode::FORBIDDEN);
    assert_eq!(send(ours.clone(), Some("cross-site")).await, StatusCode::FORBIDDEN);
    assert_eq!(send(ours.clone(), Some("same-site")).await, StatusCode::FORBIDDEN);
    assert_eq!(house.console.hospital().await.expect("read"), "");
    assert_eq!(send(ours, Some("same-origin")).await, StatusCode::SEE_OTHER);
    assert_eq!(house.console.hospital().await.expect("read"), "Elsewhere");
}

#[tokio::test]
async fn what_nobody_is_told_of_is_not_there_and_no_method_is_guessed() {
    let house = house();
    assert_eq!(ask(&house, &Method::GET, "/no-such-page", None).await.0, StatusCode::NOT_FOUND);
    let (_, session) = house.sessions.first().expect("somebody");
    let put = ask(&house, &Method::PUT, "/devices", Some(session)).await.0;
    assert_eq!(put, StatusCode::METHOD_NOT_ALLOWED);
}

/// The words of a page, as somebody of a duty reads it.
async fn page(house: &House, path: &str) -> String {
    let (_, session) = house.sessions.first().expect("a session");
    let request = Request::builder().uri(path).header(COOKIE, format!("asepsis={session}"));
    let request = request.body(Body::empty()).expect("a request");
    let response = router(Arc::clone(&house.console)).oneshot(request).await.expect("an answer");
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// An agent that holds nothing.
struct Idle;

impl Agent for Idle {
    fn ask(
        &self,
        _: &Speaker,
        _: Option<Role>,
        _: &Intent,
    ) -> Result<serde_json::Value, intent::Refused> {
        Ok(serde_json::json!({ "orders": [] }))
    }
}

#[tokio::test]
async fn while_the_agent_is_silent_no_device_is_said_to_be_connected() {
    let step = Step {
        hash: "one".to_owned(),
        device: "PUMP-1".to_owned(),
        at_ms: 1_764_550_000_000,
        what: "the wire shows it".to_owned(),
        ..Step::default()
    };
    let silent = house();
    silent.console.look_at_orders();
    silent.console.database.write("test", |t| steps::put(t, &[step]).map(drop)).expect("kept");
    let bedside = page(&silent, "/devices/PUMP-1/bedside").await;
    assert!(!bedside.contains("connected as usual"), "{bedside}");
    assert!(bedside.contains("not known whether this device is cut off"), "{bedside}");
    assert!(bedside.contains("the wire shows it"), "{bedside}");
    assert!(page(&silent, "/orders").await.contains("not known whether a device is held"));
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("asepsis.db"));
    let heard = house_at(&place, Arc::new(Idle), folder);
    heard.console.look_at_orders();
    assert!(page(&heard, "/devices/PUMP-1/bedside").await.contains("connected as usual"));
    assert!(page(&heard, "/orders").await.contains("No device is held"));
}

#[tokio::test]
async fn what_people_ask_of_the_agent_stands_in_the_audit_chain_also_where_it_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("asepsis.db"));
    let heard = house_at(&place, Arc::new(Idle), folder);
    let silent = house();
    for (house, says) in [(&heard, None), (&silent, Some("refused"))] {
        let mut at = house.sessions.iter();
        let (_, session) =
            at.find(|(duty, _)| *duty == Duty::Acts(Role::Clinical)).expect("a clinician");
        let form = token::of_form(session);
        let request = Request::builder()
            .method(Method::POST)
            .uri("/devices/PUMP-1/break-glass")
            .header(COOKIE, format!("asepsis={session}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("form={form}&reason=needed")))
            .expect("a request");
        router(Arc::clone(&house.console)).oneshot(request).await.expect("an answer");
        let mut found = Vec::new();
        let take = |_, _, entry: Entry| found.push(entry);
        house.console.database.read("test", |t| audit::each(t, take)).expect("read");
        found.retain(|entry| entry.action.starts_with("order."));
        let [entry] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((&*entry.action, &*entry.subject), ("order.break-glass", "PUMP-1"));
        assert!(entry.actor.contains("clinical"), "{entry:?}");
        assert!(entry.detail.contains("\"reason\":\"needed\""), "{entry:?}");
        assert_eq!(entry.detail.contains("refused"), says.is_some(), "{entry:?}");
    }
}

#[tokio::test]
async fn after_a_wrong_first_code_the_same_secret_is_offered_again() {
    let house = house();
    let (_, session) = house.sessions.first().expect("a session");
    let form = token::of_form(session);
    let secret = totp::shown(&totp::secret(&mut random())).expose().clone();
    let request = Request::builder()
        .method(Method::POST)
        .uri("/account/second-factor")
        .header(COOKIE, format!("asepsis={session}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("form={form}&secret={secret}&code=12")))
        .expect("a request");
    let answer = router(Arc::clone(&house.console)).oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    let page = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    assert!(page.contains(&format!("value=\"{secret}\"")), "{page}");
    assert!(page.contains("role=\"alert\""), "{page}");
}
