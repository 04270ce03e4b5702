//! Goods that are held for nothing: orders that wait for a payment, again and again, where goods are short.

use crate::shop::{Shop, TOKEN, line};
use cartwright_domain::command::{Access, CartRef, Command, Idempotency, Reply, Settlement};
use cartwright_domain::manual::{MANUAL, ManualMethod};
use cartwright_domain::order::{Order, OrderStatus, PaymentStatus};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use std::sync::Arc;

const MINUTE: i64 = 60_000;

struct Buyer<'a> {
    customer: Option<&'a str>,
    network: Option<&'a str>,
    gateway: &'a str,
    method: &'a str,
}

const GUEST: Buyer<'static> =
    Buyer { customer: None, network: Some("home"), gateway: "test", method: "requires_action" };
const BY_TRANSFER: Buyer<'static> = Buyer { gateway: MANUAL, method: "transfer", ..GUEST };

fn cart(shop: &mut Shop, buyer: &Buyer<'_>, units: i64) -> CartRef {
    let customer = buyer.customer.map(str::to_owned);
    let token_hash = customer.is_none().then_some(TOKEN);
    let access = customer.clone().map_or(Access::Token(TOKEN), Access::Customer);
    let lines = vec![line("MUG", units)];
    match shop.run(Command::CreateCart { token_hash, customer, currency: None, email: None, lines }).expect("a cart") {
        Reply::Cart(cart) | Reply::CartCreated(cart) => CartRef { id: cart.id, access, if_version: None },
        other => panic!("not a cart: {other:?}"),
    }
}

fn check_out(shop: &mut Shop, buyer: &Buyer<'_>, units: i64) -> Result<Arc<Order>, Refusal> {
    let cart = cart(shop, buyer, units);
    match pay(shop, &cart, buyer, units)? {
        Reply::OrderCreated(order) => Ok(order),
        other => panic!("not a new order: {other:?}"),
    }
}

fn pay(shop: &mut Shop, cart: &CartRef, buyer: &Buyer<'_>, units: i64) -> Result<Reply, Refusal> {
    let key = format!("{} {}", buyer.method, shop.now.0);
    shop.run(Command::Checkout {
        cart: cart.clone(),
        expected_total: Some(units * 100),
        gateway: buyer.gateway.into(),
        method: buyer.method.into(),
        beside_real: false,
        network: buyer.network.map(str::to_owned),
        idempotency: Idempotency { scope: cart.id.to_string(), key, fingerprint: [1; 32] },
    })
}

/// The shopper's bank wants to see them.
fn wait(shop: &mut Shop, buyer: &Buyer<'_>, units: i64) -> Arc<Order> {
    let order = check_out(shop, buyer, units).expect("an order");
    shop.settle(order.id, Settlement::RequiresAction)
}

fn is_given_up(order: &Order) -> bool {
    order.payment.status == PaymentStatus::VoidPending && order.detail.unheld
}

fn waits(order: &Order) -> bool {
    order.payment.status == PaymentStatus::RequiresAction
}

fn minutes(shop: &Shop, order: &Order) -> i64 {
    (order.payment.due_at.expect("a time").0 - shop.now.0) / MINUTE
}

#[test]
fn one_cart_cannot_hold_everything_without_paying() {
    let mut shop = Shop::with(&[("MUG", 100, 988)]);
    let order = wait(&mut shop, &GUEST, 988);
    assert!(is_given_up(&order), "{order:?}");
    let order = shop.settle(order.id, Settlement::Voided);
    assert_eq!(order.status, OrderStatus::PaymentFailed);
    assert_eq!(shop.stock("MUG"), Stock { on_hand: 988, reserved: 0 });
    // Whoever pays at once may have all.
    let order = check_out(&mut shop, &GUEST, 988).expect("an order");
    assert_eq!(shop.settle(order.id, Settlement::Captured(98_800)).status, OrderStatus::Placed);
}

#[test]
fn money_that_is_quicker_than_the_void_buys_the_goods() {
    let mut shop = Shop::with(&[("MUG", 100, 20)]);
    let order = wait(&mut shop, &GUEST, 20);
    assert!(is_given_up(&order));
    let order = shop.settle(order.id, Settlement::Captured(2_000));
    assert_eq!((order.status, order.detail.unheld), (OrderStatus::Placed, false));
    assert_eq!(shop.stock("MUG"), Stock { on_hand: 0, reserved: 0 });
}

#[test]
fn unpaid_orders_wait_shorter_the_fewer_units_are_free() {
    let mut shop = Shop::with(&[("MUG", 100, 10)]);
    let order = wait(&mut shop, &GUEST, 5);
    assert_eq!(minutes(&shop, &order), 60, "half is no shortage");
    let order = wait(&mut shop, &Buyer { network: Some("work"), ..GUEST }, 5);
    assert!(waits(&order));
    assert_eq!(minutes(&shop, &order), 12);
    // Asking again does not prolong it.
    shop.now = shop.now.plus_ms(5 * MINUTE);
    let order = shop.settle(order.id, Settlement::RequiresAction);
    assert_eq!(minutes(&shop, &order), 7);
}

#[test]
fn what_was_held_and_not_paid_counts_for_a_day_for_the_whole_network() {
    let mut shop = Shop::with(&[("MUG", 100, 12)]);
    for _ in 0..2 {
        let order = wait(&mut shop, &GUEST, 5);
        let other = wait(&mut shop, &Buyer { network: Some("work"), ..GUEST }, 3);
        assert!(waits(&other), "others are not touched");
        shop.settle(other.id, Settlement::Voided);
        shop.settle(order.id, Settlement::Voided);
    }
    // Another cart of the same network, cancelled or not, holds 10 in a day.
    let first = wait(&mut shop, &GUEST, 10);
    assert!(waits(&first), "nothing of it was short before");
    shop.settle(first.id, Settlement::Voided);
    let second = wait(&mut shop, &GUEST, 8);
    assert!(is_given_up(&second));
    shop.settle(second.id, Settlement::Voided);
    let known = wait(&mut shop, &Buyer { customer: Some("ada"), ..GUEST }, 8);
    assert!(waits(&known), "who is logged in is not judged by the network");
    shop.settle(known.id, Settlement::Voided);
    let order = check_out(&mut shop, &GUEST, 8).expect("an order");
    let order = shop.settle(order.id, Settlement::Captured(800));
    assert_eq!((order.status, order.detail.network.as_deref()), (OrderStatus::Placed, None));
    shop.now = shop.now.plus_ms(25 * 60 * MINUTE);
    assert!(waits(&wait(&mut shop, &GUEST, 4)));
}

#[test]
fn who_pays_after_all_is_not_counted() {
    let mut shop = Shop::with(&[("MUG", 100, 100)]);
    for _ in 0..8 {
        let order = wait(&mut shop, &GUEST, 10);
        let order = shop.settle(order.id, Settlement::Captured(1_000));
        assert_eq!(order.status, OrderStatus::Placed);
    }
    assert_eq!(shop.stock("MUG"), Stock { on_hand: 20, reserved: 0 });
}

#[test]
fn orders_that_are_paid_by_hand_hold_as_little_and_say_so_before() {
    let mut shop = Shop::with(&[("MUG", 100, 20)]);
    let method = ManualMethod { handle: "transfer".into(), ..manual_method() };
    shop.configure(|store| {
        store.settings.manual_methods = vec![method];
        store.settings.gateways = Some(vec!["test".into(), MANUAL.into()]);
    });
    let Err(Refusal::PayAtOnce(units)) = check_out(&mut shop, &BY_TRANSFER, 20) else { panic!("it was not refused") };
    assert_eq!((units[0].requested, units[0].available), (20, Some(10)));
    assert_eq!(shop.stock("MUG"), Stock { on_hand: 20, reserved: 0 });
    let order = check_out(&mut shop, &BY_TRANSFER, 10).expect("half of it");
    assert_eq!(order.payment.status, PaymentStatus::Awaited);
    let another = Buyer { network: Some("work"), ..BY_TRANSFER };
    let order = check_out(&mut shop, &another, 10).expect("another shopper's half");
    let day = 24 * 60;
    assert_eq!(minutes(&shop, &order), 7 * day / 5, "a fifth of the week: nothing is left");
}

fn manual_method() -> ManualMethod {
    serde_json::from_str(r#"{"handle": "transfer", "kind": "bank_transfer", "title": "Bank transfer"}"#)
        .expect("a method")
}

#[test]
fn another_way_to_pay_goes_on_with_the_time_of_the_first() {
    let mut shop = Shop::with(&[("MUG", 100, 10)]);
    let cart = cart(&mut shop, &GUEST, 8);
    let Ok(Reply::OrderCreated(first)) = pay(&mut shop, &cart, &GUEST, 8) else { panic!("no order") };
    let first = shop.settle(first.id, Settlement::RequiresAction);
    assert_eq!(minutes(&shop, &first), 31);
    shop.now = shop.now.plus_ms(20 * MINUTE);
    let other = Buyer { method: "another", ..GUEST };
    let reply = pay(&mut shop, &cart, &other, 8);
    assert!(matches!(reply, Ok(Reply::OrderGivesWay(_))), "{reply:?}");
    shop.settle(first.id, Settlement::Voided);
    let Ok(Reply::OrderCreated(second)) = pay(&mut shop, &cart, &other, 8) else { panic!("no order") };
    let second = shop.settle(second.id, Settlement::RequiresAction);
    assert!(waits(&second), "the same units are not counted twice");
    assert_eq!(minutes(&shop, &second), 11);
    shop.settle(second.id, Settlement::Voided);
    assert!(is_given_up(&wait(&mut shop, &GUEST, 8)));
}

#[test]
fn an_order_has_as_many_units_as_the_store_sells_at_once() {
    let mut shop = Shop::with(&[("MUG", 100, 100)]);
    let cart = shop.cart(&[("MUG", 6)]);
    shop.configure(|store| store.settings.units_per_order = Some(5));
    let too_many = |requested| Refusal::QuantityOutOfRange { index: 0, requested, limit: 5 };
    assert_eq!(shop.checkout(cart, "k", Some(600)).unwrap_err(), too_many(6));
    assert_eq!(shop.add(cart, "MUG", 1).unwrap_err(), too_many(7));
    let cart = shop.cart(&[("MUG", 5)]);
    shop.checkout(cart, "k", Some(500)).expect("as many as may be");
}
