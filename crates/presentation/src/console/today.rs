//! *Today*: what needs a decision now, in order of care.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use jiff::Timestamp;
use store::database::Transaction;
use store::decisions;
use store::detections::{self, Detection};
use store::devices::{self, Device, Filter, Group, Order};
use store::identities::{self, Silence, Silent};
use store::judgements::{self, Judgement};
use store::readings::{self, Reading};
use store::vulnerabilities::{self, Vulnerability};
use store::{StoreError, agents};

use super::access::Visitor;
use super::decisions::{Row, SOON_DAYS};
use super::page::{Frame, Wrong, html};
use super::{Console, settings, words};
use crate::assessment::Summary;
use crate::text::Text;

/// How many devices are looked at for what is to be done first.
const FIRST: usize = 300;
/// How many actions are shown, and how many devices of each by name.
const ACTIONS: usize = 12;
const NAMES: usize = 8;
/// For how long a vulnerability is new, in milliseconds.
const NEW_MS: i64 = 7 * 24 * 3_600_000;
/// How many of them are shown, and how many documents with problems.
const SHOWN: usize = 8;
/// How many detections that nobody has judged are shown.
const DETECTED: usize = 6;

#[derive(Template)]
#[template(path = "console/today.html")]
struct Page {
    frame: Frame,
    seen: Seen,
    orders: Arc<super::orders::Seen>,
    summary: Option<Summary>,
    actions: Vec<Action>,
}

struct Seen {
    /// Why nobody could judge when that was last tried.
    fault: Option<String>,
    judged: Option<Judgement>,
    first: Vec<Device>,
    by_decision: Vec<devices::Counted>,
    new: Vec<Vulnerability>,
    new_count: i64,
    past_support: i64,
    broken: Vec<Reading>,
    detected: Vec<Detection>,
    detected_count: i64,
    silent: Quiet,
    /// Risks that are accepted until a day that is near, or has passed.
    ending: Vec<Row>,
}

/// Who is silent on the network, as far as somebody listened.
#[derive(Default)]
struct Quiet {
    devices: Vec<Silent>,
    count: i64,
    hours: i64,
    /// When somebody last listened.
    heard_ms: i64,
}

/// One thing to do, and for which devices.
struct Action {
    decision: i64,
    sentence: String,
    devices: Vec<Device>,
    more: usize,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame(visitor.text.today_title(), "/", &visitor).await?;
    let today = frame.today();
    let mut seen = console.read(move |transaction| look(transaction, &today)).await?;
    let summary = seen.judged.as_ref().and_then(|last| serde_json::from_str(&last.summary).ok());
    let actions = actions(std::mem::take(&mut seen.first));
    Ok(html(&Page { frame, seen, orders: console.seen(), summary, actions }))
}

fn look(transaction: &mut Transaction<'_>, today: &str) -> Result<Seen, StoreError> {
    let urgent = Filter { decision: Some(3), ..Filter::default() };
    let since_ms = Timestamp::now().as_millisecond() - NEW_MS;
    let new = vulnerabilities::Filter {
        since_ms: Some(since_ms),
        decision: Some(1),
        ..Default::default()
    };
    let mut broken = readings::list(transaction, SHOWN)?;
    let (detected, detected_count) = detections::open(transaction, DETECTED)?;
    broken.retain(|reading| reading.is_refused || reading.problems > 0);
    Ok(Seen {
        judged: judgements::last(transaction, 1)?.pop(),
        fault: judgements::fault(transaction)?,
        first: devices::page(transaction, &urgent, Order::Decision, None, FIRST)?,
        by_decision: devices::groups(transaction, Group::Decision, 9)?,
        new: vulnerabilities::news(transaction, since_ms, SHOWN)?,
        new_count: vulnerabilities::count(transaction, &new)?,
        past_support: devices::past_support(transaction, today)?,
        broken,
        detected,
        detected_count,
        silent: quiet(transaction)?,
        ending: ending(transaction, today)?,
    })
}

/// What was accepted, and has to be decided anew soon.
fn ending(transaction: &mut Transaction<'_>, today: &str) -> Result<Vec<Row>, StoreError> {
    let soon = domain::date::read(today).unwrap_or_default();
    let soon = soon.saturating_add(jiff::Span::new().days(SOON_DAYS));
    let found = decisions::ending(transaction, &soon.to_string(), SHOWN)?;
    Ok(found.into_iter().map(|one| Row::of(one, today)).collect())
}

/// Silence is measured up to when somebody last listened: where the agent is gone, nobody knows.
fn quiet(transaction: &mut Transaction<'_>) -> Result<Quiet, StoreError> {
    let known = agents::known(transaction)?;
    let (Some(watches_ms), Some(heard_ms)) = (known.watches_ms, known.heard_ms) else {
        return Ok(Quiet::default());
    };
    let hours = settings::silent_hours(transaction)?;
    let silence = Silence { now_ms: heard_ms, watches_ms, after_ms: hours * 3_600_000 };
    let (devices, count) = identities::silent(transaction, silence, SHOWN)?;
    Ok(Quiet { devices, count, hours, heard_ms })
}

impl Seen {
    /// How many devices have that decision.
    fn decided(&self, decision: impl words::Given<i64>) -> i64 {
        let decision = decision.given();
        let found = self.by_decision.iter().find(|counted| counted.decision == decision);
        found.map_or(0, |counted| counted.devices)
    }

    fn all(&self) -> i64 {
        self.by_decision.iter().map(|counted| counted.devices).sum()
    }

    /// The one sentence for somebody who reads nothing else.
    fn headline(&self, text: impl words::Given<Text>) -> String {
        let (act, attend) = (self.decided(4), self.decided(3));
        text.given().today_headline(act, self.all(), attend).plain()
    }
}

/// Devices for which the same is to be done, together.
fn actions(first: Vec<Device>) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for device in first {
        let is_full = actions.len() >= ACTIONS;
        match actions.iter_mut().find(|action| action.sentence == device.action) {
            Some(action) if action.devices.len() < NAMES => action.devices.push(device),
            Some(action) => action.more += 1,
            None if !is_full => actions.push(Action {
                decision: device.decision,
                sentence: device.action.clone(),
                devices: vec![device],
                more: 0,
            }),
            None => {}
        }
    }
    actions
}
