//! `GET /carts/{cart_id}` and what can be read about a cart.

use super::reply;
use crate::access::Visitor;
use crate::input::{CartPath, is_unchanged};
use crate::problem::Outcome;
use crate::respond::{money_of, ok, tag_of};
use crate::state::Shared;
use axum::extract::State;
use axum::response::IntoResponse;
use cartwright_wire::{Cart, ShippingMethod, ShippingMethods};
use http::{HeaderMap, StatusCode};

/// Reads a cart
///
/// Prices are those captured when the goods were added; where today's differ, the line says so. The answer carries an `ETag`;
/// with `If-None-Match` an unchanged cart is answered with 304.
#[utoipa::path(
    get, path = "/api/v1/carts/{cart_id}", tag = "Carts",
    responses(
        (status = 200, description = "The cart.", body = Cart, headers(("ETag" = String, description = "Changes with the cart, its prices and its stock."))),
        (status = 304, description = "The cart is as `If-None-Match` knows it."),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(id): CartPath,
    headers: HeaderMap,
) -> Outcome {
    let view = api.engine.cart(&visitor.store, id, &visitor.cart_access()?).await?;
    if is_unchanged(&headers, &tag_of(&view)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        reply::tag(&mut response, &view);
        return Ok(response);
    }
    Ok(reply::cart(&view))
}

/// Ways to ship a cart
///
/// What each costs for this cart and its shipping address. Methods that do not carry it are left out.
#[utoipa::path(
    get, path = "/api/v1/carts/{cart_id}/shipping-methods", tag = "Carts",
    responses(
        (status = 200, description = "The methods.", body = ShippingMethods),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_cart_shipping_methods(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(id): CartPath,
) -> Outcome {
    let view = api.engine.cart(&visitor.store, id, &visitor.cart_access()?).await?;
    let offered = api.engine.shipping_methods(&view);
    let methods = offered.into_iter().filter_map(|offer| {
        let days = offer.method.estimated_days;
        Some(ShippingMethod {
            handle: offer.method.handle.clone(),
            name: offer.method.name.clone(),
            price: money_of(offer.fee.ok()?, view.cart.currency),
            min_days: days.map(|days| i64::from(days.fewest)),
            max_days: days.map(|days| i64::from(days.most)),
        })
    });
    Ok(ok(&ShippingMethods { methods: methods.collect() }))
}
