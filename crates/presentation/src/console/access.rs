//! Who may come to which page: each route says what it asks for, and one place asks it.
//!
//! A route can't be made without saying so, whether a page or one of the API. What changes
//! something needs, beside the right, the proof that the form comes from a page of ours. Refuses
//! whatever the table of rights ([`rights`](crate::sign_in::rights)) does not allow: a page sends
//! whoever is not known to where they sign in, the API says what is wrong.

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::handler::Handler;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{self, MethodRouter};

use super::cookies::{self, Channel};
use super::page::Wrong;
use super::{Console, words};
use crate::api::operation::Operation;
use crate::api::problem::{self, Problem};
use crate::api::{answer, meter};
use crate::sign_in::rights::{self, Refused, Right, Who};
use crate::sign_in::session::{self, Living};
use crate::sign_in::token;
use crate::text::Text;

/// Longest form, in bytes.
const FORM: usize = 64 << 10;
/// How long a request may take, until its answer begins.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What a route asks of whoever calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it is how people come in, or says nothing of the hospital.
    Nothing,
    /// To have begun to sign in.
    Session,
    /// A right.
    Right(Right),
}

/// How a route speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// To people: pages, and redirects to where they sign in.
    Page,
    /// To programs: JSON, and problems (RFC 9457).
    Api,
    /// To programs: FHIR, and operation outcomes.
    Fhir,
}

/// One route: what it asks for, and what answers it.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    pub(crate) face: Face,
    /// How long its answer may take to begin.
    pub(crate) patience: Duration,
    /// What the description of the API says of it; pages are not described.
    pub(crate) operation: Option<Operation>,
    pub(crate) handler: MethodRouter<Arc<Console>>,
}

macro_rules! methods {
    ($($name:ident $method:ident $meaning:literal;)*) => {$(
        #[doc = $meaning]
        pub(crate) fn $name<H, T>(path: &'static str, needs: impl Into<Needs>, handler: H) -> Self
        where
            H: Handler<T, Arc<Console>>,
            T: 'static,
        {
            Self {
                method: Method::$method,
                path,
                needs: needs.into(),
                face: Face::Page,
                patience: PATIENCE,
                operation: None,
                handler: routing::$name(handler),
            }
        }
    )*};
}

impl Route {
    methods! {
        get GET "What is looked at.";
        post POST "What is sent: a form, or a request of a program.";
        put PUT "What is put in a place.";
        delete DELETE "What is taken away.";
    }

    /// The same as a route of the API.
    pub(crate) fn api(self, operation: Operation) -> Self {
        Self { face: Face::Api, operation: Some(operation), ..self }
    }

    /// The same, speaking FHIR.
    pub(crate) fn fhir(self, operation: Operation) -> Self {
        Self { face: Face::Fhir, operation: Some(operation), ..self }
    }

    /// The same, with so long until its answer begins.
    pub(crate) fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// What the guard has to know of it.
    pub(crate) fn gate(&self) -> Gate {
        let Self { method, path, needs, face, patience, .. } = self;
        Gate { method: method.clone(), path, needs: *needs, face: *face, patience: *patience }
    }
}

/// What the guard knows of a route.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    method: Method,
    path: &'static str,
    needs: Needs,
    face: Face,
    patience: Duration,
}

impl From<Right> for Needs {
    fn from(right: Right) -> Self {
        Self::Right(right)
    }
}

impl Needs {
    /// As the page of rights writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Session => "to have begun to sign in",
            Self::Right(right) => right.text(),
        }
    }
}

/// Whoever calls, as far as they have shown.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) who: Option<Who>,
    pub(crate) living: Option<Living>,
    /// What forms on a page for them carry.
    pub(crate) form: String,
    /// From where.
    pub(crate) from: IpAddr,
    pub(crate) now_ms: i64,
    /// Whether they only look: what answers a form has no address at which it stands.
    pub(crate) is_looking: bool,
    /// In which language they are spoken to.
    pub(crate) text: Text,
}

impl Visitor {
    /// Somebody of whom nothing is known.
    fn unknown(from: IpAddr, text: Text) -> Self {
        let (form, now_ms) = (String::new(), super::now_ms());
        Self { who: None, living: None, form, from, now_ms, is_looking: true, text }
    }

    /// Whether they may, as far as who they are goes; that they prove anew to be there may be asked
    /// for yet.
    pub(crate) fn may(&self, right: Right) -> bool {
        let refused = self.who.as_ref().map(|who| rights::allows(who, right, self.now_ms));
        matches!(refused, Some(Ok(()) | Err(Refused::ConfirmAnew)))
    }

    /// How the audit chain names them.
    pub(crate) fn actor(&self) -> String {
        self.who.as_ref().map(Who::actor).unwrap_or_default()
    }
}

/// Why a request does not come to its page.
pub(crate) enum Stop {
    /// There is no administrator yet.
    SetUp,
    /// Nobody is known.
    SignIn,
    /// They may not, or something else comes first.
    Refused(Refused),
    /// They are there for nothing yet.
    Waiting,
    /// It is answered with what is wrong.
    Wrong(Wrong),
    /// Its form is too long.
    TooLong,
    /// It took too long.
    Late,
    /// Something of ours failed.
    Fault,
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

/// Where somebody comes back to who is sent away first.
struct Back {
    /// The address itself, or the first page where it can't be asked for again.
    own: String,
    /// The same, or the page that a form was on.
    page: String,
}

impl Back {
    fn to(request: &Request) -> Self {
        let own = request.uri().path_and_query().map_or("/", |own| own.as_str());
        if request.method() == Method::GET {
            return Self { own: own.to_owned(), page: own.to_owned() };
        }
        Self { own: "/".to_owned(), page: came_from(request.headers()) }
    }
}

impl Stop {
    fn into_page(self, back: &Back, text: Text) -> Response {
        let own = || words::address(&back.own);
        let to = match self {
            Self::SetUp => "/setup".to_owned(),
            Self::SignIn => format!("/sign-in?next={}", words::address(&back.page)),
            Self::Waiting => "/sign-in/waiting".to_owned(),
            Self::Refused(Refused::SecondFactor) => format!("/sign-in/code?next={}", own()),
            Self::Refused(Refused::Password) => "/account".to_owned(),
            Self::Refused(Refused::ConfirmAnew) => {
                format!("/confirm?next={}", words::address(&back.page))
            }
            Self::Refused(refused) => return Wrong::NotAllowed(refused).page(text),
            Self::Wrong(wrong) => return wrong.page(text),
            Self::TooLong => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
            Self::Late => return StatusCode::REQUEST_TIMEOUT.into_response(),
            Self::Fault => return Wrong::Fault.page(text),
        };
        Redirect::to(&to).into_response()
    }
}

/// Lets a request through to its page, or answers it. Neither may take long: whoever sends slowly
/// does not hold a connection. A page that fails answers for itself alone.
pub(crate) async fn guard(
    State((console, gate)): State<(Arc<Console>, Gate)>,
    mut request: Request,
    next: Next,
) -> Response {
    let begun = std::time::Instant::now();
    let text = language(&console, gate.face, request.headers());
    let back = Back::to(&request);
    let known = answer::known(&request);
    let answer = async {
        let visitor = admit(&console, &gate, &mut request, text).await?;
        request.extensions_mut().insert(visitor);
        unbroken(next.run(request)).await.ok_or(Stop::Fault)
    };
    let answered = tokio::time::timeout(gate.patience, answer).await;
    let response = match answered.unwrap_or(Err(Stop::Late)) {
        Ok(response) => response,
        Err(stop) if gate.face == Face::Page => stop.into_page(&back, text),
        Err(stop) => Problem::from(stop).into_response(),
    };
    let response = match gate.face {
        Face::Page => Wrong::spoken(response, text),
        Face::Api => answer::unless_known(response, known.as_deref()).await,
        Face::Fhir => problem::as_outcome(answer::unless_known(response, known.as_deref()).await),
    };
    let served = meter::Served { method: &gate.method, path: gate.path, took: begun.elapsed() };
    console.meter.note(&served, response.status());
    response
}

/// What a handler answers, or nothing where it panics. The panic itself is told where the program
/// tells its faults.
async fn unbroken(answer: impl Future<Output = Response>) -> Option<Response> {
    let mut answer = pin!(answer);
    poll_fn(|context| {
        // What a handler leaves half done is in the store, which undoes it.
        match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

/// In which language a page speaks. Programs are spoken to in English.
pub(crate) fn language(console: &Console, face: Face, headers: &HeaderMap) -> Text {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|asked| asked.to_str().ok());
    match face {
        Face::Page => console.languages.choose(asked.unwrap_or_default()),
        Face::Api | Face::Fhir => Text::english(),
    }
}

async fn admit(
    console: &Arc<Console>,
    gate: &Gate,
    request: &mut Request,
    text: Text,
) -> Result<Visitor, Stop> {
    let from = source(console.channel, request);
    let headers = request.headers().clone();
    if gate.needs == Needs::Nothing && gate.face != Face::Page {
        return Ok(Visitor::unknown(from, text));
    }
    let mut visitor = visitor(console, &headers, Visitor::unknown(from, text)).await?;
    visitor.is_looking = request.method() == Method::GET;
    if !matches!(gate.path, "/setup" | "/static/{name}") && console.needs_setup().await? {
        return Err(Stop::SetUp);
    }
    allowed(&visitor, gate.needs)?;
    if !request.method().is_safe() {
        ours(&visitor, request).await?;
    }
    Ok(visitor)
}

/// From where a request comes: the peer, or, at a proxy that we trust, whom it has named last.
fn source(channel: Channel, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let told = request.headers().get_all("x-forwarded-for").iter().next_back();
    let told = told.and_then(|told| told.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    if channel == Channel::Proxy { told.unwrap_or(peer) } else { peer }
}

fn allowed(visitor: &Visitor, needs: Needs) -> Result<(), Stop> {
    match (needs, &visitor.who) {
        (Needs::Nothing, _) | (Needs::Session, Some(_)) => Ok(()),
        (_, None) => Err(Stop::SignIn),
        (Needs::Right(right), Some(who)) => {
            rights::allows(who, right, visitor.now_ms).map_err(|refused| match refused {
                Refused::NotYours if who.duties().is_empty() => Stop::Waiting,
                refused => Stop::Refused(refused),
            })
        }
    }
}

/// The page of ours that a form was on.
pub(super) fn came_from(headers: &HeaderMap) -> String {
    let referer = headers.get("referer").and_then(|value| value.to_str().ok()).unwrap_or("/");
    let rest = referer.split_once("://").map_or(referer, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}

/// Who calls: by the session in a cookie, or the token of a program.
async fn visitor(
    console: &Arc<Console>,
    headers: &HeaderMap,
    unknown: Visitor,
) -> Result<Visitor, Wrong> {
    let now_ms = unknown.now_ms;
    let session = cookies::session(headers);
    let bearer = bearer(headers).map(str::to_owned);
    let form = session.as_deref().map(token::of_form).unwrap_or_default();
    if let Some(shown) = bearer {
        let found = console.read(move |t| session::program(t, &shown, now_ms)).await?;
        if let Some((_, token)) = &found
            && session::is_token_to_be_noted(token, now_ms)
        {
            let id = token.id.clone();
            // Where nothing can be written, what is there can still be read.
            let _ = console.write(move |t| store::tokens::touch(t, &id, now_ms)).await;
        }
        let who = found.map(|(who, _)| who);
        return Ok(Visitor { who, ..unknown });
    }
    let Some(shown) = session else {
        return Ok(Visitor { form, ..unknown });
    };
    let living = console.read(move |t| session::find(t, &shown, now_ms)).await?;
    if let Some(living) = &living
        && session::is_to_be_noted(&living.session, now_ms)
    {
        let own = living.session.clone();
        // Here, too; a session that could not be noted ends as one that was left alone.
        let _ = console.write(move |t| session::note(t, &own, now_ms)).await;
    }
    let who = living.as_ref().map(Living::who);
    Ok(Visitor { who, living, form, ..unknown })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether what changes something comes from a page of ours: by what its form carries, and, before
/// there is a session, by where the browser says that it comes from. A program's token stands in no
/// browser, so nobody else's page can send it.
async fn ours(visitor: &Visitor, request: &mut Request) -> Result<(), Stop> {
    if matches!(visitor.who, Some(Who::Program(_))) {
        return Ok(());
    }
    let foreign = || Err(Stop::Wrong(Wrong::Foreign));
    if !is_same_origin(request.headers()) {
        return foreign();
    }
    let Some(token) = cookies::session(request.headers()) else { return Ok(()) };
    if visitor.living.is_none() {
        return Ok(());
    }
    if let Some(carried) = request.headers().get("x-form").and_then(|value| value.to_str().ok()) {
        return if token::form_is_ours(&token, carried) { Ok(()) } else { foreign() };
    }
    let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        kind.to_str().is_ok_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    });
    if !is_form {
        return foreign();
    }
    let body = std::mem::take(request.body_mut());
    let bytes: Bytes = to_bytes(body, FORM).await.map_err(|_| Stop::TooLong)?;
    let carried = field(&bytes, "form");
    *request.body_mut() = Body::from(bytes);
    if carried.is_some_and(|carried| token::form_is_ours(&token, &carried)) {
        Ok(())
    } else {
        foreign()
    }
}

/// The first field of that name in a form whose values need no decoding.
fn field(form: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(form).ok()?;
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}

/// Whether the browser says that a page of this server sent it (W3C Fetch Metadata; RFC 6454,
/// section 7). What says neither is no browser.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(HOST.as_str())
}
