//! Search over everything: devices, releases, components, vulnerabilities.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;
use store::devices::{self, Device, Filter, Order};
use store::releases::{self, Component, Release};
use store::vulnerabilities::{self, Vulnerability};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};

/// How many of each kind are shown.
const EACH: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "console/search.html")]
struct Page {
    frame: Frame,
    q: String,
    devices: Vec<Device>,
    releases: Vec<Release>,
    components: Vec<(Release, Component)>,
    vulnerabilities: Vec<Vulnerability>,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let mut frame = console.frame(visitor.text.search_title(), "/search", &visitor).await?;
    let q = asked.q.trim().to_owned();
    frame.search.clone_from(&q);
    let wanted = q.clone();
    let (devices, releases, components, vulnerabilities) = console
        .read(move |transaction| {
            if wanted.is_empty() {
                return Ok(Default::default());
            }
            let filter = Filter { search: &wanted, ..Filter::default() };
            let devices = devices::page(transaction, &filter, Order::Decision, None, EACH)?;
            let releases = releases::page(transaction, &wanted, None, EACH)?;
            let components = releases::with_component(transaction, &wanted, EACH)?;
            let filter = vulnerabilities::Filter { search: &wanted, ..Default::default() };
            let vulnerabilities = vulnerabilities::page(transaction, &filter, None, EACH)?;
            Ok((devices, releases, components, vulnerabilities))
        })
        .await?;
    Ok(html(&Page { frame, q, devices, releases, components, vulnerabilities }))
}
