//! `/carts/{cart_id}/saved`: items saved for later.

use super::reply;
use crate::access::Visitor;
use crate::input::{CartPath, LinePath, SavedPath};
use crate::problem::Outcome;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_wire::Cart;
use http::HeaderMap;

/// Saves a line for later
///
/// The line leaves the cart and its totals, and is kept in `saved`. Where its price or stock changes meanwhile, its `notices`
/// say so. A customer's saved items go on with the next cart.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/lines/{line_id}/save", tag = "Carts",
    responses(
        (status = 200, description = "The cart, with the line in `saved`.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `line_not_found`, `store_not_found`."),
        (status = 409, description = "`too_many_saved`, `cart_too_heavy`, `cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn save_line(
    State(api): State<Shared>,
    visitor: Visitor,
    LinePath(cart_id, line_id): LinePath,
    headers: HeaderMap,
) -> Outcome {
    let command = Command::SaveLine { cart: reply::named(&visitor, cart_id, &headers)?, line_id };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}

/// Puts a saved item back into the cart
///
/// As if its goods were added now: at today's price, where there is enough of them. Where the price is another than when it was
/// saved, the line's `notices` say so.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/saved/{item_id}/restore", tag = "Carts",
    responses(
        (status = 200, description = "The cart, with the item among its lines.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `saved_item_not_found`, `variant_unknown`, `store_not_found`."),
        (status = 409, description = "`insufficient_stock`, `not_for_sale`, `too_many_lines`, `options_too_large`, `cart_too_heavy`, `cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
        (status = 422, description = "`quantity_out_of_range`, together with what is in the cart."),
    ),
)]
pub(crate) async fn restore_saved(
    State(api): State<Shared>,
    visitor: Visitor,
    SavedPath(cart_id, item_id): SavedPath,
    headers: HeaderMap,
) -> Outcome {
    let command = Command::RestoreSaved { cart: reply::named(&visitor, cart_id, &headers)?, item_id };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}

/// Removes a saved item
#[utoipa::path(
    delete, path = "/api/v1/carts/{cart_id}/saved/{item_id}", tag = "Carts",
    responses(
        (status = 200, description = "The cart, without the item.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `saved_item_not_found`, `store_not_found`."),
        (status = 409, description = "`cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn remove_saved(
    State(api): State<Shared>,
    visitor: Visitor,
    SavedPath(cart_id, item_id): SavedPath,
    headers: HeaderMap,
) -> Outcome {
    let command = Command::RemoveSaved { cart: reply::named(&visitor, cart_id, &headers)?, item_id };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}

/// Takes the last removal back
///
/// The line or saved item that was removed last is in its place again, with the price it had as long as that holds. Removals in
/// a row can be taken back one after the other, for an hour or until the cart is changed in another way. With `If-Match` a
/// request that comes twice takes back one.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/undo", tag = "Carts",
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `variant_unknown`, `store_not_found`."),
        (status = 409, description = "`nothing_to_undo`, `insufficient_stock`, `not_for_sale`, `cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn undo_removal(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    headers: HeaderMap,
) -> Outcome {
    let command = Command::UndoRemoval { cart: reply::named(&visitor, cart_id, &headers)? };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}
