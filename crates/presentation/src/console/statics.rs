//! The files beside the pages: one style sheet, one script, one icon. Named by their content, so
//! that a browser may keep them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use store::documents::hash_of;

struct File {
    name: String,
    kind: &'static str,
    text: &'static str,
}

const FILES: [(&str, &str, &str, &str); 3] = [
    ("console", "css", "text/css; charset=utf-8", include_str!("../../templates/console.css")),
    ("console", "js", "text/javascript; charset=utf-8", include_str!("../../templates/console.js")),
    ("icon", "svg", "image/svg+xml", include_str!("../../templates/icon.svg")),
];

static NAMED: LazyLock<Vec<File>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(stem, extension, kind, text)| {
            let mut hash = hash_of(text.as_bytes());
            hash.truncate(12);
            File { name: format!("{stem}.{hash}.{extension}"), kind, text }
        })
        .collect()
});

/// Where a page finds the file with that extension.
pub(super) fn path(extension: &str) -> String {
    let file = NAMED.iter().find(|file| file.name.ends_with(extension));
    file.map(|file| format!("/static/{}", file.name)).unwrap_or_default()
}

pub(super) async fn file(Path(name): Path<String>) -> Response {
    const KEPT: &str = "public, max-age=31536000, immutable";
    let headers =
        |kind| -> [(HeaderName, &'static str); 2] { [(CONTENT_TYPE, kind), (CACHE_CONTROL, KEPT)] };
    match NAMED.iter().find(|file| file.name == name) {
        Some(file) => (headers(file.kind), file.text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
