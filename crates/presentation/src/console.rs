//! The console: what people see of the hospital in a browser, made on the server.
//!
//! Shows what stands in the store and what the agent says, and hands on what people intend. Refuses
//! to decide: the rules answer an intent, and the loop carries it out. Nothing is fetched from
//! elsewhere, and no script runs but the one file of our own.

mod devices;
mod documents;
mod events;
mod page;
mod releases;
mod search;
pub mod server;
mod statics;
mod today;
mod vulnerabilities;
pub mod words;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use store::StoreError;
use store::database::{Database, Transaction};
use tokio::sync::broadcast;

use self::page::{Frame, Wrong};

/// Changes that a page may be behind before it misses some.
const CHANGES: usize = 64;

/// What the console stands on.
pub struct Console {
    database: Arc<Database>,
    zone: jiff::tz::TimeZone,
    changes: broadcast::Sender<&'static str>,
    documents_came: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Console {
    /// A console over a store; times are shown in a zone.
    #[must_use]
    pub fn new(database: Arc<Database>, zone: jiff::tz::TimeZone) -> Arc<Self> {
        let (changes, _) = broadcast::channel(CHANGES);
        Arc::new(Self { database, zone, changes, documents_came: OnceLock::new() })
    }

    /// Tells every open page that something has changed: `judged`, `orders`, `documents`.
    pub fn tell(&self, topic: &'static str) {
        // Where no page is open there is nobody to tell.
        let _ = self.changes.send(topic);
    }

    /// What is to be done when documents have come through the console.
    pub fn when_documents_come(&self, act: impl Fn() + Send + Sync + 'static) {
        // Set once, by whoever begins to serve.
        let _ = self.documents_came.set(Box::new(act));
    }

    /// Looks something up in the store, on a thread that may wait.
    async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Wrong> {
        let database = Arc::clone(&self.database);
        let looked = tokio::task::spawn_blocking(move || database.read("read the store", look));
        Ok(looked.await.map_err(|_| Wrong::Fault)??)
    }

    /// What stands around each page.
    async fn frame(self: &Arc<Self>, title: &str, here: &'static str) -> Result<Frame, Wrong> {
        let hospital = self.read(|t| store::settings::get(t, page::HOSPITAL)).await?;
        Ok(Frame::new(title, here, hospital, self.zone.clone()))
    }
}

/// Every page.
pub fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/", get(today::show))
        .route("/devices", get(devices::list))
        .route("/devices.csv", get(devices::csv))
        .route("/devices/{id}", get(devices::show))
        .route("/devices/{id}/findings/{place}", get(devices::finding))
        .route("/vulnerabilities", get(vulnerabilities::list))
        .route("/vulnerabilities/{id}", get(vulnerabilities::show))
        .route("/releases", get(releases::list))
        .route("/releases/{id}", get(releases::show))
        .route("/documents", get(documents::list))
        .route("/documents/{*name}", get(documents::show))
        .route("/search", get(search::show))
        .route("/events", get(events::stream))
        .route("/static/{name}", get(statics::file))
        .fallback(page::nowhere)
        .with_state(Arc::clone(&console))
        .layer(middleware::from_fn_with_state(console, guard))
}

/// What every answer carries.
async fn guard(State(_console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in page::HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
