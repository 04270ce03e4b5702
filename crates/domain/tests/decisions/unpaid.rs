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
const WORK: Buyer<'static> = Buyer { network: Some("work"), ..GUEST };
const CAFE: Buyer<'static> = Buyer { network: Some("cafe"), ..GUEST };
const TRAIN: Buyer<'static> = Buyer { network: Some("train"), ..GUEST };
const BY_TRANSFER: Buyer<'static> = Buyer { gateway: MANUAL, method: "transfer", ..GUEST };

fn cart(shop: &mut Shop, buyer: &Buyer<'_>, units: i64) -> CartRef {
    let customer = buyer.customer.map(str::to_owned);
    let token_hash = customer.is_none().then_some(TOKEN);
    let access = customer.clone().map_or(Access::Token(TOKEN), Access::Customer);
    let lines = vec![line("MUG", units)];
    match shop
        .run(Command::CreateCart {
            token_hash,
            customer,
            currency: None,
            email: None,
            lines,
            own: None,
            idempotency: None,
        })
        .expect("a cart")
    {
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
fn unpaid_orders_wait_shorter_the_fewer_units_others_leave() {
    let mut shop = Shop::with(&[("MUG", 100, 20)]);
    let order = wait(&mut shop, &GUEST, 8);
    assert_eq!(minutes(&shop, &order), 60);
    let order = wait(&mut shop, &WORK, 6);
    assert_eq!(minutes(&shop, &order), 60, "others hold less than half");
    let order = wait(&mut shop, &CAFE, 4);
    assert!(waits(&order));
    assert_eq!(minutes(&shop, &order), 40);
    // Asking again does not prolong it.
    shop.now = shop.now.plus_ms(5 * MINUTE);
    let order = shop.settle(order.id, Settlement::RequiresAction);
    assert_eq!(minutes(&shop, &order), 35);
}

#[test]
fn an_order_that_waits_is_judged_once() {
    let mut shop = Shop::with(&[("MUG", 100, 100)]);
    let order = wait(&mut shop, &GUEST, 24);
    assert_eq!(minutes(&shop, &order), 60);
    for buyer in [WORK, CAFE, TRAIN] {
        assert!(waits(&wait(&mut shop, &buyer, 25)));
    }
    // What others do afterwards changes nothing of what was said, however often somebody asks.
    for left in [50, 40] {
        shop.now = shop.now.plus_ms(10 * MINUTE);
        shop.settle(order.id, Settlement::Unknown);
        let order = shop.settle(order.id, Settlement::RequiresAction);
        assert!(waits(&order), "{order:?}");
        assert_eq!(minutes(&shop, &order), left);
    }
}

#[test]
fn the_last_one_waits_as_long_as_any_other() {
    let mut shop = Shop::with(&[("MUG", 100, 1)]);
    offer_transfer(&mut shop);
    for _ in 0..12 {
        let order = wait(&mut shop, &GUEST, 1);
        assert!(waits(&order), "{order:?}");
        assert_eq!(minutes(&shop, &order), 60);
        shop.settle(order.id, Settlement::Voided);
    }
    let order = check_out(&mut shop, &BY_TRANSFER, 1).expect("an order");
    assert_eq!(minutes(&shop, &order), 7 * 24 * 60);
}

#[test]
fn one_or_two_units_wait_whatever_others_of_the_network_left_unpaid() {
    let mut shop = Shop::with(&[("MUG", 100, 12)]);
    assert!(waits(&wait(&mut shop, &WORK, 9)));
    for _ in 0..12 {
        let order = wait(&mut shop, &GUEST, 2);
        assert!(waits(&order), "{order:?}");
        shop.settle(order.id, Settlement::Voided);
    }
    assert!(is_given_up(&wait(&mut shop, &GUEST, 3)));
}

#[test]
fn what_was_held_and_not_paid_counts_for_a_day_for_the_whole_network() {
    let mut shop = Shop::with(&[("MUG", 100, 12)]);
    for _ in 0..2 {
        let order = wait(&mut shop, &GUEST, 5);
        let other = wait(&mut shop, &WORK, 3);
        assert!(waits(&other), "others are not touched");
        shop.settle(other.id, Settlement::Voided);
        shop.settle(order.id, Settlement::Voided);
    }
    // Another cart of the same network, cancelled or not, holds 10 in a day, also when nothing was short.
    let next = wait(&mut shop, &GUEST, 8);
    assert!(is_given_up(&next));
    shop.settle(next.id, Settlement::Voided);
    let known = wait(&mut shop, &Buyer { customer: Some("ada"), ..GUEST }, 8);
    assert!(waits(&known), "who is logged in is not judged by the network");
    shop.settle(known.id, Settlement::Voided);
    let order = check_out(&mut shop, &GUEST, 8).expect("an order");
    let order = shop.settle(order.id, Settlement::Captured(800));
    assert_eq!((order.status, order.detail.network.as_deref()), (OrderStatus::Placed, None));
    // A day after each, that one no longer counts, whatever came later.
    for _ in 0..3 {
        shop.now = shop.now.plus_ms(13 * 60 * MINUTE);
        let order = wait(&mut shop, &GUEST, 1);
        shop.settle(order.id, Settlement::Voided);
    }
    assert!(waits(&wait(&mut shop, &GUEST, 4)));
}

#[test]
fn one_network_holds_its_share_and_as_much_again_only_while_nobody_misses_it() {
    let mut shop = Shop::with(&[("MUG", 100, 988)]);
    let share = wait(&mut shop, &GUEST, 247);
    assert_eq!(minutes(&shop, &share), 60);
    let more = wait(&mut shop, &GUEST, 247);
    assert_eq!(minutes(&shop, &more), 12, "half is left for others");
    for units in [3, 247] {
        let order = wait(&mut shop, &GUEST, units);
        assert!(is_given_up(&order), "{units}");
        shop.settle(order.id, Settlement::Voided);
    }
    for order in [share, more] {
        shop.settle(order.id, Settlement::Voided);
    }
    // By small orders neither.
    let mut shop = Shop::with(&[("MUG", 100, 100)]);
    let orders: Vec<_> = (0..40)
        .map_while(|_| {
            let order = check_out(&mut shop, &GUEST, 2).ok()?;
            Some(shop.settle(order.id, Settlement::RequiresAction))
        })
        .collect();
    assert_eq!(orders.len(), 26, "the next one is refused beforehand");
    let times: Vec<i64> = orders.iter().filter(|order| waits(order)).map(|order| minutes(&shop, order)).collect();
    assert_eq!((times.len(), times.iter().filter(|left| **left == 60).count()), (26, 12));
    let others = wait(&mut shop, &WORK, 20);
    assert!(waits(&others));
}

#[test]
fn whoever_takes_all_again_and_again_for_nothing_is_refused_beforehand() {
    let mut shop = Shop::with(&[("MUG", 100, 988)]);
    for _ in 0..3 {
        let order = wait(&mut shop, &GUEST, 988);
        assert!(is_given_up(&order));
        shop.settle(order.id, Settlement::Voided);
    }
    let Err(Refusal::PayAtOnce(units)) = check_out(&mut shop, &GUEST, 988) else { panic!("it was not refused") };
    assert_eq!((units[0].requested, units[0].available), (988, Some(2)));
    assert_eq!(shop.stock("MUG"), Stock { on_hand: 988, reserved: 0 });
    // A few, or by somebody else, or when the day is over.
    assert!(waits(&wait(&mut shop, &GUEST, 2)));
    for buyer in [WORK, Buyer { customer: Some("ada"), ..GUEST }] {
        let order = check_out(&mut shop, &buyer, 900).expect("an order");
        shop.settle(order.id, Settlement::Declined("no".into()));
    }
    shop.now = shop.now.plus_ms(25 * 60 * MINUTE);
    check_out(&mut shop, &GUEST, 900).expect("an order");
}

#[test]
fn few_units_again_and_again_hold_at_most_half_while_their_payments_are_voided() {
    let mut shop = Shop::with(&[("MUG", 100, 100)]);
    assert!(waits(&wait(&mut shop, &WORK, 25)));
    assert!(waits(&wait(&mut shop, &CAFE, 25)));
    let made = (0..40).map_while(|_| {
        let order = check_out(&mut shop, &GUEST, 1).ok()?;
        Some(shop.settle(order.id, Settlement::RequiresAction))
    });
    let made: Vec<_> = made.collect();
    assert_eq!(made.iter().filter(|order| waits(order)).count(), 25);
    assert!(made.len() < 60, "{}", made.len());
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
    offer_transfer(&mut shop);
    let Err(Refusal::PayAtOnce(units)) = check_out(&mut shop, &BY_TRANSFER, 20) else { panic!("it was not refused") };
    assert_eq!((units[0].requested, units[0].available), (20, Some(10)));
    assert_eq!(shop.stock("MUG"), Stock { on_hand: 20, reserved: 0 });
    let order = check_out(&mut shop, &BY_TRANSFER, 10).expect("half of it");
    assert_eq!(order.payment.status, PaymentStatus::Awaited);
    let order = check_out(&mut shop, &Buyer { network: Some("work"), ..BY_TRANSFER }, 5).expect("another shopper's");
    let day = 24 * 60;
    assert_eq!(minutes(&shop, &order), 7 * day);
    let order = check_out(&mut shop, &Buyer { network: Some("cafe"), ..BY_TRANSFER }, 5).expect("the rest");
    assert_eq!(minutes(&shop, &order), 7 * day * 60 / 100, "others hold three quarters");
}

fn offer_transfer(shop: &mut Shop) {
    let text = r#"{"handle": "transfer", "kind": "bank_transfer", "title": "Bank transfer"}"#;
    let method: ManualMethod = serde_json::from_str(text).expect("a method");
    shop.configure(|store| {
        store.settings.manual_methods = vec![method];
        store.settings.gateways = Some(vec!["test".into(), MANUAL.into()]);
    });
}

#[test]
fn another_way_to_pay_goes_on_with_the_time_of_the_first() {
    let mut shop = Shop::with(&[("MUG", 100, 20)]);
    assert!(waits(&wait(&mut shop, &WORK, 10)));
    assert!(waits(&wait(&mut shop, &CAFE, 2)));
    let cart = cart(&mut shop, &GUEST, 8);
    let Ok(Reply::OrderCreated(first)) = pay(&mut shop, &cart, &GUEST, 8) else { panic!("no order") };
    let first = shop.settle(first.id, Settlement::RequiresAction);
    assert_eq!(minutes(&shop, &first), 50);
    shop.now = shop.now.plus_ms(20 * MINUTE);
    let other = Buyer { method: "another", ..GUEST };
    let reply = pay(&mut shop, &cart, &other, 8);
    assert!(matches!(reply, Ok(Reply::OrderGivesWay(_))), "{reply:?}");
    shop.settle(first.id, Settlement::Voided);
    let Ok(Reply::OrderCreated(second)) = pay(&mut shop, &cart, &other, 8) else { panic!("no order") };
    let second = shop.settle(second.id, Settlement::RequiresAction);
    assert!(waits(&second), "the same units are not counted twice");
    assert_eq!(minutes(&shop, &second), 30);
    shop.settle(second.id, Settlement::Voided);
    assert!(is_given_up(&wait(&mut shop, &GUEST, 8)));
}

#[test]
fn a_transfer_that_is_paid_by_card_instead_counts_no_more() {
    let mut shop = Shop::with(&[("MUG", 100, 30)]);
    offer_transfer(&mut shop);
    for _ in 0..2 {
        let cart = cart(&mut shop, &BY_TRANSFER, 9);
        let Ok(Reply::OrderCreated(_)) = pay(&mut shop, &cart, &BY_TRANSFER, 9) else { panic!("no order") };
        let reply = pay(&mut shop, &cart, &GUEST, 9);
        assert!(matches!(reply, Ok(Reply::OrderGivesWay(_))), "{reply:?}");
        let Ok(Reply::OrderCreated(order)) = pay(&mut shop, &cart, &GUEST, 9) else { panic!("no order") };
        assert_eq!(shop.settle(order.id, Settlement::Captured(900)).status, OrderStatus::Placed);
    }
    assert_eq!(shop.stock("MUG"), Stock { on_hand: 12, reserved: 0 });
    check_out(&mut shop, &BY_TRANSFER, 9).expect("its whole share");
}

#[test]
fn an_order_has_as_many_units_as_the_store_sells_at_once() {
    let mut shop = Shop::with(&[("MUG", 100, 100)]);
    let cart = shop.cart(&[("MUG", 6)]);
    shop.configure(|store| store.settings.units_per_order = Some(5));
    let line_id = shop.set.carts.get(&cart).map(|cart| cart.lines[0].id);
    let too_many = |requested| Refusal::QuantityOutOfRange { index: 0, line_id, requested, limit: 5 };
    assert_eq!(shop.checkout(cart, "k", Some(600)).unwrap_err(), too_many(6));
    assert_eq!(shop.add(cart, "MUG", 1).unwrap_err(), too_many(7));
    let cart = shop.cart(&[("MUG", 5)]);
    shop.checkout(cart, "k", Some(500)).expect("as many as may be");
}
