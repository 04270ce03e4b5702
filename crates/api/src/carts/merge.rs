//! `POST /carts/{cart_id}/merge` and `/unmerge`: a guest logs in.

use super::reply;
use crate::access::Visitor;
use crate::input::{Body, CartPath};
use crate::problem::Outcome;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_wire::{Cart, MergeCart};
use http::HeaderMap;

/// Merges a guest's cart into a customer's
///
/// For the shop, when its guest logs in: the goods of this cart go into the one of `customer`, which is made if there is none, and
/// that one is answered. Quantities of the same goods add up to what is available; other lines keep the guest's price. What does not
/// fit (too few available, no price in the customer's currency, the cart full) waits in `saved`, with the reason in its `notices`.
/// Codes come along where they hold; addresses where the customer's cart has none. Sent again, it answers the same cart and does
/// nothing more. A cart that has expired is gone for the customer too, as it was for the guest.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/merge", tag = "Carts", request_body = MergeCart,
    responses(
        (status = 200, description = "The customer's cart.", body = Cart),
        (status = 403, description = "It takes an operator's key: `operator_required`; or the key is of another store: `other_store`."),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
        (status = 409, description = "`cart_closed`, `not_a_guest_cart`, `too_many_saved`, `cart_too_heavy`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the guest's cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn merge_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    headers: HeaderMap,
    Body(request): Body<MergeCart>,
) -> Outcome {
    visitor.require_operator()?;
    let guest = reply::named(&visitor, cart_id, &headers)?;
    let command = Command::MergeCart { guest, customer: request.customer };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}

/// Takes a merge back
///
/// As long as the customer's cart, which is named here, has not changed since: both carts are again as they were before.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/unmerge", tag = "Carts",
    responses(
        (status = 200, description = "The customer's cart, without the guest's goods.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
        (status = 409, description = "`nothing_to_undo`, `cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn unmerge_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    headers: HeaderMap,
) -> Outcome {
    let command = Command::UnmergeCart { cart: reply::named(&visitor, cart_id, &headers)? };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}
