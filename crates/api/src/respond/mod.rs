//! From the domain's values to the bodies of answers.

mod cart;
mod order;
mod product;
mod time;

pub(crate) use cart::{cart_body, cart_of, tag_of, totals_of};
pub(crate) use order::order_of;
pub(crate) use product::{Audience, product_of};
pub(crate) use time::rfc3339;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cartwright_domain::money::{self, Currency};
use cartwright_wire as wire;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// An amount with its currency, and how people write it.
pub(crate) fn money_of(amount: i64, currency: Currency) -> wire::Money {
    let mut formatted = String::with_capacity(16);
    money::write_formatted(&mut formatted, amount, currency);
    wire::Money { amount, currency: currency.code().to_owned(), formatted }
}

/// A body of JSON.
pub(crate) fn json(status: StatusCode, body: Bytes) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
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

/// 201 with a value and where it is.
pub(crate) fn created<T: Serialize>(value: &T, location: &str) -> Response {
    let mut response = json(StatusCode::CREATED, write(value));
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(http::header::LOCATION, location);
    }
    response
}

/// 204.
pub(crate) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
