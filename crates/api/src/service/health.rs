//! `GET /healthz` and `GET /readyz`.

use crate::problem::Outcome;
use crate::respond::json;
use crate::state::Shared;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: String,
}

fn fine() -> Response {
    json(StatusCode::OK, Bytes::from_static(br#"{"status":"ok"}"#))
}

/// Is it alive?
#[utoipa::path(
    get, path = "/healthz", tag = "Service",
    responses((status = 200, description = "The process answers.", body = Health)),
)]
pub(crate) async fn healthz() -> Response {
    fine()
}

/// Is it ready?
#[utoipa::path(
    get, path = "/readyz", tag = "Service",
    responses((status = 200, description = "The storage answers.", body = Health)),
)]
pub(crate) async fn readyz(State(api): State<Shared>) -> Outcome {
    api.engine.reader().ping().await?;
    Ok(fine())
}
