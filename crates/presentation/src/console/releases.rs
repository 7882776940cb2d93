//! *Releases*: models at their versions, what they are made of, and what is known against them.

mod compared;

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;
use store::StoreError;
use store::database::Transaction;
use store::releases::{self, Finding, Release};

use self::compared::{Compared, Quality};
use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::vulnerabilities::first_reason;
use super::{Console, words};
use crate::assessment;
use crate::sign_in::rights::Right;
use crate::text::{Text, Value};

const ROWS: usize = 100;
/// Findings, and components, of one release that are shown at once.
const FINDINGS: usize = 200;
const COMPONENTS: usize = 100;
/// Components, and findings, of one release that are compared; what comes after is not.
const COMPARED: usize = 20_000;
/// Releases of a model that one can be compared with.
const OTHERS: usize = 50;

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
    let frame = console.frame(visitor.text.releases_title(), "/releases", &visitor).await?;
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
    quality: Quality,
    /// Other releases of its model.
    others: Vec<Release>,
}

impl One {
    fn links_to_others(&self, text: impl words::Given<Text>) -> Value<'static> {
        let text = text.given();
        let (id, unknown) = (&self.release.id, text.release_version_unknown());
        let links = self.others.iter().map(|other| {
            let version = if other.version.is_empty() { unknown } else { &other.version };
            (format!("/releases/{id}/diff/{}", other.id), version.to_owned())
        });
        Value::links(text, links)
    }

    fn links_to_sboms(&self) -> Value<'static> {
        let at = |name: &str| format!("/documents/{}", words::address(name));
        let links = self.rest.sboms.iter().map(|name| (at(name), name.clone()));
        Value::links(self.frame.text, links)
    }
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
            let quality = compared::quality(&all_parts(transaction, &id)?);
            let others = others(transaction, &release)?;
            Ok(Some((release, findings, components, quality, others)))
        })
        .await?;
    let (release, findings, components, quality, others) =
        found.ok_or(Wrong::Nowhere("release"))?;
    let rest = serde_json::from_str(&release.rest).map_err(|_| Wrong::Fault)?;
    let title = words::joined(
        &[&release.manufacturer, &release.model, &release.version],
        visitor.text.release_title(),
    );
    let frame = console.frame(title, "/releases", &visitor).await?;
    let next = components.last().filter(|_| components.len() == COMPONENTS);
    let next = next.map(|(place, _)| place + 1);
    let findings = findings.into_iter().map(|(_, finding)| {
        let why = first_reason(&finding);
        (finding, why)
    });
    let findings = findings.collect();
    let components = components.into_iter().map(|(_, component)| part(component)).collect();
    Ok(html(&One { frame, release, rest, findings, components, from, next, quality, others }))
}

fn part(component: releases::Component) -> Part {
    Part {
        name: component.name,
        version: component.version,
        rest: serde_json::from_str(&component.rest).unwrap_or_default(),
    }
}

/// The components of a release, as many as are compared.
fn all_parts(transaction: &mut Transaction<'_>, id: &str) -> Result<Vec<Part>, StoreError> {
    let (mut parts, mut from) = (Vec::new(), 0);
    while parts.len() < COMPARED {
        let page = releases::components(transaction, id, from, releases::PAGE)?;
        let Some((last, _)) = page.last() else { break };
        from = last + 1;
        let is_last = page.len() < releases::PAGE;
        parts.extend(page.into_iter().map(|(_, component)| part(component)));
        if is_last {
            break;
        }
    }
    Ok(parts)
}

/// The other releases of a release's model.
fn others(transaction: &mut Transaction<'_>, own: &Release) -> Result<Vec<Release>, StoreError> {
    let search = words::joined(&[&own.manufacturer, &own.model], "");
    let mut others = releases::page(transaction, &search, None, OTHERS)?;
    others.retain(|other| {
        let is_same = other.manufacturer == own.manufacturer && other.model == own.model;
        is_same && other.id != own.id
    });
    Ok(others)
}

#[derive(Template)]
#[template(path = "console/release_diff.html")]
struct Diff {
    frame: Frame,
    first: Release,
    second: Release,
    compared: Compared,
    /// Whether all components of both were compared.
    is_whole: bool,
}

pub(super) async fn diff(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path((id, other)): Path<(String, String)>,
) -> Result<Html<String>, Wrong> {
    let found = console
        .read(move |transaction| {
            let first = releases::one(transaction, &id)?;
            let second = releases::one(transaction, &other)?;
            let Some((first, second)) = first.zip(second) else { return Ok(None) };
            let mut sides = Vec::new();
            for release in [&id, &other] {
                let findings = releases::findings(transaction, release, COMPARED)?;
                let findings: Vec<Finding> = findings.into_iter().map(|(_, one)| one).collect();
                sides.push((all_parts(transaction, release)?, findings));
            }
            Ok(Some((first, second, sides)))
        })
        .await?;
    let (first, second, sides) = found.ok_or(Wrong::Nowhere("release"))?;
    let [(before, known), (after, then)] = &*sides else { return Err(Wrong::Fault) };
    let compared = compared::compare((before, known), (after, then));
    let is_whole = before.len() < COMPARED && after.len() < COMPARED;
    let text = visitor.text;
    let (one, other) = (words::release(text, &first), words::release(text, &second));
    let title = text.release_diff_title(one, other);
    let frame = console.frame(title, "/releases", &visitor).await?;
    Ok(html(&Diff { frame, first, second, compared, is_whole }))
}
