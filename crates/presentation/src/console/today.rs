//! *Today*: what needs a decision now, in order of care.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use jiff::Timestamp;
use store::StoreError;
use store::database::Transaction;
use store::devices::{self, Device, Filter, Group, Order};
use store::judgements::{self, Judgement};
use store::readings::{self, Reading};
use store::vulnerabilities::{self, Vulnerability};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::assessment::Summary;

/// How many devices are looked at for what is to be done first.
const FIRST: usize = 300;
/// How many actions are shown, and how many devices of each by name.
const ACTIONS: usize = 12;
const NAMES: usize = 8;
/// For how long a vulnerability is new, in milliseconds.
const NEW_MS: i64 = 7 * 24 * 3_600_000;
/// How many of them are shown, and how many documents with problems.
const SHOWN: usize = 8;

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
    judged: Option<Judgement>,
    first: Vec<Device>,
    by_decision: Vec<devices::Counted>,
    new: Vec<Vulnerability>,
    new_count: i64,
    past_support: i64,
    broken: Vec<Reading>,
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
    let frame = console.frame("Today", "/", &visitor).await?;
    let today = frame.today();
    let mut seen = console.read(move |transaction| look(transaction, &today)).await?;
    let summary = seen.judged.as_ref().and_then(|last| serde_json::from_str(&last.summary).ok());
    let actions = actions(std::mem::take(&mut seen.first));
    Ok(html(&Page { frame, seen, orders: console.seen(), summary, actions }))
}

fn look(transaction: &mut Transaction<'_>, today: &str) -> Result<Seen, StoreError> {
    let urgent = Filter { decision: Some(3), ..Filter::default() };
    let since_ms = Some(Timestamp::now().as_millisecond() - NEW_MS);
    let new = vulnerabilities::Filter { since_ms, decision: Some(1), ..Default::default() };
    let mut broken = readings::list(transaction, SHOWN)?;
    broken.retain(|reading| reading.is_refused || reading.problems > 0);
    Ok(Seen {
        judged: judgements::last(transaction, 1)?.pop(),
        first: devices::page(transaction, &urgent, Order::Decision, None, FIRST)?,
        by_decision: devices::groups(transaction, Group::Decision, 9)?,
        new: vulnerabilities::page(transaction, &new, None, SHOWN)?,
        new_count: vulnerabilities::count(transaction, &new)?,
        past_support: devices::past_support(transaction, today)?,
        broken,
    })
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
    fn headline(&self) -> String {
        let (act, attend) = (self.decided(4), self.decided(3));
        let lead = match act {
            0 => {
                format!("None of {} needs action now", words::many(self.all(), "device", "devices"))
            }
            1 => "One device needs action now".to_owned(),
            _ => format!("{} devices need action now", words::thousands(act)),
        };
        match attend {
            0 => format!("{lead}."),
            1 => format!("{lead}, and one more needs attention soon."),
            _ => format!("{lead}, and {} more need attention soon.", words::thousands(attend)),
        }
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
