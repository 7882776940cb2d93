//! Who may come to which page: each route says what it asks for, and one place asks it.
//!
//! A route can't be made without saying so. What changes something needs, beside the right,
//! the proof that the form comes from a page of ours. Refuses whatever the table of rights
//! ([`rights`](crate::sign_in::rights)) does not allow.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::handler::Handler;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{self, MethodRouter};

use super::cookies::{self, Channel};
use super::page::Wrong;
use super::{Console, words};
use crate::sign_in::rights::{self, Refused, Right, Who};
use crate::sign_in::session::{self, Living};
use crate::sign_in::token;

/// Longest form, in bytes.
const FORM: usize = 64 << 10;
/// How long a request may take, until its answer begins.
const PATIENCE: Duration = Duration::from_secs(30);

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

/// One route: what it asks for, and what answers it.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    pub(super) handler: MethodRouter<Arc<Console>>,
}

impl Route {
    /// A page that is looked at.
    pub(super) fn get<H, T>(path: &'static str, needs: impl Into<Needs>, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        let needs = needs.into();
        Self { method: Method::GET, path, needs, handler: routing::get(handler) }
    }

    /// A form that is sent.
    pub(super) fn post<H, T>(path: &'static str, needs: impl Into<Needs>, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        let needs = needs.into();
        Self { method: Method::POST, path, needs, handler: routing::post(handler) }
    }
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
pub(super) struct Visitor {
    pub(super) who: Option<Who>,
    pub(super) living: Option<Living>,
    /// What forms on a page for them carry.
    pub(super) form: String,
    /// From where.
    pub(super) from: IpAddr,
    pub(super) now_ms: i64,
}

impl Visitor {
    /// Whether they may, as far as who they are goes; that they prove anew to be there may be asked
    /// for yet.
    pub(super) fn may(&self, right: Right) -> bool {
        let refused = self.who.as_ref().map(|who| rights::allows(who, right, self.now_ms));
        matches!(refused, Some(Ok(()) | Err(Refused::ConfirmAnew)))
    }

    /// How the audit chain names them.
    pub(super) fn actor(&self) -> String {
        self.who.as_ref().map(Who::actor).unwrap_or_default()
    }
}

/// Why a request does not come to its page.
enum Stop {
    /// Something else comes first.
    Go(String),
    /// It is answered with what is wrong.
    Wrong(Wrong),
    /// It is answered with a status alone.
    Status(StatusCode),
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Self::Go(to) => Redirect::to(&to).into_response(),
            Self::Wrong(wrong) => wrong.into_response(),
            Self::Status(status) => status.into_response(),
        }
    }
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

/// Lets a request through to its page, or answers it. Neither may take long: whoever sends slowly
/// does not hold a connection.
pub(super) async fn guard(
    State((console, needs)): State<(Arc<Console>, Needs)>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let answer = async {
        match admit(&console, needs, path.as_str(), &mut request).await {
            Ok(visitor) => {
                request.extensions_mut().insert(visitor);
                next.run(request).await
            }
            Err(stop) => stop.into_response(),
        }
    };
    let answered = tokio::time::timeout(PATIENCE, answer).await;
    answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

async fn admit(
    console: &Arc<Console>,
    needs: Needs,
    path: &str,
    request: &mut Request,
) -> Result<Visitor, Stop> {
    let from = source(console.channel, request);
    let headers = request.headers().clone();
    let visitor = visitor(console, &headers, from).await?;
    if !matches!(path, "/setup" | "/static/{name}") && console.needs_setup().await? {
        return Err(Stop::Go("/setup".to_owned()));
    }
    allowed(&visitor, needs, request)?;
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

fn allowed(visitor: &Visitor, needs: Needs, request: &Request) -> Result<(), Stop> {
    let back = || {
        let own = request.uri().path_and_query().map_or("/", |own| own.as_str());
        let own = if request.method() == Method::GET { own } else { "/" };
        words::address(own)
    };
    let right = match (needs, &visitor.who) {
        (Needs::Nothing, _) | (Needs::Session, Some(_)) => return Ok(()),
        (_, None) => return Err(Stop::Go(format!("/sign-in?next={}", back()))),
        (Needs::Right(right), Some(who)) => rights::allows(who, right, visitor.now_ms),
    };
    right.map_err(|refused| match refused {
        Refused::SecondFactor => Stop::Go(format!("/sign-in/code?next={}", back())),
        Refused::Password => Stop::Go("/account".to_owned()),
        Refused::ConfirmAnew if request.method() == Method::GET => {
            Stop::Go(format!("/confirm?next={}", back()))
        }
        Refused::ConfirmAnew => {
            Stop::Go(format!("/confirm?next={}", words::address(came_from(request.headers()))))
        }
        refused => Stop::Wrong(Wrong::NotAllowed(refused)),
    })
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
    from: IpAddr,
) -> Result<Visitor, Wrong> {
    let now_ms = super::now_ms();
    let session = cookies::session(headers);
    let bearer = bearer(headers).map(str::to_owned);
    let form = session.as_deref().map(token::of_form).unwrap_or_default();
    if let Some(shown) = bearer {
        let found = console.read(move |t| session::program(t, &shown, now_ms)).await?;
        if let Some((_, token)) = &found
            && session::is_token_to_be_noted(token, now_ms)
        {
            let id = token.id.clone();
            console.write(move |t| store::tokens::touch(t, &id, now_ms)).await?;
        }
        let who = found.map(|(who, _)| who);
        return Ok(Visitor { who, living: None, form: String::new(), from, now_ms });
    }
    let Some(shown) = session else {
        return Ok(Visitor { who: None, living: None, form, from, now_ms });
    };
    let living = console.read(move |t| session::find(t, &shown, now_ms)).await?;
    if let Some(living) = &living
        && session::is_to_be_noted(&living.session, now_ms)
    {
        let own = living.session.clone();
        console.write(move |t| session::note(t, &own, now_ms)).await?;
    }
    let who = living.as_ref().map(Living::who);
    Ok(Visitor { who, living, form, from, now_ms })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
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
    let too_long = |_| Stop::Status(StatusCode::PAYLOAD_TOO_LARGE);
    let bytes: Bytes = to_bytes(body, FORM).await.map_err(too_long)?;
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
