//! What a store needs to know before it sells, and all that is wrong told at once.

use crate::shop::{Shop, address, draft, mine};
use cartwright_domain::command::{CartChange, CartField, Command};
use cartwright_domain::id::CartId;
use cartwright_domain::order::Address;
use cartwright_domain::refusal::{NotForSale, Refusal, Shortage};
use cartwright_domain::store::CheckoutNeeds;
use serde_json::json;

/// A shop that sends things, and a cart with one.
fn shop() -> (Shop, CartId) {
    let mut shop = Shop::with(&[("PEN", 500, 10), ("MUG", 900, 10)]);
    let mut file = draft("FILE", 700, 10);
    file.variants[0].requires_shipping = Some(false);
    shop.run(Command::UpsertProduct(Box::new(file))).expect("a file");
    let method = json!({"handle": "post", "name": "Post", "zones": [{"countries": ["DE", "HK", "IE"]}],
        "only": {"skus": ["PEN", "MUG"]}, "rate": {"kind": "flat", "amount": 490}});
    shop.configure(|store| {
        store.settings.require_shipping = true;
        store.shipping_methods = vec![serde_json::from_value(method).expect("a method")];
    });
    let cart = shop.cart(&[("PEN", 1)]);
    (shop, cart)
}

fn home() -> Address {
    let text = |text: &str| text.to_owned();
    Address {
        name: text("Ada"),
        line1: text("1 Lane"),
        city: text("Berlin"),
        postcode: text("D-10115"),
        country: text("DE"),
        ..Address::default()
    }
}

fn send(shop: &mut Shop, cart: CartId, address: Address) {
    let change = CartChange {
        shipping_address: Some(address.into()),
        shipping_method: Some("post".to_owned()),
        ..CartChange::default()
    };
    shop.run(Command::ChangeCart { cart: mine(cart), change: Box::new(change) }).expect("told");
}

fn refused(shop: &mut Shop, cart: CartId) -> Vec<Refusal> {
    match shop.checkout(cart, "k", None).unwrap_err() {
        Refusal::Several(several) => several,
        one => vec![one],
    }
}

fn missing(shop: &mut Shop, cart: CartId) -> Vec<String> {
    let found = refused(shop, cart);
    let [Refusal::DetailsMissing(missing)] = found.as_slice() else { panic!("{found:?}") };
    missing.iter().map(|missing| missing.field.trim_start_matches("shipping_address.").to_owned()).collect()
}

#[test]
fn an_address_is_more_than_its_country() {
    let (mut shop, cart) = shop();
    assert_eq!(refused(&mut shop, cart), [Refusal::ShippingRequired]);
    send(&mut shop, cart, Address { country: "DE".to_owned(), ..Address::default() });
    assert_eq!(missing(&mut shop, cart), ["name", "line1", "city", "postcode"]);
    send(&mut shop, cart, home());
    shop.checkout(cart, "k", None).expect("an order");
}

#[test]
fn a_postcode_has_the_form_of_its_country_and_is_missing_only_where_there_is_one() {
    let (mut shop, cart) = shop();
    for (country, postcode, fits) in [
        ("DE", "1011", false),
        ("DE", " ", false),
        ("DE", "10115", true),
        ("HK", "", true),
        ("IE", "", true),
        ("IE", "D02", false),
    ] {
        let place = Address { postcode: postcode.to_owned(), country: country.to_owned(), ..home() };
        send(&mut shop, cart, place);
        let found = shop.checkout(cart, "k", Some(1));
        let wrong = match found.unwrap_err() {
            Refusal::Several(several) => matches!(several.first(), Some(Refusal::DetailsMissing(_))),
            Refusal::PriceChanged(_) => false,
            other => panic!("{other:?}"),
        };
        assert_eq!(wrong, !fits, "{country} {postcode}");
    }
}

#[test]
fn settings_say_what_is_needed() {
    let (mut shop, cart) = shop();
    send(&mut shop, cart, Address { country: "DE".to_owned(), ..Address::default() });
    let nothing = CheckoutNeeds { email: true, name: false, street: false, city: false, postcode: false, phone: true };
    shop.configure(|store| store.settings.checkout_needs = nothing);
    assert_eq!(missing(&mut shop, cart), ["email", "phone"]);
    let change = CartChange { email: Some(address("ada@example.com")), ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: mine(cart), change: Box::new(change) }).expect("told");
    shop.configure(|store| store.settings.checkout_needs.phone = false);
    shop.checkout(cart, "k", None).expect("an order");
}

#[test]
fn goods_that_are_not_sent_need_no_address_and_no_method_and_cost_no_fee() {
    let (mut shop, cart) = shop();
    let file = shop.cart(&[("FILE", 2)]);
    // A method that was chosen before is neither asked whether it carries them nor charged.
    send(&mut shop, file, Address { country: "FR".to_owned(), ..Address::default() });
    let order = shop.checkout(file, "file", Some(1_400)).expect("an order");
    assert_eq!((order.totals.total, order.totals.shipping), (1_400, 0));
    // Beside goods that are sent they stand in nobody's way.
    shop.add(cart, "FILE", 1).expect("added");
    assert_eq!(refused(&mut shop, cart), [Refusal::ShippingRequired]);
    send(&mut shop, cart, home());
    assert_eq!(shop.checkout(cart, "k", Some(1_690)).expect("an order").totals.shipping, 490);
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_one_thing_by_itself() {
    let (mut shop, cart) = shop();
    shop.add(cart, "MUG", 4).expect("added");
    shop.add(cart, "FILE", 3).expect("added");
    let sku = |shop: &Shop, at: usize| shop.set.carts.get(&cart).expect("a cart").lines[at].id;
    let (pen, mug, file) = (sku(&shop, 0), sku(&shop, 1), sku(&shop, 2));
    let mut gone = draft("PEN", 500, 10);
    gone.active = Some(false);
    shop.run(Command::UpsertProduct(Box::new(gone))).expect("gone");
    shop.run(Command::UpsertProduct(Box::new(draft("MUG", 900, 1)))).expect("nearly gone");
    shop.configure(|store| store.settings.units_per_order = Some(2));
    let found = refused(&mut shop, cart);
    let limit =
        |index, line_id, requested| Refusal::QuantityOutOfRange { index, line_id: Some(line_id), requested, limit: 2 };
    let shortage = Shortage { line_id: Some(mug), sku: "MUG".to_owned(), requested: 4, available: Some(1) };
    let pens = NotForSale { index: 0, line_id: Some(pen), item: "PEN".to_owned(), exists: true };
    let wanted = [
        Refusal::NotForSale(vec![pens]),
        limit(1, mug, 4),
        limit(2, file, 3),
        Refusal::InsufficientStock(vec![shortage]),
        Refusal::ShippingRequired,
    ];
    assert_eq!(found, wanted);
    let unset = CartChange { unset: vec![CartField::ShippingMethod], ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: mine(cart), change: Box::new(unset) }).expect("nothing");
    let other = shop.cart(&[("FILE", 1)]);
    assert!(matches!(shop.checkout(other, "o", Some(1)).unwrap_err(), Refusal::PriceChanged(_)));
}
