//! `/admin/orders/{order_id}/corrections`, `/admin/orders/{order_id}/restock`, `/admin/payments/unmatched`: what operators record about
//! money that moved without this program.

use crate::access::Operator;
use crate::input::{Body, OrderPath, RequiredKey, idempotency};
use crate::locale::Locale;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{Audience, created, ok, order_of, rfc3339};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::{Command, MoneyCommand};
use cartwright_domain::id::LineId;
use cartwright_domain::outside::{self, MoneyRecord, ReturnedLine};
use cartwright_domain::refund::{RefundLine, RefundOrigin, RefundRequest, Restock, ShippingRefund};
use cartwright_engine::{Unmatched, UnmatchedRequest};
use cartwright_wire::{
    CorrectionInput, CorrectionKind, Order, RestockInput, UnmatchedAction, UnmatchedInput, UnmatchedPayment,
};

/// Records money that left otherwise
///
/// For money that the buyer has back by other means (`elsewhere`), and for money that the provider does not have (`loss`). No gateway is
/// asked. What is recorded stands among the order's `refunds` with its `origin`, and counts in every sum. Sent again with the same
/// `Idempotency-Key`, or the same `reference`, nothing more is recorded.
#[utoipa::path(
    post, path = "/api/v1/admin/orders/{order_id}/corrections", tag = "Order handling", request_body = CorrectionInput,
    responses(
        (status = 201, description = "The order.", body = Order, headers(("Location" = String, description = "Where the order is."))),
        (status = 404, description = "`order_not_found`, `line_not_found`, `store_not_found`."),
        (status = 409, description = "`nothing_to_refund`, `refund_too_large`, `too_many_refunds`, `stock_out_of_range`."),
    ),
)]
pub(crate) async fn correct_order(
    State(api): State<Shared>,
    operator: Operator,
    OrderPath(order_id): OrderPath,
    RequiredKey(key): RequiredKey,
    Body(request): Body<CorrectionInput>,
) -> Outcome {
    let idempotency = idempotency(operator.scope, key, &format!("correct {order_id}"), &request);
    let lines = request.lines.iter().map(|line| RefundLine {
        line_id: LineId(line.line_id),
        quantity: line.quantity,
        restock: if line.restock { Restock::Yes } else { Restock::No },
    });
    let shipping = if request.shipping { ShippingRefund::All } else { ShippingRefund::None };
    let record = MoneyRecord {
        origin: match request.kind {
            CorrectionKind::Elsewhere => RefundOrigin::Elsewhere,
            CorrectionKind::Loss => RefundOrigin::Loss,
        },
        request: RefundRequest { lines: lines.collect(), shipping, amount: request.amount },
        reference: request.reference,
        reason: request.reason,
        by: operator.name,
    };
    let command = Command::Money(MoneyCommand::Record { order_id, record, idempotency });
    let (order, _) = api.engine.run_order(&operator.store, command).await?;
    let body = order_of(&order, Locale::of_store(&operator.store).as_ref(), Audience::Operator);
    Ok(created(&body, &format!("/api/v1/orders/{order_id}")))
}

/// Puts refunded goods back on the shelf
///
/// Units that money was given back for by whatever way, and that are not on the shelf yet. Sent again with the same `Idempotency-Key`,
/// nothing more is put back.
#[utoipa::path(
    post, path = "/api/v1/admin/orders/{order_id}/restock", tag = "Order handling", request_body = RestockInput,
    responses(
        (status = 200, description = "The order.", body = Order),
        (status = 404, description = "`order_not_found`, `line_not_found`, `store_not_found`."),
        (status = 409, description = "`refund_too_large`: fewer units were refunded; `order_not_fulfillable`: it is not placed; \
            `stock_out_of_range`."),
    ),
)]
pub(crate) async fn restock_order(
    State(api): State<Shared>,
    operator: Operator,
    OrderPath(order_id): OrderPath,
    RequiredKey(key): RequiredKey,
    Body(request): Body<RestockInput>,
) -> Outcome {
    let idempotency = idempotency(operator.scope, key, &format!("restock {order_id}"), &request);
    let lines =
        request.lines.iter().map(|line| ReturnedLine { line_id: LineId(line.line_id), quantity: line.quantity });
    let command = Command::Money(MoneyCommand::Restock { order_id, lines: lines.collect(), idempotency });
    let (order, _) = api.engine.run_order(&operator.store, command).await?;
    Ok(ok(&order_of(&order, Locale::of_store(&operator.store).as_ref(), Audience::Operator)))
}

/// Deals with a payment without an order
///
/// For what reconciliation names `charge_without_order`, and for money taken beyond an order's total. `refund` sends back at the provider
/// what no order owns; `dismiss` records that it was dealt with elsewhere. Reconciliation then no longer names the payment, unless it
/// changes at the provider. Sent again, money is sent back once.
#[utoipa::path(
    post, path = "/api/v1/admin/payments/unmatched", tag = "Orders", request_body = UnmatchedInput,
    responses(
        (status = 200, description = "How it was dealt with.", body = UnmatchedPayment),
        (status = 404, description = "`payment_not_found`: no such gateway, or no such payment of this store; `store_not_found`."),
        (status = 409, description = "`nothing_to_refund`: all of it is an order's, or went back; `refund_refused` by the provider."),
        (status = 503, description = "`gateway_silent`."),
    ),
)]
pub(crate) async fn deal_with_payment(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<UnmatchedInput>,
) -> Outcome {
    let action = match request.action {
        UnmatchedAction::Refund => outside::UnmatchedAction::Refunded,
        UnmatchedAction::Dismiss => outside::UnmatchedAction::Dismissed,
    };
    let UnmatchedInput { gateway, reference, reason, .. } = request;
    let asked = UnmatchedRequest { gateway, reference, action, reason, by: operator.name };
    match api.engine.deal_with(&operator.store, asked).await? {
        Unmatched::Done(done) => Ok(ok(&UnmatchedPayment {
            gateway: done.gateway,
            reference: done.reference,
            captured: done.captured,
            refunded: done.refunded,
            action: done.action.as_str().to_owned(),
            reason: done.reason,
            by: done.by,
            at: rfc3339(done.at),
        })),
        Unmatched::Unknown => {
            Err(Problem::new(&kinds::PAYMENT_NOT_FOUND, "No gateway of this name has such a payment of this store."))
        }
        Unmatched::OfAnOrder => Err(Problem::new(
            &kinds::NOTHING_TO_REFUND,
            "All of it is an order's, or went back already: refund the order, or dismiss the payment.",
        )),
        Unmatched::Refused(reason) => {
            Err(Problem::new(&kinds::REFUND_REFUSED, format!("The provider does not send it back: {reason}.")))
        }
        Unmatched::Silent => Err(Problem::new(&kinds::GATEWAY_SILENT, "The gateway did not answer; try again.")),
    }
}
