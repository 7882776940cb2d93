//! *Kept for how long*: what is forgotten after which time, and what another time would forget.
//!
//! Refuses to forget anything: what is set here is applied once a day, by the program.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use store::StoreError;
use store::audit::By;
use store::database::Transaction;
use store::retention::{self, Kept};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::text::Text;

/// What is kept, and since when its time counts.
fn said(text: Text, kept: Kept) -> (&'static str, &'static str) {
    match kept {
        Kept::Flows => (text.retention_flows(), text.retention_flows_since()),
        Kept::Devices => (text.retention_devices(), text.retention_devices_since()),
        Kept::Detections => (text.retention_detections(), text.retention_detections_since()),
        Kept::Documents => (text.retention_documents(), text.retention_documents_since()),
        Kept::Changes => (text.retention_changes(), text.retention_changes_since()),
        Kept::Judgements => (text.retention_judgements(), text.retention_judgements_since()),
    }
}

/// What is kept for how long, and how much of it is older.
struct Row {
    kept: Kept,
    days: Option<i64>,
    due: i64,
}

impl Row {
    fn title(&self, text: impl words::Given<Text>) -> &'static str {
        said(text.given(), self.kept).0
    }

    fn since(&self, text: impl words::Given<Text>) -> &'static str {
        said(text.given(), self.kept).1
    }

    fn typed(&self) -> String {
        self.days.map(|days| days.to_string()).unwrap_or_default()
    }

    fn usual(&self, text: impl words::Given<Text>) -> String {
        let text = text.given();
        let days = self.kept.default_days();
        days.map_or_else(
            || text.retention_for_good().to_owned(),
            |own| text.count_days(own).plain(),
        )
    }

    /// What would be forgotten, in a sentence.
    fn sentence(&self, text: impl words::Given<Text>) -> String {
        let text = text.given();
        let Some(days) = self.days else { return text.retention_nothing().to_owned() };
        let days = text.count_days(days);
        match self.due {
            0 => text.retention_nothing_is_older(days).plain(),
            due => text.retention_older(due, days).plain(),
        }
    }
}

#[derive(Template)]
#[template(path = "console/retention.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// Whether this is what was typed, and not what is set.
    is_thought: bool,
}

/// For how many days each is to be kept, as typed; what is empty is for good.
type Typed = HashMap<String, String>;

/// What was typed of each that was.
fn all(text: Text, typed: &Typed) -> Result<Vec<(Kept, Option<i64>)>, Wrong> {
    let one = |kept: Kept| Some((kept, typed.get(kept.name())?.trim()));
    let read = |(kept, typed): (Kept, &str)| {
        if typed.is_empty() {
            return Ok((kept, None));
        }
        let (least, most) = (kept.least_days(), retention::MOST_DAYS);
        let days = typed.parse().ok().filter(|days| (least..=most).contains(days));
        let wrong = || {
            let (title, _) = said(text, kept);
            let (least, most) = (least.to_string(), most.to_string());
            Wrong::Typed(text.retention_days_are_wrong(least, most, title).plain())
        };
        Ok((kept, Some(days.ok_or_else(wrong)?)))
    };
    Kept::ALL.into_iter().filter_map(one).map(read).collect()
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(typed): Query<Typed>,
) -> Result<Html<String>, Wrong> {
    let (thought, now_ms) = (all(visitor.text, &typed)?, visitor.now_ms);
    let is_thought = !thought.is_empty();
    let rows = console.read(move |t| rows(t, &thought, now_ms)).await?;
    let frame = console.frame(visitor.text.retention_title(), "/settings", &visitor).await?;
    Ok(html(&Page { frame, rows, is_thought }))
}

fn rows(
    transaction: &mut Transaction<'_>,
    thought: &[(Kept, Option<i64>)],
    now_ms: i64,
) -> Result<Vec<Row>, StoreError> {
    let row = |kept| {
        let typed = thought.iter().find(|(own, _)| *own == kept).map(|(_, days)| *days);
        let days = match typed {
            Some(days) => days,
            None => retention::days(transaction, kept)?,
        };
        let due = days.map(|days| retention::due(transaction, kept, days, now_ms)).transpose()?;
        Ok(Row { kept, days, due: due.map_or(0, |due| due.rows) })
    };
    Kept::ALL.into_iter().map(row).collect()
}

pub(super) async fn change(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(typed): Form<Typed>,
) -> Result<Response, Wrong> {
    let (set, actor, at_ms) = (all(visitor.text, &typed)?, visitor.actor(), visitor.now_ms);
    console
        .write(move |transaction| {
            let by = By { actor: &actor, at_ms };
            for (kept, days) in set {
                retention::set(transaction, kept, days, by)?;
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to("/settings/retention").into_response())
}
