//! The console: what people see of the hospital in a browser, made on the server.
//!
//! Shows what stands in the store and what the agent says, and hands on what people intend. Refuses
//! to decide: the rules answer an intent, and the loop carries it out. Nothing is fetched from
//! elsewhere, and no script runs but the one file of our own.

pub mod access;
mod account;
mod asked;
mod audit;
mod bedside;
pub mod cookies;
pub(crate) mod decisions;
mod detections;
pub(crate) mod devices;
mod documents;
mod entrance;
pub(crate) mod events;
mod feeds;
mod flows;
mod map;
mod network;
pub(crate) mod orders;
pub(crate) mod page;
mod people;
mod provider;
mod releases;
mod refusals;
mod retention;
mod search;
pub mod server;
mod settings;
mod statics;
mod targets;
mod today;
mod vulnerabilities;
pub mod words;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use axum::Router;
use axum::http::Method;
use axum::middleware;
use domain::person::PersonId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::StoreError;
use store::database::{Database, Transaction};
use store::secret::{Fingerprint, Secret};
use tokio::sync::Semaphore;

use self::access::Needs::{self, Nothing, Session};
use self::access::{Face, Route, Visitor};
use self::cookies::Channel;
use self::orders::Seen;
use self::page::{Frame, Wrong};
use crate::alerts::Courier;
use crate::api;
use crate::api::meter::Meter;
use crate::intent::Agent;
use crate::sign_in::oidc::{self, Web, client::Client};
use crate::sign_in::rights::Right::{
    AnswerOrder, BreakGlass, ConfirmSubstitute, Export, JudgeFindings, LiftOrder, ManagePeople,
    ManageSettings, OwnAccount, OwnTokens, RenewOrder, RequestOrder, SeeAudit, SeeDevices,
    SeeOrders,
};
use crate::sign_in::token::{self, Random};
use crate::sign_in::{password, setup};
use crate::text::{Languages, Text};
use domain::order::Role;

/// How many passwords are hashed at once: each takes 64 MiB.
const HASHES: usize = password::AT_ONCE;

/// What the console stands on.
pub struct Console {
    pub(crate) database: Arc<Database>,
    zone: TimeZone,
    pub(crate) channel: Channel,
    random: fn() -> Random,
    pub(crate) agent: Arc<dyn Agent>,
    seen: RwLock<Arc<Seen>>,
    looking: Mutex<()>,
    /// Why what the agent tells is not kept, where it is not.
    unkept: Mutex<Option<String>>,
    invited: Mutex<HashMap<Fingerprint, PersonId>>,
    courier: Arc<dyn Courier>,
    /// Who asks the provider of identities, and how many do at once.
    identities: Client,
    asking: Arc<Semaphore>,
    cast: Vec<Player>,
    languages: Languages,
    pub(crate) changes: events::Changes,
    hashes: Semaphore,
    set_up: AtomicBool,
    /// What programs are told of how it is used.
    pub(crate) meter: Meter,
    /// Documents that are packed at once.
    pub(crate) packing: Semaphore,
    intake: OnceLock<Intake>,
    pub(crate) health: api::health::Looked,
}

/// How documents come in beside uploads.
pub struct Intake {
    /// To be called when a document has come, or was taken away.
    pub came: Box<dyn Fn() + Send + Sync>,
    /// Sources that put their documents back by themselves: folders that are watched.
    pub watched: Vec<String>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Intake").field("watched", &self.watched).finish_non_exhaustive()
    }
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
    /// Who carries alerts out.
    pub courier: Arc<dyn Courier>,
    /// Who reaches a provider of identities.
    pub web: Arc<dyn Web>,
    /// Made-up people whom anybody may be who has come in, where all of it is a demonstration;
    /// else nobody.
    pub cast: Vec<Player>,
    /// The languages in which pages speak.
    pub languages: Languages,
}

/// A made-up person of a demonstration.
#[derive(Debug, Clone)]
pub struct Player {
    /// Who.
    pub id: PersonId,
    /// What they are called.
    pub shown: String,
    /// As what they act.
    pub part: Role,
}

impl Console {
    /// A console.
    #[must_use]
    pub fn new(means: Means) -> Arc<Self> {
        Arc::new(Self {
            database: means.database,
            zone: means.zone,
            channel: means.channel,
            random: means.random,
            agent: means.agent,
            seen: RwLock::new(Arc::new(Seen::unasked())),
            looking: Mutex::default(),
            unkept: Mutex::default(),
            invited: Mutex::default(),
            courier: means.courier,
            identities: Client::new(means.web, &mut (means.random)()),
            asking: Arc::new(Semaphore::new(oidc::AT_ONCE)),
            cast: means.cast,
            languages: means.languages,
            changes: events::Changes::new(now_ms()),
            hashes: Semaphore::new(HASHES),
            set_up: AtomicBool::new(false),
            meter: Meter::new(),
            packing: Semaphore::new(api::uploads::AT_ONCE),
            intake: OnceLock::new(),
            health: api::health::Looked::default(),
        })
    }

    /// Tells every open page that something has changed: `judged`, `orders`, `documents`, `alerts`.
    pub fn tell(&self, topic: &'static str) {
        self.changes.tell(topic);
    }

    /// Says how documents come in beside uploads; once.
    pub fn when_documents_come(&self, intake: Intake) {
        // Whoever says it first serves the console.
        let _ = self.intake.set(intake);
    }

    /// Tells that a document has come, or was taken away.
    pub(crate) fn documents_came(&self) {
        self.tell("documents");
        if let Some(intake) = self.intake.get() {
            (intake.came)();
        }
    }

    /// Whether documents of that source are put back by themselves.
    pub(crate) fn watches(&self, source: &str) -> bool {
        let watched = self.intake.get().map(|intake| &intake.watched);
        watched.is_some_and(|watched| watched.iter().any(|own| own == source))
    }

    /// Takes what the agent says now; tells the pages where it is another than before. To be called
    /// again and again.
    pub fn look_at_orders(&self) {
        // One looks at a time, or what was said before would be shown after what is said now.
        let _turn = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.seen();
        let mut now = orders::look(&*self.agent, &before);
        if now.silence.is_none() {
            let unkept = self.unkept.lock().unwrap_or_else(PoisonError::into_inner);
            now.silence.clone_from(&unkept);
        }
        let is_new = now.differs(&before);
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
        if is_new {
            self.tell("orders");
        }
    }

    /// Hears why what the agent tells is not kept in the store; `None` where it is.
    pub fn hear_of_news(&self, fault: Option<String>) {
        *self.unkept.lock().unwrap_or_else(PoisonError::into_inner) = fault;
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

    pub(crate) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn random(&self) -> Random {
        (self.random)()
    }

    /// Looks something up in the store, on a thread that may wait.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Wrong> {
        let database = Arc::clone(&self.database);
        let looked = tokio::task::spawn_blocking(move || database.read("read the store", look));
        Ok(looked.await.map_err(|_| Wrong::Fault)??)
    }

    /// Changes something in the store, on a thread that may wait.
    pub(crate) async fn write<T: Send + 'static>(
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

    /// The day, in the hospital's zone.
    pub(crate) fn today(&self) -> Date {
        Timestamp::now().to_zoned_datetime(self.zone.clone()).date()
    }

    /// What stands around each page.
    async fn frame(
        self: &Arc<Self>,
        title: impl Into<String>,
        here: &'static str,
        visitor: &Visitor,
    ) -> Result<Frame, Wrong> {
        let hospital = self.hospital().await?;
        let frame = Frame::new(visitor.text, title, here, hospital, self.zone.clone());
        Ok(Frame { cast: self.cast.clone(), ..frame.of(visitor, &self.seen()) })
    }

    /// What stands around a page for whoever is not in yet.
    async fn outside(
        self: &Arc<Self>,
        text: Text,
        title: impl Into<String>,
    ) -> Result<Frame, Wrong> {
        let hospital = self.hospital().await?;
        Ok(Frame { hospital, ..Frame::outside(text, title) })
    }

    async fn hospital(self: &Arc<Self>) -> Result<String, Wrong> {
        let name = self.read(|t| store::settings::get(t, page::HOSPITAL)).await?;
        Ok(name.unwrap_or_default())
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Every route, pages first, with what it asks of whoever comes.
fn routes() -> Vec<Route> {
    let mut routes = entrance_routes();
    routes.extend(page_routes());
    routes.extend(decision_routes());
    routes.extend(routes_of_settings());
    routes.extend(api::routes());
    routes
}

fn routes_of_settings() -> Vec<Route> {
    vec![
        Route::get("/settings", ManageSettings, settings::show),
        Route::post("/settings", ManageSettings, settings::change),
        Route::get("/settings/retention", ManageSettings, retention::show),
        Route::post("/settings/retention", ManageSettings, retention::change),
        Route::get("/settings/sign-in", ManageSettings, provider::show),
        Route::post("/settings/sign-in", ManageSettings, provider::check),
        Route::get("/settings/alerts", ManageSettings, targets::show),
        Route::post("/settings/alerts", ManageSettings, targets::add),
        Route::post("/settings/alerts/{id}/{change}", ManageSettings, targets::change),
    ]
}

/// Decisions about findings.
fn decision_routes() -> Vec<Route> {
    vec![
        Route::get("/decisions", SeeDevices, decisions::list),
        Route::post("/decisions", JudgeFindings, decisions::make),
        Route::post("/decisions/preview", JudgeFindings, decisions::preview),
        Route::get("/decisions/{id}", SeeDevices, decisions::show),
        Route::post("/decisions/{id}/undo", JudgeFindings, decisions::undo),
    ]
}

/// How people come in and leave.
fn entrance_routes() -> Vec<Route> {
    vec![
        Route::get("/setup", Nothing, entrance::setup_page),
        Route::post("/setup", Nothing, entrance::set_up),
        Route::get("/sign-in", Nothing, entrance::sign_in_page),
        Route::post("/sign-in", Nothing, entrance::sign_in),
        Route::get("/sign-in/code", Session, entrance::code_page),
        Route::post("/sign-in/code", Session, entrance::confirm),
        Route::get("/sign-in/provider", Nothing, provider::begin),
        Route::get("/sign-in/provider/back", Nothing, provider::back),
        Route::get("/sign-in/waiting", Session, provider::waiting),
        Route::get("/confirm/provider", Session, provider::begin_again),
        Route::get("/enter/{code}", Nothing, entrance::invitation),
        Route::post("/enter/{code}", Nothing, entrance::accept),
        Route::post("/play/{id}", Session, entrance::play),
        Route::post("/sign-out", Session, entrance::sign_out),
        Route::get("/confirm", Session, entrance::confirm_page),
        Route::post("/confirm", Session, entrance::confirm),
    ]
}

fn page_routes() -> Vec<Route> {
    vec![
        Route::get("/", SeeDevices, today::show),
        Route::get("/devices", SeeDevices, devices::list),
        Route::get("/devices.csv", Export, devices::csv),
        Route::get("/devices.json", Export, devices::json),
        Route::post("/views", SeeDevices, devices::views::save),
        Route::post("/views/{id}/{change}", SeeDevices, devices::views::change),
        Route::get("/devices/{id}", SeeDevices, devices::show),
        Route::get("/devices/{id}/findings/{place}", SeeDevices, devices::finding),
        Route::get("/devices/{id}/contain", SeeOrders, orders::think),
        Route::get("/devices/{id}/bedside", SeeOrders, bedside::show),
        Route::post("/devices/{id}/break-glass", BreakGlass, bedside::break_glass),
        Route::get("/map", SeeDevices, map::show),
        Route::get("/vulnerabilities", SeeDevices, vulnerabilities::list),
        Route::get("/vulnerabilities/{id}", SeeDevices, vulnerabilities::show),
        Route::get("/releases", SeeDevices, releases::list),
        Route::get("/releases/{id}", SeeDevices, releases::show),
        Route::get("/releases/{id}/diff/{other}", SeeDevices, releases::diff),
        Route::get("/feeds", SeeDevices, feeds::show),
        Route::get("/documents", SeeDevices, documents::list),
        Route::get("/documents/{*name}", SeeDevices, documents::show),
        Route::get("/search", SeeDevices, search::show),
        Route::get("/detections", SeeDevices, detections::list),
        Route::get("/detections/{number}", SeeDevices, detections::show),
        Route::post("/detections/{number}", JudgeFindings, detections::judge),
        Route::get("/orders", SeeOrders, orders::list),
        Route::post("/orders", RequestOrder, orders::request),
        Route::get("/orders/{order}", SeeOrders, orders::show),
        Route::post("/orders/{order}/approve", AnswerOrder, orders::approve),
        Route::post("/orders/{order}/refuse", AnswerOrder, orders::refuse),
        Route::post(
            "/orders/{order}/confirm-substitute",
            ConfirmSubstitute,
            orders::confirm_substitute,
        ),
        Route::post("/orders/{order}/renew", RenewOrder, orders::renew),
        Route::post("/orders/{order}/lift", LiftOrder, orders::lift),
        Route::get("/audit", SeeAudit, audit::show),
        Route::get("/people", ManagePeople, people::list),
        Route::post("/people", ManagePeople, people::add),
        Route::post("/people/{id}/{change}", ManagePeople, people::change),
        Route::get("/account", OwnAccount, account::show),
        Route::post("/account/password", OwnAccount, account::password),
        Route::post("/account/second-factor", OwnAccount, account::second_factor),
        Route::post("/account/sessions", OwnAccount, account::end_others),
        Route::post("/account/tokens", OwnTokens, account::make_token),
        Route::post("/account/tokens/{id}/revoke", OwnTokens, account::revoke_token),
        Route::get("/events", SeeDevices, events::stream),
        Route::get("/static/{name}", Nothing, statics::file),
    ]
}

/// Every route: its method, its path, what it asks for, and how it speaks.
#[must_use]
pub fn pages() -> Vec<(Method, &'static str, Needs, Face)> {
    let routes = routes().into_iter();
    routes.map(|route| (route.method, route.path, route.needs, route.face)).collect()
}

/// The pages and the API, each behind what it asks for.
pub fn router(console: Arc<Console>) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let state = (Arc::clone(&console), route.gate());
        let guard = middleware::from_fn_with_state(state, access::guard);
        router = router.route(route.path, route.handler.route_layer(guard));
    }
    router
        .fallback(api::problem::nowhere)
        .method_not_allowed_fallback(api::problem::no_method)
        .with_state(console)
        .layer(middleware::map_response(page::with_headers))
}

#[cfg(test)]
pub(crate) mod tests;
