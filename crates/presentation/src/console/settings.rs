//! *Settings*: what is set for all.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Entry};
use store::settings;

use super::Console;
use super::access::Visitor;
use super::page::{Frame, HOSPITAL, Wrong, html};

/// Longest name of a hospital, in characters.
const NAME: usize = 80;

#[derive(Template)]
#[template(path = "console/settings.html")]
struct Page {
    frame: Frame,
    store: String,
    zone: String,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame("Settings", "/settings", &visitor).await?;
    let store = console.database.place().to_string();
    let zone = frame.zone.iana_name().unwrap_or("UTC").to_owned();
    Ok(html(&Page { frame, store, zone }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    hospital: String,
}

pub(super) async fn change(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Response, Wrong> {
    let name = typed.hospital.trim().to_owned();
    if name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(Wrong::Typed(format!("A name has at most {NAME} characters.")));
    }
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    console
        .write(move |transaction| {
            settings::set(transaction, HOSPITAL, &name)?;
            let entry = Entry {
                at_ms,
                actor,
                action: "settings.set".to_owned(),
                subject: HOSPITAL.to_owned(),
                detail: json!({ "value": name }).to_string(),
            };
            audit::append(transaction, &entry)
        })
        .await?;
    Ok(Redirect::to("/settings").into_response())
}
