//! `POST /carts`.

use super::lines::goods_of;
use super::reply;
use crate::access::{Secret, Visitor};
use crate::input::{Body, email_of};
use crate::problem::Outcome;
use crate::state::Shared;
use axum::extract::State;
use axum::response::Response;
use cartwright_domain::command::{Command, Reply};
use cartwright_domain::email::EmailAddress;
use cartwright_wire::{Cart, CreateCart};

/// Makes a cart
///
/// A guest's cart comes with its secret as `token`, once; send it as `Cart-Token` from then on. With `customer` (which takes an
/// operator's key) the cart is the customer's, has no secret, and is the one that customer already has, if there is one. Whoever is
/// logged in gets their own cart.
#[utoipa::path(
    post, path = "/api/v1/carts", tag = "Carts", request_body = CreateCart,
    responses(
        (status = 201, description = "The new cart.", body = Cart, headers(("Location" = String, description = "Where it is."))),
        (status = 200, description = "The cart that this customer already has.", body = Cart),
        (status = 403, description = "`customer` takes an operator's key: `operator_required`; or the key is of another store: `other_store`."),
        (status = 404, description = "`variant_unknown`, `store_not_found`."),
        (status = 409, description = "`insufficient_stock`, `not_for_sale`, `too_many_lines`, `options_too_large`, `cart_too_heavy`, `amount_too_large`, `currency_unknown`."),
    ),
)]
pub(crate) async fn create_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    Body(request): Body<CreateCart>,
) -> Outcome {
    let email = request.email.as_deref().map(email_of).transpose()?;
    let (customer, email) = match (request.customer, &visitor.account) {
        (Some(customer), _) => {
            visitor.require_operator()?;
            (Some(customer), email)
        }
        (None, Some(account)) => (Some(account.customer()), email.or_else(|| EmailAddress::parse(&account.email).ok())),
        (None, None) => (None, email),
    };
    let secret = if customer.is_none() { Some(Secret::draw()?) } else { None };
    let command = Command::CreateCart {
        token_hash: secret.as_ref().map(|secret| secret.hash),
        customer,
        currency: request.currency,
        email,
        lines: request.lines.into_iter().map(goods_of).collect(),
    };
    match api.engine.run(&visitor.store, command).await? {
        Reply::CartCreated(cart) => {
            let view = reply::view(&api, &visitor, cart).await?;
            Ok::<Response, _>(reply::new_cart(&view, secret.map(|secret| secret.token)))
        }
        Reply::Cart(cart) => Ok(reply::cart(&*reply::view(&api, &visitor, cart).await?)),
        other => Err(reply::unexpected(&other)),
    }
}
