//! *Detections*: what was found on the network, and what people say that it was.
//!
//! Refuses to judge by itself, and to forget what was said before: it stands in the audit chain.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::audit::By;
use store::detections::{self, Detection};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, orders, words};
use crate::sign_in::rights::Right;

/// Rows of a page.
const ROWS: usize = 100;

/// What a detection may have been, as it is written.
const JUDGEMENTS: [&str; 3] = ["attack", "expected", "mistaken"];

/// What can be asked of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "console/detections.html")]
struct List {
    frame: Frame,
    found: Vec<Detection>,
    next: Option<i64>,
}

pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let before = asked.before.unwrap_or(i64::MAX);
    let found = console.read(move |t| detections::before(t, before, ROWS)).await?;
    let next = found.last().filter(|_| found.len() == ROWS).map(|last| last.number);
    let frame = console.frame(visitor.text.detections_title(), "/", &visitor).await?;
    Ok(html(&List { frame, found, next }))
}

#[derive(Template)]
#[template(path = "console/detection.html")]
struct One {
    frame: Frame,
    found: Detection,
    rest: Rest,
}

/// What the agent says of it besides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rest {
    targets: Vec<String>,
    service: Option<String>,
    proposed: String,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<i64>,
) -> Result<Html<String>, Wrong> {
    let found = console.read(move |t| detections::one(t, number)).await?;
    let found = found.ok_or(Wrong::Nowhere("detection"))?;
    let rest = serde_json::from_str(&found.rest).unwrap_or_default();
    let frame =
        console.frame(visitor.text.detection_title(number.to_string()), "/", &visitor).await?;
    Ok(html(&One { frame, found, rest }))
}

/// What somebody says of a detection.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    judgement: String,
    reason: String,
}

pub(super) async fn judge(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<i64>,
    Form(said): Form<Said>,
) -> Result<Response, Wrong> {
    if !JUDGEMENTS.contains(&said.judgement.as_str()) {
        return Err(Wrong::Typed(visitor.text.detection_choose_what_it_was().to_owned()));
    }
    let reason = orders::because(visitor.text, &said.reason)?;
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    let judged = console
        .write(move |transaction| {
            let by = By { actor: &actor, at_ms };
            detections::judge(transaction, number, (&said.judgement, &reason), by)
        })
        .await?;
    if !judged {
        return Err(Wrong::Nowhere("detection"));
    }
    console.tell("orders");
    Ok(Redirect::to(&format!("/detections/{number}")).into_response())
}
