//! HTTP/2 (RFC 9113): many requests on one connection, so that every open tab may listen. A browser
//! opens six connections to a server and no more, and a tab that listens keeps one.
//!
//! Refuses to be held by it: a connection on which nothing is asked, an answer that nobody takes
//! and requests that are called off again and again end it. Work that was begun is counted until it
//! is done, also where whoever asked has called it off (CVE-2023-44487).

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::HOST;
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri};
use hyper::body::{Buf, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tower::ServiceExt as _;

use super::callers::{Callers, Place};
use super::{Channel, HEAD, UNTAKEN};

/// What a connection says that it speaks while TLS begins (RFC 7301).
pub(super) const NAME: &[u8] = b"h2";
/// Requests of one connection at once; more are refused (RFC 9113, section 5.1.2).
const STREAMS: u32 = 100;
/// The fields of a request together, in bytes, unpacked (section 6.5.2).
const FIELDS: u32 = 16 << 10;
/// Bytes of a body that may come before they are asked for: of one request, of all together.
const WINDOW: u32 = 64 << 10;
const WINDOWS: u32 = 512 << 10;
/// Bytes of an answer that wait to be taken, beyond the piece that is sent.
const SENT: usize = 64 << 10;
/// Requests that were called off before they were looked at, and those whose frames were wrong.
const UNSEEN: usize = 20;
const WRONG: usize = 64;
/// Requests that were called off before they were answered, more than were answered.
const CALLED_OFF: u32 = 100;
/// How often it is asked whether anybody is there, and how long that may take. Within a head that
/// is not whole nothing else may be sent (section 6.10), so it ends there, too.
const THERE: Duration = Duration::from_secs(20);
/// How long whoever was told to go may take.
const GOING: Duration = Duration::from_secs(5);
/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Answers the requests of a connection until it ends.
pub(super) async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    from: SocketAddr,
    pages: Router,
    callers: Arc<Callers>,
) {
    let open = Arc::new(Open::default());
    let own = Arc::clone(&open);
    let service = service_fn(move |request| {
        let place = callers.admit(from.ip(), Channel::Tls);
        let (own, pages) = (Arc::clone(&own), pages.clone());
        async move { Ok::<_, Infallible>(own.answer(as_ours(request, from), pages, place).await) }
    });
    let connection = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(FIELDS)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOWS)
        .max_send_buf_size(SENT)
        .max_pending_accept_reset_streams(UNSEEN)
        .max_local_error_reset_streams(WRONG)
        .keep_alive_interval(THERE)
        .keep_alive_timeout(THERE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut last = (Instant::now(), 0);
    // Whoever hangs up in the midst gets nothing more; nor does whoever holds it for nothing.
    while tokio::time::timeout(LOOK, connection.as_mut()).await.is_err() {
        match open.state(&mut last) {
            State::Used => {}
            State::Idle(long) if long < HEAD => {}
            State::Idle(long) if long < HEAD + GOING => connection.as_mut().graceful_shutdown(),
            State::Idle(_) | State::Abused => return,
        }
    }
}

/// A request as those of HTTP/1.1 are: its host in a field, its address without one.
fn as_ours(mut request: Request<Incoming>, from: SocketAddr) -> Request<Incoming> {
    request.extensions_mut().insert(ConnectInfo(from));
    if let Some(authority) = request.uri().authority() {
        let host = HeaderValue::from_str(authority.as_str());
        if let Ok(host) = host {
            request.headers_mut().insert(HOST, host);
        }
    }
    let own = request.uri().path_and_query().cloned();
    *request.uri_mut() = own.map_or_else(Uri::default, Uri::from);
    request
}

/// The requests of a connection that are being answered.
#[derive(Debug, Default)]
struct Open {
    answers: Mutex<Vec<Weak<Answer>>>,
    begun: AtomicU32,
    answered: AtomicU32,
    called_off: AtomicU32,
}

/// How a connection is used.
enum State {
    Used,
    /// For so long nothing was asked.
    Idle(Duration),
    Abused,
}

impl Open {
    async fn answer(
        &self,
        request: Request<Incoming>,
        pages: Router,
        place: Option<Place>,
    ) -> Response<Taken> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let (is_full, answer) = (place.is_none(), Arc::new(Answer::of(place)));
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&answer));
        if is_full {
            return Taken::of(empty(StatusCode::SERVICE_UNAVAILABLE), answer);
        }
        let mut waiting = Waiting { called_off: Some(&self.called_off) };
        let counted = Arc::clone(&answer);
        // In a task of its own: what is called off has its place until it is over.
        let made = tokio::spawn(async move {
            let _counted = counted;
            pages.oneshot(request).await
        });
        let response = match made.await {
            Ok(Ok(response)) => response,
            Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        };
        waiting.called_off = None;
        self.answered.fetch_add(1, Ordering::Relaxed);
        Taken::of(response, answer)
    }

    /// How it is used now; `last` is when something was asked, and how much had been by then.
    fn state(&self, last: &mut (Instant, u32)) -> State {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.strong_count() > 0);
        let called_off = self.called_off.load(Ordering::Relaxed);
        let is_called_off = called_off > self.answered.load(Ordering::Relaxed) + CALLED_OFF;
        if is_called_off || answers.iter().filter_map(Weak::upgrade).any(|one| one.is_untaken()) {
            return State::Abused;
        }
        let begun = self.begun.load(Ordering::Relaxed);
        if !answers.is_empty() || last.1 != begun {
            *last = (Instant::now(), begun);
            return State::Used;
        }
        State::Idle(last.0.elapsed())
    }
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A request for whose answer somebody waits; called off where this goes before it is there.
struct Waiting<'a> {
    called_off: Option<&'a AtomicU32>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(called_off) = self.called_off {
            called_off.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// An answer, until the last of it was taken.
#[derive(Debug)]
struct Answer {
    /// Pieces that wait to be taken, and since when nothing of them was.
    untaken: Mutex<(usize, Instant)>,
    _place: Option<Place>,
}

impl Answer {
    fn of(place: Option<Place>) -> Self {
        Self { untaken: Mutex::new((0, Instant::now())), _place: place }
    }

    fn note(&self, change: impl FnOnce(usize) -> usize) {
        let mut untaken = self.untaken.lock().unwrap_or_else(PoisonError::into_inner);
        *untaken = (change(untaken.0), Instant::now());
    }

    fn is_untaken(&self) -> bool {
        let (pieces, since) = *self.untaken.lock().unwrap_or_else(PoisonError::into_inner);
        pieces > 0 && since.elapsed() > UNTAKEN
    }
}

/// The body of an answer, of which is known how much was taken.
struct Taken {
    body: Body,
    answer: Arc<Answer>,
}

impl Taken {
    fn of(response: Response<Body>, answer: Arc<Answer>) -> Response<Self> {
        response.map(|body| Self { body, answer })
    }
}

impl hyper::body::Body for Taken {
    type Data = Piece;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, io::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        frame.map(|frame| {
            let frame = frame?.map_err(io::Error::other);
            Some(frame.map(|frame| frame.map_data(|bytes| Piece::of(bytes, &self.answer))))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A piece of an answer.
struct Piece {
    bytes: Bytes,
    answer: Arc<Answer>,
}

impl Piece {
    fn of(bytes: Bytes, answer: &Arc<Answer>) -> Self {
        answer.note(|pieces| pieces + 1);
        Self { bytes, answer: Arc::clone(answer) }
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.answer.note(|pieces| pieces);
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.answer.note(|pieces| pieces - 1);
    }
}
