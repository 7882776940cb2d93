//! Documents for programs: the list, one, and its bytes as they were received.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::documents::{self, Current, Listed};
use store::readings::{self, Reading};
use utoipa::ToSchema;

use super::answer::{self, Page, moment};
use super::asked::{Asked, Named};
use super::devices::PageAsked;
use super::problem::{Kind, Problem};
use crate::assessment;
use crate::console::Console;

/// A document that counts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedDocument)]
pub(crate) struct Document {
    /// Its name.
    pub(crate) name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub(crate) hash: String,
    /// Its size in bytes.
    pub(crate) bytes: i64,
    /// From where it came.
    pub(crate) source: String,
    /// When it came.
    #[schema(format = DateTime)]
    pub(crate) received: String,
    /// What was read of it; null until it is judged.
    pub(crate) reading: Option<WhatWasRead>,
}

/// What was read of a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhatWasRead {
    /// Its format.
    format: String,
    /// How many records it has.
    records: i64,
    /// How many of them became facts.
    records_read: i64,
    /// Whether it was refused or cut short.
    refused: bool,
    /// How many problems were found.
    problem_count: i64,
}

fn was_read(reading: &Reading) -> WhatWasRead {
    WhatWasRead {
        format: reading.format.clone(),
        records: reading.records,
        records_read: reading.records_read,
        refused: reading.is_refused,
        problem_count: reading.problems,
    }
}

pub(crate) fn shown(current: Current, bytes: i64, reading: Option<&Reading>) -> Document {
    Document {
        name: current.name,
        hash: current.hash,
        bytes,
        source: current.source,
        received: moment(current.at_ms),
        reading: reading.map(was_read),
    }
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<Document>>, Problem> {
    let after = own.after::<String>(own.asked.cursor.as_deref())?;
    let size = own.asked.limit.rows();
    let rows = console.read(move |t| documents::page(t, after.as_deref(), size)).await?;
    let show = |Listed { current, bytes, reading }| shown(current, bytes, reading.as_ref());
    Ok(Json(Page::new(rows, size, |last| own.next(&last.current.name), show)))
}

/// A document, with what is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub(crate) struct Whole {
    #[serde(flatten)]
    listed: Document,
    /// The first of its problems.
    problems: Vec<assessment::Problem>,
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Named(name): Named<String>,
) -> Result<Json<Whole>, Problem> {
    let (current, bytes, reading) = console
        .read(move |transaction| {
            let Some(current) = documents::one(transaction, &name)? else { return Ok(None) };
            let bytes = documents::size(transaction, &current.hash)?;
            Ok(Some((current, bytes, readings::one(transaction, &name)?)))
        })
        .await?
        .ok_or_else(|| Problem::nowhere("document"))?;
    let problems = reading.as_ref().map(|reading| serde_json::from_str(&reading.rest));
    let problems = problems.transpose().map_err(|_| Problem::of(Kind::Fault))?;
    let listed = shown(current, bytes, reading.as_ref());
    Ok(Json(Whole { listed, problems: problems.unwrap_or_default() }))
}

/// The bytes, as they were received. Whoever has them already is told so before they are unpacked.
pub(crate) async fn content(
    State(console): State<Arc<Console>>,
    Named(name): Named<String>,
    request: Request,
) -> Result<Response, Problem> {
    let wanted = name.clone();
    let current = console.read(move |t| documents::one(t, &wanted)).await?;
    let current = current.ok_or_else(|| Problem::nowhere("document"))?;
    let tag = format!("\"{}\"", current.hash);
    let headers = [(CONTENT_TYPE, "application/octet-stream".to_owned()), (ETAG, tag)];
    let known = answer::known(&request);
    let answer = answer::unless_known((headers.clone(), ()).into_response(), known.as_deref());
    let answer = answer.await;
    if answer.status() == StatusCode::NOT_MODIFIED {
        return Ok(answer);
    }
    // Each is unpacked whole, so few are at once.
    let _turn = console.packing.acquire().await.map_err(|_| Problem::of(Kind::Fault))?;
    let bytes = console.read(move |t| documents::bytes(t, &current.hash)).await?;
    let bytes = bytes.ok_or_else(|| Problem::nowhere("document"))?;
    Ok((headers, bytes).into_response())
}
