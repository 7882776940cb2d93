//! How people come in and leave: the first run, signing in, the second factor, confirming anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::http::header::{LOCATION, RETRY_AFTER, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use domain::order::Role;
use domain::person::{Duty, PersonId};
use serde::Deserialize;
use store::audit::By;
use store::people::PasswordOf;
use store::secret::{Fingerprint, Secret};
use store::{sessions, settings};

use super::access::Visitor;
use super::page::{self, Frame, Wrong, html};
use super::provider::Offer;
use super::{Console, cookies, refusals};
use crate::sign_in::entry::{self, Caller, Confirmed, Outcome, Welcome};
use crate::sign_in::limits::Wait;
use crate::sign_in::{password, people, setup};
use crate::text::Text;

/// Where somebody wants to go once they are in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    next: String,
    code: String,
}

impl Next {
    /// As it was asked for, which may be anywhere.
    pub(super) fn next(&self) -> &str {
        &self.next
    }
}

/// A place of ours, and no other.
pub(super) fn inside(next: &str) -> &str {
    // A browser drops tabs and line ends, and takes a backslash for a slash (WHATWG URL, 4.4).
    let is_odd = |letter: char| letter.is_control() || letter == '\\';
    let is_ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(is_odd);
    if is_ours { next } else { "/" }
}

#[derive(Template)]
#[template(path = "console/setup.html")]
struct SetupPage {
    frame: Frame,
    asked: Setup,
    wrong: Option<String>,
}

/// What the first run asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    code: String,
    hospital: String,
    name: String,
    shown: String,
    password: String,
    again: String,
    security: Option<String>,
    clinical: Option<String>,
    biomedical: Option<String>,
}

pub(super) async fn setup_page(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(next): Query<Next>,
) -> Result<Response, Wrong> {
    if !console.needs_setup().await? {
        return Ok(Redirect::to("/").into_response());
    }
    let asked = Setup { code: next.code, ..Setup::default() };
    let frame = Frame::outside(visitor.text, visitor.text.setup_welcome());
    Ok(html(&SetupPage { frame, asked, wrong: None }).into_response())
}

pub(super) async fn set_up(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Form(asked): Form<Setup>,
) -> Result<Response, Wrong> {
    if let Some(wrong) = weak(visitor.text, &asked) {
        return Ok(again(visitor.text, asked, wrong));
    }
    let secret = console.hash(asked.password.clone()).await?;
    let (code, hospital) = (asked.code.clone(), asked.hospital.trim().to_owned());
    let (name, shown) = (asked.name.trim().to_owned(), asked.shown.trim().to_owned());
    let duties = asked.duties();
    let mut random = console.random();
    let now_ms = visitor.now_ms;
    let done = console
        .write(move |transaction| {
            let password = Some(&secret);
            let new = people::New {
                name: &name,
                shown: &shown,
                duties,
                password,
                password_of: PasswordOf::Person,
            };
            let done = setup::finish(transaction, &code, &new, now_ms, &mut random)?;
            if done.is_ok() && !hospital.is_empty() {
                settings::set(transaction, page::HOSPITAL, &hospital)?;
            }
            Ok(done)
        })
        .await?;
    if let Err(wrong) = done {
        let wrong = refusals::setup(visitor.text, &wrong);
        return Ok(again(visitor.text, asked, wrong));
    }
    console.is_set_up();
    let credentials = SignIn { name: asked.name, password: asked.password, ..SignIn::default() };
    enter(&console, &visitor, &headers, credentials).await
}

fn weak(text: Text, asked: &Setup) -> Option<String> {
    if asked.password != asked.again {
        return Some(text.setup_passwords_differ().to_owned());
    }
    password::judge(&asked.password, &asked.name).err().map(|weak| refusals::weak(text, weak))
}

fn again(text: Text, asked: Setup, wrong: String) -> Response {
    let asked = Setup { password: String::new(), again: String::new(), ..asked };
    let frame = Frame::outside(text, text.setup_welcome());
    let page = SetupPage { frame, asked, wrong: Some(wrong) };
    (StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response()
}

impl Setup {
    fn duties(&self) -> BTreeSet<Duty> {
        let chosen = [
            (&self.security, Role::Security),
            (&self.clinical, Role::Clinical),
            (&self.biomedical, Role::Biomedical),
        ];
        let chosen = chosen.into_iter().filter(|(is_chosen, _)| is_chosen.is_some());
        chosen.map(|(_, role)| Duty::Acts(role)).chain([Duty::Administers]).collect()
    }
}

/// What somebody typed to come in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SignIn {
    name: String,
    password: String,
    code: String,
    next: String,
}

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    frame: Frame,
    name: String,
    next: String,
    offer: Option<Offer>,
    wrong: Option<String>,
}

pub(super) async fn sign_in_page(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(next): Query<Next>,
) -> Result<Response, Wrong> {
    if visitor.who.is_some() {
        return Ok(Redirect::to(inside(&next.next)).into_response());
    }
    let frame = console.outside(visitor.text, visitor.text.sign_in_title()).await?;
    let offer = console.offer(inside(&next.next)).await?;
    let page = SignInPage { frame, name: String::new(), next: next.next, offer, wrong: None };
    Ok(html(&page).into_response())
}

/// The page where people sign in, with why nobody was let in by a provider's word.
pub(super) async fn refused_page(
    console: &Arc<Console>,
    text: Text,
    wrong: String,
) -> Result<Response, Wrong> {
    let frame = console.outside(text, text.sign_in_title()).await?;
    let offer = console.offer("/").await?;
    let (name, next, wrong) = (String::new(), String::new(), Some(wrong));
    Ok(html(&SignInPage { frame, name, next, offer, wrong }).into_response())
}

pub(super) async fn sign_in(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Form(asked): Form<SignIn>,
) -> Result<Response, Wrong> {
    enter(&console, &visitor, &headers, asked).await
}

/// From where somebody calls, in a form that may go to another thread.
pub(super) struct From {
    source: std::net::IpAddr,
    browser: Option<Fingerprint>,
    agent: String,
    now_ms: i64,
}

impl From {
    pub(super) fn new(visitor: &Visitor, headers: &HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Self {
            source: visitor.from,
            browser: cookies::browser(headers),
            agent: agent.unwrap_or_default().to_owned(),
            now_ms: visitor.now_ms,
        }
    }

    pub(super) fn caller(&self) -> Caller<'_> {
        Caller {
            source: self.source,
            browser: self.browser.as_ref(),
            agent: &self.agent,
            now_ms: self.now_ms,
        }
    }
}

/// Lets somebody in by name and password, in the three steps of [`entry`].
async fn enter(
    console: &Arc<Console>,
    visitor: &Visitor,
    headers: &HeaderMap,
    asked: SignIn,
) -> Result<Response, Wrong> {
    let from = Arc::new(From::new(visitor, headers));
    let (caller, name, typed) = (Arc::clone(&from), asked.name.clone(), asked.code.clone());
    let admitted =
        console.write(move |t| entry::admit(t, &name, Some(&typed), &caller.caller())).await?;
    let attempt = match admitted {
        Ok(attempt) => attempt,
        Err(wait) => return not_in(console, visitor, asked, Err(wait)).await,
    };
    let (typed, mut random) = (asked.password.clone(), console.random());
    let checked = console.slowly(move || attempt.check(&typed, &mut random)).await?;
    let (typed, mut random) = (asked.code.clone(), console.random());
    let settled = console
        .write(move |t| entry::settle(t, &checked, Some(&typed), &from.caller(), &mut random))
        .await?;
    match settled {
        Outcome::Refused => not_in(console, visitor, asked, Ok(())).await,
        Outcome::SignedIn(welcome) => Ok(welcomed(console, &welcome, inside(&asked.next))),
    }
}

pub(super) fn welcomed(console: &Console, welcome: &Welcome, next: &str) -> Response {
    let session = cookies::of_session(console.channel, &welcome.session);
    let browser = welcome.browser.as_ref().map(|own| cookies::of_browser(console.channel, own));
    let set = [Some(session), browser].into_iter().flatten().map(|value| (SET_COOKIE, value));
    (AppendHeaders(set.collect::<Vec<_>>()), Redirect::to(next)).into_response()
}

/// The page again, with why: the same words whatever was wrong.
async fn not_in(
    console: &Arc<Console>,
    visitor: &Visitor,
    asked: SignIn,
    why: Result<(), Wait>,
) -> Result<Response, Wrong> {
    let frame = console.outside(visitor.text, visitor.text.sign_in_title()).await?;
    let (status, wait, wrong) = match why {
        Ok(()) => {
            let wrong = visitor.text.sign_in_not_right().to_owned();
            (StatusCode::UNAUTHORIZED, None, wrong)
        }
        Err(wait) => {
            let wrong = visitor.text.sign_in_too_many(wait.seconds()).plain();
            (StatusCode::TOO_MANY_REQUESTS, Some(wait.seconds()), wrong)
        }
    };
    let offer = console.offer(inside(&asked.next)).await?;
    let page = SignInPage { frame, name: asked.name, next: asked.next, offer, wrong: Some(wrong) };
    let after = wait.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds)));
    Ok((status, AppendHeaders(after), html(&page)).into_response())
}

#[derive(Template)]
#[template(path = "console/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    next: String,
    has_code: bool,
    has_password: bool,
    is_second: bool,
    offer: Option<Offer>,
    wrong: Option<String>,
}

/// The second factor, after the password.
pub(super) async fn code_page(
    console: State<Arc<Console>>,
    visitor: Extension<Visitor>,
    next: Query<Next>,
) -> Result<Response, Wrong> {
    confirm_page(console, visitor, next).await
}

/// That it is them, again.
pub(super) async fn confirm_page(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(next): Query<Next>,
) -> Result<Response, Wrong> {
    confirmation(&console, &visitor, next.next, None).await
}

pub(super) async fn confirmation(
    console: &Arc<Console>,
    visitor: &Visitor,
    next: String,
    wrong: Option<String>,
) -> Result<Response, Wrong> {
    let living = visitor.living.as_ref();
    let has_code = living.is_some_and(|living| living.person.totp.is_some());
    let has_password = living.is_some_and(|living| living.person.password.is_some());
    let offer = console.offer_again(visitor, inside(&next)).await?;
    let is_second = has_code && living.is_some_and(|living| living.session.second_ms.is_none());
    let text = visitor.text;
    let title = if is_second { text.confirm_your_code() } else { text.confirm_is_it_you() };
    let mut frame = console.outside(text, title).await?;
    frame.form.clone_from(&visitor.form);
    frame.who = living.map(|living| living.person.name.clone()).unwrap_or_default();
    let status = if wrong.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let page = ConfirmPage { frame, next, has_code, has_password, is_second, offer, wrong };
    Ok((status, html(&page)).into_response())
}

pub(super) async fn confirm(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Form(asked): Form<SignIn>,
) -> Result<Response, Wrong> {
    let Some(living) = visitor.living.clone() else { return Err(Wrong::Nowhere("session")) };
    let from = Arc::new(From::new(&visitor, &headers));
    let mut random = console.random();
    let confirmed = if asked.code.trim().is_empty() {
        let (own, caller) = (living.clone(), Arc::clone(&from));
        let admitted =
            console.write(move |t| entry::admit_again(t, &own, &caller.caller())).await?;
        match admitted {
            Err(wait) => Confirmed::Wait(wait),
            Ok(attempt) => {
                let typed = asked.password.clone();
                let checked = console.slowly(move || attempt.check(&typed, &mut random)).await?;
                console
                    .write(move |t| entry::confirm_password(t, &living, &checked, &from.caller()))
                    .await?
            }
        }
    } else {
        let typed = asked.code.clone();
        console
            .write(move |t| entry::confirm_code(t, &living, &typed, &from.caller(), &mut random))
            .await?
    };
    match confirmed {
        Confirmed::Yes(browser) => {
            let browser = browser.map(|own| cookies::of_browser(console.channel, &own));
            let set = browser.map(|value| (SET_COOKIE, value));
            Ok((AppendHeaders(set), Redirect::to(inside(&asked.next))).into_response())
        }
        Confirmed::Refused => {
            let wrong = Some(visitor.text.confirm_not_right().to_owned());
            confirmation(&console, &visitor, asked.next, wrong).await
        }
        Confirmed::Wait(wait) => {
            let wrong = visitor.text.sign_in_too_many(wait.seconds()).plain();
            confirmation(&console, &visitor, asked.next, Some(wrong)).await
        }
    }
}

#[derive(Template)]
#[template(path = "console/invitation.html")]
struct InvitationPage {
    frame: Frame,
    code: String,
}

/// A code by which somebody comes in once: what merely looks at the address takes nothing.
pub(super) async fn invitation(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(code): Path<String>,
) -> Result<Response, Wrong> {
    let frame = console.outside(visitor.text, visitor.text.invitation_come_in()).await?;
    Ok(html(&InvitationPage { frame, code }).into_response())
}

pub(super) async fn accept(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Wrong> {
    let person = console.take_invitation(&code).ok_or(Wrong::Nowhere("invitation"))?;
    come_in(&console, &visitor, &headers, person).await
}

/// In a demonstration whoever is in may be anybody of its cast.
pub(super) async fn play(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Wrong> {
    let player = console.cast.iter().find(|player| *player.id.0 == *id);
    let person = player.map(|player| player.id.clone()).ok_or(Wrong::Nowhere("person"))?;
    if let Some(living) = visitor.living.clone() {
        let now_ms = visitor.now_ms;
        console
            .write(move |transaction| {
                let by = By { actor: &living.person.name, at_ms: now_ms };
                sessions::end(transaction, &living.session, by)
            })
            .await?;
    }
    let back = super::access::came_from(&headers);
    let mut response = come_in(&console, &visitor, &headers, person).await?;
    if let Ok(back) = HeaderValue::try_from(inside(&back)) {
        response.headers_mut().insert(LOCATION, back);
    }
    Ok(response)
}

async fn come_in(
    console: &Arc<Console>,
    visitor: &Visitor,
    headers: &HeaderMap,
    person: PersonId,
) -> Result<Response, Wrong> {
    let from = From::new(visitor, headers);
    let mut random = console.random();
    let welcome =
        console.write(move |t| entry::invited(t, &person, &from.caller(), &mut random)).await?;
    let welcome = welcome.ok_or(Wrong::Nowhere("invitation"))?;
    Ok(welcomed(console, &welcome, "/"))
}

#[derive(Template)]
#[template(path = "console/signed_out.html")]
struct SignedOut {
    frame: Frame,
    offer: Offer,
}

pub(super) async fn sign_out(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Wrong> {
    let gone = AppendHeaders([(SET_COOKIE, cookies::no_session(console.channel))]);
    if let Some(living) = visitor.living {
        let now_ms = visitor.now_ms;
        let offer = console.offer_to_leave(&living).await?;
        console
            .write(move |transaction| {
                let by = By { actor: &living.person.name, at_ms: now_ms };
                sessions::end(transaction, &living.session, by).map(|_| ())
            })
            .await?;
        if let Some(offer) = offer {
            let frame = console.outside(visitor.text, visitor.text.sign_out_here()).await?;
            return Ok((gone, html(&SignedOut { frame, offer })).into_response());
        }
    }
    Ok((gone, Redirect::to("/sign-in")).into_response())
}

impl Console {
    /// The hash of a new password.
    pub(super) async fn hash(self: &Arc<Self>, password: String) -> Result<Secret<String>, Wrong> {
        let mut random = self.random();
        self.slowly(move || password::hash(&password, &mut random)).await
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn nobody_is_led_elsewhere_after_signing_in() {
        assert_eq!(inside("/devices?q=a"), "/devices?q=a");
        for elsewhere in ["", "https://x", "//x", "/\t/x", "/\\x", "/\n/x", "javascript:x"] {
            assert_eq!(inside(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
