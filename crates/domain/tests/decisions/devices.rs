//! Devices that came by the link of a mail: what they see, bring along and buy.

use crate::shop::{Shop, TOKEN, address};
use cartwright_domain::cart::Personal;
use cartwright_domain::command::{Access, CartChange, CartRef, Command, RecoveryCommand, Reply};
use cartwright_domain::id::CartId;
use cartwright_domain::order::Address;
use cartwright_domain::refusal::Refusal;

const DEVICE: [u8; 32] = [99; 32];

fn by(id: CartId, token: [u8; 32]) -> CartRef {
    CartRef { id, access: Access::Token(token), if_version: None }
}

/// A guest's cart with an address, opened on a device by a link.
fn restored(shop: &mut Shop) -> CartId {
    let id = shop.cart(&[("PEN", 1)]);
    let home = Address { name: "Ada".to_owned(), country: "DE".to_owned(), ..Address::default() };
    let change = CartChange {
        email: Some(address("ada@example.com")),
        shipping_address: Some(home.clone().into()),
        billing_address: Some(home.into()),
        ..CartChange::default()
    };
    shop.run(Command::ChangeCart { cart: by(id, TOKEN), change: Box::new(change) }).expect("changed");
    shop.run(Command::Recovery(RecoveryCommand::Restore { cart_id: id, token_hash: DEVICE })).expect("restored");
    id
}

#[test]
fn a_device_sees_what_was_typed_on_it_and_brings_nothing_else_along() {
    let mut shop = Shop::with(&[("PEN", 1_000, 10)]);
    let id = restored(&mut shop);
    let device = Access::Token(DEVICE);
    let hidden = |shop: &Shop| shop.set.carts.get(&id).expect("a cart").hidden_from(&device);
    assert_eq!(hidden(&shop), Personal::ALL);
    let change = CartChange { email: Some(address("friend@example.com")), ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: by(id, DEVICE), change: Box::new(change) }).expect("changed");
    assert_eq!(hidden(&shop), [Personal::ShippingAddress, Personal::BillingAddress]);
    let merge = Command::MergeCart { guest: by(id, DEVICE), customer: "friend".to_owned() };
    let Reply::Cart(merged) = shop.run(merge).expect("merged") else { panic!("no cart") };
    assert_eq!(merged.detail.email.as_deref(), Some("friend@example.com"));
    assert_eq!((&merged.detail.shipping_address, &merged.detail.billing_address), (&None, &None));
}

#[test]
fn an_address_typed_anew_takes_the_place_of_the_one_for_the_bill_that_was_hidden() {
    let mut shop = Shop::with(&[("PEN", 1_000, 10)]);
    let id = restored(&mut shop);
    let device = Access::Token(DEVICE);
    let home = Address { name: "Friend".to_owned(), country: "FR".to_owned(), ..Address::default() };
    let change = CartChange { shipping_address: Some(home.into()), ..CartChange::default() };
    shop.run(Command::ChangeCart { cart: by(id, DEVICE), change: Box::new(change) }).expect("changed");
    let cart = shop.set.carts.get(&id).expect("a cart");
    assert_eq!((cart.hidden_from(&device), &cart.detail.billing_address), (vec![Personal::Email], &None));
    assert!(cart.hidden_from(&Access::Token(TOKEN)).is_empty());
}

#[test]
fn a_dismissal_closes_the_devices_and_a_customers_cart_has_none() {
    let mut shop = Shop::with(&[("PEN", 1_000, 10)]);
    let id = restored(&mut shop);
    let device = Access::Token(DEVICE);
    assert!(shop.set.carts.get(&id).is_some_and(|cart| cart.is_opened_by(&device)));
    shop.run(Command::Recovery(RecoveryCommand::Dismiss { cart_id: id })).expect("dismissed");
    assert!(shop.set.carts.get(&id).is_some_and(|cart| !cart.is_opened_by(&device)));
    let merge = Command::MergeCart { guest: by(id, TOKEN), customer: "ada".to_owned() };
    let Reply::Cart(customers) = shop.run(merge).expect("merged") else { panic!("no cart") };
    let restore = RecoveryCommand::Restore { cart_id: customers.id, token_hash: DEVICE };
    assert_eq!(shop.run(Command::Recovery(restore)).unwrap_err(), Refusal::LogInFirst);
}

#[test]
fn five_devices_open_a_cart_at_once_and_the_oldest_gives_way() {
    let mut shop = Shop::with(&[("PEN", 1_000, 10)]);
    let id = shop.cart(&[("PEN", 1)]);
    for number in 1..=7 {
        let restore = RecoveryCommand::Restore { cart_id: id, token_hash: [100 + number; 32] };
        shop.run(Command::Recovery(restore)).expect("restored");
    }
    let cart = shop.set.carts.get(&id).expect("a cart");
    let opens = |token: [u8; 32]| cart.is_opened_by(&Access::Token(token));
    assert_eq!(
        [1, 2, 3, 4, 5, 6, 7].map(|number| opens([100 + number; 32])),
        [false, false, true, true, true, true, true]
    );
    assert!(opens(TOKEN), "the first one stays");
}
