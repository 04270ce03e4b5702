//! `POST /webhooks/stripe`.

use crate::input::RawJson;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::nothing;
use crate::state::Shared;
use axum::extract::State;
use cartwright_engine::{NoticeError, Noticed};
use http::HeaderMap;

const GATEWAY: &str = "stripe";

/// Takes an event of Stripe
///
/// The body is Stripe's event as it was sent, since its signature is over the very bytes. What it says is not believed: it is a
/// reason to ask Stripe about the payment. Events may come in any order and any number of times; each is taken once. Those of an
/// order that is not there yet, and those about which Stripe does not answer, are kept and tried again for three days; those about
/// nothing of ours are taken and ignored.
#[utoipa::path(
    post, path = "/api/v1/webhooks/stripe", tag = "Webhooks", request_body = serde_json::Value,
    params(("Stripe-Signature" = Option<String>, Header, description = "Time and signatures, `t=…,v1=…`.")),
    responses(
        (status = 204, description = "Taken."),
        (status = 401, description = "`signature_invalid`: the signature is missing, does not fit the body, or is older than five minutes."),
        (status = 404, description = "`order_not_found`: there is no such store; `gateway_not_found`: Stripe, or the secret of its webhooks, is not configured."),
        (status = 503, description = "`gateway_silent`: Stripe did not tell whose payment is disputed; send the event again."),
    ),
)]
pub(crate) async fn take_stripe_event(
    State(api): State<Shared>,
    headers: HeaderMap,
    RawJson(body): RawJson,
) -> Outcome {
    let signature = headers.get("Stripe-Signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(notice) = api.engine.read_notice(GATEWAY, signature, &body).map_err(refused)? else {
        return Ok(nothing());
    };
    match api.engine.take_notice(GATEWAY, notice).await? {
        Noticed::Taken => Ok(nothing()),
        Noticed::Silent => Err(Problem::new(&kinds::GATEWAY_SILENT, "Stripe did not answer; send the event again.")),
    }
}

fn refused(error: NoticeError) -> Problem {
    match error {
        NoticeError::NotTaken => Problem::new(&kinds::GATEWAY_NOT_FOUND, "Webhooks of Stripe are not configured here."),
        NoticeError::Signature(reason) => Problem::new(&kinds::SIGNATURE_INVALID, reason),
        NoticeError::Unreadable(reason) => Problem::invalid_field("", reason),
    }
}
