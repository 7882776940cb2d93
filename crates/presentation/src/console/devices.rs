//! *Devices*: the list, and one device with all that is known of it.

mod columns;
pub(super) mod views;

use std::collections::BTreeMap;
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
use store::devices::{self, Count, Counted, Device, Filter, Group, Order};
use store::judgements::{self, Change};
use store::releases::{self, Finding, Release};
use store::views::SavedView;
use store::vulnerabilities::{self, Vulnerability};
use store::{StoreError, rankings};

use self::columns::Column;
use super::access::Visitor;
use super::network::Network;
use super::orders::is_open;
use super::page::{Frame, Wrong, html};
use super::{Console, network, words};
use crate::assessment::{self, RankedFinding, Reason};
use crate::export;
use crate::orders::SeenOrder;
use crate::sign_in::rights::Right;
use crate::text::{Said, Text};

/// Rows of a page, where nothing else is asked for.
const ROWS: usize = 50;
/// How far the devices are counted that a filter lets through.
const COUNTED: usize = 10_000;
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
    /// The keys of the columns that are shown, with commas between; the usual ones where empty.
    columns: String,
    /// A saved list that was removed just now.
    removed: String,
    /// All else; a column that was ticked in the form stands in it as `c-` and its key.
    #[serde(flatten)]
    ticked: BTreeMap<String, String>,
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
            "id" => Order::Id,
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

    /// Takes the columns that were ticked in the form in the place of those of the address.
    fn with_ticked(mut self) -> Self {
        let ticked = self.ticked.keys().filter_map(|key| key.strip_prefix("c-"));
        let ticked = ticked.collect::<Vec<_>>().join(",");
        if !ticked.is_empty() {
            self.columns = ticked;
        }
        self
    }

    fn columns(&self) -> Vec<Column> {
        Column::chosen(&self.columns)
    }

    fn pairs(&self) -> [(&'static str, &str); 9] {
        [
            ("q", &self.q),
            ("unit", &self.unit),
            ("service", &self.service),
            ("decision", &self.decision),
            ("criticality", &self.criticality),
            ("release", &self.release),
            ("vulnerability", &self.vulnerability),
            ("order", &self.order),
            ("columns", &self.columns),
        ]
    }

    /// The address of this list with one thing asked otherwise, from its first page on.
    fn with(&self, name: &str, value: &str) -> String {
        let others = self.pairs().into_iter().filter(|(own, _)| *own != name);
        words::query(&others.chain([(name, value)]).collect::<Vec<_>>())
    }

    fn is_filtered(&self) -> bool {
        let filters = self.pairs().into_iter();
        filters.filter(|(name, _)| !["order", "columns"].contains(name)).any(|(_, v)| !v.is_empty())
    }

    /// The list as it stands in the address, without the question mark.
    fn query(&self) -> String {
        self.with("after", "").trim_start_matches('?').to_owned()
    }

    /// Where the list is put in the order of a column.
    fn sorted_by(&self, column: impl words::Given<Column>) -> Option<String> {
        column.given().order().map(|order| format!("/devices{}", self.with("order", order)))
    }

    /// Whether the list is in the order of a column.
    fn is_sorted_by(&self, column: impl words::Given<Column>) -> bool {
        column.given().order() == Some(self.order.as_str())
    }
}

#[derive(Template)]
#[template(path = "console/devices.html")]
struct List {
    frame: Frame,
    asked: Asked,
    devices: Vec<Device>,
    count: Count,
    units: Vec<Counted>,
    services: Vec<Counted>,
    groups: Vec<Counted>,
    next: Option<String>,
    columns: Vec<Column>,
    views: Vec<SavedView>,
    removed: Option<SavedView>,
    /// Who looks: a person's id.
    person: String,
}

impl List {
    /// Of what the devices are that are shown, where that is asked for.
    fn only(&self, text: impl words::Given<Text>) -> Said<'_> {
        let text = text.given();
        let (release, vulnerability) = (&self.asked.release, &self.asked.vulnerability);
        let to_release = text.link_to("/releases/", release);
        let to_vulnerability = text.id_to("/vulnerabilities/", vulnerability);
        match (release.as_str(), vulnerability.as_str()) {
            (_, "") => text.devices_only_of(to_release),
            ("", _) => text.devices_only_with(vulnerability, to_vulnerability),
            _ => text.devices_only_with_of(vulnerability, to_release, to_vulnerability),
        }
    }

    /// Every column, and whether it is shown.
    fn choices(&self) -> Vec<(Column, bool)> {
        Column::ALL.iter().map(|column| (*column, self.columns.contains(column))).collect()
    }

    /// Whether a saved list is the one that is shown.
    fn is_shown(&self, view: &SavedView) -> bool {
        view.query == self.asked.query()
    }
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame(visitor.text.devices_title(), "/devices", &visitor).await?;
    let asked = asked.with_ticked();
    let (own, person) = (asked.clone(), views::person(&visitor));
    let looks = person.clone();
    let (devices, count, units, services, groups, (views, removed)) = console
        .read(move |transaction| {
            let (filter, order) = (own.filter(), own.order());
            let groups = match own.group() {
                Some(group) => devices::groups(transaction, group, CHOICES)?,
                None => Vec::new(),
            };
            let after = if own.after.is_empty() { None } else { one(transaction, &own.after)? };
            let page = devices::page(transaction, &filter, order, after.as_ref(), ROWS)?;
            let count = devices::count(transaction, &filter, COUNTED)?;
            let units = devices::groups(transaction, Group::Unit, CHOICES)?;
            let services = devices::groups(transaction, Group::CareService, CHOICES)?;
            let views = store::views::seen_by(transaction, &looks)?;
            let removed = match own.removed.as_str() {
                "" => None,
                id => store::views::removed(transaction, &looks, id)?,
            };
            Ok((page, count, units, services, groups, (views, removed)))
        })
        .await?;
    let next = devices.last().filter(|_| devices.len() == ROWS);
    let next = next.map(|last| asked.with("after", &last.id));
    let columns = asked.columns();
    Ok(html(&List {
        frame,
        asked,
        devices,
        count,
        units,
        services,
        groups,
        next,
        columns,
        views,
        removed,
        person,
    }))
}

fn one(transaction: &mut Transaction<'_>, id: &str) -> Result<Option<Device>, StoreError> {
    devices::one(transaction, id)
}

/// The same list as a table for other programs (RFC 4180): the columns that are shown, where some
/// were chosen.
pub(crate) async fn csv(
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Wrong> {
    let columns = (!asked.columns.is_empty()).then(|| asked.columns());
    let written = move |page: &[Device], is_first: bool| {
        let mut text = Vec::new();
        // Memory takes whatever is written.
        let _ = match &columns {
            None => export::listed(page, is_first, &mut text),
            Some(columns) => {
                let names: Vec<&str> = columns.iter().map(|column| column.key()).collect();
                let rows = page
                    .iter()
                    .map(|device| columns.iter().map(|c| c.text(Text::english(), device)));
                export::table(is_first.then_some(&names), rows, &mut text)
            }
        };
        text
    };
    let kind = ("text/csv; charset=utf-8", "attachment; filename=\"devices.csv\"");
    Ok(taken_away(&console, asked, kind, written, |_| Vec::new()))
}

/// The same list as JSON (RFC 8259): an array of objects, each with the columns that are shown.
pub(super) async fn json(
    State(console): State<Arc<Console>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Wrong> {
    let columns = asked.columns();
    let written = move |page: &[Device], is_first: bool| {
        let mut text = String::new();
        for (place, device) in page.iter().enumerate() {
            text.push_str(if is_first && place == 0 { "[\n" } else { ",\n" });
            text.push_str(&columns::object(&columns, device).to_string());
        }
        text.into_bytes()
    };
    let end = |was_empty: bool| if was_empty { b"[]\n".to_vec() } else { b"\n]\n".to_vec() };
    let kind = ("application/json", "attachment; filename=\"devices.json\"");
    Ok(taken_away(&console, asked, kind, written, end))
}

/// A list as a file, made page by page as it is taken.
fn taken_away(
    console: &Arc<Console>,
    asked: Asked,
    (kind, name): (&'static str, &'static str),
    written: impl Fn(&[Device], bool) -> Vec<u8> + Send + 'static,
    end: impl Fn(bool) -> Vec<u8> + Send + 'static,
) -> Response {
    let (sender, body) = Channel::<Bytes, StoreError>::new(PAGES_AHEAD);
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
            let is_last = page.len() < devices::PAGE;
            let mut text = written(&page, is_first);
            if is_last {
                text.extend(end(is_first && page.is_empty()));
            }
            let sent = runtime.block_on(sender.send_data(text.into()));
            // Whoever hung up wants no more.
            if sent.is_err() || is_last {
                return;
            }
            (after, is_first) = (page.into_iter().next_back(), false);
        }
    });
    ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], Body::new(body)).into_response()
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
    network: Network,
}

/// What was seen on the network, and is no device of the inventory.
#[derive(Template)]
#[template(path = "console/stranger.html")]
struct Stranger {
    frame: Frame,
    id: String,
    network: Network,
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Html<String>, Wrong> {
    let (wanted, text) = (id.clone(), visitor.text);
    let (known, network) = console
        .read(move |transaction| {
            let network = Network::of(transaction, text, &wanted)?;
            Ok((known(transaction, &wanted)?, network))
        })
        .await?;
    let Some(Known { device, release, findings, findings_in_all, changes }) = known else {
        if network.is_empty() {
            return Err(Wrong::Nowhere("device"));
        }
        let frame = console.frame(&id, "/devices", &visitor).await?;
        return Ok(html(&Stranger { frame, id, network }));
    };
    let rest = serde_json::from_str(&device.rest).map_err(|_| Wrong::Fault)?;
    let order = console.seen().of_device(&device.id).filter(|order| is_open(order)).cloned();
    let frame = console.frame(&device.id, "/devices", &visitor).await?;
    let page =
        One { frame, device, rest, release, findings, findings_in_all, changes, order, network };
    Ok(html(&page))
}

/// What documents say of a device of the inventory.
struct Known {
    device: Device,
    release: Option<Release>,
    findings: Vec<(RankedFinding, Option<Finding>)>,
    findings_in_all: usize,
    changes: Vec<Change>,
}

fn known(transaction: &mut Transaction<'_>, id: &str) -> Result<Option<Known>, StoreError> {
    let Some(device) = devices::one(transaction, id)? else { return Ok(None) };
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
    let changes = judgements::changes(transaction, Some(id), CHANGES)?;
    Ok(Some(Known { device, release, findings, findings_in_all, changes }))
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
    let title = visitor.text.finding_title(&device.id, &finding.vulnerability);
    let frame = console.frame(title, "/devices", &visitor).await?;
    Ok(html(&Why { frame, device, ranked, finding, reasons, vulnerability }))
}
