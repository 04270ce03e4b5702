//! What happens around every request: it is counted, timed, and ends in time. And what is answered where there is no route.

use crate::problem::{Problem, registry as kinds};
use crate::state::Shared;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Instant;

/// Counts and times a request, and answers in its place when too many come or when it takes too long. What was begun goes on: the engine finishes a
/// command that it has taken.
pub(crate) async fn observe(State(api): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let _in_flight = api.metrics.begin();
    let counted = api.rate.as_ref().and_then(|rate| Some((rate, rate.counts(&request, &api.keys)?)));
    let may_go_on = match counted {
        Some((rate, origin)) => rate.admits(origin).await,
        None => true,
    };
    let response = if may_go_on {
        tokio::time::timeout(api.settings.request_timeout(), next.run(request)).await.unwrap_or_else(|_| timed_out())
    } else {
        Problem::new(&kinds::RATE_LIMITED, "Slow down; nothing was changed.").into_response()
    };
    api.metrics.record(route.as_ref().map(MatchedPath::as_str), &method, response.status(), began.elapsed());
    response
}

fn timed_out() -> Response {
    let detail = "The request took too long; read what became of it before you repeat it.";
    Problem::new(&kinds::TIMED_OUT, detail).into_response()
}

/// No route matched.
pub(crate) async fn route_not_found() -> Problem {
    Problem::new(&kinds::ROUTE_NOT_FOUND, "There is nothing at this address.")
}

/// The route does not have this method; the header `Allow` tells those it has.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(&kinds::METHOD_NOT_ALLOWED, "The header Allow names the methods of this address.")
}
