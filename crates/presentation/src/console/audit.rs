//! *Audit*: what was done and by whom, the last first; and whether the chain holds.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;
use store::audit::{self, Entry, Head};

use super::Console;
use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::words;

const ROWS: i64 = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: String,
}

#[derive(Template)]
#[template(path = "console/audit.html")]
struct Page {
    frame: Frame,
    entries: Vec<(i64, Entry)>,
    head: Head,
    broken: Option<String>,
    next: Option<i64>,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let before = asked.before.parse().unwrap_or(i64::MAX);
    let (entries, head, verified) = console
        .read(move |transaction| {
            let entries = audit::last(transaction, before, ROWS)?;
            let head = audit::head(transaction)?;
            Ok((entries, head, audit::verify(transaction, None)?))
        })
        .await?;
    let broken = verified.err().map(|broken| broken.to_string());
    let next = entries.last().map(|(number, _)| *number).filter(|number| *number > 1);
    let frame = console.frame(visitor.text.audit_title(), "/audit", &visitor).await?;
    Ok(html(&Page { frame, entries, head, broken, next }))
}
