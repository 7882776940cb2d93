//! The server: what runs beside the pages. Folders are watched, and everything is judged anew when
//! a document has come, in a process of its own, so that what documents take of memory, and what
//! they may do to a reader, stays out of this one.

pub(crate) mod alerts;
pub(crate) mod identities;
pub(crate) mod intake;
mod jobs;
pub(crate) mod languages;
mod news;
pub(crate) mod retention;
mod tls;
pub(crate) mod watcher;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, bail};
use collectors::outward::Reach;
use presentation::alerts::Courier;
use presentation::console::cookies::Channel;
use presentation::console::{self, Console, Means, Player};
use presentation::intent::Agent;
use presentation::sign_in::setup;
use presentation::text::Languages;
use store::Place;
use store::audit::By;
use store::database::Database;
use store::settings;
use tokio_rustls::TlsAcceptor;

use crate::arguments::serve::Serve;
use crate::commands::store::{name_base, open};
use crate::keeping::{HOSPITAL, now_ms};
use crate::{DONE, output, randomness};

use self::alerts::{Carrier, Sender};
use self::identities::Asker;
use self::intake::Watched;
use self::jobs::Jobs;
use self::news::Intake;

/// What is served, and how.
pub(crate) struct Service {
    /// The store, and where it stands.
    pub(crate) database: Arc<Database>,
    pub(crate) place: String,
    /// Folders that are watched.
    pub(crate) folders: Vec<Watched>,
    /// Where it is reached, and by which channel.
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) channel: Channel,
    /// Who watches the network.
    pub(crate) agent: Arc<dyn Agent>,
    /// What alerts may reach beside what is public.
    pub(crate) reach: Reach,
    /// And what may be reached of a provider of identities.
    pub(crate) identities: Reach,
    /// Whom one may be in a demonstration; else nobody.
    pub(crate) cast: Vec<Player>,
    /// In which languages pages speak.
    pub(crate) languages: Languages,
}

/// Runs the server until it is asked to end.
pub(crate) fn run(options: &Serve) -> Result<u8> {
    let is_local = options.listen.ip().is_loopback();
    let tls = acceptor(options)?;
    if !is_local && tls.is_none() && !options.behind_proxy {
        bail!(
            "`{}` is reached from other machines, and no certificate is named\n\nhint: name one \
             with --tls-certificate and --tls-key, have one made with --tls-generate, or say \
             --behind-proxy where a proxy speaks TLS",
            options.listen
        );
    }
    let database = Arc::new(open(&options.place)?);
    if let Some(name) = &options.hospital {
        database.write("write a setting", |t| settings::set(t, HOSPITAL, name))?;
    }
    name_base(&database, &options.base)?;
    let channel = match (&tls, options.behind_proxy) {
        (Some(_), _) => Channel::Tls,
        (None, true) => Channel::Proxy,
        (None, false) => Channel::Plain,
    };
    let service = Service {
        database: Arc::clone(&database),
        place: options.place.store.clone(),
        folders: Watched::all(&options.watch)?,
        listener: listen(options.listen)?,
        tls,
        channel,
        agent: watcher::of(options.agent.as_deref()),
        reach: Reach::new(options.alerts_may_reach.clone()),
        identities: identities::reach(options.sign_in_may_reach.clone()),
        cast: Vec::new(),
        languages: languages::of(&options.text)?,
    };
    service.serve(|address, _| tell_first_run(&database, address))
}

/// What speaks TLS, if anything is to.
fn acceptor(options: &Serve) -> Result<Option<TlsAcceptor>> {
    if let (Some(certificate), Some(key)) = (&options.tls_certificate, &options.tls_key) {
        return tls::of_files(certificate, key).map(Some);
    }
    if options.tls_generate.is_empty() {
        return Ok(None);
    }
    let beside = match options.place.store.parse()? {
        Place::File(path) => path,
        Place::Server(_) => PathBuf::from("asepsis.db"),
    };
    let (certificate, key) =
        (beside.with_extension("certificate.pem"), beside.with_extension("key.pem"));
    let print = tls::generated(&certificate, &key, &options.tls_generate)?;
    output::complain(&format!(
        "the certificate {} vouches for itself; whoever comes for the first time compares its \
         SHA-256: {print}",
        certificate.display()
    ));
    tls::of_files(&certificate, &key).map(Some)
}

impl Service {
    /// Serves until the program is asked to end; `begun` is told the address once it answers.
    pub(crate) fn serve(self, begun: impl FnOnce(&str, &Arc<Console>) -> Result<()>) -> Result<u8> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("cannot begin to serve")?;
        // Connections to a server are closed where one may wait, so not by the last task.
        let _until_all_is_over = Arc::clone(&self.database);
        let answered = runtime.block_on(self.answer(begun));
        drop(runtime);
        answered
    }

    async fn answer(self, begun: impl FnOnce(&str, &Arc<Console>) -> Result<()>) -> Result<u8> {
        self.listener.set_nonblocking(true).context("cannot listen")?;
        let listener = tokio::net::TcpListener::from_std(self.listener).context("cannot listen")?;
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().context("cannot listen")?);
        let courier: Arc<dyn Courier> = Arc::new(Carrier::new(self.reach));
        let console = Console::new(Means {
            database: Arc::clone(&self.database),
            zone: jiff::tz::TimeZone::system(),
            channel: self.channel,
            random: randomness::random,
            agent: Arc::clone(&self.agent),
            courier: Arc::clone(&courier),
            web: Arc::new(Asker::new(self.identities)),
            cast: self.cast,
            languages: self.languages,
        });
        let news = Intake::new(Arc::clone(&self.database), self.agent, Arc::clone(&console));
        thread::spawn(move || news.go_on());
        let sender = Sender::new(Arc::clone(&self.database), courier, Arc::clone(&console));
        thread::spawn(move || sender.go_on());
        let kept = Arc::clone(&self.database);
        thread::spawn(move || retention::go_on(&kept));
        Jobs::begin(self.database, self.place, self.folders, Arc::clone(&console));
        output::complain(&format!("the console answers at {address}/"));
        // The store of a server is spoken to on a thread that may wait.
        tokio::task::block_in_place(|| begun(&address, &console))?;
        let pages = console::router(console);
        tokio::select! {
            served = console::server::serve(listener, self.tls, self.channel, pages) => {
                served.context("cannot serve")?;
            }
            () = asked_to_end() => {}
        }
        Ok(DONE)
    }
}

/// Takes a port, from then on.
pub(crate) fn listen(at: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(at).with_context(|| format!("cannot listen at `{at}`"))
}

/// Says by which code the first administrator comes in, where there is none yet.
fn tell_first_run(database: &Database, address: &str) -> Result<()> {
    let mut random = randomness::random();
    let code = database.write("make the code of the set-up", |transaction| {
        let by = By { actor: "asepsis", at_ms: now_ms() };
        setup::begin(transaction, by, &mut random)
    })?;
    if let Some(code) = code {
        output::complain(&format!(
            "nobody has signed in yet: {address}/setup asks for this code, for a day: {}",
            code.expose()
        ));
    }
    Ok(())
}

/// Returns once a signal asks the program to end.
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
