//! Lists of devices that somebody has given a name, to look at them again.
//!
//! Refuses to let anybody remove a list of somebody else's. One that was removed can be brought
//! back.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::views::{self, EACH, SavedView};

use super::super::Console;
use super::super::access::Visitor;
use super::super::page::Wrong;
use crate::sign_in::rights::Who;

/// Longest name, in characters, and longest query, in bytes.
const NAME: usize = 60;
const QUERY: usize = 2_000;

/// Who looks: a person's id.
pub(super) fn person(visitor: &Visitor) -> String {
    visitor.who.as_ref().map(Who::person).map(|id| id.0.to_string()).unwrap_or_default()
}

/// What is to be saved.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Typed {
    name: String,
    query: String,
    shared: String,
}

pub(in super::super) async fn save(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Response, Wrong> {
    let name = typed.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(Wrong::Typed(format!("A list has a name of at most {NAME} characters.")));
    }
    if typed.query.len() > QUERY || typed.query.chars().any(char::is_control) {
        return Err(Wrong::Typed("What the list asks for is too long.".to_owned()));
    }
    let view = SavedView {
        id: console.random().id(),
        owner: person(&visitor),
        is_shared: !typed.shared.is_empty(),
        name,
        query: typed.query,
        made_ms: visitor.now_ms,
    };
    let back = address(&view.query);
    let had_room = console.write(move |t| views::save(t, &view)).await?;
    if !had_room {
        return Err(Wrong::Typed(format!(
            "You keep {EACH} lists already. Remove one that you need no more."
        )));
    }
    Ok(Redirect::to(&back).into_response())
}

pub(in super::super) async fn change(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path((id, change)): Path<(String, String)>,
) -> Result<Response, Wrong> {
    let (owner, at_ms, own) = (person(&visitor), visitor.now_ms, id.clone());
    let (is_done, back) = match change.as_str() {
        "remove" => {
            let done = console.write(move |t| views::remove(t, &owner, &own, at_ms)).await?;
            (done, format!("/devices?removed={}", super::words::address(&id)))
        }
        "bring-back" => {
            let found = console.write(move |t| {
                let found = views::removed(t, &owner, &own)?;
                views::bring_back(t, &owner, &own).map(|done| found.filter(|_| done))
            });
            let found = found.await?;
            (found.is_some(), found.map(|view| address(&view.query)).unwrap_or_default())
        }
        _ => (false, String::new()),
    };
    if !is_done {
        return Err(Wrong::Nowhere("list"));
    }
    Ok(Redirect::to(&back).into_response())
}

/// Where a list is.
fn address(query: &str) -> String {
    if query.is_empty() { "/devices".to_owned() } else { format!("/devices?{query}") }
}
