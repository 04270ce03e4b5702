//! `POST /carts/{cart_id}/checkout`.

use super::reply;
use crate::access::Visitor;
use crate::input::{Body, CartPath, OptionalKey, idempotency};
use crate::locale::Locale;
use crate::network;
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, field_error, registry as kinds};
use crate::respond::{created, json, ok, opened_order, write};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_domain::order::{Order, OrderStatus};
use cartwright_domain::store::StoreConfig;
use cartwright_wire as wire;
use cartwright_wire::Checkout;
use http::{HeaderMap, StatusCode};
use serde_json::json as object;

/// Buys a cart
///
/// All or nothing: prices are taken anew and compared with `expected_total`, the total that the shopper was shown; stock is
/// held, codes are used, the payment is made. Whatever makes the total higher (goods, promotions, shipping, tax, the clock)
/// is refused with `price_changed`: `errors` has what differs, the remedy the new total. Sent again with the same
/// `Idempotency-Key` (or field `idempotency_key`), it answers the same order and buys nothing more. While an order of the cart waits for its payment, another
/// gateway or method replaces that payment: it is voided first, and if its money was quicker, that order is answered.
#[utoipa::path(
    post, path = "/api/v1/carts/{cart_id}/checkout", tag = "Carts", request_body = Checkout,
    responses(
        (status = 200, description = "The order that was bought under this key and was cancelled since. Nothing is bought.", body = wire::Order),
        (status = 201, description = "The placed order.", body = wire::Order, headers(("Location" = String, description = "Where it is."))),
        (status = 202, description = "The order waits: for the shopper, where `payment.action` is there, for money that is recorded by hand, where `payment.manual` is there, or for the gateway.", body = wire::Order, headers(("Location" = String, description = "Where it is."))),
        (status = 402, description = "`payment_declined`: the goods went back, the cart is active again."),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `variant_unknown`, `store_not_found`."),
        (status = 409, description = "`insufficient_stock`, `pay_at_once` (goods that are nearly gone are not held for so many units until a later payment), `quantity_out_of_range`, `total_required`, `price_changed`, `cart_empty`, `coupon_exhausted`, `coupon_withdrawn`, `email_required` (a code is counted per customer), `too_many_coupons`, `not_for_sale`, `shipping_required`, `details_required` (this device came by a link: type e-mail and addresses anew), `shipping_method_unknown`, `payment_method_unknown`, `cart_closed`, `amount_too_large`; `payment_in_progress`: nobody knows yet what became of the payment that is to be replaced."),
        (status = 412, description = "`version_mismatch`: the cart has another version than `If-Match` names."),
    ),
)]
pub(crate) async fn checkout(
    State(api): State<Shared>,
    peer: Peer,
    visitor: Visitor,
    CartPath(cart_id): CartPath,
    key: OptionalKey,
    headers: HeaderMap,
    Body(mut request): Body<Checkout>,
) -> Outcome {
    // Wherever the key stands, it is no part of what is asked for.
    let key = key.or_field(request.idempotency_key.take())?;
    check_method(&api, &visitor.store, &request.payment)?;
    let idempotency = idempotency(format!("cart/{cart_id}"), key, "checkout", &request);
    let wire::PaymentInput { gateway, method } = request.payment;
    let command = Command::Checkout {
        cart: reply::named(&visitor, cart_id, &headers)?,
        expected_total: request.expected_total,
        gateway,
        method,
        beside_real: api.engine.has_real_gateway(),
        network: network_of(peer, &visitor),
        idempotency,
    };
    let order = api.engine.check_out(&visitor.store, command).await?;
    let locale = Locale::of_store(&visitor.store);
    let body = opened_order(&api.engine, &visitor.store, &order, locale.as_ref(), visitor.audience()).await;
    answer(&order, &body)
}

/// The shopper's network. A shop's own server asks for all of its shoppers, as does a proxy that is not trusted, and whatever else
/// runs on this machine: where it comes from says nothing of them.
fn network_of(peer: Peer, visitor: &Visitor) -> Option<String> {
    let origin = peer.place().filter(|origin| !origin.is_loopback() && !visitor.is_shop())?;
    Some(network::hash_of(origin, &visitor.store.store.handle))
}

/// A gateway or method that nobody knows would leave the order waiting for ever.
fn check_method(api: &Api, store: &StoreConfig, payment: &wire::PaymentInput) -> Outcome<()> {
    let (field, value) = match api.engine.knows_method(store, &payment.gateway, &payment.method) {
        Some(true) => return Ok(()),
        Some(false) => ("payment.method", &payment.method),
        None => ("payment.gateway", &payment.gateway),
    };
    let detail = format!("{value:?} is not known here.");
    let error = field_error(field, detail.clone());
    let problem = Problem::new(&kinds::PAYMENT_METHOD_UNKNOWN, detail).with_errors(vec![error]);
    Err(problem.with_remedy("new_payment_method", None))
}

fn answer(order: &Order, body: &wire::Order) -> Outcome {
    let location = format!("/api/v1/orders/{}", order.id);
    match order.status {
        OrderStatus::PendingPayment => {
            let mut response = json(StatusCode::ACCEPTED, write(body));
            if let Ok(location) = http::HeaderValue::from_str(&location) {
                response.headers_mut().insert(http::header::LOCATION, location);
            }
            Ok(response)
        }
        OrderStatus::Placed => Ok(created(body, &location)),
        // A repeated request: what it had bought is no purchase any more.
        OrderStatus::Cancelled => Ok(ok(body)),
        OrderStatus::PaymentFailed if order.detail.unheld => Err(unheld(order)),
        OrderStatus::PaymentFailed => Err(declined(order, "was declined")),
        OrderStatus::Expired => Err(declined(order, "was not made in time")),
    }
}

/// The payment would have taken its time, and the goods are too short for that.
fn unheld(order: &Order) -> Problem {
    let detail = "The goods are nearly gone, and so many cannot be held until the payment: pay in a way that pays at once, or \
                  order fewer. The cart is active again; nothing was charged.";
    let with = object!({ "order_id": order.id.0 });
    Problem::new(&kinds::PAY_AT_ONCE, detail).with_remedy("new_payment_method", Some(with))
}

fn declined(order: &Order, what: &str) -> Problem {
    let reason = order.detail.payment_failure.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let detail = format!("The payment {what}{reason}. The cart is active again; nothing was charged.");
    let with = object!({ "order_id": order.id.0 });
    Problem::new(&kinds::PAYMENT_DECLINED, detail).with_remedy("new_payment_method", Some(with))
}
