//! *Documents*: what was received, and what could not be read of it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Html;
use store::readings::{self, Reading};
use store::{compiled, documents};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::assessment::Problem;
use crate::sign_in::rights::Right;
use crate::terminal;

const ROWS: usize = 2_000;

#[derive(Template)]
#[template(path = "console/documents.html")]
struct List {
    frame: Frame,
    readings: Vec<Reading>,
}

pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame(visitor.text.documents_title(), "/documents", &visitor).await?;
    let readings = console.read(|transaction| readings::list(transaction, ROWS)).await?;
    Ok(html(&List { frame, readings }))
}

#[derive(Template)]
#[template(path = "console/document.html")]
struct One {
    frame: Frame,
    reading: Reading,
    problems: Vec<Problem>,
    receipts: Vec<documents::Current>,
    /// Whether whoever looks may take it away, and no folder would put it back.
    can_withdraw: bool,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<Html<String>, Wrong> {
    let title = name.clone();
    let found = console
        .read(move |transaction| {
            let Some(reading) = readings::one(transaction, &name)? else { return Ok(None) };
            let receipts = documents::receipts(transaction, &name)?;
            Ok(Some((reading, receipts)))
        })
        .await?;
    let Some((reading, receipts)) = found else {
        let has_base = console.read(|transaction| Ok(!compiled::all(transaction)?.is_empty()));
        let what = if has_base.await? { "document-of-base" } else { "document" };
        return Err(Wrong::Nowhere(what));
    };
    let problems = serde_json::from_str(&reading.rest).map_err(|_| Wrong::Fault)?;
    let frame = console.frame(&title, "/documents", &visitor).await?;
    let is_watched = receipts.first().is_some_and(|last| console.watches(&last.source));
    let can_withdraw = !is_watched && frame.may(Right::UploadDocuments);
    Ok(html(&One { frame, reading, problems, receipts, can_withdraw }))
}
