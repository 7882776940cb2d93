//! Whether the program lives, and whether it can serve: for whoever keeps it running.
//!
//! Needs no right, so it says nothing of the hospital: words that pass or not. Where the agent is
//! silent, or judging is behind, the pages are still of use: that is a warning, and no reason to
//! take the console away from people.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::{documents, judgements};
use utoipa::ToSchema;

use crate::console::Console;
use crate::console::now_ms;

/// For how long what was found counts: nobody can make the store work by asking.
const COUNTS: Duration = Duration::from_secs(5);
/// How long the store may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a document may wait to be judged, in milliseconds.
const BEHIND_MS: i64 = 15 * 60 * 1_000;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// Well.
    Pass,
    /// Of use, and somebody should look.
    Warn,
    /// Not.
    Fail,
}

/// Whether it can serve.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Health {
    /// The gravest of all.
    status: Word,
    /// Whether the store can be read and written.
    store: Word,
    /// Whether what came was judged within a quarter of an hour, and judging went well when it was
    /// last tried.
    judge: Word,
    /// Whether the agent answers, where there is one.
    agent: Word,
}

/// What was found when it was last looked.
#[derive(Debug, Default)]
pub(crate) struct Looked(Mutex<Option<(Instant, Health)>>);

/// Whether it lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    status: Word,
}

pub(crate) async fn live() -> Json<Alive> {
    Json(Alive { status: Word::Pass })
}

pub(crate) async fn ready(State(console): State<Arc<Console>>) -> Response {
    let before = *console.health.0.lock().unwrap_or_else(PoisonError::into_inner);
    let health = match before {
        Some((at, health)) if at.elapsed() < COUNTS => health,
        _ => {
            let health = look(&console).await;
            let now = Some((Instant::now(), health));
            *console.health.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
            health
        }
    };
    let status =
        if health.status == Word::Fail { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(health)).into_response()
}

async fn look(console: &Arc<Console>) -> Health {
    let database = Arc::clone(&console.database);
    let looked = tokio::task::spawn_blocking(move || {
        database.could_write()?;
        database.read("read the store", |transaction| {
            let judged = judgements::last(transaction, 1)?.pop();
            let judged = judged.map_or(0, |judged| judged.receipt);
            let waits = documents::waits_since(transaction, judged)?;
            Ok((waits, judgements::fault(transaction)?.is_some()))
        })
    });
    let looked = tokio::time::timeout(PATIENCE, looked).await;
    let (store, judge) = match looked {
        Ok(Ok(Ok((since, has_failed)))) => {
            let is_behind = has_failed || since.is_some_and(|since| now_ms() - since > BEHIND_MS);
            (Word::Pass, if is_behind { Word::Warn } else { Word::Pass })
        }
        _ => (Word::Fail, Word::Warn),
    };
    let is_silent = console.agent.is_there() && console.seen().silence.is_some();
    let agent = if is_silent { Word::Warn } else { Word::Pass };
    let all = [store, judge, agent];
    let status = [Word::Fail, Word::Warn].into_iter().find(|word| all.contains(word));
    Health { status: status.unwrap_or(Word::Pass), store, judge, agent }
}
