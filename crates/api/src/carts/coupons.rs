//! `/carts/{cart_id}/coupons`.

use super::reply;
use crate::access::Visitor;
use crate::input::{Body, CartPath, CouponPath};
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_wire::{ApplyCoupon, Cart};
use http::HeaderMap;

/// Applies a code
///
/// Uses are counted at checkout; a code that gives nothing yet (the order too small, other goods) stays on the cart with
/// `applied: false`. Codes that are unknown, over, used up or for somebody else are all answered alike, and tries are counted
/// per cart, with what opens it, and per place.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/coupons", tag = "Carts", request_body = ApplyCoupon,
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
        (status = 409, description = "`coupon_invalid`, `too_many_coupons`, `cart_too_heavy`, `cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn apply_coupon(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    peer: Peer,
    headers: HeaderMap,
    Body(request): Body<ApplyCoupon>,
) -> Outcome {
    let access = visitor.cart_access()?;
    if !visitor.is_shop() && !api.coupon_attempts.admits(cart_id, &access, peer).await {
        let detail = "Too many codes were tried; wait before the next.";
        return Err(Problem::new(&kinds::COUPON_ATTEMPTS, detail).with_remedy("wait", None));
    }
    let command = Command::ApplyCoupon { cart: reply::named(&visitor, cart_id, &headers)?, code: request.code };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}

/// Takes a code off
#[utoipa::path(
    delete, path = "/api/v1/carts/{cart_id}/coupons/{code}", tag = "Carts",
    responses(
        (status = 200, description = "The cart, without the code.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
        (status = 409, description = "`cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn remove_coupon(
    State(api): State<Shared>,
    visitor: Visitor,
    CouponPath(cart_id, code): CouponPath,
    headers: HeaderMap,
) -> Outcome {
    let command = Command::RemoveCoupon { cart: reply::named(&visitor, cart_id, &headers)?, code };
    Ok(reply::cart(&*reply::run(&api, &visitor, command).await?))
}
