//! What open pages, and programs, are told while they listen (server-sent events; WHATWG HTML,
//! section 9.2).
//!
//! Tells that something changed, never what: whoever listens asks for it anew, as themselves. Each
//! has a number, by which whoever comes back says what they have missed.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use http_body_util::channel::Channel;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout};

use super::Console;

/// A word that keeps the connection open.
const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");
const EVERY: Duration = Duration::from_secs(20);
/// Words that wait to be sent to one listener.
const WAITING: usize = 8;
/// How long one may listen before asking anew, so that who may listen no more does not.
const LASTS: Duration = Duration::from_mins(15);
/// Changes that a listener may be behind before it misses some.
const BEHIND: usize = 64;
/// What can be told of. Whoever has missed some is told all.
pub(crate) const TOPICS: [&str; 3] = ["judged", "orders", "documents"];

/// What changes, by number.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Tells the numbers of one run of the program from those of another.
    run: i64,
    last: AtomicU64,
    sender: broadcast::Sender<(u64, &'static str)>,
}

impl Changes {
    /// Of a run that began then, in milliseconds since 1970.
    pub(crate) fn new(run: i64) -> Self {
        let (sender, _) = broadcast::channel(BEHIND);
        Self { run, last: AtomicU64::new(0), sender }
    }

    pub(crate) fn tell(&self, topic: &'static str) {
        let number = self.last.fetch_add(1, Ordering::AcqRel) + 1;
        // Where nobody listens there is nobody to tell.
        let _ = self.sender.send((number, topic));
    }

    fn event(&self, number: u64, topic: &str) -> String {
        format!("id: {}-{number}\nevent: {topic}\ndata: {{}}\n\n", self.run)
    }

    /// Everything, under the last number.
    fn all(&self) -> Bytes {
        let last = self.last.load(Ordering::Acquire);
        TOPICS.iter().map(|topic| self.event(last, topic)).collect::<String>().into()
    }

    /// What somebody is told first: when to come back, and, where they have missed some, that.
    fn first(&self, seen: Option<&str>) -> Bytes {
        const AGAIN: &str = "retry: 2000\n\n";
        let last = format!("{}-{}", self.run, self.last.load(Ordering::Acquire));
        match seen {
            Some(seen) if seen != last => [AGAIN.as_bytes(), &self.all()].concat().into(),
            _ => Bytes::from_static(AGAIN.as_bytes()),
        }
    }
}

pub(crate) async fn stream(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(WAITING);
    let mut changes = console.changes.sender.subscribe();
    let seen = headers.get("last-event-id").and_then(|seen| seen.to_str().ok());
    let mut text = console.changes.first(seen);
    let until = Instant::now() + LASTS;
    tokio::spawn(async move {
        while sender.send_data(text).await.is_ok() && Instant::now() < until {
            text = match timeout(EVERY, changes.recv()).await {
                Ok(Ok((number, topic))) => console.changes.event(number, topic).into(),
                Ok(Err(RecvError::Lagged(_))) => console.changes.all(),
                Ok(Err(RecvError::Closed)) => return,
                Err(_) => STILL_HERE,
            };
        }
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::new(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::Changes;

    #[test]
    fn whoever_comes_back_is_told_what_they_have_missed_and_nothing_else() {
        let changes = Changes::new(7);
        changes.tell("orders");
        let told = |seen| String::from_utf8(changes.first(seen).to_vec()).expect("text");
        assert!(!told(None).contains("event:"), "who comes for the first time has just asked");
        assert!(!told(Some("7-1")).contains("event:"));
        for missed in ["7-0", "6-1", "", "x"] {
            let told = told(Some(missed));
            assert!(told.contains("id: 7-1\nevent: judged"), "{missed}: {told}");
            assert_eq!(told.matches("event:").count(), 3, "{missed}: {told}");
        }
    }
}
