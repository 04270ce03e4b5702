//! Money that is set aside first, and captured when an operator says so.

use crate::shop::Shop;
use cartwright_domain::command::{Command, Reply, Settlement};
use cartwright_domain::id::OrderId;
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refund::{RefundRequest, Refundable};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use std::sync::Arc;

/// Two pens at 5.00, of which the money is set aside.
fn authorized(shop: &mut Shop) -> Arc<Order> {
    let cart = shop.cart(&[("PEN", 2)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Authorized(1000))
}

fn capture(shop: &mut Shop, order_id: OrderId, amount: Option<i64>) -> Result<Arc<Order>, Refusal> {
    match shop.run(Command::CapturePayment { order_id, amount })? {
        Reply::Order(order) => Ok(order),
        other => panic!("not an order: {other:?}"),
    }
}

#[test]
fn goods_are_sold_when_the_money_is_set_aside_and_part_of_it_can_be_captured_once() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let order = authorized(&mut shop);
    assert_eq!(
        (order.status, order.payment.status, order.payment.captured),
        (OrderStatus::Placed, PaymentStatus::Authorized, 0)
    );
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 3, reserved: 0 });
    let refused = capture(&mut shop, order.id, Some(1001)).unwrap_err();
    assert_eq!(refused, Refusal::CaptureTooLarge { requested: 1001, authorized: 1000, currency: Currency::EUR });
    let asked = capture(&mut shop, order.id, Some(600)).unwrap();
    assert_eq!(asked.payment.status, PaymentStatus::CapturePending);
    assert!(matches!(capture(&mut shop, order.id, Some(700)), Err(Refusal::NotCapturable { .. })));
    let done = shop.settle(order.id, Settlement::Captured(600));
    assert_eq!((done.payment.status, done.payment.captured), (PaymentStatus::Captured, 600));
    assert_eq!(Refundable::of(&done).amount(), 600);
    assert_eq!(capture(&mut shop, order.id, Some(600)).unwrap().payment.captured, 600, "asked twice");
    assert!(matches!(capture(&mut shop, order.id, None), Err(Refusal::NotCapturable { .. })));
    shop.refund(order.id, "r", &RefundRequest { amount: Some(600), ..RefundRequest::default() }).unwrap();
    assert_eq!(shop.send_refunds(order.id).payment.status, PaymentStatus::Refunded);
}

#[test]
fn an_authorisation_that_ends_cancels_the_order_and_the_goods_go_back() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let order = authorized(&mut shop);
    let due = order.payment.due_at.expect("somebody looks at it");
    assert_eq!(due, shop.now.plus_ms(7 * 24 * 60 * 60 * 1000));
    let unheard = shop.settle(order.id, Settlement::Unknown);
    assert_eq!(unheard.payment.status, PaymentStatus::Authorized);
    let ended = shop.settle(order.id, Settlement::Voided);
    assert_eq!((ended.status, ended.payment.status), (OrderStatus::Cancelled, PaymentStatus::Voided));
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 0 });
}

#[test]
fn cancelling_lets_the_money_go_and_gives_it_back_where_it_was_captured_meanwhile() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let order = authorized(&mut shop);
    capture(&mut shop, order.id, None).unwrap();
    shop.cancel(order.id).unwrap();
    assert_eq!(shop.order(order.id).payment.status, PaymentStatus::VoidPending);
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 0 });
    let captured = shop.settle(order.id, Settlement::Captured(1000));
    assert_eq!((captured.status, captured.payment.status), (OrderStatus::Cancelled, PaymentStatus::RefundPending));
    let end = shop.send_refunds(order.id);
    assert_eq!((end.payment.status, end.payment.refunded), (PaymentStatus::Refunded, 1000));

    let other = authorized(&mut shop);
    shop.cancel(other.id).unwrap();
    assert_eq!(shop.settle(other.id, Settlement::Voided).payment.status, PaymentStatus::Voided);
}

#[test]
fn a_capture_that_fails_leaves_the_money_set_aside() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let order = authorized(&mut shop);
    capture(&mut shop, order.id, None).unwrap();
    let failed = shop.settle(order.id, refused(1));
    assert_eq!((failed.payment.status, failed.payment.due_at), (PaymentStatus::Authorized, order.payment.due_at));
    capture(&mut shop, order.id, None).unwrap();
    assert_eq!(shop.settle(order.id, Settlement::Captured(1000)).payment.status, PaymentStatus::Captured);
}

#[test]
fn a_refusal_that_is_told_late_says_nothing_of_the_next_capture() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let order = authorized(&mut shop);
    capture(&mut shop, order.id, None).unwrap();
    shop.settle(order.id, refused(1));
    capture(&mut shop, order.id, None).unwrap();
    let again = shop.settle(order.id, refused(1));
    assert_eq!(again.payment.status, PaymentStatus::CapturePending, "the second capture may have the money by now");
    assert!(again.payment.due_at.is_some(), "so it is asked about until it has an answer");
    assert_eq!(shop.settle(order.id, refused(2)).payment.status, PaymentStatus::Authorized);
}

fn refused(capture: u32) -> Settlement {
    Settlement::CaptureFailed { capture, reason: "no".into() }
}
