//! One request on its way: path, query, body, and whether it may be sent again.

use crate::client::header_value;
use crate::{Client, Error};
use cartwright_wire::Problem;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

const ATTEMPTS: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Streams are opened again after a day.
const LONGEST_STREAM: Duration = Duration::from_secs(24 * 60 * 60);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const CART_TOKEN: HeaderName = HeaderName::from_static("cart-token");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request that is being put together.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    segments: Vec<String>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(HeaderName, String)>,
    body: Option<Result<Vec<u8>, String>>,
    repeatable: bool,
    /// The path to which an answer has led, in place of the segments.
    moved: Option<String>,
}

impl Call {
    /// Each segment is escaped, so that a SKU with a slash stays one segment.
    pub(crate) fn new(method: Method, segments: &[&str]) -> Self {
        let repeatable = method != Method::POST;
        let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
        Self { method, segments, query: Vec::new(), headers: Vec::new(), body: None, repeatable, moved: None }
    }

    pub(crate) fn get(segments: &[&str]) -> Self {
        Self::new(Method::GET, segments)
    }

    pub(crate) fn post<B: Serialize>(segments: &[&str], body: &B) -> Self {
        Self::new(Method::POST, segments).body(body)
    }

    pub(crate) fn body<B: Serialize>(mut self, body: &B) -> Self {
        self.body = Some(serde_json::to_vec(body).map_err(|error| error.to_string()));
        self
    }

    pub(crate) fn query(mut self, name: &'static str, value: Option<String>) -> Self {
        self.query.retain(|(known, _)| *known != name);
        self.query.extend(value.map(|value| (name, value)));
        self
    }

    pub(crate) fn cart_token(mut self, token: Option<&str>) -> Self {
        self.headers.extend(token.map(|token| (CART_TOKEN, token.to_owned())));
        self
    }

    /// With a key the server carries it out once, however often it is sent.
    pub(crate) fn idempotency_key(mut self, key: Option<&str>) -> Self {
        if let Some(key) = key {
            self.headers.push((IDEMPOTENCY_KEY, key.to_owned()));
            self.repeatable = true;
        }
        self
    }

    /// For a POST that states how things are to be, so that twice is the same as once.
    pub(crate) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }
}

/// The path of the interface to which an answer leads. Only the path: no secret goes to another host.
fn moved_to(response: &Response) -> Option<String> {
    let is_moved = response.status() == StatusCode::MOVED_PERMANENTLY;
    let location = response.headers().get(LOCATION).filter(|_| is_moved)?.to_str().ok()?;
    let path = location.split('?').next().unwrap_or_default();
    path.starts_with("/api/v1/").then(|| path.to_owned())
}

impl Client {
    /// Sends and reads the JSON answer.
    pub(crate) async fn send<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let response = self.answer_of(&call).await?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(Error::of_transport)?;
        serde_json::from_slice(&bytes).map_err(|error| Error::Unexpected { status, detail: error.to_string() })
    }

    /// Opens a stream of events after one of them; `None` where none will come any more. It may last as long as it likes.
    pub(crate) async fn open_stream(&self, call: &Call, after: Option<&str>) -> Result<Option<Response>, Error> {
        let mut request = self.request_of(call)?;
        *request.timeout_mut() = Some(LONGEST_STREAM);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Some(after) = after {
            request.headers_mut().insert(LAST_EVENT_ID, header_value(LAST_EVENT_ID.as_str(), after)?);
        }
        let response = self.http.execute(request).await.map_err(Error::of_transport)?;
        match response.status() {
            StatusCode::OK => Ok(Some(response)),
            StatusCode::NO_CONTENT => Ok(None),
            _ => Err(refusal(response).await),
        }
    }

    /// Sends and hands the answer on as text.
    pub(crate) async fn send_for_text(&self, call: Call) -> Result<String, Error> {
        self.answer_of(&call).await?.text().await.map_err(Error::of_transport)
    }

    /// Sends and expects no content.
    pub(crate) async fn send_for_nothing(&self, call: Call) -> Result<(), Error> {
        self.answer_of(&call).await.map(drop)
    }

    async fn answer_of(&self, call: &Call) -> Result<Response, Error> {
        let mut attempt = 1;
        let mut call = call.clone();
        loop {
            let request = self.request_of(&call)?;
            let response = self.http.execute(request).await.map_err(Error::of_transport)?;
            if call.moved.is_none() {
                call.moved = moved_to(&response).filter(|_| call.method == Method::GET);
                if call.moved.is_some() {
                    continue;
                }
            }
            if response.status().is_success() {
                return Ok(response);
            }
            let wait = wait_before_repeat(&response).filter(|_| call.repeatable && attempt < ATTEMPTS);
            let refused = refusal(response).await;
            match wait {
                // Tries of a password are counted, so none is made that nobody asked for.
                Some(wait) if refused.code() != Some("login_attempts") => tokio::time::sleep(wait).await,
                _ => return Err(refused),
            }
            attempt += 1;
        }
    }

    fn request_of(&self, call: &Call) -> Result<reqwest::Request, Error> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Invalid("the address cannot have a path".to_owned()))?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(&call.segments);
        if let Some(path) = &call.moved {
            url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        }
        let mut request = self.http.request(call.method.clone(), url);
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        for (name, text) in &call.headers {
            request = request.header(name, header_value(name.as_str(), text)?);
        }
        if let Some(body) = &call.body {
            let bytes = body.clone().map_err(Error::Invalid)?;
            request = request.header(CONTENT_TYPE, "application/json").body(bytes);
        }
        request.build().map_err(|error| Error::Invalid(error.to_string()))
    }
}

/// How long the server asks to wait; nothing where it does not ask, or for longer than a person would wait.
fn wait_before_repeat(response: &Response) -> Option<Duration> {
    let busy = matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let header = busy.then(|| response.headers().get(RETRY_AFTER)).flatten()?;
    seconds(header.to_str().ok()?)
}

fn seconds(retry_after: &str) -> Option<Duration> {
    let wait = Duration::from_secs(retry_after.trim().parse().ok()?);
    (wait <= LONGEST_WAIT).then_some(wait)
}

async fn refusal(response: Response) -> Error {
    let status = response.status().as_u16();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let bytes = match response.bytes().await {
        Ok(bytes) => bytes,
        Err(error) => return Error::of_transport(error),
    };
    read_refusal(status, &kind, &bytes)
}

fn read_refusal(status: u16, kind: &str, bytes: &[u8]) -> Error {
    if !kind.starts_with("application/problem+json") {
        let detail = format!("content type `{kind}` where a problem was expected");
        return Error::Unexpected { status, detail };
    }
    match serde_json::from_slice::<Problem>(bytes) {
        Ok(problem) => Error::Problem(Box::new(problem)),
        Err(error) => Error::Unexpected { status, detail: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(segments: &[&str]) -> String {
        let client = Client::builder().url("http://shop.example/base/").build().expect("a client");
        client.request_of(&Call::get(segments)).expect("a request").url().path().to_owned()
    }

    #[test]
    fn a_slash_or_blank_in_a_sku_stays_one_segment() {
        assert_eq!(path_of(&["admin", "stock", "85123A/2"]), "/base/api/v1/admin/stock/85123A%2F2");
        assert_eq!(path_of(&["admin", "stock", "BANK CHARGES"]), "/base/api/v1/admin/stock/BANK%20CHARGES");
    }

    #[test]
    fn only_short_waits_are_followed() {
        assert_eq!(seconds("1"), Some(Duration::from_secs(1)));
        assert_eq!(seconds("3600"), None);
        assert_eq!(seconds("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }

    #[test]
    fn a_problem_is_told_from_a_strangers_answer() {
        let problem = br#"{"type":"urn:x","title":"t","status":409,"code":"insufficient_stock","detail":"d"}"#;
        let error = read_refusal(409, "application/problem+json", problem);
        assert_eq!(error.code(), Some("insufficient_stock"));
        assert!(matches!(read_refusal(502, "text/html", b"<html>"), Error::Unexpected { status: 502, .. }));
        assert!(matches!(read_refusal(400, "application/problem+json", b"{}"), Error::Unexpected { .. }));
    }

    #[test]
    fn a_post_may_be_repeated_only_with_a_key() {
        assert!(!Call::post(&["carts"], &()).repeatable);
        assert!(Call::post(&["carts"], &()).idempotency_key(Some("k")).repeatable);
        assert!(Call::get(&["products"]).repeatable);
    }
}
