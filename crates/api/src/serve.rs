//! The accept loop. Its own, so that a slow head is cut off and a stop is orderly: no new connections, no new requests on old
//! ones, answers for those under way. Connections, answers that nobody reads and memory in flight have bounds here.

mod connections;
mod paced;

use crate::in_flight::{COUNTED_FROM, Holder, InFlight, counted};
use crate::peer::{Peer, note_peer};
use crate::problem::{Problem, registry as kinds};
use crate::service::{is_page, protect};
use crate::settings::ApiSettings;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use cartwright_engine::coming_from;
use connections::{Connections, Place, turn_away};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use paced::Paced;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tower::Service;

/// How long requests on open connections are told that the server is stopping, before idle connections are closed.
const FAREWELL: Duration = Duration::from_millis(100);
/// Bytes that the head of a request may have, and that a connection buffers while it reads: a head that never ends costs no more.
const HEAD_BYTES: usize = 32 * 1024;
/// Wait after an error of `accept` that is not the client's: mostly too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` is ready, then answers what is under way and returns.
///
/// # Errors
/// Those of the listener that waiting does not mend.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    settings: ApiSettings,
) -> io::Result<()> {
    let stopping = Arc::new(AtomicBool::new(false));
    let connections = GracefulShutdown::new();
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(Duration::from_millis(settings.header_timeout_ms));
    protocol.max_buf_size(HEAD_BYTES);
    let in_flight = InFlight::new(settings.in_flight_bytes);
    let open_ones = Connections::new(settings.max_connections, settings.max_connections_per_address);
    let settings = Arc::new(settings);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = open_ones.place(peer.ip()) else {
                    turn_away(&stream);
                    continue;
                };
                let caller = Caller {
                    in_flight: in_flight.clone(),
                    peer: peer.ip(),
                    stopping: stopping.clone(),
                    settings: settings.clone(),
                    hang_up: Arc::new(Notify::new()),
                };
                open(stream, place, &protocol, &router, caller, &connections);
            }
            Err(error) if is_of_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    stopping.store(true, Ordering::Release);
    drop(listener);
    tokio::time::sleep(FAREWELL).await;
    let wait = Duration::from_millis(settings.stop_timeout_ms);
    if tokio::time::timeout(wait, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way when the server stopped");
    }
    Ok(())
}

fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves one connection in a task of its own.
fn open(
    stream: TcpStream,
    place: Place,
    protocol: &http1::Builder,
    router: &Router,
    caller: Caller,
    connections: &GracefulShutdown,
) {
    // A client that is gone already is found out when it is read from.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let hang_up = caller.hang_up.clone();
    let stream = Paced::new(stream, Duration::from_millis(caller.settings.write_timeout_ms));
    let service = hyper::service::service_fn(move |request| answer(request, router.clone(), caller.clone()));
    let connection = connections.watch(protocol.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            },
            () = hang_up.notified() => tracing::debug!("a reader that does not read was hung up on"),
        }
        drop(place);
    });
}

/// Who is at the other end, and what holds for requests before they are looked at.
#[derive(Clone)]
struct Caller {
    peer: IpAddr,
    stopping: Arc<AtomicBool>,
    settings: Arc<ApiSettings>,
    in_flight: Arc<InFlight>,
    hang_up: Arc<Notify>,
}

impl Caller {
    /// Whose bytes a request's are, once it is noted where it came from.
    fn holder<B>(&self, request: &http::Request<B>) -> Holder {
        let Peer(origin, _) = request.extensions().get().copied().unwrap_or_default();
        Holder { in_flight: self.in_flight.clone(), network: origin.network() }
    }
}

/// Notified to cut the connection that a request came over: the only way to be rid of a client that does not read.
#[derive(Clone)]
pub(crate) struct HangUp(pub Arc<Notify>);

async fn answer(request: http::Request<Incoming>, router: Router, caller: Caller) -> Result<Response, Infallible> {
    let is_page = is_page(request.uri().path());
    let mut response = answer_of(request, router, caller).await;
    protect(is_page, &mut response);
    Ok(response)
}

async fn answer_of(mut request: http::Request<Incoming>, mut router: Router, caller: Caller) -> Response {
    if caller.stopping.load(Ordering::Acquire) {
        return Problem::new(&kinds::STOPPING, "The server is shutting down; nothing was changed.").into_response();
    }
    note_peer(caller.peer, &caller.settings, &mut request);
    let holder = caller.holder(&request);
    if request.uri().path().starts_with("/api/") && !holder.may_begin() {
        return InFlight::full().into_response();
    }
    if request.body().size_hint().exact().is_none_or(|bytes| bytes >= COUNTED_FROM as u64) {
        request.extensions_mut().insert(holder.clone());
    }
    let changes = !request.method().is_safe();
    if request.uri().path().ends_with("/events") {
        request.extensions_mut().insert(HangUp(caller.hang_up.clone()));
    }
    match coming_from(holder.network, router.call(request.map(Body::new))).await {
        Ok(response) => counted(response, &holder).unwrap_or_else(|| too_much(changes).into_response()),
        Err(never) => match never {},
    }
}

/// In place of an answer that is too large for what others have left.
fn too_much(changes: bool) -> Problem {
    let detail = match changes {
        true => {
            "The request was done, but its answer is too large just now; read what became of it before you repeat it."
        }
        false => "The answer is too large just now: too much is waiting to be read, in all or by this address.",
    };
    Problem::new(&kinds::BUSY, detail).with_remedy("retry", None)
}
