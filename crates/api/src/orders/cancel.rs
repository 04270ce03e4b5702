//! `POST /orders/{order_id}/cancel`.

use crate::access::Visitor;
use crate::input::{Body, OrderPath};
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{ok, order_of};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_wire::{CancelOrder, Order};

/// Cancels an order
///
/// The goods go back on the shelf, the money to the shopper. Cancelling twice changes nothing more.
#[utoipa::path(
    post, path = "/api/v1/orders/{order_id}/cancel", tag = "Orders", request_body = CancelOrder,
    responses(
        (status = 200, description = "The order.", body = Order),
        (status = 404, description = "`order_not_found`, `store_not_found`."),
        (status = 409, description = "`order_not_cancellable`; `order_sent`: goods of it are on their way."),
    ),
)]
pub(crate) async fn cancel_order(
    State(api): State<Shared>,
    visitor: Visitor,
    OrderPath(order_id): OrderPath,
    Body(request): Body<CancelOrder>,
) -> Outcome {
    let command = Command::CancelOrder { order_id, access: visitor.order_access()?, reason: request.reason };
    let (order, _) = api.engine.run_order(&visitor.store, command).await?;
    Ok(ok(&order_of(&order, Locale::of_store(&visitor.store).as_ref(), visitor.audience())))
}
