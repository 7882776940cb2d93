//! What happened, for programs: what changed from one judgement to the next, and the audit chain.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::value::RawValue;
use store::audit::{self, Entry};
use store::judgements::{self, Change};
use utoipa::ToSchema;

use super::answer::{Page, moment, said};
use super::asked::{Asked, Named};
use super::devices::PageAsked;
use super::problem::Problem;
use crate::console::Console;

/// What was seen to change from one judgement to the next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub(crate) struct Changed {
    /// Its number.
    number: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What kind: `device.new`, `device.gone`, `device.decision`, `device.version`,
    /// `vulnerability.new`.
    kind: String,
    /// The id of what changed.
    subject: String,
    /// What it was.
    before: Option<String>,
    /// What it is.
    after: Option<String>,
}

fn changed((number, change): (i64, Change)) -> Changed {
    Changed {
        number,
        at: moment(change.at_ms),
        kind: change.kind,
        subject: change.subject,
        before: said(change.before),
        after: said(change.after),
    }
}

pub(crate) async fn changes(
    State(console): State<Arc<Console>>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<Changed>>, Problem> {
    of(&console, None, own).await
}

/// Changes of one device, also of one that is gone.
pub(crate) async fn of_device(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<Changed>>, Problem> {
    of(&console, Some(id), own).await
}

async fn of(
    console: &Arc<Console>,
    subject: Option<String>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<Changed>>, Problem> {
    let before = own.after::<i64>(own.asked.cursor.as_deref())?.unwrap_or(i64::MAX);
    let size = own.asked.limit.rows();
    let rows = console
        .read(move |t| judgements::changes_before(t, subject.as_deref(), before, size))
        .await?;
    Ok(Json(Page::new(rows, size, |(number, _)| own.next(number), changed)))
}

/// A row of the audit chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Its number in the chain.
    number: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who: an account, a token, or a part of the program.
    actor: String,
    /// What, as a code.
    action: String,
    /// To what.
    subject: String,
    /// More of it.
    #[schema(value_type = Object)]
    detail: Option<Box<RawValue>>,
}

fn audited((number, entry): (i64, Entry)) -> AuditEntry {
    AuditEntry {
        number,
        at: moment(entry.at_ms),
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        detail: RawValue::from_string(entry.detail).ok(),
    }
}

pub(crate) async fn chain(
    State(console): State<Arc<Console>>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let before = own.after::<i64>(own.asked.cursor.as_deref())?.unwrap_or(i64::MAX);
    let size = own.asked.limit.rows();
    let most = i64::try_from(size).unwrap_or(i64::MAX);
    let rows = console.read(move |t| audit::last(t, before, most)).await?;
    Ok(Json(Page::new(rows, size, |(number, _)| own.next(number), audited)))
}
