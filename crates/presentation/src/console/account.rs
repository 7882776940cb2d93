//! One's own account: password, second factor, sessions, tokens of programs.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::person::Scope;
use serde::Deserialize;
use store::audit::By;
use store::people::PasswordOf;
use store::secret::Secret;
use store::sessions::{self, Session};
use store::tokens::{self, Token};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, refusals, words};
use crate::sign_in::rights::Right;
use crate::sign_in::session::Living;
use crate::sign_in::{own, password as rules, totp};

/// How many days a token lives, where nothing else is said.
const DAYS: i64 = 90;

#[derive(Template)]
#[template(path = "console/account.html")]
struct Page {
    frame: Frame,
    living: Living,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    recovery_codes: i64,
    /// A secret for a second factor: as text, and as an address for an app.
    offer: Option<(String, String)>,
    /// Why the first code of it was not taken.
    wrong: Option<String>,
    /// What is shown once: of what kind, and the texts.
    once: Option<(&'static str, Vec<String>)>,
    days: i64,
}

impl Page {
    fn scopes() -> [&'static str; Scope::ALL.len()] {
        Scope::ALL.map(Scope::text)
    }

    fn has_own_password(&self) -> bool {
        self.living.person.password_of == PasswordOf::Person
    }

    fn is_this(&self, session: &Session) -> bool {
        session.fingerprint == self.living.session.fingerprint
    }

    fn state(&self, token: &Token) -> &'static str {
        let text = self.frame.text;
        match token.revoked_ms {
            Some(_) => text.account_revoked(),
            None if token.expires_ms <= self.living.session.used_ms => text.account_expired(),
            None => text.account_in_force(),
        }
    }

    fn scopes_of(token: &Token) -> String {
        token.scopes.iter().map(|scope| scope.text()).collect::<Vec<_>>().join(", ")
    }
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    page(&console, &visitor, Shown::default()).await
}

/// What the page shows beside what stands in the store.
#[derive(Default)]
struct Shown {
    /// Once: of what kind, and the texts.
    once: Option<(&'static str, Vec<String>)>,
    /// A secret that was offered before, which an app has by now.
    secret: Option<Secret<Vec<u8>>>,
    /// Why its first code was not taken.
    wrong: Option<String>,
}

fn own_session(visitor: &Visitor) -> Result<Living, Wrong> {
    visitor.living.clone().ok_or(Wrong::Nowhere("session"))
}

async fn page(
    console: &Arc<Console>,
    visitor: &Visitor,
    shown: Shown,
) -> Result<Html<String>, Wrong> {
    let living = own_session(visitor)?;
    let id = living.person.id.clone();
    let (person, sessions, tokens, recovery_codes) = console
        .read(move |transaction| {
            let person = store::people::find(transaction, &id)?;
            let sessions = sessions::of(transaction, &id)?;
            let tokens = tokens::of(transaction, Some(&id))?;
            Ok((person, sessions, tokens, store::people::recovery_codes(transaction, &id)?))
        })
        .await?;
    let living = Living { person: person.unwrap_or(living.person), ..living };
    let offer = living.person.totp.is_none().then(|| {
        let secret = shown.secret.unwrap_or_else(|| totp::secret(&mut console.random()));
        let uri = totp::uri(&secret, "Asepsis", &living.person.name);
        (totp::shown(&secret).expose().clone(), uri.expose().clone())
    });
    let frame = console.frame(visitor.text.account_title(), "/account", visitor).await?;
    let days = DAYS;
    let Shown { once, wrong, .. } = shown;
    let page = Page { frame, living, sessions, tokens, recovery_codes, offer, wrong, once, days };
    Ok(html(&page))
}

/// What is typed on the page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    password: String,
    again: String,
    secret: String,
    code: String,
    name: String,
    days: i64,
    read: Option<String>,
    #[serde(rename = "audit.read")]
    read_audit: Option<String>,
    #[serde(rename = "documents.write")]
    write_documents: Option<String>,
    #[serde(rename = "findings.write")]
    write_findings: Option<String>,
    #[serde(rename = "orders.request")]
    request_orders: Option<String>,
}

impl Typed {
    fn scopes(&self) -> BTreeSet<Scope> {
        let chosen = [
            (&self.read, Scope::Read),
            (&self.read_audit, Scope::ReadAudit),
            (&self.write_documents, Scope::WriteDocuments),
            (&self.write_findings, Scope::WriteFindings),
            (&self.request_orders, Scope::RequestOrders),
        ];
        let chosen = chosen.into_iter().filter(|(is_chosen, _)| is_chosen.is_some());
        chosen.map(|(_, scope)| scope).collect()
    }
}

pub(super) async fn password(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Response, Wrong> {
    let living = own_session(&visitor)?;
    if typed.password != typed.again {
        return Err(Wrong::Typed(visitor.text.setup_passwords_differ().to_owned()));
    }
    rules::judge(&typed.password, &living.person.name)
        .map_err(|weak| Wrong::Typed(refusals::weak(visitor.text, weak)))?;
    let hash = console.hash(typed.password).await?;
    let now_ms = visitor.now_ms;
    console
        .write(move |transaction| {
            let by = By { actor: &living.person.name, at_ms: now_ms };
            own::change_password(transaction, &living, &hash, by)
        })
        .await?;
    Ok(Redirect::to("/account").into_response())
}

pub(super) async fn second_factor(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Response, Wrong> {
    let living = own_session(&visitor)?;
    let secret = totp::read_secret(&typed.secret);
    let text = visitor.text;
    let secret = secret.ok_or_else(|| Wrong::Typed(text.account_no_secret().to_owned()))?;
    let (mut random, now_ms) = (console.random(), visitor.now_ms);
    let (codes, secret) = console
        .write(move |transaction| {
            let by = By { actor: &living.person.name, at_ms: now_ms };
            let shown = (&secret, typed.code.as_str());
            let codes = own::use_second_factor(transaction, &living, shown, by, &mut random)?;
            Ok((codes, secret))
        })
        .await?;
    match codes {
        Ok(codes) => {
            let codes = codes.iter().map(|code| code.expose().clone()).collect();
            let once = Some((text.account_recovery_codes(), codes));
            let shown = Shown { once, ..Shown::default() };
            Ok(page(&console, &visitor, shown).await?.into_response())
        }
        // The same secret again: the app has it by now.
        Err(wrong) => {
            let wrong = Some(text.account_because(refusals::own(text, wrong)).plain());
            let shown = Shown { secret: Some(secret), wrong, once: None };
            let page = page(&console, &visitor, shown).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

pub(super) async fn end_others(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Wrong> {
    let living = own_session(&visitor)?;
    let now_ms = visitor.now_ms;
    console
        .write(move |transaction| {
            let by = By { actor: &living.person.name, at_ms: now_ms };
            own::end_others(transaction, &living, by)
        })
        .await?;
    Ok(Redirect::to("/account").into_response())
}

pub(super) async fn make_token(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Html<String>, Wrong> {
    let living = own_session(&visitor)?;
    let (mut random, now_ms) = (console.random(), visitor.now_ms);
    let made: Secret<String> = console
        .write(move |transaction| {
            let by = By { actor: &living.person.name, at_ms: now_ms };
            let new = own::NewToken { name: &typed.name, scopes: typed.scopes(), days: typed.days };
            own::make_token(transaction, &living, &new, by, &mut random)
        })
        .await?
        .map_err(|wrong| {
            let why = refusals::own(visitor.text, wrong);
            Wrong::Typed(visitor.text.account_no_token_was_made(why).plain())
        })?;
    let token = visitor.text.account_token();
    let once = Some((token, vec![made.expose().clone()]));
    page(&console, &visitor, Shown { once, ..Shown::default() }).await
}

pub(super) async fn revoke_token(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Wrong> {
    let living = own_session(&visitor)?;
    let now_ms = visitor.now_ms;
    console
        .write(move |transaction| {
            let own = tokens::of(transaction, Some(&living.person.id))?;
            // Another's is nobody's here.
            if own.iter().any(|token| token.id == id) {
                let by = By { actor: &living.person.name, at_ms: now_ms };
                tokens::revoke(transaction, &id, by)?;
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to("/account").into_response())
}
