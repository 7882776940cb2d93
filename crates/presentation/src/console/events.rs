//! What open pages are told while they are open (server-sent events; WHATWG HTML, section 9.2).
//!
//! Tells that something changed, never what: the page asks for itself anew, as whoever looks at it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use http_body_util::channel::Channel;
use tokio::sync::broadcast::error::RecvError;

use super::Console;

/// A word that keeps the connection open.
const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");
const EVERY: Duration = Duration::from_secs(20);
/// Words that wait to be sent to one page.
const WAITING: usize = 8;

pub(super) async fn stream(State(console): State<Arc<Console>>) -> Response {
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(WAITING);
    let mut changes = console.changes.subscribe();
    tokio::spawn(async move {
        let mut text = Bytes::from_static(b"retry: 2000\n\n");
        while sender.send_data(text).await.is_ok() {
            text = match tokio::time::timeout(EVERY, changes.recv()).await {
                Ok(Ok(topic)) => format!("event: {topic}\ndata: {{}}\n\n").into(),
                // A page that has missed some asks for everything anew.
                Ok(Err(RecvError::Lagged(_))) => {
                    Bytes::from_static(b"event: judged\ndata: {}\n\nevent: orders\ndata: {}\n\n")
                }
                Ok(Err(RecvError::Closed)) => return,
                Err(_) => STILL_HERE,
            };
        }
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::new(body)).into_response()
}
