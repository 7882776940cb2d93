//! *Releases*: models at their versions, what they are made of, and what is known against them.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;
use store::releases::{self, Finding, Release};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::vulnerabilities::first_reason;
use super::{Console, words};
use crate::assessment;

const ROWS: usize = 100;
/// Findings, and components, of one release that are shown at once.
const FINDINGS: usize = 200;
const COMPONENTS: usize = 100;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    after: String,
    from: String,
}

#[derive(Template)]
#[template(path = "console/releases.html")]
struct List {
    frame: Frame,
    asked: Asked,
    releases: Vec<Release>,
    next: Option<String>,
}

pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame("Releases", "/releases", &visitor).await?;
    let own = asked.clone();
    let releases = console
        .read(move |transaction| {
            let after = match own.after.as_str() {
                "" => None,
                id => releases::one(transaction, id)?,
            };
            releases::page(transaction, &own.q, after.as_ref(), ROWS)
        })
        .await?;
    let next = releases.last().filter(|_| releases.len() == ROWS);
    let next = next.map(|last| words::query(&[("q", &asked.q), ("after", &last.id)]));
    Ok(html(&List { frame, asked, releases, next }))
}

/// A component, with what is told of it.
struct Part {
    name: String,
    version: String,
    rest: assessment::Component,
}

#[derive(Template)]
#[template(path = "console/release.html")]
struct One {
    frame: Frame,
    release: Release,
    rest: assessment::Release,
    findings: Vec<(Finding, String)>,
    components: Vec<Part>,
    from: i64,
    next: Option<i64>,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let from: i64 = asked.from.parse().unwrap_or_default();
    let found = console
        .read(move |transaction| {
            let Some(release) = releases::one(transaction, &id)? else { return Ok(None) };
            let findings = releases::findings(transaction, &id, FINDINGS)?;
            let components = releases::components(transaction, &id, from, COMPONENTS)?;
            Ok(Some((release, findings, components)))
        })
        .await?;
    let (release, findings, components) = found.ok_or(Wrong::Nowhere("release"))?;
    let rest = serde_json::from_str(&release.rest).map_err(|_| Wrong::Fault)?;
    let title =
        words::joined(&[&release.manufacturer, &release.model, &release.version], "Release");
    let frame = console.frame(&title, "/releases", &visitor).await?;
    let next = components.last().filter(|_| components.len() == COMPONENTS);
    let next = next.map(|(place, _)| place + 1);
    let findings = findings.into_iter().map(|(_, finding)| {
        let why = first_reason(&finding);
        (finding, why)
    });
    let findings = findings.collect();
    let components = components.into_iter().map(|(_, component)| Part {
        name: component.name,
        version: component.version,
        rest: serde_json::from_str(&component.rest).unwrap_or_default(),
    });
    let components = components.collect();
    Ok(html(&One { frame, release, rest, findings, components, from, next }))
}
