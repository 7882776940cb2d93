//! *Settings*: what is set for all.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use store::audit::{self, Entry};
use store::database::Transaction;
use store::{StoreError, settings};

use super::access::Visitor;
use super::page::{Frame, HOSPITAL, Wrong, html};
use super::{Console, words};
use crate::text::Text;

/// Longest name of a hospital, in characters.
const NAME: usize = 80;
/// Under which name it is set after how many hours a device counts as silent.
const SILENT: &str = "network.silent-after-hours";
/// After how many where nothing is set, and the least and the most.
const SILENT_HOURS: i64 = 24;
const SILENT_LEAST: i64 = 1;
const SILENT_MOST: i64 = 24 * 90;

#[derive(Template)]
#[template(path = "console/settings.html")]
struct Page {
    frame: Frame,
    store: String,
    zone: String,
    silent_hours: i64,
    /// Who is asked who somebody is.
    provider: Option<String>,
}

/// After how many hours in which it was not seen a device counts as silent.
pub(super) fn silent_hours(transaction: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let set = settings::get(transaction, SILENT)?.and_then(|hours| hours.parse().ok());
    Ok(set.filter(|hours| (SILENT_LEAST..=SILENT_MOST).contains(hours)).unwrap_or(SILENT_HOURS))
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame(visitor.text.settings_title(), "/settings", &visitor).await?;
    let store = console.database.place().to_string();
    let zone = frame.zone.iana_name().unwrap_or("UTC").to_owned();
    let silent_hours = console.read(silent_hours).await?;
    let provider = console.read(store::provider::get).await?.map(|provider| provider.name);
    Ok(html(&Page { frame, store, zone, silent_hours, provider }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    hospital: Option<String>,
    silent_hours: Option<i64>,
}

impl Typed {
    /// What is set, by name.
    fn set(self, text: Text) -> Result<Vec<(&'static str, String)>, Wrong> {
        let mut set = Vec::new();
        if let Some(name) = self.hospital {
            let name = name.trim().to_owned();
            if name.chars().count() > NAME || name.chars().any(char::is_control) {
                return Err(Wrong::Typed(text.settings_name_too_long(NAME).plain()));
            }
            set.push((HOSPITAL, name));
        }
        if let Some(hours) = self.silent_hours {
            if !(SILENT_LEAST..=SILENT_MOST).contains(&hours) {
                let (least, most) = (SILENT_LEAST.to_string(), SILENT_MOST.to_string());
                return Err(Wrong::Typed(text.settings_silent_hours(least, most).plain()));
            }
            set.push((SILENT, hours.to_string()));
        }
        Ok(set)
    }
}

pub(super) async fn change(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Response, Wrong> {
    let set = typed.set(visitor.text)?;
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    console
        .write(move |transaction| {
            for (name, value) in set {
                if settings::get(transaction, name)?.as_ref() == Some(&value) {
                    continue;
                }
                settings::set(transaction, name, &value)?;
                let entry = Entry {
                    at_ms,
                    actor: actor.clone(),
                    action: "settings.set".to_owned(),
                    subject: name.to_owned(),
                    detail: json!({ "value": value }).to_string(),
                };
                audit::append(transaction, &entry)?;
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to("/settings").into_response())
}
