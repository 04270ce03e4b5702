//! Lines that cannot be bought any more leave the cart.

use crate::shop::{Shop, draft, mine};
use cartwright_domain::cart::{Cart, SetAside};
use cartwright_domain::command::{Command, Reply};
use cartwright_domain::id::CartId;
use cartwright_domain::store::UnavailableLines;
use std::sync::Arc;

fn tidy(shop: &mut Shop, cart: CartId) -> Arc<Cart> {
    match shop.run(Command::SetAsideUnavailable { cart: mine(cart) }).expect("not refused") {
        Reply::Cart(cart) => cart,
        other => panic!("{other:?}"),
    }
}

/// A cart of which pens ran out, mugs are not sold any more, and of two lamps one is left.
fn cart_of_the_past(shop: &mut Shop) -> CartId {
    let cart = shop.cart(&[("PEN", 2), ("MUG", 1), ("LAMP", 2)]);
    shop.run(Command::UpsertProduct(Box::new(draft("PEN", 500, 0)))).expect("sold out");
    let mut gone = draft("MUG", 900, 10);
    gone.active = Some(false);
    shop.run(Command::UpsertProduct(Box::new(gone))).expect("gone");
    shop.run(Command::UpsertProduct(Box::new(draft("LAMP", 900, 1)))).expect("nearly gone");
    cart
}

fn shop() -> Shop {
    Shop::with(&[("PEN", 500, 10), ("MUG", 900, 10), ("LAMP", 900, 10)])
}

#[test]
fn what_ran_out_or_is_not_sold_any_more_is_saved_with_its_reason_and_what_is_short_stays() {
    let mut shop = shop();
    let id = cart_of_the_past(&mut shop);
    let before = shop.set.carts.get(&id).cloned().expect("a cart");
    shop.now = shop.now.plus_ms(60_000);
    let cart = tidy(&mut shop, id);
    let saved: Vec<_> = cart.detail.saved.iter().map(|item| (item.quantity, item.set_aside)).collect();
    assert_eq!(saved, [(2, Some(SetAside::SoldOut)), (1, Some(SetAside::Discontinued))]);
    assert_eq!(cart.lines, before.lines[2..]);
    // It is no act of the shopper.
    assert_eq!((cart.updated_at, cart.expires_at, cart.status), (before.updated_at, before.expires_at, before.status));
    assert_eq!(cart.version, before.version + 1);
    assert_eq!(tidy(&mut shop, id), cart, "once is enough");
}

#[test]
fn a_store_may_keep_such_lines() {
    let mut shop = shop();
    shop.configure(|store| store.settings.unavailable_lines = UnavailableLines::Keep);
    let id = cart_of_the_past(&mut shop);
    let before = shop.set.carts.get(&id).cloned().expect("a cart");
    assert_eq!(tidy(&mut shop, id), before);
}

#[test]
fn goods_that_only_others_carts_hold_in_earnest_no_longer_stay() {
    let mut shop = Shop::with(&[("PEN", 500, 3)]);
    let id = shop.cart(&[("PEN", 1)]);
    let other = shop.cart(&[("PEN", 3)]);
    let order = shop.checkout(other, "k", None).expect("an order");
    assert!(tidy(&mut shop, id).lines.is_empty(), "an order holds them all");
    shop.cancel(order.id).expect("cancelled");
}
