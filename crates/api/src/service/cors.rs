//! Pages of other origins: which of them may use the interface from a browser (the Fetch standard's CORS protocol). Each store
//! names them (`allowed_origins`). Where a browser asks beforehand it is answered here, from memory: no route, no limit and no lane
//! is touched, and it remembers the answer.
//!
//! What is decided here is only which answers a page may read. Whether a request may come with a cookie from elsewhere is the
//! guard's to decide (`access/session.rs`).

use crate::access::StoreDirectory;
use axum::response::{IntoResponse, Response};
use cartwright_domain::store::{ANY_ORIGIN, Cookies};
use cartwright_engine::Engine;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    CACHE_CONTROL, HOST, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use std::sync::Arc;

const STORE: HeaderName = HeaderName::from_static("cartwright-store");
/// What pages may send besides what every page may.
const SENT: HeaderValue = HeaderValue::from_static(
    "Authorization, Cart-Token, Cartwright-CSRF, Cartwright-Customer, Cartwright-Store, Content-Type, Idempotency-Key, \
     If-Match, If-None-Match, Last-Event-ID",
);
/// What pages may read besides what every page may.
const READ: HeaderValue =
    HeaderValue::from_static("Content-Disposition, ETag, Idempotent-Replayed, Location, Retry-After, WWW-Authenticate");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE");
/// Seconds for which a browser remembers that it may ask. Chromium keeps it for two hours, Firefox for a day, whatever is said.
const REMEMBERED: HeaderValue = HeaderValue::from_static("86400");
const YES: HeaderValue = HeaderValue::from_static("true");

/// Knows which origins are allowed.
pub(crate) struct Cors {
    engine: Arc<Engine>,
    stores: Arc<StoreDirectory>,
}

/// A request from a page that names its origin: what tells the store, and the origin.
pub(crate) struct Asked(HeaderMap);

impl Cors {
    pub(crate) fn new(engine: Arc<Engine>, stores: Arc<StoreDirectory>) -> Cors {
        Cors { engine, stores }
    }

    /// What is needed to answer a page; nothing where no page has made the request.
    pub(crate) fn asked<B>(request: &Request<B>) -> Option<Asked> {
        request.headers().get(ORIGIN)?;
        let told = [ORIGIN, HOST, STORE].into_iter().filter_map(|name| {
            let value = request.headers().get(&name)?.clone();
            Some((name, value))
        });
        Some(Asked(told.collect()))
    }

    /// The answer to a browser that asks whether a page may make a request; nothing where it asks for something else.
    pub(crate) async fn asked_beforehand(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        if method != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        let origin = headers.get(ORIGIN)?.clone();
        let allowed = self.stores.allows(&self.engine, origin.to_str().ok()?).await;
        let mut response = StatusCode::NO_CONTENT.into_response();
        let answer = response.headers_mut();
        answer.insert(
            VARY,
            HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        );
        if let Some(cookies) = allowed {
            allow(answer, origin, cookies);
            answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, SENT);
            answer.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        }
        Some(response)
    }

    /// Completes an answer: tells the browser whether the page may read it, and caches that another page may not.
    pub(crate) fn complete(&self, asked: Option<Asked>, response: &mut Response) {
        let Some(Asked(told)) = asked else {
            // No page has asked, but one may be given this answer out of a cache.
            if is_kept(response.headers()) && self.stores.allows_any(&self.engine) {
                response.headers_mut().append(VARY, const { HeaderValue::from_static("Origin") });
            }
            return;
        };
        let Some(store) = self.stores.known(&self.engine, &told) else { return };
        let settings = &store.store.settings;
        if settings.allowed_origins.is_empty() {
            return;
        }
        let headers = response.headers_mut();
        headers.append(VARY, const { HeaderValue::from_static("Origin") });
        let Some(origin) = told.get(ORIGIN) else { return };
        if let Some(cookies) = origin.to_str().ok().and_then(|origin| settings.allows_origin(origin)) {
            allow(headers, origin.clone(), cookies);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, READ);
        }
    }
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue, cookies: Cookies) {
    match cookies {
        Cookies::Allowed => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, YES);
        }
        Cookies::Refused => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, const { HeaderValue::from_static(ANY_ORIGIN) });
        }
    }
}

/// Whether somebody may keep the answer.
fn is_kept(headers: &HeaderMap) -> bool {
    headers.get(CACHE_CONTROL).is_some_and(|value| value.as_bytes() != b"no-store")
}
