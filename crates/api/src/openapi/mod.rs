//! The OpenAPI document. The handlers describe what is theirs; [`complete`] adds what holds for all of them by rule, so that
//! nothing common is written thirty times; `promotion.json` and `store.json` describe the data of the domain that operators send.

#[cfg(test)]
mod agreement;
mod complete;
mod parameters;
mod parts;
mod schemas;
mod words;

pub(crate) use complete::{finish, routes_of};

use crate::state::Shared;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use cartwright_wire::{Problem, ProblemItem, Remedy};
use http::StatusCode;
use serde_json::Value;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// What no handler names and every operation may answer.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem, ProblemItem, Remedy)))]
pub(crate) struct Common;

/// `GET /openapi.json`.
pub(crate) async fn document(State(api): State<Shared>) -> Response {
    crate::respond::json(StatusCode::OK, api.document.clone())
}

/// `GET /docs`: the document as a page.
pub(crate) fn page() -> Router<Shared> {
    SwaggerUi::new("/docs").config(Config::from("/openapi.json")).into()
}

/// The document's bytes.
pub(crate) fn write(document: &Value) -> Bytes {
    crate::respond::write(document)
}
