//! `PATCH` and `DELETE /carts/{cart_id}`.

use super::reply;
use crate::access::Visitor;
use crate::input::{Body, CartPath, address_change_of, email_of};
use crate::problem::Outcome;
use crate::respond::nothing;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::{CartChange, CartField, Command};
use cartwright_wire::{Cart, ChangeCart, Patch};
use http::HeaderMap;

/// Changes e-mail and consent, addresses, shipping method
///
/// A JSON Merge Patch (RFC 7396): what is absent stays as it is, `null` unsets, an address is changed field by field. With
/// `If-Match` only the version named is changed.
#[utoipa::path(
    patch, path = "/api/v1/carts/{cart_id}", tag = "Carts", request_body = ChangeCart,
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
        (status = 409, description = "`cart_closed`, `shipping_method_unknown`, `amount_too_large`, `cart_too_heavy`; `details_required`: an address needs a country."),
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
    let unset = [
        (CartField::Email, request.email == Patch::Unset),
        (CartField::ShippingAddress, request.shipping_address == Patch::Unset),
        (CartField::BillingAddress, request.billing_address == Patch::Unset),
        (CartField::ShippingMethod, request.shipping_method == Patch::Unset),
    ];
    let change = CartChange {
        email: request.email.as_set().map(|email| email_of(email)).transpose()?,
        email_consent: request.email_consent.or_unset(false),
        shipping_address: request.shipping_address.as_set().map(address_change_of),
        billing_address: request.billing_address.as_set().map(address_change_of),
        shipping_method: request.shipping_method.as_set().cloned(),
        unset: unset.into_iter().filter_map(|(field, unset)| unset.then_some(field)).collect(),
    };
    let command = Command::ChangeCart { cart: reply::named(&visitor, cart_id, &headers)?, change: Box::new(change) };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}

/// Gives a cart up
#[utoipa::path(
    delete, path = "/api/v1/carts/{cart_id}", tag = "Carts",
    responses(
        (status = 204, description = "The cart is gone."),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
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
