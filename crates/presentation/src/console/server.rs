//! Connections: taken, bounded, and handed to the pages.
//!
//! Refuses to wait for slow callers: a head that is not whole in time, or an answer that nobody
//! takes, ends its connection; and to let one address take the room of all others.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::cookies::Channel;
use crate::sign_in::limits;

/// Most connections at once; more wait.
const CONNECTIONS: usize = 1_024;
/// Most of them from one address, or from one network of 64 bits (RFC 4291, section 2.5.1); more
/// are closed at once. A proxy speaks for many, and is not counted.
const CONNECTIONS_EACH: usize = 128;
/// How long what was sent may wait to be taken (RFC 5482).
const UNTAKEN: Duration = Duration::from_mins(1);
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// How long TLS may take to begin.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Answers connections until the program ends.
///
/// # Errors
/// Where no connection can be taken any more.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    channel: Channel,
    pages: Router,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let callers = Arc::new(Callers::default());
    loop {
        let permit = Arc::clone(&room).acquire_owned().await.map_err(io::Error::other)?;
        let Ok((stream, from)) = listener.accept().await else {
            // One that was broken off, or no file left for it: others may come.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(place) = callers.admit(from.ip(), channel) else { continue };
        let (tls, pages) = (tls.clone(), pages.clone());
        tokio::spawn(async move {
            let _held = (permit, place);
            let _ = stream.set_nodelay(true);
            let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(UNTAKEN));
            match tls {
                None => answer(stream, from, pages).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) =
                        tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await
                    {
                        answer(stream, from, pages).await;
                    }
                }
            }
        });
    }
}

/// How many connections each address holds.
#[derive(Default)]
struct Callers(Mutex<HashMap<IpAddr, usize>>);

/// A connection that is counted, as long as this is there.
struct Place(Option<(Arc<Callers>, IpAddr)>);

impl Callers {
    /// Room for one more from an address, if there is any.
    fn admit(self: &Arc<Self>, from: IpAddr, channel: Channel) -> Option<Place> {
        if channel == Channel::Proxy {
            return Some(Place(None));
        }
        let from = limits::network(from);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(from).or_default();
        if *count >= CONNECTIONS_EACH {
            return None;
        }
        *count += 1;
        Some(Place(Some((Arc::clone(self), from))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((callers, from)) = self.0.take() else { return };
        let mut counts = callers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&from);
            }
        }
    }
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    from: SocketAddr,
    pages: Router,
) {
    let service = pages.map_request(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        request
    });
    let answered = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // Whoever hangs up in the midst gets nothing more.
    let _ = answered.await;
}
