//! Coming in by a provider of identities: away to it, back from it, and what is kept of it.
//!
//! Refuses to lead anywhere but to the provider that is set and to places of ours, and tells
//! whoever is not let in one sentence; more of it stands where whoever keeps the console looks.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::audit::By;
use store::provider::Provider;
use store::secret::Secret;
use store::{people, provider, sessions};

use super::access::Visitor;
use super::entrance::{From, Next, confirmation, inside, refused_page, welcomed};
use super::page::{Frame, Wrong, html};
use super::{Console, cookies, refusals, words};
use crate::sign_in::oidc::client::Last;
use crate::sign_in::oidc::flow::{BACK, Begun, Purpose, is_same};
use crate::sign_in::oidc::token::Claims;
use crate::sign_in::oidc::{Failure, Refusal, came};
use crate::sign_in::session::Living;
use crate::sign_in::token;

/// The longest code that a provider sends back, in bytes.
const CODE: usize = 4_096;

/// What a page offers to whoever may come in by a provider's word.
pub(super) struct Offer {
    /// As people know it.
    pub(super) name: String,
    /// Where it begins.
    pub(super) address: String,
}

impl Offer {
    /// The button leads to where browsers reach the console, for the cookie has to be there when
    /// they come back.
    fn new(provider: &Provider, path: &str, next: &str) -> Self {
        let next = words::address(next);
        Self {
            name: provider.name.clone(),
            address: format!("{}{path}?next={next}", provider.console),
        }
    }
}

/// Why a provider says that it lets nobody in, as it may say it (RFC 6749, section 4.1.2.1; OpenID
/// Connect Core 1.0, section 3.1.2.6); other words of it are not repeated.
const ERRORS: [&str; 11] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
];

impl Console {
    /// What the sign-in page offers beside name and password.
    pub(super) async fn offer(self: &Arc<Self>, next: &str) -> Result<Option<Offer>, Wrong> {
        let provider = self.read(provider::get).await?;
        Ok(provider.map(|own| Offer::new(&own, "/sign-in/provider", next)))
    }

    /// What the page offers that asks whether it is still them: to whoever comes in by a provider's
    /// word, and has no second factor here.
    pub(super) async fn offer_again(
        self: &Arc<Self>,
        visitor: &Visitor,
        next: &str,
    ) -> Result<Option<Offer>, Wrong> {
        let living = visitor.living.as_ref();
        let Some(person) = living.map(|living| &living.person).filter(|own| own.totp.is_none())
        else {
            return Ok(None);
        };
        let id = person.id.clone();
        let found = self
            .read(move |transaction| {
                let Some(provider) = provider::get(transaction)? else { return Ok(None) };
                let subject = provider::subject_of(transaction, &provider.issuer, &id)?;
                Ok(subject.map(|_| provider))
            })
            .await?;
        Ok(found.map(|own| Offer::new(&own, "/confirm/provider", next)))
    }

    /// What whoever has signed out here is offered: to do so at the provider by whose word they may
    /// come in, too. It is not asked, so nobody waits for it.
    pub(super) async fn offer_to_leave(
        self: &Arc<Self>,
        living: &Living,
    ) -> Result<Option<Offer>, Wrong> {
        let id = living.person.id.clone();
        let found = self
            .read(move |transaction| {
                let Some(provider) = provider::get(transaction)? else { return Ok(None) };
                let subject = provider::subject_of(transaction, &provider.issuer, &id)?;
                Ok(subject.map(|_| provider))
            })
            .await?;
        Ok(found.and_then(|provider| {
            let address = self.identities.leave(&provider, &living.session.fingerprint)?;
            Some(Offer { name: provider.name, address })
        }))
    }

    /// Asks the provider, on a thread that may wait, few at a time.
    async fn asking<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Wrong> {
        let turn = Arc::clone(&self.asking).acquire_owned().await.map_err(|_| Wrong::Fault)?;
        let own = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            // Whoever is not waited for any more still takes their turn.
            let _turn = turn;
            ask(&own)
        });
        asked.await.map_err(|_| Wrong::Fault)
    }

    async fn provider(self: &Arc<Self>) -> Result<Provider, Wrong> {
        self.read(provider::get).await?.ok_or(Wrong::Nowhere("provider"))
    }
}

/// Away to the provider, to come in.
pub(super) async fn begin(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(next): Query<Next>,
) -> Result<Response, Wrong> {
    if console.identities.is_too_often(visitor.from, visitor.now_ms) {
        return refused(&console, &visitor, &Purpose::SignIn, Refusal::TooOften.into()).await;
    }
    away(&console, &visitor, Purpose::SignIn, inside(next.next())).await
}

/// Away to the provider, to show that they are still there.
pub(super) async fn begin_again(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(next): Query<Next>,
) -> Result<Response, Wrong> {
    let Some(living) = &visitor.living else { return Err(Wrong::Nowhere("session")) };
    let purpose = Purpose::Confirm(living.session.id());
    away(&console, &visitor, purpose, inside(next.next())).await
}

async fn away(
    console: &Arc<Console>,
    visitor: &Visitor,
    purpose: Purpose,
    next: &str,
) -> Result<Response, Wrong> {
    let provider = console.provider().await?;
    let (asked, now_ms) = (provider.clone(), visitor.now_ms);
    let found = console.asking(move |own| own.identities.metadata(&asked, now_ms)).await?;
    let metadata = match found {
        Ok(metadata) => metadata,
        Err(failure) => {
            console.identities.note(now_ms, Some(failure.clone()));
            return refused(console, visitor, &purpose, failure).await;
        }
    };
    let begun = Begun::new(purpose, next, now_ms, &mut console.random());
    let seal = console.identities.seal();
    let to = begun.address(&provider, &metadata, seal);
    let cookie = cookies::of_provider(console.channel, &begun.sealed(seal));
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(&to)).into_response())
}

/// What a browser comes back with (RFC 6749, section 4.1.2; RFC 9207, section 2).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    code: String,
    state: String,
    error: String,
    iss: Option<String>,
}

/// Back from the provider. Whatever comes of it, the cookie that it belongs to is gone.
pub(super) async fn back(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, Wrong> {
    let provider = console.provider().await?;
    let begun = match asked(&console, &visitor, &headers, &answer) {
        Ok(begun) => begun,
        // Anybody can send such an answer, so it is in no chain.
        Err(why) => return refused(&console, &visitor, &Purpose::SignIn, why.into()).await,
    };
    let purpose = begun.purpose.clone();
    let next = inside(&begun.next).to_owned();
    let came = match told(&console, &visitor, &provider, begun, answer).await? {
        Ok((claims, token)) => {
            let came = arrived(&console, &visitor, &headers, &provider, claims, &purpose).await?;
            came.map(|welcome| welcome.map(|welcome| (welcome, token)))
        }
        Err(failure) => Err(failure),
    };
    let response = match came {
        Ok(Some((welcome, token))) => {
            if let Some(session) = token::read_opaque(welcome.session.expose()) {
                console.identities.keep_token(session, &provider.issuer, token);
            }
            let to = if welcome.who.duties().is_empty() { "/sign-in/waiting" } else { &next };
            welcomed(&console, &welcome, to)
        }
        Ok(None) => Redirect::to(&next).into_response(),
        Err(failure) => {
            console.identities.note(visitor.now_ms, Some(failure.clone()));
            let (from, why) = (From::new(&visitor, &headers), failure.clone());
            console.write(move |t| came::refuse(t, (&provider, &why), &from.caller())).await?;
            return refused(&console, &visitor, &purpose, failure).await;
        }
    };
    console.identities.note(visitor.now_ms, None);
    let gone = [(SET_COOKIE, cookies::no_provider(console.channel))];
    Ok((AppendHeaders(gone), response).into_response())
}

/// The sign-in to which an answer belongs: begun in this browser, not long ago, and not used.
fn asked(
    console: &Console,
    visitor: &Visitor,
    headers: &HeaderMap,
    answer: &Answer,
) -> Result<Begun, Refusal> {
    if console.identities.is_too_often(visitor.from, visitor.now_ms) {
        return Err(Refusal::TooOften);
    }
    let seal = console.identities.seal();
    let cookie = cookies::provider(headers).ok_or(Refusal::NotAsked)?;
    let begun = Begun::open(&cookie, seal, visitor.now_ms).ok_or(Refusal::NotAsked)?;
    if !is_same(&answer.state, &begun.state(seal)) {
        return Err(Refusal::NotAsked);
    }
    if !console.identities.uses(&begun, visitor.now_ms) {
        return Err(Refusal::Used);
    }
    Ok(begun)
}

/// What the provider says of whoever came back.
async fn told(
    console: &Arc<Console>,
    visitor: &Visitor,
    provider: &Provider,
    begun: Begun,
    answer: Answer,
) -> Result<Result<(Claims, Secret<String>), Failure>, Wrong> {
    if answer.iss.as_ref().is_some_and(|issuer| *issuer != provider.issuer) {
        return Ok(Err(Refusal::Issuer.into()));
    }
    if !answer.error.is_empty() {
        let known = ERRORS.into_iter().find(|known| *known == answer.error);
        let more = known.unwrap_or("another reason").to_owned();
        return Ok(Err(Failure { why: Refusal::Denied, more }));
    }
    if answer.code.is_empty() || answer.code.len() > CODE {
        return Ok(Err(Refusal::NotAsked.into()));
    }
    let (own, now_ms) = (provider.clone(), visitor.now_ms);
    console
        .asking(move |console| {
            let metadata = console.identities.metadata(&own, now_ms)?;
            if metadata.names_issuer && answer.iss.is_none() {
                return Err(Refusal::Issuer.into());
            }
            console.identities.claims(&own, &begun, &answer.code, now_ms)
        })
        .await
}

/// Lets them in, or notes that they are still there.
async fn arrived(
    console: &Arc<Console>,
    visitor: &Visitor,
    headers: &HeaderMap,
    provider: &Provider,
    claims: Claims,
    purpose: &Purpose,
) -> Result<Result<Option<crate::sign_in::entry::Welcome>, Failure>, Wrong> {
    let (own, living, now_ms) = (provider.clone(), visitor.living.clone(), visitor.now_ms);
    if let Purpose::Confirm(session) = purpose {
        let living = living.filter(|living| living.session.id() == *session);
        let Some(living) = living else { return Ok(Err(Refusal::Somebody.into())) };
        let done =
            console.write(move |t| came::confirm(t, (&own, &claims), &living, now_ms)).await?;
        return Ok(done.map(|()| None));
    }
    let (from, mut random) = (From::new(visitor, headers), console.random());
    let welcome = console
        .write(move |transaction| {
            let caller = from.caller();
            let welcome = came::come_in(transaction, (&own, &claims), &caller, &mut random)?;
            // Who was signed in here before is so no longer: a session is never carried over.
            if let (Ok(_), Some(before)) = (&welcome, living) {
                let by = By { actor: &before.person.name, at_ms: now_ms };
                sessions::end(transaction, &before.session, by)?;
            }
            Ok(welcome)
        })
        .await?;
    Ok(welcome.map(Some))
}

/// The page that they came from, with why, in the same form for everybody.
async fn refused(
    console: &Arc<Console>,
    visitor: &Visitor,
    purpose: &Purpose,
    failure: Failure,
) -> Result<Response, Wrong> {
    let gone = [(SET_COOKIE, cookies::no_provider(console.channel))];
    let sentence = refusals::provider(visitor.text, failure.why).to_owned();
    let status = match failure.why {
        Refusal::Silent | Refusal::Metadata | Refusal::Code => StatusCode::BAD_GATEWAY,
        Refusal::TooOften | Refusal::Full => StatusCode::TOO_MANY_REQUESTS,
        Refusal::NotAsked | Refusal::Used => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNAUTHORIZED,
    };
    let page = if visitor.living.is_some() && *purpose != Purpose::SignIn {
        confirmation(console, visitor, "/".to_owned(), Some(sentence)).await?
    } else {
        refused_page(console, visitor.text, sentence).await?
    };
    Ok((status, AppendHeaders(gone), page).into_response())
}

#[derive(Template)]
#[template(path = "console/waiting.html")]
struct WaitingPage {
    frame: Frame,
    shown: String,
}

/// What whoever is in sees who is there for nothing yet.
pub(super) async fn waiting(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Wrong> {
    let Some(living) = &visitor.living else { return Err(Wrong::Nowhere("session")) };
    if !living.person.duties.is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    let mut frame =
        console.outside(visitor.text, visitor.text.provider_you_are_signed_in()).await?;
    frame.form.clone_from(&visitor.form);
    frame.who.clone_from(&living.person.name);
    Ok(html(&WaitingPage { frame, shown: living.person.shown.clone() }).into_response())
}

#[derive(Template)]
#[template(path = "console/provider.html")]
struct ProviderPage {
    frame: Frame,
    provider: Option<Provider>,
    back: String,
    linked: Vec<Linked>,
    last: Option<Last>,
    /// What became of a test, in a sentence.
    tried: Option<String>,
}

/// Somebody who comes in by the provider's word.
struct Linked {
    shown: String,
    name: String,
    subject: String,
    duties: String,
}

/// What is set of the provider, and how it goes.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    provider_page(&console, &visitor, None).await
}

/// Asks the provider what it is.
pub(super) async fn check(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let (provider, now_ms) = (console.provider().await?, visitor.now_ms);
    let asked = console.asking(move |own| own.identities.anew(&provider, now_ms)).await?;
    let tried = match &asked {
        Ok(_) => visitor.text.provider_it_answers().to_owned(),
        Err(failure) => refusals::failure(visitor.text, failure),
    };
    console.identities.note(now_ms, asked.err());
    provider_page(&console, &visitor, Some(tried)).await
}

async fn provider_page(
    console: &Arc<Console>,
    visitor: &Visitor,
    tried: Option<String>,
) -> Result<Html<String>, Wrong> {
    let (provider, linked) = console
        .read(|transaction| {
            let Some(provider) = provider::get(transaction)? else {
                return Ok((None, Vec::new()));
            };
            let mut linked = Vec::new();
            for link in provider::links(transaction)? {
                let person = people::find(transaction, &link.person)?;
                let Some(person) = person.filter(|_| link.issuer == provider.issuer) else {
                    continue;
                };
                let duties: Vec<&str> = person.duties.iter().map(|duty| duty.text()).collect();
                linked.push(Linked {
                    duties: duties.join(", "),
                    shown: person.shown,
                    name: person.name,
                    subject: link.subject,
                });
            }
            Ok((Some(provider), linked))
        })
        .await?;
    let back = provider.as_ref().map(|own| format!("{}{BACK}", own.console)).unwrap_or_default();
    let last = console.identities.last();
    let frame = console.frame(visitor.text.provider_title(), "/settings", visitor).await?;
    Ok(html(&ProviderPage { frame, provider, back, linked, last, tried }))
}
