//! `POST /orders/{order_id}/refunds` and `POST /orders/{order_id}/capture`, for operators.

use crate::access::Operator;
use crate::input::{Body, OrderPath, RequiredKey, idempotency};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{Audience, created, ok, order_of};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_domain::id::LineId;
use cartwright_domain::refund::{RefundLine, RefundRequest, Restock, ShippingRefund};
use cartwright_wire::{CaptureInput, Order, RefundInput};

/// Refunds an order
///
/// Units of lines at what is left of their price, shipping, and a free amount; they add up, and stay within what was captured. The
/// gateway is asked at once; a refund that stays `pending` is asked for again until it has an outcome. Sent again with the same
/// `Idempotency-Key`, nothing more is refunded.
#[utoipa::path(
    post, path = "/api/v1/orders/{order_id}/refunds", tag = "Orders", request_body = RefundInput,
    responses(
        (status = 201, description = "The order, with the refund at the end of `refunds`.", body = Order, headers(("Location" = String, description = "Where the order is."))),
        (status = 404, description = "`order_not_found`, `line_not_found`, `store_not_found`."),
        (status = 409, description = "`nothing_to_refund`, `refund_too_large`, `too_many_refunds`, `stock_out_of_range`."),
    ),
)]
pub(crate) async fn refund_order(
    State(api): State<Shared>,
    operator: Operator,
    OrderPath(order_id): OrderPath,
    RequiredKey(key): RequiredKey,
    Body(request): Body<RefundInput>,
) -> Outcome {
    let action = format!("refund {order_id}");
    let idempotency = idempotency(operator.scope, key, &action, &request);
    let reason = request.reason.clone().unwrap_or_default();
    let command =
        Command::RefundOrder { order_id, request: request_of(&request), reason, by: operator.name, idempotency };
    let (order, _) = api.engine.run_order(&operator.store, command).await?;
    let body = order_of(&order, Locale::of_store(&operator.store).as_ref(), Audience::Operator);
    Ok(created(&body, &format!("/api/v1/orders/{order_id}")))
}

fn request_of(request: &RefundInput) -> RefundRequest {
    let lines = request.lines.iter().map(|line| RefundLine {
        line_id: LineId(line.line_id),
        quantity: line.quantity,
        restock: if line.restock { Restock::Yes } else { Restock::No },
    });
    let shipping = match (request.shipping, request.shipping_amount) {
        (true, _) => ShippingRefund::All,
        (false, Some(amount)) => ShippingRefund::Amount(amount),
        (false, None) => ShippingRefund::None,
    };
    RefundRequest { lines: lines.collect(), shipping, amount: request.amount }
}

/// Captures the payment of an order
///
/// For stores that capture by hand (`payment_capture` of the settings): takes what was set aside, or a part of it, once; the rest is
/// let go. To let all of it go, cancel the order. Asked twice for the same amount, it is captured once.
#[utoipa::path(
    post, path = "/api/v1/orders/{order_id}/capture", tag = "Orders", request_body = CaptureInput,
    responses(
        (status = 200, description = "The order as it is now.", body = Order),
        (status = 404, description = "`order_not_found`, `store_not_found`."),
        (status = 409, description = "`not_capturable`: nothing is set aside; `capture_too_large`."),
    ),
)]
pub(crate) async fn capture_payment(
    State(api): State<Shared>,
    operator: Operator,
    OrderPath(order_id): OrderPath,
    Body(request): Body<CaptureInput>,
) -> Outcome {
    let command = Command::CapturePayment { order_id, amount: request.amount };
    let (order, _) = api.engine.run_order(&operator.store, command).await?;
    Ok(ok(&order_of(&order, Locale::of_store(&operator.store).as_ref(), Audience::Operator)))
}
