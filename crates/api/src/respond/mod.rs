//! From the domain's values to the bodies of answers.

mod cart;
mod codes;
mod explain;
mod money;
mod order;
mod product;
mod refund;
mod saved;

pub(crate) use cart::{availability_of, cart_body, cart_of, form_of, tag_of, totals_of};
pub(crate) use cartwright_domain::rfc3339::rfc3339;
pub(crate) use explain::{Audience, code_of_reason, explain};
pub(crate) use money::MoneyForm;
pub(crate) use order::{opened_order, order_of};
pub(crate) use product::product_of;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// Headers that an answer has, by and large: those that protect it, and its own.
const HEADERS: usize = 12;

/// A body of JSON.
pub(crate) fn json(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Writes a value as JSON. Answers consist of texts, numbers, lists and objects with text keys: it cannot fail.
pub(crate) fn write<T: Serialize>(value: &T) -> Bytes {
    Bytes::from(serde_json::to_vec(value).unwrap_or_default())
}

/// 200 with a value.
pub(crate) fn ok<T: Serialize>(value: &T) -> Response {
    json(StatusCode::OK, write(value))
}

/// 200 with a value that anybody may read: it may be kept, but whoever kept it asks again before it is shown.
pub(crate) fn ok_for_all<T: Serialize>(value: &T) -> Response {
    let mut response = ok(value);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// 201 with a value and where it is.
pub(crate) fn created<T: Serialize>(value: &T, location: &str) -> Response {
    let mut response = json(StatusCode::CREATED, write(value));
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(http::header::LOCATION, location);
    }
    response
}

/// 301 to another place of the interface, with the query that came.
pub(crate) fn moved_for_good(segments: &[&str], query: Option<&str>) -> Response {
    let mut location = "/api/v1".to_owned();
    for segment in segments {
        location.push('/');
        for byte in segment.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => location.push(char::from(byte)),
                other => location.push_str(&format!("%{other:02X}")),
            }
        }
    }
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        location.push('?');
        location.push_str(query);
    }
    let mut response = StatusCode::MOVED_PERMANENTLY.into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(http::header::LOCATION, location);
    }
    // Another product may get the name.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// 204.
pub(crate) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
