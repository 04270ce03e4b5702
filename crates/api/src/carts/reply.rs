//! How commands about carts are run and answered.

use crate::access::{CartCookie, Visitor, keep};
use crate::locale::Locale;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{cart_body, cart_of, form_of, json, tag_of, write};
use crate::state::Api;
use axum::response::Response;
use bytes::Bytes;
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{CartRef, Command, Reply};
use cartwright_domain::id::CartId;
use cartwright_domain::store::Store;
use cartwright_engine::CartView;
use cartwright_wire as wire;
use http::header::{ETAG, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use std::sync::Arc;

/// Runs a command that answers a cart.
pub(super) async fn run(api: &Api, visitor: &Visitor, command: Command) -> Outcome<Arc<CartView>> {
    let cart = match api.engine.run(&visitor.store, command).await? {
        Reply::Cart(cart) | Reply::CartCreated(cart) => cart,
        other => return Err(unexpected(&other)),
    };
    view(api, visitor, cart).await
}

/// Prices a cart that a command has answered.
pub(super) async fn view(api: &Api, visitor: &Visitor, cart: Arc<Cart>) -> Outcome<Arc<CartView>> {
    let view = api.engine.view_changed(&visitor.store, cart).await?;
    share(api, &view);
    // Whoever has just made a cart may have sent the secret of another.
    Ok(match visitor.cart_access() {
        Ok(access) if view.cart.is_opened_by(&access) => view.seen_by(&access),
        _ => view,
    })
}

/// Shares the answer about a cart that this node has just priced with the others.
pub(super) fn share(api: &Api, view: &CartView) {
    api.engine.share(view, || (tag_of(view, None), cart_body(view)));
}

/// A reply that the command does not have.
pub(crate) fn unexpected(reply: &Reply) -> Problem {
    tracing::error!(?reply, "the engine answered something else than was asked");
    Problem::new(&kinds::INTERNAL, "Something failed on our side.")
}

/// 200 with the cart and its tag.
pub(crate) fn cart(view: &CartView) -> Response {
    written(cart_body(view), &tag_of(view, None))
}

/// 200 with a cart's body as it was written once, and its tag.
pub(super) fn written(body: Bytes, its_tag: &str) -> Response {
    let mut response = json(StatusCode::OK, body);
    tag(&mut response, its_tag);
    response
}

/// 200 with the cart as another locale writes it, and its tag there.
pub(super) fn cart_in(view: &CartView, locale: &Locale) -> Response {
    let body = write(&cart_of(view, None, &form_of(view, Some(locale.clone()))));
    let mut response = json(StatusCode::OK, body);
    tag(&mut response, &tag_of(view, Some(locale)));
    response
}

/// 201 with the cart, where it is, and its secret.
pub(super) fn new_cart(view: &CartView, token: Option<String>) -> Response {
    let body = match token {
        Some(token) => write(&cart_of(view, Some(token), &form_of(view, None))),
        None => cart_body(view),
    };
    let mut response = json(StatusCode::CREATED, body);
    locate(&mut response, view.cart.id);
    tag(&mut response, &tag_of(view, None));
    response
}

/// 200 with the cart and a further secret that opens it.
pub(super) fn restored_cart(view: &CartView, token: String) -> Response {
    let mut response = json(StatusCode::OK, write(&cart_of(view, Some(token), &form_of(view, None))));
    tag(&mut response, &tag_of(view, None));
    response
}

/// The cart, with its secret in a cookie and the second one in the body.
pub(super) fn cart_in_cookie(
    view: &CartView,
    status: StatusCode,
    secret: String,
    store: &Store,
    headers: &HeaderMap,
) -> Response {
    let kept = CartCookie { cart: view.cart.id, secret };
    let body = wire::Cart { csrf_token: Some(kept.csrf_token()), ..cart_of(view, None, &form_of(view, None)) };
    let mut response = json(status, write(&body));
    tag(&mut response, &tag_of(view, None));
    locate(&mut response, view.cart.id);
    keep(&kept, store, headers, &mut response);
    response
}

/// Says where a cart is.
pub(super) fn locate(response: &mut Response, id: CartId) {
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/carts/{id}")) {
        response.headers_mut().insert(LOCATION, location);
    }
}

pub(super) fn tag(response: &mut Response, tag: &str) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// The cart that a request changes: by whom, and at which versions where `If-Match` names any.
pub(super) fn named(visitor: &Visitor, id: CartId, headers: &HeaderMap) -> Outcome<CartRef> {
    Ok(CartRef { id, access: visitor.cart_access()?, if_version: crate::input::versions_wanted(headers) })
}
