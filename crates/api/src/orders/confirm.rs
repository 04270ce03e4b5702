//! `POST /orders/{order_id}/payment/confirm`.

use crate::access::Visitor;
use crate::input::OrderPath;
use crate::locale::Locale;
use crate::problem::Outcome;
use crate::respond::{ok, opened_order};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_wire::Order;

/// Goes on with a payment
///
/// For an order whose payment waited for the shopper, after the shopper has done what was asked: the gateway is asked again.
#[utoipa::path(
    post, path = "/api/v1/orders/{order_id}/payment/confirm", tag = "Orders",
    responses(
        (status = 200, description = "The order as it is now.", body = Order),
        (status = 404, description = "`order_not_found`, `store_not_found`."),
        (status = 409, description = "`nothing_to_confirm`."),
    ),
)]
pub(crate) async fn confirm_payment(
    State(api): State<Shared>,
    visitor: Visitor,
    OrderPath(order_id): OrderPath,
) -> Outcome {
    let command = Command::ConfirmPayment { order_id, access: visitor.order_access()? };
    let (order, _) = api.engine.run_order(&visitor.store, command).await?;
    let locale = Locale::of_store(&visitor.store);
    Ok(ok(&opened_order(&api.engine, &visitor.store, &order, locale.as_ref(), visitor.audience()).await))
}
