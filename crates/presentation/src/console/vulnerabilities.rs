//! *Vulnerabilities*: what an advisory means for the hospital's devices.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;
use store::devices::{self, Device, Order};
use store::releases::{self, Finding, Release};
use store::vulnerabilities::{self, Filter, Vulnerability};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::assessment;
use crate::sign_in::rights::Right;

const ROWS: usize = 50;
/// Releases, and devices, of one vulnerability that are shown.
const RELEASES: usize = 200;
const DEVICES: usize = 50;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    exploited: String,
    decision: String,
    after: String,
}

impl Asked {
    fn filter(&self) -> Filter<'_> {
        Filter {
            search: &self.q,
            is_exploited: !self.exploited.is_empty(),
            decision: self.decision.parse().ok(),
            since_ms: None,
        }
    }

    fn has_decision(&self, value: &str) -> bool {
        self.decision == value
    }

    fn after(&self, last: &Vulnerability) -> String {
        words::query(&[
            ("q", &self.q),
            ("exploited", &self.exploited),
            ("decision", &self.decision),
            ("after", &last.id),
        ])
    }
}

#[derive(Template)]
#[template(path = "console/vulnerabilities.html")]
struct List {
    frame: Frame,
    asked: Asked,
    vulnerabilities: Vec<Vulnerability>,
    count: i64,
    next: Option<String>,
}

pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let frame =
        console.frame(visitor.text.vulnerabilities_title(), "/vulnerabilities", &visitor).await?;
    let own = asked.clone();
    let (vulnerabilities, count) = console
        .read(move |transaction| {
            let after = match own.after.as_str() {
                "" => None,
                id => vulnerabilities::one(transaction, id)?,
            };
            let filter = own.filter();
            let page = vulnerabilities::page(transaction, &filter, after.as_ref(), ROWS)?;
            Ok((page, vulnerabilities::count(transaction, &filter)?))
        })
        .await?;
    let next = vulnerabilities.last().filter(|_| vulnerabilities.len() == ROWS);
    let next = next.map(|last| asked.after(last));
    Ok(html(&List { frame, asked, vulnerabilities, count, next }))
}

#[derive(Template)]
#[template(path = "console/vulnerability.html")]
struct One {
    frame: Frame,
    vulnerability: Vulnerability,
    rest: assessment::Vulnerability,
    releases: Vec<(Release, Finding, String)>,
    devices: Vec<Device>,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Html<String>, Wrong> {
    let found = console
        .read(move |transaction| {
            let Some(vulnerability) = vulnerabilities::one(transaction, &id)? else {
                return Ok(None);
            };
            let releases = releases::of_vulnerability(transaction, &id, RELEASES)?;
            let filter = devices::Filter { vulnerability: Some(&id), ..Default::default() };
            let devices = devices::page(transaction, &filter, Order::Decision, None, DEVICES)?;
            Ok(Some((vulnerability, releases, devices)))
        })
        .await?;
    let (vulnerability, releases, devices) = found.ok_or(Wrong::Nowhere("vulnerability"))?;
    let rest = serde_json::from_str(&vulnerability.rest).map_err(|_| Wrong::Fault)?;
    let frame = console.frame(&vulnerability.id, "/vulnerabilities", &visitor).await?;
    let releases = releases.into_iter();
    let releases = releases.map(|(release, finding)| {
        let why = first_reason(&finding);
        (release, finding, why)
    });
    let releases = releases.collect();
    Ok(html(&One { frame, vulnerability, rest, releases, devices }))
}

/// Why, in the first sentence.
pub(super) fn first_reason(finding: &Finding) -> String {
    let reasons: Vec<assessment::Reason> =
        serde_json::from_str(&finding.reasons).unwrap_or_default();
    reasons.into_iter().next().map(|reason| reason.sentence).unwrap_or_default()
}
