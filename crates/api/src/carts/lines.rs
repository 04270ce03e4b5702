//! `/carts/{cart_id}/lines`.

use super::reply;
use crate::access::{CartCookie, Secret, Visitor};
use crate::input::{Body, CartPath, LinePath, OptionalKey, idempotency};
use crate::problem::{Outcome, Problem};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Access, Command, Item, NewLine};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::{CartId, LineId, VariantId};
use cartwright_domain::refusal::Refusal;
use cartwright_engine::Failure;
use cartwright_wire::{AddLines, Cart, ChangeLine, LineInput};
use http::{HeaderMap, StatusCode};

/// Adds goods
///
/// Quantities add up with what is there already; all lines are added, or none. Where a guest's cart has expired or was removed, a
/// new one is made of these lines and answered with 201 and its secret.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/lines", tag = "Carts", request_body = AddLines,
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 201, description = "The cart had expired or was removed: a new one with these lines.", body = Cart, headers(("Location" = String, description = "Where it is."))),
        (status = 404, description = "`cart_not_found`, `variant_unknown`, `store_not_found`."),
        (status = 409, description = "`insufficient_stock`, `not_for_sale`, `too_many_lines`, `options_too_large`, `cart_too_heavy`, `cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn add_lines(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    OptionalKey(key): OptionalKey,
    headers: HeaderMap,
    Body(request): Body<AddLines>,
) -> Outcome {
    let named = reply::named(&visitor, cart_id, &headers)?;
    let access = named.access.clone();
    let idempotency = key.map(|key| idempotency(format!("cart/{cart_id}"), key, "add lines", &request));
    let lines = lines_of(request);
    let command = Command::AddLines { cart: named, lines: lines.clone(), idempotency };
    match api.engine.run(&visitor.store, command).await {
        Ok(cartwright_domain::command::Reply::Cart(cart)) => {
            Ok(reply::cart(&*reply::view(&api, &visitor, cart).await?))
        }
        Ok(other) => Err(reply::unexpected(&other)),
        Err(Failure::Refused(refusal @ (Refusal::CartExpired | Refusal::CartRemoved))) => {
            replace_ended(&api, &visitor, (cart_id, access), &headers, lines, refusal).await
        }
        Err(failure) => Err(failure.into()),
    }
}

/// A new cart with these lines in place of one that expired or was removed. A customer's cart is made anew by the shop.
async fn replace_ended(
    api: &Api,
    visitor: &Visitor,
    (id, access): (CartId, Access),
    headers: &HeaderMap,
    lines: Vec<NewLine>,
    refusal: Refusal,
) -> Outcome {
    let old = api.engine.reader().cart(visitor.store.store.id, id).await?.filter(|cart| cart.is_opened_by(&access));
    let Some(old) = old else { return Err(Refusal::CartNotFound.into()) };
    if old.customer.is_some() {
        return Err(refusal.into());
    }
    let in_cookie =
        CartCookie::of(headers, &visitor.store.store)?.is_some_and(|kept| access == Access::Token(kept.hash()));
    let secret = Secret::draw()?;
    let command = Command::CreateCart {
        token_hash: Some(secret.hash),
        customer: None,
        currency: Some(old.currency.code().to_owned()),
        email: old.seen_by(&access).unwrap_or(old).detail.email.and_then(|email| EmailAddress::parse(&email).ok()),
        lines,
        own: None,
        idempotency: None,
    };
    let view = reply::run(api, visitor, command).await?;
    Ok::<_, Problem>(match in_cookie {
        true => reply::cart_in_cookie(&view, StatusCode::CREATED, secret.token, &visitor.store.store, headers),
        false => reply::new_cart(&view, Some(secret.token)),
    })
}

fn lines_of(request: AddLines) -> Vec<NewLine> {
    let AddLines { sku, variant_id, quantity, options, lines } = request;
    match quantity {
        // Checked before: a quantity at the top level means one line.
        Some(quantity) => vec![goods_of(LineInput { sku, variant_id, quantity, options })],
        None => lines.into_iter().map(goods_of).collect(),
    }
}

/// Goods as a command names them.
pub(super) fn goods_of(line: LineInput) -> NewLine {
    let item = match (line.variant_id, line.sku) {
        (Some(id), _) => Item::Variant(VariantId(id)),
        // Checked before: one of the two is there.
        (None, sku) => Item::Sku(sku.unwrap_or_default()),
    };
    NewLine { item, quantity: line.quantity, options: line.options }
}

/// Sets the quantity of a line
///
/// 0 removes the line.
#[utoipa::path(
    patch, path = "/api/v1/carts/{cart_id}/lines/{line_id}", tag = "Carts", request_body = ChangeLine,
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `line_not_found`, `store_not_found`."),
        (status = 409, description = "`insufficient_stock`, `cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn change_line(
    State(api): State<Shared>,
    visitor: Visitor,
    LinePath(cart_id, line_id): LinePath,
    headers: HeaderMap,
    Body(request): Body<ChangeLine>,
) -> Outcome {
    set_quantity(&api, &visitor, cart_id, line_id, request.quantity, &headers).await
}

/// Removes a line
#[utoipa::path(
    delete, path = "/api/v1/carts/{cart_id}/lines/{line_id}", tag = "Carts",
    responses(
        (status = 200, description = "The cart, without the line.", body = Cart),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `line_not_found`, `store_not_found`."),
        (status = 409, description = "`cart_closed`, `amount_too_large`."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn remove_line(
    State(api): State<Shared>,
    visitor: Visitor,
    LinePath(cart_id, line_id): LinePath,
    headers: HeaderMap,
) -> Outcome {
    set_quantity(&api, &visitor, cart_id, line_id, 0, &headers).await
}

async fn set_quantity(
    api: &Api,
    visitor: &Visitor,
    cart_id: CartId,
    line_id: LineId,
    quantity: i64,
    headers: &HeaderMap,
) -> Outcome {
    let command = Command::ChangeLine { cart: reply::named(visitor, cart_id, headers)?, line_id, quantity };
    Ok(reply::cart(&*reply::run(api, visitor, command).await?))
}
