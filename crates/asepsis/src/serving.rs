//! The server: what runs beside the pages. Folders are watched, and everything is judged anew when
//! a document has come, in a process of its own, so that what documents take of memory, and what
//! they may do to a reader, stays out of this one.

pub(crate) mod intake;
mod jobs;
mod tls;
mod watcher;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use presentation::console::cookies::Channel;
use presentation::console::{self, Console, Means};
use presentation::sign_in::setup;
use store::audit::By;
use store::database::Database;
use store::settings;
use tokio::net::TcpListener;

use crate::arguments::serve::Serve;
use crate::commands::store::open;
use crate::keeping::{HOSPITAL, now_ms};
use crate::{DONE, output, randomness};

use self::jobs::Jobs;

/// Runs the server until it is asked to end.
pub(crate) fn run(options: &Serve) -> Result<u8> {
    let is_local = options.listen.ip().is_loopback();
    if !is_local && options.tls_certificate.is_none() && !options.behind_proxy {
        bail!(
            "`{}` is reached from other machines, and no certificate is named\n\nhint: name one \
             with --tls-certificate and --tls-key, or say --behind-proxy where a proxy speaks TLS",
            options.listen
        );
    }
    let acceptor = match (&options.tls_certificate, &options.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::of_files(certificate, key)?),
        _ => None,
    };
    let database = Arc::new(open(&options.place)?);
    if let Some(name) = &options.hospital {
        database.write("write a setting", |t| settings::set(t, HOSPITAL, name))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot begin to serve")?;
    runtime.block_on(serve(options, database, acceptor))
}

async fn serve(
    options: &Serve,
    database: Arc<Database>,
    tls: Option<tokio_rustls::TlsAcceptor>,
) -> Result<u8> {
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen at `{}`", options.listen))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = listener.local_addr().context("cannot listen")?;
    let channel = if tls.is_some() || options.behind_proxy { Channel::Tls } else { Channel::Plain };
    let console = Console::new(Means {
        database: Arc::clone(&database),
        zone: jiff::tz::TimeZone::system(),
        channel,
        random: randomness::random,
        agent: watcher::of(options.agent.as_deref()),
    });
    let folders: Vec<PathBuf> = options.watch.clone();
    let place = options.place.store.clone();
    let first = Arc::clone(&database);
    Jobs::begin(database, place, folders, Arc::clone(&console));
    output::complain(&format!("the console answers at {scheme}://{address}/"));
    tell_first_run(&first, &format!("{scheme}://{address}"))?;
    let pages = console::router(console);
    tokio::select! {
        served = console::server::serve(listener, tls, pages) => served.context("cannot serve")?,
        () = asked_to_end() => {}
    }
    Ok(DONE)
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
