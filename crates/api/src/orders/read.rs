//! `GET /orders/{order_id}`.

use crate::access::Visitor;
use crate::input::{OrderPath, Query};
use crate::locale::{Locale, LocaleQuery};
use crate::problem::Outcome;
use crate::respond::{ok, opened_order, order_of};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::refusal::Refusal;
use cartwright_engine::Failure;
use cartwright_wire::Order;

/// Reads an order
///
/// Opens with the `Cart-Token` of the cart it was made of, or with an operator's key. Whoever is logged in also reads what was ordered
/// as a guest with the address that the account has confirmed, or by a customer that the shop has linked to it.
#[utoipa::path(
    get, path = "/api/v1/orders/{order_id}", tag = "Orders", params(LocaleQuery),
    responses(
        (status = 200, description = "The order.", body = Order),
        (status = 404, description = "`order_not_found`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_order(
    State(api): State<Shared>,
    visitor: Visitor,
    OrderPath(id): OrderPath,
    Query(query): Query<LocaleQuery>,
) -> Outcome {
    let opened = api.engine.order(&visitor.store, id, &visitor.order_access()?).await;
    let audience = visitor.audience();
    let account = visitor.account.clone();
    let store = api.engine.newest(visitor.store).await?;
    let locale = query.locale.or_else(|| Locale::of_store(&store));
    let order = match (opened, account) {
        // Of a guest, or of the shop's own customer: whoever has confirmed the address may see it, and no more.
        (Err(Failure::Refused(Refusal::OrderNotFound)), Some(account)) => {
            let order = api.engine.persons_order(store.store.id, id, &account).await?;
            return Ok(ok(&order_of(&order, locale.as_ref(), audience)));
        }
        (opened, _) => opened?,
    };
    Ok(ok(&opened_order(&api.engine, &store, &order, locale.as_ref(), audience).await))
}
