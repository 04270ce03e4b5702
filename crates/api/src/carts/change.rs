//! `PATCH` and `DELETE /carts/{cart_id}`.

use super::reply;
use crate::access::Visitor;
use crate::input::{Body, CartPath, address_of, email_of};
use crate::problem::Outcome;
use crate::respond::nothing;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::{CartChange, Command};
use cartwright_wire::{Cart, ChangeCart};
use http::HeaderMap;

/// Changes e-mail and consent, addresses, shipping method
///
/// What is absent stays as it is. With `If-Match` only the version named is changed.
#[utoipa::path(
    patch, path = "/api/v1/carts/{cart_id}", tag = "Carts", request_body = ChangeCart,
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `store_not_found`."),
        (status = 409, description = "`cart_closed`, `shipping_method_unknown`, `amount_too_large`, `cart_too_heavy`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn change_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    headers: HeaderMap,
    Body(request): Body<ChangeCart>,
) -> Outcome {
    let change = CartChange {
        email: request.email.as_deref().map(email_of).transpose()?,
        email_consent: request.email_consent,
        shipping_address: request.shipping_address.map(address_of),
        billing_address: request.billing_address.map(address_of),
        shipping_method: request.shipping_method,
    };
    let command = Command::ChangeCart { cart: reply::named(&visitor, cart_id, &headers)?, change: Box::new(change) };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}

/// Gives a cart up
#[utoipa::path(
    delete, path = "/api/v1/carts/{cart_id}", tag = "Carts",
    responses(
        (status = 204, description = "The cart is gone."),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `store_not_found`."),
        (status = 409, description = "`cart_closed`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn delete_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    headers: HeaderMap,
) -> Outcome {
    api.engine.run(&visitor.store, Command::DeleteCart { cart: reply::named(&visitor, cart_id, &headers)? }).await?;
    Ok(nothing())
}
