//! Requests that are carried out once, however often they come: each has a key of its own
//! (`Idempotency-Key`), and its answer is given again.
//!
//! Refuses to guess what became of one that was broken off.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::repeats::{self, Before, Request};

use super::problem::{self, Kind, Problem};
use crate::console::access::Visitor;
use crate::console::{Console, now_ms};

/// How long a request may be under way; one that is not answered then was broken off.
const UNDER_WAY_MS: i64 = 60_000;
/// Longest key, in characters.
const KEY: usize = 255;
/// The header that says that an answer was given before.
const REPLAYED: &str = "idempotency-replayed";

/// Where what was made is found: under a path, by a member of the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Under {
    pub(super) path: &'static str,
    pub(super) member: &'static str,
}

/// A request that is carried out once.
pub(super) struct Once {
    owner: String,
    key: String,
    hash: [u8; 32],
    at_ms: i64,
    under: Under,
}

impl Once {
    /// A request of somebody, by its headers and what it asks for.
    pub(super) fn of(
        visitor: &Visitor,
        headers: &HeaderMap,
        wanted: &impl Serialize,
        under: Under,
    ) -> Result<Self, Problem> {
        let key = key(headers)?;
        let mut written = under.path.as_bytes().to_vec();
        serde_json::to_writer(&mut written, wanted).map_err(|_| Problem::of(Kind::Fault))?;
        let hash = Sha256::digest(written).into();
        Ok(Self { owner: visitor.actor(), key, hash, at_ms: now_ms(), under })
    }

    fn request(&self) -> Request<'_> {
        Request { owner: &self.owner, key: &self.key, hash: self.hash, at_ms: self.at_ms }
    }

    /// Begins it; the answer, where it was given before.
    pub(super) async fn begin(&self, console: &Arc<Console>) -> Result<Option<Response>, Problem> {
        let own = Self { owner: self.owner.clone(), key: self.key.clone(), ..*self };
        let before = console.write(move |t| repeats::begin(t, &own.request())).await?;
        match before {
            Before::Answered { status, answer } => Ok(Some(again(status, answer, self.under))),
            Before::Other => Err(Problem::of(Kind::KeyReused)),
            Before::Begun(at_ms) if (now_ms() - at_ms).abs() < UNDER_WAY_MS => {
                Err(Problem::of(Kind::KeyInUse))
            }
            Before::Begun(_) => Err(Problem::of(Kind::KeyBroken)),
            Before::New => Ok(None),
        }
    }

    /// Notes the answer, and gives it. Where nothing reached the agent, nothing was done, and the
    /// key is free again.
    pub(super) async fn end(
        self,
        console: &Arc<Console>,
        told: Result<impl Serialize, Problem>,
    ) -> Result<Response, Problem> {
        let (status, answer) = match told {
            Ok(made) => (StatusCode::CREATED, json!(made)),
            Err(problem) if matches!(problem.kind, Kind::Silent) => {
                console.write(move |t| repeats::forget(t, &self.request())).await?;
                return Err(problem);
            }
            Err(problem) => (problem.kind.status(), json!(problem.told())),
        };
        let (status, answer) = (i64::from(status.as_u16()), answer.to_string());
        let (kept, under) = (answer.clone(), self.under);
        console.write(move |t| repeats::end(t, &self.request(), status, &kept)).await?;
        let mut response = again(status, answer, under);
        response.headers_mut().remove(REPLAYED);
        Ok(response)
    }
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Err(Problem::of(Kind::KeyMissing));
    };
    let key = key.to_str().ok().filter(|key| (1..=KEY).contains(&key.len()));
    let wrong = || {
        Problem::new(Kind::Header, format!("An Idempotency-Key has 1 to {KEY} ASCII characters."))
    };
    key.map(str::to_owned).ok_or_else(wrong)
}

/// An answer that was given before.
fn again(status: i64, answer: String, under: Under) -> Response {
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media = if status.is_success() { "application/json" } else { problem::MEDIA };
    let made = serde_json::from_str::<Value>(&answer).ok().filter(|_| status.is_success());
    let name = made.as_ref().and_then(|made| made.get(under.member)).and_then(|name| match name {
        Value::String(name) => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let mut response = (status, [(CONTENT_TYPE, media)], Body::from(answer)).into_response();
    if let Some(name) = name
        && let Ok(at) = HeaderValue::from_str(&format!("{}{name}", under.path))
    {
        response.headers_mut().insert(LOCATION, at);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
