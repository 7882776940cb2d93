//! What programs are answered: JSON, with a tag by which they say that they have it already (RFC
//! 9110, section 8.8.3 and 13.1.2).

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use store::documents::hash_of;
use utoipa::ToSchema;

/// Largest answer that gets a tag, in bytes; the few that are larger have one of their own, or are
/// sent as they come.
const TAGGED: u64 = 64 << 20;
/// Letters of a tag: 128 bits of a SHA-256.
const TAG: usize = 32;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The rows.
    pub(crate) items: Vec<T>,
    /// The address of the next page; null on the last one.
    pub(crate) next: Option<String>,
    /// How many rows there are in all, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) count: Option<i64>,
}

impl<T> Page<T> {
    /// A page of rows with the address of the next, made of the last row where the page is full.
    pub(crate) fn new<R>(
        rows: Vec<R>,
        size: usize,
        next: impl FnOnce(&R) -> String,
        show: impl Fn(R) -> T,
    ) -> Self {
        let next = rows.last().filter(|_| rows.len() >= size).map(next);
        Self { items: rows.into_iter().map(show).collect(), next, count: None }
    }

    /// The same, with how many there are in all.
    pub(crate) fn of(self, count: Option<i64>) -> Self {
        Self { count, ..self }
    }
}

/// A moment (RFC 3339), from milliseconds since 1970.
pub(crate) fn moment(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).unwrap_or_default().to_string()
}

/// A text that is there; none where it is empty.
pub(crate) fn said(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Something that was made, and where it is.
pub(crate) fn made(value: &impl Serialize, at: &str) -> Response {
    let mut response = (StatusCode::CREATED, axum::Json(value)).into_response();
    if let Ok(at) = HeaderValue::from_str(at) {
        response.headers_mut().insert(LOCATION, at);
    }
    response
}

/// What whoever asks says that they know; none where more than looking is asked for.
pub(crate) fn known(request: &Request) -> Option<Vec<String>> {
    if !request.method().is_safe() {
        return None;
    }
    let told = request.headers().get_all(IF_NONE_MATCH).iter();
    let told = told.filter_map(|told| told.to_str().ok()).flat_map(|told| told.split(','));
    Some(told.map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect())
}

/// The answer; or that it is the one that is known.
pub(crate) async fn unless_known(response: Response, known: Option<&[String]>) -> Response {
    let Some(known) = known else { return response };
    let response = tagged(response).await;
    let is_known = response.status() == StatusCode::OK
        && response
            .headers()
            .get(ETAG)
            .and_then(|tag| tag.to_str().ok())
            .is_some_and(|tag| known.iter().any(|known| known == "*" || known == tag));
    if !is_known {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(CONTENT_TYPE);
    Response::from_parts(parts, Body::empty())
}

/// The answer with a tag of its bytes, where it is one of those that can be had again.
async fn tagged(response: Response) -> Response {
    let is_whole = response.body().size_hint().exact().is_some_and(|bytes| bytes <= TAGGED);
    if response.status() != StatusCode::OK || response.headers().contains_key(ETAG) || !is_whole {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_else(|_| Bytes::new());
    if let Ok(tag) = HeaderValue::from_str(&tag(&bytes)) {
        parts.headers.insert(ETAG, tag);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn tag(bytes: &[u8]) -> String {
    let mut hash = hash_of(bytes);
    hash.truncate(TAG);
    format!("\"{hash}\"")
}
