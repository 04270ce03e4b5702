//! Paying in another way, and going back from a payment: one attempt at a time, the goods stay with the shopper, the cart is theirs
//! again.

use super::shop::{Shop, TOKEN, mine};
use cartwright_domain::cart::CartStatus;
use cartwright_domain::command::{Access, Command, Idempotency, Reply, Settlement};
use cartwright_domain::id::{CartId, OrderId};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use std::sync::Arc;

/// A checkout of the cart at 5.00 a pen, by this gateway and method.
pub fn pay(shop: &mut Shop, cart: CartId, key: &str, gateway: &str, method: &str) -> Result<Reply, Refusal> {
    let mut fingerprint = [0; 32];
    let text = format!("{gateway}/{method}");
    fingerprint[..text.len().min(32)].copy_from_slice(&text.as_bytes()[..text.len().min(32)]);
    shop.run(Command::Checkout {
        beside_real: false,
        network: None,
        cart: mine(cart),
        expected_total: Some(1_000_000),
        gateway: gateway.into(),
        method: method.into(),
        idempotency: Idempotency { scope: cart.to_string(), key: key.into(), fingerprint },
    })
}

#[track_caller]
pub fn made(reply: Result<Reply, Refusal>) -> Arc<Order> {
    match reply {
        Ok(Reply::OrderCreated(order)) => order,
        other => panic!("not a new order: {other:?}"),
    }
}

#[track_caller]
fn gives_way(reply: Result<Reply, Refusal>) -> Arc<Order> {
    match reply {
        Ok(Reply::OrderGivesWay(order)) => order,
        other => panic!("no order gives way: {other:?}"),
    }
}

fn waiting(shop: &mut Shop) -> (CartId, OrderId) {
    let cart = shop.cart(&[("PEN", 5)]);
    let order = made(pay(shop, cart, "first", "test", "requires_action"));
    shop.settle(order.id, Settlement::RequiresAction);
    (cart, order.id)
}

fn cancel(shop: &mut Shop, id: OrderId) -> Result<Reply, Refusal> {
    shop.run(Command::CancelOrder { order_id: id, access: Access::Token(TOKEN), reason: Some("no".into()) })
}

#[test]
fn another_way_to_pay_voids_the_old_attempt_and_keeps_the_goods() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let (cart, old) = waiting(&mut shop);
    let rival = shop.set.skus.get(&"PEN".to_owned()).is_some();
    assert!(rival);
    let order = gives_way(pay(&mut shop, cart, "second", "stripe", "browser"));
    assert_eq!((order.id, order.payment.status), (old, PaymentStatus::VoidPending));
    let again = gives_way(pay(&mut shop, cart, "second", "stripe", "browser"));
    assert_eq!(again.id, old, "no second attempt while the outcome of the void is unknown");
    shop.settle(old, Settlement::Unknown);
    gives_way(pay(&mut shop, cart, "third", "test", "requires_action"));
    let ended = shop.settle(old, Settlement::Voided);
    assert_eq!((ended.status, ended.payment.status), (OrderStatus::Cancelled, PaymentStatus::Voided));
    assert_eq!(ended.detail.cancel_reason.as_deref(), Some("replaced"));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 5 }, "the last pens stay with who had them");
    assert!(matches!(shop.try_cart(&[("PEN", 1)]), Err(Refusal::InsufficientStock(_))));
    let new = made(pay(&mut shop, cart, "second", "stripe", "browser"));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 5 });
    shop.settle(new.id, Settlement::Captured(2_500));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 0, reserved: 0 });
    assert_eq!(shop.ledger("PEN"), shop.stock("PEN"));
    // Money that comes by the old attempt all the same goes back.
    let late = shop.settle(old, Settlement::Captured(2_500));
    assert_eq!((late.status, late.payment.status), (OrderStatus::Cancelled, PaymentStatus::RefundPending));
}

#[test]
fn the_same_way_to_pay_answers_the_order_that_waits() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let (cart, old) = waiting(&mut shop);
    let reply = pay(&mut shop, cart, "second", "test", "requires_action");
    assert!(matches!(&reply, Ok(Reply::Order(order)) if order.id == old), "{reply:?}");
    assert_eq!(shop.order(old).payment.status, PaymentStatus::RequiresAction);
}

#[test]
fn who_had_paid_in_the_other_tab_gets_that_order_and_pays_once() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let (cart, old) = waiting(&mut shop);
    gives_way(pay(&mut shop, cart, "second", "test", "ok"));
    let placed = shop.settle(old, Settlement::Captured(2_500));
    assert_eq!((placed.status, placed.payment.status), (OrderStatus::Placed, PaymentStatus::Captured));
    let reply = pay(&mut shop, cart, "second", "test", "ok");
    assert!(matches!(&reply, Ok(Reply::Order(order)) if order.id == old), "{reply:?}");
    shop.settle(old, Settlement::Voided);
    assert_eq!(shop.order(old).status, OrderStatus::Placed);
}

#[test]
fn a_decline_while_another_way_is_wanted_opens_the_cart_too() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let (cart, old) = waiting(&mut shop);
    gives_way(pay(&mut shop, cart, "second", "test", "ok"));
    shop.settle(old, Settlement::Declined("no".into()));
    made(pay(&mut shop, cart, "second", "test", "ok"));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 5 });
}

#[test]
fn an_unpaid_order_that_is_cancelled_gives_the_cart_back_in_every_state() {
    use Settlement::{RequiresAction, Unknown};
    for before in [vec![], vec![RequiresAction], vec![Unknown], vec![RequiresAction, Unknown]] {
        let mut shop = Shop::with(&[("PEN", 500, 5)]);
        shop.promotion(super::TEN_PERCENT_ONCE, &["ONCE"]);
        let cart = shop.cart(&[("PEN", 5)]);
        shop.coupon(cart, "ONCE").unwrap();
        let order = made(pay(&mut shop, cart, "first", "test", "requires_action"));
        before.iter().for_each(|settlement| drop(shop.settle(order.id, settlement.clone())));
        cancel(&mut shop, order.id).unwrap();
        gives_way(pay(&mut shop, cart, "second", "test", "requires_action"));
        shop.settle(order.id, Settlement::Unknown);
        let ended = shop.settle(order.id, Settlement::Voided);
        assert_eq!((ended.status, ended.detail.cancel_reason.as_deref()), (OrderStatus::Cancelled, Some("no")));
        let back = shop.set.carts.get(&cart).unwrap().clone();
        assert_eq!((back.status, back.order_id, back.lines.len()), (CartStatus::Active, None, 1));
        assert_eq!(back.detail.last_payment_failure.as_ref().unwrap().reason, "cancelled");
        assert_eq!(back.detail.coupons.len(), 1);
        // Under its own key the old order is answered as it is; another key buys.
        let replay = pay(&mut shop, cart, "first", "test", "requires_action");
        assert!(matches!(&replay, Ok(Reply::Order(old)) if old.status == OrderStatus::Cancelled), "{replay:?}");
        let new = made(pay(&mut shop, cart, "second", "test", "ok"));
        assert_eq!(new.totals.total, 2_250, "the code's one use came back");
    }
}

#[test]
fn money_that_was_quicker_than_the_cancellation_makes_it_a_cancelled_purchase() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let (cart, order) = waiting(&mut shop);
    gives_way(pay(&mut shop, cart, "second", "test", "ok"));
    cancel(&mut shop, order).unwrap();
    let ended = shop.settle(order, Settlement::Captured(2_500));
    assert_eq!((ended.status, ended.payment.status), (OrderStatus::Cancelled, PaymentStatus::RefundPending));
    let refused = pay(&mut shop, cart, "third", "test", "ok").unwrap_err();
    assert_eq!(refused, Refusal::CartClosed { status: "checked_out", order_id: Some(order) });
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 0 });
}

#[test]
fn a_cancelled_purchase_keeps_its_cart_and_is_not_bought_again() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart = shop.cart(&[("PEN", 1)]);
    let order = made(pay(&mut shop, cart, "first", "test", "ok"));
    shop.settle(order.id, Settlement::Captured(500));
    cancel(&mut shop, order.id).unwrap();
    let refused = pay(&mut shop, cart, "second", "test", "ok").unwrap_err();
    assert_eq!(refused, Refusal::CartClosed { status: "checked_out", order_id: Some(order.id) });
    let replay = pay(&mut shop, cart, "first", "test", "ok");
    assert!(matches!(&replay, Ok(Reply::Order(old)) if old.id == order.id));
}
