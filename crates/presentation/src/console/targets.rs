//! *Alerts*: to whom what happens is told, whether that succeeds, and trying it.
//!
//! Refuses to show a secret a second time, and the part of an address that may be one.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::alerts::{self, Target};
use store::audit::By;

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::alerts::{TOPICS, trial};
use crate::alerts::{new, new::Typed as Wanted};

#[derive(Template)]
#[template(path = "console/alerts.html")]
struct Page {
    frame: Frame,
    targets: Vec<Shown>,
    /// The secret of the one that was made just now.
    secret: Option<String>,
    /// What became of a test: whose, and in a sentence.
    tried: Option<(String, String)>,
}

impl Page {
    /// What can be done to a target: as it is written, and as it is said.
    fn changes(&self) -> [(&'static str, &'static str); 3] {
        let text = self.frame.text;
        [
            ("test", text.alerts_test()),
            ("resume", text.alerts_try_now()),
            ("remove", text.alerts_remove()),
        ]
    }

    /// What a target can be told of: as it is written, and as it is said.
    fn topics(&self) -> [(&'static str, &'static str); TOPICS.len()] {
        let text = self.frame.text;
        TOPICS.map(|(topic, _)| match topic {
            "detection" => (topic, text.alerts_of_detections()),
            "order" => (topic, text.alerts_of_orders()),
            "finding" => (topic, text.alerts_of_findings()),
            _ => (topic, text.alerts_of_agent()),
        })
    }
}

struct Shown {
    target: Target,
    /// Where it is, without what may be a secret.
    place: String,
    waiting: i64,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    page(&console, &visitor, None, None).await
}

async fn page(
    console: &Arc<Console>,
    visitor: &Visitor,
    secret: Option<String>,
    tried: Option<(String, String)>,
) -> Result<Html<String>, Wrong> {
    let found = console
        .read(|transaction| {
            let mut all = Vec::new();
            for target in alerts::targets(transaction)? {
                let waiting = alerts::waiting(transaction, &target)?;
                all.push((target, waiting));
            }
            Ok(all)
        })
        .await?;
    let shown = |(target, waiting): (Target, i64)| {
        let place = console.courier.check(&target.place, "").map(|(_, place)| place);
        Shown { target, place: place.unwrap_or_default(), waiting }
    };
    let targets = found.into_iter().map(shown).collect();
    let frame = console.frame(visitor.text.alerts_title(), "/settings", visitor).await?;
    Ok(html(&Page { frame, targets, secret, tried }))
}

/// What is typed of a target.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    place: String,
    format: String,
    authority: String,
    detection: Option<String>,
    order: Option<String>,
    finding: Option<String>,
    agent: Option<String>,
}

impl Typed {
    fn topics(&self) -> Vec<String> {
        let chosen = [
            ("detection", &self.detection),
            ("order", &self.order),
            ("finding", &self.finding),
            ("agent", &self.agent),
        ];
        let chosen = chosen.into_iter().filter(|(_, is_chosen)| is_chosen.is_some());
        chosen.map(|(name, _)| name.to_owned()).collect()
    }
}

pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Html<String>, Wrong> {
    let topics = typed.topics();
    let wanted = Wanted {
        name: &typed.name,
        place: &typed.place,
        format: &typed.format,
        authority: &typed.authority,
        topics,
    };
    let made = new::make(&wanted, &*console.courier, &mut console.random());
    let (target, secret) = made.map_err(Wrong::Typed)?;
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    let added = console
        .write(move |transaction| new::add(transaction, &target, By { actor: &actor, at_ms }))
        .await?;
    added.map_err(Wrong::Typed)?;
    page(&console, &visitor, secret.map(|secret| secret.expose().clone()), None).await
}

pub(super) async fn change(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path((id, change)): Path<(String, String)>,
) -> Result<Response, Wrong> {
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    if change == "test" {
        let all = console.read(alerts::targets).await?;
        let target = all.into_iter().find(|target| target.id == id);
        let target = target.ok_or(Wrong::Nowhere("target"))?;
        let alert = trial(format!("test_{}", console.random().id()), at_ms);
        let (courier, name) = (Arc::clone(&console.courier), target.name.clone());
        let sent = tokio::task::spawn_blocking(move || courier.send(&target, &[alert])).await;
        let sentence = sent.map_err(|_| Wrong::Fault)?.sentence();
        return Ok(page(&console, &visitor, None, Some((name, sentence))).await?.into_response());
    }
    let done = console
        .write(move |transaction| {
            let by = By { actor: &actor, at_ms };
            match change.as_str() {
                "remove" => alerts::remove(transaction, &id, by),
                "resume" => alerts::resume(transaction, &id, by),
                _ => Ok(false),
            }
        })
        .await?;
    if !done {
        return Err(Wrong::Nowhere("target"));
    }
    Ok(Redirect::to("/settings/alerts").into_response())
}
