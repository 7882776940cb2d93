//! The console: what people see of the hospital in a browser, made on the server.
//!
//! Shows what stands in the store and what the agent says, and hands on what people intend. Refuses
//! to decide: the rules answer an intent, and the loop carries it out. Nothing is fetched from
//! elsewhere, and no script runs but the one file of our own.

pub mod access;
mod account;
mod audit;
mod bedside;
pub mod cookies;
mod devices;
mod documents;
mod entrance;
mod events;
mod map;
mod orders;
mod page;
mod people;
mod releases;
mod search;
pub mod server;
mod settings;
mod statics;
mod today;
mod vulnerabilities;
pub mod words;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use domain::person::PersonId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::StoreError;
use store::database::{Database, Transaction};
use store::secret::{Fingerprint, Secret};
use tokio::sync::{Semaphore, broadcast};

use self::access::Visitor;
use self::cookies::Channel;
use self::orders::Seen;
use self::page::{Frame, Wrong};
use crate::intent::Agent;
use crate::sign_in::token::{self, Random};
use crate::sign_in::{password, setup};

/// Changes that a page may be behind before it misses some.
const CHANGES: usize = 64;
/// How many passwords are hashed at once: each takes 64 MiB.
const HASHES: usize = password::AT_ONCE;

/// What the console stands on.
pub struct Console {
    database: Arc<Database>,
    zone: TimeZone,
    channel: Channel,
    random: fn() -> Random,
    agent: Arc<dyn Agent>,
    seen: RwLock<Arc<Seen>>,
    looking: Mutex<()>,
    invited: Mutex<HashMap<Fingerprint, PersonId>>,
    cast: Vec<Player>,
    changes: broadcast::Sender<&'static str>,
    hashes: Semaphore,
    set_up: AtomicBool,
}

/// What whoever begins to serve says.
pub struct Means {
    /// The store.
    pub database: Arc<Database>,
    /// In which zone times are shown.
    pub zone: TimeZone,
    /// How the console is reached.
    pub channel: Channel,
    /// Begins to draw what nobody can guess.
    pub random: fn() -> Random,
    /// Who watches the network.
    pub agent: Arc<dyn Agent>,
    /// Made-up people whom anybody may be who has come in, where all of it is a demonstration;
    /// else nobody.
    pub cast: Vec<Player>,
}

/// A made-up person of a demonstration.
#[derive(Debug, Clone)]
pub struct Player {
    /// Who.
    pub id: PersonId,
    /// What they are called.
    pub shown: String,
    /// What they are there for, in words.
    pub part: &'static str,
}

impl Console {
    /// A console.
    #[must_use]
    pub fn new(means: Means) -> Arc<Self> {
        let (changes, _) = broadcast::channel(CHANGES);
        Arc::new(Self {
            database: means.database,
            zone: means.zone,
            channel: means.channel,
            random: means.random,
            agent: means.agent,
            seen: RwLock::default(),
            looking: Mutex::default(),
            invited: Mutex::default(),
            cast: means.cast,
            changes,
            hashes: Semaphore::new(HASHES),
            set_up: AtomicBool::new(false),
        })
    }

    /// Tells every open page that something has changed: `judged`, `orders`, `documents`.
    pub fn tell(&self, topic: &'static str) {
        // Where no page is open there is nobody to tell.
        let _ = self.changes.send(topic);
    }

    /// Takes what the agent says now; tells the pages where it is another than before. To be called
    /// again and again.
    pub fn look_at_orders(&self) {
        // One looks at a time, or a detection would be taken twice.
        let _turn = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.seen();
        let now = orders::look(&*self.agent, &before);
        let is_new = now.differs(&before);
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
        if is_new {
            self.tell("orders");
        }
    }

    /// A code by which somebody comes in once, without a password; lost when the program ends.
    pub fn invite(&self, person: PersonId) -> Secret<String> {
        let code = token::opaque(&mut self.random());
        let mut invited = self.invited.lock().unwrap_or_else(PoisonError::into_inner);
        invited.insert(Fingerprint::of(code.expose()), person);
        code
    }

    /// Who was invited by a code, which counts no more.
    fn take_invitation(&self, code: &str) -> Option<PersonId> {
        let mut invited = self.invited.lock().unwrap_or_else(PoisonError::into_inner);
        invited.remove(&token::read_opaque(code)?)
    }

    fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn random(&self) -> Random {
        (self.random)()
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

    /// Changes something in the store, on a thread that may wait.
    async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Wrong> {
        let database = Arc::clone(&self.database);
        let done = tokio::task::spawn_blocking(move || database.write("write the store", change));
        Ok(done.await.map_err(|_| Wrong::Fault)??)
    }

    /// Does what takes long and much memory, few at a time.
    async fn slowly<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Wrong> {
        let _turn = self.hashes.acquire().await.map_err(|_| Wrong::Fault)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Wrong::Fault)
    }

    /// Whether nobody has been made an administrator yet.
    async fn needs_setup(self: &Arc<Self>) -> Result<bool, Wrong> {
        if self.set_up.load(Ordering::Acquire) {
            return Ok(false);
        }
        let is_done = self.read(setup::is_done).await?;
        self.set_up.store(is_done, Ordering::Release);
        Ok(!is_done)
    }

    /// Notes that the first administrator has come to be.
    fn is_set_up(&self) {
        self.set_up.store(true, Ordering::Release);
    }

    /// What stands around each page.
    async fn frame(
        self: &Arc<Self>,
        title: &str,
        here: &'static str,
        visitor: &Visitor,
    ) -> Result<Frame, Wrong> {
        let hospital = self.hospital().await?;
        let frame = Frame::new(title, here, hospital, self.zone.clone());
        Ok(Frame { cast: self.cast.clone(), ..frame.of(visitor, &self.seen()) })
    }

    /// What stands around a page for whoever is not in yet.
    async fn outside(self: &Arc<Self>, title: &str) -> Result<Frame, Wrong> {
        let hospital = self.hospital().await?;
        Ok(Frame { hospital, ..Frame::outside(title) })
    }

    async fn hospital(self: &Arc<Self>) -> Result<String, Wrong> {
        let name = self.read(|t| store::settings::get(t, page::HOSPITAL)).await?;
        Ok(name.unwrap_or_default())
    }
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Every page. Each stands in [`access::ROUTES`], or it is not served.
pub fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/", get(today::show))
        .route("/setup", get(entrance::setup_page).post(entrance::set_up))
        .route("/sign-in", get(entrance::sign_in_page).post(entrance::sign_in))
        .route("/sign-in/code", get(entrance::code_page).post(entrance::confirm))
        .route("/enter/{code}", get(entrance::invitation).post(entrance::accept))
        .route("/play/{id}", post(entrance::play))
        .route("/sign-out", post(entrance::sign_out))
        .route("/confirm", get(entrance::confirm_page).post(entrance::confirm))
        .route("/devices", get(devices::list))
        .route("/devices.csv", get(devices::csv))
        .route("/devices/{id}", get(devices::show))
        .route("/devices/{id}/findings/{place}", get(devices::finding))
        .route("/devices/{id}/contain", get(orders::think))
        .route("/devices/{id}/bedside", get(bedside::show))
        .route("/devices/{id}/break-glass", post(bedside::break_glass))
        .route("/map", get(map::show))
        .route("/vulnerabilities", get(vulnerabilities::list))
        .route("/vulnerabilities/{id}", get(vulnerabilities::show))
        .route("/releases", get(releases::list))
        .route("/releases/{id}", get(releases::show))
        .route("/documents", get(documents::list))
        .route("/documents/{*name}", get(documents::show))
        .route("/search", get(search::show))
        .route("/orders", get(orders::list).post(orders::request))
        .route("/orders/{order}", get(orders::show))
        .route("/orders/{order}/approve", post(orders::approve))
        .route("/orders/{order}/refuse", post(orders::refuse))
        .route("/orders/{order}/confirm-substitute", post(orders::confirm_substitute))
        .route("/orders/{order}/renew", post(orders::renew))
        .route("/orders/{order}/lift", post(orders::lift))
        .route("/audit", get(audit::show))
        .route("/people", get(people::list).post(people::add))
        .route("/people/{id}/{change}", post(people::change))
        .route("/settings", get(settings::show).post(settings::change))
        .route("/account", get(account::show))
        .route("/account/password", post(account::password))
        .route("/account/second-factor", post(account::second_factor))
        .route("/account/sessions", post(account::end_others))
        .route("/account/tokens", post(account::make_token))
        .route("/account/tokens/{id}/revoke", post(account::revoke_token))
        .route("/events", get(events::stream))
        .route("/static/{name}", get(statics::file))
        .fallback(page::nowhere)
        .with_state(Arc::clone(&console))
        .layer(middleware::from_fn_with_state(console, access::guard))
}

#[cfg(test)]
mod tests;
