//! *Decisions*: what the hospital has decided about findings, and deciding, one and many at once.
//!
//! What is chosen is shown with all that it means before anything is kept. Refuses to keep what was
//! chosen from findings that are not there any more without saying so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::date::Date;
use domain::decision::{AUTHOR_CHARS, Justification, MOST_ABOUT};
use serde::Deserialize;
use store::StoreError;
use store::audit::By;
use store::database::Transaction;
use store::decisions::{self, Decision, Undone};
use store::releases;

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::decide::{self, Chosen, Made, New, Reach, Told};
use crate::sign_in::rights::Right;
use crate::text::Text;

/// Decisions of a page.
const ROWS: usize = 100;
/// Findings that are shown before somebody confirms; all of them count.
const SHOWN: usize = 200;
/// Findings of a page that are chosen all at once.
const ALL: usize = 200;
/// How many days before its last one an accepted risk is told.
pub(super) const SOON_DAYS: i64 = 14;

/// What can be asked of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    at: Option<i64>,
    after: String,
}

/// A decision with what it is about.
pub(super) struct Row {
    pub(super) decision: Decision,
    pub(super) about: Vec<Told>,
    /// The names of its vulnerabilities, each once.
    pub(super) vulnerabilities: Vec<String>,
    /// How far it reaches, each scope once.
    pub(super) scopes: Vec<String>,
    pub(super) has_ended: bool,
}

impl Row {
    pub(super) fn of(decision: Decision, today: &str) -> Self {
        let about: Vec<Told> = serde_json::from_str(&decision.about).unwrap_or_default();
        let has_ended = !decision.until.is_empty() && decision.until.as_str() < today;
        let once = |of: fn(&Told) -> &String| {
            let all: BTreeSet<&String> = about.iter().map(of).collect();
            all.into_iter().cloned().collect()
        };
        let vulnerabilities = once(|one| &one.vulnerability);
        let scopes = once(|one| &one.scope);
        Self { decision, about, vulnerabilities, scopes, has_ended }
    }

    /// The first of its vulnerabilities.
    pub(super) fn first(&self) -> &str {
        self.vulnerabilities.first().map_or("", String::as_str)
    }

    /// What was decided, in words.
    fn ruling(&self, text: impl words::Given<Text>) -> String {
        ruling(text.given(), &self.decision.kind, &self.decision.until)
    }

    fn because(&self, text: impl words::Given<Text>) -> &'static str {
        because(text.given(), &self.decision.justification)
    }
}

/// What was decided, in words.
fn ruling(text: Text, kind: &str, until: &str) -> String {
    match kind {
        "accepted" => text.decision_accepted_until(until).plain(),
        "false-positive" => text.decision_false_positive().to_owned(),
        _ => text.decision_not_affected().to_owned(),
    }
}

fn because(text: Text, justification: &str) -> &'static str {
    Justification::read(justification).map_or("", |why| words::justification(text, why))
}

#[derive(Template)]
#[template(path = "console/decisions.html")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<String>,
}

pub(super) async fn list(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let after = asked.at.map(|at_ms| (at_ms, asked.after));
    let found = console
        .read(move |transaction| {
            let after = after.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
            decisions::page(transaction, after, ROWS)
        })
        .await?;
    let frame = console.frame(visitor.text.decisions_title(), "/vulnerabilities", &visitor).await?;
    let next = found
        .last()
        .filter(|_| found.len() == ROWS)
        .map(|last| words::query(&[("at", &last.at_ms.to_string()), ("after", &last.id)]));
    let today = frame.today();
    let rows = found.into_iter().map(|one| Row::of(one, &today)).collect();
    Ok(html(&List { frame, rows, next }))
}

#[derive(Template)]
#[template(path = "console/decision.html")]
struct One {
    frame: Frame,
    row: Row,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Html<String>, Wrong> {
    let found = console.read(move |t| decisions::one(t, &id)).await?;
    let found = found.ok_or(Wrong::Nowhere("decision"))?;
    let frame = console.frame(visitor.text.decision_title(), "/vulnerabilities", &visitor).await?;
    let row = Row::of(found, &frame.today());
    Ok(html(&One { frame, row }))
}

/// What somebody chose and typed.
#[derive(Debug, Default, Clone)]
pub(super) struct Typed {
    kind: String,
    justification: String,
    until: String,
    reason: String,
    reach: String,
    /// Findings, each as release, vulnerability and subject.
    about: Vec<String>,
    /// The page of which all are chosen: `release` or `vulnerability`, and its id.
    all: String,
}

impl Typed {
    /// A form may name many findings under one name, so it is read as pairs.
    fn of(pairs: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "kind" => typed.kind = value,
                "justification" => typed.justification = value,
                "until" => typed.until = value,
                "reason" => typed.reason = value,
                "reach" => typed.reach = value,
                "about" => typed.about.push(value),
                "all" => typed.all = value,
                _ => {}
            }
        }
        typed
    }
}

/// All that was chosen, and what it would mean.
pub(crate) struct Weighed {
    pub(crate) made: Made,
    chosen: Vec<Chosen>,
    releases: usize,
    devices: i64,
}

/// What is chosen in a request: a release, a vulnerability, and a subject or all of them.
pub(crate) type Choice = (String, String, Option<String>);

/// A decision on its way, with who decides it.
pub(crate) struct Deciding {
    pub(crate) kind: String,
    pub(crate) justification: String,
    pub(crate) until: String,
    pub(crate) reason: String,
    pub(crate) reach: Reach,
    pub(crate) about: Vec<Choice>,
    pub(crate) author: String,
    pub(crate) at_ms: i64,
    pub(crate) today: Date,
}

/// Looks up what was chosen, and makes the decision, which is not kept yet; what is wrong, in a
/// sentence, where something is.
pub(crate) fn weigh(
    transaction: &mut Transaction<'_>,
    deciding: &Deciding,
) -> Result<Result<Weighed, String>, StoreError> {
    let typed = decide::Typed {
        kind: &deciding.kind,
        justification: &deciding.justification,
        until: &deciding.until,
    };
    let ruling = match decide::ruling(typed) {
        Ok(ruling) => ruling,
        Err(wrong) => return Ok(Err(wrong)),
    };
    if deciding.about.len() > MOST_ABOUT {
        return Ok(Err(domain::decision::Unfit::TooMuch(deciding.about.len()).to_string()));
    }
    let mut chosen: Vec<Chosen> = Vec::new();
    for (release, vulnerability, subject) in &deciding.about {
        let choice = (release.as_str(), vulnerability.as_str(), subject.as_deref());
        match decide::chosen(transaction, choice, deciding.reach)? {
            Ok(found) if found.is_empty() => {
                return Ok(Err(format!(
                    "The finding of {vulnerability} is not there any more: everything was judged \
                     anew meanwhile. Go back and load the page again."
                )));
            }
            Ok(found) => chosen.extend(found),
            Err(wrong) => return Ok(Err(wrong)),
        }
    }
    let new = New {
        ruling,
        reason: &deciding.reason,
        author: &deciding.author,
        at_ms: deciding.at_ms,
        about: chosen.iter().map(|one| one.about.clone()).collect(),
    };
    let made = match decide::make(&new, deciding.today) {
        Ok(made) => made,
        Err(unfit) => return Ok(Err(unfit.to_string())),
    };
    let units: BTreeMap<&str, i64> =
        chosen.iter().map(|one| (one.release.id.as_str(), one.release.units)).collect();
    let (releases, devices) = (units.len(), units.values().sum());
    Ok(Ok(Weighed { made, chosen, releases, devices }))
}

/// The findings of a page, all of them that are shown and open.
fn all_of(transaction: &mut Transaction<'_>, page: &str) -> Result<Vec<Choice>, StoreError> {
    let is_open = |verdict: &str| matches!(verdict, "affected" | "undecided");
    match page.split_once('|') {
        Some(("release", id)) => {
            let found = releases::findings(transaction, id, ALL)?.into_iter();
            let open = found.filter(|(_, finding)| is_open(&finding.verdict));
            let choices =
                open.map(|(_, one)| (id.to_owned(), one.vulnerability, Some(one.subject)));
            Ok(choices.collect())
        }
        Some(("vulnerability", id)) => {
            let found = releases::of_vulnerability(transaction, id, ALL)?.into_iter();
            let open = found.filter(|(_, finding)| is_open(&finding.verdict));
            let choices =
                open.map(|(release, one)| (release.id, one.vulnerability, Some(one.subject)));
            Ok(choices.collect())
        }
        _ => Ok(Vec::new()),
    }
}

fn choice(value: &str) -> Option<Choice> {
    let mut parts = value.splitn(3, '|');
    let (release, vulnerability, subject) = (parts.next()?, parts.next()?, parts.next()?);
    Some((release.to_owned(), vulnerability.to_owned(), Some(subject.to_owned())))
}

/// What somebody chose and typed, looked up.
fn deciding(
    transaction: &mut Transaction<'_>,
    typed: &Typed,
    (author, at_ms, today): (&str, i64, Date),
) -> Result<Deciding, StoreError> {
    let about = if typed.all.is_empty() {
        typed.about.iter().filter_map(|value| choice(value)).collect()
    } else {
        all_of(transaction, &typed.all)?
    };
    let about: BTreeSet<Choice> = about.into_iter().collect();
    Ok(Deciding {
        kind: typed.kind.clone(),
        justification: typed.justification.clone(),
        until: typed.until.clone(),
        reason: typed.reason.clone(),
        reach: Reach::read(&typed.reach).unwrap_or_default(),
        about: about.into_iter().collect(),
        author: author.chars().take(AUTHOR_CHARS).collect(),
        at_ms,
        today,
    })
}

#[derive(Template)]
#[template(path = "console/decision_preview.html")]
struct Preview {
    frame: Frame,
    typed: Typed,
    weighed: Weighed,
    ruling: String,
    because: &'static str,
}

/// Shows what a decision would mean. Nothing is kept.
pub(super) async fn preview(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Html<String>, Wrong> {
    let mut typed = Typed::of(pairs);
    let frame =
        console.frame(visitor.text.decision_preview_decide(), "/vulnerabilities", &visitor).await?;
    let (own, by) = (typed.clone(), (visitor.actor(), visitor.now_ms, console.today()));
    let weighed = console
        .read(move |transaction| {
            let deciding = deciding(transaction, &own, (&by.0, by.1, by.2))?;
            weigh(transaction, &deciding)
        })
        .await?
        .map_err(Wrong::Typed)?;
    // What was chosen is confirmed, and not what a page holds by then.
    typed.about = weighed
        .chosen
        .iter()
        .map(|one| {
            format!("{}|{}|{}", one.release.id, one.finding.vulnerability, one.finding.subject)
        })
        .collect();
    let ruling = ruling(visitor.text, &typed.kind, &typed.until);
    let because = because(visitor.text, &typed.justification);
    Ok(html(&Preview { frame, typed, weighed, ruling, because }))
}

/// Keeps a decision.
pub(super) async fn make(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Wrong> {
    let typed = Typed { all: String::new(), ..Typed::of(pairs) };
    let by = (visitor.actor(), visitor.now_ms, console.today());
    let id = console
        .write(move |transaction| {
            let deciding = deciding(transaction, &typed, (&by.0, by.1, by.2))?;
            keep(transaction, &deciding)
        })
        .await?
        .map_err(Wrong::Typed)?;
    console.documents_came();
    Ok(Redirect::to(&format!("/decisions/{id}")).into_response())
}

/// Keeps a decision; its id, or what is wrong with it.
pub(crate) fn keep(
    transaction: &mut Transaction<'_>,
    deciding: &Deciding,
) -> Result<Result<String, String>, StoreError> {
    let weighed = match weigh(transaction, deciding)? {
        Ok(weighed) => weighed,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let Made { decision, document } = weighed.made;
    let by = By { actor: &deciding.author, at_ms: deciding.at_ms };
    decisions::make(transaction, &decision, &document, by)?;
    Ok(Ok(decision.id))
}

/// Takes a decision back.
pub(super) async fn undo(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, Wrong> {
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    let undone = console
        .write(move |transaction| decisions::undo(transaction, &id, By { actor: &actor, at_ms }))
        .await?;
    match undone {
        Undone::Nowhere => Err(Wrong::Nowhere("decision")),
        Undone::Elsewhere(source) => Err(Wrong::Typed(elsewhere(&source))),
        Undone::Gone => {
            console.documents_came();
            Ok(Redirect::to("/decisions").into_response())
        }
    }
}

/// Why a decision can't be undone here.
pub(crate) fn elsewhere(source: &str) -> String {
    format!("This decision is a file in `{source}`: take it away there.")
}
