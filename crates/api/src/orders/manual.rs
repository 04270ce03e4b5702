//! `POST /orders/{order_id}/payments` and `POST /orders/{order_id}/refunds/{refund_id}/sent`, for operators: money that comes and
//! goes past every gateway.

use crate::access::Operator;
use crate::input::{Body, OrderPath, RefundPath, RequiredKey, idempotency};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{Audience, created, ok, order_of};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::{Command, ManualCommand, Rest};
use cartwright_wire::{Order, RecordPayment, RefundSent};

/// Records money of an order
///
/// For orders of the gateway `manual`: a part of what is to be paid, or all. The order is placed once nothing is missing. Money of an
/// order that came to nothing buys the items if they can be had as if nothing had happened; otherwise a refund of it waits to be
/// sent. More than is missing is refused. Sent again with the same `Idempotency-Key`, it is recorded once.
#[utoipa::path(
    post, path = "/api/v1/orders/{order_id}/payments", tag = "Orders", request_body = RecordPayment,
    responses(
        (status = 201, description = "The order, with the payment at the end of `payment.manual.recorded`.", body = Order, headers(("Location" = String, description = "Where the order is."))),
        (status = 404, description = "`order_not_found`, `store_not_found`."),
        (status = 409, description = "`payment_too_large`: less is missing; `not_manual`: a gateway takes its money; `too_many_entries`."),
    ),
)]
pub(crate) async fn record_payment(
    State(api): State<Shared>,
    operator: Operator,
    OrderPath(order_id): OrderPath,
    RequiredKey(key): RequiredKey,
    Body(request): Body<RecordPayment>,
) -> Outcome {
    let idempotency = idempotency(operator.scope, key, &format!("paid {order_id}"), &request);
    let RecordPayment { amount, reference, waive_rest } = request;
    let rest = if waive_rest { Rest::Waived } else { Rest::Awaited };
    let command = ManualCommand::Paid { amount, reference, rest };
    let command = Command::Manual { order_id, command, by: operator.name, idempotency };
    let (order, _) = api.engine.run_order(&operator.store, command).await?;
    let body = order_of(&order, Locale::of_store(&operator.store).as_ref(), Audience::Operator);
    Ok(created(&body, &format!("/api/v1/orders/{order_id}")))
}

/// Records that a refund was sent
///
/// For orders of the gateway `manual`, whose refunds are `pending` until the shop has sent their money. Sent again with the same
/// `Idempotency-Key`, it changes nothing more.
#[utoipa::path(
    post, path = "/api/v1/orders/{order_id}/refunds/{refund_id}/sent", tag = "Orders", request_body = RefundSent,
    responses(
        (status = 200, description = "The order as it is now.", body = Order),
        (status = 404, description = "`order_not_found`, `refund_not_found`, `store_not_found`."),
        (status = 409, description = "`refund_not_pending`: the order has no such refund that waits to be sent; `not_manual`."),
    ),
)]
pub(crate) async fn record_refund_sent(
    State(api): State<Shared>,
    operator: Operator,
    RefundPath(order_id, refund_id): RefundPath,
    RequiredKey(key): RequiredKey,
    Body(request): Body<RefundSent>,
) -> Outcome {
    let idempotency = idempotency(operator.scope, key, &format!("sent {order_id} {refund_id}"), &request);
    let command = ManualCommand::SentBack { refund_id, reference: request.reference };
    let command = Command::Manual { order_id, command, by: operator.name, idempotency };
    let (order, _) = api.engine.run_order(&operator.store, command).await?;
    Ok(ok(&order_of(&order, Locale::of_store(&operator.store).as_ref(), Audience::Operator)))
}
