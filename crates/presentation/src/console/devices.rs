//! *Devices*: the list, and one device with all that is known of it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use http_body_util::channel::Channel;
use serde::Deserialize;
use store::database::Transaction;
use store::devices::{self, Counted, Device, Filter, Group, Order};
use store::judgements::{self, Change};
use store::releases::{self, Finding, Release};
use store::vulnerabilities::{self, Vulnerability};
use store::{StoreError, rankings};

use super::access::Visitor;
use super::orders::is_open;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::assessment::{self, RankedFinding, Reason};
use crate::export;
use crate::orders::SeenOrder;
use crate::sign_in::rights::Right;

/// Rows of a page, where nothing else is asked for.
const ROWS: usize = 50;
/// Units and services that can be chosen from.
const CHOICES: usize = 500;
/// Findings of one device that are shown at once.
const FINDINGS: usize = 200;
/// Changes of one device that are shown.
const CHANGES: usize = 50;
/// Pages of an export that may be made before they are taken.
const PAGES_AHEAD: usize = 4;

/// What can be asked of the list, as it stands in the address.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    unit: String,
    service: String,
    decision: String,
    criticality: String,
    release: String,
    vulnerability: String,
    order: String,
    after: String,
    group: String,
}

impl Asked {
    fn filter(&self) -> Filter<'_> {
        fn text(text: &str) -> Option<&str> {
            Some(text).filter(|text| !text.is_empty())
        }
        Filter {
            search: &self.q,
            care_service: text(&self.service),
            unit: text(&self.unit),
            decision: self.decision.parse().ok(),
            criticality: self.criticality.parse().ok(),
            release: text(&self.release),
            vulnerability: text(&self.vulnerability),
            support_before: None,
        }
    }

    fn order(&self) -> Order {
        match self.order.as_str() {
            "model" => Order::Model,
            "place" => Order::Place,
            "support" => Order::Support,
            _ => Order::Decision,
        }
    }

    fn group(&self) -> Option<Group> {
        match self.group.as_str() {
            "unit" => Some(Group::Unit),
            "service" => Some(Group::CareService),
            "model" => Some(Group::Model),
            _ => None,
        }
    }

    /// Whether that is asked for.
    fn has(&self, name: &str, value: &str) -> bool {
        self.pairs().contains(&(name, value))
    }

    fn pairs(&self) -> [(&'static str, &str); 8] {
        [
            ("q", &self.q),
            ("unit", &self.unit),
            ("service", &self.service),
            ("decision", &self.decision),
            ("criticality", &self.criticality),
            ("release", &self.release),
            ("vulnerability", &self.vulnerability),
            ("order", &self.order),
        ]
    }

    /// The address of this list with one thing asked otherwise, from its first page on.
    fn with(&self, name: &str, value: &str) -> String {
        let others = self.pairs().into_iter().filter(|(own, _)| *own != name);
        words::query(&others.chain([(name, value)]).collect::<Vec<_>>())
    }

    fn is_filtered(&self) -> bool {
        !self.with("order", "").is_empty()
    }
}

#[derive(Template)]
#[template(path = "console/devices.html")]
struct List {
    frame: Frame,
    asked: Asked,
    devices: Vec<Device>,
    count: i64,
    units: Vec<Counted>,
    services: Vec<Counted>,
    groups: Vec<Counted>,
    next: Option<String>,
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame("Devices", "/devices", &visitor).await?;
    let own = asked.clone();
    let (devices, count, units, services, groups) = console
        .read(move |transaction| {
            let (filter, order) = (own.filter(), own.order());
            let groups = match own.group() {
                Some(group) => devices::groups(transaction, group, CHOICES)?,
                None => Vec::new(),
            };
            let after = if own.after.is_empty() { None } else { one(transaction, &own.after)? };
            let page = devices::page(transaction, &filter, order, after.as_ref(), ROWS)?;
            let count = devices::count(transaction, &filter)?;
            let units = devices::groups(transaction, Group::Unit, CHOICES)?;
            let services = devices::groups(transaction, Group::CareService, CHOICES)?;
            Ok((page, count, units, services, groups))
        })
        .await?;
    let next = devices.last().filter(|_| devices.len() == ROWS);
    let next = next.map(|last| asked.with("after", &last.id));
    Ok(html(&List { frame, asked, devices, count, units, services, groups, next }))
}

fn one(transaction: &mut Transaction<'_>, id: &str) -> Result<Option<Device>, StoreError> {
    devices::one(transaction, id)
}

/// The same list as a table for other programs (RFC 4180), made page by page as it is taken.
pub(crate) async fn csv(
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Wrong> {
    let (sender, body) = Channel::<Bytes, StoreError>::new(PAGES_AHEAD);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"devices.csv\""),
    ];
    let database = Arc::clone(&console.database);
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut sender = sender;
        let mut after = None;
        let mut is_first = true;
        loop {
            let look = |transaction: &mut Transaction<'_>| {
                let (filter, order) = (asked.filter(), asked.order());
                devices::page(transaction, &filter, order, after.as_ref(), devices::PAGE)
            };
            let page = match database.read("read the store", look) {
                Ok(page) => page,
                Err(error) => return sender.abort(error),
            };
            let mut text = Vec::new();
            // Memory takes whatever is written.
            let _ = export::listed(&page, is_first, &mut text);
            let sent = runtime.block_on(sender.send_data(text.into()));
            // Whoever hung up wants no more.
            if sent.is_err() || page.len() < devices::PAGE {
                return;
            }
            (after, is_first) = (page.into_iter().next_back(), false);
        }
    });
    Ok((headers, Body::new(body)).into_response())
}

#[derive(Template)]
#[template(path = "console/device.html")]
struct One {
    frame: Frame,
    device: Device,
    rest: assessment::Device,
    release: Option<Release>,
    findings: Vec<(RankedFinding, Option<Finding>)>,
    findings_in_all: usize,
    changes: Vec<Change>,
    order: Option<SeenOrder>,
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Html<String>, Wrong> {
    let found = console
        .read(move |transaction| {
            let Some(device) = devices::one(transaction, &id)? else { return Ok(None) };
            let release = match &device.release {
                Some(release) => releases::one(transaction, release)?,
                None => None,
            };
            let ranked = ranked(transaction, &device)?;
            let findings_in_all = ranked.len();
            let mut findings = Vec::new();
            for ranked in ranked.into_iter().take(FINDINGS) {
                let finding = finding_of(transaction, &device, &ranked)?;
                findings.push((ranked, finding));
            }
            let changes = judgements::changes(transaction, Some(&id), CHANGES)?;
            Ok(Some((device, release, findings, findings_in_all, changes)))
        })
        .await?;
    let (device, release, findings, findings_in_all, changes) =
        found.ok_or(Wrong::Nowhere("device"))?;
    let rest = serde_json::from_str(&device.rest).map_err(|_| Wrong::Fault)?;
    let order = console.seen().of_device(&device.id).filter(|order| is_open(order)).cloned();
    let frame = console.frame(&device.id, "/devices", &visitor).await?;
    Ok(html(&One { frame, device, rest, release, findings, findings_in_all, changes, order }))
}

/// What its release's findings mean for a device, the worst first.
pub(crate) fn ranked(
    transaction: &mut Transaction<'_>,
    device: &Device,
) -> Result<Vec<RankedFinding>, StoreError> {
    let Some(name) = &device.ranking else { return Ok(Vec::new()) };
    let json = rankings::json(transaction, name)?.unwrap_or_else(|| "[]".to_owned());
    serde_json::from_str(&json).map_err(|_| StoreError::Unreadable { what: "ranking" })
}

pub(crate) fn finding_of(
    transaction: &mut Transaction<'_>,
    device: &Device,
    ranked: &RankedFinding,
) -> Result<Option<Finding>, StoreError> {
    let Some(release) = &device.release else { return Ok(None) };
    let place = i64::try_from(ranked.finding).unwrap_or(i64::MAX);
    releases::finding_at(transaction, release, place)
}

#[derive(Template)]
#[template(path = "console/finding.html")]
struct Why {
    frame: Frame,
    device: Device,
    ranked: RankedFinding,
    finding: Finding,
    reasons: Vec<Reason>,
    vulnerability: Option<Vulnerability>,
}

pub(crate) async fn finding(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path((id, place)): Path<(String, usize)>,
) -> Result<Html<String>, Wrong> {
    let found = console
        .read(move |transaction| {
            let Some(device) = devices::one(transaction, &id)? else { return Ok(None) };
            let ranked = ranked(transaction, &device)?;
            let Some(ranked) = ranked.into_iter().find(|one| one.finding == place) else {
                return Ok(None);
            };
            let Some(finding) = finding_of(transaction, &device, &ranked)? else {
                return Ok(None);
            };
            let vulnerability = vulnerabilities::one(transaction, &finding.vulnerability)?;
            Ok(Some((device, ranked, finding, vulnerability)))
        })
        .await?;
    let (device, ranked, finding, vulnerability) = found.ok_or(Wrong::Nowhere("finding"))?;
    let reasons = serde_json::from_str(&finding.reasons).map_err(|_| Wrong::Fault)?;
    let title = format!("{} on {}", finding.vulnerability, device.id);
    let frame = console.frame(&title, "/devices", &visitor).await?;
    Ok(html(&Why { frame, device, ranked, finding, reasons, vulnerability }))
}
