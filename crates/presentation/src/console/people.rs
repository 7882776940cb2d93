//! *People*: who may sign in, and what they are there for.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::person::{Duty, PersonId};
use serde::Deserialize;
use store::audit::By;
use store::people::{self, Access, PasswordOf, Person};
use store::secret::Secret;

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, refusals, words};
use crate::sign_in::people as rules;
use crate::sign_in::{code, password};

#[derive(Template)]
#[template(path = "console/people.html")]
struct Page {
    frame: Frame,
    people: Vec<Person>,
    /// Somebody to whom a first password is to be handed, once.
    new: Option<(String, String)>,
}

impl Page {
    fn is_disabled(person: &Person) -> bool {
        person.access == Access::Disabled
    }

    fn has(person: &Person, duty: &str) -> bool {
        person.duties.iter().any(|own| own.text() == duty)
    }
}

pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    page(&console, &visitor, None).await
}

async fn page(
    console: &Arc<Console>,
    visitor: &Visitor,
    new: Option<(String, String)>,
) -> Result<Html<String>, Wrong> {
    let people = console.read(people::all).await?;
    let frame = console.frame(visitor.text.people_title(), "/people", visitor).await?;
    Ok(html(&Page { frame, people, new }))
}

/// What is typed of a person.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    shown: String,
    security: Option<String>,
    clinical: Option<String>,
    biomedical: Option<String>,
    administrator: Option<String>,
    reader: Option<String>,
}

impl Typed {
    fn duties(&self) -> BTreeSet<Duty> {
        let chosen = [
            ("security", &self.security),
            ("clinical", &self.clinical),
            ("biomedical", &self.biomedical),
            ("administrator", &self.administrator),
            ("reader", &self.reader),
        ];
        let chosen = chosen.into_iter().filter(|(_, is_chosen)| is_chosen.is_some());
        chosen.filter_map(|(name, _)| Duty::read(name)).collect()
    }
}

/// Adds somebody, with a password that they change as soon as they sign in.
pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Html<String>, Wrong> {
    let (actor, now_ms) = (visitor.actor(), visitor.now_ms);
    let (first, hash) = first_password(&console).await?;
    let mut random = console.random();
    let own = typed.clone();
    let added = console
        .write(move |transaction| {
            let new = rules::New {
                name: own.name.trim(),
                shown: own.shown.trim(),
                duties: own.duties(),
                password: Some(&hash),
                password_of: PasswordOf::SomebodyElse,
            };
            let by = By { actor: &actor, at_ms: now_ms };
            rules::add(transaction, &new, by, &mut random)
        })
        .await?;
    added.map_err(|wrong| {
        let why = refusals::people(visitor.text, &wrong);
        Wrong::Typed(visitor.text.people_nobody_was_added(why).plain())
    })?;
    page(&console, &visitor, Some((typed.name, first))).await
}

/// A password that nobody chose, and its hash.
async fn first_password(console: &Arc<Console>) -> Result<(String, Secret<String>), Wrong> {
    let mut random = console.random();
    let first = code::draw(&mut random).expose().clone();
    let typed = first.clone();
    let hash = console.slowly(move || password::hash(&typed, &mut random)).await?;
    Ok((first, hash))
}

pub(super) async fn change(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path((id, change)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Wrong> {
    let (actor, now_ms) = (visitor.actor(), visitor.now_ms);
    let id = PersonId(id.into());
    let wanted = id.clone();
    let found = console.read(move |t| people::find(t, &wanted)).await?;
    let person = found.ok_or(Wrong::Nowhere("person"))?;
    let own = visitor.living.as_ref().map(|living| living.person.id.clone());
    let name = person.name.clone();
    let reset = match change.as_str() {
        "reset-password" => Some(first_password(&console).await?),
        _ => None,
    };
    let hash = reset.as_ref().map(|(_, hash)| hash.clone());
    let done = console
        .write(move |transaction| {
            let by = By { actor: &actor, at_ms: now_ms };
            match (change.as_str(), &hash) {
                ("duties", _) => {
                    rules::set_duties(transaction, &person, &typed.duties(), (own.as_ref(), by))
                }
                ("disable", _) => rules::disable(transaction, &person, (own.as_ref(), by)),
                ("enable", _) => rules::enable(transaction, &person, by).map(Ok),
                ("reset-second-factor", _) => {
                    rules::reset_second_factor(transaction, &person, by).map(Ok)
                }
                ("reset-password", Some(hash)) => {
                    rules::reset_password(transaction, &person, hash, by).map(Ok)
                }
                _ => Ok(Err(rules::Wrong::Nobody(change.clone()))),
            }
        })
        .await?;
    done.map_err(|wrong| {
        let why = refusals::people(visitor.text, &wrong);
        Wrong::Typed(visitor.text.people_nothing_was_changed(why).plain())
    })?;
    match reset {
        Some((first, _)) => {
            Ok(page(&console, &visitor, Some((name, first))).await?.into_response())
        }
        None => Ok(Redirect::to("/people").into_response()),
    }
}
