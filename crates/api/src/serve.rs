//! The accept loop. Its own, so that a slow head is cut off and a stop is orderly: no new connections, no new requests on old
//! ones, answers for those under way. Connections, answers that nobody reads and memory in flight have bounds here.

mod connections;
mod paced;

pub(crate) use connections::Connections;

use crate::gate::{Gate, Why};
use crate::in_flight::{COUNTED_FROM, Holder, counted};
use crate::peer::{Peer, note_peer};
use crate::problem::{Problem, registry as kinds};
use crate::service::{Cors, compressed, is_page, protect, taken};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use cartwright_engine::{Origin, coming_from};
use connections::{Place, turn_away};
use http::{HeaderName, HeaderValue};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use paced::Paced;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tower::Service;

/// How long requests on open connections are told that the server is stopping, before idle connections are closed.
const FAREWELL: Duration = Duration::from_millis(100);
/// Tells that a request had been answered before under its idempotency key, and did nothing more.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
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
    gate: Arc<Gate>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let settings = &gate.settings;
    let stopping = Arc::new(AtomicBool::new(false));
    let connections = GracefulShutdown::new();
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(Duration::from_millis(settings.header_timeout_ms));
    protocol.max_buf_size(HEAD_BYTES);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = gate.connections.place(peer.ip()) else {
                    gate.turn_away(Why::Connections);
                    turn_away(&stream);
                    continue;
                };
                let (gate, stopping) = (gate.clone(), stopping.clone());
                let caller = Arc::new(Caller { gate, peer: peer.ip(), stopping, hang_up: HangUp::default() });
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
    caller: Arc<Caller>,
    connections: &GracefulShutdown,
) {
    // A client that is gone already is found out when it is read from.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let (hang_up, gate) = (caller.hang_up.clone(), caller.gate.clone());
    let patience = Duration::from_millis(gate.settings.write_timeout_ms);
    let stream = Paced::new(stream, patience, hang_up.clone());
    let service = hyper::service::service_fn(move |request| answer(request, router.clone(), caller.clone()));
    let connection = connections.watch(protocol.serve_connection(TokioIo::new(stream), service));
    let task = tokio::spawn(async move {
        if let Err(error) = connection.await {
            if is_for_not_reading(&error) {
                gate.turn_away(Why::NotReading);
            }
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    });
    hang_up.ends(task.abort_handle());
}

fn is_for_not_reading(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
}

/// Who is at the other end, and what holds for requests before they are looked at.
struct Caller {
    gate: Arc<Gate>,
    peer: IpAddr,
    stopping: Arc<AtomicBool>,
    hang_up: HangUp,
}

impl Caller {
    /// Whose bytes those of a request from there are.
    fn holder(&self, origin: Origin) -> Holder {
        Holder { in_flight: self.gate.in_flight.clone(), origin, hang_up: self.hang_up.clone() }
    }
}

/// Cuts the connection that a request came over: the only way to be rid of a client that does not read.
#[derive(Clone, Default)]
pub(crate) struct HangUp(Arc<Cut>);

#[derive(Default)]
struct Cut {
    is_cut: AtomicBool,
    /// The connection's task. It is ended from outside, so that no request has to look whether it was cut.
    task: OnceLock<AbortHandle>,
}

impl HangUp {
    /// Cuts it; what the system still holds for the client is thrown away.
    pub(crate) fn now(&self) {
        self.0.is_cut.store(true, Ordering::SeqCst);
        self.end();
    }

    /// Whether it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.0.is_cut.load(Ordering::SeqCst)
    }

    /// Tells which task to end.
    fn ends(&self, task: AbortHandle) {
        let _ = self.0.task.set(task);
        // It may have been cut before.
        if self.is_cut() {
            self.end();
        }
    }

    fn end(&self) {
        self.0.task.get().into_iter().for_each(AbortHandle::abort);
    }
}

async fn answer(request: http::Request<Incoming>, router: Router, caller: Arc<Caller>) -> Result<Response, Infallible> {
    let is_page = is_page(request.uri().path());
    let (asked, taken) = (Cors::asked(&request), taken(&request));
    let cors = &caller.gate.cors;
    let beforehand = match asked {
        Some(_) => cors.asked_beforehand(request.method(), request.headers()).await,
        None => None,
    };
    let mut response = match beforehand {
        Some(response) => response,
        None => {
            let mut response = answer_of(request, router, &caller).await;
            cors.complete(asked, &mut response);
            response
        }
    };
    protect(is_page, &mut response);
    Ok(match taken {
        Some(taken) => compressed(taken, response).await,
        None => response,
    })
}

async fn answer_of(mut request: http::Request<Incoming>, mut router: Router, caller: &Caller) -> Response {
    let gate = &caller.gate;
    if caller.stopping.load(Ordering::Acquire) {
        gate.turn_away(Why::Stopping);
        return Problem::new(&kinds::STOPPING, "The server is shutting down; nothing was changed.").into_response();
    }
    note_peer(caller.peer, &gate.settings, &mut request);
    let Peer(origin, _) = request.extensions().get().copied().unwrap_or_default();
    if request.body().size_hint().exact().is_none_or(|bytes| bytes >= COUNTED_FROM as u64) {
        request.extensions_mut().insert(caller.holder(origin));
    }
    let changes = !request.method().is_safe();
    if request.uri().path().ends_with("/events") {
        request.extensions_mut().insert(caller.hang_up.clone());
    }
    let (Ok(mut response), repeated) = coming_from(origin, router.call(request.map(Body::new))).await;
    if repeated {
        response.headers_mut().insert(REPLAYED, const { HeaderValue::from_static("true") });
    }
    counted(response, || caller.holder(origin), changes).unwrap_or_else(|| {
        gate.turn_away(Why::Memory);
        too_much().into_response()
    })
}

/// In place of an answer that is too large for what others have left. It tells of no change: those are always answered.
fn too_much() -> Problem {
    let detail = "The answer is too large just now: too much is waiting to be read, in all or by this address.";
    Problem::new(&kinds::BUSY, detail).with_remedy("retry", None)
}
