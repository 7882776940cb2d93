//! What a program asks, read from the address, the query and the body.
//!
//! Refuses what it does not know: a filter that is misspelt must not be one that is not there.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cursor;
use super::problem::{Kind, Problem};
use crate::console::words;

/// Longest body in JSON, in bytes.
pub(crate) const JSON: usize = 64 << 10;
/// Rows of a page, where nothing else is asked for.
const ROWS: u16 = 50;
/// Most rows of a page.
pub(crate) const MOST: u16 = 500;

/// How many rows of a page are asked for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(try_from = "u16")]
#[schema(minimum = 1, maximum = 500, default = 50)]
pub(crate) struct Limit(u16);

impl Default for Limit {
    fn default() -> Self {
        Self(ROWS)
    }
}

impl TryFrom<u16> for Limit {
    type Error = String;

    fn try_from(limit: u16) -> Result<Self, String> {
        let is_one = (1..=MOST).contains(&limit);
        is_one.then_some(Self(limit)).ok_or_else(|| format!("expected 1 to {MOST}"))
    }
}

impl Limit {
    pub(crate) fn rows(self) -> usize {
        usize::from(self.0)
    }
}

/// A day, `YYYY-MM-DD`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Day(pub(crate) String);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(day: String) -> Result<Self, String> {
        let read = jiff::civil::Date::strptime("%Y-%m-%d", &day);
        read.map(|_| Self(day)).map_err(|_| "expected a day, YYYY-MM-DD".to_owned())
    }
}

/// A moment (RFC 3339), in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Since(pub(crate) i64);

impl TryFrom<String> for Since {
    type Error = String;

    fn try_from(moment: String) -> Result<Self, String> {
        let read = moment.parse::<jiff::Timestamp>();
        let wrong = |_| "expected a moment, YYYY-MM-DDThh:mm:ssZ".to_owned();
        read.map(|at| Self(at.as_millisecond())).map_err(wrong)
    }
}

/// What a query asks, and how the next page of it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked<T> {
    pub(crate) asked: T,
    uri: Uri,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let wrong = |error: axum::extract::rejection::QueryRejection| {
            Problem::new(Kind::Query, own_words(&error.body_text()))
        };
        let Query(asked) = Query::<T>::try_from_uri(&parts.uri).map_err(wrong)?;
        Ok(Self { asked, uri: parts.uri.clone() })
    }
}

/// What the reader says, without whose words it is.
fn own_words(text: &str) -> String {
    let text = text.rsplit_once("Failed to deserialize query string: ").map_or(text, |(_, t)| t);
    let text = text.rsplit_once("the target type: ").map_or(text, |(_, t)| t);
    format!("{}.", text.trim_end_matches('.'))
}

impl<T> Asked<T> {
    /// The place after which the page begins, of a list that goes on with places of that form.
    pub(crate) fn after<P: DeserializeOwned>(
        &self,
        cursor: Option<&str>,
    ) -> Result<Option<P>, Problem> {
        let Some(cursor) = cursor else { return Ok(None) };
        let place = cursor::read(&self.list(), cursor);
        place.map(Some).ok_or_else(|| {
            Problem::new(Kind::Cursor, "The cursor is not of this list, or was not copied whole.")
        })
    }

    /// The address of the page after a place.
    pub(crate) fn next(&self, place: &impl Serialize) -> String {
        let cursor = cursor::write(&self.list(), place);
        let mut pairs = self.pairs();
        pairs.retain(|(name, _)| name != "cursor");
        pairs.push(("cursor".to_owned(), cursor));
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        format!("{}{}", self.uri.path(), words::query(&pairs))
    }

    /// The address itself.
    pub(crate) fn address(&self) -> &str {
        self.uri.path_and_query().map_or("/", |own| own.as_str())
    }

    /// Which list it is: the address, and all that is asked of it but for the page.
    fn list(&self) -> String {
        let mut pairs = self.pairs();
        pairs.retain(|(name, value)| {
            !matches!(name.as_str(), "cursor" | "limit" | "_count" | "count") && !value.is_empty()
        });
        pairs.sort_unstable();
        format!("{} {pairs:?}", self.uri.path())
    }

    fn pairs(&self) -> Vec<(String, String)> {
        Query::try_from_uri(&self.uri).map(|Query(pairs)| pairs).unwrap_or_default()
    }
}

/// A name in the address.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::<T>::from_request_parts(parts, state).await;
        let Path(named) =
            named.map_err(|error: PathRejection| Problem::new(Kind::Path, error.body_text()))?;
        Ok(Self(named))
    }
}

/// What a body says, in JSON.
#[derive(Debug, Clone)]
pub(crate) struct Sent<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // JSON goes no further than its limit, whatever is sent.
        let (parts, body) = request.into_parts();
        let body = axum::body::Body::new(http_body_util::Limited::new(body, JSON));
        let request = Request::from_parts(parts, body);
        let sent = Json::<T>::from_request(request, state).await;
        sent.map(|Json(sent)| Self(sent)).map_err(|error| of_json(&error))
    }
}

fn of_json(error: &JsonRejection) -> Problem {
    let text = error.body_text();
    let detail = text.rsplit_once("the target type: ").map_or(text.as_str(), |(_, text)| text);
    match error.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::of(Kind::MediaType),
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(Kind::TooLarge, format!("JSON may have {JSON} bytes at most."))
        }
        StatusCode::UNPROCESSABLE_ENTITY => Problem::new(Kind::Value, format!("{detail}.")),
        _ => Problem::new(Kind::Body, format!("{detail}.")),
    }
}
