//! What was told of a cart is changed, unset and given up.

use crate::shop::{Shop, address, mine};
use cartwright_domain::cart::{Cart, CartStatus};
use cartwright_domain::command::{
    Access, AddressChange, CartChange, CartField, CartRef, Command, RecoveryCommand, Reply,
};
use cartwright_domain::id::CartId;
use cartwright_domain::order::Address;
use cartwright_domain::refusal::{Missing, Refusal};
use serde_json::json;
use std::sync::Arc;

const DEVICE: [u8; 32] = [99; 32];

fn home() -> Address {
    let text = |text: &str| text.to_owned();
    Address {
        name: text("Ada"),
        line1: text("1 Lane"),
        line2: text("Flat 2"),
        city: text("Berlin"),
        postcode: text("10115"),
        country: text("DE"),
        ..Address::default()
    }
}

fn shop_with_method() -> (Shop, CartId) {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let method = json!({"handle": "post", "name": "Post", "rate": {"kind": "flat", "amount": 490}});
    shop.configure(|store| store.shipping_methods = vec![serde_json::from_value(method).expect("a method")]);
    let cart = shop.cart(&[("PEN", 1)]);
    (shop, cart)
}

fn change(shop: &mut Shop, cart: CartRef, change: CartChange) -> Result<Arc<Cart>, Refusal> {
    match shop.run(Command::ChangeCart { cart, change: Box::new(change) })? {
        Reply::Cart(cart) => Ok(cart),
        other => panic!("{other:?}"),
    }
}

fn told() -> CartChange {
    CartChange {
        email: Some(address("ada@example.com")),
        email_consent: Some(true),
        shipping_address: Some(home().into()),
        billing_address: Some(home().into()),
        shipping_method: Some("post".to_owned()),
        unset: Vec::new(),
    }
}

#[test]
fn what_was_set_can_be_unset_and_consent_goes_with_its_address() {
    let (mut shop, cart) = shop_with_method();
    let full = change(&mut shop, mine(cart), told()).expect("told").detail.clone();
    assert!(full.email_consent && full.shipping_method.is_some());
    let unset = |field| CartChange { unset: vec![field], ..CartChange::default() };
    let left = change(&mut shop, mine(cart), unset(CartField::ShippingMethod)).expect("unset");
    assert_eq!((&left.detail.shipping_method, &left.detail.email), (&None, &full.email));
    let left = change(&mut shop, mine(cart), unset(CartField::Email)).expect("unset");
    assert_eq!((&left.detail.email, left.detail.email_consent), (&None, false));
    let left = change(&mut shop, mine(cart), unset(CartField::ShippingAddress)).expect("unset");
    assert_eq!((&left.detail.shipping_address, &left.detail.billing_address), (&None, &full.billing_address));
    let left = change(&mut shop, mine(cart), unset(CartField::BillingAddress)).expect("unset");
    assert_eq!(left.detail.billing_address, None);
    // Consent without an address is for none.
    let consent = CartChange { email_consent: Some(true), ..CartChange::default() };
    assert!(!change(&mut shop, mine(cart), consent).expect("nothing").detail.email_consent);
    let other = CartChange { email: Some(address("bea@example.com")), ..CartChange::default() };
    assert!(!change(&mut shop, mine(cart), other).expect("told").detail.email_consent);
}

#[test]
fn a_method_that_is_gone_does_not_block_checkout_for_good() {
    let (mut shop, cart) = shop_with_method();
    change(&mut shop, mine(cart), told()).expect("told");
    shop.configure(|store| store.shipping_methods.clear());
    let refused = shop.checkout(cart, "a", None).unwrap_err();
    assert_eq!(refused, Refusal::ShippingMethodUnknown { method: "post".to_owned() });
    let unset = CartChange { unset: vec![CartField::ShippingMethod], ..CartChange::default() };
    change(&mut shop, mine(cart), unset).expect("unset");
    shop.checkout(cart, "b", None).expect("an order");
}

#[test]
fn an_address_is_changed_field_by_field_and_begins_with_a_country() {
    let (mut shop, cart) = shop_with_method();
    let part = |part: AddressChange| CartChange { shipping_address: Some(part), ..CartChange::default() };
    let city = AddressChange { city: Some("Bonn".to_owned()), ..AddressChange::default() };
    let refused = change(&mut shop, mine(cart), part(city.clone())).unwrap_err();
    assert_eq!(refused, Refusal::DetailsMissing(vec![Missing::of("shipping_address", "country")]));
    change(&mut shop, mine(cart), part(home().into())).expect("told");
    let moved = AddressChange { line2: Some(String::new()), ..city };
    let now = change(&mut shop, mine(cart), part(moved)).expect("changed");
    let wanted = Address { city: "Bonn".to_owned(), line2: String::new(), ..home() };
    assert_eq!(now.detail.shipping_address, Some(wanted));
}

#[test]
fn a_device_that_came_by_a_link_adds_to_no_address_and_consents_for_none_that_it_does_not_see() {
    let (mut shop, cart) = shop_with_method();
    change(&mut shop, mine(cart), CartChange { email_consent: None, ..told() }).expect("told");
    shop.run(Command::Recovery(RecoveryCommand::Restore { cart_id: cart, token_hash: DEVICE })).expect("restored");
    let device = CartRef { access: Access::Token(DEVICE), ..mine(cart) };
    let consent = CartChange { email_consent: Some(true), ..CartChange::default() };
    assert!(!change(&mut shop, device.clone(), consent).expect("nothing").detail.email_consent);
    let phone = AddressChange { phone: Some("1".to_owned()), ..AddressChange::default() };
    let phone = CartChange { shipping_address: Some(phone), ..CartChange::default() };
    let refused = change(&mut shop, device.clone(), phone).unwrap_err();
    assert_eq!(refused, Refusal::DetailsMissing(vec![Missing::of("shipping_address", "country")]));
    let here = AddressChange { country: Some("FR".to_owned()), ..AddressChange::default() };
    let here = CartChange { shipping_address: Some(here), ..CartChange::default() };
    let now = change(&mut shop, device, here).expect("its own");
    assert_eq!(now.detail.shipping_address, Some(Address { country: "FR".to_owned(), ..Address::default() }));
}

#[test]
fn a_cart_that_was_given_up_is_removed_and_one_past_its_date_has_expired() {
    let mut shop = Shop::with(&[("PEN", 500, 10)]);
    let (removed, expired) = (shop.cart(&[("PEN", 1)]), shop.cart(&[("PEN", 1)]));
    shop.run(Command::DeleteCart { cart: mine(removed) }).expect("removed");
    shop.now = shop.now.plus_ms(31 * 24 * 3_600_000);
    shop.run(Command::ExpireCart { cart_id: expired }).expect("expired");
    let status = |shop: &Shop, id| shop.set.carts.get(&id).expect("a cart").status;
    assert_eq!((status(&shop, removed), status(&shop, expired)), (CartStatus::Removed, CartStatus::Expired));
    for (cart, refusal) in [(removed, Refusal::CartRemoved), (expired, Refusal::CartExpired)] {
        assert_eq!(shop.add(cart, "PEN", 1).unwrap_err(), refusal);
        assert_eq!(shop.checkout(cart, "k", None).unwrap_err(), refusal);
        assert_eq!(shop.run(Command::DeleteCart { cart: mine(cart) }).unwrap_err(), refusal);
    }
}
