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

/// What is kept, and since when its time counts.
fn said(kept: Kept) -> (&'static str, &'static str) {
    match kept {
        Kept::Flows => ("Who speaks with whom", "since it was last seen"),
        Kept::Devices => ("Devices on the network", "since they were last seen"),
        Kept::Detections => (
            "Detections that somebody has judged",
            "since that; of a device with an order, for good",
        ),
        Kept::Documents => (
            "Documents that count no more",
            "their bytes, since another took their place or they were taken away",
        ),
        Kept::Changes => ("What changed", "since it did"),
        Kept::Judgements => ("Counts of each judgement", "since it ended"),
    }
}

/// What is kept for how long, and how much of it is older.
struct Row {
    kept: Kept,
    days: Option<i64>,
    due: i64,
}

impl Row {
    fn title(&self) -> &'static str {
        said(self.kept).0
    }

    fn since(&self) -> &'static str {
        said(self.kept).1
    }

    fn typed(&self) -> String {
        self.days.map(|days| days.to_string()).unwrap_or_default()
    }

    fn usual(&self) -> String {
        self.kept.default_days().map_or_else(|| "for good".to_owned(), words_of_days)
    }

    /// What would be forgotten, in a sentence.
    fn sentence(&self) -> String {
        match (self.days, self.due) {
            (None, _) => "nothing".to_owned(),
            (Some(days), 0) => format!("nothing is older than {}", words_of_days(days)),
            (Some(days), due) => {
                format!("{} older than {}", words::thousands(due), words_of_days(days))
            }
        }
    }
}

fn words_of_days(days: i64) -> String {
    words::many(days, "day", "days")
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
fn all(typed: &Typed) -> Result<Vec<(Kept, Option<i64>)>, Wrong> {
    let one = |kept: Kept| Some((kept, typed.get(kept.name())?.trim()));
    let read = |(kept, text): (Kept, &str)| {
        if text.is_empty() {
            return Ok((kept, None));
        }
        let (least, most) = (kept.least_days(), retention::MOST_DAYS);
        let days = text.parse().ok().filter(|days| (least..=most).contains(days));
        let wrong = || {
            let (title, _) = said(kept);
            Wrong::Typed(format!("{title}: {least} to {most} days, or nothing for good."))
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
    let (thought, now_ms) = (all(&typed)?, visitor.now_ms);
    let is_thought = !thought.is_empty();
    let rows = console.read(move |t| rows(t, &thought, now_ms)).await?;
    let frame = console.frame("Kept for how long", "/settings", &visitor).await?;
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
    let (set, actor, at_ms) = (all(&typed)?, visitor.actor(), visitor.now_ms);
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
