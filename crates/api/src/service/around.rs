//! What happens around every request: it is counted, timed, and ends in time. And what is answered where there is no route.

use crate::problem::{Problem, registry as kinds};
use crate::state::Shared;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Instant;

/// Counts and times a request, and answers in its place when it takes too long. What was begun goes on: the engine finishes a
/// command that it has taken.
pub(crate) async fn observe(State(api): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let _in_flight = api.metrics.begin();
    let answered = tokio::time::timeout(api.settings.request_timeout(), next.run(request)).await;
    let response = answered.unwrap_or_else(|_| {
        Problem::new(&kinds::TIMED_OUT, "The request took too long; read what became of it before you repeat it.")
            .into_response()
    });
    api.metrics.record(route.as_ref().map(MatchedPath::as_str), &method, response.status(), began.elapsed());
    response
}

/// No route matched.
pub(crate) async fn route_not_found() -> Problem {
    Problem::new(&kinds::ROUTE_NOT_FOUND, "There is nothing at this address.")
}

/// The route does not have this method; the header `Allow` tells those it has.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(&kinds::METHOD_NOT_ALLOWED, "The header Allow names the methods of this address.")
}
