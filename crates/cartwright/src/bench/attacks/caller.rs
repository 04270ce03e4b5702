//! A caller that sends what it likes: each request over a connection of its own, from any address that the proxy in front would name.

use super::super::connection::position;
use serde_json::Value;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long an answer may take before it counts as none.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody with an address and perhaps a secret.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    server: SocketAddr,
    headers: String,
}

/// What the server answered.
#[derive(Debug)]
pub(super) struct Reply {
    /// The status; 0 where there was no answer.
    pub(super) status: u16,
    /// The head in lower case.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Reply {
    fn none() -> Reply {
        Reply { status: 0, head: String::new(), body: Vec::new() }
    }

    /// The body; null where it is not JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A text in the body, empty where there is none; `pointer` as in RFC 6901.
    pub(super) fn text(&self, pointer: &str) -> String {
        self.json().pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The status and, of a refusal, its code.
    pub(super) fn in_words(&self) -> String {
        match (self.status, self.text("/code")) {
            (0, _) => "no answer".to_owned(),
            (status, code) if code.is_empty() => status.to_string(),
            (status, code) => format!("{status} {code}"),
        }
    }
}

impl Caller {
    /// Nobody in particular.
    pub(super) fn new(server: SocketAddr) -> Caller {
        Caller { server, headers: String::new() }
    }

    /// With this header too.
    pub(super) fn with(&self, name: &str, value: &str) -> Caller {
        Caller { server: self.server, headers: format!("{}{name}: {value}\r\n", self.headers) }
    }

    /// As the proxy in front would see a client of this address.
    pub(super) fn from(&self, address: &str) -> Caller {
        self.with("X-Forwarded-For", address)
    }

    /// With a key or the token of a session.
    pub(super) fn key(&self, secret: &str) -> Caller {
        self.with("Authorization", &format!("Bearer {secret}"))
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, Some(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.ask("PATCH", path, Some(body)).await
    }

    /// Asks below `/api/v1`, and waits for the whole answer.
    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let exchange = tokio::time::timeout(PATIENCE, self.exchange(method, path, body));
        exchange.await.ok().and_then(std::result::Result::ok).unwrap_or_else(Reply::none)
    }

    /// A connection on which nothing was sent yet.
    pub(super) async fn send_nothing(&self) -> Result<TcpStream> {
        TcpStream::connect(self.server).await
    }

    /// A connection on which this was sent, and nothing read.
    pub(super) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&self.request(method, path, body, "keep-alive")).await?;
        Ok(stream)
    }

    async fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Reply> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        // A server that has refused may have stopped reading; its answer is read all the same.
        let _ = stream.write_all(&self.request(method, path, body, "close")).await;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let end = position(&answer, b"\r\n\r\n").ok_or_else(|| Error::new(ErrorKind::InvalidData, "no head"))?;
        let body = answer.split_off(end + 4);
        let head = String::from_utf8_lossy(&answer).to_lowercase();
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
        Ok(Reply { status, head, body })
    }

    /// The bytes of a request.
    pub(super) fn request(&self, method: &str, path: &str, body: Option<&Value>, connection: &str) -> Vec<u8> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let Caller { headers, .. } = self;
        let length = body.len();
        format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}
