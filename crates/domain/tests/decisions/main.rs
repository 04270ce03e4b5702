//! Decisions by example and by property, without any storage.

mod accounts;
mod capture;
mod catalogue;
mod changes;
mod codes;
mod currencies;
mod demand;
mod devices;
mod forgetting;
mod fulfilments;
mod holds;
mod kept;
mod manual;
mod merge;
mod needs;
mod outside;
mod persons;
mod property;
mod recovery;
mod refunds;
mod shop;
mod shown;
mod tidy;
mod tryout;
mod unpaid;
mod ways;
mod weight;

use cartwright_domain::cart::CartStatus;
use cartwright_domain::command::{Access, CartRef, Command, Reply, Settlement, Upserted};
use cartwright_domain::coupon::Hindrance;
use cartwright_domain::difference::Difference;
use cartwright_domain::order::{OrderStatus, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use shop::{Shop, draft, mine};

const TEN_PERCENT_ONCE: &str =
    r#"{"name":"once","benefit":{"kind":"percentage","percent":"10"},"limits":{"total_uses":1}}"#;

#[test]
fn a_paid_order_takes_its_goods_off_the_shelf() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let cart = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 10, reserved: 3 });
    let order = shop.settle(order.id, Settlement::Captured(1500));
    assert_eq!(order.status, OrderStatus::Placed);
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 7, reserved: 0 });
    assert_eq!(shop.ledger("PEN"), shop.stock("PEN"));
}

#[test]
fn a_declined_payment_gives_goods_coupon_and_cart_back() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    shop.promotion(TEN_PERCENT_ONCE, &["ONCE"]);
    let cart = shop.cart(&[("PEN", 3)]);
    shop.coupon(cart, "once").unwrap();
    let order = shop.checkout(cart, "k", None).unwrap();
    assert_eq!(order.totals.total, 1350);
    let order = shop.settle(order.id, Settlement::Declined("declined".into()));
    assert_eq!(order.status, OrderStatus::PaymentFailed);
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 10, reserved: 0 });
    let back = shop.set.carts.get(&cart).unwrap().clone();
    assert_eq!(back.status, CartStatus::Active);
    assert_eq!(back.detail.last_payment_failure.as_ref().unwrap().reason, "declined");
    let again = shop.checkout(cart, "k2", None).unwrap();
    assert_ne!(again.id, order.id);
    assert_eq!(again.totals.total, 1350, "the coupon's one use was given back");
}

#[test]
fn the_last_use_of_a_coupon_is_taken_once() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    shop.promotion(TEN_PERCENT_ONCE, &["ONCE"]);
    let (first, second) = (shop.cart(&[("PEN", 1)]), shop.cart(&[("PEN", 1)]));
    shop.coupon(first, "ONCE").unwrap();
    shop.coupon(second, "ONCE").unwrap();
    let order = shop.checkout(first, "k", None).unwrap();
    let refused = shop.checkout(second, "k", None).unwrap_err();
    assert_eq!(refused, Refusal::CodesRefused(vec![("ONCE".into(), Hindrance::UsedUp)]));
    shop.settle(order.id, Settlement::Captured(450));
    shop.cancel(order.id).unwrap();
    assert!(shop.checkout(second, "k", None).is_ok(), "a cancelled order gives its use back");
}

#[test]
fn what_is_not_there_is_not_sold() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let (first, second) = (shop.cart(&[("PEN", 3)]), shop.cart(&[("PEN", 3)]));
    shop.checkout(first, "k", None).unwrap();
    let refused = shop.checkout(second, "k", None).unwrap_err();
    assert!(
        matches!(&refused, Refusal::InsufficientStock(lines) if lines[0].requested == 3 && lines[0].available == Some(2))
    );
    assert!(matches!(shop.add(second, "PEN", 1), Err(Refusal::InsufficientStock(_))));
    assert!(matches!(shop.try_cart(&[("PEN", 2), ("PEN", 1)]), Err(Refusal::InsufficientStock(_))));
}

#[test]
fn a_repeated_checkout_answers_the_same_order() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart = shop.cart(&[("PEN", 3)]);
    let first = shop.checkout(cart, "k", None).unwrap();
    assert_eq!(shop.checkout(cart, "k", None).unwrap().id, first.id);
    assert_eq!(shop.checkout(cart, "another key", None).unwrap().id, first.id);
    assert_eq!(shop.stock("PEN").reserved, 3);
}

#[test]
fn a_price_that_rose_is_never_charged_silently_and_one_that_fell_is_given() {
    let mut shop = Shop::with(&[("PEN", 500, 50)]);
    let (rose, fell) = (shop.cart(&[("PEN", 2)]), shop.cart(&[("PEN", 2)]));
    shop.run(Command::SetPrices(vec![("PEN".into(), None, 600)])).unwrap();
    let Refusal::PriceChanged(changed) = shop.checkout(rose, "k", Some(1000)).unwrap_err() else { panic!("no price") };
    assert_eq!((changed.expected, changed.now.totals.total), (1000, 1200));
    assert!(matches!(
        changed.differences.as_slice(),
        [Difference::UnitPrice { sku, quantity: 2, old: 500, new: 600, .. }] if sku == "PEN"
    ));
    assert_eq!(shop.checkout(rose, "k", Some(1200)).unwrap().totals.total, 1200);
    shop.run(Command::SetPrices(vec![("PEN".into(), None, 400)])).unwrap();
    assert_eq!(shop.checkout(fell, "k", Some(1000)).unwrap().totals.total, 800);
}

#[test]
fn settlements_may_come_in_any_order_and_any_number_of_times() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart = shop.cart(&[("PEN", 1)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    for settlement in [
        Settlement::Unknown,
        Settlement::RequiresAction,
        Settlement::Unknown,
        Settlement::Captured(500),
        Settlement::Captured(500),
        Settlement::Declined("late".into()),
        Settlement::Voided,
        Settlement::Unknown,
    ] {
        shop.settle(order.id, settlement);
    }
    let end = shop.set.orders.get(&order.id).unwrap();
    assert_eq!(
        (end.status, end.payment.status, end.payment.captured),
        (OrderStatus::Placed, PaymentStatus::Captured, 500)
    );
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 4, reserved: 0 });
}

#[test]
fn a_cancelled_order_restocks_once_and_is_refunded() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart = shop.cart(&[("PEN", 2)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    shop.settle(order.id, Settlement::Captured(1000));
    shop.cancel(order.id).unwrap();
    shop.cancel(order.id).unwrap();
    assert_eq!(shop.stock("PEN"), Stock { on_hand: 5, reserved: 0 });
    let order = shop.send_refunds(order.id);
    assert_eq!((order.status, order.payment.status), (OrderStatus::Cancelled, PaymentStatus::Refunded));
}

#[test]
fn an_expired_cart_is_gone_and_its_checkout_too() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart = shop.cart(&[("PEN", 2)]);
    shop.now = shop.now.plus_ms(30 * 24 * 60 * 60 * 1000);
    assert_eq!(shop.add(cart, "PEN", 1).unwrap_err(), Refusal::CartExpired);
    assert_eq!(shop.checkout(cart, "k", None).unwrap_err(), Refusal::CartExpired);
    shop.run(Command::ExpireCart { cart_id: cart }).unwrap();
    assert_eq!(shop.set.carts.get(&cart).unwrap().status, CartStatus::Expired);
}

#[test]
fn without_its_secret_a_cart_does_not_exist() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart_id = shop.cart(&[("PEN", 2)]);
    let cart = CartRef { access: Access::Token([8; 32]), ..mine(cart_id) };
    assert_eq!(shop.run(Command::DeleteCart { cart }).unwrap_err(), Refusal::CartNotFound);
    assert!(shop.run(Command::DeleteCart { cart: mine(cart_id) }).is_ok());
}

#[test]
fn a_refused_add_changes_nothing_not_even_the_lines_that_would_do() {
    let mut shop = Shop::with(&[("PEN", 500, 5), ("MUG", 750, 1)]);
    let cart_id = shop.cart(&[("PEN", 1)]);
    let lines = vec![shop::line("PEN", 1), shop::line("MUG", 2)];
    let command = Command::AddLines { cart: mine(cart_id), lines, idempotency: None };
    assert!(matches!(shop.run(command), Err(Refusal::InsufficientStock(_))));
    assert_eq!(
        shop.set.carts.get(&cart_id).unwrap().units_of(shop.set.carts.get(&cart_id).unwrap().lines[0].variant_id),
        1
    );
}

#[test]
fn the_same_import_twice_changes_nothing() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let before = shop.set.movements.len();
    let reply = shop.run(Command::UpsertProduct(Box::new(draft("PEN", 500, 5)))).unwrap();
    assert!(matches!(reply, Reply::Product(_, Upserted::Unchanged, _)));
    assert_eq!(shop.set.movements.len(), before);
}

#[test]
fn a_change_meant_for_another_version_is_refused() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart_id = shop.cart(&[("PEN", 1)]);
    let at = |version| CartRef { if_version: Some(vec![version]), ..mine(cart_id) };
    let add = |cart| Command::AddLines { cart, lines: vec![shop::line("PEN", 1)], idempotency: None };
    assert!(shop.run(add(at(1))).is_ok());
    assert_eq!(shop.run(add(at(1))).unwrap_err(), Refusal::VersionMismatch { version: 2 });
}
