//! A receiver of webhooks of our own: it writes down what comes, and answers as it is told to.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// What it was answered with.
    pub answered: u16,
}

impl Received {
    /// The event's id.
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The event.
    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// The line that the library of others reads.
    pub(crate) fn to_check(&self, secret: &str) -> String {
        json!({"secret": secret, "headers": self.headers, "body": self.body}).to_string()
    }
}

/// Answers with this and never: it holds the connection.
pub(crate) const SILENCE: u16 = 0;

/// A running receiver. It ends with the value.
pub(crate) struct Receiver {
    address: std::net::SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<AtomicU16>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn start() -> Receiver {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (received, answer) = (Arc::<Mutex<Vec<Received>>>::default(), Arc::new(AtomicU16::new(204)));
        let (book, says) = (received.clone(), answer.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (book, says) = (book.clone(), says.clone());
                let service = hyper::service::service_fn(move |request| take(request, book.clone(), says.clone()));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async { drop(connection.await) });
            }
        });
        Receiver { address, received, answer, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers with this status from now on.
    pub(crate) fn answer(&self, status: u16) {
        self.answer.store(status, Ordering::Relaxed);
    }

    /// All that came so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test panicked here").clone()
    }

    /// What came and was taken.
    pub(crate) fn taken(&self) -> Vec<Received> {
        self.received().into_iter().filter(|one| (200..300).contains(&one.answered)).collect()
    }
}

async fn take(
    request: Request<Incoming>,
    book: Arc<Mutex<Vec<Received>>>,
    says: Arc<AtomicU16>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap_or_default().to_owned())
    };
    let headers = request.headers().iter().map(text).collect();
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let answered = says.load(Ordering::Relaxed);
    book.lock().expect("no test panicked here").push(Received { headers, body, answered });
    if answered == SILENCE {
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = hyper::StatusCode::from_u16(answered.max(200)).expect("a status");
    Ok(response)
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}
