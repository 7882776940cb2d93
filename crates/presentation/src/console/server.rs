//! Connections: taken, bounded, and handed to the pages. Over TLS whoever calls chooses between
//! HTTP/2 and HTTP/1.1 (RFC 7301); else it is HTTP/1.1.
//!
//! Refuses to wait for slow callers: a head that is not whole in time, or an answer that nobody
//! takes, ends its connection; and to let one address take the room of all others.

mod callers;
mod streams;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
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

use self::callers::Callers;
use super::cookies::Channel;

/// Most connections at once; more wait.
const CONNECTIONS: usize = 1_024;
/// Most of them from one address; more are closed at once.
const CONNECTIONS_EACH: usize = 128;
/// Most requests from one address that are answered at once by HTTP/2; more are refused. By
/// HTTP/1.1 there are no more than connections.
const REQUESTS_EACH: usize = 512;
/// How long what was sent may wait to be taken (RFC 5482).
const UNTAKEN: Duration = Duration::from_mins(1);
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// How long TLS may take to begin.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What a server speaks over TLS, first what it prefers (RFC 7301).
pub const SPOKEN: [&[u8]; 2] = [streams::NAME, b"http/1.1"];

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
    let (callers, requests) = (Callers::each(CONNECTIONS_EACH), Callers::each(REQUESTS_EACH));
    loop {
        let permit = Arc::clone(&room).acquire_owned().await.map_err(io::Error::other)?;
        let Ok((stream, from)) = listener.accept().await else {
            // One that was broken off, or no file left for it: others may come.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(place) = callers.admit(from.ip(), channel) else { continue };
        let (tls, pages, requests) = (tls.clone(), pages.clone(), Arc::clone(&requests));
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
                        match stream.get_ref().1.alpn_protocol() {
                            Some(streams::NAME) => {
                                streams::answer(stream, from, pages, requests).await;
                            }
                            _ => answer(stream, from, pages).await,
                        }
                    }
                }
            }
        });
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
