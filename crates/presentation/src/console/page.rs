//! What all pages have in common: the frame, the headers, and what is shown where there is no page.

use askama::Template;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::StoreError;

use super::statics;
use super::words::Given;

/// Under which name the hospital's own is set.
pub(super) const HOSPITAL: &str = "hospital.name";

/// What every answer carries: nothing from elsewhere is loaded, framed, or told where a link came
/// from (W3C Content Security Policy Level 3).
pub(super) const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// What stands around a page.
pub(super) struct Frame {
    pub(super) title: String,
    /// Which place of the navigation is this one.
    pub(super) here: &'static str,
    pub(super) hospital: String,
    /// What was searched for.
    pub(super) search: String,
    pub(super) css: String,
    pub(super) script: String,
    pub(super) icon: String,
    pub(super) zone: TimeZone,
}

/// A place of the navigation: its address, and its name.
pub(super) const PLACES: [(&str, &str); 5] = [
    ("/", "Today"),
    ("/devices", "Devices"),
    ("/vulnerabilities", "Vulnerabilities"),
    ("/releases", "Releases"),
    ("/documents", "Documents"),
];

impl Frame {
    pub(super) fn new(
        title: &str,
        here: &'static str,
        hospital: Option<String>,
        zone: TimeZone,
    ) -> Self {
        Self {
            title: title.to_owned(),
            here,
            hospital: hospital.unwrap_or_default(),
            search: String::new(),
            css: statics::path(".css"),
            script: statics::path(".js"),
            icon: statics::path(".svg"),
            zone,
        }
    }

    pub(super) fn places(&self) -> [(&'static str, &'static str, bool); PLACES.len()] {
        PLACES.map(|(path, name)| (path, name, path == self.here))
    }

    /// A moment in the hospital's zone: `30 Nov 2026, 03:05`.
    pub(super) fn time(&self, at_ms: impl Given<i64>) -> String {
        let at = Timestamp::from_millisecond(at_ms.given()).unwrap_or_default();
        at.to_zoned_datetime(self.zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
    }

    /// The day, in the hospital's zone, `YYYY-MM-DD`.
    pub(super) fn today(&self) -> String {
        Timestamp::now().to_zoned_datetime(self.zone.clone()).date().to_string()
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Wrong {
    /// There is nothing at this address.
    Nowhere(&'static str),
    /// The store fails.
    Store(StoreError),
    /// Something of ours failed.
    Fault,
}

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[derive(Template)]
#[template(path = "console/wrong.html")]
struct WrongPage {
    frame: Frame,
    sentence: String,
    hint: &'static str,
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let (status, title, sentence, hint) = match self {
            Self::Nowhere(what) => (
                StatusCode::NOT_FOUND,
                "Not found",
                format!("There is no such {what}."),
                "It may have left the inventory, or the address may be misspelt. Search for it \
                 above.",
            ),
            Self::Store(error) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The store does not answer",
                error.to_string(),
                "What stands in the store is safe. Devices that are held stay held without it.",
            ),
            Self::Fault => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault of ours",
                "This page could not be made.".to_owned(),
                "Nothing was lost. Devices that are held stay held.",
            ),
        };
        let frame = Frame::new(title, "", None, TimeZone::UTC);
        (status, html(&WrongPage { frame, sentence, hint })).into_response()
    }
}

/// A page as an answer.
pub(super) fn html(page: &impl Template) -> Html<String> {
    Html(page.render().expect("invariant: the template writes to memory"))
}

pub(super) async fn nowhere() -> Wrong {
    Wrong::Nowhere("page")
}
